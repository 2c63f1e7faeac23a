-- The visibility rule, written once. Every policy, list, search, export and explanation goes through these views.
-- They run with the owner's rights and show only what concerns the acting assignment.

create view samsyn.my_cases as
select t.case_id
from samsyn.team_members t
where t.assignment_id = (select samsyn.assignment()) and t.ended_at is null
    and t.case_id <> all ((select samsyn.excluded_cases())::uuid[]) and (select samsyn.emergency_case()) is null
union all
select p.case_id
from samsyn.participants p
where p.unit_id = (select samsyn.led_unit()) and p.status in ('lead', 'accepted')
    and p.case_id <> all ((select samsyn.excluded_cases())::uuid[])
union all
select e.case_id from (select samsyn.emergency_case() as case_id) e where e.case_id is not null;
comment on view samsyn.my_cases is 'Cases to which the principal is related: on the team, or leading the unit whose case it is, unless excluded for a conflict of interest. Under an emergency access that one case and no other.';

create view samsyn.my_held_cases as
select m.case_id from samsyn.my_cases m
union all
select p.case_id
from samsyn.participants p
where p.unit_id = (select samsyn.led_unit()) and p.status = 'ended'
    and p.case_id <> all ((select samsyn.excluded_cases())::uuid[]);
comment on view samsyn.my_held_cases is 'Cases in which the principal''s unit holds records: also those where its part has ended. What it wrote and what was handed to it stay with whoever leads the unit; nothing else of the case does.';

create view samsyn.my_subjects as
select c.subject_id
from samsyn.cases c
where c.id = any (array(select m.case_id from samsyn.my_cases m));
comment on view samsyn.my_subjects is 'Subjects of the cases to which the principal is related, whoever registered them.';

create function samsyn.consent_state(consent uuid) returns text
    language plpgsql stable security definer set search_path = pg_catalog as $$
begin
    return (select s.state from samsyn.consent_states s where s.consent_id = consent);
end
$$;
create function samsyn.agreement_state(agreement uuid) returns text
    language plpgsql stable security definer set search_path = pg_catalog as $$
begin
    return (select s.state from samsyn.agreement_states s where s.agreement_id = agreement);
end
$$;
comment on function samsyn.consent_state is 'State of one consent today; see samsyn.consent_states.';
comment on function samsyn.agreement_state is 'State of one agreement today; see samsyn.agreement_states.';
grant execute on function samsyn.consent_state, samsyn.agreement_state to samsyn_api;

-- Consent and agreement are asked by function, of the disclosure alone: once for each share that has passed what is
-- cheap, and not again for each category and regime. offset 0: what follows from a share is looked up for it, by key.
create view samsyn.my_shares as
select d.case_id, samsyn.share_scope(d.case_id, d.organisation_id, category, r.code) as scope, d.id as disclosure_id, d.ground
from samsyn.disclosures d
cross join lateral (select o.sector from samsyn.organisations o where o.id = d.organisation_id offset 0) o
cross join lateral (select g.requires_consent, g.source_regimes, g.excluded_regimes from samsyn.legal_grounds g
    where g.code = d.ground and g.enabled
        and (select samsyn.today()) between g.valid_from and coalesce(g.valid_until, 'infinity') offset 0) g
cross join lateral (select s.protected_identity from samsyn.cases c join samsyn.subjects s on s.id = c.subject_id
    where c.id = d.case_id offset 0) s
cross join unnest(d.categories) category
cross join lateral (select r.code from samsyn.secrecy_regimes r
    where (r.sectors @> '{*}' or o.sector = any (r.sectors))
        and (g.source_regimes @> '{*}' or r.code = any (g.source_regimes)) and not r.code = any (g.excluded_regimes)
    offset 0) r
where d.recipient_id = (select samsyn.organisation())
    and d.case_id = any (array(select m.case_id from samsyn.my_cases m))
    and d.kind = 'standing-share'
    and d.ended_at is null
    and (select samsyn.emergency_case()) is null -- never across agencies
    and (select samsyn.today()) between d.valid_from and d.valid_until
    and (d.consent_id is not null or not g.requires_consent)
    and (d.consent_id is null or samsyn.consent_state(d.consent_id) = 'in-force')
    and samsyn.agreement_state(d.agreement_id) = 'in-force'
    and (not s.protected_identity or (select samsyn.may('subject:protected'))
        or not samsyn.is_identifying(category));
comment on view samsyn.my_shares is 'What standing shares open to the principal at this moment: consent, agreement, period, ground and the regimes it can break included.';

