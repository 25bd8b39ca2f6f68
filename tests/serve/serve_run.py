"""situs serve as it runs: the program, its processes, and who asks it over HTTP."""
import contextlib
import http.client
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "cli"))
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from situs_run import PLAIN, SITUS, VECTORS, Case, fill, main, situs  # noqa: E402,F401
from waiting import BOUND, pids_of, refused, shut, until  # noqa: E402,F401


def children(pid):
    """{name of the process: its pid} of those that a process has started."""
    found = {}
    for child in pids_of(pid):
        try:
            found[pathlib.Path(f"/proc/{child}/comm").read_text().strip()] = child
        except OSError:
            pass
    return found


def descriptors_of(pid):
    """What the descriptors of a process lead to; one that it closes meanwhile is none."""
    found = set()
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        for fd in os.listdir(f"/proc/{pid}/fd"):
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                found.add(os.readlink(f"/proc/{pid}/fd/{fd}"))
    return found


def listens(pid):
    """Whether a process, which lets its user look into it, has a listening socket of TCP over IPv4."""
    with open("/proc/net/tcp") as f:
        listening = {f"socket:[{line.split()[9]}]" for line in f.readlines()[1:] if line.split()[3] == "0A"}
    try:
        return bool(descriptors_of(pid) & listening)
    except PermissionError:  # its memory is gone already, and with it who its user was: only root may look (proc(5))
        return False


class Notified:
    """What systemd is told, as whose watchdog somebody asks three times in three seconds."""

    def __init__(self, folder):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        path = os.path.join(folder, "notify")
        self.socket.bind(path)
        self.socket.setblocking(False)
        self.environment = {"NOTIFY_SOCKET": path, "WATCHDOG_USEC": "3000000"}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def words(self):
        """The first words of all that came since."""
        said = []
        with contextlib.suppress(BlockingIOError):
            while True:
                said.append(self.socket.recv(200).split(b"\n")[0])
        return said


class Service:
    """A service with this configuration, on a port of its own."""

    def __init__(self, folder, configuration, env=None, stdin=None):
        self.folder, self.file, self.env, self.stdin = folder, os.path.join(folder, "serve.json"), env, stdin
        self.log = os.path.join(folder, "log")
        self.write(configuration)

    def write(self, configuration):
        text = configuration if isinstance(configuration, str) else json.dumps(configuration)
        with open(self.file, "w") as f:
            f.write(text)

    def __enter__(self):
        with open(self.log, "wb") as log:
            self.child = subprocess.Popen([SITUS, "serve", "--config", self.file], env={**PLAIN, **(self.env or {})},
                                          stderr=log, stdin=self.stdin)
        until(lambda: self.said("serving") or self.child.poll() is not None)
        assert self.child.poll() is None, self.said()
        ports = [int(line.split(":")[-1]) for line in self.said().splitlines() if "listening on 127.0.0.1:" in line]
        self.port, self.inside = ports[0], ports[-1]
        return self

    def documented(self):
        """Every status that a path answered is in openapi.json for it, where the service has a socket for that."""
        status, text = self.ask("GET", "/openapi.json", inside=True)
        for line in self.said().splitlines() if status == 200 else ():
            line = json.loads(line) if line[:1] == "{" else {}
            if line.get("path") and line["status"]:
                said = json.loads(text)["paths"][line["path"]][line["method"].lower().replace("head", "get")]["responses"]
                assert str(line["status"]) in said, line

    def __exit__(self, kind=None, *_):
        if self.child.poll() is None and not kind and self.inside != self.port:
            self.documented()
        if self.child.poll() is None:
            self.child.send_signal(signal.SIGTERM)
            try:
                assert self.child.wait(timeout=BOUND) == 0, self.said()
            finally:
                self.child.kill()
        assert "Sanitizer" not in self.said() and "runtime error" not in self.said(), self.said()

    def said(self, word=""):
        text = pathlib.Path(self.log).read_text()
        return text if word in text else ""

    def line(self, word):
        return next(line for line in self.said().splitlines() if word in line)

    def pids(self):
        """By name; a process that was made a moment ago still has its parent's."""
        def named():
            found = children(self.child.pid)
            return None if "situs-serve" in found else [found]
        return until(named)[0]

    def ask(self, method, path, body=None, accept=None, kind="application/json", bearer=None, inside=False):
        """(status, body as bytes)."""
        connection = http.client.HTTPConnection("127.0.0.1", self.inside if inside else self.port, timeout=BOUND)
        headers = {"Content-Type": kind} if body is not None else {}
        if accept:
            headers["Accept"] = accept
        if bearer:
            headers["Authorization"] = "Bearer " + bearer
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def post(self, path, accept=None, **members):
        status, body = self.ask("POST", path, json.dumps(members), accept)
        return status, json.loads(body) if body[:1] == b"{" else body

    def kept(self, evidence, policy="a"):
        """(where its report is kept, the report as bytes)."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=BOUND)
        try:
            connection.request("POST", f"/v1/verify?policy={policy}&keep=report", evidence,
                               {"Content-Type": "application/octet-stream"})
            answer = connection.getresponse()
            return answer.headers["Content-Location"], answer.read()
        finally:
            connection.close()

    def reload(self):
        """Reads the configuration again, until the front of before takes nobody any more."""
        front, count = self.pids()["situs-front"], self.said().count("was read again")
        self.child.send_signal(signal.SIGHUP)
        until(lambda: self.said().count("was read again") > count)
        until(lambda: not listens(front))

    def ask_private(self, path, path_of_socket):
        """(status, text) of what only the operator's own may ask, on a Unix socket."""
        with socket.socket(socket.AF_UNIX) as c:
            c.settimeout(BOUND)
            c.connect(path_of_socket)
            c.sendall(f"GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".encode())
            with c.makefile("rb") as f:
                head, _, body = f.read().partition(b"\r\n\r\n")
        return int(head.split()[1]), body.decode()

    def challenges(self, policy):
        """That there are challenges for a policy; a front of before may end without an answer."""
        try:
            return self.post("/v1/challenge", policy=policy)[0] == 200
        except OSError:
            return False

    def kill(self, name):
        """Ends one process, until all of its generation are gone and others serve: the front of before says 503."""
        pids = self.pids()
        before = [pids["situs-" + part] for part in ("front", "keeper", "nursery")]
        os.kill(pids[name], signal.SIGKILL)
        until(lambda: set(pids_of(self.child.pid)).isdisjoint(before))
        until(self.serves)

    def serves(self):
        try:
            return self.ask("GET", "/readyz")[0] == 200
        except OSError:
            return False
