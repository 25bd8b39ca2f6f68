/* Paths; see front_paths.h. */
#include "serve/front_paths.h"

#include "serve/front_does.h"

#define PUBLIC false
#define INSIDE true
static const struct front_row rows[] = {
#define PATH(function, method, path, door, produces, consumes, query, summary) \
    {function, #method, path, door, produces, consumes, query, summary},
#include "serve/front_paths.def"
};

static const struct front_row gate_rows[] = {
#include "serve/gate_paths.def"
#undef PATH
};

const struct front_row *front_paths_rows(size_t *n)
{
    *n = sizeof rows / sizeof *rows;
    return rows;
}

const struct front_row *front_paths_gate(size_t *n)
{
    *n = sizeof gate_rows / sizeof *gate_rows;
    return gate_rows;
}
