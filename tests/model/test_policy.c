/* model/policy: a policy says what it means, and a mistake in it is never "accept any" (N98). */
#include "support/policy_text.h"

#include <stdio.h>

#include "base/limits.h"
#include "base/text.h"
#include "crypto/digest.h"

static void policy_reads_every_kind_of_parameter(void **state)
{
    (void)state;
    struct situs_err err;
    struct policy p;
    static const char text[] =
        "{\"scenario\":\"managed\",\"require\":[\"genuine\",\"live\"]," GUEST "," PROVIDER ","
        "\"tdx.tcb\":{\"accept\":[\"UpToDate\",\"SWHardeningNeeded\"],\"grace_days\":30,"
        "\"accept_advisories\":[]},"
        "\"tdx.attributes\":{\"allow_pks\":false,\"xfam_allowed\":\"e702060000000000\"},"
        "\"tpm.pcrs\":{\"may_be_unmeasured\":[]},"
        "\"log.rtmr\":{\"registers\":[0,1,2,3]}}";
    assert_true(read_text(&p, &err, text));
    assert_string_equal(p.name, "test");
    assert_int_equal(p.scenario, SCENARIO_MANAGED);
    assert_int_equal(p.require, PROOF_GENUINE | PROOF_LIVE);
    uint8_t hash[32];
    assert_true(digest(HASH_SHA256, span_text(text), hash));
    assert_memory_equal(p.sha256, hash, 32);
    assert_true(policy_word(&p, PARAM_TDX_TCB_ACCEPT, SPAN_LIT("SWHardeningNeeded")));
    assert_false(policy_word(&p, PARAM_TDX_TCB_ACCEPT, SPAN_LIT("OutOfDate")));
    assert_int_equal(p.v[PARAM_TDX_TCB_GRACE].num, 30);
    assert_true(p.v[PARAM_TDX_TCB_ADVISORIES].given);
    assert_int_equal(p.v[PARAM_TDX_TCB_ADVISORIES].n, 0);
    assert_true(p.v[PARAM_TDX_PKS].given);
    assert_false(p.v[PARAM_TDX_PKS].flag);
    expect_hex(p.v[PARAM_TDX_XFAM].hex, "e702060000000000");
    assert_int_equal(p.v[PARAM_LOG_RTMR_SET].n, 4);
    assert_int_equal(p.v[PARAM_LOG_RTMR_SET].nums[3], 3);
    const struct reference *r = p.v[PARAM_REF_GUEST_IMAGES].references;
    assert_int_equal(p.v[PARAM_REF_GUEST_IMAGES].n, 1);
    assert_true(span_equal(r->name, SPAN_LIT("one")));
    assert_true(span_equal(r->closed.by, SPAN_LIT("us")));
    assert_int_equal(r->profile, PROFILE_COUNT);
    expect_hex(SPAN_ARR(r->mrtd), HEX_48);
    expect_hex(SPAN_ARR(r->rtmr[3]), ZERO_48);
}

static void policy_fills_in_defaults(void **state)
{
    (void)state;
    struct situs_err err;
    struct policy p;
    assert_true(read_text(&p, &err, "{\"require\":[\"genuine\"]}"));
    assert_int_equal(p.scenario, SCENARIO_NONE);
    for (enum param id = 0; id < PARAM_COUNT; id++) {
        assert_int_equal(p.v[id].given, param_row(id)->fallback[0] != 0);
        assert_false(p.stated[id]);
    }
    assert_int_equal(p.v[PARAM_TDX_TCB_ACCEPT].n, 1);
    assert_true(policy_word(&p, PARAM_TDX_TCB_ACCEPT, SPAN_LIT("UpToDate")));
    assert_false(policy_word(&p, PARAM_AK_ZONES, SPAN_LIT("")));
    assert_int_equal(p.v[PARAM_TPM_PCRS_SET].n, 14);
    assert_int_equal(p.v[PARAM_TPM_PCRS_SET].nums[13], 14);
    assert_true(p.v[PARAM_TDX_PKS].flag);
}

static void policy_presets_read(void **state)
{
    (void)state;
    struct situs_err err;
    struct policy p;
    size_t n = 0;
    for (; policy_preset_name(n); n++) {
        arena = arena_new(memory, sizeof memory);
        memset(&err, 0, sizeof err);
        assert_true(policy_read(&p, policy_preset_name(n), policy_preset(policy_preset_name(n)),
                                &arena, &err));
    }
    assert_int_equal(n, 1);
    assert_int_equal(p.require, PROOF_GENUINE);
    assert_null(policy_preset("anything").p);
}

