"""situs audit verify: what it says of logs that are whole, cut, changed, moved and empty."""
import hashlib
import json

from situs_run import Case, main, situs


def log(first, last, prev="0" * 64):
    """(lines first to last as bytes, the SHA-256 of the last)."""
    lines = b""
    for n in range(first, last + 1):
        line = json.dumps({"n": n, "prev": prev, "at": 1764525600 + n, "policy": "guest"}).encode()
        prev = hashlib.sha256(line).hexdigest()
        lines += line + b"\n"
    return lines, prev


class Audit(Case):
    def no(self, *words, says, exit=6, out=""):
        done = situs("audit", "verify", *words)
        said = done.stderr.decode()
        self.assertEqual(done.returncode, exit, said)
        self.assertRegex(said, "situs: error: .*\n(.*\n)*situs: hint: ")
        for word in says:
            self.assertIn(word, said)
        self.assertIn(out, done.stdout.decode())

    def test_a_whole_log_is_told_with_its_head(self):
        lines, head = log(1, 3)
        out = self.accepted("audit", "verify", self.path("log", lines)).decode()
        self.assertEqual(out, "whole: lines 1 to 3 (3), 2025-11-30T18:00:01Z to 2025-11-30T18:00:03Z\n"
                              f"head: 3:{head}\n")

    def test_files_are_one_log_in_their_order(self):
        first, head = log(1, 2)
        second, last = log(3, 4, head)
        a, b = self.path("a", first), self.path("b", second)
        self.assertIn("lines 1 to 4 (4)", self.accepted("audit", "verify", a, b).decode())
        out = self.accepted("audit", "verify", b).decode()
        self.assertIn("lines 3 to 4 (2)", out)
        self.assertIn(f"follows: 2:{head}, which is not in these files\n", out)
        self.no(b, a, says=["a, line 1", "n at byte 0: mismatch: expected 5, got 1"], out=f"head: 4:{last}")

    def test_the_break_is_named(self):
        lines, _ = log(1, 3)
        for old, new, says in ((b'"guest"', b'"Guest"', ["log, line 2", "prev at byte ", ": mismatch: expected "]),
                               (b'"n": 2', b'"n": 3', ["log, line 2", "expected 2, got 3"])):
            self.no(self.path("log", lines.replace(old, new, 1)), says=says, out="whole until there: lines 1 to 1 (1)")
        self.no(self.path("log", lines[:-1]), says=["log, line 3", "a line that ends"], out="lines 1 to 2 (2)")
        gone = lines.split(b"\n")
        self.no(self.path("log", b"\n".join([gone[0], *gone[2:]])), says=["log, line 2", "expected 2, got 3"])

    def test_a_head_that_was_noted_must_be_met(self):
        lines, _ = log(1, 3)
        path, (_, head) = self.path("log", lines), log(1, 2)
        self.accepted("audit", "verify", path, "--head", f"2:{head}")
        self.no(path, "--head", f"2:{'1' * 64}", says=["log, line 2", "1" * 32, head[:32]])
        self.no(path, "--head", f"4:{head}", says=["the log was cut"], out="whole until there: lines 1 to 3")
        for wrong in ("2", f"0:{head}", f"2:{head}0", f"2{head}", ""):
            self.refused(1, "audit", "verify", path, "--head", wrong, says="--head")

    def test_json_says_the_same(self):
        lines, head = log(1, 2)
        good = json.loads(self.accepted("audit", "verify", "-j", self.path("log", lines)))
        self.assertEqual(good, {"holds": True, "lines": 2, "first": 1, "prev": "0" * 64, "first_at": "2025-11-30T18:00:01Z",
                                "last": 2, "last_at": "2025-11-30T18:00:02Z", "sha256": head})
        done = situs("audit", "verify", "-j", self.path("log", lines + lines))
        bad = json.loads(done.stdout)
        self.assertEqual((done.returncode, bad["holds"], bad["lines"], bad["error"]["code"], bad["error"]["line"],
                          bad["error"]["field"], bad["error"]["expected"], bad["error"]["got"]),
                         (6, False, 2, "mismatch", 3, "n", "3", "1"))

    def test_nothing_is_no_log(self):
        self.no(self.path("log", b""), says=["1 line or more"])
        self.no(self.path("none"), exit=1, says=["none"])
        self.refused(1, "audit", "verify")


if __name__ == "__main__":
    main()
