-- People who work with cases: users, how tokens name them, their roles and assignments, and the clients they use.

create table samsyn.permissions (
    code text primary key,
    id uuid not null unique default samsyn.uuid7(),
    area text not null check (area in ('common', 'governance', 'content', 'administration', 'audit', 'party')),
    purpose text not null check (purpose in ('care', 'governance', 'administration', 'audit')),
    in_emergency boolean not null default false,
    description text not null
);
comment on table samsyn.permissions is 'What a role may hold. area: content never combines with administration or audit, party with nothing; purpose: why data is processed, written to the access log.';
comment on column samsyn.permissions.in_emergency is 'Whether it is left to someone who acts under an emergency access: reading alone.';

create table samsyn.roles (
    id uuid primary key,
    code text not null unique check (code ~ '^[a-z][a-z0-9-]{1,62}$'),
    name_en text not null check (length(name_en) between 1 and 100),
    name_sv text not null check (length(name_sv) between 1 and 100),
    permissions text[] not null,
    created_at timestamptz not null default samsyn.now(),
    updated_at timestamptz not null default samsyn.now(),
    revision bigint not null default 1
);
comment on table samsyn.roles is 'Permission sets as data.';

create function samsyn.check_role() returns trigger
    language plpgsql security definer set search_path = pg_catalog as $$
declare
    areas text[];
begin
    perform samsyn.require(not exists (select unnest(new.permissions) except select code from samsyn.permissions),
        'INVALID_REFERENCE', '/body/permissions');
    select coalesce(array_agg(distinct p.area), '{}') into areas from samsyn.permissions p where p.code = any (new.permissions);
    perform samsyn.require(not ('content' = any (areas) and areas && array['administration', 'audit']),
        'UNPROCESSABLE', '/body/permissions');
    perform samsyn.require(not 'party' = any (areas) or (areas = '{party}' and new.code = 'party'),
        'UNPROCESSABLE', '/body/permissions');
    if tg_op = 'UPDATE' then
        perform samsyn.require(new.code is distinct from samsyn.setting('role') or new.permissions = old.permissions,
            'ROLE_NOT_ALLOWED', '/body/permissions');
    end if;
    return new;
end
$$;
comment on function samsyn.check_role is
    'Trigger: administration and auditing never combine with access to case content, neither in a new role nor by way of an edited one, what parties may is held by the role `party` alone, and nobody changes what the role in which they act may do.';
create trigger check_role before insert or update on samsyn.roles for each row execute function samsyn.check_role();
create trigger touch before update on samsyn.roles for each row execute function samsyn.touch();

create table samsyn.users (
    id uuid primary key,
    organisation_id uuid not null references samsyn.organisations,
    name text not null check (length(name) between 1 and 200),
    email text check (length(email) <= 254),
    active boolean not null default true,
    created_at timestamptz not null default samsyn.now(),
    updated_at timestamptz not null default samsyn.now(),
    revision bigint not null default 1
);
comment on table samsyn.users is 'People who work in an organisation and sign in through an issuer.';
create index users_by_organisation on samsyn.users (organisation_id, lower(name));
create trigger touch before update on samsyn.users for each row execute function samsyn.touch();

create table samsyn.identities (
    id uuid primary key,
    user_id uuid not null references samsyn.users,
    issuer text not null check (length(issuer) between 1 and 300),
    subject text not null check (length(subject) between 1 and 300),
    created_at timestamptz not null default samsyn.now(),
    unique (issuer, subject)
);
comment on table samsyn.identities is 'How tokens name a user: issuer and subject.';
create index identities_by_user on samsyn.identities (user_id);

