/* Attacks on whole appraisals; see scene_attacks.h. N numbers: the list of negative cases. */
#include "support/scene_attacks.h"

#include "appraise/bind.h"
#include "appraise/verdict.h"
#include "base/text.h"
#include "situs/report.h"
#include "support/test.h"

#include <jansson.h>
#include <stdio.h>

void scene_print(const struct result *r)
{
    if (r->err.code)
        print_error("error: %s %s %s: %s, got %s\n", r->err.part, err_code_name(r->err.code),
                    r->err.field, r->err.expected, r->err.got);
    for (enum check c = 0; c < CHECK_COUNT; c++) {
        const struct finding *f = &r->findings.v[c];
        if (f->outcome == OUTCOME_FAIL)
            print_error("%s: %s %s %s: %s, got %s\n", check_row(c)->id, f->why->part,
                        err_code_name(f->why->code), f->why->field, f->why->expected, f->why->got);
        else if (f->outcome == OUTCOME_NOT_RUN && f->reason)
            print_error("%s: not run: %s\n", check_row(c)->id, f->reason);
    }
}

static bool refused_only(bool bare_metal, const struct scene_row *row)
{
    const struct result *r = &scene_run(bare_metal, row->attack)->result;
    const struct finding *f = &r->findings.v[row->check];
    bool alone = r->err.code == SITUS_NONE && f->outcome == OUTCOME_FAIL;
    for (enum check c = 0; c < CHECK_COUNT; c++)
        alone &= c == row->check || r->findings.v[c].outcome != OUTCOME_FAIL;
    if (alone && f->why->code == row->code && strcmp(f->why->field, row->field) == 0 &&
        strcmp(f->why->part, row->part) == 0 && r->verdict == VERDICT_REFUSED &&
        (r->held & PROOFS_BOUND) == 0 && r->exit == finding_exit(row->check, row->code))
        return true;
    print_error("%s is not refused by %s alone, as it should be:\n", row->name,
                check_row(row->check)->id);
    scene_print(r);
    return false;
}

void scene_expect_refused(bool bare_metal, const struct scene_row *rows, size_t n)
{
    size_t others = 0;
    for (size_t i = 0; i < scene_n_common; i++)
        others += !refused_only(bare_metal, &scene_common[i]);
    for (size_t i = 0; i < n; i++)
        others += !refused_only(bare_metal, &rows[i]);
    assert_int_equal(others, 0);
}

static const char *stripped;

static void strip(struct scene *s, enum scene_stage now)
{
    if (now == SCENE_SIGNED)
        s->leave_out = stripped;
}

void scene_expect_missed(bool bare_metal, const char *const *labels, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        stripped = labels[i];
        const struct result *r = &scene_run(bare_metal, strip)->result;
        assert_int_equal(r->verdict, VERDICT_REFUSED);
        assert_int_equal(r->held, PROOF_GENUINE | PROOF_LIVE);
        assert_int_equal(r->exit, 6);
    }
}

static bool covers(const struct scene_row *rows, size_t n, enum check c)
{
    for (size_t i = 0; i < n; i++)
        if (rows[i].check == c)
            return true;
    return false;
}

void scene_expect_covered(bool bare_metal, const struct scene_row *rows, size_t n)
{
    struct policy policy = {.scenario = bare_metal ? SCENARIO_BARE_METAL : SCENARIO_MANAGED};
    struct result r = {.policy = &policy, .tee = KIND_TDX};
    for (enum check c = 0; c < CHECK_COUNT; c++) {
        bool needed =
            check_row(c)->proofs & PROOF_BOUND && verdict_applies(&r, c) && c != CHECK_FRESH_NONCE;
        if (needed && !covers(rows, n, c) && !covers(scene_common, scene_n_common, c))
            fail_msg("no attack is refused by %s alone", check_row(c)->id);
    }
}

void scene_expect_rests(const struct result *r, const char *proof, const char *const *begins,
                        size_t n)
{
    static char text[1 << 18];
    struct wr w = wr_new(text, sizeof text);
    report_json(door_result(r), &w);
    json_t *o = json_loadb(text, w.n, 0, NULL);
    json_t *of = json_object_get(json_object_get(o, "proofs"), proof);
    json_t *on = json_object_get(of, "rests_on");
    assert_true(json_is_true(json_object_get(of, "holds")));
    assert_int_equal(json_array_size(on), n);
    for (size_t i = 0; i < n; i++) {
        const char *party = json_string_value(json_array_get(on, i));
        if (strncmp(party, begins[i], strlen(begins[i])) != 0)
            fail_msg("%s rests on \"%s\", not on \"%s\"", proof, party, begins[i]);
    }
    json_decref(o);
}

void scene_spoil(struct make_log *log, const char *text)
{
    log->bytes[log->w.n - strlen(text) - 4 - 1] ^= 1; /* before the data's size: the digest */
}

