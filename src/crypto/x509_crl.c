/* What CRLs say of a chain (RFC 5280 6.3.3); see x509_crl.h. Nothing here is asked of OpenSSL but
 * names, keys and serial numbers: which CRLs it takes, and which it picks, depends on its
 * version. */
#include "crypto/x509_crl.h"

#include "base/text.h"
#include "codec/der.h"
#include "crypto/x509_openssl.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <stdio.h>

#define DAY 86400

bool x509_is_of_crl(const struct situs_err *err)
{
    const char *name = strchr(err->field, '.');
    return name && strncmp(name, ".crl", 4) == 0 && (name[4] == 0 || name[4] == '.');
}

static const char oid_distribution_points[] = "2.5.29.31"; /* 4.2.1.13 */

/* Context tags of a DistributionPoint (4.2.1.13) and a GeneralName (4.2.1.6). */
enum { POINT_REASONS = 0x81, POINT_ISSUER = 0xa2, NAME_IS_URI = 0x86 };

bool x509_crls_add(struct x509_crls *crls, struct span der, bool from_bundle)
{
    static const struct crl_rules rules = {.intel = false};
    if (crls->n == LIMIT_ENDORSEMENTS)
        return false;
    struct x509_crl *c = &crls->v[crls->n++];
    *c = (struct x509_crl){.der = der, .from_bundle = from_bundle};
    crl_read(&c->crl, der, &rules, "crl", &c->why);
    return true;
}

static bool hash_issuer(const X509_NAME *name, uint32_t *hash)
{
    int ok = 0;
    *hash = (uint32_t)X509_NAME_hash_ex(name, NULL, NULL, &ok);
    return ok == 1;
}

/* SHA-256 of the name's DER as its certificate has it. */
static bool hash_written(const X509_NAME *name, uint8_t out[32])
{
    const unsigned char *der;
    size_t n;
    return X509_NAME_get0_der(name, &der, &n) == 1 && digest(HASH_SHA256, span_of(der, n), out);
}

bool x509_learn_issuers(const STACK_OF(X509) * chain, struct x509_issuers *out)
{
    int top = sk_X509_num(chain) - 1;
    out->n = 0;
    for (int i = 0; i < top && i <= LIMIT_CHAIN_CERTS; i++, out->n++) {
        const X509 *issuer = sk_X509_value(chain, i + 1);
        const X509_NAME *name = X509_get_subject_name(issuer);
        if (!hash_issuer(name, &out->v[i]) || !hash_written(name, out->name[i]) ||
            !x509_key_sha256((const struct x509 *)issuer, out->key[i]))
            return false;
    }
    return true;
}

bool x509_issuers_share(const struct x509_issuers *a, const struct x509_issuers *b)
{
    for (size_t i = 0; i < a->n; i++)
        for (size_t k = 0; k < b->n; k++)
            if (memcmp(a->key[i], b->key[k], sizeof a->key[i]) == 0)
                return true;
    return false;
}

/* The issuer's name, as OpenSSL's; NULL when it does not read. */
static X509_NAME *issuer_name(const struct x509_crl *c)
{
    const unsigned char *p = c->crl.issuer.p;
    size_t n = c->crl.issuer.n;
    X509_NAME *name = n && n <= LIMIT_CERT ? d2i_X509_NAME(NULL, &p, (long)n) : NULL;
    if (name && p != c->crl.issuer.p + n) {
        X509_NAME_free(name);
        name = NULL;
    }
    ERR_clear_error();
    return name;
}

static void learn_name(struct x509_crl *c)
{
    if (c->name != X509_NAME_UNREAD)
        return;
    X509_NAME *name = issuer_name(c);
    c->name = name && hash_issuer(name, &c->name_hash) ? X509_NAME_HASHED : X509_NAME_BAD;
    X509_NAME_free(name);
}

/* Whether the CRL may be of this issuer: also where its name does not read. */
static bool names(struct x509_crl *c, const X509_NAME *issuer, uint32_t hash)
{
    learn_name(c);
    if (c->name == X509_NAME_BAD)
        return true;
    if (c->name_hash != hash)
        return false;
    X509_NAME *name = issuer_name(c);
    int order = name ? X509_NAME_cmp(name, issuer) : 0;
    X509_NAME_free(name);
    return order == 0 || order < -1; /* -2: it could not compare */
}

/* Of a name that an issuer writes alike, the hash is known without decoding it. */
static void recognize(struct x509_crl *c, const struct x509_issuers *issuers)
{
    uint8_t written[32];
    if (c->name != X509_NAME_UNREAD || !digest(HASH_SHA256, c->crl.issuer, written))
        return;
    for (size_t i = 0; i < issuers->n; i++)
        if (memcmp(written, issuers->name[i], sizeof written) == 0) {
            c->name = X509_NAME_HASHED;
            c->name_hash = issuers->v[i];
        }
}

