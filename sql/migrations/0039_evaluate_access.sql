-- Access evaluations: may I, may they, and what is missing? No second rule: whether something may be read is found by
-- reading it, as whoever is asked about, under the row policies; whether it may be disclosed is for the one evaluator.
-- What has to be pretended for that, another principal or a withdrawn consent, lives in a subtransaction that is
-- always rolled back.

insert into samsyn.permissions (code, area, purpose, description) values
    ('access:evaluate', 'content', 'care', 'Ask what colleagues may read and disclose');
update samsyn.roles set permissions = permissions || '{access:evaluate}' where code = 'unit-manager';

create table samsyn.refusal_explanations (
    code text primary key check (code ~ '^[A-Z][A-Z_]+$'),
    remediable boolean not null,
    of_ground boolean not null,
    explanation_en text not null,
    explanation_sv text not null,
    remedy_en text,
    remedy_sv text,
    check ((remedy_en is null) = (remedy_sv is null))
);
comment on table samsyn.refusal_explanations is 'What a refusal means and what would help, in plain words.';
comment on column samsyn.refusal_explanations.remediable is 'Whether a ground of which nothing else is missing is worth pointing out.';
comment on column samsyn.refusal_explanations.of_ground is 'Whether the provision of the ground that was asked about is the reason.';
grant select on samsyn.refusal_explanations to samsyn_api;

insert into samsyn.refusal_explanations (code, remediable, of_ground, explanation_en, explanation_sv, remedy_en, remedy_sv) values
    ('ROLE_NOT_ALLOWED', false, false, 'The role does not hold the permission that this needs.', 'Rollen saknar den behörighet som krävs.',
        'Ask someone whose role holds it.', 'Be någon vars roll har den.'),
    ('NO_LEGAL_GROUND', false, false, 'Secrecy holds between the agencies, and no legal ground in force opens this.', 'Sekretess gäller mellan verksamheterna, och ingen gällande rättslig grund öppnar för detta.',
        'Find a ground that fits, or ask for consent.', 'Sök en grund som passar, eller be om samtycke.'),
    ('GROUND_SOURCE_SECTOR', false, true, 'The ground is not for disclosures from this sector.', 'Grunden gäller inte utlämnande från den här sektorn.', null, null),
    ('GROUND_RECIPIENT_SECTOR', false, true, 'The ground is not for recipients of this kind.', 'Grunden gäller inte mottagare av det här slaget.', null, null),
    ('GROUND_EXCLUDED', false, true, 'The secrecy of this information cannot be broken by the ground.', 'Uppgifternas sekretess kan inte brytas av grunden.', null, null),
    ('GROUND_AGE', false, true, 'The ground does not apply at the child''s age today.', 'Grunden gäller inte vid barnets ålder i dag.', null, null),
    ('GROUND_SCOPE', false, true, 'Some of the information goes beyond what the ground, its consent or its decision covers.', 'En del av uppgifterna går utöver vad grunden, samtycket eller beslutet omfattar.',
        'Leave out what goes beyond it.', 'Utelämna det som går utöver.'),
    ('GROUND_PRECONDITION', true, true, 'The ground''s precondition is not shown to be met, or it is for another initiative (own or on request).', 'Grundens förutsättning är inte visad, eller så gäller den ett annat initiativ (eget eller på begäran).',
        'Show how the precondition is met, or answer an information request of the recipient.', 'Visa hur förutsättningen är uppfylld, eller besvara en begäran från mottagaren.'),
    ('CONSENT_REQUIRED', true, true, 'No consent was named on which this could rest. A missing consent never stands in the way of a statutory duty.', 'Inget samtycke som detta kan vila på har angetts. Ett uteblivet samtycke hindrar aldrig en lagstadgad skyldighet.',
        'Ask for consent.', 'Be om samtycke.'),
    ('CONSENT_INCOMPLETE', true, true, 'Not everyone whose consent is required has given it. A refused consent never stands in the way of a statutory duty.', 'Alla vars samtycke krävs har inte lämnat det. Ett nekat samtycke hindrar aldrig en lagstadgad skyldighet.',
        'Wait for the answers, or ask anew.', 'Invänta svaren, eller fråga på nytt.'),
    ('CONSENT_EXPIRED', true, true, 'The consent''s period is not running, or somebody else decides for the child today.', 'Samtyckets tid löper inte, eller så bestämmer någon annan för barnet i dag.',
        'Ask for a new consent.', 'Be om ett nytt samtycke.'),
    ('CONSENT_REVOKED', true, true, 'The consent has been withdrawn; nothing new may flow on it. A withdrawal never stands in the way of a statutory duty.', 'Samtycket är återkallat; inget nytt får lämnas med stöd av det. En återkallelse hindrar aldrig en lagstadgad skyldighet.',
        'Ask for a new consent.', 'Be om ett nytt samtycke.'),
    ('DECISION_REQUIRED', true, true, 'The ground needs a recorded decision of the disclosing organisation for this recipient, with circumstances and balancing.', 'Grunden kräver ett dokumenterat beslut av den utlämnande verksamheten för mottagaren, med omständigheter och avvägning.',
        'Let a decision-maker record the decision first.', 'Låt en beslutsfattare dokumentera beslutet först.'),
    ('NOT_RECIPIENT', true, false, 'The recipient does not take part in the case, or the consent does not name it.', 'Mottagaren deltar inte i ärendet, eller så nämns den inte i samtycket.',
        'Invite it to the case, or ask for a consent that names it.', 'Bjud in den till ärendet, eller be om ett samtycke som nämner den.'),
    ('AGREEMENT_NOT_IN_FORCE', true, false, 'No agreement in force between the two covers this purpose and these categories. It is a precondition, never the ground itself.', 'Ingen gällande överenskommelse mellan de två omfattar ändamålet och uppgifterna. Den är en förutsättning, aldrig själva grunden.',
        'Sign an agreement, or hand over single records instead.', 'Teckna en överenskommelse, eller lämna över enstaka uppgifter i stället.'),
    ('PROTECTED_IDENTITY', false, false, 'The person''s identity is protected; who or where they are is for holders of a special permission (OSL 21:3, 21:3 a).', 'Personen har skyddade personuppgifter; vem eller var den är får bara särskilt behöriga veta (OSL 21:3, 21:3 a).',
        'Ask someone who holds the permission subject:protected.', 'Be någon med behörigheten subject:protected.'),
    ('GUARDIAN_SECRECY', false, false, 'Secrecy holds against this guardian (OSL 12:3).', 'Sekretess gäller mot vårdnadshavaren (OSL 12:3).', null, null),
    ('NOT_TEAM_MEMBER', false, false, 'The colleague neither works on the case nor leads its unit: no need to know, no access.', 'Kollegan arbetar inte i ärendet och leder inte dess enhet: utan behov av uppgiften, ingen åtkomst.',
        'Add the colleague to the case''s team.', 'Lägg till kollegan i ärendets team.'),
    ('NOT_LEAD_ORGANISATION', false, false, 'Only the organisation that leads the case may do this.', 'Bara den verksamhet som leder ärendet får göra detta.',
        'Ask the lead of the case.', 'Vänd dig till den som leder ärendet.'),
    ('CASE_CLOSED', false, false, 'The case is closed and read only.', 'Ärendet är avslutat och kan bara läsas.',
        'Open it again.', 'Öppna det igen.');

