-- A case never hangs on a person: change of lead agency, and handover between people.
--
-- What has been answered is never answered again: each pending thing is one row, decided by its lock or a unique index.

insert into samsyn.permissions (code, area, purpose, description) values
    ('handover:write', 'content', 'care', 'Hand over the lead of a case to a colleague, and take it over'),
    ('handover:waive', 'content', 'care', 'Let cases pass to the unit''s leader without a handover');
update samsyn.roles set permissions = permissions || '{handover:write}' where code in ('case-worker', 'professional', 'unit-manager');
update samsyn.roles set permissions = permissions || '{handover:waive}' where code = 'unit-manager';

-- Who leads a case as a person ----------------------------------------------------------------------------------------

create function samsyn.is_unfit_to_lead(the_assignment uuid, the_case uuid) returns boolean
    language plpgsql stable security definer set search_path = pg_catalog as $$
begin
    return not exists (select from samsyn.active_assignments a
        where a.id = the_assignment and 'handover:write' = any (a.permissions) and not samsyn.is_excluded(a.user_id, the_case));
end
$$;
comment on function samsyn.is_unfit_to_lead is
    'Whether an assignment cannot lead a case as a person: not active, in a role that takes no case over, or kept from it.';
grant execute on function samsyn.is_unfit_to_lead to samsyn_api;

create function samsyn.standing_leader(the_case uuid, the_unit uuid, besides uuid, preferred uuid) returns uuid
    language plpgsql stable security definer set search_path = pg_catalog as $$
begin
    return (
        select a.id
        from samsyn.active_assignments a
        join samsyn.organisations o on o.id = a.unit_id and o.active
        left join samsyn.lineage(the_unit) up on up.id = a.unit_id
        where a.organisation_id = (select b.boundary_id from samsyn.organisations b where b.id = the_unit)
            and a.permissions @> '{case:read,case:lead-unit,handover:write}'
            and a.id is distinct from besides and not samsyn.is_excluded(a.user_id, the_case)
        order by up.distance nulls last, a.id is not distinct from preferred desc, a.starts_on, a.id
        limit 1);
end
$$;
comment on function samsyn.standing_leader is
    'Who steps in when nobody was appointed: who leads the unit, else the nearest unit above it, else any unit of the organisation, and is not kept from the case; null when there is nobody.';

create function samsyn.put_on_team(the_case uuid, the_assignment uuid) returns void
    language plpgsql volatile security definer set search_path = pg_catalog as $$
begin
    insert into samsyn.team_members (id, case_id, organisation_id, assignment_id, added_by)
    select samsyn.uuid7(), the_case, a.organisation_id, a.id, coalesce(samsyn.assignment(), a.id)
    from samsyn.assignments a where a.id = the_assignment
    on conflict (assignment_id, case_id) where ended_at is null do nothing;
end
$$;
comment on function samsyn.put_on_team is 'Puts someone on the team of a case unless they are.';

create function samsyn.pass_lead_person(the_case uuid, successor uuid) returns void
    language plpgsql volatile security definer set search_path = pg_catalog as $$
begin
    -- An assignment that is being ended waits for this, or this sees that it has ended.
    perform from samsyn.assignments a where a.id = successor for share;
    perform samsyn.require(not samsyn.is_unfit_to_lead(successor, the_case), 'CONFLICT');
    perform samsyn.put_on_team(the_case, successor);
    update samsyn.cases c set lead_assignment_id = successor where c.id = the_case;
end
$$;
comment on function samsyn.pass_lead_person is 'Makes someone lead a case as a person; they are on its team from then on.';

-- Change of lead agency ---------------------------------------------------------------------------------------------

