-- How a campaign examines its period, what its findings say, and what replies show of the checks.
--
-- A part of the events after another, in the order of time, each part within one request: no period is too long and no
-- request runs for long. What a part found is added to what those before it found, and shown when all are done.

create function samsyn.reviewed_events(mine uuid, everyones boolean, from_at timestamptz, from_id uuid, to_at timestamptz, to_id uuid)
    returns setof samsyn.access_events
    language sql stable as $$
    select e.* from samsyn.access_events e
    where e.organisation_id = mine and e.user_id is not null
        and e.at >= from_at and e.at <= to_at and (e.at, e.id) > (from_at, from_id) and (e.at, e.id) <= (to_at, to_id)
    union all
    select e.*
    from samsyn.access_event_concerns k join samsyn.access_events e on e.id = k.id and e.at = k.at
    where everyones and k.organisation_id = mine and e.user_id is not null
        and k.at >= from_at and k.at <= to_at and (k.at, k.id) > (from_at, from_id) and (k.at, k.id) <= (to_at, to_id)
$$;
comment on function samsyn.reviewed_events is
    'The events after one and up to another that the organisation''s auditors may be told of: its own staff''s, and others'' that concern it.';

create function samsyn.told_in_review(e samsyn.access_events, mine uuid) returns uuid[]
    language sql stable as $$
    -- The own staff's own readings are told whole, which spares a call for each.
    select case when e.organisation_id = mine and e.outcome = 'allowed' then e.subject_ids else samsyn.told_subjects(e) end
$$;
comment on function samsyn.told_in_review is 'As samsyn.told_subjects.';

create type samsyn.review_hit as (
    key text, id uuid, at timestamptz, user_id uuid, unit_id uuid, told uuid[], subject_ids uuid[], concerned uuid[],
    emergency_id uuid, figures jsonb, rank bytea
);
comment on type samsyn.review_hit is 'An event that is part of a finding. figures.count is the finding''s; without it the events are counted.';

create type samsyn.review_part as (
    mine uuid, everyones boolean, from_at timestamptz, from_id uuid, to_at timestamptz, to_id uuid, since timestamptz, seed text, lot uuid
);
comment on type samsyn.review_part is 'The part of a campaign that is being examined: after from, up to to.';

create function samsyn.hits_of_sample(p samsyn.review_part, r samsyn.review_rules) returns setof samsyn.review_hit
    language sql stable as $$
    select e.id::text, e.id, e.at, e.user_id, e.unit_id, samsyn.told_in_review(e, p.mine), e.subject_ids, array[e.user_id],
        e.emergency_id, '{}'::jsonb, sha256(convert_to(p.seed || p.lot || e.id, 'UTF8')) as rank
    from samsyn.reviewed_events(p.mine, p.everyones, p.from_at, p.from_id, p.to_at, p.to_id) e
    where e.outcome = 'allowed' and samsyn.told_in_review(e, p.mine) <> '{}'
$$;
comment on function samsyn.hits_of_sample is 'RANDOM_SAMPLE: every reading, with its rank.';

create function samsyn.hits_of_emergency(p samsyn.review_part, r samsyn.review_rules) returns setof samsyn.review_hit
    language sql stable as $$
    select x.access::text, e.id, e.at, e.user_id, e.unit_id, samsyn.told_in_review(e, p.mine), e.subject_ids, array[e.user_id], x.access,
        '{}'::jsonb, null::bytea
    from samsyn.reviewed_events(p.mine, p.everyones, p.from_at, p.from_id, p.to_at, p.to_id) e
    cross join lateral (select coalesce(e.emergency_id, case when e.activity = 'emergency-access' then e.resource_ids[1] end) as access) x
    where e.outcome = 'allowed' and x.access is not null and e.organisation_id = p.mine
$$;
comment on function samsyn.hits_of_emergency is 'EMERGENCY_ACCESS: the opening of one, and what was read under it.';

