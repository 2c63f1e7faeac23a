-- How the access log is searched and shown. An auditor pages through it newest first, by any filter, as fast at a hundred
-- million rows as at a thousand: each search walks an index in reading order, and never further than a bounded number of
-- rows for one page.

-- What makes an event rare is what it is looked for by: who it is about, which emergency access it fell under, that it
-- was refused and why, on which ground, that it was more than a reading, and who of another organisation did it. Each is a
-- row in reading order, for every organisation whose auditors may see the event. What most events share (the operation, the
-- client, that they were allowed) has none, because each row is paid for by the request: it is sifted on the way.
create table samsyn.access_event_terms (
    organisation_id uuid not null,
    term uuid not null,
    at timestamptz not null,
    id uuid not null,
    primary key (organisation_id, term, at, id)
) partition by range (at);
comment on table samsyn.access_event_terms is 'By what an event is found, in the order in which an auditor reads.';
comment on column samsyn.access_event_terms.organisation_id is 'Who may look: the organisation that acted, or one that it concerns.';
comment on column samsyn.access_event_terms.term is 'A subject, an emergency access, another organisation or its user who acted, or samsyn.term of a word.';
create table samsyn.access_event_terms_default partition of samsyn.access_event_terms default;
comment on table samsyn.access_event_terms_default is 'Safety net, as access_events_default.';
call samsyn.protect('access_event_terms', 'access_event_terms_default');
create trigger forbid_change before update or delete on samsyn.access_event_terms
    for each row execute function samsyn.forbid_change();
create trigger forbid_truncate before truncate on samsyn.access_event_terms
    for each statement execute function samsyn.forbid_change();
create trigger forbid_truncate before truncate on samsyn.access_event_terms_default
    for each statement execute function samsyn.forbid_change();

create function samsyn.term(kind text, word text) returns uuid
    language sql immutable parallel safe as $$ select md5(kind || ' ' || word)::uuid $$;
comment on function samsyn.term is 'A word by which events are found, as an identifier: of one size, and in no danger of being that of a thing.';

create function samsyn.event_terms(e samsyn.access_events) returns uuid[]
    language plpgsql immutable as $$
declare
    terms uuid[] := e.subject_ids;
    word text;
begin
    if e.code is not null then
        terms := terms || samsyn.term('outcome', 'denied') || samsyn.term('code', e.code);
    end if;
    if e.activity <> 'read' then
        terms := terms || samsyn.term('activity', e.activity);
    end if;
    if e.emergency_id is not null then
        terms := terms || samsyn.term('emergency', 'any') || e.emergency_id;
    end if;
    foreach word in array e.grounds loop
        terms := terms || samsyn.term('ground', word);
    end loop;
    return terms;
end
$$;
comment on function samsyn.event_terms is 'By what an event is found by everyone whom it concerns, beside its time.';

create function samsyn.event_entries(e samsyn.access_events) returns table (organisation_id uuid, term uuid)
    language sql stable as $$
    select distinct o, t
    from unnest(e.concerned_ids || e.organisation_id) o
    cross join unnest(samsyn.event_terms(e) || case when o is distinct from e.organisation_id then array[e.organisation_id, e.user_id] end) t
    where o is not null and t is not null
$$;
comment on function samsyn.event_entries is
    'The rows of samsyn.access_event_terms of an event. What the own staff does is found by user in samsyn.access_events itself; what others did, here, so that no search walks what does not concern the one who searches.';

create function samsyn.index_access_event() returns trigger
    language plpgsql security definer set search_path = pg_catalog as $$
begin
    insert into samsyn.access_event_terms (organisation_id, term, at, id)
    select x.organisation_id, x.term, new.at, new.id from samsyn.event_entries(new) x;
    return null;
end
$$;
comment on function samsyn.index_access_event is 'Trigger: no event is written that cannot be found.';
create trigger index_access_event after insert on samsyn.access_events
    for each row execute function samsyn.index_access_event();
