#!/bin/sh
# The life of one machine under its owner (docs/LIFECYCLE.md), and what a verifier says at each turn.
# Part of make demo; needs a build in build/ (or the directory BUILD).
set -u
cd "$(dirname "$0")/.." || exit

build=$(cd "${BUILD:-build}" && pwd) || exit 1
situs=$build/situs world=$build/demo-ownership
bold='' plain=''
if [ -t 1 ] && [ -z "${NO_COLOR:-}" ] && [ "${TERM:-dumb}" != dumb ]; then
    bold=$(printf '\033[1m') plain=$(printf '\033[0m')
fi
wrong=0
heading() {
    printf '\n%s== %s ==%s\n' "$bold" "$*" "$plain"
}
check() { # check EXPECTED GOT
    [ "$1" = "$2" ] || {
        echo "demo: this should have been exit $1, not $2" >&2
        wrong=1
    }
}
# fleet EXIT COMMAND OPTIONS...: one act of the operator; of the answer, the first line.
fleet() {
    expected=$1 command=$2
    shift 2
    printf '%s$ situs fleet %s' "$bold" "$command"
    printf ' %s' "$@"
    printf '%s\n' "$plain"
    "$situs" fleet "$command" --db fleet.db --operator ada "$@" >answer
    check "$expected" $?
    head -n 1 answer
}
# publish: what the owner's web server offers now.
publish() {
    "$situs" fleet export --db fleet.db --operator publisher --key owner.key.pem --chain owner_certs.pem \
        --revocations revoked.cose >/dev/null
    check 0 $?
}
newest() { # the number of the list that was published last
    "$situs" fleet history --db fleet.db | awk '/revocation number/ { n = $NF } END { print n }'
}
# ask EXIT STAGE [ENDORSEMENT [REVOCATIONS [SEEN]]]: a relying party, who demands a live guest on a machine of
# Example Cloud, Inc., challenges the machine as it is in a stage; REVOCATIONS is the list in force, or "" for
# none; SEEN is the number of the newest list that he knows.
ask() {
    expected=$1 stage=$2 endorsement=${3:-} revocations=${4-revoked.cose} seen=${5:-}
    set -- --policy policy.json
    [ -z "$endorsement" ] || set -- "$@" --endorsement "$endorsement"
    [ -z "$endorsement" ] || [ -z "$revocations" ] || set -- "$@" --endorsement "$revocations"
    [ -z "$seen" ] || set -- "$@" --list-seen "revocation:Example Cloud=$seen"
    printf '%s$ situs verify' "$bold"
    printf ' %s' "$@" "$stage/quote.bin"
    printf '%s\n' "$plain"
    set -- "$@" --trust trust.json --nonce "$(cat nonce.hex)" --channel channel.spki.der \
        --collateral "$stage/collateral.json"
    "$situs" verify "$@" "$stage/quote.bin"
    check "$expected" $?
}
id() { # id FILE KEY: a value of "situs show"
    "$situs" show "$1" | awk -v key="$2" '$1 == key { print $2 }'
}

rm -rf "$world"
mkdir -p "$world"
"$build/lab-fleet" "$world" || exit 1
cd "$world" || exit 1
signing="--key owner.key.pem --chain owner_certs.pem"
poe=endorsement.cbor

heading 'The supplier delivers a machine; its papers name its processors'
fleet 0 init --owner 'Example Cloud, Inc.' --issuer 'Example Cloud'
for prid in $(id "delivered/manifest.bin" prid); do
    set -- "$@" --prid "$prid"
done
fleet 0 add --machine ams1-r07-u12 --site ams1 --ek "ek.spki.der" "$@"
publish
echo 'A verifier demands a live guest on a machine of Example Cloud, Inc.; nobody has said so yet:'
ask 6 delivered

heading 'It says who it is; Intel, who registered it, answered with its PPID'
fleet 0 add --machine ams1-r07-u12 --manifest "delivered/manifest.bin" --pck "delivered/pck_chain.pem" \
    --trust "trust.json" --receipt "$(id "delivered/quote.bin" ppid)"
echo 'No endorsement before somebody has seen it in its place:'
fleet 6 endorse --machine ams1-r07-u12 $signing -o "$poe"
fleet 0 confirm --machine ams1-r07-u12 --piid "$(id "delivered/manifest.bin" piid)"

