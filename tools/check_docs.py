#!/usr/bin/env python3
"""check_docs.py | --self-test: holds the documents to the tree.

What code, tables and documents cite by name ("DESIGN: messages, 2") is in docs/DESIGN.md, and every file or link
that they name is there; every check id, proof and policy key is explained; every
public function has a comment that names it; a man page speaks of commands that exist; every test, harness and man page is
listed; every negative case names tests that exist; no tracked file names a place on somebody's machine.
"""
import functools
import pathlib
import posixpath
import re
import subprocess
import sys

# Split so that this file does not refuse itself.
PLACES = re.compile("/" + r"(?:home|Users|work|root|mnt)/[A-Za-z0-9.]")
SHARED = "shared" + "/"  # the vectors lie there; only tests, fuzz corpora and the demo look for them
CITED = ("docs/DESIGN.md", "docs/PROTOCOLS.md")  # by "DESIGN: name of a section", or "DESIGN: name, 2" for a rule of it
PROSE = (".c", ".h", ".def", ".md", ".scd", ".txt", ".build", "Makefile")
FOREIGN = {"foo.c", "NAME.c", "name.c", "UefiVar.h", "utility.h", "tpm_ioctl.h", "qgs_msg_lib.h", "tdx-guest.h",
           "sqlite3.h", "fleet_sql.c", "database_sql.c", "page_files.c"}  # examples, others' headers, and what the build writes
NEGATIVE = "tests/negative_cases.txt"
SHARED_READERS = ("tests/", "tools/demo.sh", "tools/make_corpora.py", "bench/")


def read_tree(root):
    """The tracked files of the tree, each name with its text; what is no text counts as empty."""
    listed = subprocess.run(["git", "-C", str(root), "ls-files"], capture_output=True, text=True)
    names = listed.stdout.split() if listed.returncode == 0 else []
    names = names or [p.relative_to(root).as_posix() for p in root.rglob("*")]
    tree = {}
    for name in names:
        try:
            tree[name] = (root / name).read_text("utf-8")
        except UnicodeDecodeError:
            tree[name] = ""
        except (FileNotFoundError, IsADirectoryError):
            pass
    return tree


def read(tree, name):
    return tree.get(name, "")


def named(tree, pattern):
    """The names of the tree's files that match, in order."""
    return sorted(name for name in tree if re.fullmatch(pattern, name))


def is_there(tree, name):
    return name in tree or any(other.startswith(name + "/") for other in tree)


# What is found in one text is found once, though the self-test looks at many trees.
once = functools.lru_cache(maxsize=None)


@once
def one_text(text):
    """A comment's lines are one text."""
    return re.sub(r"\s*\n\s*(?:(?:\*(?!/)|//|#)\s*)?", " ", text)


@once
def found(pattern, text):
    """[(what the pattern finds, where that ends)]."""
    return [((m[1] if m.re.groups else m[0]), m.end()) for m in re.finditer(pattern, text)]


@once
def files_named(text, is_code):
    if is_code:
        text = "\n".join(re.findall(r"/\*.*?\*/|//[^\n]*", text, re.S))
    return re.findall(r"(?<![\w./-])((?:[\w-]+/)*[\w-]+\.(?:md|def|c|h))\b(?![\w./(])", text)


@once
def bad_lines(text):
    """[(number, whether it names a place, whether a folder that users do not have)]."""
    if not PLACES.search(text) and SHARED not in text:
        return []
    return [(n, bool(PLACES.search(line)), SHARED in line) for n, line in enumerate(text.splitlines(), 1)]


@once
def sections(text):
    """The headings of a document as (name in lower case, numbers of its rules), in order."""
    headings = []
    for line in text.splitlines():
        heading, rule = re.match(r"##+ (.+)", line), re.match(r"(\d+)\. ", line)
        if heading:
            headings.append((heading[1].lower(), set()))
        elif rule and headings:
            headings[-1][1].add(int(rule[1]))
    return headings


def cited_wrongly(text, names, start):
    """What is wrong with the citation that begins at start: a name of names, then perhaps ", 2 and 3"."""
    for name in sorted(names, key=len, reverse=True):
        if re.match(re.escape(name) + r"(?![\w-])", text[start:], re.I):
            rules = re.match(r"\*?, (\d+(?:(?:, | and | to )\d+)*)", text[start + len(name):])
            for rule in re.findall(r"\d+", rules[1] if rules else ""):
                if int(rule) not in names[name]:
                    return f"which has no rule {rule} in '{name}'"
            return None
    return f"which has no section '{text[start:start + 30]}'"


