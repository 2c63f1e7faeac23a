-- The promises that the catalogue itself can answer for: row security, rights, functions and views.
begin;
select no_plan();

-- Codes that everyone may read, and what the migrations were; no column of them says anything about a person. A new
-- table is either protected or added here on purpose.
create temp table unprotected as select unnest(array[
    'activity_words', 'bbic_areas', 'deadline_rules', 'ground_scopes', 'information_categories', 'legal_grounds', 'migration', 'never_grounds', 'operation_words', 'permissions',
    'preconditions', 'refusal_explanations', 'retention_mappings', 'retention_rules', 'review_rule_kinds', 'secrecy_regimes', 'sectors']) as name;

-- Tables ---------------------------------------------------------------------------------------------------------------

create temp table tables as
select c.oid, c.relname as name, c.relrowsecurity as enabled, c.relforcerowsecurity as forced, c.relispartition as partition
from pg_class c where c.relnamespace = 'samsyn'::regnamespace and c.relkind in ('r', 'p');

select is_empty($$ select name from tables where not (enabled and forced) and name not in (select u.name from unprotected u) $$,
    'every table has row security enabled and forced, save the listed ones');
select is_empty($$ select name from unprotected where name not in (select t.name from tables t) and name <> 'migration' $$,
    'and every listed one exists');
select is_empty($$ select name from tables where not enabled
    and (has_any_column_privilege('samsyn_api', oid, 'insert, update') or has_table_privilege('samsyn_api', oid, 'delete')) $$,
    'the server changes nothing in a table without row security');
select is_empty($$ select t.name, a.attname from tables t join pg_attribute a on a.attrelid = t.oid and a.attnum > 0
    where t.name in (select u.name from unprotected u)
        and a.attname ~ '^(subject|user|organisation|assignment|case|record|guardian|consent)_id$|identity_number|birth|author(_id)?$|email' $$,
    'a table without row security refers to no person, organisation or case');
select is_empty($$ select name from tables t where enabled and not partition
    and not exists (select from pg_policy p where p.polrelid = t.oid and 'samsyn_owner'::regrole = any (p.polroles)) $$,
    'the owner passes by a policy of its own');
select is_empty($$ select t.name from tables t where enabled and not partition
    and has_table_privilege('samsyn_api', t.oid, 'select')
    and not exists (select from pg_policy p where p.polrelid = t.oid and p.polcmd = 'r' and 'samsyn_api'::regrole = any (p.polroles)) $$,
    'what the server may select from has a policy for it');
select is_empty($$ select t.name, v.privilege from tables t
    cross join (values ('insert', 'a'), ('update', 'w'), ('delete', 'd')) v(privilege, command)
    where enabled and has_table_privilege('samsyn_api', t.oid, v.privilege)
        and not exists (select from pg_policy p where p.polrelid = t.oid and p.polcmd = v.command::"char" and 'samsyn_api'::regrole = any (p.polroles)) $$,
    'and so has what it may write');
select is_empty($$ select p.polname from pg_policy p join tables t on t.oid = p.polrelid where p.polroles && array[0::oid] $$,
    'no policy is for everybody');
select is_empty($$ select p.polname from pg_policy p join tables t on t.oid = p.polrelid where p.polcmd = '*' and 'samsyn_api'::regrole = any (p.polroles) $$,
    'each of the server''s policies is for one verb');
select is_empty($$ select name from tables where not partition and name <> 'migration' and obj_description(oid, 'pg_class') is null $$, 'every table has a comment');
select is_empty($$ select t.relname, a.attname from pg_attribute a join pg_class t on t.oid = a.attrelid
    where t.relnamespace = 'samsyn'::regnamespace and t.relkind in ('r', 'p') and a.attnum > 0 and a.atttypid = 'timestamp'::regtype $$,
    'every time has a time zone');
select is_empty($$ select typname from pg_type where typnamespace in ('samsyn'::regnamespace, 'api'::regnamespace) and typtype = 'e' $$,
    'there are no enum types: a status is text with a check');

-- Policies: they compare scalar settings that are evaluated once with columns, and nothing else. --------------------------

create temp table expressions as
select t.name || '.' || p.polname as policy, pg_get_expr(e.tree, p.polrelid) as text
from pg_policy p join tables t on t.oid = p.polrelid
cross join lateral (values (p.polqual), (p.polwithcheck)) e(tree)
where 'samsyn_api'::regrole = any (p.polroles) and e.tree is not null;

select cmp_ok((select count(*) from expressions), '>', 40::bigint, 'there are policies to look at');
select is_empty($$ select policy, call[1] from expressions, regexp_matches(text, '([a-z_.]+)\(', 'g') call
    where call[1] not in ('samsyn.me', 'samsyn.may', 'samsyn.organisation', 'samsyn.unit', 'samsyn.led_unit', 'samsyn.assignment',
        'samsyn.excluded_cases', 'samsyn.excluded_subjects', 'samsyn.emergency_case', 'samsyn.emergency_case', 'samsyn.receiving_units', 'samsyn.shared_scopes', 'samsyn.handed_over_records',
        'samsyn.handed_over_versions', 'samsyn.identifiable_cases', 'samsyn.unit_deadlines') $$,
    'policies call only the functions that read the principal');
