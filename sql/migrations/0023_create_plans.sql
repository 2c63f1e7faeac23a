-- Coordinated individual plans (SoL 10:8-9, HSL 16:4), and how child and guardians were informed, heard and took part.
--
-- A plan is the joint work of several organisations around one child. It rests on a consent that covers each of them
-- both as discloser and as recipient; the plan itself is no ground. While the consent is in force every party sees the
-- whole plan. From the moment it is not, nothing is written into the plan: the parties keep what they lawfully got,
-- the plan as it stands. A party that leaves keeps a copy of it as it stood on that day.

create table samsyn.plans (
    id uuid primary key,
    case_id uuid not null references samsyn.cases,
    organisation_id uuid not null references samsyn.organisations,
    consent_id uuid not null references samsyn.consents,
    title text not null check (length(title) between 1 and 200),
    purpose text not null check (length(purpose) between 1 and 2000),
    responsible_id uuid not null references samsyn.participants,
    lead_assignment_id uuid references samsyn.assignments,
    lead_guardian_id uuid references samsyn.guardians,
    adopted_at timestamptz,
    adopted_by uuid references samsyn.assignments,
    best_interests text check (length(best_interests) between 1 and 5000),
    ended_at timestamptz,
    ended_by uuid references samsyn.assignments,
    end_reason text check (length(end_reason) between 1 and 2000),
    end_shared boolean,
    created_by uuid not null references samsyn.assignments,
    created_at timestamptz not null default now(),
    updated_by uuid references samsyn.assignments,
    updated_at timestamptz not null default now(),
    revision bigint not null default 1,
    constraint plans_lead_is_one_person check (num_nonnulls(lead_assignment_id, lead_guardian_id) <= 1),
    constraint plans_adoption_is_signed check ((adopted_at is null) = (adopted_by is null) and (adopted_at is null) = (best_interests is null)),
    constraint plans_ending_is_signed check ((ended_at is null) = (ended_by is null) and (ended_at is null) = (end_reason is null))
);
comment on table samsyn.plans is 'A coordinated individual plan (SIP): which interventions the child needs, who answers for each, what others do, and who coordinates it (SoL 10:8-9, HSL 16:4).';
comment on column samsyn.plans.organisation_id is 'The organisation that leads the case, and with it the plan.';
comment on column samsyn.plans.responsible_id is 'The party that answers for the plan as a whole.';
comment on column samsyn.plans.lead_guardian_id is 'A guardian may keep the lead of the coordination where that suits the family.';
comment on column samsyn.plans.best_interests is 'The assessment of the child''s best interests on which the adoption rests (Convention on the Rights of the Child art. 3).';
comment on column samsyn.plans.end_shared is 'Whether the consent was in force when the plan was ended: otherwise the reason stays with the organisation that leads it.';
create index plans_by_case on samsyn.plans (case_id, created_at, id);
create trigger touch before update on samsyn.plans for each row execute function samsyn.touch();

create table samsyn.plan_parties (
    id uuid primary key,
    plan_id uuid not null references samsyn.plans,
    participant_id uuid not null references samsyn.participants,
    organisation_id uuid not null references samsyn.organisations,
    joined_at timestamptz not null default samsyn.now(),
    added_by uuid not null references samsyn.assignments,
    left_at timestamptz
);
comment on table samsyn.plan_parties is 'Organisations of the case that carry the plan, the one that leads it among them, and from when to when.';
create unique index plan_parties_active_key on samsyn.plan_parties (plan_id, organisation_id) where left_at is null;
create index plan_parties_by_organisation on samsyn.plan_parties (organisation_id, plan_id) where left_at is null;
create index plan_parties_by_participant on samsyn.plan_parties (participant_id) where left_at is null;
create index plan_parties_by_plan on samsyn.plan_parties (plan_id); -- those that have left as well

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

create table samsyn.plan_changes (
    id uuid primary key,
    plan_id uuid not null references samsyn.plans,
    part text not null,
    part_id uuid not null,
    before jsonb,
    changed_by uuid references samsyn.assignments,
    changed_at timestamptz not null default samsyn.now()
);
comment on table samsyn.plan_changes is 'Each thing added to a plan or changed in it, by whom and when, and what stood there before. Append only.';
comment on column samsyn.plan_changes.before is 'What the part read before; null when it was added.';
comment on column samsyn.plan_changes.changed_by is 'Null when the child or a guardian left a view themselves.';
create index plan_changes_by_part on samsyn.plan_changes (part_id) where before is null;
create index plan_changes_by_plan on samsyn.plan_changes (plan_id, changed_at, id);

create table samsyn.plan_copies (
    plan_id uuid not null references samsyn.plans,
    organisation_id uuid not null references samsyn.organisations,
    case_id uuid not null references samsyn.cases,
    subject_id uuid not null,
    lead_id uuid not null references samsyn.organisations,
    body jsonb not null,
    taken_at timestamptz not null default samsyn.now(),
    revision bigint not null,
    primary key (plan_id, organisation_id)
);
comment on table samsyn.plan_copies is 'The plan as it stood when a party left it: what that organisation lawfully got, and keeps.';

