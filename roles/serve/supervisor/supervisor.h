/*
 * The process that starts the others, and starts them again. Front, keeper and nurseries are one generation, which lives
 * and ends together: a reload, or the end of one of them, makes a new one behind the same sockets, and the old front
 * finishes what it had begun.
 */
#ifndef SITUS_SERVE_SUPERVISOR_H
#define SITUS_SERVE_SUPERVISOR_H

#include "serve/judge/judge.h"

/* What the processes do. The product has front_run and judge_appraise. */
struct supervisor_parts {
    int (*front)(const struct talk_front *setup);
    judge_work *work;
};

/* supervisor_run serves what the configuration at path says until SIGTERM or SIGINT; SIGHUP reads it again. The exit
 * code of the program. */
int supervisor_run(const char *path, const struct supervisor_parts *parts);

#endif
