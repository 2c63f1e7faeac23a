-- The four database roles and the two schemas.
--
-- samsyn_owner (the role that runs migrations) owns everything; samsyn_api is what the server logs in as: no
-- ownership, no BYPASSRLS, no DDL; samsyn_reader sees aggregates for reporting and no row about a person;
-- samsyn_retention lists and culls what is past its time, by two functions, and has no other right.

do $$
begin
    if not exists (select from pg_roles where rolname = 'samsyn_api') then
        create role samsyn_api login nosuperuser nocreatedb nocreaterole nobypassrls;
    end if;
    if not exists (select from pg_roles where rolname = 'samsyn_reader') then
        create role samsyn_reader login nosuperuser nocreatedb nocreaterole nobypassrls;
    end if;
    if not exists (select from pg_roles where rolname = 'samsyn_retention') then
        create role samsyn_retention login nosuperuser nocreatedb nocreaterole nobypassrls;
    end if;
end
$$;

revoke all on schema public from public;
create schema if not exists samsyn;
create schema api;
comment on schema samsyn is 'Tables, rules and invariants. Rows about a person are protected by row level security.';
comment on schema api is 'What a reply shows: one view for each resource, run with the rights of the caller.';
grant usage on schema samsyn, api to samsyn_api;
grant usage on schema samsyn to samsyn_reader;
alter default privileges revoke execute on functions from public;

create function samsyn.refuse(code text, pointer text default '') returns boolean
    language plpgsql volatile as $$
begin
    raise exception using errcode = 'SA001', message = code, detail = coalesce(pointer, '');
end
$$;
comment on function samsyn.refuse is
    'Ends the request with the problem of this code (src/base/error.h); pointer is the JSON Pointer of the member at fault.';

create function samsyn.require(condition boolean, code text, pointer text default '') returns boolean
    language plpgsql volatile as $$
begin
    if condition is not true then
        perform samsyn.refuse(code, pointer);
    end if;
    return true;
end
$$;
comment on function samsyn.require is
    'True when the condition is true; otherwise refuses. In the where of an update it is evaluated on the locked row, so that of two racing requests one is refused.';

create function samsyn.matches(if_match text, revision bigint) returns boolean
    language plpgsql volatile as $$
begin
    if if_match is null then
        perform samsyn.refuse('PRECONDITION_REQUIRED');
    elsif split_part(if_match, '-', 1) is distinct from revision::text then
        perform samsyn.refuse('PRECONDITION_FAILED');
    end if;
    return true;
end
$$;
comment on function samsyn.matches is
    'Refuses unless the entity tag of If-Match is of this revision. An entity tag is the revision, with "-state" behind it where the clock alone can change the representation.';

create function samsyn.uuid7() returns uuid
    language sql volatile as $$
    select encode(
        set_bit(set_bit(
            overlay(uuid_send(gen_random_uuid())
                placing substring(int8send((extract(epoch from clock_timestamp()) * 1000)::bigint) from 3)
                from 1 for 6),
            52, 1), 53, 1), 'hex')::uuid
$$;
comment on function samsyn.uuid7 is 'A fresh UUID of version 7 (RFC 9562 5.7): millisecond time, then random bits.';

create function samsyn.now() returns timestamptz
    language sql stable parallel safe as $$ select pg_catalog.now() $$;
comment on function samsyn.now is
    'The time of the request: of everything with a legal meaning (asked, decided, due, in force). The one clock, so that the owner of a test database can replace it; the server cannot.';

create function samsyn.today() returns date
    language sql stable parallel safe as $$ select (samsyn.now() at time zone 'Europe/Stockholm')::date $$;
comment on function samsyn.today is 'The legal day: the calendar day in Swedish local time.';

create function samsyn.utc(instant timestamptz) returns text
    language sql stable as $$ select to_char(instant at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') $$;
comment on function samsyn.utc is 'RFC 3339 in UTC with milliseconds, as every reply writes a time (profile DOT.01).';

create function samsyn.touch() returns trigger
    language plpgsql set search_path = pg_catalog as $$
begin
    new.revision := old.revision + 1;
    new.updated_at := samsyn.now();
    return new;
end
$$;
comment on function samsyn.touch is 'Trigger: every update of a row is a new revision of it.';

create procedure samsyn.protect(variadic tables text[])
    language plpgsql set search_path = pg_catalog as $$
declare
    name text;
begin
    foreach name in array tables loop
        execute format('alter table samsyn.%I enable row level security', name);
        execute format('alter table samsyn.%I force row level security', name);
        execute format('create policy owner_all on samsyn.%I to samsyn_owner using (true) with check (true)', name);
    end loop;
end
$$;
comment on procedure samsyn.protect is
    'Closes tables: only the owner of the database passes, by a policy of its own, until policies for others are added. For migrations.';

grant execute on function samsyn.refuse, samsyn.require, samsyn.matches, samsyn.uuid7, samsyn.now, samsyn.today, samsyn.utc to samsyn_api;
