/*
 * situs connect: the relying party's side (DESIGN: messages). A challenge goes to a running
 * attester over TLS, the key that the peer holds is taken from the handshake, and the evidence that
 * comes back must speak for the holder of that key.
 */
#include "base/text.h"
#include "connect/forward.h"
#include "frame/exits.h"
#include "frame/out.h"
#include "verifier/appraisal.h"
#include "wire/attest_answer.h"
#include "wire/tls.h"
#include "wire/wire.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#define PART "attester"
#define CHALLENGES TLS_WAIT_MAX
#define NONCE 32 /* bytes that are drawn */

struct connect {
    const char *output, *peer, *timeout, *challenges, *forward;
    bool verbose, failed; /* in the network */
    struct appraisal appraisal;
};

/* One challenge, on a connection of its own. */
struct trip {
    struct args_nonce nonce;
    struct span bundle;
    struct span body; /* malloc'd; the bundle is a view into it */
    int64_t us;       /* when it began, then how long it took */
};

struct trips {
    struct tls *tls[CHALLENGES]; /* NULL: not yet, or done */
    struct trip trip[CHALLENGES];
    size_t n;
};

static int64_t microseconds(void)
{
    struct timespec t = {0};
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * INT64_C(1000000) + t.tv_nsec / 1000;
}

/* keep copies bytes that came into a file's place. */
static bool keep(struct file *f, const char *name, struct span s, struct situs_err *err)
{
    *f = (struct file){name, malloc(s.n ? s.n : 1), s.n};
    if (!f->p)
        return err_fail(err, SITUS_NO_MEMORY, PART, "", SITUS_NO_OFFSET, NULL, NULL);
    memcpy(f->p, s.p, s.n);
    return true;
}

/* meet connects so often. It is one peer that is asked: the holder of one key. */
static bool meet(struct trips *t, const char *address, int64_t deadline, struct file *peer,
                 struct situs_err *err)
{
    for (size_t i = 0; i < t->n; i++) {
        t->tls[i] = tls_connect(address, deadline, err);
        if (!t->tls[i])
            return false;
        if (i == 0 && !keep(peer, "peer", tls_peer(t->tls[0]), err))
            return false;
        if (!span_equal(tls_peer(t->tls[i]), file_span(peer))) {
            err_fail(err, SITUS_MISMATCH, PART, "key", SITUS_NO_OFFSET,
                     "the same peer on each connection", "two keys");
            return err_hint(err, "several machines answer at this address: ask each at its own");
        }
    }
    return true;
}

/* ask sends the challenges, all before the first answer is looked for. */
static bool ask(struct trips *t, struct situs_err *err)
{
    for (size_t i = 0; i < t->n; i++) {
        uint8_t room[ATTEST_QUESTION_MAX];
        struct wr w = wr_new(room, sizeof room);
        attest_question_write(&w, span_of(t->trip[i].nonce.bytes, t->trip[i].nonce.n));
        t->trip[i].us = microseconds();
        if (!tls_send(t->tls[i], wr_span(&w), PART, err))
            return false;
    }
    return true;
}

/* collect times each answer as it comes; handshake and appraisal are not in the round trip. */
static bool collect(struct trips *t, int64_t deadline, struct situs_err *err)
{
    for (size_t left = t->n; left > 0; left--) {
        size_t i = tls_wait(t->tls, t->n, deadline);
        if (i == t->n) {
            err_fail(err, SITUS_MISSING, PART, "", SITUS_NO_OFFSET, "an answer", "nothing in time");
            return err_hint(err, "does the attester run, and does it get its quotes?");
        }
        struct trip *trip = &t->trip[i];
        trip->body = tls_receive(t->tls[i], WIRE_FRAME_MAX, PART, err);
        trip->us = microseconds() - trip->us;
        tls_close(t->tls[i]);
        t->tls[i] = NULL;
        if (!trip->body.p || !attest_answer_read(trip->body, &trip->bundle, err))
            return false;
    }
    return true;
}

static int by_time(const void *a, const void *b)
{
    const struct trip *x = a, *y = b;
    return (x->us > y->us) - (x->us < y->us);
}

/* hand_over gives the answers to the appraisal: the slowest decides about the time, all about the
 * rest. */
static bool hand_over(struct trips *t, struct appraisal *x, struct situs_err *err)
{
    size_t last = t->n - 1;
    qsort(t->trip, t->n, sizeof *t->trip, by_time);
    x->at = (int64_t)time(NULL); /* what ended while the peer was waited for has ended */
    x->round_trip_us = t->trip[last].us;
    x->nonce = t->trip[last].nonce;
    if (!keep(&x->input, "evidence", t->trip[last].bundle, err))
        return false;
    if (last == 0)
        return true;
    x->trips = (struct situs_round_trips){t->n, t->trip[0].us,
                                          (t->trip[last / 2].us + t->trip[(last + 1) / 2].us) / 2};
    x->more = calloc(last, sizeof *x->more);
    if (!x->more)
        return err_fail(err, SITUS_NO_MEMORY, PART, "", SITUS_NO_OFFSET, NULL, NULL);
    for (; x->n_more < last; x->n_more++) {
        struct appraisal_answer *a = &x->more[x->n_more];
        a->nonce = t->trip[x->n_more].nonce;
        if (!keep(&a->input, "evidence", t->trip[x->n_more].bundle, err))
            return false;
    }
    return true;
}

