-- name: listExclusions
-- list: api.exclusions
select samsyn.require_case(:caseId);
select x.id from samsyn.exclusions x where x.case_id = :caseId order by x.declared_at desc, x.id desc

-- name: createExclusion
-- Of oneself, or by who leads the unit of somebody of the own organisation.
select samsyn.require_case(:caseId);
insert into samsyn.exclusions (id, case_id, subject_id, user_id, organisation_id, kind, reason, declared_by)
select :id, c.id, c.subject_id, u.id, samsyn.organisation(), :body ->> 'kind', :body ->> 'reason', samsyn.assignment()
from samsyn.cases c
left join samsyn.users u on u.id = coalesce((:body ->> 'userId')::uuid, samsyn.me())
    and (u.id = samsyn.me() or u.organisation_id = samsyn.organisation())
where c.id = :caseId
    and samsyn.require(coalesce((:body ->> 'userId')::uuid, samsyn.me()) = samsyn.me() or samsyn.may('case:lead-unit'), 'ROLE_NOT_ALLOWED')
    and samsyn.require(u.id is not null, 'INVALID_REFERENCE', '/body/userId');
select * from api.exclusions x where x.resource = :id

-- name: getExclusion
select * from api.exclusions x where x.resource = :exclusionId

-- name: endExclusion
-- Nobody lifts their own.
update samsyn.exclusions x
set ended_at = samsyn.now(), ended_by = samsyn.assignment(), end_reason = :body ->> 'reason'
where x.id = :exclusionId
    and samsyn.require(x.user_id <> samsyn.me() and samsyn.may('case:lead-unit'), 'ROLE_NOT_ALLOWED')
    and samsyn.require(x.ended_at is null, 'ALREADY_ENDED');
select * from api.exclusions x where x.resource = :exclusionId
