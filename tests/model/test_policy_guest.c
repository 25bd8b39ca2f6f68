/* model/policy_guest and policy_platform: what a policy says of an image and of a provider's vTPMs.
 * Each bad policy is the good one with one piece replaced. */
#include "support/test.h"

#include "base/text.h"
#include "lab/intel/lab_buf.h"
#include "lab/intel/lab_reference.h"
#include "model/policy.h"

#include <stdlib.h>

#define DIGEST_OF(digit) digit digit digit digit digit digit digit digit digit digit digit digit
#define A DIGEST_OF("aaaaaaaa")
#define B DIGEST_OF("bbbbbbbb")
#define C DIGEST_OF("cccccccc")
#define Z DIGEST_OF("00000000")

static const char good[] =
    "{\"scenario\":\"managed\",\"require\":[\"bound\"],\"ak.certificate\":{\"providers\":"
    "[\"google\"],\"projects\":[\"p\"],\"platform\":{\"by\":\"us\",\"banks\":[\"sha256\","
    "\"sha384\"],\"firmware_first\":true,\"all_banks_extended\":true}},\"ref.guest\":{\"images\":[{"
    "\"name\":\"one\",\"mrtd\":\"" A "\",\"rtmr\":[\"" A "\",null,\"" A "\",\"" Z "\"],"
    "\"closed\":{\"by\":\"builder\",\"no_login\":true,\"capped\":false},\"profile\":\"gcp\","
    "\"boot\":{\"2\":[{\"digest\":\"" A "\"},{\"digest\":\"" B "\",\"tpm_only\":false}],\"3\":[],"
    "\"4\":[],\"5\":[],\"6\":[],\"8\":[],\"9\":[{\"digest\":\"" C "\",\"tpm_only\":true}],"
    "\"11\":[],\"12\":[],\"13\":[],\"14\":[]},\"tail\":{\"11\":[\"ready\",\"shutdown\"]},"
    "\"pcr7\":[\"" B "\"],\"gpt_open\":\"" B "\"}]}}";

static _Alignas(16) uint8_t memory[1 << 16];

static bool read_policy(struct policy *p, struct span text, struct situs_err *err)
{
    struct arena a = arena_new(memory, sizeof memory);
    memset(err, 0, sizeof *err);
    return policy_read(p, "test", text, &a, err);
}

static void a_whole_reference_reads(void **state)
{
    (void)state;
    struct policy p;
    struct situs_err err;
    if (!read_policy(&p, span_text(good), &err))
        fail_msg("%s: expected %s, got %s", err.field, err.expected, err.got);
    const struct reference *r = p.v[PARAM_REF_GUEST_IMAGES].references;
    assert_int_equal(r->profile, PROFILE_GCP);
    assert_true(r->rtmr1_listed && r->has_boot && r->gpt_open);
    assert_int_equal(r->boot[2].n, 2);
    assert_int_equal(r->boot[2].v[1].digest[0], 0xbb);
    assert_false(r->boot[2].v[1].tpm_only);
    assert_true(r->boot[9].v[0].tpm_only);
    assert_int_equal(r->boot[11].n_tail, 2);
    assert_true(span_equal(r->boot[11].tail[1], SPAN_LIT("shutdown")));
    assert_int_equal(r->n_pcr7, 1);
    assert_int_equal(r->closed.stated, 1u << CLOSED_NO_LOGIN);
    assert_int_equal(closed_gap(&r->closed), CLOSED_AGENT_ONLY);
    const struct platform_statement *s = p.v[PARAM_AK_PLATFORM].platform;
    assert_true(s->firmware_first && s->all_banks_extended);
    assert_int_equal(policy_banks(&p), 1u << HASH_SHA256 | 1u << HASH_SHA384);
}

#define AFTER_9                                                                               \
    "}],\"11\":[],\"12\":[],\"13\":[],\"14\":[]},\"tail\":{\"11\":[\"ready\",\"shutdown\"]}," \
    "\"pcr7\":[\"" B "\"],\"gpt_open\":\""
