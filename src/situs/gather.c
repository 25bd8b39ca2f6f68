/* Reading of the request; see gather.h. */
#include "situs/gather.h"

#include "base/limits.h"
#include "base/text.h"
#include "evidence/tcg_log.h"
#include "situs/evidence_kind.h"

static bool no_memory(struct situs_err *err)
{
    return err_fail(err, SITUS_NO_MEMORY, "memory", "", SITUS_NO_OFFSET, NULL, NULL);
}

/* Quotes and reports begin with their version, 2 to 5 and a zero byte; a JSON bundle with a brace; a CBOR one
 * with the head of a map (RFC 8949 3.1, major type 5). */
bool gather_is_bundle(struct span in)
{
    return in.n > 0 && (in.p[0] == '{' || in.p[0] >> 5 == 5);
}

/* take is the value of a label, marked as read; empty when the bundle has none. */
static struct span take(struct bundle *b, const char *label)
{
    struct item *item = bundle_find(b, label);
    if (!item)
        return span_of(NULL, 0);
    bundle_used(item);
    return item->value;
}

/* The evidence of the first kind of TEE that the bundle has; another's stays unread, which is an
 * error. */
static struct span take_tee(struct bundle *b)
{
    struct span value = {NULL, 0};
    for (unsigned kind = 0; kind <= KIND_LIST && value.n == 0; kind++) {
        const struct tee_row *row = tee_row((enum check_kind)kind);
        if (row && item_kind_of(row->name) != ITEM_KIND_COUNT)
            value = take(b, row->name);
    }
    return value;
}

/* The report of a paravisor: where it holds the TEE's evidence, raw is that, if nothing came beside it. */
static bool read_hcl(struct gathered *g, struct span value, struct span *raw, struct arena *a,
                     struct situs_err *err)
{
    if (value.n == 0)
        return true;
    g->hcl = ARENA_NEW(a, struct hcl_report);
    if (!g->hcl)
        return no_memory(err);
    if (!hcl_report_read(g->hcl, value, err))
        return false;
    if (g->hcl->tee == KIND_SNP && raw->n == 0)
        *raw = g->hcl->hardware;
    if (g->hcl->tee == KIND_SNP && !span_starts(*raw, g->hcl->hardware))
        return err_fail(err, SITUS_MISMATCH, "hcl", "hardware", 32, "the report beside it",
                        "another report");
    if (raw->n)
        return true;
    err_fail(err, SITUS_MISSING, "hcl", "hardware", 32,
             "the TD quote that was made of the TDREPORT in it", "none");
    return err_hint(err, "ask Azure's service (/acc/tdquote) for it, and give both in one bundle: "
                         "\"situs pack hcl=FILE tdx=FILE\"");
}

/* either is what the bundle or the request gives for a label; both is an error. */
static bool either(struct span *out, struct bundle *b, const char *label, struct span beside,
                   struct situs_err *err)
{
    struct span inside = take(b, label);
    if (inside.n && beside.n)
        return err_fail(err, SITUS_DUPLICATE, label, "", SITUS_NO_OFFSET, "one",
                        "one in the bundle and one beside it");
    *out = inside.n ? inside : beside;
    return true;
}

/* The attestation key: of a paravisor's guest the one that its report names, and no other. */
static bool read_ak(struct gather_tpm *t, const struct hcl_report *hcl, const char *label,
                    struct key_cache *keys, struct arena *a, struct situs_err *err)
{
    struct span sent = t->value.public_area;
    uint8_t *built = hcl ? arena_take(a, HCL_AK_PUBLIC) : NULL;
    if (hcl && !built)
        return no_memory(err);
    if (hcl) {
        hcl_report_ak(hcl, built);
        struct span public = span_of(built, HCL_AK_PUBLIC);
        return sent.n == 0 || span_equal(sent, public)
                   ? ak_read_known(&t->ak, public, keys, err)
                   : err_fail(err, SITUS_MISMATCH, label, "public", SITUS_NO_OFFSET,
                              "the key that the paravisor's report names (HCLAkPub)", "another");
    }
    if (sent.n)
        return ak_read_known(&t->ak, sent, keys, err);
    if (t->value.n_certs)
        return ak_from_certificate(&t->ak, t->value.certs[0], err);
    return err_fail(err, SITUS_MISSING, label, "public", SITUS_NO_OFFSET,
                    "TPMT_PUBLIC of the attestation key", "none");
}

