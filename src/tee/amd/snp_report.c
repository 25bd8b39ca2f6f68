/* Report reader; see snp_report.h. Offsets are those of table 23 there. */
#include "tee/amd/snp_report.h"

#include "base/rd.h"
#include "base/text.h"
#include "tee/amd/cert_table.h"

enum {
    ALGO_ECDSA_P384_SHA384 = 1, /* table 139 */
    SIGNATURE_AT = 0x2a0,
    COMPONENT_SIZE = 72, /* of R and of S, little-endian (table 142) */
    KEY_VCEK = 0,        /* SIGNING_KEY */
    KEY_VLEK = 1
};

static uint32_t u32le(struct span in, size_t at)
{
    return (uint32_t)snp_u64(span_cut(in, at, 4));
}

bool snp_report_is(struct span in)
{
    return in.n >= SNP_REPORT_SIZE && u32le(in, 0) >= 2 && u32le(in, 0) <= 5 &&
           u32le(in, 0x34) == ALGO_ECDSA_P384_SHA384;
}

/* Bytes that must be zero, by the first version that has them so and the first that has not. */
static const struct {
    uint16_t at, size;
    uint8_t from, below;
    const char *field;
} reserved[] = {
    {0x04c, 4, 0, 255, "reserved[4ch]"},    {0x188, 24, 0, 3, "reserved[188h]"},
    {0x18b, 21, 3, 255, "reserved[18bh]"},  {0x1eb, 1, 0, 255, "reserved[1ebh]"},
    {0x1ef, 1, 0, 255, "reserved[1efh]"},   {0x1f8, 16, 0, 5, "reserved[1f8h]"},
    {0x208, 152, 0, 255, "reserved[208h]"}, {0x330, 368, 0, 255, "signature.reserved"},
};

static bool read_reserved(struct rd *rd, const struct snp_report *r)
{
    for (size_t i = 0; i < sizeof reserved / sizeof *reserved; i++) {
        struct span bytes = snp_field(r, reserved[i].at, reserved[i].size);
        if (r->version >= reserved[i].from && r->version < reserved[i].below && !span_all(bytes, 0))
            return rd_fail(rd, SITUS_MALFORMED, reserved[i].field, reserved[i].at,
                           "zero: these bytes are reserved", TEXT_HEX(bytes));
    }
    return true;
}

static bool read_head(struct rd *rd, struct snp_report *r)
{
    r->version = u32le(r->whole, 0);
    if (r->version != 2 && r->version != 3 && r->version != 5) {
        rd_fail(rd, SITUS_UNSUPPORTED, "version", 0, "2, 3 or 5", TEXT_NUM(r->version));
        return err_hint(rd->err, "no report that is known begins so: is it the right file?");
    }
    uint32_t algo = u32le(r->whole, 0x34);
    return algo == ALGO_ECDSA_P384_SHA384 ||
           rd_fail(rd, SITUS_UNSUPPORTED, "signature_algo", 0x34, "1 (ECDSA P-384 with SHA-384)",
                   TEXT_NUM(algo));
}

/* Bit 0 AUTHOR_KEY_EN, 1 MASK_CHIP_KEY, 2 to 4 SIGNING_KEY. */
static bool read_key(struct rd *rd, struct snp_report *r)
{
    uint32_t flags = u32le(r->whole, 0x48), key = flags >> 2 & 7;
    if (flags >> 5)
        return rd_fail(rd, SITUS_MALFORMED, "key_information", 0x48, "bits 5 to 31 clear",
                       TEXT_NUM(flags));
    r->vlek = key == KEY_VLEK;
    if (key == KEY_VCEK || key == KEY_VLEK)
        return true;
    rd_fail(rd, SITUS_UNSUPPORTED, "signing_key", 0x48, "0 (VCEK) or 1 (VLEK)", TEXT_NUM(key));
    return err_hint(rd->err, "the host had the firmware sign by no key: ask it to enable VCEK or "
                             "VLEK");
}

/* A number of 72 bytes, little-endian, of which P-384 uses 48. */
static bool read_component(struct rd *rd, const struct snp_report *r, size_t at, const char *field,
                           uint8_t out[48])
{
    struct span high = snp_field(r, at + 48, COMPONENT_SIZE - 48);
    for (size_t i = 0; i < 48; i++)
        out[i] = r->whole.p[at + 47 - i];
    return span_all(high, 0) || rd_fail(rd, SITUS_MALFORMED, field, at + 48,
                                        "a number of at most 384 bits", TEXT_HEX(high));
}

bool snp_report_read(struct snp_report *r, struct span bytes, struct situs_err *err)
{
    struct rd rd = rd_new(bytes, 0, "report", err);
    struct snp_report read = {.whole = rd_bytes(&rd, SNP_REPORT_SIZE, "report")};
    *r = (struct snp_report){0};
    if (!rd_ok(&rd))
        return false;
    read.signed_part = span_cut(read.whole, 0, SIGNATURE_AT);
    if (!read_head(&rd, &read) || !read_key(&rd, &read) || !read_reserved(&rd, &read) ||
        !read_component(&rd, &read, SIGNATURE_AT, "signature.r", read.r) ||
        !read_component(&rd, &read, SIGNATURE_AT + COMPONENT_SIZE, "signature.s", read.s) ||
        !cert_table_read(&rd, &read))
        return false;
    *r = read;
    return true;
}

static const struct {
    enum claim_id id;
    uint16_t at, size;
    uint8_t from; /* the first version that has it */
} fields[] = {
    {CLAIM_GUEST_POLICY, 0x008, 8, 0},       {CLAIM_FAMILY_ID, 0x010, 16, 0},
    {CLAIM_IMAGE_ID, 0x020, 16, 0},          {CLAIM_CURRENT_TCB, 0x038, 8, 0},
    {CLAIM_PLATFORM_INFO, 0x040, 8, 0},      {CLAIM_REPORT_DATA, 0x050, 64, 0},
    {CLAIM_MEASUREMENT, 0x090, 48, 0},       {CLAIM_HOST_DATA, 0x0c0, 32, 0},
    {CLAIM_ID_KEY_DIGEST, 0x0e0, 48, 0},     {CLAIM_AUTHOR_KEY_DIGEST, 0x110, 48, 0},
    {CLAIM_REPORT_ID, 0x140, 32, 0},         {CLAIM_REPORT_ID_MA, 0x160, 32, 0},
    {CLAIM_REPORTED_TCB, 0x180, 8, 0},       {CLAIM_COMMITTED_TCB, 0x1e0, 8, 0},
    {CLAIM_LAUNCH_TCB, 0x1f0, 8, 0},         {CLAIM_LAUNCH_MIT_VECTOR, 0x1f8, 8, 5},
    {CLAIM_CURRENT_MIT_VECTOR, 0x200, 8, 5},
};

void snp_report_claims(const struct snp_report *r, struct claims *c)
{
    c->instance = "snp";
    claim_num(c, CLAIM_QUOTE_VERSION, r->version);
    claim_num(c, CLAIM_GUEST_SVN, u32le(r->whole, 0x004));
    claim_num(c, CLAIM_VMPL, u32le(r->whole, 0x030));
    claim_bytes(c, CLAIM_SIGNING_KEY, r->vlek ? SPAN_LIT("vlek") : SPAN_LIT("vcek"));
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        if (r->version >= fields[i].from)
            claim_bytes(c, fields[i].id, snp_field(r, fields[i].at, fields[i].size));
}