create table samsyn.participation_records (
    id uuid primary key,
    case_id uuid not null references samsyn.cases,
    organisation_id uuid not null references samsyn.organisations,
    step text not null check (step in ('report', 'assessment', 'investigation', 'decision', 'plan', 'follow-up', 'meeting', 'closing')),
    kind text not null check (kind in ('child', 'guardian')),
    guardian_id uuid references samsyn.guardians,
    participation text not null check (participation in ('invited', 'informed', 'heard', 'took-part', 'not')),
    happened_on date not null,
    form text check (form in ('conversation', 'written', 'drawing', 'sign-language', 'interpreter', 'digital', 'representative')),
    listened_by text check (length(listened_by) between 1 and 200),
    view text check (length(view) between 1 and 10000),
    reason text check (length(reason) between 1 and 2000),
    best_interests text check (length(best_interests) between 1 and 5000),
    created_by uuid not null references samsyn.assignments,
    created_at timestamptz not null default samsyn.now(),
    constraint participation_records_guardian_is_not_the_child check (guardian_id is null or kind = 'guardian'),
    constraint participation_records_reason_when_not check ((participation = 'not') = (reason is not null))
);
comment on table samsyn.participation_records is 'How the child or a guardian was invited, informed, heard or took part at a step of the case, or why not (SoL 11 ch., FB 6:11, Convention on the Rights of the Child art. 12). Append only, and the own organisation''s.';
create index participation_records_by_case on samsyn.participation_records (case_id, organisation_id, happened_on, id);

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
    foreach name in array array['plan_follow_ups', 'plan_views', 'plan_changes', 'participation_records'] loop
        execute format('create trigger forbid_change before update or delete on samsyn.%I for each row execute function samsyn.forbid_change()', name);
    end loop;
end
$$;
create trigger forbid_when_closed before insert on samsyn.participation_records
    for each row execute function samsyn.forbid_when_closed();

-- What the parts of a plan read, in the plan and by themselves --------------------------------------------------------

create function samsyn.plan_signature(created_at timestamptz, created_by uuid, updated_at timestamptz, updated_by uuid) returns jsonb
    language sql stable as $$
    select jsonb_build_object('createdAt', samsyn.utc(created_at), 'createdBy', samsyn.assignment_name(created_by),
        'updatedAt', samsyn.utc(updated_at), 'updatedBy', samsyn.assignment_name(coalesce(updated_by, created_by)))
$$;
comment on function samsyn.plan_signature is 'Who wrote a part of a plan and who changed it last, and when.';

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

create function samsyn.plan_state(p samsyn.plans) returns text
    language plpgsql stable as $$
begin
    return case when p.ended_at is not null then 'ended' when samsyn.consent_state(p.consent_id) <> 'in-force' then 'suspended'
        when p.adopted_at is not null then 'adopted' else 'draft' end;
end
$$;
comment on function samsyn.plan_state is 'draft until adopted; suspended while the consent it rests on is not in force: readable as it stands, and nothing is written into it.';

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

create function samsyn.plan_body(the_plan uuid, viewer uuid) returns jsonb
    language plpgsql stable security definer set search_path = pg_catalog as $$
declare
    p samsyn.plans;
begin
    select t.* into p from samsyn.plans t where t.id = the_plan;
    return jsonb_strip_nulls(jsonb_build_object('id', p.id, 'caseId', p.case_id, 'organisationId', p.organisation_id,
        'organisationName', samsyn.organisation_name(p.organisation_id), 'consentId', p.consent_id,
        'title', p.title, 'purpose', p.purpose, 'state', samsyn.plan_state(p),
        'responsibleParticipantId', p.responsible_id,
        'responsibleOrganisationName', (select samsyn.organisation_name(r.organisation_id) from samsyn.participants r where r.id = p.responsible_id),
        'leadPerson', case when p.lead_assignment_id is not null then jsonb_build_object('kind', 'professional',
                'assignmentId', p.lead_assignment_id, 'name', samsyn.assignment_name(p.lead_assignment_id))
            when p.lead_guardian_id is not null then jsonb_build_object('kind', 'guardian', 'guardianId', p.lead_guardian_id) end,
        'parties', (select jsonb_agg(jsonb_build_object('participantId', x.participant_id, 'organisationId', x.organisation_id,
                'organisationName', samsyn.organisation_name(x.organisation_id), 'joinedAt', samsyn.utc(x.joined_at)) order by x.joined_at, x.id)
            from samsyn.plan_parties x where x.plan_id = p.id and x.left_at is null),
        'needs', (select coalesce(jsonb_agg(samsyn.plan_need_body(n) order by n.created_at, n.id), '[]') from samsyn.plan_needs n where n.plan_id = p.id),
        'goals', (select coalesce(jsonb_agg(samsyn.plan_goal_body(g) order by g.created_at, g.id), '[]') from samsyn.plan_goals g where g.plan_id = p.id),
        'interventions', (select coalesce(jsonb_agg(samsyn.plan_intervention_body(i, viewer) order by i.created_at, i.id), '[]')
            from samsyn.plan_interventions i where i.plan_id = p.id),
        'otherMeasures', (select coalesce(jsonb_agg(samsyn.plan_measure_body(m) order by m.created_at, m.id), '[]') from samsyn.plan_measures m where m.plan_id = p.id),
        'meetings', (select coalesce(jsonb_agg(samsyn.plan_meeting_body(m) order by m.planned_at, m.id), '[]') from samsyn.plan_meetings m where m.plan_id = p.id),
        'views', (select coalesce(jsonb_agg(samsyn.plan_view_body(v) order by v.created_at, v.id), '[]') from samsyn.plan_views v where v.plan_id = p.id),
        'missingViews', case when p.ended_at is null then (
            select coalesce(jsonb_agg(jsonb_build_object('stage', m.stage, 'meetingId', m.meeting_id, 'kind', m.kind, 'guardianId', m.guardian_id)), '[]')
            from (select w.* from unnest(array['planning', 'decision']) s, samsyn.missing_plan_views(p.id, s, null) w where p.adopted_at is null
                union all
                select w.* from samsyn.plan_meetings t, samsyn.missing_plan_views(p.id, 'follow-up', t.id) w
                where t.plan_id = p.id and t.held_at is null) m) end,
        'adoptedAt', samsyn.utc(p.adopted_at), 'adoptedBy', samsyn.assignment_name(p.adopted_by), 'bestInterests', p.best_interests,
        'endedAt', samsyn.utc(p.ended_at), 'endedBy', samsyn.assignment_name(p.ended_by),
        'endReason', case when p.end_shared or p.organisation_id = viewer then p.end_reason end))
        || samsyn.plan_signature(p.created_at, p.created_by, p.updated_at, p.updated_by);