create function samsyn.hits_of_relations(p samsyn.review_part, r samsyn.review_rules) returns setof samsyn.review_hit
    language sql stable as $$
    select e.user_id || ':' || t.id, e.id, e.at, e.user_id, e.unit_id, array[t.subject_id], e.subject_ids,
        array_remove(array[e.user_id, nullif(t.user_id, e.user_id)], null), e.emergency_id,
        jsonb_strip_nulls(jsonb_build_object('relation', t.kind, 'colleague', nullif(t.user_id, e.user_id))), null::bytea
    from samsyn.reviewed_events(p.mine, false, p.from_at, p.from_id, p.to_at, p.to_id) e
    cross join lateral unnest(e.subject_ids) s(id)
    join samsyn.staff_relations t on t.subject_id = s.id and t.organisation_id = p.mine
        and (t.user_id = e.user_id or t.kind = any (r.relation_kinds))
        and (e.at at time zone 'Europe/Stockholm')::date between t.valid_from and coalesce(t.valid_until, 'infinity')
        and (t.ended_at is null or t.ended_at > e.at)
    where e.outcome = 'allowed'
$$;
comment on function samsyn.hits_of_relations is 'COLLEAGUE: readings of the reader''s own relations, and of what colleagues are or hold close.';

create function samsyn.hits_outside_team(p samsyn.review_part, r samsyn.review_rules) returns setof samsyn.review_hit
    language sql stable as $$
    with reads as materialized (
        select e.id, e.at, e.user_id, e.unit_id, e.role, e.emergency_id, e.subject_ids, s.subject
        from samsyn.reviewed_events(p.mine, false, p.from_at, p.from_id, p.to_at, p.to_id) e
        cross join lateral unnest(e.subject_ids) s(subject)
        where e.outcome = 'allowed' and e.purpose is distinct from 'audit'),
    pairs as materialized (select distinct x.user_id, x.subject from reads x),
    parts as materialized (
        select c.subject_id, min(q.invited_at) as since, array_agg(q.unit_id) as units
        from (select distinct x.subject from pairs x) s
        join samsyn.cases c on c.subject_id = s.subject
        join samsyn.participants q on q.case_id = c.id and q.organisation_id = p.mine
        group by c.subject_id),
    stays as materialized (
        select x.user_id, x.subject, range_agg(tstzrange(t.joined_at, t.ended_at, '[]')) as spans
        from pairs x
        join samsyn.cases c on c.subject_id = x.subject
        join samsyn.team_members t on t.case_id = c.id
        join samsyn.assignments a on a.id = t.assignment_id and a.user_id = x.user_id
        group by x.user_id, x.subject)
    select x.user_id || ':' || x.subject || ':' || w.why, x.id, x.at, x.user_id, x.unit_id, array[x.subject], x.subject_ids, array[x.user_id],
        x.emergency_id, jsonb_build_object('why', w.why), null::bytea
    from reads x
    join parts q on q.subject_id = x.subject and q.since <= x.at
    left join stays t on t.user_id = x.user_id and t.subject = x.subject
    cross join lateral (select case
        when x.emergency_id is not null then 'emergency'
        when x.unit_id = any (q.units)
            and x.role = any (array(select o.code from samsyn.roles o where 'case:lead-unit' = any (o.permissions))) then 'leads-unit'
        when lower(t.spans) <= x.at then 'former-team'
        else 'none' end as why) w
    where coalesce(not t.spans @> x.at, true)
$$;
comment on function samsyn.hits_outside_team is 'NO_TEAM_MEMBERSHIP: readings of someone on whose case the organisation then worked, by a user who was on no team about them then.';

create function samsyn.hits_of_many(p samsyn.review_part, r samsyn.review_rules) returns setof samsyn.review_hit
    language sql stable as $$
    -- How many different persons in the minutes up to each reading: each reading of a person counts from when it happens
    -- until the next one of the same person, or until the minutes are over.
    with events as materialized (
        select e.id, e.at, e.user_id, e.unit_id, e.emergency_id, e.subject_ids, samsyn.told_in_review(e, p.mine) as told
        from samsyn.reviewed_events(p.mine, p.everyones, p.from_at - make_interval(mins => r.within_minutes), p.from_id, p.to_at, p.to_id) e
        where e.outcome = 'allowed' and e.purpose is distinct from 'audit' and e.at >= p.since),
    reads as materialized (select e.user_id, e.at, s.subject from events e cross join lateral unnest(e.told) s(subject)),
    steps as (
        select x.user_id, x.at, 1 as step from reads x
        union all
        select x.user_id, least(x.at + make_interval(mins => r.within_minutes),
            lead(x.at) over (partition by x.user_id, x.subject order by x.at)), -1
        from reads x),
    running as (select s.user_id, s.at, s.step, sum(s.step) over (partition by s.user_id order by s.at) as persons from steps s),
    peaks as (
        select distinct on (n.user_id, d.day) n.user_id, d.day, n.at, n.persons
        from running n cross join lateral (select (n.at at time zone 'Europe/Stockholm')::date as day) d
        where n.step = 1 and n.persons >= r.threshold and n.at >= p.from_at and n.at <= p.to_at
        order by n.user_id, d.day, n.persons desc, n.at)
    select k.user_id || ':' || k.day, e.id, e.at, e.user_id, e.unit_id, e.told, e.subject_ids, array[e.user_id], e.emergency_id,
        jsonb_build_object('count', k.persons, 'at', samsyn.utc(k.at)), null::bytea
    from peaks k
    join events e on e.user_id = k.user_id and e.at > k.at - make_interval(mins => r.within_minutes) and e.at <= k.at and e.told <> '{}'
