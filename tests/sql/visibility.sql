-- Who sees which record, by table of cases: one changed circumstance each, and for whoever does not see it the code
-- that says why.
begin;
\ir support/fixture.sql
select no_plan();

-- "seen", or the refusal code. Table, its texts and the reply view must agree: a second path that forgot the rule of the
-- first would show as a "leak". What the address names spares work and changes nothing of what is seen.
create function fixture.sees(assignment text, record text, circumstance text) returns text language plpgsql as $$
declare
    counts bigint[];
    again bigint[];
    named uuid[];
    answer text;
begin
    begin
        if circumstance is not null then
            execute circumstance;
        end if;
        foreach named slice 1 in array array[[null::uuid, null], [fixture.id(record), null], [fixture.id('case'), null], [fixture.id('case'), fixture.id(record)],
                [fixture.id(record), fixture.id('share')]] loop
            perform fixture.act(assignment, 'read', array_remove(named, null));
            perform set_config('role', 'samsyn_api', true);
            again := array[
                (select count(*) from samsyn.records r where r.id = fixture.id(record)),
                (select count(distinct v.record_id) from samsyn.record_versions v where v.record_id = fixture.id(record)),
                (select count(*) from api.records r where r.resource = fixture.id(record)),
                (select count(distinct v.body ->> 'recordId') from api.record_versions v where v.body ->> 'recordId' = fixture.id(record)::text)];
            perform set_config('role', 'postgres', true);
            if again <> counts then
                raise exception using errcode = 'ZZ000', message = format('%s of %s by what the address names', again, counts);
            end if;
            counts := again;
        end loop;
        answer := case when counts = '{1,1,1,1}' then 'seen'
            when counts = '{0,0,0,0}' then samsyn.refusal_of(array[fixture.id(record)])
            else 'leak ' || counts::text end;
        raise exception using errcode = 'ZZ000', message = answer;
    exception when sqlstate 'ZZ000' then
        return sqlerrm;
    end;
end
$$;

