/* Quotes of the lab's Intel, each bent in one place: signature, chain and attributes. */
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

static void quotes_of_every_form_are_genuine(void **state)
{
    (void)state;
    static const uint16_t forms[][2] = {{4, LAB_BODY_TD10}, {5, LAB_BODY_TD10}, {5, LAB_BODY_TD15},
                                        {3, LAB_BODY_SGX},  {4, LAB_BODY_SGX},  {5, LAB_BODY_SGX}};
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        struct lab_case *c = lab_case_new(world, forms[i][0], forms[i][1]);
        print_message("version %u, body %u\n", forms[i][0], forms[i][1]);
        lab_case_run(c);
        assert_int_equal(appraise_exit(&c->a), 0);
        assert_non_null(c->a.claims.authority);
        assert_true(
            span_equal(claims_get(&c->a.claims, CLAIM_PPID)->bytes, SPAN_ARR(c->platform.ppid)));
        assert_true(
            span_equal(claims_get(&c->a.claims, CLAIM_PIID)->bytes, SPAN_ARR(c->platform.piid)));
        lab_case_free(c);
    }
}

static void a_quote_of_the_processor_ca_is_genuine(void **state)
{
    (void)state;
    struct lab_case *c = lab_case_new(world, 4, LAB_BODY_TD10);
    c->platform.processor_ca = true;
    c->quote = lab_quote_tdx(world, &c->platform, 4, LAB_BODY_TD10);
    c->collateral = lab_collateral_honest(world, &c->platform, true);
    lab_case_run(c);
    assert_int_equal(appraise_exit(&c->a), 0);
    assert_null(claims_get(&c->a.claims, CLAIM_PIID));
    lab_case_free(c);
}

/* The bends; each breaks one thing. */
static void qe_report_by_wrong_key(struct lab_case *c)
{
    c->quote.pck_key = LAB_KEY_IMPOSTOR;
}
static void body_by_wrong_key(struct lab_case *c)
{
    c->quote.signing_key = LAB_KEY_IMPOSTOR;
}
static void qe_report_data_zero(struct lab_case *c)
{
    c->quote.qe_report_data_given = true;
}
static void qe_report_data_upper(struct lab_case *c)
{
    c->quote.qe_report[0] = LAB_AT(352, "\1");
}
static void qe_debug(struct lab_case *c)
{
    c->quote.qe.attributes[0] |= 2;
}
static void auth_data_changed(struct lab_case *c)
{
    c->quote.after[0].at = lab_quote_layout(&c->quote).auth_data;
    c->quote.after[0].put = SPAN_LIT("\x7f");
}
static void key_off_curve(struct lab_case *c)
{
    static const uint8_t point[64] = {1};
    c->quote.attestation_point = SPAN_ARR(point);
}
static void key_at_infinity(struct lab_case *c)
{
    static const uint8_t point[64];
    c->quote.attestation_point = SPAN_ARR(point);
}
static void signature_zero(struct lab_case *c)
{
    static const uint8_t zero[64];
    c->quote.after[0].at = lab_quote_layout(&c->quote).signature;
    c->quote.after[0].put = SPAN_ARR(zero);
}
static void user_data_changed(struct lab_case *c)
{
    c->quote.after[0] = LAB_AT(28, "\x7f");
}
static void body_changed(struct lab_case *c)
{
    c->quote.after[0] = LAB_AT(48 + 520, "\x7f");
}

