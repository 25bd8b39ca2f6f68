/* Rows of the benchmark: what is measured, and against which raw operation in the same run. */
#ifndef SITUS_BENCH_H
#define SITUS_BENCH_H

#include <stdbool.h>
#include <stddef.h>

/* Raw operations of OpenSSL, the measure of everything else: the floor that no verifier goes below.
 * From RAW_PLAIN on none of them but a whole verification, to measure a hostile one, or two threads,
 * against, and a program that only starts OpenSSL. */
enum raw {
    RAW_P256,
    RAW_P384,
    RAW_RSA2048,
    RAW_TWO_QUOTES, /* a P-256 and an RSA-2048 */
    RAW_PLAIN,
    RAW_SNAPSHOT,
    RAW_KNOWN_QE,
    RAW_OPENSSL,
    RAW_COUNT
};

/*
 * One row. setup makes what run needs (it may be slow) and says false, with a reason, when its
 * evidence is not there. run does the operation n times and says false when any answer is wrong.
 * One operation holds signatures verifications of the raw operation base; 0 compares with one.
 */
struct bench_row {
    const char *name;
    enum raw base;
    unsigned signatures;
    double goal; /* least ratio, percent; 0: none */
    bool (*setup)(const char **reason);
    bool (*run)(size_t n);
    size_t (*arena)(void); /* most bytes of the verification arena used */
    double (*clock)(void); /* by which it and its raw operation are timed */
    double (*tpm)(void);   /* seconds of processor time that its TPMs have taken so far; NULL: it
                              has none. A row with TPMs waits for other programs */
};

/* bench_raw_setup makes the keys of the raw operations; bench_raw does one of them n times. */
bool bench_raw_setup(void);
bool bench_raw(enum raw raw, size_t n);

/* bench_count is the ECDSA verifications of one operation of each row of a table, at most BENCH_ROWS;
 * 0 where they are not counted (RSA, rows without signatures; others than name, where it is not
 * NULL). Before bench_raw_setup. */
#define BENCH_ROWS 40
const double *bench_count(const struct bench_row *row, const char *name);

/* bench_growth measures how costs grow, prints them and writes them into the file, which may be NULL:
 * {"curves": [{"name", "of", "unit", "points": [[how many, cost], ...]}]}. */
bool bench_growth(const char *file);

/* bench_words_grow is seconds of loading lists of so many entries and endorsements, and of one
 * appraisal beside them; bench_log_grow of reading and replaying a log in three banks;
 * bench_policy_grow of reading a policy with so many guest images, and of an appraisal by it. */
bool bench_words_grow(size_t entries, size_t poes, double *load, double *verify);
bool bench_log_grow(size_t events, double *each);
bool bench_policy_grow(size_t images, double *load, double *each);

/* Declares the functions of the rows. */
#define ROW(name, kind, function, base, signatures, goal) \
    bool bench_##kind##_setup(const char **reason);       \
    size_t bench_##kind##_arena(void);                    \
    bool bench_##function(size_t n);
#include "rows.def"
#include "rows_fleet.def"
#include "rows_live.def"
#include "rows_process.def"
#undef ROW
double bench_live_tpm(void);

#endif
