-- name: listAccessEvents
-- list: by cursor
select s.resource, null::uuid as subject, null::uuid as owner, null::text as ground, null::uuid as disclosure, '1' as etag,
    samsyn.with_provable(s.body, s.resource, split_part(s.cursor, '_', 1)::timestamptz) as body, s.cursor
from samsyn.access_event_page(:subjectId, :userId, :organisationId, :client, :operation, :activity, :ground, :outcome, :code,
    :emergencyAccessId, :emergency, :from, :until, :cursor, :limit) p
cross join lateral samsyn.show_events(p.events, p.pause) s
order by s.n

-- name: searchAccessEvents
-- list: by cursor
select s.resource, null::uuid as subject, null::uuid as owner, null::text as ground, null::uuid as disclosure, '1' as etag,
    samsyn.with_provable(s.body, s.resource, split_part(s.cursor, '_', 1)::timestamptz) as body, s.cursor
from samsyn.access_event_page(samsyn.subject_numbered(:body ->> 'identityNumber'), :userId, :organisationId, :client, :operation,
    :activity, :ground, :outcome, :code, :emergencyAccessId, :emergency, :from, :until, :cursor, :limit) p
cross join lateral samsyn.show_events(p.events, p.pause) s
order by s.n

-- name: getAccessEvent
-- An event never changes, but it comes to be provable.
select e.resource, e.subject, e.owner, e.ground, e.disclosure, case when (p.body ->> 'provable')::boolean then '2' else e.etag end as etag, p.body
from api.access_events e
cross join lateral (select samsyn.with_provable(e.body::text, e.resource, e.at)::json as body) p
where e.resource = :accessEventId

-- name: exportAccessEvents
-- The export is itself logged, before its first row leaves; a cursor that is no time is refused before that.
select :id as resource, null::uuid as subject, null::uuid as owner, null::text as ground, null::uuid as disclosure,
    null::text as etag, json_build_object('id', :id, 'head', case when :proofs then samsyn.export_head(:since) end) as body
where (:cursor is null or split_part(:cursor, '_', 1)::timestamptz is not null)
    and samsyn.require(:since is null or :proofs, 'INVALID_REQUEST', '/query/since')

-- stream: exportAccessEvents
-- Asked again and again from where the last part ended, until nothing is left.
select s.body, s.cursor
from samsyn.access_event_page(:subjectId, :userId, :organisationId, :client, :operation, :activity, :ground, :outcome, :code,
    :emergencyAccessId, :emergency, :from, :until, coalesce(:part, :cursor), 5000) p
cross join lateral samsyn.show_events(p.events, p.pause) s
order by s.n

-- name: getInclusionProof
select e.resource, e.subject, e.owner, e.ground, e.disclosure, null::text as etag,
    json_build_object('event', e.body, 'sealed', samsyn.sealed_place(e.resource, e.at)) as body
from api.access_events e
where e.resource = :accessEventId

-- name: getEventProof
select e.resource, e.subject, e.owner, e.ground, e.disclosure, null::text as etag,
    json_build_object('event', e.body, 'sealed', samsyn.sealed_place(e.resource, e.at)) as body
from api.access_events e
where e.resource = :accessEventId

-- name: exportLogServiceRecords
select :id as resource, null::uuid as subject, null::uuid as owner, null::text as ground, null::uuid as disclosure,
    null::text as etag, json_build_object('id', :id) as body
where :cursor is null or split_part(:cursor, '_', 1)::timestamptz is not null

-- stream: exportLogServiceRecords
select r.body, r.cursor
from samsyn.access_event_page(:subjectId, :userId, samsyn.organisation(), null, null, null, null, 'allowed', null, null, null,
    :from, :until, coalesce(:part, :cursor), 1000) p
cross join lateral samsyn.log_service_records(p.events, p.pause, :systemId) r
order by r.n
