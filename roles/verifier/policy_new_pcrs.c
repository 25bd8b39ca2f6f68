/* Images under a paravisor; see policy_new_pcrs.h. */
#include "verifier/policy_new_pcrs.h"

#define BANK HASH_SHA256 /* of Azure's profile (DESIGN: paravisor, 4) */

static bool fail(struct situs_err *err, const char *part, const char *field, const char *expected)
{
    return err_fail(err, SITUS_MISSING, part, field, SITUS_NO_OFFSET, expected, "none");
}

static bool no_memory(struct situs_err *err)
{
    return err_fail(err, SITUS_NO_MEMORY, "memory", "", SITUS_NO_OFFSET, NULL, NULL);
}

/* The digests of one register's events. */
static bool list(struct pcr_values *out, const struct events *log, size_t bank, uint32_t pcr,
                 struct arena *a)
{
    uint8_t *v = arena_array(a, log->n + 1, hash_size(BANK));
    for (size_t i = 0; v && i < log->n; i++)
        if (events_register(log, &log->v[i]) == pcr)
            memcpy(v + hash_size(BANK) * out->n++, events_digest(log, &log->v[i], bank).p,
                   hash_size(BANK));
    out->v = (const uint8_t(*)[32])v;
    return v;
}

static bool copy(uint8_t *out, size_t n, const struct claims *tee, enum claim_id id)
{
    const struct claim *c = claims_get(tee, id);
    if (!c || c->bytes.n != n)
        return false;
    memcpy(out, c->bytes.p, n);
    return true;
}

/* Whoever starts a guest without an ID block leaves zeros, which name nobody. */
static bool signed_launch(struct paravisor_pins *p, const struct claims *tee)
{
    const struct claim *svn = claims_get(tee, CLAIM_GUEST_SVN);
    p->by_id = svn && copy(p->id_key, sizeof p->id_key, tee, CLAIM_ID_KEY_DIGEST) &&
               copy(p->image_id, sizeof p->image_id, tee, CLAIM_IMAGE_ID) &&
               !span_all(SPAN_ARR(p->id_key), 0) && !span_all(SPAN_ARR(p->image_id), 0);
    p->min_svn = svn ? svn->num : 0;
    return p->by_id;
}

static bool pin(struct paravisor_pins *p, const struct claims *tee, enum check_kind kind,
                struct arena *a, struct situs_err *err)
{
    uint8_t *launch = arena_take(a, 48);
    if (!launch)
        return no_memory(err);
    if (kind == KIND_SNP && signed_launch(p, tee))
        return true;
    if (!copy(launch, 48, tee, kind == KIND_TDX ? CLAIM_MRTD : CLAIM_MEASUREMENT))
        return fail(err, "hcl", "hardware", "the digest of a launch");
    p->launch = (const uint8_t(*)[48])launch;
    p->n = 1;
    return true;
}

bool policy_new_pcrs(struct policy_form *f, const struct events *log, const struct claims *tee,
                     struct arena *a, struct situs_err *err)
{
    struct pcr_image *image = ARENA_NEW(a, struct pcr_image);
    size_t bank = events_bank(log, BANK);
    if (!image)
        return no_memory(err);
    if (bank == log->banks)
        return fail(err, "log.guest", "spec_id.digest_sizes", hash_name(BANK));
    for (uint32_t pcr = 0; pcr < REGISTERS_MAX; pcr++)
        if (PCR_IMAGE >> pcr & 1 && !list(&image->pcr[pcr], log, bank, pcr, a))
            return no_memory(err);
    f->image.ref.pcrs = image;
    return pin(&image->paravisor, tee, f->image.ref.tee, a, err);
}
