/* Tables as spreadsheets write them; see csv.h. */
#include "provider/fleet/csv.h"

#include "base/text.h"

#include <stdio.h>

static bool refuse(const struct csv *c, const char *column, const char *expected, const char *got,
                   const char *hint, struct situs_err *err)
{
    char field[80];
    snprintf(field, sizeof field, "line %zu.%s", c->line, column);
    err_fail(err, SITUS_MALFORMED, CSV_PART, field, SITUS_NO_OFFSET, expected,
             got ? TEXT_CUT(span_text(got)) : NULL);
    return err_hint(err, hint);
}

bool csv_refuse(const struct csv *c, const char *column, const char *expected, const char *got,
                struct situs_err *err)
{
    bool rounded = got && (strstr(got, "E+") || strstr(got, "e+"));
    return refuse(c, column, expected, got,
                  rounded ? "nothing was changed; a spreadsheet made a number of it: give the "
                            "column the format Text, and fill it in again"
                          : "nothing was changed; correct the line and give the whole file again",
                  err);
}

bool csv_at(const struct csv *c, struct situs_err *err)
{
    char field[80];
    snprintf(field, sizeof field, "line %zu.%.60s", c->line, err->field);
    memcpy(err->field, field, sizeof field);
    return false;
}

static bool starts(struct span s, const char *bytes, size_t n)
{
    return s.n >= n && memcmp(s.p, bytes, n) == 0;
}

static void skip(struct span *s, size_t n)
{
    *s = n < s->n ? span_cut(*s, n, s->n - n) : span_of(NULL, 0);
}

/* end is how many bytes of a line's end come next; 0: none. */
static size_t end(struct span s)
{
    return starts(s, "\r\n", 2) ? 2 : starts(s, "\n", 1) ? 1 : 0;
}

/* quoted reads a cell behind its first quote: two quotes are one, one is the end. */
static bool quoted(struct csv *c, char *cell, size_t *n, struct situs_err *err)
{
    while (c->rest.n && !end(c->rest)) {
        char byte = (char)c->rest.p[0];
        skip(&c->rest, 1);
        if (byte == '"' && !starts(c->rest, "\"", 1))
            return true;
        if (byte == '"')
            skip(&c->rest, 1);
        if (*n + 1 == CSV_CELL || byte == 0)
            return csv_refuse(c, "columns", "cells of text", byte ? "a longer one" : "a zero byte",
                              err);
        cell[(*n)++] = byte;
    }
    return csv_refuse(c, "columns", "a quote at the end of the cell", "a line's end before it",
                      err);
}

static bool plain(struct csv *c, char *cell, size_t *n, struct situs_err *err)
{
    while (c->rest.n && !end(c->rest) && c->rest.p[0] != c->separator) {
        if (*n + 1 == CSV_CELL || c->rest.p[0] == 0)
            return csv_refuse(c, "columns", "cells of text",
                              c->rest.p[0] ? "a longer one" : "a zero byte", err);
        cell[(*n)++] = (char)c->rest.p[0];
        skip(&c->rest, 1);
    }
    return true;
}

/* record reads the cells of a line; *n is how many it has, of which CSV_COLUMNS are kept. */
static bool record(struct csv *c, size_t *n, struct situs_err *err)
{
    c->line++;
    memset(c->text, 0, sizeof c->text);
    for (*n = 0;; skip(&c->rest, 1)) {
        char more[CSV_CELL], *cell = *n < CSV_COLUMNS ? c->text[*n] : more;
        size_t size = 0;
        ++*n;
        bool in_quotes = starts(c->rest, "\"", 1);
        if (in_quotes)
            skip(&c->rest, 1);
        if (!(in_quotes ? quoted(c, cell, &size, err) : plain(c, cell, &size, err)))
            return false;
        if (!c->rest.n || end(c->rest))
            break;
        if (c->rest.p[0] != c->separator)
            return csv_refuse(c, "columns", "nothing between a quote and the next column", cell,
                              err);
    }
    skip(&c->rest, end(c->rest));
    return true;
}

static bool not_text(const struct csv *c, struct situs_err *err)
{
    return refuse(c, "header", "text in UTF-8", "UTF-16", "save it as \"CSV UTF-8\"", err);
}

/* headed says which header the first line is. */
static bool headed(struct csv *c, size_t cells, const char *const *headers, size_t n, size_t *which,
                   struct situs_err *err)
{
    char has[CSV_COLUMNS * CSV_CELL] = "", expected[120] = "";
    size_t at = 0;
    for (size_t i = 0; i < cells && i < CSV_COLUMNS; i++)
        at += (size_t)snprintf(has + at, sizeof has - at, "%s%s", i ? "," : "", c->text[i]);
    for (*which = 0; cells <= CSV_COLUMNS && *which < n; ++*which)
        if (strcmp(has, headers[*which]) == 0) {
            c->header = headers[*which];
            c->columns = cells;
            return true;
        }
    *which = at = 0;
    for (size_t i = 0; i < n && at < sizeof expected; i++)
        at += (size_t)snprintf(expected + at, sizeof expected - at, "%s%s", i ? " or " : "",
                               headers[i]);
    return refuse(c, "header", expected,
                  cells > CSV_COLUMNS ? "more columns"
                  : has[0]            ? has
                                      : "nothing",
                  "nothing was changed; the first line names the columns, in this order", err);
}

bool csv_begin(struct csv *c, struct span text, const char *const *headers, size_t n, size_t *which,
               struct situs_err *err)
{
    size_t cells;
    memset(c, 0, sizeof *c);
    c->rest = text;
    c->separator = ',';
    if (starts(text, "\xff\xfe", 2) || starts(text, "\xfe\xff", 2)) {
        c->line = 1;
        return not_text(c, err);
    }
    if (starts(text, "\xef\xbb\xbf", 3)) /* the byte order mark of UTF-8 */
        skip(&c->rest, 3);
    for (size_t i = 0; i < c->rest.n && c->rest.p[i] != '\n'; i++)
        if (strchr(",;\t", c->rest.p[i]) && c->rest.p[i]) {
            c->separator = c->rest.p[i];
            break;
        }
    return record(c, &cells, err) && headed(c, cells, headers, n, which, err);
}

bool csv_next(struct csv *c, struct situs_err *err)
{
    char got[24];
    size_t cells;
    while (c->rest.n) {
        if (!record(c, &cells, err))
            return false;
        size_t said = 0;
        for (size_t i = 0; i < CSV_COLUMNS; i++)
            said += c->text[i][0] != 0;
        if (said == 0 && cells <= CSV_COLUMNS) /* a row that was emptied, or the last line */
            continue;
        if (cells == c->columns)
            return true;
        snprintf(got, sizeof got, "%zu column%s", cells, cells == 1 ? "" : "s");
        return csv_refuse(c, "columns", c->header, got, err);
    }
    return false;
}
