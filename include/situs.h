/*
 * situs: proof of cloud. Appraises evidence that a confidential VM runs on a machine which a named,
 * accountable owner keeps (RFC 9334 roles: this library is the Verifier).
 *
 * Rules of this header.
 *  - The library has no global state, does no I/O, reads no clock and no environment. Time, trust
 *    anchors, collateral and policy are arguments. Times are Unix seconds, sizes are bytes.
 *  - Every object is built inside memory that the caller hands in (struct situs_memory) and lives
 *    there; inputs (struct situs_item bytes; of a result, all that its request points to, policy and
 *    anchors too) must outlive every object made from them.
 *  - A function that takes struct situs_err returns NULL, or false, on failure and says there why;
 *    it clears what stood there first. Its outputs are then unusable and say "refused". No argument
 *    is NULL unless stated.
 *  - A snapshot, endorsements, a policy and a trust store are immutable once made and may be shared
 *    by threads; a context belongs to one thread at a time.
 *  - How structs grow. Size and order of each are fixed for the life of a soname. Those that end in
 *    reserved grow into it, and only there; the others never do. Fill them with designated
 *    initialisers: zero means not given, so that an older program asks a newer library for nothing
 *    that it does not know. What it is given with reserved not zero a library refuses: a newer
 *    program asked for something that this one does not know, and must not take its silence for a
 *    yes. (A size as first member would say no more, and could be forgotten.) In what the library
 *    fills, reserved is zero.
 */
#ifndef SITUS_H
#define SITUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SITUS_VERSION "0.1.0"

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

/* Sizes that are usually enough, for arrays. What is always enough for the inputs at hand,
 * situs_policy_memory, situs_trust_memory, situs_snapshot_memory and situs_verify_memory say. Too
 * little is refused: no-memory. */
#define SITUS_POLICY_MEMORY (512 * 1024)
#define SITUS_TRUST_MEMORY (2 * 1024 * 1024)
#define SITUS_SNAPSHOT_MEMORY (16 * 1024 * 1024)
#define SITUS_VERIFY_MEMORY (256 * 1024)

/* Bytes that the caller lends; name is for messages (a file name), zero-terminated. */
struct situs_item {
    const char *name;
    const void *p;
    size_t size;
};

struct situs_trust;        /* trust anchors */
struct situs_policy;       /* what is required */
struct situs_snapshot;     /* Intel collateral, verified once */
struct situs_endorsements; /* words of others about machines, and CRLs, verified once */
struct situs_context;      /* what was verified before, for one thread at a time */
struct situs_result;       /* one appraisal */

/* situs_version is the version of the library, as "0.1.0". */
SITUS_API const char *situs_version(void);

/* situs_code_name is the stable word of a code; situs_code_hint its general hint. */
SITUS_API const char *situs_code_name(enum situs_code code);
SITUS_API const char *situs_code_hint(enum situs_code code);

/*
 * situs_policy_memory, situs_trust_memory and situs_snapshot_memory are bytes of memory in which
 * situs_policy_read, situs_trust_read and situs_snapshot_load of these items never fail for want of
 * it: a few times their sizes. The items are not read.
 */
SITUS_API size_t situs_policy_memory(struct situs_item file);
SITUS_API size_t situs_trust_memory(struct situs_item file);
SITUS_API size_t situs_snapshot_memory(const struct situs_item *items, size_t n);

/* situs_trust_builtin is the built-in anchors: Intel, AMD, Google, Microsoft. Constant. */
SITUS_API const struct situs_trust *situs_trust_builtin(void);

/* situs_trust_read makes a trust store from a trust file (JSON, situs-trust(5)); NULL on failure.
 */
SITUS_API SITUS_MUST_CHECK const struct situs_trust *
situs_trust_read(struct situs_item file, struct situs_memory memory, struct situs_err *err);

/* situs_policy_read makes a policy from a policy file (JSON, situs-policy(5)); NULL on failure. */
SITUS_API SITUS_MUST_CHECK const struct situs_policy *
situs_policy_read(struct situs_item file, struct situs_memory memory, struct situs_err *err);

