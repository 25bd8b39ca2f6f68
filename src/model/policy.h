/*
 * Policy: which proofs are required, in which scenario, with which parameters for each check. The
 * table params.def is the whole grammar: an unknown key is an error, and "policy explain" prints
 * the table.
 */
#ifndef SITUS_MODEL_POLICY_H
#define SITUS_MODEL_POLICY_H

#include "base/arena.h"
#include "base/err.h"
#include "base/time.h"
#include "base/wr.h"
#include "model/ak_profiles.h"
#include "model/closed.h"
#include "model/finding.h"
#include "model/profiles.h"
#include "model/registers.h"

enum param {
#define PARAM(name, check, key, type, form, least, most, fallback, sentence) PARAM_##name,
#include "model/params.def"
#undef PARAM
    PARAM_COUNT
};

enum param_type {
    PARAM_IS_FLAG,
    PARAM_IS_NUM,
    PARAM_IS_NUMS,
    PARAM_IS_WORDS,
    PARAM_IS_HEX,
    PARAM_IS_REFERENCES,
    PARAM_IS_HOSTS,
    PARAM_IS_PLATFORM
};

/* What stands in a value or an element of it; see params.def. */
enum param_form {
    FORM_ANY,
    FORM_RTMR, /* 0 to 3, as VMPLs are */
    FORM_PCR,  /* 0 to 23 (PC Client Platform TPM Profile 1.05, 4.6) */
    FORM_PAIR,
    FORM_COUNTRY, /* two capital letters */
    FORM_PCR0,    /* hex of a SHA-384 value, or of MRTD, "=" and it */
    FORM_ID,      /* hex of an id that revocation lists have */
    FORM_ED25519, /* hex of a public key (RFC 8032 5.1.5) */
    FORM_SHA384,  /* hex of a digest */
    FORM_TIME,    /* RFC 3339, UTC */
    FORM_SNP_TCB, /* snp_minimum.h */
    FORM_TPM_NAME /* nameAlg, and a SHA-256, SHA-384 or SHA-512 (TPM 2.0 part 1, 16) */
};

struct param_row {
    enum check check;
    const char *key;
    enum param_type type;
    enum param_form form;
    size_t least, most;
    const char *fallback, *sentence;
};
const struct param_row *param_row(enum param p);

/* The PCRs whose events a guest reference lists (DESIGN: measurements, 2), bit i for PCR i. */
#define BOOT_PCRS 0x7b7cu /* 2-6, 8, 9, 11-14 */
#define BOOT_RTMR1 0x007cu
#define BOOT_LAST 14
#define BOOT_QUOTED (BOOT_PCRS | 0x83u) /* and 0, 1, 7: all that bind.measurements compares */

/* One event of an honest boot. Digests are SHA-384. */
struct boot_event {
    uint8_t digest[48];
    bool tpm_only; /* no RTMR has it */
};

/* The events of one PCR, in order, and the texts that software may add after them, in order. */
struct boot_list {
    const struct boot_event *v;
    size_t n;
    const struct span *tail; /* what is measured is the text; TPM only */
    size_t n_tail;
};

/* The PCRs that name an image under a paravisor, and those that are the platform's own (DESIGN: paravisor, 4). */
#define PCR_IMAGE 0x7bbcu /* 2-5, 7-9, 11-14 */
#define PCR_PLATFORM 0x0043u

/* Which paravisor may be below an image: by its launch, or by who signed it, which it is and how new. */
struct paravisor_pins {
    const uint8_t (*launch)[48]; /* MRTD or MEASUREMENT */
    size_t n;
    bool by_id;
    uint8_t id_key[48], image_id[16];
    int64_t min_svn;
};

/* SHA-256 values of which a register has one; none: it is not named. */
struct pcr_values {
    const uint8_t (*v)[32];
    size_t n;
};

struct pcr_image {
    struct paravisor_pins paravisor;
    struct pcr_values pcr[REGISTERS_MAX];
};

/* A closed guest image (DESIGN: closed references): its registers, the events of its boot where it
 * may be bound, and who says that it is closed. Of an SEV-SNP guest mrtd is its MEASUREMENT, and
 * there is nothing else but the privilege level that asks for reports. */
struct reference {
    struct span name;
    struct closed closed;
    enum check_kind tee; /* of tees.def: a guest of which kind */
    int64_t vmpl;
    const struct pcr_image *pcrs; /* under a paravisor, instead of what follows; NULL: none */
    enum firmware profile; /* firmware profile; PROFILE_COUNT: none, TD and TPM share nothing */
    uint8_t mrtd[48], rtmr[4][48];
    bool rtmr1_listed; /* RTMR1 is no value but what the lists lead to (DESIGN: measurements, 4) */
    bool has_boot;
    struct boot_list boot[BOOT_LAST + 1]; /* by PCR; those of BOOT_PCRS */
    const uint8_t (*pcr7)[48]; /* digests that are PCR 7's though nothing in them says so */
    size_t n_pcr7;
    bool gpt_open; /* the event of this digest may have another, of a complete partition table */
    uint8_t gpt[48];
};

/* What a named party states of a provider's virtual TPMs (DESIGN: measurements, 7). */
struct platform_statement {
    struct span by;
    uint32_t banks; /* bit i: enum hash i can be allocated, and is quoted */
    bool firmware_first, all_banks_extended;
};

