-- Systematic checks of the access log: what each rule finds, at and beside its threshold, and who sees it.
begin;
\ir support/fixture.sql
select no_plan();

-- Events are written past the functions, so that their time and reader can be chosen.
set local session_replication_role = replica;
create function pg_temp.event(called text, reader text, moment timestamptz, names text[], how jsonb default '{}') returns void language sql as $$
    insert into samsyn.access_events (id, at, organisation_id, unit_id, user_id, assignment_id, role, operation, activity, purpose, subject_ids,
        resource_ids, concerned_ids, grounds, disclosure_ids, emergency_id, outcome, code)
    select fixture.id(called), moment, a.organisation_id, a.unit_id, a.user_id, a.id, r.code, 'getCase', coalesce(how ->> 'activity', 'read'),
        coalesce(how ->> 'purpose', 'care'), coalesce((select array_agg(fixture.id(n)) from unnest(names) n), '{}'),
        coalesce((select array_agg(fixture.id(n.value)) from jsonb_array_elements_text(how -> 'resources') n), '{}'),
        coalesce((select array_agg(fixture.id(n.value)) from jsonb_array_elements_text(how -> 'concerned') n), '{}'), '{}', '{}',
        (how ->> 'emergency')::uuid, case when how ? 'code' then 'denied' else 'allowed' end, how ->> 'code'
    from samsyn.assignments a join samsyn.roles r on r.id = a.role_id where a.id = fixture.id(reader);
    insert into samsyn.access_event_concerns (organisation_id, at, id)
    select fixture.id(n.value), moment, fixture.id(called) from jsonb_array_elements_text(how -> 'concerned') n;
$$;
set local session_replication_role = origin;

-- A campaign over a period, run in parts of so many events; what it found as rule, reader and figure.
create function pg_temp.campaign(called text, rules text[], since timestamptz, until timestamptz, parts integer default 1000,
    scope text default 'own-staff', auditor text default 'social-auditor', seed text default 'seed', lot text default 'lot') returns void language plpgsql as $$
begin
    perform fixture.act(auditor);
    insert into samsyn.review_campaigns (id, organisation_id, title, since, until, scope, seed, lot, created_by)
    values (fixture.id(called), samsyn.organisation(), called, since, until, scope, seed, fixture.id(lot), samsyn.assignment());
    insert into samsyn.review_campaign_rules (campaign_id, code, rule_id)
    select fixture.id(called), code, (samsyn.review_rule_in_force(code)).id from unnest(rules) code;
    perform set_config('role', 'samsyn_api', true);
    for i in 1..1000 loop
        perform samsyn.run_review(fixture.id(called), parts);
        exit when (select c.run_at is not null from samsyn.review_campaigns c where c.id = fixture.id(called));
    end loop;
    perform set_config('role', 'none', true);
end
$$;
create function pg_temp.found(called text) returns setof text language sql as $$
    select f.code || ' ' || samsyn.user_name(f.user_id) || ' ' || f.count || coalesce(' ' || (f.figures ->> 'why'), '') || coalesce(' ' || (f.figures ->> 'relation'), '')
    from samsyn.review_findings f where f.campaign_id = fixture.id(called)
$$;
create function pg_temp.words(called text, swedish boolean default false) returns setof text language sql as $$
    select samsyn.explain_finding(f, r, swedish) from samsyn.review_findings f
    join samsyn.review_campaign_rules x on x.campaign_id = f.campaign_id and x.code = f.code join samsyn.review_rules r on r.id = x.rule_id
    where f.campaign_id = fixture.id(called)
$$;
create function pg_temp.rule(the_code text, of_organisation text, the_threshold integer, minutes integer default null) returns void language sql as $$
    insert into samsyn.review_rules (id, code, organisation_id, threshold, within_minutes, valid_from)
    values (samsyn.uuid7(), the_code, fixture.id(of_organisation), the_threshold, minutes, samsyn.today());
$$;

-- Rules --------------------------------------------------------------------------------------------------------------

