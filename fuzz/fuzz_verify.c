/*
 * Whole appraisals: what is trusted states only the honest machine's claims. The input is no
 * evidence but what is done to it: which scenario, what the attestation keys sign again afterwards,
 * and edits of five bytes each (part, operation, place, value). Keys that sign anything are more
 * than an attacker has: who owns an AK still does not change what the other parties say.
 */
#include <stdlib.h>

#include "lab/attacks/lab_judge.h"
#include "model/bundle.h"
#include "model/tpm_value.h"
#include "oracle.h"

#define AT INT64_C(1800000000)
#define ROOM (1 << 16)

const char *const oracles[] = {"managed VM", "bare metal", "signed again", NULL};

enum part {
    TDX,
    LOG_TDX,
    LOG_GUEST,
    LOG_PLATFORM,
    CHANNEL,
    CRL,
    GUEST_ATTEST,
    GUEST_SIGNATURE,
    GUEST_PUBLIC,
    GUEST_CERT,
    HOST_ATTEST,
    HOST_SIGNATURE,
    HOST_PUBLIC,
    HOST_CERT,
    GUEST_PCRS,
    HOST_PCRS,
    PARTS
};
enum { FLIP, CUT, TAKE, SET, OPERATIONS };
enum { SIGN_GUEST = 1, SIGN_HOST = 2, NAME_QUOTE = 4 };

/* The honest claims that a verdict rests on. */
static const enum claim_id tee_claims[] = {
    CLAIM_MRTD, CLAIM_RTMR0, CLAIM_RTMR1, CLAIM_RTMR2, CLAIM_RTMR3,  CLAIM_REPORT_DATA,
    CLAIM_PIID, CLAIM_PPID,  CLAIM_FMSPC, CLAIM_XFAM,  CLAIM_CPUSVN, CLAIM_TD_ATTRIBUTES};
static const enum claim_id tpm_claims[] = {
    CLAIM_AK_NAME,    CLAIM_AK_HASH,      CLAIM_QUALIFIED_SIGNER, CLAIM_EXTRA_DATA,
    CLAIM_PCR_DIGEST, CLAIM_MACHINE_PIID, CLAIM_EK_NAME,          CLAIM_ENROLLED_AK_NAME};

static struct lab_stage *stage;
static struct lab_judge *judge;
static struct lab_evidence honest[2], other[3]; /* other: of other machines, of another day */
static struct result expected[2];
static uint8_t claim_room[2][CLAIM_COUNT * INSTANCE_COUNT * 80];
static uint8_t scratch[PARTS][ROOM], wire[1 << 18];
static struct lab_buf signatures[2];
static struct span crl, honest_crl;

static struct span *part_of(struct lab_evidence *e, enum part p)
{
    struct span *const parts[] = {&e->tdx,
                                  &e->log_tdx,
                                  &e->log_guest,
                                  &e->log_platform,
                                  &e->channel,
                                  &crl,
                                  &e->guest.quote.attest,
                                  &e->guest.quote.signature,
                                  &e->guest.public_area,
                                  &e->guest.cert,
                                  &e->platform.quote.attest,
                                  &e->platform.quote.signature,
                                  &e->platform.public_area,
                                  &e->platform.cert};
    return parts[p];
}

static struct lab_tpm_item *item_of(struct lab_evidence *e, bool host)
{
    return host ? &e->platform : &e->guest;
}

/* The part's bytes, which may be written. */
static uint8_t *open_part(struct lab_evidence *e, enum part p, size_t *n)
{
    if (p >= GUEST_PCRS) {
        struct lab_tpm_item *item = item_of(e, p == HOST_PCRS);
        *n = sizeof item->pcr;
        return &item->pcr[0][0][0];
    }
    struct span *s = part_of(e, p);
    *n = s->n;
    if (s->n > ROOM)
        abort();
    if (s->p != scratch[p] && s->n)
        memcpy(scratch[p], s->p, s->n);
    s->p = scratch[p];
    return scratch[p];
}

