-- The law as rows: which grounds open the door between agencies, on which conditions; which time limits run; how long
-- things are kept. Every wording has the days it holds. No section number is compared anywhere in code: releases are
-- data, loaded by samsyn.import_law.

create table samsyn.preconditions (
    code text primary key,
    id uuid not null unique default samsyn.uuid7(),
    meaning text not null,
    established_by text not null check (established_by in
        ('consent', 'decision', 'statement', 'request', 'investigation', 'concern-report', 'same-principal', 'same-authority'))
);
comment on table samsyn.preconditions is 'What must be so before a ground applies.';
comment on column samsyn.preconditions.established_by is
    'How it is shown. consent: a consent in force; decision: the recorded decision is the assessment; statement: the discloser says in words how it is met; request: an open information request of the recipient on this ground; investigation: an investigation of the recipient is open in the case; concern-report: the recipient made a report about the child in the case; same-principal, same-authority: the organisations'' place in the tree.';

create table samsyn.ground_scopes (
    code text primary key,
    id uuid not null unique default samsyn.uuid7(),
    meaning text not null,
    categories text[] not null
);
comment on table samsyn.ground_scopes is 'How far a ground reaches: the information categories it can cover, {*} for every one.';

create table samsyn.never_grounds (
    code text primary key,
    id uuid not null unique default samsyn.uuid7(),
    provision text not null,
    reason text not null
);
comment on table samsyn.never_grounds is 'What is often taken for a ground and never is one, and why.';

create table samsyn.legal_grounds (
    code text not null,
    id uuid not null unique default samsyn.uuid7(),
    valid_from date not null,
    valid_until date,
    enabled boolean not null,
    statute text not null,
    section text not null,
    title_en text not null,
    title_sv text not null,
    source_sectors text[] not null,
    recipient_sectors text[] not null,
    source_regimes text[] not null,
    excluded_regimes text[] not null,
    subject_age_below integer,
    requires_consent boolean not null,
    requires_decision boolean not null,
    requires_justification boolean not null,
    precondition text not null references samsyn.preconditions,
    scope text not null references samsyn.ground_scopes,
    initiative text not null check (initiative in ('own', 'on-request', 'both')),
    effect text not null check (effect in ('duty', 'permission', 'right')),
    recipient_must_be_authority boolean not null,
    note text not null default '',
    verified text not null default 'unverified',
    primary key (code, valid_from),
    check (valid_until >= valid_from)
);
comment on table samsyn.legal_grounds is 'Grounds that open the door between agencies, each wording with the days it holds. {*} means every code that is not excluded. An agreement or a general duty to collaborate is never one.';
comment on column samsyn.legal_grounds.enabled is 'False until counsel has confirmed it: then it opens nothing.';
comment on column samsyn.legal_grounds.subject_age_below is 'The subject must be younger than this on the day.';
comment on column samsyn.legal_grounds.initiative is 'own: without being asked; on-request: only in answer to an information request; both.';

create table samsyn.deadline_rules (
    code text not null,
    id uuid not null unique default samsyn.uuid7(),
    valid_from date not null,
    valid_until date,
    provision text not null,
    trigger_event text not null,
    duration text not null check (duration ~ '^(immediately|P[0-9]+[DWMY]|PT[0-9]+H)$'),
    statute_word text,
    extension text not null,
    responsible text not null,
    note text not null default '',
    verified text not null default 'unverified',
    primary key (code, valid_from),
    check (valid_until >= valid_from)
);
comment on table samsyn.deadline_rules is 'Statutory time limits. duration is ISO 8601, or "immediately" for what the act calls genast, omedelbart, skyndsamt or snarast.';

create table samsyn.retention_rules (
    code text not null,
    id uuid not null unique default samsyn.uuid7(),
    valid_from date not null,
    valid_until date,
    provision text not null,
    applies_to text not null,
    starts_from text not null,
    duration text not null check (duration ~ '^(permanent|by-decision|not-stated|P[0-9]+Y)$'),
    mode text not null check (mode in ('delete', 'keep-at-least', 'keep', 'keep-then-delete', 'keep-unless-decided')),
    note text not null default '',
    verified text not null default 'unverified',
    primary key (code, valid_from),
    check (valid_until >= valid_from)
);
comment on table samsyn.retention_rules is 'How long what is kept, and from when it is counted.';

