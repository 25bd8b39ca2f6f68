"""The workload's channel: bytes pass once the peer is trusted, to the holder of the attested key and to nobody else."""
import hashlib
import os
import signal
import socket
import struct
import subprocess
import threading

import channel
from channel import Attester, Peer, Through, TLS, closed, connect, main, of, policy, refused
from parties import BOUND, PLAIN, SITUS, children_of, receive, until


STREAM = b"\xa1\1\x66stream"


class Workload:
    """A program beside the attester; talk(connection) is its life with one client."""

    def __init__(self, talk):
        self.talk = talk
        self.server = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.address = "127.0.0.1:%d" % self.server.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            client, _ = self.server.accept()
            threading.Thread(target=self.one, args=(client,), daemon=True).start()

    def one(self, client):
        try:
            with client:
                self.talk(client)
        except OSError:
            pass


def whole(s):
    got = b""
    while data := s.recv(65536):
        got += data
    return got


class Forward:
    """situs connect --forward 0, once it says where it listens."""

    def __init__(self, address, *more):
        lab = channel.HERE / "lab"
        self.child = subprocess.Popen(
            [SITUS, "connect", address, "--forward", "0", "--policy", lab / "policy-managed.json", "--trust",
             lab / "trust.json", "--collateral", lab / "collateral.json", "--endorsement", lab / "provider.crl", *more],
            env=PLAIN, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.said = b""
        while b"forwarding " not in self.said:
            line = self.child.stderr.readline()
            assert line, (self.said, self.child.stdout.read())
            self.said += line
        self.port = of(self.said.split(b"forwarding ")[1].split()[0].decode())

    def __enter__(self):
        return self

    def open(self):
        return socket.create_connection(self.port)

    def __exit__(self, *_):
        self.child.send_signal(signal.SIGTERM)
        self.child.send_signal(signal.SIGTERM)
        assert self.child.wait(timeout=BOUND) == 0


def is_reset(s):
    """It ends as a line that was cut, not as one that is done."""
    try:
        while s.recv(65536):
            pass
    except ConnectionResetError:
        return True
    return False


def bytes_pass_both_ways_once_trusted():
    """Half-close: the workload answers after the end of what it was sent, with the hash of it."""
    big = os.urandom(3 << 20)
    workload = Workload(lambda c: c.sendall(hashlib.sha256(whole(c)).digest() + big))
    with Attester("--forward", workload.address) as a, Forward(a.address) as f:
        with f.open() as s:
            s.sendall(big)
            s.shutdown(socket.SHUT_WR)
            assert whole(s) == hashlib.sha256(big).digest() + big
    talks = Workload(lambda c: [c.sendall(data.upper()) for data in iter(lambda: c.recv(100), b"")])
    with Attester("--forward", talks.address) as a, Forward(a.address) as f, f.open() as s:
        for word in (b"to", b"and", b"fro"):
            s.sendall(word)
            assert s.recv(100) == word.upper()


def a_reader_that_stops_stops_the_sender():
    sent, go = [0], threading.Event()

    def talk(c):
        c.settimeout(1)
        try:
            while sent[0] < 256 << 20:
                sent[0] += c.send(bytes(1 << 20))
        except TimeoutError:
            go.set()
        c.settimeout(None)
        c.shutdown(socket.SHUT_WR)
        c.recv(1)
    workload = Workload(talk)
    with Attester("--forward", workload.address) as a, Forward(a.address) as f, f.open() as s:
        assert go.wait(BOUND)
        n = 0
        while data := s.recv(1 << 20):
            n += len(data)
        assert n == sent[0] < 256 << 20, (n, sent)


def many_streams_stand_side_by_side():
    """More than one side serves at once; those that stand still hold up no other."""
    workload = Workload(lambda c: [c.sendall(data) for data in iter(lambda: c.recv(100), b"")])
    with Attester("--forward", workload.address) as a, Forward(a.address) as f:
        still = [f.open() for _ in range(40)]
        for s in still[:10]:
            s.sendall(b"x")
            assert s.recv(1) == b"x"
        for i in range(30):
            with f.open() as s:
                s.sendall(b"%d" % i)
                s.shutdown(socket.SHUT_WR)
                assert whole(s) == b"%d" % i
        assert connect(a.address).returncode == 0
        for s in still:
            s.close()


def raw_stream(address, host):
    """A stream as another client than ours opens it, from an address of its own."""
    s = TLS.wrap_socket(socket.create_connection(of(address), source_address=(host, 0)))
    s.sendall(struct.pack(">I", len(STREAM)) + STREAM)
    assert receive(s, 4 + len(STREAM)) == struct.pack(">I", len(STREAM)) + STREAM
    return s


def streams_are_shared_by_address():
    workload = Workload(lambda c: [c.sendall(data) for data in iter(lambda: c.recv(100), b"")])
    with Attester("--forward", workload.address) as a:
        many = []
        for _ in range(70):
            many.append(raw_stream(a.address, "127.0.0.2"))
            many[-1].setblocking(False)
        until(lambda: closed(many) == 6)
        with raw_stream(a.address, "127.0.0.3") as s:
            s.sendall(b"x")
            assert s.recv(1) == b"x"
        assert connect(a.address).returncode == 0
        for s in many:
            s.close()


def a_cut_line_is_no_end():
    """Neither the line in the middle nor a dead attester looks like the workload's own end."""
    ends = []
    workload = Workload(lambda c: (c.sendall(b"begin"), ends.append(is_reset(c))))
    with Attester("--forward", workload.address) as a, Through(lambda: of(a.address)) as line:
        with Forward(line.address) as f:
            with f.open() as s:
                assert receive(s, 5) == b"begin"
                line.cut()
                assert is_reset(s)
                until(lambda: ends)
                assert ends == [True]
            with f.open() as s:
                assert receive(s, 5) == b"begin"
                for pid, _ in children_of(a.child.pid):
                    os.kill(pid, signal.SIGKILL)
                assert is_reset(s)


def a_workload_that_breaks_off_is_no_end():
    def talk(c):
        c.sendall(b"begin")
        c.recv(1)
        c.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    workload = Workload(talk)
    with Attester("--forward", workload.address) as a, Forward(a.address) as f, f.open() as s:
        assert receive(s, 5) == b"begin"
        s.sendall(b"x")
        assert is_reset(s)


def nothing_goes_to_another_key():
    """N88: the line is taken over after the verdict; the new peer holds a key of its own and sees no byte."""
    workload = Workload(whole)
    with Attester("--forward", workload.address) as a:
        heard = []
        thief = Peer(lambda c: heard.append(c.recv(100)), times=100)
        to = [a.address]
        with Through(lambda: of(to[0])) as line, Forward(line.address) as f:
            to[0] = thief.address
            with f.open() as s:
                s.sendall(b"the searcher's upload")
                assert is_reset(s)
            said = f.child.stderr.readline()
            assert b"forward: key: mismatch: expected the key that was attested, got another" in said, said
            assert heard in ([], [b""]), heard
            to[0] = a.address
            with f.open() as s:  # and on with the right one
                s.sendall(b"x")
                s.shutdown(socket.SHUT_WR)
                assert whole(s) == b""


def nothing_passes_before_the_verdict():
    """N91: a peer that is refused gets no stream, and the port is never opened; nor does an attester without
    --forward grant one, whatever it is asked, nor one that would send the bytes on to another machine."""
    workload = Workload(lambda c: c.sendall(b"never"))
    with socket.create_server(("127.0.0.1", 0)) as s:
        port = s.getsockname()[1]
    with Attester("--forward", workload.address) as a:
        done = connect(a.address, "--forward", str(port), policy=policy(**{"fresh.round-trip": {"max_ms": 0}}))
        assert done.returncode == 6 and b"forwarding" not in done.stderr, done.stderr
        with socket.socket() as s:
            assert s.connect_ex(("127.0.0.1", port)) != 0
        for port in ("x", "65536", "-1", ""):
            done = connect(a.address, "--forward", port)
            assert done.returncode == 1 and b"forward: port: missing" in done.stderr, done.stderr
    for forward in ((), ("--forward", "198.51.100.7:80")):
        with Attester(*forward) as a, TLS.wrap_socket(socket.create_connection(of(a.address))) as s:
            s.sendall(struct.pack(">I", len(STREAM)) + STREAM)
            got = receive(s, *struct.unpack(">I", receive(s, 4)))
            assert got.startswith(b"\xa2\x20") and b"refused: the log" in got, got
            assert s.recv(1) == b""


main((bytes_pass_both_ways_once_trusted, a_reader_that_stops_stops_the_sender, many_streams_stand_side_by_side,
      streams_are_shared_by_address, a_cut_line_is_no_end, a_workload_that_breaks_off_is_no_end,
      nothing_goes_to_another_key, nothing_passes_before_the_verdict))
