"""What the field sends (vectors, field/README.md), row by row: what must be accepted is, its twin that must be
refused stays so, and what is not read says what to do. Each rule has made input of its own too:
  f01, f05, f07-f09, f12, path lengths   endorse/test_collateral_forms; f13: endorse/test_snapshot
  f11                                    situs/test_evidence_read
  f02, f03, f06                          evidence/test_tcg_log, appraise/test_logs
  f04                                    crypto/test_x509, provider/test_registrar
  f10                                    endorse/test_ak_cert; f14: model/test_policy_guest
"""
import json
import os
import unittest

from situs_run import VECTORS, Case, main, situs

FIELD = os.path.join(VECTORS, "field")

# row, collateral, quote, time: UpToDate
COLLATERAL = [
    ("f01-dcap-qvl-json-nul", "collateral.json", "2026-08-14T00:00:00Z"),
    ("f01-dcap-qvl-json-nul", "twin-without-nul.json", "2026-08-14T00:00:00Z"),
    ("f05-qpl-collateral-nul", "collateral", "@1733406935"),
    ("f05-qpl-collateral-nul", "twin-stripped", "@1733406935"),
    ("f09-crl-without-issuer-chain", "collateral", "2026-03-17T00:00:00Z"),
    ("f12-json-null-member", "collateral.json", "2026-08-14T00:00:00Z"),
]


# row, evidence: log.pcr passes, or the code and field with which it fails
LOGS = [
    ("f02-windows-log", "accept", None),
    ("f02-windows-log", "twin-must-refuse", ("missing", "event[1].digests")),
    ("f03-padded-startup-locality", "accept-18", None),
    ("f03-padded-startup-locality", "accept-50", None),
    ("f03-padded-startup-locality", "twin-must-refuse", ("mismatch", "pcr0.sha256")),
    ("f06-hcrtm", "accept", None),
    ("f06-hcrtm", "twin-start-0", ("mismatch", "pcr0.sha256")),
]


def field(*names):
    return os.path.join(FIELD, *names)


@unittest.skipUnless(os.path.isdir(FIELD), "no vectors")
class Field(Case):
    def verify(self, *args, exit=None):
        done = situs("verify", "-j", *args)
        report = json.loads(done.stdout)
        self.assertEqual(done.returncode, report["exit"], done.stderr)
        if exit is not None:
            self.assertEqual(report["exit"], exit, report)
        return report

    def test_collateral_as_others_write_it(self):
        for row, collateral, at in COLLATERAL:
            with self.subTest(row, collateral=collateral):
                args = ("-p", "genuine", "--at", at, field(row, "quote.bin"))
                report = self.verify("-c", field(row, collateral), *args, exit=0)
                self.assertEqual(report["claims"]["tdx.tcb_status"], "UpToDate")
                self.verify("-c", field(row, collateral), "-p", "genuine", "--at", "2036-01-01T00:00:00Z",
                            field(row, "quote.bin"), exit=3)

    def test_what_is_not_read_says_what_to_do(self):
        chain = field("f07-url-encoded-chain", "chain.txt")
        for words, exit in ((("show",), 2), (("collateral", "check"), 1)):  # evidence, and a file of one's own
            done = situs(*words, chain)
            self.assertEqual(done.returncode, exit)
            self.assertIn("URL-encoded", done.stderr.decode())
        row = "f13-tcbinfo-v2"
        report = self.verify("-p", "genuine", "-c", field(row, "collateral"), "--at", "@1684165303",
                             field(row, "quote.bin"))
        self.assertEqual(report["verdict"], "refused")
        self.assertEqual((report["error"]["code"], report["error"]["field"]), ("unsupported", "tcbInfo.version"))
        self.assertIn("version 4", report["error"]["hint"])

    def test_a_quote_in_hex_is_read(self):
        quote = field("f11-hex-quote", "quote.hex")
        report = self.verify("-p", "genuine", quote, exit=3)
        self.assertEqual((self.row_of(report, "tdx.signature")["outcome"], report["error"]), ("pass", None))
        self.assertEqual(json.loads(self.accepted("show", "-j", quote))["kind"], "Intel quote")

    def test_a_certificate_in_der(self):
        out = self.accepted("collateral", "check", field("f08-der-certificate", "intel-root.der"), "--at",
                            "2026-01-01T00:00:00Z")
        self.assertIn(b"certificate of the root CA", out)

    def policy(self, row, name):
        """A policy for the TPM's rows of the vector alone, as policies are written today."""
        with open(field(row, name)) as f:
            old = json.load(f)
        pcrs = {**old["tpm.pcrs"], "may_be_unmeasured": old["tpm.pcrs"]["registers"]}
        platform = {"by": "the field", "banks": pcrs["bank"], "firmware_first": True, "all_banks_extended": True}
        return self.path("policy.json", json.dumps({
            "scenario": "managed", "require": ["genuine"], "tpm.pcrs": pcrs, "log.pcr": old["log.pcr"],
            "ak.certificate": {"providers": ["azure"], "azure_issuers": ["Azure Cloud Virtual TPM CA - 24"], "platform": platform}}).encode())

    def row_of(self, report, id):
        return next(c for c in report["checks"] if c["id"] == id)

    def test_logs_of_other_firmware(self):
        for row, name, fails in LOGS:
            with self.subTest(row, name=name):
                report = self.verify("-p", self.policy(row, name + ".policy.json"), "--at",
                                     "2026-06-01T00:00:00Z", field(row, name + ".cmw"))
                self.assertIsNone(report["error"])
                found = self.row_of(report, "log.pcr")
                self.assertEqual(found["outcome"], "fail" if fails else "pass", found)
                if fails:
                    self.assertEqual((found["code"], found["field"]), fails)
                    self.assertEqual(report["exit"], 5)

    def test_an_ek_certificate_as_its_index_holds_it(self):
        row = "f04-ek-padding"
        for name in ("ek", "ek-00", "ek-11", "ek-ff", "twin-must-refuse-two-certs"):
            with self.subTest(name):
                db = self.path(name + ".db")
                self.accepted("fleet", "init", "--db", db, "--operator", "o")
                add = ("fleet", "add", "--db", db, "--operator", "o", "--machine", "a", "--site", "s", "--ek",
                       field(row, name + ".der"))
                if name.startswith("twin"):
                    self.refused(2, *add, says=("certificate at byte 687: trailing", "one EK certificate"))
                else:
                    self.accepted(*add)

    def test_an_ak_chain_without_its_root(self):
        row, at = "f10-ak-chain-without-root", "2026-06-08T12:32:35Z"
        policy = self.policy(row, "policy.json")
        report = self.verify("-p", policy, "--at", at, field(row, "evidence.cmw"))
        found = self.row_of(report, "ak.certificate")
        self.assertEqual((found["outcome"], found["code"], found["field"]), ("fail", "untrusted", "chain[2].issuer"))
        self.assertIn('fingerprints of "Microsoft Azure Virtual TPM Root 2023"', found["hint"])
        report = self.verify("-p", policy, "--at", at, field(row, "twin-with-root.cmw"))
        self.assertEqual(self.row_of(report, "ak.certificate")["outcome"], "pass")

    def test_two_banks_are_a_policy(self):
        self.accepted("policy", "check", field("f14-two-banks", "policy.json"))

    def test_a_crl_alone_is_not_imported(self):
        self.refused(2, "collateral", "import", field("f09-crl-without-issuer-chain", "collateral"),
                     self.path("new"), says=("crl.issuer", "SGX-PCK-CRL-Issuer-Chain"))


if __name__ == "__main__":
    main()
