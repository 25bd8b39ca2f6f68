/*
 * bench [FILE] measures the rows of rows.def on one thread, prints a table and writes FILE as
 * {"rows": [{"name", "per_second", "ratio"}]}. bench --fleet [FILE] does the same with
 * rows_fleet.def, whose inventory takes long to make. bench --million [ROW] runs each row of both,
 * or one, a million times and fails when that costs memory or more than the verification's arena.
 * Rounds of a row alternate with rounds of its raw operation, and the ratio is the median over
 * pairs, so that a machine that is busy or changes its clock does not change the answer. Not a
 * test: nothing here fails because a machine is slow.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "bench.h"
#include "clock.h"

#define ROUNDS 21
#define ROUND_SECONDS 0.03
#define GROWTH_KIB 256

#define ROW(name, kind, function, base, signatures, goal) \
    {name, base, signatures, goal, bench_##kind##_setup, bench_##function, bench_##kind##_arena},
#define END                                    \
    {                                          \
        NULL, RAW_P256, 0, 0, NULL, NULL, NULL \
    }
static const struct bench_row rows[] = {
#include "rows.def"
    END,
};
static const struct bench_row fleet_rows[] = {
#include "rows_fleet.def"
    END,
};
#undef ROW

static const char *const raw_names[RAW_COUNT] = {"raw.p256_verify", "raw.p384_verify",
                                                 "raw.rsa2048_verify"};

struct measure {
    double per_second, raw_per_second, ratio; /* ratio: the median of the pairs' ratios */
};

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *v, size_t n)
{
    qsort(v, n, sizeof *v, ascending);
    return v[n / 2];
}

/* once runs a row, or a raw operation when row is NULL. */
static bool once(const struct bench_row *row, enum raw raw, size_t n)
{
    return row ? row->run(n) : bench_raw(raw, n);
}

/* rate is operations a second over n of them; 0 when an answer was wrong. */
static double rate(const struct bench_row *row, enum raw raw, size_t n)
{
    double begin = clock_seconds();
    if (!once(row, raw, n))
        return 0;
    return (double)n / (clock_seconds() - begin);
}

/* batch is how many operations fill a round; 0 when an answer was wrong. */
static size_t batch(const struct bench_row *row, enum raw raw)
{
    size_t n = 1;
    for (;; n *= 2) {
        double r = rate(row, raw, n);
        if (r <= 0)
            return 0;
        if ((double)n / r >= ROUND_SECONDS / 2)
            return (size_t)(r * ROUND_SECONDS) + 1;
    }
}

static bool measure(struct measure *m, const struct bench_row *row, enum raw raw, enum raw base,
                    unsigned signatures)
{
    double rates[ROUNDS], raws[ROUNDS], ratios[ROUNDS];
    size_t n = batch(row, raw), n_raw = batch(NULL, base);
    if (n == 0 || n_raw == 0)
        return false;
    for (int i = 0; i < ROUNDS; i++) {
        raws[i] = rate(NULL, base, n_raw);
        rates[i] = rate(row, raw, n);
        double after = rate(NULL, base, n_raw);
        if (raws[i] <= 0 || rates[i] <= 0 || after <= 0)
            return false;
        raws[i] = (raws[i] + after) / 2;
        ratios[i] = rates[i] * (signatures ? signatures : 1) / raws[i];
    }
    m->per_second = median(rates, ROUNDS);
    m->raw_per_second = median(raws, ROUNDS);
    m->ratio = median(ratios, ROUNDS);
    return true;
}

/* resident is the memory of this process in KiB. */
static long resident(void)
{
    long pages = 0;
    FILE *f = fopen("/proc/self/statm", "r");
    if (f && fscanf(f, "%*s %ld", &pages) != 1)
        pages = 0;
    if (f)
        fclose(f);
    return pages * 4;
}

/*
 * million runs a row a million times: memory must not grow, beyond what the allocator keeps. What
 * has no signatures (entries of a list) is then done in one piece too, and its rate shown beside
 * that of a tenth: the cost of an entry is flat when they are alike.
 */
