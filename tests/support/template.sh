#!/usr/bin/env bash
# A throwaway cluster with one migrated database to clone from.
#
#   template.sh DIR DATABASE [empty]    starts a cluster in DIR and makes DATABASE in it: migrated, the register of
#                                       municipalities imported, and the demo loaded unless `empty`
#
# SAMSYN names the server's binary. The cluster keeps what it acknowledges (the fault tests kill it), so nothing is
# switched off that a crash could reveal.
set -euo pipefail
samsyn=${SAMSYN:-build/samsyn-sanitize}
directory=$1
database=$2
here=$(dirname "$0")
registers=$here/../../sql/registers

# Thrown away in any case when the machine goes down: no disk is waited for.
"$here/cluster.sh" start "$directory" max_connections=300 fsync=off
psql=(psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --host "$directory" --username postgres)
"${psql[@]}" --dbname postgres --file "$here/../../deploy/roles.sql"
"${psql[@]}" --dbname postgres --command "create database \"$database\" owner samsyn_owner"

owner="host=$directory dbname=$database user=samsyn_owner connect_timeout=150"
log=$directory/template.log
quietly() {
    "$samsyn" "$@" --owner-database "$owner" >"$log" 2>&1 || { cat "$log" >&2; echo "samsyn $1 failed" >&2; exit 1; }
}
quietly migrate
quietly import-organisations --municipalities "$registers/municipalities.csv" --counties "$registers/counties.csv"
[ "${3:-}" = empty ] || quietly demo
rm -f "$log"
