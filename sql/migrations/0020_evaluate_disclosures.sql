-- The evaluator: what is asked, the facts that bear on it, and their weighing. Gathering reads the tables and judges
-- nothing; weighing judges and reads nothing but the law.

create type samsyn.disclosure_question as (
    kind text, case_id uuid, subject_id uuid, birth_date date, discloser uuid, recipient uuid, recipient_sector text,
    guardian_id uuid, ground text, consent_id uuid, agreement_id uuid, decision_id uuid, request_id uuid, report_id uuid,
    precondition_statement text, categories text[], regimes text[], purpose text, justification text,
    assume_consent_revoked boolean
);
comment on type samsyn.disclosure_question is
    'May this be told? kind: standing-share, handover, invitation (telling an organisation that the case exists), concern-report, feedback, question. The subject is that of the case when neither subject_id nor birth_date is given; recipient_sector is given for a recipient that is no organisation (GUARDIAN with guardian_id, SUBJECT, PARTY, PROCESSOR). regimes: of every record, each of which must be passed.';

create type samsyn.disclosure_facts as (
    kind text, source_sector text, recipient_sector text, recipient_is_authority boolean, regimes text[], categories text[],
    subject_age integer, role_allows boolean, protected_from_role boolean, withheld_from_guardian boolean,
    consent_state text, consent_names_recipient boolean, consent_covers boolean,
    decision text, on_request boolean, requested boolean, stated boolean, investigation_open boolean, reported boolean,
    same_principal boolean, same_authority boolean, agreement_covers boolean, takes_part boolean
);
comment on type samsyn.disclosure_facts is
    'What bears on a question, as scalars. consent_state: null without a consent; decision: covers, narrower (than what is disclosed), or none; on_request: an information request is answered; requested: it is open, of this recipient and on this ground; stated: the discloser says in words how the precondition is met.';

create function samsyn.to_question(members jsonb) returns samsyn.disclosure_question
    language plpgsql stable set search_path = pg_catalog as $$
begin
    return jsonb_populate_record(null::samsyn.disclosure_question, members);
end
$$;
comment on function samsyn.to_question is 'A question from its members by name.';

create function samsyn.covers(list text[], code text) returns boolean
    language sql immutable parallel safe as $$ select coalesce(list @> '{*}' or code = any (list), false) $$;
create function samsyn.covers(list text[], codes text[]) returns boolean
    language sql immutable parallel safe as $$ select coalesce(list @> '{*}' or codes <@ list, false) $$;
comment on function samsyn.covers(text[], text) is 'Whether a list of codes of the law names the code; {*} names every one.';
comment on function samsyn.covers(text[], text[]) is 'Whether a list of codes of the law names all of the codes.';

create function samsyn.ground_in_force(the_ground text, on_day date) returns samsyn.legal_grounds
    language sql stable set search_path = pg_catalog as $$
    select g from samsyn.legal_grounds g
    where g.code = the_ground and g.enabled and on_day between g.valid_from and coalesce(g.valid_until, 'infinity')
$$;
comment on function samsyn.ground_in_force is 'The wording of a ground that holds on a day and is enabled, or null.';

create function samsyn.meets_precondition(g samsyn.legal_grounds, f samsyn.disclosure_facts) returns boolean
    language plpgsql stable set search_path = pg_catalog as $$
begin
    -- On request means on an open request of this recipient for this: naming any request is not being asked.
    if (g.initiative = 'own' and f.on_request) or (g.initiative = 'on-request' and (f.on_request and f.requested) is not true) then
        return false;
    end if;
    return coalesce(case (select p.established_by from samsyn.preconditions p where p.code = g.precondition)
        when 'consent' then g.requires_consent    -- judged as a consent, with codes of its own
        when 'decision' then g.requires_decision  -- judged as a decision, likewise
        when 'statement' then f.stated
        when 'request' then f.requested
        when 'investigation' then f.investigation_open
        when 'concern-report' then f.reported
        when 'same-principal' then f.same_principal
        when 'same-authority' then f.same_authority
    end, false);
