/* One claim in text and in JSON, and the beginning and end of reports; see report.h. */
#include "base/text.h"
#include "base/time.h"
#include "situs/report.h"

#define LONGEST_TEXT 4400 /* names with escapes, for --list-seen; an owner is at most 1024 bytes */

size_t report_finish(struct wr *w, char *text, size_t size)
{
    if (size)
        text[wr_ok(w) ? w->n : w->size] = 0;
    return w->n;
}

struct page *report_begin(struct report *r, bool colour, bool whole, char *text, size_t size)
{
    *r = (struct report){.w = wr_new(text, size ? size - 1 : 0), .text = text, .size = size};
    r->page = page_new(&r->w, colour, whole);
    return &r->page;
}

size_t report_end(struct report *r)
{
    return report_finish(&r->w, r->text, r->size);
}

void report_claim(const struct claim *c, enum claim_type type, struct wr *w)
{
    switch (type) {
    case CLAIM_IS_BYTES:
        wr_hex(w, c->bytes);
        break;
    case CLAIM_IS_TEXT: /* whole: the longest is an owner's name */
        wr_text(w, text_cut((char[LONGEST_TEXT]){0}, LONGEST_TEXT, c->bytes));
        break;
    case CLAIM_IS_NUM:
        wr_format(w, "%llu", (unsigned long long)c->num);
        break;
    case CLAIM_IS_TIME:
        wr_text(w, TEXT_TIME(c->num));
        break;
    case CLAIM_IS_FLAG:
        wr_text(w, c->num ? "yes" : "no");
        break;
    case CLAIM_IS_WORDS:
        for (size_t i = 0; i < c->words.n; i++)
            wr_format(w, "%s%s", i ? ", " : "", TEXT_CUT(c->words.v[i]));
        if (c->words.n == 0)
            wr_text(w, "none");
    }
}

void report_claim_json(const struct claim *c, enum claim_type type, struct json_out *o)
{
    switch (type) {
    case CLAIM_IS_BYTES:
        json_out_hex(o, c->bytes);
        break;
    case CLAIM_IS_TEXT:
        json_out_text(o, c->bytes);
        break;
    case CLAIM_IS_NUM:
        json_out_num(o, c->num);
        break;
    case CLAIM_IS_TIME:
        json_out_string(o, TEXT_TIME(c->num));
        break;
    case CLAIM_IS_FLAG:
        json_out_bool(o, c->num != 0);
        break;
    case CLAIM_IS_WORDS:
        json_out_array(o);
        for (size_t i = 0; i < c->words.n; i++)
            json_out_text(o, c->words.v[i]);
        json_out_close(o);
    }
}
