#!/bin/sh
# From an image that boots to a policy for strangers (docs/guides/operator.md): runs the commands of the page, and no
# others; the guest and Intel's service are the lab's. Prints how many commands it took.
set -eu
page=$(cd "$(dirname "$0")/../.." && pwd)/docs/guides/operator.md
most=4
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
die() {
    echo "operator: $*" >&2
    exit 1
}
cd "$work"
"$SITUS" lab attack diverging --honest -o lab >/dev/null
"$SITUS" lab attack own_image -o other >/dev/null

# What the lab stands for; every other word is the program's.
situs() {
    case "$1 $2" in
    "attest --nonce") cp lab/evidence.cmw "$5" ;;
    "collateral fetch") mkdir "$5" && cp lab/collateral.json "$5" ;;
    "policy new")
        shift 2
        "$SITUS" policy new --profile lab --provider situs --simulated --allow 'lab provider=lab-hall-1' \
            --trust lab/trust.json "$@"
        ;;
    *) "$SITUS" "$@" ;;
    esac
}

# The page's commands: lines that begin with "$ ", joined where one ends with a backslash.
sed -n -e ':more' -e '/^    \$ .*\\$/{N;s/\\\n */ /;bmore' -e '}' -e 's/^    \$ //p' "$page" >commands
steps=$(wc -l <commands)
while read -r command <&3; do
    echo "\$ $command"
    eval "$command" >said 2>&1 || die "failed ($?): $command: $(cat said)"
done 3<commands

# What a stranger finds then: this image, and no other.
judged() {
    "$SITUS" verify "$1/evidence.cmw" --policy policy.json --trust "$1/trust.json" -c "$1/collateral.json" \
        --nonce "$(cat "$1/nonce")" >verdict
}
judged lab || die "the image is refused: $(cat verdict)"
code=0
judged other || code=$?
[ "$code" = 5 ] || die "another image is not refused as one: $code"
grep -q '"by": "Example Images"' policy.json || die "nobody states that it is closed"
[ "$steps" -le $most ] || die "$steps commands, more than $most"
echo "operator: $steps commands"
