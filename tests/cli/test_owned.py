"""situs verify: owned, from a quote, an inventory and what its owner publishes, by the built program."""
import json
import time

from fleet_run import FleetCase
from situs_run import main, situs


class Owned(FleetCase):
    """The quotes were made for this challenge; the library takes the caller's word for its freshness."""

    MADE_AT = int(time.time())  # live proofs are of now

    def setUp(self):
        super().setUp()
        self.deliver()
        self.endorse()
        self.revoked = self.publish()

    def question(self, *more, stage="delivered", files=None, policy=None):
        with open(self.in_lab("nonce.hex")) as f:
            nonce = f.read().strip()
        files = [self.poe, self.revoked] if files is None else files
        return ["verify", self.in_lab(f"{stage}/quote.bin"), "-j", "--policy", policy or self.in_lab("policy.json"),
                "--trust", self.trust, "--nonce", nonce, "--channel", self.in_lab("channel.spki.der"),
                "--collateral", self.in_lab(f"{stage}/collateral.json"),
                *[w for f in files for w in ("--endorsement", f)], *more]

    def ask(self, exit, *more, **how):
        done = situs(*self.question(*more, **how))
        report = json.loads(done.stdout)
        self.assertEqual(done.returncode, exit, json.dumps(report["checks"], indent=1))
        self.assertIs(report["proofs"]["owned"]["holds"], exit == 0)
        self.rows = {c["id"]: c for c in report["checks"]}
        return report

    def failed(self, check):
        return self.rows[check]["outcome"], self.rows[check].get("code"), self.rows[check].get("field")

    def policy(self, **members):
        with open(self.in_lab("policy.json")) as f:
            policy = json.load(f)
        policy.update({k.replace("_", "."): v for k, v in members.items()})
        return self.path("policy.json", json.dumps(policy).encode())

    def test_a_live_guest_on_an_endorsed_machine_is_owned(self):
        report = self.ask(0)
        self.assertEqual(report["claims"]["poe.owner"], "Example Cloud, Inc.")
        self.assertIs(report["simulated"], True)
        for row in ("signature", "window", "match", "owner", "revoked"):
            self.assertEqual(self.rows["poe." + row]["outcome"], "pass")

    def test_no_endorsement_or_no_revocation_list_is_not_owned(self):
        self.ask(6, files=[])
        self.assertEqual(self.rows["poe.signature"]["outcome"], "not-run")
        self.ask(6, files=[self.poe])
        self.assertEqual(self.rows["poe.revoked"]["outcome"], "not-run")
        self.ask(6, files=[self.revoked])

    def test_the_endorsement_of_another_machine_is_refused(self):
        self.ask(6, stage="basement")
        self.assertEqual(self.failed("poe.match"), ("fail", "mismatch", "condition.piid"))

    def test_an_owner_whom_the_policy_does_not_name_is_refused(self):
        self.ask(6, policy=self.policy(poe_owner={"allow": ["Example Cloud=Another, Inc."]}))
        self.assertEqual(self.rows["poe.owner"]["outcome"], "fail")

    def test_show_prints_what_was_signed_and_verifies_nothing(self):
        listed, composed = self.path("list.cose"), self.path("m.cose")
        pck = self.shown("delivered/quote.bin")["pck_certificate"]
        prids = [p["prid"] for p in self.shown("delivered/manifest.bin")["package"]]
        self.fleet("export", "--list", listed, *self.key)
        self.compose(composed, "--manifest", self.in_lab("delivered/manifest.bin"))
        self.fleet("lost", "--machine", "m1")
        self.revoked = self.publish()
        said = {}
        for path, kind in ((self.poe, "ownership endorsement"), (listed, "machine list"),
                           (self.revoked, "revocation list"), (composed, "composition manifest")):
            said[kind] = json.loads(self.accepted("show", "-j", path))
            self.assertEqual((said[kind]["verified"], said[kind]["kind"]), (False, kind))
            self.assertTrue(self.accepted("show", path).startswith(b"NOT VERIFIED"))
            bad = self.path("bad", self.bytes_of(path)[:-1])
            self.refused(2, "show", "-j", bad)
        self.assertEqual((said["ownership endorsement"]["piid"], said["ownership endorsement"]["owner_name"]),
                         (pck["piid"], "Example Cloud, Inc."))
        self.assertEqual((said["machine list"]["number"], said["machine list"]["entries"]), (1, [{"id": pck["ppid"]}]))
        self.assertEqual(said["revocation list"]["revoked"], 3)
        self.assertIn(("piid", pck["piid"], "lost"),
                      [(e["kind"], e["id"], e["reason"]) for e in said["revocation list"]["entries"]])
        self.assertEqual([p["prid"] for p in said["composition manifest"]["package"]], sorted(prids))
        self.assertEqual(said["composition manifest"]["piid"], pck["piid"])

    def test_a_machine_that_was_lost_is_refused(self):
        self.fleet("lost", "--machine", "m1")
        self.ask(0)  # until the next list is out
        self.revoked = self.publish()
        self.ask(6)
        self.assertEqual(self.failed("poe.revoked"), ("fail", "revoked", "piid"))

    def test_a_list_of_before_is_refused_by_who_saw_the_next(self):
        old = self.revoked
        self.fleet("lost", "--machine", "m1")
        self.publish("new.cose")
        seen = self.ask(0, files=[self.poe, old])["claims"]["poe.revocation_seen"]
        self.assertTrue(seen.startswith("revocation:Example%20Cloud/") and seen.endswith("=1"))
        self.ask(0, "--list-seen", seen, files=[self.poe, old])
        for word in ("revocation:Example Cloud=2", seen[:-1] + "2"):
            self.ask(6, "--list-seen", word, files=[self.poe, old])
        self.assertEqual(self.failed("poe.revoked"), ("fail", "out-of-date", "number"))

    def test_a_revocation_list_that_does_not_read_is_an_error(self):
        bad = self.path("bad.cose", self.bytes_of(self.revoked)[:-1])
        self.refused(1, *self.question(files=[self.poe, self.revoked, bad]), says="bad.cose")

    def test_a_machine_that_the_policy_denies_gets_no_proof(self):
        ppid = self.shown("delivered/quote.bin")["pck_certificate"]["ppid"]
        report = self.ask(6, policy=self.policy(poe_revoked={"deny": [ppid]}))
        self.assertFalse(any(p["holds"] for p in report["proofs"].values()))
        self.assertEqual(self.failed("machine.denied"), ("fail", "revoked", "ppid"))

    def test_the_machine_list_of_the_fleet_makes_it_listed(self):
        path = self.path("list.cose")
        self.fleet("export", "--list", path, "--owner", "Example Cloud, Inc.", *self.key)
        policy = self.policy(list_match={"allow": ["Example Cloud=Example Cloud, Inc."]},
                             require=["genuine", "live", "owned", "listed"])
        report = self.ask(0, files=[self.poe, self.revoked, path], policy=policy)
        self.assertIs(report["proofs"]["listed"]["holds"], True)
        self.fleet("export", "--list", path, "--owner", "Example Cloud, Inc.", *self.key)
        self.assertTrue(report["claims"]["list.seen"].endswith("=1"))
        newer = report["claims"]["list.seen"][:-1] + "2"
        report = self.ask(0, "--list-seen", newer, files=[self.poe, self.revoked, path], policy=policy)
        self.assertEqual(report["claims"]["list.seen"], newer)
        done = situs(*self.question("--list-seen", newer[:-1] + "3", files=[self.poe, self.revoked, path],
                                    policy=policy))
        self.assertEqual(done.returncode, 6)
        done = situs("verify", self.in_lab("delivered/quote.bin"), "--policy", policy, "--trust", self.trust,
                     "--list-seen", "ppid:Example Clod=2")
        self.assertEqual(done.returncode, 1)


if __name__ == "__main__":
    main()
