/* Whole bare-metal appraisals: the honest machine is bound, host-measured and co-located; each
 * attack is refused by the row that is there for it. N numbers: the list of negative cases. */
#include "support/scene_attacks.h"
#include "support/test.h"

#include "appraise/bind.h"
#include "appraise/seal.h"
#include "crypto/tpm_policy.h"

#include <stdio.h>

#define KEY_NAME \
    "000b"       \
    "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define AUTHORIZE ",\"ak.sealed\":{\"form\":[\"authorize\"],\"provider_key\":\"" KEY_NAME "\"}"

static void expect_bound(struct scene *s)
{
    if (s->result.verdict != VERDICT_TRUSTED)
        scene_print(&s->result);
    assert_int_equal(s->result.verdict, VERDICT_TRUSTED);
    assert_int_equal(s->result.held, PROOF_GENUINE | PROOF_LIVE | PROOFS_BOUND);
    assert_int_equal(s->result.exit, 0);
    assert_true(result_simulated(&s->result));
}

static void the_honest_machine_has_every_proof(void **state)
{
    (void)state;
    struct scene *s = scene_run(true, NULL);
    expect_bound(s);
    assert_ptr_equal(s->result.claims[INSTANCE_PLATFORM].authority, &s->anchors[1]);
    assert_ptr_equal(s->result.claims[INSTANCE_GUEST].authority, &s->anchors[1]);
}

/* DESIGN: checks: one AND of rows, so each rests on the others; no provider's vTPM is among it. */
static void the_report_names_whom_bare_metal_rests_on(void **state)
{
    (void)state;
    static const char *const parties[] = {
        "the TEE maker",    "the secrecy of the attestation keys of every machine",
        "the guest image",  "the TPM's maker, the measured launch (Intel TXT) and the platform's",
        "the host image b", "the registrar, its AK certificate authority and inventory"};
    const size_t n = sizeof parties / sizeof *parties;
    const struct result *r = &scene_run(true, NULL)->result;
    scene_expect_rests(r, "bound", parties, n);
    scene_expect_rests(r, "host-measured", parties, n);
    scene_expect_rests(r, "co-located", parties, n);
    scene_expect_rests(r, "live", parties, 3);
}

/* The provider's key approves hosts, so that a host update needs no new key. */
static void authorize(struct scene *s)
{
    const struct param_value *v = s->policy.v;
    uint8_t sealed[32];
    s->more = AUTHORIZE;
    scene_policy(s);
    assert_true(
        seal_policy_authorized(v[PARAM_AK_SEALED_KEY].hex, v[PARAM_AK_SEALED_REF].hex, sealed));
    scene_seal(s, SOFT_P256, SPAN_ARR(sealed));
}

static void by_authorize(struct scene *s, enum scene_stage now)
{
    if (now == SCENE_PLANNED)
        authorize(s);
}

static void config_id(struct scene *s, enum scene_stage now)
{
    if (now == SCENE_PLANNED) {
        s->more = ",\"bind.ak-in-td\":{\"mrconfigid\":true}";
        scene_policy(s);
    }
    if (now == SCENE_REPORTED)
        assert_true(digest(HASH_SHA384, s->host.ak.public, s->td.td.mr_config_id));
}

static void honest_variants_pass(void **state)
{
    (void)state;
    expect_bound(scene_run(true, by_authorize));
    expect_bound(scene_run(true, config_id));
}

static const uint8_t any_policy[32] = {7};

ATTACK(vtpm_as_dtpm, SCENE_REPORTED, s->says.class = 1)
ATTACK(not_enrolled, SCENE_REPORTED, s->says.ak_name[33] ^= 1)
ATTACK(other_ek, SCENE_ATTESTED, s->says.ek_name[5] ^= 1)
ATTACK(own_password, SCENE_PLANNED,
       soft_tpm_ak(&s->host.ak, SOFT_P256, SCENE_AK_D | TPMA_USER_WITH_AUTH, SPAN_ARR(any_policy)))
