/*
 * Attesters that the front asks itself (PROTOCOLS: attester over TLS): each in a process of its own, which has nothing
 * but the network and one socket to the front, asks one question, and ends.
 */
#ifndef SITUS_SERVE_FRONT_DIAL_H
#define SITUS_SERVE_FRONT_DIAL_H

#include "serve/front/front_machines.h"

#include <poll.h>
#include <sys/types.h>

#define FRONT_DIALS 24 /* at once, the last FRONT_WATCHERS for watched machines alone */
#define FRONT_DIAL_MS INT64_C(20000) /* for all of one: less than who asks waits for the keeper */

/* What an attester answered. */
struct dial_answer {
    uint32_t ok; /* 0: whatever the reason, there is no answer */
    uint32_t round_trip_us, channel_size;
    uint8_t channel[TALK_CHANNEL]; /* the key that the peer holds: SubjectPublicKeyInfo, DER */
};

struct front_dials {
    struct front_dial {
        struct front_call *call; /* NULL: a free place */
        int fd;
        pid_t pid;
        void (*answered)(struct front_call *c, const struct dial_answer *a, int bundle);
    } v[FRONT_DIALS];
    int64_t next[DIAL_TARGETS]; /* wire_now from which a target may be dialled again */
};

/* Whom to ask what, and for how long; a call of the front's own is for a watched machine. */
struct front_dialled {
    size_t target;
    struct span nonce;
    int64_t ms; /* FRONT_DIAL_MS at most */
    struct front_call *call;
};

/* front_dial_take takes the turn of a target for a call; the milliseconds until it has one, 0: it has, and has had it. -1: all
 * places are taken. */
int64_t front_dial_take(struct front_dials *d, const struct dial_config *config, size_t target,
                        const struct front_call *call);

/* front_dial asks a target with a nonce; answered is called once, and takes over bundle, sealed memory, or -1. False:
 * there is no place, or no process can be made. */
bool front_dial(struct front_dials *d, const struct dial_config *config,
                const struct front_dialled *to,
                void (*answered)(struct front_call *c, const struct dial_answer *a, int bundle));

/* front_dial_polls writes what to wait for, and how many; front_dial_turn takes what is there. */
size_t front_dial_polls(const struct front_dials *d, struct pollfd to[FRONT_DIALS]);
void front_dial_turn(struct front_dials *d);

/* front_dial_forget ends what a call waits for. */
void front_dial_forget(struct front_dials *d, const struct front_call *c);

/* front_dial_end ends all that is waited for: no answer came. */
void front_dial_end(struct front_dials *d);

#endif
