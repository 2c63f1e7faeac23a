-- Plans: what they rest on, who sees and writes them past what the statements ask, and what they keep.
begin;
\ir support/fixture.sql
select no_plan();

-- Social services and the school plan together; the clinic takes part in the case and not in the plan.
insert into samsyn.consents (id, case_id, subject_id, organisation_id, source_ids, recipient_ids, categories, purpose, valid_from, valid_until, form, maturity, assessed_by)
select fixture.id(name), fixture.id('case'), fixture.id('alva'), fixture.id('social'), sources, recipients, categories, 'Coordinated support',
    samsyn.today() + starts, samsyn.today() + ends, 'written', 'not-assessed', fixture.id('social-worker')
from (select array[fixture.id('social'), fixture.id('school')] as two, array['INTERVENTIONS', 'CHILD_VIEW', 'FAMILY_SITUATION'] as enough) c,
    lateral (values
        ('good', two, two, enough, -9, 99), ('other', two, two, enough, -9, 99), ('unanswered', two, two, enough, -9, 99), ('refused', two, two, enough, -9, 99),
        ('withdrawn', two, two, enough, -9, 99), ('coming', two, two, enough, 1, 99), ('gone', two, two, enough, -9, -1),
        ('one source', array[fixture.id('social')], two, enough, -9, 99), ('one recipient', two, array[fixture.id('social')], enough, -9, 99),
        ('no interventions', two, two, array['CHILD_VIEW', 'FAMILY_SITUATION'], -9, 99), ('no view', two, two, array['INTERVENTIONS', 'FAMILY_SITUATION'], -9, 99),
        ('no area', two, two, array['INTERVENTIONS', 'CHILD_VIEW', 'ATTENDANCE'], -9, 99)
    ) given(name, sources, recipients, categories, starts, ends);
select fixture.answer(name, case name when 'refused' then 'refused' else 'granted' end)
from unnest(array['good', 'other', 'refused', 'withdrawn', 'coming', 'gone', 'one source', 'one recipient', 'no interventions', 'no view', 'no area']) name;
select fixture.revoke('withdrawn', 'mother');
insert into samsyn.participants (id, case_id, organisation_id, unit_id, status, agreement_id, ground, consent_id, purpose, invited_by)
values (fixture.id('clinic-participant'), fixture.id('case'), fixture.id('clinic'), fixture.id('clinic-unit'), 'accepted',
    fixture.id('agreement'), 'CONSENT', fixture.id('consent'), 'Coordinated support', fixture.id('social-worker'));
select fixture.team_member('clinic-team-member', 'case', 'clinic-worker');

create function fixture.plan(called text, consent text default 'good') returns void language plpgsql as $$
begin
    perform fixture.act('social-worker');
    insert into samsyn.plans (id, case_id, organisation_id, consent_id, title, purpose, responsible_id, created_by)
    select fixture.id(called), fixture.id('case'), fixture.id('social'), fixture.id(consent), called, 'Purpose', p.id, fixture.id('social-worker')
    from samsyn.participants p where p.case_id = fixture.id('case') and p.status = 'lead';
    perform samsyn.set_plan_parties(fixture.id(called), array[fixture.id('participant')]);
    insert into samsyn.plan_needs (id, plan_id, area, description, created_by)
    values (fixture.id(called || '/need'), fixture.id(called), 'FAMILY_SITUATION', 'Calm', fixture.id('social-worker'));
    insert into samsyn.plan_goals (id, plan_id, need_id, description, created_by)
    values (fixture.id(called || '/goal'), fixture.id(called), fixture.id(called || '/need'), 'Sleep', fixture.id('social-worker'));
    insert into samsyn.plan_interventions (id, plan_id, goal_id, participant_id, description, due_on, created_by)
    values (fixture.id(called || '/school'), fixture.id(called), fixture.id(called || '/goal'), fixture.id('participant'), 'A fixed contact', samsyn.today(), fixture.id('social-worker'));
    insert into samsyn.plan_meetings (id, plan_id, planned_at, purpose, agenda, created_by)
    values (fixture.id(called || '/meeting'), fixture.id(called), samsyn.now(), 'Follow-up', 'Sleep', fixture.id('social-worker'));
    insert into samsyn.plan_measures (id, plan_id, actor, description, created_by)
    values (fixture.id(called || '/measure'), fixture.id(called), 'Aunt', 'Calls', fixture.id('social-worker'));
    insert into samsyn.plan_views (id, plan_id, stage, kind, absence_reason, created_by)
    values (fixture.id(called || '/view'), fixture.id(called), 'planning', 'child', 'Does not wish to', fixture.id('social-worker'));
