/* Watched machines; see keeper_machines.h. */
#include "serve/keeper/keeper.h"

#include "frame/out.h"
#include "serve/keeper/hook_store.h"
#include "serve/world/machine_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <unistd.h>

#define FLUSH_MS 1000 /* after which what is better is on record */
#define COMPACT_MS 3600000
#define TEXT_MAX (64 * 1024)

static const struct serve_machine *machine(const struct keeper *k, size_t i)
{
    return &k->world->config.machines.v[i];
}

static struct continuity_now now_of(const struct keeper *k)
{
    return (struct continuity_now){k->clock.steady(), k->clock.highest};
}

bool keeper_machines_new(struct keeper *k)
{
    struct situs_err err = {0};
    struct keeper_machines *m = &k->machines;
    const struct serve_config *c = &k->world->config;
    if (c->machines.n == 0)
        return true;
    m->v = calloc(c->machines.n, sizeof *m->v);
    m->n = c->machines.n;
    m->store = (struct machine_store){
        .replica = c->replica, .mark = c->machines.mark, .hooks = &c->machines.hooks};
    if (m->v && machine_store_boot(&m->store, &err))
        return true;
    if (err.code)
        out_failure(&err);
    return false;
}

/* take keeps what a step made of a machine until it is on record. */
static void take(struct keeper *k, size_t i, const struct continuity_events *events)
{
    struct keeper_machine *m = &k->machines.v[i];
    for (size_t e = 0; e < events->n; e++) {
        const struct continuity_event *v = &events->v[e];
        if (m->n_events < KEEPER_MACHINE_EVENTS)
            m->events[m->n_events++] = *v;
        out_note("machine %s: %s%s%s", machine(k, i)->name, continuity_kind_word(v->kind),
                 v->reason ? ": " : "", v->reason ? continuity_reason_word(v->reason) : "");
    }
    m->changed = m->changed || events->n || events->worse;
    m->worse = m->worse || events->worse;
    k->machines.worse = k->machines.worse || events->worse;
}

bool keeper_machines_is_ours(struct keeper *k, size_t i, struct situs_err *err)
{
    struct keeper_machine *m = &k->machines.v[i];
    int64_t epoch;
    if (m->gone || !machine_store_epoch(&k->store.db, machine(k, i)->name, &epoch, err))
        return false;
    m->gone = epoch != k->machines.store.epoch;
    if (m->gone)
        out_error("machine %s is watched by another keeper since", machine(k, i)->name);
    return !m->gone;
}

static bool record_one(struct keeper *k, size_t i, struct situs_err *err)
{
    struct keeper_machines *all = &k->machines;
    struct keeper_machine *m = &all->v[i];
    struct database *db = &k->store.db;
    if (!keeper_machines_is_ours(k, i, err))
        return m->gone;
    bool ok = machine_store_write(&all->store, db, machine(k, i), &m->row, err);
    for (size_t s = 0; ok && s < m->n_seen; s++)
        ok = machine_store_seen(db, machine(k, i)->name, &m->seen[s], err);
    for (size_t e = 0; ok && e < m->n_events; e++)
        ok = machine_store_event(&all->store, db, machine(k, i)->name, &m->events[e], err);
    m->tried_events = m->n_events;
    m->tried_seen = m->n_seen;
    return ok;
}

/* forget_tried takes what the last transaction put on record as such, all of it or what a machine had to say then. What came
 * since waits for the next. */
static void forget_tried(struct keeper *k, bool counted)
{
    for (size_t i = 0; i < k->machines.n; i++) {
        struct keeper_machine *m = &k->machines.v[i];
        if (counted) {
            m->n_events -= m->tried_events;
            m->n_seen -= m->tried_seen;
            memmove(m->events, m->events + m->tried_events, m->n_events * sizeof *m->events);
            memmove(m->seen, m->seen + m->tried_seen, m->n_seen * sizeof *m->seen);
        }
        m->tried_events = m->tried_seen = 0;
    }
}

/* forget_changes says that nothing waits to be put on record. */
static void forget_changes(struct keeper *k)
{
    forget_tried(k, true);
    for (size_t i = 0; i < k->machines.n; i++)
        k->machines.v[i].changed = k->machines.v[i].worse = false;
    k->machines.worse = false;
}

