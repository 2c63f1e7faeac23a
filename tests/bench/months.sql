-- An access log for measuring, in a database with the demo: :each events a month, back from last month, each month made by
-- month.sql beside the log, indexed when it is full, and attached. Used by auditor.sh and query-plans.test.mjs.
--
-- One in ten events is by another organisation about what is social services', one in twenty refused, one in a hundred
-- about the same child; one user does a tenth of all, one operation a thousandth. The first twentieth of a month is about
-- children of whom nobody asked later, through a client that was not used again.
set session_replication_role = replica;
create schema bench;
create table bench.months (month integer primary key, events integer not null, begins timestamptz not null);
create table bench.plan as select date_trunc('month', now() at time zone 'UTC') - interval '1 month' as last, :each as each;
create view bench.children as
select md5('subject-' || n)::uuid as id, n, null::integer as former from generate_series(0, 19999) n
union all
select md5(format('former-%s-%s', m, n))::uuid, n, m from bench.plan p cross join generate_series(0, 99) m cross join generate_series(0, p.each / 1000 - 1) n;

-- The days count as counted: what the server counts by itself is not to be measured here.
insert into samsyn.access_counted (organisation_id, through) select o.id, current_date + 3650 from samsyn.organisations o where o.boundary_id = o.id;
insert into samsyn.subjects (id, organisation_id, name, birth_date, created_by)
select c.id, '01940000-0000-7000-8000-000000000110', 'Child ' || c.n, '2015-01-01', '01940000-0000-7000-8000-000000000401'
from bench.children c where c.former is null;
insert into samsyn.users (id, organisation_id, name)
select md5('user-' || u)::uuid, '01940000-0000-7000-8000-000000000110', 'Worker ' || u from generate_series(0, 999) u;

create function bench.events_of(the_month integer, wanted bigint) returns integer
    language sql stable as $$ select least(p.each, wanted - the_month * p.each::bigint)::integer from bench.plan p $$;

create function bench.missing_months(wanted bigint) returns table (month integer)
    language sql stable as $$
    select n from bench.plan p cross join generate_series(0, ((wanted - 1) / p.each)::integer) n
    where coalesce((select m.events from bench.months m where m.month = n), 0) < bench.events_of(n, wanted)
    order by n
$$;

create function bench.part(parent text, the_month integer) returns text
    language sql stable as $$ select parent || to_char(p.last - make_interval(months => the_month), '_YYYY_MM') from bench.plan p $$;

-- Runs a statement for each table of a month: %1$I is its name, %2$I that of the table that it is a part of, `more` what follows.
create procedure bench.for_each_part(the_month integer, statement text, variadic more text[] default '{}')
    language plpgsql as $$
declare
    parent text;
begin
    for parent in select unnest('{access_events,access_event_concerns,access_event_terms}'::text[]) loop
        execute format(statement, variadic array[bench.part(parent, the_month), parent] || more);
    end loop;
end
$$;

-- The tables of a month beside the log, of the shape of its parts and without an index.
create procedure bench.begin_month(the_month integer)
    language plpgsql as $$
begin
    call bench.for_each_part(the_month, 'drop table if exists samsyn.%1$I');
    call bench.for_each_part(the_month, 'create table samsyn.%1$I (like samsyn.%2$I including defaults including constraints)');
end
$$;

create procedure bench.index_month(the_month integer)
    language plpgsql as $$
declare
    parent text;
    made text;
begin
    for parent, made in
        select c.relname, case when i.indisprimary
                then format('alter table samsyn.%I add %s', bench.part(c.relname, the_month), pg_get_constraintdef(k.oid))
                else regexp_replace(pg_get_indexdef(i.indexrelid), 'INDEX .* ON ONLY samsyn\.\w+', format('INDEX ON samsyn.%I', bench.part(c.relname, the_month))) end
        from pg_index i join pg_class c on c.oid = i.indrelid left join pg_constraint k on k.conindid = i.indexrelid
        where c.relnamespace = 'samsyn'::regnamespace and c.relname in ('access_events', 'access_event_concerns', 'access_event_terms')
    loop
        execute made;
    end loop;
