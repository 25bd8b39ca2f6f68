#!/bin/sh
# setup.sh DIR [OPTION...]: makes DIR a build directory that fits this machine as it is now, by meson with
# these options. Meson looks for libraries and programs once, when it makes the directory; here it looks
# again whenever what it may find has changed: a package came after the first make, or went; the sources moved.
set -eu
cd "$(dirname "$0")/.."
dir=$1
record=$dir/situs-setup

# Every library that pkg-config knows, every program that meson.build asks for.
machine() {
    libraries=${PKG_CONFIG_LIBDIR:-$(pkg-config --variable pc_path pkg-config || true)}
    pwd
    printf '%s:' "${PKG_CONFIG_PATH:-}:$libraries" | tr : '\n' |
        while read -r folder; do
            [ ! -d "$folder" ] || find -L "$folder" -maxdepth 1 -name '*.pc' -exec cksum {} + | sort
        done
    for program in meson ninja pkg-config python3 scdoc; do command -v $program || true; done
}

now=$(machine 2>&1 | cksum)
[ ! -f "$dir/build.ninja" ] || [ "$(cat "$record" 2>/dev/null || true)" != "$now" ] || exit 0
rm -f "$record"
# The options of a directory that is there stay. What another meson made, or one that was interrupted, may
# be beyond mending: then anew.
{ [ -f "$dir/build.ninja" ] && meson configure "$dir" --clearcache && meson setup --reconfigure "$dir"; } || {
    rm -rf "$dir/meson-private" "$dir/build.ninja"
    meson setup "$@"
}
echo "$now" >"$record.new"
mv -f "$record.new" "$record"
