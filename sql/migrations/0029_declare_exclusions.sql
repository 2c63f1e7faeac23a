-- Conflicts of interest: no person on a case that is not theirs to see.

insert into samsyn.permissions (code, area, purpose, description) values
    ('exclusion:write', 'content', 'care', 'Declare conflicts of interest');
update samsyn.roles set permissions = permissions || '{exclusion:write}' where code in ('case-worker', 'professional', 'unit-manager');

create function samsyn.is_excluded(the_user uuid, the_case uuid) returns boolean
    language plpgsql stable security definer set search_path = pg_catalog as $$
begin
    return exists (select from samsyn.exclusions e join samsyn.cases c on c.id = the_case
        where e.user_id = the_user and e.ended_at is null and (e.case_id = c.id or e.subject_id = c.subject_id));
end
$$;
comment on function samsyn.is_excluded is 'Whether a person is kept from a case: from it, or from another one about the same child.';
grant execute on function samsyn.is_excluded to samsyn_api;

create function samsyn.forbid_excluded() returns trigger
    language plpgsql security definer set search_path = pg_catalog as $$
begin
    perform samsyn.require(not samsyn.is_excluded((select a.user_id from samsyn.assignments a where a.id = new.assignment_id), new.case_id),
        'UNPROCESSABLE', '/body/assignmentId');
    return new;
end
$$;
comment on function samsyn.forbid_excluded is 'Trigger: nobody is put on the team of a case from which they are kept.';
create trigger forbid_excluded before insert on samsyn.team_members for each row execute function samsyn.forbid_excluded();

create function samsyn.forbid_excluded_child() returns trigger
    language plpgsql security definer set search_path = pg_catalog as $$
begin
    perform samsyn.require(not new.subject_id = any (samsyn.excluded_subjects()), 'INVALID_REFERENCE', '/body/subjectId');
    return new;
end
$$;
comment on function samsyn.forbid_excluded_child is 'Trigger: a child from whom one is kept does not exist for a new case.';
create trigger forbid_excluded_child before insert on samsyn.cases
    for each row execute function samsyn.forbid_excluded_child();

create function samsyn.leave_case(the_case samsyn.cases, the_exclusion samsyn.exclusions) returns void
    language plpgsql volatile security definer set search_path = pg_catalog as $$
declare
    assignments uuid[] := array(select a.id from samsyn.assignments a where a.user_id = the_exclusion.user_id);
    place record;
    successor uuid;
begin
    if the_case.status = 'open' then
        -- Where the person leads the case or the unit, somebody else must.
        for place in
            select p.unit_id from samsyn.participants p
            where p.case_id = the_case.id and p.status in ('lead', 'accepted') and exists (
                select from samsyn.assignments a join samsyn.roles r on r.id = a.role_id
                where a.id = any (assignments) and a.organisation_id = p.organisation_id
                    and (a.id = the_case.lead_assignment_id or (a.unit_id = p.unit_id and 'case:lead-unit' = any (r.permissions))))
        loop
            successor := samsyn.standing_leader(the_case.id, place.unit_id, null, null);
            if successor is not null and the_case.lead_assignment_id = any (assignments) and place.unit_id = the_case.unit_id then
                perform samsyn.pass_lead_person(the_case.id, successor);
            elsif successor is not null then
                perform samsyn.put_on_team(the_case.id, successor);
            end if;
        end loop;
    end if;
    update samsyn.team_members t set ended_at = samsyn.now(), ended_by = the_exclusion.declared_by
    where t.case_id = the_case.id and t.assignment_id = any (assignments) and t.ended_at is null;
    update samsyn.case_handovers h set status = 'withdrawn', answered_at = samsyn.now()
    where h.case_id = the_case.id and h.successor_id = any (assignments) and h.status = 'pending';
    update samsyn.emergency_accesses e set ended_at = samsyn.now()
    where e.case_id = the_case.id and e.user_id = the_exclusion.user_id and e.ended_at is null;
end
$$;
comment on function samsyn.leave_case is
    'Takes a person off a case from which they are kept: the lead, their team membership, handovers to them and emergency access.';

create function samsyn.exclude() returns trigger
    language plpgsql security definer set search_path = pg_catalog as $$
declare
    the_case samsyn.cases;
begin
    for the_case in
        select c.* from samsyn.cases c where c.id = new.case_id or c.subject_id = new.subject_id order by c.id for update
    loop
        perform samsyn.leave_case(the_case, new);
    end loop;
    return null;
end
$$;
comment on function samsyn.exclude is 'Trigger: whoever is kept from a child leaves every case about the child at once.';
create trigger exclude after insert on samsyn.exclusions for each row execute function samsyn.exclude();

-- Who sees and changes what -----------------------------------------------------------------------------------------

grant select, insert, update on samsyn.exclusions to samsyn_api;

-- What was declared about somebody else is not shown to them: it would tell that there is a case.
create policy read on samsyn.exclusions for select to samsyn_api using (
    (select samsyn.may('case:read')) and organisation_id = (select samsyn.organisation())
    and (declared_by = (select samsyn.assignment())
        or ((select samsyn.may('case:lead-unit')) and case_id = any (array(select m.case_id from samsyn.my_cases m)))));
create policy add on samsyn.exclusions for insert to samsyn_api with check (
    (select samsyn.may('exclusion:write')) and organisation_id = (select samsyn.organisation())
    and declared_by = (select samsyn.assignment())
    and (user_id = (select samsyn.me()) or (select samsyn.may('case:lead-unit')))
    and case_id = any (array(select m.case_id from samsyn.my_cases m)));
create policy change on samsyn.exclusions for update to samsyn_api using (
    (select samsyn.may('exclusion:write')) and organisation_id = (select samsyn.organisation())
    and (declared_by = (select samsyn.assignment())
        or ((select samsyn.may('case:lead-unit')) and case_id = any (array(select m.case_id from samsyn.my_cases m)))));

-- What replies show -------------------------------------------------------------------------------------------------

create view api.exclusions with (security_invoker = true) as
select x.id as resource, x.subject_id as subject, x.organisation_id as owner, null::text as ground, null::uuid as disclosure,
    x.revision::text as etag,
    json_strip_nulls(json_build_object('id', x.id, 'caseId', x.case_id, 'userId', x.user_id, 'userName', samsyn.user_name(x.user_id),
        'kind', x.kind, 'reason', x.reason, 'status', case when x.ended_at is null then 'active' else 'ended' end,
        'declaredAt', samsyn.utc(x.declared_at), 'declaredBy', samsyn.assignment_name(x.declared_by),
        'endedAt', samsyn.utc(x.ended_at), 'endedBy', samsyn.assignment_name(x.ended_by), 'endReason', x.end_reason,
        'updatedAt', samsyn.utc(x.updated_at))) as body
from samsyn.exclusions x;

grant select on api.exclusions to samsyn_api;
