"""situs verify: what it loads, its exit codes, and that hostile inputs of any kind end well."""
import base64
import datetime
import hashlib
import json
import os

from situs_run import Case, main, situs
from test_fetch import Lab


class Verify(Lab):
    def args(self, *more, quote="quote.bin", collateral="collateral.json"):
        return ["verify", self.file(quote), "--policy", self.file("genuine.json"), *self.trust, "--collateral",
                self.file(collateral), *more]

    def report(self, exit, *args):
        done = situs(*args)
        self.assertEqual(done.returncode, exit, done.stderr.decode())
        report = json.loads(done.stdout)
        self.assertEqual(report["exit"], exit)
        self.assertEqual(report["verdict"], "trusted" if exit == 0 else "refused")
        return report

    def test_lab_quotes_are_trusted_and_simulated(self):
        for quote in ("quote.bin", "quote-v5.bin", "quote-v5-td10.bin"):
            report = self.report(0, *self.args("-j", quote=quote))
            self.assertIs(report["simulated"], True)
            self.assertIs(report["proofs"]["genuine"]["holds"], True)
            self.assertIsNone(report["error"])
        self.report(0, *self.args("--json", quote="quote-sgx-v3.bin",
                                  collateral="collateral-sgx.json"))
        text = self.accepted(*self.args())
        self.assertIn(b"SIMULATED", text)
        self.assertNotIn(b"\x1b", text)

    def test_a_policy_of_the_world_refuses_the_lab(self):
        args = self.args("-j")
        args[3] = "genuine"
        report = self.report(4, *args)
        row = next(c for c in report["checks"] if c["id"] == "tdx.pck-chain")
        self.assertEqual((row["code"], row["part"], row["field"]), ("not-allowed", "quote", "anchor"))
        self.assertIn('"simulated": true', row["hint"])
        self.assertFalse(any(p["holds"] for p in report["proofs"].values()))

    def test_the_real_anchors_refuse_the_lab(self):
        args = self.args("-j")
        at = args.index("--trust")
        self.report(2, *args[:at], *args[at + 2:])

    def test_no_configuration_of_openssl_is_read(self):
        conf = self.path("openssl.cnf")
        os.mkfifo(conf)  # who opens it waits for ever
        done = situs(*self.args("-j"), env={"OPENSSL_CONF": conf})
        self.assertEqual(done.returncode, 0, done.stderr.decode())

    def test_a_policy_must_be_named(self):
        args = self.args()
        at = args.index("--policy")
        self.refused(1, *args[:at], *args[at + 2:], says=["--policy", "genuine"])
        args[at + 1] = "genuin"
        self.refused(1, *args, says=['did you mean "genuine"', "presets:"])
        args[at + 1] = self.path("policy.json", b'{"require": ["genuine"], "tdx.tbc": {}}')
        self.refused(1, *args, says="tdx.tbc")
        args[at + 1] = self.path("policy.json", b'{"require": []}')
        self.refused(1, *args, says="require")

    def test_a_denied_machine_gets_no_proof(self):
        shown = json.loads(self.accepted("show", "-j", self.file("quote.bin")))["pck_certificate"]
        args = self.args("-j")
        for kind in ("ppid", "piid"):
            args[3] = self.path("policy.json", json.dumps({
                "simulated": True, "require": ["genuine"],
                "poe.revoked": {"deny": [shown[kind].upper()]}}).encode())
            report = self.report(6, *args)
            self.assertIs(report["proofs"]["genuine"]["holds"], False)
            row = next(c for c in report["checks"] if c["id"] == "machine.denied")
            self.assertEqual((row["outcome"], row["code"], row["field"]), ("fail", "revoked", kind))
        args[3] = self.path("policy.json", b'{"simulated": true, "require": ["genuine"], "poe.revoked": {"deny": ["' + b"00" * 16 + b'"]}}')
        self.report(0, *args)

    def test_numbers_seen_are_of_known_signers(self):
        for word in ("", "fleet", "fleet=7", "ppid:fleet", "ppid:fleet=", "ppid:=7", "ppid:fleet=0", "ppid:fleet=-1",
                     "ppid:fleet=7x", "ppid:fleet==7", "ppid:fleet/=7", "ppid:fleet/=hall=7", "ppid:/CN%3Da=7",
                     "ppid:fleet=" + "9" * 19, "fleet=7:ppid", "ppid:fl%=7", "ppid:fl%2=7", "ppid:fl%2x=7",
                     "ppid:fl%00eet=7"):
            self.refused(1, *self.args("--list-seen", word), says=["--list-seen", "list.seen"])
        for word in ("ppid:a/CN=fleet=hall=7", "ppid:a/b/CN%3Dfleet=7", "ppid:a:b=7", "ppid:a=hall/4=7",
                     "ppid:a/CN%3Da:b=7", "ppid:a=hall:4=7", "ppid:a=hall=4=7"):  # they read in two ways
            self.refused(1, *self.args("--list-seen", word), says=["--list-seen", "%3A %2F %3D %25"])
        self.refused(1, *self.args("--list-seen", "ppid:nobody=7"), says=["list-seen", "nobody", "trust file"])
        self.refused(1, *self.args("--list-seen", "revocation:nobody=7"), says=["list-seen", "nobody"])
        self.refused(1, *self.args("--list-seen", "serial:nobody=7"), says=["list-seen", "serial", "revocation"])

    def test_wrong_times(self):
        self.refused(1, *self.args("--at", "yesterday"), says="--at")
        self.report(3, *self.args("-j", "--at", "2099-01-01T00:00:00Z"))
        self.report(3, *self.args("-j", "--at", "@0"))

    def test_what_ends_soon_is_warned_of(self):
        report = self.report(0, *self.args("-j"))
        self.assertIsNone(report["warning"])
        end = datetime.datetime.fromisoformat(report["until"]["at"].replace("Z", "+00:00"))
        at = ["--at", f"@{int(end.timestamp()) - 86400}"]
        for days, warned in (("0", False), ("1", False), ("2", True), ("365", True)):
            for form in ("-j", "-q", "--all"):
                done = situs(*self.args(*at, form, "--warn-days", days))
                said = f"situs: warning: {report['until']['what']} ends in 24 hours, at {report['until']['at']}\n"
                self.assertEqual((done.returncode, done.stderr.decode()), (0, said if warned else ""))
                if form == "-j":
                    self.assertEqual(json.loads(done.stdout)["warning"], said[16:-1] if warned else None)
        for days in ("soon", "-1", "366", ""):
            self.refused(1, *self.args("--warn-days", days), says=["--warn-days", "0 to 365"])
        done = situs(*self.args("--warn-days", "365", "--at", "2099-01-01T00:00:00Z"))  # refused: no end to warn of
        self.assertEqual((done.returncode, done.stderr), (3, b""))

    def test_without_collateral_it_is_missing(self):
        args = self.args("-j")
        at = args.index("--collateral")
        self.report(3, *args[:at], *args[at + 2:])

    def test_collateral_may_come_in_the_bundle(self):
        for form in ([], ["-j"]):
            self.accepted("pack", "-o", self.file("bundle"), *form, f"tdx={self.file('quote.bin')}",
                          f"intel={self.file('collateral.json')}")
            args = self.args("-j", quote="bundle")
            report = self.report(0, *args)
            self.assertTrue([n for n in report["notes"] if "was not used" in n], report["notes"])
            at = args.index("--collateral")
            del args[at:at + 2]
            report = self.report(0, *args)
            self.assertTrue([n for n in report["notes"] if "bundle" in n], report["notes"])
            self.report(3, *args, "--at", "2099-01-01T00:00:00Z")

    def test_collateral_may_be_given_in_pieces(self):
        self.accepted("collateral", "import", self.file("collateral.json"), self.out, *self.trust)
        names = sorted(os.listdir(self.out))
        pieces = [w for n in names for w in ("--collateral", os.path.join(self.out, n))]
        args = self.args("-j")
        at = args.index("--collateral")
        report = self.report(0, *args[:at], *args[at + 2:], *pieces)
        hashes = sorted(hashlib.sha256(self.bytes_of(os.path.join(self.out, n))).digest() for n in names)
        self.assertEqual(report["collateral_sha256"], hashlib.sha256(b"".join(hashes)).hexdigest())
        report = self.report(0, *args)
        self.assertEqual(report["collateral_sha256"],
                         hashlib.sha256(self.bytes_of(self.file("collateral.json"))).hexdigest())
        self.report(0, *self.args("-j", "--collateral", self.out))  # twice the same is once

    def test_inputs_that_are_no_evidence(self):
        quote = self.bytes_of(self.file("quote.bin"))
        self.refused(1, *self.args(quote="absent"), says="No such file")
        self.refused(1, *self.args(quote="."), says="a directory")
        self.refused(1, "verify", "/dev/zero", "--policy", "genuine", says="device")
        for exit, data in ((2, b""), (2, b"x"), (2, quote[:100]), (2, quote[:-1]), (2, quote + b"x"),
                           (2, b"{"), (2, b"\xff" * 999), (2, b"{}"), (2, b"\xa0")):
            self.path("lab/bad", data)
            report = self.report(exit, *self.args("-j", quote="bad"))
            self.assertTrue(report["error"] and report["error"]["code"], report["error"])
        with open(self.file("huge"), "wb") as f:
            f.truncate(1 << 40)
        report = self.report(2, *self.args("-j", quote="huge"))
        self.assertEqual(report["error"]["code"], "too-long")

    def test_collateral_that_is_none(self):
        self.path("lab/bad", b"not collateral")
        self.refused(1, *self.args("-j", collateral="bad"), says="bad")
        self.refused(1, *self.args(collateral="absent"))

    def test_pipes_work(self):
        args = self.args("-j")
        args[1] = "-"
        with open(self.file("quote.bin"), "rb") as f:
            done = situs(*args, stdin=f.read())
        self.assertEqual(done.returncode, 0)
        os.mkfifo(self.file("fifo"))  # nobody writes to it: an empty input, no hang
        self.report(2, *self.args("-j", quote="fifo"))

    def test_an_empty_file_is_not_an_option_left_out(self):
        empty = self.path("empty", b"")
        for option in ("--channel", "--ccel", "--pcr-log"):
            self.refused(1, *self.args(option, empty), says="an empty file")

    def test_a_channel_key_is_der(self):
        pem = self.path("pem", b"-----BEGIN PUBLIC KEY-----\n")
        self.refused(1, *self.args("--channel", pem), says=[pem, "openssl pkey"])

    def test_other_json_is_not_called_a_bad_bundle(self):
        for name, what in (("collateral.json", "collateral of Intel"), ("trust.json", "a trust file")):
            report = self.report(2, *self.args("-j", quote=name))
            self.assertEqual((report["error"]["code"], report["error"]["got"]), ("unsupported", what))
            self.assertIn("give it ", report["error"]["hint"])
        quote = self.file("quote.bin")
        self.refused(1, "verify", quote, "--policy", quote, says="expected a policy, got a quote of Intel")
        self.refused(1, *self.args("--trust", quote)[:1], quote, "--policy", "genuine", "--trust",
                     quote, says="expected a trust file, got a quote of Intel")

    def test_an_enclave_is_no_guest_image(self):
        value = "11" * 48
        image = {"name": "x", "closed": {"by": "y"}, "mrtd": value, "rtmr": [value] * 4}
        policy = self.path("policy.json", json.dumps({
            "simulated": True, "require": ["genuine"], "ref.guest": {"images": [image]}}).encode())
        args = self.args("-j", quote="quote-sgx-v3.bin", collateral="collateral-sgx.json")
        args[3] = policy
        report = self.report(5, *args)
        row = next(c for c in report["checks"] if c["id"] == "ref.guest")
        self.assertEqual((row["code"], row["field"]), ("unsupported", "ref.guest.images"))

    def test_nonces_are_8_to_64_bytes_in_hex_or_base64url(self):
        for n in (7, 8, 9, 31, 32, 33, 63, 64, 65):
            nonce = (b"\xfb\xff" * 40)[:n]
            for text in (nonce.hex(), nonce.hex().upper(), base64.urlsafe_b64encode(nonce).decode().rstrip("=")):
                words = self.args("--nonce=" + text, "-j")
                if 8 <= n <= 64:
                    self.assertEqual(json.loads(situs(*words).stdout)["nonce"], nonce.hex())
                else:
                    self.refused(1, *words, says="--nonce is not 8 to 64 bytes")

    def test_a_nonce_that_may_be_a_slip_is_none(self):
        good = "0123456789abcdef" * 4
        for nonce in ("", "00", good[1:], good + "0", "0x" + good, "0X" + good, "0x" + good[:11], good[:15], "abcdefabcde",
                      "zz" * 32 + "=", "+/" * 16, good[:-1] + " ", " " + good, "zzzzzzzzzzz\n", "zzzzzzzzzzz"):
            self.refused(1, *self.args("--nonce", nonce), says="--nonce is not 8 to 64 bytes")

    def test_the_report_must_reach_its_reader(self):
        import subprocess
        from situs_run import PLAIN, SITUS
        with open("/dev/full", "wb") as full:
            done = subprocess.run([SITUS, *self.args("-j")], stdout=full, stderr=subprocess.PIPE,
                                  env=PLAIN, timeout=60)
        self.assertEqual(done.returncode, 1)

    def test_unreadable_files(self):
        if os.getuid() == 0:
            self.skipTest("root reads everything")
        os.chmod(self.file("quote.bin"), 0)
        self.refused(1, *self.args(), says="Permission denied")


