"""examples/nginx.conf before the front, by Debian's nginx: what it lets through, what it stops, and that nobody gets a
request into another's connection."""
import hashlib
import os
import shutil
import socket
import ssl
import subprocess
import tempfile
import threading
import time
import unittest
import urllib.parse

from front_run import APPRAISE, CMW, SOURCE, Case, Connection, main, request, shut
from token_run import Tokens, spki_of

NGINX = shutil.which("nginx", path=os.environ.get("PATH", "") + ":/usr/sbin")


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as s:
        return s.getsockname()[1]


class Backend(threading.Thread):
    """Answers every request with a 200, and keeps its head."""

    def __init__(self):
        super().__init__(daemon=True)
        self.server, self.heads = socket.create_server(("127.0.0.1", 0)), []
        self.port = self.server.getsockname()[1]

    def run(self):
        while True:
            try:
                client, _ = self.server.accept()
            except OSError:
                return
            with client:
                request, n = b"", None
                while (n is None or len(request) < n) and (more := client.recv(65536)):
                    request += more
                    head, end, _ = request.partition(b"\r\n\r\n")
                    length = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
                    n = len(head + end) + (int(length[0].split(b":")[1]) if length else 0) if end else None
                self.heads.append(head.decode().lower())
                client.sendall(b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nin")


class Behind(Case):
    """A front with examples/nginx.conf before it."""

    def setUp(self):
        super().setUp()
        folder = tempfile.mkdtemp(prefix="situs-test.")
        self.addCleanup(shutil.rmtree, folder)
        self.tls, self.api, self.backend = free_port(), free_port(), Backend()
        self.backend.start()
        self.addCleanup(shut, self.backend.server, self.backend)
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                        "-subj", "/CN=verifier.example", "-keyout", "key.pem", "-out", "cert.pem"], cwd=folder, check=True,
                       capture_output=True)
        with open(os.path.join(SOURCE, "examples/nginx.conf")) as f:
            text = f.read()
        for old, new in (("127.0.0.1:8480", f"127.0.0.1:{self.port}"), ("listen 443 ", f"listen 127.0.0.1:{self.tls} "),
                         ("listen 8443 ", f"listen 127.0.0.1:{self.api} "), ("127.0.0.1:8081", f"127.0.0.1:{self.backend.port}"),
                         *((f"/etc/ssl/{name}.example.pem", folder + "/cert.pem") for name in ("verifier", "api")),
                         *((f"/etc/ssl/private/{name}.example.key", folder + "/key.pem") for name in ("verifier", "api"))):
            self.assertEqual(text.count(old), 1, old)
            text = text.replace(old, new)
        with open(folder + "/nginx.conf", "w") as f:
            f.write("user root;\n" if os.getuid() == 0 else "")  # else its workers could not enter the folder
            f.write(f"daemon off; pid {folder}/pid; error_log {folder}/error.log; events {{}}\nhttp {{ access_log off;\n")
            for what in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"):
                f.write(f"{what}_temp_path {folder}/{what};\n")
            f.write(text + "}\n")
        nginx = subprocess.Popen([NGINX, "-p", folder, "-c", folder + "/nginx.conf"], stderr=subprocess.DEVNULL)
        self.addCleanup(nginx.wait)
        self.addCleanup(nginx.terminate)
        for _ in range(600):
            try:
                socket.create_connection(("127.0.0.1", self.tls)).close()
                break
            except OSError:
                time.sleep(0.05)
        else:
            self.fail("nginx does not start")

    def through(self, data, n=None, port=None, certificate=None):
        """The first n answers to these bytes, by one connection to nginx; left out: all that come while it is not silent."""
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        if certificate:
            context.load_cert_chain(certificate + ".pem", certificate + ".key")
        answers = []
        with socket.create_connection(("127.0.0.1", port or self.tls), timeout=30) as s:
            with context.wrap_socket(s, server_hostname="verifier.example") as t:
                t.settimeout(30 if n else 2)
                c = Connection(t)
                try:
                    t.sendall(data)
                    while len(answers) != n and (answer := c.answer()):
                        answers.append(answer)
                except OSError:
                    pass
        return answers

    def one(self, method, path, body=b"", **headers):
        data = request(method, path, body, {"Connection": "close", **{k.replace("_", "-"): v for k, v in headers.items()}})
        got = self.through(data, 1)
        self.assertEqual(len(got), 1, got)
        return got[0]


