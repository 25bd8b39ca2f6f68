/* Certificate table; see cert_table.h. */
#include "tee/amd/cert_table.h"

#include "base/limits.h"
#include "base/text.h"

#define ENTRY 24   /* GUID, offset and length, little-endian */
#define ENTRIES 32 /* of one table; the last is zero */

/* GUIDs as they lie in memory (RFC 4122 A, first three fields little-endian). */
static const uint8_t known[][16] = {
    /* VCEK 63da758d-e664-4564-adc5-f4b93be8accd */
    {0x8d, 0x75, 0xda, 0x63, 0x64, 0xe6, 0x64, 0x45, 0xad, 0xc5, 0xf4, 0xb9, 0x3b, 0xe8, 0xac,
     0xcd},
    /* VLEK a8074bc2-a25a-483e-aae6-39c045a0b8a1 */
    {0xc2, 0x4b, 0x07, 0xa8, 0x5a, 0xa2, 0x3e, 0x48, 0xaa, 0xe6, 0x39, 0xc0, 0x45, 0xa0, 0xb8,
     0xa1},
    /* ASK 4ab7b379-bbac-4fe4-a02f-05aef327c782 */
    {0x79, 0xb3, 0xb7, 0x4a, 0xac, 0xbb, 0xe4, 0x4f, 0xa0, 0x2f, 0x05, 0xae, 0xf3, 0x27, 0xc7,
     0x82},
    /* ARK c0b406a4-a803-4952-9743-3fb6014cd0ae */
    {0xa4, 0x06, 0xb4, 0xc0, 0x03, 0xa8, 0x52, 0x49, 0x97, 0x43, 0x3f, 0xb6, 0x01, 0x4c, 0xd0,
     0xae},
    /* CRL 92f81bc3-5811-4d3d-97ff-d19f88dc67ea */
    {0xc3, 0x1b, 0xf8, 0x92, 0x11, 0x58, 0x3d, 0x4d, 0x97, 0xff, 0xd1, 0x9f, 0x88, 0xdc, 0x67,
     0xea},
};

static bool is_known(struct span guid)
{
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (span_equal(guid, SPAN_ARR(known[i])))
            return true;
    return false;
}

/* One entry; *end grows to behind what it names. */
static bool read_entry(struct rd *rd, struct snp_report *r, struct span table, struct span guid,
                       size_t *end)
{
    size_t at = rd_at(rd);
    uint32_t offset = rd_u32le(rd, "certificate_table.offset");
    uint32_t size = rd_u32le(rd, "certificate_table.length");
    if (!rd_ok(rd))
        return false;
    if (size == 0 || offset > table.n || size > table.n - offset)
        return rd_fail(rd, SITUS_MALFORMED, "certificate_table.offset", at,
                       "bytes inside of the table", TEXT_NUM(offset));
    *end = offset + size > *end ? offset + size : *end;
    if (!is_known(guid))
        return true;
    if (size > LIMIT_CERT || r->n_certs == SNP_CERTS)
        return rd_fail(rd, SITUS_TOO_LONG, "certificate_table.length", at + 4,
                       "at most 8 certificates of 8192 bytes", TEXT_NUM(size));
    r->certs[r->n_certs++] = span_cut(table, offset, size);
    return true;
}

static bool read_entries(struct rd *rd, struct snp_report *r, struct span table, size_t *end)
{
    for (size_t i = 0; i < ENTRIES; i++) {
        size_t start = rd_at(rd);
        struct span guid = rd_bytes(rd, 16, "certificate_table.guid");
        if (!rd_ok(rd))
            return false;
        if (span_all(guid, 0)) {
            struct span rest = rd_bytes(rd, ENTRY - 16, "certificate_table.end");
            *end = (i + 1) * ENTRY > *end ? (i + 1) * ENTRY : *end;
            return rd_ok(rd) &&
                   (span_all(rest, 0) || rd_fail(rd, SITUS_MALFORMED, "certificate_table.end",
                                                 start, "an entry of zeros", TEXT_HEX(rest)));
        }
        if (!read_entry(rd, r, table, guid, end))
            return false;
    }
    return rd_fail(rd, SITUS_TOO_LONG, "certificate_table", SNP_REPORT_SIZE,
                   "at most 32 entries, the last of zeros", "more");
}

bool cert_table_read(struct rd *rd, struct snp_report *r)
{
    struct span table = span_cut(rd->in, rd->pos, rd_left(rd));
    struct rd entries = rd_new(table, rd_at(rd), rd->part, rd->err);
    size_t end = 0;
    if (span_all(table, 0)) {
        r->padding = table.n;
        return true;
    }
    if (!read_entries(&entries, r, table, &end))
        return false;
    r->padding = table.n - end;
    return span_all(span_cut(table, end, r->padding), 0) ||
           rd_fail(&entries, SITUS_TRAILING, "certificate_table", SNP_REPORT_SIZE + end,
                   "zero bytes to the end", "other bytes");
}

void cert_table_write_vcek(struct wr *w, struct span der)
{
    wr_bytes(w, SPAN_ARR(known[0]));
    wr_u32le(w, CERT_TABLE_ONE);
    wr_u32le(w, (uint32_t)der.n);
    for (size_t i = 0; i < ENTRY; i++)
        wr_u8(w, 0);
    wr_bytes(w, der);
}
