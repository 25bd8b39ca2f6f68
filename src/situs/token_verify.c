/* Does a token hold? (situs.h) */
#include "base/arena.h"
#include "base/item.h"
#include "base/limits.h"
#include "base/near.h"
#include "base/text.h"
#include "base/time.h"
#include "crypto/digest.h"
#include "ear/jwks.h"
#include "model/policy.h"
#include "situs/token_verified.h"

#include <stdlib.h>

#define REQUIRE_MAX 32
#define LIFE 600 /* seconds that no token lives longer */

static bool wrong(struct situs_token *x, enum situs_code code, const char *field,
                  const char *expected, const char *got)
{
    return err_fail(&x->err, code, "request", field, SITUS_NO_OFFSET, expected, got);
}

static bool item_given(struct situs_token *x, struct situs_item item, const char *field)
{
    return (item.p && item.size) || wrong(x, SITUS_MISSING, field, "bytes", "none");
}

static bool item_whole(struct situs_token *x, struct situs_item item, const char *field)
{
    return !item.p == !item.size || wrong(x, SITUS_MISSING, field, "bytes", "none");
}

static bool read_require(struct situs_token *x)
{
    const struct situs_token_request *q = &x->asked;
    if (q->n_require == 0 || q->n_require > REQUIRE_MAX || !q->require) {
        wrong(x, SITUS_MISSING, "require", "at least one proof", "none");
        return err_hint(&x->err, "name what must be proven, as live or bound");
    }
    for (size_t i = 0; i < q->n_require; i++) {
        const char *name = q->require[i] ? q->require[i] : "";
        unsigned bit = proof_find(span_text(name));
        if (!bit) {
            wrong(x, SITUS_UNKNOWN, "require", "the name of a proof", name);
            return err_hint(&x->err, "proofs are genuine, live, bound, host-measured, co-located, "
                                     "listed, owned, vouched and continuous");
        }
        if (x->required & bit)
            return wrong(x, SITUS_DUPLICATE, "require", "each proof once", name);
        x->required |= bit;
    }
    return true;
}

/* A key of a kind that situs does not know has its hash alone. */
static bool read_channel(struct situs_token *x)
{
    struct situs_err why = {0};
    struct span spki = item_span(x->asked.channel);
    struct public_key *key = spki.n ? verify_key_spki(spki, "request", &why) : NULL;
    x->peer_size = key ? verify_key_point(key, x->peer) : 0;
    verify_key_free(key);
    if (spki.n == 0 || key || why.code == SITUS_UNSUPPORTED || why.code == SITUS_NOT_ALLOWED)
        return true;
    return wrong(x, why.code, "channel", "a SubjectPublicKeyInfo, DER", "other bytes");
}

static bool read_sizes(struct situs_token *x)
{
    const struct situs_token_request *q = &x->asked;
    if (q->policy_sha256.size != sizeof x->ear.policy)
        return wrong(x, SITUS_MALFORMED, "policy_sha256", "32 bytes",
                     TEXT_BYTES(q->policy_sha256.size));
    if (q->nonce.size && (q->nonce.size < EAR_NONCE_MIN || q->nonce.size > EAR_NONCE_MAX))
        return wrong(x, SITUS_MALFORMED, "nonce", "8 to 64 bytes", TEXT_BYTES(q->nonce.size));
    return true;
}

/* Everything beside the token. */
static bool read_request(struct situs_token *x)
{
    const struct situs_token_request *q = &x->asked;
    if (!span_all(SPAN_ARR(q->reserved), 0))
        return wrong(x, SITUS_UNSUPPORTED, "reserved", "zero",
                     "a request that a newer situs.h made");
    if (!q->issuer || !*q->issuer)
        return wrong(x, SITUS_MISSING, "issuer", "the issuer that you trust", "none");
    if (!q->audience || !*q->audience)
        return wrong(x, SITUS_MISSING, "audience", "who you are to the issuer", "none");
    return item_given(x, q->keys, "keys") && item_given(x, q->policy_sha256, "policy_sha256") &&
           item_whole(x, q->token, "token") && item_whole(x, q->nonce, "nonce") &&
           item_whole(x, q->channel, "channel") && read_sizes(x) && read_channel(x) &&
           read_require(x);
}

static bool against(struct situs_token *x, enum situs_code code, const char *field,
                    const char *expected, const char *got, const char *hint)
{
    err_fail(&x->err, code, "token", field, SITUS_NO_OFFSET, expected, got);
    err_hint(&x->err, hint);
    x->exit = code == SITUS_EXPIRED || code == SITUS_NOT_YET_VALID ? 3 : 6;
    return false;
}

static bool same_text(struct situs_token *x, const char *field, const char *expected,
                      const char *got, const char *hint)
{
    return strcmp(expected, got) == 0 ||
           against(x, SITUS_MISMATCH, field, TEXT_CUT(span_text(expected)),
                   TEXT_CUT(span_text(got)), hint);
}

static bool who(struct situs_token *x)
{
    const struct situs_token_request *q = &x->asked;
    const struct ear *e = &x->ear;
    struct span policy = item_span(q->policy_sha256);
    return same_text(x, "iss", q->issuer, e->issuer,
                     "each policy of a service is an issuer of its own: trust one by name") &&
           same_text(x, "aud", q->audience, e->audience,
                     "the token was made for somebody else; the service's configuration says for "
                     "whom a policy's tokens are") &&
           (span_equal(policy, SPAN_ARR(e->policy)) ||
            against(x, SITUS_MISMATCH, EAR_POLICY, TEXT_HEX(policy), TEXT_HEX(SPAN_ARR(e->policy)),
                    "sha256sum of the policy file gives its digest; read a policy before you pin "
                    "it"));
}

