"""The parties of an exchange as real programs, and what stands between them: a proxy that ends one of them
after so many messages."""
import hashlib
import os
import pathlib
import re
import signal
import socket
import struct
import subprocess
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from programs import SITUS, program_of  # noqa: E402
from waiting import BOUND, until  # noqa: E402

PLAIN = {**os.environ, "ASAN_OPTIONS": "detect_leaks=1:verify_asan_link_order=0:handle_sigill=2:handle_sigtrap=2",
         "UBSAN_OPTIONS": "halt_on_error=1"}


def connect(s, path):
    """Connects as soon as somebody listens: a socket's file is there a moment before."""
    until(lambda: s.connect_ex(str(path)) == 0)


def situs(*args, env=None):
    words = [str(arg) for arg in args]
    done = subprocess.run([program_of(words), *words], stdin=subprocess.DEVNULL, capture_output=True, timeout=BOUND,
                          env={**PLAIN, **(env or {})})
    said = done.stderr.decode()
    assert "Sanitizer" not in said and "runtime error" not in said, said
    return done.returncode, said


STARTED = []


class Party:
    """A running program that can be killed, and started again with the same words."""

    def __init__(self, argv, opens, before=lambda: None):
        self.argv, self.opens, self.before, self.child = [str(a) for a in argv], pathlib.Path(opens), before, None

    def start(self):
        self.before()
        self.child = subprocess.Popen(self.argv, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                      stderr=subprocess.DEVNULL, env=PLAIN)
        STARTED.append(self)
        until(lambda: self.answers() or self.child.poll() is not None)
        assert self.child.poll() is None, self.argv
        return self

    def answers(self):
        """A TPM's control channel takes one client, and is not asked."""
        return self.opens.exists() if self.opens.suffix == ".ctrl" else self.listens()

    def listens(self):
        with socket.socket(socket.AF_UNIX) as s:
            return s.connect_ex(str(self.opens)) == 0

    def kill(self):  # SIGKILL: nothing is said to anybody
        if self.child:
            self.child.kill()
            self.child.wait()
            if self.opens.suffix != ".ctrl":
                until(lambda: not self.listens())  # its children, who end after it, would answer for the next

    def again(self):
        self.kill()
        return self.start()


def reset_lockout(sock):
    """TPM2_DictionaryAttackLockReset: to a TPM each cut of power counts like a wrong password (part 1, 19.8.6)."""
    body = struct.pack(">I", 0x4000000a) + struct.pack(">IIHBH", 9, 0x40000009, 0, 0, 0)
    with socket.socket(socket.AF_UNIX) as s:
        connect(s, sock)
        s.sendall(struct.pack(">HII", 0x8002, 10 + len(body), 0x139) + body)
        assert tpm_message(s)[6:10] == b"\0\0\0\0"


def tpm(directory, sock, prepare=lambda: None):
    """A software TPM; its sockets go, and with them a killed one's."""
    def before():
        for path in (sock, f"{sock}.ctrl"):
            pathlib.Path(path).unlink(missing_ok=True)
    party = Party(["swtpm", "socket", "--tpm2", "--tpmstate", f"dir={directory}", "--server",
                   f"type=unixio,path={sock}", "--ctrl", f"type=unixio,path={sock}.ctrl", "--flags",
                   "not-need-init,startup-clear"], f"{sock}.ctrl", before)
    start = party.start

    def launch():
        start()
        until(lambda: pathlib.Path(sock).exists())
        reset_lockout(sock)
        prepare()
        return party
    party.start = launch
    return party


def control(sock, *messages):
    """Commands of the control channel (swtpm/tpm_ioctl.h); each is answered by a result."""
    with socket.socket(socket.AF_UNIX) as s:
        connect(s, f"{sock}.ctrl")
        for message in messages:
            s.sendall(message)
            assert s.recv(4) == b"\0\0\0\0"


# What the lab's bare-metal host measures (lab/tpm/lab_drtm.c): locality, PCR, event; the first by HASH_START.
LAUNCH = ((4, 17, "lab SINIT ACM 1.0"), (3, 17, "lab launch control policy"), (3, 17, "lab SEAM loader 1.5"),
          (3, 18, "lab SINIT signer"), (2, 18, "lab host OS 1.0"), (2, 18, "lab host agent 1.0"), (2, 18, "lab vTPM 1.0"))


def extend(sock, locality, pcr, text):
    """TPM2_PCR_Extend of both banks at a locality (TPM 2.0 part 3, 22.2)."""
    password = struct.pack(">IIHBH", 9, 0x40000009, 0, 0, 0)
    body = struct.pack(">I", pcr) + password + struct.pack(">I", 2)
    for alg, name in ((0x000b, "sha256"), (0x000c, "sha384")):
        body += struct.pack(">H", alg) + hashlib.new(name, text.encode()).digest()
    with socket.socket(socket.AF_UNIX) as s:
        connect(s, sock)
        control(sock, struct.pack(">IB", 5, locality))
        s.sendall(struct.pack(">HII", 0x8002, 10 + len(body), 0x182) + body)
        assert tpm_message(s)[6:10] == b"\0\0\0\0"


def measured_launch(sock):
    """HASH_START, HASH_DATA, HASH_END, and what the launch extends after them."""
    first = LAUNCH[0][2].encode()
    control(sock, struct.pack(">I", 6), struct.pack(">II", 7, len(first)) + first, struct.pack(">I", 8))
    for event in LAUNCH[1:]:
        extend(sock, *event)
    control(sock, struct.pack(">IB", 5, 0))