create view samsyn.my_handovers as
select d.case_id, i.record_id, i.record_version_id, d.id as disclosure_id, d.ground
from samsyn.disclosures d
join samsyn.disclosure_items i on i.disclosure_id = d.id
join samsyn.records r on r.id = i.record_id
join samsyn.subjects s on s.id = r.subject_id
where d.recipient_id = (select samsyn.organisation())
    and d.case_id = any (array(select m.case_id from samsyn.my_held_cases m))
    and d.kind = 'handover'
    and (select samsyn.emergency_case()) is null
    and (not s.protected_identity or (select samsyn.may('subject:protected')) or not samsyn.is_identifying(r.category));
comment on view samsyn.my_handovers is 'Records handed over to the principal''s organisation, in the version it holds; a later withdrawal does not take them back, but protected identity restricts who in the organisation reads them.';

create view samsyn.my_agreements as
select p.agreement_id from samsyn.agreement_parties p where p.organisation_id = (select samsyn.organisation());
comment on view samsyn.my_agreements is 'Agreements to which the principal''s organisation is a party.';

-- What policies and replies ask of these views, as functions in PL/pgSQL: their plans are kept with the connection and
-- they run only when reached, while a view in a policy would be planned into, and set up for, every statement.

create function samsyn.cases_at_hand() returns uuid[]
    language plpgsql stable security definer set search_path = pg_catalog as $$
declare
    targets uuid[] := samsyn.setting('targets')::uuid[];
    found uuid[];
begin
    if targets = '{}' then
        return null;
    end if;
    found := array(
        select c.id from samsyn.cases c where c.id = any (targets)
        union all
        select r.case_id from samsyn.records r where r.id = any (targets));
    return case when cardinality(found) = cardinality(targets) then found end;
end
$$;
comment on function samsyn.cases_at_hand is
    'The cases to which the address of the request confines it, when it names nothing but cases and records: what is open in others is then not worked out. Null: all of them.';

create function samsyn.shared_scopes() returns text[]
    language plpgsql stable security definer set search_path = pg_catalog as $$
declare
    at_hand uuid[] := samsyn.cases_at_hand();
begin
    if at_hand is null then
        return array(select m.scope from samsyn.my_shares m);
    end if;
    return array(select m.scope from samsyn.my_shares m where m.case_id = any (at_hand));
end
$$;
comment on function samsyn.shared_scopes is 'Scopes of the records that standing shares open to the principal at this moment, in the cases at hand.';

create function samsyn.handed_over_records() returns uuid[]
    language plpgsql stable security definer set search_path = pg_catalog as $$
declare
    at_hand uuid[] := samsyn.cases_at_hand();
begin
    if at_hand is null then
        return array(select m.record_id from samsyn.my_handovers m);
    end if;
    return array(select m.record_id from samsyn.my_handovers m where m.case_id = any (at_hand));
end
$$;
comment on function samsyn.handed_over_records is 'Records of which the principal''s organisation holds a version by handover, in the cases at hand.';

create function samsyn.handed_over_versions() returns uuid[]
    language plpgsql stable security definer set search_path = pg_catalog as $$
declare
    at_hand uuid[] := samsyn.cases_at_hand();
begin
    if at_hand is null then
        return array(select m.record_version_id from samsyn.my_handovers m);
    end if;
    return array(select m.record_version_id from samsyn.my_handovers m where m.case_id = any (at_hand));
end
$$;
comment on function samsyn.handed_over_versions is 'The versions handed over to the principal''s organisation, in the cases at hand.';

create function samsyn.identifiable_cases() returns uuid[]
    language plpgsql stable security definer set search_path = pg_catalog as $$
begin
    if samsyn.may('subject:protected') then
        return array(select m.case_id from samsyn.my_held_cases m);
    end if;
    return array(
        select c.id from samsyn.cases c join samsyn.subjects s on s.id = c.subject_id
        where not s.protected_identity and c.id = any (array(select m.case_id from samsyn.my_held_cases m)));
end
$$;
comment on function samsyn.identifiable_cases is
    'The principal''s cases in which they may see what identifies the subject: not those about someone with protected identity, unless the role holds subject:protected (OSL 21:3, 21:3 a). That holds in the organisation that wrote it as well.';

create function samsyn.opening_of(the_record uuid, the_scope text, out ground text, out disclosure uuid)
    language plpgsql stable security definer set search_path = pg_catalog as $$
declare
    the_case uuid := split_part(the_scope, ':', 1);
begin
    select m.ground, m.disclosure_id into ground, disclosure
    from samsyn.my_shares m where m.case_id = the_case and m.scope = the_scope
    order by m.disclosure_id limit 1;
    if disclosure is null then
        select m.ground, m.disclosure_id into ground, disclosure
        from samsyn.my_handovers m where m.case_id = the_case and m.record_id = the_record
        order by m.disclosure_id limit 1;
    end if;
