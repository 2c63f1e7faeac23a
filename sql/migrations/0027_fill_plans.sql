-- What a plan consists of: needs, goals, interventions, what others do, meetings, and what child and guardians think.

create table samsyn.plan_needs (
    id uuid primary key,
    plan_id uuid not null references samsyn.plans,
    area text not null,
    description text not null check (length(description) between 1 and 5000),
    created_by uuid not null references samsyn.assignments,
    created_at timestamptz not null default now(),
    updated_by uuid references samsyn.assignments,
    updated_at timestamptz not null default now(),
    revision bigint not null default 1
);
comment on table samsyn.plan_needs is 'What the child needs, by area of the BBIC triangle (samsyn.bbic_areas).';

create table samsyn.plan_goals (
    id uuid primary key,
    plan_id uuid not null references samsyn.plans,
    need_id uuid not null references samsyn.plan_needs,
    description text not null check (length(description) between 1 and 5000),
    indicator text check (length(indicator) between 1 and 2000),
    created_by uuid not null references samsyn.assignments,
    created_at timestamptz not null default now(),
    updated_by uuid references samsyn.assignments,
    updated_at timestamptz not null default now(),
    revision bigint not null default 1
);
comment on table samsyn.plan_goals is 'What is to be reached for a need, and how one will know.';

create table samsyn.plan_interventions (
    id uuid primary key,
    plan_id uuid not null references samsyn.plans,
    goal_id uuid not null references samsyn.plan_goals,
    participant_id uuid not null references samsyn.participants,
    organisation_id uuid not null references samsyn.organisations,
    description text not null check (length(description) between 1 and 5000),
    due_on date not null,
    status text not null default 'planned' check (status in ('planned', 'ongoing', 'done', 'cancelled')),
    document_reference text check (length(document_reference) between 1 and 200),
    record_id uuid references samsyn.records,
    created_by uuid not null references samsyn.assignments,
    created_at timestamptz not null default now(),
    updated_by uuid references samsyn.assignments,
    updated_at timestamptz not null default now(),
    revision bigint not null default 1
);
comment on table samsyn.plan_interventions is 'What one party does for a goal, and by when. That party alone edits it and reports on it, while it is a party.';
comment on column samsyn.plan_interventions.document_reference is 'What a document is called where it is kept, such as an individual development plan or an action programme of a school; never the document.';
comment on column samsyn.plan_interventions.record_id is 'The responsible party''s own record behind it: shown to that party alone, and read on a ground of its own.';

create table samsyn.plan_follow_ups (
    id uuid primary key,
    plan_id uuid not null references samsyn.plans,
    intervention_id uuid not null references samsyn.plan_interventions,
    status text not null check (status in ('planned', 'ongoing', 'done', 'cancelled')),
    note text not null check (length(note) between 1 and 5000),
    created_by uuid not null references samsyn.assignments,
    created_at timestamptz not null default samsyn.now()
);
comment on table samsyn.plan_follow_ups is 'How an intervention goes, each time its party reports on it. Append only.';
create index plan_follow_ups_by_intervention on samsyn.plan_follow_ups (intervention_id, created_at);

create table samsyn.plan_measures (
    id uuid primary key,
    plan_id uuid not null references samsyn.plans,
    actor text not null check (length(actor) between 1 and 200),
    description text not null check (length(description) between 1 and 5000),
    created_by uuid not null references samsyn.assignments,
    created_at timestamptz not null default now(),
    updated_by uuid references samsyn.assignments,
    updated_at timestamptz not null default now(),
    revision bigint not null default 1
);
comment on table samsyn.plan_measures is 'What others than the parties do: relatives, associations, other authorities (SoL 10:9).';

