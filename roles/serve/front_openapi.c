/* OpenAPI 3.1.0: the table of paths, told. */
#include "codec/json_out.h"
#include "serve/front_does.h"
#include "serve/front_state.h"

#include <stdlib.h>
#include <strings.h>

#define OPENAPI_MAX (128 * 1024)

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
    if (r->serve == front_token_check) {
        response(o, "200", "it holds, and is the peer's", "");
        response(o, "401", "no token, or none that counts here", "");
        response(o, "403", "not for this peer, this nonce, or not affirming", "");
    } else {
        response(o,
                 r->serve == front_new_session ? "201"
                 : r->produces[0]              ? "200"
                                               : "204",
                 "done", r->produces);
    }
    response(o, "default", "a problem (RFC 9457)", "application/problem+json");
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
