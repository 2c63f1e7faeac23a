-- name: listClients
-- list: api.clients
select c.id from samsyn.clients c order by lower(c.name), c.id

-- name: createClient
insert into samsyn.clients (id, client_id, name, vendor, origins, organisation_ids, scopes)
values (:id, :body ->> 'clientId', :body ->> 'name', :body ->> 'vendor',
    array(select jsonb_array_elements_text(coalesce(:body -> 'origins', '[]'))),
    array(select jsonb_array_elements_text(:body -> 'organisationIds')::uuid),
    array(select jsonb_array_elements_text(:body -> 'scopes')));
select * from api.clients c where c.resource = :id

-- name: getClient
select * from api.clients c where c.resource = :registrationId

-- name: updateClient
update samsyn.clients c
set name = coalesce(:body ->> 'name', c.name),
    vendor = coalesce(:body ->> 'vendor', c.vendor),
    origins = case when :body ? 'origins'
        then array(select jsonb_array_elements_text(:body -> 'origins')) else c.origins end,
    organisation_ids = case when :body ? 'organisationIds'
        then array(select jsonb_array_elements_text(:body -> 'organisationIds')::uuid) else c.organisation_ids end,
    scopes = case when :body ? 'scopes'
        then array(select jsonb_array_elements_text(:body -> 'scopes')) else c.scopes end,
    active = coalesce((:body ->> 'active')::boolean, c.active)
where c.id = :registrationId and samsyn.matches(:ifMatch, c.revision);
select * from api.clients c where c.resource = :registrationId
