"""What a test waits for: that something is so, not that time went by. A machine may be as busy as it likes."""
import contextlib
import socket
import time

BOUND = 60  # seconds after which it will not come any more


def until(true, seconds=BOUND):
    """What true() gives as soon as that counts as true."""
    end = time.monotonic() + seconds
    while not (got := true()):
        assert time.monotonic() < end, true
        time.sleep(0.01)
    return got


def refused(port):
    """That nobody listens at a port of this machine."""
    try:
        socket.create_connection(("127.0.0.1", port), BOUND).close()
    except ConnectionRefusedError:
        return True
    except OSError:  # he went meanwhile
        pass
    return False


def shut(listener, thread):
    """Ends a thread that accepts, before its socket is closed: else it may take what comes to the next of that number."""
    with contextlib.suppress(OSError):  # it was ended before
        listener.shutdown(socket.SHUT_RDWR)
    thread.join(BOUND)
    listener.close()


def pids_of(pid):
    """The children of a process."""
    with open(f"/proc/{pid}/task/{pid}/children") as f:
        return [int(word) for word in f.read().split()]
