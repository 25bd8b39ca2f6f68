#!/bin/sh
# All tests: the suite under ASan and UBSan, and the checkers of the tree (fuzzing: fuzz.sh). The last line
# counts everything; exits 1 when anything failed.
set -u
cd "$(dirname "$0")/.." || exit

passed=0 failed=0 skipped=0
beside=$(mktemp -d)
trap 'kill $jobs 2>/dev/null; rm -rf "$beside"' EXIT
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
    { tools/setup.sh "$@" && ninja -C "$1" $targets; } >"$beside/$1.log" 2>&1 || {
        cat "$beside/$1.log"
        return 1
    }
}
# What has to be as it is installed: libsitus, which is looked at, and every bit turned over, without sanitizers.
as_installed() {
    step 'build' build 'libraries tests/situs_test_flips' build
}
# What the tests run is libcrypto for the most part: an optimizer takes longer than it saves. Of debug information what
# a report of a sanitizer shows. Where it is loaded is known when it is linked: a sanitizer's tables have 130,000 addresses,
# and some thousand programs start. 160 programs to link. Undefined behaviour traps, and AddressSanitizer says where
# (handle_sigill): what UBSan would say of itself is nine tenths of a program's data, which ASan guards at each start and
# LeakSanitizer walks through at each end. base/test_sanitizers sees that both bite.
sanitized() {
    linker='' trap=-fsanitize-undefined-trap-on-error
    ! command -v ld.gold >/dev/null || linker=' -fuse-ld=gold'
    step 'build with sanitizers' build '' build-test -Dbuildtype=plain -Doptimization=0 -Dc_args="-g1 -fno-pie $trap" \
        -Dc_link_args="-no-pie $trap$linker" -Db_staticpic=false -Db_sanitize=address,undefined
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
# Steps that run beside the rest, so that no processor idles.
start() { # start STEPS
    {
        trap - EXIT
        passed=0 failed=0 skipped=0
        $1 >"$beside/$1.said" 2>&1
        echo "$passed $failed $skipped" >"$beside/$1"
    } &
    echo $! >"$beside/$1.pid"
    jobs="$jobs $!"
}
# What a job said is told when it ends; of one that was killed, that it failed.
join() { # join STEPS
    wait "$(cat "$beside/$1.pid")"
    if counts=$(cat "$beside/$1" 2>/dev/null); then
        count $counts
        cat "$beside/$1.said"
    else
        cat "$beside/$1.said"
        step "$1 ended" false
    fi
}

start as_installed
sanitized
join as_installed
start flips
start checkers
# More than there are processors: many tests wait.
meson test -C build-test --no-rebuild --print-errorlogs --num-processes $(($(nproc) * 2))
if counts=$(python3 tools/count_tests.py build-test/meson-logs/testlog.json); then
    count $counts
else
    step 'the test suite ran' false
fi
join checkers
join flips

if [ "$skipped" = 0 ]; then
    echo "$passed passed, $failed failed"
else
    echo "$passed passed, $failed failed, $skipped skipped"
fi
[ "$failed" = 0 ]
