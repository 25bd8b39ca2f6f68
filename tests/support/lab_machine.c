/* The lab's honest machine; see lab_machine.h. */
#include "support/lab_machine.h"

#include "appraise/bind.h"
#include "appraise/logs.h"
#include "base/text.h"
#include "crypto/tpm_policy.h"
#include "endorse/ak_cert/ak_google.h"
#include "lab/intel/lab_reference.h"
#include "model/bundle.h"
#include "support/soft_ca.h"
#include "support/test.h"

#include <openssl/x509.h>

#include <stdio.h>
#include <stdlib.h>

#define AK_ATTRIBUTES 0x00050072 /* the guest template of Google's AK: ak_profiles.def */
#define GUEST_PCRS 0x7bffu       /* tpm.pcrs.registers' default: PCR 0-9, 11-14 */
#define YEAR (365 * LAB_DAY)

/* What both sides measure: PCR of the TPM, RTMR of the TD. */
static const struct {
    uint32_t pcr, rtmr, type;
    const char *data;
} boot[] = {
    {7, 0, EV_EFI_VARIABLE_DRIVER_CONFIG, "SecureBoot"},
    {7, 0, EV_EFI_VARIABLE_DRIVER_CONFIG, "PK"},
    {7, 0, EV_EFI_VARIABLE_DRIVER_CONFIG, "KEK"},
    {7, 0, EV_EFI_VARIABLE_DRIVER_CONFIG, "db"},
    {7, 0, EV_EFI_VARIABLE_DRIVER_CONFIG, "dbx"},
    {7, 0, EV_SEPARATOR, NULL},
    {1, 0, EV_EFI_VARIABLE_BOOT, "BootOrder"},
    {1, 0, EV_EFI_VARIABLE_BOOT, "Boot0000"},
    {4, 1, EV_EFI_ACTION, "Calling EFI Application from Boot Option"},
    {4, 1, EV_SEPARATOR, NULL},
    {5, 1, EV_EFI_GPT_EVENT, "partitions"},
    {4, 1, EV_EFI_BOOT_SERVICES_APPLICATION, "shim"},
    {8, 2, EV_IPL, "grub_cmd: linux"},
    {8, 2, EV_IPL, "kernel_cmdline: quiet"},
    {9, 2, EV_IPL, "vmlinuz"},
    {9, 2, EV_IPL, "initrd"},
};
#define BOOT_EVENTS (sizeof boot / sizeof *boot)

static const enum hash bank[] = {HASH_SHA384, HASH_NONE};
static const uint8_t zero4[4];

static struct span data_of(size_t i)
{
    return boot[i].data ? span_text(boot[i].data) : SPAN_ARR(zero4);
}

/* A CCEL numbers RTMR n as n + 1 (UEFI 2.10, 38.4.1). */
static struct span make_ccel(struct make_log *m)
{
    make_log_start(m, bank);
    make_log_event(m, 1, EV_EFI_HANDOFF_TABLES2, SPAN_LIT("hob"), SPAN_LIT("hob"));
    make_log_event(m, 1, EV_EFI_PLATFORM_FIRMWARE_BLOB2, SPAN_LIT("cfv"), SPAN_LIT("cfv"));
    for (size_t i = 0; i < BOOT_EVENTS; i++)
        make_log_event(m, boot[i].rtmr + 1, boot[i].type, data_of(i), data_of(i));
    return wr_span(&m->w);
}

static struct span make_pcr_log(struct make_log *m)
{
    make_log_start(m, bank);
    make_log_event(m, 0, EV_S_CRTM_VERSION, SPAN_LIT("lab"), SPAN_LIT("lab"));
    for (size_t i = 0; i < BOOT_EVENTS; i++) {
        bool all = boot[i].pcr == 4 && !boot[i].data; /* RTMR1 has one separator for PCR 0-6 */
        for (uint32_t pcr = all ? 0 : boot[i].pcr; pcr <= (all ? 6 : boot[i].pcr); pcr++)
            make_log_event(m, pcr, boot[i].type, data_of(i), data_of(i));
    }
    return wr_span(&m->w);
}

static void replay(struct replay *r, const struct make_log *m, enum log_kind kind)
{
    struct events events = make_log_read(m, kind);
    assert_true(logs_replay(r, &events, HASH_SHA384, 0xffffff));
}

static struct span keep(struct lab_machine *m, struct lab_buf *b)
{
    return lab_world_keep(m->w, b);
}

