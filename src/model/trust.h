/* Trust anchors and what each counts for. An anchor speaks only for its uses. */
#ifndef SITUS_MODEL_TRUST_H
#define SITUS_MODEL_TRUST_H

#include "base/arena.h"
#include "base/err.h"
#include "crypto/x509.h"
#include "model/ak_profiles.h"

enum anchor_use_number {
#define USE(id, word, sentence) ANCHOR_NUMBER_##id,
#include "model/uses.def"
#undef USE
    ANCHOR_USES
};

enum anchor_use {
#define USE(id, word, sentence) ANCHOR_##id = 1 << ANCHOR_NUMBER_##id,
#include "model/uses.def"
#undef USE
};

struct anchor {
    const char *name;        /* zero-terminated, for reports */
    unsigned uses;           /* enum anchor_use, or-ed */
    enum ak_profile profile; /* a provider's: whose AK certificates it signs; else NONE */
    uint8_t sha256[32];      /* of the DER certificate */
    struct span der; /* the certificate; empty for a built-in pin, whose certificate comes with the
                        evidence */
    bool simulated, builtin;
};

struct trust_place;
struct trust_verifier;

struct trust {
    const struct anchor *anchors;
    size_t n;
    const struct trust_place *places; /* trust_places.h */
    size_t n_places;
    const struct trust_verifier *verifiers; /* trust_verifiers.h */
    size_t n_verifiers;
    uint8_t sha256[32]; /* of the file; zero: none was read */
};

/* Under which anchors something was verified, so that it is not taken for verified under others. */
struct trust_mark {
    const struct trust *trust;
    uint8_t sha256[32];
};

/* trust_mark is that of a trust store; trust_marked says that a mark is of this one: in the same
 * place, and of the same file. */
struct trust_mark trust_mark(const struct trust *trust);
bool trust_marked(const struct trust_mark *mark, const struct trust *trust);

/* trust_builtin is the built-in pins: Intel, AMD, Google, Microsoft. Constant. */
const struct trust *trust_builtin(void);

#define TRUST_PART "trust"
#define TRUST_NAME_MAX 100 /* bytes of an anchor's name */

/*
 * trust_read reads a trust file (JSON, docs: situs-trust(5)) into the arena. Unknown keys, unknown
 * uses and profiles, a provider's anchor without a profile or another's with one, a name with "="
 * in it (policies pair names by it), two anchors of one certificate or name (built-in ones, where
 * they count, among them), a PEM block that is no certificate and a file without any anchor are
 * errors. "builtin" adds the built-in pins; absent it means false, so that a file trusts what it
 * shows and nothing else. An anchor of the file replaces the pin of the same certificate. Names
 * lose what is not printable ASCII.
 */
bool trust_read(struct trust *trust, struct span json, struct arena *a, struct situs_err *err);

/* trust_find is the anchor with this certificate hash that counts for use, or NULL. */
const struct anchor *trust_find(const struct trust *trust, const uint8_t sha256[32],
                                enum anchor_use use);

/* The anchors of one use, as chains are verified under; from says which each is. */
struct trust_anchors {
    struct x509_anchor *v;
    const struct anchor **from;
    size_t n;
};

/* trust_anchors takes those that count for use, and of a provider's those of the profile
 * (AK_PROFILE_NONE: of any), into the arena; false: no memory. */
bool trust_anchors(const struct trust *trust, enum anchor_use use, enum ak_profile profile,
                   struct arena *a, struct trust_anchors *out);

/* trust_use_name is the word of one use in trust files, as "tpm-maker". */
const char *trust_use_name(enum anchor_use use);

#endif
