/* Registers and claims for appraisal tests: from quotes and from lists of PCR values. */
#ifndef SITUS_TESTS_REGISTERS_H
#define SITUS_TESTS_REGISTERS_H

#include "model/claims.h"
#include "model/finding.h"
#include "model/policy.h"
#include "model/registers.h"

/* Findings, a policy and the claims of a TD, ready to be checked. */
struct case_ {
    uint8_t room[16384];
    struct arena arena;
    struct findings findings;
    struct policy policy;
    struct claims td, tpm;
};

/* case_start clears everything; both claim sets have an authority. */
void case_start(struct case_ *c);

/* case_again forgets the findings only. */
void case_again(struct case_ *c);

/* case_set gives a policy parameter a list of numbers, which must live on. */
void case_set(struct case_ *c, enum param id, const int64_t *nums, size_t n);

/* registers_of_quote sets MRTD, RTMR0-3 and REPORT_DATA from a version 4 quote's body. */
void registers_of_quote(struct claims *td, struct span quote);

/* registers_of_text reads lines "sha256 0 HEX"; values live until the program ends. */
void registers_of_text(struct registers *r, struct span text);

/* registers_of_json reads {"tpm_alg": 11, "pcrs": {"0": "hex", ...}} as one bank more. */
void registers_of_json(struct registers *r, struct span json);

/* registers_add sets one value; the bank is made when it is new. */
void registers_add(struct registers *r, enum hash h, uint32_t i, struct span value);

#endif
