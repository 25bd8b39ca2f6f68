/*
 * Tokens of other verifiers (DESIGN: other verifiers), which say what they made of the quote that is
 * appraised here. They answer for the rows vouch.*: whatever is not said of this very quote says nothing.
 */
#ifndef SITUS_ENDORSE_VOUCH_VOUCHING_H
#define SITUS_ENDORSE_VOUCH_VOUCHING_H

#include "endorse/answer.h"
#include "model/trust_verifiers.h"

#define VOUCHED_MAX 16 /* what a token says of a quote */

/* One token, as its reader took it apart; nothing in it is anybody's word until it is opened. Spans are
 * empty where it says nothing. */
struct vouched {
    struct span issuer, vm; /* "iss"; what the VM is called */
    struct span policy;     /* what names the policy that was applied */
    struct span verdict;    /* the words of the verifier */
    const char *wanted;     /* what they must be */
    int64_t iat, nbf, exp;  /* Unix seconds (RFC 7519 4.1) */
    enum check_kind tee;    /* of which kind the quote is */
    struct {
        enum claim_id id;
        struct claim is;
    } said[VOUCHED_MAX]; /* that the quote says: each must be so */
    size_t n_said;
    /* open verifies the token under a verifier's keys, from the bytes again. */
    bool (*open)(const struct trust_verifier *by, struct span token, struct arena *a,
                 const char *part, struct situs_err *err);
};

/* The family of such tokens: the claims "vouch". */
extern const struct answer_family vouching_family;

/* vouching_tell states what a token says. */
void vouching_tell(const struct vouched *v, struct claims *c);

/* vouching_answer decides vouch.* for a token that was read from the bytes of e. */
void vouching_answer(const struct endorsement *e, const struct vouched *v, const struct question *q,
                     struct answer *x);

#endif
