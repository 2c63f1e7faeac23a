-- Time limits: how they are counted, whose wording holds, how they are extended and met, and who sees them.
begin;
\ir support/fixture.sql
select no_plan();

-- Counting ---------------------------------------------------------------------------------------------------------------

create function pg_temp.local(moment text) returns timestamptz language sql as $$ select moment::timestamp at time zone 'Europe/Stockholm' $$;

select is(samsyn.due_on(pg_temp.local(started), duration), due, started || ' ' || duration || ': ' || why)
from (values
    ('2026-10-31 10:00', 'P4M', date '2027-02-28', 'a month without that day ends on its last'),
    ('2027-10-31 10:00', 'P4M', '2028-02-29', 'which is the 29th in a leap year'),
    ('2026-10-28 10:00', 'P4M', '2027-02-28', 'the same number where there is one'),
    ('2026-08-31 10:00', 'P1M', '2026-09-30', 'thirty days'),
    ('2027-01-29 10:00', 'P1M', '2027-02-28', 'a short February'),
    ('2028-01-29 10:00', 'P1M', '2028-02-29', 'a long February'),
    ('2028-02-29 10:00', 'P1Y', '2029-02-28', 'a year from a leap day'),
    ('2028-02-29 10:00', 'P2Y', '2030-02-28', 'two'),
    ('2028-02-29 10:00', 'P4Y', '2032-02-29', 'four'),
    ('2099-12-31 10:00', 'P2M', '2100-02-28', 'a century that is no leap year'),
    ('2026-12-24 10:00', 'P14D', '2027-01-07', 'across the year'),
    ('2026-11-21 10:00', 'P4W', '2026-12-19', 'weeks are seven days'),
    ('2026-11-21 10:00', 'P0D', '2026-11-21', 'the same calendar day'),
    ('2026-11-21 10:00', 'immediately', '2026-11-21', 'at once is the same legal day'),
    ('2026-11-21 23:59:59.999', 'immediately', '2026-11-21', 'also in its last moment'),
    ('2026-06-15 23:30', 'P14D', '2026-06-29', 'half an hour before midnight, summer'),
    ('2026-06-16 00:30', 'P14D', '2026-06-30', 'half an hour after it is the next day, though the day before in UTC'),
    ('2026-12-31 23:30', 'P1M', '2027-01-31', 'half an hour before midnight, winter'),
    ('2027-01-01 00:30', 'P1M', '2027-02-01', 'half an hour after it'),
    ('2026-03-28 23:30', 'P14D', '2026-04-11', 'the evening before the clocks go forward'),
    ('2026-03-29 00:30', 'P14D', '2026-04-12', 'the night in which they do'),
    ('2026-03-20 12:00', 'P14D', '2026-04-03', 'across it'),
    ('2026-10-24 23:30', 'P14D', '2026-11-07', 'the evening before they go back'),
    ('2026-10-25 02:30', 'P14D', '2026-11-08', 'the hour that comes twice'),
    ('2026-10-20 12:00', 'P14D', '2026-11-03', 'across it'),
    ('2026-11-20 22:00', 'PT72H', '2026-11-23', 'hours'),
    ('2026-10-24 12:00', 'PT24H', '2026-10-25', 'hours are elapsed time')
) given(started, duration, due, why);

select is(samsyn.due_at(pg_temp.local(started), duration), instant::timestamptz, started || ' ' || duration || ' has passed at ' || instant)
from (values
    ('2026-11-21 10:00', 'P14D', '2026-12-06 00:00+01'),
    ('2026-11-21 10:00', 'immediately', '2026-11-22 00:00+01'),
    ('2026-06-01 10:00', 'P14D', '2026-06-16 00:00+02'),
    ('2026-03-15 10:00', 'P14D', '2026-03-30 00:00+02'),
    ('2026-10-11 10:00', 'P14D', '2026-10-26 00:00+01'),
    ('2026-10-24 12:00', 'PT72H', '2026-10-27 11:00+01'),
    ('2026-03-28 12:00', 'PT72H', '2026-03-31 13:00+02')
) given(started, duration, instant);