static bool concerns(struct x509_crl *c, const struct x509_issuers *issuers)
{
    recognize(c, issuers);
    learn_name(c);
    bool any = c->name == X509_NAME_BAD;
    for (size_t i = 0; i < issuers->n; i++)
        any |= issuers->v[i] == c->name_hash;
    return any;
}

bool x509_crls_concern(struct x509_crls *crls, const struct x509_issuers *issuers)
{
    bool any = false;
    for (size_t i = 0; crls && i < crls->n; i++)
        any |= concerns(&crls->v[i], issuers);
    return any;
}

bool x509_crls_digest(struct x509_crls *crls, const struct x509_issuers *issuers, uint8_t out[32])
{
    uint8_t all[LIMIT_ENDORSEMENTS * 33];
    size_t used = 0;
    for (size_t i = 0; crls && i < crls->n; i++) {
        struct x509_crl *c = &crls->v[i];
        if (!concerns(c, issuers))
            continue;
        if (!c->hashed && !digest(HASH_SHA256, c->der, c->sha256))
            return false;
        c->hashed = true;
        all[used++] = c->from_bundle;
        memcpy(all + used, c->sha256, 32);
        used += 32;
    }
    return digest(HASH_SHA256, span_of(all, used), out);
}

/* One certificate of a chain and its issuer's, while CRLs are looked through. */
struct lookup {
    const struct x509_question *q;
    int depth;
    X509 *cert, *issuer;
    uint8_t serial[LIMIT_CERT];
    size_t serial_size;
    const uint8_t *key; /* SHA-256 of the issuer's SubjectPublicKeyInfo */
    const struct crl *newest;
    bool listed;          /* by any complete CRL of the issuer */
    bool own, own_counts; /* the caller gave one of that name; one that counts */
    const char *apart;    /* what is wrong with one that does not count */
    struct situs_err why; /* of one that cannot be used at all */
};

static bool fail(const struct lookup *l, enum situs_code code, const char *name,
                 const char *expected, const char *got, struct situs_err *err)
{
    char field[80];
    snprintf(field, sizeof field, "chain[%d].%s", l->depth, name);
    return err_fail(err, code, l->q->part, field, SITUS_NO_OFFSET, expected, got);
}

/* The first reason counts; it keeps its offset in the CRL. */
static void spoil(struct lookup *l, const struct situs_err *why)
{
    char field[80];
    const char *name = strncmp(why->field, "tbs.", 4) == 0 ? why->field + 4 : why->field;
    bool whole = strcmp(name, "crl") == 0;
    snprintf(field, sizeof field, whole ? "chain[%d].%.40s" : "chain[%d].crl.%.40s", l->depth,
             name);
    err_fail(&l->why, why->code, l->q->part, field, why->at, why->expected, why->got);
}

static bool read_entries(const struct crl *crl, struct situs_err *bad)
{
    struct span serial;
    struct rd entries = crl_entries(crl, "crl", bad);
    while (rd_left(&entries))
        if (!crl_entry(&entries, &serial))
            return false;
    return rd_ok(&entries);
}

static bool is_judged(const struct x509_crl *c, const uint8_t key[32])
{
    return c->judged && memcmp(c->key, key, sizeof c->key) == 0;
}

static void judge(struct x509_crl *c, const struct x509 *issuer, const uint8_t of_key[32])
{
    c->bad = (struct situs_err){0};
    struct public_key *key = x509_key(issuer, "crl", &c->bad);
    if (key && crl_signed_by(&c->crl, key, &c->bad))
        read_entries(&c->crl, &c->bad);
    verify_key_free(key);
    memcpy(c->key, of_key, sizeof c->key);
    c->judged = true;
}

/* Judged once under a key; who brings two chains with another key under one name makes it judged
 * anew. */
static bool holds(struct lookup *l, struct x509_crl *c)
{
    if (!is_judged(c, l->key))
        judge(c, (const struct x509 *)l->issuer, l->key);
    if (c->bad.code != SITUS_NONE)
        spoil(l, &c->bad);
    return c->bad.code == SITUS_NONE;
}

/* Whether the list of GeneralNames has this URI. */
static bool has_uri(struct span list, struct span uri)
{
    struct situs_err why = {0};
    struct rd r = rd_new(list, 0, "", &why);
    while (rd_left(&r)) {
        bool is_uri = der_peek(&r) == NAME_IS_URI;
        struct span name = der_value(&r, der_peek(&r), "");
        if (rd_ok(&r) && is_uri && span_equal(name, uri))
            return true;
    }
    return false;
}

