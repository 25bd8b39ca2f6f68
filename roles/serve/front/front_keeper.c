/* Asks and answers; see front_keeper.h. */
#include "serve/front/front_keeper.h"
#include "wire/wire.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#define SLOT_BITS 16 /* of an id; the rest counts, so that a late answer finds nobody */
#define LOOK 100     /* milliseconds between two looks at who waits too long */

bool front_keeper_new(struct front_keeper *k, int fd, size_t most)
{
    *k = (struct front_keeper){.fd = fd, .slots = most + 1};
    k->slot = most >> SLOT_BITS ? NULL : calloc(k->slots, sizeof(struct front_call *));
    return k->slot != NULL;
}

void front_keeper_free(struct front_keeper *k)
{
    if (k->fd >= 0)
        close(k->fd);
    free(k->slot);
    *k = (struct front_keeper){.fd = -1};
}

static void drop_evidence(struct front_call *c)
{
    if (c->evidence >= 0)
        close(c->evidence);
    c->evidence = -1;
}

void front_keeper_forget(struct front_keeper *k, struct front_call *c)
{
    struct front_call **at = &k->first, *before = NULL;
    for (; *at && *at != c; at = &(*at)->next)
        before = *at;
    if (*at) {
        *at = c->next;
        k->last = k->last == c ? before : k->last;
    }
    c->next = NULL;
    if (c->slot) {
        k->slot[c->slot] = NULL;
        k->waiting--;
    }
    c->slot = 0;
    drop_evidence(c);
}

/* give hands an answer on. A refusal is the client's to hear; a call of the front's own has none. */
static void give(struct front_call *c, const struct talk_answer *a, const struct front_texts *t)
{
    if (a->status == TALK_DONE || !c->http)
        c->answered(c, a, t);
    else
        front_refuse_talk(c, a);
}

static void refuse(struct front_keeper *k, struct front_call *c, enum talk_status status)
{
    const struct talk_answer a = {.status = status};
    const struct front_texts none = {0};
    front_keeper_forget(k, c);
    give(c, &a, &none);
}

void front_keeper_end(struct front_keeper *k)
{
    for (size_t i = 1; i < k->slots; i++)
        if (k->slot[i])
            refuse(k, k->slot[i], TALK_NO_KEEPER);
}

static void gone(struct front_keeper *k)
{
    close(k->fd);
    k->fd = -1;
    front_keeper_end(k);
}

/* flush sends what waits to be sent, in turn. */
static void flush(struct front_keeper *k)
{
    while (k->first && k->fd >= 0) {
        struct front_call *c = k->first;
        if (!talk_send(k->fd, &c->ask, sizeof c->ask, &c->evidence, c->evidence >= 0)) {
            if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR)
                gone(k);
            return;
        }
        drop_evidence(c);
        k->first = c->next;
        k->last = k->first ? k->last : NULL;
        c->next = NULL;
    }
}

static size_t free_slot(const struct front_keeper *k)
{
    for (size_t i = 0; i < k->slots - 1; i++) {
        size_t at = 1 + (size_t)((k->asks + i) % (k->slots - 1));
        if (!k->slot[at])
            return at;
    }
    return 0;
}

void front_keeper_ask(struct front_keeper *k, struct front_call *c,
                      void (*answered)(struct front_call *c, const struct talk_answer *a,
                                       const struct front_texts *t))
{
    size_t slot = k->fd >= 0 ? free_slot(k) : 0;
    c->answered = answered;
    if (!slot) {
        refuse(k, c, k->fd >= 0 ? TALK_BUSY : TALK_NO_KEEPER);
        return;
    }
    c->slot = slot;
    c->ask.id = ++k->asks << SLOT_BITS | slot;
    c->until = c->http ? wire_now() + FRONT_PATIENCE : INT64_MAX;
    k->slot[slot] = c;
    k->waiting++;
    if (k->last)
        k->last->next = c;
    else
        k->first = c;
    k->last = c;
    flush(k);
}

/* read_text reads one sealed memory whole; the bytes are malloc'd. */
static bool read_text(int fd, struct span *text)
{
    size_t n = 0;
    if (!talk_memory_is(fd, FRONT_TEXT_MAX, &n))
        return false;
    uint8_t *p = malloc(n + 1);
    for (size_t done = 0; p && done < n;) {
        ssize_t more = pread(fd, p + done, n - done, (off_t)done);
        if (more <= 0) {
            free(p);
            return false;
        }
        done += (size_t)more;
    }
    *text = span_of(p, n);
    return p != NULL;
}

/* sound says that texts end and sizes fit, and that who asked for a nonce has one. */
static bool sound(const struct talk_answer *a, const struct talk_ask *ask)
{
    bool nonce = ask->kind == TALK_CHALLENGE || ask->kind == TALK_TAKE || ask->kind == TALK_LOOK ||
                 ask->kind == TALK_DUE;
    return a->kind == ask->kind && a->nonce_size <= TALK_NONCE &&
           (!nonce || a->status != TALK_DONE || (a->nonce_size && a->session[0])) &&
           talk_is_text(a->session, sizeof a->session) &&
           talk_is_text(a->policy, sizeof a->policy) && talk_is_text(a->issuer, sizeof a->issuer) &&
           talk_is_text(a->audience, sizeof a->audience) &&
           talk_is_text(a->algorithm, sizeof a->algorithm) &&
           talk_is_text(a->detail, sizeof a->detail);
}

static void answer(struct front_keeper *k, struct talk_answer *a, const int *fds, size_t n)
{
    size_t slot = a->id & ((1u << SLOT_BITS) - 1);
    struct front_call *c = slot < k->slots ? k->slot[slot] : NULL;
    struct front_texts t = {0};
    if (!c || c->ask.id != a->id)
        return;
    bool ok = sound(a, &c->ask);
    for (size_t i = 0; ok && i < n; i++)
        ok = read_text(fds[i], &t.text[i]);
    front_keeper_forget(k, c);
    if (!ok)
        *a = (struct talk_answer){.status = TALK_INTERNAL};
    if (a->policy[0])
        memcpy(c->policy, a->policy, sizeof c->policy);
    give(c, a, &t);
    for (size_t i = 0; i < TALK_FDS; i++)
        free((void *)(uintptr_t)t.text[i].p);
}

/* receive takes one answer; false: there is none now. */
static bool receive(struct front_keeper *k)
{
    struct talk_answer a;
    int fds[TALK_FDS];
    size_t n = 0;
    if (!talk_receive(k->fd, &a, sizeof a, fds, &n)) {
        if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR)
            gone(k);
        return false;
    }
    answer(k, &a, fds, n);
    for (size_t i = 0; i < n; i++)
        close(fds[i]);
    return true;
}

short front_keeper_events(const struct front_keeper *k)
{
    return (short)(POLLIN | (k->first ? POLLOUT : 0));
}

void front_keeper_turn(struct front_keeper *k)
{
    int64_t now = wire_now();
    while (k->fd >= 0 && receive(k))
        ;
    if (k->fd >= 0)
        flush(k);
    if (now - k->looked < LOOK)
        return;
    k->looked = now;
    for (size_t i = 1; k->waiting && i < k->slots; i++) {
        struct front_call *c = k->slot[i];
        if (!c || now < c->until)
            continue;
        front_keeper_forget(k, c);
        front_refuse(c, FRONT_no_answer, NULL, NULL, NULL);
    }
}
