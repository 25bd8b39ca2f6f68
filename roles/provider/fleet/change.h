/* What the writing parts of the inventory share. Inside a transaction only. */
#ifndef SITUS_PROVIDER_FLEET_CHANGE_H
#define SITUS_PROVIDER_FLEET_CHANGE_H

#include "provider/fleet/store.h"

/* Whether a change may be refused because an earlier one has a later date. */
enum change_urgency {
    CHANGE_USUAL,
    CHANGE_URGENT /* never: it only takes away */
};

/* change_begin starts a transaction that may write: the operator has a name, and *dated is the act
 * with the time at which it happens, read when nobody else writes. End it with store_end. */
bool change_begin(struct fleet *f, const struct fleet_act *act, enum change_urgency urgency,
                  struct fleet_act *dated, struct situs_err *err);

/* change_date is the second half of it, for who has begun; it ends nothing. */
bool change_date(struct fleet *f, const struct fleet_act *act, enum change_urgency urgency,
                 struct fleet_act *dated, struct situs_err *err);

/* change_checked says that the inventory was found undamaged since it was opened. */
bool change_checked(struct fleet *f, struct situs_err *err);

/* change_name says that a name is 1 to FLEET_NAME printable ASCII characters, none of them a
 * quote or backslash, no space at an end. */
bool change_name(const char *name, const char *field, struct situs_err *err);

/* change_site is the same of a site, which is not called as a list of all sites is: signed lists of
 * one facility are editions of one list, of which the newest alone counts (DESIGN: id lists). */
bool change_site(const char *site, struct situs_err *err);

/* What to do about a machine that has left. */
#define CHANGE_LEFT                                                                    \
    "this machine has left the fleet; if it is back, reset its keys and add it under " \
    "a new name"

/* change_names is fleet_set without the transaction. */
bool change_names(struct fleet *f, const struct fleet_act *act, const struct fleet_names *names,
                  struct situs_err *err);

/* change_status reads a machine's status; unknown when there is no such machine. */
bool change_status(struct fleet *f, const char *machine, enum fleet_status *status,
                   struct situs_err *err);

/* change_in_use is the same and refuses a machine that was retired, sold or lost. */
bool change_in_use(struct fleet *f, const char *machine, enum fleet_status *status,
                   struct situs_err *err);

/* change_set_status sets it. */
bool change_set_status(struct fleet *f, const char *machine, enum fleet_status status,
                       struct situs_err *err);

/* change_end_instance ends the machine's current platform instance, if it has one: its PIID, PPID
 * and unexpired endorsements are revoked. */
bool change_end_instance(struct fleet *f, const struct fleet_act *act, const char *machine,
                         const char *reason, int64_t history, struct situs_err *err);

/* change_machine adds the machine, or (site NULL, or the one where it stands) says that it exists
 * and is in use. */
bool change_machine(struct fleet *f, const char *machine, const char *site, struct situs_err *err);

/* change_add_site puts a site on record, if it is not there. */
bool change_add_site(struct fleet *f, const char *site, struct situs_err *err);

/* change_prid enrols a package for the machine; vouched_by NULL: by the supplier's papers. One of a
 * retired machine moves; one of a machine that was sold or lost does not. */
bool change_prid(struct fleet *f, const struct fleet_act *act, const char *machine,
                 const char *prid, const char *vouched_by, struct situs_err *err);

/* change_end_ek ends the machine's EK in use, if it has one: its Names are revoked. */
bool change_end_ek(struct fleet *f, const struct fleet_act *act, const char *machine,
                   const char *reason, int64_t history, struct situs_err *err);

/* change_hex says that an identifier is so many bytes of lower-case hex, not all zero;
 * change_taken refuses one that is already another machine's; hint says what to do. */
bool change_hex(const char *hex, size_t bytes, const char *field, struct situs_err *err);
bool change_taken(const char *field, const char *id, const char *machine, const char *hint,
                  struct situs_err *err);

/* change_goods is fleet_add_goods without the transaction; *did is what it came to. */
enum change_did { CHANGE_NOTHING, CHANGE_CHANGED, CHANGE_ADDED };
bool change_goods(struct fleet *f, const struct fleet_act *act, const struct fleet_goods *goods,
                  enum change_did *did, struct situs_err *err);

#endif
