/*
 * SEV-SNP reports, beside their rows (test_snp): which chip and which key counts, certificate tables, AMD's encoding of
 * CRLs, images by MEASUREMENT, and every bit of a report turned over.
 */
#include "support/result_rows.h"
#include "support/snp_guest.h"
#include "support/test.h"
#include "support/vectors.h"

#include "crypto/crl.h"
#include "crypto/digest.h"

#include <stdio.h>

#include <openssl/rsa.h>

#define REQUIRE_CRL                                                                           \
    "{\"simulated\": true, \"require\": [\"genuine\"], \"snp.vek-chain\": {\"require_crl\": " \
    "true}}"

static void a_chip_is_named_by_its_own_key_alone(void **state)
{
    (void)state;
    char text[512];
    struct snp_guest g = snp_guest_new(&snp_lab, false);
    assert_true(situs_result_claim(snp_guest_verify(&g), "snp.chip_id", text, sizeof text));
    assert_int_equal(strlen(text), 128);
    memset(g.report + 0x1a0, 0, 64); /* MASK_CHIP_ID */
    g.resign = true;
    const struct situs_result *r = snp_guest_verify(&g);
    assert_true(situs_result_holds(r, "genuine"));
    assert_false(situs_result_claim(r, "snp.chip_id", text, sizeof text));
    g = snp_guest_new(&snp_lab, true); /* a VLEK is of many chips: any of them writes any id */
    memset(g.report + 0x1a0, 0xc0, 64);
    r = snp_guest_verify(&g);
    assert_true(situs_result_holds(r, "genuine"));
    assert_false(situs_result_claim(r, "snp.chip_id", text, sizeof text));
    assert_true(situs_result_claim(r, "snp.csp_id", text, sizeof text));
    assert_string_equal(text, "CN=cloud.example");
}

/* A maker of the same names: his keys count for nothing, whichever of AMD's certificates stand beside them, nor do
 * AMD's in each other's place. */
