#!/bin/sh
# Installs from Debian what is missing to build situs ("build"), to test it ("test"), to fuzz it
# ("fuzz") or measure how much the tests run ("coverage"), to run the whole simulated data centre ("lab"), to boot
# virtual machines ("qemu"), to make packages ("deb"), to put a proxy before the service ("proxy") and a server of databases
# behind it ("database"), and to run clients of others ("clients", and "node" for those of Node), a load ("load"), a browser ("page") or spin ("model"); says
# nothing when nothing is missing. As root directly, else by sudo.
set -eu

build='gcc libc6-dev binutils pkg-config python3 meson ninja-build
    libssl-dev libjansson-dev libsqlite3-dev libtss2-dev libcurl4-openssl-dev
    libmicrohttpd-dev libpq-dev libseccomp-dev scdoc'
test='libcmocka-dev libcbor-dev git openssl tpm2-tools softhsm2 libengine-pkcs11-openssl
    python3-jwcrypto'
fuzz='clang libclang-rt-dev'
coverage='gcovr'
lab='swtpm swtpm-tools libfuse3-dev fuse3'
deb='build-essential clang dpkg-dev debhelper lintian libfuse3-dev'
proxy='nginx-light'
database='postgresql'
clients='apache2-bin libapache2-mod-auth-openidc haproxy'
node='nodejs npm'
load='wrk'
page='chromium chromium-driver'
model='gcc libc6-dev python3 spin'
qemu='qemu-system-x86 ovmf systemd-boot-efi busybox-static'

missing=
for set in "$@"; do
    case $set in
    build) packages=$build ;;
    test) packages=$test ;;
    fuzz) packages=$fuzz ;;
    coverage) packages=$coverage ;;
    lab) packages=$lab ;;
    qemu) packages=$qemu ;;
    deb) packages=$deb ;;
    proxy) packages=$proxy ;;
    database) packages=$database ;;
    clients) packages=$clients ;;
    node) packages=$node ;;
    load) packages=$load ;;
    page) packages=$page ;;
    model) packages=$model ;;
    *) echo "usage: $0 [build] [test] [fuzz] [coverage] [lab] [qemu] [deb] [proxy] [database] [clients] [node] [load] [page] [model]" >&2; exit 1 ;;
    esac
    command -v dpkg-query >/dev/null || {
        echo "situs: this is not Debian; please install what matches: $packages" >&2
        continue
    }
    for package in $packages; do
        status=$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null || true)
        [ "$status" = installed ] || missing="$missing $package"
    done
done
[ -n "$missing" ] || exit 0

as_root=
if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null || {
        echo "situs: error: not root, no sudo; please install:$missing" >&2
        exit 1
    }
    as_root='sudo'
fi
install() {
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends \
        -o Dpkg::Use-Pty=0 $missing >"$log" 2>&1 </dev/null
}

log=$(mktemp)
trap 'rm -f "$log"' EXIT
echo "situs: installing$missing" >&2
# The package lists may be absent (a fresh container) or too old: update only when they are.
install || { $as_root apt-get update -qq && install; } || { cat "$log" >&2; exit 1; }