revoke execute on function samsyn.index_access_event, samsyn.event_entries, samsyn.event_terms, samsyn.term from public;

select samsyn.extend_access_events(12);

-- Finding ------------------------------------------------------------------------------------------------------------

create function samsyn.event_matches(e samsyn.access_events, the_user uuid, the_organisation uuid, the_client text, the_operation text,
        the_activity text, the_ground text, the_outcome text, the_code text, the_emergency uuid, in_emergency boolean) returns boolean
    language sql stable as $$
    select not e.subject_ids && samsyn.excluded_subjects()
        and (the_user is null or e.user_id = the_user)
        and (the_organisation is null or e.organisation_id = the_organisation)
        and (the_client is null or e.client = the_client)
        and (the_operation is null or e.operation = the_operation)
        and (the_activity is null or e.activity = the_activity)
        and (the_ground is null or the_ground = any (e.grounds))
        and (the_outcome is null or e.outcome = the_outcome)
        and (the_code is null or e.code = the_code)
        and (the_emergency is null or e.emergency_id = the_emergency)
        and (in_emergency is null or in_emergency = (e.emergency_id is not null))
$$;
comment on function samsyn.event_matches is 'The filters of a search in the access log, null for none, and no event about a child whose case the auditor is excluded from.';

create function samsyn.find_access_events(the_subject uuid, the_user uuid, the_organisation uuid, the_client text, the_operation text,
        the_activity text, the_ground text, the_outcome text, the_code text, the_emergency uuid, in_emergency boolean,
        since timestamptz, before timestamptz, the_cursor text, most bigint)
    returns table (id uuid, at timestamptz, paused boolean)
    language plpgsql stable security definer set search_path = pg_catalog
    -- Planned for the filters that are given; row by row in the order of an index, so that the first page costs no more
    -- than a page.
    set plan_cache_mode = force_custom_plan set enable_hashjoin = off set enable_mergejoin = off set enable_seqscan = off
    set enable_bitmapscan = off set enable_sort = off as $$
declare
    mine constant uuid := samsyn.organisation();
    cursor_at timestamptz := split_part(the_cursor, '_', 1)::timestamptz;
    -- A later event is one that is not below this.
    top_at constant timestamptz := least(cursor_at, before, 'infinity');
    top_id constant uuid := case when cursor_at < coalesce(before, 'infinity') then split_part(the_cursor, '_', 2) else '00000000-0000-0000-0000-000000000000' end;
    bottom constant timestamptz := coalesce(since, '-infinity');
    the_term constant uuid := case
        when the_emergency is not null then the_emergency
        when the_subject is not null then the_subject
        when the_user is not null then the_user
        when the_code is not null then samsyn.term('code', the_code)
        when the_ground is not null then samsyn.term('ground', the_ground)
        when the_organisation <> mine then the_organisation
        when in_emergency then samsyn.term('emergency', 'any')
        when the_outcome = 'denied' then samsyn.term('outcome', 'denied')
        when the_activity <> 'read' then samsyn.term('activity', the_activity) end;
    known constant boolean := the_subject = any (samsyn.known_subjects(array[the_subject]));
    -- Without a filter nothing is sifted, and no event looked at before it is read.
    all_fit constant boolean := samsyn.excluded_subjects() = '{}' and num_nonnulls(the_subject, the_user, the_organisation, the_client,
        the_operation, the_activity, the_ground, the_outcome, the_code, the_emergency, in_emergency) = 0;
    -- The log is walked from month to month, ever more of them at a time, since to look into all of them at once costs more
    -- the longer it is kept; what is between `low` and `high` is planned for its months alone.
    high timestamptz := 'infinity';
    low timestamptz := date_trunc('month', least(top_at, clock_timestamp()), 'UTC');
    months integer := 1;
    effort bigint := most + 10000;
    walked bigint;
    one record;