-- A release of the law is one JSON document: lists of objects with the members below, any of the lists left out. It is
-- taken whole or not at all, changes what differs, adds what is new and never removes: what has been decided rests on it.

create function samsyn.law_members() returns table (list text, member text, type text, form text, refers text, required boolean)
    language sql immutable as $$
    values
        ('sectors', 'code', 'string', '[A-Z][A-Z0-9_]*', null, true),
        ('sectors', 'nameEn', 'string', '.+', null, true),
        ('sectors', 'nameSv', 'string', '.+', null, true),
        ('secrecyRegimes', 'code', 'string', '[A-Z][A-Z0-9_]*', null, true),
        ('secrecyRegimes', 'provision', 'string', '.+', null, true),
        ('secrecyRegimes', 'harmTest', 'string', '[a-z-]+', null, true),
        ('secrecyRegimes', 'sectors', 'array', null, 'sectors', true),
        ('secrecyRegimes', 'ownership', 'string', 'public|private', null, true),
        ('secrecyRegimes', 'protects', 'string', 'individual|public-interest', null, true),
        ('secrecyRegimes', 'description', 'string', '.+', null, true),
        ('secrecyRegimes', 'validFrom', 'string', 'day', null, true),
        ('secrecyRegimes', 'validUntil', 'string', 'day', null, false),
        ('bbicAreas', 'code', 'string', '[A-Z][A-Z0-9_]*', null, true),
        ('bbicAreas', 'side', 'string', 'child|parents|family-environment', null, true),
        ('informationCategories', 'code', 'string', '[A-Z][A-Z0-9_]*', null, true),
        ('informationCategories', 'nameEn', 'string', '.+', null, true),
        ('informationCategories', 'nameSv', 'string', '.+', null, true),
        ('informationCategories', 'sensitive', 'boolean', null, null, true),
        ('informationCategories', 'bbicArea', 'string', null, 'bbicAreas', false),
        ('informationCategories', 'validFrom', 'string', 'day', null, true),
        ('informationCategories', 'validUntil', 'string', 'day', null, false),
        ('preconditions', 'code', 'string', '[A-Z][A-Z0-9_]*', null, true),
        ('preconditions', 'meaning', 'string', '.+', null, true),
        ('preconditions', 'establishedBy', 'string',
            'consent|decision|statement|request|investigation|concern-report|same-principal|same-authority', null, true),
        ('groundScopes', 'code', 'string', '[a-z][a-z-]*', null, true),
        ('groundScopes', 'meaning', 'string', '.+', null, true),
        ('groundScopes', 'categories', 'array', null, 'informationCategories', true),
        ('neverGrounds', 'code', 'string', '[A-Z][A-Z0-9_]*', null, true),
        ('neverGrounds', 'provision', 'string', '.+', null, true),
        ('neverGrounds', 'reason', 'string', '.+', null, true),
        ('legalGrounds', 'code', 'string', '[A-Z][A-Z0-9_]*', null, true),
        ('legalGrounds', 'validFrom', 'string', 'day', null, true),
        ('legalGrounds', 'validUntil', 'string', 'day', null, false),
        ('legalGrounds', 'enabled', 'boolean', null, null, true),
        ('legalGrounds', 'statute', 'string', '.+', null, true),
        ('legalGrounds', 'section', 'string', '.+', null, true),
        ('legalGrounds', 'titleEn', 'string', '.+', null, true),
        ('legalGrounds', 'titleSv', 'string', '.+', null, true),
        ('legalGrounds', 'sourceSectors', 'array', null, 'sectors', true),
        ('legalGrounds', 'recipientSectors', 'array', null, 'sectors', true),
        ('legalGrounds', 'sourceRegimes', 'array', null, 'secrecyRegimes', true),
        ('legalGrounds', 'excludedRegimes', 'array', null, 'secrecyRegimes', true),
        ('legalGrounds', 'subjectAgeBelow', 'number', '[1-9][0-9]?', null, false),
        ('legalGrounds', 'requiresConsent', 'boolean', null, null, true),
        ('legalGrounds', 'requiresDecision', 'boolean', null, null, true),
        ('legalGrounds', 'requiresJustification', 'boolean', null, null, true),
        ('legalGrounds', 'precondition', 'string', null, 'preconditions', true),
        ('legalGrounds', 'scope', 'string', null, 'groundScopes', true),
        ('legalGrounds', 'initiative', 'string', 'own|on-request|both', null, true),
        ('legalGrounds', 'effect', 'string', 'duty|permission|right', null, true),
        ('legalGrounds', 'recipientMustBeAuthority', 'boolean', null, null, true),
        ('legalGrounds', 'note', 'string', null, null, false),
        ('legalGrounds', 'verified', 'string', '[a-z]+', null, false),
        ('deadlineRules', 'code', 'string', '[A-Z][A-Z0-9_]*', null, true),
        ('deadlineRules', 'validFrom', 'string', 'day', null, true),
        ('deadlineRules', 'validUntil', 'string', 'day', null, false),
        ('deadlineRules', 'provision', 'string', '.+', null, true),
        ('deadlineRules', 'triggerEvent', 'string', '.+', null, true),
        ('deadlineRules', 'duration', 'string', 'immediately|P[0-9]{1,3}[DWMY]|PT[0-9]{1,3}H', null, true),
        ('deadlineRules', 'statuteWord', 'string', null, null, false),
        ('deadlineRules', 'extension', 'string', '.+', null, true),
        ('deadlineRules', 'responsible', 'string', '.+', null, true),
        ('deadlineRules', 'note', 'string', null, null, false),
        ('deadlineRules', 'verified', 'string', '[a-z]+', null, false),
        ('retentionRules', 'code', 'string', '[A-Z][A-Z0-9_]*', null, true),
        ('retentionRules', 'validFrom', 'string', 'day', null, true),
        ('retentionRules', 'validUntil', 'string', 'day', null, false),
        ('retentionRules', 'provision', 'string', '.+', null, true),
        ('retentionRules', 'appliesTo', 'string', '.+', null, true),
        ('retentionRules', 'startsFrom', 'string', '.+', null, true),
        ('retentionRules', 'duration', 'string', 'permanent|by-decision|not-stated|P[0-9]{1,3}Y', null, true),
        ('retentionRules', 'mode', 'string', 'delete|keep-at-least|keep|keep-then-delete|keep-unless-decided', null, true),
        ('retentionRules', 'note', 'string', null, null, false),
        ('retentionRules', 'verified', 'string', '[a-z]+', null, false)
