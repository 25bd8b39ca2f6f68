"""Events of watched machines as they come: nothing is lost or told twice, whoever is gone, slow, or one too many."""
import json
import socket
import sqlite3
import tempfile

import test_watch as watch
from serve_run import BOUND, Service, until

channel = watch.channel
MANY = 30000


class Stream:
    """A client of the stream, from an event on."""

    def __init__(self, s, last=None, room=None, path="/v1/events"):
        self.socket, self.body, self.events, self.id = socket.socket(), b"", [], last
        if room:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, room)
        self.socket.settimeout(BOUND)
        self.socket.connect(("127.0.0.1", s.inside))
        self.socket.sendall(f"GET {path} HTTP/1.0\r\nHost: a\r\nAccept: text/event-stream\r\n".encode() +
                            (b"" if last is None else f"Last-Event-ID: {last}\r\n".encode()) + b"\r\n")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def head(self):
        while b"\r\n\r\n" not in self.body:
            more = self.socket.recv(4096)
            assert more, self.body
            self.body += more
        head, self.body = self.body.split(b"\r\n\r\n", 1)
        return int(head.split()[1]), head

    def take(self):
        """Reads on; False at the end. A block that is not whole is none."""
        try:
            more = self.socket.recv(65536)
        except ConnectionResetError:
            more = b""
        *blocks, self.body = (self.body + more).split(b"\n\n")
        for block in blocks:
            for name, value in (line.split(b": ", 1) for line in block.split(b"\n") if line[:1] != b":"):
                if name == b"id":
                    self.id = int(value)
                if name == b"data":
                    self.events.append(json.loads(value))
        return bool(more)

    def until_events(self, n):
        while len(self.events) < n:
            assert self.take(), self.events
        return self.events


def service(a, folder, **more):
    c = watch.watch(a.address, folder, {"sqlite": folder + "/store"}, ak_name=watch.ak_name())
    return {**c, **more}


def what_happens_is_told_and_one_who_was_away_goes_on():
    folder = tempfile.mkdtemp(dir=channel.HERE)
    with channel.Attester() as a:
        c = service(a, folder)
        with Service(folder, c) as s:
            until(lambda: watch.told(s).get("state") == "live")
            with Stream(s) as now, Stream(s, 0) as all_of_them:
                status, head = now.head()
                assert status == 200 and b"text/event-stream" in head and b"no-store" in head, head
                while now.id is None:
                    assert now.take()
                assert (now.id, now.events) == (1, [])  # from now on: what was is no event
                all_of_them.head()
                [began] = all_of_them.until_events(1)
                assert (began["machine"], began["event"], began["number"], all_of_them.id) == ("cloud-1", "began", 1, 1), began
            for last, expected in ((9, 404), ("x", 400), (-1, 400)):
                with Stream(s, last) as none:
                    status, head = none.head()
                    assert status == expected and b"problem+json" in head, (last, head)
            assert s.ask("GET", "/v1/events")[0] == 404  # not for the world
            c["watch"]["machines"]["cloud-1"]["ak_name"] = "000b" + "00" * 32
            s.write(c)
            with Stream(s, 1) as before:
                before.head()
                s.reload()  # the front of before ends its streams
                while before.take():
                    pass
                assert before.events in ([], [{**before.events[0], "number": 2}] if before.events else []), before.events
            with Stream(s, 1) as again:
                again.head()
                [broken] = again.until_events(1)
                assert (broken["event"], broken["number"], broken["reason"]) == ("broken", 2, "not-watched"), broken
            with Stream(s, 2) as quiet:  # and not told again; a sign of life comes at once, without an event
                quiet.socket.settimeout(10)  # sooner than the keeper answers who waits
                quiet.head()
                while b": no event" not in quiet.body and quiet.take():
                    if quiet.id == 2 and not quiet.events:
                        break
                assert quiet.events == []


def one_too_many_waits_and_one_who_is_gone_gives_room():
    folder = tempfile.mkdtemp(dir=channel.HERE)
    with channel.Attester() as a, Service(folder, service(a, folder)) as s:
        until(lambda: watch.told(s).get("state") == "live")
        streams = [Stream(s, 0) for _ in range(16)]
        for one in streams:
            assert one.head()[0] == 200
        with Stream(s, 0) as more:
            status, head = more.head()
            assert status == 503 and b"Retry-After" in head, head
        streams[0].socket.close()

        def comes():
            with Stream(s, 0) as again:
                return again.head()[0] == 200
        until(comes)
        for one in streams:
            one.socket.close()


def one_who_reads_slowly_is_cut_off_and_goes_on_where_he_was():
    folder = tempfile.mkdtemp(dir=channel.HERE)
    with channel.Attester() as a:
        c = service(a, folder)
        with Service(folder, c) as s:
            until(lambda: watch.told(s).get("state") == "live")
        with sqlite3.connect(folder + "/store", timeout=60) as db:
            db.executemany("INSERT INTO situs_event (number, machine, at, event, reason, span) VALUES (?, 'cloud-1', 1800000000, 'alarm', 'none', 1)",
                           [(i,) for i in range(2, MANY + 1)])
            db.execute("UPDATE situs_change SET value = ? WHERE name = 'event'", (MANY,))
        c["deadlines"]["request_ms"] = 2000
        with Service(folder, c) as s:
            until(lambda: watch.told(s).get("state"))
            with Stream(s, 0, room=4096) as slow:
                late = 'situs_front_late_total 1'
                until(lambda: late in s.ask("GET", "/metrics", inside=True)[1].decode())
                slow.head()
                while slow.take():
                    pass
                assert 0 < len(slow.events) < MANY, len(slow.events)
            with Stream(s, slow.id) as again:
                again.head()
                numbers = [e["number"] for e in slow.events]
                numbers += [e["number"] for e in again.until_events(MANY - len(numbers))]
            assert numbers[:MANY] == list(range(1, MANY + 1))


if __name__ == "__main__":
    channel.main([what_happens_is_told_and_one_who_was_away_goes_on, one_too_many_waits_and_one_who_is_gone_gives_room,
                  one_who_reads_slowly_is_cut_off_and_goes_on_where_he_was])