create temp table expected (place serial, who text, record text, circumstance text, answer text, sentence text);
insert into expected (who, record, circumstance, answer, sentence) values
    -- One's own organisation: need to know.
    ('social-worker', 'family', null, 'seen', 'a team member sees the own organisation''s record'),
    ('social-manager', 'family', null, 'seen', 'the leader of the unit that owns the case sees its record'),
    ('social-colleague', 'family', null, 'NOT_FOUND', 'a colleague in the same unit without a part in the case sees nothing'),
    ('social-other-manager', 'family', null, 'NOT_FOUND', 'the leader of another unit sees nothing'),
    ('social-worker', 'family', 'update samsyn.team_members set ended_at = now(), ended_by = assignment_id where assignment_id = fixture.id(''social-worker'')',
        'NOT_FOUND', 'whoever left the team sees nothing any longer'),
    ('social-worker', 'family', 'update samsyn.cases set status = ''closed'' where id = fixture.id(''case'')', 'seen', 'a closed case can still be read'),
    ('social-worker', 'family', 'update samsyn.subjects set protected_identity = true where id = fixture.id(''alva'')',
        'seen', 'protected identity does not close the own organisation''s records'),
    ('social-worker', 'contact', null, 'seen', 'how a child is reached can be read by the own team'),
    ('social-worker', 'contact', 'update samsyn.subjects set protected_identity = true where id = fixture.id(''alva'')',
        'PROTECTED_IDENTITY', 'but is closed when the identity is protected, in the own organisation too'),
    ('social-manager', 'contact', 'update samsyn.subjects set protected_identity = true where id = fixture.id(''alva'')',
        'seen', 'save for a role that holds subject:protected there'),
    ('social-colleague', 'contact', 'update samsyn.subjects set protected_identity = true where id = fixture.id(''alva'')',
        'NOT_FOUND', 'and whoever is not on the team is not told why'),
    ('social-admin', 'family', null, 'NOT_FOUND', 'an organisation administrator sees no content'),
    ('system-admin', 'family', null, 'NOT_FOUND', 'a system administrator sees no content'),
    ('social-auditor', 'family', null, 'NOT_FOUND', 'an auditor sees no content'),
    ('social-lead', 'family', null, 'NOT_FOUND', 'a collaboration lead sees no content'),
    -- The other organisation, without a share.
    ('school-worker', 'housing', null, 'NO_LEGAL_GROUND', 'a category that is not shared stays closed'),
    ('social-worker', 'attendance', null, 'NO_LEGAL_GROUND', 'the lead does not see what the school has not shared'),
    ('clinic-worker', 'family', null, 'NOT_FOUND', 'a party to the agreement without a part in the case sees nothing'),
    ('clinic-manager', 'family', null, 'NOT_FOUND', 'nor does its manager'),
    -- A standing share.
    ('school-worker', 'family', null, 'seen', 'a standing share opens its category to the recipient''s team'),
    ('school-manager', 'family', null, 'seen', 'and to the leader of the recipient''s unit'),
    ('school-colleague', 'family', null, 'NOT_FOUND', 'but not to others of the recipient'),
    ('school-worker', 'family', 'update samsyn.disclosures set ended_at = now() where id = fixture.id(''share'')',
        'NO_LEGAL_GROUND', 'a share that was ended is closed'),
    ('school-worker', 'family', 'update samsyn.disclosures set valid_until = samsyn.today() - 1 where id = fixture.id(''share'')',
        'NO_LEGAL_GROUND', 'a share past its last day is closed'),
    ('school-worker', 'family', 'update samsyn.disclosures set valid_until = samsyn.today() where id = fixture.id(''share'')',
        'seen', 'a share is open on its last day'),
    ('school-worker', 'family', 'update samsyn.disclosures set valid_from = samsyn.today() + 1 where id = fixture.id(''share'')',
        'NO_LEGAL_GROUND', 'a share before its first day is closed'),
    ('school-worker', 'family', 'update samsyn.disclosures set recipient_id = fixture.id(''clinic'') where id = fixture.id(''share'')',
        'NO_LEGAL_GROUND', 'a share to somebody else opens nothing'),
    ('school-worker', 'family', 'update samsyn.disclosures set categories = ''{ATTENDANCE}'' where id = fixture.id(''share'')',
        'NO_LEGAL_GROUND', 'a share of another category opens nothing'),
    ('school-worker', 'attendance', 'update samsyn.disclosures set categories = ''{ATTENDANCE}'' where id = fixture.id(''share'')',
        'seen', 'one''s own record needs no share'),
    ('school-worker', 'family', 'update samsyn.legal_grounds set enabled = false where code = ''CONSENT''',
        'NO_LEGAL_GROUND', 'a ground that was disabled closes the shares on it'),
    ('school-worker', 'family', 'update samsyn.legal_grounds set valid_until = samsyn.today() - 1 where code = ''CONSENT''',
        'NO_LEGAL_GROUND', 'and so does one that no longer holds'),
    ('school-worker', 'register', 'update samsyn.organisations set sector = ''POLICE'' where id = fixture.id(''social''); select fixture.record(''register'', ''case'', ''social-worker'', ''FAMILY_SITUATION'', ''POLICE'')',
        'seen', 'a share opens records under each secrecy of the discloser''s sector that the ground can break'),
    ('school-worker', 'inquiry', 'update samsyn.organisations set sector = ''POLICE'' where id = fixture.id(''social''); select fixture.record(''inquiry'', ''case'', ''social-worker'', ''FAMILY_SITUATION'', ''INVESTIGATION_PUBLIC_INTEREST'')',
        'NO_LEGAL_GROUND', 'and none under a secrecy that consent cannot break (OSL 18:1)'),
    -- The consent behind it.
    ('school-worker', 'family', 'select fixture.revoke(''consent'', ''father'')', 'CONSENT_REVOKED', 'one guardian who withdraws closes it at once'),
    ('school-manager', 'family', 'select fixture.revoke(''consent'', ''mother'')', 'CONSENT_REVOKED', 'for the recipient''s manager as well'),
    ('social-worker', 'family', 'select fixture.revoke(''consent'', ''father'')', 'seen', 'a withdrawal does not touch the owner''s own records'),
    ('school-worker', 'family', 'update samsyn.consents set valid_until = samsyn.today() - 1 where id = fixture.id(''consent'')', 'CONSENT_EXPIRED', 'a consent past its last day closes it'),
    ('school-worker', 'family', 'update samsyn.consents set valid_from = samsyn.today() + 1 where id = fixture.id(''consent'')', 'CONSENT_EXPIRED', 'a consent before its first day does not open it'),
    ('school-worker', 'family', 'select fixture.consent(''asked'', ''case''); update samsyn.disclosures set consent_id = fixture.id(''asked'') where id = fixture.id(''share'')',
        'CONSENT_INCOMPLETE', 'a consent that nobody has answered does not open it'),
    ('school-worker', 'family', 'select fixture.consent(''asked'', ''case''); select fixture.answer(''asked'', ''refused''); update samsyn.disclosures set consent_id = fixture.id(''asked'') where id = fixture.id(''share'')',
        'CONSENT_INCOMPLETE', 'a refused consent does not open it'),
    ('school-worker', 'family', 'update samsyn.subjects set birth_date = (samsyn.today() - interval ''15 years'')::date where id = fixture.id(''alva'')',
        'CONSENT_EXPIRED', 'it lapses when the child turns 15 and has not been asked'),
    ('school-worker', 'family', 'select fixture.guardian(''stepfather'', ''alva'', samsyn.today())', 'CONSENT_EXPIRED', 'it lapses when a guardian joins'),
    ('school-worker', 'family', 'update samsyn.guardians set ends_on = samsyn.today() - 1 where id = fixture.id(''father'')',
        'CONSENT_EXPIRED', 'it lapses when custody ends'),
    -- The agreement behind it.
    ('school-worker', 'family', 'update samsyn.agreements set valid_until = samsyn.today() - 1 where id = fixture.id(''agreement'')', 'AGREEMENT_NOT_IN_FORCE', 'an agreement that ended closes it'),
    ('school-worker', 'family', 'update samsyn.agreements set valid_from = samsyn.today() + 1 where id = fixture.id(''agreement'')', 'AGREEMENT_NOT_IN_FORCE', 'an agreement that is not yet in force does not open it'),
    ('school-worker', 'family', 'update samsyn.agreement_parties set signed_at = null, signed_by = null where agreement_id = fixture.id(''agreement'') and organisation_id = fixture.id(''clinic'')',
        'AGREEMENT_NOT_IN_FORCE', 'an agreement that one party has not signed does not open it'),
    -- Participation.
    ('school-worker', 'family', 'update samsyn.participants set status = ''ended'' where id = fixture.id(''participant'')',
        'NOT_FOUND', 'an organisation whose part has ended sees nothing'),
    ('school-worker', 'attendance', 'update samsyn.participants set status = ''ended'' where id = fixture.id(''participant'')',
        'NOT_FOUND', 'by way of the case not even its own records'),
    ('school-manager', 'family', 'update samsyn.participants set status = ''ended'' where id = fixture.id(''participant'')',
        'NOT_FOUND', 'nor does its manager see what was shared'),
    ('school-manager', 'attendance', 'update samsyn.participants set status = ''ended'' where id = fixture.id(''participant'')',
        'seen', 'but its own records stay with the manager of its unit'),
    ('school-manager', 'contact', 'update samsyn.participants set status = ''ended'' where id = fixture.id(''participant'')',
        'seen', 'and what was handed to it'),
    ('school-manager', 'family', 'update samsyn.participants set status = ''invited'' where id = fixture.id(''participant'')',
        'NOT_FOUND', 'an invitation that is not accepted opens nothing'),
    -- Protected identity.
    ('school-worker', 'family', 'update samsyn.subjects set protected_identity = true where id = fixture.id(''alva'')',
        'seen', 'protected identity leaves categories open that do not give the child away'),
    ('school-worker', 'placement', 'update samsyn.disclosures set categories = ''{PLACEMENT}'' where id = fixture.id(''share''); select fixture.record(''placement'', ''case'', ''social-worker'', ''PLACEMENT'', ''SOCIAL_SERVICES'')',
        'seen', 'a placement can be shared'),
    ('school-worker', 'placement', 'update samsyn.disclosures set categories = ''{PLACEMENT}'' where id = fixture.id(''share''); select fixture.record(''placement'', ''case'', ''social-worker'', ''PLACEMENT'', ''SOCIAL_SERVICES''); update samsyn.subjects set protected_identity = true where id = fixture.id(''alva'')',
        'PROTECTED_IDENTITY', 'but is closed when the identity is protected'),
    ('school-manager', 'placement', 'update samsyn.disclosures set categories = ''{PLACEMENT}'' where id = fixture.id(''share''); select fixture.record(''placement'', ''case'', ''social-worker'', ''PLACEMENT'', ''SOCIAL_SERVICES''); update samsyn.subjects set protected_identity = true where id = fixture.id(''alva'')',
        'seen', 'save for a role that holds subject:protected'),
    -- What was handed over stays with the recipient.
    ('school-worker', 'contact', null, 'seen', 'a record handed over is open to the recipient''s team'),
    ('school-colleague', 'contact', null, 'NOT_FOUND', 'but not to others of the recipient'),
    ('clinic-worker', 'contact', null, 'NOT_FOUND', 'nor to another organisation'),
    ('school-worker', 'contact', 'select fixture.revoke(''consent'', ''father'')', 'seen', 'a withdrawal works forward only'),
    ('school-worker', 'contact', 'update samsyn.consents set valid_until = samsyn.today() - 1 where id = fixture.id(''consent'')', 'seen', 'a consent that runs out takes nothing back'),
    ('school-worker', 'contact', 'update samsyn.agreements set valid_until = samsyn.today() - 1 where id = fixture.id(''agreement'')', 'seen', 'nor does an agreement that ends');
