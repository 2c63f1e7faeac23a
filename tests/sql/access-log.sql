-- The access log: who may write and read it, that it never changes, and its canonical form.
begin;
\ir support/fixture.sql
select no_plan();

create function fixture.last_event() returns samsyn.access_events language sql as $$
    select e from samsyn.access_events e where e.request_id = fixture.id('request') order by e.at desc limit 1
$$;
create function fixture.events() returns bigint language sql as $$
    select count(*) from samsyn.access_events e where e.request_id = fixture.id('request')
$$;
create function fixture.ids(variadic names text[]) returns uuid[] language sql as $$
    select coalesce(array_agg(fixture.id(name) order by fixture.id(name)), '{}') from unnest(names) name
$$;

-- What is written ------------------------------------------------------------------------------------------------------

select fixture.act('school-worker', 'read', fixture.ids('case'));
set local role samsyn_api;
select is(samsyn.log_list(fixture.ids('family', 'contact') || fixture.id('family') || null::uuid, array[fixture.id('alva'), fixture.id('alva'), null],
    array[fixture.id('social'), fixture.id('school')], array['CONSENT', null, 'CONSENT'], array[fixture.id('share'), fixture.id('handover')]),
    null, 'an answer is no refusal');
reset role;
select is(fixture.events(), 1::bigint, 'one row for the request');
select is((fixture.last_event()).resource_ids, fixture.ids('family', 'contact'), 'it names every resource once');
select is((fixture.last_event()).subject_ids, fixture.ids('alva'), 'every subject once');
select is((fixture.last_event()).concerned_ids, fixture.ids('social'), 'the other organisations concerned, and not one''s own');
select is((fixture.last_event()).grounds, '{CONSENT}', 'every ground once');
select is((fixture.last_event()).disclosure_ids, fixture.ids('share', 'handover'), 'and the disclosures it rests on');
select results_eq($$ select (e).outcome, (e).code, (e).role, (e).client, (e).client_address, (e).operation, (e).activity, (e).purpose, (e).trace_id
    from fixture.last_event() e $$,
    $$ values ('allowed', null::text, 'case-worker', 'fixture-client', '192.0.2.1', 'fixture', 'read', 'care', repeat('a', 32)) $$, 'it says how and why');
select results_eq($$ select (e).organisation_id, (e).unit_id, (e).user_id, (e).assignment_id from fixture.last_event() e $$,
    $$ values (fixture.id('school'), fixture.id('school-unit'), fixture.id('user:school-worker'), fixture.id('school-worker')) $$, 'and who');
select is((fixture.last_event()).txid, pg_current_xact_id(), 'it carries its transaction');

set local role samsyn_api;
select is(samsyn.log_list('{}', '{}', '{}', '{}', '{}'), null, 'an empty list is an answer');
reset role;
select is(fixture.events(), 2::bigint, 'and is logged as well');
select is((fixture.last_event()).outcome, 'allowed', 'as allowed');

set local role samsyn_api;
select is(samsyn.log_access(fixture.ids('contact'), fixture.ids('alva'), fixture.ids('social'), array[null::text], array[null::uuid]),
    null, 'a single reply that has its row is no refusal');
reset role;
select results_eq($$ select (e).resource_ids, (e).subject_ids, (e).concerned_ids, (e).grounds, (e).disclosure_ids from fixture.last_event() e $$,
    $$ values (fixture.ids('contact'), fixture.ids('alva'), fixture.ids('social'), '{}'::text[], '{}'::uuid[]) $$, 'and is logged without what is null');

create temp table refusals (place serial, who text, target text, code text, sentence text);
insert into refusals (who, target, code, sentence) values
    ('school-worker', 'housing', 'NO_LEGAL_GROUND', 'a participant is told that no ground opens the record'),
    ('clinic-worker', 'housing', 'NOT_FOUND', 'a stranger is told that there is nothing'),
    ('clinic-worker', 'no such thing', 'NOT_FOUND', 'and the same of what does not exist');
create function fixture.refused(who text, target text) returns samsyn.access_events language plpgsql as $$
declare
    code text;
    event samsyn.access_events;
begin
    perform fixture.act(who, 'read', fixture.ids(target));
    perform set_config('role', 'samsyn_api', true);
    code := samsyn.log_access('{}', '{}', '{}', '{}', '{}');
    perform set_config('role', 'postgres', true);
    event := fixture.last_event();
    return case when event.code = code and event.outcome = 'denied' then event end;
end
$$;
select is((fixture.refused(r.who, r.target)).code, r.code, r.sentence) from refusals r order by r.place;
select results_eq($$ select (e).resource_ids, (e).subject_ids, (e).concerned_ids from fixture.refused('clinic-worker', 'housing') e $$,
    $$ values (fixture.ids('housing'), fixture.ids('alva'), fixture.ids('social')) $$, 'a refusal names what it aimed at and whom that concerns');