static void own_root(struct lab_case *c)
{
    struct lab_cert *root = &c->quote.chain.certs[2], *ca = &c->quote.chain.certs[1];
    root->key = root->issuer_key = root->signing_key = LAB_KEY_IMPOSTOR;
    ca->issuer_key = ca->signing_key = LAB_KEY_IMPOSTOR;
}
static void ca_by_impostor(struct lab_case *c)
{
    c->quote.chain.certs[1].signing_key = LAB_KEY_IMPOSTOR;
}
static void pck_by_impostor(struct lab_case *c)
{
    c->quote.chain.certs[0].signing_key = LAB_KEY_IMPOSTOR;
}
static void pck_by_own_ca(struct lab_case *c)
{
    struct lab_cert *ca = &c->quote.chain.certs[1], *pck = &c->quote.chain.certs[0];
    ca->key = pck->issuer_key = pck->signing_key = LAB_KEY_IMPOSTOR;
    ca->signing_key = LAB_KEY_IMPOSTOR;
}
static void swap(struct lab_case *c, int i, int k)
{
    struct lab_cert cert = c->quote.chain.certs[i];
    c->quote.chain.certs[i] = c->quote.chain.certs[k];
    c->quote.chain.certs[k] = cert;
}
static void chain_leaf_second(struct lab_case *c)
{
    swap(c, 0, 1);
}
static void chain_root_second(struct lab_case *c)
{
    swap(c, 1, 2);
}
static void chain_no_root(struct lab_case *c)
{
    c->quote.chain.n = 2;
}
static void chain_no_ca(struct lab_case *c)
{
    swap(c, 1, 2);
    c->quote.chain.n = 2;
}
static void chain_extra(struct lab_case *c)
{
    c->quote.chain.certs[3] = c->quote.chain.certs[2];
    c->quote.chain.n = 4;
}
static void pck_expired(struct lab_case *c)
{
    c->quote.chain.certs[0].not_after = c->at - 1;
}
static void pck_early(struct lab_case *c)
{
    c->quote.chain.certs[0].not_before = c->at + 1;
}
static void ca_expired(struct lab_case *c)
{
    c->quote.chain.certs[1].not_after = c->at - 1;
}
static void ca_early(struct lab_case *c)
{
    c->quote.chain.certs[1].not_before = c->at + 1;
}
static void root_expired(struct lab_case *c)
{
    c->at = c->quote.chain.certs[2].not_after + 1;
    c->quote.chain.certs[0].not_after = c->quote.chain.certs[1].not_after = c->at;
}
static void root_early(struct lab_case *c)
{
    c->at = c->quote.chain.certs[2].not_before - 1;
    c->quote.chain.certs[0].not_before = c->quote.chain.certs[1].not_before = c->at;
}
static void no_root_crl(struct lab_case *c)
{
    c->leave_out = 1u << PART_ROOT_CRL;
}
static void no_pck_crl(struct lab_case *c)
{
    c->leave_out = 1u << PART_PCK_CRL;
}
static void root_crl_expired(struct lab_case *c)
{
    c->collateral.root_crl.next_update = c->at - 1;
}
static void root_crl_early(struct lab_case *c)
{
    c->collateral.root_crl.this_update = c->at + 1;
}
static void pck_crl_expired(struct lab_case *c)
{
    c->collateral.pck_crl.next_update = c->at - 1;
}
static void pck_crl_early(struct lab_case *c)
{
    c->collateral.pck_crl.this_update = c->at + 1;
}
static void pck_crl_of_other_ca(struct lab_case *c)
{
    c->collateral.pck_crl = lab_crl_pck(world, true);
    c->collateral.pck_crl_chain = lab_chain_ca(world, true);
}
static void pck_revoked(struct lab_case *c)
{
    c->collateral.pck_crl.revoked[0] = SPAN_ARR(c->quote.chain.certs[0].serial);
    c->collateral.pck_crl.n_revoked = 1;
}
static void ca_revoked(struct lab_case *c)
{
    c->collateral.root_crl.revoked[0] = SPAN_ARR(c->quote.chain.certs[1].serial);
    c->collateral.root_crl.n_revoked = 1;
}

#define POLICY(rows) \
    "{\"scenario\": \"managed\", \"require\": [\"genuine\"], \"tdx.attributes\": " rows "}"

