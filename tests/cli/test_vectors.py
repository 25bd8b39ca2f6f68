"""The real evidence through the program: each row answers as the table of the vectors says.

Where each row of that table is held (tests/, unless cli/test_vectors.py, which is here):
  tdx/phala-v4, bare-metal-2025, gcp-cos113, azure-2026, azure-v5, spr-e4, wrong-fmspc
                        here; evidence/test_quote_vectors, endorse/test_tcb; flips: situs/test_flips
  tdx/gcp-cos113 CCEL, ccel_dupe_separator; tdx/live-ccel, ccel_rtmr2_mismatch
                        here (gcp-cos113); appraise/test_logs
  tdx/azure-2026 vTPM   here (genuine alone); evidence/test_tpm_quote, endorse/test_ak_cert
  azure/*               here
  tpm/gce-cos-85        here (packed); evidence/test_tpm_quote, endorse/test_ak_cert, appraise/test_logs
  tpm/gcp-certificates  endorse/test_ak_cert
  snp/*                 here; flips: situs/test_snp_guest (and a lab chip's)
  eventlogs/*           appraise/test_logs; here: every log is shown
  lab/direct-crb, lab/uki-crb, lab/baremetal-drtm
                        appraise/test_logs, evidence/test_tpm_quote
"""
import json
import os
import re
import unittest

from situs_run import VECTORS, Case, main, situs

GCP_ADVISORIES = ["INTEL-SA-01010", "INTEL-SA-01036", "INTEL-SA-01076", "INTEL-SA-01079",
                  "INTEL-SA-01099", "INTEL-SA-01103", "INTEL-SA-01111"]
# folder, time, exit, status, failing checks
QUOTES = [
    ("phala-v4", 1750332747, 0, "UpToDate", []),
    ("bare-metal-2025", 1769510999, 0, "UpToDate", []),
    ("gcp-cos113", 1769510999, 4, "OutOfDate", ["tdx.tcb"]),
    ("azure-2026", 1780921955, 0, "UpToDate", []),
    ("azure-v5", 1771415931, 4, "NotSupported", ["tdx.tcb"]),
    ("wrong-fmspc", 1769510999, 3, None, ["tdx.tcb"]),
]


def vector(name):
    return os.path.join(VECTORS, name)