end
$$;
select fixture.plan('plan');

-- Consent first -----------------------------------------------------------------------------------------------------------

create function fixture.code(statement text, before text default 'select') returns text language plpgsql as $$
begin
    begin
        execute before;
        execute statement;
        raise exception using errcode = 'ZZ000', message = 'accepted';
    exception
        when sqlstate 'ZZ000' then return sqlerrm;
        when sqlstate 'SA001' then return sqlerrm;
    end;
end
$$;
select is(fixture.code(format('select samsyn.require_plan_consent(%L)', fixture.id('plan')),
    format('update samsyn.plans set consent_id = %L where id = %L', fixture.id(consent), fixture.id('plan'))), code, consent || ' consent: ' || code)
from (values ('good', 'accepted'), ('other', 'accepted'), ('unanswered', 'CONSENT_INCOMPLETE'), ('refused', 'CONSENT_INCOMPLETE'), ('withdrawn', 'CONSENT_REVOKED'),
    ('coming', 'CONSENT_EXPIRED'), ('gone', 'CONSENT_EXPIRED'), ('one source', 'GROUND_SCOPE'), ('one recipient', 'NOT_RECIPIENT'), ('no interventions', 'GROUND_SCOPE'),
    ('no view', 'GROUND_SCOPE'), ('no area', 'GROUND_SCOPE')) given(consent, code);
select is(fixture.code(format('select samsyn.require_plan_consent(%L)', fixture.id('plan')), before), code, why)
from (values
    ('update samsyn.legal_grounds set enabled = false where code = ''CONSENT''', 'NO_LEGAL_GROUND', 'without the ground there is no plan'),
    ('update samsyn.legal_grounds set valid_until = samsyn.today() - 1 where code = ''CONSENT''', 'NO_LEGAL_GROUND', 'nor when its wording holds no more'),
    (format('update samsyn.organisations set regime = ''INTELLIGENCE_PUBLIC_INTEREST'' where id = %L', fixture.id('school')), 'GROUND_EXCLUDED', 'nor with secrecy that no consent breaks'),
    (format('insert into samsyn.guardians (id, subject_id, organisation_id, name, kind, starts_on) values (samsyn.uuid7(), %L, %L, ''New'', ''guardian'', samsyn.today())', fixture.id('alva'), fixture.id('social')),
        'CONSENT_EXPIRED', 'nor when custody has changed'),
    (format('update samsyn.subjects set birth_date = samsyn.today() - interval ''15 years'' where id = %L', fixture.id('alva')), 'CONSENT_EXPIRED', 'nor when the child turned 15')
) given(before, code, why);
select is(samsyn.plan_state(p), 'draft', 'a plan is a draft while its consent is in force') from samsyn.plans p where p.id = fixture.id('plan');

-- Who sees it ---------------------------------------------------------------------------------------------------------------

create temp table things (name text, filter text);
insert into things values ('plans', 'id = fixture.id(''plan'')'), ('plan_parties', 'plan_id = fixture.id(''plan'')'), ('plan_needs', 'plan_id = fixture.id(''plan'')'),
    ('plan_goals', 'plan_id = fixture.id(''plan'')'), ('plan_interventions', 'plan_id = fixture.id(''plan'')'), ('plan_measures', 'plan_id = fixture.id(''plan'')'),
    ('plan_meetings', 'plan_id = fixture.id(''plan'')'), ('plan_views', 'plan_id = fixture.id(''plan'')'), ('plan_changes', 'plan_id = fixture.id(''plan'')');