end
$$;
comment on function samsyn.opening_of is
    'The disclosure that opens another organisation''s record to the principal, and its ground: a standing share before a handover.';
grant execute on function samsyn.shared_scopes, samsyn.handed_over_records, samsyn.handed_over_versions, samsyn.identifiable_cases,
    samsyn.opening_of to samsyn_api;

grant select on samsyn.my_cases, samsyn.my_held_cases, samsyn.my_subjects, samsyn.my_shares, samsyn.my_handovers, samsyn.my_agreements to samsyn_api;

-- Rules that statements call before they write. They tell the refusal by its name; the policies behind them hold anyway.

create function samsyn.require_case(the_case uuid) returns void
    language plpgsql stable security definer set search_path = pg_catalog as $$
begin
    if not exists (select from samsyn.my_cases m where m.case_id = the_case) then
        perform samsyn.refuse('NOT_FOUND');
    end if;
end
$$;
comment on function samsyn.require_case is 'Refuses unless the principal is related to the case.';

create function samsyn.require_held_case(the_case uuid) returns void
    language plpgsql stable security definer set search_path = pg_catalog as $$
begin
    if not exists (select from samsyn.my_held_cases m where m.case_id = the_case) then
        perform samsyn.refuse('NOT_FOUND');
    end if;
end
$$;
comment on function samsyn.require_held_case is 'Refuses unless the principal''s unit holds records of the case.';

create function samsyn.require_open_case(the_case uuid) returns void
    language plpgsql volatile security definer set search_path = pg_catalog as $$
declare
    status text;
begin
    perform samsyn.require_case(the_case);
    select c.status into status from samsyn.cases c where c.id = the_case for share;
    perform samsyn.require(status = 'open', 'CASE_CLOSED');
end
$$;
comment on function samsyn.require_open_case is 'Refuses unless the principal is related to the case and it is open; it stays open until the request ends.';

create function samsyn.require_lead(the_case uuid) returns void
    language plpgsql volatile security definer set search_path = pg_catalog as $$
begin
    perform samsyn.require_case(the_case);
    -- The lead does not pass to another organisation while a request of the one that leads runs.
    perform pg_advisory_xact_lock_shared(hashtextextended('lead ' || the_case, 0));
    perform samsyn.require((select c.organisation_id = samsyn.organisation() from samsyn.cases c where c.id = the_case),
        'NOT_LEAD_ORGANISATION');
end
$$;
comment on function samsyn.require_lead is 'Refuses unless the principal''s organisation leads the case; it does until the request ends.';

grant execute on function samsyn.require_case, samsyn.require_held_case, samsyn.require_open_case, samsyn.require_lead to samsyn_api;

create function samsyn.refusal_of(targets uuid[]) returns text
    language plpgsql stable security definer set search_path = pg_catalog as $$
declare
    r record;
    code text;
begin
    -- A participant who lacks a right is told which; whoever has no relation learns nothing.
    if exists (select from samsyn.records t
            where t.id = any (targets) and t.organisation_id = samsyn.organisation() and t.identifying
                and t.case_id = any (array(select m.case_id from samsyn.my_held_cases m))
                and t.case_id <> all (samsyn.identifiable_cases())) then
        return 'PROTECTED_IDENTITY';
    end if;
    select t.id, t.organisation_id, t.case_id, t.category,
        s.protected_identity and samsyn.is_identifying(t.category) and not samsyn.may('subject:protected') as protected into r
    from samsyn.records t
    join samsyn.cases c on c.id = t.case_id
    join samsyn.subjects s on s.id = c.subject_id
    where t.id = any (targets) and t.organisation_id <> samsyn.organisation()
        and t.case_id = any (array(select m.case_id from samsyn.my_cases m));
    if r is null then
        return 'NOT_FOUND';
    end if;
    select case
            when k.state is not null and k.state <> 'in-force' then samsyn.consent_refusal(k.state)
            when a.state <> 'in-force' then 'AGREEMENT_NOT_IN_FORCE'
            when r.protected then 'PROTECTED_IDENTITY'
            when d.ended_at is null and samsyn.today() <= d.valid_until then 'NO_LEGAL_GROUND'
        end into code
    from samsyn.disclosures d
    join samsyn.agreement_states a on a.agreement_id = d.agreement_id
    left join samsyn.consent_states k on k.consent_id = d.consent_id
    where d.recipient_id = samsyn.organisation() and d.organisation_id = r.organisation_id and d.case_id = r.case_id
        and d.kind = 'standing-share' and r.category = any (d.categories)
    order by d.ended_at is null desc, d.disclosed_at desc limit 1;
    if code is null and r.protected and exists (
            select from samsyn.disclosure_items i join samsyn.disclosures d on d.id = i.disclosure_id
            where i.record_id = r.id and d.recipient_id = samsyn.organisation()) then
        code := 'PROTECTED_IDENTITY';
    end if;
    return coalesce(code, 'NO_LEGAL_GROUND');
