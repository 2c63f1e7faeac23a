-- name: listParticipants
-- list: api.participants
select samsyn.require_case(:caseId);
select p.id from samsyn.participants p where p.case_id = :caseId order by p.invited_at, p.id

-- name: listInvitations
-- list: api.participants
select p.id
from samsyn.participants p
where p.unit_id = samsyn.led_unit() and p.status <> 'lead' and (:status is null or p.status = :status)
order by p.invited_at desc, p.id desc

-- name: inviteParticipant
-- The invitation itself discloses that the child is known here, so the evaluator must allow it.
select samsyn.require_lead(:caseId);
select samsyn.require_open_case(:caseId);
select samsyn.require(exists (
    select from samsyn.organisations o
    where o.id = (:body ->> 'unitId')::uuid and o.kind = 'unit' and o.active and o.boundary_id <> samsyn.organisation()),
    'INVALID_REFERENCE', '/body/unitId');
insert into samsyn.participants (id, case_id, organisation_id, unit_id, status, agreement_id, ground, consent_id, decision_id,
    precondition_statement, justification, purpose, invited_by)
select :id, :caseId, o.boundary_id, o.id, 'invited', a.id, :body ->> 'ground', k.id, e.id, :body ->> 'preconditionStatement',
    :body ->> 'justification', :body ->> 'purpose', samsyn.assignment()
from samsyn.organisations o
-- Only what the principal sees counts; what is hidden is refused as what does not exist.
left join samsyn.agreements a on a.id = (:body ->> 'agreementId')::uuid
left join samsyn.consents k on k.id = (:body ->> 'consentId')::uuid
left join samsyn.decisions e on e.id = (:body ->> 'decisionId')::uuid
where o.id = (:body ->> 'unitId')::uuid;
select samsyn.require_lawful_invitation(:id);
select * from api.participants p where p.resource = :id

-- name: getParticipant
select * from api.participants p where p.resource = :participantId

-- name: acceptInvitation
update samsyn.participants p
set status = 'accepted', answered_by = samsyn.assignment(), answered_at = samsyn.now()
where p.id = :participantId
    and samsyn.require(p.unit_id = samsyn.led_unit(), 'NOT_RECIPIENT')
    and samsyn.require(p.status = 'invited', 'ALREADY_ANSWERED');
select samsyn.require_lawful_invitation(p.id) from samsyn.participants p where p.id = :participantId;
select * from api.participants p where p.resource = :participantId

-- name: declineInvitation
update samsyn.participants p
set status = 'declined', answered_by = samsyn.assignment(), answered_at = samsyn.now(), reason = :body ->> 'reason'
where p.id = :participantId
    and samsyn.require(p.unit_id = samsyn.led_unit(), 'NOT_RECIPIENT')
    and samsyn.require(p.status = 'invited', 'ALREADY_ANSWERED');
select * from api.participants p where p.resource = :participantId

-- name: endParticipation
-- By the participant's own unit, or by the organisation that leads the case.
update samsyn.participants p
set status = 'ended', reason = :body ->> 'reason'
where p.id = :participantId
    and samsyn.require(p.status <> 'lead', 'CONFLICT')
    and samsyn.require(p.unit_id is not distinct from samsyn.led_unit()
        or exists (select from samsyn.cases c where c.id = p.case_id and c.organisation_id = samsyn.organisation()), 'NOT_LEAD_ORGANISATION')
    and samsyn.require(p.active, 'ALREADY_ENDED');
select * from api.participants p where p.resource = :participantId