static void td_debug(struct lab_case *c)
{
    c->quote.td.td_attributes[0] |= 0x01;
}
static void td_reserved_tud(struct lab_case *c)
{
    c->quote.td.td_attributes[0] |= 0x10;
}
static void td_reserved_sec(struct lab_case *c)
{
    c->quote.td.td_attributes[2] |= 0x01;
}
static void td_migratable(struct lab_case *c)
{
    c->quote.td.td_attributes[3] |= 0x20;
}
static void td_reserved_other(struct lab_case *c)
{
    c->quote.td.td_attributes[7] |= 0x40;
}
static void td_pks(struct lab_case *c)
{
    c->quote.td.td_attributes[3] |= 0x40;
    c->policy = POLICY("{\"allow_pks\": false}");
}
static void td_kl(struct lab_case *c)
{
    c->quote.td.td_attributes[3] |= 0x80;
    c->policy = POLICY("{\"allow_kl\": false}");
}
static void td_perfmon(struct lab_case *c)
{
    c->quote.td.td_attributes[7] |= 0x80;
    c->policy = POLICY("{\"allow_perfmon\": false}");
}
static void td_sept_ve(struct lab_case *c)
{
    c->quote.td.td_attributes[3] &= (uint8_t)~0x10;
    c->policy = POLICY("{\"require_sept_ve_disable\": true}");
}
static void td_xfam(struct lab_case *c)
{
    c->policy = POLICY("{\"xfam_allowed\": \"e718040000000000\"}");
}
static void td_xfam_required(struct lab_case *c)
{
    c->policy =
        POLICY("{\"xfam_required\": \"0010000000000000\", \"xfam_allowed\": \"ffffffffffffffff\"}");
    c->quote.td.xfam[1] &= (uint8_t)~0x10;
}
#define ZERO16 "00000000000000000000000000000000"
#define ZERO48 ZERO16 ZERO16 ZERO16
#define ONE48 "01" ZERO16 ZERO16 "000000000000000000000000000000"
#define PIN(key) POLICY("{\"" key "\": [\"" ONE48 "\", \"" ZERO48 "\"]}")
static void td_mrseam(struct lab_case *c)
{
    c->policy = PIN("mrseam");
}
static void td_mrconfigid(struct lab_case *c)
{
    c->quote.td.mr_config_id[47] = 1;
    c->policy = PIN("mrconfigid");
}
static void td_mrowner(struct lab_case *c)
{
    c->quote.td.mr_owner[47] = 1;
    c->policy = PIN("mrowner");
}
static void td_mrownerconfig(struct lab_case *c)
{
    c->quote.td.mr_owner_config[47] = 1;
    c->policy = PIN("mrownerconfig");
}
/* A part that is newer makes up for none that is older. */
static void td_svn(struct lab_case *c)
{
    c->policy = POLICY("{\"min_tee_tcb_svn\": \"07010900000000000000000000000000\"}");
}
static void td_svn_now(struct lab_case *c)
{
    c->quote = lab_quote_tdx(world, &c->platform, 5, LAB_BODY_TD15);
    c->quote.td.tee_tcb_svn[15] = 1;
    c->policy = POLICY("{\"min_tee_tcb_svn\": \"08010800000000000000000000000001\"}");
}
static void td_service(struct lab_case *c)
{
    c->quote = lab_quote_tdx(world, &c->platform, 5, LAB_BODY_TD15);
    c->quote.td.mr_service_td[47] = 1;
}

