"""What the field sends (vectors, field/README.md), row by row: what must be accepted is, its twin that must be
refused stays so, and what is not read says what to do. Each rule has made input of its own too:
  f01, f05, f07-f09, f12, path lengths   endorse/test_collateral_forms; f13: endorse/test_snapshot
  f11                                    base/test_text
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
        for words in (("show",), ("collateral", "check")):
            done = situs(*words, chain)
            self.assertEqual(done.returncode, 2)
            self.assertIn("URL-encoded", done.stderr.decode())
        hex_quote = field("f11-hex-quote", "quote.hex")
        self.assertIn("hex text", situs("show", hex_quote).stderr.decode())
        self.assertIn("hex text", self.verify("-p", "genuine", hex_quote, exit=2)["error"]["hint"])
        row = "f13-tcbinfo-v2"
        report = self.verify("-p", "genuine", "-c", field(row, "collateral"), "--at", "@1684165303",
                             field(row, "quote.bin"))
        self.assertEqual(report["verdict"], "refused")
        self.assertEqual((report["error"]["code"], report["error"]["field"]), ("unsupported", "tcbInfo.version"))
        self.assertIn("version 4", report["error"]["hint"])

    def test_a_certificate_in_der(self):
        out = self.accepted("collateral", "check", field("f08-der-certificate", "intel-root.der"), "--at",
                            "2026-01-01T00:00:00Z")
        self.assertIn(b"certificate of the root CA", out)

    def test_a_crl_alone_is_not_imported(self):
        self.refused(2, "collateral", "import", field("f09-crl-without-issuer-chain", "collateral"),
                     self.path("new"), says=("crl.issuer", "SGX-PCK-CRL-Issuer-Chain"))


if __name__ == "__main__":
    main()
