-- Children and young people, and their guardians, as each organisation knows them.
--
-- Each secrecy boundary keeps a register of its own: that a child is known to one agency is itself a secret to
-- the others, so there is no common register whose unique keys could tell.

create table samsyn.subjects (
    id uuid primary key,
    organisation_id uuid not null references samsyn.organisations,
    identity_number text check (identity_number ~ '^[0-9]{12}$'),
    name text not null check (length(name) between 1 and 200),
    birth_date date not null,
    address text check (length(address) between 1 and 500),
    phone text check (length(phone) between 3 and 30),
    email text check (length(email) <= 254),
    protected_identity boolean not null default false,
    created_by uuid not null references samsyn.assignments,
    created_at timestamptz not null default samsyn.now(),
    updated_at timestamptz not null default samsyn.now(),
    revision bigint not null default 1,
    constraint subjects_identity_number_key unique (organisation_id, identity_number)
);
comment on table samsyn.subjects is 'A child or young person in the register of one organisation.';
comment on column samsyn.subjects.identity_number is 'Personal or coordination number, twelve digits; null until there is one. Never in a URL, a log line or an error.';
comment on column samsyn.subjects.birth_date is 'Age rules follow this, not the number, whose date may be a neighbouring day.';
comment on column samsyn.subjects.address is 'With phone and email the contact details: for the organisation whose register it is; others get them by disclosure of CONTACT_DETAILS.';
comment on column samsyn.subjects.protected_identity is 'Confidentiality mark or protected population registration (OSL 21:3 a, 22:1): name, number and contact details are shown to holders of subject:protected only.';
create index subjects_by_organisation on samsyn.subjects (organisation_id, created_at, id);
create trigger touch before update on samsyn.subjects for each row execute function samsyn.touch();

create table samsyn.guardians (
    id uuid primary key,
    subject_id uuid not null references samsyn.subjects,
    organisation_id uuid not null references samsyn.organisations,
    identity_number text check (identity_number ~ '^[0-9]{12}$'),
    name text not null check (length(name) between 1 and 200),
    address text check (length(address) between 1 and 500),
    phone text check (length(phone) between 3 and 30),
    email text check (length(email) <= 254),
    kind text not null check (kind in ('guardian', 'specially-appointed', 'temporary', 'adoptive-parent', 'family-home-parent',
        'legal-representative')),
    starts_on date not null,
    ends_on date check (ends_on >= starts_on),
    created_at timestamptz not null default samsyn.now(),
    updated_at timestamptz not null default samsyn.now(),
    revision bigint not null default 1
);
comment on table samsyn.guardians is 'Who has custody of a subject (FB 6 ch.) or cares for one without it, from a day to a day.';
comment on column samsyn.guardians.address is 'With phone and email the contact details, shown as the subject''s are.';
create index guardians_by_subject on samsyn.guardians (subject_id);
create unique index guardians_identity_number_key on samsyn.guardians (subject_id, identity_number) where ends_on is null;
create trigger touch before update on samsyn.guardians for each row execute function samsyn.touch();

create function samsyn.has_custody(kind text) returns boolean
    language sql immutable parallel safe as $$ select kind in ('guardian', 'specially-appointed', 'temporary', 'adoptive-parent') $$;
comment on function samsyn.has_custody is
    'Whether a guardian of this kind decides for the child (FB 6:11, 6:13). A family home parent and a legal representative care for the child or speak for it without custody: they consent to nothing.';
grant execute on function samsyn.has_custody to samsyn_api;

create function samsyn.contact_after(patch jsonb, detail text, present text) returns text
    language sql immutable as $$
    select case
        when patch ->> 'contactDetails' is null and patch ? 'contactDetails' then null
        when patch -> 'contactDetails' ? detail then patch -> 'contactDetails' ->> detail
        else present end
$$;
comment on function samsyn.contact_after is
    'One of the contact details after a merge patch (RFC 7396): as given, gone with null or with all of contactDetails, else as it is.';
grant execute on function samsyn.contact_after to samsyn_api;

create function samsyn.contact_details(address text, phone text, email text) returns json
    language sql immutable as $$
    select case when coalesce(address, phone, email) is not null
        then json_build_object('address', address, 'phone', phone, 'email', email) end
$$;
comment on function samsyn.contact_details is 'The member contactDetails of a person, null when nothing is known.';
grant execute on function samsyn.contact_details to samsyn_api;

create function samsyn.normal_identity_number(given text, today date) returns text
    language sql immutable set search_path = pg_catalog as $$
    select case
        when given ~ '^[0-9]{12}$' then given
        when given ~ '^[0-9]{8}-[0-9]{4}$' then replace(given, '-', '')
        when given ~ '^[0-9]{6}[-+][0-9]{4}$' then (
            select ((year / 100 - case when year % 100 < left(given, 2)::int then 1 else 0 end)
                    - case when substr(given, 7, 1) = '+' then 1 else 0 end)::text
                || left(given, 6) || right(given, 4)
            from (select extract(year from today)::int as year) y)
    end
$$;
comment on function samsyn.normal_identity_number is
    'The twelve-digit stored form of a checked personal or coordination number; a ten-digit form gets its century from the year of `today`, one less for "+" (100 years and older).';
grant execute on function samsyn.normal_identity_number to samsyn_api;

create function samsyn.age(birth_date date, on_day date) returns integer
    language sql immutable as $$
    select extract(year from pg_catalog.age(on_day, birth_date))::integer
$$;
comment on function samsyn.age is 'Whole years of age on a day; someone born on 29 February turns a year older on 1 March.';
grant execute on function samsyn.age to samsyn_api;

create function samsyn.require_own_subject(the_subject uuid) returns void
    language plpgsql stable set search_path = pg_catalog as $$
begin
    perform samsyn.require_own((select s.organisation_id from samsyn.subjects s where s.id = the_subject));
end
$$;
comment on function samsyn.require_own_subject is
    'Refuses unless the subject stands in the register of the principal''s organisation: NOT_FOUND for one whom the principal does not see, NOT_OWNER for one seen by a case of another organisation.';
grant execute on function samsyn.require_own_subject to samsyn_api;