def receive(s, n):
    got = b""
    while len(got) < n:
        more = s.recv(n - len(got))
        if not more:
            return None
        got += more
    return got


def wire_message(s):
    """A frame of roles/wire: big-endian size, body."""
    head = receive(s, 4)
    body = head and receive(s, struct.unpack(">I", head)[0])
    return head + body if body is not None and head else None


def tpm_message(s):
    """A TPM command or response: tag, size of all, code (TPM 2.0 part 3, 5)."""
    head = receive(s, 10)
    body = head and receive(s, struct.unpack(">I", head[2:6])[0] - 10)
    return head + body if body is not None and head else None


class Proxy:
    """Stands at a socket before a party's own. ends(n, when, what) says what happens at message n: "asked",
    before it is handed on; "answered", before the answer is; "after", when it has been."""

    def __init__(self, path, to, message):
        self.path, self.to, self.message, self.count, self.plan, self.fired = path, to, message, 0, None, False
        self.carries_out = threading.Lock()
        self.server = socket.socket(socket.AF_UNIX)
        pathlib.Path(path).unlink(missing_ok=True)
        self.server.bind(str(path))
        self.server.listen(16)
        threading.Thread(target=self.serve, daemon=True).start()

    def ends(self, n, when, what):
        self.count, self.plan, self.fired = 0, (n, when, what), False

    def passes(self):
        """Drops the plan; true when it was carried out, wholly."""
        with self.carries_out:
            fired, self.count, self.plan, self.fired = self.fired, 0, None, False
        return fired

    def serve(self):
        while True:
            client, _ = self.server.accept()
            threading.Thread(target=self.connection, args=(client,), daemon=True).start()

    def due(self, when):
        with self.carries_out:
            if self.fired or not self.plan or self.plan[:2] != (self.count, when):
                return self.fired
            self.fired = True
            self.plan[2]()
        return True

    def connection(self, client):
        with client, socket.socket(socket.AF_UNIX) as party:
            try:
                if self.fired:
                    return
                party.connect(str(self.to))
                while (asked := self.message(client)) is not None:
                    self.count += 1
                    if self.due("asked"):
                        return
                    party.sendall(asked)
                    answer = self.message(party)
                    if self.due("answered") or answer is None:
                        return
                    if self.due("after"):
                        client.shutdown(socket.SHUT_RD)  # the next question finds nobody
                        client.sendall(answer)
                        return
                    client.sendall(answer)
            except OSError:
                pass


class Pipe(Proxy):
    """Hands bytes on both ways: a TPM's control channel, which the proxy of its commands goes with."""

    def connection(self, client):
        with client, socket.socket(socket.AF_UNIX) as party:
            def back():
                try:
                    while data := party.recv(4096):
                        client.sendall(data)
                    client.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass
            try:
                party.connect(str(self.to))
                threading.Thread(target=back, daemon=True).start()
                while data := client.recv(4096):
                    party.sendall(data)
                party.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


def tpm_proxy(path, to):
    Pipe(f"{path}.ctrl", f"{to}.ctrl", None)
    return Proxy(path, to, tpm_message)


def contents(directory):
    """Every file below a directory, by name; {} when there is none."""
    root = pathlib.Path(directory)
    return {str(p.relative_to(root)): p.read_bytes() for p in sorted(root.rglob("*")) if p.is_file()}


def words_of(pid):
    return pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")[:-1]


def children_of(parent):
    """The programs that a process started: pid and words."""
    found = []
    for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            if int(stat.read_text().rsplit(")", 1)[1].split()[1]) == parent:
                found.append((int(stat.parent.name), words_of(stat.parent.name)))
        except (OSError, ValueError):
            pass
    return found


def runs(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


class Lab:
    """situs lab up, as a user starts it; take() gives one of its programs over to the test."""

    def __init__(self, directory):
        self.child = subprocess.Popen([SITUS, "lab", "up", directory], stdout=subprocess.PIPE, env=PLAIN,
                                      stdin=subprocess.DEVNULL)
        self.said = b""
        while b"Control-C" not in self.said:
            line = self.child.stdout.readline()
            assert line, self.said
            self.said += line
        self.said = self.said.decode()
        self.run = pathlib.Path(re.search(r"swtpm:path=(/tmp/situs-\w+)/", self.said)[1])

    def take(self, *words, opens, before=lambda: None, change=()):
        """One of its programs, stopped; change maps a word of its command line to another."""
        (pid, argv), = [(p, a) for p, a in children_of(self.child.pid) if all(w in " ".join(a) for w in words)]
        os.kill(pid, signal.SIGKILL)
        until(lambda: not runs(pid))  # it answers no more: what does is started anew
        return Party([dict(change).get(a, a) for a in argv], opens, before)

    def take_tpm(self, name, prepare=lambda: None):
        sock = self.run / name
        taken = self.take("swtpm", f"path={sock}.ctrl", opens=sock)
        directory = next(a for a in taken.argv if a.startswith("dir="))[4:]
        return tpm(directory, sock, prepare).start()

    def stop(self, how=signal.SIGINT):
        self.child.send_signal(how)
        return self.child.wait(timeout=BOUND)
