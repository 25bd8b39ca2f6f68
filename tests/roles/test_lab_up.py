"""situs lab up as a user meets it: what it says to type works, and nothing is left of it however it ends."""
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile

from parties import BOUND, PLAIN, SITUS, Lab, children_of, runs, until

HERE = LAB = None


def shell(text):
    return subprocess.run(["sh", "-c", text], cwd=HERE, env=PLAIN, capture_output=True, timeout=BOUND)


def steps(lab):
    """The commands that lab up prints for a machine, by its name."""
    texts = re.split(r"^# (\w+)[ ,]", lab.said, flags=re.M)
    return {name: text.split("\n", 1)[1].split("\n#")[0] for name, text in zip(texts[1::2], texts[2::2])
            if " attest --nonce" in text}


def what_it_says_to_type_works():
    for machine, expected in (("cloud", 0), ("metal", 0), ("basement", 6), ("snp", 0), ("azure", 0)):
        done = shell(steps(LAB)[machine])
        assert done.returncode == expected, (machine, done.stdout, done.stderr)
        assert re.search(rb"^(TRUSTED|REFUSED)", done.stdout, re.M)


def without_fuse_the_same_code_collects_and_says_so():
    env = {**PLAIN, "LD_PRELOAD": os.environ["END_AT"], "SITUS_NO_FUSE": "1"}
    for machine, expected in (("metal", 0), ("basement", 6)):
        done = subprocess.run([SITUS, "lab", "machine", machine, "-v", "--dir", HERE / "other"], env=env,
                              capture_output=True, timeout=BOUND)
        said = done.stderr.decode()
        assert done.returncode == expected and re.search(rb"^(TRUSTED|REFUSED)", done.stdout, re.M), (done.stdout, said)
        assert "no FUSE here: configfs-tsm stands behind the attester's file calls" in said, said
        assert "bundle: tdx, " in said and "tpm: TPM2_Quote" in said, said
        assert "registrar: prove" in done.stdout.decode() or machine == "basement"


def machines_of_one_directory_are_of_one_world():
    """What a verifier was given for the first is good after the second."""
    said = [subprocess.run([SITUS, "lab", "machine", name, "--dir", HERE / "other"], env=PLAIN, capture_output=True,
                           timeout=BOUND).stdout.decode() for name in ("metal", "snp", "azure", "cloud")]
    words = [text.split("\n")[0].split()[2:] for text in said]
    assert [w[0] for w in words] == ["verify"] * 4, said
    for w in words:
        assert subprocess.run([SITUS, *w], env=PLAIN, capture_output=True).returncode == 0, w


def a_policy_is_written_from_a_machine():
    """Of what the programs of guest and host collected, with TPMs of their own."""
    managed = ["--profile", "lab", "--provider", "situs", "--platform-by", "provider", "--platform", "all"]
    metal = ["--scenario", "bare-metal", "--host-closed-by", "builder", "--host-closed", "all", "--co-locates"]
    azure = ["--provider", "azure", "--azure-issuer", "Azure in the lab", "--platform-by", "provider", "--platform", "all"]
    for name, more in (("cloud", managed), ("metal", metal), ("azure", azure)):
        done = subprocess.run([SITUS, "lab", "machine", name, "--dir", HERE / "other"], env=PLAIN, capture_output=True,
                              timeout=BOUND)
        bundle, option, _, *words = done.stdout.decode().split("\n")[0].split()[3:]
        new = subprocess.run([SITUS, "policy", "new", "--from", bundle, *words, "--simulated", *more, "--closed-by", "builder",
                              "--closed", "all", "--allow", "lab provider=lab-hall-1", "-o", HERE / "new.json"],
                             env=PLAIN, capture_output=True, timeout=BOUND)
        assert (new.returncode, new.stdout) == (0, b""), new.stderr
        assert b"nothing is left to state" in new.stderr, new.stderr
        done = subprocess.run([SITUS, "verify", bundle, option, HERE / "new.json", *words], env=PLAIN, capture_output=True)
        assert done.returncode == 0, (done.stdout, done.stderr)


def the_doctor_sees_a_paravisor():
    """And on a machine without one that there is none, which is no fault."""
    for name, td, state in (("azure", True, "good"), ("cloud", False, "absent")):
        tcti = re.search(r"--tcti (\S+)", steps(LAB)[name])[1]
        done = subprocess.run([SITUS, "doctor", "--tcti", tcti, "--root", HERE / "nothing", "-j"], env=PLAIN,
                              capture_output=True, timeout=BOUND)
        seen = json.loads(done.stdout)
        states = {p["id"]: p["state"] for p in seen["probes"]}
        assert (seen["td"], states["azure.report"], states["azure.ak_certificate"]) == (td, state, state), (name, seen)


def gone(lab, pids):
    until(lambda: not any(runs(p) for p in pids), BOUND)
    until(lambda: not lab.run.exists(), BOUND)
    assert str(lab.run) not in pathlib.Path("/proc/self/mounts").read_text()


def nothing_is_left(lab, how):
    pids = [p for p, words in children_of(lab.child.pid)]
    assert len(pids) >= 12, pids
    code = lab.stop(how)
    assert code == (0 if how != signal.SIGKILL else -9), code
    gone(lab, pids)


def nothing_is_left_after_control_c():
    nothing_is_left(LAB, signal.SIGINT)


def nothing_is_left_after_sigterm():
    nothing_is_left(Lab(HERE / "lab"), signal.SIGTERM)


def nothing_is_left_after_sigkill():
    nothing_is_left(Lab(HERE / "lab"), signal.SIGKILL)


def nothing_is_left_of_an_attack_that_is_ended():
    """While the attack's TPM runs, whose words name the directory."""
    for how in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
        attack = subprocess.Popen([SITUS, "lab", "attack"], env=PLAIN, stdout=subprocess.DEVNULL,
                                  stdin=subprocess.DEVNULL)
        found = None
        while not found:
            assert attack.poll() is None, how
            tpms = [(p, re.search(r"dir=(/tmp/situs-\w+)/", " ".join(words)))
                    for p, words in children_of(attack.pid)]
            found = next(((p, pathlib.Path(m[1])) for p, m in tpms if m), None)
        attack.send_signal(how)
        assert attack.wait(timeout=BOUND) == -how
        until(lambda: not runs(found[0]) and not found[1].exists(), BOUND)


def main():
    global HERE, LAB
    missing = [t for t in ("swtpm", "swtpm_setup", "fusermount3") if not shutil.which(t)]
    if missing or not os.access("/dev/fuse", os.R_OK | os.W_OK):
        print("skipped: no", *missing, "or no /dev/fuse")
        sys.exit(77)
    with tempfile.TemporaryDirectory(prefix="situs-", dir="/tmp") as folder:
        HERE = pathlib.Path(folder)
        LAB = Lab(HERE / "lab")
        try:
            for test in (what_it_says_to_type_works, without_fuse_the_same_code_collects_and_says_so,
                         the_doctor_sees_a_paravisor, machines_of_one_directory_are_of_one_world, a_policy_is_written_from_a_machine,
                         nothing_is_left_after_control_c,
                         nothing_is_left_after_sigterm, nothing_is_left_after_sigkill,
                         nothing_is_left_of_an_attack_that_is_ended):
                test()
                print("ok", test.__name__, flush=True)
        finally:
            LAB.child.kill()


main()
