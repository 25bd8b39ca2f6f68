/* The page for people, and what it asks before it asks anything else: which policies there are. */
#include "serve/front/front_page.h"

#include "serve/front/front_does.h"
#include "serve/front/front_state.h"

#include <stdio.h>

/* Nothing runs, is shown or is asked but what comes from here, as a file (CSP level 3; Trusted Types): a text of a report
 * that were taken for markup would do nothing. */
#define POLICY                                                                              \
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src " \
    "'self'; "                                                                              \
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "                         \
    "require-trusted-types-for 'script'; trusted-types 'none'"

void front_page(struct front_call *c)
{
    const struct page_file *f = page_files;
    char media[HTTP_MEDIA_MAX + 20];
    bool view = c->part[0] || strcmp(c->row->path, "/m") == 0; /* of the page, which is the first */
    while (!view && strcmp(f->path, c->row->path) != 0)
        f++;
    snprintf(media, sizeof media, "%s; charset=utf-8", c->row->produces);
    struct http_answer a = {.status = 200, .type = media, .body = span_of(f->p, f->n)};
    http_answer_header(&a, "Cache-Control", "no-cache");
    http_answer_header(&a, "X-Content-Type-Options", "nosniff");
    http_answer_header(&a, "Content-Security-Policy", POLICY);
    http_answer_header(&a, "Referrer-Policy", "no-referrer");
    http_answer_header(&a, "Cross-Origin-Opener-Policy", "same-origin");
    http_answer_header(&a, "Cross-Origin-Resource-Policy", "same-origin");
    http_call_answer(c->http, &a);
}

static void told(struct front_call *c, const struct talk_answer *a, const struct front_texts *t)
{
    (void)a;
    front_answer(c, 200, c->accepted, t->text[0], 0);
}

void front_v1_report(struct front_call *c)
{
    c->ask.kind = TALK_REPORT;
    memcpy(c->ask.session, c->part, sizeof c->ask.session);
    front_keeper_ask(&c->front->keeper, c, told);
}

void front_v1_policies(struct front_call *c)
{
    c->ask.kind = TALK_POLICIES;
    front_keeper_ask(&c->front->keeper, c, told);
}
