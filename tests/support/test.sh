#!/usr/bin/env bash
# All stages of `make test`, in order; a failed stage does not keep the later ones from running, unless it is the build.
# Each prints "<stage>: N passed, N failed" as its last word; the sum of all is the last line of the output.
set -uo pipefail

# The sanitizers of Debian 12 know of addresses scattered over 28 bits. Where the kernel scatters them over more, a program
# with one of them dies at its start now and then.
bits=$(cat /proc/sys/vm/mmap_rnd_bits 2>/dev/null || echo 0)
if [ "$bits" -gt 28 ] && [ -z "${SCATTERED:-}" ] && setarch -R true 2>/dev/null; then
    SCATTERED=no exec setarch -R "$0" "$@"
fi
build=${BUILD:-build}
results=$build/test
rm -rf "$results"
mkdir -p "$results"
passed=0
failed=0
summary=()

# stage NAME COMMAND...: runs the command, shows its output, counts what it says of itself.
stage() {
    local name=$1 started=$SECONDS status line ok bad
    shift
    printf '\n==== %s ====\n' "$name"
    "$@" </dev/null 2>&1 | tee "$results/$name.log"
    status=${PIPESTATUS[0]}
    line=$(grep -E "^$name: [0-9]+ passed, [0-9]+ failed\$" "$results/$name.log" | tail -n 1)
    ok=$(sed -nE 's/.*: ([0-9]+) passed.*/\1/p' <<<"$line")
    bad=$(sed -nE 's/.*, ([0-9]+) failed.*/\1/p' <<<"$line")
    ok=${ok:-0}
    bad=${bad:-0}
    # A stage that broke without saying so is a failure; so is one that says nothing at all.
    if [ "$bad" = 0 ] && { [ "$status" != 0 ] || [ -z "$line" ]; }; then
        bad=1
    fi
    passed=$((passed + ok))
    failed=$((failed + bad))
    summary+=("$(printf '%-12s %5d passed %5d failed %5d s' "$name" "$ok" "$bad" $((SECONDS - started)))")
}

build_all() {
    make --no-print-directory -j2 all sanitize && echo "build: 1 passed, 0 failed"
}

stage build build_all
names=(lint unit thread-test fuzz sql-test api-test fault-test)
[ "$failed" = 0 ] || names=(lint) # without a program there is nothing else to say
for name in "${names[@]}"; do
    stage "$name" make --no-print-directory -j2 "$name"
done

printf '\n==== summary ====\n'
printf '%s\n' "${summary[@]}"
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
