/* What the commands of "situs fleet" share: options, opening, answers, and the inputs of "add". */
#ifndef SITUS_PROVIDER_DESK_DESK_H
#define SITUS_PROVIDER_DESK_DESK_H

#include "frame/args.h"
#include "frame/exits.h"
#include "model/trust.h"
#include "provider/fleet/fleet_lists.h"

/* The options that every command has. */
struct desk_options {
    const char *db, *by, *at, *allow_future;
    bool json;
};

#define OPTION_FLEET_READ(o) \
    OPTION_VALUE("db", 0, "FILE", &(o)->db, "the inventory (required)"), OPTION_JSON(&(o)->json)
#define OPTION_FLEET_WRITE(o)                                                      \
    OPTION_FLEET_READ(o),                                                          \
        OPTION_VALUE("operator", 0, "NAME", &(o)->by, "who does this (required)"), \
        OPTION_AT(&(o)->at),                                                       \
        OPTION_VALUE("allow-future", 0, "TIME", &(o)->allow_future,                \
                     "a date ahead of the clock that is meant, or that was wrong")
/* How many options that is. */
#define OPTIONS_FLEET_WRITE 5
#define OPTION_MACHINE(to) OPTION_VALUE("machine", 'm', "NAME", to, "the machine (required)")

/* desk_open opens the inventory and fills in who and when. NULL: said on stderr. */
struct fleet *desk_open(const struct desk_options *o, bool write, struct fleet_act *act);

/* desk_act fills in who and when; without --at that is decided when the inventory is held.
 * False: said on stderr. */
bool desk_act(const struct desk_options *o, struct fleet_act *act);

/* desk_time is the time of an act for who looks at what is not the inventory's. */
int64_t desk_time(const struct fleet_act *act);

/* desk_need says that an option was given; false: said on stderr. */
bool desk_need(const char *value, const char *option, const char *argument);

/* desk_failed says the error on stderr and gives the exit code: 6 what the inventory's rules
 * refuse, 2 bytes of another's document, else 1: a table of one's own, too. */
int desk_failed(const struct situs_err *err);

/* What was revoked, by kind (fleet_revoked_since). */
#define DESK_REVOKED_KINDS 8
struct desk_revoked {
    struct {
        char kind[16];
        int64_t n;
    } v[DESK_REVOKED_KINDS];
    size_t n;
};
void desk_revoked_count(void *to, const char *kind, int64_t n);

/* desk_machine prints one machine, as an object of JSON or as lines, and what was revoked with it
 * (may be NULL). */
void desk_machine(const struct fleet_machine *m, const struct desk_revoked *revoked, bool json);

/* desk_revoked prints it as lines, and (would false) that it has to be published. */
void desk_revoked(const struct desk_revoked *r, bool would);

/* desk_many_done says what was done, or (dry_run) would be, to how many machines. */
void desk_many_done(size_t n, const char *done, const struct desk_revoked *revoked, bool dry_run,
                    bool json);

/* desk_after prints the machine as it is after a change; the exit code. */
int desk_after(struct fleet *f, const char *machine, bool json);

/* desk_progress says on a terminal how far a long command is; total 0: not known. Call it with
 * done equal to total to end the line. */
void desk_progress(const char *what, int64_t done, int64_t total);

/* The parts of a platform claim, read from files. */
bool desk_manifest(struct fleet_platform *p, const char *path, struct situs_err *err);
/* desk_pck reads a PCK certificate chain (PEM: certificate, CA, root) and verifies it to an
 * anchor for TDX at the time at; it does not look at CRLs. */
bool desk_pck(struct fleet_platform *p, const char *path, const struct trust *trust, int64_t at,
              struct situs_err *err);
/* desk_receipt reads Intel's answer: 32 hex digits, or a file that holds them. */
bool desk_receipt(struct fleet_platform *p, const char *text, struct situs_err *err);
bool desk_receipt_hex(struct fleet_platform *p, const char *text, struct situs_err *err);
/* desk_ek hashes the public key of an EK certificate, or a SubjectPublicKeyInfo, both DER, and
 * names the EKs that it can be. */
bool desk_ek(struct fleet_goods *g, const char *path, struct situs_err *err);

#endif
