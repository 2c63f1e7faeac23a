#!/usr/bin/env bash
# Prints the shell variables with which one tries the demo: SAMSYN, the address of the API, and one token for each of
# the demo's people, named after them (SOCIAL_CASE_WORKER). To be sourced.
#
#   demo-environment.sh SAMSYN-BINARY DEVELOPMENT-KEY ADDRESS [LIFETIME-SECONDS [NAME=NUMBER ...]]
#
# NAME=NUMBER adds a token for a guardian or child by identity number (KARIN=198504129840).
set -euo pipefail
samsyn=$1
key=$2
address=$3
lifetime=${4:-28800}
shift $(($# < 4 ? $# : 4))

people=(
    social-case-worker social-manager school-teacher school-head school-nurse clinic-psychologist clinic-manager
    police-officer police-manager collaboration-lead school-collaboration-lead organisation-admin system-admin
    social-auditor school-auditor
)

echo "export SAMSYN=$address/samsyn/v1"
for person in "${people[@]}"; do
    case $person in
    *-admin) scope="samsyn:admin samsyn:agreement" ;;
    *-auditor) scope="samsyn:audit" ;;
    *) scope="samsyn:case samsyn:agreement" ;;
    esac
    name=${person//-/_}
    token=$("$samsyn" token --development-key "$key" --subject "$person" --client demo-portal --scope "$scope" --lifetime "$lifetime")
    echo "export ${name^^}=$token"
done

for party in "$@"; do
    token=$("$samsyn" token --development-key "$key" --identity-number "${party#*=}" --client demo-portal --scope samsyn:my --lifetime "$lifetime")
    echo "export ${party%%=*}=$token"
done