/* situs_policy_preset makes the policy of a preset, as "genuine"; NULL when there is none. */
SITUS_API SITUS_MUST_CHECK const struct situs_policy *
situs_policy_preset(const char *name, struct situs_memory memory, struct situs_err *err);

/* situs_policy_preset_name is the name of preset i; NULL after the last. */
SITUS_API const char *situs_policy_preset_name(size_t i);

/*
 * situs_snapshot_load reads and verifies Intel collateral: PCS answers, PEM chains, CRLs (DER, hex,
 * PEM) or a dcap-qvl JSON, told by content. Signatures are checked here, once; validity times at
 * each use. The items and trust must outlive the snapshot. Free with situs_snapshot_free; NULL on
 * failure.
 */
SITUS_API SITUS_MUST_CHECK struct situs_snapshot *
situs_snapshot_load(const struct situs_item *items, size_t n, const struct situs_trust *trust,
                    struct situs_memory memory, struct situs_err *err);

/*
 * situs_snapshot_tabulate makes a table for the key of each PCK CA in the snapshot: a verifier that
 * sees many machines for the first time verifies each of their certificates twice as fast. It costs
 * as much as some hundred verifications a key, and 150 KiB of OpenSSL's heap, which
 * situs_snapshot_free gives back; no answer depends on it. Call it before the snapshot is shared.
 * False: not every key has one, for want of memory or of tables in this OpenSSL (then, and for
 * NULL, all is as before).
 */
SITUS_API bool situs_snapshot_tabulate(struct situs_snapshot *snapshot);

/* situs_collateral_read says that the items read as collateral, before any signature is asked: it
 * tells a damaged download from collateral that situs_snapshot_load refuses for what it says.
 * Memory as for situs_snapshot_load; nothing is kept. */
SITUS_API SITUS_MUST_CHECK bool situs_collateral_read(const struct situs_item *items, size_t n,
                                                      const struct situs_trust *trust,
                                                      struct situs_memory memory,
                                                      struct situs_err *err);

/* situs_snapshot_free releases the keys of a snapshot; NULL is allowed. */
SITUS_API void situs_snapshot_free(struct situs_snapshot *snapshot);

#define SITUS_ENDORSEMENTS 16 /* of one appraisal, those of a bundle among them */

/*
 * situs_endorsements_load reads what the verifier itself holds of others' words about machines:
 * ownership endorsements, signed machine lists and revocation lists, tokens and lists of registries,
 * documents of Google's hosts (whose name is the host's PPID), and CRLs of their signers (DER or
 * PEM), told by content. What is empty, of no known kind, or does not read to its last byte refuses
 * all of them: err's part is the item's name. At most SITUS_ENDORSEMENTS.
 *
 * What holds for good is verified here, once: signatures, chains to the anchors of trust (NULL: the
 * built-in ones), CRLs under the keys of anchors and of the certificates that came with the items;
 * of lists it is noted where an id stands. A signature that does not hold refuses nothing here: it
 * fails its row where it is judged. Times, policy, what CRLs and revocation lists say, and whether
 * it is of the machine, are judged at each use; a request under another trust store than this one
 * verifies the chains anew.
 *
 * Nothing is copied but CRLs out of PEM: the items' bytes and names, and trust, must outlive the
 * object. It is never changed, and threads may share it. Free with situs_endorsements_free; NULL on
 * failure: appraise nothing then. A request takes NULL for none, and a revocation list that nobody
 * read takes nothing back.
 */
SITUS_API SITUS_MUST_CHECK struct situs_endorsements *
situs_endorsements_load(const struct situs_item *items, size_t n, const struct situs_trust *trust,
                        struct situs_memory memory, struct situs_err *err);

/* situs_endorsements_memory is bytes of memory in which situs_endorsements_load of these items never
 * fails for want of it. Nothing is read but what kind of bytes they are. */
SITUS_API size_t situs_endorsements_memory(const struct situs_item *items, size_t n);

/* situs_endorsements_free releases what the object holds beside its memory; NULL is allowed. A
 * request that names it after that is refused, as long as its memory is nothing else. */
SITUS_API void situs_endorsements_free(struct situs_endorsements *endorsements);

