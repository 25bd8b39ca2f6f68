/* Which machines a command is about: one, those of a table, or those at a site; and one transaction
 * for all of them. */
#ifndef SITUS_PROVIDER_DESK_DESK_MANY_H
#define SITUS_PROVIDER_DESK_DESK_MANY_H

#include "provider/desk/desk.h"

#define DESK_CSV_MAX ((size_t)1 << 30) /* bytes of a table */
#define DESK_TOLD 20                   /* machines that are left out, each with its reason */

/* What the command line says; exactly one of the first three. */
struct desk_many {
    const char *machine, *csv, *site;
    bool dry_run;
};

#define OPTION_MANY(m, header)                                            \
    OPTION_VALUE("machine", 'm', "NAME", &(m)->machine, "the machine"),   \
        OPTION_VALUE("csv", 0, "FILE", &(m)->csv, "or a table: " header), \
        OPTION_FLAG("dry-run", 0, &(m)->dry_run, "say what would be done, and do nothing")
#define OPTIONS_MANY 3
#define OPTION_MANY_SITE(m) \
    OPTION_VALUE("site", 0, "NAME", &(m)->site, "or all machines at this site")

/* A machine that is meant, and the table's other columns. */
struct desk_row {
    char machine[FLEET_NAME + 1], more[2][FLEET_NAME + 1];
    size_t line; /* of the table; 0: not from one */
};

/* The zero state may be freed. */
struct desk_rows {
    struct desk_row *v;
    size_t n, room;
    size_t header; /* which one the table has */
};

/* desk_many_ok says that the options name machines in one way, of which --site is one when may_site
 * is true; false: said on stderr. */
bool desk_many_ok(const struct desk_many *m, bool may_site);

/* desk_rows_read finds the machines: a table with one of n headers, or those in use at the site.
 * None is an error. */
bool desk_rows_read(struct desk_rows *rows, struct fleet *f, const struct desk_many *m,
                    const char *const *headers, size_t n, struct situs_err *err);

/* desk_rows_add adds a machine. */
bool desk_rows_add(struct desk_rows *rows, const char *machine, struct situs_err *err);
void desk_rows_free(struct desk_rows *rows);

/* desk_row_failed puts the row's line before the field of an error that came of it; false. */
bool desk_row_failed(const struct desk_row *row, struct situs_err *err);

/* What is done to one machine. */
typedef bool (*desk_one)(struct fleet *f, const struct fleet_act *act, const void *to,
                         const struct desk_rows *rows, const struct desk_row *row,
                         struct situs_err *err);

struct desk_deed {
    desk_one one;
    const void *to;
    const char *done; /* the word for it, as "retired" */
};

/* desk_many does it to all rows, or to none when one is refused, and prints what came of it. The
 * exit code. */
int desk_many(struct fleet *f, const struct fleet_act *act, const struct desk_many *m,
              const struct desk_rows *rows, const struct desk_deed *deed, bool json);

#endif
