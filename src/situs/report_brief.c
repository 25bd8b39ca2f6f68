/* The answer: what a person wants to know, on one screen; see report.h. */
#include "appraise/verdict.h"
#include "base/text.h"
#include "base/time.h"
#include "model/trust_places.h"
#include "situs/door.h"
#include "situs/report.h"

#include <stdio.h>

#define NAME_MAX_SIZE 100 /* of one name in the sentence, with its zero byte */
#define LINE_MAX_SIZE 512
#define DAY 86400
#define NAME_LEAST 8 /* letters that are left of a name, before the sentence itself is cut */

char *report_verdict(char buffer[48], const struct situs_result *r)
{
    struct wr w = wr_new(buffer, 47);
    if (situs_result_trusted(r))
        wr_text(&w, "TRUSTED");
    else
        wr_format(&w, "REFUSED (exit %d)", situs_result_exit(r));
    if (situs_result_simulated(r))
        wr_text(&w, ", SIMULATED");
    buffer[w.n] = 0;
    return buffer;
}

/* add writes words before a claim's text, of which at most so many letters; nothing without it. */
static bool add(struct wr *w, const struct situs_result *r, const char *before, const char *claim,
                size_t most)
{
    char text[NAME_MAX_SIZE * 12]; /* an owner is at most 1024 bytes */
    if (!situs_result_claim(r, claim, text, sizeof text))
        return false;
    size_t n = strlen(text);
    wr_format(w, "%s%.*s%s", before, (int)(n > most ? most : n), text, n > most ? ".." : "");
    return true;
}

/* called writes the name for people that the trust file has for a facility, by its own word; false: none. */
static bool called(struct wr *w, const struct situs_result *r, enum instance in, enum claim_id id,
                   size_t most)
{
    const struct claims *set = &r->result.claims[in];
    const struct claim *c = claims_get(set, id);
    const struct trust_place *place =
        c ? trust_place(door_trust(r->asked.trust), set->authority, c->bytes) : NULL;
    size_t n = place ? strlen(place->name) : 0;
    if (place)
        wr_format(w, " at %.*s%s", (int)(n > most ? most : n), place->name, n > most ? ".." : "");
    return place;
}

/* Who says where a machine is, which, and whose, and the proofs that tie the word to this one: where
 * a TPM's certificate is from is where that TPM is, which another machine may lend. */
struct word {
    unsigned proofs;
    const char *before, *claim;
    enum instance in;
    enum claim_id place; /* what the trust file may have a name for; CLAIM_COUNT: nothing */
};
#define NO_PLACE INSTANCE_COUNT, CLAIM_COUNT
static const struct word places[] = {
    {PROOFS_BOUND, " at ", "tpm.platform.facility", INSTANCE_PLATFORM, CLAIM_FACILITY},
    {PROOFS_BOUND, " at ", "tpm.guest.facility", INSTANCE_GUEST, CLAIM_FACILITY},
    {PROOFS_BOUND, " in zone ", "tpm.guest.gce_zone", INSTANCE_GUEST, CLAIM_GCE_ZONE},
    {PROOF_LISTED, " at ", "list.facility", INSTANCE_LIST, CLAIM_FACILITY},
    {PROOFS_BOUND, " at ", "tpm.guest.ak_provider", NO_PLACE},
    {0, NULL, NULL, NO_PLACE}};
static const struct word machines[] = {
    {PROOFS_BOUND, ", machine ", "tpm.platform.machine", NO_PLACE},
    {PROOFS_BOUND, ", machine ", "tpm.guest.machine", NO_PLACE},
    {0, NULL, NULL, NO_PLACE}};
static const struct word owners[] = {{PROOF_OWNED, ", owned by ", "poe.owner", NO_PLACE},
                                     {PROOF_LISTED, ", of ", "list.owner", NO_PLACE},
                                     {0, NULL, NULL, NO_PLACE}};

static void add_first(struct wr *w, const struct situs_result *r, const struct word *of,
                      unsigned held, size_t most)
{
    for (; of->claim; of++)
        if (of->proofs & held &&
            ((of->place != CLAIM_COUNT && called(w, r, of->in, of->place, most)) ||
             add(w, r, of->before, of->claim, most)))
            return;
}