$$;
comment on function samsyn.law_members is
    'The shape of a release. type: as jsonb_typeof says; form: the whole value as a regular expression, or "day"; refers: the list whose codes it names, or "*" in an array.';

create function samsyn.is_day(given text) returns boolean
    language plpgsql immutable as $$
begin
    return given ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}$' and given::date is not null;
exception when datetime_field_overflow then
    return false;
end
$$;
comment on function samsyn.is_day is 'Whether a text is a day of the calendar as YYYY-MM-DD.';

create function samsyn.law_items(release jsonb) returns table (list text, place bigint, item jsonb)
    language sql immutable as $$
    select l.key, i.place - 1, i.item
    from jsonb_each(release) l
    cross join jsonb_array_elements(case jsonb_typeof(l.value) when 'array' then l.value else '[]' end) with ordinality i(item, place)
$$;
comment on function samsyn.law_items is 'The objects of a release, each with its list and its place in it.';

create function samsyn.law_shape_faults(release jsonb) returns table (place text, reason text)
    language sql stable set search_path = pg_catalog as $$
    select '/' || l.key, case when jsonb_typeof(l.value) = 'array' then 'there is no such list' else 'a list is expected' end
    from jsonb_each(release) l
    where jsonb_typeof(l.value) <> 'array' or l.key not in (select m.list from samsyn.law_members() m)
    union all
    select format('/%s/%s', i.list, i.place), 'an object is expected'
    from samsyn.law_items(release) i where jsonb_typeof(i.item) <> 'object'
    union all
    select format('/%s/%s/%s', i.list, i.place, given.key), 'there is no such member'
    from samsyn.law_items(release) i
    cross join jsonb_each(case jsonb_typeof(i.item) when 'object' then i.item else '{}' end) given
    where exists (select from samsyn.law_members() m where m.list = i.list)
        and not exists (select from samsyn.law_members() m where m.list = i.list and m.member = given.key)
    union all
    select format('/%s/%s/%s', i.list, i.place, m.member),
        case when m.type = 'array' then 'a list of codes is expected' else 'a ' || m.type || ' is expected' end
            || case m.form when 'day' then ', a day as YYYY-MM-DD' when '.+' then ', not empty' else coalesce(' like ' || m.form, '') end
    from samsyn.law_items(release) i
    join samsyn.law_members() m on m.list = i.list
    cross join lateral (select coalesce(i.item -> m.member, 'null') as value, i.item ->> m.member as text) given
    where jsonb_typeof(i.item) = 'object' and case
        when given.value = 'null' then m.required
        when jsonb_typeof(given.value) <> m.type then true
        when m.type = 'array' then exists (select from jsonb_array_elements(given.value) one where jsonb_typeof(one) <> 'string')
        when m.form = 'day' then not samsyn.is_day(given.text)
        else given.text !~ ('^(' || m.form || ')$')
    end
