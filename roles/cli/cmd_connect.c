/*
 * situs connect: the relying party's side (docs/DESIGN.md 4). A challenge goes to a running
 * attester over TLS, the key that the peer holds is taken from the handshake, and the evidence that
 * comes back must speak for the holder of that key.
 */
#include "attester/attest_answer.h"
#include "base/text.h"
#include "cli/appraisal.h"
#include "cli/command.h"
#include "cli/out.h"
#include "wire/tls.h"
#include "wire/wire.h"

#include <stdlib.h>
#include <sys/random.h>
#include <time.h>

#define PART "attester"

struct connect {
    const char *output, *peer, *timeout;
    bool verbose;
    struct appraisal appraisal;
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

/* challenge sends N and times the answer; handshake and appraisal are not in the round trip. */
static bool challenge(struct appraisal *x, struct tls *t, struct situs_err *err)
{
    uint8_t room[ATTEST_QUESTION_MAX];
    struct wr w = wr_new(room, sizeof room);
    struct span bundle;
    attest_question_write(&w, x->nonce);
    int64_t start = microseconds();
    struct span body = {NULL, 0};
    if (tls_send(t, wr_span(&w), PART, err))
        body = tls_receive(t, WIRE_FRAME_MAX, PART, err);
    x->round_trip_us = microseconds() - start;
    bool ok = body.p && attest_answer_read(body, &bundle, err) &&
              keep(&x->input, "evidence", bundle, err) &&
              keep(&x->channel, "peer", tls_peer(t), err);
    free((void *)(uintptr_t)body.p);
    return ok;
}

static bool seconds_of(const char *text, int64_t *seconds, struct situs_err *err)
{
    char *end = NULL;
    long n = text ? strtol(text, &end, 10) : TLS_SECONDS;
    *seconds = n;
    if (n >= 1 && n <= 3600 && (!text || *end == 0))
        return true;
    return err_fail(err, SITUS_MISSING, "timeout", "", SITUS_NO_OFFSET, "1 to 3600", text);
}

static bool exchange(struct connect *c, const char *address, struct situs_err *err)
{
    struct appraisal *x = &c->appraisal;
    int64_t seconds;
    if (getrandom(x->nonce, sizeof x->nonce, 0) != (ssize_t)sizeof x->nonce)
        return err_fail(err, SITUS_INTERNAL, "nonce", "", SITUS_NO_OFFSET, NULL, NULL);
    x->challenged = true;
    if (!seconds_of(c->timeout, &seconds, err))
        return false;
    struct tls *t = tls_connect(address, seconds, err);
    bool ok = t && challenge(x, t, err);
    tls_close(t);
    return ok && (!c->output || file_write(c->output, file_span(&x->input), err)) &&
           (!c->peer || file_write(c->peer, file_span(&x->channel), err));
}

int cmd_connect(int argc, char **argv)
{
    struct words operands = {.n = 0};
    struct situs_err err = {0};
    int exit = EXIT_USAGE;
    struct connect *c = calloc(1, sizeof *c);
    if (!c) {
        out_error("out of memory");
        return exit;
    }
    const struct option rows[] = {
        APPRAISAL_OPTIONS(c->appraisal.options),
        OPTION_VALUE("output", 'o', "BUNDLE", &c->output, "keep the evidence"),
        OPTION_VALUE("peer", 0, "FILE", &c->peer, "keep the peer's SubjectPublicKeyInfo, DER"),
        OPTION_VERBOSE(&c->verbose),
        OPTION_VALUE("timeout", 0, "SECONDS", &c->timeout, "for the whole exchange (30)"),
    };
    const struct args args = {"connect", rows, sizeof rows / sizeof *rows, 1, 1};
    if (args_read(&args, argc, argv, &operands, &exit)) {
        exit = EXIT_USAGE;
        if (c->verbose)
            out_verbose();
        if (appraisal_load(&c->appraisal)) {
            bool ok = exchange(c, operands.v[0], &err);
            if (!ok)
                out_failure(&err);
            exit = ok ? appraisal_run(&c->appraisal, NULL) : command_exit(&err);
        }
    }
    appraisal_free(&c->appraisal);
    free(c);
    return exit;
}
