"""situs serve: its configuration, its processes, reload and drain. What keeper and judges decide is tests/serve's C."""
import base64
import contextlib
import copy
import http.client
import json
import os
import pathlib
import resource
import shutil
import signal
import socket
import subprocess
import threading
import unittest

from serve_run import (BOUND, PLAIN, SITUS, VECTORS, Case, Notified, Service, descriptors_of, fill, listens, main, pids_of,
                       refused, situs, until)

ONE = {"listen": "127.0.0.1:0", "base": "https://verifier.example", "default": "a",
       "policies": {"a": {"policy": "genuine"}}, "limits": {"judges": 2}}
PEER = {"header": "X-Client-Cert", "form": "certificate-escaped-pem", "from": ["127.0.0.1", "::1", "unix"]}
EVIDENCE = base64.b64encode(b"no evidence at all").decode()


def is_confined(pid):
    with open(f"/proc/{pid}/status") as f:
        return "Seccomp:\t2\n" in f.read()


def changed(*path, to):
    """ONE with another value at a path; to None: without it."""
    whole = at = copy.deepcopy(ONE)
    for word in path[:-1]:
        at = at.setdefault(word, {})
    if to is None:
        del at[path[-1]]
    else:
        at[path[-1]] = to
    return whole


class Policies(Case):
    def test_who_chooses_one_is_told_what_there_is(self):
        two = changed("policies", "b", to={"policy": self.path("p.json", b'{"simulated": false, "require": ["genuine"]}')})
        with Service(self.dir, two) as s:
            status, body = s.ask("GET", "/v1/policies")
            said = {p.pop("name"): p for p in json.loads(body)["policies"]}
            want = {"default": True, "simulated": False, "signs": False, "require": ["genuine"]}
            self.assertEqual((status, said), (200, {"a": want, "b": {**want, "default": False}}))
            for form in (b"00ff", b"no evidence at all"):  # what reads as text and is none is refused by its name, by a judge
                status, body = s.ask("POST", "/v1/verify?policy=b", form, kind="application/octet-stream")
                self.assertEqual((status, json.loads(body)["sentence"]),
                                 (200, "Not proven: what was given cannot be read as evidence."))


class Reports(Case):
    def test_without_a_database_the_last_ones_are_kept_until_the_end(self):
        with Service(self.dir, ONE) as s:
            all_kept = [s.kept(b"%04x" % i) for i in range(17)]
            self.assertEqual([s.ask("GET", path)[0] for path, _ in all_kept], [404] + [200] * 16)
            path, text = all_kept[-1]
            self.assertEqual((s.ask("GET", path), json.loads(text)["exit"]), ((200, text), 2))
        with Service(self.dir, ONE) as s:
            self.assertEqual(s.ask("GET", path)[0], 404)