end
$$;
comment on function samsyn.meets_precondition is
    'Whether the ground''s precondition is established in the way that its row names, and the initiative is one that it allows.';

create function samsyn.weigh(g samsyn.legal_grounds, f samsyn.disclosure_facts) returns text[]
    language plpgsql stable set search_path = pg_catalog as $$
declare
    by_consent boolean := g.requires_consent or f.kind = 'standing-share';
begin
    if g.code is null then
        return array['NO_LEGAL_GROUND'];
    end if;
    f.kind := coalesce(f.kind, 'handover');
    return array_remove(array[
        case when f.role_allows is not true then 'ROLE_NOT_ALLOWED' end,
        case when not samsyn.covers(g.source_sectors, f.source_sector) then 'GROUND_SOURCE_SECTOR' end,
        -- An association is told nothing about a child but by consent.
        case when not samsyn.covers(g.recipient_sectors, f.recipient_sector)
            or (g.recipient_must_be_authority and f.recipient_is_authority is not true)
            or (f.recipient_sector = 'CIVIL_SOCIETY' and not g.requires_consent) then 'GROUND_RECIPIENT_SECTOR' end,
        -- If several regimes cover what is disclosed, each must be passed; exclusion wins.
        -- Without a regime nothing was judged, save of a question, whose answer lies with the other side.
        case when case when coalesce(cardinality(f.regimes), 0) = 0 then f.kind <> 'question'
            else f.regimes && g.excluded_regimes or not samsyn.covers(g.source_regimes, f.regimes) end then 'GROUND_EXCLUDED' end,
        -- An age that is not known is below no limit, save that of a child whom a report could not identify.
        case when f.subject_age >= g.subject_age_below
            or (g.subject_age_below is not null and f.subject_age is null and f.kind not in ('concern-report', 'feedback')) then 'GROUND_AGE' end,
        case when f.withheld_from_guardian then 'GUARDIAN_SECRECY' end,
        case when by_consent and f.consent_state is null then 'CONSENT_REQUIRED'
            when by_consent then samsyn.consent_refusal(f.consent_state) end,
        case when (by_consent and f.consent_state is not null and f.consent_names_recipient is not true)
            or (f.kind in ('standing-share', 'handover') and f.takes_part is not true) then 'NOT_RECIPIENT' end,
        -- A statute opens what was weighed in the single case; what is yet to be written only a consent can cover.
        case when (by_consent and f.consent_state is not null and f.consent_covers is not true)
            or (f.kind = 'standing-share' and not g.requires_consent)
            or (g.requires_decision and f.decision = 'narrower')
            or coalesce(cardinality(f.categories), 0) = 0
            or not samsyn.covers((select s.categories from samsyn.ground_scopes s where s.code = g.scope), f.categories)
            then 'GROUND_SCOPE' end,
        case when not samsyn.meets_precondition(g, f) then 'GROUND_PRECONDITION' end,
        case when g.requires_decision and coalesce(f.decision, 'none') = 'none' then 'DECISION_REQUIRED' end,
        -- A precondition for what rests on consent, never a ground: what a statute opens needs no agreement.
        case when (f.kind = 'standing-share' or (f.kind = 'invitation' and g.requires_consent))
            and f.agreement_covers is not true then 'AGREEMENT_NOT_IN_FORCE' end,
        -- The mark is a warning that narrows who handles it, not absolute secrecy: the duty to report stands.
        case when f.protected_from_role and f.kind <> 'concern-report' then 'PROTECTED_IDENTITY' end
    ], null);
end
$$;
comment on function samsyn.weigh is
    'Every refusal code that follows from the wording of a ground (null: none is in force) and the facts, worst first: what nothing can remedy before what a consent, a decision or an agreement could. Empty means allowed.';

