#!/usr/bin/env python3
"""check_layers.py [BUILD [MORE]] | --self-test: holds the tree to DESIGN: layers.

Includes go down the layers and rooms only; no files need each other in a circle; no two have one name; each outside
library has one folder; src/ has no writable state and calls nothing that reads the world; functions and files stay short,
and nobody takes more than 7 arguments; a function in a header is used outside its file, and not by tests alone. BUILD
is a build directory made without sanitizers (build): its libraries are looked at. MORE is one that has all archives of the
tree, for circles, however made; BUILD has them itself when it is left out. libsitus, shared and static, names what
situs.h declares and nothing else, needs few libraries, and has no object that situs.h does not reach.
"""
import atexit
import functools
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

# Lowest first; folders of one row are siblings and never include each other.
LAYERS = [{"base"}, {"codec"}, {"crypto"}, {"model"}, {"tee", "evidence", "endorse", "ear", "appraise"}, {"situs"}]
RANK = {folder: rank for rank, row in enumerate(LAYERS) for folder in row}
# codec/ is below everything that knows keys or claims: it may use base only, which RANK says too.
LIBRARIES = {"openssl/": "src/crypto/", "jansson.h": "src/codec/json", "tss2/": "roles/"}
NEEDED = ("libcrypto.so", "libjansson.so", "libc.so", "ld-linux")  # by libsitus.so

ROOT = pathlib.Path(__file__).resolve().parent.parent
MAX_FILE, MAX_FUNCTION, MAX_ARGUMENTS = 600, 80, 7
PRODUCT = ("src/", "roles/", "lab/")

# The rooms of roles/, which see all of src/, and of lab/, which sees both: lowest first, as LAYERS.
ROOMS = {
    "roles": [{"frame"}, {"wire", "collateral", "show", "program", "token", "audit", "database", "provider/fleet"},
              {"tpm", "verifier", "fetch", "continuity", "provider/registrar", "serve/http"},
              {"attester", "connect", "doctor", "host", "provider/desk", "serve/world", "watch"},
              {"serve/front", "serve/fetcher", "serve/judge"}, {"serve/gate", "serve/keeper"}, {"serve/supervisor"}],
    "lab": [{"intel"}, {"ca", "process"}, {"amd", "platform", "tpm"}, {"guest", "tsm"}, {"attacks"}, {"live"}, {"command"}],
}
ROLE_LIBRARIES = {"microhttpd.h": ("roles/serve/http/",), "seccomp.h": ("roles/serve/judge/",),
                  "sqlite3.h": ("roles/provider/fleet/", "roles/database/database_sqlite"),
                  "libpq-fe.h": ("roles/database/database_postgresql",), "curl/": ("roles/fetch/",),
                  "tss2/": ("roles/tpm/",)}

# Layers behind include/situs.h, and by name who of each group includes them: what asks for single pieces of
# evidence, or writes them. Whole appraisals (verify, connect, poe verify, the judge of the lab, the rows of the
# benchmark that call situs_verify) go through the door.
BEHIND = {"crypto", "model", "tee", "evidence", "endorse", "ear", "appraise", "situs"}
DOOR = {
    "roles": ([f"roles/{room}" for room in
               ("frame", "verifier", "collateral", "connect", "fetch", "show", "doctor", "program", "provider/desk", "serve",
                "token", "audit")], """
        alliance_jwt.c audit_line.c closed_look.h cmd_fleet_add.c cmd_fleet_compose.c cmd_pack.c cmd_poe_export.c cmd_policy_check.c cmd_policy_diff.c
        cmd_policy_explain.c cmd_signer_check.c cmd_trust_add.c cmd_trust_show.c cmd_unpack.c
        collateral_sort.c collateral_state.c desk.h desk_composition.c desk_inputs.c desk_lists.c desk_poe.c event_jwt.c fetcher_platforms.c
        judge_main.c judge_nursery.c keeper_nonce.c keeper_policies.c keeper_reports.c load.c machine_store.c peer_key.c
        main.c
        pack_tpm.c pack_tpm.h policy_form.h policy_json.c policy_json.h policy_new.c policy_new_pcrs.h
        policy_places.c record.c serve_dates.c serve_load.c serve_seen.c serve_seen.h show_cert.c show_cert.h show_kinds.c show_signed.c signer.c
        signer.h token.c token_check.c token_keys.c token_submods.c kds.c wanted.c wanted.h word.c"""),
    "lab": (["lab/attacks"], """
        attacks_boot.c attacks_google.c attacks_metal.c attacks_parties.c lab_azure.c lab_google.c lab_inventory.c lab_judge.c
        lab_judge.h lab_stage.h lab_words.c lab_words.h"""),
    "bench": (["bench"], """
        count.c rows_fleet.c rows_hostile.c rows_list.c rows_log.c rows_poe.c rows_tpm.c rows_words.c"""),
    "fuzz": (["fuzz"], """
        fuzz_ak_cert.c fuzz_audit.c fuzz_bundle.c fuzz_collateral.c fuzz_composition.c fuzz_crl.c fuzz_ecdsa.c fuzz_given.c fuzz_hcl.c fuzz_id_list.c
        fuzz_intel_cert.c fuzz_intel_crl.c fuzz_jws.c fuzz_maa.c fuzz_pem.c fuzz_platform_manifest.c fuzz_poe.c
        fuzz_policy.c fuzz_quote.c fuzz_qvl.c fuzz_revocation.c fuzz_snp.c fuzz_systemd_log.c fuzz_tcg_log.c
        fuzz_token.c fuzz_tpm_quote.c fuzz_trust.c fuzz_verify.c lab_seeds.c"""),
}

