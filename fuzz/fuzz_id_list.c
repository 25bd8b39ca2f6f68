/* A machine list is read or refused; what was read is sorted, whole, and found again. */
#include <assert.h>

#include "endorse/id_list/id_list.h"
#include "oracle.h"

const char *const oracles[] = {"found again", NULL};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct situs_err err = {0};
    struct id_list l;
    bool ok = id_list_read(&l, span_of(data, size), &err);
    assert(ok == (err.code == SITUS_NONE) && ok == (l.entries.n > 0));
    if (!ok)
        return 0;
    assert(l.entries.n % l.size == 0 && l.valid.from < l.valid.to);
    for (size_t i = 0; l.salt.n == 0 && i < l.entries.n; i += l.size) {
        assert(id_list_find(&l, span_cut(l.entries, i, l.size)).p == l.entries.p + i);
        oracle_ran(0);
    }
    return 0;
}
