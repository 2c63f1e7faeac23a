-- Emergency access within the own agency: for a while, with a reason, and looked at afterwards.

insert into samsyn.permissions (code, area, purpose, description) values
    ('emergency-access:write', 'content', 'care', 'Open a case of ones agency in an emergency'),
    ('emergency-access:review', 'content', 'care', 'Review emergency accesses');
update samsyn.roles set permissions = permissions || '{emergency-access:write}' where code in ('case-worker', 'professional', 'unit-manager');
update samsyn.roles set permissions = permissions || '{emergency-access:review}' where code = 'unit-manager';

create table samsyn.configuration (
    name text primary key,
    value integer not null,
    check (name = 'emergency-access-minutes' and value between 5 and 1440)
);
comment on table samsyn.configuration is 'What the operator sets by `samsyn migrate`; a request can neither read nor change it.';
insert into samsyn.configuration (name, value) values ('emergency-access-minutes', 60);

create function samsyn.configure(the_name text, the_value integer) returns void
    language sql volatile security definer set search_path = pg_catalog as $$
    insert into samsyn.configuration (name, value) values (the_name, the_value)
    on conflict (name) do update set value = excluded.value
$$;
comment on function samsyn.configure is 'Sets what the operator has decided; for the owner of the database alone.';

create table samsyn.emergency_reviews (
    id uuid primary key,
    emergency_id uuid not null unique references samsyn.emergency_accesses,
    outcome text not null check (outcome in ('justified', 'not-justified', 'follow-up')),
    comment text not null check (length(comment) between 1 and 2000),
    reviewed_by uuid not null references samsyn.assignments,
    reviewed_at timestamptz not null default samsyn.now()
);
comment on table samsyn.emergency_reviews is 'What a manager found when looking at an emergency access afterwards; one for each.';
create trigger forbid_change before update or delete on samsyn.emergency_reviews
    for each row execute function samsyn.forbid_change();

create function samsyn.revise_emergency_access() returns trigger
    language plpgsql security definer set search_path = pg_catalog as $$
begin
    update samsyn.emergency_accesses e set updated_at = samsyn.now() where e.id = new.emergency_id;
    return null;
end
$$;
comment on function samsyn.revise_emergency_access is 'Trigger: a review is a new revision of the access, whose representation shows it.';
create trigger revise_emergency_access after insert on samsyn.emergency_reviews
    for each row execute function samsyn.revise_emergency_access();

create function samsyn.find_emergency_case(the_subject uuid, the_reference text, pointer text, reason text,
        out case_id uuid, out case_unit_id uuid, out subject_id uuid, out expires_at timestamptz)
    language plpgsql volatile security definer set search_path = pg_catalog as $$
begin
    perform samsyn.require(reason ~ '\S', 'UNPROCESSABLE', '/body/reason');
    -- Before a case is looked for: of a child whose mark one sees, it is not told whether there is one.
    perform samsyn.require(not exists (select from samsyn.subjects s
        where s.id = the_subject and s.organisation_id = samsyn.organisation() and s.protected_identity
            and s.id <> all (samsyn.excluded_subjects())), 'PROTECTED_IDENTITY');
    -- Of several cases about a child the one that was opened last, an open one first.
    select c.id, p.unit_id, c.subject_id into case_id, case_unit_id, subject_id
    from samsyn.cases c
    join samsyn.participants p on p.case_id = c.id and p.organisation_id = samsyn.organisation() and p.status in ('lead', 'accepted')
    where (c.subject_id = the_subject or c.reference = the_reference)
        and (the_subject is null or c.subject_id = the_subject) and (the_reference is null or c.reference = the_reference)
        and not samsyn.is_excluded(samsyn.me(), c.id)
    order by c.status = 'open' desc, c.opened_at desc, c.id limit 1;
    perform samsyn.require(case_id is not null, 'INVALID_REFERENCE', pointer);
    perform samsyn.require(not exists (select from samsyn.my_cases m where m.case_id = find_emergency_case.case_id), 'CONFLICT');
    perform samsyn.require(not (select s.protected_identity from samsyn.subjects s where s.id = find_emergency_case.subject_id),
        'PROTECTED_IDENTITY');
    expires_at := samsyn.now() + make_interval(mins => (select k.value from samsyn.configuration k where k.name = 'emergency-access-minutes'));
