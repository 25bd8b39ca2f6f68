"""situs serve fetches what it needs: from a server that answers like Intel's PCS, or does not, into a cache that holds."""
import base64
import contextlib
import copy
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import unittest.mock

import serve_run
from serve_run import PLAIN, Case, Service, descriptors_of, main, pids_of, situs, until

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "cli"))
import pcs_server as pcs  # noqa: E402
from authority import authority, crl  # noqa: E402
from situs_run import fill  # noqa: E402

LAB, FMSPC, NAME, DAY = os.environ["LAB_INTEL"], "00806f050000", "simulated-a", 86400
SERVED = "what was fetched is served"


def resume(pids):
    """Lets those go on that are still there: a judge of the nursery before may end at any time."""
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGCONT)


def program(pid):
    """The file that a process runs; one that ended runs none."""
    try:
        return os.readlink(f"/proc/{pid}/exe")
    except OSError:
        return None


class Fetching(Case):
    def setUp(self):
        super().setUp()
        self.lab, self.cache, self.trust = self.path("lab"), self.path("cache"), self.path("trust.json")
        fill(self.lab, LAB)
        os.mkdir(self.cache)
        self.believe(self.lab)

    def believe(self, *labs, more=()):
        """A trust file with the roots of these labs, and more anchors."""
        anchors = list(more)
        for i, lab in enumerate(labs):
            with open(os.path.join(lab, "trust.json")) as f:
                anchors += [dict(a, name=f"{a['name']} {i}") for a in json.load(f)["anchors"]]
        with open(self.trust, "w") as f:
            json.dump({"anchors": anchors}, f)

    def another(self, name, *words):
        fill(self.path(name), LAB, *words)
        return self.path(name)

    def serve(self, faults=None):
        server = pcs.Server(self.lab, faults)
        self.addCleanup(server.close)
        return server

    def configuration(self, url, every=3600, early=False, **more):
        return {"listen": "127.0.0.1:0", "listen_private": "unix:" + self.path("private"),
                "base": "https://verifier.example", "default": NAME, "limits": {"judges": 1},
                "policies": {NAME: {"policy": os.path.join(self.lab, "genuine.json"), "trust": self.trust,
                                    "collateral": ["fetched:intel"]}},
                "fetch": {"cache": self.cache, "retry_seconds": 1, "timeout_seconds": 60, **more,
                          "sources": {"intel": {"kind": "collateral", "url": url, "platforms": [FMSPC],
                                                "every_seconds": every, **({"early": True} if early else {})}}}}

    def service(self, server, **more):
        return Service(self.dir, self.configuration(server.url, **more))

    def once(self, configuration, exit=0):
        """All sources asked once, by hand."""
        done = situs("serve", "--fetch-once", "--config", self.path("once.json", json.dumps(configuration).encode()))
        self.assertEqual(done.returncode, exit, done.stderr.decode())
        return done.stderr.decode()

    def metric(self, s, name):
        text = s.ask_private("/metrics", self.path("private"))[1]
        self.assertTrue(text.endswith("# EOF\n"), text)
        return dict(re.findall(r"^(situs_\S+) (\S+)$", text, re.M)).get(name)

    def ready(self, s):
        return s.ask("GET", f"/readyz?policy={NAME}")[0]

    def exit_of(self, s, **members):
        evidence = base64.b64encode(self.bytes_of(os.path.join(self.lab, "quote.bin"))).decode()
        status, report = s.post("/v1/verify", evidence=evidence, **members)
        self.assertEqual(status, 200, report)
        return report

    def held(self):
        folder = os.path.join(self.cache, "intel")
        return {n: self.bytes_of(os.path.join(folder, n)) for n in os.listdir(folder)}


