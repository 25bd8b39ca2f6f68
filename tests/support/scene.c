/* Whole appraisals; see scene.h. Formulas: DESIGN: messages. */
#include "support/scene.h"

#include "appraise/bind.h"
#include "appraise/logs.h"
#include "appraise/seal.h"
#include "base/text.h"
#include "crypto/tpm_policy.h"
#include "endorse/ak_cert/ak_situs.h"
#include "lab/intel/lab_reference.h"
#include "model/bundle.h"
#include "situs/collateral_hash.h"
#include "situs/evidence_verify.h"
#include "situs/given.h"
#include "support/test.h"
#include "support/warm.h"

#include <stdio.h>

#define EKU_AK "2.23.133.8.3"
#define GUEST_SET 0x7bffu     /* PCR 0-9, 11-14 */
#define LAUNCH_SET 0x00060000 /* PCR 17, 18 */

/* A boot that firmware logs twice (profile lab): the TD's own events first. */
static const struct scene_event boot[] = {
    {1, SCENE_NO_PCR, EV_EFI_HANDOFF_TABLES2, "TD HOB"},
    {1, SCENE_NO_PCR, EV_EFI_PLATFORM_FIRMWARE_BLOB2, "configuration volume"},
    {0, 0, EV_S_CRTM_VERSION, "firmware"},
    {1, 7, EV_EFI_VARIABLE_DRIVER_CONFIG, "SecureBoot"},
    {1, 7, EV_EFI_VARIABLE_DRIVER_CONFIG, "PK"},
    {1, 7, EV_EFI_VARIABLE_DRIVER_CONFIG, "KEK"},
    {1, 7, EV_EFI_VARIABLE_DRIVER_CONFIG, "db"},
    {1, 7, EV_EFI_VARIABLE_DRIVER_CONFIG, "dbx"},
    {1, 7, EV_SEPARATOR, ""},
    {1, 1, EV_EFI_VARIABLE_BOOT, "BootOrder"},
    {1, 1, EV_EFI_VARIABLE_BOOT, "Boot0000"},
    {2, 4, EV_EFI_ACTION, "Calling EFI Application from Boot Option"},
    {0, 0, EV_SEPARATOR, ""},
    {0, 1, EV_SEPARATOR, ""},
    {2, 2, EV_SEPARATOR, ""},
    {0, 3, EV_SEPARATOR, ""},
    {0, 4, EV_SEPARATOR, ""},
    {0, 5, EV_SEPARATOR, ""},
    {0, 6, EV_SEPARATOR, ""},
    {2, 5, EV_EFI_GPT_EVENT, "partitions"},
    {2, 4, EV_EFI_BOOT_SERVICES_APPLICATION, "kernel"},
    {3, 8, EV_IPL, "command line"},
    {3, 9, EV_IPL, "initrd"},
    {2, 5, EV_EFI_ACTION, "Exit Boot Services Invocation"},
    {2, 5, EV_EFI_ACTION, "Exit Boot Services Returned with Success"},
};

static const struct scene_event launch[] = {
    {0, 17, EVTYPE_HASH_START, "SINIT ACM"},
    {0, 17, EVTYPE_LCP_CONTROL_HASH, "launch policy"},
    {0, 17, EVTYPE_COMBINED_HASH, "SEAM loader"},
    {0, 18, EVTYPE_MLE_HASH, "host kernel"},
    {0, 18, EV_IPL, "host agent"},
    {0, 18, EV_IPL, "vTPM"},
};

static struct span measured(const struct scene_event *e)
{
    return e->type == EV_SEPARATOR ? span_of("\0\0\0\0", 4) : span_text(e->text);
}

static void log_ccel(struct scene *s)
{
    make_log_start(&s->ccel, (const enum hash[]){HASH_SHA384, HASH_NONE});
    for (size_t i = 0; i < s->n_boot; i++)
        if (s->boot[i].rtmr)
            make_log_event(&s->ccel, s->boot[i].rtmr, s->boot[i].type, measured(&s->boot[i]),
                           measured(&s->boot[i]));
}

static void log_pcrs(struct scene_tpm *t, enum hash h, const struct scene_event *v, size_t n,
                     const char *kernel)
{
    make_log_start(&t->log, (const enum hash[]){h, HASH_NONE});
    for (size_t i = 0; i < n; i++) {
        struct span m = measured(&v[i]);
        if (kernel && strcmp(v[i].text, "kernel") == 0)
            m = span_text(kernel);
        if (v[i].pcr != SCENE_NO_PCR)
            make_log_event(&t->log, v[i].pcr, v[i].type, m, m);
    }
}

