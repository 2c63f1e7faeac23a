-- The access log: who may write and read it, and that it never changes.
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

select is(e.tableoid::regclass::text, 'samsyn.access_events_' || to_char(e.at at time zone 'UTC', 'YYYY_MM'), 'a row lies in the partition of its month')
from samsyn.access_events e where e.request_id = fixture.id('request') limit 1;
-- A month may have begun since the database was made.
select samsyn.extend_access_events(12);
select is(samsyn.extend_access_events(12), 0, 'partitions that are there are left alone');
select is(samsyn.extend_access_events(14), 8, 'and those that are missing are made, of the events, whom they concern, by what they are found, and which leaves they are');
select is_empty($$ select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid
    where i.inhparent = 'samsyn.access_events'::regclass and not (c.relrowsecurity and c.relforcerowsecurity) $$,
    'every partition has row security enabled and forced');
select is_empty($$ select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid
    where i.inhparent = 'samsyn.access_events'::regclass
        and not exists (select from pg_trigger t where t.tgrelid = c.oid and t.tgname = 'forbid_truncate') $$,
    'and refuses to be emptied');

select fixture.act('social-auditor');
set local role samsyn_api;
select throws_ok($$ select from samsyn.unsealed_events('0', '00000000-0000-0000-0000-000000000000', 10) $$, '42501', null,
    'what is sealed is read by no request, not even an auditor''s');
reset role;

-- What is sealed -------------------------------------------------------------------------------------------------------

select columns_are('samsyn', 'access_events', array['id', 'at', 'txid', 'organisation_id', 'unit_id', 'user_id', 'assignment_id', 'party_ids',
    'role', 'client', 'client_address', 'operation', 'activity', 'purpose', 'subject_ids', 'resource_ids', 'concerned_ids', 'grounds',
    'disclosure_ids', 'emergency_id', 'outcome', 'code', 'request_id', 'trace_id', 'nonce'],
    'every column is in the canonical form of src/log/event.h; a new one needs a new version of it');

select * from finish();
rollback;
