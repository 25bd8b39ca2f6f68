"""Completion for shells offers exactly what the program takes."""
import os
import re
import shutil
import subprocess
import unittest

from situs_run import SITUS, SOURCE, Case, main, situs

GENERATOR = os.path.join(SOURCE, "completion", "completion.py")


class Completion(Case):
    @classmethod
    def setUpClass(cls):
        cls.made = {shell: subprocess.run([GENERATOR, shell, SITUS], capture_output=True, text=True, check=True).stdout
                    for shell in ("bash", "zsh")}

    def asked(self, *lines):
        """What bash offers for the last word of each line."""
        script = self.made["bash"] + """
        while read -ra COMP_WORDS; do
            COMP_WORDS=(situs "${COMP_WORDS[@]}")
            [ "${COMP_WORDS[-1]}" != . ] || COMP_WORDS[-1]=''
            COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
            _situs situs "${COMP_WORDS[-1]}" "${COMP_WORDS[-2]}"
            echo "${COMPREPLY[*]}"
        done"""
        done = subprocess.run(["bash", "-euc", script], input="".join(line + "\n" for line in lines), text=True,
                              capture_output=True)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return [line.split() for line in done.stdout.split("\n")[:-1]]

    def test_each_command_with_its_options(self):
        names = re.findall(r"^  ([a-z]+(?: [a-z-]+)?)  +\S", situs("help").stdout.decode(), re.M)
        with open(os.path.join(SOURCE, "roles", "program", "commands.def")) as f:
            self.assertEqual(sorted(names), sorted(re.findall(r'^COMMAND\(\w+, "([^"]+)"', f.read(), re.M)))
        offered = self.asked(*(name + " -" for name in names))
        for name, options in zip(names, offered):
            said = situs(*name.split(), "--help").stdout.decode().split("\n\n", 1)[1]
            self.assertEqual(sorted(options), sorted(re.findall(r"^  (?:-\w, |    )(--[\w-]+)", said, re.M)), name)
            for option in options:
                self.assertRegex(self.made["zsh"], rf"(?ms)^    '{name}'\).*?[])*']{option}\[.*?;;")

    def test_words(self):
        first, fleet, pol, ca, file = self.asked(".", "fleet .", "verify --pol", "collateral fetch --ca .", "show x")
        self.assertIn("collateral", first)
        self.assertNotIn("init", first)
        self.assertIn("end-ek", fleet)
        self.assertEqual(pol, ["--policy"])
        self.assertEqual(ca, ["platform", "processor"])
        self.assertEqual(file, [])  # the shell's files

    @unittest.skipUnless(shutil.which("zsh"), "no zsh")
    def test_zsh_reads_it(self):
        subprocess.run(["zsh", "-n"], input=self.made["zsh"], text=True, check=True)


if __name__ == "__main__":
    main()
