/* Whole reports, byte for byte, of a machine that is bound and of one that is co-located. */
#include "situs/report.h"
#include "support/golden.h"
#include "support/lab_machine.h"
#include "support/scene.h"
#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>

#define TEXT_SIZE (256 * 1024)

static struct lab_machine m;
static struct lab_verifier v;
static char text[TEXT_SIZE];
static uint8_t memory[SITUS_VERIFY_MEMORY];

static int setup(void **state)
{
    (void)state;
    lab_machine_new(&m);
    lab_verifier_new(&v, &m, NULL);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    lab_verifier_free(&v);
    lab_machine_free(&m);
    return 0;
}

static void all_forms(const struct situs_result *r, const char *name)
{
    char file[80];
    assert_true(situs_result_brief(r, false, text, sizeof text) < sizeof text);
    golden_fits_a_screen(text);
    snprintf(file, sizeof file, "%s.txt", name);
    golden_compare(text, file);
    assert_true(situs_result_text(r, false, text, sizeof text) < sizeof text);
    snprintf(file, sizeof file, "%s.all.txt", name);
    golden_compare(text, file);
    assert_true(situs_result_json(r, text, sizeof text) < sizeof text);
    for (char *s = text;
         (s = strchr(s, ',')) != NULL;) /* a member a line, for people who compare */
        if (*++s == '"' || *s == '{')
            s[-1] = '\n';
    snprintf(file, sizeof file, "%s.json.txt", name);
    golden_compare(text, file);
}

static void brief(const struct situs_result *r, const char *file)
{
    assert_true(situs_result_brief(r, false, text, sizeof text) < sizeof text);
    golden_fits_a_screen(text);
    golden_compare(text, file);
}

static const struct situs_result *ask(const struct situs_request *q)
{
    return situs_verify(q, (struct situs_memory){memory, sizeof memory});
}

static struct situs_request honest(void)
{
    return lab_verifier_request(&v, &m, lab_machine_bundle(&m, false, false));
}

static void a_bound_machine(void **state)
{
    (void)state;
    struct situs_request q = honest();
    all_forms(ask(&q), "bound");
    q.channel = (struct situs_item){NULL, NULL, 0};
    brief(ask(&q), "bound-no-peer.txt");
    q = honest();
    q.nonce = (struct situs_item){NULL, NULL, 0};
    all_forms(ask(&q), "bound-no-nonce");
    q = honest();
    q.snapshot = NULL;
    brief(ask(&q), "bound-no-collateral.txt");
    q = honest();
    q.at += 400 * 86400;
    brief(ask(&q), "bound-expired.txt");
    q = honest();
    q.round_trip_us = 12345;
    q.round_trips = (struct situs_round_trips){4, 2345, 6789};
    all_forms(ask(&q), "bound-round-trips");
}

/* Who audits later learns that it was so. */
static void archived_evidence(void **state)
{
    (void)state;
    struct situs_request q = honest();
    q.archived = true;
    const struct situs_result *r = ask(&q);
    assert_int_equal(situs_result_exit(r), 6);
    assert_true(situs_result_held_as_of(r));
    all_forms(r, "bound-archived");
    q.nonce = (struct situs_item){NULL, NULL, 0};
    r = ask(&q);
    assert_false(situs_result_held_as_of(r));
    brief(r, "bound-archived-no-nonce.txt");
}

static void evidence_that_is_none(void **state)
{
    (void)state;
    struct situs_request q = honest();
    q.evidence = item_of("evidence", span_cut(m.quote, 0, 20));
    all_forms(ask(&q), "bound-cut");
    q.evidence = (struct situs_item){"evidence", "", 0};
    brief(ask(&q), "bound-empty.txt");
}

static void a_quote_alone(void **state)
{
    (void)state;
    struct situs_request q = honest();
    q.evidence = item_of("evidence", m.quote);
    brief(ask(&q), "quote-alone.txt");
}

static void a_bare_metal_machine(void **state)
{
    (void)state;
    struct scene *s = scene_run(true, NULL);
    all_forms(&s->answer, "co-located");
}

static void another_host(struct scene *s, enum scene_stage now)
{
    if (now == SCENE_PLANNED)
        s->launch[3].text = "another host";
}

static void a_bare_metal_machine_with_another_host(void **state)
{
    (void)state;
    brief(&scene_run(true, another_host)->answer, "co-located-refused.txt");
}

static void without_a_log(struct scene *s, enum scene_stage now)
{
    if (now == SCENE_PLANNED)
        s->leave_out = "log.tdx";
    if (now == SCENE_ASKED)
        s->policy.require = PROOF_LIVE;
}

static void without_a_log_and_late(struct scene *s, enum scene_stage now)
{
    without_a_log(s, now);
    if (now == SCENE_ASKED)
        s->request.archived = true;
}

/* A TPM that somebody else's machine lends is where it is; the TD need not be there. */
static void a_place_that_nothing_ties_to_the_td(void **state)
{
    (void)state;
    const struct situs_result *r = &scene_run(false, without_a_log)->answer;
    char facility[40];
    assert_true(situs_result_trusted(r) && !situs_result_holds(r, "bound"));
    assert_true(situs_result_claim(r, "tpm.guest.facility", facility, sizeof facility));
    brief(r, "live-not-bound.txt");
    r = &scene_run(false, without_a_log_and_late)->answer;
    assert_true(situs_result_held_as_of(r));
    brief(r, "live-not-bound-archived.txt");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_bound_machine),
        cmocka_unit_test(archived_evidence),
        cmocka_unit_test(evidence_that_is_none),
        cmocka_unit_test(a_quote_alone),
        cmocka_unit_test(a_bare_metal_machine),
        cmocka_unit_test(a_bare_metal_machine_with_another_host),
        cmocka_unit_test(a_place_that_nothing_ties_to_the_td),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
