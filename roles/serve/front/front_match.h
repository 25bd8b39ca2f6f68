/* Which row of the table a request is for. */
#ifndef SITUS_SERVE_FRONT_MATCH_H
#define SITUS_SERVE_FRONT_MATCH_H

#include "serve/front/front_state.h"

enum front_match { FRONT_FOUND, FRONT_NO_PATH, FRONT_NO_METHOD };

/*
 * front_match_find finds the row of a request's method and path, as sent: no path of the table needs
 * an escape, so one that has any is not there. part is what the segment in braces stands for. A path
 * that has other methods gives those in allow. HEAD is GET (RFC 9110, 9.3.2).
 */
enum front_match front_match_find(const struct front *f, const struct http_call *http,
                                  struct span path, size_t *row, char part[TALK_SESSION],
                                  char allow[64]);

/* front_match_row is the first row that a function serves; there is one. */
const struct front_row *front_match_row(const struct front *f, void (*serve)(struct front_call *c));

#endif