end
$$;
comment on function samsyn.plan_body is
    'The whole plan as the viewer''s organisation sees it, null for the child and the guardians: one whole whatever the agency, save the records behind interventions, which only their owner sees named. Whether the viewer may see it is the caller''s to ask.';

-- Who sees a plan ------------------------------------------------------------------------------------------------------

create view samsyn.my_plans as
select p.id as plan_id
from samsyn.plans p
where p.case_id = any (array(select m.case_id from samsyn.my_cases m))
    and (select samsyn.emergency_case()) is null
    and (p.organisation_id = (select samsyn.organisation())
        or p.id in (select x.plan_id from samsyn.plan_parties x where x.organisation_id = (select samsyn.organisation()) and x.left_at is null));
comment on view samsyn.my_plans is 'Plans of the principal''s cases that their organisation leads or is a party of. A plan is the work of several agencies, so an emergency access within one of them opens none.';

create function samsyn.plan_of(the_part uuid) returns uuid
    language plpgsql stable security definer set search_path = pg_catalog as $$
begin
    return (select x.plan_id from samsyn.plan_changes x where x.part_id = the_part and x.before is null limit 1);
end
$$;
comment on function samsyn.plan_of is 'The plan to which a need, goal, intervention, measure, meeting or view belongs; null when it names none. Each was noted when it was added.';

create function samsyn.require_plan(the_plan uuid) returns void
    language plpgsql stable security definer set search_path = pg_catalog as $$
begin
    if exists (select from samsyn.my_plans m where m.plan_id = the_plan) then
        return;
    end if;
    -- Whoever is related to the case learns that there is a plan and that nothing opens it; whoever is not, nothing.
    perform samsyn.require(exists (select from samsyn.plans p join samsyn.my_cases m on m.case_id = p.case_id where p.id = the_plan)
        or exists (select from samsyn.plan_copies k join samsyn.my_held_cases m on m.case_id = k.case_id
            where k.plan_id = the_plan and k.organisation_id = samsyn.organisation()), 'NOT_FOUND');
    perform samsyn.refuse('NO_LEGAL_GROUND');
end
$$;
comment on function samsyn.require_plan is 'Refuses unless the principal sees the plan: NOT_FOUND without a relation to its case, NO_LEGAL_GROUND for those on the case whose organisation is no party of it.';

create function samsyn.holds_plan_copy(the_plan uuid) returns boolean
    language plpgsql stable security definer set search_path = pg_catalog as $$
begin
    return exists (select from samsyn.plan_copies k join samsyn.my_held_cases m on m.case_id = k.case_id
        where k.plan_id = the_plan and k.organisation_id = samsyn.organisation());
end
$$;
comment on function samsyn.holds_plan_copy is 'True when the principal''s organisation keeps a copy of the plan from when it was a party, and the principal may read it.';

create function samsyn.require_plan_work(the_plan uuid, by_lead boolean, renewing boolean default false) returns void
    language plpgsql volatile security definer set search_path = pg_catalog as $$
declare
    p samsyn.plans;
    code text;
