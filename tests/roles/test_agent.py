"""The host agent's VMs do not feel each other: neither what one of them does, nor a quoting service that says nothing to
it, nor the end of its process."""
import os
import pathlib
import signal
import socket
import struct
import subprocess

import channel
from channel import main
from parties import BOUND, PLAIN, children_of, receive, until

KEY = b"\xa0"  # which key would sign? (roles/wire/platform.h)
# GET_QUOTE_REQ: header (version 1.0, type, size, error), report size, no id list, report (roles/wire/qgs.h)
QUOTE = struct.pack("<HHIII", 1, 0, 0, 16 + 8 + 1024, 0) + struct.pack("<II", 1024, 0) + bytes(1024)


class Agent:
    """situs host run with two VMs, a and b, on the lab's bare-metal host; its quoting service says nothing."""

    def __enter__(self):
        self.dir = channel.HERE / "agent"
        self.dir.mkdir(exist_ok=True)
        table, mute = channel.HERE / "vms", channel.HERE / "mute"
        table.write_text("".join(f"{name} ak 000b{'01' * 32}\n" for name in "ab"))
        mute.unlink(missing_ok=True)
        self.mute = socket.socket(socket.AF_UNIX)
        self.mute.bind(str(mute))
        self.mute.listen(8)
        (_, argv), = [(p, w) for p, w in children_of(channel.LAB.child.pid) if "host run" in " ".join(w)]
        change = {"--dir": self.dir, "--vms": table, "--qgs": mute}
        argv = [str(change.get(before, word)) for before, word in zip([None] + argv, argv)]
        self.child = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=PLAIN)
        until(lambda: self.is_served("b"))
        return self

    def __exit__(self, *_):
        self.child.send_signal(signal.SIGTERM)
        self.child.send_signal(signal.SIGTERM)
        assert self.child.wait(timeout=BOUND) == 0
        assert not (self.dir / "a/qgs.sock").exists()
        self.mute.close()

    def asks(self, vm, kind, body, times=1):
        s = socket.socket(socket.AF_UNIX)
        s.connect(str(self.dir / vm / f"{kind}.sock"))
        s.sendall((struct.pack(">I", len(body)) + body) * times)
        return s

    def is_served(self, vm):
        try:
            with self.asks(vm, "platform", KEY) as s:
                return len(receive(s, *struct.unpack(">I", receive(s, 4)))) > 100
        except (OSError, TypeError):
            return False

    def processes(self):
        return [pid for pid, _ in children_of(self.child.pid)]


def a_mute_quoting_service_stalls_one_vm_alone():
    with Agent() as agent, agent.asks("a", "qgs", QUOTE) as s:
        s.setblocking(False)
        asked, _ = agent.mute.accept()  # the agent waits for it
        for _ in range(3):
            assert agent.is_served("b")
        try:
            s.recv(1)
            raise AssertionError("an answer from nobody")
        except BlockingIOError:
            pass  # it is still asking
        asked.close()


def a_vm_that_pipelines_holds_up_no_other():
    with Agent() as agent:
        held = [agent.asks("a", "platform", b"x", 2000) for _ in range(8)]
        for _ in range(3):
            assert agent.is_served("b") and agent.is_served("a")
        for s in held:
            s.close()


def a_process_that_dies_is_one_vms():
    with Agent() as agent:
        before = agent.processes()
        assert len(before) == 2
        os.kill(before[0], signal.SIGKILL)
        until(lambda: len(agent.processes()) == 2 and before[0] not in agent.processes())
        assert before[1] in agent.processes()
        until(lambda: agent.is_served("a") and agent.is_served("b"))
        agent.child.kill()  # with the agent all of it ends, and the next finds its sockets free
        agent.child.wait()
        until(lambda: not any(pathlib.Path(f"/proc/{pid}").exists() for pid in before[1:]))
        again = Agent()
        with again:
            assert again.is_served("a")
        agent.child = again.child  # what __exit__ asks for has ended well


main((a_mute_quoting_service_stalls_one_vm_alone, a_vm_that_pipelines_holds_up_no_other, a_process_that_dies_is_one_vms))