-- Pretending ---------------------------------------------------------------------------------------------------------

create function samsyn.colleague_settings(the_assignment uuid, the_user uuid, pointer text) returns jsonb
    language plpgsql stable security definer set search_path = pg_catalog as $$
declare
    settings jsonb;
    candidates bigint;
begin
    perform samsyn.require(samsyn.may('access:evaluate'), 'ROLE_NOT_ALLOWED', pointer);
    -- The same answer for who works elsewhere, works no more or does not exist.
    select count(*) over (), jsonb_build_object('user_id', a.user_id, 'assignment_id', a.id, 'organisation_id', a.organisation_id,
        'unit_id', a.unit_id, 'led_unit_id', case when 'case:lead-unit' = any (a.permissions) then a.unit_id end,
        'permissions', ',' || array_to_string(a.permissions, ',') || ',', 'role', a.role,
        'emergency_id', null, 'emergency_case_id', null,
        'excluded_case_ids', array(select e.case_id from samsyn.excluded_users e where e.user_id = a.user_id)::text,
        'excluded_subject_ids', array(select e.subject_id from samsyn.excluded_users e where e.user_id = a.user_id)::text)
    into candidates, settings
    from samsyn.active_assignments a
    where (a.id = the_assignment or a.user_id = the_user) and a.organisation_id = samsyn.organisation()
    limit 1;
    perform samsyn.require(candidates = 1, 'INVALID_REFERENCE', pointer);
    return settings;
end
$$;
comment on function samsyn.colleague_settings is
    'The settings under which a colleague would act: by assignment, or as a user with one active assignment in the principal''s organisation. Refuses who may not ask, and whoever is no active colleague.';

create function samsyn.recipient_settings(the_case uuid, recipient uuid) returns jsonb
    language sql stable security definer set search_path = pg_catalog as $$
    select jsonb_build_object('assignment_id', null, 'organisation_id', p.organisation_id, 'unit_id', p.unit_id,
        'led_unit_id', p.unit_id, 'permissions', ',case:read,record:read,disclosure:read,', 'role', null,
        'emergency_id', null, 'emergency_case_id', null, 'excluded_case_ids', null, 'excluded_subject_ids', null)
    from samsyn.participants p
    where p.case_id = the_case and p.organisation_id = recipient and p.status in ('lead', 'accepted')
$$;
comment on function samsyn.recipient_settings is
    'The settings under which the leader of a participant''s unit would act, without what special permissions open; null when the organisation does not take part.';

