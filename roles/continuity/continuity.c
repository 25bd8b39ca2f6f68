/* What each observation makes of a machine's row; see continuity.h. */
#include "continuity/continuity.h"

#include "base/span.h"
#include "model/finding.h"

#define STEP 2 /* seconds by which the wall's clock may differ from the steady one */

static const char *const states[] = {
#define CONTINUITY_STATE(name, word) word,
#include "continuity/continuity.def"
};

static const char *const kinds[] = {
#define CONTINUITY_EVENT(name, word) word,
#include "continuity/continuity.def"
};

static const struct {
    const char *word, *whose;
} reasons[] = {
#define CONTINUITY_REASON(name, word, whose) {word, whose},
#include "continuity/continuity.def"
};

const char *continuity_state_word(enum continuity_state state)
{
    return states[state];
}

const char *continuity_kind_word(enum continuity_kind kind)
{
    return kinds[kind];
}

const char *continuity_reason_word(enum continuity_reason reason)
{
    return reasons[reason].word;
}

const char *continuity_reason_whose(enum continuity_reason reason)
{
    return reasons[reason].whose;
}

static void tell(struct continuity_events *events, const struct continuity_row *row,
                 enum continuity_kind kind, enum continuity_reason reason, int64_t at)
{
    events->v[events->n++] =
        (struct continuity_event){kind, reason, at, row->span, row->answers, row->longest_gap};
}

/* end_span ends one at a time of the wall's clock. Without a span there is nothing to end. */
static void end_span(struct continuity_row *row, enum continuity_reason reason, int64_t at,
                     struct continuity_events *events)
{
    if (row->state != CONTINUITY_LIVE)
        return;
    row->state = CONTINUITY_BROKEN;
    row->reason = reason;
    row->broken_at = at;
    row->told_trouble = 0;
    row->untold = false;
    events->worse = true;
    tell(events, row, CONTINUITY_BROKE, reason, at);
}

/* is_news says that it is long enough ago that an event said the same, whatever came meanwhile. */
static bool is_news(int64_t *told, int64_t at)
{
    if (*told && at - *told < CONTINUITY_OFTEN)
        return false;
    *told = at;
    return true;
}

/* trouble notes that something is wrong with a machine whose span has ended: what anybody said before it is no word about
 * what comes after. */
static void trouble(struct continuity_row *row, enum continuity_reason reason, int64_t at,
                    struct continuity_events *events)
{
    row->untold = !is_news(&row->told_trouble, at);
    if (!row->untold)
        tell(events, row, CONTINUITY_REFUSED, reason, at);
    row->broken_at = at > row->broken_at ? at : row->broken_at;
    events->worse = true;
}

/* alarm notes that another claims to be the machine. The holder of a span keeps it, while he answers. */
static void alarm(struct continuity_row *row, enum continuity_reason reason, int64_t at,
                  struct continuity_events *events)
{
    if (is_news(&row->told_alarm, at))
        tell(events, row, CONTINUITY_ALARM, reason, at);
    row->alarm_at = at;
    events->worse = true;
    if (row->state == CONTINUITY_BROKEN)
        trouble(row, reason, at, events);
}

static bool same_id(const struct record_id *a, const struct record_id *b)
{
    return span_equal(span_of(a->v, a->n), span_of(b->v, b->n));
}

static bool is_managed(const struct record_known *m)
{
    return m->has_tpm && !m->bare_metal;
}

/* is_unknown says that a span had ended of which nothing is on record any more. */
static bool is_unknown(const struct continuity_row *row)
{
    return row->state == CONTINUITY_BROKEN && row->facts.machine.live == 0;
}

/* is_machine says that evidence which holds is the row's: it states what the operator gave, and by what its kind is known
 * after a boot too. A machine is known by its EK, a managed guest by its AK, a guest without a TPM by its platform. */
