/* Loading of Intel collateral: forms, signatures, and what is refused at load. */
#include "support/lab_case.h"

#include "base/text.h"
#include "support/test.h"

static struct lab_world *world;

static int setup(void **state)
{
    (void)state;
    world = lab_world_new(LAB_CASE_AT);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    lab_world_free(world);
    return 0;
}

#define INFO(c) ((c)->collateral.tcb_info)
#define QE(c) ((c)->collateral.qe_identity)

/* Signatures and chains (N2, N13). */
static void info_by_impostor(struct lab_case *c)
{
    INFO(c).signing_key = LAB_KEY_IMPOSTOR;
}
static void info_by_root(struct lab_case *c)
{
    INFO(c).signing_key = LAB_KEY_ROOT;
}
static void info_by_ca(struct lab_case *c)
{
    INFO(c).signing_key = LAB_KEY_PLATFORM_CA;
}
static void info_space(struct lab_case *c)
{
    INFO(c).after[0] = LAB_REPLACE("{\"id\"", "{ \"id\"");
}
static void info_case(struct lab_case *c)
{
    INFO(c).after[0] = LAB_REPLACE("00806F", "00806f");
}
static void qe_by_impostor(struct lab_case *c)
{
    QE(c).signing_key = LAB_KEY_IMPOSTOR;
}
static void qe_changed(struct lab_case *c)
{
    QE(c).after[0] = LAB_REPLACE("TD_QE", "TD_Q3");
}
static void no_tcb_chain(struct lab_case *c)
{
    c->leave_out = 1u << PART_TCB_INFO_CHAIN | 1u << PART_QE_IDENTITY_CHAIN;
}
static void own_root(struct lab_case *c)
{
    struct lab_chain *chain = &c->collateral.tcb_info_chain;
    chain->certs[1].key = chain->certs[1].issuer_key = chain->certs[1].signing_key =
        LAB_KEY_IMPOSTOR;
    chain->certs[0].issuer_key = chain->certs[0].signing_key = LAB_KEY_IMPOSTOR;
}
static void signer_by_impostor(struct lab_case *c)
{
    c->collateral.tcb_info_chain.certs[0].signing_key = LAB_KEY_IMPOSTOR;
}
static void root_crl_by_impostor(struct lab_case *c)
{
    c->collateral.root_crl.signing_key = LAB_KEY_IMPOSTOR;
}
static void pck_crl_by_root(struct lab_case *c)
{
    c->collateral.pck_crl.signing_key = LAB_KEY_ROOT;
}

/* Bodies, signed as they stand (N9, N10, N11, N14, N15). */
#define REPLACE(name, member, old, new)              \
    static void name(struct lab_case *c)             \
    {                                                \
        member(c).before[0] = LAB_REPLACE(old, new); \
    }