/* A point of the certificate's with one of the CRL's URIs (6.3.3 b): one for some reasons, or of
 * another issuer, is none. */
static bool is_point(struct rd *list, struct span names)
{
    struct situs_err why = {0};
    struct rd point = der_enter(list, DER_SEQUENCE, "");
    struct rd name = der_enter(&point, DER_EXPLICIT_0, "");
    struct span full = der_value(&name, DER_EXPLICIT_0, "");
    if (!rd_end(&name, "") || !rd_end(&point, ""))
        return false;
    struct rd r = rd_new(names, 0, "", &why);
    while (rd_left(&r))
        if (has_uri(full, der_value(&r, NAME_IS_URI, "")))
            return true;
    return false;
}

static bool repeats_point(const X509 *cert, struct span names)
{
    struct situs_err why = {0};
    struct span value = x509_extension((const struct x509 *)cert, oid_distribution_points);
    struct rd r = rd_new(value, 0, "", &why);
    struct rd list = der_enter(&r, DER_SEQUENCE, "");
    while (rd_end(&r, "") && rd_left(&list)) {
        struct rd one = list;
        struct situs_err ignored = {0};
        one.err = &ignored;
        if (is_point(&one, names))
            return true;
        der_value(&list, DER_SEQUENCE, "");
    }
    return false;
}

/* What takes a complete CRL of that name out of the count: another key of the issuer, or another
 * part of what it issued. NULL: nothing. */
static const char *is_apart(const struct lookup *l, const struct crl *crl)
{
    const ASN1_OCTET_STRING *id = X509_get0_subject_key_id(l->issuer);
    if (id && crl->authority_key_id.n &&
        !span_equal(crl->authority_key_id,
                    span_of(ASN1_STRING_get0_data(id), (size_t)ASN1_STRING_length(id))))
        return "one of another key of this issuer";
    if (crl->point.n && !repeats_point(l->cert, crl->point))
        return "one of a distribution point that the certificate does not name";
    return NULL;
}

/* 6.3.3 f */
static bool may_sign_crls(struct lookup *l)
{
    uint32_t usage = X509_get_key_usage(l->issuer); /* UINT32_MAX: no such extension */
    ERR_clear_error();
    return (usage & KU_CRL_SIGN) || fail(l, SITUS_UNTRUSTED, "crl.issuer",
                                         "a CA that may sign CRLs", "another use", &l->why);
}

/* Equally new: the one that ends first. */
static bool is_newer(const struct crl *crl, const struct crl *than)
{
    return !than || crl->valid.from > than->valid.from ||
           (crl->valid.from == than->valid.from && crl->valid.to < than->valid.to);
}

static void look_up(struct lookup *l, struct x509_crl *c)
{
    l->own |= !c->from_bundle;
    if (c->name == X509_NAME_BAD && c->why.code == SITUS_NONE)
        err_fail(&c->why, SITUS_MALFORMED, "crl", "issuer", SITUS_NO_OFFSET, "a name", NULL);
    if (c->why.code != SITUS_NONE) {
        spoil(l, &c->why);
        return;
    }
    const char *apart = is_apart(l, &c->crl);
    if (apart)
        l->apart = apart;
    if (apart || !may_sign_crls(l) || !holds(l, c))
        return;
    l->own_counts |= !c->from_bundle;
    l->listed |= crl_lists(&c->crl, span_of(l->serial, l->serial_size));
    if (is_newer(&c->crl, l->newest))
        l->newest = &c->crl;
}

/* The CRL's serial numbers are DER, so the certificate's is too: what OpenSSL read back as it was
 * written. */
static bool begin(struct lookup *l, struct situs_err *err)
{
    unsigned char *der = NULL;
    int n = i2d_ASN1_INTEGER(X509_get0_serialNumber(l->cert), &der);
    struct situs_err why = {0};
    struct rd r = rd_new(span_of(der, n > 0 ? (size_t)n : 0), 0, "", &why);
    struct span serial = der_integer(&r, "");
    bool ok = rd_end(&r, "") && serial.n <= sizeof l->serial;
    if (ok) {
        memcpy(l->serial, serial.p, serial.n);
        l->serial_size = serial.n;
    }
    OPENSSL_free(der);
    return ok || fail(l, SITUS_INTERNAL, "serial_number", "a number", "none", err);
}

