"""The front: every path, every refusal, and openapi.json against the running server."""
import base64
import email.utils
import json
import os
import re
import time

from front_run import (ALLIANCE, APPRAISE, APPRAISE_KEPT, CHALLENGE, CMW, DISCOVERY, EAR, FORGET, JWKS, KEYS, LOOK, POLICIES,
                       READY, REPORT, SOURCE, SESSION_TYPE, TAKE, Case, b64, b64url, document, honest, main, until)

EVIDENCE = bytes(range(256)) * 3
with open(os.path.join(SOURCE, "roles/serve/world/talk_status.def")) as table:
    STATUS_OF = {word: name for name, word in re.findall(r'TALK_STATUS\((\w+), "([\w-]+)"', table.read())}


class V1(Case):
    def test_a_challenge_names_session_nonce_and_end(self):
        a = self.post("/v1/challenge", {"policy": "p1", "nonce": b64url(b"12345678"), "size": 48})
        self.assertEqual(a.status, 200, a.body)
        self.assertEqual(a.headers["cache-control"], "no-store")
        said = a.json()
        self.assertEqual(sorted(said), ["expires", "nonce", "policy", "session"])
        self.assertEqual((said["session"], said["expires"], len(said["nonce"])), ("s-p1", "2100-01-01T00:00:00Z", 64))
        ask = self.keeper.asked[0]
        self.assertEqual((ask.kind, ask.policy, ask.nonce_size, ask.party_nonce), (CHALLENGE, "p1", 48, b"12345678"))

    def test_everything_of_a_challenge_may_be_left_out(self):
        self.assertEqual(self.post("/v1/challenge", {}).status, 200)
        ask = self.keeper.asked[0]
        self.assertEqual((ask.policy, ask.nonce_size, ask.party_nonce), ("", 0, b""))

    def test_what_a_challenge_does_not_take(self):
        for member, word, field in [
                ({"policy": "a/b"}, "malformed", "policy"), ({"policy": "x" * 64}, "malformed", "policy"),
                ({"policy": ""}, "malformed", "policy"), ({"policy": 7}, "malformed", "policy"),
                ({"size": 31}, "malformed", "size"), ({"size": 65}, "malformed", "size"),
                ({"size": "32"}, "malformed", "size"), ({"nonce": b64url(b"1234567")}, "malformed", "nonce"),
                ({"nonce": b64url(b"1" * 65)}, "malformed", "nonce"), ({"nonce": "MTIzNDU2Nzg="}, "malformed", "nonce"),
                ({"nonse": "x"}, "unknown-member", "nonse"), ([], "malformed", "")]:
            with self.subTest(member):
                self.problem(self.post("/v1/challenge", member), 400, word, field=field)
        a = self.ask("POST", "/v1/challenge", b'{"policy":"a","policy":"b"}', Content_Type="application/json")
        self.problem(a, 400, "malformed")
        self.problem(self.ask("POST", "/v1/challenge", b"{", Content_Type="application/json"), 400, "malformed")
        self.problem(self.ask("POST", "/v1/challenge", b"", Content_Type="application/json"), 400, "empty")
        self.assertEqual(self.keeper.asked, [])

    def test_evidence_in_json_reaches_the_keeper_as_it_was(self):
        for form in (b64, b64url):
            a = self.post("/v1/verify", {"session": "abc_-9", "policy": "p1", "nonce": b64url(b"12345678"),
                                         "channel": b64(b"spki"), "evidence": form(EVIDENCE)})
            self.assertEqual((a.status, a.body), (200, b'{"verdict":"trusted"}'))
            self.assertEqual(a.headers["content-type"], "application/json")
            ask = self.keeper.asked[-1]
            self.assertEqual((ask.kind, ask.session, ask.policy, ask.party_nonce, ask.channel, ask.evidence, ask.want_token),
                             (APPRAISE, "abc_-9", "p1", b"12345678", b"spki", EVIDENCE, 0))

    def test_escapes_stand_for_what_they_are(self):
        """Some writers of JSON escape each slash; nobody has to, and nothing else is another's."""
        text = b64(b"\xff" * 999).replace("/", "\\/")
        escaped = "".join(f"\\u{ord(c):04x}" for c in b64(EVIDENCE))
        for evidence, got in ((text, b"\xff" * 999), (escaped, EVIDENCE)):
            body = '{"evidence":"%s","policy":"p\\u0031","session":"a\\u002db"}' % evidence
            a = self.ask("POST", "/v1/verify", body.encode(), Content_Type="application/json")
            self.assertEqual(a.status, 200, a.body)
            ask = self.keeper.asked[-1]
            self.assertEqual((ask.evidence, ask.policy, ask.session), (got, "p1", "a-b"))
        for body, word in (('{"evidence":"AAAA","policy":"a\\u0000"}', "malformed"), ('{"evidence":"AA\\/"}', "malformed"),
                           ('{"\\u0065vidence":"AAAA"}', "unsupported"), ('{"evidence":"AAAA"}}', "malformed"),
                           ('{"evidence":"AAAA","evidence":"AAAA"}', "malformed"), ('{"evidence":["AAAA"]}', "malformed"),
                           ('{"evidence":"AAAA","policy":null}', "malformed"), ('{"evidence":"\xff"}', "malformed")):
            self.problem(self.ask("POST", "/v1/verify", body.encode("latin-1"), Content_Type="application/json"), 400, word)
        self.assertEqual(len(self.keeper.asked), 2)

    def test_a_raw_bundle_has_the_rest_in_the_query(self):
        a = self.ask("POST", "/v1/verify?session=abc&policy=p%31&nonce=" + b64url(b"12345678"), EVIDENCE, Content_Type=CMW)
        self.assertEqual(a.status, 200, a.body)
        ask = self.keeper.asked[0]
        self.assertEqual((ask.session, ask.policy, ask.party_nonce, ask.evidence), ("abc", "p1", b"12345678", EVIDENCE))

    def test_accept_chooses_report_or_token(self):
        for accept, got in [("application/eat+jwt", EAR), ("application/json", "application/json"),
                            ("*/*", "application/json"), ("application/*;q=0.5, application/eat+jwt", EAR),
                            ("application/json;q=0.1, application/eat+jwt;q=0.2", EAR),
                            ("APPLICATION/EAT+JWT", EAR), ("text/html, */*; q=.2", "application/json"),
                            ("application/json;q=0, */*", EAR)]:
            with self.subTest(accept):
                a = self.ask("POST", "/v1/verify?session=x", EVIDENCE, Content_Type=CMW, Accept=accept)
                self.assertEqual((a.status, a.headers["content-type"]), (200, got))
                self.assertEqual(a.body, b"a.b.c" if got == EAR else b'{"verdict":"trusted"}')
                self.assertEqual(self.keeper.asked[-1].want_token, int(got == EAR))
        for accept in ("text/html", "application/json;q=0, application/eat+jwt;q=0", "application/eat+jwt;q=2"):
            a = self.ask("POST", "/v1/verify?session=x", EVIDENCE, Content_Type=CMW, Accept=accept)
            self.problem(a, 406, "not-acceptable", expected=EAR)

    def test_archived_evidence_is_no_token(self):
        a = self.ask("POST", "/v1/verify", EVIDENCE, Content_Type=CMW, Accept=EAR)
        self.problem(a, 406, "no-token")

    def test_what_verify_does_not_take(self):
        for member, word, field in [
                ({}, "missing", "evidence"), ({"evidence": ""}, "malformed", "evidence"),
                ({"evidence": "!"}, "malformed", "evidence"), ({"evidence": "AAAAA"}, "malformed", "evidence"),
                ({"evidence": "AAAA", "session": "a b"}, "malformed", "session"),
                ({"evidence": "AAAA", "session": "a" * 192}, "malformed", "session"),
                ({"evidence": "AAAA", "channel": b64(b"x" * 1025)}, "malformed", "channel"),
                ({"evidence": "AAAA", "size": 32}, "unknown-member", "size")]:
            with self.subTest(member):
                self.problem(self.post("/v1/verify", member), 400, word, field=field)
        self.problem(self.post("/v1/verify?policy=x", {"evidence": "AAAA"}), 400, "unknown-member", field="query")
        for query in ("a=b", "session=x&session=y", "session", "session=%", "session=%0", "session=%00", "session=a%0ab",
                      "session=" + "a" * 1100, "policy=a+b"):
            with self.subTest(query):
                a = self.ask("POST", "/v1/verify?" + query, EVIDENCE, Content_Type=CMW)
                self.problem(a, 400, a.json()["type"].split(":")[-1])
        for query in ("session=%00", "session=a%0ab", "session=%7f", "session=%ff"):
            a = self.ask("POST", "/v1/verify?" + query, EVIDENCE, Content_Type=CMW)
            self.problem(a, 400, "malformed", expected="printable")
        self.assertEqual(self.keeper.asked, [])

    def test_media_types_that_are_not_taken_are_told_which_are(self):
        for headers in ({"Content_Type": "text/plain"}, {"Content_Type": "application/"}, {}):
            a = self.ask("POST", "/v1/verify", EVIDENCE, **headers)
            self.problem(a, 415, "media-type", expected=CMW)
            self.assertEqual(a.headers["accept"].split(", ")[0], "application/json")
        a = self.ask("POST", "/v1/verify", EVIDENCE, Content_Type="Application/CMW+cbor; x=y")
        self.assertEqual(a.status, 200)

    def test_evidence_of_any_form_goes_on_as_it_came(self):
        for body in (EVIDENCE, b"0x00ff", b'{"quote": "00"}', b"\0"):
            a = self.ask("POST", "/v1/verify?policy=p1", body, Content_Type="application/octet-stream")
            self.assertEqual((a.status, a.headers["content-type"]), (200, "application/json"))
            self.assertEqual((self.keeper.asked[-1].policy, self.keeper.asked[-1].evidence), ("p1", body))

    def test_a_report_is_kept_where_that_is_asked_for(self):
        kind = {"Content_Type": "application/octet-stream"}
        a = self.ask("POST", "/v1/verify?policy=p1&keep=report", EVIDENCE, **kind)
        self.assertEqual((a.status, a.headers["content-location"]), (200, "/v1/reports/" + "ab" * 32))
        self.assertEqual((self.keeper.asked[-1].kind, self.keeper.asked[-1].evidence), (APPRAISE_KEPT, EVIDENCE))
        self.assertNotIn("content-location", self.ask("POST", "/v1/verify?policy=p1", EVIDENCE, **kind).headers)
        asked = len(self.keeper.asked)
        for word in ("yes", "true", ""):
            self.problem(self.ask("POST", "/v1/verify?keep=" + word, EVIDENCE, **kind), 400, "malformed", field="keep")
        a = self.ask("POST", "/v1/verify?session=x&keep=report", EVIDENCE, Accept=EAR, **kind)
        self.problem(a, 400, "unsupported", field="keep", got="a token")
        self.assertEqual(len(self.keeper.asked), asked)

    def test_a_report_that_was_kept_is_found_by_its_digest(self):
        a = self.ask("GET", "/v1/reports/" + "ab" * 32)
        self.assertEqual((a.status, a.json()["verdict"], a.headers["cache-control"]), (200, "trusted", "no-store"))
        self.assertEqual((self.keeper.asked[0].kind, self.keeper.asked[0].session), (REPORT, "ab" * 32))
        self.problem(self.ask("GET", "/v1/reports/" + "cd" * 32), 404, "report-unknown")

    def test_the_policies_are_the_keeper_s_word(self):
        a = self.ask("GET", "/v1/policies")
        self.assertEqual((a.status, a.json()), (200, {"policies": []}))
        self.assertEqual(self.keeper.asked[0].kind, POLICIES)


