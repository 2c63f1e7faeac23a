-- Records: one piece of information on a case, owned by one organisation, never overwritten.

create function samsyn.share_scope(case_id uuid, owner uuid, category text, regime text) returns text
    language sql immutable as $$ select case_id::text || ':' || owner::text || ':' || category || ':' || regime $$;
comment on function samsyn.share_scope is 'Names one organisation''s records of one category under one secrecy regime on one case.';
grant execute on function samsyn.share_scope to samsyn_api;

create table samsyn.records (
    id uuid primary key,
    case_id uuid not null references samsyn.cases,
    subject_id uuid not null,
    organisation_id uuid not null references samsyn.organisations,
    category text not null references samsyn.information_categories,
    identifying boolean not null generated always as (samsyn.is_identifying(category)) stored,
    regime text not null references samsyn.secrecy_regimes,
    scope text not null generated always as (samsyn.share_scope(case_id, organisation_id, category, regime)) stored,
    author_id uuid not null references samsyn.assignments,
    version integer not null default 1,
    culled_at timestamptz,
    created_at timestamptz not null default samsyn.now()
);
comment on table samsyn.records is 'One piece of information: whose it is, what it is about and which secrecy holds. Its text is in record_versions.';
comment on column samsyn.records.subject_id is 'The subject of the case, which never changes, repeated so that a reading needs no join.';
comment on column samsyn.records.culled_at is 'When its owner''s time to keep it ended: then it is there for those alone to whom it was handed over.';
comment on column samsyn.records.scope is 'Case, owner, category and regime in one value: the unit in which standing shares open records.';
create index records_by_case on samsyn.records (case_id, created_at, id);
create index records_by_scope on samsyn.records (scope);

create table samsyn.record_versions (
    id uuid primary key,
    record_id uuid not null references samsyn.records,
    version integer not null check (version >= 1),
    case_id uuid not null,
    organisation_id uuid not null,
    scope text not null,
    identifying boolean not null generated always as (samsyn.is_identifying(split_part(scope, ':', 3))) stored,
    text text not null check (length(text) between 1 and 20000),
    reason text check (length(reason) <= 500),
    author_id uuid not null references samsyn.assignments,
    culled_at timestamptz,
    created_at timestamptz not null default samsyn.now(),
    unique (record_id, version)
);
comment on table samsyn.record_versions is 'The texts of a record, each an amendment of the one before. Append only.';
comment on column samsyn.records.identifying is 'Whether its category tells who or where the subject is.';
comment on column samsyn.record_versions.culled_at is 'As of its record.';
comment on column samsyn.record_versions.scope is 'The record''s case_id, organisation_id and scope, repeated so that the row policy needs no join.';
create trigger forbid_change before update or delete on samsyn.record_versions
    for each row execute function samsyn.forbid_change();
create trigger forbid_when_closed before insert on samsyn.record_versions
    for each row when (new.version > 1) execute function samsyn.forbid_when_closed();

create function samsyn.is_kept_by(regime samsyn.secrecy_regimes, organisation samsyn.organisations) returns boolean
    language plpgsql stable set search_path = pg_catalog as $$
declare
    theirs text := case organisation.kind when 'provider' then 'private' else 'public' end;
begin
    return regime.ownership = theirs or not exists (select from samsyn.secrecy_regimes r
        where r.ownership = theirs and (r.sectors @> '{*}' or organisation.sector = any (r.sectors)));
end
$$;
comment on function samsyn.is_kept_by is
    'Whether a secrecy boundary keeps secrecy by this regime: a private provider by those of private providers (skollagen, PSL, SoL), an authority by those of the public sector. A sector of private providers that has none of its own borrows the public ones.';

create function samsyn.check_record() returns trigger
    language plpgsql security definer set search_path = pg_catalog as $$
declare
    status text;
begin
    -- The share lock makes a closing wait for what is being written, and what comes after see it closed.
    select c.status, c.subject_id into status, new.subject_id from samsyn.cases c where c.id = new.case_id for share;
    perform samsyn.require(status = 'open', 'CASE_CLOSED');
    perform samsyn.require(exists (select from samsyn.information_categories c
        where c.code = new.category and samsyn.today() between c.valid_from and coalesce(c.valid_until, 'infinity')),
        'INVALID_REFERENCE', '/body/category');
    perform samsyn.require(exists (select from samsyn.secrecy_regimes r join samsyn.organisations o on o.id = new.organisation_id
        where r.code = new.regime and samsyn.today() between r.valid_from and coalesce(r.valid_until, 'infinity')
            and (r.sectors @> '{*}' or o.sector = any (r.sectors)) and samsyn.is_kept_by(r, o)), 'INVALID_REFERENCE', '/body/secrecyRegime');
    return new;
end
$$;
comment on function samsyn.check_record is 'Trigger: a record is about the subject of its open case, in a category of today, and falls under a secrecy regime of its owner''s sector and ownership that holds today.';
create trigger check_record before insert on samsyn.records for each row execute function samsyn.check_record();
