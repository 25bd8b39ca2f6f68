"""What the service has on record, in SQLite and in PostgreSQL: the same tests for both."""
import base64
import contextlib
import functools
import hashlib
import json
import os
import pathlib
import resource
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "cli"))
from fleet_run import FleetCase  # noqa: E402
from postgres import FOUND, Postgres  # noqa: E402
from serve_run import BOUND, Case, Notified, Service, main, pids_of, situs, until  # noqa: E402

EVIDENCE = base64.b64encode(b"no evidence at all").decode()


def type_of(problem):
    return problem["type"].replace(":", "/").split("/")[-1]


def not_ready(answer):
    """The problem of an answer, where it is this one: a database may be late on a busy machine."""
    status, problem = answer
    return problem if (status, type_of(problem)) == (503, "not-ready") else None


class Sqlite:
    """A file; away is as if its disk were gone."""

    def __init__(self, case):
        self.path = case.path("store.db")
        self.place = {"sqlite": self.path}

    def sql(self, text):
        with sqlite3.connect(self.path, timeout=60) as db:
            rows = db.execute(text).fetchall()
        db.close()
        return "\n".join("|".join(map(str, row)) for row in rows)

    def away(self):
        os.rename(self.path, self.path + ".away")

    def back(self):
        os.rename(self.path + ".away", self.path)


class Server:
    running = None
    made = 0

    def __init__(self, case):
        if not Server.running:
            Server.running = Postgres()
            unittest.addModuleCleanup(Server.running.stop)
        Server.made += 1
        self.name = f"situs{Server.made}"
        self.place = {"postgresql": Server.running.database(self.name)}

    def sql(self, text):
        return Server.running.sql(text, self.name).strip()

    @staticmethod
    def away():
        Server.running.kill()

    @staticmethod
    def back():
        Server.running.start()


