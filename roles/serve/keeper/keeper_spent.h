/* Which sessions were answered. Each is remembered for at least as long as its N lives, in two generations; a table that
 * is full takes no more, and never forgets early. */
#ifndef SITUS_SERVE_KEEPER_SPENT_H
#define SITUS_SERVE_KEEPER_SPENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define KEEPER_SPENT_MOST \
    (1 << 19) /* of one generation: 4369 a second for 120 s, 32 MB when full */
#define KEEPER_SPENT_WATCHED (3 << 18) /* up to which answers of watched machines are */
#define KEEPER_SPENT_FORGOTTEN \
    (KEEPER_SPENT_MOST /       \
     8) /* up to which sessions are spent that nobody answers: they cost their asker nothing */

struct keeper_spent {
    uint8_t (*ids)[2][2 * KEEPER_SPENT_MOST]
                  [16]; /* by generation; random, so their bytes are their hash; zero: free */
    size_t n;           /* in the younger */
    int young;
    int64_t since; /* seconds: when the younger began */
};

enum keeper_spent_word { KEEPER_SPENT_NEW, KEEPER_SPENT_AGAIN, KEEPER_SPENT_FULL };

/* keeper_spent_new makes it; false: no memory. */
bool keeper_spent_new(struct keeper_spent *s);
void keeper_spent_free(struct keeper_spent *s);

/* keeper_spent_take spends a session at a time (seconds of a steady clock), while the generation has fewer than most. */
enum keeper_spent_word keeper_spent_take(struct keeper_spent *s, const uint8_t id[16], int64_t now,
                                         size_t most);

/* keeper_spent_is says that a session was spent; it is asked before it ends. */
bool keeper_spent_is(const struct keeper_spent *s, const uint8_t id[16]);

#endif
