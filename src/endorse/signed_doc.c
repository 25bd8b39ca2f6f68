/* Our signed lists' envelope; see signed_doc.h. */
#include "endorse/signed_doc.h"

#include "base/text.h"
#include "crypto/x509.h"

static bool read_protected(struct signed_doc *d, const char *content_type, struct situs_err *err)
{
    struct cbor c = cbor_new(d->cose.headers, d->cose.headers_at, d->part, err);
    size_t at = cbor_at(&c), n = cbor_map(&c, "protected");
    if (cbor_ok(&c) && n != 2)
        cbor_fail(&c, SITUS_MALFORMED, "protected", at, "alg and content type", TEXT_NUM(n));
    at = cbor_at(&c);
    if (cbor_int(&c, "protected") != COSE_ALG)
        cbor_fail(&c, SITUS_MISSING, "alg", at, "label 1", "another label");
    d->alg = cbor_int(&c, "alg");
    at = cbor_at(&c);
    if (cbor_int(&c, "protected") != COSE_CONTENT_TYPE)
        cbor_fail(&c, SITUS_MISSING, "content_type", at, "label 3", "another label");
    at = cbor_at(&c);
    struct span type = cbor_text(&c, "content_type");
    if (cbor_ok(&c) && !span_equal(type, span_text(content_type)))
        cbor_fail(&c, SITUS_MISMATCH, "content_type", at, content_type, TEXT_CUT(type));
    cbor_leave(&c, "protected");
    return cbor_end(&c, "protected");
}

/* RFC 9360 2: one certificate is a byte string, more are an array of two at least. */
static void read_chain(struct signed_doc *d, struct cbor *c)
{
    size_t at = cbor_at(c);
    if (cbor_peek(c) == CBOR_BYTES) {
        d->chain[0] = cbor_bytes(c, "x5chain");
        d->n_chain = 1;
        return;
    }
    size_t n = cbor_array(c, "x5chain");
    if (cbor_ok(c) && (n < 2 || n > LIMIT_CHAIN_CERTS))
        cbor_fail(c, n < 2 ? SITUS_MALFORMED : SITUS_TOO_LONG, "x5chain", at, "2 to 6 certificates",
                  TEXT_NUM(n));
    for (size_t i = 0; cbor_ok(c) && i < n; i++)
        d->chain[i] = cbor_bytes(c, "x5chain");
    d->n_chain = n;
    cbor_leave(c, "x5chain");
}

static bool read_unprotected(struct signed_doc *d, struct situs_err *err)
{
    struct cbor c = cbor_new(d->cose.unprotected, d->cose.unprotected_at, d->part, err);
    size_t at = cbor_at(&c), n = cbor_map(&c, "unprotected");
    if (cbor_ok(&c) && n != 1)
        cbor_fail(&c, SITUS_MALFORMED, "unprotected", at, "x5chain alone", TEXT_NUM(n));
    at = cbor_at(&c);
    if (cbor_int(&c, "unprotected") != COSE_X5CHAIN)
        cbor_fail(&c, SITUS_MISSING, "x5chain", at, "label 33", "another label");
    if (cbor_ok(&c))
        read_chain(d, &c);
    cbor_leave(&c, "unprotected");
    return cbor_end(&c, "unprotected");
}

bool signed_doc_read(struct signed_doc *d, struct span in, const char *content_type,
                     const char *part, struct situs_err *err)
{
    *d = (struct signed_doc){.part = part};
    if (in.n > LIMIT_LIST)
        return err_fail(err, SITUS_TOO_LONG, part, "cose", SITUS_NO_OFFSET, TEXT_BYTES(LIMIT_LIST),
                        TEXT_BYTES(in.n));
    if (cose_read(&d->cose, in, part, err) && read_protected(d, content_type, err) &&
        read_unprotected(d, err))
        return true;
    *d = (struct signed_doc){.part = part};
    return false;
}

void signed_doc_key(struct cbor *c, int64_t key, const char *field)
{
    size_t at = cbor_at(c);
    int64_t got = cbor_int(c, field);
    if (cbor_ok(c) && got != key)
        cbor_fail(c, SITUS_MISSING, field, at, TEXT_NUM(key), TEXT_NUM(got));
}

