-- Collaboration agreements: a precondition for standing shares, never a ground for them.

create table samsyn.bbic_areas (
    code text primary key,
    id uuid not null unique default samsyn.uuid7(),
    side text not null check (side in ('child', 'parents', 'family-environment'))
);
comment on table samsyn.bbic_areas is 'Areas of a child''s situation in which needs are described, by names of our own; the texts of BBIC are licensed and not here.';

create table samsyn.information_categories (
    code text primary key,
    id uuid not null unique default samsyn.uuid7(),
    name_en text not null,
    name_sv text not null,
    sensitive boolean not null,
    bbic_area text references samsyn.bbic_areas,
    valid_from date not null,
    valid_until date,
    check (valid_until >= valid_from)
);
comment on table samsyn.information_categories is 'What a piece of information is about. sensitive: GDPR art. 9 or 10 data is to be expected.';
comment on column samsyn.information_categories.valid_from is 'What is new names categories of the day; what was recorded keeps its own.';

create function samsyn.is_identifying(category text) returns boolean
    language sql immutable as $$ select category in ('IDENTITY', 'CONTACT_DETAILS', 'PLACEMENT') $$;
comment on function samsyn.is_identifying is
    'True for what tells who or where someone is: of a person with protected identity only holders of subject:protected see or disclose it (OSL 21:3, 21:3 a).';
grant execute on function samsyn.is_identifying to samsyn_api;

create table samsyn.agreements (
    id uuid primary key,
    organisation_id uuid not null references samsyn.organisations,
    title text not null check (length(title) between 1 and 200),
    purposes text[] not null check (cardinality(purposes) between 1 and 20),
    categories text[] not null check (cardinality(categories) between 1 and 60),
    valid_from date not null,
    valid_until date not null,
    created_by uuid not null references samsyn.assignments,
    created_at timestamptz not null default samsyn.now(),
    updated_at timestamptz not null default samsyn.now(),
    revision bigint not null default 1,
    check (valid_until >= valid_from)
);
comment on table samsyn.agreements is 'Written commitment between organisations: for which purposes and categories of information they work together, and when.';
create trigger touch before update on samsyn.agreements for each row execute function samsyn.touch();

create table samsyn.agreement_parties (
    agreement_id uuid not null references samsyn.agreements,
    organisation_id uuid not null references samsyn.organisations,
    signed_at timestamptz,
    signed_by uuid references samsyn.assignments,
    primary key (agreement_id, organisation_id),
    check ((signed_at is null) = (signed_by is null))
);
comment on table samsyn.agreement_parties is 'The secrecy boundaries that an agreement binds, and when each signed.';
create index agreement_parties_by_organisation on samsyn.agreement_parties (organisation_id, agreement_id);

create function samsyn.check_categories() returns trigger
    language plpgsql security definer set search_path = pg_catalog as $$
begin
    perform samsyn.require(not exists (select unnest(new.categories) except
            select c.code from samsyn.information_categories c where samsyn.today() between c.valid_from and coalesce(c.valid_until, 'infinity')),
        'INVALID_REFERENCE', '/body/categories');
    return new;
end
$$;
comment on function samsyn.check_categories is 'Trigger: every category named is one of today.';
create trigger check_categories before insert or update of categories on samsyn.agreements
    for each row execute function samsyn.check_categories();

create function samsyn.add_agreement_parties(agreement uuid, parties uuid[]) returns void
    language plpgsql security definer set search_path = pg_catalog as $$
begin
    perform samsyn.require(exists (select from samsyn.agreements a where a.id = agreement and a.organisation_id = samsyn.organisation()),
        'NOT_FOUND');
    perform samsyn.require(not exists (
        select unnest(parties) except select o.id from samsyn.organisations o where o.boundary_id = o.id and o.active),
        'INVALID_REFERENCE', '/body/partyIds');
    perform samsyn.require(exists (select from unnest(parties) party where party <> samsyn.organisation()),
        'UNPROCESSABLE', '/body/partyIds');
    perform samsyn.require(not exists (select from samsyn.agreement_parties p where p.agreement_id = agreement and p.signed_at is not null),
        'CONFLICT', '/body/partyIds');
    delete from samsyn.agreement_parties p where p.agreement_id = agreement;
    insert into samsyn.agreement_parties (agreement_id, organisation_id)
    select agreement, party from (select unnest(parties || samsyn.organisation()) as party) given group by party;
end
$$;
comment on function samsyn.add_agreement_parties is
    'Sets the parties of an agreement of the acting organisation, which is always one of them and never the only one; refused once anyone has signed.';
grant execute on function samsyn.add_agreement_parties to samsyn_api;

create function samsyn.lock_agreement(agreement uuid) returns void
    language plpgsql volatile security definer set search_path = pg_catalog as $$
begin
    perform from samsyn.agreements a
    where a.id = agreement and exists (select from samsyn.agreement_parties p
        where p.agreement_id = a.id and p.organisation_id = samsyn.organisation())
    for update of a;
    perform samsyn.require(found, 'NOT_FOUND');
end
$$;
comment on function samsyn.lock_agreement is
    'Lets one change or signature of an agreement wait for another, so that nobody signs a wording they have not seen. Refuses unless the principal''s organisation is a party.';
grant execute on function samsyn.lock_agreement to samsyn_api;

create function samsyn.revise_agreement() returns trigger
    language plpgsql security definer set search_path = pg_catalog as $$
begin
    update samsyn.agreements a set updated_at = samsyn.now() where a.id = new.agreement_id;
    return null;
end
$$;
comment on function samsyn.revise_agreement is 'Trigger: a signature is a new revision of the agreement, since its representation shows who has signed.';
create trigger revise_agreement after update of signed_at on samsyn.agreement_parties
    for each row execute function samsyn.revise_agreement();

-- Owned by the owner and run with its rights: used inside policies and by the evaluator.
create view samsyn.agreement_states as
select a.id as agreement_id,
    case
        when exists (select from samsyn.agreement_parties p where p.agreement_id = a.id and p.signed_at is null) then 'awaiting-signatures'
        when samsyn.today() < a.valid_from then 'not-yet-in-force'
        when samsyn.today() > a.valid_until then 'ended'
        else 'in-force'
    end as state
from samsyn.agreements a;
comment on view samsyn.agreement_states is 'In force when every party has signed and the dates hold.';
