/* One machine that a keeper watches ("one"), by the clock of the test and a database of SQLite's in a folder: the test is its
 * front and the machine, and judges say what the evidence says. */
#ifndef SITUS_TESTS_WATCHED_H
#define SITUS_TESTS_WATCHED_H

#include "support/served.h"

#define AK \
    "000b" \
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

extern char folder[];
extern unsigned clock_ms; /* of the TPM of the machine */
extern struct talk_answer
    kept; /* who is due, where a keeper said so before it answered something else; id 0: nobody */

#define SERVED(f) cmocka_unit_test_setup_teardown(f, watched_start, watched_stop)

/* watched_new and watched_clean are setup and teardown of all tests, watched_start and watched_stop of each: *state is the
 * struct served. */
int watched_new(void **state);
int watched_clean(void **state);
int watched_start(void **state);
int watched_stop(void **state);

/* watched_two begins another keeper in the place of the test's, which watches a second machine ("two", target 0), and asks twice
 * whom to dial. */
void watched_two(struct served *s, struct served *other);

/* watched_load loads a configuration with more behind the members of the machine. */
void watched_load(struct served *s, const char *more);

/* watched_work takes evidence as "HOW CLOCK RESET": well, ill, elsewhere (well, on another platform), more (of a policy that
 * requires more), soon (what it rests on ends), bare (ill, of a TPM that is not bound), hang (it is never done). */
bool watched_work(const struct serve_world *world, const struct judge_ask *ask,
                  const struct judge_given *given, struct token_record *r, int *report);

/* again begins a keeper anew where one was killed or has ended; the clock goes on. */
void again(struct served *s, bool killed);

/* due asks whom to dial; asked is the N of it, after which the next ask waits; nobody_is_due: what was asked before is answered
 * later than what is asked now. answer is the next of a kind. */
void due(const struct served *s);
struct talk_answer asked(const struct served *s);
void nobody_is_due(const struct served *s);
struct talk_answer answer(const struct served *s, enum talk_kind kind, char out[TALK_FDS][4096]);

/* say answers N by a machine that does well or ill, in a boot; dialled: the front met the machine's key. */
enum talk_status say(const struct served *s, const struct talk_answer *n, const char *how,
                     unsigned reset, bool dialled);
void wait_and_answer(const struct served *s, int seconds);

/* tell is what is told; expect: it has this; expect_events: these and no more, each as event:reason. */
enum talk_status tell(const struct served *s, enum talk_kind kind, uint64_t after, char out[4096]);
void expect(const struct served *s, const char *has);
void expect_events(const struct served *s, const char *want);

/* copy copies a file of the folder. */
void copy(const char *from, const char *to);

#endif
