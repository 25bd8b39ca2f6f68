#!/bin/sh
# Fuzzing by libFuzzer under ASan and UBSan:
#   fuzz.sh list                   the harnesses, one a line
#   fuzz.sh build                  build them and make their first inputs
#   fuzz.sh oracles [HARNESS...]   each over its own first inputs: every oracle must be reached
#   fuzz.sh self-test              whether that check can fail
#   fuzz.sh SECONDS HARNESS...     run each so long; inputs that fail stay in build-fuzz
#   fuzz.sh all SECONDS            all of this; as many harnesses at once as there are processors
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
    tools/make_corpora.py build-fuzz $(list)
}
# reach HARNESS SEEDS: runs it over SEEDS (fuzz/oracle.h)
reach() {
    log=build-fuzz/$1-oracles.log
    build-fuzz/fuzz/"$1" -runs=0 "$2" >"$log" 2>&1 || {
        cat "$log"
        return 1
    }
    grep -q '^oracle: ' "$log" || {
        echo "$1: it has no oracle (fuzz/oracle.h)"
        return 1
    }
    never=$(sed -n 's/^oracle: \(.*\): 0$/\1/p' "$log" | paste -sd, -)
    [ -z "$never" ] || {
        echo "$1: never reached by its first inputs: $never"
        return 1
    }
}
oracles() {
    status=0
    for harness; do
        reach "$harness" "build-fuzz/seeds/$harness" || status=1
    done
    return $status
}
# Without first inputs each harness must fail.
self_test() {
    empty=build-fuzz/no-seeds status=0
    mkdir -p $empty
    for harness; do
        reach "$harness" $empty >/dev/null || continue
        echo "$harness: its oracles ran without first inputs"
        status=1
    done
    return $status
}

case ${1:-} in
list) list ;;
build) build ;;
oracles | self-test)
    check=$(echo "$1" | tr - _)
    shift
    # shellcheck disable=SC2046 # words
    [ $# -gt 0 ] || set -- $(list)
    "$check" "$@"
    ;;
[0-9]*)
    seconds=$1
    shift
    status=0
    for harness; do
        log=build-fuzz/$harness.log
        mkdir -p "build-fuzz/corpus/$harness" # what it finds
        if build-fuzz/fuzz/"$harness" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=1024 \
            -max_len=65536 -artifact_prefix="build-fuzz/$harness-" \
            "build-fuzz/corpus/$harness" "build-fuzz/seeds/$harness" "build-fuzz/real/$harness" >"$log" 2>&1; then
            echo "$harness: $(sed -n 's/^Done \([0-9]* runs\).*/\1/p' "$log"), nothing found"
        else
            cat "$log"
            status=1
        fi
    done
    exit $status
    ;;
all)
    build
    tools/fuzz.sh oracles
    tools/fuzz.sh self-test
    list | xargs -P "$(nproc)" -n 1 tools/fuzz.sh "$2"
    ;;
*) sed -n '2,8s/^# *//p' "$0" >&2; exit 1 ;;
esac
