#!/usr/bin/env bash
# Runs the pgTAP tests, each file in a database of its own, cloned from one that is migrated and holds the demo.
#
#   sql.sh [FILE...]        tests/sql/*.sql without an argument
#
# A file is run as the superuser with search_path = tap, pg_catalog, public, in whatever transaction it opens itself.
# pgTAP lives in the schema `tap`, which every role may use; a test that acts as samsyn_api says `set role`.
set -uo pipefail
files=("$@")
[ ${#files[@]} -gt 0 ] || mapfile -t files < <(ls tests/sql/*.sql 2>/dev/null)
here=$(dirname "$0")
directory=$(mktemp -d /tmp/samsyn-sql-XXXXXX)
output=$(mktemp)
cleanup() {
    "$here/cluster.sh" stop "$directory" 2>/dev/null
    rm -rf "$directory" "$output"
}
trap cleanup EXIT

psql=(psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --host "$directory" --username postgres)
passed=0
failed=0

if [ ${#files[@]} = 0 ]; then
    echo "no SQL tests found"
    failed=1
elif ! "$here/template.sh" "$directory" template ||
    ! "${psql[@]}" --dbname template <<'SQL'
create schema tap;
create extension pgtap schema tap;
grant usage on schema tap to public;
SQL
then
    echo "the template database could not be made"
    failed=1
else
    for file in "${files[@]}"; do
        # Sessions that have been left end by themselves, but not at once, and neither command waits long for them.
        "${psql[@]}" --dbname postgres --output /dev/null --command "select pg_terminate_backend(pid, 600000) \
                from pg_stat_activity where datname in ('clone', 'template')" \
            --command 'drop database if exists clone' --command 'create database clone template template' 2>&1 | grep -v NOTICE
        PGOPTIONS='-c search_path=tap,pg_catalog,public -c client_min_messages=warning' timeout 3600 pg_prove --verbose --norc \
            --host "$directory" --username postgres --dbname clone "$file" >"$output" 2>&1
        status=$?
        ok=$(grep -cE '^ok [0-9]+' "$output")
        bad=$(grep -cE '^not ok [0-9]+' "$output")
        if [ "$bad" = 0 ] && { [ $status != 0 ] || [ "$ok" = 0 ]; }; then
            bad=1
        fi
        printf '%-60s %3d passed, %d failed\n' "$file" "$ok" "$bad"
        [ "$bad" = 0 ] || grep -vE '^ok [0-9]+' "$output"
        passed=$((passed + ok))
        failed=$((failed + bad))
    done
fi
echo "sql-test: $passed passed, $failed failed"
[ "$failed" = 0 ]
