-- name: listTeamMembers
-- list: api.team_members
select samsyn.require_case(:caseId);
select t.id from samsyn.team_members t
where t.case_id = :caseId and (:current is null or (t.ended_at is null) = :current)
order by t.joined_at, t.id

-- name: addTeamMember
select samsyn.require_open_case(:caseId);
insert into samsyn.team_members (id, case_id, organisation_id, assignment_id, added_by)
values (:id, :caseId, samsyn.organisation(), (:body ->> 'assignmentId')::uuid, samsyn.assignment());
select * from api.team_members t where t.resource = :id

-- name: getTeamMember
select * from api.team_members t where t.resource = :teamMemberId

-- name: endTeamMember
-- Nobody ends their own membership: a case must not be left by the last one who carried it.
select samsyn.require(t.organisation_id = samsyn.organisation(), 'NOT_OWNER')
from samsyn.team_members t where t.id = :teamMemberId;
update samsyn.team_members t
set ended_at = samsyn.now(), ended_by = samsyn.assignment()
where t.id = :teamMemberId
    and samsyn.require(t.ended_at is null, 'ALREADY_ENDED')
    and samsyn.require(t.assignment_id <> samsyn.assignment(), 'CONFLICT');
select * from api.team_members t where t.resource = :teamMemberId