create table samsyn.plan_meetings (
    id uuid primary key,
    plan_id uuid not null references samsyn.plans,
    planned_at timestamptz not null,
    due_on date not null,
    purpose text not null check (length(purpose) between 1 and 2000),
    agenda text not null check (length(agenda) between 1 and 5000),
    held_at timestamptz,
    attendees text[] check (cardinality(attendees) <= 50),
    child_attended boolean,
    guardian_ids uuid[] check (cardinality(guardian_ids) <= 20),
    outcome text check (length(outcome) between 1 and 10000),
    next_step text check (length(next_step) between 1 and 5000),
    next_meeting_id uuid,
    created_by uuid not null references samsyn.assignments,
    created_at timestamptz not null default now(),
    updated_by uuid references samsyn.assignments,
    updated_at timestamptz not null default now(),
    revision bigint not null default 1,
    constraint plan_meetings_outcome_is_whole check (num_nonnulls(held_at, attendees, child_attended, guardian_ids, outcome, next_step) in (0, 6))
);
comment on table samsyn.plan_meetings is 'Follow-up meetings: who, why, what is to be reached, and afterwards what came of it and what is next.';
comment on column samsyn.plan_meetings.due_on is 'The day of the deadline that waits for it: the latest day for which it was ever planned.';
comment on column samsyn.plan_meetings.held_at is 'When the outcome was recorded.';

create table samsyn.plan_views (
    id uuid primary key,
    plan_id uuid not null references samsyn.plans,
    stage text not null check (stage in ('planning', 'decision', 'follow-up')),
    meeting_id uuid references samsyn.plan_meetings,
    kind text not null check (kind in ('child', 'guardian')),
    guardian_id uuid references samsyn.guardians,
    view text check (length(view) between 1 and 10000),
    absence_reason text check (length(absence_reason) between 1 and 2000),
    form text check (form in ('conversation', 'written', 'drawing', 'sign-language', 'interpreter', 'digital', 'representative')),
    expressed_on date,
    listened_by text check (length(listened_by) between 1 and 200),
    created_by uuid references samsyn.assignments,
    created_at timestamptz not null default samsyn.now(),
    constraint plan_views_guardian_is_named check ((kind = 'guardian') = (guardian_id is not null)),
    constraint plan_views_follow_up_is_of_meeting check ((stage = 'follow-up') = (meeting_id is not null)),
    constraint plan_views_view_or_reason check (num_nonnulls(view, absence_reason) = 1
        and (view is null) = (form is null) and (view is null) = (expressed_on is null)),
    constraint plan_views_somebody_listened check (view is null or created_by is null or listened_by is not null)
);
comment on table samsyn.plan_views is 'What the child and each guardian think, in their own words, at each stage of the plan, or why it is not there (FB 6:11, SoL 11 ch., Convention on the Rights of the Child art. 12). Append only.';
comment on column samsyn.plan_views.created_by is 'Who wrote it down; null when the child or the guardian left it themselves.';

do $$
declare
    name text;
begin
    foreach name in array array['plan_needs', 'plan_goals', 'plan_interventions', 'plan_measures', 'plan_meetings', 'plan_views'] loop
        execute format('create index %I on samsyn.%I (plan_id, created_at, id)', name || '_by_plan', name);
    end loop;
    foreach name in array array['plan_needs', 'plan_goals', 'plan_interventions', 'plan_measures', 'plan_meetings'] loop
        execute format('create trigger touch before update on samsyn.%I for each row execute function samsyn.touch()', name);
    end loop;
    foreach name in array array['plan_follow_ups', 'plan_views'] loop
        execute format('create trigger forbid_change before update or delete on samsyn.%I for each row execute function samsyn.forbid_change()', name);
    end loop;
end
$$;

-- What the parts of a plan read, in the plan and by themselves --------------------------------------------------------

create function samsyn.plan_need_body(n samsyn.plan_needs) returns jsonb
    language sql stable as $$
    select jsonb_build_object('id', n.id, 'planId', n.plan_id, 'area', n.area, 'description', n.description)
        || samsyn.plan_signature(n.created_at, n.created_by, n.updated_at, n.updated_by)
$$;
create function samsyn.plan_goal_body(g samsyn.plan_goals) returns jsonb
    language sql stable as $$
    select jsonb_strip_nulls(jsonb_build_object('id', g.id, 'planId', g.plan_id, 'needId', g.need_id, 'description', g.description,
        'indicator', g.indicator)) || samsyn.plan_signature(g.created_at, g.created_by, g.updated_at, g.updated_by)
