"""Each party of a collection is killed at every step, on a managed and on a bare-metal machine, and the disk is full
at every write: situs attest ends in time with a documented exit code, one error and one hint, what -o names stays as
it was, and the next try succeeds."""
import os
import pathlib
import signal
import subprocess

from kills import ends_at_each_file_call, main, one_error
from parties import PLAIN, SITUS, Proxy, children_of, contents, measured_launch, situs, tpm_proxy, until, wire_message

OLD = {"evidence": b"of yesterday"}


class Guest:
    """A machine's attester, with proxies before its TPM and before the quoting service."""

    def __init__(self, lab, here, name):
        self.lab, self.at, self.name = lab, lab.run / name, name
        self.out, files = here / f"{name}-out", here / "lab" / name
        self.out.mkdir()
        self.vtpm = lab.take_tpm(f"{name}/vtpm")
        self.to_vtpm = tpm_proxy(here / f"{name}-pv", self.at / "vtpm")
        os.rename(self.at / "qgs.sock", self.at / "qgs")
        self.to_qgs = Proxy(self.at / "qgs.sock", self.at / "qgs", wire_message)
        self.words = ["attest", "--nonce", "11" * 32, "-o", self.out / "evidence", "--tcti",
                      f"swtpm:path={here}/{name}-pv", "--tsm", self.at / "report", "--ccel", files / "ccel",
                      "--pcr-log", files / "pcr.log"]

    def attest(self, **more):
        return situs(*self.words, **more)

    def yesterday(self):
        for path in self.out.iterdir():
            path.unlink()
        (self.out / "evidence").write_bytes(OLD["evidence"])

    def check(self, code, said, *parts):
        """The file is of today, whole, or of yesterday."""
        out = contents(self.out)
        if code == 0:
            assert out.keys() == OLD.keys() and len(out["evidence"]) > 1000
        else:
            assert out == OLD
            one_error(code, said, *parts)
        self.yesterday()

    def succeeds(self):
        self.yesterday()
        code, said = self.attest()
        assert code == 0, said
        self.check(code, said)

    def steps(self, proxy, end, again, *parts, whens=("asked", "answered", "after"), stride=1):
        """Ends a party at every message, or some, of a collection that passes a proxy."""
        needed = 0
        for when in whens:
            step, refusals, fired = 1 - stride, 0, True
            while fired:
                step += stride
                assert step < 200
                proxy.ends(step, when, end)
                code, said = self.attest()
                fired = proxy.passes()
                assert code == 0 or (fired and refusals * stride + 1 == step), said  # then only flushing is left
                refusals += code != 0
                self.check(code, said, *parts)
                if fired:
                    again()
                assert not os.listdir(self.at / "report")
            print(f"   {self.name}: to message {step}, {refusals} refusals; {when}")
            needed += refusals
            self.succeeds()
        assert needed


class Managed(Guest):
    def __init__(self, lab, here):
        super().__init__(lab, here, "cloud")
        self.words += ["--ak-cert", here / "lab/cloud/host/cert0.der"]


class Metal(Guest):
    """With the agent, and its TPM, behind proxies too."""

    def __init__(self, lab, here):
        super().__init__(lab, here, "metal")
        at = self.at
        self.dtpm = lab.take_tpm("metal/dtpm", lambda: measured_launch(at / "dtpm"))
        self.to_dtpm = tpm_proxy(here / "pd", at / "dtpm")
        self.to_agent = Proxy(here / "pa", at / "vms/vm1/platform.sock", wire_message)
        self.agent = lab.take("host run", str(at), opens=at / "vms/vm1/platform.sock",
                              change={f"swtpm:path={at}/dtpm": f"swtpm:path={here}/pd"}).start()
        self.words += ["--platform", here / "pa"]


class Machines:
    def __init__(self, lab, here):
        self.lab, self.cloud, self.metal = lab, Managed(lab, here), Metal(lab, here)
        self.cloud.succeeds()
        self.metal.succeeds()


