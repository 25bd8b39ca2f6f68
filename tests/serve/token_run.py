"""Tokens of a key of the test's own, for machines whose keys the test has: what the service signs is the model, with other
claims. The keeper of the test says whose they are."""
import atexit
import base64
import functools
import hashlib
import json
import os
import subprocess
import tempfile

from front_run import DISCOVERY, Case, b64url, honest

PROOFS = 1 | 2 | 4  # model/proofs.def: genuine, live, bound
ISSUER, AUDIENCE = "https://verifier.example/p/guest", "backend.example"


def openssl(*words, **more):
    return subprocess.run(["openssl", *words], check=True, capture_output=True, **more).stdout


def new_key(folder, name):
    """A key on P-256 in NAME.key, and its own certificate in NAME.pem."""
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=" + name,
            "-keyout", name + ".key", "-out", name + ".pem", cwd=folder)


@functools.cache
def spki_of(folder, name):
    return openssl("pkey", "-in", name + ".key", "-pubout", "-outform", "DER", cwd=folder)


def jwk_of(spki):
    """The last 64 bytes are the point (RFC 5480, 2.2)."""
    return {"kty": "EC", "crv": "P-256", "x": b64url(spki[-64:-32]), "y": b64url(spki[-32:])}


def raw_of(signature):
    """r || s (RFC 7518, 3.4) of ECDSA's SEQUENCE."""
    numbers, at = [], 2
    for _ in range(2):
        n = signature[at + 1]
        numbers.append(int.from_bytes(signature[at + 2:at + 2 + n], "big").to_bytes(32, "big"))
        at += 2 + n
    return b"".join(numbers)


@functools.cache
def made():
    """A folder with keys of issuers and machines, and the claims of a good token; it lives as long as this process."""
    folder = tempfile.TemporaryDirectory(prefix="situs-test.")
    atexit.register(folder.cleanup)
    subprocess.run([os.environ["MAKE_TOKEN"], folder.name], check=True, capture_output=True)
    for name in ("issuer", "other", "machine", "thief"):
        new_key(folder.name, name)
    with open(folder.name + "/token.jwt") as f:
        text = f.read().split(".")[1]
    return folder.name, json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))


class Tokens(Case):
    """A front whose keeper knows one issuer."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.made, cls.model = made()
        cls.now = cls.model["nbf"] + 10

    def keeper_does(self, ask):
        if ask.kind != DISCOVERY:
            return honest(ask)
        if ask.policy == "nobody":
            return {"status": "NO_POLICY"}
        return {"issuer": ISSUER, "audience": AUDIENCE, "algorithm": "ES256", "policy": "guest", "proofs": PROOFS,
                "digest": bytes.fromhex(self.model["situs_policy"]), "bearer": int(ask.policy == "open"), "at": self.now,
                "texts": [json.dumps({"keys": [{**jwk_of(spki_of(self.made, "issuer")), "alg": "ES256"}]}).encode()]}

    def token(self, signer="issuer", machine="machine", header=None, without=(), **claims):
        """A good token for a machine, but for what is said."""
        spki = spki_of(self.made, machine)
        k = hashlib.sha256(spki).hexdigest()
        said = {**self.model, "sub": k, "situs_channel": k, "cnf": {"jwk": jwk_of(spki)}, **claims}
        for name in ("eat_nonce", *without):
            if name not in claims:
                said.pop(name, None)
        covered = b64url(json.dumps(header or {"alg": "ES256", "typ": "eat+jwt"}).encode()) + "." + b64url(
            json.dumps(said).encode())
        signature = openssl("dgst", "-sha256", "-sign", self.made + f"/{signer}.key", input=covered.encode())
        return covered + "." + b64url(raw_of(signature))
