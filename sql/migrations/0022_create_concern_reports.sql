-- Concern for a child: the report to social services (SoL 2025:400 19:1-2), how they assess it (20:1-2), and the feedback
-- to the reporter (19:6).
--
-- A report is two copies, made in one transaction. The one sent belongs to the reporter and falls under the reporter's
-- secrecy (OSL 40:7 g); the one received belongs to the unit addressed. What social services do changes the received
-- copy alone: whether the child is known there, and what becomes of the report, is theirs to tell, and they tell it by
-- feedback and by releasing a hold, in nothing else.

create table samsyn.concern_reports (
    id uuid primary key,
    kind text not null check (kind in ('sent', 'received')),
    counterpart_id uuid not null unique references samsyn.concern_reports deferrable initially deferred,
    organisation_id uuid not null references samsyn.organisations,
    unit_id uuid not null references samsyn.organisations,
    reporter_unit_id uuid not null references samsyn.organisations,
    recipient_unit_id uuid not null references samsyn.organisations,
    author_id uuid not null references samsyn.assignments,
    author_user_id uuid not null references samsyn.users,
    regime text not null references samsyn.secrecy_regimes,
    ground text not null,
    state text not null check (state in ('sent', 'awaiting-assessment', 'awaiting-decision', 'opened', 'not-opened', 'already-open')),
    reported_at timestamptz not null default samsyn.now(),
    subject_id uuid references samsyn.subjects,
    child_name text check (length(child_name) between 1 and 200),
    child_identity_number text check (child_identity_number ~ '^[0-9]{12}$'),
    child_birth_date date,
    child_description text check (length(child_description) between 1 and 2000),
    child_protected boolean not null default false,
    harms text[] not null check (cardinality(harms) between 1 and 20),
    concern text not null check (length(concern) between 1 and 20000),
    observations text not null check (length(observations) between 1 and 20000),
    source text not null check (length(source) between 1 and 2000),
    contributors jsonb not null,
    guardians jsonb not null,
    hold_reason text check (hold_reason in ('violence', 'abuse', 'honour-related', 'other')),
    hold_text text check (length(hold_text) between 1 and 2000),
    hold_released_at timestamptz,
    hold_released_by uuid references samsyn.assignments,
    hold_release_reason text check (length(hold_release_reason) between 1 and 2000),
    feedback_requested_at timestamptz,
    feedback text check (feedback in ('opened', 'not-opened', 'already-open', 'refused')),
    feedback_at timestamptz,
    feedback_by uuid references samsyn.assignments,
    feedback_refused_reason text check (length(feedback_refused_reason) between 1 and 2000),
    case_id uuid references samsyn.cases,
    investigation_id uuid,
    retention_rule text not null,
    updated_at timestamptz not null default samsyn.now(),
    revision bigint not null default 1,
    check ((kind = 'sent') = (state = 'sent')),
    check ((feedback is null) = (feedback_at is null)),
    check (hold_released_at is null or hold_reason is not null),
    constraint concern_reports_sent_knows_nothing check (kind = 'received'
        or (case_id is null and investigation_id is null and hold_release_reason is null and hold_released_by is null
            and feedback_by is null and feedback_refused_reason is null))
);
comment on table samsyn.concern_reports is 'A report of concern for a child to social services (SoL 19:1-2), in the copy of the reporter (sent) or of the unit addressed (received).';
comment on column samsyn.concern_reports.counterpart_id is 'The other copy; read by functions of the owner alone.';
comment on column samsyn.concern_reports.organisation_id is 'Who holds this copy; unit_id is the unit of theirs.';
comment on column samsyn.concern_reports.author_id is 'Who reported: the duty is the person''s, whoever contributed.';
comment on column samsyn.concern_reports.regime is 'The secrecy that this copy falls under: at the reporter OSL 40:7 g where it covers the sector.';
comment on column samsyn.concern_reports.subject_id is 'The child in the holder''s own register.';
comment on column samsyn.concern_reports.child_name is 'The child as told by the reporter; so are the columns that follow.';
comment on column samsyn.concern_reports.guardians is 'How guardians were informed of the report, or why not.';
comment on column samsyn.concern_reports.hold_reason is 'Why guardians must not be contacted before social services have been consulted; null without a hold.';
comment on column samsyn.concern_reports.retention_rule is 'Code in samsyn.retention_rules by which this copy is kept, found anew with each state.';
create index concern_reports_by_unit on samsyn.concern_reports (unit_id, kind, reported_at desc, id desc);
create index concern_reports_by_case on samsyn.concern_reports (case_id) where case_id is not null;
create index concern_reports_by_subject on samsyn.concern_reports (subject_id) where subject_id is not null;
create trigger touch before update on samsyn.concern_reports for each row execute function samsyn.touch();

