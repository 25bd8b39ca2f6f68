/* What Intel supplies to an appraisal of TDX and SGX; see tee/tee.h. */
#include "base/text.h"
#include "tee/intel/tcb.h"
#include "tee/tee.h"

#include <stdio.h>

#define NOTE 256 /* bytes of one, with its zero byte */

/* Version 3 to 5, an ECDSA key on P-256 or P-384 (Intel TDX DCAP Quoting Library API, A.3.1). */
static bool is(struct span in)
{
    return in.n >= 4 && in.p[0] >= 3 && in.p[0] <= 5 && in.p[1] == 0 &&
           (in.p[2] == 2 || in.p[2] == 3) && in.p[3] == 0;
}

static bool read(struct tee_evidence *e, struct span bytes, struct situs_err *err)
{
    if (!quote_read(&e->quote, bytes, err))
        return false;
    e->kind = e->quote.tdx ? KIND_TDX : KIND_SGX;
    e->whole = e->quote.whole;
    e->padding = e->quote.padding;
    return true;
}

static void state(const struct tee_evidence *e, struct claims *c)
{
    quote_claims(&e->quote, c);
}

static const char *verify(const struct tee_evidence *e, const struct tee_question *q,
                          struct arena *a, struct claims *c, struct findings *f)
{
    const struct quote_question question = {.trust = q->trust,
                                            .pki = q->collateral ? &q->collateral->intel.pki : NULL,
                                            .cache = q->cache,
                                            .policy = q->policy,
                                            .at = q->at};
    quote_verify(&e->quote, &question, a, c, f);
    return NULL;
}

/* falls is a note, where the TCB that is taken now is not by Intel's early set; NULL: it is, or there is no room. */
static const char *falls(const struct claims *c, struct arena *a)
{
    const struct claim *end = &c->v[CLAIM_TCB_FALLS];
    char *text = end->set ? arena_take(a, NOTE) : NULL;
    if (text)
        snprintf(
            text, NOTE,
            "Intel's early set says %s of this platform, and the standard one will from %s on at "
            "the latest: update it before",
            TEXT_CUT(c->v[CLAIM_EARLY_TCB_STATUS].bytes), TEXT_TIME(end->num));
    return text;
}

static const char *rate(const struct tee_evidence *e, const struct tee_question *q,
                        struct claims *c, struct findings *f)
{
    (void)e;
    tcb_apply(c, q->collateral ? &q->collateral->intel : NULL, q->policy, q->at, f);
    if (!q->early)
        return NULL;
    tcb_forecast(c, &q->early->intel, q->policy, q->at, f->arena);
    return falls(c, f->arena);
}

/* Whatever is nobody else's: its reader says what it is not. */
static bool takes(struct span bytes, struct arena *a)
{
    (void)bytes, (void)a;
    return true;
}

static bool load(struct tee_collateral *c, const struct situs_item *items, size_t n,
                 const struct trust *trust, struct arena *a, struct situs_err *err)
{
    return snapshot_load(&c->intel, items, n, trust, a, err);
}

static void drop(struct tee_collateral *c)
{
    snapshot_free(&c->intel);
}

const struct tee_maker intel_maker = {.is = is,
                                      .read = read,
                                      .claims = state,
                                      .verify = verify,
                                      .rate = rate,
                                      .takes = takes,
                                      .load = load,
                                      .reads = snapshot_parts_read,
                                      .free = drop};
