-- Coordinated individual plans (SoL 10:8-9, HSL 16:4): the plan, its parties and its consent.
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

create trigger forbid_change before update or delete on samsyn.plan_changes for each row execute function samsyn.forbid_change();

-- What a plan reads ---------------------------------------------------------------------------------------------------

create function samsyn.plan_signature(created_at timestamptz, created_by uuid, updated_at timestamptz, updated_by uuid) returns jsonb
    language sql stable as $$
    select jsonb_build_object('createdAt', samsyn.utc(created_at), 'createdBy', samsyn.assignment_name(created_by),
        'updatedAt', samsyn.utc(updated_at), 'updatedBy', samsyn.assignment_name(coalesce(updated_by, created_by)))
$$;
comment on function samsyn.plan_signature is 'Who wrote a part of a plan and who changed it last, and when.';

create function samsyn.plan_state(p samsyn.plans) returns text
    language plpgsql stable as $$
begin
    return case when p.ended_at is not null then 'ended' when samsyn.consent_state(p.consent_id) <> 'in-force' then 'suspended'
        when p.adopted_at is not null then 'adopted' else 'draft' end;
end
$$;
comment on function samsyn.plan_state is 'draft until adopted; suspended while the consent it rests on is not in force: readable as it stands, and nothing is written into it.';

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

create function samsyn.holds_plan_copy(the_plan uuid) returns boolean
    language plpgsql stable security definer set search_path = pg_catalog as $$
begin
    return exists (select from samsyn.plan_copies k join samsyn.my_held_cases m on m.case_id = k.case_id
        where k.plan_id = the_plan and k.organisation_id = samsyn.organisation());
end
$$;
comment on function samsyn.holds_plan_copy is 'True when the principal''s organisation keeps a copy of the plan from when it was a party, and the principal may read it.';

create function samsyn.require_plan(the_plan uuid) returns void
    language plpgsql stable security definer set search_path = pg_catalog as $$
begin
    if exists (select from samsyn.my_plans m where m.plan_id = the_plan) then
        return;
    end if;
    -- Whoever is related to the case learns that there is a plan and that nothing opens it; whoever is not, nothing.
    perform samsyn.require(exists (select from samsyn.plans p join samsyn.my_cases m on m.case_id = p.case_id where p.id = the_plan)
        or samsyn.holds_plan_copy(the_plan), 'NOT_FOUND');
    perform samsyn.refuse('NO_LEGAL_GROUND');
end
$$;
comment on function samsyn.require_plan is 'Refuses unless the principal sees the plan: NOT_FOUND without a relation to its case, NO_LEGAL_GROUND for those on the case whose organisation is no party of it.';

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
    ground samsyn.legal_grounds := samsyn.ground_in_force('CONSENT', samsyn.today());
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

-- What is noted of it -------------------------------------------------------------------------------------------------

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

-- Rows ------------------------------------------------------------------------------------------------------------------------

call samsyn.protect('plans', 'plan_parties', 'plan_changes', 'plan_copies');
create policy read on samsyn.plan_parties for select to samsyn_api using (
    (select samsyn.may('plan:read')) and plan_id = any (array(select m.plan_id from samsyn.my_plans m)));
create policy read on samsyn.plan_changes for select to samsyn_api using (
    (select samsyn.may('plan:read')) and plan_id = any (array(select m.plan_id from samsyn.my_plans m)));
grant select on samsyn.plan_parties, samsyn.plan_changes to samsyn_api;

grant select, insert on samsyn.plans to samsyn_api;
grant update (title, purpose, consent_id, responsible_id, lead_assignment_id, lead_guardian_id, adopted_at, adopted_by, best_interests,
    ended_at, ended_by, end_reason, end_shared, updated_by) on samsyn.plans to samsyn_api;
grant select on samsyn.plan_copies to samsyn_api;
grant select on samsyn.my_plans to samsyn_api;

create policy read on samsyn.plans for select to samsyn_api using (
    (select samsyn.may('plan:read')) and id = any (array(select m.plan_id from samsyn.my_plans m)));
create policy add on samsyn.plans for insert to samsyn_api with check (
    (select samsyn.may('plan:write')) and organisation_id = (select samsyn.organisation()) and created_by = (select samsyn.assignment())
    and case_id = any (array(select m.case_id from samsyn.my_cases m)));
create policy change on samsyn.plans for update to samsyn_api using (
    (select samsyn.may('plan:write')) and organisation_id = (select samsyn.organisation())
    and case_id = any (array(select m.case_id from samsyn.my_cases m)));
create policy read on samsyn.plan_copies for select to samsyn_api using (
    (select samsyn.may('plan:read')) and organisation_id = (select samsyn.organisation())
    and case_id = any (array(select m.case_id from samsyn.my_held_cases m)));

grant execute on function samsyn.plan_signature, samsyn.plan_state, samsyn.plan_body, samsyn.plan_of, samsyn.require_plan,
    samsyn.holds_plan_copy, samsyn.require_plan_work, samsyn.set_plan_parties, samsyn.check_plan_people to samsyn_api;

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
create view api.plan_changes with (security_invoker = true) as
select x.id as resource, p.subject, p.owner, p.ground, p.disclosure, '1' as etag,
    json_strip_nulls(json_build_object('id', x.id, 'planId', x.plan_id, 'part', x.part, 'partId', x.part_id,
        'change', case when x.before is null then 'added' else 'changed' end, 'before', x.before,
        'changedAt', samsyn.utc(x.changed_at), 'changedBy', samsyn.assignment_name(x.changed_by))) as body
from samsyn.plan_changes x join api.plans p on p.resource = x.plan_id;

grant select on api.plans, api.plan_changes to samsyn_api;

insert into samsyn.permissions (code, area, purpose, in_emergency, description) values
    ('plan:read', 'content', 'care', false, 'See coordinated individual plans on ones cases'),
    ('plan:write', 'content', 'care', false, 'Draw up plans, follow them up and write down what child and guardians think');
update samsyn.roles set permissions = permissions || '{plan:read,plan:write}' where code in ('case-worker', 'unit-manager', 'professional');
