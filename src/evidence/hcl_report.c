/* Reader of HCL reports; see hcl_report.h. All numbers are little-endian. */
#include "evidence/hcl_report.h"

#include "base/limits.h"
#include "base/rd.h"
#include "base/text.h"
#include "base/wr.h"
#include "codec/base64url.h"
#include "codec/json/json.h"
#include "codec/tpm.h"
#include "crypto/digest.h"

static const char part[] = "hcl";

#define SIGNATURE "HCLA"
enum {
    HARDWARE_SIZE = 1184, /* ATTESTATION_REPORT_SIZE_MAX */
    BEFORE_RUNTIME = 32 + HARDWARE_SIZE + 20,
    AK_CERT_REQUEST = 2,
    REPORT_SNP = 2,
    REPORT_TDX = 4,
    HASH_IS_SHA256 = 1,
    DATA_VERSION = 1,
    TD_TYPE = 0x81 /* REPORTTYPE.TYPE of a TD */
};

bool hcl_report_is(struct span bytes)
{
    return span_starts(bytes, SPAN_LIT(SIGNATURE));
}

/* A number that can only be one. */
static bool must_be(struct rd *r, const char *field, uint32_t want)
{
    size_t at = rd_at(r);
    uint32_t got = rd_u32le(r, field);
    return rd_ok(r) &&
           (got == want || rd_fail(r, SITUS_MALFORMED, field, at, TEXT_NUM(want), TEXT_NUM(got)));
}

/* IgvmAttestRequestHeader; *size is that of the whole report. */
static bool read_header(struct rd *r, struct hcl_report *h, uint32_t *size)
{
    struct span signature = rd_bytes(r, 4, "header.signature");
    if (rd_ok(r) && !span_equal(signature, SPAN_LIT(SIGNATURE)))
        return rd_fail(r, SITUS_UNKNOWN, "header.signature", 0, SIGNATURE, TEXT_CUT(signature));
    h->version = rd_u32le(r, "header.version");
    if (rd_ok(r) && h->version != 1 && h->version != 2)
        return rd_fail(r, SITUS_UNSUPPORTED, "header.version", 4, "1 or 2", TEXT_NUM(h->version));
    *size = rd_u32le(r, "header.report_size");
    if (!must_be(r, "header.request_type", AK_CERT_REQUEST) || !must_be(r, "header.status", 0))
        return false;
    for (size_t i = 0; i < 3; i++)
        if (!must_be(r, "header.reserved", 0))
            return false;
    return true;
}

/* IgvmAttestRequestData; the size of the JSON. */
static uint32_t read_request(struct rd *r, struct hcl_report *h)
{
    uint32_t size = rd_u32le(r, "data_size");
    if (!must_be(r, "version", DATA_VERSION))
        return 0;
    size_t at = rd_at(r);
    uint32_t type = rd_u32le(r, "report_type");
    if (rd_ok(r) && type != REPORT_SNP && type != REPORT_TDX)
        rd_fail(r, SITUS_UNSUPPORTED, "report_type", at, "2 (SEV-SNP) or 4 (TDX)", TEXT_NUM(type));
    h->tee = type == REPORT_SNP ? KIND_SNP : KIND_TDX;
    if (!must_be(r, "report_data_hash_type", HASH_IS_SHA256))
        return 0;
    at = rd_at(r);
    uint32_t n = rd_u32le(r, "variable_data_size");
    if (rd_ok(r) && (n > LIMIT_HCL_REPORT || size != n + 20))
        rd_fail(r, SITUS_MALFORMED, "variable_data_size", at, "data_size less 20 bytes",
                TEXT_NUM(n));
    return rd_ok(r) ? n : 0;
}

static bool zeros(struct rd *r, struct span s, const char *field, size_t at)
{
    return span_all(s, 0) || rd_fail(r, SITUS_TRAILING, field, at, "zero bytes", "others");
}

