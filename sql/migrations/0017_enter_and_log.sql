-- The two ends of every request: samsyn.enter establishes who acts and whether they may; samsyn.log_access writes
-- what they got. What lies between runs under the row policies.

-- enter, log_access, log_list and record_denial run with the owner's rights and a fixed search_path. What only they call
-- runs within theirs and says neither again: each change of search_path costs some twenty microseconds.

create table samsyn.idempotent_replies (
    actor text not null,
    client text not null,
    key text not null check (length(key) between 1 and 128),
    hash text not null,
    resource uuid not null,
    created_at timestamptz not null default now(),
    primary key (actor, client, key)
);
comment on table samsyn.idempotent_replies is 'What a POST with an Idempotency-Key made, kept 24 hours for the same person, acting in the same assignment, and client: who acts for two agencies carries nothing from one to the other. Which thing, not what it looked like: the answer is read anew.';
comment on column samsyn.idempotent_replies.actor is 'The assignment, or a hash of the identity number of a guardian or child.';
create index idempotent_replies_by_age on samsyn.idempotent_replies (created_at);
call samsyn.protect('idempotent_replies');

create type samsyn.acting as (
    user_id uuid, assignment_id uuid, organisation_id uuid, unit_id uuid, role text, permissions text[],
    client text, origin_allowed boolean, purpose text, party_number text, emergency_id uuid, emergency_case_id uuid,
    excluded_case_ids uuid[], excluded_subject_ids uuid[], code text
);
comment on type samsyn.acting is 'Who acts, resolved from a token: someone who works here, or with party_number a guardian or child. code is why they may not, or null.';

create function samsyn.is_vouched_for(organisation uuid, vouched text[]) returns boolean
    language plpgsql stable as $$
begin
    return exists (select from samsyn.lineage(organisation) o where o.organisation_number = any (vouched));
end
$$;
comment on function samsyn.is_vouched_for is 'True when the organisation, or one above it, has one of these organisation numbers.';

create function samsyn.resolve_party(client text, scopes text[], permission text, required_scopes text[], origin text,
        identity_number text) returns samsyn.acting
    language plpgsql stable as $$
declare
    it samsyn.acting;
begin
    -- Whether anyone here knows the number is not asked: who is unknown everywhere finds nothing, and learns nothing.
    select r.code, r.permissions, resolve_party.client, coalesce(resolve_party.origin = any (c.origins), false), p.purpose,
        resolve_party.identity_number,
        case
            when c.id is null then 'CLIENT_NOT_REGISTERED'
            when not (required_scopes <@ resolve_party.scopes and required_scopes <@ c.scopes) then 'SCOPE_MISSING'
            when p.code is null or not p.code = any (r.permissions) then 'ROLE_NOT_ALLOWED'
        end
    into it.role, it.permissions, it.client, it.origin_allowed, it.purpose, it.party_number, it.code
    from samsyn.roles r
    left join samsyn.clients c on c.client_id = resolve_party.client and c.active
    left join samsyn.permissions p on p.code = resolve_party.permission
    where r.code = 'party';
    return it;
end
$$;
comment on function samsyn.resolve_party is
    'A guardian or child, whose issuer vouches for their identity number: no user, no assignment, and what the role `party` may do through this client.';

create function samsyn.resolve_emergency(it samsyn.acting, emergency uuid, permission text) returns samsyn.acting
    language plpgsql stable as $$
begin
    select e.id, e.case_id into it.emergency_id, it.emergency_case_id
    from samsyn.emergency_accesses e
    join samsyn.subjects s on s.id = e.subject_id
    where e.id = emergency and e.assignment_id = it.assignment_id and e.ended_at is null and samsyn.now() < e.expires_at
        and not s.protected_identity and e.case_id <> all (it.excluded_case_ids)
        and exists (select from samsyn.participants p
            where p.case_id = e.case_id and p.organisation_id = it.organisation_id and p.status in ('lead', 'accepted'));
    it.permissions := array(select p.code from samsyn.permissions p where p.code = any (it.permissions) and p.in_emergency);
    if it.emergency_id is null then
        it.code := 'EMERGENCY_NOT_OPEN';
    elsif permission is not null and not permission = any (it.permissions) then
        it.code := 'ROLE_NOT_ALLOWED';
    end if;
    return it;
