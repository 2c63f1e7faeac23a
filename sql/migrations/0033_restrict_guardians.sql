-- What is kept from guardians, recorded by whoever works with the child.

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

call samsyn.protect('guardian_restrictions');
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
