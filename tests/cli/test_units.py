"""The units of systemd are well formed, and what they start is a command of situs."""
import os
import re
import shutil
import subprocess
import unittest

from situs_run import SITUS, SOURCE, Case, main, situs

UNITS = os.path.join(SOURCE, "systemd")


class Units(Case):
    def service(self, name="collateral"):
        with open(os.path.join(UNITS, f"situs-{name}.service.in")) as f:
            return f.read()

    def test_what_it_starts(self):
        words = re.search(r"^ExecStart=@bindir@/situs (.+)$", self.service(), re.M)[1].split()
        self.assertEqual(words[:2], ["collateral", "refresh"])
        self.refused(1, *words[:-1], self.path("none"), says="none")  # read, and no directory
        self.assertIn(f"ConditionPathIsDirectory={words[-1]}\n", self.service())

    def test_what_the_service_starts(self):
        starts = re.findall(r"^ExecStart(?:Pre)?=@bindir@/situs (.+)$", self.service("serve"), re.M)
        self.assertEqual(len(starts), 2)
        for words in starts:
            self.assertEqual(words.split()[:2], ["serve", "--config"])
            self.refused(1, *words.replace("/etc/situs/serve.json", self.path("none")).split(), says="none")

    def test_what_has_the_key_starts(self):
        unit = self.service("registrar").replace("\\\n", " ")
        words = re.search(r"^ExecStart=@bindir@/situs (.+)$", unit, re.M)[1].split()
        self.assertEqual(words[0], "registrar")
        self.refused(1, *words, says="registrar/trust.json")  # read, and none of its files is there
        self.assertIn("LoadCredential=ca.key.pem:", unit)
        self.assertIn("PrivateNetwork=yes\n", unit)

    def test_what_the_registrar_s_starts(self):
        words = re.search(r"^ExecStart=@bindir@/situs (.+)$", self.service("registrar-http"), re.M)[1].split()
        self.assertEqual(words[:2], ["serve", "--registrar"])
        self.refused(1, *words[:-1], "0.0.0.0:1", says="--listen")  # read, but for its address

    @unittest.skipUnless(shutil.which("systemd-analyze"), "no systemd")
    def test_systemd_reads_them(self):
        # What the service starts is no matter here, and the tree may lie where root alone may look.
        for name in ("collateral", "serve", "registrar", "registrar-http"):
            self.path(f"situs-{name}.service", self.service(name).replace("@bindir@/situs", "/bin/true").encode())
        for name in ("situs-collateral.timer", "situs-serve.socket"):
            shutil.copy(os.path.join(UNITS, name), self.dir)
        units = [os.path.join(self.dir, "situs-" + unit)
                 for unit in ("collateral.service", "collateral.timer", "serve.service", "serve.socket",
                              "registrar.service", "registrar-http.service")]
        done = subprocess.run(["systemd-analyze", "verify", "--man=no", *units], capture_output=True, text=True)
        self.assertEqual([line for line in done.stderr.splitlines() if "situs-" in line], [], done.stderr)
        self.assertEqual(done.returncode, 0, done.stderr)


if __name__ == "__main__":
    main()
