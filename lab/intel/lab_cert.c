/* Certificates, from the outside in: Intel SGX PCK Certificate and CRL Profile Specification
 * 1.5, section 1.3. Read lab_cert_make last: it is the whole. */
#include "lab/intel/lab_cert.h"

#define ROOT_CRL_URL "https://certificates.trustedservices.intel.com/IntelSGXRootCA.der"
#define PCK_CRL_URL "https://api.trustedservices.intel.com/sgx/certification/v4/pckcrl?ca="

/* A CA certificate; Intel numbers these by their key identifier. */
static struct lab_cert ca(struct lab_world *w, const char *subject, enum lab_key key)
{
    struct lab_cert c = {
        .subject = subject,
        .issuer = LAB_CN_ROOT,
        .key = key,
        .issuer_key = LAB_KEY_ROOT,
        .signing_key = LAB_KEY_ROOT,
        .not_before = lab_world_at(w) - 365 * LAB_DAY,
        .not_after = lab_world_at(w) + 7 * 365 * LAB_DAY,
        .crl_url = ROOT_CRL_URL,
        .key_usage = LAB_USAGE_CA,
        .ca = true,
    };
    lab_key_id(w, key, c.serial);
    return c;
}

struct lab_cert lab_cert_root(struct lab_world *w)
{
    struct lab_cert c = ca(w, LAB_CN_ROOT, LAB_KEY_ROOT);
    c.path_length = 1;
    return c;
}

struct lab_cert lab_cert_platform_ca(struct lab_world *w)
{
    return ca(w, LAB_CN_PLATFORM_CA, LAB_KEY_PLATFORM_CA);
}

struct lab_cert lab_cert_processor_ca(struct lab_world *w)
{
    return ca(w, LAB_CN_PROCESSOR_CA, LAB_KEY_PROCESSOR_CA);
}

struct lab_cert lab_cert_tcb_signing(struct lab_world *w)
{
    struct lab_cert c = ca(w, LAB_CN_TCB_SIGNING, LAB_KEY_TCB_SIGNING);
    c.key_usage = LAB_USAGE_LEAF;
    c.ca = false;
    return c;
}

struct lab_cert lab_cert_pck(struct lab_world *w, const struct lab_platform *p)
{
    struct lab_cert c = ca(w, LAB_CN_PCK, p->pck_key);
    c.issuer = p->processor_ca ? LAB_CN_PROCESSOR_CA : LAB_CN_PLATFORM_CA;
    c.issuer_key = p->processor_ca ? LAB_KEY_PROCESSOR_CA : LAB_KEY_PLATFORM_CA;
    c.signing_key = c.issuer_key;
    c.crl_url = p->processor_ca ? PCK_CRL_URL "processor&encoding=der"
                                : PCK_CRL_URL "platform&encoding=der";
    c.key_usage = LAB_USAGE_LEAF;
    c.ca = false;
    c.has_sgx = true;
    c.sgx = *p;
    uint8_t hash[32];
    lab_hash256(hash, SPAN_ARR(p->ppid));
    memcpy(c.serial, hash, sizeof c.serial);
    return c;
}

struct lab_platform lab_platform_honest(unsigned n)
{
    struct lab_platform p = {
        .components = {8, 8, 2, 2, 4, 1, 0, 6},
        .pcesvn = 13,
        .cpusvn = {8, 8, 2, 2, 4, 1, 0, 6},
        .fmspc = {0x00, 0x80, 0x6f, 0x05, 0x00, 0x00},
        .sgx_type = 1,
        .dynamic_platform = true,
        .smt_enabled = true,
        .pck_key = LAB_KEY_PCK(n),
        .attestation_key = LAB_KEY_ATTESTATION(n),
    };
    uint8_t machine[] = "lab machine  ", hash[32];
    machine[12] = (uint8_t)('A' + n);
    lab_hash256(hash, SPAN_ARR(machine));
    memcpy(p.ppid, hash, 16);
    memcpy(p.piid, hash + 16, 16);
    return p;
}