static const struct {
    const char *text;
    enum situs_code code;
    const char *field;
} bad[] = {
    {"{}", SITUS_MISSING, "require"},
    {"{\"require\":[]}", SITUS_MISSING, "require"},
    {"{\"require\":\"genuine\"}", SITUS_MALFORMED, "require"},
    {"{\"require\":[1]}", SITUS_MALFORMED, "require[0]"},
    {"{\"require\":[\"genuine\",1]}", SITUS_MALFORMED, "require[1]"},
    {"{\"require\":[\"genuine\",null,\"bound\"]}", SITUS_MALFORMED, "require[1]"},
    {"{\"require\":[\"genuine\",[\"bound\"]]}", SITUS_MALFORMED, "require[1]"},
    {"{\"require\":[\"genuine\",\"owner\"]}", SITUS_UNKNOWN, "require[1]"},
    {"{\"require\":[\"genuine\",\"genuine\"]}", SITUS_DUPLICATE, "require[1]"},
    {"{\"require\":[\"live\"]}", SITUS_MISSING, "ref.guest.images"},
    {"{\"require\":[\"bound\"],\"scenario\":\"managed\"," PROVIDER "}", SITUS_MISSING,
     "ref.guest.images"},
    {"{\"require\":[\"bound\"]," PROVIDER "," GUEST "}", SITUS_MISSING, "scenario"},
    {"{\"require\":[\"bound\"],\"scenario\":\"managed\"," GUEST "}", SITUS_MISSING,
     "ak.certificate.providers"},
    {"{\"require\":[\"bound\"],\"scenario\":\"bare-metal\"," GUEST "," PROVIDER "}", SITUS_MISSING,
     "host.image.images"},
    {"{\"require\":[\"host-measured\"],\"scenario\":\"managed\"," GUEST "," PROVIDER "}",
     SITUS_NOT_ALLOWED, "require"},
    {"{\"require\":[\"co-located\"]," GUEST "," PROVIDER "}", SITUS_MISSING, "scenario"},
    {GENUINE("\"scenario\":\"bare-metal\",\"ak.sealed\":{\"form\":[\"authorize\"]}"), SITUS_MISSING,
     "ak.sealed.provider_key"},
    {GENUINE("\"ak.sealed\":{\"form\":[\"pcr\"]}"), SITUS_UNKNOWN, "ak.sealed.form[0]"},
    {GENUINE("\"ak.sealed\":{\"form\":[\"or\",\"authorize\"]}"), SITUS_TOO_LONG, "ak.sealed.form"},
    {GENUINE("\"ak.sealed\":{\"provider_key\":\"000b" HEX_8 "\"}"), SITUS_MALFORMED,
     "ak.sealed.provider_key"},
    {GENUINE("\"ak.sealed\":{\"policy_ref\":\"\"}"), SITUS_MALFORMED, "ak.sealed.policy_ref"},
    {GENUINE("\"ak.sealed\":{\"policy_ref\":\"0g\"}"), SITUS_MALFORMED, "ak.sealed.policy_ref"},
    {GENUINE("\"scenario\":\"cloud\""), SITUS_UNKNOWN, "scenario"},
    {GENUINE("\"scenario\":null"), SITUS_MALFORMED, "scenario"},
    {GENUINE("\"tdx.tbc\":{}"), SITUS_UNKNOWN, "tdx.tbc"},
    {GENUINE("\"tdx\":{\"tcb\":{}}"), SITUS_UNKNOWN, "tdx"},
    {GENUINE("\"fresh.nonce\":{}"), SITUS_UNKNOWN, "fresh.nonce"},
    {GENUINE("\"tdx.tcb\":{\"acept\":[]}"), SITUS_UNKNOWN, "tdx.tcb.acept"},
    {GENUINE("\"tdx.tcb\":[]"), SITUS_MALFORMED, "tdx.tcb"},
    {GENUINE("\"tdx.tcb\":{\"accept\":\"UpToDate\"}"), SITUS_MALFORMED, "tdx.tcb.accept"},
    {GENUINE("\"tdx.tcb\":{\"accept\":[]}"), SITUS_MISSING, "tdx.tcb.accept"},
    {GENUINE("\"tdx.tcb\":{\"accept\":[\"\"]}"), SITUS_MALFORMED, "tdx.tcb.accept[0]"},
    {GENUINE("\"tdx.tcb\":{\"accept\":[\"Uptodate\"]}"), SITUS_UNKNOWN, "tdx.tcb.accept[0]"},
    {GENUINE("\"tdx.tcb\":{\"accept\":[\"UpToDate\",\"Revoked\"]}"), SITUS_NOT_ALLOWED,
     "tdx.tcb.accept[1]"},
    {GENUINE("\"tdx.tcb\":{\"accept\":[\"NotSupported\"]}"), SITUS_NOT_ALLOWED,
     "tdx.tcb.accept[0]"},
    {GENUINE("\"sgx.tcb\":{\"accept\":[\"TDRelaunchAdvised\"]}"), SITUS_UNKNOWN,
     "sgx.tcb.accept[0]"},
    {GENUINE("\"sgx.tcb\":{\"accept\":[\"Revoked\"]}"), SITUS_NOT_ALLOWED, "sgx.tcb.accept[0]"},
    {GENUINE("\"tdx.tcb\":{\"accept\":[\"UpToDate\",\"UpToDate\"]}"), SITUS_DUPLICATE,
     "tdx.tcb.accept[1]"},
    {GENUINE("\"tdx.tcb\":{\"grace_days\":-1}"), SITUS_MALFORMED, "tdx.tcb.grace_days"},
    {GENUINE("\"tdx.tcb\":{\"grace_days\":2147483648}"), SITUS_MALFORMED, "tdx.tcb.grace_days"},
    {GENUINE("\"tdx.tcb\":{\"grace_days\":1.0}"), SITUS_MALFORMED, "tdx.tcb.grace_days"},
    {GENUINE("\"tdx.tcb\":{\"grace_days\":\"30\"}"), SITUS_MALFORMED, "tdx.tcb.grace_days"},
    {GENUINE("\"tdx.attributes\":{\"allow_pks\":1}"), SITUS_MALFORMED, "tdx.attributes.allow_pks"},
    {GENUINE("\"tdx.attributes\":{\"xfam_allowed\":\"e7\"}"), SITUS_MALFORMED,
     "tdx.attributes.xfam_allowed"},
    {GENUINE("\"tdx.attributes\":{\"min_tee_tcb_svn\":\"0801\"}"), SITUS_MALFORMED,
     "tdx.attributes.min_tee_tcb_svn"},
    {GENUINE("\"tdx.attributes\":{\"mrowner\":[\"00\"]}"), SITUS_MALFORMED,
     "tdx.attributes.mrowner[0]"},
    {GENUINE("\"tpm.pcrs\":{\"bank\":[\"sha1\"]}"), SITUS_MISSING, "tpm.pcrs.bank"},
    {GENUINE("\"tpm.pcrs\":{\"bank\":[\"sha3\"]}"), SITUS_UNKNOWN, "tpm.pcrs.bank[0]"},
    {GENUINE("\"tpm.pcrs\":{\"registers\":[]}"), SITUS_MISSING, "tpm.pcrs.registers"},
    {GENUINE("\"snp.tcb\":{\"minimum\":[\"Milan snp=9\",\"Milan tee=1\"]}"), SITUS_DUPLICATE,
     "snp.tcb.minimum[1]"},
    {GENUINE("\"snp.attributes\":{\"min_abi_minor\":55}"), SITUS_MISSING,
     "snp.attributes.min_abi_major"},
    {GENUINE("\"snp.attributes\":{\"min_guest_svn\":7}"), SITUS_MISSING, "snp.attributes.id_keys"},
    {GENUINE("\"tpm.pcrs\":{\"registers\":[24]}"), SITUS_MALFORMED, "tpm.pcrs.registers[0]"},
    {GENUINE("\"tpm.pcrs\":{\"registers\":[1,0]}"), SITUS_MALFORMED, "tpm.pcrs.registers[1]"},
    {GENUINE("\"tpm.pcrs\":{\"registers\":[1,1]}"), SITUS_DUPLICATE, "tpm.pcrs.registers[1]"},
    {GENUINE("\"log.rtmr\":{\"registers\":[4]}"), SITUS_MALFORMED, "log.rtmr.registers[0]"},
    {GENUINE("\"ak.certificate\":{\"providers\":[\"gogle\"]}"), SITUS_UNKNOWN,
     "ak.certificate.providers[0]"},
    {GENUINE("\"ak.certificate\":{\"providers\":[\"google\"]}"), SITUS_MISSING,
     "ak.certificate.projects"},
    {GENUINE("\"ak.certificate\":{\"providers\":[\"google\"],\"projects\":[]}"), SITUS_MISSING,
     "ak.certificate.projects"},
    {GENUINE("\"ak.certificate\":{\"providers\":[\"situs\"]}"), SITUS_MISSING,
     "ak.certificate.allow"},
    {GENUINE("\"ak.certificate\":{\"providers\":[\"azure\"]}"), SITUS_MISSING,
     "ak.certificate.azure_issuers"},
    {GENUINE("\"ak.certificate\":{\"providers\":[\"situs\"],\"allow\":[]}"), SITUS_MISSING,
     "ak.certificate.allow"},
    {GENUINE("\"ak.certificate\":{\"allow\":[\"a\"]}"), SITUS_MALFORMED, "ak.certificate.allow[0]"},
    {GENUINE("\"ak.certificate\":{\"allow\":[\"a=b\",\"=b\"]}"), SITUS_MALFORMED,
     "ak.certificate.allow[1]"},
    {GENUINE("\"ak.certificate\":{\"allow\":[\"a=\"]}"), SITUS_MALFORMED,
     "ak.certificate.allow[0]"},
    {"{\"require\":[\"owned\"]," GUEST "}", SITUS_MISSING, "poe.owner.allow"},
    {"{\"require\":[\"owned\"],\"poe.owner\":{\"allow\":[\"a=b\"]}}", SITUS_MISSING,
     "ref.guest.images"},
    {"{\"require\":[\"listed\"]}", SITUS_MISSING, "ref.guest.images"},
    {GENUINE("\"poe.owner\":{\"allow\":[\"anchor\"]}"), SITUS_MALFORMED, "poe.owner.allow[0]"},
    {GENUINE("\"poe.owner\":{\"allow\":[\"=owner\"]}"), SITUS_MALFORMED, "poe.owner.allow[0]"},
    {GENUINE("\"poe.owner\":{\"allow\":[\"anchor=\"]}"), SITUS_MALFORMED, "poe.owner.allow[0]"},
    {GENUINE("\"poe.revoked\":{\"source\":[\"ocsp\"]}"), SITUS_UNKNOWN, "poe.revoked.source[0]"},
    {GENUINE("\"poe.revoked\":{\"source\":[\"list\",\"none\"]}"), SITUS_TOO_LONG,
     "poe.revoked.source"},
    {IMAGES(""), SITUS_MISSING, "ref.guest.images"},
    {IMAGES("{\"mrtd\":\"" HEX_48 "\",\"rtmr\":" RTMRS ",\"closed\":{\"by\":\"us\"}}"),
     SITUS_MISSING, "ref.guest.images[0].name"},
    {IMAGES("{\"name\":\"one\",\"rtmr\":" RTMRS ",\"closed\":{\"by\":\"us\"}}"), SITUS_MISSING,
     "ref.guest.images[0].mrtd"},
    {IMAGES("{\"name\":\"one\",\"mrtd\":\"" HEX_48 "\",\"closed\":{\"by\":\"us\"}}"), SITUS_MISSING,
     "ref.guest.images[0].rtmr"},
    {IMAGES("{\"name\":\"one\",\"mrtd\":\"" HEX_48 "\",\"rtmr\":" RTMRS "}"), SITUS_MISSING,
     "ref.guest.images[0].closed"},
    {IMAGES("{\"name\":\"one\",\"mrtd\":\"" HEX_48 "\",\"rtmr\":" RTMRS
            ",\"closed\":{\"by\":\"\"}}"),
     SITUS_MALFORMED, "ref.guest.images[0].closed.by"},
    {IMAGES("{\"name\":\"one\",\"mrtd\":\"" HEX_8 "\",\"rtmr\":" RTMRS
            ",\"closed\":{\"by\":\"us\"}}"),
     SITUS_MALFORMED, "ref.guest.images[0].mrtd"},
    {IMAGES("{\"name\":\"one\",\"mrtd\":\"" ZERO_48 "\",\"rtmr\":" RTMRS
            ",\"closed\":{\"by\":\"us\"}}"),
     SITUS_NOT_MEASURED, "ref.guest.images[0].mrtd"},
    {IMAGES("{\"name\":\"one\",\"mrtd\":\"" HEX_48 "\",\"rtmr\":[\"" HEX_48 "\"]"
            ",\"closed\":{\"by\":\"us\"}}"),
     SITUS_MALFORMED, "ref.guest.images[0].rtmr"},
    {IMAGES("{\"name\":\"one\",\"mrtd\":\"" HEX_48 "\",\"rtmr\":[\"" ZERO_48 "\",\"" ZERO_48
            "\",\"" ZERO_48 "\",\"" HEX_48 "\"],\"closed\":{\"by\":\"us\"}}"),
     SITUS_NOT_MEASURED, "ref.guest.images[0].rtmr"},
    {IMAGES("{\"name\":\"one\",\"mrtd\":\"" HEX_48
            "\",\"rtmr\":[1,2,3,4],\"closed\":{\"by\":\"us\"}}"),
     SITUS_MALFORMED, "ref.guest.images[0].rtmr[0]"},
    {IMAGES("{\"name\":\"one\",\"mrdt\":\"" HEX_48 "\"}"), SITUS_UNKNOWN,
     "ref.guest.images[0].mrdt"},
    {IMAGES(IMAGE "," IMAGE), SITUS_DUPLICATE, "ref.guest.images[1]"},
    {"[]", SITUS_MALFORMED, "json"},
};

