/* The inputs of "situs fleet add"; see fleet.h. */
#include "base/limits.h"
#include "base/text.h"
#include "base/time.h"
#include "crypto/digest.h"
#include "crypto/x509.h"
#include "evidence/platform_manifest.h"
#include "frame/file.h"
#include "provider/desk/desk.h"
#include "provider/registrar/ek.h"
#include "situs/evidence_kind.h"
#include "tee/intel/pck_chain.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#define ROOM (256 * 1024)

static bool internal(const char *part, struct situs_err *err)
{
    return err_fail(err, SITUS_INTERNAL, part, "", SITUS_NO_OFFSET, NULL, NULL);
}

/* same_piid takes the PIID, which must be that of the other input when both are given. */
static bool same_piid(struct fleet_platform *p, struct span piid, struct situs_err *err)
{
    fleet_id hex;
    text_hex(hex, sizeof hex, piid);
    if (p->piid[0] && strcmp(p->piid, hex) != 0) {
        err_fail(err, SITUS_MISMATCH, "fleet", "piid", SITUS_NO_OFFSET, p->piid, hex);
        return err_hint(err, "manifest and PCK certificate are of two platform instances; collect "
                             "both anew from one machine");
    }
    memcpy(p->piid, hex, sizeof hex);
    return true;
}

static bool manifest_of(struct fleet_platform *p, struct span in, struct arena *a,
                        struct situs_err *err)
{
    struct platform_manifest m;
    struct span bytes;
    uint8_t hash[32];
    if (!platform_manifest_bytes(&bytes, in, a, err) || !platform_manifest_read(&m, bytes, err))
        return false;
    if (m.packages > FLEET_PACKAGES)
        return err_fail(err, SITUS_TOO_LONG, "manifest", "platform_info.packages", SITUS_NO_OFFSET,
                        TEXT_NUM(FLEET_PACKAGES), TEXT_NUM(m.packages));
    if (!digest(HASH_SHA256, bytes, hash))
        return internal("manifest", err);
    text_hex(p->manifest, sizeof p->manifest, SPAN_ARR(hash));
    p->n_prids = m.packages;
    for (uint32_t i = 0; i < m.packages; i++)
        text_hex(p->prid[i], sizeof p->prid[i], platform_manifest_prid(&m, i));
    return same_piid(p, m.piid, err);
}

/* One input file and memory to read it with. */
struct input {
    struct file file;
    void *memory;
    struct arena arena;
};

static bool input_read(struct input *in, const char *path, size_t limit, struct situs_err *err)
{
    memset(in, 0, sizeof *in);
    in->memory = malloc(ROOM);
    in->arena = arena_new(in->memory, in->memory ? ROOM : 0);
    return file_read(&in->file, path, limit, err);
}

static bool input_end(struct input *in, bool ok)
{
    free(in->memory);
    file_free(&in->file);
    return ok;
}

bool desk_manifest(struct fleet_platform *p, const char *path, struct situs_err *err)
{
    struct input in;
    bool ok = input_read(&in, path, 2 * LIMIT_MANIFEST + 2, err) &&
              manifest_of(p, file_span(&in.file), &in.arena, err);
    return input_end(&in, ok);
}

static bool in_time(const struct pck_chain *chain, int64_t at, struct situs_err *err)
{
    for (int i = 0; i < CHAIN_SIZE; i++) {
        struct window w = chain->cert[i].valid;
        if (!time_in_window(at, w))
            return err_fail(err, at > w.to ? SITUS_EXPIRED : SITUS_NOT_YET_VALID, "PCK chain",
                            "validity", SITUS_NO_OFFSET, TEXT_TIME(at > w.to ? w.to : w.from),
                            TEXT_TIME(at));
    }
    return true;
}

static bool pck_of(struct fleet_platform *p, struct span pem, const struct trust *trust, int64_t at,
                   struct arena *a, struct situs_err *err)
{
    const struct pck_chain_question q = {
        .pem = pem,
        .part = "PCK chain",
        .trust = trust,
        .hint = "give the three PEM certificates of the machine's quote or of Intel's answer, "
                "certificate first"};
    const struct anchor *anchor;
    const struct intel_issuer *ca;
    struct pck_chain chain;
    struct pck_info info;
    uint8_t hash[32];
    if (!pck_chain_read(&chain, &q, &anchor, &ca, a, err)) {
        if (err->code == SITUS_MISSING)
            err->code = SITUS_MALFORMED; /* the file is there, and lacks a certificate */
        return false;
    }
    if (!in_time(&chain, at, err) ||
        !pck_info_read(&info, &chain.cert[CHAIN_PCK], 0, "PCK chain", err))
        return false;
    if (!info.has_piid) {
        err_fail(err, SITUS_UNSUPPORTED, "PCK chain", "piid", SITUS_NO_OFFSET,
                 "a certificate of the Platform CA", "one of the Processor CA");
        return err_hint(err, "register the platform with Intel: only then it has a PIID");
    }
    if (!digest(HASH_SHA256, chain.cert[CHAIN_PCK].der, hash))
        return internal("PCK chain", err);
    text_hex(p->pck, sizeof p->pck, SPAN_ARR(hash));
    text_hex(p->ppid, sizeof p->ppid, SPAN_ARR(info.ppid));
    return same_piid(p, SPAN_ARR(info.piid), err);
}

