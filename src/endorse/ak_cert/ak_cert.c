/* Decides ak.certificate; see ak_cert.h. */
#include "endorse/ak_cert/ak_cert.h"

#include "base/limits.h"
#include "base/text.h"
#include "base/wr.h"
#include "crypto/x509.h"
#include "endorse/ak_cert/ak_cache.h"
#include "endorse/ak_cert/ak_profile.h"
#include "model/trust_places.h"

#include <stdio.h>

#define WORDS_MOST 500 /* of what a profile keeps of a certificate */

static const char part[] = AK_CERT_PART;

static const struct ak_profile_does *const profiles[AK_PROFILE_COUNT] = {
    NULL,
#define AK_PROFILE(id, name, word) &name##_ak_profile,
#include "model/ak_profiles.def"
};

/* What the steps share. */
struct work {
    struct ak_asked x; /* what a profile's own rules see of it */
    struct arena *arena;
    struct ak_cert_notes *notes;
    struct x509 *leaf;
    size_t padding;
    struct ak_word fresh;       /* as read here: its extension lies in leaf */
    const struct ak_word *word; /* fresh, or the cache's */
};

static bool fail(struct work *w, enum situs_code code, const char *field, const char *expected,
                 const char *got, const char *hint)
{
    return ak_profile_fail(&w->x, code, field, expected, got, hint);
}

static void note(struct work *w, const char *text)
{
    if (w->notes->n < sizeof w->notes->v / sizeof *w->notes->v)
        w->notes->v[w->notes->n++] = text;
}

static const struct ak_profile_does *profile_of(const struct work *w)
{
    return profiles[w->word->profile];
}

static bool read_leaf(struct work *w)
{
    struct situs_err err = {0};
    if (w->x.q->sent->leaf.n == 0)
        return fail(w, SITUS_MISSING, "certificate", "the attestation key's certificate", "none",
                    "the provider alone issues one; where it did, the attester sends it (\"situs "
                    "attest --ak-cert\"). Without it nobody answers for the place");
    w->leaf = x509_read(w->x.q->sent->leaf, &w->padding, part, &err);
    return w->leaf || finding_fail_err(w->x.findings, CHECK_AK_CERTIFICATE, &err);
}

/* What the provider says of the machine picks the profile, or that it says nothing. */
static bool pick_profile(struct work *w)
{
    enum ak_profile silent = AK_PROFILE_NONE;
    for (enum ak_profile p = 1; p < AK_PROFILE_COUNT; p++) {
        if (!profiles[p]->extension) {
            silent = p;
            continue;
        }
        struct span said = x509_extension(w->leaf, profiles[p]->extension);
        if (said.n && w->fresh.extension.n)
            return fail(w, SITUS_MALFORMED, "extensions", "one provider's extension", "two", NULL);
        if (said.n) {
            w->fresh.profile = p;
            w->fresh.extension = said;
        }
    }
    if (w->fresh.extension.n == 0)
        w->fresh.profile = silent;
    return true;
}

/* The policy must name the profile. */
static bool check_provider(struct work *w)
{
    return policy_takes(w->x.q->policy, w->word->profile) ||
           fail(w, SITUS_NOT_ALLOWED, "provider", "a provider that the policy names",
                ak_profile_name(w->word->profile),
                "name it in ak.certificate.providers of the policy");
}

static bool check_padding(struct work *w)
{
    if (w->padding > 0 && !profile_of(w)->padding)
        return fail(w, SITUS_TRAILING, "certificate", "nothing after it", TEXT_BYTES(w->padding),
                    NULL);
    if (w->padding > 0)
        note(w, "zero bytes after the AK certificate were ignored");
    return true;
}

/* The trust file says for whom an anchor speaks, not its name: a provider cannot issue what another
 * one vouches for. */
static bool speaks_for(const struct anchor *anchor, enum ak_profile profile)
{
    return anchor->uses & ANCHOR_PROVIDER && anchor->profile == profile;
}