static void names_without_the_key_are_nobodys(void **state)
{
    (void)state;
    struct snp_lab forger;
    snp_lab_new(&forger);
    struct snp_lab his = forger;
    his.trust = snp_lab.trust;
    const struct {
        struct span ark, issuer;
        bool in_table;
        const char *code, *field;
    } cases[] = {
        {forger.ark, forger.ask, false, "untrusted", "certificate.root"},
        {snp_lab.ark, forger.ask, false, "untrusted", "chain[0].issuer"},
        {snp_lab.ark, snp_lab.ask, false, "bad-signature", "chain[0].signature"},
        {snp_lab.ark, snp_lab.ark, false, "untrusted", "chain[0].issuer"},
        {snp_lab.ark, snp_lab.ask, true, "bad-signature", "chain[0].signature"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct snp_guest g = snp_guest_new(&his, false);
        struct situs_error e;
        g.ark = cases[i].ark;
        g.issuer = cases[i].issuer;
        g.in_table = cases[i].in_table;
        const struct situs_result *r = snp_guest_verify(&g);
        assert_false(situs_result_holds(r, "genuine"));
        assert_true(situs_result_reason(r, &e));
        assert_string_equal(situs_code_name(e.why.code), cases[i].code);
        assert_string_equal(e.why.field, cases[i].field);
    }
    snp_lab_free(&forger);
}

/* Chains of AMD's are good for years, its CRLs for weeks. */
static void an_answer_lasts_no_longer_than_its_crl(void **state)
{
    (void)state;
    const char *what;
    int64_t until;
    struct snp_guest g = snp_guest_new(&snp_lab, false);
    g.crl = lab_snp_crl(&snp_lab.amd, snp_lab.ark, 0);
    assert_true(situs_result_until(snp_guest_verify(&g), &until, &what));
    assert_int_equal(until, SNP_GUEST_AT + INT64_C(30) * 24 * 3600);
}

static void of_several_certificates_that_which_signed_counts(void **state)
{
    (void)state;
    struct snp_guest g = snp_guest_new(&snp_lab, true);
    struct lab_snp_cert other = g.cert;
    other.csp = "CN=other.example";
    other.key = LAB_SNP_IMPOSTOR;
    g.crl = lab_snp_cert(&snp_lab.amd, &other); /* the collateral's fourth item */
    for (int swapped = 0; swapped < 2; swapped++) {
        const struct situs_result *r = snp_guest_verify(&g);
        char text[64];
        assert_true(situs_result_holds(r, "genuine"));
        assert_true(situs_result_claim(r, "snp.csp_id", text, sizeof text));
        assert_string_equal(text, "CN=cloud.example");
        struct span first = g.vek;
        g.vek = g.crl;
        g.crl = first;
    }
}

/* A DER SEQUENCE of the bytes, its length in the shortest form (X.690 8.1.3). */
static struct span sequence(struct span body)
{
    struct lab_buf b = {0};
    const uint8_t head[] = {0x30, 0x82, (uint8_t)(body.n >> 8), (uint8_t)body.n},
                  middle[] = {0x30, 0x81, (uint8_t)body.n}, tiny[] = {0x30, (uint8_t)body.n};
    lab_buf_bytes(&b, body.n > 255   ? SPAN_ARR(head)
                      : body.n > 127 ? SPAN_ARR(middle)
                                     : SPAN_ARR(tiny));
    lab_buf_bytes(&b, body);
    return lab_world_keep(snp_lab.w, &b);
}

/* The CRL with trailerField written out, signed anew: as AMD's ARKs sign. */
static struct span in_amds_encoding(struct span der)
{
    struct span pss;
    struct situs_err err = {0};
    struct crl crl;
    static const struct crl_rules any = {.intel = false};
    uint8_t algorithm[72], signature[512];
    size_t n = sizeof signature;
    assert_true(crl_read(&crl, der, &any, "crl", &err));
    pss = crl.algorithm;
    assert_int_equal(pss.n, 67);
    memcpy(algorithm, pss.p, pss.n);
    algorithm[1] += 5;
    algorithm[14] += 5; /* of the parameters */
    memcpy(algorithm + pss.n, "\xa3\x03\x02\x01\x01", 5);
    struct lab_buf b = {0}, whole = {0};
    size_t head = crl.tbs.p[1] == 0x82 ? 4 : crl.tbs.p[1] == 0x81 ? 3 : 2;
    lab_buf_bytes(&b, span_cut(crl.tbs, head, 3)); /* version */
    lab_buf_bytes(&b, SPAN_ARR(algorithm));
    lab_buf_bytes(&b, span_cut(crl.tbs, head + 3 + pss.n, crl.tbs.n - head - 3 - pss.n));
    struct span tbs = sequence(lab_buf_span(&b));
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    EVP_PKEY_CTX *pctx;
    assert_true(EVP_DigestSignInit(ctx, &pctx, EVP_sha384(), NULL,
                                   lab_snp_key(&snp_lab.amd, LAB_SNP_ARK)) == 1 &&
                EVP_PKEY_CTX_set_rsa_padding(pctx, RSA_PKCS1_PSS_PADDING) == 1 &&
                EVP_PKEY_CTX_set_rsa_pss_saltlen(pctx, 48) == 1 &&
                EVP_DigestSign(ctx, signature, &n, tbs.p, tbs.n) == 1);
    EVP_MD_CTX_free(ctx);
    lab_buf_free(&b);
    lab_buf_bytes(&whole, tbs);
    lab_buf_bytes(&whole, SPAN_ARR(algorithm));
    lab_buf_bytes(&whole, SPAN_LIT("\x03\x82\x01\x01\x00")); /* a BIT STRING of 256 bytes */
    lab_buf_bytes(&whole, span_of(signature, n));
    struct span made = sequence(lab_buf_span(&whole));
    lab_buf_free(&whole);
    if (!crl_read(&crl, made, &any, "crl", &err))
        fail_msg("%s at %zu: %s, got %s", err.field, err.at, err.expected, err.got);
    return made;
}

static void a_crl_in_amds_encoding_counts(void **state)
{
    (void)state;
    for (int revoked = 0; revoked < 2; revoked++) {
        struct snp_guest g = snp_guest_new(&snp_lab, false);
        g.policy = REQUIRE_CRL;
        g.crl = in_amds_encoding(
            lab_snp_crl(&snp_lab.amd, snp_lab.ark, revoked ? LAB_SNP_ASK_SERIAL : 0));
        const struct situs_result *r = snp_guest_verify(&g);
        struct situs_error e;
        if (situs_result_exit(r) != (revoked ? 4 : 0) && situs_result_reason(r, &e))
            print_error("%s: %s, got %s\n", e.why.field, e.why.expected, e.why.got);
        assert_int_equal(situs_result_exit(r), revoked ? 4 : 0);
    }
}

static void a_table_behind_the_report_brings_the_certificate(void **state)
{
    (void)state;
    struct snp_guest g = snp_guest_new(&snp_lab, false);
    g.in_table = true;
    assert_true(situs_result_holds(snp_guest_verify(&g), "genuine"));
    g.cert.chip[0] ^= 1;
    g.vek = (struct span){0};
    assert_int_equal(situs_result_exit(snp_guest_verify(&g)), 3);
}

#define CLOSED                                                                                    \
    "\"closed\": {\"by\": \"us\", \"agent_only\": true, \"no_login\": true, \"no_kexec\": true, " \
    "\"lockdown\": true, \"measured_config\": true, \"capped\": true, \"key_inside\": true, "     \
    "\"no_menu\": true, \"one_image\": true, \"no_hibernation\": true, "                          \
    "\"nothing_unmeasured\": true, \"failure_stops\": true}"
#define LIVE(more)                                                                            \
    "{\"simulated\": true, \"require\": [\"live\"], \"ref.guest\": {\"images\": [{\"name\": " \
    "\"a\", "                                                                                 \
    "\"measurement\": "                                                                       \
    "\"303132333435363738393a3b3c3d3e3f404142434445464748494a4b4c4d4e4f5051525354"            \
    "55565758595a5b5c5d5e5f\", " more ", " CLOSED "}]}}"

/* The report's data of this nonce and channel (DESIGN: messages), beside any AKH. */
static void make_live(struct snp_guest *g)
{
    static const uint8_t nonce[32] = {7}, channel[] = "a channel's key";
    uint8_t k[32];
    assert_true(digest(HASH_SHA256, SPAN_ARR(channel), k));
    struct span parts[] = {span_of("situs/rd/1", 11), SPAN_ARR(nonce), SPAN_ARR(k)};
    assert_true(digest_parts(HASH_SHA256, parts, 3, g->report + 0x50 + 32));
    g->nonce = (struct situs_item){"nonce", nonce, sizeof nonce};
    g->channel = (struct situs_item){"channel", channel, sizeof channel};
    g->resign = true;
}

static void a_closed_image_is_named_by_its_measurement(void **state)
{
    (void)state;
    static const struct {
        const char *policy;
        size_t at;
        uint8_t value;
        const char *outcome, *code, *field;
    } cases[] = {
        {LIVE("\"covers\": \"kernel-hashes\""), 0, 3, "pass", "", ""},
        {LIVE("\"covers\": \"igvm\""), 0x90, 0x31, "fail", "mismatch", "measurement"},
        {LIVE("\"covers\": \"uki\""), 0x30, 1, "fail", "mismatch", "vmpl"},
        {LIVE("\"covers\": \"igvm\", \"vmpl\": 2"), 0x30, 2, "pass", "", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct snp_guest g = snp_guest_new(&snp_lab, false);
        const char *code, *field;
        make_live(&g);
        snp_guest_set(&g, cases[i].at, cases[i].value);
        g.policy = cases[i].policy;
        const struct situs_result *r = snp_guest_verify(&g);
        assert_string_equal(result_row(r, "ref.guest", &code, &field), cases[i].outcome);
        assert_string_equal(code, cases[i].code);
        assert_string_equal(field, cases[i].field);
        assert_int_equal(situs_result_holds(r, "live"), cases[i].code[0] == 0);
        assert_false(situs_result_holds(r, "bound"));
    }
}

static void no_image_is_named_by_firmware_alone(void **state)
{
    (void)state;
    static uint8_t memory[SITUS_POLICY_MEMORY];
    static const char *const policies[][3] = {
        {LIVE("\"covers\": \"firmware\""), "not-allowed", "ref.guest.images[0].covers"},
        {LIVE("\"covers\": \"paravisor\", \"vmpl\": 2"), "not-allowed",
         "ref.guest.images[0].covers"},
        {LIVE("\"covers\": \"kernel\""), "unknown", "ref.guest.images[0].covers"},
        {LIVE("\"vmpl\": 0"), "missing", "ref.guest.images[0].covers"},
        {LIVE("\"covers\": \"uki\", \"vmpl\": 4"), "malformed", "ref.guest.images[0].vmpl"},
        {LIVE("\"covers\": \"uki\", \"rtmr\": []"), "unknown", "ref.guest.images[0].rtmr"},
    };
    for (size_t i = 0; i < sizeof policies / sizeof *policies; i++) {
        struct situs_err err;
        assert_null(
            situs_policy_read((struct situs_item){"policy", policies[i][0], strlen(policies[i][0])},
                              (struct situs_memory){memory, sizeof memory}, &err));
        assert_string_equal(situs_code_name(err.code), policies[i][1]);
        assert_string_equal(err.field, policies[i][2]);
    }
}

/* Every bit of the report, in a plain build; under sanitizers a sample. Nothing in it is free. */
#if defined(__SANITIZE_ADDRESS__)
#define STRIDE 211
#else
#define STRIDE 31
#endif
static void any_flipped_bit_of_a_report_is_refused(void **state)
{
    (void)state;
    struct snp_guest g = snp_guest_new(&snp_lab, false);
    assert_true(situs_result_trusted(snp_guest_verify(&g)));
    for (size_t bit = 0; bit < 8 * sizeof g.report; bit += STRIDE) {
        g.report[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_false(situs_result_trusted(snp_guest_verify(&g)));
        g.report[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
}

/* The real reports that verify, under AMD's own roots. */
static const struct {
    const char *report, *vek, *family, *issuer;
    int64_t at;
} real[] = {
    {"milan_attestation_report.bin", "milan_vcek.pem", "milan", "ask", 1785000000},
    {"genoa_attestation_report.bin", "genoa_vcek.pem", "genoa", "ask", 1785000000},
    {"turin_attestation_report.bin", "turin_vcek.pem", "turin", "ask", 1785000000},
    {"genoa-v5-live/report.bin", "genoa-v5-live/vcek.der", "genoa", "ask", 1785000000},
    {"milan-v3-dstack/report.bin", "milan-v3-dstack/vcek.pem", "milan", "ask", 1785000000},
    {"milan-vlek/report.bin", "milan-vlek/vlek.der", "milan", "asvk", 1740000000},
};

static struct situs_item of_amd(const char *format, const char *first, const char *second)
{
    char path[96];
    snprintf(path, sizeof path, format, first, second);
    struct span s = vectors_read(path);
    return (struct situs_item){first, s.p, s.n};
}

static bool trusted(const struct situs_request *q)
{
    static _Alignas(max_align_t) uint8_t memory[SITUS_VERIFY_MEMORY];
    const struct situs_result *r = situs_verify(q, (struct situs_memory){memory, sizeof memory});
    assert_non_null(r);
    return situs_result_trusted(r);
}

/* No byte of them is free: what the signature does not cover is the signature, and zeros that are asked for. */
static void any_flipped_bit_of_a_real_report_is_refused(void **state)
{
    (void)state;
    static _Alignas(max_align_t) uint8_t policy[SITUS_POLICY_MEMORY], snapshot[1 << 20];
    vectors_need();
    for (size_t i = 0; i < sizeof real / sizeof *real; i++) {
        uint8_t report[LAB_SNP_REPORT];
        struct situs_err err = {0};
        struct situs_item file = of_amd("snp/%s%s", real[i].report, "");
        const struct situs_item certs[] = {
            of_amd("snp/%s%s", real[i].vek, ""),
            of_amd("snp/asvk/%s-%s.der", real[i].family, "ark"),
            of_amd("snp/asvk/%s-%s.der", real[i].family, real[i].issuer)};
        struct situs_request q = {.at = real[i].at, .trust = situs_trust_builtin()};
        struct situs_snapshot *s = situs_snapshot_load(
            certs, 3, q.trust, (struct situs_memory){snapshot, sizeof snapshot}, &err);
        assert_non_null(s);
        assert_int_equal(file.size, sizeof report);
        memcpy(report, file.p, sizeof report);
        q.snapshot = s;
        q.policy =
            situs_policy_preset("genuine", (struct situs_memory){policy, sizeof policy}, &err);
        q.evidence = (struct situs_item){"report", report, sizeof report};
        assert_true(trusted(&q));
        for (size_t bit = i; bit < 8 * sizeof report; bit += STRIDE) {
            report[bit / 8] ^= (uint8_t)(1u << bit % 8);
            assert_false(trusted(&q));
            report[bit / 8] ^= (uint8_t)(1u << bit % 8);
        }
        situs_snapshot_free(s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_chip_is_named_by_its_own_key_alone),
        cmocka_unit_test(names_without_the_key_are_nobodys),
        cmocka_unit_test(an_answer_lasts_no_longer_than_its_crl),
        cmocka_unit_test(of_several_certificates_that_which_signed_counts),
        cmocka_unit_test(a_crl_in_amds_encoding_counts),
        cmocka_unit_test(a_table_behind_the_report_brings_the_certificate),
        cmocka_unit_test(a_closed_image_is_named_by_its_measurement),
        cmocka_unit_test(no_image_is_named_by_firmware_alone),
        cmocka_unit_test(any_flipped_bit_of_a_report_is_refused),
        cmocka_unit_test(any_flipped_bit_of_a_real_report_is_refused),
    };
    return cmocka_run_group_tests(tests, snp_lab_setup, snp_lab_teardown);
}
