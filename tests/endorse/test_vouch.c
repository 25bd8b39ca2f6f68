/* endorse/vouch: another verifier's token counts under keys that the trust file has, for this very quote, and
 * whoever looks at it may refuse it for one thing at a time. */
#include "support/test.h"

#include "base/limits.h"
#include "base/text.h"
#include "endorse/vouch/maa_token.h"
#include "support/soft_jws.h"
#include "support/vectors.h"

#include <stdio.h>

#define NOW 1767265200
#define ISSUER "https://eu.attest.test"
#define HEADER "{\"alg\":\"RS256\",\"jku\":\"" ISSUER "/certs\",\"kid\":\"one\",\"typ\":\"JWT\"}"
#define POLICY "QsNi9UE365Sg"

/* The quote, and what a token of it says; a test changes one thing. */
struct scene {
    struct claims claims[INSTANCE_COUNT];
    uint8_t bytes[64];
    struct anchor anchor;
    struct jws_rsa keys[2];
    struct trust_verifier verifier;
    struct trust trust;
    struct policy policy;
    struct span verifiers[1], policies[1];
    struct question q;
    uint8_t memory[65536];
    struct arena arena;
    struct answer x;
};
static struct scene s;

#define B16 "22222222222222222222222222222222"
#define B48 B16 B16 B16
#define B64 B48 B16
#define TIMES "\"iat\":1767265000,\"nbf\":1767265000,\"exp\":1767269000"
#define SNP_WORDS                                                                              \
    "\"x-ms-compliance-status\":\"azure-compliant-cvm\",\"x-ms-sevsnpvm-reportdata\":\"" B64   \
    "\",\"x-ms-sevsnpvm-reportid\":\"" B16 B16 "\",\"x-ms-sevsnpvm-launchmeasurement\":\"" B48 \
    "\",\"x-ms-sevsnpvm-hostdata\":\"" B16 B16 "\",\"x-ms-sevsnpvm-idkeydigest\":\"" B48       \
    "\",\"x-ms-sevsnpvm-authorkeydigest\":\"" B48                                              \
    "\",\"x-ms-sevsnpvm-guestsvn\":10,\"x-ms-sevsnpvm-vmpl\":0"
#define TDX_WORDS                                                                                 \
    "\"x-ms-compliance-status\":\"azure-compliant-cvm\",\"tdx_report_data\":\"" B64               \
    "\",\"tdx_mrtd\":\"" B48 "\",\"tdx_rtmr0\":\"" B48 "\",\"tdx_rtmr1\":\"" B48                  \
    "\",\"tdx_rtmr2\":\"" B48 "\",\"tdx_rtmr3\":\"" B48 "\",\"tdx_mrseam\":\"" B48                \
    "\",\"tdx_mrsignerseam\":\"" B48 "\",\"tdx_mrconfigid\":\"" B48 "\",\"tdx_mrowner\":\"" B48   \
    "\",\"tdx_mrownerconfig\":\"" B48 "\",\"tdx_tee_tcb_svn\":\"" B16 "\",\"tdx_td_attributes\":" \
    "\"2222222222222222\",\"tdx_xfam\":\"2222222222222222\""
#define TOP "{\"iss\":\"" ISSUER "\"," TIMES ",\"x-ms-policy-hash\":\"" POLICY "\","
#define SNP TOP "\"x-ms-attestation-type\":\"sevsnpvm\"," SNP_WORDS "}"
#define TDX TOP "\"x-ms-attestation-type\":\"tdxvm\"," TDX_WORDS "}"
#define VM                                                                  \
    TOP "\"x-ms-attestation-type\":\"azurevm\",\"x-ms-azurevm-vmid\":\"vm " \
        "1\",\"x-ms-isolation-tee\":"                                       \
        "{\"x-ms-attestation-type\":\"sevsnpvm\"," SNP_WORDS "}}"

static void word(enum param p, struct span *words, const char *text)
{
    words[0] = span_text(text);
    s.policy.v[p] = (struct param_value){.given = true, .words = words, .n = 1};
}

