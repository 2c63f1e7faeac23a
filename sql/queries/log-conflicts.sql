-- name: listLogConflicts
-- list: api.log_conflicts
select k.id from samsyn.log_conflicts k
where k.kind is not distinct from coalesce(:kind, k.kind)
order by k.found_at desc, k.id desc

-- name: getLogConflict
select * from api.log_conflicts k where k.resource = :logConflictId
