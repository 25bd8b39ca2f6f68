/* Reading and verifying of composition manifests; see composition.h. */
#include "endorse/composition/composition.h"

#include "base/text.h"

#define DAY 86400
#define SIZE COMPOSITION_ID_SIZE

/* Whole PRIDs in rising order, so that none is there twice. */
static void read_prids(struct cbor *c, struct composition *m)
{
    signed_doc_key(c, COMPOSITION_PRIDS, "prids");
    size_t at = cbor_at(c);
    m->prids = cbor_bytes(c, "prids");
    if (!cbor_ok(c))
        return;
    if (m->prids.n == 0 || m->prids.n % SIZE) {
        cbor_fail(c, SITUS_MALFORMED, "prids", at, "one or more PRIDs of 16 bytes",
                  TEXT_BYTES(m->prids.n));
        return;
    }
    if (m->prids.n > LIMIT_COMPOSITION_PACKAGES * SIZE) {
        cbor_fail(c, SITUS_TOO_LONG, "prids", at, TEXT_NUM(LIMIT_COMPOSITION_PACKAGES),
                  TEXT_NUM(m->prids.n / SIZE));
        return;
    }
    size_t base = cbor_at(c) - m->prids.n;
    for (size_t i = SIZE; i < m->prids.n; i += SIZE) {
        int order = memcmp(m->prids.p + i - SIZE, m->prids.p + i, SIZE);
        if (order >= 0) {
            cbor_fail(c, order ? SITUS_MALFORMED : SITUS_DUPLICATE, "prids", base + i,
                      "PRIDs in rising order, each once", order ? "a lower one" : "one again");
            return;
        }
    }
}

static void read_piid(struct cbor *c, struct composition *m)
{
    signed_doc_key(c, COMPOSITION_PIID, "piid");
    size_t at = cbor_at(c);
    m->piid = cbor_bytes(c, "piid");
    if (cbor_ok(c) && m->piid.n != SIZE)
        cbor_fail(c, SITUS_MALFORMED, "piid", at, "16 bytes", TEXT_BYTES(m->piid.n));
}

static bool read_payload(struct composition *m, struct situs_err *err)
{
    struct cbor c = cbor_new(m->doc.cose.payload, m->doc.cose.payload_at, m->doc.part, err);
    size_t at = cbor_at(&c), n = cbor_map(&c, "payload");
    if (cbor_ok(&c) && n != 6 && n != 7)
        cbor_fail(&c, SITUS_MALFORMED, "payload", at, "6 members, or 7 with a PIID", TEXT_NUM(n));
    signed_doc_number(&c, COMPOSITION_NUMBER, &m->number);
    m->issued = signed_doc_time(&c, COMPOSITION_ISSUED, "issued");
    m->supplier = signed_doc_text(&c, COMPOSITION_SUPPLIER, "supplier");
    m->serial = signed_doc_text(&c, COMPOSITION_SERIAL, "serial");
    m->name = signed_doc_text(&c, COMPOSITION_NAME, "name");
    read_prids(&c, m);
    if (n == 7)
        read_piid(&c, m);
    cbor_leave(&c, "payload");
    return cbor_end(&c, "payload");
}

bool composition_read(struct composition *c, struct span in, struct situs_err *err)
{
    *c = (struct composition){0};
    if (in.n > LIMIT_COMPOSITION)
        return err_fail(err, SITUS_TOO_LONG, COMPOSITION_PART, "cose", SITUS_NO_OFFSET,
                        TEXT_BYTES(LIMIT_COMPOSITION), TEXT_BYTES(in.n));
    if (signed_doc_read(&c->doc, in, COMPOSITION_TYPE, COMPOSITION_PART, err) &&
        read_payload(c, err))
        return true;
    *c = (struct composition){0};
    return false;
}

size_t composition_count(const struct composition *c)
{
    return c->prids.n / SIZE;
}

struct span composition_prid(const struct composition *c, size_t i)
{
    return span_cut(c->prids, i * SIZE, SIZE);
}

bool composition_verify(const struct composition *c, struct signed_doc_rules rules,
                        int64_t max_age_days, struct signed_doc_signer *signer, struct arena *a,
                        struct situs_err *err)
{
    rules.use = ANCHOR_SUPPLIER;
    if (!signed_doc_verify(&c->doc, &rules, signer, a, err))
        return false;
    bool early = c->issued > rules.at;
    if (!early && !signed_doc_older(rules.at, c->issued, max_age_days, DAY))
        return true;
    *signer = (struct signed_doc_signer){0};
    err_fail(err, early ? SITUS_NOT_YET_VALID : SITUS_EXPIRED, c->doc.part, "issued",
             SITUS_NO_OFFSET,
             early ? "a manifest issued before now" : "a manifest of the age that is allowed",
             TEXT_TIME(c->issued));
    return err_hint(err, early ? "check the clock, or the time given with --at"
                               : "ask the supplier for a new manifest, or allow more days");
}
