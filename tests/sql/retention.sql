-- How long what is kept, what stops its culling, and what is left after it.
begin;
\ir support/fixture.sql
select no_plan();

create function pg_temp.cull(kind text, id text, organisation text, regime text, rule text, as_of date default samsyn.today()) returns text
    language sql as $$
    select fixture.as_retention(format('select samsyn.cull(%L, %L, %L, %L, %L, %L)', kind, fixture.id(id), fixture.id(organisation), regime, rule, as_of))
$$;
create function pg_temp.item(the_kind text, organisation text, the_regime text, the_rule text, the_case text default 'case') returns samsyn.retention_item
    language sql as $$
    select k from samsyn.kept_items(fixture.id(the_case)) k
    where k.kind = the_kind and k.organisation_id = fixture.id(organisation) and k.regime = the_regime and k.rule = the_rule
$$;
create function pg_temp.term(mapping text, the_regime text, category text, sector text, is_private boolean, decided interval,
        born date default '2015-05-06', last_note date default '2027-06-15', ended date default '2027-06-15') returns samsyn.retention_term
    language sql as $$
    select samsyn.retention_term(samsyn.retention_mapping(mapping, the_regime, category, sector, is_private, ended), decided, born, last_note, ended)
$$;

-- The rules --------------------------------------------------------------------------------------------------------------

select is_empty($$ select m.rule from samsyn.retention_mappings m where not exists (select from samsyn.retention_rules r where r.code = m.rule) $$, 'every mapping leads to a rule');
select is_empty($$ select m.then_rule from samsyn.retention_mappings m where m.then_rule is not null and not exists (select from samsyn.retention_rules r where r.code = m.then_rule) $$, 'also the one after it');
select is_empty($$ select m.regime from samsyn.retention_mappings m where m.regime is not null and not exists (select from samsyn.secrecy_regimes r where r.code = m.regime) $$, 'of a regime that exists');
select is_empty($$ select m.sector from samsyn.retention_mappings m where m.sector is not null and not exists (select from samsyn.sectors r where r.code = m.sector) $$, 'a sector that exists');
select is_empty($$ select m.category from samsyn.retention_mappings m where m.category is not null and not exists (select from samsyn.information_categories r where r.code = m.category) $$, 'and a category that exists');

select results_eq(format($$ select (t).rule, (t).keep_until, (t).due_on, (t).finish_by from pg_temp.term(%L, %L, %L, %L, %L, %L) t $$, mapping, regime, category, sector, private, decided),
    format('values (%L, %L::date, %L::date, %L::date)', rule, keep_until, due_on, finish_by), why)
