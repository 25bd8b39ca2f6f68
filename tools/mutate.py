#!/usr/bin/env python3
"""mutate.py BUILD [--sample N] [--seed S] [--seconds T] [--all] [FILE...]: changes the code, one place at a time, and asks whether a
test in C notices.

BUILD is a build directory without sanitizers in which all is built. A mutant is one change of one line of a file in FOLDERS: a
comparison, a sign, a constant, a connective or a negation turned, a refusal let through, a call left out. Mutants are drawn by S;
what does not compile, or compiles to the same code, is no mutant. The test programs run one after another, those that are nearest
first, until one fails (of src/: programs of the folders in NEAR, which take less than SLOW seconds); a survivor is one that none
noticed. Ends with "N of M killed" and 1 where a survivor has no line in
tests/survivors.txt, which says why it is no false yes and no weaker policy.
"""
import argparse
import concurrent.futures
import json
import os
import pathlib
import random
import re
import shlex
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
FOLDERS = ("src/appraise", "src/evidence", "src/endorse", "src/crypto", "src/situs", "src/tee", "src/ear", "roles/serve/judge",
           "roles/token")
POLICY = "src/model/policy*.c"
NEAR = ("appraise", "codec", "crypto", "endorse", "evidence", "lab", "model", "situs", "token")
SLOW = 10
KNOWN = ROOT / "tests/survivors.txt"

SWAPS = [(r"==", "!="), (r"!=", "=="), (r"<=", "<"), (r">=", ">"), (r"(?<![<\-])<(?![<=])", "<="), (r"(?<![>\-])>(?![>=])", ">="),
         (r"&&", "||"), (r"\|\|", "&&"), (r"(?<![\w)\]])!(?![=])", ""), (r"\breturn true\b", "return false"),
         (r"\breturn false\b", "return true"), (r"(?<=[\w)\]]) \+ ", " - "), (r"(?<=[\w)\]]) - ", " + "),
         (r"\bcontinue;", "break;"), (r"(?<![\w.\[])(\d+)(?=[;,)]| [<>=&|+-])", None)]
CALL = re.compile(r"^\s+(?!return|if|for|while|switch|case|else|do|goto|static|const|struct|enum|union|unsigned|bool|int|size_t|char"
                  r"|uint)[a-z_]\w*\([^;]*\);$")
CONDITION = re.compile(r"^(\s+(?:\} else )?if \()(.*)(\)(?: \{)?)$")


