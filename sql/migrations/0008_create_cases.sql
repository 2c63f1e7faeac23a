-- Cases that cross agency lines: the subject, the organisations that take part, and the people of each who work on it.

create table samsyn.cases (
    id uuid primary key,
    reference text not null unique check (reference ~ '^[0-9]{4}-[0-9A-Z]{8}$'),
    subject_id uuid not null references samsyn.subjects,
    organisation_id uuid not null references samsyn.organisations,
    unit_id uuid not null references samsyn.organisations,
    title text not null check (length(title) between 1 and 200),
    status text not null default 'open' check (status in ('open', 'closed')),
    opened_at timestamptz not null default samsyn.now(),
    opened_by uuid not null references samsyn.assignments,
    lead_assignment_id uuid not null references samsyn.assignments,
    updated_at timestamptz not null default samsyn.now(),
    revision bigint not null default 1
);
comment on table samsyn.cases is 'Joint work around one subject, led by the unit that owns it. A closed case is read only.';
comment on column samsyn.cases.reference is 'For people to read out: year and eight random characters; tells nothing and cannot be counted up.';
comment on column samsyn.cases.title is 'Shown to every organisation that takes part.';
comment on column samsyn.cases.lead_assignment_id is 'Who leads the case as a person: the opener, until it is handed over.';
create index cases_by_subject on samsyn.cases (subject_id);
create trigger touch before update on samsyn.cases for each row execute function samsyn.touch();

create table samsyn.closures (
    id uuid primary key,
    case_id uuid not null references samsyn.cases,
    reason text not null check (length(reason) between 1 and 2000),
    closed_at timestamptz not null default samsyn.now(),
    closed_by uuid not null references samsyn.assignments
);
create table samsyn.reopenings (
    id uuid primary key,
    case_id uuid not null references samsyn.cases,
    reason text not null check (length(reason) between 1 and 2000),
    reopened_at timestamptz not null default samsyn.now(),
    reopened_by uuid not null references samsyn.assignments
);
comment on table samsyn.closures is 'Each time a case was closed, by whom and why.';
comment on table samsyn.reopenings is 'Each time a closed case was opened again, by whom and why.';
create index closures_by_case on samsyn.closures (case_id);
create index reopenings_by_case on samsyn.reopenings (case_id);

create table samsyn.participants (
    id uuid primary key,
    case_id uuid not null references samsyn.cases,
    organisation_id uuid not null references samsyn.organisations,
    unit_id uuid not null references samsyn.organisations,
    status text not null check (status in ('lead', 'invited', 'accepted', 'declined', 'ended')),
    active boolean not null generated always as (status in ('lead', 'invited', 'accepted')) stored,
    agreement_id uuid references samsyn.agreements,
    ground text,
    consent_id uuid,
    decision_id uuid,
    precondition_statement text check (length(precondition_statement) between 1 and 2000),
    justification text check (length(justification) <= 2000),
    purpose text check (length(purpose) <= 200),
    invited_by uuid not null references samsyn.assignments,
    invited_at timestamptz not null default samsyn.now(),
    answered_by uuid references samsyn.assignments,
    answered_at timestamptz,
    reason text check (length(reason) <= 2000),
    updated_at timestamptz not null default samsyn.now(),
    revision bigint not null default 1,
    check (status = 'lead' or ground is not null)
);
comment on table samsyn.participants is 'An organisation''s part in a case: the lead, or invited on a legal ground, since the invitation itself tells that the child is known; under an agreement where the ground is consent.';
create unique index participants_active_key on samsyn.participants (case_id, organisation_id) where active;
create index participants_by_case on samsyn.participants (case_id, organisation_id);
create index participants_by_unit on samsyn.participants (unit_id, status, case_id);
create trigger touch before update on samsyn.participants for each row execute function samsyn.touch();