select is_empty($$ select policy, text from expressions where text ~ '(?<!\( SELECT )samsyn\.[a-z_]+\(' $$,
    'each within a scalar subselect, so that it is evaluated once');
select is_empty($$ select policy, operator[1] from expressions,
        regexp_matches(regexp_replace(text, '''[^'']*''', '', 'g'), '([-+*/<>=~!@#%^&|`?]+)', 'g') operator
    where operator[1] not in ('=', '@>', '<>', '&&') $$, 'policies compare by equality; lists by containment');
select is_empty($$ select policy from (select policy, regexp_replace(regexp_replace(text, 'concerned_ids <> ''\{\}''', ''),
        '(<> ALL \(\(|subject_ids && \() SELECT samsyn.excluded_(cases|subjects)\(\)', '', 'g') as text from expressions) e
    where text ~ '<>|&&' $$, 'the inequalities are the condition of a partial index, and what conflicts of interest exclude');
select is_empty($$ select policy from expressions where text ~* '\mexists\M' $$, 'no policy holds a correlated subquery');
select is_empty($$ select op.oprname, op.oprcode from (values ('=', 'uuid'), ('=', 'text'), ('=', 'boolean'), ('=', 'integer')) o(name, type)
    join pg_operator op on op.oprname = o.name and op.oprleft = o.type::regtype and op.oprright = o.type::regtype
    join pg_proc p on p.oid = op.oprcode where not p.proleakproof $$, 'and the equalities they use are leakproof');

-- Roles ------------------------------------------------------------------------------------------------------------------

select is_empty($$ select rolname from pg_roles where rolname in ('samsyn_owner', 'samsyn_api', 'samsyn_reader', 'samsyn_retention')
    and (rolsuper or rolbypassrls or rolreplication or rolcreatedb) $$, 'no role of ours is above row security');
select is_empty($$ select rolname from pg_roles where rolname in ('samsyn_api', 'samsyn_reader', 'samsyn_retention') and rolcreaterole $$, 'the server makes no roles');
select is_empty($$ select m.roleid::regrole from pg_auth_members m where m.member in ('samsyn_api'::regrole, 'samsyn_reader'::regrole, 'samsyn_retention'::regrole) $$,
    'the server is a member of no other role');
select is_empty($$ select d.classid::regclass, d.objid from pg_shdepend d
    where d.refclassid = 'pg_authid'::regclass and d.refobjid in ('samsyn_api'::regrole, 'samsyn_reader'::regrole, 'samsyn_retention'::regrole) and d.deptype = 'o' $$,
    'and owns nothing');
select is_empty($$ select nspname from pg_namespace where nspname in ('samsyn', 'api', 'public')
    and (has_schema_privilege('samsyn_api', oid, 'create') or has_schema_privilege('samsyn_reader', oid, 'create')) $$, 'it makes nothing either');

select bag_eq($$ select name || ' ' || v.privilege from tables t cross join (values ('delete'), ('truncate'), ('references'), ('trigger')) v(privilege)
        where has_table_privilege('samsyn_api', t.oid, v.privilege) $$,
    $$ values ('identities delete') $$, 'it removes nothing but a way to sign in');
select is_empty($$ select t.name, v.privilege from tables t cross join (values ('insert'), ('update'), ('delete'), ('truncate')) v(privilege)
    where t.name ~ '^access_events' and (has_table_privilege('samsyn_api', t.oid, v.privilege)
        or v.privilege in ('insert', 'update') and has_any_column_privilege('samsyn_api', t.oid, v.privilege)) $$, 'it cannot write the access log');
select is_empty($$ select t.name from tables t where t.partition and has_any_column_privilege('samsyn_api', t.oid, 'select') $$,
    'nor go round the policies by way of a partition');
select ok((select count(*) from tables where partition) > 3, 'and there are partitions');
select ok(not has_any_column_privilege('samsyn_api', 'samsyn.idempotent_replies', 'select'), 'what keys were used for is told by samsyn.enter alone');
select bag_eq($$ select a.attname::text from pg_attribute a where a.attrelid = 'samsyn.records'::regclass and a.attnum > 0
    and has_column_privilege('samsyn_api', a.attrelid, a.attnum, 'update') $$, array['version'],
    'what decides who sees a record cannot be changed');
select is_empty($$ select t.name from tables t where t.name ~ '^(record_versions|consent_|disclosure_items|closures|reopenings)'
    and (has_any_column_privilege('samsyn_api', t.oid, 'update') or has_table_privilege('samsyn_api', t.oid, 'delete')) $$,
    'what was written, answered, withdrawn or handed over is only added to');
select is_empty($$ select c.relname from pg_class c where c.relnamespace in ('samsyn'::regnamespace, 'api'::regnamespace) and c.relkind in ('r', 'p', 'v', 'm')
    and has_any_column_privilege('samsyn_reader', c.oid, 'select') and c.relname not in (select u.name from unprotected u) $$,
    'the reader of aggregates sees no row about a person');
