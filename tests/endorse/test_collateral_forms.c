/* Forms in which collateral is met in the field: with a NUL behind it, a certificate in DER, a CRL
 * without its issuer, CAs of other roots than Intel's. Each is read; what it could hide is
 * refused. */
#include "support/lab_case.h"

#include "base/text.h"
#include "support/test.h"

#include <stdio.h>

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

static struct span joined(struct span a, struct span b)
{
    struct lab_buf buf = {0};
    lab_buf_bytes(&buf, a);
    lab_buf_bytes(&buf, b);
    return lab_world_keep(world, &buf);
}

/* Part i, with some bytes behind it, in the place of part i. */
static void behind(struct lab_case *c, unsigned i, struct span bytes)
{
    struct situs_item parts[LAB_PARTS];
    lab_collateral_parts(world, &c->collateral, parts);
    c->leave_out |= 1u << i;
    c->more = item_of("part", joined(item_span(parts[i]), bytes));
}

static void expect_accepted(struct lab_case *c)
{
    lab_case_run(c);
    assert_int_equal(appraise_exit(&c->a), 0);
    lab_case_free(c);
}

static void expect_unread(struct lab_case *c, enum situs_code code, const char *field)
{
    assert_false(lab_case_load(c));
    assert_string_equal(err_code_name(c->a.err.code), err_code_name(code));
    assert_string_equal(c->a.err.field, field);
    lab_case_free(c);
}

static void expect_refused(struct lab_case *c, enum situs_code code, const char *field)
{
    lab_case_run(c);
    appraise_exit(&c->a);
    expect_fail(c->a.findings, CHECK_TDX_PCK_CHAIN, code, field);
    lab_case_free(c);
}

static struct lab_case *new_case(void)
{
    return lab_case_new(world, 4, LAB_BODY_TD10);
}

/* Intel's sgx_ql_qve_collateral_t counts it in the size of every member. */
static void one_nul_may_follow_each_part(void **state)
{
    (void)state;
    static const struct {
        enum situs_code code;
        const char *field;
    } two[LAB_PARTS] = {
        [PART_PCK_CRL_CHAIN] = {SITUS_TRAILING, "certificate"},
        [PART_ROOT_CRL] = {SITUS_TRAILING, "crl"},
        [PART_PCK_CRL] = {SITUS_TRAILING, "crl"},
        [PART_TCB_INFO_CHAIN] = {SITUS_TRAILING, "certificate"},
        [PART_TCB_INFO] = {SITUS_TRAILING, "json"},
        [PART_QE_IDENTITY_CHAIN] = {SITUS_TRAILING, "certificate"},
        [PART_QE_IDENTITY] = {SITUS_TRAILING, "json"},
    };
    for (unsigned i = 0; i < LAB_PARTS; i++) {
        struct lab_case *c = new_case();
        print_message("part %u\n", i);
        behind(c, i, span_of("\0", 1));
        expect_accepted(c);
        c = new_case();
        behind(c, i, span_of("\0\0", 2));
        expect_unread(c, two[i].code, two[i].field);
        c = new_case();
        behind(c, i, SPAN_LIT("\1"));
        expect_unread(c, two[i].code, two[i].field);
    }
}

/* A CRL whose signature ends in a zero byte is no CRL with a NUL behind it: cut, it is too
 * short. */
static void a_zero_byte_of_der_is_not_cut(void **state)
{
    (void)state;
    struct lab_case *c = new_case();
    struct span crl;
    uint8_t copy[4096];
    do /* one signature of 256 ends with the byte that is to be another */
        crl = lab_crl_make(world, &c->collateral.pck_crl);
    while (crl.p[crl.n - 1] == 0);
    memcpy(copy, crl.p, crl.n);
    copy[crl.n - 1] = 0; /* the last byte of s: still a CRL, of another signature */
    c->leave_out = 1u << PART_PCK_CRL;
    c->more = item_of("crl", joined(span_of(copy, crl.n), span_of(NULL, 0)));
    expect_unread(c, SITUS_BAD_SIGNATURE, "crl.signature");
}