void signed_doc_number(struct cbor *c, int64_t key, uint64_t *number)
{
    signed_doc_key(c, key, "number");
    size_t at = cbor_at(c);
    *number = cbor_uint(c, "number");
    if (cbor_ok(c) && (*number == 0 || *number > INT64_MAX))
        cbor_fail(c, SITUS_MALFORMED, "number", at, "1 or more, of 63 bits", NULL);
}

int64_t signed_doc_time(struct cbor *c, int64_t key, const char *field)
{
    signed_doc_key(c, key, field);
    size_t at = cbor_at(c);
    uint64_t t = cbor_uint(c, field);
    if (cbor_ok(c) && t > SIGNED_DOC_TIME_MAX)
        cbor_fail(c, SITUS_MALFORMED, field, at, "a time before the year 10000", NULL);
    return (int64_t)t;
}

void signed_doc_window(struct cbor *c, int64_t this_update, int64_t next_update,
                       struct window *valid)
{
    valid->from = signed_doc_time(c, this_update, "this_update");
    size_t at = cbor_at(c);
    valid->to = signed_doc_time(c, next_update, "next_update");
    if (cbor_ok(c) && valid->to <= valid->from)
        cbor_fail(c, SITUS_MALFORMED, "next_update", at, "a time after this_update",
                  TEXT_TIME(valid->to));
}

struct span signed_doc_text(struct cbor *c, int64_t key, const char *field)
{
    signed_doc_key(c, key, field);
    size_t at = cbor_at(c);
    struct span s = cbor_text(c, field);
    if (cbor_ok(c) && (s.n == 0 || s.n > LIMIT_LIST_TEXT))
        cbor_fail(c, s.n ? SITUS_TOO_LONG : SITUS_MALFORMED, field, at, "1 to 1024 bytes of text",
                  TEXT_BYTES(s.n));
    return s;
}

bool signed_doc_older(int64_t at, int64_t from, int64_t amount, int64_t unit)
{
    return at > from && (at - from - 1) / unit >= amount;
}

static const struct x509_known *known_chain(const struct signed_doc *d,
                                            const struct signed_doc_rules *rules)
{
    if (!d->known || !trust_marked(&d->known->trust, rules->trust))
        return NULL;
    return rules->use == ANCHOR_LIST  ? &d->known->by_list
           : rules->use == ANCHOR_POE ? &d->known->by_poe
                                      : NULL;
}

static struct x509_question ask(const struct signed_doc *d, const struct x509 *leaf,
                                const struct trust_anchors *anchors, int64_t at)
{
    return (struct x509_question){.leaf = leaf,
                                  .extra = d->chain + 1,
                                  .n_extra = d->n_chain - 1,
                                  .anchors = anchors->v,
                                  .n_anchors = anchors->n,
                                  .at = at,
                                  .part = d->part};
}

static bool check_chain(const struct signed_doc *d, const struct x509 *leaf,
                        const struct signed_doc_rules *rules, struct signed_doc_signer *signer,
                        struct arena *a, struct situs_err *err)
{
    struct trust_anchors anchors;
    if (!trust_anchors(rules->trust, rules->use, AK_PROFILE_NONE, a, &anchors))
        return err_fail(err, SITUS_NO_MEMORY, d->part, "anchors", SITUS_NO_OFFSET, NULL, NULL);
    struct x509_question q = ask(d, leaf, &anchors, rules->at);
    q.known = known_chain(d, rules);
    q.crls = rules->crls;
    q.own_crls_alone = rules->own_crls_alone;
    q.require_crls = rules->require_crl;
    q.bundle_crl_days = rules->bundle_crl_days;
    struct x509_answer answer;
    bool ok = x509_verify(&q, &answer, err);
    if (answer.chained) {
        signer->anchor = anchors.from[answer.anchor];
        signer->issuers = answer.issuers;
        signer->crls_checked = answer.crls_checked;
        signer->until = answer.same.to;
        x509_subject(leaf, signer->subject, sizeof signer->subject);
    }
    return ok;
}