create function samsyn.permission_for(kind text) returns text
    language sql immutable as $$
    select case kind when 'invitation' then 'case:write' when 'concern-report' then 'concern-report:write'
        when 'feedback' then 'concern-report:receive' else 'disclosure:write' end
$$;
comment on function samsyn.permission_for is 'The permission that whoever decides on a disclosure of this kind holds.';

create function samsyn.ancestor(organisation uuid, kinds text[]) returns uuid
    language plpgsql stable security definer set search_path = pg_catalog as $$
begin
    return (select o.id from samsyn.lineage(organisation) o where o.kind = any (kinds) order by o.distance limit 1);
end
$$;
comment on function samsyn.ancestor is 'The organisation itself or the nearest one above it that is of one of these kinds.';

create function samsyn.gather_facts(q samsyn.disclosure_question) returns samsyn.disclosure_facts
    language plpgsql stable security definer set search_path = pg_catalog as $$
declare
    f samsyn.disclosure_facts;
    subject samsyn.subjects;
    consent samsyn.consents;
    decision samsyn.decisions;
    precondition text;
begin
    f.kind := q.kind;
    f.regimes := q.regimes;
    f.categories := q.categories;
    f.source_sector := (select o.sector from samsyn.organisations o where o.id = q.discloser);
    select coalesce(q.recipient_sector, o.sector), o.kind in ('authority', 'branch')
    into f.recipient_sector, f.recipient_is_authority
    from (select) one left join samsyn.organisations o on o.id = q.recipient;
    f.role_allows := q.discloser is distinct from samsyn.organisation() or samsyn.may(samsyn.permission_for(q.kind));

    select s.* into subject from samsyn.subjects s
    where s.id = coalesce(q.subject_id, (select c.subject_id from samsyn.cases c where c.id = q.case_id));
    f.subject_age := samsyn.age(coalesce(subject.birth_date, q.birth_date), samsyn.today());
    f.protected_from_role := coalesce(subject.protected_identity, false) and not samsyn.may('subject:protected')
        and exists (select from unnest(q.categories) category where samsyn.is_identifying(category));
    if q.guardian_id is not null then
        f.withheld_from_guardian := samsyn.is_withheld_from(q.guardian_id)
            or (samsyn.location_kept_from(q.guardian_id)
                and exists (select from unnest(q.categories) category where samsyn.is_identifying(category)));
    end if;

    if q.consent_id is not null then
        select c.* into consent from samsyn.consents c where c.id = q.consent_id and c.case_id = q.case_id;
        f.consent_state := case when consent.id is not null and q.assume_consent_revoked then 'revoked'
            else (select s.state from samsyn.consent_states s where s.consent_id = consent.id) end;
        f.consent_names_recipient := q.recipient = any (consent.recipient_ids);
        -- From an organisation, for categories, to a purpose (which a dry run may leave out); what is secret for a parent's sake only guardians can open.
        f.consent_covers := q.discloser = any (consent.source_ids) and q.categories <@ consent.categories
            and (q.purpose is null or q.purpose = consent.purpose)
            and (not 'PARENT_HEALTH' = any (q.categories)
                or exists (select from samsyn.consent_givers g where g.consent_id = consent.id and g.kind = 'guardian'));
    end if;
    if q.decision_id is not null then
        select d.* into decision from samsyn.decisions d
        where d.id = q.decision_id and d.case_id = q.case_id and d.organisation_id = q.discloser
            and d.recipient_id = q.recipient and d.ground = q.ground and d.outcome = 'disclose'
            and d.withdrawn_at is null and samsyn.today() <= coalesce(d.valid_until, 'infinity');
        f.decision := case when decision.id is null then 'none' when q.categories <@ decision.categories then 'covers' else 'narrower' end;
    end if;
    f.on_request := q.request_id is not null;
    f.requested := exists (select from samsyn.information_requests r
        where r.id = q.request_id and r.case_id = q.case_id and r.asked_id = q.discloser and r.organisation_id = q.recipient
            and r.ground = q.ground and q.categories <@ r.categories and r.status in ('open', 'partly-answered'));
    f.stated := q.precondition_statement ~ '\S';

    -- Asked only for the grounds that turn on it.
    select p.established_by into precondition
    from samsyn.ground_in_force(q.ground, samsyn.today()) g join samsyn.preconditions p on p.code = g.precondition;
    if precondition = 'investigation' then
        f.investigation_open := exists (select from samsyn.investigations i
            where i.case_id = q.case_id and i.organisation_id = q.recipient and i.closed_at is null);
    elsif precondition = 'concern-report' then
        f.reported := exists (select from samsyn.concern_reports r join samsyn.concern_reports sent on sent.id = r.counterpart_id
            where r.kind = 'received' and r.organisation_id = q.discloser and sent.organisation_id = q.recipient
                and (r.id = q.report_id or r.case_id = q.case_id));
    elsif precondition = 'same-principal' then
        f.same_principal := samsyn.ancestor(q.discloser, '{municipality,region}') = samsyn.ancestor(q.recipient, '{municipality,region}');
    elsif precondition = 'same-authority' then
        f.same_authority := samsyn.ancestor(q.discloser, '{authority,provider}') = samsyn.ancestor(q.recipient, '{authority,provider}');
    end if;

    f.agreement_covers := exists (
        select from samsyn.agreements a
        join samsyn.agreement_states s on s.agreement_id = a.id and s.state = 'in-force'
        where a.id = q.agreement_id and q.purpose = any (a.purposes)
            and (q.kind <> 'standing-share' or q.categories <@ a.categories)
            and (select count(*) from samsyn.agreement_parties p
                where p.agreement_id = a.id and p.organisation_id in (q.discloser, q.recipient)) = 2);
    f.takes_part := exists (select from samsyn.participants p
        where p.case_id = q.case_id and p.organisation_id = q.recipient and p.status in ('lead', 'accepted'));
    return f;
