-- The grounds evaluator: each ground once allowed and once refused, each refusal code, and what is read from real rows.
begin;
\ir support/fixture.sql
select no_plan();

-- Each ground ------------------------------------------------------------------------------------------------------------

-- What is the same in all of them: a handover by someone who may, to an authority on the case.
create function fixture.facts(source text, recipient text, regime text, category text, age integer, more jsonb)
    returns samsyn.disclosure_facts language sql as $$
    select jsonb_populate_record(null::samsyn.disclosure_facts, jsonb_build_object('kind', 'handover', 'source_sector', source,
        'recipient_sector', recipient, 'recipient_is_authority', true, 'regimes', array[regime], 'categories', array[category],
        'subject_age', age, 'role_allows', true, 'protected_from_role', false, 'on_request', false, 'takes_part', true) || more)
$$;

-- `but` is what turns the allowed case into the refused one.
create temp table grounds (place serial, ground text primary key, source text, recipient text, regime text, category text, age integer,
    more jsonb, but jsonb, codes text[], sentence text);
insert into grounds (ground, source, recipient, regime, category, age, more, but, codes, sentence) values
    ('CONSENT', 'SCHOOL', 'SOCIAL_SERVICES', 'STUDENT_HEALTH', 'ATTENDANCE', 10, '{"consent_state": "in-force", "consent_names_recipient": true, "consent_covers": true}',
        '{"regimes": ["INVESTIGATION_PUBLIC_INTEREST"]}', '{GROUND_EXCLUDED}', 'lifts no secrecy for a public interest (OSL 12:2)'),
    ('SELF', 'SOCIAL_SERVICES', 'SUBJECT', 'SOCIAL_SERVICES', 'FAMILY_SITUATION', 16, '{"decision": "covers", "recipient_is_authority": false}',
        '{"regimes": ["CRIMINAL_RECORDS"]}', '{GROUND_EXCLUDED}', 'does not reach the criminal record register'),
    ('GUARDIAN', 'SOCIAL_SERVICES', 'GUARDIAN', 'SOCIAL_SERVICES', 'FAMILY_SITUATION', 17, '{"decision": "covers", "recipient_is_authority": false}',
        '{"subject_age": 18}', '{GROUND_AGE}', 'ends on the eighteenth birthday'),
    ('PARTY', 'SOCIAL_SERVICES', 'PARTY', 'SOCIAL_SERVICES', 'FAMILY_SITUATION', 17, '{"decision": "covers", "recipient_is_authority": false, "on_request": true, "requested": true}',
        '{"on_request": false, "requested": false}', '{GROUND_PRECONDITION}', 'is insight on request'),
    ('NOT_SECRET', 'SCHOOL', 'POLICE', 'SCHOOL_OTHER', 'ATTENDANCE', 14, '{"decision": "covers"}',
        '{"decision": "none"}', '{DECISION_REQUIRED}', 'needs a recorded harm test'),
    ('NECESSARY_OWN_TASK', 'SOCIAL_SERVICES', 'SCHOOL', 'SOCIAL_SERVICES', 'IDENTITY', 10, '{"decision": "covers"}',
        '{"on_request": true, "requested": true}', '{GROUND_PRECONDITION}', 'is for the discloser''s own task and answers no question'),
    ('TECHNICAL_PROCESSING', 'SOCIAL_SERVICES', 'PROCESSOR', 'SOCIAL_SERVICES', 'FAMILY_SITUATION', 10, '{"decision": "covers", "recipient_is_authority": false}',
        '{"recipient_sector": "SCHOOL"}', '{GROUND_RECIPIENT_SECTOR}', 'gives no agency a right to see'),
    ('CRIME_GENERAL', 'SCHOOL', 'POLICE', 'PUPIL_SUPPORT', 'CRIME', 16, '{"decision": "covers"}',
        '{"regimes": ["STUDENT_HEALTH_MEDICAL"]}', '{GROUND_EXCLUDED}', 'leaves out the school nurse'),
    ('APPEAL_REVIEW', 'SOCIAL_SERVICES', 'COURT', 'SOCIAL_SERVICES', 'FAMILY_SITUATION', 10, '{"stated": true}',
        '{"recipient_sector": "POLICE"}', '{GROUND_RECIPIENT_SECTOR}', 'is for those who review'),
    ('SUPERVISION', 'SCHOOL', 'SUPERVISION', 'STUDENT_HEALTH', 'ATTENDANCE', 10, '{"stated": true}',
        '{"stated": false}', '{GROUND_PRECONDITION}', 'is for supervision that someone asks for'),
    ('STATUTORY_DUTY', 'SCHOOL', 'SOCIAL_SERVICES', 'STUDENT_HEALTH', 'ATTENDANCE', 10, '{"stated": true}',
        '{"regimes": ["PRIVATE_SCHOOL"]}', '{GROUND_EXCLUDED}', 'breaks OSL alone'),
    ('GENERAL_CLAUSE', 'SCHOOL', 'POLICE', 'STUDENT_HEALTH', 'BEHAVIOUR', 15, '{"decision": "covers"}',
        '{"regimes": ["STUDENT_HEALTH", "STUDENT_HEALTH_MEDICAL"]}', '{GROUND_EXCLUDED}', 'never reaches health care, whatever else is told with it (OSL 10:27)'),
    ('CONCERN_REPORT', 'SCHOOL', 'SOCIAL_SERVICES', 'STUDENT_HEALTH_MEDICAL', 'VIOLENCE_ABUSE', 10, '{"kind": "concern-report", "stated": true, "takes_part": false}',
        '{"subject_age": 18}', '{GROUND_AGE}', 'is about a child'),
    ('CONCERN_REPORT_FAMILY_COUNSELLING', 'FAMILY_COUNSELLING', 'SOCIAL_SERVICES', 'FAMILY_COUNSELLING', 'VIOLENCE_ABUSE', 10, '{"kind": "concern-report", "stated": true, "takes_part": false}',
        '{"source_sector": "SCHOOL"}', '{GROUND_SOURCE_SECTOR}', 'is that of family counselling'),
    ('INVESTIGATION_DUTY', 'SCHOOL', 'SOCIAL_SERVICES', 'STUDENT_HEALTH_MEDICAL', 'SOMATIC_HEALTH', 10, '{"investigation_open": true}',
        '{"investigation_open": false}', '{GROUND_PRECONDITION}', 'does not apply during the preliminary assessment (SoL 20:2)'),
    ('REPORTER_FEEDBACK', 'SOCIAL_SERVICES', 'SCHOOL', 'SOCIAL_SERVICES', 'CASE_STATUS', 10, '{"kind": "feedback", "reported": true, "takes_part": false}',
        '{"categories": ["CASE_STATUS", "FAMILY_SITUATION"]}', '{GROUND_SCOPE}', 'tells that, never what (SoL 19:6)'),
    ('HEALTH_CHILD_SUPPORT', 'HEALTH_CARE', 'SOCIAL_SERVICES', 'HEALTH_CARE', 'MENTAL_HEALTH', 17, '{"decision": "covers"}',
        '{"recipient_sector": "SCHOOL"}', '{GROUND_RECIPIENT_SECTOR}', 'does not reach schools'),
    ('HEALTH_SUBSTANCE_OR_COMPULSORY_CARE', 'HEALTH_CARE', 'SOCIAL_SERVICES', 'HEALTH_CARE', 'SUBSTANCE_USE', 19, '{"decision": "covers"}',
        '{"decision": "none"}', '{DECISION_REQUIRED}', 'needs a decision'),
    ('UNBORN_CHILD', 'HEALTH_CARE', 'SOCIAL_SERVICES', 'HEALTH_CARE', 'SUBSTANCE_USE', 25, '{"decision": "covers"}',
        '{"recipient_sector": "POLICE"}', '{GROUND_RECIPIENT_SECTOR}', 'is between care and social services'),
    ('HEALTH_CANNOT_CONSENT', 'HEALTH_CARE', 'SOCIAL_SERVICES', 'HEALTH_CARE', 'SOMATIC_HEALTH', 17, '{"decision": "covers", "recipient_is_authority": false}',
        '{"regimes": ["SHARED_CARE_RECORD"]}', '{GROUND_EXCLUDED}', 'breaks OSL 25:1 alone'),
    ('HEALTH_SAME_PRINCIPAL', 'HEALTH_CARE', 'DENTAL_CARE', 'HEALTH_CARE', 'SOMATIC_HEALTH', 10, '{"same_principal": true}',
        '{"same_principal": false}', '{GROUND_PRECONDITION}', 'stays within one region or municipality'),
    ('STUDENT_HEALTH_INTERNAL', 'SCHOOL', 'SCHOOL', 'STUDENT_HEALTH_MEDICAL', 'SOMATIC_HEALTH', 10, '{"decision": "covers", "same_authority": true}',
        '{"same_authority": false}', '{GROUND_PRECONDITION}', 'stays within the authority'),
    ('SOCIAL_CHILD_SUPPORT', 'SOCIAL_SERVICES', 'HEALTH_CARE', 'SOCIAL_SERVICES', 'FAMILY_SITUATION', 17, '{"decision": "covers"}',
        '{"recipient_sector": "SCHOOL"}', '{GROUND_RECIPIENT_SECTOR}', 'does not reach schools'),
    ('SOCIAL_SUBSTANCE_OR_COMPULSORY_CARE', 'SOCIAL_SERVICES', 'HEALTH_CARE', 'SOCIAL_SERVICES', 'SUBSTANCE_USE', 19, '{"decision": "covers"}',
        '{"decision": "narrower"}', '{GROUND_SCOPE}', 'goes no further than the decision'),
    ('SOCIAL_BOARDS_CURRENT_CASE', 'SOCIAL_SERVICES', 'SOCIAL_SERVICES', 'SOCIAL_SERVICES', 'CASE_STATUS', 10, '{"on_request": true, "requested": true}',
        '{"on_request": false, "requested": false}', '{GROUND_PRECONDITION}', 'answers a question'),
    ('PROVIDER_REPORTING', 'SOCIAL_SERVICES', 'SOCIAL_SERVICES', 'PRIVATE_SOCIAL', 'INTERVENTIONS', 10, '{"on_request": true, "requested": true, "stated": true}',
        '{"categories": ["PARENT_HEALTH"]}', '{GROUND_SCOPE}', 'follows up the intervention'),
    ('HEALTH_EXAM_NOTICE', 'SOCIAL_SERVICES', 'HEALTH_CARE', 'SOCIAL_SERVICES', 'CASE_STATUS', 20, '{"stated": true}',
        '{"subject_age": 21}', '{GROUND_AGE}', 'goes on until the day before the twenty-first birthday'),
    ('SCHOOL_TRANSITION', 'SCHOOL', 'SCHOOL', 'PUPIL_SUPPORT', 'LEARNING', 10, '{"stated": true, "recipient_is_authority": false}',
        '{"recipient_sector": "SOCIAL_SERVICES"}', '{GROUND_RECIPIENT_SECTOR}', 'is between schools'),
    ('SCHOOL_ATTENDANCE_HOME_MUNICIPALITY', 'SCHOOL', 'SCHOOL', 'SCHOOL_OTHER', 'CASE_STATUS', 10, '{"stated": true}',
        '{"categories": ["ATTENDANCE"]}', '{GROUND_SCOPE}', 'tells that an inquiry has begun and no more'),
    ('YOUTH_CRIME_PREVENTION', 'SOCIAL_SERVICES', 'POLICE', 'SOCIAL_SERVICES', 'BEHAVIOUR', 20, '{"decision": "covers"}',
        '{"subject_age": 21}', '{GROUND_AGE}', 'is about those under 21'),
    ('TERROR_PREVENTION', 'HEALTH_CARE', 'POLICE', 'HEALTH_CARE', 'MENTAL_HEALTH', 20, '{"decision": "covers"}',
        '{"recipient_sector": "CUSTOMS"}', '{GROUND_RECIPIENT_SECTOR}', 'is for the police and the Security Service'),
    ('SERIOUS_VIOLENCE_RELATIVE', 'HEALTH_CARE', 'POLICE', 'HEALTH_CARE', 'VIOLENCE_ABUSE', 40, '{"decision": "covers"}',
        '{"recipient_sector": "PROSECUTION"}', '{GROUND_RECIPIENT_SECTOR}', 'is for the Police Authority alone'),
    ('IMMEDIATE_POLICE', 'SOCIAL_SERVICES', 'POLICE', 'SOCIAL_SERVICES', 'PLACEMENT', 12, '{"stated": true}',
        '{"source_sector": "SIS"}', '{GROUND_SOURCE_SECTOR}', 'is for social services'),
    ('CRIME_AGAINST_CHILD', 'SCHOOL', 'POLICE', 'STUDENT_HEALTH_MEDICAL', 'VIOLENCE_ABUSE', 9, '{"decision": "covers"}',
        '{"subject_age": 18}', '{GROUND_AGE}', 'goes by the victim''s age'),
    ('SUPPLY_TO_CHILD', 'SOCIAL_SERVICES', 'POLICE', 'SOCIAL_SERVICES', 'SUBSTANCE_USE', 15, '{"decision": "covers"}',
        '{"source_sector": "HEALTH_CARE", "regimes": ["HEALTH_CARE"]}', '{GROUND_SOURCE_SECTOR,GROUND_EXCLUDED}', 'breaks OSL 26:1 and not health care'),
    ('GRAVE_CRIME', 'HEALTH_CARE', 'PROSECUTION', 'HEALTH_CARE', 'CRIME', 19, '{"decision": "covers"}',
        '{"regimes": ["PRIVATE_CARE"]}', '{GROUND_EXCLUDED}', 'is for authorities'),
    ('CRIME_IMPRISONABLE', 'SCHOOL', 'POLICE', 'PUPIL_SUPPORT', 'CRIME', 16, '{"decision": "covers"}',
        '{"regimes": ["STUDENT_HEALTH_MEDICAL"]}', '{GROUND_EXCLUDED}', 'leaves out what OSL 10:19-23 name'),
    ('SCHOOL_TO_LAW_ENFORCEMENT', 'SCHOOL', 'POLICE', 'STUDENT_HEALTH', 'CRIME', 16, '{"decision": "covers"}',
        '{"regimes": ["STUDENT_HEALTH_MEDICAL"]}', '{GROUND_EXCLUDED}', 'leaves out school doctor and nurse (8 §)'),
    ('SCHOOL_CRIME_REPORT', 'SCHOOL', 'POLICE', 'SCHOOL_OTHER', 'CRIME', 16, '{"decision": "covers"}',
        '{"on_request": true, "requested": true}', '{GROUND_PRECONDITION}', 'is a report and no answer'),
    ('MUNICIPALITY_TO_LAW_ENFORCEMENT', 'CULTURE_LEISURE', 'POLICE', 'GENERAL', 'BEHAVIOUR', 16, '{"decision": "covers"}',
        '{"source_sector": "SCHOOL"}', '{GROUND_SOURCE_SECTOR}', 'leaves schools to their own section'),
    ('CONTACT_DETAILS', 'HEALTH_CARE', 'POLICE', 'HEALTH_CARE', 'CONTACT_DETAILS', 16, '{"on_request": true, "requested": true}',
        '{"categories": ["CONTACT_DETAILS", "SOMATIC_HEALTH"]}', '{GROUND_SCOPE}', 'is where to reach someone and no more'),
    ('PLACEMENT_INFO', 'SOCIAL_SERVICES', 'POLICE', 'CHILD_WHEREABOUTS', 'PLACEMENT', 16, '{"on_request": true, "requested": true}',
        '{"requested": false}', '{GROUND_PRECONDITION}', 'answers a request that is open'),
    ('HEALTH_STAY_INFO', 'HEALTH_CARE', 'POLICE', 'PRIVATE_CARE', 'PLACEMENT', 16, '{"on_request": true, "requested": true}',
        '{"source_sector": "DENTAL_CARE"}', '{GROUND_SOURCE_SECTOR}', 'is for those with beds'),
    ('POLICE_TO_SOCIAL', 'POLICE', 'SOCIAL_SERVICES', 'POLICE', 'CRIME', 19, '{"decision": "covers"}',
        '{"recipient_sector": "SCHOOL"}', '{GROUND_RECIPIENT_SECTOR}', 'is for social services'),
    ('YOUNG_SUSPECT_NOTICE', 'POLICE', 'SOCIAL_SERVICES', 'INVESTIGATION_PUBLIC_INTEREST', 'CRIME', 16, '{"stated": true}',
        '{"regimes": ["CRIMINAL_RECORDS"]}', '{GROUND_EXCLUDED}', 'does not open the criminal record register'),
    ('YOUTH_OPINION', 'SOCIAL_SERVICES', 'PROSECUTION', 'SOCIAL_SERVICES', 'BEHAVIOUR', 17, '{"on_request": true, "requested": true, "stated": true}',
        '{"requested": false}', '{GROUND_PRECONDITION}', 'is given to the one who asks'),
    ('POLICE_TERROR_PREVENTION', 'POLICE', 'SOCIAL_SERVICES', 'POLICE', 'CRIME', 19, '{"decision": "covers"}',
        '{"regimes": ["INTELLIGENCE_PUBLIC_INTEREST"]}', '{GROUND_EXCLUDED}', 'breaks OSL 35:1 alone'),
    ('SIS_CRIME_PREVENTION', 'SIS', 'POLICE', 'SOCIAL_SERVICES', 'BEHAVIOUR', 22, '{"decision": "covers"}',
        '{"source_sector": "SOCIAL_SERVICES"}', '{GROUND_SOURCE_SECTOR}', 'is that of the institutions alone'),
    ('YOUTH_SUPERVISION_PLAN', 'SCHOOL', 'PRISON_PROBATION', 'STUDENT_HEALTH', 'LEARNING', 16, '{"stated": true}',
        '{"regimes": ["STUDENT_HEALTH_MEDICAL"]}', '{GROUND_EXCLUDED}', 'leaves out the school nurse'),
    ('LVU_ASSISTANCE', 'SOCIAL_SERVICES', 'POLICE', 'SOCIAL_SERVICES', 'PLACEMENT', 16, '{"stated": true}',
        '{"recipient_is_authority": false}', '{GROUND_RECIPIENT_SECTOR}', 'is help among authorities'),
    ('CUSTODY_INQUIRY_COURT', 'SOCIAL_SERVICES', 'COURT', 'SOCIAL_SERVICES', 'FAMILY_SITUATION', 8, '{"on_request": true, "requested": true, "stated": true}',
        '{"subject_age": 18}', '{GROUND_AGE}', 'is about the custody of a child'),
    ('CUSTODY_INQUIRY_SOCIAL', 'SOCIAL_SERVICES', 'SOCIAL_SERVICES', 'SOCIAL_SERVICES', 'FAMILY_SITUATION', 8, '{"on_request": true, "requested": true, "stated": true}',
        '{"on_request": false}', '{GROUND_PRECONDITION}', 'answers the board that asks'),
    ('CUSTODY_INQUIRY_SCHOOL', 'SCHOOL', 'SOCIAL_SERVICES', 'PUPIL_SUPPORT', 'ATTENDANCE', 8, '{"on_request": true, "requested": true, "stated": true}',
        '{"regimes": ["STUDENT_HEALTH"]}', '{GROUND_EXCLUDED}', 'leaves out student health (FB 6:20 c)');

