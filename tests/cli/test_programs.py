"""The programs that situs is made of: what each links, where situs finds them, how it becomes one."""
import os
import re
import shutil
import subprocess

from situs_run import PLAIN, SITUS, Case, main

EVERYWHERE = {"libc", "libcrypto", "libjansson"}
TSS = {"libtss2-esys", "libtss2-tctildr", "libtss2-rc", "libtss2-mu"}
# What each may link beside; "!" before a library that it must have.
LINKS = {
    "situs": set(),
    "situs-attest": {"!libssl", "!libtss2-esys"} | TSS,
    "situs-connect": {"!libssl"},
    "situs-fetch": {"!libcurl"},
    "situs-fleet": {"!libsqlite3"},
    "situs-host": {"!libtss2-esys"} | TSS,
    "situs-judge": {"!libseccomp"},
    "situs-lab": {"!libsqlite3", "!libssl", "!libtss2-esys", "libfuse3"} | TSS,
    "situs-registrar": {"!libsqlite3"},
    "situs-serve": {"!libmicrohttpd", "!libpq", "!libseccomp", "!libsqlite3", "!libssl"},
    "situs-watch": {"!libcurl"},
}
SANITIZERS = {"libasan", "libubsan", "libtsan", "libm", "libgcc_s", "ld-linux-x86-64", "ld-linux-aarch64"}
COMMANDS = {  # one of each program's
    "situs-attest": ["attest"], "situs-connect": ["connect"], "situs-fetch": ["collateral", "fetch"],
    "situs-fleet": ["fleet", "init"], "situs-host": ["host", "run"], "situs-lab": ["lab", "attack"],
    "situs-registrar": ["registrar"], "situs-serve": ["serve"], "situs-watch": ["watch"],
}
FAKE = '#!/bin/sh\necho "$$" "$@"\nexit 5\n'


def beside(name):
    return os.path.join(os.path.dirname(SITUS), name)


def needed(program):
    dump = subprocess.run(["objdump", "-p", program], check=True, capture_output=True, text=True).stdout
    return {re.sub(r"\.so.*", "", name) for name in re.findall(r"NEEDED +(\S+)", dump)}


class Links(Case):
    def test_each_program_links_what_it_needs_and_no_more(self):
        self.assertEqual(set(LINKS) - {"situs", "situs-judge"}, set(COMMANDS))
        for name, words in LINKS.items():
            must = {word[1:] for word in words if word[0] == "!"}
            may = {word.lstrip("!") for word in words} | EVERYWHERE | SANITIZERS
            got = needed(beside(name))
            self.assertEqual(got - may, set(), name)
            self.assertEqual(must - got, set(), name)

    def test_situs_links_libcrypto_and_jansson_only(self):
        self.assertEqual(needed(SITUS) - SANITIZERS, EVERYWHERE)


class Places(Case):
    def setUp(self):
        super().setUp()
        os.makedirs(self.path("bin"))
        os.makedirs(self.path("libexec/situs"))
        self.situs = shutil.copy2(SITUS, self.path("bin/situs"))

    def put(self, place, text=FAKE):
        path = self.path(place, text.encode())
        os.chmod(path, 0o755)
        return path

    def run_it(self, *words, program=None, **env):
        child = subprocess.Popen([program or self.situs, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                 env={**PLAIN, **env}, text=True)
        out, err = child.communicate(timeout=60)
        return child.pid, child.returncode, out, err

    def lacks(self, *words, says, **env):
        _, code, out, err = self.run_it(*words, **env)
        self.assertEqual((code, out), (1, ""), err)
        self.assertIn("situs: error: ", err)
        self.assertIn("situs: hint: ", err)
        self.assertIn(says, err)

    def test_installed_and_built_programs_are_found(self):
        for place in ("libexec/situs/situs-fleet", "bin/situs-fleet"):
            fake = self.put(place)
            self.assertEqual(self.run_it("fleet", "list")[1], 5, place)
            os.remove(fake)
        shutil.copy2(beside("situs-fleet"), self.path("libexec/situs/situs-fleet"))
        self.assertIn("usage: situs fleet init", self.run_it("help", "fleet", "init")[2])

    def test_it_is_the_same_process_with_the_same_words(self):
        self.put("libexec/situs/situs-fleet")
        words = ["fleet", "list", "--db", "a b", "--", "--help"]
        pid, code, out, _ = self.run_it(*words)
        self.assertEqual((code, out), (5, f"{pid} {' '.join(words)}\n"))

    def test_a_link_to_situs_leads_to_its_programs(self):
        self.put("libexec/situs/situs-fleet")
        os.makedirs(self.path("other"))
        os.symlink(self.situs, self.path("other/situs"))
        self.assertEqual(self.run_it("fleet", "list", program=self.path("other/situs"))[1], 5)

    def test_an_absent_program_is_an_error_with_a_hint(self):
        for name, words in COMMANDS.items():
            self.lacks(*words, says=name)
            self.lacks(*words, "--help", says="libexec/situs")

    def test_what_needs_none_works_without_them(self):
        for words in (["help"], ["help", "fleet"], ["fleet", "--help"], ["verify", "--help"], ["--version"]):
            self.assertEqual(self.run_it(*words)[1], 0, words)

    def test_path_and_the_working_directory_have_no_say(self):
        os.makedirs(self.path("trap/libexec/situs"))
        self.put("trap/situs-fleet")
        self.put("trap/libexec/situs/situs-fleet")
        here = os.getcwd()
        self.addCleanup(os.chdir, here)
        os.chdir(self.path("trap"))
        self.lacks("fleet", "list", says="situs-fleet", PATH=self.path("trap"), SITUS_LIBEXEC=self.path("trap"))

    def test_where_a_stranger_may_add_files_nothing_is_run(self):
        self.put("bin/situs-fleet")
        os.chmod(self.path("bin"), 0o1777)
        self.lacks("fleet", "list", says="stranger")

    def test_a_strangers_folder_is_refused(self):
        if os.geteuid() != 0:
            self.skipTest("only root can give a folder away")
        self.put("libexec/situs/situs-fleet")
        os.chown(self.path("libexec/situs"), 12345, 12345)
        self.lacks("fleet", "list", says="stranger")

    def test_a_program_that_cannot_be_run_is_an_error(self):
        os.chmod(self.put("libexec/situs/situs-fleet"), 0o644)
        self.lacks("fleet", "list", says="cannot be run")


class Directly(Case):
    def run_it(self, name, *words):
        done = subprocess.run([beside(name), *words], capture_output=True, env=PLAIN, timeout=60, text=True)
        return done.returncode, done.stdout, done.stderr

    def test_each_program_knows_its_commands(self):
        for name, words in COMMANDS.items():
            self.assertRegex(self.run_it(name, "--version")[1], r"^situs \d")
            code, out, _ = self.run_it(name, "help")
            self.assertEqual(code, 0)
            self.assertIn("  " + " ".join(words), out)
            self.assertNotIn("  verify ", out)
            self.assertIn("usage: situs " + " ".join(words), self.run_it(name, *words, "--help")[1])
            self.assertEqual(self.run_it(name)[0], 1)

    def test_the_second_judge_is_for_the_service_alone(self):
        code, out, err = self.run_it("situs-judge", "serve")
        self.assertEqual((code, out), (1, ""))
        self.assertIn("situs: hint: situs-serve(5)", err)

    def test_another_programs_command_is_not_run(self):
        for name in COMMANDS:
            code, out, err = self.run_it(name, "verify", "--help")
            self.assertEqual((code, out), (1, ""))
            self.assertIn("situs: hint: run \"situs verify\"", err)


if __name__ == "__main__":
    main()