begin
    perform samsyn.require_plan(the_plan);
    -- Locked in this order everywhere: case, parts in it, plan, consent. What closes, ends or withdraws at this moment
    -- waits, or is seen.
    perform samsyn.require_open_case((select t.case_id from samsyn.plans t where t.id = the_plan));
    perform from samsyn.participants x join samsyn.plans t on t.case_id = x.case_id where t.id = the_plan for share of x;
    select t.* into p from samsyn.plans t where t.id = the_plan for no key update;
    perform from samsyn.consents k where k.id = p.consent_id for share;
    perform samsyn.require_plan(the_plan);
    perform samsyn.require(not by_lead or p.organisation_id = samsyn.organisation(), 'NOT_LEAD_ORGANISATION');
    perform samsyn.require(p.ended_at is null, 'ALREADY_ENDED');
    code := samsyn.consent_refusal(samsyn.consent_state(p.consent_id));
    if code is not null and not renewing then
        perform samsyn.refuse(code);
    end if;
end
$$;
comment on function samsyn.require_plan_work is
    'Refuses unless the principal may write into the plan now: related to it, the case open, the plan not ended, its consent in force (renewing: a new one is about to be named), and by_lead only for the organisation that leads it. Holds all that still until the request ends.';

-- Whose plan it is: the consent comes first -----------------------------------------------------------------------------

create function samsyn.consent_covers_area(consent uuid, the_area text) returns boolean
    language plpgsql stable security definer set search_path = pg_catalog as $$
begin
    return exists (select from samsyn.consents k join samsyn.information_categories c on c.code = any (k.categories)
        where k.id = consent and c.bbic_area = the_area);
end
$$;
comment on function samsyn.consent_covers_area is 'True when the consent covers information of an area of the BBIC triangle.';

create function samsyn.require_plan_consent(the_plan uuid) returns void
    language plpgsql volatile security definer set search_path = pg_catalog as $$
declare
    p samsyn.plans;
    consent samsyn.consents;
    ground samsyn.legal_grounds;
    code text;
    parties uuid[];
begin
    select t.* into p from samsyn.plans t where t.id = the_plan;
    perform from samsyn.consents k where k.id = p.consent_id for share;
    select k.* into consent from samsyn.consents k where k.id = p.consent_id and k.case_id = p.case_id;
    perform samsyn.require(consent.id is not null, 'CONSENT_REQUIRED', '/body/consentId');
    code := samsyn.consent_refusal(samsyn.consent_state(consent.id));
    if code is not null then
        perform samsyn.refuse(code, '/body/consentId');
    end if;
    select g.* into ground from samsyn.legal_grounds g
    where g.code = 'CONSENT' and g.enabled and samsyn.today() between g.valid_from and coalesce(g.valid_until, 'infinity');
    perform samsyn.require(ground.code is not null, 'NO_LEGAL_GROUND');
    parties := array(select x.organisation_id from samsyn.plan_parties x where x.plan_id = p.id and x.left_at is null);
    perform samsyn.require(not exists (select from samsyn.organisations o
        where o.id = any (parties) and o.regime = any (ground.excluded_regimes)), 'GROUND_EXCLUDED', '/body/participantIds');
    -- Each party both tells and is told.
    perform samsyn.require(parties <@ consent.recipient_ids, 'NOT_RECIPIENT', '/body/consentId');
    perform samsyn.require(parties <@ consent.source_ids and array['INTERVENTIONS', 'CHILD_VIEW'] <@ consent.categories
        and not exists (select from samsyn.plan_needs n where n.plan_id = p.id and not samsyn.consent_covers_area(consent.id, n.area)),
        'GROUND_SCOPE', '/body/consentId');
end
$$;
comment on function samsyn.require_plan_consent is
    'Refuses unless the consent that the plan names is in force and covers every party as discloser and as recipient, interventions, the child''s view, and an information category of each need''s area.';

create function samsyn.keep_plan_copy(the_plan uuid, of_party uuid) returns void
    language plpgsql volatile security definer set search_path = pg_catalog as $$
begin
    insert into samsyn.plan_copies (plan_id, organisation_id, case_id, subject_id, lead_id, body, revision)
    select p.id, of_party, p.case_id, c.subject_id, p.organisation_id,
        samsyn.plan_body(p.id, of_party) - 'missingViews' || jsonb_build_object('state', 'left', 'leftAt', samsyn.utc(samsyn.now())), p.revision
    from samsyn.plans p join samsyn.cases c on c.id = p.case_id where p.id = the_plan
    on conflict (plan_id, organisation_id) do update
    set body = excluded.body, taken_at = excluded.taken_at, revision = excluded.revision, lead_id = excluded.lead_id;
end
$$;
comment on function samsyn.keep_plan_copy is 'Keeps the plan as it stands for a party that is about to leave it.';

create function samsyn.leave_plan(the_plan uuid, of_party uuid) returns void
    language plpgsql volatile security definer set search_path = pg_catalog as $$
begin
    perform samsyn.keep_plan_copy(the_plan, of_party);
    update samsyn.plan_parties x set left_at = samsyn.now()
    where x.plan_id = the_plan and x.organisation_id = of_party and x.left_at is null;
    -- The organisation that leads the case answers for the plan until it names another.
    update samsyn.plans p
    set responsible_id = case when r.organisation_id = of_party then lead.participant_id else p.responsible_id end,
        lead_assignment_id = case when exists (select from samsyn.assignments a where a.id = p.lead_assignment_id and a.organisation_id = of_party)
            then null else p.lead_assignment_id end,
        updated_by = coalesce(samsyn.assignment(), p.updated_by)
    from samsyn.participants r, samsyn.plan_parties lead
    where p.id = the_plan and r.id = p.responsible_id
        and lead.plan_id = p.id and lead.organisation_id = p.organisation_id and lead.left_at is null;