select bag_eq($$ select ground from grounds $$, $$ select distinct code from samsyn.legal_grounds $$, 'every ground is tried');
select is(samsyn.weigh(w.wording, fixture.facts(g.source, g.recipient, g.regime, g.category, g.age, g.more)), '{}'::text[], g.ground || ' opens what it is for')
from grounds g join lateral (select l from samsyn.legal_grounds l where l.code = g.ground order by l.valid_from desc limit 1) w(wording) on true
order by g.place;
select is(samsyn.weigh(w.wording, fixture.facts(g.source, g.recipient, g.regime, g.category, g.age, g.more || g.but)), g.codes, g.ground || ' ' || g.sentence)
from grounds g join lateral (select l from samsyn.legal_grounds l where l.code = g.ground order by l.valid_from desc limit 1) w(wording) on true
order by g.place;
select is(samsyn.weigh(samsyn.ground_in_force(l.code, samsyn.today()), fixture.facts(g.source, g.recipient, g.regime, g.category, g.age, g.more)),
    '{NO_LEGAL_GROUND}', l.code || ' opens nothing until counsel has confirmed it')
from samsyn.legal_grounds l join grounds g on g.ground = l.code where not l.enabled order by l.code;
select is(samsyn.weigh(samsyn.ground_in_force(n.code, samsyn.today()), fixture.facts('SCHOOL', 'SOCIAL_SERVICES', 'STUDENT_HEALTH', 'ATTENDANCE', 10,
    '{"stated": true, "decision": "covers", "consent_state": "in-force", "consent_names_recipient": true, "consent_covers": true, "agreement_covers": true}')),
    '{NO_LEGAL_GROUND}', n.code || ' is never a ground')
