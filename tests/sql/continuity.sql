-- Who leads a case, who is kept from it, and what an emergency opens: the rules behind the operations.
begin;
\ir support/fixture.sql
select no_plan();

create function fixture.led(assignment text, the_case text default 'case') returns void language sql as $$
    update samsyn.cases set lead_assignment_id = fixture.id(assignment) where id = fixture.id(the_case)
$$;
create function fixture.exclude(called text, assignment text, the_case text default 'case') returns void language sql as $$
    insert into samsyn.exclusions (id, case_id, subject_id, user_id, organisation_id, kind, reason, declared_by)
    select fixture.id(called), c.id, c.subject_id, a.user_id, a.organisation_id, 'bias', 'Reason', fixture.id('social-manager')
    from samsyn.cases c, samsyn.assignments a where c.id = fixture.id(the_case) and a.id = fixture.id(assignment)
$$;
create function fixture.offer(called text, recipient text, unit text) returns void language sql as $$
    insert into samsyn.lead_transfers (id, case_id, organisation_id, unit_id, recipient_id, recipient_unit_id, reason, proposed_by)
    values (fixture.id(called), fixture.id('case'), fixture.id('social'), fixture.id('social-unit'), fixture.id(recipient), fixture.id(unit), 'Reason', fixture.id('social-worker'))
$$;
create function fixture.accept(called text, assignment text) returns void language sql as $$
    update samsyn.lead_transfers set status = 'accepted', answered_by = fixture.id(assignment), answered_at = samsyn.now() where id = fixture.id(called)
$$;
create function fixture.emergency(called text, assignment text, expires interval default '1 hour') returns void language sql as $$
    insert into samsyn.emergency_accesses (id, user_id, assignment_id, organisation_id, unit_id, case_id, case_unit_id, subject_id, reason, opened_at, expires_at)
    select fixture.id(called), a.user_id, a.id, a.organisation_id, a.unit_id, fixture.id('case'), fixture.id('social-unit'), fixture.id('alva'), 'Reason',
        samsyn.now() - interval '2 hours', samsyn.now() + expires
    from samsyn.assignments a where a.id = fixture.id(assignment)
$$;

-- The lead -------------------------------------------------------------------------------------------------------------

select is((select lead_assignment_id from samsyn.cases where id = fixture.id('case')), fixture.id('social-worker'), 'who opens a case leads it');
select fixture.offer('transfer', 'school', 'school-unit');
select throws_ok($$ select fixture.offer('second', 'social', 'social-other-unit') $$, '23505', null, 'one offer is pending at a time');
select throws_ok($$ insert into samsyn.participants (id, case_id, organisation_id, unit_id, status, invited_by)
    values (samsyn.uuid7(), fixture.id('case'), fixture.id('clinic'), fixture.id('clinic-unit'), 'lead', fixture.id('social-worker')) $$, '23505', null, 'a case has one lead');

savepoint offered;
select fixture.accept('transfer', 'school-manager');
select results_eq($$ select organisation_id, unit_id, lead_assignment_id from samsyn.cases where id = fixture.id('case') $$,
    $$ values (fixture.id('school'), fixture.id('school-unit'), fixture.id('school-manager')) $$, 'with the acceptance the case is the receiver''s');
select results_eq($$ select organisation_id, status, ground, consent_id from samsyn.participants where case_id = fixture.id('case') order by status $$,
    $$ values (fixture.id('social'), 'accepted', 'CONSENT', fixture.id('consent')), (fixture.id('school'), 'lead', 'CONSENT', fixture.id('consent')) $$,
    'and the sender takes part on the ground that the two had');
select is(fixture.attempt('social-worker', $$ select samsyn.require_lead(fixture.id('case')) $$), 'SA001 NOT_LEAD_ORGANISATION', 'who led leads no longer');
select is(fixture.attempt('school-manager', $$ select samsyn.require_lead(fixture.id('case')) $$), '1 row', 'who accepted does');
select is(fixture.attempt('social-worker', $$ update samsyn.cases set title = 'X' where id = fixture.id('case') $$), '0 rows', 'nor changes the case');
select is(fixture.attempt('school-manager', $$ update samsyn.cases set title = 'X' where id = fixture.id('case') $$), '1 row', 'which is for the new lead');
select is(fixture.attempt('social-worker', $$ select from samsyn.records where id = fixture.id('housing') $$), '1 row', 'own records stay open');
select is(fixture.attempt('school-manager', $$ select from samsyn.records where id = fixture.id('housing') $$), '0 rows', 'and closed to whom nothing was disclosed');
select is(fixture.attempt('school-manager', $$ select from samsyn.records where id = fixture.id('family') $$), '1 row', 'what is shared stays shared');
select is(fixture.attempt('school-manager', $$ select from samsyn.guardians where id = fixture.id('mother') $$), '0 rows', 'the register does not change hands');
rollback to offered;

select is(fixture.attempt(who, $$ update samsyn.lead_transfers set status = 'accepted', answered_by = samsyn.assignment(), answered_at = samsyn.now()
    where id = fixture.id('transfer') $$), answer, who || ' accepting')