end
$$;
comment on function samsyn.leave_plan is 'A party leaves a plan: it keeps a copy, and what it answered for as a whole goes to the organisation that leads. Its interventions stay as they are.';

create function samsyn.leave_plans() returns trigger
    language plpgsql security definer set search_path = pg_catalog as $$
begin
    perform samsyn.leave_plan(x.plan_id, x.organisation_id)
    from samsyn.plan_parties x where x.participant_id = new.id and x.left_at is null;
    return null;
end
$$;
comment on function samsyn.leave_plans is 'Trigger: an organisation whose part in the case ends leaves its plans.';
create trigger leave_plans after update of status on samsyn.participants
    for each row when (new.status = 'ended') execute function samsyn.leave_plans();

create function samsyn.release_plan_lead() returns trigger
    language plpgsql security definer set search_path = pg_catalog as $$
begin
    update samsyn.plans p set lead_assignment_id = null
    where p.case_id = new.case_id and p.lead_assignment_id = new.assignment_id and p.ended_at is null;
    return null;
end
$$;
comment on function samsyn.release_plan_lead is 'Trigger: who leaves the team of a case leads the coordination of no plan of it any more, and the plan shows that it has nobody.';
create trigger release_plan_lead after update of ended_at on samsyn.team_members
    for each row when (new.ended_at is not null) execute function samsyn.release_plan_lead();

create function samsyn.move_plans() returns trigger
    language plpgsql security definer set search_path = pg_catalog as $$
begin
    update samsyn.plans p set organisation_id = new.organisation_id
    where p.case_id = new.id and p.ended_at is null
        and exists (select from samsyn.plan_parties x where x.plan_id = p.id and x.organisation_id = new.organisation_id and x.left_at is null);
    return null;
end
$$;
comment on function samsyn.move_plans is 'Trigger: a plan is led by whoever leads the case, if that is a party of it; otherwise by the one that did.';
create trigger move_plans after update of organisation_id on samsyn.cases
    for each row when (new.organisation_id <> old.organisation_id) execute function samsyn.move_plans();

create function samsyn.set_plan_parties(the_plan uuid, ids uuid[]) returns void
    language plpgsql volatile security definer set search_path = pg_catalog as $$
declare
    p samsyn.plans;
begin
    select t.* into p from samsyn.plans t where t.id = the_plan and t.organisation_id = samsyn.organisation();
    perform samsyn.require(p.id is not null, 'NOT_FOUND');
    if ids is not null then
        perform samsyn.require(not exists (select unnest(ids)
            except select x.id from samsyn.participants x where x.case_id = p.case_id and x.status in ('lead', 'accepted')),
            'INVALID_REFERENCE', '/body/participantIds');
        perform samsyn.leave_plan(p.id, x.organisation_id) from samsyn.plan_parties x
        where x.plan_id = p.id and x.left_at is null and x.organisation_id <> p.organisation_id and not x.participant_id = any (ids);
        insert into samsyn.plan_parties (id, plan_id, participant_id, organisation_id, added_by)
        select samsyn.uuid7(), p.id, x.id, x.organisation_id, samsyn.assignment()
        from samsyn.participants x
        where x.case_id = p.case_id and (x.id = any (ids) or (x.organisation_id = p.organisation_id and x.active))
            and not exists (select from samsyn.plan_parties y where y.plan_id = p.id and y.participant_id = x.id and y.left_at is null);
    end if;
    perform samsyn.require((select count(*) > 1 from samsyn.plan_parties x where x.plan_id = p.id and x.left_at is null),
        'UNPROCESSABLE', '/body/participantIds');
    perform samsyn.require_plan_consent(p.id);
end
$$;
comment on function samsyn.set_plan_parties is
    'Sets the parties of a plan to these participants of the case and the organisation that leads it, or leaves them as they are when null, and refuses unless its consent covers them. One organisation alone coordinates nothing.';

create function samsyn.check_plan() returns trigger
    language plpgsql security definer set search_path = pg_catalog as $$