create table samsyn.lead_transfers (
    id uuid primary key,
    case_id uuid not null references samsyn.cases,
    organisation_id uuid not null references samsyn.organisations,
    unit_id uuid not null references samsyn.organisations,
    recipient_id uuid not null references samsyn.organisations,
    recipient_unit_id uuid not null references samsyn.organisations,
    reason text not null check (length(reason) between 1 and 2000),
    status text not null default 'pending' check (status in ('pending', 'accepted', 'declined', 'withdrawn')),
    proposed_by uuid not null references samsyn.assignments,
    proposed_at timestamptz not null default samsyn.now(),
    answered_by uuid references samsyn.assignments,
    answered_at timestamptz,
    answer_reason text check (length(answer_reason) between 1 and 2000),
    updated_at timestamptz not null default samsyn.now(),
    revision bigint not null default 1,
    check (unit_id <> recipient_unit_id),
    check ((status = 'pending') = (answered_at is null) and (answered_at is null) = (answered_by is null))
);
comment on table samsyn.lead_transfers is 'The lead of a case offered to another unit, of the own organisation or of one that takes part; it passes when the receiving unit accepts and not before.';
comment on column samsyn.lead_transfers.organisation_id is 'The sender, who leads the case while it is pending.';
create unique index lead_transfers_pending_key on samsyn.lead_transfers (case_id) where status = 'pending';
create index lead_transfers_by_case on samsyn.lead_transfers (case_id, proposed_at, id);
create index lead_transfers_by_recipient on samsyn.lead_transfers (recipient_unit_id, proposed_at, id);
create trigger touch before update on samsyn.lead_transfers for each row execute function samsyn.touch();
create trigger forbid_when_closed before insert on samsyn.lead_transfers
    for each row execute function samsyn.forbid_when_closed();
create unique index participants_lead_key on samsyn.participants (case_id) where status = 'lead';

create function samsyn.lock_lead_transfer(the_transfer uuid) returns void
    language plpgsql volatile security definer set search_path = pg_catalog as $$
declare
    the_case uuid := (select t.case_id from samsyn.lead_transfers t
        where t.id = the_transfer and t.recipient_unit_id = samsyn.led_unit());
begin
    perform pg_advisory_xact_lock(hashtextextended('lead ' || the_case, 0));
    perform from samsyn.cases c where c.id = the_case for update;
end
$$;
comment on function samsyn.lock_lead_transfer is
    'Waits for what the organisation that leads is doing (samsyn.require_lead), and locks the case before the transfer, as every other change of a case does.';
grant execute on function samsyn.lock_lead_transfer to samsyn_api;

create function samsyn.pass_lead() returns trigger
    language plpgsql security definer set search_path = pg_catalog as $$
declare
    the_case samsyn.cases;
    receiver samsyn.participants;
begin
    select c.* into the_case from samsyn.cases c where c.id = new.case_id for update;
    perform samsyn.require(the_case.status = 'open', 'CASE_CLOSED');
    perform samsyn.require(the_case.unit_id = new.unit_id, 'CONFLICT');
    if new.recipient_id = new.organisation_id then
        update samsyn.participants p set unit_id = new.recipient_unit_id
        where p.case_id = new.case_id and p.status = 'lead';
    else
        select p.* into receiver from samsyn.participants p
        where p.case_id = new.case_id and p.unit_id = new.recipient_unit_id and p.status = 'accepted';
        perform samsyn.require(receiver.id is not null, 'CONFLICT');
        -- Who gives up the lead stays on the footing on which the two already work together.
        update samsyn.participants p set status = 'accepted', agreement_id = receiver.agreement_id, ground = receiver.ground,
            consent_id = receiver.consent_id, purpose = receiver.purpose, invited_by = new.answered_by,
            answered_by = new.proposed_by, answered_at = new.proposed_at
        where p.case_id = new.case_id and p.status = 'lead';
        update samsyn.participants p set status = 'lead' where p.id = receiver.id;
    end if;
    update samsyn.cases c set organisation_id = new.recipient_id, unit_id = new.recipient_unit_id where c.id = new.case_id;
    perform samsyn.pass_lead_person(new.case_id, new.answered_by);
    return null;
end
$$;
comment on function samsyn.pass_lead is
    'Trigger: with the acceptance the case is led by the receiving unit and, until somebody is appointed, by the one who accepted. Nobody''s records, consents or register change hands.';
