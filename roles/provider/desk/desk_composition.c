/* Composition manifests; see desk_composition.h. */
#include "provider/desk/desk_composition.h"

#include "base/limits.h"
#include "base/text.h"
#include "crypto/digest.h"
#include "endorse/composition/composition.h"

#include <stdio.h>

#define ARENA_ROOM (16 * 1024) /* of the chain: an anchor each */

_Static_assert(FLEET_PACKAGES == LIMIT_COMPOSITION_PACKAGES, "a manifest fits the inventory");

/* take copies what the manifest says; a serial number must be a name of the inventory. */
static bool take(struct fleet_composition *out, const struct composition *c, struct span bytes,
                 struct situs_err *err)
{
    uint8_t hash[32];
    if (c->serial.n > FLEET_NAME)
        return err_fail(err, SITUS_TOO_LONG, COMPOSITION_PART, "serial", SITUS_NO_OFFSET,
                        TEXT_BYTES(FLEET_NAME), TEXT_BYTES(c->serial.n));
    if (memchr(c->serial.p, 0, c->serial.n)) /* text_cut would end there */
        return err_fail(err, SITUS_MALFORMED, COMPOSITION_PART, "serial", SITUS_NO_OFFSET,
                        "printable text", "a zero byte");
    if (!digest(HASH_SHA256, bytes, hash))
        return err_fail(err, SITUS_INTERNAL, COMPOSITION_PART, "", SITUS_NO_OFFSET, NULL, NULL);
    memcpy(out->serial, c->serial.p, c->serial.n); /* fleet_add_composition looks at its letters */
    out->number = (int64_t)c->number;
    out->issued = c->issued;
    out->bytes = bytes;
    out->n_prids = composition_count(c);
    text_hex(out->sha256, sizeof out->sha256, SPAN_ARR(hash));
    for (size_t i = 0; i < out->n_prids; i++)
        text_hex(out->prid[i], sizeof out->prid[i], composition_prid(c, i));
    if (c->piid.n)
        text_hex(out->piid, sizeof out->piid, c->piid);
    return true;
}

bool desk_composition_read(struct fleet_composition *out, struct file *file, const char *path,
                           const struct trust *trust, int64_t at, int64_t days,
                           struct situs_err *err)
{
    uint8_t memory[ARENA_ROOM];
    struct arena a = arena_new(memory, sizeof memory);
    struct composition c;
    struct signed_doc_signer signer;
    const struct signed_doc_rules rules = {.trust = trust, .at = at};
    if (!file_read(file, path, LIMIT_COMPOSITION, err) ||
        !composition_read(&c, file_span(file), err) ||
        !composition_verify(&c, rules, days, &signer, &a, err))
        return false;
    out->supplier = signer.anchor->name;
    return take(out, &c, file_span(file), err);
}
