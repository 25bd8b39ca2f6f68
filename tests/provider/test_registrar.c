/* The registrar against a software TPM: who gets a certificate, and who does not. */
#include "provider/registrar/enrolment.h"

#include "base/text.h"
#include "codec/cbor.h"
#include "provider/registrar/registrar_inventory.h"
#include "support/soft_ca.h"
#include "support/swtpm.h"
#include "support/test.h"
#include "tpm/tpm.h"

#include <stdio.h>
#include <stdlib.h>

#define NOW INT64_C(1800000000)
#define TPM_ALG_SHA256 0x000b

/* One provider, one launched host, and what the two say to each other. */
struct scene {
    struct swtpm swtpm;
    struct tpm *tpm;
    struct tpm_key ek, ak;
    struct tpm_seal seal;
    uint8_t ek_cert[TPM_EK_CERT_MAX];
    struct enrolment_claim claim;
    struct anchor anchors[2];
    struct trust trust;
    struct issuer issuer;
    struct registrar_fleet fleet;
    struct registrar registrar;
    struct registrar_machine machine;
    bool listed, confirmed;
    int boots;
    struct enrolment e;
    struct credential credential;
    struct tpm_quoted quoted;
    uint8_t registers[512];
    struct enrolment_proof proof;
    uint8_t der[LIMIT_CERT];
    struct wr out;
    struct situs_err err;
};

static struct soft_cert ca = {
    .name = "Provider CA", .ca = true, .from = NOW - 86400, .to = NOW + 86400};

static int64_t now(void)
{
    return NOW;
}

static bool find(void *context, const uint8_t ek[32], struct registrar_machine *out,
                 struct situs_err *err)
{
    struct scene *s = context;
    assert_false(span_all(span_of(ek, 32), 0));
    *out = s->machine;
    return s->listed || err_fail(err, SITUS_UNKNOWN, "fleet", "ek", SITUS_NO_OFFSET, NULL, NULL);
}

static bool boot(void *context, const uint8_t ek[32], uint32_t reset, uint32_t restart,
                 bool *confirmed, struct situs_err *err)
{
    struct scene *s = context;
    (void)ek, (void)reset, (void)restart, (void)err;
    s->boots++;
    *confirmed = s->confirmed;
    return true;
}

static void trust_pem(struct anchor *a, struct span pem, unsigned uses)
{
    a->der = soft_ca_pem(pem, 0);
    a->name = "maker";
    a->uses = uses;
    digest(HASH_SHA256, a->der, a->sha256);
}

static void make_sealed(struct scene *s)
{
    struct tpm_blob blob;
    uint8_t policy[32];
    assert_true(tpm_seal_policy(s->tpm, &s->seal, policy, &s->err));
    assert_true(tpm_ak_create(s->tpm, &s->ek, policy, &blob, &s->err));
    assert_true(tpm_ak_load(s->tpm, &s->ek, &blob, &s->ak, &s->err));
    s->claim.ak_public = tpm_key_public(&s->ak);
}

static int setup_launched(void **state, const char *launch)
{
    swtpm_need();
    struct scene *s = calloc(1, sizeof *s);
    size_t n;
    if (!ca.x509)
        soft_ca_issue(&ca);
    swtpm_make(&s->swtpm, false);
    if (launch)
        swtpm_launch(&s->swtpm, launch);
    s->tpm = tpm_open(s->swtpm.tcti, &s->err);
    assert_non_null(s->tpm);
    s->seal.pcrs = (struct tpm_selection){TPM_ALG_SHA256, 3 << 17};
    assert_true(tpm_ek(s->tpm, &s->ek, &s->err));
    assert_true(tpm_nv_read(s->tpm, TPM_NV_EK_CERT, s->ek_cert, sizeof s->ek_cert, &n, &s->err));
    /* PCR 18 is zero until something is extended */
    struct tpm_digest d = {.hash = HASH_SHA256, .value = {1}};
    assert_true(tpm_locality(s->tpm, 2, &s->err));
    assert_true(!launch || tpm_extend(s->tpm, 18, &d, 1, &s->err));
    assert_true(tpm_locality(s->tpm, 0, &s->err));
    make_sealed(s);
    s->claim.ek_cert = span_of(s->ek_cert, n);
    s->claim.ek_public = tpm_key_public(&s->ek);
    s->claim.chain[0] = soft_ca_pem(swtpm_ca_issuer(&s->swtpm), 0);
    s->claim.n_chain = 1;
    trust_pem(&s->anchors[0], swtpm_ca_root(&s->swtpm), ANCHOR_TPM_MAKER);
    s->trust = (struct trust){s->anchors, 1};
    s->issuer = (struct issuer){ca.x509, ca.key};
    s->fleet = (struct registrar_fleet){s, find, boot};
    s->machine = (struct registrar_machine){.machine = "host-1", .facility = "fra", .piid = {7}};
    s->listed = s->confirmed = true;
    s->registrar = (struct registrar){.fleet = &s->fleet,
                                      .trust = &s->trust,
                                      .issuer = &s->issuer,
                                      .seconds = 24 * 3600,
                                      .now = now};
    *state = s;
    return 0;
}