/* Lets the registers be what the log says. */
static void extend(struct scene_tpm *t, enum hash h, enum log_kind kind, uint32_t mask)
{
    struct events events = make_log_read(&t->log, kind);
    struct replay r;
    assert_true(logs_replay(&r, &events, h, mask));
    memcpy(t->values.v, r.value, sizeof r.value);
    t->registers = (struct registers){.n = 1};
    t->registers.bank[0] = (struct bank){.hash = h, .mask = mask};
    for (uint32_t i = 0; i < REGISTERS_MAX; i++)
        if (mask >> i & 1)
            t->registers.bank[0].value[i] = span_of(t->values.v[i], hash_size(h));
}

static void measure(struct scene *s)
{
    log_ccel(s);
    struct events ccel = make_log_read(&s->ccel, LOG_CCEL);
    struct replay r;
    assert_true(logs_replay(&r, &ccel, HASH_SHA384, 7));
    for (size_t i = 0; i < 3; i++)
        memcpy(s->td.td.rtmr[i], r.value[i], 48);
    log_pcrs(&s->guest, HASH_SHA384, s->boot, s->n_boot, s->kernel_in_tpm);
    extend(&s->guest, HASH_SHA384, LOG_PCR, GUEST_SET);
    log_pcrs(&s->host, HASH_SHA256, s->launch, s->n_launch, NULL);
    extend(&s->host, HASH_SHA256, LOG_LAUNCH, LAUNCH_SET);
}

static void write_host(struct scene *s, struct wr *w)
{
    struct lab_buf closed = {0};
    lab_closed(&closed, "host builder");
    wr_text(w, ",\"host.image\":{\"images\":[{\"name\":\"host\",");
    wr_bytes(w, lab_buf_span(&closed));
    wr_text(w, ",");
    lab_buf_free(&closed);
    wr_format(w, "\"from\":\"2025-01-01T00:00:00Z\",\"to\":\"%s\",\"agent_co_locates\":%s,",
              s->host_to, s->co_locates ? "true" : "false");
    wr_text(w, "\"bank\":\"sha256\",\"registers\":[17,18],\"events\":[");
    for (size_t i = 0; i < sizeof launch / sizeof *launch; i++) {
        uint8_t d[32];
        assert_true(digest(HASH_SHA256, measured(&launch[i]), d));
        wr_format(w, "%s{\"pcr\":%u,\"type\":\"%s\",\"digest\":\"", i ? "," : "",
                  (unsigned)launch[i].pcr, event_type_name(launch[i].type));
        wr_hex(w, SPAN_ARR(d));
        wr_text(w, "\"}");
    }
    wr_text(w, "]}]}");
}

static void write_guest(const struct scene *s, struct wr *w)
{
    struct lab_reference_event v[SCENE_EVENTS];
    struct lab_buf image = {0};
    size_t n = 0;
    for (size_t i = 0; i < s->n_boot; i++) {
        const struct scene_event *e = &s->boot[i];
        if (e->pcr == SCENE_NO_PCR || (e->pcr == 7 && e->type == EV_SEPARATOR))
            continue;
        v[n] = (struct lab_reference_event){.pcr = (uint8_t)e->pcr,
                                            .tpm_only = !e->rtmr && e->type != EV_SEPARATOR};
        assert_true(digest(HASH_SHA384, measured(e), v[n++].digest));
    }
    lab_reference(&image, "guest", SPAN_ARR(s->td.td.mr_td), s->td.td.rtmr, v, n);
    wr_bytes(w, lab_buf_span(&image));
    lab_buf_free(&image);
}

static const char *bare(const struct scene *s, const char *yes, const char *no)
{
    return s->bare_metal ? yes : no;
}

