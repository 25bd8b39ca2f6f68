#!/usr/bin/env python3
"""situs serve under wrk, on the loopback, as a table; asserts nothing.

What counts is requests per processor second of the service (front, keeper, nursery and judges, by /proc): wrk's own time is
apart, and a busy machine changes it little. Of build/, as make bench-service makes it."""
import argparse
import base64
import http.client
import json
import os
import pathlib
import re
import resource
import socket
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests/serve"))
BUILD = ROOT / "build"
os.environ.setdefault("SITUS", str(BUILD / "situs"))
from serve_run import Service  # noqa: E402

TICK = os.sysconf("SC_CLK_TCK")
TOKENS = 1000  # challenges that are out at once, each answered once and within 120 s
REPORT, TOKEN = "application/json", "application/eat+jwt"


def processes(pid):
    """{pid: name} of a process and all that it started."""
    found = {pid: pathlib.Path(f"/proc/{pid}/comm").read_text().strip()}
    for line in pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        try:
            found |= processes(int(line))
        except OSError:
            pass
    return found


def used(pid):
    """{name: seconds of processor}; a judge that ended counts with the nursery that has buried it."""
    seconds = {}
    for p, name in processes(pid).items():
        try:
            fields = pathlib.Path(f"/proc/{p}/stat").read_text().rsplit(")")[1].split()
        except OSError:
            continue
        own, ended = (sum(map(int, fields[at:at + 2])) / TICK for at in (11, 13))
        seconds[name] = seconds.get(name, 0) + own
        if name.startswith("situs-nursery"):
            seconds["situs-judge"] = seconds.get("situs-judge", 0) + ended
    return seconds


def memory(pid):
    """MiB of all of them, what they share counted once."""
    kib = 0
    for p in processes(pid):
        try:
            kib += int(re.search(r"^Pss:\s+(\d+)", pathlib.Path(f"/proc/{p}/smaps_rollup").read_text(), re.M)[1])
        except OSError:
            pass
    return kib / 1024


def milliseconds(text):
    number, unit = re.fullmatch(r"([\d.]+)(us|ms|s|m)", text).groups()
    return float(number) * {"us": 1e-3, "ms": 1, "s": 1e3, "m": 6e4}[unit]


def wrk(port, connections, seconds, *words):
    done = subprocess.run(["wrk", "-t", "2" if connections > 1 else "1", "-c", str(connections), "-d", f"{seconds}s",
                           "--timeout", "30s", "--latency", "-s", ROOT / "bench/service.lua", f"http://127.0.0.1:{port}",
                           "--", *map(str, words)], capture_output=True, text=True, check=True).stdout
    others = re.search(r"Non-2xx or 3xx responses: (\d+)", done)
    return {"requests": int(re.search(r"(\d+) requests in", done)[1]), "others": int(others[1]) if others else 0,
            "p50_ms": milliseconds(re.search(r"^ +50% +(\S+)", done, re.M)[1]),
            "p99_ms": milliseconds(re.search(r"^ +99% +(\S+)", done, re.M)[1])}


