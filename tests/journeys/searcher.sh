#!/bin/sh
# Somebody with a quote (docs/guides/searcher.md): runs the commands of the page, and no others; the quote, the machine
# that answers and Intel's service are the lab's. Prints how many commands it took.
set -eu
page=$(cd "$(dirname "$0")/../.." && pwd)/docs/guides/searcher.md
most=4
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
die() {
    echo "searcher: $*" >&2
    exit 1
}
cd "$work"
"$SITUS" lab attack diverging --honest -o lab >/dev/null
"$SITUS" lab attack own_image -o other >/dev/null
"$SITUS" unpack lab/evidence.cmw --item tdx -o - | od -An -v -tx1 >quote.hex
printf '{"simulated": true, "require": ["genuine"]}' >genuine.json
answers=lab

# What the lab stands for; every other word is the program's.
situs() {
    command=$1
    shift
    for word; do
        shift
        case $word in
        auto) word=$answers/collateral.json ;;
        genuine) word=genuine.json ;;
        vm.example:7777) word=$answers/evidence.cmw ;;
        esac
        set -- "$@" "$word"
    done
    case $command in
    connect)
        [ $# -lt 6 ] || cp "$1" "$7" # -o FILE
        "$SITUS" verify "$1" "$2" "$3" "$4" "$5" --trust "$answers/trust.json" --nonce "$(cat "$answers/nonce")" \
            --channel "$answers/peer.spki"
        ;;
    policy)
        "$SITUS" policy "$@" --simulated --trust "$answers/trust.json"
        ;;
    *) "$SITUS" "$command" "$@" --trust "$answers/trust.json" ;;
    esac
}

# The page's commands: lines that begin with "$ ", joined where one ends with a backslash.
sed -n -e ':more' -e '/^    \$ .*\\$/{N;s/\\\n */ /;bmore' -e '}' -e 's/^    \$ //p' "$page" >commands
steps=$(wc -l <commands)
while read -r command <&3; do
    echo "\$ $command"
    last=$command
    eval "$command" >said 2>&1 || die "failed ($?): $command: $(cat said)"
done 3<commands

# The last answer was of the searcher's own policy: another image is no.
answers=other
code=0
eval "$last" >said 2>&1 || code=$?
[ "$code" = 5 ] || die "another image is not refused as one: $code, $(cat said)"
[ "$steps" -le $most ] || die "$steps commands, more than $most"
echo "searcher: $steps commands"
