"""GET /v1/token/check: who is let in, and who is not, whatever he shows."""
import hashlib
import os
import re
import socket
import urllib.parse

from front_run import SOURCE, b64, b64url, main
from token_run import ISSUER, Tokens, openssl, spki_of

HEADER = "X-Client-Cert"


class Asking(Tokens):
    peer_key = {"header": HEADER, "form": "certificate-escaped-pem", "from": ["127.0.0.1"]}

    def pem(self, name="machine"):
        with open(f"{self.made}/{name}.pem") as f:
            return f.read()

    def escaped(self, name="machine"):
        return urllib.parse.quote(self.pem(name), safe="")

    def check(self, token, key=None, query="", inside=False, **headers):
        said = {HEADER: self.escaped() if key is None else key} if key is not False else {}
        said.update({n.replace("_", "-"): v for n, v in headers.items()})
        if token is not None:
            said["Authorization"] = "Bearer " + token
        return self.ask("GET", "/v1/token/check" + query, inside=inside, **said)

    def no(self, status, reason, token, key=None, query="", **more):
        a = self.check(token, key, query, **more)
        self.assertEqual((a.status, a.body, a.headers["cache-control"]), (status, b"", "no-store"), a.headers)
        self.assertEqual(a.headers["x-situs-reason"], reason)
        self.assertEqual("www-authenticate" in a.headers, status == 401)
        for name in a.headers:
            self.assertFalse(name.startswith("x-situs-") and name != "x-situs-reason")

    def yes(self, *words, **more):
        a = self.check(*words, **more)
        self.assertEqual((a.status, a.body), (200, b""), a.headers)
        self.assertNotIn("x-situs-reason", a.headers)
        return a


class Envoy(Asking):
    """ext_authz over HTTP (ext_authz.proto, HttpService): the method of the visitor's request, the path of the configuration,
    Host and Authorization of the visitor, Content-Length 0, and what headers_to_add says."""

    def envoy(self, method, token, name="machine"):
        with open(os.path.join(SOURCE, "examples/envoy.yaml")) as f:
            example = f.read()
        path = re.search('path_override: "(.*)"', example)[1]
        header, value = re.search('key: (.*), value: "(.*)"', example).groups()
        self.assertEqual(value, "%DOWNSTREAM_PEER_CERT%")
        return self.ask(method, path, **{"Content-Length": "0", "x-envoy-internal": "true", header: self.escaped(name),
                                         "Authorization": "Bearer " + token})

    def test_each_method_of_a_visitor_s_is_asked_by(self):
        token = self.token()
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD"):
            with self.subTest(method):
                a = self.envoy(method, token)
                self.assertEqual((a.status, a.body), (200, b""))
                self.assertEqual(a.headers["x-situs-proofs"], "genuine live bound")
                self.assertEqual(self.keeper.asked[-1].policy, "guest")
                a = self.envoy(method, token, "thief")
                self.assertEqual((a.status, a.headers["x-situs-reason"]), (403, "situs_channel mismatch"))


