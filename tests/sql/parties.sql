-- What guardians and children are told, and what is kept from them, by tables of cases (FB 6 ch., OSL 12:3, 21:3, 26:2).
begin;
\ir support/fixture.sql
select no_plan();

create function fixture.born(years integer, days_since_birthday integer default 0) returns date language sql stable as $$
    select (samsyn.today() - days_since_birthday - make_interval(years => years))::date
$$;

-- Numbers; the school knows the same child and mother in a register of its own, and the clinic another child.
create function fixture.number(name text) returns text language sql immutable as $$
    select case name when 'alva' then '201609219810' when 'mother' then '198504129841' when 'father' then '198311039852'
        when 'stranger' then '197902279863' when 'bo' then '201502039874' end
$$;
update samsyn.subjects set identity_number = fixture.number('alva'), address = 'Exempelgatan 1', birth_date = fixture.born(10), name = 'Alva' where id = fixture.id('alva');
update samsyn.guardians set identity_number = fixture.number('mother') where id = fixture.id('mother');
update samsyn.guardians set identity_number = fixture.number('father') where id = fixture.id('father');
select fixture.subject('alva-at-school', 'school', fixture.born(10));
select fixture.guardian('mother-at-school', 'alva-at-school', samsyn.today() - 3000);
update samsyn.subjects set identity_number = fixture.number('alva'), address = 'Skolvägen 2', name = 'Alva' where id = fixture.id('alva-at-school');
update samsyn.guardians set identity_number = fixture.number('mother') where id = fixture.id('mother-at-school');
select fixture.subject('bo', 'clinic', fixture.born(11));
select fixture.guardian('stranger', 'bo', samsyn.today() - 3000);
update samsyn.subjects set identity_number = fixture.number('bo') where id = fixture.id('bo');
update samsyn.guardians set identity_number = fixture.number('stranger') where id = fixture.id('stranger');
insert into samsyn.cases (id, reference, subject_id, organisation_id, unit_id, title, opened_by)
values (fixture.id('school-case'), '2026-FFFFFFF1', fixture.id('alva-at-school'), fixture.id('school'), fixture.id('school-unit'), 'Absence', fixture.id('school-worker')),
    (fixture.id('clinic-case'), '2026-FFFFFFF2', fixture.id('bo'), fixture.id('clinic'), fixture.id('clinic-unit'), 'Health', fixture.id('clinic-worker'));
select fixture.consent('asked', 'case');
insert into samsyn.access_events (id, at, organisation_id, unit_id, role, operation, activity, subject_ids, resource_ids, concerned_ids, grounds, disclosure_ids, outcome, code)
select fixture.id('event:' || e.name), now() - make_interval(secs => e.ago), fixture.id(e.reader), fixture.id(e.reader || '-unit'), e.role, e.operation, 'read',
    array[fixture.id(e.subject)], array[fixture.id(e.resource)],
    array(select s.organisation_id from samsyn.subjects s where s.id = fixture.id(e.subject) and s.organisation_id <> fixture.id(e.reader)),
    '{}', '{}', e.outcome, case e.outcome when 'denied' then 'NOT_FOUND' end
from (values ('case', 1, 'social', 'case-worker', 'getCase', 'alva', 'case', 'allowed'),
    ('record', 2, 'school', 'case-worker', 'getRecord', 'alva', 'family', 'allowed'),
    ('denied', 3, 'clinic', 'case-worker', 'getCase', 'alva', 'case', 'denied'),
    ('child', 4, 'school', 'case-worker', 'getSubject', 'alva-at-school', 'alva-at-school', 'allowed'),
    ('guardian', 5, 'social', 'case-worker', 'getGuardian', 'alva', 'mother', 'allowed'),
    ('restriction', 6, 'social', 'case-worker', 'getGuardianRestriction', 'alva', 'restriction', 'allowed'),
    ('party', 7, 'social', 'party', 'getMyCase', 'alva', 'case', 'allowed'),
    ('bo', 8, 'clinic', 'case-worker', 'getCase', 'bo', 'clinic-case', 'allowed')) e(name, ago, reader, role, operation, subject, resource, outcome);

create function fixture.restrict(called text, subject text, guardian text, scope text, visible text[] default '{}') returns void language sql as $$
    insert into samsyn.guardian_restrictions (id, subject_id, organisation_id, guardian_id, scope, visible, reason, assessment, decided_by)
    select fixture.id(called), s.id, s.organisation_id, fixture.id(guardian), scope, visible, 'Why', 'Assessed', s.created_by
    from samsyn.subjects s where s.id = fixture.id(subject)
