-- How long what is kept, who stops that, and the culling when the time is over.
--
-- Whose time it is: each organisation keeps its own part of a case, by the rules of its sector and of the secrecy that
-- the part falls under, and each part ends on a day of its own. What is common (participants, consents, plans) ends with
-- the last part. The rules are rows of samsyn.retention_rules; which of them holds for what is rows as well.

-- Which rule holds ---------------------------------------------------------------------------------------------------

create table samsyn.retention_mappings (
    id uuid primary key default samsyn.uuid7(),
    kind text not null check (kind in ('record', 'investigated-record', 'case', 'investigation', 'report-sent', 'report-received',
        'report-not-opened', 'report-opened', 'consultation')),
    regime text,
    category text,
    sector text,
    private boolean,
    rule text not null,
    counted_from text not null check (counted_from in ('last-note', 'birth')),
    then_rule text,
    valid_from date not null,
    valid_until date check (valid_until >= valid_from),
    unique nulls not distinct (kind, regime, category, sector, private, valid_from)
);
comment on table samsyn.retention_mappings is 'Which retention rule holds for what: null means any, and of several that fit the one that says most counts (category, then regime, sector, private). valid_from and valid_until are the days on which the matter ended.';
comment on column samsyn.retention_mappings.private is 'True for private providers, false for authorities.';
comment on column samsyn.retention_mappings.then_rule is 'Where rule only says how long a thing must be kept at least: the rule by which it goes after that. Without one it goes by the holder''s own decision.';

insert into samsyn.retention_mappings (kind, regime, category, sector, private, rule, counted_from, then_rule, valid_from) values
    ('record', null, null, null, null, 'PUBLIC_RECORDS', 'last-note', null, '2025-07-01'),
    ('record', null, null, 'SOCIAL_SERVICES', false, 'SOCIAL_FILE', 'last-note', null, '2025-07-01'),
    ('record', null, null, 'SOCIAL_SERVICES', true, 'PRIVATE_SOCIAL_FILE', 'last-note', null, '2025-07-01'),
    ('record', null, 'PLACEMENT', 'SOCIAL_SERVICES', false, 'PLACEMENT_PATERNITY_ADOPTION', 'last-note', null, '2025-07-01'),
    ('record', 'HEALTH_CARE', null, null, null, 'PATIENT_RECORD', 'last-note', null, '2025-07-01'),
    ('record', 'STUDENT_HEALTH_MEDICAL', null, null, null, 'PATIENT_RECORD', 'last-note', null, '2025-07-01'),
    ('record', 'SHARED_CARE_RECORD', null, 'HEALTH_CARE', null, 'PATIENT_RECORD', 'last-note', null, '2025-07-01'),
    ('record', 'SHARED_CARE_RECORD_LOCKED', null, 'HEALTH_CARE', null, 'PATIENT_RECORD', 'last-note', null, '2025-07-01'),
    ('investigated-record', null, null, null, null, 'CHILD_INVESTIGATION', 'birth', 'SOCIAL_FILE', '2026-01-15'),
    ('investigated-record', null, 'PLACEMENT', null, null, 'PLACEMENT_PATERNITY_ADOPTION', 'last-note', null, '2025-07-01'),
    ('investigation', null, null, null, null, 'CHILD_INVESTIGATION', 'birth', 'SOCIAL_FILE', '2026-01-15'),
    ('report-sent', null, null, null, null, 'PUBLIC_RECORDS', 'last-note', null, '2025-07-01'),
    ('report-sent', null, null, 'HEALTH_CARE', null, 'PATIENT_RECORD', 'last-note', null, '2025-07-01'),
    ('report-sent', null, null, 'DENTAL_CARE', null, 'PATIENT_RECORD', 'last-note', null, '2025-07-01'),
    ('report-sent', null, null, 'SOCIAL_SERVICES', false, 'SOCIAL_FILE', 'last-note', null, '2025-07-01'),
    ('report-sent', null, null, 'SOCIAL_SERVICES', true, 'PRIVATE_SOCIAL_FILE', 'last-note', null, '2025-07-01'),
    ('report-received', null, null, null, null, 'SOCIAL_FILE', 'last-note', null, '2025-07-01'),
    ('report-not-opened', null, null, null, null, 'REPORT_NOT_OPENED', 'last-note', null, '2026-01-15'),
    ('report-opened', null, null, null, null, 'CHILD_INVESTIGATION', 'birth', 'SOCIAL_FILE', '2026-01-15'),
    ('consultation', null, null, null, null, 'PUBLIC_RECORDS', 'last-note', null, '2025-07-01'),
    ('case', null, null, null, null, 'PUBLIC_RECORDS', 'last-note', null, '2025-07-01'),
    ('case', null, null, 'SOCIAL_SERVICES', false, 'SOCIAL_FILE', 'last-note', null, '2025-07-01'),
    ('case', null, null, 'SOCIAL_SERVICES', true, 'PRIVATE_SOCIAL_FILE', 'last-note', null, '2025-07-01'),
    ('case', null, null, 'HEALTH_CARE', null, 'PATIENT_RECORD', 'last-note', null, '2025-07-01');

