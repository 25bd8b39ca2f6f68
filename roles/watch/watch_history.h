/* The events of one machine in their order, and whether one is missing. Pure. */
#ifndef SITUS_WATCH_WATCH_HISTORY_H
#define SITUS_WATCH_WATCH_HISTORY_H

#include "watch/watch_read.h"

/* watch_history_whole says that no event is missing. One is where its number among those of the machine says so, where it does not fit
 * the state or the span that the one before had left, and where there were more than there are. */
bool watch_history_whole(const struct watch_history *h);

/* watch_history_text writes a line for each, and one for each gap; watch_history_json one object. */
void watch_history_text(struct wr *w, const struct watch_history *h, const char *service,
                        const char *machine);
void watch_history_json(struct wr *w, const struct watch_history *h, const char *service,
                        const char *machine);

#endif