static void good(const char *tee)
{
    static const enum claim_id ids[] = {CLAIM_REPORT_DATA,
                                        CLAIM_REPORT_ID,
                                        CLAIM_MEASUREMENT,
                                        CLAIM_HOST_DATA,
                                        CLAIM_MRTD,
                                        CLAIM_ID_KEY_DIGEST,
                                        CLAIM_AUTHOR_KEY_DIGEST,
                                        CLAIM_RTMR0,
                                        CLAIM_RTMR1,
                                        CLAIM_RTMR2,
                                        CLAIM_RTMR3,
                                        CLAIM_MRSEAM,
                                        CLAIM_MRSIGNERSEAM,
                                        CLAIM_MRCONFIGID,
                                        CLAIM_MROWNER,
                                        CLAIM_MROWNERCONFIG,
                                        CLAIM_TEE_TCB_SVN,
                                        CLAIM_TD_ATTRIBUTES,
                                        CLAIM_XFAM};
    static const size_t sizes[] = {64, 32, 48, 32, 48, 48, 48, 48, 48, 48,
                                   48, 48, 48, 48, 48, 48, 16, 8,  8};
    memset(&s, 0, sizeof s);
    memset(s.bytes, 0x22, sizeof s.bytes);
    struct claims *c = &s.claims[INSTANCE_TEE];
    c->instance = tee;
    c->authority = &s.anchor;
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++)
        claim_bytes(c, ids[i], span_of(s.bytes, sizes[i]));
    claim_num(c, CLAIM_GUEST_SVN, 10);
    claim_num(c, CLAIM_VMPL, 0);
    for (unsigned i = 0; i < 2; i++)
        s.keys[i] =
            (struct jws_rsa){.kid = span_text(i ? "two" : "one"), .modulus = soft_jws_modulus(i)};
    s.verifier = (struct trust_verifier){
        .anchor = {.name = "MAA"}, .issuer = SPAN_LIT(ISSUER), .keys = s.keys, .n_keys = 1};
    s.trust = (struct trust){.verifiers = &s.verifier, .n_verifiers = 1};
    word(PARAM_VOUCH_VERIFIERS, s.verifiers, "MAA");
    s.arena = arena_new(s.memory, sizeof s.memory);
    s.q = (struct question){
        .claims = s.claims, .trust = &s.trust, .policy = &s.policy, .at = NOW, .arena = &s.arena};
}

static bool ask_token(struct span token, struct situs_err *err)
{
    struct endorsement e = {.part = "token", .kind = ENDORSEMENT_MAA_TOKEN, .bytes = token};
    *err = (struct situs_err){0};
    answer_begin(&s.x, &vouching_family, &s.q, e.part);
    if (!maa_token_endorsement.read(&e, NULL, &s.arena, err))
        return false;
    maa_token_endorsement.answer(&e, &s.q, &s.x);
    return true;
}

static void ask(const char *payload)
{
    struct situs_err err;
    assert_true(ask_token(soft_jws_rsa(HEADER, payload, 0), &err));
}

static bool holds(void)
{
    return s.x.claims.authority == &s.verifier.anchor;
}

static void a_token_of_this_quote_holds(void **state)
{
    (void)state;
    good("snp");
    ask(SNP);
    assert_true(holds());
    assert_int_equal(s.x.claims.v[CLAIM_NOT_AFTER].num, 1767269000);
    assert_true(span_equal(s.x.claims.v[CLAIM_TOKEN_POLICY].bytes, SPAN_LIT(POLICY)));
    assert_int_equal(s.x.n_notes, 2); /* nobody sees its rules; its policy was not asked */
    good("tdx");
    ask(TDX);
    assert_true(holds());
    good("snp");
    word(PARAM_VOUCH_POLICIES, s.policies, POLICY);
    ask(VM);
    assert_true(holds());
    assert_true(span_equal(s.x.claims.v[CLAIM_VM_ID].bytes, SPAN_LIT("vm 1")));
    assert_int_equal(s.x.n_notes, 1);
}