select fixture.act('social-auditor');
select is((select count(*) from samsyn.review_rule_kinds k where (samsyn.review_rule_in_force(k.code)).organisation_id is null), 7::bigint, 'every kind has a national default');
select pg_temp.rule('MANY_SUBJECTS', 'social', 3, 10);
select is((samsyn.review_rule_in_force('MANY_SUBJECTS')).threshold, 3, 'a rule of the organisation''s own goes before it');
select fixture.act('school-auditor');
select is((samsyn.review_rule_in_force('MANY_SUBJECTS')).threshold, 100, 'there, and nowhere else');
select fixture.act('social-auditor');
select is(fixture.attempt('social-auditor', format($$ insert into samsyn.review_rules (id, code, organisation_id, %s valid_from, created_by)
    values (samsyn.uuid7(), %L, samsyn.organisation(), %s samsyn.today(), samsyn.assignment()) $$, columns, code, given)), answer, sentence)
from (values ('', 'MANY_SUBJECTS', '', 'SA001 UNPROCESSABLE', 'a rule has all its thresholds'),
    ('threshold,', 'EMERGENCY_ACCESS', '1,', 'SA001 UNPROCESSABLE', 'and none that are not its own'),
    ('sample_size, per_mille,', 'RANDOM_SAMPLE', '1, 1,', 'SA001 UNPROCESSABLE', 'a sample is of a size or of a share'),
    ('', 'RANDOM_SAMPLE', '', 'SA001 UNPROCESSABLE', 'and not of neither'),
    ('per_mille,', 'RANDOM_SAMPLE', '5,', '1 row', 'of a share is right'),
    ('threshold, within_minutes,', 'MANY_SUBJECTS', '9, 9,', '23505', 'one of a kind and first day')) t(columns, code, given, answer, sentence);
select is(fixture.attempt('social-auditor', $$ update samsyn.review_rules set ended_at = now() where organisation_id is null $$), '0 rows', 'nobody ends what holds everywhere');

-- A sample -----------------------------------------------------------------------------------------------------------

select pg_temp.event('sample ' || n, 'social-worker', timestamptz '2026-03-02 10:00+01' + n * interval '1 minute', '{alva}') from generate_series(1, 120) n;
select pg_temp.event('sample of nobody', 'social-worker', '2026-03-02 10:00:30+01', '{}'), pg_temp.event('sample denied', 'social-worker', '2026-03-02 10:00:40+01', '{alva}', '{"code": "NOT_FOUND"}'),
    pg_temp.event('sample elsewhere', 'school-worker', '2026-03-02 10:00:50+01', '{alva}');
select pg_temp.campaign('drawn', '{RANDOM_SAMPLE}', '2026-03-02', '2026-03-03'), pg_temp.campaign('drawn in parts', '{RANDOM_SAMPLE}', '2026-03-02', '2026-03-03', 7);
create temp table expected_sample as select e.id from samsyn.access_events e
where e.at between '2026-03-02' and '2026-03-03' and e.outcome = 'allowed' and e.subject_ids <> '{}' and e.organisation_id = fixture.id('social')
order by sha256(convert_to('seed' || fixture.id('lot') || e.id, 'UTF8')) limit 50;
select bag_eq($$ select f.event_ids[1] from samsyn.review_findings f where f.campaign_id = fixture.id('drawn') $$, 'select id from expected_sample', 'anybody can draw the same sample again');
select bag_eq($$ select f.event_ids[1] from samsyn.review_findings f where f.campaign_id = fixture.id('drawn in parts') $$, 'select id from expected_sample', 'in how many parts soever');
select is((select population from samsyn.review_campaign_rules where campaign_id = fixture.id('drawn in parts')), 120::bigint, 'among the readings of somebody by the own staff');
select is((select examined from samsyn.review_campaigns where id = fixture.id('drawn in parts')), 122::bigint, 'of all that they did');
select ok('Random sample: number 1 of 50 drawn from the 120 readings of the period, in the order of SHA-256 over the campaign''s seed, its lot and the event''s id.' in (select pg_temp.words('drawn')), 'in words');
select pg_temp.campaign('drawn otherwise', '{RANDOM_SAMPLE}', '2026-03-02', '2026-03-03', seed => 'another');
select isnt((select array_agg(f.key order by f.key) from samsyn.review_findings f where f.campaign_id = fixture.id('drawn otherwise')),
    (select array_agg(id::text order by id::text) from expected_sample), 'another seed draws another');
