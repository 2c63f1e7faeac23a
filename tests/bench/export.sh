#!/usr/bin/env bash
# Measures the export of the access log against COPY: one JSON line. Each in turns, the median of the rounds:
#
#   rowsPerSecond       GET /access-event-exports as NDJSON, to its last byte
#   copyRowsPerSecond   COPY of the same lines: the same statement for the whole log at once, under the row policy
#   tableRowsPerSecond  COPY of the bare rows, nothing told and nothing looked up, under the row policy
#   peakMemoryKiB       of the server, after all of it; more than 128 MiB is a failure
#
#   BENCH_EXPORT_ROWS   rows of the log  (1000000)
#   BENCH_ROUNDS        rounds           (3)
set -euo pipefail
rows=${BENCH_EXPORT_ROWS:-1000000}
rounds=${BENCH_ROUNDS:-3}
# shellcheck source=tests/bench/auditor.sh
. "$(dirname "$0")/auditor.sh"
median() { sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }

grow_log "$rows"
keep_unsealed
start_server

# Rows a second of a command that prints a row a line.
rate() {
    local begun lines
    begun=$(date +%s%N)
    lines=$("$@" | wc -l)
    awk "BEGIN { print int($lines / (($(date +%s%N) - $begun) / 1e9)) }"
}
export_log() { curl -sSf -H "Authorization: Bearer $token" -H 'Accept: application/x-ndjson' "http://127.0.0.1:$port/samsyn/v1/access-event-exports"; }
copy_lines() {
    psql --no-psqlrc -qAtXh "$cluster" -U samsyn_api bench <<SQL
$auditor
copy (select s.body from (select array_agg(e order by n) as events
        from (select e, (row_number() over (order by e.at desc, e.id desc) - 1) / 2000 as part,
            row_number() over (order by e.at desc, e.id desc) as n from samsyn.access_events e) e group by part) p
    cross join lateral samsyn.show_events(p.events, null) s) to stdout;
SQL
}
copy_table() {
    psql --no-psqlrc -qAtXh "$cluster" -U samsyn_api bench <<SQL
$auditor
copy (select * from samsyn.access_events order by at desc, id desc) to stdout;
SQL
}

ours=() copied=() bare=() ratios=() table_ratios=()
rate export_log >/dev/null
for _ in $(seq "$rounds"); do
    ours+=("$(rate export_log)") copied+=("$(rate copy_lines)") bare+=("$(rate copy_table)")
    ratios+=("$(awk "BEGIN { print ${ours[-1]} / ${copied[-1]} }")")
    table_ratios+=("$(awk "BEGIN { print ${ours[-1]} / ${bare[-1]} }")")
done
peak=$(awk '/VmHWM/ { print $2 }' "/proc/$server/status")
pick() { printf '%s\n' "$@" | median; }
printf '{"measure":"export","rows":%d,"rowsPerSecond":%s,"copyRowsPerSecond":%s,"ratio":%s,"tableRowsPerSecond":%s,"tableRatio":%s,"peakMemoryKiB":%s}\n' \
    "$rows" "$(pick "${ours[@]}")" "$(pick "${copied[@]}")" "$(pick "${ratios[@]}")" "$(pick "${bare[@]}")" "$(pick "${table_ratios[@]}")" "$peak"
[ "$peak" -lt 131072 ]
