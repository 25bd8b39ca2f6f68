/* Reading of what the caller gave; see given.h. */
#include "situs/given.h"

#include "base/text.h"
#include "codec/pem.h"
#include "crypto/cose.h"
#include "situs/evidence_kind.h"
#include "tee/intel/chain.h"

/* What people put in the place of an endorsement, and is of no kind that is known everywhere. */
static const struct {
    const char *begin;
    struct evidence_kind kind;
} strangers[] = {
    {"-----BEGIN ", {"PEM of another kind", "of PEM only \"X509 CRL\" is an endorsement", 0}},
    {"{",
     {"other JSON",
      "a registry's document is named by the host's PPID (situs-list(5)); an error message is none",
      0}},
};

static bool refuse_stranger(struct span in, const char *part, struct situs_err *err)
{
    const struct evidence_kind *kind = evidence_kind(in);
    if (kind && kind->places & PLACE_ENDORSEMENT)
        kind = NULL;
    for (size_t i = 0; !kind && i < sizeof strangers / sizeof *strangers; i++)
        if (span_starts(in, span_text(strangers[i].begin)))
            kind = &strangers[i].kind;
    struct span type = cose_content_type(in);
    const char *bytes = type.n ? TEXT_CUT(type) : TEXT_HEX(span_cut(in, 0, in.n < 16 ? in.n : 16));
    err_fail(err, SITUS_UNKNOWN, part, "", 0, endorsement_kinds(), kind ? kind->what : bytes);
    return err_hint(err, kind ? kind->hint
                              : "is it the right file, and whole? situs-verify(1) lists what is "
                                "read");
}

bool given_is_pem(struct span in)
{
    return span_starts(text_trim(in), SPAN_LIT(PEM_BEGIN(PEM_CRL)));
}

/* No chain that endorsements' CRLs are looked up for names Intel's CAs: a quote's revocation would
 * be passed over. */
static bool refuse_intels(const char *part, struct situs_err *err)
{
    err_fail(err, SITUS_NOT_ALLOWED, part, "issuer", SITUS_NO_OFFSET,
             "a CRL of who vouches for the machine or its TPM", "a CRL of Intel's");
    return err_hint(err, "Intel's CRLs are collateral: give it with --collateral");
}

static bool add(struct endorsements *to, struct endorsement e, const struct trust *once,
                struct arena *a, struct situs_err *err)
{
    if (!endorsements_read(to, e, once, a, err))
        return false;
    return e.kind != ENDORSEMENT_CRL || !intel_is_ca(to->crls.v[to->crls.n - 1].crl.issuer) ||
           refuse_intels(e.part, err);
}

static bool add_pem(struct endorsements *to, const struct endorsement *in, const struct trust *once,
                    struct arena *a, struct situs_err *err)
{
    struct rd r = rd_new(in->bytes, 0, in->part, err);
    while (pem_space(&r) > 0) {
        struct endorsement e = {.part = in->part, .kind = ENDORSEMENT_CRL};
        if (!pem_block(&r, PEM_CRL, "crl", a, &e.bytes))
            return err_hint(err, "the file is cut short or holds more than CRLs in PEM: fetch it "
                                 "again");
        if (!add(to, e, once, a, err))
            return false;
    }
    return rd_ok(&r);
}

bool given_read(struct endorsements *to, const struct situs_item *items, size_t n,
                const struct trust *once, struct arena *a, struct situs_err *err)
{
    for (size_t i = 0; i < n; i++) {
        struct endorsement e = {.part = items[i].name ? items[i].name : "endorsement",
                                .bytes = item_span(items[i])};
        if (text_trim(e.bytes).n == 0) {
            err_fail(err, SITUS_MISSING, e.part, "", SITUS_NO_OFFSET, "bytes", "an empty file");
            return err_hint(err, "fetch the file again, or take it away if it is not meant");
        }
        if (given_is_pem(e.bytes)) {
            if (!add_pem(to, &e, once, a, err))
                return false;
            continue;
        }
        e.kind = endorsement_is(e.part, e.bytes);
        if (e.kind == ENDORSEMENT_KIND_COUNT)
            return refuse_stranger(e.bytes, e.part, err);
        if (!add(to, e, once, a, err)) { /* a quote in hex looks like a list of ids */
            evidence_kind_named(e.bytes, PLACE_ENDORSEMENT, e.part, endorsement_kinds(), err);
            return false;
        }
    }
    if (once)
        endorsements_know(to, once);
    return true;
}
