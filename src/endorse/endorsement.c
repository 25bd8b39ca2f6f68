/* What the kinds of endorsement share; see endorsement.h. */
#include "endorse/endorsement.h"

#include "crypto/cose.h"

const char *endorsement_kinds(void)
{
#define A(what) ", a " what
#define AN(what) ", an " what
#define ENDORSEMENT(id, name, what, bundle, source) what
    static const char all[] =
#include "model/endorsements.def"
        ;
#undef ENDORSEMENT
#undef AN
#undef A
    return all + 2;
}

bool endorsement_is_type(struct span bytes, const char *type)
{
    return span_equal(cose_content_type(bytes), span_text(type));
}

bool endorsement_no_memory(const struct endorsement *e, struct situs_err *err)
{
    return err_fail(err, SITUS_NO_MEMORY, e->part, "memory", SITUS_NO_OFFSET, NULL, NULL);
}
