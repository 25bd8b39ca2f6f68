"""situs collateral: fetched from a server that answers like PCS or PCCS, or does not; imported;
checked."""
import gzip
import json
import os
import shutil
import subprocess
import time

import pcs_server as pcs
from situs_run import Case, fill, main, situs

LAB = os.environ["LAB_INTEL"]
LAB_SNP = os.environ["LAB_SNP"]


class Lab(Case):
    def setUp(self):
        super().setUp()
        self.lab = self.path("lab")
        fill(self.lab, LAB)
        self.out = self.path("out")
        self.trust = ["--trust", self.file("trust.json")]

    def file(self, name):
        return os.path.join(self.lab, name)

    def serve(self, faults=None, **more):
        server = pcs.Server(self.lab, faults, **more)
        self.addCleanup(server.close)
        return server

    def fetch(self, server, *more, quote="quote.bin"):
        return ["collateral", "fetch", "--for", self.file(quote), "--url", server.url, *self.trust,
                "--timeout", "10", "--retries", "0", *more, self.out]

    def set_of(self, path):
        return {n: self.bytes_of(os.path.join(path, n)) for n in os.listdir(path)}

    def verdict(self, path):
        return situs("verify", self.file("quote.bin"), "--policy", self.file("genuine.json"), *self.trust,
                     "--collateral", path).returncode


