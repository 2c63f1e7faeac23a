-- name: listStaffRelations
-- list: api.staff_relations
select t.id
from samsyn.staff_relations t
where (:userId is null or t.user_id = :userId) and (:subjectId is null or t.subject_id = :subjectId)
    and (:state is null or :state = samsyn.relation_state(t.valid_from, t.valid_until, t.ended_at))
order by t.created_at desc, t.id desc

-- name: createStaffRelation
select samsyn.require_staff_relation((:body ->> 'userId')::uuid, (:body ->> 'subjectId')::uuid);
insert into samsyn.staff_relations (id, organisation_id, user_id, subject_id, kind, note, valid_from, valid_until, created_by)
select :id, samsyn.organisation(), (:body ->> 'userId')::uuid, (:body ->> 'subjectId')::uuid, :body ->> 'kind', :body ->> 'note',
    coalesce((:body ->> 'validFrom')::date, samsyn.today()), (:body ->> 'validUntil')::date, samsyn.assignment()
where samsyn.require(coalesce((:body ->> 'validUntil')::date >= coalesce((:body ->> 'validFrom')::date, samsyn.today()), true),
    'UNPROCESSABLE', '/body/validUntil');
select * from api.staff_relations t where t.resource = :id

-- name: getStaffRelation
select * from api.staff_relations t where t.resource = :staffRelationId

-- name: endStaffRelation
-- Whom one is close to anybody may be told by oneself; that one is no longer, another says.
update samsyn.staff_relations t
set ended_at = samsyn.now(), ended_by = samsyn.assignment()
where t.id = :staffRelationId and samsyn.require(t.user_id <> samsyn.me(), 'OWN_ACCESS') and samsyn.require(t.ended_at is null, 'ALREADY_ENDED');
select * from api.staff_relations t where t.resource = :staffRelationId
