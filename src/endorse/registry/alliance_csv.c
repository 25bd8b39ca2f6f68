/* The alliance's whitelist; see alliance.h. */
#include "base/limits.h"
#include "base/text.h"
#include "endorse/registry/alliance.h"

#include <stdio.h>

static const struct anchor party = {.name = "Proof of Cloud alliance, by an unsigned list",
                                    .uses = ANCHOR_LIST};

/* What the scan is after, and what it found. */
struct scan {
    struct listing *out;
    const struct listing_question *q;
    size_t line, matches;
    enum listing_kind kind;
    struct span entry, label;
};

static bool malformed(struct scan *s, enum situs_code code, const char *expected, const char *got,
                      const char *hint)
{
    char field[32];
    snprintf(field, sizeof field, "line %zu", s->line);
    return listing_fail(s->out, CHECK_LIST_SIGNATURE, code, field, expected, got, hint);
}

static struct span trim(struct span s)
{
    while (s.n && (s.p[0] == ' ' || s.p[0] == '\t')) {
        s.p++;
        s.n--;
    }
    while (s.n && strchr(" \t\r", s.p[s.n - 1]) && s.p[s.n - 1])
        s.n--;
    return s;
}

static bool all_hex(struct span s)
{
    for (size_t i = 0; i < s.n; i++)
        if (!s.p[i] || !strchr("0123456789abcdefABCDEF", s.p[i]))
            return false;
    return s.n > 0;
}

/* A short id would stand for every machine whose id begins with it, an empty one for all. */
static bool read_kind(struct scan *s, struct span id)
{
    for (unsigned k = 0; k < LISTING_KIND_COUNT; k++) {
        s->kind = (enum listing_kind)k;
        if (all_hex(id) && id.n == 2 * listing_kind_size(s->kind))
            return true;
    }
    const char *hint = "take the line out: the ids that the alliance's servers match by prefix or "
                       "hash from certificates with their TCB are not read";
    return malformed(s, SITUS_MALFORMED, "a whole id: 32 or 128 hex digits", TEXT_CUT(id), hint);
}

static bool read_line(struct scan *s, struct span line)
{
    uint8_t bytes[64];
    line = trim(line);
    if (line.n == 0 || line.p[0] == '#')
        return true;
    const uint8_t *comma = memchr(line.p, ',', line.n);
    size_t n = comma ? (size_t)(comma - line.p) : line.n;
    struct span id = trim(span_cut(line, 0, n));
    struct span label = comma ? trim(span_cut(line, n + 1, line.n - n - 1)) : span_of(NULL, 0);
    if (label.n && memchr(label.p, ',', label.n))
        return malformed(s, SITUS_UNSUPPORTED, "an id and a label", "more columns", NULL);
    if (label.n > LIMIT_LIST_TEXT || !text_utf8(label))
        return malformed(s, SITUS_MALFORMED, "a label of at most 1024 bytes of UTF-8", "another",
                         NULL);
    if (!read_kind(s, id))
        return false;
    struct span wanted = listing_id(s->q, s->kind);
    if (!text_hex_read(bytes, listing_kind_size(s->kind), id) ||
        !span_equal(wanted, span_of(bytes, listing_kind_size(s->kind))))
        return true;
    if (s->matches++)
        return malformed(s, SITUS_DUPLICATE, "each id once", "the machine's id again", NULL);
    s->entry = wanted;
    s->label = label.n ? label : SPAN_LIT("unlabeled");
    claim_bytes(&s->out->claims, CLAIM_LIST_KIND, span_text(listing_kind_name(s->kind)));
    return true;
}

static bool read_lines(struct scan *s, struct span csv)
{
    while (csv.n) {
        const uint8_t *end = memchr(csv.p, '\n', csv.n);
        size_t n = end ? (size_t)(end - csv.p) : csv.n;
        s->line++;
        if (!read_line(s, span_cut(csv, 0, n)))
            return false;
        n += end != NULL;
        csv = span_cut(csv, n, csv.n - n);
    }
    return true;
}

static void decide_match(struct scan *s)
{
    if (s->matches == 0) {
        listing_fail(s->out, CHECK_LIST_MATCH, SITUS_MISMATCH, "ids", "the machine's whole id",
                     "a list without it", "the alliance's list does not hold this machine");
        return;
    }
    claim_bytes(&s->out->claims, CLAIM_OWNER, s->label);
    claim_bytes(&s->out->claims, CLAIM_LIST_ENTRY, s->entry);
    if (listing_decide_denied(s->out, s->q, s->entry))
        finding_pass(&s->out->findings, CHECK_LIST_MATCH);
}

void alliance_csv_answer(struct span csv, const struct listing_question *q, struct listing *out)
{
    listing_begin(out, q, ALLIANCE_CSV_PART);
    struct scan s = {.out = out, .q = q};
    if (!listing_accepts(out, q, "alliance-csv"))
        return;
    if (csv.n > LIMIT_LIST) {
        listing_fail(out, CHECK_LIST_SIGNATURE, SITUS_TOO_LONG, "csv", TEXT_BYTES(LIMIT_LIST),
                     TEXT_BYTES(csv.n), NULL);
        return;
    }
    if (!read_lines(&s, csv))
        return;
    claim_bytes(&out->claims, CLAIM_ISSUER, span_text(party.name));
    listing_note(out, "the alliance's list is not signed, dated or numbered: it is worth what the "
                      "way it reached you is worth, and its label is free text");
    listing_note(out,
                 "the alliance's list comes from one private repository; its members vouch for "
                 "the software, not for each line");
    finding_pass(&out->findings, CHECK_LIST_SIGNATURE);
    finding_pass(&out->findings, CHECK_LIST_WINDOW);
    finding_pass(&out->findings, CHECK_LIST_ROLLBACK);
    decide_match(&s);
    listing_end(out, &party);
}
