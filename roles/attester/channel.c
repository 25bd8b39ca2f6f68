/* The channel key; see channel.h. */
#include "attester/channel.h"

#include "base/text.h"
#include "crypto/verify.h"

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <sys/prctl.h>

#define PART "channel"

bool channel_make(struct channel *c, struct situs_err *err)
{
    *c = (struct channel){0};
    prctl(PR_SET_DUMPABLE, 0);
    EVP_PKEY *key = EVP_EC_gen("P-256");
    unsigned char *der = NULL;
    int n = key ? i2d_PUBKEY(key, &der) : 0;
    bool ok = n > 0 && n <= CHANNEL_SPKI_MAX;
    if (ok) {
        memcpy(c->spki, der, (size_t)n);
        c->spki_size = (size_t)n;
        c->key = key;
    } else {
        EVP_PKEY_free(key);
    }
    OPENSSL_free(der);
    return ok || err_fail(err, SITUS_INTERNAL, PART, "key", SITUS_NO_OFFSET, NULL, NULL);
}

bool channel_take(struct channel *c, struct span spki, struct situs_err *err)
{
    *c = (struct channel){0};
    if (spki.n > CHANNEL_SPKI_MAX)
        return err_fail(err, SITUS_TOO_LONG, PART, "spki", SITUS_NO_OFFSET,
                        TEXT_BYTES(CHANNEL_SPKI_MAX), TEXT_BYTES(spki.n));
    struct public_key *key = verify_key_spki(spki, PART, err);
    if (!key)
        return false;
    verify_key_free(key);
    memcpy(c->spki, spki.p, spki.n);
    c->spki_size = spki.n;
    return true;
}

void channel_free(struct channel *c)
{
    EVP_PKEY_free(c->key);
    *c = (struct channel){0};
}
