#!/bin/sh
# run.sh BUILD: the clients of others on tokens of BUILD's service. npm gets what package-lock.json says, by its hashes, and
# runs nothing of it.
set -eu
cd "$(dirname "$0")"
build=$(cd "../../$1" && pwd)
mkdir -p "$build/clients"
cp package.json package-lock.json ./*.mjs "$build/clients/"
(cd "$build/clients" && npm ci --ignore-scripts --no-audit --no-fund --silent)
SITUS=$build/situs END_AT='' PYTHONDONTWRITEBYTECODE=1 exec python3 test_clients.py "$build/clients"
