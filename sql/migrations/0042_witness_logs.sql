-- Witnesses (C2SP tlog-witness): the logs of others that this server watches and cosigns, how far, and what it has seen
-- that cannot be; and what this log is told by its own witnesses.

create function samsyn.is_verifier_key(text text) returns boolean
    language plpgsql immutable as $$
declare
    name text := split_part(text, '+', 1);
    key bytea;
begin
    -- The name ends at the first plus sign, and the key may have more of them.
    if text !~ '^[^+[:space:][:cntrl:]]+\+[0-9A-Fa-f]{8}\+[A-Za-z0-9+/]{44}$' then
        return false;
    end if;
    key := decode(substring(text from length(name) + 11), 'base64');
    return get_byte(key, 0) = 1
        and substring(sha256(convert_to(name || E'\n', 'UTF8') || key) for 4) = decode(split_part(text, '+', 2), 'hex');
end
$$;
comment on function samsyn.is_verifier_key is
    'Whether a text is the verifier key of an Ed25519 signature (C2SP signed-note): name, key id and key, which fit together.';

create table samsyn.witnessed_logs (
    id uuid primary key,
    origin text not null unique check (origin ~ '^[^[:cntrl:]]{1,255}$'),
    verifiers text[] not null check (cardinality(verifiers) between 1 and 8),
    description text not null check (length(description) between 1 and 500),
    active boolean not null default true,
    size bigint not null default 0 check (size >= 0),
    root bytea not null default sha256('') check (octet_length(root) = 32),
    checkpoint text,
    cosigned_at timestamptz,
    created_at timestamptz not null default samsyn.now(),
    updated_at timestamptz not null default samsyn.now(),
    revision bigint not null default 1,
    check ((size = 0) = (root = sha256(''))),
    check ((checkpoint is null) = (cosigned_at is null))
);
comment on table samsyn.witnessed_logs is 'Logs that this server watches as a witness (C2SP tlog-witness), by whose keys, and the newest checkpoint of each that it has cosigned. None is ever removed: with what it knows would go what a log could be caught by.';
comment on column samsyn.witnessed_logs.origin is 'The first line of its checkpoints.';
comment on column samsyn.witnessed_logs.verifiers is 'Verifier keys, by one of which a checkpoint must be signed.';
comment on column samsyn.witnessed_logs.size is 'Of the newest checkpoint cosigned; it never becomes less.';
create trigger touch before update of verifiers, description, active on samsyn.witnessed_logs
    for each row execute function samsyn.touch();

create function samsyn.check_witnessed_log() returns trigger
    language plpgsql security definer set search_path = pg_catalog as $$
begin
    for i in 1..cardinality(new.verifiers) loop
        perform samsyn.require(samsyn.is_verifier_key(new.verifiers[i]), 'UNPROCESSABLE', '/body/verifierKeys/' || i - 1);
    end loop;
    return new;
end
$$;
comment on function samsyn.check_witnessed_log is 'Trigger: the keys of a log are such.';
create trigger check_witnessed_log before insert or update of verifiers on samsyn.witnessed_logs
    for each row execute function samsyn.check_witnessed_log();

create table samsyn.log_conflicts (
    id uuid primary key,
    kind text not null check (kind in ('fork', 'inconsistent', 'ahead', 'refused', 'behind')),
    origin text not null,
    witness text,
    kept_size bigint not null,
    kept_checkpoint text,
    size bigint not null,
    root bytea not null,
    checkpoint text not null,
    proof text[] not null,
    found_at timestamptz not null default clock_timestamp(),
    unique nulls not distinct (origin, witness, kind, kept_size, size, root),
    check ((witness is null) = (kind in ('fork', 'inconsistent')))
);
comment on table samsyn.log_conflicts is 'What a witness and a log do not agree on, with the evidence: the logs of others that this server watches (fork, inconsistent), and the witnesses of its own (ahead, refused, behind). Each is told once.';
comment on column samsyn.log_conflicts.witness is 'Name of the witness, of the own log.';
comment on column samsyn.log_conflicts.kept_size is 'Size that the witness has cosigned: this one, or the one that says so.';
create index log_conflicts_by_time on samsyn.log_conflicts (found_at desc, id desc);
create index log_conflicts_by_log on samsyn.log_conflicts (origin, kind, found_at);
create trigger forbid_change before update or delete on samsyn.log_conflicts
    for each row execute function samsyn.forbid_change();

call samsyn.protect('witnessed_logs', 'log_conflicts');
do $$
declare
    name text;
begin
    foreach name in array '{witnessed_logs,log_conflicts}'::text[] loop
        execute format('create trigger forbid_truncate before truncate on samsyn.%I for each statement execute function samsyn.forbid_change()', name);
    end loop;
end
$$;

insert into samsyn.permissions (code, area, purpose, description) values
    ('witnessed-log:read', 'administration', 'administration', 'See the logs that this server watches as a witness'),
    ('witnessed-log:write', 'administration', 'administration', 'Choose the logs that this server watches as a witness'),
    ('log-conflict:read', 'audit', 'audit', 'See where logs and their witnesses do not agree');
update samsyn.roles set permissions = permissions || '{witnessed-log:read,witnessed-log:write,log-conflict:read}' where code = 'system-admin';
update samsyn.roles set permissions = permissions || '{log-conflict:read}' where code = 'auditor';

grant select, insert, update (verifiers, description, active) on samsyn.witnessed_logs to samsyn_api;
create policy read on samsyn.witnessed_logs for select to samsyn_api using ((select samsyn.may('witnessed-log:read')));
create policy add on samsyn.witnessed_logs for insert to samsyn_api with check (
    (select samsyn.may('witnessed-log:write')) and size = 0);
