/* The registrar's client; see enrol.h. */
#include "host/enrol.h"

#include "base/text.h"
#include "codec/cbor.h"
#include "frame/out.h"
#include "provider/registrar/registrar.h"
#include "wire/wire.h"

#include <stdlib.h>
#include <unistd.h>

#define ROOM (LIMIT_LOG + 128 * 1024)

static void free_body(struct span body)
{
    free((void *)(uintptr_t)body.p);
}

/* exchange sends what w holds, and gives the answer unless it is a refusal. */
static struct span exchange(int fd, const char *name, const struct wr *w, struct situs_err *err)
{
    struct span body = {NULL, 0};
    out_step("registrar: %s", name);
    if (wire_send(fd, wr_span(w), REGISTRAR_PART, err))
        body = wire_receive(fd, REGISTRAR_PART, err);
    if (body.p && wire_refused(body, REGISTRAR_PART, err)) {
        free_body(body);
        body = span_of(NULL, 0);
    }
    return body;
}

static void put(struct cbor_out *o, uint64_t key, struct span value)
{
    cbor_put_uint(o, key);
    cbor_put_bytes(o, value);
}

static void write_claim(const struct enrol *e, struct wr *w)
{
    struct cbor_out o = cbor_out_new(w);
    cbor_put_map(&o, 5);
    cbor_put_uint(&o, 0);
    cbor_put_text(&o, SPAN_LIT("enrol"));
    put(&o, 1, e->ek_cert);
    put(&o, 2, tpm_key_public(e->ek));
    put(&o, 3, tpm_key_public(e->ak));
    cbor_put_uint(&o, 4);
    cbor_put_array(&o, e->n_chain);
    for (size_t i = 0; i < e->n_chain; i++)
        cbor_put_bytes(&o, e->chain[i]);
    cbor_put_end(&o);
}

static void write_proof(const struct enrol *e, const struct tpm_quoted *q, struct wr *w)
{
    const struct registers *r = &q->pcrs.registers;
    struct cbor_out o = cbor_out_new(w);
    cbor_put_map(&o, e->launch_log.n ? 5 : 4);
    cbor_put_uint(&o, 0);
    cbor_put_text(&o, SPAN_LIT("prove"));
    put(&o, 1, span_of(q->attest, q->attest_size));
    put(&o, 2, span_of(q->signature, q->signature_size));
    cbor_put_uint(&o, 3); /* as in model/tpm_value.h */
    cbor_put_map(&o, 1);
    cbor_put_uint(&o, hash_tpm(r->bank[0].hash));
    cbor_put_map(&o, (size_t)__builtin_popcount(r->bank[0].mask));
    for (size_t i = 0; i < REGISTERS_MAX; i++)
        if (r->bank[0].mask >> i & 1)
            put(&o, i, r->bank[0].value[i]);
    if (e->launch_log.n)
        put(&o, 4, e->launch_log);
    cbor_put_end(&o);
}

static bool read_credential(struct span body, struct tpm_credential *out, struct situs_err *err)
{
    struct cbor c = cbor_new(body, 0, REGISTRAR_PART, err);
    if (cbor_map(&c, "credential") != 2 || cbor_int(&c, "credential") != 0)
        return cbor_fail(&c, SITUS_UNKNOWN, "credential", 0, "two members", NULL);
    out->id_object = cbor_bytes(&c, "credential.id_object");
    if (cbor_int(&c, "credential") != 1)
        return cbor_fail(&c, SITUS_UNKNOWN, "credential", 0, "two members", NULL);
    out->encrypted = cbor_bytes(&c, "credential.secret");
    return cbor_leave(&c, "credential") && cbor_end(&c, "credential");
}

