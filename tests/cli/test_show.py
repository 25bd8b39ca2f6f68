"""situs show and pack: what objects say, never verified; bundles from loose files."""
import json
import os
import unittest

from situs_run import VECTORS, Case, main, situs
from test_fetch import Lab



class Show(Lab):
    def json_of(self, path):
        report = json.loads(self.accepted("show", "-j", path))
        self.assertIs(report["verified"], False)
        return report

    def test_the_first_line_says_not_verified(self):
        for name in ("quote.bin", "quote-sgx-v3.bin", "collateral.json", "tcb_info.json",
                     "qe_identity.json", "pck_crl.der", "tcb_info_issuer_chain.pem"):
            text = self.accepted("show", self.file(name))
            self.assertTrue(text.startswith(b"NOT VERIFIED"), name)
            self.assertIn(b"kind ", text.splitlines()[1])
            self.json_of(self.file(name))

    def test_a_quote_says_its_measurements_and_platform(self):
        report = self.json_of(self.file("quote.bin"))
        self.assertEqual(report["kind"], "Intel quote")
        self.assertEqual(len(report["mrtd"]), 96)
        self.assertEqual(len(report["report_data"]), 128)
        self.assertEqual(len(report["pck_certificate"]["fmspc"]), 12)

    def test_what_is_unknown_or_damaged_is_refused(self):
        with open(self.file("quote.bin"), "rb") as f:
            quote = f.read()
        for data in (b"", b"hello", b"{}", b"{", quote[:700], quote + b"x", b"\xff" * 99, b"\xa1"):
            for json_flag in ([], ["-j"]):
                done = situs("show", *json_flag, self.path("bad", data))
                self.assertEqual(done.returncode, 2, data[:8])
                self.assertIn(b"situs: error: ", done.stderr)
                if json_flag:
                    self.assertEqual(done.stdout, b"")
        self.refused(1, "show", self.path("absent"))
        self.refused(1, "show")

    def test_real_objects(self):
        rows = {"tdx/gcp-cos113/ccel_data.dat": "event log",
                "tdx/phala-v4/quote.bin": "Intel quote",
                "tdx/phala-v4/collateral.json": "Intel collateral",
                "tdx/phala-v4/root_ca_crl.der": "CRL of Intel's",
                "tpm/gce-cos-85/ak_cert.der": "certificate of a TPM's key (AK or EK)",
                "tpm/gce-cos-85/event_log.bin": "event log",
                "tpm/gce-cos-85/quote0.tpms_attest": "TPMS_ATTEST"}
        if not os.path.isdir(VECTORS):
            self.skipTest("no vectors")
        for name, kind in rows.items():
            self.assertEqual(self.json_of(os.path.join(VECTORS, name))["kind"], kind)


class Pack(Lab):
    def test_a_bundle_holds_its_items(self):
        items = ["tdx=" + self.file("quote.bin"), "channel=" + self.file("channel.spki.der"),
                 "intel=" + self.file("collateral.json")]
        for flags in ([], ["-j"]):
            out = self.path("bundle")
            self.assertEqual(self.accepted("pack", "-o", out, *flags, *items), b"")
            report = json.loads(self.accepted("show", "-j", out))
            self.assertEqual(report["kind"], "bundle")
            self.assertEqual(report["tdx"]["type"], "application/vnd.situs.tdx-quote")
            self.assertEqual(report["tdx"]["kind"], "Intel quote")
            self.assertIn("channel", report)
            self.assertIn("intel", report)
            with open(out, "rb") as f:
                self.assertEqual(self.accepted("pack", "-o", "-", *flags, *items), f.read())

    @unittest.skipUnless(os.path.isdir(VECTORS), "no vectors")
    def test_a_bundle_says_what_its_tpm_quote_says(self):
        out, folder = self.path("bundle"), os.path.join(VECTORS, "tpm/gce-cos-85")
        with open(f"{folder}/quote1.pcrs.json") as f:
            pcrs = self.path("pcrs.json", json.dumps(json.load(f)["pcrs"]).encode())
        self.accepted("pack", "-o", out, f"guest.attest={folder}/quote1.tpms_attest",
                      f"guest.signature={folder}/quote1.tpmt_signature", f"guest.pcrs={pcrs}",
                      f"guest.public={folder}/ak_pub.tpmt", f"guest.cert={folder}/ak_cert.der")
        guest = json.loads(self.accepted("show", "-j", out))["guest"]
        alone = json.loads(self.accepted("show", "-j", f"{folder}/quote1.tpms_attest"))
        for name in ("extra_data", "pcr_digest", "reset_count", "selections"):
            self.assertEqual(guest[name], alone[name])
        bank = alone["selections"][0]
        self.assertEqual(sorted(guest["registers"][bank["bank"]], key=int), bank["pcrs"].split())
        self.assertEqual(len(guest["certificates"]), 1)

    def test_wrong_items_leave_no_bundle(self):
        out = self.path("bundle")
        quote = self.file("quote.bin")
        for exit, item in ((1, "tdx"), (1, "=" + quote), (1, "tdx="), (1, "x=" + quote),
                           (1, "tdx=" + self.path("absent")), (1, "tdx=/tmp"),
                           (1, "a" * 99 + "=" + quote), (2, "tdx=" + self.path("empty", b""))):
            self.refused(exit, "pack", "-o", out, item)
        self.refused(2, "pack", "-o", out, "tdx=" + quote, "tdx=" + quote, says="duplicate")
        self.refused(1, "pack", "tdx=" + quote, says="-o BUNDLE")
        self.refused(1, "pack", "-o", "/dev/full", "tdx=" + quote)
        self.refused(1, "pack", "-o", self.path("no/such/dir"), "tdx=" + quote)
        self.assertFalse(os.path.exists(out))


if __name__ == "__main__":
    main()