static struct span channel_key(struct lab_machine *m)
{
    unsigned char *der = NULL;
    int n = i2d_PUBKEY(lab_key_pair(m->w, LAB_KEY_CHANNEL), &der);
    struct lab_buf b = {0};
    assert_true(n > 0);
    lab_buf_bytes(&b, span_of(der, (size_t)n));
    OPENSSL_free(der);
    return keep(m, &b);
}

static void make_quote(struct lab_machine *m)
{
    struct lab_quote q = lab_quote_tdx(m->w, &m->platform, 4, LAB_BODY_TD10);
    struct replay r;
    uint8_t akh[32], k[32];
    replay(&r, &m->logs[0], LOG_CCEL);
    memcpy(q.td.rtmr, (uint8_t[4][48]){{0}}, sizeof q.td.rtmr);
    for (size_t i = 0; i < 3; i++)
        memcpy(q.td.rtmr[i], r.value[i], 48);
    assert_true(digest(HASH_SHA256, m->ak.public, akh));
    assert_true(bind_key(m->channel, k));
    assert_true(bind_report_data(akh, m->nonce, k, q.td.report_data));
    m->quote = lab_quote_make(m->w, &q);
}

/* Google's compute instance identifier (ak_google.h). */
static struct span instance_extension(struct lab_machine *m)
{
    static const uint8_t security[] = {0x30, 10, 0xa0, 3, 0x02, 1, 0, 0xa1, 3, 0x01, 1, 0xff};
    struct lab_buf b = {0};
    size_t mark = lab_der_open(&b, DER_SEQUENCE);
    lab_der_bytes(&b, DER_UTF8, SPAN_LIT("us-central1-a"));
    lab_der_number(&b, DER_INTEGER, 258);
    lab_der_bytes(&b, DER_UTF8, SPAN_LIT("project"));
    lab_der_number(&b, DER_INTEGER, 77);
    lab_der_bytes(&b, DER_UTF8, SPAN_LIT("instance"));
    lab_der_bytes(&b, DER_EXPLICIT_0, SPAN_ARR(security));
    lab_der_close(&b, mark);
    return keep(m, &b);
}

static void make_certificate(struct lab_machine *m, struct soft_cert *root)
{
    int64_t from = LAB_MACHINE_AT - YEAR, to = LAB_MACHINE_AT + YEAR;
    *root = (struct soft_cert){.name = "provider", .ca = true, .from = from, .to = to};
    soft_ca_issue(root);
    struct soft_cert ak = {.name = "ak", .issuer = root, .from = from, .to = to};
    ak.key = m->ak.key;
    ak.eku = "2.23.133.8.1";
    ak.oid = AK_GOOGLE_OID;
    ak.value = instance_extension(m);
    soft_ca_issue(&ak);
    m->tpm.certs[0] = ak.der;
    m->tpm.n_certs = 1;
}

static void make_tpm_quote(struct lab_machine *m)
{
    struct replay r;
    uint8_t tqh[32], extra[32], pcr_digest[32], name[34] = {0, 0x0b}, qualified[66];
    struct span parts[REGISTERS_MAX];
    struct bank *b = &m->tpm.registers.bank[0];
    size_t n = 0;
    replay(&r, &m->logs[1], LOG_PCR);
    m->tpm.registers.n = 1;
    *b = (struct bank){.hash = HASH_SHA384, .mask = GUEST_PCRS};
    for (size_t i = 0; i < REGISTERS_MAX; i++) {
        if (!(GUEST_PCRS >> i & 1))
            continue;
        memcpy(m->pcr[i], r.value[i], 48);
        b->value[i] = parts[n++] = SPAN_ARR(m->pcr[i]);
    }
    assert_true(digest(HASH_SHA256, m->quote, tqh) && bind_tq(m->nonce, tqh, extra));
    assert_true(digest_parts(HASH_SHA256, parts, n, pcr_digest));
    struct tpm_attest a = {.magic = TPM_GENERATED, .type = TPM_ST_ATTEST_QUOTE, .safe = true};
    a.extra_data = SPAN_ARR(extra);
    a.pcr_digest = SPAN_ARR(pcr_digest);
    assert_true(digest(HASH_SHA256, m->ak.public, name + 2));
    assert_int_equal(tpm_policy_primary(SPAN_ARR(name), qualified), 34);
    a.qualified_signer = span_of(qualified, 34);
    a.selection[0] = (struct tpm_selection){hash_tpm(HASH_SHA384), GUEST_PCRS};
    a.n_selections = 1;
    m->tpm.attest = soft_tpm_attest(m->attest, sizeof m->attest, &a);
    m->tpm.signature =
        soft_tpm_sign(m->signature, sizeof m->signature, &m->ak, m->ak.hash, m->tpm.attest);
    m->tpm.public_area = m->ak.public;
}