grant select on things to public;
create function fixture.sees(who text, name text, filter text, before text) returns boolean language sql as $$
    select fixture.attempt(who, format('select from samsyn.%I where %s', name, filter), before) not in ('0 rows', '42501')
$$;
select is(fixture.sees(who, t.name, t.filter, before), seen, who || ': ' || t.name || ', ' || why)
from (values
    ('social-worker', null, true, 'on the team that leads'), ('social-manager', null, true, 'leads the unit'), ('social-colleague', null, false, 'not on the team'),
    ('social-other-manager', null, false, 'leads another unit'), ('social-auditor', null, false, 'an auditor'), ('school-worker', null, true, 'on the team of a party'),
    ('school-manager', null, true, 'leads the unit of a party'), ('school-colleague', null, false, 'of a party, not on the team'),
    ('clinic-worker', null, false, 'on the case, no party'), ('clinic-manager', null, false, 'leads a unit on the case, no party'),
    ('school-worker', 'select fixture.revoke(''good'', ''mother'')', true, 'after a withdrawal'),
    ('school-worker', 'update samsyn.plan_parties set left_at = now() where organisation_id = fixture.id(''school'')', false, 'that has left'),
    ('school-worker', 'insert into samsyn.exclusions (id, case_id, subject_id, organisation_id, user_id, kind, reason, declared_by) values (samsyn.uuid7(), fixture.id(''case''),
        fixture.id(''alva''), fixture.id(''school''), fixture.id(''user:school-worker''), ''bias'', ''Friend'', fixture.id(''school-manager''))', false, 'excluded')
) given(who, before, seen, why)
cross join things t;

select fixture.act('social-colleague');
select set_config('samsyn.emergency_case_id', fixture.id('case')::text, true);
set local role samsyn_api;
select is((select count(*) from samsyn.cases), 1::bigint, 'an emergency access opens the case');
select is((select count(*) from samsyn.plans) + (select count(*) from samsyn.plan_needs) + (select count(*) from samsyn.plan_copies), 0::bigint, 'and no plan, which is the work of several');
reset role;
select set_config('samsyn.emergency_case_id', '', true);

select is(fixture.attempt(who, format('select samsyn.require_plan(%L)', fixture.id(thing))), code, who || ' asks for ' || thing)
from (values ('social-worker', 'plan', '1 row'), ('school-worker', 'plan', '1 row'), ('clinic-worker', 'plan', 'SA001 NO_LEGAL_GROUND'), ('social-colleague', 'plan', 'SA001 NOT_FOUND'),
    ('school-colleague', 'plan', 'SA001 NOT_FOUND'), ('social-worker', 'nothing', 'SA001 NOT_FOUND')) given(who, thing, code);
select is(samsyn.plan_of(fixture.id('plan/' || part)), fixture.id('plan'), 'the plan of a ' || part || ' is found') from unnest(array['need', 'goal', 'school', 'meeting', 'measure', 'view']) part;
select is(samsyn.plan_of(fixture.id('case')), null, 'and of nothing else');

-- Who writes it, past what the statements ask -------------------------------------------------------------------------------