select fixture.act('clinic-worker', 'write', fixture.ids('housing'));
set local role samsyn_api;
select throws_ok($$ select samsyn.log_access('{}', '{}', '{}', '{}', '{}') $$, 'SA001', 'NOT_FOUND',
    'a refused writing ends the transaction, so that nothing of it stays');
reset role;

-- A refusal in a transaction of its own, for a person with a token who may not.
select fixture.act_as_nobody();
set local role samsyn_api;
select is((select d.assignment_id from samsyn.record_denial('fixture', 'clinic-worker', 'unknown-client', '{}', '{}', null, 'getRecord', 'record:read',
    '{samsyn:case}', 'read', fixture.ids('housing'), '192.0.2.7', fixture.id('request'), repeat('b', 32), null, 'CLIENT_NOT_REGISTERED') d),
    fixture.id('clinic-worker'), 'record_denial finds who it was');
reset role;
select results_eq($$ select (e).outcome, (e).code, (e).organisation_id, (e).client, (e).operation from fixture.last_event() e $$,
    $$ values ('denied', 'CLIENT_NOT_REGISTERED', fixture.id('clinic'), 'unknown-client', 'getRecord') $$, 'and writes it down');

-- Who reads it -----------------------------------------------------------------------------------------------------------

create temp table readers (place serial, who text, sees boolean, sentence text);
insert into readers (who, sees, sentence) values
    ('school-auditor', true, 'an auditor sees what the own staff did'),
    ('social-auditor', true, 'and what others did with what is the own organisation''s'),
    ('clinic-auditor', false, 'but nothing that does not concern the organisation'),
    ('school-worker', false, 'whoever did it does not read the log'),
    ('school-manager', false, 'nor does a manager'),
    ('social-admin', false, 'nor an organisation administrator'),
    ('system-admin', false, 'nor a system administrator');
select is(fixture.attempt(r.who, $$ select from samsyn.access_events e where e.request_id = fixture.id('request') and e.grounds = '{CONSENT}' $$),
    case when r.sees then '1 row' else '0 rows' end, r.sentence) from readers r order by r.place;
select is(fixture.attempt('social-auditor', $$ select from samsyn.access_events e where e.outcome = 'denied' and e.organisation_id = fixture.id('clinic') $$),
    '3 rows', 'an auditor sees the refused attempts of others at what is the own organisation''s');
select is(fixture.attempt('social-auditor', $$ select from samsyn.records $$), '0 rows', 'and no content');
select is(fixture.attempt('school-auditor', $$ select from api.access_events e where e.body::text ~ 'First text|alva' $$), '0 rows',
    'the log holds neither content nor names of children');

-- It never changes -------------------------------------------------------------------------------------------------------

select throws_ok(statement, '42501', null, 'the superuser is refused: ' || statement) from unnest(array[
    'update samsyn.access_events set outcome = ''allowed''', 'delete from samsyn.access_events', 'truncate samsyn.access_events',
    'truncate samsyn.access_events_default', 'delete from samsyn.access_events_' || to_char(now() at time zone 'UTC', 'YYYY_MM'),
    'truncate samsyn.access_events_' || to_char(now() at time zone 'UTC', 'YYYY_MM')]) statement;
set local role samsyn_owner;
select throws_ok(statement, '42501', null, 'the owner is refused: ' || statement) from unnest(array[
    'update samsyn.access_events set code = null', 'delete from samsyn.access_events', 'truncate samsyn.access_events']) statement;
reset role;
select fixture.act('school-auditor');
set local role samsyn_api;
select throws_ok(statement, '42501', null, 'the server is refused: ' || split_part(statement, ' (', 1)) from unnest(array[
    'update samsyn.access_events set outcome = ''allowed''', 'delete from samsyn.access_events', 'truncate samsyn.access_events',
    'insert into samsyn.access_events (id, at, operation, activity, subject_ids, resource_ids, concerned_ids, grounds, disclosure_ids, outcome)
        values (samsyn.uuid7(), now(), ''x'', ''read'', ''{}'', ''{}'', ''{}'', ''{}'', ''{}'', ''allowed'')',
    'select samsyn.write_access_event(''allowed'', null, ''{}'', ''{}'', ''{}'', ''{}'', ''{}'')',
    'select from samsyn.access_events_default', 'alter table samsyn.access_events disable trigger all']) statement;
reset role;

-- Partitions -------------------------------------------------------------------------------------------------------------

select is((select tableoid::regclass::text from samsyn.access_events where request_id = fixture.id('request') limit 1),
    'samsyn.access_events_' || to_char(now() at time zone 'UTC', 'YYYY_MM'), 'a row lies in the partition of its month');
select is(samsyn.extend_access_events(12), 0, 'partitions that are there are left alone');
select is(samsyn.extend_access_events(14), 2, 'and those that are missing are made');
select is_empty($$ select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid
    where i.inhparent = 'samsyn.access_events'::regclass and not (c.relrowsecurity and c.relforcerowsecurity) $$,
    'every partition has row security enabled and forced');
