"""Whatever part of a service that watches machines is killed, and when: no state is better than what was observed, no event is
lost that was answered for, the history has no gap, and nobody has to help.

Machines of the lab answer with real signatures, and note each answer before it leaves: that is the model. Each round kills one
or two things, or changes a machine, at a moment by chance; then all must be well again by itself, and the whole history is
compared with what the machines answered. ROUNDS (10) and SEED (1: a suite is the same each
time) are of the environment; the seed is printed."""
import contextlib
import datetime
import os
import pathlib
import random
import shutil
import signal
import socket
import sqlite3
import tempfile
import threading
import time

from postgres import FOUND, Postgres
from serve_run import BOUND, Service, until
from watched import Machines, told
from waiting import pids_of

N = 3
WITHIN = 3           # H, seconds
JUDGED = 10 + 2      # seconds in which an answer that came is appraised, at most
OURS = ("silence", "not-observed")  # what a machine may be said to be broken by that did nothing wrong

# Everything that is on record, as it is at one moment.
RECORD = """
SELECT 'event', CAST(number AS TEXT), machine, CAST(at AS TEXT), event, reason, CAST(span AS TEXT) FROM situs_event UNION ALL
SELECT 'nth', CAST(number AS TEXT), machine, CAST(nth AS TEXT), '', '', '' FROM situs_event UNION ALL
SELECT 'span', CAST(span AS TEXT), machine, CAST(since_at AS TEXT), CAST(ended_at AS TEXT), reason, CAST(answers AS TEXT)
FROM situs_span UNION ALL
SELECT 'row', CAST(span AS TEXT), name, CAST(last_at AS TEXT), state, CAST(reset_count AS TEXT), CAST(answers AS TEXT)
FROM situs_machine UNION ALL
SELECT 'seen', CAST(span AS TEXT), machine, CAST(COUNT(*) AS TEXT), CAST(MIN(at) AS TEXT), CAST(MAX(at) AS TEXT), ''
FROM situs_observation GROUP BY machine, span UNION ALL
SELECT 'hour', CAST(span AS TEXT), machine, CAST(SUM(answers) AS TEXT), '', '', '' FROM situs_hour GROUP BY machine, span UNION ALL
SELECT 'count', CAST(value AS TEXT), name, '', '', '', '' FROM situs_change
"""


