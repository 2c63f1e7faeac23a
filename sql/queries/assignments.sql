-- name: listAssignments
-- list: api.assignments
select a.id
from samsyn.assignments a
where (:userId is null or a.user_id = :userId)
    and (:unitId is null or a.unit_id = :unitId)
    and (:role is null or samsyn.role_code(a.role_id) = :role)
    and (:state is null or samsyn.assignment_state(a.starts_on, a.ends_on, a.ended_at) = :state)
order by a.starts_on desc, a.id desc

-- name: createAssignment
-- The trigger place_assignment finds the secrecy boundary, guard_assignment refuses what may not be handed out.
insert into samsyn.assignments (id, user_id, unit_id, role_id, starts_on, ends_on)
select :id, u.id, o.id, r.id, coalesce((:body ->> 'startsOn')::date, samsyn.today()), (:body ->> 'endsOn')::date
from (select :body) given
left join samsyn.users u on u.id = (:body ->> 'userId')::uuid
left join samsyn.organisations o on o.id = (:body ->> 'unitId')::uuid
    and (o.boundary_id = samsyn.organisation() or samsyn.may('organisation:any'))
left join samsyn.roles r on r.code = :body ->> 'role'
where samsyn.require(u.id is not null, 'INVALID_REFERENCE', '/body/userId')
    and samsyn.require(o.id is not null, 'INVALID_REFERENCE', '/body/unitId')
    and samsyn.require(r.id is not null, 'INVALID_REFERENCE', '/body/role')
    and samsyn.require((:body ->> 'endsOn')::date >= coalesce((:body ->> 'startsOn')::date, samsyn.today())
        or :body ->> 'endsOn' is null, 'UNPROCESSABLE', '/body/endsOn');
select * from api.assignments a where a.resource = :id

-- name: getAssignment
select * from api.assignments a where a.resource = :assignmentId

-- name: updateAssignment
-- One's own assignment elsewhere is seen, but administered there.
select samsyn.require(samsyn.may('organisation:any') or a.organisation_id = samsyn.organisation(), 'ROLE_NOT_ALLOWED')
from samsyn.assignments a
where a.id = :assignmentId;
update samsyn.assignments a
set ends_on = (:body ->> 'endsOn')::date
where a.id = :assignmentId
    and samsyn.require(samsyn.assignment_state(a.starts_on, a.ends_on, a.ended_at) <> 'ended', 'ALREADY_ENDED')
    and samsyn.matches(:ifMatch, a.revision)
    and samsyn.require(:body ->> 'endsOn' is null
        or (:body ->> 'endsOn')::date >= greatest(a.starts_on, samsyn.today()), 'UNPROCESSABLE', '/body/endsOn');
select * from api.assignments a where a.resource = :assignmentId

-- name: endAssignment
select samsyn.require(samsyn.may('organisation:any') or a.organisation_id = samsyn.organisation(), 'ROLE_NOT_ALLOWED')
from samsyn.assignments a
where a.id = :assignmentId;
update samsyn.assignments a
set ended_at = samsyn.now(), ended_by = samsyn.assignment()
where a.id = :assignmentId
    and samsyn.require(samsyn.assignment_state(a.starts_on, a.ends_on, a.ended_at) <> 'ended', 'ALREADY_ENDED');
select * from api.assignments a where a.resource = :assignmentId