static bool is_machine(const struct continuity_row *row, const struct continuity_terms *terms,
                       const struct token_record *r)
{
    const struct record_known *first = &row->facts.machine;
    enum record_ids by = first->bare_metal ? RECORD_EK
                         : first->has_tpm  ? RECORD_AK
                                           : RECORD_PLATFORM;
    for (size_t i = 0; i < RECORD_IDS; i++)
        if (terms->ids[i].n && !same_id(&terms->ids[i], &r->known.ids[i]))
            return false;
    return (!terms->has_channel || memcmp(terms->channel, r->channel, sizeof r->channel) == 0) &&
           (row->state == CONTINUITY_NEW || is_unknown(row) ||
            (first->ids[by].n && same_id(&first->ids[by], &r->known.ids[by])));
}

/* changed is what of a span is not as it was. */
static enum continuity_reason changed(const struct continuity_facts *was,
                                      const struct token_record *r)
{
    const struct record_known *a = &was->machine, *b = &r->known;
    bool same_reset = a->reset_count == b->reset_count;
    if (!same_id(&a->ids[RECORD_EK], &b->ids[RECORD_EK]))
        return CONTINUITY_EK_NAME;
    if (!same_id(&a->ids[RECORD_AK], &b->ids[RECORD_AK]))
        return CONTINUITY_AK_NAME;
    if (b->reset_count < a->reset_count || (same_reset && b->restart_count < a->restart_count))
        return CONTINUITY_COUNTERS_BACK;
    if (!same_reset || b->restart_count != a->restart_count)
        return CONTINUITY_COUNTERS;
    if (!same_id(&a->ids[RECORD_PLATFORM], &b->ids[RECORD_PLATFORM]))
        return CONTINUITY_PLATFORM;
    if (!same_id(&a->ids[RECORD_LAUNCH], &b->ids[RECORD_LAUNCH]))
        return CONTINUITY_LAUNCH;
    if (memcmp(was->channel, r->channel, sizeof r->channel) != 0)
        return CONTINUITY_CHANNEL;
    if (a->has_tpm && b->clock <= a->clock)
        return CONTINUITY_TPM_CLOCK;
    return CONTINUITY_NO_REASON;
}

/* is_clone says that a managed guest's AK is in two places: its counters went back, or within H of the last answer its boot
 * has another platform or key. */
static bool is_clone(const struct continuity_row *row, const struct continuity_terms *terms,
                     const struct record_known *m, enum continuity_reason why, int64_t received)
{
    bool soon = row->observed && received - row->issued <= terms->h;
    return is_managed(m) && (why == CONTINUITY_COUNTERS_BACK ||
                             (soon && (why == CONTINUITY_PLATFORM || why == CONTINUITY_CHANNEL)));
}

/* is_next_boot says that a managed guest, of which no endorsement says whose it is, was started again. */
static bool is_next_boot(const struct continuity_row *row, const struct record_known *m)
{
    return is_managed(m) && !m->owned && !row->facts.machine.owned &&
           m->reset_count > row->facts.machine.reset_count;
}

/* remember takes the boot of a managed guest as the one in which its trouble was: only a later one is another. */
static void remember(struct continuity_row *row, const struct token_record *r,
                     struct continuity_events *events)
{
    events->worse = true;
    row->facts.machine = r->known;
    if (r->has_channel)
        memcpy(row->facts.channel, r->channel, sizeof r->channel);
    row->boot_unknown = false;
}

/* proofs_of is what an answer proves: of a simulation that is nothing. That it is one of many no answer says itself. */
static uint64_t proofs_of(const struct token_record *r)
{
    return r->simulated ? 0 : r->holds & ~(uint64_t)PROOF_CONTINUOUS;
}

/* hold takes a good answer into the span. */
static void hold(struct continuity_row *row, const struct token_record *r, int64_t issued,
                 int64_t at)
{
    row->facts.machine = r->known;
    memcpy(row->facts.channel, r->channel, sizeof r->channel);
    row->last = at;
    row->until = r->until;
    memcpy(row->ends, r->ends, sizeof row->ends);
    row->holds &= proofs_of(r);
    row->issued = issued;
    row->observed = true;
    row->gap = row->missed = false;
    row->answers++;
}

