/* Decides ak.certificate; see ak_cert.h. */
#include "endorse/ak_cert/ak_cert.h"

#include "base/limits.h"
#include "base/text.h"
#include "crypto/x509.h"
#include "endorse/ak_cert/ak_extension.h"

static const char part[] = "ak_certificate";

enum profile_id {
#define AK_PROFILE(id, ...) PROFILE_##id,
#include "endorse/ak_cert/ak_profiles.def"
#undef AK_PROFILE
    PROFILE_COUNT
};

struct profile {
    const char *name, *anchors, *eku;
    bool eku_optional, crl_required, padding;
    int64_t max_validity;
};

static const struct profile profiles[PROFILE_COUNT] = {
#define AK_PROFILE(id, name, anchors, eku, optional, crl, padding, validity) \
    {name, anchors, eku, optional, crl, padding, validity},
#include "endorse/ak_cert/ak_profiles.def"
#undef AK_PROFILE
};

/* What the steps share. */
struct work {
    const struct ak_cert *sent;
    const struct ak *ak;
    const struct trust *trust;
    const struct policy *policy;
    int64_t at;
    struct arena *arena;
    struct claims *claims;
    struct ak_cert_notes *notes;
    struct findings *findings;
    struct x509 *leaf;
    size_t padding;
    const struct profile *profile;
    const struct anchor *anchor;
};

static bool fail(struct work *w, enum situs_code code, const char *field, const char *expected,
                 const char *got, const char *hint)
{
    return finding_fail(w->findings, CHECK_AK_CERTIFICATE, code, part, field, expected, got, hint);
}

static void note(struct work *w, const char *text)
{
    if (w->notes->n < sizeof w->notes->v / sizeof *w->notes->v)
        w->notes->v[w->notes->n++] = text;
}

static bool read_leaf(struct work *w)
{
    struct situs_err err = {0};
    if (w->sent->leaf.n == 0)
        return fail(w, SITUS_MISSING, "certificate", "the attestation key's certificate", "none",
                    NULL);
    w->leaf = x509_read(w->sent->leaf, &w->padding, part, &err);
    return w->leaf || finding_fail_err(w->findings, CHECK_AK_CERTIFICATE, &err);
}

/* The certificate's contents pick the profile; the policy must name it, and its anchors are its
 * own: a provider cannot issue what another one vouches for. */
static bool pick_profile(struct work *w)
{
    bool google = x509_extension(w->leaf, AK_EXTENSION_GCE).n > 0;
    bool situs = x509_extension(w->leaf, AK_EXTENSION_SITUS).n > 0;
    if (google && situs)
        return fail(w, SITUS_MALFORMED, "extensions", "one provider's extension", "two", NULL);
    w->profile = &profiles[google ? PROFILE_GOOGLE : situs ? PROFILE_SITUS : PROFILE_AZURE];
    if (!policy_word(w->policy, PARAM_AK_PROVIDERS, span_text(w->profile->name)))
        return fail(w, SITUS_NOT_ALLOWED, "provider", "a provider that the policy names",
                    w->profile->name, "name it in ak.certificate.providers of the policy");
    if (w->padding > 0 && !w->profile->padding)
        return fail(w, SITUS_TRAILING, "certificate", "nothing after it", TEXT_BYTES(w->padding),
                    NULL);
    if (w->padding > 0)
        note(w, "zero bytes after the AK certificate were ignored");
    return true;
}

static bool speaks_for(const struct anchor *anchor, const struct profile *profile)
{
    if (!(anchor->uses & ANCHOR_PROVIDER))
        return false;
    const struct profile *owner = &profiles[PROFILE_SITUS];
    for (size_t i = 0; i < PROFILE_SITUS; i++)
        if (span_starts(span_text(anchor->name), span_text(profiles[i].anchors)))
            owner = &profiles[i];
    return owner == profile && !(anchor->builtin && owner == &profiles[PROFILE_SITUS]);
}