static void pairs_are_split_at_their_first_sign(void **state)
{
    (void)state;
    struct situs_err err;
    struct policy p;
    assert_true(read_text(&p, &err, GENUINE("\"poe.owner\":{\"allow\":[\"a=b=c\"]}")));
    enum param id = PARAM_POE_OWNER_ALLOW;
    assert_true(policy_pair(&p, id, SPAN_LIT("a"), SPAN_LIT("b=c")));
    assert_false(policy_pair(&p, id, SPAN_LIT("a=b"), SPAN_LIT("c")));
    assert_false(policy_pair(&p, id, SPAN_LIT("a"), SPAN_LIT("b")));
    assert_false(policy_pair(&p, id, SPAN_LIT("a"), SPAN_LIT("b=cd")));
    assert_false(policy_pair(&p, PARAM_MACHINE_PARTIES, SPAN_LIT("a"), SPAN_LIT("b=c")));
}

static void policy_refuses_what_it_does_not_mean(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct situs_err err;
        struct policy p;
        assert_false(read_text(&p, &err, bad[i].text));
        if (err.code != bad[i].code)
            print_error("%s\n", bad[i].text);
        expect_err(err, bad[i].code, bad[i].field, SITUS_NO_OFFSET);
        assert_int_equal(p.require, 0);
    }
}

