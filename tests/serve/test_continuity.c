/*
 * Continuity, one row a rule (DESIGN: continuity): what happens to a machine, by the letters of play(), and in which state
 * it then is, in which span, after which events. Rows named after others' are published mistakes.
 */
#include "support/test.h"

#include "continuity/continuity.h"

#include <stdio.h>
#include <stdlib.h>

enum kind { METAL, MANAGED, OWNED, PLAIN, PLAIN_OWNED };

#define H 60000
#define WALL 1800000000

struct game {
    enum kind kind;
    struct continuity_row row;
    struct continuity_terms terms;
    struct continuity_now now;
    struct token_record machine; /* what the machine would answer */
    uint8_t peer[32];
    bool has_peer, held;
    uint8_t session[16];
    char events[400];
};

static struct record_id id(uint8_t first)
{
    return (struct record_id){.n = 34, .v = {0, 11, first}};
}

static struct token_record honest(enum kind kind)
{
    const bool tpm = kind == METAL || kind == MANAGED || kind == OWNED;
    struct token_record r = {
        .trusted = 1, .sound = 1, .has_channel = 1, .until = WALL + 1000000, .channel = {'k'}};
    r.known = (struct record_known){.live = 1,
                                    .has_tpm = tpm,
                                    .bare_metal = kind == METAL,
                                    .owned = kind == OWNED || kind == PLAIN_OWNED};
    r.known.ids[RECORD_PLATFORM] = id('p');
    if (tpm) {
        r.known.ids[RECORD_AK] = id('a');
        r.known.clock = 1000;
        r.known.reset_count = r.known.restart_count = 7;
    }
    if (kind == METAL) {
        r.known.ids[RECORD_EK] = id('e');
        r.known.ids[RECORD_LAUNCH] = id('l');
    }
    if (kind == METAL || r.known.owned)
        r.known.word = WALL - 1000;
    return r;
}

/* change makes one thing otherwise. */
static void change(struct game *g, struct token_record *r, char what)
{
    struct record_known *m = &r->known;
    switch (what) {
    case 'a':
        m->ids[RECORD_AK] = id('A');
        break;
    case 'e':
        m->ids[RECORD_EK] = id('E');
        break;
    case 'p':
        m->ids[RECORD_PLATFORM] = id('P');
        break;
    case 'l':
        m->ids[RECORD_LAUNCH] = id('L');
        break;
    case 'k':
        r->channel[0] = 'K';
        break;
    case 'r':
        m->reset_count++;
        break;
    case 'R':
        m->reset_count--;
        break;
    case 's':
        m->restart_count++;
        break;
    case 'S':
        m->restart_count--;
        break;
    case 'c': /* as it was at the answer before */
        m->clock = g->row.facts.machine.clock;
        break;
    case 'C':
        m->clock = 0;
        break;
    case 'w': /* the provider's word, now */
        m->word = g->now.wall;
        break;
    case 'o': /* somebody left the endorsement out */
        m->owned = 0;
        m->word = 0;
        break;
    case 'O': /* or gave one that is old */
        m->owned = 1;
        m->word = WALL - 1000;
        break;
    case 'i': /* it is trusted without being live */
        m->live = 0;
        break;
    case 'n': /* or the TPM */
        m->has_tpm = 0;
        memset(&m->ids[RECORD_AK], 0, sizeof m->ids[RECORD_AK]);
        break;
    case 'u': /* what it rests on ends soon */
        r->until = g->now.wall + 50;
        break;
    case 't':
        r->trusted = r->sound = 0;
        break;
    case 'h': /* another machine holds its identity */
        g->held = true;
        break;
    case 'g':
        r->trusted = r->sound = m->live = 0;
        break;
    case 'y': /* of whom the front shook hands with: the machine, or (z) another */
    case 'z':
    case 'x': /* or of whom nothing is known */
        g->has_peer = what != 'x';
        g->peer[0] = what == 'z' ? 'z' : 'k';
        break;
    default:
        fail_msg("no change: %c", what);
    }
}