begin
    if tg_op = 'INSERT' or new.responsible_id <> old.responsible_id then
        perform samsyn.require(exists (select from samsyn.participants x
            where x.id = new.responsible_id and x.case_id = new.case_id and x.status in ('lead', 'accepted')),
            'INVALID_REFERENCE', '/body/responsibleParticipantId');
    end if;
    if tg_op = 'INSERT' or new.consent_id <> old.consent_id then
        perform samsyn.require(exists (select from samsyn.consents k where k.id = new.consent_id and k.case_id = new.case_id),
            'CONSENT_REQUIRED', '/body/consentId');
    end if;
    if tg_op = 'INSERT' or new.lead_assignment_id is distinct from old.lead_assignment_id then
        perform samsyn.require(new.lead_assignment_id is null or exists (select from samsyn.team_members t
            where t.case_id = new.case_id and t.assignment_id = new.lead_assignment_id and t.ended_at is null),
            'INVALID_REFERENCE', '/body/leadPerson/assignmentId');
    end if;
    if tg_op = 'INSERT' or new.lead_guardian_id is distinct from old.lead_guardian_id then
        perform samsyn.require(new.lead_guardian_id is null or exists (select from samsyn.cases c join samsyn.guardians g on g.subject_id = c.subject_id
            where c.id = new.case_id and g.id = new.lead_guardian_id and samsyn.today() between g.starts_on and coalesce(g.ends_on, 'infinity')),
            'INVALID_REFERENCE', '/body/leadPerson/guardianId');
    end if;
    return new;
end
$$;
comment on function samsyn.check_plan is 'Trigger: a plan names a consent of its case, a responsible participant, and as lead of the coordination somebody on a team of the case or a guardian of the child.';
create trigger check_plan before insert or update on samsyn.plans for each row execute function samsyn.check_plan();

create function samsyn.check_plan_people(the_plan uuid) returns void
    language plpgsql stable security definer set search_path = pg_catalog as $$
begin
    perform samsyn.require(exists (select from samsyn.plans p join samsyn.plan_parties x on x.plan_id = p.id and x.participant_id = p.responsible_id
        where p.id = the_plan and x.left_at is null), 'INVALID_REFERENCE', '/body/responsibleParticipantId');
    perform samsyn.require(not exists (select from samsyn.plans p join samsyn.assignments a on a.id = p.lead_assignment_id
        where p.id = the_plan and not exists (select from samsyn.plan_parties x
            where x.plan_id = p.id and x.organisation_id = a.organisation_id and x.left_at is null)), 'INVALID_REFERENCE', '/body/leadPerson/assignmentId');
end
$$;
comment on function samsyn.check_plan_people is 'Refuses unless who answers for the plan, and the professional who leads the coordination, are of its parties.';

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

create function samsyn.note_plan_edit() returns trigger
    language plpgsql security definer set search_path = pg_catalog as $$
begin
    insert into samsyn.plan_changes (id, plan_id, part, part_id, before, changed_by)
    values (samsyn.uuid7(), new.id, 'plan', new.id,
        case when tg_op = 'UPDATE' then jsonb_strip_nulls(jsonb_build_object('title', old.title, 'purpose', old.purpose, 'consentId', old.consent_id,
            'responsibleParticipantId', old.responsible_id, 'leadAssignmentId', old.lead_assignment_id, 'leadGuardianId', old.lead_guardian_id,
            'adoptedAt', samsyn.utc(old.adopted_at), 'endedAt', samsyn.utc(old.ended_at))) end, samsyn.assignment());
    return null;
end
$$;
comment on function samsyn.note_plan_edit is 'Trigger: what is changed in the plan itself is noted with who, when and what stood before.';
create trigger note_plan_edit after insert on samsyn.plans for each row execute function samsyn.note_plan_edit();
create trigger note_plan_edit_later after update of title, purpose, consent_id, responsible_id, lead_assignment_id, lead_guardian_id, adopted_at, ended_at, organisation_id
    on samsyn.plans for each row execute function samsyn.note_plan_edit();

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

create function samsyn.start_plan_deadline() returns trigger
    language plpgsql security definer set search_path = pg_catalog as $$
begin
    perform samsyn.start_deadline('INDIVIDUAL_PLAN_START', new.id, c.id, c.subject_id, c.unit_id, samsyn.now())
    from samsyn.cases c join samsyn.organisations o on o.id = c.organisation_id
    join samsyn.deadline_rules r on r.code = 'INDIVIDUAL_PLAN_START' and strpos(r.responsible, o.sector) > 0
        and samsyn.today() between r.valid_from and coalesce(r.valid_until, 'infinity')
    where c.id = new.case_id;
    return null;
end
$$;
comment on function samsyn.start_plan_deadline is
    'Trigger: with the need established and the consent given the planning is to begin at once (SoL 10:8, HSL 16:4), for those sectors that the rule binds; adopting the plan meets it.';
create trigger start_deadline after insert on samsyn.plans for each row execute function samsyn.start_plan_deadline();

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
    'The child (the_guardian null) or a guardian leaves a view in the plan themselves. Whether they are who they say, and a party to the plan, is the caller''s to ask; the server cannot call this.';

-- Rows ------------------------------------------------------------------------------------------------------------------------

do $$
declare
    name text;
