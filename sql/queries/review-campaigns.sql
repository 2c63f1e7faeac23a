-- name: listReviewCampaigns
-- list: api.review_campaigns
select c.id
from samsyn.review_campaigns c
where :state is null or :state = samsyn.campaign_state(c.run_at, c.closed_at)
order by c.created_at desc, c.id desc

-- name: createReviewCampaign
-- The rules as they stand; then the first part of the period.
insert into samsyn.review_campaigns (id, organisation_id, title, since, until, scope, seed, created_by)
select :id, samsyn.organisation(), :body ->> 'title', (:body ->> 'from')::timestamptz, (:body ->> 'until')::timestamptz,
    coalesce(:body ->> 'scope', 'own-staff'), :body ->> 'seed', samsyn.assignment()
where samsyn.require((:body ->> 'until')::timestamptz > (:body ->> 'from')::timestamptz, 'UNPROCESSABLE', '/body/until')
    and samsyn.require((:body ->> 'until')::timestamptz <= samsyn.now(), 'UNPROCESSABLE', '/body/until')
    and samsyn.require((:body ->> 'until')::timestamptz <= (:body ->> 'from')::timestamptz + interval '366 days', 'UNPROCESSABLE', '/body/from');
insert into samsyn.review_campaign_rules (campaign_id, code, rule_id)
select :id, code, r.id
from jsonb_array_elements_text(:body -> 'rules') code
left join lateral samsyn.review_rule_in_force(code) r on true
where samsyn.require(r.id is not null, 'INVALID_REFERENCE', '/body/rules');
select samsyn.run_review(:id);
select * from api.review_campaigns c where c.resource = :id

-- name: getReviewCampaign
select * from api.review_campaigns c where c.resource = :reviewCampaignId

-- name: runReviewCampaign
select samsyn.run_review(:reviewCampaignId);
select * from api.review_campaigns c where c.resource = :reviewCampaignId

-- name: closeReviewCampaign
update samsyn.review_campaigns c
set closed_at = samsyn.now(), closed_by = samsyn.assignment(), close_comment = :body ->> 'comment'
where c.id = :reviewCampaignId
    and samsyn.require(c.closed_at is null, 'ALREADY_ENDED')
    and samsyn.require(c.run_at is not null and not samsyn.has_open_findings(c.id), 'FINDINGS_OPEN');
select * from api.review_campaigns c where c.resource = :reviewCampaignId