ATTACK(no_policy, SCENE_PLANNED, scene_seal(s, SOFT_P256, span_of(NULL, 0)))
ATTACK(power_cycle, SCENE_ATTESTED, s->host.attest.reset_count++)
ATTACK(suspended, SCENE_ATTESTED, s->host.attest.restart_count++)
ATTACK(invented_launch, SCENE_SIGNED, scene_spoil(&s->host.log, "vTPM"))
ATTACK(expired_host, SCENE_PLANNED, s->host_to = "2025-12-31T23:59:59Z"; scene_policy(s))
ATTACK(no_co_location, SCENE_PLANNED, s->co_locates = false; scene_policy(s))
ATTACK(forged_platform_quote, SCENE_SIGNED, s->host.signature_bytes[s->host.signature.n - 1] ^= 1)
ATTACK(no_launch, SCENE_ATTESTED, memset(s->host.values.v[18], 0xff, 32); scene_digest(&s->host))
ATTACK(other_config_id, SCENE_PLANNED, s->more = ",\"bind.ak-in-td\":{\"mrconfigid\":true}";
       scene_policy(s))

/* A plain PolicyPCR, which cannot serve ActivateCredential: a password does then (N75). */
static void plain_policy(struct scene *s, enum scene_stage now)
{
    const struct host_reference *h = s->policy.v[PARAM_HOST_IMAGE_IMAGES].hosts;
    const struct span values[] = {span_of(h->value[17], 32), span_of(h->value[18], 32)};
    uint8_t sealed[32];
    if (now != SCENE_PLANNED)
        return;
    assert_true(tpm_policy_pcr(HASH_SHA256, h->registers, values, 2, sealed));
    scene_seal(s, SOFT_P256, SPAN_ARR(sealed));
}

/* N74: an agent that nobody approved, under a key that may follow host updates. */
static void unapproved_host(struct scene *s, enum scene_stage now)
{
    if (now != SCENE_PLANNED)
        return;
    s->launch[4].text = "an agent that signs for everybody";
    authorize(s);
}

static void kexec_after_launch(struct scene *s, enum scene_stage now)
{
    if (now != SCENE_PLANNED)
        return;
    s->launch[s->n_launch++] = (struct scene_event){0, 18, EV_IPL, "another kernel"};
    authorize(s);
}

static void event_left_out(struct scene *s, enum scene_stage now)
{
    if (now != SCENE_PLANNED)
        return;
    s->n_launch--;
    authorize(s);
}

/* Processors with a leaked key elsewhere; TPM and registrar are honest (N71). */
static void other_processors(struct scene *s, enum scene_stage now)
{
    if (now == SCENE_PLANNED) {
        s->platform = lab_platform_honest(1);
        s->td = lab_quote_tdx(s->w, &s->platform, 4, 0);
        s->collateral = lab_collateral_honest(s->w, &s->platform, true);
    }
    struct lab_platform here = lab_platform_honest(0);
    if (now == SCENE_REPORTED)
        memcpy(s->says.piid, here.piid, 16);
}

/* The host speaks for the TPM of another guest. */
static void other_guest(struct scene *s, enum scene_stage now)
{
    static const uint8_t name[34] = {0, 0x0b, 9};
    if (now == SCENE_ATTESTED)
        assert_true(bind_pq(s->nonce, s->tqh, SPAN_ARR(name), s->host.extra));
}

/* N72: the host's quote of another appraisal. */
static void old_platform_quote(struct scene *s, enum scene_stage now)
{
    uint8_t nonce[32] = {1}, name[34] = {0, 0x0b};
    if (now != SCENE_ATTESTED)
        return;
    assert_true(digest(HASH_SHA256, s->guest.ak.public, name + 2) &&
                bind_pq(nonce, s->tqh, SPAN_ARR(name), s->host.extra));
}

/* The guest's quote passed as the host's word. */
static void guest_formula(struct scene *s, enum scene_stage now)
{
    if (now == SCENE_ATTESTED)
        memcpy(s->host.extra, s->guest.extra, 32);
}

