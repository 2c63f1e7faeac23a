# shellcheck shell=bash
# shellcheck disable=SC2034 # what is set here is for the script that sources it
# Sourced by export.sh and search.sh: a cluster with the demo and as long an access log as wanted, and a server on it.
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit
samsyn=$(realpath "${BUILD:-build}/samsyn")
directory=$(mktemp -d /var/tmp/samsyn-bench.XXXXXX)
chmod 755 "$directory"
cluster=$directory/cluster
server=
clean_up() {
    [ -z "$server" ] || kill "$server" 2>/dev/null || true
    tests/support/cluster.sh stop "$cluster" >/dev/null 2>&1 || true
    rm -rf "$directory"
}
trap clean_up EXIT

sql() { psql --no-psqlrc -qAtXh "$cluster" -U postgres -v ON_ERROR_STOP=1 "$@" bench; }

openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out "$directory/key.pem" 2>/dev/null
SAMSYN=$samsyn tests/support/template.sh "$cluster" bench
sql -c "alter system set shared_buffers = '1GB'" -c "alter system set max_wal_size = '8GB'" -c "alter system set jit = off"
tests/support/cluster.sh stop "$cluster" && tests/support/cluster.sh start "$cluster" max_connections=300
token=$("$samsyn" token --development-key "$directory/key.pem" --subject social-auditor --scope samsyn:audit --lifetime 86400)

# Events from `first` to `last`, spread over a year of partitions. One in ten is by another organisation about what is
# social services', one in twenty refused, one in a hundred about the same child; one user does a tenth of all.
grow_log() { # first last
    sql -v first="$1" -v last="$2" <<'SQL'
set session_replication_role = replica;
set synchronous_commit = off;
insert into samsyn.subjects (id, organisation_id, name, birth_date, created_by)
select md5('subject-' || s)::uuid, '01940000-0000-7000-8000-000000000110', 'Child ' || s, '2015-01-01', '01940000-0000-7000-8000-000000000401'
from generate_series(0, 19999) s on conflict do nothing;
insert into samsyn.users (id, organisation_id, name)
select md5('user-' || u)::uuid, '01940000-0000-7000-8000-000000000110', 'Worker ' || u from generate_series(0, 999) u on conflict do nothing;
insert into samsyn.access_events (id, at, organisation_id, unit_id, user_id, assignment_id, role, client, client_address, operation, activity,
    purpose, subject_ids, resource_ids, concerned_ids, grounds, disclosure_ids, outcome, code, request_id, trace_id)
select samsyn.uuid7(), date_trunc('month', now()) + (e * 7919::bigint % 31104000) * interval '1 second' + e % 1000 * interval '1 microsecond',
    case when e % 10 = 7 then '01940000-0000-7000-8000-000000000120' else '01940000-0000-7000-8000-000000000110' end::uuid,
    '01940000-0000-7000-8000-000000000111', md5('user-' || case when e % 10 = 3 then 0 else e % 1000 end)::uuid, gen_random_uuid(), 'case-worker',
    'bench', '192.0.2.1', 'getRecord', 'read', 'care', array[md5('subject-' || case when e % 100 = 4 then 0 else e % 20000 end)::uuid],
    array[gen_random_uuid()], case when e % 10 = 7 then '{01940000-0000-7000-8000-000000000110}' else '{}' end::uuid[],
    case when e % 10 = 7 then '{CONSENT}' else '{}' end::text[], '{}', case when e % 20 = 5 then 'denied' else 'allowed' end,
    case when e % 20 = 5 then 'NO_LEGAL_GROUND' end, gen_random_uuid(), md5(e::text)
from generate_series(:first, :last) e;
SQL
}

# What the triggers would have written with each event, at once.
index_log() {
    sql <<'SQL'
set session_replication_role = replica;
set synchronous_commit = off;
truncate samsyn.access_event_terms, samsyn.access_event_concerns;
insert into samsyn.access_event_concerns (organisation_id, at, id)
select o, e.at, e.id from samsyn.access_events e cross join unnest(e.concerned_ids) o order by 1, 2, 3;
insert into samsyn.access_event_terms (organisation_id, term, at, id)
select o, t, e.at, e.id from samsyn.access_events e cross join unnest(samsyn.event_terms(e)) t
cross join unnest(e.concerned_ids || e.organisation_id) o order by 1, 2, 3, 4;
reset session_replication_role;
vacuum analyze;
checkpoint;
SQL
}

start_server() {
    "$samsyn" serve --database "host=$cluster dbname=bench user=samsyn_api" --listen 127.0.0.1:0 --management 127.0.0.1:0 \
        --development-key "$directory/key.pem" --token-max-lifetime-s 86400 --statement-timeout-ms 60000 2>"$directory/server.log" &
    server=$!
    for _ in $(seq 100); do
        port=$(sed -nE 's/.*"event":"listening".*"port":([0-9]+).*/\1/p' "$directory/server.log")
        [ -z "$port" ] || return 0
        sleep 0.1
    done
    cat "$directory/server.log" >&2
    exit 1
}

# The settings of an auditor of social services, for psql.
auditor="select set_config('samsyn.organisation_id', '01940000-0000-7000-8000-000000000110', false) is null,
    set_config('samsyn.permissions', ',access-event:read,access-event:export,', false) is null \\g /dev/null"
