-- Statistics of the access log: counted days and days that are not say the same, and the few are told to few.
begin;
\ir support/fixture.sql
select no_plan();

set local session_replication_role = replica;
create function pg_temp.events(reader text, moment timestamptz, times integer, the_activity text default 'read', the_outcome text default 'allowed', child text default 'alva')
    returns void language sql as $$
    insert into samsyn.access_events (id, at, organisation_id, unit_id, user_id, operation, activity, subject_ids, resource_ids, concerned_ids, grounds, disclosure_ids, outcome, code)
    select samsyn.uuid7(), moment, a.organisation_id, a.unit_id, a.user_id, 'x', the_activity, array[fixture.id(child)], '{}', '{}', '{}', '{}', the_outcome,
        case the_outcome when 'denied' then 'NOT_FOUND' end
    from samsyn.assignments a, generate_series(1, times) where a.id = fixture.id(reader)
$$;
set local session_replication_role = origin;

-- Around midnight in Sweden in winter, in summer, and on both days on which the clock is changed.
select pg_temp.events('social-worker', '2026-01-10 22:59:59Z', 7), pg_temp.events('social-worker', '2026-01-10 23:00:00Z', 6, 'write'),
    pg_temp.events('social-other-manager', '2026-01-10 12:00Z', 4), pg_temp.events('social-worker', '2026-01-11 12:00Z', 3, 'read', 'denied'),
    pg_temp.events('social-worker', '2026-07-01 21:59:59Z', 5), pg_temp.events('social-worker', '2026-07-01 22:00:00Z', 5, 'search'),
    pg_temp.events('social-worker', '2026-03-29 21:59:59Z', 8), pg_temp.events('social-worker', '2026-03-29 22:00:00Z', 9),
    pg_temp.events('social-worker', '2025-10-26 22:59:59Z', 8), pg_temp.events('social-worker', '2025-10-26 23:00:00Z', 9),
    pg_temp.events('school-worker', '2026-01-10 12:00Z', 50);

create function pg_temp.told(who text, since date default '2025-09-01', until date default '2026-08-01') returns setof text language plpgsql as $$
begin
    perform fixture.act(who);
    return query select a.day || ' ' || coalesce(samsyn.organisation_name(a.unit_id), '-') || ' ' || a.activity || ' ' || a.outcome || ' ' || a.events
        from samsyn.accesses_of(since, until, null, null, null) a;
end
$$;
create temp table expected as select unnest(array['2026-01-10 social-unit read allowed 7', '2026-01-11 social-unit write allowed 6', '2026-01-10 social-other-unit read allowed 4',
    '2026-01-11 social-unit read denied 3', '2026-07-01 social-unit read allowed 5', '2026-07-02 social-unit search allowed 5', '2026-03-29 social-unit read allowed 8',
    '2026-03-30 social-unit read allowed 9', '2025-10-26 social-unit read allowed 8', '2025-10-27 social-unit read allowed 9']) as line;

select bag_eq($$ select pg_temp.told('social-auditor') $$, 'select line from expected', 'by day in Sweden, unit, activity and outcome, from the log itself');
create temp table days as select samsyn.count_access(3600000) as n;
select cmp_ok((select n from days), '>', 8::bigint, 'housekeeping counts the days');
select bag_eq($$ select pg_temp.told('social-auditor') $$, 'select line from expected', 'the same from what was counted');
select is(samsyn.count_access(3600000), 0::bigint, 'each day once');
select is((select sum(events) from samsyn.access_counts where organisation_id = fixture.id('social')), 64::numeric, 'and each event');
select is_empty($$ select * from samsyn.access_counted where through >= samsyn.today() $$, 'no day that is not over');
update samsyn.access_counted set through = '2026-01-10' where organisation_id = fixture.id('social');
delete from samsyn.access_counts where organisation_id = fixture.id('social') and day > '2026-01-10';
select bag_eq($$ select pg_temp.told('social-auditor') $$, 'select line from expected', 'the same from both, where one ends and the other begins');
select bag_eq($$ select pg_temp.told('social-auditor', '2026-01-11', '2026-01-11') $$, $$ select line from expected where line ~ '^2026-01-11' $$, 'one day');
select bag_eq($$ select pg_temp.told('social-auditor', '2026-01-10', '2026-01-10') $$, $$ select line from expected where line ~ '^2026-01-10' $$, 'another');
select bag_eq($$ select pg_temp.told('school-auditor') $$, array['2026-01-10 school-unit read allowed 50'], 'each organisation its own');
select is_empty($$ select pg_temp.told('social-worker') $$, 'to those who may');