select pg_temp.campaign('drawn by another lot', '{RANDOM_SAMPLE}', '2026-03-02', '2026-03-03', lot => 'another');
select isnt((select array_agg(f.key order by f.key) from samsyn.review_findings f where f.campaign_id = fixture.id('drawn by another lot')),
    (select array_agg(id::text order by id::text) from expected_sample), 'and so does another lot');
select fixture.act('social-auditor');
insert into samsyn.review_rules (id, code, organisation_id, per_mille, valid_from) values (samsyn.uuid7(), 'RANDOM_SAMPLE', fixture.id('social'), 30, samsyn.today());
select pg_temp.campaign('share', '{RANDOM_SAMPLE}', '2026-03-02', '2026-03-03', 11);
select is((select count(*) from samsyn.review_findings f where f.campaign_id = fixture.id('share')), 4::bigint, 'thirty of a thousand of 120 are four');

-- Many persons -------------------------------------------------------------------------------------------------------

select pg_temp.event('many ' || n, 'social-worker', timestamptz '2026-03-03 10:00+01' + at, array[name])
from (values (1, interval '0', 'a'), (2, '5 min', 'b'), (3, '6 min', 'a'), (4, '9 min 59 s', 'c'), -- three within ten minutes
    (11, '60 min', 'a'), (12, '65 min', 'b'), (13, '70 min', 'c'),                                -- three in ten minutes and no less
    (21, '90 min', 'a'), (22, '91 min', 'a'), (23, '92 min', 'b'), (24, '93 min', 'b')) t(n, at, name);
select pg_temp.event('many by another ' || n, 'social-colleague', timestamptz '2026-03-03 10:00+01' + n * interval '10 min', array['x' || n]) from generate_series(1, 5) n;
select pg_temp.event('many audited ' || n, 'social-auditor', timestamptz '2026-03-03 10:00+01' + n * interval '1 s', array['x' || n], '{"purpose": "audit"}') from generate_series(1, 5) n;
select pg_temp.campaign('many', '{MANY_SUBJECTS}', '2026-03-03', '2026-03-04');
select results_eq($$ select pg_temp.found('many') $$, array['MANY_SUBJECTS social-worker 3'], 'so many different persons in so many minutes');
select pg_temp.campaign('many in parts', '{MANY_SUBJECTS}', '2026-03-03', '2026-03-04', 1);
select results_eq($$ select pg_temp.found('many in parts') $$, array['MANY_SUBJECTS social-worker 3'], 'a burst across parts is found whole');
select results_eq($$ select cardinality(f.subject_ids), f.events, f.first_at, f.last_at from samsyn.review_findings f where f.campaign_id = fixture.id('many in parts') $$,
    $$ values (3, 4, timestamptz '2026-03-03 10:00+01', timestamptz '2026-03-03 10:09:59+01') $$, 'with its events and persons');
select results_eq($$ select pg_temp.words('many') $$, array['3 different persons read within 10 minutes, most of them at 2026-03-03 10:09; the threshold is 3.'], 'in words');
select results_eq($$ select pg_temp.words('many', true) $$, array['3 olika personer lästa inom 10 minuter, som mest kl. 2026-03-03 10:09; gränsen är 3.'], 'in Swedish, too');
select pg_temp.campaign('many later', '{MANY_SUBJECTS}', '2026-03-03 10:30+01', '2026-03-04');
select is_empty($$ select pg_temp.found('many later') $$, 'one less, or a moment later, is no finding');

-- Hours --------------------------------------------------------------------------------------------------------------

select pg_temp.event('hours ' || called, reader, moment, '{alva}')
from (values ('winter 05:59', 'social-worker', timestamptz '2026-03-27 04:59:59Z'), ('winter 06:00', 'social-colleague', '2026-03-27 05:00:00Z'),
    ('winter 19:59', 'social-colleague', '2026-03-27 18:59:59Z'), ('winter 20:00', 'social-manager', '2026-03-27 19:00:00Z'),
    ('saturday', 'social-professional', '2026-03-28 11:00:00Z'),
    ('summer 05:59', 'social-worker', '2026-03-30 03:59:59Z'), ('summer 06:00', 'social-colleague', '2026-03-30 04:00:00Z'),
    ('summer 19:59', 'social-colleague', '2026-03-30 17:59:59Z'), ('summer 20:00', 'social-manager', '2026-03-30 18:00:00Z')) t(called, reader, moment);
