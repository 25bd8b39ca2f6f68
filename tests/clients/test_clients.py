"""Relying parties that we did not write, as they are: each admits a trusted machine's token and nothing else.

test_clients.py FOLDER: which npm filled. A lab, a service whose trust file calls nothing simulated, HAProxy with
TLS before it for the key set; rows are the clients, columns the tokens. Then a service that does, which no client
believes."""
import base64
import hashlib
import hmac
import http.server
import json
import os
import pathlib
import shutil
import socket
import ssl
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
for folder in ("tests/roles", "tests/serve"):
    sys.path.insert(0, str(ROOT / folder))
import channel  # noqa: E402
import test_serve_lab as lab  # noqa: E402
from serve_run import BOUND, Service, until  # noqa: E402

AUDIENCE = "https://api.example"
ADMITTED, REFUSED = "admitted", "refused"


def run(*words, **options):
    return subprocess.run([str(w) for w in words], check=True, capture_output=True, timeout=BOUND, **options).stdout


def new_key(path):
    run("openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", path)
    run("openssl", "pkey", "-in", path, "-pubout", "-out", f"{path}.pub")
    return path


def parts(token):
    return [json.loads(lab.bytes_of(part)) for part in token.split(".")[:2]]


def text_of(data):
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def unsigned(token, alg, **changes):
    """What is to be signed (RFC 7515, 5.1) of the token with another algorithm, other claims."""
    header, claims = parts(token)
    return ".".join(text_of(json.dumps(p).encode()) for p in ({**header, "alg": alg}, {**claims, **changes}))


def signed(token, key, **changes):
    """The token with other claims, by a key: r || s of RFC 7518, 3.4."""
    text = unsigned(token, "ES256", **changes)
    der = run("openssl", "dgst", "-sha256", "-sign", key, input=text.encode())
    r, s = der[4:4 + der[3]], der[6 + der[3]:]
    return text + "." + text_of(b"".join(int.from_bytes(n, "big").to_bytes(32, "big") for n in (r, s)))


def of_public(token, key):
    """The token with an HMAC by the text of the public key, which everybody has."""
    text = unsigned(token, "HS256")
    return text + "." + text_of(hmac.digest(pathlib.Path(f"{key}.pub").read_bytes(), text.encode(), "sha256"))


class Edge:
    """HAProxy with TLS before the service, whose address is known before it is there, and before an application (or in its
    place: examples/haproxy.cfg)."""

    def __init__(self, folder):
        self.folder = folder
        self.doors = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
        self.base, self.api = (f"https://localhost:{d.getsockname()[1]}" for d in self.doors)
        run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj",
            "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", folder / "tls.key", "-out",
            folder / "tls.crt")
        (folder / "tls.pem").write_text((folder / "tls.key").read_text() + (folder / "tls.crt").read_text())
        self.tls = ssl.create_default_context(cafile=folder / "tls.crt")

    def start(self, service, example):
        edge, api = (d.fileno() for d in self.doors)
        (self.folder / "edge.cfg").write_text(f"""
frontend edge
    bind fd@{edge} ssl crt {self.folder}/tls.pem
    default_backend situs
backend situs
    server situs 127.0.0.1:{service.port}
""")
        text = replaced("haproxy.cfg", {**example, ":443 ssl crt /etc/haproxy/api.example.pem":
                                        f"fd@{api} ssl crt {self.folder}/tls.pem"})
        (self.folder / "haproxy.cfg").write_text(text)
        self.child = subprocess.Popen(["haproxy", "-db", "-f", self.folder / "haproxy.cfg", "-f", self.folder / "edge.cfg"],
                                      pass_fds=[edge, api])
        until(lambda: self.ask(self.base + "/healthz") == 200)

    def ask(self, url, token=None):
        """The status of an answer."""
        headers = {"Authorization": "Bearer " + token} if token else {}
        try:
            with urllib.request.urlopen(urllib.request.Request(url, headers=headers), context=self.tls, timeout=BOUND) as a:
                return a.status
        except urllib.error.HTTPError as e:
            return e.code

    def stop(self):
        self.child.terminate()
        self.child.wait(BOUND)
        for d in self.doors:
            d.close()


