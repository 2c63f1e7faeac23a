-- Disclosures, and the evaluator that decides whether a ground opens the door.

create table samsyn.disclosures (
    id uuid primary key,
    kind text not null check (kind in ('standing-share', 'handover')),
    case_id uuid not null references samsyn.cases,
    organisation_id uuid not null references samsyn.organisations,
    recipient_id uuid not null references samsyn.organisations,
    ground text not null,
    consent_id uuid references samsyn.consents,
    agreement_id uuid references samsyn.agreements,
    categories text[] not null,
    purpose text not null check (length(purpose) between 1 and 200),
    justification text not null check (length(justification) between 1 and 2000),
    valid_from date,
    valid_until date,
    disclosed_by uuid not null references samsyn.assignments,
    disclosed_at timestamptz not null default now(),
    ended_at timestamptz,
    ended_by uuid references samsyn.assignments,
    end_reason text check (length(end_reason) between 1 and 2000),
    updated_at timestamptz not null default now(),
    revision bigint not null default 1,
    check (organisation_id <> recipient_id),
    check (kind = 'handover' or (agreement_id is not null and valid_until >= valid_from)),
    check (kind = 'standing-share' or (valid_from is null and valid_until is null and ended_at is null))
);
comment on table samsyn.disclosures is 'What one organisation lets another see, and on which ground. handover: listed records as they stood; standing-share: categories of the discloser''s records on the case, for a time.';
create index disclosures_by_recipient on samsyn.disclosures (recipient_id, case_id);
create index disclosures_by_case on samsyn.disclosures (case_id, disclosed_at, id);
create trigger touch before update on samsyn.disclosures for each row execute function samsyn.touch();
create trigger check_categories before insert on samsyn.disclosures for each row execute function samsyn.check_categories();
create trigger forbid_when_closed before insert on samsyn.disclosures for each row execute function samsyn.forbid_when_closed();

create table samsyn.disclosure_items (
    disclosure_id uuid not null references samsyn.disclosures,
    record_id uuid not null references samsyn.records,
    record_version_id uuid not null references samsyn.record_versions,
    primary key (disclosure_id, record_id)
);
comment on table samsyn.disclosure_items is 'The records handed over, in the version that stood at that moment: what the recipient got, and keeps.';
create index disclosure_items_by_record on samsyn.disclosure_items (record_id);
create trigger forbid_change before update or delete on samsyn.disclosure_items for each row execute function samsyn.forbid_change();

create function samsyn.consent_refusal(state text) returns text
    language sql immutable as $$
    select case state when 'in-force' then null when 'requested' then 'CONSENT_INCOMPLETE' when 'refused' then 'CONSENT_INCOMPLETE'
        when 'revoked' then 'CONSENT_REVOKED' else 'CONSENT_EXPIRED' end
$$;
comment on function samsyn.consent_refusal is 'The refusal code of a consent state, null when it is in force.';

create function samsyn.disclosure_refusals(the_case uuid, discloser uuid, recipient uuid, the_ground text, the_consent uuid,
        the_agreement uuid, the_categories text[], the_regimes text[], the_purpose text, standing boolean, invitation boolean)
    returns text[]
    language plpgsql stable security definer set search_path = pg_catalog as $$
declare
    ground samsyn.legal_grounds;
    consent samsyn.consents;
    consent_state text;
    agreement samsyn.agreements;
    subject samsyn.subjects;
    source_sector text := (select o.sector from samsyn.organisations o where o.id = discloser);
    recipient_sector text := (select o.sector from samsyn.organisations o where o.id = recipient);
    codes text[] := '{}';
