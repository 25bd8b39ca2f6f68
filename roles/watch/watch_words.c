/* Words; see watch_words.h. */
#include "watch/watch_words.h"

#include "base/letters.h"
#include "base/time.h"

#include <stdio.h>

#define SHOWN 80 /* bytes of one text on a terminal, before what says that it was cut */

static const struct {
    const char *word;
    int exit, colour;
} states[] = {
#define WATCH_STATE(name, word, exit, colour) {word, exit, colour},
#include "watch/watch_words.def"
};

enum watch_state watch_words_state(struct span word)
{
    enum watch_state s = WATCH_LIVE;
    while (s < WATCH_UNKNOWN && !span_equal(word, span_text(states[s].word)))
        s++;
    return s;
}

const char *watch_words_of(enum watch_state state)
{
    return states[state].word;
}

int watch_words_exit(enum watch_state state)
{
    return states[state].exit;
}

int watch_words_colour(enum watch_state state)
{
    return states[state].colour;
}

bool watch_words_good(enum watch_state state)
{
    return state == WATCH_LIVE || state == WATCH_LATE;
}

char *watch_words_age(char buffer[32], int64_t seconds)
{
    static const struct {
        int64_t size;
        const char *name;
    } units[] = {{86400, "d"}, {3600, "h"}, {60, "min"}, {1, "s"}};
    size_t i = 0;
    seconds = seconds < 0 ? 0 : seconds;
    while (i < 3 && seconds < units[i].size)
        i++;
    int64_t more = i < 3 ? seconds % units[i].size / units[i + 1].size : 0;
    int n = snprintf(buffer, 32, "%lld %s", (long long)(seconds / units[i].size), units[i].name);
    if (more && n > 0 && n < 32)
        snprintf(buffer + n, 32 - (size_t)n, " %lld %s", (long long)more, units[i + 1].name);
    return buffer;
}

char *watch_words_time(char buffer[32], int64_t at)
{
    const char *text = TEXT_TIME(at); /* 2026-11-30T23:06:05Z */
    snprintf(buffer, 32, "%.10s %.8s UTC", text, text + 11);
    return buffer;
}

void watch_words_show(struct wr *w, const char *text)
{
    if (text[0])
        letters_show(w, span_text(text), SHOWN);
    else
        wr_text(w, "-");
}
