/*
 * The attack matrix (lab/attacks/attacks.def): every attack is refused by exactly the rows that the
 * table names, would be trusted without exactly these, and is trusted when the attacker is honest.
 */
#include <stdlib.h>
#include <time.h>

#include "lab/attacks/lab_attacks.h"
#include "support/test.h"

static struct lab_stage *stage;
static struct lab_judge *judge;

static int set_up(void **state)
{
    (void)state;
    stage = lab_stage_new(time(NULL));
    judge = lab_judge_new(stage);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    lab_judge_free(judge);
    lab_stage_free(stage);
    return 0;
}

static void print_checks(const char *before, lab_checks set)
{
    for (enum check c = 0; c < CHECK_COUNT; c++)
        if (set >> c & 1)
            print_message("%s%s\n", before, check_row(c)->id);
}

/* Every row in one go: a failure names all rows that are wrong. */
static void each_attack_is_refused_by_its_checks_alone(void **state)
{
    (void)state;
    size_t wrong = 0;
    for (size_t i = 0; lab_attacks_at(i); i++) {
        const struct lab_attack_row *row = lab_attacks_at(i);
        if (row->outcome == LAB_LATER)
            continue;
        struct lab_ruling r = lab_attacks_run(stage, judge, row, false);
        if (lab_attacks_as_expected(row, &r))
            continue;
        wrong++;
        print_message("%s: situs %d, without %d, tee %d (expected %d), article %d (expected %d)\n",
                      row->id, r.situs, r.without, r.tee, row->tee, r.article, row->article);
        print_checks("    also refuses: ", r.refusing & ~row->checks);
        print_checks("    passes: ", row->checks & ~r.refusing);
    }
    assert_int_equal(wrong, 0);
}

static void each_honest_twin_is_trusted(void **state)
{
    (void)state;
    size_t wrong = 0;
    for (size_t i = 0; lab_attacks_at(i); i++) {
        const struct lab_attack_row *row = lab_attacks_at(i);
        if (row->outcome == LAB_LATER)
            continue;
        struct lab_ruling r = lab_attacks_run(stage, judge, row, true);
        if (r.situs && r.tee && r.article)
            continue;
        wrong++;
        print_message("%s: situs %d, tee %d, article %d\n", row->id, r.situs, r.tee, r.article);
        print_checks("    refuses: ", r.refusing);
    }
    assert_int_equal(wrong, 0);
}

/* A row that no attack needs would be one that nobody misses. */
static void each_check_stops_an_attack(void **state)
{
    (void)state;
    lab_checks needed = 0;
    for (size_t i = 0; lab_attacks_at(i); i++)
        needed |= lab_attacks_at(i)->checks;
    for (enum check c = 0; c < CHECK_COUNT; c++) {
        enum check_kind kind = check_row(c)->kind;
        if (kind == KIND_SGX)
            continue; /* not of TDX machines */
        if (!(needed >> c & 1))
            fail_msg("%s is in no row of the matrix", check_row(c)->id);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_honest_twin_is_trusted),
        cmocka_unit_test(each_attack_is_refused_by_its_checks_alone),
        cmocka_unit_test(each_check_stops_an_attack),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