-- Small numbers --------------------------------------------------------------------------------------------------------

create function pg_temp.figures(who text) returns text language plpgsql as $$
declare
    it jsonb;
begin
    perform fixture.act(who);
    it := samsyn.access_statistics('2026-01-01', '2026-02-01', null, null, null)::jsonb;
    return concat_ws(' ', it ->> 'exact', it ->> 'total', jsonb_array_length(it -> 'days'), jsonb_array_length(it -> 'units'));
end
$$;
select is(pg_temp.figures('social-auditor'), 'true 20 3 4', 'an auditor is told all numbers');
select is(pg_temp.figures('social-manager'), 'false 13 2 2', 'a manager none under five, not in a sum either');

select pg_temp.events('social-manager', '2026-01-12 12:00Z', 9), pg_temp.events('social-worker', '2026-01-12 12:00Z', 4), pg_temp.events('social-worker', '2026-01-13 12:00Z', 5),
    pg_temp.events('social-manager', '2026-01-13 12:00Z', 9), pg_temp.events('social-worker', now(), 9);
delete from samsyn.access_counted; delete from samsyn.access_counts;
create function pg_temp.disclosable(who text) returns setof text language plpgsql as $$
begin
    perform fixture.act(who);
    return query select a.day || ' ' || a.events from samsyn.disclosable_accesses('2026-01-12', samsyn.today(), null, null, null) a where a.day in ('2026-01-12', '2026-01-13') or a.day >= samsyn.today();
end
$$;
select bag_eq($$ select pg_temp.disclosable('social-manager') $$, array['2026-01-13 14'], 'who adds to a number learns nothing of the rest, and nothing is told of today');
select bag_eq($$ select pg_temp.disclosable('social-other-manager') $$, array['2026-01-12 13', '2026-01-13 14'], 'another manager is told the sum');
select samsyn.count_access(3600000);

-- Conflicts of interest ----------------------------------------------------------------------------------------------

select pg_temp.events('social-worker', '2026-01-10 12:00Z', 2, 'read', 'allowed', 'another');
update samsyn.access_counts set events = events + 2 where day = '2026-01-10' and unit_id = fixture.id('social-unit') and activity = 'read';
insert into samsyn.exclusions (id, case_id, subject_id, organisation_id, user_id, kind, reason, declared_by)
select fixture.id('exclusion'), c.id, c.subject_id, c.organisation_id, fixture.id('user:social-auditor'), 'kinship', 'x', fixture.id('social-manager') from samsyn.cases c where c.id = fixture.id('case');
select bag_eq($$ select pg_temp.told('social-auditor', '2026-01-01', '2026-02-01') $$, array['2026-01-10 social-unit read allowed 2'], 'what is about a child is not counted for those who are excluded from it');

select fixture.act('social-auditor');
select throws_ok($$ select samsyn.access_statistics('2026-01-02', '2026-01-01', null, null, null) $$, 'SA001', 'INVALID_REQUEST', 'a period has an order');
select throws_ok($$ select samsyn.access_statistics('2025-01-01', '2026-01-02', null, null, null) $$, 'SA001', 'INVALID_REQUEST', 'and an end');
select lives_ok($$ select samsyn.access_statistics('2024-01-01', '2024-12-31', null, null, null) $$, 'a leap year is none too long');

select * from finish();
rollback;