begin
    while samsyn.may('access-event:read') and most > 0 and effort > 0 and high > bottom loop
        low := case when months > 64 then bottom else greatest(low, bottom) end;
        walked := 0;
        for one in
            select w.id, w.at, w.n, f.fits
            from (
                select c.at, c.id, row_number() over way as n, lead(c.id) over way is null as last
                from (
                    (select k.at, k.id from samsyn.access_event_terms k
                    where the_term is not null and k.organisation_id = mine and k.term = the_term
                        and k.at >= low and k.at < high and k.at <= top_at and (k.at, k.id) < (top_at, top_id)
                    order by k.at desc, k.id desc limit effort)
                    union all
                    -- By a user: what they did for us, and for others with what is ours.
                    (select e.at, e.id from samsyn.access_events e
                    where the_term = the_user and coalesce(the_organisation, mine) = mine and e.organisation_id = mine and e.user_id = the_user
                        and e.at >= low and e.at < high and e.at <= top_at and (e.at, e.id) < (top_at, top_id)
                    order by e.at desc, e.id desc limit effort)
                    union all
                    -- Our own staff's, and what others did with what is ours: each in the order of its index, then merged.
                    (select e.at, e.id from samsyn.access_events e
                    where the_term is null and coalesce(the_organisation, mine) = mine and e.organisation_id = mine
                        and e.at >= low and e.at < high and e.at <= top_at and (e.at, e.id) < (top_at, top_id)
                    order by e.at desc, e.id desc limit effort)
                    union all
                    (select k.at, k.id from samsyn.access_event_concerns k
                    where the_term is null and the_organisation is distinct from mine and k.organisation_id = mine
                        and k.at >= low and k.at < high and k.at <= top_at and (k.at, k.id) < (top_at, top_id)
                    order by k.at desc, k.id desc limit effort)
                    order by 1 desc, 2 desc limit effort) c
                window way as (order by c.at desc, c.id desc)) w
            -- offset 0: each is looked up by its key, whatever the statistics of a new month say.
            left join lateral (select e.* from samsyn.access_events e where not all_fit and e.id = w.id and e.at = w.at and e.at >= low and e.at < high offset 0) e on true
            cross join lateral (select all_fit or coalesce((e.organisation_id = mine or e.concerned_ids @> array[mine])
                and samsyn.event_matches(e, the_user, the_organisation, the_client, the_operation, the_activity, the_ground, the_outcome,
                    the_code, the_emergency, in_emergency)
                -- Whether an own attempt that was refused may be told of is asked for all of a page at once.
                and (the_subject is null or e.organisation_id = mine or known), false) as fits) f
            where f.fits or w.last
            order by w.at desc, w.id desc limit most
        loop
            id := one.id;
            at := one.at;
            paused := false;
            walked := one.n;
            if one.fits then
                return next;
                most := most - 1;
            end if;
        end loop;
        effort := effort - walked;
        high := low;
        low := low - make_interval(months => months);
        months := months * 2;
    end loop;
    if effort <= 0 and most > 0 then
        paused := true;
        return next;
    end if;
end
$$;
comment on function samsyn.find_access_events is
    'The next `most` events, newest first, that concern the principal''s organisation and fit the filters, after `the_cursor` ("time_id" of the last one seen). Filters that almost nothing fits are not sought to the end of the log: a last row is then `paused` and says where to go on. Only what concerns the organisation is walked. The events themselves are read through the row policy; whether a subject is told of is for samsyn.access_event_page to ask.';
grant execute on function samsyn.find_access_events to samsyn_api;

create function samsyn.events_read(ids uuid[], times timestamptz[]) returns samsyn.access_events[]
    language plpgsql stable set search_path = pg_catalog as $$
begin
    return array(
        select k.e from unnest(ids, times) with ordinality f (id, at, n)
        -- offset 0: each is looked up by its key, as where it was found; a plan for many of them would sort whole months.
        cross join lateral (select e from samsyn.access_events e where e.id = f.id and e.at = f.at offset 0) k
        order by f.n);
