-- The small world that the tests share: one child, two agencies, one consent.
--
-- Social services lead a case about Alva, ten years old, with two guardians. The school takes part, the clinic does
-- not. All three have signed an agreement, both guardians have consented, and social services share FAMILY_SITUATION
-- with the school as a standing share and have handed one record of CONTACT_DETAILS over.
--
-- Everything is found by name: fixture.id('school') is the school's id. It is loaded in the transaction of the test
-- and gone with its rollback. Roles act by fixture.act; what a role can do is asked by the functions at the end, which
-- leave nothing behind.

create schema fixture;
grant usage on schema fixture to public;

create function fixture.id(name text) returns uuid language sql immutable as $$ select md5('fixture:' || name)::uuid $$;

create function fixture.organisation(called text, parent text, kind text, sector text, regime text) returns void language sql as $$
    insert into samsyn.organisations (id, parent_id, kind, name, sector, regime)
    values (fixture.id(called), fixture.id(parent), kind, called, sector, regime)
$$;

-- An assignment and the person in it have the same name.
create function fixture.assignment(called text, unit text, role text) returns void language sql as $$
    insert into samsyn.users (id, organisation_id, name)
    select fixture.id('user:' || called), o.boundary_id, called from samsyn.organisations o where o.id = fixture.id(unit);
    insert into samsyn.identities (id, user_id, issuer, subject)
    values (fixture.id('identity:' || called), fixture.id('user:' || called), 'fixture', called);
    insert into samsyn.assignments (id, user_id, unit_id, organisation_id, role_id, starts_on)
    select fixture.id(called), fixture.id('user:' || called), o.id, o.boundary_id,
        (select r.id from samsyn.roles r where r.code = role), date '2020-01-01'
    from samsyn.organisations o where o.id = fixture.id(unit);
$$;

create function fixture.subject(called text, organisation text, born date) returns void language sql as $$
    insert into samsyn.subjects (id, organisation_id, identity_number, name, birth_date, created_by)
    values (fixture.id(called), fixture.id(organisation), null, called, born, fixture.id(organisation || '-worker'))
$$;

create function fixture.guardian(called text, subject text, starts_on date, ends_on date default null) returns void language sql as $$
    insert into samsyn.guardians (id, subject_id, organisation_id, name, kind, starts_on, ends_on)
    select fixture.id(called), s.id, s.organisation_id, called, 'guardian', starts_on, ends_on
    from samsyn.subjects s where s.id = fixture.id(subject)
$$;

create function fixture.team_member(called text, the_case text, assignment text) returns void language sql as $$
    insert into samsyn.team_members (id, case_id, organisation_id, assignment_id, added_by)
    select fixture.id(called), fixture.id(the_case), a.organisation_id, a.id, a.id
    from samsyn.assignments a where a.id = fixture.id(assignment)
$$;

create function fixture.record(called text, the_case text, author text, category text, regime text) returns void language sql as $$
    insert into samsyn.records (id, case_id, organisation_id, category, regime, author_id)
    select fixture.id(called), fixture.id(the_case), a.organisation_id, category, regime, a.id
    from samsyn.assignments a where a.id = fixture.id(author);
    insert into samsyn.record_versions (id, record_id, version, case_id, organisation_id, scope, text, author_id)
    select fixture.id(called || '/1'), r.id, 1, r.case_id, r.organisation_id, r.scope, 'First text', r.author_id
    from samsyn.records r where r.id = fixture.id(called);
$$;

create function fixture.consent(called text, the_case text, maturity text default 'not-assessed', secrecy boolean default false)
    returns void language sql as $$
    insert into samsyn.consents (id, case_id, subject_id, organisation_id, source_ids, recipient_ids, categories, purpose,
        valid_from, valid_until, form, maturity, secrecy_against_guardians, assessment_reason, assessed_by)
    select fixture.id(called), c.id, c.subject_id, c.organisation_id, array[fixture.id('social'), fixture.id('school')],
        array[fixture.id('social'), fixture.id('school')], '{FAMILY_SITUATION,ATTENDANCE,CONTACT_DETAILS}', 'Coordinated support',
        samsyn.today() - 30, samsyn.today() + 30, 'written', maturity, secrecy, 'Talked to the child', c.opened_by
    from samsyn.cases c where c.id = fixture.id(the_case)
$$;

-- Everyone who has not answered yet does.
create function fixture.answer(consent text, answer text) returns void language sql as $$
    insert into samsyn.consent_answers (id, consent_id, giver_id, answer, form, recorded_by)
    select samsyn.uuid7(), g.consent_id, g.id, answer, 'written', fixture.id('social-worker')
    from samsyn.consent_givers g
    where g.consent_id = fixture.id(consent)
        and not exists (select from samsyn.consent_answers a where a.giver_id = g.id)
