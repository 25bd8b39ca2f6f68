/* Attacks on a scene, each stopped by one row alone. */
#ifndef SITUS_TESTS_SCENE_ATTACKS_H
#define SITUS_TESTS_SCENE_ATTACKS_H

#include "support/scene.h"

struct scene_row {
    const char *name;
    scene_attack *attack;
    enum check check;
    enum situs_code code;
    const char *part, *field;
};

/* ATTACK defines an attack that does one thing at one stage. */
#define ATTACK(name, at, action)                            \
    static void name(struct scene *s, enum scene_stage now) \
    {                                                       \
        if (now == (at)) {                                  \
            action;                                         \
        }                                                   \
    }

/* Attacks that both scenarios stop. */
extern const struct scene_row scene_common[];
extern const size_t scene_n_common;

/* scene_swap_signer is the attack that keeps the TPM quotes and lets another enclave sign the TD's
 * report again: the first quote that commits to the TD's refuses it. */
void scene_swap_signer(struct scene *s, enum scene_stage now);

/* scene_expect_refused plays n attacks, and the common ones: of each exactly the row's check fails,
 * as the row says, nothing is bound, and the exit code is the check's. What happened instead is
 * printed. */
void scene_expect_refused(bool bare_metal, const struct scene_row *rows, size_t n);

/* scene_expect_missed leaves one item out after the other: what is stripped is missed. */
void scene_expect_missed(bool bare_metal, const char *const *labels, size_t n);

/* scene_expect_covered fails unless every row of bound that applies, fresh.nonce excepted (the
 * caller's word, N37 and N39), has an attack that it alone refuses. */
void scene_expect_covered(bool bare_metal, const struct scene_row *rows, size_t n);

/* scene_deny lets the policy deny an id. */
void scene_deny(struct scene *s, struct span id);

/* scene_print says on stderr what failed and what did not run. */
void scene_print(const struct result *r);

/* scene_expect_rests fails unless the JSON report says of a proof that holds that it rests on n
 * parties, and their words begin so, in order. */
void scene_expect_rests(const struct result *r, const char *proof, const char *const *begins,
                        size_t n);

/* scene_spoil flips a bit in the digest of a log's last event, whose data is the text. */
void scene_spoil(struct make_log *log, const char *text);

/* scene_digest lets a TPM quote its registers as they stand now. */
void scene_digest(struct scene_tpm *t);

#endif