$$;
comment on function samsyn.hits_of_many is 'MANY_SUBJECTS: for each user and day the minutes in which they read most persons, when these were enough.';

create function samsyn.hits_out_of_hours(p samsyn.review_part, r samsyn.review_rules) returns setof samsyn.review_hit
    language sql stable as $$
    with free as materialized (
        select h.day
        from generate_series(extract(year from p.from_at)::integer - 1, extract(year from p.to_at)::integer + 1) y
        cross join lateral samsyn.holidays(y) h
        where r.holidays = 'free-with-eves' or r.holidays = 'free' and not h.eve)
    select e.user_id || ':' || l.moment::date, e.id, e.at, e.user_id, e.unit_id, samsyn.told_in_review(e, p.mine), e.subject_ids,
        array[e.user_id], e.emergency_id, jsonb_build_object('day', l.moment::date), null::bytea
    from samsyn.reviewed_events(p.mine, p.everyones, p.from_at, p.from_id, p.to_at, p.to_id) e
    cross join lateral (select e.at at time zone 'Europe/Stockholm' as moment offset 0) l
    where e.outcome = 'allowed'
        and (l.moment::time < r.opens or l.moment::time >= r.closes or not extract(isodow from l.moment)::integer = any (r.weekdays)
            or l.moment::date in (select f.day from free f))
        and samsyn.told_in_review(e, p.mine) <> '{}'
$$;
comment on function samsyn.hits_out_of_hours is 'OUT_OF_HOURS: readings outside the hours or weekdays or on a free holiday, by user and day of the clock in Sweden.';

create function samsyn.hits_of_denials(p samsyn.review_part, r samsyn.review_rules) returns setof samsyn.review_hit
    language sql stable as $$
    with events as materialized (
        select e.*, count(*) over (partition by e.user_id order by e.at
            range between make_interval(mins => r.within_minutes) preceding and current row) as refusals
        from samsyn.reviewed_events(p.mine, p.everyones, p.from_at - make_interval(mins => r.within_minutes), p.from_id, p.to_at, p.to_id) e
        where e.outcome = 'denied' and e.at >= p.since),
    peaks as (
        select distinct on (e.user_id, d.day) e.user_id, d.day, e.at, e.refusals
        from events e cross join lateral (select (e.at at time zone 'Europe/Stockholm')::date as day) d
        where e.refusals >= r.threshold and e.at >= p.from_at
        order by e.user_id, d.day, e.refusals desc, e.at)
    select k.user_id || ':' || k.day, e.id, e.at, e.user_id, e.unit_id,
        (select samsyn.told_subjects(a) from samsyn.access_events a where a.id = e.id and a.at = e.at),
        e.subject_ids, array[e.user_id], e.emergency_id, jsonb_build_object('count', k.refusals, 'at', samsyn.utc(k.at)), null::bytea
    from peaks k
    join events e on e.user_id = k.user_id and e.at >= k.at - make_interval(mins => r.within_minutes) and e.at <= k.at
$$;
comment on function samsyn.hits_of_denials is 'REPEATED_DENIALS: for each user and day the minutes in which they were refused most, when often enough.';

create function samsyn.hits_of_rule(p samsyn.review_part, r samsyn.review_rules, sample bigint) returns setof samsyn.review_hit
    language plpgsql stable set plan_cache_mode = force_custom_plan as $$