/* Written once, when everything is still honest; again only by an attack on the policy itself. */
void scene_policy(struct scene *s)
{
    struct wr w = wr_new(s->policy_text, sizeof s->policy_text);
    struct situs_err err = {0};
    wr_format(&w, "{\"simulated\":true,\"scenario\":\"%s\",\"require\":[%s],",
              bare(s, "bare-metal", "managed"),
              bare(s, "\"bound\",\"host-measured\",\"co-located\"", "\"bound\""));
    wr_text(&w, "\"ak.certificate\":{\"providers\":[\"situs\"],\"allow\":[\"registrar=hall "
                "4\"],\"platform\":{\"by\":\"provider\","
                "\"banks\":[\"sha384\"],\"firmware_first\":true,\"all_banks_extended\":true}},"
                "\"ref.guest\":{\"images\":[");
    write_guest(s, &w);
    wr_text(&w, "]},\"bind.measurements\":{\"pcr0\":[\"");
    wr_hex(&w, span_of(s->guest.values.v[0], 48));
    wr_text(&w, "\"]}");
    if (s->bare_metal)
        write_host(s, &w);
    wr_text(&w, s->more);
    wr_text(&w, "}");
    assert_true(wr_ok(&w));
    s->arena = arena_new(s->policy_memory, sizeof s->policy_memory);
    if (!policy_read(&s->policy, "scene", wr_span(&w), &s->arena, &err))
        fail_msg("policy: %s %s: %s, %s", err_code_name(err.code), err.field, err.expected,
                 err.got);
}

void scene_seal(struct scene *s, enum soft_kind kind, struct span auth_policy)
{
    soft_tpm_ak(&s->host.ak, kind, SCENE_AK_D, auth_policy);
}

static void plan(struct scene *s)
{
    uint8_t sealed[32];
    s->platform = lab_platform_honest(0);
    s->td = lab_quote_tdx(s->w, &s->platform, 4, 0);
    memcpy(s->boot, boot, sizeof boot);
    memcpy(s->launch, launch, sizeof launch);
    s->n_boot = sizeof boot / sizeof *boot;
    s->n_launch = sizeof launch / sizeof *launch;
    s->more = "";
    s->host_to = "2027-01-01T00:00:00Z";
    s->co_locates = true;
    memset(s->nonce, 0x4e, 32);
    s->channel = SPAN_LIT("SubjectPublicKeyInfo of the channel key");
    measure(s);
    scene_policy(s);
    soft_tpm_ak(&s->guest.ak, SOFT_RSASSA, SCENE_AK_V, span_of(NULL, 0));
    if (s->bare_metal) {
        assert_true(seal_policy_host(s->policy.v[PARAM_HOST_IMAGE_IMAGES].hosts, sealed));
        scene_seal(s, SOFT_P256, SPAN_ARR(sealed));
    }
    s->root = (struct soft_cert){
        .name = "registrar root", .ca = true, .from = SCENE_AT - 86400, .to = SCENE_AT + 86400};
    soft_ca_issue(&s->root);
    s->ca = (struct soft_cert){.name = "registrar",
                               .issuer = &s->root,
                               .ca = true,
                               .from = SCENE_AT - 86400,
                               .to = SCENE_AT + 86400};
    soft_ca_issue(&s->ca);
    s->n_crls = 2;
}

static void name_of(const struct soft_ak *ak, uint8_t name[34])
{
    name[0] = 0;
    name[1] = 0x0b;
    assert_true(digest(HASH_SHA256, ak->public, name + 2));
}

/* The key that the TD names: the machine's on bare metal, else the guest's. */
static struct scene_tpm *named(struct scene *s)
{
    return s->bare_metal ? &s->host : &s->guest;
}

static void report(struct scene *s)
{
    uint8_t akh[32], k[32];
    measure(s);
    assert_true(digest(HASH_SHA256, named(s)->ak.public, akh));
    assert_true(bind_key(s->channel, k) &&
                bind_report_data(akh, s->nonce, k, s->td.td.report_data));
    s->says = (struct scene_machine){
        .class = s->bare_metal ? 0 : 1, .ek_name = {0, 0x0b, 0xee}, .resets = 3, .restarts = 1};
    name_of(&named(s)->ak, s->says.ak_name);
    memcpy(s->says.piid, s->platform.piid, 16);
    memcpy(s->host.qualified, "\0\x0b", 2);
}

