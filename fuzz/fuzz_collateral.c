/* Collateral readers take any bytes without harm; the bodies also without the signature that would
 * stop a fuzzer. */
#include <assert.h>

#include "oracle.h"
#include "tee/intel/qe_identity.h"
#include "tee/intel/tcb_info.h"

const char *const oracles[] = {"TCB info", "QE identity", NULL};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static _Alignas(16) uint8_t memory[1 << 20];
    struct arena arena = arena_new(memory, sizeof memory);
    struct situs_item part = {"fuzz", data, size};
    struct situs_err err = {0};
    struct snapshot s;
    struct tcb_info info;
    struct qe_identity qe;
    bool ok = snapshot_load(&s, &part, 1, trust_builtin(), &arena, &err);
    assert(ok == (err.code == SITUS_NONE));
    snapshot_free(&s);

    err = (struct situs_err){0};
    arena = arena_new(memory, sizeof memory);
    ok = tcb_info_read(&info, item_span(part), "fuzz", &arena, &err);
    assert(ok == (err.code == SITUS_NONE) && (!ok || info.levels.n > 0));
    if (ok)
        oracle_ran(0);

    err = (struct situs_err){0};
    arena = arena_new(memory, sizeof memory);
    ok = qe_identity_read(&qe, item_span(part), "fuzz", &arena, &err);
    assert(ok == (err.code == SITUS_NONE) && (!ok || qe.levels.n > 0));
    if (ok)
        oracle_ran(1);
    return 0;
}
