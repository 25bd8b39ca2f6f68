#!/bin/sh
# make demo: a simulated Intel and its machine, appraised by situs: once trusted, and refused for each
# thing that can be wrong. --verbose (make demo VERBOSE=1) shows the exchange too. With real evidence (SITUS_VECTORS) that too, at its own time.
set -u
verbose=
[ "${1:-}" = --verbose ] && verbose=--verbose
cd "$(dirname "$0")/.." || exit

bold='' plain=''
if [ -t 1 ] && [ -z "${NO_COLOR:-}" ] && [ "${TERM:-dumb}" != dumb ]; then
    bold=$(printf '\033[1m') plain=$(printf '\033[0m')
fi
wrong=0
heading() {
    printf '\n%s== %s ==%s\n' "$bold" "$*" "$plain"
}
# show EXIT COMMAND...: prints and runs a command, which must end with this exit code.
show() {
    expected=$1
    shift
    printf '%s$ %s%s\n' "$bold" "$*" "$plain"
    "$@"
    got=$?
    printf '(exit %d)\n' "$got"
    [ "$got" = "$expected" ] || {
        echo "demo: this should have been exit $expected" >&2
        wrong=1
    }
}
flip() { # flip FILE OFFSET TO: a copy with one bit changed
    cp "$1" "$3"
    byte=$(od -An -tu1 -j"$2" -N1 "$1" | tr -d ' ')
    printf "\\$(printf '%03o' $((byte ^ 1)))" | dd of="$3" bs=1 seek="$2" conv=notrunc 2>/dev/null
}

log=$(mktemp)
trap 'rm -f "$log"' EXIT
echo 'Building ...'
{ tools/setup.sh build && ninja -C build installed lab-intel lab-fleet; } >"$log" 2>&1 || {
    cat "$log"
    exit 1
}

world=build/demo
rm -rf "$world"
mkdir -p "$world"
build/lab-intel "$world" >/dev/null || exit 1
verify="build/situs verify --policy $world/genuine.json --trust $world/trust.json --collateral $world/collateral.json"

heading 'A TDX quote of the simulated data centre, with every check'
echo 'An own Intel (root, CAs, TCB info, revocation lists), made a moment ago, vouches for it. The trust'
echo 'file marks that root as simulated, so the verdict must say so.'
show 0 $verify --all "$world/quote.bin"

heading 'The same machine, quote version 5'
show 0 $verify "$world/quote-v5.bin"

heading 'One bit of the measured firmware flipped (MRTD, offset 184)'
flip "$world/quote.bin" 184 "$world/flipped.bin"
show 2 $verify "$world/flipped.bin"

heading 'A sentence after the quote'
{ cat "$world/quote.bin"; printf 'trust me'; } >"$world/trailing.bin"
show 2 $verify "$world/trailing.bin"

heading 'Without the lab among the trust anchors: to the world, its root is nobody'
show 2 build/situs verify --policy genuine --collateral "$world/collateral.json" "$world/quote.bin"

heading 'Two years from now: the collateral has expired'
show 3 $verify --at "@$(($(date +%s) + 2 * 365 * 86400))" "$world/quote.bin"

if [ -f "$world/quote-out-of-date.bin" ]; then
    heading 'A machine that missed an update: which component, by how much, what to do'
    show 4 $verify "$world/quote-out-of-date.bin"
fi

vectors=${SITUS_VECTORS:-$(cat tests/vectors.path)}
real() { # real NAME EXIT AT: a real quote at a time when its collateral was in date
    [ -f "$vectors/tdx/$1/quote.bin" ] || return 0
    heading "Real evidence: $1"
    show "$2" build/situs verify --policy genuine --collateral "$vectors/tdx/$1/collateral.json" \
        --at "@$3" "$vectors/tdx/$1/quote.bin"
}
real phala-v4 0 1750332747
real bare-metal-2025 0 1769510999
real gcp-cos113 4 1769510999
real azure-v5 4 1771415931

site=build/demo-site
heading 'A managed VM in the simulated cloud: TD and vTPM, bound'
show 0 build/situs lab machine cloud --dir "$site" $verbose
heading 'A bare-metal machine: measured launch, sealed key, co-location'
show 0 build/situs lab machine metal --dir "$site" $verbose
heading 'The same image on the same hardware, in a basement'
show 6 build/situs lab machine basement --dir "$site" $verbose

heading 'Ownership: the life of a machine, and what a verifier says at each step'
tools/demo_ownership.sh || wrong=1

heading 'Attacks: what TEE attestation alone says, the article literally, and situs'
build/situs lab attack $verbose || wrong=1

heading 'A cloud that is watched: one machine is stolen, one cloned, one sold ...'
echo 'This opens it, for a browser and for situs watch, until Control-C:'
echo '    build/situs lab up --serve build/demo-cloud'

printf '\n%s keeps the first quote; README.md says what to ask of it.\n' "$world"
[ "$wrong" = 0 ] && heading 'Every answer was the expected one.'
exit "$wrong"
