-- name: listWitnessedLogs
-- list: api.witnessed_logs
select l.id from samsyn.witnessed_logs l order by l.origin, l.id

-- name: createWitnessedLog
insert into samsyn.witnessed_logs (id, origin, verifiers, description)
values (:id, :body ->> 'origin', array(select jsonb_array_elements_text(:body -> 'verifierKeys')), :body ->> 'description');
select * from api.witnessed_logs l where l.resource = :id

-- name: getWitnessedLog
select * from api.witnessed_logs l where l.resource = :witnessedLogId

-- name: updateWitnessedLog
update samsyn.witnessed_logs l
set verifiers = case when :body ? 'verifierKeys'
        then array(select jsonb_array_elements_text(:body -> 'verifierKeys')) else l.verifiers end,
    description = coalesce(:body ->> 'description', l.description),
    active = coalesce((:body ->> 'active')::boolean, l.active)
where l.id = :witnessedLogId and samsyn.matches(:ifMatch, l.revision);
select * from api.witnessed_logs l where l.resource = :witnessedLogId