class Check(Asking):
    def test_who_holds_the_key_is_let_in(self):
        a = self.yes(self.token())
        said = {n: v for n, v in a.headers.items() if n.startswith("x-situs-")}
        self.assertEqual(said, {"x-situs-issuer": ISSUER, "x-situs-policy": "guest",
                                "x-situs-policy-sha256": self.model["situs_policy"],
                                "x-situs-proofs": "genuine live bound",
                                "x-situs-channel": hashlib.sha256(spki_of(self.made, "machine")).hexdigest()})
        self.assertEqual(self.keeper.asked[-1].policy, "")
        self.yes(self.token(), query="?policy=guest")
        self.assertEqual(self.keeper.asked[-1].policy, "guest")
        self.yes(self.token(), inside=True)

    def test_nobody_else_is(self):
        token = self.token()
        self.no(403, "situs_channel mismatch", token, self.escaped("thief"))
        self.no(403, "situs_channel missing", token, False)
        self.no(403, "cnf.jwk mismatch", self.token(without=("cnf",)))

    def test_a_token_that_does_not_count_here(self):
        header = {"alg": "ES256", "typ": "eat+jwt"}
        good = self.token()
        head, body, signature = good.split(".")
        for reason, token in [
                ("signature bad-signature", self.token(signer="other")),
                ("exp expired", self.token(exp=self.now)), ("nbf not-yet-valid", self.token(nbf=self.now + 1)),
                ("exp not-allowed", self.token(exp=self.now + 700)),
                ("iss mismatch", self.token(iss=ISSUER + "2")), ("aud mismatch", self.token(aud="another.example")),
                ("situs_policy mismatch", self.token(situs_policy="00" * 32)),
                ("header.alg unsupported", self.token(header={**header, "alg": "none"})),
                ("header.crit not-allowed", self.token(header={**header, "crit": ["x"]})),
                ("header.jwk not-allowed", self.token(header={**header, "jwk": {}})),
                ("token malformed", "a"), ("token malformed", "a.b"), ("header malformed", "!.b.c"),
                ("signature malformed", f"{head}.{body}.AAAA"), ("payload malformed", f"{head}..{signature}")]:
            with self.subTest(reason):
                a = self.check(token)
                self.assertEqual((a.status, a.body), (401, b""))
                self.assertEqual(a.headers["x-situs-reason"].split()[-1], reason.split()[-1], a.headers)
                self.assertEqual(a.headers["www-authenticate"], 'Bearer realm="situs", error="invalid_token"')
        self.yes(good)

    def test_no_word_of_a_token_becomes_a_header(self):
        header = {"alg": "ES256", "typ": "eat+jwt", "x\r\nX-Situs-Proofs: owned\r\n": 1}
        a = self.check(self.token(header=header))
        self.assertEqual((a.status, a.body), (401, b""))
        self.assertNotIn("x-situs-proofs", a.headers)
        self.assertNotIn("\r", a.headers["x-situs-reason"])

    def test_a_token_that_does_not_affirm(self):
        self.no(403, "ear_status not-allowed", self.token(ear_status="contraindicated"))
        self.no(403, "situs_simulated not-allowed", self.token(situs_simulated=True))
        for proof in ("genuine", "live", "bound"):
            self.no(403, f"situs_{proof} missing", self.token(**{"situs_" + proof: False}))

    def test_no_token(self):
        for headers in ({}, {"Authorization": "Basic YTpi"}, {"Authorization": "Bearer"}, {"Authorization": "Bearer "},
                        {"Authorization": self.token()}):
            a = self.check(None, **headers)
            self.assertEqual((a.status, a.body, a.headers["www-authenticate"]), (401, b"", 'Bearer realm="situs"'))
        self.assertEqual(self.keeper.asked, [])
        self.yes(None, Authorization="bearer " + self.token())

    def raw(self, *lines):
        c = self.connect()
        c.send("\r\n".join(["GET /v1/token/check HTTP/1.1", "Host: x", *lines, "", ""]).encode())
        return c.answer()

    def test_what_comes_twice_counts_for_nothing(self):
        token, key = "Authorization: Bearer " + self.token(), f"{HEADER}: {self.escaped()}"
        self.assertEqual(self.raw(token, key).status, 200)
        self.assertEqual(self.raw(token, token, key).status, 401)
        self.assertEqual(self.raw(token, key, key).status, 403)
        self.assertEqual(self.raw(token, key, key.upper()[:14] + key[14:]).status, 403)
        self.assertEqual(self.raw(token, f"{HEADER}:", key).status, 403)

    def test_a_key_that_is_none(self):
        token, escaped = self.token(), self.escaped()
        for key in ("", "-", "x", "%", "%2", "%zz", escaped[:-1] + "%", escaped[:-40], escaped + "x", escaped + escaped,
                    "%00" + escaped, b64(spki_of(self.made, "machine")), "A" * (12 * 1024 + 1),
                    urllib.parse.quote("-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n"),
                    urllib.parse.quote("-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n"),
                    urllib.parse.quote(self.pem().replace("CERTIFICATE", "PUBLIC KEY"))):
            with self.subTest(key[:60]):
                a = self.check(token, key)
                self.assertEqual((a.status, a.body), (403, b""), a.headers)
                self.assertRegex(a.headers["x-situs-reason"], "^X-Client-Cert ")
        self.assertEqual(self.keeper.asked, [])

    def test_the_relying_party_s_nonce(self):
        nonce, other = b64url(b"n" * 16), b64url(b"m" * 16)
        asked = self.token(eat_nonce=nonce)
        self.yes(asked, query="?nonce=" + nonce)
        self.no(403, "eat_nonce mismatch", asked, query="?nonce=" + other)
        self.no(403, "eat_nonce missing", asked)
        self.no(403, "eat_nonce mismatch", self.token(), query="?nonce=" + nonce)
        for bad in ("AAAA", "A" * 87, "!!!!!!!!!!!!"):
            self.problem(self.check(asked, query="?nonce=" + bad), 400, "malformed", field="nonce")

    def test_whoever_holds_it_where_policy_and_token_say_so(self):
        bearer = self.token(situs_bearer=True)
        self.yes(bearer, False, "?policy=open")
        self.assertNotIn("x-situs-channel", self.check(bearer, False, "?policy=open").headers)
        self.yes(bearer, None, "?policy=open")
        self.no(403, "situs_channel missing", bearer, False)  # of a policy that does not say so any more
        self.no(403, "situs_channel missing", self.token(), False, "?policy=open")
        self.no(403, "situs_channel mismatch", bearer, self.escaped("thief"), "?policy=open")

    def test_policies_and_members(self):
        self.problem(self.check(self.token(), query="?policy=nobody"), 404, "policy-unknown")
        self.problem(self.check(self.token(), query="?policy=a/b"), 400, "malformed")
        self.problem(self.check(self.token(), query="?token=x"), 400, "unknown-member")

    def test_without_a_keeper_nobody_gets_in(self):
        self.keeper_socket.shutdown(socket.SHUT_RDWR)
        self.problem(self.check(self.token()), 503, "no-keeper")


