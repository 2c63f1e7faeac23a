-- Roles, database and rights in production, made by a superuser before the first `samsyn migrate`:
--
--   psql --dbname postgres --file deploy/database-roles.sql [--set owner_password=... --set api_password=...
--        --set reader_password=...] [--set retention_password=...]
--
-- Running it again changes nothing but the passwords that are given. Without passwords, give the roles another way to
-- log in (pg_hba.conf): peer on a unix socket, or certificates. Whatever it is, pg_hba.conf should let each of them
-- into the database samsyn only.
--
--   samsyn_owner   owns the schema; for migrate, import-organisations, import-grounds and demo. No superuser. The server never has it.
--   samsyn_api     the server and check log in as it. It owns nothing, cannot create anything, is bound by row level
--                  security (every policy is for it), and can neither change nor remove rows of the access log.
--   samsyn_reader  for reports on aggregates; it sees no row about a person.
--   samsyn_retention  culls what is past its time (samsyn retention), and can do nothing else: it lists what is due by
--                  identifiers alone, and removes it by one function. The server never has it.
--
-- What each may do inside the database is granted by the migrations, table by table.
\set ON_ERROR_STOP on
\ir roles.sql

-- The statements below hold passwords, so they must not reach the server's log.
set log_statement = 'none';
set log_min_duration_statement = -1;
set log_min_error_statement = panic;
set password_encryption = 'scram-sha-256';
\if :{?owner_password}
alter role samsyn_owner password :'owner_password';
\endif
\if :{?api_password}
alter role samsyn_api password :'api_password';
\endif
\if :{?reader_password}
alter role samsyn_reader password :'reader_password';
\endif
\if :{?retention_password}
alter role samsyn_retention password :'retention_password';
\endif
reset log_min_error_statement;
reset log_min_duration_statement;
reset log_statement;

-- A report must neither write nor hold up the server.
alter role samsyn_reader set default_transaction_read_only = on;
alter role samsyn_reader set statement_timeout = '60s';

select 'create database samsyn owner samsyn_owner encoding ''UTF8'' template template0'
where not exists (select from pg_catalog.pg_database where datname = 'samsyn')
\gexec

-- By default everyone may connect to a database and make temporary tables in it.
revoke all on database samsyn from public;
grant connect on database samsyn to samsyn_api, samsyn_reader, samsyn_retention;
comment on database samsyn is 'Samsyn: joint work around one child across agencies.';