class Both:
    """The tests; kind is the database."""

    def setUp(self):
        super().setUp()
        self.db = self.kind(self)
        self.configuration = {
            "listen": "127.0.0.1:0", "base": "https://verifier.example", "default": "a",
            "policies": {"a": {"policy": "genuine"}}, "limits": {"judges": 1}, "store": self.db.place}

    def service(self, **more):
        return Service(self.dir, {**self.configuration, **more})

    @staticmethod
    def appraise(s):
        return s.post("/v1/verify", policy="a", evidence=EVIDENCE)

    def test_a_new_one_is_made_and_one_of_a_newer_situs_is_refused(self):
        for n in (1, 2):
            with self.service() as s:
                until(lambda: self.appraise(s)[0] == 200)
            self.assertEqual(self.db.sql("SELECT MAX(number) FROM situs_migration"), "5")
            self.assertEqual(self.db.sql("SELECT value FROM situs_change WHERE name = 'seen'"), str(n))
        self.db.sql("INSERT INTO situs_migration VALUES (6, 0)")
        done = situs("serve", "--config", self.path("serve.json", json.dumps(self.configuration).encode()))
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"schema: unsupported: expected 5, got 6", done.stderr)

    def test_a_report_that_was_kept_is_there_after_a_restart_and_the_last_ones_alone(self):
        with self.service() as s:
            until(lambda: self.appraise(s)[0] == 200)
            path, text = s.kept(b"00ff")
            self.assertEqual(path, "/v1/reports/" + hashlib.sha256(text).hexdigest())
            self.assertEqual(s.ask("GET", path), (200, text))
        with self.service() as s:
            until(lambda: s.ask("GET", path) == (200, text))
            now = int(time.time())
            rows = f"""WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1200)
                INSERT INTO situs_report SELECT '{'0' * 57}' || (1000000 + i), {now} - 5000 - 3000 * i, '{{}}' FROM n"""
            self.db.sql(rows)  # the last of them are more than 30 days old
            s.kept(b"01ff")
            self.assertLessEqual(int(self.db.sql("SELECT COUNT(*) FROM situs_report")), 866)  # 30 days of 3000 s, and ours
            self.db.sql(f"UPDATE situs_report SET at = {now} - 5")
            self.db.sql(rows.replace("3000 * i", "i").replace("1000000", "2000000"))
            path, text = s.kept(b"02ff")
            self.assertEqual(self.db.sql("SELECT COUNT(*) FROM situs_report"), "1024")
            self.assertEqual(s.ask("GET", path), (200, text))
            # A database that answers, and not about reports: whether one is kept is not known.
            self.db.sql("ALTER TABLE situs_report RENAME TO aside")
            self.assertEqual(s.ask("GET", path)[0], 503)
            self.db.sql("ALTER TABLE aside RENAME TO situs_report")
            until(lambda: s.ask("GET", path) == (200, text))
            self.assertEqual(s.ask("GET", path[:-1] + "g")[0], 404)
            self.db.away()
            until(lambda: s.ask("GET", path)[0] == 503)
            self.db.back()

    def check(self):
        return situs("serve", "--check", "--config", self.path("serve.json", json.dumps(self.configuration).encode()))

    def test_a_check_looks_at_it_and_changes_nothing(self):
        self.assertEqual(self.check().returncode, 0)
        with self.service() as s:
            until(s.serves)
            self.assertEqual(self.check().returncode, 0)
        before = self.files()
        self.assertEqual(self.check().returncode, 0)
        self.db.sql("INSERT INTO situs_migration VALUES (999, 0)")
        done = self.check()
        self.assertEqual((done.returncode, b"schema: unsupported" in done.stderr), (1, True), done.stderr)
        self.db.sql("DELETE FROM situs_migration WHERE number = 999")
        self.assertEqual(self.files(), before)
        self.db.away()
        done = self.check()
        self.assertEqual(done.returncode, 0, done.stderr)
        self.db.back()

    def files(self):
        return sorted(os.listdir(self.dir))

    def test_one_that_is_gone_is_503_until_it_is_back(self):
        with self.service() as s:
            _, c = s.post("/v1/challenge", policy="a")
            self.db.away()
            until(lambda: s.post("/v1/challenge", policy="a")[0] == 503)
            status, problem = self.appraise(s)
            self.assertEqual((status, type_of(problem)), (503, "store"), problem)
            self.assertEqual(s.ask("GET", "/readyz")[0], 503)
            self.assertEqual(s.ask("GET", "/healthz")[0], 200)
            self.db.back()
            until(s.serves)
            # The nonce was never in it: it is as good as before.
            status, report = s.post("/v1/verify", session=c["session"], evidence=EVIDENCE)
            self.assertEqual((status, report["exit"]), (200, 2))
            self.assertIn("the database answers again", s.said())

            # One that lost its rows is not believed.
            self.db.sql("DELETE FROM situs_change")
            until(lambda: not s.serves())
            self.db.sql("INSERT INTO situs_change VALUES ('seen', 1)")
            until(s.serves)
            # The keeper is killed, and nothing but nonces is lost.
            _, c = s.post("/v1/challenge", policy="a")
            s.kill("situs-keeper")
            self.assertEqual(s.post("/v1/verify", session=c["session"], evidence=EVIDENCE)[0], 404)
            until(lambda: self.appraise(s)[0] == 200)

    def test_an_audit_log_that_is_behind_it_is_not_gone_on_with(self):
        log = pathlib.Path(self.dir, "audit.log")
        audit = {"audit": {"file": str(log)}, "replica": "one"}
        with self.service(**audit) as s:
            until(lambda: self.appraise(s)[0] == 200)
            old = [(p, p.read_bytes()) for p in (log, pathlib.Path(str(log) + "-head"))]
            until(lambda: self.appraise(s)[0] == 200)
            until(lambda: s.serves() and self.db.sql("SELECT replica, number FROM situs_audit") >= "one|2")
        for path, data in old:
            path.write_bytes(data)
        with Service(self.dir, {**self.configuration, **audit}) as s:
            until(lambda: s.said("audit log: head: mismatch: expected 2, got 1"))
            self.assertFalse(s.serves())


@functools.lru_cache(None)
def lists():
    """(trust file, revocation list 1, revocation list 2) of an owner of the lab's, as bytes."""
    case = FleetCase()
    case.MADE_AT = int(time.time()) - 7200
    try:
        case.setUp()
        case.deliver()
        older = case.bytes_of(case.publish("r1"))
        case.at += 3600
        return case.bytes_of(case.trust), older, case.bytes_of(case.publish("r2"))
    finally:
        case.doCleanups()


