/* Reader of Platform Manifests; see platform_manifest.h. */
#include "evidence/platform_manifest.h"

#include "base/rd.h"
#include "base/text.h"

#define PART "manifest"
#define ID 16             /* PIID, PRID: utility.h PIID_LENGTH, PRID_LENGTH */
#define HEADER 32         /* UefiVar.h StructureHeader */
#define PLATFORM_INFO 476 /* with its header: utility.h PLATFORM_INFO_LENGTH */

/* UefiVar.h PlatformManifest_GUID, PlatformInfo_GUID, PairingReceipt_GUID. */
static const uint8_t guid_manifest[16] = {0x17, 0x8e, 0x87, 0x4b, 0x49, 0xe4, 0x4a, 0xa5,
                                          0x99, 0xbb, 0x30, 0x57, 0x17, 0x09, 0x25, 0xb4};
static const uint8_t guid_info[16] = {0x84, 0x94, 0x7a, 0xc6, 0x84, 0x40, 0x41, 0x89,
                                      0x90, 0x2a, 0x7e, 0x76, 0xcd, 0x65, 0x89, 0x26};
static const uint8_t guid_receipt[16] = {0xb4, 0x0b, 0xc4, 0x67, 0x1a, 0xb5, 0x40, 0x66,
                                         0xb7, 0xf9, 0x60, 0xb6, 0x50, 0x4b, 0xc1, 0x8b};

/* header reads one StructureHeader: GUID, size of what follows it, version 1, then a type and
 * reserved bytes, all zero (UefiVar.h; the type byte: utility.h TYPE_OFFSET_IN_PM 20). */
static bool header(struct rd *r, struct span *guid, uint16_t *size)
{
    size_t at = rd_at(r);
    *guid = rd_bytes(r, 16, "header.guid");
    *size = rd_u16le(r, "header.size");
    uint16_t version = rd_u16le(r, "header.version");
    struct span reserved = rd_bytes(r, 12, "header.reserved");
    if (!rd_ok(r))
        return false;
    if (version != 1)
        return rd_fail(r, SITUS_UNSUPPORTED, "header.version", at + 18, "1", TEXT_NUM(version));
    return span_all(reserved, 0) ||
           rd_fail(r, SITUS_UNSUPPORTED, "header.reserved", at + 20, "zero", TEXT_HEX(reserved));
}

static bool id_ok(struct rd *r, struct span id, const char *field, size_t at)
{
    return !rd_ok(r) || !span_all(id, 0) ||
           rd_fail(r, SITUS_MALFORMED, field, at, "an identifier", "zero");
}

/* info reads the body of PlatformInfo: PIID at 32, number of packages in the last four bytes. */
static bool info(struct rd *r, struct platform_manifest *m, uint16_t size)
{
    size_t at = rd_at(r);
    if (size != PLATFORM_INFO - HEADER)
        return rd_fail(r, SITUS_UNSUPPORTED, "platform_info.size", at - HEADER + 16,
                       TEXT_NUM(PLATFORM_INFO - HEADER), TEXT_NUM(size));
    m->piid = rd_bytes(r, ID, "platform_info.piid");
    rd_bytes(r, PLATFORM_INFO - HEADER - ID - 4, "platform_info");
    m->packages = rd_u32le(r, "platform_info.packages");
    if (!rd_ok(r) || !id_ok(r, m->piid, "platform_info.piid", at))
        return false;
    return (m->packages >= 1 && m->packages <= LIMIT_PACKAGES) ||
           rd_fail(r, SITUS_MALFORMED, "platform_info.packages", at + PLATFORM_INFO - HEADER - 4,
                   "1 to 1024", TEXT_NUM(m->packages));
}

/* receipt reads the body of PairingReceipt: the first PRID at 33, the others from 81 on
 * (utility.h FIRST_PRID_OFFSET_IN_PM, PRID_OFFSET_IN_PM). What follows them is not public. */
static bool receipt(struct rd *r, struct platform_manifest *m, uint16_t size)
{
    struct rd body = rd_sub(r, size, "pairing_receipt");
    size_t at = rd_at(&body);
    rd_bytes(&body, 33 - HEADER, "pairing_receipt");
    m->first_prid = rd_bytes(&body, ID, "pairing_receipt.prid");
    if (m->packages > 1) {
        rd_bytes(&body, 81 - 33 - ID, "pairing_receipt");
        m->more_prids = rd_bytes(&body, (size_t)ID * (m->packages - 1), "pairing_receipt.prid");
    }
    rd_bytes(&body, rd_left(&body), "pairing_receipt");
    r->failed = r->failed || body.failed;
    for (uint32_t i = 0; rd_ok(r) && i < m->packages; i++) {
        struct span prid = platform_manifest_prid(m, i);
        size_t prid_at = i ? at + 81 - HEADER + (size_t)ID * (i - 1) : at + 33 - HEADER;
        id_ok(r, prid, "pairing_receipt.prid", prid_at);
        for (uint32_t j = 0; rd_ok(r) && j < i; j++)
            if (span_equal(prid, platform_manifest_prid(m, j)))
                rd_fail(r, SITUS_DUPLICATE, "pairing_receipt.prid", prid_at, "different packages",
                        TEXT_HEX(prid));
    }
    return rd_end(&body, "pairing_receipt") && rd_ok(r);
}