static bool read_tpm(struct gather_tpm **out, struct span value, const char *label,
                     const struct hcl_report *hcl, struct key_cache *keys, struct arena *a,
                     struct situs_err *err)
{
    if (value.n == 0)
        return true;
    struct gather_tpm *t = *out = ARENA_NEW(a, struct gather_tpm);
    if (!t)
        return no_memory(err);
    if (!tpm_value_read(&t->value, value, label, err))
        return false;
    const struct tpm_evidence e = {t->value.attest, t->value.signature, &t->value.registers};
    if (!tpm_quote_read(&t->quote, &e, err))
        return false;
    if (t->value.n_certs)
        t->cert = (struct ak_cert){.leaf = t->value.certs[0],
                                   .intermediates = t->value.certs + 1,
                                   .n_intermediates = t->value.n_certs - 1};
    return read_ak(t, hcl, label, keys, a, err);
}

static bool read_log(struct events **out, struct span bytes, enum log_kind kind, const char *part,
                     struct arena *a, struct situs_err *err)
{
    if (bytes.n == 0)
        return true;
    *out = ARENA_NEW(a, struct events);
    if (!*out)
        return no_memory(err);
    if (tcg_log_read(*out, bytes, kind, part, a, err))
        return true;
    evidence_kind_named(bytes, PLACE_LOG, part, "an event log", err);
    return false;
}

static void list_collateral(struct gathered *g)
{
    for (size_t i = 0; i < g->bundle.n; i++) {
        struct item *item = &g->bundle.item[i];
        if (item->kind != ITEM_COLLATERAL)
            continue;
        g->collateral[g->n_collateral++] = item_of(item->label, item->value);
        bundle_used(item);
    }
}

static void give_crls(struct gathered *g, struct gather_tpm *t)
{
    if (t)
        t->cert.crls = &g->words.crls;
}

/* A managed host's own TPM counts for nothing, so it stays unread there. */
static bool read_platform(struct gathered *g, const struct situs_request *q, struct arena *a,
                          struct situs_err *err)
{
    if (q->policy->policy.scenario == SCENARIO_MANAGED)
        return true;
    return read_tpm(&g->platform, take(&g->bundle, "platform"), "platform", NULL,
                    door_context(q)->ak_keys, a, err) &&
           read_log(&g->launch, take(&g->bundle, "log.platform"), LOG_LAUNCH, "log.platform", a,
                    err);
}

/* What speaks of the TEE: a quote, a report, or a paravisor's report. */
static bool read_tee(struct gathered *g, struct span in, struct arena *a, struct situs_err *err)
{
    struct span raw = in, hcl = span_of(NULL, 0);
    bool bundle = gather_is_bundle(in);
    if (bundle && !bundle_read(&g->bundle, in, a, err))
        return false;
    if (bundle) {
        raw = take_tee(&g->bundle);
        hcl = take(&g->bundle, "hcl");
    } else if (hcl_report_is(in)) {
        raw = hcl;
        hcl = in;
    }
    if (!read_hcl(g, hcl, &raw, a, err) || ((!bundle || raw.n) && !tee_read(&g->tee, raw, err)))
        return false;
    return !g->hcl || g->hcl->tee == g->tee.kind ||
           err_fail(err, SITUS_MISMATCH, "hcl", "report_type", SITUS_NO_OFFSET,
                    tee_row(g->tee.kind)->what, tee_row(g->hcl->tee)->what);
}

bool gather(struct gathered *g, const struct situs_request *q, struct arena *a,
            struct situs_err *err)
{
    struct span ccel, pcr_log;
    if (!read_tee(g, item_span(q->evidence), a, err))
        return false;
    g->channel = take(&g->bundle, "channel");
    if (!read_tpm(&g->guest, take(&g->bundle, "guest"), "guest", g->hcl, door_context(q)->ak_keys,
                  a, err) ||
        !either(&ccel, &g->bundle, "log.tdx", item_span(q->ccel), err) ||
        !either(&pcr_log, &g->bundle, "log.guest", item_span(q->pcr_log), err) ||
        !read_log(&g->ccel, ccel, LOG_CCEL, "log.tdx", a, err) ||
        !read_log(&g->guest_log, pcr_log, LOG_PCR, "log.guest", a, err) ||
        !read_platform(g, q, a, err) || !endorsements_take(&g->words, &g->bundle, a, err))
        return false;
    list_collateral(g);
    give_crls(g, g->guest);
    give_crls(g, g->platform);
    return bundle_all_used(&g->bundle, err);
}

void gather_free(struct gathered *g)
{
    if (g->guest)
        ak_free(&g->guest->ak);
    if (g->platform)
        ak_free(&g->platform->ak);
    tee_collateral_free(&g->loaded);
}