$$;

create function fixture.hold(subject text) returns void language sql as $$
    insert into samsyn.concern_reports (id, kind, counterpart_id, organisation_id, unit_id, reporter_unit_id, recipient_unit_id, author_id, author_user_id,
        regime, ground, state, subject_id, harms, concern, observations, source, contributors, guardians, hold_reason, retention_rule)
    select fixture.id('report'), 'received', fixture.id('report'), s.organisation_id, fixture.id('social-unit'), fixture.id('school-unit'), fixture.id('social-unit'),
        fixture.id('school-worker'), fixture.id('user:school-worker'), 'SOCIAL_SERVICES', 'CONCERN_REPORT', 'awaiting-decision', s.id, '{other}', 'Concern', 'Seen',
        'Self', '[]', '{}', 'violence', 'SOCIAL_FILE'
    from samsyn.subjects s where s.id = fixture.id(subject)
$$;
create function fixture.investigation(informed text[] default null) returns void language sql as $$
    insert into samsyn.investigations (id, case_id, organisation_id, unit_id, subject_id, opened_by)
    values (fixture.id('investigation'), fixture.id('case'), fixture.id('social'), fixture.id('social-unit'), fixture.id('alva'), fixture.id('social-worker'));
    insert into samsyn.investigation_notices (id, investigation_id, organisation_id, informed, given_by)
    select fixture.id('notice'), fixture.id('investigation'), fixture.id('social'), informed, fixture.id('social-worker') where informed is not null;
    insert into samsyn.access_events (id, at, organisation_id, operation, activity, subject_ids, resource_ids, concerned_ids, grounds, disclosure_ids, outcome)
    values (fixture.id('event:secret'), now() - interval '1 minute', fixture.id('social'), 'getInvestigation', 'read', array[fixture.id('alva')],
        array[fixture.id('investigation')], '{}', '{}', '{}', 'allowed')
$$;

-- What the party with this number is told under a circumstance: the ids of one list by name, or what an action comes to.
create function fixture.named(given uuid) returns text language sql stable as $$
    select coalesce((select n from unnest(array['alva', 'alva-at-school', 'bo', 'case', 'school-case', 'clinic-case', 'consent', 'asked', 'child-alone',
        'event:case', 'event:record', 'event:denied', 'event:child', 'event:guardian', 'event:restriction', 'event:party', 'event:bo', 'event:police', 'event:secret']) n
        where fixture.id(n) = given), given::text)
$$;
create function fixture.told(party text, list text, circumstance text default 'select') returns text language plpgsql as $$
declare
    answer text;