/* situs_context_size is the memory that a context with so many cache slots needs: one for each
 * machine that is to be known again. */
SITUS_API size_t situs_context_size(size_t slots);

/*
 * situs_context_new makes a context of situs_context_size(slots) bytes; NULL when memory is too
 * small. Free with situs_context_free.
 *
 * A key that comes again and again (of a PCK certificate, a quoting enclave, a TPM, an issuer of
 * endorsements) earns a table, with which its signatures are verified twice as fast: after 8 of them
 * on P-384, 768 on P-256, so that the table has never cost more than its want did. That one
 * appraisal takes 2 or 16 ms more. At most 32 keys have one, of 280 or 150 KiB each, on OpenSSL's
 * heap; one that no longer comes gives its place to another.
 */
SITUS_API SITUS_MUST_CHECK struct situs_context *situs_context_new(size_t slots,
                                                                   struct situs_memory memory);

/* situs_context_free releases the cached keys and their tables; NULL is allowed. */
SITUS_API void situs_context_free(struct situs_context *context);

/* The highest number that the caller has seen of one signer's lists of a kind. A signer counts each
 * kind by itself, and machine lists of several facilities it may count apart. What the trust store
 * does not have for this use refuses the request. */
struct situs_seen {
    const char *kind;     /* "ppid", "chip_id": machine lists of these ids; "revocation" */
    const char *anchor;   /* the name of the anchor under which the signer stands */
    const char *subject;  /* of the signer's certificate, as "CN=NAME": it is then followed under
                             whatever anchor its chain ends in; NULL: all signers under the anchor */
    const char *facility; /* of machine lists; NULL: of every facility */
    uint64_t number;      /* 1 or more */
};

/* situs_seen_known says that every entry can speak of a list: of a kind, a signer's anchor of trust
 * (NULL: the built-in ones) and a number. situs_verify refuses a request with another. */
SITUS_API SITUS_MUST_CHECK bool situs_seen_known(const struct situs_seen *seen, size_t n,
                                                 const struct situs_trust *trust,
                                                 struct situs_err *err);

/* situs_evidence_memory is bytes of memory in which situs_evidence_read of this item never fails
 * for want of it: about its size. */
SITUS_API size_t situs_evidence_memory(struct situs_item in);

/*
 * situs_evidence_read makes the bytes of evidence out of what people have: hex (with 0x, with
 * blanks between the bytes), base64 (blanks are allowed), base64url, either of them between lines
 * as of PEM, or JSON with it as "quote" (dstack) or "intel_quote" (Phala); other members nobody
 * signed, and they are left out. What is known and no evidence (a certificate, an endorsement,
 * collateral, a report of another maker, text of a protocol buffer) is refused by its name. Bundles
 * and other bytes are themselves: situs_verify says what is wrong with them. out points into in or
 * memory, which must outlive it, and has in's name. False on failure.
 */
SITUS_API SITUS_MUST_CHECK bool situs_evidence_read(struct situs_item in,
                                                    struct situs_memory memory,
                                                    struct situs_item *out, struct situs_err *err);

/* Several challenges at once: the fastest and the middle answer, microseconds; the slowest is the
 * request's round_trip_us. n 0: one challenge, or none. It is for the report alone. */
struct situs_round_trips {
    size_t n;
    int64_t least_us, median_us;
};

/* What is to be appraised. Items whose p is NULL and whose size is 0 are not given. What is given
 * and does not read (an item of size 0) refuses the request: the error's part is the item's name,
 * the exit code 1. */
