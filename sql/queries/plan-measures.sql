-- name: createPlanMeasure
select samsyn.require_plan_work(:planId, true);
insert into samsyn.plan_measures (id, plan_id, actor, description, created_by)
values (:id, :planId, :body ->> 'actor', :body ->> 'description', samsyn.assignment());
select * from api.plan_measures m where m.resource = :id

-- name: getPlanMeasure
select samsyn.require_plan(samsyn.plan_of(:measureId));
select * from api.plan_measures m where m.resource = :measureId

-- name: updatePlanMeasure
select samsyn.require_plan_work(samsyn.plan_of(:measureId), true);
update samsyn.plan_measures m
set actor = coalesce(:body ->> 'actor', m.actor), description = coalesce(:body ->> 'description', m.description), updated_by = samsyn.assignment()
where m.id = :measureId and samsyn.matches(:ifMatch, m.revision);
select * from api.plan_measures m where m.resource = :measureId
