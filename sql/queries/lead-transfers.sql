-- name: listLeadTransfersOfCase
-- list: api.lead_transfers
select samsyn.require_case(:caseId);
select t.id from samsyn.lead_transfers t where t.case_id = :caseId order by t.proposed_at desc, t.id desc

-- name: createLeadTransfer
select samsyn.require_lead(:caseId);
select samsyn.require_open_case(:caseId);
insert into samsyn.lead_transfers (id, case_id, organisation_id, unit_id, recipient_id, recipient_unit_id, reason, proposed_by)
select :id, c.id, c.organisation_id, c.unit_id, r.organisation_id, r.unit_id, :body ->> 'reason', samsyn.assignment()
from samsyn.cases c
left join lateral (
    select p.organisation_id, p.unit_id from samsyn.participants p
    where p.id = (:body ->> 'toParticipantId')::uuid and p.case_id = c.id and p.status = 'accepted'
    union all
    select o.boundary_id, o.id from samsyn.organisations o
    where o.id = (:body ->> 'toUnitId')::uuid and o.kind = 'unit' and o.active
        and o.boundary_id = c.organisation_id and o.id <> c.unit_id) r on true
where c.id = :caseId and samsyn.require(r.unit_id is not null, 'INVALID_REFERENCE',
    case when :body ? 'toUnitId' then '/body/toUnitId' else '/body/toParticipantId' end);
select * from api.lead_transfers t where t.resource = :id

-- name: listLeadTransfers
-- list: api.lead_transfers
select t.id from samsyn.lead_transfers t
where t.recipient_unit_id = samsyn.led_unit() and (:status is null or t.status = :status)
order by t.proposed_at desc, t.id desc

-- name: getLeadTransfer
select * from api.lead_transfers t where t.resource = :leadTransferId

-- name: acceptLeadTransfer
-- The trigger pass_lead moves the case.
select samsyn.lock_lead_transfer(:leadTransferId);
update samsyn.lead_transfers t
set status = 'accepted', answered_by = samsyn.assignment(), answered_at = samsyn.now()
where t.id = :leadTransferId
    and samsyn.require(t.recipient_unit_id = samsyn.led_unit(), 'NOT_RECIPIENT')
    and samsyn.require(t.status = 'pending', 'ALREADY_ANSWERED');
select * from api.lead_transfers t where t.resource = :leadTransferId

-- name: declineLeadTransfer
update samsyn.lead_transfers t
set status = 'declined', answered_by = samsyn.assignment(), answered_at = samsyn.now(), answer_reason = :body ->> 'reason'
where t.id = :leadTransferId
    and samsyn.require(t.recipient_unit_id = samsyn.led_unit(), 'NOT_RECIPIENT')
    and samsyn.require(t.status = 'pending', 'ALREADY_ANSWERED');
select * from api.lead_transfers t where t.resource = :leadTransferId

-- name: withdrawLeadTransfer
-- By the sender, which within one organisation means those related to the case.
update samsyn.lead_transfers t
set status = 'withdrawn', answered_by = samsyn.assignment(), answered_at = samsyn.now(), answer_reason = :body ->> 'reason'
where t.id = :leadTransferId
    and samsyn.require(t.organisation_id = samsyn.organisation()
        and t.case_id in (select m.case_id from samsyn.my_cases m), 'NOT_LEAD_ORGANISATION')
    and samsyn.require(t.status = 'pending', 'ALREADY_ANSWERED');
select * from api.lead_transfers t where t.resource = :leadTransferId
