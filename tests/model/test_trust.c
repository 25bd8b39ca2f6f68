/* model/trust: an anchor counts for what it is for; a trust file says nothing that is guessed. */
#include "support/test.h"
#include "support/vectors.h"

#include <stdio.h>

#include "base/limits.h"
#include "base/text.h"
#include "crypto/digest.h"
#include "model/trust_verifiers.h"

static _Alignas(16) uint8_t memory[1 << 16];
static struct arena arena;

/* A PEM block, as in JSON text, of a SEQUENCE that holds size bytes of fill. */
static const char *pem_of(size_t size, uint8_t fill)
{
    static char text[8][2048];
    static size_t next;
    char *to = text[next++ % 8];
    uint8_t der[1024] = {0x30, 0x82, (uint8_t)(size >> 8), (uint8_t)size};
    char body[1400];
    memset(der + 4, fill, size);
    text_base64(body, span_of(der, size + 4));
    snprintf(to, sizeof text[0], "-----BEGIN CERTIFICATE-----\\n%s\\n-----END CERTIFICATE-----\\n",
             body);
    return to;
}

static bool read_text(struct trust *trust, struct situs_err *err, const char *text)
{
    arena = arena_new(memory, sizeof memory);
    memset(err, 0, sizeof *err);
    return trust_read(trust, span_text(text), &arena, err);
}

static bool read_one(struct trust *trust, struct situs_err *err, const char *anchor)
{
    char text[16384];
    snprintf(text, sizeof text, "{\"anchors\":[%s]}", anchor);
    return read_text(trust, err, text);
}

static const char *anchor_text(const char *name, const char *uses, const char *pem)
{
    static char text[4][6000];
    static size_t next;
    char *to = text[next++ % 4];
    snprintf(to, sizeof text[0], "{\"name\":\"%s\",\"for\":%s,\"pem\":\"%s\"}", name, uses, pem);
    return to;
}

static void trust_builtin_counts_only_for_its_use(void **state)
{
    (void)state;
    uint8_t intel[32];
    assert_true(text_hex_read(intel, 32,
                              SPAN_LIT("44a0196b2b99f889b8e149e95b807a35"
                                       "0e7424964399e885a7cbb8ccfab674d3")));
    const struct anchor *a = trust_find(trust_builtin(), intel, ANCHOR_TDX);
    assert_non_null(a);
    assert_string_equal(a->name, "Intel SGX Root CA");
    assert_true(a->builtin);
    assert_false(a->simulated);
    for (unsigned use = ANCHOR_SNP; use <= ANCHOR_LIST; use <<= 1)
        assert_null(trust_find(trust_builtin(), intel, use));
    intel[31] ^= 1;
    assert_null(trust_find(trust_builtin(), intel, ANCHOR_TDX));
}

static void trust_builtin_pins_the_published_roots(void **state)
{
    (void)state;
    vectors_need();
    static const struct {
        const char *file;
        enum anchor_use use;
    } rows[] = {{"roots/amd/milan_ark.pem", ANCHOR_SNP},
                {"roots/amd/genoa_ark.pem", ANCHOR_SNP},
                {"roots/amd/turin_ark.pem", ANCHOR_SNP},
                {"roots/gcp/gcp_ek_ak_ca_root.crt", ANCHOR_PROVIDER},
                {"roots/gcp/tpm_ek_root_1.cer", ANCHOR_PROVIDER},
                {"roots/azure/azure-virtual-tpm-root-2023.pem", ANCHOR_PROVIDER}};
    assert_int_equal(trust_builtin()->n, sizeof rows / sizeof *rows + 1);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct span file = vectors_read(rows[i].file);
        uint8_t der[4096], hash[32];
        size_t n = file.n;
        if (file.p[0] == '-') {
            const char *text = (const char *)file.p;
            const char *body = strchr(text, '\n'), *end = strstr(body, "-----END");
            assert_true(
                text_base64_read(der, sizeof der, &n, span_of(body, (size_t)(end - body)), true));
        } else {
            memcpy(der, file.p, n);
        }
        assert_true(digest(HASH_SHA256, span_of(der, n), hash));
        assert_non_null(trust_find(trust_builtin(), hash, rows[i].use));
    }
}

