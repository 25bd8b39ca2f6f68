/* An enrolment: the root of the EK's chain, and the two frames, each behind a 16-bit size. Each
 * gets an answer; a certificate is given only for the key that the first frame names and the second
 * used. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/rd.h"
#include "codec/cbor.h"
#include "lab/ca/lab_ca.h"
#include "oracle.h"
#include "provider/registrar/enrolment.h"

#include <openssl/x509.h>

#define AT INT64_C(1800000000)

const char *const oracles[] = {"a challenge", "a certificate", NULL};

static struct issuer issuer;

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    static struct lab_world *world; /* kept for the leak checker */
    static struct lab_ca ca;
    (void)argc, (void)argv;
    world = lab_world_new(AT);
    ca = lab_ca_new(world, "lab provider");
    const unsigned char *p = ca.cert.p;
    issuer = (struct issuer){d2i_X509(NULL, &p, (long)ca.cert.n), ca.key};
    return 0;
}

static bool find(void *context, const uint8_t ek[32], struct registrar_machine *out,
                 struct situs_err *err)
{
    (void)context, (void)ek, (void)err;
    *out = (struct registrar_machine){.machine = "m", .facility = "f", .class = AK_CLASS_VTPM};
    return true;
}

static bool boot(void *context, const struct registrar_boot *b, bool *confirmed,
                 struct situs_err *err)
{
    *b->confirmed_at = AT;
    *confirmed = true;
    return find(context, b->ek, b->machine, err);
}

static bool allowed(void *context, struct span ak_name, struct situs_err *err)
{
    (void)context, (void)ak_name, (void)err;
    return true;
}

static bool issued(void *context, struct span serial, struct span ak_name, int64_t until,
                   struct situs_err *err)
{
    (void)context, (void)serial, (void)ak_name, (void)until, (void)err;
    return true;
}

static int64_t now(void)
{
    return AT;
}

static struct span chunk(struct rd *r)
{
    return rd_bytes(r, rd_u16be(r, "size"), "chunk");
}

/* The answer is {0: [AK certificate, CA]}; its key is the one that the quote was made with. */
static void check_certificate(struct span answer, const struct public_key *ak)
{
    struct situs_err err = {0};
    struct cbor c = cbor_new(answer, 0, "answer", &err);
    assert(cbor_map(&c, "") == 1 && cbor_uint(&c, "") == 0 && cbor_array(&c, "") == 2);
    struct x509 *cert = x509_read(cbor_bytes(&c, ""), NULL, "answer", &err);
    struct public_key *key = cert ? x509_key(cert, "answer", &err) : NULL;
    assert(key && verify_key_equal(key, ak));
    verify_key_free(key);
    x509_free(cert);
    oracle_ran(1);
}

/* What the first frame did: a credential for a key, whose secret becomes the seed's. */
static struct public_key *challenged(struct wire_peer *peer)
{
    struct enrolment *e = peer->state;
    struct situs_err err = {0};
    struct ak ak;
    memset(e->secret, 0x11, sizeof e->secret);
    assert(ak_read(&ak, e->ak.public.whole, &err));
    oracle_ran(0);
    return ak.key;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t room[16384];
    struct situs_err err = {0};
    struct rd r = rd_new(span_of(data, size), 0, "fuzz", &err);
    struct anchor root = {.name = "fuzz", .uses = ANCHOR_PROVIDER, .der = chunk(&r)};
    const struct trust trust = {.anchors = &root, .n = 1};
    struct span enrol = chunk(&r), prove = chunk(&r);
    if (!rd_ok(&r) || !digest(HASH_SHA256, root.der, root.sha256))
        return 0;
    const struct registrar_fleet fleet = {NULL, find, boot};
    const struct registrar_keys keys = {NULL, allowed, issued};
    struct registrar registrar = {.fleet = &fleet,
                                  .keys = &keys,
                                  .trust = &trust,
                                  .issuer = &issuer,
                                  .seconds = 3600,
                                  .now = now};
    struct wire_handler handler = registrar_handler(&registrar);
    struct wire_peer peer = {.state = NULL};
    struct wr answer = wr_new(room, sizeof room);
    assert(handler.request(handler.context, &peer, enrol, &answer) && wr_ok(&answer));
    assert(wire_refused(wr_span(&answer), "registrar", &err) == !peer.state);
    struct public_key *ak = peer.state ? challenged(&peer) : NULL;
    answer = wr_new(room, sizeof room);
    err = (struct situs_err){0};
    assert(handler.request(handler.context, &peer, prove, &answer) && wr_ok(&answer));
    if (!wire_refused(wr_span(&answer), "registrar", &err) && !peer.state) {
        assert(ak);
        check_certificate(wr_span(&answer), ak);
    }
    handler.gone(handler.context, &peer);
    verify_key_free(ak);
    return 0;
}
