"""POST /v1/connect: whom the front asks, at which addresses, and that nobody learns more than that there was no evidence."""
import json
import os
import socket
import ssl
import struct
import subprocess
import tempfile
import threading

from front_run import APPRAISE, CHALLENGE, DUE, EAR, SILENT, Case, b64url, honest, main, pids_of, shut, until

BUNDLE = b"evidence of the attester's"
NONCE = bytes(range(32))


def answer_of(bundle, key=b"spki"):
    """{0: bundle, 1: key} in a frame (PROTOCOLS: attester)."""
    size = bytes([0x40 + len(bundle)]) if len(bundle) < 24 else bytes([0x58, len(bundle)])
    body = b"\xa2\x00" + size + bundle + b"\x01\x44" + key
    return struct.pack(">I", len(body)) + body


def question(c):
    """A whole frame: whoever ends a connection with something unread in it takes his answer back."""
    data = b""
    while len(data) < 4 or len(data) < 4 + struct.unpack(">I", data[:4])[0]:
        more = c.recv(1000)
        if not more:
            break
        data += more
    return data


def good(c):
    asked = question(c)
    c.sendall(answer_of(BUNDLE))
    return asked


class Attester:
    """Does what a function says with each connection, over TLS unless plain."""

    def __init__(self, folder, does=good, plain=False):
        self.does, self.plain, self.questions, self.connections = does, plain, [], 0
        self.server = socket.create_server(("127.0.0.1", 0))
        self.target = "127.0.0.1:%d" % self.server.getsockname()[1]
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(folder + "/own.pem", folder + "/own.key")
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def end(self):
        shut(self.server, self.thread)

    def serve(self):
        while True:
            try:
                client, _ = self.server.accept()
            except OSError:
                return
            self.connections += 1
            try:
                with client if self.plain else self.context.wrap_socket(client, server_side=True) as c:
                    self.questions.append(self.does(c))
            except OSError:
                pass


class Closed:
    """A port that nobody listens on, and nobody else gets."""

    def __init__(self):
        self.server = socket.socket()
        self.server.bind(("127.0.0.1", 0))
        self.target = "127.0.0.1:%d" % self.server.getsockname()[1]
        self.end = self.server.close


def keeper(ask):
    if ask.kind == CHALLENGE and ask.policy != "nobody":
        return {"session": "s", "nonce": NONCE, "until": 1, "policy": "p"}
    if ask.kind == APPRAISE and ask.evidence == b"unreadable":
        return {"texts": [b"what it says"], "exit": 2, "policy": "p"}
    return honest(ask)


class Asking(Case):
    keeper_does = staticmethod(keeper)
    networks, every = ["127.0.0.0/8"], 0

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        folder = tempfile.TemporaryDirectory(prefix="situs-test.")
        cls.addClassCleanup(folder.cleanup)
        cls.folder = folder.name
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                        "-subj", "/CN=attester", "-keyout", "own.key", "-out", "own.pem"], cwd=cls.folder, check=True,
                       capture_output=True)
        cls.spki = subprocess.run(["openssl", "pkey", "-in", cls.folder + "/own.key", "-pubout", "-outform", "DER"],
                                  check=True, capture_output=True).stdout

    def attesters(self):
        return {"good": Attester(self.folder)}

    def setUp(self):
        self.at = self.attesters()
        for a in self.at.values():
            self.addCleanup(a.end)
        super().setUp()

    def targets(self):
        return [a.target for a in self.at.values()]

    def configured(self):
        networks = {"networks": self.networks} if self.networks else {}
        return {"connect": {"targets": self.targets(), "every_ms": self.every, **networks}}

    def connect_to(self, target, inside=True, accept=None, **more):
        headers = {"Accept": accept} if accept else {}
        return self.ask("POST", "/v1/connect", json.dumps({"target": target, **more}).encode(), inside=inside,
                        Content_Type="application/json", **headers)


class Connect(Asking):
    def test_the_attester_is_asked_and_its_answer_appraised(self):
        a = self.connect_to(self.at["good"].target, policy="p", nonce=b64url(b"12345678"))
        self.assertEqual((a.status, a.body), (200, b'{"verdict":"trusted"}'))
        challenge, appraise = self.keeper.asked
        self.assertEqual((challenge.kind, challenge.policy, challenge.party_nonce, challenge.nonce_size),
                         (CHALLENGE, "p", b"12345678", 0))
        self.assertEqual((appraise.kind, appraise.session, appraise.policy, appraise.party_nonce, appraise.evidence,
                          appraise.channel, appraise.want_token),
                         (APPRAISE, "s", "p", b"12345678", BUNDLE, self.spki, 0))
        self.assertGreater(appraise.round_trip, 0)
        self.assertEqual(self.at["good"].questions, [struct.pack(">I", 36) + b"\xa1\x00\x58\x20" + NONCE])
        a = self.connect_to(self.at["good"].target, accept=EAR)
        self.assertEqual((a.status, a.body, self.keeper.asked[-1].want_token), (200, b"a.b.c", 1))

    def test_who_is_no_target_is_not_asked(self):
        target = self.at["good"].target
        for other in (target + "0", target.replace("127.0.0.1", "localhost"), target.replace("127.0.0.1", "127.1"), " " + target,
                      target.upper() + "/", "169.254.169.254:80", "nobody.invalid:1"):
            self.problem(self.connect_to(other), 404, "target-unknown")
        for bad in ("", "a" * 128, 7):
            self.problem(self.connect_to(bad), 400, "malformed", field="target")
        self.problem(self.connect_to("a\0b"), 400, "malformed")
        a = self.ask("POST", "/v1/connect", b"{}", inside=True, Content_Type="application/json")
        self.problem(a, 400, "missing", field="target")
        a = self.ask("POST", "/v1/connect", b'{"target":"a:1","address":"b"}', inside=True, Content_Type="application/json")
        self.problem(a, 400, "unknown-member")
        self.assertEqual((self.keeper.asked, self.at["good"].connections), ([], 0))

    def test_only_the_inner_socket_has_it(self):
        self.problem(self.connect_to(self.at["good"].target, inside=False), 404, "not-found")

    def test_a_policy_that_is_none(self):
        self.problem(self.connect_to(self.at["good"].target, policy="nobody"), 404, "policy-unknown")
        self.assertEqual(self.at["good"].connections, 0)


