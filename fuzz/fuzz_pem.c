/* Fuzzes PEM chains: a failure lies inside the text, and an accepted chain has certificates. */
#include "base/limits.h"
#include "oracle.h"
#include "tee/intel/chain.h"

const char *const oracles[] = {"chain", NULL};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static _Alignas(16) uint8_t room[64 * 1024];
    struct arena a = arena_new(room, sizeof room);
    struct situs_err err = {0};
    struct intel_cert certs[LIMIT_CHAIN_CERTS];
    size_t n;
    bool ok = intel_pem_chain(certs, LIMIT_CHAIN_CERTS, &n,
                              (struct intel_pem){span_of(data, size), 0, "chain"}, &a, &err);
    if (ok != (n > 0) || ok != (err.code == SITUS_NONE) || n > LIMIT_CHAIN_CERTS ||
        (!ok && err.at > size))
        __builtin_trap();
    if (ok)
        oracle_ran(0);
    return 0;
}