/* The image, with the lists of what its TPM log says. */
static void put_reference(struct lab_buf *b, const struct lab_machine *m, struct span mrtd,
                          const uint8_t rtmr[4][48])
{
    struct lab_reference_event v[64];
    struct events log = make_log_read(&m->logs[1], LOG_PCR);
    assert_true(log.n <= 64);
    size_t n = 0;
    for (size_t i = 0; i < log.n; i++)
        if (log.v[i].index != 7 || log.v[i].type != EV_SEPARATOR) {
            v[n] = (struct lab_reference_event){.pcr = (uint8_t)log.v[i].index};
            memcpy(v[n++].digest, events_digest(&log, &log.v[i], 0).p, 48);
        }
    lab_reference(b, "lab", mrtd, rtmr, v, n);
}

static void make_policy(struct lab_machine *m)
{
    const uint8_t *body = m->quote.p + 48; /* TDX DCAP Quoting Library API, A.3.1 and A.3.2 */
    struct lab_buf b = {0};
    uint8_t rtmr[4][48];
    memcpy(rtmr, body + 328, sizeof rtmr);
    lab_buf_text(&b, "{\"simulated\": true, \"scenario\": \"managed\", \"require\": [\"genuine\", "
                     "\"live\", \"bound\"],"
                     "\"ref.guest\": {\"images\": [");
    put_reference(&b, m, span_of(body + 136, 48), rtmr);
    lab_buf_format(
        &b,
        "]}, \"ak.certificate\": {\"providers\": [\"google\"], \"projects\": [\"project\"],"
        "\"platform\": {\"by\": \"the lab\", \"banks\": [\"sha384\"], \"firmware_first\": "
        "true, \"all_banks_extended\": true}},"
        "\"bind.measurements\": {\"pcr0\": [\"%s\"]}}",
        TEXT_HEX(SPAN_ARR(m->pcr[0])));
    m->policy = keep(m, &b);
}

static void put_pem(struct lab_buf *b, struct span der)
{
    size_t n = text_base64_size(der.n);
    char *text = malloc(n + 1);
    assert_non_null(text);
    text_base64(text, der);
    lab_buf_text(b, "-----BEGIN CERTIFICATE-----\n");
    for (size_t i = 0; i < n; i += 64)
        lab_buf_format(b, "%.64s\n", text + i);
    lab_buf_text(b, "-----END CERTIFICATE-----\n");
    free(text);
}

static void make_trust(struct lab_machine *m, const struct soft_cert *root)
{
    struct lab_buf pem = {0}, b = {0};
    put_pem(&pem, root->der);
    lab_buf_text(&b, "{\"anchors\": [");
    lab_buf_bytes(&b, lab_trust_anchor(m->w));
    lab_buf_text(&b, ", {\"name\": \"Google of the lab\", \"for\": [\"provider\"], "
                     "\"profile\": \"google\", \"pem\": ");
    lab_buf_json(&b, lab_buf_span(&pem));
    lab_buf_text(&b, ", \"simulated\": true}]}");
    lab_buf_free(&pem);
    m->trust = keep(m, &b);
}

static void make_collateral(struct lab_machine *m, bool tdx)
{
    m->collateral = lab_collateral_honest(m->w, &m->platform, tdx);
    lab_collateral_parts(m->w, &m->collateral, m->parts);
}

void lab_machine_new(struct lab_machine *m)
{
    struct soft_cert root;
    memset(m, 0, sizeof *m);
    m->w = lab_world_new(LAB_MACHINE_AT);
    m->platform = lab_platform_honest(0);
    memset(m->nonce, 0x5a, sizeof m->nonce);
    soft_tpm_ak(&m->ak, SOFT_P256, AK_ATTRIBUTES, span_of(NULL, 0));
    m->channel = channel_key(m);
    m->ccel = make_ccel(&m->logs[0]);
    m->pcr_log = make_pcr_log(&m->logs[1]);
    make_collateral(m, true);
    make_quote(m);
    make_tpm_quote(m);
    make_certificate(m, &root);
    make_policy(m);
    make_trust(m, &root);
}