create trigger pass_lead after update of status on samsyn.lead_transfers
    for each row when (new.status = 'accepted') execute function samsyn.pass_lead();

-- Handover between people -------------------------------------------------------------------------------------------

create table samsyn.case_handovers (
    id uuid primary key,
    case_id uuid not null references samsyn.cases,
    organisation_id uuid not null references samsyn.organisations,
    predecessor_id uuid not null references samsyn.assignments,
    successor_id uuid not null references samsyn.assignments,
    open_tasks text not null check (length(open_tasks) between 1 and 4000),
    agreements text not null check (length(agreements) between 1 and 4000),
    plans text not null check (length(plans) between 1 and 4000),
    contacts text not null check (length(contacts) between 1 and 4000),
    reason text not null check (length(reason) between 1 and 2000),
    status text not null default 'pending' check (status in ('pending', 'accepted', 'declined', 'withdrawn')),
    proposed_by uuid not null references samsyn.assignments,
    proposed_at timestamptz not null default samsyn.now(),
    answered_at timestamptz,
    answer_reason text check (length(answer_reason) between 1 and 2000),
    updated_at timestamptz not null default samsyn.now(),
    revision bigint not null default 1,
    check (predecessor_id <> successor_id),
    check ((status = 'pending') = (answered_at is null))
);
comment on table samsyn.case_handovers is 'The lead of a case as a person offered to a colleague, with what a successor must know; it passes when the successor accepts.';
create unique index case_handovers_pending_key on samsyn.case_handovers (case_id) where status = 'pending';
create index case_handovers_by_case on samsyn.case_handovers (case_id, proposed_at, id);
create index case_handovers_by_successor on samsyn.case_handovers (successor_id, proposed_at, id);
create trigger touch before update on samsyn.case_handovers for each row execute function samsyn.touch();
create trigger forbid_when_closed before insert on samsyn.case_handovers
    for each row execute function samsyn.forbid_when_closed();
create index cases_by_lead_assignment on samsyn.cases (lead_assignment_id) where status = 'open';

create function samsyn.lock_case_handover(the_handover uuid) returns void
    language plpgsql volatile security definer set search_path = pg_catalog as $$
begin
    perform from samsyn.cases c join samsyn.case_handovers h on h.case_id = c.id
    where h.id = the_handover and h.successor_id = samsyn.assignment() for update of c;
end
$$;
comment on function samsyn.lock_case_handover is 'As samsyn.lock_lead_transfer.';
grant execute on function samsyn.lock_case_handover to samsyn_api;

create function samsyn.pass_case() returns trigger
    language plpgsql security definer set search_path = pg_catalog as $$
declare
    the_case samsyn.cases;
begin
    select c.* into the_case from samsyn.cases c where c.id = new.case_id for update;
    perform samsyn.require(the_case.status = 'open', 'CASE_CLOSED');
    perform samsyn.pass_lead_person(new.case_id, new.successor_id);
    return null;
end
$$;
comment on function samsyn.pass_case is 'Trigger: with the acceptance the successor leads the case.';
create trigger pass_case after update of status on samsyn.case_handovers
    for each row when (new.status = 'accepted') execute function samsyn.pass_case();

create function samsyn.withdraw_handovers() returns trigger
    language plpgsql security definer set search_path = pg_catalog as $$
begin
    update samsyn.case_handovers h set status = 'withdrawn', answered_at = samsyn.now()
    where h.case_id = new.id and h.status = 'pending';
    return null;
end
$$;
comment on function samsyn.withdraw_handovers is 'Trigger: what the former lead offered falls when somebody else leads the case.';
create trigger withdraw_handovers after update of lead_assignment_id on samsyn.cases
    for each row when (old.lead_assignment_id is distinct from new.lead_assignment_id) execute function samsyn.withdraw_handovers();

create function samsyn.require_handover() returns trigger
    language plpgsql security definer set search_path = pg_catalog as $$