#define IMAGE_FIELD(name) "ref.guest.images[0]." name
#define PLATFORM_FIELD(name) "ak.certificate.platform." name

static const struct {
    const char *piece, *by;
    enum situs_code code;
    const char *field;
} bad[] = {
    /* the image */
    {"\"closed\":{\"by\":\"builder\",\"no_login\":true,\"capped\":false}", "\"closed_by\":\"us\"",
     SITUS_UNKNOWN, IMAGE_FIELD("closed_by")},
    {"\"by\":\"builder\",", "", SITUS_MISSING, IMAGE_FIELD("closed.by")},
    {"\"builder\"", "\"\"", SITUS_MALFORMED, IMAGE_FIELD("closed.by")},
    {"\"builder\"", "1", SITUS_MALFORMED, IMAGE_FIELD("closed.by")},
    {"\"no_login\"", "\"no_logins\"", SITUS_UNKNOWN, IMAGE_FIELD("closed.no_logins")},
    {"\"no_login\":true", "\"no_login\":1", SITUS_MALFORMED, IMAGE_FIELD("closed.no_login")},
    {"\"gcp\"", "\"ovmf\"", SITUS_UNKNOWN, IMAGE_FIELD("profile")},
    {"\"gcp\"", "1", SITUS_MALFORMED, IMAGE_FIELD("profile")},
    {"\"profile\":\"gcp\",", "", SITUS_MISSING, IMAGE_FIELD("profile")},
    {"[\"" A "\",null,", "[null,\"" A "\",", SITUS_MALFORMED, IMAGE_FIELD("rtmr[0]")},
    {"null,\"" A "\",", "\"" A "\",null,", SITUS_MALFORMED, IMAGE_FIELD("rtmr[2]")},
    {"null,", "\"" A "\",", SITUS_MALFORMED, IMAGE_FIELD("gpt_open")},
    {"\"" A "\",null,\"" A "\",", "\"" Z "\",null,\"" Z "\",", SITUS_NOT_MEASURED,
     IMAGE_FIELD("rtmr")},
    {"\"3\":[],", "", SITUS_MISSING, IMAGE_FIELD("boot")},
    {"\"tail\":{\"11\":[\"ready\",\"shutdown\"]}", "\"tail\":[]", SITUS_MALFORMED,
     IMAGE_FIELD("tail")},
    {"\"3\":[],", "\"3\":[],\"7\":[],", SITUS_UNKNOWN, IMAGE_FIELD("boot.7")},
    {"\"3\":[],", "\"3\":[],\"03\":[],", SITUS_UNKNOWN, IMAGE_FIELD("boot.03")},
    {"\"3\":[],", "\"3\":[],\"10\":[],", SITUS_UNKNOWN, IMAGE_FIELD("boot.10")},
    {"\"3\":[]", "\"3\":{}", SITUS_MALFORMED, IMAGE_FIELD("boot.3")},
    {"\"3\":[]", "\"3\":[\"" A "\"]", SITUS_MALFORMED, IMAGE_FIELD("boot.3[0]")},
    {"\"3\":[]", "\"3\":[{\"digest\":\"aa\"}]", SITUS_MALFORMED, IMAGE_FIELD("boot.3[0].digest")},
    {"\"3\":[]", "\"3\":[{\"tpm_only\":true}]", SITUS_MISSING, IMAGE_FIELD("boot.3[0].digest")},
    {"\"tpm_only\":true", "\"tpm_only\":\"yes\"", SITUS_MALFORMED,
     IMAGE_FIELD("boot.9[0].tpm_only")},
    {"\"tpm_only\":true", "\"tmp_only\":true", SITUS_UNKNOWN, IMAGE_FIELD("boot.9[0].tmp_only")},
    {"\"tail\":{\"11\"", "\"tail\":{\"7\"", SITUS_UNKNOWN, IMAGE_FIELD("tail.7")},
    {"\"ready\",", "\"\",", SITUS_MALFORMED, IMAGE_FIELD("tail.11[0]")},
    {"[\"ready\",\"shutdown\"]", "\"ready\"", SITUS_MALFORMED, IMAGE_FIELD("tail.11")},
    {"\"pcr7\":[\"" B "\"]", "\"pcr7\":[\"bb\"]", SITUS_MALFORMED, IMAGE_FIELD("pcr7[0]")},
    {"\"gpt_open\":\"" B "\"", "\"gpt_open\":true", SITUS_MALFORMED, IMAGE_FIELD("gpt_open")},
    {"\"gpt_open\":\"" B "\"", "\"gpt_open\":\"" C "\"", SITUS_MALFORMED, /* TPM only */
     IMAGE_FIELD("gpt_open")},
    {"\"gpt_open\":\"" B "\"", "\"gpt_open\":\"" Z "\"", SITUS_MALFORMED, IMAGE_FIELD("gpt_open")},
    {"\"3\":[]", "\"3\":[{\"digest\":\"" B "\"}]", SITUS_MALFORMED, /* twice */
     IMAGE_FIELD("gpt_open")},
    {",\"tpm_only\":true" AFTER_9 B "\"", AFTER_9 C "\"", SITUS_MALFORMED, /* of RTMR2 */
     IMAGE_FIELD("gpt_open")},
    /* the platform */
    {"\"platform\":{\"by\":\"us\",\"banks\":[\"sha256\",\"sha384\"],\"firmware_first\":true,"
     "\"all_banks_extended\":true}",
     "\"require_crl\":true", SITUS_MISSING, "ak.certificate.platform"},
    {"\"by\":\"us\",", "", SITUS_MISSING, PLATFORM_FIELD("by")},
    {"\"by\":\"us\"", "\"by\":\"\"", SITUS_MALFORMED, PLATFORM_FIELD("by")},
    {"[\"sha256\",\"sha384\"]", "[]", SITUS_MISSING, PLATFORM_FIELD("banks")},
    {"[\"sha256\",\"sha384\"]", "[\"sha384\",\"sha384\"]", SITUS_DUPLICATE,
     PLATFORM_FIELD("banks[1]")},
    {"[\"sha256\",\"sha384\"]", "[\"md5\"]", SITUS_UNKNOWN, PLATFORM_FIELD("banks[0]")},
    {"[\"sha256\",\"sha384\"]", "[\"sha256\"]", SITUS_MISSING, "tpm.pcrs.bank"},
    {"\"firmware_first\":true,", "", SITUS_MISSING, PLATFORM_FIELD("firmware_first")},
    {"\"firmware_first\":true,", "\"firmware_first\":true,\"firmware_last\":true,", SITUS_UNKNOWN,
     PLATFORM_FIELD("firmware_last")},
    {",\"all_banks_extended\":true", "", SITUS_MISSING, PLATFORM_FIELD("all_banks_extended")},
    /* what a comparison needs is quoted and explained */
    {"\"scenario\"", "\"tpm.pcrs\":{\"bank\":[\"sha384\"]},\"scenario\"", SITUS_MISSING,
     "tpm.pcrs.bank"},
    {"\"scenario\"", "\"tpm.pcrs\":{\"bank\":[\"sha1\"]},\"scenario\"", SITUS_MISSING,
     "tpm.pcrs.bank"},
    {"\"scenario\"", "\"tpm.pcrs\":{\"registers\":[0,1,2,3,4,5,6,7,8,9,11,12,14]},\"scenario\"",
     SITUS_MISSING, "tpm.pcrs.registers"},
    {"\"scenario\"", "\"log.pcr\":{\"registers\":[0,1,2,3,4,5,6,7,8,9,11,12,14]},\"scenario\"",
     SITUS_MISSING, "log.pcr.registers"},
    /* PCR 0 is whole, and of one firmware */
    {"\"scenario\"", "\"bind.measurements\":{\"pcr0\":[\"aa\"]},\"scenario\"", SITUS_MALFORMED,
     "bind.measurements.pcr0[0]"},
    {"\"scenario\"", "\"bind.measurements\":{\"pcr0\":[\"" A "=aa\"]},\"scenario\"",
     SITUS_MALFORMED, "bind.measurements.pcr0[0]"},
    {"\"scenario\"", "\"bind.measurements\":{\"pcr0\":[\"" A ":" B "\"]},\"scenario\"",
     SITUS_MALFORMED, "bind.measurements.pcr0[0]"},
};