void scene_digest(struct scene_tpm *t)
{
    struct span values[REGISTERS_MAX];
    size_t n = 0;
    for (size_t i = 0; i < REGISTERS_MAX; i++)
        if (t->registers.bank[0].mask >> i & 1)
            values[n++] = t->registers.bank[0].value[i];
    assert_true(digest_parts(HASH_SHA256, values, n, t->digest));
}

void scene_deny(struct scene *s, struct span id)
{
    static char text[300];
    snprintf(text, sizeof text, ",\"poe.revoked\":{\"deny\":[\"%s\"]}", TEXT_HEX(id));
    s->more = text;
    scene_policy(s);
}

/* The TEE alone */
ATTACK(forged_quote, SCENE_REPORTED, s->td.signing_key = LAB_KEY_IMPOSTOR)
ATTACK(revoked_processor, SCENE_PLANNED,
       s->collateral.pck_crl.revoked[0] = SPAN_ARR(s->td.chain.certs[0].serial);
       s->collateral.pck_crl.n_revoked = 1)
ATTACK(old_platform, SCENE_PLANNED, s->collateral.tcb_info.levels.v[0].status = "OutOfDate")
ATTACK(debug_td, SCENE_REPORTED, s->td.td.td_attributes[0] |= 1)
ATTACK(own_image, SCENE_PLANNED, s->boot[20].text = "the attacker's kernel")

/* The machine is known to be bad: by whatever id, whoever vouches for it. */
ATTACK(denied_ppid, SCENE_PLANNED, scene_deny(s, SPAN_ARR(s->platform.ppid)))
ATTACK(denied_piid, SCENE_PLANNED, scene_deny(s, SPAN_ARR(s->platform.piid)))

/* The TPM alone */
ATTACK(forged_tpm_quote, SCENE_SIGNED, s->guest.signature_bytes[s->guest.signature.n - 1] ^= 1)
ATTACK(invented_pcrs, SCENE_ATTESTED, s->guest.digest[0] ^= 1)
ATTACK(unquoted_pcr, SCENE_ATTESTED, s->guest.attest.selection[0].mask &= ~(1u << 14))
ATTACK(unrestricted_key, SCENE_PLANNED,
       soft_tpm_ak(&s->guest.ak, SOFT_RSASSA, SCENE_AK_V & ~TPMA_RESTRICTED, span_of(NULL, 0)))
ATTACK(revoked_key, SCENE_SIGNED,
       s->crls[0] = soft_ca_crl(&s->ca, SCENE_AT - 60, SCENE_AT + 60, s->cert.serial))
ATTACK(withheld_crl, SCENE_SIGNED, s->leave_out = "ca.crl")
ATTACK(old_crl, SCENE_SIGNED, s->crls[1] = soft_ca_crl(&s->root, SCENE_AT - 60, SCENE_AT - 1, 0))
ATTACK(own_root, SCENE_ASKED, s->anchors[1].uses = ANCHOR_TPM_MAKER)
ATTACK(simulated_maker, SCENE_ASKED, s->policy.simulated = false) /* and its anchor a lab's */

/* Logs */
ATTACK(invented_ccel, SCENE_SIGNED, scene_spoil(&s->ccel, s->boot[s->n_boot - 1].text))
ATTACK(invented_log, SCENE_SIGNED, scene_spoil(&s->guest.log, s->boot[s->n_boot - 1].text))

/* What holds two pieces together: N38, N69 to N73 */
ATTACK(other_key, SCENE_REPORTED, s->td.td.report_data[0] ^= 1)
ATTACK(no_key, SCENE_REPORTED, memset(s->td.td.report_data, 0, 32))
ATTACK(old_td_quote, SCENE_REPORTED, s->td.td.report_data[63] ^= 1)
ATTACK(key_hash_misplaced, SCENE_REPORTED,
       memmove(s->td.td.report_data + 1, s->td.td.report_data, 31))

static void old_tpm_quote(struct scene *s, enum scene_stage now)
{
    uint8_t other[32] = {1};
    if (now == SCENE_ATTESTED)
        assert_true(bind_tq(other, s->tqh, s->guest.extra));
}

/* The honest cloud agent signs only for its own TD. */
static void quoting_oracle(struct scene *s, enum scene_stage now)
{
    uint8_t own[32] = {2};
    if (now == SCENE_ATTESTED)
        assert_true(bind_tq(s->nonce, own, s->guest.extra));
}

/* As the article has it: the nonce alone. */
ATTACK(literal_extra_data, SCENE_ATTESTED, memcpy(s->guest.extra, s->nonce, 32))

void scene_swap_signer(struct scene *s, enum scene_stage now)
{
    if (now != SCENE_ATTESTED)
        return;
    s->td.auth_data = SPAN_LIT("another quoting enclave"); /* same report, other signature part */
    s->quote = lab_quote_make(s->w, &s->td);
}

