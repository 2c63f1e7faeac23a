-- The end of a month of the access log: which month it may be, who removes it, and what is left.
begin;
\ir support/fixture.sql
select no_plan();

create function pg_temp.begin_archive(month date) returns text language sql as $$
    select fixture.as_retention(format('select (samsyn.begin_log_archive(%L)).events', month)) $$;
create function pg_temp.remove(month date, events bigint) returns text language sql as $$
    select fixture.as_retention(format('select samsyn.remove_log_month(%L, %s, 6, %L)', month, events, decode(repeat('a7', 32), 'hex'))) $$;
create function pg_temp.parts(month date) returns bigint language sql as $$
    select count(p.part) from samsyn.log_parts(month) p $$;

-- The partitions that the server made when the month was the present one.
create function pg_temp.make_month(month date) returns void language sql as $$
    select samsyn.make_log_part(p.parent, p.rest, month) from samsyn.log_parts(month) p $$;
create function pg_temp.event(name text, moment timestamptz, subjects uuid[] default '{}', resources uuid[] default '{}') returns void language sql as $$
    insert into samsyn.access_events (id, at, txid, organisation_id, operation, activity, subject_ids, resource_ids, concerned_ids, grounds, disclosure_ids, outcome)
    values (fixture.id(name), moment, '3', fixture.id('social'), 'x', 'read', subjects, resources, array[fixture.id('school')], '{}', '{}', 'allowed');
    insert into samsyn.access_event_concerns (organisation_id, at, id) values (fixture.id('school'), moment, fixture.id(name)) $$;
create function pg_temp.seal(name text, index bigint) returns void language sql as $$
    insert into samsyn.log_entries (index, at, id) select index, e.at, e.id from samsyn.access_events e where e.id = fixture.id(name) $$;

-- November has entries 0, 1 and 3; December, of which one came in between, 2, 4 and 5.
select pg_temp.make_month('2020-11-01'), pg_temp.make_month('2020-12-01');
select pg_temp.event('first', '2020-11-01 00:00:00Z'), pg_temp.event('second', '2020-11-30 23:59:59.999999Z', array[fixture.id('alva')]),
    pg_temp.event('third', '2020-12-01 00:00:00Z'), pg_temp.event('fourth', '2020-11-20 12:00:00Z', '{}', array[fixture.id('case')]),
    pg_temp.event('fifth', '2020-12-31 00:00:00Z'), pg_temp.event('sixth', '2020-12-31 00:00:00Z');

create function pg_temp.months() returns setof text language sql as $$
    select concat_ws(' ', to_char(m.month, 'YYYY-MM'), m.events, m.state, encode(m.sha256, 'hex')) from samsyn.log_months() m
    where m.month < '2021-01-01' $$;

-- Which month ------------------------------------------------------------------------------------------------------------

select is((select value from samsyn.configuration where name = 'access-log-years'), 5, 'five years unless told otherwise');
select throws_ok($$ select samsyn.configure('access-log-years', 4) $$, '23514', null, 'never less');
select fixture.clock('2025-11-30 23:59:59Z');
select is(pg_temp.begin_archive('2020-11-01'), 'the access log of 2020-11 is kept until 2025-12-01T00:00:00.000Z', 'a month is kept for five years after its end');
select is(pg_temp.remove('2020-11-01', 3), 'the access log of 2020-11 is kept until 2025-12-01T00:00:00.000Z', 'whoever asks');
select is(fixture.as_retention($$ select count(*) from samsyn.log_month_rows('2020-11-01', -1, 10) $$), 'the month is still kept', 'and not read either');
select fixture.clock('2026-01-01 00:00:00Z');
select lives_ok($$ select samsyn.configure('access-log-years', 6) $$, 'the operator may keep it longer');
select is(pg_temp.begin_archive('2020-11-01'), 'the access log of 2020-11 is kept until 2026-12-01T00:00:00.000Z', 'which holds');
select samsyn.configure('access-log-years', 5);
select is(pg_temp.begin_archive('2020-11-02'), '2020-11-02 is not the first of a month', 'only whole months');
select is(pg_temp.begin_archive('2019-05-01'), 'the access log of 2019-05 has no events', 'that there are');
select bag_eq('select pg_temp.months()', array['2020-11 3 unsealed', '2020-12 3 unsealed'], 'the list of months says the same in a word');

