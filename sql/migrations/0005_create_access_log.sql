-- The access log: one row for each request that touches personal data, reads and refusals included.
-- Never the content itself, and no identity number.

create table samsyn.access_events (
    id uuid not null,
    at timestamptz not null,
    txid xid8 not null default pg_current_xact_id(),
    nonce uuid not null default gen_random_uuid(),
    organisation_id uuid,
    unit_id uuid,
    user_id uuid,
    assignment_id uuid,
    party_ids uuid[] not null default '{}',
    role text,
    client text,
    client_address text,
    operation text not null,
    activity text not null,
    purpose text,
    subject_ids uuid[] not null,
    resource_ids uuid[] not null,
    concerned_ids uuid[] not null,
    grounds text[] not null,
    disclosure_ids uuid[] not null,
    emergency_id uuid,
    outcome text not null check (outcome in ('allowed', 'denied')),
    code text,
    request_id uuid,
    trace_id text,
    primary key (id, at),
    check ((outcome = 'denied') = (code is not null))
) partition by range (at);

comment on table samsyn.access_events is 'Who read or changed what about whom, through what, on which ground, and who was refused. Append only; whole months are detached after the retention period.';
comment on column samsyn.access_events.txid is 'Transaction that wrote it: the order in which rows become visible follows from it, not from id or time.';
comment on column samsyn.access_events.nonce is 'Random, so that a hash of the row that outlives it tells nothing.';
comment on column samsyn.access_events.organisation_id is 'Secrecy boundary of the one who acted.';
comment on column samsyn.access_events.party_ids is 'Of a guardian or child who acted: the guardians and subjects, in whose registers they stand, as whom they were concerned.';
comment on column samsyn.access_events.emergency_id is 'The emergency access under which it was read.';
comment on column samsyn.access_events.subject_ids is 'Every subject that the reply named, or that the refused request aimed at.';
comment on column samsyn.access_events.resource_ids is 'Every resource that the reply contained, or that the refused request aimed at.';
comment on column samsyn.access_events.concerned_ids is 'Other organisations whose subjects or records it concerned: their auditors see it too.';
comment on column samsyn.access_events.code is 'Refusal code of the contract when denied.';

-- The auditors' questions, newest first: my staff; one of them. What others did with what is ours, and by what else an event is
-- found, have tables of their own, because an index of arrays has no order.
create index access_events_by_organisation on samsyn.access_events (organisation_id, at desc, id desc);
create index access_events_by_user on samsyn.access_events (organisation_id, user_id, at desc, id desc);

create table samsyn.access_event_concerns (
    organisation_id uuid not null,
    at timestamptz not null,
    id uuid not null,
    primary key (organisation_id, at, id)
) partition by range (at);
comment on table samsyn.access_event_concerns is 'The concerned_ids of each event, in the order in which an auditor reads.';

create function samsyn.forbid_change() returns trigger
    language plpgsql set search_path = pg_catalog as $$
begin
    -- Who logs in as samsyn_retention can do nothing but call samsyn.cull: no setting stands in for that.
    if session_user = 'samsyn_retention' and tg_op in ('UPDATE', 'DELETE') and tg_table_name !~ '^(access_event|log_|tombstones$)' then
        return case tg_op when 'DELETE' then old else new end;
    end if;
    raise exception 'samsyn.% is append only', tg_table_name using errcode = 'insufficient_privilege';
end
$$;
comment on function samsyn.forbid_change is
    'Trigger: rows of this table are never changed or removed, by nobody; culling alone (samsyn.cull) removes them when their time is over, and never those of the access log.';
create trigger forbid_change before update or delete on samsyn.access_events
    for each row execute function samsyn.forbid_change();
create trigger forbid_truncate before truncate on samsyn.access_events
    for each statement execute function samsyn.forbid_change();

create function samsyn.log_parts(the_month date) returns table (parent regclass, part regclass, rest regclass)
    language sql stable set search_path = pg_catalog set timezone = 'UTC' set datestyle = 'ISO' as $$
    select t.partrelid::regclass, (
        select i.inhrelid::regclass from pg_inherits i join pg_class c on c.oid = i.inhrelid
        where i.inhparent = t.partrelid and pg_get_expr(c.relpartbound, c.oid) =
            format('FOR VALUES FROM (%L) TO (%L)', the_month || ' 00:00:00+00', (the_month + interval '1 month')::date || ' 00:00:00+00')),
        nullif(t.partdefid, 0)::regclass
    from pg_partitioned_table t
    join pg_class p on p.oid = t.partrelid
    where p.relnamespace = 'samsyn'::regnamespace
    -- Whoever locks them does so in the order in which a request writes them.
    order by p.relname <> 'access_events', p.relname
