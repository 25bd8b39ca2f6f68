#!/usr/bin/env python3
"""tinfoil.py CHECKOUT SITUS: the cases of github.com/tinfoilsh/tinfoil-conformance about TDX quotes and SEV-SNP reports through
`situs verify`, as its users write policies.

Certificates of Intel's and AMD's that the cases leave to the verifier come from SITUS_VECTORS (tests/vectors.path). What a case
pins and a policy of ours cannot is compared with the claim in the report, as its user would. Each case is told with our reason;
ends with "N of M", and 1 where one differs without a reason in DEVIATIONS.
"""
import base64
import datetime
import gzip
import json
import os
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
VECTORS = pathlib.Path(os.environ.get("SITUS_VECTORS") or ROOT / (ROOT / "tests/vectors.path").read_text().strip())

TEXT = b"\nextra bytes(only for testing purpose)\n"  # behind the quote, in the file that the cases are made of
OK = ["UpToDate", "SWHardeningNeeded", "ConfigurationNeeded", "ConfigurationAndSWHardeningNeeded"]

# Pins of a case that no policy of ours has: what of a report's claims its user compares.
CLAIMS = {"expected_fmspc_hex": "tdx.fmspc", "expected_td_attributes_hex": "tdx.td_attributes", "expected_rtmr3_hex": "tdx.rtmr3",
          "expected_mr_signer_seam_hex": "tdx.mrsignerseam", "expected_seam_attributes_hex": "tdx.seam_attributes",
          "expected_mrtd_hex": "tdx.mrtd", "expected_report_data_hex": "report_data",
          "expected_measurement_hex": "snp.measurement", "expected_host_data_hex": "snp.host_data",
          "expected_id_key_digest_hex": "snp.id_key_digest", "expected_author_key_digest_hex": "snp.author_key_digest"}

# Pins that one has, in tdx.attributes, and whether it is a list.
PINS = {"expected_mrseam_allowlist": ("mrseam", True), "expected_mr_config_id_hex": ("mrconfigid", True),
        "expected_mr_owner_hex": ("mrowner", True), "expected_mr_owner_config_hex": ("mrownerconfig", True),
        "min_tee_tcb_svn_hex": ("min_tee_tcb_svn", False)}

# Certificates and CRLs that the suite made itself and that RFC 5280 does not have: all that stands on them is refused for that.
MALFORMED = {"tbs.crl_extensions": "CRLs without the extensions that 5.2 demands (authority key identifier, CRL number)",
             "key usage extension": "a CA certificate without key usage (4.2.1.3)"}
DEVIATIONS = {
    "490-qe-vendor-id-mismatch": "nothing but Intel's id is read at all; a policy cannot ask for another",
}