ATTACK(relay, SCENE_ASKED,
       s->request.channel = item_of("channel", SPAN_LIT("another endpoint's key")))
ATTACK(other_boot, SCENE_PLANNED, s->kernel_in_tpm = "another kernel")

const struct scene_row scene_common[] = {
    {"forged TD quote", forged_quote, CHECK_TDX_SIGNATURE, SITUS_BAD_SIGNATURE, "quote",
     "signature.isv_enclave_report_signature"},
    {"revoked processor", revoked_processor, CHECK_TDX_PCK_CHAIN, SITUS_REVOKED, "quote",
     "pck_chain.pck"},
    {"known holes", old_platform, CHECK_TDX_TCB, SITUS_OUT_OF_DATE, "collateral", "tcbStatus"},
    {"debuggable TD", debug_td, CHECK_TDX_ATTRIBUTES, SITUS_NOT_ALLOWED, "quote",
     "body.td_attributes"},
    {"own image", own_image, CHECK_REF_GUEST, SITUS_MISMATCH, "tdx", "rtmr1"},
    {"denied by its PPID", denied_ppid, CHECK_MACHINE_DENIED, SITUS_REVOKED, "tdx", "ppid"},
    {"denied by its PIID", denied_piid, CHECK_MACHINE_DENIED, SITUS_REVOKED, "tdx", "piid"},
    {"forged TPM quote", forged_tpm_quote, CHECK_TPM_SIGNATURE, SITUS_BAD_SIGNATURE,
     "tpmt_signature", "signature"},
    {"invented PCRs", invented_pcrs, CHECK_TPM_PCRS, SITUS_MISMATCH, "tpms_attest",
     "attested.pcr_digest"},
    {"a PCR not quoted", unquoted_pcr, CHECK_TPM_PCRS, SITUS_NOT_ALLOWED, "tpms_attest",
     "attested.pcr_select.pcr_select"},
    {"unrestricted key", unrestricted_key, CHECK_AK_ATTRIBUTES, SITUS_NOT_ALLOWED, "tpmt_public",
     "object_attributes"},
    {"simulated maker", simulated_maker, CHECK_TDX_PCK_CHAIN, SITUS_NOT_ALLOWED, "quote", "anchor"},
    {"revoked key", revoked_key, CHECK_AK_CERTIFICATE, SITUS_REVOKED, "ak_certificate",
     "chain[0].serial_number"},
    {"withheld CRL", withheld_crl, CHECK_AK_CERTIFICATE, SITUS_MISSING, "ak_certificate",
     "chain[0].crl"},
    {"old CRL", old_crl, CHECK_AK_CERTIFICATE, SITUS_EXPIRED, "ak_certificate",
     "chain[1].crl.next_update"},
    {"own root", own_root, CHECK_AK_CERTIFICATE, SITUS_UNTRUSTED, "ak_certificate",
     "chain[1].issuer"},
    {"invented CCEL", invented_ccel, CHECK_LOG_RTMR, SITUS_MISMATCH, "log.tdx", "rtmr1"},
    {"invented TCG log", invented_log, CHECK_LOG_PCR, SITUS_MISMATCH, "log.guest", "pcr5.sha384"},
    {"N69 another key in the TD", other_key, CHECK_BIND_AK_IN_TD, SITUS_MISMATCH, "tdx",
     "report_data[0..31]"},
    {"N70 no key in the TD", no_key, CHECK_BIND_AK_IN_TD, SITUS_MISMATCH, "tdx",
     "report_data[0..31]"},
    {"N43 key hash at another offset", key_hash_misplaced, CHECK_BIND_AK_IN_TD, SITUS_MISMATCH,
     "tdx", "report_data[0..31]"},
    {"N72 old TD quote", old_td_quote, CHECK_BIND_NONCE_IN_TD, SITUS_MISMATCH, "tdx",
     "report_data[32..63]"},
    {"N72 old TPM quote", old_tpm_quote, CHECK_BIND_TD_IN_TPM, SITUS_MISMATCH, "tpm.guest",
     "extra_data"},
    {"N71 quoting oracle", quoting_oracle, CHECK_BIND_TD_IN_TPM, SITUS_MISMATCH, "tpm.guest",
     "extra_data"},
    {"article-literal extraData", literal_extra_data, CHECK_BIND_TD_IN_TPM, SITUS_MISMATCH,
     "tpm.guest", "extra_data"},
    {"relay", relay, CHECK_BIND_CHANNEL, SITUS_MISMATCH, "channel", "spki"},
    {"N73 diverging measurements", other_boot, CHECK_BIND_MEASUREMENTS, SITUS_MISMATCH, "log.guest",
     "pcr4"},
};
const size_t scene_n_common = sizeof scene_common / sizeof *scene_common;
