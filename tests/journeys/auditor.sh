#!/bin/sh
# What was kept, months later (docs/guides/auditor.md): runs the command of the page, and no other, on what a verifier
# of the lab kept. Prints how many commands it took.
set -eu
page=$(cd "$(dirname "$0")/../.." && pwd)/docs/guides/auditor.md
most=1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
die() {
    echo "auditor: $*" >&2
    exit 1
}
situs() { "$SITUS" "$@"; }
# jq -r .NAME FILE.
jq() { python3 -c 'import json, sys; print(json.load(open(sys.argv[2]))[sys.argv[1][1:]])' "$2" "$3"; }
cd "$work"

# That day: a live answer, and what is kept of it.
situs lab attack diverging --honest -o . >/dev/null
mkdir intel
mv collateral.json intel
situs verify evidence.cmw --policy policy.json --trust trust.json --collateral intel --channel peer.spki \
    --nonce "$(cat nonce)" -j >report.json
rm nonce
at=$(jq -r .at report.json)

sed -n -e ':more' -e '/^    \$ .*\\$/{N;s/\\\n */ /;bmore' -e '}' -e 's/^    \$ //p' "$page" >commands
steps=$(wc -l <commands)
read -r command <commands
echo "\$ $command"
judged() { # judged EXIT LINE COMMAND: exits so, and line 1 has that
    code=0
    eval "$3" >said 2>&1 || code=$?
    [ "$code" = "$1" ] || die "exit $code: $3: $(cat said)"
    head -n 1 said | grep -q "$2" || die "does not say \"$2\": $3: $(cat said)"
}
judged 6 "was trusted as of $at" "$command"
grep -q 'held then, not now' said || die "no proof held then: $(cat said)"

# Both reports are of the same bytes, and the reasons are there.
judged 6 "\"held_as_of\":\"$at\"" "$command -j"
cp said now.json
for input in evidence policy trust collateral channel; do
    then=$(jq -r .${input}_sha256 report.json)
    [ ${#then} = 64 ] && [ "$then" = "$(jq -r .${input}_sha256 now.json)" ] || die "$input is another: $then"
done
grep -q '"rests_on":\["' now.json || die "says not whose word it was"

# Another nonce, another image, another day: none of them was so then.
sed 's/"nonce":"[0-9a-f]*"/"nonce":"'"$(situs challenge)"'"/' report.json >other.json
judged 6 'REFUSED.*nonce' "$(echo "$command" | sed 's/nonce report/nonce other/')"
! grep -q 'was trusted' said || die "another nonce was trusted: $(cat said)"
situs lab attack own_image -o other >/dev/null
judged 5 REFUSED "$(echo "$command" | sed 's/verify evidence/verify other\/evidence/;s/trust trust/trust other\/trust/
    s/collateral intel/collateral other\/collateral.json/')"
judged 3 REFUSED "$(echo "$command" | sed 's/--at .*/--at 2099-01-01T00:00:00Z/')"
[ "$steps" -le $most ] || die "$steps commands, more than $most"
echo "auditor: $steps command"
