#!/bin/sh
# Fuzzing by libFuzzer under ASan and UBSan:
#   fuzz.sh list                   the harnesses, one a line
#   fuzz.sh build                  build them and make their first corpora
#   fuzz.sh SECONDS [HARNESS...]   run each (default: all) so long; inputs that fail stay in build-fuzz
set -eu
cd "$(dirname "$0")/.."

list() {
    sed -n "s/^ *'\(fuzz_[a-z0-9_]*\)',\$/\1/p" fuzz/meson.build
}
build() {
    mkdir -p build-fuzz
    {
        CC=clang tools/setup.sh build-fuzz -Dfuzz=true -Dbuildtype=debugoptimized && ninja -C build-fuzz
    } >build-fuzz/build.log 2>&1 || {
        cat build-fuzz/build.log
        exit 1
    }
    # shellcheck disable=SC2046 # words
    tools/make_corpora.py build-fuzz/corpus $(list)
}

case ${1:-} in
list) list ;;
build) build ;;
[0-9]*)
    seconds=$1
    shift
    # shellcheck disable=SC2046 # words
    [ $# -gt 0 ] || { build; set -- $(list); }
    status=0
    for harness; do
        log=build-fuzz/$harness.log
        if build-fuzz/fuzz/"$harness" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=1024 \
            -max_len=65536 -artifact_prefix="build-fuzz/$harness-" \
            "build-fuzz/corpus/$harness" >"$log" 2>&1; then
            echo "$harness: $(sed -n 's/^Done \([0-9]* runs\).*/\1/p' "$log"), nothing found"
        else
            cat "$log"
            status=1
        fi
    done
    exit $status
    ;;
*) sed -n '2,5s/^# *//p' "$0" >&2; exit 1 ;;
esac