end
$$;
comment on function samsyn.resolve_emergency is
    'Narrows the principal to what an emergency access leaves: reading one case, as long as it is open, the child''s identity is not protected and the own organisation takes part.';

create view samsyn.excluded_users as
select e.user_id, c.id as case_id, e.subject_id
from samsyn.exclusions e join samsyn.cases c on c.subject_id = e.subject_id
where e.ended_at is null;
comment on view samsyn.excluded_users is 'Who is kept from which cases today: from every case about the child, not only the one in which the conflict of interest was declared.';

create function samsyn.resolve(issuer text, subject text, client text, scopes text[], vouched text[], assignment uuid,
        permission text, required_scopes text[], origin text, identity_number text, emergency uuid) returns samsyn.acting
    language plpgsql stable as $$
declare
    it samsyn.acting;
begin
    if identity_number is not null then
        return samsyn.resolve_party(client, scopes, permission, required_scopes, origin, identity_number);
    end if;
    -- One query, because it stands at the beginning of every request.
    select u.id, a.id, a.organisation_id, a.unit_id, a.code, a.permissions, resolve.client,
        coalesce(resolve.origin = any (c.origins), false), p.purpose, null, null, null, x.case_ids, x.subject_ids,
        case
            when c.id is null then 'CLIENT_NOT_REGISTERED'
            when a.id is null then 'ASSIGNMENT_REQUIRED'
            when not a.organisation_id = any (c.organisation_ids) then 'CLIENT_NOT_ALLOWED'
            when vouched <> '{}' and not samsyn.is_vouched_for(a.organisation_id, vouched) then 'ISSUER_NOT_ALLOWED'
            when not (required_scopes <@ resolve.scopes and required_scopes <@ c.scopes) then 'SCOPE_MISSING'
            when resolve.permission is not null and not resolve.permission = any (a.permissions) then 'ROLE_NOT_ALLOWED'
        end
    into it
    from samsyn.identities i
    join samsyn.users u on u.id = i.user_id and u.active
    left join samsyn.clients c on c.client_id = resolve.client and c.active
    left join samsyn.permissions p on p.code = resolve.permission
    left join lateral (
        select count(*) over () as candidates, a.id, a.organisation_id, a.unit_id, r.code, r.permissions
        from samsyn.assignments a
        join samsyn.roles r on r.id = a.role_id
        join samsyn.organisations o on o.id = a.unit_id and o.active
        where a.user_id = u.id and a.ended_at is null
            and samsyn.today() between a.starts_on and coalesce(a.ends_on, 'infinity')
            and (resolve.assignment is null or a.id = resolve.assignment)
        limit 1) a on a.candidates = 1
    cross join lateral (
        select coalesce(array_agg(distinct e.case_id), '{}') as case_ids, coalesce(array_agg(distinct e.subject_id), '{}') as subject_ids
        from samsyn.excluded_users e where e.user_id = u.id) x
    where i.issuer = resolve.issuer and i.subject = resolve.subject;
    if it.user_id is null then
        it.code := 'USER_NOT_REGISTERED';
    elsif emergency is not null and it.code is null then
        it := samsyn.resolve_emergency(it, emergency, permission);
    end if;
    return it;
end
$$;
comment on function samsyn.resolve is
    'From issuer and subject to the acting assignment, checked in this order: person, client, assignment (the only active one, or the one named), organisation of client and issuer, scope of token and client, permission of role, emergency access. Read fresh in each request.';

create function samsyn.set_principal(it samsyn.acting, operation text, activity text, targets uuid[], client_address text,
        request_id uuid, trace_id text) returns void
    language plpgsql volatile as $$
