-- What replies show. Each view has the same seven columns: resource, subject, owner, ground, disclosure, etag, body.
-- They run with the rights of the caller (security_invoker), so the row policies decide what is in them.
-- Members that are null are left out of the JSON.

create view api.organisations with (security_invoker = true) as
select o.id as resource, null::uuid as subject, null::uuid as owner, null::text as ground, null::uuid as disclosure,
    o.revision::text as etag,
    json_strip_nulls(json_build_object(
        'id', o.id, 'parentId', o.parent_id, 'boundaryId', o.boundary_id, 'kind', o.kind, 'name', o.name,
        'sector', o.sector, 'secrecyRegime', o.regime, 'organisationNumber', o.organisation_number, 'hsaId', o.hsa_id,
        'municipalityCode', o.municipality_code, 'countyCode', o.county_code, 'schoolUnitCode', o.school_unit_code,
        'active', o.active, 'createdAt', samsyn.utc(o.created_at), 'updatedAt', samsyn.utc(o.updated_at))) as body
from samsyn.organisations o;

create view api.roles with (security_invoker = true) as
select r.id as resource, null::uuid as subject, null::uuid as owner, null::text as ground, null::uuid as disclosure,
    r.revision::text as etag,
    json_build_object('id', r.id, 'code', r.code, 'nameEn', r.name_en, 'nameSv', r.name_sv,
        'permissions', r.permissions, 'createdAt', samsyn.utc(r.created_at), 'updatedAt', samsyn.utc(r.updated_at)) as body
from samsyn.roles r;

create view api.clients with (security_invoker = true) as
select c.id as resource, null::uuid as subject, null::uuid as owner, null::text as ground, null::uuid as disclosure,
    c.revision::text as etag,
    json_build_object('id', c.id, 'clientId', c.client_id, 'name', c.name, 'vendor', c.vendor, 'origins', c.origins,
        'organisationIds', c.organisation_ids, 'scopes', c.scopes, 'active', c.active,
        'createdAt', samsyn.utc(c.created_at), 'updatedAt', samsyn.utc(c.updated_at)) as body
from samsyn.clients c;

create view api.users with (security_invoker = true) as
select u.id as resource, null::uuid as subject, u.organisation_id as owner, null::text as ground, null::uuid as disclosure,
    u.revision::text as etag,
    json_strip_nulls(json_build_object('id', u.id, 'organisationId', u.organisation_id, 'name', u.name, 'email', u.email,
        'active', u.active, 'createdAt', samsyn.utc(u.created_at), 'updatedAt', samsyn.utc(u.updated_at))) as body
from samsyn.users u;

create view api.identities with (security_invoker = true) as
select i.id as resource, null::uuid as subject, u.organisation_id as owner, null::text as ground, null::uuid as disclosure,
    '1' as etag,
    json_build_object('id', i.id, 'userId', i.user_id, 'issuer', i.issuer, 'subject', i.subject,
        'createdAt', samsyn.utc(i.created_at)) as body
from samsyn.identities i
join samsyn.users u on u.id = i.user_id;

create view api.assignments with (security_invoker = true) as
select a.id as resource, null::uuid as subject, a.organisation_id as owner, null::text as ground, null::uuid as disclosure,
    a.revision::text || '-' || s.state as etag,
    json_strip_nulls(json_build_object('id', a.id, 'userId', a.user_id, 'userName', samsyn.assignment_name(a.id),
        'unitId', a.unit_id, 'unitName', samsyn.organisation_name(a.unit_id), 'organisationId', a.organisation_id,
        'role', samsyn.role_code(a.role_id), 'startsOn', a.starts_on, 'endsOn', a.ends_on, 'state', s.state,
        'endedAt', samsyn.utc(a.ended_at), 'createdAt', samsyn.utc(a.created_at), 'updatedAt', samsyn.utc(a.updated_at))) as body
from samsyn.assignments a
cross join lateral (select samsyn.assignment_state(a.starts_on, a.ends_on, a.ended_at) as state) s;

create view api.subjects with (security_invoker = true) as
select s.id as resource, s.id as subject, s.organisation_id as owner, invited.ground, null::uuid as disclosure,
    case when shown.own then s.revision::text || case when shown.all_of_it then '' else '-masked' end else md5(said.body::text) end as etag,
    said.body
from samsyn.subjects s
cross join lateral (select s.organisation_id = (select samsyn.organisation()) as own,
    not s.protected_identity or samsyn.may('subject:protected') as all_of_it) shown