from (values
    ('record', 'SOCIAL_SERVICES', 'SOMATIC_HEALTH', 'SOCIAL_SERVICES', false, null, 'SOCIAL_FILE', '2032-06-15', '2032-06-16', '2033-12-31', 'a social file: five years after the last note, done by the end of the next calendar year'),
    ('record', 'SOCIAL_SERVICES', 'SOMATIC_HEALTH', 'SOCIAL_SERVICES', false, 'P1Y', 'SOCIAL_FILE', '2032-06-15', '2032-06-16', '2033-12-31', 'whatever they have decided'),
    ('record', 'SOCIAL_SERVICES', 'PLACEMENT', 'SOCIAL_SERVICES', false, 'P1Y', 'PLACEMENT_PATERNITY_ADOPTION', null, null, null, 'a placement: for good'),
    ('record', 'SOCIAL_SERVICES', 'PLACEMENT', 'SOCIAL_SERVICES', true, null, 'PRIVATE_SOCIAL_FILE', '2029-06-15', '2029-06-16', null, 'private social services: two years, whatever it is about'),
    ('record', 'HEALTH_CARE', 'SOMATIC_HEALTH', 'HEALTH_CARE', false, null, 'PATIENT_RECORD', '2037-06-15', null, null, 'a patient record: ten years at least, and then as decided'),
    ('record', 'HEALTH_CARE', 'SOMATIC_HEALTH', 'DENTAL_CARE', true, 'P5Y', 'PATIENT_RECORD', '2037-06-15', '2037-06-16', null, 'a decision never shortens what must be kept'),
    ('record', 'HEALTH_CARE', 'SOMATIC_HEALTH', 'HEALTH_CARE', false, 'P15Y', 'PATIENT_RECORD', '2037-06-15', '2042-06-16', null, 'it may lengthen it'),
    ('record', 'STUDENT_HEALTH_MEDICAL', 'SOMATIC_HEALTH', 'SCHOOL', false, null, 'PATIENT_RECORD', '2037-06-15', null, null, 'the school doctor''s is a patient record'),
    ('record', 'STUDENT_HEALTH', 'SOMATIC_HEALTH', 'SCHOOL', false, null, 'PUBLIC_RECORDS', null, null, null, 'other student health is kept while nothing is decided'),
    ('record', 'STUDENT_HEALTH', 'SOMATIC_HEALTH', 'SCHOOL', false, 'P3Y', 'PUBLIC_RECORDS', null, '2030-06-16', null, 'and goes as decided'),
    ('record', 'POLICE', 'CRIME', 'POLICE', false, null, 'PUBLIC_RECORDS', null, null, null, 'so are those of other authorities'),
    ('investigated-record', 'SOCIAL_SERVICES', 'SOMATIC_HEALTH', 'SOCIAL_SERVICES', false, null, 'CHILD_INVESTIGATION', '2045-05-05', '2045-05-06', '2046-12-31', 'what belongs to an investigation: until the child is thirty'),
    ('investigated-record', 'SOCIAL_SERVICES', 'PLACEMENT', 'SOCIAL_SERVICES', false, null, 'PLACEMENT_PATERNITY_ADOPTION', null, null, null, 'a placement still for good'),
    ('report-not-opened', 'SOCIAL_SERVICES', null, 'SOCIAL_SERVICES', false, null, 'REPORT_NOT_OPENED', '2032-06-15', '2032-06-16', '2033-12-31', 'a report that led to nothing: five years'),
    ('report-opened', 'SOCIAL_SERVICES', null, 'SOCIAL_SERVICES', false, null, 'CHILD_INVESTIGATION', '2045-05-05', '2045-05-06', '2046-12-31', 'one that led to an investigation: as that'),
    ('report-sent', 'PUPIL_SUPPORT', null, 'SCHOOL', false, null, 'PUBLIC_RECORDS', null, null, null, 'the reporter''s copy by the reporter''s rules'),
    ('report-sent', 'HEALTH_CARE', null, 'HEALTH_CARE', false, null, 'PATIENT_RECORD', '2037-06-15', null, null, 'in health care those of the patient record'),
    ('case', 'SOCIAL_SERVICES', null, 'SOCIAL_SERVICES', false, null, 'SOCIAL_FILE', '2032-06-15', '2032-06-16', '2033-12-31', 'what is common: by the rule of the lead')
) given(mapping, regime, category, sector, private, decided, rule, keep_until, due_on, finish_by, why);

select is((t).due_on, date '2060-01-01', 'an investigation of an adult whose file goes on goes five years after its last note')
from pg_temp.term('investigation', null, null, 'SOCIAL_SERVICES', false, null, '2015-05-06', '2054-12-31', '2054-12-31') t;
select is((t).due_on, date '2046-03-01', 'who was born on 29 February is thirty on 1 March')
from pg_temp.term('investigation', null, null, 'SOCIAL_SERVICES', false, null, '2016-02-29') t;
select is((t).due_on, date '2033-03-01', 'five years from a leap day')
from pg_temp.term('record', 'SOCIAL_SERVICES', null, 'SOCIAL_SERVICES', false, null, '2015-05-06', '2028-02-29', '2028-02-29') t;
select is((t).rule, null, 'what ended before the rule was in force is not under it: it is kept')
from pg_temp.term('report-not-opened', null, null, 'SOCIAL_SERVICES', false, null, '2015-05-06', '2026-01-14', '2026-01-14') t;

-- Indexes ------------------------------------------------------------------------------------------------------------------

select is_empty($$
    with recursive gone as (
        select name::regclass as name from unnest(array['samsyn.cases', 'samsyn.subjects', 'samsyn.records', 'samsyn.concern_reports', 'samsyn.consultations']) name
        union
        select c.conrelid::regclass from pg_constraint c join gone on c.confrelid = gone.name where c.contype = 'f')
    select c.conrelid::regclass, a.attname from pg_constraint c join gone on gone.name = c.confrelid
    join pg_attribute a on a.attrelid = c.conrelid and a.attnum = c.conkey[1]
    where c.contype = 'f' and (cardinality(c.conkey) > 1
        or not exists (select from pg_index i where i.indrelid = c.conrelid and i.indkey[0] = c.conkey[1])) $$,
    'whatever refers to what is culled does so by one indexed column');