$$;

create function fixture.revoke(consent text, guardian text) returns void language sql as $$
    insert into samsyn.consent_revocations (id, consent_id, giver_id, recorded_by)
    select samsyn.uuid7(), g.consent_id, g.id, fixture.id('social-worker')
    from samsyn.consent_givers g
    where g.consent_id = fixture.id(consent) and g.guardian_id is not distinct from fixture.id(guardian)
$$;

-- Acts as the assignment with all that its role holds, until the next call or the end of the transaction.
create function fixture.act(assignment text, activity text default 'read', targets uuid[] default '{}') returns void
    language plpgsql as $$
declare
    it samsyn.acting;
begin
    select a.user_id, a.id, a.organisation_id, a.unit_id, r.code, r.permissions, 'fixture-client', false, 'care',
        array(select c.id from samsyn.exclusions e join samsyn.cases c on c.subject_id = e.subject_id where e.user_id = a.user_id and e.ended_at is null),
        array(select e.subject_id from samsyn.exclusions e where e.user_id = a.user_id and e.ended_at is null)
    into it.user_id, it.assignment_id, it.organisation_id, it.unit_id, it.role, it.permissions, it.client, it.origin_allowed,
        it.purpose, it.excluded_case_ids, it.excluded_subject_ids
    from samsyn.assignments a join samsyn.roles r on r.id = a.role_id
    where a.id = fixture.id(assignment);
    perform samsyn.set_principal(it, 'fixture', activity, targets, '192.0.2.1', fixture.id('request'), repeat('a', 32));
end
$$;

-- Acts as the guardian or child with this identity number.
create function fixture.act_as_party(number text, activity text default 'read', targets uuid[] default '{}') returns void
    language plpgsql as $$
declare
    it samsyn.acting;
begin
    select r.code, r.permissions, 'fixture-client', 'care', number
    into it.role, it.permissions, it.client, it.purpose, it.party_number
    from samsyn.roles r where r.code = 'party';
    perform samsyn.set_principal(it, 'fixture', activity, targets, '192.0.2.1', fixture.id('request'), repeat('a', 32));
end
$$;

create function fixture.act_as_nobody() returns void language sql as $$
    select samsyn.set_principal(null, 'fixture', '', '{}', null, null, null)
$$;

-- What a statement of samsyn_retention answers, who logs in as nobody else does: its result, or why it failed.
create function fixture.as_retention(statement text) returns text language plpgsql as $$
declare
    answer text;
begin
    perform set_config('session_authorization', 'samsyn_retention', true);
    begin
        execute statement into answer;
    exception when others then
        answer := sqlerrm;
    end;
    perform set_config('session_authorization', session.name, true) from (select 'postgres' as name) session;
    return answer;
end
$$;

create function fixture.clock(moment text) returns void language plpgsql as $$
begin
    execute format('create or replace function samsyn.now() returns timestamptz language sql stable as $f$ select %L::timestamptz $f$', moment);
end
$$;

-- What becomes of a statement that the assignment runs as samsyn_api: "N rows", or SQLSTATE and message. `before` is
-- run first, by the superuser. Neither leaves anything behind.
create function fixture.attempt(assignment text, statement text, before text default null) returns text
    language plpgsql as $$
declare
    affected bigint;
    answer text;
begin
    begin
        if before is not null then
            execute before;
        end if;
        perform fixture.act(assignment);
        perform set_config('role', 'samsyn_api', true);
        execute statement;
        get diagnostics affected = row_count;
        raise exception using errcode = 'ZZ000', message = affected || case affected when 1 then ' row' else ' rows' end;
    exception
        when sqlstate 'ZZ000' then answer := sqlerrm;
        when others then answer := sqlstate || case when sqlstate = 'SA001' then ' ' || sqlerrm else '' end;
    end;
    return answer;
end
$$;

-- Organisations and people -------------------------------------------------------------------------------------------

select fixture.act_as_nobody();
insert into samsyn.organisations (id, kind, name) values (fixture.id('town'), 'municipality', 'town');
select fixture.organisation('social', 'town', 'authority', 'SOCIAL_SERVICES', 'SOCIAL_SERVICES');
select fixture.organisation('social-unit', 'social', 'unit', null, null);
select fixture.organisation('social-other-unit', 'social', 'unit', null, null);
select fixture.organisation('school', 'town', 'authority', 'SCHOOL', 'STUDENT_HEALTH');
select fixture.organisation('school-unit', 'school', 'unit', null, null);
select fixture.organisation('clinic', 'town', 'authority', 'HEALTH_CARE', 'HEALTH_CARE');
select fixture.organisation('clinic-unit', 'clinic', 'unit', null, null);