def check_citations(tree):
    """A citation names a section, and a rule, that is there: numbers of sections change, names are found."""
    for document in CITED:
        there = sections(read(tree, document))
        names, stem = dict(there), pathlib.Path(document).stem
        for name in sorted({n for n, _ in there if [m for m, _ in there].count(n) > 1}):
            yield f"{document}: two sections are named '{name}'"
        for path in tree:
            if not path.endswith(PROSE) or path == "CHANGELOG.md":
                continue
            text = one_text(tree[path])
            cites = found(rf"\b{stem}(?:\.md)?: ", text)
            if path == document:
                cites = cites + found(r"\bsection \*", text)
                for number, _ in found(r"\b[Ss]ections? (\d+)\b", text):
                    yield f"{path}: cites section {number} by its number"
            for _, start in cites:
                wrong = cited_wrongly(text, names, start)
                if wrong:
                    yield f"{path}: cites {document}, {wrong}"
            for number, _ in found(rf"\b{stem}(?:\.md)?,? (?:sections? )?(\d+)", text):
                yield f"{path}: cites {document} {number} by its number"


def check_named_files(tree):
    """Files and links that comments and documents name are there."""
    there = {"/".join(name.split("/")[n:]) for name in tree for n in range(name.count("/") + 1)}
    for path, text in tree.items():
        if not path.endswith(PROSE) or path == "CHANGELOG.md":
            continue
        for name in files_named(text, path.endswith((".c", ".h", ".def"))):
            if name not in there and name.split("/")[-1] not in FOREIGN:
                yield f"{path}: names {name}, which is not there"
        if path.endswith(".md"):
            for name, anchor in re.findall(r"\]\(([\w./-]*)(?:#([\w-]+))?\)", text):
                target = posixpath.normpath(posixpath.join(posixpath.dirname(path), name)) if name else path
                if not is_there(tree, target):
                    yield f"{path}: links to {target}, which is not there"
                elif anchor and anchor not in {n.replace(" ", "-") for n, _ in sections(read(tree, target))}:
                    yield f"{path}: links to {target}#{anchor}, which is not there"


def check_values(tree):
    """What docs/PROTOCOLS.md says of a constant ("`NAME` = 30") is what every #define of it says."""
    defined = {}
    for path in named(tree, r"roles/.*\.[ch]"):
        if "#define" in tree[path]:
            for name, value in re.findall(r"^#define (\w+) ([\d() *+/]+?)\s*(?:/\*.*)?$", tree[path], re.M):
                defined.setdefault(name, set()).add(eval(value))  # digits, + * / and parentheses alone
    for name, value in re.findall(r"`(\w+)` = (\d+)", read(tree, "docs/PROTOCOLS.md")):
        if defined.get(name) != {int(value)}:
            yield f"docs/PROTOCOLS.md: {name} is {sorted(defined.get(name, []))} in roles, not {value}"


def check_tables(tree):
    text = "\n".join(tree[d] for d in named(tree, r"README\.md|docs/.*\.(md|scd)")).replace("\\", "")
    for check_id in re.findall(r'^CHECK\(\w+, "([^"]+)"', read(tree, "src/model/checks.def"), re.M):
        if check_id not in text:
            yield f"checks.def: no document names {check_id}"
    policy = read(tree, "docs/man/situs-policy.5.scd").replace("\\", "")
    for key in re.findall(r'^PARAM\(\w+, \w+, "([^"]+)"', read(tree, "src/model/params.def"), re.M):
        if not re.search(rf"\b{key}\b", policy):
            yield f"params.def: situs-policy(5) does not explain {key}"
    words = re.findall(r'^WORD\(\w+, "([\w-]+)"', read(tree, "src/model/words.def"), re.M)
    words += re.findall(r"^AK_PROFILE\(\w+, (\w+)", read(tree, "src/model/ak_profiles.def"), re.M)
    words += re.findall(r'WORD_OF_LISTS\("([\w-]+)"\)', read(tree, "src/model/endorsements.def"))
    for word in words:
        if not re.search(rf"\b{word}\b", policy):
            yield f"words.def: situs-policy(5) does not name {word}"
    for proof in re.findall(r'^PROOF\(\w+, "([a-z-]+)"', read(tree, "src/model/proofs.def"), re.M):
        if f"| {proof} |" not in read(tree, "docs/DESIGN.md"):
            yield f"proofs.def: DESIGN: checks has no row for {proof}"
    for use in re.findall(r'^USE\(\w+, "([a-z-]+)"', read(tree, "src/model/uses.def"), re.M):
        if use not in read(tree, "docs/man/situs-trust.5.scd").replace("\\", ""):
            yield f"uses.def: situs-trust(5) does not explain {use}"


