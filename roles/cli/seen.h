/* The options that name numbers of signed lists seen before: "SIGNER=NUMBER", and for machine lists
 * "SIGNER=FACILITY=NUMBER". */
#ifndef SITUS_CLI_SEEN_H
#define SITUS_CLI_SEEN_H

#include "cli/args.h"
#include "model/seen.h"

#define SEEN_MAX (sizeof((struct words){0}).v / sizeof(char *))

struct seen_option {
    struct situs_seen v[SEEN_MAX];
    char *text[SEEN_MAX]; /* malloc'd: what v points into */
    size_t n;
};

#define OPTION_LIST_SEEN(to)                               \
    OPTION_LIST("list-seen", 0, "SIGNER[=FACILITY]=N", to, \
                "highest number of a signer's machine lists seen so far")
#define OPTION_REVOCATION_SEEN(to)                    \
    OPTION_LIST("revocation-seen", 0, "ISSUER=N", to, \
                "highest number of an issuer's revocation lists seen so far")

/* seen_option_read reads the values of --option; each signer must be an anchor of trust for the
 * use. False: said on stderr. The zero state may be freed. */
bool seen_option_read(struct seen_option *s, const struct words *values, const char *option,
                      const struct trust *trust, enum anchor_use use);
void seen_option_free(struct seen_option *s);

static inline struct seen seen_option_set(const struct seen_option *s)
{
    return (struct seen){s->v, s->n};
}

#endif
