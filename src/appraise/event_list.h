/* Events of some registers of one log, by number, with their SHA-384 digests. */
#ifndef SITUS_APPRAISE_EVENT_LIST_H
#define SITUS_APPRAISE_EVENT_LIST_H

#include "model/registers.h"

/* A list on the stack: 2 bytes an event, as logs have at most LIMIT_LOG_EVENTS. */
struct event_list {
    const struct events *log;
    size_t bank, n;
    uint16_t v[LIMIT_LOG_EVENTS];
};

/* event_list_collect lists the events that extend a register of mask, in the order of the log,
 * which must have a SHA-384 bank. */
void event_list_collect(struct event_list *l, const struct events *log, uint32_t mask);

static inline const struct event *event_list_at(const struct event_list *l, size_t i)
{
    return &l->log->v[l->v[i]];
}

static inline struct span event_list_digest(const struct event_list *l, size_t i)
{
    return events_digest(l->log, event_list_at(l, i), l->bank);
}

/* event_list_describe writes "EV_IPL at 512: 394341b7...", or that there is no event i, and returns
 * text. The type is a label, for the reader. */
const char *event_list_describe(char text[160], const struct event_list *l, size_t i);

static inline uint32_t event_list_register(const struct event_list *l, size_t i)
{
    return events_register(l->log, event_list_at(l, i));
}

#endif
