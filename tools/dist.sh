#!/bin/sh
# dist.sh [DIR] | --self-test: DIR/situs-VERSION.tar.gz of HEAD, the same bytes for the same commit, and its
# SHA-256. Refused while SECURITY.md does not say whom to tell of a vulnerability.
set -eu
cd "$(dirname "$0")/.."
marker='TO BE FILLED IN BY THE OWNER'

dist() { # dist DIR
    text=$(git show HEAD:SECURITY.md) || return
    if printf '%s\n' "$text" | grep -F "$marker" >&2; then
        echo 'situs: error: SECURITY.md (as committed): the owner fills in address and key before a release' >&2
        return 1
    fi
    name=situs-$(sed -n "s/^project('situs'.* version: '\([0-9.]*\)'.*/\1/p" meson.build)
    mkdir -p "$1"
    git -c core.autocrlf=false -c tar.umask=0022 archive --format=tar --prefix="$name/" HEAD |
        gzip -n -9 >"$1/$name.tar.gz"
    (cd "$1" && sha256sum "$name.tar.gz")
}

self_test() {
    folder=$(mktemp -d)
    trap 'rm -rf "$folder"' EXIT
    git clone -q --no-local --depth 1 "file://$PWD" "$folder/one"
    tools=$PWD/tools
    cd "$folder/one"
    cp "$tools/dist.sh" tools/ # the one under test, also before it is committed
    if tools/dist.sh "$folder/out" 2>"$folder/said"; then
        ! git show HEAD:SECURITY.md | grep -qF "$marker" || { echo 'the marker passed'; exit 1; }
    fi
    sed -i "s/$marker/security@example.org/" SECURITY.md
    git -c user.name=x -c user.email=x@example.org commit -qam 'filled in' --allow-empty
    tools/dist.sh "$folder/1" >"$folder/first"
    git clone -q "$folder/one" "$folder/two"
    cd "$folder/two"
    (umask 077 && TZ=Asia/Tokyo tools/dist.sh "$folder/2" >"$folder/second")
    cmp "$folder/first" "$folder/second"
    tar -tzf "$folder"/1/*.tar.gz | grep -q '^situs-[0-9.]*/SECURITY.md$'
    echo 'dist: refused while SECURITY.md is not filled in; then the same bytes twice'
}

case ${1:-} in
--self-test) self_test ;;
*) dist "${1:-build-dist}" ;;
esac