static void begin(struct continuity_row *row, const struct token_record *r, enum continuity_kind by,
                  const struct continuity_now *now, struct continuity_events *events)
{
    row->state = CONTINUITY_LIVE;
    row->span++;
    row->began_by = by;
    row->since = now->wall;
    row->longest_gap = 0;
    row->answers = 0;
    row->holds = UINT64_MAX;
    row->reason = CONTINUITY_NO_REASON;
    row->broken_at = 0;
    row->boot_unknown = false;
    hold(row, r, row->open.issued, now->wall);
    tell(events, row, by, CONTINUITY_NO_REASON, now->wall);
}

/* tell_trouble says why a word mends nothing, where no event did: trouble came after it. */
static void tell_trouble(struct continuity_row *row, const struct token_record *r,
                         struct continuity_events *events)
{
    if (!row->untold || r->known.word < row->told_trouble)
        return;
    tell(events, row, CONTINUITY_REFUSED, CONTINUITY_APPRAISAL, row->broken_at);
    row->told_trouble = row->broken_at;
    row->untold = false;
    events->worse = true;
}

/* mend takes an answer of a machine whose span has ended: nothing but a word of the provider's from after it begins
 * another, or in a managed cloud the next boot. */
static void mend(struct continuity_row *row, const struct continuity_terms *terms,
                 const struct token_record *r, const struct continuity_now *now,
                 struct continuity_events *events)
{
    enum continuity_reason why = changed(&row->facts, r);
    if (is_clone(row, terms, &r->known, why, row->open.at))
        alarm(row, why, now->wall, events);
    else if (r->known.word > row->broken_at)
        begin(row, r, CONTINUITY_RE_ENDORSED, now, events);
    else if (is_next_boot(row, &r->known) && !row->boot_unknown)
        begin(row, r, CONTINUITY_RESTARTED, now, events);
    else if (is_next_boot(row, &r->known) || is_unknown(row))
        remember(row, r, events);
    else
        tell_trouble(row, r, events);
}

/* go_on takes an answer of a machine whose span goes on, or ends by it. */
static void go_on(struct continuity_row *row, const struct continuity_terms *terms,
                  const struct token_record *r, const struct continuity_now *now,
                  struct continuity_events *events)
{
    enum continuity_reason why = changed(&row->facts, r);
    int64_t gap = row->open.at - row->issued;
    if (why == CONTINUITY_NO_REASON) {
        row->longest_gap = gap > row->longest_gap ? gap : row->longest_gap;
        events->worse = events->worse || (row->holds & ~proofs_of(r));
        hold(row, r, row->open.issued, now->wall);
    } else if (is_clone(row, terms, &r->known, why, row->open.at)) {
        alarm(row, why, now->wall, events);
        row->missed = true;
    } else if (!r->known.has_tpm && why == CONTINUITY_CHANNEL) {
        row->noise++; /* another guest of the platform */
        row->missed = true;
    } else {
        end_span(row, why, now->wall, events);
        if (is_next_boot(row, &r->known))
            begin(row, r, CONTINUITY_RESTARTED, now, events);
    }
}

/* is_boot_of says that evidence is bound to the AK of a managed guest in a later boot: it has another key then. */
static bool is_boot_of(const struct continuity_row *row, const struct token_record *r)
{
    const struct record_known *was = &row->facts.machine;
    return row->state != CONTINUITY_NEW && is_managed(was) && is_managed(&r->known) &&
           r->known.reset_count > was->reset_count;
}

/* is_authentic says that evidence which does not hold is the machine's all the same: of whoever holds its key, or its AK in a
 * later boot. All else anybody can send, to end another's span. */
