/* Splitting collateral.json; see qvl.h. */
#include "tee/intel/qvl.h"

#include "base/text.h"
#include "codec/json/scan.h"

static const char *const names[QVL_KEYS] = {
    [QVL_PCK_CRL_CHAIN] = "pck_crl_issuer_chain",
    [QVL_TCB_INFO_CHAIN] = "tcb_info_issuer_chain",
    [QVL_QE_IDENTITY_CHAIN] = "qe_identity_issuer_chain",
    [QVL_ROOT_CRL] = "root_ca_crl",
    [QVL_PCK_CRL] = "pck_crl",
    [QVL_PCK_CHAIN] = "pck_certificate_chain",
    [QVL_TCB_INFO] = "tcb_info",
    [QVL_QE_IDENTITY] = "qe_identity",
    [QVL_TCB_INFO_SIGNATURE] = "tcb_info_signature",
    [QVL_QE_IDENTITY_SIGNATURE] = "qe_identity_signature",
};

const char *qvl_name(enum qvl_key key)
{
    return names[key];
}

/* split finds the members' values, as they are written; unknown is the first that nobody knows. */
static bool split(struct scan *s, struct scan_level *o, struct span raw[QVL_KEYS],
                  struct span *unknown)
{
    scan_object(s, o, names, QVL_KEYS);
    while (scan_any_member(s, o)) {
        struct span value = scan_skip(s);
        if (o->index < QVL_KEYS)
            raw[o->index] = value;
        else if (!unknown->p)
            *unknown = o->key;
    }
    return scan_end(s);
}

/* take is the text of a value; a chain that is null has none. */
static bool take(struct span *out, enum qvl_key key, struct span raw, const char *part,
                 struct arena *a, struct situs_err *err)
{
    if (raw.n == 0 || (key == QVL_PCK_CHAIN && span_equal(raw, SPAN_LIT("null"))))
        return true;
    if (raw.p[0] != '"')
        return err_fail(err, SITUS_MALFORMED, part, names[key], SITUS_NO_OFFSET, "text",
                        "a value of another kind");
    return scan_unescape(out, raw, a) || err_fail(err, SITUS_NO_MEMORY, part, names[key],
                                                  SITUS_NO_OFFSET, TEXT_BYTES(raw.n), "none");
}

bool qvl_read(struct qvl *out, struct span text, const char *part, struct arena *a,
              struct situs_err *err)
{
    struct scan s = scan_new(text, 0, NULL, part, err);
    struct scan_level o;
    struct span raw[QVL_KEYS] = {{NULL, 0}}, unknown = {NULL, 0};
    *out = (struct qvl){{{NULL, 0}}};
    s.nul = true;
    if (!split(&s, &o, raw, &unknown))
        return false;
    if (!(o.seen >> QVL_TCB_INFO & 1))
        return err_fail(err, SITUS_UNKNOWN, part, "json", SITUS_NO_OFFSET,
                        "tcbInfo or enclaveIdentity first, or tcb_info in it", "none of them");
    if (unknown.p)
        return err_fail(err, SITUS_UNKNOWN, part, TEXT_CUT(unknown), SITUS_NO_OFFSET,
                        "a member of dcap-qvl's collateral", TEXT_CUT(unknown));
    if (!scan_need(&s, &o, 1u << QVL_PCK_CHAIN))
        return false;
    for (enum qvl_key i = 0; i < QVL_KEYS; i++)
        if (!take(&out->v[i], i, raw[i], part, a, err)) {
            *out = (struct qvl){{{NULL, 0}}};
            return false;
        }
    return true;
}