static bool million(const struct bench_row *row)
{
    if (!row->run(1000))
        return false;
    long before = resident();
    for (int i = 0; i < 1000; i++)
        if (!row->run(1000))
            return false;
    double tenth = row->signatures ? 0 : rate(row, RAW_P256, 100000);
    double whole = row->signatures ? 0 : rate(row, RAW_P256, 1000000);
    long grown = resident() - before;
    printf("%-20s a million times: %ld KiB more resident, arena at most %zu bytes\n", row->name,
           grown, row->arena());
    if (!row->signatures)
        printf("%-20s in one piece: %.0f per second; of 100 000: %.0f\n", "", whole, tenth);
    return grown <= GROWTH_KIB && row->arena() <= VERIFICATION_ARENA &&
           (row->signatures || (tenth > 0 && whole > 0));
}

/* run_millions runs the rows of a table, or the one of that name; ran counts them. */
static bool run_millions(const struct bench_row *row, const char *name, size_t *ran)
{
    const char *reason;
    bool good = true;
    for (; row->name; row++) {
        if (name && strcmp(name, row->name) != 0)
            continue;
        *ran += 1;
        if (row->setup(&reason))
            good = million(row) && good;
    }
    return good;
}

static void print_row(FILE *json, bool first, const char *name, const struct measure *m,
                      unsigned signatures, unsigned goal, size_t arena)
{
    char goal_text[32] = "";
    if (goal)
        snprintf(goal_text, sizeof goal_text, "%s %u %%", m->ratio * 100 >= goal ? "met" : "MISSED",
                 goal);
    printf("%-20s %12.0f %6u %8.1f %%  %-12s", name, m->per_second, signatures, m->ratio * 100,
           goal_text);
    if (arena)
        printf(" arena %zu bytes", arena);
    printf("\n");
    if (json)
        fprintf(json, "%s{\"name\": \"%s\", \"per_second\": %.1f, \"ratio\": %.4f}",
                first ? "" : ",\n ", name, m->per_second, m->ratio);
}

static bool run_all(const struct bench_row *row, FILE *json)
{
    struct measure m;
    bool good = true;
    printf("%-20s %12s %6s %10s  %s\n", "row", "per second", "verify", "of raw", "goal");
    for (int raw = 0; raw < RAW_COUNT; raw++) {
        good = measure(&m, NULL, (enum raw)raw, RAW_P256, 1) && good;
        print_row(json, raw == 0, raw_names[raw], &m, 1, 0, 0);
    }
    for (; row->name; row++) {
        const char *reason = "";
        if (!row->setup(&reason)) {
            printf("%-20s skipped: %s\n", row->name, reason);
        } else if (!measure(&m, row, row->base, row->base, row->signatures)) {
            fprintf(stderr, "bench: %s gave a wrong answer\n", row->name);
            good = false;
        } else {
            print_row(json, false, row->name, &m, row->signatures, row->goal, row->arena());
        }
    }
    return good;
}

/* run_table measures a table; file is where its numbers go, NULL: nowhere. */
static bool run_table(const struct bench_row *table, const char *file)
{
    FILE *json = file ? fopen(file, "w") : NULL;
    if (file && !json) {
        perror(file);
        return false;
    }
    if (json)
        fprintf(json, "{\"rows\": [\n ");
    bool good = run_all(table, json);
    if (json && (fprintf(json, "\n]}\n") < 0 || fclose(json) != 0))
        good = false;
    return good;
}

int main(int argc, char **argv)
{
    const char *option = argc > 1 && strncmp(argv[1], "--", 2) == 0 ? argv[1] : "";
    const char *word = *option ? argv[argc > 2 ? 2 : argc] : argv[argc > 1 ? 1 : argc];
    size_t ran = 0;
    bool good = false;
    if (!bench_raw_setup()) {
        fprintf(stderr, "bench: OpenSSL could not make the keys\n");
    } else if (strcmp(option, "--million") == 0) {
        good = run_millions(rows, word, &ran);
        good = run_millions(fleet_rows, word, &ran) && good && ran > 0;
    } else if (strcmp(option, "--fleet") == 0) {
        good = run_table(fleet_rows, word);
    } else if (!*option) {
        good = run_table(rows, word);
    } else {
        fprintf(stderr, "bench: error: %s is no option\n", option);
    }
    return good ? 0 : 1;
}