class Bench:
    """A service's evidence in a folder, and the table."""

    def __init__(self, folder):
        self.folder, self.rows = pathlib.Path(folder), []
        self.evidence(self.folder, [bytes(32)])
        subprocess.run([BUILD / "lab-intel", self.folder / "intel"], check=True, stdout=subprocess.DEVNULL)
        subprocess.run(["openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out",
                        self.folder / "key"], check=True, capture_output=True)

    def evidence(self, folder, nonces):
        text = "".join(n.hex() + "\n" for n in nonces)
        subprocess.run([BUILD / "bench/serve_evidence", folder], input=text.encode(), check=True)

    def service(self, judges=2, agree="two-builds", limits={"waiting": 1024, "connections": 2048}):
        def policy(at, file):
            return {"policy": f"{at}/{file}", "trust": f"{at}/trust.json", "collateral": [f"{at}/collateral.json"]}
        metal = {**policy(self.folder, "policy.json"), "key": f"{self.folder}/key", "audience": "bench"}
        return Service(str(self.folder), {
            "listen": "127.0.0.1:0", "base": "https://verifier.example", "judges": agree,
            "policies": {"simulated-quote": policy(self.folder / "intel", "genuine.json"), "simulated-metal": metal},
            "limits": {"judges": judges, **limits},
            "deadlines": {"request_ms": 60000}})

    def measure(self, what, s, connections, seconds, *words):
        before = used(s.child.pid)
        row = wrk(s.port, connections, seconds, *words)
        spent = {name: seconds - before.get(name, 0) for name, seconds in used(s.child.pid).items()}
        whole = sum(spent.values())
        row |= {"row": what, "connections": connections, "per_second": row["requests"] / whole, "mib": memory(s.child.pid)}
        spent["situs-nursery"] += spent.pop("situs-nursery2", 0)
        row |= {name: spent.get("situs-" + name, 0) / whole for name in ("front", "keeper", "nursery", "judge")}
        self.rows.append(row)
        print(f"{what:26} {connections:5} {row['per_second']:9.0f} {row['p50_ms']:9.2f} {row['p99_ms']:9.2f} "
              f"{row['mib']:7.1f}   " + " ".join(f"{100 * row[n]:3.0f}" for n in ("front", "keeper", "nursery", "judge"))
              + (f"   {row['others']} of {row['requests']} were no 200" if row["others"] else ""), flush=True)
        return row

    def reports(self, s, connections, seconds, what="report, judge kept"):
        return self.measure(what, s, connections, seconds, "/v1/verify?policy=simulated-quote", REPORT,
                            self.folder / "intel/quote.bin", 0)

    def challenges(self, port, n):
        """n challenges of the bare-metal policy that are out, and what answers them, as files."""
        at = self.folder / "out"
        at.mkdir(exist_ok=True)
        http_ = http.client.HTTPConnection("127.0.0.1", port)
        sessions, nonces = [], []
        for _ in range(n):
            http_.request("POST", "/v1/challenge", '{"policy":"simulated-metal"}', {"Content-Type": "application/json"})
            c = json.loads(http_.getresponse().read())
            sessions.append(c["session"])
            nonces.append(base64.urlsafe_b64decode(c["nonce"] + "=" * (-len(c["nonce"]) % 4)))
        self.evidence(at, nonces)
        (at / "sessions").write_text("".join(s + "\n" for s in sessions))
        return at

    def tokens(self, s, connections, what, n=TOKENS):
        at = self.challenges(s.port, n)
        return self.measure(what, s, connections, 10, "/v1/verify?session=", TOKEN, at, n)


def benchmark(row):
    """What the library alone does in a processor second (make bench)."""
    said = subprocess.run([BUILD / "bench/bench", "--row", row], capture_output=True, text=True, check=True).stdout
    rate = float(re.search(rf"^{re.escape(row)}\s+(\d+)", said, re.M)[1])
    print(f"{row:26} {'':5} {rate:9.0f}", flush=True)
    return rate


def table(bench, seconds):
    print(f"{'':26} {'conn.':>5} {'/cpu s':>9} {'p50 ms':>9} {'p99 ms':>9} {'MiB':>7}   % of front, keeper, nursery, judges")
    quote, bundle = benchmark("tdx.snapshot"), benchmark("verify.s2_bundle")
    two = {}
    benchmark("verify.s2_unseen_ak")  # what a fresh judge does: it has seen no key
    with bench.service() as s:
        for connections in (1, 64, 512):
            row = two[connections] = bench.reports(s, connections, seconds)
            print(f"{'':26} {100 * row['per_second'] / quote:.0f} % of tdx.snapshot")
        for connections in (1, 64, 512):
            row = bench.tokens(s, connections, "token, judges of two builds")
            print(f"{'':26} {100 * row['per_second'] / bundle:.0f} % of verify.s2_bundle")
    with bench.service(agree="one") as s:
        for connections in (1, 64, 512):
            row = bench.tokens(s, connections, "token, one fresh judge")
            print(f"{'':26} {100 * row['per_second'] / bundle:.0f} % of verify.s2_bundle")
    with bench.service(judges=1) as s:
        one = bench.reports(s, 64, seconds, "report, one judge process")
        print(f"two judge processes do {two[64]['per_second'] / one['per_second']:.2f} of one's in a processor second")