end
$$;
comment on function samsyn.refusal_of is
    'Why the principal does not see what they aimed at: the code for a participant of the case (CONSENT_REVOKED, CONSENT_EXPIRED, NO_LEGAL_GROUND ...), NOT_FOUND for everyone else.';

create function samsyn.case_facts(the_case uuid, out reference text, out subject_id uuid, out organisation_id uuid)
    language sql stable security definer set search_path = pg_catalog as $$
    select c.reference, c.subject_id, c.organisation_id from samsyn.cases c where c.id = the_case
$$;
comment on function samsyn.case_facts is
    'Reference, subject and lead of a case, for those who see an invitation to it before they see the case. The subject goes to the access log alone.';
grant execute on function samsyn.case_facts to samsyn_api;

create function samsyn.require_record(the_record uuid) returns void
    language plpgsql stable set search_path = pg_catalog as $$
begin
    if not exists (select from samsyn.records r where r.id = the_record) then
        perform samsyn.refuse(samsyn.refusal_of(array[the_record]));
    end if;
end
$$;
comment on function samsyn.require_record is 'Refuses, with the code that says why, unless the principal may read the record. Runs with the caller''s rights.';

create function samsyn.require_lawful_invitation(participant uuid) returns void
    language plpgsql volatile security definer set search_path = pg_catalog as $$
declare
    p samsyn.participants;
    lead samsyn.organisations;
begin
    select * into p from samsyn.participants where id = participant;
    select o.* into lead from samsyn.cases c join samsyn.organisations o on o.id = c.organisation_id where c.id = p.case_id;
    perform samsyn.require_lawful_disclosure(samsyn.to_question(jsonb_build_object(
        'kind', 'invitation', 'case_id', p.case_id, 'discloser', lead.id, 'recipient', p.organisation_id, 'ground', p.ground,
        'consent_id', p.consent_id, 'agreement_id', p.agreement_id, 'decision_id', p.decision_id,
        'precondition_statement', p.precondition_statement, 'categories', array['IDENTITY', 'CASE_STATUS'],
        'regimes', array[lead.regime], 'purpose', p.purpose, 'justification', case
            when (samsyn.ground_in_force(p.ground, samsyn.today())).requires_consent then coalesce(p.justification, p.purpose)
            else p.justification end)));
end
$$;
comment on function samsyn.require_lawful_invitation is
    'An invitation tells an organisation that the child is known to another, so it needs a ground for identity and case status: when it is sent, and still when it is accepted.';

create function samsyn.require_own_consent(consent uuid) returns void
    language plpgsql stable set search_path = pg_catalog as $$
begin
    perform samsyn.require_own((select c.organisation_id from samsyn.consents c where c.id = consent));
end
$$;
comment on function samsyn.require_own_consent is 'Refuses unless the principal''s organisation holds the consent. Runs with the caller''s rights.';

create function samsyn.require_boundaries(ids uuid[], pointer text) returns void
    language plpgsql stable security definer set search_path = pg_catalog as $$
begin
    perform samsyn.require(not exists (
        select unnest(ids) except select o.id from samsyn.organisations o where o.boundary_id = o.id and o.active),
        'INVALID_REFERENCE', pointer);
end
$$;
comment on function samsyn.require_boundaries is 'Refuses unless each id is an active secrecy boundary.';
grant execute on function samsyn.refusal_of, samsyn.require_record, samsyn.require_lawful_invitation, samsyn.require_own_consent,
    samsyn.require_boundaries to samsyn_api;

create function samsyn.guardian_contact_hold(the_subject uuid) returns boolean
    language plpgsql stable security definer set search_path = pg_catalog as $$
begin
    return exists (select from samsyn.concern_reports r
        where r.subject_id = the_subject and r.hold_reason is not null and r.hold_released_at is null);
end
$$;
comment on function samsyn.guardian_contact_hold is
    'Whether guardians of the child must not be contacted before social services have been consulted: a report of concern about this row of a register, sent or received, says so and nobody has released it.';
grant execute on function samsyn.guardian_contact_hold to samsyn_api;
