"""What the caller gives and cannot be read is an error that names the file: never "nothing given".
Every option that takes a file, against every file that people give by mistake."""
import gzip
import json
import os
import shutil

from fleet_run import AT, FleetCase
from situs_run import main, situs

PAGE = b"<html><head><title>503 Service Temporarily Unavailable</title></head></html>\n"


class Given(FleetCase):
    """The options of a command, and a right file for each."""

    def setUp(self):
        super().setUp()
        self.deliver()
        self.endorse()
        self.listed = self.path("list.cose")
        self.fleet("export", "--list", self.listed, "--owner", "Example Cloud, Inc.", *self.key)
        self.fleet("export", "--revocations", self.path("revoked.cose"), "--issuer", "Example Cloud", *self.key)
        self.quote = self.in_lab("delivered/quote.bin")
        self.collateral = self.in_lab("delivered/collateral.json")
        with open(self.collateral) as f:
            self.parts = json.load(f)
        intels = bytes.fromhex(self.parts["root_ca_crl"])
        self.crl = self.path("ca.crl", intels)
        self.other_crl = self.path("other.crl", intels.replace(b"Intel SGX Root CA", b"Other SGX Root CA"))
        self.genuine = self.path("genuine.json", b'{"simulated": true, "require": ["genuine"]}')
        shutil.move(self.db, self.path("inventory"))

    def wrong(self, right):
        """(name, bytes) of each wrong file in the place of a right one."""
        whole = self.bytes_of(right)
        yield "empty", b""
        yield "page", PAGE
        yield "page-text", b"Service Temporarily Unavailable\n"
        yield "gzip", gzip.compress(whole)
        yield "error-json", b'{"error": "Service Unavailable"}'
        yield "ten", whole[:10]
        yield "half", whole[:len(whole) // 2]
        yield "zeros", bytes(4096)
        yield "blank", b"\n"

    def expect(self, exit, path, *args):
        """One error, one hint, nothing on stdout, and the file is named."""
        done = situs(*args)
        err = done.stderr.decode()
        lines = err.splitlines()
        self.assertEqual(done.returncode, exit, err)
        self.assertEqual(done.stdout, b"", err)
        self.assertEqual([line.split(":")[1] for line in lines], [" error", " hint"], err)
        self.assertIn(os.path.basename(path), lines[0])
        self.assertGreater(len(lines[1]), len("situs: hint: ") + 10)

    def refuse_all(self, option, right, args, but=()):
        for name, data in self.wrong(right):
            if name in but:
                continue
            path = self.path(f"{name}.file", data)
            with self.subTest(option=option, file=name):
                self.expect(1, path, *args, *([option] if option else []), path)
        with self.subTest(option=option, file="missing"):
            self.expect(1, "no.file", *args, *([option] if option else []), self.path("no.file"))
        if option != "--collateral":
            with self.subTest(option=option, file="directory"):
                self.expect(1, self.dir, *args, *([option] if option else []), self.dir)
        if os.getuid():
            path = self.path("shut.file", self.bytes_of(right))
            os.chmod(path, 0)
            with self.subTest(option=option, file="unreadable"):
                self.expect(1, path, *args, *([option] if option else []), path)
            os.remove(path)  # the next may not write to it

    def verify(self, *more):
        return ["verify", self.quote, "--policy", self.genuine, "--trust", self.trust, "--at", f"@{AT}", *more]

    def test_verify_reads_every_endorsement(self):
        rights = {"poe": self.poe, "list": self.listed, "revocations": self.path("revoked.cose"), "crl": self.other_crl}
        for right in rights.values():
            self.accepted(*self.verify("--collateral", self.collateral, "--endorsement", right))
            self.refuse_all("--endorsement", right, self.verify())

    def test_a_crl_of_intels_is_collateral(self):
        self.refused(1, *self.verify("--collateral", self.collateral, "--endorsement", self.crl),
                     says=["ca.crl", "a CRL of Intel's", "--collateral"])

    def test_a_mistake_is_told_for_what_it_is(self):
        for data, words in ((PAGE, "HTML or XML"), (gzip.compress(PAGE), "gzip"), (b'{"error": 1}', "other JSON"),
                            (self.bytes_of(self.in_lab("owner_certs.pem")), "a certificate in PEM"),
                            (b"-----BEGIN PUBLIC KEY-----\n", "a public key in PEM"),
                            (self.bytes_of(self.quote), "a quote of Intel"), (b"", "an empty file"),
                            (self.bytes_of(self.listed)[:10], "d2")):
            path = self.path("x.file", data)
            self.refused(1, *self.verify("--endorsement", path), says=["x.file", words])

    def test_verify_reads_what_it_judges_by(self):
        policy = self.in_lab("policy.json")
        base = ["verify", self.quote, "--at", f"@{AT}"]
        self.refuse_all("--policy", policy, [*base, "--trust", self.trust])
        self.refuse_all("--trust", self.trust, [*base, "--policy", "genuine"])
        self.refuse_all("--channel", self.in_lab("channel.spki.der"), self.verify())
        answer = '{"tcbInfo":%s,"signature":"%s"}' % (self.parts["tcb_info"], self.parts["tcb_info_signature"])
        for right in (self.collateral, self.crl, self.path("chain.pem", self.parts["pck_crl_issuer_chain"].encode()),
                      self.path("tcb.json", answer.encode())):
            self.refuse_all("--collateral", right, self.verify())

    def test_a_directory_of_collateral_is_read_whole(self):
        os.mkdir(self.path("intel"))
        self.expect(1, "intel", *self.verify("--collateral", self.path("intel")))
        shutil.copy(self.collateral, self.path("intel/a.json"))
        self.accepted(*self.verify("--collateral", self.path("intel")))
        for name, data in self.wrong(self.collateral):
            self.path("intel/b.json", data)
            with self.subTest(file=name):
                self.expect(1, "b.json", *self.verify("--collateral", self.path("intel")))

    def test_the_evidence_itself_is_2(self):
        for name, data in self.wrong(self.quote):
            path = self.path("bad.file", data)
            done = situs("verify", path, "-j", "--policy", "genuine", "--trust", self.trust)
            with self.subTest(file=name):
                self.assertEqual((done.returncode, json.loads(done.stdout)["exit"]), (2, 2))

    def test_poe_verify_reads_what_stands_beside(self):
        base = ["poe", "verify", self.poe, "--at", f"@{AT}"]
        self.refuse_all("--trust", self.trust, base)
        self.refuse_all("--crl", self.other_crl, [*base, "--trust", self.trust])
        self.refuse_all("--revocations", self.path("revoked.cose"), [*base, "--trust", self.trust])

    def test_policies_and_anchors_are_read_by_every_command(self):
        policy = self.in_lab("policy.json")
        self.refuse_all(None, policy, ["policy", "check"])
        self.refuse_all(None, policy, ["policy", "explain"])
        self.refuse_all("--trust", self.trust, ["policy", "explain", "genuine"])
        self.refuse_all("--trust", self.trust, ["collateral", "check", self.collateral])
        self.refuse_all("--trust", self.trust, ["collateral", "import", self.collateral, self.path("out")])


if __name__ == "__main__":
    main()