begin
    case r.code
        when 'RANDOM_SAMPLE' then
            return query select h.* from samsyn.hits_of_sample(p, r) h order by h.rank limit sample;
        when 'EMERGENCY_ACCESS' then return query select * from samsyn.hits_of_emergency(p, r);
        when 'COLLEAGUE' then return query select * from samsyn.hits_of_relations(p, r);
        when 'NO_TEAM_MEMBERSHIP' then return query select * from samsyn.hits_outside_team(p, r);
        when 'MANY_SUBJECTS' then return query select * from samsyn.hits_of_many(p, r);
        when 'OUT_OF_HOURS' then return query select * from samsyn.hits_out_of_hours(p, r);
        when 'REPEATED_DENIALS' then return query select * from samsyn.hits_of_denials(p, r);
    end case;
end
$$;
comment on function samsyn.hits_of_rule is 'What one rule finds in a part; of a sample the first by rank.';

create function samsyn.keep_hits(campaign uuid, p samsyn.review_part, r samsyn.review_rules) returns void
    language plpgsql volatile as $$
declare
    sample constant bigint := coalesce(r.sample_size, 1000);
begin
    with hits as materialized (select * from samsyn.hits_of_rule(p, r, sample)),
    told as (select h.key, array_agg(distinct s) as ids from hits h cross join unnest(h.told) s group by h.key),
    about as (select h.key, array_agg(distinct s) as ids from hits h cross join unnest(h.subject_ids) s group by h.key),
    found as (
        select h.key, (array_agg(h.user_id order by h.at desc))[1] as user_id, (array_agg(h.unit_id order by h.at desc))[1] as unit_id,
            min(h.concerned::text)::uuid[] as concerned, (array_agg(h.id order by h.at, h.id))[1:50] as event_ids, count(*) as events,
            coalesce(max((h.figures ->> 'count')::bigint), count(*)) as count, min(h.at) as first_at, max(h.at) as last_at,
            (array_agg(h.emergency_id order by h.at))[1] as emergency_id, (array_agg(h.figures order by h.at desc))[1] as figures, min(h.rank) as rank
        from (select h.key, h.user_id, h.unit_id, h.concerned, h.id, h.at, h.figures, h.emergency_id, encode(h.rank, 'hex') as rank from hits h) h
        group by h.key)
    insert into samsyn.review_findings as f (campaign_id, organisation_id, code, key, user_id, unit_id, concerned_user_ids, subject_ids,
        all_subject_ids, event_ids, events, count, first_at, last_at, emergency_id, figures, rank)
    select campaign, p.mine, r.code, x.key, x.user_id, x.unit_id, x.concerned, coalesce(t.ids, '{}'), coalesce(a.ids, '{}'), x.event_ids,
        x.events, x.count, x.first_at, x.last_at, x.emergency_id, x.figures, decode(x.rank, 'hex')
    from found x left join told t on t.key = x.key left join about a on a.key = x.key
    -- Events are added to those of earlier parts; of two moments the greater stays.
    on conflict (campaign_id, code, key) do update set
        events = excluded.events + case when excluded.figures ? 'count' then 0 else f.events end,
        count = excluded.count + case when excluded.figures ? 'count' then 0 else f.count end,
        event_ids = case when excluded.figures ? 'count' then excluded.event_ids else (f.event_ids || excluded.event_ids)[1:50] end,
        subject_ids = case when excluded.figures ? 'count' then excluded.subject_ids
            else array(select distinct unnest(f.subject_ids || excluded.subject_ids)) end,
        all_subject_ids = array(select distinct unnest(f.all_subject_ids || excluded.all_subject_ids)),
        first_at = case when excluded.figures ? 'count' then excluded.first_at else f.first_at end,
        last_at = excluded.last_at,
        figures = excluded.figures
    where not excluded.figures ? 'count' or excluded.count > f.count;
    if r.code = 'RANDOM_SAMPLE' then
        delete from samsyn.review_findings f where f.campaign_id = campaign and f.code = r.code and f.id not in (
            select k.id from samsyn.review_findings k where k.campaign_id = campaign and k.code = r.code order by k.rank limit sample);
        update samsyn.review_campaign_rules k set population = k.population + (select count(*) from samsyn.hits_of_sample(p, r))
        where k.campaign_id = campaign and k.code = r.code;
    elsif (select count(*) from samsyn.review_findings f where f.campaign_id = campaign and f.code = r.code) > 20000 then
        -- Far more than anybody will review: what is carried from part to part stays bounded.
        delete from samsyn.review_findings f where f.campaign_id = campaign and f.code = r.code and f.id in (
            select k.id from samsyn.review_findings k where k.campaign_id = campaign and k.code = r.code order by k.count desc, k.key offset 10000);
        update samsyn.review_campaign_rules k set capped = true where k.campaign_id = campaign and k.code = r.code;
    end if;
