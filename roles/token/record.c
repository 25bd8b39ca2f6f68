/* What a judge answers, out of a result; see record.h. */
#include "token/record.h"

#include "base/text.h"
#include "base/time.h"
#include "crypto/verify.h"
#include "model/finding.h"

#include <stdio.h>

/* No padding: what the compiler would leave between members nobody would set. */
_Static_assert(sizeof(struct record_party) == 8 + 24 + RECORD_NAME, "record_party has padding");
_Static_assert(sizeof(struct token_record) ==
                   4 * 8 + 3 * 4 + 4 + 8 + 4 * 32 + 96 + RECORD_MACHINE + RECORD_LABEL +
                       RECORD_PARTS * RECORD_TIERS + 40 + 48 + RECORD_ENDS + RECORD_NAME +
                       RECORD_CLAIMS * RECORD_CLAIM_MAX +
                       RECORD_PARTIES * sizeof(struct record_party) + sizeof(struct record_known),
               "token_record has padding");
_Static_assert(sizeof(struct record_known) ==
                   RECORD_IDS * sizeof(struct record_id) + 2 * 8 + 2 * 4 + 4 + 4,
               "record_known has padding");

static bool too_long(const char *field, size_t most, struct situs_err *err)
{
    return err_fail(err, SITUS_TOO_LONG, "record", field, SITUS_NO_OFFSET, TEXT_BYTES(most),
                    "more");
}

static bool copy_text(char *to, size_t size, const char *from, const char *field,
                      struct situs_err *err)
{
    size_t n = from ? strlen(from) : 0;
    if (n >= size)
        return too_long(field, size - 1, err);
    memcpy(to, from ? from : "", n);
    return true;
}

static void proofs(const struct situs_result *result, struct token_record *r)
{
    struct situs_proof p;
    for (size_t i = 0; situs_result_proof(result, i, &p); i++) {
        r->required |= (uint64_t)p.required << i;
        r->holds |= (uint64_t)p.holds << i;
    }
}

/* sound says that nothing but fresh.continuity, and the proof that rests on it alone, is against a result. */
static bool sound(const struct situs_result *result, const struct token_record *r)
{
    struct situs_error e;
    struct situs_check c;
    if (r->trusted)
        return true;
    if (!situs_result_reason(result, &e) || !e.check || !(r->holds & PROOF_LIVE) ||
        (r->required & ~r->holds & ~(uint64_t)PROOF_CONTINUOUS))
        return false;
    for (size_t i = 0; situs_result_check(result, i, &c); i++)
        if (c.outcome == SITUS_FAIL && c.refuses && strcmp(c.id, "fresh.continuity") != 0)
            return false;
    return true;
}

