/* A wire: the agent of an honest VM behind a real socket, and an attacker's proxy in front of it.
 */
#ifndef SITUS_LAB_ATTACKS_WIRE_H
#define SITUS_LAB_ATTACKS_WIRE_H

#include "lab/attacks/lab_judge.h"

/*
 * lab_wire_ask sends a challenge to the VM's agent over a socket and is the bundle that came back.
 * With a delay the message goes through a proxy that holds each direction up for so long.
 * milliseconds is the round trip as the verifier sees it.
 */
struct span lab_wire_ask(struct lab_judge *j, const struct lab_vm *vm, enum lab_dialect d,
                         const uint8_t nonce[32], unsigned delay, double *milliseconds);

#endif
