"""Machines of the lab that a service watches (lab-watched), and what each has answered and when."""
import json
import os
import pathlib
import subprocess

from serve_run import BOUND, PLAIN

PROGRAM = os.environ["LAB_WATCHED"]
NAME = "simulated-managed"


class Machines:
    """n machines, from 0, each known by its AK and with an attester of its own; folder gets what a policy needs."""

    def __init__(self, folder, n):
        self.folder = pathlib.Path(folder)
        self.child = subprocess.Popen([PROGRAM, folder, str(n)], env=PLAIN, text=True, stdin=subprocess.PIPE,
                                      stdout=subprocess.PIPE)
        lines = iter(self.child.stdout.readline, "ready\n")
        self.rows = [line.split() for line in lines]
        assert len(self.rows) == n and self.child.poll() is None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.child.stdin.close()
        self.child.wait(timeout=BOUND)
        self.child.stdout.close()

    def say(self, i, word):
        """well, silent, ill or boot: of all that is asked from now on."""
        self.child.stdin.write(f"{i} {word}\n")
        self.child.stdin.flush()
        assert self.child.stdout.readline() == "ok\n"

    def answers(self):
        """(milliseconds of the wall's clock, machine, reset count, "well" or "ill"), of each before it left."""
        lines = (self.folder / "answers").read_text().splitlines(keepends=True)
        rows = [line.split() for line in lines if line.endswith("\n")]
        return [(int(at), int(i), int(reset), how) for at, i, reset, how in rows]

    def configuration(self, store, mark, within):
        """Of a service that watches all of them."""
        at = str(self.folder)
        return {"listen": "127.0.0.1:0", "listen_private": "127.0.0.1:0", "base": "https://verifier.example", "default": NAME,
                "policies": {NAME: {"policy": at + "/policy.json", "trust": at + "/trust.json",
                                    "collateral": [at + "/collateral.json"]}},
                "store": store, "limits": {"judges": 2}, "deadlines": {"judge_ms": 10000, "request_ms": 20000},
                "connect": {"targets": [address for _, address in self.rows], "every_ms": 0, "networks": ["127.0.0.0/8"]},
                "watch": {"mark": mark, "machines": {
                    f"m{i}": {"policy": NAME, "target": address, "ak_name": ak, "within_seconds": within}
                    for i, (ak, address) in enumerate(self.rows)}}}


def told(s, name, path=""):
    """What the service says of a machine now; {}: it says nothing."""
    try:
        status, text = s.ask("GET", f"/v1/machines/{name}{path}", inside=True)
    except OSError:
        return {}
    return json.loads(text) if status == 200 else {}
