/* The parts of a snapshot as files, one item a file, named by what it is; see
 * collateral_state.h. */
#include "collateral/collateral_state.h"

#include "base/text.h"
#include "base/wr.h"
#include "codec/json/json.h"
#include "codec/pem.h"
#include "crypto/digest.h"
#include "tee/amd/amd_collateral.h"
#include "tee/intel/parts.h"

#include <stdio.h>
#include <stdlib.h>

static bool out_of_memory(struct situs_err *err)
{
    return err_fail(err, SITUS_NO_MEMORY, "situs", "", SITUS_NO_OFFSET, "memory", "none");
}

/* name_body names a TCB info or QE identity by its id and FMSPC (PCS API v4, appendices A and
 * B). */
static bool name_body(char name[DIR_NAME], const struct part_body *body, struct situs_err *err)
{
    struct json_doc doc = {0};
    struct json root;
    struct span id;
    uint8_t fmspc[6];
    bool ok =
        json_read(&doc, &root, body->raw, body->name, err) && json_get_text(&root, "id", &id, err);
    if (ok && body->qe)
        snprintf(name, DIR_NAME, "%s-qe.json", span_equal(id, SPAN_LIT("TD_QE")) ? "tdx" : "sgx");
    ok = ok && (body->qe || json_get_hex(&root, "fmspc", fmspc, sizeof fmspc, err));
    if (ok && !body->qe)
        snprintf(name, DIR_NAME, "%s-tcb-%s.json", span_equal(id, SPAN_LIT("TDX")) ? "tdx" : "sgx",
                 TEXT_HEX(SPAN_ARR(fmspc)));
    json_free(&doc);
    return ok;
}

/* put_body writes the PCS answer of a body: its raw bytes, which are signed, and the signature. */
static bool put_body(struct dir *d, const struct part_body *body, struct situs_err *err)
{
    char name[DIR_NAME];
    if (!name_body(name, body, err))
        return false;
    size_t room = body->raw.n + 256;
    uint8_t *text = malloc(room);
    if (!text)
        return out_of_memory(err);
    struct wr w = wr_new(text, room);
    wr_text(&w, body->qe ? "{\"enclaveIdentity\":" : "{\"tcbInfo\":");
    wr_bytes(&w, body->raw);
    wr_text(&w, ",\"signature\":\"");
    wr_hex(&w, SPAN_ARR(body->rs));
    wr_text(&w, "\"}\n");
    bool ok = wr_ok(&w) ? dir_put(d, name, wr_span(&w), err) : out_of_memory(err);
    free(text);
    return ok;
}

/* names says that a DER name holds the text. */
static bool names(struct span name, const char *text)
{
    return memmem(name.p, name.n, text, strlen(text)) != NULL;
}

static bool put_crl(struct dir *d, const struct part_crl *part, struct situs_err *err)
{
    struct span issuer = part->crl.issuer;
    const char *name = names(issuer, "Platform CA")    ? "pck-platform.crl"
                       : names(issuer, "Processor CA") ? "pck-processor.crl"
                                                       : "root.crl";
    return dir_put(d, name, part->crl.der, err);
}

/* put_cert writes a certificate as PEM (RFC 7468), 64 characters a line. */
static bool put_cert(struct dir *d, struct span der, struct situs_err *err)
{
    uint8_t hash[32];
    char name[DIR_NAME], pem[LIMIT_CERT * 2];
    if (der.n > LIMIT_CERT || !digest(HASH_SHA256, der, hash))
        return out_of_memory(err);
    snprintf(name, sizeof name, "cert-%s.pem", TEXT_HEX(span_of(hash, 8)));
    struct wr w = wr_new(pem, sizeof pem);
    pem_write(&w, PEM_CERTIFICATE, der);
    return dir_put(d, name, wr_span(&w), err);
}

static bool put_all(struct dir *d, const struct parts *parts, struct situs_err *err)
{
    bool ok = true;
    for (size_t i = 0; ok && i < parts->n_certs; i++)
        ok = put_cert(d, parts->certs[i]->cert.der, err);
    for (size_t i = 0; ok && i < parts->n_crls; i++)
        ok = put_crl(d, parts->crls[i], err);
    for (size_t i = 0; ok && i < parts->n_bodies; i++)
        ok = put_body(d, parts->bodies[i], err);
    return ok;
}

/* AMD's: a CRL is named by the family of the ARK that it names. */
static bool put_amd(struct dir *d, const struct amd_collateral *c, struct situs_err *err)
{
    bool ok = true;
    for (size_t i = 0; ok && i < c->n; i++)
        ok = put_cert(d, c->certs[i].der, err);
    for (size_t i = 0; ok && i < c->n_crls; i++) {
        char name[DIR_NAME];
        const struct product *of = amd_crl_product(&c->crls[i].crl);
        snprintf(name, sizeof name, "ark-%s.crl", of ? of->name : "other");
        ok = dir_put(d, name, c->crls[i].crl.der, err);
    }
    return ok;
}

static bool sort_amd(struct dir *d, const struct situs_item *items, size_t n, struct arena *a,
                     struct situs_err *err)
{
    struct amd_collateral amd;
    bool ok = amd_collateral_read(&amd, items, n, a, err) && put_amd(d, &amd, err);
    amd_collateral_free(&amd);
    return ok;
}

bool collateral_sort(struct dir *d, const struct collateral *c, struct situs_err *err)
{
    struct situs_item amd[LIMIT_COLLATERAL_PARTS];
    size_t n_amd = 0;
    struct parts parts;
    size_t room = situs_snapshot_memory(c->parts, c->n);
    void *memory = malloc(room);
    if (!memory)
        return out_of_memory(err);
    struct arena a = arena_new(memory, room);
    bool ok = parts_new(&parts, &a, err);
    for (size_t i = 0; ok && i < c->n; i++)
        if (amd_collateral_takes(item_span(c->parts[i]), &a))
            amd[n_amd++] = c->parts[i];
        else
            ok = parts_add(&parts, &c->parts[i], err);
    ok = ok && put_all(d, &parts, err) && sort_amd(d, amd, n_amd, &a, err);
    free(memory);
    return ok;
}

/* hex_between says that name is head, 2 * size hex digits, end. */
static bool hex_between(const char *name, const char *head, size_t size, const char *end)
{
    uint8_t out[8];
    size_t n = strlen(head);
    return strlen(name) == n + 2 * size + strlen(end) && strncmp(name, head, n) == 0 &&
           text_hex_read(out, size, span_of(name + n, 2 * size)) &&
           strcmp(name + n + 2 * size, end) == 0;
}

bool collateral_ours(const char *name)
{
    static const char *const fixed[] = {"tdx-qe.json",       "sgx-qe.json",   "pck-platform.crl",
                                        "pck-processor.crl", "root.crl",      "ark-Milan.crl",
                                        "ark-Genoa.crl",     "ark-Turin.crl", "ark-Venice.crl"};
    for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++)
        if (strcmp(name, fixed[i]) == 0)
            return true;
    return hex_between(name, "tdx-tcb-", 6, ".json") || hex_between(name, "sgx-tcb-", 6, ".json") ||
           hex_between(name, "cert-", 8, ".pem");
}