create function samsyn.put_settings(settings jsonb) returns void
    language plpgsql volatile set search_path = pg_catalog as $$
begin
    perform set_config('samsyn.' || s.key, coalesce(s.value, ''), true) from jsonb_each_text(settings) s;
end
$$;
comment on function samsyn.put_settings is 'Acts under these settings until the end of the (sub)transaction.';

create function samsyn.suppose_withdrawn(the_case uuid, the_consent uuid) returns void
    language plpgsql volatile security definer set search_path = pg_catalog as $$
begin
    perform samsyn.require_held_case(the_case);
    insert into samsyn.consent_revocations (id, consent_id, giver_id, recorded_by)
    select samsyn.uuid7(), g.consent_id, g.id, samsyn.assignment()
    from samsyn.consents c join samsyn.consent_givers g on g.consent_id = c.id
    where c.case_id = the_case and (the_consent is null or c.id = the_consent)
    on conflict do nothing;
end
$$;
comment on function samsyn.suppose_withdrawn is
    'Withdraws the consents of a case to which the principal is related, or one of them. Called in a subtransaction that is rolled back.';

-- Reading ------------------------------------------------------------------------------------------------------------

create type samsyn.access_answer as (
    resource uuid, subject uuid, owner uuid, allowed boolean, because text, ground text, disclosure uuid, codes text[],
    possible jsonb
);
comment on type samsyn.access_answer is 'The answer to a question, with the thing, its subject and its owner for the access log.';

create function samsyn.read_record(the_record uuid) returns samsyn.access_answer
    language plpgsql stable set search_path = pg_catalog as $$
declare
    it samsyn.access_answer;
begin
    select r.resource, r.subject, r.owner, true, case when r.disclosure is null then 'own-organisation' else 'disclosure' end,
        r.ground, r.disclosure
    into it.resource, it.subject, it.owner, it.allowed, it.because, it.ground, it.disclosure
    from api.records r where r.resource = the_record;
    if it.allowed is null then
        it.codes := array[case when samsyn.may('record:read') then samsyn.refusal_of(array[the_record]) else 'ROLE_NOT_ALLOWED' end];
    end if;
    return it;
end
$$;
comment on function samsyn.read_record is 'Reads a record as the principal: what opens it, or why it stays closed. Runs with the caller''s rights.';

create function samsyn.read_case(the_case uuid) returns samsyn.access_answer
    language plpgsql stable set search_path = pg_catalog as $$
declare
    it samsyn.access_answer;
begin
    select c.resource, c.subject, c.owner, true, c.ground,
        case when exists (select from samsyn.team_members t
            where t.case_id = the_case and t.assignment_id = samsyn.assignment() and t.ended_at is null) then 'team' else 'unit' end
    into it.resource, it.subject, it.owner, it.allowed, it.ground, it.because
    from api.cases c where c.resource = the_case;
    if it.allowed is null then
        it.codes := array[case when samsyn.may('case:read') then 'NOT_FOUND' else 'ROLE_NOT_ALLOWED' end];
    end if;
    return it;
end
$$;
comment on function samsyn.read_case is 'Reads a case as the principal. Runs with the caller''s rights.';

create function samsyn.read_disclosure(the_disclosure uuid) returns samsyn.access_answer
    language plpgsql stable set search_path = pg_catalog as $$
declare
    it samsyn.access_answer;
begin
    select d.resource, d.subject, d.owner, true, d.ground, d.resource,
        case when d.owner = samsyn.organisation() then 'own-organisation' else 'disclosure' end
    into it.resource, it.subject, it.owner, it.allowed, it.ground, it.disclosure, it.because
    from api.disclosures d where d.resource = the_disclosure;
    if it.allowed is null then
        it.codes := array[case when samsyn.may('disclosure:read') then 'NOT_FOUND' else 'ROLE_NOT_ALLOWED' end];
    end if;
    return it;
end
$$;
comment on function samsyn.read_disclosure is 'Reads a disclosure as the principal. Runs with the caller''s rights.';

create function samsyn.aim_at(thing uuid) returns void
    language plpgsql volatile set search_path = pg_catalog as $$
begin
    perform set_config('samsyn.targets', array[thing]::text, true);
end
$$;
comment on function samsyn.aim_at is
    'Lets the access log say what a question without an answer was about, as if the address had named it: so that the auditors of whoever holds it see the attempt.';

create function samsyn.read_thing(kind text, thing uuid) returns samsyn.access_answer
    language plpgsql volatile set search_path = pg_catalog as $$
begin
    perform samsyn.aim_at(thing);
    return case kind when 'record' then samsyn.read_record(thing) when 'case' then samsyn.read_case(thing)
        else samsyn.read_disclosure(thing) end;
end
$$;
comment on function samsyn.read_thing is 'Reads a record, case or disclosure as the principal, as if the address had named it.';

