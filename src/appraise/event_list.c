/* Lists of events; see event_list.h. */
#include "appraise/event_list.h"

#include "base/text.h"
#include "base/wr.h"

#include <assert.h>

void event_list_collect(struct event_list *l, const struct events *log, uint32_t mask)
{
    l->log = log;
    l->bank = events_bank(log, HASH_SHA384);
    l->n = 0;
    assert(l->bank < log->banks && log->n <= LIMIT_LOG_EVENTS);
    for (size_t i = 0; i < log->n; i++) {
        uint32_t at = events_register(log, &log->v[i]);
        if (at < REGISTERS_MAX && mask >> at & 1)
            l->v[l->n++] = (uint16_t)i;
    }
}

const char *event_list_describe(char text[160], const struct event_list *l, size_t i)
{
    struct wr w = wr_new(text, 160);
    const char *name = i < l->n ? event_type_name(event_list_at(l, i)->type) : NULL;
    if (i >= l->n)
        wr_text(&w, "no event");
    else
        wr_format(&w, "%s at %u: %s", name ? name : "event", event_list_at(l, i)->at,
                  TEXT_HEX(event_list_digest(l, i)));
    wr_u8(&w, 0);
    return wr_ok(&w) ? text : "event";
}