/* The TD names the guest's key: managed evidence on bare metal. */
static void guest_key_in_td(struct scene *s, enum scene_stage now)
{
    if (now == SCENE_REPORTED)
        assert_true(digest(HASH_SHA256, s->guest.ak.public, s->td.td.report_data));
}

/* The relying party knows the TPM, or its key, to be bad. */
static void denied_ek(struct scene *s, enum scene_stage now)
{
    if (now == SCENE_REPORTED)
        scene_deny(s, SPAN_ARR(s->says.ek_name));
}

static void denied_ak(struct scene *s, enum scene_stage now)
{
    if (now == SCENE_REPORTED)
        scene_deny(s, SPAN_ARR(s->says.ak_name));
}

static const struct scene_row rows[] = {
    {"denied by its EK", denied_ek, CHECK_MACHINE_DENIED, SITUS_REVOKED, "tpm.platform", "ek_name"},
    {"denied by its AK", denied_ak, CHECK_MACHINE_DENIED, SITUS_REVOKED, "tpm.platform", "ak_name"},
    {"N77 vTPM passed as dTPM", vtpm_as_dtpm, CHECK_AK_ENROLLED, SITUS_NOT_ALLOWED, "tpm.platform",
     "machine_class"},
    {"N59 key that was not enrolled", not_enrolled, CHECK_AK_ENROLLED, SITUS_MISMATCH,
     "tpm.platform", "enrolled_ak_name"},
    {"N60 key of another TPM", other_ek, CHECK_AK_SEALED, SITUS_MISMATCH, "tpm.platform",
     "qualified_signer"},
    {"N75 plain policy", plain_policy, CHECK_AK_SEALED, SITUS_MISMATCH, "tpmt_public",
     "auth_policy"},
    {"N75 key without policy", no_policy, CHECK_AK_ATTRIBUTES, SITUS_NOT_ALLOWED, "tpmt_public",
     "auth_policy"},
    {"N75 key with a password", own_password, CHECK_AK_ATTRIBUTES, SITUS_NOT_ALLOWED, "tpmt_public",
     "object_attributes"},
    {"power cycle", power_cycle, CHECK_AK_BOOT, SITUS_MISMATCH, "tpm.platform", "reset_count"},
    {"suspended", suspended, CHECK_AK_BOOT, SITUS_MISMATCH, "tpm.platform", "restart_count"},
    {"invented launch", invented_launch, CHECK_LOG_LAUNCH, SITUS_MISMATCH, "log.platform",
     "pcr18.sha256"},
    {"N61 no launch", no_launch, CHECK_TPM_PCRS, SITUS_NOT_MEASURED, "pcr values", "pcr[18]"},
    {"N74 unapproved host", unapproved_host, CHECK_HOST_IMAGE, SITUS_NOT_ALLOWED, "log.platform",
     "event[4].digest"},
    {"kexec after launch", kexec_after_launch, CHECK_HOST_IMAGE, SITUS_NOT_ALLOWED, "log.platform",
     "event[6].digest"},
    {"event left out", event_left_out, CHECK_HOST_IMAGE, SITUS_NOT_ALLOWED, "log.platform",
     "event[5].digest"},
    {"expired host", expired_host, CHECK_HOST_IMAGE, SITUS_EXPIRED, "policy",
     "host.image.images.to"},
    {"host that does not co-locate", no_co_location, CHECK_HOST_CO_LOCATED, SITUS_NOT_ALLOWED,
     "policy", "host.image.images.agent_co_locates"},
    {"N71 processors elsewhere", other_processors, CHECK_MACHINE_SAME, SITUS_MISMATCH, "tdx",
     "piid"},
    {"forged platform quote", forged_platform_quote, CHECK_TPM_SIGNATURE, SITUS_BAD_SIGNATURE,
     "tpmt_signature", "signature"},
    {"TPM of another guest", other_guest, CHECK_BIND_TD_IN_TPM, SITUS_MISMATCH, "tpm.platform",
     "extra_data"},
    {"N72 old platform quote", old_platform_quote, CHECK_BIND_TD_IN_TPM, SITUS_MISMATCH,
     "tpm.platform", "extra_data"},
    {"guest's formula", guest_formula, CHECK_BIND_TD_IN_TPM, SITUS_MISMATCH, "tpm.platform",
     "extra_data"},
    {"re-signed TD quote", scene_swap_signer, CHECK_BIND_TD_IN_TPM, SITUS_MISMATCH, "tpm.platform",
     "extra_data"},
    {"guest's key in the TD", guest_key_in_td, CHECK_BIND_AK_IN_TD, SITUS_MISMATCH, "tdx",
     "report_data[0..31]"},
    {"MRCONFIGID without the key", other_config_id, CHECK_BIND_AK_IN_TD, SITUS_MISMATCH, "tdx",
     "mrconfigid"},
};

