"""The page in a real browser, before a service of the lab: what it says of a trusted machine, of one that nobody vouches for,
of every form of evidence, and that it can be used by keyboard, read aloud, and looked at; pictures are left in the folder
that is given."""
import base64
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

for folder in ("roles", "serve"):
    sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", folder))
import channel  # noqa: E402
import test_serve_lab as lab  # noqa: E402
import test_watch as watch  # noqa: E402
from browser import ENTER, SPACE, TAB, Browser, until  # noqa: E402
from serve_run import BOUND, PLAIN, SITUS, Service  # noqa: E402

SIMULATED, GENUINE, MANAGED, LIVE = "simulated-guest", "genuine", "managed", "live"
IMAGE = "<img src=x onerror=document.title='taken'>\u202egpj.egami"
LOOKS = [(name, width, height, dark) for name, width, height in (("desktop", 1280, 900), ("phone", 390, 844))
         for dark in (False, True)]


def as_if_real(name):
    """What a file of the lab says, as if nobody had written into it that it is a simulation."""
    text = json.loads((channel.HERE / "lab" / name).read_text())
    text.pop("simulated", None)
    for anchor in text.get("anchors", []):
        anchor.pop("simulated", None)
    return text


def world():
    """The configurations of two services: one of a simulation, which says so, and one that takes the lab for the world."""
    one, default = lab.configuration(), lab.NAME
    words = {k: one["policies"][default][k] for k in ("collateral", "endorsements")}
    files = {"trust": {**as_if_real("trust.json"), "places": {"lab-hall-1": "Amsterdam"}},
             "lab-trust": {**json.loads((channel.HERE / "lab/trust.json").read_text()), "places": {"lab-hall-1": "Amsterdam"}}}
    managed = as_if_real("policy-managed.json")
    managed["ref.guest"]["images"][0]["name"] = IMAGE
    files |= {GENUINE: {"require": ["genuine"]}, MANAGED: managed, LIVE: {**managed, "require": ["live"]},
              SIMULATED: json.loads((channel.HERE / "lab/policy-managed.json").read_text())}
    for name, text in files.items():
        (channel.HERE / f"{name}.json").write_text(json.dumps(text))

    def of(trust, *names):
        return {"listen": "127.0.0.1:0", "base": "http://127.0.0.1", "default": names[0], "deadlines": one["deadlines"],
                "policies": {name: {**words, "policy": str(channel.HERE / f"{name}.json"),
                                    "trust": str(channel.HERE / f"{trust}.json")} for name in names}}
    return of("lab-trust", SIMULATED), of("trust", LIVE, GENUINE, MANAGED)


