"""Two replicas on one database: a nonce of one is refused by the other, and nginx brings a session back to its own."""
import base64
import os
import shutil
import socket
import subprocess
import sys
import unittest
import urllib.parse

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from postgres import FOUND, Postgres  # noqa: E402
from serve_run import Case, Service, main, until  # noqa: E402
from situs_run import SOURCE  # noqa: E402

NGINX = shutil.which("nginx", path=os.environ.get("PATH", "") + ":/usr/sbin")
EVIDENCE = base64.b64encode(b"no evidence at all").decode()


class Replicas(Case):
    def setUp(self):
        super().setUp()
        self.store = {}
        if FOUND:
            server = Postgres()
            self.addCleanup(server.stop)
            self.store = {"store": {"postgresql": server.database("situs")}}
        self.one, self.two = self.replica("one"), self.replica("two")

    def replica(self, name):
        os.mkdir(self.path(name))
        s = Service(self.path(name), {
            "listen": "127.0.0.1:0", "base": "https://verifier.example", "default": "a", "replica": name,
            "policies": {"a": {"policy": "genuine"}}, "limits": {"judges": 1}, **self.store})
        s.__enter__()
        self.addCleanup(s.__exit__)
        until(s.serves)
        return s

    def no(self, s, status, word, **members):
        got, problem = s.post("/v1/verify", evidence=EVIDENCE, **members)
        self.assertEqual((got, problem["type"].split(":")[-1]), (status, word), problem)
        return problem

    def test_a_session_of_one_is_refused_by_the_other_and_not_spent(self):
        _, c = self.one.post("/v1/challenge", policy="a")
        self.assertTrue(c["session"].startswith("one."), c)
        self.no(self.two, 421, "session-elsewhere", session=c["session"])
        status, report = self.one.post("/v1/verify", session=c["session"], evidence=EVIDENCE)
        self.assertEqual((status, report["exit"]), (200, 2))
        self.no(self.one, 409, "session-spent", session=c["session"])
        # The name is no part of what the MAC holds, and no way around it.
        self.no(self.two, 404, "session-unknown", session="two." + c["session"][4:])
        self.no(self.one, 404, "session-unknown", session=c["session"][4:])

    @unittest.skipUnless(NGINX, "skipped: nginx is not installed")
    def test_nginx_brings_a_session_back_to_its_own(self):
        with open(os.path.join(SOURCE, "examples/nginx-replicas.conf")) as f:
            text = f.read().replace(":8480", f":{self.one.port}").replace(":8481", f":{self.two.port}")
        with socket.create_server(("127.0.0.1", 0)) as s:
            port = s.getsockname()[1]
        folder = self.path("nginx")
        os.mkdir(folder)
        with open(folder + "/nginx.conf", "w") as f:
            f.write("user root;\n" if os.getuid() == 0 else "")  # else its workers could not enter the folder
            f.write(f"daemon off; pid {folder}/pid; error_log {folder}/error.log; events {{}}\nhttp {{ access_log off;\n")
            for what in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"):
                f.write(f"{what}_temp_path {folder}/{what};\n")
            f.write(text + f"server {{ listen 127.0.0.1:{port}; location / {{ proxy_pass http://$situs_replica; }} }} }}\n")
        nginx = subprocess.Popen([NGINX, "-p", folder, "-c", folder + "/nginx.conf"], stderr=subprocess.DEVNULL)
        self.addCleanup(nginx.wait)
        self.addCleanup(nginx.terminate)
        through = Service.__new__(Service)
        through.port = port
        until(through.serves)
        names = set()
        for _ in range(6):
            _, c = through.post("/v1/challenge", policy="a")
            names.add(c["session"].split(".")[0])
            path = "/v1/verify?session=" + urllib.parse.quote(c["session"])
            status, report = through.ask("POST", path, b"no evidence at all", kind="application/cmw+cbor")
            self.assertEqual(status, 200, report)
        self.assertEqual(names, {"one", "two"})


if __name__ == "__main__":
    main()
