#!/usr/bin/env bash
# Installs the Debian packages that Samsyn needs and that are missing; does nothing when all are there.
#
#   install-packages.sh run     to build and run the server with a private PostgreSQL cluster
#   install-packages.sh test    to run the tests and linters as well
#
# Written for Debian 12. Asks for root (sudo) only when something has to be installed.
set -euo pipefail

run_packages=(
    gcc make pkg-config libulfius-dev libjansson-dev libpq-dev libjwt-dev liborcania-dev librhonabwy-dev libyaml-dev
    libpcre2-dev libmicrohttpd-dev libssl-dev libgnutls28-dev libcurl4-gnutls-dev postgresql-15 openssl curl jq
)
test_packages=(
    postgresql-15-pgtap libtap-parser-sourcehandler-pgtap-perl libcmocka-dev clang clang-tidy clang-format cppcheck
    libclang-rt-14-dev shellcheck wrk git time
)

case "${1:-}" in
run) packages=("${run_packages[@]}") ;;
test)
    packages=("${run_packages[@]}" "${test_packages[@]}")
    # A newer Node.js than Debian's brings its own npm; Debian's package would conflict with it.
    node_major=$(node --version 2>/dev/null | sed -E 's/^v([0-9]+).*/\1/' || true)
    [ "${node_major:-0}" -ge 18 ] || packages+=(nodejs)
    command -v npm >/dev/null || packages+=(npm)
    ;;
*)
    sed -n '2,7s/^# \{0,1\}//p' "$0" >&2
    exit 2
    ;;
esac

is_installed() {
    [ "$(dpkg-query --show --showformat '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

if ! command -v dpkg-query >/dev/null; then
    echo "install-packages.sh: not a Debian system; install these yourself: ${packages[*]}" >&2
    exit 1
fi

missing=()
for package in "${packages[@]}"; do
    is_installed "$package" || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0

as_root=()
if [ "$(id -u)" != 0 ]; then
    if ! command -v sudo >/dev/null; then
        echo "These packages are missing and only root can install them: ${missing[*]}" >&2
        echo "Run as root: bash deploy/install-packages.sh $1" >&2
        exit 1
    fi
    as_root=(sudo)
    echo "Packages are missing; sudo may ask for your password to install them."
fi
echo "Installing: ${missing[*]}"

# Debian's PostgreSQL package creates and starts a cluster of its own unless told otherwise. Samsyn makes a private
# one and must not leave a second server running on the machine.
if ! is_installed postgresql-common && [ ! -e /etc/postgresql-common/createcluster.conf ]; then
    echo "Telling postgresql-common not to create a cluster (/etc/postgresql-common/createcluster.conf)"
    "${as_root[@]}" mkdir -p /etc/postgresql-common
    echo "create_main_cluster = false" | "${as_root[@]}" tee /etc/postgresql-common/createcluster.conf >/dev/null
fi

# UCF_FORCE_CONFFOLD: keep the file written above when the package brings its own.
apt_get=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive UCF_FORCE_CONFFOLD=1 apt-get -qq -o Dpkg::Use-Pty=0
    -o Acquire::Retries=5 -o Acquire::http::Timeout=120 -o Acquire::https::Timeout=120 -o DPkg::Lock::Timeout=600)

# patiently COMMAND...: a mirror may answer slowly or with an error, and another apt-get may run just now.
patiently() {
    local pause
    for pause in 5 10 20 0; do
        "$@" && return
        [ "$pause" = 0 ] || echo "That failed; once more in $pause seconds." >&2
        sleep "$pause"
    done
    return 1
}

# Without Error-Mode it calls it a success when a list could not be had.
update() {
    "${apt_get[@]}" -o APT::Update::Error-Mode=any update
}

# With lists that are no longer those of the mirror nothing can be had from it.
install() {
    patiently update || echo "Going on with the package lists that are there." >&2
    "${apt_get[@]}" install --yes --no-install-recommends "${missing[@]}"
}
patiently install
