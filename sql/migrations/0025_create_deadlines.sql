-- Time limits that run: those of the acts, by rules that are data, and dates that people set.
--
-- A limit is counted from the legal day of what started it, in Swedish local time. A limit in months or years ends on
-- the day of the same number, or on the last day of a month that has none (lag 1930:173 1 §). A due day is never moved
-- to the next working day, though lag 1930:173 2 § would often allow it: whoever is on time here is on time there.

create function samsyn.legal_day(instant timestamptz) returns date
    language sql stable as $$ select (instant at time zone 'Europe/Stockholm')::date $$;
comment on function samsyn.legal_day is 'The calendar day of an instant in Swedish local time.';

create function samsyn.end_of_day(day date) returns timestamptz
    language sql stable as $$ select (day + 1)::timestamp at time zone 'Europe/Stockholm' $$;
comment on function samsyn.end_of_day is 'The first instant that is no longer this day in Swedish local time; a day may have 23, 24 or 25 hours.';

create function samsyn.due_at(trigger timestamptz, duration text) returns timestamptz
    language sql stable as $$
    select case
        when duration like 'PT%' then trigger + duration::interval
        when duration = 'immediately' then samsyn.end_of_day(samsyn.legal_day(trigger))
        else samsyn.end_of_day((samsyn.legal_day(trigger) + duration::interval)::date)
    end
$$;
comment on function samsyn.due_at is
    'The first instant at which a limit of this duration (see samsyn.deadline_rules) has passed. Hours are elapsed time; days, weeks, months and years are calendar days, and "immediately" is the same one.';

create function samsyn.due_on(trigger timestamptz, duration text) returns date
    language sql stable as $$
    select case
        when duration like 'PT%' then samsyn.legal_day(trigger + duration::interval)
        when duration = 'immediately' then samsyn.legal_day(trigger)
        else (samsyn.legal_day(trigger) + duration::interval)::date
    end
$$;
comment on function samsyn.due_on is 'The last legal day of a limit of this duration.';
grant execute on function samsyn.end_of_day to samsyn_api;

create table samsyn.deadlines (
    id uuid primary key,
    rule text,
    label text check (length(label) between 1 and 200),
    provision text,
    statute_word text,
    duration text,
    extension text,
    organisation_id uuid not null references samsyn.organisations,
    unit_id uuid not null references samsyn.organisations,
    case_id uuid references samsyn.cases,
    subject_id uuid,
    resource_id uuid,
    triggered_at timestamptz not null,
    due_on date not null,
    due_at timestamptz not null,
    extended_until date,
    extension_reason text check (length(extension_reason) between 1 and 2000),
    met_at timestamptz,
    met_by uuid references samsyn.assignments,
    created_by uuid references samsyn.assignments,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    revision bigint not null default 1,
    constraint deadlines_is_called_something check (rule is not null or label is not null),
    constraint deadlines_extension_has_reason check ((extended_until is null) = (extension_reason is null)),
    constraint deadlines_extension_is_later check (extended_until > due_on)
);
comment on table samsyn.deadlines is 'A time limit that runs for one organisation: by a rule of law, as it read on the day that started it, or a date that people set.';
comment on column samsyn.deadlines.rule is 'Code of samsyn.deadline_rules; null for a date that people set.';
comment on column samsyn.deadlines.provision is 'Provision, statute word, duration and extension are those of the wording that held on the legal day of triggered_at.';
comment on column samsyn.deadlines.resource_id is 'What it waits for, when that is a thing of its own: it is met by what becomes of that and not by hand.';
comment on column samsyn.deadlines.due_on is 'The last day as first counted or set; extended_until is the one that holds now, if any.';
comment on column samsyn.deadlines.due_at is 'From this instant it is late, extension included.';
create index deadlines_by_case on samsyn.deadlines (case_id, due_at, id);
create index deadlines_by_unit on samsyn.deadlines (unit_id, due_at, id) where met_at is null;
create index deadlines_by_resource on samsyn.deadlines (resource_id);
create trigger touch before update on samsyn.deadlines for each row execute function samsyn.touch();