$$;
create function samsyn.plan_intervention_body(i samsyn.plan_interventions, viewer uuid default null) returns jsonb
    language sql stable as $$
    select jsonb_strip_nulls(jsonb_build_object('id', i.id, 'planId', i.plan_id, 'goalId', i.goal_id, 'participantId', i.participant_id,
        'organisationId', i.organisation_id, 'organisationName', samsyn.organisation_name(i.organisation_id),
        'description', i.description, 'dueOn', i.due_on, 'status', i.status, 'documentReference', i.document_reference,
        'recordId', case when i.organisation_id = viewer then i.record_id end,
        'followUps', coalesce((select jsonb_agg(jsonb_build_object('status', f.status, 'note', f.note,
                'followedUpAt', samsyn.utc(f.created_at), 'followedUpBy', samsyn.assignment_name(f.created_by)) order by f.created_at, f.id)
            from samsyn.plan_follow_ups f where f.intervention_id = i.id), '[]')))
        || samsyn.plan_signature(i.created_at, i.created_by, i.updated_at, i.updated_by)
$$;
create function samsyn.plan_measure_body(m samsyn.plan_measures) returns jsonb
    language sql stable as $$
    select jsonb_build_object('id', m.id, 'planId', m.plan_id, 'actor', m.actor, 'description', m.description)
        || samsyn.plan_signature(m.created_at, m.created_by, m.updated_at, m.updated_by)
$$;
create function samsyn.plan_meeting_body(m samsyn.plan_meetings) returns jsonb
    language sql stable as $$
    select jsonb_strip_nulls(jsonb_build_object('id', m.id, 'planId', m.plan_id, 'plannedAt', samsyn.utc(m.planned_at),
        'purpose', m.purpose, 'agenda', m.agenda, 'state', case when m.held_at is null then 'planned' else 'held' end,
        'attendees', m.attendees, 'childAttended', m.child_attended, 'guardianIdsAttended', m.guardian_ids,
        'outcome', m.outcome, 'nextStep', m.next_step, 'nextMeetingId', m.next_meeting_id, 'recordedAt', samsyn.utc(m.held_at)))
        || samsyn.plan_signature(m.created_at, m.created_by, m.updated_at, m.updated_by)
$$;
create function samsyn.plan_view_body(v samsyn.plan_views) returns jsonb
    language sql stable as $$
    select jsonb_strip_nulls(jsonb_build_object('id', v.id, 'planId', v.plan_id, 'stage', v.stage, 'meetingId', v.meeting_id,
        'kind', v.kind, 'guardianId', v.guardian_id, 'view', v.view, 'absenceReason', v.absence_reason, 'form', v.form,
        'expressedOn', v.expressed_on, 'listenedBy', v.listened_by, 'inOwnHand', v.created_by is null,
        'recordedAt', samsyn.utc(v.created_at), 'recordedBy', samsyn.assignment_name(v.created_by)))
$$;
comment on function samsyn.plan_need_body is 'A need as replies show it.';
comment on function samsyn.plan_goal_body is 'A goal as replies show it.';
comment on function samsyn.plan_intervention_body is 'An intervention as replies show it to the viewer''s organisation: the record behind it only to its owner.';
comment on function samsyn.plan_measure_body is 'Another actor''s measure as replies show it.';
comment on function samsyn.plan_meeting_body is 'A meeting as replies show it.';
comment on function samsyn.plan_view_body is 'A view, or the reason for its absence, as replies show it.';

create function samsyn.plan_guardians(the_plan uuid) returns setof uuid
    language plpgsql stable security definer set search_path = pg_catalog as $$
begin
    return query
        select g.id from samsyn.plans p
        join samsyn.cases c on c.id = p.case_id
        join samsyn.subjects s on s.id = c.subject_id
        join samsyn.guardians g on g.subject_id = s.id and samsyn.has_custody(g.kind)
        where p.id = the_plan and samsyn.age(s.birth_date, samsyn.today()) < 18
            and samsyn.today() between g.starts_on and coalesce(g.ends_on, 'infinity')
        order by g.id;
end
$$;
comment on function samsyn.plan_guardians is 'Guardians who have custody of the plan''s child today; none of somebody of age.';

create function samsyn.missing_plan_views(the_plan uuid, the_stage text, the_meeting uuid)
    returns table (stage text, meeting_id uuid, kind text, guardian_id uuid)
    language plpgsql stable security definer set search_path = pg_catalog as $$
