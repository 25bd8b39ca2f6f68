/*
 * Whole appraisals of SEV-SNP reports: each row refuses by itself, under its own exit code, and what stands on a
 * row that failed is not run; what a report says of its chip counts under a VCEK of that chip alone.
 */
#include "support/result_rows.h"
#include "support/snp_guest.h"
#include "support/test.h"

#define POLICY(rows) "{\"simulated\": true, \"require\": [\"genuine\"], " rows "}"
#define TCB(words) POLICY("\"snp.tcb\": {" words "}")
#define ATTRIBUTES(words) POLICY("\"snp.attributes\": {" words "}")

static void honest(struct snp_guest *g)
{
    (void)g;
}
/* signature */
static void body_changed(struct snp_guest *g)
{
    g->report[0x90] ^= 1;
}
static void signed_by_another_key(struct snp_guest *g)
{
    g->signs = LAB_SNP_IMPOSTOR;
    g->resign = true;
}
/* chain */
static void foreign_vek(struct snp_guest *g)
{
    g->cert.key = LAB_SNP_IMPOSTOR;
    g->cert.signer = LAB_SNP_IMPOSTOR;
    signed_by_another_key(g);
}
static void no_certificate(struct snp_guest *g)
{
    g->no_vek = true;
}
static void certificate_of_another_chip(struct snp_guest *g)
{
    g->cert.chip[63] ^= 1;
}
static void certificate_of_another_product(struct snp_guest *g)
{
    snp_guest_set(g, 0x189, 0x11); /* CPUID_MOD_ID: Genoa */
}
static void expired(struct snp_guest *g)
{
    g->cert.to = SNP_GUEST_AT - 1;
}
static void not_yet(struct snp_guest *g)
{
    g->cert.from = SNP_GUEST_AT + 1;
}
static void ask_revoked(struct snp_guest *g)
{
    g->crl = lab_snp_crl(&snp_lab.amd, snp_lab.ark, LAB_SNP_ASK_SERIAL);
}
static void asvk_revoked(struct snp_guest *g)
{
    g->crl = lab_snp_crl(&snp_lab.amd, snp_lab.ark, LAB_SNP_ASVK_SERIAL);
}
static void crl_expired(struct snp_guest *g)
{
    g->crl = lab_snp_crl(&snp_lab.amd, snp_lab.ark, 0);
    g->at += 40 * 24 * 3600;
}
static void crl_required(struct snp_guest *g)
{
    g->policy = POLICY("\"snp.vek-chain\": {\"require_crl\": true}");
}
static void crl_given(struct snp_guest *g)
{
    crl_required(g);
    g->crl = lab_snp_crl(&snp_lab.amd, snp_lab.ark, 0);
}
/* tcb */
static void certificate_of_another_tcb(struct snp_guest *g)
{
    g->cert.level[3]--;
}
static void reported_above_current(struct snp_guest *g)
{
    g->report[0x186]++; /* REPORTED_TCB.SNP */
    g->cert.level[3]++;
    g->resign = true;
}
static void committed_above_current(struct snp_guest *g)
{
    snp_guest_set(g, 0x1e6, 25);
}
static void tcb_of_no_part(struct snp_guest *g)
{
    snp_guest_set(g, 0x1f3, 1); /* LAUNCH_TCB, a byte that Milan has not */
}
static void below_minimum(struct snp_guest *g)
{
    g->policy = TCB("\"minimum\": [\"Milan snp=25\"]");
}
static void launched_below_minimum(struct snp_guest *g)
{
    snp_guest_set(g, 0x1f6, 23);
    g->policy = TCB("\"minimum\": [\"Milan snp=24\"]");
}
static void committed_below_minimum(struct snp_guest *g)
{
    snp_guest_set(g, 0x1e7, 218);
    g->policy = TCB("\"minimum\": [\"Milan microcode=219\"]");
}
static void minimum_of_another_product(struct snp_guest *g)
{
    g->policy = TCB("\"minimum\": [\"Genoa snp=1\"]");
}
static void minimum_of_a_part_it_has_not(struct snp_guest *g)
{
    g->policy = TCB("\"minimum\": [\"Milan fmc=0\"]");
}
static void minimum_reached(struct snp_guest *g)
{
    g->policy =
        TCB("\"minimum\": [\"Turin fmc=9\", \"Milan bootloader=4 tee=0 snp=24 microcode=219\"]");
}
static void can_go_back(struct snp_guest *g)
{
    snp_guest_set(g, 0x1e6, 23);
    g->policy = TCB("\"require_committed\": true");
}
static void cannot_go_back(struct snp_guest *g)
{
    g->policy = TCB("\"require_committed\": true");
}
static void says_nothing_of_mitigations(struct snp_guest *g)
{
    g->policy = TCB("\"mitigations\": \"0300000000000000\"");
}
#define TDS "\"tdx.tcb\": {\"accept\": [\"UpToDate\"]}"
static void policy_of_tds(struct snp_guest *g)
{
    g->policy = POLICY(TDS);
}
static void policy_of_no_kind(struct snp_guest *g)
{
    g->policy = "{\"simulated\": true, \"require\": [\"genuine\"]}";
}
static void policy_that_names_tds(struct snp_guest *g)
{
    g->policy =
        POLICY("\"tee\": [\"tdx\", \"sgx\"], \"snp.tcb\": {\"minimum\": [\"Milan snp=24\"]}");
}
static void policy_that_names_both(struct snp_guest *g)
{
    g->policy = POLICY("\"tee\": [\"tdx\", \"snp\"], " TDS);
}
static void policy_of_tds_and_snp(struct snp_guest *g)
{
    g->policy = POLICY(TDS ", \"snp.tcb\": {\"minimum\": [\"Milan snp=24\"]}");
}
static void mitigated_now_alone(struct snp_guest *g)
{
    snp_guest_set(g, 0, 5);
    snp_guest_set(g, 0x1f8, 1);
    snp_guest_set(g, 0x200, 3);
    says_nothing_of_mitigations(g);
}
static void mitigated(struct snp_guest *g)
{
    mitigated_now_alone(g);
    snp_guest_set(g, 0x1f8, 7);
}
/* attributes */
static void debug(struct snp_guest *g)
{
    snp_guest_set(g, 0x08 + 2, 0x0b);
}
static void migration_agent(struct snp_guest *g)
{
    snp_guest_set(g, 0x08 + 2, 0x07);
}
static void unknown_bit(struct snp_guest *g)
{
    snp_guest_set(g, 0x08 + 3, 0x04);
}
static void without_the_bit_that_is_one(struct snp_guest *g)
{
    snp_guest_set(g, 0x08 + 2, 0x01);
}
static void smt(struct snp_guest *g)
{
    g->policy = ATTRIBUTES("\"allow_smt\": false");
}
static void two_sockets(struct snp_guest *g)
{
    g->policy = ATTRIBUTES("\"require_single_socket\": true");
}
static void one_socket(struct snp_guest *g)
{
    snp_guest_set(g, 0x08 + 2, 0x13);
    two_sockets(g);
}
static void old_abi(struct snp_guest *g)
{
    snp_guest_set(g, 0x08 + 1, 1);
    snp_guest_set(g, 0x08, 51);
    g->policy = ATTRIBUTES("\"min_abi_major\": 1, \"min_abi_minor\": 52");
}
static void abi(struct snp_guest *g)
{
    old_abi(g);
    snp_guest_set(g, 0x08, 52);
}
static void asked_for_by_the_host(struct snp_guest *g)
{
    memset(g->report + 0x30, 0xff, 4);
    g->resign = true;
}
static void another_vmpl(struct snp_guest *g)
{
    snp_guest_set(g, 0x30, 1);
    g->policy = ATTRIBUTES("\"vmpl\": [0]");
}
static void aliases_unchecked(struct snp_guest *g)
{
    snp_guest_set(g, 0x40, 0x05);
    g->policy = ATTRIBUTES("\"platform_required\": \"2000000000000000\"");
}
#define KEY(n) \
    n n n n n n n n n n n n n n n n n n n n n n n n n n n n n n n n n n n n n n n n n n n n n n n n