begin
    -- Without a principal it is the owner of the database who loads data.
    if samsyn.me() is not null then
        perform samsyn.require(not exists (select from samsyn.cases c where c.lead_assignment_id = new.id and c.status = 'open'),
            'HANDOVER_REQUIRED');
    end if;
    return new;
end
$$;
comment on function samsyn.require_handover is
    'Trigger: an assignment that leads open cases ends, or ends earlier, only after each of them has been handed over or the handover waived.';
create trigger require_handover before update of ended_at, ends_on on samsyn.assignments
    for each row when (new.ended_at is distinct from old.ended_at
        or coalesce(new.ends_on, 'infinity') < coalesce(old.ends_on, 'infinity')) execute function samsyn.require_handover();

create function samsyn.keep_lead_on_team() returns trigger
    language plpgsql security definer set search_path = pg_catalog as $$
declare
    the_case samsyn.cases;
begin
    -- Waits for a handover that is being accepted.
    select c.* into the_case from samsyn.cases c where c.id = new.case_id for share;
    perform samsyn.require(samsyn.me() is null or the_case.status = 'closed' or the_case.lead_assignment_id <> new.assignment_id
        or samsyn.is_excluded((select a.user_id from samsyn.assignments a where a.id = new.assignment_id), new.case_id),
        'HANDOVER_REQUIRED');
    return new;
end
$$;
comment on function samsyn.keep_lead_on_team is
    'Trigger: who leads an open case leaves its team only after a handover, or because they are kept from it.';
create trigger keep_lead_on_team before update of ended_at on samsyn.team_members
    for each row when (old.ended_at is null and new.ended_at is not null) execute function samsyn.keep_lead_on_team();

create table samsyn.handover_waivers (
    id uuid primary key,
    assignment_id uuid not null references samsyn.assignments,
    organisation_id uuid not null references samsyn.organisations,
    unit_id uuid not null references samsyn.organisations,
    case_ids uuid[] not null,
    reason text not null check (length(reason) between 1 and 2000),
    waived_by uuid not null references samsyn.assignments,
    waived_at timestamptz not null default samsyn.now()
);
comment on table samsyn.handover_waivers is 'Why the cases that an assignment led passed to the unit''s leader without a handover.';
comment on column samsyn.handover_waivers.case_ids is 'The cases that passed.';
create index handover_waivers_by_assignment on samsyn.handover_waivers (assignment_id, waived_at, id);
create trigger forbid_change before update or delete on samsyn.handover_waivers
    for each row execute function samsyn.forbid_change();

create function samsyn.leads_above(the_unit uuid) returns boolean
    language plpgsql stable security definer set search_path = pg_catalog as $$
begin
    return exists (select from samsyn.lineage(the_unit) o where o.id = samsyn.led_unit());
end
$$;
comment on function samsyn.leads_above is 'Whether the principal leads the unit or one above it.';
grant execute on function samsyn.leads_above to samsyn_api;

create function samsyn.waive_handover() returns trigger
    language plpgsql security definer set search_path = pg_catalog as $$
declare
    the_case samsyn.cases;
    successor uuid;
begin
    select a.organisation_id, a.unit_id, '{}' into new.organisation_id, new.unit_id, new.case_ids
    from samsyn.assignments a where a.id = new.assignment_id;
    for the_case in
        select c.* from samsyn.cases c where c.lead_assignment_id = new.assignment_id and c.status = 'open' order by c.id for update
    loop
        successor := samsyn.standing_leader(the_case.id, the_case.unit_id, new.assignment_id, new.waived_by);
        if successor is not null then
            perform samsyn.pass_lead_person(the_case.id, successor);
            new.case_ids := new.case_ids || the_case.id;
        end if;
    end loop;
    perform samsyn.require(new.case_ids <> '{}', 'CONFLICT');
    return new;
end
$$;
comment on function samsyn.waive_handover is
    'Trigger: with the waiver each case passes to who leads its unit or steps in for them; refused when there is no case to pass.';
