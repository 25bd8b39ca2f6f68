"""The channel of a running attester: it answers over TLS under the attested key; hostile peers on either side end in
one clear error and hold nobody up."""
import calendar
import contextlib
import json
import os
import re
import resource
import signal
import socket
import ssl
import struct
import subprocess
import threading
import time

import channel
from channel import Attester, Peer, Through, TLS, QUESTION, checks, closed, connect, deaf, main, of, policy, refused
from parties import BOUND, PLAIN, SITUS, children_of, receive, until


def honest_evidence_of_the_peers_key_passes():
    with Attester() as a:
        done = connect(a.address, "-j", "-o", channel.HERE / "kept.cmw", "--peer", channel.HERE / "peer.der")
        assert done.returncode == 0, (done.stdout, done.stderr)
        assert checks(done)["bind.channel"]["outcome"] == "pass"
        assert checks(done)["fresh.round-trip"]["outcome"] == "not-run"
        assert json.loads(done.stdout)["round_trip_us"] > 0
        assert (channel.HERE / "kept.cmw").stat().st_size > 1000 and (channel.HERE / "peer.der").read_bytes()[0] == 0x30
        done = connect(a.address, "-q", "--challenges", "2", "--warn-days", "365")
        assert done.returncode == 0 and re.fullmatch(rb"situs: warning: .* ends in .*\n", done.stderr), done.stderr
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
    lab = channel.HERE / "lab"
    done = subprocess.run([SITUS, "verify", "-j", "--policy", channel.HERE / "policy.json", "--trust", lab / "trust.json",
                           "--collateral", lab / "collateral.json", channel.HERE / "kept.cmw"], capture_output=True, env=PLAIN)
    assert checks(done)["fresh.round-trip"]["code"] == "missing", done.stdout


