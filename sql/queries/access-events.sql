-- name: listAccessEvents
-- list: by cursor
select e.resource, e.subject, e.owner, e.ground, e.disclosure, e.etag, e.body,
    samsyn.utc_micro(e.at) || '_' || e.resource::text as cursor
from samsyn.find_access_events(:subjectId, :userId, :organisationId, :operation, :activity, :outcome, :code,
    :emergencyAccessId, :from, :until, :cursor, :limit) with ordinality f (id, at, n)
join api.access_events e on e.resource = f.id and e.at = f.at
order by f.n

-- name: getAccessEvent
select e.resource, e.subject, e.owner, e.ground, e.disclosure, e.etag, e.body
from api.access_events e
where e.resource = :accessEventId

-- name: exportAccessEvents
-- The export is itself logged, before its first row leaves; a cursor that is no time is refused before that.
select :id as resource, null::uuid as subject, null::uuid as owner, null::text as ground, null::uuid as disclosure,
    null::text as etag, json_build_object('id', :id) as body
where :cursor is null or split_part(:cursor, '_', 1)::timestamptz is not null

-- stream: exportAccessEvents
-- Asked again and again from where the last part ended, until nothing is left.
select e.body, samsyn.utc_micro(e.at) || '_' || e.resource::text as cursor
from samsyn.find_access_events(:subjectId, :userId, :organisationId, :operation, :activity, :outcome, :code,
    :emergencyAccessId, :from, :until, coalesce(:part, :cursor), 1000) with ordinality f (id, at, n)
join api.access_events e on e.resource = f.id and e.at = f.at
order by f.n
