"""The built program: commands, options, exit codes, and where its output goes."""
import base64
import os
import re
import subprocess

from situs_run import PLAIN, SITUS, Case, main, situs


class Commands(Case):
    def test_version_and_help_are_data(self):
        self.assertRegex(self.accepted("--version"), rb"^situs \d+\.\d+\.\d+\n$")
        self.assertEqual(self.accepted("-V"), self.accepted("version"))
        for args in (["help"], ["--help"], ["-h"], ["help", "challenge"], ["challenge", "-h"]):
            self.assertIn(b"challenge", self.accepted(*args))

    def test_every_command_explains_itself(self):
        names = re.findall(rb"^  ([a-z]+(?: [a-z]+)?)  ", self.accepted("help"), re.M)
        self.assertGreater(len(names), 2)
        for name in names:
            words = name.decode().split()
            self.assertIn(b"usage: situs " + name, self.accepted(*words, "--help"))
            self.assertEqual(self.accepted("help", *words), self.accepted(*words, "--help"))

    def test_unknown_words_get_the_nearest(self):
        self.refused(1, says="situs help")
        self.refused(1, "challange", says='did you mean "situs challenge"')
        self.refused(1, "xyzzy", says='"situs help"')
        self.refused(1, "challenge", "--jsn", says="did you mean --json")
        self.refused(1, "challenge", "surplus", says="one argument too many")
        self.refused(1, "--jsom")
        self.refused(1, "help", "xyzzy")

    def test_numbers_are_refused_alike(self):
        for number in ("+5", " 5", "5 ", "", "0", "x", "99999999999999999999"):
            for words in (["connect", "localhost:1", "--policy", "genuine", "--timeout", number],
                          ["collateral", "fetch", "--for", "quote", "--timeout", number, "to"],
                          ["connect", "localhost:1", "--policy", "genuine", "--challenges", number]):
                self.assertIn(words[-1 if words[-1] != "to" else -2], self.refused(1, *words))

    def test_control_characters_do_not_reach_the_terminal(self):
        self.assertNotIn("\x1b", self.refused(1, "\x1b[31mred"))

    def test_a_challenge_is_32_fresh_bytes(self):
        one, two = self.accepted("challenge"), self.accepted("challenge")
        self.assertRegex(one, rb"^[0-9a-f]{64}\n$")
        self.assertNotEqual(one, two)
        self.assertRegex(self.accepted("challenge", "-j"), rb'^\{"nonce": "[0-9a-f]{64}"\}\n$')
        self.assertRegex(self.accepted("challenge", "--json"), rb'^\{"nonce"')
        for size in (32, 33, 64):
            self.assertRegex(self.accepted("challenge", "--size", str(size)), rb"^[0-9a-f]{%d}\n$" % (2 * size))
            text = self.accepted("challenge", f"--size={size}", "--base64url").decode().rstrip("\n")
            self.assertEqual(len(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))), size)
        for size in ("31", "65", "", "x"):
            self.refused(1, "challenge", "--size", size, says="--size")


class Output(Case):
    def run_with(self, **streams):
        return subprocess.run([SITUS, "challenge"], stderr=subprocess.PIPE, env=PLAIN, timeout=60,
                              **streams)

    def test_a_full_disk_is_an_error(self):
        with open("/dev/full", "wb") as full:
            done = self.run_with(stdout=full)
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"No space left", done.stderr)

    def test_a_broken_pipe_is_an_error_and_no_signal(self):
        read, write = os.pipe()
        os.close(read)
        done = self.run_with(stdout=write)
        os.close(write)
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"Broken pipe", done.stderr)

    def test_a_closed_stdout_is_an_error(self):
        done = subprocess.run(["/bin/sh", "-c", '"$0" challenge >&-', SITUS], env=PLAIN,
                              stderr=subprocess.PIPE, timeout=60)
        self.assertEqual(done.returncode, 1)

    def test_no_colours_off_a_terminal(self):
        for args in (["help"], ["version"]):
            self.assertNotIn(b"\x1b", situs(*args).stdout)


if __name__ == "__main__":
    main()