create function samsyn.place_of(kind text, thing uuid, out of_case uuid, out subject uuid, out owner uuid)
    language plpgsql stable security definer set search_path = pg_catalog as $$
begin
    if kind = 'record' then
        select r.case_id, r.subject_id, r.organisation_id into of_case, subject, owner from samsyn.records r where r.id = thing;
    elsif kind = 'case' then
        select c.id, c.subject_id, c.organisation_id into of_case, subject, owner from samsyn.cases c where c.id = thing;
    else
        select d.case_id, c.subject_id, d.organisation_id into of_case, subject, owner
        from samsyn.disclosures d join samsyn.cases c on c.id = d.case_id where d.id = thing;
    end if;
end
$$;
comment on function samsyn.place_of is 'Case, subject and owner of a thing, for the access log and for what has been seen to concern the principal.';

create function samsyn.pretend_reading(kind text, thing uuid, the_case uuid, settings jsonb, assuming jsonb) returns samsyn.access_answer
    language plpgsql volatile set search_path = pg_catalog as $$
declare
    it samsyn.access_answer;
begin
    begin
        if (assuming ->> 'consentRevoked')::boolean then
            perform samsyn.suppose_withdrawn(the_case, null);
        end if;
        perform samsyn.put_settings(coalesce(settings, '{}'));
        it := samsyn.read_thing(kind, thing);
        raise exception using errcode = 'SA003', message = to_jsonb(it)::text;
    exception when sqlstate 'SA003' then
        return jsonb_populate_record(it, sqlerrm::jsonb);
    end;
end
$$;
comment on function samsyn.pretend_reading is 'Reads under other settings or without the consents of the case, and leaves nothing of it behind.';

create function samsyn.answer_reading(kind text, thing uuid, settings jsonb, assuming jsonb) returns samsyn.access_answer
    language plpgsql volatile set search_path = pg_catalog as $$
declare
    mine samsyn.access_answer := samsyn.read_thing(kind, thing);
    place record;
begin
    if mine.codes[1] = 'NOT_FOUND' then
        perform samsyn.refuse('NOT_FOUND');
    end if;
    select p.* into place from samsyn.place_of(kind, thing) p;
    if settings is not null or (assuming ->> 'consentRevoked')::boolean then
        mine := samsyn.pretend_reading(kind, thing, place.of_case, settings, assuming);
        if mine.codes[1] = 'NOT_FOUND' then
            mine.codes := array['NOT_TEAM_MEMBER'];
        end if;
    end if;
    mine.resource := thing;
    mine.subject := place.subject;
    mine.owner := place.owner;
    return mine;
end
$$;
comment on function samsyn.answer_reading is
    'May the principal, or the colleague of the settings, read this? Refuses NOT_FOUND where the principal has no relation to it.';

create function samsyn.answer_receiving(kind text, thing uuid, recipient uuid, assuming jsonb, at text) returns samsyn.access_answer
    language plpgsql volatile set search_path = pg_catalog as $$
declare
    mine samsyn.access_answer := samsyn.read_thing(kind, thing);
    place record;
    settings jsonb;
    it samsyn.access_answer;
begin
    if mine.codes[1] = 'NOT_FOUND' then
        perform samsyn.refuse('NOT_FOUND');
    end if;
    perform samsyn.require_boundaries(array[recipient], at || 'recipientId');
    select p.* into place from samsyn.place_of(kind, thing) p;
    -- What third parties may read of each other is none of the principal's business.
    perform samsyn.require(kind = 'case' or place.owner = samsyn.organisation(), 'NOT_OWNER', at || 'recordId');
    settings := samsyn.recipient_settings(place.of_case, recipient);
    if settings is null then
        it.codes := array['NOT_RECIPIENT'];
    else
        it := samsyn.pretend_reading(kind, thing, place.of_case, settings, assuming);
    end if;
    it.resource := thing;
    it.subject := place.subject;
    it.owner := place.owner;
    return it;
end
$$;
comment on function samsyn.answer_receiving is 'Would the leader of another participant''s unit see this record of the principal''s organisation, or this case?';

-- Disclosing ---------------------------------------------------------------------------------------------------------

create function samsyn.possible_grounds(q samsyn.disclosure_question) returns jsonb
    language plpgsql stable security definer set search_path = pg_catalog as $$
declare
    asked text := q.ground;
    remediable text[] := array(select e.code from samsyn.refusal_explanations e where e.remediable);
    general samsyn.disclosure_facts;
    g samsyn.legal_grounds;
    missing text[];
    found jsonb := '[]';
