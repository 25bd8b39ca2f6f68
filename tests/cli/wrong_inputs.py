"""Wrong inputs as people give them: a table of commands, and all that is said about each.

A file test_wrong_NAME.py has a class of WrongInputs with rows, and makes their files in prepare(), once. A row is
(title, command, exit, said), one process each. In the command {dir} is a directory of the test's own, {lab} what
lab-intel made, {trust} the file that trusts it, {vectors}
real evidence; a row may have a fifth item, the name of the file on its standard
input. said is compared whole: the lines of standard error without "situs: ", or, where evidence was refused, the
answer: line 1 of the report and the lines below it that begin with a blank. Of both, {dir} stands for the directory,
and NOW for a time of this hour."""
import os
import re
import shlex
import time

from situs_run import VECTORS, situs
from test_fetch import Lab


class WrongInputs(Lab):
    real = ("{vectors}",)  # in a command: it is about real evidence
    rows = ()

    def prepare(self):
        """Makes the files that the rows name."""

    def said(self, done):
        lines = [line.removeprefix("situs: ") for line in done.stderr.decode().splitlines()]
        report = done.stdout.decode().splitlines()
        if report:
            end = next((i for i, line in enumerate(report) if i and not line.startswith(" ")), len(report))
            lines += report[:end]
        hour = time.strftime("%Y-%m-%dT%H", time.gmtime())
        return re.sub(rf"{hour}:\d\d:\d\dZ", "NOW", "\n".join(lines).replace(self.dir, "{dir}"))

    def check(self, title, command, exit, said, stdin=None):
        words = [word.format(dir=self.dir, lab=self.lab, trust=self.file("trust.json"), vectors=VECTORS)
                 for word in shlex.split(command)]
        given = self.bytes_of(self.path(stdin)) if stdin else b""
        done = situs(*words, stdin=given)
        self.assertEqual((done.returncode, self.said(done)), (exit, said.strip("\n")), title)

    def test_each_is_told_what_is_wrong_and_what_to_do(self):
        self.prepare()
        for row in self.rows:
            with self.subTest(row[0]):
                if not os.path.isdir(VECTORS) and any(word in row[1] for word in self.real):
                    self.skipTest("no vectors")
                self.check(*row)