/* SubjectPublicKeyInfo of a P-256 key (RFC 5480 2). */
static void subject_public_key_info(struct lab_world *w, struct lab_buf *b, enum lab_key key)
{
    uint8_t xy[64];
    lab_key_point(w, key, xy);
    size_t spki = lab_der_open(b, DER_SEQUENCE), algorithm = lab_der_open(b, DER_SEQUENCE);
    lab_der_bytes(b, DER_OID, SPAN_LIT("\x2a\x86\x48\xce\x3d\x02\x01"));     /* id-ecPublicKey */
    lab_der_bytes(b, DER_OID, SPAN_LIT("\x2a\x86\x48\xce\x3d\x03\x01\x07")); /* prime256v1 */
    lab_der_close(b, algorithm);
    size_t bits = lab_der_open(b, DER_BITS);
    lab_buf_u8(b, 0); /* no unused bits */
    lab_buf_u8(b, 4); /* uncompressed */
    lab_buf_bytes(b, SPAN_ARR(xy));
    lab_der_close(b, bits);
    lab_der_close(b, spki);
}

/* sgx_open starts SEQUENCE { OID 1.2.840.113741.1.13.1.path, value } of the SGX extension. */
static size_t sgx_open(struct lab_buf *b, struct span path)
{
    size_t seq = lab_der_open(b, DER_SEQUENCE), oid = lab_der_open(b, DER_OID);
    lab_buf_bytes(b, SPAN_LIT("\x2a\x86\x48\x86\xf8\x4d\x01\x0d\x01"));
    lab_buf_bytes(b, path);
    lab_der_close(b, oid);
    return seq;
}

static void sgx_octets(struct lab_buf *b, struct span path, struct span value)
{
    size_t seq = sgx_open(b, path);
    lab_der_bytes(b, DER_OCTETS, value);
    lab_der_close(b, seq);
}

/* .2: the components, PCESVN and CPUSVN. */
static void sgx_tcb(struct lab_buf *b, const struct lab_platform *p)
{
    size_t tcb = sgx_open(b, SPAN_LIT("\2")), list = lab_der_open(b, DER_SEQUENCE);
    for (uint8_t i = 1; i <= 17; i++) {
        uint8_t path[2] = {2, i};
        size_t seq = sgx_open(b, SPAN_ARR(path));
        lab_der_number(b, DER_INTEGER, i <= 16 ? p->components[i - 1] : p->pcesvn);
        lab_der_close(b, seq);
    }
    sgx_octets(b, SPAN_LIT("\2\x12"), SPAN_ARR(p->cpusvn));
    lab_der_close(b, list);
    lab_der_close(b, tcb);
}

/* .7: how the platform was registered. */
static void sgx_configuration(struct lab_buf *b, const struct lab_platform *p)
{
    const bool flags[3] = {p->dynamic_platform, p->cached_keys, p->smt_enabled};
    size_t configuration = sgx_open(b, SPAN_LIT("\7")), list = lab_der_open(b, DER_SEQUENCE);
    for (uint8_t i = 1; i <= 3; i++) {
        uint8_t path[2] = {7, i};
        size_t seq = sgx_open(b, SPAN_ARR(path));
        lab_der_bool(b, flags[i - 1]);
        lab_der_close(b, seq);
    }
    lab_der_close(b, list);
    lab_der_close(b, configuration);
}

/* The SGX extension: a SEQUENCE of numbered elements (PCK profile 1.3.5). */
static void sgx_extension(struct lab_buf *out, const struct lab_cert *c)
{
    const struct lab_platform *p = &c->sgx;
    struct lab_buf b = {0};
    size_t all = lab_der_open(&b, DER_SEQUENCE);
    sgx_octets(&b, SPAN_LIT("\1"), SPAN_ARR(p->ppid));
    sgx_tcb(&b, p);
    sgx_octets(&b, SPAN_LIT("\3"), SPAN_ARR(p->pceid));
    sgx_octets(&b, SPAN_LIT("\4"), SPAN_ARR(p->fmspc));
    size_t type = sgx_open(&b, SPAN_LIT("\5"));
    lab_der_number(&b, DER_ENUMERATED, p->sgx_type);
    lab_der_close(&b, type);
    if (!p->processor_ca) {
        sgx_octets(&b, SPAN_LIT("\6"), SPAN_ARR(p->piid));
        sgx_configuration(&b, p);
    }
    lab_buf_bytes(&b, c->more_sgx);
    lab_der_close(&b, all);
    lab_x509_extension(out, SPAN_LIT("\x2a\x86\x48\x86\xf8\x4d\x01\x0d\x01"), false,
                       lab_buf_span(&b));
    lab_buf_free(&b);
}

