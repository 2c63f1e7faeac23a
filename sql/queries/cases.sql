-- name: listCases
-- list: api.cases
select c.id
from samsyn.cases c
where (:status is null or c.status = :status)
    and (:subjectId is null or c.subject_id = :subjectId)
    and (:organisationId is null or c.organisation_id = :organisationId)
order by c.opened_at desc, c.id desc

-- name: createCase
-- The trigger found_case adds the lead participant and the first team member.
insert into samsyn.cases (id, reference, subject_id, organisation_id, unit_id, title, opened_by)
values (:id, samsyn.fresh_reference(), (:body ->> 'subjectId')::uuid, samsyn.organisation(), samsyn.unit(),
    :body ->> 'title', samsyn.assignment());
select * from api.cases c where c.resource = :id

-- name: getCase
select * from api.cases c where c.resource = :caseId

-- name: updateCase
select samsyn.require_lead(:caseId);
update samsyn.cases c
set title = coalesce(:body ->> 'title', c.title)
where c.id = :caseId and samsyn.require(c.status = 'open', 'CASE_CLOSED') and samsyn.matches(:ifMatch, c.revision);
select * from api.cases c where c.resource = :caseId

-- name: listClosures
-- list: api.closures
select samsyn.require_case(:caseId);
select x.id from samsyn.closures x where x.case_id = :caseId order by x.closed_at desc, x.id desc

-- name: closeCase
select samsyn.require_lead(:caseId);
update samsyn.cases c set status = 'closed'
where c.id = :caseId and samsyn.require(c.status = 'open', 'CASE_CLOSED');
insert into samsyn.closures (id, case_id, reason, closed_by)
values (:id, :caseId, :body ->> 'reason', samsyn.assignment());
select * from api.closures x where x.resource = :id

-- name: listReopenings
-- list: api.reopenings
select samsyn.require_case(:caseId);
select x.id from samsyn.reopenings x where x.case_id = :caseId order by x.reopened_at desc, x.id desc

-- name: reopenCase
select samsyn.require_lead(:caseId);
update samsyn.cases c set status = 'open'
where c.id = :caseId and samsyn.require(c.status = 'closed', 'CASE_NOT_CLOSED');
insert into samsyn.reopenings (id, case_id, reason, reopened_by)
values (:id, :caseId, :body ->> 'reason', samsyn.assignment());
select * from api.reopenings x where x.resource = :id
