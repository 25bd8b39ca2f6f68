/* TPM commands byte by byte; see lab_raw.h. */
#include "lab/tpm/lab_raw.h"

#include "base/rd.h"
#include "base/wr.h"
#include "codec/tpm.h"
#include "crypto/digest.h"
#include "lab/intel/lab_buf.h"
#include "lab/process/lab_socket.h"

/* TPM_CC, TPM_RH and TPM_RS_PW (part 2, 6.5.2, 7.4). */
enum {
    CC_EVICT_CONTROL = 0x120,
    CC_NV_DEFINE = 0x12a,
    CC_CREATE_PRIMARY = 0x131,
    CC_NV_WRITE = 0x137,
    CC_NV_READ = 0x14e,
    CC_FLUSH = 0x165,
    RH_OWNER = 0x40000001,
    RS_PW = 0x40000009,
    RH_ENDORSEMENT = 0x4000000b,
    RH_PLATFORM = 0x4000000c,
    PIECE = 512
};

/* TPMA_NV (13.4): AUTHWRITE, OWNERREAD, AUTHREAD, NO_DA, PLATFORMCREATE. */
#define INDEX_ATTRIBUTES 0x42060004u

/* One command, and then its answer. */
struct raw {
    uint8_t m[LAB_RAW_MOST];
    struct wr w;
    size_t n;
};

static void start(struct raw *r, bool sessions, uint32_t code)
{
    r->w = wr_new(r->m, sizeof r->m);
    wr_u16be(&r->w, sessions ? 0x8002 : 0x8001);
    wr_u32be(&r->w, 0);
    wr_u32be(&r->w, code);
}

/* A password for the one handle that needs one (part 1, 18.4). */
static void password(struct wr *w, const char *text)
{
    size_t n = strlen(text);
    wr_u32be(w, (uint32_t)(9 + n));
    wr_u32be(w, RS_PW);
    wr_u16be(w, 0);
    wr_u8(w, 0);
    wr_u16be(w, (uint16_t)n);
    wr_bytes(w, span_text(text));
}

size_t lab_raw_receive(int fd, uint8_t *out)
{
    if (!lab_socket_read(fd, out, 10))
        return 0;
    size_t n = (size_t)out[2] << 24 | (size_t)out[3] << 16 | (size_t)out[4] << 8 | out[5];
    return n >= 10 && n <= LAB_RAW_MOST && lab_socket_read(fd, out + 10, n - 10) ? n : 0;
}

static uint32_t run(struct raw *r, int fd)
{
    struct wr size = wr_new(r->m + 2, 4);
    wr_u32be(&size, (uint32_t)r->w.n);
    if (!wr_ok(&r->w) || !lab_socket_write(fd, wr_span(&r->w)) ||
        (r->n = lab_raw_receive(fd, r->m)) == 0)
        lab_die("the TPM does not answer");
    return (uint32_t)r->m[6] << 24 | (uint32_t)r->m[7] << 16 | (uint32_t)r->m[8] << 8 | r->m[9];
}

static uint32_t evict(struct raw *r, int fd, uint32_t object, uint32_t at)
{
    start(r, true, CC_EVICT_CONTROL);
    wr_u32be(&r->w, RH_OWNER);
    wr_u32be(&r->w, object);
    password(&r->w, "");
    wr_u32be(&r->w, at);
    uint32_t code = run(r, fd);
    start(r, false, CC_FLUSH);
    wr_u32be(&r->w, object);
    return code ? code : run(r, fd);
}

