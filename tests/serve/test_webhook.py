"""A webhook is handed what happens to a watched machine: signed, in order, again until it takes it, across a restart; and
whoever gets it tells it from a forged one, and an old one that is sent again."""
import http.server
import json
import sqlite3
import subprocess
import tempfile
import threading

import test_watch as watch
from serve_run import PLAIN, SITUS, Service, until

channel, NAME = watch.channel, watch.lab.NAME


class Receiver:
    """Takes what is posted, or answers with what it is told to."""

    def __init__(self, port=0):
        self.came, self.answers, outer = [], [], self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status = outer.answers.pop(0) if outer.answers else 202
                outer.came.append((status, self.path, self.headers["Content-Type"], body))
                self.send_response(status)
                if 300 <= status < 400:
                    self.send_header("Location", f"http://127.0.0.1:{outer.port}/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.port = self.server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}/hook"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def taken(self):
        return [body for status, _, _, body in self.came if status in (200, 202, 204)]


def verify(event, folder, url, *words):
    """(exit code, JSON or what was said) of situs event verify."""
    path = f"{folder}/event.jwt"
    with open(path, "wb") as f:
        f.write(event)
    done = subprocess.run([SITUS, "event", "verify", path, "--keys", f"{folder}/keys", "--audience", url, "-j",
                           *(("--issuer", f"https://verifier.example/p/{NAME}") if "--issuer" not in words else ()), *words],
                          env=PLAIN, capture_output=True)
    return done.returncode, json.loads(done.stdout) if done.returncode == 0 else done.stderr.decode()


def keep_keys(s, folder):
    with open(f"{folder}/keys", "wb") as f:
        f.write(s.ask("GET", f"/p/{NAME}/.well-known/jwks.json")[1])


def configuration(a, folder, url, **machine):
    c = watch.watch(a.address, folder, {"sqlite": folder + "/store"}, **machine)
    c["watch"]["webhooks"] = {"soc": {"url": url, "policy": NAME}}
    return c


def an_event_is_handed_over_and_told_from_a_forged_one():
    folder, name = tempfile.mkdtemp(dir=channel.HERE), watch.ak_name()
    with channel.Attester() as a, Receiver() as r:
        r.answers = [503, 301]  # neither is taken: it comes again, and never to where a redirect says
        with Service(folder, configuration(a, folder, r.url, ak_name=name)) as s:
            [event] = until(r.taken)
            keep_keys(s, folder)
            assert [(status, path, kind) for status, path, kind, _ in r.came] == \
                [(status, "/hook", "application/secevent+jwt") for status in (503, 301, 202)], r.came
            exit, said = verify(event, folder, r.url, "--machine", "cloud-1", "--after", "0")
            assert (exit, said["event"], said["number"], said["previous"], said["missed"]) == (0, "began", 1, 0, False), said
            assert said["at"] == watch.told(s, "/events")["events"][0]["at"]
            head, body, signature = event.split(b".")
            for forged, words, code in (
                    (b".".join([head, body[:-8] + b"AAAAAAAA", signature]), (), 2), (event, ("--issuer", "https://other"), 6),
                    (event, ("--machine", "cloud-2"), 6), (event, ("--machine", "cloud-1", "--after", "1"), 6),
                    (event, ("--at", "@1000000000"), 3)):
                exit, said = verify(forged, folder, r.url, *words)
                assert exit == code and "hint" in said, (exit, words, said)
            assert verify(event, folder, r.url + "2")[0] == 6  # for another webhook
            text = s.ask("GET", "/metrics", inside=True)[1].decode()
            for line in ('situs_machines{state="live"} 1', 'situs_machines{state="broken"} 0', 'situs_machine_events_total 1',
                         'situs_webhook_handed_total{webhook="soc"} 1', 'situs_webhook_failures_total{webhook="soc"} 2',
                         'situs_webhook_waiting{webhook="soc"} ', 'situs_webhook_lost_total{webhook="soc"} 0'):
                assert line in text, (line, text)


def what_was_not_taken_survives_a_restart_and_comes_in_order():
    folder, name = tempfile.mkdtemp(dir=channel.HERE), watch.ak_name()
    with Receiver() as gone:  # nobody listens there when this is left
        url, port = gone.url, gone.port
    with channel.Attester() as a:
        c = configuration(a, folder, url, ak_name=name)
        with Service(folder, c) as s:
            until(lambda: watch.told(s).get("state") == "live")
            until(lambda: "webhook soc did not take event 1" in s.said())
            c["watch"]["machines"]["cloud-1"]["ak_name"] = "000b" + "00" * 32
            s.write(c)
            s.reload()
            until(lambda: [e["event"] for e in watch.told(s, "/events").get("events", [])] == ["began", "broken"])
            keep_keys(s, folder)
        with Receiver(port) as r, Service(folder, c):
            events = until(lambda: len(r.taken()) == 2 and r.taken())
        told = [verify(e, folder, url)[1] for e in events]
        assert [(e["number"], e["previous"], e["event"]) for e in told] == [(1, 0, "began"), (2, 1, "broken")], told
        exit, said = verify(events[1], folder, url, "--machine", "cloud-1", "--after", "0")
        assert exit == 0 and said["missed"], said  # the first was not known: the gap is seen
        with Receiver(port) as r, Service(folder, c) as s:  # none of them comes again
            until(lambda: watch.told(s).get("state"))
            assert r.came == []


def no_more_than_may_wait_do():
    folder, name = tempfile.mkdtemp(dir=channel.HERE), watch.ak_name()
    with Receiver() as gone:
        url = gone.url
    with channel.Attester() as a:
        c = configuration(a, folder, url, ak_name=name)
        with Service(folder, c) as s:
            until(lambda: "webhook soc did not take event 1" in s.said())
        with sqlite3.connect(folder + "/store", timeout=60) as db:
            [replica] = db.execute("SELECT replica FROM situs_hook").fetchone()
            db.executemany("INSERT INTO situs_hook VALUES ('soc', ?, ?)", [(replica, -i) for i in range(10000)])
        c["watch"]["machines"]["cloud-1"]["ak_name"] = "000b" + "00" * 32  # which is an event
        with Service(folder, c) as s:
            until(lambda: "more than 10000 events wait" in s.said())
            until(lambda: [e["event"] for e in watch.told(s, "/events").get("events", [])] == ["began", "broken"])
            assert 'situs_webhook_lost_total{webhook="soc"} 2' in s.ask("GET", "/metrics", inside=True)[1].decode()
        with sqlite3.connect(folder + "/store", timeout=60) as db:
            assert db.execute("SELECT COUNT(*), MAX(number) FROM situs_hook").fetchone() == (10000, 2)


def what_cannot_be_a_webhook_is_refused():
    folder = tempfile.mkdtemp(dir=channel.HERE)
    with channel.Attester() as a:
        for change, word in (({"url": "http://example.com/"}, "soc.url"), ({"url": "https://u:p@example.com/"}, "soc.url"),
                             ({"policy": "none"}, "with a key"), ({"other": 1}, "other"),
                             ({"url": "https://relying.example"}, "no policy's audience")):
            c = configuration(a, folder, "https://example.com/hook", ak_name="000b" + "00" * 32)
            c["watch"]["webhooks"]["soc"].update(change)
            c["policies"][NAME]["audience"] = "https://relying.example"
            s = Service(folder, c)
            done = subprocess.run([SITUS, "serve", "--check", "--config", s.file], env=PLAIN, capture_output=True)
            assert done.returncode == 1 and word in done.stderr.decode(), done.stderr


if __name__ == "__main__":
    channel.main([an_event_is_handed_over_and_told_from_a_forged_one,
                  what_was_not_taken_survives_a_restart_and_comes_in_order, no_more_than_may_wait_do,
                  what_cannot_be_a_webhook_is_refused])
