-- Who asks: scalar settings of the transaction, set by samsyn.enter and read by every row policy.
-- They are written once a request, local to its transaction, and inlined into plans as constants of the query.

create function samsyn.setting(name text) returns text
    language sql stable parallel safe as $$ select nullif(current_setting('samsyn.' || name, true), '') $$;

create function samsyn.me() returns uuid
    language sql stable parallel safe as $$ select nullif(current_setting('samsyn.user_id', true), '')::uuid $$;
create function samsyn.assignment() returns uuid
    language sql stable parallel safe as $$ select nullif(current_setting('samsyn.assignment_id', true), '')::uuid $$;
create function samsyn.organisation() returns uuid
    language sql stable parallel safe as $$ select nullif(current_setting('samsyn.organisation_id', true), '')::uuid $$;
create function samsyn.unit() returns uuid
    language sql stable parallel safe as $$ select nullif(current_setting('samsyn.unit_id', true), '')::uuid $$;
create function samsyn.led_unit() returns uuid
    language sql stable parallel safe as $$ select nullif(current_setting('samsyn.led_unit_id', true), '')::uuid $$;
create function samsyn.may(permission text) returns boolean
    language sql stable parallel safe as $$
    select coalesce(strpos(current_setting('samsyn.permissions', true), ',' || permission || ',') > 0, false)
$$;

create function samsyn.emergency_case() returns uuid
    language sql stable parallel safe as $$ select nullif(current_setting('samsyn.emergency_case_id', true), '')::uuid $$;
create function samsyn.excluded_cases() returns uuid[]
    language sql stable parallel safe as $$
    select coalesce(nullif(current_setting('samsyn.excluded_case_ids', true), ''), '{}')::uuid[]
$$;
create function samsyn.excluded_subjects() returns uuid[]
    language sql stable parallel safe as $$
    select coalesce(nullif(current_setting('samsyn.excluded_subject_ids', true), ''), '{}')::uuid[]
$$;
create function samsyn.party_number() returns text
    language sql stable parallel safe as $$ select nullif(current_setting('samsyn.party_number', true), '') $$;

comment on function samsyn.setting is 'One of the request''s settings by its name without prefix; null when it is not set.';
comment on function samsyn.me is 'The user who asks.';
comment on function samsyn.assignment is 'The assignment in which the user acts.';
comment on function samsyn.organisation is 'The secrecy boundary (authority, independent branch or private provider) of the acting assignment.';
comment on function samsyn.unit is 'The unit of the acting assignment.';
comment on function samsyn.led_unit is 'The unit that the acting assignment leads, or null.';
comment on function samsyn.may is 'True when the acting role holds the permission.';
comment on function samsyn.emergency_case is 'The one case that the request reads under an emergency access, or null.';
comment on function samsyn.excluded_cases is 'Cases from which the user is excluded for a conflict of interest.';
comment on function samsyn.excluded_subjects is 'The subjects of those cases.';
comment on function samsyn.party_number is 'The identity number of the guardian or child who asks, vouched for by the token''s issuer; null for people who work here.';

create function samsyn.require_own(owner uuid) returns void
    language plpgsql volatile set search_path = pg_catalog as $$
begin
    perform samsyn.require(owner is not null, 'NOT_FOUND');
    perform samsyn.require(owner = samsyn.organisation(), 'NOT_OWNER');
end
$$;
comment on function samsyn.require_own is
    'Refuses unless the owner of a thing is the principal''s organisation: NOT_FOUND for null, which is what one reads of a thing that one does not see.';

grant execute on function samsyn.setting, samsyn.me, samsyn.assignment, samsyn.organisation, samsyn.unit,
    samsyn.led_unit, samsyn.may, samsyn.emergency_case, samsyn.excluded_cases, samsyn.excluded_subjects, samsyn.party_number, samsyn.require_own
    to samsyn_api;
