-- name: listLegalHolds
-- list: api.legal_holds
select samsyn.require_held_case(:caseId);
select h.id from samsyn.legal_holds h
where h.case_id = :caseId
    and (:state is null or (h.released_at is null) = (:state = 'in-force'))
order by h.placed_at desc, h.id desc

-- name: createLegalHold
-- Also on a closed case: that is when it is needed.
select samsyn.require_held_case(:caseId);
insert into samsyn.legal_holds (id, case_id, organisation_id, reason, placed_by)
values (:id, :caseId, samsyn.organisation(), :body ->> 'reason', samsyn.assignment());
select * from api.legal_holds h where h.resource = :id

-- name: getLegalHold
select * from api.legal_holds h where h.resource = :legalHoldId

-- name: releaseLegalHold
update samsyn.legal_holds h
set released_at = samsyn.now(), released_by = samsyn.assignment(), release_reason = :body ->> 'reason'
where h.id = :legalHoldId and samsyn.require(h.released_at is null, 'ALREADY_ENDED');
select * from api.legal_holds h where h.resource = :legalHoldId
