/* The host agent; see agent.h. */
#include "host/agent.h"

#include "appraise/bind.h"
#include "base/text.h"
#include "frame/file.h"
#include "frame/out.h"
#include "host/host_state.h"
#include "tee/intel/quote.h"
#include "wire/platform.h"
#include "wire/qgs.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#define PART "agent"
#define REPORT_REPORT_DATA 128 /* in TDREPORT_STRUCT (Intel TDX Module ABI, 4.6) */
#define BODY_REPORT_DATA 520 /* in a TD quote's body (Intel TDX DCAP Quoting Library API, A.3.2) */

/* remember keeps the hash of the quote that came back for this VM. */
static void remember(struct agent *a, struct agent_vm *vm, const uint8_t tqh[32])
{
    struct agent_seen *s = &vm->seen[vm->next];
    vm->next = (vm->next + 1) % AGENT_SEEN;
    *s = (struct agent_seen){.at = a->now(), .fresh = true};
    memcpy(s->tqh, tqh, 32);
}

/* spend says that the quote was seen for this VM within the minute, and forgets it. */
static bool spend(struct agent *a, struct agent_vm *vm, struct span tqh)
{
    int64_t now = a->now();
    for (size_t i = 0; i < AGENT_SEEN; i++) {
        struct agent_seen *s = &vm->seen[i];
        if (!s->fresh || !span_equal(SPAN_ARR(s->tqh), tqh))
            continue;
        s->fresh = false;
        if (now - s->at <= AGENT_SECONDS)
            return true;
    }
    return false;
}

/* The quote in the answer is of the report in the question. Whether the report is of this platform
 * was the quoting enclave's to check (EVERIFYREPORT2): it has answered with a quote. */
static bool hash_answer(struct span request, struct span answer, uint8_t tqh[32],
                        struct situs_err *err)
{
    struct qgs_request asked;
    struct qgs_answer got;
    struct quote q;
    if (!qgs_request_read(&asked, request, err) || !qgs_answer_read(&got, answer, err) ||
        !quote_read(&q, got.quote, err))
        return false;
    if (!q.tdx || q.body.n < BODY_REPORT_DATA + 64 ||
        !span_equal(span_cut(q.body, BODY_REPORT_DATA, 64),
                    span_cut(asked.report, REPORT_REPORT_DATA, 64)))
        return err_fail(err, SITUS_MISMATCH, PART, "quote", SITUS_NO_OFFSET,
                        "a quote of the report that was sent", "another");
    return digest(HASH_SHA256, q.whole, tqh) ||
           err_fail(err, SITUS_INTERNAL, PART, "tqh", SITUS_NO_OFFSET, NULL, NULL);
}

static bool forward(struct agent *a, struct agent_vm *vm, struct span body, struct wr *answer,
                    struct situs_err *err)
{
    struct qgs_request q;
    uint8_t tqh[32];
    if (!qgs_request_read(&q, body, err))
        return false;
    struct span got = wire_ask(a->qgs, body, "qgs", err);
    bool ok = got.p && hash_answer(body, got, tqh, err);
    if (ok) {
        remember(a, vm, tqh);
        wr_bytes(answer, got);
    }
    free((void *)(uintptr_t)got.p);
    return ok;
}

/* What one platform quote needs; all of it is loaded for this quote alone. */
struct work {
    struct host_state state;
    struct file log;
    struct tpm *tpm;
    struct tpm_key ek, ak;
    struct tpm_quoted quoted;
};

static bool sign(struct agent *a, struct work *w, const uint8_t extra[32], struct wr *answer,
                 struct situs_err *err)
{
    const struct tpm_asked asked = {span_of(extra, 32), &w->state.seal.pcrs, 1};
    if (a->launch_log && !file_read(&w->log, a->launch_log, LIMIT_LOG, err))
        return false;
    w->tpm = tpm_open(a->tcti, err);
    if (!w->tpm || !host_state_ek(&w->state, w->tpm, &w->ek, err) ||
        !tpm_ak_load(w->tpm, &w->ek, &w->state.ak, &w->ak, err) ||
        !tpm_quote_make(w->tpm, &w->ak, &w->state.seal, &asked, &w->quoted, err))
        return false;
    struct tpm_value v = tpm_quote_value(&w->quoted, &w->ak);
    v.n_certs = w->state.n_certs;
    for (size_t i = 0; i < v.n_certs; i++)
        v.certs[i] = w->state.certs[i];
    return platform_quote_write(answer, &v, file_span(&w->log)) ||
           err_fail(err, SITUS_TOO_LONG, PART, "answer", SITUS_NO_OFFSET, NULL, NULL);
}

