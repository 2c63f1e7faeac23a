-- Parties: guardians and children sign in through an issuer that vouches for identity numbers, and see what concerns them
-- and is not withheld. What is kept from a guardian is recorded by whoever works with the child.
--
-- A party has no assignment and no organisation, and passes none of the policies of 0015. What it sees comes from the
-- views below, which run with the owner's rights and show what concerns samsyn.party_number(): each organisation's own
-- row about the child, with the number, decides about what that organisation holds.

create index subjects_by_identity_number on samsyn.subjects (identity_number);
create index guardians_by_identity_number on samsyn.guardians (identity_number);

-- What is kept from guardians -----------------------------------------------------------------------------------------

create table samsyn.guardian_restrictions (
    id uuid primary key,
    subject_id uuid not null references samsyn.subjects,
    organisation_id uuid not null references samsyn.organisations,
    guardian_id uuid references samsyn.guardians,
    scope text not null check (scope in ('everything', 'location', 'from-15')),
    visible text[] not null default '{}' check (visible <@ array['cases', 'plans', 'contact-details', 'access-events']),
    reason text not null check (length(reason) between 1 and 2000),
    assessment text not null check (length(assessment) between 1 and 10000),
    valid_until date,
    decided_by uuid not null references samsyn.assignments,
    decided_at timestamptz not null default samsyn.now(),
    ended_at timestamptz,
    ended_by uuid references samsyn.assignments,
    end_reason text check (length(end_reason) between 1 and 2000),
    updated_at timestamptz not null default samsyn.now(),
    revision bigint not null default 1,
    check ((ended_at is null) = (ended_by is null)),
    check (scope = 'from-15' or visible = '{}')
);
comment on table samsyn.guardian_restrictions is 'The recorded assessment that something is kept from a guardian (OSL 12:3, 21:3, 26:2): everything, the location of the child, or, from 15, all but what it leaves visible.';
comment on column samsyn.guardian_restrictions.guardian_id is 'From whom; null for every guardian, also those who come later.';
comment on column samsyn.guardian_restrictions.visible is 'With scope from-15: what a guardian sees of a child of 15 to 17 beside that a case exists and the consents that they must answer.';
create index guardian_restrictions_by_subject on samsyn.guardian_restrictions (subject_id, decided_at, id);
create index guardian_restrictions_by_guardian on samsyn.guardian_restrictions (guardian_id) where guardian_id is not null;
create trigger touch before update on samsyn.guardian_restrictions for each row execute function samsyn.touch();

create function samsyn.guardian_restriction_state(r samsyn.guardian_restrictions) returns text
    language sql stable as $$
    select case when r.ended_at is not null or samsyn.today() > r.valid_until then 'ended' else 'in-force' end
$$;
comment on function samsyn.guardian_restriction_state is 'in-force until it is ended or its last day has passed.';
grant execute on function samsyn.guardian_restriction_state to samsyn_api;

alter table samsyn.guardian_restrictions enable row level security;
alter table samsyn.guardian_restrictions force row level security;
create policy owner_all on samsyn.guardian_restrictions to samsyn_owner using (true) with check (true);
grant select, insert on samsyn.guardian_restrictions to samsyn_api;
grant update (ended_at, ended_by, end_reason) on samsyn.guardian_restrictions to samsyn_api;
create policy read on samsyn.guardian_restrictions for select to samsyn_api using (
    (select samsyn.may('subject:read')) and organisation_id = (select samsyn.organisation())
    and subject_id <> all ((select samsyn.excluded_subjects())::uuid[])
    and ((select samsyn.may('case:lead-unit')) or decided_by = (select samsyn.assignment())
        or subject_id = any (array(select m.subject_id from samsyn.my_subjects m))));
create policy add on samsyn.guardian_restrictions for insert to samsyn_api with check (
    (select samsyn.may('guardian-restriction:write')) and organisation_id = (select samsyn.organisation())
    and decided_by = (select samsyn.assignment())
    and subject_id in (select s.id from samsyn.subjects s where s.organisation_id = (select samsyn.organisation())));
create policy change on samsyn.guardian_restrictions for update to samsyn_api using (
    (select samsyn.may('guardian-restriction:write')) and organisation_id = (select samsyn.organisation())
    and subject_id <> all ((select samsyn.excluded_subjects())::uuid[])
    and ((select samsyn.may('case:lead-unit')) or decided_by = (select samsyn.assignment())
        or subject_id = any (array(select m.subject_id from samsyn.my_subjects m))));

