"""The units of systemd are well formed, and what they start is a command of situs."""
import os
import re
import shutil
import subprocess
import unittest

from situs_run import SITUS, SOURCE, Case, main, situs

UNITS = os.path.join(SOURCE, "systemd")


class Units(Case):
    def service(self):
        with open(os.path.join(UNITS, "situs-collateral.service.in")) as f:
            return f.read()

    def test_what_it_starts(self):
        words = re.search(r"^ExecStart=@bindir@/situs (.+)$", self.service(), re.M)[1].split()
        self.assertEqual(words[:2], ["collateral", "refresh"])
        self.refused(1, *words[:-1], self.path("none"), says="none")  # read, and no directory
        self.assertIn(f"ConditionPathIsDirectory={words[-1]}\n", self.service())

    @unittest.skipUnless(shutil.which("systemd-analyze"), "no systemd")
    def test_systemd_reads_them(self):
        # What the service starts is no matter here, and the tree may lie where root alone may look.
        self.path("situs-collateral.service", self.service().replace("@bindir@/situs", "/bin/true").encode())
        shutil.copy(os.path.join(UNITS, "situs-collateral.timer"), self.dir)
        units = [os.path.join(self.dir, "situs-collateral." + kind) for kind in ("service", "timer")]
        done = subprocess.run(["systemd-analyze", "verify", "--man=no", *units], capture_output=True, text=True)
        self.assertEqual([line for line in done.stderr.splitlines() if "situs-collateral" in line], [], done.stderr)
        self.assertEqual(done.returncode, 0, done.stderr)


if __name__ == "__main__":
    main()
