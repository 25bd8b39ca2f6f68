/* Verifying the audit log: that each line follows the one before it, through one file and into the next. */
#ifndef SITUS_AUDIT_AUDIT_CHAIN_H
#define SITUS_AUDIT_AUDIT_CHAIN_H

#include "audit/audit_line.h"

/* The zero state is that of no line. */
struct audit_chain {
    struct audit_head before; /* of the first line */
    struct audit_head head;   /* of the last line so far */
    uint64_t lines;
    int64_t first_at, last_at;
    struct audit_head noted; /* elsewhere, before; number 0: none */
    bool met;                /* the noted line is there, and is that line */
    size_t line;             /* from 1: the one of the last file at which reading stood */
};

/*
 * audit_chain_add reads the lines of a file behind those that were read before. False at the first that does not
 * follow: err has its offset, and field json, line (it has no end, or is too long), n, prev, at, or noted: the line of
 * the noted number is another.
 */
bool audit_chain_add(struct audit_chain *c, struct span file, const char *part,
                     struct situs_err *err);

#endif