static void id_key(struct snp_guest *g)
{
    memset(g->report + 0xe0, 0x11, 48);
    g->resign = true;
    g->policy = ATTRIBUTES("\"id_keys\": [\"" KEY("22") "\", \"" KEY("11") "\"]");
}
static void another_id_key(struct snp_guest *g)
{
    id_key(g);
    g->report[0xe0 + 47] ^= 1;
}
static void no_id_block(struct snp_guest *g)
{
    g->policy = ATTRIBUTES("\"id_keys\": [\"" KEY("00") "\"]");
}
static void author_key(struct snp_guest *g)
{
    memset(g->report + 0x110, 0x11, 48);
    snp_guest_set(g, 0x48, 1);
    g->policy = ATTRIBUTES("\"author_keys\": [\"" KEY("11") "\"]");
}
static void author_key_that_is_off(struct snp_guest *g)
{
    author_key(g);
    snp_guest_set(g, 0x48, 0);
}
static void old_guest(struct snp_guest *g)
{
    id_key(g);
    snp_guest_set(g, 0x04, 6);
    g->policy = ATTRIBUTES("\"min_guest_svn\": 7, \"id_keys\": [\"" KEY("11") "\"]");
}
/* VLEK */
static void vlek_under_the_ask(struct snp_guest *g)
{
    g->issuer = snp_lab.ask;
}
#define CHAIN(words) POLICY("\"snp.vek-chain\": {" words "}")
static void vlek_of_a_listed_provider(struct snp_guest *g)
{
    g->policy =
        CHAIN("\"keys\": [\"vlek\"], \"csp\": [\"CN=other.example\", \"CN=cloud.example\"]");
}
static void vlek_of_another_provider(struct snp_guest *g)
{
    g->policy = CHAIN("\"csp\": [\"CN=cloud.example.com\"]");
}
static void vlek_where_chips_sign(struct snp_guest *g)
{
    g->policy = CHAIN("\"keys\": [\"vcek\"]");
}
static void vcek_where_providers_sign(struct snp_guest *g)
{
    g->policy = CHAIN("\"keys\": [\"vlek\"], \"csp\": [\"CN=cloud.example\"]");
}
static void vlek_by_the_ask(struct snp_guest *g)
{
    g->issuer = snp_lab.ask;
    g->cert.signer = LAB_SNP_ASK;
}
static void vcek_passed_as_vlek(struct snp_guest *g)
{
    g->cert = lab_snp_vcek(&snp_lab.amd);
    g->issuer = snp_lab.ask;
    g->signs = LAB_SNP_VCEK;
}