static void each_word_about_the_quote_must_be_so(void **state)
{
    (void)state;
    static const char *const payloads[] = {SNP, TDX};
    static const char *const tees[] = {"snp", "tdx"};
    for (size_t t = 0; t < 2; t++) {
        struct endorsement e = {.part = "token", .kind = ENDORSEMENT_MAA_TOKEN};
        struct situs_err err = {0};
        good(tees[t]);
        e.bytes = soft_jws_rsa(HEADER, payloads[t], 0);
        assert_true(maa_token_endorsement.read(&e, NULL, &s.arena, &err));
        const struct vouched v = *(const struct vouched *)e.doc;
        assert_int_equal(v.n_said, t ? 14 : 8);
        for (size_t i = 0; i < v.n_said; i++) {
            enum claim_id id = v.said[i].id;
            uint8_t other[64];
            good(tees[t]);
            memcpy(other, s.bytes, sizeof other);
            other[claim_row(id)->type == CLAIM_IS_BYTES ? v.said[i].is.bytes.n - 1 : 0] ^= 1;
            if (claim_row(id)->type == CLAIM_IS_BYTES)
                claim_bytes(&s.claims[0], id, span_of(other, s.claims[0].v[id].bytes.n));
            else
                claim_num(&s.claims[0], id, s.claims[0].v[id].num ^ 1);
            ask(payloads[t]);
            expect_fail(s.x.findings, CHECK_VOUCH_MATCH, SITUS_MISMATCH, claim_row(id)->name);
            assert_false(holds());
            good(tees[t]);
            s.claims[0].v[id].set = false;
            ask(payloads[t]);
            expect_fail(s.x.findings, CHECK_VOUCH_MATCH, SITUS_MISMATCH, claim_row(id)->name);
        }
    }
    good("tdx");
    ask(SNP);
    expect_fail(s.x.findings, CHECK_VOUCH_MATCH, SITUS_MISMATCH, "tee");
    good("snp");
    s.claims[INSTANCE_TEE].authority =
        NULL; /* of a quote that nobody verified nothing can be said */
    ask(SNP);
    assert_int_equal(s.x.findings.v[CHECK_VOUCH_MATCH].outcome, OUTCOME_NOT_RUN);
    assert_false(holds());
}

static void what_it_calls_the_vm_and_by_which_policy_count(void **state)
{
    (void)state;
    static const char *const calls[] = {"azure-compliant-vm", "azure-compliant-cvm ", "none"};
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        char payload[4096];
        const char *whole = SNP, *at = strstr(whole, "azure-compliant-cvm");
        snprintf(payload, sizeof payload, "%.*s%s%s", (int)(at - whole), whole, calls[i],
                 at + strlen("azure-compliant-cvm"));
        good("snp");
        ask(payload);
        expect_fail(s.x.findings, CHECK_VOUCH_MATCH, SITUS_NOT_ALLOWED, "compliance");
        assert_false(holds());
    }
    good("snp");
    word(PARAM_VOUCH_POLICIES, s.policies, "another");
    ask(SNP);
    expect_fail(s.x.findings, CHECK_VOUCH_MATCH, SITUS_NOT_ALLOWED, "policy");
    assert_false(holds());
}

static void a_token_of_another_key_is_nobodys(void **state)
{
    (void)state;
    struct situs_err err;
    good("snp");
    assert_true(ask_token(soft_jws_rsa(HEADER, SNP, 1), &err));
    expect_fail(s.x.findings, CHECK_VOUCH_SIGNATURE, SITUS_BAD_SIGNATURE, "signature");
    assert_false(holds());
    good("snp"); /* the key id chooses */
    s.verifier.n_keys = 2;
    assert_true(ask_token(soft_jws_rsa(HEADER, SNP, 1), &err));
    expect_fail(s.x.findings, CHECK_VOUCH_SIGNATURE, SITUS_BAD_SIGNATURE, "signature");
    good("snp");
    s.keys[0].kid = SPAN_LIT("another");
    ask(SNP);
    expect_fail(s.x.findings, CHECK_VOUCH_SIGNATURE, SITUS_UNTRUSTED, "header.kid");
    good("snp");
    s.verifier.issuer = SPAN_LIT(ISSUER "/");
    ask(SNP);
    expect_fail(s.x.findings, CHECK_VOUCH_SIGNATURE, SITUS_UNTRUSTED, "iss");
    good("snp");
    word(PARAM_VOUCH_VERIFIERS, s.verifiers, "another");
    ask(SNP);
    expect_fail(s.x.findings, CHECK_VOUCH_SIGNATURE, SITUS_NOT_ALLOWED, "verifiers");
    assert_false(holds());
    good("snp"); /* without a key id each key is tried */
    s.verifier.n_keys = 2;
    assert_true(ask_token(soft_jws_rsa("{\"alg\":\"RS256\"}", SNP, 1), &err));
    assert_true(holds());
}