class Apache:
    """examples/apache.conf. It opens its port itself: another may have taken it meanwhile, then another port."""

    modules = ("mpm_event", "authz_core", "authz_user", "authn_core", "auth_openidc", "ssl", "socache_shmcb", "proxy",
               "proxy_http")
    at = "/usr/lib/apache2/modules"

    def __init__(self, edge, example):
        self.edge = edge
        for _ in range(10):
            with socket.create_server(("127.0.0.1", 0)) as s:
                port = s.getsockname()[1]
            self.url = f"https://localhost:{port}"
            self.child = subprocess.Popen(["apache2", "-d", edge.folder, "-f", self.write(port, example), "-DFOREGROUND"])
            until(lambda: self.child.poll() is not None or self.answers())
            if self.child.poll() is None:
                return
        raise AssertionError((edge.folder / "apache.log").read_text())

    def write(self, port, example):
        f = self.edge.folder
        text = replaced("apache.conf", {**example, "*:443": f"127.0.0.1:{port}", "/etc/ssl/api.example.pem": f"{f}/tls.crt",
                                        "/etc/ssl/private/api.example.key": f"{f}/tls.key"})
        loads = "".join(f"LoadModule {m}_module {self.at}/mod_{m}.so\n" for m in self.modules)
        user = "User nobody\nGroup nogroup\n" if os.getuid() == 0 else ""
        (f / "apache.conf").write_text(f"{loads}{user}Listen 127.0.0.1:{port} https\nServerName localhost\nPidFile {f}/pid\n"
                                       f"ErrorLog {f}/apache.log\nDefaultRuntimeDir {f}\nMutex file:{f}\n"
                                       f"OIDCCABundlePath {f}/tls.crt\n{text}")
        return f / "apache.conf"

    def answers(self):
        try:
            return self.edge.ask(self.url) == 401
        except OSError:
            return False

    def stop(self):
        self.child.terminate()
        self.child.wait(BOUND)


class Application(http.server.BaseHTTPRequestHandler):
    """What the proxies stand before: whoever gets here was admitted."""

    def do_GET(self):
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_):
        pass


def replaced(name, words):
    text = (ROOT / "examples" / name).read_text()
    for old, new in words.items():
        assert text.count(old) == 1, (name, old)
        text = text.replace(old, new)
    return text


class World:
    """Service, proxies and clients of one policy's issuer."""

    def __init__(self, simulated):
        self.folder = channel.HERE / ("simulated" if simulated else "real")
        self.folder.mkdir()
        os.chmod(channel.HERE, 0o755)  # Apache's own user looks for its files
        self.edge = Edge(self.folder)
        self.name = "simulated-guest" if simulated else "guest"
        self.peer, self.other = (new_key(self.folder / n) for n in ("peer", "other-peer"))
        run("openssl", "pkey", "-in", self.peer, "-pubout", "-outform", "DER", "-out", self.folder / "peer.der")
        self.service = Service(str(self.folder), self.configuration(simulated))

    def real(self, name, simulated):
        """What a file of the lab says, as if nobody had written into it that it is a simulation."""
        text = json.loads((channel.HERE / "lab" / name).read_text())
        if not simulated:
            text.pop("simulated", None)
            for anchor in text.get("anchors", []):
                anchor.pop("simulated", None)
        return text

    def configuration(self, simulated):
        lab_files = channel.HERE / "lab"
        files = {"trust.json": self.real("trust.json", simulated)}
        for name, proof in (("managed", "live"), ("lax", "genuine")):
            files[f"policy-{name}.json"] = {**self.real("policy-managed.json", simulated), "require": [proof]}
        for name, text in files.items():
            (self.folder / name).write_text(json.dumps(text))
        one = {"trust": str(self.folder / "trust.json"), "collateral": [str(lab_files / "collateral.json")],
               "endorsements": [str(lab_files / "provider.crl")], "audience": AUDIENCE}
        policies = {name: {**one, "policy": str(self.folder / f"policy-{policy}.json"),
                           "key": str(new_key(self.folder / f"{name}.key"))}
                    for name, policy in ((self.name, "managed"), (self.name + "-lax", "lax"))}
        return {"listen": "127.0.0.1:0", "base": self.edge.base, "policies": policies,
                "deadlines": {"judge_ms": 60000, "request_ms": 60000}}

    def __enter__(self):
        self.application = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Application)
        threading.Thread(target=self.application.serve_forever, daemon=True).start()
        self.service.__enter__()
        digest = hashlib.sha256((self.folder / "policy-managed.json").read_bytes()).hexdigest()
        issuer = f"{self.edge.base}/p/{self.name}"
        self.words = issuer, AUDIENCE, digest
        example = {"https://verifier.example/p/guest": issuer, "0" * 64: digest,
                   "127.0.0.1:8000": f"127.0.0.1:{self.application.server_port}"}
        self.edge.start(self.service, {**example, "/etc/haproxy/guest.pem": f"{self.folder}/{self.name}.key.pub"})
        jwks = {"https://verifier.example/p/guest/": issuer + "/", "iss:https://verifier.example/p/guest\n": f"iss:{issuer}\n"}
        del example["https://verifier.example/p/guest"]
        self.apache = Apache(self.edge, {**jwks, **example})
        return self

    def __exit__(self, *_):
        self.apache.stop()
        self.edge.stop()
        self.service.__exit__()
        self.application.shutdown()

    def token(self, policy="", vouched=True):
        """A TD speaks for itself. One with a TPM that nobody vouches for is refused."""
        words = lab.sources("cloud" if vouched else "basement")
        if vouched:
            words = [word for at in ("--tsm", "--ccel") for word in words[words.index(at):][:2]]
        session, nonce = lab.challenge(self.service, policy=self.name + policy)
        evidence = lab.evidence(nonce, [*words, "--channel", str(self.folder / "peer.der")])
        body = json.dumps({"session": session, "evidence": evidence})
        status, token = self.service.ask("POST", "/v1/verify", body, "application/eat+jwt")
        assert status == 200, token
        return token.decode()

    def script(self, *words):
        """A client that is a program: its exit code is its word."""
        def asked(token, peer):
            done = subprocess.run([*map(str, words), token, *self.words, f"{peer}.pub"], capture_output=True, timeout=BOUND,
                                  env={**os.environ, "NODE_EXTRA_CA_CERTS": str(self.folder / "tls.crt"),
                                       "SSL_CERT_FILE": str(self.folder / "tls.crt")})
            said = done.stdout.decode().split(":")[0].strip()
            assert (done.returncode, said) in ((0, ADMITTED), (9, REFUSED)), (words, done.stdout, done.stderr)
            return said, done.stdout.decode().strip()
        return asked

    def proxy(self, url):
        """A client that is a proxy: whether it lets the token through."""
        def asked(token, _):
            status = self.edge.ask(url, token)
            assert status in (200, 401, 403), status
            return (ADMITTED if status == 200 else REFUSED), str(status)
        return asked

    def clients(self):
        """{name: (how it is asked, what not every client looks at)}."""
        node = ["node", *(["--experimental-global-webcrypto"] if node_version() < 19 else [])]
        return {"jose": (self.script(*node, MODULES / "jose.mjs"), {"nbf", "bearer"}),
                "openid-client": (self.script(*node, MODULES / "openid.mjs"), {"nbf", "bearer"}),
                "jwcrypto": (self.script("/usr/bin/python3", ROOT / "tests/clients/jwcrypto_party.py"), {"nbf", "bearer"}),
                "HAProxy": (self.proxy(self.edge.api), {"nbf"}),
                "Apache": (self.proxy(self.apache.url), set())}


