-- Organisations: principals, the secrecy boundaries below them, and units.

create table samsyn.sectors (
    code text primary key,
    id uuid not null unique default samsyn.uuid7(),
    name_en text not null,
    name_sv text not null
);
comment on table samsyn.sectors is 'Sectors of activity that grounds and secrecy regimes speak of.';

create table samsyn.secrecy_regimes (
    code text primary key,
    id uuid not null unique default samsyn.uuid7(),
    provision text not null,
    harm_test text not null,
    sectors text[] not null,
    ownership text not null check (ownership in ('public', 'private')),
    protects text not null check (protects in ('individual', 'public-interest')),
    description text not null,
    valid_from date not null,
    valid_until date,
    check (valid_until >= valid_from)
);
comment on table samsyn.secrecy_regimes is 'Secrecy provision, sector and harm test that a record falls under (OSL 2009:400 and the private sector''s counterparts).';
comment on column samsyn.secrecy_regimes.ownership is 'Who keeps secrecy by it: authorities (OSL) or private providers (skollagen, PSL, SoL).';
comment on column samsyn.secrecy_regimes.valid_from is 'New records fall under a regime of the day; what was recorded keeps its own.';

create table samsyn.organisations (
    id uuid primary key,
    parent_id uuid references samsyn.organisations,
    kind text not null check (kind in ('municipality', 'region', 'state', 'private', 'authority', 'branch', 'provider', 'unit')),
    boundary_id uuid references samsyn.organisations deferrable initially deferred,
    name text not null check (length(name) between 1 and 200),
    sector text references samsyn.sectors,
    regime text references samsyn.secrecy_regimes,
    organisation_number text check (organisation_number ~ '^[0-9]{10}$'),
    hsa_id text check (length(hsa_id) <= 31),
    municipality_code text check (municipality_code ~ '^[0-9]{4}$'),
    county_code text check (county_code ~ '^[0-9]{2}$'),
    school_unit_code text check (school_unit_code ~ '^[0-9]{8}$'),
    active boolean not null default true,
    created_at timestamptz not null default samsyn.now(),
    updated_at timestamptz not null default samsyn.now(),
    revision bigint not null default 1,
    constraint organisations_top_has_no_parent
        check ((kind in ('municipality', 'region', 'state', 'private')) = (parent_id is null)),
    constraint organisations_activity_has_sector
        check (kind in ('municipality', 'region', 'state', 'private') or (sector is not null and regime is not null))
);
comment on table samsyn.organisations is 'Principals (municipality, region, state, private), their authorities and independent branches (OSL 8:1, 8:2), private providers, and units below them.';
comment on column samsyn.organisations.boundary_id is 'The secrecy boundary that it is or lies within; null for a principal, which holds no cases itself.';
comment on column samsyn.organisations.regime is 'The secrecy regime that its records fall under unless a record says otherwise.';

create unique index organisations_by_hsa_id on samsyn.organisations (lower(hsa_id)) where hsa_id is not null;
create unique index organisations_by_school_unit_code on samsyn.organisations (school_unit_code) where school_unit_code is not null;
create unique index organisations_by_municipality_code on samsyn.organisations (municipality_code) where kind = 'municipality';
create unique index organisations_by_county_code on samsyn.organisations (county_code) where kind = 'region';
create index organisations_by_parent on samsyn.organisations (parent_id);
create index organisations_by_boundary on samsyn.organisations (boundary_id);
create index organisations_by_name on samsyn.organisations (lower(name) text_pattern_ops);

create function samsyn.place_organisation() returns trigger
    language plpgsql security definer set search_path = pg_catalog as $$
declare
    parent samsyn.organisations;
begin
    if tg_op = 'UPDATE' then
        if (new.kind, new.parent_id) is distinct from (old.kind, old.parent_id) then
            perform samsyn.refuse('CONFLICT', '/body/parentId');
        end if;
        return new;
    end if;
    select * into parent from samsyn.organisations where id = new.parent_id;
    case new.kind
        when 'authority', 'provider' then
            perform samsyn.require(parent.parent_id is null, 'UNPROCESSABLE', '/body/parentId');
            new.boundary_id := new.id;
        when 'branch' then
            perform samsyn.require(parent.kind in ('authority', 'branch'), 'UNPROCESSABLE', '/body/parentId');
            new.boundary_id := new.id;
        when 'unit' then
            perform samsyn.require(parent.boundary_id is not null, 'UNPROCESSABLE', '/body/parentId');
            new.boundary_id := parent.boundary_id;
        else
            new.boundary_id := null;
    end case;
    if new.kind in ('branch', 'unit') then
        new.sector := coalesce(new.sector, parent.sector);
        new.regime := coalesce(new.regime, parent.regime);
    end if;
    return new;
end
$$;
comment on function samsyn.place_organisation is 'Trigger: finds the secrecy boundary from the parent. Kind and parent never change: cases and logs rest on them.';

create trigger place before insert or update on samsyn.organisations
    for each row execute function samsyn.place_organisation();
create trigger touch before update on samsyn.organisations for each row execute function samsyn.touch();

create function samsyn.organisation_name(organisation uuid) returns text
    language plpgsql stable security definer set search_path = pg_catalog as $$
begin
    return (select o.name from samsyn.organisations o where o.id = organisation);
end
$$;
comment on function samsyn.organisation_name is 'Name of an organisation; organisations are public facts.';
grant execute on function samsyn.organisation_name to samsyn_api;

create function samsyn.lineage(organisation uuid) returns table (id uuid, kind text, organisation_number text, distance integer)
    language sql stable as $$
    with recursive up as (
        select o.id, o.parent_id, o.kind, o.organisation_number, 0 as distance
        from samsyn.organisations o where o.id = organisation
        union all
        select o.id, o.parent_id, o.kind, o.organisation_number, up.distance + 1
        from samsyn.organisations o join up on o.id = up.parent_id)
    select up.id, up.kind, up.organisation_number, up.distance from up
$$;
comment on function samsyn.lineage is 'An organisation, the one it belongs to, and so on upwards, with how far above it each of them is.';