static bool check_chain(struct work *w)
{
    struct x509_anchor *anchors = ARENA_ARRAY(w->arena, w->trust->n + 1, struct x509_anchor);
    const struct anchor **from = ARENA_ARRAY(w->arena, w->trust->n + 1, const struct anchor *);
    if (!anchors || !from)
        return fail(w, SITUS_NO_MEMORY, "anchors", NULL, NULL, NULL);
    size_t n = 0;
    for (size_t i = 0; i < w->trust->n; i++) {
        const struct anchor *t = &w->trust->anchors[i];
        if (!speaks_for(t, w->profile))
            continue;
        memcpy(anchors[n].sha256, t->sha256, sizeof t->sha256);
        anchors[n].der = t->der;
        from[n++] = t;
    }
    const bool require_crls = w->profile->crl_required || w->policy->v[PARAM_AK_CRL].flag;
    const struct x509_question q = {
        .leaf = w->leaf,
        .extra = w->sent->intermediates,
        .n_extra = w->sent->n_intermediates,
        .anchors = anchors,
        .n_anchors = n,
        .crls = w->sent->crls,
        .n_crls = w->sent->n_crls,
        .require_crls = require_crls,
        .at = w->at,
        .part = part,
    };
    struct x509_answer answer;
    struct situs_err err = {0};
    if (!x509_verify(&q, &answer, &err))
        return finding_fail_err(w->findings, CHECK_AK_CERTIFICATE, &err);
    w->anchor = from[answer.anchor];
    if (!answer.crls_checked)
        note(w, "no CRL was checked for the AK certificate");
    return true;
}

/* For what, and for how long, the key is certified. */
static bool check_usage(struct work *w)
{
    struct window valid;
    if (!x509_validity(w->leaf, &valid))
        return fail(w, SITUS_MALFORMED, "validity", "two times", NULL, NULL);
    if (w->profile->max_validity && valid.to - valid.from > w->profile->max_validity)
        return fail(w, SITUS_NOT_ALLOWED, "validity", "at most 24 hours",
                    TEXT_NUM(valid.to - valid.from), NULL);
    bool absent = !x509_has_eku(w->leaf);
    if (absent && w->profile->eku_optional)
        note(w, "the AK certificate has no extended key usage");
    else if (absent || !x509_lists_eku(w->leaf, w->profile->eku))
        return fail(w, SITUS_NOT_ALLOWED, "extended_key_usage", w->profile->eku,
                    absent ? "none" : "others", "send the certificate of the attestation key");
    if (!x509_signs_only(w->leaf))
        return fail(w, SITUS_NOT_ALLOWED, "key_usage", "digitalSignature alone, and no CA",
                    "another use", "send the certificate of the attestation key");
    claim_bytes(w->claims, CLAIM_AK_PROVIDER, span_text(w->profile->name));
    claim_num(w->claims, CLAIM_AK_NOT_AFTER, valid.to);
    return true;
}

static bool check_key(struct work *w)
{
    struct situs_err err = {0};
    struct public_key *key = x509_key(w->leaf, part, &err);
    if (!key)
        return finding_fail_err(w->findings, CHECK_AK_CERTIFICATE, &err);
    bool same = verify_key_equal(key, w->ak->key);
    verify_key_free(key);
    return same || fail(w, SITUS_MISMATCH, "public_key", "the key in TPMT_PUBLIC(AK)",
                        "another key", "send the certificate of the key that signed the quote");
}

/* The extension's value, copied: claims outlive the certificate. */
static bool copy_extension(struct work *w, const char *oid, struct span *value)
{
    *value = arena_copy(w->arena, x509_extension(w->leaf, oid));
    return value->n > 0 || fail(w, SITUS_NO_MEMORY, "extensions", NULL, NULL, NULL);
}

/* A word list that the policy gives must hold the value; not given, any value will do. */
static bool check_listed(struct work *w, enum param list, struct span value, const char *field)
{
    if (!w->policy->v[list].given || policy_word(w->policy, list, value))
        return true;
    return fail(w, SITUS_NOT_ALLOWED, field, "one that the policy lists", TEXT_CUT(value), NULL);
}