static int setup(void **state)
{
    return setup_launched(state, "SINIT ACM image bytes");
}

static int setup_unlaunched(void **state)
{
    return setup_launched(state, NULL);
}

static int teardown(void **state)
{
    struct scene *s = *state;
    if (!s)
        return 0;
    enrolment_free(&s->e);
    tpm_flush(s->tpm, &s->ak);
    tpm_flush(s->tpm, &s->ek);
    tpm_close(s->tpm);
    swtpm_end(&s->swtpm);
    free(s);
    return 0;
}

static void begin(struct scene *s)
{
    if (!enrolment_begin(&s->e, &s->registrar, &s->claim, &s->credential, &s->err))
        fail_msg("%s %s: %s / %s", s->err.part, s->err.field, s->err.expected, s->err.got);
}

static void not_begun(struct scene *s, enum situs_code code, const char *field)
{
    assert_false(enrolment_begin(&s->e, &s->registrar, &s->claim, &s->credential, &s->err));
    assert_string_equal(err_code_name(s->err.code), err_code_name(code));
    assert_string_equal(s->err.field, field);
    assert_int_equal(s->credential.id_object_size, 0);
}

static struct span id_object(struct scene *s)
{
    return span_of(s->credential.id_object, s->credential.id_object_size);
}

static struct span encrypted(struct scene *s)
{
    return span_of(s->credential.encrypted, s->credential.encrypted_size);
}

static void quote(struct scene *s, struct span secret, const struct tpm_selection *pcrs)
{
    uint8_t extra[32];
    struct wr w = wr_new(s->registers, sizeof s->registers);
    struct cbor_out o = cbor_out_new(&w);
    const struct tpm_seal *seal = s->machine.class == AK_CLASS_DTPM ? &s->seal : NULL;
    assert_true(registrar_proof_data(secret, extra));
    if (!tpm_quote_make(s->tpm, &s->ak, seal, SPAN_ARR(extra), pcrs, 1, &s->quoted, &s->err))
        fail_msg("%s: %s", s->err.field, s->err.got);
    const struct bank *b = &s->quoted.pcrs.registers.bank[0];
    cbor_put_map(&o, 1);
    cbor_put_uint(&o, pcrs->hash);
    cbor_put_map(&o, (size_t)__builtin_popcount(b->mask));
    for (size_t i = 0; i < REGISTERS_MAX; i++)
        if (b->mask >> i & 1) {
            cbor_put_uint(&o, i);
            cbor_put_bytes(&o, b->value[i]);
        }
    assert_true(cbor_put_end(&o));
    s->proof = (struct enrolment_proof){span_of(s->quoted.attest, s->quoted.attest_size),
                                        span_of(s->quoted.signature, s->quoted.signature_size),
                                        wr_span(&w)};
}

/* prove opens the credential and quotes over its secret. */
static void prove(struct scene *s)
{
    uint8_t secret[TPM_SECRET_MAX];
    size_t n;
    const struct tpm_seal *seal = s->machine.class == AK_CLASS_DTPM ? &s->seal : NULL;
    if (!tpm_activate(s->tpm, &s->ak, seal, &s->ek, id_object(s), encrypted(s), secret, &n,
                      &s->err))
        fail_msg("%s: %s", s->err.field, s->err.got);
    assert_true(span_equal(span_of(secret, n), SPAN_ARR(s->e.secret)));
    quote(s, span_of(secret, n), &s->seal.pcrs);
}

static bool finish(struct scene *s)
{
    s->out = wr_new(s->der, sizeof s->der);
    return enrolment_finish(&s->e, &s->registrar, &s->proof, &s->out, &s->err);
}

static void not_finished(struct scene *s, enum situs_code code, const char *field)
{
    assert_false(finish(s));
    assert_string_equal(err_code_name(s->err.code), err_code_name(code));
    assert_string_equal(s->err.field, field);
    assert_int_equal(s->out.n, 0);
}

static void a_sealed_key_of_the_fleet_is_certified(void **state)
{
    struct scene *s = *state;
    struct ak_extension_situs m;
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
    assert_true(ak_extension_read_situs(&m, x509_extension(cert, AK_EXTENSION_SITUS), &s->err));
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
    uint8_t secret[TPM_SECRET_MAX];
    size_t n;
    begin(s);
    s->credential.id_object[40] ^= 1;
    assert_false(tpm_activate(s->tpm, &s->ak, &s->seal, &s->ek, id_object(s), encrypted(s), secret,
                              &n, &s->err));
    assert_int_equal(tpm_code(s->tpm), 0x1df); /* TPM_RC_INTEGRITY, parameter 1 */
}

