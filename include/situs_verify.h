/* Part of situs.h: evidence, read and appraised; what came of it, and why. */
#ifndef SITUS_H
#error "include situs.h"
#endif

struct situs_result; /* one appraisal */

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

/*
 * The span in which the caller watched the machine whose evidence it is: what he asked, it answered, each time as the
 * same machine in the same boot (DESIGN: continuity). He says that the evidence is that machine's.
 */
struct situs_span {
    int64_t since, until;  /* Unix seconds: of its first answer; when it ends without another */
    int64_t within_ms,     /* H: time that an answer may take from the question before it */
        longest_gap_ms;    /* longest that one took, up to now */
    uintptr_t reserved[2]; /* zero; else the request is refused, exit code 1 */
};

/* What is to be appraised. Items whose p is NULL and whose size is 0 are not given. What is given
 * and does not read (an item of size 0) refuses the request: the error's part is the item's name,
 * the exit code 1. */
struct situs_request {
    struct situs_item evidence; /* a raw quote or a bundle (CBOR or JSON), told by content */
    struct situs_item ccel;     /* CC event log of the TD, when it is not in the bundle */
    struct situs_item pcr_log;  /* TCG event log of the guest's TPM, likewise */
    struct situs_item nonce; /* the challenge: 8 to 64 bytes, not all zero, issued and used once */
    struct situs_item channel;                     /* the peer's SubjectPublicKeyInfo, DER */
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
    uintptr_t warn_days;                /* situs_result_warning: days before the end; 0: never */
    const struct situs_snapshot *early; /* Intel's early set: what it says of this platform is in
                                           the claims early_tcb_status and tcb_falls, and decides
                                           nothing; NULL: none */
    const struct situs_span *span;      /* NULL: nobody watched the machine, or not without a gap */
    uintptr_t reserved[5];              /* zero; else the request is refused, exit code 1 */
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
 * situs_refused is the result of a request of which the caller himself could not read or load an
 * input, for why (as situs_evidence_read or situs_snapshot_load said): refused, with every check not
 * run, and the exit code that situs_verify gives when that input comes in a bundle: 3 of collateral
 * that is missing or out of its time, else 2. It is for a report of that. NULL as situs_verify.
 */
SITUS_API SITUS_MUST_CHECK const struct situs_result *
situs_refused(const struct situs_request *request, enum situs_input input,
              const struct situs_err *why, struct situs_memory memory);

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

/*
 * situs_result_sha256 is SHA-256 of input i of a kind, as the caller gave it: of each but
 * endorsements i is 0, of collateral in several items it is SHA-256 of the items' own, concatenated
 * in ascending order; of the channel it is K, of the key that the evidence speaks for, whoever named
 * it. False where none was given, or what was is freed; the built-in anchors are nobody's file, and what is in a bundle
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