static struct span replaced(struct lab_buf *b, const char *piece, const char *by)
{
    const char *at = strstr(good, piece);
    if (!at)
        fail_msg("no %s in the good policy", piece);
    lab_buf_bytes(b, span_of(good, (size_t)(at - good)));
    lab_buf_text(b, by);
    lab_buf_text(b, at + strlen(piece));
    return lab_buf_span(b);
}

static void a_wrong_piece_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct policy p;
        struct situs_err err;
        struct lab_buf b = {0};
        if (read_policy(&p, replaced(&b, bad[i].piece, bad[i].by), &err))
            fail_msg("accepted: %s instead of %s", bad[i].by, bad[i].piece);
        if (err.code != bad[i].code || strcmp(err.field, bad[i].field) != 0)
            fail_msg("%s: %s at %s instead of %s", bad[i].by, err_code_name(err.code), err.field,
                     bad[i].field);
        assert_int_equal(p.require, 0);
        lab_buf_free(&b);
    }
}

/* The old statement said nothing in particular; its hint names what writes the new one. */
static void closed_by_names_policy_new(void **state)
{
    (void)state;
    struct policy p;
    struct situs_err err;
    struct lab_buf b = {0};
    assert_false(read_policy(&p, replaced(&b, bad[0].piece, bad[0].by), &err));
    assert_non_null(strstr(err.hint, "situs policy new"));
    lab_buf_free(&b);
}

