/* Real TPMs with attestation keys; see lab_chip.h. */
#include "lab/attacks/lab_chip.h"

#include "tpm/tpm_tss.h"

#include <stdio.h>

#include <openssl/x509.h>

static _Noreturn void wrong(const struct lab_chip *c, const struct situs_err *err)
{
    lab_die("the TPM at %s: %s: %s", c->tpm.socket, err->field, err->got);
}

static struct tpm *open_tpm(const struct lab_chip *c)
{
    struct situs_err err = {0};
    struct tpm *t = tpm_open(c->tpm.tcti, &err);
    if (!t)
        wrong(c, &err);
    return t;
}

struct lab_chip lab_chip_on(struct lab_stage *s, const char *serial)
{
    return (struct lab_chip){.s = s, .tpm = lab_floor_power_on(&s->floor, s->w, serial)};
}

void lab_chip_off(struct lab_chip *c)
{
    if (c->tpm.process)
        lab_swtpm_stop(&c->tpm);
    EVP_PKEY_free(c->ak.key);
    c->ak.key = NULL;
}

void lab_chip_cycle(struct lab_chip *c)
{
    lab_swtpm_stop(&c->tpm);
    lab_swtpm_resume(&c->tpm);
}

static struct tpm_seal seal(const struct lab_chip *c)
{
    const uint32_t mask = c->kind == LAB_CHIP_LOOSE ? 1u << 16 : LAB_LAUNCH_PCRS;
    return (struct tpm_seal){.pcrs = {hash_tpm(HASH_SHA256), mask}};
}

/* The key, loaded or made again. */
static bool take(const struct lab_chip *c, struct tpm *t, struct tpm_key *ak, struct situs_err *err)
{
    struct tpm_key ek;
    if (c->kind == LAB_CHIP_AK_V)
        return tpm_ak_primary(t, ak, err);
    if (c->kind == LAB_CHIP_PRIMARY)
        return tpm_tss_ak_primary(t, LAB_AK_D, span_of(c->policy, 32), ak, err);
    if (!tpm_ek(t, &ek, err))
        return false;
    bool ok = tpm_ak_load(t, &ek, &c->blob, ak, err);
    tpm_flush(t, &ek);
    return ok;
}

static bool make(struct lab_chip *c, struct tpm *t, struct situs_err *err)
{
    const struct tpm_seal l = seal(c);
    struct tpm_key ek;
    if (!tpm_ek(t, &ek, err) || ek.name_size != sizeof c->ak.ek_name)
        return false;
    memcpy(c->ak.ek_name, ek.name, sizeof c->ak.ek_name);
    bool ok = tpm_seal_policy(t, &l, c->policy, err);
    if (ok && (c->kind == LAB_CHIP_AK_D || c->kind == LAB_CHIP_LOOSE))
        ok = tpm_ak_create(t, &ek, c->policy, &c->blob, err);
    else if (ok && c->kind == LAB_CHIP_PASSWORD)
        ok = tpm_tss_ak_create(t, &ek, LAB_AK_D | TPMA_USER_WITH_AUTH, c->policy, &c->blob, err);
    tpm_flush(t, &ek);
    return ok;
}

/* The point of a P-256 TPMT_PUBLIC is its end (part 2, 12.2.4), behind two sizes; before it in a
 * SubjectPublicKeyInfo stand always the same bytes (RFC 5480, 2). */
static EVP_PKEY *openssl_key(struct span public)
{
    uint8_t der[91] = {0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48,
                       0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48,
                       0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04};
    const uint8_t *p = der;
    struct span point = span_cut(public, public.n - 68, 68);
    memcpy(der + 27, point.p + 2, 32);
    memcpy(der + 59, point.p + 36, 32);
    EVP_PKEY *key = d2i_PUBKEY(NULL, &p, sizeof der);
    if (!key)
        lab_die("the TPM's key is no P-256 key");
    return key;
}

