/* The registrar's decisions; see enrolment.h. */
#include "provider/registrar/enrolment.h"

#include "appraise/seal.h"
#include "base/text.h"
#include "crypto/tpm_policy.h"
#include "model/tpm_value.h"

#include <stdio.h>

#include <openssl/crypto.h>
#include <openssl/rand.h>

#define LAUNCH_MASK (1u << 17 | 1u << 18) /* what every seal covers (DESIGN: scenarios, 2) */
/* The file's anchors and the built-in ones. */
#define ANCHORS_ROOM (2 * LIMIT_ANCHORS * (sizeof(struct x509_anchor) + sizeof(void *)))
#define SKEW 300 /* seconds that a verifier's clock may be behind ours */

static bool fail(struct situs_err *err, enum situs_code code, const char *field,
                 const char *expected, const char *got)
{
    return err_fail(err, code, REGISTRAR_PART, field, SITUS_NO_OFFSET, expected, got);
}

/* The class decides who may vouch for the EK: TPM makers for chips, the provider for vTPMs. */
static bool check_chain(const struct registrar *r, const struct x509 *cert,
                        const struct enrolment_claim *claim, enum ak_machine_class class,
                        struct situs_err *err)
{
    _Alignas(16) uint8_t room[ANCHORS_ROOM];
    struct arena arena = arena_new(room, sizeof room);
    struct trust_anchors anchors;
    struct x509_answer answer;
    enum anchor_use use = class == AK_CLASS_DTPM ? ANCHOR_TPM_MAKER : ANCHOR_PROVIDER;
    if (!trust_anchors(r->trust, use, AK_PROFILE_NONE, &arena, &anchors))
        return fail(err, SITUS_NO_MEMORY, "ek.anchors", "room for the anchors", "none");
    const struct x509_question q = {
        .leaf = cert,
        .extra = claim->chain,
        .n_extra = claim->n_chain,
        .anchors = anchors.v,
        .n_anchors = anchors.n,
        .at = r->now(),
        .part = EK_PART,
    };
    if (!x509_verify(&q, &answer, err))
        return false;
    /* tcg-kp-EKCertificate (EK Credential Profile 2.5, 3.2.16) */
    return x509_lists_eku(cert, "2.23.133.8.1") ||
           fail(err, SITUS_NOT_ALLOWED, "ek.extended_key_usage", "2.23.133.8.1", "others");
}

static bool is_hash_sha256(const struct tpm_public *p)
{
    return hash_by_tpm(p->name_alg) == HASH_SHA256 && hash_by_tpm(p->scheme_hash) == HASH_SHA256;
}

/* The templates of the situs provider in model/ak_profiles.def. */
static bool check_template(const struct tpm_public *p, enum ak_machine_class class,
                           struct situs_err *err)
{
    uint32_t attributes = class == AK_CLASS_DTPM ? 0x000500b2 : 0x00050072;
    size_t policy = class == AK_CLASS_DTPM ? 32 : 0;
    bool rsa = p->type == TPM_ALG_RSA && p->scheme == TPM_ALG_RSASSA && p->bits == 2048;
    bool ecc =
        p->type == TPM_ALG_ECC && p->scheme == TPM_ALG_ECDSA && p->curve == TPM_ECC_NIST_P256;
    if (p->attributes != attributes)
        return fail(err, SITUS_NOT_ALLOWED, "ak.attributes", TEXT_NUM(attributes),
                    TEXT_NUM(p->attributes));
    if (p->auth_policy.n != policy)
        return fail(err, SITUS_NOT_ALLOWED, "ak.auth_policy", TEXT_BYTES(policy),
                    TEXT_BYTES(p->auth_policy.n));
    return ((rsa || ecc) && is_hash_sha256(p)) ||
           fail(err, SITUS_NOT_ALLOWED, "ak.scheme",
                "RSA-2048 with RSASSA or P-256 with ECDSA, SHA-256", "another");
}