class Serving(Fetching):
    def test_it_serves_once_it_has_fetched(self):
        server = self.serve({"tcb": pcs.status(404)})
        with self.service(server) as s:
            until(lambda: s.said("intel was not fetched"))
            status, body = s.ask("GET", f"/readyz?policy={NAME}")
            self.assertEqual((status, b"intel" in body), (503, True), body)
            self.assertEqual(self.metric(s, f'situs_policy_ends_seconds{{policy="{NAME}"}}'), "-Inf")
            self.assertEqual(s.post("/v1/challenge")[0], 503)
            server.faults.clear()
            until(lambda: self.ready(s) == 200)
            checks = {c["id"]: c["outcome"] for c in self.exit_of(s)["checks"]}
            self.assertEqual(checks["tdx.tcb"], "pass", checks)
            until(lambda: self.metric(s, 'situs_fetch_successes_total{source="intel"}') == "1")
            self.assertGreater(int(self.metric(s, 'situs_fetch_failures_total{source="intel"}')), 0)
            self.assertGreater(int(self.metric(s, f'situs_policy_ends_seconds{{policy="{NAME}"}}')), 20 * DAY)

    def test_challenges_that_are_out_stay_good(self):
        server = self.serve()
        with self.service(server, every=1) as s:
            until(lambda: self.ready(s) == 200)
            before, (_, c) = s.pids(), s.post("/v1/challenge")
            served = s.said().count(SERVED)
            until(lambda: s.said().count(SERVED) > served + 1)
            self.exit_of(s, session=c["session"])
            now = s.pids()
            self.assertEqual([now[n] for n in ("situs-front", "situs-keeper")],
                             [before[n] for n in ("situs-front", "situs-keeper")])
            self.assertEqual(s.post("/v1/verify", session=c["session"], evidence="eA==")[0], 409)
            until(lambda: s.pids().get("situs-nursery") not in (None, before["situs-nursery"]))

    @contextlib.contextmanager
    def two_builds(self, server, env=None, **more):
        """(a service that signs, of programs of its own; the path of the judges' second build)."""
        bin, key = self.path("bin"), self.path("key")
        os.mkdir(bin)
        for name in ("situs", "situs-serve", "situs-judge", "situs-fetch"):
            shutil.copy(os.path.join(os.path.dirname(serve_run.SITUS), name), bin)
        subprocess.run(["openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", key],
                       check=True, capture_output=True)
        configuration = self.configuration(server.url, **more)
        configuration["policies"][NAME].update(key=key, audience="https://api.example")
        with unittest.mock.patch("serve_run.SITUS", os.path.join(bin, "situs")), Service(
                self.dir, configuration, env, subprocess.PIPE) as s:
            self.addCleanup(s.child.stdin.close)
            yield s, os.path.join(bin, "situs-judge")

    def test_a_second_build_that_hangs_holds_nobody(self):
        """While a reload waits for it, what was served goes on, systemd is told so, and the service ends when it is to."""
        with serve_run.Notified(self.dir) as told, self.two_builds(self.serve(), told.environment, every=3600) as (s, judge):
            until(lambda: self.ready(s) == 200)
            shutil.copy(shutil.which("cat"), judge + ".hangs")  # of a standard input that nobody writes into
            os.rename(judge + ".hangs", judge)
            s.child.send_signal(signal.SIGHUP)
            until(lambda: judge in map(program, pids_of(s.child.pid)))
            for _ in range(3):
                told.words()
                until(lambda: told.words().count(b"WATCHDOG=1") or s.said("was not taken"))
            self.assertEqual((s.said("was not taken"), s.post("/v1/challenge")[0]), ("", 200))
        self.assertEqual(s.said("was not taken"), "")

    def test_a_second_build_that_is_gone_takes_nothing_away(self):
        """A package is installed anew while the service runs: what it serves goes on."""
        with self.two_builds(self.serve(), every=1) as (s, judge):
            until(lambda: self.ready(s) == 200)
            os.chmod(judge, 0o644)
            done = subprocess.run([serve_run.SITUS, "serve", "--config", s.file, "--check"], capture_output=True, env=PLAIN)
            self.assertEqual((done.returncode, b"situs-judge: cannot be run" in done.stderr), (1, True), done.stderr)
            until(lambda: s.said("what was fetched is not served"))
            self.assertEqual((self.ready(s), s.said("starting anew")), (200, ""))

    def test_what_could_not_be_served_is_tried_again(self):
        """Nothing more is fetched for an hour."""
        server = self.serve({"tcb": pcs.status(404)})
        with self.two_builds(server, every=3600) as (s, judge):
            until(lambda: s.said("intel was not fetched"))
            os.chmod(judge, 0o644)
            server.faults.clear()
            until(lambda: s.said().count("what was fetched is not served") > 1)
            self.assertEqual(self.ready(s), 503)
            os.chmod(judge, 0o755)
            until(lambda: self.ready(s) == 200)
            self.assertEqual(self.metric(s, 'situs_fetch_successes_total{source="intel"}'), "1")

    def test_who_is_being_appraised_is_answered_and_nobody_waits_for_him(self):
        """A judge that hangs is of the nursery before: that one ends with it, and others are asked meanwhile."""
        server = self.serve()
        configuration = self.configuration(server.url, every=1)
        configuration["deadlines"], configuration["limits"] = {"judge_ms": 60000, "request_ms": 60000}, {"judges": 2}
        body = json.dumps({"evidence": "eA=="}).encode()
        with Service(self.dir, configuration) as s, contextlib.ExitStack() as stack:
            until(lambda: self.ready(s) == 200)
            go = threading.Event()
            server.faults["tcb"] = lambda h, status, b, kind, headers: (go.wait(60), (status, b, kind, headers))[1]
            asked = len(server.asked)
            until(lambda: len(server.asked) > asked)  # nothing is renewed any more
            served = until(lambda: self.quiet(s))
            until(lambda: len(pids_of(s.child.pid)) == 4)  # front, keeper, one nursery, and who asks
            nursery = s.pids()["situs-nursery"]
            judges = until(lambda: len(pids_of(nursery)) == 4 and pids_of(nursery))
            for judge in judges:
                os.kill(judge, signal.SIGSTOP)
            stack.callback(lambda: resume(judges))
            hanging = stack.enter_context(socket.create_connection(("127.0.0.1", s.port), 60))
            hanging.sendall(b"POST /v1/verify HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
                            b"Content-Length: %d\r\n\r\n" % len(body) + body)
            until(lambda: self.metric(s, "situs_front_keeper_waiting") == "1")
            server.faults.clear()
            go.set()
            until(lambda: s.said().count(SERVED) > served)
            self.assertEqual(s.ask("POST", "/v1/verify", body)[0], 200)
            self.assertIn(nursery, pids_of(s.child.pid))
            resume(pids_of(nursery))
            self.assertTrue(hanging.recv(65536).startswith(b"HTTP/1.1 200 "))
            until(lambda: nursery not in pids_of(s.child.pid))

    def quiet(self, s):
        """How often what was fetched was served, once all that came is."""
        count = s.said().count(SERVED)
        return count if self.metric(s, 'situs_fetch_successes_total{source="intel"}') == str(count) else 0

    def test_one_asks_and_has_nothing_of_the_service_s(self):
        go = threading.Event()
        self.addCleanup(go.set)

        def waiting(h, s, body, kind, headers):
            go.wait(60)
            return s, body, kind, headers
        server = self.serve({"tcb": waiting})
        with Service(self.dir, self.configuration(server.url), {"CREDENTIALS_DIRECTORY": self.dir}) as s:
            pid = until(lambda: server.asked and s.pids().get("situs-fetch"))
            with open(f"/proc/{pid}/environ", "rb") as f:
                self.assertNotIn(b"CREDENTIALS", f.read())
            with open(f"/proc/{pid}/status") as f:
                self.assertIn("NoNewPrivs:\t1\n", f.read())
            shared = descriptors_of(pid) & descriptors_of(s.child.pid)
            self.assertEqual([x for x in shared if x.startswith(("socket", "/memfd"))], [])
            self.assertEqual(len(server.asked), 1)
            go.set()
            until(lambda: self.ready(s) == 200)

    def test_whoever_wants_not_to_be_asked_is_not(self):
        server = self.serve({"tcb": pcs.status(429, **{"Retry-After": "7200"})})
        with self.service(server) as s:
            until(lambda: s.said("trying again in 7200 s"))
            until(lambda: int(self.metric(s, 'situs_fetch_next_timestamp_seconds{source="intel"}')) > time.time() + 3600)
            self.assertEqual(len(server.asked), 1)

    def test_a_start_without_network_serves_what_the_cache_has(self):
        server = self.serve()
        self.once(self.configuration(server.url))
        asked, before = len(server.asked), self.held()
        server.close()
        with self.service(server, offline=True) as s:
            self.assertEqual(self.ready(s), 200)
        with self.service(server, every=1) as s:
            until(lambda: s.said().count("intel was not fetched") > 2)
            self.assertEqual((self.ready(s), self.held()), (200, before))
            waits = [int(seconds) for seconds in re.findall(r"trying again in (\d+) s", s.said())]
        for i, wait in enumerate(waits):  # twice as long each time, half of it by chance, and told without its fraction
            self.assertTrue(2 ** i // 2 <= wait <= 2 ** i, waits)
        self.assertEqual(len(server.asked), asked)

    def test_what_the_cache_has_is_believed_no_more_than_what_comes(self):
        server = self.serve({"tcb": pcs.status(404)})
        self.once(self.configuration(self.serve().url))
        with open(os.path.join(self.cache, "intel", "root.crl"), "r+b") as f:
            f.seek(-1, os.SEEK_END)
            last = f.read()
            f.seek(-1, os.SEEK_END)
            f.write(bytes([last[0] ^ 1]))
        with self.service(server, offline=True) as s:
            self.assertEqual(self.ready(s), 503)
        old = self.another("old", f"@{int(time.time()) - 60 * DAY}")
        self.believe(self.lab, old)
        server.files, server.faults = old, {}
        self.once({**self.configuration(server.url)}, 3)  # out of its time: not kept
        self.assertEqual(situs("collateral", "import", os.path.join(old, "collateral.json"), self.path("expired"), "--trust",
                               self.trust).returncode, 0)
        os.rename(os.path.join(self.cache, "intel"), self.path("broken"))
        os.rename(self.path("expired"), os.path.join(self.cache, "intel"))
        with self.service(server, offline=True) as s:
            status, body = s.ask("GET", f"/readyz?policy={NAME}")
            self.assertEqual((status, b"valid until" in body or b"expired" in body), (503, True), body)

    def test_when_platforms_fall_is_told(self):
        later, server = self.path("later"), self.serve()
        shutil.copytree(self.lab, later)
        shutil.copy(os.path.join(later, "tcb_info_early.json"), os.path.join(later, "tcb_info.json"))  # what is good now is OutOfDate
        with open(os.path.join(later, "tcb_info.json")) as f:
            date = json.load(f)["tcbInfo"]["tcbLevels"][0]["tcbDate"]
        falls = time.mktime(time.strptime(date + " UTC", "%Y-%m-%dT%H:%M:%SZ %Z")) - time.timezone + 365 * DAY
        name = f'situs_platform_falls_seconds{{tee="tdx",fmspc="{FMSPC}"}}'
        with self.service(server, every=1, early=True) as s:
            until(lambda: self.metric(s, name) == "+Inf")
            self.assertNotIn("tdx.tcb_falls", self.exit_of(s)["claims"])
            server.early = later
            until(lambda: self.metric(s, name) not in (None, "+Inf"))
            self.assertAlmostEqual(time.time() + int(self.metric(s, name)), falls, delta=3600)
            # And so a report says of its own platform, which is trusted until then.
            report = until(lambda: [r for r in [self.exit_of(s)] if "tdx.tcb_falls" in r["claims"]])[0]
            self.assertEqual((report["claims"]["tdx.tcb_status"], report["claims"]["tdx.early_tcb_status"]), ("UpToDate", "OutOfDate"))
            self.assertEqual(report["claims"]["tdx.tcb_falls"], time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(falls)))
            self.assertTrue([n for n in report["notes"] if n.startswith("Intel's early set says OutOfDate")], report["notes"])

    def test_what_ends_is_not_served_until_the_next_has_come(self):
        """A CRL that was fetched, beside one of the operator's own, which no renewal reads again."""
        (root, _), (other, own) = authority(self, "Root"), authority(self, "Other")
        self.believe(self.lab, more=[{"name": name, "for": ["list"], "pem": pem} for name, pem in (("R", root), ("O", other))])
        server = self.serve()
        server.bodies["/crl"] = crl(self, "Root", "-crlsec", "3")
        configuration = self.configuration(server.url)
        configuration["fetch"]["sources"]["crl"] = {"kind": "endorsement", "url": server.url + "/crl", "every_seconds": 3600}
        configuration["policies"][NAME]["endorsements"] = [self.path("own.crl", own), "fetched:crl"]
        with Service(self.dir, configuration) as s:
            os.unlink(self.path("own.crl"))
            until(lambda: s.said(SERVED))
            until(lambda: b"CRL" in s.ask("GET", f"/readyz?policy={NAME}")[1])
            self.assertEqual(self.ready(s), 503)
            self.assertEqual(s.post("/v1/challenge")[0], 503)
            server.bodies["/crl"] = crl(self, "Root")
            until(lambda: self.ready(s) == 200)
            self.assertGreater(int(self.metric(s, f'situs_policy_ends_seconds{{policy="{NAME}"}}')), 6 * DAY)
            s.child.send_signal(signal.SIGHUP)  # the operator's own file is asked for now
            until(lambda: s.said("was not taken"))
            self.assertEqual(self.ready(s), 200)

    def test_what_is_near_its_end_is_asked_for_before_its_time(self):
        """Once, where the source has nothing newer; and again when a part of what is left has passed."""
        near, name = self.another("near", f"@{int(time.time()) - 25 * DAY}"), 'situs_fetch_next_timestamp_seconds{source="intel"}'
        self.believe(self.lab, near)
        server = self.serve()
        server.files = near
        self.once(self.configuration(server.url))
        before = self.held()
        with self.service(server, every=30 * DAY) as s:
            self.assertGreater(int(until(lambda: self.metric(s, name))), time.time() + DAY)
        server.files = self.lab
        os.utime(os.path.join(self.cache, "intel"), (time.time() - 3 * DAY,) * 2)
        with self.service(server, every=30 * DAY) as s:
            until(lambda: s.said(SERVED))
            self.assertNotEqual(self.held(), before)