select is(fixture.sees(e.who, e.record, e.circumstance), e.answer, e.sentence) from expected e order by e.place;

select is(fixture.attempt(g.who, format('select samsyn.require_record(%L)', fixture.id(g.record))), g.answer, g.sentence)
from (values ('school-worker', 'family', '1 row', 'a statement that needs the record goes on where it is seen'),
    ('school-worker', 'housing', 'SA001 NO_LEGAL_GROUND', 'is refused with the reason for a participant'),
    ('clinic-worker', 'family', 'SA001 NOT_FOUND', 'and without one for a stranger')) g(who, record, answer, sentence);

select is(fixture.sees(e.who, 'contact', 'update samsyn.subjects set protected_identity = true where id = fixture.id(''alva'')'), e.answer, e.sentence)
from (values ('school-worker', 'PROTECTED_IDENTITY', 'where somebody lives is closed when the identity is protected, handed over or not'),
    ('school-manager', 'seen', 'save for a role that holds subject:protected: the organisation keeps what it was given')) e (who, answer, sentence);

-- A handover is of the version that stood at that moment.
insert into samsyn.record_versions (id, record_id, version, case_id, organisation_id, scope, text, author_id)
select fixture.id('contact/2'), r.id, 2, r.case_id, r.organisation_id, r.scope, 'Later text', r.author_id
from samsyn.records r where r.id = fixture.id('contact');
update samsyn.records set version = 2 where id = fixture.id('contact');
select fixture.act('school-worker');
set local role samsyn_api;
select results_eq($$ select v.version from samsyn.record_versions v where v.record_id = fixture.id('contact') $$, array[1],
    'the recipient of a handover sees the version handed over and no later one');