begin
    foreach name in array array['plans', 'plan_parties', 'plan_needs', 'plan_goals', 'plan_interventions', 'plan_follow_ups', 'plan_measures',
        'plan_meetings', 'plan_views', 'plan_changes', 'plan_copies', 'participation_records'] loop
        execute format('alter table samsyn.%I enable row level security', name);
        execute format('alter table samsyn.%I force row level security', name);
        execute format('create policy owner_all on samsyn.%I to samsyn_owner using (true) with check (true)', name);
    end loop;
    foreach name in array array['plan_parties', 'plan_needs', 'plan_goals', 'plan_interventions', 'plan_follow_ups', 'plan_measures',
        'plan_meetings', 'plan_views', 'plan_changes'] loop
        execute format('create policy read on samsyn.%I for select to samsyn_api using (
            (select samsyn.may(''plan:read'')) and plan_id = any (array(select m.plan_id from samsyn.my_plans m)))', name);
        execute format('grant select on samsyn.%I to samsyn_api', name);
    end loop;
    -- The organisation that leads the plan writes these.
    foreach name in array array['plan_needs', 'plan_goals', 'plan_measures', 'plan_meetings'] loop
        execute format('create policy add on samsyn.%I for insert to samsyn_api with check (
            (select samsyn.may(''plan:write'')) and created_by = (select samsyn.assignment())
            and plan_id in (select p.id from samsyn.plans p where p.organisation_id = (select samsyn.organisation())))', name);
        execute format('create policy change on samsyn.%I for update to samsyn_api using (
            (select samsyn.may(''plan:write''))
            and plan_id in (select p.id from samsyn.plans p where p.organisation_id = (select samsyn.organisation())))', name);
        execute format('grant insert on samsyn.%I to samsyn_api', name);
    end loop;
    -- Every party writes these.
    foreach name in array array['plan_interventions', 'plan_follow_ups', 'plan_views'] loop
        execute format('create policy add on samsyn.%I for insert to samsyn_api with check (
            (select samsyn.may(''plan:write'')) and created_by = (select samsyn.assignment())
            and plan_id = any (array(select m.plan_id from samsyn.my_plans m)))', name);
        execute format('grant insert on samsyn.%I to samsyn_api', name);
    end loop;
end
$$;

grant select, insert on samsyn.plans to samsyn_api;
grant update (title, purpose, consent_id, responsible_id, lead_assignment_id, lead_guardian_id, adopted_at, adopted_by, best_interests,
    ended_at, ended_by, end_reason, end_shared, updated_by) on samsyn.plans to samsyn_api;
grant update (area, description, updated_by) on samsyn.plan_needs to samsyn_api;
grant update (need_id, description, indicator, updated_by) on samsyn.plan_goals to samsyn_api;
grant update (goal_id, description, due_on, document_reference, record_id, updated_by) on samsyn.plan_interventions to samsyn_api;
grant update (actor, description, updated_by) on samsyn.plan_measures to samsyn_api;
grant update (planned_at, purpose, agenda, held_at, attendees, child_attended, guardian_ids, outcome, next_step, updated_by) on samsyn.plan_meetings to samsyn_api;
grant select on samsyn.plan_copies to samsyn_api;
grant select, insert on samsyn.participation_records to samsyn_api;
grant select on samsyn.my_plans to samsyn_api;

create policy read on samsyn.plans for select to samsyn_api using (
    (select samsyn.may('plan:read')) and id = any (array(select m.plan_id from samsyn.my_plans m)));
create policy add on samsyn.plans for insert to samsyn_api with check (
    (select samsyn.may('plan:write')) and organisation_id = (select samsyn.organisation()) and created_by = (select samsyn.assignment())
    and case_id = any (array(select m.case_id from samsyn.my_cases m)));
create policy change on samsyn.plans for update to samsyn_api using (
    (select samsyn.may('plan:write')) and organisation_id = (select samsyn.organisation())
    and case_id = any (array(select m.case_id from samsyn.my_cases m)));
create policy change on samsyn.plan_interventions for update to samsyn_api using (
    (select samsyn.may('plan:write')) and plan_id = any (array(select m.plan_id from samsyn.my_plans m))
    and (organisation_id = (select samsyn.organisation())
        or plan_id in (select p.id from samsyn.plans p where p.organisation_id = (select samsyn.organisation()))));
create policy read on samsyn.plan_copies for select to samsyn_api using (
    (select samsyn.may('plan:read')) and organisation_id = (select samsyn.organisation())
    and case_id = any (array(select m.case_id from samsyn.my_held_cases m)));
create policy read on samsyn.participation_records for select to samsyn_api using (
    (select samsyn.may('participation:read')) and organisation_id = (select samsyn.organisation())
    and case_id = any (array(select m.case_id from samsyn.my_held_cases m)));
create policy add on samsyn.participation_records for insert to samsyn_api with check (
    (select samsyn.may('participation:write')) and organisation_id = (select samsyn.organisation())
    and created_by = (select samsyn.assignment()) and case_id = any (array(select m.case_id from samsyn.my_cases m)));

grant execute on function samsyn.plan_signature, samsyn.plan_need_body, samsyn.plan_goal_body, samsyn.plan_intervention_body,
    samsyn.plan_measure_body, samsyn.plan_meeting_body, samsyn.plan_view_body, samsyn.plan_state, samsyn.plan_body, samsyn.plan_of,
    samsyn.plan_guardians, samsyn.require_plan, samsyn.holds_plan_copy, samsyn.require_plan_work, samsyn.set_plan_parties, samsyn.check_plan_people,
    samsyn.require_intervention_work, samsyn.require_plan_views, samsyn.hold_plan_meeting to samsyn_api;

