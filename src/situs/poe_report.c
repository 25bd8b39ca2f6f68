/* The reports of an endorsement that was asked alone (situs-poe(1)). */
#include "base/text.h"
#include "base/time.h"
#include "codec/json_out.h"
#include "crypto/digest.h"
#include "situs/poe_alone.h"
#include "situs/report.h"

#include <stdio.h>

#define OWNER_MAX 1100 /* an owner is at most 1024 bytes */
#define NAME_MOST 44   /* letters of the endorsement's name, behind the time */

static const enum claim_id shown[] = {CLAIM_OWNER,          CLAIM_ISSUER,         CLAIM_ISS,
                                      CLAIM_PIID,           CLAIM_NOT_BEFORE,     CLAIM_NOT_AFTER,
                                      CLAIM_REFRESH_URI,    CLAIM_ENDORSEMENT_ID, CLAIM_TAG_ID,
                                      CLAIM_REVOCATION_SEEN};
#define SHOWN (sizeof shown / sizeof *shown)

bool situs_poe_claim(const struct situs_poe *x, const char *name, char *text, size_t size)
{
    for (size_t i = 0; x && size && i < SHOWN; i++) {
        if (!claims_get(&x->claims, shown[i]) || strcmp(claim_row(shown[i])->name, name) != 0)
            continue;
        struct wr w = wr_new(text, size - 1);
        report_claim(&x->claims.v[shown[i]], claim_row(shown[i])->type, &w);
        text[wr_ok(&w) ? w.n : 0] = 0;
        return wr_ok(&w);
    }
    return false;
}

bool situs_poe_reason(const struct situs_poe *x, struct situs_error *out)
{
    struct situs_error e;
    bool found = situs_poe_error(x, 0, out) && out->refuses;
    for (size_t i = 0; situs_poe_error(x, i, &e); i++)
        if (e.refuses && e.outcome == SITUS_FAIL) {
            *out = e;
            return true;
        }
    return found;
}

static bool asks(const struct situs_poe *x, enum check c)
{
    for (size_t i = 0; i < POE_ROWS; i++)
        if (poe_row(i) == c)
            return x->asked[i];
    return false;
}

/* note is what an endorsement that holds does not say; NULL: nothing. */
static const char *note(const struct situs_poe *x)
{
    return !asks(x, CHECK_POE_REVOKED) && situs_poe_holds(x)
               ? "not asked whether the issuer took it back: give his revocation list"
               : NULL;
}

/* What ends first of what it rests on. */
static bool until(const struct situs_poe *x, int64_t *at, const char **what)
{
    *what = NULL;
    for (size_t i = 0; situs_poe_holds(x) && i < POE_ROWS; i++) {
        const struct finding *f = &x->findings.v[poe_row(i)];
        if (!f->ends || !x->asked[i] || (*what && *at <= f->until))
            continue;
        *at = f->until;
        *what = f->ends;
    }
    return *what != NULL;
}

static void json_hash(struct json_out *o, const char *name, const uint8_t *sha256)
{
    json_out_name(o, name);
    if (sha256)
        json_out_hex(o, span_of(sha256, 32));
    else
        json_out_null(o);
}

static void json_inputs(struct json_out *o, const struct situs_poe *x)
{
    uint8_t hash[32];
    const struct situs_trust *trust = x->asked_for.trust;
    bool own = trust && trust != situs_trust_builtin();
    json_out_pair_string(o, "situs_version", situs_version());
    json_out_pair_string(o, "at", TEXT_TIME(x->asked_for.at));
    json_hash(o, "poe_sha256",
              digest(HASH_SHA256, item_span(x->asked_for.poe), hash) ? hash : NULL);
    json_hash(o, "trust_sha256", own ? trust->trust.sha256 : NULL);
}

static void json_reason(struct json_out *o, const struct situs_err *why)
{
    json_out_pair_string(o, "code", err_code_name(why->code));
    json_out_pair_string(o, "field", why->field);
    json_out_pair_string(o, "expected", why->expected);
    json_out_pair_string(o, "got", why->got);
    json_out_pair_string(o, "hint", why->hint);
}

size_t situs_poe_json(const struct situs_poe *x, char *text, size_t size)
{
    static const char *const words[] = {"not-run", "pass", "fail"};
    struct wr w = wr_new(text, size ? size - 1 : 0);
    struct json_out o = json_out_new(&w, false);
    struct situs_error e;
    json_out_object(&o);
    json_out_pair_bool(&o, "holds", situs_poe_holds(x));
    json_out_pair_num(&o, "exit", situs_poe_exit(x));
    json_out_pair_bool(&o, "simulated", situs_poe_simulated(x));
    for (size_t i = 0; i < POE_ROWS; i++)
        json_out_pair_string(&o, check_row(poe_row(i))->id,
                             words[x->findings.v[poe_row(i)].outcome]);
    if (situs_poe_reason(x, &e))
        json_reason(&o, &e.why);
    json_inputs(&o, x);
    if (x->claims.authority)
        json_out_pair_string(&o, "anchor", x->claims.authority->name);
    for (size_t i = 0; i < SHOWN; i++)
        if (claims_get(&x->claims, shown[i])) {
            json_out_name(&o, claim_row(shown[i])->name);
            report_claim_json(&x->claims.v[shown[i]], claim_row(shown[i])->type, &o);
        }
    json_out_name(&o, "notes");
    json_out_array(&o);
    if (note(x))
        json_out_string(&o, note(x));
    json_out_close(&o);
    json_out_close(&o);
    json_out_end(&o);
    return report_finish(&w, text, size);
}