/* An id that was cut or padded would deny nothing. */
static void policy_denies_only_ids_that_can_be(void **state)
{
    (void)state;
    static const size_t sizes[] = {16, 32, 34, 50, 64, 66};
    size_t good = 0;
    for (size_t n = 1; n <= 255; n++) {
        char text[800] = "", hex[511] = "";
        struct situs_err err;
        struct policy p;
        bool is = good < sizeof sizes / sizeof *sizes && sizes[good] == n;
        for (size_t i = 0; i < n; i++)
            memcpy(hex + 2 * i, i % 2 ? "07" : "e3", 3);
        snprintf(text, sizeof text, GENUINE("\"poe.revoked\":{\"deny\":[\"%s\"]}"), hex);
        good += is;
        assert_int_equal(read_text(&p, &err, text), is);
        if (is)
            continue;
        expect_err(err, SITUS_MALFORMED, "poe.revoked.deny[0]", SITUS_NO_OFFSET);
        assert_non_null(strstr(err.expected, "32 (PIID, PPID, POE id)"));
        assert_non_null(strstr(err.hint, "copy it whole"));
    }
    struct situs_err err;
    struct policy p; /* the id of an endorsement may be text: "poe-7" */
    assert_true(read_text(&p, &err, GENUINE("\"poe.revoked\":{\"deny\":[\"706f652d37\"]}")));
    assert_false(read_text(&p, &err, GENUINE("\"poe.revoked\":{\"deny\":[\"706f652d3\"]}")));
}

