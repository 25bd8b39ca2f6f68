"""The audit log of a running service: nothing is answered that is not in it, whatever happens to service and disk."""
import base64
import hashlib
import json
import pathlib
import resource

from serve_run import Case, Service, main, situs, until

EVIDENCE = base64.b64encode(b"no evidence at all").decode()


class Audit(Case):
    def setUp(self):
        super().setUp()
        self.log = pathlib.Path(self.dir, "audit.log")
        self.configuration = {
            "listen": "127.0.0.1:0", "base": "https://verifier.example", "default": "a",
            "policies": {"a": {"policy": "genuine"}}, "limits": {"judges": 2}, "audit": {"file": str(self.log)}}

    def service(self):
        return Service(self.dir, self.configuration)

    def lines(self):
        return [json.loads(line) for line in self.log.read_text().splitlines()]

    def whole(self, *files):
        done = situs("audit", "verify", "-j", *(files or [self.log]))
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    @staticmethod
    def appraise(s):
        return s.post("/v1/verify", policy="a", evidence=EVIDENCE)

    def test_each_answer_has_its_line(self):
        with self.service() as s:
            for _ in range(3):
                self.assertEqual(self.appraise(s)[0], 200)
            self.assertEqual(s.post("/v1/verify", policy="none", evidence=EVIDENCE)[0], 404)
            said = until(lambda: [line for line in s.said().splitlines() if '"ask"' in line and '"exit"' in line][2:]
                         and s.said())
        asks = [json.loads(line)["ask"] for line in said.splitlines() if '"exit"' in line and '"ask"' in line]
        lines = self.lines()
        self.assertEqual([line["ask"] for line in lines], asks)
        self.assertEqual({(line["policy"], line["verdict"], line["exit"], line["archived"], line["judges"]) for line in lines},
                         {("a", "no", 2, True, 1)})
        self.assertNotIn("jti", lines[0])
        self.assertEqual(self.whole()["lines"], 3)

    def test_a_full_disk_is_503_and_mends_itself(self):
        with self.service() as s:
            self.assertEqual(self.appraise(s)[0], 200)
            keeper = s.pids()["situs-keeper"]
            limit = resource.prlimit(keeper, resource.RLIMIT_FSIZE)
            resource.prlimit(keeper, resource.RLIMIT_FSIZE, (self.log.stat().st_size + 100, limit[1]))
            status, problem = self.appraise(s)
            self.assertEqual((status, problem["type"].split("/")[-1].split(":")[-1]), (503, "store"), problem)
            self.assertNotIn(self.dir, json.dumps(problem))
            self.assertEqual(self.whole()["lines"], 1)
            resource.prlimit(keeper, resource.RLIMIT_FSIZE, limit)
            self.assertEqual(self.appraise(s)[0], 200)
        self.assertEqual(self.whole()["lines"], 2)

    def test_a_keeper_that_is_killed_leaves_a_chain(self):
        with self.service() as s:
            for _ in range(2):
                self.assertEqual(self.appraise(s)[0], 200)
                with self.log.open("a") as f:
                    f.write('{"n":2,"prev":"')  # the rest was never written
                s.kill("situs-keeper")
            self.assertEqual(s.said().count("a line that was not whole, 15 bytes, is taken away"), 2)
            self.assertEqual(self.appraise(s)[0], 200)
        self.assertEqual(self.whole()["lines"], 3)

    def test_a_reload_and_a_log_that_is_moved_away_keep_the_chain(self):
        with self.service() as s:
            self.assertEqual(self.appraise(s)[0], 200)
            aside = self.log.rename(self.path("aside"))
            s.reload()
            self.assertEqual(self.appraise(s)[0], 200)
        self.assertEqual(self.whole(aside, self.log)["lines"], 2)

    def test_a_log_that_was_cut_is_not_served_with(self):
        with self.service() as s:
            self.appraise(s)
            first = self.log.read_bytes()
            self.appraise(s)
        self.log.write_bytes(first)
        done = situs("serve", "--config", self.path("serve.json", json.dumps(self.configuration).encode()))
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"expected 2, got 1", done.stderr)
        self.log.rename(self.path("aside"))
        with self.service() as s:
            self.assertEqual(self.appraise(s)[0], 200)
        self.assertEqual(self.lines()[0]["n"], 3)

    def test_a_longer_log_in_its_place_is_not_served_with(self):
        head, config = pathlib.Path(str(self.log) + "-head"), json.dumps(self.configuration).encode()
        with self.service() as s:
            for _ in range(2):
                self.appraise(s)
        own, last = self.log.read_bytes(), head.read_bytes()
        self.log.unlink()
        head.unlink()
        with self.service() as s:
            for _ in range(3):
                s.post("/v1/verify", policy="a", evidence=EVIDENCE[4:])  # else all may be as before, within one second
        self.assertEqual(len(self.lines()), 3)
        head.write_bytes(last)
        done = situs("serve", "--config", self.path("serve.json", config))
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"audit.log: noted at byte", done.stderr)
        # The same log, ahead of its head: who wrote it was ended between the two.
        self.log.write_bytes(own)
        head.write_text(f"{1:020} {hashlib.sha256(own.splitlines()[0]).hexdigest()}\n")
        with self.service() as s:
            self.assertEqual(self.appraise(s)[0], 200)
        self.assertEqual(self.whole()["lines"], 3)

    def test_its_configuration_is_as_strict_as_the_rest(self):
        for wrong in ("x", {}, {"file": ""}, {"file": "a", "size": 1}, {"file": "a", "size_bytes": 1}):
            self.configuration["audit"] = wrong
            self.refused(1, "serve", "--check", "--config",
                         self.path("serve.json", json.dumps(self.configuration).encode()), says="audit")


if __name__ == "__main__":
    main()
