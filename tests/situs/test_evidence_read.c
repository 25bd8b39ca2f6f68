/* situs_evidence_read (include/situs.h): every form in which people have a quote, and what they
 * give in its place. */
#include "support/lab_machine.h"
#include "support/test.h"

#include "base/text.h"
#include "lab/guest/lab_hcl.h"
#include "model/bundle.h"
#include "model/tpm_value.h"
#include "support/make_poe.h"
#include "tee/amd/snp_report.h"

#include <stdlib.h>

#define ROOM (64 * 1024)

static struct lab_machine m;
static char hex[ROOM], base64[ROOM], text[2 * ROOM];
static void *memory;
static struct situs_item out;
static struct situs_err err;

static int setup(void **state)
{
    (void)state;
    lab_machine_new(&m);
    text_hex(hex, sizeof hex, m.quote);
    text_base64(base64, m.quote);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    free(memory);
    lab_machine_free(&m);
    return 0;
}

/* In exactly as much memory; err holds anything before. */
static bool reads(const void *p, size_t n)
{
    const struct situs_item in = {"given", p, n};
    size_t size = situs_evidence_memory(in);
    free(memory);
    memory = malloc(size);
    memset(&err, 0x5a, sizeof err);
    bool ok = situs_evidence_read(in, (struct situs_memory){memory, size}, &out, &err);
    assert_int_equal(ok, err.code == SITUS_NONE);
    assert_int_equal(ok, out.p != NULL);
    assert_string_equal(out.name, "given");
    return ok;
}

static void expect_quote(const char *form)
{
    if (!reads(form, strlen(form)))
        fail_msg("%s: %s, got %s", err.field, err.expected, err.got);
    assert_int_equal(out.size, m.quote.n);
    assert_memory_equal(out.p, m.quote.p, out.size);
}

static const char *format(const char *f, const char *s)
{
    snprintf(text, sizeof text, f, s);
    return text;
}

static void hex_stands_for_bytes(void **state)
{
    (void)state;
    expect_quote(hex);
    expect_quote(format("0x%s\n", hex));
    expect_quote(format("\t 0X%s\r\n", hex));
    size_t n = 0;
    for (const char *p = hex; *p; p += 2)
        n += (size_t)snprintf(text + n, sizeof text - n, "%c%c%s", p[0],
                              p[1] & 0x40 ? p[1] & ~0x20 : p[1], (p - hex) % 32 == 30 ? "\n" : " ");
    expect_quote(text);
}

static void base64_stands_for_bytes(void **state)
{
    (void)state;
    static char url[ROOM];
    expect_quote(base64);
    size_t n = 0;
    for (const char *p = base64; *p; p++)
        n += (size_t)snprintf(text + n, sizeof text - n, "%c%s", *p,
                              (p - base64) % 64 == 63 ? "\n" : "");
    expect_quote(text);
    strcpy(url, base64);
    for (char *p = url; *p; p++)
        *p = *p == '+' ? '-' : *p == '/' ? '_' : *p;
    expect_quote(url);
    url[strcspn(url, "=")] = 0;
    expect_quote(url);
    expect_quote(format(" %s\n", url));
}

static void armour_and_json_hold_either(void **state)
{
    (void)state;
    expect_quote(format("-----BEGIN QUOTE-----\n%s\n-----END QUOTE-----\n", base64));
    expect_quote(format("{\"quote\": \"%s\", \"event_log\": \"[]\", \"vm_config\": \"\"}", hex));
    expect_quote(format("{\"quote\": \"0x%s\"}", hex));
    expect_quote(format("\n{\"nvidia_payload\": \"{}\", \"intel_quote\": \"%s\"}\n", base64));
}

