#!/bin/sh
# A throwaway PostgreSQL cluster on a unix socket, without TCP, so that nobody outside this machine can reach it.
#
#   cluster.sh start DIR [name=value ...]   creates DIR/data when it is not there and starts it; settings of
#                                           postgresql.conf may be added and hold until the next start
#   cluster.sh stop DIR                     stops it at once without losing anything and keeps DIR
#
# The socket lies in DIR, the log in DIR/log, the superuser is `postgres`, and whoever can enter DIR is trusted:
# DIR is therefore made for its owner (and root) only. Started by root, the cluster runs as an unprivileged
# user, because PostgreSQL refuses root. Silent when all went well.
set -eu

fail() {
    printf 'cluster.sh: %s\n' "$*" >&2
    exit 1
}

usage() {
    fail "usage: cluster.sh start DIR [name=value ...] | stop DIR"
}

# The newest PostgreSQL of the Debian layout, else the one that pg_config knows.
find_binaries() {
    for bin in $(printf '%s\n' /usr/lib/postgresql/*/bin | sort -t/ -k5,5nr) "$(pg_config --bindir 2>/dev/null || true)"; do
        if [ -x "$bin/initdb" ] && [ -x "$bin/pg_ctl" ]; then
            printf '%s\n' "$bin"
            return
        fi
    done
    fail "no PostgreSQL server found under /usr/lib/postgresql or by pg_config; on Debian: apt-get install postgresql-15"
}

# Whom the cluster runs as, empty for the present user. An existing cluster keeps its owner.
find_user() {
    [ "$(id -u)" -eq 0 ] || return 0
    if [ -d "$dir/data" ]; then
        stat -c %U "$dir/data"
    elif id postgres >/dev/null 2>&1; then
        echo postgres
    else
        echo nobody
    fi
}

run() {
    if [ -n "$user" ]; then
        (cd / && runuser -u "$user" -- "$@")
    else
        "$@"
    fi
}

prepare_directory() {
    # A socket's address holds 107 bytes.
    [ "${#dir}" -le 88 ] || fail "the path is too long for a unix socket: $dir"
    if [ -n "$user" ]; then
        chown "$user" "$dir" || fail "cannot give $dir to the user $user"
        run test -w "$dir" || fail "the user $user cannot enter $dir: a directory above it is closed to others"
    fi
}

# Made aside and moved into place, so that an interrupted initdb never looks like a cluster.
create() {
    rm -rf "$dir/data.part"
    run "$bin/initdb" --pgdata="$dir/data.part" --username=postgres --auth-local=trust --auth-host=reject \
        --encoding=UTF8 --locale=C.UTF-8 >"$dir/initdb.log" 2>&1 </dev/null \
        || { cat "$dir/initdb.log" >&2; fail "initdb failed in $dir"; }
    rm "$dir/initdb.log"
    echo "include 'cluster.conf'" >>"$dir/data.part/postgresql.conf"
    mv "$dir/data.part" "$dir/data"
}

quote() {
    printf "'%s'" "$(printf %s "$1" | sed "s/'/''/g")"
}

configure() {
    {
        echo "listen_addresses = ''"
        echo "timezone = 'UTC'" # of sessions that ask for no other, whatever the machine's is
        echo "unix_socket_directories = $(quote "\"$dir\"")"
        for setting in "$@"; do
            case $setting in
            ?*=*) echo "${setting%%=*} = $(quote "${setting#*=}")" ;;
            *) fail "not of the form name=value: $setting" ;;
            esac
        done
    } >"$dir/cluster.conf.part"
    chmod 644 "$dir/cluster.conf.part"
    mv "$dir/cluster.conf.part" "$dir/data/cluster.conf"
}

start() {
    [ -d "$dir/data" ] || create
    if run "$bin/pg_ctl" status --pgdata="$dir/data" >/dev/null 2>&1; then
        return
    fi
    configure "$@"
    run "$bin/pg_ctl" start --pgdata="$dir/data" --log="$dir/log" --wait --timeout=600 >/dev/null 2>&1 </dev/null \
        || { tail -n 20 "$dir/log" >&2; fail "the cluster in $dir did not start"; }
}

stop() {
    if run "$bin/pg_ctl" status --pgdata="$dir/data" >/dev/null 2>&1; then
        run "$bin/pg_ctl" stop --pgdata="$dir/data" --mode=fast --wait --timeout=600 >/dev/null \
            || fail "the cluster in $dir did not stop"
    fi
}

[ $# -ge 2 ] || usage
verb=$1
dir=$2
shift 2
umask 077
bin=$(find_binaries)

case $verb in
start)
    [ -d "$dir" ] || (umask 022 && mkdir -p "$dir" && chmod 700 "$dir") || fail "cannot create $dir"
    dir=$(cd "$dir" && pwd -P)
    user=$(find_user)
    prepare_directory
    start "$@"
    ;;
stop)
    [ $# -eq 0 ] || usage
    [ -d "$dir/data" ] || fail "no cluster in $dir"
    dir=$(cd "$dir" && pwd -P)
    user=$(find_user)
    stop
    ;;
*) usage ;;
esac