/* Microsoft publishes its keys in certificates alone; of these nothing but the key counts. */
static void a_key_may_stand_in_a_certificate(void **state)
{
    (void)state;
    static char text[8192], base64[4096];
    for (unsigned key = 0; key < 2; key++) {
        struct situs_err err = {0};
        struct trust trust;
        snprintf(text, sizeof text,
                 "{\"builtin\":true,\"verifiers\":[{\"name\":\"MAA\",\"issuer\":\"" ISSUER
                 "\",\"jwks\":{\"keys\":[{\"kty\":\"RSA\",\"kid\":\"one\",\"x5c\":[\"%s\"]}]}}]}",
                 text_base64(base64, soft_jws_certificate(key)));
        good("snp");
        assert_true(trust_read(&trust, span_text(text), &s.arena, &err));
        s.q.trust = &trust;
        ask(SNP); /* under the first key */
        assert_int_equal(s.x.claims.authority == &trust.verifiers[0].anchor, key == 0);
        if (key)
            expect_fail(s.x.findings, CHECK_VOUCH_SIGNATURE, SITUS_BAD_SIGNATURE, "signature");
    }
}

static void a_token_counts_in_its_time_only(void **state)
{
    (void)state;
    static const struct {
        int64_t at;
        enum situs_code code;
        const char *field;
    } cases[] = {{1767265000, SITUS_NONE, ""},
                 {1767264940, SITUS_NONE, ""},
                 {1767264939, SITUS_NOT_YET_VALID, "nbf"},
                 {1767268999, SITUS_NONE, ""},
                 {1767269000, SITUS_EXPIRED, "exp"},
                 {253402300799, SITUS_EXPIRED, "exp"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        good("snp");
        s.q.at = cases[i].at;
        ask(SNP);
        assert_int_equal(holds(), cases[i].code == SITUS_NONE);
        if (!holds())
            expect_fail(s.x.findings, CHECK_VOUCH_WINDOW, cases[i].code, cases[i].field);
        assert_int_equal(s.x.findings.v[CHECK_VOUCH_WINDOW].until, 1767268999);
    }
    good("snp");
    ask("{\"iss\":\"" ISSUER "\",\"iat\":1767265261,\"nbf\":1767265000,\"exp\":1767269000,"
        "\"x-ms-attestation-type\":\"sevsnpvm\"," SNP_WORDS "}");
    expect_fail(s.x.findings, CHECK_VOUCH_WINDOW, SITUS_NOT_YET_VALID, "iat");
}

/* Whatever the header calls the signature, RS256 under a key of the trust file is the only one. */
static void other_algorithms_and_keys_of_the_header_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *header;
        enum situs_code code;
        const char *field;
    } cases[] = {
        {"{\"alg\":\"none\"}", SITUS_UNSUPPORTED, "alg"},
        {"{\"alg\":\"HS256\",\"kid\":\"one\"}", SITUS_UNSUPPORTED, "alg"},
        {"{\"alg\":\"RS384\",\"kid\":\"one\"}", SITUS_UNSUPPORTED, "alg"},
        {"{\"alg\":\"PS256\",\"kid\":\"one\"}", SITUS_UNSUPPORTED, "alg"},
        {"{\"alg\":\"ES256\",\"kid\":\"one\"}", SITUS_UNSUPPORTED, "alg"},
        {"{\"alg\":\"rs256\",\"kid\":\"one\"}", SITUS_UNSUPPORTED, "alg"},
        {"{\"kid\":\"one\"}", SITUS_MISSING, "alg"},
        {"{\"alg\":\"RS256\",\"jwk\":{}}", SITUS_NOT_ALLOWED, "jwk"},
        {"{\"alg\":\"RS256\",\"x5c\":[]}", SITUS_NOT_ALLOWED, "x5c"},
        {"{\"alg\":\"RS256\",\"x5u\":\"https://k\"}", SITUS_NOT_ALLOWED, "x5u"},
        {"{\"alg\":\"RS256\",\"crit\":[]}", SITUS_NOT_ALLOWED, "crit"},
        {"{\"alg\":\"RS256\",\"typ\":\"at+jwt\"}", SITUS_UNSUPPORTED, "typ"},
        {"{\"alg\":\"RS256\",\"alg\":\"RS256\"}", SITUS_DUPLICATE, "json"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct situs_err err;
        good("snp");
        assert_false(ask_token(soft_jws_rsa(cases[i].header, SNP, 0), &err));
        assert_string_equal(err_code_name(err.code), err_code_name(cases[i].code));
        assert_string_equal(err.field, cases[i].field);
    }
}