select fixture.assignment('social-worker', 'social-unit', 'case-worker');
select fixture.assignment('social-colleague', 'social-unit', 'case-worker');
select fixture.assignment('social-manager', 'social-unit', 'unit-manager');
select fixture.assignment('social-other-manager', 'social-other-unit', 'unit-manager');
select fixture.assignment('social-professional', 'social-unit', 'professional');
select fixture.assignment('social-lead', 'social-unit', 'collaboration-lead');
select fixture.assignment('social-admin', 'social-unit', 'organisation-admin');
select fixture.assignment('social-auditor', 'social-unit', 'auditor');
select fixture.assignment('system-admin', 'social-unit', 'system-admin');
select fixture.assignment('school-worker', 'school-unit', 'case-worker');
select fixture.assignment('school-colleague', 'school-unit', 'case-worker');
select fixture.assignment('school-manager', 'school-unit', 'unit-manager');
select fixture.assignment('school-auditor', 'school-unit', 'auditor');
select fixture.assignment('school-lead', 'school-unit', 'collaboration-lead');
select fixture.assignment('clinic-worker', 'clinic-unit', 'case-worker');
select fixture.assignment('clinic-manager', 'clinic-unit', 'unit-manager');
select fixture.assignment('clinic-auditor', 'clinic-unit', 'auditor');

insert into samsyn.clients (id, client_id, name, vendor, organisation_ids, scopes)
values (fixture.id('client'), 'fixture-client', 'Portal', 'Vendor', array[fixture.id('social'), fixture.id('school')], '{samsyn:case}');

-- The agreement ------------------------------------------------------------------------------------------------------

insert into samsyn.agreements (id, organisation_id, title, purposes, categories, valid_from, valid_until, created_by)
values (fixture.id('agreement'), fixture.id('social'), 'Early support', '{Coordinated support}',
    '{FAMILY_SITUATION,ATTENDANCE,CONTACT_DETAILS}', samsyn.today() - 60, samsyn.today() + 60, fixture.id('social-lead'));
insert into samsyn.agreement_parties (agreement_id, organisation_id, signed_at, signed_by)
select fixture.id('agreement'), fixture.id(name), now(), fixture.id(name || '-worker')
from unnest(array['social', 'school', 'clinic']) name;

-- The child and the case -----------------------------------------------------------------------------------------------

select fixture.subject('alva', 'social', (samsyn.today() - interval '10 years')::date);
select fixture.guardian('mother', 'alva', samsyn.today() - 3000);
select fixture.guardian('father', 'alva', samsyn.today() - 3000);
insert into samsyn.cases (id, reference, subject_id, organisation_id, unit_id, title, opened_by)
values (fixture.id('case'), '2026-FFFFFFF0', fixture.id('alva'), fixture.id('social'), fixture.id('social-unit'), 'Support', fixture.id('social-worker'));
select fixture.consent('consent', 'case');
select fixture.answer('consent', 'granted');
insert into samsyn.participants (id, case_id, organisation_id, unit_id, status, agreement_id, ground, consent_id, purpose, invited_by)
values (fixture.id('participant'), fixture.id('case'), fixture.id('school'), fixture.id('school-unit'), 'accepted',
    fixture.id('agreement'), 'CONSENT', fixture.id('consent'), 'Coordinated support', fixture.id('social-worker'));
select fixture.team_member('school-team-member', 'case', 'school-worker');

select fixture.record('family', 'case', 'social-worker', 'FAMILY_SITUATION', 'SOCIAL_SERVICES');
select fixture.record('housing', 'case', 'social-worker', 'HOUSING_ECONOMY', 'SOCIAL_SERVICES');
select fixture.record('contact', 'case', 'social-worker', 'CONTACT_DETAILS', 'SOCIAL_SERVICES');
select fixture.record('attendance', 'case', 'school-worker', 'ATTENDANCE', 'STUDENT_HEALTH');

insert into samsyn.disclosures (id, kind, case_id, organisation_id, recipient_id, ground, consent_id, agreement_id, categories,
    purpose, justification, valid_from, valid_until, disclosed_by)
values
    (fixture.id('share'), 'standing-share', fixture.id('case'), fixture.id('social'), fixture.id('school'), 'CONSENT',
        fixture.id('consent'), fixture.id('agreement'), '{FAMILY_SITUATION}', 'Coordinated support', 'Needed',
        samsyn.today() - 10, samsyn.today() + 10, fixture.id('social-worker')),
    (fixture.id('handover'), 'handover', fixture.id('case'), fixture.id('social'), fixture.id('school'), 'CONSENT',
        fixture.id('consent'), null, '{CONTACT_DETAILS}', 'Coordinated support', 'Needed', null, null, fixture.id('social-worker'));
insert into samsyn.disclosure_items (disclosure_id, record_id, record_version_id)
values (fixture.id('handover'), fixture.id('contact'), fixture.id('contact/1'));
set constraints all immediate;