def header(tree):
    """situs.h with its parts."""
    return "".join(tree[path] for path in named(tree, r"include/situs\w*\.h"))


def check_header(tree):
    """The comment above a function, or above its group, names it."""
    comment = ""
    parts = r"/\*(.*?)\*/|^SITUS_API\b[^;]*?\b(situs_\w+)\("
    for match in re.finditer(parts, header(tree), re.M | re.S):
        if match[1] is not None:
            comment = match[1]
        elif match[2] not in comment:
            yield f"situs.h: {match[2]} is public without a comment"


def check_pages(tree):
    """Every man page is built, and every command it is about is in the table of commands."""
    listed = set(re.findall(r"'([\w-]+\.\d)'", read(tree, "docs/man/meson.build")))
    there = {posixpath.basename(page)[:-4] for page in named(tree, r"docs/man/.*\.scd")}
    for page in sorted(listed ^ there):
        yield f"docs/man: {page} is not both listed and there"
    table = "".join(tree[path] for path in named(tree, r"roles/(.*/)?(commands\.def|main\.c)"))
    for page in sorted(there):
        command = re.match(r"situs-([a-z]+)\.1$", page)
        if command and table and not re.search(rf'"{command[1]}\b', table):
            yield f"docs/man/{page}.scd: situs has no command {command[1]}"
    for command in re.findall(r'^COMMAND\("([a-z]+)', table, re.M):
        if f"situs-{command}.1" not in there and f"*situs {command}" not in read(tree, "docs/man/situs.1.scd"):
            yield f"docs/man: no page for the command {command}"


def check_examples(tree):
    """Every page of sections 1 and 5 has an example, one of each command that it is about, and what examples run are
    commands of the table."""
    names = re.findall(r'^COMMAND\(\w+, "([^"]+)"', read(tree, "roles/program/commands.def"), re.M)
    for page in named(tree, r"docs/man/.*\.[15]\.scd"):
        examples = re.findall(r"^```\n(.*?)^```", "".join(re.split(r"\n# EXAMPLES?\n", tree[page])[1:]), re.M | re.S)
        if not examples:
            yield f"{page}: has no example"
        for words in re.findall(r"(?:^|\$\(|\* |situs |example )situs ([a-z]+(?: [a-z-]+)?)", "".join(examples), re.M):
            if words not in names and words.split()[0] not in names:
                yield f"{page}: its example runs situs {words}, which is no command"
        for name in names:
            about = posixpath.basename(page) == f"situs-{name.split()[0]}.1.scd"
            if about and not re.search(rf"\bsitus {name}\b", "".join(examples)):
                yield f"{page}: has no example of situs {name}"


def check_functions(tree):
    """Each public function has its page in section 3, and documents name no other."""
    public = re.findall(r"^SITUS_API\b[^;]*?\b(situs_\w+)\(", header(tree), re.M)
    pages = named(tree, r"docs/man/.*\.3\.scd")
    about = re.findall(r"\w+", " ".join(tree[page].split("\n")[4].split(" - ")[0] for page in pages))
    for name in public:
        if about.count(name) != 1:
            yield f"docs/man: {about.count(name)} pages of section 3 are about {name}"
    known = {*public, *(posixpath.basename(page).split(".")[0] for page in pages)}
    for name in sorted({*about} - known):
        yield f"docs/man: a page is about {name}, which situs.h does not declare"
    for path in named(tree, r".*\.(md|scd)"):
        if path != "CHANGELOG.md":
            for name in sorted({*re.findall(r"\b(situs_\w+)\*?\(", tree[path])} - known):
                yield f"{path}: names {name}, which situs.h does not declare"


