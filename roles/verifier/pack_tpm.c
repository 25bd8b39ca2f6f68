/* The TPM item from loose files; see pack_tpm.h. */
#include "verifier/pack_tpm.h"

#include "base/text.h"
#include "codec/json/json.h"
#include "codec/pem.h"
#include "situs/evidence_kind.h"

#include <stdio.h>
#include <stdlib.h>

/* The parts of an item, and what may be given as one. */
static const struct {
    const char *name, *what;
    unsigned place;
} members[] = {
    {"attest", "a TPM's quote (TPMS_ATTEST)", PLACE_ATTEST},
    {"signature", "a TPM's signature (TPMT_SIGNATURE)", PLACE_SIGNATURE},
    {"public", "a TPM's public key (TPMT_PUBLIC)", PLACE_PUBLIC},
    {"pcrs", "PCR values in JSON", PLACE_PCRS},
    {"cert", "a certificate in DER or PEM", PLACE_CERTIFICATE},
};

static const char *const items[] = {"guest", "platform"};

const char *pack_tpm_item(const char *label)
{
    for (size_t i = 0; i < sizeof items / sizeof *items; i++) {
        size_t n = strlen(items[i]);
        if (strncmp(label, items[i], n) == 0 && label[n] == '.')
            return items[i];
    }
    return NULL;
}

static const char *member_of(const char *label)
{
    return strchr(label, '.') + 1;
}

/* A file of another kind is told before it is read: two that were swapped are the usual mistake. */
static bool is_member(const char *label, struct span bytes, struct situs_err *err)
{
    const struct evidence_kind *kind = evidence_kind(bytes);
    size_t i = 0;
    while (i < sizeof members / sizeof *members && strcmp(members[i].name, member_of(label)) != 0)
        i++;
    if (i == sizeof members / sizeof *members)
        return err_fail(err, SITUS_UNKNOWN, label, "", SITUS_NO_OFFSET,
                        "the parts attest, signature, public, pcrs or cert", label);
    if (!kind || kind->places & members[i].place)
        return true;
    err_fail(err, SITUS_UNKNOWN, label, "", SITUS_NO_OFFSET, members[i].what, kind->what);
    return err_hint(err, kind->hint);
}

static bool no_memory(const char *label, struct situs_err *err)
{
    return err_fail(err, SITUS_NO_MEMORY, label, "", SITUS_NO_OFFSET, NULL, NULL);
}

static bool once(struct span *slot, const char *label, struct span bytes, struct situs_err *err)
{
    if (slot->n)
        return err_fail(err, SITUS_DUPLICATE, label, "", SITUS_NO_OFFSET, "one file", "two");
    *slot = bytes;
    return true;
}

/* bank_for is the bank of a hash, made when it is new; NULL for no hash. */
static struct bank *bank_for(struct registers *r, enum hash h)
{
    for (size_t i = 0; i < r->n; i++)
        if (r->bank[i].hash == h)
            return &r->bank[i];
    if (h == HASH_NONE || r->n == sizeof r->bank / sizeof *r->bank)
        return NULL;
    r->bank[r->n] = (struct bank){.hash = h};
    return &r->bank[r->n++];
}

static enum hash hash_of_size(size_t size)
{
    for (enum hash h = HASH_NONE + 1; h < HASH_COUNT; h++)
        if (hash_size(h) == size)
            return h;
    return HASH_NONE;
}

/* One "register": "hex"; the bank is h, or told by the size when h is HASH_NONE. */
static bool read_value(const struct json *v, struct registers *r, enum hash h, struct arena *a,
                       struct situs_err *err)
{
    struct span hex;
    uint64_t i;
    if (!text_number(span_text(v->key), 0, REGISTERS_MAX - 1, &i))
        return json_fail(v, SITUS_UNKNOWN, "a register, 0 to 23", v->key, err);
    if (!json_as_text(v, &hex, err))
        return false;
    struct bank *bank = bank_for(r, h != HASH_NONE ? h : hash_of_size(hex.n / 2));
    uint8_t *bytes = bank ? arena_take(a, HASH_MAX_SIZE) : NULL;
    if (!bytes || !text_hex_read(bytes, hash_size(bank->hash), hex))
        return json_fail(v, SITUS_MALFORMED,
                         bank ? TEXT_BYTES(hash_size(bank->hash)) : "hex of a digest",
                         TEXT_CUT(hex), err);
    if (bank->mask >> i & 1)
        return json_fail(v, SITUS_DUPLICATE, "each register once", v->key, err);
    bank->mask |= 1u << i;
    bank->value[i] = span_of(bytes, hash_size(bank->hash));
    return true;
}

