"""What the tests of kills share."""
import os
import pathlib
import shutil
import sys
import tempfile

from parties import Lab, STARTED

ABSENT, PENDING, REFUSED = 1, 3, 6  # situs-host(1), situs-attest(1)
END_AT = os.environ["END_AT"]       # tests/roles/end_at.c, built


def one_error(code, said, *parts, codes=(ABSENT,)):
    """A failure as a user should meet it."""
    lines = said.splitlines()
    errors = [line for line in lines if line.startswith("situs: error: ")]
    hints = [line for line in lines if line.startswith("situs: hint: ")]
    assert code in codes, (code, said)
    assert len(errors) == 1 and len(hints) == 1 and lines[-1] == hints[0], said
    assert any(part in errors[0] for part in parts), (parts, said)


def ends_at_each_file_call(run, check, how):
    """Runs with the n-th call that changes a file ended, until there is none; check sees exit code and words."""
    step, fired = 0, True
    while fired:
        step += 1
        assert step < 100
        code, said = run({"LD_PRELOAD": END_AT, "SITUS_END_AT": f"{how} {step}"})
        fired = "end_at\n" in said
        assert fired or code == 0, said
        check(step, code, said.replace("end_at\n", ""))
    print(f"   {step - 1} calls, {how}")


def main(tests, party, fuse=False):
    """Runs tests on a party that is made of a lab and a folder of its own."""
    missing = [t for t in ("swtpm", "swtpm_setup", "openssl") if not shutil.which(t)]
    if fuse and not os.access("/dev/fuse", os.R_OK | os.W_OK):
        missing.append("/dev/fuse")
    if missing:
        print("skipped: no", *missing)
        sys.exit(77)
    with tempfile.TemporaryDirectory(prefix="situs-", dir="/tmp") as folder:
        here = pathlib.Path(folder)
        lab = Lab(here / "lab")
        try:
            parties = party(lab, here)
            for test in tests:
                test(parties)
                print("ok", test.__name__, flush=True)
        finally:
            for started in STARTED:
                started.kill()
            assert lab.stop() == 0
