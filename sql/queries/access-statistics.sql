-- name: getAccessStatistics
select samsyn.organisation() as resource, null::uuid as subject, null::uuid as owner, null::text as ground, null::uuid as disclosure, null::text as etag,
    samsyn.access_statistics(:from, :until, :unitId, :activity, :outcome) as body

-- name: getAccessStatisticsPicture
-- The hook draws the body.
select samsyn.organisation() as resource, null::uuid as subject, null::uuid as owner, null::text as ground, null::uuid as disclosure, null::text as etag,
    samsyn.access_statistics(:from, :until, :unitId, :activity, :outcome) as body
