/* The alliance's whitelist; see alliance.h. */
#include "base/limits.h"
#include "base/text.h"
#include "endorse/registry/alliance.h"

#include <stdio.h>

static const struct anchor party = {.name = "Proof of Cloud alliance, by an unsigned list",
                                    .uses = ANCHOR_LIST};

/* What the scan is after, and what it found. */
struct scan {
    struct span wanted[LISTING_KIND_COUNT]; /* the machine's ids; empty: none of that kind */
    size_t line, ids, matches;
    enum listing_kind kind, matched; /* of this line's id, of the machine's */
    struct span entry, label;
    struct situs_err *err;
};

static bool malformed(struct scan *s, enum situs_code code, const char *expected, const char *got,
                      const char *hint)
{
    char field[32];
    snprintf(field, sizeof field, "line %zu", s->line);
    err_fail(s->err, code, ALLIANCE_CSV_PART, field, SITUS_NO_OFFSET, expected, got);
    return hint && err_hint(s->err, hint);
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
    s->ids++;
    struct span wanted = s->wanted[s->kind];
    if (!text_hex_read(bytes, listing_kind_size(s->kind), id) ||
        !span_equal(wanted, span_of(bytes, listing_kind_size(s->kind))))
        return true;
    if (s->matches++)
        return malformed(s, SITUS_DUPLICATE, "each id once", "the machine's id again", NULL);
    s->entry = wanted;
    s->label = label.n ? label : SPAN_LIT("unlabeled");
    s->matched = s->kind;
    return true;
}

static bool read_lines(struct scan *s, struct span csv)
{
    if (csv.n > LIMIT_LIST)
        return err_fail(s->err, SITUS_TOO_LONG, ALLIANCE_CSV_PART, "csv", SITUS_NO_OFFSET,
                        TEXT_BYTES(LIMIT_LIST), TEXT_BYTES(csv.n));
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

bool alliance_csv_is(struct span csv)
{
    while (csv.n) {
        const uint8_t *end = memchr(csv.p, '\n', csv.n);
        size_t n = end ? (size_t)(end - csv.p) : csv.n;
        struct span line = trim(span_cut(csv, 0, n));
        if (line.n && line.p[0] != '#') {
            const uint8_t *comma = memchr(line.p, ',', line.n);
            return all_hex(trim(span_cut(line, 0, comma ? (size_t)(comma - line.p) : line.n)));
        }
        n += end != NULL;
        csv = span_cut(csv, n, csv.n - n);
    }
    return false;
}

bool alliance_csv_read(struct span csv, struct situs_err *err)
{
    struct scan s = {.err = err};
    if (!read_lines(&s, csv))
        return false;
    return s.ids || malformed(&s, SITUS_MISSING, "at least one id", "none", NULL);
}

static void decide_match(const struct scan *s, const struct question *q, struct answer *out)
{
    if (s->matches == 0) {
        answer_fail(out, CHECK_LIST_MATCH, SITUS_MISMATCH, "ids", "the machine's whole id",
                    "a list without it", "the alliance's list does not hold this machine");
        return;
    }
    claim_bytes(&out->claims, CLAIM_OWNER, s->label);
    claim_bytes(&out->claims, CLAIM_LIST_ENTRY, s->entry);
    claim_bytes(&out->claims, CLAIM_LIST_KIND, span_text(listing_kind_name(s->matched)));
    if (listing_decide_denied(out, q, s->entry))
        finding_pass(&out->findings, CHECK_LIST_MATCH);
}

void alliance_csv_answer(struct span csv, const struct question *q, struct answer *out)
{
    struct situs_err err = {0};
    struct scan s = {.err = &err};
    answer_begin(out, &listing_family, q, ALLIANCE_CSV_PART);
    if (!listing_accepts(out, q, "alliance-csv"))
        return;
    for (unsigned k = 0; k < LISTING_KIND_COUNT; k++)
        s.wanted[k] = listing_id(q, (enum listing_kind)k);
    if (!read_lines(&s, csv)) {
        finding_fail_err(&out->findings, CHECK_LIST_SIGNATURE, &err);
        return;
    }
    claim_bytes(&out->claims, CLAIM_ISSUER, span_text(party.name));
    answer_note(out, "the alliance's list is not signed, dated or numbered: it is worth what the "
                     "way it reached you is worth, and its label is free text");
    answer_note(out, "the alliance's list comes from one private repository; its members vouch for "
                     "the software, not for each line");
    finding_pass(&out->findings, CHECK_LIST_SIGNATURE);
    finding_pass(&out->findings, CHECK_LIST_WINDOW);
    finding_pass(&out->findings, CHECK_LIST_ROLLBACK);
    decide_match(&s, q, out);
    listing_end(out, &party);
}

static bool is_csv(const char *name, struct span in)
{
    (void)name;
    return alliance_csv_is(in);
}

static bool read_csv(struct endorsement *e, struct arena *a, struct situs_err *err)
{
    (void)a;
    return alliance_csv_read(e->bytes, err);
}

static void answer_csv(const struct endorsement *e, const struct question *q, struct answer *x)
{
    alliance_csv_answer(e->bytes, q, x);
}

const struct endorsement_does alliance_csv_endorsement = {
    .is = is_csv, .read = read_csv, .family = &listing_family, .answer = answer_csv};