select pg_temp.campaign('hours', '{OUT_OF_HOURS}', '2026-03-27', '2026-03-31', 2);
select bag_eq($$ select samsyn.user_name(user_id) || ' ' || (figures ->> 'day') from samsyn.review_findings where campaign_id = fixture.id('hours') $$,
    array['social-worker 2026-03-27', 'social-manager 2026-03-27', 'social-professional 2026-03-28', 'social-worker 2026-03-30', 'social-manager 2026-03-30'],
    'by the clock in Sweden, before and after it was put forward');
select ok('1 readings on 2026-03-28 outside 06:00–20:00 on the weekdays 1, 2, 3, 4, 5 (1 is Monday) that are not public holidays, by the clock in Sweden; the threshold is 1.' in (select pg_temp.words('hours')), 'in words');

select pg_temp.event('holiday ' || reader || moment, reader, moment, '{alva}')
from (values ('social-worker', timestamptz '2026-04-03 11:00+02'), ('social-worker', '2026-05-14 11:00+02'), ('social-manager', '2026-05-13 23:30Z'), ('social-colleague', '2026-05-15 11:00+02'),
    ('social-worker', '2026-12-24 11:00+01'), ('social-manager', '2025-12-31 11:00+01'), ('social-manager', '2025-12-31 23:30Z')) t(reader, moment);
create function pg_temp.days(called text) returns setof text language sql as $$
    select samsyn.user_name(user_id) || ' ' || (figures ->> 'day') from samsyn.review_findings where campaign_id = fixture.id(called) $$;
select pg_temp.campaign('holidays', '{OUT_OF_HOURS}', '2026-04-03', '2026-12-31', 1);
select bag_eq($$ select pg_temp.days('holidays') $$, array['social-worker 2026-04-03', 'social-worker 2026-05-14', 'social-manager 2026-05-14'], 'public holidays are free, by the day in Sweden, and eves are not');
select ok('1 readings on 2026-05-14 (Ascension Day) outside 06:00–20:00 on the weekdays 1, 2, 3, 4, 5 (1 is Monday) that are not public holidays, by the clock in Sweden; the threshold is 1.' in (select pg_temp.words('holidays')), 'which the finding names');
select ok('1 läsningar den 2026-04-03 (långfredagen) utanför tiden 06:00–20:00 på veckodagarna 1, 2, 3, 4, 5 (1 är måndag) som inte är allmänna helgdagar, svensk tid; gränsen är 1.' in (select pg_temp.words('holidays', true)), 'in Swedish, too');
select fixture.act('social-auditor');
insert into samsyn.review_rules (id, code, organisation_id, threshold, opens, closes, weekdays, holidays, valid_from)
values (fixture.id('hours with eves'), 'OUT_OF_HOURS', fixture.id('social'), 1, '00:00', '24:00', '{1,2,3,4,5,6,7}', 'free-with-eves', samsyn.today());
select pg_temp.campaign('eves', '{OUT_OF_HOURS}', '2025-12-31', '2026-12-31', 2);
select bag_eq($$ select pg_temp.days('eves') $$, array['social-worker 2026-04-03', 'social-worker 2026-05-14', 'social-manager 2026-05-14', 'social-worker 2026-12-24', 'social-manager 2025-12-31', 'social-manager 2026-01-01'],
    'with their eves, when the rule says so, and across the turn of the year');
select ok('1 readings on 2026-12-24 (Christmas Eve) outside 00:00–24:00 on the weekdays 1, 2, 3, 4, 5, 6, 7 (1 is Monday) that are neither public holidays nor their eves, by the clock in Sweden; the threshold is 1.' in (select pg_temp.words('eves')), 'in words');
update samsyn.review_rules set holidays = 'worked' where id = fixture.id('hours with eves');
select pg_temp.campaign('worked', '{OUT_OF_HOURS}', '2025-12-31', '2026-12-31');
select is_empty($$ select pg_temp.days('worked') $$, 'where every day is worked, none is out of hours');
select ok(bool_and(words !~ 'holiday|\(Christmas'), 'nor is a holiday spoken of') from pg_temp.words('eves') words;
delete from samsyn.review_findings where campaign_id in (fixture.id('eves'), fixture.id('worked'));
update samsyn.review_rules set ended_at = now() where id = fixture.id('hours with eves');