insert into samsyn.permissions (code, area, purpose, description) values
    ('guardian-restriction:write', 'content', 'care', 'Record that something is kept from a guardian');
update samsyn.roles set permissions = permissions || '{guardian-restriction:write}' where code in ('case-worker', 'unit-manager');

create function samsyn.require_guardian_restrictions(the_subject uuid) returns void
    language plpgsql stable set search_path = pg_catalog as $$
begin
    perform samsyn.require_own_subject(the_subject);
    perform samsyn.require(samsyn.may('case:lead-unit')
        or exists (select from samsyn.guardian_restrictions r where r.subject_id = the_subject and r.decided_by = samsyn.assignment())
        or the_subject in (select m.subject_id from samsyn.my_subjects m), 'ROLE_NOT_ALLOWED');
end
$$;
comment on function samsyn.require_guardian_restrictions is
    'Refuses unless the principal may know what is kept from the guardians of this child: whoever recorded it, the organisation''s people on a case about the child, and those who lead its units. Runs with the caller''s rights.';
grant execute on function samsyn.require_guardian_restrictions to samsyn_api;

create function samsyn.same_child(the_guardian uuid) returns uuid[]
    language plpgsql stable security definer set search_path = pg_catalog as $$
begin
    return array(
        select g.subject_id from samsyn.guardians g where g.id = the_guardian
        union
        select same.id
        from samsyn.guardians g
        join samsyn.subjects s on s.id = g.subject_id
        join samsyn.subjects same on same.identity_number = s.identity_number
        where g.id = the_guardian);
end
$$;
comment on function samsyn.same_child is 'Rows about the guardian''s child in every register, found by the number. Who else knows the child is a secret: nothing of it leaves the functions below.';

create function samsyn.restricting(the_guardian uuid, children uuid[]) returns setof samsyn.guardian_restrictions
    language plpgsql stable security definer set search_path = pg_catalog as $$
begin
    -- The same person may stand in a register more than once: a restriction follows the number, not the row.
    return query
        select r.*
        from samsyn.guardian_restrictions r
        where r.subject_id = any (children) and samsyn.guardian_restriction_state(r) = 'in-force'
            and (r.guardian_id is null or r.guardian_id = the_guardian
                or exists (select from samsyn.guardians k join samsyn.guardians g on g.identity_number = k.identity_number
                    where k.id = r.guardian_id and g.id = the_guardian));
end
$$;
comment on function samsyn.restricting is 'The restrictions in force, on these rows about a child, that hold against this guardian.';

create function samsyn.is_withheld_from(the_guardian uuid) returns boolean
    language plpgsql stable security definer set search_path = pg_catalog as $$
begin
    return coalesce((select not samsyn.has_custody(g.kind)
                or samsyn.today() not between g.starts_on and coalesce(g.ends_on, 'infinity')
                or samsyn.age(s.birth_date, samsyn.today()) >= 18
                or exists (select from samsyn.restricting(g.id, array[s.id]) r where r.scope = 'everything')
                or samsyn.guardian_contact_hold(s.id)
            from samsyn.guardians g join samsyn.subjects s on s.id = g.subject_id where g.id = the_guardian), true);
end
$$;
comment on function samsyn.is_withheld_from is
    'True when the organisation that keeps this guardian in its register tells them nothing about the child: a restriction on everything, a guardian-contact hold (SoL 19:1), no custody today, or the child is of age.';

create function samsyn.location_kept_from(the_guardian uuid) returns boolean
    language plpgsql stable security definer set search_path = pg_catalog as $$
begin
    return exists (select from samsyn.restricting(the_guardian, samsyn.same_child(the_guardian)) r
        where r.scope in ('everything', 'location'));
end
$$;
comment on function samsyn.location_kept_from is
    'True when where the child is must be kept from this guardian (OSL 21:3, 26:2), in whichever register that was recorded: what one agency keeps secret no other may give away.';

create function samsyn.withholding_organisations(the_guardian uuid) returns uuid[]
    language plpgsql stable security definer set search_path = pg_catalog as $$
declare
    children uuid[] := samsyn.same_child(the_guardian);
begin
    return array(
        select r.organisation_id from samsyn.restricting(the_guardian, children) r where r.scope = 'everything'
        union
        select s.organisation_id from samsyn.subjects s where s.id = any (children) and samsyn.guardian_contact_hold(s.id));
