"""situs endorsement fetch: lists, revocation lists, endorsements and CRLs from a server, kept only where they hold."""
import json
import os
import ssl
import time

import pcs_server as pcs
from authority import authority
from fleet_run import AT, DAY, OWNER, FleetCase
from situs_run import Case, main, situs


class Fetching:
    """What both cases below do."""

    def serve(self, faults=None, **bodies):
        server = pcs.Server(self.lab, faults, bodies={"/" + name: body for name, body in bodies.items()})
        self.addCleanup(server.close)
        return server

    def fetch(self, url, *more, at=AT, trust=None):
        return ["endorsement", "fetch", "--url", url, "--trust", trust or self.trust, "--at", f"@{at}", "--retries", "0",
                "--timeout", "10", *more, self.out]

    def kept(self):
        return self.bytes_of(self.out) if os.path.exists(self.out) else None


class Words(Fetching, FleetCase):
    def test_what_holds_is_kept_and_nothing_else(self):
        self.deliver()
        for i, does in enumerate((self.never_an_older_one, self.nothing_that_does_not_hold, self.nothing_that_did_not_come,
                                  self.what_an_endorsement_says_is_asked)):
            self.out = self.path(f"out{i}")
            with self.subTest(does.__name__):
                does()

    def revocations(self):
        """Two lists, one behind the other."""
        first = self.bytes_of(self.publish("r1"))
        self.at += 3600
        return first, self.bytes_of(self.publish("r2"))

    def never_an_older_one(self):
        first, second = self.revocations()
        server = self.serve(list=first)
        at = AT + 3600
        self.accepted(*self.fetch(server.url + "/list", at=at))
        self.assertEqual(self.kept(), first)
        server.bodies["/list"] = second
        self.accepted(*self.fetch(server.url + "/list", at=at))
        self.accepted(*self.fetch(server.url + "/list", at=at))  # the same again
        self.assertEqual(self.kept(), second)
        server.bodies["/list"] = first
        self.refused(3, *self.fetch(server.url + "/list", at=at), says=["mismatch", "number", "older one"])
        self.endorse()
        server.bodies["/list"] = self.bytes_of(self.poe)  # of another kind
        self.refused(3, *self.fetch(server.url + "/list", at=at), says=["mismatch", "signer"])
        self.assertEqual(self.kept(), second)

    def nothing_that_does_not_hold(self):
        body = self.bytes_of(self.publish())
        bad = body[:-1] + bytes([body[-1] ^ 1])
        url = self.serve(good=body, bad=bad, cut=body[:-9], none=b"", other=b"<html>", long=body + b"x",
                         csv=b"0" * 32 + b"\n").url
        rows = [("bad", 2, ["bad-signature"]), ("cut", 2, []), ("none", 3, []), ("other", 2, []), ("long", 2, ["trailing"]),
                ("csv", 2, ["unsupported"]), ("gone", 3, ["404"])]
        for name, exit, words in rows:
            with self.subTest(name):
                self.refused(exit, *self.fetch(f"{url}/{name}"), says=words)
                self.assertIsNone(self.kept())
        self.refused(3, *self.fetch(url + "/good", at=AT + 400 * DAY), says=["expired"])
        self.refused(3, *self.fetch(url + "/good", at=AT - 1), says=["not-yet-valid"])
        self.refused(2, *self.fetch(url + "/good", trust=self.supplier_trust()), says=[])
        self.assertIsNone(self.kept())

    def nothing_that_did_not_come(self):
        body = self.bytes_of(self.publish())
        rows = [(pcs.status(500), ["500"]), (pcs.redirect("/list"), ["302", "redirects"]), (pcs.cut, ["a whole answer"])]
        for fault, words in rows:
            self.refused(2 if "302" in words else 3, *self.fetch(self.serve({"/list": fault}, list=body).url + "/list"),
                         says=words)
        server = self.serve({"/list": pcs.status(429, **{"Retry-After": "17"})}, list=body)
        done = situs(*self.fetch(server.url + "/list", "--retry-after"))
        self.assertEqual((done.returncode, done.stdout), (3, b"retry-after 17\n"), done.stderr)
        self.refused(2, *self.fetch("http://192.0.2.1/list"), says=["loopback"])
        self.assertIsNone(self.kept())

    def what_an_endorsement_says_is_asked(self):
        server = self.serve()
        host = server.url.split("//")[1]
        self.endorse("--refresh", server.url + "/m1")
        first = self.bytes_of(self.poe)
        self.at += DAY
        self.endorse("--refresh", server.url + "/m1")
        second, own = self.bytes_of(self.poe), self.path("own.poe", first)
        server.bodies["/m1"] = second
        refresh = ["endorsement", "fetch", "--refresh", own, "--trust", self.trust, "--at", f"@{self.at}", "--retries", "0"]
        self.refused(2, *refresh, "--host", "example.com", self.out, says=["not-allowed", "refresh_uri"])
        self.refused(1, *refresh, self.out, says=["--host"])
        self.assertEqual(server.asked, [])
        bad = self.path("bad.poe", first[:-1] + bytes([first[-1] ^ 1]))  # whose address nobody signed
        self.refused(2, "endorsement", "fetch", "--refresh", bad, *refresh[4:], "--host", host, self.out,
                     says=["bad-signature"])
        self.assertEqual(server.asked, [])
        self.accepted(*refresh, "--host", "example.com", "--host", host, self.out)
        self.assertEqual((self.kept(), server.asked), (second, ["/m1"]))
        os.unlink(own)  # the one that is kept says it, too
        self.accepted(*refresh, "--host", host, self.out)