struct situs_request {
    struct situs_item evidence; /* a raw quote or a bundle (CBOR or JSON), told by content */
    struct situs_item ccel;     /* CC event log of the TD, when it is not in the bundle */
    struct situs_item pcr_log;  /* TCG event log of the guest's TPM, likewise */
    struct situs_item nonce;    /* the challenge: 32 bytes, not all zero, issued and used once */
    struct situs_item channel;  /* the peer's SubjectPublicKeyInfo, DER */
    const struct situs_endorsements *endorsements; /* of the machine, beside those in the bundle;
                                                      NULL: none */
    const struct situs_seen *list_seen; /* of lists seen before: the report's claims list.seen and
                                           poe.revocation_seen say what to give next time */
    size_t n_list_seen;                 /* 0: an older list passes while it is in its time */
    const struct situs_trust *trust;    /* NULL: the built-in anchors. Collateral counts under the
                                           anchor of the quote's chain: a snapshot that was
                                           loaded under none of that certificate is missing */
    const struct situs_policy *policy;  /* NULL gives no result */
    const struct situs_snapshot *snapshot; /* NULL: the collateral in the bundle; none there either:
                                              what needs it fails as missing */
    struct situs_context *context;         /* NULL: nothing is cached */
    int64_t at;                            /* time of appraisal, Unix seconds */
    bool archived;         /* at is not now: stored evidence, which gives no live proof */
    int64_t round_trip_us; /* from challenge to evidence, microseconds; 0: not measured */
    struct situs_round_trips round_trips;
    uintptr_t warn_days;   /* situs_result_warning: days before the end; 0: never */
    uintptr_t reserved[7]; /* zero; else the request is refused, exit code 1 */
};

/* situs_verify_memory is bytes of memory in which situs_verify of this request never fails for want
 * of it; NULL gives 0. Nothing is read but what kind of bytes the items are. */
SITUS_API size_t situs_verify_memory(const struct situs_request *request);

/*
 * situs_verify appraises a request. The result lies in memory (situs_verify_memory) and points into
 * the request's items; it is valid while they are. NULL only when memory is too small to hold a
 * result or policy is NULL: treat it as refused.
 */
SITUS_API SITUS_MUST_CHECK const struct situs_result *
situs_verify(const struct situs_request *request, struct situs_memory memory);

/*
 * situs_refused is the result of a request whose evidence or collateral the caller himself could not
 * read or load, for why (as situs_snapshot_load said): refused, with every check not run, and the
 * exit code that situs_verify gives when they come in a bundle. It is for a report of that. NULL as
 * situs_verify.
 */
SITUS_API SITUS_MUST_CHECK const struct situs_result *
situs_refused(const struct situs_request *request, const struct situs_err *why,
              struct situs_memory memory);

/* situs_result_trusted says that nothing failed and every required proof holds; NULL gives false.
 */
SITUS_API SITUS_MUST_CHECK bool situs_result_trusted(const struct situs_result *result);

/* situs_result_exit is the exit code of situs-verify(1): 0 only for trusted; NULL gives 2. */
SITUS_API int situs_result_exit(const struct situs_result *result);

/* situs_result_holds says that the named proof of situs_result_proof, as "genuine", holds; NULL and
 * unknown names give false. */
SITUS_API bool situs_result_holds(const struct situs_result *result, const char *proof);

/* situs_result_simulated says that an anchor in use is marked as simulated; NULL gives
 * false. */
SITUS_API bool situs_result_simulated(const struct situs_result *result);

/* situs_result_claim writes the text form of a claim, as "tdx.mrtd", with a zero byte; false when
 * the evidence makes no such claim with authority, or size is too small. */
SITUS_API bool situs_result_claim(const struct situs_result *result, const char *name, char *text,
                                  size_t size);

enum situs_outcome { SITUS_NOT_RUN, SITUS_PASS, SITUS_FAIL };

/* One row of the report. Texts live as long as the library or the result; situs_err's hint may be
 * empty: the code's own then applies. */
struct situs_check {
    const char *id;       /* a stable word, as "tdx.tcb" */
    const char *sentence; /* what is so when it passes */
    const char *source;   /* the section of docs/DESIGN.md, and the specification behind it */
    enum situs_outcome outcome;
    bool refuses;                /* the request is refused for this, too */
    uint64_t proofs;             /* bit i: proof i of situs_result_proof needs it */
    const char *reason;          /* SITUS_NOT_RUN: why; else NULL */
    const struct situs_err *why; /* SITUS_FAIL: why; else NULL */
    uintptr_t reserved[4];
};

/* situs_result_check is row i of the report, in its order: each check that speaks of this kind of
 * evidence, whatever its outcome. False after the last, and for NULL. */
SITUS_API SITUS_MUST_CHECK bool situs_result_check(const struct situs_result *result, size_t i,
                                                   struct situs_check *check);

