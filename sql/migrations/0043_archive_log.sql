-- The end of the access log: whole months, when the time is over for which they must be kept (HSLF-FS 2016:40 4:9 with
-- PDL 4:3: five years at least). A month is written to an archive, compared with it, and only then removed. Its hashes
-- stay: proofs of other events, and that nothing else was removed, do not need its rows.

alter table samsyn.configuration drop constraint configuration_check;
alter table samsyn.configuration add constraint configuration_check check (
    (name = 'emergency-access-minutes' and value between 5 and 1440) or (name = 'access-log-years' and value between 5 and 100));
insert into samsyn.configuration (name, value) values ('access-log-years', 5);

create table samsyn.log_archives (
    id uuid primary key,
    month date not null unique check (extract(day from month) = 1),
    events bigint not null check (events > 0),
    indexes int8multirange not null,
    tree_size bigint not null references samsyn.log_trees,
    sha256 bytea not null check (octet_length(sha256) = 32),
    removed_at timestamptz not null default samsyn.now(),
    removed_by text not null
);
comment on table samsyn.log_archives is 'Months of the access log that have been removed: which entries these were, and which archive holds them.';
comment on column samsyn.log_archives.id is 'Made of sha256 (RFC 9562 5.8): the event by which the removal is itself logged names it, and so vouches for the archive.';
comment on column samsyn.log_archives.indexes is 'The leaves of its events; near its ends some between them are of the months before and after.';
comment on column samsyn.log_archives.tree_size is 'Of the signed checkpoint that the archive is proved by.';
comment on column samsyn.log_archives.sha256 is 'Of the archive, as it was compared with the database.';
create trigger forbid_change before update or delete on samsyn.log_archives for each row execute function samsyn.forbid_change();
create trigger forbid_truncate before truncate on samsyn.log_archives for each statement execute function samsyn.forbid_change();
call samsyn.protect('log_archives');
-- Like the hashes it tells of nobody.
create policy read on samsyn.log_archives for select to samsyn_api using (true);
grant select on samsyn.log_archives to samsyn_api;

create function samsyn.log_kept_until(the_month date) returns timestamptz
    language sql stable set search_path = pg_catalog as $$
    select (the_month + interval '1 month') at time zone 'UTC'
        + make_interval(years => (select k.value from samsyn.configuration k where k.name = 'access-log-years'))
$$;
comment on function samsyn.log_kept_until is 'When the time is over for which a month of the log must be kept.';

create type samsyn.log_month as (
    month date, state text, since timestamptz, until timestamptz, kept_until timestamptz, events bigint, indexes int8multirange,
    size bigint, sha256 bytea
);
comment on type samsyn.log_month is 'What a month of the log is: how it stands, its events, their leaves, the newest signed tree, and of one that has been removed its archive. Of one that is removed or kept no more than its events are told.';

create function samsyn.weigh_log_month(the_month date) returns samsyn.log_month
    language plpgsql stable set search_path = pg_catalog as $$
declare
    it samsyn.log_month;
    held constant uuid[] := array(select h.case_id from samsyn.legal_holds h where h.released_at is null);
    held_subjects constant uuid[] := array(select c.subject_id from samsyn.cases c where c.id = any (held));
    between_them bigint;
begin
    it.month := the_month;
    it.since := the_month::timestamp at time zone 'UTC';
    it.until := (the_month + interval '1 month') at time zone 'UTC';
    it.kept_until := samsyn.log_kept_until(the_month);
    select a.events, a.sha256, 'removed' into it.events, it.sha256, it.state from samsyn.log_archives a where a.month = the_month;
    if it.state = 'removed' then
        return it;
    end if;
    select count(*) into it.events from samsyn.access_events e where e.at >= it.since and e.at < it.until;
    if it.kept_until > samsyn.now() then
        it.state := 'kept';
        return it;
    end if;
    select range_agg(int8range(g.first, g.last, '[]')) into it.indexes
    from (select min(n.index) as first, max(n.index) as last
        from (select l.index, l.index - row_number() over (order by l.index) as island
            from samsyn.log_entries l where l.at >= it.since and l.at < it.until) n
        group by n.island) g;
    it.size := samsyn.signed_size();
    -- What stands between its entries is of other months, which are there or have been removed as this one will be.
    select (select count(*) from samsyn.log_entries l where l.index >= lower(it.indexes) and l.index < upper(it.indexes)) +
        (select coalesce(sum(upper(r) - lower(r)), 0) from samsyn.log_archives a,
            unnest(a.indexes * int8multirange(int8range(lower(it.indexes), upper(it.indexes)))) r) into between_them;
    it.state := case
        when the_month in (select samsyn.astray_log_months()) then 'astray'
        when it.events = 0 and it.indexes is null then 'empty'
        when it.events is distinct from (select sum(upper(r) - lower(r)) from unnest(it.indexes) r) then 'unsealed'
        when coalesce(it.size, 0) < upper(it.indexes) then 'unsigned'
        when between_them <> upper(it.indexes) - lower(it.indexes) then 'broken'
        when held <> '{}' and exists (select from samsyn.access_events e where e.at >= it.since and e.at < it.until
            and (e.subject_ids && held_subjects or e.resource_ids && held)) then 'held'
        else 'due' end;
    return it;