@unittest.skipUnless(NGINX, "nginx is not installed")
class Nginx(Behind):
    limits = {**Case.limits, "body": 7 * 2**20}

    def test_challenge_and_verify_pass(self):
        a = self.one("POST", "/v1/challenge", b'{"policy":"p1"}', Content_Type="application/json")
        self.assertEqual((a.status, a.json()["session"]), (200, "s-p1"))
        evidence = os.urandom(200000)
        a = self.one("POST", "/v1/verify?session=s-p1", evidence, Content_Type=CMW)
        self.assertEqual(a.status, 200)
        self.assertEqual((self.keeper.asked[-1].kind, self.keeper.asked[-1].evidence), (APPRAISE, evidence))
        a = self.one("GET", "/nothing")
        self.problem(a, 404, "not-found")
        self.problem(self.one("GET", "/metrics"), 404, "not-found")
        self.assertEqual(self.one("GET", "/.well-known/jwks.json").status, 200)

    def test_a_body_above_the_limit_ends_at_nginx(self):
        head = b"POST /v1/verify HTTP/1.1\r\nHost: x\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n" % (CMW.encode(), 6 * 2**20 + 1)
        self.assertEqual([a.status for a in self.through(head, 1)], [413])
        self.assertEqual(self.keeper.asked, [])

    def test_more_than_the_rate_is_told_to_wait(self):
        got = [a.status for a in self.through(request("GET", "/healthz") * 200, 200)]
        self.assertEqual((got[0], got[-1], set(got)), (200, 429, {200, 429}))

    def test_no_request_inside_another(self):
        inner = b"POST /v1/challenge HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 19\r\n\r\n"
        inner += b'{"policy":"inside"}'
        head = b"POST /v1/verify?session=x HTTP/1.1\r\nHost: x\r\nContent-Type: " + CMW.encode() + b"\r\n"
        chunks = b"\r\n0\r\n\r\n" + inner
        for fields, body in [
                (b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", chunks),
                (b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", chunks),
                (b"Content-Length: 5\r\nContent-Length: %d\r\n" % len(inner), b"\r\n" + inner),
                (b"Transfer-Encoding: xchunked\r\nContent-Length: 5\r\n", chunks),
                (b"Transfer-Encoding:\r\n chunked\r\nContent-Length: 5\r\n", chunks),
                (b"Transfer-Encoding : chunked\r\nContent-Length: 5\r\n", chunks),
                (b"Transfer-Encoding: \x0bchunked\r\nContent-Length: 5\r\n", chunks),
                (b"X: y\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n", chunks),
                (b"X: y\rTransfer-Encoding: chunked\r\nContent-Length: 5\r\n", chunks),
                (b"Transfer_Encoding: chunked\r\nContent-Length: 5\r\n", chunks),
                (b"Transfer-Encoding: chunked\0\r\nContent-Length: 5\r\n", chunks)]:
            with self.subTest(fields):
                self.keeper.asked.clear()
                before = len(self.through(head + fields + body))
                for ask in self.keeper.asked:  # what nginx took for a second request was one to the client, too
                    if ask.policy == "inside":
                        self.assertEqual(before, 2)
                a = self.one("POST", "/v1/challenge", b'{"policy":"honest"}', Content_Type="application/json")
                self.assertEqual((a.status, a.json()["policy"]), (200, "honest"))


@unittest.skipUnless(NGINX, "nginx is not installed")
class AuthRequest(Behind, Tokens):
    """A backend behind auth_request: who gets through to it."""
    peer_key = {"header": "X-Client-Cert", "form": "certificate-escaped-pem", "from": ["127.0.0.1"]}

    def visit(self, token, certificate="machine", method="GET", body=b"", **headers):
        said = {"Connection": "close", **{n.replace("_", "-"): v for n, v in headers.items()}}
        if token:
            said["Authorization"] = "Bearer " + token
        got = self.through(request(method, "/v1/token/check?policy=open&nonce=x", body, said), 1, self.api,
                           certificate and f"{self.made}/{certificate}")
        self.assertEqual(len(got), 1)
        return got[0]

    def no(self, status, reason, *words, **more):
        a = self.visit(*words, **more)
        self.assertEqual((a.status, a.headers.get("x-situs-reason")), (status, reason))
        self.assertEqual(self.backend.heads, [])

    def test_the_machine_gets_through(self):
        for method, body in (("GET", b""), ("POST", b"x" * 100000)):
            a = self.visit(self.token(), method=method, body=body, X_Situs_Channel="mine", X_Client_Cert="mine")
            self.assertEqual((a.status, a.body), (200, b"in"))
            head = self.backend.heads.pop()
            self.assertIn("x-situs-channel: " + hashlib.sha256(spki_of(self.made, "machine")).hexdigest(), head)
            self.assertNotIn("mine", head.split("x-situs-channel")[1])
            self.assertNotIn("bearer", head)
        self.assertEqual({ask.policy for ask in self.keeper.asked}, {"guest"})

    def test_nobody_else_does(self):
        token = self.token()
        with open(self.made + "/machine.pem") as f:
            stolen = urllib.parse.quote(f.read(), safe="")
        self.no(401, "no token", None)
        self.no(403, "situs_channel mismatch", token, "thief")
        self.no(403, "situs_channel missing", token, None)
        self.no(403, "situs_channel missing", token, None, X_Client_Cert=stolen)
        self.no(403, "situs_channel mismatch", token, "thief", X_Client_Cert=stolen)
        self.no(401, "exp expired", self.token(exp=self.now))
        self.no(401, "iss mismatch", self.token(iss="https://verifier.example/p/lax"))
        self.no(401, "aud mismatch", self.token(aud="another.example"))
        self.no(403, "situs_simulated not-allowed", self.token(situs_simulated=True))
        self.no(403, "ear_status not-allowed", self.token(ear_status="contraindicated"))
        self.assertEqual(self.visit(self.token(signer="other")).status, 401)
        self.assertEqual(self.backend.heads, [])

    def test_nobody_does_while_there_is_no_service(self):
        token = self.token()
        self.assertEqual(self.visit(token).status, 200)
        self.process.terminate()
        self.process.wait(timeout=60)
        self.assertEqual(self.visit(token).status, 500)
        self.assertEqual(len(self.backend.heads), 1)


if __name__ == "__main__":
    main()
