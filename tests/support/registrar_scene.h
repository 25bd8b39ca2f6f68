/* One provider with a software TPM's host before its registrar, for tests of who gets a
 * certificate. */
#ifndef SITUS_TESTS_REGISTRAR_SCENE_H
#define SITUS_TESTS_REGISTRAR_SCENE_H

#include "provider/registrar/enrolment.h"

#include "base/text.h"
#include "codec/cbor.h"
#include "support/soft_ca.h"
#include "support/swtpm.h"
#include "support/test.h"
#include "support/tpm_hands.h"

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
    struct registrar_keys keys;
    struct span withdrawn; /* Name of a key */
    bool listed, confirmed, recorded;
    int64_t confirmed_at, until;
    int boots, issued;
    uint8_t piid_at_boot; /* its last byte, which find does not know yet */
    struct enrolment e;
    struct credential credential;
    struct tpm_quoted quoted;
    uint8_t registers[512];
    struct enrolment_proof proof;
    uint8_t der[LIMIT_CERT];
    struct wr out;
    struct situs_err err;
};

static inline struct span ak_name_of(const struct scene *s)
{
    return ak_name(&s->e.ak);
}

static struct soft_cert ca = {
    .name = "Provider CA", .ca = true, .from = NOW - 86400, .to = NOW + 86400};

static inline int64_t now(void)
{
    return NOW;
}

static inline bool find(void *context, const uint8_t ek[32], struct registrar_machine *out,
                        struct situs_err *err)
{
    struct scene *s = context;
    assert_false(span_all(span_of(ek, 32), 0));
    *out = s->machine;
    return s->listed || err_fail(err, SITUS_UNKNOWN, "fleet", "ek", SITUS_NO_OFFSET, NULL, NULL);
}

static inline bool boot(void *context, const struct registrar_boot *b, bool *confirmed,
                        struct situs_err *err)
{
    struct scene *s = context;
    assert_true(b->ek_name.n == 34 || b->ek_name.n == 50);
    s->boots++;
    *confirmed = s->confirmed;
    *b->confirmed_at = s->confirmed_at;
    if (!find(s, b->ek, b->machine, err))
        return false;
    b->machine->piid[15] = s->piid_at_boot;
    return true;
}

static inline bool allowed(void *context, struct span ak_name, struct situs_err *err)
{
    struct scene *s = context;
    return !span_equal(ak_name, s->withdrawn) ||
           err_fail(err, SITUS_REVOKED, REGISTRAR_PART, "ak", SITUS_NO_OFFSET, NULL, NULL);
}

static inline bool issued(void *context, struct span serial, struct span ak_name, int64_t until,
                          struct situs_err *err)
{
    struct scene *s = context;
    assert_true(serial.n == ISSUE_SERIAL && span_equal(ak_name, ak_name_of(s)));
    s->issued++;
    s->until = until;
    return s->recorded || err_fail(err, SITUS_MISSING, "state", "", SITUS_NO_OFFSET, NULL, NULL);
}

static inline void trust_pem(struct anchor *a, struct span pem, unsigned uses)
{
    a->der = soft_ca_pem(pem, 0);
    a->name = "maker";
    a->uses = uses;
    digest(HASH_SHA256, a->der, a->sha256);
}

static inline void make_sealed(struct scene *s)
{
    struct tpm_blob blob;
    uint8_t policy[32];
    assert_true(tpm_seal_policy(s->tpm, &s->seal, policy, &s->err));
    assert_true(tpm_ak_create(s->tpm, &s->ek, policy, &blob, &s->err));
    assert_true(tpm_ak_load(s->tpm, &s->ek, &blob, &s->ak, &s->err));
    s->claim.ak_public = tpm_key_public(&s->ak);
}

static inline int setup_launched(void **state, const char *launch)
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
    s->trust = (struct trust){.anchors = s->anchors, .n = 1};
    s->issuer = (struct issuer){ca.x509, ca.key};
    s->fleet = (struct registrar_fleet){s, find, boot};
    s->machine = (struct registrar_machine){.machine = "host-1", .facility = "fra", .piid = {7}};
    s->keys = (struct registrar_keys){s, allowed, issued};
    s->listed = s->confirmed = s->recorded = true;
    s->registrar = (struct registrar){.fleet = &s->fleet,
                                      .keys = &s->keys,
                                      .trust = &s->trust,
                                      .issuer = &s->issuer,
                                      .seconds = 24 * 3600,
                                      .now = now};
    *state = s;
    return 0;
}

static inline int setup(void **state)
{
    return setup_launched(state, "SINIT ACM image bytes");
}

static inline int setup_unlaunched(void **state)
{
    return setup_launched(state, NULL);
}

static inline int teardown(void **state)
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

static inline void begin(struct scene *s)
{
    if (!enrolment_begin(&s->e, &s->registrar, &s->claim, &s->credential, &s->err))
        fail_msg("%s %s: %s / %s", s->err.part, s->err.field, s->err.expected, s->err.got);
}

static inline void not_begun(struct scene *s, enum situs_code code, const char *field)
{
    assert_false(enrolment_begin(&s->e, &s->registrar, &s->claim, &s->credential, &s->err));
    assert_string_equal(err_code_name(s->err.code), err_code_name(code));
    assert_string_equal(s->err.field, field);
    assert_int_equal(s->credential.id_object_size, 0);
}

static inline struct span id_object(struct scene *s)
{
    return span_of(s->credential.id_object, s->credential.id_object_size);
}

static inline struct span encrypted(struct scene *s)
{
    return span_of(s->credential.encrypted, s->credential.encrypted_size);
}

static inline void quote(struct scene *s, struct span secret, const struct tpm_selection *pcrs)
{
    uint8_t extra[32];
    struct wr w = wr_new(s->registers, sizeof s->registers);
    struct cbor_out o = cbor_out_new(&w);
    const struct tpm_seal *seal = s->machine.class == AK_CLASS_DTPM ? &s->seal : NULL;
    const struct tpm_asked asked = {SPAN_ARR(extra), pcrs, 1};
    assert_true(registrar_proof_data(secret, extra));
    if (!tpm_quote_make(s->tpm, &s->ak, seal, &asked, &s->quoted, &s->err))
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

static inline bool activate(struct scene *s, const struct tpm_seal *seal, struct tpm_secret *secret)
{
    const struct tpm_credential credential = {id_object(s), encrypted(s)};
    return tpm_activate(s->tpm, &s->ak, seal, &s->ek, &credential, secret, &s->err);
}

/* prove opens the credential and quotes over its secret. */
static inline void prove(struct scene *s)
{
    struct tpm_secret secret;
    const struct tpm_seal *seal = s->machine.class == AK_CLASS_DTPM ? &s->seal : NULL;
    if (!activate(s, seal, &secret))
        fail_msg("%s: %s", s->err.field, s->err.got);
    assert_true(span_equal(span_of(secret.bytes, secret.n), SPAN_ARR(s->e.secret)));
    quote(s, span_of(secret.bytes, secret.n), &s->seal.pcrs);
}

static inline bool finish(struct scene *s)
{
    s->out = wr_new(s->der, sizeof s->der);
    return enrolment_finish(&s->e, &s->registrar, &s->proof, &s->out, &s->err);
}

static inline void not_finished(struct scene *s, enum situs_code code, const char *field)
{
    assert_false(finish(s));
    assert_string_equal(err_code_name(s->err.code), err_code_name(code));
    assert_string_equal(s->err.field, field);
    assert_int_equal(s->out.n, 0);
}

#endif