-- Teams --------------------------------------------------------------------------------------------------------------

-- The case is as old as the fixture: the readings are of now.
create function pg_temp.soon(seconds integer) returns timestamptz language sql as $$ select now() + make_interval(secs => seconds) $$;
update samsyn.team_members set ended_at = pg_temp.soon(50), ended_by = fixture.id('social-worker') where assignment_id = fixture.id('social-colleague');
select fixture.team_member('colleague-member', 'case', 'social-colleague');
update samsyn.team_members set ended_at = pg_temp.soon(50), ended_by = fixture.id('social-worker') where id = fixture.id('colleague-member');
select pg_temp.event('team ' || called, reader, pg_temp.soon(at), array[child], how::jsonb)
from (values ('member', 'social-worker', 10, 'alva', '{}'), ('not yet former', 'social-colleague', 40, 'alva', '{}'), ('former', 'social-colleague', 60, 'alva', '{}'),
    ('former again', 'social-colleague', 61, 'alva', '{}'), ('leader', 'social-manager', 10, 'alva', '{}'), ('leader of another unit', 'social-other-manager', 10, 'alva', '{}'),
    ('stranger', 'social-professional', 10, 'alva', '{}'), ('emergency', 'social-professional', 11, 'alva', format('{"emergency": "%s"}', fixture.id('access'))),
    ('before the case', 'social-professional', -3600, 'alva', '{}'), ('no case', 'social-professional', 12, 'bo', '{}'),
    ('refused', 'social-lead', 10, 'alva', '{"code": "NOT_FOUND"}'), ('audit', 'social-auditor', 10, 'alva', '{"purpose": "audit"}')) t(called, reader, at, child, how);
select pg_temp.campaign('teams', '{NO_TEAM_MEMBERSHIP}', pg_temp.soon(-7200), pg_temp.soon(100), 3);
select bag_eq($$ select pg_temp.found('teams') $$, array['NO_TEAM_MEMBERSHIP social-colleague 2 former-team', 'NO_TEAM_MEMBERSHIP social-manager 1 leads-unit',
    'NO_TEAM_MEMBERSHIP social-other-manager 1 none', 'NO_TEAM_MEMBERSHIP social-professional 1 none', 'NO_TEAM_MEMBERSHIP social-professional 1 emergency'],
    'who read without being on the team then, and what else may explain it');
select ok('The user was not on the team at the time of the reading: the user had left the team. 2 readings; the threshold is 1.' in (select pg_temp.words('teams')), 'in words');
select pg_temp.rule('NO_TEAM_MEMBERSHIP', 'social', 2);
select pg_temp.campaign('teams from two on', '{NO_TEAM_MEMBERSHIP}', pg_temp.soon(-7200), pg_temp.soon(100), 1);
select results_eq($$ select pg_temp.found('teams from two on') $$, array['NO_TEAM_MEMBERSHIP social-colleague 2 former-team'], 'the threshold counts all parts together');
select pg_temp.campaign('emergencies', '{EMERGENCY_ACCESS}', pg_temp.soon(-7200), pg_temp.soon(100));
select results_eq($$ select pg_temp.found('emergencies') $$, array['EMERGENCY_ACCESS social-professional 1'], 'every emergency access is found');

-- Relations ----------------------------------------------------------------------------------------------------------

insert into samsyn.staff_relations (id, organisation_id, user_id, subject_id, kind, valid_from, valid_until, created_by)
select fixture.id('relation ' || who || kind), fixture.id('social'), fixture.id('user:' || who), fixture.id('alva'), kind, from_day, until_day, fixture.id('social-auditor')
from (values ('social-worker', 'NEIGHBOUR', date '2026-01-01', null::date), ('social-manager', 'RELATIVE', '2026-01-01', '2026-04-07'),
    ('social-lead', 'NEIGHBOUR', '2026-01-01', null)) t(who, kind, from_day, until_day);
select pg_temp.event('relation ' || called, reader, moment, '{alva}')
from (values ('own neighbour', 'social-worker', timestamptz '2026-04-07 21:59:59Z'), ('own relative', 'social-manager', '2026-04-07 21:00:00Z'),
    ('the day after', 'social-manager', '2026-04-07 22:00:00Z'), ('a colleague''s relative', 'social-colleague', '2026-04-07 12:00:00Z')) t(called, reader, moment);