begin
    return query
        select the_stage, the_meeting, due.kind, due.guardian
        from (select 'child' as kind, null::uuid as guardian
            union all
            select 'guardian', g from samsyn.plan_guardians(the_plan) g) due
        where not exists (select from samsyn.plan_views v
            where v.plan_id = the_plan and v.stage = the_stage and v.meeting_id is not distinct from the_meeting
                and v.kind = due.kind and v.guardian_id is not distinct from due.guardian)
        order by due.kind, due.guardian;
end
$$;
comment on function samsyn.missing_plan_views is 'Of whom neither a view nor the reason for its absence is there, at a stage and, for a follow-up, a meeting.';

-- Writing the parts --------------------------------------------------------------------------------------------------------

create function samsyn.check_plan_part() returns trigger
    language plpgsql security definer set search_path = pg_catalog as $$
declare
    so_many bigint;
begin
    if tg_op = 'INSERT' then
        execute format('select count(*) from samsyn.%I where plan_id = $1', tg_table_name) into so_many using new.plan_id;
        perform samsyn.require(so_many < tg_argv[0]::bigint, 'CONFLICT');
    end if;
    return new;
end
$$;
comment on function samsyn.check_plan_part is 'Trigger: a plan has no more parts of a kind than its argument says; the lock on the plan makes the count hold.';

create function samsyn.note_plan_change() returns trigger
    language plpgsql security definer set search_path = pg_catalog as $$
declare
    earlier jsonb;
begin
    if tg_op = 'UPDATE' then
        execute format('select samsyn.%I($1)', tg_argv[0] || '_body') into earlier using old;
    end if;
    insert into samsyn.plan_changes (id, plan_id, part, part_id, before, changed_by)
    values (samsyn.uuid7(), new.plan_id, replace(tg_argv[0], 'plan_', ''), new.id, earlier, samsyn.assignment());
    update samsyn.plans p set updated_at = now(), updated_by = coalesce(samsyn.assignment(), p.updated_by) where p.id = new.plan_id;
    return null;
end
$$;
comment on function samsyn.note_plan_change is 'Trigger: what is added to a plan or changed in it is noted with who, when and what stood before, and is a new revision of the plan.';

do $$
declare
    part record;
begin
    for part in values ('plan_needs', 'plan_need', 100), ('plan_goals', 'plan_goal', 100), ('plan_interventions', 'plan_intervention', 100),
            ('plan_measures', 'plan_measure', 100), ('plan_meetings', 'plan_meeting', 100), ('plan_views', 'plan_view', 500) loop
        execute format('create trigger check_plan_part before insert on samsyn.%I for each row execute function samsyn.check_plan_part(%L)', part.column1, part.column3);
        execute format('create trigger note_plan_change after insert or update on samsyn.%I for each row execute function samsyn.note_plan_change(%L)', part.column1, part.column2);
    end loop;
end
$$;
create trigger check_plan_part before insert on samsyn.plan_follow_ups for each row execute function samsyn.check_plan_part('1000');

create function samsyn.check_plan_need() returns trigger
    language plpgsql security definer set search_path = pg_catalog as $$
begin
    perform samsyn.require(exists (select from samsyn.bbic_areas a where a.code = new.area), 'INVALID_REFERENCE', '/body/area');
    perform samsyn.require(samsyn.consent_covers_area((select p.consent_id from samsyn.plans p where p.id = new.plan_id), new.area),
        'GROUND_SCOPE', '/body/area');
    return new;
end
$$;
comment on function samsyn.check_plan_need is 'Trigger: a need is of an area that there is, and of which the plan''s consent covers a category.';
create trigger check_plan_need before insert or update of area on samsyn.plan_needs for each row execute function samsyn.check_plan_need();

create function samsyn.place_intervention() returns trigger
    language plpgsql security definer set search_path = pg_catalog as $$
