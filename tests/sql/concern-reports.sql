-- Concern reports: two copies of which neither side sees the other's, what social services alone may do with theirs, and
-- a text that names nobody.
begin;
\ir support/fixture.sql
select no_plan();
-- The two copies point at each other.
set constraints all deferred;

select fixture.organisation('intake', 'social', 'unit', null, null);
select fixture.organisation('empty-unit', 'social', 'unit', null, null);
select fixture.assignment('school-professional', 'school-unit', 'professional');
select fixture.assignment('school-author', 'school-unit', 'professional');
select fixture.subject('elias', 'school', (samsyn.today() - interval '9 years')::date);
update samsyn.subjects set identity_number = '201601029801' where id in (fixture.id('alva'), fixture.id('elias'));

create function pg_temp.draft(unit text default 'social-unit', more jsonb default '{}') returns jsonb language sql as $$
    select jsonb_build_object('recipientUnitId', fixture.id(unit), 'child', jsonb_build_object('description', 'A boy'), 'harms', array['other'],
        'concern', 'He is cold', 'observations', 'Seen often', 'source', 'Ourselves', 'guardians', jsonb_build_object('informed', false, 'reason', 'Unknown')) || more
$$;
-- Reports as the assignment; what came of it, or the code.
create function pg_temp.report(called text, assignment text, unit text default 'social-unit', more jsonb default '{}') returns text language plpgsql as $$
begin
    perform fixture.act(assignment, 'disclose');
    perform samsyn.report_concern(fixture.id(called), pg_temp.draft(unit, more));
    return 'reported';
exception when sqlstate 'SA001' then return sqlerrm;
end
$$;
create function pg_temp.received(called text) returns uuid language sql as $$ select counterpart_id from samsyn.concern_reports where id = fixture.id(called) $$;
create function pg_temp.sees(assignment text, report uuid) returns text language sql as $$
    select fixture.attempt(assignment, format('select from samsyn.concern_reports where id = %L', report))
$$;

-- The copies -------------------------------------------------------------------------------------------------------------

select is(pg_temp.report('named', 'school-author', more => jsonb_build_object('child', jsonb_build_object('subjectId', fixture.id('elias')),
    'guardianContactHold', jsonb_build_object('reason', 'violence'))), 'reported', 'a professional reports a child of the own register');
select is(pg_temp.report('nameless', 'school-author'), 'reported', 'and one whom nobody knows');
select results_eq($$ select kind, organisation_id, unit_id, regime, state, subject_id, retention_rule from samsyn.concern_reports
    where fixture.id('named') in (id, counterpart_id) order by kind desc $$,
    $$ values ('sent', fixture.id('school'), fixture.id('school-unit'), 'CONCERN_REPORT_AT_REPORTER', 'sent', fixture.id('elias'), 'PUBLIC_RECORDS'),
        ('received', fixture.id('social'), fixture.id('social-unit'), 'SOCIAL_SERVICES', 'awaiting-assessment', fixture.id('alva'), 'SOCIAL_FILE') $$,
    'each copy has its holder, its secrecy, the child of its own register and its own time to be kept');
select is((select subject_id from samsyn.concern_reports where id = pg_temp.received('nameless')), null, 'who the child is may be unknown');
select bag_eq($$ select rule from samsyn.deadlines where resource_id = pg_temp.received('named') and organisation_id = fixture.id('social') $$,
    $$ values ('IMMEDIATE_PROTECTION_ASSESSMENT'), ('PRELIMINARY_ASSESSMENT') $$, 'the time of social services runs, for them');
select is_empty($$ select from samsyn.deadlines where resource_id = fixture.id('named') $$, 'and none for the reporter');
select is(fixture.attempt('school-author', 'select counterpart_id from samsyn.concern_reports'), '42501', 'which copies belong together is not the server''s to read');
select throws_ok($$ update samsyn.concern_reports set case_id = fixture.id('case') where id = fixture.id('named') $$, '23514', null,
    'the copy of the reporter cannot hold what became of it');