/* fails says once why nothing can be put on record; false. */
static bool fails(struct keeper *k, const struct situs_err *err)
{
    if (!k->machines.failing)
        out_failure(err);
    k->machines.failing = true;
    return false;
}

static bool mark(struct keeper *k)
{
    struct situs_err err = {0};
    if (k->machines.unmarked && !machine_store_mark(&k->machines.store, &err))
        return fails(k, &err);
    k->machines.unmarked = false;
    return true;
}

/* commit ends a transaction, and signs it before. Where nobody says whether it counted it is asked for later. */
static bool commit(struct keeper *k, bool ok, struct situs_err *err)
{
    struct keeper_machines *all = &k->machines;
    struct machine_store *s = &all->store;
    bool events = s->event != all->tried.event;
    ok = ok && (!events || hook_store_bound(&k->store.db, s->hooks, s->replica, s->lost, err)) &&
         machine_store_sign(s, &k->store.db, err);
    all->tried = all->store;
    all->unsure = ok;
    ok = database_end(&k->store.db, ok, err);
    all->unsure = all->unsure && !ok;
    if (!ok && !all->unsure)
        forget_tried(k, false);
    return ok;
}

/* settle finds out whether a transaction counted of which nobody said so: it would be put on record twice. */
static bool settle(struct keeper *k, struct situs_err *err)
{
    struct keeper_machines *all = &k->machines;
    bool counted = false;
    if (!all->unsure)
        return true;
    if (!machine_store_signed(&all->tried, &k->store.db, &counted, err))
        return false;
    all->unsure = false;
    forget_tried(k, counted);
    if (counted && all->store.epoch)
        all->store = all->tried;
    all->unmarked = all->unmarked || counted;
    return true;
}

static bool write_all(struct keeper *k, struct situs_err *err)
{
    struct keeper_machines *all = &k->machines;
    bool ok = database_begin(&k->store.db, err);
    for (size_t i = 0; ok && i < all->n; i++)
        if (all->v[i].changed && !all->v[i].gone)
            ok = record_one(k, i, err);
    return commit(k, ok, err);
}

/* flush puts all that changed on record, in one transaction; false: nothing of it is. */
static bool flush(struct keeper *k)
{
    struct situs_err err = {0};
    struct keeper_machines *all = &k->machines;
    bool any = false;
    if (!all->claimed || !k->store.up)
        return false;
    all->flushed = k->clock.steady();
    if (!settle(k, &err))
        return fails(k, &err);
    for (size_t i = 0; i < all->n; i++)
        any = any || (all->v[i].changed && !all->v[i].gone);
    int64_t event = all->store.event;
    if (any && !write_all(k, &err)) {
        all->store.event = event;
        return fails(k, &err);
    }
    forget_changes(k);
    all->unmarked = all->unmarked || all->store.event != event;
    if (!mark(k))
        return false;
    all->failing = false;
    return true;
}

bool keeper_machines_safe(struct keeper *k)
{
    const struct keeper_machines *all = &k->machines;
    return (!all->worse && !all->unmarked) || flush(k);
}

void keeper_machines_free(struct keeper *k)
{
    flush(k);
    free(k->machines.v);
    k->machines = (struct keeper_machines){.n = 0};
}

/* end_all ends every span for a reason of ours, and where the record was lost what it never knew. */
static void end_all(struct keeper *k, enum continuity_reason reason, bool lost,
                    const struct continuity_now *now)
{
    for (size_t i = 0; i < k->machines.n; i++) {
        struct continuity_events events = {.n = 0};
        if (k->machines.v[i].row.state == CONTINUITY_NEW && !lost)
            continue;
        continuity_end(&k->machines.v[i].row, reason, now, &events);
        take(k, i, &events);
    }
}

