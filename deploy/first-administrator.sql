-- The first system administrator of a new installation, and the front end through which they come in; everybody and
-- everything after that is made with the API. Run once, as samsyn_owner, after the import of the register:
--
--   psql "host=... dbname=samsyn user=samsyn_owner" --file deploy/first-administrator.sql \
--        --set municipality=0180 --set authority=Kommunstyrelsen --set name='Alma Ek' \
--        --set issuer=https://login.granby.example/realms/personal --set subject=0f5c... \
--        --set client=admin-portal --set vendor='The vendor'
--
-- issuer and subject are `iss` and `sub` of the person's tokens, client is their `azp` (or `client_id`). The authority
-- is made below the municipality of that code; it is where the administrator works, and holds no cases.
\set ON_ERROR_STOP on
begin;

select samsyn.uuid7() as authority_id, samsyn.uuid7() as user_id \gset

insert into samsyn.organisations (id, parent_id, kind, name, sector, regime)
values (:'authority_id',
    (select o.id from samsyn.organisations o where o.kind = 'municipality' and o.municipality_code = :'municipality'),
    'authority', :'authority', 'MUNICIPAL_OTHER', 'GENERAL');

insert into samsyn.users (id, organisation_id, name) values (:'user_id', :'authority_id', :'name');
insert into samsyn.identities (id, user_id, issuer, subject) values (samsyn.uuid7(), :'user_id', :'issuer', :'subject');
insert into samsyn.assignments (id, user_id, unit_id, role_id, starts_on)
select samsyn.uuid7(), :'user_id', :'authority_id', r.id, samsyn.today() from samsyn.roles r where r.code = 'system-admin';

insert into samsyn.clients (id, client_id, name, vendor, origins, organisation_ids, scopes)
values (samsyn.uuid7(), :'client', :'client', :'vendor', '{}', array[:'authority_id'::uuid], '{samsyn:admin}');

commit;
\echo :name may now sign in through :client
