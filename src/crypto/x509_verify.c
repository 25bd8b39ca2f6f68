/* Chain verification by X509_verify_cert (RFC 5280, 6); see x509.h. */
#include "base/limits.h"
#include "base/text.h"
#include "codec/der.h"
#include "crypto/digest.h"
#include "crypto/x509_openssl.h"

#include <openssl/err.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <stdio.h>

#define AUTH_LEVEL 2 /* SSL_CTX_set_security_level(3): 112 bits, no SHA-1 */

/* Key identifiers help to find an issuer (RFC 5280, 4.2.1.1): one that is there must fit, but small
 * CAs leave them out, and the signature is what counts. */
static int judge(int ok, X509_STORE_CTX *ctx)
{
    int error = X509_STORE_CTX_get_error(ctx);
    if (ok || (error != X509_V_ERR_MISSING_AUTHORITY_KEY_IDENTIFIER &&
               error != X509_V_ERR_MISSING_SUBJECT_KEY_IDENTIFIER))
        return ok;
    X509_STORE_CTX_set_error(ctx, X509_V_OK);
    return 1;
}

static const struct {
    int error;
    enum situs_code code;
    const char *field;
} errors[] = {
    {X509_V_ERR_CERT_HAS_EXPIRED, SITUS_EXPIRED, "not_after"},
    {X509_V_ERR_CERT_NOT_YET_VALID, SITUS_NOT_YET_VALID, "not_before"},
    {X509_V_ERR_CERT_SIGNATURE_FAILURE, SITUS_BAD_SIGNATURE, "signature"},
    {X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, SITUS_UNTRUSTED, "issuer"},
    {X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, SITUS_UNTRUSTED, "issuer"},
    {X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, SITUS_UNTRUSTED, "issuer"},
    {X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN, SITUS_UNTRUSTED, "issuer"},
    {X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, SITUS_UNTRUSTED, "issuer"},
    {X509_V_ERR_INVALID_CA, SITUS_UNTRUSTED, "basic_constraints"},
    {X509_V_ERR_PATH_LENGTH_EXCEEDED, SITUS_UNTRUSTED, "basic_constraints"},
    {X509_V_ERR_EE_KEY_TOO_SMALL, SITUS_NOT_ALLOWED, "key"},
    {X509_V_ERR_CA_KEY_TOO_SMALL, SITUS_NOT_ALLOWED, "key"},
    {X509_V_ERR_CA_MD_TOO_WEAK, SITUS_NOT_ALLOWED, "signature_algorithm"},
    {X509_V_ERR_UNHANDLED_CRITICAL_EXTENSION, SITUS_UNSUPPORTED, "extensions"},
    {X509_V_ERR_OUT_OF_MEM, SITUS_INTERNAL, "memory"},
};

static bool fail(const struct x509_question *q, int depth, enum situs_code code, const char *name,
                 const char *got, struct situs_err *err)
{
    char field[64];
    snprintf(field, sizeof field, "chain[%d].%s", depth, name);
    return err_fail(err, code, q->part, field, SITUS_NO_OFFSET,
                    code == SITUS_UNTRUSTED ? "a chain to a trust anchor for this use" : NULL, got);
}

static bool fail_openssl(const struct x509_question *q, X509_STORE_CTX *ctx, struct situs_err *err)
{
    int error = X509_STORE_CTX_get_error(ctx), depth = X509_STORE_CTX_get_error_depth(ctx);
    const char *text = X509_verify_cert_error_string(error);
    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++)
        if (errors[i].error == error)
            return fail(q, depth, errors[i].code, errors[i].field, text, err);
    return fail(q, depth, SITUS_UNTRUSTED, "profile", text, err);
}

/* The index of the anchor with the certificate's hash; n_anchors when there is none. */
static size_t find_anchor(const struct x509_question *q, const X509 *cert)
{
    uint8_t hash[32];
    size_t i = q->n_anchors;
    if (X509_digest(cert, EVP_sha256(), hash, NULL) == 1)
        for (i = 0; i < q->n_anchors; i++)
            if (memcmp(q->anchors[i].sha256, hash, sizeof hash) == 0)
                break;
    return i;
}