REPLACE(info_id, INFO, "\"id\":\"TDX\"", "\"id\":\"TDY\"")
REPLACE(info_without_id, INFO, "\"id\":\"TDX\",", "")
REPLACE(info_id_last, INFO, "{\"id\":\"TDX\",\"version\":3", "{\"version\":3,\"iD\":\"TDX\"")
REPLACE(info_escaped_key, INFO, "\"fmspc\"", "\"fm\\u0073pc\"")
REPLACE(info_twice, INFO, "\"tcbType\":0", "\"tcbType\":0,\"tcbType\":0")
REPLACE(info_trailing, INFO, "{\"id\"", "{},\"x\":{\"id\"")
REPLACE(info_status, INFO, "\"tcbStatus\":\"OutOfDate\"", "\"tcbStatus\":\"outOfDate\"")
REPLACE(info_relaunch, INFO, "\"tcbStatus\":\"OutOfDate\"", "\"tcbStatus\":\"TDRelaunchAdvised\"")
REPLACE(info_date, INFO, "\"tcbDate\":\"2025-05-14T00:00:00Z\"", "\"tcbDate\":\"2025-05-14\"")
REPLACE(info_module_id, INFO, "TDX_03", "TDX_3")
REPLACE(info_module_twice, INFO, "TDX_03", "TDX_01")
REPLACE(info_svn, INFO, "\"svn\":8", "\"svn\":256")
REPLACE(info_negative, INFO, "\"svn\":8", "\"svn\":-8")
REPLACE(info_real, INFO, "\"svn\":8", "\"svn\":8.0")
REPLACE(info_no_pcesvn, INFO, "\"pcesvn\":13,", "")
REPLACE(info_no_levels, INFO, "\"tcbLevels\"", "\"tcbLevelz\"")
REPLACE(qe_id, QE, "TD_QE", "QVE")
REPLACE(qe_mrsigner, QE, "\"mrsigner\":\"DC", "\"mrsigner\":\"C")
static void info_version(struct lab_case *c)
{
    INFO(c).version = 2;
}
static void info_type(struct lab_case *c)
{
    INFO(c).tcb_type = 1;
}
static void info_fifteen(struct lab_case *c)
{
    INFO(c).components = 15;
}
static void info_seventeen(struct lab_case *c)
{
    INFO(c).components = 17;
}
static void info_window(struct lab_case *c)
{
    INFO(c).next_update = INFO(c).issue_date - 1;
}
static void info_order(struct lab_case *c)
{
    struct lab_tcb_level level = INFO(c).levels.v[0];
    INFO(c).levels.v[0] = INFO(c).levels.v[1];
    INFO(c).levels.v[1] = level;
}
static void info_same_level(struct lab_case *c)
{
    INFO(c).levels.v[1] = INFO(c).levels.v[0];
}
static void info_empty(struct lab_case *c)
{
    INFO(c).levels.n = 0;
}
static void module_order(struct lab_case *c)
{
    struct lab_tcb_levels *levels = &INFO(c).modules[1].levels;
    levels->v[0].isvsvn = levels->v[1].isvsvn;
}
static void module_status(struct lab_case *c)
{
    INFO(c).modules[1].levels.v[0].status = "ConfigurationNeeded";
}
static void qe_version(struct lab_case *c)
{
    QE(c).version = 1;
}
static void qe_order(struct lab_case *c)
{
    QE(c).levels.v[0].isvsvn = 3;
}
static void qe_status(struct lab_case *c)
{
    QE(c).levels.v[0].status = "SWHardeningNeeded";
}

