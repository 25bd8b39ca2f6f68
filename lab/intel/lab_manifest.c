/* Maker of Platform Manifests; see lab_manifest.h. */
#include "lab/intel/lab_manifest.h"

#include <string.h>

#define HEADER 32
#define INFO_BODY 444   /* PlatformInfo without its header */
#define UNPUBLISHED 512 /* stands for the encrypted platform keys */
#define RECEIPT_TAIL 64 /* stands for the pairing receipt's signature */

static void header(struct lab_buf *b, const char guid[17], size_t size)
{
    lab_buf_bytes(b, span_of(guid, 16));
    lab_buf_u16le(b, (uint16_t)size);
    lab_buf_u16le(b, 1);
    lab_buf_zeros(b, 12);
}

struct lab_manifest lab_manifest_honest(const struct lab_platform *p, unsigned n)
{
    struct lab_manifest m = {.packages = 2};
    memcpy(m.piid, p->piid, 16);
    for (unsigned i = 0; i < LAB_PACKAGES; i++) {
        memset(m.prid[i], 0xd0, 16);
        m.prid[i][0] = (uint8_t)n;
        m.prid[i][15] = (uint8_t)i;
    }
    return m;
}

struct span lab_manifest_make(struct lab_world *w, const struct lab_manifest *m)
{
    struct lab_buf b = {0};
    uint32_t prids = m->packages < LAB_PACKAGES ? m->packages : LAB_PACKAGES;
    size_t receipt = 1 + 16 + 32 + (prids > 1 ? 16 * (size_t)(prids - 1) : 0) + RECEIPT_TAIL;
    header(&b, "\x17\x8e\x87\x4b\x49\xe4\x4a\xa5\x99\xbb\x30\x57\x17\x09\x25\xb4",
           HEADER + INFO_BODY + HEADER + UNPUBLISHED + HEADER + receipt);
    header(&b, "\x84\x94\x7a\xc6\x84\x40\x41\x89\x90\x2a\x7e\x76\xcd\x65\x89\x26", INFO_BODY);
    lab_buf_bytes(&b, SPAN_ARR(m->piid));
    lab_buf_zeros(&b, INFO_BODY - 16 - 4);
    lab_buf_u32le(&b, m->packages);
    /* EncryptedPlatformKey: UefiVar.h */
    header(&b, "\xfd\x8f\x5c\x41\x1b\x61\x4b\x97\xa7\x47\x96\xf0\x89\x26\x75\x7b", UNPUBLISHED);
    lab_buf_zeros(&b, UNPUBLISHED);
    header(&b, "\xb4\x0b\xc4\x67\x1a\xb5\x40\x66\xb7\xf9\x60\xb6\x50\x4b\xc1\x8b", receipt);
    lab_buf_zeros(&b, 1);
    lab_buf_bytes(&b, SPAN_ARR(m->prid[0]));
    lab_buf_zeros(&b, 32);
    for (uint32_t i = 1; i < prids; i++)
        lab_buf_bytes(&b, SPAN_ARR(m->prid[i]));
    lab_buf_zeros(&b, RECEIPT_TAIL);
    lab_buf_edit(&b, m->edits);
    return lab_world_keep(w, &b);
}