class Nothing(Asking):
    """What is no evidence has one answer, whatever it is."""

    def attesters(self):
        def says(data):
            def does(c):
                question(c)
                c.sendall(data)
            return does

        def web(c):
            c.recv(65536)
            c.sendall(b"HTTP/1.0 200 OK\r\n\r\nsecret")

        return {"closed": Closed(), "plain": Attester(self.folder, web, plain=True),
                "ends": Attester(self.folder, question), "huge": Attester(self.folder, says(b"\xff" * 8)),
                "not a frame": Attester(self.folder, says(b"secret of the inside")),
                "another map": Attester(self.folder, says(struct.pack(">I", 3) + b"\xa1\x00\x40")),
                "empty": Attester(self.folder, says(answer_of(b""))),
                "refuses": Attester(self.folder, says(struct.pack(">I", 14) + b"\xa1\x20\x6bunsupporte")),
                "no bundle": Attester(self.folder, says(answer_of(b"unreadable")))}

    def test(self):
        said = set()
        for name, attester in self.at.items():
            a = self.connect_to(attester.target)
            with self.subTest(name):
                p = self.problem(a, 502, "attester")
                del p["request"]
                said.add(json.dumps(p))
        self.assertEqual(len(said), 1)
        self.assertNotIn("secret", said.pop())
        self.assertEqual([ask.evidence for ask in self.keeper.asked if ask.kind == APPRAISE], [b"unreadable"])


class Addresses(Asking):
    """Loopback is none that may be dialled unless the configuration says so."""
    networks = None

    def targets(self):
        target = self.at["good"].target
        return [target, target.replace("127.0.0.1", "localhost"), target.replace("127.0.0.1", "[::ffff:127.0.0.1]"),
                target.replace("127.0.0.1", "127.1")]

    def test(self):
        for target in self.targets():
            self.problem(self.connect_to(target), 502, "attester")
        self.assertEqual(self.at["good"].connections, 0)


class OtherNetworks(Addresses):
    networks = ["10.0.0.0/8", "fe80::/10", "127.0.0.2/32"]


class Mapped(Asking):
    """An IPv4 address in the clothes of IPv6 is that address."""

    def targets(self):
        return [self.at["good"].target.replace("127.0.0.1", "[::ffff:127.0.0.1]")]

    def test(self):
        self.assertEqual(self.connect_to(self.targets()[0]).status, 200)


class Rate(Asking):
    every = 3600000

    def attesters(self):
        return {"good": Attester(self.folder), "other": Attester(self.folder)}

    def test(self):
        self.assertEqual(self.connect_to(self.at["good"].target).status, 200)
        self.problem(self.connect_to(self.at["good"].target), 429, "rate")
        self.assertEqual(self.connect_to(self.at["other"].target).status, 200)
        self.assertEqual(self.at["good"].connections, 1)


class Many(Asking):
    """Attesters that say nothing hold their own callers up, no one else, and end with the front."""

    def attesters(self):
        self.held = threading.Event()
        return {"silent": Attester(self.folder, lambda c: self.held.wait()), "good": Attester(self.folder)}

    def tearDown(self):
        self.held.set()
        super().tearDown()

    def crowd(self):
        for i in range(16):
            c = self.connect(inside=True)
            body = json.dumps({"target": self.at["silent"].target}).encode()
            c.send(b"POST /v1/connect HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
                   % len(body) + body)
        until(lambda: len(pids_of(self.process.pid)) == 16)

    def test(self):
        self.crowd()
        self.problem(self.connect_to(self.at["good"].target), 503, "busy")
        self.assertEqual(self.ask("GET", "/healthz").status, 200)


class Watched(Many):
    """They take no place of a watched machine's, whose answer is waited for as long as it counts."""
    keeper_does = staticmethod(lambda ask: None if ask.kind == DUE else keeper(ask))

    def configured(self):
        return {**super().configured(), "watch": {}}

    def of(self, kind):
        return [ask for ask in self.keeper.asked if ask.kind == kind]

    def test(self):
        self.crowd()
        until(lambda: len(self.of(DUE)) == 8)
        asks = self.of(DUE)
        self.keeper.answer(asks[0], session="long", nonce=NONCE, target=0, wait_ms=3600000)
        self.keeper.answer(asks[1], session="short", nonce=NONCE, target=0, wait_ms=500)
        self.keeper.answer(asks[2], session="good", nonce=NONCE, target=1, wait_ms=3600000)
        until(lambda: self.of(APPRAISE) and self.of(SILENT))
        self.assertEqual([(ask.session, ask.dialled) for ask in self.of(APPRAISE)], [("good", 1)])
        self.assertEqual([(ask.session, ask.dialled) for ask in self.of(SILENT)], [("short", 1)])
        self.assertGreaterEqual(len(pids_of(self.process.pid)), 17)  # those who came before are still waited for


if __name__ == "__main__":
    assert os.environ["FRONT"]
    main()