create table samsyn.concern_report_identifications (
    id uuid primary key,
    concern_report_id uuid not null references samsyn.concern_reports,
    organisation_id uuid not null references samsyn.organisations,
    subject_id uuid not null references samsyn.subjects,
    identified_at timestamptz not null default samsyn.now(),
    identified_by uuid not null references samsyn.assignments
);
comment on table samsyn.concern_report_identifications is 'Each time social services found out who the child of a received report is; the last one counts.';
create index concern_report_identifications_by_report on samsyn.concern_report_identifications (concern_report_id);

create table samsyn.protection_assessments (
    id uuid primary key,
    concern_report_id uuid not null references samsyn.concern_reports,
    organisation_id uuid not null references samsyn.organisations,
    immediate_need boolean not null,
    assessment text not null check (length(assessment) between 1 and 20000),
    measures text check (length(measures) between 1 and 20000),
    assessed_at timestamptz not null default samsyn.now(),
    assessed_by uuid not null references samsyn.assignments
);
comment on table samsyn.protection_assessments is 'Whether the child needs protection at once, documented (SoL 20:1).';
create index protection_assessments_by_report on samsyn.protection_assessments (concern_report_id);

create table samsyn.preliminary_decisions (
    id uuid primary key,
    concern_report_id uuid not null unique references samsyn.concern_reports,
    organisation_id uuid not null references samsyn.organisations,
    outcome text not null check (outcome in ('open', 'not-open', 'already-open')),
    reason text not null check (length(reason) between 1 and 20000),
    child_view jsonb not null,
    best_interests text not null check (length(best_interests) between 1 and 20000),
    decided_at timestamptz not null default samsyn.now(),
    decided_by uuid not null references samsyn.assignments
);
comment on table samsyn.preliminary_decisions is 'Whether a received report leads to an investigation, to be decided within fourteen days unless one is open already (SoL 20:2).';

create trigger forbid_change before update or delete on samsyn.concern_report_identifications
    for each row execute function samsyn.forbid_change();
create trigger forbid_change before update or delete on samsyn.protection_assessments
    for each row execute function samsyn.forbid_change();
create trigger forbid_change before update or delete on samsyn.preliminary_decisions
    for each row execute function samsyn.forbid_change();

-- Who receives ------------------------------------------------------------------------------------------------------

create function samsyn.can_receive(unit uuid) returns boolean
    language plpgsql stable security definer set search_path = pg_catalog as $$
begin
    return exists (select from samsyn.organisations o where o.id = unit and o.active) and exists (
        select from samsyn.active_assignments a where a.unit_id = unit and 'concern-report:receive' = any (a.permissions));
end
$$;
comment on function samsyn.can_receive is 'Whether somebody works in the unit who may receive concern reports and consultations.';

create function samsyn.receiving_units() returns uuid[]
    language plpgsql stable security definer set search_path = pg_catalog as $$
begin
    if not samsyn.may('concern-report:receive') or samsyn.emergency_case() is not null then
        return '{}';
    elsif samsyn.led_unit() is null then
        return array[samsyn.unit()];
    end if;
    return array(
        with recursive below as (
            select samsyn.unit() as id
            union
            select o.id from samsyn.organisations o join below on o.parent_id = below.id where o.boundary_id = samsyn.organisation())
        select below.id from below
        union
        select o.id from samsyn.organisations o
        where o.boundary_id = samsyn.organisation() and o.kind = 'unit' and not samsyn.can_receive(o.id));
end
$$;
comment on function samsyn.receiving_units is
    'Units whose concern reports and consultations the principal receives: their own; of whoever leads it also the units below, and every unit of the authority that has nobody, so that no report lies unseen.';