class Page:
    """A window on a service's page."""

    def __init__(self, browser, service, out):
        self.b, self.service, self.out = browser, service, out
        self.axe = pathlib.Path(out) / "node_modules/axe-core/axe.min.js"
        self.b.looks(1280, 900, False)
        self.b.go(f"http://127.0.0.1:{service.port}/")
        self.b.find("#policy")

    def choose(self, policy):
        self.b.run("const p = document.getElementById('policy'); p.value = arguments[0]; p.dispatchEvent(new Event('change'))",
                   policy)

    def question(self):
        """The nonce that the page's own command has."""
        self.b.click("#challenge")
        command = self.b.text("#nonce code")
        assert command.startswith("situs attest --nonce="), command
        return command.split("--nonce=")[1].split()[0]

    def attest(self, nonce, machine="cloud", alone=False):
        """The machine's evidence; alone: of its TD, which speaks for itself, without a TPM."""
        path, words = channel.HERE / "evidence.cmw", lab.sources(machine)
        if alone:
            words = [word for at in ("--tsm", "--ccel") for word in words[words.index(at):][:2]]
        subprocess.run([SITUS, "attest", "--nonce=" + nonce, "-o", path, *words], env=PLAIN, check=True,
                       capture_output=True, timeout=BOUND)
        return path

    def hand_in(self, file=None, text=None):
        """Returns the sentence of the answer."""
        if file:
            self.b.type("#file", str(file))
        else:
            self.b.run("document.getElementById('text').value = arguments[0]", text)
        self.b.click("button.main")
        return self.sentence()

    def sentence(self):
        return self.b.text("#answer h1")

    def again(self):
        self.b.click(".again button")
        self.b.find("#policy")

    def broken(self):
        """The boxes of the drawing that are red, by their titles."""
        return self.b.run("return [...document.querySelectorAll('.chain .broken .title')].map(t => t.textContent)")

    def looked_at(self, name):
        """As it looks, and what axe-core (where it is) says of that."""
        for size, width, height, dark in LOOKS:
            self.b.looks(width, height, dark)
            until(lambda: self.b.run("return document.getAnimations().every(a => a.playState === 'finished')"))
            self.b.picture(pathlib.Path(self.out) / f"{name}-{size}-{'dark' if dark else 'light'}.png")
            if self.axe.exists():
                said = self.b.run(self.axe.read_text() + "; return axe.run()")
                wrong = [(v["id"], [n["html"] for n in v["nodes"]]) for v in said["violations"]]
                assert not wrong and len(said["passes"]) > 10, (name, size, dark, wrong)
        for width in (320, 390, 1280):  # WCAG 2.2, 1.4.10
            self.b.looks(width, 800, False)
            wide = self.b.run("return [document.documentElement.scrollWidth, innerWidth]")
            assert wide[0] <= wide[1], (name, wide)
        self.b.looks(1280, 900, False)


def a_simulated_machine_is_proven_and_never_without_that_word(page):
    page.looked_at("simulated-ask")
    said = page.hand_in(file=page.attest(page.question()))
    assert said == "SIMULATED, no real machine: runs the approved image “lab image 1.0” on a machine that “lab provider” vouches for, in “Amsterdam”.", said
    assert page.b.text("#simulated").startswith("SIMULATION.") and page.b.run("return document.title").startswith("Simulated"), said
    assert page.broken() == [], page.broken()
    assert "lab provider" in page.b.text(".short") and "left" in page.b.text(".short")
    page.looked_at("simulated-yes")
    assert page.b.text("figure .word") == "SIMULATION"
    page.b.run("scrollTo(0, document.body.scrollHeight)")
    assert page.b.run("return document.getElementById('simulated').getBoundingClientRect().top") == 0
    page.again()
    assert page.b.find("#simulated")


def a_trusted_machine_is_told_and_ends(page):
    page.choose(LIVE)
    page.looked_at("ask")
    nonce = page.question()
    page.looked_at("question")
    said = page.hand_in(file=page.attest(nonce, alone=True))
    shown = "<img src=x onerror=document.title='taken'>???gpj.egami"  # the bytes of what would turn it round
    assert said.startswith(f"Runs the approved image “{shown}” in a genuine chip;"), said
    assert page.b.run("return document.querySelectorAll('main img').length") == 0
    order = page.b.run("return [...document.querySelectorAll('#answer h2')].map(h => h.textContent)")
    assert order == ["Whom you have to trust", "Until when it holds", "What would end it next", "What this does not prove",
                     "How the proof is built", "Every check", "Details"], order
    trusted = page.b.text(".trust")
    assert "lab Intel SGX Root CA" in trusted and "lab image builder" in trusted, trusted
    page.looked_at("yes")
    page.b.run("const now = Date.now; Date.now = () => now() + 400 * 86400e3")  # the clock of who reads it
    until(lambda: page.sentence().startswith("As of ") and "Nothing is proven of now." in page.sentence())
    assert "The answer: As of " in page.b.run("return document.getElementById('chain-text').textContent")
    page.b.run("location.reload()")
    page.b.find("#policy")


def evidence_of_a_question_that_was_answered_is_of_then(page):
    page.choose(LIVE)
    file = page.attest(page.question(), alone=True)
    page.hand_in(file=file)
    page.again()
    said = page.hand_in(file=file)
    assert said == "Not proven: this may be an old recording, for it answers no challenge of yours.", said
    page.looked_at("recording")
    page.again()


