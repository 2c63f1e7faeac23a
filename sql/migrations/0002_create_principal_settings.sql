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

comment on function samsyn.setting is 'One of the request''s settings by its name without prefix; null when it is not set.';
comment on function samsyn.me is 'The user who asks.';
comment on function samsyn.assignment is 'The assignment in which the user acts.';
comment on function samsyn.organisation is 'The secrecy boundary (authority, independent branch or private provider) of the acting assignment.';
comment on function samsyn.unit is 'The unit of the acting assignment.';
comment on function samsyn.led_unit is 'The unit that the acting assignment leads, or null.';
comment on function samsyn.may is 'True when the acting role holds the permission.';

grant execute on function samsyn.setting, samsyn.me, samsyn.assignment, samsyn.organisation, samsyn.unit,
    samsyn.led_unit, samsyn.may to samsyn_api;
