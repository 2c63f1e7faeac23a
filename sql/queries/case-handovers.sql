-- name: listHandoversOfCase
-- list: api.case_handovers
select samsyn.require_case(:caseId);
select h.id from samsyn.case_handovers h where h.case_id = :caseId order by h.proposed_at desc, h.id desc

-- name: createHandover
-- By who leads the case as a person, or leads the unit.
select samsyn.require_lead(:caseId);
select samsyn.require_open_case(:caseId);
insert into samsyn.case_handovers (id, case_id, organisation_id, predecessor_id, successor_id, open_tasks, agreements, plans,
    contacts, reason, proposed_by)
select :id, c.id, c.organisation_id, c.lead_assignment_id, a.id, :body -> 'checklist' ->> 'openTasks',
    :body -> 'checklist' ->> 'agreements', :body -> 'checklist' ->> 'plans', :body -> 'checklist' ->> 'contacts',
    :body ->> 'reason', samsyn.assignment()
from samsyn.cases c
left join samsyn.assignments a on a.id = (:body ->> 'successorAssignmentId')::uuid and a.organisation_id = c.organisation_id
where c.id = :caseId
    and samsyn.require(c.lead_assignment_id = samsyn.assignment() or samsyn.may('case:lead-unit'), 'ROLE_NOT_ALLOWED')
    and samsyn.require(a.id is not null, 'INVALID_REFERENCE', '/body/successorAssignmentId')
    and samsyn.require(a.id <> c.lead_assignment_id and not samsyn.is_unfit_to_lead(a.id, c.id),
        'UNPROCESSABLE', '/body/successorAssignmentId');
select * from api.case_handovers h where h.resource = :id

-- name: listHandovers
-- list: api.case_handovers
select h.id from samsyn.case_handovers h
where h.successor_id = samsyn.assignment() and (:status is null or h.status = :status)
order by h.proposed_at desc, h.id desc

-- name: getHandover
select * from api.case_handovers h where h.resource = :handoverId

-- name: acceptHandover
-- The trigger pass_case makes the successor lead the case.
select samsyn.lock_case_handover(:handoverId);
update samsyn.case_handovers h
set status = 'accepted', answered_at = samsyn.now()
where h.id = :handoverId
    and samsyn.require(h.successor_id = samsyn.assignment(), 'NOT_RECIPIENT')
    and samsyn.require(h.status = 'pending', 'ALREADY_ANSWERED');
select * from api.case_handovers h where h.resource = :handoverId

-- name: declineHandover
update samsyn.case_handovers h
set status = 'declined', answered_at = samsyn.now(), answer_reason = :body ->> 'reason'
where h.id = :handoverId
    and samsyn.require(h.successor_id = samsyn.assignment(), 'NOT_RECIPIENT')
    and samsyn.require(h.status = 'pending', 'ALREADY_ANSWERED');
select * from api.case_handovers h where h.resource = :handoverId

-- name: withdrawHandover
update samsyn.case_handovers h
set status = 'withdrawn', answered_at = samsyn.now(), answer_reason = :body ->> 'reason'
where h.id = :handoverId
    and samsyn.require(samsyn.assignment() in (h.proposed_by, h.predecessor_id) or samsyn.may('case:lead-unit'), 'ROLE_NOT_ALLOWED')
    and samsyn.require(h.status = 'pending', 'ALREADY_ANSWERED');
select * from api.case_handovers h where h.resource = :handoverId

-- name: listOutstandingHandovers
-- list: api.outstanding_handovers
select c.id
from samsyn.cases c
join samsyn.assignments a on a.id = c.lead_assignment_id
join samsyn.users u on u.id = a.user_id
where c.unit_id = samsyn.led_unit() and c.status = 'open'
    and (a.ended_at is not null or a.ends_on <= samsyn.today() + 30 or not u.active or samsyn.is_excluded(u.id, c.id))
order by coalesce((a.ended_at at time zone 'Europe/Stockholm')::date, a.ends_on), c.opened_at, c.id

-- name: listHandoverWaivers
-- list: api.handover_waivers
select samsyn.require(exists (select from samsyn.assignments a where a.id = :assignmentId and a.organisation_id = samsyn.organisation()),
    'NOT_FOUND');
select w.id from samsyn.handover_waivers w where w.assignment_id = :assignmentId order by w.waived_at desc, w.id desc

-- name: waiveHandover
-- The trigger waive passes the cases on.
select samsyn.require(exists (select from samsyn.assignments a where a.id = :assignmentId and a.organisation_id = samsyn.organisation()),
    'NOT_FOUND');
insert into samsyn.handover_waivers (id, assignment_id, reason, waived_by)
select :id, a.id, :body ->> 'reason', samsyn.assignment()
from samsyn.assignments a
where a.id = :assignmentId
    and samsyn.require(a.id <> samsyn.assignment() and samsyn.leads_above(a.unit_id), 'ROLE_NOT_ALLOWED');
select * from api.handover_waivers w where w.resource = :id