create function samsyn.require_recipient(unit uuid, pointer text) returns samsyn.organisations
    language plpgsql stable security definer set search_path = pg_catalog as $$
declare
    it samsyn.organisations;
begin
    select o.* into it from samsyn.organisations o where o.id = unit and o.kind = 'unit' and o.active;
    perform samsyn.require(it.id is not null, 'INVALID_REFERENCE', pointer);
    -- Whoever leads another unit of the authority stands in; with nobody at all it would lie unseen.
    perform samsyn.require(exists (
        select from samsyn.active_assignments a
        where a.organisation_id = it.boundary_id and 'concern-report:receive' = any (a.permissions)
            and (a.unit_id = it.id or 'case:lead-unit' = any (a.permissions))), 'INVALID_REFERENCE', pointer);
    return it;
end
$$;
comment on function samsyn.require_recipient is
    'The unit to which a report or a consultation is addressed. Refuses unless it is an active unit and somebody of its authority would see what comes in.';

-- The report --------------------------------------------------------------------------------------------------------

create function samsyn.is_private(unit samsyn.organisations) returns boolean
    language plpgsql stable security definer set search_path = pg_catalog as $$
begin
    return exists (select from samsyn.organisations o where o.id = unit.boundary_id and o.kind = 'provider');
end
$$;
comment on function samsyn.is_private is 'Whether a unit belongs to a private provider.';

create function samsyn.reporter_regime(unit samsyn.organisations) returns text
    language plpgsql stable security definer set search_path = pg_catalog as $$
begin
    return coalesce((select r.code from samsyn.secrecy_regimes r
        where r.code = 'CONCERN_REPORT_AT_REPORTER' and samsyn.covers(r.sectors, unit.sector) and not samsyn.is_private(unit)
            and samsyn.today() between r.valid_from and coalesce(r.valid_until, 'infinity')), unit.regime);
end
$$;
comment on function samsyn.reporter_regime is
    'The secrecy of a report at the unit that made it: OSL 40:7 g at the authorities whose sector it names, else the unit''s own.';

create function samsyn.report_concern(the_id uuid, body jsonb) returns void
    language plpgsql volatile security definer set search_path = pg_catalog as $$
