/* What the kinds of endorsement share; see endorsement.h. */
#include "endorse/endorsement.h"

#include "crypto/cose.h"

bool endorsement_is_type(struct span bytes, const char *type)
{
    return span_equal(cose_content_type(bytes), span_text(type));
}

bool endorsement_no_memory(const struct endorsement *e, struct situs_err *err)
{
    return err_fail(err, SITUS_NO_MEMORY, e->part, "memory", SITUS_NO_OFFSET, NULL, NULL);
}
