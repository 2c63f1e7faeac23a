-- name: listAgreements
-- list: api.agreements
select a.id
from samsyn.agreements a
where (:state is null or samsyn.agreement_state(a.id) = :state)
order by a.created_at desc, a.id desc

-- name: createAgreement
insert into samsyn.agreements (id, organisation_id, title, purposes, categories, valid_from, valid_until, created_by)
select :id, samsyn.organisation(), :body ->> 'title', array(select jsonb_array_elements_text(:body -> 'purposes')),
    array(select jsonb_array_elements_text(:body -> 'categories')), (:body ->> 'validFrom')::date,
    (:body ->> 'validUntil')::date, samsyn.assignment()
where samsyn.require((:body ->> 'validUntil')::date >= (:body ->> 'validFrom')::date, 'UNPROCESSABLE', '/body/validUntil');
select samsyn.add_agreement_parties(:id, array(select jsonb_array_elements_text(:body -> 'partyIds')::uuid));
select * from api.agreements a where a.resource = :id

-- name: getAgreement
select * from api.agreements a where a.resource = :agreementId

-- name: updateAgreement
-- The lock makes a signature wait for the change, and the change for a signature.
select samsyn.lock_agreement(:agreementId);
select samsyn.require(a.organisation_id = samsyn.organisation(), 'NOT_OWNER') from samsyn.agreements a where a.id = :agreementId;
update samsyn.agreements a
set title = coalesce(:body ->> 'title', a.title),
    purposes = case when :body ? 'purposes' then array(select jsonb_array_elements_text(:body -> 'purposes')) else a.purposes end,
    categories = case when :body ? 'categories' then array(select jsonb_array_elements_text(:body -> 'categories')) else a.categories end,
    valid_from = coalesce((:body ->> 'validFrom')::date, a.valid_from),
    valid_until = coalesce((:body ->> 'validUntil')::date, a.valid_until)
where a.id = :agreementId
    and samsyn.require(not exists (select from samsyn.agreement_parties p where p.agreement_id = a.id and p.signed_at is not null), 'CONFLICT')
    and samsyn.matches(:ifMatch, a.revision)
    and samsyn.require(coalesce((:body ->> 'validUntil')::date, a.valid_until) >= coalesce((:body ->> 'validFrom')::date, a.valid_from),
        'UNPROCESSABLE', case when :body ? 'validUntil' then '/body/validUntil' else '/body/validFrom' end);
select samsyn.add_agreement_parties(:agreementId, array(select jsonb_array_elements_text(:body -> 'partyIds')::uuid))
where :body ? 'partyIds';
select * from api.agreements a where a.resource = :agreementId

-- name: signAgreement
select samsyn.lock_agreement(:agreementId);
update samsyn.agreement_parties p set signed_at = samsyn.now(), signed_by = samsyn.assignment()
where p.agreement_id = :agreementId and p.organisation_id = samsyn.organisation()
    and samsyn.require(p.signed_at is null, 'ALREADY_EXISTS')
    and samsyn.matches(:ifMatch, (select a.revision from samsyn.agreements a where a.id = p.agreement_id));
select * from api.agreements a where a.resource = :agreementId
