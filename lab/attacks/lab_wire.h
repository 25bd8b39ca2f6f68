/* A wire: the agent of an honest VM behind a real socket, and an attacker's proxy in front of
 * it. */
#ifndef SITUS_LAB_ATTACKS_WIRE_H
#define SITUS_LAB_ATTACKS_WIRE_H

#include <sys/types.h>

#include "lab/attacks/lab_judge.h"

/*
 * lab_wire_ask sends a challenge to the VM's agent over a socket and is the bundle that came back.
 * With a delay the message goes through a proxy that holds each direction up for so long.
 * milliseconds is the round trip as the verifier sees it.
 */
struct span lab_wire_ask(struct lab_judge *j, const struct lab_vm *vm, enum lab_dialect d,
                         const uint8_t nonce[32], unsigned delay, double *milliseconds);

/* lab_wire_serve serves a socket at the path in a child, with a child of its own a connection. */
pid_t lab_wire_serve(const char *path, void (*serve)(void *context, int connection), void *context);

/* lab_wire_hold_up is how a line that is long delays a message; lab_wire_now is a clock. Both in
 * milliseconds. */
void lab_wire_hold_up(unsigned milliseconds);
double lab_wire_now(void);

#endif
