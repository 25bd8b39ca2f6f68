"""situs lab up as a user meets it: what it says to type works, its attester answers over TLS, and nothing is left
of it however it ends. Hostile peers on the channel end in one clear error."""
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

from parties import BOUND, PLAIN, SITUS, Lab, children_of, receive, runs, until

HERE = LAB = None


def shell(text):
    return subprocess.run(["sh", "-c", text], cwd=HERE, env=PLAIN, capture_output=True, timeout=BOUND)


def steps(lab):
    """The commands that lab up prints for a machine, by its name."""
    texts = re.split(r"^# (\w+)[ ,]", lab.said, flags=re.M)
    return {name: text.split("\n", 1)[1].split("\n#")[0] for name, text in zip(texts[1::2], texts[2::2])
            if " attest --nonce" in text}


def what_it_says_to_type_works():
    for machine, expected in (("cloud", 0), ("metal", 0), ("basement", 6)):
        done = shell(steps(LAB)[machine])
        assert done.returncode == expected, (machine, done.stdout, done.stderr)
        assert b"verdict: " in done.stdout


def without_fuse_the_same_code_collects_and_says_so():
    env = {**PLAIN, "LD_PRELOAD": os.environ["END_AT"], "SITUS_NO_FUSE": "1"}
    for machine, expected in (("metal", 0), ("basement", 6)):
        done = subprocess.run([SITUS, "lab", "machine", machine, "-v", "--dir", HERE / "other"], env=env,
                              capture_output=True, timeout=BOUND)
        said = done.stderr.decode()
        assert done.returncode == expected and b"verdict: " in done.stdout, (done.stdout, said)
        assert "no FUSE here: configfs-tsm stands behind the attester's file calls" in said, said
        assert "bundle: tdx, " in said and "tpm: TPM2_Quote" in said, said
        assert "registrar: prove" in done.stdout.decode() or machine == "basement"


def machines_of_one_directory_are_of_one_world():
    """What a verifier was given for the first is good after the second."""
    said = [subprocess.run([SITUS, "lab", "machine", name, "--dir", HERE / "other"], env=PLAIN, capture_output=True,
                           timeout=BOUND).stdout.decode() for name in ("metal", "cloud")]
    words = [text.split("\n")[0].split()[2:] for text in said]
    assert [w[0] for w in words] == ["verify", "verify"], said
    for w in words:
        assert subprocess.run([SITUS, *w], env=PLAIN, capture_output=True).returncode == 0, w


def policy(name="managed", **checks):
    path = HERE / "policy.json"
    text = json.loads((HERE / f"lab/policy-{name}.json").read_text())
    path.write_text(json.dumps({**text, **checks}))
    return path


def connect(address, *more, policy=None, **options):
    lab = HERE / "lab"
    return subprocess.run([SITUS, "connect", address, "--policy", policy or lab / "policy-managed.json", "--trust",
                           lab / "trust.json", "--collateral", lab / "collateral.json", "--endorsement",
                           lab / "provider.crl", *more], env=PLAIN, capture_output=True, timeout=BOUND, **options)


class Attester:
    """situs attest --listen on the cloud machine, with the sources that lab up printed."""

    def __init__(self, *more):
        self.more = more

    def __enter__(self):
        words = re.search(r"attest --nonce \$nonce -o cloud.cmw(.*?)\n    \S+ verify", LAB.said, re.S)[1]
        self.child = subprocess.Popen([SITUS, "attest", "--listen", "127.0.0.1:0",
                                       *words.replace("\\\n", " ").split(), *self.more], env=PLAIN, stderr=subprocess.PIPE)
        self.address = self.child.stderr.readline().decode().split()[-1]
        return self

    def __exit__(self, *_):
        self.child.send_signal(signal.SIGTERM)
        assert self.child.wait(timeout=BOUND) == 0


def checks(done):
    return {c["id"]: c for c in json.loads(done.stdout)["checks"]}


def honest_evidence_of_the_peers_key_passes():
    with Attester() as a:
        done = connect(a.address, "-j", "-o", HERE / "kept.cmw", "--peer", HERE / "peer.der")
        assert done.returncode == 0, (done.stdout, done.stderr)
        assert checks(done)["bind.channel"]["outcome"] == "pass"
        assert checks(done)["fresh.round-trip"]["outcome"] == "not-run"
        assert json.loads(done.stdout)["round_trip_us"] > 0
        assert (HERE / "kept.cmw").stat().st_size > 1000 and (HERE / "peer.der").read_bytes()[0] == 0x30
        done = connect(a.address, "-v")
        assert done.returncode == 0 and b"round trip " in done.stdout
        said = done.stderr.decode()
        assert re.search(r"-> attester, \d+ bytes\n.*<- attester, \d{4,} bytes", said), said