begin
    -- A share rests on consent by its kind; what a statute opens is handed over.
    q.kind := case q.kind when 'standing-share' then 'handover' else q.kind end;
    q.decision_id := null;
    q.ground := null;
    general := samsyn.gather_facts(q);
    for g in select l.* from samsyn.legal_grounds l
            where l.enabled and samsyn.today() between l.valid_from and coalesce(l.valid_until, 'infinity') and l.code is distinct from asked
            order by l.effect <> 'duty', l.code loop
        continue when not samsyn.weigh(g, general) <@ remediable;
        q.ground := g.code;
        missing := samsyn.disclosure_refusals(q);
        continue when 'GROUND_PRECONDITION' = any (missing) and exists (select from samsyn.preconditions p
            where p.code = g.precondition and p.established_by in ('same-principal', 'same-authority'));
        found := found || jsonb_build_object('ground', g.code, 'provision', g.statute || ' ' || g.section, 'titleEn', g.title_en,
            'titleSv', g.title_sv, 'effect', g.effect, 'missing', missing, 'duty', g.effect = 'duty' and not g.requires_consent,
            'precondition', case when 'GROUND_PRECONDITION' = any (missing)
                then (select p.meaning from samsyn.preconditions p where p.code = g.precondition) end);
    end loop;
    return found;
end
$$;
comment on function samsyn.possible_grounds is
    'The other grounds in force on which the same could be handed over, where nothing is missing but what can be remedied; duties first.';

create function samsyn.ask_evaluator(question jsonb, the_case samsyn.cases, at text) returns samsyn.disclosure_question
    language plpgsql stable set search_path = pg_catalog as $$
declare
    manner text := coalesce(question ->> 'kind', 'handover');
    family boolean := question ?| array['guardianId', 'subjectId'];
    records uuid[] := array(select jsonb_array_elements_text(question -> 'recordIds'));
    categories text[] := array(select jsonb_array_elements_text(question -> 'categories'));
    regimes text[];
    named jsonb := '{}';
