/* Who is told of events of watched machines ("webhooks" of "watch", situs-serve(5)). */
#ifndef SITUS_SERVE_SERVE_HOOKS_H
#define SITUS_SERVE_SERVE_HOOKS_H

#include "codec/json/json.h"

#define SERVE_HOOKS 4

struct serve_hook {
    const char *name;
    const char *url;    /* one that url_refused accepts: no other address is ever asked */
    const char *cacert; /* PEM; NULL: the system's anchors */
    const char *policy_name;
    int policy; /* whose key signs */
};

struct serve_hooks {
    struct serve_hook v[SERVE_HOOKS];
    size_t n;
};

/* serve_hooks_read reads the member "webhooks" of "watch", if there is one; policies are the caller's to find. The texts live as
 * long as the document. */
bool serve_hooks_read(struct serve_hooks *h, const struct json *watch, struct situs_err *err);

#endif