create function pg_temp.plan(query text, thing text) returns setof text language plpgsql as $$
begin
    return query execute 'explain (costs off) ' || format(query, fixture.id(thing));
end
$$;
set local enable_seqscan = off;
select is_empty($$ select line from pg_temp.plan('select * from samsyn.kept_items(%L)', 'case') line where line ~ 'Seq Scan|Function Scan on kept' $$,
    'what is asked about one case reads that case alone');
select is_empty($$ select line from pg_temp.plan('select * from samsyn.kept_reports(null, %L)', 'report') line where line ~ 'Seq Scan|Function Scan on kept' $$,
    'and about one report that report');
set local enable_seqscan = on;

-- One case, three holders ------------------------------------------------------------------------------------------------

-- Alva was ten when this was written, in November 2026; on 15 June 2027 the case is closed.
set local session_replication_role = replica;
update samsyn.records set created_at = '2026-11-20 12:00+01';
update samsyn.record_versions set created_at = '2026-11-20 12:00+01';
update samsyn.disclosures set disclosed_at = '2026-11-21 12:00+01';
update samsyn.cases set opened_at = '2026-11-01 12:00+01';
update samsyn.subjects set birth_date = '2016-05-06';
insert into samsyn.access_extracts (id, subject_id, organisation_id, unit_id, guardian_id, identity_check, names_staff, before, made_by)
values (fixture.id('extract'), fixture.id('alva'), fixture.id('social'), fixture.id('social-unit'), fixture.id('mother'), 'identity-document', false, now(), fixture.id('social-auditor'));
set local session_replication_role = origin;
select fixture.clock('2027-01-10 12:00+01');
select fixture.record('placement', 'case', 'social-worker', 'PLACEMENT', 'SOCIAL_SERVICES');
select fixture.record('nurse', 'case', 'school-worker', 'SOMATIC_HEALTH', 'STUDENT_HEALTH_MEDICAL');
insert into samsyn.record_versions (id, record_id, version, case_id, organisation_id, scope, text, author_id)
select fixture.id('contact/2'), r.id, 2, r.case_id, r.organisation_id, r.scope, 'Second text', r.author_id from samsyn.records r where r.id = fixture.id('contact');

select results_eq($$ select k.kind, samsyn.organisation_name(k.organisation_id), k.regime, k.rule, k.due_on from samsyn.kept_items(fixture.id('case')) k order by 1, 2, 3, 4 $$,
    $$ values ('case', 'social', 'SOCIAL_SERVICES', 'SOCIAL_FILE', null::date),
        ('records', 'school', 'STUDENT_HEALTH', 'PUBLIC_RECORDS', null),
        ('records', 'school', 'STUDENT_HEALTH_MEDICAL', 'PATIENT_RECORD', null),
        ('records', 'social', 'SOCIAL_SERVICES', 'PLACEMENT_PATERNITY_ADOPTION', null),
        ('records', 'social', 'SOCIAL_SERVICES', 'SOCIAL_FILE', null) $$, 'each part by its own rule; nothing is due while the case is open');
select bag_eq($$ select * from samsyn.kept_items(null) $$, $$ select k.* from samsyn.cases c, samsyn.kept_items(c.id) k $$, 'all cases together are each by itself');

select fixture.clock('2027-06-15 23:30+02');
select fixture.act('social-worker');
update samsyn.cases set status = 'closed' where id = fixture.id('case');
insert into samsyn.closures (id, case_id, reason, closed_by) values (fixture.id('closing'), fixture.id('case'), 'Done', fixture.id('social-worker'));
insert into samsyn.retention_decisions (id, organisation_id, kind, regime, duration, reference, valid_from) values
    (fixture.id('d1'), fixture.id('school'), 'record', null, 'permanent', 'Dnr 1', '2026-01-01'),
    (fixture.id('d2'), fixture.id('school'), 'record', 'STUDENT_HEALTH', 'P8Y', 'Dnr 2', '2026-01-01'),
    (fixture.id('d3'), fixture.id('clinic'), 'record', null, 'P1Y', 'Dnr 3', '2026-01-01');