end
$$;
comment on function samsyn.events_read is 'The events of these keys that the row policy shows, in their order.';

create function samsyn.events_told_of(events samsyn.access_events[], the_subject uuid) returns samsyn.access_events[]
    language plpgsql stable set search_path = pg_catalog as $$
begin
    return array(
        select e from unnest(events) e
        where e.id in (select t.id from samsyn.tell_events(events) t where the_subject = any (t.subject_ids))
        order by e.at desc, e.id desc);
end
$$;
comment on function samsyn.events_told_of is 'Those of the events of which the auditor is told that they are about the subject (samsyn.tell_events), newest first.';

create function samsyn.access_event_page(the_subject uuid, the_user uuid, the_organisation uuid, the_client text, the_operation text,
        the_activity text, the_ground text, the_outcome text, the_code text, the_emergency uuid, in_emergency boolean,
        since timestamptz, before timestamptz, the_cursor text, most bigint,
        out events samsyn.access_events[], out pause text)
    language plpgsql stable set search_path = pg_catalog as $$
declare
    ids uuid[];
    times timestamptz[];
    part samsyn.access_events[];
begin
    events := '{}';
    loop
        select array_agg(f.id order by f.n) filter (where not f.paused), array_agg(f.at order by f.n) filter (where not f.paused),
            max(samsyn.utc_micro(f.at) || '_' || f.id) filter (where f.paused)
        into ids, times, pause
        from samsyn.find_access_events(the_subject, the_user, the_organisation, the_client, the_operation, the_activity, the_ground,
            the_outcome, the_code, the_emergency, in_emergency, since, before, the_cursor, most) with ordinality f (id, at, paused, n);
        part := samsyn.events_read(ids, times);
        if the_subject is null then
            events := part;
            return;
        end if;
        events := (events || samsyn.events_told_of(part, the_subject))[1:most::integer];
        if cardinality(events) = most then
            pause := null;
            return;
        end if;
        exit when pause is null and coalesce(cardinality(ids), 0) < most;
        -- Where a page ends says of the event there that it is about the subject: it never ends at one of which that is not told.
        exit when cardinality(samsyn.events_told_of(samsyn.events_read(array[split_part(pause, '_', 2)::uuid],
            array[split_part(pause, '_', 1)::timestamptz]), the_subject)) > 0;
        the_cursor := coalesce(pause, samsyn.utc_micro(times[most]) || '_' || ids[most]);
    end loop;
end
$$;
comment on function samsyn.access_event_page is
    'The events that samsyn.find_access_events finds, as the row policy shows them, of those about a subject the ones of which that is told, and where to go on when there are fewer than `most` though it was not the end.';
grant execute on function samsyn.access_event_page, samsyn.events_read, samsyn.events_told_of to samsyn_api;

create function samsyn.subject_numbered(number text) returns uuid
    language plpgsql stable security definer set search_path = pg_catalog as $$
begin
    return coalesce(
        (select s.id from samsyn.subjects s
        where samsyn.may('access-event:read') and s.organisation_id = samsyn.organisation()
            and s.identity_number = samsyn.normal_identity_number(number, samsyn.today())),
        '00000000-0000-0000-0000-000000000000');
end
$$;
comment on function samsyn.subject_numbered is 'Who has this identity number in the register of the auditor''s organisation; nil, as whom no event is about, when nobody has.';
grant execute on function samsyn.subject_numbered to samsyn_api;

-- Telling ------------------------------------------------------------------------------------------------------------

create function samsyn.tell_events(events samsyn.access_events[]) returns setof samsyn.access_events
    language plpgsql stable security definer set search_path = pg_catalog as $$
