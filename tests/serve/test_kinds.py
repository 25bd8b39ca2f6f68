"""Every kind of evidence that the lab makes, to a service: a judge, which may do next to nothing, answers as situs verify does."""
import base64
import json
import os
import subprocess

from serve_run import PLAIN, SITUS, Case, Service, main

# The honest twin of an attack for each kind: a name that the lab knows.
KINDS = ("altered_quote", "unsealed", "foreign_poe", "unlisted", "vouch_none", "snp_forged", "snp_vlek", "snp_listed_vlek",
         "azure_other_machine", "snp_azure_other_machine")
WORDS = ("endorsement.cbor", "machines.cose", "revoked.cose")


class Kinds(Case):
    def run_situs(self, *words):
        return subprocess.run([SITUS, *words], env=PLAIN, capture_output=True, check=False)

    def judged(self, folder, file, words):
        """What the service says of evidence, and what situs verify does, as of the same time."""
        policy = {"policy": file("policy.json"), "trust": file("trust.json"), "collateral": [file("collateral.json")]}
        c = {"listen": "127.0.0.1:0", "base": "https://verifier.example", "default": "simulated-a", "limits": {"judges": 1},
             "policies": {"simulated-a": {**policy, **({"endorsements": words} if words else {})}}}
        with Service(folder, c) as s:
            status, report = s.post("/v1/verify", evidence=base64.b64encode(self.bytes_of(file("evidence.cmw"))).decode())
        self.assertEqual(status, 200, report)
        options = [o for w in words for o in ("--endorsement", w)]
        done = self.run_situs("verify", file("evidence.cmw"), "-j", "--at", report["at"], "--policy", policy["policy"], "--trust",
                              policy["trust"], "--collateral", *policy["collateral"], *options)
        return report, json.loads(done.stdout)

    def test_each_kind_is_judged_as_by_hand(self):
        for kind in KINDS:
            with self.subTest(kind=kind):
                folder = self.path(kind)
                done = self.run_situs("lab", "attack", kind, "--honest", "-o", folder)
                self.assertEqual(done.returncode, 0, done.stderr)
                words = [w for w in (os.path.join(folder, w) for w in WORDS) if os.path.exists(w)]
                served, told = self.judged(folder, lambda name: os.path.join(folder, name), words)
                self.assertTrue(served["proofs"]["genuine"]["holds"], served)
                rows = [[(c["id"], c["outcome"], c.get("code")) for c in r["checks"]] for r in (served, told)]
                self.assertEqual(*rows)


if __name__ == "__main__":
    main()
