#!/bin/sh
# hide_symbols.sh OUT OBJCOPY AR CC... -- OBJECT...: the archive OUT of one object, made of these, in which what was
# compiled as hidden is local: a program that links it may have functions of the same names.
set -eu
out=$1 objcopy=$2 ar=$3
shift 3
cc=
while [ "$1" != -- ]; do
    cc="$cc $1"
    shift
done
shift
rm -f "$out"
# shellcheck disable=SC2086 # words
$cc -r -nostdlib -o "$out.o" "$@"
"$objcopy" --localize-hidden "$out.o"
"$ar" rcs "$out" "$out.o"
rm "$out.o"
