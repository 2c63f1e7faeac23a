-- name: listPlans
-- list: api.plans
select samsyn.require_held_case(:caseId);
select p.id
from (select t.id, t.created_at from samsyn.plans t where t.case_id = :caseId
    union all
    select k.plan_id, k.taken_at from samsyn.plan_copies k
    where k.case_id = :caseId and not exists (select from samsyn.plans t where t.id = k.plan_id)) p
order by p.created_at desc, p.id desc

-- name: createPlan
-- Consent first: the parties are set, and the consent judged, in the same breath.
select samsyn.require_open_case(:caseId);
select samsyn.require_lead(:caseId);
insert into samsyn.plans (id, case_id, organisation_id, consent_id, title, purpose, responsible_id, lead_assignment_id, lead_guardian_id, created_by)
select :id, :caseId, samsyn.organisation(), (:body ->> 'consentId')::uuid, :body ->> 'title', :body ->> 'purpose',
    coalesce((:body ->> 'responsibleParticipantId')::uuid, own.id), (:body #>> '{leadPerson,assignmentId}')::uuid,
    (:body #>> '{leadPerson,guardianId}')::uuid, samsyn.assignment()
from samsyn.participants own
where own.case_id = :caseId and own.organisation_id = samsyn.organisation() and own.active;
select samsyn.set_plan_parties(:id, case when :body ? 'participantIds'
    then array(select jsonb_array_elements_text(:body -> 'participantIds'))::uuid[]
    else array(select p.id from samsyn.participants p where p.case_id = :caseId and p.status in ('lead', 'accepted')) end);
select samsyn.check_plan_people(:id);
select * from api.plans p where p.resource = :id

-- name: getPlan
select samsyn.require_plan(:planId) where not samsyn.holds_plan_copy(:planId);
select * from api.plans p where p.resource = :planId

-- name: updatePlan
-- A new consent takes the place of one that is not in force any more; nothing else is changed without one.
select samsyn.require_plan_work(:planId, true, :body ? 'consentId');
update samsyn.plans p
set title = coalesce(:body ->> 'title', p.title), purpose = coalesce(:body ->> 'purpose', p.purpose),
    consent_id = coalesce((:body ->> 'consentId')::uuid, p.consent_id),
    responsible_id = coalesce((:body ->> 'responsibleParticipantId')::uuid, p.responsible_id),
    lead_assignment_id = case when :body ? 'leadPerson' then (:body #>> '{leadPerson,assignmentId}')::uuid else p.lead_assignment_id end,
    lead_guardian_id = case when :body ? 'leadPerson' then (:body #>> '{leadPerson,guardianId}')::uuid else p.lead_guardian_id end,
    updated_by = samsyn.assignment()
where p.id = :planId and samsyn.matches(:ifMatch, p.revision);
select samsyn.set_plan_parties(:planId, case when :body ? 'participantIds'
    then array(select jsonb_array_elements_text(:body -> 'participantIds'))::uuid[] end);
select samsyn.check_plan_people(:planId);
select * from api.plans p where p.resource = :planId

-- name: adoptPlan
-- Nobody adopts a wording they have not seen (If-Match), a plan without an intervention (SoL 10:9, HSL 16:4), or one in
-- which somebody was not heard and nobody says why.
select samsyn.require_plan_work(:planId, true);
update samsyn.plans p
set adopted_at = samsyn.now(), adopted_by = samsyn.assignment(), best_interests = :body ->> 'bestInterests', updated_by = samsyn.assignment()
where p.id = :planId
    and samsyn.require(p.adopted_at is null, 'CONFLICT')
    and samsyn.matches(:ifMatch, p.revision)
    and samsyn.require(exists (select from samsyn.plan_interventions i where i.plan_id = p.id), 'UNPROCESSABLE', '/interventions');
select samsyn.require_plan_views(:planId, 'planning', null);
select samsyn.require_plan_views(:planId, 'decision', null);
select samsyn.meet_deadlines('INDIVIDUAL_PLAN_START', :planId);
select * from api.plans p where p.resource = :planId

-- name: endPlan
-- Held up neither by a closed case nor by a consent that is not in force: it writes nothing into the plan.
select samsyn.require_plan(:planId);
select samsyn.require(p.organisation_id = samsyn.organisation(), 'NOT_LEAD_ORGANISATION') from samsyn.plans p where p.id = :planId;
update samsyn.plans p
set ended_at = samsyn.now(), ended_by = samsyn.assignment(), end_reason = :body ->> 'reason',
    end_shared = samsyn.consent_state(p.consent_id) = 'in-force', updated_by = samsyn.assignment()
where p.id = :planId and samsyn.require(p.ended_at is null, 'ALREADY_ENDED');
select samsyn.meet_deadlines(null, :planId);
select samsyn.meet_deadlines(null, m.id) from samsyn.plan_meetings m where m.plan_id = :planId and m.held_at is null;
select * from api.plans p where p.resource = :planId

-- name: listPlanChanges
-- list: api.plan_changes
select samsyn.require_plan(:planId);
select x.id from samsyn.plan_changes x where x.plan_id = :planId order by x.changed_at desc, x.id desc