/* One event of a measured launch, as a host reference demands it. */
struct host_event {
    uint32_t pcr, type;
    bool typed; /* false: any type will do */
    uint8_t digest[HASH_MAX_SIZE];
};

/* A closed host image (DESIGN: closed references): the events of its measured launch in one bank,
 * the PCR values that follow, who says that it is closed, and from when to when that is so. */
struct host_reference {
    struct span name;
    struct closed closed;
    struct window valid;
    bool co_locates; /* its agent does DESIGN: messages, 6 */
    enum hash bank;
    uint32_t registers; /* L, bit i for PCR i: 17, 18, and others up to 22 */
    const struct host_event *events;
    size_t n;
    uint8_t value[REGISTERS_MAX][HASH_MAX_SIZE]; /* of the registers of L after the launch */
};

struct param_value {
    bool given;  /* by the policy or by the default of params.def */
    bool flag;   /* FLAG */
    int64_t num; /* NUM */
    const int64_t *nums;
    const struct span *words;
    struct span hex; /* decoded bytes */
    const struct reference *references;
    const struct host_reference *hosts;
    const struct platform_statement *platform;
    size_t n; /* of nums, words, references, hosts */
};

enum scenario {
    SCENARIO_NONE,    /* a policy about a quote alone */
    SCENARIO_MANAGED, /* S-I: the provider runs host, hypervisor and vTPM */
    SCENARIO_BARE_METAL
};

struct policy {
    const char *name;   /* preset name, or what the caller calls the file */
    uint8_t sha256[32]; /* of the policy text */
    enum scenario scenario;
    unsigned require; /* enum proof, or-ed; never zero */
    bool simulated;   /* anchors marked as simulated count: a lab's policy */
    unsigned tees;    /* kinds of TEE that it names, bits 1 << KIND_; 0: not said */
    struct param_value v[PARAM_COUNT];
    bool stated[PARAM_COUNT]; /* the policy's own words; else the default of params.def */
};

/*
 * policy_read reads a policy file (JSON) into the arena; name must outlive p. Errors name the
 * dotted key as field: unknown (hint: the known ones) or duplicate keys and words; wrong types
 * (malformed); an empty require, live or what contains it without guest references, bound without
 * scenario, provider or (managed) the provider's platform statement and references with profile and
 * boot lists, provider google without projects or situs without allow, bound on bare metal without
 * host references, authorize without a key, owned without owners (missing); fewer banks or
 * registers than bound compares (missing); a status that is never acceptable, host-measured or
 * co-located where a provider manages the host (not-allowed). On failure p is zero.
 */
bool policy_read(struct policy *p, const char *name, struct span json, struct arena *a,
                 struct situs_err *err);

/* policy_takes_tee says that a policy is about this kind of TEE: it names it (tee); or, where it names none, it has an
 * image of it or a word on one of its rows; or, where it speaks of none at all, its maker signs what is out of date. */
bool policy_takes_tee(const struct policy *p, enum check_kind tee);

/* policy_preset is the JSON text of a preset, or an empty span when there is none of that name;
 * policy_preset_name lists them: NULL after the last. */
struct span policy_preset(const char *name);
const char *policy_preset_name(size_t i);

/* proof_name is the name of one proof bit; proof_find the bit of a name, 0 when unknown. */
const char *proof_name(unsigned bit);
unsigned proof_find(struct span name);

/* policy_asks is the proofs that a policy requires, and those that they contain. */
unsigned policy_asks(const struct policy *p);

/* proof_names is all of them, as "genuine, live, ...". */
const char *proof_names(void);

/* policy_word says that a WORDS parameter lists the word. */
bool policy_word(const struct policy *p, enum param id, struct span word);

/* policy_digest says that a WORDS parameter of digests (SHA384) lists these 48 bytes. */
bool policy_digest(const struct policy *p, enum param id, struct span digest);

/* policy_takes says that the policy accepts AK certificates of this profile. */
bool policy_takes(const struct policy *p, enum ak_profile profile);

/* policy_banks is the set of banks that a guest's quote must cover, bit i for enum hash i: those of
 * tpm.pcrs.bank, or where the policy says none those of the provider's platform. */
uint32_t policy_banks(const struct policy *p);

/*
 * policy_pair says that a WORDS parameter lists the pair "left=right". Words are split at their
 * first "=": left is the name of an anchor, which has none (trust_read).
 */
bool policy_pair(const struct policy *p, enum param id, struct span left, struct span right);

/* policy_denies says that the policy's own deny list (poe.revoked.deny) names the whole id; an
 * empty one is never named. */
bool policy_denies(const struct policy *p, struct span id);

/* policy_param_find is the parameter of a check by its key; PARAM_COUNT when unknown. */
enum param policy_param_find(enum check check, struct span key);

/* policy_explain writes what the policy demands, as text: required proofs with their checks, and
 * every parameter with its sentence and whether its value is the default. */
void policy_explain(const struct policy *p, struct wr *w);

/* policy_explain_value writes the value of one parameter, which is given, on one line. */
void policy_explain_value(const struct policy *p, enum param id, struct wr *w);

/*
 * policy_explain_brief writes it in at most so many lines of 79 columns, at least 20: what must hold,
 * the images and who states that they are closed, and what the policy says beside the defaults; what
 * has no room is counted.
 */
void policy_explain_brief(const struct policy *p, size_t lines, struct wr *w);

#endif
