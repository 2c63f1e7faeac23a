-- name: listDecisions
-- list: api.decisions
select samsyn.require_case(:caseId);
select d.id from samsyn.decisions d
where d.case_id = :caseId and (:ground is null or d.ground = :ground)
    and (:recipientId is null or d.recipient_id = :recipientId)
order by d.decided_at desc, d.id desc

-- name: createDecision
-- Whether the ground opens is weighed when something is disclosed on it; a decision without reasons is none.
select samsyn.require_open_case(:caseId);
select samsyn.require_boundaries(array[(:body ->> 'recipientId')::uuid], '/body/recipientId');
select samsyn.require((:body ->> 'recipientId')::uuid <> samsyn.organisation(), 'INVALID_REFERENCE', '/body/recipientId');
select samsyn.require(exists (
    select from samsyn.legal_grounds g
    where g.code = :body ->> 'ground' and g.enabled and samsyn.today() between g.valid_from and coalesce(g.valid_until, 'infinity')),
    'INVALID_REFERENCE', '/body/ground');
select samsyn.require(:body ->> 'circumstances' ~ '\S', 'UNPROCESSABLE', '/body/circumstances');
select samsyn.require(:body ->> 'balancing' ~ '\S', 'UNPROCESSABLE', '/body/balancing');
select samsyn.require(:body ->> 'validUntil' is null or (:body ->> 'validUntil')::date >= samsyn.today(), 'UNPROCESSABLE', '/body/validUntil');
insert into samsyn.decisions (id, case_id, organisation_id, recipient_id, ground, categories, circumstances, balancing, outcome,
    valid_until, decided_by)
values (:id, :caseId, samsyn.organisation(), (:body ->> 'recipientId')::uuid, :body ->> 'ground',
    array(select jsonb_array_elements_text(:body -> 'categories')), :body ->> 'circumstances', :body ->> 'balancing',
    :body ->> 'outcome', (:body ->> 'validUntil')::date, samsyn.assignment());
select * from api.decisions d where d.resource = :id

-- name: getDecision
select * from api.decisions d where d.resource = :decisionId

-- name: withdrawDecision
-- Forward only: what was disclosed on it stays with the recipient. Of two withdrawals the trigger refuses the second.
update samsyn.decisions d
set withdrawn_at = samsyn.now(), withdrawn_by = samsyn.assignment(), withdrawal_reason = :body ->> 'reason'
where d.id = :decisionId;
select * from api.decisions d where d.resource = :decisionId
