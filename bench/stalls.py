#!/usr/bin/env python3
"""stalls.py [PART...]: honest clients beside hostile ones, in figures: how many are served, and how long they wait.

SITUS names the program (build/situs). Everything is on the loopback of this machine, beside a lab of its own, and
bounded in count and time. Parts: silent, far, deaf, once, asking, pipelined, stopped. Nothing is asserted."""
import os
import pathlib
import signal
import socket
import statistics
import struct
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests/roles"))
os.environ.setdefault("SITUS", str(ROOT / "build/situs"))
os.environ.setdefault("END_AT", "")
import channel  # noqa: E402
from channel import QUESTION, TLS, Attester, Through, connect, deaf, of  # noqa: E402
from parties import PLAIN, Lab, children_of, until  # noqa: E402


def say(what, figures):
    print(f"{what:62} {figures}", flush=True)


def timed(ask, times):
    took = []
    good = 0
    for _ in range(times):
        begin = time.monotonic()
        good += bool(ask())
        took.append(1e3 * (time.monotonic() - begin))
    return f"{good}/{times} good, median {statistics.median(took):.0f} ms, max {max(took):.0f} ms"


def asks(address):
    return lambda: connect(address).returncode == 0


class Flood:
    """Threads of a hostile client, from begin to end."""

    def __init__(self, talk, n=1):
        self.over, self.count = threading.Event(), 0
        self.threads = [threading.Thread(target=talk, args=(self,), daemon=True) for _ in range(n)]

    def __enter__(self):
        for t in self.threads:
            t.start()
        time.sleep(1)
        return self

    def __exit__(self, *_):
        self.over.set()
        for t in self.threads:
            t.join()


def silence(address, rate):
    def talk(flood):
        held, begin = [], time.monotonic()
        while not flood.over.is_set():
            while flood.count < (time.monotonic() - begin) * rate:
                s = socket.socket()
                s.setblocking(False)
                s.connect_ex(of(address))
                held.append(s)
                flood.count += 1
                if len(held) > 800:
                    held.pop(0).close()
            time.sleep(0.002)
    return talk


def ticks(pid):
    return sum(map(int, pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[11:15]))


def silent():
    with Attester() as a:
        say("attest --listen, nobody else", timed(asks(a.address), 10))
        with Flood(silence(a.address, 1000)):
            before, begin = ticks(a.child.pid), time.monotonic()
            figures = timed(asks(a.address), 20)
            share = (ticks(a.child.pid) - before) / (time.monotonic() - begin)
        say("1,000 silent connections a second", f"{figures}; the attester took {share:.0f} % of a core")


class Far(Through):
    """A line of 100 ms, there and back."""

    def way(self, a, b):
        try:
            while data := a.recv(65536):
                time.sleep(0.05)
                b.sendall(data)
            b.shutdown(socket.SHUT_WR)
        except OSError:
            pass


def far():
    with Attester() as a, Far(lambda: of(a.address)) as line:
        say("a line of 100 ms, nobody else", timed(asks(line.address), 5))
        with Flood(silence(a.address, 1000)):
            say("a line of 100 ms, 1,000 silent connections a second", timed(asks(line.address), 12))


def not_reading():
    with Attester(padded=900_000) as a:
        def talk(flood):
            while not flood.over.is_set():
                try:
                    with deaf(a.address) as s:
                        s.sendall(QUESTION)
                        flood.count += 1
                        while not flood.over.is_set() and channel.closed([s]) == 0:
                            time.sleep(0.2)
                except OSError:
                    time.sleep(0.05)
        with Flood(talk, 16) as flood:
            figures = timed(asks(a.address), 10)
        say("16 askers of 0.9 MB that read a little now and then", f"{figures}; {flood.count} questions of theirs")


def mute():
    with Attester(padded=900_000) as a:
        held = [deaf(a.address) for _ in range(16)]
        for s in held:
            s.sendall(QUESTION)
        time.sleep(2)
        say("16 askers of 0.9 MB that do not read", timed(asks(a.address), 10))


def once():
    with Attester() as a:
        for _ in range(3):
            codes, begin = [], time.monotonic()
            threads = [threading.Thread(target=lambda: codes.append(connect(a.address).returncode)) for _ in range(8)]
            for t in threads:
                t.start()
            for t in threads:
                t.join()
            say("eight connects at once, swtpm without a resource manager",
                f"{codes.count(0)}/8 good in {time.monotonic() - begin:.2f} s")