create table samsyn.deadline_extensions (
    id uuid primary key,
    deadline_id uuid not null references samsyn.deadlines,
    until date not null,
    reason text not null check (length(reason) between 1 and 2000),
    decided_at timestamptz not null,
    decided_by uuid references samsyn.assignments
);
comment on table samsyn.deadline_extensions is 'Each decision to extend a time limit, for a set time and with its reason (SoL 20:3). Append only.';
create index deadline_extensions_by_deadline on samsyn.deadline_extensions (deadline_id, decided_at);
create trigger forbid_change before update or delete on samsyn.deadline_extensions
    for each row execute function samsyn.forbid_change();

create function samsyn.fill_deadline() returns trigger
    language plpgsql security definer set search_path = pg_catalog as $$
declare
    wording samsyn.deadline_rules;
    day date := samsyn.legal_day(new.triggered_at);
begin
    if new.rule is not null then
        select r.* into wording from samsyn.deadline_rules r
        where r.code = new.rule and day between r.valid_from and coalesce(r.valid_until, 'infinity');
        perform samsyn.require(wording.code is not null, 'INVALID_REFERENCE', '/body/rule');
        new.provision := wording.provision;
        new.statute_word := wording.statute_word;
        new.duration := wording.duration;
        new.extension := wording.extension;
    end if;
    if new.due_on is null then
        new.due_on := samsyn.due_on(new.triggered_at, wording.duration);
        new.due_at := samsyn.due_at(new.triggered_at, wording.duration);
    else
        new.due_at := samsyn.end_of_day(new.due_on);
    end if;
    new.subject_id := coalesce(new.subject_id, (select c.subject_id from samsyn.cases c where c.id = new.case_id));
    return new;
end
$$;
comment on function samsyn.fill_deadline is
    'Trigger: takes down the wording of the rule that held on the legal day of what started it, and counts the due day from it unless people set one. A rule that had no wording that day is refused.';
create trigger fill before insert on samsyn.deadlines for each row execute function samsyn.fill_deadline();

create function samsyn.apply_extension() returns trigger
    language plpgsql security definer set search_path = pg_catalog as $$
declare
    it samsyn.deadlines;
begin
    select d.* into it from samsyn.deadlines d where d.id = new.deadline_id for update;
    perform samsyn.require(it.met_at is null, 'ALREADY_ENDED');
    perform samsyn.require(coalesce(it.extension, '') !~ '^none', 'UNPROCESSABLE', '/body/until');
    perform samsyn.require(new.until > coalesce(it.extended_until, it.due_on), 'UNPROCESSABLE', '/body/until');
    update samsyn.deadlines d
    set extended_until = new.until, extension_reason = new.reason, due_at = samsyn.end_of_day(new.until)
    where d.id = it.id;
    return null;
end
$$;
comment on function samsyn.apply_extension is
    'Trigger: an extension moves the due day of a limit that runs, forward and only where its rule knows of extensions.';
create trigger apply after insert on samsyn.deadline_extensions for each row execute function samsyn.apply_extension();

create function samsyn.deadline_state(due_at timestamptz, extended_until date, met_at timestamptz) returns text
    language sql stable as $$
    select case
        when met_at is not null then 'met'
        when samsyn.now() >= due_at then 'late'
        when extended_until is not null then 'extended'
        else 'running' end
$$;
comment on function samsyn.deadline_state is 'met, however late; late when its time has passed, extensions included; extended or running while it lasts.';
grant execute on function samsyn.deadline_state to samsyn_api;

-- What other areas call. The organisation that must act is the one of the_unit, or the principal's own.

create function samsyn.add_deadline(the_rule text, the_label text, the_resource uuid, the_case uuid, the_subject uuid,
        the_unit uuid, trigger_at timestamptz, due date) returns uuid
    language plpgsql volatile set search_path = pg_catalog as $$
declare
    fresh uuid := samsyn.uuid7();
    responsible uuid := coalesce(the_unit, samsyn.unit());
begin
    insert into samsyn.deadlines (id, rule, label, organisation_id, unit_id, case_id, subject_id, resource_id, triggered_at,
        due_on, created_by)
    select fresh, the_rule, the_label, o.boundary_id, o.id, the_case, the_subject, the_resource, trigger_at, due, samsyn.assignment()
    from samsyn.organisations o where o.id = responsible;
    return fresh;
end
$$;
comment on function samsyn.add_deadline is 'Inserts a deadline; due null means counted by the rule. Only the two functions below call it.';

