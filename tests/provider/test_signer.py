"""Who signs: keys that are encrypted or in a token, and certificates that no verifier would accept."""
import fcntl
import glob
import json
import os
import pty
import signal
import subprocess
import sys
import termios
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "cli"))
from situs_run import SITUS, Case, main, situs  # noqa: E402

MODULE = "/usr/lib/softhsm/libsofthsm2.so"
ENGINE = glob.glob("/usr/lib/*/engines-3/pkcs11.so")
LEAF = "basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\n"


class Signer(Case):
    def setUp(self):
        super().setUp()
        self.root = self.key("root", "secp384r1")
        self.openssl("req", "-x509", "-new", "-key", self.root, "-subj", "/CN=Root", "-days", "30", "-addext",
                     "keyUsage=critical,keyCertSign,cRLSign", "-out", self.path("root.pem"))

    def openssl(self, *args, **more):
        subprocess.run(["openssl", *args], check=True, stderr=subprocess.DEVNULL, **more)

    def key(self, name, curve="secp384r1"):
        path = self.path(f"{name}.key")
        self.openssl("genpkey", "-algorithm", "EC", "-pkeyopt", f"ec_paramgen_curve:{curve}", "-out", path)
        return path

    def chain(self, name, key, extensions=LEAF, root=True):
        """A certificate of the root for the key, and the root."""
        csr, cert = self.path(f"{name}.csr"), self.path(f"{name}.crt")
        self.openssl("req", "-new", "-key", key, "-subj", "/CN=Signer", "-out", csr)
        self.openssl("x509", "-req", "-in", csr, "-CA", self.path("root.pem"), "-CAkey", self.root, "-days", "9",
                     "-CAcreateserial", "-extfile", self.path("ext", extensions.encode()), "-out", cert)
        with open(cert, "rb") as f, open(self.path("root.pem"), "rb") as r:
            return self.path(f"{name}.pem", f.read() + (r.read() if root else b""))

    def wrong(self, key, chain, *more, says):
        """What check finds, and nothing else."""
        done = situs("signer", "check", "-j", "--key", key, "--chain", chain, *more)
        self.assertEqual(done.returncode, 6 if says else 0, done.stderr + done.stdout)
        found = json.loads(done.stdout)
        self.assertEqual(found["good"], not says)
        bad = {p["property"]: p["got"] for p in found["signer"] if not p["holds"]}
        self.assertEqual(set(bad), set(says))
        for name, got in says.items():
            self.assertIn(got, bad[name])
        self.assertTrue(all(p["hint"] for p in found["signer"] if not p["holds"]))

    def test_each_property_is_told_by_itself(self):
        key, other = self.key("a"), self.key("b")
        good = self.chain("good", key)
        self.wrong(key, good, says={})
        self.wrong(other, good, says={"key": "another key"})
        p256 = self.key("p256", "prime256v1")
        self.wrong(p256, self.chain("p256", p256), says={"curve": "P-256"})
        for name, extensions, says in (
                ("ca", "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign\n",
                 {"basicConstraints": "a CA", "keyUsage": "others"}),
                ("none", "basicConstraints=critical,CA:FALSE\n", {"keyUsage": "none"})):
            chain = self.chain(name, key, extensions)
            self.wrong(key, chain, says=says)
            self.refused(1, "fleet", "compose", "--serial", "1", "--supplier", "s", "--prid", "12" * 16, "--key", key,
                         "--chain", chain, "-o", self.path("out"), says=["certificate", next(iter(says))])
            self.assertFalse(os.path.exists(self.path("out")))
        both = self.chain("both", key, LEAF.replace("digitalSignature", "digitalSignature,nonRepudiation"))
        self.wrong(key, both, says={})  # it may sign endorsements, and what no verifier accepts is not signed
        self.assertIn(b"it signs no list", self.accepted("signer", "check", "--key", key, "--chain", both))
        self.refused(1, "fleet", "compose", "--serial", "1", "--supplier", "s", "--prid", "12" * 16, "--key", key,
                     "--chain", both, "-o", self.path("out"), says="digitalSignature alone")
        self.refused(1, "fleet", "export", "--db", "x", "--operator", "ada", "--list", self.path("out"), "--key", key,
                     "--chain", both, says="digitalSignature alone")
        self.wrong(key, good, "--at", "2020-01-01T00:00:00Z", says={"validity": "2020-01-01", "chain": "not yet valid"})
        self.wrong(key, self.chain("alone", key, root=False), says={"chain": "none"})
        with open(self.path("root.pem")) as f:
            root = f.read()
        for use, says in (("poe", {}), ("tpm-maker", {"chain": "none"})):
            trust = self.path("trust.json", json.dumps(
                {"builtin": False, "anchors": [{"name": "Root", "for": [use], "pem": root}]}).encode())
            self.wrong(key, self.chain("alone", key, root=False), "--trust", trust, says=says)
        text = self.accepted("signer", "check", "--key", key, "--chain", good).decode()
        self.assertIn("ok    curve", text)

    def new(self, directory, *args):
        os.mkdir(self.path(directory))
        self.accepted("signer", "new", "-o", self.path(directory), *args)
        return [self.path(f"{directory}/signer.key.pem"), self.path(f"{directory}/signer.pem")]

    def test_a_new_signer_takes_over_and_numbers_go_on(self):
        pw = ["--passphrase-file", self.path("pw", b"correct horse")]
        first = self.new("first", "--test-ca", "--name", "Example Cloud")
        second = self.new("second", "--test-ca", "--replaces", self.path("first"), *pw)
        self.assertEqual([os.stat(self.path(f"first/{k}")).st_mode & 0o777 for k in ("signer.key.pem", "ca.key.pem")],
                         [0o600, 0o600])
        self.assertFalse(os.path.exists(self.path("second/ca.pem")))
        with open(self.path("first/ca.pem")) as f:
            trust = ["--trust", self.path("trust.json", json.dumps(
                {"builtin": False, "anchors": [{"name": "Root", "for": ["list"], "pem": f.read()}]}).encode())]
        db = ["--db", self.path("fleet.db"), "--operator", "ada"]
        self.accepted("fleet", "init", *db, "--owner", "a", "--issuer", "b")
        for number, signer, more in ((1, first, []), (2, second, pw)):
            self.wrong(*signer, *trust, *more, says={})
            told = self.accepted("fleet", "export", "-j", *db, "--revocations", self.path("r"), "--key", signer[0],
                                 "--chain", signer[1], *more)
            self.assertEqual(json.loads(told)["number"], number)
        # a CA's certificate, asked for
        key, _ = self.new("third", "--request", "--replaces", self.path("first"))
        csr = self.path("third/signer.csr.pem")
        self.openssl("x509", "-req", "-in", csr, "-CA", self.path("root.pem"), "-CAkey", self.root, "-days", "9",
                     "-CAcreateserial", "-copy_extensions", "copy", "-out", self.path("third.pem"))
        with open(self.path("root.pem"), "rb") as f:
            chain = self.path("third.chain", self.bytes_of(self.path("third.pem")) + f.read())
        self.wrong(key, chain, says={})
        for args, says in ((["--test-ca", "--name", "x", "-o", self.path("first")], "never overwritten"),
                           (["--test-ca", "-o", self.path("first")], "--name"),
                           (["--name", "x", "-o", self.path("first")], "--test-ca"),
                           (["--request", "--name", "x", "-o", self.path("none")], "mkdir -p"),
                           (["--test-ca", "--replaces", self.path("third"), "-o", self.path("second")], "signer.pem")):
            self.refused(1, "signer", "new", *args, says=says)

    def signs(self, key, *more):
        return ["fleet", "compose", "--serial", "1", "--supplier", "s", "--prid", "12" * 16, "--key", key, "--chain",
                self.path("good.pem"), "-o", self.path("out"), *more]

    def test_a_key_may_have_a_passphrase(self):
        key = self.key("a")
        self.chain("good", key)
        locked = self.path("locked.key")
        self.openssl("pkcs8", "-topk8", "-in", key, "-passout", "pass:correct horse", "-out", locked)
        self.refused(1, *self.signs(locked), says=["passphrase", "--passphrase-file"])
        for text, says in ((b"battery\n", "mismatch"), (b"\n", "1 to 512"), (b"x" * 600, "")):
            self.refused(1, *self.signs(locked, "--passphrase-file", self.path("pw", text)), says=says)
        self.accepted(*self.signs(locked, "--passphrase-file", self.path("pw", b"correct horse\r\n")))

    def of_a_terminal(self, fd):
        for one in (signal.SIGINT, signal.SIGQUIT):  # a shell's "&" ignores them, and what it starts does, too
            signal.signal(one, signal.SIG_DFL)
        fcntl.ioctl(fd, termios.TIOCSCTTY, 0)

    def test_a_passphrase_that_is_not_typed_leaves_a_terminal_that_shows_what_is(self):
        key, locked = self.key("a"), self.path("locked.key")
        self.chain("good", key)
        self.openssl("pkcs8", "-topk8", "-in", key, "-passout", "pass:horse", "-out", locked)
        for typed, exit in ((b"\x03", -signal.SIGINT), (b"\x1c", -signal.SIGQUIT), (b"horse\n", 0), (b"pony\n", 1)):
            with self.subTest(typed):
                ours, theirs = pty.openpty()
                self.addCleanup(os.close, ours)
                self.addCleanup(os.close, theirs)
                shown = termios.tcgetattr(theirs)
                child = subprocess.Popen([SITUS, *self.signs(locked)], stdin=theirs, stdout=subprocess.PIPE,
                                         stderr=subprocess.PIPE, start_new_session=True,
                                         preexec_fn=lambda fd=theirs: self.of_a_terminal(fd))
                said = b""
                while not said.endswith(b"key: "):
                    said += os.read(ours, 100)
                while termios.tcgetattr(theirs)[3] & termios.ECHO:
                    pass
                os.write(ours, typed)
                child.communicate(timeout=60)
                self.assertEqual((child.returncode, termios.tcgetattr(theirs)), (exit, shown))

    @unittest.skipUnless(ENGINE and os.path.exists(MODULE), "no SoftHSM, or no engine pkcs11")
    def test_a_key_may_be_in_a_token(self):
        key = self.key("a")
        self.chain("good", key)
        os.mkdir(self.path("tokens"))
        conf = self.path("conf", f"directories.tokendir = {self.path('tokens')}\nlog.level = ERROR\n".encode())
        env = {"SOFTHSM2_CONF": conf, "ASAN_OPTIONS": "detect_leaks=0"}  # engine and module keep what they load
        run = {"check": True, "stdout": subprocess.DEVNULL, "env": {**os.environ, **env}}
        subprocess.run(["softhsm2-util", "--init-token", "--free", "--label", "situs", "--pin", "1234", "--so-pin",
                        "1234"], **run)
        subprocess.run(["softhsm2-util", "--import", key, "--token", "situs", "--label", "owner", "--id", "01", "--pin",
                        "1234"], **run)
        uri = f"pkcs11:token=situs;object=owner?module-path={MODULE}"
        pin = ["--passphrase-file", self.path("pin", b"1234")]
        self.refused(1, *self.signs(uri), env=env, says=["the PIN of the token", "--passphrase-file"])
        self.refused(1, *self.signs(uri, "--passphrase-file", self.path("no", b"4321")), env=env, says="and its PIN")
        self.refused(1, *self.signs(uri.replace("owner", "nobody"), *pin), env=env, says="pkcs11-tool -O")
        self.refused(1, *self.signs("pkcs11:token=%zz?module-path=%zz", *pin), env=env, says="a PKCS #11 URI")
        self.accepted(*self.signs(uri, *pin), env=env)
        self.accepted(*self.signs(f"{uri}&pin-source=file:{self.path('pin')}"), env=env)
        self.assertEqual(json.loads(self.accepted("signer", "check", "-j", "--key", uri, "--chain", self.path("good.pem"),
                                                  *pin, env=env))["good"], True)


if __name__ == "__main__":
    main()