/* claim_all takes every machine over. What this process saw since the database was lost counts more than what is there. */
static bool claim_all(struct keeper *k, const struct continuity_now *now, enum machine_lost *lost,
                      struct situs_err *err)
{
    struct keeper_machines *all = &k->machines;
    struct continuity_row row;
    int64_t before = all->store.epoch, epoch = 0;
    bool first = before == 0;
    if (!machine_store_claim(&all->store, &k->store.db, now->wall, lost, err))
        return false;
    for (size_t i = 0; i < all->n; i++) {
        struct keeper_machine *m = &all->v[i];
        if (!first && !machine_store_epoch(&k->store.db, machine(k, i)->name, &epoch, err))
            return false;
        m->gone = m->gone || (!first && epoch > before);
        if (m->gone)
            continue;
        if (!machine_store_take(&all->store, &k->store.db, machine(k, i), now->wall, &row, err))
            return false;
        if (first) {
            m->row = row;
            m->row.observed = row.observed && continuity_fits(&row, now);
        }
        m->changed = true;
        continuity_unseen(&m->row);
    }
    /* Later on those that this one did not take are the next generation's. */
    return !first || machine_store_left(&all->store, &k->store.db, now->wall, err);
}

static void claim(struct keeper *k)
{
    struct situs_err err = {0};
    struct keeper_machines *all = &k->machines;
    struct continuity_now now = now_of(k);
    enum machine_lost lost = MACHINE_NOTHING;
    bool ok = settle(k, &err) && database_begin(&k->store.db, &err);
    struct machine_store before = all->store;
    ok = ok && commit(k, claim_all(k, &now, &lost, &err), &err);
    if (!ok) {
        all->store = before;
        (void)fails(k, &err);
        return;
    }
    if (lost != MACHINE_NOTHING) {
        out_error("the database is behind what it was: every span of watched machines ends");
        end_all(k, CONTINUITY_RESTORED, lost == MACHINE_RECORD, &now);
    }
    all->claimed = all->unmarked = true;
    flush(k);
}

/* step takes a clock that was stepped: what lies between is nobody's to say. */
static void step(struct keeper *k, const struct continuity_now *now)
{
    if (k->machines.steps == k->clock.steps)
        return;
    k->machines.steps = k->clock.steps;
    end_all(k, CONTINUITY_CLOCK_STEP, false, now);
}

/* ask gives one machine to a front that waits; false: it cannot. */
static bool ask(struct keeper *k, size_t i, const struct continuity_now *now)
{
    struct keeper_machines *all = &k->machines;
    struct talk_answer answer = {.kind = TALK_DUE, .status = TALK_DONE};
    struct keeper_session s = {.size = KEEPER_NONCE_LEAST};
    uint32_t chance;
    if (getrandom(&chance, sizeof chance, 0) != (ssize_t)sizeof chance ||
        !keeper_nonce_party((struct span){0}, s.party) ||
        !keeper_issue(k, machine(k, i)->policy, &s, now->wall, &answer))
        return false;
    answer.id = all->asks[--all->n_asks];
    answer.target = (uint64_t)machine(k, i)->target;
    answer.wait_ms = machine(k, i)->terms.h / 2;
    continuity_issued(&all->v[i].row, &machine(k, i)->terms, s.id, chance, now);
    keeper_answer(k, &answer, NULL, 0);
    return true;
}

/* next finds whom to ask: of those in a span the one that is due for longest, then of the others, which get half of the
 * asks at most. Machines that let who asks them wait would keep the rest from being asked. */
static bool next(struct keeper *k, const struct continuity_now *now, size_t *to)
{
    const struct keeper_machines *all = &k->machines;
    const size_t half = (all->n < KEEPER_WATCHERS ? all->n : KEEPER_WATCHERS) / 2;
    const struct continuity_row *best = NULL;
    for (size_t i = 0; all->n_asks && i < all->n; i++) {
        struct talk_answer no = {.status = TALK_DONE};
        const struct continuity_row *row = &all->v[i].row;
        bool live = row->state == CONTINUITY_LIVE;
        if (all->v[i].gone || !continuity_due(row, now) || (!live && all->n_asks <= half) ||
            !keeper_is_ready(k, machine(k, i)->policy, now->wall, &no))
            continue;
        bool other = best && live != (best->state == CONTINUITY_LIVE);
        if (!best || (other ? live : row->due < best->due)) {
            best = row;
            *to = i;
        }
    }
    return best != NULL;
}

/* turn_one takes the time of one machine. One that cannot be asked is not to blame, and none can where nothing can be put
 * on record (watching is false). */
