/* An EAR of a record; see token.h. */
#include "token/token.h"

#include "base/text.h"
#include "base/time.h"
#include "base/wr.h"
#include "codec/json_out.h"
#include "crypto/jwk.h"
#include "crypto/jws_write.h"
#include "ear/ear_names.h"
#include "model/policy.h"
#include "token/token_submods.h"

static bool refuse(enum situs_code code, const char *field, const char *expected, const char *got,
                   struct situs_err *err)
{
    return err_fail(err, code, "token", field, SITUS_NO_OFFSET, expected, got);
}

/* What may become a token at all. */
static bool allowed(const struct token_record *r, const struct token_facts *f,
                    struct situs_err *err)
{
    if (r->archived)
        return refuse(SITUS_NOT_ALLOWED, "archived", "an answer to a challenge",
                      "archived evidence", err) ||
               err_hint(err, "ask for a challenge first; of stored evidence there is a report");
    if (!r->has_channel)
        return refuse(SITUS_MISSING, "cnf", "evidence that speaks for a key", "none", err) ||
               err_hint(err, "send a bundle with its channel key: a token is bound to it");
    if (r->simulated && !strstr(f->issuer, "simulated"))
        return refuse(SITUS_NOT_ALLOWED, "iss", "\"simulated\" in the issuer of a simulated anchor",
                      f->issuer, err);
    return true;
}

/* What judge and keeper must agree on. */
static bool same(const struct token_record *r, const struct token_facts *f, struct situs_err *err)
{
    if (memcmp(r->policy, f->policy_sha256, sizeof r->policy) != 0)
        return refuse(SITUS_MISMATCH, "situs_policy", TEXT_HEX(SPAN_ARR(f->policy_sha256)),
                      TEXT_HEX(SPAN_ARR(r->policy)), err);
    if (memcmp(r->nonce, f->nonce, sizeof r->nonce) != 0 || span_all(SPAN_ARR(f->nonce), 0))
        return refuse(SITUS_MISMATCH, "nonce", TEXT_HEX(SPAN_ARR(f->nonce)),
                      TEXT_HEX(SPAN_ARR(r->nonce)), err);
    return true;
}

static bool facts_given(const struct token_facts *f, struct situs_err *err)
{
    size_t n = f->party_nonce_size;
    if (!*f->issuer || !*f->audience || !*f->policy)
        return refuse(SITUS_MISSING, "iss", "issuer, audience and policy", "an empty one", err);
    if (n != 0 && (n < EAR_NONCE_MIN || n > EAR_NONCE_MAX))
        return refuse(SITUS_NOT_ALLOWED, "eat_nonce", "8 to 64 bytes", TEXT_BYTES(n), err);
    if (f->life < 1 || f->life > TOKEN_LIFE)
        return refuse(SITUS_NOT_ALLOWED, "exp", "1 to 600 seconds", TEXT_NUM(f->life), err);
    if (f->judges < 1 || f->judges > 2)
        return refuse(SITUS_NOT_ALLOWED, EAR_JUDGES, "1 or 2", TEXT_NUM(f->judges), err);
    if (f->builds < 1 || f->builds > f->judges)
        return refuse(SITUS_NOT_ALLOWED, EAR_BUILDS, "1, or as many as judges", TEXT_NUM(f->builds),
                      err);
    return true;
}

/* A machine is watched that answers well: of a refusal nobody says that it goes on. */
static bool is_continuous(const struct token_record *r, const struct token_facts *f)
{
    return f->span.since && record_affirms(r);
}

/* exp: never past its life, TOKEN_LIFE after the appraisal, or the first end of what it rests on
 * (an end counts as inside, and exp does not: RFC 7519, 4.1.4). */
static bool end_of(const struct token_record *r, const struct token_facts *f, int64_t *end,
                   struct situs_err *err)
{
    if (r->at > f->now || r->at < 0)
        return refuse(SITUS_NOT_YET_VALID, "iat", TEXT_TIME(f->now), TEXT_TIME(r->at), err);
    *end = f->now + f->life;
    if (*end > r->at + TOKEN_LIFE)
        *end = r->at + TOKEN_LIFE;
    if (r->until < *end)
        *end = r->until;
    if (is_continuous(r, f) && f->span.until < *end)
        *end = f->span.until;
    return *end > f->now ||
           refuse(SITUS_EXPIRED, "exp", "something left of its time", TEXT_TIME(*end), err);
}