create trigger waive before insert on samsyn.handover_waivers for each row execute function samsyn.waive_handover();

-- Who sees and changes what -----------------------------------------------------------------------------------------

call samsyn.protect('lead_transfers', 'case_handovers', 'handover_waivers');

grant select, insert, update on samsyn.lead_transfers, samsyn.case_handovers to samsyn_api;
grant select, insert on samsyn.handover_waivers to samsyn_api;

create policy read on samsyn.lead_transfers for select to samsyn_api using (
    (select samsyn.may('case:read')) and case_id <> all ((select samsyn.excluded_cases())::uuid[])
    and (recipient_unit_id = (select samsyn.led_unit())
        or (case_id = any (array(select m.case_id from samsyn.my_cases m))
            and (organisation_id = (select samsyn.organisation()) or recipient_id = (select samsyn.organisation())))));
create policy add on samsyn.lead_transfers for insert to samsyn_api with check (
    (select samsyn.may('case:write')) and organisation_id = (select samsyn.organisation())
    and proposed_by = (select samsyn.assignment())
    and case_id = any (array(select m.case_id from samsyn.my_cases m)));
create policy change on samsyn.lead_transfers for update to samsyn_api using (
    (select samsyn.may('case:write')) and case_id <> all ((select samsyn.excluded_cases())::uuid[])
    and (recipient_unit_id = (select samsyn.led_unit())
        or (case_id = any (array(select m.case_id from samsyn.my_cases m))
            and (organisation_id = (select samsyn.organisation()) or recipient_id = (select samsyn.organisation())))));

create policy read on samsyn.case_handovers for select to samsyn_api using (
    (select samsyn.may('case:read')) and case_id <> all ((select samsyn.excluded_cases())::uuid[])
    and organisation_id = (select samsyn.organisation())
    and (successor_id = (select samsyn.assignment()) or case_id = any (array(select m.case_id from samsyn.my_cases m))));
create policy add on samsyn.case_handovers for insert to samsyn_api with check (
    (select samsyn.may('handover:write')) and organisation_id = (select samsyn.organisation())
    and proposed_by = (select samsyn.assignment())
    and case_id = any (array(select m.case_id from samsyn.my_cases m)));
create policy change on samsyn.case_handovers for update to samsyn_api using (
    (select samsyn.may('handover:write')) and case_id <> all ((select samsyn.excluded_cases())::uuid[])
    and organisation_id = (select samsyn.organisation())
    and (successor_id = (select samsyn.assignment()) or case_id = any (array(select m.case_id from samsyn.my_cases m))));

create policy read on samsyn.handover_waivers for select to samsyn_api using (
    (select samsyn.may('handover:waive')) and organisation_id = (select samsyn.organisation())
    and (unit_id = (select samsyn.led_unit()) or waived_by = (select samsyn.assignment())));
create policy add on samsyn.handover_waivers for insert to samsyn_api with check (
    (select samsyn.may('handover:waive')) and organisation_id = (select samsyn.organisation())
    and waived_by = (select samsyn.assignment()));

-- What replies show -------------------------------------------------------------------------------------------------

create view api.lead_transfers with (security_invoker = true) as
select t.id as resource, f.subject_id as subject, f.organisation_id as owner, mine.ground, null::uuid as disclosure,
    t.revision::text as etag,
    json_strip_nulls(json_build_object('id', t.id, 'caseId', t.case_id, 'caseReference', f.reference,
        'fromOrganisationId', t.organisation_id, 'fromOrganisationName', samsyn.organisation_name(t.organisation_id),
        'fromUnitId', t.unit_id, 'fromUnitName', samsyn.organisation_name(t.unit_id),
        'toOrganisationId', t.recipient_id, 'toOrganisationName', samsyn.organisation_name(t.recipient_id),
        'toUnitId', t.recipient_unit_id, 'toUnitName', samsyn.organisation_name(t.recipient_unit_id),
        'reason', t.reason, 'status', t.status, 'proposedAt', samsyn.utc(t.proposed_at),
        'proposedBy', samsyn.assignment_name(t.proposed_by), 'answeredAt', samsyn.utc(t.answered_at),
        'answeredBy', samsyn.assignment_name(t.answered_by), 'answerReason', t.answer_reason,
        'updatedAt', samsyn.utc(t.updated_at))) as body
