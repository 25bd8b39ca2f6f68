#!/bin/sh
# run.sh PROGRAM...: the tests that refuse signatures, with a table for every key (tables.c): each must pass, and tables
# must have judged signatures in it. run.sh --self-test PROGRAM...: where tables say yes to all
# signatures, each must fail.
set -eu
one() {
    log=$(mktemp)
    trap 'rm -f "$log"' EXIT
    if [ -n "${TABLES_YES-}" ]; then
        "$1" >"$log" 2>&1 || exit 0
        echo "FAILED  $1 passes where tables say yes to everything"
    elif ! "$1" >"$log" 2>&1; then
        cat "$log"
        echo "FAILED  $1"
    elif ! grep -q '^tables: [1-9].* [1-9][0-9]* signatures held' "$log"; then
        echo "FAILED  $1: $(grep '^tables: ' "$log")"
    else
        exit 0
    fi
    exit 1
}
case $1 in
--one) one "$2" ;;
--self-test)
    shift
    printf '%s\n' "$@" | TABLES_YES=1 xargs -P "$(nproc)" -I PROGRAM "$0" --one PROGRAM
    echo "tables: $# programs notice when they say yes to everything"
    ;;
*)
    printf '%s\n' "$@" | xargs -P "$(nproc)" -I PROGRAM "$0" --one PROGRAM
    echo "tables: $# programs give the same answers with a table for every key"
    ;;
esac