static void edit(struct lab_evidence *e, const uint8_t op[5])
{
    enum part p = (enum part)(op[0] % PARTS);
    size_t n, at = (size_t)op[2] << 8 | op[3];
    struct lab_evidence *from = &other[op[4] % 3];
    if (op[1] % OPERATIONS == TAKE) {
        if (p >= GUEST_PCRS)
            memcpy(item_of(e, p == HOST_PCRS)->pcr, item_of(from, p == HOST_PCRS)->pcr,
                   sizeof e->guest.pcr);
        else
            *part_of(e, p) = *part_of(from, p);
        return;
    }
    uint8_t *bytes = open_part(e, p, &n);
    if (n == 0)
        return;
    if (op[1] % OPERATIONS == FLIP)
        bytes[at % n] ^= op[4];
    else if (op[1] % OPERATIONS == SET)
        bytes[at % n] = op[4];
    else if (p < GUEST_PCRS)
        part_of(e, p)->n = at % n;
}

/* The digest over the values shown, at the attestation's end, and a signature over all. */
static void sign_again(struct lab_evidence *e, bool host, const struct lab_soft_tpm *t)
{
    struct lab_tpm_item *item = item_of(e, host);
    struct span parts[LAB_TPM_BANKS * 24];
    size_t n = 0, size;
    uint8_t *attest = open_part(e, host ? HOST_ATTEST : GUEST_ATTEST, &size);
    for (size_t k = 0; k < LAB_TPM_BANKS; k++)
        for (unsigned i = 0; i < 24; i++)
            if (item->banks >> lab_swtpm_banks[k] & 1 && item->mask >> i & 1)
                parts[n++] = span_of(item->pcr[k][i], hash_size(lab_swtpm_banks[k]));
    if (size >= 32 && !digest_parts(HASH_SHA256, parts, n, attest + size - 32))
        abort();
    lab_buf_free(&signatures[host]);
    lab_soft_sign(t, span_of(attest, size), &signatures[host]);
    item->quote.signature = lab_buf_span(&signatures[host]);
}

/* extraData as for the TD quote that is shown: behind magic, type and a signer of 34 bytes. */
static void name_quote(struct lab_evidence *e, bool metal)
{
    size_t n;
    uint8_t *attest = open_part(e, GUEST_ATTEST, &n);
    if (n >= 76)
        lab_stage_tq(LAB_SITUS, e->nonce, e->tdx, attest + 44);
    attest = open_part(e, HOST_ATTEST, &n);
    if (metal && n >= 76)
        lab_stage_pq(LAB_SITUS, e->nonce, e->tdx, &stage->metal.vm.vtpm, attest + 44);
}

static void put(struct bundle *b, const char *label, enum item_kind kind, struct span value)
{
    struct situs_err err = {0};
    if (value.n)
        bundle_add(b, label, kind, value, &err);
}

static void put_tpm(struct bundle *b, const char *label, const struct lab_tpm_item *item)
{
    static uint8_t room[2][ROOM];
    struct wr w = wr_new(room[b->n % 2], ROOM);
    struct tpm_value v = {.attest = item->quote.attest,
                          .signature = item->quote.signature,
                          .public_area = item->public_area};
    v.certs[0] = item->cert;
    v.n_certs = item->cert.n > 0;
    for (size_t k = 0; k < LAB_TPM_BANKS; k++) {
        struct bank *bank = &v.registers.bank[v.registers.n];
        *bank = (struct bank){.hash = lab_swtpm_banks[k], .mask = item->mask};
        for (unsigned i = 0; i < 24; i++)
            if (item->mask >> i & 1)
                bank->value[i] = span_of(item->pcr[k][i], hash_size(bank->hash));
        v.registers.n += item->banks >> bank->hash & 1;
    }
    if (item->given && tpm_value_write(&v, &w))
        put(b, label, ITEM_TPM_QUOTE, wr_span(&w));
}

static struct span pack(const struct lab_evidence *e)
{
    static struct bundle b;
    struct wr w = wr_new(wire, sizeof wire);
    b = (struct bundle){.n = 0};
    put_tpm(&b, "guest", &e->guest);
    put_tpm(&b, "platform", &e->platform);
    put(&b, "tdx", ITEM_TDX_QUOTE, e->tdx);
    put(&b, "log.tdx", ITEM_TCG_LOG, e->log_tdx);
    put(&b, "log.guest", ITEM_TCG_LOG, e->log_guest);
    put(&b, "log.platform", ITEM_TCG_LOG, e->log_platform);
    put(&b, "channel", ITEM_SPKI, e->channel);
    put(&b, "crl", ITEM_CRL, crl);
    return bundle_write(&b, false, &w) ? wr_span(&w) : span_of(NULL, 0);
}