-- The same counted by hand: from month to month, with the length of each by the rule of the calendar.
create function pg_temp.days_in(year int, month int) returns int language sql as $$
    select case when month in (4, 6, 9, 11) then 30 when month <> 2 then 31
        when year % 400 = 0 or (year % 4 = 0 and year % 100 <> 0) then 29 else 28 end
$$;
create function pg_temp.count_months(year int, month int, day int, months int) returns text language plpgsql as $$
begin
    for step in 1..months loop
        month := month + 1;
        if month = 13 then
            month := 1;
            year := year + 1;
        end if;
    end loop;
    return lpad(year::text, 4, '0') || '-' || lpad(month::text, 2, '0') || '-' || lpad(least(day, pg_temp.days_in(year, month))::text, 2, '0');
end
$$;
create function pg_temp.count_days(year int, month int, day int, days int) returns text language plpgsql as $$
begin
    for step in 1..days loop
        day := day + 1;
        if day > pg_temp.days_in(year, month) then
            day := 1;
            month := month + 1;
            if month = 13 then
                month := 1;
                year := year + 1;
            end if;
        end if;
    end loop;
    return lpad(year::text, 4, '0') || '-' || lpad(month::text, 2, '0') || '-' || lpad(day::text, 2, '0');
end
$$;
create temp table situations as
select y as year, m as month, 1 + floor(random() * pg_temp.days_in(y, m))::int as day, floor(random() * 1440)::int as minute,
    floor(random() * 37)::int as n
from (select 1990 + floor(random() * 130)::int as y, 1 + floor(random() * 12)::int as m from generate_series(1, 3000)) r;
create temp view moments as
select s.*, pg_temp.local(format('%s-%s-%s 00:00', year, month, day)) + make_interval(mins => minute) as started from situations s;
-- A day of 23 hours ends before its last minutes: those are the next one's.
create temp view placed as
select m.* from moments m where (m.started at time zone 'Europe/Stockholm')::date::text = format('%s-%s-%s', year, lpad(month::text, 2, '0'), lpad(day::text, 2, '0'));
select cmp_ok((select count(*) from placed), '>', 2900::bigint, 'there are random situations to count');
select is_empty($$ select * from placed where samsyn.due_on(started, 'P' || n || 'M')::text <> pg_temp.count_months(year, month, day, n) $$, 'months, as counted by hand');
select is_empty($$ select * from placed where samsyn.due_on(started, 'P' || n || 'Y')::text <> pg_temp.count_months(year, month, day, 12 * n) $$, 'years');
select is_empty($$ select * from placed where samsyn.due_on(started, 'P' || n || 'W')::text <> pg_temp.count_days(year, month, day, 7 * n) $$, 'weeks');
select is_empty($$ select * from placed where samsyn.due_on(started, 'P' || n || 'D')::text <> pg_temp.count_days(year, month, day, n) $$, 'days');
select is_empty($$ select * from placed where samsyn.due_on(started, 'PT' || n || 'H') <> samsyn.legal_day(started + n * interval '3600 seconds') $$, 'hours');
select is_empty($$ select * from placed, unnest(array['P4M', 'P14D', 'P1Y', 'immediately']) duration
    where samsyn.legal_day(samsyn.due_at(started, duration) - interval '1 microsecond') <> samsyn.due_on(started, duration)
        or samsyn.legal_day(samsyn.due_at(started, duration)) <> samsyn.due_on(started, duration) + 1 $$, 'the due day lasts until midnight in Sweden and no longer');

-- Rules ------------------------------------------------------------------------------------------------------------------