/* A TDREPORT is shorter than the room for it. */
static bool read_td(struct rd *r, struct hcl_report *h)
{
    struct span all = h->hardware;
    h->hardware = span_cut(all, 0, HCL_TD_REPORT);
    if (all.p[0] != TD_TYPE)
        return rd_fail(r, SITUS_MISMATCH, "hardware.report_type", 32, "81h, a TD",
                       TEXT_NUM(*all.p));
    return zeros(r, span_cut(all, HCL_TD_REPORT, HARDWARE_SIZE - HCL_TD_REPORT), "hardware",
                 32 + HCL_TD_REPORT);
}

static bool read_frame(struct rd *r, struct hcl_report *h)
{
    uint32_t size = 0;
    if (!read_header(r, h, &size))
        return false;
    h->hardware = rd_bytes(r, HARDWARE_SIZE, "hardware");
    uint32_t n = read_request(r, h);
    h->runtime = rd_bytes(r, n, "runtime");
    if (!rd_ok(r))
        return false;
    if (size != BEFORE_RUNTIME + n)
        return rd_fail(r, SITUS_MALFORMED, "header.report_size", 8, TEXT_NUM(BEFORE_RUNTIME + n),
                       TEXT_NUM(size));
    if (h->tee == KIND_TDX && !read_td(r, h))
        return false;
    size_t at = rd_at(r);
    return zeros(r, rd_bytes(r, rd_left(r), "end"), "end", at);
}

/* HCLAkPub: RFC 7517, RFC 7518 6.3.1. */
static bool read_ak(struct hcl_report *h, const struct json *key, struct situs_err *err)
{
    struct span kty, e, n;
    struct json at;
    size_t size = 0;
    if (!json_get_text(key, "kty", &kty, err) || !json_get_text(key, "e", &e, err) ||
        !json_get_text(key, "n", &n, err) || !json_get(key, "n", &at, err))
        return false;
    if (!span_equal(kty, SPAN_LIT("RSA")) || !span_equal(e, SPAN_LIT("AQAB")))
        return json_fail(key, SITUS_UNSUPPORTED, "an RSA key of exponent 65537", "another key",
                         err);
    if (base64url_read(h->modulus, sizeof h->modulus, &size, n) && size == HCL_MODULUS &&
        h->modulus[0] & 0x80)
        return true;
    return json_fail(&at, SITUS_MALFORMED, "a modulus of 2048 bits, base64url", TEXT_CUT(n), err);
}

static bool read_keys(struct hcl_report *h, const struct json *root, struct situs_err *err)
{
    struct json keys;
    size_t found = 0;
    if (!json_get_array(root, "keys", &keys, err))
        return false;
    for (size_t i = 0; i < json_count(&keys); i++) {
        struct json key = json_element(&keys, i);
        struct span kid;
        if (!json_get_text(&key, "kid", &kid, err))
            return false;
        if (span_equal(kid, SPAN_LIT("HCLAkPub")) && (found++ || !read_ak(h, &key, err)))
            return found > 1 ? json_fail(&key, SITUS_DUPLICATE, "one HCLAkPub", "two", err) : false;
    }
    return found || json_fail(&keys, SITUS_MISSING, "HCLAkPub", "none", err);
}

/* Hex in either case; absent and empty are one. */
static bool read_user_data(struct hcl_report *h, const struct json *root, struct situs_err *err)
{
    struct span text;
    if (!json_has(root, "user-data"))
        return true;
    if (!json_get_text(root, "user-data", &text, err))
        return false;
    h->has_user_data = text.n > 0;
    return !h->has_user_data ||
           json_get_hex(root, "user-data", h->user_data, sizeof h->user_data, err);
}

static bool read_word(enum hcl_word *out, const struct json *config, const char *name,
                      struct situs_err *err)
{
    bool flag = false;
    if (!json_has(config, name))
        return true;
    *out = json_get_bool(config, name, &flag, err) && flag ? HCL_TRUE : HCL_FALSE;
    return err->code == SITUS_NONE;
}