create table samsyn.retention_decisions (
    id uuid primary key,
    organisation_id uuid not null references samsyn.organisations,
    kind text not null check (kind in ('record', 'case', 'investigation', 'report', 'consultation')),
    regime text references samsyn.secrecy_regimes,
    duration text not null check (duration ~ '^(permanent|P[0-9]{1,3}Y)$'),
    reference text not null check (length(reference) between 1 and 200),
    valid_from date not null,
    valid_until date check (valid_until >= valid_from),
    decided_by uuid references samsyn.assignments,
    created_at timestamptz not null default now()
);
comment on table samsyn.retention_decisions is 'What an organisation has decided for itself where the acts leave it to them (arkivlagen 1990:782 10 §): without a decision a thing is kept.';
comment on column samsyn.retention_decisions.reference is 'Where the decision itself is found.';
create index retention_decisions_by_organisation on samsyn.retention_decisions (organisation_id, kind);
create trigger forbid_change before update or delete on samsyn.retention_decisions
    for each row execute function samsyn.forbid_change();

create function samsyn.retention_mapping(the_kind text, the_regime text, the_category text, the_sector text, is_private boolean,
        ended date) returns samsyn.retention_mappings
    language plpgsql stable set search_path = pg_catalog as $$
declare
    found samsyn.retention_mappings;
begin
    select m.* into found from samsyn.retention_mappings m
    where m.kind = the_kind and (m.regime is null or m.regime = the_regime) and (m.category is null or m.category = the_category)
        and (m.sector is null or m.sector = the_sector) and (m.private is null or m.private = is_private)
        and ended between m.valid_from and coalesce(m.valid_until, 'infinity')
    order by m.category is null, m.regime is null, m.sector is null, m.private is null, m.valid_from desc limit 1;
    return found;
end
$$;
comment on function samsyn.retention_mapping is 'The mapping that says most about a thing that ended on this day; null when there is none, and then it is kept.';

create function samsyn.decided_duration(organisation uuid, the_kind text, the_regime text) returns interval
    language plpgsql stable set search_path = pg_catalog as $$
begin
    return (select nullif(d.duration, 'permanent')::interval from samsyn.retention_decisions d
        where d.organisation_id = organisation and d.kind = the_kind and (d.regime is null or d.regime = the_regime)
            and samsyn.today() between d.valid_from and coalesce(d.valid_until, 'infinity')
        order by d.regime is null, d.valid_from desc, d.id desc limit 1);
end
$$;
comment on function samsyn.decided_duration is 'How long the organisation has decided to keep things of this kind; null when it has not, or keeps them for good.';

create function samsyn.birthday(born date, years interval) returns date
    language sql immutable as $$
    select case when extract(day from (born + years)) = extract(day from born) then (born + years)::date else (born + years)::date + 1 end
$$;
comment on function samsyn.birthday is 'The day on which someone is so many years old; who was born on 29 February is it on 1 March, as in samsyn.age.';

create type samsyn.retention_term as (rule text, provision text, mode text, keep_until date, due_on date, finish_by date);
comment on type samsyn.retention_term is 'How long a thing is kept: at least to keep_until; to be culled from due_on, null for never; and by the end of finish_by, where the act says so.';

create function samsyn.retention_term(m samsyn.retention_mappings, decided interval, born date, last_note date, ended date)
    returns samsyn.retention_term
    language plpgsql stable set search_path = pg_catalog as $$
declare
    wording samsyn.retention_rules;
    next samsyn.retention_rules;
    first date;
    term samsyn.retention_term;
begin
    select r.* into wording from samsyn.retention_rules r
    where r.code = m.rule and ended between r.valid_from and coalesce(r.valid_until, 'infinity');
    select r.* into next from samsyn.retention_rules r
    where r.code = m.then_rule and ended between r.valid_from and coalesce(r.valid_until, 'infinity');
    term.rule := wording.code;
    term.provision := wording.provision;
    term.mode := wording.mode;
    if wording.duration like 'P%' then
        first := case m.counted_from when 'birth' then samsyn.birthday(born, wording.duration::interval)
            else (last_note + wording.duration::interval)::date + 1 end;
        term.keep_until := first - 1;
    end if;
    case wording.mode
        when 'delete', 'keep-then-delete' then
            term.due_on := first;
        when 'keep-at-least' then
            -- What must be kept so long goes after that by the next rule, or by the holder's own decision.
            term.due_on := greatest(first, (last_note + case when next.code is null then decided else next.duration::interval end)::date + 1);
            if next.code is null and decided is null then
                term.due_on := null;
            end if;
        when 'keep-unless-decided' then
            term.due_on := (last_note + decided)::date + 1;
        else
            null;
    end case;
    -- SoL 16:1: culling is to be finished by the end of the calendar year after the one in which the duty arose.
    if 'delete' in (wording.mode, next.mode) then
        term.finish_by := make_date(extract(year from term.due_on)::int + 1, 12, 31);
    end if;
    return term;
end
$$;
comment on function samsyn.retention_term is
    'The term of a mapping for someone born on a day, whose last note is of a day, in a matter that ended on a day, where the holder has decided to keep such things for an interval (null: has not decided).';

-- Legal hold -----------------------------------------------------------------------------------------------------------

create table samsyn.legal_holds (
    id uuid primary key,
    case_id uuid not null references samsyn.cases,
    organisation_id uuid not null references samsyn.organisations,
    reason text not null check (length(reason) between 1 and 2000),
    placed_at timestamptz not null default samsyn.now(),
    placed_by uuid not null references samsyn.assignments,
    released_at timestamptz,
    released_by uuid references samsyn.assignments,
    release_reason text check (length(release_reason) between 1 and 2000),
    updated_at timestamptz not null default samsyn.now(),
    revision bigint not null default 1,
    check ((released_at is null) = (release_reason is null))
);
comment on table samsyn.legal_holds is 'Why nothing of a case may be culled for the time being, such as a dispute, a review or a crime inquiry. Placed by one of the organisations, it holds the whole case.';
create index legal_holds_by_case on samsyn.legal_holds (case_id, placed_at, id);
create trigger touch before update on samsyn.legal_holds for each row execute function samsyn.touch();