begin
    begin
        execute circumstance;
        perform fixture.act_as_party(coalesce(fixture.number(party), party));
        perform set_config('role', 'samsyn_api', true);
        execute case list
            when 'subjects' then 'select string_agg(fixture.named(subject_id), '' '' order by fixture.named(subject_id)) from samsyn.my_told_subjects'
            when 'cases' then 'select string_agg(fixture.named(case_id), '' '' order by fixture.named(case_id)) from samsyn.my_told_cases'
            when 'consents' then 'select string_agg(fixture.named(consent_id), '' '' order by fixture.named(consent_id)) from samsyn.my_told_consents'
            when 'events' then 'select string_agg(replace(fixture.named(resource), ''event:'', ''''), '' '' order by cursor desc) from samsyn.find_my_access_events(null, 100)'
            else split_part(list, ';;', 1) end into answer;
        if list like '%;;%' then
            execute split_part(list, ';;', 2) into answer;
        end if;
        raise exception using errcode = 'ZZ000', message = coalesce(answer, '-');
    exception
        when sqlstate 'ZZ000' or sqlstate 'SA001' then return sqlerrm;
    end;
end
$$;

create temp table tellings (place serial, party text, list text, told text, circumstance text, sentence text);
insert into tellings (party, list, told, circumstance, sentence) values
    ('mother', 'subjects', 'alva alva-at-school', 'select', 'a guardian finds the child in each register that has both numbers'),
    ('mother', 'cases', 'case school-case', 'select', 'and the cases of each'),
    ('father', 'cases', 'case', 'select', 'one whom only one agency knows by number, that agency''s'),
    ('stranger', 'cases', 'clinic-case', 'select', 'the parent of another child sees that child''s'),
    ('191111111111', 'cases', '-', 'select', 'a number that nobody knows finds nothing'),
    ('alva', 'cases', '-', 'select', 'a child of ten is no party'),
    ('mother', 'consents', 'asked consent', 'select', 'a guardian sees the consents that they give'),
    ('stranger', 'consents', '-', 'select', 'and nobody else''s'),
    ('mother', 'events', 'case record child guardian', 'select', 'what was read of the child, by whichever agency; no refusals, no restrictions, no other parties'),
    ('stranger', 'events', 'bo', 'select', 'and of no other child'),
    -- Custody
    ('father', 'cases', 'case', 'update samsyn.guardians set ends_on = samsyn.today() where id = fixture.id(''father'')', 'on the last day of custody'),
    ('father', 'cases', '-', 'update samsyn.guardians set ends_on = samsyn.today() - 1 where id = fixture.id(''father'')', 'the day after nothing'),
    ('father', 'events', '-', 'update samsyn.guardians set ends_on = samsyn.today() - 1 where id = fixture.id(''father'')', 'nor who has read what'),
    ('father', 'consents', '-', 'update samsyn.guardians set ends_on = samsyn.today() - 1 where id = fixture.id(''father'')', 'nor what they consented to'),
    ('father', 'cases', '-', 'update samsyn.guardians set starts_on = samsyn.today() + 1 where id = fixture.id(''father'')', 'before the first day nothing'),
    ('father', 'cases', 'case', 'update samsyn.guardians set kind = ''specially-appointed'' where id = fixture.id(''father'')', 'whom a court has appointed has the guardian''s place'),
    ('father', 'cases', '-', 'update samsyn.guardians set kind = ''family-home-parent'' where id = fixture.id(''father'')', 'who cares without custody has not'),
    ('mother', 'cases', 'school-case', 'update samsyn.guardians set ends_on = samsyn.today() - 1 where id = fixture.id(''mother'')', 'each register decides about its own'),
    -- Ages
    ('alva', 'cases', '-', 'update samsyn.subjects set birth_date = fixture.born(14, 364)', 'a child is no party the day before it turns 15'),
    ('alva', 'cases', 'case school-case', 'update samsyn.subjects set birth_date = fixture.born(15)', 'and is one from that day'),
    ('alva', 'cases', 'case school-case', 'update samsyn.subjects set birth_date = fixture.born(18)', 'and goes on being one'),
    ('alva', 'consents', 'asked consent', 'update samsyn.subjects set birth_date = fixture.born(15)', 'a child of 15 sees what others consented to for them'),
    ('alva', 'events', 'case record child guardian party', 'update samsyn.subjects set birth_date = fixture.born(15)', 'and that a guardian has read of them'),
    ('mother', 'cases', 'case school-case', 'update samsyn.subjects set birth_date = fixture.born(17, 364)', 'of a child of 15 to 17 a guardian is told that there are cases'),
    ('mother', 'cases', '-', 'update samsyn.subjects set birth_date = fixture.born(18)', 'of one of age not even that'),
    ('mother', 'consents', '-', 'update samsyn.subjects set birth_date = fixture.born(18)', 'nor what was consented to'),
    ('mother', 'events', '-', 'update samsyn.subjects set birth_date = fixture.born(15)', 'from 15 not who has read what'),
    ('mother', 'events', 'case record guardian', 'update samsyn.subjects set birth_date = fixture.born(15); select fixture.restrict(''r'', ''alva'', null, ''from-15'', ''{access-events}'')',
        'but where the assessment leaves it visible'),
    ('mother', 'events', '-', 'update samsyn.subjects set birth_date = fixture.born(15); select fixture.restrict(''r'', ''alva'', null, ''from-15'', ''{access-events}''); select fixture.restrict(''s'', ''alva'', ''mother'', ''from-15'', ''{cases}'')',
        'and of two assessments only what both leave'),
    ('mother', 'subjects', 'alva', 'update samsyn.subjects set birth_date = fixture.born(15); delete from samsyn.team_members; delete from samsyn.participants where case_id = fixture.id(''school-case''); delete from samsyn.cases where id = fixture.id(''school-case'')',
        'that an agency knows a child of 15 is not told without a case or a consent'),
    -- Restrictions
    ('mother', 'cases', 'school-case', 'select fixture.restrict(''r'', ''alva'', ''mother'', ''everything'')', 'what an agency withholds is not there; what others tell is'),
    ('mother', 'consents', '-', 'select fixture.restrict(''r'', ''alva'', ''mother'', ''everything'')', 'nor its consents'),
    ('mother', 'events', 'child', 'select fixture.restrict(''r'', ''alva'', ''mother'', ''everything'')', 'nor what was read of it'),
    ('mother', 'cases', 'school-case', 'select fixture.restrict(''r'', ''alva'', null, ''everything'')', 'nor where it is withheld from every guardian'),
    ('mother', 'cases', 'case school-case', 'select fixture.restrict(''r'', ''alva'', ''father'', ''everything'')', 'the other guardian''s restriction is not theirs'),
    ('mother', 'cases', 'case school-case', 'select fixture.restrict(''r'', ''alva'', ''mother'', ''everything''); update samsyn.guardian_restrictions set ended_at = samsyn.now(), ended_by = decided_by', 'an ended one keeps nothing'),
    ('mother', 'cases', 'case school-case', 'select fixture.restrict(''r'', ''alva'', ''mother'', ''everything''); update samsyn.guardian_restrictions set valid_until = samsyn.today() - 1', 'nor one whose last day has passed'),
    ('mother', 'cases', 'school-case', 'select fixture.restrict(''r'', ''alva'', ''mother'', ''everything''); update samsyn.guardian_restrictions set valid_until = samsyn.today()', 'but on that day it does'),
    ('mother', 'cases', 'school-case', 'select fixture.guardian(''again'', ''alva'', samsyn.today() - 10, samsyn.today() + 10); update samsyn.guardians set identity_number = fixture.number(''mother'') where id = fixture.id(''again''); select fixture.restrict(''r'', ''alva'', ''again'', ''everything'')',
        'it follows the person, whichever of their rows it names'),
    ('mother', 'cases', 'case school-case', 'select fixture.restrict(''r'', ''alva'', ''mother'', ''location'')', 'with the location kept the case is there'),
    ('alva', 'cases', 'case school-case', 'update samsyn.subjects set birth_date = fixture.born(15); select fixture.restrict(''r'', ''alva'', null, ''everything'')', 'nothing of it holds against the child'),
    ('mother', 'cases', 'school-case', 'select fixture.consent(''child-alone'', ''case'', ''mature'', true)', 'a case with secrecy against the guardians is withheld from them'),
    ('mother', 'consents', 'asked consent', 'select fixture.consent(''child-alone'', ''case'', ''mature'', true)', 'so is that consent; what they gave they can still withdraw'),
    ('alva', 'consents', 'asked child-alone consent', 'select fixture.consent(''child-alone'', ''case'', ''mature'', true); update samsyn.subjects set birth_date = fixture.born(15)', 'but not from the child'),
    -- Contact details
    ('mother', $$select body ->> 'address' from api.my_contact_details where resource = fixture.id('alva')$$, 'Exempelgatan 1', 'select', 'a guardian learns how the child is reached'),
    ('mother', $$select samsyn.require_my_contact_details(fixture.id('alva'))::text$$, 'GUARDIAN_SECRECY', 'select fixture.restrict(''r'', ''alva'', ''mother'', ''location'')', 'not one from whom the location is kept'),
    ('mother', $$select samsyn.require_my_contact_details(fixture.id('alva-at-school'))::text$$, 'GUARDIAN_SECRECY', 'select fixture.restrict(''r'', ''alva'', ''mother'', ''location'')', 'nor from the agency that has not recorded it'),
    ('mother', $$select samsyn.require_my_contact_details(fixture.id('alva-at-school'))::text$$, 'GUARDIAN_SECRECY', 'select fixture.restrict(''r'', ''alva'', null, ''everything'')', 'nor where everything is kept elsewhere'),
    ('mother', $$select count(*)::text from api.my_contact_details$$, '0', 'select fixture.restrict(''r'', ''alva'', ''mother'', ''location'')', 'the reply itself has none'),
    ('mother', $$select samsyn.require_my_contact_details(fixture.id('alva'))::text$$, 'NOT_FOUND', 'select fixture.restrict(''r'', ''alva'', ''mother'', ''everything'')', 'what is withheld wholly does not exist'),
    ('mother', $$select samsyn.require_my_contact_details(fixture.id('bo'))::text$$, 'NOT_FOUND', 'select', 'as another''s child'),
    ('father', $$select count(*)::text from api.my_contact_details$$, '1', 'select fixture.restrict(''r'', ''alva'', ''mother'', ''location'')', 'the other guardian learns it'),
    ('mother', $$select samsyn.require_my_contact_details(fixture.id('alva'))::text$$, 'GUARDIAN_SECRECY', 'update samsyn.subjects set birth_date = fixture.born(15)', 'nor a child of 15''s without an assessment'),
    -- What a reply says
    ('mother', $$select (body -> 'organisations')::text from api.my_cases where resource = fixture.id('case')$$,
        format('[{"id":"%s","name":"social","leads":true},{"id":"%s","name":"school","leads":false}]', fixture.id('social'), fixture.id('school')), 'select', 'the agencies that take part'),
    ('mother', $$select string_agg(k, ' ' order by k) from api.my_cases c, json_object_keys(c.body) k where c.resource = fixture.id('case')$$,
        'contactPerson id openedAt organisations reference relation status subjectId', 'select', 'and whom to contact; no title, no unit'),
    ('mother', $$select string_agg(k, ' ' order by k) from api.my_cases c, json_object_keys(c.body) k where c.resource = fixture.id('case')$$,
        'id openedAt reference relation status subjectId', 'select fixture.restrict(''r'', ''alva'', ''mother'', ''location'')', 'no name of agency or person where the location is kept'),
    ('mother', $$select string_agg(k, ' ' order by k) from api.my_cases c, json_object_keys(c.body) k where c.resource = fixture.id('case')$$,
        'id openedAt reference relation status subjectId', 'update samsyn.subjects set birth_date = fixture.born(15)', 'from 15 that the case exists'),
    ('mother', $$select string_agg(distinct k, ' ' order by k) from (select body from api.my_subjects union all select body from api.my_cases union all select body from api.my_consents
            union all select body from samsyn.find_my_access_events(null, 100)) b, json_each_text(b.body) e(k, v) where v ~ '(social|school|Exempelgatan|Skolv)'$$,
        '-', 'select fixture.restrict(''r'', ''alva'', ''mother'', ''location'')', 'no reply names an agency or a place where the location is kept'),
    ('mother', 'events', 'child', 'select fixture.restrict(''r'', ''alva'', ''mother'', ''everything''); insert into samsyn.access_events (id, at, organisation_id, operation, activity, subject_ids, resource_ids, concerned_ids, grounds, disclosure_ids, outcome) values (fixture.id(''event:secret''), now() - interval ''1 minute'', fixture.id(''social''), ''getCase'', ''read'', array[fixture.id(''alva-at-school'')], array[fixture.id(''school-case'')], array[fixture.id(''school'')], ''{}'', ''{}'', ''allowed'')',
        'and so is what it read at others'''),
    -- Guardians who must not be contacted yet (SoL 19:1)
    ('mother', 'cases', 'school-case', 'select fixture.hold(''alva'')', 'with a hold the organisation that has it tells nothing'),
    ('mother', 'events', 'child', 'select fixture.hold(''alva'')', 'nor who has read what'),
    ('mother', 'consents', '-', 'select fixture.hold(''alva'')', 'nor of consents'),
    ('mother', 'subjects', 'alva-at-school', 'select fixture.hold(''alva'')', 'nor that it knows the child'),
    ('mother', $$select samsyn.require_my_contact_details(fixture.id('alva'))::text$$, 'NOT_FOUND', 'select fixture.hold(''alva'')', 'as if it did not'),
    ('mother', $$select body ->> 'address' from api.my_contact_details$$, 'Skolvägen 2', 'select fixture.hold(''alva'')', 'and nobody else gives away that there is one'),
    ('mother', $$select samsyn.answer_my_consent(samsyn.uuid7(), fixture.id('asked'), 'granted')::text$$, 'NOT_FOUND', 'select fixture.hold(''alva'')', 'nothing can be answered'),
    ('mother', $$select (body -> 'organisations')::text from api.my_cases where resource = fixture.id('school-case')$$,
        format('[{"id":"%s","name":"school","leads":true}]', fixture.id('school')),
        'insert into samsyn.participants (id, case_id, organisation_id, unit_id, status, agreement_id, ground, invited_by) values (fixture.id(''p''), fixture.id(''school-case''), fixture.id(''social''), fixture.id(''social-unit''), ''accepted'', fixture.id(''agreement''), ''CONSENT'', fixture.id(''school-worker'')); select fixture.hold(''alva'')',
        'its part is left out of what others tell'),
    ('alva', 'cases', 'case school-case', 'update samsyn.subjects set birth_date = fixture.born(15); select fixture.hold(''alva'')', 'it holds against guardians alone'),
    ('mother', 'cases', 'case school-case', 'select fixture.hold(''alva''); update samsyn.concern_reports set hold_released_at = samsyn.now()', 'released, it keeps nothing'),
    -- Investigations
    ('mother', $$select body ->> 'investigationOpen' from api.my_cases where resource = fixture.id('case')$$, '-', 'select fixture.investigation()', 'an investigation of which nobody has been informed is not told'),
    ('mother', $$select body ->> 'investigationOpen' from api.my_cases where resource = fixture.id('case')$$, '-', 'select fixture.investigation(''{child}'')', 'nor when only the child has'),
    ('mother', $$select body ->> 'investigationOpen' from api.my_cases where resource = fixture.id('case')$$, 'true', 'select fixture.investigation(''{guardian}'')', 'told once they have'),
    ('mother', $$select body ->> 'investigationOpen' from api.my_cases where resource = fixture.id('case')$$, '-', 'select fixture.investigation(''{guardian}''); update samsyn.investigations set closed_at = samsyn.now()', 'until it is closed'),
    ('mother', 'events', 'case record child guardian', 'select fixture.investigation(''{child}'')', 'what was read of it is not told before either'),
    ('mother', 'events', 'case record child guardian secret', 'select fixture.investigation(''{guardian}'')', 'and then it is'),
    -- Crime
    ('mother', 'events', 'case record child guardian', 'update samsyn.organisations set sector = ''POLICE'', regime = ''POLICE'' where boundary_id = fixture.id(''clinic''); update samsyn.organisations set regime = ''INVESTIGATION_PUBLIC_INTEREST'' where boundary_id = fixture.id(''clinic''); insert into samsyn.access_events (id, at, organisation_id, unit_id, operation, activity, subject_ids, resource_ids, concerned_ids, grounds, disclosure_ids, outcome) values (fixture.id(''event:police''), now(), fixture.id(''clinic''), fixture.id(''clinic-unit''), ''getCase'', ''read'', array[fixture.id(''alva'')], array[fixture.id(''case'')], array[fixture.id(''social'')], ''{}'', ''{}'', ''allowed'')',
        'what is read in an investigation of crime is not told'),
    ('stranger', 'cases', '-', 'update samsyn.organisations set sector = ''POLICE'' where boundary_id = fixture.id(''clinic''); update samsyn.organisations set regime = ''INVESTIGATION_PUBLIC_INTEREST'' where boundary_id = fixture.id(''clinic'')', 'nor is there a case'),
    ('mother', 'events', 'case child guardian', 'set local session_replication_role = replica; update samsyn.records set regime = ''INVESTIGATION_PUBLIC_INTEREST'' where id = fixture.id(''family'')', 'nor a record under its secrecy'),
    -- Consents
    ('mother', $$select samsyn.answer_my_consent(samsyn.uuid7(), fixture.id('asked'), 'granted');; select body ->> 'myPart' from api.my_consents where resource = fixture.id('asked')$$, 'granted', 'select', 'a guardian answers for themselves'),
    ('mother', $$select samsyn.answer_my_consent(samsyn.uuid7(), fixture.id('consent'), 'granted')::text$$, 'ALREADY_ANSWERED', 'select', 'once, also when the organisation has recorded the answer'),
    ('stranger', $$select samsyn.answer_my_consent(samsyn.uuid7(), fixture.id('asked'), 'granted')::text$$, 'NOT_FOUND', 'select', 'not for another''s child'),
    ('father', $$select samsyn.revoke_my_consent(samsyn.uuid7(), fixture.id('consent'), null);; select body ->> 'myPart' from api.my_consents where resource = fixture.id('consent')$$, 'withdrawn', 'select', 'and withdraws what they granted'),
    ('father', $$select samsyn.revoke_my_consent(samsyn.uuid7(), fixture.id('asked'), null)::text$$, 'CONFLICT', 'select', 'only that'),
    ('alva', $$select samsyn.answer_my_consent(samsyn.uuid7(), fixture.id('asked'), 'granted')::text$$, 'ROLE_NOT_ALLOWED', 'update samsyn.subjects set birth_date = fixture.born(15)', 'a child who is not asked answers nothing'),
    ('mother', $$select samsyn.answer_my_consent(samsyn.uuid7(), fixture.id('asked'), 'granted')::text$$, 'GUARDIAN_SECRECY', 'select fixture.restrict(''r'', ''alva'', ''mother'', ''location'')', 'who may not be told who receives cannot grant'),
    ('mother', $$select samsyn.answer_my_consent(samsyn.uuid7(), fixture.id('asked'), 'refused');; select body ->> 'myPart' from api.my_consents where resource = fixture.id('asked')$$, 'refused', 'select fixture.restrict(''r'', ''alva'', ''mother'', ''location'')', 'but refuse'),
    ('mother', $$select samsyn.answer_my_consent(samsyn.uuid7(), fixture.id('asked'), 'granted')::text$$, 'CASE_CLOSED', 'update samsyn.cases set status = ''closed'' where id = fixture.id(''case'')', 'nothing is granted in a closed case'),
    ('father', $$select samsyn.revoke_my_consent(samsyn.uuid7(), fixture.id('consent'), null);; select body ->> 'myPart' from api.my_consents where resource = fixture.id('consent')$$, 'withdrawn', 'update samsyn.cases set status = ''closed'' where id = fixture.id(''case'')', 'but withdrawn'),
    -- A party passes no policy
    ('mother', $$select ((select count(*) from samsyn.subjects) + (select count(*) from samsyn.guardians) + (select count(*) from samsyn.cases) + (select count(*) from samsyn.records)
        + (select count(*) from samsyn.record_versions) + (select count(*) from samsyn.consents) + (select count(*) from samsyn.consent_answers) + (select count(*) from samsyn.access_events)
        + (select count(*) from samsyn.guardian_restrictions) + (select count(*) from samsyn.my_cases) + (select count(*) from samsyn.my_subjects))::text$$, '0', 'select', 'of the tables themselves a party sees nothing');