from samsyn.never_grounds n order by n.code;
select is((samsyn.ground_in_force(l.code, l.valid_from - 1)).code, null, l.code || ' does not hold the day before its wording entered into force')
from samsyn.legal_grounds l where l.enabled order by l.code;

-- Each code, from facts: what is otherwise lawful under consent ----------------------------------------------------------

create temp table codes (place serial, but jsonb, codes text[], sentence text);
insert into codes (but, codes, sentence) values
    ('{}', '{}', 'with everything in place it is allowed'),
    ('{"role_allows": false}', '{ROLE_NOT_ALLOWED}', 'the one who discloses must hold the permission'),
    ('{"role_allows": null}', '{ROLE_NOT_ALLOWED}', 'what is not known of the role counts against it'),
    ('{"consent_state": null}', '{CONSENT_REQUIRED}', 'no consent'),
    ('{"consent_state": "requested"}', '{CONSENT_INCOMPLETE}', 'a consent that not everyone has answered'),
    ('{"consent_state": "refused"}', '{CONSENT_INCOMPLETE}', 'a consent that someone refused'),
    ('{"consent_state": "not-yet-in-force"}', '{CONSENT_EXPIRED}', 'a consent before its first day'),
    ('{"consent_state": "expired"}', '{CONSENT_EXPIRED}', 'a consent after its last day'),
    ('{"consent_state": "lapsed"}', '{CONSENT_EXPIRED}', 'a consent whose givers decide no more'),
    ('{"consent_state": "revoked"}', '{CONSENT_REVOKED}', 'a consent that was withdrawn'),
    ('{"consent_state": "something-new"}', '{CONSENT_EXPIRED}', 'a state that nobody foresaw is not in force'),
    ('{"consent_names_recipient": false}', '{NOT_RECIPIENT}', 'a recipient whom the consent does not name'),
    ('{"consent_covers": false}', '{GROUND_SCOPE}', 'more than was consented to'),
    ('{"takes_part": false}', '{NOT_RECIPIENT}', 'a recipient without a part in the case'),
    ('{"takes_part": null}', '{NOT_RECIPIENT}', 'what is not known of its part counts against it'),
    ('{"regimes": ["STUDENT_HEALTH", "CRIMINAL_RECORDS"]}', '{GROUND_EXCLUDED}', 'of several regimes each must be passed'),
    ('{"regimes": []}', '{GROUND_EXCLUDED}', 'without a regime nothing was judged'),
    ('{"regimes": null}', '{GROUND_EXCLUDED}', 'an unknown regime is not passed'),
    ('{"kind": "question", "regimes": null}', '{}', 'save for a question, whose answer is judged when it is given'),
    ('{"kind": "question", "regimes": ["CRIMINAL_RECORDS"]}', '{GROUND_EXCLUDED}', 'but a regime that is told counts'),
    ('{"categories": []}', '{GROUND_SCOPE}', 'what is not said to be about anything is covered by nothing'),
    ('{"source_sector": null}', '{}', 'a ground for every sector is for an unknown one as well'),
    ('{"protected_from_role": true}', '{PROTECTED_IDENTITY}', 'a protected identity is handled by those who hold the permission'),
    ('{"withheld_from_guardian": true}', '{GUARDIAN_SECRECY}', 'secrecy against a guardian'),
    ('{"recipient_sector": "CIVIL_SOCIETY"}', '{}', 'an association may be told by consent'),
    ('{"kind": "standing-share"}', '{AGREEMENT_NOT_IN_FORCE}', 'a standing share without agreement'),
    ('{"kind": "standing-share", "agreement_covers": true}', '{}', 'a standing share under an agreement'),
    ('{"kind": "invitation", "takes_part": false}', '{AGREEMENT_NOT_IN_FORCE}', 'an invitation by consent without agreement'),
    ('{"kind": "invitation", "takes_part": false, "agreement_covers": true}', '{}', 'an invitation is to someone without a part yet'),
    ('{"role_allows": false, "regimes": ["CRIMINAL_RECORDS"], "consent_state": "revoked", "consent_names_recipient": false, "consent_covers": false, "protected_from_role": true, "kind": "standing-share"}',
        '{ROLE_NOT_ALLOWED,GROUND_EXCLUDED,CONSENT_REVOKED,NOT_RECIPIENT,GROUND_SCOPE,AGREEMENT_NOT_IN_FORCE,PROTECTED_IDENTITY}',
        'every code that applies is told, worst first');
