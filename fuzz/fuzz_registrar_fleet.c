/* A fleet in CSV and a table of VMs are read or refused; a machine found is one that could be
 * certified. */
#include <assert.h>

#include "base/text.h"
#include "oracle.h"
#include "provider/registrar/registrar_file.h"

const char *const oracles[] = {"found", NULL};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct situs_err err = {0};
    struct registrar_machine m;
    struct registrar_file f = {
        .path = NULL, .csv = {"fleet", (uint8_t *)(uintptr_t)data, size}, .state = "/"};
    struct registrar_fleet fleet = registrar_file_fleet(&f);
    uint8_t ek[32];
    memset(ek, 0xab, sizeof ek); /* the seed's */
    bool found = fleet.find(fleet.context, ek, &m, &err);
    assert(found == (err.code == SITUS_NONE));
    if (found) {
        assert(text_is_name(span_text(m.facility), REGISTRAR_NAME_MAX) && m.machine[0] > ' ');
        oracle_ran(0);
    }
    return 0;
}
