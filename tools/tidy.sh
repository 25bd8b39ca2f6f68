#!/bin/sh
# tidy.sh BUILD-DIR [FILE...]: clang-tidy over these files of src/ and roles/ (all), by the commands with which BUILD-DIR
# compiles them (best one of clang's), and the checks of .clang-tidy. A finding fails.
set -eu
cd "$(dirname "$0")/.."
dir=$1
shift
# shellcheck disable=SC2046 # words
[ $# -gt 0 ] || set -- $(git ls-files 'src/*.c' 'roles/*.c')
log=$(mktemp)
trap 'rm -f "$log"' EXIT
printf '%s\n' "$@" | xargs -P "$(nproc)" -n 4 clang-tidy -p "$dir" --quiet >"$log" 2>&1 || {
    grep -v '^[0-9]* warnings\? \|^$' "$log"
    exit 1
}
echo "clang-tidy: $# files, no finding"
