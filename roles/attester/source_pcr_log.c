/* The guest firmware's TCG log, as the kernel gives it (PC Client PFP 1.06, 10). */
#include "attester/attest.h"

#include "cli/file.h"

bool source_pcr_log(struct attest *a, struct span *value, struct situs_err *err)
{
    struct file file;
    if (!a->config->pcr_log)
        return true;
    if (!file_read(&file, a->config->pcr_log, LIMIT_LOG, err))
        return false;
    *value = arena_copy(&a->arena, file_span(&file));
    bool ok = value->n > 0;
    file_free(&file);
    return ok || err_fail(err, SITUS_MISSING, "log.guest", "", SITUS_NO_OFFSET, "an event log",
                          "an empty file");
}