select results_eq($$ select k.kind, samsyn.organisation_name(k.organisation_id), k.regime, k.rule, k.ended_on, k.due_on from samsyn.kept_items(fixture.id('case')) k order by 1, 2, 3, 4 $$,
    $$ values ('case', 'social', 'SOCIAL_SERVICES', 'SOCIAL_FILE', date '2027-06-15', null::date),
        ('records', 'school', 'STUDENT_HEALTH', 'PUBLIC_RECORDS', '2027-06-15', '2035-06-16'),
        ('records', 'school', 'STUDENT_HEALTH_MEDICAL', 'PATIENT_RECORD', '2027-06-15', null),
        ('records', 'social', 'SOCIAL_SERVICES', 'PLACEMENT_PATERNITY_ADOPTION', '2027-06-15', null),
        ('records', 'social', 'SOCIAL_SERVICES', 'SOCIAL_FILE', '2027-06-15', '2032-06-16') $$,
    'closed, each has its day: by the act, by the holder''s own decision, or none; what is common waits for the parts');
select is((pg_temp.item('records', 'social', 'SOCIAL_SERVICES', 'SOCIAL_FILE')).last_note_on, date '2027-06-15', 'that it ended is the last note');

-- Culling ----------------------------------------------------------------------------------------------------------------

create function pg_temp.due(as_of date) returns setof text language sql as $$
    select kind || ' ' || organisation || ' ' || regime from samsyn.retention_due(as_of) where id = fixture.id('case')
$$;
select is_empty($$ select pg_temp.due('2032-06-15') $$, 'nothing is due the day before');
select results_eq($$ select pg_temp.due('2032-06-16') $$, $$ values ('records social SOCIAL_SERVICES') $$, 'on the day one part is');
select is(pg_temp.cull('records', 'case', 'social', 'SOCIAL_SERVICES', 'SOCIAL_FILE', '2032-06-16'), 'false', 'a day that has not come culls nothing');
select fixture.clock('2032-06-16 00:30+02');
select is(pg_temp.cull('records', 'case', 'social', 'SOCIAL_SERVICES', 'SOCIAL_FILE', '2032-06-15'), 'false', 'nor does an earlier one');
select is(pg_temp.cull('records', 'case', 'school', 'STUDENT_HEALTH', 'PUBLIC_RECORDS'), 'false', 'nor is what has its time left culled');
select is(pg_temp.cull('case', 'case', 'social', 'SOCIAL_SERVICES', 'SOCIAL_FILE'), 'false', 'nor what is common while there are parts');
select is(pg_temp.cull('records', 'case', 'social', 'SOCIAL_SERVICES', 'PLACEMENT_PATERNITY_ADOPTION'), 'false', 'nor what is kept for good');

insert into samsyn.legal_holds (id, case_id, organisation_id, reason, placed_by)
values (fixture.id('hold'), fixture.id('case'), fixture.id('school'), 'A dispute', fixture.id('school-manager'));
select is(pg_temp.cull('records', 'case', 'social', 'SOCIAL_SERVICES', 'SOCIAL_FILE'), 'false', 'a legal hold of any organisation stops it');
select is((select held from samsyn.retention_due('2032-06-16') where id = fixture.id('case')), true, 'and the list says so');
update samsyn.legal_holds set released_at = samsyn.now(), released_by = fixture.id('school-manager'), release_reason = 'Over' where id = fixture.id('hold');

create temp table log_before as select count(*) as n from samsyn.access_events;
select is(pg_temp.cull('records', 'case', 'social', 'SOCIAL_SERVICES', 'SOCIAL_FILE'), 'true', 'on its day, held by nothing, it goes');
select is(pg_temp.cull('records', 'case', 'social', 'SOCIAL_SERVICES', 'SOCIAL_FILE'), 'false', 'once');
select bag_eq($$ select r.id from samsyn.records r where r.case_id = fixture.id('case') $$,
    $$ select fixture.id(name) from unnest(array['contact', 'placement', 'attendance', 'nurse']) name $$,
    'what was handed over stays for whoever holds it, and what has another rule');
select bag_eq($$ select v.id from samsyn.record_versions v where v.record_id = fixture.id('contact') $$, $$ values (fixture.id('contact/1')) $$,
    'in the version that was handed over');
