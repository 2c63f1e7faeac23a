-- name: listConcernReports
-- list: api.concern_reports
select r.id from samsyn.concern_reports r
where (:kind is null or r.kind = :kind) and (:state is null or r.state = :state)
order by r.reported_at desc, r.id desc

-- name: createConcernReport
-- Owner is who receives, so that their auditors know of the disclosure; the subject is the child in the reporter's register.
select samsyn.report_concern(:id, :body);
select r.resource, r.subject, o.boundary_id as owner, r.ground, r.disclosure, r.etag, r.body
from api.concern_reports r
join samsyn.concern_reports c on c.id = r.resource
join samsyn.organisations o on o.id = c.recipient_unit_id
where r.resource = :id

-- name: listConcernReportSummaries
-- list: api.concern_report_summaries
select u.id from samsyn.organisations u
where u.id = any ((select samsyn.receiving_units())::uuid[])
order by u.name, u.id

-- name: getConcernReport
select * from api.concern_reports r where r.resource = :concernReportId

-- name: identifyConcernReport
select samsyn.require_report(:concernReportId, 'received');
insert into samsyn.concern_report_identifications (id, concern_report_id, organisation_id, subject_id, identified_by)
values (:id, :concernReportId, samsyn.organisation(), (:body ->> 'subjectId')::uuid, samsyn.assignment());
select * from api.concern_reports r where r.resource = :concernReportId

-- name: assessProtection
select samsyn.require_report(:concernReportId, 'received');
insert into samsyn.protection_assessments (id, concern_report_id, organisation_id, immediate_need, assessment, measures, assessed_by)
values (:id, :concernReportId, samsyn.organisation(), (:body ->> 'immediateNeed')::boolean, :body ->> 'assessment', :body ->> 'measures',
    samsyn.assignment());
select * from api.concern_reports r where r.resource = :concernReportId

-- name: extendPreliminaryAssessment
select samsyn.require_report(:concernReportId, 'received');
select samsyn.extend_preliminary_assessment(:concernReportId, (:body ->> 'until')::date, :body ->> 'reason');
select * from api.concern_reports r where r.resource = :concernReportId

-- name: decideConcernReport
select samsyn.require_report(:concernReportId, 'received');
select samsyn.decide_concern_report(:concernReportId, :id, :body);
select * from api.concern_reports r where r.resource = :concernReportId

-- name: askFeedback
select samsyn.require_report(:concernReportId, 'sent');
select samsyn.ask_feedback(:concernReportId);
select * from api.concern_reports r where r.resource = :concernReportId

-- name: giveFeedback
-- As in createConcernReport: who receives is the owner; where nothing is told, nothing was disclosed.
select samsyn.require_report(:concernReportId, 'received');
select samsyn.give_feedback(:concernReportId, :body ->> 'refusedReason');
select r.resource, r.subject, case when c.feedback <> 'refused' then o.boundary_id end as owner,
    case when c.feedback <> 'refused' then 'REPORTER_FEEDBACK' end as ground, r.disclosure, r.etag, r.body
from api.concern_reports r
join samsyn.concern_reports c on c.id = r.resource
join samsyn.organisations o on o.id = c.reporter_unit_id
where r.resource = :concernReportId

-- name: releaseHold
select samsyn.require_report(:concernReportId, 'received');
select samsyn.release_hold(:concernReportId, :body ->> 'reason');
select * from api.concern_reports r where r.resource = :concernReportId