static void turn_one(struct keeper *k, size_t i, bool watching, const struct continuity_now *now)
{
    struct keeper_machine *m = &k->machines.v[i];
    const struct continuity_terms *terms = &machine(k, i)->terms;
    struct continuity_events events = {.n = 0};
    struct talk_answer no = {.status = TALK_DONE};
    bool due = watching && continuity_due(&m->row, now);
    bool can = watching && (!due || keeper_is_ready(k, machine(k, i)->policy, now->wall, &no));
    if (!can || (due && now->steady - m->row.due > terms->h / 12 && k->machines.n_asks == 0))
        continuity_unseen(&m->row);
    continuity_turn(&m->row, terms, now, &events);
    take(k, i, &events);
}

/* look sees, every second, whether another keeper took the machines over, or saw that the database is of before. */
static void look(struct keeper *k, const struct continuity_now *now)
{
    struct situs_err err = {0};
    int64_t claims;
    bool lost = false;
    if (!machine_store_claims(&k->machines.store, &k->store.db, &claims, &lost, &err))
        return;
    if (lost) {
        out_error("the database is behind what another replica saw: every span ends");
        end_all(k, CONTINUITY_RESTORED, true, now);
        k->machines.unmarked = true;
    }
    if (claims == k->machines.claims)
        return;
    for (size_t i = 0; i < k->machines.n && err.code == SITUS_NONE; i++)
        (void)keeper_machines_is_ours(k, i, &err);
    k->machines.claims = err.code == SITUS_NONE ? claims : 0;
}

void keeper_machines_turn(struct keeper *k)
{
    struct keeper_machines *all = &k->machines;
    struct situs_err err = {0};
    int64_t at;
    if (all->n == 0)
        return;
    bool clock = keeper_clock_read(&k->clock, &at);
    const struct continuity_now now = now_of(k);
    bool up = keeper_store_answers(&k->store, k->clock.steady);
    if (!up)
        all->claimed = false;
    else if (!all->claimed && all->asked)
        claim(k);
    if (all->store.epoch == 0)
        return; /* nothing is known of any */
    step(k, &now);
    for (size_t i = 0; i < all->n; i++)
        if (!all->v[i].gone)
            turn_one(k, i, clock && all->claimed, &now);
    if (!all->claimed)
        return;
    size_t i;
    while (clock && next(k, &now, &i) && keeper_machines_safe(k) && ask(k, i, &now))
        ;
    if (now.steady - all->looked >= FLUSH_MS) {
        all->looked = now.steady;
        look(k, &now);
    }
    if (all->worse || now.steady - all->flushed >= FLUSH_MS)
        flush(k);
    if (now.steady - all->compacted >= COMPACT_MS &&
        machine_store_compact(&k->store.db, now.wall, &err))
        all->compacted = now.steady;
}

bool keeper_machines_due(struct keeper *k, uint64_t id)
{
    k->machines.asked = true;
    if (k->machines.n_asks == KEEPER_WATCHERS)
        return false;
    k->machines.asks[k->machines.n_asks++] = id;
    return true;
}

size_t keeper_machines_session(const struct keeper *k, const uint8_t session[16])
{
    for (size_t i = 0; i < k->machines.n; i++) {
        const struct continuity_open *open = &k->machines.v[i].row.open;
        if (open->is && memcmp(open->session, session, sizeof open->session) == 0)
            return i + 1;
    }
    return 0;
}

bool keeper_machines_received(struct keeper *k, size_t at, const uint8_t session[16])
{
    const struct continuity_now now = now_of(k);
    return continuity_received(&k->machines.v[at - 1].row, &machine(k, at - 1)->terms, session,
                               &now);
}

void keeper_machines_silent(struct keeper *k, const uint8_t session[16], bool asked)
{
    size_t at = keeper_machines_session(k, session);
    if (at == 0)
        return;
    if (!asked)
        continuity_unseen(&k->machines.v[at - 1].row);
    continuity_silent(&k->machines.v[at - 1].row);
}

static void answered(struct keeper *k, const struct keeper_job *job,
                     const struct continuity_answer *answer)
{
    size_t i = job->machine - 1;
    struct keeper_machine *m = &k->machines.v[i];
    struct continuity_events events = {.n = 0};
    const struct continuity_now now = now_of(k);
    if (memcmp(m->row.open.session, job->session, sizeof job->session) != 0)
        return;
    if (m->n_seen == KEEPER_MACHINE_SEEN && !flush(k))
        answer =
            NULL; /* each good answer is on record: there is no room for one that could not be */
    uint64_t span = m->row.span, answers = m->row.answers, noise = m->row.noise;
    int64_t gap = m->row.open.at - m->row.issued;
    continuity_answered(&m->row, &machine(k, i)->terms, answer, &now, &events);
    bool good = m->row.answers != answers || m->row.span != span;
    if (good && m->n_seen < KEEPER_MACHINE_SEEN)
        m->seen[m->n_seen++] =
            (struct machine_seen){m->row.last, m->row.span, m->row.span == span ? gap : 0};
    m->changed = m->changed || good || m->row.noise != noise;
    take(k, i, &events);
}

