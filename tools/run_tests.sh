#!/bin/sh
# All tests: the suite under ASan and UBSan, and the checkers of the tree (fuzzing: fuzz.sh). The last line
# counts everything; exits 1 when anything failed.
set -u
cd "$(dirname "$0")/.." || exit

passed=0 failed=0 skipped=0
log=$(mktemp)
flips=$(mktemp)
trap 'kill $flipping 2>/dev/null; rm -f "$log" "$flips"' EXIT
flipping=
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

step 'build' build 'installed tests/situs_test_flips' build
# One long thread: it runs beside the rest.
build/tests/situs_test_flips >"$flips" 2>&1 &
flipping=$!
flipped() {
    wait $flipping || {
        cat "$flips"
        return 1
    }
}
step 'build with sanitizers' build '' build-test -Dbuildtype=debugoptimized \
    -Db_sanitize=address,undefined
meson test -C build-test --no-rebuild --print-errorlogs
if counts=$(python3 tools/count_tests.py build-test/meson-logs/testlog.json); then
    count $counts
else
    step 'the test suite ran' false
fi

step 'setup: packages may come in any order' tools/test_setup.sh
step 'layers' python3 tools/check_layers.py build
step 'layers: the checker can fail' python3 tools/check_layers.py --self-test
step 'docs' python3 tools/check_docs.py
step 'docs: the checker can fail' python3 tools/check_docs.py --self-test

step 'every bit of evidence turned over' flipped
flipping=

if [ "$skipped" = 0 ]; then
    echo "$passed passed, $failed failed"
else
    echo "$passed passed, $failed failed, $skipped skipped"
fi
[ "$failed" = 0 ]