void lab_machine_free(struct lab_machine *m)
{
    lab_world_free(m->w);
}

struct span lab_machine_quote(struct lab_machine *m, uint16_t version, uint16_t body_type)
{
    bool tdx = body_type != LAB_BODY_SGX;
    struct lab_quote q = tdx ? lab_quote_tdx(m->w, &m->platform, version, body_type)
                             : lab_quote_sgx(m->w, &m->platform, version);
    make_collateral(m, tdx);
    return lab_quote_make(m->w, &q);
}

static void add(struct bundle *b, const char *label, struct span value)
{
    struct situs_err err = {0};
    enum item_kind kind = item_kind_of(label);
    if (kind == ITEM_KIND_COUNT)
        kind = ITEM_COLLATERAL;
    if (!bundle_add(b, label, kind, value, &err))
        fail_msg("%s: %s %s", label, err_code_name(err.code), err.field);
}

struct span lab_machine_bundle(struct lab_machine *m, bool json, bool collateral)
{
    static uint8_t value[8192], bytes[256 * 1024];
    static struct bundle b;
    struct wr v = wr_new(value, sizeof value), w = wr_new(bytes, sizeof bytes);
    struct lab_buf kept = {0};
    b = (struct bundle){0};
    assert_true(tpm_value_write(&m->tpm, &v));
    add(&b, "tdx", m->quote);
    add(&b, "guest", wr_span(&v));
    add(&b, "log.tdx", m->ccel);
    add(&b, "log.guest", m->pcr_log);
    add(&b, "channel", m->channel);
    if (collateral)
        add(&b, "intel", lab_collateral_json(m->w, &m->collateral));
    assert_true(bundle_write(&b, json, &w) && wr_ok(&w));
    lab_buf_bytes(&kept, wr_span(&w));
    return keep(m, &kept);
}

static struct situs_memory memory_of(void **slot, size_t size)
{
    *slot = malloc(size);
    assert_non_null(*slot);
    return (struct situs_memory){*slot, size};
}

void lab_verifier_new(struct lab_verifier *v, const struct lab_machine *m, const char *policy)
{
    struct situs_item parts[LAB_PARTS];
    struct situs_err err = {0};
    struct span text = policy ? span_text(policy) : m->policy;
    for (size_t i = 0; i < LAB_PARTS; i++)
        parts[i] = m->parts[i];
    *v = (struct lab_verifier){.trust = NULL};
    v->trust = situs_trust_read((struct situs_item){"trust", m->trust.p, m->trust.n},
                                memory_of(&v->memory[0], SITUS_TRUST_MEMORY), &err);
    v->policy = situs_policy_read((struct situs_item){"policy", text.p, text.n},
                                  memory_of(&v->memory[1], SITUS_POLICY_MEMORY), &err);
    v->snapshot = situs_snapshot_load(parts, LAB_PARTS, v->trust,
                                      memory_of(&v->memory[2], SITUS_SNAPSHOT_MEMORY), &err);
    if (!v->trust || !v->policy || !v->snapshot)
        fail_msg("%s: %s %s: expected %s, got %s", err.part, err_code_name(err.code), err.field,
                 err.expected, err.got);
}

void lab_verifier_words(struct lab_verifier *v, const struct situs_item *items, size_t n)
{
    struct situs_err err = {0};
    size_t size = situs_endorsements_memory(items, n);
    free(v->memory[3]);
    v->words = situs_endorsements_load(items, n, v->trust, memory_of(&v->memory[3], size), &err);
    if (!v->words)
        fail_msg("%s: %s %s: expected %s, got %s", err.part, err_code_name(err.code), err.field,
                 err.expected, err.got);
}

void lab_verifier_free(struct lab_verifier *v)
{
    situs_snapshot_free(v->snapshot);
    situs_endorsements_free(v->words);
    for (size_t i = 0; i < 4; i++)
        free(v->memory[i]);
}

struct situs_request lab_verifier_request(const struct lab_verifier *v, const struct lab_machine *m,
                                          struct span evidence)
{
    return (struct situs_request){
        .evidence = {"evidence", evidence.p, evidence.n},
        .nonce = {"nonce", m->nonce, sizeof m->nonce},
        .channel = {"channel", m->channel.p, m->channel.n},
        .trust = v->trust,
        .policy = v->policy,
        .snapshot = v->snapshot,
        .endorsements = v->words,
        .at = LAB_MACHINE_AT,
    };
}
