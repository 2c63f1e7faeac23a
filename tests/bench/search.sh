#!/usr/bin/env bash
# Measures the search of the access log as it grows: for each size, one JSON line for each way of searching, of one client
# over HTTP with the audit row that each search writes (p50, p99 in ms), and what the statement behind the page touched
# (buffersMost, of the paths tried: it does not depend on what else the machine does). A plan that reads a table of the log
# from end to end is a failure.
#
#   BENCH_SEARCH_SIZES      events of the log, ascending                          (1000000 10000000)
#   BENCH_SECONDS           length of each measurement                            (10)
#   BENCH_SEARCH_DIRECTORY  where the log is kept, to be measured again without   (thrown away)
#                           growing: then the sizes are by default that of the
#                           log, and those that it has outgrown are passed over
set -euo pipefail
seconds=${BENCH_SECONDS:-10}
keep=${BENCH_SEARCH_DIRECTORY:-}
# shellcheck source=tests/bench/auditor.sh
. "$(dirname "$0")/auditor.sh"

events=/samsyn/v1/access-events
ids() { # kind count
    sql -c "select md5('$1' || (random() * ($2 - 1))::int)::uuid from generate_series(1, 2000)"
}
id() { sql -c "select md5('$1')::uuid"; }

# Each way of searching: a file of paths, by its name. The oldest month is the one that every search comes to last.
write_paths() {
    local oldest
    oldest=$(sql -c 'select max(month) from bench.months')
    ids subject- 20000 | sed "s|^|$events?subjectId=|" >"$directory/subject"
    ids "former-$oldest-" 2000 | sed "s|^|$events?subjectId=|" >"$directory/former-subject"
    echo "$events?subjectId=$(id subject-0)" >"$directory/busiest-subject"
    echo "$events?subjectId=$(id nobody)" >"$directory/no-subject"
    ids user- 1000 | sed "s|^|$events?userId=|" >"$directory/user"
    echo "$events?userId=$(id user-0)" >"$directory/busiest-user"
    ids user- 1000 | sed "s|.*|$events?userId=&\&subjectId=$(id subject-0)|" >"$directory/user-and-subject"
    echo "$events?outcome=denied" >"$directory/denied"
    echo "$events?ground=CONSENT&operation=getRecord" >"$directory/ground"
    echo "$events?operation=listTombstones" >"$directory/rare-operation"
    echo "$events?operation=noSuchThing" >"$directory/nothing"
    echo "$events?client=retired-$oldest" >"$directory/nothing-for-long"
    # Pages from anywhere in the log, down to its end.
    sql -c "select '$events?cursor=' || samsyn.utc_micro(min(begins) + random() * (max(begins) - min(begins) + interval '28 days')) || '_ffffffff-ffff-ffff-ffff-ffffffffffff'
        from bench.months, generate_series(1, 2000) n group by n" >"$directory/depth"
}
ways='subject former-subject busiest-subject no-subject user busiest-user user-and-subject denied ground rare-operation depth nothing nothing-for-long'

# The arguments of samsyn.access_event_page for a path.
arguments() { # path
    local query="&${1#*\?}" name value all=''
    for name in subjectId userId organisationId client operation activity ground outcome code emergencyAccessId emergency from until cursor; do
        value=$(sed -nE "s/.*&$name=([^&]*).*/'\1'/p" <<<"$query")
        all+="${value:-null}, "
    done
    echo "${all}20"
}

# What a page of a path touches, as EXPLAIN tells it once plans and catalogues are known to the connection; and that no
# statement of it, also within functions, reads a table of the log as a whole.
buffers() { # path
    local page
    page="select count(*) from samsyn.access_event_page($(arguments "$1")) p cross join lateral samsyn.show_events(p.events, p.pause) s"
    psql --no-psqlrc -qAtXh "$cluster" -U postgres bench >"$directory/explained" 2>&1 <<SQL
load 'auto_explain';
set auto_explain.log_min_duration = 0;
set auto_explain.log_nested_statements = on;
$auditor
set role samsyn_api;
set plan_cache_mode = force_generic_plan;
set client_min_messages = log;
$page;
set client_min_messages = warning;
explain (analyze, buffers, timing off) $page;
SQL
    if grep -E 'Seq Scan on access_event' "$directory/explained"; then
        echo "$1 reads the whole log" >&2
        exit 1
    fi
    awk '/^ *Buffers: shared/ { n = 0; for (i = 3; i <= NF; i++) { split($i, pair, "="); if (pair[1] ~ /^(hit|read)$/) n += pair[2] } print n; exit }' "$directory/explained"
}
most_buffers() { # way
    local path
    shuf -n 12 --random-source=<(yes) "$directory/$1" | while read -r path; do buffers "$path"; done | sort -n | tail -n 1
}

measure() {
    local way rate middle tail failed touched
    write_paths
    keep_unsealed
    start_server
    for way in $ways; do
        touched=$(most_buffers "$way")
        PATHS=$directory/$way TOKEN=$token wrk -t 1 -c 1 -d 2s -s tests/bench/proofs.lua "http://127.0.0.1:$port/" >/dev/null
        read -r _ rate middle tail failed <<<"$(PATHS=$directory/$way TOKEN=$token wrk -t 1 -c 1 -d "${seconds}s" --latency -s tests/bench/proofs.lua "http://127.0.0.1:$port/" | grep '^RESULT')"
        printf '{"measure":"search","by":"%s","events":%d,"perSecond":%s,"p50Ms":%s,"p99Ms":%s,"failed":%d,"buffersMost":%d}\n' \
            "$way" "$(log_size)" "$rate" "$middle" "$tail" "$failed" "$touched"
    done
    stop_server
}

have=$(log_size)
sizes=${BENCH_SEARCH_SIZES:-$([ "$have" -gt 0 ] && echo "$have" || echo 1000000 10000000)}
for size in $sizes; do
    [ "$size" -ge "$have" ] || continue
    grow_log "$size"
    measure
done
