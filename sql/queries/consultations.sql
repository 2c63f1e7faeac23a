-- name: listConsultations
-- list: api.consultations
select c.id from samsyn.consultations c
where (:kind is null or (:kind = 'received')
        = (c.recipient_unit_id = any ((select samsyn.receiving_units())::uuid[]) and c.author_user_id <> samsyn.me()))
    and (:state is null or c.answered = (:state = 'answered'))
order by c.asked_at desc, c.id desc

-- name: createConsultation
insert into samsyn.consultations (id, organisation_id, unit_id, recipient_id, recipient_unit_id, asked_for, question, asked_by,
    author_user_id)
values (:id, samsyn.organisation(), samsyn.unit(), samsyn.organisation(), (:body ->> 'recipientUnitId')::uuid,
    coalesce(:body ->> 'askedFor', 'own-work'), :body ->> 'question', samsyn.assignment(), samsyn.me());
select * from api.consultations c where c.resource = :id

-- name: getConsultation
select * from api.consultations c where c.resource = :consultationId

-- name: answerConsultation
-- Whoever asked and does not receive is told that they are not the one asked.
select samsyn.require(c.recipient_unit_id = any (samsyn.receiving_units()), 'NOT_RECIPIENT')
from samsyn.consultations c where c.id = :consultationId;
insert into samsyn.consultation_answers (id, consultation_id, text, answered_by)
select :id, c.id, :body ->> 'text', samsyn.assignment()
from samsyn.consultations c where c.id = :consultationId;
select * from api.consultations c where c.resource = :consultationId