select is(fixture.attempt(who, statement), result, who || ': ' || why)
from (values
    ('social-worker', 'insert into samsyn.plan_needs (id, plan_id, area, description, created_by) values (samsyn.uuid7(), fixture.id(''plan''), ''FAMILY_SITUATION'', ''X'', fixture.id(''social-worker''))', '1 row', 'writes a need'),
    ('social-worker', 'insert into samsyn.plan_needs (id, plan_id, area, description, created_by) values (samsyn.uuid7(), fixture.id(''plan''), ''FAMILY_SITUATION'', ''X'', fixture.id(''social-manager''))', '42501', 'not in the name of another'),
    ('school-worker', 'insert into samsyn.plan_needs (id, plan_id, area, description, created_by) values (samsyn.uuid7(), fixture.id(''plan''), ''FAMILY_SITUATION'', ''X'', fixture.id(''school-worker''))', '42501', 'writes no need'),
    ('school-worker', 'update samsyn.plans set title = ''Ours'' where id = fixture.id(''plan'')', '0 rows', 'does not change the plan'),
    ('school-worker', 'update samsyn.plan_needs set description = ''Ours''', '0 rows', 'changes no need'),
    ('school-worker', 'update samsyn.plan_meetings set agenda = ''Ours''', '0 rows', 'changes no meeting'),
    ('school-worker', 'update samsyn.plan_interventions set description = ''Ours'' where organisation_id = fixture.id(''school'')', '1 row', 'changes its own intervention'),
    ('school-worker', 'insert into samsyn.plan_views (id, plan_id, stage, kind, absence_reason, created_by) values (samsyn.uuid7(), fixture.id(''plan''), ''planning'', ''child'', ''X'', fixture.id(''school-worker''))', '1 row', 'writes down a view'),
    ('school-worker', 'insert into samsyn.plan_views (id, plan_id, stage, kind, absence_reason) values (samsyn.uuid7(), fixture.id(''plan''), ''planning'', ''child'', ''X'')', '42501', 'not as if the child had'),
    ('clinic-worker', 'insert into samsyn.plan_views (id, plan_id, stage, kind, absence_reason, created_by) values (samsyn.uuid7(), fixture.id(''plan''), ''planning'', ''child'', ''X'', fixture.id(''clinic-worker''))', '42501', 'nothing'),
    ('clinic-worker', 'update samsyn.plan_interventions set description = ''Ours''', '0 rows', 'changes nothing'),
    ('school-worker', 'insert into samsyn.plans (id, case_id, organisation_id, consent_id, title, purpose, responsible_id, created_by) values (samsyn.uuid7(), fixture.id(''case''), fixture.id(''social''), fixture.id(''good''), ''X'', ''X'', fixture.id(''participant''), fixture.id(''school-worker''))', '42501', 'begins no plan for another'),
    ('social-worker', 'update samsyn.plans set organisation_id = fixture.id(''social'')', '42501', 'whose a plan is does not change'),
    ('social-worker', 'update samsyn.plan_interventions set status = ''done''', '42501', 'a status follows from a report alone'),
    ('social-worker', 'insert into samsyn.plan_parties (id, plan_id, participant_id, organisation_id, added_by) values (samsyn.uuid7(), fixture.id(''plan''), fixture.id(''clinic-participant''), fixture.id(''clinic''), fixture.id(''social-worker''))', '42501', 'parties come by the rule alone'),
    ('school-worker', 'select samsyn.set_plan_parties(fixture.id(''plan''), null)', 'SA001 NOT_FOUND', 'sets no parties'),
    ('social-worker', 'select samsyn.leave_plan_view(samsyn.uuid7(), fixture.id(''plan''), ''planning'', null, null, ''I'')', '42501', 'the server writes no view as the child''s own hand'),
    ('social-worker', 'update samsyn.plan_views set view = ''X''', '42501', 'a view is never changed'),
    ('social-worker', 'update samsyn.plan_changes set part = ''X''', '42501', 'nor what was noted'),
    ('social-worker', 'update samsyn.participation_records set view = ''X''', '42501', 'nor how somebody took part')
) given(who, statement, result, why);
select throws_ok($$ update samsyn.plan_views set absence_reason = 'X' $$, '42501', null, 'not even by the owner');
select throws_ok($$ delete from samsyn.plan_changes $$, '42501', null, 'and nothing of what was noted goes');

-- What holds in any case ----------------------------------------------------------------------------------------------------

