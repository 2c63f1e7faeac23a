#!/usr/bin/env bash
# Bundles api/root.yaml and what it refers to into openapi.yaml, and lints the result.
#
#   contract.sh             writes openapi.yaml
#   contract.sh --check     changes nothing; fails when openapi.yaml is not what the sources make
set -euo pipefail
export REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true NO_COLOR=1
redocly=tests/node_modules/.bin/redocly
config=tests/support/redocly.yaml

[ -f api/root.yaml ] || { echo "api/root.yaml is missing" >&2; exit 1; }
made=$(mktemp --suffix=.yaml)
trap 'rm -f "$made"' EXIT

"$redocly" bundle api/root.yaml --config "$config" --output "$made" 2>"$made.log" || { cat "$made.log" >&2; rm -f "$made.log"; exit 1; }
rm -f "$made.log"
if [ "${1:-}" = --check ]; then
    diff -u openapi.yaml "$made" | head -40 || true
    cmp -s openapi.yaml "$made" || { echo "openapi.yaml is not what api/ makes; run: make contract" >&2; exit 1; }
else
    cat "$made" >openapi.yaml
fi
"$redocly" lint openapi.yaml --config "$config" --format=stylish
node tests/support/lint-contract.mjs openapi.yaml