def check_example(tree):
    """The structs of examples/verify.py have the members of the header's, in order."""
    structs = re.sub(r"/\*.*?\*/", "", header(tree), flags=re.S)
    for name, body in re.findall(r"^class (\w+)\(Structure\):\n(.*?)\n\n", read(tree, "examples/verify.py"), re.M | re.S):
        struct = re.search(rf"^struct situs_{name.lower()} \{{(.*?)^\}};", structs, re.M | re.S)
        members = re.findall(r"(\w+)(?:\[[^]]*\])?\s*[;,]", struct[1] if struct else "")
        if members != re.findall(r'"(\w+)"', body):
            yield f"examples/verify.py: {name} has not the members of struct situs_{name.lower()}"


def check_tests(tree):
    """A test or harness that no list names would never run."""
    tests = read(tree, "tests/meson.build")
    for path in named(tree, r"tests/[^/]*/test_[^/]*\.c"):
        if path[len("tests/"):-2] not in tests:
            yield f"tests/meson.build: does not list {path[len('tests/'):-2]}"
    listed = set(re.findall(r"'(fuzz_\w+)'", read(tree, "fuzz/meson.build")))
    there = {posixpath.basename(path)[:-2] for path in named(tree, r"fuzz/fuzz_[^/]*\.c")}
    for name in sorted(listed ^ there):
        yield f"fuzz: {name} is not both listed in fuzz/meson.build and there"
    seeded = set(re.findall(r"^(fuzz_\w+) ", read(tree, "fuzz/corpora.txt"), re.M))
    for name in sorted(there - seeded):
        yield f"fuzz: corpora.txt does not say what {name} starts from"


def check_negative_cases(tree):
    """Each negative case has its tests, or says why not; the tests are there under these names."""
    numbers = []
    for line in read(tree, NEGATIVE).splitlines():
        if not line or line.startswith("#"):
            continue
        number, _, where = (part.strip() for part in (line + " | | ").split(" | ")[:3])
        numbers.append(number)
        if where.startswith("- "):
            continue
        for place in where.split(";"):
            name, _, test = place.strip().partition(":")
            if not test or not re.search(rf'["( ]{re.escape(test)}[",).(]', read(tree, name)):
                yield f"{NEGATIVE}: {number} is at {place.strip()!r}, which is not there"
    if numbers != [f"N{i}" for i in range(1, 113)]:
        yield f"{NEGATIVE}: does not have N1 to N112, each once and in order"


def check_places(tree):
    for name, text in tree.items():
        for number, place, folder in bad_lines(text):
            if place:
                yield f"{name}:{number}: names a place on a machine"
            if folder and not name.startswith(SHARED_READERS):
                yield f"{name}:{number}: names a folder that users do not have"


def check_exits(tree):
    rows = re.findall(r'^EXIT\((\d), "(.*)"\)$', tree["roles/frame/exits.def"], re.M)
    for name, row in (("README.md", "| {} | {} |"), ("docs/man/situs.1.scd", " *{}*\n:< {}\n")):
        for number, sentence in rows:
            if row.format(number, sentence) not in tree[name]:
                yield f"{name}: exit {number} is not \"{sentence}\", as roles/frame/exits.def says"
    for number, _ in rows:
        if f"\n| {number} | " not in tree["docs/DESIGN.md"]:
            yield f"docs/DESIGN.md: exit {number} is in no table"


CHECKS = (check_exits, check_citations, check_named_files, check_values, check_tables, check_header, check_pages, check_examples,
          check_functions, check_example, check_tests, check_negative_cases, check_places)


def check(tree):
    return [line for checker in CHECKS for line in checker(tree)]


