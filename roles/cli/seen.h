/* The option that names numbers of signed lists seen before. */
#ifndef SITUS_CLI_SEEN_H
#define SITUS_CLI_SEEN_H

#include "cli/args.h"
#include "situs.h"

#define SEEN_MAX (sizeof((struct words){0}).v / sizeof(char *))

struct seen_option {
    struct situs_seen v[SEEN_MAX];
    char *text[SEEN_MAX]; /* malloc'd: what v points into */
    size_t n;
};

#define OPTION_LIST_SEEN(to)                                                  \
    OPTION_LIST("list-seen", 0, "KIND:ANCHOR[/SUBJECT][=FACILITY]=N", to,     \
                "highest number of a signer's lists seen so far: list.seen, " \
                "poe.revocation_seen")

/*
 * seen_option_read reads values of --list-seen, "KIND:ANCHOR[/SUBJECT][=FACILITY]=NUMBER", as
 * seen_write writes them: within a name ":", "/", "=" and "%" stand as %XX. One that could be read
 * in two ways is refused, and so is one that nothing in trust is called. False: said on stderr. The
 * zero state may be freed.
 */
bool seen_option_read(struct seen_option *s, const struct words *values,
                      const struct situs_trust *trust);
void seen_option_free(struct seen_option *s);

#endif
