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

/* Shell's sort: no recursion, no memory, and hostile lists cannot make it slow. */
void event_list_sort(struct event_list *l)
{
    for (size_t gap = LIMIT_LOG_EVENTS / 2 - 1; gap; gap /= 2)
        for (size_t i = gap; i < l->n; i++) {
            uint16_t moved = l->v[i];
            struct span key = events_digest(l->log, &l->log->v[moved], l->bank);
            size_t k = i;
            for (; k >= gap && span_compare(event_list_digest(l, k - gap), key) > 0; k -= gap)
                l->v[k] = l->v[k - gap];
            l->v[k] = moved;
        }
}
