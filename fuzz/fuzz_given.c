/* What the caller gives is read, or the request is refused for it: never left out, whatever its
 * name. */
#include <assert.h>
#include <string.h>

#include "oracle.h"
#include "situs/given.h"

const char *const oracles[] = {"POE", "list", "revocation list", "another endorsement", NULL};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const names[] = {"given.file", "00112233445566778899aabbccddeeff.json"};
    static _Alignas(16) uint8_t room[1 << 20];
    for (size_t i = 0; i < 2; i++) {
        struct arena a = arena_new(room, sizeof room);
        struct endorsements g = {.n = 0};
        struct situs_err err = {0};
        const struct situs_item item = {names[i], data, size};
        bool ok = given_read(&g, &item, 1, NULL, &a, &err);
        assert(ok == (err.code == SITUS_NONE));
        assert(ok ? g.n > 0 : err.part[0] && err.hint[0]);
        for (size_t k = 0; k < g.n; k++) {
            const struct endorsement *e = &g.v[k];
            assert(e->bytes.n && strcmp(e->part, names[i]) == 0 && !e->why);
            assert(e->kind == ENDORSEMENT_CRL || endorsement_is(names[i], e->bytes) == e->kind);
            oracle_ran(e->kind == ENDORSEMENT_POE          ? 0
                       : e->kind == ENDORSEMENT_LIST       ? 1
                       : e->kind == ENDORSEMENT_REVOCATION ? 2
                                                           : 3);
        }
    }
    return 0;
}