select is(fixture.attempt(who, format('update samsyn.concern_reports set state = state where id in (%L, %L)', fixture.id('named'), pg_temp.received('named'))),
    '42501', who || ' changes no copy but through the functions') from unnest(array['school-author', 'social-worker']) who;
select is(fixture.attempt('social-manager', format('delete from samsyn.concern_reports where id = %L', pg_temp.received('named'))), '42501', 'nobody removes one');

-- Who sees which ---------------------------------------------------------------------------------------------------------

select is(pg_temp.sees(who, copy.id), copy.seen, who || ' and the copy ' || copy.kind)
from (values
    ('school-author', '1 row', '0 rows'), ('school-manager', '1 row', '0 rows'), ('school-professional', '0 rows', '0 rows'),
    ('school-worker', '0 rows', '0 rows'), ('school-auditor', '0 rows', '0 rows'), ('school-lead', '0 rows', '0 rows'),
    ('social-worker', '0 rows', '1 row'), ('social-colleague', '0 rows', '1 row'), ('social-manager', '0 rows', '1 row'),
    ('social-other-manager', '0 rows', '0 rows'), ('social-professional', '0 rows', '0 rows'), ('social-auditor', '0 rows', '0 rows'),
    ('social-admin', '0 rows', '0 rows'), ('clinic-worker', '0 rows', '0 rows'), ('clinic-manager', '0 rows', '0 rows'), ('system-admin', '0 rows', '0 rows')
) expected(who, sent, received)
cross join lateral (values ('sent', fixture.id('named'), sent), ('received', pg_temp.received('named'), received)) copy(kind, id, seen);
select fixture.act_as_party('201601029801');
set local role samsyn_api;
select is_empty('select from samsyn.concern_reports', 'the child, or a guardian, sees no report');
select is_empty('select from samsyn.investigations', 'nor an investigation');
reset role;

select fixture.act('social-worker');
select bag_eq('select unnest(samsyn.receiving_units())', $$ select fixture.id('social-unit') $$, 'who works in a unit receives for it');
select fixture.act('social-manager');
select bag_eq('select unnest(samsyn.receiving_units())', $$ select fixture.id(name) from unnest(array['social-unit', 'intake', 'empty-unit']) name $$,
    'whoever leads one stands in for those that have nobody');
select fixture.act('social-professional');
select is_empty('select unnest(samsyn.receiving_units())', 'a role without the permission receives for none');
select is(pg_temp.report('to-empty', 'school-author', 'empty-unit'), 'reported', 'a unit without people can be addressed');
select is(pg_temp.sees('social-manager', pg_temp.received('to-empty')), '1 row', 'and is not left unseen');
select is(pg_temp.sees('social-other-manager', pg_temp.received('to-empty')), '1 row', 'by whoever leads another');
select is(pg_temp.sees('social-worker', pg_temp.received('to-empty')), '0 rows', 'but by nobody else');

insert into samsyn.exclusions (id, case_id, subject_id, organisation_id, user_id, kind, reason, declared_by)
values (fixture.id('exclusion'), fixture.id('case'), fixture.id('alva'), fixture.id('social'), fixture.id('user:social-manager'), 'kinship', 'Aunt', fixture.id('social-worker'));
select is(pg_temp.sees('social-manager', pg_temp.received('named')), '0 rows', 'whoever is excluded from the child sees none, leading the unit or not');
select is(pg_temp.sees('social-manager', pg_temp.received('nameless')), '1 row', 'but others');
update samsyn.exclusions set ended_at = now();

-- What the evaluator and the rules refuse --------------------------------------------------------------------------------

