#!/bin/sh
# packages.sh DIR BUILD: installs the Debian packages in DIR on this machine, uses them on evidence that lab-intel of
# BUILD makes, and removes them again. Only for a root that nobody needs (tools/clean_root.sh), as root.
set -eu
cd "$(dirname "$0")/../.."
dir=$(realpath "$1") build=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
packages='situs situs-service libsitus0 libsitus-dev'
for package in $packages; do # whoever has them has them for a reason
    [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null || true)" != installed ] ||
        { echo "$package is installed here"; exit 1; }
done
DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "$dir"/situs_*.deb "$dir"/situs-service_*.deb \
    "$dir"/libsitus*.deb

cd "$work"
situs version
for page in man1/situs.1 man1/situs-attest.1 man5/situs-policy.5 man3/libsitus.3 man3/situs_verify.3; do
    [ -e "/usr/share/man/$page.gz" ] || { echo "no $page"; exit 1; }
done
[ -e /lib/systemd/system/situs-collateral.timer ]
[ -e /lib/systemd/system/situs-serve.service ]
for command in fleet attest connect registrar lab host serve 'collateral fetch'; do # each in a program of its own
    # shellcheck disable=SC2086 # words
    situs $command --help >/dev/null
done
man situs 2>/dev/null | grep -q '^EXAMPLES' || { echo 'man situs shows no page'; exit 1; }
offered=$(bash -euc '. /usr/share/bash-completion/completions/situs
    COMP_WORDS=(situs collateral ref) COMP_CWORD=2
    _situs situs ref collateral
    echo "${COMPREPLY[*]}"')
[ "$offered" = refresh ] || { echo "bash completes \"situs collateral ref\" to \"$offered\""; exit 1; }
grep -q '^#compdef situs' /usr/share/zsh/vendor-completions/_situs
status=0
situs doctor >doctor || status=$?
case $status:$(tail -n 2 doctor | tr '\n' ' ') in # in a VM with a TPM it may be 0
0:*'evidence of a T'*': yes '* | '6:evidence of a TEE: no evidence of a TPM: no ') ;;
*) echo "situs doctor, exit $status:"; cat doctor; exit 1 ;;
esac
"$OLDPWD/$build/lab-intel" lab "@$(date +%s)"
situs verify lab/quote.bin --policy lab/genuine.json --collateral lab/collateral.json --trust lab/trust.json
# shellcheck disable=SC2046 # words
cc /usr/share/doc/libsitus-dev/examples/verify.c -o verify $(pkg-config --cflags --libs situs)
./verify lab/quote.bin lab/collateral.json lab/genuine.json lab/trust.json
python3 /usr/share/doc/libsitus-dev/examples/verify.py lab/quote.bin lab/collateral.json lab/genuine.json lab/trust.json

# shellcheck disable=SC2086 # words
DEBIAN_FRONTEND=noninteractive apt-get purge -qq -y $packages
left=$(find /usr /etc /var/lib -xdev -name '*situs*' ! -path '/var/lib/apt/*' ! -path '/var/lib/dpkg/info/*.list')
[ -z "$left" ] || { echo "left: $left"; exit 1; }
echo 'installed, man, completion, doctor, a quote verified, linked, removed'