select is(fixture.told(t.party, t.list, t.circumstance), t.told, t.sentence) from tellings t order by t.place;

-- Who works here is no party, whatever their own number may be.
select fixture.act('social-worker');
set local role samsyn_api;
select is((select count(*) from api.my_cases) + (select count(*) from api.my_subjects) + (select count(*) from api.my_consents)
    + (select count(*) from api.my_contact_details) + (select count(*) from samsyn.find_my_access_events(null, 100)), 0::bigint, 'staff see nothing of what parties see');
select throws_ok($$ select samsyn.answer_my_consent(samsyn.uuid7(), fixture.id('asked'), 'granted') $$, 'SA001', 'ROLE_NOT_ALLOWED', 'and answer for nobody');
reset role;

-- Pages go on where the last ended, without a gap or a repetition.
select fixture.act_as_party(fixture.number('mother'));
select results_eq($$ with recursive pages as (
        select p.resource, p.cursor, 1 as n from samsyn.find_my_access_events(null, 1) p
        union all
        select p.resource, p.cursor, n + 1 from pages cross join lateral samsyn.find_my_access_events(pages.cursor, 1) p)
    select fixture.named(resource) from pages order by n $$, $$ values ('event:case'), ('event:record'), ('event:child'), ('event:guardian') $$, 'one at a time');

