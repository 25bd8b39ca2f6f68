/* Lines of a report; see page.h. */
#include "situs/page.h"

#include "base/text.h"

#define MORE "..."
#define TEXT_MAX 1024 /* of one entry, with its zero byte; what is longer is cut */

struct page page_new(struct wr *w, bool colour, bool whole)
{
    return (struct page){w, colour, whole, PAGE_LINES};
}

void page_paint(const struct page *p, const char *code, const char *text)
{
    if (p->colour)
        wr_format(p->w, "\033[%sm%s\033[0m", code, text);
    else
        wr_text(p->w, text);
}

static void end_line(struct page *p)
{
    wr_text(p->w, "\n");
    p->left -= p->left > 0;
}

void page_verdict(struct page *p, bool good, const char *verdict, const char *rest)
{
    size_t room = PAGE_COLUMNS - strlen(verdict), n = strlen(rest);
    page_paint(p, good ? "1;32" : "1;31", verdict);
    if (p->whole || n <= room)
        wr_text(p->w, rest);
    else
        wr_format(p->w, "%.*s" MORE, (int)(room - strlen(MORE)), rest);
    end_line(p);
}

/* fitting is how many letters of text go on a line of so many columns: to the last blank that fits,
 * or all of them where there is none. */
static size_t fitting(const char *text, size_t columns)
{
    size_t n = strlen(text);
    if (n <= columns)
        return n;
    for (size_t i = columns; i > 0; i--)
        if (text[i] == ' ')
            return i;
    return columns;
}

/* The same for the last line there is: a long word is cut too, before it costs most of the line. */
static size_t fitting_cut(const char *text, size_t columns)
{
    size_t n = fitting(text, columns);
    return n < columns / 2 ? columns : n;
}

void page_entry(struct page *p, const char *label, const char *text, size_t most)
{
    const size_t columns = PAGE_COLUMNS - PAGE_INDENT;
    char plain[TEXT_MAX];
    text_cut(plain, sizeof plain, span_text(text));
    most = p->whole ? SIZE_MAX : most < p->left ? most : p->left;
    for (const char *rest = plain; *rest && most > 0; most--) {
        size_t n = fitting(rest, columns);
        bool cut = rest[n] && most == 1;
        wr_format(p->w, "%-*s", PAGE_INDENT, label);
        if (cut)
            n = fitting_cut(rest, columns - strlen(MORE));
        wr_format(p->w, "%.*s%s", (int)n, rest, cut ? MORE : "");
        end_line(p);
        label = "";
        rest += n;
        rest += strspn(rest, " ");
    }
}

char *page_where(char buffer[160], const struct situs_err *err)
{
    struct wr w = wr_new(buffer, 159);
    const char *field = strcmp(err->field, err->part) == 0 ? "" : err->field;
    wr_format(&w, "%s%s%s", err->part, err->part[0] && field[0] ? " " : "", field);
    if (err->at != SITUS_NO_OFFSET)
        wr_format(&w, " at byte %zu", err->at);
    buffer[wr_ok(&w) ? w.n : 0] = 0;
    return buffer;
}

void page_reason(struct page *p, const struct situs_err *why)
{
    char where[160];
    page_entry(p, "  where", page_where(where, why), 1);
    page_entry(p, "  expected", why->expected, 3);
    page_entry(p, "  got", why->got, 3);
    page_entry(p, "  do", why->hint[0] ? why->hint : situs_code_hint(why->code), 3);
}
