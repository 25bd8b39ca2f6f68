#!/bin/sh
# deb.sh [DIR]: the Debian packages of the tree as it is, situs, situs-service, libsitus0 and libsitus-dev, in DIR; lintian
# must find nothing. DEBFULLNAME and DEBEMAIL are the maintainer's, as for every tool of Debian.
set -eu
cd "$(dirname "$0")/.."
dir=${1:-build-dist}
mkdir -p "$dir"
dir=$(cd "$dir" && pwd)
version=$(sed -n "s/^project('situs'.* version: '\([0-9.]*\)'.*/\1/p" meson.build)
maintainer="${DEBFULLNAME:-whoever built it} <${DEBEMAIL:-situs@situs.invalid}>"
date=$(git log -1 --format=%cD 2>/dev/null || date -R)
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT

{ git ls-files -z 2>/dev/null || find . -type f ! -path './build*' -print0; } |
    tar --null --files-from - --ignore-failed-read -c | tar -x -C "$tree" --one-top-level="situs-$version"
cd "$tree/situs-$version"
sed -i "s/@MAINTAINER@/$maintainer/" debian/control
cat >debian/changelog <<END
situs ($version) unstable; urgency=medium

  * CHANGELOG.md tells what changed.

 -- $maintainer  $date
END
DEB_BUILD_OPTIONS="noautodbgsym ${DEB_BUILD_OPTIONS:-}" dpkg-buildpackage --build=binary --no-sign >"$tree/log" 2>&1 || { cat "$tree/log"; exit 1; }
lintian --fail-on error,warning "$tree"/*.changes
rm -f "$dir"/situs_* "$dir"/situs-service_* "$dir"/libsitus*.deb
mv "$tree"/*.deb "$dir"
cd "$dir"
echo ./*_"$version"_*.deb
