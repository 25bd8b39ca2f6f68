/* Loading of signers; see signer.h. */
#include "provider/desk/signer.h"

#include "base/arena.h"
#include "base/text.h"
#include "codec/pem.h"
#include "frame/file.h"
#include "provider/desk/secret.h"
#include "situs/evidence_kind.h"

#include <stdlib.h>

#define KEY_HINT \
    "make a new key on P-384: openssl ecparam -name secp384r1 -genkey -noout; see situs-signer(1)"
#define SECRET_HINT "give --passphrase-file FILE, or run this at a terminal"
#define CHAIN_MAX (64 * 1024)

static bool certs_of(struct signer *s, struct span pem, struct arena *a, const char *part,
                     struct situs_err *err)
{
    struct rd r = rd_new(pem, 0, part, err);
    while (pem_find(&r, PEM_CERTIFICATE)) { /* openssl x509 -text writes text before it */
        struct span der;
        if (s->n_certs == LIMIT_CHAIN_CERTS)
            return err_fail(err, SITUS_TOO_LONG, part, "certificates", SITUS_NO_OFFSET,
                            TEXT_NUM(LIMIT_CHAIN_CERTS), "more");
        if (!pem_block(&r, PEM_CERTIFICATE, "certificate", a, &der))
            return false;
        s->certs[s->n_certs++] = der;
    }
    return s->n_certs > 0 || err_fail(err, SITUS_MISSING, part, "certificate", SITUS_NO_OFFSET,
                                      "PEM certificates, the signer's first", "none");
}

static struct sign_key *read_pem(const struct signer_options *o, struct situs_err *err)
{
    struct file file = {0};
    struct secret secret = {.n = 0};
    struct sign_key *key = NULL;
    if (file_read(&file, o->key, SIGN_KEY_MAX, err) &&
        (!sign_key_is_locked(file_span(&file)) ||
         secret_read(&secret, o->passphrase, "passphrase of the key", err)))
        key = sign_key_unlock(file_span(&file), span_of(secret.text, secret.n), o->key, err);
    if (!key && strcmp(err->field, "passphrase") == 0 && !err->hint[0])
        err_hint(err, SECRET_HINT);
    if (!key && strcmp(err->field, "key.type") == 0)
        err_hint(err, KEY_HINT);
    if (!key && file.p && err->code == SITUS_MALFORMED &&
        !evidence_kind_named(file_span(&file), PLACE_KEY, o->key, "a private key in PEM", err))
        err_hint(err, "\"situs signer new\" and openssl genpkey write such a file");
    secret_wipe(&secret);
    if (file.p) /* a private key does not linger */
        explicit_bzero(file.p, file.n);
    file_free(&file);
    return key;
}

static struct sign_key *read_token(const struct signer_options *o, struct situs_err *err)
{
    struct secret secret = {.n = 0};
    struct sign_key *key = NULL;
    bool named = strstr(o->key, "pin-value=") || strstr(o->key, "pin-source=");
    if ((named && !o->passphrase) || secret_read(&secret, o->passphrase, "PIN of the token", err))
        key = sign_key_open(o->key, span_of(secret.text, secret.n), "--key", err);
    if (!key && strcmp(err->field, "passphrase") == 0)
        err_hint(err, SECRET_HINT);
    secret_wipe(&secret);
    return key;
}

static struct sign_key *read_key(const struct signer_options *o, struct situs_err *err)
{
    return sign_key_is_uri(o->key) ? read_token(o, err) : read_pem(o, err);
}

bool signer_certs(struct signer *s, const char *path, struct situs_err *err)
{
    struct file chain = {0};
    s->memory = malloc(CHAIN_MAX);
    struct arena a = arena_new(s->memory, s->memory ? CHAIN_MAX : 0);
    bool ok =
        file_read(&chain, path, CHAIN_MAX, err) && certs_of(s, file_span(&chain), &a, path, err);
    if (!ok && chain.p && err->code == SITUS_MISSING &&
        !evidence_kind_named(file_span(&chain), PLACE_CERTIFICATE, path, "certificates in PEM",
                             err))
        err_hint(err, "of DER: openssl x509 -inform DER -in FILE -out FILE.pem");
    file_free(&chain);
    return ok;
}

bool signer_load(struct signer *s, const struct signer_options *o, struct situs_err *err)
{
    s->key = read_key(o, err);
    bool ok = s->key && signer_certs(s, o->chain, err);
    if (!ok)
        signer_free(s);
    return ok;
}

static bool lacks(const char *field, const char *expected, const char *got, const char *hint,
                  struct situs_err *err)
{
    err_fail(err, SITUS_NOT_ALLOWED, "certificate", field, SITUS_NO_OFFSET, expected, got);
    err_hint(err, hint);
    return true;
}

bool signer_lacks(const struct x509 *leaf, const struct sign_key *key, enum signer_property what,
                  struct situs_err *err)
{
    struct situs_err unread = {0};
    struct public_key *has = x509_key(leaf, "certificate", &unread);
    bool same = has && verify_key_equal(has, sign_key_public(key));
    bool curve = has && verify_key_on(has, CURVE_P384);
    const char *type = !has                             ? unread.got
                       : verify_key_is_rsa(has)         ? "RSA"
                       : verify_key_on(has, CURVE_P256) ? "P-256"
                                                        : "another type";
    verify_key_free(has);
    switch (what) {
    case SIGNER_KEY:
        return !same && lacks("key", "the public half of --key", "another key",
                              "give the certificate of this key first in --chain", err);
    case SIGNER_CURVE:
        return !curve && lacks("curve", "a key on P-384", type, KEY_HINT, err);
    case SIGNER_END_ENTITY:
        return x509_is_ca(leaf) &&
               lacks("basicConstraints", "CA:FALSE", "a CA, or version 1",
                     "a CA's own key signs no endorsements: let it issue a certificate with "
                     "CA:FALSE, and put that first in --chain",
                     err);
    default:
        return !x509_usage_signs(leaf) &&
               lacks("keyUsage", "digitalSignature", "none, or others",
                     "let the CA issue it with keyUsage digitalSignature", err);
    }
}

static bool read_signer(struct signer *s, const struct signer_options *o, bool lists,
                        struct situs_err *err)
{
    if (!signer_load(s, o, err))
        return false;
    struct x509 *leaf = x509_read(s->certs[0], NULL, o->chain, err);
    bool ok = leaf != NULL;
    for (int what = 0; ok && what < SIGNER_PROPERTIES; what++)
        ok = !signer_lacks(leaf, s->key, (enum signer_property)what, err);
    if (ok && lists && !x509_signs_only(leaf))
        ok = !lacks("keyUsage", "digitalSignature alone", "others, too",
                    "lists are signed by a certificate for signing alone: let the CA issue one",
                    err);
    x509_free(leaf);
    if (!ok)
        signer_free(s);
    return ok;
}

bool signer_read(struct signer *s, const struct signer_options *o, struct situs_err *err)
{
    return read_signer(s, o, false, err);
}

bool signer_read_lists(struct signer *s, const struct signer_options *o, struct situs_err *err)
{
    return read_signer(s, o, true, err);
}

void signer_free(struct signer *s)
{
    sign_key_free(s->key);
    free(s->memory);
    memset(s, 0, sizeof *s);
}