static bool take_ak(struct enrolment *e, struct span public, struct situs_err *err)
{
    if (public.n > sizeof e->public)
        return fail(err, SITUS_TOO_LONG, "ak.public", TEXT_BYTES(sizeof e->public),
                    TEXT_BYTES(public.n));
    memcpy(e->public, public.p, public.n);
    return ak_read(&e->ak, span_of(e->public, public.n), err);
}

bool enrolment_begin(struct enrolment *e, const struct registrar *r,
                     const struct enrolment_claim *claim, struct credential *credential,
                     struct situs_err *err)
{
    struct ek ek;
    size_t padding;
    *e = (struct enrolment){0};
    struct x509 *cert = x509_read_nv(claim->ek_cert, &padding, EK_PART, err);
    bool ok = cert && (ek_fingerprint(cert, e->fingerprint) ||
                       fail(err, SITUS_INTERNAL, "ek.fingerprint", NULL, NULL));
    ok = ok && r->fleet->find(r->fleet->context, e->fingerprint, &e->machine, err) &&
         check_chain(r, cert, claim, e->machine.class, err) &&
         ek_read(&ek, claim->ek_public, err) && ek_is_certified(&ek, cert, err) &&
         take_ak(e, claim->ak_public, err) &&
         check_template(&e->ak.public, e->machine.class, err) &&
         r->keys->allowed(r->keys->context, ak_name(&e->ak), err);
    if (ok) {
        memcpy(e->ek_name, ek.name, ek.name_size);
        e->ek_name_size = ek.name_size;
        ok = (RAND_bytes(e->secret, sizeof e->secret) == 1 ||
              fail(err, SITUS_INTERNAL, "secret", NULL, NULL)) &&
             credential_make(credential, &ek, ak_name(&e->ak), e->secret, err);
    }
    x509_free(cert);
    if (!ok)
        enrolment_free(e);
    return ok;
}

bool registrar_proof_data(struct span secret, uint8_t out[32])
{
    static const char tag[] = "situs/reg/1"; /* with its zero byte */
    return digest2(HASH_SHA256, span_of(tag, sizeof tag), secret, out);
}

static bool check_signature(const struct ak *ak, const struct enrolment_proof *p,
                            struct situs_err *err)
{
    struct tpm_signature s;
    if (!tpm_signature_read(&s, p->signature, err))
        return false;
    bool ok = s.alg == ak->public.scheme && hash_by_tpm(s.hash) == HASH_SHA256 &&
              (s.alg == TPM_ALG_ECDSA
                   ? verify_ecdsa(ak->key, HASH_SHA256, p->attest, s.r, s.s)
                   : verify_rsa(ak->key, SCHEME_RSASSA, HASH_SHA256, p->attest, s.rsa));
    return ok || fail(err, SITUS_BAD_SIGNATURE, "proof.signature",
                      "the AK's signature over the quote", NULL);
}

/* The AK is a child of this EK (dtpm), or a primary of the endorsement hierarchy (vtpm). */
static size_t qualified(const struct enrolment *e, uint8_t out[2 + HASH_MAX_SIZE])
{
    return e->machine.class == AK_CLASS_DTPM
               ? tpm_policy_qualified(span_of(e->ek_name, e->ek_name_size), ak_name(&e->ak), out)
               : tpm_policy_primary(ak_name(&e->ak), out);
}

static bool check_signer(const struct enrolment *e, struct span signer, struct situs_err *err)
{
    uint8_t room[2 + HASH_MAX_SIZE];
    struct span want = span_of(room, qualified(e, room));
    if (want.n == 0)
        return fail(err, SITUS_INTERNAL, "proof.qualified_signer", NULL, NULL);
    return span_equal(signer, want) ||
           fail(err, SITUS_MISMATCH, "proof.qualified_signer", TEXT_HEX(want), TEXT_HEX(signer));
}