end
$$;
comment on function samsyn.gather_facts is 'Reads what bears on a question, as the owner: whoever asks must have seen what they name.';

create function samsyn.disclosure_refusals(q samsyn.disclosure_question) returns text[]
    language plpgsql stable security definer set search_path = pg_catalog as $$
begin
    return samsyn.weigh(samsyn.ground_in_force(q.ground, samsyn.today()), samsyn.gather_facts(q));
end
$$;
comment on function samsyn.disclosure_refusals is
    'The one evaluator: every refusal code that applies to a question today, worst first; empty means allowed. Disclosures, invitations, concern reports, feedback and the dry run all ask it.';

create function samsyn.require_lawful_disclosure(q samsyn.disclosure_question) returns void
    language plpgsql volatile security definer set search_path = pg_catalog as $$
declare
    codes text[];
    ground samsyn.legal_grounds;
begin
    -- A withdrawal that races waits for these locks or is seen: nothing is disclosed after it was acknowledged.
    perform from samsyn.consents c where c.id = q.consent_id for share;
    perform from samsyn.decisions d where d.id = q.decision_id for share;
    codes := samsyn.disclosure_refusals(q);
    if cardinality(codes) > 0 then
        perform samsyn.refuse(codes[1]);
    end if;
    ground := samsyn.ground_in_force(q.ground, samsyn.today());
    perform samsyn.require(not ground.requires_justification or coalesce(q.justification ~ '\S', false),
        'UNPROCESSABLE', '/body/justification');
end
$$;
comment on function samsyn.require_lawful_disclosure is
    'Refuses with the first code of the evaluator, if there is one, and an empty justification where the ground requires one.';
grant execute on function samsyn.to_question, samsyn.disclosure_refusals, samsyn.require_lawful_disclosure to samsyn_api;
