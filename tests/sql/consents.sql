-- Who must give a consent, and in which state it is, by tables of cases (OSL 12:3, FB 6:11 and 6:13).
begin;
\ir support/fixture.sql
select no_plan();

create function fixture.born(years integer, days_since_birthday integer default 0) returns date language sql stable as $$
    select (samsyn.today() - days_since_birthday - make_interval(years => years))::date
$$;

-- Who is asked: "guardians 2, child", or the refusal. The child has `guardians` guardians today, one each whose custody
-- ended yesterday and begins tomorrow, and one each of those who care for it or speak for it without custody.
create function fixture.asked(born date, maturity text, secrecy boolean, guardians integer) returns text language plpgsql as $$
declare
    answer text;
begin
    begin
        perform fixture.subject('child', 'social', born);
        perform fixture.guardian('guardian ' || n, 'child', samsyn.today()) from generate_series(1, guardians) n;
        perform fixture.guardian('former', 'child', samsyn.today() - 400, samsyn.today() - 1);
        perform fixture.guardian('future', 'child', samsyn.today() + 1);
        perform fixture.guardian(kind, 'child', samsyn.today() - 10) from unnest('{family-home-parent,legal-representative}'::text[]) kind;
        update samsyn.guardians g set kind = g.name where g.name in ('family-home-parent', 'legal-representative');
        insert into samsyn.cases (id, reference, subject_id, organisation_id, unit_id, title, opened_by)
        values (fixture.id('child-case'), '2026-FFFFFFF1', fixture.id('child'), fixture.id('social'), fixture.id('social-unit'), 'Support', fixture.id('social-worker'));
        perform fixture.consent('child-consent', 'child-case', maturity, secrecy);
        select concat_ws(', ', 'guardians ' || nullif(count(*) filter (where g.kind = 'guardian'), 0),
            'child ' || nullif(count(*) filter (where g.kind = 'subject'), 0)) into answer
        from samsyn.consent_givers g where g.consent_id = fixture.id('child-consent');
        raise exception using errcode = 'ZZ000', message = answer;
    exception
        when sqlstate 'ZZ000' then return sqlerrm;
        when sqlstate 'SA001' then return sqlerrm;
    end;
end
$$;

create temp table askings (place serial, born date, maturity text, secrecy boolean, guardians integer, asked text, sentence text);
insert into askings (born, maturity, secrecy, guardians, asked, sentence) values
    (fixture.born(0), 'not-assessed', false, 1, 'guardians 1', 'born today: the only guardian'),
    (fixture.born(10), 'not-assessed', false, 2, 'guardians 2', 'ten years old: each guardian (FB 6:13)'),
    (fixture.born(10), 'not-assessed', false, 3, 'guardians 3', 'three guardians: all of them'),
    (fixture.born(11, 364), 'mature', false, 2, 'guardians 2', 'almost twelve: guardians only, however mature'),
    (fixture.born(12), 'not-assessed', false, 2, 'guardians 2', 'twelve today and not assessed: guardians only'),
    (fixture.born(12), 'not-mature', false, 2, 'guardians 2', 'twelve and not mature: guardians only'),
    (fixture.born(12), 'mature', false, 2, 'guardians 2, child 1', 'twelve today and mature: the child as well'),
    (fixture.born(14, 364), 'not-mature', false, 1, 'guardians 1', 'almost fifteen and not mature: guardians only'),
    (fixture.born(15), 'not-mature', false, 1, 'guardians 1, child 1', 'fifteen today: the child always'),
    (fixture.born(15), 'not-assessed', false, 2, 'guardians 2, child 1', 'fifteen and not assessed: the child always'),
    (fixture.born(17, 364), 'mature', false, 2, 'guardians 2, child 1', 'almost eighteen: guardians still'),
    (fixture.born(18), 'not-assessed', false, 2, 'child 1', 'eighteen today: the young person alone'),
    (fixture.born(18), 'not-assessed', false, 0, 'child 1', 'of age, and no guardians needed'),
    (fixture.born(11), 'mature', true, 2, 'child 1', 'secrecy against the guardians and mature: the child alone, at any age'),
    (fixture.born(13), 'mature', true, 2, 'child 1', 'secrecy against the guardians, thirteen and mature: the child alone (OSL 12:3)'),
    (fixture.born(15), 'not-assessed', true, 2, 'child 1', 'secrecy against the guardians and fifteen: the child alone'),
    (fixture.born(18), 'not-assessed', true, 2, 'child 1', 'secrecy against the guardians and of age: as without it'),
    (fixture.born(13), 'not-mature', true, 2, 'UNPROCESSABLE', 'secrecy against the guardians and not mature: nobody could give it'),
    (fixture.born(13), 'not-assessed', true, 2, 'UNPROCESSABLE', 'nor when maturity has not been assessed'),
    (fixture.born(10), 'not-assessed', false, 0, 'UNPROCESSABLE', 'a child without a guardian today: nobody could give it'),
    (fixture.born(15), 'not-assessed', false, 0, 'UNPROCESSABLE', 'a minor of fifteen without a guardian: a guardian must be found first');
