/* Registries of others; see registries.h. */
#include "situs/registries.h"

#include "endorse/registry/alliance.h"
#include "endorse/registry/google_host.h"

/* A token is base64url of '{"', a host's document JSON or under the name of its PPID, a whitelist
 * lines that begin with hex digits, '#' or nothing. */
bool registries_kind(const char *name, struct span bytes, enum endorsement_kind *kind)
{
    static const char first[] = "#0123456789abcdefABCDEF,\r\n";
    uint8_t ppid[16];
    if (bytes.n == 0 || (bytes.p[0] & 0x80)) /* no text: COSE, or DER of another sort */
        return false;
    if (google_host_ppid(name, ppid) || bytes.p[0] == '{')
        *kind = ENDORSEMENT_GOOGLE_HOST;
    else if (span_starts(bytes, SPAN_LIT("eyJ")))
        *kind = ENDORSEMENT_ALLIANCE_TOKEN;
    else if (memchr(first, bytes.p[0], sizeof first - 1))
        *kind = ENDORSEMENT_ALLIANCE_CSV;
    else
        return false;
    return true;
}

static void answer_host(const struct endorsement *e, const struct listing_question *q,
                        struct listing *out)
{
    uint8_t ppid[16];
    if (google_host_ppid(e->part, ppid)) {
        google_host_answer(e->bytes, ppid, q, out);
        return;
    }
    listing_begin(out, q, e->part);
    listing_fail(out, CHECK_LIST_SIGNATURE, SITUS_MISSING, "name",
                 "a file named by the host's PPID, 32 hex digits", "another name", NULL);
}

bool registries_answer(const struct endorsement *e, const struct listing_question *q,
                       struct listing *out)
{
    switch (e->kind) {
    case ENDORSEMENT_ALLIANCE_CSV:
        alliance_csv_answer(e->bytes, q, out);
        return true;
    case ENDORSEMENT_ALLIANCE_TOKEN:
        alliance_token_answer(e->bytes, q, out);
        return true;
    case ENDORSEMENT_GOOGLE_HOST:
        answer_host(e, q, out);
        return true;
    default:
        return false;
    }
}
