/* Files that who asks a source may see: landlock(7), where the kernel has it. */
#ifndef SITUS_SERVE_FETCHER_CONFINE_H
#define SITUS_SERVE_FETCHER_CONFINE_H

#include <stdbool.h>
#include <stddef.h>

/*
 * fetcher_confine takes from this process, and whatever it becomes, every file but these: below cache it may do anything;
 * libraries, certificates and what names are resolved by it may read, and so the files of reads (n; NULL: none in that
 * place). False: it could not be confined. A kernel that has no landlock confines nothing, and that is no failure.
 */
bool fetcher_confine(const char *cache, const char *const *reads, size_t n);

#endif
