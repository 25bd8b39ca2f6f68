/*
 * Six machines of a cloud that a service watches: each an attester over TLS on a port of its own, in a process of its own, with
 * TPMs in software (lab_soft_tpm.h). What they show is true, and signed for each question.
 *
 *     DIR/trust.json, collateral.json, simulated-POLICY.json    what a verifier needs to judge them
 *     DIR/owned.cbor, revoked.cose, listed.cose                 what their owner says of them, today
 */
#ifndef SITUS_LAB_LIVE_HALL_H
#define SITUS_LAB_LIVE_HALL_H

#include "lab/attacks/lab_judge.h"
#include "lab/live/lab_site.h"

#include <stdatomic.h>

#define LAB_HALL_MACHINES 6

/* What happens to a machine, for the process in which it lives: it counts for each question that is read after it. */
struct lab_hall_fate {
    _Atomic unsigned boots;    /* starts after the first */
    _Atomic unsigned delay_ms; /* of each answer */
    _Atomic int64_t
        seen; /* when the provider certified its key in its last boot; 0: in its first */
    _Atomic bool silent;
};

struct lab_hall_machine {
    const char *name, *policy; /* policy: its name, without "simulated-" */
    struct lab_host host;      /* of a managed guest: host.vm alone */
    struct lab_hall_fate *fate;
    int listener;
    char address[64];
    pid_t process;
};

struct lab_hall {
    const char *directory;
    struct lab_stage *stage;
    struct lab_judge *judge;
    struct lab_hall_machine machine[LAB_HALL_MACHINES];
    uint64_t numbers; /* of the owner's lists so far */
};

/* lab_hall_start starts all of them, and writes their files into a directory, which is there. */
void lab_hall_start(struct lab_hall *h, const char *directory);
void lab_hall_stop(struct lab_hall *h);

/* lab_hall_configuration writes a configuration of situs-serve(5): all are watched, within so many seconds; what the service
 * writes lies in the directory "run". */
void lab_hall_configuration(struct lab_hall *h, unsigned within, const char *run, const char *file);

/* lab_hall_find is a machine by its name, which it has. */
struct lab_hall_machine *lab_hall_find(struct lab_hall *h, const char *name);

/* lab_hall_clone ends a machine and puts a copy of its guest in its place: the same vTPM, and another channel key. */
void lab_hall_clone(struct lab_hall *h, struct lab_hall_machine *m);

/* lab_hall_revoke writes the owner's next revocation list, which names a machine's platform; lab_hall_list his next list of
 * machines, which ends so many seconds from now. */
void lab_hall_revoke(struct lab_hall *h, const struct lab_hall_machine *m);
void lab_hall_list(struct lab_hall *h, int64_t seconds);

#endif
