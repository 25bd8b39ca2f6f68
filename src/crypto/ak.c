/* The attestation key; see ak.h. */
#include "crypto/ak.h"

#include "base/text.h"
#include "crypto/x509.h"

static const char part[] = "tpmt_public";

static bool make_name(struct ak *ak, struct situs_err *err)
{
    enum hash h = hash_by_tpm(ak->public.name_alg);
    if (h != HASH_SHA256 && h != HASH_SHA384 && h != HASH_SHA512)
        return err_fail(err, SITUS_UNSUPPORTED, part, "name_alg", 2, "SHA-256, SHA-384 or SHA-512",
                        TEXT_NUM(ak->public.name_alg));
    ak->name[0] = (uint8_t)(ak->public.name_alg >> 8);
    ak->name[1] = (uint8_t)ak->public.name_alg;
    if (!digest(h, ak->public.whole, ak->name + 2) ||
        !digest(HASH_SHA256, ak->public.whole, ak->hash))
        return err_fail(err, SITUS_INTERNAL, part, "name", SITUS_NO_OFFSET, NULL, NULL);
    ak->name_size = 2 + hash_size(h);
    return true;
}

static struct public_key *make_key(const struct tpm_public *p, struct situs_err *err)
{
    if (p->type == TPM_ALG_RSA)
        return verify_key_rsa(p->modulus, p->exponent, part, err);
    return verify_key_ec(p->curve == TPM_ECC_NIST_P256 ? CURVE_P256 : CURVE_P384, p->x, p->y, part,
                         err);
}

bool ak_read(struct ak *ak, struct span public, struct situs_err *err)
{
    return ak_read_known(ak, public, NULL, err);
}

bool ak_read_known(struct ak *ak, struct span public, struct key_cache *cache,
                   struct situs_err *err)
{
    *ak = (struct ak){0};
    if (!tpm_public_read(&ak->public, public, err) || !make_name(ak, err))
        goto failed;
    ak->key = cache ? key_cache_find(cache, ak->hash) : NULL;
    ak->hot = cache ? key_cache_hot(cache) : NULL;
    if (!ak->key) {
        ak->key = make_key(&ak->public, err);
        if (!ak->key)
            goto failed;
        if (cache)
            key_cache_keep(cache, ak->hash, ak->key);
    }
    ak->has_public = true;
    return true;
failed:
    *ak = (struct ak){0};
    return false;
}

bool ak_from_certificate(struct ak *ak, struct span der, struct situs_err *err)
{
    *ak = (struct ak){0};
    size_t padding = 0;
    struct x509 *cert = x509_read(der, &padding, "ak_certificate", err);
    if (cert)
        ak->key = x509_key(cert, "ak_certificate", err);
    x509_free(cert);
    return ak->key != NULL;
}

struct span ak_name(const struct ak *ak)
{
    return span_of(ak->name, ak->name_size);
}

void ak_free(struct ak *ak)
{
    verify_key_free(ak->key);
    *ak = (struct ak){0};
}