select is(pg_temp.begin_archive('2020-11-01'), 'the access log of 2020-11 is not wholly sealed, or events of it are missing', 'wholly sealed');
select pg_temp.seal('first', 0), pg_temp.seal('second', 1);
select is(pg_temp.begin_archive('2020-11-01'), 'the access log of 2020-11 is not wholly sealed, or events of it are missing', 'to the last event');
select pg_temp.seal('fourth', 3);
select is(pg_temp.begin_archive('2020-11-01'), 'the access log of 2020-11 is not wholly signed', 'signed');
insert into samsyn.log_keys (name, key_id, verifier, kind) values ('log', '\x00000000', 'log+00000000+AQ', 'log');
insert into samsyn.log_trees (size, root, last_txid, last_id)
select size, decode(repeat('00', 32), 'hex'), '3', fixture.id('fourth') from unnest('{3,6}'::bigint[]) size;
insert into samsyn.log_signatures (size, name, key_id, line) values (3, 'log', '\x00000000', E'\u2014 log AAAA\n');
select is(pg_temp.begin_archive('2020-11-01'), 'the access log of 2020-11 is not wholly signed', 'to the last entry');
select bag_eq('select pg_temp.months()', array['2020-11 3 unsigned', '2020-12 3 unsealed'], 'which the list says, too');
insert into samsyn.log_signatures (size, name, key_id, line) values (6, 'log', '\x00000000', E'\u2014 log AAAA\n');
select is(pg_temp.begin_archive('2020-11-01'), 'entries are missing between those of the access log of 2020-11: samsyn log audit says which', 'and nothing between its entries missing');
select bag_eq('select pg_temp.months()', array['2020-11 3 broken', '2020-12 3 unsealed'], 'which the list calls broken');
select pg_temp.seal('third', 2), pg_temp.seal('fifth', 4), pg_temp.seal('sixth', 5);

select bag_eq('select pg_temp.months()', array['2020-11 3 due', '2020-12 3 due'], 'then they are due');

-- What no partition was there for --------------------------------------------------------------------------------------

select pg_temp.event('astray', '2018-01-07Z', array[fixture.id('alva')]), pg_temp.event('astray, too', '2018-02-01Z'), pg_temp.event('ahead', '2093-05-01Z');
create temp table astray as select e.*, e.tableoid::regclass::text as stood from samsyn.access_events e where e.at < '2019-01-01' or e.at > '2093-01-01';
create temp table terms_astray as select t.* from samsyn.access_event_terms t where t.at < '2019-01-01';
select isnt_empty('select from terms_astray', 'with what it is found by');
select bag_eq('select stood from astray', array_fill('samsyn.access_events_default'::text, array[3]), 'what is written while its partition is not there stands in the default partition');
select is(pg_temp.begin_archive('2018-01-01'), 'rows of the access log of 2018-01 stand in no partition of their own', 'where it would stay');
select ok('2018-01 1 astray' in (select pg_temp.months()), 'which the list says');
select is((select m.state from samsyn.log_months() m where m.month = '2093-05-01'), 'kept', 'a clock that was ahead is seen there');
select is(fixture.as_retention('select samsyn.extend_access_events()'), '12', 'when partitions are made, it gets its own');
select results_eq($$ select e.*, e.tableoid::regclass::text from samsyn.access_events e where e.at < '2019-01-01' or e.at > '2093-01-01' order by e.at $$,
    $$ select a.id, a.at, a.txid, a.nonce, a.organisation_id, a.unit_id, a.user_id, a.assignment_id, a.party_ids, a.role, a.client, a.client_address, a.operation,
        a.activity, a.purpose, a.subject_ids, a.resource_ids, a.concerned_ids, a.grounds, a.disclosure_ids, a.emergency_id, a.outcome, a.code, a.request_id, a.trace_id,
        'samsyn.access_events_' || to_char(a.at at time zone 'UTC', 'YYYY_MM') from astray a order by a.at $$, 'as it was');
select is_empty('select from samsyn.astray_log_months()', 'and nothing is left behind');
select bag_eq($$ select * from samsyn.access_event_terms t where t.at < '2019-01-01' $$, 'select * from terms_astray', 'by what it is found moves along, once');
select is(samsyn.extend_access_events(), 0, 'then nothing is to do');
select is(pg_temp.begin_archive('2018-01-01'), 'the access log of 2018-01 is not wholly sealed, or events of it are missing', 'the month is like any other');
select throws_ok(format('delete from %s', t.name), '42501', null, t.name || ' is append only as before')
from unnest(array['samsyn.access_events_2018_01', 'samsyn.access_event_terms_2018_01']) t(name);
select throws_ok(format('truncate %s', p.part), '42501', null, p.part || ' is not emptied') from samsyn.log_parts('2018-01-01') p;
select pg_temp.event('astray again', '2017-01-07Z');
select throws_ok('delete from samsyn.access_events_default', '42501', null, 'nor does the default partition let anything go');
select is((select count(*) from pg_class c where c.oid in (select p.part from samsyn.log_parts('2018-01-01') p) and c.relrowsecurity and c.relforcerowsecurity
    and c.relowner = 'samsyn_owner'::regrole), 4::bigint, 'the partitions are closed');