select is(samsyn.weigh(samsyn.ground_in_force('CONSENT', samsyn.today()), fixture.facts('SCHOOL', 'SOCIAL_SERVICES', 'STUDENT_HEALTH', 'ATTENDANCE', 10,
    '{"consent_state": "in-force", "consent_names_recipient": true, "consent_covers": true}' || c.but)), c.codes, c.sentence)
from codes c order by c.place;

create temp table statutory (place serial, ground text, more jsonb, codes text[], sentence text);
insert into statutory (ground, more, codes, sentence) values
    ('SOCIAL_CHILD_SUPPORT', '{"decision": "covers", "subject_age": null}', '{GROUND_AGE}', 'an age that is not known is not below a limit'),
    ('CONCERN_REPORT', '{"kind": "concern-report", "stated": true, "subject_age": null, "recipient_sector": "SOCIAL_SERVICES"}', '{}', 'save in a report about a child whom nobody has identified yet'),
    ('SOCIAL_CHILD_SUPPORT', '{"decision": "covers", "recipient_is_authority": null}', '{GROUND_RECIPIENT_SECTOR}', 'a recipient that is not known to be an authority is none'),
    ('SOCIAL_CHILD_SUPPORT', '{"decision": "narrower"}', '{GROUND_SCOPE}', 'a decision about less'),
    ('SOCIAL_CHILD_SUPPORT', '{}', '{DECISION_REQUIRED}', 'no decision at all'),
    ('SOCIAL_CHILD_SUPPORT', '{"consent_state": "in-force", "consent_names_recipient": true, "consent_covers": true}', '{DECISION_REQUIRED}', 'a consent is no decision'),
    ('SOCIAL_CHILD_SUPPORT', '{"kind": "standing-share", "agreement_covers": true, "decision": "covers", "consent_state": "in-force", "consent_names_recipient": true, "consent_covers": true}',
        '{GROUND_SCOPE}', 'a statute opens what is weighed in the single case, not what comes to be written'),
    ('SOCIAL_CHILD_SUPPORT', '{"kind": "invitation", "decision": "covers", "takes_part": false}', '{}', 'a statute needs no agreement'),
    ('HEALTH_CANNOT_CONSENT', '{"source_sector": "HEALTH_CARE", "regimes": ["HEALTH_CARE"], "recipient_sector": "HEALTH_CARE", "decision": "covers", "recipient_is_authority": false}', '{}',
        'a private provider where the law says so'),
    ('NECESSARY_OWN_TASK', '{"decision": "covers", "recipient_sector": "CIVIL_SOCIETY", "recipient_is_authority": false}', '{GROUND_RECIPIENT_SECTOR}',
        'an association is told nothing without consent'),
    ('PLACEMENT_INFO', '{"recipient_sector": "POLICE", "regimes": ["SOCIAL_SERVICES"], "categories": ["PLACEMENT"], "on_request": true, "requested": true, "protected_from_role": true}',
        '{PROTECTED_IDENTITY}', 'where a protected person is stays with those who hold the permission'),
    ('CONCERN_REPORT', '{"kind": "concern-report", "stated": true, "recipient_sector": "SOCIAL_SERVICES", "protected_from_role": true}', '{}', 'but the duty to report stands'),
    ('YOUTH_OPINION', '{"recipient_sector": "PROSECUTION", "categories": ["BEHAVIOUR"], "stated": true, "on_request": true, "requested": true}', '{}', 'on request'),
    ('YOUTH_OPINION', '{"recipient_sector": "PROSECUTION", "categories": ["BEHAVIOUR"], "stated": true, "on_request": true, "requested": null}', '{GROUND_PRECONDITION}',
        'naming a request that is not theirs, or not open, is not being asked');
