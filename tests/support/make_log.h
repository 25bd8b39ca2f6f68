/* Builds small event logs for tests, and the registers that they explain. */
#ifndef SITUS_TESTS_MAKE_LOG_H
#define SITUS_TESTS_MAKE_LOG_H

#include "base/wr.h"
#include "evidence/tcg_log.h"

#define MAKE_LOG_ROOM 65536

/* A log under construction, with these hashes in its header, in this order. */
struct make_log {
    uint8_t bytes[MAKE_LOG_ROOM];
    struct wr w;
    enum hash hash[LIMIT_LOG_BANKS];
    size_t n;
};

/* make_log_start writes the Spec ID header. hashes ends with HASH_NONE. */
void make_log_start(struct make_log *m, const enum hash *hashes);

/* make_log_event adds an event whose digests are the hashes of measured, and whose data is data. */
void make_log_event(struct make_log *m, uint32_t index, uint32_t type, struct span measured,
                    struct span data);

/* make_log_digest adds an event with SHA-384 digest only (the log must have just that bank). */
void make_log_digest(struct make_log *m, uint32_t index, uint32_t type, struct span digest,
                     struct span data);

/* make_log_only adds an event with the digest of one of the header's banks alone. */
void make_log_only(struct make_log *m, enum hash bank, uint32_t index, uint32_t type,
                   struct span measured);

/* make_log_no_action adds an EV_NO_ACTION event: zero digests. */
void make_log_no_action(struct make_log *m, uint32_t index, struct span data);

/* make_log_read reads what was built; the test fails when it cannot be read. The events live in
 * memory that is never freed before the program ends. */
struct events make_log_read(const struct make_log *m, enum log_kind kind);

/* make_log_load reads a log from bytes in the same way. */
struct events make_log_load(struct span bytes, enum log_kind kind);

#endif