#define SAID(words) TOP "\"x-ms-attestation-type\":\"sevsnpvm\"," words "}"

static void payloads_of_another_form_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *payload;
        enum situs_code code;
        const char *field;
    } cases[] = {
        {"[]", SITUS_MALFORMED, "json"},
        {"{\"x-ms-attestation-type\":\"sevsnpvm\"}", SITUS_MISSING, "iss"},
        {"{\"iss\":\"\"}", SITUS_MALFORMED, "iss"},
        {"{\"iss\":\"a\",\"iat\":1}", SITUS_MISSING, "nbf"},
        {"{\"iss\":\"a\",\"iat\":1,\"nbf\":1}", SITUS_MISSING, "exp"},
        {"{\"iss\":\"a\",\"iat\":1,\"nbf\":1,\"exp\":\"1\"}", SITUS_MALFORMED, "exp"},
        {"{\"iss\":\"a\",\"iat\":-1}", SITUS_MALFORMED, "iat"},
        {TOP "\"a\":0}", SITUS_MISSING, "x-ms-attestation-type"},
        {TOP "\"x-ms-attestation-type\":\"sgx\"}", SITUS_UNSUPPORTED, "x-ms-attestation-type"},
        {TOP "\"x-ms-attestation-type\":\"azurevm\"}", SITUS_MISSING, "x-ms-isolation-tee"},
        {TOP
         "\"x-ms-attestation-type\":\"azurevm\",\"x-ms-isolation-tee\":{\"x-ms-attestation-type\":"
         "\"azurevm\"}}",
         SITUS_UNSUPPORTED, "x-ms-isolation-tee.x-ms-attestation-type"},
        {SAID("\"a\":0"), SITUS_MISSING, "x-ms-sevsnpvm-reportdata"},
        {SAID("\"x-ms-sevsnpvm-reportdata\":\"22\""), SITUS_MALFORMED, "x-ms-sevsnpvm-reportdata"},
        {TOP "\"iss\":\"b\"}", SITUS_DUPLICATE, "json"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct situs_err err;
        good("snp");
        assert_false(ask_token(soft_jws_rsa(HEADER, cases[i].payload, 0), &err));
        assert_string_equal(err_code_name(err.code), err_code_name(cases[i].code));
        assert_string_equal(err.field, cases[i].field);
    }
    char payload[1024];
    struct situs_err err;
    snprintf(payload, sizeof payload, "{\"iss\":\"%0300d\"}", 0);
    good("snp");
    assert_false(ask_token(soft_jws_rsa(HEADER, payload, 0), &err));
    expect_err(err, SITUS_TOO_LONG, "iss", SITUS_NO_OFFSET);
}

#if defined(__SANITIZE_ADDRESS__)
#define STRIDE 13 /* prime, so that all bit numbers occur */
#else
#define STRIDE 1
#endif

