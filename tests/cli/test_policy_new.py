"""situs policy new: from the evidence of an honest boot a policy that says what was measured and states nothing for
anybody; completed, it accepts that evidence and refuses the attacks of the matrix. What does not hold is refused as
verify refuses it, and nothing is written."""
import json
import os
import shutil
import tempfile

from situs_run import Case, main, situs

MANAGED = ["--profile", "lab", "--provider", "situs", "--simulated"]
METAL = ["--scenario", "bare-metal", "--simulated"]
ALLOW = ["--allow", "lab provider=lab-hall-1"]
STATED = ["--closed-by", "the builder", "--closed", "all", "--platform-by", "the provider", "--platform", "all", *ALLOW]
HOSTED = ["--closed-by", "the builder", "--closed", "all", "--host-closed-by", "the host's builder", "--host-closed", "all",
          "--co-locates", *ALLOW]


class PolicyNew(Case):
    @classmethod
    def setUpClass(cls):
        cls.rows = tempfile.mkdtemp(prefix="situs-test.")
        cls.addClassCleanup(shutil.rmtree, cls.rows)

    def evidence(self, attack, *more):
        """What the verifier got in a row of the matrix, and the words that name it."""
        place = os.path.join(self.rows, "".join((attack, *more)))
        if not os.path.isdir(place):
            self.accepted("lab", "attack", attack, *more, "-o", place)
        with open(os.path.join(place, "nonce")) as f:
            nonce = f.read().strip()
        names = [os.path.join(place, n) for n in ("evidence.cmw", "trust.json", "collateral.json")]
        self.lab_policy = os.path.join(place, "policy.json")
        return [names[0]], ["--trust", names[1], "-c", names[2], "--nonce", nonce]

    def new(self, evidence, *more):
        bundle, words = evidence
        return ["policy", "new", "--from", *bundle, *words, *more]

    def written(self, evidence, *more):
        path = self.path("policy.json")
        done = situs(*self.new(evidence, *more, "-o", path))
        self.assertEqual((done.returncode, done.stdout), (0, b""), done.stderr.decode())
        return path, done.stderr.decode()

    def verify(self, evidence, policy):
        bundle, words = evidence
        done = situs("verify", *bundle, *words, "--policy", policy, "-j")
        return json.loads(done.stdout)

    def failed(self, report):
        return [(c["id"], c["code"]) for c in report["checks"] if c["outcome"] == "fail"]

    def test_a_managed_boot(self):
        honest = self.evidence("diverging", "--honest")
        policy, said = self.written(honest, *MANAGED, *STATED, "--name", "image 7")
        self.assertEqual(said.count("\n"), 7, said)
        for words in ('image "image 7": MRTD ', "boot: ", '"the builder" states of the image, 12 of 12: agent_only, ',
                      '"the provider" states of the provider\'s vTPMs, 2 of 2: firmware_first, all_banks_extended',
                      "nothing is left to state"):
            self.assertIn(words, said)
        self.accepted("policy", "check", policy)
        report = self.verify(honest, policy)
        self.assertEqual((report["exit"], report["proofs"]["bound"]["holds"]), (0, True), self.failed(report))
        with open(policy) as f:
            text = f.read()
        image = json.loads(text)["ref.guest"]["images"][0]
        self.assertEqual(image["name"], "image 7")
        self.assertEqual(image["tail"], {"11": ["enter-initrd", "leave-initrd", "sysinit", "ready", "shutdown", "final"]})
        self.assertTrue(all(e.get("tpm_only") for e in image["boot"]["9"]) and image["boot"]["9"])
        self.assertFalse(any(e.get("tpm_only") for e in image["boot"]["11"]))
        self.assertEqual(self.accepted(*self.new(honest, *MANAGED, *STATED, "--name", "image 7")).decode(), text)
        self.assertGreater(text.count("\n"), 60)

    def test_what_it_wrote_refuses_other_boots(self):
        policy, _ = self.written(self.evidence("diverging", "--honest"), *MANAGED, *STATED)
        for attack, row in (("forged_stub", "bind.measurements"), ("moved_event", "bind.measurements"),
                            ("extension", "bind.measurements"), ("bootnext", "bind.measurements"),
                            ("own_image", "ref.guest")):
            with self.subTest(attack):
                report = self.verify(self.evidence(attack), policy)
                self.assertEqual(report["exit"], 5)
                self.assertIn(row, [row for row, _ in self.failed(report)])

    def test_a_paravisor_is_asked_for_where_there_is_one(self):
        honest = self.evidence("diverging", "--honest")
        self.refused(6, *self.new(honest, "--simulated", "--provider", "azure"), says=["report of a paravisor", "--provider azure"])
        self.refused(1, *self.new(honest, "--simulated", "--provider", "azure", "--profile", "lab"), says=["leave it out"])
        self.refused(1, *self.new(honest, "--require", "live", "--azure-issuer", "x"), says=["--azure-issuer"])
        azure = self.evidence("azure_own_image", "--honest")
        self.refused(6, *self.new(azure, "--simulated"), says=["--provider azure"])
        self.refused(6, *self.new(azure, "--simulated", "--require", "live"), says=["--provider azure"])
        self.refused(6, *self.new(azure, "--simulated", "--provider", "azure"), says=["event log"])

    def test_an_snp_guest(self):
        """Of MEASUREMENT, VMPL and the platform's levels; what else the launch covers somebody states."""
        honest = self.evidence("snp_own_image", "--honest")
        live = ["--simulated", "--require", "live", "--closed-by", "the builder"]
        policy, said = self.written(honest, *live, "--covers", "igvm")
        self.assertIn("MEASUREMENT ", said)
        self.assertIn("nothing is left to state", said)
        report = self.verify(honest, policy)
        self.assertEqual((report["exit"], report["proofs"]["live"]["holds"]), (0, True), self.failed(report))
        with open(policy) as f:
            text = json.load(f)
        self.assertEqual(text["snp.tcb"], {"minimum": ["Milan bootloader=4 tee=0 snp=24 microcode=219"]})
        for attack, rows in (("snp_own_image", [("ref.guest", "mismatch")]), ("snp_downgraded", [("snp.tcb", "out-of-date")])):
            self.assertEqual(self.failed(self.verify(self.evidence(attack), policy)), rows)
        policy, said = self.written(honest, *live)
        self.assertIn("ref.guest.images.covers: what the launch measures", said)
        self.refused(1, "policy", "check", policy, says=["covers"])
        self.refused(6, *self.new(honest, "--simulated"), says=["--require live"])
        self.refused(6, *self.new(honest, *live, "--covers", "firmware"), says=["covers"])
        self.refused(6, *self.new(self.evidence("diverging", "--honest"), *live, "--covers", "igvm"), says=["--covers"])

    def test_nothing_is_stated_for_anybody(self):
        honest = self.evidence("diverging", "--honest")
        policy, said = self.written(honest, *MANAGED)
        for key in ("ref.guest.images.closed", "ak.certificate.platform", "ak.certificate.allow"):
            self.assertIn(key, said)
        self.assertIn("nobody vouches for this TPM's key yet: ", said)
        with open(policy) as f:
            text = json.load(f)
        closed, platform = text["ref.guest"]["images"][0]["closed"], text["ak.certificate"]["platform"]
        self.assertEqual((len(closed), set(closed.values())), (13, {None}))
        self.assertEqual(platform, {"by": None, "banks": ["sha256", "sha384"], "firmware_first": None,
                                    "all_banks_extended": None})
        self.assertIsNone(text["ak.certificate"]["allow"])
        self.refused(1, "policy", "check", policy, says=["closed.by", "empty places", "ak.certificate.allow: pairs"])
        policy, said = self.written(honest, *MANAGED, *STATED[:2], "--closed", "no_login", *STATED[4:6], *ALLOW)
        for words in ("1 of 12: no_login\n", "or the policy refuses:\n", "  ref.guest.images.closed: who "):
            self.assertIn(words, said)
        self.assertNotIn("ak.certificate.platform: ", said)
        self.accepted("policy", "check", policy)
        rows = self.failed(self.verify(honest, policy))
        self.assertEqual(rows[0], ("ref.guest", "not-allowed"))

    def test_who_is_named_alone_states_all_of_it(self):
        honest = self.evidence("diverging", "--honest")
        policy, said = self.written(honest, *MANAGED, "--closed-by", "the builder", "--platform-by", "the provider", *ALLOW)
        self.assertIn('"the builder" states of the image, 12 of 12: ', said)
        self.assertEqual(self.verify(honest, policy)["exit"], 0)

    def test_live_alone(self):
        honest = self.evidence("diverging", "--honest")
        for proofs in ("live", "live,bound"):
            more = [*MANAGED, *STATED] if "bound" in proofs else ["--simulated", *STATED[:2]]
            policy, _ = self.written(honest, *more, "--require", proofs)
            with open(policy) as f:
                text = json.load(f)
            self.assertEqual(text["require"], proofs.split(","))
            self.assertEqual("ak.certificate" in text, "bound" in proofs)
            self.assertEqual(self.verify(honest, policy)["exit"], 0)
            self.assertEqual(self.verify(self.evidence("own_image"), policy)["exit"], 5)
        strip, words = self.evidence("strip_tpm")
        policy, _ = self.written((strip, words), "--simulated", "--require", "live", *STATED[:2])
        self.assertEqual(self.verify((strip, words), policy)["exit"], 0)
        policy, said = self.written(honest, "--simulated", "--require", "live,owned,listed", *STATED[:2])
        self.assertIn("poe.owner.allow: ", said)
        self.assertIn("list.match.allow: ", said)
        self.refused(1, "policy", "check", policy, says="poe.owner.allow")
        policy, _ = self.written(honest, "--simulated", "--require", "owned", *STATED[:2], "--owner", "a=b")
        self.assertEqual(self.verify(honest, policy)["exit"], 6)
        self.refused(2, *self.new(self.evidence("altered_quote"), "--simulated", "--require", "live"), says="tdx.signature")

    def test_a_template_refuses_until_it_is_filled(self):
        for name, places in (("live", 19), ("managed", 25), ("bare-metal", 39), ("owned", 20)):
            with self.subTest(name):
                form = self.path("form.json")
                self.accepted("policy", "new", "--template", name, "-o", form)
                with open(form) as f:
                    text = f.read()
                lines = [n for n, line in enumerate(text.splitlines(), 1) if "null" in line]
                err = self.refused(1, "policy", "check", form, says=f"form.json:{lines[0]}:")
                for n in lines:
                    self.assertIn(f"  line {n}: ", err)
                self.assertEqual(len(lines), places)
                self.assertNotIn("true", text.replace('_disable": true', "").replace('_crl": true', ""))
        form = self.path("form.json", self.accepted("policy", "new", "--template", "live", "--closed-by", "me"))
        filled = json.loads(self.bytes_of(form))
        image = filled["ref.guest"]["images"][0]
        image.update(name="mine", mrtd="11" * 48, rtmr=["22" * 48] * 4)
        self.accepted("policy", "check", self.path("filled.json", json.dumps(filled).encode()))

    def test_a_measured_host(self):
        honest = self.evidence("invented_launch", "--honest")
        policy, said = self.written(honest, *METAL, *HOSTED)
        self.assertIn("nothing is left to state", said)
        self.assertIn('"the host\'s builder" states of the host, 12 of 12: ', said)
        report = self.verify(honest, policy)
        self.assertEqual(report["exit"], 0, self.failed(report))
        for proof in ("bound", "host-measured", "co-located"):
            self.assertIs(report["proofs"][proof]["holds"], True)
        with open(policy) as f:
            text = json.load(f)
        self.assertNotIn("boot", text["ref.guest"]["images"][0])
        self.assertEqual(text["host.image"]["images"][0]["registers"], [17, 18])
        report = self.verify(self.evidence("modified_host"), policy)
        self.assertIn("host.image", [row for row, _ in self.failed(report)])
        policy, _ = self.written(honest, *METAL, *HOSTED, "--profile", "lab")
        report = self.verify(honest, policy)
        self.assertEqual(report["exit"], 0, self.failed(report))
        self.assertIn("bind.measurements", [c["id"] for c in report["checks"] if c["outcome"] == "pass"])
        policy, said = self.written(honest, *METAL)
        for key in ("host.image.images.closed", "host.image.images.agent_co_locates", "ak.certificate.allow"):
            self.assertIn(key, said)
        self.refused(1, "policy", "check", policy, says="closed.by")

    def test_what_does_not_hold_is_refused_as_verify_refuses_it(self):
        rows = {"altered_quote": (2, "tdx.signature: "), "own_root": (2, "tdx.pck-chain: "),
                "migratable": (4, "tdx.attributes: "), "altered_tpm_quote": (2, "tpm.signature: "),
                "invented_log": (5, "log.pcr: "), "invented_ccel": (5, "log.rtmr: "), "filled_bank": (5, "log.pcr: "),
                "diverging": (5, "log.tdx, log.guest: rtmr2"), "bootnext": (5, "log.tdx, log.guest: rtmr1"),
                "strip_tpm": (6, "no quote of the guest's TPM"), "replay": (6, "bind.nonce-in-td: ")}
        kept = self.path("kept.json", b"kept")
        for attack, (exit, says) in rows.items():
            with self.subTest(attack):
                evidence = self.evidence(attack)
                self.refused(exit, *self.new(evidence, *MANAGED, *STATED, "-o", kept), says=says)
                self.assertEqual(self.bytes_of(kept), b"kept")
                report = self.verify(evidence, self.lab_policy)
                self.assertEqual(report["exit"], exit)
        metal = self.evidence("invented_launch")
        self.refused(5, *self.new(metal, *METAL), says="log.launch: ")

    def test_ties_are_asked_with_the_certificate(self):
        mixed = self.evidence("mix_and_match")
        self.refused(6, *self.new(mixed, *MANAGED, *STATED), says="bind.ak-in-td: ")
        _, said = self.written(self.evidence("fake_vtpm"), *MANAGED, *STATED)
        self.assertIn("nobody vouches for this TPM's key", said)

    def test_every_byte_of_the_logs_counts(self):
        (bundle,), words = self.evidence("diverging", "--honest")
        whole = self.bytes_of(bundle)
        digest = bytes.fromhex(json.loads(self.accepted(*self.new(([bundle], words), *MANAGED)))
                               ["ref.guest"]["images"][0]["boot"]["4"][-1]["digest"])
        places = [i for i in range(len(whole)) if whole.startswith(digest, i)]
        self.assertGreaterEqual(len(places), 2)  # in either log
        for at in places:
            changed = bytearray(whole)
            changed[at] ^= 1
            self.refused(5, *self.new(([self.path("changed.cmw", bytes(changed))], words), *MANAGED),
                         says="log.")

    def test_what_evidence_it_takes(self):
        (bundle,), words = self.evidence("diverging", "--honest")
        self.refused(3, "policy", "new", "--from", bundle, *words[:2], *MANAGED, says="tdx.")
        self.refused(2, *self.new(([self.path("none", b"{}")], words), *MANAGED))
        self.refused(6, *self.new(([bundle], words), *METAL), says="no quote of the machine's TPM")
        self.refused(1, *self.new(([self.path("absent")], words), *MANAGED))
        self.refused(4, *self.new(([bundle], words), *MANAGED[:-1]), says=["tdx.pck-chain: ", "simulated"])
        metal = self.evidence("invented_launch", "--honest")
        self.refused(2, *self.new(metal, *MANAGED), says="platform")

    def test_mistakes_of_usage(self):
        honest = self.evidence("diverging", "--honest")
        self.refused(1, "policy", "new", says=["--from", "--template"])
        self.refused(1, "policy", "new", "--template", "lve", says="live, managed, bare-metal, owned")
        self.refused(1, "policy", "new", "--template", "live", "--allow", "a=b", says="--allow speaks of a TPM")
        for words, says in ((["--profile", "ovmf"], "gcp"), (["--profile", "none"], "managed"),
                            (["--provider", "amazon"], "google, situs, azure"), (["--scenario", "cloud"], "bare-metal"),
                            (["--closed", "all"], "--closed-by"), (["--platform", "all"], "--platform-by"),
                            (["--closed-by", "x", "--closed", "open"], "closed"), (["--closed-by", ""], "name"),
                            (["--name", " "], "name"), (["--at", "noon"], "--at"),
                            ([*METAL, "--provider", "google"], "registrar"), ([*METAL, "--gpt-open"], "profile"),
                            (["--require", "lively"], "host-measured"), (["--require", "live,"], "proofs"),
                            (["--require", "genuine"], "pins no image"), (["--require", "co-located"], "bare-metal"),
                            (["--require", "live", "--project", "p"], "--project speaks of a TPM"),
                            (["--template", "live"], "template"), (["--require", "live", "--scenario", "managed"], "TPM")):
            with self.subTest(words):
                self.refused(1, *self.new(honest, *words), says=says)
        self.refused(5, *self.new(honest, *MANAGED, "--gpt-open"), says="gpt_open")
        policy, _ = self.written(honest, *MANAGED, *STATED, "--rtmr1-by-lists")
        with open(policy) as f:
            self.assertIsNone(json.load(f)["ref.guest"]["images"][0]["rtmr"][1])
        self.assertEqual(self.verify(honest, policy)["exit"], 0)
        self.refused(1, *self.new(honest, *MANAGED, "-o", self.dir))


if __name__ == "__main__":
    main()
