-- What is kept, item by item: by which rule, until when, and whether a legal hold stops its culling.

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

-- Who sees what --------------------------------------------------------------------------------------------------------

call samsyn.protect('legal_holds');
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
from (select distinct h.case_id from samsyn.my_held_cases h) m
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
grant select on api.case_retention, api.legal_holds to samsyn_api;

insert into samsyn.permissions (code, area, purpose, description, in_emergency) values
    ('retention:read', 'content', 'care', 'See how long ones cases are kept', false),
    ('legal-hold:read', 'content', 'care', 'See what holds ones cases', false),
    ('legal-hold:write', 'content', 'care', 'Stop the culling of a case, and let it go on', false);
update samsyn.roles set permissions = permissions || '{retention:read,legal-hold:read}' where code in ('case-worker', 'unit-manager');
update samsyn.roles set permissions = permissions || '{legal-hold:write}' where code = 'unit-manager';