insert into samsyn.deadline_rules (code, valid_from, valid_until, provision, trigger_event, duration, statute_word, extension, responsible) values
    ('TEST_LIMIT', '2020-01-01', '2026-06-30', 'Old 1 §', 'Something', 'P14D', 'inom fjorton dagar', 'none', 'SCHOOL'),
    ('TEST_LIMIT', '2026-07-01', null, 'New 2 §', 'Something', 'P4M', 'inom fyra månader', 'for special reasons', 'SCHOOL'),
    ('TEST_HOURS', '2020-01-01', null, 'Act 3 §', 'Something', 'PT72H', null, 'none; ends earlier', 'SCHOOL');

create function pg_temp.start(called text, rule text, moment text, resource text, the_case text default 'case') returns void language sql as $$
    select samsyn.start_deadline(rule, fixture.id(resource), fixture.id(the_case), null, null, pg_temp.local(moment))
$$;
create function pg_temp.deadline(resource text) returns samsyn.deadlines language sql as $$
    select d from samsyn.deadlines d where d.resource_id = fixture.id(resource)
$$;
create function pg_temp.state(resource text) returns text language sql as $$
    select samsyn.deadline_state((d).due_at, (d).extended_until, (d).met_at) from pg_temp.deadline(resource) d
$$;

select fixture.act('social-worker');
select pg_temp.start('old', 'TEST_LIMIT', '2026-06-30 23:30', 'old thing');
select pg_temp.start('new', 'TEST_LIMIT', '2026-07-01 00:30', 'new thing');
select results_eq($$ select (d).provision, (d).due_on from pg_temp.deadline('old thing') d $$, $$ values ('Old 1 §', date '2026-07-14') $$,
    'the wording of the legal day on which it started counts');
select results_eq($$ select (d).provision, (d).due_on from pg_temp.deadline('new thing') d $$, $$ values ('New 2 §', date '2026-11-01') $$,
    'an hour later another one');
select throws_ok($$ select pg_temp.start('x', 'TEST_LIMIT', '2019-12-31 12:00', 'thing') $$, 'SA001', 'INVALID_REFERENCE', 'a rule that did not hold then starts nothing');
select throws_ok($$ select pg_temp.start('x', 'NO_SUCH_RULE', '2026-12-31 12:00', 'thing') $$, 'SA001', 'INVALID_REFERENCE', 'nor does an unknown one');
select throws_ok($$ select pg_temp.start('x', null, '2026-12-31 12:00', 'thing') $$, 'SA001', 'INVALID_REFERENCE', 'nor none');
update samsyn.deadline_rules set provision = 'Changed' where code = 'TEST_LIMIT';
select is((pg_temp.deadline('new thing')).provision, 'New 2 §', 'a later change of the rule leaves it as it read');
select results_eq($$ select (d).organisation_id, (d).unit_id, (d).subject_id, (d).created_by from pg_temp.deadline('new thing') d $$,
    $$ values (fixture.id('social'), fixture.id('social-unit'), fixture.id('alva'), fixture.id('social-worker')) $$, 'it runs for the principal''s unit, about the subject of the case');
select lives_ok($$ select samsyn.start_deadline('TEST_HOURS', fixture.id('report'), null, fixture.id('alva'), fixture.id('school-unit'), now()) $$, 'or for the unit that is named');
select results_eq($$ select (d).organisation_id, (d).unit_id, (d).case_id from pg_temp.deadline('report') d $$,
    $$ values (fixture.id('school'), fixture.id('school-unit'), null::uuid) $$, 'with the organisation of that unit, without a case');
select lives_ok($$ select samsyn.start_dated_deadline(null, 'Send the plan', fixture.id('plan'), fixture.id('case'), null, null, date '2026-12-24') $$, 'people set a day with a label');
select results_eq($$ select (d).label, (d).provision, (d).due_on, (d).due_at from pg_temp.deadline('plan') d $$,
    $$ values ('Send the plan', null::text, date '2026-12-24', timestamptz '2026-12-25 00:00+01') $$, 'which lasts to the end of it');