class Page(Case):
    files = {"/": ("index.html", "text/html"), "/page.css": ("page.css", "text/css"), "/icon.svg": ("icon.svg", "image/svg+xml"),
             **{f"/{name}.js": (f"{name}.js", "text/javascript") for name in ("page", "parts", "draw", "machine", "fleet")}}

    def of(self, name):
        with open(os.path.join(SOURCE, "roles/page", name), "rb") as f:
            return f.read()

    def test_it_is_what_lies_in_its_folder(self):
        self.assertEqual({name for name, _ in self.files.values()} | {"meson.build"},
                         set(os.listdir(os.path.join(SOURCE, "roles/page"))))
        for path, (name, kind) in self.files.items():
            a = self.ask("GET", path, Accept=kind)
            self.assertEqual((a.status, a.body, a.headers["content-type"]), (200, self.of(name), kind + "; charset=utf-8"))
        self.assertEqual(self.ask("GET", "/r/" + "ab" * 32).body, self.of("index.html"))
        self.assertEqual(self.ask("GET", "/m/one", inside=True).body, self.of("index.html"))
        self.assertEqual(self.ask("GET", "/m", inside=True).body, self.of("index.html"))
        for path in ("/m", "/m/one"):
            self.assertEqual(self.ask("GET", path).status, 404)  # when a machine is not watched is a thief's guide
        self.assertEqual(self.keeper.asked, [])

    def test_its_headers_let_nothing_run_that_is_no_file_of_here(self):
        for path in self.files:
            headers = self.ask("GET", path).headers
            policy = dict(part.strip().split(" ", 1) for part in headers["content-security-policy"].split(";"))
            self.assertEqual(policy.pop("default-src"), "'none'")
            for name in ("script-src", "style-src", "img-src", "connect-src"):
                self.assertEqual(policy.pop(name), "'self'")
            for name in ("base-uri", "form-action", "frame-ancestors", "trusted-types"):
                self.assertEqual(policy.pop(name), "'none'")
            self.assertEqual(policy, {"require-trusted-types-for": "'script'"})
            self.assertEqual((headers["x-content-type-options"], headers["referrer-policy"]), ("nosniff", "no-referrer"))
            self.assertEqual((headers["cross-origin-opener-policy"], headers["cross-origin-resource-policy"]),
                             ("same-origin", "same-origin"))

    def test_it_is_small_and_names_no_other_host(self):
        whole = [self.ask("GET", path).body.decode() for path in self.files]
        self.assertLess(sum(map(len, whole)), 200000)
        for text in whole:
            found = re.findall(r"(?:https?:)?//[\w.-]+", re.sub(r"(?m)^ *//.*$", "", text))
            self.assertLessEqual(set(found), {"http://www.w3.org"})  # names of XML, which nobody asks
            self.assertNotRegex(text, r"<style|style=|\son\w+=|javascript:|innerHTML|eval\(|<script>")
        for link in re.findall(r'(?:href|src|from) ?[= ]"([^"]+)"', "".join(whole)):
            self.assertIn(link, {*self.files, "#main"})


