-- The four login roles of Samsyn, made by a superuser before the first `samsyn migrate`. Running it again changes nothing.
-- In production give samsyn_api, samsyn_reader and samsyn_retention a way to log in of their own (pg_hba.conf: peer, certificate or
-- scram-sha-256); here they have no password.
do $$
declare
    name text;
begin
    foreach name in array array['samsyn_owner', 'samsyn_api', 'samsyn_reader', 'samsyn_retention'] loop
        if not exists (select from pg_catalog.pg_roles where rolname = name) then
            execute format('create role %I login nosuperuser nocreatedb nocreaterole nobypassrls', name);
        end if;
    end loop;
end
$$;