/* The anchor of this certificate that speaks for the profile; false when there is none. */
static bool find_anchor(struct work *w, const struct ak_word *word)
{
    const struct trust *t = w->x.q->trust;
    for (size_t i = 0; i < t->n && !w->x.anchor; i++)
        if (speaks_for(&t->anchors[i], word->profile) &&
            memcmp(t->anchors[i].sha256, word->anchor, sizeof word->anchor) == 0)
            w->x.anchor = &t->anchors[i];
    return w->x.anchor;
}

/* Which root a chain of this profile's must end in: a fingerprint alone makes no chain. */
static void name_roots(const struct work *w, struct situs_err *err)
{
    const struct trust *t = w->x.q->trust;
    char hint[200];
    struct wr text = wr_new(hint, sizeof hint - 1);
    wr_text(&text, "send the root too (--ak-cert), or put it in the trust file; built in are "
                   "fingerprints of");
    for (size_t i = 0; i < t->n; i++)
        if (speaks_for(&t->anchors[i], w->fresh.profile) && t->anchors[i].der.n == 0)
            wr_format(&text, " \"%s\"", t->anchors[i].name);
    hint[wr_ok(&text) ? text.n : sizeof hint - 1] = 0;
    err_hint(err, hint);
}

static bool check_chain(struct work *w)
{
    const struct ak_cert *sent = w->x.q->sent;
    struct trust_anchors anchors;
    bool pinned = false;
    if (!trust_anchors(w->x.q->trust, ANCHOR_PROVIDER, w->fresh.profile, w->arena, &anchors))
        return fail(w, SITUS_NO_MEMORY, "anchors", NULL, NULL, NULL);
    for (size_t i = 0; i < anchors.n; i++)
        pinned |= anchors.v[i].der.n == 0;
    const struct x509_question q = {
        .leaf = w->leaf,
        .extra = sent->intermediates,
        .n_extra = sent->n_intermediates,
        .anchors = anchors.v,
        .n_anchors = anchors.n,
        .crls = sent->crls,
        .require_crls = profile_of(w)->crl_required || w->x.q->policy->v[PARAM_AK_CRL].flag,
        .bundle_crl_days = w->x.q->policy->v[PARAM_AK_MAX_CRL_AGE].num,
        .at = w->x.q->at,
        .part = part,
    };
    struct x509_answer answer;
    struct situs_err err = {0};
    if (!x509_verify(&q, &answer, &err)) {
        if (err.code == SITUS_UNTRUSTED && pinned)
            name_roots(w, &err);
        return finding_fail_err(w->x.findings, CHECK_AK_CERTIFICATE, &err);
    }
    if (!answer.crls_checked)
        note(w, "no CRL was checked for the AK certificate");
    memcpy(w->fresh.anchor, answer.sha256, sizeof w->fresh.anchor);
    w->fresh.same = answer.same;
    w->fresh.issuers = answer.issuers;
    return find_anchor(w, &w->fresh);
}

/* For what, and for how long, the key is certified. */
static bool check_usage(struct work *w)
{
    const struct ak_profile_does *p = profile_of(w);
    struct window valid;
    if (!x509_validity(w->leaf, &valid))
        return fail(w, SITUS_MALFORMED, "validity", "two times", NULL, NULL);
    if (p->max_hours && valid.to - valid.from > p->max_hours * 3600) {
        char expected[40];
        snprintf(expected, sizeof expected, "at most %d hours", (int)p->max_hours);
        return fail(w, SITUS_NOT_ALLOWED, "validity", expected, TEXT_NUM(valid.to - valid.from),
                    NULL);
    }
    bool absent = !x509_has_eku(w->leaf);
    if (absent && p->eku_optional)
        note(w, "the AK certificate has no extended key usage");
    else if (absent || !x509_lists_eku(w->leaf, p->eku))
        return fail(w, SITUS_NOT_ALLOWED, "extended_key_usage", p->eku, absent ? "none" : "others",
                    "send the certificate of the attestation key");
    if (!x509_signs_only(w->leaf))
        return fail(w, SITUS_NOT_ALLOWED, "key_usage", "digitalSignature alone, and no CA",
                    "another use", "send the certificate of the attestation key");
    w->fresh.not_before = valid.from;
    w->fresh.not_after = valid.to;
    return true;
}