@unittest.skipUnless(os.path.isdir(VECTORS), "no vectors")
class Vectors(Case):
    def report(self, exit, quote, *args, policy="genuine", collateral=None):
        more = ["--collateral", vector(collateral)] if collateral else []
        done = situs("verify", "--policy", policy, "-j", quote, *more, *args)
        self.assertEqual(done.returncode, exit, (done.stderr, done.stdout))
        report = json.loads(done.stdout)
        self.assertEqual((report["exit"], report["simulated"]), (exit, False))
        self.assertEqual(report["verdict"], "refused" if exit else "trusted")
        return report

    def failed(self, report):
        return [c["id"] for c in report["checks"] if c["outcome"] == "fail"]

    def check(self, report, id):
        return next(c for c in report["checks"] if c["id"] == id)

    def test_quotes(self):
        for folder, at, exit, status, fails in QUOTES:
            with self.subTest(folder):
                report = self.report(exit, vector(f"tdx/{folder}/quote.bin"), "--at", f"@{at}",
                                     collateral=f"tdx/{folder}/collateral.json")
                self.assertEqual(self.failed(report), fails)
                self.assertEqual(report["claims"].get("tdx.tcb_status"), status)
                for id in ("tdx.signature", "tdx.pck-chain", "tdx.attributes"):
                    self.assertEqual(self.check(report, id)["outcome"], "pass", id)
                self.report(3, vector(f"tdx/{folder}/quote.bin"), "--at", "2036-01-01T00:00:00Z",
                            collateral=f"tdx/{folder}/collateral.json")

    def test_out_of_date_says_what_is_short(self):
        report = self.report(4, vector("tdx/gcp-cos113/quote.bin"), "--at", "@1769510999",
                             collateral="tdx/gcp-cos113/collateral.json")
        self.assertEqual(sorted(report["claims"]["tdx.tcb_advisories"]), GCP_ADVISORIES)
        short = [re.sub(r' \(".*"\)', "", s) for s in report["claims"]["tdx.tcb_short"]]
        self.assertEqual(short, ["SGX component 0: 7 < 8", "SGX component 1: 7 < 8",
                                 "SGX component 4: 3 < 4", "SGX component 7: 3 < 6",
                                 "TDX component 2: 7 < 8", "TDX module TDX_01: 4 < 6"])
        self.assertIn("7 < 8", self.check(report, "tdx.tcb")["hint"])
        self.assertEqual(report["claims"]["tdx.report_data"], "00" * 64)

    def test_a_wrong_fmspc_is_named(self):
        report = self.report(3, vector("tdx/wrong-fmspc/quote.bin"), "--at", "@1769510999",
                             collateral="tdx/wrong-fmspc/collateral.json")
        reason = json.dumps(self.check(report, "tdx.tcb"))
        self.assertIn("b0c06f000000", reason.lower())
        self.assertIn("00806f050000", reason.lower())

    def test_a_sentence_after_the_quote(self):
        args = ["--at", "@1687081378"]
        report = self.report(2, vector("tdx/spr-e4/quote.bin"), *args,
                             collateral="tdx/spr-e4/collateral.json")
        self.assertEqual((report["error"]["code"], report["error"]["at"]), ("trailing", 4935))
        cut = self.path("cut", self.bytes_of(vector("tdx/spr-e4/quote.bin"))[:4935])
        report = self.report(4, cut, *args, collateral="tdx/spr-e4/collateral.json")
        self.assertEqual(report["claims"]["tdx.tcb_status"], "NotSupported")

    def test_logs_beside_quotes(self):
        folder = "tdx/gcp-cos113"
        for log, outcome in (("ccel_data.dat", "pass"), ("ccel_dupe_separator.bin", "fail")):
            report = self.report(4, vector(f"{folder}/quote.bin"), "--at", "@1769510999", "--ccel",
                                 vector(f"{folder}/{log}"), collateral=f"{folder}/collateral.json")
            row = self.check(report, "log.rtmr")
            self.assertEqual(row["outcome"], outcome)
            if outcome == "fail":
                self.assertIn("rtmr0, rtmr1", row["hint"])

    def policy(self, bank, **more):
        every = list(range(24))
        return self.path("policy.json", json.dumps({
            "scenario": "managed", "require": ["genuine"],
            "tpm.pcrs": {"bank": [bank], "registers": every, "may_be_unmeasured": every},
            "log.pcr": {"registers": [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 14]},
            "ak.certificate": {"providers": ["google", "azure"], "projects": ["google.com:wuale-gcp-testing"],
                               "azure_issuers": ["Azure Cloud Virtual TPM CA - 24"],
                               "platform": {"by": "us", "banks": [bank], "firmware_first": True,
                                            "all_banks_extended": True}}, **more}).encode())

    def outcomes(self, *args):
        report = json.loads(situs("verify", "-j", *args).stdout)
        self.assertEqual(report["verdict"], "refused")
        return report, {c["id"]: c["outcome"] for c in report["checks"]}

    def test_a_packed_gce_quote(self):
        folder, bundle = "tpm/gce-cos-85", self.path("bundle")
        for n, bank in ((0, "sha1"), (1, "sha256"), (2, "sha384")):
            self.accepted("pack", "-o", bundle,
                          "guest.attest=" + vector(f"{folder}/quote{n}.tpms_attest"),
                          "guest.signature=" + vector(f"{folder}/quote{n}.tpmt_signature"),
                          "guest.public=" + vector(f"{folder}/ak_pub.tpmt"),
                          "guest.pcrs=" + vector(f"{folder}/quote{n}.pcrs.json"),
                          "guest.cert=" + vector(f"{folder}/ak_cert.der"),
                          "guest.cert=" + vector("roots/gcp/tpm_ek_intermediate_2.crt"),
                          "guest.cert=" + vector("roots/gcp/tpm_ek_root_1.cer"),
                          "log.guest=" + vector(f"{folder}/event_log.bin"))
            if bank == "sha1":
                self.refused(1, "policy", "check", self.policy(bank), says="sha1")
                bank = "sha256"
                report, outcome = self.outcomes(bundle, "--policy", self.policy(bank), "--at",
                                                "@1640000000")
                self.assertEqual(outcome["tpm.pcrs"], "fail")
                continue
            report, outcome = self.outcomes(bundle, "--policy", self.policy(bank), "--at",
                                            "@1640000000")
            self.assertEqual({i for i, o in outcome.items() if o != "not-run"},
                             {"tpm.signature", "tpm.pcrs", "ak.certificate", "ak.attributes",
                              "log.pcr", "machine.denied"})
            self.assertNotIn("fail", outcome.values())
            self.assertEqual(report["exit"], 6)  # no quote of a TEE, so no proof
            self.assertEqual(report["claims"]["tpm.guest.extra_data"], "9009")
            self.assertEqual(report["claims"]["tpm.guest.gce_instance_name"], "cos-test")
        report, outcome = self.outcomes(bundle, "--at", "@1640000000", "--policy", self.policy(
            "sha384", **{"log.pcr": {"registers": [0, 10]}}))
        self.assertIn("pcr10", self.check(report, "log.pcr")["field"])  # IMA is not in the log

    def pack_azure(self, bundle, *more):
        folder = "tdx/azure-2026"
        self.accepted("pack", "-o", bundle, "tdx=" + vector(f"{folder}/quote.bin"),
                      "guest.attest=" + vector(f"{folder}/vtpm_quote.tpms_attest"),
                      "guest.signature=" + vector(f"{folder}/vtpm_quote.tpmt_signature"),
                      "guest.pcrs=" + vector(f"{folder}/vtpm_quote.pcrs.json"),
                      "guest.cert=" + vector(f"{folder}/ak_cert.pem"),
                      "guest.cert=" + vector(f"{folder}/ak_intermediates.pem"), *more)

    def test_azure_without_user_data_is_genuine_and_nothing_more(self):
        folder, bundle = "tdx/azure-2026", self.path("bundle")
        root = "guest.cert=" + vector("roots/azure/azure-virtual-tpm-root-2023.pem")
        more = ["--policy", self.policy("sha256"), "--at", "@1780921955", "--collateral",
                vector(f"{folder}/collateral.json"), "--nonce", "11" * 32]
        self.pack_azure(bundle, root)  # without the paravisor's report nobody says what key it is
        report, outcome = self.outcomes(bundle, *more)
        self.assertEqual(outcome["ak.attributes"], "fail")
        self.pack_azure(bundle, root, "hcl=" + vector(f"{folder}/hcl_report.bin"))
        report = self.report(0, bundle, *more[2:], policy=more[1])
        outcome = {c["id"]: c["outcome"] for c in report["checks"]}
        for row in ("tpm.signature", "tpm.pcrs", "ak.certificate", "ak.attributes"):
            self.assertEqual(outcome[row], "pass", row)
        for row in ("bind.ak-in-td", "bind.nonce-in-td", "bind.td-in-tpm"):
            self.assertEqual(outcome[row], "not-run", row)
        self.assertEqual([p for p, v in report["proofs"].items() if v["holds"]], ["genuine"])
        self.assertEqual(report["claims"]["tdx.user_data"], "00" * 64)

    # folder, name, certificates, exit, failing rows
    def test_azure_evidence_of_others(self):
        rows = [("snp", "evidence-genoa", "genoa", 0, []), ("snp", "evidence-v0", "milan", 0, []),
                ("snp", "evidence-v2", "milan", 6, ["bind.ak-in-td"]),
                ("tdx", "evidence-v0", None, 3, ["tdx.tcb"]), ("tdx", "evidence-v1", None, 3, ["tdx.tcb"])]
        for tee, name, family, exit, fails in rows:
            with self.subTest(f"{tee}/{name}"):
                files = [f"snp/asvk/{family}-ark.der", f"snp/asvk/{family}-ask.der"] if family else [
                    "tdx/azure-2026/collateral.json"]  # of another FMSPC
                more = [w for f in files for w in ("--collateral", vector(f))]
                report = self.report(exit, vector(f"azure/{tee}/{name}.json"), "--at", "@1780921955", *more)
                self.assertEqual(self.failed(report), fails)
                self.assertEqual(self.check(report, f"{tee}.signature")["outcome"], "pass")
                self.assertIn("vm_id", " ".join(report["claims"]))
                shown = self.accepted("show", "-j", vector(f"azure/{tee}/{name}.json"))
                self.assertEqual(json.loads(shown)["hcl"]["tee"], tee)

    # report, certificates, time, exit, failing checks, product, signing key
    def test_snp(self):
        roots = {p: [vector(f"snp/asvk/{p}-{c}.der") for c in ("ark", "ask")] for p in ("milan", "genoa", "turin")}
        rows = [
            ("milan_attestation_report.bin", "milan_vcek.pem", "milan", "@1785000000", 0, []),
            ("genoa_attestation_report.bin", "genoa_vcek.pem", "genoa", "@1785000000", 0, []),
            ("turin_attestation_report.bin", "turin_vcek.pem", "turin", "@1785000000", 0, []),
            ("genoa-v5-live/report.bin", "genoa-v5-live/vcek.der", "genoa", "@1785000000", 0, []),
            ("genoa-v5-live/evidence.json", "genoa-v5-live/vcek.der", "genoa", "@1785000000", 0, []),
            ("milan-v3-dstack/report.bin", "milan-v3-dstack/vcek.pem", "milan", "@1785000000", 0, []),
            ("milan-go/report.bin", "milan-go/vcek.der", "milan", "@1700000000", 4, ["snp.attributes"]),
            ("genoa-v5-live/report.bin", "genoa_vcek.pem", "genoa", "@1785000000", 3, ["snp.vek-chain"]),
        ]
        for report_file, vek, family, at, exit, fails in rows:
            with self.subTest(report_file):
                more = [w for f in [vector(f"snp/{vek}"), *roots[family]] for w in ("--collateral", f)]
                report = self.report(exit, vector(f"snp/{report_file}"), "--at", at, *more)
                self.assertEqual(self.failed(report), fails)
                self.assertEqual(self.check(report, "snp.signature")["outcome"], "not-run" if exit == 3 else "pass")
                self.assertIs(report["proofs"]["genuine"]["holds"], exit == 0)
                if exit == 0:
                    self.assertEqual(report["claims"]["snp.product"].lower(), family)
                    self.assertEqual(report["claims"]["snp.signing_key"], "vcek")
                    raw = self.bytes_of(vector(f"snp/{report_file}"))
                    if len(raw) == 1184:
                        self.assertEqual(report["claims"]["snp.chip_id"], raw[0x1a0:0x1e0].hex())
                self.report(3, vector(f"snp/{report_file}"), "--at", "2046-01-01T00:00:00Z", *more)

    def test_a_vlek_names_a_provider_and_no_machine(self):
        folder = "snp/milan-vlek"
        def given(issuer):
            files = [vector(f"{folder}/vlek.der"), vector("snp/asvk/milan-ark.der"), vector(f"snp/asvk/milan-{issuer}.der")]
            return [w for f in files for w in ("--collateral", f)]
        report = self.report(0, vector(f"{folder}/report.bin"), "--at", "@1740000000", *given("asvk"))
        self.assertEqual(report["claims"]["snp.csp_id"], "CN=cc-us-east-2.amazonaws.com")
        self.assertNotIn("snp.chip_id", report["claims"])
        report = self.report(2, vector(f"{folder}/report.bin"), "--at", "@1740000000", *given("ask"))
        self.assertEqual(report["error"]["code"], "untrusted")

    def test_snp_in_a_bundle_and_in_a_directory(self):
        folder, bundle, kept = "snp/genoa-v5-live", self.path("bundle"), self.path("kept")
        certs = [vector(f"{folder}/vcek.der"), vector("snp/asvk/genoa-ark.der"), vector("snp/asvk/genoa-ask.der")]
        self.accepted("pack", "-o", bundle, "snp=" + vector(f"{folder}/evidence.json"),
                      *[f"amd{i}={c}" for i, c in enumerate(certs)])
        report = self.report(0, bundle, "--at", "@1785000000")
        self.assertIn("in the bundle", json.dumps(report["notes"]))
        self.accepted("pack", "-o", bundle, "snp=" + vector(f"{folder}/report.bin"))
        self.report(3, bundle, "--at", "@1785000000")
        given = self.path("given")
        os.mkdir(given)
        for i, cert in enumerate(certs):
            self.path(f"given/{i}.der", self.bytes_of(cert))
        self.accepted("collateral", "import", given, kept)
        self.report(0, bundle, "--at", "@1785000000", "--collateral", kept)
        state = self.accepted("collateral", "check", "--at", "@1785000000", kept).decode()
        for item in ("ARK Genoa", "ASK Genoa", "VCEK Genoa"):
            self.assertIn(item, state)
        self.assertEqual(situs("collateral", "check", "--at", "@2400000000", kept).returncode, 3)

    def test_logs_are_shown(self):
        for name in sorted(os.listdir(vector("eventlogs"))):
            if name.endswith(".bin"):
                self.assertIn(b"NOT VERIFIED", self.accepted("show", vector(f"eventlogs/{name}")))