static void note(struct game *g, const struct continuity_events *events)
{
    for (size_t i = 0; i < events->n; i++) {
        const struct continuity_event *e = &events->v[i];
        size_t n = strlen(g->events);
        snprintf(g->events + n, sizeof g->events - n, "%s%s", n ? " " : "",
                 continuity_kind_word(e->kind));
        n = strlen(g->events);
        if (e->reason != CONTINUITY_NO_REASON)
            snprintf(g->events + n, sizeof g->events - n, ":%s", continuity_reason_word(e->reason));
    }
    if (events->n == 0)
        return;
    assert_true(events->worse || events->v[0].kind == CONTINUITY_BEGAN ||
                events->v[0].kind == CONTINUITY_RE_ENDORSED ||
                events->v[0].kind == CONTINUITY_RESTARTED);
}

static void ask(struct game *g)
{
    assert_false(g->row.open.is);
    g->session[0]++;
    continuity_issued(&g->row, &g->terms, g->session, 12345, &g->now);
    assert_true(g->row.open.is);
    assert_false(continuity_due(&g->row, &g->now));
}

/* answer is one to the N that is out: the machine's, with these changes for once. The front may say whom it met. */
static void answer(struct game *g, const char *changes, size_t n, struct continuity_events *events)
{
    struct token_record r;
    g->machine.known.clock += 10;
    r = g->machine;
    g->has_peer = g->held = false;
    for (size_t i = 0; i < n; i++)
        change(g, &r, changes[i]);
    const struct continuity_answer a = {&r, g->has_peer, {g->peer[0]}, g->held};
    if (!g->row.open.received && !continuity_received(&g->row, &g->terms, g->session, &g->now))
        return;
    continuity_answered(&g->row, &g->terms, &a, &g->now, events);
}

/* restarted makes of a row what is read from the database. */
static void restarted(struct game *g, bool same_boot)
{
    g->row.open = (struct continuity_open){.is = false};
    g->row.missed = false;
    g->row.due = 0;
    g->row.observed = g->row.observed && same_boot;
    continuity_unseen(&g->row);
}

/*
 * step plays one word: +N so many seconds pass; ? N is made; ! it is answered (letters: change); < its answer comes, and
 * ! is its verdict; . nobody answers; j judges failed; @ the machine is otherwise from now on; restart, reboot: of the
 * verifier, and reboot of its machine too; unseen, stepped, restored.
 */
static void step(struct game *g, const char *word, size_t n)
{
    struct continuity_events events = {.n = 0};
    char text[32] = "";
    memcpy(text, word, n < sizeof text ? n : 0);
    if (*word == '+') {
        g->now.steady += 1000L * atoi(text);
        g->now.wall += atoi(text);
    } else if (*word == '?') {
        ask(g);
    } else if (*word == '!') {
        answer(g, word + 1, n - 1, &events);
    } else if (*word == '<') {
        assert_true(continuity_received(&g->row, &g->terms, g->session, &g->now));
        assert_false(continuity_received(&g->row, &g->terms, g->session, &g->now));
    } else if (*word == '.') {
        continuity_silent(&g->row);
    } else if (*word == 'j') {
        assert_true(continuity_received(&g->row, &g->terms, g->session, &g->now));
        continuity_answered(&g->row, &g->terms, NULL, &g->now, &events);
    } else if (*word == '@') {
        for (size_t i = 1; i < n; i++)
            change(g, &g->machine, word[i]);
    } else if (strcmp(text, "restart") == 0 || strcmp(text, "reboot") == 0) {
        restarted(g, text[2] == 's');
    } else if (strcmp(text, "unseen") == 0) {
        continuity_unseen(&g->row);
    } else if (strcmp(text, "stepped") == 0) {
        continuity_end(&g->row, CONTINUITY_CLOCK_STEP, &g->now, &events);
    } else if (strcmp(text, "restored") == 0) {
        continuity_end(&g->row, CONTINUITY_RESTORED, &g->now, &events);
    } else {
        fail_msg("no step: %s", text);
    }
    note(g, &events);
    events = (struct continuity_events){.n = 0};
    continuity_turn(&g->row, &g->terms, &g->now, &events);
    note(g, &events);
}

static void play(struct game *g, enum kind kind, const char *steps)
{
    *g = (struct game){.kind = kind,
                       .terms = {.h = H},
                       .now = {.steady = 5000000, .wall = WALL},
                       .machine = honest(kind)};
    g->terms.ids[kind == METAL     ? RECORD_EK
                 : kind == MANAGED ? RECORD_AK
                                   : RECORD_PLATFORM] = id(kind == METAL     ? 'e'
                                                           : kind == MANAGED ? 'a'
                                                                             : 'p');
    while (*steps) {
        size_t n = strcspn(steps, " ");
        step(g, steps, n);
        steps += n + strspn(steps + n, " ");
    }
}