begin
    perform samsyn.require((select count(*) from unnest(array['recipientId', 'guardianId', 'subjectId']) m where question ? m) = 1,
        'UNPROCESSABLE', at || 'recipientId');
    if question ? 'recipientId' then
        perform samsyn.require_boundaries(array[(question ->> 'recipientId')::uuid], at || 'recipientId');
        perform samsyn.require((question ->> 'recipientId')::uuid <> samsyn.organisation(), 'INVALID_REFERENCE', at || 'recipientId');
    elsif question ? 'guardianId' then
        perform samsyn.require(exists (select from samsyn.guardians g
            where g.id = (question ->> 'guardianId')::uuid and g.subject_id = the_case.subject_id), 'INVALID_REFERENCE', at || 'guardianId');
    else
        perform samsyn.require((question ->> 'subjectId')::uuid = the_case.subject_id, 'INVALID_REFERENCE', at || 'subjectId');
    end if;
    if manner = 'invitation' then
        categories := array['IDENTITY', 'CASE_STATUS'];
    elsif question ? 'recordIds' then
        perform samsyn.require(not exists (
            select unnest(records) except select r.id from samsyn.records r
            where r.case_id = the_case.id and r.organisation_id = samsyn.organisation()), 'INVALID_REFERENCE', at || 'recordIds');
        select array_agg(distinct r.category), array_agg(distinct r.regime) into categories, regimes
        from samsyn.records r where r.id = any (records);
    end if;
    perform samsyn.require((categories <> '{}') and (manner = 'invitation' or question ? 'recordIds' <> question ? 'categories'),
        'UNPROCESSABLE', at || 'categories');
    perform samsyn.require(not exists (select unnest(categories) except select c.code from samsyn.information_categories c),
        'INVALID_REFERENCE', at || 'categories');
    -- What the principal does not see is as what does not exist, and counts for nothing.
    if question ? 'consentId' then
        named := named || jsonb_build_object('consent_id', (select c.id from samsyn.consents c where c.id = (question ->> 'consentId')::uuid));
    end if;
    if question ? 'agreementId' then
        named := named || jsonb_build_object('agreement_id', (select a.id from samsyn.agreements a where a.id = (question ->> 'agreementId')::uuid));
    end if;
    if question ? 'decisionId' then
        named := named || jsonb_build_object('decision_id', (select d.id from samsyn.decisions d where d.id = (question ->> 'decisionId')::uuid));
    end if;
    if question ? 'requestId' then
        named := named || jsonb_build_object('request_id', (select i.id from samsyn.information_requests i where i.id = (ask_evaluator.question ->> 'requestId')::uuid));
    end if;
    return samsyn.to_question(named || jsonb_build_object('kind', case when family then 'question' else manner end, 'case_id', the_case.id,
        'discloser', samsyn.organisation(), 'recipient', question ->> 'recipientId',
        'recipient_sector', case when question ? 'guardianId' then 'GUARDIAN' when question ? 'subjectId' then 'SUBJECT' end,
        'guardian_id', question ->> 'guardianId', 'ground', question ->> 'ground',
        'precondition_statement', question ->> 'preconditionStatement', 'categories', categories,
        'regimes', coalesce(regimes, array[(select o.regime from samsyn.organisations o
            where o.id = case manner when 'invitation' then samsyn.organisation() else samsyn.unit() end)]),
        'purpose', question ->> 'purpose', 'justification', question ->> 'justification',
        'assume_consent_revoked', (question #>> '{assuming,consentRevoked}')::boolean));
end
$$;
comment on function samsyn.ask_evaluator is
    'The evaluator''s question from one of the contract, whose members stand at `at`. Refuses what refers to what the principal does not see. Runs with the caller''s rights.';

create function samsyn.weigh_disclosing(question jsonb, at text) returns samsyn.access_answer
    language plpgsql volatile set search_path = pg_catalog as $$
declare
    it samsyn.access_answer;
    the_case samsyn.cases;
    q samsyn.disclosure_question;
begin
    select c.* into the_case from samsyn.cases c where c.id = (question ->> 'caseId')::uuid;
    if the_case.id is null then
        it.codes := array['NOT_FOUND'];
        return it;
    end if;
    q := samsyn.ask_evaluator(question, the_case, at);
    it.codes := samsyn.disclosure_refusals(q);
    if q.kind = 'invitation' and the_case.organisation_id <> samsyn.organisation() then
        it.codes := it.codes || 'NOT_LEAD_ORGANISATION'::text;
    end if;
    if the_case.status <> 'open' then
        it.codes := it.codes || 'CASE_CLOSED'::text;
    end if;
    it.allowed := it.codes = '{}';
    if it.allowed then
        it.because := 'ground';
        it.ground := q.ground;
    else
        it.possible := samsyn.possible_grounds(q);
    end if;
    return it;
end
$$;
comment on function samsyn.weigh_disclosing is 'What the evaluator says to the principal, and the grounds that would fit. Runs with the caller''s rights.';

create function samsyn.pretend_disclosing(question jsonb, settings jsonb, at text) returns samsyn.access_answer
    language plpgsql volatile set search_path = pg_catalog as $$
declare
    it samsyn.access_answer;
begin
    begin
        perform samsyn.put_settings(settings);
        it := samsyn.weigh_disclosing(question, at);
        raise exception using errcode = 'SA003', message = to_jsonb(it)::text;
    exception when sqlstate 'SA003' then
        return jsonb_populate_record(it, sqlerrm::jsonb);
    end;
end
$$;
comment on function samsyn.pretend_disclosing is 'What the evaluator says to a colleague; leaves nothing behind.';

create function samsyn.answer_disclosing(question jsonb, settings jsonb, at text) returns samsyn.access_answer
    language plpgsql volatile set search_path = pg_catalog as $$
declare
    it samsyn.access_answer;
begin
    perform samsyn.require_case((question ->> 'caseId')::uuid);
    it := case when settings is null then samsyn.weigh_disclosing(question, at) else samsyn.pretend_disclosing(question, settings, at) end;
    if it.codes[1] = 'NOT_FOUND' then
        it.codes := array['NOT_TEAM_MEMBER'];
    end if;
    it.resource := (question ->> 'caseId')::uuid;
    select p.subject, p.owner into it.subject, it.owner from samsyn.place_of('case', it.resource) p;
    return it;
end
$$;
comment on function samsyn.answer_disclosing is
    'May the principal''s organisation give this, with the principal or the colleague of the settings deciding? Refuses NOT_FOUND where the principal has no relation to the case.';

-- Answers ------------------------------------------------------------------------------------------------------------

create function samsyn.explain(codes text[], the_ground text) returns json
    language sql stable set search_path = pg_catalog as $$
    select coalesce(json_agg(json_strip_nulls(json_build_object('code', r.code,
        'explanationEn', coalesce(case when r.code = 'NO_LEGAL_GROUND' then n.reason end, e.explanation_en, r.code),
        'explanationSv', case when r.code = 'NO_LEGAL_GROUND' and n.code is not null
            then n.code || ' är aldrig en grund för att lämna uppgifter över en sekretessgräns.' else coalesce(e.explanation_sv, r.code) end,
        'remedyEn', e.remedy_en, 'remedySv', e.remedy_sv,
        'provision', case when e.of_ground then g.provision when r.code = 'NO_LEGAL_GROUND' then nullif(n.provision, 'no provision') end)) order by r.place), '[]')
    from unnest(codes) with ordinality r(code, place)
    left join samsyn.refusal_explanations e on e.code = r.code
    left join samsyn.never_grounds n on n.code = the_ground
    left join lateral (select l.statute || ' ' || l.section as provision from samsyn.legal_grounds l
        where l.code = the_ground order by l.valid_from desc limit 1) g on true
$$;
comment on function samsyn.explain is 'Refusals in plain words, with the provision of the ground that was asked about or of what is never one.';

create function samsyn.answer(question jsonb, settings jsonb, at text) returns samsyn.access_answer
    language plpgsql volatile set search_path = pg_catalog as $$
declare
    kind text := case when question ? 'recordId' then 'record' when question ? 'disclosureId' then 'disclosure' else 'case' end;
    thing uuid := coalesce(question ->> 'recordId', question ->> 'disclosureId', question ->> 'caseId');
begin
    if question ->> 'action' = 'disclose' then
        return samsyn.answer_disclosing(question, settings, at);
    end if;
    perform samsyn.require(question ? 'recordId' <> question ? 'caseId' or kind = 'disclosure', 'UNPROCESSABLE', at || 'recordId');
    if question ->> 'action' = 'receive' then
        return samsyn.answer_receiving(kind, thing, (question ->> 'recipientId')::uuid, question -> 'assuming', at);
    end if;
    return samsyn.answer_reading(kind, thing, settings, question -> 'assuming');
end
$$;
comment on function samsyn.answer is 'The answer to a question of the contract, asked by the principal about themselves or the colleague of the settings.';

create function samsyn.evaluate_access(question jsonb)
    returns table (resource uuid, subject uuid, owner uuid, ground text, disclosure uuid, etag text, body json)
    language plpgsql volatile set search_path = pg_catalog as $$
declare
    colleague uuid := question ->> 'assignmentId';
    settings jsonb := case when colleague <> samsyn.assignment()
        then samsyn.colleague_settings(colleague, null, '/body/assignmentId') end;
    it samsyn.access_answer;
begin
    begin
        it := samsyn.answer(question, settings, '/body/');
    exception when sqlstate 'SA001' then
        if sqlerrm <> 'NOT_FOUND' then
            raise;
        end if;
        perform samsyn.aim_at((coalesce(question ->> 'recordId', question ->> 'caseId'))::uuid);
        return;
    end;
    return query select it.resource, it.subject, it.owner, it.ground, it.disclosure, null::text, json_strip_nulls(json_build_object(
        'action', question ->> 'action', 'allowed', coalesce(it.allowed, false), 'because', it.because, 'ground', it.ground,
        'disclosureId', it.disclosure, 'refusals', samsyn.explain(it.codes, question ->> 'ground'),
        'possibleGrounds', (select json_agg(p.value - 'duty') from jsonb_array_elements(it.possible) p),
        'statutoryDuties', (select json_agg(p.value - 'duty') from jsonb_array_elements(it.possible) p
            where (p.value ->> 'duty')::boolean and exists (select from unnest(it.codes) code where code like 'CONSENT\_%'))));
end
$$;
comment on function samsyn.evaluate_access is 'The answer to a question in the columns of a reply; no row for what the principal has no relation to.';

-- OpenID AuthZEN -----------------------------------------------------------------------------------------------------

create function samsyn.authzen_settings(subject jsonb) returns jsonb
    language plpgsql stable set search_path = pg_catalog as $$
declare
    id uuid := subject ->> 'id';
begin
    if id = (case subject ->> 'type' when 'user' then samsyn.me() else samsyn.assignment() end) then
        return null;
    elsif subject ->> 'type' = 'user' then
        return samsyn.colleague_settings(null, id, '/body/subject/id');
    end if;
    return samsyn.colleague_settings(id, null, '/body/subject/id');
end
$$;
comment on function samsyn.authzen_settings is 'The settings of AuthZEN''s subject; null for the principal.';

create function samsyn.authzen_question(request jsonb) returns jsonb
    language plpgsql stable set search_path = pg_catalog as $$
declare
    kind text := request #>> '{resource,type}';
    thing text := request #>> '{resource,id}';
    properties jsonb := request #> '{resource,properties}';
    question jsonb := jsonb_strip_nulls(jsonb_build_object('action', request #>> '{action,name}', 'assuming', request #> '{context,assuming}'));
begin
    if question ->> 'action' = 'read' then
        perform samsyn.require(properties is null, 'UNPROCESSABLE', '/body/resource/properties');
        return question || jsonb_build_object(kind || 'Id', thing);
    end if;
    perform samsyn.require(kind <> 'disclosure', 'UNPROCESSABLE', '/body/resource/type');
    perform samsyn.require(properties ? 'ground', 'UNPROCESSABLE', '/body/resource/properties/ground');
    question := question || properties;
    if kind = 'case' then
        return question || jsonb_build_object('caseId', thing);
    end if;
    perform samsyn.require(not properties ? 'categories', 'UNPROCESSABLE', '/body/resource/properties/categories');
    perform samsyn.require_record(thing::uuid);
    return question || jsonb_build_object('recordIds', array[thing],
        'caseId', (select r.case_id from samsyn.records r where r.id = thing::uuid));
end
$$;
comment on function samsyn.authzen_question is 'AuthZEN''s action, resource and context as a question. Runs with the caller''s rights.';

create function samsyn.authzen_decision(it samsyn.access_answer, the_ground text) returns json
    language sql stable set search_path = pg_catalog as $$
    select json_build_object('decision', coalesce(it.allowed, false), 'context', json_strip_nulls(json_build_object(
        'reason', coalesce(it.because, it.codes[1]), 'ground', it.ground, 'disclosureId', it.disclosure,
        'refusals', case when it.codes <> '{}' then samsyn.explain(it.codes, the_ground) end)))
$$;
comment on function samsyn.authzen_decision is 'An answer as AuthZEN''s decision and context.';

create function samsyn.answer_authzen(request jsonb)
    returns table (resource uuid, subject uuid, owner uuid, ground text, disclosure uuid, etag text, body json)
    language plpgsql volatile set search_path = pg_catalog as $$
declare
    settings jsonb := samsyn.authzen_settings(request -> 'subject');
    question jsonb := samsyn.authzen_question(request);
    it samsyn.access_answer := samsyn.answer(question, settings, '/body/resource/properties/');
begin
    return query select it.resource, it.subject, it.owner, it.ground, it.disclosure, null::text,
        samsyn.authzen_decision(it, question ->> 'ground');
end
$$;
comment on function samsyn.answer_authzen is 'One evaluation of AuthZEN in the columns of a reply; refuses as the question by itself would be refused.';

create function samsyn.evaluate_authzen(request jsonb)
    returns table (resource uuid, subject uuid, owner uuid, ground text, disclosure uuid, etag text, body json)
    language plpgsql volatile set search_path = pg_catalog as $$
begin
    return query select a.* from samsyn.answer_authzen(request) a;
exception when sqlstate 'SA001' then
    if sqlerrm <> 'NOT_FOUND' then
        raise;
    end if;
    perform samsyn.aim_at((request #>> '{resource,id}')::uuid);
end
$$;
comment on function samsyn.evaluate_authzen is 'The evaluation of AuthZEN in the columns of a reply; no row for what the principal has no relation to.';

create function samsyn.failed_evaluation(code text) returns json
    language sql immutable as $$
    select json_build_object('decision', false, 'context', json_build_object('reason', code, 'error', json_build_object(
        'message', code, 'status', case when code = 'NOT_FOUND' then 404 when code in ('INVALID_REFERENCE', 'UNPROCESSABLE') then 422
            when code = 'INVALID_REQUEST' then 400 else 403 end)))
$$;
comment on function samsyn.failed_evaluation is 'The decision of a question in a batch that would have been refused by itself.';

create function samsyn.evaluate_authzen_batch(batch jsonb)
    returns table (resource uuid, subject uuid, owner uuid, ground text, disclosure uuid, etag text, body json, cursor text)
    language plpgsql volatile set search_path = pg_catalog as $$
declare
    semantic text := coalesce(batch #>> '{options,evaluations_semantic}', 'execute_all');
    part jsonb;
    request jsonb;
begin
    -- Without questions the batch is itself the question (AuthZEN 1.0, 7.1), and its answer the whole reply.
    cursor := case when coalesce(batch -> 'evaluations', '[]') = '[]' then '' end;
    for part in
        select e.value from jsonb_array_elements(case cursor when '' then '[{}]' else batch -> 'evaluations' end) with ordinality e(value, place)
        order by e.place
    loop
        request := (batch - array['evaluations', 'options']) || part;
        begin
            perform samsyn.require(request ?& array['subject', 'action', 'resource'], 'INVALID_REQUEST');
            select e.* into resource, subject, owner, ground, disclosure, etag, body from samsyn.answer_authzen(request) e;
        exception when sqlstate 'SA001' then
            -- Whoever is asked for in vain is told to their auditors, and nobody else.
            resource := request #>> '{resource,id}';
            owner := (select p.owner from samsyn.place_of(request #>> '{resource,type}', resource) p);
            subject := null;
            ground := null;
            disclosure := null;
            body := samsyn.failed_evaluation(sqlerrm);
        end;
        return next;
        exit when body ->> 'decision' = case semantic when 'deny_on_first_deny' then 'false' when 'permit_on_first_permit' then 'true' end;
    end loop;
end
$$;
comment on function samsyn.evaluate_authzen_batch is 'The evaluations of a batch in their order, each in the columns of a reply, as far as the semantic goes; of a batch without evaluations the one that it is, with an empty cursor.';

grant execute on function samsyn.colleague_settings, samsyn.recipient_settings, samsyn.put_settings, samsyn.suppose_withdrawn,
    samsyn.read_record, samsyn.read_case, samsyn.read_disclosure, samsyn.aim_at, samsyn.read_thing, samsyn.place_of, samsyn.pretend_reading,
    samsyn.answer_reading, samsyn.answer_receiving, samsyn.possible_grounds, samsyn.ask_evaluator, samsyn.weigh_disclosing,
    samsyn.pretend_disclosing, samsyn.answer_disclosing, samsyn.explain, samsyn.answer, samsyn.evaluate_access,
    samsyn.authzen_settings, samsyn.authzen_question, samsyn.authzen_decision, samsyn.answer_authzen, samsyn.evaluate_authzen, samsyn.failed_evaluation,
    samsyn.evaluate_authzen_batch to samsyn_api;