class Configuration(Case):
    def check(self, configuration):
        text = configuration if isinstance(configuration, str) else json.dumps(configuration, indent=1)
        return situs("serve", "--config", self.path("serve.json", text.encode()), "--check")

    def no(self, configuration, *says):
        done = self.check(configuration)
        said = done.stderr.decode()
        self.assertEqual((done.returncode, done.stdout), (1, b""), said)
        self.assertRegex(said, r"situs: error: ")
        for word in says:
            self.assertIn(word, said)
        return said

    def test_a_good_one_is_told(self):
        done = self.check({**ONE, "peer_key": PEER, "connect": {
            "targets": ["vm.example:7777", "[2001:db8::1]:7777"], "networks": ["10.1.0.0/16", "fd00::/8", "::/0"]}})
        self.assertEqual((done.returncode, done.stdout), (0, b"ok: a, no tokens\n"), done.stderr)

    def test_a_misspelt_member_is_named_with_its_place(self):
        for path in (("lisen",), ("policies", "a", "colateral"), ("limits", "boddy_bytes"), ("deadlines", "idle")):
            said = self.no(changed(*path, to=1), path[-1])
            self.assertRegex(said, r"serve\.json:\d+:\d+: ")
        self.assertIn('did you mean "listen"?', self.no(changed("lisen", to=1)))

    def test_what_is_missing_is_named(self):
        for path in (("listen",), ("base",), ("policies",), ("policies", "a", "policy")):
            self.no(changed(*path, to=None), path[-1], "missing")

    def test_values_have_their_bounds(self):
        for path, to in ((("listen",), "0.0.0.0:80"), (("listen",), "192.0.2.1:80"), (("listen",), "127.0.0.1"),
                         (("listen",), "127.0.0.1:65536"), (("listen",), "unix:relative"), (("listen",), "localhost:1"),
                         (("base",), "verifier.example"), (("base",), "https://verifier.example/"),
                         (("base",), "https://a b"), (("default",), "b"), (("judges",), 2), (("judges",), "three"),
                         (("judges",), "two builds"), (("limits", "body_bytes"), 10), (("limits", "waiting"), 5000),
                         (("deadlines", "judge_ms"), 0), (("policies",), {}), (("policies", "a", "collateral"), "x"),
                         (("policies", "a", "bearer"), 1), (("policies", "a", "challenger"), "me"), (("policies", "a", "dialect"), "ear"), (("veraison_nonce",), "hex"), (("policies", "A"), {"policy": "genuine"}),
                         (("policies", "a/b"), {"policy": "genuine"}), (("policies", "-"), {"policy": "genuine"}),
                         (("policies", "simulated-b"), {"policy": "genuine"}),
                         (("connect",), {}), (("connect",), {"targets": []}), (("connect",), {"targets": ["a"]}),
                         *((("connect",), {"targets": [t]}) for t in ("a:0", "a:65536", ":1", "a b:1", "http://a:1", "::1:1")),
                         (("connect",), {"targets": ["a:1", "a:1"]}), (("connect",), {"targets": ["a:1"], "networks": []}),
                         *((("connect",), {"targets": ["a:1"], "networks": [n]}) for n in (
                             "10.0.0.0", "10.0.0.1/8", "10.0.0.0/33", "fd00::/129", "fd00::1/64", "x/8")),
                         (("connect",), {"targets": ["a:1"], "every_ms": -1}),
                         *((("forget",), f) for f in (
                             {}, [{}], [{"kind": "ppid", "anchor": "a"}], [{"kind": "ppid", "anchor": "a", "number": 0}],
                             [{"kind": "ppid", "anchor": "", "number": 1}], [{"kind": "ppid", "anchor": "a", "number": 1}] * 17,
                             [{"kind": "ppid", "anchor": "a", "number": 1, "more": 1}], [{"kind": "ppids", "anchor": "a", "number": 1}])),
                         (("alliance",), {}), *((("alliance",), {"policy": "a", "key": "/k", "audience": "x", "moniker": "m", **no}) for no in (
                             {}, {"policy": "b"}, {"moniker": ""}, {"moniker": "m" * 64}, {"audience": ""}, {"bearer": True})),
                         (("peer_key",), {}), (("peer_key",), {**PEER, "header": "Host"}),
                         (("peer_key",), {**PEER, "header": "X-A_B"}), (("peer_key",), {**PEER, "header": "X-" + "a" * 62}),
                         (("peer_key",), {**PEER, "form": "pem"}), (("peer_key",), {**PEER, "from": []}),
                         (("peer_key",), {**PEER, "from": ["localhost"]}), (("peer_key",), {**PEER, "from": ["127.0.0.0/8"]}),
                         (("peer_key",), {**PEER, "from": ["::1"] * 9}), (("peer_key",), {**PEER, "to": 1})):
            with self.subTest(path=path, to=to):
                self.no(changed(*path, to=to))

    def test_keys_and_audience_come_together(self):
        self.no(changed("policies", "a", "key", to="/k"), "audience")
        self.no(changed("policies", "a", "audience", to="x"), "key")
        self.no(changed("policies", "a", "bearer", to=True), "key")

    def test_who_brings_the_nonce_is_no_bearer_s_business(self):
        key = {"policy": "genuine", "key": "/k", "audience": "x", "challenger": "relying-party"}
        self.no({**ONE, "policies": {"a": {**key, "bearer": True}}}, "challenger", "bearer")
        self.assertNotIn("challenger", self.no({**ONE, "policies": {"a": key}}))  # /k alone is not there

    def test_no_key_signs_for_two(self):
        """Nor does one that lies elsewhere, or is another's next."""
        keys = [self.path(n) for n in ("k1", "k2", "k3", "k4")]
        for key in keys[:3]:
            subprocess.run(["openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", key],
                           check=True, stderr=subprocess.DEVNULL)
        shutil.copy(keys[0], keys[3])

        def two(a, b):
            base = {"policy": "genuine", "audience": "x"}
            return {**ONE, "policies": {"a": {**base, **a}, "b": {**base, **b}}}
        k1, k2, k3, copied = keys
        listed = {"policy": "genuine", "audience": "x", "key": k1, "endorsements": [self.path("list", b"0" * 32 + b",a\n")]}
        whole = {**ONE, "policies": {"a": listed}, "alliance": {"policy": "a", "key": k2, "audience": "x", "moniker": "m"}}
        done = self.check(whole)
        self.assertEqual((done.returncode, done.stdout.splitlines()[-1]),
                         (0, b"ok: alliance, issuer https://verifier.example/alliance"), done.stderr)
        for k in k1, copied:
            done = self.check({**whole, "alliance": {**whole["alliance"], "key": k}})
            self.assertEqual((done.returncode, b"a key of its own" in done.stderr), (1, True), done.stderr)
        done = self.check(two({"key": k1, "next_key": k2}, {"key": k3}))
        self.assertEqual(done.returncode, 0, done.stderr)
        for a, b in (({"key": k1}, {"key": copied}), ({"key": k1}, {"key": k2, "next_key": copied}),
                     ({"key": k2, "last_key": k1}, {"key": copied}), ({"key": k2, "next_key": k1}, {"key": copied}), ({"key": k2}, {"key": k1, "next_key": copied})):
            said = self.check(two(a, b)).stderr.decode()
            self.assertIn("a key of its own", said)

    def test_a_file_that_it_names_is_looked_at(self):
        bad = self.path("bad.json", b'{"require": ["genuin"]}')
        self.no(changed("policies", "a", "policy", to=bad), "bad.json", 'policy "a"')
        self.no(changed("policies", "a", "collateral", to=[self.path("none")]), "none")
        self.no(changed("policies", "a", "trust", to=bad), "bad.json")
        self.no({**ONE, "policies": {"a": {"policy": "genuine", "key": self.path("none"), "audience": "x"}}}, "none")
        self.no({**ONE, "policies": {"a": {"policy": "genuine", "key": "credential:k", "audience": "x"}}}, "credential")

    def test_what_is_written_is_a_file_of_its_own(self):
        """Under whatever name, and also where it is yet to be made."""
        there, cache, elsewhere = self.path("there", b""), self.path("cache"), self.path("elsewhere")
        os.mkdir(cache)
        os.mkdir(elsewhere)
        os.link(there, self.path("hard"))
        for name, to in (("soft", there), ("dangling", "new"), ("folder", "."), ("fetched", cache), ("long", elsewhere + "/../new")):
            os.symlink(to, self.path(name))
        p, new = self.path, self.path("new")
        policy = {"policy": "genuine", "trust": self.path("trust", b"{}")}

        def configured(audit=None, store=None, mark=None, more=None):
            machine = {"policy": "a", "target": "127.0.0.1:7777", "ak_name": "000b" + "00" * 32}
            return {**ONE, **({"audit": {"file": audit}} if audit else {}), **({"store": {"sqlite": store}} if store else {}),
                    **({"connect": {"targets": ["127.0.0.1:7777"]}, "watch": {"mark": mark, "machines": {"m": machine}}}
                       if mark else {}), **(more or {})}
        fetch = {"cache": cache, "sources": {"list": {"kind": "endorsement", "url": "https://a.example/l"}}}
        fetching = {"fetch": fetch, "policies": {"a": {**policy, "endorsements": ["fetched:list"]}}}
        for names, configuration in (
                (("audit.file", "store.sqlite"), configured(there, there)), (("audit.file", "store.sqlite"), configured(there, p("hard"))),
                (("audit.file", "store.sqlite"), configured(there, p("soft"))), (("audit.file", "store.sqlite"), configured(new, new)),
                (("audit.file", "store.sqlite"), configured(p("dangling"), new)), (("audit.file", "store.sqlite"), configured(p("long"), new)),
                (("audit.file", "store.sqlite"), configured(p("folder/new"), new)), (("audit.file (head)", "store.sqlite"), configured(new, new + "-head")),
                *((("audit.file", "store.sqlite"), configured(new + end, new)) for end in ("-wal", "-shm", "-journal")),
                (("audit.file", "store.sqlite"), configured(new, f"{new}.{7:020}")),
                (("store.sqlite", "store.mark"), configured(None, there, more={"store": {"sqlite": there, "mark": there}})),
                (("store.sqlite", "watch.mark"), configured(None, there, there)), (("audit.file", "watch.mark"), configured(p("soft"), new, there)),
                (("listen", "audit.file"), configured(new, more={"listen": "unix:" + new})),
                (("listen_private", "listen"), configured(more={"listen": "127.0.0.1:8480", "listen_private": "127.0.0.1:8480"})),
                (("listen_private", "listen"), configured(more={"listen": "systemd:http", "listen_private": "systemd:http"})),
                (("listen", "listen_private"), configured(more={"listen": "unix:" + new, "listen_private": "unix:" + p("folder/new")})),
                (("audit.file", "the configuration"), configured(p("serve.json"))), (("store.sqlite", "policy"), configured(None, there, more={"policies": {"a": {"policy": there}}})),
                *((("audit.file", of), configured(there, more={"policies": {"a": {**policy, "audience": "x", "key": p("none"), of: p("hard")}}}))
                  for of in ("trust", "key", "next_key", "last_key")),
                *((("audit.file", of), configured(there, more={"policies": {"a": {**policy, of: [there]}}})) for of in ("collateral", "endorsements")),
                (("audit.file", "sources"), configured(cache + "/list", more=fetching)), (("store.sqlite", "cache"), configured(None, p("fetched/db"), more=fetching)),
                (("watch.mark", "cache"), configured(None, new, cache + "/mark", fetching)),
                (("key", "cache"), configured(more={"fetch": fetch, "policies": {"a": {**policy, "endorsements": ["fetched:list"], "audience": "x",
                                                                                      "key": cache + "/key"}}})),
                (("audit.file", "issuer"), configured(there, more={**fetching, "fetch": {**fetch, "sources": {"list": {
                    **fetch["sources"]["list"], "issuer": there}}}}))):
            with self.subTest(names):
                said = self.no(configuration, *names)
                self.assertRegex(said, "duplicate: expected a file of its own|duplicate: expected another|not-allowed: expected a path outside")
        for configuration in (configured(new, there), configured(new, new + ".db", new + ".mark"), configured(new, f"{new}.7"),
                              configured(new, f"{elsewhere}/{os.path.basename(new)}"), configured(more={"listen_private": "127.0.0.1:0"})):
            done = self.check(configuration)
            self.assertNotIn(b"duplicate", done.stderr)

    def test_what_is_no_json_is_told(self):
        self.no("listen = 127.0.0.1:80", "serve.json")
        self.no("", "serve.json")
        self.refused(1, "serve", "--check", says="--config")