select isnt((select culled_at from samsyn.records where id = fixture.id('contact')), null, 'marked as gone for its owner');
select is(fixture.attempt('social-worker', $$ select from samsyn.records where id = fixture.id('contact') $$), '0 rows', 'who sees it no more');
select is(fixture.attempt('social-manager', $$ select from samsyn.record_versions where record_id = fixture.id('contact') $$), '0 rows', 'nor its text');
select is(fixture.attempt('school-worker', $$ select from samsyn.records where id = fixture.id('contact') $$), '1 row', 'while the recipient does');
select is(fixture.attempt('school-worker', $$ select from samsyn.record_versions where record_id = fixture.id('contact') $$), '1 row', 'with the text');
select results_eq($$ select kind, resource_id, organisation_id, rule, provision, opened_on, ended_on, culled_by from samsyn.tombstones $$,
    $$ values ('records', fixture.id('case'), fixture.id('social'), 'SOCIAL_FILE', 'SoL 16:1 first para', date '2026-11-20', date '2027-06-15', 'samsyn_retention') $$,
    'a tombstone says what, whose, and by which rule');
select results_eq($$ select activity, operation, outcome, organisation_id, subject_ids, resource_ids, user_id, role, request_id is null from samsyn.access_events order by at desc limit 1 $$,
    $$ values ('cull', 'cull', 'allowed', fixture.id('social'), array[fixture.id('alva')], array[fixture.id('case')], null::uuid, 'samsyn_retention', false) $$,
    'the access log says it was culled');
select is((select count(*) from samsyn.access_events), (select n + 1 from log_before), 'once, and keeps all that it said before');

select fixture.clock('2035-06-16 12:00+02');
select is(pg_temp.cull('records', 'case', 'school', 'STUDENT_HEALTH', 'PUBLIC_RECORDS'), 'true', 'the recipient''s part goes on a day of its own');
select bag_eq($$ select r.id from samsyn.records r where r.case_id = fixture.id('case') $$,
    $$ select fixture.id(name) from unnest(array['placement', 'nurse']) name $$, 'and with it what only it still held');
select is((select count(*) from samsyn.disclosure_items), 0::bigint, 'and that it was handed over');
select ok(exists (select from samsyn.cases where id = fixture.id('case')), 'what is common stays while a part does');

-- As if the rest had its time over, too: what is kept for good is made to end.
insert into samsyn.retention_mappings (kind, regime, category, sector, private, rule, counted_from, valid_from)
values ('record', 'STUDENT_HEALTH_MEDICAL', 'SOMATIC_HEALTH', null, null, 'SOCIAL_FILE', 'last-note', '2025-07-01'),
    ('record', 'SOCIAL_SERVICES', 'PLACEMENT', 'SOCIAL_SERVICES', false, 'SOCIAL_FILE', 'last-note', '2025-07-01');
select is(pg_temp.cull('records', 'case', 'school', 'STUDENT_HEALTH_MEDICAL', 'SOCIAL_FILE'), 'true', 'one more');
select is(pg_temp.cull('case', 'case', 'social', 'SOCIAL_SERVICES', 'SOCIAL_FILE'), 'false', 'not before the last');
select is(pg_temp.cull('records', 'case', 'social', 'SOCIAL_SERVICES', 'SOCIAL_FILE'), 'true', 'the last part');
select fixture.act('social-worker');
select samsyn.start_dated_deadline(null, 'A task', null, fixture.id('case'), null, null, '2036-01-01');
select is(pg_temp.cull('case', 'case', 'social', 'SOCIAL_SERVICES', 'SOCIAL_FILE'), 'true', 'and then the case itself');
select is_empty($$ select c.relname from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname in ('case_id', 'subject_id')
    where c.relnamespace = 'samsyn'::regnamespace and c.relkind = 'r' and a.atttypid = 'uuid'::regtype and c.relname !~ '^access_event'
        and (xpath('//n/text()', query_to_xml(format('select count(*) as n from samsyn.%I x where %I in (%L, %L)', c.relname, a.attname, fixture.id('case'), fixture.id('alva')), false, true, '')))[1]::text <> '0' $$,
    'nothing in any table is of the case or the child any more');
