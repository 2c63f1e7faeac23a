-- samsyn.enter: who may come in and as what, and what an Idempotency-Key was used for.
begin;
\ir support/fixture.sql
select no_plan();

-- A request as samsyn_api; "ok", or the refusal. `before` is run first and undone afterwards.
create function fixture.enter(person text, client text default 'fixture-client', scopes text[] default '{samsyn:case}', vouched text[] default '{}',
        assignment uuid default null, permission text default 'case:read', before text default null, key text default null, hash text default null,
        emergency uuid default null)
    returns text language plpgsql as $$
declare
    said text;
begin
    begin
        if before is not null then
            execute before;
        end if;
        perform set_config('role', 'samsyn_api', true);
        perform from samsyn.enter('fixture', person, client, scopes, vouched, assignment, 'getCase', permission, '{samsyn:case}', 'read', '{}',
            '192.0.2.1', fixture.id('request'), repeat('a', 32), null, key, hash, null, emergency);
        raise exception using errcode = 'ZZ000', message = 'ok';
    exception
        when sqlstate 'ZZ000' or sqlstate 'SA001' then
            return sqlerrm;
        when sqlstate 'SA002' then
            get stacked diagnostics said = pg_exception_detail;
            return sqlerrm || ' ' || said;
    end;
end
$$;

select is(fixture.enter('social-worker'), 'ok', 'a registered person in a registered client comes in');
select is(fixture.enter('stranger'), 'USER_NOT_REGISTERED', 'a person who is not registered does not');
select is(fixture.enter('social-worker', before => 'update samsyn.users set active = false where id = fixture.id(''user:social-worker'')'),
    'USER_NOT_REGISTERED', 'nor one who is no longer active');
select is(fixture.enter('social-worker', 'other-client'), 'CLIENT_NOT_REGISTERED', 'nor by a client that is not registered');
select is(fixture.enter('social-worker', before => 'update samsyn.clients set active = false where id = fixture.id(''client'')'),
    'CLIENT_NOT_REGISTERED', 'or no longer active');
select is(fixture.enter('clinic-worker'), 'CLIENT_NOT_ALLOWED', 'or not for this organisation');
select is(fixture.enter('social-worker', vouched => '{2120000142}'), 'ISSUER_NOT_ALLOWED', 'or by an issuer that may not vouch for the organisation');
select is(fixture.enter('social-worker', vouched => '{2120000142}',
    before => 'update samsyn.organisations set organisation_number = ''2120000142'' where id = fixture.id(''town'')'), 'ok', 'but by one that vouches for the municipality it belongs to');
select is(fixture.enter('social-worker', scopes => '{samsyn:agreement}'), 'SCOPE_MISSING', 'or with a token without the scope');
select is(fixture.enter('social-worker', before => 'update samsyn.clients set scopes = ''{}'' where id = fixture.id(''client'')'), 'SCOPE_MISSING', 'or a client without it');
select is(fixture.enter('social-auditor'), 'ROLE_NOT_ALLOWED', 'or in a role without the permission');
select is(fixture.enter('social-worker', permission => null), 'ok', 'where no permission is needed any role will do');

select is(fixture.enter('social-worker', before => 'update samsyn.assignments set ended_at = now() where id = fixture.id(''social-worker'')'),
    'ASSIGNMENT_REQUIRED', 'an assignment that was ended counts no longer');
select is(fixture.enter('social-worker', before => 'update samsyn.assignments set ends_on = samsyn.today() - 1 where id = fixture.id(''social-worker'')'),
    'ASSIGNMENT_REQUIRED', 'nor one past its last day');
select is(fixture.enter('social-worker', before => 'update samsyn.assignments set ends_on = samsyn.today() where id = fixture.id(''social-worker'')'), 'ok', 'but it does on that day');
select is(fixture.enter('social-worker', before => 'update samsyn.assignments set starts_on = samsyn.today() + 1 where id = fixture.id(''social-worker'')'),
    'ASSIGNMENT_REQUIRED', 'and not before its first');
select is(fixture.enter('social-worker', before => 'update samsyn.organisations set active = false where id = fixture.id(''social-unit'')'),
    'ASSIGNMENT_REQUIRED', 'nor at a unit that was closed');
