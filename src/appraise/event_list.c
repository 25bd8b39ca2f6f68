/* Lists of events; see event_list.h. */
#include "appraise/event_list.h"

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
