/* Fuzzes the certificate reader and the SGX extension in what it accepts. */
#include "oracle.h"
#include "tee/intel/chain.h"

const char *const oracles[] = {"parts inside", "PCK certificate", NULL};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Every span of an accepted certificate must lie inside it. */
static void inside(struct span s, struct span whole)
{
    if (s.n && (s.p < whole.p || s.n > whole.n || (size_t)(s.p - whole.p) > whole.n - s.n))
        __builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct situs_err err = {0};
    struct intel_cert cert;
    struct span der = span_of(data, size);
    if (!intel_cert_read(&cert, der, 0, "certificate", &err)) {
        if (err.code == SITUS_NONE || err.at > size || cert.der.n)
            __builtin_trap();
        return 0;
    }
    const struct span spans[] = {cert.tbs, cert.serial,         cert.issuer,          cert.subject,
                                 cert.sgx, cert.subject_key_id, cert.authority_key_id};
    for (size_t i = 0; i < sizeof spans / sizeof *spans; i++)
        inside(spans[i], der);
    oracle_ran(0);
    struct pck_info info;
    if (cert.role != INTEL_PCK)
        return 0;
    if (pck_info_read(&info, &cert, 0, "certificate", &err))
        oracle_ran(1);
    else if (err.code == SITUS_NONE)
        __builtin_trap();
    return 0;
}
