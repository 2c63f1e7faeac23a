-- name: listSubjects
-- list: api.subjects
select s.id
from samsyn.subjects s
where (:protectedIdentity is null or s.protected_identity = :protectedIdentity)
    and (:inMyCases is null or :inMyCases = (s.id = any (array(select m.subject_id from samsyn.my_subjects m))))
order by s.created_at desc, s.id desc

-- name: createSubject
insert into samsyn.subjects (id, organisation_id, identity_number, name, birth_date, address, phone, email, protected_identity,
    created_by)
select :id, samsyn.organisation(), samsyn.normal_identity_number(:body ->> 'identityNumber', samsyn.today()),
    :body ->> 'name', (:body ->> 'birthDate')::date, :body #>> '{contactDetails,address}', :body #>> '{contactDetails,phone}',
    :body #>> '{contactDetails,email}', coalesce((:body ->> 'protectedIdentity')::boolean, false), samsyn.assignment()
where samsyn.require((:body ->> 'birthDate')::date <= samsyn.today(), 'UNPROCESSABLE', '/body/birthDate');
select * from api.subjects s where s.resource = :id

-- name: getSubject
select * from api.subjects s where s.resource = :subjectId

-- name: updateSubject
select samsyn.require_own_subject(:subjectId);
update samsyn.subjects s
set identity_number = case when :body ? 'identityNumber'
        then samsyn.normal_identity_number(:body ->> 'identityNumber', samsyn.today()) else s.identity_number end,
    name = coalesce(:body ->> 'name', s.name),
    birth_date = coalesce((:body ->> 'birthDate')::date, s.birth_date),
    address = samsyn.contact_after(:body, 'address', s.address),
    phone = samsyn.contact_after(:body, 'phone', s.phone),
    email = samsyn.contact_after(:body, 'email', s.email),
    protected_identity = coalesce((:body ->> 'protectedIdentity')::boolean, s.protected_identity)
where s.id = :subjectId
    and samsyn.matches(:ifMatch, s.revision)
    -- Nobody overwrites what is masked for them, and nobody unmasks it by clearing the flag.
    and samsyn.require(not s.protected_identity or samsyn.may('subject:protected')
        or not (:body ?| array['name', 'identityNumber', 'contactDetails'] or :body @> '{"protectedIdentity": false}'), 'PROTECTED_IDENTITY')
    and samsyn.require(coalesce((:body ->> 'birthDate')::date, s.birth_date) <= samsyn.today(), 'UNPROCESSABLE', '/body/birthDate');
select * from api.subjects s where s.resource = :subjectId

-- name: searchSubjects
-- list: api.subjects
select s.id
from samsyn.subjects s
where s.identity_number = samsyn.normal_identity_number(:body ->> 'identityNumber', samsyn.today())
order by s.organisation_id = samsyn.organisation() desc, s.id
