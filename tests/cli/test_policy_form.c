/* cli/policy_form, cli/policy_new: what is written reads back as it was; and nothing is written
 * that its own evidence would not meet. */
#include "support/boots.h"
#include "support/scene_attacks.h"
#include "support/test.h"
#include "support/vectors.h"

#include "appraise/boot_refer.h"
#include "frame/command.h"
#include "frame/exits.h"
#include "frame/file.h"
#include "lab/intel/lab_collateral.h"
#include "verifier/policy_form.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static struct log_pair p;
static uint8_t memory[3][1 << 21], text[1 << 18];
static char root[64];

static const char *at(const char *name)
{
    static char path[6][96];
    static size_t i;
    i = (i + 1) % 6;
    snprintf(path[i], sizeof path[i], "%s/%s", root, name);
    return path[i];
}

static int make_root(void **state)
{
    (void)state;
    snprintf(root, sizeof root, "/tmp/situs-test.XXXXXX");
    return mkdtemp(root) ? 0 : -1;
}

static int drop_root(void **state)
{
    (void)state;
    char command[128];
    snprintf(command, sizeof command, "rm -rf %s", root);
    return system(command);
}

static void expect_same(const struct reference *a, const struct reference *b)
{
    assert_true(span_equal(a->name, b->name));
    assert_int_equal(a->profile, b->profile);
    assert_memory_equal(a->mrtd, b->mrtd, 48);
    assert_int_equal(a->rtmr1_listed, b->rtmr1_listed);
    for (size_t i = 0; i < 4; i++)
        if (i != 1 || !a->rtmr1_listed)
            assert_memory_equal(a->rtmr[i], b->rtmr[i], 48);
    assert_int_equal(a->n_pcr7, b->n_pcr7);
    assert_memory_equal(a->pcr7, b->pcr7, 48 * a->n_pcr7);
    for (uint32_t pcr = 0; pcr <= BOOT_LAST; pcr++) {
        const struct boot_list *l = &a->boot[pcr], *m = &b->boot[pcr];
        assert_int_equal(l->n, m->n);
        for (size_t i = 0; i < l->n; i++) {
            assert_memory_equal(l->v[i].digest, m->v[i].digest, 48);
            assert_int_equal(l->v[i].tpm_only, m->v[i].tpm_only);
        }
        assert_int_equal(l->n_tail, m->n_tail);
        for (size_t i = 0; i < l->n_tail; i++)
            assert_true(span_equal(l->tail[i], m->tail[i]));
    }
}

static void what_is_written_reads_back(void **state)
{
    (void)state;
    for (size_t i = 0; i < BOOTS; i++) {
        if (i == 1)
            vectors_need();
        struct arena a = arena_new(memory[0], sizeof memory[0]);
        struct arena b = arena_new(memory[1], sizeof memory[1]);
        struct situs_err err = {0};
        struct policy policy;
        boots_start(&p, i);
        struct events tcg = log_pair_written(&p.tpm, LOG_PCR);
        struct events ccel = log_pair_written(&p.td, LOG_CCEL);
        struct policy_form f = {.scenario = SCENARIO_MANAGED,
                                .provider = "google",
                                .judges = true,
                                .require = PROOF_BOUND,
                                .image.ref = p.image,
                                .platform.banks = 1u << HASH_SHA384 | 1u << HASH_SHA1};
        assert_true(boot_refer_write(&f.image.ref, &(struct boot_refer){.tcg = &tcg, .ccel = &ccel},
                                     &a, &err));
        f = policy_form_filled(&f);
        struct wr w = wr_new(text, sizeof text);
        policy_form_write(&f, &w);
        if (!policy_read(&policy, "written", wr_span(&w), &b, &err))
            fail_msg("%s: expected %s, got %s", err.field, err.expected, err.got);
        expect_same(&f.image.ref, policy.v[PARAM_REF_GUEST_IMAGES].references);
        assert_int_equal(policy.v[PARAM_AK_PLATFORM].platform->banks, f.platform.banks);
        assert_int_equal(policy.require, PROOF_BOUND);
    }
}

static void put(const char *path, struct span bytes)
{
    struct situs_err err = {0};
    assert_true(file_write(path, bytes, &err));
}

/* The exit code of policy new over what this scene's machine sends. */
static int new_of(scene_attack *attack)
{
    struct scene *s = scene_run(false, attack);
    char time[24];
    snprintf(time, sizeof time, "@%lld", (long long)s->request.at);
    put(at("evidence"), item_span(s->request.evidence));
    put(at("trust"), lab_trust_json(s->w));
    put(at("collateral"), lab_collateral_json(s->w, &s->collateral));
    unlink(at("written"));
    const char *words[] = {
        "policy new", "--from",         at("evidence"), "--trust",     at("trust"),
        "-c",         at("collateral"), "-o",           at("written"), "--at",
        time,         "--profile",      "lab",          "--provider",  "situs",
        "--simulated"};
    extern command_function cmd_policy_new;
    const struct command own = {"policy new", "", ""};
    char copy[17][96], *argv[17];
    size_t n = sizeof words / sizeof *words;
    for (size_t i = 0; i < n; i++) {
        snprintf(copy[i], sizeof copy[i], "%s", words[i]);
        argv[i] = copy[i];
    }
    return cmd_policy_new(&own, (int)n, argv);
}

/* A boot variable that RTMR0 has and PCR 1 has not: no list speaks of them. */
ATTACK(setting_of_the_td, SCENE_PLANNED,
       s->boot[s->n_boot++] = ((struct scene_event){1, SCENE_NO_PCR, EV_EFI_VARIABLE_BOOT,
                                                    "the TD's alone"}))

static void nothing_is_written_that_its_evidence_does_not_meet(void **state)
{
    (void)state;
    assert_int_equal(new_of(NULL), EXIT_GOOD);
    assert_int_equal(access(at("written"), F_OK), 0);
    assert_int_equal(new_of(setting_of_the_td), 5);
    assert_int_equal(access(at("written"), F_OK), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_written_that_its_evidence_does_not_meet),
        cmocka_unit_test(what_is_written_reads_back),
    };
    return cmocka_run_group_tests(tests, make_root, drop_root);
}
