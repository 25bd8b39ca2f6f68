/* States of watched machines, and times, in the words of people. */
#ifndef SITUS_WATCH_WATCH_WORDS_H
#define SITUS_WATCH_WATCH_WORDS_H

#include "base/wr.h"

enum watch_state {
#define WATCH_STATE(name, word, exit, colour) WATCH_##name,
#include "watch/watch_words.def"
    WATCH_STATES
};

/* watch_words_state is the state that a service's word means; UNKNOWN: none that is known here. */
enum watch_state watch_words_state(struct span word);
const char *watch_words_of(enum watch_state state);

/* watch_words_exit is the exit code of a command that saw this one as the worst; watch_words_colour begins text of its colour (SGR). */
int watch_words_exit(enum watch_state state);
int watch_words_colour(enum watch_state state);

/* watch_words_good says that a state is one of a span that goes on: live or late. */
bool watch_words_good(enum watch_state state);

/* watch_words_age writes a number of seconds as its two greatest units, "3 d 4 h", into 32 bytes and returns it; one below 0 is
 * "0 s". watch_words_time writes Unix seconds as "2026-11-30 23:06:05 UTC". */
char *watch_words_age(char buffer[32], int64_t seconds);
char *watch_words_time(char buffer[32], int64_t at);
#define WATCH_AGE(seconds) watch_words_age((char[32]){0}, (seconds))
#define WATCH_TIME(at) watch_words_time((char[32]){0}, (at))

/* watch_words_show writes a text of a service's, harmless (base/letters.h); "-" where it is empty. */
void watch_words_show(struct wr *w, const char *text);

#endif
