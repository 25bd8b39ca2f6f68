/*
 * The fleet inventory of a hardware provider: which machine stands where, which processor packages
 * and TPM keys are in it, which platform instance it is now, and who said so when. It is the only
 * ground on which ownership endorsements are signed (DESIGN: fleet) and on which the registrar
 * certifies attestation keys. One SQLite file; every change is one transaction that also writes its
 * history row; what is not in the file after a crash was not done.
 */
#ifndef SITUS_PROVIDER_FLEET_H
#define SITUS_PROVIDER_FLEET_H

#include "base/err.h"
#include "base/span.h"

#define FLEET_NAME 64         /* bytes of a name: machine, site, operator, owner */
#define FLEET_PACKAGES 32     /* processor packages of one machine */
#define FLEET_POE (16 * 1024) /* bytes of one endorsement */
#define FLEET_ALL "all"       /* the facility of a list of all sites; no site is called so */

/* An open inventory. */
struct fleet;

/*
 * Who acts, and when (Unix seconds). A date that lies ahead of the clock is refused unless it is
 * named, and so is one before the newest date of the history; named once, that one stands in
 * nobody's way again. What takes a machine or a key out, and the revocation list, is never refused
 * for the latter: one wrong date keeps nobody from reporting a theft.
 */
struct fleet_act {
    const char *by;         /* who does it: a name for the history */
    int64_t at;             /* 0: the clock's time, read when nobody else writes */
    int64_t (*clock)(void); /* NULL: the system's */
    int64_t allow_future;   /* a date ahead of the clock that is meant, or was; 0: none */
};

enum fleet_status {
    FLEET_PENDING,     /* known, but nobody has seen it in its place */
    FLEET_ENROLLED,    /* confirmed by an operator; only such a machine is endorsed */
    FLEET_MAINTENANCE, /* being worked on; confirm brings it back */
    FLEET_RETIRED,
    FLEET_SOLD,
    FLEET_LOST,
    FLEET_STATUSES
};

/* fleet_status_name is the word of a status. */
const char *fleet_status_name(enum fleet_status s);

/* In whose name is signed. Each NULL: not said. */
struct fleet_names {
    const char *owner, *issuer;
    const char *site, *machine; /* the owner of machines at a site, or of one; neither: of all */
};

/* fleet_create makes a new inventory at path, which signs in these names (NULL: fleet_set says
 * them); a file that exists is refused. */
bool fleet_create(const char *path, const struct fleet_act *act, const struct fleet_names *names,
                  struct situs_err *err);

/* fleet_upgrade brings an inventory of an older situs to this one's schema; false without an error
 * when there is nothing to do. */
bool fleet_upgrade(const char *path, const struct fleet_act *act, struct situs_err *err);

/* fleet_open opens an inventory to write or only to read. One whose schema is of another version of
 * situs is refused. NULL and err on failure; free with fleet_close, which accepts NULL. */
struct fleet *fleet_open(const char *path, bool write, struct situs_err *err);
void fleet_close(struct fleet *f);

/*
 * fleet_check reads the whole inventory and says that it is what was written: a bit that flipped on
 * the disk never signs another list. fleet_endorse, fleet_boot and fleet_snapshot_begin ask it, the
 * first two once after opening; who holds an inventory open for long calls it now and then, and one
 * that fails signs nothing from then on. No protection from who may write the file.
 */
bool fleet_check(struct fleet *f, struct situs_err *err);

/*
 * fleet_hold starts one transaction for all changes until fleet_release, which makes them all (keep)
 * or none; the time of those without one is the same. Nobody else writes meanwhile: sign before.
 * After a change that failed the rest may not be kept.
 */
bool fleet_hold(struct fleet *f, const struct fleet_act *act, struct situs_err *err);
bool fleet_release(struct fleet *f, bool keep, struct situs_err *err);

/* Identifiers as hex text: PIID, PPID, PRID 32 digits; hashes 64. Empty: not known. */
typedef char fleet_id[33];
typedef char fleet_hash[65];

/* The Name of an EK (TPM 2.0 part 1, 16) as hex text: by which verifiers know it. */
#define FLEET_EK_NAMES 4
typedef char fleet_name[101];