select is_empty($$ select 1 from samsyn.subjects where id = fixture.id('alva') union all select 2 from samsyn.guardians where subject_id = fixture.id('alva') union all select 3 from samsyn.consents
    union all select 4 from samsyn.consent_givers union all select 5 from samsyn.consent_answers union all select 6 from samsyn.disclosures $$, 'the child, its guardians and their consents are gone');
select is((select count(*) from samsyn.tombstones), 5::bigint, 'five things went, five tombstones stand');
select is_empty($$ select t.id from samsyn.tombstones t where to_jsonb(t)::text ~* 'alva|mother|father|text' $$, 'that say nothing about anybody');
select cmp_ok((select count(*) from samsyn.access_events), '=', (select n + 5 from log_before), 'the audit trail is all there');

-- Reports, investigations, consultations -----------------------------------------------------------------------------------

select fixture.subject('bo', 'social', '2016-02-29');
select fixture.subject('bo at school', 'school', '2016-02-29');
select fixture.clock('2026-12-01 12:00+01');
select fixture.act('social-worker');
insert into samsyn.cases (id, reference, subject_id, organisation_id, unit_id, title, opened_by)
values (fixture.id('second'), '2026-FFFFFFF1', fixture.id('bo'), fixture.id('social'), fixture.id('social-unit'), 'Inquiry', fixture.id('social-worker'));
select fixture.record('inquiry', 'second', 'social-worker', 'FAMILY_SITUATION', 'SOCIAL_SERVICES');
set local session_replication_role = replica;
insert into samsyn.investigations (id, case_id, organisation_id, unit_id, subject_id, opened_at, opened_by)
values (fixture.id('investigation'), fixture.id('second'), fixture.id('social'), fixture.id('social-unit'), fixture.id('bo'), '2026-12-01 12:00+01', fixture.id('social-worker'));
create function pg_temp.report(called text, other text, the_kind text, holder text, the_state text, child text, the_case text, the_investigation text) returns void language sql as $$
    insert into samsyn.concern_reports (id, kind, counterpart_id, organisation_id, unit_id, reporter_unit_id, recipient_unit_id, author_id, author_user_id, regime,
        ground, state, reported_at, subject_id, harms, concern, observations, source, contributors, guardians, case_id, investigation_id, retention_rule)
    values (fixture.id(called), the_kind, fixture.id(other), fixture.id(holder), fixture.id(holder || '-unit'), fixture.id('school-unit'), fixture.id('social-unit'),
        fixture.id('school-worker'), fixture.id('user:school-worker'), case holder when 'social' then 'SOCIAL_SERVICES' else 'PUPIL_SUPPORT' end, 'X', the_state,
        '2026-12-01 12:00+01', fixture.id(child), '{neglect}', 'Concern', 'Observed', 'Seen', '[]', '{}', fixture.id(the_case), fixture.id(the_investigation), 'SOCIAL_FILE')
$$;
select pg_temp.report('sent', 'received', 'sent', 'school', 'sent', 'bo at school', null, null), pg_temp.report('received', 'sent', 'received', 'social', 'opened', 'bo', 'second', 'investigation'),
    pg_temp.report('sent 2', 'received 2', 'sent', 'school', 'sent', 'bo at school', null, null), pg_temp.report('received 2', 'sent 2', 'received', 'social', 'not-opened', null, null, null);
insert into samsyn.preliminary_decisions (id, concern_report_id, organisation_id, outcome, reason, child_view, best_interests, decided_at, decided_by)
select samsyn.uuid7(), fixture.id(name), fixture.id('social'), 'open', 'Reason', '{}', 'Weighed', '2026-12-10 12:00+01', fixture.id('social-worker') from unnest(array['received', 'received 2']) name;
insert into samsyn.consultations (id, organisation_id, unit_id, recipient_id, recipient_unit_id, asked_for, question, asked_by, author_user_id, asked_at)
values (fixture.id('advice'), fixture.id('school'), fixture.id('school-unit'), fixture.id('social'), fixture.id('social-unit'), 'child', 'What to do?', fixture.id('school-worker'), fixture.id('user:school-worker'), '2026-12-01 12:00+01');
set local session_replication_role = origin;
select samsyn.start_dated_deadline(null, 'Assess', fixture.id('received 2'), null, null, fixture.id('social-unit'), '2026-12-15');