static bool check_key(struct work *w)
{
    struct situs_err err = {0};
    struct public_key *key = x509_key(w->leaf, part, &err);
    if (!key)
        return finding_fail_err(w->x.findings, CHECK_AK_CERTIFICATE, &err);
    bool same = verify_key_equal(key, w->x.q->ak->key);
    verify_key_free(key);
    return same || fail(w, SITUS_MISMATCH, "public_key", "the key in TPMT_PUBLIC(AK)",
                        "another key", "send the certificate of the key that signed the quote");
}

static void state(struct work *w)
{
    claim_bytes(w->x.claims, CLAIM_AK_PROVIDER, span_text(ak_profile_name(w->word->profile)));
    claim_num(w->x.claims, CLAIM_AK_NOT_BEFORE, w->word->not_before);
    claim_num(w->x.claims, CLAIM_AK_NOT_AFTER, w->word->not_after);
    finding_until(w->x.findings, CHECK_AK_CERTIFICATE, w->word->not_after, "the AK certificate");
    finding_until(w->x.findings, CHECK_AK_CERTIFICATE, w->word->same.to,
                  "the chain or CRL of the AK certificate");
}

/* What the certificate says without an extension, in the arena. */
static bool keep_words(struct work *w)
{
    if (!profile_of(w)->says)
        return true;
    uint8_t said[WORDS_MOST];
    struct wr out = wr_new(said, sizeof said);
    profile_of(w)->says(w->leaf, &out);
    w->fresh.extension = wr_ok(&out) ? arena_copy(w->arena, wr_span(&out)) : span_of(NULL, 0);
    return w->fresh.extension.n || fail(w, SITUS_NO_MEMORY, "names", NULL, NULL, NULL);
}

/* verify_word reads the certificate and verifies what depends on nothing but the time and what
 * identify counts in. */
static bool verify_word(struct work *w)
{
    w->word = &w->fresh;
    if (!read_leaf(w) || !pick_profile(w) || !check_provider(w) || !check_padding(w) ||
        !check_chain(w) || !check_usage(w) || !keep_words(w))
        return false;
    state(w);
    return check_key(w);
}

static bool add_digests(struct wr *w, const struct span *v, size_t n)
{
    uint8_t hash[32];
    wr_u32be(w, (uint32_t)n);
    for (size_t i = 0; i < n; i++) {
        if (!digest(HASH_SHA256, v[i], hash))
            return false;
        wr_bytes(w, SPAN_ARR(hash));
    }
    return true;
}

/* identify hashes everything that the word depends on, the time and the CRLs excepted: the key, the
 * certificates, the policy's words on CRLs, and which anchors speak for whom. False when it is too
 * much, or the key has no TPMT_PUBLIC. */
static bool identify(const struct ak_cert_question *q, uint8_t id[32])
{
    uint8_t memory[4096];
    struct wr w = wr_new(memory, sizeof memory);
    wr_bytes(&w, SPAN_ARR(q->ak->hash));
    if (!q->ak->has_public || !add_digests(&w, &q->sent->leaf, 1) ||
        !add_digests(&w, q->sent->intermediates, q->sent->n_intermediates))
        return false;
    wr_u8(&w, q->policy->v[PARAM_AK_CRL].flag);
    wr_u64be(&w, (uint64_t)q->policy->v[PARAM_AK_MAX_CRL_AGE].num);
    for (size_t i = 0; i < q->trust->n; i++) {
        const struct anchor *t = &q->trust->anchors[i];
        if (!(t->uses & ANCHOR_PROVIDER))
            continue;
        wr_u8(&w, (uint8_t)t->profile);
        wr_u8(&w, t->der.n > 0);
        wr_bytes(&w, SPAN_ARR(t->sha256));
    }
    return wr_ok(&w) && digest(HASH_SHA256, wr_span(&w), id);
}