/* More than one of a kind, and what is no collateral. */
static void two_infos(struct lab_case *c)
{
    struct lab_tcb_info other = INFO(c);
    other.evaluation_number--;
    c->more = item_of("older.json", lab_tcb_info_make(world, &other).answer);
}
static void two_qes(struct lab_case *c)
{
    struct lab_qe_identity other = QE(c);
    other.evaluation_number--;
    c->more = item_of("older.json", lab_qe_identity_make(world, &other).answer);
}
static void two_crls(struct lab_case *c)
{
    struct lab_crl other = c->collateral.pck_crl;
    other.number++;
    c->more = item_of("other.der", lab_crl_make(world, &other));
}
/* A good answer of Intel's, and something after it. */
static void after_answer(struct lab_case *c, bool qe, const char *text)
{
    struct lab_buf b = {0};
    struct lab_signed good =
        qe ? lab_qe_identity_make(world, &QE(c)) : lab_tcb_info_make(world, &INFO(c));
    c->leave_out = 1u << (qe ? PART_QE_IDENTITY : PART_TCB_INFO);
    lab_buf_bytes(&b, good.answer);
    lab_buf_text(&b, text);
    c->more = item_of("answer.json", lab_world_keep(world, &b));
}
static void answer_and_letter(struct lab_case *c)
{
    after_answer(c, false, "x");
}
static void answer_and_answer(struct lab_case *c)
{
    after_answer(c, false, "\n{}");
}
static void qe_answer_and_letter(struct lab_case *c)
{
    after_answer(c, true, " 1");
}
#define MORE(name, text)                          \
    static void name(struct lab_case *c)          \
    {                                             \
        c->more = item_of(#name, SPAN_LIT(text)); \
    }
MORE(empty_part, " ")
MORE(other_text, "hello")
MORE(other_json, "{\"x\": 1}")
MORE(odd_hex, "30820")
MORE(other_pem, "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n")
MORE(cut_pem_crl, "-----BEGIN X509 CRL-----\nMIIB\n")
MORE(cut_answer, "{\"tcbInfo\": {}")
MORE(unsigned_answer, "{\"tcbInfo\": {}}")
MORE(short_signature, "{\"tcbInfo\": {}, \"signature\": \"00\"}")
MORE(more_in_answer, "{\"tcbInfo\": {}, \"signature\": \"00\", \"enclaveIdentity\": {}}")
MORE(half_qvl, "{\"tcb_info\": \"{}\"}")

static const struct {
    const char *what;
    void (*bend)(struct lab_case *c);
    enum situs_code code;
    const char *field, *part;
} bends[] = {
#define BEND(bend, code, field, part)          \
    {                                          \
#bend, bend, SITUS_##code, field, part \
    }
#define INFO_BEND(bend, code, field) BEND(bend, code, field, "tcb_info.json")
#define QE_BEND(bend, code, field) BEND(bend, code, field, "qe_identity.json")
    INFO_BEND(info_without_id, MISSING, "tcbInfo.id"),
    INFO_BEND(info_id_last, MISSING, "tcbInfo.id"),
    INFO_BEND(info_escaped_key, UNSUPPORTED, "json"),
    INFO_BEND(info_by_impostor, BAD_SIGNATURE, "tcbInfo"),
    INFO_BEND(info_by_root, BAD_SIGNATURE, "tcbInfo"),
    INFO_BEND(info_by_ca, BAD_SIGNATURE, "tcbInfo"),
    INFO_BEND(info_space, BAD_SIGNATURE, "tcbInfo"),
    INFO_BEND(info_case, BAD_SIGNATURE, "tcbInfo"),
    QE_BEND(qe_by_impostor, BAD_SIGNATURE, "enclaveIdentity"),
    QE_BEND(qe_changed, BAD_SIGNATURE, "enclaveIdentity"),
    INFO_BEND(no_tcb_chain, MISSING, "tcbInfo"),
    BEND(own_root, UNTRUSTED, "certificate.root", "tcb_info_issuer_chain.pem"),
    BEND(signer_by_impostor, BAD_SIGNATURE, "certificate.signature", "tcb_info_issuer_chain.pem"),
    BEND(root_crl_by_impostor, BAD_SIGNATURE, "crl.signature", "root_ca_crl.der"),
    BEND(pck_crl_by_root, BAD_SIGNATURE, "crl.signature", "pck_crl.der"),
    INFO_BEND(info_id, UNKNOWN, "tcbInfo.id"),
    INFO_BEND(info_twice, DUPLICATE, "json"),
    INFO_BEND(info_trailing, UNKNOWN, "x"),
    INFO_BEND(info_status, UNKNOWN, "tcbInfo.tdxModuleIdentities[1].tcbLevels[1].tcbStatus"),
    INFO_BEND(info_relaunch, UNKNOWN, "tcbInfo.tdxModuleIdentities[1].tcbLevels[1].tcbStatus"),
    INFO_BEND(info_date, MALFORMED, "tcbInfo.tdxModuleIdentities[0].tcbLevels[0].tcbDate"),
    INFO_BEND(info_module_id, MALFORMED, "tcbInfo.tdxModuleIdentities[0].id"),
    INFO_BEND(info_module_twice, DUPLICATE, "tcbInfo.tdxModuleIdentities[1]"),
    INFO_BEND(info_svn, MALFORMED, "tcbInfo.tcbLevels[0].tcb.sgxtcbcomponents[0].svn"),
    INFO_BEND(info_negative, MALFORMED, "tcbInfo.tcbLevels[0].tcb.sgxtcbcomponents[0].svn"),
    INFO_BEND(info_real, MALFORMED, "tcbInfo.tcbLevels[0].tcb.sgxtcbcomponents[0].svn"),
    INFO_BEND(info_no_pcesvn, MISSING, "tcbInfo.tcbLevels[0].tcb.pcesvn"),
    INFO_BEND(info_no_levels, MISSING, "tcbInfo.tdxModuleIdentities[0].tcbLevels"),
    INFO_BEND(info_version, UNSUPPORTED, "tcbInfo.version"),
    INFO_BEND(info_type, MALFORMED, "tcbInfo.tcbType"),
    INFO_BEND(info_fifteen, MALFORMED, "tcbInfo.tcbLevels[0].tcb.sgxtcbcomponents"),
    INFO_BEND(info_seventeen, MALFORMED, "tcbInfo.tcbLevels[0].tcb.sgxtcbcomponents"),
    INFO_BEND(info_window, MALFORMED, "tcbInfo"),
    INFO_BEND(info_order, MALFORMED, "tcbInfo.tcbLevels[1]"),
    INFO_BEND(info_same_level, MALFORMED, "tcbInfo.tcbLevels[1]"),
    INFO_BEND(info_empty, MISSING, "tcbInfo.tcbLevels"),
    INFO_BEND(module_order, MALFORMED, "tcbInfo.tdxModuleIdentities[1].tcbLevels[1]"),
    INFO_BEND(module_status, UNKNOWN, "tcbInfo.tdxModuleIdentities[1].tcbLevels[0]"),
    QE_BEND(qe_id, UNKNOWN, "enclaveIdentity.id"),
    QE_BEND(qe_mrsigner, MALFORMED, "enclaveIdentity.mrsigner"),
    QE_BEND(qe_version, UNSUPPORTED, "enclaveIdentity.version"),
    QE_BEND(qe_order, MALFORMED, "enclaveIdentity.tcbLevels[1]"),
    QE_BEND(qe_status, UNKNOWN, "enclaveIdentity.tcbLevels[0]"),
    BEND(two_infos, DUPLICATE, "tcbInfo.fmspc", "older.json"),
    BEND(two_qes, DUPLICATE, "enclaveIdentity.id", "older.json"),
    BEND(two_crls, DUPLICATE, "crl.issuer", "other.der"),
    BEND(empty_part, UNKNOWN, "collateral", "empty_part"),
    BEND(other_text, UNKNOWN, "collateral", "other_text"),
    BEND(other_json, UNKNOWN, "json", "other_json"),
    BEND(odd_hex, MALFORMED, "crl", "odd_hex"),
    BEND(other_pem, UNKNOWN, "collateral", "other_pem"),
    BEND(cut_pem_crl, TOO_SHORT, "crl", "cut_pem_crl"),
    BEND(cut_answer, TOO_SHORT, "json", "cut_answer"),
    BEND(unsigned_answer, MISSING, "signature", "unsigned_answer"),
    BEND(short_signature, MALFORMED, "signature", "short_signature"),
    BEND(more_in_answer, UNKNOWN, "enclaveIdentity", "more_in_answer"),
    BEND(answer_and_letter, TRAILING, "json", "answer.json"),
    BEND(answer_and_answer, TRAILING, "json", "answer.json"),
    BEND(qe_answer_and_letter, TRAILING, "json", "answer.json"),
    BEND(half_qvl, MISSING, "pck_crl_issuer_chain", "half_qvl"),
};

static void bent_collateral_does_not_load(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof bends / sizeof bends[0]; i++) {
        struct lab_case *c = lab_case_new(world, 4, LAB_BODY_TD10);
        print_message("%s\n", bends[i].what);
        bends[i].bend(c);
        assert_false(lab_case_load(c));
        print_message("  %s %s: expected %s, got %s\n", c->a.err.part, c->a.err.field,
                      c->a.err.expected, c->a.err.got);
        assert_string_equal(err_code_name(c->a.err.code), err_code_name(bends[i].code));
        assert_string_equal(c->a.err.field, bends[i].field);
        assert_string_equal(c->a.err.part, bends[i].part);
        assert_int_equal(c->a.snapshot.n_infos, 0);
        lab_case_free(c);
    }
}

