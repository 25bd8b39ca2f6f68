"""situs doctor, in trees of files like a guest's: what speaks against a closed image, and what can be attested."""
import json
import os
import shutil
import unittest

from situs_run import Case, main, situs

GUEST = {
    "dev/tpmrm0": "", "dev/tdx_guest": "", "proc/1/comm": "systemd\n", "proc/77/comm": "situs-attest\n",
    "proc/cmdline": "quiet lockdown=integrity nohibernate\n", "proc/sys/kernel/ostype": "Linux\n",
    "proc/sys/kernel/kexec_load_disabled": "1\n", "proc/sys/kernel/modules_disabled": "1\n",
    "sys/kernel/security/lockdown": "none [integrity] confidentiality\n", "sys/power/state": "freeze mem disk\n",
    "sys/firmware/efi/efivars/StubInfo-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f": "x",
    "etc/shadow": "root:!:1::::::\nsitus:*:1::::::\n",
}
BOOT = "sys/firmware/efi/efivars/Boot%s-8be4df61-93ca-11d2-aa0d-00e098032b8c"
BLIND = {"measured_config", "capped", "key_inside", "no_menu", "nothing_unmeasured", "failure_stops"}


class Doctor(Case):
    def look(self, *changes):
        """The points by what was seen of them, in the guest with these (file, text or None) changes."""
        root = self.path("guest")
        shutil.rmtree(root, ignore_errors=True)
        for name, text in {**GUEST, **dict(changes)}.items():
            if text is None:
                continue
            path = os.path.join(root, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w") as f:
                f.write(text)
            if name.startswith("dev/"):
                os.chmod(path, 0o666 if text == "open" else 0o600)
        done = situs("doctor", "--closed", "--root", root, "-j")
        seen = {"open": {}, "clear": {}, "blind": {}}
        for point in json.loads(done.stdout)["closed"]:
            seen[point["look"]][point["point"]] = point["what"]
        self.assertEqual(done.returncode, 6 if seen["open"] else 0)
        return seen

    def test_a_closed_guest_has_nothing_against_it(self):
        seen = self.look()
        self.assertEqual(seen["open"], {})
        self.assertEqual(set(seen["blind"]), BLIND)  # nothing proves these from inside
        self.assertEqual(len(seen["clear"]), 6)

    def test_what_is_open_is_seen(self):
        for point, says, *changes in (
                ("agent_only", "/dev/tpmrm0", ("dev/tpmrm0", "open")),
                ("no_login", "sshd", ("proc/88/comm", "sshd\n")),
                ("no_login", "agetty", ("proc/88/comm", "agetty\n")),
                ("no_login", "root", ("etc/shadow", "root:$6$x:1::::::\n")),
                ("no_login", "root", ("etc/shadow", "root::1::::::\n")),
                ("no_login", "authorized_keys", ("root/.ssh/authorized_keys", "ssh-ed25519 AAAA\n")),
                ("no_kexec", "is 0", ("proc/sys/kernel/kexec_load_disabled", "0\n")),
                ("no_kexec", "loaded", ("sys/kernel/kexec_loaded", "1\n")),
                ("lockdown", "off", ("sys/kernel/security/lockdown", "[none] integrity confidentiality\n")),
                ("no_menu", "2 boot entries", (BOOT % "0001", "x"), (BOOT % "000A", "x")),
                ("no_hibernation", "can hibernate", ("proc/cmdline", "quiet\n")),
                ("no_hibernation", "resume=", ("proc/cmdline", "nohibernate resume=/dev/vda2\n")),
                ("nothing_unmeasured", "cloud-init", ("run/cloud-init/instance-data.json", "{}")),
                ("nothing_unmeasured", "credentials", ("run/credentials/@system/x", "x")),
                ("nothing_unmeasured", "fw_cfg", ("sys/firmware/qemu_fw_cfg/by_name/opt/x", "x"))):
            with self.subTest(point=point, says=says):
                seen = self.look(*changes)
                self.assertEqual(list(seen["open"]), [point])
                self.assertIn(says, seen["open"][point])

    def test_what_cannot_be_seen_is_not_clear(self):
        for point, *gone in (("agent_only", "dev/tpmrm0", "dev/tdx_guest"), ("lockdown", "sys/kernel/security/lockdown"),
                             ("no_login", "proc/1/comm"), ("no_login", "etc/shadow"),
                             ("no_kexec", "proc/sys/kernel/kexec_load_disabled", "proc/sys/kernel/ostype")):
            with self.subTest(point):
                self.assertIn(point, self.look(*((name, None) for name in gone))["blind"])

    def test_as_text(self):
        done = situs("doctor", "--closed", "--root", self.path("nowhere"))
        self.assertEqual(done.returncode, 0)
        self.assertIn(b"Nothing here proves a point", done.stdout)
        self.assertEqual(done.stdout.count(b"\n"), 14)
        self.refused(1, "doctor", "--closed", "--tcti", "none", says="--closed")


MACHINE = {
    "proc/cpuinfo": "processor : 0\nflags : fpu vme tdx_guest aes\n",
    "dev/tdx_guest": "",
    "sys/kernel/config/tsm/report/": "",
    "dev/sev-guest": "",
    "sys/firmware/acpi/tables/data/CCEL": "log",
    "sys/class/tpm/tpm0/tpm_version_major": "2\n",
    "dev/tpmrm0": "",
    "sys/kernel/security/tpm0/binary_bios_measurements": "log",
    "run/log/systemd/tpm2-measure.log": "log",
    "sys/kernel/security/ima/binary_runtime_measurements": "log",
}
ROWS = ["td.processor", "td.device", "td.quotes", "snp.device", "td.log", "tpm.version", "tpm.device", "tpm.log", "tpm.tail", "ima.log"]


class CanAttest(Case):
    def look(self, exit, changes, *more):
        """(td, tpm, the rows that are not good with their state) of the machine with these changes."""
        root = self.path("machine")
        shutil.rmtree(root, ignore_errors=True)
        for name, text in {**MACHINE, **changes}.items():
            if text is None:
                continue
            path = os.path.join(root, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            if not name.endswith("/"):
                with open(path, "w") as f:
                    f.write(text)
        done = situs("doctor", "--root", root, "-j", *more)
        self.assertEqual(done.returncode, exit, done.stderr)
        seen = json.loads(done.stdout)
        self.assertEqual([p["id"] for p in seen["probes"]][:len(ROWS)], ROWS)
        for probe in seen["probes"]:
            self.assertEqual("hint" in probe, probe["state"] != "good", probe)
        return seen["td"], seen["tpm"], {p["id"]: p["state"] for p in seen["probes"] if p["state"] != "good"}

    def test_each_thing_that_is_missing(self):
        self.assertEqual(self.look(0, {}), (True, True, {}))
        for row, (name, text) in zip(ROWS, MACHINE.items()):
            with self.subTest(row):
                td, tpm, bad = self.look(0, {name: None})
                self.assertEqual((td, tpm), (row != "td.quotes", row not in ("tpm.version", "tpm.device")))
                self.assertEqual(bad, {row: "absent"})
        self.assertEqual(self.look(6, {"dev/tpmrm0": None, "sys/kernel/config/tsm/report/": None}),
                         (False, False, {"td.quotes": "absent", "tpm.device": "absent"}))

    def test_what_is_there_and_wrong(self):
        self.assertEqual(self.look(0, {
            "proc/cpuinfo": "flags : tdx_guest_not\n", "sys/class/tpm/tpm0/tpm_version_major": "1\n",
            "sys/firmware/acpi/tables/data/CCEL": "", "dev/tdx_guest": None, "dev/tdx_guest/": ""}),
            (True, False, {"td.processor": "absent", "tpm.version": "wrong", "td.log": "wrong", "td.device": "wrong"}))

    @unittest.skipIf(os.geteuid() == 0, "root is denied nothing")
    def test_what_is_denied(self):
        self.look(0, {})
        os.chmod(self.path("machine/dev/tpmrm0"), 0)
        done = situs("doctor", "--root", self.path("machine"))
        self.assertRegex(done.stdout, rb"denied +tpm.device .*\n +-> be root or in the group")

    def test_a_tpm_that_is_not_there(self):
        td, tpm, bad = self.look(0, {}, "--tcti", "swtpm:path=" + self.path("nobody"))
        self.assertEqual((td, tpm), (True, False))
        self.assertEqual(bad, {id: "wrong" for id in ("tpm.ek", "tpm.ek_certificate", "tpm.ak", "azure.report",
                                                      "azure.ak_certificate")})
        done = situs("doctor", "--root", self.path("machine"))
        self.assertIn(b"evidence of a TEE: yes\nevidence of a TPM: yes\n", done.stdout)


if __name__ == "__main__":
    main()
