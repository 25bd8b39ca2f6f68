/* Strict DER readers of the AK certificate's extensions; see ak_extension.h. */
#include "endorse/ak_cert/ak_extension.h"

#include "base/text.h"
#include "codec/der.h"
#include "crypto/digest.h"

#define PIID_SIZE 16 /* Intel PCK profile 1.3.5, Platform Instance ID */

static struct span read_text(struct rd *r, const char *field)
{
    size_t at = rd_at(r);
    struct span s = der_value(r, DER_UTF8_STRING, field);
    if (rd_ok(r) && !text_utf8(s))
        rd_fail(r, SITUS_MALFORMED, field, at, "UTF-8", NULL);
    return s;
}

/* An INTEGER from 0 to 2^64 - 1. */
static uint64_t read_u64(struct rd *r, const char *field)
{
    size_t at = rd_at(r);
    struct span s = der_integer(r, field);
    if (!rd_ok(r))
        return 0;
    bool negative = s.p[0] & 0x80;
    if (s.p[0] == 0 && s.n > 1) /* the sign's own byte */
        s = span_cut(s, 1, s.n - 1);
    if (negative || s.n > 8) {
        rd_fail(r, SITUS_MALFORMED, field, at, "an integer of 64 bits, not negative", TEXT_HEX(s));
        return 0;
    }
    uint64_t v = 0;
    for (size_t i = 0; i < s.n; i++)
        v = v << 8 | s.p[i];
    return v;
}

/* securityProperties: [0] the security version, [1] production, then further flags that carry
 * nothing which situs uses; each at most once, in order. */
static void read_security(struct ak_extension_gce *e, struct rd *r)
{
    struct rd outer = der_enter(r, DER_EXPLICIT_0, "security_properties");
    struct rd list = der_enter(&outer, DER_SEQUENCE, "security_properties");
    rd_end(&outer, "security_properties");
    int last = -1;
    while (rd_left(&list) > 0) {
        size_t at = rd_at(&list);
        uint8_t tag = der_peek(&list);
        int number = tag - DER_EXPLICIT_0;
        if (number <= last || number > 15) {
            rd_fail(&list, SITUS_MALFORMED, "security_properties", at, "tags in order", NULL);
            break;
        }
        struct rd one = der_enter(&list, tag, "security_properties");
        bool flag = false;
        if (number == 0)
            read_u64(&one, "security_properties.security_version");
        else
            flag = der_boolean(&one, "security_properties.flag");
        rd_end(&one, "security_properties");
        if (number == 1)
            e->production = flag;
        last = number;
    }
    rd_end(&list, "security_properties");
}

bool ak_extension_read_gce(struct ak_extension_gce *e, struct span value, struct situs_err *err)
{
    *e = (struct ak_extension_gce){0};
    struct rd r = rd_new(value, 0, "gce instance extension", err);
    struct rd s = der_enter(&r, DER_SEQUENCE, "instance");
    rd_end(&r, "instance");
    e->zone = read_text(&s, "zone");
    e->project_number = read_u64(&s, "project_number");
    e->project_id = read_text(&s, "project_id");
    e->instance_id = read_u64(&s, "instance_id");
    e->instance_name = read_text(&s, "instance_name");
    if (rd_left(&s) > 0)
        read_security(e, &s);
    if (rd_end(&s, "instance") && err->code == SITUS_NONE)
        return true;
    *e = (struct ak_extension_gce){0};
    return false;
}

/* A Name: nameAlg and a digest of that size (TPM 2.0 part 1, 16). */
static struct span read_name(struct rd *r, const char *field)
{
    size_t at = rd_at(r);
    struct span s = der_value(r, DER_OCTET_STRING, field);
    if (!rd_ok(r))
        return s;
    enum hash h = s.n > 2 ? hash_by_tpm((uint16_t)(s.p[0] << 8 | s.p[1])) : HASH_NONE;
    bool strong = h == HASH_SHA256 || h == HASH_SHA384 || h == HASH_SHA512;
    if (!strong || s.n != 2 + hash_size(h))
        rd_fail(r, SITUS_MALFORMED, field, at, "a TPM Name", TEXT_BYTES(s.n));
    return s;
}

bool ak_extension_read_situs(struct ak_extension_situs *e, struct span value, struct situs_err *err)
{
    *e = (struct ak_extension_situs){0};
    struct rd r = rd_new(value, 0, "situs machine extension", err);
    struct rd s = der_enter(&r, DER_SEQUENCE, "machine");
    rd_end(&r, "machine");
    e->facility = read_text(&s, "facility");
    e->machine = read_text(&s, "machine");
    e->class = (enum ak_machine_class)der_small(&s, DER_ENUMERATED, AK_CLASS_VTPM, "class");
    e->ek_name = read_name(&s, "ek_name");
    e->ak_name = read_name(&s, "ak_name");
    size_t at = rd_at(&s);
    e->piid = der_value(&s, DER_OCTET_STRING, "piid");
    if (rd_ok(&s) && e->piid.n != PIID_SIZE)
        rd_fail(&s, SITUS_MALFORMED, "piid", at, TEXT_BYTES(PIID_SIZE), TEXT_BYTES(e->piid.n));
    e->reset_count = read_u64(&s, "reset_count");
    e->restart_count = read_u64(&s, "restart_count");
    if (rd_end(&s, "machine") && err->code == SITUS_NONE)
        return true;
    *e = (struct ak_extension_situs){0};
    return false;
}