/* A list of banks in the policy goes before the platform's, and may be longer. */
static void the_policys_banks_go_first(void **state)
{
    (void)state;
    struct policy p;
    struct situs_err err;
    struct lab_buf b = {0};
    assert_true(read_policy(&p,
                            replaced(&b, "\"scenario\"",
                                     "\"tpm.pcrs\":{\"bank\":[\"sha1\",\"sha256\",\"sha384\"]},"
                                     "\"scenario\""),
                            &err));
    assert_int_equal(policy_banks(&p), 1u << HASH_SHA1 | 1u << HASH_SHA256 | 1u << HASH_SHA384);
    lab_buf_free(&b);
}

/* A value of PCR 0 alone, beside images of several firmwares, would pair any two of them. */
static void pcr_0_is_told_with_its_mrtd(void **state)
{
    (void)state;
    static const struct {
        const char *pcr0, *mrtd; /* of a second image */
        bool ok;
    } row[] = {{A, A, true}, {A, B, false}, {B "=" A, B, true}, {B "=" A "\",\"" A, B, false}};
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct policy p;
        struct situs_err err;
        struct lab_buf b = {0};
        const char *image = strchr(strstr(good, "images"), '{'), *end = good + strlen(good) - 3;
        const char *registers = strstr(image, ",\"rtmr\"");
        lab_buf_text(&b, "{\"bind.measurements\":{\"pcr0\":[\"");
        lab_buf_text(&b, row[i].pcr0);
        lab_buf_text(&b, "\"]},");
        lab_buf_bytes(&b, span_of(good + 1, (size_t)(end - good) - 1));
        lab_buf_text(&b, ",{\"name\":\"two\",\"mrtd\":\"");
        lab_buf_text(&b, row[i].mrtd);
        lab_buf_text(&b, "\"");
        lab_buf_text(&b, registers);
        if (read_policy(&p, lab_buf_span(&b), &err) != row[i].ok)
            fail_msg("%zu: %s: expected %s, got %s", i, err.field, err.expected, err.got);
        assert_true(row[i].ok || (err.code == SITUS_MISSING &&
                                  strcmp(err.field, "bind.measurements.pcr0") == 0));
        lab_buf_free(&b);
    }
}

/* Boot lists that nothing would compare are a mistake: on bare metal a profile says that they are
 * asked. */