static void policy_refuses_bad_json(void **state)
{
    (void)state;
    struct situs_err err;
    struct policy p;
    assert_false(read_text(&p, &err, ""));
    expect_err(err, SITUS_TOO_SHORT, "json", 0);
    assert_false(read_text(&p, &err, "{\"require\":[\"genuine\"],\"require\":[\"live\"]}"));
    assert_string_equal(err_code_name(err.code), "duplicate");
    char deep[LIMIT_NESTING + 2]; /* N31 */
    memset(deep, '[', sizeof deep);
    memset(&err, 0, sizeof err);
    assert_false(policy_read(&p, "p", SPAN_ARR(deep), &arena, &err));
    expect_err(err, SITUS_TOO_LONG, "json", LIMIT_NESTING);
    memset(&err, 0, sizeof err);
    assert_false(policy_read(&p, "p", span_of(memory, LIMIT_POLICY + 1), &arena, &err));
    expect_err(err, SITUS_TOO_LONG, "json", SITUS_NO_OFFSET);
}

/* The forms in policies/ read, and demand what they say. */
static void policy_forms_read(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        enum scenario scenario;
        unsigned require;
    } forms[] = {
        {SITUS_SOURCE_ROOT "/policies/managed.json", SCENARIO_MANAGED, PROOF_BOUND},
        {SITUS_SOURCE_ROOT "/policies/bare-metal.json", SCENARIO_BARE_METAL, PROOFS_BOUND}};
    for (size_t i = 0; i < 2; i++) {
        static char text[8192];
        struct situs_err err;
        struct policy p;
        FILE *f = fopen(forms[i].path, "rb");
        assert_non_null(f);
        text[fread(text, 1, sizeof text - 1, f)] = 0;
        fclose(f);
        if (!read_text(&p, &err, text))
            fail_msg("%s: %s %s", forms[i].path, err_code_name(err.code), err.field);
        assert_int_equal(p.scenario, forms[i].scenario);
        assert_int_equal(p.require, forms[i].require);
        memset(text, 0, sizeof text);
    }
}

