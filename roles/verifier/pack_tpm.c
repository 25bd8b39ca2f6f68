/* The TPM item from loose files; see pack_tpm.h. */
#include "verifier/pack_tpm.h"

#include "base/text.h"
#include "codec/json/json.h"
#include "frame/args.h"

#include <stdlib.h>

static const char begin[] = "-----BEGIN CERTIFICATE-----", end[] = "-----END CERTIFICATE-----";

static const char *member_of(const char *label)
{
    return label + sizeof PACK_TPM_PREFIX - 1;
}

bool pack_tpm_is(const char *label)
{
    return strncmp(label, PACK_TPM_PREFIX, sizeof PACK_TPM_PREFIX - 1) == 0;
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
    if (!args_number(span_text(v->key), 0, REGISTERS_MAX - 1, &i))
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

static bool read_pcrs(struct registers *r, const char *label, struct span text, struct arena *a,
                      struct situs_err *err)
{
    struct json_doc doc = {0};
    struct json root, member = {0};
    if (r->n)
        return err_fail(err, SITUS_DUPLICATE, label, "", SITUS_NO_OFFSET, "one file", "two");
    bool ok = json_read(&doc, &root, text, label, err) && json_as_object(&root, err);
    while (ok && json_next(&root, &member))
        ok = read_member(&member, r, a, err);
    json_free(&doc);
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

/* The certificates of a PEM file (RFC 7468), white space between them. */
static bool read_pem(struct tpm_value *v, const char *label, struct span pem, struct arena *a,
                     struct situs_err *err)
{
    size_t at = 0, from = sizeof begin - 1;
    while (at < pem.n) {
        struct span left = span_cut(pem, at, pem.n - at);
        const uint8_t *stop = span_starts(left, span_text(begin))
                                  ? memmem(left.p, left.n, end, sizeof end - 1)
                                  : NULL;
        if (!stop)
            return err_fail(err, SITUS_MALFORMED, label, "pem", at, begin, TEXT_CUT(left));
        size_t n = (size_t)(stop - left.p), size;
        uint8_t *der = arena_take(a, n);
        if (!der)
            return no_memory(label, err);
        if (!text_base64_read(der, n, &size, span_cut(left, from, n - from), true))
            return err_fail(err, SITUS_MALFORMED, label, "pem", at + from, "base64", "other text");
        if (!add_cert(v, label, span_of(der, size), err))
            return false;
        at += n + sizeof end - 1;
        while (at < pem.n && (pem.p[at] == '\n' || pem.p[at] == '\r'))
            at++;
    }
    return true;
}

bool pack_tpm_add(struct pack_tpm *p, const char *label, struct span bytes, struct arena *a,
                  struct situs_err *err)
{
    const char *member = member_of(label);
    struct tpm_value *v = &p->value;
    p->given = true;
    if (!bytes.n)
        return err_fail(err, SITUS_TOO_SHORT, label, "", SITUS_NO_OFFSET, "some bytes", "none");
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
    if (strcmp(member, "cert") == 0)
        return add_cert(v, label, bytes, err);
    return err_fail(err, SITUS_UNKNOWN, label, "", SITUS_NO_OFFSET,
                    "guest.attest, guest.signature, guest.public, guest.pcrs or guest.cert", label);
}

bool pack_tpm_write(const struct pack_tpm *p, struct span *value, struct arena *a,
                    struct situs_err *err)
{
    const struct tpm_value *v = &p->value;
    const char *missing = !v->attest.n      ? "guest.attest"
                          : !v->signature.n ? "guest.signature"
                          : !v->registers.n ? "guest.pcrs"
                                            : NULL;
    if (missing)
        return err_fail(err, SITUS_MISSING, missing, "", SITUS_NO_OFFSET, "a file", "none");
    struct wr w = wr_new(a->p + a->used, a->size - a->used);
    struct tpm_value check;
    if (!tpm_value_write(v, &w) || !wr_ok(&w))
        return no_memory("guest", err);
    a->used += w.n;
    *value = wr_span(&w);
    return tpm_value_read(&check, *value, "guest", err); /* what the verifier would refuse */
}
