-- A child that moves between units, such as schools, and must not fall between them.

insert into samsyn.permissions (code, area, purpose, description) values
    ('transition:write', 'content', 'care', 'Announce and acknowledge that a child moves between units');
update samsyn.roles set permissions = permissions || '{transition:write}' where code in ('case-worker', 'unit-manager');

create table samsyn.transitions (
    id uuid primary key,
    case_id uuid not null references samsyn.cases,
    organisation_id uuid not null references samsyn.organisations,
    from_unit_id uuid not null references samsyn.organisations,
    to_unit_id uuid not null references samsyn.organisations,
    recipient_id uuid not null references samsyn.organisations,
    moves_on date not null,
    ground text,
    reason text not null check (length(reason) between 1 and 2000),
    at_risk boolean not null,
    owner_id uuid references samsyn.assignments,
    status text not null default 'announced' check (status in ('announced', 'acknowledged')),
    created_by uuid not null references samsyn.assignments,
    created_at timestamptz not null default samsyn.now(),
    acknowledged_by uuid references samsyn.assignments,
    acknowledged_at timestamptz,
    updated_at timestamptz not null default samsyn.now(),
    revision bigint not null default 1,
    check (from_unit_id <> to_unit_id),
    check (at_risk = (owner_id is not null)),
    check ((status = 'acknowledged') = (acknowledged_at is not null) and (acknowledged_at is null) = (acknowledged_by is null))
);
comment on table samsyn.transitions is 'A child moves from one unit to another, as between school forms or age groups: who sends and receives it, when, and that the receiver knows.';
comment on column samsyn.transitions.recipient_id is 'The organisation of the unit to which the child moves.';
comment on column samsyn.transitions.owner_id is 'Who keeps an eye on a child who may fall between responsibilities.';
create index transitions_by_case on samsyn.transitions (case_id, moves_on, id);
create index transitions_by_recipient on samsyn.transitions (to_unit_id, moves_on, id);
create index transitions_by_owner on samsyn.transitions (owner_id, moves_on, id);
create trigger touch before update on samsyn.transitions for each row execute function samsyn.touch();
create trigger forbid_when_closed before insert on samsyn.transitions
    for each row execute function samsyn.forbid_when_closed();

-- Who sees and changes what -----------------------------------------------------------------------------------------

call samsyn.protect('transitions');

grant select, insert, update on samsyn.transitions to samsyn_api;

create policy read on samsyn.transitions for select to samsyn_api using (
    (select samsyn.may('case:read')) and (select samsyn.emergency_case()) is null
    and case_id <> all ((select samsyn.excluded_cases())::uuid[])
    and (to_unit_id = (select samsyn.led_unit()) or owner_id = (select samsyn.assignment())
        or (case_id = any (array(select m.case_id from samsyn.my_cases m))
            and (organisation_id = (select samsyn.organisation()) or recipient_id = (select samsyn.organisation())))));
create policy add on samsyn.transitions for insert to samsyn_api with check (
    (select samsyn.may('transition:write')) and organisation_id = (select samsyn.organisation())
    and created_by = (select samsyn.assignment())
    and case_id = any (array(select m.case_id from samsyn.my_cases m)));
create policy change on samsyn.transitions for update to samsyn_api using (
    (select samsyn.may('transition:write'))
    and case_id <> all ((select samsyn.excluded_cases())::uuid[])
    and (to_unit_id = (select samsyn.led_unit()) or owner_id = (select samsyn.assignment())
        or (case_id = any (array(select m.case_id from samsyn.my_cases m))
            and (organisation_id = (select samsyn.organisation()) or recipient_id = (select samsyn.organisation())))));

-- What replies show -------------------------------------------------------------------------------------------------

create view api.transitions with (security_invoker = true) as
select t.id as resource, f.subject_id as subject, t.organisation_id as owner, mine.ground, null::uuid as disclosure,
    t.revision::text as etag,
    json_strip_nulls(json_build_object('id', t.id, 'caseId', t.case_id, 'caseReference', f.reference,
        'fromUnitId', t.from_unit_id, 'fromUnitName', samsyn.organisation_name(t.from_unit_id),
        'toUnitId', t.to_unit_id, 'toUnitName', samsyn.organisation_name(t.to_unit_id), 'movesOn', t.moves_on,
        'ground', t.ground, 'reason', t.reason, 'atRisk', t.at_risk, 'ownerAssignmentId', t.owner_id,
        'ownerName', samsyn.assignment_name(t.owner_id), 'status', t.status,
        'acknowledgedAt', samsyn.utc(t.acknowledged_at), 'acknowledgedBy', samsyn.assignment_name(t.acknowledged_by),
        'createdAt', samsyn.utc(t.created_at), 'createdBy', samsyn.assignment_name(t.created_by),
        'updatedAt', samsyn.utc(t.updated_at))) as body
from samsyn.transitions t
cross join lateral samsyn.case_facts(t.case_id) f
left join samsyn.participants mine
    on mine.case_id = t.case_id and mine.organisation_id = (select samsyn.organisation()) and mine.active;

grant select on api.transitions to samsyn_api;
