"""Places: the trust file says where facilities are, and a policy that asks for countries is refused wherever nobody
says so."""
import json
import os
import shutil
import tempfile

from situs_run import Case, main, situs

HALL = "lab-hall-1"


class Places(Case):
    @classmethod
    def setUpClass(cls):
        cls.rows = tempfile.mkdtemp(prefix="situs-test.")
        cls.addClassCleanup(shutil.rmtree, cls.rows)

    def judged(self, attack, places, policy):
        """The row of the report, and its reason, of an honest machine under a trust file with these places and the lab's
        policy with these words more."""
        place = os.path.join(self.rows, attack)
        if not os.path.isdir(place):
            self.accepted("lab", "attack", attack, "--honest", "-o", place)
        name = {n: os.path.join(place, n) for n in os.listdir(place)}
        with open(name["trust.json"]) as f:
            trust = json.load(f)
        with open(name["policy.json"]) as f:
            whole = json.load(f)
        with open(name["nonce"]) as f:
            nonce = f.read().strip()
        for check, words in policy.items():
            whole.setdefault(check, {}).update(words)
        if places is not None:
            trust["places"] = places
        files = [self.path(n, json.dumps(v).encode()) for n, v in (("t.json", trust), ("p.json", whole))]
        more = [w for n in sorted(name) if n.startswith("endorsement") for w in ("-e", name[n])]
        done = situs("verify", name["evidence.cmw"], "--trust", files[0], "-p", files[1], "-c", name["collateral.json"],
                     "--nonce", nonce, *more, "-j")
        self.report = json.loads(done.stdout)
        self.answer = self.report["answer"]
        row = next(iter(policy))
        check = next(c for c in self.report["checks"] if c["id"] == row)
        return done.returncode, check.get("code"), check.get("got")

    def test_a_tpm_is_in_the_country_that_the_trust_file_says(self):
        ask = {"ak.certificate": {"countries": ["NL", "DE"]}}
        says = lambda country, key=HALL: {key: {"name": "Amsterdam", "country": country}}
        for places, exit, code, got in (
                (None, 6, "missing", HALL),
                ({}, 6, "missing", HALL),
                ({HALL: "Amsterdam, NL"}, 6, "missing", HALL),        # a name is no country
                ({HALL: {"name": "Amsterdam, NL"}}, 6, "missing", HALL),
                (says("NL", "lab-hall-2"), 6, "missing", HALL),
                (says("NL", "Lab-hall-1"), 6, "missing", HALL),
                (says("NL", "lab neighbour=" + HALL), 6, "missing", HALL),  # another registrar's hall of that name
                (says("US"), 6, "not-allowed", "US"),
                ({**says("NL"), **says("US", "lab provider=" + HALL)}, 6, "not-allowed", "US"),
                (says("NL"), 0, None, None),
                (says("DE", "lab provider=" + HALL), 0, None, None)):
            with self.subTest(places):
                self.assertEqual(self.judged("diverging", places, ask), (exit, code, got))
        self.assertEqual(self.judged("diverging", None, {"ak.certificate": {}}), (0, None, None))
        self.assertFalse([n for n in self.report["notes"] if "trust file" in n])

    def test_the_report_says_the_place_and_whose_word_it_is(self):
        for place, says in ({"name": "Amsterdam", "country": "NL"}, '"Amsterdam", in NL'), ("Amsterdam, NL", '"Amsterdam, NL"'):
            self.judged("diverging", {HALL: place}, {"ak.certificate": {}})
            self.assertIn(f"{HALL} is {says}, by the word of the trust file", self.report["notes"])
            self.assertIn(" at Amsterdam", self.answer)
            self.assertNotIn(HALL, self.answer)
        self.judged("diverging", {"lab provider=" + HALL: "Delft", HALL: "Utrecht"}, {"ak.certificate": {}})
        self.assertIn(" at Delft", self.answer)  # its registrar's hall, and not another's of that name
        self.judged("diverging", {"elsewhere": "Amsterdam"}, {"ak.certificate": {}})
        self.assertIn(f" at {HALL}", self.answer)

    def test_the_place_of_a_tpm_that_nothing_ties_is_told_nowhere(self):
        """The policy demands less than bound, and the TPM is of another machine, for all that is known."""
        self.judged("diverging", {HALL: "Amsterdam"}, {"ak.certificate": {}})
        place = os.path.join(self.rows, "diverging")
        words = self.accepted("unpack", os.path.join(place, "evidence.cmw"), self.path("parts")).decode().split()
        self.accepted("pack", "-o", self.path("less.cmw"), *[w for w in words if not w.startswith("log.guest=")])
        with open(self.path("p.json"), "rb") as f:
            whole = {**json.load(f), "require": ["live"]}
        with open(os.path.join(place, "nonce")) as f:
            nonce = f.read().strip()
        done = situs("verify", self.path("less.cmw"), "--trust", self.path("t.json"), "-p",
                     self.path("live.json", json.dumps(whole).encode()), "-c", os.path.join(place, "collateral.json"),
                     "--nonce", nonce, "-j")
        report = json.loads(done.stdout)
        self.assertEqual((done.returncode, report["proofs"]["bound"]["holds"], report["proofs"]["bound"]["rests_on"]),
                         (0, False, []), report["answer"])
        self.assertIn(HALL, json.dumps(report["claims"]))
        self.assertNotIn("Amsterdam", json.dumps([report["notes"], report["answer"]]))

    def test_what_reads(self):
        for places, says in (([], "places"), ({"a": 1}, "places.a"), ({"": "x"}, "places"), ({"=a": "x"}, "places"),
                             ({"a=": "x"}, "places"), ({"a": ""}, "places.a"), ({"a": {"country": "NL"}}, "places.a.name"),
                             ({"a": {"name": "x", "country": "nl"}}, "places.a.country"),
                             ({"a": {"name": "x", "country": "NLD"}}, "places.a.country"),
                             ({"a": {"name": "x", "contry": "NL"}}, 'did you mean "country"?'),
                             ({str(n): "x" for n in range(1025)}, "places")):
            trust = self.path("t.json", json.dumps({"builtin": True, "places": places}).encode())
            self.refused(1, "policy", "explain", "--trust", trust, says=says)
        many = self.path("t.json", json.dumps({"builtin": True, "places": {str(n): "x" for n in range(1024)}}).encode())
        self.accepted("policy", "explain", "--trust", many)
        for words, says in (({"ak.certificate": {"countries": ["NL"]}}, "bound"),
                            ({"list.match": {"countries": ["NL"]}}, "listed"),
                            ({"ak.certificate": {"countries": []}}, "countries"),
                            ({"ak.certificate": {"countries": ["Netherlands"]}}, "ISO 3166-1")):
            policy = self.path("p.json", json.dumps({"require": ["genuine"], **words}).encode())
            self.refused(1, "policy", "check", policy, says=says)


if __name__ == "__main__":
    main()
