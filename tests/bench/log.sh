#!/usr/bin/env bash
# Measures the sealed log, beside run.sh: `make bench`. One JSON line for each measure:
#
#   sealing   rows are inserted at a steady rate while the server seals: how many a second, how far it was behind
#   writing   what a request costs PostgreSQL with a server that seals beside it and without, in pairs, each in the other
#             order: the median ratio
#   proofs    one client asks for proofs in a tree of so many entries, which is in memory, when the disk has come to rest:
#             time of the whole exchange
#
#   BENCH_LOG_RATE     rows inserted a second while sealing is measured  (10000)
#   BENCH_LOG_SIZE     entries of the tree in which is proved            (100000000: 3.5 GB)
#   BENCH_LOG_PAIRS    pairs of the writing measure                      (5)
#   BENCH_SECONDS      length of each measurement                        (10)
#   BENCH_CONNECTIONS  connections of pgbench                            (32)
set -euo pipefail
cd "$(dirname "$0")/../.."
build=$(realpath "${BUILD:-build}")
samsyn=$build/samsyn
rate=${BENCH_LOG_RATE:-10000}
size=${BENCH_LOG_SIZE:-100000000}
pairs=${BENCH_LOG_PAIRS:-5}
seconds=${BENCH_SECONDS:-10}
connections=${BENCH_CONNECTIONS:-32}
cases=2000

directory=$(mktemp -d /var/tmp/samsyn-bench.XXXXXX)
chmod 755 "$directory"
cluster=$directory/cluster
server=
stop_server() {
    if [ -n "$server" ]; then
        kill "$server" || true
        wait "$server" || true
    fi
    server=
}
clean_up() {
    stop_server 2>/dev/null
    tests/support/cluster.sh stop "$cluster" >/dev/null 2>&1 || true
    rm -rf "$directory"
}
trap clean_up EXIT

pgbench=$(pg_config --bindir 2>/dev/null)/pgbench
[ -x "$pgbench" ] || pgbench=$(find /usr/lib/postgresql -name pgbench | sort -V | tail -n 1)
sql() { psql --no-psqlrc -qAtXh "$cluster" -U postgres -v ON_ERROR_STOP=1 "$@" bench; }
median() { sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }

start_server() {
    "$samsyn" serve --database "host=$cluster dbname=bench user=samsyn_api" --listen 127.0.0.1:0 --management 127.0.0.1:0 \
        --development-key "$directory/key.pem" --token-max-lifetime-s 86400 --log-origin bench.example/log \
        --log-keys "$directory/log-key.pem" --log-memory "$directory/log-memory" 2>"$directory/server.log" &
    server=$!
    for _ in $(seq 100); do
        read -r port management <<<"$(sed -nE 's/.*"event":"listening".*"port":([0-9]+),"managementPort":([0-9]+).*/\1 \2/p' "$directory/server.log")"
        [ -z "${port:-}" ] || return 0
        sleep 0.1
    done
    cat "$directory/server.log" >&2
    exit 1
}

gauge() { curl -s "http://127.0.0.1:$management/metrics" | awk -v name="samsyn_$1" '$1 == name { print $2 }'; }
wait_until_sealed() {
    until [ "$(sql -c 'select samsyn.unsealed_seconds()')" = 0 ]; do sleep 0.2; done
}
wait_until_signed() {
    until [ "$(sql -c 'select samsyn.signed_size() = max(size) from samsyn.log_trees')" = t ]; do sleep 0.2; done
}

measure_sealing() {
    local before after behind=0 seconds_behind=0 now
    cat >"$directory/insert.sql" <<'SQL'
insert into samsyn.access_events (id, at, organisation_id, user_id, operation, activity, subject_ids, resource_ids, concerned_ids,
    grounds, disclosure_ids, outcome, request_id, role, client, client_address, trace_id)
select samsyn.uuid7(), clock_timestamp(), gen_random_uuid(), gen_random_uuid(), 'getRecord', 'read', array[gen_random_uuid()],
    array[gen_random_uuid()], '{}', '{}', '{}', 'allowed', gen_random_uuid(), 'case-worker', 'bench', '192.0.2.1',
    '0af7651916cd43dd8448eb211c80319c' from generate_series(1, 10);
SQL
    start_server
    before=$(sql -c 'select count(*) from samsyn.access_events')
    "$pgbench" -n -h "$cluster" -U postgres -c 8 -j 2 -R $((rate / 10)) -T "$seconds" -f "$directory/insert.sql" bench >"$directory/insert.log" 2>&1 &
    local load=$!
    while kill -0 "$load" 2>/dev/null; do
        now=$(gauge log_unsealed_seconds)
        [ "${now:-0}" -le "$seconds_behind" ] || seconds_behind=$now
        sleep 0.2
    done
    wait "$load"
    read -r after behind <<<"$(sql -F ' ' -c 'select (select count(*) from samsyn.access_events), (select count(*) from samsyn.access_events) - max(size) from samsyn.log_trees')"
    printf '{"measure":"sealing","offeredPerSecond":%d,"insertedPerSecond":%d,"unsealedAtEnd":%d,"oldestUnsealedSeconds":%d}\n' \
        "$rate" $(((after - before) / seconds)) "$behind" "$seconds_behind"
    wait_until_signed
    stop_server
}