static const struct {
    const char *what;
    void (*bend)(struct lab_case *c);
    enum check check;
    enum situs_code code;
    const char *field;
    int exit;
} bends[] = {
#define SIGNATURE(bend, code, field, exit) {#bend, bend, CHECK_TDX_SIGNATURE, code, field, exit},
    SIGNATURE(qe_report_by_wrong_key, SITUS_BAD_SIGNATURE, "signature.qe_report_signature",
              2) /* N1 */
    SIGNATURE(body_by_wrong_key, SITUS_BAD_SIGNATURE, "signature.isv_enclave_report_signature", 2)
        SIGNATURE(qe_report_data_zero, SITUS_MISMATCH, "signature.qe_report.report_data",
                  2) /* N5 */
    SIGNATURE(qe_report_data_upper, SITUS_MISMATCH, "signature.qe_report.report_data", 2)
        SIGNATURE(auth_data_changed, SITUS_MISMATCH, "signature.qe_report.report_data", 2)
            SIGNATURE(qe_debug, SITUS_NOT_ALLOWED, "signature.qe_report.attributes", 4) /* N6 */
    SIGNATURE(key_off_curve, SITUS_MALFORMED, "signature.ecdsa_attestation_key", 2)     /* N25 */
    SIGNATURE(key_at_infinity, SITUS_MALFORMED, "signature.ecdsa_attestation_key", 2)
        SIGNATURE(signature_zero, SITUS_BAD_SIGNATURE, "signature.isv_enclave_report_signature", 2)
            SIGNATURE(user_data_changed, SITUS_BAD_SIGNATURE,
                      "signature.isv_enclave_report_signature", 2)
                SIGNATURE(body_changed, SITUS_BAD_SIGNATURE,
                          "signature.isv_enclave_report_signature", 2)
#define CHAIN(bend, code, field, exit) {#bend, bend, CHECK_TDX_PCK_CHAIN, code, field, exit},
                    CHAIN(own_root, SITUS_UNTRUSTED, "pck_chain.root", 2) /* N21 */
    CHAIN(ca_by_impostor, SITUS_BAD_SIGNATURE, "pck_chain.ca", 2)
        CHAIN(pck_by_impostor, SITUS_BAD_SIGNATURE, "pck_chain.pck", 2)
            CHAIN(pck_by_own_ca, SITUS_BAD_SIGNATURE, "pck_chain.ca", 2)
                CHAIN(chain_leaf_second, SITUS_MALFORMED, "pck_chain.pck", 2) /* N22 */
    CHAIN(chain_root_second, SITUS_MALFORMED, "pck_chain.ca", 2)
        CHAIN(chain_no_root, SITUS_MISSING, "pck_chain", 3)
            CHAIN(chain_no_ca, SITUS_MISSING, "pck_chain", 3)
                CHAIN(chain_extra, SITUS_MALFORMED, "pck_chain", 2)
                    CHAIN(pck_expired, SITUS_EXPIRED, "pck_chain.pck.to", 3) /* N23 */
    CHAIN(pck_early, SITUS_NOT_YET_VALID, "pck_chain.pck.from", 3)
        CHAIN(ca_expired, SITUS_EXPIRED, "pck_chain.ca.to", 3)
            CHAIN(ca_early, SITUS_NOT_YET_VALID, "pck_chain.ca.from", 3)
                CHAIN(root_expired, SITUS_EXPIRED, "pck_chain.root.to", 3)
                    CHAIN(root_early, SITUS_NOT_YET_VALID, "pck_chain.root.from", 3)
                        CHAIN(no_root_crl, SITUS_MISSING, "crl.root", 3) /* N20 */
    CHAIN(no_pck_crl, SITUS_MISSING, "crl.pck", 3)
        CHAIN(pck_crl_of_other_ca, SITUS_MISSING, "crl.pck", 3)
            CHAIN(root_crl_expired, SITUS_EXPIRED, "crl.root.to", 3) /* N16 */
    CHAIN(root_crl_early, SITUS_NOT_YET_VALID, "crl.root.from", 3)
        CHAIN(pck_crl_expired, SITUS_EXPIRED, "crl.pck.to", 3)
            CHAIN(pck_crl_early, SITUS_NOT_YET_VALID, "crl.pck.from", 3)
                CHAIN(pck_revoked, SITUS_REVOKED, "pck_chain.pck", 4) /* N19 */
    CHAIN(ca_revoked, SITUS_REVOKED, "pck_chain.ca", 4)
#define ATTRIBUTES(bend, field) {#bend, bend, CHECK_TDX_ATTRIBUTES, SITUS_NOT_ALLOWED, field, 4},
        ATTRIBUTES(td_debug, "body.td_attributes") /* N32 */
    ATTRIBUTES(td_migratable, "body.td_attributes") ATTRIBUTES(
        td_reserved_tud, "body.td_attributes") ATTRIBUTES(td_reserved_sec, "body.td_attributes")
        ATTRIBUTES(td_reserved_other, "body.td_attributes") ATTRIBUTES(td_pks, "body.td_attributes")
            ATTRIBUTES(td_kl, "body.td_attributes") ATTRIBUTES(td_perfmon, "body.td_attributes")
                ATTRIBUTES(td_sept_ve, "body.td_attributes")
                    ATTRIBUTES(td_xfam, "body.xfam") /* N33 */
    ATTRIBUTES(td_xfam_required, "body.xfam") ATTRIBUTES(td_mrseam, "body.mrseam")
        ATTRIBUTES(td_mrconfigid, "body.mrconfigid") ATTRIBUTES(td_mrowner, "body.mrowner")
            ATTRIBUTES(td_mrownerconfig, "body.mrownerconfig")
                ATTRIBUTES(td_svn, "body.tee_tcb_svn") ATTRIBUTES(td_svn_now, "body.tee_tcb_svn_2")
                    ATTRIBUTES(td_service, "body.mrservicetd") /* N34 */
};