/* A time that cannot be read leaves nothing of the span. */
static void bound(const struct x509_question *q, struct window *same, const ASN1_TIME *t)
{
    int64_t when;
    if (x509_time(&when, t))
        x509_bound(q->at, same, when);
    else
        *same = (struct window){q->at, q->at};
}

static void bound_cert(const struct x509_question *q, struct window *same, const X509 *cert)
{
    bound(q, same, X509_get0_notBefore(cert));
    bound(q, same, X509_get0_notAfter(cert));
}

/* What is filled in: an anchor goes into the store, other certificates beside it; given has both. */
struct filling {
    X509_STORE *store;
    STACK_OF(X509) * others, *given;
    struct window same;
};

static bool add_cert(const struct x509_question *q, struct span der, struct filling *to,
                     struct situs_err *err)
{
    struct x509 *cert = x509_read(der, NULL, q->part, err);
    if (!cert)
        return false;
    X509 *x = x509_openssl(cert);
    bool anchor = find_anchor(q, x) < q->n_anchors;
    bool ok = X509_add_cert(to->given, x, X509_ADD_FLAG_UP_REF) == 1;
    ok = ok &&
         (anchor ? X509_STORE_add_cert(to->store, x) == 1 /* counts its own reference */
                 : X509_add_cert(to->others, x, X509_ADD_FLAG_UP_REF | X509_ADD_FLAG_NO_DUP) == 1);
    bound_cert(q, &to->same, x);
    x509_free(cert);
    return ok || err_fail(err, SITUS_INTERNAL, q->part, "store", SITUS_NO_OFFSET, NULL, NULL);
}

/* subject_of is the subject of a certificate, without its key: to read that takes as long as a signature. NULL: it does not
 * read. */
static X509_NAME *subject_of(struct span cert)
{
    struct situs_err ignored = {0};
    struct rd r = rd_new(cert, 0, "", &ignored);
    struct rd signed_part = der_enter(&r, DER_SEQUENCE, "");
    struct rd tbs = der_enter(&signed_part, DER_SEQUENCE, "");
    if (der_peek(&tbs) == DER_EXPLICIT_0)
        der_element(&tbs, DER_EXPLICIT_0, "version");
    der_integer(&tbs, "serial");
    static const char *const before[] = {"signature", "issuer", "validity"};
    for (size_t i = 0; i < sizeof before / sizeof *before; i++)
        der_element(&tbs, DER_SEQUENCE, before[i]);
    struct span name = der_element(&tbs, DER_SEQUENCE, "subject");
    const unsigned char *p = name.p;
    return rd_ok(&tbs) ? d2i_X509_NAME(NULL, &p, (long)name.n) : NULL;
}

/* is_issuer says that an anchor is named as issuer by a certificate that was given; and so it is when its name does not
 * read, which is an error to tell. */
static bool is_issuer(const struct x509_question *q, STACK_OF(X509) * given, struct span anchor)
{
    X509_NAME *subject = subject_of(anchor);
    bool yes = !subject || X509_NAME_cmp(subject, X509_get_issuer_name(x509_openssl(q->leaf))) == 0;
    for (int i = 0; !yes && i < sk_X509_num(given); i++)
        yes = X509_NAME_cmp(subject, X509_get_issuer_name(sk_X509_value(given, i))) == 0;
    X509_NAME_free(subject);
    return yes;
}