/* What is known of a machine before it runs: from the supplier, or on an operator's word. */
struct fleet_goods {
    const char *machine, *site; /* site NULL: the machine must exist */
    fleet_id prid[FLEET_PACKAGES];
    size_t n_prids;
    const char *vouched_by; /* NULL: the PRIDs come from the supplier's papers */
    fleet_hash ek;          /* SHA-256 of the EK's SubjectPublicKeyInfo */
    fleet_name
        ek_name[FLEET_EK_NAMES]; /* that its key can have; none where only the hash is known */
    size_t n_ek_names;
    bool vtpm;
};

/* What a machine says it is: its Platform Manifest, its PCK certificate (verified by the caller),
 * or both; both must then name the same PIID. */
struct fleet_platform {
    const char *machine;
    fleet_id piid;
    fleet_hash manifest; /* empty: no manifest given; else its SHA-256 and PRIDs */
    fleet_id prid[FLEET_PACKAGES];
    size_t n_prids;
    fleet_hash pck; /* empty: no PCK certificate given; else its SHA-256 and PPID */
    fleet_id ppid;
    fleet_id receipt;       /* PPID that Intel answered to the manifest's registration */
    const char *vouched_by; /* operator who vouches for the manifest instead, or NULL */
};

/* What a supplier signed about a machine (endorse/composition), verified by the caller. */
struct fleet_composition {
    const char *machine, *site; /* site NULL: the machine must exist */
    const char *supplier;       /* the trust anchor of the signer */
    char serial[FLEET_NAME + 1];
    int64_t number, issued;
    fleet_id prid[FLEET_PACKAGES];
    size_t n_prids;
    fleet_id piid; /* empty: not named */
    fleet_hash sha256;
    struct span bytes; /* the manifest */
};

/*
 * fleet_add_composition enrols the packages of a composition manifest for the machine, which it
 * adds when a site is given. Packages that only an earlier manifest of the serial number named are
 * no longer enrolled. Refused: a number that is not above the last one's, a serial number of
 * another machine, another serial number of this supplier for this machine.
 */
bool fleet_add_composition(struct fleet *f, const struct fleet_act *act,
                           const struct fleet_composition *composition, struct situs_err *err);

/* fleet_add_goods adds a machine, or packages and EK to one that exists; status pending. What is
 * there already is not added again, nor recorded. A new EK ends the old one, and the machine is pending. A package of another machine moves only from a
 * retired one. No new machine stands at FLEET_ALL. */
bool fleet_add_goods(struct fleet *f, const struct fleet_act *act, const struct fleet_goods *goods,
                     struct situs_err *err);

#define FLEET_CSV "machine,site,prids,ek,class"
#define FLEET_CSV_CLAIMS "manifest,receipt,pck"

/* What rows of papers came to: new machines, machines that have something new, neither. */
struct fleet_counted {
    size_t added, changed, there;
};

/*
 * fleet_add_csv adds every row of a CSV text in one transaction: all or none. First line FLEET_CSV,
 * also with FLEET_CSV_CLAIMS behind it, which it leaves to who reads files; PRIDs separated by one space; ek 64 hex digits or empty; class
 * dtpm, vtpm or empty. As spreadsheets write it, csv.h says how. A row of which everything is there
 * leaves no trace in the history. progress (may be NULL) gets the number of rows now and then.
 */
bool fleet_add_csv(struct fleet *f, const struct fleet_act *act, struct span csv,
                   struct fleet_counted *n, void (*progress)(size_t rows), struct situs_err *err);

/* fleet_add_platform states the machine's platform instance. A new PIID ends the old instance,
 * revokes its PIID, PPID and endorsements, and makes the machine pending. A PIID that has ended, or
 * is another machine's, is refused. */
bool fleet_add_platform(struct fleet *f, const struct fleet_act *act,
                        const struct fleet_platform *platform, struct situs_err *err);

/* The boot of a TPM, by its counters (TPMS_CLOCK_INFO). */
struct fleet_counts {
    uint32_t reset, restart;
};

/* What an operator saw in the machine's place: the boot that its TPM counts, or (boot NULL) its
 * PIID. */
struct fleet_sight {
    const struct fleet_counts *boot;
    const char *piid;
};

/*
 * fleet_confirm says that an operator has seen the machine in its place: enrolled. Refused unless
 * the boot is the one that the machine's TPM reported last, or the PIID that of the machine's
 * platform instance; and a PIID does not confirm a boot: a machine whose TPM reported one that
 * nobody confirmed is confirmed by it.
 */