/* refused runs a bent case: this row fails so, and no claim has an authority unless the row is
 * attributes. */
static void refused(struct lab_case *c, size_t i)
{
    lab_case_run(c);
    int exit = appraise_exit(&c->a);
    expect_fail(c->a.findings, bends[i].check, bends[i].code, bends[i].field);
    assert_int_equal(exit, bends[i].exit);
    if (bends[i].check == CHECK_TDX_ATTRIBUTES)
        assert_int_equal(c->a.findings.v[CHECK_TDX_TCB].outcome, OUTCOME_PASS);
    else
        assert_null(c->a.claims.authority);
    lab_case_free(c);
}

static void a_bent_quote_is_refused_by_its_row(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof bends / sizeof bends[0]; i++) {
        struct lab_case *c = lab_case_new(world, 4, LAB_BODY_TD10);
        print_message("%s\n", bends[i].what);
        bends[i].bend(c);
        refused(c, i);
    }
}

/* The same with the honest machine's chain and key in the cache already. */
static void a_cache_that_knows_the_machine_changes_nothing(void **state)
{
    (void)state;
    static uint8_t memory[64 * 1024];
    assert_true(quote_cache_size(4) <= sizeof memory);
    for (size_t i = 0; i < sizeof bends / sizeof bends[0]; i++) {
        struct quote_cache *cache = quote_cache_new(memory, 4);
        struct lab_case *c = lab_case_new(world, 4, LAB_BODY_TD10);
        print_message("%s\n", bends[i].what);
        c->a.cache = cache;
        lab_case_run(c);
        assert_int_equal(appraise_exit(&c->a), 0);
        lab_case_free(c);
        c = lab_case_new(world, 4, LAB_BODY_TD10);
        c->a.cache = cache;
        bends[i].bend(c);
        refused(c, i);
        quote_cache_free(cache);
    }
}

static void features_that_the_policy_allows_pass(void **state)
{
    (void)state;
    struct lab_case *c = lab_case_new(world, 4, LAB_BODY_TD10);
    c->quote.td.td_attributes[3] |= 0xd8; /* LASS, SEPT_VE_DISABLE, PKS, KL */
    c->quote.td.td_attributes[7] |= 0x80; /* PERFMON */
    c->policy =
        POLICY("{\"xfam_allowed\": \"e718060000000000\", \"require_sept_ve_disable\": true}");
    lab_case_run(c);
    assert_int_equal(appraise_exit(&c->a), 0);
    lab_case_free(c);
}

static void what_the_policy_pins_passes(void **state)
{
    (void)state;
    struct lab_case *c = lab_case_new(world, 5, LAB_BODY_TD15);
    memset(c->quote.td.mr_seam, 0x11, 48);
    memset(c->quote.td.mr_owner, 0x11, 48);
#define ONES48                                         \
    "111111111111111111111111111111111111111111111111" \
    "111111111111111111111111111111111111111111111111"
    c->policy = POLICY("{\"xfam_required\": \"e718060000000000\", \"mrseam\": [\"" ZERO48
                       "\", \"" ONES48 "\"], \"mrowner\": [\"" ONES48
                       "\"], \"mrconfigid\": [\"" ZERO48 "\"], \"mrownerconfig\": [\"" ZERO48
                       "\"], \"min_tee_tcb_svn\": \"08010800000000000000000000000000\"}");
    lab_case_run(c);
    assert_int_equal(appraise_exit(&c->a), 0);
    assert_false(c->a.claims.v[CLAIM_TDX_MODULE].set); /* nobody named this module */
    lab_case_free(c);
}