cross join lateral (select json_strip_nulls(json_build_object(
        'id', s.id, 'organisationId', s.organisation_id,
        'identityNumber', case when shown.all_of_it then s.identity_number end,
        'name', case when shown.all_of_it then s.name end,
        'birthDate', s.birth_date,
        'contactDetails', case when shown.all_of_it and shown.own then samsyn.contact_details(s.address, s.phone, s.email) end,
        'protectedIdentity', s.protected_identity, 'masked', not shown.all_of_it, 'createdAt', samsyn.utc(s.created_at),
        'updatedAt', case when shown.all_of_it and shown.own then samsyn.utc(s.updated_at) end)) as body) said
left join lateral (select p.ground
    from samsyn.cases c join samsyn.participants p on p.case_id = c.id and p.organisation_id = (select samsyn.organisation()) and p.active
    where c.subject_id = s.id and not shown.own
    order by p.invited_at limit 1) invited on true;
comment on view api.subjects is 'masked: the identity is protected and the reader does not hold subject:protected, so name, number and contact details are left out. Contact details are for the organisation whose register it is. Who is not shown all is not told either when it changed, and nobody outside by the entity tag that it did.';

create view api.guardians with (security_invoker = true) as
select g.id as resource, g.subject_id as subject, g.organisation_id as owner, null::text as ground, null::uuid as disclosure,
    g.revision::text || case when shown.all_of_it then '' else '-masked' end as etag,
    json_strip_nulls(json_build_object('id', g.id, 'subjectId', g.subject_id,
        'identityNumber', case when shown.all_of_it then g.identity_number end,
        'name', case when shown.all_of_it then g.name end, 'masked', not shown.all_of_it,
        'contactDetails', case when shown.all_of_it then samsyn.contact_details(g.address, g.phone, g.email) end,
        'kind', g.kind, 'startsOn', g.starts_on, 'endsOn', g.ends_on,
        'createdAt', samsyn.utc(g.created_at), 'updatedAt', case when shown.all_of_it then samsyn.utc(g.updated_at) end)) as body
from samsyn.guardians g
join samsyn.subjects s on s.id = g.subject_id
cross join lateral (select not s.protected_identity or samsyn.may('subject:protected') as all_of_it) shown;

create view api.agreements with (security_invoker = true) as
select a.id as resource, null::uuid as subject, a.organisation_id as owner, null::text as ground, null::uuid as disclosure,
    a.revision::text || '-' || s.state as etag,
    json_build_object('id', a.id, 'organisationId', a.organisation_id, 'title', a.title, 'purposes', a.purposes,
        'categories', a.categories, 'validFrom', a.valid_from, 'validUntil', a.valid_until, 'state', s.state,
        'parties', (select json_agg(json_strip_nulls(json_build_object('organisationId', p.organisation_id,
                'organisationName', samsyn.organisation_name(p.organisation_id), 'signedAt', samsyn.utc(p.signed_at),
                'signedBy', samsyn.assignment_name(p.signed_by))) order by p.organisation_id)
            from samsyn.agreement_parties p where p.agreement_id = a.id),
        'createdAt', samsyn.utc(a.created_at), 'updatedAt', samsyn.utc(a.updated_at)) as body
from samsyn.agreements a
cross join lateral (select samsyn.agreement_state(a.id) as state) s;

create view api.cases with (security_invoker = true) as
select c.id as resource, c.subject_id as subject, c.organisation_id as owner,
    p.ground, null::uuid as disclosure, c.revision::text || case when hold.it then '-hold' else '' end as etag,
    json_strip_nulls(json_build_object('id', c.id, 'reference', c.reference, 'title', c.title, 'status', c.status,
        'subjectId', c.subject_id, 'organisationId', c.organisation_id,
        'organisationName', lead.name, 'unitId', c.unit_id,
        'unitName', u.name, 'openedAt', samsyn.utc(c.opened_at),
        'openedBy', samsyn.assignment_name(c.opened_by), 'leadAssignmentId', c.lead_assignment_id,
        'leadName', samsyn.assignment_name(c.lead_assignment_id), 'guardianContactHold', case when hold.it then true end,
        'updatedAt', samsyn.utc(c.updated_at))) as body
from samsyn.cases c
join samsyn.organisations lead on lead.id = c.organisation_id
join samsyn.organisations u on u.id = c.unit_id
left join samsyn.participants p
    on p.case_id = c.id and p.organisation_id = (select samsyn.organisation()) and p.active