static void equal_items_count_once(void **state)
{
    (void)state;
    struct lab_case *c = lab_case_new(world, 4, LAB_BODY_TD10);
    c->more = item_of("all.json", lab_collateral_json(world, &c->collateral));
    lab_case_run(c);
    assert_int_equal(appraise_exit(&c->a), 0);
    assert_int_equal(c->a.snapshot.n_infos, 1);
    assert_int_equal(c->a.snapshot.n_qes, 1);
    assert_int_equal(c->a.snapshot.pki.n_crls, 2);
    assert_int_equal(c->a.snapshot.pki.n_issuers, 3);
    lab_case_free(c);
}

static void the_json_of_dcap_qvl_is_enough(void **state)
{
    (void)state;
    struct lab_case *c = lab_case_new(world, 4, LAB_BODY_TD10);
    c->leave_out = (1u << LAB_PARTS) - 1;
    c->more = item_of("all.json", lab_collateral_json(world, &c->collateral));
    lab_case_run(c);
    assert_int_equal(appraise_exit(&c->a), 0);
    lab_case_free(c);
}

/* text_form is a CRL as hex, or as PEM in lines of 64. */
static struct span text_form(struct span der, bool pem)
{
    struct lab_buf b = {0};
    char text[4096];
    if (!pem) {
        lab_buf_hex(&b, der);
        lab_buf_text(&b, "\r\n");
        return lab_world_keep(world, &b);
    }
    assert_true(text_base64_size(der.n) < sizeof text);
    text_base64(text, der);
    lab_buf_text(&b, "-----BEGIN X509 CRL-----\n");
    for (size_t i = 0; i < strlen(text); i += 64)
        lab_buf_format(&b, "%.64s\n", text + i);
    lab_buf_text(&b, "-----END X509 CRL-----\n");
    return lab_world_keep(world, &b);
}

