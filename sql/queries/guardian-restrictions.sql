-- name: listGuardianRestrictions
-- list: api.guardian_restrictions
select samsyn.require_guardian_restrictions(:subjectId);
select r.id
from samsyn.guardian_restrictions r
where r.subject_id = :subjectId and (:state is null or samsyn.guardian_restriction_state(r) = :state)
order by r.decided_at desc, r.id desc

-- name: createGuardianRestriction
select samsyn.require_own_subject(:subjectId);
select samsyn.require(:body ->> 'guardianId' is null or exists (
    select from samsyn.guardians g where g.id = (:body ->> 'guardianId')::uuid and g.subject_id = :subjectId),
    'INVALID_REFERENCE', '/body/guardianId');
insert into samsyn.guardian_restrictions (id, subject_id, organisation_id, guardian_id, scope, visible, reason, assessment,
    valid_until, decided_by)
select :id, :subjectId, samsyn.organisation(), (:body ->> 'guardianId')::uuid, :body ->> 'scope',
    array(select jsonb_array_elements_text(:body -> 'visible')), :body ->> 'reason', :body ->> 'assessment',
    (:body ->> 'validUntil')::date, samsyn.assignment()
where samsyn.require(:body ->> 'scope' = 'from-15' or not :body ? 'visible', 'UNPROCESSABLE', '/body/visible')
    and samsyn.require(coalesce((:body ->> 'validUntil')::date >= samsyn.today(), true), 'UNPROCESSABLE', '/body/validUntil');
select * from api.guardian_restrictions r where r.resource = :id

-- name: getGuardianRestriction
select * from api.guardian_restrictions r where r.resource = :guardianRestrictionId

-- name: endGuardianRestriction
update samsyn.guardian_restrictions r
set ended_at = samsyn.now(), ended_by = samsyn.assignment(), end_reason = :body ->> 'reason'
where r.id = :guardianRestrictionId and samsyn.require(samsyn.guardian_restriction_state(r) = 'in-force', 'ALREADY_ENDED');
select * from api.guardian_restrictions r where r.resource = :guardianRestrictionId
