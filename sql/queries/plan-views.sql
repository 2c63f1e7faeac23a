-- name: createPlanView
select samsyn.require_plan_work(:planId, false);
insert into samsyn.plan_views (id, plan_id, stage, meeting_id, kind, guardian_id, view, absence_reason, form, expressed_on, listened_by, created_by)
values (:id, :planId, :body ->> 'stage', (:body ->> 'meetingId')::uuid, :body ->> 'kind', (:body ->> 'guardianId')::uuid, :body ->> 'view',
    :body ->> 'absenceReason', :body ->> 'form', (:body ->> 'expressedOn')::date, :body ->> 'listenedBy', samsyn.assignment());
select * from api.plan_views v where v.resource = :id

-- name: getPlanView
select samsyn.require_plan(samsyn.plan_of(:viewId));
select * from api.plan_views v where v.resource = :viewId
