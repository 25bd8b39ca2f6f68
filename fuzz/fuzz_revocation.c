/* A revocation list is read or refused; what was read names each of its own ids. */
#include <assert.h>

#include "endorse/revocation/revocation.h"
#include "oracle.h"

const char *const oracles[] = {"found again", NULL};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct situs_err err = {0};
    struct revocation r;
    enum revocation_reason reason;
    int64_t time;
    bool ok = revocation_read(&r, span_of(data, size), &err);
    assert(ok == (err.code == SITUS_NONE) && (ok || r.n_groups == 0));
    for (size_t i = 0; i < r.n_groups; i++) {
        const struct revocation_group *g = &r.group[i];
        for (size_t at = 0; at < g->records.n; at += g->size + REVOCATION_TAIL) {
            struct revocation_id id = {g->kind, span_cut(g->records, at, g->size)};
            assert(revocation_find(&r, &id, &reason, &time));
            assert(revocation_reason_name(reason) && time >= 0);
            oracle_ran(0);
        }
    }
    return 0;
}