@functools.lru_cache(None)
def crls():
    """Three CRLs in their time: the older and the newer of one issuer, and the oldest, of another of the same name; and the
    certificates of both."""
    case, now = Case(), time.time()
    try:
        case.setUp()
        case.path("ca.cnf", b"[ca]\ndefault_ca = d\n[d]\ndatabase = index\ncrlnumber = number\ndefault_md = sha256\n"
                  b"crl_extensions = e\n[e]\nauthorityKeyIdentifier = keyid:always\n")
        case.path("index", b"")
        case.path("number", b"01\n")
        run = functools.partial(subprocess.run, cwd=case.dir, check=True, capture_output=True)
        for ca in "ca", "namesake":
            run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=ca",
                 "-keyout", ca + ".key", "-out", ca + ".pem"])
        for name, ca, ago in ("old", "ca", 7200), ("new", "ca", 3600), ("oldest", "namesake", 10800):
            times = [time.strftime("%Y%m%d%H%M%SZ", time.gmtime(now + more)) for more in (-ago, 86400)]
            run(["openssl", "ca", "-gencrl", "-config", "ca.cnf", "-keyfile", ca + ".key", "-cert", ca + ".pem", "-crl_lastupdate",
                 times[0], "-crl_nextupdate", times[1], "-out", name + ".pem"])
            run(["openssl", "crl", "-in", name + ".pem", "-outform", "DER", "-out", name])
        return tuple(pathlib.Path(case.dir, name).read_bytes() for name in ("old", "new", "oldest", "ca.pem", "namesake.pem"))
    finally:
        case.doCleanups()