class Badge(Case):
    def told(self, value, path, inside=False):
        self.keeper.does = lambda ask: {"texts": [value if isinstance(value, bytes) else json.dumps(value).encode()]}
        return self.ask("GET", path, inside=inside)

    def test_one_of_a_report_is_of_its_time_and_says_no_more_than_its_verdict(self):
        path, report = "/badge/r/" + "ab" * 32, {"verdict": "trusted", "at": "2026-12-01T00:00:00Z", "simulated": False}
        a = self.told(report, path)
        self.assertEqual((a.status, a.headers["content-type"], a.headers["cache-control"]), (200, "image/svg+xml", "max-age=60"))
        for word in (b"was proven as of 2026-12-01T00:00:00Z; nothing is proven of now", b"not evidence", b"Report abababab"):
            self.assertIn(word, a.body)
        self.assertNotIn(b"SIMULATED", a.body)
        self.assertIn(b"SIMULATED", self.told({**report, "simulated": True}, path).body)
        for verdict in ("refused", "TRUSTED", ""):
            a = self.told({**report, "verdict": verdict, "held_as_of": True}, path)
            self.assertIn(b"not proven as of", a.body)
            self.assertNotIn(b"was proven", a.body)

    def test_one_of_a_machine_says_its_state_inside_alone(self):
        machine = {"state": "live", "at": "2026-12-01T00:00:00Z", "policy": "p1"}
        self.assertEqual(self.told(machine, "/badge/m/one").status, 404)
        for state, word in (("live", b"watched without a gap"), ("late", b"an answer is missing"), ("broken", b"not proven: the watch broke"),
                            ("new", b"not proven: no good answer yet"), ("elsewhere", b"not known here")):
            a = self.told({**machine, "state": state}, "/badge/m/one", inside=True)
            self.assertEqual((a.status, a.headers["cache-control"]), (200, "private, max-age=60"))
            self.assertIn(word, a.body)
            self.assertNotIn(b"SIMULATED", a.body)
            self.assertEqual(b"without a gap" in a.body, state == "live")
        self.assertIn(b"SIMULATED", self.told({**machine, "policy": "simulated-a"}, "/badge/m/one", inside=True).body)

    def test_what_does_not_read_makes_no_badge(self):
        for value in (b"", b"{", b"[]", {}, {"verdict": "trusted", "at": "x"}, {"verdict": 1, "at": "x", "simulated": False},
                      {"state": "fine", "at": "x", "policy": "p"}, {"state": "live", "at": "x"}):
            for path, inside in (("/badge/r/" + "ab" * 32, False), ("/badge/m/one", True)):
                self.assertEqual(self.told(value, path, inside).status, 500, value)

    def test_its_text_is_no_markup(self):
        a = self.told({"verdict": "refused", "at": "<script>&\"'", "simulated": False}, "/badge/r/" + "ab" * 32)
        self.assertNotIn(b"<script", a.body)
        self.assertIn(b"&#60;script&#62;&#38;&#34;&#39;", a.body)