static void proofs(struct json_out *o, const struct token_record *r, const struct token_facts *f)
{
    char claim[EAR_PROOF_NAME];
    uint64_t holds = (r->simulated ? 0 : r->holds & ~(uint64_t)PROOF_CONTINUOUS) |
                     (is_continuous(r, f) ? PROOF_CONTINUOUS : 0);
    for (unsigned proof = PROOF_GENUINE; proof <= PROOF_ALL; proof <<= 1)
        json_out_pair_bool(o, ear_proof_name(claim, proof_name(proof)), holds & proof);
}

/* cnf (RFC 7800, 3.2): the key that alone may use the token. A key of no curve has its hash alone. */
static void confirmation(struct json_out *o, const struct token_record *r)
{
    json_out_pair_hex(o, EAR_CHANNEL, SPAN_ARR(r->channel));
    if (!record_affirms(r) || r->curve == RECORD_NO_CURVE)
        return;
    json_out_name(o, "cnf");
    json_out_object(o);
    json_out_name(o, "jwk");
    json_out_object(o);
    jwk_members(o, span_of(r->point, r->curve == RECORD_P384 ? 96 : 64));
    json_out_close(o);
    json_out_close(o);
}

static void payload(struct json_out *o, const struct token_record *r, const struct token_facts *f,
                    int64_t end)
{
    const struct ear_dialect *d = &ear_dialects[f->dialect];
    json_out_object(o);
    json_out_pair_string(o, "eat_profile", d->profile);
    json_out_pair_string(o, "iss", f->issuer);
    json_out_pair_string(o, "sub", TEXT_HEX(SPAN_ARR(r->channel)));
    json_out_pair_string(o, "aud", f->audience);
    json_out_pair_num(o, "iat", f->now);
    json_out_pair_num(o, "nbf", f->now);
    json_out_pair_num(o, "exp", end);
    json_out_pair_hex(o, "jti", SPAN_ARR(f->id));
    json_out_pair_string(o, d->status, token_status(r));
    json_out_pair_hex(o, EAR_POLICY, SPAN_ARR(f->policy_sha256));
    json_out_pair_string(o, EAR_POLICY_NAME, f->policy);
    proofs(o, r, f);
    json_out_pair_bool(o, EAR_SIMULATED, r->simulated);
    json_out_pair_bool(o, EAR_BEARER, f->bearer);
    json_out_pair_num(o, EAR_JUDGES, f->judges);
    json_out_pair_num(o, EAR_BUILDS, f->builds);
    json_out_pair_string(o, EAR_CHALLENGER, f->party_challenge ? "relying-party" : "verifier");
    if (f->party_nonce_size) {
        json_out_name(o, "eat_nonce");
        json_out_base64url(o, span_of(f->party_nonce, f->party_nonce_size));
    }
    confirmation(o, r);
    json_out_name(o, d->verifier);
    json_out_object(o);
    json_out_pair_string(o, "developer", "situs");
    json_out_pair_string(o, "build", "situs " SITUS_VERSION);
    json_out_close(o);
    token_submods(o, r, is_continuous(r, f) ? &f->span : NULL, d);
    json_out_close(o);
}

const char *token_dialect(size_t i)
{
    return i < EAR_DIALECTS ? ear_dialects[i].word : NULL;
}

bool token_write(const struct sign_key *key, const struct token_record *record,
                 const struct token_facts *facts, char *text, size_t size, struct situs_err *err)
{
    char plain[TOKEN_MAX];
    struct wr p = wr_new(plain, sizeof plain), w = wr_new(text, size ? size - 1 : 0);
    struct json_out o = json_out_new(&p, false);
    int64_t end = 0;
    *err = (struct situs_err){0};
    memset(text, 0, size);
    if (!facts_given(facts, err) || !allowed(record, facts, err) || !same(record, facts, err) ||
        !end_of(record, facts, &end, err))
        return false;
    payload(&o, record, facts, end);
    if (!json_out_end(&o))
        return refuse(SITUS_TOO_LONG, "payload", TEXT_BYTES(sizeof plain), TEXT_BYTES(p.n), err);
    if (jws_write(&w, key, EAR_TYP, wr_span(&p), err))
        return true;
    memset(text, 0, size);
    return false;
}
