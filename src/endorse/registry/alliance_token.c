/* The alliance's tokens; see alliance.h. */
#include "base/limits.h"
#include "base/text.h"
#include "codec/json/json.h"
#include "crypto/digest.h"
#include "crypto/jws.h"
#include "endorse/registry/alliance.h"
#include "endorse/signed_doc.h"

#define SKEW 300 /* the server takes a client's timestamp within 5 minutes (server.js) */

static const struct anchor party = {.name = "Proof of Cloud alliance, by a token",
                                    .uses = ANCHOR_LIST};

struct token {
    uint8_t quote_hash[32], machine_id[64];
    size_t machine_id_size;
    enum listing_kind kind;
    struct span label;
    bool dated;
    int64_t timestamp;
};

/* The first servers put SHA-256 of a certificate extension here, which holds the TCB: 64 digits. */
static bool read_machine_id(struct token *t, const struct json *root, struct situs_err *err)
{
    struct json v;
    struct span text;
    if (!json_get(root, "machine_id", &v, err) || !json_as_text(&v, &text, err))
        return false;
    for (unsigned k = 0; k < LISTING_KIND_COUNT; k++) {
        t->kind = (enum listing_kind)k;
        t->machine_id_size = listing_kind_size(t->kind);
        if (text_hex_read(t->machine_id, t->machine_id_size, text))
            return true;
    }
    json_fail(&v, SITUS_MALFORMED, "a whole PPID or CHIP_ID in hex", TEXT_CUT(text), err);
    return err_hint(err, "get a new token: servers of the first version hash a certificate here");
}

static bool read_claims(struct token *t, const struct json *root, struct arena *a,
                        struct situs_err *err)
{
    if (!json_as_object(root, err) ||
        !JSON_KNOWN(root, err, "quote_hash", "machine_id", "label", "timestamp") ||
        !json_get_hex(root, "quote_hash", t->quote_hash, sizeof t->quote_hash, err) ||
        !read_machine_id(t, root, err))
        return false;
    t->label = SPAN_LIT("unlabeled");
    if (json_has(root, "label")) {
        if (!json_get_text(root, "label", &t->label, err))
            return false;
        t->label = arena_copy(a, t->label);
    }
    t->dated = json_has(root, "timestamp");
    return !t->dated || json_get_num(root, "timestamp", 0, SIGNED_DOC_TIME_MAX, &t->timestamp, err);
}

/* The keys that the policy pins; policy_read has seen that each is hex of the right size. */
static size_t pinned_keys(const struct policy *policy, struct arena *a, struct span **keys)
{
    const struct param_value *words = &policy->v[PARAM_LIST_TOKEN_KEYS];
    size_t n = 0;
    *keys = ARENA_ARRAY(a, words->n + 1, struct span);
    for (size_t i = 0; *keys && i < words->n; i++) {
        uint8_t *key = arena_take(a, JWS_KEY_SIZE);
        if (key && text_hex_read(key, JWS_KEY_SIZE, words->words[i]))
            (*keys)[n++] = span_of(key, JWS_KEY_SIZE);
    }
    return n;
}

/* A file ends its one line. */
static struct span one_line(struct span token)
{
    while (token.n && (token.p[token.n - 1] == '\n' || token.p[token.n - 1] == '\r'))
        token.n--;
    return token;
}

static bool read_payload(struct token *t, struct span payload, struct arena *a,
                         struct situs_err *err)
{
    struct json_doc doc = {0};
    struct json root;
    bool ok =
        json_read(&doc, &root, payload, ALLIANCE_TOKEN_PART, err) && read_claims(t, &root, a, err);
    json_free(&doc);
    return ok;
}

static bool open_token(struct token *t, struct span token, const struct question *q,
                       struct situs_err *err)
{
    struct span payload, *keys;
    size_t n = pinned_keys(q->policy, q->arena, &keys);
    return jws_open(&payload, one_line(token), keys, n, q->arena, ALLIANCE_TOKEN_PART, err) &&
           read_payload(t, payload, q->arena, err);
}

static bool read_unverified(struct span token, struct arena *a, struct situs_err *err)
{
    struct span payload;
    struct token t = {0};
    return jws_read(&payload, one_line(token), a, ALLIANCE_TOKEN_PART, err) &&
           read_payload(&t, payload, a, err);
}

