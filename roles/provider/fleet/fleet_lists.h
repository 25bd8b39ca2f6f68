/* What goes out of the inventory: its machines, what is revoked, and its endorsements. */
#ifndef SITUS_PROVIDER_FLEET_LISTS_H
#define SITUS_PROVIDER_FLEET_LISTS_H

#include "provider/fleet/fleet.h"

/* A list's number, and when it was taken. */
struct fleet_snapshot {
    int64_t number, at;
};

/*
 * fleet_snapshot_begin takes the next number of a signed list ("list" or "revocation"), records who
 * took it, and holds the inventory as it was at that moment for the walks below: a higher number
 * never says less. site is that of a list of machines, FLEET_ALL of all; NULL: of a list that is of
 * no site. fleet_snapshot_end lets it go. fleet_count, fleet_ids and fleet_revocations may
 * also be called without.
 */
bool fleet_snapshot_begin(struct fleet *f, const struct fleet_act *act, const char *list,
                          const char *site, struct fleet_snapshot *out, struct situs_err *err);
void fleet_snapshot_end(struct fleet *f);

/*
 * fleet_publish_begin holds the inventory while the list of that number is put in its place. It
 * fails where a newer number was taken since for such a list, of that site: it says what is now, and
 * an older one that came after it would hide what. fleet_publish_end lets it go.
 */
bool fleet_publish_begin(struct fleet *f, const char *list, const char *site, int64_t number,
                         struct situs_err *err);
void fleet_publish_end(struct fleet *f);

/* Which machines a list names: at one site or (NULL) at all, of one owner or (NULL) whosever. */
struct fleet_listed {
    const char *site, *owner;
};

/* fleet_ids walks the PPIDs of the machines that fleet_signable lets pass in rising order; left_out
 * (may be NULL) gets the enrolled ones that it does not, and why. fleet_ids_count counts those that
 * pass. */
typedef bool (*fleet_id_visit)(void *to, const char *ppid);
typedef void (*fleet_left_out)(void *to, const char *machine, const struct situs_err *why);
bool fleet_ids(struct fleet *f, const struct fleet_listed *which, fleet_id_visit visit,
               fleet_left_out left_out, void *to, struct situs_err *err);
bool fleet_ids_count(struct fleet *f, const struct fleet_listed *which, int64_t *n,
                     struct situs_err *err);

/* What is revoked: words of endorse/revocation, id in hex. */
struct fleet_revoked {
    const char *kind, *id, *reason;
    int64_t at;
};
/* fleet_revocations walks what is revoked of one kind, its ids of so many bytes, in rising order;
 * fleet_revocations_sizes says how many ids of each size there are (at most max sizes). */
typedef bool (*fleet_revoked_visit)(void *to, const struct fleet_revoked *r);
bool fleet_revocations(struct fleet *f, const char *kind, size_t size, fleet_revoked_visit visit,
                       void *to, struct situs_err *err);
/* fleet_revoked_since tells how many ids of each kind were revoked by rows of the history after that
 * number; fleet_newest is the newest row's. */
typedef void (*fleet_revoked_count)(void *to, const char *kind, int64_t n);
bool fleet_newest(struct fleet *f, int64_t *number, struct situs_err *err);
bool fleet_revoked_since(struct fleet *f, int64_t number, fleet_revoked_count visit, void *to,
                         struct situs_err *err);
struct fleet_size {
    size_t size;
    int64_t count;
};
bool fleet_revocations_sizes(struct fleet *f, const char *kind, struct fleet_size *sizes,
                             size_t max, size_t *n, struct situs_err *err);

/* fleet_poes walks the newest endorsement of every enrolled machine; the PIID is hex. */
typedef bool (*fleet_poe_visit)(void *to, const char *piid, const struct fleet_poe *poe);
bool fleet_poes(struct fleet *f, fleet_poe_visit visit, void *to, struct situs_err *err);

#endif
