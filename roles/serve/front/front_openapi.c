/* OpenAPI 3.1.0: the table of paths, told, with every status that each may answer. */
#include "codec/json_out.h"
#include "serve/front/front_does.h"
#include "serve/front/front_state.h"

#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#define OPENAPI_MAX (256 * 1024)
#define PROBLEM "application/problem+json"
#define WORDS 512 /* bytes of all refusals of a row */

static void content(struct json_out *o, const char *types)
{
    struct span left = span_text(types), word;
    char type[HTTP_MEDIA_MAX];
    json_out_name(o, "content");
    json_out_object(o);
    while ((word = http_media_word(&left)).n) {
        memcpy(type, word.p, word.n);
        type[word.n] = 0;
        json_out_name(o, type);
        json_out_object(o);
        json_out_close(o);
    }
    json_out_close(o);
}

static void parameter(struct json_out *o, struct span name, bool in_path)
{
    json_out_object(o);
    json_out_pair_text(o, "name", name);
    json_out_pair_string(o, "in", in_path ? "path" : "query");
    json_out_pair_bool(o, "required", in_path);
    json_out_name(o, "schema");
    json_out_object(o);
    json_out_pair_string(o, "type", "string");
    json_out_close(o);
    json_out_close(o);
}

static void parameters(struct json_out *o, const struct front_row *r)
{
    const char *brace = strchr(r->path, '{');
    struct span left = span_text(r->query), word;
    json_out_name(o, "parameters");
    json_out_array(o);
    if (brace)
        parameter(o, span_of(brace + 1, strcspn(brace + 1, "}")), true);
    while ((word = http_media_word(&left)).n)
        parameter(o, word, false);
    json_out_close(o);
}

static void response(struct json_out *o, const char *status, const char *says, const char *types)
{
    json_out_name(o, status);
    json_out_object(o);
    json_out_pair_string(o, "description", says);
    if (types[0])
        content(o, types);
    json_out_close(o);
}

/* refusals are all words of a row's refusals: those by its shape, too. */
static void refusals(char text[WORDS], const struct front_row *r)
{
    snprintf(text, WORDS, "malformed unknown-member framing too-large uri-too-long busy %s%s%s",
             r->produces[0] ? "not-acceptable " : "",
             r->consumes[0] ? "missing unsupported empty media-type " : "", r->refusals);
}

/* has says that a word stands in a list, in its first bytes. */
static bool has(const char *list, size_t bytes, struct span word)
{
    struct span left = span_of(list, bytes), at;
    while ((at = http_media_word(&left)).n)
        if (span_equal(at, word))
            return true;
    return false;
}

/* problems writes a response for each status of the row's refusals, in their order, with its words. */
static void problems(struct json_out *o, const struct front_row *r)
{
    char all[WORDS], says[WORDS + 16], number[16];
    refusals(all, r);
    for (unsigned status = 400; status < 600; status++) {
        struct span left = span_text(all), word;
        size_t n = 0;
        while ((word = http_media_word(&left)).n)
            if (front_refusal_status(word) == status &&
                !has(all, (size_t)(word.p - (const uint8_t *)all), word))
                n += (size_t)snprintf(says + n, sizeof says - n, "%s%.*s", n ? ", " : "",
                                      (int)word.n, (const char *)word.p);
        snprintf(number, sizeof number, "%u", status);
        if (n)
            response(o, number, says, PROBLEM);
    }
}

/* bare are the refusals that have no problem's form: a proxy reads statuses, and a registrar's client its words. */
static void bare(struct json_out *o, const struct front_row *r)
{
    if (r->serve == front_token_check) {
        response(o, "401", "no token, or none that counts here", "");
        response(o, "403", "not for this peer, this nonce, or not affirming", "");
    } else if (r->serve == front_enrol || r->serve == front_activate) {
        response(o, "403", "the registrar refuses", r->produces);
    }
}

static void operation(struct json_out *o, const struct front_row *r)
{
    char method[16] = "";
    for (size_t i = 0; r->method[i] && i < sizeof method - 1; i++)
        method[i] = (char)(r->method[i] + 32);
    json_out_name(o, method);
    json_out_object(o);
    json_out_pair_string(o, "summary", r->summary);
    json_out_pair_bool(o, "x-situs-inside", r->inside);
    parameters(o, r);
    if (r->consumes[0]) {
        json_out_name(o, "requestBody");
        json_out_object(o);
        json_out_pair_bool(o, "required", true);
        content(o, r->consumes);
        json_out_close(o);
    }
    json_out_name(o, "responses");
    json_out_object(o);
    response(o,
             r->serve == front_new_session || r->serve == front_enrol ? "201"
             : r->serve == front_forget                               ? "204"
                                                                      : "200",
             "done", r->produces);
    bare(o, r);
    problems(o, r);
    json_out_close(o);
    json_out_close(o);
}

/* first says that no row before has this path. */
static bool first(const struct front *f, size_t row)
{
    for (size_t i = 0; i < row; i++)
        if (strcmp(f->rows[i].path, f->rows[row].path) == 0)
            return false;
    return true;
}

static void paths(struct json_out *o, const struct front *f)
{
    json_out_name(o, "paths");
    json_out_object(o);
    for (size_t i = 0; i < f->n_rows; i++) {
        if (!first(f, i))
            continue;
        json_out_name(o, f->rows[i].path);
        json_out_object(o);
        for (size_t j = i; j < f->n_rows; j++)
            if (strcmp(f->rows[i].path, f->rows[j].path) == 0)
                operation(o, &f->rows[j]);
        json_out_close(o);
    }
    json_out_close(o);
}

void front_openapi(struct front_call *c)
{
    uint8_t *text = malloc(OPENAPI_MAX);
    struct wr w = wr_new(text, text ? OPENAPI_MAX : 0);
    struct json_out o = json_out_new(&w, false);
    json_out_object(&o);
    json_out_pair_string(&o, "openapi", "3.1.0");
    json_out_name(&o, "info");
    json_out_object(&o);
    json_out_pair_string(&o, "title", "situs serve");
    json_out_pair_string(&o, "version", situs_version());
    json_out_close(&o);
    paths(&o, c->front);
    json_out_close(&o);
    json_out_end(&o);
    if (wr_span(&w).n)
        front_answer(c, 200, c->accepted, wr_span(&w), 0);
    else
        front_refuse(c, FRONT_busy, NULL, NULL, NULL);
    free(text);
}