class Policy(Case):
    def test_presets_are_checked_and_explained(self):
        self.accepted("policy", "check", "genuine")
        self.assertTrue(json.loads(self.accepted("policy", "check", "genuine", "-j"))["ok"])
        self.assertIn(b"tdx.signature", self.accepted("policy", "explain", "genuine", "--all"))
        self.assertIn(b"44a0196b2b99f889b8e149e95b807a350e7424964399e885a7cbb8ccfab674d3",
                      self.accepted("policy", "explain"))

    def test_what_is_weak_is_a_warning(self):
        weak = {"require": ["genuine"], "tdx.tcb": {"grace_days": 30, "accept": ["OutOfDate"]}}
        path = self.path("weak.json", json.dumps(weak).encode())
        done = situs("policy", "check", path)
        self.assertEqual((done.returncode, done.stdout.decode()), (0, f"ok: {path}\n"))
        lines = done.stderr.decode().splitlines()
        self.assertTrue(all(line.startswith("situs: warning: ") for line in lines), lines)
        for word in ("genuine alone", "grace_days", "out of date", "max_tcb_age_days"):
            self.assertIn(word, done.stderr.decode())
        done = situs("policy", "check", "-j", path)
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        self.assertEqual([f"situs: warning: {w}" for w in json.loads(done.stdout)["warnings"]], lines)

    def test_why_a_policy_does_not_load_is_json_too(self):
        def why(text=None, name="p.json"):
            done = situs("policy", "check", "-j", self.path(name, text))
            self.assertEqual(done.returncode, 1)
            self.assertIn(b"situs: error: ", done.stderr)
            said = json.loads(done.stdout)
            self.assertIs(said["ok"], False)
            return said["error"], said["empty"]

        error, empty = why(b'{"require": ["genuine"],\n "tdx.tcb": {"acept": []}}')
        self.assertEqual((error["code"], error["field"], error["line"], empty), ("unknown", "tdx.tcb.acept", 2, []))
        self.assertIn('did you mean "accept"', error["hint"])
        error, empty = why(name="absent")
        self.assertEqual((error["code"], "line" in error, empty), ("missing", False, []))
        self.assertIn("presets: genuine", error["hint"])
        error, empty = why(self.accepted("policy", "new", "--template", "live"))
        self.assertEqual({"line", "path", "what"}, set(empty[0]))
        self.assertIn("ref.guest.images[0].mrtd", [e["path"] for e in empty])
        self.assertEqual(error["line"], empty[0]["line"])

    def test_differences_are_json_too(self):
        a = self.path("a.json", b'{"require": ["genuine"], "simulated": true, "tdx.tcb": {"grace_days": 7}}')
        b = self.path("b.json", b'{"require": ["genuine"], "tdx.tcb": {"grace_days": 30}, "scenario": "managed"}')
        for one, other, exit in ((a, b, 8), (b, a, 8), (a, a, 0)):
            text, done = situs("policy", "diff", one, other), situs("policy", "diff", one, other, "-j")
            self.assertEqual((text.returncode, done.returncode), (exit, exit), done.stderr)
            said = json.loads(done.stdout)
            self.assertIs(said.pop("same"), exit == 0)
            lines = [line[2:] for line in text.stdout.decode().splitlines() if line.startswith("  ")]
            self.assertEqual(lines, said["only_second"] + said["only_first"] + said["differ"])
        said = json.loads(situs("policy", "diff", a, b, "-j").stdout)
        self.assertEqual(said["only_second"], ["simulated: not anchors of a lab"])
        self.assertEqual(said["only_first"], ["tdx.tcb grace_days: 7 (the other: 30)"])
        self.assertEqual(said["differ"], ["scenario: none and managed"])

    def test_typing_errors_are_errors(self):
        for text in (b"", b"{", b'{"requires": ["genuine"]}', b'{"require": ["genuin"]}',
                     b'{"require": ["genuine"], "require": ["genuine"]}',
                     b'{"require": ["genuine"], "tdx.tcb": {"acept": []}}'):
            self.refused(1, "policy", "check", self.path("p.json", text))
        self.refused(1, "policy", "check")
        self.refused(1, "policy", says="second word")
        self.refused(1, "policy", "chek", says="policy check")


if __name__ == "__main__":
    main()