static void trust_reads_a_file(void **state)
{
    (void)state;
    struct situs_err err;
    struct trust trust;
    char text[16384];
    snprintf(text, sizeof text,
             "{\"builtin\":true,\"anchors\":[%s,{\"name\":\"lab\",\"for\":[\"tdx\"],\"pem\":\"%s\","
             "\"simulated\":true}]}",
             anchor_text("us", "[\"poe\",\"list\"]", pem_of(300, 1)), pem_of(256, 2));
    assert_true(read_text(&trust, &err, text));
    assert_int_equal(trust.n, 2 + trust_builtin()->n);
    const struct anchor *a = &trust.anchors[0];
    assert_string_equal(a->name, "us");
    assert_int_equal(a->uses, ANCHOR_POE | ANCHOR_LIST);
    assert_int_equal(a->der.n, 304);
    assert_false(a->simulated);
    assert_false(a->builtin);
    uint8_t hash[32];
    assert_true(digest(HASH_SHA256, a->der, hash));
    assert_ptr_equal(trust_find(&trust, hash, ANCHOR_LIST), a);
    assert_null(trust_find(&trust, hash, ANCHOR_TDX));
    assert_true(trust.anchors[1].simulated);
    assert_non_null(trust_find(&trust, trust_builtin()->anchors[0].sha256, ANCHOR_TDX));
}

static void trust_has_no_builtin_anchors_unless_asked(void **state)
{
    (void)state;
    struct situs_err err;
    struct trust trust;
    assert_true(read_one(&trust, &err, anchor_text("a", "[\"tdx\"]", pem_of(300, 1))));
    assert_int_equal(trust.n, 1);
    assert_true(read_text(&trust, &err, "{\"builtin\":true}"));
    assert_int_equal(trust.n, trust_builtin()->n);
}

static void trust_takes_the_files_word_over_a_pin(void **state)
{
    (void)state;
    vectors_need();
    struct situs_err err;
    struct trust trust;
    struct span pem = vectors_read("roots/amd/milan_ark.pem");
    char json[4096], text[16384];
    size_t n = 0;
    for (size_t i = 0; i < pem.n; i++)
        n += (size_t)(pem.p[i] == '\n' ? snprintf(json + n, sizeof json - n, "\\n")
                                       : snprintf(json + n, sizeof json - n, "%c", pem.p[i]));
    snprintf(text, sizeof text, "{\"builtin\":true,\"anchors\":[%s]}",
             anchor_text("ours", "[\"snp\"]", json));
    assert_true(read_text(&trust, &err, text));
    assert_int_equal(trust.n, trust_builtin()->n);
    assert_string_equal(trust_find(&trust, trust.anchors[0].sha256, ANCHOR_SNP)->name, "ours");
}

static void trust_refuses_bad_files(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum situs_code code;
        const char *field;
    } rows[] = {
        {"{}", SITUS_MISSING, "anchors"},
        {"{\"builtin\":false}", SITUS_MISSING, "anchors"},
        {"{\"anchors\":[]}", SITUS_MISSING, "anchors"},
        {"{\"builtin\":1}", SITUS_MALFORMED, "builtin"},
        {"{\"anchors\":{}}", SITUS_MALFORMED, "anchors"},
        {"{\"anchors\":[1]}", SITUS_MALFORMED, "anchors[0]"},
        {"{\"builtin\":true,\"anchor\":[]}", SITUS_UNKNOWN, "anchor"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct situs_err err;
        struct trust trust;
        assert_false(read_text(&trust, &err, rows[i].text));
        expect_err(err, rows[i].code, rows[i].field, SITUS_NO_OFFSET);
        assert_int_equal(trust.n, 0);
    }
}

