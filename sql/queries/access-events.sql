-- name: listAccessEvents
-- list: by cursor
select e.resource, e.subject, e.owner, e.ground, e.disclosure, e.etag, e.body,
    samsyn.utc_micro(e.at) || '_' || e.resource::text as cursor
from api.access_events e
where (:subjectId is null or (e.subject_ids @> array[:subjectId] and :subjectId = any (e.told_subject_ids)))
    and (:userId is null or e.user_id = :userId)
    and (:organisationId is null or e.organisation_id = :organisationId)
    and (:operation is null or e.operation = :operation)
    and (:activity is null or e.activity = :activity)
    and (:outcome is null or e.outcome = :outcome)
    and (:code is null or e.code = :code)
    and (:from is null or e.at >= :from)
    and (:until is null or e.at < :until)
    and (:cursor is null or (e.at, e.resource) < (split_part(:cursor, '_', 1)::timestamptz, split_part(:cursor, '_', 2)::uuid))
order by e.at desc, e.resource desc
limit :limit

-- name: getAccessEvent
select e.resource, e.subject, e.owner, e.ground, e.disclosure, e.etag, e.body
from api.access_events e
where e.resource = :accessEventId

-- name: exportAccessEvents
-- The export is itself logged, before its first row leaves.
select :id as resource, null::uuid as subject, null::uuid as owner, null::text as ground, null::uuid as disclosure,
    null::text as etag, json_build_object('id', :id) as body

-- stream: exportAccessEvents
select e.body
from api.access_events e
where (:subjectId is null or (e.subject_ids @> array[:subjectId] and :subjectId = any (e.told_subject_ids)))
    and (:userId is null or e.user_id = :userId)
    and (:organisationId is null or e.organisation_id = :organisationId)
    and (:operation is null or e.operation = :operation)
    and (:activity is null or e.activity = :activity)
    and (:outcome is null or e.outcome = :outcome)
    and (:code is null or e.code = :code)
    and (:from is null or e.at >= :from)
    and (:until is null or e.at < :until)
order by e.at desc, e.resource desc
