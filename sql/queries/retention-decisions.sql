-- name: listRetentionDecisions
-- list: api.retention_decisions
select d.id from samsyn.retention_decisions d
where (:kind is null or d.kind = :kind)
order by d.created_at desc, d.id desc

-- name: createRetentionDecision
insert into samsyn.retention_decisions (id, organisation_id, kind, regime, duration, reference, valid_from, valid_until, decided_by)
select :id, samsyn.organisation(), :body ->> 'kind', :body ->> 'secrecyRegime', :body ->> 'duration', :body ->> 'reference',
    coalesce((:body ->> 'validFrom')::date, samsyn.today()), (:body ->> 'validUntil')::date, samsyn.assignment()
where samsyn.require(not :body ? 'secrecyRegime' or exists (select from samsyn.secrecy_regimes r where r.code = :body ->> 'secrecyRegime'),
        'INVALID_REFERENCE', '/body/secrecyRegime')
    and samsyn.require(coalesce((:body ->> 'validFrom')::date, samsyn.today()) >= samsyn.today(), 'UNPROCESSABLE', '/body/validFrom')
    and samsyn.require(coalesce((:body ->> 'validUntil')::date, 'infinity') >= coalesce((:body ->> 'validFrom')::date, samsyn.today()),
        'UNPROCESSABLE', '/body/validUntil');
select * from api.retention_decisions d where d.resource = :id

-- name: getRetentionDecision
select * from api.retention_decisions d where d.resource = :retentionDecisionId
