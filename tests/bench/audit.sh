#!/usr/bin/env bash
# Measures what an auditor runs as the log grows: for each size, one JSON line for each of
#
#   audit    samsyn log audit of the database
#   verify   samsyn log verify of an export of it with proofs
#
# with rows a second, the peak memory of the command alone, and how often its progress was drawn: it runs on a terminal.
# More than 32 MiB, or no progress, is a failure.
#
#   BENCH_AUDIT_SIZES   events of the log, ascending              (100000 1000000)
#   BENCH_AUDIT_EVERY   entries from one checkpoint to the next   (10)
set -euo pipefail
sizes=${BENCH_AUDIT_SIZES:-100000 1000000}
every=${BENCH_AUDIT_EVERY:-10}
# shellcheck source=tests/bench/auditor.sh
. "$(dirname "$0")/auditor.sh"
origin=bench.example/log
openssl genpkey -algorithm ed25519 -out "$directory/log-key.pem"

# As long as a log is sealed in one go it has few checkpoints. These are those of one that was sealed as it grew, all dated
# before it: its rows are of months that are past.
sign_often() {
    {
        echo "set session_replication_role = replica;
            create temp table signed (size bigint, root bytea, txid xid8, id uuid, name text, key_id bytea, line text);
            copy signed from stdin;"
        sql -F ' ' -c "select encode(substring(t.hashes from 1 + 32 * (l.index % 256)::integer for 32), 'base64'), e.txid, e.id
            from samsyn.log_entries l join samsyn.access_events e on e.id = l.id and e.at = l.at
            join samsyn.log_tiles t on t.level = 0 and t.index = l.index / 256 order by l.index" |
            "$(dirname "$samsyn")/bench/checkpoints" "$every" "$directory/log-key.pem" "$origin"
        echo "\\.
            delete from samsyn.log_signatures;
            delete from samsyn.log_trees;
            insert into samsyn.log_trees select s.size, s.root, s.txid, s.id, (select min(m.begins) from bench.months m) from signed s;
            insert into samsyn.log_signatures select s.size, s.name, s.key_id, s.line from signed s;
            analyze samsyn.log_trees, samsyn.log_signatures;"
    } | sql -f - >/dev/null
}

# The log as it would be had it been sealed from its first day, and its export. The server is told nothing of what it
# signed before: that was another log.
seal_log() {
    rm -rf "$directory/log-memory"
    sql -c 'set session_replication_role = replica' \
        -c 'truncate samsyn.log_entries, samsyn.log_tiles, samsyn.log_signatures' -c 'delete from samsyn.log_trees' >/dev/null
    start_server --log-origin "$origin" --log-keys "$directory/log-key.pem" --log-memory "$directory/log-memory"
    until [ "$(sql -c 'select samsyn.unsealed_seconds() = 0 and samsyn.signed_size() = max(size) from samsyn.log_trees')" = t ]; do sleep 1; done
    curl -sSf -H "Authorization: Bearer $token" -H 'Accept: application/x-ndjson' -o "$directory/export.ndjson" \
        "http://127.0.0.1:$port/samsyn/v1/access-event-exports?proofs=true"
    curl -sSf "http://127.0.0.1:$port/samsyn/v1/log/keys" | jq -r '.keys[0].verifier' >"$directory/log.vkey"
    stop_server
    sign_often
}

measure() { # name rows arguments
    local begun elapsed peak drawn
    begun=$(date +%s%N)
    script -qec "/usr/bin/time -f %M -o $directory/peak $samsyn log $1 ${*:3} --verifier-key $directory/log.vkey" "$directory/terminal" >/dev/null ||
        { cat "$directory/terminal" >&2; exit 1; }
    elapsed=$(($(date +%s%N) - begun))
    peak=$(cat "$directory/peak")
    drawn=$(grep -oE '\[[#.]+\] +[0-9]+ %' "$directory/terminal" | wc -l)
    printf '{"measure":"%s","rows":%d,"checkpoints":%d,"rowsPerSecond":%d,"peakMemoryKiB":%d,"progressDrawn":%d}\n' "$1" "$2" \
        "$(sql -c 'select count(*) from samsyn.log_signatures')" $(($2 * 1000000000 / elapsed)) "$peak" "$drawn"
    [ "$peak" -lt 32768 ] && [ "$drawn" -gt 0 ]
}

for size in $sizes; do
    grow_log "$size"
    seal_log
    measure audit "$(sql -c 'select max(size) from samsyn.log_trees')" "--owner-database 'host=$cluster dbname=bench user=samsyn_owner'"
    measure verify "$(grep -c '"index"' "$directory/export.ndjson")" "$directory/export.ndjson"
done