static bool read_certs(struct enrolled *out, struct situs_err *err)
{
    struct cbor c = cbor_new(out->body, 0, REGISTRAR_PART, err);
    if (cbor_map(&c, "certificates") != 1 || cbor_int(&c, "certificates") != 0)
        return cbor_fail(&c, SITUS_UNKNOWN, "certificates", 0, "one member", NULL);
    size_t n = cbor_array(&c, "certificates");
    if (n == 0 || n > LIMIT_CHAIN_CERTS)
        return cbor_fail(&c, SITUS_TOO_LONG, "certificates", 0, "1 to 6", TEXT_NUM(n));
    for (size_t i = 0; i < n; i++)
        out->certs[out->n_certs++] = cbor_bytes(&c, "certificates");
    cbor_leave(&c, "certificates");
    return cbor_leave(&c, "certificates") && cbor_end(&c, "certificates");
}

/* prove opens the credential and quotes over its secret, while it holds the TPM. */
static bool prove(const struct enrol *e, struct span body, struct tpm_quoted *q,
                  struct situs_err *err)
{
    struct tpm_credential credential;
    struct tpm_secret secret;
    uint8_t extra[32];
    const struct tpm_asked asked = {SPAN_ARR(extra), e->pcrs, 1};
    struct tpm *t = e->hold(e->context, err);
    if (!t || !read_credential(body, &credential, err) ||
        !tpm_activate(t, e->ak, e->seal, e->ek, &credential, &secret, err))
        return false;
    bool ok = registrar_proof_data(span_of(secret.bytes, secret.n), extra) ||
              err_fail(err, SITUS_INTERNAL, REGISTRAR_PART, "proof", SITUS_NO_OFFSET, NULL, NULL);
    explicit_bzero(&secret, sizeof secret);
    return ok && tpm_quote_make(t, e->ak, e->seal, &asked, q, err);
}

/* read_boot is the boot that the quote tells the registrar. */
static bool read_boot(const struct tpm_quoted *q, struct enrol_pending *boot, struct situs_err *err)
{
    struct tpm_attest a;
    if (!tpm_attest_read(&a, span_of(q->attest, q->attest_size), err))
        return false;
    boot->reset_count = a.reset_count;
    boot->restart_count = a.restart_count;
    return true;
}

static bool talk(const struct enrol *e, int fd, void *room, struct enrolled *out,
                 struct enrol_pending *boot, struct situs_err *err)
{
    struct wr w = wr_new(room, ROOM);
    struct tpm_quoted *q = malloc(sizeof *q);
    write_claim(e, &w);
    e->let_go(e->context);
    struct span body =
        q ? exchange(fd, "enrol: EK certificate, EK, AK; a credential comes", &w, err)
          : span_of(NULL, 0);
    bool ok = body.p && prove(e, body, q, err) && read_boot(q, boot, err);
    e->let_go(e->context);
    free_body(body);
    if (ok) {
        w = wr_new(room, ROOM);
        write_proof(e, q, &w);
        out->body = exchange(fd, "prove: a quote over the secret; certificates come", &w, err);
        ok = out->body.p && read_certs(out, err);
    }
    free(q);
    return ok;
}

bool enrol_run(const struct enrol *e, struct enrolled *out, struct enrol_pending *pending,
               struct situs_err *err)
{
    *out = (struct enrolled){.n_certs = 0};
    *pending = (struct enrol_pending){.waits = false};
    void *room = malloc(ROOM);
    int fd = room ? wire_connect(e->socket, err) : -1;
    bool ok = fd >= 0 && talk(e, fd, room, out, pending, err);
    if (fd >= 0)
        close(fd);
    free(room);
    if (ok)
        return true;
    pending->waits = strcmp(err->field, "refusal") == 0 && strcmp(err->got, REGISTRAR_PENDING) == 0;
    enrol_free(out);
    return err_fail(err, SITUS_NO_MEMORY, REGISTRAR_PART, "", SITUS_NO_OFFSET, NULL, NULL);
}

void enrol_free(struct enrolled *out)
{
    free_body(out->body);
    *out = (struct enrolled){.n_certs = 0};
}