void keeper_machines_answered(struct keeper *k, const struct keeper_job *job, bool held)
{
    struct continuity_answer answer = {
        .record = &job->run[0].record, .has_peer = job->has_peer, .held = held};
    memcpy(answer.peer, job->peer, sizeof answer.peer);
    if (job->machine)
        answered(k, job, &answer);
}

void keeper_machines_failed(struct keeper *k, const struct keeper_job *job)
{
    if (job->machine)
        answered(k, job, NULL);
}

bool keeper_machines_ready(struct keeper *k)
{
    keeper_machines_turn(k); /* the time goes on between two turns */
    return keeper_store_answers(&k->store, k->clock.steady) && k->machines.claimed && flush(k);
}

/* told says that a machine may be told of, and is this keeper's. */
static bool told(struct keeper *k, size_t i, struct talk_answer *answer)
{
    struct situs_err err = {0};
    if (keeper_machines_ready(k) && keeper_machines_is_ours(k, i, &err))
        return true;
    answer->status = k->machines.v[i].gone ? TALK_MACHINE_ELSEWHERE : TALK_NO_STORE;
    return false;
}

bool keeper_machines_hold(struct keeper *k, const struct keeper_job *job)
{
    const struct continuity_now now = now_of(k);
    bool held = false;
    for (size_t i = 0; i < k->machines.n; i++) {
        struct continuity_events events = {.n = 0};
        if (i + 1 == job->machine || k->machines.v[i].gone)
            continue;
        held = continuity_holds(&k->machines.v[i].row, &job->run[0].record, &now, &events) || held;
        take(k, i, &events);
    }
    return held;
}

struct token_span keeper_machines_span(struct keeper *k, int policy,
                                       const struct token_record *record)
{
    struct situs_err err = {0};
    keeper_machines_turn(k);
    const struct continuity_now now = now_of(k);
    for (size_t i = 0; k->machines.claimed && i < k->machines.n; i++) {
        const struct serve_machine *m = machine(k, i);
        const struct continuity_row *row = &k->machines.v[i].row;
        int64_t gap = now.steady - row->issued, left = (m->terms.h - gap) / 1000;
        if (m->policy == policy && !k->machines.v[i].gone && left > 0 &&
            continuity_covers(row, &m->terms, record) && keeper_machines_is_ours(k, i, &err))
            return (struct token_span){row->since,
                                       now.wall + left < row->until ? now.wall + left : row->until,
                                       m->terms.h, gap > row->longest_gap ? gap : row->longest_gap};
    }
    return (struct token_span){.since = 0};
}

int keeper_machines_tell(struct keeper *k, const struct talk_ask *ask, struct talk_answer *answer)
{
    struct situs_err err = {0};
    int64_t at;
    int i = serve_machines_find(&k->world->config.machines, ask->machine);
    if (i < 0)
        answer->status = TALK_NO_MACHINE;
    else if (!keeper_clock_read(&k->clock, &at))
        answer->status = TALK_CLOCK;
    if (answer->status != TALK_DONE || !told(k, (size_t)i, answer))
        return -1;
    uint8_t *text = malloc(TEXT_MAX);
    struct wr w = wr_new(text, text ? TEXT_MAX : 0);
    bool ok = true;
    if (ask->kind == TALK_MACHINE)
        machine_text_write(&w, machine(k, (size_t)i), &k->machines.v[i].row, at);
    else
        ok = machine_store_events(&k->store.db, ask->machine, ask->after, &w, &err);
    struct span s = wr_span(&w);
    int fd = ok && s.n ? talk_memory(s.p, s.n) : -1;
    free(text);
    answer->descriptors = fd != -1;
    if (fd == -1)
        answer->status = ok ? TALK_INTERNAL : TALK_NO_STORE;
    return fd;
}
