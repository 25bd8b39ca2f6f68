/* Evidence of Azure's machines in JSON; see evidence_azure.h. */
#include "situs/evidence_azure.h"

#include "base/text.h"
#include "base/wr.h"
#include "codec/base64url.h"
#include "codec/pem.h"
#include "codec/tpm.h"
#include "evidence/hcl_report.h"
#include "model/bundle.h"
#include "model/tpm_value.h"
#include "tee/amd/cert_table.h"

#define ENVELOPE 1024 /* what a bundle adds to its values: labels, types, heads */

bool evidence_azure_is(const struct json *root)
{
    return json_has(root, "hcl_report") || (json_has(root, "report") && json_has(root, "quote"));
}

static bool base64(uint8_t *out, size_t room, size_t *n, struct span s)
{
    if (text_base64_read(out, room, n, s, false))
        return true;
    while (s.n && s.p[s.n - 1] == '=')
        s.n--;
    return base64url_read(out, room, n, s);
}

static bool read_numbers(const struct json *list, uint8_t *out, struct situs_err *err)
{
    for (size_t i = 0; i < json_count(list); i++) {
        struct json v = json_element(list, i);
        int64_t byte = 0;
        if (!json_as_num(&v, 0, 255, &byte, err))
            return false;
        out[i] = (uint8_t)byte;
    }
    return true;
}

/* Bytes as a list of numbers, in hex, or in base64 of either alphabet. */
static bool read_bytes(const struct json *v, struct span *out, struct arena *a,
                       struct situs_err *err)
{
    bool list = json_is_array_value(v);
    struct span text = {NULL, 0};
    if (!list && !json_as_text(v, &text, err))
        return false;
    size_t n = list ? json_count(v) : text.n;
    uint8_t *p = arena_take(a, n);
    if (!p)
        return json_no_memory(v, err);
    if (list && !read_numbers(v, p, err))
        return false;
    if (!list && text.n % 2 == 0 && text_hex_read(p, text.n / 2, text))
        n = text.n / 2;
    else if (!list && !base64(p, n, &n, text))
        return json_fail(v, SITUS_MALFORMED, "bytes: numbers, hex or base64", TEXT_CUT(text), err);
    *out = span_of(p, n);
    return true;
}

static bool get_bytes(const struct json *object, const char *key, struct span *out, struct arena *a,
                      struct situs_err *err)
{
    struct json v;
    return json_get(object, key, &v, err) && read_bytes(&v, out, a, err);
}

static bool read_registers(const struct json *quote, struct bank *bank, struct arena *a,
                           struct situs_err *err)
{
    struct json list;
    *bank = (struct bank){.hash = HASH_SHA256};
    if (!json_get_array(quote, "pcrs", &list, err))
        return false;
    if (json_count(&list) != REGISTERS_MAX)
        return json_fail(&list, SITUS_MALFORMED, "24 registers", TEXT_NUM(json_count(&list)), err);
    for (size_t i = 0; i < REGISTERS_MAX; i++) {
        struct json v = json_element(&list, i);
        if (!read_bytes(&v, &bank->value[i], a, err))
            return false;
        if (bank->value[i].n != hash_size(bank->hash))
            return json_fail(&v, SITUS_MALFORMED, "a SHA-256 value", TEXT_BYTES(bank->value[i].n),
                             err);
        bank->mask |= 1u << i;
    }
    return true;
}

/* The signature is RSASSA's alone: a TPMT_SIGNATURE says so (TPM 2.0 part 2, 11.3.4). */
static bool put_signature(struct tpm_value *v, struct span rsa, struct arena *a)
{
    uint8_t *p = arena_take(a, rsa.n + 6);
    struct wr w = wr_new(p, p ? rsa.n + 6 : 0);
    wr_u16be(&w, TPM_ALG_RSASSA);
    wr_u16be(&w, hash_tpm(HASH_SHA256));
    wr_u16be(&w, (uint16_t)rsa.n);
    wr_bytes(&w, rsa);
    v->signature = wr_span(&w);
    return wr_ok(&w);
}