begin
    perform set_config('samsyn.user_id', coalesce(it.user_id::text, ''), true),
        set_config('samsyn.assignment_id', coalesce(it.assignment_id::text, ''), true),
        set_config('samsyn.organisation_id', coalesce(it.organisation_id::text, ''), true),
        set_config('samsyn.unit_id', coalesce(it.unit_id::text, ''), true),
        set_config('samsyn.led_unit_id', case when 'case:lead-unit' = any (it.permissions) then it.unit_id::text else '' end, true),
        set_config('samsyn.party_number', coalesce(it.party_number, ''), true),
        set_config('samsyn.emergency_id', coalesce(it.emergency_id::text, ''), true),
        set_config('samsyn.emergency_case_id', coalesce(it.emergency_case_id::text, ''), true),
        set_config('samsyn.excluded_case_ids', coalesce(it.excluded_case_ids::text, ''), true),
        set_config('samsyn.excluded_subject_ids', coalesce(it.excluded_subject_ids::text, ''), true),
        set_config('samsyn.permissions', ',' || array_to_string(it.permissions, ',') || ',', true),
        set_config('samsyn.role', coalesce(it.role, ''), true),
        set_config('samsyn.client', coalesce(it.client, ''), true),
        set_config('samsyn.purpose', coalesce(it.purpose, ''), true),
        set_config('samsyn.operation', operation, true),
        set_config('samsyn.activity', coalesce(activity, ''), true),
        set_config('samsyn.targets', coalesce(targets::text, '{}'), true),
        set_config('samsyn.client_address', coalesce(client_address, ''), true),
        set_config('samsyn.request_id', request_id::text, true),
        set_config('samsyn.trace_id', coalesce(trace_id, ''), true);
end
$$;
comment on function samsyn.set_principal is 'Sets the scalar settings that policies and the access log read, for this transaction.';

create function samsyn.actor() returns text
    language sql stable as $$
    select coalesce(samsyn.assignment()::text, encode(sha256(samsyn.party_number()::bytea), 'hex'))
$$;
comment on function samsyn.actor is 'As whom idempotency keys are kept: the acting assignment, or a hash of the party''s identity number.';

create function samsyn.enter(issuer text, subject text, client text, scopes text[], vouched text[], assignment uuid,
        operation text, permission text, required_scopes text[], activity text, targets uuid[], client_address text,
        request_id uuid, trace_id text, origin text, key text, hash text, identity_number text default null,
        emergency uuid default null,
        out user_id uuid, out assignment_id uuid, out organisation_id uuid, out permissions text[], out origin_allowed boolean)
    language plpgsql volatile security definer set search_path = pg_catalog as $$
declare
    it samsyn.acting := samsyn.resolve(issuer, subject, client, scopes, vouched, assignment, permission, required_scopes, origin, identity_number, emergency);
    kept samsyn.idempotent_replies;
begin
    -- Who has several assignments, or none, asks here which there are.
    if it.code = 'ASSIGNMENT_REQUIRED' and assignment is null and operation = 'getMe' then
        it.code := null;
    end if;
    if it.code is not null then
        perform samsyn.refuse(it.code);
    end if;
    perform samsyn.set_principal(it, operation, activity, targets, client_address, request_id, trace_id);
    if key is not null then
        if not pg_try_advisory_xact_lock(hashtextextended(coalesce(it.user_id::text, identity_number) || client || key, 0)) then
            perform samsyn.refuse('REQUEST_IN_FLIGHT', '/header/Idempotency-Key');
        end if;
        select r.* into kept from samsyn.idempotent_replies r
        where r.actor = samsyn.actor() and r.client = enter.client and r.key = enter.key
            and r.created_at > now() - interval '24 hours';
        if kept.hash = hash then
            raise exception using errcode = 'SA002', message = 'REPLAY', detail = kept.resource;
        elsif kept.hash is not null then
            perform samsyn.refuse('KEY_REUSED', '/header/Idempotency-Key');
        end if;
    end if;
    user_id := it.user_id;
    assignment_id := it.assignment_id;
    organisation_id := it.organisation_id;
    permissions := it.permissions;
    origin_allowed := it.origin_allowed;
end
$$;
comment on function samsyn.enter is
    'First call of every request: establishes the principal or refuses. With an idempotency key: refuses while another request with it runs, and when it was used for another request; raises SA002 with the resource as its detail when this request has been carried out.';

create function samsyn.concerns(targets uuid[], out subjects uuid[], out owners uuid[])
    language plpgsql stable as $$
