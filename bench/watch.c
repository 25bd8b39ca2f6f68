/*
 * What watching costs (make bench-watch): machines in spans, in a database as a keeper has it, each observation all that a keeper
 * makes of one good answer: N issued, received, answered (roles/continuity), and row, span, answer and hour on record, a thousand
 * in each transaction. What comes before, the appraisal, is row tdx.snapshot of make bench, and is not here.
 *
 *     watch sqlite:PATH|CONNINFO MACHINES OBSERVATIONS
 */
#include "serve/keeper/keeper_machines.h"

#include "bench/clock.h"

#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WALL 1800000000
#define H 60000
#define BATCH 1000
#define NAME 24

/* One machine, as a keeper has it. */
struct machine {
    struct serve_machine terms;
    struct keeper_machine state;
    char name[NAME];
};

static struct machine_store store = {
    .epoch = 1, .replica = "one", .boot = "00000000-0000-0000-0000-000000000000"};
static struct database db;

static void must(bool ok, const struct situs_err *err)
{
    if (ok)
        return;
    fprintf(stderr, "watch: %s %s: expected %s, got %s\n", err->part, err->field, err->expected,
            err->got);
    exit(1);
}

static void fill(struct machine *m, size_t i)
{
    snprintf(m->name, sizeof m->name, "m%zu", i);
    m->terms = (struct serve_machine){.name = m->name, .policy_name = "managed"};
    m->terms.terms.h = H;
}

/* record_of is a good answer of a managed guest. */
static struct token_record record_for(const struct machine *m, size_t i)
{
    struct token_record r = {
        .trusted = 1, .sound = 1, .has_channel = 1, .until = RECORD_NO_END, .holds = 7};
    r.known = (struct record_known){.live = 1,
                                    .has_tpm = 1,
                                    .clock = m->state.row.facts.machine.clock + 20000,
                                    .reset_count = 7,
                                    .restart_count = 7};
    r.known.ids[RECORD_AK] = (struct record_id){.n = 34, .v = {0, 11}};
    r.known.ids[RECORD_PLATFORM].n = 16;
    memcpy(r.known.ids[RECORD_AK].v + 2, &i, sizeof i);
    memcpy(r.known.ids[RECORD_PLATFORM].v, &i, sizeof i);
    memcpy(r.channel, &i, sizeof i);
    return r;
}

/* observe takes one good answer into a machine's span; the time is its own, 20 s after the one before. */
static void observe(struct machine *m, size_t i)
{
    struct continuity_row *row = &m->state.row;
    struct continuity_events events = {.n = 0};
    struct continuity_now now = {row->issued + 20000, WALL + (row->issued + 20000) / 1000};
    const struct token_record r = record_for(m, i);
    const struct continuity_answer answer = {.record = &r};
    uint8_t session[16] = {1};
    uint64_t before = row->answers;
    continuity_issued(row, &m->terms.terms, session, (uint32_t)i, &now);
    now.steady += 50;
    if (!continuity_received(row, &m->terms.terms, session, &now))
        abort();
    continuity_answered(row, &m->terms.terms, &answer, &now, &events);
    if (row->state != CONTINUITY_LIVE || row->answers == before)
        abort(); /* what is measured is no observation */
    m->state.seen[0] = (struct machine_seen){row->last, row->span, 20050};
}

static void put(struct machine *m)
{
    struct situs_err err = {0};
    int64_t epoch;
    must(machine_store_epoch(&db, m->name, &epoch, &err) &&
             machine_store_write(&store, &db, &m->terms, &m->state.row, &err) &&
             machine_store_seen(&db, m->name, &m->state.seen[0], &err),
         &err);
}

/* observations takes n of them, of machines in order (step 1) or by a step that spreads them over all. */
static void observations(struct machine *v, size_t machines, size_t n, size_t step)
{
    struct situs_err err = {0};
    for (size_t i = 0, at = 0; i < n; i++, at = (at + step) % machines) {
        if (i % BATCH == 0)
            must(database_begin(&db, &err), &err);
        observe(&v[at], at);
        put(&v[at]);
        if (i % BATCH == BATCH - 1 || i == n - 1)
            must(machine_store_sign(&store, &db, &err) && database_end(&db, true, &err), &err);
    }
}

int main(int argc, char **argv)
{
    struct situs_err err = {0};
    uint64_t machines = 0, n = 0;
    if (argc != 4 || !text_number(span_text(argv[2]), 1, 10000000, &machines) ||
        !text_number(span_text(argv[3]), 1, 100000000, &n)) {
        fprintf(stderr, "usage: watch sqlite:PATH|CONNINFO MACHINES OBSERVATIONS\n");
        return 1;
    }
    bool sqlite = strncmp(argv[1], "sqlite:", 7) == 0;
    const struct database_place place = {.sqlite = sqlite ? argv[1] + 7 : NULL,
                                         .postgresql = sqlite ? NULL : argv[1]};
    struct machine *v = calloc(machines, sizeof *v);
    if (!v)
        return 1;
    must(database_open(&db, &place, true, &err), &err);
    for (size_t i = 0; i < machines; i++)
        fill(&v[i], i);
    double t = clock_wall();
    observations(v, machines, machines, 1);
    double begun = clock_wall() - t;

    double pure = clock_thread();
    for (size_t i = 0, at = 0; i < n; i++, at = (at + 611953) % machines)
        observe(&v[at], at);
    pure = clock_thread() - pure;

    double wall = clock_wall(), cpu = clock_thread();
    observations(v, machines, n,
                 611953); /* a prime: each machine in turn, far from the one before */
    wall = clock_wall() - wall, cpu = clock_thread() - cpu;
    printf("{\"machines\": %llu, \"observations\": %llu, \"bytes_a_machine\": %zu, "
           "\"begin_us\": %.1f, \"continuity_us\": %.2f, \"us\": %.1f, \"own_cpu_us\": %.1f, "
           "\"a_second\": %.0f}\n",
           (unsigned long long)machines, (unsigned long long)n,
           sizeof(struct keeper_machine) + sizeof(struct serve_machine),
           begun / (double)machines * 1e6, pure / (double)n * 1e6, wall / (double)n * 1e6,
           cpu / (double)n * 1e6, (double)n / wall);
    database_close(&db);
    free(v);
    return 0;
}