create table samsyn.assignments (
    id uuid primary key,
    user_id uuid not null references samsyn.users,
    unit_id uuid not null references samsyn.organisations,
    organisation_id uuid not null references samsyn.organisations,
    role_id uuid not null references samsyn.roles,
    starts_on date not null,
    ends_on date,
    ended_at timestamptz,
    ended_by uuid references samsyn.assignments,
    created_at timestamptz not null default samsyn.now(),
    updated_at timestamptz not null default samsyn.now(),
    revision bigint not null default 1,
    check (ends_on >= starts_on)
);
comment on table samsyn.assignments is 'A user in a role at a unit, from a day to a day. What someone may do comes from the assignment in which they act.';
comment on column samsyn.assignments.organisation_id is 'The secrecy boundary of the unit.';
comment on column samsyn.assignments.ended_at is 'When it was ended at once, before its last day.';
create index assignments_by_user on samsyn.assignments (user_id);
create index assignments_by_unit on samsyn.assignments (unit_id);
create index assignments_by_organisation on samsyn.assignments (organisation_id);
create trigger touch before update on samsyn.assignments for each row execute function samsyn.touch();

create function samsyn.place_assignment() returns trigger
    language plpgsql security definer set search_path = pg_catalog as $$
begin
    select o.boundary_id into new.organisation_id from samsyn.organisations o where o.id = new.unit_id;
    perform samsyn.require(new.organisation_id is not null, 'UNPROCESSABLE', '/body/unitId');
    return new;
end
$$;
comment on function samsyn.place_assignment is 'Trigger: an assignment belongs to the secrecy boundary of its unit.';
create trigger place before insert or update of unit_id on samsyn.assignments
    for each row execute function samsyn.place_assignment();

create function samsyn.assignment_state(starts_on date, ends_on date, ended_at timestamptz) returns text
    language sql stable as $$
    select case
        when ended_at is not null or ends_on < samsyn.today() then 'ended'
        when starts_on > samsyn.today() then 'planned'
        else 'active' end
$$;
comment on function samsyn.assignment_state is 'planned before its first day, ended after its last one or when it was ended at once, else active.';
grant execute on function samsyn.assignment_state to samsyn_api;

create view samsyn.active_assignments as
select a.id, a.user_id, a.organisation_id, a.unit_id, a.starts_on, r.code as role, r.permissions
from samsyn.assignments a
join samsyn.roles r on r.id = a.role_id
join samsyn.users u on u.id = a.user_id and u.active
where samsyn.assignment_state(a.starts_on, a.ends_on, a.ended_at) = 'active';
comment on view samsyn.active_assignments is 'Who works today, where and with which permissions.';

create function samsyn.may_hand_out(role uuid) returns boolean
    language sql stable security definer set search_path = pg_catalog as $$
    select not exists (
        select from samsyn.roles r
        join samsyn.permissions p on p.code = any (r.permissions)
        where r.id = role and p.area = 'administration' and not samsyn.may(p.code))
$$;
comment on function samsyn.may_hand_out is
    'Whether the principal may give someone this role: an administrator hands out no administration that they do not hold themselves, so that one of an organisation makes nobody system administrator.';

create function samsyn.guard_assignment() returns trigger
    language plpgsql security definer set search_path = pg_catalog as $$
begin
    -- What guardians and children may is theirs by their identity number, never by an assignment.
    perform samsyn.require(samsyn.role_code(new.role_id) is distinct from 'party', 'ROLE_NOT_ALLOWED',
        case tg_op when 'INSERT' then '/body/role' else '' end);
    -- Without a principal it is the owner of the database who loads data.
    if samsyn.me() is not null then
        perform samsyn.require(new.user_id <> samsyn.me(), 'ROLE_NOT_ALLOWED',
            case tg_op when 'INSERT' then '/body/userId' else '' end);
        perform samsyn.require(samsyn.may_hand_out(new.role_id), 'ROLE_NOT_ALLOWED',
            case tg_op when 'INSERT' then '/body/role' else '' end);
    end if;
    return new;
end
$$;
comment on function samsyn.guard_assignment is
    'Trigger: nobody gives themselves an assignment or prolongs their own, and nobody gives a role that they may not hand out.';