-- What the evaluator asks.
create temp table keepings (place serial, circumstance text, withheld boolean, location boolean, sentence text);
insert into keepings (circumstance, withheld, location, sentence) values
    ('select', false, false, 'nothing is kept from a guardian'),
    ('select fixture.restrict(''r'', ''alva'', ''mother'', ''everything'')', true, true, 'everything, and so the location'),
    ('select fixture.restrict(''r'', ''alva'', null, ''location'')', false, true, 'the location, from every guardian'),
    ('select fixture.restrict(''r'', ''alva-at-school'', ''mother-at-school'', ''everything'')', false, true, 'what another agency withholds keeps the location here'),
    ('select fixture.restrict(''r'', ''alva'', ''father'', ''everything'')', false, false, 'the other guardian''s'),
    ('select fixture.hold(''alva'')', true, false, 'a hold withholds, and gives no place away'),
    ('select fixture.hold(''alva-at-school'')', false, false, 'another agency''s is that agency''s'),
    ('select fixture.restrict(''r'', ''alva'', ''mother'', ''from-15'', ''{cases}'')', false, false, 'an assessment of what stays visible withholds nothing wholly'),
    ('update samsyn.guardians set ends_on = samsyn.today() - 1 where id = fixture.id(''mother'')', true, false, 'who has lost custody is told nothing'),
    ('update samsyn.subjects set birth_date = fixture.born(18)', true, false, 'nor the parent of someone of age');
