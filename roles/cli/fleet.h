/* What the commands of "situs fleet" share: options, opening, answers, and the inputs of "add". */
#ifndef SITUS_CLI_FLEET_H
#define SITUS_CLI_FLEET_H

#include "cli/args.h"
#include "cli/command.h"
#include "model/trust.h"
#include "provider/fleet/fleet.h"

/* The options that every command has. */
struct fleet_options {
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

/* fleet_cli_open opens the inventory and fills in who and when. NULL: said on stderr. */
struct fleet *fleet_cli_open(const struct fleet_options *o, bool write, struct fleet_act *act);

/* fleet_cli_act fills in who and when; without --at that is decided when the inventory is held.
 * False: said on stderr. */
bool fleet_cli_act(const struct fleet_options *o, struct fleet_act *act);

/* fleet_cli_time is the time of an act for who looks at what is not the inventory's. */
int64_t fleet_cli_time(const struct fleet_act *act);

/* fleet_cli_need says that an option was given; false: said on stderr. */
bool fleet_cli_need(const char *value, const char *option, const char *argument);

/* fleet_cli_failed says the error on stderr and gives the exit code: 6 what the inventory's rules
 * refuse, 2 bytes of an input, else 1. */
int fleet_cli_failed(const struct situs_err *err);

/* fleet_cli_machine prints one machine, as an object of JSON or as lines. */
void fleet_cli_machine(const struct fleet_machine *m, bool json);

/* fleet_cli_after prints the machine as it is after a change; the exit code. */
int fleet_cli_after(struct fleet *f, const char *machine, bool json);

/* fleet_cli_progress says on a terminal how far a long command is; total 0: not known. Call it with
 * done equal to total to end the line. */
void fleet_cli_progress(const char *what, int64_t done, int64_t total);

/* The parts of a platform claim, read from files. */
bool fleet_cli_manifest(struct fleet_platform *p, const char *path, struct situs_err *err);
/* fleet_cli_pck reads a PCK certificate chain (PEM: certificate, CA, root) and verifies it to an
 * anchor for TDX at the time at; it does not look at CRLs. */
bool fleet_cli_pck(struct fleet_platform *p, const char *path, const struct trust *trust,
                   int64_t at, struct situs_err *err);
/* fleet_cli_receipt reads Intel's answer: 32 hex digits, or a file that holds them. */
bool fleet_cli_receipt(struct fleet_platform *p, const char *text, struct situs_err *err);
/* fleet_cli_ek hashes the public key of an EK certificate, or a SubjectPublicKeyInfo, both DER, and
 * names the EKs that it can be. */
bool fleet_cli_ek(struct fleet_goods *g, const char *path, struct situs_err *err);

#endif