from samsyn.lead_transfers t
cross join lateral samsyn.case_facts(t.case_id) f
left join samsyn.participants mine
    on mine.case_id = t.case_id and mine.organisation_id = (select samsyn.organisation()) and mine.active;

create view api.case_handovers with (security_invoker = true) as
select h.id as resource, f.subject_id as subject, f.organisation_id as owner, null::text as ground, null::uuid as disclosure,
    h.revision::text || case when related.it then '' else '-outside' end as etag,
    json_strip_nulls(json_build_object('id', h.id, 'caseId', h.case_id, 'caseReference', f.reference,
        'predecessorAssignmentId', h.predecessor_id, 'predecessorName', samsyn.assignment_name(h.predecessor_id),
        'successorAssignmentId', h.successor_id, 'successorName', samsyn.assignment_name(h.successor_id),
        'checklist', case when related.it then json_build_object('openTasks', h.open_tasks, 'agreements', h.agreements,
            'plans', h.plans, 'contacts', h.contacts) end,
        'reason', h.reason, 'status', h.status, 'proposedAt', samsyn.utc(h.proposed_at),
        'proposedBy', samsyn.assignment_name(h.proposed_by), 'answeredAt', samsyn.utc(h.answered_at),
        'answerReason', h.answer_reason, 'updatedAt', samsyn.utc(h.updated_at))) as body
from samsyn.case_handovers h
cross join lateral samsyn.case_facts(h.case_id) f
cross join lateral (select h.case_id = any (array(select m.case_id from samsyn.my_cases m)) as it) related;
comment on view api.case_handovers is 'The checklist tells of the case, so a successor who is not on it yet sees it after acceptance.';

create view api.handover_waivers with (security_invoker = true) as
select w.id as resource, null::uuid as subject, w.organisation_id as owner, null::text as ground, null::uuid as disclosure,
    '1' as etag,
    json_build_object('id', w.id, 'assignmentId', w.assignment_id, 'userName', samsyn.assignment_name(w.assignment_id),
        'reason', w.reason, 'caseCount', cardinality(w.case_ids),
        'caseIds', array(select m.case_id from samsyn.my_cases m where m.case_id = any (w.case_ids) group by m.case_id order by m.case_id),
        'waivedAt', samsyn.utc(w.waived_at), 'waivedBy', samsyn.assignment_name(w.waived_by)) as body
from samsyn.handover_waivers w;
comment on view api.handover_waivers is 'caseIds: those of the cases to which the reader is related.';

create view api.outstanding_handovers with (security_invoker = true) as
select c.id as resource, c.subject_id as subject, c.organisation_id as owner, null::text as ground, null::uuid as disclosure,
    c.revision::text as etag,
    json_strip_nulls(json_build_object('id', c.id, 'reference', c.reference, 'title', c.title,
        'leadAssignmentId', c.lead_assignment_id, 'leadName', u.name,
        'cause', case
            when a.ended_at is not null or a.ends_on < samsyn.today() then 'ended'
            when not u.active then 'not-active'
            when samsyn.is_excluded(u.id, c.id) then 'excluded'
            else 'ends' end,
        'endsOn', a.ends_on)) as body
from samsyn.cases c
join samsyn.assignments a on a.id = c.lead_assignment_id
join samsyn.users u on u.id = a.user_id;
comment on view api.outstanding_handovers is 'A case by who leads it as a person, for those that somebody else must take over; which these are is said by listOutstandingHandovers.';

grant select on api.lead_transfers, api.case_handovers, api.handover_waivers, api.outstanding_handovers to samsyn_api;
