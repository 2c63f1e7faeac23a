-- Statistics of the access log: what the staff of an organisation did, by day, unit, activity and outcome.
--
-- Days that are over are counted once, by the server's housekeeping, since they never change; what is not counted yet is
-- counted when it is asked for. So a year of ten million events is read from a few thousand rows.

insert into samsyn.permissions (code, area, purpose, description) values
    ('access-statistics:read', 'common', 'audit', 'See how much is read in ones organisation');
update samsyn.roles set permissions = permissions || '{access-statistics:read}' where code in ('auditor', 'unit-manager');

create table samsyn.access_counts (
    organisation_id uuid not null,
    day date not null,
    unit_id uuid,
    activity text not null,
    outcome text not null,
    events bigint not null,
    unique nulls not distinct (organisation_id, day, unit_id, activity, outcome)
);
comment on table samsyn.access_counts is 'Events of the access log by the staff of an organisation, counted for each Swedish day that is over.';

create table samsyn.access_counted (
    organisation_id uuid primary key references samsyn.organisations,
    through date not null
);
comment on table samsyn.access_counted is 'Until which day the events of an organisation are in samsyn.access_counts.';

call samsyn.protect('access_counts', 'access_counted');

create function samsyn.begins(day date) returns timestamptz
    language sql stable as $$ select day::timestamp at time zone 'Europe/Stockholm' $$;
comment on function samsyn.begins is 'When a Swedish day begins.';

create function samsyn.count_day(organisation uuid, the_day date) returns void
    language sql volatile as $$
    insert into samsyn.access_counts (organisation_id, day, unit_id, activity, outcome, events)
    select organisation, the_day, e.unit_id, e.activity, e.outcome, count(*)
    from samsyn.access_events e
    where e.organisation_id = organisation and e.at >= samsyn.begins(the_day) and e.at < samsyn.begins(the_day + 1)
    group by e.unit_id, e.activity, e.outcome;
    insert into samsyn.access_counted (organisation_id, through) values (organisation, the_day)
    on conflict (organisation_id) do update set through = excluded.through
$$;
comment on function samsyn.count_day is 'Counts a day of an organisation, the first that is not counted.';

create function samsyn.count_access(milliseconds integer default 2000) returns bigint
    language plpgsql volatile security definer set search_path = pg_catalog set plan_cache_mode = force_custom_plan as $$
declare
    -- An event of the last minutes of a day may still be on its way into the log an hour later, and not two.
    last constant date := ((clock_timestamp() - interval '2 hours') at time zone 'Europe/Stockholm')::date - 1;
    enough constant timestamptz := clock_timestamp() + make_interval(secs => milliseconds / 1000.0);
    mine uuid;
    next date;
    counted bigint := 0;
begin
    if not pg_try_advisory_xact_lock(hashtext('samsyn.count_access')) then
        return 0;
    end if;
    for mine, next in
        select o.id, c.through + 1 from samsyn.organisations o left join samsyn.access_counted c on c.organisation_id = o.id
        where o.boundary_id = o.id and coalesce(c.through < last, true)
        order by c.through nulls first, o.id
    loop
        while coalesce(next <= last, true) and clock_timestamp() < enough loop
            -- Days without events are passed over by the index.
            select coalesce((min(e.at) at time zone 'Europe/Stockholm')::date, last) into next from samsyn.access_events e
            where e.organisation_id = mine and e.at >= coalesce(samsyn.begins(next), '-infinity');
            next := least(next, last);
            perform samsyn.count_day(mine, next);
            next := next + 1;
            counted := counted + 1;
        end loop;
    end loop;
    return counted;
end
$$;
comment on function samsyn.count_access is
    'Counts days that are over and not counted yet, for about so long at most; returns how many. The server calls it hourly.';
grant execute on function samsyn.count_access to samsyn_api;

create function samsyn.accesses_of(since date, until date, the_unit uuid, the_activity text, the_outcome text)
    returns table (day date, unit_id uuid, activity text, outcome text, events bigint)
    language plpgsql stable security definer set search_path = pg_catalog set plan_cache_mode = force_custom_plan as $$
declare
    mine uuid := samsyn.organisation();
    through date := coalesce((select c.through from samsyn.access_counted c where c.organisation_id = mine), '-infinity');