begin
    perform samsyn.require(exists (select from samsyn.plan_goals g where g.id = new.goal_id and g.plan_id = new.plan_id),
        'INVALID_REFERENCE', '/body/goalId');
    if tg_op = 'INSERT' then
        new.organisation_id := (select x.organisation_id from samsyn.plan_parties x
            where x.plan_id = new.plan_id and x.participant_id = new.participant_id and x.left_at is null);
        perform samsyn.require(new.organisation_id is not null, 'INVALID_REFERENCE', '/body/participantId');
    end if;
    perform samsyn.require(new.record_id is null or exists (select from samsyn.records r join samsyn.plans p on p.case_id = r.case_id
        where r.id = new.record_id and p.id = new.plan_id and r.organisation_id = new.organisation_id
            and (r.organisation_id = samsyn.organisation() or new.record_id = old.record_id)), 'INVALID_REFERENCE', '/body/recordId');
    return new;
end
$$;
comment on function samsyn.place_intervention is 'Trigger: an intervention is for a goal of its plan and of one of its parties, who alone names the record of its own behind it.';
create trigger place before insert or update on samsyn.plan_interventions for each row execute function samsyn.place_intervention();

create function samsyn.require_intervention_work(the_intervention uuid) returns void
    language plpgsql stable security definer set search_path = pg_catalog as $$
begin
    perform samsyn.require(exists (
        select from samsyn.plan_interventions i join samsyn.plans p on p.id = i.plan_id
        where i.id = the_intervention
            and (i.organisation_id = samsyn.organisation()
                or (p.organisation_id = samsyn.organisation() and not exists (select from samsyn.plan_parties x
                    where x.plan_id = p.id and x.organisation_id = i.organisation_id and x.left_at is null)))), 'NOT_OWNER');
end
$$;
comment on function samsyn.require_intervention_work is 'Refuses unless the intervention is the principal''s organisation''s own, or its party has left the plan and the principal''s organisation leads it.';

create function samsyn.take_follow_up() returns trigger
    language plpgsql security definer set search_path = pg_catalog as $$
begin
    update samsyn.plan_interventions i set status = new.status, updated_by = new.created_by
    where i.id = new.intervention_id and i.plan_id = new.plan_id;
    return null;
end
$$;
comment on function samsyn.take_follow_up is 'Trigger: an intervention has the status of the latest report on it.';
create trigger take_follow_up after insert on samsyn.plan_follow_ups for each row execute function samsyn.take_follow_up();

create function samsyn.check_plan_view() returns trigger
    language plpgsql security definer set search_path = pg_catalog as $$
begin
    perform samsyn.require((new.stage = 'follow-up') = (new.meeting_id is not null), 'UNPROCESSABLE', '/body/meetingId');
    perform samsyn.require(new.meeting_id is null or exists (select from samsyn.plan_meetings m where m.id = new.meeting_id and m.plan_id = new.plan_id),
        'INVALID_REFERENCE', '/body/meetingId');
    perform samsyn.require((new.kind = 'guardian') = (new.guardian_id is not null), 'UNPROCESSABLE', '/body/guardianId');
    perform samsyn.require(new.guardian_id is null or new.guardian_id in (select g from samsyn.plan_guardians(new.plan_id) g),
        'INVALID_REFERENCE', '/body/guardianId');
    perform samsyn.require(new.expressed_on is null or new.expressed_on <= samsyn.today(), 'UNPROCESSABLE', '/body/expressedOn');
    return new;
end
$$;
comment on function samsyn.check_plan_view is 'Trigger: a view is of the child or of a guardian in custody today, and at a follow-up about a meeting of the plan.';
create trigger check_plan_view before insert on samsyn.plan_views for each row execute function samsyn.check_plan_view();

create function samsyn.require_plan_views(the_plan uuid, the_stage text, the_meeting uuid) returns void
    language plpgsql stable security definer set search_path = pg_catalog as $$
declare
    missing record;
begin
    select m.* into missing from samsyn.missing_plan_views(the_plan, the_stage, the_meeting) m limit 1;
    if found then
        perform samsyn.refuse('UNPROCESSABLE', '/views/' || the_stage || '/' || coalesce('guardians/' || missing.guardian_id, 'child'));
    end if;
end
$$;
comment on function samsyn.require_plan_views is
    'Refuses at the first of child and guardians of whom neither a view nor the reason for its absence is there for the stage; the pointer says whose (FB 6:11, Convention on the Rights of the Child art. 12).';

create function samsyn.set_meeting_deadline() returns trigger
    language plpgsql security definer set search_path = pg_catalog as $$