bool fleet_confirm(struct fleet *f, const struct fleet_act *act, const char *machine,
                   const struct fleet_sight *seen, struct situs_err *err);

/* fleet_maintain says that the machine is worked on: nothing is signed for it until confirm. */
bool fleet_maintain(struct fleet *f, const struct fleet_act *act, const char *machine,
                    struct situs_err *err);

/* fleet_move says that the machine stands at another site now: one that was enrolled is pending,
 * since nobody has seen it there. No site is called FLEET_ALL. */
bool fleet_move(struct fleet *f, const struct fleet_act *act, const char *machine, const char *site,
                struct situs_err *err);

/* fleet_end_ek ends the machine's EK in use, as that of a TPM that was taken out, or (compromised)
 * whose keys are known: its Names are revoked, and an enrolled machine is pending. */
bool fleet_end_ek(struct fleet *f, const struct fleet_act *act, const char *machine,
                  bool compromised, const char *reason, struct situs_err *err);

/* fleet_end takes a machine out (status retired, sold or lost): revokes PIID, PPID, endorsements
 * and the EK's Names; reason is free text, kept in the history. For ever: a machine that comes back
 * is a new one, with a new PIID and EK. A retired machine may still be sold or lost. */
bool fleet_end(struct fleet *f, const struct fleet_act *act, const char *machine,
               enum fleet_status status, const char *reason, struct situs_err *err);

/*
 * fleet_set says once in whose name is signed: the owner of all machines, of those at a site, of
 * one (the nearest counts), or the issuer. Nothing is signed before; another name on a signature is
 * refused unless other_owner says that it is meant.
 */
bool fleet_set(struct fleet *f, const struct fleet_act *act, const struct fleet_names *names,
               struct situs_err *err);

/* fleet_issuer gives the issuer, fleet_owner the owner that a list of a site (NULL: of all; never
 * FLEET_ALL) names, as they were set; the asked one (may be NULL) must be that, unless other is
 * true. out has FLEET_NAME + 1 bytes. */
bool fleet_issuer(struct fleet *f, const char *asked, bool other, char *out, struct situs_err *err);
bool fleet_owner(struct fleet *f, const char *site, const char *asked, bool other, char *out,
                 struct situs_err *err);

/* What is to be endorsed, for so many seconds from the time of the act on. */
struct fleet_wish {
    const char *machine;
    const char *owner, *issuer; /* NULL: as they were set */
    bool other_owner;           /* names other than those that were set are meant */
    int64_t life;
    int64_t not_before, not_after; /* out */
};

/* What a signer made: at most FLEET_POE bytes, and the endorsement's own id in hex. */
struct fleet_poe {
    uint8_t bytes[FLEET_POE];
    size_t n;
    char id[129];
};

/* fleet_sign signs an endorsement of the PIID (16 bytes); it may cut the window, never widen it. */
typedef bool (*fleet_sign)(void *signer, struct span piid, struct fleet_wish *wish,
                           struct fleet_poe *poe, struct situs_err *err); /* names all said */

/* fleet_endorse signs and records an endorsement of a machine that fleet_signable lets pass. The
 * bytes are given out only after the record is on disk. */
bool fleet_endorse(struct fleet *f, const struct fleet_act *act, struct fleet_wish *wish,
                   fleet_sign sign, void *signer, struct fleet_poe *poe, struct situs_err *err);

/* An endorsement that was signed and is on no record yet. bytes is malloc'd; free it. */
struct fleet_signed {
    char machine[FLEET_NAME + 1], owner[FLEET_NAME + 1];
    fleet_id piid;
    bool other_owner;
    int64_t not_before, not_after;
    char id[129];
    uint8_t *bytes;
    size_t n;
};

/*
 * fleet_sign_one signs as fleet_endorse does and records nothing, so that nobody waits for the
 * signatures of a whole fleet. Its bytes may be given out when fleet_record has put it on record,
 * and that is, held, committed: it refuses what fleet_endorse would refuse by then. sign may be NULL:
 * then it only says whether the machine would be signed for.
 */
bool fleet_sign_one(struct fleet *f, const struct fleet_act *act, const struct fleet_wish *wish,
                    fleet_sign sign, void *signer, struct fleet_signed *out, struct situs_err *err);
bool fleet_record(struct fleet *f, const struct fleet_act *act, const struct fleet_signed *it,
                  struct situs_err *err);

