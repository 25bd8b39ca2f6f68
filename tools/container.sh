#!/bin/sh
# container.sh BUILD FOLDER: what a container of situs serve holds (examples/Containerfile), into FOLDER, which must not be
# there: the program of BUILD, stripped, its libraries where its loader looks for them, and the places that are mounted.
set -eu
[ $# = 2 ] || { sed -n '2,3s/^# *//p' "$0" >&2; exit 1; }
program=$1/situs-serve to=$2
mkdir -p "$(dirname "$to")"
mkdir "$to"
mkdir -p "$to/etc/situs" "$to/run/situs" "$to/proc" "$to/dev" "$to/tmp"
strip -o "$to/situs-serve" "$program"
chmod 755 "$to/situs-serve"
ldd "$program" | sed -n 's/^[^/]*\(\/[^ ]*\) (0x[0-9a-f]*)$/\1/p' | while read -r library; do
    mkdir -p "$to${library%/*}"
    cp -L "$library" "$to$library"
done