create function samsyn.start_deadline(rule text, the_resource uuid, the_case uuid, the_subject uuid, the_unit uuid,
        trigger_at timestamptz) returns uuid
    language plpgsql volatile security definer set search_path = pg_catalog as $$
begin
    perform samsyn.require(rule is not null, 'INVALID_REFERENCE', '/body/rule');
    return samsyn.add_deadline(rule, null, the_resource, the_case, the_subject, the_unit, trigger_at, null);
end
$$;
comment on function samsyn.start_deadline is
    'Starts the limit of a rule, as it read on the legal day of trigger_at, for the unit (the principal''s when null): about the resource, which may be null, on the case and about the subject, which may be null.';

create function samsyn.start_dated_deadline(rule text, the_label text, the_resource uuid, the_case uuid, the_subject uuid,
        the_unit uuid, due date) returns uuid
    language plpgsql volatile security definer set search_path = pg_catalog as $$
begin
    return samsyn.add_deadline(rule, the_label, the_resource, the_case, the_subject, the_unit, samsyn.now(), due);
end
$$;
comment on function samsyn.start_dated_deadline is
    'Starts a limit whose last day people have set: under a rule, whose provision it then shows, or under none, with a label that says what falls due.';

create function samsyn.meet_deadlines(rule text, the_resource uuid) returns void
    language plpgsql volatile security definer set search_path = pg_catalog as $$
begin
    update samsyn.deadlines d set met_at = samsyn.now(), met_by = samsyn.assignment()
    where d.resource_id = the_resource and (meet_deadlines.rule is null or d.rule = meet_deadlines.rule) and d.met_at is null;
end
$$;
comment on function samsyn.meet_deadlines is 'What was to be done about the resource under the rule has been done, now; every limit about it when rule is null.';

create function samsyn.extend_deadline(rule text, the_resource uuid, until date, reason text) returns void
    language plpgsql volatile security definer set search_path = pg_catalog as $$
declare
    it uuid := (select d.id from samsyn.deadlines d
        where d.resource_id = the_resource and d.rule is not distinct from extend_deadline.rule and d.met_at is null
        order by d.due_at desc limit 1);
begin
    perform samsyn.require(it is not null, 'CONFLICT');
    insert into samsyn.deadline_extensions (id, deadline_id, until, reason, decided_at, decided_by)
    values (samsyn.uuid7(), it, extend_deadline.until, extend_deadline.reason, samsyn.now(), samsyn.assignment());
end
$$;
comment on function samsyn.extend_deadline is
    'A decision to extend the limit about the resource. Refused when none runs (CONFLICT), when its rule knows of no extension, or when the day is not later than the one that holds (UNPROCESSABLE).';
grant execute on function samsyn.meet_deadlines to samsyn_api;

-- An information request is to be answered by the day that it names.

create function samsyn.time_request() returns trigger
    language plpgsql security definer set search_path = pg_catalog as $$
begin
    if tg_op = 'INSERT' then
        perform samsyn.start_dated_deadline(null, 'Answer an information request', new.id, new.case_id, null, p.unit_id, new.due_on)
        from samsyn.participants p
        where p.case_id = new.case_id and p.organisation_id = new.asked_id and p.active;
    elsif new.status not in ('open', 'partly-answered') then
        perform samsyn.meet_deadlines(null, new.id);
    end if;
    return null;
end
$$;
comment on function samsyn.time_request is 'Trigger: a request is a deadline of the organisation that is asked, until it is answered, refused or withdrawn.';
create trigger time after insert or update of status on samsyn.information_requests
    for each row execute function samsyn.time_request();

-- Who sees them: those of the organisation that must act who are related to the case; without a case, those who receive
-- concern reports for the unit. Other organisations of the case do not: what one has left to do is its own affair.

create function samsyn.unit_deadlines() returns uuid[]
    language plpgsql stable security definer set search_path = pg_catalog as $$
begin
    return array(select d.id from samsyn.deadlines d
        where d.unit_id = any (samsyn.receiving_units()) and d.case_id is null
            and (d.subject_id is null or d.subject_id <> all (samsyn.excluded_subjects()))
            and not exists (select from samsyn.concern_reports r
                where r.id = d.resource_id and r.subject_id = any (samsyn.excluded_subjects())));
end
$$;
comment on function samsyn.unit_deadlines is 'Deadlines that belong to no case, of the units for which the principal receives concern reports, unless excluded from the child, or from the child of the report that they wait for, for a conflict of interest.';
grant execute on function samsyn.unit_deadlines to samsyn_api;