end
$$;
comment on function samsyn.withholding_organisations is
    'Organisations that withhold everything about the child from this guardian: their part in what others tell is left out.';

create function samsyn.left_visible(the_guardian uuid) returns text[]
    language plpgsql stable security definer set search_path = pg_catalog as $$
declare
    everything constant text[] := array['cases', 'plans', 'contact-details', 'access-events'];
    child samsyn.subjects;
begin
    select s.* into child from samsyn.guardians g join samsyn.subjects s on s.id = g.subject_id where g.id = the_guardian;
    if samsyn.age(child.birth_date, samsyn.today()) < 15 then
        return everything;
    end if;
    return array(
        select area from unnest(everything) area
        where (select bool_and(area = any (r.visible)) from samsyn.restricting(the_guardian, array[child.id]) r where r.scope = 'from-15'));
end
$$;
comment on function samsyn.left_visible is
    'What a guardian sees beside that a case exists and the consents that they must answer: of a child below 15 all areas, from 15 those that every recorded assessment in force leaves visible, none without one (FB 6:11, OSL 12:3).';

-- Whom the party may ask about ----------------------------------------------------------------------------------------

create view samsyn.my_persons as
select s.id as subject_id, s.organisation_id, null::uuid as guardian_id
from samsyn.subjects s
where s.identity_number = (select samsyn.party_number()) and samsyn.age(s.birth_date, samsyn.today()) >= 15
union all
select one.subject_id, one.organisation_id, one.guardian_id
from (select distinct on (g.subject_id) g.subject_id, g.organisation_id, g.id as guardian_id
    from samsyn.guardians g
    join samsyn.subjects s on s.id = g.subject_id
    where g.identity_number = (select samsyn.party_number()) and samsyn.has_custody(g.kind)
        and samsyn.today() between g.starts_on and coalesce(g.ends_on, 'infinity')
        and samsyn.age(s.birth_date, samsyn.today()) < 18
    order by g.subject_id, g.created_at, g.id) one;
comment on view samsyn.my_persons is
    'Rows of the registers about whom the party is: themselves from 15, when a child is a party of their own, and the children of whom they have custody today (FB 6:2, 6:11); guardian_id is null for oneself.';

create function samsyn.told_persons() returns table (subject_id uuid, organisation_id uuid, guardian_id uuid, location_kept boolean,
        visible text[], withholding uuid[])
    language plpgsql stable security definer rows 5 set search_path = pg_catalog as $$
begin
    if samsyn.party_number() is null or not samsyn.may('my:read') then
        return;
    end if;
    return query
        select p.subject_id, p.organisation_id, p.guardian_id, false, array['cases', 'plans', 'contact-details', 'access-events'], '{}'::uuid[]
        from samsyn.my_persons p
        where p.guardian_id is null and not samsyn.investigates_crime(p.organisation_id)
        union all
        select p.subject_id, p.organisation_id, p.guardian_id, samsyn.location_kept_from(p.guardian_id),
            samsyn.left_visible(p.guardian_id), samsyn.withholding_organisations(p.guardian_id)
        from samsyn.my_persons p
        where p.guardian_id is not null and not samsyn.investigates_crime(p.organisation_id)
            and not samsyn.is_withheld_from(p.guardian_id);
end
$$;
comment on function samsyn.told_persons is
    'Those of samsyn.my_persons about whom the party is told anything, none of them in the register of one who investigates crime, with what is left visible to them, whether the location is kept from them, and which organisations'' part is withheld.';
grant execute on function samsyn.told_persons to samsyn_api;

create view samsyn.my_told_persons as select * from samsyn.told_persons();
comment on view samsyn.my_told_persons is 'What samsyn.told_persons finds.';

create function samsyn.is_investigation_secrecy(organisation uuid) returns boolean
    language plpgsql stable security definer set search_path = pg_catalog as $$
begin
    return exists (select from samsyn.organisations o join samsyn.secrecy_regimes r on r.code = o.regime
        where o.id = organisation and r.protects = 'public-interest');
end
$$;
comment on function samsyn.is_investigation_secrecy is
    'True for an organisation whose secrecy protects the public interest in investigating crime (OSL 18:1-2): its part is told to no party.';
grant execute on function samsyn.is_investigation_secrecy to samsyn_api;

create function samsyn.investigating_sectors() returns text[]
    language plpgsql stable security definer set search_path = pg_catalog as $$