cross join lateral (select samsyn.guardian_contact_hold(c.subject_id) as it) hold;
comment on view api.cases is 'ground: the one on which the reader''s organisation was invited to the case, here and for what else the case shows; null for the lead.';

create view api.closures with (security_invoker = true) as
select x.id as resource, c.subject_id as subject, c.organisation_id as owner, mine.ground, null::uuid as disclosure,
    '1' as etag,
    json_build_object('id', x.id, 'caseId', x.case_id, 'reason', x.reason, 'closedAt', samsyn.utc(x.closed_at),
        'closedBy', samsyn.assignment_name(x.closed_by)) as body
from samsyn.closures x join samsyn.cases c on c.id = x.case_id
left join samsyn.participants mine
    on mine.case_id = x.case_id and mine.organisation_id = (select samsyn.organisation()) and mine.active;

create view api.reopenings with (security_invoker = true) as
select x.id as resource, c.subject_id as subject, c.organisation_id as owner, mine.ground, null::uuid as disclosure,
    '1' as etag,
    json_build_object('id', x.id, 'caseId', x.case_id, 'reason', x.reason, 'reopenedAt', samsyn.utc(x.reopened_at),
        'reopenedBy', samsyn.assignment_name(x.reopened_by)) as body
from samsyn.reopenings x join samsyn.cases c on c.id = x.case_id
left join samsyn.participants mine
    on mine.case_id = x.case_id and mine.organisation_id = (select samsyn.organisation()) and mine.active;

create view api.participants with (security_invoker = true) as
select p.id as resource, f.subject_id as subject, f.organisation_id as owner,
    case when own.it then p.ground else mine.ground end as ground, null::uuid as disclosure, p.revision::text as etag,
    json_strip_nulls(json_build_object('id', p.id, 'caseId', p.case_id, 'caseReference', f.reference,
        'organisationId', p.organisation_id, 'organisationName', samsyn.organisation_name(p.organisation_id),
        'unitId', p.unit_id, 'unitName', samsyn.organisation_name(p.unit_id),
        'leadOrganisationId', f.organisation_id, 'leadOrganisationName', samsyn.organisation_name(f.organisation_id),
        'status', p.status, 'agreementId', case when own.it then p.agreement_id end, 'ground', case when own.it then p.ground end,
        'consentId', case when own.it then p.consent_id end, 'decisionId', case when own.it then p.decision_id end,
        'preconditionStatement', case when own.it then p.precondition_statement end,
        'justification', case when own.it then p.justification end, 'purpose', case when own.it then p.purpose end, 'invitedAt', samsyn.utc(p.invited_at), 'invitedBy', samsyn.assignment_name(p.invited_by),
        'answeredAt', samsyn.utc(p.answered_at), 'answeredBy', samsyn.assignment_name(p.answered_by), 'reason', case when own.it then p.reason end,
        'updatedAt', samsyn.utc(p.updated_at))) as body
from samsyn.participants p
cross join lateral samsyn.case_facts(p.case_id) f
cross join lateral (select (select samsyn.organisation()) in (p.organisation_id, samsyn.assignment_organisation(p.invited_by)) as it) own
left join samsyn.participants mine
    on not own.it and mine.case_id = p.case_id and mine.organisation_id = (select samsyn.organisation()) and mine.active;
comment on view api.participants is 'On which ground, for what and why an organisation was invited is between it and the one that invited it: the ground alone can tell of a crime, of health, or of care. Whoever leads the case later is not told.';

create view api.team_members with (security_invoker = true) as
select t.id as resource, c.subject_id as subject, c.organisation_id as owner, mine.ground, null::uuid as disclosure,
    t.revision::text as etag,
    json_strip_nulls(json_build_object('id', t.id, 'caseId', t.case_id, 'organisationId', t.organisation_id,
        'organisationName', samsyn.organisation_name(t.organisation_id), 'assignmentId', t.assignment_id,
        'userName', samsyn.assignment_name(t.assignment_id), 'joinedAt', samsyn.utc(t.joined_at),
        'addedBy', samsyn.assignment_name(t.added_by), 'endedAt', samsyn.utc(t.ended_at))) as body
from samsyn.team_members t join samsyn.cases c on c.id = t.case_id
left join samsyn.participants mine
    on mine.case_id = t.case_id and mine.organisation_id = (select samsyn.organisation()) and mine.active;

