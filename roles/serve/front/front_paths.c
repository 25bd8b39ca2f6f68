/* Paths; see front_paths.h. */
#include "serve/front/front_paths.h"

#include "serve/front/front_does.h"

enum {
    ALLIANCE_ROWS = 0
#define PATH(function, method, path, door, produces, consumes, query, refusals, summary) +1
#include "serve/front/alliance_paths.def"
#undef PATH
};

#define PUBLIC false
#define INSIDE true
static const struct front_row rows[] = {
#define PATH(function, method, path, door, produces, consumes, query, refusals, summary) \
    {function, #method, path, door, produces, consumes, query, refusals, summary},
#include "serve/front/alliance_paths.def"
#include "serve/front/front_paths.def"
};

static const struct front_row gate_rows[] = {
#include "serve/front/gate_paths.def"
#undef PATH
};

const struct front_row *front_paths_rows(bool alliance, size_t *n)
{
    size_t first = alliance ? 0 : ALLIANCE_ROWS;
    *n = sizeof rows / sizeof *rows - first;
    return rows + first;
}

const struct front_row *front_paths_gate(size_t *n)
{
    *n = sizeof gate_rows / sizeof *gate_rows;
    return gate_rows;
}