class Pack(Case):
    def refuses(self, says, *words, exit=2):
        self.refused(exit, "pack", "-o", self.path("out"), *words, says=says)

    def test_the_parts_of_a_tpm_item(self):
        one = "guest.attest=" + self.path("attest", b"x")
        sig = "guest.signature=" + self.path("signature", b"x")
        ok = "guest.pcrs=" + self.path("pcrs", b'{"0": "' + b"00" * 32 + b'"}')
        self.refuses("magic", one, sig, ok)
        self.refuses("guest.signature", one, ok)
        self.refuses("guest.attest", sig, ok)
        self.refuses("guest.pcrs", one, sig)
        self.refuses("duplicate", one, one, sig, ok)
        self.refuses("duplicate", one, sig, ok, ok)
        self.refuses("guest.attests", "guest.attests=" + self.path("attest"), exit=1)
        self.refuses("duplicate", one, sig, ok, "guest=" + self.path("attest"))
        self.refuses("too-short", one, "guest.signature=" + self.path("empty", b""), ok)
        for text in (b"", b"{", b"[]", b'{"24": "00"}', b'{"0": "00"}', b'{"0": 1}', b'{"x": "00"}',
                     b'{"sha257": {"0": "' + b"00" * 32 + b'"}}', b'{"sha1": {"0": "00"}}',
                     b'{"0": "' + b"zz" * 32 + b'"}', b'{" 0": "' + b"00" * 32 + b'"}',
                     b'{"0": "' + b"00" * 32 + b'", "00": "' + b"00" * 32 + b'"}'):
            self.refuses("guest.pcrs", one, sig, "guest.pcrs=" + self.path("bad", text))
        for pem in (b"-", b"-----BEGIN CERTIFICATE-----\n", b"-----BEGIN CERTIFICATE-----\n*\n"
                    b"-----END CERTIFICATE-----\n", b"-----BEGIN KEY-----\n"):
            self.refuses("guest.cert", one, sig, ok, "guest.cert=" + self.path("pem", pem))
        self.refuses("too-long", one, sig, ok, *["guest.cert=" + self.path("attest")] * 7)


if __name__ == "__main__":
    main()
