/* Signed lists of the fleet, written entry by entry. */
#ifndef SITUS_PROVIDER_DESK_DESK_LISTS_H
#define SITUS_PROVIDER_DESK_DESK_LISTS_H

#include "provider/desk/desk_poe.h"

struct desk_lists {
    struct desk_options common;
    struct signer_options sign;
    const char *owner, *issuer, *site;
    bool salted, other_owner;
    int64_t life; /* seconds */
    struct signer signer;
};

/* What came of a list. */
struct desk_listed {
    int64_t number, n; /* the list's number, and its entries */
    int64_t left_out;  /* machines that are not on it */
};

/* desk_lists_ready checks the options and loads the signer; false: said on stderr, *exit set. */
bool desk_lists_ready(struct desk_lists *l, int *exit);

/* desk_lists_ids writes the list of the PPIDs of the enrolled machines that fleet_signable lets
 * pass to path, and says on stderr which are left out and why; desk_lists_revocations that of what
 * is revoked. Memory does not grow with the fleet, except for salted hashes: 32 bytes a machine. */
bool desk_lists_ids(struct fleet *f, const struct fleet_act *act, const struct desk_lists *l,
                    const char *path, struct desk_listed *listed, struct situs_err *err);
bool desk_lists_revocations(struct fleet *f, const struct fleet_act *act,
                            const struct desk_lists *l, const char *path,
                            struct desk_listed *listed, struct situs_err *err);

#endif
