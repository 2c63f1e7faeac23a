-- The law as rows: what the first release holds, and how a later one is taken: whole or not at all.
begin;
select no_plan();

-- What is here. A fingerprint of everything but the identifiers, which serve paging alone.
create function pg_temp.law() returns text language sql as $$
    select md5(concat(
        (select string_agg((to_jsonb(x) - 'id')::text, '' order by x.code) from samsyn.sectors x),
        (select string_agg((to_jsonb(x) - 'id')::text, '' order by x.code) from samsyn.secrecy_regimes x),
        (select string_agg((to_jsonb(x) - 'id')::text, '' order by x.code) from samsyn.bbic_areas x),
        (select string_agg((to_jsonb(x) - 'id')::text, '' order by x.code) from samsyn.information_categories x),
        (select string_agg((to_jsonb(x) - 'id')::text, '' order by x.code) from samsyn.preconditions x),
        (select string_agg((to_jsonb(x) - 'id')::text, '' order by x.code) from samsyn.ground_scopes x),
        (select string_agg((to_jsonb(x) - 'id')::text, '' order by x.code) from samsyn.never_grounds x),
        (select string_agg((to_jsonb(x) - 'id')::text, '' order by x.code, x.valid_from) from samsyn.legal_grounds x),
        (select string_agg((to_jsonb(x) - 'id')::text, '' order by x.code, x.valid_from) from samsyn.deadline_rules x),
        (select string_agg((to_jsonb(x) - 'id')::text, '' order by x.code, x.valid_from) from samsyn.retention_rules x)))
$$;

select is((select count(*) from samsyn.sectors), 30::bigint, 'there are 30 sectors');
select is((select count(*) from samsyn.secrecy_regimes), 33::bigint, '33 secrecy regimes');
select is((select count(*) from samsyn.bbic_areas), 12::bigint, '12 areas of a child''s situation');
select is((select count(*) from samsyn.information_categories), 29::bigint, '29 categories of information');
select is((select count(*) from samsyn.preconditions), 41::bigint, '41 preconditions');
select is((select count(*) from samsyn.ground_scopes), 19::bigint, '19 scopes');
select is((select count(*) from samsyn.never_grounds), 17::bigint, '17 that are never grounds');
select is((select count(*) from samsyn.legal_grounds), 53::bigint, '53 grounds');
select is((select count(*) from samsyn.deadline_rules), 41::bigint, '41 time limits');
select is((select count(*) from samsyn.retention_rules), 15::bigint, 'and 15 rules of retention');

select bag_eq($$ select code from samsyn.legal_grounds where not enabled $$,
    array['CRIME_GENERAL', 'STATUTORY_DUTY', 'SCHOOL_TRANSITION', 'TERROR_PREVENTION', 'SCHOOL_CRIME_REPORT', 'POLICE_TO_SOCIAL', 'POLICE_TERROR_PREVENTION'],
    'seven grounds wait for counsel');
select is_empty($$ select g.code from samsyn.legal_grounds g join samsyn.never_grounds n using (code) $$,
    'what is never a ground is none');
select is_empty($$ select g.code from samsyn.legal_grounds g where g.requires_consent <> (g.precondition = 'CONSENT_VALID') $$,
    'a ground asks for a consent exactly when a consent is its precondition');
select is_empty($$ select g.code from samsyn.legal_grounds g join samsyn.preconditions p on p.code = g.precondition
    where p.established_by = 'decision' and not g.requires_decision $$,
    'where the decision is what shows the precondition, the ground asks for a decision');
select is_empty($$ select g.code from samsyn.legal_grounds g join samsyn.preconditions p on p.code = g.precondition
    where p.established_by = 'request' and g.initiative <> 'on-request' $$,
    'where a request is, the ground opens nothing unasked');
select is_empty($$ select g.code from samsyn.legal_grounds g where g.source_regimes && g.excluded_regimes $$,
    'no ground both opens and excludes a regime');