static void policy_bounds_lists(void **state)
{
    (void)state;
    char text[1024];
    struct situs_err err;
    struct policy p;
    int n = snprintf(text, sizeof text, "{\"tdx.tcb\":{\"accept_advisories\":[\"0\"");
    for (int i = 1; i <= LIMIT_REFERENCES; i++)
        n += snprintf(text + n, sizeof text - (size_t)n, ",\"%d\"", i);
    snprintf(text + n, sizeof text - (size_t)n, "]}}");
    assert_false(read_text(&p, &err, text));
    expect_err(err, SITUS_TOO_LONG, "tdx.tcb.accept_advisories", SITUS_NO_OFFSET);
}

static void policy_hints_name_the_known_keys(void **state)
{
    (void)state;
    struct situs_err err;
    struct policy p;
    assert_false(read_text(&p, &err, GENUINE("\"tdx.tcb\":{\"acept\":[]}")));
    assert_string_equal(err.hint, "did you mean \"accept\"?");
    assert_false(read_text(&p, &err, GENUINE("\"tdx.tcb\":{\"status\":[]}")));
    assert_string_equal(err.hint, "keys are: accept, min_evaluation_number, "
                                  "max_tcb_age_days, grace_days, accept_advisories");
    assert_false(read_text(&p, &err, GENUINE("\"tdx.tbc\":{}")));
    assert_string_equal(err.hint, "did you mean \"tdx.tcb\"?");
    assert_false(read_text(&p, &err, GENUINE("\"poe.ownr\":{}"))); /* the last of the table too */
    assert_string_equal(err.hint, "did you mean \"poe.owner\"?");
    assert_false(read_text(&p, &err, "{\"requires\":[]}"));
    assert_string_equal(err.hint, "did you mean \"require\"?");
    assert_false(read_text(&p, &err, GENUINE("\"places\":{}")));
    assert_non_null(strstr(err.hint, "keys are: scenario, require, tee, simulated, and "));
    assert_false(read_text(&p, &err, GENUINE("\"tee\":[\"sev\"]")));
    expect_err(err, SITUS_UNKNOWN, "tee[0]", SITUS_NO_OFFSET);
    assert_false(read_text(&p, &err, GENUINE("\"tee\":[]")));
    expect_err(err, SITUS_MISSING, "tee", SITUS_NO_OFFSET);
    assert_false(read_text(&p, &err, GENUINE("\"tee\":[\"snp\",\"snp\"]")));
    expect_err(err, SITUS_DUPLICATE, "tee[1]", SITUS_NO_OFFSET);
    assert_false(read_text(&p, &err, GENUINE("\"tdx.signature\":{}")));
    expect_err(err, SITUS_UNKNOWN, "tdx.signature", SITUS_NO_OFFSET);
    assert_non_null(strstr(err.hint, "this check has none"));
    assert_false(read_text(&p, &err, GENUINE("\"ak.certificate\":{\"providers\":[\"aws\"]}")));
    assert_string_equal(err.hint, "words are: google azure situs");
}

