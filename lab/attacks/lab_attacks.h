/*
 * The attackers. Each is an honest exchange in which the attacker replaces some part; told to be
 * honest, the same code leaves that part as it was, so that a mistake in the exchange cannot pose
 * as a refusal. attacks.def says what becomes of each.
 */
#ifndef SITUS_LAB_ATTACKS_ATTACKS_H
#define SITUS_LAB_ATTACKS_ATTACKS_H

#include "lab/attacks/lab_judge.h"
#include "lab/attacks/lab_metal.h"

/* What the TPM refused an attacker, in his order. */
#define LAB_REFUSALS 8
struct lab_refusals {
    struct lab_refusal v[LAB_REFUSALS];
    size_t n;
};

/* How long an answer took from the challenge on, in milliseconds; 0: no wire was used. */
struct lab_round_trip {
    double here; /* from the honest machine, without an attacker between */
    double seen; /* as the attacker passed it on */
};

/* One run of an attacker. */
struct lab_attack {
    struct lab_stage *s;
    struct lab_judge *j;
    enum check_kind tee; /* of whose guests the row is */
    enum lab_dialect d;
    bool honest;
    uint8_t nonce[32]; /* the verifier's challenge */
    struct lab_vm vm;  /* machines of this run, which lab_attacks_run frees */
    struct lab_host host;
    struct lab_metal metal; /* with a real TPM */
    struct lab_chip vtpm;   /* a real one of a VM's */
    struct lab_refusals refused;
    struct lab_round_trip trip;
    struct lab_evidence e; /* what the verifier gets */
};

enum lab_outcome { LAB_REFUSED, LAB_UNDEFENDED, LAB_LATER };

/* One row of attacks.def. */
struct lab_attack_row {
    enum lab_outcome outcome;
    const char *id; /* NULL when it is LAB_LATER */
    enum lab_scenario scenario;
    void (*attack)(struct lab_attack *x);
    enum lab_says tee, article;
    const char *name, *what, *party;
    lab_checks checks;
    uint32_t rc;        /* response code with which the TPM itself refuses; 0: it is not asked */
    const char *unread; /* item of the caller's that does not read; NULL: all do */
};

/* lab_attacks_at is a row of the table; NULL after the last. */
const struct lab_attack_row *lab_attacks_at(size_t i);

/* lab_attacks_find is the row of this id; NULL when there is none. */
const struct lab_attack_row *lab_attacks_find(const char *id);

/* What the three judges say of one run. */
struct lab_ruling {
    enum lab_says tee, article;
    bool situs;
    lab_checks refusing; /* rows that did not pass; none where the request itself is refused */
    bool without;        /* trusted with exactly row->checks off, or without the unread item */
    struct lab_refusals refused;
    struct lab_round_trip trip;
    /* what the judge of situs got, and its result, until that judge's next use */
    struct span bundle, peer;
    struct lab_word word[LAB_WORDS];
    size_t n_words;
    uint8_t nonce[32];
    const struct result *result;
};

/* lab_attacks_run runs a row, as the attack or as its honest twin, for each judge anew. */
struct lab_ruling lab_attacks_run(struct lab_stage *s, struct lab_judge *j,
                                  const struct lab_attack_row *row, bool honest);

/* lab_attacks_rc is a response code as text, as "TPM_RC_POLICY_FAIL (0x99d)". */
const char *lab_attacks_rc(uint32_t rc, char text[48]);

/* lab_attacks_unread says that the request itself was refused, for the row's item. */
bool lab_attacks_unread(const struct lab_attack_row *row, const struct lab_ruling *r);

/* lab_attacks_as_expected says that the ruling on an attack is the one of its row. */
bool lab_attacks_as_expected(const struct lab_attack_row *row, const struct lab_ruling *r);

#define ATTACK(id, scenario, tee, article, name, what, checks) \
    void attack_##id(struct lab_attack *x);
#define AGAIN(kind, id, scenario, tee, article, name, what, checks)
#define REFUSED_BY_TPM(id, scenario, tee, article, name, what, checks, rc) \
    void attack_##id(struct lab_attack *x);
#define REFUSED_UNREAD(id, scenario, tee, article, name, what, item) \
    void attack_##id(struct lab_attack *x);
#define UNDEFENDED(id, scenario, tee, article, name, what, party) \
    void attack_##id(struct lab_attack *x);
#include "lab/attacks/attacks.def"

#endif
