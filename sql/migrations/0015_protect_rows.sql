-- Row level security, enabled and forced on every table that holds anything about a person or decides who sees it.
--
-- The owner runs migrations, triggers and the rules above, so it passes by a policy of its own. For samsyn_api a
-- policy asks for the permission of the role first, then for the relation. Only scalar settings, equality and
-- "= any(array(select ...))" on indexed columns stand here: that keeps indexes usable under row policies.

call samsyn.protect('organisations', 'roles', 'users', 'identities', 'assignments', 'clients', 'subjects', 'guardians',
    'agreements', 'agreement_parties', 'cases', 'closures', 'reopenings', 'participants', 'team_members', 'exclusions',
    'emergency_accesses', 'decisions', 'information_requests', 'records', 'record_versions', 'consents',
    'consent_givers', 'consent_answers', 'consent_revocations', 'disclosures', 'disclosure_items', 'access_events',
    'access_event_concerns');

-- Administration ----------------------------------------------------------------------------------------------

grant select, insert, update on samsyn.organisations to samsyn_api;
create policy read on samsyn.organisations for select to samsyn_api using ((select samsyn.me()) is not null);
create policy add on samsyn.organisations for insert to samsyn_api with check (
    (select samsyn.may('organisation:any'))
    or ((select samsyn.may('organisation:write')) and kind = 'unit' and boundary_id = (select samsyn.organisation())));
create policy change on samsyn.organisations for update to samsyn_api using (
    (select samsyn.may('organisation:any'))
    or ((select samsyn.may('organisation:write')) and boundary_id = (select samsyn.organisation())));

grant select, insert, update on samsyn.roles to samsyn_api;
create policy read on samsyn.roles for select to samsyn_api using ((select samsyn.may('role:read')));
create policy add on samsyn.roles for insert to samsyn_api with check ((select samsyn.may('role:write')));
create policy change on samsyn.roles for update to samsyn_api using ((select samsyn.may('role:write')));

grant select, insert, update on samsyn.clients to samsyn_api;
create policy read on samsyn.clients for select to samsyn_api using ((select samsyn.may('client:read')));
create policy add on samsyn.clients for insert to samsyn_api with check ((select samsyn.may('client:write')));
create policy change on samsyn.clients for update to samsyn_api using ((select samsyn.may('client:write')));

grant select, insert, update on samsyn.users, samsyn.assignments to samsyn_api;
grant select, insert, delete on samsyn.identities to samsyn_api;
create policy read on samsyn.users for select to samsyn_api using (
    id = (select samsyn.me())
    or ((select samsyn.may('user:read')) and organisation_id = (select samsyn.organisation()))
    or (select samsyn.may('organisation:any')));
create policy add on samsyn.users for insert to samsyn_api with check (
    (select samsyn.may('user:write'))
    and (organisation_id = (select samsyn.organisation()) or (select samsyn.may('organisation:any'))));
create policy change on samsyn.users for update to samsyn_api using (
    (select samsyn.may('user:write'))
    and (organisation_id = (select samsyn.organisation()) or (select samsyn.may('organisation:any'))));

create policy read on samsyn.identities for select to samsyn_api using (
    (select samsyn.may('user:write')) and user_id in (select u.id from samsyn.users u));
create policy add on samsyn.identities for insert to samsyn_api with check (
    (select samsyn.may('user:write')) and user_id in (select u.id from samsyn.users u));
create policy remove on samsyn.identities for delete to samsyn_api using (
    (select samsyn.may('user:write')) and user_id in (select u.id from samsyn.users u));

create policy read on samsyn.assignments for select to samsyn_api using (
    user_id = (select samsyn.me())
    or ((select samsyn.may('user:read')) and organisation_id = (select samsyn.organisation()))
    or (select samsyn.may('organisation:any')));
create policy add on samsyn.assignments for insert to samsyn_api with check (
    (select samsyn.may('user:write'))
    and (organisation_id = (select samsyn.organisation()) or (select samsyn.may('organisation:any'))));
create policy change on samsyn.assignments for update to samsyn_api using (
    (select samsyn.may('user:write'))
    and (organisation_id = (select samsyn.organisation()) or (select samsyn.may('organisation:any'))));

