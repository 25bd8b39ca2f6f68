/*
 * bench [FILE] measures the rows of rows.def, rows_process.def and rows_live.def, prints a table and
 * writes FILE as {"rows": [{"name", "per_second", "ratio"}]}; "counted" is the signatures that one
 * operation verified (count.c); a row with TPMs has "tpm_us" too,
 * their time for one operation. bench --fleet [FILE] does the same with rows_fleet.def, whose
 * inventory takes long to make, bench --live [FILE] with rows_live.def alone, bench --row ROW with
 * one. bench --growth [FILE] measures how costs grow (growth.c); bench --short FILE is
 * bench FILE with fewer rounds, for tools/bench_table.py. bench --million [ROW]
 * runs each row of all, or one, a million times (rows with TPMs: a thousand) and fails when that
 * costs memory or more than the verification's arena. Rounds of a row alternate with rounds of its
 * raw operation, and the ratio is the median over pairs, so that a machine that is busy or changes
 * its clock does not change the answer. Not a test: nothing here fails because a machine is slow.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/text.h"
#include "bench.h"
#include "clock.h"

#define ROUNDS 21
#define SHORT 7 /* rounds of --short, whose median is one of five */
#define ROUND_SECONDS 0.03
#define GROWTH_KIB 256
#define TABLES_KIB 1024 /* rows with TPMs are too slow for setups in which keys earn tables */

#define ROW_OF(name, kind, function, base, signatures, goal, clock, tpm)                          \
    {name,  base, signatures, goal, bench_##kind##_setup, bench_##function, bench_##kind##_arena, \
     clock, tpm},
#define END                                                \
    {                                                      \
        NULL, RAW_P256, 0, 0, NULL, NULL, NULL, NULL, NULL \
    }
#define ROW(name, kind, function, base, signatures, goal) \
    ROW_OF(name, kind, function, base, signatures, goal, clock_thread, NULL)
static const struct bench_row rows[] = {
#include "rows.def"
    END,
};
static const struct bench_row fleet_rows[] = {
#include "rows_fleet.def"
    END,
};
#undef ROW
#define ROW(name, kind, function, base, signatures, goal) \
    ROW_OF(name, kind, function, base, signatures, goal, clock_process, NULL)
