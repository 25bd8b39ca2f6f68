/* The tokens of sessions that were answered, for who looks at one again (Veraison's GET): the last ones alone. One that
 * is no longer kept is as if its session had been spent without one. */
#ifndef SITUS_SERVE_KEEPER_RESULTS_H
#define SITUS_SERVE_KEEPER_RESULTS_H

#include <stddef.h>
#include <stdint.h>

#define KEEPER_RESULTS 64 /* a descriptor each */

struct keeper_results {
    struct {
        uint8_t id[16]; /* of the session */
        int token;      /* sealed memory; -1: none */
    } v[KEEPER_RESULTS];
    size_t next;
};

void keeper_results_new(struct keeper_results *r);

/* keeper_results_add takes a token over, into the place of the eldest. */
void keeper_results_add(struct keeper_results *r, const uint8_t id[16], int token);

/* keeper_results_find is the token of a session, which stays kept; -1: none. */
int keeper_results_find(const struct keeper_results *r, const uint8_t id[16]);

/* keeper_results_drop forgets that of a session, keeper_results_free all. */
void keeper_results_drop(struct keeper_results *r, const uint8_t id[16]);
void keeper_results_free(struct keeper_results *r);

#endif