/* Outcomes of snp.signature, .vek-chain, .tcb, .attributes: Pass, Fail, Not run; "" where the
 * collateral was refused before. */
static const struct {
    const char *what;
    void (*bend)(struct snp_guest *g);
    bool vlek;
    const char *outcomes;
    int exit;
    const char *code, *field;
} rows[] = {
#define ROW(bend, vlek, outcomes, exit, code, field)   \
    {                                                  \
#bend, bend, vlek, outcomes, exit, code, field \
    }
    ROW(honest, false, "PPPP", 0, "", ""),
    ROW(honest, true, "PPPP", 0, "", ""),
    ROW(body_changed, false, "FPNP", 2, "bad-signature", "signature"),
    ROW(signed_by_another_key, false, "FPNP", 2, "bad-signature", "signature"),
    ROW(signed_by_another_key, true, "FPNP", 2, "bad-signature", "signature"),
    ROW(foreign_vek, false, "", 2, "untrusted", "chain[0].issuer"),
    ROW(no_certificate, false, "NFNP", 3, "missing", "vcek"),
    ROW(no_certificate, true, "NFNP", 3, "missing", "vlek"),
    ROW(certificate_of_another_chip, false, "NFNP", 3, "mismatch", "chip_id"),
    ROW(certificate_of_another_product, false, "NFNP", 3, "mismatch", "cpuid_mod_id"),
    ROW(expired, false, "NFNP", 3, "expired", "chain[0].not_after"),
    ROW(not_yet, false, "NFNP", 3, "not-yet-valid", "chain[0].not_before"),
    ROW(ask_revoked, false, "NFNP", 4, "revoked", "chain[1].serial_number"),
    ROW(ask_revoked, true, "PPPP", 0, "", ""),
    ROW(asvk_revoked, true, "NFNP", 4, "revoked", "chain[1].serial_number"),
    ROW(crl_expired, false, "NFNP", 3, "expired", "chain[1].crl.next_update"),
    ROW(crl_required, false, "NFNP", 3, "missing", "chain[0].crl"),
    ROW(crl_given, false, "PPPP", 0, "", ""),
    ROW(crl_given, true, "PPPP", 0, "", ""),
    ROW(certificate_of_another_tcb, false, "NFNP", 3, "mismatch", "reported_tcb"),
    ROW(reported_above_current, false, "PPFP", 4, "not-allowed", "reported_tcb"),
    ROW(committed_above_current, false, "PPFP", 4, "not-allowed", "committed_tcb"),
    ROW(tcb_of_no_part, false, "PPFP", 2, "malformed", "launch_tcb"),
    ROW(below_minimum, false, "PPFP", 4, "out-of-date", "reported_tcb"),
    ROW(launched_below_minimum, false, "PPFP", 4, "out-of-date", "launch_tcb"),
    ROW(committed_below_minimum, false, "PPFP", 4, "out-of-date", "committed_tcb"),
    ROW(minimum_of_another_product, false, "PPFP", 4, "not-allowed", "product"),
    ROW(minimum_of_a_part_it_has_not, false, "PPFP", 4, "not-allowed", "reported_tcb"),
    ROW(minimum_reached, false, "PPPP", 0, "", ""),
    ROW(can_go_back, false, "PPFP", 4, "not-allowed", "committed_tcb"),
    ROW(cannot_go_back, false, "PPPP", 0, "", ""),
    ROW(policy_of_tds, false, "PPNP", 6, "", ""),
    ROW(policy_of_no_kind, false, "PPNP", 6, "", ""),
    ROW(policy_that_names_tds, false, "PPNP", 6, "", ""),
    ROW(policy_that_names_both, false, "PPPP", 0, "", ""),
    ROW(policy_of_tds_and_snp, false, "PPPP", 0, "", ""),
    ROW(says_nothing_of_mitigations, false, "PPFP", 3, "missing", "launch_mit_vector"),
    ROW(mitigated_now_alone, false, "PPFP", 4, "out-of-date", "launch_mit_vector"),
    ROW(mitigated, false, "PPPP", 0, "", ""),
    ROW(debug, false, "PPPF", 4, "not-allowed", "policy"),
    ROW(migration_agent, false, "PPPF", 4, "not-allowed", "policy"),
    ROW(unknown_bit, false, "PPPF", 4, "not-allowed", "policy"),
    ROW(without_the_bit_that_is_one, false, "PPPF", 4, "not-allowed", "policy"),
    ROW(smt, false, "PPPF", 4, "not-allowed", "policy"),
    ROW(two_sockets, false, "PPPF", 4, "not-allowed", "policy"),
    ROW(one_socket, false, "PPPP", 0, "", ""),
    ROW(old_abi, false, "PPPF", 4, "not-allowed", "policy"),
    ROW(abi, false, "PPPP", 0, "", ""),
    ROW(asked_for_by_the_host, false, "PPPF", 4, "not-allowed", "vmpl"),
    ROW(another_vmpl, false, "PPPF", 4, "not-allowed", "vmpl"),
    ROW(aliases_unchecked, false, "PPPF", 4, "not-allowed", "platform_info"),
    ROW(id_key, false, "PPPP", 0, "", ""),
    ROW(another_id_key, false, "PPPF", 4, "not-allowed", "id_key_digest"),
    ROW(no_id_block, false, "PPPF", 4, "not-allowed", "id_key_digest"),
    ROW(author_key, false, "PPPP", 0, "", ""),
    ROW(author_key_that_is_off, false, "PPPF", 4, "not-allowed", "author_key_digest"),
    ROW(old_guest, false, "PPPF", 4, "not-allowed", "guest_svn"),
    ROW(vlek_under_the_ask, true, "", 2, "untrusted", "chain[0].issuer"),
    ROW(vlek_by_the_ask, true, "", 2, "untrusted", "chain[0].issuer"),
    ROW(vlek_of_a_listed_provider, true, "PPPP", 0, "", ""),
    ROW(vlek_of_another_provider, true, "PFNP", 4, "not-allowed", "csp_id"),
    ROW(vlek_where_chips_sign, true, "PFNP", 4, "not-allowed", "signing_key"),
    ROW(vcek_where_providers_sign, false, "PFNP", 4, "not-allowed", "signing_key"),
    ROW(vcek_passed_as_vlek, true, "NFNP", 3, "missing", "vlek"),
};

