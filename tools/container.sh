#!/bin/sh
# container.sh BUILD FOLDER: what a container of situs serve holds (examples/Containerfile), into FOLDER, which must not be
# there: two programs of BUILD, stripped, their libraries where their loader looks, and the places that are mounted.
set -eu
[ $# = 2 ] || { sed -n '2,3s/^# *//p' "$0" >&2; exit 1; }
build=$1 to=$2
mkdir -p "$(dirname "$to")"
mkdir "$to"
mkdir -p "$to/etc/situs" "$to/run/situs" "$to/proc" "$to/dev" "$to/tmp"
for program in situs-serve situs-judge; do
    strip -o "$to/$program" "$build/$program"
    chmod 755 "$to/$program"
done
ldd "$build/situs-serve" "$build/situs-judge" | sed -n 's/^[^/]*\(\/[^ ]*\) (0x[0-9a-f]*)$/\1/p' | while read -r library; do
    mkdir -p "$to${library%/*}"
    cp -L "$library" "$to$library"
done