def node_version():
    return int(run("node", "--version").decode()[1:].split(".")[0])


def each(world, tokens):
    """Asks each client about each token: {name: (token, whether it holds, what only some look at)}."""
    wrong = []
    for client, (asked, looks_at) in world.clients().items():
        for name, (token, holds, *only) in tokens.items():
            if not looks_at.issuperset(only):
                continue
            said, why = asked(token, world.other if "bearer" in only else world.peer)
            good = said == (ADMITTED if holds else REFUSED)
            print(f"{'ok ' if good else 'NO '} {client:14} {name:28} {why}", flush=True)
            wrong += [] if good else [(client, name)]
    assert not wrong, wrong


def each_admits_a_trusted_machine_and_nothing_else():
    with World(simulated=False) as w:
        good, now = w.token(), int(time.time())
        key, another = w.folder / f"{w.name}.key", new_key(w.folder / "another.key")
        past = {"iat": now - 1300, "nbf": now - 1300, "exp": now - 700}
        each(w, {"a trusted machine's": (good, True),
                 "the same, signed anew": (signed(good, key), True),  # what follows is refused for what it says
                 "a refused machine's": (w.token(vouched=False), False),
                 "an expired one": (signed(good, key, **past), False),
                 "one of tomorrow": (signed(good, key, nbf=now + 86400), False, "nbf"),
                 "another key's": (signed(good, another), False),
                 "nobody's": (unsigned(good, "none") + ".", False),
                 "by the public key": (of_public(good, key), False),
                 "for another audience": (signed(good, key, aud="https://other.example"), False),
                 "another issuer's": (signed(good, key, iss=w.words[0] + "-lax"), False),
                 "of another digest": (signed(good, key, situs_policy="00" * 32), False),
                 "that does not affirm": (signed(good, key, ear_status="contraindicated"), False),
                 "another policy's": (w.token("-lax"), False),
                 "in another's hands": (good, False, "bearer")})


def none_admits_a_simulation():
    with World(simulated=True) as w:
        token, key = w.token(), w.folder / f"{w.name}.key"
        point = (w.folder / "peer.der").read_bytes()[-64:]
        cnf = {"jwk": {"kty": "EC", "crv": "P-256", "x": text_of(point[:32]), "y": text_of(point[32:])}}
        each(w, {"a simulated machine's": (token, False),
                 "a lie of the same key": (signed(token, key, ear_status="affirming", cnf=cnf), True)})


if __name__ == "__main__":
    missing = [p for p in ("haproxy", "apache2", "node") if not shutil.which(p)]
    assert not missing, missing
    MODULES = pathlib.Path(sys.argv.pop(1)).resolve()
    channel.main([each_admits_a_trusted_machine_and_nothing_else, none_admits_a_simulation])
