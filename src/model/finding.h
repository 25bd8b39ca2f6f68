/*
 * Findings: the outcome of each check. The zero value is not-run, and not-run never counts as pass.
 * A failure sticks: a later pass of the same row (a second quote) does not undo it.
 */
#ifndef SITUS_MODEL_FINDING_H
#define SITUS_MODEL_FINDING_H

#include "base/arena.h"
#include "base/err.h"
#include "base/time.h"

/* The named proofs of proofs.def, one bit each. */
enum proof_number {
#define PROOF(bit, name, live, contains, sentence) PROOF_NUMBER_##bit,
#define RESTS(...)
#include "model/proofs.def"
#undef PROOF
};

enum proof {
#define PROOF(bit, name, live, contains, sentence) PROOF_##bit = 1 << PROOF_NUMBER_##bit,
#include "model/proofs.def"
#undef PROOF
#undef RESTS
    /* on bare metal one AND of rows, with three lines of trust */
    PROOFS_BOUND = PROOF_BOUND | PROOF_HOST_MEASURED | PROOF_CO_LOCATED,
    PROOFS_LIVE = PROOF_LIVE | PROOF_LISTED | PROOF_OWNED |
                  PROOF_VOUCHED |   /* and what adds words to it, */
                  PROOF_CONTINUOUS, /* or time */
    PROOF_ALL = PROOF_GENUINE | PROOFS_LIVE | PROOFS_BOUND
};

enum check {
#define CHECK(name, id, exit, kind, proofs, sentence, source, stops) CHECK_##name,
#include "model/checks.def"
#undef CHECK
    CHECK_COUNT
};

/* HOST rows apply on bare metal only. POE, LIST and VOUCH are endorsements: words about a machine, not
 * evidence from it. */
enum check_kind {
    KIND_ANY,
#define TEE(id, name, chain, dated, what, send) KIND_##id,
#include "model/tees.def"
#undef TEE
    KIND_TPM,
    KIND_HOST,
    KIND_POE,
    KIND_LIST,
    KIND_VOUCH
};

/* One kind of TEE; see tees.def. */
struct tee_row {
    const char *name;
    enum check chain, tcb;
    bool dated;
    const char *what, *send;
};

/* tee_row is the row of a kind of TEE; NULL: it is none. */
const struct tee_row *tee_row(enum check_kind kind);

/* tee_find is the kind of TEE of that name; KIND_ANY: none. */
enum check_kind tee_find(const char *name);

struct check_row {
    const char *id;
    int exit;
    enum check_kind kind;
    unsigned proofs;
    const char *sentence, *source, *stops;
};
const struct check_row *check_row(enum check c);

/* check_find finds a row by its id; CHECK_COUNT when unknown. */
enum check check_find(struct span id);

enum outcome { OUTCOME_NOT_RUN, OUTCOME_PASS, OUTCOME_FAIL };

struct finding {
    enum outcome outcome;
    const struct situs_err *why; /* fail: the reason; else NULL */
    const char *reason;          /* not-run: why, or NULL when there was no such evidence */
    int64_t until; /* what it rests on that ends first, ends then; ends NULL: nothing */
    const char *ends;
};

struct findings {
    struct finding v[CHECK_COUNT];
    struct arena *arena;
};

/* finding_pass records that a check holds, unless it failed before. */
void finding_pass(struct findings *f, enum check c);

/* Which input, and where in it, as err_fail's. */
struct finding_at {
    const char *part, *field;
};
#define FINDING_AT(part, field) ((struct finding_at){part, field})

/* finding_fail records why a check does not hold; hint may be NULL; returns false. The first failure
 * of a row is kept. Out of memory it still fails, without the words. */
bool finding_fail(struct findings *f, enum check c, enum situs_code code, struct finding_at at,
                  const char *expected, const char *got, const char *hint);

/* finding_in_window says that the time lies in a window; else the check fails, as not-yet-valid or
 * expired, with the field's from or to. what is what the window belongs to, a literal as a
 * report names it; when it ends is recorded. */
bool finding_in_window(struct findings *f, enum check c, const char *part, const char *field,
                       const char *what, struct window w, int64_t at);

/* finding_until records that something which the row rests on ends: what, a literal as a report
 * names it. The earliest is kept. */
void finding_until(struct findings *f, enum check c, int64_t until, const char *what);

/* finding_fail_err records a failure that a reader described. */
bool finding_fail_err(struct findings *f, enum check c, const struct situs_err *err);

/* finding_skip records why a check did not run, unless it ran: reason is one sentence, a
 * literal. */
void finding_skip(struct findings *f, enum check c, const char *reason);

/* finding_retract takes back what a row found, a failure too, where another word about the whole
 * takes its place. */
void finding_retract(struct findings *f, enum check c);

/* finding_exit is the exit code that a failed finding gives: see checks.def. */
int finding_exit(enum check c, enum situs_code code);

#endif