$$;
comment on function samsyn.law_shape_faults is 'What in a release is unknown, missing or of another form, each with its JSON Pointer.';

create function samsyn.law_codes(release jsonb) returns table (list text, code text)
    language sql stable set search_path = pg_catalog as $$
    select i.list, i.item ->> 'code' from samsyn.law_items(release) i
    union select 'sectors', s.code from samsyn.sectors s
    union select 'secrecyRegimes', r.code from samsyn.secrecy_regimes r
    union select 'bbicAreas', b.code from samsyn.bbic_areas b
    union select 'informationCategories', c.code from samsyn.information_categories c
    union select 'preconditions', p.code from samsyn.preconditions p
    union select 'groundScopes', g.code from samsyn.ground_scopes g
$$;
comment on function samsyn.law_codes is 'Codes that a release may refer to: its own, and those that are here.';

create function samsyn.law_periods(release jsonb) returns table (place text, list text, code text, valid_from date, valid_until date)
    language sql stable set search_path = pg_catalog as $$
    with given as (
        select format('/%s/%s', i.list, i.place) as place, i.list, i.item ->> 'code' as code,
            (i.item ->> 'validFrom')::date as valid_from, (i.item ->> 'validUntil')::date as valid_until
        from samsyn.law_items(release) i
        where i.list in ('legalGrounds', 'deadlineRules', 'retentionRules')
    ), held as (
        select 'legalGrounds' as list, g.code, g.valid_from, g.valid_until from samsyn.legal_grounds g
        union all
        select 'deadlineRules', d.code, d.valid_from, d.valid_until from samsyn.deadline_rules d
        union all
        select 'retentionRules', r.code, r.valid_from, r.valid_until from samsyn.retention_rules r
    )
    select g.* from given g
    union all
    select null, h.* from held h
    where not exists (select from given g where (g.list, g.code, g.valid_from) = (h.list, h.code, h.valid_from))
$$;
comment on function samsyn.law_periods is 'Every wording with its days as it would stand after a release; place is null for what it leaves alone.';

