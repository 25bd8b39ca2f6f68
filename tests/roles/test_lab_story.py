"""situs lab up --serve: what happens to six machines, as the service that watches them tells it, event for event. H is 20 s
where all must come out as told, so that a busy machine is not taken for one that is silent."""
import json
import os
import pathlib
import signal
import subprocess
import tempfile
import urllib.request

from parties import BOUND, PLAIN, SITUS, children_of, runs, until

HERE = None
TIMELINE = """\
All six are live.
hall-2 is power cycled and moved; what reaches it now goes through a tunnel
    hall-2 broken: appraisal-refused, on the side of the machine
    hall-2 refused: appraisal-refused, on the side of the machine
hall-3 is unplugged, and a copy of its guest with the same vTPM answers in its place
    hall-3 alarm: key-changed, on the side of the machine
    hall-3 broken: silence, on the side of the machine
hall-6 is power cycled by its provider, who has yet to look at it
    hall-6 broken: appraisal-refused, on the side of the machine
    hall-6 refused: appraisal-refused, on the side of the machine
hall-6 was seen in its place: the provider certifies its key in this boot
    hall-6 re-endorsed
hall-4 is sold: its owner revokes it
    hall-4 broken: appraisal-refused, on the side of the machine
    hall-4 refused: appraisal-refused, on the side of the machine
hall-5 is on a list of which the provider is late with the next
    hall-5 broken: word-ended, on the side of the provider
hall-1 was live all the time.
"""


class Story:
    def __init__(self, name, *words):
        self.home = HERE / name
        self.child = subprocess.Popen([SITUS, "lab", "up", "--serve", *words, self.home], env=PLAIN, stdin=subprocess.DEVNULL,
                                      stdout=subprocess.PIPE, stderr=open(HERE / (name + ".said"), "wb"), text=True)
        self.said = ""

    def read_to(self, words):
        while words not in self.said:
            line = self.child.stdout.readline()
            assert line, (self.said, self.talk())
            self.said += line

    def talk(self):
        return "".join(p.read_text() for p in [*HERE.glob("*.said"), *HERE.glob("*/log")])

    def configuration(self):
        return json.loads((self.home / "serve.json").read_text())

    def inside(self):
        log = (self.home / "log").read_text()
        return "http://127.0.0.1:" + [line.rsplit(":", 1)[1] for line in log.splitlines() if "listening on 127" in line][1]

    def everything(self):
        """All that the command started, and the directory of what its service writes."""
        found = [p for p, _ in children_of(self.child.pid)]
        found += [q for p in found for q, _ in children_of(p)]
        return found, pathlib.Path(self.configuration()["store"]["sqlite"]).parent

    def ends(self, code, everything):
        self.said += self.child.stdout.read()
        assert self.child.wait(BOUND) == code, (self.said, self.talk())
        pids, directory = everything
        assert len(pids) >= 8, pids  # six machines, the service, the directory's warden
        until(lambda: not any(runs(p) for p in pids))
        until(lambda: not directory.exists())
        assert "Sanitizer" not in self.talk() and "runtime error" not in self.talk(), self.talk()


def watched(address):
    done = subprocess.run([SITUS, "watch", address, "--once", "-j"], env=PLAIN, capture_output=True, timeout=BOUND)
    return {m["machine"]: m["state"] for m in json.loads(done.stdout)["machines"]} if done.stdout else {}


def events(address, machine):
    done = subprocess.run([SITUS, "watch", "history", machine, "--of", address, "-j"], env=PLAIN, check=True, capture_output=True,
                          timeout=BOUND)
    told = json.loads(done.stdout)
    assert told["whole"], told
    return [(e["event"], e.get("reason")) for e in told["events"]]


def the_story_is_told_event_for_event():
    """And is seen on the page's socket and by situs watch, while the teller is stopped and the service goes on."""
    s = Story("story", "--story", "--within", "20")
    s.read_to("hall-5 is on a list")
    until(lambda: (s.home / "log").read_text().count("was read again") == 2)
    os.kill(s.child.pid, signal.SIGSTOP)
    until(lambda: watched(s.inside()).get("hall-5") == "broken")
    states, everything = watched(s.inside()), s.everything()
    assert [states[f"hall-{i}"] for i in (2, 3, 4, 5)] == ["broken"] * 4, states
    assert {states["hall-1"], states["hall-6"]} <= {"live", "late"}, states
    assert events(s.inside(), "hall-1") == [("began", None)]
    assert events(s.inside(), "hall-3") == [("began", None), ("alarm", "key-changed"), ("broken", "silence")]
    assert events(s.inside(), "hall-6")[-1] == ("re-endorsed", None)
    with urllib.request.urlopen(s.inside() + "/m", timeout=BOUND) as page:
        assert page.status == 200 and b"<html" in page.read()
    os.kill(s.child.pid, signal.SIGCONT)
    s.ends(0, everything)
    assert s.said == TIMELINE, s.said


def what_is_not_in_the_story_is_told_as_such():
    """hall-1's attester is killed, so that it is silent."""
    s = Story("wrong", "--story")
    s.read_to("All six are live.")
    everything = s.everything()
    own = [p for p, words in children_of(s.child.pid) if os.getsid(p) == os.getsid(0) and "--serve" in words]
    assert len(own) == 6, everything  # in their order
    os.kill(min(own), signal.SIGKILL)
    s.ends(1, everything)
    assert "    hall-1 broken: silence, on the side of the machine (which is not in the story)\n" in s.said, s.said
    assert "hall-1 was live" not in s.said


def nothing_is_left(how):
    s = Story(f"stopped-{how}")
    s.read_to("Control-C stops everything.")
    assert f"Open {s.inside()}/m" in s.said and f"situs watch {s.inside()}\n" in s.said, s.said
    everything = s.everything()
    s.child.send_signal(how)
    s.ends(-9 if how == signal.SIGKILL else 0, everything)


def nothing_is_left_however_it_ends():
    for how in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
        nothing_is_left(how)


def words_that_mean_nothing_are_refused():
    for words in (["--story"], ["--within", "3"], ["--serve", "--within", "1"], ["--serve", "--within", "61"],
                  ["--serve", "--within", "x"]):
        done = subprocess.run([SITUS, "lab", "up", *words, HERE / "none"], env=PLAIN, capture_output=True, timeout=BOUND)
        assert (done.returncode, done.stdout) == (1, b"") and b"situs: hint: " in done.stderr, (words, done.stderr)
        assert not (HERE / "none").exists()


def main():
    global HERE
    with tempfile.TemporaryDirectory(prefix="situs-story-", dir="/tmp") as folder:
        HERE = pathlib.Path(folder)
        for test in (words_that_mean_nothing_are_refused, nothing_is_left_however_it_ends, the_story_is_told_event_for_event,
                     what_is_not_in_the_story_is_told_as_such):
            test()
            print("ok", test.__name__, flush=True)


main()