end
$$;

create procedure bench.make_month(the_month integer, wanted bigint)
    language plpgsql as $$
declare
    events constant integer := bench.events_of(the_month, wanted);
    each constant integer := (select p.each from bench.plan p);
    first constant bigint := the_month * each::bigint;
    begins constant timestamptz := (select (p.last - make_interval(months => the_month)) at time zone 'UTC' from bench.plan p);
    board constant uuid := '01940000-0000-7000-8000-000000000110';
    school constant uuid := '01940000-0000-7000-8000-000000000120';
begin
    call bench.begin_month(the_month);
    perform set_config('session_replication_role', 'replica', true);
    insert into samsyn.subjects (id, organisation_id, name, birth_date, created_by)
    select c.id, board, 'Child ' || c.n, '2015-01-01', '01940000-0000-7000-8000-000000000401'
    from bench.children c where c.former = the_month on conflict do nothing;
    execute format($insert$
        insert into samsyn.%I (id, at, organisation_id, unit_id, user_id, assignment_id, role, client, client_address, operation,
            activity, purpose, subject_ids, resource_ids, concerned_ids, grounds, disclosure_ids, outcome, code, request_id, trace_id)
        select (lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0') || '70008' || substr(md5(e::text), 1, 15))::uuid, at,
            case when e %% 10 = 7 then $4 else $3 end, '01940000-0000-7000-8000-000000000111', u.id, u.id, 'case-worker',
            case when e < $1 + $7 then 'retired-' || $8 else 'bench' end, '192.0.2.1', case when e %% 1000 = 113 then 'listTombstones' else 'getRecord' end,
            'read', 'care', array[s.id], array[gen_random_uuid()], case when e %% 10 = 7 then array[$3] else '{}' end,
            case when e %% 10 = 7 then '{CONSENT}' else '{}' end::text[], '{}', case when e %% 20 = 5 then 'denied' else 'allowed' end,
            case when e %% 20 = 5 then 'NO_LEGAL_GROUND' end, gen_random_uuid(), md5(e::text)
        from generate_series($1, $1 + $2 - 1) e
        cross join lateral (select $5 + (e - $1) * $6 as at) t
        join (select n, md5('user-' || n)::uuid as id from generate_series(0, 999) n) u on u.n = case when e %% 10 = 3 then 0 else e %% 1000 end
        join bench.children s on s.n = case when e < $1 + $7 then e %% ($7 / 50) when e %% 100 = 4 then 0 else e %% 20000 end
            and s.former is not distinct from case when e < $1 + $7 then $8 end and (s.former is null or s.former = $8)
        order by at
        $insert$, bench.part('access_events', the_month)) using first, events, board, school, begins, interval '28 days' / each, each / 20, the_month;
    -- What the triggers would have written with each event.
    execute format('insert into samsyn.%I (organisation_id, at, id) select o, e.at, e.id from samsyn.%I e cross join unnest(e.concerned_ids) o',
        bench.part('access_event_concerns', the_month), bench.part('access_events', the_month));
    execute format($insert$
        insert into samsyn.%I (organisation_id, term, at, id)
        select x.organisation_id, x.term, e.at, e.id from samsyn.%I e cross join samsyn.event_entries(row(e.*)::samsyn.access_events) x
        $insert$, bench.part('access_event_terms', the_month), bench.part('access_events', the_month));
    call bench.index_month(the_month);
    insert into bench.months values (the_month, events, begins)
    on conflict (month) do update set events = excluded.events;
end
$$;

create procedure bench.attach_month(the_month integer)
    language plpgsql as $$
declare
    begins constant timestamptz := (select m.begins from bench.months m where m.month = the_month);
begin
    call bench.for_each_part(the_month, 'alter table samsyn.%2$I attach partition samsyn.%1$I for values from (%3$L) to (%4$L)',
        begins::text, ((begins at time zone 'UTC' + interval '1 month') at time zone 'UTC')::text);
end
$$;
