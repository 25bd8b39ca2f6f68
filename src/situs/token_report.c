/* The reports of a token (situs-token(1)). */
#include "base/item.h"
#include "base/text.h"
#include "base/time.h"
#include "codec/json_out.h"
#include "crypto/digest.h"
#include "model/policy.h"
#include "situs/page.h"
#include "situs/report.h"
#include "situs/token_verified.h"

#include <stdio.h>

static void json_claims(struct json_out *o, const struct ear *e)
{
    json_out_object(o);
    json_out_pair_text(o, "iss", span_text(e->issuer));
    json_out_pair_text(o, "sub", span_text(e->subject));
    json_out_pair_text(o, "aud", span_text(e->audience));
    json_out_pair_text(o, "jti", span_text(e->id));
    json_out_pair_string(o, "issued", TEXT_TIME(e->issued));
    json_out_pair_string(o, "expires", TEXT_TIME(e->expires));
    json_out_pair_text(o, "ear_status", span_text(e->status));
    json_out_pair_hex(o, "policy_sha256", SPAN_ARR(e->policy));
    json_out_pair_text(o, "policy", span_text(e->policy_name));
    json_out_pair_hex(o, "channel_sha256", SPAN_ARR(e->channel));
    json_out_name(o, "nonce");
    if (e->nonce_size)
        json_out_hex(o, span_of(e->nonce, e->nonce_size));
    else
        json_out_null(o);
    json_out_pair_bool(o, "simulated", e->simulated);
    json_out_pair_bool(o, "bearer", e->bearer);
    json_out_pair_num(o, "judges", e->judges);
    json_out_pair_num(o, "builds", e->builds);
    json_out_pair_text(o, "challenger", span_text(e->challenger));
    json_out_name(o, "proofs");
    json_out_object(o);
    for (unsigned proof = PROOF_GENUINE; proof <= PROOF_ALL; proof <<= 1)
        json_out_pair_bool(o, proof_name(proof), e->proofs & proof);
    json_out_close(o);
    json_out_close(o);
}

static void json_error(struct json_out *o, const struct situs_err *why)
{
    json_out_object(o);
    json_out_pair_string(o, "code", situs_code_name(why->code));
    json_out_pair_string(o, "part", why->part);
    json_out_pair_string(o, "field", why->field);
    json_out_name(o, "at");
    if (why->at == SITUS_NO_OFFSET)
        json_out_null(o);
    else
        json_out_num(o, (int64_t)why->at);
    json_out_pair_string(o, "expected", why->expected);
    json_out_pair_string(o, "got", why->got);
    json_out_pair_string(o, "hint", why->hint);
    json_out_close(o);
}

size_t situs_token_json(const struct situs_token *x, char *text, size_t size)
{
    struct wr w = wr_new(text, size ? size - 1 : 0);
    struct json_out o = json_out_new(&w, false);
    struct situs_err why;
    uint8_t hash[32];
    bool refused = situs_token_error(x, &why);
    json_out_object(&o);
    json_out_pair_bool(&o, "holds", !refused);
    json_out_pair_num(&o, "exit", situs_token_exit(x));
    json_out_pair_string(&o, "situs_version", situs_version());
    json_out_name(&o, "at");
    if (x)
        json_out_string(&o, TEXT_TIME(x->asked.at));
    else
        json_out_null(&o);
    json_out_name(&o, "token_sha256");
    if (x && x->asked.token.size && digest(HASH_SHA256, item_span(x->asked.token), hash))
        json_out_hex(&o, SPAN_ARR(hash));
    else
        json_out_null(&o);
    json_out_name(&o, "claims");
    if (x && x->is_signed && x->ear.issuer)
        json_claims(&o, &x->ear);
    else
        json_out_null(&o);
    json_out_name(&o, "error");
    if (refused)
        json_error(&o, &why);
    else
        json_out_null(&o);
    json_out_close(&o);
    json_out_end(&o);
    return report_finish(&w, text, size);
}

/* The required proofs, with commas. */
static void required(const struct situs_token *x, char *text, size_t size)
{
    struct wr w = wr_new(text, size - 1);
    for (unsigned proof = PROOF_GENUINE; proof <= PROOF_ALL; proof <<= 1)
        if (x->required & proof)
            wr_format(&w, "%s%s", w.n ? ", " : "", proof_name(proof));
    text[wr_ok(&w) ? w.n : 0] = 0;
}

static void verdict(struct page *p, const struct situs_token *x, const struct situs_err *why)
{
    char words[32], text[400], named[160];
    if (situs_token_holds(x)) {
        required(x, named, sizeof named);
        snprintf(text, sizeof text, ": %s, by the word of %s", named,
                 TEXT_CUT(span_text(x->ear.issuer)));
        page_verdict(p, true, "HOLDS", text);
        return;
    }
    snprintf(words, sizeof words, "REFUSED (exit %d)", situs_token_exit(x));
    snprintf(text, sizeof text, ": %s%s%s: %s", why->part, *why->part && *why->field ? "." : "",
             why->field, situs_code_name(why->code));
    page_verdict(p, false, words, text);
}

/* Whom that rests on, for whom it counts, until when. */
static void details(struct page *p, const struct situs_token *x)
{
    const struct ear *e = &x->ear;
    char text[400];
    snprintf(text, sizeof text, "%s: %s", TEXT_TIME(x->asked.at), x->name);
    page_entry(p, "at", text, 1);
    if (!situs_token_holds(x))
        return;
    snprintf(text, sizeof text, "%s: its service, its key; nothing was measured here",
             TEXT_CUT(span_text(e->issuer)));
    page_entry(p, "you trust", text, 2);
    snprintf(text, sizeof text, "%s, SHA-256 %s", TEXT_CUT(span_text(e->policy_name)),
             TEXT_HEX(SPAN_ARR(e->policy)));
    page_entry(p, "policy", text, 2);
    page_entry(p, "key",
               x->asked.channel.size ? "the peer's is the token's"
                                     : "whoever holds the token may use it (bearer)",
               1);
    snprintf(text, sizeof text, "%s (%s)", TEXT_TIME(e->expires),
             report_left((char[32]){0}, e->expires - x->asked.at));
    page_entry(p, "until", text, 1);
    if (e->judges < 2)
        page_entry(p, "note", "one judge alone gave this answer", 1);
    else if (e->builds < 2)
        page_entry(p, "note", "the two judges that gave this answer were of one build", 1);
    if (strcmp(e->challenger, "verifier") != 0)
        page_entry(p, "note", "the relying party chose the nonce of the evidence", 1);
    if (!x->asked.nonce.size)
        page_entry(p, "not asked", "whether it answers a challenge of yours (--nonce)", 1);
}

size_t situs_token_brief(const struct situs_token *x, bool colour, char *text, size_t size)
{
    struct report out;
    struct page *p = report_begin(&out, colour, false, text, size);
    struct situs_err why;
    bool refused = situs_token_error(x, &why);
    verdict(p, x, &why);
    if (refused)
        page_reason(p, &why);
    if (x)
        details(p, x);
    return report_end(&out);
}