def seconds(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


class Sqlite:
    def __init__(self, folder):
        self.path = folder + "/store"
        self.place = {"sqlite": self.path}

    def rows(self):
        with contextlib.closing(sqlite3.connect(self.path, timeout=BOUND)) as db:
            return [tuple(map(str, row)) for row in db.execute(RECORD)]

    def kill(self, s):
        """The keeper, as soon as it writes what a transaction has."""
        def written():
            with contextlib.suppress(OSError):
                return os.stat(self.path + "-wal").st_mtime_ns
        before, end = written(), time.monotonic() + 2
        while written() == before and time.monotonic() < end:
            pass
        kill(s, "situs-keeper")

    def stop(self):
        pass


class Between:
    """Hands on between the keeper and PostgreSQL; cut() lets a transaction be committed, and its end be told to nobody."""

    def __init__(self, to):
        self.to, self.folder, self.armed = to, tempfile.mkdtemp(prefix="situs-pg."), False
        self.door = socket.socket(socket.AF_UNIX)
        self.door.bind(self.folder + "/.s.PGSQL.5432")
        self.door.listen()
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        with contextlib.suppress(OSError):
            while True:
                client, server = self.door.accept()[0], socket.socket(socket.AF_UNIX)
                try:
                    server.connect(self.to + "/.s.PGSQL.5432")
                except OSError:
                    client.close()
                    continue
                cut = threading.Event()
                threading.Thread(target=self.way, args=(client, server, cut, True), daemon=True).start()
                threading.Thread(target=self.way, args=(server, client, cut, False), daemon=True).start()

    def way(self, a, b, cut, asks):
        with contextlib.suppress(OSError):
            while data := a.recv(65536):
                if asks and self.armed and b"COMMIT" in data:
                    self.armed = False
                    cut.set()
                if not asks and cut.is_set():
                    break
                b.sendall(data)
        for s in (a, b):
            with contextlib.suppress(OSError):
                s.shutdown(socket.SHUT_RDWR)

    def cut(self):
        self.armed = True

    def stop(self):
        self.door.close()
        shutil.rmtree(self.folder)


class Postgresql:
    def __init__(self, _):
        self.server = Postgres()
        self.between = Between(self.server.folder)
        where = self.server.database("kills").replace(self.server.folder, self.between.folder)
        self.place = {"postgresql": where}

    def rows(self):
        return [tuple(line.split("|")) for line in self.server.sql(RECORD, "kills").splitlines()]

    def kill(self, s):
        """All of the server, and it is started again; the one process of it that the keeper talks with; or the line to it, at
        the worst moment."""
        what = random.randrange(3)
        backends = [p for p in pids_of(self.server.server.pid)
                    if "kills" in pathlib.Path(f"/proc/{p}/cmdline").read_text(errors="replace")]
        if what == 0:
            self.between.cut()
        elif what == 1 and backends:
            with contextlib.suppress(OSError):
                os.kill(backends[0], signal.SIGKILL)
        else:
            self.server.kill()
            time.sleep(random.random())
            self.server.start()

    def stop(self):
        self.between.stop()
        self.server.stop()


def kill(s, name):
    """One process of the service of this name, whatever it does; none: it was killed before."""
    for pid in pids_of(s.child.pid):
        with contextlib.suppress(OSError):
            found = {pathlib.Path(f"/proc/{p}/comm").read_text().strip(): p for p in [pid, *pids_of(pid)]}
            if name in found:
                os.kill(found[name], signal.SIGKILL)
                return


class Model:
    """What the machines have answered, and what was told of them; each look is compared with both."""

    def __init__(self, machines, database, mark):
        self.machines, self.database, self.mark = machines, database, mark
        self.events, self.last, self.resets = {}, {}, {}

    def well(self, i, reset):
        return [at / 1000 for at, j, r, how in self.machines.answers() if (j, r, how) == (i, reset, "well")]

    def hear(self, s):
        """What is told now. What was told before must not be untold."""
        for i in range(N):
            asked = time.time()
            if m := told(s, f"m{i}"):
                self.state(i, m, asked)
            if events := told(s, f"m{i}", "/events").get("events"):
                self.told_events(i, events)

    def state(self, i, m, asked):
        span, was = m.get("span"), self.last.get(i)
        if not span:
            assert m["state"] == "new" and not was, (m, was)
            return
        if was:
            old = was["span"]
            assert span["number"] >= old["number"], (m, was)
            if span["number"] == old["number"]:
                assert (span["since"], span["began_by"]) == (old["since"], old["began_by"]), (m, was)
                assert span["answers"] >= old["answers"] and span["longest_gap_ms"] >= old["longest_gap_ms"], (m, was)
                assert was["state"] != "broken" or (m["state"] == "broken" and m["reason"] == was["reason"]), (m, was)
        self.last[i] = m
        if m["state"] != "broken":
            # Alive is who answered within H, and what is being appraised came in that time.
            answers = [at for at, j, *_ in self.machines.answers() if j == i]
            assert answers and answers[-1] / 1000 > asked - WITHIN - JUDGED, (m, asked, answers[-3:])

    def told_events(self, i, events):
        numbers = [e["number"] for e in events]
        assert numbers == sorted(set(numbers)), numbers
        for e in events:
            assert self.events.setdefault(e["number"], (i, e)) == (i, e), (self.events[e["number"]], e)

    def compare(self):
        """All that is on record, with all that was answered and all that was told."""
        rows = self.database.rows()
        kinds = {kind: [r[1:] for r in rows if r[0] == kind] for kind in ("event", "nth", "span", "row", "seen", "hour", "count")}
        counts = {name: int(value) for value, name, *_ in kinds["count"]}
        numbers = sorted(int(r[0]) for r in kinds["event"])
        assert numbers == list(range(1, counts["event"] + 1)), (numbers, counts)
        assert pathlib.Path(self.mark).read_text().split()[:2] == [str(counts["epoch"]), str(counts["event"])], counts
        on_record = {int(r[0]): r for r in kinds["event"]}
        for number, (i, e) in self.events.items():
            want = (f"m{i}", int(seconds(e["at"])), e["event"], e.get("reason", "none"), e["span"])
            name, at, event, reason, span = on_record[number][1:]
            assert (name, int(at), event, reason, int(span)) == want, (want, on_record[number])
        for i in range(N):
            self.history(i, {k: [r for r in v if r[1] == f"m{i}"] for k, v in kinds.items()})

    def history(self, i, on):
        spans = sorted(((int(n), int(since), int(ended), why, int(answers)) for n, _, since, ended, why, answers in on["span"]))
        assert [s[0] for s in spans] == list(range(1, len(spans) + 1)), spans
        [(number, _, last, state, reset, answers)] = on["row"]
        number, last, reset, answers = int(number), int(last), int(reset), int(answers)
        assert number == len(spans) and all(s[2] for s in spans[:-1]), (on["row"], spans)
        assert not spans or answers == spans[-1][4], (on["row"], spans[-1])
        assert state == ("new" if not spans else "broken" if spans[-1][2] else "live"), (on["row"], spans)
        # Each span is of one boot of its own, whose answers the machine has given; an event begins it, and one ends it.
        if spans:
            assert self.resets.setdefault((i, number), reset) == reset, (i, number, reset, self.resets)
            assert all(r < reset for (j, n), r in self.resets.items() if j == i and n < number), self.resets
            answered = [at for at in self.well(i, reset) if int(at) <= last + 1]
            assert answered and len(answered) >= answers, (on["row"], answered)
            assert spans[-1][1] + 1 >= int(answered[0]), (spans[-1], answered[0])
        want = []
        for n, since, ended, why, answers in spans:
            want += [("began" if n == 1 else "restarted", "none", n)] + ([("broken", why, n)] if ended else [])
            assert not ended or ended >= since, spans
            assert [int(r[2]) for r in on["seen"] if int(r[0]) == n] == [answers], (n, answers, on["seen"])
            assert [int(r[2]) for r in on["hour"] if int(r[0]) == n] == [answers], (n, answers, on["hour"])
            seen = next(r for r in on["seen"] if int(r[0]) == n)
            if why in OURS:  # it was alive for H after its last good answer, and no longer
                assert ended <= int(seen[4]) + WITHIN + 1, (spans, seen)
        got = [(event, reason, int(span)) for _, _, _, event, reason, span in sorted(on["event"], key=lambda r: int(r[0]))]
        # What a broken machine goes on to be refused for stands behind what broke it, and before what mends that.
        trouble = [at for at, e in enumerate(got) if e[0] == "refused"]
        assert all(got[at - 1][0] in ("broken", "refused") and got[at - 1][2] == got[at][2] for at in trouble), got
        assert [e for e in got if e[0] != "refused"] == want, (got, want)
        nth = [int(n) for _, _, n, *_ in sorted(on["nth"], key=lambda r: int(r[0]))]
        assert nth == list(range(1, len(got) + 1)), nth


class Story:
    """A service on a kind of database, and what happens to it."""

    def __init__(self, folder, kind):
        self.folder, self.database = folder, kind(folder)
        self.stack = contextlib.ExitStack()
        self.stack.callback(self.database.stop)
        self.machines = self.stack.enter_context(Machines(folder, N))
        self.mode, self.done = ["well"] * N, []
        self.model = Model(self.machines, self.database, folder + "/mark")
        self.service = Service(folder, self.machines.configuration(self.database.place, folder + "/mark", WITHIN))
        self.service.__enter__()

    def end(self, failed):
        try:
            if not failed:
                self.service.__exit__()
        finally:
            self.service.child.kill()
            self.service.child.wait()
            self.stack.close()

    def say(self, i, word):
        self.machines.say(i, word)
        self.mode[i] = "well" if word == "boot" else word

    def supervisor(self):
        """With everything that it began; whoever started it does so again."""
        before = pids_of(self.service.child.pid)
        self.service.child.kill()
        self.service.child.wait()
        until(lambda: not any(os.path.exists(f"/proc/{p}/exe") and "situs" in pathlib.Path(f"/proc/{p}/comm").read_text()
                              for p in before if os.path.exists(f"/proc/{p}/comm")))
        self.service.__enter__()

    def act(self):
        what = random.choice(["keeper", "keeper", "keeper", "judge", "judge", "front", "nursery", "nursery2", "dial", "database",
                              "database", "database", "supervisor", "reload", "silent", "ill", "boot"])
        i = random.randrange(N)
        self.done.append(f"{what} {i}" if what in ("silent", "ill", "boot") else what)
        if what in ("silent", "ill", "boot"):
            self.say(i, what)
        elif what == "database":
            with contextlib.suppress(FileNotFoundError):  # a process of its server that ended meanwhile
                self.database.kill(self.service)
        elif what == "supervisor":
            self.supervisor()
        elif what == "reload":
            self.service.child.send_signal(signal.SIGHUP)
        else:
            kill(self.service, "situs-" + what)

    def settled(self):
        """Whether all that should be alive is, and all else is broken; a machine that is, for whatever reason, starts again."""
        self.model.hear(self.service)
        well = True
        for i in range(N):
            m = told(self.service, f"m{i}")
            if m:
                self.model.state(i, m, time.time())
            alive = m.get("state") == "live"
            if m.get("state") == "broken":
                allowed = {"well": (*OURS, "counters-changed"), "silent": OURS, "ill": ("appraisal-refused", *OURS)}
                assert self.model.resets.get((i, m["span"]["number"])) is None or m["reason"] in (
                    "appraisal-refused", "counters-changed", *allowed[self.mode[i]]), (m, self.mode[i])
                self.say(i, "boot")
            well = well and alive and self.mode[i] == "well"
        return well

    def round(self):
        self.done = []
        for _ in range(random.choice([1, 1, 2, 3])):
            time.sleep(random.random() * 0.8)  # a moment by chance: no condition
            self.act()
            self.model.hear(self.service)
        until(self.settled)
        until(self.marked)
        self.model.compare()

    def marked(self):
        """The mark is behind the record for a moment, and never before it."""
        mark = [int(n) for n in pathlib.Path(self.folder, "mark").read_text().split()[:2]]
        counts = {r[2]: int(r[1]) for r in self.database.rows() if r[0] == "count"}
        assert mark[0] <= counts["epoch"] and mark[1] <= counts["event"], (mark, counts)
        return mark == [counts["epoch"], counts["event"]]


def main():
    rounds, seed = int(os.environ.get("ROUNDS", 10)), int(os.environ.get("SEED", 1))
    print("SEED", seed, flush=True)
    random.seed(seed)
    kinds = [Sqlite] + [Postgresql] * bool(FOUND)
    for kind in kinds:
        folder = tempfile.mkdtemp(prefix="situs-kills.")
        story, failed = Story(folder, kind), True
        try:
            until(story.settled)
            for n in range(rounds // len(kinds)):
                story.round()
                print(kind.__name__, n + 1, ", ".join(story.done), flush=True)
            failed = False
        finally:
            if failed:
                said = [line for line in story.service.said().splitlines() if line[:1] != "{"]
                print(kind.__name__, "failed after:", ", ".join(story.done), *said[-40:], sep="\n", flush=True)
            story.end(failed)
            shutil.rmtree(folder)


if __name__ == "__main__":
    main()