create function samsyn.is_held(the_case uuid) returns boolean
    language plpgsql stable security definer set search_path = pg_catalog as $$
begin
    return exists (select from samsyn.legal_holds h where h.case_id = the_case and h.released_at is null);
end
$$;
comment on function samsyn.is_held is 'Whether a legal hold of any organisation stops the culling of the case.';

create function samsyn.lock_held_case() returns trigger
    language plpgsql security definer set search_path = pg_catalog as $$
begin
    perform from samsyn.cases c where c.id = new.case_id for share;
    return new;
end
$$;
comment on function samsyn.lock_held_case is 'Trigger: a hold waits for a culling that is under way, and one that comes after sees it.';
create trigger lock before insert on samsyn.legal_holds for each row execute function samsyn.lock_held_case();

-- What is kept, item by item -------------------------------------------------------------------------------------------

create type samsyn.retention_item as (
    kind text, id uuid, case_id uuid, subject_id uuid, organisation_id uuid, regime text, rule text, provision text, mode text,
    opened_on date, ended_on date, last_note_on date, keep_until date, due_on date, finish_by date, held boolean
);
comment on type samsyn.retention_item is 'One thing that is kept and culled as a whole. records: what an organisation holds of a case under one secrecy and one rule; case: what the organisations of a case have in common. kind, id, organisation_id, regime and rule name it.';

-- The functions that follow take null for everything, and are inlined and planned with the value: what is asked about one
-- case reads that case alone.

create function samsyn.ended_parts(the_case uuid) returns table (case_id uuid, organisation_id uuid, ended_at timestamptz)
    language sql stable as $$
    select p.case_id, p.organisation_id,
        case when not bool_or(p.active) then max(p.updated_at)
            when c.status = 'closed' then (select max(x.closed_at) from samsyn.closures x where x.case_id = c.id) end
    from samsyn.participants p
    join samsyn.cases c on c.id = p.case_id
    where the_case is null or p.case_id = the_case
    group by p.case_id, p.organisation_id, c.id
$$;
comment on function samsyn.ended_parts is 'When each organisation''s part in the case (in every case when null) ended: its own participation, or the case; null while it lasts.';

create function samsyn.held_notes(the_case uuid)
    returns table (case_id uuid, organisation_id uuid, regime text, category text, first_at timestamptz, last_at timestamptz)
    language sql stable as $$
    select r.case_id, r.organisation_id, r.regime, r.category, min(r.created_at), max(v.created_at)
    from samsyn.records r
    join samsyn.record_versions v on v.record_id = r.id
    where (the_case is null or r.case_id = the_case) and r.culled_at is null
    group by 1, 2, 3, 4
    union all
    -- What was handed over is held by the recipient, under the secrecy that its own records fall under.
    select d.case_id, d.recipient_id, o.regime, null, min(d.disclosed_at), max(d.disclosed_at)
    from samsyn.disclosures d
    join samsyn.organisations o on o.id = d.recipient_id
    where (the_case is null or d.case_id = the_case)
        and exists (select from samsyn.disclosure_items i where i.disclosure_id = d.id)
    group by 1, 2, 3
$$;
comment on function samsyn.held_notes is 'What each organisation holds of the case (of every case when null), by secrecy and category, with the first and the last note.';

create function samsyn.kind_of_record(the_case uuid, organisation uuid) returns text
    language plpgsql stable set search_path = pg_catalog as $$
begin
    return case when exists (select from samsyn.investigations i where i.case_id = the_case and i.organisation_id = organisation)
        then 'investigated-record' else 'record' end;
end
$$;
comment on function samsyn.kind_of_record is 'What the records of an organisation on a case are to the mappings: they belong to its investigation of the child, if there was one (SoL 16:2 a).';

create function samsyn.kept_records(the_case uuid) returns setof samsyn.retention_item
    language sql stable as $$
    select 'records', n.case_id, n.case_id, c.subject_id, n.organisation_id, n.regime, term.rule, term.provision, term.mode,
        min(samsyn.legal_day(n.first_at)), samsyn.legal_day(e.ended_at), noted.day, term.keep_until,
        case when e.ended_at is not null then term.due_on end, case when e.ended_at is not null then term.finish_by end,
        samsyn.is_held(n.case_id)
    from (select h.*, max(h.last_at) over (partition by h.case_id, h.organisation_id) as last_of_file
        from samsyn.held_notes(the_case) h) n
    join samsyn.cases c on c.id = n.case_id
    join samsyn.subjects s on s.id = c.subject_id
    join samsyn.organisations o on o.id = n.organisation_id
    left join samsyn.ended_parts(the_case) e on e.case_id = n.case_id and e.organisation_id = n.organisation_id
    -- That the matter ended is itself a note in the file.
    cross join lateral (select samsyn.legal_day(greatest(n.last_of_file, e.ended_at)) as day,
        samsyn.legal_day(coalesce(e.ended_at, samsyn.now())) as ended) noted
    cross join lateral samsyn.retention_mapping(samsyn.kind_of_record(n.case_id, o.id), n.regime, n.category, o.sector, o.kind = 'provider', noted.ended) m
    cross join lateral samsyn.retention_term(m, samsyn.decided_duration(o.id, 'record', n.regime), s.birth_date, noted.day, noted.ended) term
    group by n.case_id, c.subject_id, n.organisation_id, n.regime, e.ended_at, noted.day, term.rule, term.provision, term.mode,
        term.keep_until, term.due_on, term.finish_by
$$;
comment on function samsyn.kept_records is 'The parts of the case (of every case when null): what each organisation holds, by secrecy and rule. Nothing is due before the organisation''s part has ended.';

