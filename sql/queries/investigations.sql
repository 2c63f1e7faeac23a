-- name: listInvestigations
-- list: api.investigations
select i.id from samsyn.investigations i
where :state is null or (:state = 'open') = (i.closed_at is null)
order by i.opened_at desc, i.id desc

-- name: listInvestigationsOfCase
-- list: api.investigations
select samsyn.require_held_case(:caseId);
select i.id from samsyn.investigations i
where i.case_id = :caseId and (:state is null or (:state = 'open') = (i.closed_at is null))
order by i.opened_at desc, i.id desc

-- name: getInvestigation
select * from api.investigations i where i.resource = :investigationId

-- name: extendInvestigation
select samsyn.require_own_investigation(:investigationId);
insert into samsyn.investigation_extensions (id, investigation_id, organisation_id, until, reason, child_view, decided_by)
values (:id, :investigationId, samsyn.organisation(), (:body ->> 'until')::date, :body ->> 'reason', :body -> 'childView',
    samsyn.assignment());
select * from api.investigations i where i.resource = :investigationId

-- name: informOnInvestigation
select samsyn.require_own_investigation(:investigationId);
insert into samsyn.investigation_notices (id, investigation_id, organisation_id, informed, text, withheld_reason, given_by)
values (:id, :investigationId, samsyn.organisation(), array(select jsonb_array_elements_text(:body -> 'informed')), :body ->> 'text',
    :body ->> 'withheldReason', samsyn.assignment());
select * from api.investigations i where i.resource = :investigationId

-- name: registerCareApplication
select samsyn.require_own_investigation(:investigationId);
insert into samsyn.care_applications (id, investigation_id, organisation_id, applied_on, registered_by)
select :id, :investigationId, samsyn.organisation(), (:body ->> 'appliedOn')::date, samsyn.assignment()
where samsyn.require((:body ->> 'appliedOn')::date <= samsyn.today(), 'UNPROCESSABLE', '/body/appliedOn');
select * from api.investigations i where i.resource = :investigationId

-- name: closeInvestigation
-- The trigger ends it; of two closures at once one finds it ended.
select samsyn.require_own_investigation(:investigationId);
insert into samsyn.investigation_closures (id, investigation_id, organisation_id, child_needs, parents_capacity, how_met, outcome,
    child_view, best_interests, closed_by)
values (:id, :investigationId, samsyn.organisation(), :body ->> 'childNeeds', :body ->> 'parentsCapacity', :body ->> 'howMet',
    :body ->> 'outcome', :body -> 'childView', :body ->> 'bestInterests', samsyn.assignment());
select * from api.investigations i where i.resource = :investigationId