select is((select r.body ->> 'text' from api.records r where r.resource = fixture.id('contact')), 'First text',
    'and reads its text');
select is((select array[r.ground, r.disclosure::text] from api.records r where r.resource = fixture.id('contact')),
    array['CONSENT', fixture.id('handover')::text], 'the reply names ground and disclosure of a handover for the log');
select is((select array[r.ground, r.disclosure::text] from api.records r where r.resource = fixture.id('family')),
    array['CONSENT', fixture.id('share')::text], 'and of a standing share');
select is((select r.ground from api.records r where r.resource = fixture.id('attendance')), null, 'one''s own record has no ground');
reset role;
select fixture.act('social-worker');
set local role samsyn_api;
select is((select r.body ->> 'text' from api.records r where r.resource = fixture.id('contact')), 'Later text', 'its owner reads the latest');
reset role;

-- Subjects and guardians.
create temp table people (place serial, who text, before text, shown text, sentence text);
insert into people (who, before, shown, sentence) values
    ('social-worker', null, 'alva', 'one''s own register shows the name'),
    ('social-colleague', null, 'alva', 'to everyone in the organisation whose role may'),
    ('school-worker', null, 'alva', 'a participant''s team sees the subject of the case'),
    ('school-colleague', null, null, 'others of the participant do not know the child'),
    ('clinic-worker', null, null, 'other organisations do not know the child'),
    ('social-auditor', null, null, 'an auditor does not see the register'),
    ('social-worker', 'update samsyn.subjects set protected_identity = true where id = fixture.id(''alva'')', 'masked', 'a protected identity is masked'),
    ('school-worker', 'update samsyn.subjects set protected_identity = true where id = fixture.id(''alva'')', 'masked', 'for other organisations too'),
    ('social-manager', 'update samsyn.subjects set protected_identity = true where id = fixture.id(''alva'')', 'alva', 'and shown to a role that holds subject:protected');