HEAP = {"malloc", "calloc", "realloc", "free", "strdup", "strndup", "asprintf", "vasprintf",
        "reallocarray", "aligned_alloc", "posix_memalign"}
HEAP_FOLDERS = ("src_crypto_", "src_codec_json")  # as meson names their objects
WORLD = {"printf", "fprintf", "vprintf", "vfprintf", "puts", "fputs", "putchar", "fputc", "putc",
         "fwrite", "perror", "syslog", "stdout", "stderr", "stdin", "fopen", "fdopen", "open", "openat",
         "read", "write", "socket", "connect", "time", "clock", "clock_gettime", "gettimeofday",
         "localtime", "localtime_r", "mktime", "timegm", "getenv", "secure_getenv", "setenv", "exit",
         "_exit", "abort", "rand", "random", "getrandom", "getentropy", "strtok", "setlocale",
         "__printf_chk", "__fprintf_chk", "__vprintf_chk", "__vfprintf_chk"}

INCLUDE = re.compile(r'^\s*#\s*include\s+["<]([^">]+)[">]')


def sources(root, *folders):
    """The C files below folders, as (path from root, lines)."""
    for folder in folders:
        for path in sorted((root / folder).rglob("*")):
            if path.suffix in (".c", ".h", ".def"):
                yield path.relative_to(root).as_posix(), path.read_text("utf-8").splitlines()


def check_includes(root):
    for path, lines in sources(root, "src"):
        folder = path.split("/")[1]
        for number, line in enumerate(lines, 1):
            match = INCLUDE.match(line)
            if not match:
                continue
            name = match[1]
            other = name.split("/")[0] if "/" in name else None
            for library, home in LIBRARIES.items():
                if name.startswith(library) and not path.startswith(home):
                    yield f"{path}:{number}: only {home} includes {name}"
            if other in ("roles", "lab", "tests", "fuzz", "bench"):
                yield f"{path}:{number}: src includes {name}"
            if folder == "codec" and other in RANK and other not in ("codec", "base"):
                yield f"{path}:{number}: codec may use base only, not {name}"
            elif other in RANK and other != folder and RANK[other] >= RANK[folder]:
                yield f"{path}:{number}: {folder} includes the higher or sibling layer {name}"


def room_of(path, tree):
    """(the room of tree that a path in it lies in, its rank); (None, None) when it is none."""
    return next(((room, rank) for rank, row in enumerate(ROOMS[tree]) for room in row if path.startswith(room + "/")),
                (None, None))


def check_rooms(root):
    """The rooms of roles/ and lab/; the lab stands above the roles that it plays."""
    for path, lines in sources(root, "src", "roles", "lab"):
        tree, _, inside = path.partition("/")
        room, rank = room_of(inside, tree) if tree in ROOMS else (None, None)
        if tree in ROOMS and not room:
            yield f"{path}: lies in no room; see ROOMS"
            continue
        for number, line in enumerate(lines, 1):
            name = match[1] if (match := INCLUDE.match(line)) else ""
            for library, home in ROLE_LIBRARIES.items():
                if name.startswith(library) and not path.startswith(home):
                    yield f"{path}:{number}: only {' and '.join(home)} includes {name}"
            if name.startswith("lab/") and tree == "roles":
                yield f"{path}:{number}: roles includes {name}"
            other, above = room_of(name.removeprefix("lab/"), tree) if room else (None, None)
            if other and other != room and above >= rank:
                yield f"{path}:{number}: {room} includes the higher or sibling room {name}"