/* The quoted registers, and nothing but them, are those that the digest covers. */
static bool read_registers(const struct enrolment_proof *p, const struct tpm_attest *a,
                           struct tpm_value *v, uint8_t *room, size_t size, struct situs_err *err)
{
    struct wr w = wr_new(room, size);
    /* {0: h'00', 1: h'00', 3: registers}: the reader of a quote's value, for its registers */
    static const uint8_t head[] = {0xa3, 0x00, 0x41, 0x00, 0x01, 0x41, 0x00, 0x03};
    wr_bytes(&w, SPAN_ARR(head));
    wr_bytes(&w, p->registers);
    if (!wr_ok(&w))
        return fail(err, SITUS_TOO_LONG, "proof.registers", NULL, NULL);
    if (!tpm_value_read(v, wr_span(&w), REGISTRAR_PART, err))
        return false;
    const struct bank *bank = &v->registers.bank[0];
    if (a->n_selections != 1 || v->registers.n != 1 || bank->mask != a->selection[0].mask ||
        bank->hash != hash_by_tpm(a->selection[0].hash))
        return fail(err, SITUS_MISMATCH, "proof.registers", "one bank, as quoted", "others");
    struct span parts[REGISTERS_MAX];
    uint8_t values[32];
    size_t n = 0;
    for (size_t i = 0; i < REGISTERS_MAX; i++)
        if (bank->mask >> i & 1)
            parts[n++] = bank->value[i];
    if (!digest_parts(HASH_SHA256, parts, n, values))
        return fail(err, SITUS_INTERNAL, "proof.pcr_digest", NULL, NULL);
    return span_equal(SPAN_ARR(values), a->pcr_digest) ||
           fail(err, SITUS_MISMATCH, "proof.pcr_digest", TEXT_HEX(a->pcr_digest),
                TEXT_HEX(SPAN_ARR(values)));
}

/* Before a launch PCR 17-22 are all ones, after it all zeros until extended (PC Client Platform TPM
 * Profile 1.06, 4.6). */
static bool check_launched(const struct bank *bank, struct situs_err *err)
{
    if ((bank->mask & LAUNCH_MASK) != LAUNCH_MASK)
        return fail(err, SITUS_NOT_ALLOWED, "proof.pcr_select", "PCR 17 and 18 among them",
                    "others");
    for (size_t i = 17; i <= 18; i++)
        if (span_all(bank->value[i], 0) || span_all(bank->value[i], 0xff))
            return fail(err, SITUS_NOT_MEASURED, i == 17 ? "proof.pcr.17" : "proof.pcr.18",
                        "a measured launch", "a reset value");
    return true;
}

/* The AK's authPolicy is the seal to the registers that it shows, or to the authority's
 * approvals. */
static bool check_seal(const struct enrolment *e, const struct registrar *r,
                       const struct bank *bank, struct situs_err *err)
{
    uint8_t policy[32];
    struct host_reference shown = {.bank = bank->hash, .registers = bank->mask};
    if (e->machine.class != AK_CLASS_DTPM)
        return true;
    if (!check_launched(bank, err))
        return false;
    for (size_t i = 0; i < REGISTERS_MAX; i++)
        if (bank->mask >> i & 1)
            memcpy(shown.value[i], bank->value[i].p, bank->value[i].n);
    bool ok = r->authority_name.n
                  ? seal_policy_authorized(r->authority_name, r->authority_ref, policy)
                  : seal_policy_host(&shown, policy);
    if (!ok)
        return fail(err, SITUS_INTERNAL, "ak.auth_policy", NULL, NULL);
    return span_equal(e->ak.public.auth_policy, SPAN_ARR(policy)) ||
           fail(err, SITUS_MISMATCH, "ak.auth_policy", TEXT_HEX(SPAN_ARR(policy)),
                TEXT_HEX(e->ak.public.auth_policy));
}