/* same_crls says that those CRLs were given that have a say in the word's chain, and no others. */
static bool same_crls(const struct work *w, const struct ak_word *kept)
{
    uint8_t crls[32];
    return x509_crls_digest(w->x.q->sent->crls, &kept->issuers, crls) &&
           memcmp(crls, kept->crls, sizeof crls) == 0;
}

/* recall takes the word from the cache where it stands for this question, at this time and with
 * these CRLs too, and the policy names the provider; else false, and what is wrong is for
 * verify_word to say. */
static bool recall(struct work *w, const uint8_t id[32])
{
    const struct ak_word *kept = ak_cache_find(w->x.q->cache, id);
    if (!kept || w->x.q->at <= kept->same.from || w->x.q->at >= kept->same.to ||
        !same_crls(w, kept) || !policy_takes(w->x.q->policy, kept->profile) ||
        !find_anchor(w, kept))
        return false;
    w->word = kept;
    *w->notes = kept->notes;
    state(w);
    return true;
}

/* The profile's own rules. The extension is copied: claims outlive the certificate and the cache's
 * slot. */
static bool check_extension(struct work *w)
{
    if (!profile_of(w)->check)
        return true;
    w->x.said = arena_copy(w->arena, w->word->extension);
    if (w->x.said.n == 0)
        return fail(w, SITUS_NO_MEMORY, "extensions", NULL, NULL, NULL);
    return profile_of(w)->check(&w->x);
}

/* Whatever the profile calls its facilities; one that names none is in no country. */
static bool check_country(struct work *w)
{
    const struct claim *c = w->x.claims->v;
    const struct claim *place = c[CLAIM_FACILITY].set ? &c[CLAIM_FACILITY] : &c[CLAIM_GCE_ZONE];
    struct situs_err err = {0};
    return trust_places_decide(w->x.q->policy, PARAM_AK_COUNTRIES, w->x.q->trust, w->x.anchor,
                               place->set ? place->bytes : span_of(NULL, 0), part, &err) ||
           finding_fail_err(w->x.findings, CHECK_AK_CERTIFICATE, &err);
}

/* A claim speaks with the anchor's authority only if the TPM cannot have been made to say it. */
static void settle(struct work *w)
{
    struct findings *f = w->x.findings;
    finding_pass(f, CHECK_AK_CERTIFICATE);
    if (f->v[CHECK_TPM_SIGNATURE].outcome == OUTCOME_PASS &&
        f->v[CHECK_AK_ATTRIBUTES].outcome == OUTCOME_PASS &&
        f->v[CHECK_AK_CERTIFICATE].outcome == OUTCOME_PASS) {
        w->x.claims->authority = w->x.anchor;
        w->x.claims->issuers = w->word->issuers;
    }
}

void ak_cert_verify(const struct ak_cert_question *q, struct arena *a, struct claims *c,
                    struct ak_cert_notes *notes, struct findings *f)
{
    uint8_t id[32];
    c->authority = NULL;
    *notes = (struct ak_cert_notes){.n = 0};
    struct work w = {.x = {.q = q, .claims = c, .findings = f}, .arena = a, .notes = notes};
    bool identified = q->cache && identify(q, id);
    bool known = identified && recall(&w, id);
    if ((known || verify_word(&w)) && check_extension(&w) && check_country(&w)) {
        settle(&w);
        w.fresh.notes = *notes;
        if (identified && !known && x509_crls_digest(q->sent->crls, &w.fresh.issuers, w.fresh.crls))
            ak_cache_keep(q->cache, id, &w.fresh);
    }
    x509_free(w.leaf);
}