end
$$;
comment on function samsyn.keep_hits is 'Adds what a rule finds in a part to the campaign''s findings, one for each key; of more than 20,000 the 10,000 with the greatest figures stay.';

create function samsyn.publish_findings(campaign uuid) returns void
    language plpgsql volatile as $$
declare
    k record;
    wanted bigint;
begin
    for k in
        select x.code, x.population, r.threshold, r.sample_size, r.per_mille
        from samsyn.review_campaign_rules x join samsyn.review_rules r on r.id = x.rule_id where x.campaign_id = campaign
    loop
        wanted := coalesce(k.sample_size, ceil(k.population * k.per_mille / 1000.0), 1000);
        delete from samsyn.review_findings f where f.campaign_id = campaign and f.code = k.code and f.count < k.threshold;
        with placed as materialized (
            select f.id, row_number() over (order by f.rank, f.count desc, f.key) as place
            from samsyn.review_findings f where f.campaign_id = campaign and f.code = k.code),
        over as (delete from samsyn.review_findings f using placed p where p.id = f.id and p.place > least(wanted, 1000) returning 1),
        capped as (
            update samsyn.review_campaign_rules x set capped = true
            where x.campaign_id = campaign and x.code = k.code and (wanted > 1000 or (k.code <> 'RANDOM_SAMPLE' and exists (select from over))))
        update samsyn.review_findings f
        set published = true, found_at = samsyn.now(),
            figures = f.figures || case when k.code = 'RANDOM_SAMPLE'
                then jsonb_build_object('place', p.place, 'population', k.population, 'size', least(wanted, k.population)) else '{}' end
        from placed p where p.id = f.id and p.place <= least(wanted, 1000);
    end loop;
end
$$;
comment on function samsyn.publish_findings is 'Leaves what met the thresholds, at most 1,000 findings of each rule (those with the greatest figures), and shows them.';

create function samsyn.run_review(the_campaign uuid, part_size integer default 10000) returns void
    language plpgsql volatile security definer set search_path = pg_catalog set plan_cache_mode = force_custom_plan as $$
declare
    nobody constant uuid := '00000000-0000-0000-0000-000000000000';
    c samsyn.review_campaigns;
    r samsyn.review_rules;
    p samsyn.review_part;
    part bigint;
begin
    select * into c from samsyn.review_campaigns x
    where x.id = the_campaign and x.organisation_id = samsyn.organisation() and samsyn.may('access-review:write') for update;
    perform samsyn.require(c.id is not null, 'NOT_FOUND');
    perform samsyn.require(c.run_at is null, 'ALREADY_ENDED');
    p := row(c.organisation_id, c.scope = 'all', coalesce(c.cursor_at, c.since), coalesce(c.cursor_id, nobody), c.until, nobody, c.since, c.seed, c.lot);
    select f.at, f.id into p.to_at, p.to_id from (
        (select e.at, e.id from samsyn.access_events e
        where e.organisation_id = p.mine and e.at >= p.from_at and e.at < c.until and (e.at, e.id) > (p.from_at, p.from_id)
        order by e.at, e.id limit part_size)
        union all
        (select k.at, k.id from samsyn.access_event_concerns k
        where p.everyones and k.organisation_id = p.mine and k.at >= p.from_at and k.at < c.until and (k.at, k.id) > (p.from_at, p.from_id)
        order by k.at, k.id limit part_size)) f
    order by f.at, f.id offset part_size - 1 limit 1;
    if not found then
        p.to_at := c.until;
        p.to_id := nobody;
    end if;
    select count(*) into part from samsyn.reviewed_events(p.mine, p.everyones, p.from_at, p.from_id, p.to_at, p.to_id);
    for r in
        select x.* from samsyn.review_campaign_rules k join samsyn.review_rules x on x.id = k.rule_id
        where k.campaign_id = c.id order by k.code
    loop
        perform samsyn.keep_hits(c.id, p, r);
    end loop;
    update samsyn.review_campaigns x
    set examined = x.examined + part, cursor_at = p.to_at, cursor_id = p.to_id, run_at = case when p.to_at = c.until then samsyn.now() end
    where x.id = c.id;
    if p.to_at = c.until then
        perform samsyn.publish_findings(c.id);
    end if;
end
$$;
comment on function samsyn.run_review is
    'Examines the next part of a campaign, at most part_size events; the last part shows what was found.';