def verify(situs, evidence, files, anchors, policy, at):
    """(exit status, report) of one archived appraisal."""
    with tempfile.TemporaryDirectory(prefix="situs-suite-") as scratch:
        d = pathlib.Path(scratch)
        (d / "collateral").mkdir()
        (d / "evidence").write_bytes(evidence)
        for name, data in files.items():
            (d / "collateral" / name).write_bytes(data)
        (d / "policy.json").write_text(json.dumps(policy))
        command = [situs, "verify", d / "evidence", "--collateral", d / "collateral", "--policy", d / "policy.json", "-j", "--at",
                   datetime.datetime.fromtimestamp(at, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")]
        if anchors:
            (d / "trust.json").write_text(json.dumps({"anchors": anchors}))
            command += ["--trust", d / "trust.json"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        try:
            return done.returncode, json.loads(done.stdout)
        except ValueError:
            return done.returncode, {"error": done.stdout + done.stderr}


def tdx(situs, case):
    c, p = case["collateral"], case["policy"]
    known = VECTORS / "tdx/spr-e4"
    files = {"tcb.json": c["tcb_info_json"].encode(), "qe.json": c["qe_identity_json"].encode(),
             "pck.crl": base64.b64decode(c["pck_crl_der_b64"]), "root.crl": base64.b64decode(c["root_crl_der_b64"]),
             "tcb.pem": c.get("tcb_info_issuer_chain_pem", "").encode() or (known / "tcb_info_issuer_chain.pem").read_bytes(),
             "qe.pem": c.get("qe_identity_issuer_chain_pem", "").encode() or (known / "qe_identity_issuer_chain.pem").read_bytes()}
    if "pck_crl_issuer_chain_pem" in c:
        files["pck.pem"] = c["pck_crl_issuer_chain_pem"].encode()
    accept = ["UpToDate"] if p.get("accepted_qv_results") == ["OK"] else OK if p["tcb_evaluation_required"] else OK + ["OutOfDate"]
    attributes = {key: value if not many or isinstance(value, list) else [value]
                  for pin, (key, many) in PINS.items() if (value := p.get(pin)) is not None}
    policy = {"require": ["genuine"], "tdx.tcb": {"accept": accept}, "tdx.attributes": attributes}
    if "min_tcb_evaluation_data_number" in p:
        policy["tdx.tcb"]["min_evaluation_number"] = p["min_tcb_evaluation_data_number"]
    if "expected_xfam_hex" in p:
        attributes["xfam_allowed"] = attributes["xfam_required"] = p["expected_xfam_hex"]
    anchors = [{"name": "suite", "for": ["tdx"], "pem": c["intel_root_ca_pem"]}] if "intel_root_ca_pem" in c else None
    quote = base64.b64decode(case["quote_b64"]).removesuffix(TEXT)
    return verify(situs, quote, files, anchors, policy, case["expiration_check_date_unix"])


def snp(situs, case):
    p = case.get("policy", {})
    files = {"vcek.der": base64.b64decode(case["vcek_der_b64"])}
    if "ask_pem" in case:
        files["ask.pem"], files["ark.pem"] = case["ask_pem"].encode(), case["amd_root_ca_pem"].encode()
        anchors = [{"name": "suite", "for": ["snp"], "pem": case["amd_root_ca_pem"]}]
    else:
        anchors = None
        files["ask.pem"] = (VECTORS / "snp/genoa_ask.pem").read_bytes()
        for root in sorted((VECTORS / "roots/amd").rglob("*enoa*")):
            files[root.name] = root.read_bytes()
    minimum = {"min_tcb_bl_spl": "bootloader", "min_tcb_ucode_spl": "microcode"}
    levels = [f"{minimum[k]}={p[k]}" for k in minimum if k in p]
    policy = {"require": ["genuine"], "tee": ["snp"]}
    if levels:
        policy["snp.tcb"] = {"minimum": [" ".join(["Genoa"] + levels)]}
    return verify(situs, gzip.decompress(base64.b64decode(case["attestation_doc_b64"])), files, anchors, policy,
                  case["expiration_check_date_unix"])


def by_claims(case, report):
    """The pins of a case that the claims of a report do not have."""
    claims = report.get("claims", {})
    for pin, value in case.get("policy", {}).items():
        name = CLAIMS.get(pin)
        told = [claims.get(f"{tee}.{name}") for tee in ("tdx", "snp")] if name == "report_data" else [claims.get(name)]
        if name and not set(told) & set(value if isinstance(value, list) else [value]):
            yield pin


def outcome(situs, stage, case):
    """("yes" or "no", our reason) of a case."""
    status, report = (tdx if stage == "attestation-tdx" else snp)(situs, case)
    failed = [c for c in report.get("checks", []) if c["outcome"] == "fail"]
    if case.get("policy", {}).get("tcb_evaluation_required") is False:  # nor how old the platform is
        asked = [c for c in failed if (c["id"], c["field"]) != ("tdx.tcb", "tcbStatus")]
        status = 0 if failed and not asked else status
        failed = asked
    if status == 0:
        pins = list(by_claims(case, report))
        return ("no", f"claim: {', '.join(pins)}") if pins else ("yes", "")
    why = failed[0] if failed else report.get("error") or report.get("why") or {}
    if isinstance(why, str):
        return "no", why
    return "no", " ".join(str(why.get(k)) for k in ("id", "part", "field", "code", "got") if why.get(k) is not None)


def main():
    checkout, situs = pathlib.Path(sys.argv[1]), sys.argv[2]
    same = differ = unknown = malformed = 0
    for stage in ("attestation-tdx", "attestation-sev"):
        for d in sorted((checkout / "vectors" / stage).glob("*/input.json")):
            name, case = d.parent.name, json.loads(d.read_text())
            wanted = "yes" if json.loads((d.parent / "expected.json").read_text())["accepted"] else "no"
            got, why = outcome(situs, stage, case)
            bad = next((words for sign, words in MALFORMED.items() if sign in why), None)
            malformed += bad is not None
            same += bad is None and got == wanted
            differ += bad is None and got != wanted
            unknown += bad is None and got != wanted and name not in DEVIATIONS
            verdict = "malformed" if bad else "same     " if got == wanted else "differs  "
            print(f"{verdict} {name}: {got}: {bad or (got != wanted and DEVIATIONS.get(name)) or why}".replace("\n", " ").rstrip(": "))
    print(f"{same} of {same + differ} as the suite says, {differ} differ ({unknown} without a reason); "
          f"{malformed} rest on certificates that RFC 5280 does not have")
    return int(unknown > 0)


if __name__ == "__main__":
    sys.exit(main())
