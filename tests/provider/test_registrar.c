/* The registrar against a software TPM: who gets a certificate, and who does not. */
#include "support/registrar_scene.h"

static void a_sealed_key_of_the_fleet_is_certified(void **state)
{
    struct scene *s = *state;
    struct ak_situs m;
    struct x509_answer answer;
    size_t padding;
    begin(s);
    prove(s);
    if (!finish(s))
        fail_msg("%s %s: %s / %s", s->err.part, s->err.field, s->err.expected, s->err.got);
    struct x509 *cert = x509_read(wr_span(&s->out), &padding, "ak", &s->err);
    struct span crl = soft_ca_crl(&ca, NOW - 60, NOW + 3600, 0);
    struct x509_anchor anchor = {.der = ca.der};
    digest(HASH_SHA256, ca.der, anchor.sha256);
    struct x509_crls crls;
    const struct x509_question q = {.leaf = cert,
                                    .anchors = &anchor,
                                    .n_anchors = 1,
                                    .crls = soft_ca_crls(&crls, &crl, 1),
                                    .require_crls = true,
                                    .at = NOW,
                                    .part = "ak"};
    if (!x509_verify(&q, &answer, &s->err))
        fail_msg("%s: %s", s->err.field, s->err.got);
    assert_true(x509_lists_eku(cert, "2.23.133.8.3"));
    assert_true(x509_signs_only(cert));
    struct window valid;
    assert_true(x509_validity(cert, &valid));
    assert_true(valid.to - valid.from <= 24 * 3600);
    struct public_key *key = x509_key(cert, "ak", &s->err);
    assert_true(verify_key_equal(key, s->e.ak.key));
    assert_true(ak_situs_read(&m, x509_extension(cert, AK_SITUS_OID), &s->err));
    assert_true(span_equal(m.machine, SPAN_LIT("host-1")));
    assert_true(span_equal(m.facility, SPAN_LIT("fra")));
    assert_true(span_equal(m.ek_name, tpm_key_name(&s->ek)));
    assert_true(span_equal(m.ak_name, tpm_key_name(&s->ak)));
    assert_true(span_equal(m.piid, SPAN_ARR(s->machine.piid)));
    assert_int_equal(m.class, AK_CLASS_DTPM);
    struct tpm_attest a;
    assert_true(tpm_attest_read(&a, s->proof.attest, &s->err));
    assert_int_equal(m.reset_count, a.reset_count);
    assert_int_equal(m.restart_count, a.restart_count);
    verify_key_free(key);
    x509_free(cert);
}

static void the_fleet_is_asked_first(void **state)
{
    struct scene *s = *state;
    s->listed = false;
    s->claim.ek_public = s->claim.ak_public = SPAN_LIT("nonsense");
    s->claim.n_chain = 0;
    not_begun(s, SITUS_UNKNOWN, "ek");
}

/* As the TPM gives it: NV index and all. What follows is never read, so it must say nothing. */
static void an_ek_certificate_may_fill_its_index(void **state)
{
    struct scene *s = *state;
    static uint8_t filled[LIMIT_CERT];
    struct span cert = s->claim.ek_cert;
    memset(filled, 0xff, sizeof filled);
    memcpy(filled, cert.p, cert.n);
    filled[cert.n + 50] = 0;
    s->claim.ek_cert = span_of(filled, cert.n + 100);
    not_begun(s, SITUS_TRAILING, "certificate");
    filled[cert.n + 50] = 0xff;
    s->err = (struct situs_err){0};
    begin(s);
}

static void an_ek_of_no_maker_is_refused(void **state)
{
    struct scene *s = *state;
    s->trust.n = 0;
    not_begun(s, SITUS_UNTRUSTED, "chain[1].issuer");
}

static void a_providers_root_is_no_makers_root(void **state)
{
    struct scene *s = *state;
    s->anchors[0].uses = ANCHOR_PROVIDER;
    not_begun(s, SITUS_UNTRUSTED, "chain[1].issuer");
}