static void sentence(const struct situs_poe *x, char *text, size_t size)
{
    char owner[OWNER_MAX] = "nobody";
    struct situs_error e;
    if (situs_poe_holds(x) && situs_poe_claim(x, "owner", owner, sizeof owner))
        snprintf(text, size, ": owned by %s", owner);
    else if (!situs_poe_reason(x, &e))
        snprintf(text, size, ": nothing can be said");
    else if (!e.check)
        snprintf(text, size, ": %s: %s",
                 x->err_in_request ? "the request cannot be appraised"
                                   : "the endorsement does not read",
                 situs_code_name(e.why.code));
    else if (e.outcome == SITUS_FAIL)
        snprintf(text, size, ": %s failed: %s", e.check, situs_code_name(e.why.code));
    else
        snprintf(text, size, ": %s did not run, and is needed", e.check);
}

static void verdict(struct page *p, const struct situs_poe *x)
{
    char words[48], text[OWNER_MAX + 80];
    bool simulated = situs_poe_simulated(x);
    if (situs_poe_holds(x))
        snprintf(words, sizeof words, "HOLDS%s", simulated ? ", SIMULATED" : "");
    else
        snprintf(words, sizeof words, "REFUSED (exit %d)%s", situs_poe_exit(x),
                 simulated ? ", SIMULATED" : "");
    sentence(x, text, sizeof text);
    page_verdict(p, situs_poe_holds(x), words,
                 text_cut((char[sizeof text]){0}, sizeof text, span_text(text)));
}

/* Who says what, until when. */
static void details(struct page *p, const struct situs_poe *x)
{
    char text[OWNER_MAX];
    const char *ends;
    int64_t at;
    size_t n = strlen(x->name), most = p->whole ? n : NAME_MOST; /* its end says which file it is */
    snprintf(text, sizeof text, "%s: %s%s", TEXT_TIME(x->asked_for.at), n > most ? ".." : "",
             n > most ? x->name + n - most : x->name);
    page_entry(p, "at", text, 1);
    if (situs_poe_claim(x, "piid", text, sizeof text))
        page_entry(p, "platform", text, 1);
    if (situs_poe_claim(x, "issuer", text, sizeof text))
        page_entry(p, "issuer", text, 2);
    if (situs_poe_holds(x) && x->claims.authority) {
        snprintf(text, sizeof text, "%s: whose machine it is: inventory, speed",
                 x->claims.authority->name);
        page_entry(p, "you trust", text, 1);
    }
    if (until(x, &at, &ends)) {
        snprintf(text, sizeof text, "%s (%s): %s ends first", TEXT_TIME(at),
                 report_left((char[32]){0}, at - x->asked_for.at), ends);
        page_entry(p, "until", text, 2);
    }
    page_entry(p, "note", note(x) ? note(x) : "", 2);
}

static void not_asked(struct page *p, const struct situs_poe *x)
{
    char text[160];
    snprintf(text, sizeof text, "%s%swhether any machine is there",
             asks(x, CHECK_POE_MATCH) ? "" : "whose platform it is (--piid), ",
             asks(x, CHECK_POE_REVOKED) ? "" : "revocation (--revocations), ");
    page_entry(p, "not asked", text, 2);
}

static void brief(const struct situs_poe *x, struct page *p)
{
    struct situs_error e;
    verdict(p, x);
    if (situs_poe_reason(x, &e))
        page_reason(p, &e.why);
    details(p, x);
    not_asked(p, x);
}

size_t situs_poe_brief(const struct situs_poe *x, bool colour, char *text, size_t size)
{
    struct report out;
    brief(x, report_begin(&out, colour, false, text, size));
    return report_end(&out);
}

size_t situs_poe_text(const struct situs_poe *x, char *text, size_t size)
{
    struct report out;
    struct page *p = report_begin(&out, false, true, text, size);
    struct situs_check c;
    const struct claims *of = &x->claims;
    brief(x, p);
    wr_text(p->w, "\nchecks\n");
    for (size_t i = 0; situs_poe_check(x, i, &c); i++)
        report_check(p, &c);
    if (of->authority)
        wr_format(p->w, "\nclaims\n  %-16s %s%s\n", "anchor", of->authority->name,
                  of->authority->simulated ? " (simulated)" : "");
    for (size_t i = 0; i < SHOWN; i++)
        if (claims_get(of, shown[i])) {
            wr_format(p->w, "  %-16s ", claim_row(shown[i])->name);
            report_claim(&of->v[shown[i]], claim_row(shown[i])->type, p->w);
            wr_text(p->w, "\n");
        }
    return report_end(&out);
}
