-- name: listTransitionsOfCase
-- list: api.transitions
select samsyn.require_case(:caseId);
select t.id from samsyn.transitions t where t.case_id = :caseId order by t.moves_on desc, t.id desc

-- name: createTransition
-- Between units that take part in the case, or of the own organisation.
select samsyn.require_open_case(:caseId);
insert into samsyn.transitions (id, case_id, organisation_id, from_unit_id, to_unit_id, recipient_id, moves_on, ground, reason,
    at_risk, owner_id, created_by)
select :id, :caseId, samsyn.organisation(), f.id, t.id, t.boundary_id, (:body ->> 'movesOn')::date, :body ->> 'ground', :body ->> 'reason',
    coalesce((:body ->> 'atRisk')::boolean, false), a.id, samsyn.assignment()
from (select :body) given
left join samsyn.organisations f on f.id = (:body ->> 'fromUnitId')::uuid and f.kind = 'unit' and f.boundary_id = samsyn.organisation()
left join samsyn.organisations t on t.id = (:body ->> 'toUnitId')::uuid and t.kind = 'unit' and t.active and t.id <> f.id
    and (t.boundary_id = samsyn.organisation() or exists (select from samsyn.participants p
        where p.case_id = :caseId and p.unit_id = t.id and p.status in ('lead', 'accepted')))
left join samsyn.assignments a on a.id = (:body ->> 'ownerAssignmentId')::uuid and a.organisation_id = samsyn.organisation()
where samsyn.require(f.id is not null, 'INVALID_REFERENCE', '/body/fromUnitId')
    and samsyn.require(t.id is not null, 'INVALID_REFERENCE', '/body/toUnitId')
    and samsyn.require(t.boundary_id = samsyn.organisation() or :body ? 'ground', 'UNPROCESSABLE', '/body/ground')
    and samsyn.require(:body ->> 'ground' is null or exists (select from samsyn.legal_grounds g where g.code = :body ->> 'ground'
        and samsyn.today() between g.valid_from and coalesce(g.valid_until, 'infinity')), 'INVALID_REFERENCE', '/body/ground')
    and samsyn.require(coalesce((:body ->> 'atRisk')::boolean, false) = (:body ? 'ownerAssignmentId'), 'UNPROCESSABLE', '/body/ownerAssignmentId')
    and samsyn.require(:body ->> 'ownerAssignmentId' is null or not samsyn.is_unfit_to_lead(a.id, :caseId),
        'INVALID_REFERENCE', '/body/ownerAssignmentId');
select * from api.transitions t where t.resource = :id

-- name: listTransitions
-- list: api.transitions
select t.id from samsyn.transitions t
where (t.to_unit_id = samsyn.led_unit() or t.owner_id = samsyn.assignment())
    and (:status is null or t.status = :status) and (:atRisk is null or t.at_risk = :atRisk)
order by t.moves_on, t.id

-- name: getTransition
select * from api.transitions t where t.resource = :transitionId

-- name: acknowledgeTransition
update samsyn.transitions t
set status = 'acknowledged', acknowledged_by = samsyn.assignment(), acknowledged_at = samsyn.now()
where t.id = :transitionId
    and samsyn.require(t.to_unit_id = samsyn.led_unit(), 'NOT_RECIPIENT')
    and samsyn.require(t.status = 'announced', 'ALREADY_ANSWERED');
select * from api.transitions t where t.resource = :transitionId