grant execute on function samsyn.run_review to samsyn_api;

-- How long they are kept ---------------------------------------------------------------------------------------------

create function samsyn.log_stands(first timestamptz, last timestamptz) returns boolean
    language sql stable as $$
    select exists (select from samsyn.access_events e
        where e.at >= date_trunc('month', first, 'UTC')
            and e.at < (date_trunc('month', last at time zone 'UTC') + interval '1 month') at time zone 'UTC')
$$;
comment on function samsyn.log_stands is 'Whether anything is left of the log of the months from one time to another.';

create function samsyn.forget_reviews(the samsyn.log_month) returns void
    language plpgsql volatile set search_path = pg_catalog as $$
declare
    of_month constant uuid[] := array(select c.id from samsyn.review_campaigns c where c.since < the.until and c.until > the.since);
begin
    perform samsyn.remove('samsyn.review_findings', array(select f.id from samsyn.review_findings f
        where f.campaign_id = any (of_month) and f.first_at < the.until and f.last_at >= the.since
            and not samsyn.log_stands(f.first_at, f.last_at)), false);
    perform samsyn.remove('samsyn.review_campaigns', array(select c.id from samsyn.review_campaigns c
        where c.id = any (of_month) and not samsyn.log_stands(c.since, c.until - interval '1 microsecond')), false);
end
$$;
comment on function samsyn.forget_reviews is
    'Checks of the log are kept as long as the log that they check (PDL 2008:355 4:3, HSLF-FS 2016:40 4:9): with the last month that a finding tells of go the finding and what reviewers made of it, with the last month of its period the campaign. Called when a month has been removed.';

-- In words ----------------------------------------------------------------------------------------------------------

create function samsyn.explain_finding(f samsyn.review_findings, r samsyn.review_rules, swedish boolean) returns text
    language plpgsql stable as $$
declare
    n jsonb := f.figures;
    word text := case n ->> 'relation'
        when 'SELF' then case when swedish then 'personen själv' else 'the person themself' end
        when 'RELATIVE' then case when swedish then 'närstående' else 'a relative' end
        when 'NEIGHBOUR' then case when swedish then 'granne' else 'a neighbour' end
        when 'COLLEAGUE' then case when swedish then 'kollega' else 'a colleague' end end;
    why text := case n ->> 'why'
        when 'emergency' then case when swedish then 'läsningen skedde under en nödåtkomst' else 'it was read under an emergency access' end
        when 'leads-unit' then case when swedish then 'användaren ledde enheten' else 'the user led the unit' end
        when 'former-team' then case when swedish then 'användaren hade lämnat teamet' else 'the user had left the team' end
        else case when swedish then 'inget känt skäl' else 'no known reason' end end;
    holiday text := (select ' (' || string_agg(case when swedish then h.name_sv else h.name_en end, ', ') || ')'
        from samsyn.holidays(extract(year from (n ->> 'day')::date)::integer) h
        where h.day = (n ->> 'day')::date and (r.holidays = 'free-with-eves' or r.holidays = 'free' and not h.eve));
    free text := case r.holidays
        when 'free' then case when swedish then ' som inte är allmänna helgdagar' else ' that are not public holidays' end
        when 'free-with-eves' then case when swedish then ' som varken är allmänna helgdagar eller deras aftnar' else ' that are neither public holidays nor their eves' end end;