select is(samsyn.weigh(samsyn.ground_in_force(s.ground, samsyn.today()),
    fixture.facts('SOCIAL_SERVICES', 'HEALTH_CARE', 'SOCIAL_SERVICES', 'FAMILY_SITUATION', 10, s.more)), s.codes, s.ground || ': ' || s.sentence)
from statutory s order by s.place;

-- A wording that contradicts itself opens nothing.
insert into samsyn.legal_grounds
select (jsonb_populate_record(g, jsonb_build_object('code', made.code, 'id', samsyn.uuid7()) || made.more)).*
from samsyn.legal_grounds g, (values
    ('NO_DECISION', 'NOT_SECRET', '{"requires_decision": false}'::jsonb), ('NO_CONSENT', 'CONSENT', '{"requires_consent": false}')) made(code, base, more)
where g.code = made.base;
select is(samsyn.weigh(samsyn.ground_in_force(code, samsyn.today()), fixture.facts('SOCIAL_SERVICES', 'HEALTH_CARE', 'SOCIAL_SERVICES', 'FAMILY_SITUATION', 10, '{}')),
    '{GROUND_PRECONDITION}', code || ' rests on what it does not ask for')
from unnest(array['NO_DECISION', 'NO_CONSENT']) code;

-- From real rows: the case of the fixture, in which social services would tell the school --------------------------------