end
$$;
comment on function samsyn.weigh_log_month is
    'How a month of the log stands: removed; kept, until its time is over; and then what is in the way of its archive (astray: rows in a default partition; empty; unsealed: events that are not sealed, or entries without event; unsigned; broken: entries missing between its own), or of its removal (held: it tells of a case under legal hold), or nothing: due. Reads all of the month and locks nothing.';

create function samsyn.closed_log_month(the_month date) returns samsyn.log_month
    language plpgsql stable set search_path = pg_catalog as $$
declare
    it constant samsyn.log_month := samsyn.weigh_log_month(the_month);
    label constant text := 'the access log of ' || to_char(the_month, 'YYYY-MM');
    why constant text := case it.state
        when 'removed' then label || ' has been removed'
        when 'kept' then label || ' is kept until ' || samsyn.utc(it.kept_until)
        when 'astray' then 'rows of ' || label || ' stand in no partition of their own'
        when 'empty' then label || ' has no events'
        when 'unsealed' then label || ' is not wholly sealed, or events of it are missing'
        when 'unsigned' then label || ' is not wholly signed'
        when 'broken' then 'entries are missing between those of ' || label || ': samsyn log audit says which' end;
begin
    if extract(day from the_month) <> 1 then
        raise exception '% is not the first of a month', the_month;
    elsif why is not null then
        raise exception '%', why;
    end if;
    return it;
end
$$;
comment on function samsyn.closed_log_month is
    'A month of the log that is due, or would be but for a legal hold; raises, saying what is wrong, for any other.';

create function samsyn.log_months() returns setof samsyn.log_month
    language sql stable security definer set search_path = pg_catalog set timezone = 'UTC' set datestyle = 'ISO' as $$
    select w.*
    from (select a.month from samsyn.log_archives a
        union
        select samsyn.astray_log_months()
        union
        select substring(pg_get_expr(c.relpartbound, c.oid) from '^FOR VALUES FROM \(''(\d+-\d\d-\d\d) ')::date
        from pg_inherits i join pg_class c on c.oid = i.inhrelid
        where i.inhparent = 'samsyn.access_events'::regclass) m
    cross join lateral samsyn.weigh_log_month(m.month) w
    where w.since <= samsyn.now() or w.events > 0
    order by w.month
$$;
comment on function samsyn.log_months is
    'Every month of the log that has begun, and how it stands: numbers and hashes alone, of nobody.';

create function samsyn.logged_organisations(the samsyn.log_month) returns uuid[]
    language sql stable set search_path = pg_catalog as $$
    select array(
        select e.organisation_id from samsyn.access_events e where e.at >= the.since and e.at < the.until and e.organisation_id is not null
        union
        select k.organisation_id from samsyn.access_event_concerns k where k.at >= the.since and k.at < the.until)
$$;
comment on function samsyn.logged_organisations is 'The organisations whose auditors read of a month.';

create function samsyn.log_of_log(the_operation text, the_activity text, resources uuid[], organisations uuid[]) returns void
    language plpgsql volatile set search_path = pg_catalog as $$
declare
    it samsyn.acting;
begin
    it.role := session_user;
    it.purpose := 'administration';
    perform samsyn.set_principal(it, the_operation, the_activity, '{}', null, samsyn.uuid7(), null);
    perform samsyn.write_access_event('allowed', null, resources, '{}', organisations, '{}', '{}');
end
$$;
comment on function samsyn.log_of_log is 'Logs what the operator does with the log, for the auditors of all whom it concerns.';

create function samsyn.begin_log_archive(the_month date) returns samsyn.log_month
    language plpgsql volatile security definer set search_path = pg_catalog as $$
declare
    it samsyn.log_month := samsyn.closed_log_month(the_month);
begin
    perform samsyn.log_of_log('archiveAccessLog', 'export', '{}', samsyn.logged_organisations(it));
    return it;
end
$$;
comment on function samsyn.begin_log_archive is 'What the archive of a month is to hold, logged before anything of it is read.';

create function samsyn.log_month_rows(the_month date, after bigint, most integer) returns table (index bigint, event samsyn.access_events)
    language plpgsql stable security definer set search_path = pg_catalog set plan_cache_mode = force_custom_plan as $$
declare
    since constant timestamptz := the_month::timestamp at time zone 'UTC';
    until constant timestamptz := (the_month + interval '1 month') at time zone 'UTC';