select pg_temp.campaign('relations', '{COLLEAGUE}', '2026-04-07', '2026-04-09');
select bag_eq($$ select pg_temp.found('relations') $$, array['COLLEAGUE social-worker 1 NEIGHBOUR', 'COLLEAGUE social-worker 1 RELATIVE', 'COLLEAGUE social-manager 1 RELATIVE',
    'COLLEAGUE social-colleague 1 RELATIVE'], 'the reader''s own circle, and what colleagues hold close, while it holds');
select ok('The person who was read is registered, to a colleague (social-manager), as: a relative. 1 readings; the threshold is 1.' in (select pg_temp.words('relations')), 'in words');
select is(fixture.attempt(who, $$ select from samsyn.staff_relations $$), answer, 'relations are seen by reviewers alone: ' || who)
from (values ('social-auditor', '3 rows'), ('social-manager', '0 rows'), ('school-auditor', '0 rows'), ('system-admin', '0 rows')) t(who, answer);
select is(fixture.attempt('social-auditor', format('select samsyn.require_staff_relation(fixture.id(%L), fixture.id(%L))', reader, child)), answer, sentence)
from (values ('user:social-worker', 'alva', '1 row', 'somebody of here and a child of here'), ('user:clinic-worker', 'alva', 'SA001 INVALID_REFERENCE', 'nobody of elsewhere'),
    ('user:social-worker', 'nobody', 'SA001 INVALID_REFERENCE', 'nobody whom the organisation does not know')) t(reader, child, answer, sentence);

-- Refusals -----------------------------------------------------------------------------------------------------------

select pg_temp.rule('REPEATED_DENIALS', 'social', 3, 5);
select pg_temp.event('denied ' || n, 'social-worker', timestamptz '2026-05-04 10:00+02' + at, '{}', '{"code": "NOT_FOUND"}')
from (values (1, interval '0'), (2, '1 min'), (3, '5 min'), (4, '20 min'), (5, '21 min')) t(n, at);
select pg_temp.event('denied elsewhere ' || n, 'school-worker', timestamptz '2026-05-04 10:00+02' + n * interval '1 s', '{alva}', '{"code": "NOT_FOUND", "concerned": ["social"], "resources": ["case"]}')
from generate_series(1, 4) n;
select pg_temp.campaign('refusals', '{REPEATED_DENIALS}', '2026-05-04', '2026-05-05', 1);
select results_eq($$ select pg_temp.found('refusals') $$, array['REPEATED_DENIALS social-worker 3'], 'three within five minutes, across parts');
select pg_temp.campaign('refusals of all', '{REPEATED_DENIALS}', '2026-05-04', '2026-05-05', 2, 'all');
select bag_eq($$ select pg_temp.found('refusals of all') $$, array['REPEATED_DENIALS social-worker 3', 'REPEATED_DENIALS school-worker 4'], 'of others where it concerns the organisation');
select results_eq($$ select subject_ids from samsyn.review_findings where campaign_id = fixture.id('refusals of all') and count = 4 $$, $$ values (array[fixture.id('alva')]) $$, 'whose child is told');
select pg_temp.campaign('refusals at school', '{REPEATED_DENIALS}', '2026-05-04', '2026-05-05', 1000, 'own-staff', 'school-auditor');
select is_empty($$ select pg_temp.found('refusals at school') $$, 'each by the rule of its own organisation');

-- What others are told of is not told here -----------------------------------------------------------------------------

select fixture.subject('bo', 'school', '2015-01-01');
select pg_temp.event('foreign', 'school-worker', '2026-05-06 02:00+02', '{alva,bo}', '{"concerned": ["social"]}');
select pg_temp.event('foreign and none of ours', 'school-worker', '2026-05-06 02:01+02', '{bo}');
select pg_temp.campaign('foreign', '{OUT_OF_HOURS}', '2026-05-06', '2026-05-07', 1000, 'all');
select results_eq($$ select subject_ids, events, event_ids from samsyn.review_findings where campaign_id = fixture.id('foreign') $$,
    $$ values (array[fixture.id('alva')], 1, array[fixture.id('foreign')]) $$, 'of another''s reading the subjects that the organisation knows of');

