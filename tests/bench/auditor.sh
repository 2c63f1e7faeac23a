# shellcheck shell=bash
# shellcheck disable=SC2034 # what is set here is for the script that sources it
# Sourced by audit.sh, export.sh and search.sh: a cluster with the demo and as long an access log as wanted, and a server on it.
# The cluster lies in `keep` and stays there when that is set; else it is thrown away.
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit
samsyn=$(realpath "${BUILD:-build}/samsyn")
if [ -n "${keep:-}" ]; then
    mkdir -p "$keep"
    directory=$(realpath "$keep")
else
    directory=$(mktemp -d /var/tmp/samsyn-bench.XXXXXX)
fi
chmod 755 "$directory"
cluster=$directory/cluster
server=
stop_server() {
    [ -z "$server" ] || { kill "$server" && wait "$server"; } 2>/dev/null || true
    server=
}
clean_up() {
    stop_server
    tests/support/cluster.sh stop "$cluster" >/dev/null 2>&1 || true
    [ -n "${keep:-}" ] || rm -rf "$directory"
}
trap clean_up EXIT

sql() { psql --no-psqlrc -qAtXh "$cluster" -U postgres -v ON_ERROR_STOP=1 "$@" bench; }

start_cluster() { tests/support/cluster.sh start "$cluster" max_connections=300 shared_buffers=1GB max_wal_size=8GB jit=off "$@"; }
make_cluster() {
    openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out "$directory/key.pem" 2>/dev/null
    SAMSYN=$samsyn tests/support/template.sh "$cluster" bench
    sql -v each=2000000 -f tests/bench/months.sql
    tests/support/cluster.sh stop "$cluster"
}
[ -d "$cluster/data" ] || make_cluster
start_cluster
token=$("$samsyn" token --development-key "$directory/key.pem" --subject social-auditor --scope samsyn:audit --lifetime 86400)

log_size() { sql -c 'select coalesce(sum(events), 0) from bench.months'; }

# Makes the log so long, month by month, without writing WAL: what is lost in a crash is made again. A kept log of that
# length or longer stays as it is.
grow_log() { # events
    local month
    [ "$(log_size)" -lt "$1" ] || return 0
    tests/support/cluster.sh stop "$cluster"
    start_cluster wal_level=minimal max_wal_senders=0 fsync=off full_page_writes=off autovacuum=off
    sql -c "select month from bench.missing_months($1)" | xargs -P 2 -I '{}' \
        psql --no-psqlrc -qAtXh "$cluster" -U postgres -v ON_ERROR_STOP=1 -d bench -o /dev/null \
        -v month='{}' -v events="$1" -f tests/bench/month.sql
    sql -c checkpoint
    tests/support/cluster.sh stop "$cluster"
    sync -f "$cluster"
    start_cluster
}

# A server would seal the log while its search is measured, for as long as it is long: this connection stands in for the
# one that seals.
keep_unsealed() {
    sql -c "select pg_advisory_lock(hashtextextended('samsyn.seal', 0))" -c 'select pg_sleep(1e6)' >"$directory/unsealed.log" 2>&1 &
    until [ "$(sql -c "select count(*) from pg_locks where locktype = 'advisory' and granted")" -gt 0 ]; do sleep 0.1; done
}

start_server() { # options
    "$samsyn" serve --database "host=$cluster dbname=bench user=samsyn_api" --listen 127.0.0.1:0 --management 127.0.0.1:0 \
        --development-key "$directory/key.pem" --token-max-lifetime-s 86400 --statement-timeout-ms 60000 "$@" 2>"$directory/server.log" &
    server=$!
    for _ in $(seq 100); do
        port=$(sed -nE 's/.*"event":"listening".*"port":([0-9]+).*/\1/p' "$directory/server.log")
        [ -z "$port" ] || return 0
        sleep 0.1
    done
    cat "$directory/server.log" >&2
    exit 1
}

# The settings of an auditor of social services, for psql.
auditor="select set_config('samsyn.organisation_id', '01940000-0000-7000-8000-000000000110', false) is null,
    set_config('samsyn.permissions', ',access-event:read,access-event:export,', false) is null \\g /dev/null"