def attest_survives_a_tpm_that_dies(machines):
    for guest, when in ((machines.cloud, "answered"), (machines.metal, "after")):
        guest.steps(guest.to_vtpm, guest.vtpm.kill, guest.vtpm.start, "tpm: ", whens=(when,))


def attest_survives_a_quoting_service_that_dies(machines):
    for guest in (machines.cloud, machines.metal):
        guest.steps(guest.to_qgs, lambda: None, lambda: None, "tsm: ", whens=("asked", "answered"))
    assert all(p.child.poll() is None for p in (machines.metal.agent, machines.metal.dtpm))


def attest_survives_an_agent_that_dies(machines):
    """Before the guest, while it has a quote made, and while it uses its TPM."""
    guest = machines.metal
    guest.steps(guest.to_agent, guest.agent.kill, guest.agent.start, "platform: ", "pa: ", "tsm: ")
    guest.steps(guest.to_qgs, guest.agent.kill, guest.agent.start, "tsm: ", whens=("asked", "answered"))
    guest.steps(guest.to_dtpm, guest.agent.kill, guest.agent.start, "platform: ", whens=("answered",), stride=4)


def agent_and_attest_survive_a_host_tpm_that_dies(machines):
    guest = machines.metal
    guest.steps(guest.to_dtpm, guest.dtpm.kill, guest.dtpm.start, "platform: refusal", whens=("after",), stride=3)
    assert guest.agent.child.poll() is None


def others_survive_an_attest_that_dies(machines):
    """Nothing of it fills a TPM, or holds the agent."""
    for guest, proxy in ((machines.cloud, machines.cloud.to_vtpm), (machines.metal, machines.metal.to_agent)):
        step, fired = 0, True
        while fired:
            step += 1
            ready = []
            proxy.ends(step, "asked", lambda: (until(lambda: ready), ready[0].kill()))
            ready.append(subprocess.Popen([SITUS, *map(str, guest.words)], stderr=subprocess.DEVNULL, env=PLAIN))
            ready[0].wait(timeout=60)
            fired = proxy.passes()
            assert (contents(guest.out) == OLD) == fired
            guest.yesterday()
        print(f"   {guest.name}: to message {step}")
        guest.succeeds()


def a_full_disk_leaves_the_old_file(machines):
    guest = machines.cloud
    ends_at_each_file_call(lambda env: guest.attest(env=env),
                           lambda _, code, said: guest.check(code, said, "evidence: ", "inblob: "), "full")


def an_attest_that_is_killed_leaves_a_whole_file(machines):
    guest = machines.cloud

    def check(_, code, said):
        evidence = contents(guest.out)["evidence"]
        assert evidence == OLD["evidence"] or len(evidence) > 1000
        assert code == 0 or code == -signal.SIGKILL
        guest.yesterday()
    ends_at_each_file_call(lambda env: guest.attest(env=env), check, "kill")
    guest.succeeds()


def kill_stand_ins(lab):
    """The processes behind configfs-tsm: those that hold /dev/fuse."""
    for pid, _ in children_of(lab.child.pid):
        if any(os.path.realpath(fd) == "/dev/fuse" for fd in pathlib.Path(f"/proc/{pid}/fd").iterdir()):
            os.kill(pid, signal.SIGKILL)


def attest_survives_a_configfs_that_dies(machines):
    """While a quote is made, and before; its mount stays dead, so that only the next lab answers."""
    guest = machines.cloud
    guest.to_qgs.ends(1, "asked", lambda: kill_stand_ins(machines.lab))
    for _ in range(2):
        guest.check(*guest.attest(), "tsm: ")
    assert guest.to_qgs.passes()


main((attest_survives_a_tpm_that_dies, attest_survives_a_quoting_service_that_dies, attest_survives_an_agent_that_dies,
      agent_and_attest_survive_a_host_tpm_that_dies, others_survive_an_attest_that_dies, a_full_disk_leaves_the_old_file,
      an_attest_that_is_killed_leaves_a_whole_file, attest_survives_a_configfs_that_dies), Machines, fuse=True)