def soak(bench, seconds):
    """Reports and tokens, in turns, for so long; memory after each."""
    end = time.monotonic() + seconds
    with bench.service() as s:
        while time.monotonic() < end:
            bench.reports(s, 64, 20)
            bench.tokens(s, 64, "token, judges of two builds")
    first, last = bench.rows[3]["mib"] if len(bench.rows) > 3 else bench.rows[0]["mib"], bench.rows[-1]["mib"]
    print(f"memory: {first:.1f} MiB after the second turn, {last:.1f} at the end; "
          f"{sum(r['requests'] for r in bench.rows):,} requests, {sum(r['others'] for r in bench.rows)} no 200")


class Hostile:
    """Connections that say this and then a byte now and then, or nothing; who is thrown out comes again."""

    def __init__(self, port, n, begin=b"", drip=b""):
        self.port, self.begin, self.drip, self.over = port, begin, drip, False
        self.crowd = [self.one() for _ in range(n)]
        self.thrown_out = 0
        self.thread = threading.Thread(target=self.run, daemon=True)

    def one(self):
        s = socket.create_connection(("127.0.0.1", self.port))
        s.sendall(self.begin)
        s.setblocking(False)
        return s

    def run(self):
        while not self.over:
            for i, s in enumerate(self.crowd):
                try:
                    s.send(self.drip)
                    if s.recv(1) != b"":
                        continue
                except BlockingIOError:
                    continue
                except OSError:
                    pass
                s.close()
                self.thrown_out += 1
                self.crowd[i] = self.one()
            time.sleep(0.2)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over = True
        self.thread.join()
        for s in self.crowd:
            s.close()


def door(bench):
    """Honest reports beside who storms the door; the service has its default limits, and 2 judges."""
    head = b"POST /v1/verify HTTP/1.1\r\nHost: x\r\nContent-Type: application/cmw+cbor\r\n"
    large = head + b"Content-Length: %d\r\n\r\n" % (6 * 2**20)
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    with bench.service(limits={}) as s:
        def beside(what, n, *words):
            with Hostile(s.port, n, *words) as h:
                bench.reports(s, 4, 5, what)
            print(f"{'':26} {h.thrown_out:,} of them were thrown out, and came again")
        bench.reports(s, 4, 5, "nobody else")
        beside("10,000 that say nothing", 10000)
        beside("500 slow heads", 500, b"GET / HTTP/1.1\r\nX: ", b"y")
        beside("500 slow bodies of 6 MB", 500, large, b"y")
        beside("500 that say garbage", 500, b"\0garbage\r\n\r\n", b"y")
        bench.challenges(s.port, 1000)
        bench.reports(s, 4, 5, "1,000 sessions unfinished")
        (bench.folder / "hostile").write_bytes(b"[" * 6 * 2**20)
        bomb = subprocess.Popen(["wrk", "-t", "1", "-c", "8", "-d", "6s", "-s", ROOT / "bench/service.lua",
                                 f"http://127.0.0.1:{s.port}", "--", "/v1/verify?policy=simulated-quote", REPORT,
                                 bench.folder / "hostile", "0"], stdout=subprocess.DEVNULL)
        bench.reports(s, 4, 5, "8 with 6 MB of brackets")
        bomb.wait()


def main():
    words = argparse.ArgumentParser()
    words.add_argument("--json", help="write the rows there")
    words.add_argument("--seconds", type=int, default=8, help="of a row of reports")
    words.add_argument("--door", action="store_true", help="honest users beside hostile ones, in the place of the table")
    words.add_argument("--soak", type=int, help="for so many seconds, in the place of the table")
    words = words.parse_args()
    with tempfile.TemporaryDirectory(prefix="situs-", dir="/tmp") as folder:
        bench = Bench(folder)
        if words.soak or words.door:
            soak(bench, words.soak) if words.soak else door(bench)
        else:
            table(bench, words.seconds)
        if words.json:
            pathlib.Path(words.json).write_text(json.dumps(bench.rows, indent=1) + "\n")


if __name__ == "__main__":
    main()
