/* Asking a service for the machines that it watches, over its second socket or a proxy's address. */
#ifndef SITUS_WATCH_WATCH_ASK_H
#define SITUS_WATCH_WATCH_ASK_H

#include "fetch/url.h"
#include "frame/args.h"
#include "watch/watch_read.h"

#define WATCH_SECONDS 10 /* for one answer */

/* Where a service is asked, and how. */
struct watch_door {
    const char *address; /* as it was given */
    const char *socket;  /* path of a Unix socket; NULL: none */
    char base[URL_MAX];  /* without a slash at its end */
    const char *cacert;
    long seconds;
};

struct watch_options {
    const char *cacert, *timeout;
    bool json;
};
#define OPTION_WATCH(o)                                                                        \
    OPTION_VALUE("cacert", 0, "FILE", &(o)->cacert, "the service's CA, in PEM, for https"),    \
        OPTION_VALUE("timeout", 0, "SECONDS", &(o)->timeout, "for one answer, 1 to 600 (10)"), \
        OPTION_JSON(&(o)->json)

/* watch_ask_door reads an address: URL (url.h), /PATH or unix:/PATH; false: said on stderr. */
bool watch_ask_door(struct watch_door *d, const char *address, const struct watch_options *o);

/* watch_ask_fleet asks for the whole list, page by page, watch_ask_history for all events of a machine. What was read is the
 * caller's to free, also after a failure. watch_ask_exit is the exit code of one: 7 where the service cannot be reached or does not
 * answer now, 2 where what it says cannot be read, 6 where it is not who it should be, 1 where it knows no such thing. */
bool watch_ask_fleet(const struct watch_door *d, struct watch_fleet *f, struct situs_err *err);
bool watch_ask_history(const struct watch_door *d, const char *machine, struct watch_history *h,
                       struct situs_err *err);
int watch_ask_exit(const struct situs_err *err);

#endif
