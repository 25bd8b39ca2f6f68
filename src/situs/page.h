/* Lines of a report for people: labels, and text that is wrapped at 80 columns. */
#ifndef SITUS_SITUS_PAGE_H
#define SITUS_SITUS_PAGE_H

#include "base/wr.h"
#include "situs.h"

#define PAGE_COLUMNS 80
#define PAGE_LINES 24
#define PAGE_INDENT 11 /* columns of a label */

struct page {
    struct wr *w;
    bool colour;
    bool whole;  /* nothing is cut: --all */
    size_t left; /* lines that may still be written; whole: not counted */
};

/* page_new begins a report of at most PAGE_LINES lines, or one without bounds. */
struct page page_new(struct wr *w, bool colour, bool whole);

/* page_verdict writes line 1: the verdict's own words in a colour, then the rest, at most
 * PAGE_COLUMNS columns of both. */
void page_verdict(struct page *p, bool good, const char *verdict, const char *rest);

/* page_entry writes a label and its text, wrapped, on at most so many lines; what is left over is
 * cut ("..."). What is not printable ASCII comes out as '?'. No text, no line. */
void page_entry(struct page *p, const char *label, const char *text, size_t most);

/* page_reason writes why something is refused: where, expected, got, what to do. */
void page_reason(struct page *p, const struct situs_err *why);

/* page_paint writes text in a colour (ECMA-48, 8.3.117), where colours are wanted. */
void page_paint(const struct page *p, const char *code, const char *text);

/* page_where writes which input, field and byte an error is about into a buffer of 160 bytes. */
char *page_where(char buffer[160], const struct situs_err *err);

#endif
