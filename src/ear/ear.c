/* Reading the claims of a token; see ear.h. */
#include "ear/ear.h"

#include "base/text.h"
#include "codec/base64url.h"
#include "codec/json/json.h"
#include "ear/jwks.h"
#include "model/policy.h"

#define TIME_MAX INT64_C(253402300799) /* the last second of the year 9999 */
#define TEXT_MAX 1024

static bool text(const struct json *o, const char *name, const char **out, struct arena *a,
                 struct situs_err *err)
{
    struct json v;
    struct span s, copy;
    if (!json_get(o, name, &v, err) || !json_as_text(&v, &s, err))
        return false;
    if (s.n == 0 || s.n > TEXT_MAX)
        return json_fail(&v, SITUS_MALFORMED, "text of 1 to 1024 bytes", TEXT_BYTES(s.n), err);
    copy = arena_copy(a, span_of(s.p, s.n + 1)); /* it ends in a zero byte (json.h) */
    if (!copy.p)
        return json_no_memory(&v, err);
    *out = (const char *)copy.p;
    return true;
}

static const char *const tiers[] = {"none", "affirming", "warning", "contraindicated"};

static bool tier(const struct ear_dialect *d, const struct json *o, const char **out,
                 struct arena *a, struct situs_err *err)
{
    struct json v;
    if (!json_get(o, d->status, &v, err) || !text(o, d->status, out, a, err))
        return false;
    for (size_t i = 0; i < sizeof tiers / sizeof *tiers; i++)
        if (strcmp(*out, tiers[i]) == 0)
            return true;
    return json_fail(&v, SITUS_UNKNOWN, "none, affirming, warning or contraindicated",
                     TEXT_CUT(span_text(*out)), err);
}

/* A vector is not empty, and its claims are small numbers (AR4SI draft-10, 2.3). */
static bool vector(const struct ear_dialect *d, const struct json *part, struct situs_err *err)
{
    struct json v, member = {0};
    int64_t n;
    if (!json_has(part, d->vector))
        return true;
    if (!json_get_object(part, d->vector, &v, err))
        return false;
    if (json_count(&v) == 0)
        return json_fail(&v, SITUS_MALFORMED, "at least one claim", "none", err);
    while (json_next(&v, &member))
        if (!json_as_num(&member, -128, 127, &n, err))
            return false;
    return true;
}

static bool submods(const struct ear_dialect *d, const struct json *o, struct arena *a,
                    struct situs_err *err)
{
    struct json all, part = {0};
    const char *status;
    if (!json_get_object(o, "submods", &all, err))
        return false;
    if (json_count(&all) == 0)
        return json_fail(&all, SITUS_MALFORMED, "at least one part", "none", err);
    while (json_next(&all, &part))
        if (!json_as_object(&part, err) || !tier(d, &part, &status, a, err) ||
            !vector(d, &part, err))
            return false;
    return true;
}

/* What every EAR has (draft-04, 3.2), by the names of its profile and no other's. */
static bool form(struct ear *e, const struct ear_dialect **d, const struct json *o, struct arena *a,
                 struct situs_err *err)
{
    struct json v;
    struct span profile;
    const char *unused;
    if (!json_get(o, "eat_profile", &v, err) || !json_as_text(&v, &profile, err))
        return false;
    *d = ear_dialect_of(profile);
    if (!*d)
        return json_fail(&v, SITUS_UNSUPPORTED, ear_dialects[EAR_DRAFT_04].profile,
                         TEXT_CUT(profile), err);
    return json_get_object(o, (*d)->verifier, &v, err) && text(&v, "developer", &unused, a, err) &&
           text(&v, "build", &unused, a, err) &&
           json_get_num(o, "iat", 0, TIME_MAX, &e->issued, err) && submods(*d, o, a, err);
}

