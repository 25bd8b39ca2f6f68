"""situs watch: services that a test plays, honest ones and others, and a real one with machines that nobody answers for."""
import contextlib
import fcntl
import http.server
import json
import os
import pty
import signal
import socket
import struct
import subprocess
import sys
import termios
import threading
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "serve"))
from serve_run import BOUND, PLAIN, SITUS, Case, Service, main, situs, until  # noqa: E402
from situs_run import SOURCE  # noqa: E402

WATCH = os.path.join(os.path.dirname(SITUS), "situs-watch")


def stamp(ago=0):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - ago))


def machine(name, state="live", **more):
    m = {"machine": name, "policy": "p", "state": state, "within_seconds": 60,
         "span": {"number": 1, "began_by": "began", "since": stamp(3600), "last": stamp(3)}, **more}
    if state == "broken":
        m = {"reason": "silence", "whose": "machine", "broken_at": stamp(60), **m}
    return m


class Fake(http.server.ThreadingHTTPServer):
    """Tells these machines, two a page; status and body instead, where they are set."""
    daemon_threads = True

    def __init__(self, machines=(), events=None, port=0):
        super().__init__(("127.0.0.1", port), Handler)
        self.machines, self.events, self.age, self.count = list(machines), events or {}, 0, None
        self.status, self.body, self.kind, self.asked = 200, None, "application/json", []
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request, client_address):
        pass

    def answer(self, path):
        self.asked.append(path)
        way, _, query = path.partition("?")
        after = query.removeprefix("after=")
        if self.status != 200 or self.body is not None:
            return self.status, self.body or b"{}"
        if way == "/v1/machines":
            left = sorted((m for m in self.machines if m["machine"] > after), key=lambda m: m["machine"])
            return 200, json.dumps({"at": stamp(self.age), "machines": left[:2], "more": len(left) > 2}).encode()
        events = self.events.get(way.split("/")[3])
        if events is None:
            return 404, b"{}"
        left = [e for e in events if e["number"] > int(after)]
        return 200, json.dumps({"events": left[:2], "more": len(left) > 2, "count": self.count or len(events)}).encode()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.shutdown()
        self.server_close()


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        status, body = self.server.answer(self.path)
        self.send_response(status)
        self.send_header("Content-Type", self.server.kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def once(*words):
    done = situs("watch", *words)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


class Once(Case):
    def test_the_whole_list_is_read_and_the_worst_state_is_the_exit_code(self):
        with Fake([machine(f"m{i}", site="hall 1") for i in range(5)]) as f:
            code, out, _ = once(f.url + "/", "--once")
            self.assertEqual(code, 0)
            self.assertEqual([word for word in out.split() if word[:1] == "m" and word[1:].isdigit()], [f"m{i}" for i in range(5)])
            self.assertEqual(f.asked, ["/v1/machines", "/v1/machines?after=m1", "/v1/machines?after=m3"])
            f.machines[3] = machine("m3", "broken")
            code, out, _ = once(f.url, "--once", "-j")
            told = json.loads(out)
            self.assertEqual((code, told["exit"], told["worst"], len(told["machines"])), (6, 6, "broken", 5))
            self.assertEqual([m["reason"] for m in told["machines"] if m["state"] == "broken"], ["silence"])
            f.machines[3] = machine("m3", "late")
            self.assertEqual(once(f.url, "--once")[0], 9)
            f.machines = []
            code, out, _ = once(f.url, "--once")
            self.assertEqual(code, 6)
            self.assertIn("nothing is known of any", out)

    def test_who_gives_no_answer_has_no_list(self):
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            for address in (f"http://127.0.0.1:{s.getsockname()[1]}", self.path("socket")):
                code, out, err = once(address, "--once")
                self.assertEqual((code, out), (7, ""))
                self.assertIn("situs: hint: ", err)
        for status, code in ((404, 1), (403, 6), (421, 7), (500, 7), (503, 7), (302, 2)):
            with Fake([machine("a")]) as f:
                f.status = status
                got, out, err = once(f.url, "--once")
                self.assertEqual((got, out), (code, ""), (status, err))
                self.assertIn("situs: hint: ", err)

    def test_an_answer_of_another_kind_is_none(self):
        for body, kind in ((b"{", "application/json"), (b"<html>", "text/html"), (b'{"machines":[],"more":false}', "application/json"),
                           (b"{}" + b" " * (1 << 20), "application/json")):
            with Fake() as f:
                f.body, f.kind = body, kind
                code, out, err = once(f.url, "--once")
                self.assertEqual((code, out), (2, ""), err)

    def test_a_service_that_says_more_for_ever_is_refused(self):
        with Fake() as f:
            f.body = json.dumps({"at": stamp(), "machines": [machine("a")], "more": True}).encode()
            self.assertEqual(once(f.url, "--once")[0], 2)
            self.assertLess(len(f.asked), 4)

    def test_an_old_answer_is_told_as_such(self):
        with Fake([machine("a")]) as f:
            f.age = 3600
            code, out, _ = once(f.url, "--once")
            self.assertEqual(code, 7)
            self.assertIn("STALE", out)
            self.assertTrue(json.loads(once(f.url, "--once", "-j")[1])["stale"])

    def test_what_was_not_observed_since_is_told(self):
        with Fake([machine("a", "late", observed=False)]) as f:
            code, out, _ = once(f.url, "--once")
            self.assertEqual(code, 9)
            self.assertIn("not observed since the last answer", out)

    def test_an_address_is_as_strict_as_any(self):
        for address in ("http://verifier.example", "ftp://a", "a", "https://user@host", "unix:relative", "/" + "a" * 200):
            code, out, err = once(address, "--once")
            self.assertEqual((code, out), (1, ""), address)
            self.assertIn("situs: hint: ", err)
        self.assertEqual(once("https://localhost", "--timeout", "0")[0], 1)
        self.assertEqual(once("https://localhost", "--every", "x")[0], 1)


class Goes(Case):
    @contextlib.contextmanager
    def run_it(self, *words, stdout=subprocess.PIPE, env=None):
        with subprocess.Popen([WATCH, "watch", *words, "--every", "1"], stdout=stdout, stderr=subprocess.PIPE, text=True,
                              env={**PLAIN, **(env or {})}) as child:
            try:
                yield child
            finally:
                child.kill()

    def test_a_line_for_each_change_where_nobody_looks(self):
        with Fake([machine("a"), machine("b")]) as f, self.run_it(f.url) as child:
            self.assertIn("/a live since ", child.stdout.readline())
            self.assertIn("/b live since ", child.stdout.readline())
            f.machines[1] = machine("b", "broken")
            self.assertIn("/b broken since ", child.stdout.readline())
            f.machines = f.machines[1:]
            self.assertIn("/a gone", child.stdout.readline())
            f.status = 503
            self.assertIn("status 503", child.stderr.readline())
            f.status = 200
            self.assertIn("it answers again", child.stderr.readline())
            f.age = 3600
            self.assertIn("STALE", child.stderr.readline())
            child.send_signal(signal.SIGTERM)
            self.assertEqual((child.wait(BOUND), child.stdout.read()), (7, ""))

    def test_json_never_ends_with_a_yes_that_is_no_more(self):
        with Fake([machine("a")]) as f, self.run_it(f.url, "-j") as child:
            def line():
                said = json.loads(child.stdout.readline())
                return said["exit"], said["stale"]
            self.assertEqual(line(), (0, False))
            f.status = 503
            self.assertEqual(line()[0], 7)
            f.status = 200
            self.assertEqual(line(), (0, False))
            f.age = 3600
            self.assertEqual(line(), (7, True))

    def test_a_simulation_is_said_to_be_one(self):
        with Fake([machine("a", policy="simulated-metal")]) as f:
            self.assertIn("SIMULATED, no real machine", once(f.url, "--once")[1])

    def screen(self, f, env, says):
        """What a terminal of 12 lines is written until it has said so, and the exit code."""
        here, there = pty.openpty()
        fcntl.ioctl(there, termios.TIOCSWINSZ, struct.pack("HHHH", 12, 120, 0, 0))
        with self.run_it(f.url, stdout=there, env={"TERM": "xterm", **env}) as child:
            os.close(there)
            out = b""
            for word, then in says:
                while word not in out:
                    out += os.read(here, 65536)
                then()
            child.send_signal(signal.SIGINT)
            code = child.wait(BOUND)
        os.close(here)
        return code, out

    def test_a_terminal_is_drawn_anew(self):
        with Fake([machine("a", site="\x1b[2Jhall")]) as f:
            def breaks():
                f.machines[0] = machine("a", "broken")

            def fails():
                f.status = 503
            code, out = self.screen(f, {"NO_COLOR": ""}, [(b"live", breaks), (b"broken", fails), (b"NO ANSWER since", lambda: None)])
            self.assertEqual(code, 7)
            self.assertIn(b"\x1b[32mlive", out)
            self.assertIn(b"<U+001B>[2Jhall", out)
            self.assertEqual(out.count(b"\x1b[2J"), 1)

    def test_no_colour_where_none_is_wanted(self):
        with Fake([machine("a")]) as f:
            code, out = self.screen(f, {"NO_COLOR": "1"}, [(b"live", lambda: None)])
            self.assertEqual(code, 0)
            self.assertNotIn(b"\x1b[32m", out)


def event(number, kind, span, nth, **more):
    return {"number": number, "nth": nth, "at": stamp(100 - number), "event": kind, "span": span, **more}


class History(Case):
    EVENTS = [event(2, "began", 1, 1), event(5, "broken", 1, 2, reason="silence", whose="machine"), event(9, "re-endorsed", 2, 3)]

    def test_events_are_told_in_their_order_with_what_they_made(self):
        with Fake(events={"a": self.EVENTS}) as f:
            code, out, _ = once("history", "a", "--of", f.url)
            self.assertEqual(code, 0)
            rows = out.splitlines()[1:]
            self.assertEqual([row.split()[0] for row in rows], ["2", "5", "9"])
            self.assertIn("live   -> broken", rows[1])
            self.assertIn("broken: silence, on the side of the machine", rows[1])
            told = json.loads(once("history", "a", "--of", f.url, "-j")[1])
            self.assertEqual([(e["from"], e["to"]) for e in told["events"]], [("new", "live"), ("live", "broken"), ("broken", "live")])
            self.assertTrue(told["whole"])

    def test_one_that_is_missing_is_told(self):
        for i in range(3):
            with Fake(events={"a": self.EVENTS[:i] + self.EVENTS[i + 1:]}) as f:
                f.count = 3  # of the last one that alone knows
                code, out, err = once("history", "a", "--of", f.url)
                self.assertEqual(code, 6)
                self.assertIn("MISSING: event " + str(i + 1), out)
                self.assertIn("has a gap", err)
                self.assertFalse(json.loads(once("history", "a", "--of", f.url, "-j")[1])["whole"])

    def test_an_unknown_machine_is_no_empty_history(self):
        with Fake(events={"a": []}) as f:
            self.assertEqual(once("history", "b", "--of", f.url)[:2], (1, ""))
            self.assertEqual(once("history", "../a", "--of", f.url)[:2], (2, ""))
            self.assertEqual(once("history", "a")[:2], (1, ""))
            self.assertEqual(once("history", "a", "--of", f.url)[0], 0)


class Compare(Case):
    def test_one_that_is_live_for_one_and_broken_for_another_is_shown(self):
        ids = {"known_by": {"ek_name": "000b" + "11" * 32, "platform": "22" * 16}}
        with Fake([machine("a", **ids)]) as f, Fake([machine("z", **ids)]) as g:
            code, out, _ = once("compare", f.url, g.url)
            self.assertEqual(code, 0, out)
            g.machines = [machine("z", "broken", **ids)]
            code, out, _ = once("compare", f.url, g.url)
            self.assertEqual(code, 8)
            self.assertIn("differs: a", out)
            self.assertEqual(json.loads(once("compare", f.url, g.url, "-j")[1])["machines"][0]["verdict"], "differs")
            g.machines = []
            code, out, _ = once("compare", f.url, g.url)
            self.assertEqual(code, 8)
            self.assertIn(g.url + "  does not watch it", out)
            g.status = 503
            code, out, err = once("compare", f.url, g.url)
            self.assertEqual(code, 7)
            self.assertIn(g.url + ": NO ANSWER", out)
            self.assertIn("situs: error: ", err)
            self.assertEqual(once("compare", f.url, f.url + "/")[:2], (1, ""))
            self.assertEqual(once("compare", f.url)[:2], (1, ""))


class Real(Case):
    def test_a_service_tells_all_of_its_machines(self):
        """On its Unix socket; the first socket tells nobody."""
        inside = self.path("inside")
        machines = {f"m{i:02}": {"policy": "a", "target": "127.0.0.1:1", "site": f"hall {i % 2}", "ak_name": "000b" + f"{i:064x}"}
                    for i in range(40)}
        with Service(self.dir, {
                "listen": "127.0.0.1:0", "listen_private": "unix:" + inside, "base": "http://localhost",
                "policies": {"a": {"policy": os.path.join(SOURCE, "policies", "managed.json")}}, "limits": {"judges": 1}, "store": {"sqlite": self.path("store")},
                "connect": {"targets": ["127.0.0.1:1"], "networks": ["127.0.0.0/8"]},
                "watch": {"mark": self.path("mark"), "machines": machines}}) as s:
            until(lambda: once(inside, "--once")[0] == 6)
            told = json.loads(once("unix:" + inside, "--once", "-j")[1])
            self.assertEqual([m["machine"] for m in told["machines"]], sorted(machines))
            self.assertEqual({m["state"] for m in told["machines"]}, {"new"})
            self.assertEqual(told["machines"][1]["site"], "hall 1")
            self.assertEqual(once("history", "m00", "--of", inside)[0], 0)
            self.assertEqual(once("history", "m40", "--of", inside)[0], 1)
            code, out, err = once(f"http://127.0.0.1:{s.port}", "--once")
            self.assertEqual((code, out), (1, ""))
            self.assertIn("listen_private", err)


if __name__ == "__main__":
    main()
