/* The option that names numbers of signed lists seen before. */
#ifndef SITUS_VERIFIER_LIST_SEEN_H
#define SITUS_VERIFIER_LIST_SEEN_H

#include "frame/args.h"
#include "situs.h"

#define LIST_SEEN_MAX (sizeof((struct words){0}).v / sizeof(char *))

struct list_seen {
    struct situs_seen v[LIST_SEEN_MAX];
    char *text[LIST_SEEN_MAX]; /* malloc'd: what v points into */
    size_t n;
};

#define OPTION_LIST_SEEN(to)                                                  \
    OPTION_LIST("list-seen", 0, "KIND:ANCHOR[/SUBJECT][=FACILITY]=N", to,     \
                "highest number of a signer's lists seen so far: list.seen, " \
                "poe.revocation_seen")

/*
 * list_seen_read reads values of --list-seen, "KIND:ANCHOR[/SUBJECT][=FACILITY]=NUMBER", as
 * seen_write writes them: within a name ":", "/", "=" and "%" stand as %XX. One that could be read
 * in two ways is refused, and so is one that nothing in trust is called. False: said on stderr. The
 * zero state may be freed.
 */
bool list_seen_read(struct list_seen *s, const struct words *values,
                    const struct situs_trust *trust);
void list_seen_free(struct list_seen *s);

#endif
