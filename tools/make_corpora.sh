#!/bin/sh
# make_corpora.sh DIR HARNESS...: fills DIR/HARNESS with first inputs: what the lab makes, and real
# evidence where it is present. fuzz/corpora.txt says which files a harness takes: NAME GLOB...
set -eu
corpora=$1
shift
vectors=${SITUS_VECTORS:-../shared/vectors}
lab=$corpora/lab

if [ ! -d "$lab" ]; then
    mkdir -p "$lab"
    for program in build-test/lab-intel build/lab-intel; do
        [ -x "$program" ] || continue
        "$program" "$lab" >/dev/null
        break
    done
fi
for harness; do
    directory=$corpora/$harness
    [ ! -d "$directory" ] || continue
    mkdir -p "$directory"
    globs=$(sed -n "s/^$harness  *//p" fuzz/corpora.txt)
    set -f # the globs are find's
    for glob in $globs; do
        find "$lab" "$vectors" -type f -size -64k -name "$glob" 2>/dev/null || true
    done | while read -r file; do
        cp "$file" "$directory/$(sha256sum "$file" | cut -c1-16)"
    done
    set +f
done
