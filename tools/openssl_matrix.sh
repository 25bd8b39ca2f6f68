#!/bin/bash
# openssl_matrix.sh BUILD-DIR: the tests of crypto/ and endorse/, already built there, against every OpenSSL that
# this release of Debian serves (main, updates, security), unpacked beside the build: no rule of ours may rest
# on what one of them happens to refuse.
set -euo pipefail
cd "$(dirname "$0")/.."
build=$1
folder=$build/openssl
rm -rf "$folder"
mkdir -p "$folder"
trap 'rm -rf "$folder"' EXIT

package=$(dpkg-query -S '*/libcrypto.so.3' | sed -n '1s/:.*//p')
versions() {
    apt-cache madison "$package" | cut -d'|' -f2 | tr -d ' ' | sort -Vu
}
[ -n "$(versions)" ] || apt-get update -qq
[ -n "$(versions)" ] || { echo "apt serves no $package: its lists are empty"; exit 1; }

tests=$(find "$build/tests" -maxdepth 1 -type f -executable \( -name 'crypto_test_*' -o -name 'endorse_test_*' \) | sort |
    while read -r test; do ! ldd "$test" | grep libcrypto.so.3 >/dev/null || echo "$test"; done)
[ -n "$tests" ] || { echo "$build has no tests of crypto/ and endorse/"; exit 1; }

# one TEST LIBRARY-FOLDER LOG: says nothing when it passes with the OpenSSL of that folder.
one() {
    local loaded
    loaded=$(LD_LIBRARY_PATH=$2 ldd "$1" | sed -n 's/.*libcrypto.so.3 => \([^ ]*\) .*/\1/p')
    [ "$(realpath "$loaded")" = "$(realpath "$2/libcrypto.so.3")" ] || { echo "$1 loads $loaded"; return 1; }
    LD_LIBRARY_PATH=$2 ASAN_OPTIONS=detect_leaks=1 "$1" >"$3" 2>&1 || { echo "$2: ${1##*/}"; cat "$3"; return 1; }
}
export -f one

failed='' ran=''
for version in $(versions); do
    (cd "$folder" && apt-get download -qq "$package=$version" 2>"apt.log") || { cat "$folder/apt.log"; exit 1; }
    dpkg-deb -x "$folder/${package}"_*.deb "$folder/$version"
    rm "$folder/${package}"_*.deb
    library=$(dirname "$(realpath "$(find "$folder/$version" -name libcrypto.so.3)")")
    name=${version%%-*} # as OpenSSL names itself
    got=$(LD_LIBRARY_PATH=$library python3 -c 'import ctypes
library = ctypes.CDLL("libcrypto.so.3")
library.OpenSSL_version.restype = ctypes.c_char_p
print(library.OpenSSL_version(0).decode())')
    case $got in "OpenSSL $name "*) ;; *) echo "not $name was loaded but $got"; exit 1 ;; esac
    echo "$tests" | xargs -P "$(nproc)" -I TEST bash -c "one TEST '$library' '$folder'/\$\$.log" ||
        failed="$failed $version"
    ran="$ran $version"
done
[ -z "$failed" ] || { echo "failed:$failed"; exit 1; }
echo "$(echo "$tests" | wc -l) test programs of crypto/ and endorse/ pass with OpenSSL$ran"
