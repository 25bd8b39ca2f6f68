#!/bin/sh
# timer.sh DIR BUILD: in a system that systemd has booted (tools/clean_root.sh), as root: installs the package situs in DIR,
# lets its timer refresh collateral from Intel's service of the lab (lab-intel of BUILD), and again without the service.
# Only for a root that nobody needs. The units are those of the package; what is added to them is where the lab's service is,
# whom it trusts, and that the time has come.
set -eu
cd "$(dirname "$0")/../.."
work=$(mktemp -d /srv/timer.XXXXXX) # the service sees no /tmp of ours, and no home
held=/var/lib/situs/intel units=/etc/systemd/system/situs-collateral
die() {
    echo "timer: $*"
    systemctl status --no-pager --full situs-collateral.timer situs-collateral.service || true
    exit 1
}
dpkg --install "$1"/situs_*.deb "$1"/libsitus0_*.deb >/dev/null
[ "$(systemctl is-enabled situs-collateral.timer || true)" = disabled ] || die 'somebody enabled it'

chmod 755 "$work"
"$2/lab-intel" "$work" >/dev/null
mkfifo "$work/url"
PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=tests/cli python3 -c '
import sys, threading, pcs_server
print(pcs_server.Server(sys.argv[1]).url, flush=True)
threading.Event().wait()' "$work" >"$work/url" &
server=$!
read -r url <"$work/url"

# Drop-ins of the administrator's; an empty setting takes away the package's.
mkdir -p "${held%/*}" "$units.timer.d" "$units.service.d"
situs collateral import "$work/collateral.json" "$held" --trust "$work/trust.json"
command=$(sed -n 's/^ExecStart=//p' /lib/systemd/system/situs-collateral.service)
printf '[Timer]\nOnCalendar=\nRandomizedDelaySec=0\nOnActiveSec=1\n' >"$units.timer.d/now.conf"
printf '[Service]\nExecStart=\nExecStart=%s --url %s --trust %s --retries 0\n' "$command" "$url" "$work/trust.json" \
    >"$units.service.d/lab.conf"
systemctl daemon-reload

before=$(stat -c %i "$held")
systemctl enable --now situs-collateral.timer 2>/dev/null
tries=0
until [ "$(stat -c %i "$held")" != "$before" ]; do
    tries=$((tries + 1))
    [ $tries -le 60 ] || die 'nothing was refreshed in a minute'
    sleep 1
done
systemctl start situs-collateral.service || die 'the service fails'
situs verify "$work/quote.bin" --policy "$work/genuine.json" --trust "$work/trust.json" --collateral "$held" >/dev/null ||
    die 'what it fetched is no good'

# A fetch that fails is a failed unit, and leaves what was there.
kill $server
before=$(stat -c %i "$held")
! systemctl start situs-collateral.service 2>/dev/null || die 'without a service it succeeds'
[ "$(systemctl show -p Result --value situs-collateral.service)" = exit-code ] || die 'it failed in another way'
[ "$(stat -c %i "$held")" = "$before" ] || die 'a failed fetch changed what was held'
echo 'the timer refreshed; without a service the unit failed, and nothing changed'
