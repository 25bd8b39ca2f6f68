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
        struct gathered g = {.n_endorsements = 0};
        struct situs_err err = {0};
        const struct situs_item item = {names[i], data, size};
        const struct situs_request q = {.endorsements = &item, .n_endorsements = 1};
        bool ok = given_read(&g, &q, &a, &err);
        assert(ok == (err.code == SITUS_NONE));
        assert(ok ? g.n_endorsements > 0 : err.part[0] && err.hint[0]);
        for (size_t k = 0; k < g.n_endorsements; k++) {
            const struct endorsement *e = &g.endorsements[k];
            assert(e->bytes.n && strcmp(e->part, names[i]) == 0);
            assert((e->kind == ENDORSEMENT_POE) == (e->poe != NULL));
            assert((e->kind == ENDORSEMENT_LIST) == (e->list != NULL));
            assert((e->kind == ENDORSEMENT_REVOCATION) == (e->revocation != NULL));
            oracle_ran(e->poe ? 0 : e->list ? 1 : e->revocation ? 2 : 3);
        }
    }
    return 0;
}
