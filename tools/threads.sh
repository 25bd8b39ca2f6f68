#!/bin/sh
# threads.sh DIR [--share-context]: builds tests/situs/test_threads.c with everything under it in DIR for
# ThreadSanitizer and runs it: several threads, one snapshot, policy and trust store. A race fails. With
# --share-context one context serves all threads, which situs.h forbids: that must be reported.
set -eu
cd "$(dirname "$0")/.."
dir=$1
shift
log=$(mktemp)
trap 'rm -f "$log"' EXIT
{
    tools/setup.sh "$dir" -Dbuildtype=debugoptimized -Db_sanitize=thread -Db_lundef=false &&
        ninja -C "$dir" tests/situs_test_threads
} >"$log" 2>&1 || {
    cat "$log"
    exit 1
}
TSAN_OPTIONS=halt_on_error=1 "$dir/tests/situs_test_threads" "$@"
