-- name: listUsers
-- list: api.users
select u.id
from samsyn.users u
where (:organisationId is null or u.organisation_id = :organisationId)
    and (:name is null or starts_with(lower(u.name), lower(:name)))
    and (:active is null or u.active = :active)
order by lower(u.name), u.id

-- name: createUser
insert into samsyn.users (id, organisation_id, name, email)
select :id, given.organisation_id, :body ->> 'name', :body ->> 'email'
from (select coalesce((:body ->> 'organisationId')::uuid, samsyn.organisation()) as organisation_id) given
where samsyn.require(given.organisation_id = samsyn.organisation() or (samsyn.may('organisation:any') and exists (
        select from samsyn.organisations o where o.id = given.organisation_id and o.boundary_id = o.id)),
    'INVALID_REFERENCE', '/body/organisationId');
select * from api.users u where u.resource = :id

-- name: getUser
select * from api.users u where u.resource = :userId

-- name: updateUser
-- Someone who acts away from their own organisation sees themselves, but has nothing to administer there.
select samsyn.require(samsyn.may('organisation:any') or u.organisation_id = samsyn.organisation(), 'ROLE_NOT_ALLOWED')
from samsyn.users u
where u.id = :userId;
update samsyn.users u
set name = coalesce(:body ->> 'name', u.name),
    email = case when :body ? 'email' then :body ->> 'email' else u.email end,
    active = coalesce((:body ->> 'active')::boolean, u.active)
where u.id = :userId and samsyn.matches(:ifMatch, u.revision);
select * from api.users u where u.resource = :userId
