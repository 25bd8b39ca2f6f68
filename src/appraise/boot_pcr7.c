/* Events of PCR 7; see boot_pcr7.h. */
#include "appraise/boot_pcr7.h"

#include "crypto/digest.h"

/* UEFI_VARIABLE_DATA, whole, of a name that PCR 7 has (PFP 1.06, 3.3.4.8 and 10.4.4; shim): GUID,
 * the sizes of name and data, the name in UTF-16, the data. */
static bool is_secure_boot(struct span data)
{
    static const char *const names[] = {
        "SecureBoot",     "PK",  "KEK", "db", "dbx", "dbt", "dbr", "SbatLevel",
        "MokListTrusted", "Shim"};
    uint64_t size[2] = {0, 0};
    if (data.n < 32)
        return false;
    for (size_t i = 0; i < 16; i++)
        size[i / 8] |= (uint64_t)data.p[16 + i] << 8 * (i % 8);
    if (size[0] > data.n || size[1] > data.n || 32 + 2 * size[0] + size[1] != data.n)
        return false;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        size_t n = strlen(names[i]), k = 0;
        while (k < n && n == size[0] && data.p[32 + 2 * k] == (uint8_t)names[i][k] &&
               data.p[33 + 2 * k] == 0)
            k++;
        if (k == n)
            return true;
    }
    return false;
}

bool boot_pcr7_tells(struct span data, struct span value, bool *separator)
{
    static const uint8_t zero4[4];
    uint8_t hash[48];
    bool first = !*separator && span_equal(data, SPAN_ARR(zero4));
    if (!(first || is_secure_boot(data)) || !digest(HASH_SHA384, data, hash) ||
        !span_equal(value, SPAN_ARR(hash)))
        return false;
    *separator |= first;
    return true;
}