select throws_ok(statement, '23514', null, why)
from (values
    ('insert into samsyn.plan_views (id, plan_id, stage, kind, created_by) values (samsyn.uuid7(), fixture.id(''plan''), ''planning'', ''child'', fixture.id(''social-worker''))', 'neither a view nor a reason'),
    ('insert into samsyn.plan_views (id, plan_id, stage, kind, view, absence_reason, form, expressed_on, listened_by, created_by) values (samsyn.uuid7(), fixture.id(''plan''), ''planning'', ''child'', ''X'', ''Y'', ''written'', samsyn.today(), ''Z'', fixture.id(''social-worker''))', 'both'),
    ('insert into samsyn.plan_views (id, plan_id, stage, kind, view, form, expressed_on, created_by) values (samsyn.uuid7(), fixture.id(''plan''), ''planning'', ''child'', ''X'', ''written'', samsyn.today(), fixture.id(''social-worker''))', 'a view that nobody listened to'),
    ('update samsyn.plan_meetings set held_at = samsyn.now()', 'half an outcome'),
    ('update samsyn.plans set adopted_at = samsyn.now()', 'an adoption by nobody'),
    ('update samsyn.plans set ended_at = samsyn.now(), ended_by = created_by', 'an ending without a reason'),
    ('insert into samsyn.participation_records (id, case_id, organisation_id, step, kind, participation, happened_on, created_by) values (samsyn.uuid7(), fixture.id(''case''), fixture.id(''social''), ''plan'', ''child'', ''not'', samsyn.today(), fixture.id(''social-worker''))', 'not having taken part without a reason')
) given(statement, why);
select throws_ok($$ insert into samsyn.plan_parties (id, plan_id, participant_id, organisation_id, added_by)
    values (samsyn.uuid7(), fixture.id('plan'), fixture.id('participant'), fixture.id('school'), fixture.id('social-worker')) $$, '23505', null, 'the same party twice');

-- Whose view is missing -----------------------------------------------------------------------------------------------------

create function fixture.missing(stage text, meeting uuid default null) returns text language sql as $$
    select coalesce(string_agg(coalesce(case m.guardian_id when fixture.id('mother') then 'mother' when fixture.id('father') then 'father' end, 'child'), ' ' order by m.kind, m.guardian_id = fixture.id('mother')), '')
    from samsyn.missing_plan_views(fixture.id('plan'), stage, meeting) m
$$;
select is(fixture.missing('planning'), 'father mother', 'the child''s absence is explained, the guardians'' is not');
select is(fixture.missing('decision'), 'child father mother', 'another stage is asked anew');
select is(fixture.missing('follow-up', fixture.id('plan/meeting')), 'child father mother', 'and so is each meeting');
update samsyn.guardians set ends_on = samsyn.today() - 1 where id = fixture.id('father');
select is(fixture.missing('decision'), 'child mother', 'a custody that has ended is asked no more');
update samsyn.guardians set kind = 'family-home-parent' where id = fixture.id('mother');
select is(fixture.missing('decision'), 'child', 'who cares without custody is not asked');
update samsyn.guardians set kind = 'guardian', ends_on = null where id in (fixture.id('mother'), fixture.id('father'));
update samsyn.subjects set birth_date = (samsyn.today() - interval '18 years')::date where id = fixture.id('alva');
select is(fixture.missing('decision'), 'child', 'somebody of age speaks alone');
update samsyn.subjects set birth_date = (samsyn.today() - interval '10 years')::date where id = fixture.id('alva');
select is(fixture.code(format('select samsyn.require_plan_views(%L, %L, null)', fixture.id('plan'), 'decision')), 'UNPROCESSABLE', 'without the views of a stage nothing is decided');

-- The child and the guardians leave a view themselves -------------------------------------------------------------------------

select is(fixture.code(format('select samsyn.leave_plan_view(samsyn.uuid7(), %L, ''decision'', null, %L, ''I agree'')', fixture.id('plan'), guardian), before), code, why)
from (values
    (null, 'select', 'accepted', 'the child leaves one'), (fixture.id('mother'), 'select', 'accepted', 'a guardian leaves one'),
    (fixture.id('other'), 'select', 'INVALID_REFERENCE', 'who is no guardian leaves none'),
    (null, 'select fixture.revoke(''good'', ''mother'')', 'CONSENT_REVOKED', 'after a withdrawal nothing is written'),
    (null, 'update samsyn.plans set ended_at = samsyn.now(), ended_by = created_by, end_reason = ''X''', 'ALREADY_ENDED', 'nor in an ended plan'),
    (null, 'update samsyn.cases set status = ''closed''', 'CASE_CLOSED', 'nor in a closed case')
) given(guardian, before, code, why);