def check_door(root):
    """What appraises whole evidence stands before the door, include/situs.h; who stands behind it is named."""
    for group, (folders, names) in DOOR.items():
        behind = set()
        for path, lines in sources(root, *folders):
            inside = [f"{path}:{number}: before the door it may not include {match[1]}; see DOOR"
                      for number, line in enumerate(lines, 1)
                      if (match := INCLUDE.match(line)) and match[1].split("/")[0] in BEHIND]
            name = path.split("/")[-1]
            if inside:
                behind.add(name)
            if name not in names.split():
                yield from inside
        if any((root / folder).is_dir() for folder in folders):
            for name in sorted(set(names.split()) - behind):
                yield f"DOOR: {group}: {name} is not there, or does not stand behind the door"


def check_sizes(root):
    for path, lines in sources(root, "include", "src", "examples", "roles", "lab", "tests", "fuzz", "bench"):
        if len(lines) > MAX_FILE:
            yield f"{path}: {len(lines)} lines, more than {MAX_FILE}"
        start = None
        for number, line in enumerate(lines, 1):  # clang-format puts the braces of functions at column 0
            if line == "{":
                start = number
            elif line == "}" and start:
                if number - start - 1 > MAX_FUNCTION:
                    yield f"{path}:{start}: a function of {number - start - 1} lines, more than {MAX_FUNCTION}"
                start = None


