-- What the access log may tell an auditor. One request can concern several organisations, and a refused one may have
-- aimed at anything: each auditor is told the part that their own organisation knows of anyway.

create function samsyn.known_subjects(ids uuid[]) returns uuid[]
    language plpgsql stable security definer set search_path = pg_catalog as $$
begin
    return array(
        select s.id from samsyn.subjects s
        where s.id = any (ids)
            and (s.organisation_id = samsyn.organisation()
                or exists (select from samsyn.cases c join samsyn.participants p on p.case_id = c.id
                    where c.subject_id = s.id and p.organisation_id = samsyn.organisation()))
        order by s.id);
end
$$;
comment on function samsyn.known_subjects is
    'Those of the subjects that the principal''s organisation has in its register or was asked to work around.';

create function samsyn.known_resources(ids uuid[]) returns uuid[]
    language plpgsql stable security definer set search_path = pg_catalog as $$
begin
    if ids = '{}' then
        return ids;
    end if;
    return array(
        select id from unnest(ids) id
        where not exists (select from samsyn.resource_facts(ids) f
            where f.resource = id and f.owner is distinct from samsyn.organisation()
                and not (f.resource = f.subject and f.subject = any (samsyn.known_subjects(array[f.subject])))
                and not exists (select from samsyn.participants p
                    where p.case_id = f.of_case and p.organisation_id = samsyn.organisation()))
        order by id);
end
$$;
comment on function samsyn.known_resources is
    'The identifiers without those that name something of another organisation in which the principal''s organisation has no part.';

create function samsyn.known_aims(ids uuid[]) returns uuid[]
    language plpgsql stable security definer set search_path = pg_catalog as $$
begin
    return array(select distinct f.subject from samsyn.resource_facts(samsyn.known_resources(ids)) f
        where f.subject is not null order by f.subject);
end
$$;
comment on function samsyn.known_aims is
    'Subjects of what a refused request aimed at, as far as the principal''s organisation has a part in it: a guess tells nothing, not even that it was right.';
grant execute on function samsyn.known_subjects, samsyn.known_resources, samsyn.known_aims to samsyn_api;

create function samsyn.told_subjects(e samsyn.access_events) returns uuid[]
    language plpgsql stable security definer set search_path = pg_catalog as $$
begin
    if e.subject_ids = '{}' then
        return e.subject_ids;
    elsif e.organisation_id is distinct from samsyn.organisation() then
        return samsyn.known_subjects(e.subject_ids);
    elsif e.outcome = 'allowed' then
        return e.subject_ids;
    end if;
    return samsyn.known_aims(e.resource_ids);
end
$$;
comment on function samsyn.told_subjects is 'The subjects of an event that the auditor is told.';
grant execute on function samsyn.told_subjects to samsyn_api;

create function samsyn.event_matches(e samsyn.access_events, the_user uuid, the_organisation uuid, the_operation text,
        the_activity text, the_outcome text, the_code text, the_emergency uuid, since timestamptz, before timestamptz, cursor_at timestamptz,
        cursor_id uuid) returns boolean
    language sql stable as $$
    select not e.subject_ids && samsyn.excluded_subjects()
        and (the_user is null or e.user_id = the_user)
        and (the_organisation is null or e.organisation_id = the_organisation)
        and (the_operation is null or e.operation = the_operation)
        and (the_activity is null or e.activity = the_activity)
        and (the_outcome is null or e.outcome = the_outcome)
        and (the_code is null or e.code = the_code)
        and (the_emergency is null or e.emergency_id = the_emergency)
        and (since is null or e.at >= since)
        and (before is null or e.at < before)
        and (cursor_at is null or (e.at, e.id) < (cursor_at, cursor_id))
$$;
comment on function samsyn.event_matches is 'The filters of a search in the access log, null for none, and no event about a child whose case the auditor is excluded from; inlined, so that each can use an index.';

create function samsyn.find_access_events(the_subject uuid, the_user uuid, the_organisation uuid, the_operation text,
        the_activity text, the_outcome text, the_code text, the_emergency uuid, since timestamptz, before timestamptz, the_cursor text,
        most bigint)
    returns table (id uuid, at timestamptz)
    language plpgsql stable security definer set search_path = pg_catalog
    -- Planned for the filters that are given: a plan for all of them at once would read the whole log.
    set plan_cache_mode = force_custom_plan as $$
declare
    mine uuid := samsyn.organisation();
    cursor_at timestamptz := split_part(the_cursor, '_', 1)::timestamptz;
    cursor_id uuid := split_part(the_cursor, '_', 2)::uuid;
begin
    if not samsyn.may('access-event:read') then
        return;
    elsif the_subject is not null then
        return query
            select e.id, e.at from samsyn.access_events e
            where e.subject_ids @> array[the_subject] and (e.organisation_id = mine or e.concerned_ids @> array[mine])
                and samsyn.event_matches(e, the_user, the_organisation, the_operation, the_activity, the_outcome, the_code, the_emergency,
                    since, before, cursor_at, cursor_id)
                and the_subject = any (samsyn.told_subjects(e))
            order by e.at desc, e.id desc limit most;
    elsif the_user is not null then
        return query
            select e.id, e.at from samsyn.access_events e
            where e.user_id = the_user and (e.organisation_id = mine or e.concerned_ids @> array[mine])
                and samsyn.event_matches(e, null, the_organisation, the_operation, the_activity, the_outcome, the_code, the_emergency,
                    since, before, cursor_at, cursor_id)
            order by e.at desc, e.id desc limit most;
    else
        -- Our own staff's, and what others did with what is ours: each in the order of its index, then merged.
        return query
            select f.id, f.at from (
                (select e.id, e.at from samsyn.access_events e
                where e.organisation_id = mine
                    and samsyn.event_matches(e, null, the_organisation, the_operation, the_activity, the_outcome, the_code, the_emergency,
                        since, before, cursor_at, cursor_id)
                order by e.at desc, e.id desc limit most)
                union all
                (select e.id, e.at
                from samsyn.access_event_concerns k join samsyn.access_events e on e.id = k.id and e.at = k.at
                where k.organisation_id = mine
                    and (since is null or k.at >= since) and (before is null or k.at < before)
                    and (cursor_at is null or (k.at, k.id) < (cursor_at, cursor_id))
                    and samsyn.event_matches(e, null, the_organisation, the_operation, the_activity, the_outcome, the_code, the_emergency,
                        null, null, null, null)
                order by k.at desc, k.id desc limit most)) f
            order by f.at desc, f.id desc limit most;
    end if;
end
$$;
comment on function samsyn.find_access_events is
    'The next `most` events, newest first, that concern the principal''s organisation and fit the filters, after `the_cursor` ("time_id" of the last one seen). The events themselves are read through the row policy.';
grant execute on function samsyn.find_access_events to samsyn_api;