create function samsyn.law_content_faults(release jsonb) returns table (place text, reason text)
    language sql stable set search_path = pg_catalog as $$
    with codes as materialized (select c.list, c.code from samsyn.law_codes(release) c),
        periods as materialized (select p.* from samsyn.law_periods(release) p)
    select format('/%s/%s/%s', i.list, i.place, m.member), format('there is no %s in %s', named.code, m.refers)
    from samsyn.law_items(release) i
    join samsyn.law_members() m on m.list = i.list and m.refers is not null
    cross join lateral (
        select one as code from jsonb_array_elements_text(case m.type when 'array' then i.item -> m.member else '[]' end) one
        where one <> '*'
        union all
        select i.item ->> m.member where m.type = 'string') named
    where named.code is not null and not exists (select from codes c where (c.list, c.code) = (m.refers, named.code))
    union all
    select format('/%s/%s', i.list, i.place), format('%s stands earlier in the list', i.item ->> 'code')
    from samsyn.law_items(release) i
    join samsyn.law_items(release) e on e.list = i.list and e.place < i.place and e.item ->> 'code' = i.item ->> 'code'
        and (e.item ->> 'validFrom' = i.item ->> 'validFrom' or i.list not in ('legalGrounds', 'deadlineRules', 'retentionRules'))
    union all
    select format('/%s/%s/validUntil', i.list, i.place), format('%s ends before it begins', i.item ->> 'code')
    from samsyn.law_items(release) i where (i.item ->> 'validUntil')::date < (i.item ->> 'validFrom')::date
    union all
    select coalesce(p.place, o.place), format('%s from %s to %s overlaps its wording from %s to %s', p.code, p.valid_from,
        coalesce(p.valid_until::text, 'further notice'), o.valid_from, coalesce(o.valid_until::text, 'further notice'))
    from periods p
    join periods o on (o.list, o.code) = (p.list, p.code) and o.valid_from < p.valid_from
        and p.valid_from <= coalesce(o.valid_until, 'infinity')
    where p.place is not null or o.place is not null
$$;
comment on function samsyn.law_content_faults is 'What in a release of the right shape contradicts itself or what is here: unknown codes, repetitions, periods that overlap.';

create function samsyn.law_faults(release jsonb) returns table (place text, reason text)
    language plpgsql stable set search_path = pg_catalog as $$
begin
    if jsonb_typeof(release) is distinct from 'object' then
        return query select '', 'an object is expected';
    else
        return query select f.place, f.reason from samsyn.law_shape_faults(release) f order by f.place, f.reason;
        if not found then
            return query select f.place, f.reason from samsyn.law_content_faults(release) f order by f.place, f.reason;
        end if;
    end if;
end
$$;
comment on function samsyn.law_faults is 'Everything that stands in the way of a release, each with its JSON Pointer; none means that it can be imported.';

create function samsyn.law_rows(release jsonb, list text) returns jsonb
    language sql immutable as $$
    select coalesce(jsonb_agg((
        select jsonb_object_agg(lower(regexp_replace(m.key, '([A-Z])', '_\1', 'g')), m.value) from jsonb_each(i.item) m)), '[]')
    from samsyn.law_items(release) i where i.list = law_rows.list
$$;
comment on function samsyn.law_rows is 'One list of a release with its members called as the columns are.';

create function samsyn.import_law(release jsonb) returns table (list text, added bigint, changed bigint)
    language plpgsql volatile set search_path = pg_catalog as $$
declare
    faults text[];
