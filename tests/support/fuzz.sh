#!/usr/bin/env bash
# Runs libFuzzer programs, each for FUZZ_SECONDS (10), two at a time.
#
#   fuzz.sh PROGRAM...
#
# Seeds are tests/fuzz/corpus/<name>/*, words tests/fuzz/<name>.dict; what a run learns stays in
# build/fuzz/corpus/<name>, and an input that breaks something in build/fuzz/found/<name>-*.
set -uo pipefail
seconds=${FUZZ_SECONDS:-10}
limits=(-max_total_time="$seconds" -timeout=60 -rss_limit_mb=2048 -max_len=8192 -verbosity=1 -print_final_stats=1)

fuzz_one() {
    local program=$1 name top
    name=$(basename "$program")
    top=$(dirname "$(dirname "$program")")
    mkdir -p "$top/corpus/$name" "$top/found" "$top/log"
    local arguments=("${limits[@]}" -artifact_prefix="$top/found/$name-")
    [ -f "tests/fuzz/$name.dict" ] && arguments+=(-dict="tests/fuzz/$name.dict")
    arguments+=("$top/corpus/$name")
    [ -d "tests/fuzz/corpus/$name" ] && arguments+=("tests/fuzz/corpus/$name")
    "$program" "${arguments[@]}" >"$top/log/$name" 2>&1
    echo $? >"$top/log/$name.status"
}

count=0
for program in "$@"; do
    fuzz_one "$program" &
    count=$((count + 1))
    [ $((count % 2)) = 0 ] && wait
done
wait

passed=0
failed=0
for program in "$@"; do
    name=$(basename "$program")
    log=$(dirname "$(dirname "$program")")/log/$name
    runs=$(sed -nE 's/^stat::number_of_executed_units: +//p' "$log")
    if [ "$(cat "$log.status")" = 0 ] && [ "${runs:-0}" -gt 0 ]; then
        passed=$((passed + 1))
        echo "$name: $runs inputs in $seconds s"
    else
        failed=$((failed + 1))
        echo "$name: broken by an input"
        grep -vE '^#[0-9]+' "$log" | head -80
    fi
done
[ $# -gt 0 ] || { echo "no fuzzers found"; failed=1; }
echo "fuzz: $passed passed, $failed failed"
[ "$failed" = 0 ]
