#!/usr/bin/env python3
"""make_corpora.py DIR HARNESS...: fills DIR/HARNESS with first inputs.

They come from fuzz/seeds, from what the lab makes, and from real evidence where it is present
(SITUS_VECTORS). fuzz/corpora.txt says what each harness takes.
"""
import base64
import hashlib
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
LARGEST = 64 * 1024
PEM = re.compile(rb"-----BEGIN CERTIFICATE-----(.*?)-----END CERTIFICATE-----", re.S)


def small(paths):
    return [p for p in sorted(paths) if p.is_file() and p.stat().st_size <= LARGEST]


def inputs(word, folders):
    """The inputs that one word of corpora.txt stands for."""
    kind, _, what = word.rpartition(":")
    for folder in folders:
        if kind == "chunks":  # files, each behind its size as 16 bits
            for first in small(folder.rglob(what.split(",")[0])):
                parts = [first.parent / name if name else pathlib.Path(os.devnull)
                         for name in what.split(",")]
                if all(p.exists() and p.stat().st_size < 65536 for p in parts):
                    yield b"".join(len(p.read_bytes()).to_bytes(2, "big") + p.read_bytes() for p in parts)
        elif kind == "pem":  # the certificates in a PEM text
            for path in small(folder.rglob(what)):
                for body in PEM.findall(path.read_bytes()):
                    yield base64.b64decode(body)
        else:
            for path in small(folder.rglob(what)):
                yield path.read_bytes()


def lab_world(folder):
    """What the lab makes, if it is built."""
    for build in ("build", "build-test"):
        program = ROOT / build / "lab-intel"
        if program.exists() and not folder.exists():
            folder.mkdir(parents=True)
            subprocess.run([program, folder], check=True)
    return folder


def main():
    corpora, harnesses = pathlib.Path(sys.argv[1]), sys.argv[2:]
    default = ROOT / (ROOT / "tests/vectors.path").read_text().strip()
    vectors = pathlib.Path(os.environ.get("SITUS_VECTORS", default))
    folders = [f for f in (ROOT / "fuzz/seeds", lab_world(corpora / "lab"), vectors) if f.is_dir()]
    rows = dict(line.split(" ", 1) for line in (ROOT / "fuzz/corpora.txt").read_text().splitlines()
                if line and not line.startswith("#"))
    for harness in harnesses:
        folder = corpora / harness
        if folder.exists():
            continue
        folder.mkdir(parents=True)
        for word in rows[harness].split():
            for data in inputs(word, folders):
                (folder / hashlib.sha256(data).hexdigest()[:16]).write_bytes(data)


main()