static bool read_member(const struct json *member, struct registers *r, struct arena *a,
                        struct situs_err *err)
{
    struct json value = {0};
    if (!json_is_object_value(member))
        return read_value(member, r, HASH_NONE, a, err);
    enum hash h = hash_by_name(span_text(member->key));
    if (h == HASH_NONE)
        return json_fail(member, SITUS_UNKNOWN, "sha1, sha256, sha384 or sha512", member->key, err);
    while (json_next(member, &value))
        if (!read_value(&value, r, h, a, err))
            return false;
    return true;
}

/* go-tpm-tools: {"tpm_alg": 11, "pcrs": {"0": HEX}}, the bank by its TPM_ALG_ID. */
static bool read_tpm_alg(const struct json *root, struct registers *r, struct arena *a,
                         struct situs_err *err)
{
    struct json pcrs, value = {0};
    int64_t alg = 0;
    if (!JSON_KNOWN(root, err, "tpm_alg", "pcrs") ||
        !json_get_num(root, "tpm_alg", 0, UINT16_MAX, &alg, err) ||
        !json_get_object(root, "pcrs", &pcrs, err))
        return false;
    enum hash h = hash_by_tpm((uint16_t)alg);
    if (h == HASH_NONE)
        return json_fail(root, SITUS_UNKNOWN, "tpm_alg of SHA-1, SHA-256, SHA-384 or SHA-512",
                         TEXT_NUM(alg), err);
    while (json_next(&pcrs, &value))
        if (!read_value(&value, r, h, a, err))
            return false;
    return true;
}

static bool read_pcrs(struct registers *r, const char *label, struct span text, struct arena *a,
                      struct situs_err *err)
{
    struct json_doc doc = {0};
    struct json root, member = {0};
    if (r->n)
        return err_fail(err, SITUS_DUPLICATE, label, "", SITUS_NO_OFFSET, "one file", "two");
    bool ok = json_read(&doc, &root, text, label, err) && json_as_object(&root, err);
    if (ok && json_has(&root, "pcrs"))
        ok = read_tpm_alg(&root, r, a, err);
    else
        while (ok && json_next(&root, &member))
            ok = read_member(&member, r, a, err);
    json_free(&doc);
    if (!ok)
        err_hint(err, "write {\"sha256\": {\"0\": HEX, ...}}, with every register that was quoted");
    return ok;
}

static bool add_cert(struct tpm_value *v, const char *label, struct span der, struct situs_err *err)
{
    if (v->n_certs == LIMIT_CHAIN_CERTS)
        return err_fail(err, SITUS_TOO_LONG, label, "", SITUS_NO_OFFSET,
                        TEXT_NUM(LIMIT_CHAIN_CERTS), "more certificates");
    v->certs[v->n_certs++] = der;
    return true;
}

static bool read_pem(struct tpm_value *v, const char *label, struct span pem, struct arena *a,
                     struct situs_err *err)
{
    struct rd r = rd_new(pem, 0, label, err);
    struct span der;
    while (pem_space(&r) > 0)
        if (!pem_block(&r, PEM_CERTIFICATE, "pem", a, &der) || !add_cert(v, label, der, err))
            return false;
    return rd_ok(&r);
}

bool pack_tpm_add(struct pack_tpm *p, const char *label, struct span bytes, struct arena *a,
                  struct situs_err *err)
{
    const char *member = member_of(label);
    struct tpm_value *v = &p->value;
    p->given = true;
    if (!bytes.n)
        return err_fail(err, SITUS_TOO_SHORT, label, "", SITUS_NO_OFFSET, "some bytes", "none");
    if (!is_member(label, bytes, err))
        return false;
    if (strcmp(member, "attest") == 0)
        return once(&v->attest, label, bytes, err);
    if (strcmp(member, "signature") == 0)
        return once(&v->signature, label, bytes, err);
    if (strcmp(member, "public") == 0)
        return once(&v->public_area, label, bytes, err);
    if (strcmp(member, "pcrs") == 0)
        return read_pcrs(&v->registers, label, bytes, a, err);
    if (strcmp(member, "cert") == 0 && bytes.p[0] == '-')
        return read_pem(v, label, bytes, a, err);
    return add_cert(v, label, bytes, err);
}

bool pack_tpm_write(const struct pack_tpm *p, const char *item, struct span *value, struct arena *a,
                    struct situs_err *err)
{
    const struct tpm_value *v = &p->value;
    const char *missing = !v->attest.n      ? "attest"
                          : !v->signature.n ? "signature"
                          : !v->registers.n ? "pcrs"
                                            : NULL;
    if (missing) {
        char label[40];
        snprintf(label, sizeof label, "%s.%s", item, missing);
        err_fail(err, SITUS_MISSING, label, "", SITUS_NO_OFFSET, "a file", "none");
        return err_hint(err, "attest, signature and pcrs are what every TPM quote has");
    }
    struct wr w = wr_new(a->p + a->used, a->size - a->used);
    if (!tpm_value_write(v, &w) || !wr_ok(&w))
        return no_memory(item, err);
    a->used += w.n;
    *value = wr_span(&w);
    return true;
}