static void attest(struct scene *s, struct scene_tpm *t, uint32_t mask)
{
    uint8_t name[34];
    enum hash bank = t->registers.bank[0].hash;
    struct span values[REGISTERS_MAX];
    size_t n = 0;
    name_of(&t->ak, name);
    assert_int_equal(t == &s->host ? tpm_policy_qualified(SPAN_ARR(s->says.ek_name), SPAN_ARR(name),
                                                          t->qualified)
                                   : tpm_policy_primary(SPAN_ARR(name), t->qualified),
                     34);
    for (size_t i = 0; i < REGISTERS_MAX; i++)
        if (mask >> i & 1)
            values[n++] = t->registers.bank[0].value[i];
    assert_true(digest_parts(HASH_SHA256, values, n, t->digest));
    t->attest = (struct tpm_attest){.magic = TPM_GENERATED,
                                    .type = TPM_ST_ATTEST_QUOTE,
                                    .qualified_signer = span_of(t->qualified, 34),
                                    .extra_data = SPAN_ARR(t->extra),
                                    .clock = 1000,
                                    .reset_count = s->says.resets,
                                    .restart_count = s->says.restarts,
                                    .safe = true,
                                    .selection = {{hash_tpm(bank), mask}},
                                    .n_selections = 1,
                                    .pcr_digest = SPAN_ARR(t->digest)};
}

static void attest_all(struct scene *s)
{
    uint8_t name[34];
    s->quote = lab_quote_make(s->w, &s->td);
    assert_true(digest(HASH_SHA256, s->quote, s->tqh));
    name_of(&s->guest.ak, name);
    assert_true(bind_tq(s->nonce, s->tqh, s->guest.extra));
    attest(s, &s->guest, GUEST_SET);
    if (!s->bare_metal)
        return;
    assert_true(bind_pq(s->nonce, s->tqh, SPAN_ARR(name), s->host.extra));
    attest(s, &s->host, LAUNCH_SET);
}

static void put(struct wr *w, uint8_t tag, struct span value)
{
    wr_u8(w, tag);
    wr_u8(w, (uint8_t)value.n);
    wr_bytes(w, value);
}

static void certify(struct scene *s)
{
    static uint8_t der[256];
    uint8_t body[256];
    struct wr w = wr_new(body, sizeof body);
    put(&w, 0x0c, SPAN_LIT("hall 4"));
    put(&w, 0x0c, SPAN_LIT("rack 7"));
    put(&w, 0x0a, span_of(&s->says.class, 1));
    put(&w, 0x04, SPAN_ARR(s->says.ek_name));
    put(&w, 0x04, SPAN_ARR(s->says.ak_name));
    put(&w, 0x04, SPAN_ARR(s->says.piid));
    put(&w, 0x02, span_of(&s->says.resets, 1));
    put(&w, 0x02, span_of(&s->says.restarts, 1));
    struct wr out = wr_new(der, sizeof der);
    wr_u8(&out, 0x30);
    if (w.n >= 128) /* X.690 8.1.3.5: the shortest form */
        wr_u8(&out, 0x81);
    wr_u8(&out, (uint8_t)w.n);
    wr_bytes(&out, wr_span(&w));
    s->cert = (struct soft_cert){.name = "ak",
                                 .issuer = &s->ca,
                                 .key = named(s)->ak.key,
                                 .eku = EKU_AK,
                                 .oid = AK_SITUS_OID,
                                 .value = wr_span(&out)};
    soft_ca_issue(&s->cert);
    s->crls[0] = soft_ca_crl(&s->ca, SCENE_AT - 60, SCENE_AT + 60, 0);
    s->crls[1] = soft_ca_crl(&s->root, SCENE_AT - 60, SCENE_AT + 60, 0);
}

static void sign(struct scene_tpm *t)
{
    t->attest_span = soft_tpm_attest(t->attest_bytes, sizeof t->attest_bytes, &t->attest);
    t->signature = soft_tpm_sign(t->signature_bytes, sizeof t->signature_bytes, &t->ak, t->ak.hash,
                                 t->attest_span);
}

static void add(struct scene *s, struct bundle *b, const char *label, enum item_kind kind,
                struct span value)
{
    struct situs_err err = {0};
    if (!s->leave_out || strcmp(s->leave_out, label) != 0)
        assert_true(bundle_add(b, label, kind, value, &err));
}

static struct span value_of(struct scene *s, struct scene_tpm *t)
{
    struct tpm_value v = {.attest = t->attest_span,
                          .signature = t->signature,
                          .public_area = t->ak.public,
                          .registers = t->registers};
    if (t == named(s)) {
        v.certs[0] = s->cert.der;
        v.certs[1] = s->ca.der;
        v.n_certs = 2;
    }
    struct wr w = wr_new(t->value_bytes, sizeof t->value_bytes);
    assert_true(tpm_value_write(&v, &w));
    return wr_span(&w);
}

