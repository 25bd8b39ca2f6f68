/* Tables: rows that a command prints as they come, as lines of text or as an array in an object of
 * JSON. */
#ifndef SITUS_FRAME_TABLE_H
#define SITUS_FRAME_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One value. name is its name in JSON, NULL: it is in text alone. width is its columns in text, which
 * less fills up (negative: behind it), and after is what follows it there, the line's end too; NULL:
 * it is in JSON alone. */
struct table_cell {
    const char *name;
    int width;
    const char *after;
    enum table_is { TABLE_IS_TEXT, TABLE_IS_MAYBE, TABLE_IS_NUM, TABLE_IS_BOOL } is;
    const char *text;
    int64_t num;
};
#define TABLE_TEXT(name, width, after, text)       \
    {                                              \
        name, width, after, TABLE_IS_TEXT, text, 0 \
    }
/* JSON has no member where that text is empty. */
#define TABLE_MAYBE(name, width, after, text)       \
    {                                               \
        name, width, after, TABLE_IS_MAYBE, text, 0 \
    }
#define TABLE_NUM(name, width, after, num)          \
    {                                               \
        name, width, after, TABLE_IS_NUM, NULL, num \
    }
/* In JSON alone. */
#define TABLE_BOOL(name, value)                   \
    {                                             \
        name, 0, NULL, TABLE_IS_BOOL, NULL, value \
    }

/* The caller sets json and lines. */
struct table {
    bool json;
    bool lines; /* in JSON each row has its line */
    bool cut;   /* a row did not fit */
    size_t n;   /* rows so far */
};

/* table_begin begins the table: in JSON an object with n members, and the array of that name; in
 * text nothing. */
void table_begin(struct table *t, const struct table_cell *members, size_t n, const char *name);

/* table_row prints a row of n cells, of at most 8192 bytes in JSON. */
void table_row(struct table *t, const struct table_cell *cells, size_t n);

/* table_next counts a row that the caller prints himself, right after it. */
void table_next(struct table *t);

/* table_end ends it. False: a row did not fit, which is said on stderr; the JSON stays open. */
bool table_end(const struct table *t);

#endif
