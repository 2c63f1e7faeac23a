-- name: listInformationRequestsOfCase
-- list: api.information_requests
select samsyn.require_case(:caseId);
select r.id from samsyn.information_requests r
where r.case_id = :caseId and (:status is null or r.status = :status)
    and (:direction is null or (:direction = 'received') = (r.asked_id = samsyn.organisation()))
order by r.asked_at desc, r.id desc

-- name: listInformationRequests
-- list: api.information_requests
select r.id from samsyn.information_requests r
where (:status is null or r.status = :status)
    and (:direction is null or (:direction = 'received') = (r.asked_id = samsyn.organisation()))
order by r.due_on, r.id

-- name: createInformationRequest
-- A ground that could never carry the answer is refused at once; the answer itself is weighed when it is given.
select samsyn.require_open_case(:caseId);
select samsyn.require((:body ->> 'askedOrganisationId')::uuid <> samsyn.organisation() and exists (
    select from samsyn.participants p
    where p.case_id = :caseId and p.organisation_id = (:body ->> 'askedOrganisationId')::uuid and p.status in ('lead', 'accepted')),
    'INVALID_REFERENCE', '/body/askedOrganisationId');
select samsyn.require((:body ->> 'dueOn')::date >= samsyn.today(), 'UNPROCESSABLE', '/body/dueOn');
insert into samsyn.information_requests (id, case_id, organisation_id, asked_id, ground, categories, question, purpose, due_on, asked_by)
values (:id, :caseId, samsyn.organisation(), (:body ->> 'askedOrganisationId')::uuid, :body ->> 'ground',
    array(select jsonb_array_elements_text(:body -> 'categories')), :body ->> 'question', :body ->> 'purpose',
    (:body ->> 'dueOn')::date, samsyn.assignment());
select samsyn.refuse(refusals.codes[1])
from samsyn.question_refusals(:caseId, (:body ->> 'askedOrganisationId')::uuid, :body ->> 'ground',
    array(select jsonb_array_elements_text(:body -> 'categories'))) refusals(codes)
where cardinality(refusals.codes) > 0;
select * from api.information_requests r where r.resource = :id

-- name: getInformationRequest
select * from api.information_requests r where r.resource = :informationRequestId

-- name: refuseInformationRequest
-- Evaluated on the locked row: of two answers at once one is refused.
update samsyn.information_requests r
set status = 'refused', refusal_reason = :body ->> 'reason', answered_by = samsyn.assignment(), answered_at = samsyn.now()
where r.id = :informationRequestId
    and samsyn.require(r.asked_id = samsyn.organisation(), 'NOT_RECIPIENT')
    and samsyn.require(r.status in ('open', 'partly-answered'), 'ALREADY_ANSWERED');
select * from api.information_requests r where r.resource = :informationRequestId

-- name: withdrawInformationRequest
update samsyn.information_requests r set status = 'withdrawn'
where r.id = :informationRequestId
    and samsyn.require(r.organisation_id = samsyn.organisation(), 'NOT_OWNER')
    and samsyn.require(r.status in ('open', 'partly-answered'), 'ALREADY_ANSWERED');
select * from api.information_requests r where r.resource = :informationRequestId