class Once(Fetching):
    def test_what_does_not_hold_does_not_take_the_place_of_what_does(self):
        server = self.serve()
        configuration = self.configuration(server.url)
        self.once(configuration)
        before = self.held()
        older = self.another("older", f"@{int(time.time()) - 5 * DAY}")
        self.believe(self.lab, older)
        crl = self.bytes_of(os.path.join(self.lab, "pck_crl.der"))
        rows = [{"tcb": pcs.status(404)}, {"qe": pcs.status(500)}, {"tcb": pcs.status(429)}, {"tcb": pcs.cut},
                {"tcb": pcs.replaced(b"<html>captive portal</html>")}, {"tcb": pcs.endless},
                {"rootcacrl": pcs.redirect("/elsewhere")},
                {"pckcrl": pcs.replaced(crl[:-1] + bytes([crl[-1] ^ 1]), "application/pkix-crl")}]
        for faults in rows:
            server.faults = faults
            self.once(configuration, 3)
            self.assertEqual(self.held(), before, faults)
        server.faults, server.files = {}, older
        self.assertIn("not older than what is held", self.once(configuration, 3))
        self.assertEqual(self.held(), before)
        server.files = self.lab
        self.once(configuration)

    def test_a_proxy_is_asked_for_https_and_nobody_else(self):
        """The name is the proxy's to look up: here there is none."""
        door, asked = socket.create_server(("127.0.0.1", 0)), []
        self.addCleanup(door.close)

        def refuse():
            with contextlib.suppress(OSError):
                while True:
                    with door.accept()[0] as c:
                        asked.append(c.recv(4096).split(b"\r\n")[0])
                        c.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        threading.Thread(target=refuse, daemon=True).start()
        proxy = "http://127.0.0.1:%d" % door.getsockname()[1]
        self.once(self.configuration("https://pccs.invalid", proxy=proxy), 3)
        self.assertEqual(set(asked), {b"CONNECT pccs.invalid:443 HTTP/1.1"})
        self.once(self.configuration(self.serve().url, proxy=proxy))  # over loopback, without
        self.assertEqual(set(asked), {b"CONNECT pccs.invalid:443 HTTP/1.1"})

    def test_a_slow_one_is_given_up(self):
        configuration = self.configuration(self.serve({"tcb": pcs.dripping}).url)
        configuration["fetch"]["timeout_seconds"] = 1
        self.assertIn("time-out", self.once(configuration, 3))

    def test_a_configuration_says_what_is_fetched_and_for_whom(self):
        good = self.configuration("https://pccs.example")

        def no(change, *words):
            bad = copy.deepcopy(good)
            change(bad, bad["policies"][NAME], bad["fetch"], bad["fetch"]["sources"])
            done = situs("serve", "--check", "--config", self.path("bad.json", json.dumps(bad).encode()))
            self.assertEqual(done.returncode, 1, done.stderr)
            for word in words:
                self.assertIn(word, done.stderr.decode())

        done = situs("serve", "--check", "--config", self.path("good.json", json.dumps(good).encode()))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn(b"cannot be served before", done.stderr)
        no(lambda c, p, f, s: p.update(collateral=["fetched:inte"]), "fetched:inte")
        no(lambda c, p, f, s: p.update(collateral=["fetched:intel", self.lab]), "the only collateral")
        no(lambda c, p, f, s: p.update(endorsements=["fetched:intel"]), "of this kind")
        no(lambda c, p, f, s: c["policies"].update({"simulated-b": {**p, "trust": self.path("lab") + "/trust.json"}}),
           "by one trust file")
        no(lambda c, p, f, s: s.update(other={"kind": "endorsement", "url": "https://a.example/l"}), "other")
        no(lambda c, p, f, s: s["intel"].update(url="http://pccs.example"), "loopback")
        no(lambda c, p, f, s: s["intel"].update(platforms=["00"]), "FMSPC")
        no(lambda c, p, f, s: s["intel"].update(products=["Genua"]), "Genoa", "Genua")
        no(lambda c, p, f, s: s["intel"].update(key="vlek"), "products")
        no(lambda c, p, f, s: s.update(intel={"kind": "collateral", "products": ["Genoa"], "early": True}), "platforms")
        no(lambda c, p, f, s: s.update(intel={"kind": "collateral", "products": ["Genoa"], "ca": "platform"}), "platforms")
        no(lambda c, p, f, s: s["intel"].pop("platforms"), "products")
        no(lambda c, p, f, s: s["intel"].update(kind="colateral"), "collateral")
        no(lambda c, p, f, s: s["intel"].update(file="x"), "file")
        no(lambda c, p, f, s: s.update(l={"kind": "endorsement"}), "url")
        no(lambda c, p, f, s: f.pop("cache"), "cache")
        no(lambda c, p, f, s: c.pop("fetch"), "fetched:intel")


