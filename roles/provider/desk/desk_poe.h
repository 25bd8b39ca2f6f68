/* Endorsing machines of the fleet: what "endorse" and "renew" share. */
#ifndef SITUS_PROVIDER_DESK_DESK_POE_H
#define SITUS_PROVIDER_DESK_DESK_POE_H

#include "provider/desk/desk_many.h"
#include "provider/desk/signer.h"

/* What to do about one of many machines that is refused. */
enum desk_poe_refusal {
    DESK_POE_STOP,  /* nothing is endorsed */
    DESK_POE_LEAVE, /* it is left out, and told */
    DESK_POE_FAIL   /* the same, as an error */
};

struct endorsing {
    struct desk_options common;
    struct signer_options sign;
    const char *owner, *issuer, *refresh, *days, *out;
    bool es384, other_owner, dry_run;
    enum desk_poe_refusal refusal;
    int64_t life; /* seconds */
    struct signer signer;
};

#define OPTION_ENDORSING(e)                                                                    \
    OPTION_FLEET_WRITE(&(e)->common), OPTION_SIGNER(&(e)->sign),                               \
        OPTION_VALUE("issuer", 0, "NAME", &(e)->issuer,                                        \
                     "name of the issuer (default: as it was set)"),                           \
        OPTION_FLAG("other-owner", 0, &(e)->other_owner,                                       \
                    "names other than those that were set are meant"),                         \
        OPTION_VALUE("refresh", 0, "URI", &(e)->refresh, "where a fresh endorsement will be"), \
        OPTION_VALUE("days", 0, "N", &(e)->days, "life of the endorsement (default: 30)"),     \
        OPTION_FLAG("es384", 0, &(e)->es384, "algorithm -35, for readers that lack -51")

/* desk_poe_ready checks the options and loads the signer; false: said on stderr, *exit set. */
bool desk_poe_ready(struct endorsing *e, int *exit);

/* desk_poe_days reads a number of days, 1 to 3660, with or without a "d" behind it. */
bool desk_poe_days(const char *text, const char *option, int64_t *seconds);

/* desk_poe_endorse endorses one machine (owner NULL: as it was set) and, when it is recorded,
 * writes it to path. */
bool desk_poe_endorse(struct fleet *f, const struct fleet_act *act, struct endorsing *e,
                      const char *machine, const char *owner, const char *path,
                      struct situs_err *err);

/* desk_poe_directory says that endorsements can be written there, before anything is signed; false:
 * said on stderr. */
bool desk_poe_directory(const char *path);

/* What came of many. exit is that of the first that failed. */
struct desk_poe_done {
    size_t endorsed, refused;
    int exit;
};

/*
 * desk_poe_many signs for all rows, whose more[0], not empty, is the owner; records all in one
 * transaction, which waits for no signature; then writes e->out/PIID.cbor. With e->dry_run it
 * says only who would be refused.
 */
bool desk_poe_many(struct fleet *f, const struct fleet_act *act, struct endorsing *e,
                   const struct desk_rows *rows, struct desk_poe_done *done, struct situs_err *err);

/* desk_poe_path is DIRECTORY/PIID.cbor: where a verifier looks for it. */
void desk_poe_path(char *path, size_t size, const char *directory, const char *piid);

#endif
