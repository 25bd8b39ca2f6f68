#!/bin/sh
# run.sh BUILD: the page of BUILD's service in Chromium. npm gets axe-core by its hash, and runs nothing of it; where npm cannot
# be reached, what axe would say is skipped.
set -eu
cd "$(dirname "$0")"
build=$(cd "../../$1" && pwd)
mkdir -p "$build/page"
cp package.json package-lock.json "$build/page/"
(cd "$build/page" && npm ci --ignore-scripts --no-audit --no-fund --silent) || rm -rf "$build/page/node_modules"
SITUS=$build/situs END_AT='' PYTHONDONTWRITEBYTECODE=1 exec python3 test_page.py "$build/page"
