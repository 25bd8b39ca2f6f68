#!/usr/bin/env python3
"""wycheproof.py CHECKOUT SIGNATURES: the RSA and ECDSA signatures of C2SP's Wycheproof (testvectors_v1) whose algorithm situs reads,
through its verifiers (SIGNATURES is the program signatures). Ends with "N of M"; what differs is in DEVIATIONS
with the reason, or the exit status is 1. Of what the vectors call acceptable either answer counts."""
import collections
import json
import pathlib
import re
import subprocess
import sys

HASHES = ("SHA-256", "SHA-384", "SHA-512")
DEVIATIONS = {"key": "RSA of 2048 to 4096 bits with exponent 65537 alone is taken",
              "s_len changed": "the length of a PSS salt is the TPM's choice (TPM 2.0 part 1, B.7) and is taken from the signature"}


def cases(path):
    """(line for signatures, result, flags, name) of each test of a file; none where the algorithm is not ours."""
    data = json.loads(path.read_text())
    for group in data["testGroups"]:
        kind = group["type"]
        curve = group.get("publicKey", {}).get("curve")
        if group.get("sha") not in HASHES or (curve and curve not in ("secp256r1", "secp384r1")):
            continue
        if kind == "RsassaPssVerify" and (group["mgf"] != "MGF1" or group["mgfSha"] != group["sha"]):
            continue  # a TPM has one hash in both places (TPM 2.0 part 1, B.7)
        scheme = {"RsassaPkcs1Verify": "rsassa", "RsassaPssVerify": "rsapss", "EcdsaVerify": "der",
                  "EcdsaP1363Verify": "raw"}.get(kind)
        for test in group["tests"] if scheme else ():
            line = " ".join((scheme, group["sha"], group["publicKeyDer"], test["msg"] or "-", test["sig"] or "-"))
            yield line, test["result"], test["flags"], f"{path.stem} {test['tcId']}: {test['comment']}"


def main():
    checkout, program = pathlib.Path(sys.argv[1]), sys.argv[2]
    files = sorted(p for p in (checkout / "testvectors_v1").glob("*_test.json") if re.match(r"(rsa_(pss|signature)|ecdsa)_", p.name))
    todo = [c for p in files for c in cases(p)]
    told = subprocess.run([program], input="".join(c[0] + "\n" for c in todo), capture_output=True, text=True, check=True).stdout.split()
    assert len(told) == len(todo) > 0
    same, differ, unknown, keys = 0, collections.Counter(), 0, collections.Counter()
    for (_, result, flags, name), got in zip(todo, told):
        if got == "key":
            keys[result] += 1
        if result == "acceptable" or (got == "yes") == (result == "valid"):
            same += 1
            continue
        reason = got if got in DEVIATIONS else next((d for d in DEVIATIONS if f": {d}" in name), None)
        differ[reason] += 1
        unknown += reason is None
        if reason is None:
            print(f"differs {name}: {result}, {flags}, got {got}")
    for reason, count in differ.items():
        print(f"{count} differ: {reason}: {DEVIATIONS.get(reason, 'no reason is known')}")
    print(f"{same} of {len(todo)} as the suite says, {sum(differ.values())} differ ({unknown} without a reason); "
          f"of {sum(keys.values())} the key was not taken")
    return int(unknown > 0)


if __name__ == "__main__":
    sys.exit(main())
