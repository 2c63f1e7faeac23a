-- How long what is kept: the rules of the acts, and what organisations have decided.
--
-- Whose time it is: each organisation keeps its own part of a case, by the rules of its sector and of the secrecy that
-- the part falls under, and each part ends on a day of its own. What is common (participants, consents, plans) ends with
-- the last part. The rules are rows of samsyn.retention_rules; which of them holds for what is rows as well.

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

-- Who sees what --------------------------------------------------------------------------------------------------------

call samsyn.protect('retention_decisions');
grant select, insert on samsyn.retention_decisions to samsyn_api;
create policy read on samsyn.retention_decisions for select to samsyn_api using (
    (select samsyn.may('retention-decision:read')) and organisation_id = (select samsyn.organisation()));
create policy add on samsyn.retention_decisions for insert to samsyn_api with check (
    (select samsyn.may('retention-decision:write')) and organisation_id = (select samsyn.organisation())
    and decided_by = (select samsyn.assignment()));
grant select on samsyn.retention_mappings to samsyn_api;

create view api.retention_decisions with (security_invoker = true) as
select d.id as resource, null::uuid as subject, d.organisation_id as owner, null::text as ground, null::uuid as disclosure, '1' as etag,
    json_strip_nulls(json_build_object('id', d.id, 'organisationId', d.organisation_id, 'kind', d.kind, 'secrecyRegime', d.regime,
        'duration', d.duration, 'reference', d.reference, 'validFrom', d.valid_from, 'validUntil', d.valid_until,
        'decidedBy', samsyn.assignment_name(d.decided_by), 'createdAt', samsyn.utc(d.created_at))) as body
from samsyn.retention_decisions d;
grant select on api.retention_decisions to samsyn_api;

insert into samsyn.permissions (code, area, purpose, description, in_emergency) values
    ('retention-decision:read', 'common', 'administration', 'See how long ones organisation has decided to keep things', false),
    ('retention-decision:write', 'governance', 'administration', 'Record how long ones organisation has decided to keep things', false);
update samsyn.roles set permissions = permissions || '{retention-decision:read,retention-decision:write}' where code = 'organisation-admin';