static const struct {
    const char *rule;
    enum kind kind;
    const char *steps, *state, *events;
} rows[] = {
#include "serve/continuity_rules.def"
};

static void each_rule_holds(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct game g;
        char got[500], want[500];
        play(&g, rows[i].kind, rows[i].steps);
        snprintf(got, sizeof got, "%s: %s %llu: %s", rows[i].rule,
                 continuity_state_word(continuity_told(&g.row)), (unsigned long long)g.row.span,
                 g.events);
        snprintf(want, sizeof want, "%s: %s: %s", rows[i].rule, rows[i].state, rows[i].events);
        assert_string_equal(got, want);
    }
}

static void a_span_says_since_when_and_how_gapless(void **state)
{
    struct game g;
    (void)state;
    play(&g, METAL, "+3 ? +2 ! +30 ? +4 ! +20 ? !");
    assert_int_equal(g.row.since, WALL + 5);
    assert_int_equal(g.row.last, WALL + 59);
    assert_int_equal(g.row.answers, 3);
    assert_int_equal(g.row.longest_gap, 36000);
    play(&g, METAL, "? ! +90");
    assert_int_equal(g.row.broken_at, WALL + 60); /* not when somebody looked */
    play(&g, METAL, "? ! +30 ? ! +70 @w ? !");
    assert_int_equal(g.row.broken_at, 0);
    assert_int_equal(g.row.longest_gap, 0); /* spans are never joined */
    assert_int_equal(g.row.since, WALL + 100);
    assert_int_equal(g.row.answers, 1);
}

/* Early enough for a second N, and not all at once. */
static void n_is_due_after_a_quarter_to_a_third_of_h(void **state)
{
    struct continuity_terms terms = {.h = H};
    const uint8_t session[16] = {1};
    int64_t least = H, most = 0;
    (void)state;
    for (uint32_t chance = 0; chance < 20000; chance += 7) {
        struct continuity_row row = {.state = CONTINUITY_NEW};
        const struct continuity_now now = {.steady = 1000};
        assert_true(continuity_due(&row, &now));
        continuity_issued(&row, &terms, session, chance * 2654435761U, &now);
        int64_t after = row.due - now.steady;
        least = after < least ? after : least;
        most = after > most ? after : most;
    }
    assert_in_range(least, H / 4, H / 4 + 50);
    assert_in_range(most, H / 3 - 50, H / 3);
}

static void what_the_operator_gave_must_be_stated(void **state)
{
    struct game g;
    (void)state;
    for (size_t i = 0; i < RECORD_IDS; i++) {
        play(&g, METAL, "");
        g.terms.ids[i] = id('x');
        step(&g, "?", 1);
        step(&g, "!", 1);
        assert_int_equal(g.row.state, CONTINUITY_NEW);
        assert_int_equal(g.row.noise, 1);
    }
    play(&g, METAL, "");
    g.terms.has_channel = true;
    g.terms.channel[0] = 'K';
    step(&g, "?", 1);
    step(&g, "!", 1);
    assert_int_equal(g.row.state, CONTINUITY_NEW);
    step(&g, "?", 1);
    step(&g, "!k", 2);
    assert_int_equal(g.row.state, CONTINUITY_LIVE);
    /* A platform that nobody states is nobody's. */
    play(&g, PLAIN, "");
    memset(&g.terms.ids, 0, sizeof g.terms.ids);
    memset(&g.machine.known.ids, 0, sizeof g.machine.known.ids);
    step(&g, "?", 1);
    step(&g, "!", 1);
    step(&g, "?", 1);
    step(&g, "!", 1);
    assert_int_equal(g.row.answers, 1);
}