select is(pg_temp.report('x', who, unit, more), code, code || ' for ' || who || ' ' || unit || ' ' || more)
from (values
    ('school-author', 'clinic-unit', '{}'::jsonb, 'GROUND_RECIPIENT_SECTOR'),
    ('school-author', 'social', '{}', 'INVALID_REFERENCE'), ('school-author', 'nowhere', '{}', 'INVALID_REFERENCE'),
    ('school-author', 'social-unit', jsonb_build_object('child', jsonb_build_object('subjectId', fixture.id('alva'))), 'INVALID_REFERENCE'),
    ('school-author', 'social-unit', jsonb_build_object('child', jsonb_build_object('description', 'x', 'birthDate', samsyn.today() - 7000)), 'GROUND_AGE'),
    ('school-author', 'social-unit', jsonb_build_object('child', jsonb_build_object('description', 'x', 'birthDate', (samsyn.today() - interval '18 years' + interval '1 day')::date)), 'reported')
) given(who, unit, more, code);
update samsyn.organisations set sector = 'COURT' where id = fixture.id('clinic-unit');
select is(pg_temp.report('x2', 'clinic-worker'), 'GROUND_SOURCE_SECTOR', 'a court does not report on this ground');
update samsyn.organisations set sector = 'HEALTH_CARE', regime = 'CRIMINAL_RECORDS' where id = fixture.id('clinic-unit');
select is(pg_temp.report('x3', 'clinic-worker'), 'GROUND_EXCLUDED', 'some secrecy it does not break');
update samsyn.organisations set sector = 'FAMILY_COUNSELLING', regime = 'FAMILY_COUNSELLING' where id = fixture.id('clinic-unit');
select is(pg_temp.report('counselling', 'clinic-worker'), 'reported', 'family counselling reports');
select is((select ground || ' ' || regime from samsyn.concern_reports where id = fixture.id('counselling')), 'CONCERN_REPORT_FAMILY_COUNSELLING FAMILY_COUNSELLING',
    'on its own ground and under its own secrecy');
update samsyn.legal_grounds set enabled = false where code = 'CONCERN_REPORT';
select is(pg_temp.report('x4', 'school-author'), 'NO_LEGAL_GROUND', 'and nobody on one that is not in force');
update samsyn.legal_grounds set enabled = true where code = 'CONCERN_REPORT';
select fixture.organisation('foundation', 'town', 'provider', 'SCHOOL', 'PRIVATE_SCHOOL');
select fixture.organisation('free-school', 'foundation', 'unit', null, null);
select fixture.assignment('free-teacher', 'free-school', 'professional');
select is(pg_temp.report('private', 'free-teacher'), 'reported', 'a private provider reports');
select is((select ground || ' ' || regime from samsyn.concern_reports where id = fixture.id('private')), 'CONCERN_REPORT PRIVATE_SCHOOL', 'under its duty of confidentiality');
select is(pg_temp.report('within', 'social-colleague'), 'reported', 'social services report to themselves');
select is((select string_agg(kind || ' ' || regime || ' ' || retention_rule, ', ' order by kind desc) from samsyn.concern_reports
    where fixture.id('within') in (id, counterpart_id)), 'sent CONCERN_REPORT_AT_REPORTER SOCIAL_FILE, received SOCIAL_SERVICES SOCIAL_FILE', 'in two copies all the same');
select is_empty($$ select retention_rule from samsyn.concern_reports except select code from samsyn.retention_rules $$, 'each copy is kept by a rule that there is');
select is_empty($$ select from samsyn.deadlines d join samsyn.concern_reports r on r.id = d.resource_id where d.subject_id is not null $$,
    'a deadline, which all of the unit see, does not tell the child of a report');
update samsyn.subjects set protected_identity = true where id = fixture.id('elias');
select is(pg_temp.report('protected', 'school-author', more => jsonb_build_object('child', jsonb_build_object('subjectId', fixture.id('elias')))), 'reported',
    'a protected identity does not stand in the way of the duty');

-- What becomes of it -----------------------------------------------------------------------------------------------------

