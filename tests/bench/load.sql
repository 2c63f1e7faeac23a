-- Fills a migrated database with :cases cases of :records records each and :events access events; run as superuser:
-- psql -v cases=100000 -v records=10 -v events=1000000 -f load.sql. Ids follow from numbers (md5 of a name), so that
-- the load generators can name them without asking.
\set ON_ERROR_STOP on
set session_replication_role = replica;
set synchronous_commit = off;

create function pg_temp.named(kind text, number bigint) returns uuid
    language sql immutable as $$ select md5('bench-' || kind || '-' || number)::uuid $$;

-- One social welfare board with a unit for every 1,000 cases; ten case workers in each, on 100 cases each. In every case
-- works a school, which shares its records standingly: half of all records, on the guardian's consent.
insert into samsyn.organisations (id, kind, name) values (pg_temp.named('principal', 0), 'municipality', 'Bench');
insert into samsyn.organisations (id, parent_id, kind, boundary_id, name, sector, regime)
values (pg_temp.named('board', 0), pg_temp.named('principal', 0), 'authority', pg_temp.named('board', 0), 'Bench board',
    'SOCIAL_SERVICES', 'SOCIAL_SERVICES');
insert into samsyn.organisations (id, parent_id, kind, boundary_id, name, sector, regime)
select pg_temp.named('unit', u), pg_temp.named('board', 0), 'unit', pg_temp.named('board', 0), 'Bench unit ' || u,
    'SOCIAL_SERVICES', 'SOCIAL_SERVICES'
from generate_series(0, (:cases - 1) / 1000) u;

insert into samsyn.organisations (id, parent_id, kind, boundary_id, name, sector, regime) values
    (pg_temp.named('school', 0), pg_temp.named('principal', 0), 'authority', pg_temp.named('school', 0), 'Bench school', 'SCHOOL', 'STUDENT_HEALTH'),
    (pg_temp.named('class', 0), pg_temp.named('school', 0), 'unit', pg_temp.named('school', 0), 'Bench class', 'SCHOOL', 'STUDENT_HEALTH');

insert into samsyn.users (id, organisation_id, name)
select pg_temp.named('user', w), pg_temp.named('board', 0), 'Worker ' || w from generate_series(0, (:cases - 1) / 100) w;
insert into samsyn.identities (id, user_id, issuer, subject)
select pg_temp.named('identity', w), pg_temp.named('user', w), 'samsyn-development', 'bench-' || w
from generate_series(0, (:cases - 1) / 100) w;
insert into samsyn.assignments (id, user_id, unit_id, organisation_id, role_id, starts_on)
select pg_temp.named('assignment', w), pg_temp.named('user', w), pg_temp.named('unit', w / 10), pg_temp.named('board', 0),
    r.id, current_date - 365
from generate_series(0, (:cases - 1) / 100) w, samsyn.roles r where r.code = 'case-worker';
insert into samsyn.users (id, organisation_id, name) values (pg_temp.named('teacher', 0), pg_temp.named('school', 0), 'Teacher');
insert into samsyn.assignments (id, user_id, unit_id, organisation_id, role_id, starts_on)
select pg_temp.named('teaching', 0), pg_temp.named('teacher', 0), pg_temp.named('class', 0), pg_temp.named('school', 0), r.id, current_date - 365
from samsyn.roles r where r.code = 'unit-manager';
insert into samsyn.agreements (id, organisation_id, title, purposes, categories, valid_from, valid_until, created_by)
values (pg_temp.named('agreement', 0), pg_temp.named('board', 0), 'Bench', '{support}', '{ATTENDANCE,FAMILY_SITUATION}', current_date - 365,
    current_date + 3650, pg_temp.named('assignment', 0));
insert into samsyn.agreement_parties (agreement_id, organisation_id, signed_at, signed_by)
select pg_temp.named('agreement', 0), pg_temp.named(party, 0), now(), pg_temp.named('assignment', 0) from unnest('{board,school}'::text[]) party;
insert into samsyn.clients (id, client_id, name, vendor, organisation_ids, scopes)
values (pg_temp.named('client', 0), 'bench', 'Bench', 'Bench', array[pg_temp.named('board', 0)], '{samsyn:case}');

insert into samsyn.subjects (id, organisation_id, name, birth_date, created_by)
select pg_temp.named('subject', c), pg_temp.named('board', 0), 'Child ' || c, current_date - 3000, pg_temp.named('assignment', c / 100)
from generate_series(0, :cases - 1) c;
insert into samsyn.cases (id, reference, subject_id, organisation_id, unit_id, title, opened_at, opened_by, lead_assignment_id)
select pg_temp.named('case', c), '2026-' || lpad(c::text, 8, '0'), pg_temp.named('subject', c), pg_temp.named('board', 0),
    pg_temp.named('unit', c / 1000), 'Case ' || c, now() - make_interval(mins => c % 500000), pg_temp.named('assignment', c / 100),
    pg_temp.named('assignment', c / 100)
from generate_series(0, :cases - 1) c;
insert into samsyn.participants (id, case_id, organisation_id, unit_id, status, invited_by)
select pg_temp.named('participant', c), pg_temp.named('case', c), pg_temp.named('board', 0), pg_temp.named('unit', c / 1000),
    'lead', pg_temp.named('assignment', c / 100)
