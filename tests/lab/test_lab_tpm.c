/* lab/tpm: TPMs with endorsement keys of their own; a measured launch as the TCG profile has it. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/text.h"
#include "lab/process/lab_process.h"
#include "lab/tpm/lab_drtm.h"
#include "lab/tpm/lab_maker.h"
#include "support/test.h"

#define RC_LOCALITY 0x907

static struct {
    char directory[32], state[2][64], socket[2][64];
    struct lab_world *w;
    struct lab_maker maker;
} lab;

/* Making two TPMs takes a second, so the tests share them. */
static int set_up(void **state)
{
    (void)state;
    char path[64];
    strcpy(lab.directory, "/tmp/situs-XXXXXX");
    assert_non_null(mkdtemp(lab.directory));
    lab.w = lab_world_new(time(NULL));
    snprintf(path, sizeof path, "%s/maker", lab.directory);
    lab.maker = lab_maker_open(lab.w, path, "lab TPM maker");
    for (int i = 0; i < 2; i++) {
        snprintf(lab.state[i], sizeof lab.state[i], "%s/tpm%d", lab.directory, i);
        snprintf(lab.socket[i], sizeof lab.socket[i], "%s/tpm%d.sock", lab.directory, i);
    }
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    const char *const argv[] = {"rm", "-rf", lab.directory, NULL};
    lab_maker_free(&lab.maker);
    lab_world_free(lab.w);
    return lab_process_run(argv, NULL);
}

static struct lab_swtpm start(int i)
{
    char pristine[200];
    lab_maker_tpm(&lab.maker, i == 0 ? "dtpm-0" : "dtpm-1", pristine);
    const char *const argv[] = {"rm", "-rf", lab.state[i], NULL};
    lab_process_run(argv, NULL);
    return lab_swtpm_start(pristine, lab.state[i], lab.socket[i]);
}

static bool pcr_all(const struct lab_swtpm *t, unsigned pcr, uint8_t value)
{
    uint8_t v[HASH_MAX_SIZE];
    lab_swtpm_pcr(t, HASH_SHA256, pcr, v);
    return span_all(span_of(v, 32), value);
}

static void launch_sets_the_launch_registers(void **state)
{
    (void)state;
    struct lab_swtpm t = start(0);
    struct lab_launch launch = {.event = {{4, 17, 0x402, "SINIT-ACM-data"}}, .n = 1};
    struct lab_buf log = {0};
    uint8_t v[HASH_MAX_SIZE];
    assert_true(pcr_all(&t, 17, 0xff));
    lab_drtm_launch(&t, &launch, &log);
    lab_swtpm_pcr(&t, HASH_SHA256, 17, v);
    expect_hex(span_of(v, 32), "0bdd2072bdb9333194b2a0c640b8f736a54c1d9cbfa9ead6628312a62a0acda1");
    assert_true(pcr_all(&t, 18, 0));
    assert_true(pcr_all(&t, 0, 0));
    lab_buf_free(&log);
    lab_swtpm_stop(&t);
}

static void localities_guard_the_launch_registers(void **state)
{
    (void)state;
    struct lab_swtpm t = start(0);
    struct lab_launch launch = lab_drtm_honest();
    struct lab_buf log = {0};
    lab_drtm_launch(&t, &launch, &log);
    for (unsigned locality = 0; locality < 2; locality++)
        for (unsigned pcr = 17; pcr < 19; pcr++)
            assert_int_equal(lab_swtpm_extend(&t, locality, pcr, SPAN_LIT("x")), RC_LOCALITY);
    assert_int_equal(lab_swtpm_pcr_reset(&t, 17), RC_LOCALITY);
    assert_int_equal(lab_swtpm_pcr_reset(&t, 18), RC_LOCALITY);
    assert_int_equal(lab_swtpm_extend(&t, 2, 18, SPAN_LIT("x")), 0);
    assert_int_equal(lab_swtpm_extend(&t, 0, 0, SPAN_LIT("x")), 0);
    lab_buf_free(&log);
    lab_swtpm_stop(&t);
}

static void power_cycle_forgets_the_launch(void **state)
{
    (void)state;
    struct lab_swtpm t = start(0);
    struct lab_launch launch = lab_drtm_honest();
    struct lab_buf log = {0};
    lab_drtm_launch(&t, &launch, &log);
    assert_false(pcr_all(&t, 18, 0xff));
    lab_swtpm_stop(&t);
    lab_swtpm_resume(&t);
    assert_true(pcr_all(&t, 18, 0xff));
    lab_buf_free(&log);
    lab_swtpm_stop(&t);
}

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Two states are made with different seeds, hence different endorsement keys; a copy of a pristine
 * state is ready at once. */
static void machines_start_at_once_and_share_no_state(void **state)
{
    (void)state;
    struct lab_swtpm a = start(0), b = start(1);
    char one[300], two[300];
    snprintf(one, sizeof one, "%s/tpm2-00.permall", a.state);
    snprintf(two, sizeof two, "%s/tpm2-00.permall", b.state);
    const char *const argv[] = {"cmp", "-s", one, two, NULL};
    assert_int_equal(lab_process_run(argv, NULL), 1);
    lab_swtpm_stop(&a);
    lab_swtpm_stop(&b);
    double best = 1;
    for (int i = 0; i < 3; i++) {
        double before = seconds();
        a = start(0);
        double took = seconds() - before;
        best = took < best ? took : best;
        lab_swtpm_stop(&a);
    }
    print_message("a machine's TPM starts in %.0f ms\n", best * 1000);
    assert_true(best < 0.5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(launch_sets_the_launch_registers),
        cmocka_unit_test(localities_guard_the_launch_registers),
        cmocka_unit_test(power_cycle_forgets_the_launch),
        cmocka_unit_test(machines_start_at_once_and_share_no_state),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
