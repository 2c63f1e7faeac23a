-- name: createPlanIntervention
-- By the organisation that leads the plan for any party, by a party for itself.
select samsyn.require_plan_work(:planId, false);
select samsyn.require(p.organisation_id = samsyn.organisation() or exists (select from samsyn.plan_parties x
        where x.plan_id = p.id and x.participant_id = (:body ->> 'participantId')::uuid and x.organisation_id = samsyn.organisation() and x.left_at is null),
    'NOT_LEAD_ORGANISATION', '/body/participantId')
from samsyn.plans p where p.id = :planId;
insert into samsyn.plan_interventions (id, plan_id, goal_id, participant_id, description, due_on, document_reference, record_id, created_by)
values (:id, :planId, (:body ->> 'goalId')::uuid, (:body ->> 'participantId')::uuid, :body ->> 'description', (:body ->> 'dueOn')::date,
    :body ->> 'documentReference', (:body ->> 'recordId')::uuid, samsyn.assignment());
select * from api.plan_interventions i where i.resource = :id

-- name: getPlanIntervention
select samsyn.require_plan(samsyn.plan_of(:interventionId));
select * from api.plan_interventions i where i.resource = :interventionId

-- name: updatePlanIntervention
select samsyn.require_plan_work(samsyn.plan_of(:interventionId), false);
select samsyn.require_intervention_work(:interventionId);
update samsyn.plan_interventions i
set goal_id = coalesce((:body ->> 'goalId')::uuid, i.goal_id), description = coalesce(:body ->> 'description', i.description),
    due_on = coalesce((:body ->> 'dueOn')::date, i.due_on),
    document_reference = case when :body ? 'documentReference' then :body ->> 'documentReference' else i.document_reference end,
    record_id = case when :body ? 'recordId' then (:body ->> 'recordId')::uuid else i.record_id end, updated_by = samsyn.assignment()
where i.id = :interventionId and samsyn.matches(:ifMatch, i.revision);
select * from api.plan_interventions i where i.resource = :interventionId

-- name: followUpPlanIntervention
select samsyn.require_plan_work(samsyn.plan_of(:interventionId), false);
select samsyn.require_intervention_work(:interventionId);
insert into samsyn.plan_follow_ups (id, plan_id, intervention_id, status, note, created_by)
select :id, i.plan_id, i.id, :body ->> 'status', :body ->> 'note', samsyn.assignment()
from samsyn.plan_interventions i where i.id = :interventionId;
select * from api.plan_interventions i where i.resource = :interventionId
