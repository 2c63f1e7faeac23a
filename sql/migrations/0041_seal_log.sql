-- The sealing of the access log: committed rows in one order, a Merkle tree over them (RFC 6962), and who has signed it.
-- A request only inserts its row; the sequencer (src/log/sequencer.c) does the rest about a second later.

-- In this order rows are sealed. A row belongs to a transaction, and rows of transactions that are over can no longer
-- become more: the order of identifiers or times is not that of commits.
create index access_events_by_transaction on samsyn.access_events (txid, id);

create table samsyn.log_entries (
    index bigint not null check (index >= 0),
    at timestamptz not null,
    id uuid not null,
    primary key (id, at)
) partition by range (at);
comment on table samsyn.log_entries is 'Which leaf of the tree each event is; in the same months as the events.';
create index log_entries_by_index on samsyn.log_entries (index);
create table samsyn.log_entries_default partition of samsyn.log_entries default;
comment on table samsyn.log_entries_default is 'Safety net, as access_events_default.';

create table samsyn.log_tiles (
    level smallint not null check (level between 0 and 7),
    index bigint not null check (index >= 0),
    hashes bytea not null check (octet_length(hashes) between 32 and 8192 and octet_length(hashes) % 32 = 0),
    primary key (level, index)
);
comment on table samsyn.log_tiles is 'The tree, cut into tiles of 256 hashes (C2SP tlog-tiles); level 0 holds the hashes of the leaves. A hash once written is never changed or removed, also when the rows below it are: they are only added to the last tile of a level.';
-- Hashes cannot be compressed.
alter table samsyn.log_tiles alter column hashes set storage external;

create table samsyn.log_trees (
    size bigint primary key check (size > 0),
    root bytea not null check (octet_length(root) = 32),
    last_txid xid8 not null,
    last_id uuid not null,
    sealed_at timestamptz not null default clock_timestamp()
);
comment on table samsyn.log_trees is 'Every size that the tree has had, published before it is signed.';
comment on column samsyn.log_trees.last_txid is 'With last_id: how far the log is sealed.';

create table samsyn.log_keys (
    name text not null,
    key_id bytea not null check (octet_length(key_id) = 4),
    verifier text not null,
    kind text not null check (kind in ('log', 'witness')),
    first_used_at timestamptz not null default clock_timestamp(),
    primary key (name, key_id)
);
comment on table samsyn.log_keys is 'Verifier keys of those whose signatures are kept, in the form of C2SP signed-note; those that are no longer used, too.';

create table samsyn.log_signatures (
    size bigint not null references samsyn.log_trees,
    name text not null,
    key_id bytea not null,
    line text not null check (line like E'\u2014 %\n'),
    signed_at timestamptz not null default clock_timestamp(),
    primary key (size, name, key_id),
    foreign key (name, key_id) references samsyn.log_keys
);
comment on table samsyn.log_signatures is 'Signature lines of checkpoints: of the log''s own keys and of witnesses.';
create index log_signatures_by_key on samsyn.log_signatures (name, key_id, size);

create function samsyn.keep_tile() returns trigger
    language plpgsql set search_path = pg_catalog as $$
begin
    if tg_op = 'UPDATE' and old.level = new.level and old.index = new.index
        and substring(new.hashes for octet_length(old.hashes)) = old.hashes then
        return new;
    end if;
    raise exception 'hashes of the log are never changed or removed' using errcode = 'insufficient_privilege';
end
$$;
comment on function samsyn.keep_tile is 'Trigger: a tile may become wider, and nothing else.';
create trigger keep_tile before update or delete on samsyn.log_tiles for each row execute function samsyn.keep_tile();

call samsyn.protect('log_entries', 'log_tiles', 'log_trees', 'log_keys', 'log_signatures');
do $$
declare
    name text;