static void each_attack_is_refused_by_one_row(void **state)
{
    (void)state;
    scene_expect_refused(true, rows, sizeof rows / sizeof *rows);
}

static void every_row_of_bound_refuses_alone(void **state)
{
    (void)state;
    scene_expect_covered(true, rows, sizeof rows / sizeof *rows);
}

/* With a key sealed to the approved host, an unapproved one leaves nothing to be sealed to. */
static void unapproved_sealed(struct scene *s, enum scene_stage now)
{
    if (now == SCENE_PLANNED)
        s->launch[4].text = "an agent that signs for everybody";
}

static void without_an_approved_host_nothing_is_sealed(void **state)
{
    (void)state;
    struct scene *s = scene_run(true, unapproved_sealed);
    expect_fail(s->result.findings, CHECK_HOST_IMAGE, SITUS_NOT_ALLOWED, "event[4].digest");
    assert_int_equal(s->result.findings.v[CHECK_AK_SEALED].outcome, OUTCOME_NOT_RUN);
    assert_int_equal(s->result.findings.v[CHECK_HOST_CO_LOCATED].outcome, OUTCOME_NOT_RUN);
    assert_int_equal(s->result.exit, 5);
}

static void nothing_can_be_left_out(void **state)
{
    (void)state;
    static const char *const labels[] = {"guest", "log.tdx", "log.guest", "platform",
                                         "log.platform"};
    scene_expect_missed(true, labels, sizeof labels / sizeof *labels);
}

/* The policy names the scenario: a managed one has no use for the machine's TPM, nor does it take
 * that for the guest's. */
static void managed_policy(struct scene *s, enum scene_stage now)
{
    if (now == SCENE_ASKED)
        s->policy.scenario = SCENARIO_MANAGED;
}

static void a_quote_alone(struct scene *s, enum scene_stage now)
{
    if (now != SCENE_ASKED)
        return;
    s->policy.scenario = SCENARIO_NONE;
    s->policy.require = PROOF_GENUINE;
}

static void the_policy_names_the_scenario(void **state)
{
    (void)state;
    struct scene *s = scene_run(true, managed_policy);
    expect_err(s->result.err, SITUS_UNKNOWN, "platform", SITUS_NO_OFFSET);
    assert_int_equal(s->result.held, 0);
    s = scene_run(true, a_quote_alone);
    assert_int_equal(s->result.verdict, VERDICT_TRUSTED);
    assert_int_equal(s->result.held & PROOFS_BOUND, 0);
}

/* Endorsements beside the bundle are told by content: another document is no CRL, and nobody's
 * word that there is none. */
static void not_a_crl(struct scene *s, enum scene_stage now)
{
    if (now == SCENE_SIGNED)
        s->crls[1] = SPAN_LIT("{}");
}

static void another_document_is_no_crl(void **state)
{
    (void)state;
    struct scene *s = scene_run(true, not_a_crl);
    expect_err(s->result.err, SITUS_UNKNOWN, "", 0);
    assert_string_equal(s->result.err.part, "a CRL");
    assert_int_equal(s->result.verdict, VERDICT_REFUSED);
    assert_int_equal(s->result.exit, 1);
}

