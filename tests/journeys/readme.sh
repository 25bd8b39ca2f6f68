#!/bin/sh
# The quote that the demo leaves (README.md): runs the command of the page, where the demo puts it, and holds the page to
# what it prints; times are those of today.
set -eu
page=$(cd "$(dirname "$0")/../.." && pwd)/README.md
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/build/demo"
ln -s "$SITUS" "$work/build/situs"
"$LAB_INTEL" "$work/build/demo" >/dev/null
command=$(sed -n 's/^    \$ //p' "$page")
cd "$work"
eval "$command" >"$work/said"
times='s/20[0-9][0-9]-[0-9-]*T[0-9:]*Z/TIME/g; s/([0-9]* days)/(DAYS)/'
sed -n '/^    \$ /,/^$/s/^    \([^$]\)/\1/p' "$page" | sed "$times" >"$work/wanted"
sed "$times" "$work/said" | diff "$work/wanted" - || {
    echo "README.md shows another output of: $command" >&2
    exit 1
}
grep -q '^TRUSTED' "$work/said"
echo 'README: the command says what is shown'