static void a_credential_opens_for_its_key_alone(void **state)
{
    struct scene *s = *state;
    uint8_t secret[TPM_SECRET_MAX];
    size_t n;
    begin(s);
    tpm_flush(s->tpm, &s->ak);
    make_sealed(s); /* the same EK, seal and template: another key */
    assert_false(tpm_activate(s->tpm, &s->ak, &s->seal, &s->ek, id_object(s), encrypted(s), secret,
                              &n, &s->err));
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

static void a_new_boot_waits_for_the_provider(void **state)
{
    struct scene *s = *state;
    s->confirmed = false;
    begin(s);
    prove(s);
    not_finished(s, SITUS_NOT_ALLOWED, REGISTRAR_PENDING);
    assert_int_equal(s->boots, 1);
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
    struct ak_extension_situs m;
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
    assert_true(ak_extension_read_situs(&m, x509_extension(cert, AK_EXTENSION_SITUS), &s->err));
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

/* The inventory of situs fleet: pending until an operator confirms this boot, then certified. */
static void the_inventory_decides_as_a_fleet_does(void **state)
{
    struct scene *s = *state;
    struct registrar_inventory inventory;
    char path[96];
    size_t padding;
    uint8_t ek[32];
    const struct fleet_act act = {"ada", NOW};
    struct fleet_goods goods = {.machine = "host-1", .site = "fra", .n_prids = 1};
    struct fleet_platform platform = {.machine = "host-1", .n_prids = 1};
    snprintf(path, sizeof path, "%s/fleet.db", s->swtpm.dir);
    struct x509 *cert = x509_read(s->claim.ek_cert, &padding, "ek", &s->err);
    assert_true(ek_fingerprint(cert, ek));
    x509_free(cert);
    text_hex(goods.ek, sizeof goods.ek, SPAN_ARR(ek));
    memset(goods.prid[0], 'a', 32);
    memset(platform.prid[0], 'a', 32);
    memset(platform.piid, '7', 32);
    memset(platform.manifest, 'b', 64);
    assert_true(fleet_create(path, &act, &s->err));
    assert_true(registrar_inventory_is(path));
    assert_true(registrar_inventory_open(&inventory, path, now, &s->err));
    s->fleet = registrar_inventory_fleet(&inventory);
    not_begun(s, SITUS_UNKNOWN, "ek");
    s->err = (struct situs_err){0};
    assert_true(fleet_add_goods(inventory.fleet, &act, &goods, &s->err));
    not_begun(s, SITUS_MISSING, "piid");
    s->err = (struct situs_err){0};
    if (!fleet_add_platform(inventory.fleet, &act, &platform, &s->err))
        fail_msg("%s %s: %s", s->err.part, s->err.field, s->err.got);
    begin(s);
    prove(s);
    not_finished(s, SITUS_NOT_ALLOWED, REGISTRAR_PENDING);
    s->err = (struct situs_err){0};
    struct tpm_attest a;
    assert_true(tpm_attest_read(&a, s->proof.attest, &s->err));
    const struct fleet_counts boot = {a.reset_count, a.restart_count};
    const struct fleet_sight seen = {.boot = &boot};
    assert_true(fleet_confirm(inventory.fleet, &act, "host-1", &seen, &s->err));
    not_finished(s, SITUS_MISSING, "pck"); /* what is not endorsed is not certified */
    s->err = (struct situs_err){0};
    memset(platform.pck, 'c', 64);
    memset(platform.ppid, '9', 32);
    memset(platform.receipt, '9', 32);
    assert_true(fleet_add_platform(inventory.fleet, &act, &platform, &s->err));
    if (!finish(s))
        fail_msg("%s %s: %s", s->err.part, s->err.field, s->err.got);
    assert_true(fleet_end(inventory.fleet, &act, "host-1", FLEET_RETIRED, "old", &s->err));
    enrolment_free(&s->e);
    assert_false(enrolment_begin(&s->e, &s->registrar, &s->claim, &s->credential, &s->err));
    assert_int_equal(s->err.code, SITUS_REVOKED);
    registrar_inventory_close(&inventory);
}

#define WITH(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH(a_sealed_key_of_the_fleet_is_certified),
        WITH(the_fleet_is_asked_first),
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
        WITH(a_new_boot_waits_for_the_provider),
        WITH(a_validity_of_more_than_a_day_is_refused),
        WITH(a_vtpms_key_is_certified_as_such),
        WITH(a_crl_lists_what_is_withdrawn),
        WITH(the_inventory_decides_as_a_fleet_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