create function samsyn.has_parts(the_case uuid) returns boolean
    language plpgsql stable set search_path = pg_catalog as $$
begin
    return exists (select from samsyn.records r where r.case_id = the_case)
        or exists (select from samsyn.investigations i where i.case_id = the_case)
        or exists (select from samsyn.disclosures d join samsyn.disclosure_items i on i.disclosure_id = d.id where d.case_id = the_case);
end
$$;
comment on function samsyn.has_parts is 'Whether any organisation still keeps something of its own of the case.';

create function samsyn.kept_cases(the_case uuid) returns setof samsyn.retention_item
    language sql stable as $$
    select 'case', c.id, c.id, c.subject_id, c.organisation_id, o.regime, term.rule, term.provision, term.mode,
        samsyn.legal_day(c.opened_at), samsyn.legal_day(closed.at), noted.day, term.keep_until,
        case when free.it then term.due_on end, case when free.it then term.finish_by end, samsyn.is_held(c.id)
    from samsyn.cases c
    join samsyn.subjects s on s.id = c.subject_id
    join samsyn.organisations o on o.id = c.organisation_id
    cross join lateral (select case when c.status = 'closed' then
        (select max(x.closed_at) from samsyn.closures x where x.case_id = c.id) end as at) closed
    cross join lateral (select samsyn.legal_day(coalesce(closed.at, samsyn.now())) as day) noted
    cross join lateral (select closed.at is not null and not samsyn.has_parts(c.id) as it) free
    cross join lateral samsyn.retention_mapping('case', o.regime, null, o.sector, o.kind = 'provider', noted.day) m
    cross join lateral samsyn.retention_term(m, samsyn.decided_duration(o.id, 'case', o.regime), s.birth_date, noted.day, noted.day) term
    where the_case is null or c.id = the_case
$$;
comment on function samsyn.kept_cases is 'What the organisations of the case (of every case when null) have in common. Not due before it is closed and the last part has gone.';

create function samsyn.kept_investigations(the_case uuid, the_investigation uuid) returns setof samsyn.retention_item
    language sql stable as $$
    select 'investigation', i.id, i.case_id, i.subject_id, i.organisation_id, o.regime, term.rule, term.provision, term.mode,
        samsyn.legal_day(i.opened_at), noted.ended, noted.day, term.keep_until,
        case when noted.ended is not null then term.due_on end, case when noted.ended is not null then term.finish_by end,
        samsyn.is_held(i.case_id)
    from samsyn.investigations i
    join samsyn.subjects s on s.id = i.subject_id
    join samsyn.organisations o on o.id = i.organisation_id
    cross join lateral (select samsyn.legal_day(i.closed_at) as ended, samsyn.legal_day(coalesce(i.closed_at, samsyn.now())) as day) noted
    cross join lateral samsyn.retention_mapping('investigation', o.regime, null, o.sector, o.kind = 'provider', noted.day) m
    cross join lateral samsyn.retention_term(m, samsyn.decided_duration(o.id, 'investigation', o.regime), s.birth_date, noted.day, noted.day) term
    where (the_case is null or i.case_id = the_case) and (the_investigation is null or i.id = the_investigation)
$$;
comment on function samsyn.kept_investigations is 'Investigations of the case, or the one that is named, or all when both are null. Not due before they are closed.';

create function samsyn.kind_of_report(r samsyn.concern_reports) returns text
    language sql immutable as $$
    select case when r.kind = 'sent' then 'report-sent' else case r.state
        when 'not-opened' then 'report-not-opened' when 'opened' then 'report-opened' when 'already-open' then 'report-opened'
        else 'report-received' end end
$$;
comment on function samsyn.kind_of_report is 'What a copy of a concern report is to the mappings.';

create function samsyn.kept_reports(the_case uuid, the_report uuid) returns setof samsyn.retention_item
    language sql stable as $$
    select 'report', r.id, r.case_id, r.subject_id, r.organisation_id, r.regime, term.rule, term.provision, term.mode,
        samsyn.legal_day(r.reported_at), noted.ended, noted.day, term.keep_until,
        case when noted.ended is not null then term.due_on end, case when noted.ended is not null then term.finish_by end,
        coalesce(samsyn.is_held(r.case_id), false)
    from samsyn.concern_reports r
    join samsyn.organisations o on o.id = r.organisation_id
    left join samsyn.subjects s on s.id = r.subject_id
    left join samsyn.preliminary_decisions p on p.concern_report_id = r.id
    left join samsyn.investigations i on i.id = r.investigation_id
    -- The reporter's copy ends with the report, the other with the decision, or with the investigation to which it led.
    cross join lateral (select
        samsyn.legal_day(case when r.kind = 'sent' then r.reported_at when r.investigation_id is not null then i.closed_at else p.decided_at end) as ended,
        samsyn.legal_day(greatest(r.reported_at, p.decided_at, r.feedback_at, r.hold_released_at, i.closed_at)) as day) noted
    cross join lateral samsyn.retention_mapping(samsyn.kind_of_report(r), r.regime, null, o.sector, o.kind = 'provider', coalesce(noted.ended, samsyn.today())) m
    cross join lateral samsyn.retention_term(m, samsyn.decided_duration(o.id, 'report', r.regime), coalesce(s.birth_date, r.child_birth_date),
        noted.day, coalesce(noted.ended, samsyn.today())) term
    where (the_case is null or r.case_id = the_case) and (the_report is null or r.id = the_report)
$$;
comment on function samsyn.kept_reports is
    'Copies of concern reports that led to the case, or the one that is named, or all when both are null. Where the child''s age decides and nobody knows it, it is kept.';

