#!/usr/bin/env bash
# Runs C unit test programs (cmocka) one after the other and counts their tests.
#
#   unit.sh PROGRAM...      STAGE is the word before the totals (unit)
#
# A program that dies, hangs, leaks or runs no test at all is a failure of its own. Output is shown for failures only.
set -uo pipefail
hung=3600 # seconds: a machine may be slow, and a test waits for what it waits for five minutes
output=$(mktemp)
trap 'rm -f "$output"' EXIT
passed=0
failed=0

for program in "$@"; do
    CMOCKA_MESSAGE_OUTPUT=TAP timeout "$hung" "$program" >"$output" 2>&1
    status=$?
    ok=$(grep -cE '^ok [0-9]+' "$output")
    bad=$(grep -cE '^not ok [0-9]+' "$output")
    if [ "$bad" = 0 ] && { [ $status != 0 ] || [ "$ok" = 0 ]; }; then
        bad=1
    fi
    printf '%-60s %3d passed, %d failed\n' "${program##*/}" "$ok" "$bad"
    if [ "$bad" != 0 ]; then
        cat "$output"
        echo "exit status $status"
    fi
    passed=$((passed + ok))
    failed=$((failed + bad))
done
[ $# -gt 0 ] || { echo "no unit tests found"; failed=1; }
echo "${STAGE:-unit}: $passed passed, $failed failed"
[ "$failed" = 0 ]
