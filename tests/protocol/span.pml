/* span.pml: what "watched without a gap" says (DESIGN: service). One machine, a keeper that asks it, and an outsider: he is on
 * the way and keeps what he likes back, has a machine of his own that answers as well, asks for challenges himself where machines
 * report, starts the machine anew where it stands, carries it away under power (which takes longer than H), and gets at the
 * keeper's clock, power and database. The provider speaks for what stands in his hall, no more. What happens between his word and
 * the span that it begins is the word's, not the span's.
 *
 * Times are ages, in steps; what is older than all that is asked is OLD. So the model has no last step.
 */
#include "rules.h"

#define H 2
#define LIFE 1 /* of a challenge */
#define MOVE 3 /* longer than H */
#define OLD 4

/* The machine: its boot (counters of the TPM, and the key made in it); whether it left, and since when it is on its way. */
bit boot;
bool left;
byte way;
#define SPEAKS (!left || way == MOVE)

/* Challenges, and what of their answers the outsider holds. What happened before one was issued, the model knows. */
typedef Challenge { bool out; byte age; bool after_left; bool after_start; bool answered; bit boot; bool other }
Challenge c[2];

/* The keeper's row, on disk, and a copy of it; age and seen are those of the last good answer's challenge, and of its coming. */
typedef Row { bool live; bool broken; byte age; byte seen; bit boot }
Row r, copy;
bool copied, down, ever, set_back;
bool word;     /* the provider's, newer than the break */
bool any_word; /* or older */

inline older(x) { if :: x < OLD -> x++ :: else fi }
inline younger(x) { if :: x > 2 -> x = x - 2 :: else -> x = 0 fi }
inline which(i) { if :: i = 0 :: NO_ONE -> i = 1 fi }

inline copy_row(to, from)
{
    to.live = from.live; to.broken = from.broken; to.age = from.age; to.seen = from.seen; to.boot = from.boot
}

inline clear(i)
{
    c[i].out = 0; c[i].age = 0; c[i].after_left = 0; c[i].after_start = 0; c[i].answered = 0; c[i].boot = 0; c[i].other = 0
}

inline issue(i) { clear(i); c[i].out = 1; c[i].after_left = left; c[i].after_start = boot }

inline end_span() { r.live = 0; r.broken = 1; r.age = 0; r.seen = 0; r.boot = 0; word = 0 }

/* What is said now: until this challenge was issued it had not left, nor started anew in this span. */
inline go_on(i)
{
    assert(!c[i].after_left);
    assert(!c[i].after_start || r.boot);
    r.age = c[i].age; r.seen = 0
}

inline begin_span(i) { r.live = 1; r.broken = 0; r.boot = c[i].boot; ever = 1; word = 0; go_on(i) }

inline take(i)
{
    if
    :: c[i].other && !NO_IDENTITY ->
        if :: NO_NOISE && r.live -> end_span(); assert(boot || left) /* a stranger's answer is no reason */ :: else fi
    :: else ->
        if
        :: r.live && c[i].boot != r.boot && !(NO_COUNTERS && NO_KEY) -> end_span()
        :: r.live && (c[i].boot == r.boot || (NO_COUNTERS && NO_KEY)) ->
            if
            :: !NO_GAP && (NO_ISSUED -> r.seen : r.age) > H -> end_span()
            :: else -> go_on(i)
            fi
        :: !r.live && r.broken && (word || NO_HEAL || (NO_AFTER && any_word)) -> begin_span(i)
        :: !r.live && r.broken && !(word || NO_HEAL || (NO_AFTER && any_word))
        :: !r.live && !r.broken -> begin_span(i)
        fi
    fi;
    clear(i)
}

active proctype outsider()
{
    byte i;
    do
    :: atomic {
        if
        :: true -> older(c[0].age); older(c[1].age); older(r.age); older(r.seen); older(copy.age); older(copy.seen);
           if :: left && way < MOVE -> way++ :: else fi
        :: (!down && !c[0].out) -> issue(0)
        :: (!down && NO_ONE && c[0].out && !c[1].out) -> issue(1)
        :: which(i); (c[i].out && !c[i].answered && SPEAKS) -> c[i].answered = 1; c[i].boot = boot
        :: which(i); (c[i].out && !c[i].answered) -> c[i].answered = 1; c[i].boot = r.boot; c[i].other = 1
        :: which(i); (!down && c[i].answered && (NO_EXPIRE || c[i].age <= LIFE)) -> take(i)
        :: which(i); (!down && c[i].out && c[i].age > LIFE && !NO_EXPIRE) -> clear(i)
        :: (ever && !left && !(r.broken && word)) -> left = 1
        :: (ever && !boot && SPEAKS) -> boot = 1
        :: !left -> any_word = 1; word = r.broken
        :: (NO_MONOTONIC && !set_back) -> set_back = 1; younger(r.age); younger(r.seen); younger(c[0].age)
        :: !down -> down = 1; clear(0); clear(1)
        :: down -> down = 0; if :: NO_RESTART -> r.age = 0; r.seen = 0 :: else fi
        :: !copied -> copied = 1; copy_row(copy, r)
        :: (down && copied) -> copy_row(r, copy); if :: !NO_MARK && ever -> end_span() :: else fi
        fi;
        i = 0
       }
    od
}
