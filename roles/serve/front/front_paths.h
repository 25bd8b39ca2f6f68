/* The table of paths (front_paths.def). */
#ifndef SITUS_SERVE_FRONT_PATHS_H
#define SITUS_SERVE_FRONT_PATHS_H

#include "serve/front/front_call.h"

/* front_paths_rows is the table, of n rows; with those of the alliance (alliance_paths.def) at its end, or without. */
const struct front_row *front_paths_rows(bool alliance, size_t *n);

/* front_paths_gate is that of a registrar (gate_paths.def). */
const struct front_row *front_paths_gate(size_t *n);

#endif