static void a_module_that_intel_lists_has_its_name(void **state)
{
    (void)state;
    for (unsigned last = 0x6a; last <= 0x6b; last++) {
        struct lab_case *c = lab_case_new(world, 4, LAB_BODY_TD10);
        assert_true(text_hex_read(
            c->quote.td.mr_seam, 48,
            SPAN_LIT("ab62561a173acbd18ee50ff37750db44184c6cf5e886df74247cc575e163b04c34b9e1837475"
                     "7c235affa614d4127f6b")));
        c->quote.td.mr_seam[47] = (uint8_t)last;
        lab_case_run(c);
        assert_int_equal(appraise_exit(&c->a), 0);
        assert_int_equal(c->a.claims.v[CLAIM_TDX_MODULE].set, last == 0x6b);
        if (last == 0x6b)
            assert_true(span_equal(c->a.claims.v[CLAIM_TDX_MODULE].bytes, SPAN_LIT("1.5.34")));
        lab_case_free(c);
    }
}

static void enclave_debug(struct lab_case *c)
{
    c->quote.sgx.attributes[0] |= 2;
}

static void a_bent_enclave_is_refused_by_its_row(void **state)
{
    (void)state;
    static const struct {
        void (*bend)(struct lab_case *c);
        enum check check;
        enum situs_code code;
        const char *field;
        int exit;
    } rows[] = {
        {body_by_wrong_key, CHECK_SGX_SIGNATURE, SITUS_BAD_SIGNATURE,
         "signature.isv_enclave_report_signature", 2},
        {pck_by_impostor, CHECK_SGX_PCK_CHAIN, SITUS_BAD_SIGNATURE, "pck_chain.pck", 2},
        {pck_revoked, CHECK_SGX_PCK_CHAIN, SITUS_REVOKED, "pck_chain.pck", 4},
        {enclave_debug, CHECK_SGX_ATTRIBUTES, SITUS_NOT_ALLOWED, "body.attributes", 4},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct lab_case *c = lab_case_new(world, 3, LAB_BODY_SGX);
        rows[i].bend(c);
        lab_case_run(c);
        expect_fail(c->a.findings, rows[i].check, rows[i].code, rows[i].field);
        assert_int_equal(appraise_exit(&c->a), rows[i].exit);
        lab_case_free(c);
    }
}

static void without_collateral_the_crls_are_missing(void **state)
{
    (void)state;
    struct lab_case *c = lab_case_new(world, 4, LAB_BODY_TD10);
    assert_true(lab_case_load(c));
    appraise_free(&c->a);
    assert_true(appraise_quote(&c->a, lab_quote_make(world, &c->quote), c->at));
    expect_fail(c->a.findings, CHECK_TDX_PCK_CHAIN, SITUS_MISSING, "crl.root");
    expect_fail(c->a.findings, CHECK_TDX_TCB, SITUS_MISSING, "collateral");
    assert_int_equal(c->a.findings.v[CHECK_TDX_SIGNATURE].outcome, OUTCOME_PASS);
    assert_int_equal(appraise_exit(&c->a), 3);
    assert_null(c->a.claims.authority);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quotes_of_every_form_are_genuine),
        cmocka_unit_test(a_quote_of_the_processor_ca_is_genuine),
        cmocka_unit_test(a_bent_quote_is_refused_by_its_row),
        cmocka_unit_test(a_cache_that_knows_the_machine_changes_nothing),
        cmocka_unit_test(features_that_the_policy_allows_pass),
        cmocka_unit_test(what_the_policy_pins_passes),
        cmocka_unit_test(a_module_that_intel_lists_has_its_name),
        cmocka_unit_test(a_bent_enclave_is_refused_by_its_row),
        cmocka_unit_test(without_collateral_the_crls_are_missing),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