static void crls_may_be_hex_or_pem(void **state)
{
    (void)state;
    for (int pem = 0; pem < 2; pem++) {
        struct lab_case *c = lab_case_new(world, 4, LAB_BODY_TD10);
        c->leave_out = 1u << PART_PCK_CRL;
        c->more = item_of("crl", text_form(lab_crl_make(world, &c->collateral.pck_crl), pem));
        lab_case_run(c);
        assert_int_equal(appraise_exit(&c->a), 0);
        lab_case_free(c);
    }
}

static void infos_of_two_platforms_lie_side_by_side(void **state)
{
    (void)state;
    struct lab_case *c = lab_case_new(world, 4, LAB_BODY_TD10);
    struct lab_tcb_info other = INFO(c);
    other.fmspc[5] = 1;
    c->more = item_of("other.json", lab_tcb_info_make(world, &other).answer);
    lab_case_run(c);
    assert_int_equal(appraise_exit(&c->a), 0);
    assert_int_equal(c->a.snapshot.n_infos, 2);
    lab_case_free(c);
}

/* Too small an arena fails closed at every size. */
static void no_memory_refuses(void **state)
{
    (void)state;
    struct lab_case *c = lab_case_new(world, 4, LAB_BODY_TD10);
    struct situs_item part = item_of("all.json", lab_collateral_json(world, &c->collateral));
    static uint8_t memory[512 * 1024];
    bool loaded = false;
    assert_true(lab_case_load(c)); /* for the trust store */
    lab_case_free(c);
    for (size_t size = 0; size < sizeof memory && !loaded; size += 997) {
        struct situs_err err = {0};
        struct snapshot s;
        struct arena a = arena_new(memory, size);
        loaded = snapshot_load(&s, &part, 1, c->a.trust, &a, &err);
        if (!loaded)
            assert_int_equal(err.code, SITUS_NO_MEMORY);
        snapshot_free(&s);
    }
    assert_true(loaded);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bent_collateral_does_not_load),
        cmocka_unit_test(equal_items_count_once),
        cmocka_unit_test(the_json_of_dcap_qvl_is_enough),
        cmocka_unit_test(crls_may_be_hex_or_pem),
        cmocka_unit_test(infos_of_two_platforms_lie_side_by_side),
        cmocka_unit_test(no_memory_refuses),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
