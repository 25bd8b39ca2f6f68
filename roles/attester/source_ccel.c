/* The TD's event log: ACPI table CCEL's data, as the kernel gives it (UEFI 2.10, 38.4.1). */
#include "attester/attest.h"

#include "frame/file.h"

bool source_ccel(struct attest *a, struct span *value, struct situs_err *err)
{
    struct file file;
    if (!a->config->ccel)
        return true;
    if (!file_read(&file, a->config->ccel, LIMIT_LOG, err))
        return false;
    *value = arena_copy(&a->arena, file_span(&file));
    bool ok = value->n > 0;
    file_free(&file);
    return ok || err_fail(err, SITUS_MISSING, "log.tdx", "", SITUS_NO_OFFSET, "an event log",
                          "an empty file");
}