declare
    mine constant uuid := samsyn.organisation();
    -- Asked about once for all the events, not for each: what others did, and what own attempts that were refused aimed at.
    subjects constant uuid[] := samsyn.known_subjects(array(
        select distinct s from unnest(events) e cross join unnest(e.subject_ids) s where e.organisation_id is distinct from mine));
    resources constant uuid[] := samsyn.known_resources(array(
        select distinct r from unnest(events) e
        cross join unnest(case when e.organisation_id = mine then e.party_ids else e.party_ids || e.resource_ids || e.disclosure_ids end) r));
    aims constant uuid[] := array(
        select distinct r from unnest(events) e cross join unnest(e.resource_ids) r
        where e.organisation_id = mine and e.outcome = 'denied' and e.subject_ids <> '{}');
begin
    return query
        with aimed as materialized (
            select f.resource, f.subject from samsyn.resource_facts(samsyn.known_resources(aims)) f where f.subject is not null)
        select e.id, e.at, e.txid, e.nonce, e.organisation_id, e.unit_id, e.user_id, e.assignment_id,
            -- is true: looked up in a hash of what is known, which a join would make again for each event.
            case when e.party_ids = '{}' then e.party_ids
                else array(select r from unnest(e.party_ids) r where (r in (select unnest(resources))) is true order by r) end,
            e.role, e.client, e.client_address, e.operation, e.activity, e.purpose,
            case when e.organisation_id is distinct from mine and 'REPORTER_FEEDBACK' = any (e.grounds) then '{}'
                when e.organisation_id is distinct from mine then
                    array(select s from unnest(e.subject_ids) s where (s in (select unnest(subjects))) is true order by s)
                when e.outcome = 'allowed' or e.subject_ids = '{}' then e.subject_ids
                else array(select distinct a.subject from aimed a where a.resource = any (e.resource_ids) order by a.subject) end,
            case when e.organisation_id = mine then e.resource_ids
                else array(select r from unnest(e.resource_ids) r where (r in (select unnest(resources))) is true order by r) end,
            e.concerned_ids, e.grounds,
            case when e.organisation_id = mine then e.disclosure_ids
                else array(select r from unnest(e.disclosure_ids) r where (r in (select unnest(resources))) is true order by r) end,
            e.emergency_id, e.outcome, e.code, e.request_id, e.trace_id
        from unnest(events) with ordinality e
        order by e.ordinality;
end
$$;
comment on function samsyn.tell_events is
    'The events, in their order, with the part alone of their lists that an auditor may be told. Of subjects: all that the own staff was shown; of what others saw those that the organisation knows of anyway; and of an own attempt that was refused those of what it knows anyway, so that a guess tells nothing, not even that it was right. Who the child of a report turned out to be is not told to whoever reported it, though they know the child otherwise: feedback says what was decided alone (SoL 19:6, OSL 26:9 a).';
grant execute on function samsyn.tell_events to samsyn_api;

create function samsyn.told_subjects(e samsyn.access_events) returns uuid[]
    language plpgsql stable security definer set search_path = pg_catalog as $$
begin
    return (select t.subject_ids from samsyn.tell_events(array[e]) t);
end
$$;
comment on function samsyn.told_subjects is 'The subjects of an event that the auditor is told.';
grant execute on function samsyn.told_subjects to samsyn_api;

create function samsyn.show_events(events samsyn.access_events[], pause text)
    returns table (n bigint, resource uuid, body text, cursor text)
    language plpgsql stable security definer set search_path = pg_catalog as $$
