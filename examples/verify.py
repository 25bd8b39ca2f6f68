#!/usr/bin/env python3
"""verify.py EVIDENCE COLLATERAL POLICY TRUST: the relying party of verify.c, by ctypes."""
import sys
import time
from ctypes import (CDLL, POINTER, Structure, addressof, byref, c_bool, c_char, c_char_p, c_int, c_int64, c_size_t,
                    c_void_p, create_string_buffer)

situs = CDLL("libsitus.so.0")


class Item(Structure):
    _fields_ = [("name", c_char_p), ("p", c_char_p), ("size", c_size_t)]


class Memory(Structure):
    _fields_ = [("p", c_void_p), ("size", c_size_t)]


class Err(Structure):
    _fields_ = [("code", c_int), ("part", c_char * 40), ("field", c_char * 80), ("at", c_size_t),
                ("expected", c_char * 160), ("got", c_char * 160), ("hint", c_char * 200)]


class Request(Structure):
    _fields_ = [(name, Item) for name in ("evidence", "ccel", "pcr_log", "nonce", "channel")] + [
        ("endorsements", c_void_p), ("list_seen", c_void_p),
        ("n_list_seen", c_size_t), ("trust", c_void_p), ("policy", c_void_p), ("snapshot", c_void_p),
        ("context", c_void_p), ("at", c_int64), ("archived", c_bool), ("round_trip_us", c_int64),
        ("round_trips", c_int64 * 3), ("warn_days", c_void_p), ("early", c_void_p),
        ("span", c_void_p), ("reserved", c_void_p * 5)]


class Error(Structure):
    _fields_ = [("check", c_char_p), ("outcome", c_int), ("refuses", c_bool), ("why", Err), ("reserved", c_void_p * 4)]


def declare(result, name, *arguments):
    function = getattr(situs, name)
    function.restype, function.argtypes = result, arguments
    return function


code_name = declare(c_char_p, "situs_code_name", c_int)
code_hint = declare(c_char_p, "situs_code_hint", c_int)
trust_memory = declare(c_size_t, "situs_trust_memory", Item)
trust_read = declare(c_void_p, "situs_trust_read", Item, Memory, POINTER(Err))
policy_memory = declare(c_size_t, "situs_policy_memory", Item)
policy_read = declare(c_void_p, "situs_policy_read", Item, Memory, POINTER(Err))
snapshot_memory = declare(c_size_t, "situs_snapshot_memory", POINTER(Item), c_size_t)
snapshot_load = declare(c_void_p, "situs_snapshot_load", POINTER(Item), c_size_t, c_void_p, Memory, POINTER(Err))
snapshot_free = declare(None, "situs_snapshot_free", c_void_p)
verify_memory = declare(c_size_t, "situs_verify_memory", POINTER(Request))
verify = declare(c_void_p, "situs_verify", POINTER(Request), Memory)
result_error = declare(c_bool, "situs_result_error", c_void_p, c_size_t, POINTER(Error))
result_trusted = declare(c_bool, "situs_result_trusted", c_void_p)
result_claim = declare(c_bool, "situs_result_claim", c_void_p, c_char_p, c_char_p, c_size_t)
result_exit = declare(c_int, "situs_result_exit", c_void_p)

kept = []  # what situs makes lives in memory of ours


def room(size):
    kept.append(create_string_buffer(size))
    return Memory(addressof(kept[-1]), size)


def load(name):
    with open(name, "rb") as file:
        data = file.read()
    return Item(name.encode(), data, len(data))


def tell(check, why):
    print(f"{check}: {code_name(why.code).decode()}: {why.part.decode()} {why.field.decode()}: "
          f"expected {why.expected.decode()}, got {why.got.decode()}")
    print(f"hint: {(why.hint or code_hint(why.code)).decode()}")


def main():
    if len(sys.argv) != 5:
        sys.exit(__doc__)
    evidence, collateral, policy, trust = (load(name) for name in sys.argv[1:])
    err = Err()
    # nonce and channel, where the policy requires live: of your own challenge and connection.
    request = Request(evidence=evidence, at=int(time.time()))
    request.trust = trust_read(trust, room(trust_memory(trust)), err)
    if request.trust:
        request.policy = policy_read(policy, room(policy_memory(policy)), err)
    if request.policy:
        request.snapshot = snapshot_load(collateral, 1, request.trust, room(snapshot_memory(collateral, 1)), err)
    if not request.snapshot:
        tell("input", err)
        sys.exit(1)

    result = verify(request, room(verify_memory(request)))
    error, i = Error(), 0
    while result_error(result, i, error):
        tell(error.check.decode() if error.check else "input", error.why)
        i += 1
    mrtd = create_string_buffer(2 * 48 + 1)
    if result_trusted(result) and result_claim(result, b"tdx.mrtd", mrtd, len(mrtd)):
        print(f"trusted: tdx.mrtd {mrtd.value.decode()}")
    snapshot_free(request.snapshot)
    sys.exit(result_exit(result))


main()