/* cRLDistributionPoints: one point, its fullName one URI (RFC 5280 4.2.1.13). */
static void crl_points(struct lab_buf *out, const char *url)
{
    struct lab_buf b = {0};
    size_t points = lab_der_open(&b, DER_SEQUENCE), point = lab_der_open(&b, DER_SEQUENCE);
    size_t name = lab_der_open(&b, DER_EXPLICIT_0), full = lab_der_open(&b, DER_EXPLICIT_0);
    lab_der_bytes(&b, DER_CONTEXT | 6, span_text(url)); /* uniformResourceIdentifier */
    lab_der_close(&b, full);
    lab_der_close(&b, name);
    lab_der_close(&b, point);
    lab_der_close(&b, points);
    lab_x509_extension(out, SPAN_LIT("\x55\x1d\x1f"), false, lab_buf_span(&b));
    lab_buf_free(&b);
}

static void subject_key_id(struct lab_world *w, struct lab_buf *b, enum lab_key key)
{
    uint8_t value[22] = {DER_OCTETS, 20};
    lab_key_id(w, key, value + 2);
    lab_x509_extension(b, SPAN_LIT("\x55\x1d\x0e"), false, SPAN_ARR(value));
}

/* keyUsage is a BIT STRING without trailing zero bits (X.690 11.2.2). */
static void key_usage(struct lab_buf *b, uint8_t usage)
{
    uint8_t unused = 0;
    while (unused < 7 && !(usage >> unused & 1))
        unused++;
    uint8_t value[4] = {DER_BITS, 2, unused, usage};
    lab_x509_extension(b, SPAN_LIT("\x55\x1d\x0f"), true, SPAN_ARR(value));
}

/* basicConstraints; a leaf's is the empty SEQUENCE, for FALSE is the default. */
static void basic_constraints(struct lab_buf *out, const struct lab_cert *c)
{
    struct lab_buf b = {0};
    size_t seq = lab_der_open(&b, DER_SEQUENCE);
    if (c->ca)
        lab_der_bool(&b, true);
    if (c->ca && c->path_length >= 0)
        lab_der_number(&b, DER_INTEGER, (uint32_t)c->path_length);
    lab_der_close(&b, seq);
    lab_x509_extension(out, SPAN_LIT("\x55\x1d\x13"), true, lab_buf_span(&b));
    lab_buf_free(&b);
}

static void extensions(struct lab_world *w, struct lab_buf *b, const struct lab_cert *c)
{
    size_t outer = lab_der_open(b, DER_EXPLICIT_3), list = lab_der_open(b, DER_SEQUENCE);
    if (!(c->leave_out & LAB_EXT_AUTHORITY_KEY_ID))
        lab_x509_authority_key_id(w, b, c->issuer_key);
    if (!(c->leave_out & LAB_EXT_CRL_POINTS))
        crl_points(b, c->crl_url);
    if (!(c->leave_out & LAB_EXT_SUBJECT_KEY_ID))
        subject_key_id(w, b, c->key);
    if (!(c->leave_out & LAB_EXT_KEY_USAGE))
        key_usage(b, c->key_usage);
    if (!(c->leave_out & LAB_EXT_BASIC_CONSTRAINTS))
        basic_constraints(b, c);
    if (c->has_sgx && !(c->leave_out & LAB_EXT_SGX))
        sgx_extension(b, c);
    lab_buf_bytes(b, c->more_extensions);
    lab_der_close(b, list);
    lab_der_close(b, outer);
}

/* TBSCertificate (RFC 5280 4.1). */
struct span lab_cert_make(struct lab_world *w, const struct lab_cert *c)
{
    struct lab_buf b = {0};
    size_t tbs = lab_der_open(&b, DER_SEQUENCE), version = lab_der_open(&b, DER_EXPLICIT_0);
    lab_der_number(&b, DER_INTEGER, 2); /* v3 */
    lab_der_close(&b, version);
    lab_der_big(&b, SPAN_ARR(c->serial));
    lab_x509_algorithm(&b, c->inner_algorithm);
    lab_x509_name(&b, c->issuer);
    size_t validity = lab_der_open(&b, DER_SEQUENCE);
    lab_der_time(&b, c->not_before);
    lab_der_time(&b, c->not_after);
    lab_der_close(&b, validity);
    lab_x509_name(&b, c->subject);
    if (c->spki.n > 0)
        lab_buf_bytes(&b, c->spki);
    else
        subject_public_key_info(w, &b, c->key);
    extensions(w, &b, c);
    lab_der_close(&b, tbs);
    return lab_x509_signed(w, &b, c->signing_key, c->outer_algorithm, c->before, c->after);
}

struct span lab_cert_extension(struct lab_world *w, struct span oid, bool critical,
                               struct span value)
{
    struct lab_buf b = {0};
    lab_x509_extension(&b, oid, critical, value);
    return lab_world_keep(w, &b);
}
