/* What is told of a watched machine, as JSON (openapi.json: Machine). */
#ifndef SITUS_SERVE_MACHINE_TEXT_H
#define SITUS_SERVE_MACHINE_TEXT_H

#include "base/wr.h"
#include "serve/world/serve_machines.h"

/* machine_text_write writes it as of a time, Unix seconds; row NULL: another keeper has it. */
void machine_text_write(struct wr *w, const struct serve_machine *m,
                        const struct continuity_row *row, int64_t at);

#endif
