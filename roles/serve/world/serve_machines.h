/* Machines that the service watches, by its configuration ("watch" of situs-serve(5)): no evidence adds one. */
#ifndef SITUS_SERVE_SERVE_MACHINES_H
#define SITUS_SERVE_SERVE_MACHINES_H

#include "codec/json/json.h"
#include "continuity/continuity.h"
#include "serve/world/dial_config.h"
#include "serve/world/serve_hooks.h"

#define SERVE_MACHINES 1024
#define SERVE_SITE 64 /* bytes of a site's name */

struct serve_machine {
    const char *name;
    const char *policy_name;
    const char *site;   /* where it stands, in the operator's words; NULL: not said */
    int policy, target; /* target: in "connect" */
    struct continuity_terms terms;
};

struct serve_machines {
    const char *mark;        /* the file that is kept outside of the database */
    struct serve_machine *v; /* by name */
    size_t n;
    struct serve_hooks hooks;
};

/* serve_machines_read reads the member "watch", if there is one; policies are the caller's to find. The texts live as long
 * as the document. serve_machines_free accepts the zero state. */
bool serve_machines_read(struct serve_machines *m, const struct dial_config *dial,
                         const struct json *root, struct situs_err *err);
void serve_machines_free(struct serve_machines *m);

/* serve_machines_find is the number of a machine; -1: there is none of this name. */
int serve_machines_find(const struct serve_machines *m, const char *name);

#endif
