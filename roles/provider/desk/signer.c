/* Loading of signers; see signer.h. */
#include "provider/desk/signer.h"

#include "base/arena.h"
#include "base/text.h"
#include "frame/file.h"

#include <stdlib.h>

#define CHAIN_MAX (64 * 1024)

static const char begin[] = "-----BEGIN CERTIFICATE-----";
static const char end[] = "-----END CERTIFICATE-----";

/* after is what follows the next mark in s, and before (not NULL) what precedes it. */
static bool after(struct span *s, const char *mark, struct span *before)
{
    size_t n = strlen(mark);
    const uint8_t *at = s->n ? memmem(s->p, s->n, mark, n) : NULL;
    if (!at)
        return false;
    if (before)
        *before = span_of(s->p, (size_t)(at - s->p));
    *s = span_of(at + n, s->n - (size_t)(at - s->p) - n);
    return true;
}

static bool certs_of(struct signer *s, struct span pem, struct arena *a, const char *part,
                     struct situs_err *err)
{
    struct span body;
    while (after(&pem, begin, NULL)) {
        if (s->n_certs == LIMIT_CHAIN_CERTS)
            return err_fail(err, SITUS_TOO_LONG, part, "certificates", SITUS_NO_OFFSET,
                            TEXT_NUM(LIMIT_CHAIN_CERTS), "more");
        uint8_t *der = arena_take(a, LIMIT_CERT);
        size_t n = 0;
        if (!after(&pem, end, &body) || !der || !text_base64_read(der, LIMIT_CERT, &n, body, true))
            return err_fail(err, SITUS_MALFORMED, part, "certificate", SITUS_NO_OFFSET,
                            "PEM certificates", NULL);
        s->certs[s->n_certs++] = span_of(der, n);
    }
    return s->n_certs > 0 || err_fail(err, SITUS_MISSING, part, "certificate", SITUS_NO_OFFSET,
                                      "PEM certificates, the signer's first", "none");
}

bool signer_read(struct signer *s, const char *key_path, const char *chain_path,
                 struct situs_err *err)
{
    const size_t room = LIMIT_CHAIN_CERTS * (LIMIT_CERT + 64);
    struct file key = {0}, chain = {0};
    s->memory = malloc(room);
    struct arena a = arena_new(s->memory, s->memory ? room : 0);
    bool ok = file_read(&key, key_path, SIGN_KEY_MAX, err);
    if (ok)
        s->key = sign_key_read(file_span(&key), key_path, err);
    ok = s->key && file_read(&chain, chain_path, CHAIN_MAX, err) &&
         certs_of(s, file_span(&chain), &a, chain_path, err);
    if (key.p) /* a private key does not linger */
        explicit_bzero(key.p, key.n);
    file_free(&key);
    file_free(&chain);
    return ok;
}

void signer_free(struct signer *s)
{
    sign_key_free(s->key);
    free(s->memory);
    memset(s, 0, sizeof *s);
}
