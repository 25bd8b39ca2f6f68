/*
 * What a service tells of the machines that it watches (openapi.json: /v1/machines, /v1/machines/{name}/events), read as the words of
 * somebody else: what is there must be of its kind, and what a state needs must be there. Members that are not known here are
 * left aside: the service may be newer.
 */
#ifndef SITUS_WATCH_WATCH_READ_H
#define SITUS_WATCH_WATCH_READ_H

#include "base/err.h"
#include "watch/watch_words.h"

#define WATCH_NAME 64        /* bytes of a name, with its zero byte */
#define WATCH_TEXT 72        /* of another text */
#define WATCH_ID 143         /* of an id in hex: 71 bytes */
#define WATCH_MOST 1048576   /* machines, or events, of one service */
#define WATCH_PAGE (1 << 20) /* bytes of one answer */

/* By what a machine is known, where its service knows it. */
enum watch_id { WATCH_EK, WATCH_AK, WATCH_PLATFORM, WATCH_CHANNEL, WATCH_IDS };

/* Texts are the service's own, not fit for a terminal (watch_words_show). Times are Unix seconds; 0: not told. */
struct watch_machine {
    char name[WATCH_NAME], policy[WATCH_NAME], site[WATCH_TEXT], word[WATCH_TEXT];
    char reason[WATCH_TEXT], whose[WATCH_TEXT], began_by[WATCH_TEXT], ends[WATCH_TEXT];
    char ids[WATCH_IDS][WATCH_ID]; /* hex, lower case; empty: not known */
    enum watch_state state;
    bool observed; /* by this keeper, since the last good answer */
    int64_t within, since, last, until, broken_at, alarm_at, longest_gap_ms, span, answers, others;
};

struct watch_fleet {
    struct watch_machine *v; /* by name */
    size_t n, room;
    int64_t at; /* when the service said it: the oldest page's time */
};

struct watch_event {
    char event[WATCH_TEXT], reason[WATCH_TEXT], whose[WATCH_TEXT];
    int64_t number, at, span, nth; /* nth: among those of the machine; 0: not told */
};

struct watch_history {
    struct watch_event *v; /* by number */
    size_t n, room;
    int64_t count; /* how many there were; -1: not told */
};

/* watch_read_fleet adds a page of the list, watch_read_history one of events; *more: another follows. A page that does not go on
 * behind the one before, or is empty and not the last, is refused: nobody reads for ever. Errors have part, which must outlive them. The
 * zero state may be freed. */
bool watch_read_fleet(struct watch_fleet *f, struct span text, const char *part, bool *more,
                      struct situs_err *err);
void watch_read_fleet_free(struct watch_fleet *f);
bool watch_read_history(struct watch_history *h, struct span text, const char *part, bool *more,
                        struct situs_err *err);
void watch_read_history_free(struct watch_history *h);

#endif