begin
    select coalesce(array_agg(distinct f.subject) filter (where f.subject is not null), '{}'),
        coalesce(array_agg(distinct f.owner) filter (where f.owner is not null), '{}')
    into subjects, owners
    from samsyn.resource_facts(targets) f;
end
$$;
comment on function samsyn.concerns is 'Subjects and owners of what a refused request aimed at, so that their auditors see the attempt.';

create function samsyn.party_rows(subjects uuid[]) returns uuid[]
    language plpgsql stable as $$
begin
    return array(
        select s.id from samsyn.subjects s where s.id = any (subjects) and s.identity_number = samsyn.party_number()
        union
        select g.id from samsyn.guardians g where g.subject_id = any (subjects) and g.identity_number = samsyn.party_number()
        order by 1);
end
$$;
comment on function samsyn.party_rows is 'As whom the party stands in the registers that keep these subjects: the log names them so, and never by number.';

create function samsyn.write_access_event(the_outcome text, the_code text, resources uuid[], subjects uuid[], owners uuid[],
        grounds text[], disclosures uuid[]) returns void
    language plpgsql volatile as $$
declare
    fresh uuid;
    moment timestamptz;
    concerned uuid[];
begin
    if the_outcome = 'allowed' then
        subjects := samsyn.with_named(subjects, resources);
    end if;
    -- Whom it concerns: the owners of what was seen, and whoever keeps the subjects in their register.
    insert into samsyn.access_events (id, at, organisation_id, unit_id, user_id, assignment_id, party_ids, role, client,
        client_address, operation, activity, purpose, subject_ids, resource_ids, concerned_ids, grounds, disclosure_ids,
        emergency_id, outcome, code, request_id, trace_id)
    values (samsyn.uuid7(), clock_timestamp(), samsyn.organisation(), samsyn.unit(), samsyn.me(), samsyn.assignment(),
        case when samsyn.party_number() is null then '{}' else samsyn.party_rows(subjects) end,
        samsyn.setting('role'), samsyn.setting('client'), samsyn.setting('client_address'), samsyn.setting('operation'),
        coalesce(samsyn.setting('activity'), 'access'), samsyn.setting('purpose'), subjects, resources,
        array(select distinct x
            from unnest(owners || array(select s.organisation_id from samsyn.subjects s where s.id = any (subjects))) x
            where x is distinct from samsyn.organisation() and x is not null order by x),
        grounds, disclosures, samsyn.setting('emergency_id')::uuid, the_outcome, the_code, samsyn.setting('request_id')::uuid, samsyn.setting('trace_id'))
    returning id, at, concerned_ids into fresh, moment, concerned;
    if concerned <> '{}' then
        insert into samsyn.access_event_concerns (organisation_id, at, id)
        select owner, moment, fresh from unnest(concerned) owner;
    end if;
end
$$;
comment on function samsyn.write_access_event is 'Inserts the one row of the access log for this request; the lists come without nulls and repetitions but for owners. Only the functions below may call it.';

create function samsyn.log_access(resources uuid[], subjects uuid[], owners uuid[], grounds text[], disclosures uuid[]) returns text
    language plpgsql volatile security definer set search_path = pg_catalog as $$
declare
    targets uuid[];
    concerned record;
    code text;
begin
    if cardinality(array_remove(resources, null)) > 0 then
        perform samsyn.write_access_event('allowed', null, array_remove(resources, null), array_remove(subjects, null),
            owners, array_remove(grounds, null), array_remove(disclosures, null));
        return null;
    end if;
    targets := samsyn.setting('targets')::uuid[];
    -- An evaluation tells of refusals in its answer; it has none only where there is nothing to ask about.
    code := case samsyn.setting('activity') when 'evaluate' then 'NOT_FOUND' else samsyn.refusal_of(targets) end;
    if samsyn.setting('activity') not in ('read', 'search', 'evaluate') then
        -- A refused attempt changes nothing: roll back, and let the refusal be logged on its own.
        perform samsyn.refuse(code);
    end if;
    concerned := samsyn.concerns(targets);
    perform samsyn.write_access_event('denied', code, targets, concerned.subjects, concerned.owners, '{}', '{}');
    return code;