static bool load(struct agent *a, struct work *w, struct situs_err *err)
{
    bool there;
    if (!host_state_load(&w->state, a->state, &there, err))
        return false;
    if (there && w->state.n_certs)
        return true;
    err_fail(err, SITUS_MISSING, PART, "state", SITUS_NO_OFFSET, "an enrolled AK",
             there ? "one without certificate" : "none");
    return err_hint(err, "run situs host provision");
}

static bool answer_vm(struct agent *a, struct agent_vm *vm, struct work *w, struct span body,
                      struct wr *answer, struct situs_err *err)
{
    struct platform_request q;
    uint8_t extra[32];
    if (!platform_request_read(&q, body, err) || !load(a, w, err))
        return false;
    if (!q.quote) {
        platform_key_write(answer, span_of(w->state.ak.public, w->state.ak.public_size));
        return true;
    }
    if (!spend(a, vm, q.tqh)) {
        err_fail(err, SITUS_NOT_ALLOWED, PART, "tqh", SITUS_NO_OFFSET,
                 "a quote made here for this VM within the last minute, once", TEXT_HEX(q.tqh));
        return err_hint(err, "this agent signs for no other quote");
    }
    if (!bind_pq(q.nonce.p, q.tqh.p, span_of(vm->ak_name, vm->ak_name_size), extra))
        return err_fail(err, SITUS_INTERNAL, PART, "extra_data", SITUS_NO_OFFSET, NULL, NULL);
    return sign(a, w, extra, answer, err);
}

static bool on_platform(struct agent *a, struct agent_vm *vm, struct span body, struct wr *answer,
                        struct situs_err *err)
{
    struct work *w = calloc(1, sizeof *w);
    if (!w)
        return err_fail(err, SITUS_NO_MEMORY, PART, "", SITUS_NO_OFFSET, NULL, NULL);
    bool ok = answer_vm(a, vm, w, body, answer, err);
    tpm_flush(w->tpm, &w->ak);
    tpm_flush(w->tpm, &w->ek);
    tpm_close(w->tpm);
    file_free(&w->log);
    host_state_free(&w->state);
    free(w);
    return ok;
}

/* Listener 2i is the quoting socket of VM i, 2i + 1 its platform socket (agent_listen). */
static bool request(void *context, struct wire_peer *peer, struct span body, struct wr *answer)
{
    struct agent *a = context;
    struct agent_vm *vm = &a->vm[peer->listener / 2];
    struct situs_err err = {0};
    bool qgs = peer->listener % 2 == 0;
    out_step("%s asks on its %s socket, %zu bytes", vm->name, qgs ? "qgs" : "platform", body.n);
    if (qgs ? forward(a, vm, body, answer, &err) : on_platform(a, vm, body, answer, &err))
        return true;
    out_note("refused %s a %s quote", vm->name, qgs ? "TD" : "platform");
    answer->n = 0;
    peer->why = err;
    if (!qgs) {
        wire_refuse(answer, &err);
        return true;
    }
    qgs_error_write(answer, QGS_ERROR_UNEXPECTED);
    return true;
}

struct wire_handler agent_handler(struct agent *a)
{
    return (struct wire_handler){a, request, NULL, NULL};
}

bool agent_listen(const struct agent *a, struct wire_server *s, const char *dir,
                  struct situs_err *err)
{
    static const char *const sockets[] = {"qgs.sock", "platform.sock"};
    char path[256];
    for (size_t i = 0; i < a->n; i++) {
        snprintf(path, sizeof path, "%s/%s", dir, a->vm[i].name);
        if (mkdir(path, 0700) != 0 && errno != EEXIST)
            return err_fail(err, SITUS_MISSING, PART, "dir", SITUS_NO_OFFSET, "a directory",
                            strerror(errno));
        for (size_t k = 0; k < 2; k++) {
            snprintf(path, sizeof path, "%s/%s/%s", dir, a->vm[i].name, sockets[k]);
            if (!wire_listen(s, path, err))
                return false;
        }
    }
    return true;
}