class OfTheService(Fetching, FleetCase):
    MADE_AT = int(time.time())

    def test_the_service_fetches_lists_and_what_endorsements_say(self):
        self.deliver()
        server = self.serve()
        host = server.url.split("//")[1]
        self.endorse("--refresh", server.url + "/m1")
        own = self.path("own.poe", self.bytes_of(self.poe))
        self.fleet("export", "--list", self.path("list"), "--site", "ams1", "--owner", OWNER, *self.key)
        server.bodies = {"/list": self.bytes_of(self.path("list")), "/revoked": self.bytes_of(self.publish()),
                         "/m1": self.bytes_of(own)}
        cache, names = self.path("cache"), ["ams1", "revoked", "m1"]
        os.mkdir(cache)
        configuration = {
            "listen": "127.0.0.1:0", "base": "https://verifier.example",
            "policies": {"a": {"policy": "genuine", "trust": self.trust, "endorsements": [f"fetched:{n}" for n in names]}},
            "fetch": {"cache": cache, "hosts": [host], "sources": {
                "ams1": {"kind": "endorsement", "url": server.url + "/list"},
                "revoked": {"kind": "endorsement", "url": server.url + "/revoked"},
                "m1": {"kind": "refresh", "file": own}}}}

        def serve(exit, *words):
            done = situs("serve", "--config", self.path("serve.json", json.dumps(configuration).encode()), *words)
            self.assertEqual(done.returncode, exit, done.stderr)
            return done.stderr.decode()
        self.assertIn("cannot be served before", serve(0, "--check"))
        policy = configuration["policies"]["a"]
        kept, policy["endorsements"] = policy["endorsements"], ["fetched:m1"]
        sources, configuration["fetch"]["sources"] = (configuration["fetch"]["sources"],
                                                      {"m1": configuration["fetch"]["sources"]["m1"]})
        self.assertEqual(serve(0, "--check"), "")  # it begins with the file that there is
        policy["endorsements"], configuration["fetch"]["sources"] = kept, sources
        configuration["fetch"]["hosts"] = ["other.example"]
        self.assertIn("not-allowed", serve(3, "--fetch-once"))
        self.assertEqual(sorted(os.listdir(cache)), ["ams1", "revoked"])
        configuration["fetch"]["hosts"] = [host]
        serve(0, "--fetch-once")
        self.assertEqual([self.bytes_of(os.path.join(cache, n)) for n in names],
                         [server.bodies[path] for path in ("/list", "/revoked", "/m1")])
        self.assertEqual(serve(0, "--check"), "")
        with open(os.path.join(cache, "revoked"), "ab") as f:  # no list that holds: none of them is served
            f.write(b"x")
        self.assertIn("revoked", serve(0, "--check"))


class Crls(Fetching, Case):
    def test_a_crl_is_of_an_anchor_or_of_whom_its_reader_names(self):
        self.lab, self.out = self.dir, self.path("out")
        (root, of_root), (ca, of_ca) = authority(self, "Root"), authority(self, "Issuing")
        self.trust = self.path("trust.json", json.dumps(
            {"anchors": [{"name": "Root", "for": ["list"], "pem": root}]}).encode())
        issuer = self.path("ca.der", ssl.PEM_cert_to_DER_cert(ca))
        at = int(time.time())
        url = self.serve(root=of_root, ca=of_ca, bad=of_root[:-1] + bytes([of_root[-1] ^ 1])).url
        self.refused(2, *self.fetch(url + "/ca", at=at), says=["untrusted", "--issuer"])
        self.refused(2, *self.fetch(url + "/bad", at=at), says=["bad-signature"])
        self.refused(3, *self.fetch(url + "/root", at=at + 30 * DAY), says=["expired"])
        self.assertIsNone(self.kept())
        self.accepted(*self.fetch(url + "/root", at=at))
        self.assertEqual(self.kept(), of_root)
        self.refused(3, *self.fetch(url + "/ca", "--issuer", issuer, at=at), says=["mismatch", "signer"])
        self.out = self.path("other")
        self.accepted(*self.fetch(url + "/ca", "--issuer", issuer, at=at))
        self.assertEqual(self.kept(), of_ca)


if __name__ == "__main__":
    main()