-- Agreements ---------------------------------------------------------------------------------------------------

grant select, insert, update on samsyn.agreements to samsyn_api;
grant select, update on samsyn.agreement_parties to samsyn_api;
create policy read on samsyn.agreements for select to samsyn_api using (
    (select samsyn.may('agreement:read'))
    and (organisation_id = (select samsyn.organisation()) or id = any (array(select m.agreement_id from samsyn.my_agreements m))));
create policy add on samsyn.agreements for insert to samsyn_api with check (
    (select samsyn.may('agreement:write')) and organisation_id = (select samsyn.organisation()));
create policy change on samsyn.agreements for update to samsyn_api using (
    (select samsyn.may('agreement:write')) and organisation_id = (select samsyn.organisation()));
create policy read on samsyn.agreement_parties for select to samsyn_api using (
    (select samsyn.may('agreement:read'))
    and agreement_id = any (array(select m.agreement_id from samsyn.my_agreements m)));
create policy sign on samsyn.agreement_parties for update to samsyn_api using (
    (select samsyn.may('agreement:sign')) and organisation_id = (select samsyn.organisation()));

-- Subjects and cases -------------------------------------------------------------------------------------------

grant select, insert, update on samsyn.subjects, samsyn.guardians to samsyn_api;
create policy read on samsyn.subjects for select to samsyn_api using (
    (select samsyn.may('subject:read'))
    and id <> all ((select samsyn.excluded_subjects())::uuid[])
    -- In an emergency the child of the case, and not the register.
    and ((organisation_id = (select samsyn.organisation()) and (select samsyn.emergency_case()) is null)
        or id = any (array(select c.subject_id from samsyn.my_subjects c))));
create policy add on samsyn.subjects for insert to samsyn_api with check (
    (select samsyn.may('subject:write')) and organisation_id = (select samsyn.organisation()));
create policy change on samsyn.subjects for update to samsyn_api using (
    (select samsyn.may('subject:write')) and organisation_id = (select samsyn.organisation())
    and id <> all ((select samsyn.excluded_subjects())::uuid[]));
create policy read on samsyn.guardians for select to samsyn_api using (
    (select samsyn.may('subject:read')) and organisation_id = (select samsyn.organisation())
    and subject_id <> all ((select samsyn.excluded_subjects())::uuid[])
    and ((select samsyn.emergency_case()) is null or subject_id = any (array(select c.subject_id from samsyn.my_subjects c))));
create policy add on samsyn.guardians for insert to samsyn_api with check (
    (select samsyn.may('subject:write')) and organisation_id = (select samsyn.organisation())
    and subject_id in (select s.id from samsyn.subjects s where s.organisation_id = (select samsyn.organisation())));
create policy change on samsyn.guardians for update to samsyn_api using (
    (select samsyn.may('subject:write')) and organisation_id = (select samsyn.organisation())
    and subject_id <> all ((select samsyn.excluded_subjects())::uuid[]));

grant select, insert, update on samsyn.cases, samsyn.participants, samsyn.team_members to samsyn_api;
grant select, insert on samsyn.closures, samsyn.reopenings to samsyn_api;
create policy read on samsyn.cases for select to samsyn_api using (
    (select samsyn.may('case:read')) and id = any (array(select m.case_id from samsyn.my_cases m)));
create policy add on samsyn.cases for insert to samsyn_api with check (
    (select samsyn.may('case:write')) and organisation_id = (select samsyn.organisation())
    and unit_id = (select samsyn.unit()));
create policy change on samsyn.cases for update to samsyn_api using (
    (select samsyn.may('case:write')) and organisation_id = (select samsyn.organisation())
    and id = any (array(select m.case_id from samsyn.my_cases m)));

create policy read on samsyn.closures for select to samsyn_api using (
    (select samsyn.may('case:read')) and case_id = any (array(select m.case_id from samsyn.my_cases m)));
create policy add on samsyn.closures for insert to samsyn_api with check (
    (select samsyn.may('case:write')) and case_id = any (array(select m.case_id from samsyn.my_cases m)));
create policy read on samsyn.reopenings for select to samsyn_api using (
    (select samsyn.may('case:read')) and case_id = any (array(select m.case_id from samsyn.my_cases m)));