static bool check_signature(const struct signed_doc *d, const struct x509 *leaf,
                            struct situs_err *err)
{
    if (d->known && d->known->holds)
        return true;
    struct public_key *key = x509_key(leaf, d->part, err);
    if (!key)
        return false;
    bool ok = cose_verify(&d->cose, d->alg, key, NULL);
    verify_key_free(key);
    return ok ||
           err_fail(err, SITUS_BAD_SIGNATURE, d->part, "signature", SITUS_NO_OFFSET, NULL, NULL);
}

/* Nothing is left to ask but the time: no CRL is demanded, none that is given has a say. What the
 * chain's certificates say was kept, since decoding each costs as much as a signature. */
static bool is_known(const struct signed_doc *d, const struct signed_doc_rules *rules,
                     struct signed_doc_signer *signer)
{
    const struct x509_known *chain = known_chain(d, rules);
    if (!x509_known_at(chain, rules->at) || !d->known->holds || rules->require_crl ||
        x509_crls_concern(rules->crls, &chain->answer.issuers))
        return false;
    signer->anchor = trust_find(rules->trust, chain->answer.sha256, rules->use);
    signer->issuers = chain->answer.issuers;
    signer->until = chain->answer.same.to;
    memcpy(signer->subject, d->known->subject, sizeof signer->subject);
    return signer->anchor != NULL;
}

bool signed_doc_verify(const struct signed_doc *d, const struct signed_doc_rules *rules,
                       struct signed_doc_signer *signer, struct arena *a, struct situs_err *err)
{
    *signer = (struct signed_doc_signer){0};
    if (d->alg != COSE_ESP384 && d->alg != COSE_ES384)
        return err_fail(err, SITUS_UNSUPPORTED, d->part, "alg", SITUS_NO_OFFSET,
                        "-51 (ESP384) or -35 (ES384)", TEXT_NUM(d->alg));
    if (is_known(d, rules, signer))
        return true;
    struct x509 *leaf = x509_read(d->chain[0], NULL, d->part, err);
    if (!leaf)
        return false;
    bool ok = false;
    if (!x509_signs_only(leaf))
        err_fail(err, SITUS_NOT_ALLOWED, d->part, "chain[0].key_usage", SITUS_NO_OFFSET,
                 "digitalSignature alone, and no CA", "another use");
    else
        ok = check_chain(d, leaf, rules, signer, a, err) && check_signature(d, leaf, err);
    x509_free(leaf);
    return ok;
}

static bool know_chain(const struct signed_doc *d, const struct x509 *leaf,
                       const struct trust *trust, enum anchor_use use, int64_t at,
                       struct arena scratch, struct x509_known *known)
{
    struct trust_anchors anchors;
    if (!trust_anchors(trust, use, AK_PROFILE_NONE, &scratch, &anchors))
        return false;
    const struct x509_question q = ask(d, leaf, &anchors, at);
    x509_know(&q, known);
    return true;
}

bool signed_doc_know(struct signed_doc *d, const struct trust *trust, int64_t at, struct arena *a)
{
    struct situs_err why = {0};
    struct window valid;
    struct signed_doc_known *known = ARENA_NEW(a, struct signed_doc_known);
    if (!known)
        return false;
    struct x509 *leaf = x509_read(d->chain[0], NULL, d->part, &why);
    if (!leaf)
        return true;
    at = x509_validity(leaf, &valid) && valid.from > at ? valid.from : at;
    bool ok = know_chain(d, leaf, trust, ANCHOR_LIST, at, *a, &known->by_list) &&
              know_chain(d, leaf, trust, ANCHOR_POE, at, *a, &known->by_poe);
    known->trust = trust_mark(trust);
    known->holds = (d->alg == COSE_ESP384 || d->alg == COSE_ES384) && x509_signs_only(leaf) &&
                   check_signature(d, leaf, &why);
    x509_subject(leaf, known->subject, sizeof known->subject);
    d->known = known;
    x509_free(leaf);
    return ok;
}