def asking():
    with Attester() as a:
        def talk(flood):
            while not flood.over.is_set():
                try:
                    with TLS.wrap_socket(socket.create_connection(of(a.address), timeout=30)) as s:
                        s.sendall(QUESTION)
                        while s.recv(65536):
                            pass
                    flood.count += 1
                except OSError:
                    pass
        for n in (16, 64):
            with Flood(talk, n):
                say(f"{n} loops of valid questions from the same address", timed(asks(a.address), 5))


def asks_agent(path):
    def ask():
        with socket.socket(socket.AF_UNIX) as s:
            s.settimeout(60)
            s.connect(str(path))
            s.sendall(struct.pack(">I", 1) + b"\xa0")
            return len(s.recv(4)) == 4
    return ask


def pipelined():
    (_, argv), = [(p, w) for p, w in children_of(channel.LAB.child.pid) if "host run" in " ".join(w)]
    at, table = channel.HERE / "agent", channel.HERE / "vms"
    at.mkdir()
    table.write_text("".join(f"{name} ak 000b{'01' * 32}\n" for name in "ab"))
    change = {"--dir": at, "--vms": table}
    agent = subprocess.Popen([str(change.get(before, word)) for before, word in zip([None] + argv, argv)],
                             stderr=subprocess.DEVNULL, env=PLAIN)
    until(lambda: (at / "b/platform.sock").exists())
    time.sleep(0.5)
    say("host agent, VM b, nobody else", timed(asks_agent(at / "b/platform.sock"), 50))
    paths = ((at / "a/platform.sock", at / "b/platform.sock", "host agent, VM b"),
             (channel.LAB.run / "registrar", channel.LAB.run / "registrar", "registrar"))
    for flooded, honest, name in paths:
        for reads in (False, True):
            def talk(flood):
                data = (struct.pack(">I", 1) + b"x") * 34000
                with socket.socket(socket.AF_UNIX) as s:
                    s.connect(str(flooded))
                    s.setblocking(False)
                    while not flood.over.is_set():
                        try:
                            flood.count += s.send(data[flood.count:flood.count + 65536])
                        except BlockingIOError:
                            pass
                        try:
                            reads and s.recv(1 << 20)
                        except BlockingIOError:
                            pass
                        time.sleep(0.0005)
            with Flood(talk) as flood:
                say(f"{name}; {flood.count // 5:,} requests pipelined, {'all' if reads else 'no'} answers read",
                    timed(asks_agent(honest), 50))
    agent.terminate()
    agent.wait(20)


def stopped():
    (pid, argv), = [(p, w) for p, w in children_of(channel.LAB.child.pid) if "host run" in " ".join(w)]
    path = channel.LAB.run / "metal/vms/vm1/platform.sock"
    all_of_it = [pid] + [p for p, _ in children_of(pid)]
    for p in all_of_it:
        os.kill(p, signal.SIGSTOP)
    held = []
    for _ in range(200):
        held.append(socket.socket(socket.AF_UNIX))
        held[-1].setblocking(False)
        if held[-1].connect_ex(str(path)) != 0:
            break
    begin = time.monotonic()
    done = subprocess.run([os.environ["SITUS"], "attest", "--nonce", "11" * 32, "-o", channel.HERE / "x", "--platform", path,
                           "--tsm", channel.LAB.run / "metal/report"], capture_output=True, timeout=120, env=PLAIN)
    say(f"a stopped agent, {len(held) - 1} connections pending: attest --platform",
        f"exit {done.returncode} after {time.monotonic() - begin:.1f} s")
    with Attester() as a:
        say("meanwhile the other machine", timed(asks(a.address), 5))
    for p in all_of_it:
        os.kill(p, signal.SIGCONT)


PARTS = {"silent": silent, "far": far, "deaf": lambda: (mute(), not_reading()), "once": once, "asking": asking,
         "pipelined": pipelined, "stopped": stopped}

with tempfile.TemporaryDirectory(prefix="situs-", dir="/tmp") as folder:
    channel.HERE = pathlib.Path(folder)
    channel.LAB = Lab(channel.HERE / "lab")
    try:
        for part in sys.argv[1:] or PARTS:
            PARTS[part]()
    finally:
        channel.LAB.child.kill()