/* One reason against a result. why is whole: its hint is never empty. */
struct situs_error {
    const char *check;          /* the id of the row; NULL: of no row */
    enum situs_outcome outcome; /* of the row: SITUS_FAIL or SITUS_NOT_RUN; of no row: SITUS_FAIL */
    bool refuses;               /* the request is refused for this, too */
    struct situs_err why;
    uintptr_t reserved[4];
};

/*
 * situs_result_error is reason i. First those that refuse: why reading stopped or the request could
 * not be appraised; each row that failed; each that a required proof needs and that did not run
 * (code missing, got is why); where none of them is to blame, each required proof that does not
 * hold. Then rows that failed and refuse nothing: words about the machine that nobody asked for.
 * False after the last. A trusted result has none that refuses, a refused one has at least one, and
 * NULL has one.
 */
SITUS_API SITUS_MUST_CHECK bool situs_result_error(const struct situs_result *result, size_t i,
                                                   struct situs_error *error);

/* situs_result_reason is the one reason to tell first: of those of situs_result_error that refuse,
 * the first that gives the exit code. False for a trusted result; NULL has one. */
SITUS_API SITUS_MUST_CHECK bool situs_result_reason(const struct situs_result *result,
                                                    struct situs_error *error);

/* A named proof: the AND of some checks. */
struct situs_proof {
    const char *name;     /* a stable word, as "bound" */
    const char *sentence; /* what is so when it holds */
    bool required;        /* by the policy */
    bool holds;
    bool held_as_of; /* every row passes, and the evidence is archived: it was so at that time */
    uintptr_t reserved[4];
};

/* situs_result_proof is proof i; false after the last, and for NULL. */
SITUS_API SITUS_MUST_CHECK bool situs_result_proof(const struct situs_result *result, size_t i,
                                                   struct situs_proof *proof);

/* situs_result_rests_on is party or secret i that proof p rests on, as a sentence; NULL after the
 * last. */
SITUS_API const char *situs_result_rests_on(const struct situs_result *result, size_t p, size_t i);

/* situs_result_proof_error is reason i why proof p does not hold: why reading stopped, each row that
 * failed and takes it away, each that it needs and that did not run; where none of them is to blame,
 * what else. False after the last, and of a proof that holds. */
SITUS_API SITUS_MUST_CHECK bool situs_result_proof_error(const struct situs_result *result,
                                                         size_t p, size_t i,
                                                         struct situs_error *error);

/* situs_result_held_as_of says that nothing but the age of archived evidence refuses it: at the time
 * of the request each required proof held. It is no yes: nobody knows what is live now. */
SITUS_API SITUS_MUST_CHECK bool situs_result_held_as_of(const struct situs_result *result);

/* One party or secret that proofs which hold rest on. Texts live as the result does. */
struct situs_party {
    const char *role;     /* a stable word: "tee-maker", "keys", "image", "provider", "platform",
                             "tpm-maker", "host-image", "registrar", "list", "issuer" */
    const char *name;     /* as the trust file or the policy calls it; NULL: nobody named it */
    const char *sentence; /* what it is trusted for, or what it states */
    uint64_t proofs;      /* bit i: proof i of situs_result_proof holds and rests on it */
    uintptr_t reserved[4];
};

/* situs_result_party is party i, each once; false after the last, and for NULL. */
SITUS_API SITUS_MUST_CHECK bool situs_result_party(const struct situs_result *result, size_t i,
                                                   struct situs_party *party);

/* situs_result_until is when the first of those signed and dated words ends that the required proofs
 * rest on, Unix seconds, and which it is, as "the TCB info". False when none of them has an end. It
 * is no promise: what is revoked ends before, and live is of one moment. */
SITUS_API SITUS_MUST_CHECK bool situs_result_until(const struct situs_result *result, int64_t *at,
                                                   const char **what);

/* situs_result_warning writes a sentence, with a zero byte, where a trusted result rests on a word
 * that ends within the request's warn_days, days of 24 hours, of its time: which, and when. 160
 * bytes are enough. False when none does, for NULL, and when size is too small. */