static bool fill(const struct x509_question *q, struct filling *to, struct situs_err *err)
{
    if (q->n_extra > LIMIT_CHAIN_CERTS)
        return err_fail(err, SITUS_TOO_LONG, q->part, "chain", SITUS_NO_OFFSET,
                        TEXT_NUM(LIMIT_CHAIN_CERTS), NULL);
    bound_cert(q, &to->same, x509_openssl(q->leaf));
    for (size_t i = 0; i < q->n_extra; i++)
        if (!add_cert(q, q->extra[i], to, err))
            return false;
    for (size_t i = 0; i < q->n_anchors; i++)
        if (q->anchors[i].der.n && is_issuer(q, to->given, q->anchors[i].der) &&
            !add_cert(q, q->anchors[i].der, to, err))
            return false;
    return true;
}

static void set_rules(const struct x509_question *q, X509_STORE_CTX *ctx)
{
    X509_VERIFY_PARAM *param = X509_STORE_CTX_get0_param(ctx);
    /* An anchor's signature over itself is not asked: DESIGN, decisions. */
    X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_X509_STRICT | X509_V_FLAG_PARTIAL_CHAIN);
    X509_VERIFY_PARAM_set_time(param, (time_t)q->at);
    X509_VERIFY_PARAM_set_depth(param, LIMIT_CHAIN_CERTS);
    X509_VERIFY_PARAM_set_auth_level(param, AUTH_LEVEL);
    X509_STORE_CTX_set_verify_cb(ctx, judge);
}

/* The times of the chain; X509_verify_cert has judged each of them at q->at. */
static bool shared_time(STACK_OF(X509) * chain, struct window *shared)
{
    *shared = (struct window){INT64_MIN, INT64_MAX};
    for (int i = 0; i < sk_X509_num(chain); i++) {
        struct window w;
        if (!x509_validity((const struct x509 *)sk_X509_value(chain, i), &w))
            return false;
        shared->from = w.from > shared->from ? w.from : shared->from;
        shared->to = w.to < shared->to ? w.to : shared->to;
    }
    return true;
}

/* The anchor that ends the chain, also where something else is wrong with it. */
static void find_end(const struct x509_question *q, STACK_OF(X509) * chain,
                     struct x509_answer *answer)
{
    int top = chain ? sk_X509_num(chain) - 1 : 0;
    answer->anchor = top > 0 ? find_anchor(q, sk_X509_value(chain, top)) : q->n_anchors;
    answer->chained = answer->anchor < q->n_anchors;
    if (answer->chained)
        memcpy(answer->sha256, q->anchors[answer->anchor].sha256, sizeof answer->sha256);
}

/* Where the chain above the leaf came from: bytes that outlive it. */
static bool keep_chain(const struct x509_question *q, STACK_OF(X509) * chain,
                       struct x509_known *known)
{
    size_t n = (size_t)sk_X509_num(chain) - 1;
    uint8_t hash[32], other[32];
    if (n == 0 || n > sizeof known->above / sizeof *known->above)
        return false;
    for (size_t i = 0; i < n; i++) {
        const X509 *cert = sk_X509_value(chain, (int)i + 1);
        size_t anchor = find_anchor(q, cert);
        struct span *der = &known->above[i];
        *der = anchor < q->n_anchors ? q->anchors[anchor].der : span_of(NULL, 0);
        if (X509_digest(cert, EVP_sha256(), hash, NULL) != 1)
            return false;
        for (size_t k = 0; der->n == 0 && k < q->n_extra; k++)
            if (digest(HASH_SHA256, q->extra[k], other) && memcmp(hash, other, sizeof hash) == 0)
                *der = q->extra[k];
        if (der->n == 0)
            return false;
    }
    known->n = n;
    return true;
}

/* The known chain, whose leaf is the question's; NULL: it does not read, for want of memory. */
static STACK_OF(X509) * read_chain(const struct x509_question *q)
{
    STACK_OF(X509) *chain = sk_X509_new_null();
    struct situs_err why = {0};
    bool ok = chain && X509_add_cert(chain, x509_openssl(q->leaf), X509_ADD_FLAG_UP_REF) == 1;
    for (size_t i = 0; ok && i < q->known->n; i++) {
        struct x509 *cert = x509_read(q->known->above[i], NULL, q->part, &why);
        ok = cert && X509_add_cert(chain, x509_openssl(cert), X509_ADD_FLAG_UP_REF) == 1;
        x509_free(cert);
    }
    if (ok)
        return chain;
    sk_X509_pop_free(chain, X509_free);
    return NULL;
}