uint32_t lab_raw_ak(int fd, uint32_t attributes, uint32_t at, uint8_t modulus[256])
{
    struct raw r;
    struct situs_err err = {0};
    start(&r, true, CC_CREATE_PRIMARY);
    wr_u32be(&r.w, RH_ENDORSEMENT);
    password(&r.w, "");
    wr_u16be(&r.w, 4); /* TPM2B_SENSITIVE_CREATE: no password, no data */
    wr_u32be(&r.w, 0);
    wr_u16be(&r.w, 24); /* TPM2B_PUBLIC */
    wr_u16be(&r.w, TPM_ALG_RSA);
    wr_u16be(&r.w, hash_tpm(HASH_SHA256));
    wr_u32be(&r.w, attributes);
    wr_u16be(&r.w, 0); /* authPolicy */
    wr_u16be(&r.w, TPM_ALG_NULL);
    wr_u16be(&r.w, TPM_ALG_RSASSA);
    wr_u16be(&r.w, hash_tpm(HASH_SHA256));
    wr_u16be(&r.w, 2048);
    wr_u32be(&r.w, 0); /* exponent: 65537 */
    wr_u16be(&r.w, 0); /* unique */
    wr_u16be(&r.w, 0); /* outsideInfo */
    wr_u32be(&r.w, 0); /* creationPCR */
    uint32_t code = run(&r, fd);
    if (code != 0)
        return code;
    struct rd in = rd_new(span_of(r.m, r.n), 10, "answer", &err);
    rd_bytes(&in, 10, "header");
    uint32_t object = rd_u32be(&in, "handle");
    rd_bytes(&in, 4 + 2 + 22, "parameterSize, TPM2B_PUBLIC to its unique");
    struct span unique = rd_bytes(&in, rd_u16be(&in, "unique"), "unique");
    if (!rd_ok(&in) || unique.n != 256)
        lab_die("the TPM makes no RSA key of 2048 bits");
    memcpy(modulus, unique.p, unique.n);
    return evict(&r, fd, object, at);
}

uint32_t lab_raw_nv_define(int fd, uint32_t index, const char *text, uint16_t size)
{
    struct raw r;
    start(&r, true, CC_NV_DEFINE);
    wr_u32be(&r.w, RH_PLATFORM);
    password(&r.w, "");
    wr_u16be(&r.w, (uint16_t)strlen(text));
    wr_bytes(&r.w, span_text(text));
    wr_u16be(&r.w, 14); /* TPM2B_NV_PUBLIC */
    wr_u32be(&r.w, index);
    wr_u16be(&r.w, hash_tpm(HASH_SHA256));
    wr_u32be(&r.w, INDEX_ATTRIBUTES);
    wr_u16be(&r.w, 0); /* authPolicy */
    wr_u16be(&r.w, size);
    return run(&r, fd);
}

uint32_t lab_raw_nv_write(int fd, uint32_t index, const char *text, struct span bytes)
{
    uint32_t code = 0;
    for (size_t at = 0; code == 0 && at < bytes.n; at += PIECE) {
        struct raw r;
        size_t n = bytes.n - at < PIECE ? bytes.n - at : PIECE;
        start(&r, true, CC_NV_WRITE);
        wr_u32be(&r.w, index);
        wr_u32be(&r.w, index);
        password(&r.w, text);
        wr_u16be(&r.w, (uint16_t)n);
        wr_bytes(&r.w, span_cut(bytes, at, n));
        wr_u16be(&r.w, (uint16_t)at);
        code = run(&r, fd);
    }
    return code;
}

uint32_t lab_raw_nv_read(int fd, uint32_t index, uint8_t *out, uint16_t n)
{
    struct raw r;
    struct situs_err err = {0};
    start(&r, true, CC_NV_READ);
    wr_u32be(&r.w, RH_OWNER);
    wr_u32be(&r.w, index);
    password(&r.w, "");
    wr_u16be(&r.w, n);
    wr_u16be(&r.w, 0);
    uint32_t code = run(&r, fd);
    if (code != 0)
        return code;
    struct rd in = rd_new(span_of(r.m, r.n), 0, "answer", &err);
    rd_bytes(&in, 10 + 4 + 2, "header, parameterSize, size");
    struct span got = rd_bytes(&in, n, "data");
    if (!rd_ok(&in))
        lab_die("the TPM reads less than was asked for");
    memcpy(out, got.p, n);
    return 0;
}

bool lab_raw_reads(struct span command, uint32_t index)
{
    struct situs_err ignored = {0};
    struct rd r = rd_new(command, 0, "command", &ignored);
    rd_bytes(&r, 6, "tag, size");
    uint32_t code = rd_u32be(&r, "code");
    rd_u32be(&r, "authHandle");
    uint32_t of = rd_u32be(&r, "nvIndex");
    return rd_ok(&r) && code == CC_NV_READ && of == index &&
           span_all(span_cut(command, command.n - 2, 2), 0);
}
