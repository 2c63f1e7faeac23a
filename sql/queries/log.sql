-- name: getCheckpoint
select null::uuid as resource, left(encode(sha256(convert_to(n.note, 'UTF8')), 'hex'), 32) as etag, n.note as body
from (select samsyn.checkpoint(samsyn.signed_size()) as note offset 0) n
where samsyn.require(n.note is not null, 'LOG_NOT_SIGNED')

-- name: listCheckpoints
-- list: by cursor
select null::uuid as resource, null::text as etag,
    json_build_object('size', t.size, 'root', encode(t.root, 'base64'), 'sealedAt', samsyn.utc(t.sealed_at), 'signatures', s.list) as body,
    t.size::text as cursor
from (
    select o.size
    from samsyn.log_signatures o
    join samsyn.log_keys k on k.name = o.name and k.key_id = o.key_id and k.kind = 'log'
    where o.size < coalesce(:cursor, 9223372036854775807)
    group by o.size order by o.size desc limit :limit) signed
join samsyn.log_trees t on t.size = signed.size
cross join lateral (
    select json_agg(json_build_object('name', o.name, 'kind', k.kind, 'signedAt', samsyn.utc(o.signed_at), 'line', rtrim(o.line, E'\n'))
        order by k.kind, o.signed_at, o.name, o.key_id) as list
    from samsyn.log_signatures o join samsyn.log_keys k on k.name = o.name and k.key_id = o.key_id
    where o.size = t.size) s
order by t.size desc

-- name: getCheckpointOfSize
select null::uuid as resource, left(encode(sha256(convert_to(n.note, 'UTF8')), 'hex'), 32) as etag, n.note as body
from (select samsyn.checkpoint(:size) as note offset 0) n
where samsyn.require(n.note is not null, 'LOG_NOT_SIGNED', '/path/size')

-- name: getLogKeys
select null::uuid as resource, null::text as etag,
    json_build_object('keys', coalesce(json_agg(json_build_object('name', k.name, 'kind', k.kind, 'verifier', k.verifier,
        'firstUsedAt', samsyn.utc(k.first_used_at)) order by k.first_used_at, k.name, k.key_id), '[]')) as body
from samsyn.log_keys k

-- name: getTile
-- The tile may have grown, or hold hashes that are not signed yet: the signed tree decides what there is.
select null::uuid as resource, null::text as etag, substring(t.hashes for 32 * asked.width) as body
from (select translate(split_part(:tile, '.p/', 1), 'x/', '')::bigint as index,
        coalesce(nullif(split_part(:tile, '.p/', 2), '')::integer, 256) as width) asked
join samsyn.log_tiles t on t.level = :level and t.index = asked.index
where (t.index << 8) + asked.width <= samsyn.signed_size() >> (8 * t.level)

-- name: getConsistencyProof
select null::uuid as resource, null::text as etag, json_build_object('from', :from, 'to', :to) as body
where samsyn.require(:from <= :to, 'INVALID_REQUEST', '/query/from')
    and samsyn.require(:to <= samsyn.signed_size(), 'LOG_NOT_SIGNED', '/query/to')