declare
    sender samsyn.organisations;
    recipient samsyn.organisations := samsyn.require_recipient((body ->> 'recipientUnitId')::uuid, '/body/recipientUnitId');
    child samsyn.subjects;
    number text := samsyn.normal_identity_number(body #>> '{child,identityNumber}', samsyn.today());
    copy samsyn.concern_reports;
begin
    select o.* into sender from samsyn.organisations o where o.id = samsyn.unit();
    -- Whoever is excluded from a child knows nothing of the child here, and may report from what they know otherwise.
    select s.* into child from samsyn.subjects s
    where s.organisation_id = sender.boundary_id and s.id <> all (samsyn.excluded_subjects())
        and (s.id = (body #>> '{child,subjectId}')::uuid or s.identity_number = number);
    perform samsyn.require(child.id is not null or body #> '{child,subjectId}' is null, 'INVALID_REFERENCE', '/body/child/subjectId');

    copy.id := the_id;
    copy.kind := 'sent';
    copy.counterpart_id := samsyn.uuid7();
    copy.organisation_id := sender.boundary_id;
    copy.unit_id := sender.id;
    copy.reporter_unit_id := sender.id;
    copy.recipient_unit_id := recipient.id;
    copy.author_id := samsyn.assignment();
    copy.author_user_id := samsyn.me();
    copy.regime := samsyn.reporter_regime(sender);
    copy.ground := case sender.regime when 'FAMILY_COUNSELLING' then 'CONCERN_REPORT_FAMILY_COUNSELLING' else 'CONCERN_REPORT' end;
    copy.state := 'sent';
    copy.reported_at := samsyn.now();
    copy.subject_id := child.id;
    copy.child_name := coalesce(body #>> '{child,name}', child.name);
    copy.child_identity_number := coalesce(number, child.identity_number);
    copy.child_birth_date := coalesce((body #>> '{child,birthDate}')::date, child.birth_date);
    copy.child_description := body #>> '{child,description}';
    copy.child_protected := coalesce(child.protected_identity, false);
    copy.harms := array(select jsonb_array_elements_text(body -> 'harms'));
    copy.concern := body ->> 'concern';
    copy.observations := body ->> 'observations';
    copy.source := body ->> 'source';
    copy.contributors := coalesce(body -> 'contributors', '[]');
    copy.guardians := body -> 'guardians';
    copy.hold_reason := body #>> '{guardianContactHold,reason}';
    copy.hold_text := body #>> '{guardianContactHold,text}';
    copy.feedback_requested_at := case when (body ->> 'feedbackRequested')::boolean then samsyn.now() end;
    copy.retention_rule := 'PUBLIC_RECORDS'; -- unless samsyn.retention_mappings says otherwise
    copy.updated_at := samsyn.now();
    copy.revision := 1;

    perform samsyn.require_lawful_disclosure(samsyn.to_question(jsonb_build_object('kind', 'concern-report',
        'subject_id', child.id, 'birth_date', copy.child_birth_date, 'discloser', sender.id, 'recipient', recipient.boundary_id,
        'recipient_sector', recipient.sector, 'ground', copy.ground, 'precondition_statement', copy.concern,
        'justification', copy.concern, 'categories', array['IDENTITY', 'VIOLENCE_ABUSE'], 'regimes', array[sender.regime],
        'purpose', 'concern-report')));
    insert into samsyn.concern_reports select (copy).*;

    -- The received copy: of the child the recipient's own register tells, and the reporter never hears of it.
    copy.id := copy.counterpart_id;
    copy.counterpart_id := the_id;
    copy.kind := 'received';
    copy.organisation_id := recipient.boundary_id;
    copy.unit_id := recipient.id;
    copy.regime := recipient.regime;
    copy.state := 'awaiting-assessment';
    copy.subject_id := (select s.id from samsyn.subjects s
        where s.organisation_id = recipient.boundary_id and s.identity_number = copy.child_identity_number);
    copy.retention_rule := 'SOCIAL_FILE';
    insert into samsyn.concern_reports select (copy).*;
    -- A deadline is seen by the whole unit, the child of a report by those who receive it.
    perform samsyn.start_deadline(rule, copy.id, null, null, copy.unit_id, copy.reported_at)
    from unnest(array['IMMEDIATE_PROTECTION_ASSESSMENT', 'PRELIMINARY_ASSESSMENT']) rule;
end
$$;
comment on function samsyn.report_concern is
    'Makes both copies of a concern report from the body of createConcernReport, at once and whatever consents say; the evaluator weighs it as any disclosure. With an identity number that stands in the recipient''s register the received copy is about that child.';

create function samsyn.require_report(report uuid, the_kind text) returns void
    language plpgsql stable set search_path = pg_catalog as $$
declare
    kind text;
begin
    select r.kind into kind from samsyn.concern_reports r where r.id = report;
    perform samsyn.require(kind is not null, 'NOT_FOUND');
    perform samsyn.require(kind = the_kind, case the_kind when 'received' then 'NOT_RECIPIENT' else 'NOT_OWNER' end);
end
$$;
comment on function samsyn.require_report is
    'Refuses unless the principal sees the report, and in the copy of this kind: received for what social services do, sent for what the reporter does. Runs with the caller''s rights.';

create function samsyn.note_assessment() returns trigger
    language plpgsql security definer set search_path = pg_catalog as $$
begin
    update samsyn.concern_reports r
    set state = case r.state when 'awaiting-assessment' then 'awaiting-decision' else r.state end
    where r.id = new.concern_report_id;
    perform samsyn.meet_deadlines('IMMEDIATE_PROTECTION_ASSESSMENT', new.concern_report_id);
    return null;
end
$$;
comment on function samsyn.note_assessment is 'Trigger: with the first protection assessment the report awaits its decision.';
create trigger note after insert on samsyn.protection_assessments for each row execute function samsyn.note_assessment();

create function samsyn.note_identification() returns trigger
    language plpgsql security definer set search_path = pg_catalog as $$
begin
    perform samsyn.require(exists (select from samsyn.subjects s
        where s.id = new.subject_id and s.organisation_id = new.organisation_id and s.id <> all (samsyn.excluded_subjects())),
        'INVALID_REFERENCE', '/body/subjectId');
    update samsyn.concern_reports r set subject_id = new.subject_id
    where r.id = new.concern_report_id and samsyn.require(r.case_id is null, 'CONFLICT');
    return new;
end
$$;
comment on function samsyn.note_identification is 'Trigger: the report is about this child of the own register from now on; not any more once it led to a case.';
create trigger note before insert on samsyn.concern_report_identifications for each row execute function samsyn.note_identification();

create function samsyn.extend_preliminary_assessment(report uuid, until date, reason text) returns void
    language plpgsql volatile security definer set search_path = pg_catalog as $$
begin
    update samsyn.concern_reports r set updated_at = samsyn.now()
    where r.id = report and samsyn.require(r.state in ('awaiting-assessment', 'awaiting-decision'), 'ALREADY_ANSWERED');
    perform samsyn.extend_deadline('PRELIMINARY_ASSESSMENT', report, until, reason);
end
$$;
comment on function samsyn.extend_preliminary_assessment is 'More time than fourteen days for the decision, for exceptional reasons (SoL 20:2).';

-- Feedback (SoL 19:6) and the hold ----------------------------------------------------------------------------------

create function samsyn.await_feedback(report uuid) returns void
    language plpgsql volatile security definer set search_path = pg_catalog as $$
declare
    r samsyn.concern_reports;
    decided timestamptz;
    week text;
    late boolean;
begin
    select c.* into r from samsyn.concern_reports c where c.id = report;
    select d.decided_at into decided from samsyn.preliminary_decisions d where d.concern_report_id = report;
    if decided is null or r.feedback_requested_at is null or r.feedback is not null then
        return;
    end if;
    select w.duration into week from samsyn.deadline_rules w
    where w.code = 'REPORTER_FEEDBACK' and samsyn.today() between w.valid_from and coalesce(w.valid_until, 'infinity');
    late := r.state = 'already-open' or samsyn.today() > samsyn.due_on(decided, week);
    perform samsyn.start_deadline(case when late then 'REPORTER_FEEDBACK_LATE_REQUEST' else 'REPORTER_FEEDBACK' end,
        r.id, null, null, r.unit_id, case when late then samsyn.now() else decided end);
end
$$;
comment on function samsyn.await_feedback is
    'Starts the time for feedback once there is both a request and a decision: a week from the decision, at once when it was asked for later or when an investigation ran already (SoL 19:6).';

create function samsyn.ask_feedback(report uuid) returns void
    language plpgsql volatile security definer set search_path = pg_catalog as $$
declare
    received uuid;
begin
    -- The received copy is locked first wherever both are changed, so that a request and its answer wait for each other.
    select r.id into received from samsyn.concern_reports r where r.counterpart_id = report for update;
    update samsyn.concern_reports r set feedback_requested_at = samsyn.now()
    where r.id = report and samsyn.require(r.feedback is null, 'ALREADY_ANSWERED')
        and samsyn.require(r.feedback_requested_at is null, 'ALREADY_EXISTS');
    update samsyn.concern_reports r set feedback_requested_at = samsyn.now() where r.id = received;
    perform samsyn.await_feedback(received);
end
$$;
comment on function samsyn.ask_feedback is 'The reporter asks what becomes of the report; both copies say so.';

create function samsyn.give_feedback(report uuid, refused_reason text) returns void
    language plpgsql volatile security definer set search_path = pg_catalog as $$
declare
    r samsyn.concern_reports;
    told text;
begin
    select c.* into r from samsyn.concern_reports c where c.id = report for update;
    perform samsyn.require(r.feedback is null, 'ALREADY_ANSWERED');
    perform samsyn.require(r.state in ('opened', 'not-opened', 'already-open'), 'CONFLICT');
    if refused_reason is not null then
        perform samsyn.require(r.feedback_requested_at is not null, 'CONFLICT', '/body/refusedReason');
        told := 'refused';
    else
        told := r.state;
        perform samsyn.require_lawful_disclosure(samsyn.to_question(jsonb_build_object('kind', 'feedback',
            'report_id', r.id, 'subject_id', r.subject_id, 'birth_date', r.child_birth_date, 'discloser', r.organisation_id,
            'recipient', o.boundary_id, 'recipient_sector', o.sector, 'ground', 'REPORTER_FEEDBACK', 'categories', array['CASE_STATUS'],
            'regimes', array[r.regime], 'purpose', 'feedback')))
        from samsyn.organisations o where o.id = r.reporter_unit_id;
    end if;
    update samsyn.concern_reports c
    set feedback = told, feedback_at = samsyn.now(), feedback_by = samsyn.assignment(), feedback_refused_reason = refused_reason
    where c.id = r.id;
    update samsyn.concern_reports c set feedback = told, feedback_at = samsyn.now() where c.id = r.counterpart_id;
    perform samsyn.meet_deadlines(rule, r.id) from unnest(array['REPORTER_FEEDBACK', 'REPORTER_FEEDBACK_LATE_REQUEST']) rule;
end
$$;
comment on function samsyn.give_feedback is
    'Tells the reporter whether an investigation was opened, was not, or ran already, as it was decided; or that no feedback is given, and then not why (SoL 19:6, OSL 26:9 a).';

create function samsyn.release_hold(report uuid, reason text) returns void
    language plpgsql volatile security definer set search_path = pg_catalog as $$
declare
    sent uuid;
begin
    update samsyn.concern_reports r
    set hold_released_at = samsyn.now(), hold_released_by = samsyn.assignment(), hold_release_reason = reason
    where r.id = report and samsyn.require(r.hold_reason is not null, 'CONFLICT')
        and samsyn.require(r.hold_released_at is null, 'ALREADY_ENDED')
    returning r.counterpart_id into sent;
    update samsyn.concern_reports r set hold_released_at = samsyn.now() where r.id = sent;
end
$$;
comment on function samsyn.release_hold is 'Social services have been consulted: guardians may be contacted. Both copies say so, the received one also why.';

create function samsyn.last_day(the_rule text, the_resource uuid) returns date
    language plpgsql stable security definer set search_path = pg_catalog as $$
begin
    return (select coalesce(d.extended_until, d.due_on) from samsyn.deadlines d
        where d.resource_id = the_resource and d.rule = the_rule order by d.triggered_at desc limit 1);
end
$$;
comment on function samsyn.last_day is 'The last day of a time limit about a report or an investigation, extensions included.';

-- Who sees what -----------------------------------------------------------------------------------------------------

call samsyn.protect('concern_reports', 'concern_report_identifications', 'protection_assessments', 'preliminary_decisions');

-- Which two copies belong together is not for the server to read. What changes both goes through the functions above.
grant select (id, kind, organisation_id, unit_id, reporter_unit_id, recipient_unit_id, author_id, author_user_id, regime, ground, state,
    reported_at, subject_id, child_name, child_identity_number, child_birth_date, child_description, child_protected, harms, concern,
    observations, source, contributors, guardians, hold_reason, hold_text, hold_released_at, hold_released_by, hold_release_reason,
    feedback_requested_at, feedback, feedback_at, feedback_by, feedback_refused_reason, case_id, investigation_id, retention_rule,
    updated_at, revision) on samsyn.concern_reports to samsyn_api;
create policy read on samsyn.concern_reports for select to samsyn_api using (
    (select samsyn.may('concern-report:read')) and organisation_id = (select samsyn.organisation())
    and (subject_id is null or subject_id <> all ((select samsyn.excluded_subjects())::uuid[]))
    and ((kind = 'sent' and (select samsyn.emergency_case()) is null
            and ((unit_id = (select samsyn.unit()) and author_user_id = (select samsyn.me())) or unit_id = (select samsyn.led_unit())))
        or (kind = 'received' and unit_id = any ((select samsyn.receiving_units())::uuid[]))
        or (kind = 'received' and case_id = any (array(select m.case_id from samsyn.my_cases m)))));

grant select, insert on samsyn.concern_report_identifications, samsyn.protection_assessments to samsyn_api;
grant select on samsyn.preliminary_decisions to samsyn_api;
create policy read on samsyn.concern_report_identifications for select to samsyn_api using (
    (select samsyn.may('concern-report:read')) and organisation_id = (select samsyn.organisation())
    and concern_report_id in (select r.id from samsyn.concern_reports r));
create policy add on samsyn.concern_report_identifications for insert to samsyn_api with check (
    (select samsyn.may('concern-report:receive')) and organisation_id = (select samsyn.organisation())
    and identified_by = (select samsyn.assignment())
    and concern_report_id in (select r.id from samsyn.concern_reports r where r.kind = 'received'));
create policy read on samsyn.protection_assessments for select to samsyn_api using (
    (select samsyn.may('concern-report:read')) and organisation_id = (select samsyn.organisation())
    and concern_report_id in (select r.id from samsyn.concern_reports r));
create policy add on samsyn.protection_assessments for insert to samsyn_api with check (
    (select samsyn.may('concern-report:receive')) and organisation_id = (select samsyn.organisation())
    and assessed_by = (select samsyn.assignment())
    and concern_report_id in (select r.id from samsyn.concern_reports r where r.kind = 'received'));
create policy read on samsyn.preliminary_decisions for select to samsyn_api using (
    (select samsyn.may('concern-report:read')) and organisation_id = (select samsyn.organisation())
    and concern_report_id in (select r.id from samsyn.concern_reports r));

grant execute on function samsyn.can_receive, samsyn.receiving_units, samsyn.report_concern, samsyn.require_report,
    samsyn.extend_preliminary_assessment, samsyn.ask_feedback, samsyn.give_feedback,
    samsyn.release_hold, samsyn.last_day to samsyn_api;

-- What replies show ---------------------------------------------------------------------------------------------------

create view api.concern_reports with (security_invoker = true) as
select r.id as resource, r.subject_id as subject, r.organisation_id as owner, r.ground, null::uuid as disclosure,
    r.revision::text || case when shown.all_of_it then '' else '-masked' end as etag,
    json_strip_nulls(json_build_object('id', r.id, 'kind', r.kind, 'state', r.state, 'reportedAt', samsyn.utc(r.reported_at),
        'organisationId', r.organisation_id, 'secrecyRegime', r.regime, 'ground', r.ground,
        'reporterUnitId', r.reporter_unit_id, 'reporterUnitName', samsyn.organisation_name(r.reporter_unit_id),
        'reportedBy', samsyn.assignment_name(r.author_id),
        'recipientUnitId', r.recipient_unit_id, 'recipientUnitName', samsyn.organisation_name(r.recipient_unit_id),
        'child', json_build_object('subjectId', r.subject_id,
            'name', case when shown.all_of_it then r.child_name end,
            'identityNumber', case when shown.all_of_it then r.child_identity_number end,
            'birthDate', r.child_birth_date, 'description', case when shown.all_of_it then r.child_description end,
            'masked', not shown.all_of_it),
        'harms', r.harms, 'concern', r.concern, 'observations', r.observations, 'source', r.source,
        'contributors', r.contributors, 'guardians', r.guardians,
        'guardianContact', case when r.hold_reason is null then 'open' when r.hold_released_at is null then 'on-hold' else 'released' end,
        'guardianContactHold', case when r.hold_reason is not null then json_build_object('reason', r.hold_reason, 'text', r.hold_text,
            'releasedAt', samsyn.utc(r.hold_released_at), 'releasedBy', samsyn.assignment_name(r.hold_released_by),
            'releaseReason', r.hold_release_reason) end,
        'feedbackState', case when r.feedback = 'refused' then 'refused' when r.feedback is not null then 'given'
            when r.feedback_requested_at is not null then 'requested' else 'not-requested' end,
        'feedback', case when r.feedback_requested_at is not null or r.feedback is not null then json_build_object(
            'requestedAt', samsyn.utc(r.feedback_requested_at), 'outcome', r.feedback, 'givenAt', samsyn.utc(r.feedback_at),
            'givenBy', samsyn.assignment_name(r.feedback_by), 'refusedReason', r.feedback_refused_reason) end,
        'decisionDueOn', case when r.kind = 'received' then samsyn.last_day('PRELIMINARY_ASSESSMENT', r.id) end,
        'identifications', (select json_agg(json_build_object('subjectId', i.subject_id, 'identifiedAt', samsyn.utc(i.identified_at),
                'identifiedBy', samsyn.assignment_name(i.identified_by)) order by i.identified_at, i.id)
            from samsyn.concern_report_identifications i where i.concern_report_id = r.id),
        'protectionAssessments', (select json_agg(json_build_object('immediateNeed', a.immediate_need, 'assessment', a.assessment,
                'measures', a.measures, 'assessedAt', samsyn.utc(a.assessed_at), 'assessedBy', samsyn.assignment_name(a.assessed_by))
                order by a.assessed_at, a.id)
            from samsyn.protection_assessments a where a.concern_report_id = r.id),
        'preliminaryDecision', (select json_build_object('outcome', d.outcome, 'reason', d.reason, 'childView', d.child_view,
                'bestInterests', d.best_interests, 'decidedAt', samsyn.utc(d.decided_at), 'decidedBy', samsyn.assignment_name(d.decided_by))
            from samsyn.preliminary_decisions d where d.concern_report_id = r.id),
        'caseId', r.case_id, 'investigationId', r.investigation_id, 'retentionRule', r.retention_rule,
        'updatedAt', samsyn.utc(r.updated_at))) as body
from samsyn.concern_reports r
left join samsyn.subjects s on s.id = r.subject_id
cross join lateral (select not (r.child_protected or coalesce(s.protected_identity, false)) or samsyn.may('subject:protected') as all_of_it) shown;
comment on view api.concern_reports is 'One copy of a report. What social services do with it stands in theirs alone; the reporter''s tells what was sent, the feedback and the release of a hold.';

create view api.concern_report_summaries with (security_invoker = true) as
select u.id as resource, null::uuid as subject, null::uuid as owner, null::text as ground, null::uuid as disclosure, null::text as etag,
    json_strip_nulls(json_build_object('unitId', u.id, 'unitName', u.name, 'attended', samsyn.can_receive(u.id),
        'awaitingAssessment', n.awaiting_assessment, 'awaitingDecision', n.awaiting_decision, 'late', n.late, 'opened', n.opened,
        'notOpened', n.not_opened, 'alreadyOpen', n.already_open, 'awaitingFeedback', n.awaiting_feedback, 'onHold', n.on_hold,
        'oldestWaiting', samsyn.utc(n.oldest))) as body
from samsyn.organisations u
cross join lateral (
    select count(*) filter (where r.state = 'awaiting-assessment') as awaiting_assessment,
        count(*) filter (where r.state = 'awaiting-decision') as awaiting_decision,
        count(*) filter (where r.state like 'awaiting-%' and samsyn.last_day('PRELIMINARY_ASSESSMENT', r.id) < samsyn.today()) as late,
        count(*) filter (where r.state = 'opened') as opened, count(*) filter (where r.state = 'not-opened') as not_opened,
        count(*) filter (where r.state = 'already-open') as already_open,
        count(*) filter (where r.feedback_requested_at is not null and r.feedback is null) as awaiting_feedback,
        count(*) filter (where r.hold_reason is not null and r.hold_released_at is null) as on_hold,
        min(r.reported_at) filter (where r.state like 'awaiting-%') as oldest
    from samsyn.concern_reports r
    where r.unit_id = u.id and r.kind = 'received') n;
comment on view api.concern_report_summaries is 'How many received reports of a unit are in which state; attended: somebody of the unit receives them.';

grant select on api.concern_reports, api.concern_report_summaries to samsyn_api;

insert into samsyn.permissions (code, area, purpose, in_emergency, description) values
    ('concern-report:read', 'content', 'care', true, 'See the concern reports and consultations that one has sent or received'),
    ('concern-report:write', 'content', 'care', false, 'Report concern for a child to social services, ask for feedback, consult without naming the child'),
    ('concern-report:receive', 'content', 'care', false, 'Receive the concern reports and consultations of ones unit and decide on them');
update samsyn.roles set permissions = permissions || '{concern-report:read,concern-report:write}'
where code in ('case-worker', 'unit-manager', 'professional');
update samsyn.roles set permissions = permissions || '{concern-report:receive}' where code in ('case-worker', 'unit-manager');
