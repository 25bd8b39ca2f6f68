/* Tables as people keep them: CSV (RFC 4180) as spreadsheets write it. */
#ifndef SITUS_PROVIDER_FLEET_CSV_H
#define SITUS_PROVIDER_FLEET_CSV_H

#include "provider/fleet/fleet.h"

#define CSV_PART "CSV"
#define CSV_COLUMNS 8
#define CSV_CELL (FLEET_PACKAGES * 33 + 1) /* bytes of a cell, its zero included */

/* A table that is read row by row. */
struct csv {
    struct span rest;
    unsigned char separator;
    const char *header; /* the first line that it has, with commas */
    size_t columns;
    size_t line; /* of the row in text, from 1 */
    char text[CSV_COLUMNS][CSV_CELL];
};

/*
 * csv_begin reads the first line, which must be one of n headers (columns with commas between); the
 * separator is what it has, comma, semicolon or tab. A byte order mark, CR before LF, and cells in
 * quotes are read as spreadsheets mean them. Not read: UTF-16, NUL, a line's end within quotes.
 * *which is the header's index. Errors have the part CSV and the field "line N.COLUMN".
 */
bool csv_begin(struct csv *c, struct span text, const char *const *headers, size_t n, size_t *which,
               struct situs_err *err);

/* csv_next reads the next row that says anything; false at the end, and on an error. */
bool csv_next(struct csv *c, struct situs_err *err);

/* csv_refuse refuses a cell of the row; false. */
bool csv_refuse(const struct csv *c, const char *column, const char *expected, const char *got,
                struct situs_err *err);

/* csv_at puts the row's line before the field of an error that came of what the row says; false. */
bool csv_at(const struct csv *c, struct situs_err *err);

#endif
