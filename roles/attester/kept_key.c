/* Keys of providers; see kept_key.h. */
#include "attester/kept_key.h"

#include "base/limits.h"
#include "codec/der.h"

#include <string.h>

static const struct kept_key keys[] = {
#define KEPT_KEY(name, handle, template, certificate, hint) \
    {name, handle, template, certificate, hint},
#include "attester/kept_keys.def"
#undef KEPT_KEY
};

const struct kept_key *kept_key_find(const char *name)
{
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (strcmp(keys[i].name, name) == 0)
            return &keys[i];
    return NULL;
}

static bool read_index(struct tpm *t, uint32_t index, struct span *bytes, struct arena *a,
                       struct situs_err *err)
{
    size_t n = 0;
    uint8_t *p = arena_take(a, LIMIT_CERT);
    if (!p)
        return err_fail(err, SITUS_NO_MEMORY, TPM_PART, "", SITUS_NO_OFFSET, NULL, NULL);
    bool ok = tpm_nv_read_as_owner(t, index, p, LIMIT_CERT, &n, err);
    *bytes = span_of(p, n);
    return ok;
}

bool kept_key_take(struct tpm *t, const struct kept_key *k, struct tpm_key *ak, struct arena *a,
                   struct situs_err *err)
{
    struct span template;
    bool ok = k->handle ? tpm_ak_at(t, k->handle, ak, err)
                        : read_index(t, k->template, &template, a, err) &&
                              tpm_ak_of(t, template, ak, err);
    return ok || (err->code == SITUS_MISSING && err_hint(err, k->hint));
}

bool kept_key_certificate(struct tpm *t, const struct kept_key *k, struct span *der,
                          struct arena *a, struct situs_err *err)
{
    struct situs_err why = {0};
    struct span bytes;
    *der = span_of(NULL, 0);
    if (!read_index(t, k->certificate, &bytes, a, &why)) {
        if (why.code != SITUS_MISSING)
            *err = why;
        return why.code == SITUS_MISSING;
    }
    if (span_all(bytes, 0))
        return true;
    struct rd r = rd_new(bytes, 0, TPM_PART, err);
    *der = der_element(&r, DER_SEQUENCE, "certificate");
    return rd_ok(&r);
}
