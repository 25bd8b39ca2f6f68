/* A toy: "TOY" and the one machine that it vouches for. */
#include "endorse/id_list/listing.h"

static const struct anchor party = {.name = "toy", .uses = ANCHOR_LIST};

static bool is_toy(const char *name, struct span in)
{
    (void)name;
    return span_starts(in, SPAN_LIT("TOY")) || endorsement_is_type(in, "vnd.toy");
}

static bool read_toy(struct endorsement *e, const struct trust *once, struct arena *a,
                     struct situs_err *err)
{
    (void)once, (void)a;
    return e->bytes.n == 19 || err_fail(err, SITUS_MALFORMED, e->part, "toy", 0, "19 bytes", NULL);
}

static void tell_toy(const struct endorsement *e, struct claims *c)
{
    claim_bytes(c, CLAIM_PPID, span_cut(e->bytes, 3, 16));
}

static void answer_toy(const struct endorsement *e, const struct question *q, struct answer *x)
{
    struct span id = listing_id(q, LISTING_PPID);
    if (!listing_accepts(x, q, "toy"))
        return;
    finding_pass(&x->findings, CHECK_LIST_SIGNATURE);
    finding_pass(&x->findings, CHECK_LIST_WINDOW);
    finding_pass(&x->findings, CHECK_LIST_ROLLBACK);
    if (span_equal(id, span_cut(e->bytes, 3, 16)))
        finding_pass(&x->findings, CHECK_LIST_MATCH);
    else
        answer_fail(x, CHECK_LIST_MATCH, SITUS_MISMATCH, "ppid", NULL, NULL, NULL);
    listing_end(x, q, &party);
}

const struct endorsement_does toy_endorsement = {.is = is_toy,
                                                 .read = read_toy,
                                                 .tell = tell_toy,
                                                 .family = &listing_family,
                                                 .answer = answer_toy};
