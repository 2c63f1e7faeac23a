#!/usr/bin/env bash
# Measures the API against PostgreSQL's own speed: `make bench`.
#
# For each size it loads a database, then for each operation runs wrk against the server and pgbench with the very
# statements that the server sends (prepared, pipelined, the same number of connections), in turns within one run, and
# prints one JSON line: throughput, p50 and p99 in ms, pgbench's throughput, the ratio (median of the rounds), and the
# server's peak memory. synchronous_commit and fsync are on, on both sides. getSharedRecord reads a record of another
# agency under a standing share, the longest path of the visibility rule; listRecords the records of a case, half of them
# under a share; evaluateAccess is the dry run of reading a shared record.
#
#   BENCH_OPERATIONS  what to measure                        (all)
#   BENCH_SIZES     numbers of cases                         (10000 100000)
#   BENCH_RECORDS   records of each case                     (10)
#   BENCH_EVENTS    rows of the access log before the run    (1000000)
#   BENCH_SECONDS   length of each measurement               (10)
#   BENCH_ROUNDS    rounds of API and pgbench in turns       (3)
#   BENCH_CONNECTIONS  connections of wrk and of pgbench     (32)
#   BENCH_POOL      the server's database connections        (8)
#   BENCH_BUFFERS   shared_buffers of PostgreSQL             (a quarter of the machine's memory)
set -euo pipefail
cd "$(dirname "$0")/../.."
samsyn=$(realpath "${BUILD:-build}/samsyn")
sizes=${BENCH_SIZES:-10000 100000}
operations=${BENCH_OPERATIONS:-getRecord getSharedRecord listCases listRecords createRecord evaluateAccess}
records=${BENCH_RECORDS:-10}
events=${BENCH_EVENTS:-1000000}
seconds=${BENCH_SECONDS:-10}
rounds=${BENCH_ROUNDS:-3}
connections=${BENCH_CONNECTIONS:-32}
pool=${BENCH_POOL:-8}
buffers=${BENCH_BUFFERS:-$(awk '/^MemTotal/ { print int($2 / 4096) "MB" }' /proc/meminfo)}
[ "$records" -ge 2 ] || { echo "BENCH_RECORDS is at least 2: an own and a shared one" >&2; exit 2; }

directory=$(mktemp -d /var/tmp/samsyn-bench.XXXXXX)
chmod 755 "$directory"
server=
clean_up() {
    [ -z "$server" ] || kill "$server" 2>/dev/null || true
    tests/support/cluster.sh stop "$directory/cluster" >/dev/null 2>&1 || true
    rm -rf "$directory"
}
trap clean_up EXIT

openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out "$directory/key.pem" 2>/dev/null
pgbench=$(pg_config --bindir 2>/dev/null)/pgbench
[ -x "$pgbench" ] || pgbench=$(find /usr/lib/postgresql -name pgbench | sort -V | tail -n 1)

start_server() {
    "$samsyn" serve --database "host=$directory/cluster dbname=$database user=samsyn_api" --pool-size "$pool" \
        --listen 127.0.0.1:0 --management 127.0.0.1:0 --development-key "$directory/key.pem" \
        --token-max-lifetime-s 86400 --pool-wait-ms 10000 2>"$directory/server.log" &
    server=$!
    for _ in $(seq 100); do
        port=$(sed -nE 's/.*"event":"listening".*"port":([0-9]+).*/\1/p' "$directory/server.log")
        [ -z "$port" ] || return 0
        sleep 0.1
    done
    cat "$directory/server.log" >&2
    exit 1
}

median() { sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }

measure() { # operation cases
    local api=() own=() ratio=() p50=() p99=() failed=0 result rate middle tail bad reference
    for _ in $(seq "$rounds"); do
        result=$(OPERATION=$1 DIRECTORY=$directory wrk -t 2 -c "$connections" -d "${seconds}s" --latency \
            -s tests/bench/requests.lua "http://127.0.0.1:$port/" | grep '^RESULT')
        read -r _ rate middle tail _ bad <<<"$result"
        p50+=("$middle") p99+=("$tail")
        failed=$((failed + bad))
        reference=$(PGOPTIONS='-c plan_cache_mode=force_generic_plan' "$pgbench" -n -h "$directory/cluster" -U samsyn_api \
            -M prepared -c "$connections" -j 2 -T "$seconds" -f "$directory/$1.sql" "$database" 2>/dev/null |
            sed -nE 's/^tps = ([0-9.]+).*/\1/p')
        api+=("$rate") own+=("$reference")
        ratio+=("$(awk "BEGIN { print $rate / $reference }")")
    done
    printf '{"operation":"%s","cases":%d,"records":%d,"events":%d,"perSecond":%s,"p50Ms":%s,"p99Ms":%s,"pgbenchPerSecond":%s,"ratio":%s,"failed":%d,"peakMemoryKiB":%s}\n' \
        "$1" "$2" $(($2 * records)) "$events" "$(printf '%s\n' "${api[@]}" | median)" "$(printf '%s\n' "${p50[@]}" | median)" \
        "$(printf '%s\n' "${p99[@]}" | median)" "$(printf '%s\n' "${own[@]}" | median)" \
        "$(printf '%s\n' "${ratio[@]}" | median)" "$failed" "$(awk '/VmHWM/ { print $2 }' "/proc/$server/status")"
}

for cases in $sizes; do
    database=bench
    tests/support/cluster.sh stop "$directory/cluster" >/dev/null 2>&1 || true
    rm -rf "$directory/cluster"
    tests/support/cluster.sh start "$directory/cluster" max_connections=300 shared_buffers="$buffers"
    SAMSYN=$samsyn tests/support/template.sh "$directory/cluster" "$database"
    psql --no-psqlrc -qh "$directory/cluster" -U postgres -v cases="$cases" -v records="$records" -v events="$events" \
        -f tests/bench/load.sql "$database" >/dev/null
    psql --no-psqlrc -qh "$directory/cluster" -U postgres -c 'vacuum analyze' -c checkpoint "$database"
    node tests/bench/scripts.mjs "$directory" "$samsyn" "host=$directory/cluster dbname=$database user=samsyn_api" \
        "$cases" "$records" "$directory/key.pem"
    start_server
    for operation in $operations; do
        measure "$operation" "$cases"
    done
    kill "$server"
    wait "$server" || true
    server=
done