/* exp does not count as inside (RFC 7519, 4.1.4), nbf does (4.1.5). */
static bool in_time(struct situs_token *x)
{
    const struct ear *e = &x->ear;
    int64_t at = x->asked.at, from = e->not_before > e->issued ? e->not_before : e->issued;
    if (at < from)
        return against(x, SITUS_NOT_YET_VALID, e->not_before > e->issued ? "nbf" : "iat",
                       TEXT_TIME(at), TEXT_TIME(from),
                       "check the clock, or the time given with --at");
    if (at >= e->expires)
        return against(x, SITUS_EXPIRED, "exp", TEXT_TIME(at), TEXT_TIME(e->expires),
                       "a token lives some minutes: get a new one");
    return e->expires - from <= LIFE ||
           against(x, SITUS_NOT_ALLOWED, "exp", "a life of at most 600 seconds",
                   TEXT_NUM(e->expires - from),
                   "tokens of this kind are short-lived; ask its issuer");
}

static bool says(struct situs_token *x)
{
    if (x->ear.simulated)
        return against(x, SITUS_NOT_ALLOWED, EAR_SIMULATED, "a token of real machines",
                       "one of a simulation", "nothing simulated proves anything of a machine");
    for (unsigned proof = PROOF_GENUINE; proof <= PROOF_ALL; proof <<= 1) {
        char claim[EAR_PROOF_NAME];
        if (x->required & ~x->ear.proofs & proof)
            return against(x, SITUS_MISSING, ear_proof_name(claim, proof_name(proof)), "true",
                           "false",
                           "ask an issuer whose policy requires this proof; the service's report "
                           "says why it does not hold");
    }
    return strcmp(x->ear.status, "affirming") == 0 ||
           against(x, SITUS_NOT_ALLOWED, "ear_status", "affirming", x->ear.status,
                   "the issuer refused the machine; its report says why");
}

static bool fresh(struct situs_token *x)
{
    struct span asked = item_span(x->asked.nonce), said = span_of(x->ear.nonce, x->ear.nonce_size);
    if (asked.n == 0 && said.n != 0)
        return against(x, SITUS_MISSING, "eat_nonce", "the nonce of your challenge (--nonce)",
                       "none was given",
                       "a token that answers a challenge is for who made it: give its nonce");
    return span_equal(asked, said) ||
           against(x, SITUS_MISMATCH, "eat_nonce", TEXT_HEX(asked),
                   said.n ? TEXT_HEX(said) : "none",
                   "the token does not answer this challenge: it may be old");
}

/* The peer's key is the token's, by its hash and, where it is on a curve, by its point. */
static bool its_key(struct situs_token *x, struct span spki)
{
    uint8_t hash[32];
    static const char hint[] =
        "who shows the token does not hold its key: it was made for another machine";
    if (!digest(HASH_SHA256, spki, hash)) {
        x->exit = 2;
        return err_fail(&x->err, SITUS_INTERNAL, "token", "cnf", SITUS_NO_OFFSET, NULL, NULL);
    }
    if (memcmp(hash, x->ear.channel, sizeof hash) != 0)
        return against(x, SITUS_MISMATCH, EAR_CHANNEL, TEXT_HEX(SPAN_ARR(hash)),
                       TEXT_HEX(SPAN_ARR(x->ear.channel)), hint);
    return span_equal(span_of(x->peer, x->peer_size), span_of(x->ear.point, x->ear.point_size)) ||
           against(x, SITUS_MISMATCH, "cnf.jwk", "the point of the peer's key", "another, or none",
                   hint);
}

static bool bound(struct situs_token *x)
{
    struct span spki = item_span(x->asked.channel);
    if (spki.n)
        return its_key(x, spki);
    return x->ear.bearer ||
           against(x, SITUS_MISSING, EAR_CHANNEL, "the peer's key (--channel)", "none was given",
                   "the token is bound to a key: give that of whoever shows it, as your end of the "
                   "channel sees it");
}

static void judge(struct situs_token *x, struct arena *a)
{
    struct span payload;
    struct jwks keys = {.n = 0};
    x->exit = 1;
    if (read_request(x) && jwks_read(&keys, item_span(x->asked.keys), a, "keys", &x->err)) {
        x->exit = 2;
        x->is_signed =
            jws_open_ec(&payload, item_span(x->asked.token), EAR_TYP, keys.v, keys.n, a, &x->err);
        if (x->is_signed && ear_read(&x->ear, payload, a, &x->err) && who(x) && in_time(x) &&
            says(x) && fresh(x) && bound(x))
            x->exit = 0;
    }
    jwks_free(&keys);
}

const struct situs_token *situs_token_verify(const struct situs_token_request *q,
                                             struct situs_memory memory)
{
    struct arena a = arena_new(memory.p, memory.p ? memory.size : 0);
    struct situs_token *x = q && memory.p ? ARENA_NEW(&a, struct situs_token) : NULL;
    if (!x)
        return NULL;
    x->asked = *q;
    x->name = q->token.name ? q->token.name : "token";
    judge(x, &a);
    return x;
}

/* Where nothing is against it the exit code is 0, and the other way round. */
bool situs_token_holds(const struct situs_token *x)
{
    return x && x->exit == 0 && x->err.code == SITUS_NONE && x->is_signed;
}

int situs_token_exit(const struct situs_token *x)
{
    return situs_token_holds(x) ? 0 : x && x->exit ? x->exit : 2;
}

bool situs_token_error(const struct situs_token *x, struct situs_err *why)
{
    static const struct situs_err none = {.code = SITUS_NO_MEMORY, .at = SITUS_NO_OFFSET};
    *why = x ? x->err : none;
    if (why->code != SITUS_NONE && !why->hint[0])
        err_hint(why, situs_code_hint(why->code));
    return !situs_token_holds(x);
}