SITUS_API SITUS_MUST_CHECK bool situs_result_warning(const struct situs_result *result, char *text,
                                                     size_t size);

/* situs_result_image is the policy's name of the guest image that the evidence is of (which: 0), or of
 * the host's on bare metal (1); NULL where none was found to be closed. */
SITUS_API const char *situs_result_image(const struct situs_result *result, int which);

/* What an appraisal was made of. */
enum situs_input {
    SITUS_INPUT_EVIDENCE,
    SITUS_INPUT_CCEL,
    SITUS_INPUT_PCR_LOG,
    SITUS_INPUT_POLICY,
    SITUS_INPUT_TRUST,
    SITUS_INPUT_COLLATERAL,
    SITUS_INPUT_ENDORSEMENT,
    SITUS_INPUT_CHANNEL
};

/*
 * situs_result_sha256 is SHA-256 of input i of a kind, as the caller gave it: of each but
 * endorsements i is 0, of collateral in several items it is SHA-256 of the items' own, concatenated
 * in ascending order; of the channel it is K, of the key that the evidence speaks for, whoever named
 * it. False where none was given; the built-in anchors are nobody's file, and what is in a bundle
 * is in the evidence's.
 */
SITUS_API SITUS_MUST_CHECK bool situs_result_sha256(const struct situs_result *result,
                                                    enum situs_input input, size_t i,
                                                    uint8_t sha256[32]);

/* situs_result_channel is the key (SubjectPublicKeyInfo, DER) that the evidence speaks for; or false. */
SITUS_API bool situs_result_channel(const struct situs_result *result, struct situs_item *spki);

/* situs_result_note is sentence i about what was accepted and deserves a word; NULL after the last.
 */
SITUS_API const char *situs_result_note(const struct situs_result *result, size_t i);

#define SITUS_CLAIM_NAME 64 /* bytes, with the zero byte */

/* situs_result_claim_name writes the name of claim i that situs_result_claim gives, with a zero
 * byte; false after the last, and for NULL. authority, if not NULL: the anchor by which it counts.
 */
SITUS_API SITUS_MUST_CHECK bool situs_result_claim_name(const struct situs_result *result, size_t i,
                                                        char name[SITUS_CLAIM_NAME],
                                                        const char **authority);

/* situs_result_json, situs_result_text and situs_result_brief write the reports of situs-verify(1)
 * with a zero byte: as JSON; every check and claim, for people; the answer, in at most 24 lines of
 * 80 columns. They return the size needed without the zero byte; a text of that size or more was
 * cut. */
SITUS_API size_t situs_result_json(const struct situs_result *result, char *text, size_t size);
SITUS_API size_t situs_result_text(const struct situs_result *result, bool colour, char *text,
                                   size_t size);
SITUS_API size_t situs_result_brief(const struct situs_result *result, bool colour, char *text,
                                    size_t size);

/* One ownership endorsement, asked without evidence of its machine. Items that are not given are
 * zero. */
struct situs_poe_request {
    struct situs_item poe;
    struct situs_item piid; /* the platform instance that it must be of, 16 or 32 bytes; not given:
                               poe.match is not asked */
    const struct situs_item *crls; /* of its issuer's chain, DER or PEM */
    size_t n_crls;
    const struct situs_item *revocations; /* signed revocation lists; none: poe.revoked is not
                                             asked. At most SITUS_ENDORSEMENTS with the CRLs */
    size_t n_revocations;
    const struct situs_seen *list_seen; /* as in struct situs_request */
    size_t n_list_seen;
    const struct situs_trust *trust; /* NULL: the built-in anchors, which name no issuer */
    int64_t at;                      /* Unix seconds */
    uintptr_t reserved[8];           /* zero; else the request is refused */
};

struct situs_poe; /* what became of it */

/* situs_poe_memory is as situs_verify_memory, for situs_poe_verify. */
SITUS_API size_t situs_poe_memory(const struct situs_poe_request *request);

/*
 * situs_poe_verify asks whether an endorsement holds: signed by an issuer whom the trust store names
 * for this use, in its time, of the platform if one is given, and not taken back if lists are given.
 * The answer lies in memory (situs_poe_memory) and points into the request's items. It says nothing
 * of a machine that answers: that is situs_verify's. NULL when memory is too small or request NULL.
 */