select lives_ok($$ select samsyn.start_dated_deadline('TEST_LIMIT', 'Answer', fixture.id('request'), fixture.id('case'), null, null, date '2026-12-24') $$, 'also under a rule');
select results_eq($$ select (d).provision, (d).due_on from pg_temp.deadline('request') d $$, $$ values ('Changed', date '2026-12-24') $$, 'whose provision it shows');
select throws_ok($$ select samsyn.start_dated_deadline(null, null, fixture.id('x'), null, null, null, date '2026-12-24') $$, '23514', null, 'but not without a name');

-- State, extension, completion -------------------------------------------------------------------------------------------

select fixture.clock('2026-11-01 23:59:59.999+01');
select is(pg_temp.state('new thing'), 'running', 'it runs to the last moment of its day');
select fixture.clock('2026-11-02 00:00:00+01');
select is(pg_temp.state('new thing'), 'late', 'and is late from midnight in Sweden');
select fixture.clock('2026-10-15 12:00+02');
select lives_ok($$ select samsyn.extend_deadline('TEST_LIMIT', fixture.id('new thing'), '2026-11-30', 'Awaited statement') $$, 'a decision extends it');
select is(pg_temp.state('new thing'), 'extended', 'and it says so');
select results_eq($$ select (d).due_on, (d).extended_until, (d).due_at from pg_temp.deadline('new thing') d $$,
    $$ values (date '2026-11-01', date '2026-11-30', timestamptz '2026-12-01 00:00+01') $$, 'the first day is kept beside the one that holds');
select throws_ok($$ select samsyn.extend_deadline('TEST_LIMIT', fixture.id('new thing'), '2026-11-30', 'Again') $$, 'SA001', 'UNPROCESSABLE', 'not to the same day');
select throws_ok($$ select samsyn.extend_deadline('TEST_LIMIT', fixture.id('new thing'), '2026-11-29', 'Shorter') $$, 'SA001', 'UNPROCESSABLE', 'nor to an earlier one');
select lives_ok($$ select samsyn.extend_deadline('TEST_LIMIT', fixture.id('new thing'), '2027-01-31', 'Still awaited') $$, 'again to a later one');
select bag_eq($$ select x.until, x.reason from samsyn.deadline_extensions x where x.deadline_id = (pg_temp.deadline('new thing')).id $$,
    $$ values (date '2026-11-30', 'Awaited statement'), ('2027-01-31', 'Still awaited') $$, 'each decision is kept');
select throws_ok($$ select samsyn.extend_deadline('TEST_LIMIT', fixture.id('old thing'), '2027-01-31', 'Reason') $$, 'SA001', 'UNPROCESSABLE', 'where the rule knows of no extension there is none');
select throws_ok($$ select samsyn.extend_deadline('TEST_HOURS', fixture.id('report'), '2027-01-31', 'Reason') $$, 'SA001', 'UNPROCESSABLE', 'also where it says more than that');
select throws_ok($$ select samsyn.extend_deadline('TEST_LIMIT', fixture.id('nothing'), '2027-01-31', 'Reason') $$, 'SA001', 'CONFLICT', 'what does not run is not extended');
select lives_ok($$ select samsyn.extend_deadline(null, fixture.id('plan'), '2026-12-31', 'Christmas') $$, 'a day that people set they may move');
select throws_ok($$ update samsyn.deadline_extensions set reason = 'Other' $$, '42501', null, 'a decision is not changed');
select throws_ok($$ delete from samsyn.deadline_extensions $$, '42501', null, 'nor removed');

