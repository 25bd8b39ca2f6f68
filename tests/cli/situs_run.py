"""What every test of the built program uses: running it, and a directory of its own."""
import atexit
import functools
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from programs import SITUS, program_of  # noqa: E402,F401

SOURCE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
with open(os.path.join(SOURCE, "tests", "vectors.path")) as default:
    VECTORS = os.environ.get("SITUS_VECTORS") or os.path.join(SOURCE, default.read().strip())
PLAIN = {**os.environ, "ASAN_OPTIONS": "detect_leaks=1:allocator_may_return_null=1:handle_sigill=2:handle_sigtrap=2",
         "UBSAN_OPTIONS": "halt_on_error=1"}


def situs(*args, stdin=b"", env=None, **more):
    """Runs a command of situs and returns the finished process; a time-out or a crash fails the test."""
    words = [str(arg) for arg in args]
    done = subprocess.run([program_of(words), *words], input=stdin, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, timeout=60, env={**PLAIN, **(env or {})}, **more)
    text = done.stderr.decode("utf-8", "replace")
    assert done.returncode >= 0, f"killed by signal {-done.returncode}: {text}"
    assert "Sanitizer" not in text and "runtime error" not in text, text
    return done


@functools.lru_cache(None)
def made(program, *words):
    """A directory that one of the lab's programs filled: once, for keys take their time. Not to be written to."""
    path = tempfile.mkdtemp(prefix="situs-lab.")
    atexit.register(shutil.rmtree, path)
    subprocess.run([program, path, *words], check=True, stdout=subprocess.DEVNULL, env=PLAIN)
    return path


def fill(path, program, *words):
    """The same files in a directory of one's own; those of the same name that it has are replaced."""
    shutil.copytree(made(program, *words), path, dirs_exist_ok=True)


@functools.lru_cache(None)
def kept():
    """(a directory, {how it was made: a file in it})."""
    path = tempfile.mkdtemp(prefix="situs-kept.")
    atexit.register(shutil.rmtree, path)
    return path, {}


class Case(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.mkdtemp(prefix="situs-test.")
        self.addCleanup(shutil.rmtree, self.dir)

    def path(self, name, data=None):
        path = os.path.join(self.dir, name)
        if data is not None:
            with open(path, "wb") as f:
                f.write(data)
        return path

    def once(self, path, how, make):
        """The file at path that make() makes: once for each how, from then on it is copied."""
        folder, files = kept()
        if how in files:
            shutil.copy2(files[how], path)
            return
        make()
        files[how] = shutil.copy2(path, os.path.join(folder, str(len(files))))

    def bytes_of(self, path):
        with open(path, "rb") as f:
            return f.read()

    def refused(self, exit, *args, says=(), **more):
        """The command ends with this exit code, says why and what to do on stderr, and nothing on
        stdout."""
        done = situs(*args, **more)
        err = done.stderr.decode()
        self.assertEqual(done.returncode, exit, err)
        self.assertEqual(done.stdout, b"")
        self.assertIn("situs: error: ", err)
        self.assertIn("situs: hint: ", err)
        for word in [says] if isinstance(says, str) else says:
            self.assertIn(word, err)
        return err

    def accepted(self, *args, **more):
        done = situs(*args, **more)
        self.assertEqual(done.returncode, 0, done.stderr.decode())
        return done.stdout


main = unittest.main
