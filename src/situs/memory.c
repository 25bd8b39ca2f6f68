/*
 * Upper bounds of memory: what the readers take from an arena for each byte of input, from the
 * sizes of their structures and the shortest text that makes one. Every taking is rounded up to the
 * alignment of any type, 16 bytes.
 */
#include "base/limits.h"
#include "crypto/x509.h"
#include "endorse/id_list/listing.h"
#include "endorse/registry/alliance.h"
#include "evidence/tcg_log.h"
#include "model/trust_places.h"
#include "model/trust_verifiers.h"
#include "situs/door.h"
#include "situs/gather.h"
#include "situs/given.h"
#include "tee/intel/parts.h"

#define ALIGNED 16
#define BUILTIN_ANCHORS 32 /* more than model/anchors.def has */

/* A word of a list: "a", and its comma become a span and its copy. */
#define POLICY_EACH_BYTE (2 * ALIGNED / 4)
/* A body of 150 bytes, most of it the signature's digits, becomes a struct tcb_info; an advisory of
 * 4 bytes a span; the text of a dcap-qvl JSON is copied. */
#define COLLATERAL_EACH_BYTE 6
/* The shortest event: index, type, count, algorithm and a digest of one byte, size (PFP 1.06,
 * 10.2.2). */
#define EVENT_BYTES 19
/* One appraisal of a quote, two TPMs and their certificates, with every row failed. */
#define APPRAISAL (128 * 1024)
/* What Intel's early set says of a platform: a rating more. */
#define FORECAST (32 * 1024)
/* One endorsement, judged with every row failed, but for its chain's anchors. */
#define ENDORSEMENT (12 * 1024)
/* One that is loaded: what was read and verified of it. And what a reader takes for a while: the
 * payload of a token, the text of a document. */
#define LOADED (8 * 1024)
#define LOADED_READER (2 * LIMIT_TOKEN)
#define CHAINS 4 /* of one endorsement, verified anew for each question */

/* SIZE_MAX where it does not fit: nobody has so much. */
static size_t plus(size_t a, size_t b)
{
    return b > SIZE_MAX - a ? SIZE_MAX : a + b;
}

static size_t times(size_t a, size_t b)
{
    return b && a > SIZE_MAX / b ? SIZE_MAX : a * b;
}

size_t situs_policy_memory(struct situs_item file)
{
    size_t images = LIMIT_REFERENCES * (sizeof(struct reference) + sizeof(struct pcr_image) +
                                        sizeof(struct host_reference));
    return plus(sizeof(struct situs_policy) + images + 16 * 1024, /* and the defaults */
                times(POLICY_EACH_BYTE, item_span(file).n));
}

size_t situs_trust_memory(struct situs_item file)
{
    size_t anchors = (LIMIT_ANCHORS + BUILTIN_ANCHORS) * (sizeof(struct anchor) + 2 * ALIGNED);
    size_t n = item_span(file).n, most = n / 8; /* "a":"b", is the shortest place */
    size_t places = ((most < LIMIT_PLACES ? most : LIMIT_PLACES) + 1) *
                    (sizeof(struct trust_place) + 2 * ALIGNED);
    size_t verifiers = (LIMIT_VERIFIERS + 1) *
                       (sizeof(struct trust_verifier) +
                        (LIMIT_VERIFIER_KEYS + 1) * (sizeof(struct jws_rsa) + 2 * ALIGNED));
    return plus(sizeof(struct situs_trust) + anchors + places + verifiers + 4 * ALIGNED, n);
}

/* Items of so many bytes, and the certificates of the anchors. */
static size_t snapshot_room(size_t n)
{
    size_t certs =
        LIMIT_COLLATERAL_CERTS * (sizeof(struct part_cert) + sizeof(struct intel_issuer) + ALIGNED);
    size_t crls = LIMIT_COLLATERAL_CRLS * (sizeof(struct part_crl) + sizeof(struct intel_crl) +
                                           sizeof(struct intel_issuer_crl) + ALIGNED);
    size_t lists = (LIMIT_COLLATERAL_CERTS + LIMIT_COLLATERAL_CRLS + 3 * LIMIT_COLLATERAL_PARTS) *
                   sizeof(void *);
    size_t amd = AMD_CERTS * sizeof(struct amd_cert) + AMD_CRLS * sizeof(struct amd_crl) +
                 (LIMIT_ANCHORS + BUILTIN_ANCHORS) * (sizeof(struct x509_anchor) + sizeof(void *));
    size_t shares = 2 * LIMIT_COLLATERAL_PARTS * sizeof(struct situs_item);
    return plus(certs + crls + lists + amd + shares + 24 * ALIGNED, times(COLLATERAL_EACH_BYTE, n));
}

