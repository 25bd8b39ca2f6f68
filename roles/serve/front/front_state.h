/* Inside the front: what its files share. */
#ifndef SITUS_SERVE_FRONT_STATE_H
#define SITUS_SERVE_FRONT_STATE_H

#include "serve/front/front_count.h"
#include "serve/front/front_dial.h"
#include "serve/front/front_keeper.h"
#include "serve/front/front_machines.h"
#include "serve/front/front_stream.h"

struct front {
    struct talk_front setup;
    const struct front_row *rows; /* front_paths.def */
    size_t n_rows;
    struct http_server *server;
    struct front_keeper keeper;
    struct front_dials dials;
    struct front_machines machines;
    struct front_streams streams;
    struct front_count count;
};

/* front_pass asks what c->ask says, of this kind, with bytes that nobody here reads beside it. */
void front_pass(struct front_call *c, enum talk_kind kind, struct span bytes,
                void (*answered)(struct front_call *c, const struct talk_answer *a,
                                 const struct front_texts *t));

/* front_appraise asks for an appraisal of evidence, by c->ask, and a token where one is wanted. */
void front_appraise(struct front_call *c, struct span evidence, bool want_token,
                    void (*answered)(struct front_call *c, const struct talk_answer *a,
                                     const struct front_texts *t));

/* front_v1_appraised answers with the report, or the token where one was wanted; front_v1_wants_token says that what the
 * client accepts is one. */
void front_v1_appraised(struct front_call *c, const struct talk_answer *a,
                        const struct front_texts *t);
bool front_v1_wants_token(const struct front_call *c);

/* front_serve is what the server calls; its context is a struct front. */
extern const struct http_does front_serve;

#endif
