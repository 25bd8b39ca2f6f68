"""A virtual machine: QEMU without KVM, OVMF that measures, swtpm, and a serial port to ask the guest on."""
import os
import shutil
import socket
import subprocess
import time

FIRMWARE = "/usr/share/OVMF/OVMF_CODE_4M.fd"
VARIABLES = "/usr/share/OVMF/OVMF_VARS_4M.fd"
PATIENCE = 900  # seconds until what does not answer counts as hung


class Machine:
    """One boot. Use it in a with statement: at its end nothing runs and nothing is left in the directory."""

    def __init__(self, directory, tpm, *boot, device="tpm-crb"):
        self.directory, self.processes, self.received = directory, [], b""
        os.mkdir(directory)
        try:
            self._start(tpm, boot, device)
        except BaseException:
            self.stop()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def _path(self, name):
        return os.path.join(self.directory, name)

    def _run(self, *argv):
        """Starts a program that does not outlive us."""
        with open(self._path("log"), "ab") as log:
            self.processes.append(subprocess.Popen(["setpriv", "--pdeathsig", "KILL", *argv],
                                                   stdin=subprocess.DEVNULL, stdout=log, stderr=log))

    def _wait(self, there):
        end = time.monotonic() + PATIENCE
        while not there():
            if time.monotonic() > end or self.processes[-1].poll() is not None:
                raise AssertionError(f"{self.processes[-1].args[3]} does not start: {self.log()}")
            time.sleep(0.01)

    def _start(self, tpm, boot, device):
        shutil.copytree(tpm, self._path("tpm"))
        shutil.copy(VARIABLES, self._path("vars"))
        self._run("swtpm", "socket", "--tpm2", "--tpmstate", f"dir={self._path('tpm')}", "--ctrl",
                  f"type=unixio,path={self._path('tpm.sock')}", "--terminate")
        self._wait(lambda: os.path.exists(self._path("tpm.sock")))
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(self._path("ask"))
        listener.listen(1)
        listener.settimeout(PATIENCE)
        self._run("qemu-system-x86_64", "-machine", "q35,smm=off,accel=tcg", "-cpu", "max,-cx16,-la57",
                  "-m", "512", "-smp", "1", "-nodefaults", "-display", "none", "-no-reboot",
                  "-drive", f"if=pflash,format=raw,unit=0,readonly=on,file={FIRMWARE}",
                  "-drive", f"if=pflash,format=raw,unit=1,file={self._path('vars')}",
                  "-chardev", f"socket,id=tpm,path={self._path('tpm.sock')}",
                  "-tpmdev", "emulator,id=tpm0,chardev=tpm", "-device", f"{device},tpmdev=tpm0",
                  "-serial", f"file:{self._path('console')}",
                  "-chardev", f"socket,id=ask,path={self._path('ask')}", "-serial", "chardev:ask",
                  "-device", "virtio-rng-pci", *boot)
        with listener:
            self.serial, _ = listener.accept()
        while self._line() != "ready":  # the firmware talks on every serial port
            pass

    def _line(self):
        self.serial.settimeout(PATIENCE)
        while b"\n" not in self.received:
            try:
                more = self.serial.recv(65536)
            except TimeoutError:
                more = b""
            if not more:
                raise AssertionError(f"the guest has gone: {self.log()}")
            self.received += more
        line, self.received = self.received.split(b"\n", 1)
        return line.decode(errors="replace").strip()

    def ask(self, question):
        self.serial.sendall(question.encode() + b"\n")
        return self._line()

    def log(self):
        """The ends of what the programs and the guest's console said."""
        said = ""
        for name in ("log", "console"):
            if os.path.exists(self._path(name)):
                with open(self._path(name), errors="replace") as f:
                    said += f.read()[-2000:]
        return said

    def stop(self):
        for process in reversed(self.processes):
            process.kill()
            process.wait()
        if hasattr(self, "serial"):
            self.serial.close()
        shutil.rmtree(self.directory)
