/* Part of situs.h: why something was not done, and the bytes and the memory that all of it
 * takes. */
#ifndef SITUS_H
#error "include situs.h"
#endif

#if defined(__GNUC__)
#define SITUS_API __attribute__((visibility("default")))
#define SITUS_MUST_CHECK __attribute__((warn_unused_result))
#else
#define SITUS_API
#define SITUS_MUST_CHECK
#endif

/*
 * Reason codes: X(enumerator, "stable word", "hint that holds wherever the code appears").
 * Words are never renamed; new codes go at the end.
 */
#define SITUS_CODES(X)                                                                             \
    X(NONE, "none", "")                                                                            \
    X(MISSING, "missing", "supply the missing item")                                               \
    X(MALFORMED, "malformed", "the bytes are damaged or are not of this kind; collect them again") \
    X(TOO_SHORT, "too-short", "the input ends too early; it was cut short, collect it again")      \
    X(TOO_LONG, "too-long", "the input is larger than any honest one; see docs/LIMITS.md")         \
    X(TRAILING, "trailing",                                                                        \
      "it ends there: something else was joined to it; get it again as it was made")               \
    X(DUPLICATE, "duplicate", "give this item exactly once")                                       \
    X(UNKNOWN, "unknown", "the name or value is not one that situs knows; check its spelling")     \
    X(UNSUPPORTED, "unsupported", "situs does not accept this form or value; see docs/LIMITS.md")  \
    X(MISMATCH, "mismatch", "two items that must agree do not; they are not from one machine")     \
    X(BAD_SIGNATURE, "bad-signature", "the signature does not hold: the bytes were altered")       \
    X(UNTRUSTED, "untrusted", "no trust anchor for this use ends the chain; see --trust")          \
    X(EXPIRED, "expired", "fetch it anew, or appraise at a time inside its validity with --at")    \
    X(NOT_YET_VALID, "not-yet-valid", "check the clock, or the time given with --at")              \
    X(REVOKED, "revoked", "its issuer has withdrawn it; do not use this platform")                 \
    X(NOT_ALLOWED, "not-allowed", "the policy does not allow this value")                          \
    X(OUT_OF_DATE, "out-of-date", "update the platform as the report says")                        \
    X(NOT_MEASURED, "not-measured", "the register does not hold a measurement")                    \
    X(NO_MEMORY, "no-memory", "give the verification more memory")                                 \
    X(INTERNAL, "internal", "the crypto library failed; nothing can be concluded")                 \
    X(BUSY, "busy", "others are being served; try again in a moment")

enum situs_code {
#define SITUS_CODE_ENUM(name, word, hint) SITUS_##name,
    SITUS_CODES(SITUS_CODE_ENUM)
#undef SITUS_CODE_ENUM
        SITUS_CODE_COUNT
};

/* No byte offset applies to this error. */
#define SITUS_NO_OFFSET SIZE_MAX

/* situs_err says why reading stopped: what was read, which field, where, and what was expected. */
struct situs_err {
    enum situs_code code; /* SITUS_NONE: no error */
    char part[40];        /* which input, as "quote" or "collateral tcb_info" */
    char field[80];       /* dotted field name of the specification, as "header.version" */
    size_t at;            /* byte offset in the part, or SITUS_NO_OFFSET */
    char expected[160];
    char got[160];
    char hint[200]; /* what to do; empty: the code's own hint applies */
};

/* Memory that the caller hands in: an object is built inside and lives there until it is freed. */
struct situs_memory {
    void *p;
    size_t size;
};

/* Bytes that the caller lends; name is for messages (a file name), zero-terminated. */
struct situs_item {
    const char *name;
    const void *p;
    size_t size;
};

/* situs_version is the version of the library, as "0.1.0". */
SITUS_API const char *situs_version(void);

/* situs_code_name is the stable word of a code; situs_code_hint its general hint. */
SITUS_API const char *situs_code_name(enum situs_code code);
SITUS_API const char *situs_code_hint(enum situs_code code);
