#!/bin/sh
# arm64.sh DIR: builds everything for arm64 in DIR, no warning allowed, and runs the unit tests in C by QEMU's user
# emulation, without sanitizers. It adds arm64 to the architectures of this Debian, and its packages:
# tools/clean_root.sh calls it in a root that is thrown away.
set -eu
cd "$(dirname "$0")/.."
dir=$1
# Minutes of an emulated processor each; and those for which QEMU is no Linux: it answers /proc/self/stat itself, and has no
# seccomp(2), without which there is no judge.
left_out='situs/test_flips situs/test_faults lab/test_matrix endorse/test_revocation endorse/test_poe
    evidence/test_quote_cost attester/test_attest serve/test_judge serve/test_keeper
    serve/test_machine_list serve/test_machines serve/test_machines_held serve/test_renewal
    serve/test_signing'
triplet=aarch64-linux-gnu

eval "$(sed -n '/^build=/,/^qemu=/p' tools/install-packages.sh)" # its lists of packages
# Libraries of arm64, programs of this machine.
foreign='' own=''
# shellcheck disable=SC2154 # from there
for package in $build $test $lab; do
    case $package in
    libc6-dev | libclang-rt-dev | clang | gcc | binutils) ;;
    lib*-dev) foreign="$foreign $package:arm64" ;;
    *) own="$own $package" ;;
    esac
done
export DEBIAN_FRONTEND=noninteractive
dpkg --add-architecture arm64
apt-get update -qq
# shellcheck disable=SC2086 # words
apt-get install -qq -y --no-install-recommends -o Dpkg::Use-Pty=0 $own $foreign gcc-$triplet libc6-dev:arm64 \
    qemu-user-static >/dev/null

mkdir -p "$dir"
cat >"$dir/arm64.ini" <<END
[binaries]
c = ['ccache', '$triplet-gcc']
ar = '$triplet-ar'
strip = '$triplet-strip'
objcopy = '$triplet-objcopy'
pkgconfig = 'pkg-config'
exe_wrapper = 'qemu-aarch64-static'
[properties]
pkg_config_libdir = ['/usr/lib/$triplet/pkgconfig', '/usr/share/pkgconfig']
[host_machine]
system = 'linux'
cpu_family = 'aarch64'
cpu = 'aarch64'
endian = 'little'
END
command -v ccache >/dev/null || sed -i "s/\['ccache', \(.*\)\]/\1/" "$dir/arm64.ini"
meson setup "$dir/build" --cross-file "$dir/arm64.ini" -Dwerror=true -Doptimization=1

tests=$(sed -n "s/^  '\([a-z]*\/test_[a-z0-9_]*\)',\$/\1/p" tests/meson.build | while read -r test; do
    case " $(echo $left_out) " in *" $test "*) continue ;; esac
    [ ! -f "tests/$test.c" ] || echo "$test"
done)
# shellcheck disable=SC2086,SC2046 # words
ninja -C "$dir/build" installed $(echo "$tests" | sed 's|/|_|; s|^|tests/|')
# shellcheck disable=SC2086 # words
meson test -C "$dir/build" --no-rebuild --print-errorlogs --timeout-multiplier 4 $tests
counts=$(python3 tools/count_tests.py "$dir/build/meson-logs/testlog.json") || exit 1
# shellcheck disable=SC2086 # words
set -- $counts
echo "arm64: $1 passed, $2 failed, $3 skipped"
[ "$2" = 0 ]
