#!/bin/sh
# A pipeline that must say yes (docs/guides/sre.md): runs the commands of the page, and no others; quote and service are
# the lab's, and what systemd does at the timer's time is what its unit says. SITUS and LAB_INTEL are programs.
# Prints how many commands it took.
set -eu
source=$(cd "$(dirname "$0")/../.." && pwd)
page=$source/docs/guides/sre.md unit=$source/systemd/situs-collateral
most=5
work=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill $server; rm -rf "$work"' EXIT
die() {
    echo "SRE: $*" >&2
    exit 1
}
mkdir "$work/lab" "$work/pipeline"
"$LAB_INTEL" "$work/lab" >/dev/null
cd "$work/pipeline"
"$SITUS" pack -o evidence.cmw "tdx=$work/lab/quote.bin"
cp "$work/lab/genuine.json" policy.json

# Intel's service, of the lab.
mkfifo "$work/url"
PYTHONPATH=$source/tests/cli python3 -c '
import sys, threading, pcs_server
print(pcs_server.Server(sys.argv[1]).url, flush=True)
threading.Event().wait()' "$work/lab" >"$work/url" &
server=$!
read -r url <"$work/url"

# What the lab stands for; every other word is the program's.
situs() {
    for word; do
        shift
        [ "$word" != /var/lib/situs/intel ] || word=$work/intel
        set -- "$@" "$word"
    done
    case "$2" in fetch | refresh) set -- "$@" --url "$url" ;; esac
    "$SITUS" "$@" --trust "$work/lab/trust.json"
}
# The timer's time has come.
systemctl() {
    [ "$*" = 'enable --now situs-collateral.timer' ] && grep -q '^OnCalendar=daily$' "$unit.timer" || return 1
    [ -d "$work/intel" ] || return 1 # ConditionPathIsDirectory
    before=$(stat -c %i "$work/intel")
    eval "$(sed -n 's/^ExecStart=@bindir@\///p' "$unit.service.in")"
}
# jq -r NAMES FILE.
jq() { python3 -c '
import json, sys
report = json.load(open(sys.argv[2]))
print(*(report[name.strip(" .")] for name in sys.argv[1].split(",")), sep="\n")' "$2" "$3"; }

sed -n -e ':more' -e '/^    \$ .*\\$/{N;s/\\\n */ /;bmore' -e '}' -e 's/^    \$ //p' "$page" >commands
steps=$(wc -l <commands)
while read -r command <&3; do
    echo "\$ $command"
    eval "$command" >said 2>&1 || die "failed ($?): $command: $(cat said)"
    case $command in
    "situs verify "*) verify=$command ;;
    "situs collateral check "*) check=$command ;;
    "jq "*) grep -q '^TRUSTED' said && grep -qx None said || die "the report says: $(cat said)" ;;
    *timer) [ "$(stat -c %i "$work/intel")" != "$before" ] || die "the timer fetched nothing: $(cat said)" ;;
    esac
done 3<commands

# What the page says of the end: a warning before it and still a yes, then 3; so says the monitor.
judged() { # judged EXIT TEXT COMMAND
    code=0
    eval "$3" >said 2>&1 || code=$?
    [ "$code" = "$1" ] && { [ -z "$2" ] || grep -q "$2" said; } || die "exit $code, wanted $1 and \"$2\": $3: $(cat said)"
}
near="--at @$(($(date +%s) + 25 * 86400))" after="--at @$(($(date +%s) + 40 * 86400))" # of 30 days
judged 0 '^situs: warning: the .* ends in . days, at 20' "$verify $near"
jq -r .warning report.json | grep -q '^the .* ends in . days, at 20' || die "JSON has no warning: $(cat report.json)"
judged 0 '^situs: warning: .* within 7 days' "$check $near"
judged 3 '' "$verify $after"
jq -r .answer report.json | grep -q '^REFUSED (exit 3)' || die "JSON is no refusal: $(cat report.json)"
judged 3 '^situs: error: ' "$check $after"
[ "$steps" -le $most ] || die "$steps commands, more than $most"
echo "SRE: $steps commands"