def stripped(text):
    """The code with comments and literals blanked, as long as before."""
    blank = lambda m: re.sub(r"[^\n]", " ", m[0])
    return re.sub(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', blank, text, flags=re.S)


def sites(path):
    """(line, column, old, new) of each mutant of a file; what begins in the first column is no code that runs."""
    text = path.read_text()
    for number, (line, code) in enumerate(zip(text.splitlines(), stripped(text).splitlines())):
        if not code.startswith(" ") or code.lstrip().startswith("#"):
            continue
        for pattern, new in SWAPS:
            for m in re.finditer(pattern, code):
                yield number, m.start(), m[0], str(int(m[0]) + 1) if new is None else new
        if CALL.match(code):
            yield number, len(code) - len(code.lstrip()), line.strip(), ";"
        m = CONDITION.match(code)
        if m and m[2].count("(") == m[2].count(")"):
            yield number, len(m[1]), line[len(m[1]):len(m[1]) + len(m[2])], "false"


class Tests:
    """The programs of the suite that are C, with what links them."""

    def __init__(self, build):
        self.build = build
        told = json.loads(subprocess.run(["meson", "introspect", "--tests", str(build)], check=True, capture_output=True).stdout)
        made = json.loads((build / "compile_commands.json").read_text())
        self.compile = {os.path.normpath(os.path.join(c["directory"], c["file"])): c["command"] for c in made}
        self.programs, self.link, self.cost, self.as_is = {}, {}, {}, {}
        for test in told:
            program = os.path.relpath(test["cmd"][0], build)
            if len(test["cmd"]) == 1 and program.startswith("tests/"):
                self.programs[test["name"]] = (program, test["env"])

    def baseline(self):
        """Each program as it is: what fails, or takes longer than SLOW, is not asked."""
        for name in list(self.programs):
            begin = time.monotonic()
            good = self.run(name, self.build / self.programs[name][0], SLOW)
            self.cost[name] = time.monotonic() - begin
            if not good:
                print(f"not asked: {name}", flush=True)
                del self.programs[name]
        commands = subprocess.run(["ninja", "-C", str(self.build), "-t", "commands"] + [p for p, _ in self.programs.values()],
                                  check=True, capture_output=True, text=True).stdout
        outputs = {p: n for n, (p, _) in self.programs.items()}
        for line in commands.splitlines():
            m = re.search(r" -o (tests/\w+) ", line)
            if m and m[1] in outputs:
                self.link[outputs[m[1]]] = line

    def run(self, name, program, limit):
        with tempfile.TemporaryDirectory(prefix="situs-mutant-") as scratch:
            env = {**os.environ, **self.programs[name][1], "TMPDIR": scratch}
            try:
                return subprocess.run([str(program)], cwd=scratch, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                      stderr=subprocess.DEVNULL, timeout=limit, check=False).returncode in (0, 77)
            except subprocess.TimeoutExpired:
                return False

    def order(self, source):
        """The nearest first: those named like the file, of its folder, of whole appraisals; among them the quick ones."""
        folder, stem = source.parent.name, source.stem
        near = lambda n: (stem not in n, folder not in n and source.parts[1] not in n, not n.startswith(("situs/", "lab/test_matrix")),
                          self.cost[n])
        asked = [n for n in self.programs if source.parts[0] != "src" or n.startswith(NEAR)]
        return sorted(asked, key=near)


def code_of(tests, source, text, out):
    """Compiles text in the place of source: the object's bytes, or None."""
    changed = out.with_suffix(".c")
    changed.write_text(text)
    command = tests.compile[str(source)]
    words = shlex.split(command)
    words = words[1:] if words[0].endswith("ccache") else words
    words[words.index("-o") + 1] = str(out)
    words = [w for i, w in enumerate(words) if w not in ("-MD",) and words[i - 1] not in ("-MQ", "-MF") and w not in ("-MQ", "-MF")]
    words[words.index("-c") + 1] = str(changed)
    words += ["-w", f"-I{source.parent}", "-frandom-seed=1", "-O1", "-g0"]
    done = subprocess.run(words, cwd=tests.build, capture_output=True, check=False)
    return out.read_bytes().replace(changed.name.encode(), b"") if done.returncode == 0 else None


def unchanged(tests, source, text, out):
    """The object of a source as it is, made once."""
    if source not in tests.as_is:
        tests.as_is[source] = code_of(tests, source, text, out)
    return tests.as_is[source]


def judge(tests, mutant):
    """("killed" by, "survived", "same" or "none", words)."""
    source, (number, column, old, new) = mutant
    text = source.read_text()
    lines = text.splitlines(keepends=True)
    lines[number] = lines[number][:column] + new + lines[number][column + len(old):]
    with tempfile.TemporaryDirectory(prefix="situs-mutant-") as scratch:
        out = pathlib.Path(scratch, "mutant.o")
        was = unchanged(tests, source, text, out)
        now = code_of(tests, source, "".join(lines), out)
        if now is None or was is None:
            return "none", ""
        if was == now:
            return "same", ""
        for name in tests.order(source.relative_to(ROOT)):
            words = shlex.split(tests.link[name])
            at = words.index("-o") + 1
            program = pathlib.Path(scratch, "program")
            words[at] = str(program)
            words.insert(at + 1, str(out))  # before the archives, whose own is then not asked for
            linked = subprocess.run(words, cwd=tests.build, capture_output=True, check=False)
            if linked.returncode != 0:
                continue  # a program with a piece of its own in this place
            if not tests.run(name, program, 20 + 10 * tests.cost[name]):
                return "killed", name
    return "survived", ""


def named(mutant):
    source, (number, _, old, new) = mutant
    line = source.read_text().splitlines()[number].strip()
    return f"{source.relative_to(ROOT)} | {line} | {old} -> {new}"


def known():
    lines = KNOWN.read_text().splitlines() if KNOWN.exists() else []
    return {line.rsplit(" | ", 1)[0] for line in lines if line and not line.startswith("#")}


def files(args):
    if args.file:
        return [ROOT / f for f in args.file]
    found = [p for f in FOLDERS for p in sorted((ROOT / f).rglob("*.c"))]
    return found + sorted(ROOT.glob(POLICY))


def main():
    p = argparse.ArgumentParser()
    p.add_argument("build", type=pathlib.Path)
    p.add_argument("--sample", type=int, default=500)
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--seconds", type=int, default=0, help="draw no more after that time")
    p.add_argument("--all", action="store_true", help="each mutant, and no sample")
    p.add_argument("--jobs", type=int, default=os.cpu_count())
    p.add_argument("file", nargs="*")
    args = p.parse_intermixed_args()
    tests = Tests(args.build.resolve())
    mutants = [(f, s) for f in files(args) if str(f) in tests.compile for s in sites(f)]
    random.Random(args.seed).shuffle(mutants)
    begin = time.monotonic()
    tests.baseline()
    told, killed, survived, reasons = 0, 0, [], known()

    def one(m):
        late = args.seconds and time.monotonic() - begin > args.seconds
        enough = not args.all and killed + len(survived) >= args.sample
        return ("late", "") if late or enough else judge(tests, m)

    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        for m, (outcome, by) in zip(mutants, pool.map(one, mutants)):
            told += outcome in ("killed", "survived")
            killed += outcome == "killed"
            if outcome == "survived":
                survived.append(m)
            if outcome in ("killed", "survived"):
                print(f"{outcome} {named(m)}" + (f" | {by}" if by else ""), flush=True)
    unknown = [m for m in survived if named(m) not in reasons]
    for m in unknown:
        print(f"no reason: {named(m)}")
    print(f"{killed} of {told} killed, seed {args.seed}, {len(mutants)} places")
    return int(bool(unknown) or not killed)


if __name__ == "__main__":
    sys.exit(main())
