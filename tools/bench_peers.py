#!/usr/bin/env python3
"""bench_peers.py SITUS LAB: processor time of a whole command, by situs and by other verifiers that are installed, over
one simulated quote with collateral of today, which the program LAB makes. Peers are found by name in PATH; what is not
there is said to be missing, and a peer that refuses the simulation's quote has no figure. Not a test."""
import base64
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile

RUNS = int(os.environ.get("RUNS", "100"))
WARM = 5


def commands(situs, lab):
    """name, what it is asked, program and arguments; paths are below lab."""
    trust = json.loads((lab / "trust.json").read_text())
    pem = trust["anchors"][0]["pem"]
    (lab / "root.pem").write_text(pem)
    (lab / "root.der").write_bytes(base64.b64decode("".join(pem.split("-----")[2].split())))
    quote, collateral = lab / "quote.bin", lab / "collateral.json"
    yield "situs", "all of it", [situs, "verify", quote, "--policy", lab / "genuine.json", "--trust", lab / "trust.json",
                                 "--collateral", collateral]
    # https://github.com/Phala-Network/dcap-qvl: cargo build --release --bin verify_sample
    yield "dcap-qvl", "all of it", ["verify_sample", quote, collateral, lab / "root.der"]
    # https://github.com/google/go-tdx-guest: go build ./tools/check; without a network it asks no collateral
    yield "go-tdx-guest", "no collateral", ["check", "-in", quote, "-trusted_roots", lab / "root.pem", "-quiet"]


def once(command):
    """Seconds of processor time, or None where the command does not end with 0."""
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    return used.ru_utime + used.ru_stime if child.returncode == 0 else None


def measure(command):
    if not shutil.which(command[0]):
        return "not installed"
    words = [str(w) for w in command]
    times = [once(words) for _ in range(WARM + RUNS)][WARM:]
    return "refuses the quote" if None in times else f"{statistics.median(times) * 1e3:.2f} ms"


def main():
    with tempfile.TemporaryDirectory() as place:
        lab = pathlib.Path(place)
        subprocess.run([sys.argv[2], lab], check=True, stdout=subprocess.DEVNULL)
        print("| verifier | asked | processor time of a command |\n|---|---|---|")
        answers = {}
        for name, asked, command in commands(sys.argv[1], lab):
            answers[name] = measure(command)
            print(f"| {name} | {asked} | {answers[name]} |", flush=True)
    sys.exit(0 if answers["situs"].endswith(" ms") else 1)


main()