-- Reviews ------------------------------------------------------------------------------------------------------------

create function pg_temp.review(who text, called text, outcome text) returns text language sql as $$
    select fixture.attempt(who, format($q$ insert into samsyn.finding_reviews (id, finding_id, outcome, comment, reviewed_by)
        select samsyn.uuid7(), f.id, %L, 'Words', samsyn.assignment() from samsyn.review_findings f where f.campaign_id = fixture.id(%L) limit 1 $q$, outcome, called))
$$;
select is(pg_temp.review('social-manager', 'many', 'JUSTIFIED'), '0 rows', 'a manager does not see it');
select is(pg_temp.review('school-auditor', 'many', 'JUSTIFIED'), '0 rows', 'nor does another organisation');
select is(pg_temp.review('social-auditor', 'many', 'JUSTIFIED'), '1 row', 'a reviewer says what they make of it');
update samsyn.roles set permissions = permissions || '{access-review:read,access-review:write}' where code = 'collaboration-lead';
insert into samsyn.staff_relations (id, organisation_id, user_id, subject_id, kind, valid_from, created_by)
values (fixture.id('relation lead'), fixture.id('social'), fixture.id('user:social-lead'), fixture.id('alva'), 'RELATIVE', '2026-01-01', fixture.id('social-auditor'));
select pg_temp.event('own', 'social-lead', '2026-05-08 02:00+02', '{alva}'), pg_temp.event('of a relative', 'social-worker', '2026-05-10 02:00+02', '{alva}');
select pg_temp.campaign('own', '{OUT_OF_HOURS}', '2026-05-08', '2026-05-09'), pg_temp.campaign('of a relative', '{COLLEAGUE}', '2026-05-10', '2026-05-11');
delete from samsyn.review_findings where campaign_id = fixture.id('of a relative') and not fixture.id('user:social-lead') = any (concerned_user_ids);
select is(pg_temp.review('social-lead', 'own', 'JUSTIFIED'), 'SA001 OWN_ACCESS', 'nobody reviews what they did themselves');
select is(pg_temp.review('social-lead', 'of a relative', 'JUSTIFIED'), 'SA001 OWN_ACCESS', 'nor readings of those close to them');
select is(pg_temp.review('social-auditor', 'of a relative', 'UNJUSTIFIED'), '1 row', 'another does');
select fixture.act('social-auditor');
insert into samsyn.finding_reviews (id, finding_id, outcome, comment, reviewed_by)
select fixture.id('first word'), f.id, 'NEEDS_INQUIRY', 'Ask', fixture.id('social-auditor') from samsyn.review_findings f where f.campaign_id = fixture.id('many');
select ok(samsyn.has_open_findings(fixture.id('many')), 'an inquiry is no final word');
select is(pg_temp.review('social-lead', 'many', 'NEEDS_INQUIRY'), '1 row', 'another word may follow it');
insert into samsyn.finding_reviews (id, finding_id, outcome, comment, reviewed_by)
select fixture.id('last word'), f.id, 'JUSTIFIED', 'Stood in', fixture.id('social-auditor') from samsyn.review_findings f where f.campaign_id = fixture.id('many');
select ok(not samsyn.has_open_findings(fixture.id('many')), 'a final one ends it');
select is(pg_temp.review('social-lead', 'many', 'UNJUSTIFIED'), 'SA001 ALREADY_ANSWERED', 'and no other follows');
select throws_ok($$ update samsyn.finding_reviews set outcome = 'UNJUSTIFIED' $$, '42501', null, 'nor is it overwritten');
select throws_ok($$ delete from samsyn.finding_reviews $$, '42501', null, 'or removed');

-- Conflicts of interest, and what is not examined yet ------------------------------------------------------------------

