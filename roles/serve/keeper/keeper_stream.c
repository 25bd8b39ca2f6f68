/* Waiting for events; see keeper_stream.h. */
#include "serve/keeper/keeper_stream.h"

#include "serve/keeper/keeper.h"

#include <stdlib.h>
#include <unistd.h>

#define TEXT_MAX (64 * 1024)

static bool can_tell(const struct keeper *k)
{
    return k->machines.claimed && !k->machines.unmarked && k->store.up;
}

/* fill writes what one does not have; *last is then the number of the last event that is told. */
static bool fill(struct keeper *k, const struct keeper_stream *s, uint64_t *last, struct wr *w)
{
    struct situs_err err = {0};
    int64_t now = 0;
    if (!machine_store_last(&k->store.db, &now, &err))
        return false;
    k->streams.last = (uint64_t)now;
    *last = s->after == TALK_STREAM_NOW ? (uint64_t)now : s->after;
    if (s->after != TALK_STREAM_NOW && !machine_store_stream(&k->store.db, last, w, &err))
        return false;
    if (w->n == 0 &&
        *last < (uint64_t)now) /* numbers that a database of before lost are no events */
        *last = (uint64_t)now;
    return true;
}

/* answer_one answers one, with the events above its number or with none, and takes it out. Only what is on record is told, and no
 * number that a copy of before would give again. */
static void answer_one(struct keeper *k, size_t i)
{
    const struct keeper_stream s = k->streams.v[i];
    struct talk_answer answer = {.id = s.id, .kind = TALK_STREAM, .status = TALK_NO_STORE};
    uint8_t *text = malloc(TEXT_MAX);
    struct wr w = wr_new(text, text ? TEXT_MAX : 0);
    int fd = -1;
    if (can_tell(k) && text && fill(k, &s, &answer.target, &w))
        answer.status = TALK_DONE;
    if (answer.status == TALK_DONE && w.n) {
        fd = talk_memory(wr_span(&w).p, wr_span(&w).n);
        answer.status = fd == -1 ? TALK_INTERNAL : TALK_DONE;
    }
    free(text);
    k->streams.v[i] = k->streams.v[--k->streams.n];
    answer.descriptors = fd != -1;
    keeper_answer(k, &answer, &fd, fd != -1);
    if (fd != -1)
        close(fd);
}

/* was_given says that an event had this number, by whichever keeper; DONE, or why not. */
static enum talk_status was_given(struct keeper *k, uint64_t number)
{
    struct situs_err err = {0};
    int64_t last;
    if (!k->store.up || !machine_store_last(&k->store.db, &last, &err))
        return TALK_NO_STORE;
    return number <= (uint64_t)last ? TALK_DONE : TALK_NO_EVENT;
}

static size_t eldest(const struct keeper_streams *s)
{
    size_t at = 0;
    for (size_t i = 1; i < s->n; i++)
        at = s->v[i].until < s->v[at].until ? i : at;
    return at;
}

bool keeper_stream_ask(struct keeper *k, const struct talk_ask *ask, struct talk_answer *answer)
{
    struct keeper_streams *s = &k->streams;
    if (k->machines.n == 0)
        answer->status = TALK_NO_MACHINE;
    else if (ask->after != TALK_STREAM_NOW && ask->after > (uint64_t)k->machines.store.event)
        answer->status = was_given(k, ask->after);
    if (answer->status != TALK_DONE)
        return false;
    if (s->n == KEEPER_STREAMS) /* of one who is gone: the front asks for no more */
        answer_one(k, eldest(s));
    s->v[s->n++] = (struct keeper_stream){.id = ask->id,
                                          .after = ask->after,
                                          .first = ask->dialled != 0,
                                          .until = k->clock.steady() + KEEPER_STREAM_MS};
    return true;
}

void keeper_stream_turn(struct keeper *k)
{
    struct keeper_streams *s = &k->streams;
    for (size_t i = s->n; i-- > 0;) {
        const struct keeper_stream *one = &s->v[i];
        bool ready = one->first || one->after == TALK_STREAM_NOW || one->after < s->last ||
                     one->after < (uint64_t)k->machines.store.event;
        if (k->clock.steady() >= one->until || (ready && can_tell(k)))
            answer_one(k, i);
    }
}