static bool is_authentic(const struct continuity_row *row, const struct continuity_terms *terms,
                         const struct continuity_answer *a)
{
    const uint8_t *key = row->state != CONTINUITY_NEW ? row->facts.channel
                         : terms->has_channel         ? terms->channel
                                                      : NULL;
    const struct token_record *r = a->record;
    if (!key)
        return false;
    return (a->has_peer && memcmp(a->peer, key, sizeof a->peer) == 0) ||
           (r->known.live && is_machine(row, terms, r) &&
            ((r->has_channel && memcmp(r->channel, key, sizeof r->channel) == 0) ||
             is_boot_of(row, r)));
}

static void refuse(struct continuity_row *row, const struct continuity_terms *terms,
                   const struct continuity_answer *a, const struct continuity_now *now,
                   struct continuity_events *events)
{
    if (!is_authentic(row, terms, a)) {
        row->noise++;
        row->missed = true;
        return;
    }
    if (row->state == CONTINUITY_BROKEN)
        trouble(row, CONTINUITY_APPRAISAL, now->wall, events);
    end_span(row, CONTINUITY_APPRAISAL, now->wall, events);
    if (is_boot_of(row, a->record) && is_machine(row, terms, a->record))
        remember(row, a->record, events);
    else if (row->state == CONTINUITY_BROKEN && !a->record->known.has_tpm)
        row->boot_unknown = true;
}

/* end_silent ends a span whose last good answer is longer ago than H, as of the moment at which it was. */
static void end_silent(struct continuity_row *row, const struct continuity_terms *terms,
                       int64_t steady, const struct continuity_now *now,
                       struct continuity_events *events)
{
    int64_t end = row->issued + terms->h;
    enum continuity_reason why = row->gap ? CONTINUITY_UNSEEN : CONTINUITY_SILENCE;
    if (row->state == CONTINUITY_LIVE && row->observed && steady > end)
        end_span(row, why, now->wall - (now->steady - end) / 1000, events);
}

enum continuity_state continuity_told(const struct continuity_row *row)
{
    bool late = row->state == CONTINUITY_LIVE && (row->missed || row->gap);
    return late ? CONTINUITY_LATE : row->state;
}

bool continuity_due(const struct continuity_row *row, const struct continuity_now *now)
{
    return !row->open.is && now->steady >= row->due;
}

void continuity_issued(struct continuity_row *row, const struct continuity_terms *terms,
                       const uint8_t session[16], uint32_t chance, const struct continuity_now *now)
{
    row->open = (struct continuity_open){.is = true, .issued = now->steady};
    memcpy(row->open.session, session, sizeof row->open.session);
    row->due = now->steady + terms->h / 4 + chance % (terms->h / 12 + 1);
}

bool continuity_received(struct continuity_row *row, const struct continuity_terms *terms,
                         const uint8_t session[16], const struct continuity_now *now)
{
    struct continuity_open *open = &row->open;
    if (!open->is || open->received || memcmp(open->session, session, sizeof open->session) != 0 ||
        now->steady - open->issued > terms->h / 2)
        return false;
    open->received = true;
    open->at = now->steady;
    return true;
}

void continuity_answered(struct continuity_row *row, const struct continuity_terms *terms,
                         const struct continuity_answer *a, const struct continuity_now *now,
                         struct continuity_events *events)
{
    if (!row->open.is || !row->open.received)
        return;
    end_silent(row, terms, row->open.at, now, events);
    if (!a) {
        row->gap = true;
    } else if (a->held || !a->record->sound || !a->record->known.live) {
        refuse(row, terms, a, now, events);
    } else if (!is_machine(row, terms, a->record)) {
        row->noise++;
        row->missed = true;
    } else if (row->state == CONTINUITY_NEW) {
        begin(row, a->record, CONTINUITY_BEGAN, now, events);
    } else if (row->state == CONTINUITY_BROKEN) {
        mend(row, terms, a->record, now, events);
    } else {
        go_on(row, terms, a->record, now, events);
    }
    row->open = (struct continuity_open){.is = false};
}

void continuity_silent(struct continuity_row *row)
{
    if (row->open.is && !row->open.received) {
        row->missed = true;
        row->open = (struct continuity_open){.is = false};
    }
}

