-- name: evaluateAccess
select * from samsyn.evaluate_access(:body)

-- name: evaluateAuthzen
select * from samsyn.evaluate_authzen(:body)

-- name: evaluateAuthzenBatch
-- list: by cursor
select * from samsyn.evaluate_authzen_batch(:body)