select is(fixture.asked(a.born, a.maturity, a.secrecy, a.guardians), a.asked, a.sentence) from askings a order by a.place;

select throws_ok($$ insert into samsyn.consents (id, case_id, subject_id, organisation_id, source_ids, recipient_ids, categories, purpose,
        valid_from, valid_until, form, maturity, secrecy_against_guardians, assessed_by)
    values (fixture.id('bare'), fixture.id('case'), fixture.id('alva'), fixture.id('social'), array[fixture.id('social')],
        array[fixture.id('school')], '{ATTENDANCE}', 'x', samsyn.today(), samsyn.today(), 'written', 'mature', true, fixture.id('social-worker')) $$,
    '23514', null, 'secrecy against the guardians needs a reason');

-- States. Each case starts from Alva, ten years, whose mother and father have granted.
create function fixture.state(consent text, born date, circumstance text) returns text language plpgsql as $$
begin
    begin
        update samsyn.subjects set birth_date = born where id = fixture.id('alva');
        execute circumstance;
        raise exception using errcode = 'ZZ000', message = samsyn.consent_state(fixture.id(consent));
    exception when sqlstate 'ZZ000' then
        return sqlerrm;
    end;
end
$$;

create temp table states (place serial, consent text, born date, circumstance text, state text, sentence text);
insert into states (consent, born, circumstance, state, sentence) values
    ('consent', fixture.born(10), 'select', 'in-force', 'everyone required has granted'),
    ('new', fixture.born(10), 'select fixture.consent(''new'', ''case'')', 'requested', 'nobody has answered'),
    ('new', fixture.born(10), 'select fixture.consent(''new'', ''case''); insert into samsyn.consent_answers (id, consent_id, giver_id, answer, form, recorded_by)
        select samsyn.uuid7(), g.consent_id, g.id, ''granted'', ''oral'', fixture.id(''social-worker'') from samsyn.consent_givers g
        where g.consent_id = fixture.id(''new'') and g.guardian_id = fixture.id(''mother'')', 'requested', 'one of two guardians is not enough'),
    ('new', fixture.born(10), 'select fixture.consent(''new'', ''case''); insert into samsyn.consent_answers (id, consent_id, giver_id, answer, form, recorded_by)
        select samsyn.uuid7(), g.consent_id, g.id, ''refused'', ''oral'', fixture.id(''social-worker'') from samsyn.consent_givers g
        where g.consent_id = fixture.id(''new'') and g.guardian_id = fixture.id(''mother''); select fixture.answer(''new'', ''granted'')', 'refused', 'one guardian who refuses decides'),
    ('consent', fixture.born(10), 'select fixture.revoke(''consent'', ''mother'')', 'revoked', 'one guardian who withdraws decides'),
    ('consent', fixture.born(10), 'select fixture.revoke(''consent'', ''mother''); update samsyn.consents set valid_until = samsyn.today() - 1 where id = fixture.id(''consent'')', 'revoked', 'withdrawn stays withdrawn after its last day'),
    ('consent', fixture.born(10), 'update samsyn.consents set valid_from = samsyn.today() + 1 where id = fixture.id(''consent'')', 'not-yet-in-force', 'before its first day'),
    ('consent', fixture.born(10), 'update samsyn.consents set valid_from = samsyn.today() where id = fixture.id(''consent'')', 'in-force', 'on its first day'),
    ('consent', fixture.born(10), 'update samsyn.consents set valid_until = samsyn.today() where id = fixture.id(''consent'')', 'in-force', 'on its last day'),
    ('consent', fixture.born(10), 'update samsyn.consents set valid_until = samsyn.today() - 1 where id = fixture.id(''consent'')', 'expired', 'after its last day'),
    ('consent', fixture.born(14, 364), 'select', 'in-force', 'shortly before the child turns 15'),
    ('consent', fixture.born(15), 'select', 'lapsed', 'the child turns 15 and was not asked'),
    ('new', fixture.born(15), 'select fixture.consent(''new'', ''case''); select fixture.answer(''new'', ''granted'')', 'in-force', 'a child of 15 who was asked and granted'),
    ('new', fixture.born(15), 'select fixture.consent(''new'', ''case''); select fixture.answer(''new'', ''granted''); select fixture.revoke(''new'', null)', 'revoked', 'a child of 15 who granted and withdrew'),
    ('new', fixture.born(17), 'select fixture.consent(''new'', ''case''); select fixture.answer(''new'', ''granted'');
        update samsyn.subjects set birth_date = fixture.born(18) where id = fixture.id(''alva'')', 'lapsed', 'the child turns 18: the guardians no longer decide'),
    ('new', fixture.born(17), 'select fixture.consent(''new'', ''case'', ''mature'', true); select fixture.answer(''new'', ''granted'');
        update samsyn.subjects set birth_date = fixture.born(18) where id = fixture.id(''alva'')', 'in-force', 'given by the child alone it outlives the 18th birthday'),
    ('new', fixture.born(13), 'select fixture.consent(''new'', ''case'', ''mature''); select fixture.answer(''new'', ''granted'');
        update samsyn.subjects set birth_date = fixture.born(15) where id = fixture.id(''alva'')', 'in-force', 'a mature child who was asked before 15 need not be asked again'),
    ('consent', fixture.born(10), 'update samsyn.guardians set ends_on = samsyn.today() where id = fixture.id(''father'')', 'in-force', 'on the last day of custody'),
    ('consent', fixture.born(10), 'update samsyn.guardians set ends_on = samsyn.today() - 1 where id = fixture.id(''father'')', 'lapsed', 'a giver''s custody has ended'),
    ('consent', fixture.born(10), 'select fixture.guardian(''third'', ''alva'', samsyn.today() + 1)', 'in-force', 'a guardian to come decides nothing yet'),
    ('consent', fixture.born(10), 'select fixture.guardian(''third'', ''alva'', samsyn.today())', 'lapsed', 'a guardian who joins has not been asked'),
    ('consent', fixture.born(10), 'update samsyn.guardians set kind = ''temporary'' where id = fixture.id(''father'')', 'in-force', 'custody of another kind is custody'),
    ('consent', fixture.born(10), 'update samsyn.guardians set kind = ''adoptive-parent'' where id = fixture.id(''father'')', 'in-force', 'and so is that of who has adopted'),
    ('consent', fixture.born(10), 'update samsyn.guardians set kind = ''family-home-parent'' where id = fixture.id(''father'')', 'lapsed', 'a giver cares without custody'),
    ('consent', fixture.born(10), 'update samsyn.guardians set kind = ''legal-representative'' where id = fixture.id(''father'')', 'lapsed', 'a giver speaks for the child without custody'),
    ('consent', fixture.born(10), 'select fixture.guardian(''third'', ''alva'', samsyn.today()); update samsyn.guardians set kind = ''family-home-parent'' where id = fixture.id(''third'')', 'in-force', 'a carer without custody who joins need not be asked'),
    ('new', fixture.born(13), 'select fixture.consent(''new'', ''case'', ''mature'', true); select fixture.answer(''new'', ''granted''); select fixture.guardian(''third'', ''alva'', samsyn.today())',
        'in-force', 'where secrecy holds against the guardians, who they are does not matter');
select is(fixture.state(s.consent, s.born, s.circumstance), s.state, s.sentence) from states s order by s.place;

-- Answers are given once and stand.
select throws_ok($$ insert into samsyn.consent_answers (id, consent_id, giver_id, answer, form, recorded_by)
    select samsyn.uuid7(), g.consent_id, g.id, 'refused', 'oral', fixture.id('social-worker')
    from samsyn.consent_givers g where g.consent_id = fixture.id('consent') limit 1 $$, '23505', null, 'a giver answers once');
select throws_ok('delete from samsyn.' || name, '42501', null, 'nothing is removed from ' || name)
from unnest(array['consent_givers', 'consent_answers']) name;
select throws_ok('update samsyn.' || name || ' set id = samsyn.uuid7()', '42501', null, 'nothing is changed in ' || name)
from unnest(array['consent_givers', 'consent_answers']) name;
select fixture.revoke('consent', 'mother');
select throws_ok('delete from samsyn.consent_revocations', '42501', null, 'a withdrawal is never removed');
select throws_ok($$ select fixture.revoke('consent', 'mother') $$, '23505', null, 'and is recorded once');

select * from finish();
rollback;
