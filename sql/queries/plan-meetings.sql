-- name: createPlanMeeting
select samsyn.require_plan_work(:planId, true);
insert into samsyn.plan_meetings (id, plan_id, planned_at, purpose, agenda, created_by)
values (:id, :planId, (:body ->> 'plannedAt')::timestamptz, :body ->> 'purpose', :body ->> 'agenda', samsyn.assignment());
select * from api.plan_meetings m where m.resource = :id

-- name: getPlanMeeting
select samsyn.require_plan(samsyn.plan_of(:meetingId));
select * from api.plan_meetings m where m.resource = :meetingId

-- name: updatePlanMeeting
select samsyn.require_plan_work(samsyn.plan_of(:meetingId), true);
update samsyn.plan_meetings m
set planned_at = coalesce((:body ->> 'plannedAt')::timestamptz, m.planned_at), purpose = coalesce(:body ->> 'purpose', m.purpose),
    agenda = coalesce(:body ->> 'agenda', m.agenda), updated_by = samsyn.assignment()
where m.id = :meetingId
    and samsyn.require(m.held_at is null, 'CONFLICT')
    and samsyn.matches(:ifMatch, m.revision);
select * from api.plan_meetings m where m.resource = :meetingId

-- name: recordPlanMeetingOutcome
-- Not before the meeting, and not without what child and guardians think of it, or why that is not there.
select samsyn.require_plan_work(samsyn.plan_of(:meetingId), true);
update samsyn.plan_meetings m
set held_at = samsyn.now(), attendees = array(select jsonb_array_elements_text(:body -> 'attendees')),
    child_attended = (:body ->> 'childAttended')::boolean,
    guardian_ids = array(select jsonb_array_elements_text(:body -> 'guardianIdsAttended'))::uuid[],
    outcome = :body ->> 'outcome', next_step = :body ->> 'nextStep', updated_by = samsyn.assignment()
where m.id = :meetingId
    and samsyn.require(m.held_at is null, 'CONFLICT')
    and samsyn.require(m.planned_at <= samsyn.now(), 'CONFLICT', '/plannedAt')
    and samsyn.require(not exists (
        select jsonb_array_elements_text(:body -> 'guardianIdsAttended')::uuid
        except select g from samsyn.plan_guardians(m.plan_id) g), 'INVALID_REFERENCE', '/body/guardianIdsAttended')
    and samsyn.require((:body ->> 'nextMeetingAt')::timestamptz is null or (:body ->> 'nextMeetingAt')::timestamptz > samsyn.now(),
        'UNPROCESSABLE', '/body/nextMeetingAt');
select samsyn.require_plan_views(m.plan_id, 'follow-up', m.id) from samsyn.plan_meetings m where m.id = :meetingId;
select samsyn.hold_plan_meeting(:meetingId, :id, (:body ->> 'nextMeetingAt')::timestamptz);
select * from api.plan_meetings m where m.resource = :meetingId
