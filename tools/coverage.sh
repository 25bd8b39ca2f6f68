#!/bin/sh
# coverage.sh DIR: builds for gcov in DIR, runs the test suite, and prints by gcovr how many of the lines of src/ and
# roles/ it ran. Fewer than the floors fail. Children of a program count, but for those that SIGKILL ends.
set -eu
cd "$(dirname "$0")/.."
dir=$1
floors='src:97 roles:90'
log=$(mktemp)
trap 'rm -f "$log"' EXIT
{
    # The link argument is for meson's own look at the compiler.
    CC=gcc tools/setup.sh "$dir" -Dbuildtype=debug -Db_coverage=true -Dc_args="-include $PWD/tools/coverage.h" \
        -Dc_link_args=--coverage && ninja -C "$dir"
} >"$log" 2>&1 || {
    cat "$log"
    exit 1
}
find "$dir" -name '*.gcda' -delete
# Not that one, which takes ten minutes here: it asks whether a turned bit is believed, of lines that others run.
tests=$(meson test -C "$dir" --no-rebuild --list | grep -v '^situs/test_flips$')
# shellcheck disable=SC2086 # words
meson test -C "$dir" --no-rebuild $tests >"$log" 2>&1 ||
    grep ' FAIL \| TIMEOUT ' "$log" || { # make test judges those; what they did not run is missing below
        cat "$log"
        exit 1
    }
cd "$dir"
# Threads count beside each other: what they count wrongly is left out.
gcovr --root "$OLDPWD" --filter "$OLDPWD/src/" --filter "$OLDPWD/roles/" --exclude-directories 'tests|bench' \
    --gcov-ignore-parse-errors -j "$(nproc)" --json coverage.json . >"$log" 2>&1 || {
    cat "$log"
    exit 1
}
status=0 said=
for floor in $floors; do
    part=${floor%:*} least=${floor#*:}
    gcovr --root "$OLDPWD" -a coverage.json --filter "$OLDPWD/$part/" --sort-uncovered --txt "coverage-$part.txt" \
        --print-summary --fail-under-line "$least" >"$log" 2>&1 || {
        cat "coverage-$part.txt"
        status=1
    }
    said="$said$part $(sed -n 's/^lines: //p' "$log"), at least $least %; "
done
echo "lines that the tests run: ${said%; }"
exit $status
