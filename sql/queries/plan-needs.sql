-- name: createPlanNeed
select samsyn.require_plan_work(:planId, true);
insert into samsyn.plan_needs (id, plan_id, area, description, created_by)
values (:id, :planId, :body ->> 'area', :body ->> 'description', samsyn.assignment());
select * from api.plan_needs n where n.resource = :id

-- name: getPlanNeed
select samsyn.require_plan(samsyn.plan_of(:needId));
select * from api.plan_needs n where n.resource = :needId

-- name: updatePlanNeed
select samsyn.require_plan_work(samsyn.plan_of(:needId), true);
update samsyn.plan_needs n
set area = coalesce(:body ->> 'area', n.area), description = coalesce(:body ->> 'description', n.description), updated_by = samsyn.assignment()
where n.id = :needId and samsyn.matches(:ifMatch, n.revision);
select * from api.plan_needs n where n.resource = :needId