begin
    return array(select distinct sector from samsyn.secrecy_regimes r cross join unnest(r.sectors) sector where r.protects = 'public-interest');
end
$$;
comment on function samsyn.investigating_sectors is 'Sectors that investigate crime: those for which the law knows a secrecy in the interest of that (OSL 18:1-2).';

create function samsyn.investigates_crime(organisation uuid) returns boolean
    language plpgsql stable security definer set search_path = pg_catalog as $$
begin
    return exists (select from samsyn.organisations o where o.id = organisation and o.sector = any (samsyn.investigating_sectors()));
end
$$;
comment on function samsyn.investigates_crime is
    'Whether an organisation is of a sector that investigates crime: that a child stands in its register is told to no party, who may be the suspect.';

create function samsyn.crime_grounds() returns text[]
    language plpgsql stable security definer set search_path = pg_catalog as $$
begin
    return array(select g.code from samsyn.legal_grounds g
        group by g.code having bool_and(g.recipient_sectors <@ samsyn.investigating_sectors()));
end
$$;
comment on function samsyn.crime_grounds is
    'Grounds on which something is told to those alone who investigate crime: that one of them was used says that a crime is suspected, and the one who reads that may be the suspect (OSL 18:1).';

create view api.guardian_restrictions with (security_invoker = true) as
select r.id as resource, r.subject_id as subject, r.organisation_id as owner, null::text as ground, null::uuid as disclosure,
    r.revision::text || '-' || s.state as etag,
    json_strip_nulls(json_build_object('id', r.id, 'subjectId', r.subject_id, 'guardianId', r.guardian_id, 'scope', r.scope,
        'visible', r.visible, 'reason', r.reason, 'assessment', r.assessment, 'validUntil', r.valid_until, 'state', s.state,
        'decidedAt', samsyn.utc(r.decided_at), 'decidedBy', samsyn.assignment_name(r.decided_by),
        'endedAt', samsyn.utc(r.ended_at), 'endedBy', samsyn.assignment_name(r.ended_by), 'endReason', r.end_reason,
        'updatedAt', samsyn.utc(r.updated_at))) as body
from samsyn.guardian_restrictions r
cross join lateral (select samsyn.guardian_restriction_state(r) as state) s;
grant select on api.guardian_restrictions to samsyn_api;

-- What the party is told ------------------------------------------------------------------------------------------------

create view samsyn.my_told_cases as
select c.id as case_id, c.subject_id, c.organisation_id, p.guardian_id, p.location_kept, p.withholding,
    'cases' = any (p.visible) and not p.location_kept as whole
from samsyn.my_told_persons p
join samsyn.cases c on c.subject_id = p.subject_id
where not samsyn.is_investigation_secrecy(c.unit_id)
    and (p.guardian_id is null or not c.organisation_id = any (p.withholding)
        and not exists (select from samsyn.consents k where k.case_id = c.id and k.secrecy_against_guardians));
comment on view samsyn.my_told_cases is
    'Cases that the party is told of. A guardian is not told of one in which secrecy against the guardians has been assessed (OSL 12:3); whole: more than that it exists.';

create view samsyn.my_told_consents as
select k.id as consent_id, k.subject_id, k.case_id, p.guardian_id,
    p.location_kept or (p.guardian_id is not null and p.withholding && (k.source_ids || k.recipient_ids)) as names_kept, g.id as giver_id
from samsyn.my_told_persons p
join samsyn.consents k on k.subject_id = p.subject_id
left join lateral (
    select g.id
    from samsyn.consent_givers g
    left join samsyn.guardians w on w.id = g.guardian_id
    where g.consent_id = k.id
        and case when p.guardian_id is null then g.kind = 'subject'
            else w.subject_id = p.subject_id and w.identity_number = (select samsyn.party_number()) end
    order by exists (select from samsyn.consent_answers a where a.giver_id = g.id), g.id
    limit 1) g on true
where p.guardian_id is null or (g.id is not null and not k.organisation_id = any (p.withholding));
comment on view samsyn.my_told_consents is
    'Consents about the party themselves, and those that the party as a guardian gives; giver_id is the party among the givers, null when they are not asked; names_kept: who tells whom may not be told to them, be it for the location or because one of them withholds everything.';