from (values ('school-manager', '1 row'), ('clinic-manager', '0 rows'), ('social-other-manager', '0 rows'), ('school-auditor', '0 rows')) v(who, answer);
select is(fixture.attempt('school-manager', $$ select fixture.accept('transfer', 'school-manager') $$,
    $$ update samsyn.participants set status = 'ended' where id = fixture.id('participant') $$), 'SA001 CONFLICT', 'a receiver that takes part no longer does not lead');
select is(fixture.attempt('school-manager', $$ select fixture.accept('transfer', 'school-manager') $$,
    $$ update samsyn.cases set status = 'closed' where id = fixture.id('case') $$), 'SA001 CASE_CLOSED', 'nor is a closed case taken over');

-- People ---------------------------------------------------------------------------------------------------------------

select is(fixture.attempt('social-admin', $$ update samsyn.assignments set ended_at = samsyn.now() where id = fixture.id('social-worker') $$),
    'SA001 HANDOVER_REQUIRED', 'an assignment that leads a case does not end');
select is(fixture.attempt('social-admin', $$ update samsyn.assignments set ends_on = samsyn.today() + 9 where id = fixture.id('social-worker') $$),
    'SA001 HANDOVER_REQUIRED', 'nor ends earlier');
select is(fixture.attempt('social-admin', $$ update samsyn.assignments set ends_on = samsyn.today() + 99 where id = fixture.id('social-worker') $$,
    $$ update samsyn.assignments set ends_on = samsyn.today() + 9 where id = fixture.id('social-worker') $$), '1 row', 'later it may');
select is(fixture.attempt('social-admin', $$ update samsyn.assignments set ended_at = samsyn.now() where id = fixture.id('social-worker') $$,
    $$ update samsyn.cases set status = 'closed' where id = fixture.id('case') $$), '1 row', 'a closed case holds nobody');
select is(fixture.attempt('social-admin', $$ update samsyn.assignments set ended_at = samsyn.now() where id = fixture.id('social-worker') $$,
    $$ select fixture.led('social-colleague') $$), '1 row', 'nor one that somebody else leads');
select is(fixture.attempt('social-manager', $$ update samsyn.team_members set ended_at = samsyn.now(), ended_by = samsyn.assignment()
    where assignment_id = fixture.id('social-worker') $$), 'SA001 HANDOVER_REQUIRED', 'who leads stays on the team');
select is(samsyn.standing_leader(fixture.id('case'), fixture.id('social-unit'), null, null), fixture.id('social-manager'), 'who leads the unit steps in');
select is(samsyn.standing_leader(fixture.id('case'), fixture.id('social-unit'), fixture.id('social-manager'), null), fixture.id('social-other-manager'),
    'or somebody else who leads a unit of the organisation');
select ok(samsyn.is_unfit_to_lead(fixture.id(who), fixture.id('case')), who || ' takes no case over')
from unnest(array['social-auditor', 'social-admin', 'social-lead']) who;
select ok(not samsyn.is_unfit_to_lead(fixture.id('social-colleague'), fixture.id('case')), 'a colleague can');

savepoint waived;
select fixture.act('social-manager');
insert into samsyn.handover_waivers (id, assignment_id, reason, waived_by)
values (fixture.id('waiver'), fixture.id('social-worker'), 'Sick', fixture.id('social-manager'));
select is((select lead_assignment_id from samsyn.cases where id = fixture.id('case')), fixture.id('social-manager'), 'with a waiver the case passes to who leads the unit');
select is((select case_ids from samsyn.handover_waivers where id = fixture.id('waiver')), array[fixture.id('case')], 'which the waiver remembers');
select throws_ok($$ insert into samsyn.handover_waivers (id, assignment_id, reason, waived_by)
    values (samsyn.uuid7(), fixture.id('social-worker'), 'Sick', fixture.id('social-manager')) $$, 'SA001', 'CONFLICT', 'without a case there is nothing to waive');
select throws_ok($$ update samsyn.handover_waivers set reason = 'Well' $$, '42501', null, 'and it is not rewritten');
rollback to waived;

-- Conflicts of interest ------------------------------------------------------------------------------------------------

savepoint kept;
create temp table of_the_case as select unnest(array['cases', 'records', 'record_versions', 'participants', 'team_members', 'consents',
    'disclosures', 'subjects', 'guardians', 'lead_transfers']) as name;
select isnt(fixture.attempt('social-worker', format('select from samsyn.%I', name)), '0 rows', 'on the case they read ' || name) from of_the_case;
select fixture.exclude('exclusion', 'social-worker');
select is((select lead_assignment_id from samsyn.cases where id = fixture.id('case')), fixture.id('social-manager'), 'what the person led passes on');
select is((select count(*) from samsyn.team_members where assignment_id = fixture.id('social-worker') and ended_at is null), 0::bigint, 'they are on no team');
select is(fixture.attempt('social-worker', format('select from samsyn.%I', name)), '0 rows', 'and read nothing in ' || name) from of_the_case;
select is(fixture.attempt('social-worker', $$ select samsyn.require_case(fixture.id('case')) $$), 'SA001 NOT_FOUND', 'as if there were none');
select is(fixture.attempt('social-worker', $$ insert into samsyn.cases (id, reference, subject_id, organisation_id, unit_id, title, opened_by, lead_assignment_id)
    values (samsyn.uuid7(), '2026-FFFFFFF9', fixture.id('alva'), samsyn.organisation(), samsyn.unit(), 'X', samsyn.assignment(), samsyn.assignment()) $$),
    'SA001 INVALID_REFERENCE', 'nor opens another one about the child');