/* held: the proofs whose words are said. */
static void add_place(struct wr *w, const struct situs_result *r, unsigned held, size_t most)
{
    add_first(w, r, places, held, most);
    add_first(w, r, machines, held, most);
    add_first(w, r, owners, held, most);
}

static void add_subject(struct wr *w, const struct situs_result *r, size_t most)
{
    const char *image = situs_result_image(r, 0);
    const struct tee_row *tee = tee_row(r->result.tee);
    if (image)
        wr_format(w, "image %.*s%s", (int)most, image, strlen(image) > most ? ".." : "");
    else
        wr_text(w, tee ? tee->what : "a TD");
}

static bool asks_live(const struct situs_result *r)
{
    struct situs_proof p;
    bool live = false;
    for (size_t i = 0; situs_result_proof(r, i, &p); i++)
        live |= p.required && strcmp(p.name, "genuine") != 0;
    return live;
}

static void say_trusted(struct wr *w, const struct situs_result *r, size_t most)
{
    if (!asks_live(r)) {
        wr_text(w, "a genuine quote of ");
        add_subject(w, r, most);
        wr_text(w, "; not asked: when, where, whose");
        return;
    }
    add_subject(w, r, most);
    wr_text(w, " runs now");
    add_place(w, r, r->result.held, most);
}

static void say_refused(struct wr *w, const struct situs_result *r)
{
    struct situs_error e;
    if (situs_result_held_as_of(r))
        wr_format(w, "was trusted as of %s", TEXT_TIME(r->asked.at));
    else if (!situs_result_reason(r, &e))
        wr_text(w, "nothing can be said");
    else if (e.check && e.outcome == SITUS_FAIL)
        wr_format(w, "%s failed: %s", e.check, situs_code_name(e.why.code));
    else if (e.check)
        wr_format(w, "%s did not run, and is needed", e.check);
    else if (r->result.err.code == SITUS_NONE)
        wr_format(w, "%s does not hold: %s", e.why.expected, e.why.got);
    else
        wr_format(w, "%s: %s",
                  r->result.err_in_collateral ? "nothing was appraised"
                  : r->result.err_in_request  ? "the request cannot be appraised"
                                              : "the evidence does not read",
                  situs_code_name(e.why.code));
}

void report_sentence(const struct situs_result *r, size_t columns, struct wr *w)
{
    for (size_t most = NAME_MAX_SIZE;; most = most > 16 ? most - 8 : most - 1) {
        char text[LINE_MAX_SIZE * 8];
        struct wr one = wr_new(text, sizeof text);
        if (situs_result_trusted(r))
            say_trusted(&one, r, columns ? most : LINE_MAX_SIZE * 4);
        else
            say_refused(&one, r);
        if (columns && one.n > columns && most > NAME_LEAST)
            continue;
        wr_bytes(w, wr_span(&one));
        return;
    }
}

static void verdict(struct page *p, const struct situs_result *r)
{
    char words[48], rest[LINE_MAX_SIZE * 8] = ": ";
    struct wr w = wr_new(rest + 2, sizeof rest - 3);
    report_verdict(words, r);
    report_sentence(r, p->whole ? 0 : PAGE_COLUMNS - 2 - strlen(words), &w);
    rest[2 + (wr_ok(&w) ? w.n : w.size)] = 0;
    page_verdict(p, situs_result_trusted(r), words, rest);
}

/* How many more reasons of that kind refuse it; what could not run since another failed is none. */
static size_t others(const struct situs_result *r, enum situs_outcome of)
{
    struct situs_error e;
    size_t n = 0;
    for (size_t i = 0; situs_result_error(r, i, &e) && e.refuses; i++)
        n += e.outcome == of;
    return n ? n - 1 : 0;
}

static void reason(struct page *p, const struct situs_result *r)
{
    struct situs_error e;
    char text[80];
    if (situs_result_trusted(r) || !situs_result_reason(r, &e))
        return;
    if (e.outcome == SITUS_NOT_RUN)
        e.why.part[0] = 0; /* the row, which line 1 names */
    page_reason(p, &e.why);
    size_t more = situs_result_held_as_of(r) ? 0 : others(r, e.outcome);
    snprintf(text, sizeof text, "%zu more reason%s against it: --all", more, more == 1 ? "" : "s");
    if (more && !p->whole)
        page_entry(p, "  and", text, 1);
}