call samsyn.protect('deadlines', 'deadline_extensions');
grant select, insert, update (met_at, met_by) on samsyn.deadlines to samsyn_api;
grant select, insert on samsyn.deadline_extensions to samsyn_api;
create policy read on samsyn.deadlines for select to samsyn_api using (
    (select samsyn.may('deadline:read')) and organisation_id = (select samsyn.organisation())
    and (case_id = any (array(select m.case_id from samsyn.my_cases m)) or id = any ((select samsyn.unit_deadlines())::uuid[])));
create policy add on samsyn.deadlines for insert to samsyn_api with check (
    (select samsyn.may('deadline:write')) and organisation_id = (select samsyn.organisation())
    and unit_id = (select samsyn.unit()) and created_by = (select samsyn.assignment())
    and case_id = any (array(select m.case_id from samsyn.my_cases m)));
create policy change on samsyn.deadlines for update to samsyn_api using (
    (select samsyn.may('deadline:write')) and organisation_id = (select samsyn.organisation())
    and (case_id = any (array(select m.case_id from samsyn.my_cases m)) or id = any ((select samsyn.unit_deadlines())::uuid[])));
create policy read on samsyn.deadline_extensions for select to samsyn_api using (
    (select samsyn.may('deadline:read')) and deadline_id in (select d.id from samsyn.deadlines d));
create policy add on samsyn.deadline_extensions for insert to samsyn_api with check (
    (select samsyn.may('deadline:write')) and decided_by = (select samsyn.assignment())
    and deadline_id in (select d.id from samsyn.deadlines d));

create view api.deadlines with (security_invoker = true) as
select d.id as resource, d.subject_id as subject, d.organisation_id as owner, null::text as ground, null::uuid as disclosure,
    d.revision::text || '-' || s.state || '-' || s.days_left as etag,
    json_strip_nulls(json_build_object('id', d.id, 'rule', d.rule, 'label', d.label, 'provision', d.provision,
        'statuteWord', d.statute_word, 'duration', d.duration, 'extension', d.extension,
        'organisationId', d.organisation_id, 'unitId', d.unit_id, 'unitName', samsyn.organisation_name(d.unit_id),
        'caseId', d.case_id, 'subjectId', d.subject_id, 'resourceId', d.resource_id,
        'triggeredAt', samsyn.utc(d.triggered_at), 'dueOn', s.due_on, 'dueAt', samsyn.utc(d.due_at), 'state', s.state,
        'daysLeft', case when d.met_at is null then s.days_left end,
        'extendable', d.met_at is null and coalesce(d.extension, '') !~ '^none',
        'completable', d.met_at is null and d.resource_id is null,
        'extensions', (select json_agg(json_strip_nulls(json_build_object('until', x.until, 'reason', x.reason,
                'decidedAt', samsyn.utc(x.decided_at), 'decidedBy', samsyn.assignment_name(x.decided_by))) order by x.decided_at, x.until)
            from samsyn.deadline_extensions x where x.deadline_id = d.id),
        'metAt', samsyn.utc(d.met_at), 'metBy', samsyn.assignment_name(d.met_by),
        'metLate', case when d.met_at is not null then d.met_at >= d.due_at end,
        'createdBy', samsyn.assignment_name(d.created_by), 'updatedAt', samsyn.utc(d.updated_at))) as body
from samsyn.deadlines d
cross join lateral (select samsyn.deadline_state(d.due_at, d.extended_until, d.met_at) as state,
    coalesce(d.extended_until, d.due_on) as due_on, coalesce(d.extended_until, d.due_on) - samsyn.today() as days_left) s;
comment on view api.deadlines is 'A deadline as it stands today; metLate says that it was met after its time, extensions included.';
grant select on api.deadlines to samsyn_api;

insert into samsyn.permissions (code, area, purpose, description) values
    ('deadline:read', 'content', 'care', 'See the time limits that run for ones organisation on ones cases and in ones unit'),
    ('deadline:write', 'content', 'care', 'Register time limits, extend and meet them');
update samsyn.roles set permissions = permissions || '{deadline:read}' where code in ('case-worker', 'unit-manager', 'professional');
update samsyn.roles set permissions = permissions || '{deadline:write}' where code in ('case-worker', 'unit-manager');
