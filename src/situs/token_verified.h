/* What became of a token; its reports are token_report.c's. */
#ifndef SITUS_SITUS_TOKEN_VERIFIED_H
#define SITUS_SITUS_TOKEN_VERIFIED_H

#include "ear/ear.h"
#include "situs.h"

struct situs_token {
    const char *name;     /* for people */
    int exit;             /* of err */
    struct situs_err err; /* none: it holds */
    bool is_signed;       /* ear is the issuer's word */
    struct ear ear;
    unsigned required;              /* PROOF_* */
    uint8_t peer[VERIFY_POINT_MAX]; /* x || y of the given channel key; size 0: of no curve */
    size_t peer_size;
    struct situs_token_request asked;
};

#endif