create view api.records with (security_invoker = true) as
select r.id as resource, r.subject_id as subject, r.organisation_id as owner,
    o.ground, o.disclosure,
    v.version::text as etag,
    json_build_object('id', r.id, 'caseId', r.case_id, 'organisationId', r.organisation_id,
        'organisationName', n.name, 'category', r.category,
        'secrecyRegime', r.regime, 'version', v.version, 'text', v.text,
        'author', samsyn.assignment_name(v.author_id), 'createdAt', samsyn.utc(r.created_at),
        'updatedAt', samsyn.utc(v.created_at)) as body
from samsyn.records r
join samsyn.organisations n on n.id = r.organisation_id
cross join lateral (select w.version, w.text, w.author_id, w.created_at from samsyn.record_versions w
    where w.record_id = r.id order by w.version desc limit 1) v
left join lateral (select f.ground, f.disclosure from samsyn.opening_of(r.id, r.scope) f
    where r.organisation_id <> (select samsyn.organisation()) offset 0) o on true; -- offset 0: asked only for what is another's
comment on view api.records is 'A record in its latest version that the reader may see: for the holder of a handover the one handed over.';

create view api.record_versions with (security_invoker = true) as
select v.id as resource, r.subject, v.organisation_id as owner, r.ground, r.disclosure, '1' as etag,
    json_strip_nulls(json_build_object('id', v.id, 'recordId', v.record_id, 'version', v.version, 'text', v.text,
        'reason', v.reason, 'author', samsyn.assignment_name(v.author_id), 'createdAt', samsyn.utc(v.created_at))) as body
from samsyn.record_versions v
join api.records r on r.resource = v.record_id;

create view api.consents with (security_invoker = true) as
select c.id as resource, c.subject_id as subject, c.organisation_id as owner, mine.ground, null::uuid as disclosure,
    c.revision::text || '-' || s.state as etag,
    json_strip_nulls(json_build_object('id', c.id, 'caseId', c.case_id, 'subjectId', c.subject_id,
        'organisationId', c.organisation_id, 'disclosingOrganisationIds', c.source_ids,
        'recipientOrganisationIds', c.recipient_ids, 'categories', c.categories, 'purpose', c.purpose,
        'validFrom', c.valid_from, 'validUntil', c.valid_until, 'form', c.form, 'documentReference', c.document_reference,
        'state', s.state,
        'assessment', case when own.it then json_build_object('maturity', c.maturity,
            'secrecyAgainstGuardians', c.secrecy_against_guardians, 'reason', c.assessment_reason,
            'assessedBy', samsyn.assignment_name(c.assessed_by)) end,
        'givers', case when own.it then (select json_agg(json_build_object('id', g.id, 'kind', g.kind,
                'guardianId', g.guardian_id, 'answer', a.answer, 'answeredAt', samsyn.utc(a.answered_at), 'inOwnHand', nullif(a.given_by_party, false), 'form', a.form,
                'documentReference', a.document_reference, 'revokedAt', samsyn.utc(r.revoked_at)) order by g.kind, g.id)
            from samsyn.consent_givers g
            left join samsyn.consent_answers a on a.giver_id = g.id
            left join samsyn.consent_revocations r on r.giver_id = g.id
            where g.consent_id = c.id) end,
        'createdAt', samsyn.utc(c.created_at), 'updatedAt', samsyn.utc(c.updated_at))) as body
from samsyn.consents c
left join samsyn.participants mine
    on mine.case_id = c.case_id and mine.organisation_id = (select samsyn.organisation()) and mine.active
cross join lateral (select samsyn.consent_state(c.id) as state) s
cross join lateral (select c.organisation_id = (select samsyn.organisation()) as it) own;
comment on view api.consents is 'Who gave it and how it was assessed is shown to the organisation that holds it; those who disclose or receive under it see what it covers and its state.';