def a_machine_that_nobody_vouches_for_is_refused_and_the_link_is_red(page):
    page.choose(MANAGED)
    said = page.hand_in(file=page.attest(page.question(), "basement"))
    assert said.startswith("Not proven: "), said
    assert {"Key of the security chip (TPM)", "The answer"} <= set(page.broken()), page.broken()
    text = page.b.run("return document.querySelector('.chain').textContent")
    assert "nobody vouches for this machine's place" in text, text
    group = page.b.text("#answer details[open]")
    got = page.b.run("return [...document.querySelectorAll('.check.fail')].map(c => c.id)")
    assert got == ["check-ak.certificate", "check-bind.measurements"], got
    assert "two machines" not in said and "not checked, because the TPM quote does not hold" in page.b.text("#answer"), said
    assert "ak.certificate" in group and "What to do" in group, group
    page.looked_at("no")
    page.again()


def an_answer_that_was_kept_is_of_its_time(page):
    page.choose(LIVE)
    page.b.click("#keep")
    said = page.hand_in(file=page.attest(page.question(), alone=True))
    assert said.startswith("Runs "), said
    link = page.b.run("return [...document.querySelectorAll('#answer code')].at(-1).textContent")
    assert link.startswith(f"http://127.0.0.1:{page.service.port}/r/"), link
    page.b.go(link)
    said = page.sentence()
    assert said.startswith("As of ") and said.endswith("Nothing is proven of now."), said
    assert "was proven then" in page.b.text(".verdict").lower()
    assert "The answer: As of " in page.b.run("return document.getElementById('chain-text').textContent")
    assert "that does not make it true today" in page.b.text("#answer"), page.b.text("#answer")
    then = page.b.run("return [...document.querySelectorAll('.chain .then .title')].map(t => t.textContent)")
    assert then == ["Then, and with who asked", "The answer"], then
    page.looked_at("kept")
    page.b.go(link[:-4] + "0000")
    assert "none is kept" in page.b.text("#problem"), page.b.text("#problem")
    page.b.go(f"http://127.0.0.1:{page.service.port}/")
    page.b.find("#policy")


def each_form_of_evidence_is_taken(page):
    """What people have of a quote (situs-verify(1), EVIDENCE), pasted as text or chosen as a file, and whole bundles."""
    bundle = page.attest("ab" * 32)
    page.choose(GENUINE)
    subprocess.run([SITUS, "unpack", bundle, channel.HERE / "parts"], env=PLAIN, check=True, capture_output=True)
    [quote] = [f for f in (channel.HERE / "parts").iterdir() if f.name.startswith("tdx")]
    raw = quote.read_bytes()
    lines = base64.encodebytes(raw).decode()
    forms = {"hex": raw.hex(), "0x": "0x" + raw.hex(), "spaced": " ".join(f"{b:02x}" for b in raw), "base64": lines,
             "base64url": base64.urlsafe_b64encode(raw).decode().rstrip("="),
             "armour": f"-----BEGIN QUOTE-----\n{lines}-----END QUOTE-----\n", "dstack": json.dumps({"quote": raw.hex()}),
             "phala": json.dumps({"intel_quote": "0x" + raw.hex(), "other": 1})}
    files = {"bytes": quote, "bundle": bundle}
    for name, text in forms.items():
        files[name] = channel.HERE / f"form-{name}"
        files[name].write_text(text)
    want = "A genuine chip signed this, by the word of “lab Intel SGX Root CA”;"
    for name in files:
        for given in ({"file": files[name]}, {"text": forms[name]} if name in forms else None):
            if given:
                said = page.hand_in(**given)
                assert said.startswith(want), (name, given, said)
                page.again()
    page.b.run("""const data = new DataTransfer();
        data.items.add(new File([Uint8Array.from(atob(arguments[0]), c => c.charCodeAt(0))], "quote.bin"));
        document.getElementById("drop").dispatchEvent(new DragEvent("drop", {dataTransfer: data, bubbles: true, cancelable: true}))""",
               base64.b64encode(raw).decode())
    assert page.b.text("#chosen") == f"quote.bin, {len(raw)} bytes"
    page.b.click("button.main")
    assert page.sentence().startswith(want)
    page.again()