static bool names(struct ear *e, const struct ear_dialect *d, const struct json *o, struct arena *a,
                  struct situs_err *err)
{
    return text(o, "iss", &e->issuer, a, err) && text(o, "sub", &e->subject, a, err) &&
           text(o, "aud", &e->audience, a, err) && text(o, "jti", &e->id, a, err) &&
           tier(d, o, &e->status, a, err) &&
           json_get_num(o, "nbf", 0, TIME_MAX, &e->not_before, err) &&
           json_get_num(o, "exp", 0, TIME_MAX, &e->expires, err);
}

static bool nonce(struct ear *e, const struct json *o, struct situs_err *err)
{
    struct json v;
    struct span s;
    if (!json_has(o, "eat_nonce"))
        return true;
    if (!json_get(o, "eat_nonce", &v, err) || !json_as_text(&v, &s, err))
        return false;
    return (base64url_read(e->nonce, sizeof e->nonce, &e->nonce_size, s) &&
            e->nonce_size >= EAR_NONCE_MIN) ||
           json_fail(&v, SITUS_MALFORMED, "8 to 64 bytes in base64url", TEXT_CUT(s), err);
}

/* One kind of confirmation is read, jwk; another would bind the token to what nobody looks at. */
static bool confirmation(struct ear *e, const struct json *o, struct situs_err *err)
{
    struct json cnf, jwk, kty;
    struct span type;
    if (!json_has(o, "cnf"))
        return true;
    if (!json_get_object(o, "cnf", &cnf, err) || !JSON_KNOWN(&cnf, err, "jwk") ||
        !json_get_object(&cnf, "jwk", &jwk, err) || !json_get(&jwk, "kty", &kty, err) ||
        !json_as_text(&kty, &type, err))
        return false;
    if (!span_equal(type, SPAN_LIT("EC")))
        return json_fail(&kty, SITUS_UNSUPPORTED, "EC", TEXT_CUT(type), err);
    return jwks_key(&jwk, e->point, &e->point_size, err);
}

/* A proof that is not named is one that the issuer does not know: it is not said to hold. */
static bool proofs(struct ear *e, const struct json *o, struct situs_err *err)
{
    for (unsigned proof = PROOF_GENUINE; proof <= PROOF_ALL; proof <<= 1) {
        char claim[EAR_PROOF_NAME];
        bool holds = false;
        ear_proof_name(claim, proof_name(proof));
        if (json_has(o, claim) && !json_get_bool(o, claim, &holds, err))
            return false;
        e->proofs |= holds ? proof : 0;
    }
    return true;
}

static bool own(struct ear *e, const struct json *o, struct arena *a, struct situs_err *err)
{
    return json_get_hex(o, EAR_POLICY, e->policy, sizeof e->policy, err) &&
           text(o, EAR_POLICY_NAME, &e->policy_name, a, err) &&
           json_get_hex(o, EAR_CHANNEL, e->channel, sizeof e->channel, err) &&
           json_get_bool(o, EAR_SIMULATED, &e->simulated, err) &&
           json_get_bool(o, EAR_BEARER, &e->bearer, err) &&
           json_get_num(o, EAR_JUDGES, 1, 2, &e->judges, err) &&
           json_get_num(o, EAR_BUILDS, 1, e->judges, &e->builds, err) &&
           text(o, EAR_CHALLENGER, &e->challenger, a, err) && proofs(e, o, err) &&
           nonce(e, o, err) && confirmation(e, o, err);
}

bool ear_read(struct ear *e, struct span payload, struct arena *a, struct situs_err *err)
{
    struct json_doc doc = {0};
    struct json root;
    const struct ear_dialect *d = NULL;
    memset(e, 0, sizeof *e);
    bool ok = json_read(&doc, &root, payload, "token", err) && json_as_object(&root, err) &&
              form(e, &d, &root, a, err) && names(e, d, &root, a, err) && own(e, &root, a, err);
    json_free(&doc);
    if (!ok)
        memset(e, 0, sizeof *e);
    return ok;
}