/* AttestationVmConfig: what the host says; other members of it are passed over. */
static bool read_config(struct hcl_report *h, const struct json *root, struct situs_err *err)
{
    struct json config;
    struct span id = {NULL, 0};
    if (!json_get_object(root, "vm-configuration", &config, err) ||
        !read_word(&h->secure_boot, &config, "secure-boot", err) ||
        !read_word(&h->console, &config, "console-enabled", err) ||
        (json_has(&config, "vmUniqueId") && !json_get_text(&config, "vmUniqueId", &id, err)))
        return false;
    if (id.n >= sizeof h->vm_id)
        return json_fail(&config, SITUS_TOO_LONG, "a vmUniqueId of 39 letters", TEXT_BYTES(id.n),
                         err);
    if (id.n)
        memcpy(h->vm_id, id.p, id.n);
    return true;
}

static bool read_runtime(struct hcl_report *h, struct situs_err *err)
{
    struct json_doc doc = {0};
    struct json root;
    bool ok = json_read(&doc, &root, h->runtime, part, err) && read_keys(h, &root, err) &&
              read_config(h, &root, err) && read_user_data(h, &root, err);
    json_free(&doc);
    return ok;
}

bool hcl_report_read(struct hcl_report *h, struct span bytes, struct situs_err *err)
{
    struct hcl_report read = {0};
    *h = read;
    if (bytes.n > LIMIT_HCL_REPORT)
        return err_fail(err, SITUS_TOO_LONG, part, "", SITUS_NO_OFFSET,
                        TEXT_BYTES(LIMIT_HCL_REPORT), TEXT_BYTES(bytes.n));
    struct rd r = rd_new(bytes, 0, part, err);
    if (!read_frame(&r, &read) || !read_runtime(&read, err))
        return false;
    *h = read;
    return true;
}

bool hcl_report_data(const struct hcl_report *h, uint8_t out[64])
{
    memset(out, 0, 64);
    return digest(HASH_SHA256, h->runtime, out);
}

void hcl_report_ak(const struct hcl_report *h, uint8_t out[HCL_AK_PUBLIC])
{
    struct wr w = wr_new(out, HCL_AK_PUBLIC);
    wr_u16be(&w, TPM_ALG_RSA);
    wr_u16be(&w, hash_tpm(HASH_SHA256));
    wr_u32be(&w, 0x00050472);
    wr_u16be(&w, 0); /* authPolicy */
    wr_u16be(&w, TPM_ALG_NULL);
    wr_u16be(&w, TPM_ALG_RSASSA);
    wr_u16be(&w, hash_tpm(HASH_SHA256));
    wr_u16be(&w, 8 * HCL_MODULUS);
    wr_u32be(&w, 0); /* exponent: 65537 */
    wr_u16be(&w, HCL_MODULUS);
    wr_bytes(&w, SPAN_ARR(h->modulus));
}

bool hcl_report_of_td(const struct hcl_report *h, struct span body)
{
    /* TDREPORT_STRUCT: REPORTDATA at 128, TEE_TCB_INFO at 256 (behind 8 bytes of VALID), TDINFO at 512. */
    static const struct {
        uint16_t report, body, size;
    } same[] = {{128, 520, 64}, {264, 0, 120}, {512, 120, 400}};
    for (size_t i = 0; i < sizeof same / sizeof *same; i++)
        if (!span_equal(span_cut(h->hardware, same[i].report, same[i].size),
                        span_cut(body, same[i].body, same[i].size)))
            return false;
    return true;
}

void hcl_report_claims(const struct hcl_report *h, struct claims *c)
{
    if (h->has_user_data)
        claim_bytes(c, CLAIM_USER_DATA, SPAN_ARR(h->user_data));
    if (h->vm_id[0])
        claim_bytes(c, CLAIM_VM_ID, span_text(h->vm_id));
    if (h->secure_boot != HCL_NOT_SAID)
        claim_num(c, CLAIM_VM_SECURE_BOOT, h->secure_boot == HCL_TRUE);
    if (h->console != HCL_NOT_SAID)
        claim_num(c, CLAIM_VM_CONSOLE, h->console == HCL_TRUE);
}
