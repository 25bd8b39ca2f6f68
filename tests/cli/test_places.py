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
