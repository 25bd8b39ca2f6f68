"""Each party of an enrolment is killed at every step, and the disk is full at every write: who survives ends in
time with a documented exit code, one error and one hint; no file is left half written; the next try succeeds."""
import os
import re
import shutil
import subprocess

from kills import ABSENT, PENDING, ends_at_each_file_call, main, one_error
from parties import PLAIN, SITUS, Party, Proxy, contents, measured_launch, situs, tpm, tpm_proxy, until, wire_message


def state_is_whole(before, after):
    """The state directory is as it was, or one that can be used."""
    assert after == before or {"ak.public", "ak.private", "pcrs"} <= after.keys(), (before.keys(), after.keys())


class Host:
    """One bare-metal host: its TPM behind a proxy, the registrar behind another."""

    def __init__(self, lab, here):
        self.lab, self.here, self.state = lab, here, here / "state" / "host"
        self.state.parent.mkdir()
        (here / "tpm").mkdir()
        shutil.copy(next(here.glob("lab/maker/metal/*.permall")), here / "tpm")
        self.tpm = tpm(here / "tpm", here / "t", lambda: measured_launch(here / "t")).start()
        self.registrar = lab.take("registrar", "--socket", opens=lab.run / "registrar").again()
        self.to_tpm = tpm_proxy(here / "pt", here / "t")
        self.to_registrar = Proxy(here / "pr", lab.run / "registrar", wire_message)
        self.succeeds()

    def provision(self, **more):
        return situs("host", "provision", "--tcti", f"swtpm:path={self.here}/pt", "--state", self.state,
                     "--registrar", self.here / "pr", "--ek-chain", self.here / "lab/maker/ca.der", "--launch-log",
                     self.here / "lab/metal/launch.log", **more)

    def boot(self, said):
        """The counters that the machine shows."""
        return re.search(r"this machine is in boot (\d+,\d+)", said)[1]

    def confirm(self, boot, **more):
        return situs("registrar", "--fleet", self.here / "lab/fleet.csv", "--state", self.here / "lab/registrar",
                     "--confirm", "metal", "--boot", boot, **more)

    def succeeds(self):
        self.to_tpm.passes()
        self.to_registrar.passes()
        code, said = self.provision()
        if code == PENDING:
            assert self.confirm(self.boot(said))[0] == 0
            code, said = self.provision()
        assert code == 0, said
        assert "cert0.der" in contents(self.state)

    def steps(self, proxy, party, *parts, codes, whens=("asked", "answered")):
        """Kills the party at every message of a provisioning, before and after it has answered."""
        for when in whens:
            step, refusals, fired = 0, 0, True
            while fired:
                step += 1
                assert step < 200
                before, beside = contents(self.state), set(os.listdir(self.state.parent))
                proxy.ends(step, when, party.kill)
                code, said = self.provision()
                fired = proxy.passes()
                if code not in (0, PENDING):
                    refusals += 1
                    one_error(code, said, *parts, codes=codes)
                    assert fired and refusals == step, said  # after the first success only flushing is left
                if fired:
                    party.start()
                state_is_whole(before, contents(self.state))
                assert set(os.listdir(self.state.parent)) - {"host"} == beside - {"host"}
            print(f"   {step - 1} messages, {refusals} needed; {when}")
            self.succeeds()


def provision_survives_a_tpm_that_dies(host):
    host.steps(host.to_tpm, host.tpm, "tpm: ", codes=(ABSENT,), whens=("answered",))


def provision_survives_a_registrar_that_dies(host):
    host.steps(host.to_registrar, host.registrar, "registrar", codes=(ABSENT,))


def others_survive_a_provision_that_dies(host):
    """The client is killed at each of its messages: the registrar serves on, the TPM is not full, the state is
    whole."""
    for proxy, stride in ((host.to_tpm, 3), (host.to_registrar, 1)):
        step, fired = 1 - stride, True
        while fired:
            step += stride
            client = Party([SITUS, "host", "provision", "--tcti", f"swtpm:path={host.here}/pt", "--state", host.state,
                            "--registrar", host.here / "pr", "--ek-chain", host.here / "lab/maker/ca.der"], "/")
            before = contents(host.state)
            ready = []
            proxy.ends(step, "asked", lambda: (until(lambda: ready), ready[0].kill()))
            child = subprocess.Popen(client.argv, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL, env=PLAIN)
            ready.append(child)
            child.wait(timeout=60)
            fired = proxy.passes()
            state_is_whole(before, contents(host.state))
            assert host.registrar.child.poll() is None and host.tpm.child.poll() is None
        print(f"   to message {step}")
        host.succeeds()


def a_full_disk_leaves_the_old_state(host):
    shutil.rmtree(host.state)
    before = contents(host.state)

    def check(step, code, said):
        nonlocal before
        after, beside = contents(host.state), os.listdir(host.state.parent)
        if code != 0:
            one_error(code, said, "state/host", codes=(ABSENT,))
        state_is_whole(before, after)
        assert set(beside) <= {"host"}, beside
        before = after
    ends_at_each_file_call(lambda env: host.provision(env=env), check, "full")
    host.succeeds()


def a_writer_that_is_killed_leaves_the_old_state(host):
    shutil.rmtree(host.state)
    before = contents(host.state)

    def check(step, code, said):
        nonlocal before
        state_is_whole(before, contents(host.state))
        before = contents(host.state)
    ends_at_each_file_call(lambda env: host.provision(env=env), check, "kill")
    host.succeeds()


def a_confirmation_on_a_full_disk_says_so(host):
    """It is the disk that failed: a boot did wait, and waits on."""
    host.tpm.again()
    code, said = host.provision()
    assert code == PENDING
    boot = host.boot(said)

    def check(step, code, said):
        if code != 0:
            one_error(code, said, ".confirmed: missing: expected to be written, got No space left on device",
                      ".confirmed: missing: expected a place to write, got No space left on device")
            assert "confirm" in said.splitlines()[-1], said
            assert host.provision()[0] == PENDING
    ends_at_each_file_call(lambda env: host.confirm(boot, env=env), check, "full")
    assert host.provision()[0] == 0
    assert host.confirm(boot)[0] == 0  # once more, and nothing else was reported
    code, said = host.confirm("4000000000,0")
    one_error(code, said, "expected a boot of this machine that waits for confirmation, got none")


HOST_TESTS = (provision_survives_a_tpm_that_dies, provision_survives_a_registrar_that_dies,
              others_survive_a_provision_that_dies, a_full_disk_leaves_the_old_state,
              a_writer_that_is_killed_leaves_the_old_state, a_confirmation_on_a_full_disk_says_so)


main(HOST_TESTS, Host)
