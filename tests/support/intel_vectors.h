/* The real Intel chains and CRLs among the vectors. */
#ifndef SITUS_TESTS_INTEL_VECTORS_H
#define SITUS_TESTS_INTEL_VECTORS_H

#include "base/span.h"

/* intel_vectors_folders names the folders of tdx/ that hold a quote; NULL ends the list. */
extern const char *const intel_vectors_folders[];

/* intel_vectors_read reads a file of such a folder; empty when the folder has no such file. */
struct span intel_vectors_read(const char *folder, const char *file);

/* intel_vectors_pck_chain is the PEM chain inside the folder's quote, both ends included. */
struct span intel_vectors_pck_chain(const char *folder);

#endif