static const struct bench_row process_rows[] = {
#include "rows_process.def"
    END,
};
#undef ROW
#define ROW(name, kind, function, base, signatures, goal) \
    ROW_OF(name, kind, function, base, signatures, goal, clock_wall, bench_##kind##_tpm)
static const struct bench_row live_rows[] = {
#include "rows_live.def"
    END,
};
#undef ROW

static const struct bench_row raws[RAW_COUNT] = {
#define RAW(name, raw, run)                                  \
    {                                                        \
        name, raw, 1, 0, NULL, run, NULL, clock_thread, NULL \
    }
    RAW("raw.p256_verify", RAW_P256, NULL),
    RAW("raw.p384_verify", RAW_P384, NULL),
    RAW("raw.rsa2048_verify", RAW_RSA2048, NULL),
    RAW("raw.two_quotes", RAW_TWO_QUOTES, NULL),
    /* what follows is set up by the rows that it is the measure of */
    RAW("verify.plain", RAW_PLAIN, bench_plain_bundle),
    RAW("tdx.snapshot", RAW_SNAPSHOT, bench_tdx_snapshot),
    RAW("tdx.known_qe", RAW_KNOWN_QE, bench_tdx_known_qe),
    RAW("process.openssl", RAW_OPENSSL, bench_process_openssl),
#undef RAW
};

struct measure {
    double per_second, raw_per_second, ratio; /* ratio: the median of the pairs' ratios */
    double tpm_us;                            /* of one operation */
    double counted; /* ECDSA verifications of one operation; 0: not counted */
};

static int rounds = ROUNDS;
static const char *only; /* the one row to measure; NULL: all */

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

/* run does a row's operation, or the raw one of a row without any. */
static bool run(const struct bench_row *row, size_t n)
{
    return row->run ? row->run(n) : bench_raw(row->base, n);
}

/* rate is operations a second over n of them; 0 when an answer was wrong. */
static double rate(const struct bench_row *row, size_t n, double (*clock)(void))
{
    double begin = clock();
    if (!run(row, n))
        return 0;
    return (double)n / (clock() - begin);
}

/* batch is how many operations fill a round; 0 when an answer was wrong. */
static size_t batch(const struct bench_row *row, double (*clock)(void))
{
    size_t n = 1;
    for (;; n *= 2) {
        double r = rate(row, n, clock);
        if (r <= 0)
            return 0;
        if ((double)n / r >= ROUND_SECONDS / 2)
            return (size_t)(r * ROUND_SECONDS) + 1;
    }
}

static bool measure(struct measure *m, const struct bench_row *row, const struct bench_row *raw)
{
    double rates[ROUNDS], floors[ROUNDS], ratios[ROUNDS];
    double (*clock)(void) = row->clock;
    size_t n = batch(row, clock), n_raw = batch(raw, clock);
    if (n == 0 || n_raw == 0)
        return false;
    double tpm = row->tpm ? row->tpm() : 0;
    for (int i = 0; i < rounds; i++) {
        floors[i] = rate(raw, n_raw, clock);
        rates[i] = rate(row, n, clock);
        double after = rate(raw, n_raw, clock);
        if (floors[i] <= 0 || rates[i] <= 0 || after <= 0)
            return false;
        floors[i] = (floors[i] + after) / 2;
        ratios[i] = rates[i] * (row->signatures ? row->signatures : 1) / floors[i];
    }
    m->tpm_us = row->tpm ? (row->tpm() - tpm) * 1e6 / ((double)n * rounds) : 0;
    m->per_second = median(rates, (size_t)rounds);
    m->raw_per_second = median(floors, (size_t)rounds);
    m->ratio = median(ratios, (size_t)rounds);
    return true;
}

/* resident is the memory of this process in KiB. */
static long resident(void)
{
    char line[128] = "";
    uint64_t pages = 0;
    FILE *f = fopen("/proc/self/statm", "r");
    if (f && fgets(line, sizeof line, f)) {
        struct span rest = span_text(line); /* proc(5): size resident ... */
        text_field(&rest, ' ');
        if (!text_number(text_field(&rest, ' '), 0, UINT32_MAX, &pages))
            pages = 0;
    }
    if (f)
        fclose(f);
    return (long)pages * 4;
}

/*
 * million runs a row a million times, one with TPMs a thousand times: memory must not grow, beyond
 * what the allocator keeps. What has no signatures (entries of a list) is then done in one piece
 * too, and its rate shown beside that of a tenth: the cost of an entry is flat when they are alike.
 */
static bool million(const struct bench_row *row)
{
    const size_t times = 1000, each = row->tpm ? 1 : 1000;
    const bool entries = !row->signatures && !row->tpm;
    if (!row->run(row->tpm ? 100 : 1000))
        return false;
    long before = resident();
    for (size_t i = 0; i < times; i++)
        if (!row->run(each))
            return false;
    double tenth = entries ? rate(row, 100000, clock_thread) : 0;
    double whole = entries ? rate(row, 1000000, clock_thread) : 0;
    long grown = resident() - before;
    printf("%-20s %zu times: %ld KiB more resident, arena at most %zu bytes\n", row->name,
           times * each, grown, row->arena());
    if (entries)
        printf("%-20s in one piece: %.0f per second; of 100 000: %.0f\n", "", whole, tenth);
    fflush(stdout);
    return grown <= GROWTH_KIB + (row->tpm ? TABLES_KIB : 0) &&
           row->arena() <= VERIFICATION_ARENA && (!entries || (tenth > 0 && whole > 0));
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
        if (!row->setup(&reason))
            printf("%-20s skipped: %s\n", row->name, reason);
        else if (!million(row)) {
            fprintf(stderr, "bench: %s grew, or gave a wrong answer\n", row->name);
            good = false;
        }
    }
    return good;
}