void continuity_turn(struct continuity_row *row, const struct continuity_terms *terms,
                     const struct continuity_now *now, struct continuity_events *events)
{
    if (row->open.is && now->steady - row->open.issued > terms->h / 2)
        continuity_silent(row);
    if (row->state != CONTINUITY_LIVE)
        return;
    if (!row->observed)
        end_span(row, CONTINUITY_UNSEEN, now->wall, events);
    else if (!row->open.received) /* else it came in time, and judges are at it */
        end_silent(row, terms, now->steady, now, events);
    if (row->until <= now->wall)
        end_span(row, CONTINUITY_ENDED, now->wall, events);
}

bool continuity_covers(const struct continuity_row *row, const struct continuity_terms *terms,
                       const struct token_record *r)
{
    uint64_t lacks = r->required & ~row->holds & ~(uint64_t)PROOF_CONTINUOUS;
    if (row->state != CONTINUITY_LIVE || !row->observed || !r->sound || !r->known.live ||
        (lacks &&
         !r->simulated) || /* a simulation proves nothing at any time, and no token says it does */
        !is_machine(row, terms, r))
        return false;
    enum continuity_reason why = changed(&row->facts, r);
    return why == CONTINUITY_NO_REASON || /* the answer that is in the span already has its clock */
           (why == CONTINUITY_TPM_CLOCK && r->known.clock == row->facts.machine.clock);
}

/* contradicts is what two that cannot both be so have in common: one AK in one boot on two platforms, or in a boot of before;
 * one EK with two platforms, or two with one. */
static enum continuity_reason contradicts(const struct record_known *a,
                                          const struct record_known *b)
{
    bool ak = a->ids[RECORD_AK].n && same_id(&a->ids[RECORD_AK], &b->ids[RECORD_AK]);
    bool ek = a->ids[RECORD_EK].n && same_id(&a->ids[RECORD_EK], &b->ids[RECORD_EK]);
    bool platform = same_id(&a->ids[RECORD_PLATFORM], &b->ids[RECORD_PLATFORM]);
    if (ek && !platform) /* an EK is stated on bare metal alone */
        return CONTINUITY_PLATFORM;
    if (a->bare_metal && b->bare_metal && !ek && platform && a->ids[RECORD_PLATFORM].n)
        return CONTINUITY_EK_NAME;
    if (!is_managed(a) || !is_managed(b) || !ak || b->reset_count > a->reset_count)
        return CONTINUITY_NO_REASON;
    if (b->reset_count < a->reset_count)
        return CONTINUITY_COUNTERS_BACK;
    return platform ? CONTINUITY_NO_REASON : CONTINUITY_PLATFORM;
}

bool continuity_holds(struct continuity_row *row, const struct token_record *r,
                      const struct continuity_now *now, struct continuity_events *events)
{
    enum continuity_reason why = contradicts(&row->facts.machine, &r->known);
    if (row->state != CONTINUITY_LIVE || !r->sound || !r->known.live || !why)
        return false;
    alarm(row, why, now->wall, events);
    return true;
}

bool continuity_fits(const struct continuity_row *row, const struct continuity_now *now)
{
    int64_t steady = now->steady - row->issued, wall = now->wall - row->last;
    return steady >= 0 && wall >= -STEP && wall <= steady / 1000 + 1 + STEP;
}

void continuity_unseen(struct continuity_row *row)
{
    row->gap = true;
}

void continuity_end(struct continuity_row *row, enum continuity_reason reason,
                    const struct continuity_now *now, struct continuity_events *events)
{
    if (row->state == CONTINUITY_NEW && reason == CONTINUITY_RESTORED) {
        row->state = CONTINUITY_LIVE; /* for all that is known */
        row->boot_unknown = true;
    }
    if (row->state == CONTINUITY_BROKEN && reason == CONTINUITY_RESTORED) {
        row->broken_at = now->wall;
        events->worse = true;
        tell(events, row, CONTINUITY_REFUSED, reason,
             now->wall); /* or nobody would see that events are lost */
        return;
    }
    end_span(row, reason, now->wall, events);
}