write_once() {
    PGOPTIONS='-c plan_cache_mode=force_generic_plan' "$pgbench" -n -h "$cluster" -U samsyn_api -M prepared -c "$connections" -j 2 \
        -T "$seconds" -f "$directory/$1.sql" bench 2>/dev/null | sed -nE 's/^tps = ([0-9.]+).*/\1/p'
}

# What the runs without a server have left is sealed before, so that a run pays for its own rows.
write_with() {
    start_server
    wait_until_sealed
    with=$(write_once "$1")
    stop_server
}

measure_writing() {
    local operation pair with without ratios
    sql -v cases="$cases" -v records=2 -v events=1000 -f tests/bench/load.sql >/dev/null
    node tests/bench/scripts.mjs "$directory" "$samsyn" "host=$cluster dbname=bench user=samsyn_api" "$cases" 2 "$directory/key.pem"
    for operation in getRecord createRecord; do
        ratios=()
        write_once "$operation" >/dev/null
        for pair in $(seq "$pairs"); do
            [ $((pair % 2)) -eq 1 ] || write_with "$operation"
            without=$(write_once "$operation")
            [ $((pair % 2)) -eq 0 ] || write_with "$operation"
            ratios+=("$(awk "BEGIN { print $with / $without }")")
        done
        printf '{"measure":"writing","operation":"%s","pairs":%d,"lastWith":%s,"lastWithout":%s,"ratio":%s}\n' "$operation" "$pairs" \
            "$with" "$without" "$(printf '%s\n' "${ratios[@]}" | median)"
    done
}

# What has been written goes to the disk later, and then who reads waits for it too: so everything is written at once, and
# waited for until less than 64 MiB of the machine's memory are still to be written, at most for ten minutes.
let_disk_rest() {
    sql -c checkpoint
    sync
    for _ in $(seq 600); do
        awk '/^(Dirty|Writeback):/ { left += $2 } END { exit left >= 65536 }' /proc/meminfo && return 0
        sleep 1
    done
    echo 'the disk did not come to rest: others write to it, and the proofs are measured beside that' >&2
}

ask() { # name paths [token]
    local rate middle tail failed
    read -r _ rate middle tail failed <<<"$(PATHS=$2 TOKEN=${3:-} wrk -t 1 -c 1 -d "${seconds}s" --latency -s tests/bench/proofs.lua "http://127.0.0.1:$port/" | grep '^RESULT')"
    printf '{"measure":"proofs","of":"%s","entries":%d,"perSecond":%s,"p50Ms":%s,"p99Ms":%s,"failed":%d}\n' "$1" "$size" "$rate" "$middle" "$tail" "$failed"
}

measure_proofs() {
    local token txid id
    start_server
    token=$("$samsyn" token --development-key "$directory/key.pem" --subject social-case-worker --lifetime 86400)
    echo /samsyn/v1/cases >"$directory/paths"
    PATHS=$directory/paths TOKEN=$token wrk -t 1 -c 8 -d 3s -s tests/bench/proofs.lua "http://127.0.0.1:$port/" >/dev/null
    sleep 1
    wait_until_signed
    stop_server
    sql -c "select '/samsyn/v1/access-events/' || id || '/inclusion-proof' from samsyn.access_events where operation = 'listCases' order by random() limit 2000" >"$directory/inclusion"
    read -r txid id <<<"$(sql -F ' ' -c 'select last_txid, last_id from samsyn.log_trees order by size desc limit 1')"
    {
        echo 'set session_replication_role = replica; create temp table fresh_tiles (level smallint, index bigint, hashes bytea);'
        sql -c "select substring(encode(hashes, 'hex') from 1 + 64 * n for 64) from samsyn.log_tiles, generate_series(0, octet_length(hashes) / 32 - 1) n where level = 0 order by index, n" |
            "$build/bench/tree" "$size" "$txid" "$id"
        echo 'insert into samsyn.log_tiles select * from fresh_tiles on conflict (level, index) do update set hashes = excluded.hashes;'
    } | sql -f - >/dev/null
    sql -c 'vacuum analyze samsyn.log_tiles' -c 'create extension pg_prewarm' -c "
        select sum(pg_prewarm(r, 'read')) from pg_class t, unnest(array[t.oid, t.reltoastrelid] ||
            array(select i.indexrelid from pg_index i where i.indrelid in (t.oid, t.reltoastrelid))) r
        where t.oid = 'samsyn.log_tiles'::regclass" >/dev/null
    start_server
    wait_until_signed
    seq 2000 | awk -v size="$size" 'BEGIN { srand(1) } { print "/samsyn/v1/log/consistency-proofs?from=" 1 + int(rand() * (size - 1)) "&to=" size }' >"$directory/consistency"
    token=$("$samsyn" token --development-key "$directory/key.pem" --subject social-auditor --scope samsyn:audit --lifetime 86400)
    let_disk_rest
    ask inclusion "$directory/inclusion" "$token"
    ask consistency "$directory/consistency"
    stop_server
}

openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out "$directory/key.pem" 2>/dev/null
openssl genpkey -algorithm ed25519 -out "$directory/log-key.pem"
tests/support/cluster.sh start "$cluster" max_connections=300 shared_buffers=1GB max_wal_size=8GB
SAMSYN=$samsyn tests/support/template.sh "$cluster" bench
measure_writing
measure_sealing
measure_proofs