static const struct result *appraise(struct lab_evidence *e, bool metal)
{
    e->wire = pack(e);
    return e->wire.n ? lab_judge_situs(judge, metal ? LAB_METAL : LAB_MANAGED, e) : NULL;
}

static void same(const struct claims *got, const struct claims *want, const enum claim_id *ids,
                 size_t n)
{
    if (!got->authority != !want->authority)
        abort();
    for (size_t i = 0; i < n && want->authority; i++) {
        const struct claim *a = claims_get(got, ids[i]), *b = claims_get(want, ids[i]);
        if (!a != !b || (a && !span_equal(a->bytes, b->bytes)))
            abort();
    }
}

static void check_claims(const struct result *r, bool metal)
{
    const struct claims *want = expected[metal].claims;
    same(&r->claims[INSTANCE_TEE], &want[INSTANCE_TEE], tee_claims,
         sizeof tee_claims / sizeof *tee_claims);
    for (int i = INSTANCE_GUEST; i <= INSTANCE_PLATFORM; i++)
        same(&r->claims[i], &want[i], tpm_claims, sizeof tpm_claims / sizeof *tpm_claims);
}

/* A copy of the claims above that outlives the judge's result. */
static void keep_claims(bool metal, const struct result *r)
{
    struct wr w = wr_new(claim_room[metal], sizeof claim_room[metal]);
    expected[metal] = *r;
    for (int i = INSTANCE_TEE; i <= INSTANCE_PLATFORM; i++)
        for (int id = 0; id < CLAIM_COUNT; id++) {
            struct claim *c = &expected[metal].claims[i].v[id];
            if (!c->set || claim_row((enum claim_id)id)->type != CLAIM_IS_BYTES)
                continue;
            size_t at = w.n;
            wr_bytes(&w, c->bytes);
            c->bytes = span_of(claim_room[metal] + at, c->bytes.n);
        }
    if (!wr_ok(&w))
        abort();
}

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    const uint8_t now[32] = {1}, before[32] = {2};
    (void)argc, (void)argv;
    stage = lab_stage_new(AT);
    judge = lab_judge_new(stage);
    crl = honest_crl = lab_ca_crl(&stage->provider, 0);
    honest[0] = lab_vm_attest(&stage->a, LAB_SITUS, now);
    honest[1] = lab_host_attest(&stage->metal, LAB_SITUS, now);
    other[0] = lab_vm_attest(&stage->a, LAB_SITUS, before);
    other[1] = lab_vm_attest(&stage->b, LAB_SITUS, before);
    other[2] = lab_host_attest(&stage->metal, LAB_SITUS, before);
    for (int metal = 0; metal < 2; metal++) {
        struct lab_evidence e = honest[metal];
        const struct result *r = appraise(&e, metal);
        if (!r || r->verdict != VERDICT_TRUSTED)
            lab_die("the honest machine is refused");
        keep_claims(metal, r);
    }
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    bool metal = data[0] & 1;
    static struct lab_evidence e;
    e = honest[metal];
    crl = honest_crl;
    for (size_t i = 2; i + 5 <= size && i < 2 + 5 * 32; i += 5)
        edit(&e, data + i);
    if (data[1] & NAME_QUOTE)
        name_quote(&e, metal);
    if (data[1] & SIGN_GUEST)
        sign_again(&e, false, metal ? &stage->metal.vm.vtpm : &stage->a.vtpm);
    if (data[1] & SIGN_HOST && metal)
        sign_again(&e, true, &stage->metal.dtpm);
    const struct result *r = appraise(&e, metal);
    if (!r || r->verdict != VERDICT_TRUSTED)
        return 0;
    check_claims(r, metal);
    oracle_ran(metal);
    if (data[1] & (SIGN_GUEST | SIGN_HOST))
        oracle_ran(2);
    return 0;
}