/* structure reads one structure inside the manifest. */
static bool structure(struct rd *r, struct platform_manifest *m)
{
    size_t at = rd_at(r);
    struct span guid;
    uint16_t size;
    if (!header(r, &guid, &size))
        return false;
    bool first = m->piid.n == 0;
    if (span_equal(guid, SPAN_ARR(guid_info)))
        return first ? info(r, m, size)
                     : rd_fail(r, SITUS_DUPLICATE, "platform_info", at, "one", "another");
    if (first)
        return rd_fail(r, SITUS_MISSING, "platform_info", at, "the first structure",
                       TEXT_HEX(guid));
    if (span_equal(guid, SPAN_ARR(guid_receipt)))
        return m->first_prid.n == 0
                   ? receipt(r, m, size)
                   : rd_fail(r, SITUS_DUPLICATE, "pairing_receipt", at, "one", "another");
    rd_bytes(r, size, "structure");
    return rd_ok(r);
}

bool platform_manifest_read(struct platform_manifest *m, struct span in, struct situs_err *err)
{
    struct platform_manifest got = {.packages = 0};
    struct rd r = rd_new(in, 0, PART, err);
    struct span guid;
    uint16_t size;
    memset(m, 0, sizeof *m);
    if (in.n > LIMIT_MANIFEST)
        return rd_fail(&r, SITUS_TOO_LONG, "", 0, TEXT_BYTES(LIMIT_MANIFEST), TEXT_BYTES(in.n));
    if (!header(&r, &guid, &size))
        return false;
    if (!span_equal(guid, SPAN_ARR(guid_manifest)))
        return rd_fail(&r, SITUS_UNKNOWN, "header.guid", 0, TEXT_HEX(SPAN_ARR(guid_manifest)),
                       TEXT_HEX(guid));
    if (size != rd_left(&r))
        return rd_fail(&r, size > rd_left(&r) ? SITUS_TOO_SHORT : SITUS_TRAILING, "header.size", 16,
                       TEXT_NUM(rd_left(&r)), TEXT_NUM(size));
    while (rd_left(&r) > 0)
        if (!structure(&r, &got))
            return false;
    if (got.first_prid.n == 0)
        return rd_fail(&r, SITUS_MISSING, got.piid.n ? "pairing_receipt" : "platform_info",
                       rd_at(&r), "one", "none");
    if (!rd_end(&r, "manifest"))
        return false;
    *m = got;
    return true;
}

struct span platform_manifest_prid(const struct platform_manifest *m, uint32_t i)
{
    return i ? span_cut(m->more_prids, (size_t)ID * (i - 1), ID) : m->first_prid;
}

bool platform_manifest_is(struct span in)
{
    uint8_t guid[16];
    return span_starts(in, SPAN_ARR(guid_manifest)) ||
           (in.n >= 32 && text_hex_read(guid, 16, span_cut(in, 0, 32)) &&
            memcmp(guid, guid_manifest, 16) == 0);
}

bool platform_manifest_bytes(struct span *out, struct span in, struct arena *a,
                             struct situs_err *err)
{
    *out = span_of(NULL, 0);
    if (!platform_manifest_is(in))
        return err_fail(err, SITUS_UNKNOWN, PART, "header.guid", 0,
                        TEXT_HEX(SPAN_ARR(guid_manifest)),
                        in.n ? TEXT_HEX(span_cut(in, 0, in.n < 16 ? in.n : 16)) : "no bytes");
    if (in.p[0] == guid_manifest[0]) {
        *out = in;
        return true;
    }
    if (in.n > 2 * LIMIT_MANIFEST + 2)
        return err_fail(err, SITUS_TOO_LONG, PART, "", 0, TEXT_BYTES(LIMIT_MANIFEST),
                        TEXT_BYTES(in.n / 2));
    if (in.p[in.n - 1] == '\n')
        in.n--;
    if (in.p[in.n - 1] == '\r')
        in.n--;
    uint8_t *bytes = arena_take(a, in.n / 2);
    if (!bytes)
        return err_fail(err, SITUS_NO_MEMORY, PART, "", SITUS_NO_OFFSET, NULL, NULL);
    if (!text_hex_read(bytes, in.n / 2, in))
        return err_fail(err, SITUS_MALFORMED, PART, "", 0, "an even number of hex digits", NULL);
    *out = span_of(bytes, in.n / 2);
    return true;
}