create table samsyn.team_members (
    id uuid primary key,
    case_id uuid not null references samsyn.cases,
    organisation_id uuid not null references samsyn.organisations,
    assignment_id uuid not null references samsyn.assignments,
    joined_at timestamptz not null default samsyn.now(),
    added_by uuid not null references samsyn.assignments,
    ended_at timestamptz,
    ended_by uuid references samsyn.assignments,
    updated_at timestamptz not null default samsyn.now(),
    revision bigint not null default 1
);
comment on table samsyn.team_members is 'Who of a participating organisation works on the case: need to know within the agency.';
create unique index team_members_active_key on samsyn.team_members (assignment_id, case_id) where ended_at is null;
create index team_members_by_case on samsyn.team_members (case_id, joined_at, id);
create trigger touch before update on samsyn.team_members for each row execute function samsyn.touch();

create function samsyn.end_team() returns trigger
    language plpgsql security definer set search_path = pg_catalog as $$
begin
    update samsyn.team_members t set ended_at = samsyn.now(), ended_by = samsyn.assignment()
    where t.case_id = new.case_id and t.organisation_id = new.organisation_id and t.ended_at is null;
    return null;
end
$$;
comment on function samsyn.end_team is 'Trigger: when an organisation''s part in a case ends, so does its team there; a team member''s access can rest on membership alone.';
create trigger end_team after update of status on samsyn.participants
    for each row when (new.status = 'ended') execute function samsyn.end_team();

create function samsyn.fresh_reference() returns text
    language sql volatile set search_path = pg_catalog as $$
    select to_char(samsyn.now() at time zone 'Europe/Stockholm', 'YYYY-') || string_agg(
        substr('0123456789ABCDEFGHJKMNPQRSTVWXYZ', 1 + (get_byte(bytes, i) & 31), 1), '' order by i)
    from (select uuid_send(gen_random_uuid()) as bytes) random, generate_series(8, 15) i
    where bytes is not null
$$;
comment on function samsyn.fresh_reference is 'A fresh case reference: year and eight characters of Crockford''s alphabet.';
grant execute on function samsyn.fresh_reference to samsyn_api;

create function samsyn.forbid_when_closed() returns trigger
    language plpgsql security definer set search_path = pg_catalog as $$
declare
    status text;
begin
    -- The share lock makes a closing wait for what is being written, and what comes after see it closed.
    select c.status into status from samsyn.cases c where c.id = new.case_id for share;
    perform samsyn.require(status = 'open', 'CASE_CLOSED');
    return new;
end
$$;
comment on function samsyn.forbid_when_closed is 'Trigger: nothing is added to or changed in a closed case.';
create trigger forbid_when_closed before insert or update on samsyn.participants
    for each row execute function samsyn.forbid_when_closed();
create trigger forbid_when_closed before insert on samsyn.team_members
    for each row execute function samsyn.forbid_when_closed();

create function samsyn.name_lead() returns trigger
    language plpgsql security definer set search_path = pg_catalog as $$
begin
    -- An assignment that is being ended waits for this, and then sees that it leads a case.
    perform from samsyn.assignments a where a.id = new.opened_by and a.ended_at is null for share;
    perform samsyn.require(found, 'ASSIGNMENT_REQUIRED');
    new.lead_assignment_id := new.opened_by;
    return new;
end
$$;
comment on function samsyn.name_lead is 'Trigger: who opens a case leads it as a person.';
create trigger name_lead before insert on samsyn.cases for each row execute function samsyn.name_lead();

create function samsyn.found_case() returns trigger
    language plpgsql security definer set search_path = pg_catalog as $$
begin
    insert into samsyn.participants (id, case_id, organisation_id, unit_id, status, invited_by)
    values (samsyn.uuid7(), new.id, new.organisation_id, new.unit_id, 'lead', new.opened_by);
    insert into samsyn.team_members (id, case_id, organisation_id, assignment_id, added_by)
    values (samsyn.uuid7(), new.id, new.organisation_id, new.opened_by, new.opened_by);
    return null;
end
$$;
comment on function samsyn.found_case is 'Trigger: a case begins with its lead as participant and the one who opened it on the team.';
create trigger found_case after insert on samsyn.cases for each row execute function samsyn.found_case();

create function samsyn.check_team_member() returns trigger
    language plpgsql security definer set search_path = pg_catalog as $$
