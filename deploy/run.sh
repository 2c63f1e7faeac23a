#!/usr/bin/env bash
# Runs the server on loopback with a private PostgreSQL cluster and a demo; `make run` calls it.
#
#   run.sh [BINARY]      starts everything; Ctrl-C (or SIGTERM) stops all that it started
#   run.sh --clean       throws the data away
#
# Everything lies in .samsyn/: the cluster (on a unix socket there, without TCP), the development key and demo.env, the
# tokens of the demo's people. From the environment: SAMSYN_LISTEN (127.0.0.1:8080), SAMSYN_MANAGEMENT (127.0.0.1:8081).
set -euo pipefail
cd "$(dirname "$0")/.."
data=$PWD/.samsyn
cluster_script=$PWD/tests/support/cluster.sh
lifetime=28800 # eight hours, a working day with the demo; a real issuer's tokens live five minutes

# Where the cluster lies. Not always below .samsyn/: PostgreSQL refuses to run as root, and the unprivileged user that
# runs it then may be unable to enter this folder; and the address of a unix socket holds only 107 bytes.
cluster_directory() {
    if [ -e "$data/cluster-directory" ]; then
        cat "$data/cluster-directory"
    elif [ ${#data} -gt 70 ] || { [ "$(id -u)" = 0 ] && ! runuser -u "$(postgres_user)" -- test -x "$PWD"; }; then
        echo "/var/tmp/samsyn-$(id -u)-$(cksum <<<"$data" | cut -d ' ' -f 1)"
    else
        echo "$data/cluster"
    fi
}

postgres_user() {
    if id postgres >/dev/null 2>&1; then echo postgres; else echo nobody; fi
}

if [ "${1:-}" = --clean ]; then
    [ -d "$data" ] || exit 0
    directory=$(cluster_directory)
    if [ -d "$directory/data" ]; then
        "$cluster_script" stop "$directory"
        rm -rf "$directory"
    fi
    rm -rf "$data"
    echo "Removed $data"
    exit 0
fi

samsyn=$(realpath "${1:-build/samsyn}")
listen=${SAMSYN_LISTEN:-127.0.0.1:8080}
management=${SAMSYN_MANAGEMENT:-127.0.0.1:8081}
mkdir -p "$data"
chmod 755 "$data" # the user that runs the cluster passes through; what is secret in here is closed by itself
directory=$(cluster_directory)

exec 9>"$data/lock"
flock --nonblock 9 || { echo "Another \`make run\` uses $data" >&2; exit 1; }

server=
stop_all() {
    trap '' INT TERM
    if [ -n "$server" ]; then
        kill -TERM "$server" 2>/dev/null || true
        wait "$server" 2>/dev/null || true
    fi
    "$cluster_script" stop "$directory" && echo "Stopped. The data stays in .samsyn/; \`make clean-data\` throws it away."
}
trap stop_all EXIT
trap 'exit 0' INT TERM

# In a session of its own, so that a Ctrl-C reaches this script and not the cluster behind its back.
echo "Starting a private PostgreSQL cluster in $directory"
if [ ! -e "$directory" ] && [ "$directory" != "$data/cluster" ]; then
    mkdir -m 700 "$directory"
fi
setsid --wait "$cluster_script" start "$directory" 9>&-
echo "$directory" >"$data/cluster-directory"

psql=(psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --host "$directory" --username postgres --tuples-only --no-align)
"${psql[@]}" --dbname postgres --file deploy/roles.sql
fresh=
if [ -z "$("${psql[@]}" --dbname postgres --command "select 1 from pg_database where datname = 'samsyn'")" ]; then
    "${psql[@]}" --dbname postgres --command "create database samsyn owner samsyn_owner"
    fresh=yes
fi

owner="host=$directory dbname=samsyn user=samsyn_owner"
"$samsyn" migrate --owner-database "$owner"
"$samsyn" import-organisations --owner-database "$owner" --municipalities sql/registers/municipalities.csv --counties sql/registers/counties.csv
# The demo is loaded until it has been loaded wholly once; after that the data is yours.
if [ -n "$fresh" ] || [ ! -e "$data/demo-loaded" ]; then
    "$samsyn" demo --owner-database "$owner"
    touch "$data/demo-loaded"
fi

key=$data/development-key.pem
if [ ! -s "$key" ]; then
    (umask 077 && openssl genpkey -quiet -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out "$key.part")
    mv "$key.part" "$key"
fi
# Two who sign in with an identity number: Karin Testsson, guardian of Alva, and Elias Provberg, who is 16.
mapfile -t parties < <("${psql[@]}" --dbname samsyn --command "
    select 'KARIN=' || identity_number from samsyn.guardians where id = '01940000-0000-7000-8000-000000000701'
    union all select 'ELIAS=' || identity_number from samsyn.subjects where id = '01940000-0000-7000-8000-000000000602'")
(umask 077 && deploy/demo-environment.sh "$samsyn" "$key" "http://$listen" "$lifetime" "${parties[@]}" >"$data/demo.env.part")
mv "$data/demo.env.part" "$data/demo.env"

log_key=$data/log-key.pem
if [ ! -s "$log_key" ]; then
    (umask 077 && openssl genpkey -quiet -algorithm ed25519 -out "$log_key.part")
    mv "$log_key.part" "$log_key"
fi

# A session of its own for the server too: it is stopped by stop_all, in the right order.
setsid "$samsyn" serve --database "host=$directory dbname=samsyn user=samsyn_api" --listen "$listen" --management "$management" \
    --development-key "$key" --token-max-lifetime-s "$lifetime" --accept-test-identity-numbers true \
    --log-origin samsyn.example/log --log-keys "$log_key" --log-memory "$data/log-memory" 9>&- &
server=$!

for _ in $(seq 100); do
    kill -0 "$server" 2>/dev/null || { wait "$server"; exit 1; }
    curl --silent --fail --output /dev/null "http://$listen/samsyn/v1/api-info" && break
    sleep 0.1
done

cat <<TEXT

Samsyn serves http://$listen/samsyn/v1 (management: http://$management). Tokens of the demo's people, valid for eight hours:

$(grep -v '^export SAMSYN=' "$data/demo.env" | sed 's/^export /  /')

In another terminal, in this folder:

  . .samsyn/demo.env
  curl -s -H "Authorization: Bearer \$SOCIAL_CASE_WORKER" \$SAMSYN/cases | jq

README.md walks through the main job from here. Ctrl-C stops everything.

TEXT
wait "$server"