/* Of a result that was trusted once the proofs that held then; of another all, since it is refused. */
static unsigned held_then(const struct situs_result *r)
{
    unsigned held = 0;
    for (unsigned proof = 1; proof <= PROOF_ALL; proof <<= 1)
        held |= verdict_rows(&r->result, proof) ? proof : 0;
    return situs_result_held_as_of(r) ? held : PROOF_ALL;
}

/* Who and what a refused result is about, as far as somebody with authority says so. */
static void about(struct page *p, const struct situs_result *r)
{
    char text[LINE_MAX_SIZE * 8];
    struct wr w = wr_new(text, sizeof text - 1);
    if (situs_result_trusted(r) || !r->result.claims[INSTANCE_TEE].authority)
        return;
    add_subject(&w, r, NAME_MAX_SIZE);
    add_place(&w, r, held_then(r), NAME_MAX_SIZE);
    text[wr_ok(&w) ? w.n : 0] = 0;
    page_entry(p, "about", text, 1);
}

static void judged(struct page *p, const struct situs_result *r)
{
    char text[LINE_MAX_SIZE];
    const char *policy = r->result.policy->name;
    const struct situs_request *q = &r->asked;
    size_t n = strlen(policy), most = 40;
    snprintf(text, sizeof text, "%s by policy %s%s", TEXT_TIME(r->result.at),
             n > most && !p->whole ? ".." : "", n > most && !p->whole ? policy + n - most : policy);
    page_entry(p, r->result.archived ? "as of" : "at", text, 1);
    if (r->result.round_trip_us <= 0)
        return;
    snprintf(text, sizeof text, "%s %lld.%lld ms: advisory, honest answers can be slow",
             q->round_trips.n ? "slowest round trip" : "round trip",
             (long long)(r->result.round_trip_us / 1000),
             (long long)(r->result.round_trip_us / 100 % 10));
    page_entry(p, "", text, 1);
}

static const char *why_else(const struct situs_result *r, const struct situs_error *e)
{
    return r->result.err.code != SITUS_NONE ? "nothing was read" : e->why.hint;
}

/* One row that is against a proof, of several the k-th. */
static void against(struct wr *w, const struct situs_result *r, const struct situs_error *e,
                    size_t k)
{
    wr_format(w, "%s%s%s", k ? "; " : "", e->check ? e->check : why_else(r, e),
              !e->check                  ? ""
              : e->outcome == SITUS_FAIL ? " failed"
                                         : " not run");
}

#define MORE_SIZE 10 /* of "; 99 more" */

/* What decided a proof: all of its rows, or those that are against it, as many as fit, and how many
 * more. */
static void decided(struct wr *w, const struct situs_result *r, size_t i,
                    const struct situs_proof *proof, size_t columns)
{
    struct situs_check c;
    struct situs_error e;
    size_t rows = 0;
    for (size_t k = 0; situs_result_check(r, k, &c); k++)
        rows += c.proofs >> i & 1;
    if (proof->holds) {
        wr_format(w, "holds: all %zu checks pass", rows);
        return;
    }
    wr_text(w, proof->held_as_of ? "held then, not now" : "no: ");
    if (proof->held_as_of)
        return;
    size_t n = 0, k = 0;
    while (situs_result_proof_error(r, i, n, &e))
        n++;
    for (; k < n && situs_result_proof_error(r, i, k, &e); k++) {
        size_t before = w->n;
        against(w, r, &e, k);
        if (k > 0 && w->n + (k + 1 < n ? MORE_SIZE : 0) > columns) {
            w->n = before;
            break;
        }
    }
    if (k < n)
        wr_format(w, "; %zu more", n - k);
}

static void asked(struct page *p, const struct situs_result *r)
{
    struct situs_proof proof;
    const char *label = "asked";
    for (size_t i = 0; situs_result_proof(r, i, &proof); i++) {
        char text[LINE_MAX_SIZE * 4];
        struct wr w = wr_new(text, sizeof text - 1);
        if (!proof.required)
            continue;
        wr_format(&w, "%-13s ", proof.name);
        decided(&w, r, i, &proof, p->whole ? SIZE_MAX : PAGE_COLUMNS - PAGE_INDENT);
        text[wr_ok(&w) ? w.n : w.size] = 0;
        page_entry(p, label, text, 1);
        label = "";
    }
}

