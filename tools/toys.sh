#!/bin/sh
# toys.sh: what a new kind costs, counted. In a scratch copy of the tree a toy of each (tools/toys) is added, as a
# person would add it; all are built at once; and each is asked by a program of its own. It must be told, read,
# accepted by a policy and answered; and it may touch two files that were there before, not one more.
set -eu
cd "$(dirname "$0")/.."
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
git ls-files -z | tar -c --null -T - | tar -x -C "$dir"
cd "$dir"
mv tools/toys .
git init -q .
keep() {
    git add -A
    git -c user.name=toys -c user.email=toys@example.invalid commit -qm toys
}
keep
# count WHAT: the files that were there and were touched since the last one.
count() {
    touched=$(git diff --name-only)
    n=$(echo "$touched" | wc -l)
    echo "$1: its own file, and $n that were there:"
    echo "$touched"
    [ "$n" -le 2 ]
    keep
}

# The row, its own file ("TOY", and one PPID of 16 bytes), and the line of the build.
cat >>src/model/endorsements.def <<'ROW'
ENDORSEMENT(TOY, toy, A("toy list"), SENT(TOY, "vnd.toy"), WORD_OF_LISTS("toy"))
ROW
cp toys/endorsement.c src/endorse/registry/toy.c
sed -i "s|^  'registry/google_host.c',|&\n  'registry/toy.c',|" src/endorse/meson.build
count 'a kind of endorsement'

# The profile and its one template, its own file, and the line of the build.
sed -i '/^#undef AK_PROFILE/i\
AK_PROFILE(TOY, toy, NOTHING)\
AK_TEMPLATE(TOY, "tpm.guest", 0x00050072, 0, TPM_ALG_RSA, TPM_ALG_RSAPSS, 2048, ENDORSEMENT)\
' src/model/ak_profiles.def
cp toys/ak_profile.c src/endorse/ak_cert/ak_toy.c
sed -i "s|^  'ak_cert/ak_situs.c',|&\n  'ak_cert/ak_toy.c',|" src/endorse/meson.build
count 'a profile of AK certificate'

program() {
    cc -std=c11 -D_GNU_SOURCE -Iinclude -Isrc -Itests "toys/$1.c" -o "$1" tests/support/soft_ca.c \
        tests/support/soft_tpm.c build/libverifier.a -lcmocka -lcrypto -ljansson
}
{
    meson setup build -Dbuildtype=debug -Doptimization=0 && ninja -C build libverifier.a &&
        program endorsement_test && program ak_profile_test
} >build.log 2>&1 || {
    cat build.log
    exit 1
}
./endorsement_test
./ak_profile_test