select bag_eq($$ select pg_get_indexdef(i.indexrelid) from pg_index i where i.indrelid = 'samsyn.access_events_2018_01'::regclass $$,
    $$ select replace(pg_get_indexdef(i.indexrelid), '2020_11', '2018_01') from pg_index i where i.indrelid = 'samsyn.access_events_2020_11'::regclass $$, 'and have the indexes of any other');

-- Checks of the log ----------------------------------------------------------------------------------------------------

create function pg_temp.check_of(called text, since timestamptz, until timestamptz) returns void language sql as $$
    insert into samsyn.review_campaigns (id, organisation_id, title, since, until, scope, seed, created_by)
    values (fixture.id(called), fixture.id('social'), called, since, until, 'own-staff', 'seed', fixture.id('social-auditor'));
    insert into samsyn.review_campaign_rules (campaign_id, code, rule_id)
    select fixture.id(called), 'MANY_SUBJECTS', r.id from samsyn.review_rules r where r.code = 'MANY_SUBJECTS' $$;
create function pg_temp.finding(called text, campaign text, first timestamptz, last timestamptz) returns void language sql as $$
    insert into samsyn.review_findings (id, campaign_id, organisation_id, code, key, user_id, concerned_user_ids, subject_ids, all_subject_ids, event_ids, events, count,
        first_at, last_at, figures, published)
    values (fixture.id(called), fixture.id(campaign), fixture.id('social'), 'MANY_SUBJECTS', called, fixture.id('user:social-worker'), '{}', '{}', '{}', '{}', 1, 1,
        first, last, '{}', true);
    insert into samsyn.finding_reviews (id, finding_id, outcome, comment, reviewed_by)
    values (fixture.id('review of ' || called), fixture.id(called), 'JUSTIFIED', 'Words', fixture.id('social-auditor')) $$;
create function pg_temp.checks() returns setof text language sql as $$
    select c.title from samsyn.review_campaigns c union all select f.key from samsyn.review_findings f
    union all select f.key || ', reviewed' from samsyn.finding_reviews v join samsyn.review_findings f on f.id = v.finding_id $$;
select pg_temp.check_of('check of both', '2020-11-15Z', '2020-12-15Z'), pg_temp.check_of('check of December', '2020-12-01Z', '2021-01-01Z'),
    pg_temp.check_of('check up to now', '2020-12-15Z', samsyn.now());
select pg_temp.event('later', '2025-12-15Z');
select pg_temp.finding('in November', 'check of both', '2020-11-20Z', '2020-11-20Z'), pg_temp.finding('in both', 'check of both', '2020-11-30Z', '2020-12-01Z'),
    pg_temp.finding('in December', 'check of December', '2020-12-31Z', '2020-12-31Z'), pg_temp.finding('since December', 'check up to now', '2020-12-31Z', '2025-12-15Z');

-- Reading it -------------------------------------------------------------------------------------------------------------

select is(pg_temp.begin_archive('2020-11-01'), '3', 'an archive of it can begin');
select results_eq($$ select e.operation, e.activity, e.role, e.organisation_id, e.concerned_ids from samsyn.access_events e where e.operation = 'archiveAccessLog' $$,
    $$ values ('archiveAccessLog', 'export', 'samsyn_retention', null::uuid, array(select unnest(array[fixture.id('school'), fixture.id('social')]) order by 1)) $$,
    'which is logged, for the auditors of all who acted or were concerned');
select is(fixture.as_retention($$ select array_agg(r.index || ' ' || (r.event).operation) from samsyn.log_month_rows('2020-11-01', 0, 2) r $$), '{"1 x","3 x"}', 'its rows come by their leaves');

-- Removing it ------------------------------------------------------------------------------------------------------------