# Self-test: (file, text added to it, what the complaint must say).
BAD = [
    ("src/model/checks.def", 'CHECK(NO, "no.such", 6, ANY, 0, "s", "x", "y")\n', "names no.such"),
    ("src/model/checks.def", '// DESIGN 4\n', "DESIGN.md 4 by its number"),
    ("src/model/checks.def", 'CHECK(A, "b", 6, ANY, 0, "s", "DESIGN: massages, 1", "y")\n', "no section 'massages"),
    ("src/base/err.h", "/* DESIGN: messages, 2 and 99 */\n", "no rule 99 in 'messages'"),
    ("src/base/err.h", "/* as docs/DESIGN.md:\n * mess */\n", "no section 'mess "),
    ("docs/DESIGN.md", "see section *lost and found*\n", "no section 'lost and found"),
    ("docs/DESIGN.md", "see section 4, 1\n", "cites section 4 by its number"),
    ("docs/PROTOCOLS.md", "`WIRE_SECONDS` = 31\n", "WIRE_SECONDS is [30] in roles"),
    ("docs/PROTOCOLS.md", "`NO_SUCH_LIMIT` = 1\n", "NO_SUCH_LIMIT is [] in roles"),
    ("src/base/err.h", "/* PROTOCOLS: registrar, 77 */\n", "no rule 77 in 'registrar'"),
    ("docs/DESIGN.md", "### Messages\n", "two sections are named 'messages'"),
    ("src/base/err.h", "/* see base/nobody.h */\n", "names base/nobody.h"),
    ("STYLE.md", "as lost.md says\n", "names lost.md"),
    ("README.md", "[x](docs/DESIGN.md#lost)\n", "links to docs/DESIGN.md#lost"),
    ("README.md", "[x](docs/LOST)\n", "links to docs/LOST"),
    ("src/model/params.def", 'PARAM(NO, TDX_TCB, "no_such_key", FLAG, "", "s")\n', "no_such_key"),
    ("include/situs.h", "SITUS_API int situs_b(void);\n", "without a comment"),
    ("docs/man/situs-lost.1.scd", "situs-lost(1)\n", "situs-lost.1 is not both"),
    ("include/situs.h", "/* situs_b */\nSITUS_API int situs_b(void);\n", "0 pages of section 3 are about situs_b"),
    ("docs/man/situs_lost.3.scd", "situs_lost(3)\n\n# NAME\n\nsitus_lost, situs_gone - x\n", "is about situs_gone"),
    ("docs/man/situs_err.3.scd", "*situs_lost*(3)\n", "names situs_lost, which situs.h does not"),
    ("README.md", "see situs_lost()\n", "names situs_lost, which situs.h does not"),
    ("docs/man/situs_lost.5.scd", "situs-lost(5)\n\n# NAME\n", "has no example"),
    ("docs/man/situs_lost.5.scd", "x\n# EXAMPLES\n\n```\nsitus forgt x\n```\n", "runs situs forgt x, which is no"),
    ("roles/program/commands.def", 'COMMAND(no, "fleet no", "x", "x", HERE)\n', "has no example of situs fleet no"),
    ("examples/verify.py", 'class Seen(Structure):\n    _fields_ = [("kind", c_char_p)]\n\n', "Seen has not the members"),
    ("tests/base/test_lost.c", "", "does not list base/test_lost"),
    ("src/model/endorsements.def", 'ENDORSEMENT(NO, no, "x", OWN, WORD_OF_LISTS("no-list"))\n', "does not name no-list"),
    ("src/model/words.def", 'WORD(AK_PROVIDERS, "unwritten-provider", true)\n', "does not name unwritten-provider"),
    ("src/model/ak_profiles.def", "AK_PROFILE(NO, unwritten, NOTHING)\n", "does not name unwritten"),
    ("src/model/uses.def", 'USE(NO, "no-use", "s")\n', "does not explain no-use"),
    ("src/model/proofs.def", 'PROOF(NO, "no-proof", 0, 0, "s")\n', "no row for no-proof"),
    ("fuzz/fuzz_lost.c", "", "fuzz_lost is not both"),
    (NEGATIVE, "N113 | x | tests/lab/lab_cases.def:N1\n", "does not have N1 to N112"),
    (NEGATIVE, "N1 | x | tests/lab/lab_cases.def:N999\n", "which is not there"),
    (NEGATIVE, "N1 | x |\n", "which is not there"),
    ("README.md", "see /" + "home/me\n", "names a place"),
    ("README.md", "see " + SHARED + "x\n", "names a folder"),
]


def self_test(tree):
    for name, text, must_say in BAD:
        said = check({**tree, name: read(tree, name) + text})
        if not any(must_say in line for line in said):
            sys.exit(f"self-test: {name} with {text!r} passed")
    print(f"check_docs: {len(BAD)} bad trees refused")


def main():
    tree = read_tree(pathlib.Path(__file__).resolve().parent.parent)
    if sys.argv[1:] == ["--self-test"]:
        return self_test(tree)
    if sys.argv[1:]:
        sys.exit(__doc__)
    said = check(tree)
    print(*said, sep="\n", end="\n" if said else "")
    sys.exit(1 if said else 0)


main()
