"""situs trust add: a certificate becomes an anchor, what stood in the file stays as it stood, and nothing is written
that does not read; trust show."""
import base64
import hashlib
import json
import os
import re
import shutil
import tempfile

from situs_run import Case, main, situs


class Trust(Case):
    @classmethod
    def setUpClass(cls):
        cls.lab = tempfile.mkdtemp(prefix="situs-test.")
        cls.addClassCleanup(shutil.rmtree, cls.lab)

    def setUp(self):
        super().setUp()
        place = os.path.join(self.lab, "honest")
        if not os.path.isdir(place):
            self.accepted("lab", "attack", "diverging", "--honest", "-o", place)
        with open(os.path.join(place, "trust.json")) as f:
            self.anchors = [a for a in json.load(f)["anchors"] if "pem" in a]
        self.pem = self.path("root.pem", self.anchors[0]["pem"].encode())
        self.other = self.path("other.pem", self.anchors[1]["pem"].encode())
        self.trust = self.path("trust.json")

    def add(self, *words):
        done = situs("trust", "add", "--trust", self.trust, *words)
        self.assertEqual((done.returncode, done.stdout), (0, b""), done.stderr.decode())
        return done.stderr.decode()

    def shown(self):
        return json.loads(self.accepted("trust", "show", self.trust, "-j"))

    def test_a_new_file_and_a_second_anchor(self):
        said = self.add(self.pem, "--for", "poe", "--for", "list", "--name", "my issuer")
        der = base64.b64decode("".join(self.anchors[0]["pem"].splitlines()[1:-1]))
        mine = self.shown()["anchors"][0]
        self.assertEqual(mine["sha256"], hashlib.sha256(der).hexdigest())
        self.assertIn(f"SHA-256 {mine['sha256']}: compare it", said)
        self.assertIn("built-in anchors count too", said)
        self.assertEqual((mine["name"], mine["for"], mine["builtin"]), ("my issuer", ["poe", "list"], False))
        self.assertGreater(len(self.shown()["anchors"]), 6)
        der_file = self.path("root.der", base64.b64decode("".join(self.anchors[1]["pem"].splitlines()[1:-1])))
        said = self.add(der_file, "--for", "provider", "--profile", "situs", "--simulated")
        self.assertNotIn("built-in", said)
        second = self.shown()["anchors"][1]
        self.assertEqual((second["for"], second["profile"], second["simulated"]), (["provider"], "situs", True))
        self.assertEqual(self.shown()["anchors"][0], mine)
        self.assertIn(f"SHA-256 {mine['sha256']}", self.accepted("trust", "show", self.trust).decode())

    def test_what_people_wrote_stays(self):
        for text in ('{\n  "places": {"ams1": "Amsterdam"},\n  "builtin": true\n}\n', '{"builtin": true}', '{}',
                     '{"builtin": true, "anchors": []}', '{"anchors": [ ],\n "places": {"]": "[\\"anchors\\": ["}}\n'):
            with self.subTest(text):
                self.path("trust.json", text.encode())
                self.add(self.pem, "--for", "poe", "--name", "mine")
                after = self.bytes_of(self.trust).decode()
                whole = json.loads(after)
                self.assertEqual(whole.pop("anchors")[0]["name"], "mine")
                before = json.loads(text)
                before.pop("anchors", None)
                self.assertEqual(whole, before)
                self.add(self.other, "--for", "list", "--name", "other")
                self.assertEqual([a["name"] for a in json.loads(self.bytes_of(self.trust))["anchors"]], ["mine", "other"])

    def test_what_does_not_read_is_not_written(self):
        self.add(self.pem, "--for", "poe", "--name", "mine")
        kept = self.bytes_of(self.trust)
        with open(self.pem) as f, open(self.other) as g:
            chain = self.path("chain.pem", (f.read() + g.read()).encode())
        text = self.path("notes.txt", b"no certificate")
        cut = self.path("cut.pem", self.bytes_of(self.other)[:200])
        large = self.path("large.der", b"\x30" + 9000 * b"\0")
        long = self.path("long.pem", b"-----BEGIN CERTIFICATE-----\n" + base64.encodebytes(self.bytes_of(large)) +
                         b"-----END CERTIFICATE-----\n")
        empty = self.path("empty.pem", b"-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n")
        for words, says in (([self.pem, "--for", "list", "--name", "x"], "each certificate once"),
                            ([self.other, "--for", "list", "--name", "mine"], "each name once"),
                            ([self.other, "--for", "lists"], "uses are: "), ([self.other], "uses are: "),
                            ([self.other, "--for", "provider"], "google, azure"),
                            ([self.other, "--for", "poe", "--profile", "situs"], "profile"),
                            ([self.other, "--for", "poe", "--name", "a=b"], '"="'),
                            ([chain, "--for", "poe"], "one root"), ([text, "--for", "poe"], "PEM or DER"),
                            ([cut, "--for", "poe"], "damaged"),
                            ([empty, "--for", "poe"], "damaged"), ([long, "--for", "poe"], "damaged"),
                            ([large, "--for", "poe"], "PEM or DER"), ([self.path("none"), "--for", "poe"], "readable")):
            with self.subTest(words):
                self.refused(1, "trust", "add", "--trust", self.trust, *words, says=says)
                self.assertEqual(self.bytes_of(self.trust), kept)
        self.refused(1, "trust", "add", self.pem, "--for", "poe", says="--trust")
        broken = self.path("broken.json", b'{"anchors": [')
        self.refused(1, "trust", "add", "--trust", broken, self.pem, "--for", "poe", says="malformed")
        self.assertEqual(self.bytes_of(broken), b'{"anchors": [')

    def test_text_may_stand_around_the_certificate(self):
        text = self.path("text.pem", b"Subject: 0-----\n" + self.bytes_of(self.pem) + b"\nthat was it -----END\n")
        self.add(text, "--for", "poe", "--name", "mine")
        self.assertEqual(len([a for a in self.shown()["anchors"] if not a["builtin"]]), 1)

    def test_a_certificate_is_no_trust_file(self):
        self.refused(1, "trust", "show", self.pem, says="situs trust add --for USE")

    def test_other_verifiers_are_shown_with_their_issuers_and_keys(self):
        key = {"kty": "RSA", "kid": "one", "e": "AQAB", "n": "_" * 341 + "w"}
        trust = self.path("trust.json", json.dumps({"builtin": True, "verifiers": [
            {"name": "MAA", "issuer": "https://eu.attest.test", "jwks": {"keys": [key]}, "simulated": True}]}).encode())
        self.assertEqual(self.shown()["verifiers"], [
            {"name": "MAA", "issuer": "https://eu.attest.test", "keys": ["one"], "simulated": True}])
        text = self.accepted("trust", "show", trust).decode()
        self.assertIn("MAA (another verifier) (SIMULATED)\n  issuer https://eu.attest.test\n  key one\n", text)

    def test_places_are_the_word_of_the_file(self):
        trust = self.path("trust.json", json.dumps({"builtin": True, "places": {
            "ams1": "Amsterdam, NL", "hall=ams1": {"name": "Here", "country": "DE"}}}).encode())
        text = self.accepted("trust", "show", trust).decode()
        self.assertTrue(re.search(r"word of whoever wrote this file\n  ams1: Amsterdam, NL, country not said\n"
                                  r"  hall=ams1: Here, country DE\n", text), text)
        self.assertEqual(self.shown()["places"][1], {"anchor": "hall", "facility": "ams1", "name": "Here", "country": "DE"})


if __name__ == "__main__":
    main()