static struct span pack(struct scene *s)
{
    struct bundle b = {.n = 0};
    add(s, &b, "tdx", ITEM_TDX_QUOTE, s->quote);
    add(s, &b, "guest", ITEM_TPM_QUOTE, value_of(s, &s->guest));
    add(s, &b, "log.tdx", ITEM_TCG_LOG, wr_span(&s->ccel.w));
    add(s, &b, "log.guest", ITEM_TCG_LOG, wr_span(&s->guest.log.w));
    add(s, &b, "channel", ITEM_SPKI, s->channel);
    if (s->bare_metal) {
        add(s, &b, "platform", ITEM_TPM_QUOTE, value_of(s, &s->host));
        add(s, &b, "log.platform", ITEM_TCG_LOG, wr_span(&s->host.log.w));
    }
    add(s, &b, "ca.crl", ITEM_CRL, s->crls[0]); /* one in the bundle, one beside it */
    struct wr w = wr_new(s->bundle_memory, sizeof s->bundle_memory);
    assert_true(bundle_write(&b, false, &w));
    return wr_span(&w);
}

static void ask(struct scene *s)
{
    s->beside[0] = item_of("a CRL", s->crls[1]);
    s->n_beside = s->n_crls - 1;
    s->request = (struct situs_request){.evidence = item_of("evidence", pack(s)),
                                        .nonce = item_of("nonce", SPAN_ARR(s->nonce)),
                                        .channel = item_of("channel", s->channel),
                                        .endorsements = &s->words,
                                        .trust = (const struct situs_trust *)&s->trust,
                                        .policy = (const struct situs_policy *)&s->policy,
                                        .snapshot = &s->snapshot,
                                        .at = SCENE_AT};
}

static void load(struct scene *s)
{
    struct situs_item parts[LAB_PARTS];
    struct situs_err err = {0};
    s->arena = arena_new(s->memory, sizeof s->memory);
    assert_true(trust_read(&s->trust, lab_trust_json(s->w), &s->arena, &err));
    s->anchors[0] = s->trust.anchors[0];
    s->anchors[1] = (struct anchor){.name = "registrar",
                                    .uses = ANCHOR_PROVIDER,
                                    .profile = AK_PROFILE_SITUS,
                                    .der = s->root.der};
    assert_true(digest(HASH_SHA256, s->root.der, s->anchors[1].sha256));
    s->trust = (struct trust){.anchors = s->anchors, .n = 2};
    lab_collateral_parts(s->w, &s->collateral, parts);
    s->snapshot.hash = collateral_hash_new(parts, LAB_PARTS, &s->arena, &err);
    if (!s->snapshot.hash ||
        !tee_collateral_load(&s->snapshot.collateral, parts, LAB_PARTS, &s->trust, &s->arena, &err))
        fail_msg("%s: %s %s", err.part, err_code_name(err.code), err.field);
}

static void appraise(struct scene *s)
{
    struct situs_err err = {0};
    s->words = (struct situs_endorsements){.words = {.n = 0}};
    bool asked = given_read(&s->words.words, s->beside, s->n_beside, &s->trust, &s->arena, &err);
    s->arena = arena_new(s->result_memory, sizeof s->result_memory);
    if (asked) {
        s->answer.asked = s->request;
        evidence_verify(&s->result, &s->request, &s->arena);
        warm_as_cold(&s->request, &s->result);
    } else {
        evidence_not_asked(&s->result, &s->request, &err, &s->arena);
    }
}

struct scene *scene_run(bool bare_metal, scene_attack *attack)
{
    static struct scene s;
    struct lab_world *w = s.w ? s.w : lab_world_new(SCENE_AT);
    memset(&s, 0, sizeof s);
    s.w = w;
    s.bare_metal = bare_metal;
    static void (*const steps[])(struct scene *) = {plan, report, attest_all};
    for (int at = SCENE_PLANNED; at <= SCENE_ATTESTED; at++) {
        steps[at](&s);
        if (at == SCENE_PLANNED)
            s.collateral = lab_collateral_honest(w, &s.platform, true);
        if (attack)
            attack(&s, (enum scene_stage)at);
    }
    certify(&s);
    sign(&s.guest);
    if (bare_metal)
        sign(&s.host);
    if (attack)
        attack(&s, SCENE_SIGNED);
    load(&s);
    ask(&s);
    if (attack)
        attack(&s, SCENE_ASKED);
    appraise(&s);
    tee_collateral_free(&s.snapshot.collateral);
    return &s;
}

void scene_free(struct scene *s)
{
    lab_world_free(s->w);
    s->w = NULL;
}
