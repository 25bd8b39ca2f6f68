/* A keeper and its judges without a front: the test asks what a front would, by a clock that the test sets. */
#ifndef SITUS_TESTS_SERVED_H
#define SITUS_TESTS_SERVED_H

#include "serve/keeper/keeper.h"

#include <sys/types.h>

struct served {
    struct serve_world *world;
    int front, supervisor;               /* the test's ends */
    pid_t keeper, nursery[JUDGE_BUILDS]; /* 0: none of the second build */
    char folder[64];
};

/* served_load writes the configuration into a file of a new folder and loads it. */
void served_load(struct served *s, const char *configuration);

/* served_start starts keeper and nurseries of a loaded world, whose judges do this work; with served_start_two those of
 * the second build, where the configuration wants it, do another. */
void served_start(struct served *s, judge_work *work);
void served_start_two(struct served *s, judge_work *work, judge_work *second);

/* served_start_beside does so without setting the clock to the machine's: a keeper that runs would see it stepped. */
void served_start_beside(struct served *s, judge_work *work);

/* served_nurse starts a nursery of its world whose judges do this work: the keeper's end. */
int served_nurse(const struct served *s, judge_work *work, pid_t *pid);

/* served_tell tells the keeper terms, as the supervisor does: with a nursery (-1: none) also what its world holds. It has
 * heard once it answers so. */
void served_tell(const struct served *s, const struct serve_term *terms, int nursery);

/* served_key writes a new signing key to path. */
void served_key(const char *path);

/* served_stop ends them. */
void served_stop(struct served *s);

/* The clock of every keeper that was started here: seconds added to the wall's and to both, shared with it. */
struct served_clock {
    int64_t wall, both;
};
struct served_clock *served_clock(void);

/* served_send sends an ask, with evidence where text is not NULL; served_answer waits for the next answer. out gets the
 * descriptors' texts, zero-terminated. */
void served_send(const struct served *s, const struct talk_ask *ask, const char *text);
struct talk_answer served_answer(const struct served *s, char out[TALK_FDS][4096]);

/* served_ask does both. */
struct talk_answer served_ask(const struct served *s, const struct talk_ask *ask, const char *text);

/* served_challenge is a new session under a policy. */
struct talk_answer served_challenge(const struct served *s, const char *policy);

/* served_appraise is an ask that answers a session. */
struct talk_ask served_appraise(const struct talk_answer *challenge);

#endif
