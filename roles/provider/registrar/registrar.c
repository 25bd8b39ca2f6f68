/* The registrar's frames; see registrar.h. */
#include "provider/registrar/registrar.h"

#include "base/text.h"
#include "codec/cbor.h"
#include "frame/out.h"
#include "provider/registrar/enrolment.h"

#include <stdlib.h>

/* Each member is its key and its value; another key is unknown. */
static void key(struct cbor *c, int64_t expected, const char *field)
{
    size_t at = cbor_at(c);
    if (cbor_ok(c) && cbor_int(c, field) != expected)
        cbor_fail(c, SITUS_UNKNOWN, field, at, TEXT_NUM(expected), NULL);
}

static struct span member(struct cbor *c, int64_t expected, const char *field)
{
    key(c, expected, field);
    return cbor_bytes(c, field);
}

static bool read_claim(struct cbor *c, size_t pairs, struct enrolment_claim *q)
{
    if (pairs != 5)
        return cbor_fail(c, SITUS_MALFORMED, "enrol", 0, "5 members", TEXT_NUM(pairs));
    q->ek_cert = member(c, 1, "ek_certificate");
    q->ek_public = member(c, 2, "ek_public");
    q->ak_public = member(c, 3, "ak_public");
    key(c, 4, "ek_chain");
    size_t at = cbor_at(c), n = cbor_array(c, "ek_chain");
    if (n > LIMIT_CHAIN_CERTS)
        return cbor_fail(c, SITUS_TOO_LONG, "ek_chain", at, TEXT_NUM(LIMIT_CHAIN_CERTS),
                         TEXT_NUM(n));
    for (size_t i = 0; i < n; i++)
        q->chain[q->n_chain++] = cbor_bytes(c, "ek_chain");
    cbor_leave(c, "ek_chain");
    return cbor_leave(c, "enrol") && cbor_end(c, "enrol");
}

static bool read_proof(struct cbor *c, size_t pairs, struct enrolment_proof *p)
{
    if (pairs != 4 && pairs != 5)
        return cbor_fail(c, SITUS_MALFORMED, "prove", 0, "4 or 5 members", TEXT_NUM(pairs));
    p->attest = member(c, 1, "attest");
    p->signature = member(c, 2, "signature");
    key(c, 3, "registers");
    p->registers = cbor_skip(c, "registers");
    if (pairs == 5)
        member(c, 4, "launch_log"); /* approved by the verifier (host.image), not here */
    return cbor_leave(c, "prove") && cbor_end(c, "prove");
}

static bool enrol(struct registrar *r, struct wire_peer *peer, struct cbor *c, size_t pairs,
                  struct wr *answer, struct situs_err *err)
{
    struct enrolment_claim claim = {.n_chain = 0};
    struct credential credential;
    if (peer->state)
        return err_fail(err, SITUS_DUPLICATE, REGISTRAR_PART, "enrol", SITUS_NO_OFFSET,
                        "one enrolment a connection", "another");
    struct enrolment *e = calloc(1, sizeof *e);
    if (!e)
        return err_fail(err, SITUS_NO_MEMORY, REGISTRAR_PART, "", SITUS_NO_OFFSET, NULL, NULL);
    if (!read_claim(c, pairs, &claim) || !enrolment_begin(e, r, &claim, &credential, err)) {
        free(e);
        return false;
    }
    peer->state = e;
    struct cbor_out o = cbor_out_new(answer);
    cbor_put_map(&o, 2);
    cbor_put_uint(&o, 0);
    cbor_put_bytes(&o, span_of(credential.id_object, credential.id_object_size));
    cbor_put_uint(&o, 1);
    cbor_put_bytes(&o, span_of(credential.encrypted, credential.encrypted_size));
    return cbor_put_end(&o);
}

static void forget(struct wire_peer *peer)
{
    if (peer->state)
        enrolment_free(peer->state);
    free(peer->state);
    peer->state = NULL;
}

static bool prove(struct registrar *r, struct wire_peer *peer, struct cbor *c, size_t pairs,
                  struct wr *answer, struct situs_err *err)
{
    struct enrolment_proof proof;
    uint8_t leaf[LIMIT_CERT], ca[LIMIT_CERT];
    struct wr l = wr_new(leaf, sizeof leaf), a = wr_new(ca, sizeof ca);
    if (!peer->state)
        return err_fail(err, SITUS_MISSING, REGISTRAR_PART, "prove", SITUS_NO_OFFSET,
                        "enrol before it", "none");
    bool ok = read_proof(c, pairs, &proof) && enrolment_finish(peer->state, r, &proof, &l, err) &&
              (issue_ca(r->issuer, &a) ||
               err_fail(err, SITUS_INTERNAL, REGISTRAR_PART, "ca", SITUS_NO_OFFSET, NULL, NULL));
    if (ok) {
        const struct enrolment *e = peer->state;
        out_note("certified the attestation key of %s", e->machine.machine);
        struct cbor_out o = cbor_out_new(answer);
        cbor_put_map(&o, 1);
        cbor_put_uint(&o, 0);
        cbor_put_array(&o, 2);
        cbor_put_bytes(&o, wr_span(&l));
        cbor_put_bytes(&o, wr_span(&a));
        ok = cbor_put_end(&o);
    }
    forget(peer); /* one attempt: a secret is used once */
    return ok;
}

static bool request(void *context, struct wire_peer *peer, struct span body, struct wr *answer)
{
    struct registrar *r = context;
    struct situs_err err = {0};
    struct cbor c = cbor_new(body, 0, REGISTRAR_PART, &err);
    size_t pairs = cbor_map(&c, "request");
    key(&c, 0, "request");
    size_t at = cbor_at(&c);
    struct span what = cbor_text(&c, "request");
    bool ok = false;
    if (span_equal(what, SPAN_LIT("enrol")))
        ok = enrol(r, peer, &c, pairs, answer, &err);
    else if (span_equal(what, SPAN_LIT("prove")))
        ok = prove(r, peer, &c, pairs, answer, &err);
    else
        cbor_fail(&c, SITUS_UNKNOWN, "request", at, "enrol or prove", NULL);
    if (!ok) {
        answer->n = 0;
        peer->why = err;
        wire_refuse(answer, &err);
    }
    return true;
}

static void gone(void *context, struct wire_peer *peer)
{
    (void)context;
    forget(peer);
}

static void tick(void *context)
{
    struct registrar *r = context;
    if (r->tick)
        r->tick(r->tick_context);
}

struct wire_handler registrar_handler(struct registrar *r)
{
    return (struct wire_handler){r, request, gone, tick};
}
