/* The lab's AMD; see lab_snp.h. */
#include "lab/amd/lab_snp.h"

#include <stdlib.h>

#include <openssl/x509v3.h>

#include "lab/ca/lab_ca.h"
#include "lab/ca/lab_x509_make.h"
#include "lab/intel/lab_cert.h"

#define YEAR (365 * LAB_DAY)
#define AMD "1.3.6.1.4.1.3704.1."

static const uint8_t milan_tcb[8] = {4, 0, 0,  0,
                                     0, 0, 24, 219}; /* bootloader, tee, snp, microcode */

struct lab_snp lab_snp_new(struct lab_world *w)
{
    struct lab_snp s = {.w = w, .made = calloc(1, sizeof *s.made)};
    lab_x509_need(s.made, "a vendor");
    return s;
}

void lab_snp_free(struct lab_snp *s)
{
    for (unsigned i = 0; s->made && i < LAB_SNP_KEYS; i++)
        EVP_PKEY_free(s->made->key[i]);
    free(s->made);
    s->made = NULL;
}

EVP_PKEY *lab_snp_key(const struct lab_snp *s, enum lab_snp_key key)
{
    EVP_PKEY **made = &s->made->key[key];
    if (!*made)
        *made = key <= LAB_SNP_ASVK ? lab_x509_rsa() : EVP_EC_gen("P-384");
    lab_x509_need(*made, "a key");
    return *made;
}

static const char *name_of(enum lab_snp_key key)
{
    static const char *const names[] = {"ARK-Milan", "SEV-Milan", "SEV-VLEK-Milan"};
    return names[key];
}

/* The issuer's certificate without a signature: for its name and key identifier. */
static X509 *issuer_of(const struct lab_snp *s, enum lab_snp_key key)
{
    int64_t at = lab_world_at(s->w);
    EVP_PKEY *own = lab_snp_key(s, key <= LAB_SNP_ASVK ? key : LAB_SNP_ASK);
    X509 *x = lab_x509_start(name_of(key <= LAB_SNP_ASVK ? key : LAB_SNP_ASK), NULL, own, at - YEAR,
                             at + 10 * YEAR, 65536 + (long)key);
    lab_x509_add(x, x, NID_subject_key_identifier, "hash");
    return x;
}

static struct span issue(const struct lab_snp *s, enum lab_snp_key key)
{
    X509 *ark = issuer_of(s, LAB_SNP_ARK), *x = issuer_of(s, key);
    lab_x509_need(X509_set_issuer_name(x, X509_get_subject_name(ark)), "an issuer");
    lab_x509_add(x, ark, NID_authority_key_identifier, "keyid");
    lab_x509_add(x, ark, NID_basic_constraints,
                 key == LAB_SNP_ARK ? "critical,CA:TRUE" : "critical,CA:TRUE,pathlen:0");
    lab_x509_add(x, ark, NID_key_usage,
                 key == LAB_SNP_ARK ? "critical,keyCertSign,cRLSign" : "critical,keyCertSign");
    X509_free(ark);
    return lab_x509_finish(s->w, x, lab_snp_key(s, LAB_SNP_ARK));
}

struct span lab_snp_issuer(const struct lab_snp *s, enum lab_snp_key key)
{
    struct span *made = &s->made->issuer[key];
    if (!made->n)
        *made = issue(s, key);
    return *made;
}

void lab_snp_keep(struct lab_snp *s, const char *key_path, const char *cert_path)
{
    struct lab_ca ark = {.w = s->w};
    if (lab_ca_load(&ark, key_path, cert_path)) {
        s->made->key[LAB_SNP_ARK] = ark.key;
        s->made->issuer[LAB_SNP_ARK] = ark.cert;
        return;
    }
    ark.key = lab_snp_key(s, LAB_SNP_ARK);
    ark.cert = lab_snp_issuer(s, LAB_SNP_ARK);
    lab_ca_store(&ark, key_path, cert_path);
}