select is_empty($$ select c.relname, a.privilege_type from pg_class c, aclexplode(c.relacl) a
    where c.relnamespace in ('samsyn'::regnamespace, 'api'::regnamespace) and a.grantee = 0 $$, 'nothing is granted to everybody');

-- Functions --------------------------------------------------------------------------------------------------------------

create temp table functions as
select p.oid, p.oid::regprocedure::text as name, p.proname, p.prosecdef as definer, p.proconfig as config, p.prorettype, l.lanname as language
from pg_proc p join pg_language l on l.oid = p.prolang
where p.pronamespace in ('samsyn'::regnamespace, 'api'::regnamespace);

select is_empty($$ select name from functions where has_function_privilege('public', oid, 'execute') $$, 'no function is for everybody');
select is_empty($$ select name from functions where definer and not coalesce(config, '{}') && array['search_path=pg_catalog'] $$,
    'every function that runs with its owner''s rights has a fixed search_path');
select is_empty($$ select f.name from functions f join pg_proc p on p.oid = f.oid where p.proowner <> 'samsyn_owner'::regrole $$,
    'the owner owns every function');
select is_empty($$ select name from functions where obj_description(oid, 'pg_proc') is null $$, 'every function has a comment');
select is_empty($$ select name from functions where prorettype = 'trigger'::regtype and has_function_privilege('samsyn_api', oid, 'execute') $$,
    'the server calls no trigger');
select is_empty($$ select name from functions where has_function_privilege('samsyn_api', oid, 'execute')
    and proname in ('set_principal', 'resolve', 'is_vouched_for', 'write_access_event', 'concerns') $$,
    'the server can neither choose who it is nor write a log row but through enter, log_access, log_list and record_denial');
select is_empty($$ select name from functions where has_function_privilege('samsyn_reader', oid, 'execute') $$, 'the reader of aggregates calls nothing');
select bag_eq($$ select proname::text from functions where has_function_privilege('samsyn_retention', oid, 'execute') $$, array['cull', 'retention_due',
        'begin_log_archive', 'log_month_rows', 'remove_log_month', 'log_months', 'sort_log_months', 'extend_access_events', 'checkpoint', 'signed_size', 'utc_micro'],
    'who culls calls what is due and culls it, and lists, archives and removes months of the log');
select is_empty($$ select c.relname from pg_class c where c.relnamespace in ('samsyn'::regnamespace, 'api'::regnamespace) and c.relkind in ('r', 'p', 'v', 'm')
    and has_any_column_privilege('samsyn_retention', c.oid, 'select, insert, update, references')
    and not (c.relname in ('log_tiles', 'log_trees', 'log_keys', 'log_signatures') and not has_any_column_privilege('samsyn_retention', c.oid, 'insert, update, references')) $$,
    'and reads no table but the hashes and signatures that are for everybody');
select ok(not has_function_privilege('samsyn_api', 'samsyn.cull(text, uuid, uuid, text, text, date)', 'execute'), 'the server culls nothing');
select is_empty($$ select p.oid::regprocedure from pg_proc p where p.pronamespace = 'samsyn'::regnamespace and p.proleakproof $$,
    'no function of ours claims to be leakproof');

-- Views ------------------------------------------------------------------------------------------------------------------

select bag_eq($$ select relname::text from pg_class where relnamespace = 'api'::regnamespace and relkind = 'v'
    and not coalesce(reloptions, '{}') && array['security_invoker=true'] $$, array['me', 'my_subjects', 'my_contact_details', 'my_cases', 'my_consents', 'my_plans'],
    'every reply view runs with the rights of the caller, but those that show nothing but what concerns the caller');
select is_empty($$ select c.relname from pg_class c where c.relnamespace = 'api'::regnamespace and c.relkind = 'v'
    and (select string_agg(a.attname || ' ' || format_type(a.atttypid, null), ', ' order by a.attnum) from pg_attribute a where a.attrelid = c.oid and a.attnum between 1 and 7)
        is distinct from 'resource uuid, subject uuid, owner uuid, ground text, disclosure uuid, etag text, body json' $$,
    'and has the columns that the executor and the log read');
select is_empty($$ select c.relname from pg_class c where c.relnamespace = 'api'::regnamespace and c.relkind <> 'v' and c.relkind <> 'c' $$,
    'the schema of replies holds views alone');
select bag_eq($$ select c.relname::text from pg_class c where c.relnamespace = 'samsyn'::regnamespace and c.relkind = 'v' and has_table_privilege('samsyn_api', c.oid, 'select') $$,
    array['my_agreements', 'my_cases', 'my_handovers', 'my_held_cases', 'my_plans', 'my_shares', 'my_subjects', 'my_told_cases', 'my_told_consents',
        'my_told_plans', 'my_told_subjects'],
    'of the views that run with the owner''s rights the server reads those about itself alone');
select is_empty($$ select relname from pg_class where relnamespace = 'samsyn'::regnamespace and relkind = 'v' and obj_description(oid, 'pg_class') is null $$,
    'and each has a comment');

select * from finish();
rollback;