create view api.disclosures with (security_invoker = true) as
select d.id as resource, c.subject_id as subject, d.organisation_id as owner, d.ground, d.id as disclosure,
    d.revision::text || '-' || s.state as etag,
    json_strip_nulls(json_build_object('id', d.id, 'kind', d.kind, 'caseId', d.case_id, 'organisationId', d.organisation_id,
        'organisationName', samsyn.organisation_name(d.organisation_id), 'recipientId', d.recipient_id,
        'recipientName', samsyn.organisation_name(d.recipient_id), 'ground', d.ground, 'consentId', d.consent_id,
        'agreementId', d.agreement_id, 'decisionId', d.decision_id, 'requestId', d.request_id,
        'preconditionStatement', d.precondition_statement, 'categories', d.categories, 'purpose', d.purpose, 'justification', d.justification,
        'validFrom', d.valid_from, 'validUntil', d.valid_until, 'state', s.state,
        'recordIds', case when d.kind = 'handover' then
            (select json_agg(i.record_id order by i.record_id) from samsyn.disclosure_items i where i.disclosure_id = d.id) end,
        'disclosedAt', samsyn.utc(d.disclosed_at), 'disclosedBy', samsyn.assignment_name(d.disclosed_by),
        'endedAt', samsyn.utc(d.ended_at), 'endReason', d.end_reason, 'updatedAt', samsyn.utc(d.updated_at))) as body
from samsyn.disclosures d
join samsyn.cases c on c.id = d.case_id
cross join lateral (select case
    when d.kind = 'handover' then 'handed-over'
    when d.ended_at is not null or samsyn.today() > d.valid_until then 'ended'
    when samsyn.consent_state(d.consent_id) <> 'in-force' then 'suspended'
    when samsyn.agreement_state(d.agreement_id) <> 'in-force' then 'suspended'
    when samsyn.today() < d.valid_from then 'not-yet-in-force'
    else 'in-force' end as state) s;
comment on view api.disclosures is 'state suspended: the consent or the agreement it rests on is not in force, so nothing flows.';

-- Codes: their identifiers serve paging alone and are not shown, a code is its own name.

create view api.sectors with (security_invoker = true) as
select s.id as resource, null::uuid as subject, null::uuid as owner, null::text as ground, null::uuid as disclosure,
    null::text as etag,
    json_build_object('code', s.code, 'nameEn', s.name_en, 'nameSv', s.name_sv) as body
from samsyn.sectors s;

create view api.secrecy_regimes with (security_invoker = true) as
select r.id as resource, null::uuid as subject, null::uuid as owner, null::text as ground, null::uuid as disclosure,
    null::text as etag,
    json_strip_nulls(json_build_object('code', r.code, 'provision', r.provision, 'harmTest', r.harm_test,
        'sectors', r.sectors, 'ownership', r.ownership, 'protects', r.protects, 'description', r.description, 'validFrom', r.valid_from,
        'validUntil', r.valid_until)) as body
from samsyn.secrecy_regimes r;

create view api.information_categories with (security_invoker = true) as
select c.id as resource, null::uuid as subject, null::uuid as owner, null::text as ground, null::uuid as disclosure,
    null::text as etag,
    json_strip_nulls(json_build_object('code', c.code, 'nameEn', c.name_en, 'nameSv', c.name_sv, 'sensitive', c.sensitive,
        'bbicArea', c.bbic_area, 'validFrom', c.valid_from, 'validUntil', c.valid_until)) as body
from samsyn.information_categories c;

create view api.legal_grounds with (security_invoker = true) as
select g.id as resource, null::uuid as subject, null::uuid as owner, null::text as ground, null::uuid as disclosure,
    null::text as etag,
    json_strip_nulls(json_build_object('code', g.code, 'validFrom', g.valid_from, 'validUntil', g.valid_until,
        'enabled', g.enabled, 'statute', g.statute, 'section', g.section, 'titleEn', g.title_en, 'titleSv', g.title_sv,
        'sourceSectors', g.source_sectors, 'recipientSectors', g.recipient_sectors,
        'sourceRegimes', g.source_regimes, 'excludedRegimes', g.excluded_regimes,
        'subjectAgeBelow', g.subject_age_below, 'requiresConsent', g.requires_consent,
        'requiresDecision', g.requires_decision, 'requiresJustification', g.requires_justification,
        'precondition', g.precondition, 'scope', g.scope, 'initiative', g.initiative, 'effect', g.effect,
        'recipientMustBeAuthority', g.recipient_must_be_authority, 'note', nullif(g.note, ''), 'verified', g.verified)) as body
from samsyn.legal_grounds g;

create view api.preconditions with (security_invoker = true) as
select p.id as resource, null::uuid as subject, null::uuid as owner, null::text as ground, null::uuid as disclosure,
    null::text as etag,
    json_build_object('code', p.code, 'meaning', p.meaning, 'establishedBy', p.established_by) as body
from samsyn.preconditions p;