bool desk_pck(struct fleet_platform *p, const char *path, const struct trust *trust, int64_t at,
              struct situs_err *err)
{
    struct input in;
    bool ok = input_read(&in, path, LIMIT_PCK_CHAIN, err) &&
              pck_of(p, file_span(&in.file), trust, at, &in.arena, err);
    return input_end(&in, ok);
}

static bool receipt_of(struct fleet_platform *p, struct span text, struct situs_err *err)
{
    uint8_t ppid[16];
    while (text.n && isspace(text.p[text.n - 1]))
        text.n--;
    if (!text_hex_read(ppid, sizeof ppid, text))
        return err_fail(err, SITUS_MALFORMED, "receipt", "ppid", 0, "32 hex digits",
                        TEXT_CUT(span_cut(text, 0, text.n < 40 ? text.n : 40)));
    text_hex(p->receipt, sizeof p->receipt, SPAN_ARR(ppid));
    return true;
}

bool desk_receipt_hex(struct fleet_platform *p, const char *text, struct situs_err *err)
{
    return receipt_of(p, span_text(text), err);
}

bool desk_receipt(struct fleet_platform *p, const char *text, struct situs_err *err)
{
    uint8_t ppid[16];
    if (text_hex_read(ppid, sizeof ppid, span_text(text)))
        return receipt_of(p, span_text(text), err);
    struct input in;
    bool ok = input_read(&in, text, 1024, err) && receipt_of(p, file_span(&in.file), err);
    return input_end(&in, ok);
}

/* ek_names is what the key can be called by verifiers. */
static bool ek_names(struct fleet_goods *g, const struct public_key *key, struct situs_err *err)
{
    struct ek_name names[FLEET_EK_NAMES];
    size_t n = 0;
    if (!ek_names_of(key, names, FLEET_EK_NAMES, &n))
        return err_fail(err, SITUS_INTERNAL, "EK", "name", SITUS_NO_OFFSET, NULL, NULL);
    for (g->n_ek_names = 0; g->n_ek_names < n; g->n_ek_names++)
        text_hex(g->ek_name[g->n_ek_names], sizeof(fleet_name),
                 span_of(names[g->n_ek_names].bytes, names[g->n_ek_names].n));
    return true;
}

static bool ek_of(struct fleet_goods *g, struct span der, struct situs_err *err)
{
    struct situs_err not_cert = {0};
    uint8_t hash[32];
    size_t padding = 0; /* EK certificates in NV are padded to the size of the index */
    struct x509 *cert = x509_read_nv(der, &padding, "EK", &not_cert);
    if (not_cert.code == SITUS_TRAILING) { /* it is a certificate, with something behind it */
        *err = not_cert;
        return err_hint(err, "give one EK certificate: only 00, ff or 11, with which TPM makers "
                             "fill its index, may follow");
    }
    struct public_key *key = cert ? x509_key(cert, "EK", err) : verify_key_spki(der, "EK", err);
    bool ok = key && (cert ? x509_key_sha256(cert, hash) : digest(HASH_SHA256, der, hash));
    if (ok)
        text_hex(g->ek, sizeof g->ek, SPAN_ARR(hash));
    else
        err_fail(err, SITUS_MALFORMED, "EK", "", 0, "a certificate or public key, DER", NULL);
    ok = ok && ek_names(g, key, err);
    x509_free(cert);
    verify_key_free(key);
    return ok;
}

bool desk_ek(struct fleet_goods *g, const char *path, struct situs_err *err)
{
    struct input in;
    bool ok = input_read(&in, path, LIMIT_CERT, err) && ek_of(g, file_span(&in.file), err);
    struct span file = file_span(&in.file);
    if (!ok && span_starts(file, SPAN_LIT("-----BEGIN ")))
        err_hint(err, "PEM is not read here: openssl x509 (or pkey -pubin) -in FILE -outform DER "
                      "-out FILE.der");
    else if (!ok && in.file.p && err->code == SITUS_MALFORMED)
        evidence_kind_named(file, PLACE_CERTIFICATE, path, "a certificate or public key, DER", err);
    return input_end(&in, ok);
}
