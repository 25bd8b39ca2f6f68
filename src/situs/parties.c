/* Whom a result rests on, until when, and what it was made of (situs.h). */
#include "appraise/verdict.h"
#include "base/text.h"
#include "crypto/digest.h"
#include "situs/door.h"
#include "situs/report.h"

static const struct proof_row {
    unsigned bit, contains;
} proofs[] = {
#define PROOF(bit, name, live, contains, sentence) {PROOF_##bit, contains},
#define RESTS(bit, text, role, who, brief)
#include "model/proofs.def"
#undef PROOF
#undef RESTS
};
#define PROOFS (sizeof proofs / sizeof *proofs)

/* Where the name of a party stands. */
enum who {
    WHO_NOBODY,
    WHO_TEE,
    WHO_GUEST,     /* who vouches for the guest's TPM, which the host makes */
    WHO_PARAVISOR, /* the same, where the TEE makes it */
    WHO_PLATFORM,
    WHO_POE,
    WHO_LIST,
    WHO_VOUCH,
    WHO_IMAGE,
    WHO_HOST
};

static const struct rests {
    unsigned bit;
    const char *text, *role;
    enum who who;
    const char *brief;
} rests[] = {
#define PROOF(bit, name, live, contains, sentence)
#define RESTS(bit, text, role, who, brief) {PROOF_##bit, text, role, WHO_##who, brief},
#include "model/proofs.def"
#undef PROOF
#undef RESTS
};
#define RESTS (sizeof rests / sizeof *rests)

/* Who makes the guest's TPM: one of the two rows that say so. */
static bool is_here(const struct result *r, const struct rests *row)
{
    bool in_tee = r->paravisor && r->policy->scenario == SCENARIO_MANAGED;
    return row->who == WHO_GUEST ? !in_tee : row->who != WHO_PARAVISOR || in_tee;
}

const char *situs_result_rests_on(const struct situs_result *r, size_t p, size_t i)
{
    unsigned on =
        r && p < PROOFS ? verdict_rests_on(&r->result, proofs[p].bit, proofs[p].contains) : 0;
    for (size_t k = 0; k < RESTS; k++)
        if (on & rests[k].bit && is_here(&r->result, &rests[k]) && i-- == 0)
            return rests[k].text;
    return NULL;
}

/* The proofs that hold and rest on what a proof rests on, as bits of situs_result_proof. */
static uint64_t resting(const struct result *r, unsigned bit)
{
    uint64_t bits = 0;
    for (size_t p = 0; p < PROOFS; p++)
        if (r->held & proofs[p].bit && verdict_rests_on(r, proofs[p].bit, proofs[p].contains) & bit)
            bits |= UINT64_C(1) << p;
    return bits;
}

static const struct said *said_by(const struct result *r, enum who who)
{
    const struct said *s = who == WHO_IMAGE ? &r->image : who == WHO_HOST ? &r->host : NULL;
    return s && s->by ? s : NULL;
}

static const char *name_of(const struct result *r, enum who who)
{
    static const enum instance instances[] = {
        [WHO_TEE] = INSTANCE_TEE,         [WHO_GUEST] = INSTANCE_GUEST,
        [WHO_PARAVISOR] = INSTANCE_GUEST, [WHO_PLATFORM] = INSTANCE_PLATFORM,
        [WHO_POE] = INSTANCE_POE,         [WHO_LIST] = INSTANCE_LIST,
        [WHO_VOUCH] = INSTANCE_VOUCH};
    const struct said *s = said_by(r, who);
    if (who == WHO_NOBODY || who == WHO_IMAGE || who == WHO_HOST)
        return s ? s->by : NULL;
    const struct anchor *by = r->claims[instances[who]].authority;
    return by ? by->name : NULL;
}

static struct situs_party party_of(const struct result *r, const struct rests *row, uint64_t on)
{
    const struct said *s = said_by(r, row->who);
    return (struct situs_party){.role = row->role,
                                .name = name_of(r, row->who),
                                .sentence = s && s->what ? s->what : row->brief,
                                .proofs = on};
}

bool situs_result_party(const struct situs_result *result, size_t i, struct situs_party *out)
{
    const struct result *r = result ? &result->result : NULL;
    for (size_t k = 0; r && k < RESTS; k++) {
        uint64_t on = resting(r, rests[k].bit);
        if (!on || !is_here(r, &rests[k]) || i-- > 0)
            continue;
        *out = party_of(r, &rests[k], on);
        return true;
    }
    uint64_t on = r && r->platform.by ? resting(r, PROOF_BOUND) : 0;
    if (!on || i > 0)
        return false;
    *out = (struct situs_party){"platform", r->platform.by, r->platform.what, on, {0}};
    return true;
}

bool situs_result_until(const struct situs_result *result, int64_t *at, const char **what)
{
    *what = NULL;
    return result && report_end_of(result, 0, at, what);
}

const char *situs_result_image(const struct situs_result *r, int which)
{
    const struct said *s = !r ? NULL : which == 0 ? &r->result.image : &r->result.host;
    return s && (which == 0 || which == 1) ? s->image : NULL;
}

static bool sha256_of(struct span bytes, uint8_t sha256[32])
{
    return bytes.p && digest(HASH_SHA256, bytes, sha256);
}

static bool copy(const uint8_t *from, uint8_t sha256[32])
{
    if (from)
        memcpy(sha256, from, 32);
    return from != NULL;
}

bool situs_result_sha256(const struct situs_result *r, enum situs_input input, size_t i,
                         uint8_t sha256[32])
{
    const struct situs_request *q = r ? &r->asked : NULL;
    memset(sha256, 0, 32);
    if (!q || (i > 0 && input != SITUS_INPUT_ENDORSEMENT))
        return false;
    switch (input) {
    case SITUS_INPUT_EVIDENCE:
        return sha256_of(item_span(q->evidence), sha256);
    case SITUS_INPUT_CCEL:
        return sha256_of(item_span(q->ccel), sha256);
    case SITUS_INPUT_PCR_LOG:
        return sha256_of(item_span(q->pcr_log), sha256);
    case SITUS_INPUT_POLICY:
        return copy(r->result.policy->sha256, sha256);
    case SITUS_INPUT_TRUST:
        return q->trust && q->trust != situs_trust_builtin() &&
               copy(q->trust->trust.sha256, sha256);
    case SITUS_INPUT_COLLATERAL:
        return q->snapshot && !q->snapshot->freed && collateral_hash_get(q->snapshot->hash, sha256);
    case SITUS_INPUT_ENDORSEMENT:
        return q->endorsements && i < q->endorsements->n &&
               copy(q->endorsements->sha256[i], sha256);
    case SITUS_INPUT_CHANNEL:
        return sha256_of(r->result.channel, sha256);
    }
    return false;
}

bool situs_result_channel(const struct situs_result *r, struct situs_item *spki)
{
    struct span channel = r ? r->result.channel : span_of(NULL, 0);
    *spki = (struct situs_item){"channel", channel.p, channel.n};
    return channel.n != 0;
}