create trigger guard before insert or update of role_id, ends_on on samsyn.assignments
    for each row execute function samsyn.guard_assignment();

create function samsyn.guard_identity() returns trigger
    language plpgsql security definer set search_path = pg_catalog as $$
begin
    if samsyn.me() is not null then
        perform samsyn.require(not exists (select from samsyn.assignments a
            where a.user_id = new.user_id and samsyn.assignment_state(a.starts_on, a.ends_on, a.ended_at) <> 'ended'
                and (not samsyn.may_hand_out(a.role_id)
                    or (a.organisation_id <> samsyn.organisation() and not samsyn.may('organisation:any')))),
            'ROLE_NOT_ALLOWED');
    end if;
    return new;
end
$$;
comment on function samsyn.guard_identity is
    'Trigger: a new way to sign in as someone is a way to act in their assignments, so all of them must be ones that the administrator could have given.';
create trigger guard before insert on samsyn.identities for each row execute function samsyn.guard_identity();

create function samsyn.assignment_name(assignment uuid) returns text
    language plpgsql stable security definer set search_path = pg_catalog as $$
begin
    return (select u.name from samsyn.assignments a join samsyn.users u on u.id = a.user_id where a.id = assignment);
end
$$;
comment on function samsyn.assignment_name is 'Name of the person behind an assignment, for showing who did a thing to those who may see the thing.';
grant execute on function samsyn.assignment_name to samsyn_api;

create function samsyn.assignment_organisation(assignment uuid) returns uuid
    language plpgsql stable security definer set search_path = pg_catalog as $$
begin
    return (select a.organisation_id from samsyn.assignments a where a.id = assignment);
end
$$;
comment on function samsyn.assignment_organisation is 'The secrecy boundary in which an assignment is held, for telling whose doing a thing was.';
grant execute on function samsyn.assignment_organisation to samsyn_api;

create table samsyn.clients (
    id uuid primary key,
    client_id text not null unique check (length(client_id) between 1 and 200),
    name text not null check (length(name) between 1 and 200),
    vendor text not null check (length(vendor) between 1 and 200),
    origins text[] not null default '{}',
    organisation_ids uuid[] not null default '{}',
    scopes text[] not null default '{}',
    active boolean not null default true,
    created_at timestamptz not null default samsyn.now(),
    updated_at timestamptz not null default samsyn.now(),
    revision bigint not null default 1
);
comment on table samsyn.clients is 'Front ends of vendors: for which organisations and scopes a token issued to them counts, and from which browser origins they call.';
create trigger touch before update on samsyn.clients for each row execute function samsyn.touch();

create function samsyn.check_client() returns trigger
    language plpgsql security definer set search_path = pg_catalog as $$
begin
    perform samsyn.require(not exists (
        select unnest(new.organisation_ids) except select o.id from samsyn.organisations o where o.boundary_id = o.id),
        'INVALID_REFERENCE', '/body/organisationIds');
    return new;
end
$$;
comment on function samsyn.check_client is 'Trigger: a client is allowed for secrecy boundaries that exist.';
create trigger check_client before insert or update on samsyn.clients for each row execute function samsyn.check_client();

create function samsyn.user_name(the_user uuid) returns text
    language plpgsql stable security definer set search_path = pg_catalog as $$
begin
    return (select u.name from samsyn.users u where u.id = the_user);
end
$$;
comment on function samsyn.user_name is 'Name of a user, for showing an auditor who acted.';
grant execute on function samsyn.user_name to samsyn_api;

create function samsyn.role_code(role uuid) returns text
    language plpgsql stable security definer set search_path = pg_catalog as $$
begin
    return (select r.code from samsyn.roles r where r.id = role);
end
$$;
comment on function samsyn.role_code is 'Code of a role; which roles exist is no secret.';
grant execute on function samsyn.role_code to samsyn_api;
