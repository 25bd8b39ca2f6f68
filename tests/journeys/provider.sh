#!/bin/sh
# The provider's day (docs/guides/provider.md): runs the commands of the page, and no others, on the lab's three
# machines, and looks at what came of it. SITUS and LAB_FLEET are programs. Prints how many commands it took.
set -eu
page=$(cd "$(dirname "$0")/../.." && pwd)/docs/guides/provider.md
most=8
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
situs() { "$SITUS" "$@"; }
die() {
    echo "provider's day: $*" >&2
    exit 1
}
"$LAB_FLEET" "$work"
cd "$work"
id() { situs show "$1/manifest.bin" | awk -v name="$2" '$1 == name { v = v s $2; s = " " } END { print v }'; }
ppid() { situs show "$1/quote.bin" | awk '$1 == "ppid" { print $2; exit }'; }

# What somebody has on paper and on disk, as a spreadsheet writes it.
printf '\357\273\277machine;site;prids;ek;class;manifest;receipt;pck\r\n' >machines.csv
echo machine,piid >seen.csv
n=0
for stage in delivered second third; do
    n=$((n + 1))
    printf 'ams1-r01-u0%d;ams1;%s;;;%s/manifest.bin;%s;%s/pck_chain.pem\r\n' \
        "$n" "$(id $stage prid)" $stage "$(ppid $stage)" $stage >>machines.csv
    echo "ams1-r01-u0$n,$(id $stage piid)" >>seen.csv
done
mkdir endorsements

# The page's commands: lines that begin with "$ ", joined where one ends with a backslash.
sed -n -e ':more' -e '/^    \$ .*\\$/{N;s/\\\n */ /;bmore' -e '}' -e 's/^    \$ //p' "$page" >commands
steps=$(wc -l <commands)
while read -r command <&3; do
    echo "\$ $command"
    eval "$command" || die "failed ($?): $command"
done 3<commands

# What a verifier finds then.
holds() {
    situs poe verify "endorsements/$(id "$1" piid).cbor" --trust trust.json --piid "$(id "$1" piid)" \
        --revocations revoked.cose >verdict 2>&1
}
[ "$(find endorsements -name '*.cbor' | wc -l)" = 3 ] || die "not every machine is endorsed"
holds delivered || die "the machine that stayed is not owned: $(cat verdict)"
for stage in second third; do
    ! holds $stage || die "a machine that left is still owned"
done
situs show revoked.cose | grep -q "$(id third piid)" || die "what was lost is not revoked"
situs show machines.cose | grep -q "$(ppid delivered)" || die "the machine that stayed is not listed"
[ "$steps" -le $most ] || die "$steps commands, more than $most"
echo "provider's day: $steps commands"