/* number reads an option from 1 to most; left out, *out stays. */
static bool number(const char *text, uint64_t most, const char *option, uint64_t *out,
                   struct situs_err *err)
{
    char bounds[40];
    if (!text || text_number(span_text(text), 1, most, out))
        return true;
    snprintf(bounds, sizeof bounds, "1 to %llu", (unsigned long long)most);
    err_fail(err, SITUS_NOT_ALLOWED, option, "", SITUS_NO_OFFSET, bounds, text);
    return err_hint(err, "write a whole number within these bounds");
}

/* draw makes the challenges, unless one was given: that is who gave it's word for being fresh. */
static bool draw(struct trips *t, const struct args_nonce *given, struct situs_err *err)
{
    if (given->n) {
        t->trip[0].nonce = *given;
        return t->n == 1 || err_fail(err, SITUS_NOT_ALLOWED, "challenges", "", SITUS_NO_OFFSET,
                                     "1 beside --nonce: a challenge is asked once", TEXT_NUM(t->n));
    }
    for (size_t i = 0; i < t->n; i++) {
        struct args_nonce *n = &t->trip[i].nonce;
        n->n = NONCE;
        if (getrandom(n->bytes, NONCE, 0) != NONCE)
            return err_fail(err, SITUS_INTERNAL, "nonce", "", SITUS_NO_OFFSET, NULL, NULL);
    }
    return true;
}

static bool exchange(struct connect *c, struct trips *t, const char *address, struct situs_err *err)
{
    struct appraisal *x = &c->appraisal;
    uint64_t seconds = TLS_SECONDS, n = 1;
    if (!number(c->timeout, 3600, "timeout", &seconds, err) ||
        !number(c->challenges, CHALLENGES, "challenges", &n, err))
        return false;
    if (!tls_address_ok(address, false, err))
        return false;
    t->n = (size_t)n;
    if (!draw(t, &x->nonce, err))
        return false;
    int64_t deadline = wire_now() + (int64_t)seconds * 1000;
    out_wait(address);
    c->failed =
        !meet(t, address, deadline, &x->channel, err) || !ask(t, err) || !collect(t, deadline, err);
    out_wait(NULL);
    return !c->failed && hand_over(t, x, err) &&
           (!c->output || file_write(c->output, file_span(&x->input), err)) &&
           (!c->peer || file_write(c->peer, file_span(&x->channel), err));
}

/* forward opens the port, now that the peer is trusted, and only now. */
static int forward(const struct connect *c, const char *address)
{
    struct situs_err err = {0};
    char name[64];
    int stop = wire_stop(), listener = forward_listen(c->forward, name, &err);
    bool ok = listener >= 0;
    if (ok) {
        int reported = out_finish(EXIT_GOOD); /* before the first byte passes */
        if (reported != EXIT_GOOD)
            return reported;
        out_note("forwarding %s to the attested machine", name);
        ok = forward_run(listener, address, file_span(&c->appraisal.channel), stop, &err);
        close(listener);
    }
    close(stop);
    if (!ok)
        out_failure(&err);
    return ok ? EXIT_GOOD : EXIT_USAGE;
}

/* What went wrong before anybody was asked, or beside it, is the caller's. A peer that refuses is 6, whatever its word; one that is not there, or busy, may be tried
 * again. */
static int exit_of(const struct connect *c, const struct situs_err *err)
{
    if (!c->failed)
        return EXIT_USAGE;
    if (strcmp(err->field, "refusal") == 0 && err->code != SITUS_BUSY)
        return EXIT_REFUSED;
    return err->code == SITUS_MISSING ? EXIT_BUSY : exits_of(err);
}

/* challenge asks, appraises and reports, with all of its memory given back. */
static int challenge(struct connect *c, const char *address)
{
    struct situs_err err = {0};
    struct trips *t = calloc(1, sizeof *t);
    bool ok = t ? exchange(c, t, address, &err)
                : err_fail(&err, SITUS_NO_MEMORY, PART, "", SITUS_NO_OFFSET, NULL, NULL);
    for (size_t i = 0; t && i < t->n; i++) {
        tls_close(t->tls[i]);
        free((void *)(uintptr_t)t->trip[i].body.p);
    }
    free(t);
    if (ok)
        return appraisal_run(&c->appraisal, NULL);
    out_failure(&err);
    return exit_of(c, &err);
}

command_function cmd_connect;
int cmd_connect(const struct command *own, int argc, char **argv)
{
    int exit = EXIT_USAGE;
    struct connect *c = calloc(1, sizeof *c);
    if (!c) {
        out_error("out of memory");
        return exit;
    }
    const struct option rows[] = {
        APPRAISAL_OPTIONS(c->appraisal.options),
        OPTION_NONCE(&c->appraisal.options.nonce),
        OPTION_VALUE("output", 'o', "BUNDLE", &c->output, "keep the evidence"),
        OPTION_VALUE("peer", 0, "FILE", &c->peer, "keep the peer's SubjectPublicKeyInfo, DER"),
        OPTION_VALUE("challenges", 0, "N", &c->challenges, "so many at once (1)"),
        OPTION_VALUE("forward", 0, "PORT", &c->forward,
                     "once trusted, pass a local port on to the peer (0: any)"),
        OPTION_VERBOSE(&c->verbose),
        OPTION_VALUE("timeout", 0, "SECONDS", &c->timeout, "for the whole exchange (30)"),
    };
    const char *peer = ARGS_ONE(own, rows, argc, argv, &exit);
    if (peer) {
        exit = EXIT_USAGE;
        if (c->verbose)
            out_verbose();
        if (appraisal_load(&c->appraisal))
            exit = challenge(c, peer);
        if (exit == EXIT_GOOD && c->forward)
            exit = forward(c, peer);
    }
    appraisal_free(&c->appraisal);
    free(c);
    return exit;
}
