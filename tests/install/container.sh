#!/bin/sh
# container.sh BUILD: the root of examples/Containerfile as a container's: namespaces of its own, no network, a root
# that holds two programs. A verdict comes out of it. Needs no program for containers, and no root where namespaces are free.
set -eu
cd "$(dirname "$0")/../.."
build=$(realpath "$1")
work=$(mktemp -d)
inside=
finish() {
    [ -z "$inside" ] || kill -KILL "$inside" 2>/dev/null || true
    rm -rf --one-file-system "$work"
}
trap finish EXIT
root=$work/inside at=$work/inside/etc/situs
tools/container.sh "$build" "$root"
[ "$(find "$root" -type f -perm -u+x ! -name '*.so*' | wc -l)" = 2 ] || { echo 'more than two programs'; exit 1; }
"$build/lab-intel" "$at" >/dev/null
cat >"$at/serve.json" <<END
{"listen": "unix:/run/situs/http.sock", "base": "https://verifier.example", "default": "simulated-lab", "policies": {
 "simulated-lab": {"policy": "/etc/situs/genuine.json", "trust": "/etc/situs/trust.json",
                   "collateral": ["/etc/situs/collateral.json"], "key": "/etc/situs/key", "audience": "a"}}}
END
openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$at/key" 2>/dev/null
entry=$(sed -n 's/^ENTRYPOINT \[\(.*\)\]/\1/p' examples/Containerfile | tr -d '",')
: >"$root/dev/null"
# shellcheck disable=SC2086 # words
unshare --user --map-root-user --mount --pid --net --fork --kill-child=KILL sh -euc '
    mount -t proc proc "$0/proc"
    mount --bind /dev/null "$0/dev/null"
    exec setpriv --no-new-privs chroot "$0" "$@"' "$root" $entry 2>"$work/log" &
inside=$!
ask() {
    python3 -c '
import http.client, socket, sys, time
c = http.client.HTTPConnection("verifier.example")
end = time.monotonic() + 60
while True:
    c.sock = socket.socket(socket.AF_UNIX)
    if c.sock.connect_ex(sys.argv[1]) == 0:
        break
    time.sleep(0.05)
    if time.monotonic() > end:
        sys.exit("nobody listens")
c.request("POST", "/v1/verify", open(sys.argv[2], "rb").read(), {"Content-Type": "application/cmw+cbor"})
print(c.getresponse().read().decode())' "$root/run/situs/http.sock" "$at/quote.bin"
}
ask >"$work/answer" || { cat "$work/log"; exit 1; }
grep -q '"verdict":"trusted"' "$work/answer" || { cat "$work/answer" "$work/log"; exit 1; }
echo "a verdict out of a root of $(find "$root" -type f -path '*lib*' | wc -l) libraries and two programs, $(du -sm "$root" | cut -f1) MB"
