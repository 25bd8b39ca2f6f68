#!/usr/bin/env python3
"""make_corpora.py BUILD HARNESS...: makes the first inputs anew, by the programs of a fuzz build.

BUILD/seeds/HARNESS comes from fuzz/seeds and from what the lab makes: everybody has the same.
BUILD/real/HARNESS comes from real evidence, where it is present (SITUS_VECTORS). fuzz/corpora.txt says
what each harness takes.
"""
import base64
import hashlib
import os
import pathlib
import re
import shutil
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
            for first in small(folder.rglob(next(filter(None, what.split(","))))):
                parts = [first.parent / name if name else pathlib.Path(os.devnull)
                         for name in what.split(",")]
                if all(p.exists() and p.stat().st_size < 65536 for p in parts):
                    yield b"".join(len(p.read_bytes()).to_bytes(2, "big") + p.read_bytes() for p in parts)
        elif kind == "pem":  # the certificates in a PEM text
            for path in small(folder.rglob(what)):
                for body in PEM.findall(path.read_bytes()):
                    yield base64.b64decode(body)
        elif kind == "body":  # the signed text in {"name": TEXT, "signature": ...}
            for path in small(folder.rglob(what)):
                data = path.read_bytes()
                yield data[data.index(b":") + 1:data.rindex(b",")]
        else:
            first = bytes([int(kind[len("byte-"):])]) if kind else b""
            for path in small(folder.rglob(what)):
                yield first + path.read_bytes()


def lab_world(build):
    """What the lab makes."""
    folder = build / "lab-world"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for program in ("lab_intel", "lab_seeds"):
        subprocess.run([build / "fuzz" / program, folder], check=True)
    return folder


def fill(corpora, harness, words, folders):
    """DIR/HARNESS becomes these inputs, and no others."""
    folder = corpora / harness
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for word in words:
        for data in inputs(word, folders):
            (folder / hashlib.sha256(data).hexdigest()[:16]).write_bytes(data)


def main():
    build, harnesses = pathlib.Path(sys.argv[1]), sys.argv[2:]
    default = ROOT / (ROOT / "tests/vectors.path").read_text().strip()
    vectors = pathlib.Path(os.environ.get("SITUS_VECTORS", default))
    rows = dict(line.split(" ", 1) for line in (ROOT / "fuzz/corpora.txt").read_text().splitlines()
                if line and not line.startswith("#"))
    own = [ROOT / "fuzz/seeds", lab_world(build)]
    for harness in harnesses:
        words = rows[harness].split()
        fill(build / "seeds", harness, words, own)
        fill(build / "real", harness, words, [vectors] if vectors.is_dir() else [])


main()
