/* A composition manifest is read or refused; its PRIDs are whole, in order, few, and written again
 * the same. */
#include <assert.h>

#include "base/limits.h"
#include "endorse/composition/composition.h"
#include "oracle.h"

const char *const oracles[] = {"PRIDs in order", NULL};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct situs_err err = {0};
    struct composition c;
    bool ok = composition_read(&c, span_of(data, size), &err);
    size_t n = composition_count(&c);
    assert(ok == (err.code == SITUS_NONE) && ok == (n > 0));
    if (!ok)
        return 0;
    assert(c.number > 0 && c.serial.n && n <= LIMIT_COMPOSITION_PACKAGES);
    assert(c.piid.n == 0 || c.piid.n == COMPOSITION_ID_SIZE);
    for (size_t i = 1; i < n; i++)
        assert(span_compare(composition_prid(&c, i - 1), composition_prid(&c, i)) < 0);
    if (n > 1)
        oracle_ran(0);
    return 0;
}