/* Header, payload and signature are the token; only line ends may follow. */
static void every_flipped_bit_of_a_token_is_refused(void **state)
{
    (void)state;
    static uint8_t bytes[LIMIT_TOKEN];
    struct situs_err err;
    struct span token = soft_jws_rsa(HEADER, SNP, 0);
    memcpy(bytes, token.p, token.n);
    for (size_t i = 0; i < 8 * token.n; i += STRIDE) {
        good("snp");
        bytes[i / 8] ^= (uint8_t)(1u << i % 8);
        assert_false(ask_token(span_of(bytes, token.n), &err) && holds());
        bytes[i / 8] ^= (uint8_t)(1u << i % 8);
    }
    good("snp");
    memcpy(bytes + token.n, "\r\n", 2);
    assert_true(ask_token(span_of(bytes, token.n + 2), &err) && holds());
}

static void a_token_is_told_by_its_payload_alone(void **state)
{
    (void)state;
    static char payload[1024];
    for (size_t pad = 0; pad < 200; pad++) { /* wherever the name lies in the windows */
        snprintf(payload, sizeof payload, "{\"a\":\"%0*d\",\"x-ms-attestation-type\":1}",
                 (int)pad + 1, 0);
        assert_true(maa_token_is(soft_jws("{\"alg\":\"none\"}", payload, 1)));
        snprintf(payload, sizeof payload, "{\"a\":\"%0*d\",\"x-ms-attestation-typf\":1}",
                 (int)pad + 1, 0);
        assert_false(maa_token_is(soft_jws("{\"alg\":\"none\"}", payload, 1)));
    }
    assert_false(maa_token_is(SPAN_LIT("")));
    assert_false(maa_token_is(SPAN_LIT("eyJ")));
    assert_false(maa_token_is(SPAN_LIT("eyJ.")));
}

static void the_real_token_holds_under_its_own_key(void **state)
{
    (void)state;
    static char text[4096];
    struct situs_err err = {0};
    struct trust trust;
    vectors_need();
    struct span jwks = vectors_read("maa/sharedeus2.jwks.json");
    struct span token = vectors_read("maa/token.jwt");
    snprintf(text, sizeof text,
             "{\"builtin\":true,\"verifiers\":[{\"name\":\"MAA\",\"issuer\":"
             "\"https://sharedeus2.eus2.attest.azure.net\",\"jwks\":%.*s}]}",
             (int)jwks.n, (const char *)jwks.p);
    good("snp");
    assert_true(trust_read(&trust, span_text(text), &s.arena, &err));
    assert_int_equal(trust.verifiers[0].n_keys, 2);
    s.q.trust = &trust;
    s.q.at = 1765855447;
    assert_true(ask_token(token, &err));
    assert_int_equal(s.x.findings.v[CHECK_VOUCH_SIGNATURE].outcome, OUTCOME_PASS);
    assert_int_equal(s.x.findings.v[CHECK_VOUCH_WINDOW].outcome, OUTCOME_PASS);
    expect_fail(s.x.findings, CHECK_VOUCH_MATCH, SITUS_MISMATCH, "report_data");
    s.q.at = 1765855448;
    assert_true(ask_token(token, &err));
    expect_fail(s.x.findings, CHECK_VOUCH_WINDOW, SITUS_EXPIRED, "exp");
    struct jws_rsa second = trust.verifiers[0].keys[1];
    second.kid = trust.verifiers[0].keys[0].kid;
    s.verifier = trust.verifiers[0];
    s.verifier.keys = &second;
    s.verifier.n_keys = 1;
    s.q.trust = &s.trust;
    assert_true(ask_token(token, &err));
    expect_fail(s.x.findings, CHECK_VOUCH_SIGNATURE, SITUS_BAD_SIGNATURE, "signature");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_token_of_this_quote_holds),
        cmocka_unit_test(each_word_about_the_quote_must_be_so),
        cmocka_unit_test(what_it_calls_the_vm_and_by_which_policy_count),
        cmocka_unit_test(a_token_of_another_key_is_nobodys),
        cmocka_unit_test(a_key_may_stand_in_a_certificate),
        cmocka_unit_test(a_token_counts_in_its_time_only),
        cmocka_unit_test(other_algorithms_and_keys_of_the_header_are_refused),
        cmocka_unit_test(payloads_of_another_form_are_refused),
        cmocka_unit_test(every_flipped_bit_of_a_token_is_refused),
        cmocka_unit_test(a_token_is_told_by_its_payload_alone),
        cmocka_unit_test(the_real_token_holds_under_its_own_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