static void lists_without_a_profile_are_refused(void **state)
{
    (void)state;
    struct policy p;
    struct situs_err err;
    struct lab_buf b = {0}, c = {0};
    struct span metal =
        replaced(&b, "\"managed\"",
                 "\"bare-metal\",\"host.image\":{\"images\":[{\"name\":\"h\",\"from\":"
                 "\"2026-01-01T00:00:00Z\",\"to\":\"2027-01-01T00:00:00Z\","
                 "\"agent_co_locates\":true,\"closed\":{\"by\":\"us\"},\"bank\":"
                 "\"sha384\",\"registers\":[17,18],\"events\":[{\"pcr\":17,"
                 "\"digest\":\"" A "\"},{\"pcr\":18,\"digest\":\"" A "\"}]}]}");
    if (!read_policy(&p, metal, &err))
        fail_msg("%s: expected %s, got %s", err.field, err.expected, err.got);
    const struct {
        const char *from, *to; /* cut out, to before */
        const char *field;
    } cut[] = {{"\"profile\"", "\"boot\"", IMAGE_FIELD("profile")},
               {",\"boot\"", "}]}}", IMAGE_FIELD("boot")}};
    for (size_t i = 0; i < 2; i++) {
        const char *text = (const char *)metal.p, *null = strstr(text, "null");
        const char *from = strstr(text, cut[i].from), *to = strstr(from, cut[i].to);
        lab_buf_bytes(&c, span_of(text, (size_t)(null - text)));
        lab_buf_text(&c, i ? "\"" A "\"" : "null");
        null += strlen("null");
        lab_buf_bytes(&c, span_of(null, (size_t)(from - null)));
        lab_buf_bytes(&c, span_of(to, metal.n - (size_t)(to - text)));
        assert_false(read_policy(&p, lab_buf_span(&c), &err));
        assert_int_equal(err.code, SITUS_MISSING);
        assert_string_equal(err.field, cut[i].field);
        lab_buf_free(&c);
        c = (struct lab_buf){0};
    }
    lab_buf_free(&b);
}

/* On bare metal an image may share nothing with the TPM; with a profile it needs its lists. */
static void bare_metal_needs_no_profile(void **state)
{
    (void)state;
    static const char text[] =
        "{\"scenario\":\"bare-metal\",\"require\":[\"live\"],\"ref.guest\":{\"images\":[{"
        "\"name\":\"one\",\"mrtd\":\"" A "\",\"rtmr\":[\"" A "\",\"" A "\",\"" A "\",\"" Z "\"],"
        "\"closed\":{\"by\":\"us\"}}]}}";
    struct policy p;
    struct situs_err err;
    assert_true(read_policy(&p, span_text(text), &err));
    assert_int_equal(p.v[PARAM_REF_GUEST_IMAGES].references->profile, PROFILE_COUNT);
    assert_int_equal(policy_banks(&p), 1u << HASH_SHA384);
    struct lab_buf b = {0}; /* RTMR1 by lists needs the lists */
    const char *second = strstr(text, "\"rtmr\"") + strlen("\"rtmr\":[\"" A "\",");
    lab_buf_bytes(&b, span_of(text, (size_t)(second - text)));
    lab_buf_text(&b, "null");
    lab_buf_text(&b, second + strlen("\"" A "\""));
    assert_false(read_policy(&p, lab_buf_span(&b), &err));
    assert_int_equal(err.code, SITUS_MISSING);
    assert_string_equal(err.field, IMAGE_FIELD("rtmr[1]"));
    lab_buf_free(&b);
}

