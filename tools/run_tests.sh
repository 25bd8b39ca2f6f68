#!/bin/sh
# All tests: the suite under ASan and UBSan, and the checkers of the tree (fuzzing: fuzz.sh). The last line
# counts everything; exits 1 when anything failed.
set -u
cd "$(dirname "$0")/.." || exit

passed=0 failed=0 skipped=0
log=$(mktemp)
beside=$(mktemp -d)
trap 'kill $jobs 2>/dev/null; rm -rf "$log" "$beside"' EXIT
jobs=
count() {
    passed=$((passed + $1)) failed=$((failed + $2)) skipped=$((skipped + $3))
}
step() {
    name=$1
    shift
    if "$@"; then
        count 1 0 0
        echo "ok      $name"
    else
        count 0 1 0
        echo "FAILED  $name"
    fi
}
build() { # build TARGETS DIR OPTION...; no targets: all
    targets=$1
    shift
    { tools/setup.sh "$@" && ninja -C "$1" $targets; } >"$log" 2>&1 || {
        cat "$log"
        return 1
    }
}

checkers() {
    step 'setup: packages may come in any order' tools/test_setup.sh
    step 'layers' python3 tools/check_layers.py build build-test
    step 'layers: the checker can fail' python3 tools/check_layers.py --self-test
    step 'docs' python3 tools/check_docs.py
    step 'docs: the checker can fail' python3 tools/check_docs.py --self-test
}
flipped() {
    build/tests/situs_test_flips >"$beside/log" 2>&1 || {
        cat "$beside/log"
        return 1
    }
}
flips() {
    step 'every bit of evidence turned over' flipped
}
# Long single threads run beside the rest, so that no processor idles.
start() { # start STEPS
    {
        trap - EXIT
        passed=0 failed=0 skipped=0
        $1 >"$beside/$1.said" 2>&1
        echo "$passed $failed $skipped" >"$beside/$1"
    } &
    jobs="$jobs $!"
}
# What a job said is told when it ends; of one that was killed, that it failed.
join() { # join STEPS
    if counts=$(cat "$beside/$1" 2>/dev/null); then
        count $counts
        cat "$beside/$1.said"
    else
        cat "$beside/$1.said"
        step "$1 ended" false
    fi
}

# What has to be as it is installed: libsitus, which is looked at, and every bit turned over, without sanitizers.
step 'build' build 'libraries tests/situs_test_flips' build
start flips
# Half of the time was the optimizer's, and what the tests run is libcrypto for the most part. 160 programs to link.
linker=
! command -v ld.gold >/dev/null || linker=-Dc_link_args=-fuse-ld=gold
step 'build with sanitizers' build '' build-test -Dbuildtype=debug -Doptimization=g \
    -Db_sanitize=address,undefined $linker
start checkers
# More than there are processors: many tests wait.
meson test -C build-test --no-rebuild --print-errorlogs --num-processes $(($(nproc) * 2))
if counts=$(python3 tools/count_tests.py build-test/meson-logs/testlog.json); then
    count $counts
else
    step 'the test suite ran' false
fi
# shellcheck disable=SC2086 # words
wait $jobs
jobs=
join checkers
join flips

if [ "$skipped" = 0 ]; then
    echo "$passed passed, $failed failed"
else
    echo "$passed passed, $failed failed, $skipped skipped"
fi
[ "$failed" = 0 ]