insert into samsyn.exclusions (id, case_id, subject_id, organisation_id, user_id, kind, reason, declared_by)
select fixture.id('exclusion'), c.id, c.subject_id, c.organisation_id, fixture.id('user:social-auditor'), 'kinship', 'x', fixture.id('social-manager') from samsyn.cases c where c.id = fixture.id('case');
select is(fixture.attempt('social-auditor', $$ select from samsyn.review_findings f where f.all_subject_ids @> array[fixture.id('alva')] $$), '0 rows', 'an excluded reviewer sees no finding about the child');
select is(fixture.attempt('social-auditor', $$ select from samsyn.finding_reviews v where v.finding_id in (select f.id from samsyn.review_findings f where f.campaign_id = fixture.id('of a relative')) $$), '0 rows', 'nor what others made of it');
select is(fixture.attempt('social-auditor', $$ select from samsyn.staff_relations $$), '0 rows', 'nor who is close to it');
select isnt(fixture.attempt('social-lead', $$ select from samsyn.review_findings f where f.all_subject_ids @> array[fixture.id('alva')] $$), '0 rows', 'others do');
update samsyn.review_findings set published = false where campaign_id = fixture.id('hours');
select is(fixture.attempt('social-lead', $$ select from samsyn.review_findings f where f.campaign_id = fixture.id('hours') $$), '0 rows', 'what is not published is seen by nobody');
select is(fixture.attempt(who, $$ select samsyn.run_review(fixture.id('drawn')) $$), answer, who || ' goes on with a check')
from (values ('school-auditor', 'SA001 NOT_FOUND'), ('social-manager', 'SA001 NOT_FOUND'), ('social-auditor', 'SA001 ALREADY_ENDED')) t(who, answer);

-- The cap ------------------------------------------------------------------------------------------------------------

select pg_temp.event('cap ' || n, 'social-worker', timestamptz '2001-01-01 02:00Z' + n * interval '1 day', '{alva}') from generate_series(1, 1010) n;
select pg_temp.event('cap more', 'social-worker', timestamptz '2001-01-02 02:01Z', '{alva}');
select pg_temp.campaign('cap', '{OUT_OF_HOURS}', '2001-01-01', '2004-01-01', 10000);
select results_eq($$ select (select count(*) from samsyn.review_findings f where f.campaign_id = x.campaign_id), (select max(f.count) from samsyn.review_findings f where f.campaign_id = x.campaign_id), x.capped
    from samsyn.review_campaign_rules x where x.campaign_id = fixture.id('cap') $$, $$ values (1000::bigint, 2, true) $$, 'a thousand findings of a rule are kept, the greatest first, and it says so');

select pg_temp.event('crowd ' || n, 'social-worker', timestamptz '1930-01-01 02:00Z' + n * interval '1 day', '{alva}') from generate_series(1, 20002) n;
select fixture.act('social-auditor');
insert into samsyn.review_campaigns (id, organisation_id, title, since, until, scope, seed, created_by)
values (fixture.id('crowd'), samsyn.organisation(), 'x', '1930-01-01', '1990-01-01', 'own-staff', 'x', samsyn.assignment());
insert into samsyn.review_campaign_rules (campaign_id, code, rule_id) values (fixture.id('crowd'), 'OUT_OF_HOURS', (samsyn.review_rule_in_force('OUT_OF_HOURS')).id);
select samsyn.run_review(fixture.id('crowd'), 20001);
select results_eq($$ select count(*), x.capped from samsyn.review_campaign_rules x join samsyn.review_findings f using (campaign_id) where x.campaign_id = fixture.id('crowd') group by x.capped $$,
    $$ values (10000::bigint, true) $$, 'what is carried from part to part is bounded');
select samsyn.run_review(fixture.id('crowd'), 20001);
select is((select count(*) from samsyn.review_findings f where f.campaign_id = fixture.id('crowd') and f.published), 1000::bigint, 'and the check comes to its end');

-- The log ------------------------------------------------------------------------------------------------------------

select fixture.act('social-lead', 'read', array[fixture.id('many')]);
select set_config('samsyn.purpose', 'audit', true);
select samsyn.log_list(array(select f.id from samsyn.review_findings f where f.campaign_id in (fixture.id('many'), fixture.id('foreign'))), '{}', '{}', '{}', '{}');
select results_eq($$ select subject_ids from samsyn.access_events where request_id = fixture.id('request') order by at desc limit 1 $$,
    $$ select array_agg(id order by id) from unnest(array[fixture.id('alva'), fixture.id('a'), fixture.id('b'), fixture.id('c')]) id $$, 'the log tells of every subject that findings named');

select * from finish();
rollback;
