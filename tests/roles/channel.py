"""A lab's attester that is asked over TLS, its clients, and who stands between them."""
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import ssl
import struct
import subprocess
import sys
import tempfile
import threading

from parties import BOUND, PLAIN, SITUS, Lab
from waiting import shut  # parties knows where it lies

HERE = LAB = None
TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
TLS.check_hostname, TLS.verify_mode = False, ssl.CERT_NONE
QUESTION = struct.pack(">I", 36) + b"\xa1\0\x58\x20" + bytes(range(1, 33))


def deaf(address):
    """A client whose window is so small that its answer stays with the server."""
    s = socket.socket()
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 88)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    s.connect(of(address))
    return TLS.wrap_socket(s)


def of(address):
    host, port = address.rsplit(":", 1)
    return host, int(port)


def policy(name="managed", **checks):
    path = HERE / "policy.json"
    text = json.loads((HERE / f"lab/policy-{name}.json").read_text())
    path.write_text(json.dumps({**text, **checks}))
    return path


def connect(address, *more, policy=None, env=None, **options):
    lab = HERE / "lab"
    return subprocess.run([SITUS, "connect", address, "--policy", policy or lab / "policy-managed.json", "--trust",
                           lab / "trust.json", "--collateral", lab / "collateral.json", "--endorsement",
                           lab / "provider.crl", *more], env=env or PLAIN, capture_output=True, timeout=BOUND,
                          **options)


class Attester:
    """situs attest --listen on the cloud machine, with the sources that lab up printed."""

    def __init__(self, *more, tcti=None, padded=0, serves=None):
        self.more, self.tcti, self.padded, self.serves = more, tcti, padded, serves

    def __enter__(self):
        words = re.search(r"attest --nonce \$nonce -o cloud.cmw(.*?)\n    \S+ verify", LAB.said, re.S)[1]
        words = [self.tcti if self.tcti and w.startswith("swtpm:") else w for w in words.replace("\\\n", " ").split()]
        if self.padded:  # as the ACPI table is, behind its events: a long answer
            at = words.index("--ccel") + 1
            log = pathlib.Path(words[at]).read_bytes()
            words[at] = HERE / "padded.ccel"
            words[at].write_bytes(log + bytes(self.padded - len(log)))
        where = ("--serve", self.serves) if self.serves else ("--listen", "127.0.0.1:0")
        self.child = subprocess.Popen([SITUS, "attest", *where, *words, *self.more], env=PLAIN,
                                      stderr=subprocess.PIPE)
        self.address = self.child.stderr.readline().decode().split()[-1]
        return self

    def __exit__(self, *_):
        self.child.send_signal(signal.SIGTERM)
        assert self.child.wait(timeout=BOUND) == 0


def checks(done):
    return {c["id"]: c for c in json.loads(done.stdout)["checks"]}


class Peer:
    """Somebody else at the other end: a TLS server with a key of its own, or (plain) no TLS at all."""

    def __init__(self, talk, plain=False, times=1):
        self.talk, self.plain, self.times = talk, plain, times
        self.server = socket.create_server(("127.0.0.1", 0))
        self.address = "127.0.0.1:%d" % self.server.getsockname()[1]
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(HERE / "own.pem", HERE / "own.key")
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        for _ in range(self.times):
            client, _ = self.server.accept()
            threading.Thread(target=self.one, args=(client,), daemon=True).start()

    def one(self, client):
        try:
            with client if self.plain else self.context.wrap_socket(client, server_side=True) as c:
                self.talk(c)
        except OSError:
            pass


def closed(sockets):
    """How many the other end has closed; what it sent before is passed over."""
    n = 0
    for s in sockets:
        try:
            while s.recv(65536):
                pass
            n += 1
        except (BlockingIOError, ssl.SSLWantReadError):
            pass
        except OSError:
            n += 1
    return n


class Through:
    """Hands bytes on to where to() says, or to a Peer's function; a line in the middle. cut() cuts it."""

    def __init__(self, to):
        self.to, self.pairs = to, []
        self.server = socket.create_server(("127.0.0.1", 0))
        self.address = "127.0.0.1:%d" % self.server.getsockname()[1]
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shut(self.server, self.thread)
        self.cut()

    def serve(self):
        try:
            while True:
                client, _ = self.server.accept()
                server = socket.create_connection(self.to())
                self.pairs.append((client, server))
                for a, b in ((client, server), (server, client)):
                    threading.Thread(target=self.way, args=(a, b), daemon=True).start()
        except OSError:
            pass

    def way(self, a, b):
        try:
            while data := a.recv(65536):
                b.sendall(data)
            b.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def cut(self):
        for pair in self.pairs:
            for s in pair:
                try:
                    s.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass


def refused(*words, code=1, says):
    done = subprocess.run([SITUS, *map(str, words)], env=PLAIN, capture_output=True, timeout=BOUND)
    assert done.returncode == code and says in done.stderr.decode(), (words, done.returncode, done.stderr)


def main(tests):
    """Runs the tests, or those that are named, beside a lab of their own."""
    global HERE, LAB
    missing = [t for t in ("swtpm", "swtpm_setup", "openssl", "fusermount3") if not shutil.which(t)]
    if missing or not os.access("/dev/fuse", os.R_OK | os.W_OK):
        print("skipped: no", *missing, "or no /dev/fuse")
        sys.exit(77)
    with tempfile.TemporaryDirectory(prefix="situs-", dir="/tmp") as folder:
        HERE = pathlib.Path(folder)
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                        "-keyout", HERE / "own.key", "-out", HERE / "own.pem", "-subj", "/CN=situs attester"],
                       check=True, capture_output=True)
        LAB = Lab(HERE / "lab")
        try:
            for test in tests:
                if test.__name__ in sys.argv[1:] or len(sys.argv) == 1:
                    test()
                    print("ok", test.__name__, flush=True)
        finally:
            LAB.child.kill()