/* A token has no end: only its age bounds it. */
static void decide_window(const struct token *t, const struct question *q, struct answer *out)
{
    const struct param_value *age = &q->policy->v[PARAM_LIST_TOKEN_MAX_AGE];
    bool undated = q->policy->v[PARAM_LIST_TOKEN_UNDATED].flag;
    if (!t->dated && !undated)
        answer_fail(out, CHECK_LIST_WINDOW, SITUS_MISSING, "timestamp", "a time", "none",
                    "get a token that has one; the policy can accept undated tokens");
    else if (t->dated && t->timestamp - SKEW > q->at)
        answer_fail(out, CHECK_LIST_WINDOW, SITUS_NOT_YET_VALID, "timestamp",
                    TEXT_TIME(t->timestamp), TEXT_TIME(q->at), NULL);
    else if (t->dated && (!age->given || signed_doc_older(q->at, t->timestamp, age->num, 1)))
        answer_fail(out, CHECK_LIST_WINDOW, SITUS_EXPIRED, "timestamp",
                    "a token of the age that the policy allows", TEXT_TIME(t->timestamp),
                    "get a new token");
    else
        finding_pass(&out->findings, CHECK_LIST_WINDOW);
    if (t->dated && age->given && age->num <= INT32_MAX)
        finding_until(&out->findings, CHECK_LIST_WINDOW, t->timestamp + age->num,
                      "the age that the policy allows a token");
    if (!t->dated && undated)
        answer_note(out, "the alliance's token has no time: nobody can say how old it is");
}

static bool is_hash_of(const struct token *t, struct span bytes, uint8_t hash[32])
{
    return digest(HASH_SHA256, bytes, hash) && memcmp(hash, t->quote_hash, 32) == 0;
}

/* The servers hash what they are sent, and some platforms give a quote with zeros after it. */
static bool decide_quote(const struct token *t, const struct question *q, struct answer *out)
{
    uint8_t hash[32] = {0};
    if ((q->sent.n > q->quote.n && is_hash_of(t, q->sent, hash)) || is_hash_of(t, q->quote, hash))
        return true;
    return answer_fail(out, CHECK_LIST_MATCH, SITUS_MISMATCH, "quote_hash",
                       TEXT_HEX(SPAN_ARR(hash)), TEXT_HEX(SPAN_ARR(t->quote_hash)),
                       "the token was given for another quote");
}

static void decide_match(const struct token *t, const struct question *q, struct answer *out)
{
    struct span id = listing_id(q, t->kind);
    struct span named = span_of(t->machine_id, t->machine_id_size);
    if (!span_equal(id, named)) {
        answer_fail(out, CHECK_LIST_MATCH, SITUS_MISMATCH, "machine_id",
                    id.n ? TEXT_HEX(id) : "an id of this kind from a verified quote",
                    TEXT_HEX(named), "the token is of another machine");
        return;
    }
    claim_bytes(&out->claims, CLAIM_LIST_ENTRY, id);
    if (decide_quote(t, q, out) && listing_decide_denied(out, q, id))
        finding_pass(&out->findings, CHECK_LIST_MATCH);
}

void alliance_token_answer(struct span token, const struct question *q, struct answer *out)
{
    struct situs_err err = {0};
    struct token t = {0};
    answer_begin(out, &listing_family, q, ALLIANCE_TOKEN_PART);
    if (!listing_accepts(out, q, "alliance-token"))
        return;
    if (!open_token(&t, token, q, &err)) {
        finding_fail_err(&out->findings, CHECK_LIST_SIGNATURE, &err);
        return;
    }
    claim_bytes(&out->claims, CLAIM_ISSUER, span_text(party.name));
    claim_bytes(&out->claims, CLAIM_OWNER, t.label);
    claim_bytes(&out->claims, CLAIM_LIST_KIND, span_text(listing_kind_name(t.kind)));
    if (t.dated)
        claim_num(&out->claims, CLAIM_NOT_BEFORE, t.timestamp);
    answer_note(out,
                "the alliance's servers look machines up by prefix and accept quotes whose TCB "
                "is out of date; only the id and the quote of the token were checked here");
    answer_note(out, "the alliance's token cannot be revoked, and its label is free text");
    finding_pass(&out->findings, CHECK_LIST_SIGNATURE);
    finding_pass(&out->findings, CHECK_LIST_ROLLBACK);
    decide_window(&t, q, out);
    decide_match(&t, q, out);
    listing_end(out, q, &party);
}

/* A compact JWS begins with the base64url of '{"'. */
static bool is_token(const char *name, struct span in)
{
    (void)name;
    return span_starts(in, SPAN_LIT("eyJ"));
}

static bool read_token(struct endorsement *e, const struct trust *once, struct arena *a,
                       struct situs_err *err)
{
    (void)once;
    struct arena scratch = *a; /* nothing that is read outlives this call */
    return read_unverified(e->bytes, &scratch, err);
}

static void answer_token(const struct endorsement *e, const struct question *q, struct answer *x)
{
    alliance_token_answer(e->bytes, q, x);
}

const struct endorsement_does alliance_token_endorsement = {
    .is = is_token, .read = read_token, .family = &listing_family, .answer = answer_token};