def what_is_no_evidence_is_said_to_be_none(page):
    page.b.click("button.main")
    assert "There is no evidence yet" in page.b.text("#problem")
    said = page.hand_in(text="certainly")
    assert said == "Not proven: what was given cannot be read as evidence.", said
    page.looked_at("noise")
    page.again()
    page.choose(LIVE)
    page.question()
    page.b.run("const f = window.fetch; window.fetch = (url, o) => f(url.replace(/session=[^&]*/, 'session=none'), o)")
    page.b.run("document.getElementById('text').value = '00'")
    page.b.click("button.main")
    told = page.b.text("#problem .problem")
    assert told.startswith("Your challenge is not known here any more") and "What to do" in told, told
    page.looked_at("problem")
    page.b.run("location.reload()")
    page.b.find("#policy")


def a_keyboard_is_enough(page):
    page.b.run("location.reload()")
    page.b.find("#policy")

    def to(what):
        for _ in range(60):
            page.b.keys(TAB)
            if page.b.focused() == what:
                ring = page.b.run("return getComputedStyle(document.activeElement).outlineStyle")
                assert ring != "none" or what == "file", what
                return
        raise AssertionError(f"{what} is not reached")
    to("Skip to the content")
    to("policy")
    page.b.keys(*GENUINE)  # a list goes to what is typed
    until(lambda: page.b.run("return document.getElementById('policy').value") == GENUINE)
    to("challenge")
    to("text")
    page.b.keys(*"00ff")
    to("file")
    to("Verify")
    page.b.keys(ENTER)
    assert page.sentence().startswith("Not proven: ")
    assert page.b.focused() == page.sentence()  # who hears the page hears the answer
    to("Raw values")
    page.b.keys(ENTER)
    page.b.find("#answer details[open] table")
    to("Copy policy_sha256")
    page.b.keys(SPACE)
    to("Check something else")
    page.b.keys(ENTER)
    page.b.find("#policy")
    assert page.b.focused() == "policy"


def nothing_was_asked_of_another_host_and_nothing_violated(page):
    asked = page.b.run("return performance.getEntriesByType('resource').map(e => e.name)")
    assert asked and all(url.startswith(f"http://127.0.0.1:{page.service.port}/") for url in asked), asked
    said = [line for line in page.b.console() if "status of 4" not in line]  # a refusal that was asked for
    assert said == [], said


def a_watched_machine_is_shown_with_its_events():
    """On the inner socket alone."""
    folder = tempfile.mkdtemp(dir=channel.HERE)
    with channel.Attester() as a:
        configuration = watch.watch(a.address, folder, {"sqlite": folder + "/store"}, ak_name=watch.ak_name())
        with Service(folder, configuration) as s, Browser(tempfile.mkdtemp(dir=channel.HERE)) as b:
            until(lambda: watch.told(s).get("state") == "live")
            page = Page(b, s, OUT)
            b.go(f"http://127.0.0.1:{s.inside}/m/cloud-1")
            assert page.sentence().startswith("SIMULATED, no real machine: “cloud-1”: Watched without a gap since "), page.sentence()
            assert "The watch began" in b.text("#answer") and b.find("#simulated")
            page.looked_at("machine")
            configuration["watch"]["machines"]["cloud-1"]["ak_name"] = "000b" + "00" * 32  # another machine's
            s.write(configuration)
            s.reload()
            until(lambda: watch.told(s).get("state") != "live")
            until(lambda: page.sentence().startswith("SIMULATED, no real machine: “cloud-1”: Not proven: "))
            assert b.run("return [...document.querySelectorAll('.timeline rect')].map(r => r.getAttribute('class'))") == ["watched", "gap"]
            page.looked_at("machine-broken")
            b.go(f"http://127.0.0.1:{s.inside}/m/nobody")
            assert "watches no machine of this name" in b.text("#problem"), b.text("#problem")