begin
    foreach name in array '{log_entries,log_tiles,log_trees,log_keys,log_signatures}'::text[] loop
        if name <> 'log_tiles' then
            execute format('create trigger forbid_change before update or delete on samsyn.%I for each row execute function samsyn.forbid_change()', name);
        end if;
        execute format('create trigger forbid_truncate before truncate on samsyn.%I for each statement execute function samsyn.forbid_change()', name);
        if name <> 'log_entries' then
            -- Hashes, sizes and signatures tell of nobody: they are for everyone who wants to check.
            execute format('create policy read on samsyn.%I for select to samsyn_api using (true)', name);
            execute format('grant select on samsyn.%I to samsyn_api', name);
        end if;
    end loop;
end
$$;
create policy read on samsyn.log_entries for select to samsyn_api using ((select samsyn.may('access-event:read')));
grant select on samsyn.log_entries to samsyn_api;
call samsyn.protect('log_entries_default');
create trigger forbid_truncate before truncate on samsyn.log_entries_default
    for each statement execute function samsyn.forbid_change();

create type samsyn.log_position as (size bigint, txid xid8, id uuid);

create function samsyn.begin_sealing() returns setof samsyn.log_position
    language plpgsql volatile security definer set search_path = pg_catalog as $$
declare
    reached samsyn.log_position;
begin
    if not pg_try_advisory_xact_lock(hashtextextended('samsyn.seal', 0)) then
        return;
    end if;
    select t.size, t.last_txid, t.last_id into reached from samsyn.log_trees t order by t.size desc limit 1;
    if reached.txid >= pg_snapshot_xmax(pg_current_snapshot()) then
        -- Rows written from now on would sort before what is sealed, and never be.
        raise exception 'the log is sealed up to transaction %, which this cluster has not reached: was it restored from a dump? (set the counter with pg_resetwal)', reached.txid;
    end if;
    return next (coalesce(reached.size, 0), coalesce(reached.txid, '0'), coalesce(reached.id, '00000000-0000-0000-0000-000000000000'))::samsyn.log_position;
end
$$;
comment on function samsyn.begin_sealing is
    'How far the log is sealed, locked until the end of the transaction: one seals at a time, on whatever node. No row while another does; an error when the transaction counter has gone backwards.';

create function samsyn.unsealed_events(after_txid xid8, after_id uuid, most integer) returns setof samsyn.access_events
    language plpgsql stable security definer set search_path = pg_catalog as $$
begin
    if samsyn.setting('operation') is not null then
        raise exception 'no request reads what is to be sealed' using errcode = 'insufficient_privilege';
    end if;
    return query
    select e.* from samsyn.access_events e
    where (e.txid, e.id) > (after_txid, after_id) and e.txid < pg_snapshot_xmin(pg_current_snapshot())
    order by e.txid, e.id limit most;
end
$$;
comment on function samsyn.unsealed_events is
    'The next rows to seal, at most `most`, in the order of (txid, id): those of transactions older than any that still runs, so that no row can come in between later. Whole rows, for the sequencer alone: refused within a request.';

create function samsyn.seal(reached samsyn.log_position, new_size bigint, the_root bytea, the_txid xid8, the_id uuid,
        levels smallint[], indexes bigint[], tiles bytea[]) returns void
    language plpgsql volatile security definer set search_path = pg_catalog as $$
declare
    sealed bigint;
begin
    insert into samsyn.log_entries (index, at, id)
    select reached.size + row_number() over (order by e.txid, e.id) - 1, e.at, e.id
    from samsyn.access_events e
    where (e.txid, e.id) > (reached.txid, reached.id) and (e.txid, e.id) <= (the_txid, the_id);
    get diagnostics sealed = row_count;
    if sealed <> new_size - reached.size then
        raise exception 'the log changed while it was sealed: % rows instead of %', sealed, new_size - reached.size;
    end if;
    insert into samsyn.log_tiles as t (level, index, hashes)
    select x.level, x.index, x.hashes from unnest(levels, indexes, tiles) x (level, index, hashes)
    on conflict (level, index) do update set hashes = excluded.hashes where t.hashes <> excluded.hashes;
    insert into samsyn.log_trees (size, root, last_txid, last_id) values (new_size, the_root, the_txid, the_id);