begin
    if samsyn.log_kept_until(the_month) > samsyn.now() then
        raise exception 'the month is still kept' using errcode = 'insufficient_privilege';
    end if;
    return query
    select l.index, e from samsyn.log_entries l
    left join samsyn.access_events e on e.id = l.id and e.at = l.at and e.at >= since and e.at < until
    where l.at >= since and l.at < until and l.index > after
    order by l.index limit most;
end
$$;
comment on function samsyn.log_month_rows is
    'The next rows, at most `most`, of a month whose time is over, by their leaves; the event is null when it is missing. No other month can be read by it.';

create function samsyn.drop_log_month(the samsyn.log_month, the_size bigint, the_sha256 bytea, organisations uuid[], seen pg_snapshot, held uuid[])
    returns void
    language plpgsql volatile set search_path = pg_catalog as $$
declare
    archive_id constant uuid := encode(set_byte(set_byte(substring(the_sha256 for 16), 6, get_byte(the_sha256, 6) & 15 | 128),
        8, get_byte(the_sha256, 8) & 63 | 128), 'hex')::uuid;
    part regclass;
begin
    if exists (select from samsyn.legal_holds h where h.released_at is null and h.case_id <> all (held)) then
        raise exception 'a legal hold was placed in between';
    elsif exists (select from samsyn.access_events e where e.at >= the.since and e.at < the.until
            and e.txid >= pg_snapshot_xmin(seen) and not pg_visible_in_snapshot(e.txid, seen)) then
        raise exception 'events of the month were written in between';
    end if;
    perform samsyn.log_of_log('removeAccessLog', 'cull', array[archive_id], organisations);
    insert into samsyn.log_archives (id, month, events, indexes, tree_size, sha256, removed_by)
    values (archive_id, the.month, the.events, the.indexes, the_size, the_sha256, session_user);
    for part in select p.part from samsyn.log_parts(the.month) p where p.part is not null loop
        execute format('drop table %s', part);
    end loop;
    perform samsyn.forget_reviews(the);
end
$$;
comment on function samsyn.drop_log_month is
    'Removes a month whose tables are locked, unless something came in between: events that were not seen, or a legal hold that was not among those held.';

create function samsyn.remove_log_month(the_month date, the_events bigint, the_size bigint, the_sha256 bytea) returns boolean
    language plpgsql volatile security definer set search_path = pg_catalog set lock_timeout = '200ms' as $$
declare
    seen constant pg_snapshot := pg_current_snapshot();
    held constant uuid[] := array(select h.case_id from samsyn.legal_holds h where h.released_at is null);
    it constant samsyn.log_month := samsyn.closed_log_month(the_month);
    organisations constant uuid[] := samsyn.logged_organisations(it);
begin
    if session_user <> 'samsyn_retention' then
        raise exception 'only samsyn_retention removes months of the log' using errcode = 'insufficient_privilege';
    elsif it.events <> the_events then
        raise exception 'the month has % events and the archive %', it.events, the_events;
    elsif it.state = 'held' then
        raise exception 'a legal hold keeps the access log of %: it tells of a case that is held', to_char(the_month, 'YYYY-MM');
    end if;
    begin
        perform pg_advisory_xact_lock(hashtext('samsyn.extend_access_events'));
        lock table samsyn.legal_holds in share mode;
        execute (select format('lock table %s in access exclusive mode',
            string_agg(format('only %s', p.parent) || coalesce(format(', %s', p.part), ''), ', ')) from samsyn.log_parts(the_month) p);
        -- From here to the end of the transaction nobody reads or writes the log: only what takes no time.
        perform samsyn.drop_log_month(it, the_size, the_sha256, organisations, seen, held);
    exception when lock_not_available then
        return false;
    end;
    return true;
end
$$;
comment on function samsyn.remove_log_month is
    'Removes a month of the log: all of its partitions and nothing else, in this one transaction, leaving samsyn.log_archives and an event. False when others were using the log just then, who wait for it no longer than lock_timeout: try again. For the role samsyn_retention alone, which has compared the archive with the database.';

create function samsyn.sort_log_months() returns boolean
    language plpgsql volatile set search_path = pg_catalog as $$
begin
    perform samsyn.extend_access_events();
    return true;
exception when lock_not_available then
    return false;
end
$$;
comment on function samsyn.sort_log_months is
    'Puts the rows of the log into the partitions of their months. False when others were using the log just then: try again.';

grant execute on function samsyn.begin_log_archive, samsyn.log_month_rows, samsyn.remove_log_month, samsyn.log_months, samsyn.sort_log_months,
    samsyn.extend_access_events, samsyn.checkpoint, samsyn.signed_size, samsyn.utc_micro to samsyn_retention;
do $$
declare
    name text;
begin
    -- An archive is made with the hashes, which are for everyone who wants to check.
    foreach name in array '{log_tiles,log_trees,log_keys,log_signatures}'::text[] loop
        execute format('create policy read_to_archive on samsyn.%I for select to samsyn_retention using (true)', name);
        execute format('grant select on samsyn.%I to samsyn_retention', name);
    end loop;
end
$$;
