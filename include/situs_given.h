/* Part of situs.h: what a verifier has beside the evidence, made once for many requests. */
#ifndef SITUS_H
#error "include situs.h"
#endif

/* Sizes that are usually enough, for arrays. What is always enough for the inputs at hand,
 * situs_policy_memory, situs_trust_memory, situs_snapshot_memory and situs_verify_memory say. Too
 * little is refused: no-memory. */
#define SITUS_POLICY_MEMORY (512 * 1024)
#define SITUS_TRUST_MEMORY (2 * 1024 * 1024)
#define SITUS_SNAPSHOT_MEMORY (16 * 1024 * 1024)
#define SITUS_VERIFY_MEMORY (256 * 1024)

struct situs_trust;        /* trust anchors */
struct situs_policy;       /* what is required */
struct situs_snapshot;     /* Intel collateral, verified once */
struct situs_endorsements; /* words of others about machines, and CRLs, verified once */
struct situs_context;      /* what was verified before, for one thread at a time */

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

/* situs_snapshot_free releases the keys of a snapshot; NULL is allowed. A request that names it
 * after that is refused, as long as its memory is nothing else. */
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
