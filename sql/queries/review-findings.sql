-- name: listReviewFindings
-- list: api.review_findings
select f.id
from samsyn.review_findings f
where (:campaignId is null or f.campaign_id = :campaignId)
    and (:code is null or f.code = :code)
    and (:state is null or f.state = :state)
    and (:userId is null or f.user_id = :userId)
order by f.found_at desc, f.id desc

-- name: getReviewFinding
select * from api.review_findings f where f.resource = :reviewFindingId

-- name: reviewFinding
-- Who may and when, the trigger says.
insert into samsyn.finding_reviews (id, finding_id, outcome, comment, reviewed_by)
select :id, f.id, :body ->> 'outcome', :body ->> 'comment', samsyn.assignment()
from samsyn.review_findings f
where f.id = :reviewFindingId;
select * from api.review_findings f where f.resource = :reviewFindingId