select throws_ok($$ select fixture.team_member('again', 'case', 'social-worker') $$, 'SA001', 'UNPROCESSABLE', 'nobody puts them on the team');
select ok(samsyn.is_unfit_to_lead(fixture.id('social-worker'), fixture.id('case')), 'and nobody hands them the case');
select fixture.exclude('of the manager', 'social-manager');
select is((select lead_assignment_id from samsyn.cases where id = fixture.id('case')), fixture.id('social-other-manager'), 'the manager too is replaced, by the next one');
rollback to kept;

select is(fixture.attempt('social-auditor', $$ select from samsyn.access_events where id = fixture.id('event') $$,
    $$ insert into samsyn.access_events (id, at, organisation_id, operation, activity, subject_ids, resource_ids, concerned_ids, grounds, disclosure_ids, outcome)
       values (fixture.id('event'), now(), fixture.id('social'), 'x', 'read', array[fixture.id('alva')], '{}', '{}', '{}', '{}', 'allowed');
       select fixture.exclude('of the auditor', 'social-auditor') $$), '0 rows', 'an auditor who is kept out does not see who read about the child');

-- Emergency ------------------------------------------------------------------------------------------------------------

select is((select value from samsyn.configuration where name = 'emergency-access-minutes'), 60, 'an hour unless told otherwise');
select throws_ok($$ select samsyn.configure('emergency-access-minutes', 4) $$, '23514', null, 'not less than five minutes');
select throws_ok($$ select samsyn.configure('emergency-access-minutes', 1441) $$, '23514', null, 'not more than a day');
select throws_ok($$ select samsyn.configure('anything', 10) $$, '23514', null, 'and nothing else is set there');
select ok(not has_function_privilege('samsyn_api', 'samsyn.configure(text, integer)', 'execute'), 'least of all by a request');

create function fixture.find(reference text, reason text default 'Urgent') returns text language sql as $$
    select format('select from samsyn.find_emergency_case(null, %L, ''/body/caseReference'', %L)', reference, reason)
$$;
select is(fixture.attempt(who, fixture.find(reference, reason), before), answer, sentence)
from (values
    ('social-other-manager', '2026-FFFFFFF0', 'Urgent', null, '1 row', 'somebody else of the agency opens the case'),
    ('social-other-manager', '2026-FFFFFFF0', '  ', null, 'SA001 UNPROCESSABLE', 'not without a reason'),
    ('social-other-manager', '2026-FFFFFFF1', 'Urgent', null, 'SA001 INVALID_REFERENCE', 'not one that there is not'),
    ('clinic-worker', '2026-FFFFFFF0', 'Urgent', null, 'SA001 INVALID_REFERENCE', 'not one of another agency'),
    ('social-worker', '2026-FFFFFFF0', 'Urgent', null, 'SA001 CONFLICT', 'not one''s own'),
    ('social-other-manager', '2026-FFFFFFF0', 'Urgent', 'select fixture.exclude(''x'', ''social-other-manager'')', 'SA001 INVALID_REFERENCE', 'not one from which they are kept'),
    ('social-other-manager', '2026-FFFFFFF0', 'Urgent', 'update samsyn.subjects set protected_identity = true where id = fixture.id(''alva'')', 'SA001 PROTECTED_IDENTITY', 'never into protected identity'),
    ('school-colleague', '2026-FFFFFFF0', 'Urgent', null, '1 row', 'an agency that takes part opens its own part'),
    ('school-colleague', '2026-FFFFFFF0', 'Urgent', 'update samsyn.participants set status = ''ended'' where id = fixture.id(''participant'')', 'SA001 INVALID_REFERENCE', 'which ends with it')
) v(who, reference, reason, before, answer, sentence);

select fixture.emergency('emergency', 'social-other-manager');
select is(fixture.attempt(who, $$ select from samsyn.emergency_accesses where id = fixture.id('emergency') $$), answer, who || ' and the access')
from (values ('social-other-manager', '1 row'), ('social-manager', '1 row'), ('social-worker', '0 rows'), ('school-manager', '0 rows'), ('social-auditor', '0 rows')) v(who, answer);
select throws_ok($$ insert into samsyn.emergency_reviews (id, emergency_id, outcome, comment, reviewed_by)
    select samsyn.uuid7(), fixture.id('emergency'), 'justified', 'Fine', fixture.id('social-manager') from generate_series(1, 2) $$, '23505', null, 'it is reviewed once');

select * from finish();
rollback;