-- What replies show -------------------------------------------------------------------------------------------------------------

create view api.plans with (security_invoker = true) as
select p.id as resource, c.subject_id as subject, p.organisation_id as owner,
    case when p.organisation_id <> (select samsyn.organisation()) then 'CONSENT' end as ground, null::uuid as disclosure,
    p.revision::text || '-' || samsyn.plan_state(p) as etag, samsyn.plan_body(p.id, (select samsyn.organisation()))::json as body
from samsyn.plans p join samsyn.cases c on c.id = p.case_id
union all
select k.plan_id, k.subject_id, k.lead_id, 'CONSENT', null, k.revision::text || '-left', k.body::json
from samsyn.plan_copies k
where not exists (select from samsyn.plans p where p.id = k.plan_id);
comment on view api.plans is 'The plan as it stands for its parties, and for those who were one the copy that they keep. ground: of the reader who is not the one that leads it.';

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
create view api.plan_changes with (security_invoker = true) as
select x.id as resource, p.subject, p.owner, p.ground, p.disclosure, '1' as etag,
    json_strip_nulls(json_build_object('id', x.id, 'planId', x.plan_id, 'part', x.part, 'partId', x.part_id,
        'change', case when x.before is null then 'added' else 'changed' end, 'before', x.before,
        'changedAt', samsyn.utc(x.changed_at), 'changedBy', samsyn.assignment_name(x.changed_by))) as body
from samsyn.plan_changes x join api.plans p on p.resource = x.plan_id;

create view api.participation_records with (security_invoker = true) as
select r.id as resource, f.subject_id as subject, r.organisation_id as owner, null::text as ground, null::uuid as disclosure, '1' as etag,
    json_strip_nulls(json_build_object('id', r.id, 'caseId', r.case_id, 'organisationId', r.organisation_id, 'step', r.step,
        'kind', r.kind, 'guardianId', r.guardian_id, 'participation', r.participation, 'happenedOn', r.happened_on, 'form', r.form,
        'listenedBy', r.listened_by, 'view', r.view, 'reason', r.reason, 'bestInterests', r.best_interests,
        'recordedAt', samsyn.utc(r.created_at), 'recordedBy', samsyn.assignment_name(r.created_by))) as body
from samsyn.participation_records r cross join lateral samsyn.case_facts(r.case_id) f;

create view api.participation_summaries with (security_invoker = true) as
select c.id as resource, c.subject_id as subject, c.organisation_id as owner, mine.ground, null::uuid as disclosure,
    md5(said.body::text) as etag, said.body
from samsyn.cases c
left join samsyn.participants mine on mine.case_id = c.id and mine.organisation_id = (select samsyn.organisation()) and mine.active
cross join lateral (
    select json_strip_nulls(json_build_object('caseId', c.id, 'caseOpenedOn', opened.day,
        'childFirstInvitedOn', first.child, 'daysUntilChildInvited', first.child - opened.day,
        'guardiansFirstInvitedOn', first.guardians, 'daysUntilGuardiansInvited', first.guardians - opened.day,
        'steps', (select coalesce(json_agg(json_build_object('step', s.step, 'kind', s.kind, 'participation', s.participation, 'records', s.records)
                order by s.step, s.kind, s.participation), '[]')
            from (select r.step, r.kind, r.participation, count(*) as records from samsyn.participation_records r
                where r.case_id = c.id group by r.step, r.kind, r.participation) s),
        'childView', (select json_build_object('view', r.view, 'happenedOn', r.happened_on, 'form', r.form, 'listenedBy', r.listened_by, 'step', r.step)
            from samsyn.participation_records r where r.case_id = c.id and r.kind = 'child' and r.view is not null
            order by r.happened_on desc, r.id desc limit 1))) as body
    from (select (c.opened_at at time zone 'Europe/Stockholm')::date as day) opened
    cross join (select min(r.happened_on) filter (where r.kind = 'child') as child, min(r.happened_on) filter (where r.kind = 'guardian') as guardians
        from samsyn.participation_records r where r.case_id = c.id and r.participation <> 'not') first) said;
comment on view api.participation_summaries is
    'How early child and guardians were brought in, and how they took part at each step, by the records of the reader''s organisation; the child''s latest view with them.';

grant select on api.plans, api.plan_needs, api.plan_goals, api.plan_interventions, api.plan_measures, api.plan_meetings, api.plan_views,
    api.plan_changes, api.participation_records, api.participation_summaries to samsyn_api;

insert into samsyn.permissions (code, area, purpose, in_emergency, description) values
    ('plan:read', 'content', 'care', false, 'See coordinated individual plans on ones cases'),
    ('plan:write', 'content', 'care', false, 'Draw up plans, follow them up and write down what child and guardians think'),
    ('participation:read', 'content', 'care', true, 'See how child and guardians took part in ones cases'),
    ('participation:write', 'content', 'care', false, 'Record how child and guardians took part');
update samsyn.roles set permissions = permissions || '{plan:read,plan:write,participation:read,participation:write}'
where code in ('case-worker', 'unit-manager', 'professional');
