"""Real measured boots (make test-qemu): OVMF, systemd-stub and Linux measure into a TPM, the attester in the
guest quotes it, and this side verifies. There is no TD, so no boot may ever be proven to be anything."""
import base64
import copy
import hashlib
import json
import os
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time

import image
import machine

HERE = os.path.dirname(os.path.abspath(__file__))
WORDS = "console=ttyS0 panic=-1"
TPM_ROWS = ("tpm.signature", "tpm.pcrs", "ak.certificate", "ak.attributes", "log.pcr")
QUOTED = [*range(10), 11, 12, 14]
EV_NO_ACTION, EV_EVENT_TAG = 3, 6
STUB_INITRD = struct.pack("<II", 0x8f3b22ec, 13) + b"Linux initrd\0"  # Linux, efi/libstub


def run(*argv, expect=0):
    done = subprocess.run(list(map(str, argv)), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          timeout=machine.PATIENCE)
    assert done.returncode == expect, f"{argv[1:]} ended with {done.returncode}: {done.stderr.decode()}"
    return done.stdout


def sha384(*parts):
    return hashlib.sha384(b"".join(parts)).digest()


def extend(value, *measured):
    for one in measured:
        value = sha384(value, sha384(one))
    return value


def encode(value):
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def decode(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def events(log):
    """The log's events, read apart from situs: (register, type, where its SHA-384 digest is, data); PC Client
    Platform Firmware Profile 1.06, 10."""
    size = {0x4: 20, 0xb: 32, 0xc: 48, 0xd: 64}  # TPM_ALG_ID
    at = 32 + struct.unpack_from("<I", log, 28)[0]
    found = []
    while at < len(log):
        pcr, kind, banks = struct.unpack_from("<III", log, at)
        at += 12
        for _ in range(banks):
            [algorithm] = struct.unpack_from("<H", log, at)
            if algorithm == 0xc:
                digest = at + 2
            at += 2 + size[algorithm]
        [n] = struct.unpack_from("<I", log, at)
        found.append((pcr, kind, digest, log[at + 4:at + 4 + n]))
        at += 4 + n
    return found


def replay(log):
    values = [bytes(48)] * 16
    for pcr, kind, at, _ in events(log):
        if kind != EV_NO_ACTION:
            values[pcr] = sha384(values[pcr], log[at:at + 48])
    return values


class Evidence:
    """What the guest answered to one challenge."""

    def __init__(self, guest):
        self.nonce = os.urandom(32)
        answer = guest.ask("evidence " + self.nonce.hex())
        assert not answer.startswith("error"), answer
        self.bundle = json.loads(base64.b64decode(answer))
        self.pcrs = [bytes.fromhex(v) for v in guest.ask("pcrs").split()]

    def item(self, label):
        return decode(self.bundle[label][1])

    def changed(self, label, value):
        other = copy.deepcopy(self)
        other.bundle[label][1] = encode(value)
        return other

    def flipped(self, label, at):
        value = bytearray(self.item(label))
        value[at] ^= 1
        return self.changed(label, bytes(value))


class Boots:
    """The boots and what they answered; everything after them is done here."""

    def __init__(self, situs, cache, directory):
        self.situs, self.directory = situs, directory
        self.site = os.path.join(directory, "dc")
        self.kernel = image.kernel(cache)
        # The provider, one of its TPMs, and the certificate of that TPM's attestation key.
        run(situs, "lab", "machine", "cloud", "--dir", self.site)
        self._make_images()
        self._make_policy()

    def path(self, name, data=None):
        path = os.path.join(self.directory, name)
        if data is not None:
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "wb") as f:
                f.write(data)
        return path

    def _make_images(self):
        enrolled = os.path.join(self.site, "cloud", "host")
        attest = self.situs + "-attest"
        files = {"init": os.path.join(HERE, "guest.sh"), "bin/situs": self.situs, "bin/situs-attest": attest,
                 "bin/busybox": image.BUSYBOX, "bin/sh": image.BUSYBOX,
                 "ak.der": os.path.join(enrolled, "cert0.der"), "ca.der": os.path.join(enrolled, "cert1.der")}
        files.update({path[1:]: path for path in image.libraries(self.situs, attest)})
        self.initrd = image.initrd(self.path("initrd"), files)

    def _make_policy(self):
        with open(os.path.join(self.site, "policy-managed.json")) as f:
            policy = json.load(f)
        policy["ak.certificate"]["require_crl"] = True
        self.policy = self.path("policy.json", json.dumps(policy).encode())

    def disk(self, name, words):
        """A disk with one unified kernel image, which the firmware finds by its default path."""
        self.path(f"{name}/EFI/BOOT/BOOTX64.EFI", b"")
        image.uki(self.path(f"{name}/EFI/BOOT/BOOTX64.EFI"), {
            ".linux": self.kernel, ".osrel": self.path("osrel", b"ID=situs-test\n"),
            ".cmdline": self.path(f"{name}.cmdline", words.encode()), ".initrd": self.initrd})
        return ["-drive", f"if=none,id=disk,format=raw,readonly=on,file=fat:{self.path(name)}",
                "-device", "virtio-blk-pci,drive=disk"]

    def boot(self, name, *arguments, **more):
        print("boot   ", name, flush=True)
        tpm = os.path.join(self.site, "provider", "cloud")
        return machine.Machine(self.path("m"), tpm, *arguments, **more)

    def three_boots_answer(self):
        with self.boot("a unified kernel image, CRB", *self.disk("uki", WORDS)) as guest:
            self.uki, self.again = Evidence(guest), Evidence(guest)
            self.td = guest.ask("td " + os.urandom(32).hex())
            assert guest.ask("command " + pcr_extend(11, sha384(b"loaded later"))) == "0"
            self.later = Evidence(guest)
        with self.boot("another command line", *self.disk("other", WORDS + " rescue")) as guest:
            self.other = Evidence(guest)
        with self.boot("a kernel that the firmware is handed, TIS", "-kernel", self.kernel,
                       "-initrd", self.initrd, "-append", WORDS, device="tpm-tis") as guest:
            self.direct = Evidence(guest)

    def verify(self, evidence):
        """The report on evidence: its checks by id, its claims and the rest."""
        bundle = self.path("evidence.json", json.dumps(evidence.bundle).encode())
        done = subprocess.run([self.situs, "verify", "--policy", self.policy,
                               "--trust", os.path.join(self.site, "trust.json"),
                               "--endorsement", os.path.join(self.site, "provider.crl"),
                               "--nonce", evidence.nonce.hex(), "-j", bundle],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=machine.PATIENCE)
        report = json.loads(done.stdout)
        assert done.returncode == report["exit"] and report["verdict"] == "refused", report["verdict"]
        report["checks"] = {c["id"]: c for c in report["checks"]}
        return report

    def refused(self, evidence, check, field, exit):
        """Exactly this row fails, at this field."""
        report = self.verify(evidence)
        failed = {c["id"]: c.get("field") for c in report["checks"].values() if c["outcome"] == "fail"}
        assert failed == {check: field} and report["exit"] == exit, (failed, report["exit"])


