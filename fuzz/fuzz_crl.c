/* Fuzzes the reader of every issuer's CRLs: what it takes is not read otherwise by the look-up, the
 * reader of Intel's takes no more, and a set of CRLs keeps what does not read. */
#include "crypto/x509_crl.h"
#include "oracle.h"
#include "tee/intel/chain.h"

const char *const oracles[] = {"entries found", "Intel's reader agrees", NULL};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void need(bool ok)
{
    if (!ok)
        __builtin_trap();
}

static bool inside(struct span s, struct span whole)
{
    return s.n == 0 || (s.p >= whole.p && s.p + s.n <= whole.p + whole.n);
}

/* Every entry is found by its serial number, and one that no entry has is not. */
static bool look_up(const struct crl *crl)
{
    static uint8_t other[2 * LIMIT_CERT];
    struct situs_err err = {0};
    struct rd entries = crl_entries(crl, "crl", &err);
    size_t longest = 0;
    struct span serial;
    while (rd_left(&entries)) {
        if (!crl_entry(&entries, &serial))
            return false;
        need(inside(serial, crl->der) && serial.n > 0);
        need(crl_lists(crl, serial));
        longest = serial.n > longest ? serial.n : longest;
    }
    if (longest)
        oracle_ran(0);
    need(!crl_lists(crl, span_of(NULL, 0)));
    if (longest < sizeof other)
        need(!crl_lists(crl, span_of(other, longest + 1)));
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static _Alignas(16) uint8_t room[1 << 20];
    static const struct crl_rules any = {.intel = false};
    struct span der = span_of(data, size);
    struct arena a = arena_new(room, sizeof room);
    struct situs_err err = {0}, intel_err = {0};
    struct crl crl;
    struct intel_crl intel;
    struct x509_crls set = {.n = 0};
    struct x509_issuers nobody = {.n = 0};
    uint8_t hash[32];
    bool ok = crl_read(&crl, der, &any, "crl", &err);
    need(ok ? crl.der.n == size && inside(crl.tbs, der) && inside(crl.issuer, der) &&
                  inside(crl.point, der) && inside(crl.signature, der) && crl.issuer.n > 0
            : err.code != SITUS_NONE && err.at <= size && crl.der.n == 0);
    bool entries = ok && look_up(&crl);
    if (intel_crl_read(&intel, der, "crl", &a, &intel_err)) {
        need(entries && crl.point.n == 0 && span_equal(intel.issuer, crl.issuer) &&
             intel.valid.from == crl.valid.from && intel.valid.to == crl.valid.to);
        oracle_ran(1);
    }
    need(x509_crls_add(&set, der, true) && set.n == 1);
    need((set.v[0].why.code == SITUS_NONE) == ok);
    need(x509_crls_digest(&set, &nobody, hash));
    return 0;
}
