/* Supplier's papers as CSV; see fleet_add_csv. One form, no quoting, nothing skipped. */
#include "base/text.h"
#include "provider/fleet/change.h"

#include <stdio.h>

#define HEADER "machine,site,prids,ek,class"
#define PROGRESS 4096

/* The five columns of a row, zero-terminated copies. */
struct row {
    char text[5][FLEET_PACKAGES * 33 + 1];
    size_t number;
};

static bool refuse(const struct row *r, const char *column, const char *expected, const char *got,
                   struct situs_err *err)
{
    char field[80];
    snprintf(field, sizeof field, "line %zu.%s", r->number, column);
    err_fail(err, SITUS_MALFORMED, "CSV", field, SITUS_NO_OFFSET, expected, got);
    return err_hint(err, "nothing was added; correct the line and add the whole file again");
}

/* line is the next line without its end, "\n" or "\r\n"; false after the last. */
static bool line(struct span *rest, struct span *out)
{
    if (rest->n == 0)
        return false;
    const uint8_t *end = memchr(rest->p, '\n', rest->n);
    size_t n = end ? (size_t)(end - rest->p) : rest->n;
    *out = span_cut(*rest, 0, n);
    *rest = end ? span_cut(*rest, n + 1, rest->n - n - 1) : span_of(NULL, 0);
    if (out->n && out->p[out->n - 1] == '\r')
        out->n--;
    return true;
}

static bool split(struct row *r, struct span text, struct situs_err *err)
{
    for (size_t i = 0; i < 5; i++) {
        const uint8_t *comma = text.n ? memchr(text.p, ',', text.n) : NULL;
        size_t n = comma ? (size_t)(comma - text.p) : text.n;
        if ((comma != NULL) != (i < 4))
            return refuse(r, "columns", HEADER, comma ? "more columns" : "fewer columns", err);
        if (n >= sizeof r->text[i] || (n && memchr(text.p, 0, n)))
            return refuse(r, "columns", "shorter text without NUL", NULL, err);
        memcpy(r->text[i], text.p ? text.p : (const uint8_t *)"", n);
        r->text[i][n] = 0;
        if (comma)
            text = span_cut(text, n + 1, text.n - n - 1);
    }
    return true;
}

static bool prids(struct fleet_goods *g, const struct row *r, struct situs_err *err)
{
    const char *p = r->text[2];
    while (*p) {
        size_t n = strcspn(p, " ");
        if (n != 32 || g->n_prids == FLEET_PACKAGES)
            return refuse(r, "prids", "at most 32 of 32 hex digits, one space between", p, err);
        memcpy(g->prid[g->n_prids], p, 32);
        g->prid[g->n_prids++][32] = 0;
        p += n;
        if (*p == ' ' && *++p == 0)
            return refuse(r, "prids", "no space at the end", NULL, err);
    }
    return true;
}

static bool goods(struct fleet_goods *g, const struct row *r, struct situs_err *err)
{
    const char *class = r->text[4];
    memset(g, 0, sizeof *g);
    g->machine = r->text[0];
    g->site = r->text[1];
    if (!prids(g, r, err))
        return false;
    if (r->text[3][0] && strlen(r->text[3]) != 64)
        return refuse(r, "ek", "64 hex digits or nothing", r->text[3], err);
    memcpy(g->ek, r->text[3], strlen(r->text[3]) + 1);
    g->vtpm = strcmp(class, "vtpm") == 0;
    if (strcmp(class, g->ek[0] ? (g->vtpm ? "vtpm" : "dtpm") : "") != 0)
        return refuse(r, "class", g->ek[0] ? "dtpm or vtpm" : "nothing, as ek", class, err);
    return true;
}

static bool rows_of(struct fleet *f, const struct fleet_act *act, struct span csv, size_t *rows,
                    void (*progress)(size_t rows), struct situs_err *err)
{
    struct row r = {.number = 1};
    struct fleet_goods g;
    struct span text;
    if (!line(&csv, &text) || !span_equal(text, SPAN_LIT(HEADER)))
        return refuse(&r, "header", HEADER, NULL, err);
    while (line(&csv, &text)) {
        r.number++;
        if (!split(&r, text, err) || !goods(&g, &r, err))
            return false;
        if (!change_goods(f, act, &g, err)) {
            char field[80];
            snprintf(field, sizeof field, "line %zu.%.60s", r.number, err->field);
            memcpy(err->field, field, sizeof field);
            return false;
        }
        if (++*rows % PROGRESS == 0 && progress)
            progress(*rows);
    }
    return true;
}

bool fleet_add_csv(struct fleet *f, const struct fleet_act *act, struct span csv, size_t *rows,
                   void (*progress)(size_t rows), struct situs_err *err)
{
    struct fleet_act dated;
    *rows = 0;
    return change_begin(f, act, CHANGE_USUAL, &dated, err) &&
           store_end(f, rows_of(f, &dated, csv, rows, progress, err), err);
}