create function fixture.kept(circumstance text) returns text language plpgsql as $$
begin
    begin
        execute circumstance;
        raise exception using errcode = 'ZZ000', message = samsyn.is_withheld_from(fixture.id('mother')) || ' ' || samsyn.location_kept_from(fixture.id('mother'));
    exception when sqlstate 'ZZ000' then
        return sqlerrm;
    end;
end
$$;
select is(fixture.kept(k.circumstance), k.withheld || ' ' || k.location, k.sentence) from keepings k order by k.place;
select is(samsyn.is_withheld_from(fixture.id('nobody')), true, 'who is no guardian is told nothing');

-- The evaluator refuses what is kept from a guardian, beside whatever else is missing.
create function fixture.disclosed(category text, circumstance text) returns boolean language plpgsql as $$
begin
    begin
        execute circumstance;
        perform fixture.act('social-worker');
        raise exception using errcode = 'ZZ000', message = 'GUARDIAN_SECRECY' = any (samsyn.disclosure_refusals(samsyn.to_question(jsonb_build_object(
            'kind', 'handover', 'case_id', fixture.id('case'), 'discloser', fixture.id('social'), 'recipient_sector', 'GUARDIAN', 'guardian_id', fixture.id('mother'),
            'ground', 'GUARDIAN', 'categories', array[category], 'regimes', array['SOCIAL_SERVICES'], 'purpose', 'x', 'justification', 'x'))));
    exception when sqlstate 'ZZ000' then
        return sqlerrm;
    end;
