-- name: listGuardians
-- list: api.guardians
select samsyn.require_own_subject(:subjectId);
select g.id
from samsyn.guardians g
where g.subject_id = :subjectId
    and (:current is null or :current = (samsyn.today() between g.starts_on and coalesce(g.ends_on, 'infinity')))
order by g.created_at, g.id

-- name: createGuardian
-- Whose number is taken would tell the numbers that are masked for this reader.
select samsyn.require_own_subject(:subjectId);
select samsyn.require(not s.protected_identity or samsyn.may('subject:protected') or :body ->> 'identityNumber' is null, 'PROTECTED_IDENTITY')
from samsyn.subjects s where s.id = :subjectId;
insert into samsyn.guardians (id, subject_id, organisation_id, identity_number, name, address, phone, email, kind, starts_on, ends_on)
select :id, :subjectId, samsyn.organisation(), samsyn.normal_identity_number(:body ->> 'identityNumber', samsyn.today()),
    :body ->> 'name', :body #>> '{contactDetails,address}', :body #>> '{contactDetails,phone}', :body #>> '{contactDetails,email}',
    :body ->> 'kind', (:body ->> 'startsOn')::date, (:body ->> 'endsOn')::date
where samsyn.require(coalesce((:body ->> 'endsOn')::date >= (:body ->> 'startsOn')::date, true), 'UNPROCESSABLE', '/body/endsOn');
select * from api.guardians g where g.resource = :id

-- name: getGuardian
select * from api.guardians g where g.resource = :guardianId

-- name: updateGuardian
update samsyn.guardians g
set identity_number = case when :body ? 'identityNumber'
        then samsyn.normal_identity_number(:body ->> 'identityNumber', samsyn.today()) else g.identity_number end,
    name = coalesce(:body ->> 'name', g.name),
    address = samsyn.contact_after(:body, 'address', g.address),
    phone = samsyn.contact_after(:body, 'phone', g.phone),
    email = samsyn.contact_after(:body, 'email', g.email),
    kind = coalesce(:body ->> 'kind', g.kind),
    ends_on = case when :body ? 'endsOn' then (:body ->> 'endsOn')::date else g.ends_on end
where g.id = :guardianId
    and samsyn.matches(:ifMatch, g.revision)
    -- Nobody overwrites what is masked for them.
    and samsyn.require(samsyn.may('subject:protected') or not :body ?| array['name', 'identityNumber', 'contactDetails']
        or not (select s.protected_identity from samsyn.subjects s where s.id = g.subject_id), 'PROTECTED_IDENTITY')
    and samsyn.require(coalesce((:body ->> 'endsOn')::date >= g.starts_on, true), 'UNPROCESSABLE', '/body/endsOn');
select * from api.guardians g where g.resource = :guardianId
