/* What is asked of ownership endorsements on a command line: by whose anchors, beside which lists, at what time. */
#ifndef SITUS_VERIFIER_POE_ASKED_H
#define SITUS_VERIFIER_POE_ASKED_H

#include "frame/args.h"
#include "frame/load.h"
#include "verifier/list_seen.h"

struct poe_options {
    const char *trust, *at;
    struct words crls, revocations, seen;
};

#define OPTIONS_POE(o)                                                                     \
    OPTION_VALUE("trust", 't', "FILE", &(o).trust, "trust anchors of issuers (required)"), \
        OPTION_LIST("crl", 0, "FILE", &(o).crls, "CRL of the issuer's chain, DER or PEM"), \
        OPTION_LIST("revocations", 0, "FILE", &(o).revocations,                            \
                    "signed revocation list of the issuer"),                               \
        OPTION_LIST_SEEN(&(o).seen), OPTION_AT(&(o).at)

/* What those name, read. The zero state may be freed. */
struct poe_asked {
    struct file beside[SITUS_ENDORSEMENTS]; /* CRLs, then revocation lists */
    struct situs_item item[SITUS_ENDORSEMENTS];
    size_t crls, revocations;
    struct loaded_trust trust;
    struct list_seen seen;
    int64_t at;
};

/* poe_asked_read reads all of it; false (exit 1): said on stderr. */
bool poe_asked_read(struct poe_asked *a, const struct poe_options *o);

/* poe_asked_request asks of one endorsement. */
struct situs_poe_request poe_asked_request(const struct poe_asked *a, struct situs_item poe);

void poe_asked_free(struct poe_asked *a);

#endif