create view samsyn.my_told_plans as
select p.id as plan_id, p.case_id, t.subject_id, t.guardian_id
from samsyn.my_told_cases t
join samsyn.my_told_persons w on w.subject_id = t.subject_id and 'plans' = any (w.visible)
join samsyn.plans p on p.case_id = t.case_id
where not t.location_kept
    and not exists (select from samsyn.plan_parties x
        where x.plan_id = p.id and (x.organisation_id = any (t.withholding) or samsyn.is_investigation_secrecy(x.organisation_id)));
comment on view samsyn.my_told_plans is
    'Plans that the party sees. A plan is one whole, in words that may tell where the child is or what a party does: whoever may not be told all of it sees none of it.';

create function samsyn.untold_investigations(the_subject uuid, whom text) returns uuid[]
    language plpgsql stable security definer set search_path = pg_catalog as $$
begin
    return array(
        select i.id from samsyn.investigations i
        where i.subject_id = the_subject
            and not exists (select from samsyn.investigation_notices n where n.investigation_id = i.id and whom = any (n.informed)));
end
$$;
comment on function samsyn.untold_investigations is
    'Investigations of which the child, or the guardians, have not been told yet by those who investigate (SoL 20:4): whom is child or guardian.';

create function samsyn.is_told_investigation(the_case uuid) returns boolean
    language plpgsql stable security definer set search_path = pg_catalog as $$
begin
    return exists (select from samsyn.my_told_cases t
        join samsyn.investigations i on i.case_id = t.case_id and i.closed_at is null
        where t.case_id = the_case and t.whole
            and i.id <> all (samsyn.untold_investigations(t.subject_id, case when t.guardian_id is null then 'child' else 'guardian' end)));
end
$$;
comment on function samsyn.is_told_investigation is 'True when an investigation is open in a case that the party is told all of, and they have been informed of it.';

create function samsyn.told_organisations(the_case uuid) returns json
    language plpgsql stable security definer set search_path = pg_catalog as $$
begin
    return (select json_agg(json_build_object('id', o.id, 'name', o.name, 'leads', p.status = 'lead') order by p.status <> 'lead', o.name, o.id)
        from samsyn.my_told_cases t
        join samsyn.participants p on p.case_id = t.case_id and p.status in ('lead', 'accepted')
        join samsyn.organisations o on o.id = p.organisation_id and not o.id = any (t.withholding)
        where t.case_id = the_case and t.whole and not samsyn.is_investigation_secrecy(p.unit_id)
            and coalesce(p.ground <> all ((select samsyn.crime_grounds())::text[]), true));
end
$$;
comment on function samsyn.told_organisations is 'The agencies that take part in a case, as the party is told of them: not their units, not one that withholds everything, none under the secrecy of an investigation of crime or invited because one is suspected; null where only that the case exists is told.';

create function samsyn.organisation_names(ids uuid[]) returns text[]
    language plpgsql stable security definer set search_path = pg_catalog as $$
begin
    return array(select o.name from samsyn.organisations o where o.id = any (ids) order by o.name);
end
$$;
comment on function samsyn.organisation_names is 'Names of organisations in alphabetical order; names are no secret.';
grant execute on function samsyn.is_told_investigation, samsyn.told_organisations, samsyn.organisation_names to samsyn_api;

create view samsyn.my_told_subjects as
select p.subject_id
from samsyn.my_told_persons p
where p.visible <> '{}' or p.subject_id in (select t.subject_id from samsyn.my_told_cases t)
    or p.subject_id in (select t.subject_id from samsyn.my_told_consents t);
comment on view samsyn.my_told_subjects is
    'Children of whom the party is told that an organisation knows them: for a guardian of a child from 15 without a recorded assessment only where there is a case or a consent.';
grant select on samsyn.my_told_subjects, samsyn.my_told_cases, samsyn.my_told_consents, samsyn.my_told_plans to samsyn_api;

-- The replies. They run with the owner's rights, since a party passes no row policy, and show nothing but what the views
-- above tell. The entity tag is a digest: what is told follows from more than the row.

create view api.my_subjects as
select s.id as resource, s.id as subject, s.organisation_id as owner, null::text as ground, null::uuid as disclosure,
    md5(shown.body::text) as etag, shown.body
from samsyn.my_told_persons p
join samsyn.subjects s on s.id = p.subject_id
cross join lateral (select json_strip_nulls(json_build_object('id', s.id,
    'relation', case when p.guardian_id is null then 'self' else 'guardian' end,
    'name', case when not (p.location_kept and s.protected_identity) then s.name end,
    'organisationName', case when 'cases' = any (p.visible) and not p.location_kept
        then samsyn.organisation_name(s.organisation_id) end)) as body) shown