/* The newest thisUpdate decides on the time: an older CRL that is still in its own was replaced. */
static bool check_time(const struct lookup *l, struct x509_answer *answer, bool *missed,
                       struct situs_err *err)
{
    struct window w = l->newest->valid;
    int64_t at = l->q->at;
    if (at < w.from)
        return fail(l, SITUS_NOT_YET_VALID, "crl.this_update", TEXT_TIME(w.from), TEXT_TIME(at),
                    err);
    if (at > w.to)
        return fail(l, SITUS_EXPIRED, "crl.next_update", TEXT_TIME(w.to), TEXT_TIME(at), err);
    x509_bound(at, &answer->same, w.from);
    x509_bound(at, &answer->same, w.to);
    if (l->own)
        return true;
    int64_t age = at - w.from, days = l->q->bundle_crl_days;
    if (days < INT32_MAX)
        x509_bound(at, &answer->same, w.from + days * DAY);
    if (age == 0 || (age - 1) / DAY < days)
        return true;
    *missed = true;
    return !l->q->require_crls ||
           (fail(l, SITUS_EXPIRED, "crl.this_update", "a CRL of the age that the policy allows",
                 TEXT_TIME(w.from), err),
            err_hint(err, "give the issuer's newest CRL beside the evidence"));
}

static bool decide(const struct lookup *l, struct x509_answer *answer, bool *missed,
                   struct situs_err *err)
{
    if (l->listed)
        return fail(l, SITUS_REVOKED, "serial_number", "a certificate that no CRL lists",
                    TEXT_HEX(span_of(l->serial, l->serial_size)), err);
    if (l->why.code != SITUS_NONE) {
        *err = err->code == SITUS_NONE ? l->why : *err;
        return false;
    }
    /* What the sender of the evidence adds makes none of the caller's good. */
    if (l->apart && (!l->newest || (l->own && !l->own_counts)))
        return fail(l, SITUS_MISSING, "crl", "one for this certificate", l->apart, err);
    if (l->newest)
        return check_time(l, answer, missed, err);
    *missed = true;
    return !l->q->require_crls || fail(l, SITUS_MISSING, "crl", "the issuer's CRL", "none", err);
}

static bool check_one(const struct x509_question *q, int depth, X509 *cert, X509 *issuer,
                      struct x509_answer *answer, bool *missed, struct situs_err *err)
{
    struct lookup l = {
        .q = q, .depth = depth, .cert = cert, .issuer = issuer, .key = answer->issuers.key[depth]};
    const X509_NAME *name = X509_get_subject_name(issuer);
    uint32_t hash = answer->issuers.v[depth];
    if (!begin(&l, err))
        return false;
    for (size_t i = 0; q->crls && i < q->crls->n; i++) {
        struct x509_crl *c = &q->crls->v[i];
        if (!(q->own_crls_alone && c->from_bundle) && names(c, name, hash))
            look_up(&l, c);
    }
    return decide(&l, answer, missed, err);
}

bool x509_check_crls(const struct x509_question *q, const STACK_OF(X509) * chain,
                     struct x509_answer *answer, struct situs_err *err)
{
    bool missed = false;
    for (int i = 0; i < (int)answer->issuers.n; i++)
        if (!check_one(q, i, sk_X509_value(chain, i), sk_X509_value(chain, i + 1), answer, &missed,
                       err))
            return false;
    answer->crls_checked = !missed;
    return true;
}

/* One that does not hold is judged again where it counts: memory may have been short. */
static void know_one(struct x509_crl *c, const struct x509 *issuer, const uint8_t key[32])
{
    if (c->judged || c->why.code != SITUS_NONE)
        return;
    judge(c, issuer, key);
    c->judged = c->bad.code == SITUS_NONE;
}

void x509_crls_know(struct x509_crls *crls, struct span cert)
{
    struct situs_err why = {0};
    uint8_t key[32];
    uint32_t hash;
    for (size_t i = 0; i < crls->n; i++) {
        struct x509_crl *c = &crls->v[i];
        learn_name(c);
        c->hashed = c->hashed || digest(HASH_SHA256, c->der, c->sha256);
    }
    struct x509 *issuer = crls->n ? x509_read(cert, NULL, "", &why) : NULL;
    const X509_NAME *name = issuer ? X509_get_subject_name(x509_openssl(issuer)) : NULL;
    if (name && hash_issuer(name, &hash) && x509_key_sha256(issuer, key))
        for (size_t i = 0; i < crls->n; i++)
            if (crls->v[i].name == X509_NAME_HASHED && names(&crls->v[i], name, hash))
                know_one(&crls->v[i], issuer, key);
    x509_free(issuer);
    ERR_clear_error();
}
