-- name: listIdentities
-- list: api.identities
select samsyn.require(exists (select from samsyn.users u where u.id = :userId), 'NOT_FOUND');
select i.id from samsyn.identities i where i.user_id = :userId order by i.created_at, i.id

-- name: createIdentity
-- The trigger guard_identity refuses a way into assignments that the administrator could not have given.
select samsyn.require(exists (select from samsyn.users u where u.id = :userId), 'NOT_FOUND');
insert into samsyn.identities (id, user_id, issuer, subject)
values (:id, :userId, :body ->> 'issuer', :body ->> 'subject');
select * from api.identities i where i.resource = :id

-- name: getIdentity
select * from api.identities i where i.resource = :identityId

-- name: deleteIdentity
delete from samsyn.identities i
using samsyn.users u
where i.id = :identityId and u.id = i.user_id
returning i.id as resource, null::uuid as subject, u.organisation_id as owner, null::text as ground,
    null::uuid as disclosure, null::text as etag, null::json as body