create function pg_temp.step(assignment text, statement text) returns text language sql as $$ select fixture.attempt(assignment, statement) $$;
create function pg_temp.decide(called text, outcome text, more jsonb default '{}') returns text language plpgsql as $$
begin
    perform fixture.act('social-worker', 'write');
    perform samsyn.decide_concern_report(pg_temp.received(called), samsyn.uuid7(), jsonb_build_object('outcome', outcome, 'reason', 'Why',
        'childView', jsonb_build_object('absence', 'Not met'), 'bestInterests', 'Safety') || more);
    return 'decided';
exception when sqlstate 'SA001' then return sqlerrm;
end
$$;
create function pg_temp.assess(called text) returns void language sql as $$
    insert into samsyn.protection_assessments (id, concern_report_id, organisation_id, immediate_need, assessment, assessed_by)
    values (samsyn.uuid7(), pg_temp.received(called), fixture.id('social'), false, 'Safe', fixture.id('social-worker'))
$$;
select is(fixture.attempt('school-manager', format('insert into samsyn.protection_assessments (id, concern_report_id, organisation_id, immediate_need, assessment, assessed_by)
    values (samsyn.uuid7(), %L, fixture.id(''school''), false, ''x'', samsyn.assignment())', report)), '42501', 'the reporter assesses neither copy')
from unnest(array[fixture.id('named'), pg_temp.received('named')]) report;
select is(fixture.attempt('social-worker', format('insert into samsyn.protection_assessments (id, concern_report_id, organisation_id, immediate_need, assessment, assessed_by)
    values (samsyn.uuid7(), %L, fixture.id(''social''), false, ''x'', fixture.id(''social-colleague''))', pg_temp.received('named'))), '42501', 'nobody assesses in another''s name');
select is(pg_temp.decide('named', 'not-open'), 'CONFLICT', 'there is no decision before the assessment');
select pg_temp.assess('named'), pg_temp.assess('nameless');
select is(pg_temp.decide('nameless', 'open', '{"caseTitle": "Concern"}'), 'UNPROCESSABLE', 'no investigation of a child whom nobody knows');
select is(pg_temp.decide('named', 'already-open'), 'CONFLICT', 'none is open yet');
select is(pg_temp.decide('named', 'open', jsonb_build_object('caseId', fixture.id('case'))), 'decided', 'it is opened on a case about the child');
select is(pg_temp.decide('named', 'not-open'), 'ALREADY_ANSWERED', 'once');
select results_eq($$ select state, case_id, retention_rule from samsyn.concern_reports where id = pg_temp.received('named') $$,
    $$ values ('opened', fixture.id('case'), 'CHILD_INVESTIGATION') $$, 'the received copy says what became of it');
select is((select state || coalesce(case_id::text, '') from samsyn.concern_reports where id = fixture.id('named')), 'sent', 'the sent one does not');
create function pg_temp.duty(recipient text) returns text[] language sql as $$
    select samsyn.disclosure_refusals(samsyn.to_question(jsonb_build_object('kind', 'handover', 'case_id', fixture.id('case'),
        'discloser', fixture.id('school'), 'recipient', fixture.id(recipient), 'ground', 'INVESTIGATION_DUTY', 'categories', array['ATTENDANCE'],
        'regimes', array['STUDENT_HEALTH'], 'purpose', 'investigation', 'justification', 'Asked for', 'precondition_statement', 'It is open',
        'decision_id', null, 'request_id', null)))
$$;
select is('GROUND_PRECONDITION' = any (pg_temp.duty('social')), false, 'while it is open the duty to give facts to it holds (SoL 20:6)');
select throws_ok($$ insert into samsyn.investigations (id, case_id, organisation_id, unit_id, subject_id, opened_by)
    select samsyn.uuid7(), i.case_id, i.organisation_id, i.unit_id, i.subject_id, i.opened_by from samsyn.investigations i $$, '23505', null,
    'there is one open investigation about a child');
select fixture.act('social-worker', 'write');
insert into samsyn.concern_report_identifications (id, concern_report_id, organisation_id, subject_id, identified_by)
values (samsyn.uuid7(), pg_temp.received('nameless'), fixture.id('social'), fixture.id('alva'), fixture.id('social-worker'));
select is(pg_temp.decide('nameless', 'not-open'), 'CONFLICT', 'no decision is needed while one is open');
select is(pg_temp.decide('nameless', 'already-open'), 'decided', 'which is said instead');
select is(fixture.attempt('school-worker', $$ select from samsyn.investigations where case_id = fixture.id('case') $$), '1 row', 'others on the case see that it is open');
select is(fixture.attempt('clinic-worker', $$ select from samsyn.investigations $$), '0 rows', 'those who are not do not');
select is_empty($$ select unnest(array['investigation_extensions', 'investigation_notices', 'care_applications', 'investigation_closures'])
    except select c.relname from pg_class c where c.relnamespace = 'samsyn'::regnamespace and c.relrowsecurity and c.relforcerowsecurity $$, 'its content is protected');
insert into samsyn.care_applications (id, investigation_id, organisation_id, applied_on, registered_by)
select samsyn.uuid7(), i.id, i.organisation_id, samsyn.today(), i.opened_by from samsyn.investigations i;
select is(fixture.attempt('school-worker', 'select from samsyn.care_applications'), '0 rows', 'from them too');
select is(fixture.attempt('social-worker', 'select from samsyn.care_applications'), '1 row', 'and theirs who conduct it');

insert into samsyn.investigation_closures (id, investigation_id, organisation_id, child_needs, parents_capacity, how_met, outcome, child_view, best_interests, closed_by)
select samsyn.uuid7(), i.id, i.organisation_id, 'Needs', 'Capacity', 'Met', 'no-intervention', '{}', 'Best', i.opened_by from samsyn.investigations i;
select is('GROUND_PRECONDITION' = any (pg_temp.duty('social')), true, 'and no longer once it is closed');

-- Under an emergency access: what led to the one case, and no other report.
select fixture.act('social-manager');
select set_config('samsyn.emergency_case_id', fixture.id('case')::text, true), set_config('samsyn.permissions', ',' ||
    (select string_agg(p.code, ',') from samsyn.permissions p where p.in_emergency) || ',', true);
set local role samsyn_api;
select bag_eq('select r.id from samsyn.concern_reports r', 'select r.id from samsyn.concern_reports r where r.case_id = samsyn.emergency_case()',
    'in an emergency the reports that led to the case are read');
select isnt_empty('select from samsyn.concern_reports', 'and there are some');
select is_empty('select from samsyn.consultations', 'nothing else');
reset role;

-- Feedback and the hold --------------------------------------------------------------------------------------------------

create function pg_temp.told(assignment text, statement text) returns text language plpgsql as $$
begin
    perform fixture.act(assignment, 'disclose');
    execute statement;
    return 'done';
exception when sqlstate 'SA001' then return sqlerrm;
end
$$;
select is(pg_temp.told('social-worker', $$ select samsyn.give_feedback(pg_temp.received('to-empty'), null) $$), 'CONFLICT', 'nothing is told before the decision');
update samsyn.legal_grounds set enabled = false where code = 'REPORTER_FEEDBACK';
select is(pg_temp.told('social-worker', $$ select samsyn.give_feedback(pg_temp.received('named'), null) $$), 'NO_LEGAL_GROUND', 'nor without a ground');
update samsyn.legal_grounds set enabled = true where code = 'REPORTER_FEEDBACK';
update samsyn.organisations set sector = 'COURT' where id = fixture.id('school-unit');
select is(pg_temp.told('social-worker', $$ select samsyn.give_feedback(pg_temp.received('named'), null) $$), 'GROUND_RECIPIENT_SECTOR', 'nor to one whom the ground does not name');
update samsyn.organisations set sector = 'SCHOOL' where id = fixture.id('school-unit');
select is(pg_temp.told('social-worker', $$ select samsyn.give_feedback(pg_temp.received('named'), 'Danger') $$), 'CONFLICT', 'what nobody asked is not refused');
select is(pg_temp.told('school-author', $$ select samsyn.ask_feedback(fixture.id('named')) $$), 'done', 'the reporter asks');
select is((select count(*)::int from samsyn.deadlines where resource_id = pg_temp.received('named') and rule = 'REPORTER_FEEDBACK'), 1, 'a week runs from the decision');
select is(pg_temp.told('social-worker', $$ select samsyn.give_feedback(pg_temp.received('named'), null) $$), 'done', 'and is told');
select results_eq($$ select feedback, feedback_by, feedback_refused_reason from samsyn.concern_reports where id = fixture.id('named') $$,
    $$ values ('opened', null::uuid, null::text) $$, 'what was decided, and nothing else');
select is(pg_temp.told('school-author', $$ select samsyn.ask_feedback(fixture.id('nameless')) $$), 'done', 'asked of a child whose investigation ran already');
select is((select rule from samsyn.deadlines where resource_id = pg_temp.received('nameless') and met_at is null), 'REPORTER_FEEDBACK_LATE_REQUEST', 'it is due at once');

select is(samsyn.guardian_contact_hold(fixture.id(child)), true, 'the hold is there for ' || child) from unnest(array['alva', 'elias']) child;
select is(pg_temp.told('social-worker', $$ select samsyn.release_hold(pg_temp.received('named'), 'Told') $$), 'done', 'social services release it');
select is(samsyn.guardian_contact_hold(fixture.id(child)), false, 'for ' || child || ' too') from unnest(array['alva', 'elias']) child;
select is(samsyn.guardian_contact_hold(null), false, 'a report about nobody known holds nobody');

-- A text that names nobody -----------------------------------------------------------------------------------------------

select is(samsyn.holds_identity_number(text), expected, text) from (values
    ('201601029802', true), ('160102-9802', true), ('20160102-9802', true), ('160102+9802', true), ('16 01 02 98 02', true), ('2016-01-02 - 9802', true),
    ('160162-9809', true), ('x1601029802x', true), ('0701601029802', true), ('160102–9802', true), (U&'160102\200B9802', true),
    ('160102-9803', false), ('161302-9808', false), ('160132-9806', false), ('160102-980', false), ('112', false), ('', false), ('232100-0016', false)
) given(text, expected);
insert into samsyn.subjects (id, organisation_id, name, birth_date, created_by)
values (fixture.id('named child'), fixture.id('school'), 'Åsa-Li Maria Ängström', '2016-01-02', fixture.id('school-worker'));
select fixture.act('school-worker');
select is(samsyn.names_known_child(text), expected, text) from (values
    ('Åsa-Li Ängström', true), ('ängström, åsa', true), ('Åsas bror, Ängströms', true), (normalize('ÅSA ÄNGSTRÖM', nfd), true),
    ('Åsa', false), ('Ängström', false), ('Maria Ängström', false), ('', false)
) given(text, expected);
select fixture.act('clinic-worker');
select is(samsyn.names_known_child('Åsa-Li Ängström'), false, 'only of the own register');
select is(fixture.attempt('school-worker', format($$ insert into samsyn.consultations (id, organisation_id, unit_id, recipient_id, recipient_unit_id, asked_for,
    question, asked_by, author_user_id) values (samsyn.uuid7(), samsyn.organisation(), samsyn.unit(), samsyn.organisation(), fixture.id(%L), 'own-work', %L,
    samsyn.assignment(), samsyn.me()) $$, unit, question)), answer, question || ' to ' || unit)
from (values ('social-unit', 'What to do?', '1 row'), ('social-unit', 'Åsa Ängström is cold', 'SA001 UNPROCESSABLE'),
    ('social-unit', '160102-9802 is cold', 'SA001 UNPROCESSABLE'), ('clinic-unit', 'What to do?', 'SA001 INVALID_REFERENCE')) given(unit, question, answer);

select * from finish();
rollback;