bool x509_known_at(const struct x509_known *known, int64_t at)
{
    return known && known->n && at > known->answer.same.from && at < known->answer.same.to;
}

static bool run_known(const struct x509_question *q, struct x509_answer *answer,
                      struct situs_err *err)
{
    STACK_OF(X509) *chain = read_chain(q);
    bool ok = chain != NULL;
    if (ok) {
        *answer = q->known->answer;
        ok = x509_check_crls(q, chain, answer, err);
    } else {
        err_fail(err, SITUS_INTERNAL, q->part, "chain", SITUS_NO_OFFSET, NULL, NULL);
    }
    sk_X509_pop_free(chain, X509_free);
    return ok;
}

static bool run(const struct x509_question *q, X509_STORE_CTX *ctx, struct x509_answer *answer,
                struct x509_known *known, struct situs_err *err)
{
    set_rules(q, ctx);
    bool ok = X509_verify_cert(ctx) == 1;
    STACK_OF(X509) *chain = X509_STORE_CTX_get0_chain(ctx);
    find_end(q, chain, answer);
    if (answer->chained && !x509_learn_issuers(chain, &answer->issuers)) {
        answer->chained = false; /* nobody may conclude from an authority that is not there */
        return fail(q, 0, SITUS_INTERNAL, "issuer", NULL, err);
    }
    if (!ok)
        return fail_openssl(q, ctx, err);
    int top = sk_X509_num(chain) - 1;
    if (!answer->chained)
        return fail(q, top > 0 ? top : 0, SITUS_UNTRUSTED, "issuer", "a leaf as its own anchor",
                    err);
    if (!shared_time(chain, &answer->valid))
        return fail(q, 0, SITUS_MALFORMED, "validity", "no time", err);
    if (known)
        return keep_chain(q, chain, known);
    return x509_check_crls(q, chain, answer, err);
}

/* known NULL: the CRLs have their say; else the chain is kept there. */
static bool verify(const struct x509_question *q, struct x509_answer *answer,
                   struct x509_known *known, struct situs_err *err)
{
    bool ok = false;
    struct filling in = {
        X509_STORE_new(), sk_X509_new_null(), sk_X509_new_null(), {INT64_MIN, INT64_MAX}};
    X509_STORE_CTX *ctx = X509_STORE_CTX_new();
    if (!in.store || !ctx || !in.others || !in.given)
        err_fail(err, SITUS_INTERNAL, q->part, "store", SITUS_NO_OFFSET, NULL, NULL);
    else if (!fill(q, &in, err))
        goto done;
    else if (X509_STORE_CTX_init(ctx, in.store, x509_openssl(q->leaf), in.others) != 1)
        err_fail(err, SITUS_INTERNAL, q->part, "store", SITUS_NO_OFFSET, NULL, NULL);
    else {
        answer->same = in.same;
        ok = run(q, ctx, answer, known, err);
    }
done:
    X509_STORE_CTX_free(ctx);
    X509_STORE_free(in.store);
    sk_X509_pop_free(in.others, X509_free);
    sk_X509_pop_free(in.given, X509_free);
    ERR_clear_error();
    return ok;
}

bool x509_verify(const struct x509_question *q, struct x509_answer *answer, struct situs_err *err)
{
    *answer = (struct x509_answer){0};
    return x509_known_at(q->known, q->at) ? run_known(q, answer, err)
                                          : verify(q, answer, NULL, err);
}

bool x509_know(const struct x509_question *q, struct x509_known *known)
{
    struct situs_err why = {0};
    *known = (struct x509_known){.n = 0};
    if (verify(q, &known->answer, known, &why))
        return true;
    *known = (struct x509_known){.n = 0};
    return false;
}