class Numbers:
    """Lists are numbered, and an older one than was seen is not believed again."""

    def setUp(self):
        super().setUp()
        self.db = self.kind(self)
        self.trust, self.older, self.newer = (self.path(name, data) for name, data in zip(("trust", "r1", "r2"), lists()))

    def service(self, *lists, **more):
        return Service(self.dir, {
            "listen": "127.0.0.1:0", "base": "https://verifier.example", "limits": {"judges": 1},
            "policies": {"a": {"policy": "genuine", "trust": self.trust, "endorsements": lists}},
            **({"store": self.db.place} if not more else {}), **more})

    def number(self):
        return self.db.sql("SELECT kind, number FROM situs_seen")

    def test_an_older_list_is_not_believed_after_a_restart(self):
        with self.service(self.older) as s:
            until(s.serves)
            self.assertEqual(self.number(), "revocation|1")
        with self.service(self.newer) as s:
            until(s.serves)
            self.assertEqual(self.number(), "revocation|2")
        with self.service(self.older) as s:
            problem = until(lambda: not_ready(s.post("/v1/challenge", policy="a")))
            self.assertIn("revocation number: expected 2, got 1", json.dumps(problem))
            self.assertEqual(s.post("/v1/verify", policy="a", evidence=EVIDENCE)[0], 503)
            self.assertEqual(self.number(), "revocation|2")
        # An older database takes the higher number, and what another replica saw counts here.
        self.db.sql("UPDATE situs_seen SET number = 1")
        with self.service(self.older, self.newer) as s:
            until(s.serves)
            self.assertEqual(self.number(), "revocation|2")
            self.db.sql("UPDATE situs_seen SET number = 3")
            self.db.sql("UPDATE situs_change SET value = value + 1")
            until(lambda: not s.serves())

    def test_a_number_that_the_operator_does_not_believe_is_forgotten(self):
        """And no other: what was signed since counts, and so does what was before."""
        with self.service(self.newer) as s:
            until(s.serves)
        self.db.sql("UPDATE situs_seen SET number = 9223372036854775807")
        kind, anchor, subject, facility = self.db.sql("SELECT kind, anchor, subject, facility FROM situs_seen").split("|")
        row = {"kind": kind, "anchor": anchor, "subject": subject, "number": 9223372036854775807,
               **({"facility": facility} if facility else {})}
        log = pathlib.Path(self.dir, "audit.log")
        for forget, serves in ([{**row, "number": 2}, {**row, "anchor": "another"}], False), ([row], True), ([row], True):
            known = serves and not log.stat().st_size
            with self.service(self.newer, store=self.db.place, forget=forget, audit={"file": str(log)}) as s:
                until(s.serves if serves else lambda: not_ready(s.post("/v1/challenge", policy="a")))
                self.assertEqual((s.said().count("is forgotten:"), s.said().count("is not on record: nothing is forgotten")),
                                 (known, len(forget) - known))
        self.assertEqual(self.number(), "revocation|2")
        self.assertEqual(situs("audit", "verify", log).returncode, 0)
        line, = map(json.loads, log.read_text().splitlines())  # for what was forgotten, and that alone
        self.assertEqual((line["forgets"], line["anchor"], line["number"], line["row_sha256"]), (
            kind, anchor, row["number"], hashlib.sha256(f"{subject}\0{facility}".encode()).hexdigest()))

    def test_a_date_that_the_operator_does_not_believe_stays_forgotten(self):
        """While a policy has the file, too: it is not served with that, and with the older one it is."""
        old, new = (self.path(name, data) for name, data in zip(("old.crl", "new.crl"), crls()))
        with self.service(new) as s:
            until(s.serves)
        anchor, subject, number = self.db.sql("SELECT anchor, subject, number FROM situs_seen WHERE kind = 'date'").split("|")
        forget = [{"kind": "date", "anchor": anchor, "subject": subject, "number": int(number)}]
        for path, serves in (old, False), (new, False), (old, True):
            with self.service(path, store=self.db.place, **({"forget": forget} if serves or path == new else {})) as s:
                problem = None if serves else until(lambda: not_ready(s.post("/v1/challenge", policy="a")))
                if serves:
                    until(s.serves)
                elif path == new:
                    self.assertRegex(json.dumps(problem), "CRL of [0-9a-f]{32} date: expected a date that")
        self.assertEqual(self.db.sql("SELECT COUNT(*) FROM situs_seen WHERE kind = 'date' AND number >= " + number), "0")

    def test_an_older_crl_is_not_believed_after_a_restart(self):
        """Though it is still in its time. Another replica's may be newer, and another policy's."""
        old, new = (self.path(name, data) for name, data in zip(("old.crl", "new.crl"), crls()))
        for path in old, new:
            with self.service(path) as s:
                until(s.serves)
        self.assertEqual(self.db.sql("SELECT COUNT(*) FROM situs_seen WHERE kind = 'date'"), "1")
        with self.service(old) as s:
            problem = until(lambda: not_ready(s.post("/v1/challenge", policy="a")))
            self.assertRegex(json.dumps(problem), "CRL of [0-9a-f]{32} date: expected [0-9TZ:-]+, got")
        with self.service(old, new) as s:  # the newest counts
            until(s.serves)
        with self.service(old, store=self.db.place, replica="two") as s:
            until(s.serves)


    def test_a_database_of_before_is_told_by_the_mark(self):
        """Numbers and dates lie in a file beside it, too, which outlives a copy that is put back."""
        old, new = (self.path(name, data) for name, data in zip(("old.crl", "new.crl"), crls()))
        mark = pathlib.Path(self.dir, "mark")
        store = {**self.db.place, "mark": str(mark)}
        with self.service(self.newer, new, store=store) as s:
            until(s.serves)
        self.db.sql("UPDATE situs_seen SET number = 1")
        for lists, says in ((self.older, new), "revocation number: expected 2, got 1"), ((self.newer, old), "CRL of [0-9a-f]{32} date"):
            with self.service(*lists, store=store) as s:
                problem = until(lambda: not_ready(s.post("/v1/challenge", policy="a")))
                self.assertRegex(json.dumps(problem), says)
        self.assertEqual(self.db.sql("SELECT number FROM situs_seen WHERE kind = 'revocation'"), "2")
        kind, anchor, subject = self.db.sql("SELECT kind, anchor, subject FROM situs_seen WHERE kind = 'revocation'").split("|")
        forget = [{"kind": kind, "anchor": anchor, "subject": subject, "number": 2}]
        with self.service(self.older, new, store=store, forget=forget) as s:
            until(s.serves)
        self.assertEqual({r["number"] for r in json.loads(mark.read_text())["seen"] if r["kind"] == "revocation"}, {1})
        mark.write_text(mark.read_text()[:-2])
        with self.service(self.newer, new, store=store) as s:
            until(lambda: s.said("error: mark"))
            self.assertFalse(s.serves())
            mark.unlink()
            until(s.serves)
        self.assertIn('"revocation"', mark.read_text())

    def test_two_authorities_of_one_name_have_dates_of_their_own(self):
        """Whether their certificates are here, or the CRLs alone say by which key they are signed."""
        new, oldest = (self.path(name, crls()[i]) for name, i in (("new.crl", 1), ("oldest.crl", 2)))
        anchors = self.path("both", json.dumps({"anchors": [
            {"name": name, "for": ["list"], "pem": crls()[i].decode()} for name, i in (("one", 3), ("other", 4))]}).encode())
        for n, trust in (2, self.trust), (4, anchors):
            self.trust = trust
            for path in new, oldest:
                with self.service(path) as s:
                    until(s.serves)
            self.assertEqual(self.db.sql("SELECT COUNT(*) FROM situs_seen WHERE kind = 'date'"), str(n))


