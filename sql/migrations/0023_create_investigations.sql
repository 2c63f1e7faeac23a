-- Investigations of a child's need of protection or support (SoL 20:2-6): opened by the decision on a concern report,
-- extended, told of, and closed.

create table samsyn.investigations (
    id uuid primary key,
    case_id uuid not null references samsyn.cases,
    organisation_id uuid not null references samsyn.organisations,
    unit_id uuid not null references samsyn.organisations,
    subject_id uuid not null references samsyn.subjects,
    opened_at timestamptz not null default samsyn.now(),
    opened_by uuid not null references samsyn.assignments,
    closed_at timestamptz,
    updated_at timestamptz not null default samsyn.now(),
    revision bigint not null default 1
);
comment on table samsyn.investigations is 'Social services'' investigation of a child''s need of protection or support, on a case (SoL 20:2-3). Whoever takes part in the case may know that it is open; what it says is in other tables.';
create unique index investigations_open_key on samsyn.investigations (organisation_id, subject_id) where closed_at is null;
create index investigations_by_case on samsyn.investigations (case_id, opened_at, id);
create trigger touch before update on samsyn.investigations for each row execute function samsyn.touch();
create trigger forbid_when_closed before insert on samsyn.investigations
    for each row execute function samsyn.forbid_when_closed();
alter table samsyn.concern_reports add foreign key (investigation_id) references samsyn.investigations;

create table samsyn.investigation_extensions (
    id uuid primary key,
    investigation_id uuid not null references samsyn.investigations,
    organisation_id uuid not null references samsyn.organisations,
    until date not null,
    reason text not null check (length(reason) between 1 and 2000),
    child_view jsonb not null,
    decided_at timestamptz not null default samsyn.now(),
    decided_by uuid not null references samsyn.assignments
);
comment on table samsyn.investigation_extensions is 'Decisions to extend an investigation beyond four months, for a set time and for special reasons (SoL 20:3).';
create table samsyn.investigation_notices (
    id uuid primary key,
    investigation_id uuid not null references samsyn.investigations,
    organisation_id uuid not null references samsyn.organisations,
    informed text[] not null check (cardinality(informed) <= 10),
    text text check (length(text) between 1 and 2000),
    withheld_reason text check (length(withheld_reason) between 1 and 2000),
    given_at timestamptz not null default samsyn.now(),
    given_by uuid not null references samsyn.assignments,
    check ((withheld_reason is null) = (cardinality(informed) > 0))
);
comment on table samsyn.investigation_notices is 'That those whom an investigation affects were told of it at once, or why not (SoL 20:4).';
create table samsyn.care_applications (
    id uuid primary key,
    investigation_id uuid not null references samsyn.investigations,
    organisation_id uuid not null references samsyn.organisations,
    applied_on date not null,
    registered_at timestamptz not null default samsyn.now(),
    registered_by uuid not null references samsyn.assignments
);
comment on table samsyn.care_applications is 'That care under LVU was applied for, and when: the date alone, never the content.';
create table samsyn.investigation_closures (
    id uuid primary key,
    investigation_id uuid not null unique references samsyn.investigations,
    organisation_id uuid not null references samsyn.organisations,
    child_needs text not null check (length(child_needs) between 1 and 20000),
    parents_capacity text not null check (length(parents_capacity) between 1 and 20000),
    how_met text not null check (length(how_met) between 1 and 20000),
    outcome text not null check (outcome in ('intervention', 'no-intervention')),
    child_view jsonb not null,
    best_interests text not null check (length(best_interests) between 1 and 20000),
    closed_at timestamptz not null default samsyn.now(),
    closed_by uuid not null references samsyn.assignments
);
comment on table samsyn.investigation_closures is 'What an investigation found: the child''s needs, the parents'' capacity, how the need is to be met.';
create index investigation_extensions_by_investigation on samsyn.investigation_extensions (investigation_id);
create index investigation_notices_by_investigation on samsyn.investigation_notices (investigation_id);
create index care_applications_by_investigation on samsyn.care_applications (investigation_id);

do $$
declare
    name text;
begin
    foreach name in array array['investigation_extensions', 'investigation_notices', 'care_applications', 'investigation_closures'] loop
        execute format('create trigger forbid_change before update or delete on samsyn.%I for each row execute function samsyn.forbid_change()', name);
    end loop;
end
$$;

-- How one is opened ---------------------------------------------------------------------------------------------------

create function samsyn.case_for_investigation(report samsyn.concern_reports, body jsonb) returns uuid
    language plpgsql volatile security definer set search_path = pg_catalog as $$
declare
    fresh uuid := samsyn.uuid7();
    chosen samsyn.cases;
