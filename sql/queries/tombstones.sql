-- name: listTombstones
-- list: api.tombstones
select t.id from samsyn.tombstones t
where (:resourceId is null or t.resource_id = :resourceId)
    and (:kind is null or t.kind = :kind)
order by t.culled_at desc, t.id desc

-- name: getTombstone
select * from api.tombstones t where t.resource = :tombstoneId
