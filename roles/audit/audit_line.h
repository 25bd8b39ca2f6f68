/* One line of the audit log (PROTOCOLS: audit log): what was concluded, and the hash of the line before. */
#ifndef SITUS_AUDIT_AUDIT_LINE_H
#define SITUS_AUDIT_AUDIT_LINE_H

#include "base/err.h"
#include "base/wr.h"

#define AUDIT_LINE 1024 /* bytes of a line at most, with its newline */

/* The last line of a chain. The zero state is that of none. */
struct audit_head {
    uint64_t number; /* 1 or more; 0: no line */
    uint8_t sha256[32];
};

/* One appraisal that is answered for. */
struct audit_entry {
    int64_t at;       /* Unix seconds */
    uint64_t request; /* "ask" of the service's log */
    const char *policy;
    const uint8_t *policy_sha256, *evidence_sha256; /* 32 bytes each */
    const uint8_t *token;                           /* its jti, 16 bytes; NULL: none was signed */
    unsigned proofs;                                /* that hold: enum proof, or-ed */
    int exit;                                       /* of situs-verify(1) */
    bool archived, simulated;
    unsigned judges; /* that said it */
};

/* A number that the operator took from what the service has on record ("forget" of situs-serve(5)). */
struct audit_forgotten {
    int64_t at;                                     /* Unix seconds */
    const char *kind, *anchor, *subject, *facility; /* of table situs_seen */
    int64_t number;
};

/* audit_line_write writes the line after head, with its newline, and makes it the head. False: it does not fit, or
 * OpenSSL fails; head is as it was. */
bool audit_line_write(struct wr *w, struct audit_head *head, const struct audit_entry *e);

/* audit_line_forget does so of a number that is forgotten: kind and anchor as they are, 120 bytes at most, and of subject, a
 * zero byte and facility the SHA-256. */
bool audit_line_forget(struct wr *w, struct audit_head *head, const struct audit_forgotten *f);

/*
 * audit_line_read reads a line without its newline: before is the line that it says it follows, head itself. Whatever
 * else stands in it is not looked at. Fields: those of json_read, n, prev, at.
 */
bool audit_line_read(struct span line, const char *part, struct audit_head *before,
                     struct audit_head *head, int64_t *at, struct situs_err *err);

#endif