static void a_makers_root_does_not_vouch_for_vtpms(void **state)
{
    struct scene *s = *state;
    s->machine.class = AK_CLASS_VTPM;
    not_begun(s, SITUS_UNTRUSTED, "chain[1].issuer");
}

static void an_ek_that_is_not_in_its_certificate_is_refused(void **state)
{
    struct scene *s = *state;
    static uint8_t other[TPM_PUBLIC_MAX];
    memcpy(other, s->ek.public, s->ek.public_size);
    other[s->ek.public_size - 2] ^= 1;
    s->claim.ek_public = span_of(other, s->ek.public_size);
    not_begun(s, SITUS_MISMATCH, "public");
}

static void an_ek_of_another_template_is_refused(void **state)
{
    struct scene *s = *state;
    static uint8_t other[TPM_PUBLIC_MAX];
    memcpy(other, s->ek.public, s->ek.public_size);
    other[7] ^= 0x40; /* userWithAuth */
    s->claim.ek_public = span_of(other, s->ek.public_size);
    not_begun(s, SITUS_NOT_ALLOWED, "template");
}

static void a_key_with_a_password_is_no_host_key(void **state)
{
    struct scene *s = *state;
    struct tpm_key v;
    assert_true(tpm_ak_primary(s->tpm, &v, &s->err));
    s->claim.ak_public = tpm_key_public(&v);
    not_begun(s, SITUS_NOT_ALLOWED, "ak.attributes");
    tpm_flush(s->tpm, &v);
}

static void a_tampered_credential_does_not_open(void **state)
{
    struct scene *s = *state;
    struct tpm_secret secret;
    begin(s);
    s->credential.id_object[40] ^= 1;
    assert_false(activate(s, &s->seal, &secret));
    assert_int_equal(tpm_code(s->tpm), 0x1df); /* TPM_RC_INTEGRITY, parameter 1 */
}

static void a_credential_opens_for_its_key_alone(void **state)
{
    struct scene *s = *state;
    struct tpm_secret secret;
    begin(s);
    tpm_flush(s->tpm, &s->ak);
    make_sealed(s); /* the same EK, seal and template: another key */
    assert_false(activate(s, &s->seal, &secret));
    assert_int_equal(tpm_code(s->tpm), 0x1df);
}

static void another_secret_is_no_proof(void **state)
{
    struct scene *s = *state;
    begin(s);
    quote(s, SPAN_LIT("a guess"), &s->seal.pcrs);
    not_finished(s, SITUS_MISMATCH, "proof.extra_data");
    assert_int_equal(s->boots, 0);
}

static void another_keys_signature_is_no_proof(void **state)
{
    struct scene *s = *state;
    begin(s);
    prove(s);
    s->quoted.signature[20] ^= 1;
    not_finished(s, SITUS_BAD_SIGNATURE, "proof.signature");
}

static void registers_that_were_not_quoted_are_refused(void **state)
{
    struct scene *s = *state;
    begin(s);
    prove(s);
    s->registers[s->proof.registers.n - 1] ^= 1;
    not_finished(s, SITUS_MISMATCH, "proof.pcr_digest");
}

static void a_quote_without_the_launch_registers_is_refused(void **state)
{
    struct scene *s = *state;
    const struct tpm_selection boot_only = {TPM_ALG_SHA256, 1};
    begin(s);
    quote(s, SPAN_ARR(s->e.secret), &boot_only);
    not_finished(s, SITUS_NOT_ALLOWED, "proof.pcr_select");
}

static void a_seal_to_other_registers_is_refused(void **state)
{
    struct scene *s = *state;
    const struct tpm_selection more = {TPM_ALG_SHA256, 7 << 17};
    begin(s);
    quote(s, SPAN_ARR(s->e.secret), &more);
    not_finished(s, SITUS_MISMATCH, "ak.auth_policy");
}

static void a_host_that_was_not_launched_is_refused(void **state)
{
    struct scene *s = *state;
    begin(s);
    prove(s);
    not_finished(s, SITUS_NOT_MEASURED, "proof.pcr.17");
}