-- Who leaves, who leads -----------------------------------------------------------------------------------------------------

select fixture.act('school-manager');
update samsyn.participants set status = 'ended' where id = fixture.id('participant');
select is((select count(*) from samsyn.plan_parties where plan_id = fixture.id('plan') and left_at is null), 1::bigint, 'an organisation whose part in the case ends leaves its plans');
update samsyn.plan_needs set description = 'Written after' where id = fixture.id('plan/need');
select is((select body #>> '{needs,0,description}' from samsyn.plan_copies where organisation_id = fixture.id('school')), 'Calm', 'and keeps the plan as it stood');
select is(fixture.attempt(who, 'select from samsyn.plan_copies'), rows, who || ' and the copy')
from (values ('school-manager', '1 row'), ('school-worker', '0 rows'), ('social-worker', '0 rows'), ('clinic-manager', '0 rows')) given(who, rows);
select is(fixture.attempt('school-manager', format('select samsyn.require_plan(%L)', fixture.id('plan'))), 'SA001 NO_LEGAL_GROUND', 'the plan itself is closed to it');

select fixture.act('social-worker');
update samsyn.participants set status = 'accepted' where id = fixture.id('participant');
select samsyn.set_plan_parties(fixture.id('plan'), array[fixture.id('participant')]);
select fixture.plan('second');
update samsyn.plans set ended_at = samsyn.now(), ended_by = created_by, end_reason = 'Done' where id = fixture.id('second');
update samsyn.cases set organisation_id = fixture.id('clinic') where id = fixture.id('case');
select is(organisation_id, fixture.id('social'), 'a new lead of the case that is no party does not get the plan') from samsyn.plans where id = fixture.id('plan');
update samsyn.cases set organisation_id = fixture.id('school') where id = fixture.id('case');
select is(organisation_id, fixture.id(whose), name || ' is led by ' || whose || ' when the school leads the case')
from (values ('plan', 'school'), ('second', 'social')) given(name, whose) join samsyn.plans on id = fixture.id(name);

-- When its time is over ------------------------------------------------------------------------------------------------------

select fixture.act('social-worker');
insert into samsyn.plan_follow_ups (id, plan_id, intervention_id, status, note, created_by)
values (samsyn.uuid7(), fixture.id('plan'), fixture.id('plan/school'), 'ongoing', 'Goes well', fixture.id('school-worker'));
select is(status, 'ongoing', 'the status of an intervention follows from the report') from samsyn.plan_interventions where id = fixture.id('plan/school');
select samsyn.hold_plan_meeting(fixture.id('plan/meeting'), fixture.id('plan/next'), samsyn.now() + interval '30 days');
select fixture.act('school-worker');
update samsyn.plan_interventions set record_id = fixture.id('attendance') where id = fixture.id('plan/school');
insert into samsyn.participation_records (id, case_id, organisation_id, step, kind, participation, happened_on, created_by)
values (samsyn.uuid7(), fixture.id('case'), fixture.id('school'), 'plan', 'child', 'heard', samsyn.today(), fixture.id('school-worker'));

create function fixture.remove(target regclass, ids uuid[], free boolean) returns void language sql security definer set search_path = pg_catalog as $$ select samsyn.remove(target, ids, free) $$;
alter function fixture.remove owner to samsyn_owner;
set session authorization samsyn_retention;
select fixture.remove('samsyn.records', array[md5('fixture:attendance')::uuid], true);
reset session authorization;
select is(record_id, null, 'an intervention outlives the record behind it') from samsyn.plan_interventions where id = fixture.id('plan/school');
set session authorization samsyn_retention;
select fixture.remove('samsyn.cases', array[md5('fixture:case')::uuid], false);
reset session authorization;
select is_empty(format('select from samsyn.%I', name), 'with the case goes what is in ' || name)
from unnest(array['plans', 'plan_parties', 'plan_needs', 'plan_goals', 'plan_interventions', 'plan_follow_ups', 'plan_measures', 'plan_meetings', 'plan_views',
    'plan_changes', 'plan_copies', 'participation_records']) name;

select * from finish();
rollback;
