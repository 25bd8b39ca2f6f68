/* What a database says when it fails; see database.h. */
#include "database/database.h"

#include "base/text.h"

bool database_fail(const char *says, struct situs_err *err)
{
    struct span line = span_text(says), first = text_field(&line, '\n');
    err_fail(err, SITUS_INTERNAL, "database", "", SITUS_NO_OFFSET, "an answer", TEXT_CUT(first));
    return err_hint(
        err, "nothing is answered meanwhile, and the service goes on by itself when it is back");
}