class Names(Case):
    def test_an_anchor_s_name_is_of_one_certificate(self):
        """Numbers are counted by it: one policy's signer would raise those of another's."""
        trust = json.loads(lists()[0])
        signer = next(a for a in trust["anchors"] if "poe" in a["for"])
        other = next(a for a in trust["anchors"] if a["pem"] != signer["pem"])
        files = [self.path(f"trust{i}", json.dumps({"anchors": [a]}).encode()) for i, a in enumerate(
            (signer, {**signer, "pem": other["pem"]}, {**signer, "for": ["supplier"], "pem": other["pem"]}))]
        for second, refused in ((files[0], False), (files[1], True), (files[2], False)):
            config = self.path("serve.json", json.dumps({
                "listen": "127.0.0.1:0", "base": "https://verifier.example", "policies": {
                    "a": {"policy": "genuine", "trust": files[0]}, "b": {"policy": "genuine", "trust": second}}}).encode())
            if refused:
                self.refused(1, "serve", "--check", "--config", config, says=('"a" and "b"', signer["name"]))
            else:
                self.accepted("serve", "--check", "--config", config)


class NumbersOnSqlite(Numbers, Case):
    kind = Sqlite

    def test_without_a_store_they_are_forgotten(self):
        for path in (self.newer, self.older):
            with self.service(path, judges="one") as s:
                until(s.serves)


@unittest.skipUnless(FOUND, "skipped: PostgreSQL is not installed")
class NumbersOnPostgresql(Numbers, Case):
    kind = Server


class Silent(Case):
    """A server of PostgreSQL's that takes connections and says nothing, one that is not there, and what names none."""

    def test_a_string_that_does_not_read_is_no_server_that_is_away(self):
        def start(conninfo, *words):
            path = self.path("serve.json", json.dumps({
                "listen": "127.0.0.1:0", "base": "https://verifier.example", "limits": {"judges": 1},
                "policies": {"a": {"policy": "genuine"}}, "store": {"postgresql": conninfo}}).encode())
            return situs("serve", "--config", path, *words)
        for wrong in ("hots=/nowhere", "host=/nowhere sslmode=sometimes", "host=/nowhere port=x", "host", "postgresql://[::1",
                      "service=nowhere", "host=/nowhere port=0"):
            for words in ["--check"], []:
                done = start(wrong, *words)
                self.assertEqual((done.returncode, b"database: postgresql: malformed" in done.stderr), (1, True), done.stderr)
        for away in "host=/nowhere", "host=nowhere.invalid", "postgresql:///?host=/nowhere":
            done = start(away, "--check")
            self.assertEqual((done.returncode, b"warning: nothing is answered" in done.stderr), (0, True), done.stderr)

    def test_it_is_not_looked_for_by_each_who_asks(self):
        """Else the keeper, and with it who asks for keys alone, waits for it all the time."""
        door = socket.socket(socket.AF_UNIX)
        self.addCleanup(door.close)
        door.bind(self.path(".s.PGSQL.5432"))
        door.listen(99)
        connections = []

        def take():
            with contextlib.suppress(OSError):
                while True:
                    connections.append(door.accept()[0])
        threading.Thread(target=take, daemon=True).start()
        with Service(self.dir, {"listen": "127.0.0.1:0", "base": "https://verifier.example", "limits": {"judges": 1},
                                "policies": {"a": {"policy": "genuine"}},
                                "store": {"postgresql": f"host={self.dir}"}}) as s, contextlib.ExitStack() as stack:
            before = len(connections)
            body = b'{"policy": "a"}'
            crowd = [stack.enter_context(socket.create_connection(("127.0.0.1", s.port), BOUND)) for _ in range(6)]
            for c in crowd:
                c.sendall(b"POST /v1/challenge HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
                          b"Content-Length: %d\r\n\r\n" % len(body) + body)
            for c in crowd:
                self.assertTrue(c.recv(65536).startswith(b"HTTP/1.1 503 "))
            self.assertLess(len(connections) - before, len(crowd))


