-- name: createPlanGoal
select samsyn.require_plan_work(:planId, true);
insert into samsyn.plan_goals (id, plan_id, need_id, description, indicator, created_by)
select :id, :planId, (:body ->> 'needId')::uuid, :body ->> 'description', :body ->> 'indicator', samsyn.assignment()
where samsyn.require(exists (select from samsyn.plan_needs n where n.id = (:body ->> 'needId')::uuid and n.plan_id = :planId),
    'INVALID_REFERENCE', '/body/needId');
select * from api.plan_goals g where g.resource = :id

-- name: getPlanGoal
select samsyn.require_plan(samsyn.plan_of(:goalId));
select * from api.plan_goals g where g.resource = :goalId

-- name: updatePlanGoal
select samsyn.require_plan_work(samsyn.plan_of(:goalId), true);
update samsyn.plan_goals g
set need_id = coalesce((:body ->> 'needId')::uuid, g.need_id), description = coalesce(:body ->> 'description', g.description),
    indicator = case when :body ? 'indicator' then :body ->> 'indicator' else g.indicator end, updated_by = samsyn.assignment()
where g.id = :goalId and samsyn.matches(:ifMatch, g.revision)
    and samsyn.require(not :body ? 'needId' or exists (select from samsyn.plan_needs n
        where n.id = (:body ->> 'needId')::uuid and n.plan_id = g.plan_id), 'INVALID_REFERENCE', '/body/needId');
select * from api.plan_goals g where g.resource = :goalId