/* What the lab writes is what the reader reads. */
static void the_labs_references_read(void **state)
{
    (void)state;
    static const uint8_t rtmr[4][48] = {{1}, {2}, {3}, {0}};
    static const uint8_t mrtd[48] = {4};
    const struct lab_reference_event v[] = {{4, false, {5}}, {9, true, {6}}, {7, false, {7}}};
    struct lab_buf b = {0};
    struct policy p;
    struct situs_err err;
    lab_buf_text(&b, "{\"require\":[\"live\"],\"ref.guest\":{\"images\":[");
    lab_reference(&b, "one", SPAN_ARR(mrtd), rtmr, v, 3);
    lab_buf_text(&b, "]}}");
    assert_true(read_policy(&p, lab_buf_span(&b), &err));
    const struct reference *r = p.v[PARAM_REF_GUEST_IMAGES].references;
    assert_int_equal(closed_gap(&r->closed), CLOSED_POINTS);
    assert_int_equal(r->boot[4].v[0].digest[0], 5);
    assert_true(r->boot[9].v[0].tpm_only);
    assert_int_equal(r->n_pcr7, 1);
    lab_buf_free(&b);
}

/* SHA-256("Calling EFI Application from Boot Option") */
#define FIRST "3d6772b4f84ed47595d72a2c4c5ffd15f5bb72c7507fe26f2aaee2c69d5633ba"
#define D32(digit) digit digit digit digit digit digit digit digit
#define V1 D32("11111111")
#define PCR4 "a7a5435d61d5a296b80b67038bdfd6e0b1302bcfae2a216adfe5f4b65805e648"

static const char pcrs[] =
    "{\"scenario\":\"managed\",\"require\":[\"bound\"],\"ak.certificate\":{\"providers\":["
    "\"azure\"],"
    "\"azure_issuers\":[\"a\"],\"platform\":{\"by\":\"us\",\"banks\":[\"sha256\"],\"firmware_"
    "first\":true,"
    "\"all_banks_extended\":true}},\"ref.guest\":{\"images\":[{\"name\":\"one\",\"closed\":{\"by\":"
    "\"us\"},"
    "\"paravisor\":{\"measurement\":[\"" A "\"],\"id_key_digest\":\"" B "\",\"image_id\":\"" D32(
        "0202") "\",\"min_guest_svn\":10},\"pcrs\":{\"2\":\"" V1 "\",\"3\":[],\"4\":[\"" FIRST
                "\",\"" V1 "\"],"
                "\"5\":[],\"7\":\"" V1
                "\",\"8\":[],\"9\":[],\"11\":[],\"12\":[],\"13\":[],\"14\":[]},"
                "\"platform_pcrs\":{\"0\":[\"" V1 "\",\"" FIRST "\"]}}]}}";

/* The lists lead to values; computed by Python: h = bytes(32); for d in list: h = sha256(h + d) */
static void an_image_under_a_paravisor_reads(void **state)
{
    (void)state;
    struct policy p;
    struct situs_err err;
    if (!read_policy(&p, span_text(pcrs), &err))
        fail_msg("%s: expected %s, got %s", err.field, err.expected, err.got);
    const struct reference *r = p.v[PARAM_REF_GUEST_IMAGES].references;
    assert_int_equal(r->tee, KIND_SNP);
    assert_int_equal(r->profile, PROFILE_COUNT);
    assert_int_equal(r->pcrs->paravisor.n, 1);
    assert_true(r->pcrs->paravisor.by_id);
    assert_int_equal(r->pcrs->paravisor.min_svn, 10);
    assert_int_equal(r->pcrs->pcr[0].n, 2);
    assert_int_equal(r->pcrs->pcr[1].n, 0);
    assert_true(span_all(SPAN_ARR(r->pcrs->pcr[14].v[0]), 0));
    expect_hex(SPAN_ARR(r->pcrs->pcr[7].v[0]), V1);
    expect_hex(SPAN_ARR(r->pcrs->pcr[4].v[0]), PCR4);
}