-- What the evaluator answers after `before`, to the assignment named. Nothing is left behind.
create function fixture.refusals(who text, question jsonb, before text default null) returns text language plpgsql as $$
declare
    answer text;
begin
    begin
        if before is not null then
            execute before;
        end if;
        perform fixture.act(who);
        answer := samsyn.disclosure_refusals(samsyn.to_question(jsonb_build_object('kind', 'handover', 'case_id', fixture.id('case'),
            'discloser', fixture.id('social'), 'recipient', fixture.id('school'), 'ground', 'CONSENT', 'consent_id', fixture.id('consent'),
            'agreement_id', fixture.id('agreement'), 'categories', '{FAMILY_SITUATION}'::text[], 'regimes', '{SOCIAL_SERVICES}'::text[],
            'purpose', 'Coordinated support', 'justification', 'Needed') || question))::text;
        raise exception using errcode = 'ZZ000';
    exception when sqlstate 'ZZ000' then
        return answer;
    end;
end
$$;

-- The clinic takes part as well, social services have decided to tell it, and it has asked.
insert into samsyn.participants (id, case_id, organisation_id, unit_id, status, ground, purpose, invited_by)
values (fixture.id('clinic-part'), fixture.id('case'), fixture.id('clinic'), fixture.id('clinic-unit'), 'accepted', 'SOCIAL_CHILD_SUPPORT', 'Coordinated support', fixture.id('social-worker'));
insert into samsyn.decisions (id, case_id, organisation_id, recipient_id, ground, categories, circumstances, balancing, outcome, decided_by)
values (fixture.id('decision'), fixture.id('case'), fixture.id('social'), fixture.id('clinic'), 'SOCIAL_CHILD_SUPPORT', '{FAMILY_SITUATION,CONTACT_DETAILS}',
    'The child is treated there', 'Without it the treatment fails', 'disclose', fixture.id('social-manager'));
insert into samsyn.information_requests (id, case_id, organisation_id, asked_id, ground, categories, question, purpose, due_on, asked_by)
values (fixture.id('request'), fixture.id('case'), fixture.id('clinic'), fixture.id('social'), 'PLACEMENT_INFO', '{PLACEMENT}', 'Is she placed?', 'treatment', samsyn.today() + 9, fixture.id('clinic-worker'));
insert into samsyn.cases (id, reference, subject_id, organisation_id, unit_id, title, opened_by)
values (fixture.id('other-case'), '2026-FFFFFFF1', fixture.id('alva'), fixture.id('social'), fixture.id('social-unit'), 'Another', fixture.id('social-worker'));
create temp table to_clinic as select jsonb_build_object('recipient', fixture.id('clinic'), 'ground', 'SOCIAL_CHILD_SUPPORT', 'consent_id', null,
    'decision_id', fixture.id('decision')) as question;
create temp table to_police as select jsonb_build_object('recipient', fixture.id('clinic'), 'ground', 'PLACEMENT_INFO', 'consent_id', null,
    'request_id', fixture.id('request'), 'categories', '{PLACEMENT}'::text[]) as question;

create temp table gathered (place serial, who text, question jsonb, before text, answer text, sentence text);
insert into gathered (who, question, before, answer, sentence) values
    ('social-worker', '{}', null, '{}', 'by consent and to a participant it is allowed'),
    ('social-lead', '{}', null, '{ROLE_NOT_ALLOWED}', 'a role that discloses nothing may not'),
    ('school-worker', '{}', null, '{}', 'whoever asks for the other side is not judged by their own role'),
    ('social-worker', '{"ground": "COLLABORATION_AGREEMENT"}', null, '{NO_LEGAL_GROUND}', 'an agreement is no ground'),
    ('social-worker', '{"ground": "SOL_18_6"}', null, '{NO_LEGAL_GROUND}', 'nor is a general duty to collaborate'),
    ('social-worker', '{"ground": "STATUTORY_DUTY"}', null, '{NO_LEGAL_GROUND}', 'nor a ground that counsel has not confirmed'),
    ('social-worker', '{}', 'update samsyn.legal_grounds set valid_until = samsyn.today() - 1 where code = ''CONSENT''', '{NO_LEGAL_GROUND}', 'nor one that holds no more'),
    ('social-worker', '{"consent_id": null}', null, '{CONSENT_REQUIRED}', 'without a consent'),
    ('social-worker', '{"consent_id": "01940000-0000-7000-8000-000000009999"}', null, '{CONSENT_REQUIRED}', 'with a consent that does not exist'),
    ('social-worker', '{}', 'update samsyn.consents set case_id = fixture.id(''other-case'')', '{CONSENT_REQUIRED}', 'with one of another case'),
    ('social-worker', '{"assume_consent_revoked": true}', null, '{CONSENT_REVOKED}', 'if it were withdrawn'),
    ('social-worker', '{}', 'select fixture.revoke(''consent'', ''father'')', '{CONSENT_REVOKED}', 'once one guardian has withdrawn'),
    ('social-worker', '{}', 'update samsyn.consents set valid_until = samsyn.today() - 1', '{CONSENT_EXPIRED}', 'after its last day'),
    ('social-worker', '{}', 'update samsyn.subjects set birth_date = (samsyn.today() - interval ''15 years'')::date where id = fixture.id(''alva'')', '{CONSENT_EXPIRED}',
        'from the day the child turns 15 and has not been asked'),
    ('social-worker', '{}', 'update samsyn.subjects set birth_date = (samsyn.today() - interval ''15 years'' + interval ''1 day'')::date where id = fixture.id(''alva'')', '{}', 'not the day before'),
    ('social-worker', '{}', 'update samsyn.guardians set ends_on = samsyn.today() - 1 where id = fixture.id(''father'')', '{CONSENT_EXPIRED}', 'from the day after custody ended'),
    ('social-worker', '{}', 'update samsyn.guardians set ends_on = samsyn.today() where id = fixture.id(''father'')', '{}', 'not on its last day'),
    ('social-worker', '{}', 'select fixture.guardian(''stepfather'', ''alva'', samsyn.today())', '{CONSENT_EXPIRED}', 'from the day another guardian decides too'),
    ('social-worker', '{"categories": ["HOUSING_ECONOMY"]}', null, '{GROUND_SCOPE}', 'not what nobody consented to'),
    ('social-worker', '{"purpose": "Crime prevention"}', null, '{GROUND_SCOPE}', 'nor for another purpose'),
    ('social-worker', '{"categories": ["PARENT_HEALTH"]}', 'update samsyn.consents set categories = ''{PARENT_HEALTH}''', '{}', 'a parent''s health by the guardians'' consent'),
    ('social-worker', '{}', 'update samsyn.consents set source_ids = array[fixture.id(''school'')]', '{GROUND_SCOPE}', 'only by those whom it lets disclose'),
    ('social-worker', '{}', 'update samsyn.consents set recipient_ids = array[fixture.id(''clinic'')]', '{NOT_RECIPIENT}', 'only to those whom it names'),
    ('social-worker', '{}', 'update samsyn.participants set status = ''ended'' where id = fixture.id(''participant'')', '{NOT_RECIPIENT}', 'not to one whose part has ended'),
    ('social-worker', '{}', 'update samsyn.participants set status = ''invited'' where id = fixture.id(''participant'')', '{NOT_RECIPIENT}', 'nor to one who has not accepted'),
    ('social-worker', '{"kind": "standing-share"}', null, '{}', 'standingly, under the agreement'),
    ('social-worker', '{"kind": "standing-share", "agreement_id": null}', null, '{AGREEMENT_NOT_IN_FORCE}', 'not without one'),
    ('social-worker', '{"kind": "standing-share"}', 'update samsyn.agreement_parties set signed_at = null, signed_by = null where organisation_id = fixture.id(''clinic'')', '{AGREEMENT_NOT_IN_FORCE}',
        'nor before every party has signed'),
    ('social-worker', '{"kind": "standing-share"}', 'update samsyn.agreements set categories = ''{ATTENDANCE}''', '{AGREEMENT_NOT_IN_FORCE}', 'nor beyond its categories'),
    ('social-worker', '{"categories": ["CONTACT_DETAILS"]}', 'update samsyn.subjects set protected_identity = true where id = fixture.id(''alva'')', '{PROTECTED_IDENTITY}', 'not where a protected child is'),
    ('social-worker', '{}', 'update samsyn.subjects set protected_identity = true where id = fixture.id(''alva'')', '{}', 'but what does not give the child away'),
    ('social-manager', '{"categories": ["CONTACT_DETAILS"]}', 'update samsyn.subjects set protected_identity = true where id = fixture.id(''alva'')', '{}', 'save by a role that may'),
    ('social-worker', '{"regimes": ["SOCIAL_SERVICES", "CRIMINAL_RECORDS"]}', null, '{GROUND_EXCLUDED}', 'not what one of the regimes forbids');
