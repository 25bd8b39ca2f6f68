/* Files that a process of the service may see: landlock(7), where the kernel has it. */
#ifndef SITUS_SERVE_SERVE_CONFINE_H
#define SITUS_SERVE_SERVE_CONFINE_H

#include <stdbool.h>
#include <stddef.h>

/*
 * serve_confine_fetcher takes from this process, and whatever it becomes, every file but these: below cache it may do
 * anything; libraries, certificates and what names are resolved by it may read, and so the files and folders of reads (n;
 * NULL: none in that place). serve_confine_reader leaves what a program needs to start and the time zone, and reads. False:
 * it could not be confined. A kernel that has no landlock, or a container that forbids it, confines nothing, and that is no
 * failure.
 */
bool serve_confine_fetcher(const char *cache, const char *const *reads, size_t n);
bool serve_confine_reader(const char *const *reads, size_t n);

#endif
