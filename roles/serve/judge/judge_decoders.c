/* A provider in OpenSSL's sense (provider(7)): its own, with fewer decoders; see judge_decoders.h. */
#include "serve/judge/judge_decoders.h"

#include <openssl/core_dispatch.h>
#include <openssl/crypto.h>
#include <openssl/provider.h>

#include <string.h>

#define DECODERS 64

static OSSL_PROVIDER *own; /* OpenSSL's "default" */

static const OSSL_ALGORITHM *decoders(const OSSL_ALGORITHM *all)
{
    static OSSL_ALGORITHM kept[DECODERS]; /* ends with zeros */
    size_t n = 0;
    for (; all && all->algorithm_names; all++)
        if (strstr(all->property_definition, "structure=SubjectPublicKeyInfo") && n < DECODERS - 1)
            kept[n++] = *all;
    return kept;
}

static const OSSL_ALGORITHM *query(void *of, int operation, int *no_cache)
{
    const OSSL_ALGORITHM *all = OSSL_PROVIDER_query_operation(own, operation, no_cache);
    (void)of;
    return operation == OSSL_OP_DECODER ? decoders(all) : all;
}

/* The algorithms are the other's, and so is what they work with. */
static int init(const OSSL_CORE_HANDLE *handle, const OSSL_DISPATCH *in, const OSSL_DISPATCH **out,
                void **of)
{
    static const OSSL_DISPATCH functions[] = {
        {OSSL_FUNC_PROVIDER_QUERY_OPERATION, (void (*)(void))query}, {0, NULL}};
    (void)handle, (void)in;
    *out = functions;
    *of = OSSL_PROVIDER_get0_provider_ctx(own);
    return 1;
}

void judge_decoders(void)
{
    OSSL_LIB_CTX *fewer = OSSL_LIB_CTX_new();
    own = OSSL_PROVIDER_load(NULL, "default");
    if (own && fewer && OSSL_PROVIDER_add_builtin(fewer, "situs", init) == 1 &&
        OSSL_PROVIDER_load(fewer, "situs"))
        OSSL_LIB_CTX_set0_default(fewer);
    else
        OSSL_LIB_CTX_free(fewer);
}