begin
    if not samsyn.may('access-statistics:read') then
        return;
    end if;
    return query
        select n.day, n.unit_id, n.activity, n.outcome, sum(n.events)::bigint
        from (
            select c.day, c.unit_id, c.activity, c.outcome, c.events
            from samsyn.access_counts c
            where c.organisation_id = mine and c.day between since and least(until, through)
            union all
            select (e.at at time zone 'Europe/Stockholm')::date, e.unit_id, e.activity, e.outcome, count(*)
            from samsyn.access_events e
            where e.organisation_id = mine and e.at < samsyn.begins(until + 1)
                and e.at >= case when through >= since then samsyn.begins(through + 1) else samsyn.begins(since) end
            group by 1, 2, 3, 4
            union all
            -- What is about a child from whose case an auditor is excluded is not counted for them. Whoever may not read the
            -- log is told the same numbers before and after: the difference would be how much that child was read about.
            select (e.at at time zone 'Europe/Stockholm')::date, e.unit_id, e.activity, e.outcome, -count(*)
            from samsyn.access_events e
            where samsyn.may('access-event:read') and samsyn.excluded_subjects() <> '{}' and e.subject_ids && samsyn.excluded_subjects()
                and e.organisation_id = mine and e.at >= samsyn.begins(since) and e.at < samsyn.begins(until + 1)
            group by 1, 2, 3, 4) n
        where (the_unit is null or n.unit_id = the_unit) and (the_activity is null or n.activity = the_activity)
            and (the_outcome is null or n.outcome = the_outcome)
        group by n.day, n.unit_id, n.activity, n.outcome
        having sum(n.events) > 0;
end
$$;
comment on function samsyn.accesses_of is
    'What the staff of the principal''s organisation did from one Swedish day to another, both included; counted days from their counts, others from the log.';

create function samsyn.disclosable_accesses(since date, until date, the_unit uuid, the_activity text, the_outcome text)
    returns table (day date, unit_id uuid, activity text, outcome text, events bigint)
    language plpgsql stable security definer set search_path = pg_catalog set plan_cache_mode = force_custom_plan as $$
declare
    -- Of today nothing: two looks at a day that goes on would show between them each thing that is done.
    last constant date := least(until, samsyn.today() - 1);
begin
    return query
        with own as materialized (
            select (e.at at time zone 'Europe/Stockholm')::date as day, e.unit_id, e.activity, e.outcome, count(*) as events
            from samsyn.access_events e
            where e.user_id = samsyn.me() and e.organisation_id = samsyn.organisation()
                and e.at >= samsyn.begins(since) and e.at < samsyn.begins(last + 1)
            group by 1, 2, 3, 4)
        select c.day, c.unit_id, c.activity, c.outcome, c.events
        from samsyn.accesses_of(since, last, the_unit, the_activity, the_outcome) c
        left join own o on o.day = c.day and o.unit_id is not distinct from c.unit_id and o.activity = c.activity and o.outcome = c.outcome
        where c.events - coalesce(o.events, 0) >= 5;
end
$$;
comment on function samsyn.disclosable_accesses is
    'Of samsyn.accesses_of what may be told to those who may not read the log: where a day, unit, activity and outcome meet in five events or more of others than the reader, who knows their own and could take them away again. Each sum is one of such cells alone, whatever is asked for, so that no two sums differ by fewer.';

create function samsyn.access_statistics(since date, until date, the_unit uuid, the_activity text, the_outcome text) returns json
    language plpgsql stable security definer set search_path = pg_catalog as $$
declare
    exact boolean := samsyn.may('access-event:read');
begin
    perform samsyn.require(until >= since and until - since < 366, 'INVALID_REQUEST', '/query/until');
    return (
        with shown as materialized (
            select * from samsyn.accesses_of(since, until, the_unit, the_activity, the_outcome) where exact
            union all
            select * from samsyn.disclosable_accesses(since, until, the_unit, the_activity, the_outcome) where not exact),
        days as (select s.day, s.activity, s.outcome, sum(s.events) as events from shown s group by s.day, s.activity, s.outcome),
        units as (select s.unit_id, s.activity, s.outcome, sum(s.events) as events from shown s group by s.unit_id, s.activity, s.outcome)
        select json_strip_nulls(json_build_object('from', since, 'until', until, 'organisationId', samsyn.organisation(),
            'organisationName', samsyn.organisation_name(samsyn.organisation()), 'unitId', the_unit, 'unitName', samsyn.organisation_name(the_unit),
            'exact', exact, 'total', (select coalesce(sum(d.events), 0) from days d),
            'days', (select coalesce(json_agg(json_build_object('day', d.day, 'activity', d.activity, 'outcome', d.outcome, 'events', d.events)
                order by d.day, d.activity, d.outcome), '[]') from days d),
            'units', (select coalesce(json_agg(json_strip_nulls(json_build_object('unitId', u.unit_id, 'unitName', samsyn.organisation_name(u.unit_id),
                'activity', u.activity, 'outcome', u.outcome, 'events', u.events)) order by samsyn.organisation_name(u.unit_id), u.unit_id, u.activity, u.outcome), '[]')
                from units u))));
end
$$;
comment on function samsyn.access_statistics is
    'The statistics as replies show them: exact for whoever may read the log itself, to others what samsyn.disclosable_accesses leaves, and not how much it left out: that there was something is told by asking for it alone.';
grant execute on function samsyn.access_statistics to samsyn_api;