/* DESIGN: measurements, 6: firmware that measures to the TD alone; host.co-located carries the tie.
 * The logs still have to explain their registers. */
static struct reference alone;

static void no_profile(struct scene *s, enum scene_stage now)
{
    if (now != SCENE_ASKED)
        return;
    alone = s->policy.v[PARAM_REF_GUEST_IMAGES].references[0];
    alone.profile = PROFILE_COUNT;
    alone.has_boot = false;
    s->policy.v[PARAM_REF_GUEST_IMAGES].references = &alone;
}

static void no_profile_and_another_boot(struct scene *s, enum scene_stage now)
{
    s->kernel_in_tpm = "another kernel";
    no_profile(s, now);
}

static void no_profile_and_no_log(struct scene *s, enum scene_stage now)
{
    s->leave_out = "log.tdx";
    no_profile(s, now);
}

static void without_overlap_the_host_carries_the_tie(void **state)
{
    (void)state;
    struct scene *s = scene_run(true, no_profile);
    expect_bound(s);
    assert_true(s->result.no_overlap);
    assert_int_equal(s->result.findings.v[CHECK_BIND_MEASUREMENTS].outcome, OUTCOME_NOT_RUN);
    expect_bound(scene_run(true, no_profile_and_another_boot)); /* nothing compares them */
    s = scene_run(true, no_profile_and_no_log);
    assert_int_equal(s->result.findings.v[CHECK_LOG_RTMR].outcome, OUTCOME_NOT_RUN);
    assert_int_equal(s->result.held & PROOFS_BOUND, 0);
    assert_false(scene_run(true, NULL)->result.no_overlap); /* a profile: they are compared */
    s = scene_run(false, no_profile); /* in a managed cloud nothing else would tie them */
    assert_false(s->result.no_overlap);
    assert_int_equal(s->result.held, PROOF_GENUINE | PROOF_LIVE);
}

/* DESIGN: closed references: what is not stated of a host is not so. */
static struct host_reference open_host;
static enum closed_point open_point;

static void leave_open(struct scene *s, enum scene_stage now)
{
    if (now != SCENE_ASKED)
        return;
    open_host = s->policy.v[PARAM_HOST_IMAGE_IMAGES].hosts[0];
    open_host.closed.stated &= ~(1u << open_point);
    s->policy.v[PARAM_HOST_IMAGE_IMAGES].hosts = &open_host;
}

static void every_point_of_a_closed_host_is_needed(void **state)
{
    (void)state;
    for (unsigned i = 0; i < CLOSED_POINTS; i++) {
        char field[80];
        open_point = (enum closed_point)i;
        snprintf(field, sizeof field, "host.image.images.closed.%s", closed_key(open_point));
        struct scene *s = scene_run(true, leave_open);
        expect_fail(s->result.findings, CHECK_HOST_IMAGE, SITUS_NOT_ALLOWED, field);
        assert_int_equal(s->result.held & PROOFS_BOUND, 0);
        assert_int_equal(s->result.exit, 5);
    }
}

static int done(void **state)
{
    (void)state;
    scene_free(scene_run(true, NULL));
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_honest_machine_has_every_proof),
        cmocka_unit_test(the_report_names_whom_bare_metal_rests_on),
        cmocka_unit_test(honest_variants_pass),
        cmocka_unit_test(each_attack_is_refused_by_one_row),
        cmocka_unit_test(every_row_of_bound_refuses_alone),
        cmocka_unit_test(without_an_approved_host_nothing_is_sealed),
        cmocka_unit_test(nothing_can_be_left_out),
        cmocka_unit_test(the_policy_names_the_scenario),
        cmocka_unit_test(another_document_is_no_crl),
        cmocka_unit_test(without_overlap_the_host_carries_the_tie),
        cmocka_unit_test(every_point_of_a_closed_host_is_needed),
    };
    return cmocka_run_group_tests(tests, NULL, done);
}