select fixture.clock('2027-01-31 23:59+01');
select samsyn.meet_deadlines('OTHER_RULE', fixture.id('new thing'));
select is(pg_temp.state('new thing'), 'extended', 'another rule''s completion is not its own');
select samsyn.meet_deadlines('TEST_LIMIT', fixture.id('new thing'));
select is(pg_temp.state('new thing'), 'met', 'done is met');
select is((pg_temp.deadline('new thing')).met_by, fixture.id('social-worker'), 'by whom');
select throws_ok($$ select samsyn.extend_deadline('TEST_LIMIT', fixture.id('new thing'), '2027-05-31', 'Reason') $$, 'SA001', 'CONFLICT', 'what is met is not extended');
select is((select body ->> 'metLate' from api.deadlines where resource = (pg_temp.deadline('new thing')).id), 'false', 'in time');
select samsyn.meet_deadlines(null, fixture.id('old thing'));
select is((select body ->> 'metLate' from api.deadlines where resource = (pg_temp.deadline('old thing')).id), 'true', 'or late, which stays visible');
select is((select body ->> 'daysLeft' from api.deadlines where resource = (pg_temp.deadline('plan')).id), '-31', 'days are counted to the day that holds');

-- Who sees them ----------------------------------------------------------------------------------------------------------

-- Social services have four on the case, the school one of its own on it and one of its unit.
select fixture.act('school-worker');
select pg_temp.start('theirs', 'TEST_HOURS', '2026-11-21 12:00', 'task');
create function pg_temp.sees(assignment text) returns text language sql as $$
    select fixture.attempt(assignment, 'select from samsyn.deadlines')
$$;
select is(pg_temp.sees('social-worker'), '4 rows', 'who works on the case sees what runs for their organisation');
select is(pg_temp.sees('social-manager'), '4 rows', 'and who leads the unit');
select is(pg_temp.sees('social-colleague'), '0 rows', 'a colleague without a relation does not');
select is(pg_temp.sees('social-other-manager'), '0 rows', 'nor another unit''s manager');
select is(pg_temp.sees('school-worker'), '2 rows', 'another participant sees its own, and its unit''s without a case');
select is(pg_temp.sees('school-colleague'), '1 row', 'which the unit sees');
select is(pg_temp.sees('clinic-manager'), '0 rows', 'strangers see nothing');
select is(pg_temp.sees('social-auditor'), '0 rows', 'nor do those whose role has no business there');
select is(fixture.attempt('school-worker', $$ select from samsyn.deadline_extensions $$), '0 rows', 'extensions follow their deadlines');
select is(fixture.attempt('social-worker', $$ select from samsyn.deadline_extensions $$), '3 rows', 'for those who see them');
select is(fixture.attempt('social-worker', $$ update samsyn.deadlines set met_at = samsyn.now() $$), '4 rows', 'a case worker meets those they see');
select is(fixture.attempt('school-manager', $$ update samsyn.deadlines set met_at = samsyn.now() where organisation_id <> samsyn.organisation() $$), '0 rows', 'and nobody another organisation''s');
select is(fixture.attempt('social-worker', $$ update samsyn.deadlines set due_on = '2030-01-01' $$), '42501', 'the due day is nobody''s to write');
select is(fixture.attempt('social-worker', $$ delete from samsyn.deadlines $$), '42501', 'nor to remove');
select set_config('test.plan', (pg_temp.deadline('plan')).id::text, true);
select is(fixture.attempt('school-manager', $$ insert into samsyn.deadline_extensions (id, deadline_id, until, reason, decided_at, decided_by)
    select samsyn.uuid7(), current_setting('test.plan')::uuid, '2030-01-01', 'Reason', now(), samsyn.assignment() $$), '42501', 'nobody extends what they do not see');
select is(fixture.attempt('social-professional', $$ select from samsyn.deadlines $$, $$ select fixture.team_member('pro', 'case', 'social-professional') $$), '4 rows', 'a professional on the team sees them');
select is(fixture.attempt('social-professional', $$ update samsyn.deadlines set met_at = samsyn.now() $$, $$ select fixture.team_member('pro', 'case', 'social-professional') $$), '0 rows', 'and changes none');

select * from finish();
rollback;
