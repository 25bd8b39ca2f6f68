/*
 * Three judges of the same evidence.
 *
 *   TEE attestation alone  genuine hardware, approved image, the challenge in the report: what
 *                          remote attestation of TDX is everywhere
 *   the article, literally that, and the checks of "Mind the Gap" as they stand: the TD report
 * names the AK, both quotes carry the nonce, RTMRs agree with PCRs, both chains hold situs libsitus
 * with a policy that requires bound (bare metal: host-measured and co-located too)
 *
 * The article speaks of TDs with TPMs; of other guests its judge is silent.
 *
 * All three use the library's findings; the first two look at fewer of them. The judge of situs can
 * leave rows out, to show that exactly these refuse an attack: it works on a copy of the result,
 * the library has no such switch.
 */
#ifndef SITUS_LAB_ATTACKS_JUDGE_H
#define SITUS_LAB_ATTACKS_JUDGE_H

#include "lab/attacks/lab_stage.h"
#include "model/policy.h"
#include "model/result.h"
#include "model/trust.h"

/* What a judge says. */
enum lab_says { LAB_REFUSES, LAB_ACCEPTS, LAB_SILENT };

/* A set of checks: bit i for check i. */
typedef uint64_t lab_checks;
#define LAB_CHECK(name) ((lab_checks)1 << CHECK_##name)

/* What a verifier asks for: one row a policy. METAL_CONFIG is METAL and the host's word in
 * MRCONFIGID too; METAL_APPROVED is METAL with keys sealed to what the provider approves. */
enum lab_scenario {
    LAB_MANAGED,
    LAB_METAL,
    LAB_METAL_CONFIG,
    LAB_METAL_APPROVED,
    LAB_OWNED,
    LAB_LISTED,
    LAB_OWNED_BOUND,
    LAB_LISTED_BOUND,
    LAB_GOOGLE,
    LAB_SNP,
    LAB_SNP_LISTED,
    LAB_VOUCHED,
    LAB_AZURE,
    LAB_AZURE_SNP,
    LAB_SCENARIOS
};

/* lab_judge_title is a scenario in words, as "bare metal". */
const char *lab_judge_title(enum lab_scenario scenario);

/* lab_judge_kind is the kind of TEE that its policy is about. */
enum check_kind lab_judge_kind(enum lab_scenario scenario);

struct lab_judge;

/* lab_judge_new reads trust, collateral and both policies, as a verifier does that knows provider,
 * images and hosts of the stage. */
struct lab_judge *lab_judge_new(struct lab_stage *s);
void lab_judge_free(struct lab_judge *j);

/* lab_judge_bundle is the evidence as a bundle (product form), in the world's memory. */
struct span lab_judge_bundle(struct lab_judge *j, const struct lab_evidence *e);

/* lab_judge_situs appraises by libsitus. The result is the judge's, until its next use. */
const struct result *lab_judge_situs(struct lab_judge *j, enum lab_scenario scenario,
                                     const struct lab_evidence *e);

/* lab_judge_old uses collateral whose TCB info has expired from now on, or no longer. */
void lab_judge_old(struct lab_judge *j, bool old);

/* lab_judge_refusing is the set of rows that the required proofs need and that did not pass. */
lab_checks lab_judge_refusing(const struct result *r);

/* lab_judge_without says that the evidence would be trusted with these rows off, and only them. */
bool lab_judge_without(const struct result *r, lab_checks off);

/* lab_judge_tee and lab_judge_article are the other two judges, over a result of situs. For the
 * article the evidence must have been made in its dialect. */
bool lab_judge_tee(const struct result *r);
bool lab_judge_article(const struct result *r, const struct lab_evidence *e);

/* The policies and the trust file as files have them, for the command line. */
struct span lab_judge_policy(struct lab_judge *j, enum lab_scenario scenario);
struct span lab_judge_trust(struct lab_judge *j);

#endif