heading 'The first endorsement'
fleet 0 endorse --machine ams1-r07-u12 $signing -o "$poe"
ask 0 delivered "$poe"
echo 'The same endorsement shown with a genuine machine in a basement:'
ask 6 basement "$poe"

heading 'Intel recovers the TCB: a new PCK certificate, the same PIID'
publish
fleet 0 add --machine ams1-r07-u12 --pck "recovered/pck_chain.pem" --trust "trust.json"
ask 0 recovered "$poe"

heading 'Maintenance: a processor is replaced, the platform established anew: a new PIID'
fleet 0 maintain --machine ams1-r07-u12
publish
echo 'Until a new platform is stated, the old one is still endorsed:'
ask 0 recovered "$poe"
echo 'Before the owner has looked, the old endorsement says nothing about the new platform:'
ask 6 maintained "$poe"
fleet 0 add --machine ams1-r07-u12 --manifest "maintained/manifest.bin" --pck \
    "maintained/pck_chain.pem" --trust "trust.json" --receipt "$(id "maintained/quote.bin" ppid)"
fleet 0 confirm --machine ams1-r07-u12 --piid "$(id "maintained/manifest.bin" piid)"
echo 'One of its processors was never delivered:'
fleet 6 endorse --machine ams1-r07-u12 $signing -o "$poe.new"
echo 'The operator looks into the machine, finds the spare part and enrols it, in her name:'
fleet 0 add --machine ams1-r07-u12 --prid "$(id "maintained/manifest.bin" prid | tail -n 1)" --vouch ada
fleet 0 endorse --machine ams1-r07-u12 $signing -o "$poe.new"
publish
ask 0 maintained "$poe.new"
echo 'The old platform instance, should it ever come back, is revoked:'
ask 6 recovered "$poe"

heading 'Thirty days pass: an endorsement ends by itself, unless it is renewed'
mkdir "renewed"
later=$(($(date +%s) + 31 * 86400))
sleep 1 # or the new endorsement would be the old one, second for second
fleet 0 renew --expiring 31d --days 60 $signing -o "renewed"
renewed=renewed/$(id "maintained/quote.bin" piid).cbor
for file in "$poe.new" "$renewed"; do
    echo "In 31 days, $file:"
    "$situs" poe verify --trust "trust.json" --at "@$later" "$file"
    check "$([ "$file" = "$renewed" ] && echo 0 || echo 6)" $?
done

heading 'Stolen'
cp fleet.db fleet-before.db # the story has two endings
publish
echo 'Until the loss is reported and the next revocation list is out, a stolen machine that was not reset'
echo 'still has its PIID: owned alone does not see theft. What limits it: revocation lists of a day,'
echo 'endorsements of a month, and the TPM of scenario bare-metal, whose new boot nobody confirmed.'
ask 0 maintained "$renewed"
cp revoked.cose before.cose
fleet 0 lost --machine ams1-r07-u12 --reason 'missing from the rack'
publish
ask 6 maintained "$renewed"
echo 'The thief holds the list back; without one, the endorsement says nothing:'
ask 6 maintained "$renewed" ''
echo 'He shows the one from before the theft. For the rest of its day it passes:'
ask 0 maintained "$renewed" before.cose
echo 'A verifier who fetches the newest list himself, or has seen its number, is not taken in:'
ask 6 maintained "$renewed" before.cose "$(newest)"
heading 'Or sold. A buyer who does not reset it keeps the PIID; the endorsement is revoked'
mv "fleet-before.db" "fleet.db"
fleet 0 retire --machine ams1-r07-u12 --sold --reason 'sold to a broker'
publish
ask 6 maintained "$renewed"
echo 'The buyer resets it (SGX factory reset): a new PIID, which no endorsement ever named:'
ask 6 reset "$renewed"
echo 'For ever: what has left does not come back under its old identities.'
fleet 6 confirm --machine ams1-r07-u12 --piid "$(id "reset/manifest.bin" piid)"

heading 'Who did what, when'
"$situs" fleet history --db "fleet.db"
check 0 $?

[ "$wrong" = 0 ] && heading 'Every answer was the expected one.'
exit "$wrong"
