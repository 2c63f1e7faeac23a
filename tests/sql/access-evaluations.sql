-- Access evaluations: what is pretended for an answer ends with it, and every refusal has its words.
begin;
\ir support/fixture.sql
select no_plan();

-- Every code that the evaluator and the visibility rule can tell.
create temp table told as
select distinct code[1] as code
from pg_proc p, regexp_matches(p.prosrc, '''([A-Z]+(?:_[A-Z]+)+)''', 'g') code
where p.pronamespace = 'samsyn'::regnamespace
    and p.proname in ('weigh', 'consent_refusal', 'refusal_of', 'weigh_disclosing', 'answer_reading', 'answer_receiving', 'read_record', 'read_case')
    and code[1] not in ('NOT_FOUND', 'NOT_OWNER', 'CIVIL_SOCIETY');
select cmp_ok((select count(*) from told), '>', 15::bigint, 'there are codes to explain');
select is_empty($$ select code from told except select e.code from samsyn.refusal_explanations e $$, 'each refusal is explained');
select is_empty($$ select e.code from samsyn.refusal_explanations e except select code from told $$, 'and nothing else is');

-- An answer to the assignment, as samsyn_api: allowed, or its codes.
create function fixture.answered(assignment text, question jsonb) returns text language plpgsql as $$
declare
    answer json;
begin
    perform fixture.act(assignment);
    perform set_config('role', 'samsyn_api', true);
    select e.body into answer from samsyn.evaluate_access(question) e;
    perform set_config('role', 'postgres', true);
    return case when answer is null then 'NOT_FOUND' when (answer ->> 'allowed')::boolean then 'allowed'
        else (select string_agg(r ->> 'code', ' ') from json_array_elements(answer -> 'refusals') r) end;
exception when sqlstate 'SA001' then
    return sqlerrm;
end
$$;

create temp table expected (place serial, who text, question jsonb, answer text, sentence text);
insert into expected (who, question, answer, sentence) values
    ('school-worker', jsonb_build_object('action', 'read', 'recordId', fixture.id('family')), 'allowed', 'a share opens a record'),
    ('school-worker', jsonb_build_object('action', 'read', 'recordId', fixture.id('housing')), 'NO_LEGAL_GROUND', 'another stays closed'),
    ('clinic-worker', jsonb_build_object('action', 'read', 'recordId', fixture.id('family')), 'NOT_FOUND', 'a stranger is told nothing'),
    ('school-worker', jsonb_build_object('action', 'read', 'recordId', fixture.id('family'), 'assuming', '{"consentRevoked": true}'::jsonb), 'CONSENT_REVOKED', 'without its consent it is closed'),
    ('clinic-worker', jsonb_build_object('action', 'read', 'recordId', fixture.id('family'), 'assuming', '{"consentRevoked": true}'::jsonb), 'NOT_FOUND', 'which a stranger is not told either'),
    ('school-worker', jsonb_build_object('action', 'read', 'recordId', fixture.id('contact'), 'assuming', '{"consentRevoked": true}'::jsonb), 'allowed', 'what was handed over stays'),
    ('school-manager', jsonb_build_object('action', 'read', 'recordId', fixture.id('family'), 'assignmentId', fixture.id('school-worker')), 'allowed', 'a colleague on the team reads it'),
    ('school-manager', jsonb_build_object('action', 'read', 'recordId', fixture.id('family'), 'assignmentId', fixture.id('school-colleague')), 'NOT_TEAM_MEMBER', 'one who is not on it does not'),
    ('school-worker', jsonb_build_object('action', 'read', 'recordId', fixture.id('family'), 'assignmentId', fixture.id('school-colleague')), 'ROLE_NOT_ALLOWED', 'which not everyone may ask'),
    ('school-manager', jsonb_build_object('action', 'read', 'recordId', fixture.id('family'), 'assignmentId', fixture.id('social-worker')), 'INVALID_REFERENCE', 'nor anyone of another organisation'),
    ('social-worker', jsonb_build_object('action', 'receive', 'recordId', fixture.id('family'), 'recipientId', fixture.id('school')), 'allowed', 'the owner is told that the recipient sees it'),
    ('social-worker', jsonb_build_object('action', 'receive', 'recordId', fixture.id('housing'), 'recipientId', fixture.id('school')), 'NO_LEGAL_GROUND', 'or does not'),
    ('social-worker', jsonb_build_object('action', 'receive', 'recordId', fixture.id('family'), 'recipientId', fixture.id('clinic')), 'NOT_RECIPIENT', 'nor who takes no part'),
    ('school-worker', jsonb_build_object('action', 'receive', 'recordId', fixture.id('family'), 'recipientId', fixture.id('social')), 'NOT_OWNER', 'what others see of each other is not told'),
    ('social-worker', jsonb_build_object('action', 'disclose', 'caseId', fixture.id('case'), 'recipientId', fixture.id('school'), 'ground', 'CONSENT',
        'consentId', fixture.id('consent'), 'recordIds', jsonb_build_array(fixture.id('family'))), 'allowed', 'a lawful disclosure is allowed'),
    ('social-worker', jsonb_build_object('action', 'disclose', 'caseId', fixture.id('case'), 'recipientId', fixture.id('school'), 'ground', 'CONSENT',
        'consentId', fixture.id('consent'), 'recordIds', jsonb_build_array(fixture.id('family')), 'assuming', '{"consentRevoked": true}'::jsonb), 'CONSENT_REVOKED', 'not without its consent'),
    ('social-worker', jsonb_build_object('action', 'disclose', 'caseId', fixture.id('case'), 'recipientId', fixture.id('school'), 'ground', 'JOINT_MEETING',
        'recordIds', jsonb_build_array(fixture.id('family'))), 'NO_LEGAL_GROUND', 'nor on what is never a ground'),
    ('clinic-worker', jsonb_build_object('action', 'disclose', 'caseId', fixture.id('case'), 'recipientId', fixture.id('school'), 'ground', 'CONSENT',
        'recordIds', jsonb_build_array(fixture.id('family'))), 'NOT_FOUND', 'a stranger is told nothing of a disclosure');