create policy add on samsyn.reopenings for insert to samsyn_api with check (
    (select samsyn.may('case:write')) and case_id = any (array(select m.case_id from samsyn.my_cases m)));

create policy read on samsyn.participants for select to samsyn_api using (
    (select samsyn.may('case:read'))
    and case_id <> all ((select samsyn.excluded_cases())::uuid[])
    and (unit_id = (select samsyn.led_unit()) or case_id = any (array(select m.case_id from samsyn.my_cases m))));
create policy add on samsyn.participants for insert to samsyn_api with check (
    (select samsyn.may('case:write')) and invited_by = (select samsyn.assignment())
    and case_id = any (array(select m.case_id from samsyn.my_cases m)));
create policy change on samsyn.participants for update to samsyn_api using (
    (select samsyn.may('case:write'))
    and case_id <> all ((select samsyn.excluded_cases())::uuid[])
    and (unit_id = (select samsyn.led_unit()) or case_id = any (array(select m.case_id from samsyn.my_cases m))));

create policy read on samsyn.team_members for select to samsyn_api using (
    (select samsyn.may('case:read')) and case_id = any (array(select m.case_id from samsyn.my_cases m)));
create policy add on samsyn.team_members for insert to samsyn_api with check (
    (select samsyn.may('case:write')) and organisation_id = (select samsyn.organisation())
    and added_by = (select samsyn.assignment())
    and case_id = any (array(select m.case_id from samsyn.my_cases m)));
create policy change on samsyn.team_members for update to samsyn_api using (
    (select samsyn.may('case:write')) and organisation_id = (select samsyn.organisation())
    and case_id = any (array(select m.case_id from samsyn.my_cases m)));

-- Records: one's own on the case, what a standing share opens now, what was handed over -------------------------

-- A record's owner, case, category and regime decide who sees it and never change.
grant select, insert, update (version) on samsyn.records to samsyn_api;
grant select, insert on samsyn.record_versions to samsyn_api;
create policy read on samsyn.records for select to samsyn_api using (
    (select samsyn.may('record:read'))
    and ((organisation_id = (select samsyn.organisation()) and case_id = any (array(select m.case_id from samsyn.my_held_cases m))
            and culled_at is null and (not identifying or case_id = any ((select samsyn.identifiable_cases())::uuid[])))
        or (scope = any ((select samsyn.shared_scopes())::text[]) and culled_at is null)
        or id = any ((select samsyn.handed_over_records())::uuid[])));
create policy add on samsyn.records for insert to samsyn_api with check (
    (select samsyn.may('record:write')) and organisation_id = (select samsyn.organisation())
    and author_id = (select samsyn.assignment())
    and case_id = any (array(select m.case_id from samsyn.my_cases m)));
create policy change on samsyn.records for update to samsyn_api using (
    (select samsyn.may('record:write')) and organisation_id = (select samsyn.organisation())
    and case_id = any (array(select m.case_id from samsyn.my_cases m)));
create policy read on samsyn.record_versions for select to samsyn_api using (
    (select samsyn.may('record:read'))
    and ((organisation_id = (select samsyn.organisation()) and case_id = any (array(select m.case_id from samsyn.my_held_cases m))
            and culled_at is null and (not identifying or case_id = any ((select samsyn.identifiable_cases())::uuid[])))
        or (scope = any ((select samsyn.shared_scopes())::text[]) and culled_at is null)
        or id = any ((select samsyn.handed_over_versions())::uuid[])));
create policy add on samsyn.record_versions for insert to samsyn_api with check (
    (select samsyn.may('record:write')) and organisation_id = (select samsyn.organisation())
    and author_id = (select samsyn.assignment())
    and case_id = any (array(select m.case_id from samsyn.my_cases m)));

-- Consents and disclosures: those who hold, disclose or receive under them --------------------------------------

grant select, insert, update on samsyn.consents, samsyn.disclosures to samsyn_api;
grant select on samsyn.consent_givers to samsyn_api;
grant select, insert on samsyn.consent_answers, samsyn.consent_revocations, samsyn.disclosure_items to samsyn_api;
create policy read on samsyn.consents for select to samsyn_api using (
    (select samsyn.may('consent:read'))
    -- Whoever holds it goes on holding it after its own part has ended: a withdrawal must find somebody who takes it down.
    and ((organisation_id = (select samsyn.organisation()) and case_id = any (array(select m.case_id from samsyn.my_held_cases m)))
        or (case_id = any (array(select m.case_id from samsyn.my_cases m))
            and (source_ids @> array[(select samsyn.organisation())] or recipient_ids @> array[(select samsyn.organisation())]))));