struct lab_snp_cert lab_snp_vcek(const struct lab_snp *s)
{
    int64_t at = lab_world_at(s->w);
    struct lab_snp_cert c = {.name = "SEV-VCEK",
                             .product = "Milan-B0",
                             .level = {-1, milan_tcb[0], milan_tcb[1], milan_tcb[6], milan_tcb[7]},
                             .chip_size = 64,
                             .key = LAB_SNP_VCEK,
                             .signer = LAB_SNP_ASK,
                             .from = at - LAB_DAY,
                             .to = at + 7 * YEAR};
    for (size_t i = 0; i < sizeof c.chip; i++)
        c.chip[i] = (uint8_t)(0xc0 + i);
    return c;
}

struct lab_snp_cert lab_snp_vlek(const struct lab_snp *s)
{
    struct lab_snp_cert c = lab_snp_vcek(s);
    c.vlek = true;
    c.name = "SEV-VLEK";
    c.chip_size = 0;
    c.csp = "CN=cloud.example";
    c.key = LAB_SNP_VLEK;
    c.signer = LAB_SNP_ASVK;
    return c;
}

/* A DER value of less than 128 bytes. */
static void add_value(X509 *x, const char *oid, uint8_t tag, struct span value)
{
    struct lab_buf b = {0};
    lab_buf_bytes(&b, span_of((uint8_t[]){tag, (uint8_t)value.n}, 2));
    lab_buf_bytes(&b, value);
    lab_x509_add_bytes(x, oid, lab_buf_span(&b));
    lab_buf_free(&b);
}

static void add_level(X509 *x, const char *oid, int level)
{
    uint8_t bytes[2] = {0, (uint8_t)level};
    if (level >= 0)
        add_value(x, oid, 0x02, level > 127 ? SPAN_ARR(bytes) : span_of(bytes + 1, 1));
}

struct span lab_snp_cert(const struct lab_snp *s, const struct lab_snp_cert *c)
{
    static const char *const levels[] = {AMD "3.9", AMD "3.1", AMD "3.2", AMD "3.3", AMD "3.8"};
    X509 *issuer = issuer_of(s, c->signer);
    X509 *x = lab_x509_start(c->name, issuer, lab_snp_key(s, c->key), c->from, c->to, 0);
    add_level(x, AMD "1", 0);
    add_value(x, AMD "2", 0x16, span_text(c->product));
    for (size_t i = 0; i < 5; i++)
        add_level(x, levels[i], c->level[i]);
    if (c->chip_size)
        lab_x509_add_bytes(x, AMD "4", span_of(c->chip, c->chip_size));
    if (c->csp)
        add_value(x, AMD "5", 0x16, span_text(c->csp));
    X509_free(issuer);
    return lab_x509_finish(s->w, x, lab_snp_key(s, c->signer));
}

struct span lab_snp_crl(const struct lab_snp *s, struct span issuer, long serial)
{
    int64_t at = lab_world_at(s->w);
    return lab_x509_crl(s->w, issuer, lab_snp_key(s, LAB_SNP_ARK),
                        &(struct lab_x509_crl){at - 3600, at + 30 * LAB_DAY, serial, false});
}

/* R and S little-endian, 72 bytes each (56860, table 142). */
static void put_number(uint8_t *out, const BIGNUM *n)
{
    lab_x509_need(BN_bn2lebinpad(n, out, 72) == 72, "a number");
}

void lab_snp_sign(const struct lab_snp *s, enum lab_snp_key key, uint8_t report[LAB_SNP_REPORT])
{
    unsigned char der[128];
    size_t n = sizeof der;
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    lab_x509_need(ctx &&
                      EVP_DigestSignInit(ctx, NULL, EVP_sha384(), NULL, lab_snp_key(s, key)) == 1 &&
                      EVP_DigestSign(ctx, der, &n, report, 0x2a0) == 1,
                  "a signature");
    const unsigned char *p = der;
    ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &p, (long)n);
    lab_x509_need(sig, "a signature");
    put_number(report + 0x2a0, ECDSA_SIG_get0_r(sig));
    put_number(report + 0x2a0 + 72, ECDSA_SIG_get0_s(sig));
    ECDSA_SIG_free(sig);
    EVP_MD_CTX_free(ctx);
}