static const char *const ids[] = {"snp.signature", "snp.vek-chain", "snp.tcb", "snp.attributes"};

static void each_snp_row_refuses_by_itself(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct snp_guest g = snp_guest_new(&snp_lab, rows[i].vlek);
        char outcomes[5] = "";
        const char *code, *field;
        struct situs_error e;
        rows[i].bend(&g);
        const struct situs_result *r = snp_guest_verify(&g);
        if (rows[i].outcomes[0]) {
            result_rows(r, ids, outcomes, &code, &field);
        } else {
            assert_true(situs_result_reason(r, &e));
            code = situs_code_name(e.why.code);
            field = e.why.field;
        }
        if (strcmp(outcomes, rows[i].outcomes) || situs_result_exit(r) != rows[i].exit ||
            strcmp(code, rows[i].code) || strcmp(field, rows[i].field))
            print_error("%s: %s %s %s %d\n", rows[i].what, outcomes, code, field,
                        situs_result_exit(r));
        assert_string_equal(outcomes, rows[i].outcomes);
        assert_string_equal(code, rows[i].code);
        assert_string_equal(field, rows[i].field);
        assert_int_equal(situs_result_exit(r), rows[i].exit);
        assert_int_equal(situs_result_trusted(r), rows[i].exit == 0);
        assert_int_equal(situs_result_holds(r, "genuine"), rows[i].exit == 0);
    }
}

/* A weakened row is weighed by one bend of its own. */
static void expect_refused(const char *id, void (*bend)(struct snp_guest *g))
{
    struct snp_guest g = snp_guest_new(&snp_lab, false);
    const char *code, *field;
    bend(&g);
    assert_string_equal(result_row(snp_guest_verify(&g), id, &code, &field), "fail");
}
static void a_bent_report_is_refused_by_its_row(void **state)
{
    (void)state;
    expect_refused("snp.signature", body_changed);
    expect_refused("snp.vek-chain", certificate_of_another_chip);
    expect_refused("snp.tcb", below_minimum);
    expect_refused("snp.attributes", debug);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_snp_row_refuses_by_itself),
        cmocka_unit_test(a_bent_report_is_refused_by_its_row),
    };
    return cmocka_run_group_tests(tests, snp_lab_setup, snp_lab_teardown);
}
