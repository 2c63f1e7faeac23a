-- Proofs that an event is in the log: where it stands, and in which signed checkpoint.

create function samsyn.sealed_place(the_id uuid, the_at timestamptz) returns json
    language plpgsql stable set search_path = pg_catalog as $$
declare
    place bigint := samsyn.sealed_index(the_id, the_at);
    newest bigint := samsyn.signed_size();
begin
    perform samsyn.require(place < newest, 'LOG_NOT_SEALED');
    return json_build_object('index', place, 'size', newest, 'checkpoint', samsyn.checkpoint(newest));
end
$$;
comment on function samsyn.sealed_place is
    'Which leaf an event is, with the newest signed checkpoint that covers it; refuses with LOG_NOT_SEALED when none does yet. To be asked of an event that the principal has been found to see.';

create function samsyn.export_head(since bigint) returns json
    language plpgsql stable set search_path = pg_catalog as $$
declare
    newest bigint := samsyn.signed_size();
begin
    perform samsyn.require(newest is not null, 'LOG_NOT_SIGNED');
    perform samsyn.require(since is null or samsyn.checkpoint(since) is not null, 'LOG_NOT_SIGNED', '/query/since');
    return json_build_object('size', newest, 'checkpoint', samsyn.checkpoint(newest), 'since', samsyn.checkpoint(since));
end
$$;
comment on function samsyn.export_head is
    'The newest signed checkpoint, which an export with proofs is proved against, and that of the size `since`; refuses with LOG_NOT_SIGNED when there is no such.';
grant execute on function samsyn.sealed_place, samsyn.export_head to samsyn_api;