begin
    perform samsyn.require(exists (select from samsyn.assignments a
        where a.id = new.assignment_id and a.organisation_id = new.organisation_id and a.ended_at is null
            and samsyn.today() between a.starts_on and coalesce(a.ends_on, 'infinity')),
        'INVALID_REFERENCE', '/body/assignmentId');
    perform samsyn.require(exists (select from samsyn.participants p
        where p.case_id = new.case_id and p.organisation_id = new.organisation_id and p.status in ('lead', 'accepted')),
        'NOT_FOUND');
    perform samsyn.require(exists (select from samsyn.assignments a join samsyn.roles r on r.id = a.role_id
        where a.id = new.assignment_id and 'case:read' = any (r.permissions)),
        'UNPROCESSABLE', '/body/assignmentId');
    return new;
end
$$;
comment on function samsyn.check_team_member is
    'Trigger: a team member holds an active assignment, in a role that may read cases, in an organisation that takes part.';
create trigger check_team_member before insert on samsyn.team_members
    for each row execute function samsyn.check_team_member();

create function samsyn.check_case() returns trigger
    language plpgsql security definer set search_path = pg_catalog as $$
begin
    perform samsyn.require(exists (select from samsyn.subjects s
        where s.id = new.subject_id and s.organisation_id = new.organisation_id), 'INVALID_REFERENCE', '/body/subjectId');
    return new;
end
$$;
comment on function samsyn.check_case is 'Trigger: a case is about a subject in the register of the organisation that leads it.';
create trigger check_case before insert on samsyn.cases for each row execute function samsyn.check_case();

create table samsyn.exclusions (
    id uuid primary key,
    case_id uuid not null references samsyn.cases,
    subject_id uuid not null references samsyn.subjects,
    organisation_id uuid not null references samsyn.organisations,
    user_id uuid not null references samsyn.users,
    kind text not null check (kind in ('bias', 'kinship', 'other')),
    reason text not null check (length(reason) between 1 and 2000),
    declared_by uuid not null references samsyn.assignments,
    declared_at timestamptz not null default samsyn.now(),
    ended_at timestamptz,
    ended_by uuid references samsyn.assignments,
    end_reason text check (length(end_reason) between 1 and 2000),
    updated_at timestamptz not null default samsyn.now(),
    revision bigint not null default 1
);
comment on table samsyn.exclusions is 'Conflicts of interest (FL 2017:900 16 §): whoever is excluded sees nothing of the case and its child, whatever their role.';
create unique index exclusions_active_key on samsyn.exclusions (user_id, case_id) where ended_at is null;
create index exclusions_by_case on samsyn.exclusions (case_id, declared_at, id);
create trigger touch before update on samsyn.exclusions for each row execute function samsyn.touch();

create table samsyn.emergency_accesses (
    id uuid primary key,
    user_id uuid not null references samsyn.users,
    assignment_id uuid not null references samsyn.assignments,
    organisation_id uuid not null references samsyn.organisations,
    unit_id uuid not null references samsyn.organisations,
    case_id uuid not null references samsyn.cases,
    case_unit_id uuid not null references samsyn.organisations,
    subject_id uuid not null references samsyn.subjects,
    reason text not null check (length(reason) between 1 and 2000),
    opened_at timestamptz not null default samsyn.now(),
    expires_at timestamptz not null,
    ended_at timestamptz,
    updated_at timestamptz not null default samsyn.now(),
    revision bigint not null default 1,
    check (expires_at > opened_at)
);
comment on table samsyn.emergency_accesses is 'Access in an emergency to one case of the own organisation, read only and for a time, by someone who is not on its team; every access event it causes names it, and it is reviewed afterwards (PDL 2008:355 4 ch., SoLPuL 10 §).';
comment on column samsyn.emergency_accesses.unit_id is 'The unit of the one who opened it.';
comment on column samsyn.emergency_accesses.case_unit_id is 'The unit of the same organisation whose case it is.';
create index emergency_accesses_by_user on samsyn.emergency_accesses (user_id, opened_at desc, id desc);
create index emergency_accesses_by_unit on samsyn.emergency_accesses (unit_id, opened_at desc, id desc);
create index emergency_accesses_by_case_unit on samsyn.emergency_accesses (case_unit_id, opened_at desc, id desc);
create index emergency_accesses_by_case on samsyn.emergency_accesses (case_id, opened_at);
create trigger touch before update on samsyn.emergency_accesses for each row execute function samsyn.touch();
