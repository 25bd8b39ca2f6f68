/* The log: one line of JSON a request, on standard error; no byte of a body is in it. */
#ifndef SITUS_SERVE_FRONT_LOG_H
#define SITUS_SERVE_FRONT_LOG_H

#include "serve/front/front_call.h"

/* front_log writes the line of a call that is over. */
void front_log(const struct front_call *c, int64_t milliseconds);

/* front_log_event writes one about the process. */
void front_log_event(const char *event);

#endif