static void a_wrong_piece_under_a_paravisor_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *piece, *by;
        enum situs_code code;
        const char *field;
    } rows[] = {
        {"\"4\":[\"" FIRST "\",", "\"4\":[", SITUS_MALFORMED, IMAGE_FIELD("pcrs.4")},
        {"\"4\":[\"" FIRST "\",\"" V1 "\"]", "\"4\":[]", SITUS_MALFORMED, IMAGE_FIELD("pcrs.4")},
        {"\"4\":[\"" FIRST "\",\"" V1 "\"]", "\"4\":\"" V1 "\"", SITUS_MALFORMED,
         IMAGE_FIELD("pcrs.4")},
        {"\"3\":[]", "\"6\":[]", SITUS_UNKNOWN, IMAGE_FIELD("pcrs.6")},
        {"\"3\":[]", "\"03\":[]", SITUS_UNKNOWN, IMAGE_FIELD("pcrs.03")},
        {",\"14\":[]", "", SITUS_MISSING, IMAGE_FIELD("pcrs")},
        {"\"3\":[]", "\"3\":[\"11\"]", SITUS_MALFORMED, IMAGE_FIELD("pcrs.3[0]")},
        {"\"platform_pcrs\":{\"0\"", "\"platform_pcrs\":{\"2\"", SITUS_UNKNOWN,
         IMAGE_FIELD("platform_pcrs.2")},
        {"\"0\":[\"" V1 "\",\"" FIRST "\"]", "\"0\":[]", SITUS_MISSING,
         IMAGE_FIELD("platform_pcrs.0")},
        {"\"measurement\":[\"" A "\"]", "\"mrtd\":[\"" A "\"]", SITUS_MALFORMED,
         IMAGE_FIELD("paravisor")},
        {"\"measurement\":[\"" A "\"]", "\"measurement\":[\"" V1 "\"]", SITUS_MALFORMED,
         IMAGE_FIELD("paravisor.measurement[0]")},
        {"\"measurement\":[\"" A "\"]", "\"measurement\":[\"" A "\",\"" Z "\"]", SITUS_NOT_MEASURED,
         IMAGE_FIELD("paravisor.measurement[1]")},
        {"\"id_key_digest\":\"" B "\"", "\"id_key_digest\":\"" Z "\"", SITUS_NOT_MEASURED,
         IMAGE_FIELD("paravisor.id_key_digest")},
        {"\"id_key_digest\":\"" B "\",", "", SITUS_MALFORMED, IMAGE_FIELD("paravisor")},
        {",\"min_guest_svn\":10", "", SITUS_MISSING, IMAGE_FIELD("paravisor.min_guest_svn")},
        {"\"name\":\"one\"", "\"name\":\"one\",\"rtmr\":[]", SITUS_UNKNOWN, IMAGE_FIELD("rtmr")},
        {"\"azure_issuers\":[\"a\"]", "\"azure_issuers\":[\"a\"],\"azure_not_before\":[\"2026\"]",
         SITUS_MALFORMED, "ak.certificate.azure_not_before[0]"},
        {"\"banks\":[\"sha256\"]", "\"banks\":[\"sha384\"]", SITUS_MISSING, "tpm.pcrs.bank"},
    };
    struct policy p;
    struct situs_err err;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct lab_buf b = {0};
        const char *at = strstr(pcrs, rows[i].piece);
        assert_non_null(at);
        lab_buf_bytes(&b, span_of(pcrs, (size_t)(at - pcrs)));
        lab_buf_text(&b, rows[i].by);
        lab_buf_text(&b, at + strlen(rows[i].piece));
        if (read_policy(&p, lab_buf_span(&b), &err))
            fail_msg("row %zu reads", i);
        assert_string_equal(err.field, rows[i].field);
        assert_string_equal(err_code_name(err.code), err_code_name(rows[i].code));
        lab_buf_free(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_whole_reference_reads),
        cmocka_unit_test(a_wrong_piece_is_refused),
        cmocka_unit_test(closed_by_names_policy_new),
        cmocka_unit_test(the_policys_banks_go_first),
        cmocka_unit_test(pcr_0_is_told_with_its_mrtd),
        cmocka_unit_test(lists_without_a_profile_are_refused),
        cmocka_unit_test(bare_metal_needs_no_profile),
        cmocka_unit_test(an_image_under_a_paravisor_reads),
        cmocka_unit_test(a_wrong_piece_under_a_paravisor_is_refused),
        cmocka_unit_test(the_labs_references_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