begin
    select s.* into subject from samsyn.cases c join samsyn.subjects s on s.id = c.subject_id where c.id = the_case;
    select g.* into ground from samsyn.legal_grounds g
    where g.code = the_ground and g.enabled
        and samsyn.today() between g.valid_from and coalesce(g.valid_until, 'infinity');
    if ground.code is null then
        return array['NO_LEGAL_GROUND'];
    end if;

    if not (ground.source_sectors @> '{*}' or source_sector = any (ground.source_sectors)) then
        codes := codes || 'GROUND_SOURCE_SECTOR'::text;
    end if;
    if not (ground.recipient_sectors @> '{*}' or recipient_sector = any (ground.recipient_sectors)) then
        codes := codes || 'GROUND_RECIPIENT_SECTOR'::text;
    end if;
    -- If several regimes cover what is disclosed, each must be passed; exclusion wins.
    if the_regimes && ground.excluded_regimes
        or not (ground.source_regimes @> '{*}' or the_regimes <@ ground.source_regimes) then
        codes := codes || 'GROUND_EXCLUDED'::text;
    end if;
    if samsyn.age(subject.birth_date, samsyn.today()) >= ground.subject_age_below then
        codes := codes || 'GROUND_AGE'::text;
    end if;
    if ground.requires_decision then
        codes := codes || 'DECISION_REQUIRED'::text;
    end if;

    if ground.requires_consent then
        select c.* into consent from samsyn.consents c where c.id = the_consent and c.case_id = the_case;
        select s.state into consent_state from samsyn.consent_states s where s.consent_id = consent.id;
        if consent.id is null then
            codes := codes || 'CONSENT_REQUIRED'::text;
        else
            codes := codes || samsyn.consent_refusal(consent_state);
            if not recipient = any (consent.recipient_ids) then
                codes := codes || 'NOT_RECIPIENT'::text;
            end if;
            if not (discloser = any (consent.source_ids) and the_categories <@ consent.categories) then
                codes := codes || 'GROUND_SCOPE'::text;
            end if;
        end if;
    end if;

    if standing or invitation then
        select a.* into agreement from samsyn.agreements a
        join samsyn.agreement_states s on s.agreement_id = a.id and s.state = 'in-force'
        where a.id = the_agreement
            and (select count(*) from samsyn.agreement_parties p
                where p.agreement_id = a.id and p.organisation_id in (discloser, recipient)) = 2;
        if agreement.id is null or not the_purpose = any (agreement.purposes)
            or (standing and not the_categories <@ agreement.categories) then
            codes := codes || 'AGREEMENT_NOT_IN_FORCE'::text;
        end if;
    end if;
    if not invitation and not exists (select from samsyn.participants p
            where p.case_id = the_case and p.organisation_id = recipient and p.status in ('lead', 'accepted')) then
        codes := codes || 'NOT_RECIPIENT'::text;
    end if;
    if subject.protected_identity and not samsyn.may('subject:protected')
        and exists (select from unnest(the_categories) category where samsyn.is_identifying(category)) then
        codes := codes || 'PROTECTED_IDENTITY'::text;
    end if;
    return (select coalesce(array_agg(code order by place), '{}')
        from (select code, min(place) as place from unnest(codes) with ordinality given(code, place)
              where code is not null group by code) distinct_codes);
end
$$;
comment on function samsyn.disclosure_refusals is
    'The one evaluator: every refusal code that applies to disclosing these categories, under these secrecy regimes, to the recipient on this ground today, worst first; empty means allowed. standing: a share under an agreement; invitation: telling an organisation that the case exists.';

create function samsyn.require_lawful_disclosure(the_case uuid, discloser uuid, recipient uuid, the_ground text, the_consent uuid,
        the_agreement uuid, the_categories text[], the_regimes text[], the_purpose text, standing boolean, invitation boolean)
    returns void
    language plpgsql security definer set search_path = pg_catalog as $$
declare
    codes text[];
begin
    -- A withdrawal that races waits for this lock or is seen: nothing is disclosed after it was acknowledged.
    perform from samsyn.consents c where c.id = the_consent for share;
    codes := samsyn.disclosure_refusals(the_case, discloser, recipient, the_ground, the_consent, the_agreement,
        the_categories, the_regimes, the_purpose, standing, invitation);
    if cardinality(codes) > 0 then
        perform samsyn.refuse(codes[1]);
    end if;
end
$$;
comment on function samsyn.require_lawful_disclosure is 'Refuses with the first code of the evaluator, if there is one.';
grant execute on function samsyn.consent_refusal, samsyn.disclosure_refusals, samsyn.require_lawful_disclosure to samsyn_api;
