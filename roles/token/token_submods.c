/* submods; see token_submods.h. */
#include "token/token_submods.h"

#include "base/text.h"
#include "codec/base64url.h"
#include "ear/ear_names.h"
#include "model/policy.h"

#include <stdio.h>

static const char *const part_names[RECORD_PARTS] = {NULL, "tpm", "ownership", "channel"};
static const char *const tier_names[RECORD_TIERS] = {
    "instance-identity", "configuration",  "executables",    "file-system",
    "hardware",          "runtime-opaque", "storage-opaque", "sourced-data"};

bool record_affirms(const struct token_record *r)
{
    return r->trusted && !r->simulated && r->exit == 0 && r->code == 0;
}

const char *token_status(const struct token_record *r)
{
    return record_affirms(r) ? "affirming" : "contraindicated";
}

/* The tier of a value (AR4SI draft-10, 2.3.2): 2 to 31 affirming, 32 to 95 warning, 96 and more
 * contraindicated. What is simulated affirms nothing. */
static const char *status_of(const struct token_record *r, const int8_t *tiers)
{
    int8_t worst = 0;
    for (size_t i = 0; i < RECORD_TIERS; i++)
        if (tiers[i] > worst)
            worst = tiers[i];
    if (r->simulated || worst >= 96)
        return "contraindicated";
    return worst >= 32 ? "warning" : worst >= 2 ? "affirming" : "none";
}

/* A simulated anchor claims nothing, and where a vector must have all of its claims none is made. */
static void vector(struct json_out *o, const struct token_record *r, const int8_t *tiers,
                   const struct ear_dialect *d)
{
    json_out_name(o, d->vector);
    json_out_object(o);
    for (size_t i = 0; i < RECORD_TIERS; i++)
        if (tiers[i] || !d->first)
            json_out_pair_num(o, tier_names[i], r->simulated ? 0 : tiers[i]);
    json_out_close(o);
}

/* The policy by its hash (RFC 6920, 3). */
static void policy_ids(struct json_out *o, const struct token_record *r,
                       const struct ear_dialect *d)
{
    char id[80] = "";
    struct wr w = wr_new(id, sizeof id - 1);
    wr_text(&w, "ni:///sha-256;");
    base64url_write(&w, SPAN_ARR(r->policy));
    json_out_name(o, d->policy);
    if (d->first)
        json_out_array(o);
    json_out_string(o, id);
    if (d->first)
        json_out_close(o);
}

/* 1005: what the attester says and an anchor vouches for. */
static void attester_claims(struct json_out *o, const struct token_record *r,
                            const struct ear_dialect *d)
{
    static const struct {
        size_t size;
        const char *name;
    } rows[] = {
#define RECORD_CLAIM(id, size, name, word) {size, word},
#include "token/record_claims.def"
#undef RECORD_CLAIM
    };
    json_out_name(o, d->attester);
    json_out_object(o);
    for (size_t i = 0; i < RECORD_CLAIMS; i++)
        if (r->claims_set >> i & 1)
            json_out_pair_hex(o, rows[i].name, span_of(r->claims[i], rows[i].size));
    json_out_close(o);
}

/* Whom each proof that holds rests on, by role and name. */
static void rests_on(struct json_out *o, const struct token_record *r)
{
    json_out_name(o, "situs_rests_on");
    json_out_object(o);
    for (unsigned proof = PROOF_GENUINE; proof <= PROOF_ALL; proof <<= 1) {
        if (!(r->holds & proof))
            continue;
        json_out_name(o, proof_name(proof));
        json_out_object(o);
        for (size_t i = 0; i < RECORD_PARTIES; i++)
            if (r->parties[i].proofs & proof)
                json_out_pair_text(o, r->parties[i].role, span_text(r->parties[i].name));
        json_out_close(o);
    }
    json_out_close(o);
}

/* Since when the machine answers without a gap, and which proofs hold since then. */
static void continuity(struct json_out *o, const struct token_record *r,
                       const struct token_span *span)
{
    json_out_name(o, EAR_CONTINUITY);
    json_out_object(o);
    json_out_pair_num(o, "since", span->since);
    json_out_pair_num(o, "within_ms", span->within);
    json_out_pair_num(o, "longest_gap_ms", span->longest_gap);
    json_out_name(o, "of");
    json_out_array(o);
    for (unsigned proof = PROOF_GENUINE; proof <= PROOF_ALL; proof <<= 1)
        if (proof != PROOF_CONTINUOUS && r->required & proof)
            json_out_string(o, proof_name(proof));
    json_out_close(o);
    json_out_close(o);
}

/* 1006: what the verifier adds. */
static void verifier_claims(struct json_out *o, const struct token_record *r,
                            const struct token_span *span, const struct ear_dialect *d)
{
    json_out_name(o, d->added);
    json_out_object(o);
    json_out_pair_hex(o, "situs_evidence_sha256", SPAN_ARR(r->evidence));
    if (r->tcb_status[0])
        json_out_pair_string(o, "situs_tcb_status", r->tcb_status);
    if (r->image[0])
        json_out_pair_text(o, "situs_image", span_text(r->image));
    if (r->code) {
        json_out_pair_string(o, "situs_reason", situs_code_name((enum situs_code)r->code));
        json_out_pair_string(o, "situs_check", r->check);
    }
    rests_on(o, r);
    if (span)
        continuity(o, r, span);
    json_out_close(o);
}

static void part(struct json_out *o, const struct token_record *r, enum record_part p,
                 const struct token_span *span, const struct ear_dialect *d)
{
    static const int8_t none[RECORD_TIERS];
    json_out_name(o, p == RECORD_TEE ? d->tee : part_names[p]);
    json_out_object(o);
    json_out_pair_string(o, d->status, status_of(r, r->tiers[p]));
    if (!d->first || (!r->simulated && memcmp(r->tiers[p], none, sizeof none) != 0))
        vector(o, r, r->tiers[p], d);
    policy_ids(o, r, d);
    if (p == RECORD_TEE) {
        attester_claims(o, r, d);
        verifier_claims(o, r, span, d);
    }
    json_out_close(o);
}

void token_submods(struct json_out *o, const struct token_record *r, const struct token_span *span,
                   const struct ear_dialect *d)
{
    static const int8_t none[RECORD_TIERS];
    json_out_name(o, "submods");
    json_out_object(o);
    for (enum record_part p = 0; p < RECORD_PARTS; p++)
        if (p == RECORD_TEE || memcmp(r->tiers[p], none, sizeof none) != 0)
            part(o, r, p, span, d);
    json_out_close(o);
}
