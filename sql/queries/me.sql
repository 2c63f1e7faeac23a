-- name: getMe
select * from api.me m where m.resource = samsyn.me()