size_t situs_snapshot_memory(const struct situs_item *items, size_t n)
{
    size_t bytes = 0;
    for (size_t i = 0; items && i < n; i++)
        bytes = plus(bytes, item_span(items[i]).n);
    size_t hash = collateral_hash_size(n < LIMIT_COLLATERAL_PARTS ? n : LIMIT_COLLATERAL_PARTS);
    return plus(sizeof(struct situs_snapshot) + hash + 2 * ALIGNED, snapshot_room(bytes));
}

/* The shortest line of a list of ids, "00112233445566778899aabbccddeeff", is noted by 16 bytes. */
#define CSV_LINE 33

size_t situs_endorsements_memory(const struct situs_item *items, size_t n)
{
    size_t anchors =
        (LIMIT_ANCHORS + BUILTIN_ANCHORS + 1) * (sizeof(struct x509_anchor) + sizeof(void *));
    size_t room = sizeof(struct situs_endorsements) + LOADED_READER + anchors;
    for (size_t i = 0; items && i < n; i++) {
        struct span in = item_span(items[i]);
        room = plus(room, LOADED);
        room = plus(room, given_is_pem(in) ? in.n + SITUS_ENDORSEMENTS * ALIGNED : 0);
        room = plus(room, alliance_csv_is(in) ? in.n / CSV_LINE * ALIGNED + ALIGNED : 0);
    }
    return room;
}

static size_t log_room(size_t n, size_t logs)
{
    size_t events = n / EVENT_BYTES, most = logs * LIMIT_LOG_EVENTS;
    return (events < most ? events : most) * sizeof(struct event);
}

/* What a bundle may hold: its own endorsements, three logs, the collateral, all of it in base64url.
 */
static size_t bundle_room(const struct situs_request *q)
{
    size_t n = item_span(q->evidence).n;
    if (!gather_is_bundle(item_span(q->evidence)))
        return 0;
    size_t room = plus(log_room(n, 3),
                       item_span(q->evidence).p && *(const char *)q->evidence.p == '{' ? n : 0);
    return plus(room, q->snapshot ? 0 : snapshot_room(n));
}

/* Of n endorsements and their chains, whose trust store has so many anchors. */
static size_t endorsements_room(size_t n, const struct situs_trust *trust)
{
    size_t chain = (door_trust(trust)->n + 1) * (sizeof(struct x509_anchor) + sizeof(void *));
    return n * (ENDORSEMENT + CHAINS * chain);
}

/* What items in PEM become. */
static size_t pem_room(const struct situs_item *items, size_t n)
{
    size_t room = 0;
    for (size_t i = 0; items && i < n && i < SITUS_ENDORSEMENTS; i++)
        room = plus(room, given_is_pem(item_span(items[i])) ? items[i].size : 0);
    return room;
}

size_t situs_verify_memory(const struct situs_request *q)
{
    if (!q)
        return 0;
    size_t n = q->endorsements ? q->endorsements->words.n : 0;
    if (gather_is_bundle(item_span(q->evidence)) || n > SITUS_ENDORSEMENTS)
        n = SITUS_ENDORSEMENTS;
    size_t room = sizeof(struct situs_result) + APPRAISAL + endorsements_room(n + 1, q->trust);
    room = plus(room, log_room(item_span(q->ccel).n, 1));
    room = plus(room, log_room(item_span(q->pcr_log).n, 1));
    room = plus(room, q->early ? FORECAST : 0);
    return plus(room, bundle_room(q));
}

size_t situs_poe_memory(const struct situs_poe_request *q)
{
    if (!q)
        return 0;
    size_t room = sizeof(struct gathered) + 2 * sizeof(struct claims) + sizeof(struct findings) +
                  endorsements_room(SITUS_ENDORSEMENTS + 1, q->trust);
    room = plus(room, pem_room(q->crls, q->n_crls));
    return plus(room, pem_room(q->revocations, q->n_revocations));
}
