/* Google Compute Engine's names; see gce.h. */
#include "model/gce.h"

#include "base/wr.h"
#include "crypto/digest.h"

bool gce_is_zone(struct span zone)
{
    for (size_t i = 0; i < zone.n; i++) {
        uint8_t c = zone.p[i];
        if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '-')
            return false;
    }
    return zone.n > 0 && zone.n <= 63;
}

bool gce_mrowner(uint64_t instance_id, uint64_t project_number, struct span zone, uint8_t out[48])
{
    char text[192];
    struct wr w = wr_new(text, sizeof text);
    memset(out, 0, 48);
    if (!gce_is_zone(zone))
        return false;
    wr_format(&w, "{\"instanceId\":%llu,\"numericalProjectId\":%llu,\"zone\":\"",
              (unsigned long long)instance_id, (unsigned long long)project_number);
    wr_bytes(&w, zone);
    wr_text(&w, "\"}");
    return wr_ok(&w) && digest(HASH_SHA384, wr_span(&w), out);
}