begin
    return case f.code
        when 'RANDOM_SAMPLE' then format(case when swedish
            then 'Stickprov: nummer %s av %s dragna bland periodens %s läsningar, i ordning efter SHA-256 över kampanjens frö, dess lott och händelsens id.'
            else 'Random sample: number %s of %s drawn from the %s readings of the period, in the order of SHA-256 over the campaign''s seed, its lot and the event''s id.'
            end, n ->> 'place', n ->> 'size', n ->> 'population')
        when 'EMERGENCY_ACCESS' then format(case when swedish
            then 'Nödåtkomst: %s händelser. Alla nödåtkomster granskas.'
            else 'Emergency access: %s events. Every emergency access is reviewed.' end, f.count)
        when 'COLLEAGUE' then case when n ? 'colleague' then format(case when swedish
            then 'Den lästa personen är registrerad i förhållande till en kollega (%s) som: %s. %s läsningar; gränsen är %s.'
            else 'The person who was read is registered, to a colleague (%s), as: %s. %s readings; the threshold is %s.' end,
                samsyn.user_name((n ->> 'colleague')::uuid), word, f.count, r.threshold)
            else format(case when swedish
            then 'Läsaren är registrerad i förhållande till den lästa personen som: %s. %s läsningar; gränsen är %s.'
            else 'The reader is registered, to the person who was read, as: %s. %s readings; the threshold is %s.' end, word, f.count, r.threshold) end
        when 'NO_TEAM_MEMBERSHIP' then format(case when swedish
            then 'Användaren ingick inte i teamet när läsningen skedde: %s. %s läsningar; gränsen är %s.'
            else 'The user was not on the team at the time of the reading: %s. %s readings; the threshold is %s.' end, why, f.count, r.threshold)
        when 'MANY_SUBJECTS' then format(case when swedish
            then '%s olika personer lästa inom %s minuter, som mest kl. %s; gränsen är %s.'
            else '%s different persons read within %s minutes, most of them at %s; the threshold is %s.' end,
            f.count, r.within_minutes, to_char((n ->> 'at')::timestamptz at time zone 'Europe/Stockholm', 'YYYY-MM-DD HH24:MI'), r.threshold)
        when 'OUT_OF_HOURS' then format(case when swedish
            then '%s läsningar den %s%s utanför tiden %s–%s på veckodagarna %s (1 är måndag)%s, svensk tid; gränsen är %s.'
            else '%s readings on %s%s outside %s–%s on the weekdays %s (1 is Monday)%s, by the clock in Sweden; the threshold is %s.' end,
            f.count, n ->> 'day', holiday, to_char(r.opens, 'HH24:MI'), to_char(r.closes, 'HH24:MI'), array_to_string(r.weekdays, ', '), free, r.threshold)
        when 'REPEATED_DENIALS' then format(case when swedish
            then '%s nekanden inom %s minuter, som flest kl. %s; gränsen är %s.'
            else '%s refusals within %s minutes, most of them at %s; the threshold is %s.' end,
            f.count, r.within_minutes, to_char((n ->> 'at')::timestamptz at time zone 'Europe/Stockholm', 'YYYY-MM-DD HH24:MI'), r.threshold)
    end;
end
$$;
comment on function samsyn.explain_finding is 'Why it is a finding, in Swedish or English, with the figures that met the threshold.';
grant execute on function samsyn.explain_finding to samsyn_api;

-- What replies show -------------------------------------------------------------------------------------------------

create view api.review_rules with (security_invoker = true) as
select r.id as resource, null::uuid as subject, r.organisation_id as owner, null::text as ground, null::uuid as disclosure,
    r.revision::text || '-' || s.state as etag,
    json_strip_nulls(json_build_object('id', r.id, 'code', r.code, 'origin', case when r.organisation_id is null then 'national' else 'own' end, 'nameEn', k.name_en,
        'nameSv', k.name_sv, 'descriptionEn', k.description_en, 'descriptionSv', k.description_sv, 'provision', k.provision,
        'threshold', r.threshold, 'withinMinutes', r.within_minutes, 'sampleSize', r.sample_size, 'perMille', r.per_mille,
        'opens', to_char(r.opens, 'HH24:MI'), 'closes', to_char(r.closes, 'HH24:MI'), 'weekdays', r.weekdays,
        'holidays', r.holidays, 'relationKinds', r.relation_kinds, 'validFrom', r.valid_from, 'validUntil', r.valid_until, 'state', s.state,
        'createdAt', samsyn.utc(r.created_at), 'createdBy', samsyn.assignment_name(r.created_by),
        'endedAt', samsyn.utc(r.ended_at), 'endedBy', samsyn.assignment_name(r.ended_by), 'updatedAt', samsyn.utc(r.updated_at))) as body
from samsyn.review_rules r
join samsyn.review_rule_kinds k on k.code = r.code
cross join lateral (select samsyn.relation_state(r.valid_from, r.valid_until, r.ended_at) as period) p
cross join lateral (select case when p.period = 'in-force' and r.id <> (samsyn.review_rule_in_force(r.code)).id then 'overridden' else p.period end as state) s;
comment on view api.review_rules is 'state overridden: valid, but another rule of the same code goes before it.';