end
$$;
comment on function samsyn.log_access is
    'Last call of every request that touches personal data: logs what the reply contains. With nothing in the reply a reading is logged as refused and the code returned; a writing is refused, and so rolled back.';

create function samsyn.log_list(resources uuid[], subjects uuid[], owners uuid[], grounds text[], disclosures uuid[]) returns text
    language plpgsql volatile security definer set search_path = pg_catalog as $$
declare
    concerned record;
begin
    if subjects = '{}' and samsyn.setting('targets') <> '{}' then
        -- That there is nothing under a case or a child is told of them all the same.
        concerned := samsyn.concerns(samsyn.setting('targets')::uuid[]);
        subjects := concerned.subjects;
        owners := owners || concerned.owners;
    end if;
    perform samsyn.write_access_event('allowed', null,
        array(select distinct x from unnest(resources) x where x is not null order by x),
        array(select distinct x from unnest(subjects) x where x is not null order by x),
        owners,
        array(select distinct x from unnest(grounds) x where x is not null order by x),
        array(select distinct x from unnest(disclosures) x where x is not null order by x));
    return null;
end
$$;
comment on function samsyn.log_list is
    'As samsyn.log_access for a list, which may be empty: then it was about the subject of what the path names.';

create function samsyn.record_denial(issuer text, subject text, client text, scopes text[], vouched text[], assignment uuid,
        operation text, permission text, required_scopes text[], activity text, targets uuid[], client_address text,
        request_id uuid, trace_id text, origin text, code text, identity_number text default null, emergency uuid default null,
        out user_id uuid, out assignment_id uuid, out organisation_id uuid, out permissions text[], out origin_allowed boolean)
    language plpgsql volatile security definer set search_path = pg_catalog as $$
declare
    it samsyn.acting := samsyn.resolve(issuer, subject, client, scopes, vouched, assignment, permission, required_scopes, origin, identity_number, emergency);
    concerned record := samsyn.concerns(targets);
begin
    perform samsyn.set_principal(it, operation, activity, targets, client_address, request_id, trace_id);
    perform samsyn.write_access_event('denied', code, targets, concerned.subjects, concerned.owners, '{}', '{}');
    user_id := it.user_id;
    assignment_id := it.assignment_id;
    organisation_id := it.organisation_id;
    permissions := it.permissions;
    origin_allowed := it.origin_allowed;
end
$$;
comment on function samsyn.record_denial is 'Logs a refusal in a transaction of its own, after the refused one was rolled back and before the reply.';

create function samsyn.keep_reply(key text, hash text, resource uuid) returns void
    language plpgsql volatile security definer set search_path = pg_catalog as $$
begin
    insert into samsyn.idempotent_replies (actor, client, key, hash, resource)
    values (samsyn.actor(), samsyn.setting('client'), key, hash, resource)
    on conflict on constraint idempotent_replies_pkey do update set hash = excluded.hash, resource = excluded.resource, created_at = now();
end
$$;
comment on function samsyn.keep_reply is 'Keeps what a request with an idempotency key made, in the transaction of the request.';

create function samsyn.forget_replies() returns bigint
    language sql volatile security definer set search_path = pg_catalog as $$
    with gone as (delete from samsyn.idempotent_replies r where r.created_at <= now() - interval '24 hours' returning 1)
    select count(*) from gone
$$;
comment on function samsyn.forget_replies is 'Removes what was kept for more than 24 hours; the server calls it hourly.';

create function samsyn.origin_allowed(origin text) returns boolean
    language sql stable security definer set search_path = pg_catalog as $$
    select exists (select from samsyn.clients c where c.active and origin = any (c.origins))
$$;
comment on function samsyn.origin_allowed is 'For CORS preflights, which carry no token: whether any active client lists the origin.';

grant execute on function samsyn.enter, samsyn.log_access, samsyn.log_list, samsyn.record_denial, samsyn.keep_reply,
    samsyn.forget_replies, samsyn.origin_allowed to samsyn_api;

select samsyn.extend_access_events(12);