class Veraison(Case):
    def new(self, query=""):
        return self.ask("POST", "/challenge-response/v1/newSession" + query, Accept=SESSION_TYPE)

    def test_a_session_is_201_with_a_location(self):
        a = self.new()
        self.assertEqual((a.status, a.headers["content-type"], a.headers["cache-control"]), (201, SESSION_TYPE, "no-store"))
        self.assertEqual(a.headers["location"], "session/s-default-policy")
        said = a.json()
        self.assertEqual(sorted(said), ["accept", "expiry", "nonce", "status"])
        self.assertEqual((said["status"], said["expiry"]), ("waiting", "2100-01-01T00:00:00Z"))
        self.assertIn("application/vnd.veraison.cmw+json", said["accept"])

    def test_without_a_size_the_text_needs_no_padding(self):
        self.assertEqual(len(self.new().json()["nonce"]), 44)
        self.assertEqual(self.keeper.asked[0].nonce_size, 33)

    def test_sizes(self):
        for size in (32, 33, 64):
            self.assertEqual(len(self.new(f"?nonceSize={size}").json()["nonce"]), -(-size * 4 // 3))
        for size in ("31", "65", "0", "-1", "x", "", "8"):
            with self.subTest(size):
                self.problem(self.new("?nonceSize=" + size), 400, "malformed", field="nonceSize")

    def test_a_nonce_of_the_relying_party_is_given_to_the_keeper_as_it_is(self):
        for n in (8, 31, 32, 33, 64):
            for text in (b64url(b"\xfb" * n), base64.urlsafe_b64encode(b"\xfb" * n).decode().replace("=", "%3D")):
                a = self.new("?nonce=" + text)
                self.assertEqual((a.status, a.json()["nonce"]), (201, b64url(b"\xfb" * n)), a.body)
                ask = self.keeper.asked[-1]
                self.assertEqual((ask.kind, ask.party_nonce, ask.nonce_size), (TAKE, b"\xfb" * n, 0))
        asked = len(self.keeper.asked)
        for text in ("short", b64url(b"1" * 7), b64url(b"1" * 65), b64url(bytes(32)), "", b64url(b"1" * 32) + "=="):
            self.problem(self.new("?nonce=" + text), 400, "malformed", field="nonce")
        self.assertEqual(len(self.keeper.asked), asked)
        self.problem(self.new("?nonce=" + b64url(b"1" * 32) + "&nonceSize=32"), 400, "malformed", got="both")

    def test_evidence_is_answered_at_once_with_the_token(self):
        a = self.ask("POST", "/challenge-response/v1/session/abc", EVIDENCE, Accept=SESSION_TYPE,
                     Content_Type="application/vnd.veraison.cmw+cbor")
        self.assertEqual((a.status, a.headers["content-type"], a.headers["cache-control"]), (200, SESSION_TYPE, "no-store"))
        self.assertEqual((a.json()["status"], a.json()["result"]), ("complete", "a.b.c"))
        ask = self.keeper.asked[0]
        self.assertEqual((ask.kind, ask.session, ask.want_token, ask.evidence), (APPRAISE, "abc", 1, EVIDENCE))

    def test_accept_type_and_body_are_asked_for(self):
        path = "/challenge-response/v1/session/abc"
        a = self.ask("POST", path, EVIDENCE, Accept="application/json", Content_Type=CMW)
        self.problem(a, 406, "not-acceptable", expected=SESSION_TYPE)
        self.problem(self.ask("POST", "/challenge-response/v1/newSession", Accept="text/html"), 406, "not-acceptable")
        a = self.ask("POST", path, EVIDENCE, Accept=SESSION_TYPE, Content_Type="application/json")
        self.problem(a, 415, "media-type")
        self.assertIn("application/cmw+json", a.headers["accept"])
        self.problem(self.ask("POST", path, b"", Accept=SESSION_TYPE, Content_Type=CMW), 400, "empty")

    def test_a_session_that_waits_is_shown_and_one_that_is_deleted_forgotten(self):
        path = "/challenge-response/v1/session/abc"
        a = self.ask("GET", path, Accept=SESSION_TYPE)
        self.assertEqual((a.status, a.headers["content-type"]), (200, SESSION_TYPE))
        self.assertEqual((a.json()["status"], a.json()["nonce"]), ("waiting", b64url(b"n" * 33)))
        self.problem(self.ask("GET", path, Accept="text/html"), 406, "not-acceptable")
        a = self.ask("DELETE", path)
        self.assertEqual((a.status, a.body), (204, b""))
        self.assertEqual([(ask.kind, ask.session) for ask in self.keeper.asked], [(LOOK, "abc"), (FORGET, "abc")])

    def test_a_session_that_was_answered_is_shown_with_its_result(self):
        a = self.ask("GET", "/challenge-response/v1/session/answered", Accept=SESSION_TYPE)
        self.assertEqual((a.status, a.headers["content-type"], a.headers["cache-control"]), (200, SESSION_TYPE, "no-store"))
        said = a.json()
        self.assertEqual((said["status"], said["result"], said["nonce"]), ("complete", "a.b.c", b64url(b"n" * 33)))
        self.assertNotIn("location", a.headers)

    def test_discovery(self):
        began = int(time.time())
        for accept in ("application/vnd.veraison.discovery+json", "*/*", "application/json"):
            a = self.ask("GET", "/.well-known/veraison/verification", Accept=accept)
            self.assertEqual(a.status, 200)
            self.assertRegex(a.headers["cache-control"], r"^public, max-age=1[012]\d$")
            self.assertGreaterEqual(email.utils.parsedate_to_datetime(a.headers["expires"]).timestamp(), began)
            self.assertRegex(a.headers["expires"], r"^\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT$")
            said = a.json()
            self.assertEqual(said["ear-verification-key"]["kid"], "one")
            self.assertEqual(said["service-state"], "READY")
            self.assertIn("application/cmw", said["media-types"])
            self.assertEqual(said["api-endpoints"], {"newChallengeResponseSession": "/challenge-response/v1/newSession"})


class Issuers(Case):
    def test_keys_of_a_policy_and_of_the_default(self):
        for path, policy in [("/.well-known/jwks.json", ""), ("/p/p1/.well-known/jwks.json", "p1")]:
            a = self.ask("GET", path)
            self.assertEqual((a.status, a.body, a.headers["content-type"]), (200, JWKS, "application/jwk-set+json"))
            self.assertRegex(a.headers["cache-control"], r"^public, max-age=1[012]\d$")
            self.assertEqual((self.keeper.asked[-1].kind, self.keeper.asked[-1].policy), (KEYS, policy))
        self.problem(self.ask("GET", "/p/nobody/.well-known/jwks.json"), 404, "policy-unknown")

    def test_discovery_names_issuer_and_keys(self):
        for path, policy in [("/.well-known/openid-configuration", "default-policy"),
                             ("/p/p1/.well-known/openid-configuration", "p1")]:
            said = self.ask("GET", path).json()
            self.assertEqual(said["issuer"], "https://v.example/p/" + policy)
            self.assertEqual(said["jwks_uri"], said["issuer"] + "/.well-known/jwks.json")
            self.assertEqual(self.keeper.asked[-1].kind, DISCOVERY)

    def test_a_policy_is_one_segment_of_plain_letters(self):
        for name in ("a%2fb", "a/b", "", "a%00", "..%2f", "a b", "a\x7f", "ä", "a" * 64, "a" * 200):
            with self.subTest(name):
                a = self.connect()
                a.send(b"GET /p/" + name.encode() + b"/.well-known/jwks.json HTTP/1.1\r\nHost: x\r\n\r\n")
                got = a.answer()
                self.assertTrue(got is None or got.status in (400, 404), got and got.status)
        self.assertEqual(self.keeper.asked, [])


class Alliance(Case):
    """The requests of proofofcloud/trust-server: get_jwt_token.sh, check_quote.sh, src/server.js."""
    alliance = True

    def test_a_quote_reaches_the_keeper_as_bytes(self):
        for path, want, got in ("/get_jwt", 1, b'{"jwt":"a.b.c"}'), ("/check_quote", 0, b'{"whitelisted":true}'):
            for more in {}, {"timestamp": int(time.time())}, {"nonces": {"one": "bm9uY2U="}, "partial_sigs": {"two": "c2ln"}}:
                a = self.post(path, {"quote": EVIDENCE.hex().upper() if more else EVIDENCE.hex(), **more})
                self.assertEqual((a.status, a.body, a.headers["content-type"]), (200, got, "application/json"))
                ask = self.keeper.asked[-1]
                self.assertEqual((ask.kind, ask.evidence, ask.want_token, ask.policy, ask.session),
                                 (ALLIANCE, EVIDENCE, want, "", ""))

    def test_what_they_do_not_take(self):
        now = int(time.time())
        for path, member, word, field in [
                ("/get_jwt", {}, "missing", "quote"), ("/get_jwt", {"quote": ""}, "malformed", "quote"),
                ("/get_jwt", {"quote": "abc"}, "malformed", "quote"), ("/get_jwt", {"quote": "0x00"}, "malformed", "quote"),
                ("/get_jwt", {"quote": "00", "nonces": ["a"]}, "malformed", "nonces"),
                ("/get_jwt", {"quote": "00", "nonces": {"a": 1}}, "malformed", "nonces"),
                ("/get_jwt", {"quote": "00", "timestamp": now - 400}, "malformed", "timestamp"),
                ("/get_jwt", {"quote": "00", "timestamp": now + 400}, "malformed", "timestamp"),
                ("/get_jwt", {"quote": "00", "timestamp": str(now)}, "malformed", "timestamp"),
                ("/check_quote", {"quotes": "00"}, "unknown-member", "quotes"),
                ("/verify_token", {"quote": "00"}, "missing", "jwt"), ("/verify_token", {"jwt": "a.b.c"}, "missing", "quote"),
                ("/verify_token", {"quote": "00", "jwt": ""}, "malformed", "jwt")]:
            with self.subTest(path=path, member=member):
                self.problem(self.post(path, member), 400, word, field=field)
        self.assertEqual(self.keeper.asked, [])

    def test_what_is_no_token_of_ours_is_refused(self):
        self.problem(self.post("/verify_token", {"quote": "00", "jwt": "a.b.c"}), 403, "token-refused")

    def test_keys_are_the_keeper_s(self):
        self.assertEqual(self.ask("GET", "/alliance/.well-known/jwks.json").body, JWKS)


class NoAlliance(Case):
    def test_its_paths_are_not_there(self):
        for path in ("/get_jwt", "/check_quote", "/verify_token"):
            self.problem(self.post(path, {"quote": "00"}), 404, "not-found")
        self.problem(self.ask("GET", "/alliance/.well-known/jwks.json"), 404, "not-found")
        self.assertNotIn("/get_jwt", self.ask("GET", "/openapi.json", inside=True).json()["paths"])


class Itself(Case):
    def test_health_and_readiness(self):
        self.assertEqual((self.ask("GET", "/healthz").status, self.keeper.asked), (200, []))
        self.assertEqual(self.ask("GET", "/readyz").body, b"ready\n")
        self.assertEqual((self.keeper.asked[0].kind, self.keeper.asked[0].policy), (READY, ""))
        self.assertEqual(self.ask("GET", "/readyz?policy=p1").status, 200)
        self.assertEqual(self.keeper.asked[1].policy, "p1")
        self.problem(self.ask("GET", "/readyz?policy=nobody"), 404, "policy-unknown")

    def test_head_is_get_without_a_body(self):
        a = self.ask("HEAD", "/healthz")
        self.assertEqual((a.status, a.headers["content-length"], a.body), (200, "3", b""))

    def test_paths_and_methods_that_are_not_there(self):
        for path in ("/index.html", "/page", "/v1", "/v1/verify/", "//healthz", "/healthz/", "/v1/%76erify", "/healthz%00", "/metrics",
                     "/openapi.json", "/p//.well-known/jwks.json", "/challenge-response/v1/session/", "*"):
            with self.subTest(path):
                self.problem(self.ask("GET", path), 404, "not-found")
        a = self.ask("DELETE", "/healthz")
        self.problem(a, 405, "method")
        self.assertEqual(a.headers["allow"], "GET, HEAD")
        self.assertEqual(self.ask("GET", "/v1/verify").headers["allow"], "POST")
        self.problem(self.ask("GET", "/healthz?x=y"), 400, "unknown-member")
        self.problem(self.ask("GET", "/healthz", b"body"), 400, "malformed", field="body")

    def test_the_second_socket_has_the_rest_too(self):
        for path in ("/metrics", "/openapi.json", "/healthz"):
            self.assertEqual(self.ask("GET", path, inside=True).status, 200)

    def test_metrics_count_by_rows_of_the_table(self):
        self.ask("GET", "/healthz")
        self.ask("GET", "/nothing/%s" % os.getpid())
        self.ask("POST", "/v1/verify?session=x", EVIDENCE, Content_Type=CMW)
        a = self.ask("GET", "/metrics", inside=True)
        self.assertEqual(a.headers["content-type"], "application/openmetrics-text; version=1.0.0; charset=utf-8")
        said = a.body.decode()
        self.assertTrue(said.endswith("\n# EOF\n"))
        self.assertIn('situs_front_requests_total{path="/healthz",method="GET",status="200"} 1\n', said)
        self.assertIn('situs_front_requests_total{path="none",method="none",status="404"} 1\n', said)
        self.assertIn('situs_front_appraisals_total{exit="0"} 1\n', said)
        self.assertIn('situs_front_request_seconds_bucket{path="/v1/verify",method="POST",le="+Inf"} 1\n', said)
        self.assertIn("situs_front_keeper_up 1\n", said)
        self.assertNotIn(str(os.getpid()), said)
        for line in said.splitlines()[:-1]:
            self.assertRegex(line, r'^(# (TYPE|HELP|UNIT) \w+ .+|\w+(\{[^{}]*\})? [0-9.]+)$')

    def test_a_log_line_a_request_and_no_evidence(self):
        trace = "00-" + "a" * 32 + "-" + "b" * 16 + "-01"
        self.ask("POST", "/v1/verify?session=x&policy=p1", b"SECRETSECRET", Content_Type=CMW, traceparent=trace)
        self.ask("GET", "/no\"thing", traceparent="no trace")
        until(lambda: len(self.logged()) == 2)
        lines = self.logged()
        self.assertEqual((lines[0]["path"], lines[0]["status"], lines[0]["policy"], lines[0]["exit"], lines[0]["in"]),
                         ("/v1/verify", 200, "p1", 0, 12))
        self.assertEqual(lines[0]["traceparent"], trace)
        self.assertEqual((lines[1]["status"], lines[1]["problem"]), (404, "not-found"))
        self.assertNotIn("traceparent", lines[1])
        self.assertNotIn("SECRET", json.dumps(lines))


class OpenApi(Case):
    """openapi.json says what the server does: no row more, none less, and for each every status that it can answer."""
    alliance = True

    def setUp(self):
        self.says = None
        super().setUp()

    def keeper_does(self, ask):
        return {"status": self.says} if self.says else honest(ask)

    def configured(self):
        return {**super().configured(), "connect": {"targets": ["127.0.0.1:1"], "every_ms": 0}}

    def operations(self):
        for path, operations in document().items():
            for method, operation in operations.items():
                types = [*operation.get("requestBody", {}).get("content", {})]
                yield path, method, operation, types

    def send(self, path, method, types, query="", body=None, **headers):
        """A request that is in order, but for what is said."""
        real = path.replace("{policy}", "p1").replace("{id}", "abc").replace("{name}", "one")
        member = {"/v1/verify": {"evidence": "AAAA"}, "/v1/connect": {"target": "127.0.0.1:1"}, "/get_jwt": {"quote": "00"},
                  "/check_quote": {"quote": "00"}, "/verify_token": {"quote": "00", "jwt": "a.b.c"}}.get(path, {})
        if types:
            headers = {"Content_Type": types[0], **headers}
            body = json.dumps(member).encode() if body is None else body
        if path == "/v1/token/check":
            headers.setdefault("Authorization", "Bearer a.b.c")
        return self.ask(method.upper(), real + query, body or b"", inside=True, **headers)

    def test_each_operation_is_served_and_no_other_method(self):
        self.assertEqual(self.ask("GET", "/openapi.json", inside=True).json()["openapi"], "3.1.0")
        for path, operations in document().items():
            for method in ("get", "post", "put", "delete", "patch", "options"):
                for inside in (True, False):
                    types = [*operations.get(method, {}).get("requestBody", {}).get("content", {})]
                    a = self.ask(method.upper(), path.replace("{policy}", "p1").replace("{id}", "abc").replace("{name}", "one"), b"x" if types else b"",
                                 inside=inside, **({"Content_Type": types[-1]} if types else {}))
                    with self.subTest(path=path, method=method, inside=inside):
                        if not inside and list(operations.values())[0]["x-situs-inside"]:
                            self.assertEqual(a.status, 404)
                        elif method not in operations:
                            self.assertEqual(a.status, 405)
                        else:
                            said = operations[method]["responses"][str(a.status)]
                            self.assertEqual(a.headers.get("content-type", "").split(";")[0], [*said.get("content", ""), ""][0])

    def test_parameters_and_types_are_those_of_the_server(self):
        for path, method, operation, types in self.operations():
            names = {p["name"] for p in operation["parameters"] if p["in"] == "query"}
            for name in names | {"other"}:
                a = self.send(path, method, types[-1:], f"?{name}=abcdefghijkl", b"x" if types else None)
                known = a.status in (200, 201, 204, 401, 403) or a.json().get("field") != "query"
                self.assertEqual(known, name in names, (path, name, a.body))
            for kind in types:
                self.assertNotEqual(self.send(path, method, [kind]).status, 415, (path, kind))

    def provoke(self, path, method, types, status, word):
        """A request that is answered so; None: nobody can make one here."""
        if status < 300:
            return self.send(path, method, types)
        if word in STATUS_OF:
            self.says = STATUS_OF[word]
            a = self.send(path, method, types)
            self.says = None
            if a.status == status and a.headers.get("content-type") and a.json()["type"].endswith(":" + word):
                return a
        return {400: lambda: self.send(path, method, types, "?other=1"),
                401: lambda: self.send(path, method, types, Authorization="none"),
                403: lambda: self.send(path, method, types),
                406: lambda: self.send(path, method, types, Accept="text/none"),
                413: lambda: self.send(path, method, types, body=b"x" * (self.limits["body"] + 1)),
                414: lambda: self.send(path, method, types, "?" + "a" * 2100),
                415: lambda: self.send(path, method, types, Content_Type="text/none"),
                404: lambda: self.send(path, method, types, body=b'{"target":"a:1"}'),
                502: lambda: self.send(path, method, types)}.get(status, lambda: None)()

    def test_each_status_that_it_says_is_answered(self):
        elsewhere = {("/v1/connect", "200"), ("/v1/connect", "429"), ("/v1/token/check", "200"),
                     ("/verify_token", "200")}  # test_connect, test_token_check, test_serve_lab
        by_hand = {"no-keeper", "no-answer"}  # the keeper is gone, or silent: test_front_door
        for path, method, operation, types in self.operations():
            for status, said in operation["responses"].items():
                with self.subTest(path=path, method=method, status=status):
                    words = said["description"].split(", ") if "application/problem+json" in said.get("content", "") else [""]
                    answers = [self.provoke(path, method, types, int(status), word) for word in words if word not in by_hand]
                    if (path, status) not in elsewhere and words != ["busy"]:  # that no body has room: test_front_door
                        self.assertIn(int(status), [a.status for a in answers if a], words)


class NotDone(Case):
    """Each status of the keeper's is a problem with the status and the word of its row."""
    documented = staticmethod(lambda lines: None)  # no row has all of them
    keeper_does = staticmethod(lambda ask: {"status": ask.policy, "detail": "expected this, got that", "retry_after": 7})

    def test_every_row(self):
        with open(os.path.join(SOURCE, "roles/serve/world/talk_status.def")) as f:
            rows = re.findall(r'TALK_STATUS\((\w+), "([\w-]+)", (\d+),', f.read())
        for name, word, status in rows[1:]:
            a = self.post("/v1/challenge", {"policy": name})
            self.problem(a, int(status), word, detail="expected this, got that")
            if status == "503":
                self.assertEqual(a.headers["retry-after"], "7")


if __name__ == "__main__":
    main()