static void a_validity_of_more_than_a_day_is_refused(void **state)
{
    struct scene *s = *state;
    s->registrar.seconds = 24 * 3600 + 1;
    begin(s);
    prove(s);
    not_finished(s, SITUS_NOT_ALLOWED, "validity");
}

static void a_vtpms_key_is_certified_as_such(void **state)
{
    struct scene *s = *state;
    struct ak_situs m;
    size_t padding;
    s->machine.class = AK_CLASS_VTPM;
    s->anchors[0].uses = ANCHOR_PROVIDER;
    tpm_flush(s->tpm, &s->ak);
    assert_true(tpm_ak_primary(s->tpm, &s->ak, &s->err));
    s->claim.ak_public = tpm_key_public(&s->ak);
    s->seal.pcrs.mask = 0xff;
    begin(s);
    prove(s);
    if (!finish(s))
        fail_msg("%s %s: %s / %s", s->err.part, s->err.field, s->err.expected, s->err.got);
    struct x509 *cert = x509_read(wr_span(&s->out), &padding, "ak", &s->err);
    assert_true(ak_situs_read(&m, x509_extension(cert, AK_SITUS_OID), &s->err));
    assert_int_equal(m.class, AK_CLASS_VTPM);
    x509_free(cert);
}

static void a_crl_lists_what_is_withdrawn(void **state)
{
    struct scene *s = *state;
    struct x509_answer answer;
    uint8_t crl_room[4096];
    size_t padding;
    struct situs_err err = {0};
    begin(s);
    prove(s);
    assert_true(finish(s));
    struct x509 *cert = x509_read(wr_span(&s->out), &padding, "ak", &err);
    /* serialNumber follows tbs head (4), SEQUENCE (4), [0] version (5) and INTEGER head (2) */
    struct span serial = span_cut(wr_span(&s->out), 15, ISSUE_SERIAL);
    struct wr w = wr_new(crl_room, sizeof crl_room);
    assert_true(issue_crl(&s->issuer, serial, NOW - 1, NOW + 3600, &w, &err));
    struct span crl = wr_span(&w);
    struct x509_anchor anchor = {.der = ca.der};
    digest(HASH_SHA256, ca.der, anchor.sha256);
    struct x509_crls crls;
    const struct x509_question q = {.leaf = cert,
                                    .anchors = &anchor,
                                    .n_anchors = 1,
                                    .crls = soft_ca_crls(&crls, &crl, 1),
                                    .require_crls = true,
                                    .at = NOW,
                                    .part = "ak"};
    assert_false(x509_verify(&q, &answer, &err));
    assert_int_equal(err.code, SITUS_REVOKED);
    x509_free(cert);
}

#define WITH(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH(a_sealed_key_of_the_fleet_is_certified),
        WITH(the_fleet_is_asked_first),
        WITH(an_ek_certificate_may_fill_its_index),
        WITH(an_ek_of_no_maker_is_refused),
        WITH(a_providers_root_is_no_makers_root),
        WITH(a_makers_root_does_not_vouch_for_vtpms),
        WITH(an_ek_that_is_not_in_its_certificate_is_refused),
        WITH(an_ek_of_another_template_is_refused),
        WITH(a_key_with_a_password_is_no_host_key),
        WITH(a_tampered_credential_does_not_open),
        WITH(a_credential_opens_for_its_key_alone),
        WITH(another_secret_is_no_proof),
        WITH(another_keys_signature_is_no_proof),
        WITH(registers_that_were_not_quoted_are_refused),
        WITH(a_quote_without_the_launch_registers_is_refused),
        WITH(a_seal_to_other_registers_is_refused),
        cmocka_unit_test_setup_teardown(a_host_that_was_not_launched_is_refused, setup_unlaunched,
                                        teardown),
        WITH(a_validity_of_more_than_a_day_is_refused),
        WITH(a_vtpms_key_is_certified_as_such),
        WITH(a_crl_lists_what_is_withdrawn),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
