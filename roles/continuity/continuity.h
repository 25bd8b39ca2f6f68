/*
 * Continuity of one watched machine (DESIGN: continuity): what its row says, and what each observation makes of it.
 * Pure: no I/O and no clock. Times of the steady clock are milliseconds and order observations; times of the wall's are
 * Unix seconds, and are told, and compared with the words of others.
 */
#ifndef SITUS_CONTINUITY_CONTINUITY_H
#define SITUS_CONTINUITY_CONTINUITY_H

#include "token/record.h"

#define CONTINUITY_EVENTS 4   /* that one step makes, at most */
#define CONTINUITY_OFTEN 3600 /* seconds in which trouble of one kind is one event */

enum continuity_state {
#define CONTINUITY_STATE(name, word) CONTINUITY_##name,
#include "continuity/continuity.def"
    CONTINUITY_STATES
};

enum continuity_kind {
#define CONTINUITY_EVENT(name, word) CONTINUITY_##name,
#include "continuity/continuity.def"
    CONTINUITY_KINDS
};

/* Why a span ended, or none began. */
enum continuity_reason {
#define CONTINUITY_REASON(name, word, whose) CONTINUITY_##name,
#include "continuity/continuity.def"
    CONTINUITY_REASONS
};

/* The words of continuity.def. Whose fault a reason is: "machine", "provider" or "verifier". */
const char *continuity_state_word(enum continuity_state state);
const char *continuity_kind_word(enum continuity_kind kind);
const char *continuity_reason_word(enum continuity_reason reason);
const char *continuity_reason_whose(enum continuity_reason reason);

struct continuity_now {
    int64_t steady; /* milliseconds */
    int64_t wall;   /* Unix seconds */
};

/* What the operator says of a machine; evidence that does not state each id that is given is not the machine's. */
struct continuity_terms {
    struct record_id ids[RECORD_IDS]; /* n 0: not given */
    bool has_channel;
    uint8_t channel[32]; /* K, SHA-256 of SubjectPublicKeyInfo */
    int64_t h;           /* H, milliseconds */
};

/* What must stay as it is in a span. */
struct continuity_facts {
    struct record_known machine;
    uint8_t channel[32];
};

/* N that is out: one a machine. */
struct continuity_open {
    bool is, received; /* received: its answer is being appraised */
    uint8_t session[16];
    int64_t issued, at; /* steady: when it was made, when its answer came */
};

struct continuity_row {
    enum continuity_state state;
    uint64_t span;                 /* how many began; the number of the last */
    enum continuity_kind began_by; /* BEGAN, RE_ENDORSED or RESTARTED */
    struct continuity_facts facts; /* of the last span */
    uint64_t holds;                /* proofs that held in each answer of the span */
    int64_t since, last;           /* wall: when it began, when its last answer came */
    int64_t until;                 /* wall: when the first ends of what the last answer rests on */
    int64_t longest_gap;           /* milliseconds, of the span */
    uint64_t answers;              /* of the span */
    enum continuity_reason reason; /* BROKEN: why */
    int64_t broken_at;             /* BROKEN: wall; only a word that begins later mends */
    int64_t alarm_at;              /* wall: when another claimed to be this machine; 0: never */
    uint64_t noise;                /* answers that were not the machine's */
    bool observed;                 /* issued is of this boot's steady clock */
    int64_t issued;                /* steady: when N of the last good answer was made */
    bool
        boot_unknown; /* BROKEN: of trouble, or of before: the boot that is seen next may be that */

    /* Of this process alone. */
    bool gap;    /* since the last good answer nobody here could observe for a while */
    bool missed; /* since it an N was not answered by the machine */
    int64_t due; /* steady: not before */
    int64_t told_trouble, told_alarm; /* wall: when the last event said so; 0: none */
    bool untold;                      /* broken_at moved since without one */
    char ends[RECORD_ENDS]; /* what ends at until; empty: nothing, or it is not known any more */
    struct continuity_open open;
};

struct continuity_event {
    enum continuity_kind kind;
    enum continuity_reason reason; /* of BROKEN, ALARM and REFUSED */
    int64_t at;                    /* wall */
    uint64_t span;
    uint64_t answers;    /* of the span, so far */
    int64_t longest_gap; /* and milliseconds */
};

struct continuity_events {
    struct continuity_event v[CONTINUITY_EVENTS];
    size_t n;
    bool worse; /* the row must be on record before anything is told */
};

/* What came of one N: an appraisal of what answered it. */
struct continuity_answer {
    const struct token_record *record;
    bool has_peer; /* the front shook hands with the holder of peer */
    uint8_t peer[32];
    bool held; /* another machine that is watched holds this identity: it is refused */
};

/* continuity_told is the state in which a machine is. */
enum continuity_state continuity_told(const struct continuity_row *row);

/* continuity_due says that a machine may be asked now: no N is out, and it is time. */
bool continuity_due(const struct continuity_row *row, const struct continuity_now *now);

/* continuity_issued notes N of a session, of which none may be out, and when the next is due: after a quarter to a third
 * of H, by chance (a random number), so that machines that began together do not go on together. N lives for H / 2: where
 * one is missed, a sixth of H is left for the next. */
void continuity_issued(struct continuity_row *row, const struct continuity_terms *terms,
                       const uint8_t session[16], uint32_t chance,
                       const struct continuity_now *now);

/* continuity_received says that a session's answer came in time, and notes it; false: it is not the N that is out, or it
 * came too late. */
bool continuity_received(struct continuity_row *row, const struct continuity_terms *terms,
                         const uint8_t session[16], const struct continuity_now *now);

/* continuity_answered takes what the judges said of the answer that was received; NULL: they said nothing, and the time is
 * not the machine's to answer for. */
void continuity_answered(struct continuity_row *row, const struct continuity_terms *terms,
                         const struct continuity_answer *answer, const struct continuity_now *now,
                         struct continuity_events *events);

/* continuity_silent gives up the N that is out: nobody answered. */
void continuity_silent(struct continuity_row *row);

/* continuity_turn takes the time: N that nobody answers, spans that end. */
void continuity_turn(struct continuity_row *row, const struct continuity_terms *terms,
                     const struct continuity_now *now, struct continuity_events *events);

/* continuity_covers says that an appraisal is of the machine as it is in its span: whoever asked for it, it is no answer of
 * the machine's to a question of ours, and changes nothing. */
bool continuity_covers(const struct continuity_row *row, const struct continuity_terms *terms,
                       const struct token_record *r);

/* continuity_holds says that the row's machine holds, in a span, an identity which good evidence of another claims: whoever
 * brings it is refused, the alarm is raised, and the holder keeps his span. */
bool continuity_holds(struct continuity_row *row, const struct token_record *r,
                      const struct continuity_now *now, struct continuity_events *events);

/* continuity_fits says that both clocks of now may follow those of the row's last answer: neither lies before it, and the
 * wall's went no further than the steady one did since its N. */
bool continuity_fits(const struct continuity_row *row, const struct continuity_now *now);

/* continuity_unseen notes that nobody here could observe for a while: a gap is then ours. continuity_end ends a span for
 * a reason of ours. Of a row that is of before (RESTORED), only a word that begins after now mends what had ended, or what this
 * record never knew. */
void continuity_unseen(struct continuity_row *row);
void continuity_end(struct continuity_row *row, enum continuity_reason reason,
                    const struct continuity_now *now, struct continuity_events *events);

#endif
