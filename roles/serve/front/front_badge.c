/* Badges: a small picture of a kept report, or of a watched machine, for somebody's page. It says no more than what it is of does, by whom
 * and when, that it is no evidence, and lives for a minute. */
#include "base/wr.h"
#include "codec/json/json.h"
#include "serve/front/front_does.h"
#include "serve/front/front_state.h"

#include <stdio.h>
#include <string.h>

#define SVG_MAX 4096
#define WORDS 200
#define LIVES "max-age=60"

/* What a badge says: three lines, and how it looks. */
struct badge {
    char title[WORDS], says[WORDS], by[WORDS];
    const char *colour;
};

#define GREEN "#1a6844"
#define RED "#a3262c"
#define AMBER "#7a5200"

/* escaped writes a text as character data or an attribute of XML. */
static void escaped(struct wr *w, const char *text)
{
    for (; *text; text++)
        if (strchr("<>&\"'", *text))
            wr_format(w, "&#%d;", *text);
        else
            wr_u8(w, (uint8_t)*text);
}

static void line(struct wr *w, unsigned y, const char *colour, const char *text)
{
    wr_format(w, "<text x=\"14\" y=\"%u\" fill=\"%s\">", y, colour);
    escaped(w, text);
    wr_text(w, "</text>");
}

/* draw answers with the picture. One of the inner socket is not for caches of others. */
static void draw(struct front_call *c, const struct badge *b)
{
    uint8_t svg[SVG_MAX];
    struct wr w = wr_new(svg, sizeof svg);
    wr_text(&w, "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"470\" height=\"74\" "
                "viewBox=\"0 0 470 74\" role=\"img\" font-family=\"sans-serif\" font-size=\"13\" "
                "aria-label=\"");
    escaped(&w, b->title);
    wr_text(&w, ": ");
    escaped(&w, b->says);
    wr_format(&w,
              "\"><rect width=\"470\" height=\"74\" fill=\"#ffffff\" stroke=\"%s\"/>"
              "<rect width=\"6\" height=\"74\" fill=\"%s\"/>",
              b->colour, b->colour);
    line(&w, 22, "#1d2023", b->title);
    line(&w, 42, b->colour, b->says);
    line(&w, 62, "#575d63", b->by);
    wr_text(&w, "</svg>\n");
    struct http_answer a = {.status = 200, .type = "image/svg+xml", .body = wr_span(&w)};
    http_answer_header(&a, "Cache-Control", c->row->inside ? "private, " LIVES : LIVES);
    http_answer_header(&a, "X-Content-Type-Options", "nosniff");
    http_answer_header(&a, "Content-Security-Policy", "default-src 'none'");
    if (wr_ok(&w))
        http_call_answer(c->http, &a);
    else
        front_refuse(c, FRONT_internal, NULL, NULL, NULL);
}

/* by says who says it, and that this is none. */
static void by(const struct front_call *c, struct badge *b)
{
    const char *base = c->front->setup.base, *host = strstr(base, "://");
    snprintf(b->by, sizeof b->by, "by %.80s · not evidence", host ? host + 3 : base);
}

/* text copies a member that is a short text; false: it is none. */
static bool text(const struct json *o, const char *name, char to[64])
{
    struct situs_err err = {0};
    return json_copy_text(o, name, to, 64, &err);
}

/* What is kept was so at its time, and says nothing of now. */
static bool of_report(const struct front_call *c, const struct json *o, struct badge *b)
{
    char verdict[64], at[64];
    bool simulated;
    struct situs_err err = {0};
    if (!text(o, "verdict", verdict) || !text(o, "at", at) ||
        !json_get_bool(o, "simulated", &simulated, &err))
        return false;
    bool trusted = strcmp(verdict, "trusted") == 0;
    snprintf(b->title, sizeof b->title, "%sReport %.16s", simulated ? "SIMULATED: " : "", c->part);
    snprintf(b->says, sizeof b->says, "%s %s%s", trusted ? "was proven as of" : "not proven as of",
             at, trusted ? "; nothing is proven of now" : "");
    b->colour = trusted ? AMBER : RED;
    return true;
}

static bool of_machine(const struct front_call *c, const struct json *o, struct badge *b)
{
    static const struct {
        const char *state, *says, *colour;
    } rows[] = {{"live", "watched without a gap", GREEN},
                {"late", "an answer is missing", AMBER},
                {"broken", "not proven: the watch broke", RED},
                {"new", "not proven: no good answer yet", RED},
                {"elsewhere", "not known here", AMBER}};
    char state[64], at[64], policy[64];
    size_t i = 0, n = sizeof rows / sizeof *rows;
    if (!text(o, "state", state) || !text(o, "at", at) || !text(o, "policy", policy))
        return false;
    while (i < n && strcmp(rows[i].state, state) != 0)
        i++;
    if (i == n)
        return false;
    bool simulated = strncmp(policy, "simulated-", 10) == 0;
    snprintf(b->title, sizeof b->title, "%s%.63s", simulated ? "SIMULATED: " : "", c->part);
    snprintf(b->says, sizeof b->says, "%s, %s", rows[i].says, at);
    b->colour = simulated ? AMBER : rows[i].colour;
    return true;
}

/* told reads what the keeper told; what does not read is no badge. */
static void told(struct front_call *c, const struct talk_answer *a, const struct front_texts *t)
{
    struct badge b = {.colour = AMBER};
    struct json_doc doc = {0};
    struct json root;
    struct situs_err err = {0};
    bool ok = json_read(&doc, &root, t->text[0], "answer", &err) && json_as_object(&root, &err) &&
              (a->kind == TALK_REPORT ? of_report(c, &root, &b) : of_machine(c, &root, &b));
    json_free(&doc);
    by(c, &b);
    if (ok)
        draw(c, &b);
    else
        front_refuse(c, FRONT_internal, NULL, NULL, NULL);
}

void front_badge_report(struct front_call *c)
{
    c->ask.kind = TALK_REPORT;
    memcpy(c->ask.session, c->part, sizeof c->ask.session);
    front_keeper_ask(&c->front->keeper, c, told);
}

void front_badge_machine(struct front_call *c)
{
    size_t n = strlen(c->part);
    c->ask.kind = TALK_MACHINE;
    if (n >= sizeof c->ask.machine) {
        front_refuse(c, FRONT_malformed, "name", "63 letters at most", "more");
        return;
    }
    memcpy(c->ask.machine, c->part, n + 1);
    front_keeper_ask(&c->front->keeper, c, told);
}