static void trust_refuses_bad_anchors(void **state)
{
    (void)state;
    static char name[128], sequel[2048], short_pem[2048];
    memset(name, 'x', TRUST_NAME_MAX + 1);
    snprintf(sequel, sizeof sequel, "%s%s", pem_of(300, 1), pem_of(300, 2));
    snprintf(short_pem, sizeof short_pem, "%s", pem_of(300, 1));
    memmove(short_pem + 41, short_pem + 45, strlen(short_pem + 45) + 1); /* three bytes fewer */
    char *set_pem = strcpy((char[2048]){0}, pem_of(300, 1));
    set_pem[30] = 'Y'; /* the first byte becomes 0x31, a SET */
    const struct {
        const char *name, *uses, *pem;
        enum situs_code code;
        const char *field;
    } rows[] = {
        {"", "[\"tdx\"]", pem_of(300, 1), SITUS_MALFORMED, "anchors[0].name"},
        {name, "[\"tdx\"]", pem_of(300, 1), SITUS_MALFORMED, "anchors[0].name"},
        {"a=b", "[\"tdx\"]", pem_of(300, 1), SITUS_MALFORMED, "anchors[0].name"},
        {"=", "[\"tdx\"]", pem_of(300, 1), SITUS_MALFORMED, "anchors[0].name"},
        {"K\xc3\xb6ln", "[\"tdx\"]", pem_of(300, 1), SITUS_MALFORMED, "anchors[0].name"},
        {"a", "[]", pem_of(300, 1), SITUS_MISSING, "anchors[0].for"},
        {"a", "\"tdx\"", pem_of(300, 1), SITUS_MALFORMED, "anchors[0].for"},
        {"a", "[\"tdx\",\"everything\"]", pem_of(300, 1), SITUS_UNKNOWN, "anchors[0].for[1]"},
        {"a", "[\"tdx\",\"tdx\"]", pem_of(300, 1), SITUS_DUPLICATE, "anchors[0].for[1]"},
        {"a", "[\"tdx\"]", "", SITUS_MALFORMED, "anchors[0].pem"},
        {"a", "[\"tdx\"]", "-----BEGIN CERTIFICATE-----", SITUS_MALFORMED, "anchors[0].pem"},
        {"a", "[\"tdx\"]", sequel, SITUS_MALFORMED, "anchors[0].pem"},
        {"a", "[\"tdx\"]", pem_of(300, 1) + 1, SITUS_MALFORMED, "anchors[0].pem"},
        {"a", "[\"tdx\"]", set_pem, SITUS_MALFORMED, "anchors[0].pem"},
        {"a", "[\"tdx\"]", short_pem, SITUS_MALFORMED, "anchors[0].pem"},
        {"a", "[\"tdx\"]", pem_of(255, 1), SITUS_MALFORMED, "anchors[0].pem"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct situs_err err;
        struct trust trust;
        assert_false(read_one(&trust, &err, anchor_text(rows[i].name, rows[i].uses, rows[i].pem)));
        expect_err(err, rows[i].code, rows[i].field, SITUS_NO_OFFSET);
    }
}

/* F8: for whom a provider's anchor speaks is said by the file, and by nothing else. */
static void trust_is_told_whose_certificates_an_anchor_signs(void **state)
{
    (void)state;
    static const struct {
        const char *members, *profile;
        enum situs_code code;
    } rows[] = {
        {"\"for\":[\"provider\"],\"profile\":\"google\"", "google", SITUS_NONE},
        {"\"for\":[\"provider\"],\"profile\":\"azure\"", "azure", SITUS_NONE},
        {"\"for\":[\"tpm-maker\",\"provider\"],\"profile\":\"situs\"", "situs", SITUS_NONE},
        {"\"for\":[\"poe\",\"list\"]", "", SITUS_NONE},
        {"\"for\":[\"provider\"]", NULL, SITUS_MISSING},
        {"\"for\":[\"poe\",\"provider\"]", NULL, SITUS_MISSING},
        {"\"for\":[\"provider\"],\"profile\":\"Google\"", NULL, SITUS_UNKNOWN},
        {"\"for\":[\"provider\"],\"profile\":\"\"", NULL, SITUS_UNKNOWN},
        {"\"for\":[\"provider\"],\"profile\":[\"google\"]", NULL, SITUS_MALFORMED},
        {"\"for\":[\"provider\"],\"profile\":null", NULL, SITUS_MALFORMED},
        {"\"for\":[\"poe\"],\"profile\":\"situs\"", NULL, SITUS_NOT_ALLOWED},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct situs_err err;
        struct trust trust;
        char text[4096];
        snprintf(text, sizeof text, "{\"name\":\"Google in all but name\",%s,\"pem\":\"%s\"}",
                 rows[i].members, pem_of(300, 1));
        assert_int_equal(read_one(&trust, &err, text), rows[i].code == SITUS_NONE);
        if (rows[i].code != SITUS_NONE)
            expect_err(err, rows[i].code, "anchors[0].profile", SITUS_NO_OFFSET);
        else
            assert_string_equal(ak_profile_name(trust.anchors[0].profile), rows[i].profile);
    }
    const struct trust *b = trust_builtin();
    for (size_t i = 0; i < b->n; i++) {
        enum ak_profile of = *b->anchors[i].name == 'G' ? AK_PROFILE_GOOGLE : AK_PROFILE_AZURE;
        if (b->anchors[i].uses != ANCHOR_PROVIDER)
            of = AK_PROFILE_NONE;
        assert_int_equal(b->anchors[i].profile, of);
    }
}

static void a_mark_is_of_one_file_in_one_place(void **state)
{
    (void)state;
    struct situs_err err;
    struct trust trust, same;
    char text[2][4096];
    for (int i = 0; i < 2; i++)
        snprintf(text[i], sizeof text[i], "{\"name\":\"%d\",\"for\":[\"poe\"],\"pem\":\"%s\"}", i,
                 pem_of(300, 1));
    assert_true(read_one(&trust, &err, text[0]));
    struct trust_mark mark = trust_mark(&trust);
    assert_true(trust_marked(&mark, &trust));
    assert_true(read_one(&trust, &err, text[1]));
    assert_false(trust_marked(&mark, &trust));
    assert_true(read_one(&trust, &err, text[0]) && read_one(&same, &err, text[0]));
    assert_true(trust_marked(&mark, &trust));
    assert_false(trust_marked(&mark, &same));
    mark = trust_mark(trust_builtin());
    assert_true(trust_marked(&mark, trust_builtin()));
    assert_false(trust_marked(&mark, &trust));
}

static void trust_refuses_two_anchors_of_one_certificate_or_name(void **state)
{
    (void)state;
    struct situs_err err;
    struct trust trust;
    char two[12288];
    snprintf(two, sizeof two, "%s,%s", anchor_text("a", "[\"tdx\"]", pem_of(300, 1)),
             anchor_text("b", "[\"poe\"]", pem_of(300, 1)));
    assert_false(read_one(&trust, &err, two));
    expect_err(err, SITUS_DUPLICATE, "anchors[1]", SITUS_NO_OFFSET);
    snprintf(two, sizeof two, "%s,%s", anchor_text("a", "[\"tdx\"]", pem_of(300, 1)),
             anchor_text("a", "[\"poe\"]", pem_of(300, 2)));
    assert_false(read_one(&trust, &err, two));
    expect_err(err, SITUS_DUPLICATE, "anchors[1]", SITUS_NO_OFFSET);
}

/* A pin's name means the pin, to policies and to who reads a report. */
static void trust_refuses_a_pins_name_for_another_certificate(void **state)
{
    (void)state;
    for (size_t i = 0; i < 4; i++) {
        bool taken = i % 2, builtin = i / 2;
        struct situs_err err = {0};
        struct trust trust;
        char text[8192];
        snprintf(text, sizeof text, "{\"builtin\":%s,\"anchors\":[%s]}", builtin ? "true" : "false",
                 anchor_text(taken ? "Intel SGX Root CA" : "Intel", "[\"poe\"]", pem_of(300, 1)));
        assert_int_equal(read_text(&trust, &err, text), !(taken && builtin));
        if (taken && builtin)
            expect_err(err, SITUS_DUPLICATE, "anchors[0]", SITUS_NO_OFFSET);
    }
}

static void trust_bounds_files_lists_and_certificates(void **state)
{
    (void)state;
    static char text[LIMIT_TRUST + 1];
    struct situs_err err = {0};
    struct trust trust;
    arena = arena_new(memory, sizeof memory);
    assert_false(trust_read(&trust, SPAN_ARR(text), &arena, &err));
    expect_err(err, SITUS_TOO_LONG, "json", SITUS_NO_OFFSET);
    int n = snprintf(text, sizeof text, "{\"anchors\":[0");
    for (int i = 0; i < LIMIT_ANCHORS; i++)
        n += snprintf(text + n, sizeof text - (size_t)n, ",0");
    snprintf(text + n, sizeof text - (size_t)n, "]}");
    assert_false(read_text(&trust, &err, text));
    expect_err(err, SITUS_TOO_LONG, "anchors", SITUS_NO_OFFSET);
    n = snprintf(text, sizeof text,
                 "{\"anchors\":[{\"name\":\"a\",\"for\":[\"tdx\"],"
                 "\"pem\":\"-----BEGIN CERTIFICATE-----");
    memset(text + n, 'A', 2 * LIMIT_CERT + 2);
    snprintf(text + n + 2 * LIMIT_CERT + 2, 64, "-----END CERTIFICATE-----\"}]}");
    assert_false(read_text(&trust, &err, text));
    expect_err(err, SITUS_TOO_LONG, "anchors[0].pem", SITUS_NO_OFFSET);
}

static void trust_needs_memory(void **state)
{
    (void)state;
    char text[16384];
    snprintf(text, sizeof text, "{\"builtin\":true,\"anchors\":[%s]}",
             anchor_text("a", "[\"tdx\"]", pem_of(300, 1)));
    for (size_t size = 0; size < 1600; size += 100) {
        struct situs_err err = {0};
        struct trust trust;
        struct arena small = arena_new(memory, size);
        if (trust_read(&trust, span_text(text), &small, &err))
            continue;
        assert_string_equal(err_code_name(err.code), "no-memory");
        assert_int_equal(trust.n, 0);
    }
}

/* A verifier of a trust file with this set of keys. */
static bool read_verifier(struct trust *trust, struct situs_err *err, const char *name,
                          const char *keys)
{
    char text[16384];
    snprintf(text, sizeof text,
             "{\"builtin\":true,\"verifiers\":[{\"name\":\"%s\",\"issuer\":\"https://%s\",\"jwks\":"
             "{\"keys\":[%s]}}]}",
             name, name, keys);
    return read_text(trust, err, text);
}

/* A key of a modulus of so many bytes. */
static const char *rsa_key(const char *kid, size_t size, const char *more)
{
    static char text[4][2048];
    static size_t next;
    char *to = text[next++ % 4], digits[1024];
    memset(digits, '_', sizeof digits); /* ff ff .. */
    size_t n = (size * 4 + 2) / 3;
    digits[n - 1] = size % 3 == 1 ? 'w' : size % 3 == 2 ? '8' : '_';
    digits[n] = 0;
    snprintf(to, sizeof text[0], "{\"kty\":\"RSA\",\"kid\":\"%s\",\"e\":\"AQAB\",\"n\":\"%s\"%s}",
             kid, digits, more);
    return to;
}

static void trust_reads_other_verifiers(void **state)
{
    (void)state;
    struct situs_err err;
    struct trust trust;
    char keys[8192];
    snprintf(keys, sizeof keys, "%s,{\"kty\":\"EC\"},%s,%s,{}", rsa_key("a", 256, ""),
             rsa_key("b", 512, ",\"use\":\"sig\",\"alg\":\"RS256\",\"x5c\":[1]"),
             rsa_key("c", 256, ",\"use\":\"enc\""));
    assert_true(read_verifier(&trust, &err, "maa", keys));
    assert_int_equal(trust.n_verifiers, 1);
    assert_int_equal(trust.verifiers[0].n_keys, 2); /* what is not for RS256 is passed over */
    assert_int_equal(trust.verifiers[0].keys[1].modulus.n, 512);
    assert_ptr_equal(trust_verifier_find(&trust, SPAN_LIT("https://maa")), trust.verifiers);
    assert_null(trust_verifier_find(&trust, SPAN_LIT("https://maa/")));
    assert_null(trust_verifier_find(trust_builtin(), SPAN_LIT("https://maa")));
}

static void trust_refuses_keys_that_are_none(void **state)
{
    (void)state;
    const struct {
        const char *keys;
        enum situs_code code;
        const char *field;
    } rows[] = {
        {"", SITUS_MISSING, "verifiers[0].jwks.keys"},
        {"{\"kty\":\"EC\"}", SITUS_MISSING, "verifiers[0].jwks.keys"},
        {"1", SITUS_MALFORMED, "verifiers[0].jwks.keys[0]"},
        {"{\"kty\":\"RSA\"}", SITUS_MISSING, "verifiers[0].jwks.keys[0].kid"},
        {"{\"kty\":\"RSA\",\"kid\":\"\"}", SITUS_MALFORMED, "verifiers[0].jwks.keys[0].kid"},
        {"{\"kty\":\"RSA\",\"kid\":\"a\"}", SITUS_MISSING, "verifiers[0].jwks.keys[0].x5c"},
        {"{\"kty\":\"RSA\",\"kid\":\"a\",\"x5c\":[]}", SITUS_MISSING,
         "verifiers[0].jwks.keys[0].x5c"},
        {"{\"kty\":\"RSA\",\"kid\":\"a\",\"x5c\":[\"A\"]}", SITUS_MALFORMED,
         "verifiers[0].jwks.keys[0].x5c[0]"},
        {"{\"kty\":\"RSA\",\"kid\":\"a\",\"x5c\":[\"MAAA\"]}", SITUS_MALFORMED,
         "verifiers[0].jwks.keys[0]"},
        {"{\"kty\":\"RSA\",\"kid\":\"a\",\"n\":\"AQAB\"}", SITUS_MISSING,
         "verifiers[0].jwks.keys[0].e"},
        {"{\"kty\":\"RSA\",\"kid\":\"a\",\"n\":\"AQ==\",\"e\":\"AQAB\"}", SITUS_MALFORMED,
         "verifiers[0].jwks.keys[0].n"},
        {"{\"kty\":\"RSA\",\"kid\":\"a\",\"n\":\"AQAB\",\"e\":\"Aw\"}", SITUS_UNSUPPORTED,
         "verifiers[0].jwks.keys[0].e"},
        {rsa_key("a", 255, ""), SITUS_NOT_ALLOWED, "verifiers[0].jwks.keys[0]"},
        {rsa_key("a", 256, ",\"d\":\"AQ\""), SITUS_NOT_ALLOWED, "verifiers[0].jwks.keys[0].d"},
        {"{\"kty\":\"oct\",\"k\":\"AQ\"}", SITUS_NOT_ALLOWED, "verifiers[0].jwks.keys[0].k"},
    };
    struct situs_err err;
    struct trust trust;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_false(read_verifier(&trust, &err, "maa", rows[i].keys));
        assert_string_equal(err_code_name(err.code), err_code_name(rows[i].code));
        assert_string_equal(err.field, rows[i].field);
        assert_int_equal(trust.n_verifiers, 0);
    }
    char keys[8192];
    snprintf(keys, sizeof keys, "%s,%s", rsa_key("a", 256, ""), rsa_key("a", 256, ""));
    assert_false(read_verifier(&trust, &err, "maa", keys));
    expect_err(err, SITUS_DUPLICATE, "verifiers[0].jwks.keys[1]", SITUS_NO_OFFSET);
    assert_false(read_verifier(&trust, &err, "a=b", rsa_key("a", 256, "")));
    expect_err(err, SITUS_MALFORMED, "verifiers[0].name", SITUS_NO_OFFSET);
}