void lab_snp_report(const struct lab_snp *s, uint8_t report[LAB_SNP_REPORT])
{
    static const uint16_t tcbs[] = {0x038, 0x180, 0x1e0, 0x1f0};
    struct lab_snp_cert vcek = lab_snp_vcek(s);
    memset(report, 0, LAB_SNP_REPORT);
    report[0] = 3;           /* VERSION */
    report[0x08 + 2] = 0x03; /* POLICY: SMT, and the bit that is one */
    report[0x34] = 1;        /* SIGNATURE_ALGO */
    report[0x40] = 0x25;     /* PLATFORM_INFO: SMT, ECC, aliases checked */
    for (size_t i = 0; i < 48; i++)
        report[0x90 + i] = (uint8_t)(0x30 + i); /* MEASUREMENT */
    for (size_t i = 0; i < sizeof tcbs / sizeof *tcbs; i++)
        memcpy(report + tcbs[i], milan_tcb, sizeof milan_tcb);
    report[0x188] = 0x19; /* CPUID_FAM_ID, MOD_ID, STEP: Milan */
    report[0x189] = 0x01;
    report[0x18a] = 0x01;
    memcpy(report + 0x1a0, vcek.chip, 64);
    memset(report + 0x160, 0xff, 32); /* REPORT_ID_MA: none */
    lab_snp_sign(s, LAB_SNP_VCEK, report);
}

static void put_u32(uint8_t *at, size_t v)
{
    for (size_t i = 0; i < 4; i++)
        at[i] = (uint8_t)(v >> 8 * i);
}

struct span lab_snp_table(const struct lab_snp *s, const struct span *certs, size_t n)
{
    /* every entry has the GUID of a VCEK's: readers go by the certificates */
    static const uint8_t vcek[16] = {0x8d, 0x75, 0xda, 0x63, 0x64, 0xe6, 0x64, 0x45,
                                     0xad, 0xc5, 0xf4, 0xb9, 0x3b, 0xe8, 0xac, 0xcd};
    struct lab_buf b = {0};
    size_t at = 24 * (n + 1);
    for (size_t i = 0; i < n; i++) {
        uint8_t entry[24];
        memcpy(entry, vcek, sizeof vcek);
        put_u32(entry + 16, at);
        put_u32(entry + 20, certs[i].n);
        lab_buf_bytes(&b, SPAN_ARR(entry));
        at += certs[i].n;
    }
    lab_buf_bytes(&b, span_of((uint8_t[24]){0}, 24));
    for (size_t i = 0; i < n; i++)
        lab_buf_bytes(&b, certs[i]);
    return lab_world_keep(s->w, &b);
}

struct span lab_snp_anchor(const struct lab_snp *s, struct span ark)
{
    struct lab_buf b = {0}, pem = {0};
    lab_pem(&pem, ark);
    lab_buf_text(&b, "{\"name\": \"lab ARK\", \"for\": [\"snp\"], \"simulated\": true, \"pem\": ");
    lab_buf_json(&b, lab_buf_span(&pem));
    lab_buf_text(&b, "}");
    lab_buf_free(&pem);
    return lab_world_keep(s->w, &b);
}

struct span lab_snp_trust(const struct lab_snp *s, struct span ark)
{
    struct lab_buf b = {0};
    lab_buf_text(&b, "{\"anchors\": [");
    lab_buf_bytes(&b, lab_snp_anchor(s, ark));
    lab_buf_text(&b, "]}");
    return lab_world_keep(s->w, &b);
}