create function fixture.shown(assignment text, before text) returns text language plpgsql as $$
declare
    answer text;
begin
    begin
        if before is not null then
            execute before;
        end if;
        perform fixture.act(assignment);
        perform set_config('role', 'samsyn_api', true);
        select case when (s.body ->> 'masked')::boolean and s.body ->> 'name' is null and s.body ->> 'identityNumber' is null then 'masked'
            else s.body ->> 'name' end into answer
        from api.subjects s where s.resource = fixture.id('alva');
        raise exception using errcode = 'ZZ000', message = coalesce(answer, '(nothing)');
    exception when sqlstate 'ZZ000' then
        return nullif(sqlerrm, '(nothing)');
    end;
end
$$;
select is(fixture.shown(p.who, p.before), p.shown, p.sentence) from people p order by p.place;

select is(fixture.attempt('social-worker', 'select from samsyn.guardians where subject_id = fixture.id(''alva'')'), '2 rows', 'guardians are shown to their own organisation');
select is(fixture.attempt('school-worker', 'select from samsyn.guardians where subject_id = fixture.id(''alva'')'), '0 rows', 'and not to a participant');
update samsyn.subjects set address = 'Testgatan 1', phone = '070', email = 'alva@example.se' where id = fixture.id('alva');
update samsyn.guardians set address = 'Testgatan 2', phone = '071' where subject_id = fixture.id('alva');
select is(fixture.attempt('social-worker', 'select from api.subjects s where s.resource = fixture.id(''alva'') and s.body -> ''contactDetails'' ->> ''address'' = ''Testgatan 1'''),
    '1 row', 'the own organisation sees how a child is reached');
select is(fixture.attempt(who, 'select from api.subjects s where s.resource = fixture.id(''alva'') and s.body -> ''contactDetails'' is null'), '1 row',
    'a participant does not, whatever the role: ' || who)
from unnest('{school-worker,school-manager}'::text[]) who;
update samsyn.subjects set protected_identity = true where id = fixture.id('alva');
select is(fixture.attempt('social-worker', 'select from api.subjects s where s.resource = fixture.id(''alva'') and s.body -> ''contactDetails'' is null'), '1 row',
    'how a protected child is reached is masked');
select is(fixture.attempt('social-manager', 'select from api.subjects s where s.resource = fixture.id(''alva'') and s.body -> ''contactDetails'' ->> ''phone'' = ''070'''), '1 row',
    'save for a role that holds subject:protected');
select is(fixture.attempt('school-manager', 'select from api.subjects s where s.resource = fixture.id(''alva'') and s.body -> ''contactDetails'' is null'), '1 row',
    'of the own organisation');
select is(fixture.attempt('social-worker', 'select from api.guardians g where g.subject = fixture.id(''alva'') and g.body -> ''contactDetails'' is null'), '2 rows',
    'how a guardian is reached is masked with the child');
select is(fixture.attempt('social-manager', 'select from api.guardians g where g.subject = fixture.id(''alva'') and g.body -> ''contactDetails'' ->> ''phone'' = ''071'''), '2 rows',
    'and shown to a role that holds subject:protected');
select is(fixture.attempt('social-worker', 'select from api.guardians g where g.subject = fixture.id(''alva'') and g.body ->> ''name'' is null'), '2 rows',
    'a guardian''s name would give a protected child away');
select is(fixture.attempt('social-manager', 'select from api.guardians g where g.subject = fixture.id(''alva'') and g.body ->> ''name'' is not null'), '2 rows',
    'and is shown to a role that holds subject:protected');

select * from finish();
rollback;