create function pg_temp.dates(the_case text) returns table (kind text, thing uuid, rule text, due_on date) language sql as $$
    select k.kind, k.id, k.rule, k.due_on from samsyn.kept_items(fixture.id(the_case)) k
$$;
select bag_eq($$ select kind, rule, due_on from pg_temp.dates('second') $$, $$ values ('records', 'CHILD_INVESTIGATION', null::date),
    ('investigation', 'CHILD_INVESTIGATION', null), ('report', 'CHILD_INVESTIGATION', null), ('case', 'SOCIAL_FILE', null) $$,
    'while an investigation is open all of it is kept, the report and the records as what belongs to it');
set local session_replication_role = replica;
update samsyn.investigations set closed_at = '2027-03-31 12:00+02' where id = fixture.id('investigation');
update samsyn.cases set status = 'closed' where id = fixture.id('second');
insert into samsyn.closures (id, case_id, reason, closed_at, closed_by) values (fixture.id('closing 2'), fixture.id('second'), 'Done', '2027-04-01 12:00+02', fixture.id('social-worker'));
set local session_replication_role = origin;
select bag_eq($$ select kind, rule, due_on from pg_temp.dates('second') $$, $$ values ('records', 'CHILD_INVESTIGATION', date '2046-03-01'),
    ('investigation', 'CHILD_INVESTIGATION', '2046-03-01'), ('report', 'CHILD_INVESTIGATION', '2046-03-01'), ('case', 'SOCIAL_FILE', null) $$,
    'closed, until the child is thirty');
select results_eq($$ select due_on from samsyn.kept_reports(null, fixture.id('received 2')) $$, $$ values (date '2031-12-11') $$, 'a report that led to nothing: five years after the decision');
select results_eq($$ select rule, due_on from samsyn.kept_reports(null, fixture.id('sent')) $$, $$ values ('PUBLIC_RECORDS', null::date) $$, 'the reporter''s copy as the reporter has decided: not yet');
select results_eq($$ select rule, due_on from samsyn.kept_consultations(fixture.id('advice')) $$, $$ values ('PUBLIC_RECORDS', null::date) $$, 'so a consultation');
insert into samsyn.retention_decisions (id, organisation_id, kind, duration, reference, valid_from) values
    (fixture.id('d5'), fixture.id('school'), 'report', 'P2Y', 'Dnr 5', '2026-01-01'), (fixture.id('d6'), fixture.id('school'), 'consultation', 'P1Y', 'Dnr 6', '2026-01-01');
select results_eq($$ select due_on from samsyn.kept_reports(null, fixture.id('sent')) $$, $$ values (date '2028-12-02') $$, 'then from the day of the report');
select results_eq($$ select due_on from samsyn.kept_consultations(fixture.id('advice')) $$, $$ values (null::date) $$, 'what two have waits for both');
insert into samsyn.retention_decisions (id, organisation_id, kind, duration, reference, valid_from) values (fixture.id('d7'), fixture.id('social'), 'consultation', 'P3Y', 'Dnr 7', '2026-01-01');
select results_eq($$ select due_on from samsyn.kept_consultations(fixture.id('advice')) $$, $$ values (date '2029-12-02') $$, 'and takes the longer time');

select fixture.clock('2032-01-01 12:00+01');
select is(pg_temp.cull('report', 'received 2', 'social', 'SOCIAL_SERVICES', 'REPORT_NOT_OPENED'), 'true', 'a report is culled');
select is_empty($$ select id from samsyn.preliminary_decisions where concern_report_id = fixture.id('received 2') union all select id from samsyn.deadlines where resource_id = fixture.id('received 2') $$, 'with the decision on it, and its deadlines');
select ok(exists (select from samsyn.concern_reports where id = fixture.id('sent 2') and counterpart_id is null), 'the other copy stays, by itself');
select is(pg_temp.cull('report', 'received', 'social', 'SOCIAL_SERVICES', 'CHILD_INVESTIGATION'), 'false', 'one that led to an investigation is not');
select is(pg_temp.cull('consultation', 'advice', 'school', null, 'PUBLIC_RECORDS'), 'true', 'a consultation');
select is(pg_temp.cull('report', 'sent', 'school', 'PUPIL_SUPPORT', 'PUBLIC_RECORDS'), 'true', 'a copy');
select ok(exists (select from samsyn.subjects where id = fixture.id('bo at school')), 'the child stays in the register while another one is about it');
select is(pg_temp.cull('report', 'sent 2', 'school', 'PUPIL_SUPPORT', 'PUBLIC_RECORDS'), 'true', 'which goes, too');
select ok(not exists (select from samsyn.subjects where id = fixture.id('bo at school')), 'and the child with it');

