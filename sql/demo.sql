-- A fictional municipality to try Samsyn with: agencies, people in every role, three children, an agreement to sign.
--
-- Everybody and everything here is invented. Identity numbers have birth numbers 980-999, the Tax Agency's convention
-- for test persons. Children are born relative to today, so that the one who was nine when it was loaded was nine.
-- Run by the owner of the database; running it again changes nothing.

insert into samsyn.organisations (id, parent_id, kind, name, sector, regime, school_unit_code) values
    ('01940000-0000-7000-8000-000000000100', null, 'municipality', 'Granby kommun', null, null, null),
    ('01940000-0000-7000-8000-000000000110', '01940000-0000-7000-8000-000000000100', 'authority',
        'Socialnämnden i Granby', 'SOCIAL_SERVICES', 'SOCIAL_SERVICES', null),
    ('01940000-0000-7000-8000-000000000111', '01940000-0000-7000-8000-000000000110', 'unit', 'Barn och familj', null, null, null),
    ('01940000-0000-7000-8000-000000000120', '01940000-0000-7000-8000-000000000100', 'authority',
        'Utbildningsnämnden i Granby', 'SCHOOL', 'STUDENT_HEALTH', null),
    ('01940000-0000-7000-8000-000000000121', '01940000-0000-7000-8000-000000000120', 'unit', 'Granskolan', null, null, '99999999'),
    ('01940000-0000-7000-8000-000000000130', '01940000-0000-7000-8000-000000000120', 'branch',
        'Elevhälsans medicinska insats', 'SCHOOL', 'STUDENT_HEALTH_MEDICAL', null),
    ('01940000-0000-7000-8000-000000000131', '01940000-0000-7000-8000-000000000130', 'unit', 'Skolsköterskorna', null, null, null),
    ('01940000-0000-7000-8000-000000000140', '01940000-0000-7000-8000-000000000100', 'authority',
        'Kommunstyrelsen i Granby', 'MUNICIPAL_OTHER', 'GENERAL', null),
    ('01940000-0000-7000-8000-000000000141', '01940000-0000-7000-8000-000000000140', 'unit', 'IT och samverkan', null, null, null),
    ('01940000-0000-7000-8000-000000000150', null, 'region', 'Region Gran', null, null, null),
    ('01940000-0000-7000-8000-000000000160', '01940000-0000-7000-8000-000000000150', 'authority',
        'Hälso- och sjukvårdsnämnden', 'HEALTH_CARE', 'HEALTH_CARE', null),
    ('01940000-0000-7000-8000-000000000161', '01940000-0000-7000-8000-000000000160', 'unit', 'BUP Granby', null, null, null),
    ('01940000-0000-7000-8000-000000000170', null, 'state', 'Polismyndigheten (demo)', null, null, null),
    ('01940000-0000-7000-8000-000000000180', '01940000-0000-7000-8000-000000000170', 'authority',
        'Polismyndigheten, region Gran', 'POLICE', 'POLICE', null),
    ('01940000-0000-7000-8000-000000000181', '01940000-0000-7000-8000-000000000180', 'unit', 'Lokalpolisområde Granby', null, null, null)
on conflict do nothing;

-- One line for each person: number, `sub` of their tokens, name, role, unit. The rest follows from it.
create table pg_temp.demo_people (number text, subject text, name text, role text, unit_id uuid);
insert into pg_temp.demo_people (number, subject, name, role, unit_id) values
    ('01', 'social-case-worker', 'Sara Lindalm', 'case-worker', '01940000-0000-7000-8000-000000000111'),
    ('02', 'social-manager', 'Mikael Granlund', 'unit-manager', '01940000-0000-7000-8000-000000000111'),
    ('03', 'school-teacher', 'Lena Ekhage', 'professional', '01940000-0000-7000-8000-000000000121'),
    ('04', 'school-head', 'Ravi Björkdal', 'unit-manager', '01940000-0000-7000-8000-000000000121'),
    ('05', 'school-nurse', 'Anja Hasselby', 'professional', '01940000-0000-7000-8000-000000000131'),
    ('06', 'clinic-psychologist', 'Pär Asplid', 'professional', '01940000-0000-7000-8000-000000000161'),
    ('07', 'clinic-manager', 'Zahra Almqvarn', 'unit-manager', '01940000-0000-7000-8000-000000000161'),
    ('08', 'police-officer', 'Nils Rönnfors', 'professional', '01940000-0000-7000-8000-000000000181'),
    ('09', 'police-manager', 'Eva Lönnäs', 'unit-manager', '01940000-0000-7000-8000-000000000181'),
    ('0a', 'collaboration-lead', 'Tove Syrenberg', 'collaboration-lead', '01940000-0000-7000-8000-000000000111'),
    ('0b', 'school-collaboration-lead', 'Omar Tallvik', 'collaboration-lead', '01940000-0000-7000-8000-000000000121'),
    ('0c', 'organisation-admin', 'Britta Hägglid', 'organisation-admin', '01940000-0000-7000-8000-000000000110'),
    ('0d', 'system-admin', 'Jonas Olvon', 'system-admin', '01940000-0000-7000-8000-000000000141'),
    ('0e', 'social-auditor', 'Karin Slåndal', 'auditor', '01940000-0000-7000-8000-000000000111'),
    ('0f', 'school-auditor', 'Yusuf Kornell', 'auditor', '01940000-0000-7000-8000-000000000121');