declare
    c samsyn.cases;
    day date := samsyn.legal_day(new.planned_at);
begin
    select k.* into c from samsyn.plans p join samsyn.cases k on k.id = p.case_id where p.id = new.plan_id;
    if tg_op = 'INSERT' then
        new.due_on := day;
        perform samsyn.start_dated_deadline(null, 'Follow-up of the coordinated individual plan', new.id, c.id, c.subject_id, c.unit_id, day);
    elsif day > old.due_on then
        new.due_on := day;
        perform samsyn.extend_deadline(null, new.id, day, 'The meeting was moved.');
    end if;
    return new;
end
$$;
comment on function samsyn.set_meeting_deadline is 'Trigger: the day of a meeting is a deadline of the unit that leads the case, and moves when the meeting is put off.';
create trigger set_deadline before insert or update of planned_at on samsyn.plan_meetings for each row execute function samsyn.set_meeting_deadline();

create function samsyn.hold_plan_meeting(the_meeting uuid, next_id uuid, next_at timestamptz) returns void
    language plpgsql volatile security definer set search_path = pg_catalog as $$
begin
    perform samsyn.meet_deadlines(null, the_meeting);
    insert into samsyn.plan_meetings (id, plan_id, planned_at, purpose, agenda, created_by)
    select next_id, m.plan_id, next_at, m.purpose, m.agenda, samsyn.assignment()
    from samsyn.plan_meetings m where m.id = the_meeting and next_at is not null;
    update samsyn.plan_meetings m set next_meeting_id = next_id where m.id = the_meeting and next_at is not null;
end
$$;
comment on function samsyn.hold_plan_meeting is 'A meeting has been held: its deadline is met, and the next one, if there is to be one, is planned with the same purpose and agenda.';

create function samsyn.leave_plan_view(the_id uuid, the_plan uuid, the_stage text, the_meeting uuid, the_guardian uuid, the_view text) returns void
    language plpgsql volatile security definer set search_path = pg_catalog as $$
declare
    p samsyn.plans;
    code text;
begin
    perform samsyn.require((select c.status = 'open' from samsyn.plans t join samsyn.cases c on c.id = t.case_id where t.id = the_plan for share of c), 'CASE_CLOSED');
    select t.* into p from samsyn.plans t where t.id = the_plan for no key update;
    perform from samsyn.consents k where k.id = p.consent_id for share;
    perform samsyn.require(p.ended_at is null, 'ALREADY_ENDED');
    code := samsyn.consent_refusal(samsyn.consent_state(p.consent_id));
    if code is not null then
        perform samsyn.refuse(code);
    end if;
    insert into samsyn.plan_views (id, plan_id, stage, meeting_id, kind, guardian_id, view, form, expressed_on)
    values (the_id, the_plan, the_stage, the_meeting, case when the_guardian is null then 'child' else 'guardian' end, the_guardian,
        the_view, 'digital', samsyn.today());
end
$$;
comment on function samsyn.leave_plan_view is
    'The child (the_guardian null) or a guardian leaves a view in the plan themselves. While it is worked on: the case open, the plan not ended, its consent in force. Whether they are who they say, and are told of the plan, is the caller''s to ask; the server cannot call this.';

-- Rows ------------------------------------------------------------------------------------------------------------------------

call samsyn.protect('plan_needs', 'plan_goals', 'plan_interventions', 'plan_follow_ups', 'plan_measures', 'plan_meetings', 'plan_views');
do $$
declare
    name text;
begin
    foreach name in array array['plan_needs', 'plan_goals', 'plan_interventions', 'plan_follow_ups', 'plan_measures', 'plan_meetings',
        'plan_views'] loop
        execute format('create policy read on samsyn.%I for select to samsyn_api using (
            (select samsyn.may(''plan:read'')) and plan_id = any (array(select m.plan_id from samsyn.my_plans m)))', name);
        execute format('grant select, insert on samsyn.%I to samsyn_api', name);
    end loop;
    -- The organisation that leads the plan writes these.
    foreach name in array array['plan_needs', 'plan_goals', 'plan_measures', 'plan_meetings'] loop
        execute format('create policy add on samsyn.%I for insert to samsyn_api with check (
            (select samsyn.may(''plan:write'')) and created_by = (select samsyn.assignment())
            and plan_id in (select p.id from samsyn.plans p where p.organisation_id = (select samsyn.organisation())))', name);
        execute format('create policy change on samsyn.%I for update to samsyn_api using (
            (select samsyn.may(''plan:write''))
            and plan_id in (select p.id from samsyn.plans p where p.organisation_id = (select samsyn.organisation())))', name);
    end loop;
    -- Every party writes these.
    foreach name in array array['plan_interventions', 'plan_follow_ups', 'plan_views'] loop
        execute format('create policy add on samsyn.%I for insert to samsyn_api with check (
            (select samsyn.may(''plan:write'')) and created_by = (select samsyn.assignment())
            and plan_id = any (array(select m.plan_id from samsyn.my_plans m)))', name);
    end loop;