def pcr_extend(pcr, digest):
    """TPM2_PCR_Extend with an empty password (TPM 2.0 part 3, 22.2), as escapes for printf."""
    body = struct.pack(">III", 0x182, pcr, 9) + struct.pack(">IHBH", 0x40000009, 0, 0, 0) + \
        struct.pack(">IH", 1, 0xc) + digest
    command = struct.pack(">HI", 0x8002, len(body) + 6) + body
    return "".join(f"\\{b:03o}" for b in command)


def the_tpm_of_each_boot_is_verified(b):
    for evidence in (b.uki, b.again, b.other, b.direct):
        report = b.verify(evidence)
        outcomes = {row: report["checks"][row]["outcome"] for row in TPM_ROWS}
        assert outcomes == dict.fromkeys(TPM_ROWS, "pass"), report["checks"]
        assert report["claims"]["tpm.guest.machine"] == "cloud"


def a_boot_without_td_proves_nothing(b):
    for evidence in (b.uki, b.direct):
        report = b.verify(evidence)
        assert report["exit"] == 6, report["exit"]
        assert not any(p["holds"] for p in report["proofs"].values()), report["proofs"]
        for row, check in report["checks"].items():
            assert check["outcome"] == ("pass" if row in (*TPM_ROWS, "fresh.nonce") else "not-run"), check


def the_attester_needs_a_td_unless_told_otherwise(b):
    assert b.td.startswith("exit 1 situs: error: tsm: report: missing"), b.td


def the_quote_commits_to_the_challenge_and_to_no_td(b):
    for evidence in (b.uki, b.again, b.other):
        claims = b.verify(evidence)["claims"]
        committed = hashlib.sha256(b"situs/tq/1\0" + evidence.nonce + bytes(32)).hexdigest()
        assert claims["tpm.guest.extra_data"] == committed, claims
        values = b"".join(evidence.pcrs[i] for i in QUOTED)
        assert claims["tpm.guest.pcr_digest"] == hashlib.sha256(values).hexdigest(), claims
    assert b.uki.item("guest") != b.again.item("guest")


def the_log_explains_what_the_kernel_reads(b):
    for evidence in (b.uki, b.other, b.direct):
        values = replay(evidence.item("log.guest"))
        assert [values[i] for i in QUOTED] == [evidence.pcrs[i] for i in QUOTED]