static void bytes_and_bundles_are_themselves(void **state)
{
    (void)state;
    static const uint8_t unknown[] = {9, 8, 7, 6, 5};
    assert_true(reads(m.quote.p, m.quote.n));
    assert_ptr_equal(out.p, m.quote.p);
    assert_int_equal(out.size, m.quote.n);
    for (int json = 0; json < 2; json++) {
        struct span bundle = lab_machine_bundle(&m, json, false);
        assert_true(reads(bundle.p, bundle.n));
        assert_ptr_equal(out.p, bundle.p);
        assert_true(bundle.n < ROOM);
        text_base64(base64, bundle);
        assert_true(reads(base64, strlen(base64)));
        assert_int_equal(out.size, bundle.n);
        text_base64(base64, m.quote);
    }
    assert_true(reads(unknown, sizeof unknown)); /* situs_verify says what is wrong */
    assert_ptr_equal(out.p, unknown);
}

static void expect_refused(struct span in, enum situs_code code, const char *got)
{
    assert_false(reads(in.p, in.n));
    assert_string_equal(err.part, "given");
    assert_string_equal(situs_code_name(err.code), situs_code_name(code));
    if (!strstr(err.got, got))
        fail_msg("got %s, not %s", err.got, got);
}

static void text_is_read_strictly(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum situs_code code;
        const char *got;
    } rows[] = {
        {"040002008", SITUS_MALFORMED, "odd"},
        {"0 4000200", SITUS_MALFORMED, "one digit"},
        {"0x04000200zz", SITUS_MALFORMED, "zz"},
        {"040002008100\nbytes: 6", SITUS_MALFORMED, "ytes: 6"},
        {"0x", SITUS_UNSUPPORTED, "other bytes"},
        {"  \n", SITUS_TOO_SHORT, "blanks"},
        {"BAACAIEAAA+_", SITUS_UNKNOWN, "BAACAIEAAA"}, /* two alphabets */
        {"BAACAIF", SITUS_UNKNOWN, "BAACAIF"},         /* bits that are left over */
        {"BAACAIE==", SITUS_UNKNOWN, "BAACAIE"},       /* too much padding */
        {"BAACAA==BAACAA==", SITUS_UNKNOWN, "BAACAA"}, /* two texts */
        {"BAAC\x41\x49 E!", SITUS_UNKNOWN, "BAAC"},
        {"3034303030323030", SITUS_UNSUPPORTED, "stands for text"}, /* hex of hex */
        {"aGVsbG8gd29ybGQ=", SITUS_UNSUPPORTED, "stands for text"},
        {"01020304", SITUS_UNSUPPORTED, "other bytes"},
        {"-----BEGIN QUOTE-----\nBAACAIEAAAA=\n", SITUS_MALFORMED, "another end"},
        {"-----BEGIN QUOTE-----\nBAACAIEAAAA=\n-----END CMW-----", SITUS_MALFORMED, "another end"},
        {"-----BEGIN QUOTE-----\nA: b\n\nBAACAIEAAAA=\n-----END QUOTE-----", SITUS_UNKNOWN, "A: b"},
        {"{\"quote\": \"BAACAIEAAAA=\", \"intel_quote\": \"BAACAIEAAAA=\"}", SITUS_DUPLICATE,
         "quote"},
        {"{\"quote\": \"BAACAIEAAAA=\", \"quote\": \"BAACAIEAAAA=\"}", SITUS_DUPLICATE, ""},
        {"{\"quote\": 7}", SITUS_MALFORMED, ""},
        {"{\"quote\": \"BAACAIEAAAA=\"", SITUS_TOO_SHORT, ""},
        {"{\"quotes\": \"BAACAIEAAAA=\"}", SITUS_UNSUPPORTED, "JSON without a quote"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        expect_refused(span_text(rows[i].text), rows[i].code, rows[i].got);
}

/* A report of AMD's, by its version and algorithm, in the forms of text. */
static void expect_report(const char *form)
{
    if (!reads(form, strlen(form)))
        fail_msg("%s: %s, got %s", err.field, err.expected, err.got);
    assert_int_equal(out.size, 1184);
    assert_int_equal(((const uint8_t *)out.p)[0], 5);
}

static void reports_are_read_in_every_form(void **state)
{
    (void)state;
    static uint8_t snp[1184] = {[0] = 5, [0x34] = 1};
    static char digits[4096], json[8192];
    assert_true(reads((const char *)snp, sizeof snp));
    expect_report(text_hex(digits, sizeof digits, SPAN_ARR(snp)));
    expect_report(text_base64(digits, SPAN_ARR(snp)));
    snprintf(json, sizeof json, "{\"attestation_report\": \"%s\"}", digits);
    expect_report(json);
    snprintf(json, sizeof json,
             "{\"platform\": \"snp\", \"evidence\": {\"attestation_report\": \"%s\"}}", digits);
    expect_report(json);
    snprintf(json, sizeof json, "{\"evidence\": {\"report\": \"%s\"}}", digits);
    expect_refused(span_text(json), SITUS_UNSUPPORTED, "JSON without a quote");
    snprintf(json, sizeof json, "{\"attestation_report\": {\"version\": 5}}");
    assert_false(reads(json, strlen(json)));
    assert_string_equal(situs_code_name(err.code), "malformed");
}

/* Evidence of Azure, its bytes in this form: l numbers, h hex, b base64. */
static void put_bytes(struct lab_buf *b, char form, struct span s)
{
    char digits[8192];
    for (size_t i = 0; form == 'l' && i < s.n; i++)
        lab_buf_format(b, "%s%u", i ? "," : "[", s.p[i]);
    if (form == 'l') {
        lab_buf_text(b, "]");
        return;
    }
    lab_buf_text(b, "\"");
    lab_buf_text(b, form == 'h' ? text_hex(digits, sizeof digits, s) : text_base64(digits, s));
    lab_buf_text(b, "\"");
}

struct azure {
    uint8_t hcl[2600], attest[122], rsa[256], pcr[24][32], vcek[700];
};

static void put_azure(struct lab_buf *b, const struct azure *a, char form, bool old)
{
    lab_buf_text(b, old ? "{\"report\":" : "{\"version\":2,\"hcl_report\":");
    put_bytes(b, form, SPAN_ARR(a->hcl));
    lab_buf_text(b, old ? ",\"quote\":{\"message\":" : ",\"tpm_quote\":{\"message\":");
    put_bytes(b, form, SPAN_ARR(a->attest));
    lab_buf_text(b, ",\"signature\":");
    put_bytes(b, form, SPAN_ARR(a->rsa));
    lab_buf_text(b, ",\"pcrs\":[");
    for (size_t i = 0; i < 24; i++) {
        lab_buf_text(b, i ? "," : "");
        put_bytes(b, form, SPAN_ARR(a->pcr[i]));
    }
    lab_buf_text(b, "]},\"vcek\":");
    put_bytes(b, form, SPAN_ARR(a->vcek));
    lab_buf_text(b, "}");
}

static struct span value_of(struct bundle *b, const char *label)
{
    const struct item *item = bundle_find(b, label);
    assert_non_null(item);
    return item->value;
}

/* All that others send of one machine becomes one bundle, in whatever form and edition. */
static void azures_evidence_becomes_a_bundle(void **state)
{
    (void)state;
    static struct azure a;
    static _Alignas(max_align_t) uint8_t room[8192];
    struct lab_world *w = lab_world_new(1769510999);
    struct lab_soft_tpm vtpm = lab_soft_new_rsa(w, LAB_HCL_AK);
    uint8_t *const parts[] = {a.attest, a.rsa, a.pcr[0], a.vcek};
    const size_t sizes[] = {sizeof a.attest, sizeof a.rsa, sizeof a.pcr, sizeof a.vcek};
    static const uint8_t hardware[1184] = {3};
    struct span hcl =
        lab_hcl_report(w, 1, LAB_HCL_SNP, SPAN_ARR(hardware), lab_hcl_text(w, vtpm.ak, NULL));
    memcpy(a.hcl, hcl.p, sizeof a.hcl);
    for (size_t i = 0; i < 4; i++)
        for (size_t k = 0; k < sizes[i]; k++)
            parts[i][k] = (uint8_t)(k * 31 + i);
    for (int i = 0; i < 6; i++) {
        struct lab_buf json = {0};
        struct bundle b = {0};
        struct tpm_value v;
        struct snp_report r;
        put_azure(&json, &a, "lhb"[i / 2], i % 2);
        struct arena arena = arena_new(room, sizeof room);
        if (!reads(json.p, json.n))
            fail_msg("%s: %s, got %s", err.field, err.expected, err.got);
        assert_true(bundle_read(&b, span_of(out.p, out.size), &arena, &err));
        assert_int_equal(b.n, 3);
        assert_true(span_equal(value_of(&b, "hcl"), SPAN_ARR(a.hcl)));
        struct span snp = value_of(&b, "snp");
        assert_memory_equal(snp.p, hardware, sizeof hardware);
        assert_memory_equal(snp.p + snp.n - sizeof a.vcek, a.vcek, sizeof a.vcek);
        uint8_t copy[4096]; /* of the right algorithm, so that the table reads */
        memcpy(copy, snp.p, snp.n);
        copy[0x34] = 1;
        assert_true(snp_report_read(&r, span_of(copy, snp.n), &err));
        assert_int_equal(r.n_certs, 1);
        assert_true(tpm_value_read(&v, value_of(&b, "guest"), "guest", &err));
        assert_true(span_equal(v.attest, SPAN_ARR(a.attest)));
        assert_memory_equal(v.signature.p, "\x00\x14\x00\x0b\x01\x00", 6);
        assert_memory_equal(v.signature.p + 6, a.rsa, sizeof a.rsa);
        assert_true(span_equal(v.registers.bank[0].value[23], SPAN_ARR(a.pcr[23])));
        lab_buf_free(&json);
    }
    lab_soft_free(&vtpm);
    lab_world_free(w);
}

static void azures_evidence_is_read_strictly(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum situs_code code;
        const char *field;
    } rows[] = {
        {"{\"hcl_report\": \"\", \"td_quote\": \"\"}", SITUS_MISSING, "tpm_quote"},
        {"{\"hcl_report\": [256], \"tpm_quote\": {}}", SITUS_MALFORMED, "hcl_report[0]"},
        {"{\"hcl_report\": \"?\", \"tpm_quote\": {}}", SITUS_MALFORMED, "hcl_report"},
        {"{\"report\": [1], \"quote\": \"04\"}", SITUS_MALFORMED, "quote"},
        {"{\"hcl_report\": [1], \"tpm_quote\": {\"message\": [1]}}", SITUS_MISSING,
         "tpm_quote.signature"},
        {"{\"hcl_report\": [1], \"tpm_quote\": {\"message\": [1], \"signature\": [1], \"pcrs\": "
         "[]}}",
         SITUS_MALFORMED, "tpm_quote.pcrs"},
        {"{\"hcl_report\": [1], \"td_quote\": {}, \"tpm_quote\": {}}", SITUS_MALFORMED, "td_quote"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_false(reads(rows[i].text, strlen(rows[i].text)));
        expect_err(err, rows[i].code, rows[i].field, SITUS_NO_OFFSET);
    }
}

static void what_is_no_evidence_is_named(void **state)
{
    (void)state;
    static uint8_t log[64], protobuf[700] = {0x0a, 0x30, 0x08, 4, 0x10, 2};
    memcpy(log + 32, "Spec ID Event03", 15);
    static const struct {
        const char *text, *got;
    } rows[] = {
        {"-----BEGIN CERTIFICATE-----\nMIIC\n-----END CERTIFICATE-----\n", "certificate in PEM"},
        {"-----BEGIN X509 CRL-----\nMIIC\n-----END X509 CRL-----\n", "CRL in PEM"},
        {"-----BEGIN PRIVATE KEY-----\n", "private key"},
        {"-----BEGIN PUBLIC KEY-----\n", "public key"},
        {"<html>", "HTML"},
        {"header: {\n  version: 4\n}", "protocol buffer"},
        {"header{version:4}", "protocol buffer"},
        {"eyJhbGciOiJFUzI1NiJ9.e30.AAAA", "token"},
        {"{\"tcbInfo\": {}, \"signature\": \"\"}", "collateral"},
        {"{\"tcb_info\": \"\"}", "collateral"},
        {"{\"enclaveIdentity\": {}}", "collateral"},
        {"{\"anchors\": []}", "trust file"},
        {"{\"require\": []}", "policy"},
        {"{\"pcrs\": {}}", "PCR values"},
        {"{\"verdict\": \"trusted\"}", "a report of situs"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        expect_refused(span_text(rows[i].text), SITUS_UNSUPPORTED, rows[i].got);
    expect_refused(make_poe(NULL, 0), SITUS_UNSUPPORTED, "ownership endorsement");
    expect_refused(make_poe_crl(), SITUS_UNSUPPORTED, "in DER");
    expect_refused(SPAN_LIT("\x84\x44\xa1\x01\x38\x22\xa0"), SITUS_UNSUPPORTED, "Nitro");
    expect_refused(SPAN_LIT("\xd9\x01\x8f\xa2"), SITUS_UNSUPPORTED, "CCA");
    expect_refused(SPAN_LIT("\xd9\x01\xf5\xa2"), SITUS_UNSUPPORTED, "CoRIM");
    expect_refused(SPAN_LIT("\xff"
                            "TCG\x80\x18"),
                   SITUS_UNSUPPORTED, "TPMS_ATTEST");
    expect_refused(SPAN_LIT("\0\x18\0\x0b\0\x20\1\2\3"), SITUS_UNSUPPORTED, "TPMT_SIGNATURE");
    expect_refused(SPAN_LIT("\0\x23\0\x0b\0\5\1\2\3"), SITUS_UNSUPPORTED, "TPMT_PUBLIC");
    expect_refused(SPAN_LIT("\0\x09\0\1\0\x0b\0\5\1\2\3"), SITUS_UNSUPPORTED, "TPM2B_PUBLIC");
    expect_refused(SPAN_ARR(log), SITUS_UNSUPPORTED, "event log");
    expect_refused(SPAN_LIT("\xff\xfe"
                            "0\0"
                            "4\0"),
                   SITUS_UNSUPPORTED, "UTF-16");
    expect_refused(SPAN_LIT("\xef\xbb\xbf"
                            "0400"),
                   SITUS_UNSUPPORTED, "byte order mark");
    expect_refused(SPAN_ARR(protobuf), SITUS_UNSUPPORTED, "protocol buffer");
    text_hex(text, sizeof text, SPAN_ARR(log)); /* as text, too */
    expect_refused(span_text(text), SITUS_UNSUPPORTED, "event log");
    assert_true(err.hint[0]);
}

static void too_little_and_too_much_are_refused(void **state)
{
    (void)state;
    const struct situs_item in = {NULL, hex, strlen(hex)}, none = {NULL, NULL, 9};
    for (size_t n = 0; n < in.size; n += 509)
        assert_false(situs_evidence_read(in, (struct situs_memory){text, n}, &out, &err));
    assert_string_equal(situs_code_name(err.code), "no-memory");
    assert_string_equal(err.part, "evidence");
    assert_false(situs_evidence_read(none, (struct situs_memory){text, 99}, &out, &err));
    assert_string_equal(situs_code_name(err.code), "missing");
    static uint8_t large[9 << 20];
    expect_refused(SPAN_ARR(large), SITUS_TOO_LONG, "9437184");
    expect_refused(span_of(large, 0), SITUS_TOO_SHORT, "an empty file");
    assert_false(situs_evidence_read(in, (struct situs_memory){NULL, 1 << 20}, &out, &err));
}

#define CASE(f) cmocka_unit_test(f)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(hex_stands_for_bytes),
        CASE(base64_stands_for_bytes),
        CASE(armour_and_json_hold_either),
        CASE(bytes_and_bundles_are_themselves),
        CASE(text_is_read_strictly),
        CASE(reports_are_read_in_every_form),
        CASE(azures_evidence_becomes_a_bundle),
        CASE(azures_evidence_is_read_strictly),
        CASE(what_is_no_evidence_is_named),
        CASE(too_little_and_too_much_are_refused),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