begin
    return query
        -- Put together as text: to build JSON and strip its nulls again costs twice as much, and an export is as long as the log.
        select e.ordinality, e.id, concat(
                '{"id":"', e.id, '","at":"', samsyn.utc_micro(e.at), '"',
                ',"organisationId":"' || e.organisation_id || '","organisationName":' || to_json(o.name),
                ',"unitId":"' || e.unit_id || '"', ',"userId":"' || e.user_id || '"', ',"userName":' || to_json(u.name),
                ',"assignmentId":"' || e.assignment_id || '"', ',"role":' || to_json(e.role), ',"client":' || to_json(e.client),
                ',"clientAddress":' || to_json(e.client_address), ',"operation":', to_json(e.operation),
                ',"activity":', to_json(e.activity), ',"purpose":' || to_json(e.purpose),
                ',"subjectIds":', to_json(e.subject_ids), ',"resourceIds":', to_json(e.resource_ids), ',"grounds":', to_json(e.grounds),
                ',"disclosureIds":', to_json(e.disclosure_ids), ',"outcome":"', e.outcome, '"', ',"code":"' || e.code || '"',
                ',"requestId":"' || e.request_id || '"', ',"traceId":' || to_json(e.trace_id),
                ',"partyIds":' || to_json(nullif(e.party_ids, '{}')), ',"emergencyAccessId":"' || e.emergency_id || '"', '}'),
            samsyn.utc_micro(e.at) || '_' || e.id
        from samsyn.tell_events(events) with ordinality e
        left join samsyn.organisations o on o.id = e.organisation_id
        left join samsyn.users u on u.id = e.user_id
        union all
        select cardinality(events) + 1, null, null, pause where pause is not null;
end
$$;
comment on function samsyn.show_events is
    'Events as auditors are shown them, in their order, each with the cursor after it; a `pause` is a row at the end with a cursor and nothing else.';
grant execute on function samsyn.show_events to samsyn_api;

create view api.access_events with (security_invoker = true) as
select e.id as resource, null::uuid as subject, null::uuid as owner, null::text as ground, null::uuid as disclosure, '1' as etag, s.body::json as body, e.at
from samsyn.access_events e
cross join lateral samsyn.show_events(array[e], null) s;
comment on view api.access_events is 'The access log for auditors, with the subjects, resources and disclosures that their organisation knows of; at names the partition. One by one: pages are shown at once, by samsyn.show_events.';
grant select on api.access_events to samsyn_api;

create function samsyn.with_provable(body text, the_id uuid, the_at timestamptz) returns text
    language sql stable as $$
    select left(body, -1) || ',"provable":' || coalesce(samsyn.sealed_index(the_id, the_at) < samsyn.signed_size(), false) || '}'
$$;
comment on function samsyn.with_provable is 'An event as auditors are shown it, with whether a signed checkpoint covers it; its links to the proofs depend on that.';
grant execute on function samsyn.with_provable to samsyn_api;

-- For a log archive --------------------------------------------------------------------------------------------------

-- Records of access as the national log service takes them (urn:riv:informationsecurity:auditing:log:2, LogType), which is
-- how a care provider documents access to patient data (PDL 4:3, HSLF-FS 2016:40 4 ch. 9 §). The words are that service's.

create function samsyn.log_service_activity(activity text, operation text) returns text
    language sql immutable as $$
    select case
        when operation ~ '^(remove|cull)' then 'Radera'
        when activity = 'emergency-access' then 'Nödöppning'
        when activity = 'sign' then 'Signera'
        when activity in ('disclose', 'export') then 'Utskrift'
        when activity = 'write' then 'Skriva'
        else 'Läsa' end
$$;
comment on function samsyn.log_service_activity is 'The ActivityType of an event; what leaves the organisation is a printout. Vidimera is not used: nothing here is attested.';

create function samsyn.log_service_purpose(purpose text) returns text
    language sql immutable as $$
    select case purpose when 'care' then 'Vård och behandling' when 'administration' then 'Administration' else 'Kvalitetssäkring' end
$$;
comment on function samsyn.log_service_purpose is 'The PurposeDescription of an event; governance of the collaboration and audit are quality assurance.';

create function samsyn.log_service_resource(operation text) returns text
    language sql immutable as $$
    select case
        when operation ~ 'Record' then 'journaltext'
        when operation ~ 'Consent' then 'samtycke'
        when operation ~ 'Plan' then 'vårdplan'
        when operation ~ 'ConcernReport|Investigation|Consultation' then 'utredning'
        when operation ~ 'Disclosure|InformationRequest|Decision' then 'utlämnande'
        when operation ~ 'Subject|Guardian|Contact' then 'personuppgifter'
        when operation ~ '^(list|search)' then 'översikt'
        else 'ärende' end
