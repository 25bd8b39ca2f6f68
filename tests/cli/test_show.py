"""situs show and pack: what objects say, never verified; bundles from loose files."""
import json
import os
import shutil
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
        self.assertEqual(report["pck_ca"], "platform")

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

    def test_pem_is_whole_blocks_and_nothing_else(self):
        chain = self.bytes_of(self.file("tcb_info_issuer_chain.pem"))
        self.assertEqual(len(self.json_of(self.path("blank.pem", chain + b"\r\n \t\n"))["blocks"]), 2)
        begin, end = b"-----BEGIN CERTIFICATE-----\n", b"-----END CERTIFICATE-----\n"
        for bent in (chain[:-3], chain + b"text", chain + begin + end, chain + begin + b"AA:C\n" + end,
                     chain + begin.replace(b"CERTIFICATE", b"X509 CRL") + b"AAEC\n" + end,
                     chain + begin.replace(b"CERTIFICATE", b"PUBLIC KEY")):
            with self.subTest(bent[len(chain):]):
                self.refused(2, "show", "-j", self.path("bent.pem", bent),
                             says=["file: pem: malformed: expected whole blocks of certificates or CRLs", "copy it again"])

    def test_real_objects(self):
        rows = {"tdx/gcp-cos113/ccel_data.dat": "event log",
                "tdx/phala-v4/quote.bin": "Intel quote",
                "tdx/phala-v4/collateral.json": "Intel collateral",
                "tdx/phala-v4/root_ca_crl.der": "CRL of Intel's",
                "tpm/gce-cos-85/ak_cert.der": "certificate of a TPM's key (AK or EK)",
                "tpm/gcp-certificates/pca_tpm_ecc_sign_cert.pem": "certificate of a TPM's key (AK or EK)",
                "snp/milan_ask.pem": "certificate of AMD's",
                "snp/milan-go/vcek.der": "certificate of AMD's",
                "snp/genoa-v5-live/report.bin": "SEV-SNP report",
                "snp/genoa-v5-live/evidence.json": "SEV-SNP report",
                "tdx/phala-v4/pck_crl_issuer_chain.pem": "PEM",
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
        pcrs = f"{folder}/quote1.pcrs.json"
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

    def test_what_a_verifier_would_refuse_to_read_is_not_packed(self):
        out, quote = self.path("bundle", b"what was there"), self.file("quote.bin")
        rows = [(["tdx=" + self.path("cut", self.bytes_of(quote)[:3000])], ["quote: signature", "too-short"]),
                (["tdx=" + quote, "log.tdx=" + quote], ["expected an event log, got a quote of Intel TDX or SGX"]),
                (["tdx=" + quote, "log.guest=" + self.path("text", b"hello")], ["log.guest"]),
                (["tdx=" + quote, "channel=" + self.file("pck_crl.der")], ["channel"]),
                (["tdx=" + quote, "x=" + self.path("bad.json", b'{"tcbInfo":{},"signature":""}')], ["x: "]),
                (["tdx=" + quote, "x=" + self.path("crl", self.bytes_of(self.file("pck_crl.der"))[:-1])], ["too-short"]),
                (["guest=" + quote], ["guest"])]
        for items, says in rows:
            with self.subTest(says):
                self.refused(2, "pack", "-o", out, *items, says=says)
                self.assertEqual(self.bytes_of(out), b"what was there")

    @unittest.skipUnless(os.path.isdir(VECTORS), "no vectors")
    def test_the_parts_of_a_tpm_are_told_apart(self):
        folder, out = os.path.join(VECTORS, "tpm/gce-cos-85"), self.path("bundle")
        files = {"attest": "quote1.tpms_attest", "signature": "quote1.tpmt_signature", "public": "ak_pub.tpmt",
                 "pcrs": "quote1.pcrs.json", "cert": "ak_cert.der"}
        for item in ("guest", "platform"):
            parts = {f"{item}.{name}": os.path.join(folder, file) for name, file in files.items()}
            self.accepted("pack", "-o", out, *(f"{name}={file}" for name, file in parts.items()))
            os.unlink(out)
            for a, b, says in (("attest", "signature", "expected a TPM's quote (TPMS_ATTEST), got a TPM's signature"),
                               ("public", "attest", "expected a TPM's public key (TPMT_PUBLIC), got a TPM's quote"),
                               ("cert", "pcrs", "got PCR values of a TPM")):
                swapped = {**parts, f"{item}.{a}": parts[f"{item}.{b}"]}
                self.refused(2, "pack", "-o", out, *(f"{name}={file}" for name, file in swapped.items()), says=says)
            self.assertFalse(os.path.exists(out))
        self.refused(2, "pack", "-o", out, "guest.attest=" + parts["platform.attest"], says="guest.signature: missing")
        self.refused(1, "pack", "-o", out, "guest.quote=" + parts["platform.attest"], says="attest, signature, public")

    def test_a_bundle_is_taken_apart_and_made_again(self):
        out, again, folder = self.path("bundle"), self.path("again"), self.path("parts")
        items = ["tdx=" + self.file("quote.bin"), "channel=" + self.file("channel.spki.der"),
                 "intel=" + self.file("collateral.json"), "crl=" + self.file("pck_crl.der")]
        bundles = [os.path.join(VECTORS, "field", row, "accept.cmw") for row in ("f02-windows-log", "f06-hcrtm")]
        bundles.append(os.path.join(VECTORS, "field/f10-ak-chain-without-root/twin-with-root.cmw"))
        for flags in ([], ["-j"]):
            self.accepted("pack", "-o", out, *flags, *items)
            bundles.append((out, flags))
            for bundle, flags in [b if isinstance(b, tuple) else (b, []) for b in bundles if isinstance(b, tuple) or
                                  os.path.isfile(b)]:
                words = self.accepted("unpack", bundle, folder).decode().split()
                self.accepted("pack", "-o", again, *flags, *words)
                self.assertEqual(self.bytes_of(again), self.bytes_of(bundle))
                shutil.rmtree(folder)
            bundles = []
        self.assertEqual(self.accepted("unpack", out, "--item", "tdx", "-o", "-"), self.bytes_of(items[0][4:]))
        self.accepted("unpack", out, folder)
        told = json.loads(self.accepted("unpack", out, self.path("more"), "-j"))["items"]
        self.assertIn({"label": "tdx", "file": self.path("more/tdx.bin")}, told)
        self.refused(1, "unpack", out, folder, says="new directory")
        self.refused(1, "unpack", out, "--item", "guest", "-o", again, says="tdx")
        self.refused(1, "unpack", out, says="DIR")
        self.refused(1, "unpack", out, folder, "--item", "tdx", "-o", again)
        self.refused(2, "unpack", items[0][4:], self.path("new"), says="a quote alone")
        self.refused(2, "unpack", self.path("cut", self.bytes_of(out)[:999]), self.path("new"))
        self.assertFalse(os.path.exists(self.path("new")))

    def test_wrong_items_leave_no_bundle(self):
        out = self.path("bundle")
        quote = self.file("quote.bin")
        for exit, item in ((1, "tdx"), (1, "=" + quote), (1, "tdx="), (1, "x=" + quote),
                           (1, "tdx=" + self.path("absent")), (1, "tdx=/tmp"),
                           (1, "a" * 99 + "=" + quote), (2, "tdx=" + self.path("empty", b""))):
            self.refused(exit, "pack", "-o", out, item)
        self.refused(1, "pack", "-o", out, "tdx=" + quote, "tdx=" + quote, says="duplicate")
        self.refused(1, "pack", "tdx=" + quote, says="-o BUNDLE")
        self.refused(1, "pack", "-o", "/dev/full", "tdx=" + quote)
        self.refused(1, "pack", "-o", self.path("no/such/dir"), "tdx=" + quote)
        self.assertFalse(os.path.exists(out))


if __name__ == "__main__":
    main()
