/*
 * Whole appraisals of SGX quotes: each of the four rows refuses by itself, under its own exit code,
 * and what stands on a row that failed is not run. No machine of the attack matrix runs SGX, and
 * the authority that a failed row withholds would refuse anyway: so each row is asked by name.
 */
#include "support/lab_machine.h"
#include "support/result_rows.h"
#include "support/test.h"

static struct lab_machine m;
static struct lab_verifier v;
static uint8_t memory[SITUS_VERIFY_MEMORY];

static int setup(void **state)
{
    (void)state;
    lab_machine_new(&m);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    lab_verifier_free(&v);
    lab_machine_free(&m);
    return 0;
}

/* One quote and its collateral, honest until bent. */
struct sgx_case {
    struct lab_quote quote;
    struct lab_collateral collateral;
};

static void honest(struct sgx_case *c)
{
    (void)c;
}
static void body_changed(struct sgx_case *c)
{
    c->quote.after[0] = LAB_AT(48 + 64, "\xff\xff"); /* MRENCLAVE, in the body at 48 */
}
static void signed_by_another_key(struct sgx_case *c)
{
    c->quote.signing_key = LAB_KEY_IMPOSTOR;
}
static void key_of_no_enclave(struct sgx_case *c)
{
    c->quote.qe_report[0] = LAB_AT(320, "another key"); /* REPORTDATA of the QE */
}
static void enclave_of_no_machine(struct sgx_case *c)
{
    c->quote.pck_key = LAB_KEY_IMPOSTOR;
}
static void enclave_that_can_be_read(struct sgx_case *c)
{
    c->quote.qe.attributes[0] |= 0x02;
}
static void foreign_root(struct sgx_case *c)
{
    struct lab_cert *certs = c->quote.chain.certs;
    certs[2].key = certs[2].issuer_key = certs[2].signing_key = LAB_KEY_IMPOSTOR;
    certs[1].issuer_key = certs[1].signing_key = LAB_KEY_IMPOSTOR;
}
static void foreign_pck(struct sgx_case *c)
{
    c->quote.chain.certs[0].signing_key = LAB_KEY_IMPOSTOR;
}
static void foreign_ca(struct sgx_case *c)
{
    c->quote.chain.certs[1].signing_key = LAB_KEY_IMPOSTOR;
}
static void pck_expired(struct sgx_case *c)
{
    c->quote.chain.certs[0].not_after = LAB_MACHINE_AT - 1;
}
static void pck_revoked(struct sgx_case *c)
{
    c->collateral.pck_crl.revoked[0] = SPAN_ARR(c->quote.chain.certs[0].serial);
    c->collateral.pck_crl.n_revoked = 1;
}
static void ca_revoked(struct sgx_case *c)
{
    c->collateral.root_crl.revoked[0] = SPAN_ARR(c->quote.chain.certs[1].serial);
    c->collateral.root_crl.n_revoked = 1;
}
static void crl_expired(struct sgx_case *c)
{
    c->collateral.pck_crl.next_update = LAB_MACHINE_AT - 1;
}
static void platform_out_of_date(struct sgx_case *c)
{
    c->collateral.tcb_info.levels.v[0].status = "OutOfDate";
}
static void enclave_of_the_host(struct sgx_case *c)
{
    c->quote.sgx.attributes[0] |= 0x02; /* DEBUG: SDM 3D 38.7.1 */
}

/* Outcomes of sgx.signature, .pck-chain, .tcb, .attributes: Pass, Fail, Not run. */
static const struct {
    const char *what;
    void (*bend)(struct sgx_case *c);
    const char *outcomes;
    int exit;
    const char *code, *field; /* of the row that failed */
} rows[] = {
#define ROW(bend, outcomes, exit, code, field)   \
    {                                            \
#bend, bend, outcomes, exit, code, field \
    }
    ROW(honest, "PPPP", 0, "", ""),
    ROW(body_changed, "FPNP", 2, "bad-signature", "signature.isv_enclave_report_signature"),
    ROW(signed_by_another_key, "FPNP", 2, "bad-signature",
        "signature.isv_enclave_report_signature"),
    ROW(key_of_no_enclave, "FPNP", 2, "mismatch", "signature.qe_report.report_data"),
    ROW(enclave_of_no_machine, "FPNP", 2, "bad-signature", "signature.qe_report_signature"),
    ROW(enclave_that_can_be_read, "FPNP", 4, "not-allowed", "signature.qe_report.attributes"),
    ROW(foreign_root, "NFNP", 2, "untrusted", "pck_chain.root"),
    ROW(foreign_pck, "NFNP", 2, "bad-signature", "pck_chain.pck"),
    ROW(foreign_ca, "NFNP", 2, "bad-signature", "pck_chain.ca"),
    ROW(pck_expired, "PFNP", 3, "expired", "pck_chain.pck.to"),
    ROW(pck_revoked, "PFNP", 4, "revoked", "pck_chain.pck"),
    ROW(ca_revoked, "PFNP", 4, "revoked", "pck_chain.ca"),
    ROW(crl_expired, "PFNP", 3, "expired", "crl.pck.to"),
    ROW(platform_out_of_date, "PPFP", 4, "out-of-date", "tcbStatus"),
    ROW(enclave_of_the_host, "PPPF", 4, "not-allowed", "body.attributes"),
};

/* verify appraises it; the verifier lives until the next. */
static const struct situs_result *verify(const struct sgx_case *c)
{
    struct span quote = lab_quote_make(m.w, &c->quote);
    lab_collateral_parts(m.w, &c->collateral, m.parts);
    lab_verifier_free(&v);
    lab_verifier_new(&v, &m, LAB_MACHINE_GENUINE);
    struct situs_request q = lab_verifier_request(&v, &m, quote);
    q.nonce = q.channel = (struct situs_item){0};
    const struct situs_result *r = situs_verify(&q, (struct situs_memory){memory, sizeof memory});
    assert_non_null(r);
    return r;
}

static const char *const ids[] = {"sgx.signature", "sgx.pck-chain", "sgx.tcb", "sgx.attributes"};

static void each_sgx_row_refuses_by_itself(void **state)
{
    (void)state;
    for (uint16_t version = 3; version <= 5; version++)
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
            struct sgx_case c = {lab_quote_sgx(m.w, &m.platform, version),
                                 lab_collateral_honest(m.w, &m.platform, false)};
            char outcomes[5];
            const char *code, *field;
            rows[i].bend(&c);
            if (version == 5 && rows[i].bend == body_changed) /* 6 bytes more: type and size */
                c.quote.after[0] = LAB_AT(48 + 6 + 64, "\xff\xff");
            const struct situs_result *r = verify(&c);
            result_rows(r, ids, outcomes, &code, &field);
            if (strcmp(outcomes, rows[i].outcomes) || situs_result_exit(r) != rows[i].exit)
                print_error("%s, version %u: %s %s %s\n", rows[i].what, version, outcomes, code,
                            field);
            assert_string_equal(outcomes, rows[i].outcomes);
            assert_string_equal(code, rows[i].code);
            assert_string_equal(field, rows[i].field);
            assert_int_equal(situs_result_exit(r), rows[i].exit);
            assert_int_equal(situs_result_trusted(r), rows[i].exit == 0);
            assert_int_equal(situs_result_holds(r, "genuine"), rows[i].exit == 0);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_sgx_row_refuses_by_itself),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