def the_policy_may_bound_the_round_trip():
    with Attester() as a:
        far = connect(a.address, "-j", policy=policy(**{"fresh.round-trip": {"max_ms": 0}}))
        assert far.returncode == 6 and checks(far)["fresh.round-trip"]["code"] == "not-allowed", far.stdout
        near = connect(a.address, "-j", policy=policy(**{"fresh.round-trip": {"max_ms": 60000}}))
        assert near.returncode == 0 and checks(near)["fresh.round-trip"]["outcome"] == "pass", near.stdout
    lab = HERE / "lab"
    done = subprocess.run([SITUS, "verify", "-j", "--policy", HERE / "policy.json", "--trust", lab / "trust.json",
                           "--collateral", lab / "collateral.json", HERE / "kept.cmw"], capture_output=True, env=PLAIN)
    assert checks(done)["fresh.round-trip"]["code"] == "missing", done.stdout


class Peer:
    """Somebody else at the other end: a TLS server with a key of its own, or (plain) no TLS at all."""

    def __init__(self, talk, plain=False):
        self.talk, self.plain = talk, plain
        self.server = socket.create_server(("127.0.0.1", 0))
        self.address = "127.0.0.1:%d" % self.server.getsockname()[1]
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(HERE / "own.pem", HERE / "own.key")
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        try:
            client, _ = self.server.accept()
            with client if self.plain else self.context.wrap_socket(client, server_side=True) as c:
                self.talk(c)
        except OSError:
            pass


def a_relay_with_its_own_key_is_refused():
    with Attester() as a:
        host, port = a.address.split(":")

        def relay(client):
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            with context.wrap_socket(socket.create_connection((host, int(port)))) as honest:
                head = receive(client, 4)
                honest.sendall(head + receive(client, *struct.unpack(">I", head)))
                head = receive(honest, 4)
                client.sendall(head + receive(honest, *struct.unpack(">I", head)))
        done = connect(Peer(relay).address, "-j")
        assert done.returncode == 6, (done.stdout, done.stderr)
        failed = [id for id, c in checks(done).items() if c["outcome"] == "fail"]
        assert failed == ["bind.channel"], failed