where s.id in (select t.subject_id from samsyn.my_told_subjects t);
comment on view api.my_subjects is 'Register rows about the party and their children.';

create view api.my_contact_details as
select s.id as resource, s.id as subject, s.organisation_id as owner, null::text as ground, null::uuid as disclosure,
    md5(shown.body::text) as etag, shown.body
from samsyn.my_told_persons p
join samsyn.subjects s on s.id = p.subject_id
cross join lateral (select json_strip_nulls(json_build_object('subjectId', s.id, 'address', s.address, 'phone', s.phone,
    'email', s.email)) as body) shown
where 'contact-details' = any (p.visible) and not p.location_kept;
comment on view api.my_contact_details is 'How an organisation reaches the child.';

create view api.my_cases as
select c.id as resource, c.subject_id as subject, c.organisation_id as owner, null::text as ground, null::uuid as disclosure,
    md5(shown.body::text) as etag, shown.body
from samsyn.my_told_cases t
join samsyn.cases c on c.id = t.case_id
cross join lateral (select json_strip_nulls(json_build_object('id', c.id, 'subjectId', c.subject_id,
    'relation', case when t.guardian_id is null then 'self' else 'guardian' end,
    'reference', c.reference, 'status', c.status, 'openedAt', samsyn.utc(c.opened_at),
    'organisations', samsyn.told_organisations(c.id),
    'contactPerson', case when t.whole then samsyn.assignment_name(c.lead_assignment_id) end,
    'investigationOpen', nullif(samsyn.is_told_investigation(c.id), false))) as body) shown;
comment on view api.my_cases is 'A case as a party is told of it; never its records, its title or its units. investigationOpen: true once they have been informed of it, else left out.';

create view api.my_consents as
select k.id as resource, k.subject_id as subject, k.organisation_id as owner, null::text as ground, null::uuid as disclosure,
    md5(shown.body::text) as etag, shown.body
from samsyn.my_told_consents m
join samsyn.consents k on k.id = m.consent_id
left join samsyn.my_told_cases t on t.case_id = k.case_id
left join samsyn.consent_answers a on a.giver_id = m.giver_id
left join samsyn.consent_revocations r on r.giver_id = m.giver_id
cross join lateral (select json_strip_nulls(json_build_object('id', k.id,
    'caseId', t.case_id,
    'subjectId', k.subject_id, 'relation', case when m.guardian_id is null then 'self' else 'guardian' end,
    'organisationName', case when not m.names_kept then samsyn.organisation_name(k.organisation_id) end,
    'disclosingOrganisations', case when not m.names_kept then samsyn.organisation_names(k.source_ids) end,
    'recipientOrganisations', case when not m.names_kept then samsyn.organisation_names(k.recipient_ids) end,
    'categories', k.categories, 'purpose', case when not m.names_kept then k.purpose end,
    'validFrom', k.valid_from, 'validUntil', k.valid_until, 'inForce', samsyn.consent_state(k.id) = 'in-force',
    'myPart', case when m.giver_id is null then 'none' when r.id is not null then 'withdrawn'
        else coalesce(a.answer, 'to-answer') end,
    'answeredAt', samsyn.utc(a.answered_at), 'withdrawnAt', samsyn.utc(r.revoked_at), 'askedAt', samsyn.utc(k.created_at))) as body) shown;
comment on view api.my_consents is 'A consent as the one who gives it sees it: their own part, and whether it is in force; not what the others answered.';
create view api.my_plans as
select t.plan_id as resource, t.subject_id as subject, p.organisation_id as owner, null::text as ground, null::uuid as disclosure,
    md5(shown.body::text) as etag, shown.body
from samsyn.my_told_plans t
join samsyn.plans p on p.id = t.plan_id
cross join lateral (select samsyn.plan_body(p.id, null)::json as body) shown;
comment on view api.my_plans is 'A coordinated individual plan as child and guardians see it: one whole, whatever the agency; not the records behind it.';
grant select on api.my_subjects, api.my_contact_details, api.my_cases, api.my_consents, api.my_plans to samsyn_api;

-- What a party does -----------------------------------------------------------------------------------------------------

create function samsyn.require_my_contact_details(the_subject uuid) returns void
    language plpgsql stable security definer set search_path = pg_catalog as $$
declare
    told record;