select is_empty($$ select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid
    where i.inhparent = 'samsyn.access_events'::regclass
        and not exists (select from pg_trigger t where t.tgrelid = c.oid and t.tgname = 'forbid_truncate') $$,
    'and refuses to be emptied');

-- The canonical form -----------------------------------------------------------------------------------------------------

create function fixture.event() returns samsyn.access_events language sql stable as $$
    select jsonb_populate_record(null::samsyn.access_events, '{
        "id": "0193a5b0-7c1e-7a11-8a11-0242ac120001", "at": "2026-03-01T11:22:33.123456+01:00", "txid": "4711",
        "nonce": "6f1d9a52-3c5e-4f0a-9a77-5b7c1c9b2a10", "organisation_id": "0193a5b0-7c1e-7a11-8a11-0242ac120002",
        "unit_id": "0193a5b0-7c1e-7a11-8a11-0242ac120003", "user_id": "0193a5b0-7c1e-7a11-8a11-0242ac120004",
        "assignment_id": null, "party_ids": [], "role": "case-worker", "client": "por\"tal", "client_address": "2001:db8::1",
        "operation": "getRecord", "activity": "read", "purpose": null,
        "subject_ids": ["0193a5b0-7c1e-7a11-8a11-0242ac120005"], "resource_ids": ["0193a5b0-7c1e-7a11-8a11-0242ac120006", "0193a5b0-7c1e-7a11-8a11-0242ac120007"],
        "concerned_ids": [], "grounds": ["CONSENT"], "disclosure_ids": [], "emergency_id": null, "outcome": "denied", "code": "CONSENT_REVOKED",
        "request_id": "0193a5b0-7c1e-7a11-8a11-0242ac120008", "trace_id": "4bf92f3577b34da6a3ce929d0e0e4736"}')
$$;
select is(samsyn.canonical(fixture.event()), $canonical$samsyn-access-event/1
0193a5b0-7c1e-7a11-8a11-0242ac120001
2026-03-01T10:22:33.123456Z
4711
6f1d9a52-3c5e-4f0a-9a77-5b7c1c9b2a10
0193a5b0-7c1e-7a11-8a11-0242ac120002
0193a5b0-7c1e-7a11-8a11-0242ac120003
0193a5b0-7c1e-7a11-8a11-0242ac120004
-
[]
"case-worker"
"por\"tal"
"2001:db8::1"
"getRecord"
"read"
-
["0193a5b0-7c1e-7a11-8a11-0242ac120005"]
["0193a5b0-7c1e-7a11-8a11-0242ac120006","0193a5b0-7c1e-7a11-8a11-0242ac120007"]
[]
["CONSENT"]
[]
-
denied
CONSENT_REVOKED
0193a5b0-7c1e-7a11-8a11-0242ac120008
4bf92f3577b34da6a3ce929d0e0e4736
$canonical$, 'the canonical form is this, to the letter');
create temp table canonical as select samsyn.canonical(fixture.event()) as form;
set local time zone 'Asia/Tokyo';
set local datestyle = 'SQL, DMY';
set local bytea_output = 'escape';
set local extra_float_digits = 0;
select is(samsyn.canonical(fixture.event()), (select form from canonical), 'and does not depend on the settings of the session');
set local datestyle = 'ISO';

-- Each column, changed to another value and to null, changes the form.
create function fixture.changed(a_column text, to_value jsonb) returns samsyn.access_events language sql stable as $$
    select jsonb_populate_record(fixture.event(), jsonb_build_object(a_column, to_value))
$$;
select isnt(samsyn.canonical(fixture.changed(a.attname, case t.typcategory
        when 'A' then case when a.atttypid = 'text[]'::regtype then '["X"]' else '["0193a5b0-7c1e-7a11-8a11-0242ac12ffff"]' end::jsonb
        when 'D' then '"2026-03-01T10:22:33.123457Z"'
        when 'U' then case a.atttypid when 'xid8'::regtype then '"4712"' else '"0193a5b0-7c1e-7a11-8a11-0242ac12ffff"' end::jsonb
        else '"x"' end)), samsyn.canonical(fixture.event()), 'another ' || a.attname || ' is another form')
from pg_attribute a join pg_type t on t.oid = a.atttypid
where a.attrelid = 'samsyn.access_events'::regclass and a.attnum > 0 and not a.attisdropped order by a.attnum;
select isnt(samsyn.canonical(fixture.changed(name, '"-"')), samsyn.canonical(fixture.changed(name, 'null')), 'a hyphen as ' || name || ' is not nothing')
from unnest(array['role', 'client', 'client_address', 'purpose']) name;
select isnt(samsyn.canonical(fixture.changed('role', '"a\nb"')), samsyn.canonical(jsonb_populate_record(fixture.event(), '{"role": "a", "client": "b"}')),
    'a line feed within a value does not pass for the next value');

select * from finish();
rollback;