create function samsyn.kept_consultations(the_consultation uuid) returns setof samsyn.retention_item
    language sql stable as $$
    select 'consultation', k.id, null::uuid, null::uuid, k.organisation_id, null, term.rule, term.provision, term.mode,
        samsyn.legal_day(k.asked_at), noted.day, noted.day, term.keep_until, term.due_on, term.finish_by, false
    from samsyn.consultations k
    join samsyn.organisations o on o.id = k.organisation_id
    cross join lateral (select samsyn.legal_day(greatest(k.asked_at,
        (select max(a.answered_at) from samsyn.consultation_answers a where a.consultation_id = k.id))) as day) noted
    -- Both have it, and each may have decided something else.
    cross join lateral (select samsyn.decided_duration(k.organisation_id, 'consultation', null) as one,
        samsyn.decided_duration(k.recipient_id, 'consultation', null) as other) decided
    cross join lateral samsyn.retention_mapping('consultation', null, null, o.sector, o.kind = 'provider', noted.day) m
    cross join lateral samsyn.retention_term(m, case when decided.one is not null and decided.other is not null
        then greatest(decided.one, decided.other) end, null, noted.day, noted.day) term
    where the_consultation is null or k.id = the_consultation
$$;
comment on function samsyn.kept_consultations is 'The consultation that is named, or all when null: due when the time that each of the two organisations has decided is over.';

create function samsyn.kept_items(the_case uuid) returns setof samsyn.retention_item
    language sql stable as $$
    select * from samsyn.kept_records(the_case)
    union all
    select * from samsyn.kept_investigations(the_case, null)
    union all
    select * from samsyn.kept_reports(the_case, null)
    union all
    select * from samsyn.kept_cases(the_case)
    union all
    select * from samsyn.kept_consultations(null) where the_case is null
$$;
comment on function samsyn.kept_items is 'Everything that is kept of the case, or everything there is when null.';

create function samsyn.kept_item(the_kind text, the_id uuid) returns setof samsyn.retention_item
    language plpgsql stable set search_path = pg_catalog
    set plan_cache_mode = force_custom_plan as $$
begin
    case the_kind
        when 'records' then return query select * from samsyn.kept_records(the_id);
        when 'case' then return query select * from samsyn.kept_cases(the_id);
        when 'investigation' then return query select * from samsyn.kept_investigations(null, the_id);
        when 'report' then return query select * from samsyn.kept_reports(null, the_id);
        when 'consultation' then return query select * from samsyn.kept_consultations(the_id);
    end case;
end
$$;
comment on function samsyn.kept_item is 'What is kept under a kind and an identifier: for records each part of the case.';

create function samsyn.retain_report() returns trigger
    language plpgsql security definer set search_path = pg_catalog as $$
begin
    new.retention_rule := coalesce((select (samsyn.retention_mapping(samsyn.kind_of_report(new), new.regime, null, o.sector,
        o.kind = 'provider', samsyn.today())).rule from samsyn.organisations o where o.id = new.organisation_id), new.retention_rule);
    return new;
end
$$;
comment on function samsyn.retain_report is 'Trigger: a copy of a concern report shows the rule of the mappings.';
create trigger retain before insert or update of state on samsyn.concern_reports for each row execute function samsyn.retain_report();

-- One copy of a report outlives the other.
alter table samsyn.concern_reports alter counterpart_id drop not null;

-- Culling --------------------------------------------------------------------------------------------------------------

create table samsyn.tombstones (
    id uuid primary key,
    kind text not null check (kind in ('records', 'case', 'investigation', 'report', 'consultation')),
    resource_id uuid not null,
    organisation_id uuid not null references samsyn.organisations,
    regime text,
    rule text not null,
    provision text not null,
    opened_on date,
    ended_on date,
    culled_at timestamptz not null,
    culled_by text not null
);
comment on table samsyn.tombstones is 'That something was culled, when and by which rule. Nothing about a person: what it was is in no table any more, and who had read it is in the access log alone.';
comment on column samsyn.tombstones.resource_id is 'The identifier that it had.';
create index tombstones_by_organisation on samsyn.tombstones (organisation_id, culled_at desc, id desc);
create trigger forbid_change before update or delete on samsyn.tombstones for each row execute function samsyn.forbid_change();

-- Removing a row removes or frees what refers to it, whose tables may come from any migration.
create function samsyn.remove(target regclass, ids uuid[], free boolean, path regclass[] default '{}') returns void
    language plpgsql volatile set search_path = pg_catalog as $$
declare
    key record;
    referring uuid[];
    -- These have a time of their own and stay, without the reference.
    apart constant text[] := '{samsyn.concern_reports,samsyn.consultations,samsyn.cases,samsyn.subjects}';
begin
    if cardinality(ids) = 0 then
        return;
    end if;
    for key in
        select c.conrelid::regclass as child, a.attname as name, a.attnotnull as required,
            exists (select from pg_attribute i where i.attrelid = c.conrelid and i.attname = 'id') as named
        from pg_constraint c
        join pg_attribute a on a.attrelid = c.conrelid and a.attnum = c.conkey[1]
        where c.contype = 'f' and c.confrelid = target
        order by c.conname
    loop
        if not key.required and (free or key.child::text = any (apart) or key.child = any (path || target)) then
            execute format('update %s set %I = null where %I = any ($1)', key.child, key.name, key.name) using ids;
        elsif not key.named then
            execute format('delete from %s where %I = any ($1)', key.child, key.name) using ids;
        else
            execute format('select coalesce(array_agg(x.id), ''{}'') from %s x where %I = any ($1)', key.child, key.name) into referring using ids;
            perform samsyn.remove(key.child, referring, free, path || target);
        end if;
    end loop;
    execute format('delete from %s where id = any ($1)', target) using ids;