def the_time_is_that_of_the_answers():
    with Attester() as a, Through(lambda: (time.sleep(2.2), of(a.address))[1]) as slow:
        asked = time.time()
        done = connect(slow.address, "-j")
        assert done.returncode == 0, (done.stdout, done.stderr)
        at = calendar.timegm(time.strptime(json.loads(done.stdout)["at"], "%Y-%m-%dT%H:%M:%SZ"))
        assert at >= int(asked) + 2, (asked, at)


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
        ("silent after the handshake", Peer(lambda c: done.wait(BOUND)), 7, "nothing in time"),
        ("silent before it", Peer(lambda c: done.wait(BOUND), plain=True), 7, "nothing in time"),
        ("a byte at a time", Peer(lambda c: (c.sendall(struct.pack(">I", 1 << 20)), trickle(c))), 7, "nothing in time"),
        ("no TLS", Peer(lambda c: c.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n"), plain=True), 7, "handshake"),
        ("gone at once", Peer(lambda c: None, plain=True), 7, "handshake"),
        ("too long", answer(b"\xff\xff\xff\xff"), 1, "too-long"),
        ("empty", answer(b"\0\0\0\0"), 1, "too-long"),
        ("cut short", answer(b"\0\0\1\0abc"), 7, "the end of the connection"),
        ("no answer", answer(b"\0\0\0\1\xa0"), 6, "a bundle and a key"),
        ("bad CBOR", answer(b"\0\0\0\2\xa2\0"), 2, "too-short"),
        ("busy", answer(b"\0\0\0\x18\xa2\x20\x64busy\x21\x6fbusy, try again"), 7, "refusal: busy: expected an answer, got busy, try again"),
        ("refused", answer(b"\0\0\0\x11\xa2\x20\x67missing\x21\x65words"), 6, "refusal: missing"),
        ("no bundle", answer(b"\0\0\0\6\xa2\0\x41x\1\x40"), 2, None),
    )
    for name, peer, code, word in cases:
        waits = name == "silent after the handshake"
        got = connect(peer.address, "--timeout", "3" if waits else "2")
        said = got.stderr.decode()
        assert not waits or said.startswith(f"situs: waiting for {peer.address}\n"), said
        assert got.returncode == code, (name, got.returncode, said, got.stdout)
        if word:
            assert said.count("situs: error: ") == 1 and said.count("situs: hint: ") == 1 and word in said, (name, said)
    done.set()
    with socket.create_server(("127.0.0.1", 0)) as s:
        shut = "127.0.0.1:%d" % s.getsockname()[1]
    for address, code in ((shut, 7), ("127.0.0.1", 1), ("::1:80", 1), ("[::1]:", 1), (":1", 1), ("127.0.0.1:x", 1),
                          ("127.0.0.1:65536", 1), ("127.0.0.1:99999", 1)):
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
    """More than the attester's lobby holds, while one client waits for its answer: that one gets it. The next is let
    in because some of the silent make room, not because all of them have had their time."""
    vtpm, = [pid for pid, words in children_of(channel.LAB.child.pid) if "cloud/vtpm.ctrl" in " ".join(words)]
    answers = []
    with Attester("-v") as a:
        asks = threading.Thread(target=lambda: answers.append(connect(a.address).returncode))
        asks.start()
        while b"tpm: " not in a.child.stderr.readline():
            pass
        os.kill(vtpm, signal.SIGSTOP)
        with silent(a.address):
            os.kill(vtpm, signal.SIGCONT)
            asks.join(BOUND)
        assert answers == [0]
    with Attester() as a:
        for _ in range(5):  # a machine that is busy may be slower than their time
            with silent(a.address) as quiet:
                assert connect(a.address, "--timeout", "10").returncode == 0
                if 0 < closed(quiet) < 300:
                    return
    raise AssertionError("nobody made room")


@contextlib.contextmanager
def silent(address):
    quiet = [socket.create_connection(of(address)) for _ in range(600)]
    for s in quiet:
        s.setblocking(False)
    yield quiet
    for s in quiet:
        s.close()


def who_does_not_go_on_makes_room():
    """Every place of this address is taken, by clients who shook hands and ask nothing, or asked and do not read."""
    with Attester(padded=900_000) as a:
        for asks in (b"", QUESTION):
            assert any(a_few_made_room(a.address, asks) for _ in range(5)), asks


def a_few_made_room(address, asks):
    """Some of who holds the places, not all: they did not have to come to their end, as they may on a busy machine."""
    held = [deaf(address) for _ in range(16)]
    for s in held:
        s.sendall(asks)
    for _ in range(2):
        done = connect(address)
        assert done.returncode == 0, (asks, done.stderr)
    for s in held:
        s.setblocking(False)
    ended = closed(held)
    for s in held:
        s.close()
    return ended < 8


def places_are_shared_by_address():
    """One address gets 16 places; four fill all 64, and one that has none yet still gets its own."""
    with Attester() as a:
        held = [TLS.wrap_socket(socket.create_connection(of(a.address), source_address=("127.0.0.2", 0)))
                for _ in range(16)]
        more = [socket.create_connection(of(a.address), source_address=("127.0.0.2", 0)) for _ in range(30)]
        for s in more:
            s.sendall(b"\x16")  # the head of a handshake: it speaks
        assert connect(a.address).returncode == 0
        assert len(children_of(a.child.pid)) < 32  # of 47; who was answered or made room just now may still be ending
        for host in ("127.0.0.3", "127.0.0.4", "127.0.0.5", "127.0.0.6"):
            more += [socket.create_connection(of(a.address), source_address=(host, 0)) for _ in range(16)]
            for s in more[-16:]:
                s.sendall(b"\x16")
        assert connect(a.address).returncode == 0
        for s in held + more:
            s.close()


def few_files_are_enough():
    with Attester() as a:
        resource.prlimit(a.child.pid, resource.RLIMIT_NOFILE, (48, 48))
        quiet = [socket.create_connection(of(a.address)) for _ in range(100)]
        for _ in range(2):
            assert connect(a.address).returncode == 0
        for s in quiet:
            s.close()


def many_at_once_are_served_in_turn():
    """Eight honest verifiers at one TPM without a resource manager."""
    with Attester() as a:
        codes = []
        all = [threading.Thread(target=lambda: codes.append(connect(a.address).returncode)) for _ in range(8)]
        for t in all:
            t.start()
        for t in all:
            t.join()
        assert codes == [0] * 8, codes


def a_stop_answers_who_has_asked():
    vtpm, = [pid for pid, words in children_of(channel.LAB.child.pid) if "cloud/vtpm.ctrl" in " ".join(words)]
    answers = []
    with Attester("-v") as a:
        for harmless in (signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2, signal.SIGPIPE):
            a.child.send_signal(harmless)
        asks = threading.Thread(target=lambda: answers.append(connect(a.address).returncode))
        asks.start()
        while b"tpm: TPM2" not in a.child.stderr.readline():
            pass
        os.kill(vtpm, signal.SIGSTOP)
        a.child.send_signal(signal.SIGTERM)
        os.kill(vtpm, signal.SIGCONT)
        asks.join(BOUND)
        assert answers == [0]


def a_refusal_tells_nothing_local():
    """The TPM is not there: its path and the TSS's words stand in the attester's log alone."""
    with Attester(tcti=f"swtpm:path={channel.HERE}/no-such-tpm") as a:
        done = connect(a.address)
        said = done.stderr.decode()
        assert done.returncode == 6 and "got refused: the log of the program that refused says why" in said, said
        assert "no-such-tpm" not in said and "0x" not in said, said
        assert b"tpm: tcti: missing" in a.child.stderr.readline()


def mistakes_of_usage_are_said():
    refused("attest", says="--nonce")
    refused("attest", "--listen", "127.0.0.1:0", "--channel", channel.HERE / "own.pem", says="--channel")
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
    refused("connect", "127.0.0.1:1", "--policy", "genuine", "--nonce", "11" * 32, "--challenges", "2", says="challenges")
    refused("connect", "127.0.0.1:1", "--policy", "genuine", "--nonce", "11" * 7, says="--nonce")


def the_challenge_may_be_the_caller_s():
    """Of any size, in either form: what answers is for it, and for it alone."""
    for nonce, text in ((b"\xfb\xff" * 4, "-__7__v_-_8"), (b"\x11" * 32, "11" * 32), (b"\xa5" * 64, "a5" * 64)):
        with Attester() as a:
            done = connect(a.address, "-j", "--nonce=" + text, "-o", channel.HERE / "own-challenge")
        assert done.returncode == 0, (done.stdout, done.stderr)
        report = json.loads(done.stdout)
        assert report["nonce"] == nonce.hex() and report["proofs"]["bound"]["holds"], report



def challenges_at_once_are_all_good():
    """The report has the fastest, the middle and the slowest; the policy's bound is for the slowest."""
    with Attester() as a:
        done = connect(a.address, "-j", "--challenges", "5")
        assert done.returncode == 0, (done.stdout, done.stderr)
        report = json.loads(done.stdout)
        trips = report["round_trips"]
        assert trips["challenges"] == 5
        assert 0 < trips["min_us"] <= trips["median_us"] <= trips["max_us"] == report["round_trip_us"], trips
        assert trips["spread_us"] == trips["max_us"] - trips["min_us"] > 0
        done = connect(a.address, "--all", "--challenges", "3")
        assert done.returncode == 0 and re.search(
            rb"round trips of 3 challenges at once: min [\d.]+ ms, median [\d.]+ ms, max [\d.]+ ms, spread", done.stdout)
        bound = trips["min_us"] // 1000 + (trips["max_us"] - trips["min_us"]) // 2000
        done = connect(a.address, "-j", "--challenges", "16", policy=policy(**{"fresh.round-trip": {"max_ms": bound}}))
        report = json.loads(done.stdout)
        slow = report["round_trip_us"] > 1000 * bound  # as it mostly is; how long a machine takes is not ours to say
        assert done.returncode == (6 if slow else 0), report["round_trips"]
        assert checks(done)["fresh.round-trip"]["outcome"] == ("fail" if slow else "pass")
        assert json.loads(connect(a.address, "-j").stdout)["round_trips"] is None


def one_bad_answer_of_many_refuses():
    """A peer that holds the attested key, and answers one of four challenges, a fast one, with the evidence of
    another."""
    spki = channel.HERE / "own.spki"
    key = subprocess.run(["openssl", "x509", "-in", channel.HERE / "own.pem", "-noout", "-pubkey"], capture_output=True)
    subprocess.run(["openssl", "pkey", "-pubin", "-outform", "DER", "-out", spki], input=key.stdout, check=True)
    path = channel.HERE / "attester"
    with Attester("--channel", spki, serves=path):
        for bad in (False, True):
            lock, questions = threading.Lock(), []

            def talk(client):
                head = receive(client, 4)
                question = head + receive(client, *struct.unpack(">I", head))
                with lock, socket.socket(socket.AF_UNIX) as s:
                    questions.append(question)
                    swaps = bad and len(questions) == 2
                    s.connect(str(path))
                    s.sendall(questions[0] if swaps else question)
                    head = receive(s, 4)
                    answer = head + receive(s, *struct.unpack(">I", head))
                time.sleep(0 if swaps else 0.5)
                client.sendall(answer)
            done = connect(Peer(talk, times=4).address, "-j", "--challenges", "4")
            failed = {id for id, c in checks(done).items() if c["outcome"] == "fail"}
            assert (done.returncode == 6 and "bind.nonce-in-td" in failed) if bad else done.returncode == 0, failed


def two_keys_at_one_address_are_no_peer():
    with Attester() as a, Attester() as b:
        turn = []

        def pick():
            turn.append(0)
            return of((a if len(turn) % 2 else b).address)
        with Through(pick) as door:
            done = connect(door.address, "--challenges", "2")
            said = done.stderr.decode()
            assert done.returncode == 6 and "key: mismatch: expected the same peer on each connection" in said, said


def no_session_is_resumed_and_no_early_data_taken():
    """N90: a session that was kept is not taken again, on either side: each connection shows its key."""
    with Attester() as a:
        session = channel.HERE / "session.pem"
        first = subprocess.run(["openssl", "s_client", "-connect", a.address, "-sess_out", session, "-tls1_3"],
                               stdin=subprocess.DEVNULL, capture_output=True, timeout=BOUND)
        assert b"New, TLSv1.3" in first.stdout, first.stdout
        assert b"Post-Handshake New Session Ticket" not in first.stdout
        if session.exists():
            (channel.HERE / "early").write_bytes(QUESTION)
            again = subprocess.run(["openssl", "s_client", "-connect", a.address, "-sess_in", session, "-tls1_3",
                                    "-early_data", channel.HERE / "early"], stdin=subprocess.DEVNULL, capture_output=True,
                                   timeout=BOUND)
            assert b"Reused" not in again.stdout and b"Early data was accepted" not in again.stdout, again.stdout
        old = subprocess.run(["openssl", "s_client", "-connect", a.address, "-tls1_2"], stdin=subprocess.DEVNULL,
                             capture_output=True, timeout=BOUND)
        assert old.returncode != 0
    resumed = []

    def talk(c):
        resumed.append(c.session_reused)
        receive(c, 4 + 36)
        c.sendall(b"\0\0\0\1\xa0")
    peer = Peer(talk, times=3)
    for n in (2, 1):
        assert connect(peer.address, "--challenges", str(n)).returncode == 6
    until(lambda: len(resumed) == 3)
    assert resumed == [False] * 3, resumed


def a_name_that_nobody_resolves_is_an_error():
    """Name servers that say no, and those that say nothing (end_at.c stands in for these)."""
    slow = {**PLAIN, "LD_PRELOAD": os.environ["END_AT"], "SITUS_SLOW_NAMES": "1"}
    done = connect("slow.example:1", "--timeout", "1", env=slow)
    assert done.returncode == 7 and b"an address that exists, got nothing in time" in done.stderr, done.stderr
    done = connect("no-such-host.invalid:1", "--timeout", "2")
    assert done.returncode == 7 and b"an address that exists" in done.stderr, done.stderr


main((honest_evidence_of_the_peers_key_passes, the_policy_may_bound_the_round_trip, the_time_is_that_of_the_answers,
      a_relay_with_its_own_key_is_refused,
      hostile_peers_end_in_one_error, an_attester_outlives_hostile_clients, silent_clients_keep_nobody_out,
      who_does_not_go_on_makes_room, places_are_shared_by_address, few_files_are_enough, many_at_once_are_served_in_turn,
      a_stop_answers_who_has_asked, a_refusal_tells_nothing_local, the_challenge_may_be_the_caller_s, challenges_at_once_are_all_good,
      one_bad_answer_of_many_refuses, two_keys_at_one_address_are_no_peer,
      no_session_is_resumed_and_no_early_data_taken, a_name_that_nobody_resolves_is_an_error,
      mistakes_of_usage_are_said))
