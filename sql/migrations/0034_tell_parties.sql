-- Parties: guardians and children sign in through an issuer that vouches for identity numbers, and see what concerns them
-- and is not withheld.
--
-- A party has no assignment and no organisation, and passes no row policy (0015_protect_rows.sql). What it sees comes from
-- the views below, which run with the owner's rights and show what concerns samsyn.party_number(): each organisation's own
-- row about the child, with the number, decides about what that organisation holds.

create index subjects_by_identity_number on samsyn.subjects (identity_number);
create index guardians_by_identity_number on samsyn.guardians (identity_number);

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
        group by g.code having bool_and(g.recipient_sectors <@ (select samsyn.investigating_sectors())));
end
$$;
comment on function samsyn.crime_grounds is
    'Grounds on which something is told to those alone who investigate crime: that one of them was used says that a crime is suspected, and the one who reads that may be the suspect (OSL 18:1).';

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
        -- Each is asked about once, however many events are its.
        acting as materialized (
            select distinct x.id from given g cross join unnest(array[(g.event).organisation_id, (g.event).unit_id]) x (id)),
        silent as materialized (select o.id from acting o where samsyn.is_investigation_secrecy(o.id)),
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
