-- name: getRetention
select samsyn.require_held_case(:caseId);
select * from api.case_retention r where r.resource = :caseId