select is_empty($$ select g.code from samsyn.legal_grounds g where g.source_regimes && '{*,CRIMINAL_RECORDS}'
    and not 'CRIMINAL_RECORDS' = any (g.excluded_regimes) $$,
    'no ground opens the criminal records');
select is_empty($$ select r.code, s from samsyn.secrecy_regimes r, unnest(r.sectors) s where s <> '*' and s not in (select code from samsyn.sectors) $$,
    'every sector of a regime exists');

-- A release -----------------------------------------------------------------------------------------------------------

create function pg_temp.ground(changes jsonb) returns jsonb language sql as $$
    select jsonb_build_object('legalGrounds', jsonb_build_array(jsonb_strip_nulls(jsonb_build_object(
        'code', 'TESTED', 'validFrom', '2026-01-01', 'enabled', true, 'statute', 'Act 2026:1', 'section', '1:1',
        'titleEn', 'Tested', 'titleSv', 'Prövad', 'sourceSectors', array['*'], 'recipientSectors', array['SCHOOL'],
        'sourceRegimes', array['SOCIAL_SERVICES'], 'excludedRegimes', array[]::text[], 'requiresConsent', false,
        'requiresDecision', true, 'requiresJustification', true, 'precondition', 'HARM_TEST_PASSED', 'scope', 'as-assessed',
        'initiative', 'own', 'effect', 'permission', 'recipientMustBeAuthority', true) || changes)))
