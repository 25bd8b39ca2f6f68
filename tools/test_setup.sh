#!/bin/sh
# Shows that setup.sh looks again: a library that came after the first setup is found, one that went is
# missed, and what an interrupted meson left is made anew. In a tree of one file, which meson reads in a moment.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir "$folder/pc" "$folder/tools"
cp "$(dirname "$0")/setup.sh" "$folder/tools"
cd "$folder"
cat >meson.build <<'END'
project('looks', 'c')
if dependency('cmocka', required: false).found()
  executable('tests', files('tests.c'))
endif
END
echo 'int main(void) { return 0; }' >tests.c
pkg-config --variable pc_path pkg-config | tr : '\n' | while read -r from; do
    [ ! -d "$from" ] || find -L "$from" -maxdepth 1 -name '*.pc' -exec ln -sf -t "$folder/pc" {} +
done
cmocka=$(readlink "$folder/pc/cmocka.pc")
export PKG_CONFIG_LIBDIR="$folder/pc" PKG_CONFIG_PATH='' CMAKE=/nonexistent
build=$folder/build

expect() { # expect yes|no WHEN
    tools/setup.sh "$build" >"$folder/log" 2>&1 || { cat "$folder/log"; exit 1; }
    got=no
    ! ninja -C "$build" -t query tests >/dev/null 2>&1 || got=yes
    [ "$got" = "$1" ] || { echo "setup.sh $2: tests: $got, not $1"; exit 1; }
}
rm "$folder/pc/cmocka.pc"
expect no 'without cmocka'
ln -s "$cmocka" "$folder/pc/cmocka.pc"
expect yes 'after cmocka came'
before=$(stat -c %Y.%i "$build/build.ninja")
expect yes 'a second time'
[ "$(stat -c %Y.%i "$build/build.ninja")" = "$before" ] || { echo 'setup.sh works again without need'; exit 1; }
rm "$folder/pc/cmocka.pc"
expect no 'after cmocka went'
rm "$build/build.ninja" "$folder/pc/fuse3.pc"
expect no 'after an interruption'
ln -s "$cmocka" "$folder/pc/cmocka.pc"
echo broken >"$build/meson-private/coredata.dat"
expect yes "over another meson's"
