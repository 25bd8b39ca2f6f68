/*
 * The weights table: each row of checks.def is weakened (weaken.h), one at a time. Then an attack
 * that it alone refused must be trusted, in a whole appraisal, and a test of its decider must fail.
 *
 * weights [--self-test]   the table, and how many rows passed; exits 1 when one carries no weight.
 * --self-test weakens nothing, which every row must notice, in both its halves.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <sys/wait.h>
#include <unistd.h>

#include "weights/sgx.h"
#include "weights/weaken.h"

struct weight {
    const char *attack, *program, *test;
};

/* One of each name: a row of checks.def without a line here does not compile. */
#define WEIGHT(name, attack, program, test) \
    static const struct weight weight_##name = {attack, program, test};
#include "weights/weights.def"
#undef WEIGHT

static const struct weight *const weights[CHECK_COUNT] = {
#define CHECK(name, id, exit, kind, proofs, sentence, source, stops) &weight_##name,
#include "model/checks.def"
#undef CHECK
};

/* How a unit test ended. */
enum unit { UNIT_PASSES, UNIT_FAILS, UNIT_CRASHES };
static const char *const unit_words[] = {"passes", "fails", "crashes"};

struct line {
    struct weights_ruling strong, weak;
    enum unit unit, weak_unit;
};

static struct lab_stage *stage;
static const char *folder; /* of the unit programs */

/* A judge of its own: nothing is remembered from a weakened appraisal to the next. */
static struct weights_ruling run_attack(const char *attack, enum check weak)
{
    const struct lab_attack_row *row = lab_attacks_find(attack);
    struct weights_ruling ruling = {.failed = 0};
    weakened = weak;
    if (row) {
        struct lab_judge *judge = lab_judge_new(stage);
        struct lab_ruling r = lab_attacks_run(stage, judge, row, false);
        ruling.trusted = r.situs;
        ruling.exit = r.result->exit;
        for (enum check c = 0; c < CHECK_COUNT; c++)
            if (r.result->findings.v[c].outcome == OUTCOME_FAIL)
                ruling.failed |= (lab_checks)1 << c;
        lab_judge_free(judge);
    } else if (sgx_find(attack)) {
        ruling = sgx_run(sgx_find(attack));
    } else {
        lab_die("no attack %s", attack);
    }
    weakened = CHECK_COUNT;
    return ruling;
}

/* In the child: the program with its output on this pipe, and nothing else. */
static void become(const struct weight *w, enum check weak, int out)
{
    char path[512], name[64];
    snprintf(name, sizeof name, "%s", w->program);
    *strchr(name, '/') = '_';
    snprintf(path, sizeof path, "%s/weak_%s", folder, name);
    setenv("ONLY_TEST", w->test, 1);
    setenv("WEAKEN", weak == CHECK_COUNT ? "" : check_row(weak)->id, 1);
    dup2(out, 1);
    dup2(out, 2);
    execl(path, path, (char *)NULL);
    _exit(127);
}

/* A test that fails otherwise than by an assertion says nothing. */
static enum unit run_unit(const struct weight *w, enum check weak)
{
    static char text[1 << 20];
    int out[2], status;
    size_t n = 0;
    if (pipe(out) != 0)
        lab_die("no pipe");
    fflush(stdout);
    pid_t child = fork();
    if (child < 0)
        lab_die("no process");
    if (child == 0)
        become(w, weak, out[1]);
    close(out[1]);
    for (ssize_t got; (got = read(out[0], text + n, sizeof text - 1 - n)) > 0;)
        n += (size_t)got;
    close(out[0]);
    text[n] = 0;
    if (waitpid(child, &status, 0) != child || !WIFEXITED(status) || WEXITSTATUS(status) > 1 ||
        strstr(text, "failed with exception"))
        return UNIT_CRASHES;
    return WEXITSTATUS(status) ? UNIT_FAILS : UNIT_PASSES;
}

static bool attack_shows(enum check c, const struct line *l)
{
    return !l->strong.trusted && l->strong.failed == (lab_checks)1 << c && l->weak.trusted;
}

static bool unit_shows(const struct line *l)
{
    return l->unit == UNIT_PASSES && l->weak_unit == UNIT_FAILS;
}

static void print_head(void)
{
    printf("%-20s%-50s%-12s%-12s%-9s%-9s%s\n", "row", "attack", "as it is", "weakened", "as it is",
           "weakened", "unit test");
}

static void print_verdict(const struct weights_ruling *r)
{
    char text[24];
    snprintf(text, sizeof text, r->trusted ? "trusted" : "refused %d", r->exit);
    printf("%-12s", text);
}

static void print_line(enum check c, const struct line *l)
{
    const struct weight *w = weights[c];
    const struct lab_attack_row *row = lab_attacks_find(w->attack);
    printf("%-20s%-50s", check_row(c)->id, row ? row->name : sgx_text(sgx_find(w->attack)));
    print_verdict(&l->strong);
    print_verdict(&l->weak);
    printf("%-9s%-9s%s: %s\n", unit_words[l->unit], unit_words[l->weak_unit], w->program, w->test);
    for (enum check k = 0; k < CHECK_COUNT; k++)
        if (k != c && l->strong.failed >> k & 1)
            printf("    %s refuses it too\n", check_row(k)->id);
}

int main(int argc, char **argv)
{
    bool self_test = argc == 2 && strcmp(argv[1], "--self-test") == 0;
    char *slash = strrchr(argv[0], '/');
    size_t passed = 0, failed = 0;
    if ((argc > 1 && !self_test) || !slash) {
        fprintf(stderr, "usage: DIR/weights [--self-test]\n");
        return 1;
    }
    *slash = 0;
    folder = argv[0];
    if (!sgx_run(NULL).trusted)
        lab_die("the honest enclave is refused");
    stage = lab_stage_new(time(NULL));
    print_head();
    for (enum check c = 0; c < CHECK_COUNT; c++) {
        enum check weak = self_test ? CHECK_COUNT : c;
        struct line l = {.strong = run_attack(weights[c]->attack, CHECK_COUNT),
                         .weak = run_attack(weights[c]->attack, weak),
                         .unit = run_unit(weights[c], CHECK_COUNT),
                         .weak_unit = run_unit(weights[c], weak)};
        bool carries = attack_shows(c, &l) && unit_shows(&l);
        bool noticed = !attack_shows(c, &l) && !unit_shows(&l);
        bool good = self_test ? noticed : carries;
        passed += good;
        failed += !good;
        print_line(c, &l);
        if (!good)
            printf("FAILED  %s %s\n", check_row(c)->id,
                   self_test ? "seems to carry weight though nothing is weakened"
                             : "carries no weight");
    }
    lab_stage_free(stage);
    printf("%s%zu passed, %zu failed\n", self_test ? "nothing weakened is noticed: " : "", passed,
           failed);
    return failed != 0;
}