create view api.staff_relations with (security_invoker = true) as
select t.id as resource, t.subject_id as subject, t.organisation_id as owner, null::text as ground, null::uuid as disclosure,
    t.revision::text || '-' || s.state as etag,
    json_strip_nulls(json_build_object('id', t.id, 'userId', t.user_id, 'userName', samsyn.user_name(t.user_id), 'subjectId', t.subject_id,
        'kind', t.kind, 'note', t.note, 'validFrom', t.valid_from, 'validUntil', t.valid_until, 'state', s.state,
        'createdAt', samsyn.utc(t.created_at), 'createdBy', samsyn.assignment_name(t.created_by),
        'endedAt', samsyn.utc(t.ended_at), 'endedBy', samsyn.assignment_name(t.ended_by), 'updatedAt', samsyn.utc(t.updated_at))) as body
from samsyn.staff_relations t
cross join lateral (select samsyn.relation_state(t.valid_from, t.valid_until, t.ended_at) as state) s;

create view api.review_campaigns with (security_invoker = true) as
select c.id as resource, null::uuid as subject, c.organisation_id as owner, null::text as ground, null::uuid as disclosure,
    c.revision::text || '-' || n.found || '-' || n.reviewed as etag,
    json_strip_nulls(json_build_object('id', c.id, 'title', c.title, 'from', samsyn.utc_micro(c.since), 'until', samsyn.utc_micro(c.until), 'scope', c.scope,
        'seed', c.seed, 'lot', c.lot, 'state', samsyn.campaign_state(c.run_at, c.closed_at),
        'examinedEvents', c.examined, 'examinedUntil', samsyn.utc_micro(coalesce(c.cursor_at, c.since)), 'findings', n.found, 'reviewedFindings', n.reviewed,
        'rules', (select json_agg(json_strip_nulls(json_build_object('code', x.code, 'ruleId', x.rule_id,
                'population', case when x.code = 'RANDOM_SAMPLE' then x.population end, 'capped', x.capped,
                'findings', (select count(*) from samsyn.review_findings f where f.campaign_id = c.id and f.code = x.code))) order by x.code)
            from samsyn.review_campaign_rules x where x.campaign_id = c.id),
        'createdAt', samsyn.utc(c.created_at), 'createdBy', samsyn.assignment_name(c.created_by),
        'closedAt', samsyn.utc(c.closed_at), 'closedBy', samsyn.assignment_name(c.closed_by), 'closingComment', c.close_comment,
        'updatedAt', samsyn.utc(c.updated_at))) as body
from samsyn.review_campaigns c
cross join lateral (select count(*) as found, count(*) filter (where f.state = 'reviewed') as reviewed
    from samsyn.review_findings f where f.campaign_id = c.id) n;
comment on view api.review_campaigns is 'Findings are counted as far as the reader may see them.';

create view api.review_findings with (security_invoker = true) as
select f.id as resource, null::uuid as subject, f.organisation_id as owner, null::text as ground, null::uuid as disclosure,
    f.revision::text as etag,
    json_strip_nulls(json_build_object('id', f.id, 'campaignId', f.campaign_id, 'code', f.code, 'ruleId', r.id, 'userId', f.user_id,
        'userName', samsyn.user_name(f.user_id), 'unitId', f.unit_id, 'unitName', samsyn.organisation_name(f.unit_id),
        'subjectIds', f.subject_ids, 'accessEventIds', f.event_ids, 'events', f.events, 'figure', f.count, 'threshold', r.threshold,
        'firstAt', samsyn.utc_micro(f.first_at), 'lastAt', samsyn.utc_micro(f.last_at), 'emergencyAccessId', f.emergency_id,
        'explanationEn', samsyn.explain_finding(f, r, false), 'explanationSv', samsyn.explain_finding(f, r, true), 'state', f.state,
        'foundAt', samsyn.utc(f.found_at),
        'reviews', (select coalesce(json_agg(json_build_object('id', v.id, 'outcome', v.outcome, 'comment', v.comment,
                'reviewedAt', samsyn.utc(v.reviewed_at), 'reviewedBy', samsyn.assignment_name(v.reviewed_by)) order by v.reviewed_at, v.id), '[]')
            from samsyn.finding_reviews v where v.finding_id = f.id),
        'updatedAt', samsyn.utc(f.updated_at))) as body
from samsyn.review_findings f
join samsyn.review_campaign_rules x on x.campaign_id = f.campaign_id and x.code = f.code
join samsyn.review_rules r on r.id = x.rule_id;
comment on view api.review_findings is 'subject is empty since there may be several: samsyn.with_named tells the access log of all of them.';

grant select on api.review_rules, api.staff_relations, api.review_campaigns, api.review_findings to samsyn_api;