begin
    select p.location_kept, 'contact-details' = any (p.visible) as visible into told
    from samsyn.my_told_persons p
    where p.subject_id = the_subject and p.subject_id in (select t.subject_id from samsyn.my_told_subjects t);
    perform samsyn.require(found, 'NOT_FOUND');
    perform samsyn.require(told.visible and not told.location_kept, 'GUARDIAN_SECRECY');
end
$$;
comment on function samsyn.require_my_contact_details is
    'Refuses a guardian from whom the location of the child is kept, or whose view of a child from 15 does not hold contact details (GUARDIAN_SECRECY); whoever is told nothing of the child gets NOT_FOUND.';

create function samsyn.answer_my_consent(the_id uuid, the_consent uuid, the_answer text) returns void
    language plpgsql volatile security definer set search_path = pg_catalog as $$
declare
    mine samsyn.my_told_consents;
    status text;
begin
    perform samsyn.require(samsyn.may('my:write'), 'ROLE_NOT_ALLOWED');
    select m.* into mine from samsyn.my_told_consents m where m.consent_id = the_consent;
    perform samsyn.require(found, 'NOT_FOUND');
    perform samsyn.require(mine.giver_id is not null, 'ROLE_NOT_ALLOWED');
    -- Who may not be told to whom the information goes cannot consent to it.
    perform samsyn.require(the_answer = 'refused' or not mine.names_kept, 'GUARDIAN_SECRECY');
    select c.status into status from samsyn.cases c where c.id = mine.case_id for share;
    perform samsyn.require(status = 'open', 'CASE_CLOSED');
    perform samsyn.answer_consent(the_id, the_consent, mine.giver_id, the_answer, 'electronic', null, '/body/answer');
end
$$;
comment on function samsyn.answer_my_consent is 'Records what the party themselves answers to a consent that they are asked for.';

create function samsyn.revoke_my_consent(the_id uuid, the_consent uuid, the_reason text) returns void
    language plpgsql volatile security definer set search_path = pg_catalog as $$
declare
    mine samsyn.my_told_consents;
begin
    perform samsyn.require(samsyn.may('my:write'), 'ROLE_NOT_ALLOWED');
    select m.* into mine from samsyn.my_told_consents m where m.consent_id = the_consent;
    perform samsyn.require(found, 'NOT_FOUND');
    perform samsyn.require(mine.giver_id is not null, 'ROLE_NOT_ALLOWED');
    perform samsyn.revoke_consent(the_id, the_consent, mine.giver_id, the_reason, '');
end
$$;
comment on function samsyn.revoke_my_consent is 'Records that the party withdraws what they have granted.';

create function samsyn.leave_my_plan_view(the_id uuid, the_plan uuid, the_stage text, the_meeting uuid, the_view text) returns void
    language plpgsql volatile security definer set search_path = pg_catalog as $$
declare
    mine samsyn.my_told_plans;
    p samsyn.plans;
    status text;
    code text;
begin
    perform samsyn.require(samsyn.may('my:write'), 'ROLE_NOT_ALLOWED');
    select m.* into mine from samsyn.my_told_plans m where m.plan_id = the_plan;
    perform samsyn.require(found, 'NOT_FOUND');
    -- Locked in the order of samsyn.require_plan_work.
    select c.status into status from samsyn.cases c where c.id = mine.case_id for share;
    perform samsyn.require(status = 'open', 'CASE_CLOSED');
    select t.* into p from samsyn.plans t where t.id = the_plan for no key update;
    perform samsyn.require(p.ended_at is null, 'ALREADY_ENDED');
    perform from samsyn.consents k where k.id = p.consent_id for share;
    code := samsyn.consent_refusal(samsyn.consent_state(p.consent_id));
    if code is not null then
        perform samsyn.refuse(code);
    end if;
    insert into samsyn.plan_views (id, plan_id, stage, meeting_id, kind, guardian_id, view, form, expressed_on)
    values (the_id, the_plan, the_stage, the_meeting, case when mine.guardian_id is null then 'child' else 'guardian' end,
        mine.guardian_id, the_view, 'digital', samsyn.today());
end
$$;
comment on function samsyn.leave_my_plan_view is 'Adds what the child or the guardian themselves think of a plan, while it is worked on: the case open, the plan not ended, its consent in force.';
grant execute on function samsyn.leave_my_plan_view, samsyn.require_my_contact_details, samsyn.answer_my_consent, samsyn.revoke_my_consent to samsyn_api;

