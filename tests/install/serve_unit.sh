#!/bin/sh
# serve_unit.sh DIR BUILD: in a system that systemd has booted (tools/clean_root.sh), as root: installs the package
# situs-service in DIR and starts its socket. The service comes with the first question, with its key as a credential and
# evidence of lab-intel of BUILD; a front that stands still has it started anew. Only for a root that nobody needs.
set -eu
cd "$(dirname "$0")/../.."
at=/etc/situs units=/etc/systemd/system/situs-serve.service.d
die() {
    echo "serve_unit: $*"
    systemctl status --no-pager --full situs-serve.socket situs-serve.service || true
    exit 1
}
dpkg --install "$1"/situs_*.deb "$1"/situs-service_*.deb "$1"/libsitus0_*.deb >/dev/null
[ "$(systemctl is-enabled situs-serve.socket situs-serve.service || true)" = "$(printf 'disabled\ndisabled')" ] ||
    die 'somebody enabled them'

mkdir -p "$at" "$units"
"$2/lab-intel" "$at" >/dev/null
openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$at/guest.key" 2>/dev/null # 0600, root's
cat >"$at/serve.json" <<END
{"listen": "systemd:http", "base": "https://verifier.example", "default": "simulated-lab", "policies": {
 "simulated-lab": {"policy": "$at/genuine.json", "trust": "$at/trust.json", "collateral": ["$at/collateral.json"],
                   "key": "credential:guest-key", "audience": "https://api.example"}}}
END
printf '[Service]\nLoadCredential=guest-key:%s/guest.key\nWatchdogSec=6\n' "$at" >"$units/here.conf"
systemctl daemon-reload
systemctl start situs-serve.socket
[ "$(systemctl is-active situs-serve.service || true)" = inactive ] || die 'it runs before anybody asks'

# ask METHOD PATH [FILE] prints the body; what is no 200 fails.
ask() {
    python3 -c '
import http.client, socket, sys
c = http.client.HTTPConnection("verifier.example")
c.sock = socket.socket(socket.AF_UNIX)
c.sock.settimeout(60)
c.sock.connect("/run/situs-serve.sock")
c.request(sys.argv[1], sys.argv[2], open(sys.argv[3], "rb").read() if sys.argv[3:] else None,
          {"Content-Type": "application/cmw+cbor"})
a = c.getresponse()
print(a.read().decode())
sys.exit(a.status != 200)' "$@"
}
ask POST /v1/verify "$at/quote.bin" | grep -q '"verdict":"trusted"' || die 'no verdict'
ask GET /.well-known/jwks.json | grep -q '"kid"' || die 'no key set'
main=$(systemctl show -p MainPID --value situs-serve)
[ "$(stat -c %U "/proc/$main")" != root ] || die 'it runs as root'
rating=$(systemd-analyze security --no-pager --threshold=15 situs-serve.service) || die "its sandbox has holes: $rating"

# Front and all else are there, and nobody answers: only the watchdog can know.
for pid in $(cat "/proc/$main/task/$main/children"); do
    [ "$(cat "/proc/$pid/comm")" != situs-front ] || kill -STOP "$pid"
done
tries=0
until [ "$(systemctl show -p NRestarts --value situs-serve)" -ge 1 ]; do
    tries=$((tries + 1))
    [ $tries -le 120 ] || die 'a front that stands still is nobody'"'"'s business'
    sleep 1
done
ask POST /v1/verify "$at/quote.bin" | grep -q '"verdict":"trusted"' || die 'no verdict after the watchdog'
systemctl stop situs-serve.service situs-serve.socket
[ "$(systemctl show -p Result --value situs-serve)" = success ] || die 'it does not stop as it should'
echo "the service came with the first question and again after its watchdog; $(echo "$rating" | sed -n 's/.*\(exposure level.*: [0-9.]*\).*/\1/p')"
