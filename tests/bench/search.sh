#!/usr/bin/env bash
# Measures the search of the access log as it grows: for each size, one JSON line for each way of searching, of one client
# over HTTP with the audit row that each search writes (p50, p99 in ms). A plan that reads a table of the log from end to
# end is a failure.
#
#   BENCH_SEARCH_SIZES  rows of the log, ascending     (1000000 10000000)
#   BENCH_SECONDS       length of each measurement     (10)
set -euo pipefail
sizes=${BENCH_SEARCH_SIZES:-1000000 10000000}
seconds=${BENCH_SECONDS:-10}
# shellcheck source=tests/bench/auditor.sh
. "$(dirname "$0")/auditor.sh"

ids() { # kind count
    sql -c "select md5('$1-' || (random() * ($2 - 1))::int)::uuid from generate_series(1, 2000)"
}
events=/samsyn/v1/access-events
write_paths() {
    ids subject 20000 | sed "s|^|$events?subjectId=|" >"$directory/subject"
    echo "$events?subjectId=$(sql -c "select md5('subject-0')::uuid")" >"$directory/busiest-subject"
    ids user 1000 | sed "s|^|$events?userId=|" >"$directory/user"
    echo "$events?userId=$(sql -c "select md5('user-0')::uuid")" >"$directory/busiest-user"
    echo "$events?outcome=denied" >"$directory/denied"
    echo "$events?ground=CONSENT&operation=getRecord" >"$directory/ground"
    echo "$events?operation=noSuchThing" >"$directory/nothing"
    # Pages from anywhere in the log, down to its end.
    sql -c "select '$events?cursor=' || samsyn.utc_micro(date_trunc('month', now()) + random() * interval '360 days') || '_ffffffff-ffff-ffff-ffff-ffffffffffff' from generate_series(1, 2000)" >"$directory/depth"
}
explain() { # filter
    psql --no-psqlrc -qAtXh "$cluster" -U postgres bench 2>&1 <<SQL
load 'auto_explain';
set auto_explain.log_min_duration = 0;
set auto_explain.log_nested_statements = on;
set client_min_messages = log;
$auditor
select count(*) from samsyn.find_access_events($1, null, null, null, null, null, null, null, null, null, null, null, null, 20);
SQL
}
check_plans() {
    local filter
    for filter in "md5('subject-0')::uuid, null" "null, md5('user-0')::uuid" 'null, null'; do
        if explain "$filter" | grep -E 'Seq Scan on access_event'; then
            echo "a search by ($filter) reads the whole log" >&2
            exit 1
        fi
    done
}

have=0
write_paths
for size in $sizes; do
    grow_log $((have + 1)) "$size"
    have=$size
    index_log
    check_plans
    start_server
    for by in subject busiest-subject user busiest-user denied ground depth nothing; do
        PATHS=$directory/$by TOKEN=$token wrk -t 1 -c 1 -d 2s -s tests/bench/proofs.lua "http://127.0.0.1:$port/" >/dev/null
        read -r _ rate middle tail failed <<<"$(PATHS=$directory/$by TOKEN=$token wrk -t 1 -c 1 -d "${seconds}s" --latency -s tests/bench/proofs.lua "http://127.0.0.1:$port/" | grep '^RESULT')"
        printf '{"measure":"search","by":"%s","events":%d,"perSecond":%s,"p50Ms":%s,"p99Ms":%s,"failed":%d}\n' "$by" "$size" "$rate" "$middle" "$tail" "$failed"
    done
    kill "$server"
    wait "$server" || true
    server=
done