/* dcap-qvl writes the quote's certification data there, its NUL as well; or null without a
 * quote. */
static void dcap_qvl_json_may_end_text_in_nul(void **state)
{
    (void)state;
    static const struct {
        const char *member;
        bool reads;
        enum situs_code code;
        const char *field;
    } rows[] = {
        {"%s", true, SITUS_NONE, ""},
        {"%s\\u0000", true, SITUS_NONE, ""},
        {"%s\\u0000\\u0000", false, SITUS_TRAILING, "certificate"},
        {"\\u0000%s", false, SITUS_UNKNOWN, "collateral"},
        {"%sx\\u0000", false, SITUS_TRAILING, "certificate"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct lab_case *c = new_case();
        struct lab_buf pem = {0}, text = {0};
        struct span json = lab_collateral_json(world, &c->collateral);
        lab_buf_json(&pem, lab_chain_pem(world, &c->quote.chain));
        struct span quoted = lab_buf_span(&pem); /* "...", in quotation marks */
        char chain[32768], member[32768];
        snprintf(chain, sizeof chain, "%.*s", (int)quoted.n - 2, (const char *)quoted.p + 1);
        snprintf(member, sizeof member, rows[i].member, chain);
        lab_buf_bytes(&text, span_cut(json, 0, json.n - 2)); /* up to the last brace */
        lab_buf_text(&text, ", \"pck_certificate_chain\": \"");
        lab_buf_text(&text, member);
        lab_buf_text(&text, "\"}");
        lab_buf_free(&pem);
        c->leave_out = (1u << LAB_PARTS) - 1;
        c->more = item_of("all.json", lab_world_keep(world, &text));
        if (rows[i].reads)
            expect_accepted(c);
        else
            expect_unread(c, rows[i].code, rows[i].field);
    }
}

/* Another member's text, and null where a text is needed. */
static void with_member(struct lab_case *c, const char *was, const char *is)
{
    struct span json = lab_collateral_json(world, &c->collateral);
    struct lab_buf text = {0};
    lab_buf_bytes(&text, json);
    const struct lab_edit edits[LAB_EDITS] = {{.find = span_text(was), .put = span_text(is)}};
    lab_buf_edit(&text, edits);
    c->leave_out = (1u << LAB_PARTS) - 1;
    c->more = item_of("all.json", lab_world_keep(world, &text));
}

static void null_stands_for_nothing_only_where_nothing_may_be(void **state)
{
    (void)state;
    struct lab_case *c = new_case();
    with_member(c, "{\"", "{\"pck_certificate_chain\": null, \"");
    expect_accepted(c);
    c = new_case();
    with_member(c, "\"root_ca_crl\":", "\"root_ca_crl\": null, \"x\":");
    expect_unread(c, SITUS_UNKNOWN, "x");
    c = new_case();
    with_member(c, "\"tcb_info\": \"", "\"tcb_info\": \"\\u0000");
    expect_unread(c, SITUS_BAD_SIGNATURE, "tcbInfo");
}

/* Intel publishes its root in DER; what it signed is told apart from CRLs by its form. */
static void certificates_may_be_der(void **state)
{
    (void)state;
    struct lab_case *c = new_case();
    const struct lab_chain *chain = &c->collateral.tcb_info_chain;
    struct span signer = lab_cert_make(world, &chain->certs[0]);
    struct span root = lab_cert_make(world, &chain->certs[1]);
    c->leave_out = 1u << PART_TCB_INFO_CHAIN | 1u << PART_QE_IDENTITY_CHAIN;
    c->more = item_of("signer.der", signer);
    c->and_more = item_of("root.der", root);
    expect_accepted(c);
    c = new_case();
    struct lab_cert other = c->collateral.tcb_info_chain.certs[0];
    other.signing_key = LAB_KEY_IMPOSTOR;
    c->more = item_of("signer.der", lab_cert_make(world, &other));
    expect_unread(c, SITUS_BAD_SIGNATURE, "certificate.signature");
    c = new_case();
    c->more = item_of("two.der", joined(signer, root));
    expect_unread(c, SITUS_TRAILING, "certificate");
}

static void forms_that_are_no_bytes_are_named(void **state)
{
    (void)state;
    struct lab_case *c = new_case();
    c->more =
        item_of("chain.txt",
                SPAN_LIT("-----BEGIN%20CERTIFICATE-----%0AMIIB%0A-----END%20CERTIFICATE-----"));
    assert_false(lab_case_load(c));
    assert_string_equal(err_code_name(c->a.err.code), "unknown");
    assert_non_null(strstr(c->a.err.hint, "URL-encoded"));
    lab_case_free(c);
}

/* A CRL without its issuer's certificate is worth what the quote's verified chain makes of it. */
static void a_crl_alone_is_verified_by_the_quotes_chain(void **state)
{
    (void)state;
    struct lab_case *c = new_case();
    c->leave_out = 1u << PART_PCK_CRL_CHAIN;
    expect_accepted(c);
    c = new_case();
    c->leave_out = 1u << PART_PCK_CRL_CHAIN;
    c->collateral.pck_crl.signing_key = LAB_KEY_IMPOSTOR;
    expect_refused(c, SITUS_BAD_SIGNATURE, "crl.pck");
    c = new_case();
    c->leave_out = 1u << PART_PCK_CRL_CHAIN;
    c->collateral.pck_crl.revoked[0] = SPAN_ARR(c->quote.chain.certs[0].serial);
    c->collateral.pck_crl.n_revoked = 1;
    expect_refused(c, SITUS_REVOKED, "pck_chain.pck");
    c = new_case();
    c->leave_out = 1u << PART_PCK_CRL_CHAIN;
    c->collateral.pck_crl.next_update = c->at - 1;
    expect_refused(c, SITUS_EXPIRED, "crl.pck.to");
    c = new_case(); /* of the other CA: it says nothing about this one */
    c->leave_out = 1u << PART_PCK_CRL_CHAIN;
    c->collateral.pck_crl = lab_crl_pck(world, true);
    expect_refused(c, SITUS_MISSING, "crl.pck");
    c = new_case();
    c->leave_out = 1u << PART_PCK_CRL_CHAIN;
    struct lab_crl other = c->collateral.pck_crl;
    other.number++;
    c->more = item_of("other.der", lab_crl_make(world, &other));
    expect_unread(c, SITUS_DUPLICATE, "crl.issuer");
    c = new_case(); /* where the certificate is there, it decides */
    c->collateral.pck_crl.signing_key = LAB_KEY_IMPOSTOR;
    expect_unread(c, SITUS_BAD_SIGNATURE, "crl.signature");
}

/* RFC 5280 4.2.1.9; exactly Intel's only under Intel's built-in root. */
static void path_lengths_are_intels_under_intels_root(void **state)
{
    (void)state;
    static const int lengths[] = {-1, 1, 5};
    for (size_t i = 0; i < 3; i++) {
        struct lab_case *c = new_case();
        c->quote.chain.certs[1].path_length = lengths[i];
        c->collateral.pck_crl_chain.certs[0].path_length = lengths[i];
        expect_accepted(c);
        c = new_case();
        c->builtin = true;
        c->quote.chain.certs[1].path_length = lengths[i];
        expect_refused(c, SITUS_MISMATCH, "pck_chain.ca");
        c = new_case();
        c->builtin = true;
        c->collateral.pck_crl_chain.certs[0].path_length = lengths[i];
        expect_unread(c, SITUS_MISMATCH, "certificate.path_length");
    }
    struct lab_case *c = new_case();
    c->builtin = true;
    expect_accepted(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_nul_may_follow_each_part),
        cmocka_unit_test(a_zero_byte_of_der_is_not_cut),
        cmocka_unit_test(dcap_qvl_json_may_end_text_in_nul),
        cmocka_unit_test(null_stands_for_nothing_only_where_nothing_may_be),
        cmocka_unit_test(certificates_may_be_der),
        cmocka_unit_test(forms_that_are_no_bytes_are_named),
        cmocka_unit_test(a_crl_alone_is_verified_by_the_quotes_chain),
        cmocka_unit_test(path_lengths_are_intels_under_intels_root),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
