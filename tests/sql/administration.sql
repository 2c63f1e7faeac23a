-- What administrators cannot hand out: to themselves, beyond their own organisation, or above what they hold; and what
-- someone learns of themselves.
begin;
\ir support/fixture.sql
select no_plan();

create function fixture.giving(person text, unit text, role text) returns text language sql as $$
    select format('insert into samsyn.assignments (id, user_id, unit_id, role_id, starts_on) select samsyn.uuid7(), %L, %L, r.id, samsyn.today() from samsyn.roles r where r.code = %L',
        fixture.id('user:' || person), fixture.id(unit), role)
$$;

-- An administrator who is employed by social services and acts at the school as well.
insert into samsyn.assignments (id, user_id, unit_id, role_id, starts_on)
select fixture.id('social-admin-at-school'), fixture.id('user:social-admin'), fixture.id('school-unit'), r.id, samsyn.today()
from samsyn.roles r where r.code = 'professional';

create temp table expected (place serial, who text, statement text, answer text, sentence text);
insert into expected (who, statement, answer, sentence) values
    ('social-admin', fixture.giving('social-colleague', 'social-unit', 'unit-manager'), '1 row', 'an organisation administrator gives a role in the own organisation'),
    ('social-admin', fixture.giving('social-colleague', 'social', 'organisation-admin'), '1 row', 'and makes another organisation administrator'),
    ('social-admin', fixture.giving('social-colleague', 'social-unit', 'system-admin'), 'SA001 ROLE_NOT_ALLOWED', 'but no system administrator'),
    ('social-admin', fixture.giving('social-colleague', 'school-unit', 'case-worker'), '42501', 'and nothing at another organisation'),
    ('social-admin', fixture.giving('social-admin', 'social-unit', 'case-worker'), 'SA001 ROLE_NOT_ALLOWED', 'nor anything to themselves'),
    ('social-admin', fixture.giving('social-colleague', 'town', 'case-worker'), 'SA001 UNPROCESSABLE', 'a principal is no place to act in'),
    ('system-admin', fixture.giving('school-colleague', 'school-unit', 'organisation-admin'), '1 row', 'a system administrator gives roles everywhere'),
    ('system-admin', fixture.giving('social-colleague', 'social-unit', 'system-admin'), '1 row', 'and makes another system administrator'),
    ('system-admin', fixture.giving('system-admin', 'school-unit', 'case-worker'), 'SA001 ROLE_NOT_ALLOWED', 'but opens no content to themselves'),
    ('system-admin', fixture.giving('system-admin', 'social-unit', 'auditor'), 'SA001 ROLE_NOT_ALLOWED', 'and does not become their own auditor'),
    ('social-worker', fixture.giving('social-colleague', 'social-unit', 'case-worker'), '42501', 'a case worker gives nothing'),
    ('social-admin', format('update samsyn.assignments set ends_on = null where id = %L', fixture.id('social-colleague')), '1 row', 'an administrator prolongs an assignment'),
    ('social-admin', format('update samsyn.assignments set ends_on = null where id = %L', fixture.id('social-admin')), 'SA001 ROLE_NOT_ALLOWED', 'but not their own'),
    ('social-admin', format('update samsyn.assignments set ends_on = null where id = %L', fixture.id('system-admin')), 'SA001 ROLE_NOT_ALLOWED', 'nor that of someone who holds more'),
    ('social-admin', format('update samsyn.assignments set ended_at = now() where id = %L', fixture.id('social-admin')), '1 row', 'anyone who administers may end their own'),
    ('social-admin', format('update samsyn.assignments set ended_at = now() where id = %L', fixture.id('social-admin-at-school')), '0 rows', 'but not one at another organisation'),
    ('social-admin', format('insert into samsyn.identities (id, user_id, issuer, subject) values (samsyn.uuid7(), %L, ''x'', ''x'')', fixture.id('user:social-colleague')), '1 row', 'a way to sign in as a colleague of the own organisation'),
    ('social-admin', format('insert into samsyn.identities (id, user_id, issuer, subject) values (samsyn.uuid7(), %L, ''x'', ''x'')', fixture.id('user:system-admin')), 'SA001 ROLE_NOT_ALLOWED', 'but not as system administrator'),
    ('social-admin', format('insert into samsyn.identities (id, user_id, issuer, subject) values (samsyn.uuid7(), %L, ''x'', ''x'')', fixture.id('user:social-admin')), 'SA001 ROLE_NOT_ALLOWED', 'nor as someone who also acts elsewhere'),
    ('social-admin', format('insert into samsyn.identities (id, user_id, issuer, subject) values (samsyn.uuid7(), %L, ''x'', ''x'')', fixture.id('user:school-worker')), 'SA001 ROLE_NOT_ALLOWED', 'nor as someone of another organisation'),
    ('social-admin', format('delete from samsyn.identities where id = %L', fixture.id('identity:school-worker')), '0 rows', 'whose identities are out of reach'),
    ('system-admin', 'update samsyn.roles set permissions = permissions || ''{access-event:read}'' where code = ''system-admin''', 'SA001 ROLE_NOT_ALLOWED', 'nobody changes what their own role may do'),
    ('system-admin', 'update samsyn.roles set name_en = ''Administrator'' where code = ''system-admin''', '1 row', 'though its name they may'),
    ('system-admin', 'update samsyn.roles set permissions = permissions || ''{user:write}'' where code = ''case-worker''', 'SA001 UNPROCESSABLE', 'no role joins content and administration'),
    ('system-admin', 'update samsyn.roles set permissions = ''{}'' where code = ''case-worker''', '1 row', 'a role may hold nothing');
select is(fixture.attempt(who, statement), answer, sentence) from expected order by place;

-- Who has several assignments names one, but may ask which there are.
create function fixture.entering(operation text, assignment uuid default null, client text default 'fixture-client') returns text language plpgsql as $$
declare
    answer text;
begin
    perform samsyn.enter('fixture', 'social-admin', client, '{}', '{}', assignment, operation, null, '{}', null, '{}', null,
        fixture.id('request'), null, null, null, null);
    select m.body ->> 'acting' is not null || ' ' || json_array_length(m.body -> 'assignments') into answer from api.me m;
    return answer;
exception when sqlstate 'SA001' then
    return sqlerrm;
end
$$;
select is(fixture.entering('listRoles'), 'ASSIGNMENT_REQUIRED', 'with several assignments one must be named');
select is(fixture.entering('getMe'), 'false 2', 'but the person may ask which there are');
select is(fixture.entering('getMe', fixture.id('social-admin')), 'true 2', 'and is told in which they act');
select is(fixture.entering('getMe', fixture.id('school-worker')), 'ASSIGNMENT_REQUIRED', 'somebody else''s is none to name');
select is(fixture.entering('getMe', null, 'nobody'), 'CLIENT_NOT_REGISTERED', 'through an unknown client nothing is told');
update samsyn.clients set organisation_ids = array[fixture.id('school')] where client_id = 'fixture-client';
select is(fixture.entering('getMe'), 'false 1', 'and a client hears only of the organisations that it is for');
update samsyn.assignments set ended_at = now() where user_id = fixture.id('user:social-admin');
select is(fixture.entering('getMe'), 'false 0', 'who has none is told so');

select * from finish();
rollback;