end
$$;
comment on function samsyn.remove is
    'Removes rows by id and with them whatever refers to them; a reference that may be null is set to null instead when free is true, when it is from something with a time of its own, or when it leads back. samsyn.cull alone gets past the triggers of what is append only.';

create function samsyn.rule_of_record(r samsyn.records) returns text
    language plpgsql stable set search_path = pg_catalog
    set plan_cache_mode = force_custom_plan as $$
declare
    o samsyn.organisations;
    ended date;
begin
    select x.* into o from samsyn.organisations x where x.id = r.organisation_id;
    select samsyn.legal_day(coalesce(e.ended_at, samsyn.now())) into ended
    from samsyn.ended_parts(r.case_id) e where e.organisation_id = r.organisation_id;
    return (samsyn.retention_mapping(samsyn.kind_of_record(r.case_id, o.id), r.regime, r.category, o.sector, o.kind = 'provider', ended)).rule;
end
$$;
comment on function samsyn.rule_of_record is 'The rule by which its owner keeps a record.';

create function samsyn.cull_records(item samsyn.retention_item) returns void
    language plpgsql volatile set search_path = pg_catalog as $$
declare
    mine uuid[];
    still_held uuid[];
begin
    -- What was handed over to the organisation it holds no longer; a record whose owner culled it before goes with the last holder.
    if item.regime = (select o.regime from samsyn.organisations o where o.id = item.organisation_id) then
        delete from samsyn.disclosure_items i using samsyn.disclosures d
        where d.id = i.disclosure_id and d.case_id = item.case_id and d.recipient_id = item.organisation_id;
    end if;
    select coalesce(array_agg(r.id), '{}') into mine
    from samsyn.records r
    where r.case_id = item.case_id and (r.culled_at is not null or (r.organisation_id = item.organisation_id and r.regime = item.regime
        and samsyn.rule_of_record(r) = item.rule));
    select coalesce(array_agg(distinct i.record_id), '{}') into still_held from samsyn.disclosure_items i where i.record_id = any (mine);
    delete from samsyn.record_versions v
    where v.record_id = any (still_held) and not exists (select from samsyn.disclosure_items i where i.record_version_id = v.id);
    update samsyn.record_versions v set culled_at = samsyn.now() where v.record_id = any (still_held) and v.culled_at is null;
    update samsyn.records r set culled_at = samsyn.now() where r.id = any (still_held) and r.culled_at is null;
    perform samsyn.remove('samsyn.records', array(select unnest(mine) except select unnest(still_held)), true);
end
$$;
comment on function samsyn.cull_records is
    'Removes an organisation''s part of a case. Versions that another organisation holds by handover stay for that one alone, until its own time is over.';

create function samsyn.cull_subject(the_subject uuid) returns void
    language plpgsql volatile set search_path = pg_catalog as $$
begin
    if not exists (select from samsyn.cases c where c.subject_id = the_subject)
        and not exists (select from samsyn.concern_reports r where r.subject_id = the_subject) then
        perform samsyn.remove('samsyn.subjects', array[the_subject], false);
    end if;
end
$$;
comment on function samsyn.cull_subject is 'Removes a child from the register, with guardians, when the last thing about it has gone.';

create function samsyn.cull_thing(item samsyn.retention_item) returns void
    language plpgsql volatile set search_path = pg_catalog as $$
begin
    if item.kind = 'records' then
        perform samsyn.cull_records(item);
        return;
    end if;
    if item.kind = 'case' then
        -- Whoever is kept from the child stays so: what was declared in this case holds in the others, and moves to one.
        update samsyn.exclusions e set case_id = other.id
        from (select c.id from samsyn.cases c where c.subject_id = item.subject_id and c.id <> item.id
            order by c.opened_at desc, c.id limit 1) other
        where e.case_id = item.id and e.ended_at is null and not exists (select from samsyn.exclusions x
            where x.user_id = e.user_id and x.case_id = other.id and x.ended_at is null);
    end if;
    perform samsyn.remove(case item.kind when 'case' then 'samsyn.cases' when 'investigation' then 'samsyn.investigations'
        when 'report' then 'samsyn.concern_reports' else 'samsyn.consultations' end::regclass, array[item.id], false);
    perform samsyn.remove('samsyn.deadlines', array(select d.id from samsyn.deadlines d where d.resource_id = item.id), false);
    perform samsyn.cull_subject(item.subject_id);
end
$$;
comment on function samsyn.cull_thing is 'Removes what an item names, the deadlines that waited for it, and the child when nothing else is about it.';

create function samsyn.cull(kind text, id uuid, organisation uuid, regime text, rule text, as_of date) returns boolean
    language plpgsql volatile security definer set search_path = pg_catalog as $$
declare
    item samsyn.retention_item;
    it samsyn.acting;