/* One machine as it is now. */
struct fleet_machine {
    char name[FLEET_NAME + 1], site[FLEET_NAME + 1];
    enum fleet_status status;
    int64_t confirmed_at;             /* 0: never */
    fleet_id piid, ppid, receipt;     /* of the current instance */
    char vouched_by[FLEET_NAME + 1];  /* for its manifest */
    char composed_by[FLEET_NAME + 1]; /* supplier of its newest composition manifest */
    bool composed; /* that names this PIID, and every package of its Platform Manifest */
    bool has_manifest, has_pck;
    int64_t poe_until;              /* end of its newest endorsement; 0: none */
    char owner[FLEET_NAME + 1];     /* of that endorsement */
    char set_owner[FLEET_NAME + 1]; /* as fleet_set said; empty: nobody did */
    fleet_hash ek;                  /* the EK in use */
    bool vtpm;
    bool boot_seen, boot_confirmed; /* its TPM reported a boot, and it is the confirmed one */
    struct fleet_counts boot;
    int64_t boot_confirmed_at; /* 0: not */
    int64_t packages;          /* that its manifest names */
    fleet_id stranger;         /* the first of them that is not enrolled for it; empty: none */
};

/*
 * fleet_signable is the one gate before everything that is signed about a machine: endorsement,
 * machine list, AK certificate. It says that the machine is enrolled, its PIID is in a manifest and
 * in a PCK certificate, the manifest is authenticated (receipt equal to the PPID, or vouched for,
 * or covered by a composition manifest that names the PIID), and every PRID of it is enrolled for
 * this machine.
 */
bool fleet_signable(const struct fleet_machine *m, struct situs_err *err);

/* fleet_owned says that the machine is that owner's, as fleet_set said, or that another name is
 * meant (other). */
bool fleet_owned(const struct fleet_machine *m, const char *owner, bool other,
                 struct situs_err *err);

/* fleet_machine_get finds a machine by name; unknown when there is none. */
bool fleet_machine_get(struct fleet *f, const char *machine, struct fleet_machine *out,
                       struct situs_err *err);

/* fleet_machine_by_ek finds the machine of an EK in use, by the SHA-256 of its
 * SubjectPublicKeyInfo; unknown when there is none, revoked when the EK is no longer in use. */
bool fleet_machine_by_ek(struct fleet *f, const uint8_t ek[32], struct fleet_machine *out,
                         struct situs_err *err);

/* What a machine's TPM reports to the registrar. */
struct fleet_report {
    const uint8_t *ek;   /* 32 bytes: SHA-256 of the EK's SubjectPublicKeyInfo */
    struct span ek_name; /* 34 or 50 bytes */
    struct fleet_counts boot;
};

/*
 * fleet_boot records the boot that is reported, of the machine that has the EK, and the EK's Name,
 * so that what is certified can be revoked by it.
 * *confirmed says that fleet_signable lets the machine pass and that it is the boot in which an
 * operator confirmed its presence; on any other boot, the first one too, the machine becomes
 * pending until fleet_confirm. What else keeps it from being signed for is an error; the boot is
 * recorded all the same.
 */
bool fleet_boot(struct fleet *f, const struct fleet_act *act, const struct fleet_report *report,
                bool *confirmed, struct fleet_machine *out, struct situs_err *err);

/* Which machines to list. */
struct fleet_filter {
    const char *site;        /* NULL: all */
    int status;              /* enum fleet_status, or -1: all */
    int64_t expiring_before; /* those whose newest endorsement ends before; 0: all */
};

/* Visitors get one row at a time, in order, and stop the walk by saying false. They may not change
 * the inventory. */
typedef bool (*fleet_machine_visit)(void *to, const struct fleet_machine *m);
bool fleet_list(struct fleet *f, const struct fleet_filter *filter, fleet_machine_visit visit,
                void *to, struct situs_err *err);

struct fleet_event {
    int64_t number, at;
    const char *by, *action, *machine, *detail; /* machine may be empty */
};
typedef bool (*fleet_event_visit)(void *to, const struct fleet_event *e);
/* fleet_history walks the history, of one machine or (NULL) of all, oldest first. */
bool fleet_history(struct fleet *f, const char *machine, fleet_event_visit visit, void *to,
                   struct situs_err *err);

/* fleet_count is the number of machines, for progress. */
bool fleet_count(struct fleet *f, int64_t *n, struct situs_err *err);

#endif