$$;
comment on function samsyn.log_parts is
    'The tables of the log that are partitioned by month, the partition of this month of each (null where it has none), and the default partition.';

create function samsyn.astray_log_months() returns setof date
    language plpgsql stable set search_path = pg_catalog as $$
declare
    found text;
begin
    select string_agg(format('select date_trunc(''month'', at at time zone ''UTC'')::date from %s', p.rest), ' union ') into found
    from samsyn.log_parts('2000-01-01') p where p.rest is not null;
    return query execute found;
end
$$;
comment on function samsyn.astray_log_months is
    'The months of which rows stand in a default partition: written while their own was not there, because no server had run for months or the clock was wrong.';

create function samsyn.make_log_part(parent regclass, rest regclass, the_month date) returns void
    language plpgsql volatile security definer set search_path = pg_catalog set lock_timeout = '200ms' as $$
declare
    since constant text := the_month || ' 00:00:00+00';
    until constant text := (the_month + interval '1 month')::date || ' 00:00:00+00';
    part constant text := parent || to_char(the_month, '_YYYY_MM');
    astray boolean := false;
begin
    if rest is not null then
        execute format('select exists (select from %s where at >= %L and at < %L)', rest, since, until) into astray;
    end if;
    execute format('create table %s (like %s including all excluding comments)', part, parent);
    if astray then
        -- Only a table that is no partition lets rows go. They are the same afterwards, and so are their hashes.
        execute format('alter table %s detach partition %s', parent, rest);
        execute format('with moved as (delete from %s where at >= %L and at < %L returning *) insert into %s select * from moved',
            rest, since, until, part);
    end if;
    execute format('alter table %s attach partition %s for values from (%L) to (%L)', parent, part, since, until);
    if astray then
        execute format('alter table %s attach partition %s default', parent, rest);
    end if;
    execute format('create trigger forbid_truncate before truncate on %s for each statement execute function samsyn.forbid_change()', part);
    execute format('alter table %s enable row level security', part);
    execute format('alter table %s force row level security', part);
end
$$;
comment on function samsyn.make_log_part is
    'Makes the partition of a month, with the rows of it that stand in the default partition `rest`, if there is one. Requests wait while these are moved; it waits for others no longer than lock_timeout.';

create function samsyn.extend_access_events(months integer default 3) returns integer
    language plpgsql security definer set search_path = pg_catalog as $$
declare
    the_month date;
    table_of record;
    made integer := 0;
begin
    perform pg_advisory_xact_lock(hashtext('samsyn.extend_access_events'));
    for the_month in
        select (date_trunc('month', now() at time zone 'UTC') + make_interval(months => ahead))::date
        from generate_series(0, least(months, 36)) ahead
        union
        select samsyn.astray_log_months()
        order by 1
    loop
        for table_of in select p.parent, p.rest from samsyn.log_parts(the_month) p where p.part is null loop
            perform samsyn.make_log_part(table_of.parent, table_of.rest, the_month);
            made := made + 1;
        end loop;
    end loop;
    return made;
end
$$;
comment on function samsyn.extend_access_events is
    'Creates the monthly partitions of the log''s tables from this month to `months` ahead (at most 36) where they are missing, and those of rows that stand in a default partition; returns how many. The server calls it at start and hourly, samsyn log archive before each month.';
grant execute on function samsyn.extend_access_events to samsyn_api;

create table samsyn.access_events_default partition of samsyn.access_events default;
comment on table samsyn.access_events_default is 'Safety net: a row is never refused for want of a partition.';
create trigger forbid_truncate before truncate on samsyn.access_events_default
    for each statement execute function samsyn.forbid_change();
create table samsyn.access_event_concerns_default partition of samsyn.access_event_concerns default;
comment on table samsyn.access_event_concerns_default is 'Safety net, as access_events_default.';
call samsyn.protect('access_events_default', 'access_event_concerns_default');
create trigger forbid_change before update or delete on samsyn.access_event_concerns
    for each row execute function samsyn.forbid_change();

create function samsyn.utc_micro(instant timestamptz) returns text
    language sql stable as $$
    select to_char(instant at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
$$;
comment on function samsyn.utc_micro is 'RFC 3339 in UTC with microseconds: the full precision of a stored time.';
grant execute on function samsyn.utc_micro to samsyn_api;