class Serving(Case):
    def service(self, configuration=ONE, **env):
        return Service(self.dir, configuration, env)

    def test_a_challenge_is_answered_once(self):
        with self.service() as s:
            status, c = s.post("/v1/challenge", policy="a")
            self.assertEqual((status, c["policy"]), (200, "a"))
            status, report = s.post("/v1/verify", session=c["session"], evidence=EVIDENCE)
            self.assertEqual((status, report["exit"], report["policy"]), (200, 2, "genuine"))
            self.assertEqual(s.post("/v1/verify", session=c["session"], evidence=EVIDENCE)[0], 409)

    def test_the_first_quote_of_a_judge_is_appraised_where_nothing_was_verified_before(self):
        """No collateral, no trust file: the judge is the first to use OpenSSL, which may open no file then."""
        path = os.path.join(VECTORS, "field/f01-dcap-qvl-json-nul/quote.bin")
        if not os.path.exists(path):
            self.skipTest("no real evidence is here")
        quote = base64.b64encode(self.bytes_of(path)).decode()
        with Service(self.dir, ONE) as service:
            status, report = service.post("/v1/verify", policy="a", evidence=quote)
            self.assertEqual(status, 200, report)
            self.assertFalse("called what a judge may not" in service.said(), service.said())

    @unittest.skipIf(os.geteuid(), "only root may look into a process that lets itself not be looked into")
    def test_no_process_has_more_than_it_needs(self):
        """The keeper's sockets and memory are no other's: front and nursery have no way to it but their own."""
        with self.service() as s:
            pids = s.pids()
            self.assertEqual(set(pids), {"situs-front", "situs-keeper", "situs-nursery"})
            self.assertTrue(until(lambda: [is_confined(judge) for judge in pids_of(pids["situs-nursery"])] == [True] * 4))
            for pid in pids.values():
                until(lambda: "NoNewPrivs:\t1\n" in pathlib.Path(f"/proc/{pid}/status").read_text())
            until(lambda: {name for name, pid in pids.items() if listens(pid)} == {"situs-front"})
            judges = pids_of(pids["situs-nursery"])
            self.assertEqual(len(judges), 4)
            for judge in judges:
                fds = descriptors_of(judge)
                self.assertEqual(len(fds - {"/dev/null"}), 1, fds)

    def test_who_waits_takes_a_descriptor_that_is_there(self):
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        slow = changed("deadlines", to={"judge_ms": 60000, "request_ms": 60000})
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (64, hard))
            service = self.service(slow)
            service.__enter__()
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        with contextlib.ExitStack() as stack:
            stack.push(service)
            nursery = service.pids()["situs-nursery"]
            judges = until(lambda: pids_of(nursery)[3:] and pids_of(nursery))
            for judge in judges:
                os.kill(judge, signal.SIGSTOP)
            crowd = [stack.enter_context(socket.create_connection(("127.0.0.1", service.port), BOUND))
                     for _ in range(100)]
            for c in crowd:
                c.sendall(b"POST /v1/verify HTTP/1.1\r\nHost: a\r\nContent-Type: application/cmw\r\n"
                          b"Content-Length: 1\r\n\r\nx")
            until(service.serves)
            for judge in judges:
                os.kill(judge, signal.SIGCONT)
            for c in crowd:
                self.assertTrue(c.recv(65536).startswith(b"HTTP/1.1 200 "))

    def test_descriptors_that_will_not_do_are_told_at_the_start(self):
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        path = self.path("serve.json", json.dumps(changed("limits", "waiting", to=300)).encode())
        done = situs("serve", "--config", path,
                     preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (900, 900)))
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, rb"it may have 900 descriptors, and needs 1\d{3}\n")

    def test_who_ends_is_started_again(self):
        for name in ("situs-keeper", "situs-nursery", "situs-front"):
            with self.subTest(name), self.service() as s:
                _, old = s.post("/v1/challenge", policy="a")
                s.kill(name)
                self.assertIn("serving again", s.said())
                self.assertEqual(s.post("/v1/verify", session=old["session"], evidence=EVIDENCE)[0], 404)
                status, c = s.post("/v1/challenge", policy="a")
                self.assertEqual(s.post("/v1/verify", session=c["session"], evidence=EVIDENCE)[0], 200)

    def test_the_front_answers_503_while_there_is_no_keeper(self):
        with self.service() as s:
            os.kill(s.child.pid, signal.SIGSTOP)  # nobody starts it again meanwhile
            try:
                os.kill(s.pids()["situs-keeper"], signal.SIGKILL)
                until(lambda: s.ask("POST", "/v1/challenge", "{}")[0] == 503)
            finally:
                os.kill(s.child.pid, signal.SIGCONT)
            until(lambda: s.challenges("a"))

    def test_a_judge_that_cannot_be_made_is_made_later(self):
        with self.service() as s:
            nursery = s.pids()["situs-nursery"]
            judges = until(lambda: pids_of(nursery)[3:] and pids_of(nursery))
            soft, hard = resource.prlimit(nursery, resource.RLIMIT_NOFILE)
            resource.prlimit(nursery, resource.RLIMIT_NOFILE, (3, hard))  # no pair of sockets
            os.kill(judges[0], signal.SIGKILL)
            until(lambda: s.said("no judge can be made now"))
            resource.prlimit(nursery, resource.RLIMIT_NOFILE, (soft, hard))
            until(lambda: len(pids_of(nursery)) == len(judges))
            self.assertEqual(s.pids()["situs-nursery"], nursery)

    def test_of_many_reloads_the_front_that_would_end_next_ends_at_once(self):
        """Nine fronts have something to finish, and there is room for eight."""
        with self.service(changed("deadlines", to={"drain_ms": 600000, "request_ms": 600000})) as s, \
                contextlib.ExitStack() as stack:
            begun = []
            for _ in range(9):
                begun.append(stack.enter_context(socket.create_connection(("127.0.0.1", s.port), BOUND)))
                begun[-1].sendall(b"POST /v1/verify HTTP/1.1\r\nHost: a\r\nContent-Type: application/cmw\r\n"
                                  b"Content-Length: 1\r\n\r\n")
                until(s.serves)  # the front has taken the connection, which came first
                s.reload()
            self.assertEqual(begun[0].recv(1), b"")
            for c in begun[1:]:
                c.sendall(b"x")
                self.assertTrue(c.recv(65536).startswith(b"HTTP/1.1 200 "))

    def test_a_reload_serves_what_the_file_says_now(self):
        with self.service() as s:
            self.assertEqual(s.post("/v1/challenge", policy="b")[0], 404)
            s.write(changed("policies", "b", to={"policy": "genuine"}))
            s.reload()
            self.assertEqual(s.post("/v1/challenge", policy="b")[0], 200)
            self.assertEqual(s.post("/v1/challenge", policy="a")[0], 200)

    def test_a_reload_of_a_broken_file_changes_nothing(self):
        with self.service() as s:
            _, c = s.post("/v1/challenge", policy="a")
            pids = s.pids()
            for broken in ("{", changed("polices", to={}), changed("policies", "a", "policy", to="/none"),
                           {**ONE, "policies": {"a": {"policy": "genuine", "key": "/none", "audience": "x"}}}):
                s.write(broken)
                said = s.said().count("was not taken")
                s.child.send_signal(signal.SIGHUP)
                until(lambda: s.said().count("was not taken") > said)
            until(lambda: s.pids() == pids)  # what was begun of the last one is gone
            self.assertEqual(s.post("/v1/verify", session=c["session"], evidence=EVIDENCE)[0], 200)

    def test_each_answer_is_of_one_configuration(self):
        """Policy and trust change together, again and again, while answers are asked for: none is of both."""
        fill(self.dir, os.environ["LAB_INTEL"])
        files = [self.path("genuine.json"), self.path("trust.json")]
        texts = [self.bytes_of(f) for f in files]
        quote = base64.b64encode(self.bytes_of(self.path("quote.bin"))).decode()
        name = "simulated-a"
        lab = {"policy": files[0], "trust": files[1], "collateral": [self.path("collateral.json")]}
        seen, over = set(), threading.Event()

        def look(s):
            status, report = s.post("/v1/verify", evidence=quote)
            if status == 200:
                seen.add((report["policy_sha256"], report["trust_sha256"]))
            return status

        def look_always(s):
            while not over.is_set():
                with contextlib.suppress(OSError, http.client.HTTPException):  # of a front that ends
                    look(s)

        with self.service({**ONE, "default": name, "policies": {name: lab}}) as s:
            threads = [threading.Thread(target=look_always, args=(s,)) for _ in range(2)]
            for t in threads:
                t.start()
            try:
                for n in range(4):
                    for f, text in zip(files, texts):
                        self.path(os.path.basename(f), text + b"\n" * n)
                    s.reload()
                    self.assertEqual(look(s), 200)
            finally:
                over.set()
                for t in threads:
                    t.join()
        self.assertEqual([len(set(seen)), len({p for p, _ in seen}), len({t for _, t in seen})], [4, 4, 4])

    def test_a_reload_may_listen_elsewhere(self):
        with self.service() as s:
            path = os.path.join(self.dir, "http.sock")
            s.write(changed("listen", to="unix:" + path))
            s.child.send_signal(signal.SIGHUP)
            until(lambda: s.said("was read again"))
            with socket.socket(socket.AF_UNIX) as c:
                c.connect(path)
                c.sendall(b"GET /readyz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
                self.assertIn(b" 200 ", c.recv(4096))
            until(lambda: refused(s.port))  # the front of before lets go once it has heard of it
        self.assertFalse(os.path.exists(path))

    def test_who_was_let_in_before_a_reload_is_answered_after_it(self):
        long = changed("deadlines", to={"drain_ms": 600000, "idle_ms": 600000, "request_ms": 600000})
        with self.service(long) as s, socket.create_connection(("127.0.0.1", s.port), BOUND) as http:
            self.assertTrue(s.serves())  # the front has taken the connection, which came first
            s.write({**long, "listen": "unix:" + os.path.join(self.dir, "http.sock")})
            s.child.send_signal(signal.SIGHUP)
            until(lambda: refused(s.port))
            http.sendall(b"GET /readyz HTTP/1.1\r\nHost: a\r\n\r\n")
            answer = http.recv(4096)
            self.assertTrue(answer.startswith(b"HTTP/1.1 200 "), answer)
            self.assertIn(b"connection: close\r\n", answer.lower())

    def test_what_was_begun_is_finished_after_sigterm(self):
        with self.service() as s:
            _, c = s.post("/v1/challenge", policy="a")
            body = json.dumps({"session": c["session"], "evidence": EVIDENCE}).encode()
            with socket.create_connection(("127.0.0.1", s.port), BOUND) as http:
                http.sendall(b"POST /v1/verify HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
                             b"Content-Length: %d\r\n\r\n" % len(body) + body[:10])
                until(lambda: s.serves())  # the front has taken the connection, which came first
                front = f"/proc/{s.pids()['situs-front']}/fd"
                before = len(os.listdir(front))
                s.child.send_signal(signal.SIGTERM)
                until(lambda: len(os.listdir(front)) < before)  # it lets nobody in any more
                http.sendall(body[10:])
                self.assertTrue(http.recv(65536).startswith(b"HTTP/1.1 200 "))
            self.assertEqual(s.child.wait(timeout=BOUND), 0)

    def test_systemd_is_told(self):
        path = os.path.join(self.dir, "notify")
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as n:
            n.bind(path)
            n.settimeout(BOUND)
            with self.service(NOTIFY_SOCKET=path) as s:
                self.assertRegex(n.recv(200), rb"^READY=1\n")
                s.child.send_signal(signal.SIGHUP)
                self.assertRegex(n.recv(200), rb"^RELOADING=1\nMONOTONIC_USEC=\d+$")
                self.assertRegex(n.recv(200), rb"^READY=1\n")
            self.assertRegex(n.recv(200), rb"^STOPPING=1\n")

    def test_systemd_is_told_that_it_serves_while_it_does(self):
        """Neither a front nor a keeper that stands still may keep the watchdog quiet."""
        with Notified(self.dir) as told, self.service(**told.environment) as s:
            for name in ("situs-front", "situs-keeper"):
                until(lambda: b"WATCHDOG=1" in told.words())
                pid, silent = s.pids()[name], s.said().count("did not answer its own question")
                os.kill(pid, signal.SIGSTOP)
                try:
                    until(lambda: s.said().count("did not answer its own question") > silent)
                    told.words()  # of before
                    until(lambda: s.said().count("did not answer its own question") > silent + 1)
                    self.assertEqual(told.words(), [])
                finally:
                    os.kill(pid, signal.SIGCONT)

    def handed(self, family, address, name="http"):
        """A service that was started with a listening socket of this address, as systemd does it."""
        door = socket.socket(family)
        self.addCleanup(door.close)
        door.bind(address)
        door.listen()
        path = self.path("serve.json", json.dumps(changed("listen", to="systemd:http")).encode())
        start = 'exec 3<&%d; LISTEN_PID=$$ LISTEN_FDS=1 LISTEN_FDNAMES=%s exec "$0" serve --config "$1"' % (door.fileno(), name)
        return door, subprocess.Popen(["sh", "-c", start, SITUS, path], pass_fds=[door.fileno()], env=PLAIN,
                                      stderr=subprocess.PIPE)

    def test_a_socket_of_systemd_s(self):
        for family, address in ((socket.AF_UNIX, os.path.join(self.dir, "http.sock")), (socket.AF_INET, ("127.0.0.1", 0))):
            door, service = self.handed(family, address)
            with service, socket.socket(family) as c:
                c.settimeout(BOUND)
                c.connect(door.getsockname())  # it waits there until somebody serves
                c.sendall(b"GET /readyz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
                self.assertIn(b" 200 ", c.recv(4096))
                service.terminate()
                self.assertEqual(service.wait(BOUND), 0)
        self.assertTrue(os.path.exists(os.path.join(self.dir, "http.sock")))  # systemd's, not ours

    def test_a_socket_of_systemd_s_that_will_not_do(self):
        for family, address, name, says in ((socket.AF_INET, ("0.0.0.0", 0), "http", b"got another"),
                                            (socket.AF_INET, ("127.0.0.1", 0), "other", b"none of this name")):
            service = self.handed(family, address, name)[1]
            said = service.communicate(timeout=BOUND)[1]
            self.assertEqual(service.returncode, 1, said)
            self.assertIn(says, said)


if __name__ == "__main__":
    main()
