#!/usr/bin/env python3
"""wycheproof.py FOLDER COMMIT: prints the ECDSA vectors of C2SP's Wycheproof that tests/crypto/test_ecdsa reads, from
FOLDER (its testvectors_v1 at COMMIT), one line each; tests/crypto/wycheproof/ecdsa.txt is what it printed."""
import json
import pathlib
import sys

FILES = [("ecdsa_secp256r1_sha256_test", "der"), ("ecdsa_secp256r1_sha256_p1363_test", "raw"),
         ("ecdsa_secp384r1_sha384_test", "der"), ("ecdsa_secp384r1_sha384_p1363_test", "raw")]
CURVES = {"secp256r1": "P-256", "secp384r1": "P-384"}

folder, commit = sys.argv[1:]
print(f"""\
# Test vectors for ECDSA of Project Wycheproof, https://github.com/C2SP/wycheproof, testvectors_v1 at commit
# {commit}, Apache License 2.0, copyright of its authors. Changed: tools/wycheproof.py
# left out what test_ecdsa does not read.
# file NAME, CURVE, HASH, FORM of signatures: raw r || s (IEEE P1363) or DER
# key POINT: x || y of those that follow
# valid|invalid NUMBER MESSAGE SIGNATURE ("-" is empty)""")
for name, form in FILES:
    data = json.loads((pathlib.Path(folder) / f"{name}.json").read_text())
    last = None
    for group in data["testGroups"]:
        key = group["publicKey"]
        if last is None:
            print("file", name, CURVES[key["curve"]], group["sha"], form)
        assert key["uncompressed"].startswith("04")
        if key["uncompressed"] != last:
            print("key", key["uncompressed"][2:])
            last = key["uncompressed"]
        for test in group["tests"]:
            assert test["result"] in ("valid", "invalid")
            print(test["result"], test["tcId"], test["msg"] or "-", test["sig"] or "-")
