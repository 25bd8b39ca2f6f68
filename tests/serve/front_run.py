"""The front alone: its process, HTTP as bytes, and a keeper that does what the test says."""
import base64
import fcntl
import functools
import json
import os
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from waiting import BOUND, pids_of, refused, shut, until  # noqa: E402,F401

FRONT = os.environ["FRONT"]
PLAIN = {**os.environ, "ASAN_OPTIONS": "detect_leaks=1:handle_sigill=2:handle_sigtrap=2",
         "UBSAN_OPTIONS": "halt_on_error=1"}

ASK = struct.Struct("@QII64s192s64sII1024sIIIQ64s0Q")  # roles/serve/world/talk.h: struct talk_ask
ANSWER = struct.Struct("@QIIIi192s64sIIq64s256s256s16s32sIIQqq256s0Q")  # struct talk_answer
(CHALLENGE, APPRAISE, KEYS, DISCOVERY, READY, LOOK, FORGET, TAKE, METRICS, ALLIANCE, ALLIANCE_KEYS,
 POLICIES, DUE, SILENT, MACHINE, EVENTS, APPRAISE_KEPT, REPORT, MACHINES, STREAM) = range(20)
SEALS = 0x0001 | 0x0002 | 0x0004 | 0x0008  # fcntl(2): F_SEAL_*
CMW = "application/cmw+cbor"
SESSION_TYPE = "application/vnd.veraison.challenge-response-session+json"
EAR = "application/eat+jwt"

SOURCE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
with open(os.path.join(SOURCE, "roles/serve/world/talk_status.def")) as table:
    STATUS = {}
    for line in table:
        if line.startswith("TALK_STATUS("):
            STATUS[line[12:].split(",")[0]] = len(STATUS)


def text(bytes_):
    return bytes_.split(b"\0")[0].decode()


class Asked:
    """A struct talk_ask."""

    def __init__(self, packet, fds):
        (self.id, self.kind, self.nonce_size, policy, session, nonce, nonce_n, self.want_token, channel, channel_n,
         self.round_trip, self.dialled, self.after, machine) = ASK.unpack(packet)
        self.policy, self.session, self.machine = text(policy), text(session), text(machine)
        self.party_nonce, self.channel = nonce[:nonce_n], channel[:channel_n]
        self.evidence = None
        for fd in fds:
            size = os.fstat(fd).st_size
            self.evidence = os.pread(fd, size, 0)
            assert fcntl.fcntl(fd, 1034) == SEALS  # F_GET_SEALS: nobody can change it any more
            os.close(fd)


