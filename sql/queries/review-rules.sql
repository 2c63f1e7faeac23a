-- name: listReviewRules
-- list: api.review_rules
select r.id
from samsyn.review_rules r
join api.review_rules v on v.resource = r.id
where (:code is null or r.code = :code) and (:state is null or v.body ->> 'state' = :state)
order by r.code, r.organisation_id is not null, r.valid_from, r.id

-- name: createReviewRule
-- The trigger says which thresholds it takes.
insert into samsyn.review_rules (id, code, organisation_id, threshold, within_minutes, sample_size, per_mille, opens, closes, weekdays,
    holidays, relation_kinds, valid_from, valid_until, created_by)
select :id, :body ->> 'code', samsyn.organisation(), (:body ->> 'threshold')::integer, (:body ->> 'withinMinutes')::integer,
    (:body ->> 'sampleSize')::integer, (:body ->> 'perMille')::integer, (:body ->> 'opens')::time, (:body ->> 'closes')::time,
    case when :body ? 'weekdays' then array(select jsonb_array_elements_text(:body -> 'weekdays')::integer order by 1) end,
    coalesce(:body ->> 'holidays', case when :body ->> 'code' = 'OUT_OF_HOURS' then 'free' end),
    case when :body ? 'relationKinds' then array(select jsonb_array_elements_text(:body -> 'relationKinds') order by 1) end,
    coalesce((:body ->> 'validFrom')::date, samsyn.today()), (:body ->> 'validUntil')::date, samsyn.assignment()
where samsyn.require(coalesce((:body ->> 'validFrom')::date, samsyn.today()) >= samsyn.today(), 'UNPROCESSABLE', '/body/validFrom')
    and samsyn.require(coalesce((:body ->> 'validUntil')::date >= coalesce((:body ->> 'validFrom')::date, samsyn.today()), true),
        'UNPROCESSABLE', '/body/validUntil')
    and samsyn.require(coalesce((:body ->> 'closes')::time > (:body ->> 'opens')::time, true), 'UNPROCESSABLE', '/body/closes');
select * from api.review_rules r where r.resource = :id

-- name: getReviewRule
select * from api.review_rules r where r.resource = :reviewRuleId

-- name: endReviewRule
-- What everybody goes by is nobody's to end.
select samsyn.require(r.organisation_id = samsyn.organisation(), 'NOT_OWNER') from samsyn.review_rules r where r.id = :reviewRuleId;
update samsyn.review_rules r
set ended_at = samsyn.now(), ended_by = samsyn.assignment()
where r.id = :reviewRuleId and samsyn.require(r.ended_at is null, 'ALREADY_ENDED');
select * from api.review_rules r where r.resource = :reviewRuleId
