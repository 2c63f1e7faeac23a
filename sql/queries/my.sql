-- name: listMySubjects
-- list: api.my_subjects
select m.subject_id as id from samsyn.my_told_subjects m order by m.subject_id

-- name: getMyContactDetails
select samsyn.require_my_contact_details(:subjectId);
select * from api.my_contact_details c where c.resource = :subjectId

-- name: listMyCases
-- list: api.my_cases
select m.case_id as id from samsyn.my_told_cases m order by m.case_id desc

-- name: getMyCase
select * from api.my_cases c where c.resource = :caseId

-- name: listMyConsents
-- list: api.my_consents
select m.consent_id as id from samsyn.my_told_consents m order by m.consent_id desc

-- name: getMyConsent
select * from api.my_consents c where c.resource = :consentId

-- name: answerMyConsent
-- The same answer as one that the organisation records, by the giver themselves.
select samsyn.answer_my_consent(:id, :consentId, :body ->> 'answer');
select * from api.my_consents c where c.resource = :consentId

-- name: revokeMyConsent
-- Works at once: every later reading under it is refused. Not held up by a closed case.
select samsyn.revoke_my_consent(:id, :consentId, :body ->> 'reason');
select * from api.my_consents c where c.resource = :consentId

-- name: listMyPlans
-- list: api.my_plans
select m.plan_id as id from samsyn.my_told_plans m order by m.plan_id desc

-- name: getMyPlan
select * from api.my_plans p where p.resource = :planId

-- name: leaveMyPlanView
-- In their own words; it is never changed, a later view stands beside it.
select samsyn.leave_my_plan_view(:id, :planId, :body ->> 'stage', (:body ->> 'meetingId')::uuid, :body ->> 'view');
select * from api.my_plans p where p.resource = :planId

-- name: listMyAccessEvents
-- list: by cursor
select * from samsyn.find_my_access_events(:cursor, :limit)

-- name: getMyAccessExtract
-- list: by cursor
-- The head, then whom it is about; logged before the first row leaves.
select * from samsyn.begin_my_extract(:id, :from, :until)

-- stream: getMyAccessExtract
select f.body, f.cursor from samsyn.find_my_extract_events(:from, :part, 1000) f
