"""Waiting for what can be seen, never for a time."""
import time

BOUND = 60


def until(true, seconds=BOUND):
    end = time.monotonic() + seconds
    while not (got := true()):
        assert time.monotonic() < end, true
        time.sleep(0.02)
    return got