begin
    -- One release at a time: two that agree with what is here need not agree with each other.
    lock table samsyn.legal_grounds in share row exclusive mode;
    select array_agg(f.place || ': ' || f.reason) into faults from samsyn.law_faults(release) f;
    if faults is not null then
        raise exception using errcode = 'data_exception', message = faults[1], detail = array_to_string(faults, E'\n');
    end if;

    return query with done as (
        insert into samsyn.sectors as t (code, name_en, name_sv)
        select n.code, n.name_en, n.name_sv
        from jsonb_populate_recordset(null::samsyn.sectors, samsyn.law_rows(release, 'sectors')) n
        on conflict (code) do update set name_en = excluded.name_en, name_sv = excluded.name_sv
        where to_jsonb(t) - 'id' <> to_jsonb(excluded) - 'id'
        returning xmax = 0 as fresh)
    select 'sectors', count(*) filter (where fresh), count(*) filter (where not fresh) from done;

    return query with done as (
        insert into samsyn.secrecy_regimes as t (code, provision, harm_test, sectors, ownership, protects, description, valid_from, valid_until)
        select n.code, n.provision, n.harm_test, n.sectors, n.ownership, n.protects, n.description, n.valid_from, n.valid_until
        from jsonb_populate_recordset(null::samsyn.secrecy_regimes, samsyn.law_rows(release, 'secrecyRegimes')) n
        on conflict (code) do update set provision = excluded.provision, harm_test = excluded.harm_test, sectors = excluded.sectors,
            ownership = excluded.ownership, protects = excluded.protects, description = excluded.description,
            valid_from = excluded.valid_from, valid_until = excluded.valid_until
        where to_jsonb(t) - 'id' <> to_jsonb(excluded) - 'id'
        returning xmax = 0 as fresh)
    select 'secrecyRegimes', count(*) filter (where fresh), count(*) filter (where not fresh) from done;

    return query with done as (
        insert into samsyn.bbic_areas as t (code, side)
        select n.code, n.side from jsonb_populate_recordset(null::samsyn.bbic_areas, samsyn.law_rows(release, 'bbicAreas')) n
        on conflict (code) do update set side = excluded.side
        where to_jsonb(t) - 'id' <> to_jsonb(excluded) - 'id'
        returning xmax = 0 as fresh)
    select 'bbicAreas', count(*) filter (where fresh), count(*) filter (where not fresh) from done;

    return query with done as (
        insert into samsyn.information_categories as t (code, name_en, name_sv, sensitive, bbic_area, valid_from, valid_until)
        select n.code, n.name_en, n.name_sv, n.sensitive, n.bbic_area, n.valid_from, n.valid_until
        from jsonb_populate_recordset(null::samsyn.information_categories, samsyn.law_rows(release, 'informationCategories')) n
        on conflict (code) do update set name_en = excluded.name_en, name_sv = excluded.name_sv, sensitive = excluded.sensitive,
            bbic_area = excluded.bbic_area, valid_from = excluded.valid_from, valid_until = excluded.valid_until
        where to_jsonb(t) - 'id' <> to_jsonb(excluded) - 'id'
        returning xmax = 0 as fresh)
    select 'informationCategories', count(*) filter (where fresh), count(*) filter (where not fresh) from done;

    return query with done as (
        insert into samsyn.preconditions as t (code, meaning, established_by)
        select n.code, n.meaning, n.established_by
        from jsonb_populate_recordset(null::samsyn.preconditions, samsyn.law_rows(release, 'preconditions')) n
        on conflict (code) do update set meaning = excluded.meaning, established_by = excluded.established_by
        where to_jsonb(t) - 'id' <> to_jsonb(excluded) - 'id'
        returning xmax = 0 as fresh)
    select 'preconditions', count(*) filter (where fresh), count(*) filter (where not fresh) from done;

    return query with done as (
        insert into samsyn.ground_scopes as t (code, meaning, categories)
        select n.code, n.meaning, n.categories
        from jsonb_populate_recordset(null::samsyn.ground_scopes, samsyn.law_rows(release, 'groundScopes')) n
        on conflict (code) do update set meaning = excluded.meaning, categories = excluded.categories
        where to_jsonb(t) - 'id' <> to_jsonb(excluded) - 'id'
        returning xmax = 0 as fresh)
    select 'groundScopes', count(*) filter (where fresh), count(*) filter (where not fresh) from done;

    return query with done as (
        insert into samsyn.never_grounds as t (code, provision, reason)
        select n.code, n.provision, n.reason
        from jsonb_populate_recordset(null::samsyn.never_grounds, samsyn.law_rows(release, 'neverGrounds')) n
        on conflict (code) do update set provision = excluded.provision, reason = excluded.reason
        where to_jsonb(t) - 'id' <> to_jsonb(excluded) - 'id'
        returning xmax = 0 as fresh)
    select 'neverGrounds', count(*) filter (where fresh), count(*) filter (where not fresh) from done;

    return query with done as (
        insert into samsyn.legal_grounds as t (code, valid_from, valid_until, enabled, statute, section, title_en, title_sv,
            source_sectors, recipient_sectors, source_regimes, excluded_regimes, subject_age_below, requires_consent,
            requires_decision, requires_justification, precondition, scope, initiative, effect, recipient_must_be_authority,
            note, verified)
        select n.code, n.valid_from, n.valid_until, n.enabled, n.statute, n.section, n.title_en, n.title_sv,
            n.source_sectors, n.recipient_sectors, n.source_regimes, n.excluded_regimes, n.subject_age_below, n.requires_consent,
            n.requires_decision, n.requires_justification, n.precondition, n.scope, n.initiative, n.effect,
            n.recipient_must_be_authority, coalesce(n.note, ''), coalesce(n.verified, 'unverified')
        from jsonb_populate_recordset(null::samsyn.legal_grounds, samsyn.law_rows(release, 'legalGrounds')) n
        on conflict (code, valid_from) do update set (valid_until, enabled, statute, section, title_en, title_sv, source_sectors,
            recipient_sectors, source_regimes, excluded_regimes, subject_age_below, requires_consent, requires_decision,
            requires_justification, precondition, scope, initiative, effect, recipient_must_be_authority, note, verified)
            = row(excluded.valid_until, excluded.enabled, excluded.statute, excluded.section, excluded.title_en, excluded.title_sv,
            excluded.source_sectors, excluded.recipient_sectors, excluded.source_regimes, excluded.excluded_regimes,
            excluded.subject_age_below, excluded.requires_consent, excluded.requires_decision, excluded.requires_justification,
            excluded.precondition, excluded.scope, excluded.initiative, excluded.effect, excluded.recipient_must_be_authority,
            excluded.note, excluded.verified)
        where to_jsonb(t) - 'id' <> to_jsonb(excluded) - 'id'
        returning xmax = 0 as fresh)
    select 'legalGrounds', count(*) filter (where fresh), count(*) filter (where not fresh) from done;

    return query with done as (
        insert into samsyn.deadline_rules as t (code, valid_from, valid_until, provision, trigger_event, duration, statute_word,
            extension, responsible, note, verified)
        select n.code, n.valid_from, n.valid_until, n.provision, n.trigger_event, n.duration, n.statute_word, n.extension,
            n.responsible, coalesce(n.note, ''), coalesce(n.verified, 'unverified')
        from jsonb_populate_recordset(null::samsyn.deadline_rules, samsyn.law_rows(release, 'deadlineRules')) n
        on conflict (code, valid_from) do update set (valid_until, provision, trigger_event, duration, statute_word, extension,
            responsible, note, verified) = row(excluded.valid_until, excluded.provision, excluded.trigger_event, excluded.duration,
            excluded.statute_word, excluded.extension, excluded.responsible, excluded.note, excluded.verified)
        where to_jsonb(t) - 'id' <> to_jsonb(excluded) - 'id'
        returning xmax = 0 as fresh)
    select 'deadlineRules', count(*) filter (where fresh), count(*) filter (where not fresh) from done;

    return query with done as (
        insert into samsyn.retention_rules as t (code, valid_from, valid_until, provision, applies_to, starts_from, duration, mode,
            note, verified)
        select n.code, n.valid_from, n.valid_until, n.provision, n.applies_to, n.starts_from, n.duration, n.mode,
            coalesce(n.note, ''), coalesce(n.verified, 'unverified')
        from jsonb_populate_recordset(null::samsyn.retention_rules, samsyn.law_rows(release, 'retentionRules')) n
        on conflict (code, valid_from) do update set (valid_until, provision, applies_to, starts_from, duration, mode, note, verified)
            = row(excluded.valid_until, excluded.provision, excluded.applies_to, excluded.starts_from, excluded.duration,
            excluded.mode, excluded.note, excluded.verified)
        where to_jsonb(t) - 'id' <> to_jsonb(excluded) - 'id'
        returning xmax = 0 as fresh)
    select 'retentionRules', count(*) filter (where fresh), count(*) filter (where not fresh) from done;
end
$$;
comment on function samsyn.import_law is
    'Takes a release of the law, whole or not at all, and tells of each list how much was added and changed. Only the owner may call it; it never removes.';