select is(fixture.answered(e.who, e.question), e.answer, e.sentence) from expected e order by e.place;

select is_empty($$ select r.id from samsyn.consent_revocations r where r.consent_id = fixture.id('consent') $$, 'no supposed withdrawal is left behind');

-- A question in vain is an attempt to read, and whoever holds the thing is told of it.
select fixture.act('clinic-worker', 'evaluate');
set local role samsyn_api;
select is_empty(format('select from samsyn.evaluate_access(%L)', jsonb_build_object('action', 'read', 'recordId', fixture.id('housing'))), 'what is hidden has no answer');
select is(samsyn.log_access('{}', '{}', '{}', '{}', '{}'), 'NOT_FOUND', 'which is a refusal');
reset role;
select results_eq($$ select e.outcome, e.code, e.resource_ids, e.concerned_ids from samsyn.access_events e order by e.txid desc, e.id desc limit 1 $$,
    $$ values ('denied', 'NOT_FOUND', array[fixture.id('housing')], array[fixture.id('social')]) $$, 'and concerns the owner');
select fixture.answered('school-manager', jsonb_build_object('action', 'read', 'recordId', fixture.id('family'), 'assignmentId', fixture.id('school-worker')));
select is(samsyn.assignment(), fixture.id('school-manager'), 'whoever asked for a colleague acts as themselves again');
select fixture.answered('social-worker', jsonb_build_object('action', 'receive', 'recordId', fixture.id('family'), 'recipientId', fixture.id('school')));
select is(samsyn.organisation(), fixture.id('social'), 'and in their own organisation');
select is(fixture.attempt('clinic-worker', 'select samsyn.suppose_withdrawn(fixture.id(''case''), null)'), 'SA001 NOT_FOUND',
    'nobody supposes anything of a case to which they have no relation');

-- The grounds that would fit are in force, and fit.
update samsyn.legal_grounds set enabled = false where code not in ('CONSENT', 'NOT_SECRET', 'GENERAL_CLAUSE');
select fixture.act('social-worker');
create function fixture.possible() returns text language sql as $$
    select coalesce(string_agg(p.value ->> 'ground' || ' ' || (p.value ->> 'missing'), ', ' order by p.value ->> 'ground'), 'none')
    from jsonb_array_elements(samsyn.possible_grounds(samsyn.to_question(jsonb_build_object('kind', 'handover', 'case_id', fixture.id('case'),
        'discloser', fixture.id('social'), 'recipient', fixture.id('school'), 'ground', 'FL_8', 'categories', '{FAMILY_SITUATION}'::text[],
        'regimes', '{SOCIAL_SERVICES}'::text[])))) p
$$;
select is(fixture.possible(), 'CONSENT ["CONSENT_REQUIRED"], NOT_SECRET ["DECISION_REQUIRED"]', 'a ground whose secrecy it cannot break is not among them');
update samsyn.legal_grounds set valid_until = samsyn.today() - 1 where code = 'NOT_SECRET';
select is(fixture.possible(), 'CONSENT ["CONSENT_REQUIRED"]', 'nor one that no longer holds');

select * from finish();
rollback;