begin
    if body ? 'caseId' then
        select c.* into chosen from samsyn.cases c
        where c.id = (body ->> 'caseId')::uuid and c.id = any (array(select m.case_id from samsyn.my_cases m))
            and c.organisation_id = report.organisation_id and c.subject_id = report.subject_id
        for share;
        perform samsyn.require(chosen.id is not null, 'INVALID_REFERENCE', '/body/caseId');
        perform samsyn.require(chosen.status = 'open', 'CASE_CLOSED');
        return chosen.id;
    end if;
    perform samsyn.require(samsyn.may('case:write'), 'ROLE_NOT_ALLOWED', '/body/caseTitle');
    insert into samsyn.cases (id, reference, subject_id, organisation_id, unit_id, title, opened_by)
    values (fresh, samsyn.fresh_reference(), report.subject_id, samsyn.organisation(), samsyn.unit(), body ->> 'caseTitle',
        samsyn.assignment());
    return fresh;
end
$$;
comment on function samsyn.case_for_investigation is
    'The case on which an investigation is opened: an open one about the child that the own organisation leads and the principal works on, or a new one of the principal''s unit.';

create function samsyn.open_investigation(report samsyn.concern_reports, body jsonb) returns samsyn.investigations
    language plpgsql volatile security definer set search_path = pg_catalog as $$
declare
    it samsyn.investigations;
begin
    perform samsyn.require(report.subject_id is not null, 'UNPROCESSABLE', '/body/outcome');
    insert into samsyn.investigations (id, case_id, organisation_id, unit_id, subject_id, opened_by)
    values (samsyn.uuid7(), samsyn.case_for_investigation(report, body), samsyn.organisation(), samsyn.unit(), report.subject_id,
        samsyn.assignment())
    returning * into it;
    perform samsyn.start_deadline(rule, it.id, it.case_id, it.subject_id, it.unit_id, it.opened_at)
    from unnest(array['CHILD_INVESTIGATION', 'INFORM_ON_INVESTIGATION']) rule;
    return it;
end
$$;
comment on function samsyn.open_investigation is
    'Opens an investigation about the child of a received report, whom one must know by then. That none is open already is decided by a constraint.';

create function samsyn.decide_concern_report(report uuid, decision uuid, body jsonb) returns void
    language plpgsql volatile security definer set search_path = pg_catalog as $$
declare
    r samsyn.concern_reports;
    it samsyn.investigations;
begin
    select c.* into r from samsyn.concern_reports c where c.id = report for update;
    perform samsyn.require(r.state <> 'awaiting-assessment', 'CONFLICT');
    perform samsyn.require(r.state = 'awaiting-decision', 'ALREADY_ANSWERED');
    select i.* into it from samsyn.investigations i
    where i.organisation_id = r.organisation_id and i.subject_id = r.subject_id and i.closed_at is null;
    perform samsyn.require((body ->> 'outcome' = 'already-open') = (it.id is not null), 'CONFLICT', '/body/outcome');
    if body ->> 'outcome' = 'open' then
        it := samsyn.open_investigation(r, body);
    end if;
    insert into samsyn.preliminary_decisions (id, concern_report_id, organisation_id, outcome, reason, child_view, best_interests, decided_by)
    values (decision, r.id, r.organisation_id, body ->> 'outcome', body ->> 'reason', body -> 'childView', body ->> 'bestInterests',
        samsyn.assignment());
    update samsyn.concern_reports c
    set state = case body ->> 'outcome' when 'open' then 'opened' when 'not-open' then 'not-opened' else 'already-open' end,
        case_id = it.case_id, investigation_id = it.id
    where c.id = r.id;
    perform samsyn.meet_deadlines('PRELIMINARY_ASSESSMENT', r.id);
    perform samsyn.await_feedback(r.id);
end
$$;
comment on function samsyn.decide_concern_report is
    'The preliminary decision on a received report (SoL 20:2), once: the report''s row is locked. open makes an investigation, already-open names the one that runs.';

-- What happens in it --------------------------------------------------------------------------------------------------

create function samsyn.require_own_investigation(investigation uuid) returns void
    language plpgsql stable set search_path = pg_catalog as $$
begin
    perform samsyn.require_own((select i.organisation_id from samsyn.investigations i where i.id = investigation));
end
$$;
comment on function samsyn.require_own_investigation is
    'Refuses unless the principal''s organisation conducts the investigation. Runs with the caller''s rights.';

create function samsyn.note_investigation() returns trigger
    language plpgsql security definer set search_path = pg_catalog as $$
begin
    update samsyn.investigations i
    set closed_at = case tg_table_name when 'investigation_closures' then samsyn.now() end
    where i.id = new.investigation_id and samsyn.require(i.closed_at is null, 'ALREADY_ENDED');
    case tg_table_name
        when 'investigation_extensions' then
            perform samsyn.extend_deadline('CHILD_INVESTIGATION', new.investigation_id, new.until, new.reason);
        when 'investigation_notices' then
            perform samsyn.meet_deadlines('INFORM_ON_INVESTIGATION', new.investigation_id) where cardinality(new.informed) > 0;
        when 'investigation_closures' then perform samsyn.meet_deadlines('CHILD_INVESTIGATION', new.investigation_id);
        else null;
    end case;
    return new;
end
$$;
comment on function samsyn.note_investigation is
    'Trigger: what is added to an investigation while it is open is a new revision of it; a closure ends it, an extension moves its time. Before the insert, so that of two closures one waits for the row and is refused.';
do $$
declare
    name text;