create policy change on samsyn.witnessed_logs for update to samsyn_api using ((select samsyn.may('witnessed-log:write')));
grant select on samsyn.log_conflicts to samsyn_api;
create policy read on samsyn.log_conflicts for select to samsyn_api using ((select samsyn.may('log-conflict:read')));

create view api.witnessed_logs with (security_invoker = true) as
select l.id as resource, null::uuid as subject, null::uuid as owner, null::text as ground, null::uuid as disclosure,
    l.revision || '-' || l.size as etag,
    json_strip_nulls(json_build_object('id', l.id, 'origin', l.origin, 'verifierKeys', l.verifiers, 'description', l.description,
        'active', l.active, 'size', l.size, 'checkpoint', l.checkpoint, 'cosignedAt', samsyn.utc(l.cosigned_at),
        'createdAt', samsyn.utc(l.created_at), 'updatedAt', samsyn.utc(l.updated_at))) as body
from samsyn.witnessed_logs l;

create view api.log_conflicts with (security_invoker = true) as
select k.id as resource, null::uuid as subject, null::uuid as owner, null::text as ground, null::uuid as disclosure,
    '1' as etag,
    json_strip_nulls(json_build_object('id', k.id, 'kind', k.kind, 'origin', k.origin, 'witness', k.witness,
        'keptSize', k.kept_size, 'keptCheckpoint', k.kept_checkpoint, 'size', k.size, 'checkpoint', k.checkpoint,
        'proof', k.proof, 'foundAt', samsyn.utc(k.found_at))) as body
from samsyn.log_conflicts k;
grant select on api.witnessed_logs, api.log_conflicts to samsyn_api;

create function samsyn.report_conflict(the_kind text, the_origin text, the_witness text, the_kept_size bigint, the_kept_checkpoint text,
        the_size bigint, the_root bytea, the_checkpoint text, the_proof text[]) returns boolean
    language plpgsql volatile security definer set search_path = pg_catalog as $$
begin
    -- Anyone may send a checkpoint that is public with a proof that is wrong: what proves nothing must not fill the table.
    if the_kind = 'inconsistent' and 100 <= (select count(*) from samsyn.log_conflicts k
        where k.origin = the_origin and k.kind = the_kind and k.found_at > clock_timestamp() - interval '1 day') then
        return false;
    end if;
    insert into samsyn.log_conflicts (id, kind, origin, witness, kept_size, kept_checkpoint, size, root, checkpoint, proof)
    values (samsyn.uuid7(), the_kind, the_origin, the_witness, the_kept_size, the_kept_checkpoint, the_size, the_root, the_checkpoint, the_proof)
    on conflict do nothing;
    return found;
end
$$;
comment on function samsyn.report_conflict is 'Keeps a conflict between a log and a witness; false when it is known, or when the day has had a hundred that prove nothing.';

-- As a witness ---------------------------------------------------------------------------------------------------------

create function samsyn.witnessed_log(the_origin text)
    returns table (id uuid, revision bigint, verifiers text[], size bigint, root bytea, checkpoint text)
    language plpgsql stable security definer set search_path = pg_catalog as $$
begin
    return query select l.id, l.revision, l.verifiers, l.size, l.root, l.checkpoint
        from samsyn.witnessed_logs l where l.origin = the_origin and l.active;
end
$$;
comment on function samsyn.witnessed_log is 'A log that is watched, and what is known of it; none when it is not.';

create function samsyn.keep_checkpoint(the_log uuid, the_revision bigint, old_size bigint, old_root bytea, new_size bigint, new_root bytea,
        the_checkpoint text) returns boolean
    language plpgsql volatile security definer set search_path = pg_catalog as $$
begin
    update samsyn.witnessed_logs l
    set size = new_size, root = new_root, checkpoint = the_checkpoint, cosigned_at = clock_timestamp()
    where l.id = the_log and l.active and l.revision = the_revision and l.size = old_size and l.root = old_root
        and (new_size > old_size or (new_size = old_size and new_root = old_root));
    return found;
end
$$;
comment on function samsyn.keep_checkpoint is
    'Moves what is known of a log on to a checkpoint that was proved to continue what was known; false when that is not what is known any more: of two that race, one.';

-- As a log -------------------------------------------------------------------------------------------------------------

create function samsyn.begin_witnessing(the_name text, the_key_id bytea)
    returns table (signed bigint, checkpoint text, cosigned bigint, cosigned_checkpoint text)
    language plpgsql volatile security definer set search_path = pg_catalog as $$
begin
    if not pg_try_advisory_xact_lock(hashtextextended('samsyn.witness ' || encode(the_key_id, 'hex') || the_name, 0)) then
        return;
    end if;
    return query
    select t.size, samsyn.checkpoint(t.size), coalesce(w.size, 0), samsyn.checkpoint(w.size)
    from (select samsyn.signed_size() as size) t
    left join lateral (
        select s.size from samsyn.log_signatures s
        where s.name = the_name and s.key_id = the_key_id order by s.size desc limit 1) w on true
    where t.size is not null;
end
$$;
comment on function samsyn.begin_witnessing is
    'The newest checkpoint of the own log and the newest that this witness has cosigned, locked until the end of the transaction: one node asks a witness at a time. No row while another does, or when nothing is signed.';

grant execute on function samsyn.report_conflict, samsyn.witnessed_log, samsyn.keep_checkpoint, samsyn.begin_witnessing to samsyn_api;
