"""situs poe verify: every row that it decides, its exit codes, and what it needs."""
import json
import subprocess

from fleet_run import AT, DAY, OWNER, FleetCase
from situs_run import main, situs


class Poe(FleetCase):
    def setUp(self):
        super().setUp()
        self.deliver()
        self.endorse()
        self.piid = self.shown("delivered/quote.bin")["pck_certificate"]["piid"]

    def verify(self, exit, *more, poe=None, at=AT, trust=None):
        done = situs("poe", "verify", poe or self.poe, "-j", "--trust", trust or self.trust, "--at", f"@{at}", *more)
        self.assertEqual(done.returncode, exit, done.stderr.decode())
        self.assertEqual(done.stderr, b"")
        report = json.loads(done.stdout)
        self.assertEqual((report["exit"], report["holds"], bool(report.get("hint"))), (exit, exit == 0, exit != 0))
        return report

    def test_what_holds_names_its_owner(self):
        report = self.verify(0, "--piid", self.piid.upper())
        self.assertIs(report["holds"], True)
        self.assertIs(report["simulated"], True)
        self.assertEqual((report["owner"], report["anchor"], report["piid"]), (OWNER, "Example Cloud", self.piid))
        self.assertEqual([report["poe." + r] for r in ("signature", "window", "match", "revoked")],
                         ["pass", "pass", "pass", "not-run"])
        self.assertNotIn("code", report)
        text = self.accepted("poe", "verify", self.poe, "--trust", self.trust, "--at", f"@{AT}").decode()
        self.assertEqual(text.splitlines()[0], "HOLDS, SIMULATED: owned by Example Cloud, Inc.")
        self.assertIn("\nyou trust  Example Cloud: ", text)
        text = self.accepted("poe", "verify", "-a", self.poe, "--trust", self.trust, "--at", f"@{AT}").decode()
        self.assertIn("Example Cloud (simulated)", text)
        self.assertEqual(self.accepted("poe", "verify", "-q", self.poe, "--trust", self.trust, "--at", f"@{AT}"), b"")

    def test_it_says_that_revocation_was_not_asked(self):
        note = "not asked whether the issuer took it back: give his revocation list"
        bare, asked = self.verify(0), self.verify(0, "--revocations", self.publish())
        self.assertEqual((len(bare["notes"]), asked["notes"]), (1, []))
        self.assertIn(note, bare["notes"][0])
        words = ["poe", "verify", self.poe, "--trust", self.trust, "--at"]
        self.assertIn("\nnote       " + note, self.accepted(*words, f"@{AT}").decode())
        self.assertNotIn(b"\nnote ", situs(*words, f"@{AT - 1}").stdout)  # it does not hold anyway

    def test_an_issuer_that_is_no_anchor_for_endorsements_is_untrusted(self):
        report = self.verify(6, trust=self.supplier_trust("list"))
        self.assertEqual((report["holds"], report["poe.signature"], report["code"]), (False, "fail", "untrusted"))
        self.assertNotIn("owner", report)

    def test_altered_bytes_do_not_hold(self):
        bad = bytearray(self.bytes_of(self.poe))
        bad[-1] ^= 1  # of the signature
        report = self.verify(6, poe=self.path("bad.cbor", bytes(bad)))
        self.assertEqual((report["poe.signature"], report["code"]), ("fail", "bad-signature"))

    def test_its_window_bounds_it(self):
        for at, code in ((AT - 1, "not-yet-valid"), (AT + 30 * DAY + 1, "expired")):
            report = self.verify(6, at=at)
            self.assertEqual((report["holds"], report["poe.window"], report["code"]), (False, "fail", code))
        self.verify(0, at=AT + 30 * DAY)

    def test_another_platform_is_a_mismatch(self):
        for other in ("00" + self.piid[2:], self.piid + "00" * 16):
            report = self.verify(6, "--piid", other)
            self.assertEqual((report["poe.match"], report["code"], report["field"]),
                             ("fail", "mismatch", "condition.piid"))
        for word in ("", "00", self.piid[:-1], self.piid + "0", "zz" * 16):
            self.refused(1, "poe", "verify", self.poe, "--trust", self.trust, "--piid", word, says="--piid")

    def test_a_crl_that_is_given_must_be_one(self):
        half = self.path("crl", b"0\x82\x01\x00")
        for path in (half, self.publish(), self.path("absent")):
            self.refused(1, "poe", "verify", self.poe, "--trust", self.trust, "--crl", path, says=path)

    def test_what_the_issuer_took_back_does_not_hold(self):
        revoked = self.publish()
        self.assertEqual(self.verify(0, "--revocations", revoked)["poe.revoked"], "pass")
        seen = self.verify(0, "--revocations", revoked, "--list-seen", "revocation:Example Cloud=1")["revocation_seen"]
        report = self.verify(6, "--revocations", revoked, "--list-seen", seen[:-1] + "2")
        self.assertEqual((report["poe.revoked"], report["code"], report["field"]),
                         ("fail", "out-of-date", "number"))
        report = self.verify(6, "--revocations", revoked, at=AT + DAY + 1)  # a list of yesterday clears nobody
        self.assertEqual((report["holds"], report["poe.revoked"]), (False, "not-run"))
        self.assertIn("get the newest one", report["got"])
        self.fleet("lost", "--machine", "m1")
        newer = self.publish("newer.cose")
        for lists in ((newer,), (revoked, newer), (newer, revoked)):
            report = self.verify(6, *[w for path in lists for w in ("--revocations", path)])
            self.assertEqual((report["holds"], report["poe.revoked"], report["code"], report["field"]),
                             (False, "fail", "revoked", "piid"))

    def test_a_revocation_list_that_does_not_read_ends_it(self):
        bad = self.path("bad.cose", self.bytes_of(self.publish())[:-1])
        for path in (bad, self.poe, self.path("absent")):
            self.refused(1, "poe", "verify", self.poe, "--trust", self.trust, "--revocations", path, says=path)

    def test_numbers_seen_need_a_list_and_a_known_issuer(self):
        revoked = self.publish()
        base = ["poe", "verify", self.poe, "--trust", self.trust, "--at", f"@{AT}"]
        self.refused(1, *base, "--list-seen", "revocation:Example Cloud=1", says="--revocations")
        self.refused(1, *base, "--revocations", revoked, "--list-seen", "revocation:Example Clod=1", says="Example Clod")
        self.refused(1, *base, "--revocations", revoked, "--list-seen", "revocation:Example Cloud=ams1=1",
                     says="list-seen")

    def test_inputs_that_are_none(self):
        for data in (b"", b"x", b"\xd2\x84", self.bytes_of(self.poe)[:-1], self.bytes_of(self.poe) + b"x"):
            self.verify(2, poe=self.path("bad", data))
        self.refused(1, "poe", "verify", self.path("absent"), "--trust", self.trust)
        self.refused(1, "poe", "verify", self.poe, says="--trust")
        self.refused(1, "poe", "verify", "--trust", self.trust)
        self.refused(2, "poe", "verify", self.path("large", bytes(65 * 1024)), "--trust", self.trust, says="too-long")


if __name__ == "__main__":
    main()
