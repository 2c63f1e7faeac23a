-- name: listConsentsOfCase
-- list: api.consents
select samsyn.require_case(:caseId);
select c.id from samsyn.consents c
where c.case_id = :caseId and (:state is null or samsyn.consent_state(c.id) = :state)
order by c.created_at desc, c.id desc

-- name: listConsents
-- list: api.consents
select c.id from samsyn.consents c
where (:subjectId is null or c.subject_id = :subjectId) and (:state is null or samsyn.consent_state(c.id) = :state)
order by c.created_at desc, c.id desc

-- name: createConsent
-- The trigger require_givers writes down who must give it.
select samsyn.require_lead(:caseId);
select samsyn.require_open_case(:caseId);
select samsyn.require_boundaries(array(select jsonb_array_elements_text(:body -> 'recipientOrganisationIds'))::uuid[], '/body/recipientOrganisationIds');
select samsyn.require_boundaries(array(select jsonb_array_elements_text(:body -> 'disclosingOrganisationIds'))::uuid[], '/body/disclosingOrganisationIds');
insert into samsyn.consents (id, case_id, subject_id, organisation_id, source_ids, recipient_ids, categories, purpose,
    valid_from, valid_until, form, document_reference, maturity, secrecy_against_guardians, assessment_reason, assessed_by)
select :id, c.id, c.subject_id, samsyn.organisation(),
    case when :body ? 'disclosingOrganisationIds'
        then array(select jsonb_array_elements_text(:body -> 'disclosingOrganisationIds'))::uuid[]
        else array[samsyn.organisation()] end,
    array(select jsonb_array_elements_text(:body -> 'recipientOrganisationIds'))::uuid[],
    array(select jsonb_array_elements_text(:body -> 'categories')), :body ->> 'purpose',
    coalesce((:body ->> 'validFrom')::date, samsyn.today()), (:body ->> 'validUntil')::date,
    :body ->> 'form', :body ->> 'documentReference', :body #>> '{assessment,maturity}',
    coalesce((:body #>> '{assessment,secrecyAgainstGuardians}')::boolean, false), :body #>> '{assessment,reason}', samsyn.assignment()
from samsyn.cases c
where c.id = :caseId
    and samsyn.require((:body ->> 'validUntil')::date >= coalesce((:body ->> 'validFrom')::date, samsyn.today()),
        'UNPROCESSABLE', '/body/validUntil')
    and samsyn.require(coalesce((:body #>> '{assessment,secrecyAgainstGuardians}')::boolean, false) is false
        or :body #>> '{assessment,reason}' is not null, 'UNPROCESSABLE', '/body/assessment/reason');
select * from api.consents c where c.resource = :id

-- name: getConsent
select * from api.consents c where c.resource = :consentId

-- name: updateConsent
-- What was consented to never changes; only where the signed paper is kept and its form do.
select samsyn.require_own_consent(:consentId);
select samsyn.require_open_case(c.case_id) from samsyn.consents c where c.id = :consentId;
update samsyn.consents c
set form = coalesce(:body ->> 'form', c.form),
    document_reference = case when :body ? 'documentReference' then :body ->> 'documentReference' else c.document_reference end
where c.id = :consentId and samsyn.matches(:ifMatch, c.revision);
select * from api.consents c where c.resource = :consentId

-- name: answerConsent
select samsyn.require_own_consent(:consentId);
select samsyn.require_open_case(c.case_id) from samsyn.consents c where c.id = :consentId;
select samsyn.answer_consent(:id, :consentId, (:body ->> 'giverId')::uuid, :body ->> 'answer', :body ->> 'form',
    :body ->> 'documentReference');
select * from api.consents c where c.resource = :consentId

-- name: revokeConsent
-- Works at once: every later reading under it is refused. Not held up by a closed case.
select samsyn.require_own_consent(:consentId);
select samsyn.revoke_consent(:id, :consentId, (:body ->> 'giverId')::uuid, :body ->> 'reason');
select * from api.consents c where c.resource = :consentId