static const struct tier_row {
    enum record_part part;
    enum record_tier tier;
    unsigned proofs;
    const char *check;
    int8_t pass, fail;
} tier_rows[] = {
#define TIER(part, claim, proofs, check, pass, fail) \
    {RECORD_##part, RECORD_##claim, proofs, check, pass, fail},
#include "token/record_tiers.def"
#undef TIER
};

#define TIER_ROWS (sizeof tier_rows / sizeof *tier_rows)

/* outcomes are those of the rows' checks, in one walk over the result. */
static void outcomes(const struct situs_result *result, enum situs_outcome of[TIER_ROWS])
{
    struct situs_check c;
    for (size_t k = 0; k < TIER_ROWS; k++)
        of[k] = SITUS_NOT_RUN;
    for (size_t i = 0; situs_result_check(result, i, &c); i++)
        for (size_t k = 0; k < TIER_ROWS; k++)
            if (strcmp(c.id, tier_rows[k].check) == 0)
                of[k] = c.outcome;
}

/* One claim of a vector: the greater of two values of a tier, or of a worse one, says less good. */
static void tier(int8_t *value, const struct tier_row *row, enum situs_outcome outcome,
                 bool some_hold, uint64_t holds)
{
    int8_t says = 0;
    if (outcome == SITUS_PASS && row->proofs & holds)
        says = row->pass;
    if (outcome == SITUS_FAIL && !some_hold)
        says = row->fail;
    if (says > *value)
        *value = says;
}

static void tiers(const struct situs_result *result, struct token_record *r)
{
    unsigned of[RECORD_PARTS][RECORD_TIERS] = {{0}};
    enum situs_outcome outcome[TIER_ROWS];
    outcomes(result, outcome);
    for (size_t i = 0; i < TIER_ROWS; i++)
        of[tier_rows[i].part][tier_rows[i].tier] |= tier_rows[i].proofs;
    for (size_t i = 0; i < TIER_ROWS; i++) {
        const struct tier_row *row = &tier_rows[i];
        tier(&r->tiers[row->part][row->tier], row, outcome[i], of[row->part][row->tier] & r->holds,
             r->holds);
    }
}

static const struct {
    size_t size;
    const char *name;
} claim_rows[] = {
#define RECORD_CLAIM(id, size, name, word) {size, name},
#include "token/record_claims.def"
#undef RECORD_CLAIM
};

_Static_assert(RECORD_CLAIMS <= 32, "claims_set has a bit for each");

static bool claims(const struct situs_result *result, struct token_record *r, struct situs_err *err)
{
    char hex[2 * RECORD_CLAIM_MAX + 1];
    for (size_t i = 0; i < RECORD_CLAIMS; i++) {
        if (!situs_result_claim(result, claim_rows[i].name, hex, sizeof hex))
            continue;
        if (!text_hex_read(r->claims[i], claim_rows[i].size, span_text(hex)))
            return err_fail(err, SITUS_INTERNAL, "record", claim_rows[i].name, SITUS_NO_OFFSET,
                            "hex of its size", hex);
        r->claims_set |= UINT32_C(1) << i;
    }
    char status[sizeof r->tcb_status];
    if (situs_result_claim(result, "tdx.tcb_status", status, sizeof status) ||
        situs_result_claim(result, "sgx.tcb_status", status, sizeof status))
        return copy_text(r->tcb_status, sizeof r->tcb_status, status, "tcb_status", err);
    return true;
}

/* all_passed says that every row whose id begins so passed, and that there are some. */
static bool all_passed(const struct situs_result *result, const char *begins)
{
    struct situs_check c;
    size_t rows = 0, passed = 0;
    for (size_t i = 0; situs_result_check(result, i, &c); i++)
        if (strncmp(c.id, begins, strlen(begins)) == 0) {
            rows++;
            passed += c.outcome == SITUS_PASS;
        }
    return rows > 0 && passed == rows;
}

/* machine is what a list says of a genuine machine. Google's document of a host names it by its TPM, which this evidence
 * need not have. */
static bool machine(const struct situs_result *result, struct token_record *r,
                    struct situs_err *err)
{
    static const char *const ids[] = {"tdx.ppid", "sgx.ppid", "snp.chip_id"};
    char hex[2 * RECORD_MACHINE + 1], source[32], label[RECORD_LABEL];
    if (!(r->holds & PROOF_GENUINE))
        return true;
    for (size_t i = 0; r->machine_size == 0 && i < sizeof ids / sizeof *ids; i++)
        if (situs_result_claim(result, ids[i], hex, sizeof hex) &&
            text_hex_read(r->machine, strlen(hex) / 2, span_text(hex)))
            r->machine_size = (uint8_t)(strlen(hex) / 2);
    r->listed = r->machine_size && !r->simulated && all_passed(result, "list.") &&
                situs_result_claim(result, "list.source", source, sizeof source) &&
                strcmp(source, "google-host") != 0;
    return !r->listed || !situs_result_claim(result, "list.owner", label, sizeof label) ||
           copy_text(r->label, sizeof r->label, label, "label", err);
}

static bool parties(const struct situs_result *result, struct token_record *r,
                    struct situs_err *err)
{
    struct situs_party p;
    for (size_t i = 0; situs_result_party(result, i, &p); i++) {
        if (i == RECORD_PARTIES)
            return too_long("parties", RECORD_PARTIES, err);
        struct record_party *to = &r->parties[i];
        to->proofs = p.proofs;
        if (!copy_text(to->role, sizeof to->role, p.role, "parties.role", err) ||
            !copy_text(to->name, sizeof to->name, p.name, "parties.name", err))
            return false;
    }
    return true;
}

/* An id; false: the result has no such claim, or none that is told here. */
static bool id(const struct situs_result *result, const char *claim, struct record_id *to)
{
    char hex[2 * sizeof to->v + 1];
    size_t n = situs_result_claim(result, claim, hex, sizeof hex) ? strlen(hex) / 2 : 0;
    to->n = n && text_hex_read(to->v, n, span_text(hex)) ? (uint8_t)n : 0;
    return to->n != 0;
}

static uint64_t number(const struct situs_result *result, const char *instance, const char *claim)
{
    char name[SITUS_CLAIM_NAME], text[24];
    uint64_t v = 0;
    snprintf(name, sizeof name, "%s.%s", instance, claim);
    if (situs_result_claim(result, name, text, sizeof text))
        (void)!text_number(span_text(text), 0, INT64_MAX, &v);
    return v;
}

/* begin raises a time to that of a claim. */
static void begin(const struct situs_result *result, const char *claim, int64_t *at)
{
    char text[24];
    int64_t t;
    if (situs_result_claim(result, claim, text, sizeof text) &&
        time_read_rfc3339(&t, span_text(text)) && t > *at)
        *at = t;
}

/* Which machine, in which boot. Of a TPM nothing counts that is not bound to the TEE; of a provider's words about a managed
 * guest's TPM none is about its presence. */
static void known(const struct situs_result *result, struct record_known *m)
{
    bool metal = situs_result_holds(result, "co-located");
    const char *tpm = metal ? "tpm.platform" : "tpm.guest";
    m->live = situs_result_holds(result, "live");
    m->has_tpm = situs_result_holds(result, "bound");
    m->bare_metal = metal;
    m->owned = situs_result_holds(result, "owned");
    (void)(id(result, "tdx.piid", &m->ids[RECORD_PLATFORM]) ||
           id(result, "sgx.piid", &m->ids[RECORD_PLATFORM]) ||
           id(result, "snp.chip_id", &m->ids[RECORD_PLATFORM]));
    if (m->owned)
        begin(result, "poe.begins", &m->word);
    if (!m->has_tpm)
        return;
    id(result, metal ? "tpm.platform.ak_name" : "tpm.guest.ak_name", &m->ids[RECORD_AK]);
    m->clock = number(result, tpm, "clock");
    m->reset_count = (uint32_t)number(result, tpm, "reset_count");
    m->restart_count = (uint32_t)number(result, tpm, "restart_count");
    if (!metal)
        return;
    id(result, "tpm.platform.ek_name", &m->ids[RECORD_EK]);
    id(result, "tpm.platform.pcr_digest", &m->ids[RECORD_LAUNCH]);
    begin(result, "tpm.platform.ak_not_before", &m->word);
}

/* The channel key, and where it lies on its curve. One that is of no curve has its hash alone. */
static bool channel(const struct situs_result *result, struct token_record *r,
                    struct situs_err *err)
{
    struct situs_item spki;
    if (!situs_result_channel(result, &spki))
        return true;
    if (!situs_result_sha256(result, SITUS_INPUT_CHANNEL, 0, r->channel))
        return err_fail(err, SITUS_INTERNAL, "record", "channel", SITUS_NO_OFFSET, NULL, NULL);
    r->has_channel = 1;
    struct situs_err none = {0};
    struct public_key *key = verify_key_spki(span_of(spki.p, spki.size), "channel", &none);
    if (!key)
        return none.code != SITUS_INTERNAL ||
               err_fail(err, none.code, "record", "channel", SITUS_NO_OFFSET, NULL, NULL);
    size_t n = verify_key_point(key, r->point);
    r->curve = n == 64 ? RECORD_P256 : n == 96 ? RECORD_P384 : RECORD_NO_CURVE;
    verify_key_free(key);
    return true;
}

static bool request_of(const struct situs_request *q, struct token_record *r, struct situs_err *err)
{
    if (q->nonce.size != 0 && q->nonce.size != sizeof r->nonce)
        return err_fail(err, SITUS_MALFORMED, "record", "nonce", SITUS_NO_OFFSET,
                        TEXT_BYTES(sizeof r->nonce), TEXT_BYTES(q->nonce.size));
    memcpy(r->nonce, q->nonce.p ? q->nonce.p : (const uint8_t[32]){0}, sizeof r->nonce);
    r->at = q->at;
    r->archived = q->archived;
    return true;
}

static bool reason(const struct situs_result *result, struct token_record *r, struct situs_err *err)
{
    struct situs_error e;
    if (!situs_result_reason(result, &e))
        return true;
    r->code = (uint32_t)e.why.code;
    return copy_text(r->check, sizeof r->check, e.check, "check", err);
}

static bool fill(const struct situs_result *result, const struct situs_request *q,
                 struct token_record *r, struct situs_err *err)
{
    const char *what = NULL;
    r->exit = (uint32_t)situs_result_exit(result);
    r->trusted = situs_result_trusted(result);
    r->simulated = situs_result_simulated(result);
    if (!situs_result_until(result, &r->until, &what))
        r->until = RECORD_NO_END;
    proofs(result, r);
    r->sound = sound(result, r);
    tiers(result, r);
    known(result, &r->known);
    return request_of(q, r, err) && reason(result, r, err) &&
           (!what || copy_text(r->ends, sizeof r->ends, what, "ends", err)) &&
           (!result || situs_result_sha256(result, SITUS_INPUT_POLICY, 0, r->policy)) &&
           (!result || !q->evidence.p ||
            situs_result_sha256(result, SITUS_INPUT_EVIDENCE, 0, r->evidence)) &&
           channel(result, r, err) && machine(result, r, err) && claims(result, r, err) &&
           parties(result, r, err) &&
           copy_text(r->image, sizeof r->image, situs_result_image(result, 0), "image", err);
}

bool record_of(const struct situs_result *result, const struct situs_request *request,
               struct token_record *record, struct situs_err *err)
{
    *err = (struct situs_err){0};
    memset(record, 0, sizeof *record);
    if (fill(result, request, record, err))
        return true;
    memset(record, 0, sizeof *record);
    return err->code != SITUS_NONE
               ? false
               : err_fail(err, SITUS_INTERNAL, "record", "sha256", SITUS_NO_OFFSET, NULL, NULL);
}
