"""Debian's PostgreSQL for a test: a cluster in a folder of its own, behind a Unix socket alone, as an unprivileged user."""
import ctypes
import glob
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time

PROGRAMS = sorted(glob.glob("/usr/lib/postgresql/*/bin/initdb"))
FOUND = bool(PROGRAMS) and (os.getuid() != 0 or any(p.pw_name == "postgres" for p in pwd.getpwall()))


def end_with_parent():
    """prctl(2), PR_SET_PDEATHSIG: a test that is ended leaves no server behind."""
    ctypes.CDLL(None).prctl(1, signal.SIGQUIT)


class Postgres:
    """A server; where is the connection string of a new database."""

    def __init__(self):
        self.bin = os.path.dirname(PROGRAMS[-1])
        self.folder = tempfile.mkdtemp(prefix="situs-pg.")  # short: the path of a socket has 107 bytes
        self.user = {}
        if os.getuid() == 0:  # the server refuses to run as root
            who = pwd.getpwnam("postgres")
            os.chown(self.folder, who.pw_uid, who.pw_gid)
            self.user = {"user": who.pw_uid, "group": who.pw_gid, "extra_groups": []}
        self.server = None
        self.run("initdb", "-D", self.folder + "/data", "-A", "trust", "-U", "situs", "--no-sync", "-E", "UTF8", "--locale", "C")
        self.start()

    def run(self, program, *words):
        done = subprocess.run([os.path.join(self.bin, program), *words], cwd="/", capture_output=True, text=True, **self.user)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def start(self):
        with open(os.path.join(self.folder, "log"), "ab") as log:
            self.server = subprocess.Popen(
                [self.bin + "/postgres", "-D", self.folder + "/data", "-k", self.folder, "-c", "listen_addresses=",
                 "-c", "fsync=off", "-c", "shared_buffers=16MB", "-c", "max_connections=20"],
                cwd="/", stdout=log, stderr=log, preexec_fn=end_with_parent, **self.user)
        end = time.monotonic() + 60
        while not self.answers():
            assert time.monotonic() < end and self.server.poll() is None, open(self.folder + "/log").read()
            time.sleep(0.05)

    def answers(self):
        return subprocess.run([self.bin + "/pg_isready", "-q", "-h", self.folder], check=False).returncode == 0

    def sql(self, text, database="postgres"):
        return self.run("psql", "-h", self.folder, "-U", "situs", "-d", database, "-AtqX", "-v", "ON_ERROR_STOP=1", "-c", text)

    def database(self, name):
        self.sql(f"CREATE DATABASE {name}")
        return f"host={self.folder} user=situs dbname={name}"

    def kill(self):
        """As when its machine goes: every process of it, at once."""
        self.server.send_signal(signal.SIGQUIT)
        self.server.wait()

    def stop(self):
        if self.server and self.server.poll() is None:
            self.kill()
        shutil.rmtree(self.folder)