-- Who has read what about the party -----------------------------------------------------------------------------------

create function samsyn.kept_resources(the_subject uuid, whom text) returns uuid[]
    language plpgsql stable security definer set search_path = pg_catalog as $$
declare
    untold uuid[] := samsyn.untold_investigations(the_subject, whom);
    cases constant uuid[] := array(select c.id from samsyn.cases c where c.subject_id = the_subject);
    suspecting constant text[] := samsyn.crime_grounds();
begin
    return untold || array(
        select d.id from samsyn.disclosures d where d.case_id = any (cases) and d.ground = any (suspecting)
        union all
        select d.id from samsyn.decisions d where d.case_id = any (cases) and d.ground = any (suspecting)
        union all
        select r.id from samsyn.information_requests r where r.case_id = any (cases) and r.ground = any (suspecting)
        union all
        select p.id from samsyn.participants p where p.case_id = any (cases) and p.ground = any (suspecting)) || array(
        select d.id from samsyn.deadlines d
        where d.resource_id = any (untold || array(select r.id from samsyn.concern_reports r where r.subject_id = the_subject))) || array(
        select x.id
        from samsyn.records r
        join samsyn.secrecy_regimes s on s.code = r.regime and s.protects = 'public-interest'
        cross join lateral (select r.id union all select v.id from samsyn.record_versions v where v.record_id = r.id) x
        where r.case_id = any (cases));
end
$$;
comment on function samsyn.kept_resources is
    'What the party is not told of though it is on a case that they are told of: an investigation of which they have not been informed, time limits of it and of concern reports, what was told, decided or asked because a crime is suspected, and records under the secrecy of an investigation of crime (OSL 18:1-2).';

create function samsyn.plain_name(operation text) returns text
    language sql immutable set search_path = pg_catalog as $$
    select lower(regexp_replace(regexp_replace(operation, '^(get|list)', 'read'), '([A-Z])', ' \1', 'g'))
$$;
comment on function samsyn.plain_name is 'An operationId in words, for someone who does not know the contract: getRecord is "read record".';

create type samsyn.told_person as (subject_id uuid, self boolean, location_kept boolean, withholding uuid[], cases uuid[], kept uuid[]);
comment on type samsyn.told_person is 'Of one whose access events the party sees: what is told of them, and what is not.';

create function samsyn.told_events(people samsyn.told_person[], ids uuid[], times timestamptz[], children uuid[])
    returns table (place bigint, event samsyn.access_events, subject_id uuid, location_kept boolean)
    language plpgsql stable security definer set search_path = pg_catalog as $$
begin
    return query
        with given as materialized (
            select c.place, e as event, p.subject_id, p.location_kept, p.cases, p.kept
            from unnest(ids, times, children) with ordinality c (id, at, about, place)
            join samsyn.access_events e on e.id = c.id and e.at = c.at
            join unnest(people) p on p.subject_id = c.about
            -- That care is applied for is the court's to tell, not a line of this list beforehand.
            where e.operation <> 'registerCareApplication'
                and not (e.grounds && (select samsyn.crime_grounds()) and samsyn.investigates_crime(e.organisation_id))),
        silent as materialized (
            select o.id
            from (select distinct x.id from given g cross join unnest(array[(g.event).organisation_id, (g.event).unit_id]) x (id)) o
            where samsyn.is_investigation_secrecy(o.id)),
        -- Asked once for all of them: what an identifier names takes a look into every table.
        facts as materialized (
            select f.resource, f.subject, f.of_case
            from samsyn.resource_facts(array(select distinct r from given g cross join unnest((g.event).resource_ids) r)) f)
        select g.place, g.event, g.subject_id, g.location_kept
        from given g
        where not exists (select from silent s where s.id in ((g.event).organisation_id, (g.event).unit_id))
            and exists (select from facts f
            where f.subject = g.subject_id and f.resource = any ((g.event).resource_ids) and not f.resource = any (g.kept)
                and (f.of_case = any (g.cases) or f.resource = g.subject_id
                    or exists (select from samsyn.guardians w where w.id = f.resource)));
end
$$;
comment on function samsyn.told_events is
    'Those of these events that show the child itself, its guardians, or something on a case that the party is told of. What belongs to no such case, as a concern report, is not told of, nothing is told of an investigation of crime (OSL 18:1-2), nor that care is applied for (LVU).';