static bool check_proof(const struct enrolment *e, const struct registrar *r,
                        const struct enrolment_proof *p, struct tpm_attest *a,
                        struct situs_err *err)
{
    uint8_t extra[32], room[4096];
    struct tpm_value v;
    if (!tpm_attest_read(a, p->attest, err))
        return false;
    if (!a->is_quote)
        return fail(err, SITUS_MALFORMED, "proof.type", "a quote", "another structure");
    if (!registrar_proof_data(SPAN_ARR(e->secret), extra))
        return fail(err, SITUS_INTERNAL, "proof.extra_data", NULL, NULL);
    if (!check_signature(&e->ak, p, err))
        return false;
    if (!span_equal(a->extra_data, SPAN_ARR(extra)))
        return fail(err, SITUS_MISMATCH, "proof.extra_data", "the secret of this enrolment",
                    TEXT_HEX(a->extra_data));
    return check_signer(e, a->qualified_signer, err) &&
           read_registers(p, a, &v, room, sizeof room, err) &&
           check_seal(e, r, &v.registers.bank[0], err);
}

/* check_boot asks about the boot, and takes over what the fleet says of the machine now: it may have
 * changed since the first frame, and the answers are of one moment. */
static bool check_boot(struct enrolment *e, const struct registrar *r, const struct tpm_attest *a,
                       int64_t *confirmed_at, struct situs_err *err)
{
    bool confirmed = false;
    char got[64];
    struct registrar_machine now = {.class = e->machine.class};
    const struct registrar_boot boot = {.ek = e->fingerprint,
                                        .ek_name = span_of(e->ek_name, e->ek_name_size),
                                        .reset_count = a->reset_count,
                                        .restart_count = a->restart_count,
                                        .machine = &now,
                                        .confirmed_at = confirmed_at};
    if (!r->fleet->boot(r->fleet->context, &boot, &confirmed, err))
        return false;
    if (now.class != e->machine.class || strcmp(now.machine, e->machine.machine) != 0)
        return fail(err, SITUS_MISMATCH, "ek", "the machine of this enrolment", now.machine);
    e->machine = now;
    snprintf(got, sizeof got, "boot %lu,%lu of this machine", (unsigned long)a->reset_count,
             (unsigned long)a->restart_count);
    return confirmed || fail(err, SITUS_NOT_ALLOWED, REGISTRAR_PENDING,
                             "a boot that the provider has confirmed", got);
}

/* start is when a certificate begins: a little ago, for clocks that are behind, but never before
 * the provider confirmed the boot, so that it is fresh word to whom it begins after a break
 * (DESIGN: fleet, 9). */
static int64_t start(int64_t now, int64_t confirmed_at)
{
    int64_t from = now - SKEW;
    if (confirmed_at > from)
        from = confirmed_at < now ? confirmed_at : now;
    return from;
}

static bool issue(struct enrolment *e, const struct registrar *r, const struct tpm_attest *a,
                  int64_t from, struct wr *der, struct situs_err *err)
{
    uint8_t serial[ISSUE_SERIAL];
    const struct issue_ak q = {
        .machine = {.facility = span_text(e->machine.facility),
                    .machine = span_text(e->machine.machine),
                    .class = e->machine.class,
                    .ek_name = span_of(e->ek_name, e->ek_name_size),
                    .ak_name = ak_name(&e->ak),
                    .piid = SPAN_ARR(e->machine.piid),
                    .reset_count = a->reset_count,
                    .restart_count = a->restart_count},
        .key = e->ak.key,
        .from = from,
        .to = from + r->seconds,
    };
    return issue_ak_certificate(r->issuer, &q, der, serial, err) &&
           r->keys->issued(r->keys->context, SPAN_ARR(serial), ak_name(&e->ak), q.to, err);
}

bool enrolment_finish(struct enrolment *e, const struct registrar *r,
                      const struct enrolment_proof *proof, struct wr *der, struct situs_err *err)
{
    struct tpm_attest a;
    int64_t confirmed_at = 0;
    size_t before = der->n;
    if (check_proof(e, r, proof, &a, err) && check_boot(e, r, &a, &confirmed_at, err) &&
        r->keys->allowed(r->keys->context, ak_name(&e->ak), err) &&
        issue(e, r, &a, start(r->now(), confirmed_at), der, err))
        return true;
    der->n = before;
    return false;
}

void enrolment_free(struct enrolment *e)
{
    ak_free(&e->ak);
    OPENSSL_cleanse(e, sizeof *e);
}