class OnSqlite(Both, Case):
    kind = Sqlite

    def test_a_file_of_another_s_is_refused(self):
        with sqlite3.connect(self.db.path) as db:
            db.execute("CREATE TABLE other (a)")
        db.close()
        with self.service() as s:
            until(lambda: s.said("a database of the service"))
            self.assertFalse(s.serves())

    def test_a_full_disk_is_503_and_mends_itself(self):
        """The log has room, and the database none: what was not put on record is not answered."""
        log = pathlib.Path(self.dir, "audit.log")
        with self.service(audit={"file": str(log)}) as s:
            until(lambda: self.appraise(s)[0] == 200)
            keeper = s.pids()["situs-keeper"]
            limit = resource.prlimit(keeper, resource.RLIMIT_FSIZE)
            resource.prlimit(keeper, resource.RLIMIT_FSIZE, (4096, limit[1]))
            self.appraise(s)  # a line that the database is to know
            until(lambda: s.ask("GET", "/readyz")[0] == 503)
            lines = log.read_bytes().count(b"\n")
            status, problem = self.appraise(s)
            self.assertEqual((status, type_of(problem)), (503, "store"))
            self.assertEqual(log.read_bytes().count(b"\n"), lines)
            resource.prlimit(keeper, resource.RLIMIT_FSIZE, limit)
            until(lambda: self.appraise(s)[0] == 200)
            until(lambda: s.serves() and self.db.sql("SELECT number FROM situs_audit") == str(log.read_bytes().count(b"\n")))

    def test_a_check_says_what_cannot_be_kept(self):
        for more, says in (({"audit": {"file": "/nowhere/log"}}, "/nowhere/log"), ({"audit": {"file": self.dir}}, "regular"),
                           ({"store": {"sqlite": "/nowhere/db"}}, "/nowhere/db"), ({"store": {"sqlite": self.dir}}, "regular"),
                           ({"store": {**self.db.place, "mark": self.dir}}, "regular")):
            self.refused(1, "serve", "--check", "--config",
                         self.path("serve.json", json.dumps({**self.configuration, **more}).encode()), says=says)
        with sqlite3.connect(self.db.path) as db:
            db.execute("CREATE TABLE other (a)")
        db.close()
        for _ in range(2):  # another's, and none
            done = self.check()
            self.assertEqual((done.returncode, b"a database of the service" in done.stderr), (1, True), done.stderr)
            pathlib.Path(self.db.path).write_bytes(b"no database" * 100)

    def test_a_watchdog_does_not_end_a_service_whose_store_is_gone(self):
        """One that is started anew makes an empty one, and an older list is believed."""
        with Notified(self.dir) as told, Service(self.dir, self.configuration, told.environment) as s:
            self.db.away()
            until(lambda: not s.serves())
            told.words()  # the question that is out may be of before
            until(lambda: told.words().count(b"WATCHDOG=1"))
            until(lambda: told.words().count(b"WATCHDOG=1"))
            self.assertFalse(s.serves())
            self.db.back()

    def test_a_file_that_is_gone_is_not_made_anew_by_who_runs(self):
        with self.service() as s:
            self.db.away()
            until(lambda: not s.serves())
            before = pids_of(s.child.pid)
            os.kill(s.pids()["situs-keeper"], signal.SIGKILL)
            until(lambda: set(pids_of(s.child.pid)).isdisjoint(before))
            until(lambda: s.ask("GET", "/readyz")[0] == 503)
            s.reload()
            self.assertFalse(os.path.exists(self.db.path))
            self.assertFalse(s.serves())
            self.db.back()
            until(s.serves)

    def test_its_file_is_nobody_else_s(self):
        with self.service():
            self.assertEqual(os.stat(self.db.path).st_mode & 0o777, 0o600)

    def test_its_configuration_is_as_strict_as_the_rest(self):
        for wrong in ({}, {"sqlite": "a", "postgresql": "b"}, {"sqlite": ""}, {"mysql": "a"}, "a"):
            self.configuration["store"] = wrong
            self.refused(1, "serve", "--check", "--config",
                         self.path("serve.json", json.dumps(self.configuration).encode()), says="store")
        for wrong in ("", "A", "a.b", "a" * 16):
            self.refused(1, "serve", "--check", "--config", self.path("serve.json", json.dumps(
                {**self.configuration, "store": self.db.place, "replica": wrong}).encode()), says="replica")


@unittest.skipUnless(FOUND, "skipped: PostgreSQL is not installed")
class OnPostgresql(Both, Case):
    kind = Server


if __name__ == "__main__":
    main()
