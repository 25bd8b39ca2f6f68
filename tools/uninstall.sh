#!/bin/sh
# uninstall.sh BUILD: removes below DESTDIR what "make install" of BUILD puts there, and the folders that are situs'
# own, unless something else lies in them.
set -eu
cd "$(dirname "$0")/.."
build=$1
like=$(mktemp -d)
trap 'rm -rf "$like"' EXIT
DESTDIR=$like meson install -C "$build" --no-rebuild --quiet
(cd "$like" && find . ! -type d) | while read -r file; do
    rm -f "${DESTDIR:-}/${file#./}"
done
(cd "$like" && find . -depth -type d -path '*/situs*') | while read -r folder; do
    rmdir "${DESTDIR:-}/${folder#./}" 2>/dev/null || true
done