end
$$;
comment on function samsyn.seal is
    'Stores what follows from `reached`: which leaf each event is, the tiles that have grown, and the new size with its root.';

create function samsyn.sign_tree(the_size bigint, the_name text, the_key_id bytea, the_verifier text, the_kind text, the_line text) returns void
    language plpgsql volatile security definer set search_path = pg_catalog as $$
begin
    insert into samsyn.log_keys (name, key_id, verifier, kind) values (the_name, the_key_id, the_verifier, the_kind)
    on conflict do nothing;
    insert into samsyn.log_signatures (size, name, key_id, line) values (the_size, the_name, the_key_id, the_line)
    on conflict do nothing;
end
$$;
comment on function samsyn.sign_tree is 'Keeps a signature line of the tree of this size, and whose it is.';

create function samsyn.checkpoint(the_size bigint) returns text
    language sql stable set search_path = pg_catalog as $$
    select k.name || E'\n' || t.size || E'\n' || encode(t.root, 'base64') || E'\n\n' ||
        string_agg(s.line, '' order by (k.name = s.name) desc, s.signed_at, s.name, s.key_id)
    from samsyn.log_trees t
    join lateral (
        select o.name from samsyn.log_signatures o join samsyn.log_keys w on w.name = o.name and w.key_id = o.key_id
        where o.size = t.size and w.kind = 'log' order by o.signed_at desc limit 1) k on true
    join samsyn.log_signatures s on s.size = t.size
    where t.size = the_size
    group by k.name, t.size, t.root
$$;
comment on function samsyn.checkpoint is
    'The signed checkpoint of the tree of this size (C2SP tlog-checkpoint), the log''s own signatures before those of witnesses; null when it is not signed.';

create function samsyn.signed_size() returns bigint
    language sql stable set search_path = pg_catalog as $$
    select s.size from samsyn.log_signatures s join samsyn.log_keys k on k.name = s.name and k.key_id = s.key_id and k.kind = 'log'
    order by s.size desc limit 1
$$;
comment on function samsyn.signed_size is 'Size of the newest tree that the log has signed; null when there is none.';

create function samsyn.sealed_index(the_id uuid, the_at timestamptz) returns bigint
    language plpgsql stable set search_path = pg_catalog as $$
begin
    return (select x.index from samsyn.log_entries x where x.id = the_id and x.at = the_at);
end
$$;
comment on function samsyn.sealed_index is
    'Which leaf of the tree an event is; null while it is not sealed. A connection plans this once, and then looks into one month alone.';

create function samsyn.unsealed_seconds() returns double precision
    language plpgsql stable security definer set search_path = pg_catalog as $$
declare
    reached samsyn.log_position;
    waiting timestamptz;
begin
    select t.size, t.last_txid, t.last_id into reached from samsyn.log_trees t order by t.size desc limit 1;
    select e.at into waiting from samsyn.access_events e
    where (e.txid, e.id) > (coalesce(reached.txid, '0'), coalesce(reached.id, '00000000-0000-0000-0000-000000000000'))
    order by e.txid, e.id limit 1;
    return coalesce(extract(epoch from greatest(clock_timestamp() - waiting, interval '0')), 0);
end
$$;
comment on function samsyn.unsealed_seconds is
    'Age of the first event that waits to be sealed; 0 when none does. It grows while a long transaction holds sealing back.';

grant execute on function samsyn.begin_sealing, samsyn.unsealed_events, samsyn.seal, samsyn.sign_tree, samsyn.unsealed_seconds,
    samsyn.checkpoint, samsyn.signed_size, samsyn.sealed_index to samsyn_api;

select samsyn.extend_access_events(12);
