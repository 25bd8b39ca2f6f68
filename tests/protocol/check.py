#!/usr/bin/env python3
"""check.py [ROW...]: runs spin (Debian: spin) over the models beside this file, as rules.txt lists them, and compares.

ROW picks rows by a word in them. A model without rules dropped must hold in all that can happen; of a row that says attack spin
must find one. Each rule NO_R of a model must be in a row that is an attack.
"""
import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
DEFAULTS = {"METAL": 0, "PARAVISOR": 0, "LEAK": 2, "TURNS": 4, "ASKED": 1}


def rows():
    joined = re.sub(r"\n {4}", " ", (HERE / "rules.txt").read_text())
    for line in joined.splitlines():
        if line and not line.startswith("#"):
            place, dropped, outcome, words = (part.strip() for part in line.split("|"))
            model, *settings = place.split()
            # A setting without "=" is a rule that this configuration does not ask.
            off = [s for s in settings if "=" not in s] + dropped.split()
            yield {"model": model, "settings": dict(s.split("=") for s in settings if "=" in s), "off": off,
                   "dropped": dropped.split(), "outcome": outcome, "words": words, "line": line}


def names(model):
    """The rules of a model."""
    return set(re.findall(r"\bNO_([A-Z_]+)", (HERE / f"{model}.pml").read_text())) - {"R"}


def run(row):
    """What spin finds; None where it found no answer."""
    model = row["model"]
    values = {**DEFAULTS, **row["settings"], **{f"NO_{r}": int(r in row["off"]) for r in names(model)}}
    with tempfile.TemporaryDirectory(prefix="situs-model-") as scratch:
        pathlib.Path(scratch, "rules.h").write_text("".join(f"#define {k} {v}\n" for k, v in values.items()))
        pathlib.Path(scratch, "model.pml").write_text((HERE / f"{model}.pml").read_text())
        for command in (["spin", "-a", "model.pml"], ["cc", "-O1", "-w", "-DSAFETY", "-DNOFAIR", "-o", "pan", "pan.c"]):
            subprocess.run(command, cwd=scratch, check=True, capture_output=True)
        said = subprocess.run(["./pan", "-E", "-m100000", "-w22"], cwd=scratch, capture_output=True, text=True).stdout
    complete = "max search depth too small" not in said and "Search not completed" not in said
    states = re.search(r"(\d+) states, stored", said)
    if "assertion violated" in said:
        return "attack", 0
    if complete and "errors: 0" in said and states and int(states[1]) > 1:
        return "holds", int(states[1])
    return said, 0


def main():
    todo = list(rows())
    failed = 0
    for model in sorted({row["model"] for row in todo} | {p.stem for p in HERE.glob("*.pml")}):
        shown = {r for row in todo if row["model"] == model and row["outcome"] == "attack" for r in row["dropped"]}
        listed = {r for row in todo if row["model"] == model for r in row["off"]}
        for rule in sorted((names(model) - shown) | (listed - names(model))):
            if rule not in REDUNDANT.get(model, ()):
                failed += 1
                print(f"FAILED  {model}: {rule}: no row shows the attack that it is there for, or no such rule")
    picked = [row for row in todo if all(word in row["line"] for word in sys.argv[1:])]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for row, (found, states) in zip(picked, pool.map(run, picked)):
            good = found == row["outcome"]
            failed += not good
            print(f"{'ok     ' if good else 'FAILED '} {row['line']}" + (f" ({states} states)" if states else "") +
                  ("" if good else f": {found}"))
    print(f"{len(picked)} rows, {failed} failed")
    return int(failed > 0)


# Rules that no row shows alone: nothing that is asserted rests on them; rules.txt says why they stay.
REDUNDANT = {"bind": ("ONCE",), "span": ("EXPIRE", "ONE")}

if __name__ == "__main__":
    sys.exit(main())