end
$$;
grant update (area, description, updated_by) on samsyn.plan_needs to samsyn_api;
grant update (need_id, description, indicator, updated_by) on samsyn.plan_goals to samsyn_api;
grant update (goal_id, description, due_on, document_reference, record_id, updated_by) on samsyn.plan_interventions to samsyn_api;
grant update (actor, description, updated_by) on samsyn.plan_measures to samsyn_api;
grant update (planned_at, purpose, agenda, held_at, attendees, child_attended, guardian_ids, outcome, next_step, updated_by) on samsyn.plan_meetings to samsyn_api;
create policy change on samsyn.plan_interventions for update to samsyn_api using (
    (select samsyn.may('plan:write')) and plan_id = any (array(select m.plan_id from samsyn.my_plans m))
    and (organisation_id = (select samsyn.organisation())
        or plan_id in (select p.id from samsyn.plans p where p.organisation_id = (select samsyn.organisation()))));

grant execute on function samsyn.plan_need_body, samsyn.plan_goal_body, samsyn.plan_intervention_body,
    samsyn.plan_measure_body, samsyn.plan_meeting_body, samsyn.plan_view_body, samsyn.plan_guardians,
    samsyn.require_intervention_work, samsyn.require_plan_views, samsyn.hold_plan_meeting to samsyn_api;

-- What replies show -------------------------------------------------------------------------------------------------------------

create view api.plan_needs with (security_invoker = true) as
select n.id as resource, p.subject, p.owner, p.ground, p.disclosure, n.revision::text as etag, samsyn.plan_need_body(n)::json as body
from samsyn.plan_needs n join api.plans p on p.resource = n.plan_id;
create view api.plan_goals with (security_invoker = true) as
select g.id as resource, p.subject, p.owner, p.ground, p.disclosure, g.revision::text as etag, samsyn.plan_goal_body(g)::json as body
from samsyn.plan_goals g join api.plans p on p.resource = g.plan_id;
create view api.plan_interventions with (security_invoker = true) as
select i.id as resource, p.subject, i.organisation_id as owner,
    case when i.organisation_id <> (select samsyn.organisation()) then 'CONSENT' end as ground, p.disclosure,
    i.revision::text || case when i.organisation_id = (select samsyn.organisation()) then '-own' else '' end as etag,
    samsyn.plan_intervention_body(i, (select samsyn.organisation()))::json as body
from samsyn.plan_interventions i join api.plans p on p.resource = i.plan_id;
create view api.plan_measures with (security_invoker = true) as
select m.id as resource, p.subject, p.owner, p.ground, p.disclosure, m.revision::text as etag, samsyn.plan_measure_body(m)::json as body
from samsyn.plan_measures m join api.plans p on p.resource = m.plan_id;
create view api.plan_meetings with (security_invoker = true) as
select m.id as resource, p.subject, p.owner, p.ground, p.disclosure, m.revision::text as etag, samsyn.plan_meeting_body(m)::json as body
from samsyn.plan_meetings m join api.plans p on p.resource = m.plan_id;
create view api.plan_views with (security_invoker = true) as
select v.id as resource, p.subject, p.owner, p.ground, p.disclosure, '1' as etag, samsyn.plan_view_body(v)::json as body
from samsyn.plan_views v join api.plans p on p.resource = v.plan_id;

grant select on api.plan_needs, api.plan_goals, api.plan_interventions, api.plan_measures, api.plan_meetings, api.plan_views
    to samsyn_api;