insert into gathered (who, question, before, answer, sentence)
select 'social-worker', c.question || v.more, v.before, v.answer, v.sentence
from to_clinic c, (values
    ('{}'::jsonb, null, '{}', 'on a decision it is allowed'),
    ('{"decision_id": null}', null, '{DECISION_REQUIRED}', 'not without one'),
    ('{}', 'update samsyn.decisions set withdrawn_at = samsyn.now(), withdrawn_by = decided_by', '{DECISION_REQUIRED}', 'nor once it is withdrawn'),
    ('{"categories": ["FAMILY_SITUATION", "HOUSING_ECONOMY"]}', null, '{GROUND_SCOPE}', 'nor beyond its categories'),
    ('{"ground": "UNBORN_CHILD"}', null, '{DECISION_REQUIRED}', 'nor on another ground than was decided on'),
    ('{"regimes": ["PRIVATE_SOCIAL"]}', null, '{GROUND_EXCLUDED}', 'nor what a private provider keeps'),
    ('{}', 'update samsyn.subjects set birth_date = (samsyn.today() - interval ''18 years'')::date where id = fixture.id(''alva'')', '{GROUND_AGE}', 'nor from the eighteenth birthday'),
    ('{}', 'set local session_replication_role = replica; update samsyn.organisations set kind = ''provider'' where id = fixture.id(''clinic'')', '{GROUND_RECIPIENT_SECTOR}', 'nor to someone who is no authority'),
    ('{}', 'set local session_replication_role = replica; update samsyn.organisations set sector = ''HEALTH_CARE'', regime = ''HEALTH_CARE'' where id = fixture.id(''social'')', '{GROUND_SOURCE_SECTOR}', 'nor from another sector'),
    ('{"kind": "invitation", "categories": ["IDENTITY", "CASE_STATUS"]}', null, '{GROUND_SCOPE}', 'an invitation on it needs a decision about identity and status'),
    ('{"ground": "CONCERN_REPORT"}', null, '{GROUND_RECIPIENT_SECTOR,GROUND_PRECONDITION}', 'not as a report to somebody else, and without saying why')) v(more, before, answer, sentence);
insert into gathered (who, question, before, answer, sentence)
select 'social-worker', c.question || v.more, 'update samsyn.organisations set sector = ''POLICE'' where id = fixture.id(''clinic''); ' || coalesce(v.before, ''), v.answer, v.sentence
from to_police c, (values
    ('{}'::jsonb, null, '{}', 'in answer to a request it is allowed'),
    ('{"request_id": null}', null, '{GROUND_PRECONDITION}', 'not unasked'),
    ('{}', 'update samsyn.information_requests set status = ''withdrawn''', '{GROUND_PRECONDITION}', 'nor once the request is withdrawn'),
    ('{"categories": ["PLACEMENT", "IDENTITY"]}', null, '{GROUND_PRECONDITION}', 'nor more than was asked for'),
    ('{}', 'update samsyn.information_requests set organisation_id = fixture.id(''school'')', '{GROUND_PRECONDITION}', 'nor to another than the one who asked'),
    ('{}', 'update samsyn.information_requests set ground = ''CONSENT''', '{GROUND_PRECONDITION}', 'nor on a ground that was not named'),
    ('{"ground": "IMMEDIATE_POLICE", "precondition_statement": "Found in danger"}', null, '{GROUND_PRECONDITION}', 'what one tells on one''s own answers no question'),
    ('{"ground": "IMMEDIATE_POLICE", "precondition_statement": "Found in danger", "request_id": null}', null, '{}', 'and is told without one'),
    ('{"ground": "IMMEDIATE_POLICE", "precondition_statement": " ", "request_id": null}', null, '{GROUND_PRECONDITION}', 'with how the precondition is met')) v(more, before, answer, sentence);
