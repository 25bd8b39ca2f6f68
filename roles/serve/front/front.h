/*
 * The process that speaks HTTP: it turns requests into what talk.h asks, and the keeper's answers
 * into responses. It holds no key and no database and reads no evidence. DESIGN: front.
 */
#ifndef SITUS_SERVE_FRONT_H
#define SITUS_SERVE_FRONT_H

#include "serve/world/talk.h"

/* front_run serves until SIGTERM; it returns the exit code of the process. The descriptors are
 * taken over. */
int front_run(const struct talk_front *setup);

/* front_run_rows is front_run with a table of n rows of its own. */
struct front_row;
int front_run_rows(const struct talk_front *setup, const struct front_row *rows, size_t n);

#endif
