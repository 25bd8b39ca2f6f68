#!/bin/sh
# consume.sh BUILD ROOT: what a stranger does with the libsitus installed below ROOT, on evidence that lab-intel of
# BUILD makes: the examples with the header, pkg-config and the library alone. All must say the same: trusted, or
# which check failed and what helps. What the C program leaves uninitialized is a pattern: it need not set err.
set -eu
cd "$(dirname "$0")/../.."
build=$1 root=$(realpath "$2")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
PKG_CONFIG_PATH=$(dirname "$(find "$root" -name situs.pc)")
LD_LIBRARY_PATH=$(dirname "$PKG_CONFIG_PATH")
export PKG_CONFIG_PATH LD_LIBRARY_PATH PKG_CONFIG_SYSROOT_DIR="$root"

compile() { # compile OUT FLAGS...
    out=$1
    shift
    # shellcheck disable=SC2046 # words
    cc -std=c11 -Wall -Wextra -Werror -ftrivial-auto-var-init=pattern examples/verify.c -o "$out" $(pkg-config --cflags situs) "$@"
}
# shellcheck disable=SC2046 # words
compile "$work/shared" $(pkg-config --libs situs)
# shellcheck disable=SC2046 # words
compile "$work/static" $(pkg-config --static --libs situs | sed 's/-lsitus/-l:libsitus.a/')
needs() { # needs PROGRAM: its libraries
    readelf -d "$work/$1" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' | sort | paste -sd' ' -
}
[ "$(needs shared)" = 'libc.so.6 libsitus.so.0' ] || { needs shared; exit 1; }
case $(needs static) in *situs*) needs static; exit 1 ;; esac

say() { # say EXIT TEXT FILE...: all three exit so, say TEXT, and say the same
    wanted=$1 text=$2
    shift 2
    rm -f "$work/first"
    for program in "$work/shared" "$work/static" examples/verify.py; do
        status=0
        "$program" "$@" >"$work/said" 2>&1 || status=$?
        [ -f "$work/first" ] || cp "$work/said" "$work/first"
        if [ "$status" != "$wanted" ] || ! grep -q "$text" "$work/said" || ! cmp "$work/first" "$work/said" ||
            { [ "$wanted" != 0 ] && ! grep -q '^hint: .' "$work/said"; }; then
            echo "$program: exit $status; wanted exit $wanted, \"$text\" and what the others say; said:"
            cat "$work/said"
            exit 1
        fi
    done
}
for case in '' N1 N11.6; do # honest; a QE report signed by another key; a revoked TCB level
    "$build/lab-intel" "$work/lab$case" "@$(date +%s)" $case
done
files() { # files LAB POLICY
    echo "$work/$1/quote.bin $work/$1/collateral.json $work/$1/$2 $work/$1/trust.json"
}
# shellcheck disable=SC2046 # words
{
    say 0 '^trusted: tdx.mrtd [0-9a-f]\{96\}$' $(files lab genuine.json)
    say 2 '^tdx.signature: bad-signature: quote signature.qe_report_signature: ' $(files labN1 genuine.json)
    say 4 '^tdx.tcb: revoked: collateral tcbStatus: expected UpToDate, got Revoked' $(files labN11.6 genuine.json)
    say 1 '^input: unknown: policy ' $(files lab collateral.json) # no policy
}
echo "verify.c and verify.py, installed situs $(pkg-config --modversion situs): 1 trusted, 3 refused with a reason"