select is(fixture.refusals(g.who, g.question, g.before), g.answer, g.sentence) from gathered g order by g.place;

-- What a statement asks for: the first code, then the justification.
create function fixture.required(question jsonb) returns text language sql as $$
    select fixture.attempt('social-worker', format('select samsyn.require_lawful_disclosure(samsyn.to_question(%L))', jsonb_build_object('kind', 'handover',
        'case_id', fixture.id('case'), 'discloser', fixture.id('social'), 'recipient', fixture.id('school'), 'ground', 'CONSENT', 'consent_id', fixture.id('consent'),
        'categories', '{FAMILY_SITUATION}'::text[], 'regimes', '{SOCIAL_SERVICES}'::text[], 'purpose', 'Coordinated support', 'justification', 'Needed') || question))
$$;
select is(fixture.required('{}'), '1 row', 'what is lawful goes on');
select is(fixture.required('{"regimes": ["CRIMINAL_RECORDS"], "consent_id": null}'), 'SA001 GROUND_EXCLUDED', 'of several codes the worst is the refusal');
select is(fixture.required('{"justification": "  "}'), 'SA001 UNPROCESSABLE', 'an empty justification is refused where the ground requires one');
select is(fixture.required('{"justification": null}'), 'SA001 UNPROCESSABLE', 'and so is none');
select is(fixture.required('{"justification": "", "consent_id": null}'), 'SA001 CONSENT_REQUIRED', 'after what the law forbids');

-- Decisions and requests keep to their rules past the API too ------------------------------------------------------------

select is(fixture.attempt('social-manager', 'update samsyn.decisions set withdrawn_at = samsyn.now(), withdrawn_by = samsyn.assignment() where id = fixture.id(''decision'')'), '1 row',
    'a decision-maker withdraws a decision');
select is(fixture.attempt('social-worker', 'update samsyn.decisions set withdrawn_at = samsyn.now(), withdrawn_by = samsyn.assignment() where id = fixture.id(''decision'')'), '0 rows',
    'and nobody else');
select is(fixture.attempt('social-manager', 'update samsyn.decisions set withdrawn_at = samsyn.now(), withdrawn_by = samsyn.assignment() where id = fixture.id(''decision'')',
    'update samsyn.decisions set withdrawn_at = samsyn.now(), withdrawn_by = decided_by'), 'SA001 ALREADY_ENDED', 'nor twice');
select is(fixture.attempt('social-manager', 'update samsyn.decisions set outcome = ''refuse'' where id = fixture.id(''decision'')'), '42501', 'what was decided is out of reach');
select throws_ok($$ update samsyn.decisions set categories = '{PLACEMENT}' where id = fixture.id('decision') $$, 'SA001', 'CONFLICT', 'for the owner as well');
select throws_ok($$ delete from samsyn.decisions where id = fixture.id('decision') $$, null, null, 'and stays');
select is(fixture.attempt('social-worker', 'select from samsyn.decisions'), '1 row', 'the team reads the decision');
select is(fixture.attempt('school-worker', 'select from samsyn.decisions'), '0 rows', 'another participant does not');
select is(fixture.attempt('clinic-manager', 'select from samsyn.decisions'), '0 rows', 'nor the one whom it is about');
select is(fixture.attempt('social-worker', 'select from samsyn.information_requests'), '1 row', 'the asked side reads a request');
select is(fixture.attempt('clinic-manager', 'select from samsyn.information_requests'), '1 row', 'and so does the asking one');
select is(fixture.attempt('school-worker', 'select from samsyn.information_requests'), '0 rows', 'and nobody else on the case');
select is(fixture.attempt('social-colleague', 'select from samsyn.information_requests'), '0 rows', 'nor a colleague without a part in it');
select is(fixture.attempt('clinic-manager', 'update samsyn.information_requests set question = ''Else''' ), '42501', 'what was asked does not change');

-- Asking: what no answer could rest on ---------------------------------------------------------------------------------

create function fixture.asking(who text, asked text, ground text, category text) returns text language plpgsql as $$
begin
    perform fixture.act(who);
    return samsyn.question_refusals(fixture.id('case'), fixture.id(asked), ground, array[category])::text;
end
$$;
select is(fixture.asking(q.who, q.asked, q.ground, q.category), q.answer, q.sentence) from (values
    (1, 'social-worker', 'school', 'CONSENT', 'ATTENDANCE', '{}', 'one may ask for what a consent could open'),
    (2, 'clinic-manager', 'social', 'SOCIAL_CHILD_SUPPORT', 'FAMILY_SITUATION', '{}', 'or a decision'),
    (3, 'social-worker', 'school', 'DUTY_TO_COLLABORATE', 'ATTENDANCE', '{NO_LEGAL_GROUND}', 'not on what is no ground'),
    (4, 'school-worker', 'social', 'SOCIAL_CHILD_SUPPORT', 'FAMILY_SITUATION', '{GROUND_RECIPIENT_SECTOR}', 'nor on one that is not for one''s own sector'),
    (5, 'social-worker', 'school', 'HEALTH_CHILD_SUPPORT', 'ATTENDANCE', '{GROUND_SOURCE_SECTOR}', 'nor for the other''s'),
    (6, 'social-worker', 'school', 'CONCERN_REPORT', 'ATTENDANCE', '{GROUND_PRECONDITION}', 'nor on one that answers no question'),
    (7, 'clinic-manager', 'social', 'HEALTH_EXAM_NOTICE', 'FAMILY_SITUATION', '{GROUND_SCOPE,GROUND_PRECONDITION}', 'nor for more than the ground reaches')) q(place, who, asked, ground, category, answer, sentence)
order by q.place;

select * from finish();
rollback;