insert into samsyn.assignments (id, user_id, unit_id, organisation_id, role_id, starts_on)
select fixture.id('second'), fixture.id('user:social-worker'), fixture.id('school-unit'), fixture.id('school'), r.id, samsyn.today()
from samsyn.roles r where r.code = 'auditor';
select is(fixture.enter('social-worker'), 'ASSIGNMENT_REQUIRED', 'who has several names one');
select is(fixture.enter('social-worker', assignment => fixture.id('social-worker')), 'ok', 'and acts in that one');
select is(fixture.enter('social-worker', assignment => fixture.id('second')), 'ROLE_NOT_ALLOWED', 'with what its role may, not the sum of them');
select is(fixture.enter('social-worker', assignment => fixture.id('school-worker')), 'ASSIGNMENT_REQUIRED', 'somebody else''s is none');
delete from samsyn.assignments where id = fixture.id('second');

-- Idempotency-Key ------------------------------------------------------------------------------------------------------

select is(fixture.enter('social-worker', key => 'k', hash => 'h'), 'ok', 'a fresh key is carried out');
select fixture.act('social-worker', 'write');
set local role samsyn_api;
select lives_ok($$ select samsyn.keep_reply('k', 'h', fixture.id('case')) $$, 'what it made is kept');
reset role;
select columns_are('samsyn', 'idempotent_replies', array['actor', 'client', 'key', 'hash', 'resource', 'created_at'],
    'which thing, and nothing of what it holds');
select is(fixture.enter('social-worker', key => 'k', hash => 'h'), 'REPLAY ' || fixture.id('case'), 'the same request is told which it was');
select is(fixture.enter('social-worker', key => 'other', hash => 'h'), 'ok', 'under another key it is carried out');
select is(fixture.enter('social-worker', key => 'k', hash => 'other'), 'KEY_REUSED', 'another request with the key is refused');
select is(fixture.enter('social-colleague', key => 'k', hash => 'h'), 'ok', 'the key of one person is none of another''s');
update samsyn.idempotent_replies set created_at = now() - interval '24 hours 1 second' where actor = fixture.id('social-worker')::text;
select is(fixture.enter('social-worker', key => 'k', hash => 'other'), 'ok', 'after 24 hours the key is free');
select fixture.act('social-worker', 'write');
set local role samsyn_api;
select lives_ok($$ select samsyn.keep_reply('k', 'other', fixture.id('alva')) $$, 'a later request takes its place');
reset role;
select is(fixture.enter('social-worker', key => 'k', hash => 'other'), 'REPLAY ' || fixture.id('alva'), 'and is the one told of');
select is(fixture.enter('social-worker', key => 'k', hash => 'h'), 'KEY_REUSED', 'the earlier one is another request then');
update samsyn.idempotent_replies set created_at = now() - interval '24 hours 1 second' where actor = fixture.id('social-worker')::text;
select cmp_ok(samsyn.forget_replies(), '>=', 1::bigint, 'what is old is removed');
select is_empty($$ select from samsyn.idempotent_replies where actor = fixture.id('social-worker')::text $$, 'for good');

-- In an emergency --------------------------------------------------------------------------------------------------------

insert into samsyn.emergency_accesses (id, user_id, assignment_id, organisation_id, unit_id, case_id, case_unit_id, subject_id, reason, expires_at)
values (fixture.id('emergency'), fixture.id('user:social-worker'), fixture.id('social-worker'), fixture.id('social'), fixture.id('social-unit'),
    fixture.id('case'), fixture.id('social-unit'), fixture.id('alva'), 'Hurt', samsyn.now() + interval '1 hour');
create temp table emergencies (place serial, before text, permission text, answer text, sentence text);
insert into emergencies (before, permission, answer, sentence) values
    (null, 'record:read', 'ok', 'an emergency access that is open lets its case be read'),
    (null, 'record:write', 'ROLE_NOT_ALLOWED', 'and nothing be written'),
    ('update samsyn.emergency_accesses set ended_at = samsyn.now()', 'record:read', 'EMERGENCY_NOT_OPEN', 'not once it has ended'),
    ('update samsyn.emergency_accesses set opened_at = samsyn.now() - interval ''2 hours'', expires_at = samsyn.now()', 'record:read', 'EMERGENCY_NOT_OPEN', 'or its time is over'),
    ('update samsyn.emergency_accesses set assignment_id = fixture.id(''social-manager'')', 'record:read', 'EMERGENCY_NOT_OPEN', 'or it is somebody else''s'),
    ('update samsyn.subjects set protected_identity = true', 'record:read', 'EMERGENCY_NOT_OPEN', 'or the child''s identity is protected');
select is(fixture.enter('social-worker', permission => e.permission, before => e.before, emergency => fixture.id('emergency')), e.answer, e.sentence)
from emergencies e order by e.place;
select is(fixture.enter('social-worker', permission => 'record:read', emergency => fixture.id('no such thing')), 'EMERGENCY_NOT_OPEN', 'nor one that does not exist');

select * from finish();
rollback;