/* Good evidence for anybody's challenge: m bare metal, else managed; what it has otherwise than the holder. */
static void one_identity_has_one_holder(void **state)
{
    static const struct {
        enum kind kind;
        const char *other;
        bool held;
    } cases[] = {
        {MANAGED, "", false},   {MANAGED, "k", false},  {MANAGED, "a", false},
        {MANAGED, "ap", false}, {MANAGED, "p", true},   {MANAGED, "rp", false},
        {MANAGED, "R", true},   {MANAGED, "pt", false}, {MANAGED, "pi", false},
        {METAL, "", false},     {METAL, "p", true},     {METAL, "e", true},
        {METAL, "ep", false},   {METAL, "pt", false},   {PLAIN, "k", false},
        {PLAIN, "p", false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct game g;
        struct continuity_events events = {.n = 0};
        play(&g, cases[i].kind, "? !");
        struct token_record r = g.machine;
        for (const char *p = cases[i].other; *p; p++)
            change(&g, &r, *p);
        assert_int_equal(continuity_holds(&g.row, &r, &g.now, &events), cases[i].held);
        assert_int_equal(events.n, cases[i].held);
        assert_int_equal(continuity_told(&g.row), CONTINUITY_LIVE);
        step(&g, "+61", 3);
        assert_false(continuity_holds(&g.row, &r, &g.now, &events));
    }
    for (enum kind kind = METAL; kind <= MANAGED; kind++) { /* of which no platform is known */
        struct game g;
        struct continuity_events events = {.n = 0};
        play(&g, kind, "? !");
        g.row.facts.machine.ids[RECORD_PLATFORM] = (struct record_id){.n = 0};
        g.machine.known.ids[RECORD_PLATFORM] = (struct record_id){.n = 0};
        assert_false(continuity_holds(&g.row, &g.machine, &g.now, &events));
        change(&g, &g.machine, kind == METAL ? 'e' : 'a');
        assert_false(continuity_holds(&g.row, &g.machine, &g.now, &events));
    }
}

/* A token may say continuous of these alone. */
static void a_span_covers_its_machine_alone(void **state)
{
    static const struct {
        const char *other;
        bool covered;
    } cases[] = {{"", true},   {"c", true},  {"C", false}, {"k", false},
                 {"p", false}, {"a", false}, {"r", false}, {"s", false},
                 {"l", false}, {"e", false}, {"t", false}, {"i", false}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct game g;
        play(&g, METAL, "? !");
        g.machine.known.clock++;
        struct token_record r = g.machine;
        for (const char *p = cases[i].other; *p; p++)
            change(&g, &r, *p);
        assert_int_equal(continuity_covers(&g.row, &g.terms, &r), cases[i].covered);
        step(&g, "+61", 3);
        assert_false(continuity_covers(&g.row, &g.terms, &r));
    }
}

/* CVE-2026-6420: what answers must be the N that is out, and each is answered once. */
static void one_n_is_out_and_answered_once(void **state)
{
    struct game g;
    const uint8_t other[16] = {99};
    (void)state;
    play(&g, METAL, "? ! +20 ?");
    assert_false(continuity_received(&g.row, &g.terms, other, &g.now));
    assert_true(continuity_received(&g.row, &g.terms, g.session, &g.now));
    step(&g, "!", 1);
    assert_int_equal(g.row.answers, 2);
    assert_false(continuity_received(&g.row, &g.terms, g.session, &g.now));
    play(&g, METAL, "? ! +20 ? +25");
    assert_false(continuity_due(&g.row, &g.now));
    g.now.steady += 6000;
    assert_false(continuity_received(&g.row, &g.terms, g.session, &g.now));
}

/* The answer comes before anybody looked at the time. */
static void an_answer_past_h_is_past_h_whoever_looked(void **state)
{
    struct game g;
    struct continuity_events events = {.n = 0};
    (void)state;
    play(&g, METAL, "? ! +40 ?");
    g.now.steady += 21000;
    answer(&g, "", 0, &events);
    assert_int_equal(g.row.state, CONTINUITY_BROKEN);
    assert_int_equal(g.row.reason, CONTINUITY_SILENCE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_rule_holds),
        cmocka_unit_test(a_span_says_since_when_and_how_gapless),
        cmocka_unit_test(n_is_due_after_a_quarter_to_a_third_of_h),
        cmocka_unit_test(what_the_operator_gave_must_be_stated),
        cmocka_unit_test(one_identity_has_one_holder),
        cmocka_unit_test(a_span_covers_its_machine_alone),
        cmocka_unit_test(one_n_is_out_and_answered_once),
        cmocka_unit_test(an_answer_past_h_is_past_h_whoever_looked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
