#!/usr/bin/env bash
# Static checks. Each counts as one passed or failed; all are run whatever the others say.
#
#   lint.sh [CHECK...]      house format tidy cppcheck contract sql javascript scripts; all without an argument
#
# From the environment: MODULES (folders of src/ to look at; all), CPPFLAGS (for the analysers).
set -uo pipefail
read -ra modules <<<"${MODULES:-base contract auth db http operation commands}"
read -ra preprocessor <<<"${CPPFLAGS:--Isrc -D_GNU_SOURCE}"
read -ra chosen <<<"${*:-house format tidy cppcheck contract sql javascript scripts}"

mapfile -t sources < <(for module in "${modules[@]}"; do find "src/$module" -name '*.c' 2>/dev/null; done | sort
                       [ -f src/main.c ] && echo src/main.c)
mapfile -t headers < <(for module in "${modules[@]}"; do find "src/$module" -name '*.h' 2>/dev/null; done | sort)
mapfile -t tests < <(find tests -name node_modules -prune -o -name '*.[ch]' -print | sort)

check_house() {
    tests/support/lint-house.sh "${sources[@]}" "${headers[@]}" "${tests[@]}"
}

check_format() {
    clang-format --dry-run -Werror --ferror-limit=3 "${sources[@]}" "${headers[@]}" "${tests[@]}"
}

# File by file: in one run with others, clang-tidy 14 takes a va_list that has been started for one that has not.
check_tidy() {
    # shellcheck disable=SC2016
    printf '%s\0' "${sources[@]}" |
        xargs -0 -P 2 -n 1 sh -c 'clang-tidy --quiet "$@" -- $FLAGS 2>/dev/null' clang-tidy
}

# Without the libraries' headers: they make it slow and find nothing more; cppcheck.cfg has the macros that matter.
# Left out: autoVariables, which takes a queue of waiters on their own
# stacks, or a pointer into an array, for an escape (gcc's -Wdangling-pointer knows the difference); and in
# src/contract incorrectLogicOperator, because cppcheck reads hexadecimal floating constants (0x1p63) as 0.
check_cppcheck() {
    mkdir -p "${BUILD:-build}/cppcheck"
    cppcheck --quiet --error-exitcode=1 --std=c11 --language=c --enable=warning,performance,portability --inline-suppr \
        --inconclusive -j 2 --cppcheck-build-dir="${BUILD:-build}/cppcheck" -Isrc -D_GNU_SOURCE \
        --library=posix --library=gnu --library=tests/support/cppcheck.cfg \
        --suppress=missingIncludeSystem --suppress=unmatchedSuppression --suppress=autoVariables '--suppress=incorrectLogicOperator:src/contract/*' "${sources[@]}"
}

check_contract() {
    tests/support/contract.sh --check
}

check_sql() {
    node tests/support/lint-sql.mjs
}

check_javascript() {
    local file status=0
    while read -r file; do
        node --check "$file" || status=1
    done < <(find tests -name node_modules -prune -o -name '*.mjs' -print)
    return $status
}

check_scripts() {
    command -v shellcheck >/dev/null || { echo "shellcheck is not installed; skipped"; return 0; }
    find deploy tests .ci -name node_modules -prune -o -type f \( -name '*.sh' -o -path .ci/run \) -print0 |
        xargs -0 shellcheck --severity=warning
}

FLAGS="-std=c17 ${preprocessor[*]}"
export FLAGS
passed=0
failed=0
for check in "${chosen[@]}"; do
    started=$SECONDS
    if output=$("check_$check" 2>&1); then
        passed=$((passed + 1))
        echo "lint $check: clean ($((SECONDS - started)) s)"
    else
        failed=$((failed + 1))
        printf '%s\n' "$output"
        echo "lint $check: FAILED ($((SECONDS - started)) s)"
    fi
done
echo "lint: $passed passed, $failed failed"
[ "$failed" = 0 ]
