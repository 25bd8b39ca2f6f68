"""situs token verify, and a client that is not ours (python3-jwcrypto): what each takes of a keeper's token."""
import json
import os
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "cli"))
from situs_run import PLAIN, Case, main, situs  # noqa: E402

# By the interpreter that has it: Debian's, where another stands before it. It knows keys, kid and signature, no more.
CLIENT = """
import json, sys
from jwcrypto import jwk, jws
token = jws.JWS()
token.allowed_algs = ["ES256", "ES384"]
token.deserialize(sys.argv[1])
kid = token.jose_header["kid"]
key = jwk.JWKSet.from_json(open(sys.argv[2]).read()).get_key(kid)
assert key.thumbprint() == kid
try:
    token.verify(key)
except jws.InvalidJWSSignature:
    sys.exit(9)
claims = json.loads(token.payload)
assert jwk.JWK(**claims["cnf"]["jwk"]).has_public
print(json.dumps(claims))
"""
PYTHON = next((python for python in (sys.executable, "/usr/bin/python3") if os.path.exists(python) and
               subprocess.run([python, "-c", "import jwcrypto"], capture_output=True).returncode == 0), None)

ISSUER, AUDIENCE = "https://verifier.example/p/guest", "backend.example"


class Made(Case):
    def setUp(self):
        super().setUp()
        subprocess.run([os.environ["MAKE_TOKEN"], self.dir], check=True, capture_output=True, env=PLAIN)
        self.policy, self.nonce, now = self.text("facts.txt").split()
        self.now = int(now)

    def text(self, name):
        return self.bytes_of(self.path(name)).decode()


class Tokens(Made):
    def words(self, token="token.jwt", keys="jwks.json", at=5, **other):
        given = {"keys": keys and self.path(keys), "issuer": ISSUER, "audience": AUDIENCE, "policy-digest": self.policy,
                 "require": "live,bound", "nonce": self.nonce, "channel": self.path("channel.der"),
                 "at": f"@{self.now + at}", **{name.replace("_", "-"): value for name, value in other.items()}}
        return ["token", "verify", self.path(token)] + [f"--{n}={v}" for n, v in given.items() if v is not None]

    def verdict(self, exit, *more, **words):
        done = situs(*self.words(**words), "-j", *more)
        self.assertEqual((done.returncode, done.stderr), (exit, b""))
        report = json.loads(done.stdout)
        self.assertEqual((report["exit"], report["holds"], report["error"] is None), (exit, exit == 0, exit == 0))
        return report

    def refusal(self, exit, code, field, **words):
        error = self.verdict(exit, **words)["error"]
        self.assertEqual((error["code"], error["field"], bool(error["hint"])), (code, field, True))

    def test_an_honest_token_holds(self):
        report = self.verdict(0)
        self.assertEqual((report["claims"]["iss"], report["claims"]["ear_status"]), (ISSUER, "affirming"))
        self.assertEqual(report["claims"]["proofs"]["bound"], True)
        text = self.accepted(*self.words()).decode()
        self.assertEqual(text.splitlines()[0], f"HOLDS: live, bound, by the word of {ISSUER}")
        self.assertIn("\nuntil      ", text)
        self.assertEqual(self.accepted(*self.words(), "-q"), b"")
        self.verdict(0, token="bearer.jwt", nonce=None, channel=None)

    def test_each_thing_that_it_must_say_counts(self):
        self.refusal(6, "mismatch", "iss", issuer=ISSUER + "/")
        self.refusal(6, "mismatch", "aud", audience="other")
        self.refusal(6, "mismatch", "situs_policy", policy_digest="00" * 32)
        self.refusal(6, "mismatch", "eat_nonce", nonce="00" * 32)
        self.refusal(6, "missing", "eat_nonce", nonce=None)
        self.refusal(6, "missing", "situs_channel", channel=None)
        self.refusal(6, "missing", "situs_owned", require="owned")
        self.refusal(3, "expired", "exp", at=300)
        self.refusal(3, "not-yet-valid", "iat", at=-1)
        self.refusal(2, "untrusted", "header.kid", keys="jwks384.json")
        self.refusal(6, "not-allowed", "situs_simulated", token="simulated.jwt", keys="jwks-simulated.json",
                     issuer="https://verifier.example/simulated/p/guest")

    def test_a_bent_token_is_refused_with_its_reason_first(self):
        whole = self.text("token.jwt")
        self.path("bent.jwt", (whole[:-2] + ("A" if whole[-2] != "A" else "Q") + whole[-1]).encode())
        done = situs(*self.words(token="bent.jwt"))
        self.assertEqual(done.returncode, 2)
        self.assertEqual(done.stdout.decode().splitlines()[0], "REFUSED (exit 2): token.signature: bad-signature")
        self.path("line.jwt", whole.encode() + b"\n")
        self.verdict(0, token="line.jwt")

    def test_a_question_with_a_hole_is_no_question(self):
        for name in ("keys", "issuer", "audience", "policy-digest", "require"):
            self.refused(1, *self.words(**{name: None}), says=f"--{name} is missing")
        self.refused(1, *self.words(policy_digest="12"), says="--policy-digest")
        self.refused(1, *self.words(nonce="1234"), says="--nonce")
        self.refused(1, *self.words(require="bond"), says="bond")
        self.refused(1, *self.words(require="live,,bound"), says="require")
        self.refused(1, *self.words(keys="token.jwt"), says="keys")
        self.refused(1, *self.words(keys="none"), says="none")
        self.path("empty", b"")
        self.refused(1, *self.words(channel=self.path("empty")), says="empty")
        self.refused(1, *self.words(channel=self.path("token.jwt")), says="channel")
        self.refused(1, *self.words(), "-j", "-q", says="-q")


@unittest.skipUnless(PYTHON, "python3-jwcrypto is not installed")
class Foreign(Made):
    """A client by others: it knows the key set and nothing of situs."""

    def check(self, token, keys):
        return subprocess.run([PYTHON, "-c", CLIENT, token, self.path(keys)], capture_output=True)

    def test_another_client_takes_it(self):
        for token, keys in (("token.jwt", "jwks.json"), ("token384.jwt", "jwks384.json")):
            done = self.check(self.text(token), keys)
            self.assertEqual(done.returncode, 0, done.stderr.decode())
            claims = json.loads(done.stdout)
            self.assertEqual((claims["iss"], claims["ear_status"], claims["situs_bound"]), (ISSUER, "affirming", True))

    def test_another_client_refuses_a_bent_one(self):
        header, claims, signature = self.text("token.jwt").split(".")
        for bent in (f"{header}.{claims[:-4]}AAAA.{signature}", f"{header}.{claims}.{'A' * len(signature)}"):
            self.assertEqual(self.check(bent, "jwks.json").returncode, 9)


main()
