/* Answers and problem documents (RFC 9457); see front_call.h. */
#include "serve/front/front_call.h"

#include "base/text.h"
#include "codec/json_out.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define PROBLEM_MAX \
    (6 * (sizeof(struct situs_err) + TALK_TEXT) + 512) /* an escape has six letters */
#define TYPE "urn:situs:problem:"

/* One problem, from whichever table. */
struct problem {
    const char *word, *title, *hint;
    unsigned status, retry_after;
    const char *field, *expected, *got, *detail;
};

static const struct {
    const char *word, *title, *hint;
    unsigned status;
} problems[] = {
#define PROBLEM(name, word, status, title, hint) {word, title, hint, status},
#include "serve/front/front_problems.def"
#undef PROBLEM
};

unsigned front_refusal_status(struct span word)
{
    for (size_t i = 0; i < sizeof problems / sizeof *problems; i++)
        if (span_equal(word, span_text(problems[i].word)))
            return problems[i].status;
    for (uint32_t s = TALK_DONE + 1; s < TALK_STATUSES; s++)
        if (span_equal(word, span_text(talk_status_word(s))))
            return (unsigned)talk_status_http(s);
    return 0;
}

static void no_store(struct http_answer *a)
{
    http_answer_header(a, "Cache-Control", "no-store");
    http_answer_header(a, "X-Content-Type-Options", "nosniff");
}

/* http_date writes an IMF-fixdate (RFC 9110, 5.6.7). */
static const char *http_date(char *text, size_t size, time_t at)
{
    struct tm t;
    if (!gmtime_r(&at, &t) || !strftime(text, size, "%a, %d %b %Y %H:%M:%S GMT", &t))
        text[0] = 0;
    return text;
}

void front_answer(struct front_call *c, unsigned status, struct span type, struct span body,
                  int64_t cache)
{
    char media[HTTP_MEDIA_MAX + 40], kept[48], end[40];
    bool metrics = span_equal(type, SPAN_LIT("application/openmetrics-text"));
    bool text = span_starts(type, SPAN_LIT("text/"));
    if (!body.n) {
        front_refuse(c, FRONT_internal, NULL, NULL, NULL);
        return;
    }
    snprintf(media, sizeof media, "%.*s%s%s", (int)type.n, (const char *)type.p,
             metrics ? "; version=1.0.0" : "", metrics || text ? "; charset=utf-8" : "");
    struct http_answer a = {.status = status, .type = media, .body = body};
    if (cache > 0) {
        snprintf(kept, sizeof kept, "public, max-age=%lld", (long long)cache);
        http_answer_header(&a, "Cache-Control", kept);
        http_answer_header(&a, "Expires", http_date(end, sizeof end, time(NULL) + cache));
        http_answer_header(&a, "X-Content-Type-Options", "nosniff");
    } else {
        no_store(&a);
    }
    http_answer_header(&a, "Content-Location", c->location);
    http_call_answer(c->http, &a);
}

static void write_problem(struct json_out *o, const struct problem *p, uint64_t number)
{
    char type[80];
    snprintf(type, sizeof type, TYPE "%s", p->word);
    json_out_object(o);
    json_out_pair_string(o, "type", type);
    json_out_pair_string(o, "title", p->title);
    json_out_pair_num(o, "status", p->status);
    const struct {
        const char *name, *value;
    } more[] = {{"detail", p->detail},
                {"field", p->field},
                {"expected", p->expected},
                {"got", p->got},
                {"hint", p->hint}};
    for (size_t i = 0; i < sizeof more / sizeof *more; i++)
        if (more[i].value && more[i].value[0])
            json_out_pair_string(o, more[i].name, more[i].value);
    json_out_pair_num(o, "request", (int64_t)number);
    json_out_close(o);
    json_out_end(o);
}

static void answer_problem(struct front_call *c, const struct problem *p)
{
    uint8_t text[PROBLEM_MAX];
    char later[16] = "";
    struct wr w = wr_new(text, sizeof text);
    struct json_out o = json_out_new(&w, false);
    write_problem(&o, p, c->http->number);
    struct http_answer a = {
        .status = p->status, .type = "application/problem+json", .body = wr_span(&w)};
    no_store(&a);
    if (p->status == 503 || p->status == 429)
        snprintf(later, sizeof later, "%u", p->retry_after ? p->retry_after : 1);
    http_answer_header(&a, "Retry-After", later);
    if (p->status == 405)
        http_answer_header(&a, "Allow", p->expected);
    if (p->status == 415)
        http_answer_header(&a, "Accept", p->expected);
    c->said = p->word;
    http_call_answer(c->http, &a);
}

void front_refuse(struct front_call *c, enum front_problem p, const char *field,
                  const char *expected, const char *got)
{
    answer_problem(c, &(struct problem){.word = problems[p].word,
                                        .title = problems[p].title,
                                        .hint = problems[p].hint,
                                        .status = problems[p].status,
                                        .field = field,
                                        .expected = expected,
                                        .got = got});
}

void front_refuse_err(struct front_call *c, const struct situs_err *err)
{
    enum front_problem row = err->code == SITUS_MISSING       ? FRONT_missing
                             : err->code == SITUS_UNKNOWN     ? FRONT_unknown_member
                             : err->code == SITUS_UNSUPPORTED ? FRONT_unsupported
                             : err->code == SITUS_NO_MEMORY   ? FRONT_busy
                                                              : FRONT_malformed;
    answer_problem(c, &(struct problem){.word = problems[row].word,
                                        .title = problems[row].title,
                                        .hint = err->hint[0] ? err->hint : problems[row].hint,
                                        .status = problems[row].status,
                                        .field = err->field,
                                        .expected = err->expected,
                                        .got = err->got});
}

void front_refuse_talk(struct front_call *c, const struct talk_answer *a)
{
    uint32_t status = a->status == TALK_DONE ? TALK_INTERNAL : a->status;
    const char *word = talk_status_word(status);
    char title[40], detail[TALK_TEXT];
    snprintf(title, sizeof title, "%s", word);
    for (char *p = title; *p; p++)
        *p = *p == '-' ? ' ' : *p;
    snprintf(detail, sizeof detail, "%.*s", TALK_TEXT - 1, a->detail);
    answer_problem(c, &(struct problem){.word = word,
                                        .title = title,
                                        .hint = talk_status_hint(status),
                                        .status = (unsigned)talk_status_http(status),
                                        .retry_after = a->retry_after,
                                        .detail = detail});
}
