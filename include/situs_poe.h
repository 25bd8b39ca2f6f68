/* Part of situs.h: an ownership endorsement, asked alone. */
#ifndef SITUS_H
#error "include situs.h"
#endif

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

/* situs_poe_simulated says that the anchor above its issuer is marked as simulated; NULL gives false. */
SITUS_API SITUS_MUST_CHECK bool situs_poe_simulated(const struct situs_poe *poe);

/* situs_poe_check is row i of the four; false after the last, for NULL, and where reading stopped.
 * proofs is 0. situs_poe_error is as situs_result_error. */
SITUS_API SITUS_MUST_CHECK bool situs_poe_check(const struct situs_poe *poe, size_t i,
                                                struct situs_check *check);
SITUS_API SITUS_MUST_CHECK bool situs_poe_error(const struct situs_poe *poe, size_t i,
                                                struct situs_error *error);

/* situs_poe_reason is the one reason to tell why it does not hold: what failed, before what could then not run; false where it
 * holds. As situs_result_reason. */
SITUS_API SITUS_MUST_CHECK bool situs_poe_reason(const struct situs_poe *poe,
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