static bool add_tpm(struct bundle *b, const struct json *quote, struct arena *a,
                    struct situs_err *err)
{
    struct tpm_value v = {.registers = {.n = 1}};
    struct span rsa;
    if (!get_bytes(quote, "message", &v.attest, a, err) ||
        !get_bytes(quote, "signature", &rsa, a, err) ||
        !read_registers(quote, &v.registers.bank[0], a, err))
        return false;
    if (rsa.n > LIMIT_ATTEST || v.attest.n > LIMIT_ATTEST)
        return json_fail(quote, SITUS_TOO_LONG, TEXT_BYTES(LIMIT_ATTEST), "more", err);
    size_t room = v.attest.n + rsa.n + REGISTERS_MAX * HASH_MAX_SIZE;
    uint8_t *p = arena_take(a, room);
    struct wr w = wr_new(p, p ? room : 0);
    if (!put_signature(&v, rsa, a) || !tpm_value_write(&v, &w))
        return json_no_memory(quote, err);
    return bundle_add(b, "guest", ITEM_TPM_QUOTE, wr_span(&w), err);
}

static bool read_vcek(const struct json *v, struct span *der, struct arena *a,
                      struct situs_err *err)
{
    struct span text;
    if (json_is_array_value(v) || !json_as_text(v, &text, err) ||
        !span_starts(text, SPAN_LIT(PEM_BEGINS)))
        return err->code == SITUS_NONE && read_bytes(v, der, a, err);
    struct rd r = rd_new(text_trim(text), 0, "vcek", err);
    return pem_block(&r, PEM_CERTIFICATE, "vcek", a, der);
}

/* The SEV-SNP report of the paravisor's, with the certificate of its key behind it. */
static bool add_snp(struct bundle *b, const struct json *root, struct span hcl, struct arena *a,
                    struct situs_err *err)
{
    struct json v;
    struct span vcek;
    struct situs_err why = {0};
    struct hcl_report h;
    if (!json_has(root, "vcek") || !hcl_report_read(&h, hcl, &why) || h.tee != KIND_SNP)
        return true; /* whoever reads the bundle says what is wrong with it */
    if (!json_get(root, "vcek", &v, err) || !read_vcek(&v, &vcek, a, err))
        return false;
    size_t room = SNP_REPORT_SIZE + CERT_TABLE_ONE + vcek.n;
    uint8_t *p = arena_take(a, room);
    struct wr w = wr_new(p, p ? room : 0);
    wr_bytes(&w, h.hardware);
    cert_table_write_vcek(&w, vcek);
    return (wr_ok(&w) || json_no_memory(&v, err)) &&
           bundle_add(b, "snp", ITEM_SNP_REPORT, wr_span(&w), err);
}

static bool add_quote(struct bundle *b, const struct json *root, struct arena *a,
                      struct situs_err *err)
{
    struct span quote;
    return !json_has(root, "td_quote") || (get_bytes(root, "td_quote", &quote, a, err) &&
                                           bundle_add(b, "tdx", ITEM_TDX_QUOTE, quote, err));
}

bool evidence_azure_read(const struct json *root, struct span *out, struct arena *a,
                         struct situs_err *err)
{
    struct bundle b = {.n = 0};
    struct json tpm;
    struct span hcl;
    bool old = !json_has(root, "hcl_report");
    if (!get_bytes(root, old ? "report" : "hcl_report", &hcl, a, err) ||
        !json_get_object(root, old ? "quote" : "tpm_quote", &tpm, err) ||
        !bundle_add(&b, "hcl", ITEM_HCL_REPORT, hcl, err) || !add_snp(&b, root, hcl, a, err) ||
        !add_quote(&b, root, a, err) || !add_tpm(&b, &tpm, a, err))
        return false;
    size_t room = ENVELOPE;
    for (size_t i = 0; i < b.n; i++)
        room += b.item[i].value.n;
    uint8_t *p = arena_take(a, room);
    struct wr w = wr_new(p, p ? room : 0);
    if (!bundle_write(&b, false, &w))
        return json_no_memory(root, err);
    *out = wr_span(&w);
    return true;
}
