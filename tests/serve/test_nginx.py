"""examples/nginx.conf before the front, by Debian's nginx: what it lets through, what it stops, and that nobody gets a
request into another's connection."""
import os
import shutil
import socket
import ssl
import subprocess
import tempfile
import time
import unittest

from front_run import APPRAISE, CMW, SOURCE, Answer, Case, main, request

NGINX = shutil.which("nginx", path=os.environ.get("PATH", "") + ":/usr/sbin")


@unittest.skipUnless(NGINX, "nginx is not installed")
class Nginx(Case):
    limits = {**Case.limits, "body": 7 * 2**20}

    def setUp(self):
        super().setUp()
        folder = tempfile.mkdtemp(prefix="situs-test.")
        self.addCleanup(shutil.rmtree, folder)
        with socket.create_server(("127.0.0.1", 0)) as s:
            self.tls = s.getsockname()[1]
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                        "-subj", "/CN=verifier.example", "-keyout", "key.pem", "-out", "cert.pem"], cwd=folder, check=True,
                       capture_output=True)
        with open(os.path.join(SOURCE, "examples/nginx.conf")) as f:
            text = f.read()
        for old, new in (("127.0.0.1:8480", f"127.0.0.1:{self.port}"), ("listen 443 ", f"listen 127.0.0.1:{self.tls} "),
                         ("/etc/ssl/verifier.example.pem", folder + "/cert.pem"),
                         ("/etc/ssl/private/verifier.example.key", folder + "/key.pem")):
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
        for _ in range(400):
            try:
                socket.create_connection(("127.0.0.1", self.tls)).close()
                break
            except OSError:
                time.sleep(0.05)
        else:
            self.fail("nginx does not start")

    def through(self, data):
        """All answers to these bytes, by one connection to nginx."""
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        raw, answers = b"", []
        with socket.create_connection(("127.0.0.1", self.tls), timeout=20) as s:
            with context.wrap_socket(s, server_hostname="verifier.example") as t:
                t.settimeout(2)
                try:
                    t.sendall(data)
                    while more := t.recv(65536):
                        raw += more
                except OSError:
                    pass
        while raw.startswith(b"HTTP/"):
            answers.append(Answer(raw))
            raw = answers[-1].rest
        return answers

    def one(self, method, path, body=b"", **headers):
        data = request(method, path, body, {"Connection": "close", **{k.replace("_", "-"): v for k, v in headers.items()}})
        got = self.through(data)
        self.assertEqual(len(got), 1, got)
        return got[0]

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
        self.assertEqual([a.status for a in self.through(head)], [413])
        self.assertEqual(self.keeper.asked, [])

    def test_more_than_the_rate_is_told_to_wait(self):
        got = [a.status for a in self.through(request("GET", "/healthz") * 200)]
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


if __name__ == "__main__":
    main()