select throws_ok($$ select samsyn.remove_log_month('2020-11-01', 3, 6, decode(repeat('a7', 32), 'hex')) $$, '42501', 'only samsyn_retention removes months of the log', 'not even a superuser by the way');
select is(pg_temp.remove('2020-11-01', 2), 'the month has 3 events and the archive 2', 'an archive of another number of events removes nothing');
select ok(not has_function_privilege('samsyn_api', oid, 'execute'), 'the server has nothing to do with ' || proname)
from pg_proc where pronamespace = 'samsyn'::regnamespace and proname in ('remove_log_month', 'log_month_rows', 'begin_log_archive', 'closed_log_month', 'log_of_log', 'log_parts');
set local role samsyn_api;
select throws_ok('drop table samsyn.access_events_2020_11', '42501', null, 'the server drops no month');
select throws_ok('alter table samsyn.access_events detach partition samsyn.access_events_2020_11', '42501', null, 'nor detaches one');
set local role samsyn_retention;
select throws_ok('drop table samsyn.access_events_2020_11', '42501', null, 'nor does who culls, on their own');
select throws_ok('alter table samsyn.access_events detach partition samsyn.access_events_2020_11', '42501', null, 'nor detach');
select throws_ok('delete from samsyn.access_events', '42501', null, 'nor remove single rows');
select throws_ok('insert into samsyn.log_archives (id) values (null)', '42501', null, 'nor say that a month was archived');
reset role;

insert into samsyn.legal_holds (id, case_id, organisation_id, reason, placed_by) values (fixture.id('hold'), fixture.id('case'), fixture.id('social'), 'Dispute', fixture.id('social-worker'));
select is(pg_temp.remove('2020-11-01', 3), 'a legal hold keeps the access log of 2020-11: it tells of a case that is held', 'a hold keeps what tells of the case or the child');
select ok('2020-11 3 held' in (select pg_temp.months()), 'which the list says');
select is(pg_temp.begin_archive('2020-11-01'), '3', 'which can be archived');
select is(fixture.as_retention($$ select samsyn.remove_log_month('2020-12-01', 3, 6, decode(repeat('b7', 32), 'hex')) $$), 'true', 'and no other month');
select bag_eq('select pg_temp.checks()', array['check of both', 'check up to now', 'in November', 'in November, reviewed', 'in both', 'in both, reviewed',
    'since December', 'since December, reviewed'], 'with a month go what was found in it and the checks of it alone, and nothing that tells of a month that is there');
update samsyn.legal_holds set released_at = samsyn.now(), release_reason = 'Over' where id = fixture.id('hold');

select throws_ok('delete from samsyn.log_entries', '42501', null, 'single rows are removed by nobody');
select is(pg_temp.parts('2020-11-01'), (select count(*) from samsyn.log_parts('2020-11-01')), 'before, each table has a partition of the month');
select is(pg_temp.remove('2020-11-01', 3), 'true', 'it is removed');
select is(pg_temp.parts('2020-11-01'), 0::bigint, 'and then none has');
select bag_eq('select pg_temp.checks()', array['check up to now', 'since December', 'since December, reviewed'], 'nor does a check outlive the log that it is of');
select is_empty($$ select e.id from samsyn.access_events e where e.at between '2020-01-01' and '2021-01-01'
    union all select k.id from samsyn.access_event_concerns k where k.at between '2020-01-01' and '2021-01-01'
    union all select l.id from samsyn.log_entries l where l.at between '2020-01-01' and '2021-01-01' $$, 'nothing of it is left');
select results_eq($$ select id, month, events, indexes, tree_size, removed_by from samsyn.log_archives order by month $$,
    $$ values ('a7a7a7a7-a7a7-87a7-a7a7-a7a7a7a7a7a7'::uuid, date '2020-11-01', 3::bigint, '{[0,2),[3,4)}'::int8multirange, 6::bigint, 'samsyn_retention'),
        ('b7b7b7b7-b7b7-87b7-b7b7-b7b7b7b7b7b7', '2020-12-01', 3, '{[2,3),[4,6)}', 6, 'samsyn_retention') $$,
    'but which entries it had, and in which archive they are');
select results_eq($$ select e.activity, e.resource_ids, e.concerned_ids from samsyn.access_events e where e.operation = 'removeAccessLog' order by e.id desc limit 1 $$,
    $$ values ('cull', array['a7a7a7a7-a7a7-87a7-a7a7-a7a7a7a7a7a7'::uuid], array(select unnest(array[fixture.id('school'), fixture.id('social')]) order by 1)) $$,
    'the removal is itself in the log');
select ok('2020-11 3 removed ' || repeat('a7', 32) in (select pg_temp.months()), 'which the list tells, with the archive');
select is(pg_temp.begin_archive('2020-11-01'), 'the access log of 2020-11 has been removed', 'once');
select is(pg_temp.remove('2020-11-01', 3), 'the access log of 2020-11 has been removed', 'and for all');
select throws_ok('update samsyn.log_archives set events = 7', '42501', null, 'what was removed is never altered');
select throws_ok('delete from samsyn.log_archives', '42501', null, 'nor forgotten');
select throws_ok('truncate samsyn.log_archives', '42501', null, 'nor all at once');

select * from finish();
rollback;
