/* The files of the page (roles/page), which are in the program. */
#ifndef SITUS_SERVE_FRONT_PAGE_H
#define SITUS_SERVE_FRONT_PAGE_H

#include <stddef.h>

struct page_file {
    const char *path; /* at which it is served; NULL after the last */
    const unsigned char *p;
    size_t n;
};

extern const struct page_file page_files[];

#endif
