-- name: listDeadlines
-- list: api.deadlines
select d.id
from samsyn.deadlines d
where (:caseId is null or d.case_id = :caseId)
    and case when :state is null then d.met_at is null
        else samsyn.deadline_state(d.due_at, d.extended_until, d.met_at) = :state end
    and (:dueBefore is null or d.due_at <= samsyn.end_of_day(:dueBefore - 1))
    and case :scope
        when 'unit' then d.unit_id = samsyn.unit()
        when 'team' then d.case_id in (select t.case_id from samsyn.team_members t
            where t.assignment_id = samsyn.assignment() and t.ended_at is null)
        when 'mine' then d.created_by = samsyn.assignment()
            or d.case_id in (select c.id from samsyn.cases c where c.lead_assignment_id = samsyn.assignment())
        else true end
order by d.due_at, d.id

-- name: listDeadlinesOfCase
-- list: api.deadlines
select samsyn.require_case(:caseId);
select d.id from samsyn.deadlines d
where d.case_id = :caseId
    and (:state is null or samsyn.deadline_state(d.due_at, d.extended_until, d.met_at) = :state)
order by d.due_at, d.id

-- name: createDeadline
-- The trigger fill_deadline takes down the rule's wording of the day and counts from it.
select samsyn.require_open_case(:caseId);
insert into samsyn.deadlines (id, rule, label, organisation_id, unit_id, case_id, triggered_at, due_on, created_by)
select :id, :body ->> 'rule', :body ->> 'label', samsyn.organisation(), samsyn.unit(), :caseId,
    case when :body ? 'rule' then (:body ->> 'triggeredOn')::date::timestamp at time zone 'Europe/Stockholm' else samsyn.now() end,
    (:body ->> 'dueOn')::date, samsyn.assignment()
where samsyn.require(not :body ? 'triggeredOn' or (:body ->> 'triggeredOn')::date <= samsyn.today(), 'UNPROCESSABLE', '/body/triggeredOn')
    and samsyn.require(not :body ? 'dueOn' or (:body ->> 'dueOn')::date >= samsyn.today(), 'UNPROCESSABLE', '/body/dueOn');
select * from api.deadlines d where d.resource = :id

-- name: getDeadline
select * from api.deadlines d where d.resource = :deadlineId

-- name: extendDeadline
-- The trigger apply_extension moves the due day.
select samsyn.require(exists (select from samsyn.deadlines d where d.id = :deadlineId), 'NOT_FOUND');
insert into samsyn.deadline_extensions (id, deadline_id, until, reason, decided_at, decided_by)
values (:id, :deadlineId, (:body ->> 'until')::date, :body ->> 'reason', samsyn.now(), samsyn.assignment());
select * from api.deadlines d where d.resource = :deadlineId

-- name: completeDeadline
-- What waits for a thing of its own is met by what becomes of that thing.
update samsyn.deadlines d set met_at = samsyn.now(), met_by = samsyn.assignment()
where d.id = :deadlineId
    and samsyn.require(d.met_at is null, 'ALREADY_ENDED') and samsyn.require(d.resource_id is null, 'CONFLICT');
select * from api.deadlines d where d.resource = :deadlineId
