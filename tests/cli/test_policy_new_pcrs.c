/* What "situs policy new" takes for an image under a paravisor. */
#include "verifier/policy_new_pcrs.h"

#include "evidence/tcg_log.h"
#include "lab/guest/lab_firmware.h"
#include "lab/guest/lab_hcl.h"
#include "support/test.h"

static struct {
    struct lab_world *world;
    struct lab_boot boot;
    struct lab_buf log;
    struct events events;
    _Alignas(max_align_t) uint8_t memory[1 << 20];
    struct arena arena;
    struct situs_err err;
} lab;

static const struct anchor maker = {.name = "maker"};

static int boot(void **state)
{
    (void)state;
    lab.world = lab_world_new(INT64_C(1800000000));
    struct lab_soft_tpm vtpm = lab_soft_new_rsa(lab.world, LAB_HCL_AK);
    lab.boot = lab_firmware_boot();
    lab_firmware_into_soft(&lab.boot, &vtpm, &lab.log);
    lab_soft_free(&vtpm);
    lab.arena = arena_new(lab.memory, sizeof lab.memory);
    return tcg_log_read(&lab.events, lab_buf_span(&lab.log), LOG_PCR, "log", &lab.arena, &lab.err)
               ? 0
               : -1;
}

static int power_off(void **state)
{
    (void)state;
    lab_buf_free(&lab.log);
    lab_world_free(lab.world);
    return 0;
}

static const struct paravisor_pins *pins(struct policy_form *f, const struct claims *tee)
{
    assert_true(policy_new_pcrs(f, &lab.events, tee, &lab.arena, &lab.err));
    return &f->image.ref.pcrs->paravisor;
}

static void the_events_of_each_register_are_the_image(void **state)
{
    static const uint8_t mrtd[48] = {7};
    struct policy_form f = {.image.ref.tee = KIND_TDX};
    struct claims tee = {.authority = &maker};
    size_t at[REGISTERS_MAX] = {0};
    (void)state;
    claim_bytes(&tee, CLAIM_MRTD, SPAN_ARR(mrtd));
    const struct paravisor_pins *p = pins(&f, &tee);
    assert_int_equal(p->n, 1);
    assert_memory_equal(p->launch[0], mrtd, 48);
    assert_false(p->by_id);
    for (size_t i = 0; i < lab.boot.n; i++) {
        const struct lab_boot_event *e = &lab.boot.event[i];
        uint8_t want[32];
        if (e->pcr >= REGISTERS_MAX || !(PCR_IMAGE >> e->pcr & 1))
            continue;
        lab_hash256(want, e->measured);
        assert_true(at[e->pcr] < f.image.ref.pcrs->pcr[e->pcr].n);
        assert_memory_equal(f.image.ref.pcrs->pcr[e->pcr].v[at[e->pcr]++], want, 32);
    }
    for (uint32_t pcr = 0; pcr < REGISTERS_MAX; pcr++)
        assert_int_equal(f.image.ref.pcrs->pcr[pcr].n, at[pcr]);
}

/* Of SEV-SNP who signed the launch, where somebody did: zeros name nobody. */
static void a_signed_launch_is_known_by_its_signer(void **state)
{
    static const uint8_t launch[48] = {1}, key[48] = {2}, image[16] = {3}, zero[48];
    (void)state;
    for (int with = 0; with < 4; with++) {
        struct policy_form f = {.image.ref.tee = KIND_SNP};
        struct claims tee = {.authority = &maker};
        claim_bytes(&tee, CLAIM_MEASUREMENT, SPAN_ARR(launch));
        claim_bytes(&tee, CLAIM_ID_KEY_DIGEST, with & 1 ? SPAN_ARR(key) : SPAN_ARR(zero));
        claim_bytes(&tee, CLAIM_IMAGE_ID, with & 2 ? SPAN_ARR(image) : span_of(zero, 16));
        claim_num(&tee, CLAIM_GUEST_SVN, 12);
        const struct paravisor_pins *p = pins(&f, &tee);
        assert_int_equal(p->by_id, with == 3);
        assert_int_equal(p->n, with != 3);
        if (with == 3) {
            assert_memory_equal(p->id_key, key, 48);
            assert_memory_equal(p->image_id, image, 16);
            assert_int_equal(p->min_svn, 12);
        } else {
            assert_memory_equal(p->launch[0], launch, 48);
        }
    }
}

static void what_names_nothing_is_an_error(void **state)
{
    struct policy_form f = {.image.ref.tee = KIND_TDX};
    struct claims none = {.instance = NULL};
    struct events other = lab.events;
    (void)state;
    assert_false(policy_new_pcrs(&f, &lab.events, &none, &lab.arena, &lab.err));
    expect_err(lab.err, SITUS_MISSING, "hardware", SITUS_NO_OFFSET);
    lab.err = (struct situs_err){0};
    other.banks = 0;
    assert_false(policy_new_pcrs(&f, &other, &none, &lab.arena, &lab.err));
    expect_err(lab.err, SITUS_MISSING, "spec_id.digest_sizes", SITUS_NO_OFFSET);
    lab.err = (struct situs_err){0};
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_events_of_each_register_are_the_image),
        cmocka_unit_test(a_signed_launch_is_known_by_its_signer),
        cmocka_unit_test(what_names_nothing_is_an_error),
    };
    return cmocka_run_group_tests(tests, boot, power_off);
}