begin
    foreach name in array array['investigation_extensions', 'investigation_notices', 'care_applications', 'investigation_closures'] loop
        execute format('create trigger note before insert on samsyn.%I for each row execute function samsyn.note_investigation()', name);
    end loop;
end
$$;

-- Who sees what -----------------------------------------------------------------------------------------------------

call samsyn.protect('investigations', 'investigation_extensions', 'investigation_notices', 'care_applications', 'investigation_closures');

grant select on samsyn.investigations to samsyn_api;
create policy read on samsyn.investigations for select to samsyn_api using (
    (select samsyn.may('case:read'))
    and (case_id = any (array(select m.case_id from samsyn.my_cases m))
        or (organisation_id = (select samsyn.organisation()) and case_id = any (array(select m.case_id from samsyn.my_held_cases m)))));

grant select, insert on samsyn.investigation_extensions, samsyn.investigation_notices, samsyn.care_applications,
    samsyn.investigation_closures to samsyn_api;
do $$
declare
    it record;
begin
    for it in select * from (values ('investigation_extensions', 'decided_by'), ('investigation_notices', 'given_by'),
            ('care_applications', 'registered_by'), ('investigation_closures', 'closed_by')) of (name, actor) loop
        execute format('create policy read on samsyn.%I for select to samsyn_api using (
            (select samsyn.may(''case:read'')) and organisation_id = (select samsyn.organisation())
            and investigation_id in (select i.id from samsyn.investigations i))', it.name);
        execute format('create policy add on samsyn.%I for insert to samsyn_api with check (
            (select samsyn.may(''investigation:write'')) and organisation_id = (select samsyn.organisation())
            and %I = (select samsyn.assignment())
            and investigation_id in (select i.id from samsyn.investigations i where i.organisation_id = (select samsyn.organisation())))',
            it.name, it.actor);
    end loop;
end
$$;

grant execute on function samsyn.decide_concern_report, samsyn.require_own_investigation to samsyn_api;

-- What replies show ---------------------------------------------------------------------------------------------------

create view api.investigations with (security_invoker = true) as
select i.id as resource, i.subject_id as subject, i.organisation_id as owner, mine.ground, null::uuid as disclosure,
    case when own.it then i.revision::text else 'status-' || state.it end as etag,
    json_strip_nulls(json_build_object('id', i.id, 'caseId', i.case_id, 'organisationId', i.organisation_id,
        'organisationName', samsyn.organisation_name(i.organisation_id), 'state', state.it, 'shown', case when own.it then 'full' else 'status' end,
        'subjectId', case when own.it then i.subject_id end,
        'openedAt', case when own.it then samsyn.utc(i.opened_at) end,
        'openedBy', case when own.it then samsyn.assignment_name(i.opened_by) end,
        'dueOn', case when own.it then samsyn.last_day('CHILD_INVESTIGATION', i.id) end,
        'extensions', (select json_agg(json_build_object('until', x.until, 'reason', x.reason, 'childView', x.child_view,
                'decidedAt', samsyn.utc(x.decided_at), 'decidedBy', samsyn.assignment_name(x.decided_by)) order by x.decided_at, x.id)
            from samsyn.investigation_extensions x where x.investigation_id = i.id),
        'notices', (select json_agg(json_build_object('informed', n.informed, 'text', n.text, 'withheldReason', n.withheld_reason,
                'givenAt', samsyn.utc(n.given_at), 'givenBy', samsyn.assignment_name(n.given_by)) order by n.given_at, n.id)
            from samsyn.investigation_notices n where n.investigation_id = i.id),
        'careApplications', (select json_agg(json_build_object('appliedOn', a.applied_on, 'registeredAt', samsyn.utc(a.registered_at),
                'registeredBy', samsyn.assignment_name(a.registered_by)) order by a.registered_at, a.id)
            from samsyn.care_applications a where a.investigation_id = i.id),
        'closure', (select json_build_object('childNeeds', c.child_needs, 'parentsCapacity', c.parents_capacity, 'howMet', c.how_met,
                'outcome', c.outcome, 'childView', c.child_view, 'bestInterests', c.best_interests, 'closedAt', samsyn.utc(c.closed_at),
                'closedBy', samsyn.assignment_name(c.closed_by))
            from samsyn.investigation_closures c where c.investigation_id = i.id),
        'updatedAt', case when own.it then samsyn.utc(i.updated_at) end)) as body
from samsyn.investigations i
left join samsyn.participants mine
    on mine.case_id = i.case_id and mine.organisation_id = (select samsyn.organisation()) and mine.active
cross join lateral (select i.organisation_id = (select samsyn.organisation()) as it) own
cross join lateral (select case when i.closed_at is null then 'open' else 'closed' end as it) state;
comment on view api.investigations is 'An investigation in full to the organisation that conducts it; to the others on the case that it is open or closed, on the ground on which they take part.';

grant select on api.investigations to samsyn_api;

insert into samsyn.permissions (code, area, purpose, in_emergency, description) values
    ('investigation:write', 'content', 'care', false, 'Conduct investigations of a child''s need of protection or support');
update samsyn.roles set permissions = permissions || '{investigation:write}' where code in ('case-worker', 'unit-manager');
