-- name: listRoles
-- list: api.roles
select r.id from samsyn.roles r order by r.code

-- name: createRole
insert into samsyn.roles (id, code, name_en, name_sv, permissions)
values (:id, :body ->> 'code', :body ->> 'nameEn', :body ->> 'nameSv',
    array(select jsonb_array_elements_text(:body -> 'permissions')));
select * from api.roles r where r.resource = :id

-- name: getRole
select * from api.roles r where r.resource = :roleId

-- name: updateRole
update samsyn.roles r
set name_en = coalesce(:body ->> 'nameEn', r.name_en),
    name_sv = coalesce(:body ->> 'nameSv', r.name_sv),
    permissions = case when :body ? 'permissions'
        then array(select jsonb_array_elements_text(:body -> 'permissions')) else r.permissions end
where r.id = :roleId and samsyn.matches(:ifMatch, r.revision);
select * from api.roles r where r.resource = :roleId
