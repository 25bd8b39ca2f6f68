/* The files of a configuration: what the service writes is no file that it reads, or writes for something else. */
#ifndef SITUS_SERVE_SERVE_FILES_H
#define SITUS_SERVE_SERVE_FILES_H

#include "serve/world/serve_config.h"

/*
 * serve_files_differ says that each thing which the service writes (audit log, database, marks, sockets, what it fetches)
 * is a file of its own, whatever links lead to it, also where it is yet to be made; that none of them, and no key, lies in
 * the cache, where what asks the network may write; and that the two doors are two. Else duplicate or not-allowed: part
 * configuration, the field is one of the two, got the other.
 */
bool serve_files_differ(const struct serve_config *c, struct situs_err *err);

#endif