static void print_row(FILE *json, bool first, const struct bench_row *row, const struct measure *m)
{
    char goal[32] = "", counted[16] = "";
    if (m->counted > 0)
        snprintf(counted, sizeof counted, "%.2f", m->counted);
    if (row->goal > 0)
        snprintf(goal, sizeof goal, "%s %g %%", m->ratio * 100 >= row->goal ? "met" : "MISSED",
                 row->goal);
    printf("%-20s %12.0f %6u %8s %8.1f %%  %-12s", row->name, m->per_second, row->signatures,
           counted, m->ratio * 100, goal);
    if (row->arena && row->arena())
        printf(" arena %zu bytes", row->arena());
    if (row->tpm)
        printf(", TPMs %.0f us of %.0f", m->tpm_us, 1e6 / m->per_second);
    printf("\n");
    if (!json)
        return;
    fprintf(json,
            "%s{\"name\": \"%s\", \"per_second\": %.1f, \"ratio\": %.4f, \"signatures\": %u, "
            "\"goal\": %g",
            first ? "" : ",\n ", row->name, m->per_second, m->ratio, row->signatures, row->goal);
    if (m->counted > 0)
        fprintf(json, ", \"counted\": %.2f", m->counted);
    if (row->tpm)
        fprintf(json, ", \"tpm_us\": %.0f", m->tpm_us);
    fprintf(json, "}");
}

static bool run_raws(FILE *json)
{
    struct measure m = {0};
    bool good = true;
    printf("%-20s %12s %6s %8s %10s  %s\n", "row", "per second", "verify", "counted", "of raw",
           "goal");
    for (int i = 0; i < RAW_PLAIN; i++) {
        good = measure(&m, &raws[i], &raws[RAW_P256]) && good;
        print_row(json, i == 0, &raws[i], &m);
    }
    return good;
}

/* counted is of the row's table; NULL: nothing of it was counted. */
static bool run_rows(const struct bench_row *row, const double *counted, FILE *json)
{
    struct measure m = {0};
    bool good = true;
    for (; row->name; row++) {
        const char *reason = "";
        m.counted = counted ? *counted++ : 0;
        if (only && strcmp(only, row->name) != 0)
            continue;
        if (!row->setup(&reason)) {
            printf("%-20s skipped: %s\n", row->name, reason);
        } else if (!measure(&m, row, &raws[row->base])) {
            fprintf(stderr, "bench: %s gave a wrong answer\n", row->name);
            good = false;
        } else {
            print_row(json, false, row, &m);
        }
        fflush(stdout);
    }
    return good;
}

/* run_tables measures up to three tables; file is where the numbers go, NULL: nowhere. counted is of
 * the first. */
static bool run_tables(const struct bench_row *const tables[3], const double *counted,
                       const char *file)
{
    FILE *json = file ? fopen(file, "w") : NULL;
    if (file && !json) {
        perror(file);
        return false;
    }
    if (json)
        fprintf(json, "{\"rows\": [\n ");
    bool good = run_raws(json);
    for (size_t i = 0; i < 3 && tables[i]; i++)
        good = run_rows(tables[i], i == 0 ? counted : NULL, json) && good;
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
    const bool one = strcmp(option, "--row") == 0, quick = strcmp(option, "--short") == 0;
    const double *counted = *option && !one && !quick ? NULL : bench_count(rows, one ? word : NULL);
    if (!bench_raw_setup()) {
        fprintf(stderr, "bench: OpenSSL could not make the keys\n");
    } else if (strcmp(option, "--million") == 0) {
        good = run_millions(rows, word, &ran);
        good = run_millions(fleet_rows, word, &ran) && good;
        good = run_millions(live_rows, word, &ran) && good && ran > 0;
    } else if (strcmp(option, "--fleet") == 0) {
        good = run_tables((const struct bench_row *const[3]){fleet_rows}, NULL, word);
    } else if (strcmp(option, "--live") == 0) {
        good = run_tables((const struct bench_row *const[3]){live_rows}, NULL, word);
    } else if (strcmp(option, "--growth") == 0) {
        good = bench_growth(word);
    } else if (one) {
        only = word;
        good = run_tables((const struct bench_row *const[3]){rows, process_rows, live_rows},
                          counted, NULL);
    } else if (!*option || quick) {
        rounds = quick ? SHORT : ROUNDS;
        good = run_tables((const struct bench_row *const[3]){rows, process_rows, live_rows},
                          counted, word);
    } else {
        fprintf(stderr, "bench: error: %s is no option\n", option);
    }
    return good ? 0 : 1;
}