SITUS_API SITUS_MUST_CHECK const struct situs_poe *
situs_poe_verify(const struct situs_poe_request *request, struct situs_memory memory);

/* situs_poe_holds says that every row that was asked passed; NULL gives false. */
SITUS_API SITUS_MUST_CHECK bool situs_poe_holds(const struct situs_poe *poe);

/* situs_poe_exit is the exit code of situs poe verify (situs-poe(1)): 0 only where it holds, 1 where
 * what stands beside the endorsement does not read; NULL gives 2. */
SITUS_API int situs_poe_exit(const struct situs_poe *poe);

/* situs_poe_check is row i of the four; false after the last, for NULL, and where reading stopped.
 * proofs is 0. situs_poe_error is as situs_result_error. */
SITUS_API SITUS_MUST_CHECK bool situs_poe_check(const struct situs_poe *poe, size_t i,
                                                struct situs_check *check);
SITUS_API SITUS_MUST_CHECK bool situs_poe_error(const struct situs_poe *poe, size_t i,
                                                struct situs_error *error);

/* situs_poe_claim writes the text form of a claim, as "owner", with a zero byte; false when the
 * endorsement does not hold, makes no such claim, or size is too small. */
SITUS_API bool situs_poe_claim(const struct situs_poe *poe, const char *name, char *text,
                               size_t size);

/* situs_poe_json, situs_poe_text and situs_poe_brief write the reports of situs-poe(1), as
 * situs_result_json. */
SITUS_API size_t situs_poe_json(const struct situs_poe *poe, char *text, size_t size);
SITUS_API size_t situs_poe_text(const struct situs_poe *poe, char *text, size_t size);
SITUS_API size_t situs_poe_brief(const struct situs_poe *poe, bool colour, char *text, size_t size);

#define SITUS_TOKEN_MEMORY (512 * 1024) /* always enough for situs_token_verify */
struct situs_token;                     /* what became of a token */

/* One token of a verifier's service (EAR, draft-ietf-rats-ear-04, in a JWS), and what it must say. */
struct situs_token_request {
    struct situs_item token;       /* compact JWS (RFC 7515, 7.1), without white space */
    struct situs_item keys;        /* the issuer's key set (RFC 7517, 5), from where you trust it */
    const char *issuer, *audience; /* iss and aud, letter for letter: each policy is an issuer */
    struct situs_item policy_sha256; /* of the policy file, 32 bytes */
    const char *const *require;      /* names of proofs, as "bound", each once; at least 1 */
    size_t n_require;
    struct situs_item nonce;   /* of your challenge, 8 to 64 bytes; not given: of nobody's */
    struct situs_item channel; /* the peer's SubjectPublicKeyInfo, DER; not given: any bearer's */
    int64_t at;                /* Unix seconds */
    uintptr_t reserved[8];     /* zero; else the request is refused */
};

/* situs_token_verify asks whether a token holds: signed with one of the keys by that key's algorithm
 * (ES256, ES384), typ eat+jwt, no header member that asks for more; what the request says; in its time;
 * of real machines, affirming, each required proof true. The answer is as that of situs_poe_verify. */
SITUS_API SITUS_MUST_CHECK const struct situs_token *
situs_token_verify(const struct situs_token_request *request, struct situs_memory memory);

/* situs_token_holds, situs_token_exit (that of situs-token(1)), situs_token_error (the first thing
 * against it, with a hint), situs_token_json and situs_token_brief are as those of situs_poe_verify. */
SITUS_API SITUS_MUST_CHECK bool situs_token_holds(const struct situs_token *token);
SITUS_API int situs_token_exit(const struct situs_token *token);
SITUS_API bool situs_token_error(const struct situs_token *token, struct situs_err *why);
SITUS_API size_t situs_token_json(const struct situs_token *token, char *text, size_t size);
SITUS_API size_t situs_token_brief(const struct situs_token *token, bool colour, char *text,
                                   size_t size);

#ifdef __cplusplus
}
#endif
#endif