def all_watched_machines_are_shown_by_site_as_things_happen():
    folder = tempfile.mkdtemp(dir=channel.HERE)
    with channel.Attester() as a:
        configuration = watch.watch(a.address, folder, {"sqlite": folder + "/store"}, ak_name=watch.ak_name())
        watched = configuration["watch"]["machines"]
        watched["cloud-1"]["site"] = "hall 1"
        watched["other"] = {"policy": lab.NAME, "target": a.address, "ak_name": "000b" + "11" * 32}
        with Service(folder, configuration) as s, Browser(tempfile.mkdtemp(dir=channel.HERE)) as b:
            page = Page(b, s, OUT)
            b.go(f"http://127.0.0.1:{s.inside}/m")
            says = "SIMULATED, no real machines: "
            until(lambda: page.sentence() == says + "1 of 2 machines watched without a gap.")
            def rows():
                return b.run("return [...document.querySelectorAll('.fleet tbody tr')].map(r => [...r.children].slice(0, 2).map(c => c.textContent))")
            assert sorted(rows()) == [["cloud-1", "Simulation · watched"], ["other", "Simulation · new"]], rows()
            assert b.run("return [...document.querySelectorAll('.fleet caption')].map(c => c.textContent)") == ["No site is said: 1", "“hall 1”: 1"]
            page.looked_at("fleet")
            b.run("const s = document.getElementById('state'); s.value = 'new'; s.dispatchEvent(new Event('change'))")
            assert [name for name, _ in rows()] == ["other"]
            b.run("const s = document.getElementById('state'); s.value = ''; s.dispatchEvent(new Event('change'))")
            watched["cloud-1"]["ak_name"] = "000b" + "00" * 32  # another machine: the span of the one before ends
            s.write(configuration)
            s.reload()
            until(lambda: page.sentence() == says + "0 of 2 machines watched without a gap.")
            assert b.run("return document.querySelector('.fleet a').getAttribute('href')").startswith("/m/")
            asked = b.run("return performance.getEntriesByType('resource').map(e => e.name)")
            assert all(url.startswith(f"http://127.0.0.1:{s.inside}/") for url in asked), asked
            said = [line for line in b.console() if "status of" not in line and "ERR_" not in line]  # the service was loaded anew
            assert said == [], said


def in_a_browser():
    simulated, real = world()
    for configuration, tests in ((simulated, [a_simulated_machine_is_proven_and_never_without_that_word]),
                                 (real, [a_trusted_machine_is_told_and_ends, evidence_of_a_question_that_was_answered_is_of_then,
                                         a_machine_that_nobody_vouches_for_is_refused_and_the_link_is_red,
                                         an_answer_that_was_kept_is_of_its_time,
                                         each_form_of_evidence_is_taken, what_is_no_evidence_is_said_to_be_none,
                                         a_keyboard_is_enough])):
        with Service(tempfile.mkdtemp(dir=channel.HERE), configuration) as s, \
                Browser(tempfile.mkdtemp(dir=channel.HERE)) as b:
            page = Page(b, s, OUT)
            for test in [*tests, nothing_was_asked_of_another_host_and_nothing_violated]:
                test(page)
                print("ok", test.__name__, flush=True)
            if not page.axe.exists():
                print("skipped: axe-core, which npm could not get")


if __name__ == "__main__":
    missing = [p for p in ("chromium", "chromedriver") if not shutil.which(p)]
    assert not missing, missing
    OUT = pathlib.Path(sys.argv.pop(1)).resolve()
    channel.main([in_a_browser, a_watched_machine_is_shown_with_its_events, all_watched_machines_are_shown_by_site_as_things_happen])