def hostile_peers_end_in_one_error():
    done = threading.Event()

    def answer(bytes):
        return Peer(lambda c: (receive(c, 40), c.sendall(bytes), done.wait(0.5)))

    def trickle(c):
        while not done.wait(0.2):
            c.sendall(b"\0")
    cases = (
        ("silent after the handshake", Peer(lambda c: done.wait(BOUND)), 1, "nothing in time"),
        ("silent before it", Peer(lambda c: done.wait(BOUND), plain=True), 1, "nothing in time"),
        ("a byte at a time", Peer(lambda c: (c.sendall(struct.pack(">I", 1 << 20)), trickle(c))), 1, "nothing in time"),
        ("no TLS", Peer(lambda c: c.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n"), plain=True), 1, "handshake"),
        ("gone at once", Peer(lambda c: None, plain=True), 1, "handshake"),
        ("too long", answer(b"\xff\xff\xff\xff"), 1, "too-long"),
        ("empty", answer(b"\0\0\0\0"), 1, "too-long"),
        ("cut short", answer(b"\0\0\1\0abc"), 1, "the end of the connection"),
        ("no answer", answer(b"\0\0\0\1\xa0"), 6, "a bundle and a key"),
        ("bad CBOR", answer(b"\0\0\0\2\xa2\0"), 2, "too-short"),
        ("no bundle", answer(b"\0\0\0\6\xa2\0\x41x\1\x40"), 2, None),
    )
    for name, peer, code, word in cases:
        got = connect(peer.address, "--timeout", "2")
        said = got.stderr.decode()
        assert got.returncode == code, (name, got.returncode, said, got.stdout)
        if word:
            assert said.count("situs: error: ") == 1 and said.count("situs: hint: ") == 1 and word in said, (name, said)
    done.set()
    with socket.create_server(("127.0.0.1", 0)) as s:
        closed = "127.0.0.1:%d" % s.getsockname()[1]
    for address, code in ((closed, 1), ("127.0.0.1", 2), ("::1:80", 2), ("[::1]:", 2), (":1", 2), ("127.0.0.1:x", 1)):
        got = connect(address)
        assert got.returncode == code and got.stderr.count(b"situs: error: ") == 1, (address, got.stderr)


def an_attester_outlives_hostile_clients():
    with Attester() as a:
        host, port = a.address.split(":")
        quiet = [socket.create_connection((host, int(port))) for _ in range(10)]
        for words in (b"\x16\x03\x01\xff\xff", b"GET / HTTP/1.1\r\n\r\n", b""):
            with socket.create_connection((host, int(port))) as s:
                s.sendall(words)
        assert connect(a.address).returncode == 0
        for s in quiet:
            s.close()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        for frame, answer in ((b"\0\0\0\2\xa0\xa0", b"\xa2\x20"), (b"\0\0\0\4\xa1\0\x41a", b"\xa2\x20"),
                              (b"\xff\xff\xff\xff", b""), (b"\0\0\0\0", b"")):
            with context.wrap_socket(socket.create_connection((host, int(port)))) as s:
                assert s.version() == "TLSv1.3"
                s.sendall(frame)
                head = receive(s, 4)
                got = receive(s, *struct.unpack(">I", head)) if head else b""
                assert got.startswith(answer) and bool(got) == bool(answer), (frame, got)
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        try:
            context.wrap_socket(socket.create_connection((host, int(port)))).close()
            raise AssertionError("TLS 1.2 was spoken")
        except ssl.SSLError:
            pass
        assert connect(a.address).returncode == 0


def silent_clients_keep_nobody_out():
    """More than the attester serves at once, while one client waits for its answer: that one gets it, and so does
    the next."""
    vtpm, = [pid for pid, words in children_of(LAB.child.pid) if "cloud/vtpm.ctrl" in " ".join(words)]
    answers = []
    with Attester("-v") as a:
        host, port = a.address.split(":")
        asks = threading.Thread(target=lambda: answers.append(connect(a.address).returncode))
        asks.start()
        while b"tpm: " not in a.child.stderr.readline():
            pass
        os.kill(vtpm, signal.SIGSTOP)
        quiet = [socket.create_connection((host, int(port))) for _ in range(64)]
        assert quiet[0].recv(1) == b""  # it made room
        os.kill(vtpm, signal.SIGCONT)
        asks.join(BOUND)
        assert answers == [0]
        assert connect(a.address, "--timeout", "10").returncode == 0
        for s in quiet:
            s.close()


def refused(*words, code=1, says):
    done = subprocess.run([SITUS, *map(str, words)], env=PLAIN, capture_output=True, timeout=BOUND)
    assert done.returncode == code and says in done.stderr.decode(), (words, done.returncode, done.stderr)


def mistakes_of_usage_are_said():
    refused("attest", says="--nonce")
    refused("attest", "--listen", "127.0.0.1:0", "--channel", HERE / "own.pem", says="--channel")
    refused("attest", "--listen", "127.0.0.1:0", "--serve", "x", says="one of")
    once = ("attest", "--nonce", "11" * 32, "-o", "-")
    refused(*once, "--tail", "ready", says="go with --tcti")
    refused(*once, "--measure-log", "x", says="go with --tcti")
    tpm = (*once, "--tcti", "swtpm:path=/nonexistent", "--pcr-log", "/nonexistent")
    refused(*tpm, "--measure-log", "x", "--tail", "ready", says="exclude each other")
    refused(*tpm, "--tail", "", says="32 at most")
    refused(*tpm, *["--tail=x"] * 33, says="32 at most")
    with socket.create_server(("127.0.0.1", 0)) as s:
        refused("attest", "--listen", "127.0.0.1:%d" % s.getsockname()[1], says="in use")
    refused("connect", "127.0.0.1:1", says="--policy")
    refused("connect", "127.0.0.1:1", "--policy", "genuine", "--timeout", "0", says="timeout")


def gone(lab, pids):
    until(lambda: not any(runs(p) for p in pids), BOUND)
    until(lambda: not lab.run.exists(), BOUND)
    assert str(lab.run) not in pathlib.Path("/proc/self/mounts").read_text()


def nothing_is_left(lab, how):
    pids = [p for p, words in children_of(lab.child.pid)]
    assert len(pids) >= 9, pids
    code = lab.stop(how)
    assert code == (0 if how != signal.SIGKILL else -9), code
    gone(lab, pids)


def nothing_is_left_after_control_c():
    nothing_is_left(LAB, signal.SIGINT)


def nothing_is_left_after_sigterm():
    nothing_is_left(Lab(HERE / "lab"), signal.SIGTERM)


def nothing_is_left_after_sigkill():
    nothing_is_left(Lab(HERE / "lab"), signal.SIGKILL)


def nothing_is_left_of_an_attack_that_is_ended():
    """While the attack's TPM runs, whose words name the directory."""
    for how in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
        attack = subprocess.Popen([SITUS, "lab", "attack"], env=PLAIN, stdout=subprocess.DEVNULL,
                                  stdin=subprocess.DEVNULL)
        found = None
        while not found:
            assert attack.poll() is None, how
            tpms = [(p, re.search(r"dir=(/tmp/situs-\w+)/", " ".join(words)))
                    for p, words in children_of(attack.pid)]
            found = next(((p, pathlib.Path(m[1])) for p, m in tpms if m), None)
        attack.send_signal(how)
        assert attack.wait(timeout=BOUND) == -how
        until(lambda: not runs(found[0]) and not found[1].exists(), BOUND)


def main():
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
            for test in (what_it_says_to_type_works, without_fuse_the_same_code_collects_and_says_so,
                         machines_of_one_directory_are_of_one_world, honest_evidence_of_the_peers_key_passes,
                         the_policy_may_bound_the_round_trip, a_relay_with_its_own_key_is_refused,
                         hostile_peers_end_in_one_error, an_attester_outlives_hostile_clients,
                         silent_clients_keep_nobody_out,
                         mistakes_of_usage_are_said, nothing_is_left_after_control_c, nothing_is_left_after_sigterm,
                         nothing_is_left_after_sigkill, nothing_is_left_of_an_attack_that_is_ended):
                test()
                print("ok", test.__name__, flush=True)
        finally:
            LAB.child.kill()


main()