COMMENT_OR_TEXT = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:[^"\\\n]|\\.)*"', re.S)
# A function's head at the start of a line, or the type of a pointer to one; its name and its arguments.
TAKES = re.compile(r"^(?!#)[A-Za-z][\w *]*?\b(\w+)\(([^;{}]*)\)[^;{}()]*[;{]|\(\*(\w+)\)\(([^;{}]*?)\);", re.M)

DICTATED = {("roles/serve/http/http_server.c", "access_handler")}  # by a library: MHD_AccessHandlerCallback


def check_arguments(root):
    for path, lines in sources(root, "include", "src", "examples", "roles", "lab", "tests", "fuzz", "bench"):
        for match in TAKES.finditer(COMMENT_OR_TEXT.sub(" ", "\n".join(lines))):
            text = match[2] or match[4] or ""
            while text != (text := re.sub(r"[(\[][^()\[\]]*[)\]]", "", text)):
                pass
            name = match[1] or match[3]
            if (count := text.count(",") + 1) > MAX_ARGUMENTS and (path, name) not in DICTATED:
                yield f"{path}: {name} takes {count} arguments, more than {MAX_ARGUMENTS}"


def check_names(root):
    """No two files of one name: a name says which file is meant, in comments, messages and talk."""
    seen = {}
    for path, _ in sources(root, *PRODUCT):
        other = seen.setdefault(path.split("/")[-1], path)
        if other != path:
            yield f"{path}: has the name of {other}"


# A function's head at the start of a line, then ; or {
HEAD = re.compile(r"^(?!static|typedef|extern|#)([A-Za-z][\w *]*?\b(\w+)\([^;{}]*\)[^;{}()]*)([;{])", re.M)


def check_users(root):
    """A function that a header declares is defined, used outside its file, and used by more than tests."""
    declared, defined_in, used_in = {}, {}, {}
    for path, lines in sources(root, "include", "src", "roles", "lab", "tests", "fuzz", "bench"):
        text = COMMENT_OR_TEXT.sub(" ", "\n".join(lines))
        for _, name, end in HEAD.findall(text):
            if end == "{":
                defined_in.setdefault(name, set()).add(path)
            elif path.startswith(PRODUCT) and path.endswith(".h"):
                declared[name] = path
        for name in re.findall(r"\w+", HEAD.sub(r"\3", text)):
            used_in.setdefault(name, set()).add(path)
    for name, header in sorted(declared.items()):
        home = {path for path in defined_in.get(name, ()) if path.startswith(PRODUCT)}
        users = used_in.get(name, set())
        if not home:
            yield f"{header}: {name} is defined nowhere"
        elif not users - home:
            yield f"{header}: nothing but its own file uses {name}: make it static, or take it out"
        elif not header.startswith("lab/") and not any(path.startswith(PRODUCT) for path in users):
            yield f"{header}: only tests use {name}"


def tool(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def check_objects(library):
    member = ""
    for line in tool("objdump", "-t", str(library)).splitlines():
        if line.rstrip().endswith(("elf64-x86-64", "elf64-littleaarch64")):
            member = line.split(":")[0].split("/")[-1]
        fields = re.match(r"[0-9a-f]{16} (.{7}) (\S+)\s+[0-9a-f]{16}\s+(?:\.hidden )?(\S+)$", line)
        if not fields:
            continue
        flags, section, name = fields.groups()
        writable = section.startswith((".data", ".bss", ".tdata", ".tbss", "*COM*"))
        if writable and not section.startswith(".data.rel.ro") and "d" not in flags:
            yield f"{member}: {name} is writable and lives as long as the program ({section})"
        if section != "*UND*":
            continue
        if name in WORLD:
            yield f"{member}: calls {name}; src/ does no input, output, clock, environment"
        if name in HEAP and not member.startswith(HEAP_FOLDERS):
            yield f"{member}: calls {name}; memory is the caller's arena"


def public_names(root):
    header = "".join(path.read_text("utf-8") for path in root.glob("include/situs*.h"))
    return set(re.findall(r"^SITUS_API[^;]*?\b(\w+)\(", header, re.M))


def defined(*command):
    return {line.split()[-1] for line in tool(*command).splitlines() if len(line.split()) == 3}


def check_exports(root, build):
    public = public_names(root)
    shared, static = build / "libsitus.so", build / "libsitus.a"
    for library, names in ((shared, defined("nm", "-D", "--defined-only", str(shared))),
                           (static, defined("nm", "-g", "--defined-only", str(static)))):
        for name in sorted(names - public):
            yield f"{library.name}: exports {name}, which situs.h does not declare"
        for name in sorted(public - names):
            yield f"{library.name}: does not export {name}, which situs.h declares"
    for needed in re.findall(r"\(NEEDED\).*\[(.*)\]", tool("readelf", "-d", str(shared))):
        if not needed.startswith(NEEDED):
            yield f"{shared.name}: needs {needed}"


def symbols(archive):
    """{object: (the names it defines for others, the names it takes from others)}"""
    members = {}
    for line in tool("nm", "-A", str(archive)).splitlines():
        match = re.match(r"(?:.*[:/])?(\S+\.o):\S* +(\w) (\S+)$", line)
        if match:
            names = members.setdefault(match[1], (set(), set()))
            if match[2] == "U":
                names[1].add(match[3])
            elif match[2].isupper():
                names[0].add(match[3])
    return members


def check_reached(root, archive):
    members = symbols(archive)
    home = {name: member for member, (names, _) in members.items() for name in names}
    reached, next_names = set(), public_names(root)
    while next_names:
        found = {home[name] for name in next_names if name in home} - reached
        reached |= found
        next_names = set().union(*(members[member][1] for member in found))
    for member in sorted(members.keys() - reached):
        yield f"{member}: no function of situs.h reaches it; it is no part of the verifier"


def circles(takes):
    """The circles of {who: those that he takes from}: Tarjan's strongly connected components of more than one."""
    index, low, stack, found = {}, {}, [], []

    def visit(who):
        index[who] = low[who] = len(index)
        stack.append(who)
        for other in takes.get(who, ()):
            if other not in index:
                visit(other)
            if other in stack:
                low[who] = min(low[who], low[other])
        if low[who] == index[who]:
            circle = [stack.pop()]
            while circle[-1] != who:
                circle.append(stack.pop())
            if len(circle) > 1:
                found.append(sorted(circle))

    for who in sorted(takes):
        if who not in index:
            visit(who)
    return found


def check_circles(root, build):
    """What the files of our archives call, and the data they take: never in a circle."""
    members = {f"{archive.stem} {member}": names
               for archive in sorted(build.rglob("*.a")) if archive.stem != "libsitus" and "tests" not in archive.parts
               for member, names in symbols(archive).items()}
    if (root / "roles").is_dir() and not any(member.startswith("libroom_") for member in members):
        yield f"{build}: no room of roles/ is built there"
    home = {name: member for member, (names, _) in members.items() for name in names}
    takes = {member: {home[name] for name in names if name in home} - {member}
             for member, (_, names) in members.items()}
    for circle in circles(takes):
        yield "a circle of files: " + ", ".join(member.removesuffix(".c.o") for member in circle)


def check(root, build, more=None):
    yield from check_includes(root)
    yield from check_rooms(root)
    yield from check_door(root)
    yield from check_sizes(root)
    yield from check_arguments(root)
    yield from check_names(root)
    yield from check_users(root)
    yield from check_objects(build / "libverifier.a")
    yield from check_objects(build / "libissue.a")
    yield from check_exports(root, build)
    yield from check_reached(root, build / "libverifier.a")
    yield from check_circles(root, more or build)


SHOWN = '__attribute__((visibility("default"))) '
OTHER = f"{SHOWN}void other(void);\nvoid other(void)\n{{\n}}\n"
GONE = "SITUS_API void situs_f(void);\nSITUS_API const struct situs_item *\nsitus_gone(struct situs_item i);\n"

# Self-test: (file, text, what the complaint must say). Each breaks one rule.
BAD = [
    ("src/base/up.c", '#include "crypto/digest.h"\n', "higher or sibling layer crypto/digest.h"),
    ("src/evidence/side.c", '#include "tee/intel/tcb.h"\n', "higher or sibling layer tee"),
    ("src/codec/key.c", '#include "crypto/p256.h"\n', "codec may use base only"),
    ("src/model/ssl.c", "#include <openssl/evp.h>\n", "only src/crypto/ includes"),
    ("src/model/j.c", "#include <jansson.h>\n", "only src/codec/json includes"),
    ("src/evidence/t.c", "#include <tss2/tss2_mu.h>\n", "only roles/ includes"),
    ("roles/frame/s.c", "#include <sqlite3.h>\n", "only roles/provider/fleet/ and roles/database/database_sqlite includes sqlite3.h"),
    ("roles/verifier/c.c", "#include <curl/curl.h>\n", "only roles/fetch/ includes curl/curl.h"),
    ("roles/host/t.c", "#include <tss2/tss2_esys.h>\n", "only roles/tpm/ includes tss2/tss2_esys.h"),
    ("roles/wire/up.c", '#include "attester/attest.h"\n', "wire includes the higher or sibling room attester/"),
    ("roles/show/side.c", '#include "collateral/collateral.h"\n', "show includes the higher or sibling room coll"),
    ("roles/provider/fleet/up.c", '#include "provider/desk/desk.h"\n', "provider/fleet includes the higher or"),
    ("roles/attic/a.c", "", "lies in no room"),
    ("lab/intel/up.c", '#include "lab/live/lab_live.h"\n', "intel includes the higher or sibling room lab/live"),
    ("src/base/ring.c", "void situs_f(void);\nvoid ring(void);\nvoid ring(void)\n{\n    situs_f();\n}\n",
     "a circle of files: libverifier src_base_ring"),
    ("roles/frame/l.c", "#include \"lab/live/lab_live.h\"\n", "roles includes lab/live/lab_live.h"),
    ("src/situs/r.c", '#include "roles/frame.h"\n', "src includes roles/frame.h"),
    ("roles/frame/d.c", '#include "situs/evidence_verify.h"\n', "before the door it may not include situs/evidence_verify.h"),
    ("bench/rows_tdx.c", '#include "situs.h"\n', "rows_log.c is not there, or does not stand behind the door"),
    ("roles/frame/twin.h", "", "roles/frame/twin.h: has the name of src/base/twin.h"),
    ("src/base/long.c", "\n" * 601, "601 lines"),
    ("src/base/tall.c", "void g(void);\nvoid f(void)\n{\n" + "    g();\n" * 81 + "}\n", "a function of 81 lines"),
    ("src/base/many.c", "static int many(int a, int b, int c,\n    int d, int e, int f, int g,\n    int h)\n{\n    return a;\n}\n",
     "many takes 8 arguments"),
    ("src/base/visit.h", "typedef void (*visit)(int a, int b[2], void (*c)(int), int d, int e, int f, int g, int h);",
     "visit takes 8 arguments"),
    ("src/base/state.c", "int count;\nint *f(void);\nint *f(void)\n{\n    return &count;\n}\n",
     "count is writable"),
    ("src/base/local.c", "int f(void);\nint f(void)\n{\n    static int n;\n    return ++n;\n}\n",
     "is writable"),
    ("src/base/heap.c", "#include <stdlib.h>\nvoid *f(void);\nvoid *f(void)\n{\n    return malloc(9);\n}\n",
     "calls malloc"),
    ("src/base/clock.c", "#include <time.h>\nlong f(void);\nlong f(void)\n{\n    return time(0);\n}\n",
     "calls time"),
    ("src/base/env.c", "#include <stdlib.h>\nchar *f(void);\nchar *f(void)\n{\n    return getenv(\"A\");\n}\n",
     "calls getenv"),
    ("src/base/talk.c", "#include <stdio.h>\nvoid f(int);\nvoid f(int n)\n{\n    printf(\"%d\", n);\n}\n",
     "calls printf"),
    ("src/situs/so.c", OTHER, "libsitus.so: exports other"),
    ("src/situs/a.c", OTHER, "libsitus.a: exports other"),
    ("include/situs.h", GONE, "libsitus.so: does not export situs_gone"),
    ("include/situs.h", GONE, "libsitus.a: does not export situs_gone"),
    ("src/situs/sine.c", "double sin(double);\ndouble f(double);\ndouble f(double a)\n{\n    return sin(a);\n}\n",
     "needs libm.so"),
    ("src/base/gone.h", "bool gone(int a,\n          int b);\n", "gone is defined nowhere"),
    ("src/base/own.h", "int own(int a);\nint own(int a)\n{\n    return a ? own(0) : a; /* else */\n}\n",
     "nothing but its own file uses own"),
    ("src/base/kept.h", "int kept(void);\nint kept(void)\n{\n    return 0;\n}\n", "only tests use kept"),
    ("src/model/alone.c", "void alone(void);\nvoid alone(void)\n{\n}\n", "no function of situs.h reaches it"),
]
GOOD = ("src/crypto/good.c", '#include "base/span.h"\n#include <stdlib.h>\n'
        "extern const char *const names[];\nconst char *const names[] = {\"a\"};\n"
        f"{SHOWN}void *situs_f(void);\nvoid *situs_f(void)\n{{\n    return malloc(9);\n}}\n")


@functools.lru_cache(None)
def libraries(text, stem):
    """What is built of a tree with this code in one file, and the one function of its situs.h."""
    root = pathlib.Path(tempfile.mkdtemp(prefix="check_layers."))
    atexit.register(shutil.rmtree, root)
    source = root / "source.c"
    source.write_text(text)
    objects = [str(root / (stem + ".o"))]
    flags = ("-O1", "-fPIC", "-fvisibility=hidden", "-c", "-o")
    tool("cc", *flags, objects[0], str(source))
    if "situs_f(void)\n{" not in text:
        body = "    ring();\n" if "ring(" in text else ""
        source.write_text(f"void ring(void);\n{SHOWN}void situs_f(void);\nvoid situs_f(void)\n{{\n{body}}}\n")
        objects += [str(root / "src_situs_f.c.o")]
        tool("cc", *flags, objects[1], str(source))
    tool("ar", "rcs", str(root / "libverifier.a"), *objects)
    tool("ar", "rcs", str(root / "libissue.a"))
    tool("cc", "-shared", "-o", str(root / "libsitus.so"), *objects, "-Wl,--as-needed", "-lm")
    tool(str(ROOT / "tools/hide_symbols.sh"), str(root / "libsitus.a"), "objcopy", "ar", "cc", "--", *objects)
    return root


def complaints(name, text):
    """What is said about a tree that holds this one file beside src/base/twin.h and the one function of its situs.h."""
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        (root / "include").mkdir()
        (root / "include/situs.h").write_text("SITUS_API void situs_f(void);\n")
        (root / "tests").mkdir()
        (root / "tests/test_kept.c").write_text("int main(void)\n{\n    return kept();\n}\n")
        (root / "src/base").mkdir(parents=True)
        (root / "src/base/twin.h").write_text("")
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        # Only what defines something needs compiling; the includes of this tree lead nowhere here.
        built = libraries(*((re.sub(r'#include ".*', "", text), name.replace("/", "_")) if "{" in text else ("", "none")))
        return list(check(root, built))


def self_test():
    for name, text, must_say in BAD:
        said = complaints(name, text)
        if not any(must_say in line for line in said):
            sys.exit(f"self-test: {name} passed; said {said}")
    said = complaints(*GOOD)
    if said:
        sys.exit(f"self-test: {GOOD[0]} was refused: {said}")
    print(f"check_layers: {len(BAD)} bad trees refused")


def main():
    if sys.argv[1:] == ["--self-test"]:
        return self_test()
    if len(sys.argv) > 3:
        sys.exit(__doc__)
    said = list(check(ROOT, *map(pathlib.Path, sys.argv[1:] or ["build"])))
    print(*said, sep="\n", end="\n" if said else "")
    sys.exit(1 if said else 0)


main()