end
$$;
select is(fixture.disclosed(d.category, d.circumstance), d.refused, d.sentence)
from (values ('CONTACT_DETAILS', 'select', false, 'nothing is kept: no secrecy against the guardian'),
    ('CONTACT_DETAILS', 'select fixture.restrict(''r'', ''alva'', ''mother'', ''location'')', true, 'the location is not disclosed'),
    ('PLACEMENT', 'select fixture.restrict(''r'', ''alva-at-school'', ''mother-at-school'', ''location'')', true, 'wherever it is kept'),
    ('FAMILY_SITUATION', 'select fixture.restrict(''r'', ''alva'', ''mother'', ''location'')', false, 'other things are'),
    ('FAMILY_SITUATION', 'select fixture.restrict(''r'', ''alva'', null, ''everything'')', true, 'where everything is kept, nothing'),
    ('FAMILY_SITUATION', 'select fixture.hold(''alva'')', true, 'nor while guardians must not be contacted'),
    ('FAMILY_SITUATION', 'update samsyn.guardians set ends_on = samsyn.today() - 1 where id = fixture.id(''mother'')', true, 'nor to who has lost custody'))
    d(category, circumstance, refused, sentence);

-- Who records a restriction, and about whom.
create function fixture.recorded(assignment text, subject text, organisation text default 'social') returns text language sql as $$
    select fixture.attempt(assignment, format($q$ insert into samsyn.guardian_restrictions (id, subject_id, organisation_id, scope, reason, assessment, decided_by)
        values (samsyn.uuid7(), fixture.id(%L), fixture.id(%L), 'everything', 'x', 'x', samsyn.assignment()) $q$, subject, organisation))