create view api.ground_scopes with (security_invoker = true) as
select g.id as resource, null::uuid as subject, null::uuid as owner, null::text as ground, null::uuid as disclosure,
    null::text as etag,
    json_build_object('code', g.code, 'meaning', g.meaning, 'categories', g.categories) as body
from samsyn.ground_scopes g;

create view api.never_grounds with (security_invoker = true) as
select n.id as resource, null::uuid as subject, null::uuid as owner, null::text as ground, null::uuid as disclosure,
    null::text as etag,
    json_build_object('code', n.code, 'provision', n.provision, 'reason', n.reason) as body
from samsyn.never_grounds n;

create view api.deadline_rules with (security_invoker = true) as
select d.id as resource, null::uuid as subject, null::uuid as owner, null::text as ground, null::uuid as disclosure,
    null::text as etag,
    json_strip_nulls(json_build_object('code', d.code, 'validFrom', d.valid_from, 'validUntil', d.valid_until,
        'provision', d.provision, 'triggerEvent', d.trigger_event, 'duration', d.duration, 'statuteWord', d.statute_word,
        'extension', d.extension, 'responsible', d.responsible, 'note', nullif(d.note, ''), 'verified', d.verified)) as body
from samsyn.deadline_rules d;

create view api.retention_rules with (security_invoker = true) as
select r.id as resource, null::uuid as subject, null::uuid as owner, null::text as ground, null::uuid as disclosure,
    null::text as etag,
    json_strip_nulls(json_build_object('code', r.code, 'validFrom', r.valid_from, 'validUntil', r.valid_until,
        'provision', r.provision, 'appliesTo', r.applies_to, 'startsFrom', r.starts_from, 'duration', r.duration,
        'mode', r.mode, 'note', nullif(r.note, ''), 'verified', r.verified)) as body
from samsyn.retention_rules r;

create view api.bbic_areas with (security_invoker = true) as
select b.id as resource, null::uuid as subject, null::uuid as owner, null::text as ground, null::uuid as disclosure,
    null::text as etag,
    json_build_object('code', b.code, 'side', b.side) as body
from samsyn.bbic_areas b;

create view api.permissions with (security_invoker = true) as
select p.id as resource, null::uuid as subject, null::uuid as owner, null::text as ground, null::uuid as disclosure,
    null::text as etag,
    json_build_object('code', p.code, 'area', p.area, 'purpose', p.purpose, 'inEmergency', p.in_emergency,
        'description', p.description) as body
from samsyn.permissions p;

-- Owned by the owner and run with its rights, since someone without role:read still learns their own role.
create view api.me as
select u.id as resource, null::uuid as subject, u.organisation_id as owner, null::text as ground, null::uuid as disclosure,
    md5(self.body::text) as etag, self.body
from samsyn.users u
cross join lateral (
    select json_strip_nulls(json_build_object('id', u.id, 'name', u.name, 'organisationId', u.organisation_id,
        'organisationName', samsyn.organisation_name(u.organisation_id),
        'client', (select json_build_object('clientId', c.client_id, 'name', c.name, 'vendor', c.vendor)
            from samsyn.clients c where c.client_id = samsyn.setting('client')),
        'acting', (select json_build_object('assignmentId', a.id, 'unitId', a.unit_id,
                'unitName', samsyn.organisation_name(a.unit_id), 'organisationId', a.organisation_id,
                'organisationName', samsyn.organisation_name(a.organisation_id), 'role', r.code, 'permissions', r.permissions)
            from samsyn.assignments a join samsyn.roles r on r.id = a.role_id where a.id = samsyn.assignment()),
        'assignments', coalesce((select json_agg(json_build_object('assignmentId', a.id, 'unitId', a.unit_id,
                'unitName', o.name, 'organisationId', a.organisation_id,
                'organisationName', samsyn.organisation_name(a.organisation_id), 'role', samsyn.role_code(a.role_id))
                order by a.starts_on, a.id)
            from samsyn.assignments a
            join samsyn.organisations o on o.id = a.unit_id and o.active
            join samsyn.clients c on c.client_id = samsyn.setting('client') and a.organisation_id = any (c.organisation_ids)
            where a.user_id = u.id
                and samsyn.assignment_state(a.starts_on, a.ends_on, a.ended_at) = 'active'), '[]'))) as body
) self
where u.id = (select samsyn.me());
comment on view api.me is 'The principal, and every assignment in which they may act through this client.';

grant select on all tables in schema api to samsyn_api;