insert into samsyn.users (id, organisation_id, name, email)
select ('01940000-0000-7000-8000-0000000002' || p.number)::uuid, o.boundary_id, p.name, p.subject || '@granby.example'
from pg_temp.demo_people p
join samsyn.organisations o on o.id = p.unit_id
on conflict do nothing;

insert into samsyn.identities (id, user_id, issuer, subject)
select ('01940000-0000-7000-8000-0000000003' || p.number)::uuid, ('01940000-0000-7000-8000-0000000002' || p.number)::uuid,
    'samsyn-development', p.subject
from pg_temp.demo_people p
on conflict do nothing;

insert into samsyn.assignments (id, user_id, unit_id, role_id, starts_on)
select ('01940000-0000-7000-8000-0000000004' || p.number)::uuid, ('01940000-0000-7000-8000-0000000002' || p.number)::uuid,
    p.unit_id, r.id, samsyn.today() - 365
from pg_temp.demo_people p
join samsyn.roles r on r.code = p.role
on conflict do nothing;

insert into samsyn.clients (id, client_id, name, vendor, origins, organisation_ids, scopes) values
    ('01940000-0000-7000-8000-000000000501', 'demo-portal', 'Demoportalen', 'Demo', '{http://localhost:5173}',
        '{01940000-0000-7000-8000-000000000110,01940000-0000-7000-8000-000000000120,01940000-0000-7000-8000-000000000130,01940000-0000-7000-8000-000000000140,01940000-0000-7000-8000-000000000160,01940000-0000-7000-8000-000000000180}',
        '{samsyn:case,samsyn:agreement,samsyn:admin,samsyn:audit,samsyn:my}'),
    ('01940000-0000-7000-8000-000000000502', 'other-portal', 'Skolportalen', 'Annan leverantör', '{}',
        '{01940000-0000-7000-8000-000000000120}', '{samsyn:case}')
on conflict do nothing;

-- The check digit of a personal identity number (Luhn over the nine digits before it) depends on the birth date.
create function pg_temp.test_number(born date, birth_number text) returns text
    language sql immutable as $$
    select to_char(born, 'YYYYMMDD') || birth_number || (10 - sum(product / 10 + product % 10) % 10) % 10
    from (
        select substr(to_char(born, 'YYMMDD') || birth_number, place, 1)::integer * (1 + place % 2) as product
        from generate_series(1, 9) place) products
$$;

create table pg_temp.demo_children (id uuid, birth_date date, birth_number text, name text, protected boolean);
insert into pg_temp.demo_children (id, birth_date, birth_number, name, protected) values
    ('01940000-0000-7000-8000-000000000601', (samsyn.today() - interval '9 years 2 months')::date, '981', 'Alva Testsson', false),
    ('01940000-0000-7000-8000-000000000602', (samsyn.today() - interval '16 years 3 months')::date, '982', 'Elias Provberg', false),
    ('01940000-0000-7000-8000-000000000603', (samsyn.today() - interval '12 years 4 months')::date, '983', 'Maja Exempelgren', true);

insert into samsyn.subjects (id, organisation_id, identity_number, name, birth_date, protected_identity, created_by)
select c.id, '01940000-0000-7000-8000-000000000110', pg_temp.test_number(c.birth_date, c.birth_number), c.name,
    c.birth_date, c.protected, '01940000-0000-7000-8000-000000000401'
from pg_temp.demo_children c
on conflict do nothing;

insert into samsyn.guardians (id, subject_id, organisation_id, identity_number, name, kind, starts_on)
select g.id, g.subject_id, s.organisation_id, pg_temp.test_number(g.born, g.birth_number), g.name, 'guardian', s.birth_date
from (values
    ('01940000-0000-7000-8000-000000000701'::uuid, '01940000-0000-7000-8000-000000000601'::uuid, date '1985-04-12', '984', 'Karin Testsson'),
    ('01940000-0000-7000-8000-000000000702', '01940000-0000-7000-8000-000000000601', '1983-11-03', '985', 'Johan Testsson'),
    ('01940000-0000-7000-8000-000000000703', '01940000-0000-7000-8000-000000000602', '1979-02-27', '986', 'Amina Provberg'),
    ('01940000-0000-7000-8000-000000000704', '01940000-0000-7000-8000-000000000603', '1988-08-19', '988', 'Lisa Exempelgren')
    ) g (id, subject_id, born, birth_number, name)
join samsyn.subjects s on s.id = g.subject_id
on conflict do nothing;

insert into samsyn.agreements (id, organisation_id, title, purposes, categories, valid_from, valid_until, created_by) values
    ('01940000-0000-7000-8000-000000000801', '01940000-0000-7000-8000-000000000110', 'Samverkan kring barn och unga i Granby',
        '{coordinated-support}', '{IDENTITY,CASE_STATUS,ATTENDANCE,LEARNING,SCHOOL_SUPPORT,FAMILY_SITUATION,INTERVENTIONS}',
        samsyn.today() - 30, (samsyn.today() - 30 + interval '2 years')::date, '01940000-0000-7000-8000-00000000040a')
on conflict do nothing;

insert into samsyn.agreement_parties (agreement_id, organisation_id) values
    ('01940000-0000-7000-8000-000000000801', '01940000-0000-7000-8000-000000000110'),
    ('01940000-0000-7000-8000-000000000801', '01940000-0000-7000-8000-000000000120')
on conflict do nothing;

drop function pg_temp.test_number;
drop table pg_temp.demo_people, pg_temp.demo_children;
