/* AMD's certificates; see vek.h. */
#include "tee/amd/vek.h"

#include "base/text.h"
#include "codec/der.h"

#define AMD_OID "1.3.6.1.4.1.3704.1." /* 57230, table 7 */

static const char *const spl_oid[SNP_PARTS] = {AMD_OID "3.9", AMD_OID "3.1", AMD_OID "3.2",
                                               AMD_OID "3.3", AMD_OID "3.8"};
enum { IA5_STRING = 0x16 };

enum amd_role amd_role_of(const struct x509 *cert)
{
    uint8_t text[64];
    struct span name = span_of(text, x509_common_name(cert, text, sizeof text));
    if (span_equal(name, SPAN_LIT("SEV-VCEK")))
        return AMD_VCEK;
    if (span_equal(name, SPAN_LIT("SEV-VLEK")))
        return AMD_VLEK;
    if (span_starts(name, SPAN_LIT("SEV-VLEK-")))
        return AMD_ASVK;
    if (span_starts(name, SPAN_LIT("SEV-")))
        return AMD_ASK;
    return span_starts(name, SPAN_LIT("ARK-")) ? AMD_ARK : AMD_NONE;
}

bool amd_names(struct span der)
{
    static const uint8_t common_name[] = {0x06, 0x03, 0x55, 0x04, 0x03};
    size_t head = sizeof common_name + 2; /* tag and length of the text */
    for (size_t i = 0; i + head + 4 <= der.n; i++) {
        struct span text = span_cut(der, i + head, 4);
        if (span_equal(span_cut(der, i, sizeof common_name), SPAN_ARR(common_name)) &&
            (span_equal(text, SPAN_LIT("ARK-")) || span_equal(text, SPAN_LIT("SEV-"))))
            return true;
    }
    return false;
}

static bool fail(struct situs_err *err, enum situs_code code, const char *part, const char *field,
                 const char *expected, const char *got)
{
    return err_fail(err, code, part, field, SITUS_NO_OFFSET, expected, got);
}

/* An extension that is one value of this tag and no more; empty: none, or not so. */
static struct span value_of(const struct x509 *cert, const char *oid, uint8_t tag)
{
    struct situs_err why = {0};
    struct rd r = rd_new(x509_extension(cert, oid), 0, "", &why);
    struct span value = der_value(&r, tag, "");
    return rd_end(&r, "") ? value : span_of(NULL, 0);
}

/* The level of a part, an INTEGER of 0 to 255; -1: none is said. */
static int level_of(const struct x509 *cert, const char *oid)
{
    struct situs_err why = {0};
    struct rd r = rd_new(x509_extension(cert, oid), 0, "", &why);
    uint32_t level = der_small(&r, DER_INTEGER, 255, "");
    return rd_end(&r, "") ? (int)level : -1;
}

static bool read_levels(struct vek *v, const struct x509 *cert, const char *part,
                        struct situs_err *err)
{
    for (unsigned i = 0; i < SNP_PARTS; i++) {
        int level = level_of(cert, spl_oid[i]), at = v->product->at[i];
        if (at < 0 && level > 0)
            return fail(err, SITUS_MISMATCH, part, spl_oid[i],
                        "no level of a part that the product "
                        "has not",
                        TEXT_NUM(level));
        if (at < 0)
            continue;
        if (level < 0)
            return fail(err, SITUS_MISSING, part, spl_oid[i],
                        "the security patch level of each part, once", "none");
        v->tcb[at] = (uint8_t)level;
    }
    return true;
}

/* KDS writes the id bare into the extension; 57230 has it as an OCTET STRING. Either way it is as
 * long as the product's. */
static bool read_hwid(struct vek *v, const struct x509 *cert, const char *part,
                      struct situs_err *err)
{
    struct span id = x509_extension(cert, AMD_OID "4");
    if (id.n != v->product->chip_id)
        id = value_of(cert, AMD_OID "4", DER_OCTET_STRING);
    if (id.n != v->product->chip_id)
        return fail(err, SITUS_MISSING, part, "hwid", TEXT_BYTES(v->product->chip_id),
                    TEXT_BYTES(id.n));
    memcpy(v->hwid, id.p, id.n);
    return true;
}

bool vek_read(struct vek *v, const struct x509 *cert, enum amd_role role, const char *part,
              struct situs_err *err)
{
    struct span name = value_of(cert, AMD_OID "2", IA5_STRING);
    *v = (struct vek){.vlek = role == AMD_VLEK, .product = product_by_name(name)};
    if (!v->product)
        return fail(err, SITUS_UNSUPPORTED, part, "product_name", "Milan, Genoa, Turin or Venice",
                    name.n ? TEXT_CUT(name) : "none");
    if (!read_levels(v, cert, part, err) || (!v->vlek && !read_hwid(v, cert, part, err)))
        return false;
    v->csp_id = v->vlek ? value_of(cert, AMD_OID "5", IA5_STRING) : span_of(NULL, 0);
    return !v->vlek || v->csp_id.n ||
           fail(err, SITUS_MISSING, part, "csp_id", "the provider whose key it is", "none");
}