from generate_series(0, :cases - 1) c;
insert into samsyn.team_members (id, case_id, organisation_id, assignment_id, added_by)
select pg_temp.named('member', c), pg_temp.named('case', c), pg_temp.named('board', 0), pg_temp.named('assignment', c / 100),
    pg_temp.named('assignment', c / 100)
from generate_series(0, :cases - 1) c;
insert into samsyn.participants (id, case_id, organisation_id, unit_id, status, agreement_id, ground, consent_id, invited_by)
select pg_temp.named('invited', c), pg_temp.named('case', c), pg_temp.named('school', 0), pg_temp.named('class', 0), 'accepted',
    pg_temp.named('agreement', 0), 'CONSENT', pg_temp.named('consent', c), pg_temp.named('assignment', c / 100)
from generate_series(0, :cases - 1) c;
insert into samsyn.guardians (id, subject_id, organisation_id, name, kind, starts_on)
select pg_temp.named('guardian', c), pg_temp.named('subject', c), pg_temp.named('board', 0), 'Guardian ' || c, 'guardian', current_date - 3000
from generate_series(0, :cases - 1) c;
insert into samsyn.consents (id, case_id, subject_id, organisation_id, source_ids, recipient_ids, categories, purpose, valid_from,
    valid_until, form, maturity, assessed_by)
select pg_temp.named('consent', c), pg_temp.named('case', c), pg_temp.named('subject', c), pg_temp.named('board', 0),
    array[pg_temp.named('board', 0), pg_temp.named('school', 0)], array[pg_temp.named('board', 0), pg_temp.named('school', 0)],
    '{ATTENDANCE,FAMILY_SITUATION}', 'support', current_date - 30, current_date + 3650, 'written', 'not-assessed',
    pg_temp.named('assignment', c / 100)
from generate_series(0, :cases - 1) c;
insert into samsyn.consent_givers (id, consent_id, kind, guardian_id)
select pg_temp.named('giver', c), pg_temp.named('consent', c), 'guardian', pg_temp.named('guardian', c) from generate_series(0, :cases - 1) c;
insert into samsyn.consent_answers (id, consent_id, giver_id, answer, form, recorded_by)
select pg_temp.named('answer', c), pg_temp.named('consent', c), pg_temp.named('giver', c), 'granted', 'written', pg_temp.named('assignment', c / 100)
from generate_series(0, :cases - 1) c;
insert into samsyn.disclosures (id, kind, case_id, organisation_id, recipient_id, ground, consent_id, agreement_id, categories, purpose,
    justification, valid_from, valid_until, disclosed_by)
select pg_temp.named('share', c), 'standing-share', pg_temp.named('case', c), pg_temp.named('school', 0), pg_temp.named('board', 0), 'CONSENT',
    pg_temp.named('consent', c), pg_temp.named('agreement', 0), '{ATTENDANCE}', 'support', 'Needed', current_date - 30, current_date + 3650,
    pg_temp.named('teaching', 0)
from generate_series(0, :cases - 1) c;

-- Even records are the board's own, odd ones the school's.
create view pg_temp.bench_records as
select r, pg_temp.named('case', r / :records) as case_id, pg_temp.named('subject', r / :records) as subject_id,
    pg_temp.named(case r % 2 when 0 then 'board' else 'school' end, 0) as organisation_id,
    case r % 2 when 0 then 'FAMILY_SITUATION' else 'ATTENDANCE' end as category,
    case r % 2 when 0 then 'SOCIAL_SERVICES' else 'STUDENT_HEALTH' end as regime,
    case r % 2 when 0 then pg_temp.named('assignment', r / (:records * 100)) else pg_temp.named('teaching', 0) end as author_id
from generate_series(0, :cases * :records - 1) r;
insert into samsyn.records (id, case_id, subject_id, organisation_id, category, regime, author_id)
select pg_temp.named('record', b.r), b.case_id, b.subject_id, b.organisation_id, b.category, b.regime, b.author_id from pg_temp.bench_records b;
insert into samsyn.record_versions (id, record_id, version, case_id, organisation_id, scope, text, author_id)
select pg_temp.named('version', b.r), pg_temp.named('record', b.r), 1, b.case_id, b.organisation_id,
    samsyn.share_scope(b.case_id, b.organisation_id, b.category, b.regime),
    'Text of a record, about as long as a short note from a meeting with the family usually is. ' || b.r, b.author_id
from pg_temp.bench_records b;
insert into samsyn.access_events (id, at, organisation_id, unit_id, user_id, assignment_id, role, client, operation, activity,
    purpose, subject_ids, resource_ids, concerned_ids, grounds, disclosure_ids, outcome, request_id, trace_id)
select samsyn.uuid7(), now() - make_interval(secs => e % 2000000), pg_temp.named('board', 0), pg_temp.named('unit', e % :cases / 1000),
    pg_temp.named('user', e % :cases / 100), pg_temp.named('assignment', e % :cases / 100), 'case-worker', 'bench', 'getRecord', 'read',
    'care', array[pg_temp.named('subject', e % :cases)], array[pg_temp.named('record', e % (:cases * :records))], '{}', '{}', '{}', 'allowed',
    samsyn.uuid7(), md5(e::text)
from generate_series(1, :events) e;
insert into samsyn.access_event_terms (organisation_id, term, at, id)
select x.organisation_id, x.term, e.at, e.id from samsyn.access_events e cross join samsyn.event_entries(e) x;

reset session_replication_role;
reset synchronous_commit;
analyze;