/* The proofs that are required, as bits of situs_result_proof. */
static uint64_t required(const struct situs_result *r)
{
    struct situs_proof p;
    uint64_t bits = 0;
    for (size_t i = 0; situs_result_proof(r, i, &p); i++)
        bits |= (uint64_t)p.required << i;
    return bits;
}

static void trusts(struct page *p, const struct situs_result *r)
{
    struct situs_party party;
    const char *label = "you trust";
    uint64_t asked_for = required(r);
    for (size_t i = 0; situs_result_party(r, i, &party); i++) {
        char text[LINE_MAX_SIZE], name[NAME_MAX_SIZE];
        text_cut(name, sizeof name, span_text(party.name ? party.name : ""));
        size_t n = strlen(name), most = p->whole ? sizeof name : 28;
        if (!(party.proofs & asked_for))
            continue;
        snprintf(text, sizeof text, "%.*s%s%s%s", (int)most, name, n > most ? ".." : "",
                 n ? ": " : "", party.sentence);
        page_entry(p, label, text, p->left > 12 ? 2 : 1); /* the others need a line each */
        label = "";
    }
}

/* How long: days, or what is left of the last two. */
const char *report_left(char buffer[32], int64_t seconds)
{
    int64_t n = seconds / DAY;
    const char *unit = "day";
    if (n < 2) {
        n = seconds / 3600 >= 2 ? seconds / 3600 : seconds / 60;
        unit = seconds / 3600 >= 2 ? "hour" : "minute";
    }
    snprintf(buffer, 32, "%lld %s%s", (long long)n, unit, n == 1 ? "" : "s");
    return buffer;
}

static void until(struct page *p, const struct situs_result *r)
{
    char text[LINE_MAX_SIZE];
    const char *what;
    int64_t at;
    if (!situs_result_trusted(r) || !situs_result_until(r, &at, &what))
        return;
    snprintf(text, sizeof text, "%s (%s): %s ends first", TEXT_TIME(at),
             report_left((char[32]){0}, at - r->result.at), what);
    page_entry(p, "until", text, 1);
}

bool situs_result_warning(const struct situs_result *r, char *text, size_t size)
{
    const char *what;
    int64_t end;
    if (!situs_result_trusted(r) || !size || !situs_result_until(r, &end, &what))
        return false;
    int64_t left = end - r->asked.at;
    if ((uint64_t)left / DAY >= r->asked.warn_days)
        return false;
    struct wr w = wr_new(text, size - 1);
    wr_format(&w, "%s ends in %s, at %s", what, report_left((char[32]){0}, left), TEXT_TIME(end));
    return report_finish(&w, text, size) < size;
}

/* Notes, but for those that the parties above repeat; a line stays for what was not asked. */
static void notes(struct page *p, const struct situs_result *r)
{
    const char *note;
    for (size_t i = 0; (note = situs_result_note(r, i)) != NULL; i++) {
        bool said = r->result.said_notes >> i & 1;
        if ((!said || p->whole) && (p->whole || p->left > 1))
            page_entry(p, "note", note, p->left > 1 ? p->left - 1 : 1);
    }
}

static void not_asked(struct page *p, const struct situs_result *r)
{
    struct situs_proof proof;
    char text[LINE_MAX_SIZE];
    struct wr w = wr_new(text, sizeof text - 1);
    bool metal = r->result.policy->scenario == SCENARIO_BARE_METAL;
    for (size_t i = 0; situs_result_proof(r, i, &proof); i++) {
        bool host = strcmp(proof.name, "host-measured") == 0 ||
                    strcmp(proof.name, "co-located") == 0; /* of bare metal alone */
        if (!proof.required && (metal || !host))
            wr_format(&w, "%s%s%s", w.n ? ", " : "", proof.name, proof.holds ? " (holds)" : "");
    }
    text[w.n] = 0;
    page_entry(p, "not asked", text, 1);
}

void report_brief(const struct situs_result *r, struct page *p)
{
    verdict(p, r);
    reason(p, r);
    about(p, r);
    judged(p, r);
    asked(p, r);
    trusts(p, r);
    until(p, r);
    notes(p, r);
    not_asked(p, r);
}

size_t situs_result_brief(const struct situs_result *r, bool colour, char *text, size_t size)
{
    struct report out;
    report_brief(r, report_begin(&out, colour, false, text, size));
    return report_end(&out);
}