begin
    if session_user <> 'samsyn_retention' then
        raise exception 'only samsyn_retention culls' using errcode = 'insufficient_privilege';
    end if;
    -- A hold that is being placed waits for this, or this for it.
    perform from samsyn.cases c where c.id = coalesce(
        (select i.case_id from samsyn.investigations i where i.id = cull.id),
        (select r.case_id from samsyn.concern_reports r where r.id = cull.id), cull.id) for update;
    select k.* into item from samsyn.kept_item(cull.kind, cull.id) k
    where k.organisation_id = organisation and k.regime is not distinct from cull.regime and k.rule = cull.rule
        and k.due_on <= least(as_of, samsyn.today()) and not k.held;
    if item.id is null then
        return false;
    end if;
    it.organisation_id := organisation;
    it.role := 'samsyn_retention';
    it.purpose := 'administration';
    perform samsyn.set_principal(it, 'cull', 'cull', array[item.id], null, null, null);
    perform samsyn.write_access_event('allowed', null, array[item.id], array_remove(array[item.subject_id], null), array[organisation], '{}', '{}');
    insert into samsyn.tombstones (id, kind, resource_id, organisation_id, regime, rule, provision, opened_on, ended_on, culled_at, culled_by)
    values (samsyn.uuid7(), item.kind, item.id, item.organisation_id, item.regime, item.rule, item.provision, item.opened_on,
        item.ended_on, samsyn.now(), session_user);
    perform samsyn.cull_thing(item);
    return true;
end
$$;
comment on function samsyn.cull is
    'Removes one thing whose time was over on as_of (today when null, and no later) and that nothing holds, leaving a tombstone and an access event; false when there is no such thing. For the role samsyn_retention alone.';

create function samsyn.retention_due(as_of date)
    returns table (kind text, id uuid, organisation_id uuid, organisation text, regime text, rule text, provision text, mode text,
        opened_on date, ended_on date, due_on date, finish_by date, held boolean)
    language sql stable security definer set search_path = pg_catalog as $$
    select k.kind, k.id, k.organisation_id, samsyn.organisation_name(k.organisation_id), k.regime, k.rule, k.provision, k.mode,
        k.opened_on, k.ended_on, k.due_on, k.finish_by, k.held
    from samsyn.kept_items(null) k
    where k.due_on <= coalesce(as_of, samsyn.today())
    order by k.due_on, k.kind desc, k.id, k.organisation_id, k.regime, k.rule
$$;
comment on function samsyn.retention_due is 'What is to be culled as of a day (today when null), also what a legal hold stops; nothing about a person but identifiers.';

grant usage on schema samsyn to samsyn_retention;
grant execute on function samsyn.cull, samsyn.retention_due to samsyn_retention;

-- Removing a row asks every table that refers to it: by an index, or culling one case would read all of all others.

create index participants_referring_by_decision on samsyn.participants (decision_id);
create index exclusions_referring_by_subject on samsyn.exclusions (subject_id);
create index emergency_accesses_referring_by_subject on samsyn.emergency_accesses (subject_id);
create index consent_givers_referring_by_guardian on samsyn.consent_givers (guardian_id);
create index disclosures_referring_by_consent on samsyn.disclosures (consent_id);
create index disclosures_referring_by_decision on samsyn.disclosures (decision_id);
create index disclosures_referring_by_request on samsyn.disclosures (request_id);
create index disclosure_items_referring_by_record_version on samsyn.disclosure_items (record_version_id);
create index concern_reports_referring_by_investigation on samsyn.concern_reports (investigation_id);
create index concern_report_identifications_referring_by_subject on samsyn.concern_report_identifications (subject_id);
create index investigations_referring_by_subject on samsyn.investigations (subject_id);
create index plans_referring_by_consent on samsyn.plans (consent_id);
create index plans_referring_by_lead_guardian on samsyn.plans (lead_guardian_id);
create index plans_referring_by_responsible on samsyn.plans (responsible_id);
create index plan_goals_referring_by_need on samsyn.plan_goals (need_id);
create index plan_interventions_referring_by_goal on samsyn.plan_interventions (goal_id);
create index plan_interventions_referring_by_participant on samsyn.plan_interventions (participant_id);
create index plan_interventions_referring_by_record on samsyn.plan_interventions (record_id);
create index plan_follow_ups_referring_by_plan on samsyn.plan_follow_ups (plan_id);
create index plan_meetings_referring_by_next_meeting on samsyn.plan_meetings (next_meeting_id);
create index plan_views_referring_by_guardian on samsyn.plan_views (guardian_id);
create index plan_views_referring_by_meeting on samsyn.plan_views (meeting_id);
create index plan_copies_referring_by_case on samsyn.plan_copies (case_id);
create index participation_records_referring_by_guardian on samsyn.participation_records (guardian_id);

-- Who sees what --------------------------------------------------------------------------------------------------------

do $$
declare
    name text;
begin
    foreach name in array array['retention_decisions', 'legal_holds', 'tombstones'] loop
        execute format('alter table samsyn.%I enable row level security', name);
        execute format('alter table samsyn.%I force row level security', name);
        execute format('create policy owner_all on samsyn.%I to samsyn_owner using (true) with check (true)', name);
    end loop;
end
$$;
grant select, insert on samsyn.retention_decisions to samsyn_api;
create policy read on samsyn.retention_decisions for select to samsyn_api using (
    (select samsyn.may('retention-decision:read')) and organisation_id = (select samsyn.organisation()));
create policy add on samsyn.retention_decisions for insert to samsyn_api with check (
    (select samsyn.may('retention-decision:write')) and organisation_id = (select samsyn.organisation())
    and decided_by = (select samsyn.assignment()));
grant select, insert, update (released_at, released_by, release_reason) on samsyn.legal_holds to samsyn_api;
create policy read on samsyn.legal_holds for select to samsyn_api using (
    (select samsyn.may('legal-hold:read')) and organisation_id = (select samsyn.organisation())
    and case_id = any (array(select m.case_id from samsyn.my_held_cases m)));
create policy add on samsyn.legal_holds for insert to samsyn_api with check (
    (select samsyn.may('legal-hold:write')) and organisation_id = (select samsyn.organisation())
    and placed_by = (select samsyn.assignment())
    and case_id = any (array(select m.case_id from samsyn.my_held_cases m)));
