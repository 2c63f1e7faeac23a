#!/usr/bin/env bash
# Lists the share of lines of each source file that a run of the unit tests saw, least first.
#
#   lines.sh BUILD      where the objects were compiled with --coverage
set -euo pipefail
build=$1
find "$build/sanitize" -name '*.gcda' -print0 |
    xargs -0 gcov --no-output --relative-only 2>/dev/null |
    awk -F"['%: ]+" '/^File/ { file = $2 } /^Lines executed/ && file ~ /^src\/.*\.c$/ { print $3 "\t" file; file = "" }' |
    sort -n |
    awk -F'\t' '{ printf "%6.1f %%  %s\n", $1, $2 }'
