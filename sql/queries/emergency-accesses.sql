-- name: openEmergencyAccess
-- Which case, and whether it may be opened, is for find_emergency_case to say.
insert into samsyn.emergency_accesses (id, user_id, assignment_id, organisation_id, unit_id, case_id, case_unit_id, subject_id,
    reason, opened_at, expires_at)
select :id, samsyn.me(), samsyn.assignment(), samsyn.organisation(), samsyn.unit(), f.case_id, f.case_unit_id, f.subject_id,
    :body ->> 'reason', samsyn.now(), f.expires_at
from samsyn.find_emergency_case((:body ->> 'subjectId')::uuid, :body ->> 'caseReference',
    case when :body ? 'caseReference' then '/body/caseReference' else '/body/subjectId' end, :body ->> 'reason') f;
select * from api.emergency_accesses e where e.resource = :id

-- name: listEmergencyAccesses
-- list: api.emergency_accesses
select e.id
from samsyn.emergency_accesses e
left join samsyn.emergency_reviews r on r.emergency_id = e.id
where :review is null or (:review = 'done') = (r.id is not null)
order by e.opened_at desc, e.id desc

-- name: getEmergencyAccess
select * from api.emergency_accesses e where e.resource = :emergencyAccessId

-- name: endEmergencyAccess
update samsyn.emergency_accesses e
set ended_at = samsyn.now()
where e.id = :emergencyAccessId
    and samsyn.require(e.ended_at is null and e.expires_at > samsyn.now(), 'ALREADY_ENDED');
select * from api.emergency_accesses e where e.resource = :emergencyAccessId

-- name: reviewEmergencyAccess
-- When it is over, by a manager who did not open it themselves.
insert into samsyn.emergency_reviews (id, emergency_id, outcome, comment, reviewed_by)
select :id, e.id, :body ->> 'outcome', :body ->> 'comment', samsyn.assignment()
from samsyn.emergency_accesses e
where e.id = :emergencyAccessId
    and samsyn.require(e.user_id <> samsyn.me(), 'ROLE_NOT_ALLOWED')
    and samsyn.require(e.ended_at is not null or e.expires_at <= samsyn.now(), 'CONFLICT');
select * from api.emergency_accesses e where e.resource = :emergencyAccessId
