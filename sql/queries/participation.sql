-- name: listParticipationRecords
-- list: api.participation_records
select samsyn.require_held_case(:caseId);
select r.id from samsyn.participation_records r
where r.case_id = :caseId and (:step is null or r.step = :step) and (:kind is null or r.kind = :kind)
order by r.happened_on desc, r.id desc

-- name: createParticipationRecord
-- The organisation that leads the case knows the guardians by its register; others say that it was a guardian.
select samsyn.require_open_case(:caseId);
insert into samsyn.participation_records (id, case_id, organisation_id, step, kind, guardian_id, participation, happened_on, form,
    listened_by, view, reason, best_interests, created_by)
select :id, c.id, samsyn.organisation(), :body ->> 'step', :body ->> 'kind', (:body ->> 'guardianId')::uuid, :body ->> 'participation',
    coalesce((:body ->> 'happenedOn')::date, samsyn.today()), :body ->> 'form', :body ->> 'listenedBy', :body ->> 'view', :body ->> 'reason',
    :body ->> 'bestInterests', samsyn.assignment()
from samsyn.cases c
where c.id = :caseId
    and samsyn.require((:body ->> 'happenedOn') is null or (:body ->> 'happenedOn')::date <= samsyn.today(), 'UNPROCESSABLE', '/body/happenedOn')
    and samsyn.require((:body ->> 'participation' = 'not') = (:body ? 'reason'), 'UNPROCESSABLE', '/body/reason')
    and samsyn.require(not :body ? 'guardianId' or :body ->> 'kind' = 'guardian', 'UNPROCESSABLE', '/body/guardianId')
    and samsyn.require(not :body ? 'guardianId' or exists (select from samsyn.guardians g
        where g.id = (:body ->> 'guardianId')::uuid and g.subject_id = c.subject_id), 'INVALID_REFERENCE', '/body/guardianId');
select * from api.participation_records r where r.resource = :id

-- name: getParticipationRecord
select * from api.participation_records r where r.resource = :participationRecordId

-- name: getParticipationSummary
select * from api.participation_summaries s where s.resource = :caseId