create policy add on samsyn.consents for insert to samsyn_api with check (
    (select samsyn.may('consent:write')) and organisation_id = (select samsyn.organisation())
    and assessed_by = (select samsyn.assignment())
    and case_id = any (array(select m.case_id from samsyn.my_cases m)));
create policy change on samsyn.consents for update to samsyn_api using (
    (select samsyn.may('consent:write')) and organisation_id = (select samsyn.organisation())
    and case_id = any (array(select m.case_id from samsyn.my_held_cases m)));
create policy read on samsyn.consent_givers for select to samsyn_api using (
    (select samsyn.may('consent:read'))
    and consent_id in (select c.id from samsyn.consents c where c.organisation_id = (select samsyn.organisation())));
create policy read on samsyn.consent_answers for select to samsyn_api using (
    (select samsyn.may('consent:read'))
    and consent_id in (select c.id from samsyn.consents c where c.organisation_id = (select samsyn.organisation())));
create policy add on samsyn.consent_answers for insert to samsyn_api with check (
    (select samsyn.may('consent:write')) and recorded_by = (select samsyn.assignment())
    and consent_id in (select c.id from samsyn.consents c where c.organisation_id = (select samsyn.organisation())));
create policy read on samsyn.consent_revocations for select to samsyn_api using (
    (select samsyn.may('consent:read'))
    and consent_id in (select c.id from samsyn.consents c where c.organisation_id = (select samsyn.organisation())));
create policy add on samsyn.consent_revocations for insert to samsyn_api with check (
    (select samsyn.may('consent:write')) and recorded_by = (select samsyn.assignment())
    and consent_id in (select c.id from samsyn.consents c where c.organisation_id = (select samsyn.organisation())));

create policy read on samsyn.disclosures for select to samsyn_api using (
    (select samsyn.may('disclosure:read'))
    and case_id = any (array(select m.case_id from samsyn.my_cases m))
    and (organisation_id = (select samsyn.organisation()) or recipient_id = (select samsyn.organisation())));
create policy add on samsyn.disclosures for insert to samsyn_api with check (
    (select samsyn.may('disclosure:write')) and organisation_id = (select samsyn.organisation())
    and disclosed_by = (select samsyn.assignment())
    and case_id = any (array(select m.case_id from samsyn.my_cases m)));
create policy change on samsyn.disclosures for update to samsyn_api using (
    (select samsyn.may('disclosure:write')) and organisation_id = (select samsyn.organisation())
    and case_id = any (array(select m.case_id from samsyn.my_cases m)));
create policy read on samsyn.disclosure_items for select to samsyn_api using (
    (select samsyn.may('disclosure:read')) and disclosure_id in (select d.id from samsyn.disclosures d));
create policy add on samsyn.disclosure_items for insert to samsyn_api with check (
    (select samsyn.may('disclosure:write'))
    and disclosure_id in (select d.id from samsyn.disclosures d where d.organisation_id = (select samsyn.organisation())));

-- The access log: auditors of the organisation that acted or is concerned; written by samsyn.log_access alone ----

grant select on samsyn.access_events to samsyn_api;
create policy read on samsyn.access_events for select to samsyn_api using (
    (select samsyn.may('access-event:read'))
    and not subject_ids && (select samsyn.excluded_subjects())::uuid[]
    and (organisation_id = (select samsyn.organisation())
        or (concerned_ids <> '{}' and concerned_ids @> array[(select samsyn.organisation())])));

-- Codes that everyone may read -----------------------------------------------------------------------------------

grant select on samsyn.sectors, samsyn.secrecy_regimes, samsyn.permissions, samsyn.bbic_areas, samsyn.information_categories,
    samsyn.legal_grounds, samsyn.preconditions, samsyn.ground_scopes, samsyn.never_grounds, samsyn.deadline_rules,
    samsyn.retention_rules to samsyn_api;