end
$$;
comment on function samsyn.find_emergency_case is
    'The case of the own agency that is meant by child or reference. Refuses without a reason, when there is none, when the principal is related to it anyway, and never opens one about a person with protected identity (OSL 21:3, 22:1).';
grant execute on function samsyn.find_emergency_case to samsyn_api;

-- Who sees and changes what -----------------------------------------------------------------------------------------

call samsyn.protect('configuration', 'emergency_reviews');

grant select, insert, update on samsyn.emergency_accesses to samsyn_api;
grant select, insert on samsyn.emergency_reviews to samsyn_api;

create policy read on samsyn.emergency_accesses for select to samsyn_api using (
    organisation_id = (select samsyn.organisation()) and case_id <> all ((select samsyn.excluded_cases())::uuid[])
    and (((select samsyn.may('emergency-access:write')) and user_id = (select samsyn.me()))
        or ((select samsyn.may('emergency-access:review'))
            and (unit_id = (select samsyn.led_unit()) or case_unit_id = (select samsyn.led_unit())))));
create policy add on samsyn.emergency_accesses for insert to samsyn_api with check (
    (select samsyn.may('emergency-access:write')) and organisation_id = (select samsyn.organisation())
    and user_id = (select samsyn.me()) and assignment_id = (select samsyn.assignment()));
create policy change on samsyn.emergency_accesses for update to samsyn_api using (
    organisation_id = (select samsyn.organisation()) and case_id <> all ((select samsyn.excluded_cases())::uuid[])
    and (((select samsyn.may('emergency-access:write')) and user_id = (select samsyn.me()))
        or ((select samsyn.may('emergency-access:review'))
            and (unit_id = (select samsyn.led_unit()) or case_unit_id = (select samsyn.led_unit())))));
create policy read on samsyn.emergency_reviews for select to samsyn_api using (
    emergency_id in (select e.id from samsyn.emergency_accesses e));
create policy add on samsyn.emergency_reviews for insert to samsyn_api with check (
    (select samsyn.may('emergency-access:review')) and reviewed_by = (select samsyn.assignment())
    and emergency_id in (select e.id from samsyn.emergency_accesses e));

-- What replies show -------------------------------------------------------------------------------------------------

create view api.emergency_accesses with (security_invoker = true) as
select e.id as resource, e.subject_id as subject, f.organisation_id as owner, null::text as ground, null::uuid as disclosure,
    e.revision::text || '-' || s.state as etag,
    json_strip_nulls(json_build_object('id', e.id, 'caseId', e.case_id, 'caseReference', f.reference,
        'userId', e.user_id, 'userName', samsyn.user_name(e.user_id), 'unitId', e.unit_id,
        'unitName', samsyn.organisation_name(e.unit_id), 'caseUnitId', e.case_unit_id,
        'caseUnitName', samsyn.organisation_name(e.case_unit_id), 'reason', e.reason, 'state', s.state,
        'openedAt', samsyn.utc(e.opened_at), 'expiresAt', samsyn.utc(e.expires_at), 'endedAt', samsyn.utc(e.ended_at),
        'reviewState', case when r.id is null then 'open' else 'done' end,
        'review', case when r.id is not null then json_build_object('outcome', r.outcome, 'comment', r.comment,
            'reviewedAt', samsyn.utc(r.reviewed_at), 'reviewedBy', samsyn.assignment_name(r.reviewed_by)) end,
        'updatedAt', samsyn.utc(e.updated_at))) as body
from samsyn.emergency_accesses e
cross join lateral samsyn.case_facts(e.case_id) f
cross join lateral (select case when e.ended_at is not null or e.expires_at <= samsyn.now() then 'ended' else 'live' end as state) s
left join samsyn.emergency_reviews r on r.emergency_id = e.id;

grant select on api.emergency_accesses to samsyn_api;