def the_registers_are_those_computed_from_the_image(b):
    def contents(path):
        with open(path, "rb") as f:
            return f.read()
    initrd = contents(b.initrd)
    for evidence, words in ((b.uki, WORDS), (b.other, WORDS + " rescue")):
        sections = {".linux": contents(b.kernel), ".osrel": b"ID=situs-test\n", ".cmdline": words.encode(),
                    ".initrd": initrd}
        measured = [part for name, data in sections.items() for part in (name.encode() + b"\0", data)]
        assert evidence.pcrs[11] == extend(bytes(48), *measured), "PCR 11: systemd-stub"
        options = (words + "\0").encode("utf-16-le")
        assert evidence.pcrs[9] == extend(bytes(48), options, initrd), "PCR 9: Linux's EFI stub"


def the_initrd_of_linux_is_the_section_of_the_image(b):
    """What bind.measurements must live with (DESIGN: measurements)."""
    log = b.uki.item("log.guest")
    [stub] = [log[at:at + 48] for pcr, kind, at, data in events(log)
              if (pcr, kind) == (9, EV_EVENT_TAG) and data == STUB_INITRD]
    sections = [log[at:at + 48] for pcr, _, at, _ in events(log) if pcr == 11]
    assert sections.count(stub) == 1, "the stub's initrd is no section"


def another_command_line_is_another_boot(b):
    changed = [i for i in QUOTED if b.uki.pcrs[i] != b.other.pcrs[i]]
    assert changed == [4, 9, 11], changed
    for mine, others in ((b.uki, b.other), (b.other, b.uki)):
        b.refused(mine.changed("log.guest", others.item("log.guest")), "log.pcr", "pcr4.sha384", 5)


def a_register_extended_after_the_boot_is_refused(b):
    b.refused(b.later, "log.pcr", "pcr11.sha384", 5)


def a_flipped_bit_of_any_event_is_refused(b):
    for evidence in (b.uki, b.direct):
        for pcr, kind, at, _ in events(evidence.item("log.guest")):
            if kind != EV_NO_ACTION:
                b.refused(evidence.flipped("log.guest", at), "log.pcr", f"pcr{pcr}.sha384", 5)


def a_flipped_bit_of_the_quote_is_refused(b):
    quote = b.uki.item("guest")
    committed = hashlib.sha256(b"situs/tq/1\0" + b.uki.nonce + bytes(32)).digest()
    report = b.verify(b.uki.flipped("guest", quote.index(committed)))
    assert report["checks"]["tpm.signature"]["outcome"] == "fail" and report["exit"] == 2, report
    report = b.verify(b.uki.flipped("guest", quote.index(b.uki.pcrs[9])))
    assert report["checks"]["tpm.pcrs"]["outcome"] == "fail" and report["exit"] == 2, report


def situs_show_reads_the_logs(b):
    for evidence in (b.uki, b.direct):
        log = evidence.item("log.guest")
        shown = run(b.situs, "show", b.path("log", log)).decode()
        assert shown.count("\n    sha384 ") == len(events(log)), shown
        for _, _, at, _ in events(log):
            assert log[at:at + 48].hex() in shown


TESTS = (the_tpm_of_each_boot_is_verified, a_boot_without_td_proves_nothing,
         the_attester_needs_a_td_unless_told_otherwise, the_quote_commits_to_the_challenge_and_to_no_td,
         the_log_explains_what_the_kernel_reads, the_registers_are_those_computed_from_the_image,
         the_initrd_of_linux_is_the_section_of_the_image, another_command_line_is_another_boot,
         a_register_extended_after_the_boot_is_refused, a_flipped_bit_of_any_event_is_refused,
         a_flipped_bit_of_the_quote_is_refused, situs_show_reads_the_logs)


def need():
    tools = ("qemu-system-x86_64", "swtpm", "swtpm_setup", "setpriv", "objcopy", "dpkg-deb", "apt-get")
    files = (machine.FIRMWARE, machine.VARIABLES, image.STUB, image.BUSYBOX)
    missing = [t for t in tools if not shutil.which(t)] + [f for f in files if not os.path.exists(f)]
    if missing:
        raise image.Missing("no " + ", ".join(missing))


def attempt(step, *arguments):
    """How many steps passed, 1 or 0; one test's failure is not the next one's."""
    try:
        step(*arguments)
    except Exception as error:
        print("FAILED ", step.__name__, error)
        return 0
    print("ok     ", step.__name__)
    return 1


def main(situs, cache):
    begin = time.monotonic()
    os.makedirs(cache, exist_ok=True)
    for end in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(end, lambda number, _: sys.exit(128 + number))
    directory = tempfile.mkdtemp(prefix="situs-qemu.")  # short: there are sockets in it
    try:
        need()
        boots = Boots(os.path.abspath(situs), cache, directory)
        passed = attempt(boots.three_boots_answer)
        print(f"booted  in {time.monotonic() - begin:.0f} s", flush=True)
        tests = TESTS if passed else ()
        passed += sum(attempt(test, boots) for test in tests)
        failed = 1 + len(tests) - passed
    except image.Missing as why:
        print("skipped:", why)
        return 77
    finally:
        shutil.rmtree(directory)
    print(f"{passed} passed, {failed} failed ({time.monotonic() - begin:.0f} s)")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
