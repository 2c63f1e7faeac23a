-- name: listDisclosures
-- list: api.disclosures
select samsyn.require_case(:caseId);
select d.id from samsyn.disclosures d
where d.case_id = :caseId and (:kind is null or d.kind = :kind)
order by d.disclosed_at desc, d.id desc

-- name: createDisclosure
-- A standing share names categories, a handover records; the evaluator decides on what they cover.
select samsyn.require_open_case(:caseId);
select samsyn.require_boundaries(array[(:body ->> 'recipientId')::uuid], '/body/recipientId');
select samsyn.require((:body ->> 'recipientId')::uuid <> samsyn.organisation(), 'INVALID_REFERENCE', '/body/recipientId');
select samsyn.require(not exists (
    select jsonb_array_elements_text(:body -> 'recordIds')::uuid
    except
    select r.id from samsyn.records r where r.case_id = :caseId and r.organisation_id = samsyn.organisation()),
    'INVALID_REFERENCE', '/body/recordIds');
select samsyn.require(:body ->> 'requestId' is null or exists (
    select from samsyn.information_requests r
    where r.id = (:body ->> 'requestId')::uuid and r.case_id = :caseId and r.asked_id = samsyn.organisation()
        and r.organisation_id = (:body ->> 'recipientId')::uuid), 'INVALID_REFERENCE', '/body/requestId');
-- On the locked row: of an answer, a refusal and a withdrawal at once one counts.
update samsyn.information_requests r set answered_by = samsyn.assignment(), answered_at = samsyn.now()
where r.id = (:body ->> 'requestId')::uuid and samsyn.require(r.status in ('open', 'partly-answered'), 'ALREADY_ANSWERED');
with covered as (
    select array(select jsonb_array_elements_text(:body -> 'categories')) as categories, array[u.regime] as regimes
    from samsyn.organisations u where u.id = samsyn.unit() and :body ->> 'kind' = 'standing-share'
    union all
    select array_agg(distinct r.category), array_agg(distinct r.regime)
    from samsyn.records r
    where r.id in (select jsonb_array_elements_text(:body -> 'recordIds')::uuid)
    having :body ->> 'kind' = 'handover')
insert into samsyn.disclosures (id, kind, case_id, organisation_id, recipient_id, ground, consent_id, agreement_id, decision_id,
    request_id, precondition_statement, categories, purpose, justification, valid_from, valid_until, disclosed_by)
select :id, :body ->> 'kind', :caseId, samsyn.organisation(), (:body ->> 'recipientId')::uuid, :body ->> 'ground',
    k.id, a.id, e.id, (:body ->> 'requestId')::uuid, :body ->> 'preconditionStatement', x.categories, :body ->> 'purpose', :body ->> 'justification',
    case when :body ->> 'kind' = 'standing-share' then coalesce((:body ->> 'validFrom')::date, samsyn.today()) end,
    (:body ->> 'validUntil')::date, samsyn.assignment()
from covered x
-- Only a consent, an agreement and a decision that the principal sees count: what is stored is what was judged, and what
-- is hidden is refused as what does not exist.
left join samsyn.consents k on k.id = (:body ->> 'consentId')::uuid
left join samsyn.agreements a on a.id = (:body ->> 'agreementId')::uuid
left join samsyn.decisions e on e.id = (:body ->> 'decisionId')::uuid
cross join lateral samsyn.require_lawful_disclosure(samsyn.to_question(jsonb_build_object(
    'kind', :body ->> 'kind', 'case_id', :caseId, 'discloser', samsyn.organisation(), 'recipient', :body ->> 'recipientId',
    'ground', :body ->> 'ground', 'consent_id', k.id, 'agreement_id', a.id, 'decision_id', e.id,
    'request_id', :body ->> 'requestId', 'precondition_statement', :body ->> 'preconditionStatement',
    'categories', x.categories, 'regimes', x.regimes, 'purpose', :body ->> 'purpose', 'justification', :body ->> 'justification'))) lawful
where samsyn.require((:body ->> 'validUntil') is null
    or (:body ->> 'validUntil')::date >= coalesce((:body ->> 'validFrom')::date, samsyn.today()), 'UNPROCESSABLE', '/body/validUntil');
insert into samsyn.disclosure_items (disclosure_id, record_id, record_version_id)
select :id, r.id, v.id
from samsyn.records r
join samsyn.record_versions v on v.record_id = r.id and v.version = r.version
where r.id in (select jsonb_array_elements_text(:body -> 'recordIds')::uuid);
-- Answered when all that was asked for has been given, by this disclosure and those before it.
update samsyn.information_requests r
set status = case when r.categories <@ given.categories then 'answered' else 'partly-answered' end
from (select array_agg(category) as categories
    from samsyn.disclosures d cross join unnest(d.categories) category
    where d.request_id = (:body ->> 'requestId')::uuid) given
where r.id = (:body ->> 'requestId')::uuid
    and samsyn.require(r.categories && (select x.categories from samsyn.disclosures x where x.id = :id), 'UNPROCESSABLE', '/body/requestId');
select * from api.disclosures d where d.resource = :id

-- name: getDisclosure
select * from api.disclosures d where d.resource = :disclosureId

-- name: endDisclosure
-- What was handed over stays with the recipient; only a standing share can end.
select samsyn.require(d.organisation_id = samsyn.organisation(), 'NOT_OWNER')
from samsyn.disclosures d where d.id = :disclosureId;
update samsyn.disclosures d
set ended_at = samsyn.now(), ended_by = samsyn.assignment(), end_reason = :body ->> 'reason'
where d.id = :disclosureId
    and samsyn.require(d.kind = 'standing-share', 'CONFLICT')
    and samsyn.require(d.ended_at is null, 'ALREADY_ENDED');
select * from api.disclosures d where d.resource = :disclosureId
