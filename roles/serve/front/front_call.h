/* Inside the front: one request, from its row to its answer. */
#ifndef SITUS_SERVE_FRONT_CALL_H
#define SITUS_SERVE_FRONT_CALL_H

#include "base/err.h"
#include "serve/http/http_media.h"
#include "serve/http/http_query.h"
#include "serve/http/http_server.h"
#include "serve/world/talk.h"

#define FRONT_TEXT_MAX (8 * 1024 * 1024) /* bytes of a report, a token or a JWKS */

enum front_problem {
#define PROBLEM(name, word, status, title, hint) FRONT_##name,
#include "serve/front/front_problems.def"
#undef PROBLEM
    FRONT_PROBLEMS
};

struct front;
struct front_call;

/* One row of front_paths.def. */
struct front_row {
    void (*serve)(struct front_call *c);
    const char *method, *path;
    bool inside;
    const char *produces, *consumes, *query, *refusals, *summary; /* consumes empty: no body */
};

/* The texts of an answer of the keeper's; empty where there is none. */
struct front_texts {
    struct span text[TALK_FDS];
};

struct front_call {
    struct http_call *http;
    struct front *front;
    const struct front_row *row; /* NULL: there is none */
    size_t row_at;               /* its number; that behind the last: none */
    char part[TALK_SESSION];     /* what {policy} or {id} stands for; empty: nothing */
    struct http_query query;
    struct span accepted;       /* the answer's media type */
    char media[HTTP_MEDIA_MAX]; /* the body's */
    char policy[TALK_NAME];     /* for the log */
    const char *location;       /* Content-Location of the answer (RFC 9110, 8.7); NULL: none */
    const char *said;           /* for the log: the word of a problem; NULL: none */
    int exit;                   /* for the log: of an appraisal; -1: none */

    /* What was asked of the keeper; front_keeper.c. */
    struct talk_ask ask;
    int evidence;  /* sealed memory, until it is sent; -1: none */
    size_t slot;   /* 0: nothing is asked */
    size_t target; /* of the configuration, that is dialled */
    int64_t until;
    struct front_call *next;
    void (*answered)(struct front_call *c, const struct talk_answer *a,
                     const struct front_texts *t);
};

/* front_answer answers with a body of a media type; an empty one is what nobody wrote, or did not fit its memory:
 * internal. cache is the seconds that it may be kept; 0: it may not. */
void front_answer(struct front_call *c, unsigned status, struct span type, struct span body,
                  int64_t cache);

/* front_refuse answers with a problem document (RFC 9457). field, expected and got may be NULL. */
void front_refuse(struct front_call *c, enum front_problem p, const char *field,
                  const char *expected, const char *got);

/* front_refusal_status is the HTTP status of a word of front_problems.def or talk_status.def; 0: it is none. */
unsigned front_refusal_status(struct span word);

/* front_refuse_err is front_refuse for a request that a reader refused; front_refuse_talk for one
 * that the keeper did. */
void front_refuse_err(struct front_call *c, const struct situs_err *err);
void front_refuse_talk(struct front_call *c, const struct talk_answer *a);

#endif