static bool check_google(struct work *w)
{
    struct ak_extension_gce e;
    struct situs_err err = {0};
    struct span value;
    if (!copy_extension(w, AK_EXTENSION_GCE, &value))
        return false;
    if (!ak_extension_read_gce(&e, value, &err))
        return finding_fail_err(w->findings, CHECK_AK_CERTIFICATE, &err);
    claim_bytes(w->claims, CLAIM_GCE_ZONE, e.zone);
    claim_bytes(w->claims, CLAIM_GCE_PROJECT_ID, e.project_id);
    claim_bytes(w->claims, CLAIM_GCE_INSTANCE_NAME, e.instance_name);
    claim_num(w->claims, CLAIM_GCE_PROJECT_NUMBER, (int64_t)e.project_number);
    claim_num(w->claims, CLAIM_GCE_INSTANCE_ID, (int64_t)e.instance_id);
    claim_num(w->claims, CLAIM_GCE_PRODUCTION, e.production);
    if (w->policy->v[PARAM_AK_PRODUCTION].flag && !e.production)
        return fail(w, SITUS_NOT_ALLOWED, "production", "true", "false", NULL);
    return check_listed(w, PARAM_AK_PROJECTS, e.project_id, "project_id") &&
           check_listed(w, PARAM_AK_ZONES, e.zone, "zone");
}

static bool check_situs(struct work *w)
{
    struct ak_extension_situs e;
    struct situs_err err = {0};
    struct span value;
    if (!copy_extension(w, AK_EXTENSION_SITUS, &value))
        return false;
    if (!ak_extension_read_situs(&e, value, &err))
        return finding_fail_err(w->findings, CHECK_AK_CERTIFICATE, &err);
    const char *class = e.class == AK_CLASS_DTPM ? "dtpm" : "vtpm";
    claim_bytes(w->claims, CLAIM_FACILITY, e.facility);
    claim_bytes(w->claims, CLAIM_MACHINE, e.machine);
    claim_bytes(w->claims, CLAIM_MACHINE_CLASS, span_text(class));
    claim_bytes(w->claims, CLAIM_EK_NAME, e.ek_name);
    claim_bytes(w->claims, CLAIM_MACHINE_PIID, e.piid);
    claim_bytes(w->claims, CLAIM_ENROLLED_AK_NAME, e.ak_name);
    claim_num(w->claims, CLAIM_ENROLLED_RESET_COUNT, (int64_t)e.reset_count);
    claim_num(w->claims, CLAIM_ENROLLED_RESTART_COUNT, (int64_t)e.restart_count);
    if (strcmp(w->claims->instance, "tpm.platform") == 0)
        return true; /* ak.enrolled judges these claims */
    if (e.class != AK_CLASS_VTPM)
        return fail(w, SITUS_NOT_ALLOWED, "class", "vtpm", class,
                    "the machine's own TPM does not stand for a guest's");
    if (!w->ak->has_public || !span_equal(e.ak_name, ak_name(w->ak)))
        return fail(w, SITUS_MISMATCH, "ak_name", TEXT_HEX(ak_name(w->ak)), TEXT_HEX(e.ak_name),
                    NULL);
    return true;
}

static bool check_extension(struct work *w)
{
    if (w->profile == &profiles[PROFILE_GOOGLE])
        return check_google(w);
    if (w->profile == &profiles[PROFILE_SITUS])
        return check_situs(w);
    return true; /* Azure's certificate says nothing of the machine */
}

/* A claim speaks with the anchor's authority only if the TPM cannot have been made to say it. */
static void settle(struct work *w)
{
    struct findings *f = w->findings;
    finding_pass(f, CHECK_AK_CERTIFICATE);
    if (f->v[CHECK_TPM_SIGNATURE].outcome == OUTCOME_PASS &&
        f->v[CHECK_AK_ATTRIBUTES].outcome == OUTCOME_PASS &&
        f->v[CHECK_AK_CERTIFICATE].outcome == OUTCOME_PASS)
        w->claims->authority = w->anchor;
}

void ak_cert_verify(const struct ak_cert *cert, const struct ak *ak, const struct trust *trust,
                    const struct policy *policy, int64_t at, struct arena *a, struct claims *c,
                    struct ak_cert_notes *notes, struct findings *f)
{
    c->authority = NULL;
    *notes = (struct ak_cert_notes){.n = 0};
    struct work w = {.sent = cert,
                     .ak = ak,
                     .trust = trust,
                     .policy = policy,
                     .at = at,
                     .arena = a,
                     .claims = c,
                     .notes = notes,
                     .findings = f};
    if (read_leaf(&w) && pick_profile(&w) && check_chain(&w) && check_usage(&w) && check_key(&w) &&
        check_extension(&w))
        settle(&w);
    x509_free(w.leaf);
}