static void trust_refuses_two_verifiers_of_one_name_or_issuer(void **state)
{
    (void)state;
    static const char *const rows[][2] = {{"a", "2"}, {"b", "1"}};
    for (size_t i = 0; i < 2; i++) {
        struct situs_err err;
        struct trust trust;
        char text[8192];
        const char *key = rsa_key("k", 256, "");
        snprintf(text, sizeof text,
                 "{\"builtin\":true,\"verifiers\":[{\"name\":\"a\",\"issuer\":\"1\",\"jwks\":{"
                 "\"keys\":[%s]}},"
                 "{\"name\":\"%s\",\"issuer\":\"%s\",\"jwks\":{\"keys\":[%s]}}]}",
                 key, rows[i][0], rows[i][1], key);
        assert_false(read_text(&trust, &err, text));
        expect_err(err, SITUS_DUPLICATE, "verifiers[1]", SITUS_NO_OFFSET);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(trust_builtin_counts_only_for_its_use),
        cmocka_unit_test(trust_builtin_pins_the_published_roots),
        cmocka_unit_test(trust_reads_a_file),
        cmocka_unit_test(trust_has_no_builtin_anchors_unless_asked),
        cmocka_unit_test(trust_takes_the_files_word_over_a_pin),
        cmocka_unit_test(trust_refuses_bad_files),
        cmocka_unit_test(trust_refuses_bad_anchors),
        cmocka_unit_test(a_mark_is_of_one_file_in_one_place),
        cmocka_unit_test(trust_is_told_whose_certificates_an_anchor_signs),
        cmocka_unit_test(trust_refuses_two_anchors_of_one_certificate_or_name),
        cmocka_unit_test(trust_refuses_a_pins_name_for_another_certificate),
        cmocka_unit_test(trust_bounds_files_lists_and_certificates),
        cmocka_unit_test(trust_needs_memory),
        cmocka_unit_test(trust_reads_other_verifiers),
        cmocka_unit_test(trust_refuses_keys_that_are_none),
        cmocka_unit_test(trust_refuses_two_verifiers_of_one_name_or_issuer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