def memory(data):
    fd = os.memfd_create("test", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    os.write(fd, data)
    fcntl.fcntl(fd, 1033, SEALS)  # F_ADD_SEALS
    return fd


class Keeper(threading.Thread):
    """Answers each ask by what a function of the test returns: None, or keywords for answer."""

    def __init__(self, sock, does):
        super().__init__(daemon=True)
        self.sock, self.does, self.asked = sock, does, []

    def run(self):
        while True:
            try:
                packet, fds, _, _ = socket.recv_fds(self.sock, 65536, 4)
            except OSError:
                return
            if not packet:
                return
            ask = Asked(packet, fds)
            self.asked.append(ask)
            said = self.does(ask)
            if said is not None:
                self.answer(ask, **said)

    def answer(self, ask, status="DONE", texts=(), session="", nonce=b"", until=0, policy="", issuer="", audience="",
               algorithm="", digest=b"", proofs=0, bearer=0, target=0, wait_ms=0, at=0, detail="", retry_after=0, exit=0, kind=None, id=None):
        fds = [memory(t) for t in texts]
        packet = ANSWER.pack(ask.id if id is None else id, ask.kind if kind is None else kind, STATUS[status],
                             retry_after, exit, session.encode(), nonce, len(nonce), len(fds), until, policy.encode(),
                             issuer.encode(), audience.encode(), algorithm.encode(), digest, proofs, bearer, target, wait_ms, at,
                             detail.encode())
        try:
            socket.send_fds(self.sock, [packet], fds)
        except OSError:
            pass
        for fd in fds:
            os.close(fd)


JWKS = b'{"keys":[{"kty":"EC","crv":"P-256","x":"eA","y":"eQ","kid":"one"},{"kty":"EC","kid":"two"}]}'
UNTIL = 4102444800  # 2100


def honest(ask):
    """A keeper that says yes."""
    name = ask.policy or "default-policy"
    if name == "nobody":
        return {"status": "NO_POLICY"}
    if ask.kind == CHALLENGE:
        return {"session": "s-" + name, "nonce": os.urandom(ask.nonce_size or 32), "until": UNTIL, "policy": name}
    if ask.kind == TAKE:
        return {"session": "taken", "nonce": ask.party_nonce, "until": UNTIL, "policy": name}
    if ask.kind == LOOK:
        return {"session": ask.session, "nonce": b"n" * 33, "until": UNTIL, "policy": name,
                "texts": [b"a.b.c"] if ask.session == "answered" else []}
    if ask.kind == REPORT:
        return {"status": "NO_REPORT"} if ask.session == "cd" * 32 else {"texts": [
            b'{"verdict":"trusted","at":"2026-12-01T00:00:00Z","simulated":false}']}
    if ask.kind in (APPRAISE, APPRAISE_KEPT):
        if ask.want_token and not ask.session:
            return {"status": "NO_TOKEN"}
        return {"texts": [b"a.b.c" if ask.want_token else b'{"verdict":"trusted"}'], "policy": name,
                "until": UNTIL, "session": "ab" * 32 if ask.kind == APPRAISE_KEPT else ""}
    if ask.kind in (MACHINE, EVENTS, MACHINES, STREAM):
        return {"texts": [b'{"machine":"one","state":"live","at":"2026-12-01T00:00:00Z","policy":"p1"}']}
    if ask.kind == ALLIANCE:
        return {"texts": [b'{"jwt":"a.b.c"}' if ask.want_token else b'{"whitelisted":true}']}
    if ask.kind in (KEYS, ALLIANCE_KEYS):
        return {"texts": [JWKS], "until": int(time.time()) + 120, "policy": name}
    if ask.kind == POLICIES:
        return {"texts": [b'{"policies":[]}']}
    if ask.kind == DISCOVERY:
        return {"issuer": "https://v.example/p/" + name, "algorithm": "ES256", "policy": name, "texts": [JWKS]}
    return {}


class Answer:
    def __init__(self, raw):
        head, _, self.rest = raw.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        self.status = int(lines[0].split()[1]) if lines[0] else 0
        self.headers = {}
        for line in lines[1:]:
            name, _, value = line.partition(":")
            self.headers[name.lower()] = value.strip()
        n = int(self.headers.get("content-length", 0))
        self.body, self.rest = self.rest[:n], self.rest[n:]

    def json(self):
        return json.loads(self.body)


def dial(port):
    """A port, or the path of a Unix socket."""
    if isinstance(port, int):
        return socket.create_connection(("127.0.0.1", port), timeout=20)
    s = socket.socket(socket.AF_UNIX)
    s.settimeout(20)
    s.connect(port)
    return s


class Connection:
    """Bytes to the front, and answers of it."""

    def __init__(self, sock):
        self.sock, self.buffer = sock, b""

    def send(self, data):
        self.sock.sendall(data)

    def answer(self, head_only=False):
        """The next answer; None when the connection ended without one."""
        while True:
            end = self.buffer.find(b"\r\n\r\n")
            if end >= 0:
                n = 0
                for line in self.buffer[:end].split(b"\r\n"):
                    if line.lower().startswith(b"content-length:"):
                        n = int(line.split(b":")[1])
                whole = end + 4 + (0 if head_only else n)
                if len(self.buffer) >= whole:
                    raw, self.buffer = self.buffer[:whole], self.buffer[whole:]
                    return Answer(raw)
            try:
                more = self.sock.recv(65536)
            except ConnectionError:
                more = b""
            if not more:
                return None
            self.buffer += more

    def ended(self):
        """That the front closed it, without another answer."""
        return self.answer() is None

    def close(self):
        self.sock.close()


def request(method, path, body=b"", headers=()):
    lines = [f"{method} {path} HTTP/1.1", "Host: front", *(f"{name}: {value}" for name, value in dict(headers).items())]
    if body or (method == "POST" and "Content-Length" not in dict(headers)):
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


@functools.cache
def document():
    """The paths of openapi.json, by a front that has all of them."""
    class One(Case):
        alliance = True

        def documented(self, lines):
            pass

        def runTest(self):
            self.said = self.ask("GET", "/openapi.json", inside=True).json()
    one = One()
    result = one.run()
    assert result.wasSuccessful(), result.errors + result.failures
    return one.said["paths"]


class Case(unittest.TestCase):
    """A front of its own for each test."""
    limits = {"body": 100000, "connections": 64, "idle": 20000, "request": 20000, "drain": 2000}
    keeper_does = staticmethod(honest)
    peer_key, alliance = None, False

    def setUp(self):
        doors = [self.door(), Case.door(self)]
        self.port, self.inside = (d.getsockname() if d.family == socket.AF_UNIX else d.getsockname()[1] for d in doors)
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.log = self.open_log()
        fds = [theirs.fileno(), *(d.fileno() for d in doors)]
        limits = [self.limits[name] for name in ("body", "connections", "idle", "request", "drain")]
        self.process = subprocess.Popen([FRONT, *map(str, fds + limits), json.dumps(self.configured())], pass_fds=fds, stderr=self.log, env=PLAIN)
        theirs.close()
        for door in doors:
            door.close()
        self.keeper = Keeper(ours, self.keeper_does)
        self.keeper.start()
        self.keeper_socket = ours
        self.addCleanup(self.end)

    def documented(self, lines):
        """Every status that a path answered is in openapi.json for it."""
        for line in lines:
            if line.get("path") and line["status"]:
                method = {"HEAD": "get"}.get(line["method"], line["method"].lower())
                self.assertIn(str(line["status"]), document()[line["path"]][method]["responses"], line)

    def configured(self):
        return {**({"peer_key": self.peer_key} if self.peer_key else {}), **({"alliance": {}} if self.alliance else {})}

    def door(self):
        return socket.create_server(("127.0.0.1", 0), backlog=4096)

    def open_log(self):
        return tempfile.TemporaryFile()

    def read_log(self):
        self.log.seek(0)
        return self.log.read()

    def end(self):
        if self.process.poll() is None:
            self.process.terminate()
        code = self.process.wait(timeout=BOUND)
        self.keeper_socket.close()
        said = self.read_log().decode()
        self.log.close()
        self.assertEqual(code, 0, said)
        self.documented([json.loads(line) for line in said.splitlines()])
        self.assertNotIn("Sanitizer", said)
        self.assertNotIn("runtime error", said)

    def logged(self):
        """The lines of the log so far."""
        return [json.loads(line) for line in self.read_log().splitlines()]

    def connect(self, inside=False):
        c = Connection(dial(self.inside if inside else self.port))
        self.addCleanup(c.close)
        return c

    def ask(self, method, path, body=b"", inside=False, **headers):
        c = self.connect(inside)
        c.send(request(method, path, body, {k.replace("_", "-"): v for k, v in headers.items()}))
        a = c.answer(head_only=method == "HEAD")
        self.assertIsNotNone(a, "no answer")
        c.close()
        return a

    def post(self, path, member, **headers):
        return self.ask("POST", path, json.dumps(member).encode(), Content_Type="application/json", **headers)

    def problem(self, a, status, word, **has):
        """The answer is this problem, as RFC 9457 has it."""
        self.assertEqual((a.status, a.headers["content-type"]), (status, "application/problem+json"), a.body)
        p = a.json()
        self.assertEqual((p["type"], p["status"]), ("urn:situs:problem:" + word, status))
        self.assertTrue(p["title"] and p["hint"])
        self.assertEqual(a.headers["cache-control"], "no-store")
        if status in (429, 503):
            self.assertGreater(int(a.headers["retry-after"]), 0)
        for name, value in has.items():
            self.assertIn(value, p[name])
        return p


def b64(data):
    return base64.b64encode(data).decode()


def b64url(data):
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


main = unittest.main
assert sys.version_info >= (3, 9)