class Base64(Asking):
    """HAProxy's form."""
    peer_key = {**Asking.peer_key, "form": "certificate-base64"}

    def escaped(self, name="machine"):
        return b64(openssl("x509", "-in", f"{self.made}/{name}.pem", "-outform", "DER"))

    def test(self):
        token, good = self.token(), self.escaped()
        self.yes(token)
        self.no(403, "situs_channel mismatch", token, self.escaped("thief"))
        for key in ("", "=", good[:-4], good + "AAAA", "*" + good, good.replace("=", "") + "=====",
                    b64(spki_of(self.made, "machine")), super().escaped()):
            self.assertEqual(self.check(token, key).status, 403, key)


class Spki(Asking):
    peer_key = {**Asking.peer_key, "form": "spki-base64"}

    def test(self):
        token, good = self.token(), spki_of(self.made, "machine")
        self.yes(token, b64(good))
        for key in (good[:-1], good + b"\0", b"\x30\x00", b"x" * 1025, spki_of(self.made, "thief")):
            self.assertEqual(self.check(token, b64(key)).status, 403, key)


class Elsewhere(Asking):
    """Of a proxy at an address that is not this one's, no word is believed."""
    peer_key = {**Asking.peer_key, "from": ["127.0.0.2", "::1", "unix"]}

    def test(self):
        self.no(403, HEADER + " not-allowed", self.token())
        self.no(403, HEADER + " not-allowed", self.token(situs_bearer=True), query="?policy=open")
        self.yes(self.token(situs_bearer=True), False, "?policy=open")


class Nobody(Asking):
    """Where no header is configured, none is looked at."""
    peer_key = None

    def test(self):
        self.no(403, "situs_channel missing", self.token())
        self.yes(self.token(situs_bearer=True), query="?policy=open")


class Local(Asking):
    """A Unix socket in the place of the first door."""
    peer_key = {**Asking.peer_key, "from": ["unix"]}

    def door(self):
        s = socket.socket(socket.AF_UNIX)
        s.bind(self.made + "/" + type(self).__name__)
        s.listen(64)
        return s

    def test(self):
        self.yes(self.token())


class LocalNotNamed(Local):
    peer_key = Asking.peer_key

    def test(self):
        self.no(403, HEADER + " not-allowed", self.token())


if __name__ == "__main__":
    main()
