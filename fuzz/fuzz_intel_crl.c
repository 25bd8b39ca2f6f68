/* Fuzzes the reader of Intel's CRLs: serials come out sorted, inside the CRL, and are found again.
 * fuzz/seeds/intel-crl.der revokes two, so that the loop is reached from the first input on. */
#include "oracle.h"
#include "tee/intel/chain.h"

const char *const oracles[] = {"revoked ones found", NULL};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static _Alignas(16) uint8_t room[1 << 20];
    struct arena a = arena_new(room, sizeof room);
    struct situs_err err = {0};
    struct intel_crl crl;
    if (!intel_crl_read(&crl, span_of(data, size), "crl", &a, &err)) {
        if (err.code == SITUS_NONE || err.at > size || crl.n_revoked)
            __builtin_trap();
        return 0;
    }
    for (size_t i = 0; i < crl.n_revoked; i++) {
        struct span serial = crl.revoked[i];
        bool inside =
            serial.p >= data && serial.n <= size && (size_t)(serial.p - data) <= size - serial.n;
        bool sorted = i == 0 || span_compare(crl.revoked[i - 1], serial) <= 0;
        if (!inside || !sorted || !intel_crl_revokes(&crl, serial))
            __builtin_trap();
        oracle_ran(0);
    }
    return 0;
}
