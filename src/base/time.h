/* Time as Unix seconds (int64_t), its RFC 3339 text form, and validity windows. */
#ifndef SITUS_BASE_TIME_H
#define SITUS_BASE_TIME_H

#include "base/span.h"

/* time_from_civil is Unix seconds of a UTC date and time; false when a field is out of its
 * range. */
bool time_from_civil(int64_t *out, int year, int month, int day, int hour, int minute, int second);

/* time_read_rfc3339 reads exactly "YYYY-MM-DDThh:mm:ssZ" (RFC 3339, UTC, no fraction). */
bool time_read_rfc3339(int64_t *out, struct span text);

/* time_text writes the RFC 3339 form into a buffer of at least 24 bytes and returns it. */
char *time_text(char buffer[24], int64_t t);
#define TEXT_TIME(t) time_text((char[24]){0}, (t))

/* A validity window: both ends count as inside. */
struct window {
    int64_t from, to;
};

static inline bool time_in_window(int64_t at, struct window w)
{
    return at >= w.from && at <= w.to;
}

#endif
