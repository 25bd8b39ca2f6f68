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
    size_t at;                /* of this line */
    struct alliance_line *to; /* the lines with ids are noted there; NULL: they are not */
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

/* The first bytes of an id: lines are looked up by them. */
static uint64_t first_of(struct span id)
{
    struct situs_err none = {0};
    struct rd r = rd_new(id, 0, "", &none);
    return rd_u64be(&r, "");
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
    struct span wanted = s->wanted[s->kind];
    bool hex = text_hex_read(bytes, listing_kind_size(s->kind), id);
    if (s->to)
        s->to[s->ids] = (struct alliance_line){first_of(span_of(bytes, 8)), (uint32_t)s->at};
    s->ids++;
    if (!hex || !span_equal(wanted, span_of(bytes, listing_kind_size(s->kind))))
        return true;
    if (s->matches++)
        return malformed(s, SITUS_DUPLICATE, "each id once", "the machine's id again", NULL);
    s->entry = wanted;
    s->label = label.n ? label : SPAN_LIT("unlabeled");
    s->matched = s->kind;
    return true;
}

/* The line at a place, without its end. */
static struct span line_at(struct span csv, size_t at)
{
    const uint8_t *end = memchr(csv.p + at, '\n', csv.n - at);
    return span_cut(csv, at, end ? (size_t)(end - csv.p) - at : csv.n - at);
}

static bool read_lines(struct scan *s, struct span csv)
{
    if (csv.n > LIMIT_LIST)
        return err_fail(s->err, SITUS_TOO_LONG, ALLIANCE_CSV_PART, "csv", SITUS_NO_OFFSET,
                        TEXT_BYTES(LIMIT_LIST), TEXT_BYTES(csv.n));
    s->line = s->ids = 0;
    for (s->at = 0; s->at < csv.n;) {
        struct span line = line_at(csv, s->at);
        s->line++;
        if (!read_line(s, line))
            return false;
        s->at += line.n + 1; /* and its end, where there is one */
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

static bool before(const struct alliance_line *a, const struct alliance_line *b)
{
    return a->first < b->first || (a->first == b->first && a->at < b->at);
}

/* Lets v[i] sink in the heap of n, whose top is the last. */
static void sink(struct alliance_line *v, size_t i, size_t n)
{
    for (size_t child = 2 * i + 1; child < n; child = 2 * i + 1) {
        child += child + 1 < n && before(&v[child], &v[child + 1]);
        if (!before(&v[i], &v[child]))
            return;
        struct alliance_line higher = v[child];
        v[child] = v[i];
        v[i] = higher;
        i = child;
    }
}

/* In place, and n log n whatever the order: the list is a stranger's. */
static void sort(struct alliance_line *v, size_t n)
{
    for (size_t i = n / 2; i-- > 0;)
        sink(v, i, n);
    for (size_t i = n; i-- > 1;) {
        struct alliance_line last = v[0];
        v[0] = v[i];
        v[i] = last;
        sink(v, 0, i);
    }
}

bool alliance_csv_read(struct alliance_csv *l, struct span csv, struct arena *a,
                       struct situs_err *err)
{
    struct scan s = {.err = err};
    *l = (struct alliance_csv){.csv = csv};
    if (!read_lines(&s, csv) ||
        (s.ids == 0 && !malformed(&s, SITUS_MISSING, "at least one id", "none", NULL)))
        return false;
    if (!a)
        return true;
    l->n = s.ids;
    s.to = l->lines = ARENA_ARRAY(a, l->n, struct alliance_line);
    if (!l->lines || !read_lines(&s, csv))
        return err_fail(err, SITUS_NO_MEMORY, ALLIANCE_CSV_PART, "memory", SITUS_NO_OFFSET, NULL,
                        NULL);
    sort(l->lines, l->n);
    return true;
}

/* The first line that is not before those of an id. */
static size_t search(const struct alliance_csv *l, uint64_t first)
{
    const struct alliance_line wanted = {first, 0};
    size_t low = 0, high = l->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (before(&l->lines[middle], &wanted))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

#define CANDIDATES 16 /* more of one beginning are no honest ids: the whole list is read */

/* Lines that may hold the machine's ids, in the list's order; false: too many. */
static bool candidates(const struct alliance_csv *l, const struct scan *s, size_t *at, size_t *n)
{
    *n = 0;
    for (size_t k = 0; k < LISTING_KIND_COUNT; k++) {
        if (s->wanted[k].n == 0)
            continue;
        uint64_t first = first_of(span_cut(s->wanted[k], 0, 8));
        for (size_t i = search(l, first); i < l->n && l->lines[i].first == first; i++) {
            size_t to = *n;
            if (*n == CANDIDATES)
                return false;
            for (; to > 0 && at[to - 1] > l->lines[i].at; to--)
                at[to] = at[to - 1];
            if (to > 0 && at[to - 1] == l->lines[i].at)
                return false; /* two ids that begin alike */
            at[to] = l->lines[i].at;
            ++*n;
        }
    }
    return true;
}

static size_t number_of(struct span csv, size_t at)
{
    size_t line = 1;
    for (size_t i = 0; i < at; i++)
        line += csv.p[i] == '\n';
    return line;
}

/* The same as reading all lines of a list that read before. */
static bool find(const struct alliance_csv *l, struct scan *s)
{
    size_t at[CANDIDATES], n;
    if (!l->lines || !candidates(l, s, at, &n))
        return read_lines(s, l->csv);
    for (size_t i = 0; i < n; i++) {
        s->line = s->matches ? number_of(l->csv, at[i]) : 0; /* said of a second one alone */
        if (!read_line(s, line_at(l->csv, at[i])))
            return false;
    }
    return true;
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

void alliance_csv_answer(const struct alliance_csv *l, const struct question *q, struct answer *out)
{
    struct situs_err err = {0};
    struct scan s = {.err = &err};
    answer_begin(out, &listing_family, q, ALLIANCE_CSV_PART);
    if (!listing_accepts(out, q, "alliance-csv"))
        return;
    for (unsigned k = 0; k < LISTING_KIND_COUNT; k++)
        s.wanted[k] = listing_id(q, (enum listing_kind)k);
    if (!find(l, &s)) {
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
    listing_end(out, q, &party);
}

static bool is_csv(const char *name, struct span in)
{
    (void)name;
    return alliance_csv_is(in);
}

static bool read_csv(struct endorsement *e, const struct trust *once, struct arena *a,
                     struct situs_err *err)
{
    struct alliance_csv *list = ARENA_NEW(a, struct alliance_csv);
    e->doc = list;
    return list ? alliance_csv_read(list, e->bytes, once ? a : NULL, err)
                : endorsement_no_memory(e, err);
}

static void answer_csv(const struct endorsement *e, const struct question *q, struct answer *x)
{
    alliance_csv_answer(e->doc, q, x);
}

const struct endorsement_does alliance_csv_endorsement = {
    .is = is_csv, .read = read_csv, .family = &listing_family, .answer = answer_csv};