class Amd(Fetching):
    """Chain and CRL of AMD's, by a stand-in of KDS; the certificate of the chip's key comes with the evidence."""

    def setUp(self):
        super().setUp()
        fill(self.path("snp"), os.environ["LAB_SNP"])
        with open(self.path("snp.json"), "w") as f:
            json.dump({"simulated": True, "require": ["genuine"], "tee": ["snp"], "snp.vek-chain": {"require_crl": True}}, f)
        table = self.of("vcek.der")  # GHCB specification, 4.1.8.1: GUID, offset and size of each; zeros; then the certificates
        head = bytes.fromhex("8d75da6364e66445adc5f4b93be8accd") + (48).to_bytes(4, "little") + len(table).to_bytes(4, "little")
        self.evidence = base64.b64encode(self.of("report.bin") + head + bytes(24) + table).decode()

    def of(self, name):
        return self.bytes_of(os.path.join(self.path("snp"), name))

    def answer(self, s):
        status, report = s.post("/v1/verify", evidence=self.evidence)
        self.assertEqual(status, 200, report)
        return report["exit"], next(c for c in report["checks"] if c["id"] == "snp.vek-chain")

    def test_what_amd_takes_back_is_refused(self):
        bodies = {"/vcek/v1/Milan/cert_chain": self.of("cert_chain"), "/vcek/v1/Milan/crl": self.of("ark.crl")}
        server = pcs.Server(self.path("snp"), bodies=bodies)
        self.addCleanup(server.close)
        c = self.configuration(server.url, every=1)
        c["policies"][NAME].update(policy=self.path("snp.json"), trust=os.path.join(self.path("snp"), "trust.json"))
        c["fetch"]["sources"]["intel"].update(products=["Milan"])
        del c["fetch"]["sources"]["intel"]["platforms"]
        with Service(self.dir, c) as s:
            until(lambda: self.ready(s) == 200)
            exit, row = self.answer(s)
            self.assertEqual((exit, row["outcome"]), (0, "pass"), row)
            server.bodies = {**bodies, "/vcek/v1/Milan/crl": self.of("ark-revoked.crl")}
            until(lambda: self.answer(s)[1].get("code") == "revoked")
        self.assertEqual(set(server.asked), set(bodies))


if __name__ == "__main__":
    main()