$$;
create function pg_temp.rule(list text, changes jsonb) returns jsonb language sql as $$
    select jsonb_build_object(list, jsonb_build_array(jsonb_strip_nulls((case list
        when 'deadlineRules' then '{"code": "TESTED", "validFrom": "2026-01-01", "provision": "1:1", "triggerEvent": "x", "duration": "P14D",
            "extension": "none", "responsible": "SCHOOL"}'::jsonb
        else '{"code": "TESTED", "validFrom": "2026-01-01", "provision": "1:1", "appliesTo": "x", "startsFrom": "x", "duration": "P5Y",
            "mode": "delete"}' end) || changes)))
$$;
create function pg_temp.counts(release jsonb) returns text language sql as $$
    select string_agg(format('%s +%s ~%s', i.list, i.added, i.changed), ', ') from samsyn.import_law(release) i where i.added + i.changed > 0
$$;

create temp table before as select pg_temp.law() as law;
select is(pg_temp.counts(pg_temp.ground('{}')), 'legalGrounds +1 ~0', 'a new ground is added');
select is(pg_temp.counts(pg_temp.ground('{}')), null, 'the same release again changes nothing');
select is(pg_temp.counts(pg_temp.ground('{"enabled": false}')), 'legalGrounds +0 ~1', 'a ground that differs is changed');
select is(pg_temp.counts(pg_temp.ground('{"validUntil": "2026-12-31"}')), 'legalGrounds +0 ~1', 'a wording is given its last day');
select is(pg_temp.counts(pg_temp.ground('{"validFrom": "2027-01-01", "subjectAgeBelow": 15}')), 'legalGrounds +1 ~0', 'and followed by another');
select results_eq($$ select valid_from, valid_until, subject_age_below from samsyn.legal_grounds where code = 'TESTED' order by valid_from $$,
    $$ values (date '2026-01-01', date '2026-12-31', null::integer), ('2027-01-01', null, 15) $$, 'both stand, a day apart');
select is(pg_temp.counts('{}'), null, 'a release of nothing changes nothing');
select is((select count(*) from samsyn.legal_grounds where code <> 'TESTED'), 53::bigint, 'nothing was removed by any of them');
select is((select count(*) from samsyn.import_law('{}')), 10::bigint, 'each list is told of');
select isnt(pg_temp.law(), (select law from before), 'the fingerprint sees a change');

select is(pg_temp.counts('{"sectors": [{"code": "LIBRARY", "nameEn": "Library", "nameSv": "Bibliotek"}],
    "secrecyRegimes": [{"code": "NEW_REGIME", "provision": "OSL 1:1", "harmTest": "reverse", "sectors": ["LIBRARY"], "ownership": "public", "protects": "individual",
        "description": "x", "validFrom": "2026-01-01"}],
    "bbicAreas": [{"code": "NEW_AREA", "side": "child"}],
    "informationCategories": [{"code": "NEW_CATEGORY", "nameEn": "New", "nameSv": "Ny", "sensitive": false, "bbicArea": "NEW_AREA", "validFrom": "2026-01-01"}],
    "preconditions": [{"code": "NEW_PRECONDITION", "meaning": "x", "establishedBy": "statement"}],
    "groundScopes": [{"code": "new-scope", "meaning": "x", "categories": ["NEW_CATEGORY"]}],
    "neverGrounds": [{"code": "NEW_NEVER", "provision": "x", "reason": "x"}]}'),
    'sectors +1 ~0, secrecyRegimes +1 ~0, bbicAreas +1 ~0, informationCategories +1 ~0, preconditions +1 ~0, groundScopes +1 ~0, neverGrounds +1 ~0',
    'a release may refer to what it brings itself');
select is(pg_temp.counts('{"sectors": [{"code": "LIBRARY", "nameEn": "Libraries", "nameSv": "Bibliotek"}],
    "informationCategories": [{"code": "NEW_CATEGORY", "nameEn": "New", "nameSv": "Ny", "sensitive": false, "validFrom": "2026-01-01", "validUntil": "2026-02-01"}]}'),
    'sectors +0 ~1, informationCategories +0 ~1', 'what is left out of an object is gone from it');
select is((select bbic_area from samsyn.information_categories where code = 'NEW_CATEGORY'), null, 'so is the area');
select is(pg_temp.counts(pg_temp.rule('deadlineRules', '{}') || pg_temp.rule('retentionRules', '{}')), 'deadlineRules +1 ~0, retentionRules +1 ~0', 'time limits and retention are releases like grounds');
select is(pg_temp.counts(pg_temp.rule('deadlineRules', '{"duration": "P3W"}') || pg_temp.rule('retentionRules', '{"duration": "permanent", "mode": "keep"}')),
    'deadlineRules +0 ~1, retentionRules +0 ~1', 'and change like them');

-- What is refused: the fault named, and nothing changed, whatever else the release holds ------------------------------

create function pg_temp.refusal(release jsonb) returns text language plpgsql as $$
declare
    standing text := pg_temp.law();
begin
    begin
        perform samsyn.import_law(release || '{"sectors": [{"code": "UNRELATED", "nameEn": "Unrelated", "nameSv": "Orelaterad"}]}');
        return 'not refused';
    exception when data_exception then
        return case when pg_temp.law() = standing then sqlerrm else 'something was changed' end;
    end;
end
$$;
create temp table refusals (place serial, release jsonb, refusal text, sentence text);
insert into refusals (release, refusal, sentence) values
    (pg_temp.ground('{"validFrom": "2026-06-01"}'),
        '/legalGrounds/0: TESTED from 2026-06-01 to further notice overlaps its wording from 2026-01-01 to 2026-12-31',
        'a wording that begins before the one before it has ended'),
    (pg_temp.ground('{"validFrom": "2026-12-31", "validUntil": "2026-12-31"}'),
        '/legalGrounds/0: TESTED from 2026-12-31 to 2026-12-31 overlaps its wording from 2026-01-01 to 2026-12-31', 'on its very last day'),
    (pg_temp.ground('{"validFrom": "2025-01-01"}'),
        '/legalGrounds/0: TESTED from 2026-01-01 to 2026-12-31 overlaps its wording from 2025-01-01 to further notice',
        'an older wording without an end'),
    (pg_temp.ground('{"validFrom": "2026-01-01"}'),
        '/legalGrounds/0: TESTED from 2027-01-01 to further notice overlaps its wording from 2026-01-01 to further notice',
        'a wording whose last day is taken away'),
    (pg_temp.rule('deadlineRules', '{"code": "PRELIMINARY_ASSESSMENT", "validFrom": "2026-06-01"}'),
        '/deadlineRules/0: PRELIMINARY_ASSESSMENT from 2026-06-01 to further notice overlaps its wording from 2025-07-01 to further notice',
        'a time limit beside the one that holds'),
    (pg_temp.rule('retentionRules', '{"code": "SOCIAL_FILE", "validFrom": "2026-06-01"}'),
        '/retentionRules/0: SOCIAL_FILE from 2026-06-01 to further notice overlaps its wording from 2025-07-01 to further notice',
        'a rule of retention beside the one that holds'),
    (pg_temp.ground('{"validUntil": "2025-12-31"}'), '/legalGrounds/0/validUntil: TESTED ends before it begins', 'a last day before the first'),
    (pg_temp.ground('{"validFrom": "2026-02-30"}'), '/legalGrounds/0/validFrom: a string is expected, a day as YYYY-MM-DD', 'a day that there is not'),
    (pg_temp.ground('{"validFrom": "today"}'), '/legalGrounds/0/validFrom: a string is expected, a day as YYYY-MM-DD', 'a day in words'),
    (pg_temp.ground('{"code": "OTHER", "sourceSectors": ["SCHOOL", "NOWHERE"]}'), '/legalGrounds/0/sourceSectors: there is no NOWHERE in sectors', 'an unknown sector that discloses'),
    (pg_temp.ground('{"code": "OTHER", "recipientSectors": ["NOWHERE"]}'), '/legalGrounds/0/recipientSectors: there is no NOWHERE in sectors', 'one that receives'),
    (pg_temp.ground('{"code": "OTHER", "sourceRegimes": ["NONE"]}'), '/legalGrounds/0/sourceRegimes: there is no NONE in secrecyRegimes', 'an unknown regime'),
    (pg_temp.ground('{"code": "OTHER", "excludedRegimes": ["NONE"]}'), '/legalGrounds/0/excludedRegimes: there is no NONE in secrecyRegimes', 'one that is excluded'),
    (pg_temp.ground('{"code": "OTHER", "precondition": "NONE"}'), '/legalGrounds/0/precondition: there is no NONE in preconditions', 'an unknown precondition'),
    (pg_temp.ground('{"code": "OTHER", "scope": "none"}'), '/legalGrounds/0/scope: there is no none in groundScopes', 'an unknown scope'),
    ('{"groundScopes": [{"code": "x", "meaning": "x", "categories": ["NONE"]}]}', '/groundScopes/0/categories: there is no NONE in informationCategories', 'a scope of an unknown category'),
    ('{"informationCategories": [{"code": "X", "nameEn": "x", "nameSv": "x", "sensitive": true, "bbicArea": "NONE", "validFrom": "2026-01-01"}]}',
        '/informationCategories/0/bbicArea: there is no NONE in bbicAreas', 'a category of an unknown area'),
    ('{"secrecyRegimes": [{"code": "X", "provision": "x", "harmTest": "reverse", "sectors": ["NOWHERE"], "ownership": "public", "protects": "individual", "description": "x", "validFrom": "2026-01-01"}]}',
        '/secrecyRegimes/0/sectors: there is no NOWHERE in sectors', 'a regime of an unknown sector'),
    (pg_temp.ground('{"weight": 1}'), '/legalGrounds/0/weight: there is no such member', 'a member that there is not'),
    ('{"grounds": []}', '/grounds: there is no such list', 'a list that there is not'),
    ('{"neverGrounds": {}}', '/neverGrounds: a list is expected', 'what is no list'),
    ('{"neverGrounds": ["FL_8"]}', '/neverGrounds/0: an object is expected', 'what is no object'),
    (pg_temp.ground('{"section": null}'), '/legalGrounds/0/section: a string is expected, not empty', 'a member that is missing'),
    (pg_temp.ground('{"section": ""}'), '/legalGrounds/0/section: a string is expected, not empty', 'one that is empty'),
    (pg_temp.ground('{"enabled": "yes"}'), '/legalGrounds/0/enabled: a boolean is expected', 'a word where true or false stands'),
    (pg_temp.ground('{"subjectAgeBelow": "18"}'), '/legalGrounds/0/subjectAgeBelow: a number is expected like [1-9][0-9]?', 'a text where a number stands'),
    (pg_temp.ground('{"subjectAgeBelow": 17.5}'), '/legalGrounds/0/subjectAgeBelow: a number is expected like [1-9][0-9]?', 'half a year'),
    (pg_temp.ground('{"sourceSectors": "*"}'), '/legalGrounds/0/sourceSectors: a list of codes is expected', 'a code where a list stands'),
    (pg_temp.ground('{"sourceSectors": [1]}'), '/legalGrounds/0/sourceSectors: a list of codes is expected', 'a number in a list of codes'),
    (pg_temp.ground('{"initiative": "any"}'), '/legalGrounds/0/initiative: a string is expected like own|on-request|both', 'a word that is none of those'),
    (pg_temp.ground('{"code": "tested"}'), '/legalGrounds/0/code: a string is expected like [A-Z][A-Z0-9_]*', 'a code in small letters'),
    (pg_temp.rule('deadlineRules', '{"duration": "14 days"}'), '/deadlineRules/0/duration: a string is expected like immediately|P[0-9]{1,3}[DWMY]|PT[0-9]{1,3}H', 'a duration in words'),
    (pg_temp.rule('retentionRules', '{"mode": "shred"}'), '/retentionRules/0/mode: a string is expected like delete|keep-at-least|keep|keep-then-delete|keep-unless-decided', 'a mode that there is not'),
    (jsonb_build_object('legalGrounds', (pg_temp.ground('{"validFrom": "2030-01-01", "code": "TWICE"}') -> 'legalGrounds') || (pg_temp.ground('{"validFrom": "2030-01-01", "code": "TWICE"}') -> 'legalGrounds')),
        '/legalGrounds/1: TWICE stands earlier in the list', 'the same wording twice'),
    ('{"neverGrounds": [{"code": "X", "provision": "x", "reason": "x"}, {"code": "X", "provision": "y", "reason": "y"}]}',
        '/neverGrounds/1: X stands earlier in the list', 'the same code twice');
select is(pg_temp.refusal(r.release), r.refusal, 'refused: ' || r.sentence) from refusals r order by r.place;

select throws_ok($$ select samsyn.import_law('[]') $$, '22000', ': an object is expected', 'a list is no release');
select throws_ok($$ select samsyn.import_law(null) $$, '22000', ': an object is expected', 'nor is nothing');
select results_eq($$ select place, reason from samsyn.law_faults('{"neverGrounds": [{"code": "x", "provision": "x"}], "y": []}') $$,
    $$ values ('/neverGrounds/0/code', 'a string is expected like [A-Z][A-Z0-9_]*'),
        ('/neverGrounds/0/reason', 'a string is expected, not empty'), ('/y', 'there is no such list') $$, 'every fault is named');

-- Who may: the owner alone --------------------------------------------------------------------------------------------

set local role samsyn_api;
select throws_ok($$ select samsyn.import_law('{}') $$, '42501', null, 'the server cannot change the law');
select throws_ok($$ update samsyn.legal_grounds set enabled = true $$, '42501', null, 'nor go round the import');
reset role;

-- New records are of today --------------------------------------------------------------------------------------------

\ir support/fixture.sql
select lives_ok($$ select fixture.record('before', 'case', 'social-worker', 'HOUSING_ECONOMY', 'SOCIAL_SERVICES') $$, 'a record in a category and under a regime of today');
update samsyn.information_categories set valid_until = samsyn.today() - 1 where code = 'HOUSING_ECONOMY';
update samsyn.secrecy_regimes set valid_from = samsyn.today() + 1 where code = 'CHILD_WHEREABOUTS';
select throws_ok($$ select fixture.record('after', 'case', 'social-worker', 'HOUSING_ECONOMY', 'SOCIAL_SERVICES') $$,
    'SA001', 'INVALID_REFERENCE', 'none in a category that ended yesterday');
select throws_ok($$ select fixture.record('early', 'case', 'social-worker', 'PLACEMENT', 'CHILD_WHEREABOUTS') $$,
    'SA001', 'INVALID_REFERENCE', 'none under a regime that begins tomorrow');
select throws_ok($$ select fixture.record('private', 'case', 'social-worker', 'FAMILY_SITUATION', 'PRIVATE_SOCIAL') $$,
    'SA001', 'INVALID_REFERENCE', 'none of an authority under the secrecy of private providers');
select throws_ok($$ update samsyn.agreements set categories = '{HOUSING_ECONOMY}' where id = fixture.id('agreement') $$,
    'SA001', 'INVALID_REFERENCE', 'nor is it agreed on any more');
select is((select count(*) from samsyn.records where category = 'HOUSING_ECONOMY'), 2::bigint, 'what was recorded stays');
update samsyn.information_categories set valid_until = samsyn.today() where code = 'HOUSING_ECONOMY';
update samsyn.secrecy_regimes set valid_from = samsyn.today() where code = 'CHILD_WHEREABOUTS';
select lives_ok($$ select fixture.record('after', 'case', 'social-worker', 'HOUSING_ECONOMY', 'SOCIAL_SERVICES') $$, 'the last day is one of its days');
select lives_ok($$ select fixture.record('early', 'case', 'social-worker', 'PLACEMENT', 'CHILD_WHEREABOUTS') $$, 'and so is the first');

-- Who keeps secrecy by which rules ------------------------------------------------------------------------------------

select results_eq($$ select kind, sector, regime, samsyn.is_kept_by(r, jsonb_populate_record(null::samsyn.organisations, jsonb_build_object('kind', kind, 'sector', sector)))
    from (values (1, 'authority', 'SCHOOL', 'STUDENT_HEALTH'), (2, 'branch', 'HEALTH_CARE', 'PRIVATE_CARE'), (3, 'authority', 'POLICE', 'GENERAL_CONTACT'),
        (4, 'provider', 'SCHOOL', 'PRIVATE_SCHOOL'), (5, 'provider', 'SCHOOL', 'STUDENT_HEALTH_MEDICAL'), (6, 'provider', 'HEALTH_CARE', 'GENERAL_CONTACT'),
        (7, 'provider', 'FAMILY_COUNSELLING', 'FAMILY_COUNSELLING')) given(place, kind, sector, regime)
    join samsyn.secrecy_regimes r on r.code = regime order by place $$,
    $$ values ('authority', 'SCHOOL', 'STUDENT_HEALTH', true), ('branch', 'HEALTH_CARE', 'PRIVATE_CARE', false), ('authority', 'POLICE', 'GENERAL_CONTACT', true),
        ('provider', 'SCHOOL', 'PRIVATE_SCHOOL', true), ('provider', 'SCHOOL', 'STUDENT_HEALTH_MEDICAL', false), ('provider', 'HEALTH_CARE', 'GENERAL_CONTACT', false),
        ('provider', 'FAMILY_COUNSELLING', 'FAMILY_COUNSELLING', true) $$,
    'an authority by those of the public sector, a private provider by its own, or by the public ones where its sector has none');

select * from finish();
rollback;
