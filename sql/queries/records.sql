-- name: listRecords
-- list: api.records
select samsyn.require_held_case(:caseId);
select r.id
from samsyn.records r
where r.case_id = :caseId
    and (:category is null or r.category = :category)
    and (:organisationId is null or r.organisation_id = :organisationId)
order by r.created_at desc, r.id desc

-- name: createRecord
-- The secrecy regime is that of the author's unit unless told otherwise: a school nurse's note is under the health regime.
-- Who or where someone with protected identity is writes down whoever may read it.
select samsyn.require_case(:caseId);
select samsyn.require(not samsyn.is_identifying(:body ->> 'category') or :caseId = any (samsyn.identifiable_cases()),
    'PROTECTED_IDENTITY', '/body/category');
insert into samsyn.records (id, case_id, organisation_id, category, regime, author_id)
select :id, :caseId, samsyn.organisation(), :body ->> 'category', coalesce(:body ->> 'secrecyRegime', u.regime), samsyn.assignment()
from samsyn.organisations u where u.id = samsyn.unit();
insert into samsyn.record_versions (id, record_id, version, case_id, organisation_id, scope, text, author_id)
select samsyn.uuid7(), r.id, r.version, r.case_id, r.organisation_id, r.scope, :body ->> 'text', r.author_id
from samsyn.records r where r.id = :id;
select * from api.records r where r.resource = :id

-- name: getRecord
select * from api.records r where r.resource = :recordId

-- name: listRecordVersions
-- list: api.record_versions
select samsyn.require_record(:recordId);
select v.id from samsyn.record_versions v where v.record_id = :recordId order by v.version desc

-- name: amendRecord
select samsyn.require_record(:recordId);
select samsyn.require_case(r.case_id) from samsyn.records r where r.id = :recordId;
select samsyn.require(r.organisation_id = samsyn.organisation(), 'NOT_OWNER') from samsyn.records r where r.id = :recordId;
update samsyn.records r set version = r.version + 1
where r.id = :recordId and samsyn.matches(:ifMatch, r.version);
insert into samsyn.record_versions (id, record_id, version, case_id, organisation_id, scope, text, reason, author_id)
select :id, r.id, r.version, r.case_id, r.organisation_id, r.scope, :body ->> 'text', :body ->> 'reason', samsyn.assignment()
from samsyn.records r where r.id = :recordId;
select * from api.records r where r.resource = :recordId