void lab_chip_key(struct lab_chip *c, enum lab_chip_key kind)
{
    struct situs_err err = {0};
    struct tpm *t = open_tpm(c);
    struct tpm_key ak;
    struct lab_buf b = {0};
    c->kind = kind;
    if (!make(c, t, &err) || !take(c, t, &ak, &err))
        wrong(c, &err);
    lab_buf_bytes(&b, tpm_key_public(&ak));
    c->public = lab_world_keep(c->s->w, &b);
    memcpy(c->ak.name, ak.name, sizeof c->ak.name);
    tpm_flush(t, &ak);
    tpm_close(t);
    EVP_PKEY_free(c->ak.key);
    c->ak.key = openssl_key(c->public);
    lab_chip_counters(c, &c->ak.reset_count, &c->ak.restart_count);
}

static void fill(const struct lab_chip *c, const struct tpm_quoted *q, struct lab_tpm_item *item)
{
    struct lab_buf attest = {0}, signature = {0};
    lab_buf_bytes(&attest, span_of(q->attest, q->attest_size));
    lab_buf_bytes(&signature, span_of(q->signature, q->signature_size));
    item->given = true;
    item->quote.attest = lab_world_keep(c->s->w, &attest);
    item->quote.signature = lab_world_keep(c->s->w, &signature);
    item->public_area = c->public;
    for (size_t k = 0; k < LAB_TPM_BANKS; k++) {
        const struct bank *bank = registers_bank(&q->pcrs.registers, lab_swtpm_banks[k]);
        if (!bank)
            continue;
        item->banks |= 1u << bank->hash;
        item->mask = bank->mask;
        for (unsigned i = 0; i < 24; i++)
            if (bank->mask >> i & 1)
                memcpy(item->pcr[k][i], bank->value[i].p, bank->value[i].n);
    }
}

bool lab_chip_quote(const struct lab_chip *c, uint32_t banks, uint32_t mask,
                    const uint8_t extra[32], struct span cert, struct lab_tpm_item *item,
                    struct lab_refusal *said)
{
    struct tpm_selection selections[LAB_TPM_BANKS];
    size_t n = 0;
    const struct tpm_seal l = seal(c);
    const bool sealed = c->kind != LAB_CHIP_AK_V && c->kind != LAB_CHIP_PASSWORD;
    struct situs_err err = {0};
    struct tpm_quoted q;
    struct tpm_key ak = {0};
    struct tpm *t = open_tpm(c);
    for (size_t i = 0; i < LAB_TPM_BANKS; i++)
        if (banks >> lab_swtpm_banks[i] & 1)
            selections[n++] = (struct tpm_selection){hash_tpm(lab_swtpm_banks[i]), mask};
    *item = (struct lab_tpm_item){.cert = cert};
    const struct tpm_asked asked = {span_of(extra, 32), selections, n};
    bool ok = take(c, t, &ak, &err) && tpm_quote_make(t, &ak, sealed ? &l : NULL, &asked, &q, &err);
    *said = (struct lab_refusal){.rc = ok ? 0 : tpm_code(t)};
    if (ok)
        fill(c, &q, item);
    else if (said->rc == 0 || said->rc > 0xfff) /* not the TPM's own word */
        wrong(c, &err);
    else
        snprintf(said->what, sizeof said->what, "%.24s", err.field);
    tpm_flush(t, &ak);
    tpm_close(t);
    return ok;
}

void lab_chip_counters(const struct lab_chip *c, uint32_t *reset_count, uint32_t *restart_count)
{
    const uint8_t extra[32] = {0};
    struct lab_tpm_item item;
    struct lab_refusal said;
    struct tpm_attest attest;
    struct situs_err err = {0};
    if (!lab_chip_quote(c, LAB_LAUNCH_BANKS, LAB_LAUNCH_PCRS, extra, span_of(NULL, 0), &item,
                        &said))
        lab_die("%s: 0x%x", said.what, said.rc);
    if (!tpm_attest_read(&attest, item.quote.attest, &err))
        wrong(c, &err);
    *reset_count = attest.reset_count;
    *restart_count = attest.restart_count;
}
