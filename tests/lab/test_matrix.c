/*
 * The attack matrix (lab/attacks/attacks.def): every attack is refused by exactly the rows that the
 * table names, would be trusted without exactly these, and is trusted when the attacker is honest.
 */
#include <stdlib.h>
#include <time.h>

#include "lab/attacks/lab_attacks.h"
#include "lab/attacks/lab_google.h"
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
        if (r.situs && r.tee == LAB_ACCEPTS && r.article != LAB_REFUSES)
            continue;
        wrong++;
        print_message("%s: situs %d, tee %d, article %d\n", row->id, r.situs, r.tee, r.article);
        print_checks("    refuses: ", r.refusing);
    }
    assert_int_equal(wrong, 0);
}

/* A check that no attack needs would be one that nobody misses. No machine of the stage has
 * enclaves: their attackers are in tests/weights. */
static void each_check_stops_an_attack(void **state)
{
    (void)state;
    lab_checks needed = 0;
    for (size_t i = 0; lab_attacks_at(i); i++)
        needed |= lab_attacks_at(i)->checks;
    for (enum check c = 0; c < CHECK_COUNT; c++)
        if ((needed >> c & 1) == (check_row(c)->kind == KIND_SGX))
            fail_msg("%s is in no row of the matrix, or is there by mistake", check_row(c)->id);
}

/* What a real TPM says, command by command (TPM 2.0 part 2, 6.6.3). */
static const struct {
    const char *id, *what[LAB_REFUSALS];
    uint32_t rc;
    const char *text;
} tpm_says[] = {
    {"other_host",
     {"TPM2_Quote after one more event in PCR 18", "TPM2_Quote under another host image"},
     0x99d,
     "TPM_RC_POLICY_FAIL (0x99d)"},
    {"locality_0",
     {"TPM2_PCR_Reset of PCR 17 at locality 0", "TPM2_PCR_Extend of PCR 17 at locality 0",
      "TPM2_PCR_Reset of PCR 18 at locality 0", "TPM2_PCR_Extend of PCR 18 at locality 0"},
     0x907,
     "TPM_RC_LOCALITY (0x907)"},
    {"cleared", {"TPM2_Load of AK_d after TPM2_Clear"}, 0x1df, "TPM_RC_INTEGRITY (0x1df)"},
};

static void the_tpm_itself_refuses(void **state)
{
    (void)state;
    size_t rows = 0;
    char text[48];
    for (size_t i = 0; lab_attacks_at(i); i++)
        rows += lab_attacks_at(i)->rc != 0;
    assert_int_equal(rows, sizeof tpm_says / sizeof *tpm_says);
    for (size_t i = 0; i < rows; i++) {
        const struct lab_attack_row *row = lab_attacks_find(tpm_says[i].id);
        struct lab_ruling r = lab_attacks_run(stage, judge, row, false);
        size_t n = 0;
        for (; n < LAB_REFUSALS && tpm_says[i].what[n]; n++) {
            assert_string_equal(r.refused.v[n].what, tpm_says[i].what[n]);
            assert_int_equal(r.refused.v[n].rc, tpm_says[i].rc);
        }
        assert_int_equal(r.refused.n, n);
        assert_string_equal(lab_attacks_rc(row->rc, text), tpm_says[i].text);
        r = lab_attacks_run(stage, judge, row, true);
        assert_int_equal(r.refused.n, 0);
    }
}

/* A row whose attacker the TPM lets through, or refuses for another reason, is wrong. */
static void another_response_code_is_not_as_expected(void **state)
{
    (void)state;
    const struct lab_attack_row *row = lab_attacks_find("cleared");
    struct lab_ruling r = lab_attacks_run(stage, judge, row, false);
    assert_true(lab_attacks_as_expected(row, &r));
    r.refused.v[0].rc = 0;
    assert_false(lab_attacks_as_expected(row, &r));
    r.refused.v[0].rc = 0x99d;
    assert_false(lab_attacks_as_expected(row, &r));
    r.refused.n = 0;
    assert_false(lab_attacks_as_expected(row, &r));
}

static const struct situs_err *why(const char *id, enum check c)
{
    struct lab_ruling r = lab_attacks_run(stage, judge, lab_attacks_find(id), false);
    const struct situs_err *err = r.result->findings.v[c].why;
    assert_int_equal(r.result->findings.v[c].outcome, OUTCOME_FAIL);
    assert_non_null(err);
    return err;
}

/* The TPM counts: nobody tells it to. */
static void a_power_cycle_shows_in_the_real_counter(void **state)
{
    (void)state;
    static const char *const ids[] = {"stolen_after", "transplant"};
    for (size_t i = 0; i < 2; i++) {
        const struct situs_err *err = why(ids[i], CHECK_AK_BOOT);
        assert_string_equal(err->field, "reset_count");
        assert_int_equal(atoi(err->got), atoi(err->expected) + 1);
    }
}

/* A TD of Google's whose owner id is zero is bound by its TPM, and the report says what is missing. */
static void an_owner_id_that_is_absent_is_noted(void **state)
{
    (void)state;
    uint8_t nonce[32] = {1};
    struct lab_vm vm = lab_google_vm(stage, CLOUD_A, 1001);
    memset(vm.td.registers.mr_owner, 0, sizeof vm.td.registers.mr_owner);
    struct lab_evidence e = lab_vm_attest(&vm, LAB_SITUS, nonce);
    const struct result *r = lab_judge_situs(judge, LAB_GOOGLE, &e);
    size_t notes = 0;
    assert_int_equal(r->verdict, VERDICT_TRUSTED);
    for (size_t i = 0; i < r->n_notes; i++)
        notes += strncmp(r->notes[i], "MROWNER is zero: ", 17) == 0;
    assert_int_equal(notes, 1);
    lab_vm_free(&vm);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_honest_twin_is_trusted),
        cmocka_unit_test(each_attack_is_refused_by_its_checks_alone),
        cmocka_unit_test(each_check_stops_an_attack),
        cmocka_unit_test(the_tpm_itself_refuses),
        cmocka_unit_test(another_response_code_is_not_as_expected),
        cmocka_unit_test(a_power_cycle_shows_in_the_real_counter),
        cmocka_unit_test(an_owner_id_that_is_absent_is_noted),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