static void policy_needs_memory(void **state)
{
    (void)state;
    static const char text[] = "{\"require\":[\"live\"]," GUEST "}";
    for (size_t size = 0; size < 1024; size += 64) {
        struct situs_err err = {0};
        struct policy p;
        struct arena small = arena_new(memory, size);
        if (policy_read(&p, "p", span_text(text), &small, &err))
            continue;
        assert_string_equal(err_code_name(err.code), "no-memory");
        assert_int_equal(p.require, 0);
    }
}

static void policy_explains_itself(void **state)
{
    (void)state;
    struct situs_err err;
    struct policy p;
    static char text[1 << 14];
    struct wr w = wr_new(text, sizeof text - 1);
    assert_true(read_text(&p, &err,
                          "{\"require\":[\"live\"]," GUEST ",\"tdx.tcb\":{\"accept\":["
                          "\"UpToDate\",\"OutOfDate\"]}}"));
    policy_explain(&p, &w);
    assert_true(wr_ok(&w));
    static const char *const says[] = {
        "requires: live\n",
        "  bind.channel       the channel key is given",
        "  tdx.tcb accept: UpToDate, OutOfDate\n",
        "  tdx.tcb grace_days: not given\n",
        "  tdx.attributes allow_pks: true (default)\n",
        "  tpm.pcrs registers: 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 14 (default)\n",
        "  ref.guest images: one (mrtd 0101010101010101..., firmware profile none, without",
        " boot lists, closed: by us, NOT agent_only, NOT no_login, ",
    };
    for (size_t i = 0; i < sizeof says / sizeof *says; i++)
        assert_non_null(strstr(text, says[i]));
    assert_null(strstr(text, "bound holds"));
    static const char *const scenarios[] = {"managed", "bare-metal"};
    for (size_t i = 0; i < 2; i++) {
        char policy[4096];
        snprintf(policy, sizeof policy,
                 "{\"require\":[\"bound\"%s],\"scenario\":\"%s\"," BOUND_IMAGE "," PROVIDER_BOUND
                 ",\"host.image\":{\"images\":[" HOST("[17,18]", EVENTS) "]}}",
                 i ? ",\"host-measured\"" : "", scenarios[i]);
        assert_true(read_text(&p, &err, policy));
        w = wr_new(text, sizeof text - 1);
        policy_explain(&p, &w);
        text[w.n] = 0;
        assert_non_null(strstr(text, scenarios[i]));
        assert_int_equal(strstr(text, "  host.co-located ") != NULL, i);
        assert_int_equal(strstr(text, "  machine.same     ") != NULL, i);
        assert_int_equal(strstr(text, "host-measured holds when bound does\n") != NULL, i);
        assert_non_null(strstr(text, "h (sha256, 2 events, closed: by us, NOT agent_only, "));
        assert_non_null(strstr(text, ", from " FROM " to " TO));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(policy_reads_every_kind_of_parameter),
        cmocka_unit_test(policy_fills_in_defaults),
        cmocka_unit_test(policy_presets_read),
        cmocka_unit_test(pairs_are_split_at_their_first_sign),
        cmocka_unit_test(policy_refuses_what_it_does_not_mean),
        cmocka_unit_test(policy_denies_only_ids_that_can_be),
        cmocka_unit_test(policy_refuses_bad_json),
        cmocka_unit_test(policy_forms_read),
        cmocka_unit_test(policy_bounds_lists),
        cmocka_unit_test(policy_hints_name_the_known_keys),
        cmocka_unit_test(policy_needs_memory),
        cmocka_unit_test(policy_explains_itself),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
