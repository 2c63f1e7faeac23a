-- The four login roles of Samsyn, made by a superuser before the first `samsyn migrate`. Running it again changes nothing.
-- In production give samsyn_api, samsyn_reader and samsyn_retention a way to log in of their own (pg_hba.conf: peer,
-- certificate or scram-sha-256); here they have no password.
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

-- What a request says, identity numbers included, is bound as parameters and has no place in the log of the database,
-- whatever is logged there otherwise (slow statements, errors).
alter role samsyn_api set log_parameter_max_length = 0;
alter role samsyn_api set log_parameter_max_length_on_error = 0;
alter role samsyn_api set log_error_verbosity = terse;
alter role samsyn_retention set log_error_verbosity = terse;