create policy change on samsyn.legal_holds for update to samsyn_api using (
    (select samsyn.may('legal-hold:write')) and organisation_id = (select samsyn.organisation())
    and case_id = any (array(select m.case_id from samsyn.my_held_cases m)));
grant select on samsyn.tombstones, samsyn.retention_mappings to samsyn_api;
create policy read on samsyn.tombstones for select to samsyn_api using (
    (select samsyn.may('tombstone:read')) and organisation_id = (select samsyn.organisation()));

create function samsyn.retention_of(the_case uuid) returns json
    language plpgsql stable security definer set search_path = pg_catalog
    set plan_cache_mode = force_custom_plan as $$
begin
    return (select coalesce(json_agg(json_strip_nulls(json_build_object('kind', k.kind, 'organisationId', k.organisation_id,
            'secrecyRegime', k.regime, 'rule', k.rule, 'provision', k.provision, 'mode', k.mode,
            'state', case when k.held then 'held' when k.due_on <= samsyn.today() then 'due' when k.due_on is not null then 'dated' else 'kept' end,
            'openedOn', k.opened_on, 'endedOn', k.ended_on, 'lastNoteOn', k.last_note_on, 'keepUntil', k.keep_until,
            'dueOn', k.due_on, 'finishBy', k.finish_by)) order by k.kind desc, k.regime, k.rule), '[]')
        from samsyn.kept_items(the_case) k
        where k.kind = 'case' or k.organisation_id = samsyn.organisation());
end
$$;
comment on function samsyn.retention_of is 'What of a case the principal''s organisation keeps, and what all of them do, by which rule and how long.';
grant execute on function samsyn.retention_of, samsyn.is_held to samsyn_api;

create view api.case_retention with (security_invoker = true) as
select m.case_id as resource, f.subject_id as subject, f.organisation_id as owner, null::text as ground, null::uuid as disclosure,
    md5(it.body::text) as etag, it.body
from samsyn.my_held_cases m
cross join lateral samsyn.case_facts(m.case_id) f
cross join lateral (select json_build_object('caseId', m.case_id, 'held', samsyn.is_held(m.case_id),
    'items', samsyn.retention_of(m.case_id)) as body) it;
comment on view api.case_retention is 'How long a case is kept, as far as it is the reader''s organisation''s.';

create view api.legal_holds with (security_invoker = true) as
select h.id as resource, f.subject_id as subject, h.organisation_id as owner, null::text as ground, null::uuid as disclosure,
    h.revision::text as etag,
    json_strip_nulls(json_build_object('id', h.id, 'caseId', h.case_id, 'organisationId', h.organisation_id,
        'state', case when h.released_at is null then 'in-force' else 'released' end, 'reason', h.reason,
        'placedAt', samsyn.utc(h.placed_at), 'placedBy', samsyn.assignment_name(h.placed_by),
        'releasedAt', samsyn.utc(h.released_at), 'releasedBy', samsyn.assignment_name(h.released_by), 'releaseReason', h.release_reason,
        'updatedAt', samsyn.utc(h.updated_at))) as body
from samsyn.legal_holds h
cross join lateral samsyn.case_facts(h.case_id) f;

create view api.tombstones with (security_invoker = true) as
select t.id as resource, null::uuid as subject, t.organisation_id as owner, null::text as ground, null::uuid as disclosure, '1' as etag,
    json_strip_nulls(json_build_object('id', t.id, 'kind', t.kind, 'resourceId', t.resource_id, 'organisationId', t.organisation_id,
        'secrecyRegime', t.regime, 'rule', t.rule, 'provision', t.provision, 'openedOn', t.opened_on, 'endedOn', t.ended_on,
        'culledAt', samsyn.utc(t.culled_at), 'culledBy', t.culled_by)) as body
from samsyn.tombstones t;

create view api.retention_decisions with (security_invoker = true) as
select d.id as resource, null::uuid as subject, d.organisation_id as owner, null::text as ground, null::uuid as disclosure, '1' as etag,
    json_strip_nulls(json_build_object('id', d.id, 'organisationId', d.organisation_id, 'kind', d.kind, 'secrecyRegime', d.regime,
        'duration', d.duration, 'reference', d.reference, 'validFrom', d.valid_from, 'validUntil', d.valid_until,
        'decidedBy', samsyn.assignment_name(d.decided_by), 'createdAt', samsyn.utc(d.created_at))) as body
from samsyn.retention_decisions d;
grant select on api.case_retention, api.legal_holds, api.tombstones, api.retention_decisions to samsyn_api;

insert into samsyn.permissions (code, area, purpose, description, in_emergency) values
    ('retention:read', 'content', 'care', 'See how long ones cases are kept', false),
    ('legal-hold:read', 'content', 'care', 'See what holds ones cases', false),
    ('legal-hold:write', 'content', 'care', 'Stop the culling of a case, and let it go on', false),
    ('tombstone:read', 'audit', 'audit', 'See what was culled of ones organisations cases', false),
    ('retention-decision:read', 'common', 'administration', 'See how long ones organisation has decided to keep things', false),
    ('retention-decision:write', 'governance', 'administration', 'Record how long ones organisation has decided to keep things', false);
update samsyn.roles set permissions = permissions || '{retention:read,legal-hold:read}' where code in ('case-worker', 'unit-manager');
update samsyn.roles set permissions = permissions || '{legal-hold:write}' where code = 'unit-manager';
update samsyn.roles set permissions = permissions || '{tombstone:read}' where code = 'auditor';
update samsyn.roles set permissions = permissions || '{retention-decision:read,retention-decision:write}' where code = 'organisation-admin';