select fixture.clock('2046-03-01 12:00+01');
insert into samsyn.legal_holds (id, case_id, organisation_id, reason, placed_by)
values (fixture.id('hold 2'), fixture.id('second'), fixture.id('social'), 'A dispute', fixture.id('social-manager'));
select is(pg_temp.cull('investigation', 'investigation', 'social', 'SOCIAL_SERVICES', 'CHILD_INVESTIGATION'), 'false', 'a hold of the case holds its investigation');
select is(pg_temp.cull('report', 'received', 'social', 'SOCIAL_SERVICES', 'CHILD_INVESTIGATION'), 'false', 'and its report');
update samsyn.legal_holds set released_at = samsyn.now(), release_reason = 'Over' where id = fixture.id('hold 2');
select results_eq($$ select kind from samsyn.retention_due('2046-03-01') where id in (fixture.id('second'), fixture.id('investigation'), fixture.id('received')) $$,
    $$ values ('report'), ('records'), ('investigation') $$, 'at thirty all of it is due, what belongs to the investigation before it');
select is(pg_temp.cull('records', 'second', 'social', 'SOCIAL_SERVICES', 'CHILD_INVESTIGATION'), 'true', 'the records go');
select is(pg_temp.cull('investigation', 'investigation', 'social', 'SOCIAL_SERVICES', 'CHILD_INVESTIGATION'), 'true', 'and the investigation');
select is((select investigation_id from samsyn.concern_reports where id = fixture.id('received')), null, 'leaving the report by itself');
select is(samsyn.kind_of_report(r), 'report-opened', 'as what it was') from samsyn.concern_reports r where r.id = fixture.id('received');
select is(pg_temp.cull('report', 'received', 'social', 'SOCIAL_SERVICES', 'CHILD_INVESTIGATION'), 'true', 'and the report');
select is(pg_temp.cull('case', 'second', 'social', 'SOCIAL_SERVICES', 'SOCIAL_FILE'), 'true', 'then the case');
select ok(not exists (select from samsyn.subjects where id = fixture.id('bo')), 'and the child');

-- Nobody else ------------------------------------------------------------------------------------------------------------

select throws_ok($$ select samsyn.cull('case', fixture.id('case'), fixture.id('social'), 'SOCIAL_SERVICES', 'SOCIAL_FILE', samsyn.today()) $$, '42501', null, 'the superuser does not cull');
select is(fixture.attempt('social-manager', $$ select samsyn.cull('case', fixture.id('case'), fixture.id('social'), '', '', '2030-01-01') $$), '42501', 'nor does the server');
select is(fixture.attempt('social-manager', $$ select samsyn.remove('samsyn.cases', array[fixture.id('case')], false) $$), '42501', 'nor remove');
select is(fixture.as_retention($$ select count(*) from samsyn.cases $$), 'permission denied for table cases', 'who may culls by the function alone');
select is(fixture.as_retention($$ delete from samsyn.tombstones $$), 'permission denied for table tombstones', 'removes no tombstone');
select is(fixture.as_retention($$ delete from samsyn.access_events $$), 'permission denied for table access_events', 'and no row of the access log');
select is(fixture.as_retention($$ select samsyn.enter(null, null, null, '{}', '{}', null, 'x', null, '{}', null, '{}', null, null, null, null, null, null) $$), 'permission denied for function enter', 'and never acts as somebody');
set local role samsyn_owner;
select throws_ok($$ delete from samsyn.tombstones $$, '42501', null, 'a tombstone stands for the owner as well');
reset role;

-- Still alone: what the triggers let through is what samsyn.cull does, not what a statement of that login says.
select is(fixture.attempt('social-worker', $$ select from samsyn.tombstones $$), '0 rows', 'tombstones are for auditors');
select is(fixture.attempt('social-auditor', $$ select from samsyn.tombstones $$), '8 rows', 'of the organisation');
select is(fixture.attempt('clinic-auditor', $$ select from samsyn.tombstones $$), '0 rows', 'whose it was');

select * from finish();
rollback;