$$;
comment on function samsyn.log_service_resource is 'The ResourceTypeValue of what an operation shows.';

create function samsyn.log_service_id(hsa_id text, id uuid) returns text
    language sql immutable as $$ select coalesce(hsa_id, replace(id::text, '-', '')) $$;
comment on function samsyn.log_service_id is 'An identifier of at most 32 characters, as the service takes them: the HSA-id, or ours without hyphens.';

create function samsyn.log_service_records(events samsyn.access_events[], pause text, system_id text)
    returns table (n bigint, body json, cursor text)
    language plpgsql stable security definer set search_path = pg_catalog as $$
begin
    return query
        select e.ordinality, case when e.organisation_id = samsyn.organisation() and e.outcome = 'allowed' and r.resources is not null then
                json_strip_nulls(json_build_object(
                    'logId', e.id,
                    'system', json_build_object('systemId', system_id, 'systemName', 'Samsyn'),
                    'activity', json_build_object('activityType', samsyn.log_service_activity(e.activity, e.operation),
                        'activityLevel', e.operation,
                        'activityArgs', nullif(concat_ws(' ', 'requestId=' || e.request_id, 'emergencyAccessId=' || e.emergency_id,
                            'ground=' || nullif(array_to_string(e.grounds, ','), '')), ''),
                        'startDate', samsyn.utc_micro(e.at), 'purpose', samsyn.log_service_purpose(e.purpose)),
                    'user', json_build_object(
                        'userId', coalesce((select i.subject from samsyn.identities i where i.user_id = e.user_id
                            and i.subject ~ '^SE[0-9]{10}-[A-Z0-9]{1,18}$' order by i.id limit 1), replace(e.user_id::text, '-', '')),
                        'name', u.name, 'assignment', concat_ws(', ', k.name_sv, unit.name),
                        'careProvider', json_build_object('careProviderId', samsyn.log_service_id(o.hsa_id, o.id), 'careProviderName', o.name),
                        'careUnit', json_build_object('careUnitId', samsyn.log_service_id(unit.hsa_id, unit.id), 'careUnitName', unit.name)),
                    'resources', r.resources)) end,
            samsyn.utc_micro(e.at) || '_' || e.id
        from samsyn.tell_events(events) with ordinality e
        left join samsyn.organisations o on o.id = e.organisation_id
        left join samsyn.organisations unit on unit.id = e.unit_id
        left join samsyn.users u on u.id = e.user_id
        left join samsyn.roles k on k.code = e.role
        cross join lateral (
            -- By number are named only those in the own register, and not those whose identity is protected for the caller.
            select json_agg(json_build_object('resourceType', samsyn.log_service_resource(e.operation),
                'patient', case when s.organisation_id = samsyn.organisation() and s.identity_number is not null
                        and (not s.protected_identity or samsyn.may('subject:protected')) then
                    json_build_object('patientId', json_build_object('root',
                        case when substr(s.identity_number, 7, 2) > '60' then '1.2.752.129.2.1.3.3' else '1.2.752.129.2.1.3.1' end,
                        'extension', s.identity_number)) end,
                'careProvider', json_build_object('careProviderId', samsyn.log_service_id(p.hsa_id, p.id), 'careProviderName', p.name))
                order by s.id) as resources
            from samsyn.subjects s join samsyn.organisations p on p.id = s.organisation_id
            where s.id = any (e.subject_ids)) r
        union all
        select cardinality(events) + 1, null, pause where pause is not null;
end
$$;
comment on function samsyn.log_service_records is
    'Events as records of the national log service, in their order, each with the cursor after it; null where an event is none: acts of others, refusals, and what is about no subject.';
grant execute on function samsyn.log_service_records to samsyn_api;