$$;
select is(fixture.recorded('social-worker', 'alva'), '1 row', 'a case worker records one about a child of their register');
select is(fixture.recorded('social-manager', 'alva'), '1 row', 'and a unit manager');
select is(fixture.recorded('social-professional', 'alva'), '42501', 'not a professional');
select is(fixture.recorded('school-worker', 'alva', 'school'), '42501', 'nor another agency about its register''s child');
select is(fixture.recorded('school-worker', 'alva'), '42501', 'nor in its name');
select fixture.restrict('restriction', 'alva', 'mother', 'everything');
select is(fixture.attempt(who, 'select from samsyn.guardian_restrictions'), seen, who || ' sees ' || seen)
from (values ('social-worker', '1 row'), ('social-colleague', '0 rows'), ('social-manager', '1 row'), ('social-professional', '0 rows'), ('school-worker', '0 rows'),
    ('social-auditor', '0 rows'), ('social-admin', '0 rows')) t(who, seen);
select is(fixture.attempt('social-professional', 'select from samsyn.guardian_restrictions', $$ set local session_replication_role = replica;
    select fixture.team_member('on-team', 'case', 'social-professional') $$), '1 row', 'but whoever works on a case about the child does');
select is(fixture.attempt('school-worker', 'update samsyn.guardian_restrictions set end_reason = ''x'''), '0 rows', 'another agency ends none');
select is(fixture.attempt('social-worker', 'update samsyn.guardian_restrictions set scope = ''location'''), '42501', 'what was assessed never changes');
select is(fixture.attempt('social-worker', 'delete from samsyn.guardian_restrictions'), '42501', 'and nothing is removed');
select throws_ok($$ select fixture.restrict('bad', 'alva', null, 'location', '{cases}') $$, '23514', null, 'what stays visible belongs to an assessment from 15');

select * from finish();
rollback;
