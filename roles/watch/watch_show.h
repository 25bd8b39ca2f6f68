/*
 * What is known of the machines of one service, for people (a table that fits a terminal, or a line for each machine whose state
 * changed) and for programs (JSON). Pure: no I/O and no clock.
 */
#ifndef SITUS_WATCH_WATCH_SHOW_H
#define SITUS_WATCH_WATCH_SHOW_H

#include "codec/json_out.h"
#include "watch/watch_read.h"

#define WATCH_STALE 30 /* seconds by which an answer may be older than the clock of who asked */

struct watch_view {
    const char *service; /* as its address was given */
    const struct watch_fleet *fleet;
    int64_t now;       /* Unix seconds of who asked, when the answer came */
    const char *fails; /* since then it gives no answer: why; NULL: it does */
    int64_t fails_at;
};

/* watch_show_stale says that an answer is not of now: who watches has no current one. */
bool watch_show_stale(const struct watch_view *v);

/* watch_show_exit is the exit code of the worst state there is, where there is no machine that of UNKNOWN, 7 where there is no current
 * answer. */
int watch_show_exit(const struct watch_view *v);

/* watch_show_table writes all machines by site, the worst of a site first, in as many lines as there are; 0: in any number. Where they do
 * not fit, the best are left out, and counted. Each line has its end, and before it what clears the rest of a terminal's line where clear is set. */
struct watch_form {
    size_t lines;
    bool colour, clear;
};
void watch_show_table(struct wr *w, const struct watch_view *v, const struct watch_form *form);

/* watch_show_changes writes a line for each machine that is not as it was in the list of before, or is gone from it; before may be empty. */
void watch_show_changes(struct wr *w, const struct watch_fleet *before, const struct watch_view *v);

/* watch_show_brief writes one machine as of a time, without a line's end. */
void watch_show_brief(struct wr *w, const struct watch_machine *m, int64_t at);

/* watch_show_json writes one object; watch_show_machine that of one machine. */
void watch_show_json(struct wr *w, const struct watch_view *v);
void watch_show_machine(struct json_out *o, const struct watch_machine *m);

/* watch_show_same says that two lists have the same machines in the same states, for the same reasons: times go on. */
bool watch_show_same(const struct watch_fleet *a, const struct watch_fleet *b);

#endif