class Fetch(Lab):
    def test_a_pccs_gives_all_that_a_quote_needs(self):
        server = self.serve()
        self.assertEqual(self.accepted(*self.fetch(server)), b"")
        self.assertEqual(self.verdict(self.out), 0)
        self.assertEqual(len(server.asked), 4)
        self.assertRegex(server.asked[0], r"^/tdx/certification/v4/tcb\?fmspc=[0-9a-f]{12}$")
        self.assertEqual(server.asked[1], "/tdx/certification/v4/qe/identity")
        self.assertEqual(server.asked[2],
                         "/sgx/certification/v4/pckcrl?ca=platform&encoding=der")
        self.assertEqual(server.asked[3], "/sgx/certification/v4/rootcacrl")
        names = sorted(os.listdir(self.out))
        self.assertTrue(all(n.startswith(("cert-", "tdx-", "pck-", "root.")) for n in names), names)
        self.assertEqual([n for n in os.listdir(self.dir) if n.startswith("out")], ["out"])

    def test_what_will_be_is_asked_for_by_its_name(self):
        server = self.serve()
        self.accepted(*self.fetch(server, "--early"))
        self.assertRegex(server.asked[0], r"^/tdx/certification/v4/tcb\?fmspc=[0-9a-f]{12}&update=early$")
        self.assertEqual(server.asked[1], "/tdx/certification/v4/qe/identity?update=early")
        self.assertTrue(all("early" not in path for path in server.asked[2:]), server.asked)

    def test_pcs_answers_der(self):
        self.accepted(*self.fetch(self.serve(pccs=False)))
        self.assertEqual(self.verdict(self.out), 0)

    def test_fetching_again_replaces_the_set(self):
        server = self.serve()
        self.accepted(*self.fetch(server))
        before = self.set_of(self.out)
        self.accepted(*self.fetch(server))
        self.assertEqual(self.set_of(self.out), before)

    def test_the_older_header_name_and_the_path_of_the_api_are_known(self):
        server = self.serve({"tcb": pcs.renamed("SGX-TCB-Info-Issuer-Chain")})
        args = self.fetch(server)
        args[args.index(server.url)] += "/sgx/certification/v4/"
        self.accepted(*args)

    def test_what_goes_wrong_is_told_apart_and_nothing_is_saved(self):
        der = self.bytes_of(self.file("pck_crl.der"))
        rows = [
            ("tcb", pcs.status(404), 3, ["TCB info", "404", "knows none"]),
            ("qe", pcs.status(410), 3, ["QE identity", "410"]),
            ("pckcrl", pcs.status(429, **{"Retry-After": "17"}), 3, ["429", "17"]),
            ("tcb", pcs.status(429), 3, ["429", "busy"]),
            ("rootcacrl", pcs.status(500), 3, ["root CA CRL", "500", "later"]),
            ("tcb", pcs.status(503), 3, ["503", "busy"]),
            ("tcb", pcs.status(401), 3, ["401", "--url"]),
            ("tcb", pcs.redirect("file:///etc/passwd"), 2, ["302", "redirects"]),
            ("pckcrl", pcs.redirect("/elsewhere"), 2, ["302", "redirects"]),
            ("tcb", pcs.cut, 3, ["a whole answer"]),
            ("tcb", pcs.endless, 2, ["too-long", "at most"]),
            ("tcb", pcs.kind("text/html"), 2, ["application/json", "text/html"]),
            ("tcb", pcs.replaced(b"<html>captive portal</html>"), 2, ["text/html"]),
            ("pckcrl", pcs.replaced(b"<html>captive portal</html>"), 2, ["DER, PEM or hex"]),
            ("tcb", pcs.replaced(b"<html>", "application/json"), 2, []),
            ("tcb", pcs.replaced(b"", "application/json"), 2, []),
            ("tcb", pcs.no_header, 3, ["TCB-Info-Issuer-Chain", "no such header"]),
            ("qe", pcs.no_header, 3, ["SGX-Enclave-Identity-Issuer-Chain"]),
            ("pckcrl", pcs.no_header, 3, ["SGX-PCK-CRL-Issuer-Chain"]),
            ("tcb", pcs.header(lambda v: [v, v]), 2, ["twice"]),
            ("tcb", pcs.header(lambda v: v.replace("%0A", "%0")), 2, ["issuer chain header"]),
            ("tcb", pcs.header(lambda v: v.replace("%", "%25")), 2, ["issuer chain header"]),
            ("tcb", pcs.header(lambda v: v.replace("%20", "+")), 2, ["issuer chain header"]),
            ("tcb", pcs.header(lambda v: v + "%00"), 2, ["issuer chain header"]),
            ("tcb", pcs.header(lambda v: v + "A" * 20000), 2, ["too-long"]),
            ("tcb", pcs.header(lambda v: v[:len(v) // 3]), 2, []),
            ("tcb", pcs.more_headers(Content_Encoding="gzip"), 2, ["content encoding"]),
            ("tcb", lambda h, s, b, k, x: (s, gzip.compress(b), k,
                                           {**x, "Content-Encoding": "gzip"}), 2, ["gzip"]),
            ("pckcrl", pcs.replaced(der[:-1] + bytes([der[-1] ^ 1]), "application/pkix-crl"), 2,
             ["PCK CRL", "bad-signature"]),
            ("pckcrl", pcs.replaced(self.bytes_of(self.file("root_ca_crl.der"))), 3,
             ["CRL of the PCK certificate's issuer"]),
            ("qe", pcs.replaced(self.bytes_of(self.file("tcb_info.json")), "application/json"),
             3, ["QE identity"]),
        ]
        for name, fault, exit, words in rows:
            with self.subTest(name=name, words=words):
                server = self.serve({name: fault})
                self.refused(exit, *self.fetch(server), says=words)
                self.assertFalse(os.path.exists(self.out))
                self.assertEqual([n for n in os.listdir(self.dir) if n.startswith("out")], [])

    def test_a_failure_leaves_the_old_set(self):
        self.accepted(*self.fetch(self.serve()))
        before = self.set_of(self.out)
        self.refused(3, *self.fetch(self.serve({"rootcacrl": pcs.status(500)})))
        self.assertEqual(self.set_of(self.out), before)

    def test_slow_servers_end_in_a_time_out(self):
        for fault, seconds, more in ((pcs.dripping, "1", ""), (pcs.silent, "3", "waiting for the QE identity: ")):
            args = self.fetch(self.serve({"qe": fault}))
            args[args.index("--timeout") + 1] = seconds
            self.refused(3, *args, says=["QE identity", "time-out", more])

    def test_a_closed_port_is_told(self):
        server = self.serve()
        args = self.fetch(server)
        args[args.index(server.url)] = "http://127.0.0.1:1"
        self.refused(3, *args, says="a whole answer")

    def test_an_address_is_told_whole(self):
        url = "http://127.0.0.1:1/" + "a" * 200
        self.refused(3, "collateral", "fetch", "--for", self.file("quote.bin"), "--url", url, self.out,
                     says=f"asked {url}/tdx/certification/v4/tcb?fmspc=00806f050000\n")

    def test_what_may_pass_is_tried_again(self):
        left = ["once"]

        def busy(h, *answer):
            return answer if not left else (503, b"no", "text/plain", {"Retry-After": left.pop() and "1"})
        server = self.serve({"tcb": busy})
        args = self.fetch(server)
        args[args.index("--retries") + 1] = "2"
        done = situs(*args)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn(b"the TCB info: status 503; trying again in 1 second (1 of 2)\n", done.stderr)
        self.assertEqual(len(server.asked), 5)
        for fault in (pcs.status(503, **{"Retry-After": "3600"}), pcs.status(404)):
            server = self.serve({"tcb": fault})
            args[args.index("--url") + 1] = server.url
            self.refused(3, *args)
            self.assertEqual(len(server.asked), 1)

    def test_a_bundle_or_text_names_its_platform(self):
        server, quote, bundle = self.serve(), self.file("quote.bin"), self.path("b.cmw")
        self.accepted("pack", "-o", bundle, "tdx=" + quote)
        self.path("lab/quote.hex", self.bytes_of(quote).hex().encode())
        for name in (bundle, "quote.hex"):
            self.accepted(*self.fetch(server, quote=name))
            self.assertEqual(self.verdict(self.out), 0)
        self.accepted("pack", "-o", bundle, "channel=" + self.file("channel.spki.der"))
        self.refused(2, *self.fetch(server, quote=bundle), says="only a quote or report needs")

    def test_a_platform_may_be_named(self):
        server = self.serve()
        words = self.fetch(server)
        words[2:4] = ["--fmspc", "00806f050000", "--ca", "platform"]
        self.accepted(*words)
        self.assertEqual(self.verdict(self.out), 0)
        for at, value, says in ((3, "00806F0500", "12 hex digits"), (5, "intel", "platform, processor")):
            self.refused(1, *words[:at], value, *words[at + 1:], says=says)
        self.refused(1, *words[:4], *words[6:], says="--ca is missing")
        self.refused(1, *words, "--for", self.file("quote.bin"), says="--for and --fmspc")
        words[5] = "processor"  # another CA than the answer's
        self.refused(3, *words, says="CRL of the PCK certificate's issuer")

    def test_tls_needs_an_anchor(self):
        key, pem = self.path("key.pem"), self.path("tls.pem")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                        "ec_paramgen_curve:P-256", "-nodes", "-keyout", key, "-out", pem, "-days",
                        "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"],
                       check=True, stderr=subprocess.DEVNULL)
        both = self.path("both.pem", self.bytes_of(key) + self.bytes_of(pem))
        server = self.serve(certificate=both)
        self.refused(2, *self.fetch(server), says=["untrusted", "--cacert"])
        self.assertFalse(os.path.exists(self.out))
        other = self.path("other.pem")
        subprocess.run(["openssl", "req", "-x509", "-key", key, "-out", other, "-days", "2",
                        "-subj", "/CN=other"], check=True, stderr=subprocess.DEVNULL)
        self.refused(2, *self.fetch(server, "--cacert", self.path("none.pem")))
        self.accepted(*self.fetch(server, "--cacert", pem))
        self.assertEqual(self.verdict(self.out), 0)
        args = self.fetch(server, "--cacert", pem)  # the right key under the wrong name
        args[args.index(server.url)] = server.url.replace("localhost", "127.0.0.1")
        self.refused(2, *args, says="untrusted")

    def test_wrong_addresses_are_never_asked(self):
        server = self.serve()
        for url in ("http://pccs.example:8081", "file:///etc/passwd", "ftp://localhost",
                    "https://user:secret@localhost", "localhost:8081"):
            args = self.fetch(server)
            args[args.index(server.url)] = url
            self.refused(1, *args, says="--url")
        self.assertEqual(server.asked, [])

    def test_stale_answers_are_not_saved(self):
        server = self.serve()
        self.refused(3, *self.fetch(server, "--at", "2099-01-01T00:00:00Z"), says="expired")
        self.refused(3, *self.fetch(server, "--at", "@1000000000"), says="not-yet-valid")
        self.assertFalse(os.path.exists(self.out))

    def test_what_ends_while_it_is_fetched_is_not_saved(self):
        end = int(time.time()) + 5
        subprocess.run([LAB, self.lab, f"@{end - 30 * 86400}"], check=True, stdout=subprocess.DEVNULL)

        def late(h, *answer):
            time.sleep(max(0, end + 2 - time.time()))
            return answer
        self.refused(3, *self.fetch(self.serve({"rootcacrl": late})), says="expired")
        self.assertFalse(os.path.exists(self.out))

    def test_wrong_arguments(self):
        server = self.serve()
        args = self.fetch(server)
        self.refused(1, *args[:2], *args[4:], says="--for")
        self.refused(1, *args, "--timeout=0", says="--timeout")
        args[args.index("--timeout") + 1] = "soon"
        self.refused(1, *args, says="--timeout")
        args = self.fetch(server)
        args[3] = self.file("no-such-quote")
        self.refused(1, *args, says="No such file")
        args[3] = self.file("tcb_info.json")
        self.refused(2, *args, says=["got collateral of Intel", "as collateral"])
        self.assertEqual(server.asked, [])

    def test_anchors_decide_what_is_saved(self):
        server = self.serve()
        args = self.fetch(server)
        at = args.index("--trust")
        self.refused(2, *args[:at], *args[at + 2:], says="untrusted")
        self.assertFalse(os.path.exists(self.out))


class Refresh(Lab):
    def refresh(self, server, *more):
        return ["collateral", "refresh", "--url", server.url, *self.trust, "--timeout", "10", "--retries", "0", *more,
                self.out]

    def older(self):
        return {"tcb": pcs.replaced(self.bytes_of(self.file("tcb_info_older.json")), "application/json")}

    def test_all_that_is_held_is_fetched_anew(self):
        old, server = self.serve(self.older()), self.serve()
        self.accepted(*self.fetch(old))
        before = self.set_of(self.out)
        self.assertEqual(situs(*self.refresh(server, "--due", "7")).stderr.count(b"nothing is due"), 1)
        self.assertEqual(server.asked, [])
        self.accepted(*self.refresh(server, "--due", "365"))
        self.assertEqual(sorted(server.asked), sorted(old.asked))
        after = self.set_of(self.out)
        self.assertEqual([n for n in after if after[n] != before[n]], ["tdx-tcb-00806f050000.json"])
        self.refused(3, *self.refresh(old), says=["not older than what is held", "is as it was"])
        self.assertEqual(self.set_of(self.out), after)

    def test_a_failure_leaves_what_is_held(self):
        self.accepted(*self.fetch(self.serve()))
        before = self.set_of(self.out)
        self.refused(3, *self.refresh(self.serve({"rootcacrl": pcs.status(500)})), says=["500", "is as it was"])
        self.assertEqual(self.set_of(self.out), before)
        self.path("out/mine.txt", b"{}")
        self.refused(1, *self.refresh(self.serve()))
        os.rename(self.path("out/mine.txt"), self.path("mine.txt"))
        os.rename(self.path("out/root.crl"), self.path("out/mine.crl"))
        self.refused(1, *self.refresh(self.serve()), says=["mine.crl", "situs collateral import"])
        self.refused(1, *self.refresh(self.serve())[:-1], self.path("absent"))
        self.refused(1, *self.refresh(self.serve(), "--due", "soon"), says="--due")


class Kds(Case):
    """AMD's key distribution service, by a stand-in (57230, 4)."""
    VCEK = "/vcek/v1/Milan/%s" % bytes(range(0xc0, 0x100)).hex()
    CHAIN, CRL = "/vcek/v1/Milan/cert_chain", "/vcek/v1/Milan/crl"
    LEVELS = "?blSPL=04&teeSPL=00&snpSPL=24&ucodeSPL=219"

    def setUp(self):
        super().setUp()
        self.lab, self.out = self.path("lab"), self.path("out")
        fill(self.lab, LAB_SNP)
        self.path("policy.json", b'{"simulated": true, "require": ["genuine"], "snp.vek-chain": {"require_crl": true}}')

    def file(self, name):
        return os.path.join(self.lab, name)

    def serve(self, faults=None, **files):
        answers = {self.VCEK: "vcek.der", self.CHAIN: "cert_chain", self.CRL: "ark.crl", **files}
        server = pcs.Server(self.lab, faults, bodies={path: self.bytes_of(self.file(f)) for path, f in answers.items()})
        self.addCleanup(server.close)
        return server

    def fetch(self, server, report="report.bin"):
        return ["collateral", "fetch", "--for", self.file(report), "--url", server.url, "--trust",
                self.file("trust.json"), "--timeout", "10", "--retries", "0", self.out]

    def verify(self, collateral, exit):
        done = situs("verify", self.file("report.bin"), "--policy", self.path("policy.json"), "--trust",
                     self.file("trust.json"), "--collateral", collateral, env={"XDG_CACHE_HOME": self.path("cache")})
        self.assertEqual(done.returncode, exit, done.stderr)
        return done.stderr.decode()

    def test_a_vcek_is_asked_for_once(self):
        server = self.serve()
        self.accepted(*self.fetch(server))
        self.assertEqual(server.asked, [self.VCEK + self.LEVELS, self.CHAIN, self.CRL])
        self.verify(self.out, 0)
        self.accepted(*self.fetch(server))
        self.assertEqual(server.asked[3:], [self.CHAIN, self.CRL])  # few are given in a minute
        self.verify(self.out, 0)

    def test_products_are_asked_for_without_evidence(self):
        server = self.serve()
        words = self.fetch(server)
        words[2:4] = ["--product", "Milan", "--product", "Milan"]
        self.accepted(*words)
        self.assertEqual(server.asked, [self.CHAIN, self.CRL])
        self.verify(self.out, 3)  # no certificate of the chip's key
        shutil.copy(self.file("vcek.der"), self.out)
        self.verify(self.out, 0)
        words[2:6] = ["--key", "vlek"]
        self.refused(1, *words, says=["--key", "--product"])
        words[2:4] = ["--product", "Genua"]
        self.refused(1, *words, says=["Genua", "Genoa"])
        words[2:4] = ["--product", "Milan", "--ca", "platform"]
        self.refused(1, *words, says=["--fmspc"])
        words[2:6] = ["--product", "Milan", "--for", self.file("report.bin")]
        self.refused(1, *words, says=["--for", "--product"])
        words[2:6] = ["--product", "Milan", "--key", "vlek"]
        self.refused(3, *words, says=["404"])

    def test_what_does_not_come_or_is_anothers_is_not_kept(self):
        cases = ((self.serve({self.VCEK: pcs.status(429, **{"Retry-After": "30"})}), 3, ["429"]),
                 (self.serve({self.CHAIN: pcs.status(404)}), 3, ["404"]),
                 (self.serve({self.CRL: pcs.status(500)}), 3, ["500"]),
                 (self.serve(**{self.VCEK: "other-vcek.der"}), 3, ["VCEK, chain and CRL of this chip"]),
                 (self.serve(**{self.CRL: "vcek.der"}), 3, ["VCEK, chain and CRL of this chip"]),
                 (self.serve(**{self.CHAIN: "trust.json"}), 2, []))
        for server, exit, says in cases:
            with self.subTest(says=says):
                self.refused(exit, *self.fetch(server), says=says)
                self.assertFalse(os.path.exists(self.out))

    def test_a_masked_chip_has_no_certificate(self):
        server = self.serve()
        self.refused(2, *self.fetch(server, "masked.bin"), says=["chip_id", "only the host"])
        self.assertEqual(server.asked, [])

    def test_an_ask_that_was_taken_back_is_refused(self):
        self.accepted(*self.fetch(self.serve(**{self.CRL: "ark-revoked.crl"})))
        self.verify(self.out, 4)

    def test_auto_keeps_a_cache_and_serves_without_a_network(self):
        server = self.serve()
        self.assertIn("fetching the collateral of platform snp-Milan-", self.verify("auto=" + server.url, 0))
        self.assertEqual(len(server.asked), 3)
        self.assertIn("collateral: ", self.verify("auto=" + server.url, 0))
        self.assertEqual(len(server.asked), 3)
        server.close()
        self.verify("auto=" + server.url, 0)
        self.assertEqual(len(os.listdir(self.path("cache/situs/collateral"))), 1)


class Auto(Lab):
    def verify(self, url, *more, exit=0, quote=None):
        done = situs("verify", quote or self.file("quote.bin"), "--policy", self.file("genuine.json"), *self.trust,
                     "--collateral", "auto=" + url, *more, env={"XDG_CACHE_HOME": self.path("cache")})
        self.assertEqual(done.returncode, exit, done.stderr)
        return done.stderr.decode()

    def test_collateral_is_fetched_once_a_day_and_never_unasked(self):
        server, cached = self.serve(), self.path("cache/situs/collateral/tdx-00806f050000-platform")
        says = f"situs: fetching the collateral of platform tdx-00806f050000-platform from {server.url} into {cached}\n"
        self.assertIn(says, self.verify(server.url))
        self.assertEqual(len(server.asked), 4)
        self.assertEqual(self.verify(server.url), f"situs: collateral: {cached}\n")
        self.assertEqual(len(server.asked), 4)
        day = time.time() - 86401
        os.utime(cached, (day, day))
        self.assertIn(says, self.verify(server.url))
        os.utime(cached, (day, day))  # the service is away: what is held is still in its time
        self.assertIn("a whole answer", self.verify("http://127.0.0.1:1"))
        self.assertEqual(len(server.asked), 8)
        self.path("lab/hex", self.bytes_of(self.file("quote.bin")).hex().encode())
        self.assertIn(says, self.verify(server.url, quote=self.file("hex")))
        subprocess.run([LAB, self.lab], check=True, stdout=subprocess.DEVNULL)  # another Intel: nothing of it is held
        self.assertIn(says, self.verify(server.url))
        self.assertEqual(self.verdict(cached), 0)
        os.utime(cached, (day, day))
        old = self.serve({"tcb": pcs.replaced(self.bytes_of(self.file("tcb_info_older.json")), "application/json")})
        self.assertIn("not older than what is held", self.verify(old.url))

    def test_what_cannot_be_fetched_is_missing(self):
        self.assertIn("a whole answer", self.verify("http://127.0.0.1:1", exit=3))
        self.assertIn("--url", self.verify("ftp://127.0.0.1", exit=3))
        server, cached = self.serve(), self.path("cache/situs/collateral/tdx-00806f050000-platform")
        self.accepted(*self.fetch(server)[:-1], cached)
        self.verify("http://127.0.0.1:1")
        os.chmod(cached, 0o777)  # anybody may have put an older set there that is still in its time
        self.assertIn("a whole answer", self.verify("http://127.0.0.1:1", exit=3))
        bundle = self.path("bundle")  # whose sender chose collateral: not what was asked for
        self.accepted("pack", "-o", bundle, "tdx=" + self.file("quote.bin"), "collateral=" + self.file("collateral.json"))
        self.assertIn("a whole answer", self.verify("http://127.0.0.1:1", exit=3, quote=bundle))
        self.assertEqual(self.verify("http://127.0.0.1:1", exit=2, quote=self.path("bad", b"bad")), "")
        self.assertIn("another time", self.verify("http://127.0.0.1:1", "--at", "@1750000000", exit=1))
        self.assertIn("No such file", self.verify("http://127.0.0.1:1", exit=1, quote="absent"))
        done = situs("verify", self.file("quote.bin"), "--policy", self.file("genuine.json"), *self.trust,
                     "--collateral", "auto", env={"XDG_CACHE_HOME": "", "HOME": ""})
        self.assertEqual(done.returncode, 3)
        self.assertIn(b"no place for its cache", done.stderr)


class Import(Lab):
    def load(self, name, *more):
        return ["collateral", "import", self.file(name), self.out, *self.trust, *more]

    def test_both_tees_may_lie_together(self):
        self.accepted(*self.load("collateral.json"))
        self.accepted(*self.load("collateral-sgx.json"))
        names = os.listdir(self.out)
        for name in ("tdx-qe.json", "sgx-qe.json", "pck-platform.crl", "root.crl"):
            self.assertIn(name, names)
        self.assertEqual(self.verdict(self.out), 0)
        self.assertEqual(situs("verify", self.file("quote-sgx-v3.bin"), "--policy", self.file("genuine.json"),
                               *self.trust, "--collateral", self.out).returncode, 0)

    def test_the_set_is_that_of_fetch(self):
        self.accepted(*self.load("collateral.json"))
        one = self.set_of(self.out)
        os.rename(self.out, self.path("first"))
        self.accepted(*self.fetch(self.serve()))
        two = self.set_of(self.out)
        self.assertEqual(sorted(one), sorted(two))

    def test_only_verified_collateral_is_saved(self):
        value = json.loads(self.bytes_of(self.file("collateral.json")))
        value["tcb_info"] = value["tcb_info"].replace("UpToDate", "UpToDatE", 1)
        self.path("lab/bent.json", json.dumps(value).encode())
        self.refused(2, *self.load("bent.json"), says="bad-signature")
        self.refused(2, *self.load("collateral.json")[:4], says="untrusted")
        self.path("lab/text", b"hello\n")
        self.refused(1, *self.load("text"))
        self.refused(1, *self.load("absent"), says="No such file")
        self.assertFalse(os.path.exists(self.out))

    def test_a_directory_with_other_things_is_left_alone(self):
        os.mkdir(self.out)
        self.path("out/.keep", b"mine")
        self.refused(1, *self.load("collateral.json"), says=[".keep", "new directory"])
        self.assertEqual(os.listdir(self.out), [".keep"])
        self.path("file", b"")
        self.out = self.path("file")
        self.refused(1, *self.load("collateral.json"))


class Check(Lab):
    def check(self, *more):
        return ["collateral", "check", self.file("collateral.json"), *self.trust, *more]

    def items(self, *more, exit=0):
        done = situs(*self.check("-j", *more))
        self.assertEqual(done.returncode, exit, done.stderr)
        return json.loads(done.stdout), done.stderr.decode()

    def test_every_item_has_its_window(self):
        report, talk = self.items()
        names = " / ".join(i["item"] for i in report["items"])
        for word in ("TCB info tdx", "QE identity tdx", "CRL of the root CA",
                     "CRL of the PCK platform CA", "certificate of the TCB signing",
                     "certificate of the root CA"):
            self.assertIn(word, names)
        self.assertTrue(all(i["from"] < i["to"] for i in report["items"]))
        self.assertIn(b"TCB info tdx", self.accepted(*self.check()))

    def test_what_expires_soon_is_warned_of(self):
        report, _ = self.items()
        first = min(i["to"] for i in report["items"])
        before = first[:8] + "%02d" % max(1, int(first[8:10]) - 1) + first[10:]
        report, talk = self.items("--at", before)
        self.assertIn("expires-soon", {i["state"] for i in report["items"]})
        self.assertIn("within 7 days", talk)
        report, talk = self.items("--at", before, "--warn-days", "0")
        self.assertNotIn("expires-soon", {i["state"] for i in report["items"]})
        self.assertEqual((report["warn_days"], talk), (0, ""))
        self.refused(1, *self.check("--warn-days", "soon"), says="--warn-days")

    def test_out_of_time_is_exit_3(self):
        report, talk = self.items("--at", "2099-01-01T00:00:00Z", exit=3)
        self.assertEqual(report["exit"], 3)
        self.assertIn("expired", {i["state"] for i in report["items"]})
        self.assertIn("situs: error: ", talk)
        report, _ = self.items("--at", "@1000000000", exit=3)
        self.assertIn("not-yet-valid", {i["state"] for i in report["items"]})

    def test_what_is_no_collateral_is_refused(self):
        self.refused(1, "collateral", "check", self.file("absent"))
        self.refused(2, "collateral", "check", self.file("collateral.json"), says="untrusted")
        self.refused(1, *self.check("--at", "tomorrow"), says="--at")
        self.refused(1, "collateral", "check", self.file("quote.bin"), *self.trust)


if __name__ == "__main__":
    main()
