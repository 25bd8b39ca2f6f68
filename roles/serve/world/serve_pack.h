/*
 * What the policies of a world rest on, as the bytes that were read once: sealed memory, from which the judges' second
 * build reads a world of its own. Both programs are of one release, and it is no format for others.
 */
#ifndef SITUS_SERVE_SERVE_PACK_H
#define SITUS_SERVE_SERVE_PACK_H

#include "serve/world/serve_loaded.h"

/* serve_pack_write makes the memory: a descriptor, or -1. */
int serve_pack_write(const struct serve_world *w);

/* serve_pack_read loads what judges need of a world out of such memory, which must outlive it; of its configuration that is
 * the number of policies and what bounds a judge. False: said on stderr. */
bool serve_pack_read(struct serve_world *w, struct span pack);

#endif
