/*
 * What a judge answers about one appraisal: all that a token may say of it, and by what the machine is known again, in a
 * fixed size. Two
 * judges that saw the same thing gave the same bytes: no pointer, no padding, every byte that is not
 * used is zero. It crosses between processes of one program only, and is no format for others.
 */
#ifndef SITUS_TOKEN_RECORD_H
#define SITUS_TOKEN_RECORD_H

#include "base/limits.h"
#include "situs.h"

/* The parts of an attester that a token speaks of apart (EAR draft-04, 3.3: submods). */
enum record_part { RECORD_TEE, RECORD_TPM, RECORD_OWNERSHIP, RECORD_CHANNEL, RECORD_PARTS };

/* The claims of a trustworthiness vector (AR4SI draft-10, 2.3). */
enum record_tier {
    RECORD_INSTANCE_IDENTITY,
    RECORD_CONFIGURATION,
    RECORD_EXECUTABLES,
    RECORD_FILE_SYSTEM,
    RECORD_HARDWARE,
    RECORD_RUNTIME_OPAQUE,
    RECORD_STORAGE_OPAQUE,
    RECORD_SOURCED_DATA,
    RECORD_TIERS
};

enum record_curve { RECORD_NO_CURVE, RECORD_P256, RECORD_P384 };

/* The claims of the attester, as bytes (record_claims.def). */
enum record_claim {
#define RECORD_CLAIM(id, size, name, word) RECORD_##id,
#include "token/record_claims.def"
#undef RECORD_CLAIM
    RECORD_CLAIMS
};

#define RECORD_CLAIM_MAX 48 /* bytes: SHA-384 */
#define RECORD_NAME 256     /* bytes of a name of policy or trust file, with its zero byte */
#define RECORD_PARTIES 16
#define RECORD_MACHINE 64 /* bytes of the longest id of a machine: AMD's CHIP_ID */
#define RECORD_LABEL (LIMIT_LIST_TEXT + 8)
#define RECORD_NO_END INT64_MAX
#define RECORD_ENDS 64 /* bytes of what ends next, in words */

/* One whom proofs that hold rest on. */
struct record_party {
    uint64_t proofs; /* bit i: proof i of situs_result_proof; 0: no party */
    char role[24];
    char name[RECORD_NAME]; /* empty: nobody named it */
};

/* An id, as verified evidence states it. */
struct record_id {
    uint8_t n, v[71]; /* n bytes; 0: it states none */
};

enum record_ids { RECORD_AK, RECORD_EK, RECORD_PLATFORM, RECORD_LAUNCH, RECORD_IDS };

/* Which machine it was, and in which boot (DESIGN: continuity): no token has any of it. What is of a TPM is there where
 * bound holds, else it may be any TPM's. */
struct record_known {
    struct record_id
        ids[RECORD_IDS]; /* Names of AK and EK; PIID or CHIP_ID; pcrDigest of the launch */
    int64_t
        word; /* begin of the provider's newest word: registrar's certificate, endorsement; 0: none */
    uint64_t clock; /* of the TPM, milliseconds */
    uint32_t reset_count, restart_count;
    uint8_t live, has_tpm, bare_metal, owned; /* 0 or 1 */
    uint8_t reserved[4];
};

/* Texts end in a zero byte. Numbers of bits are those of situs_result_proof. */
struct token_record {
    int64_t at;                           /* time of appraisal, Unix seconds */
    int64_t until;                        /* situs_result_until; RECORD_NO_END: none */
    uint64_t required, holds;             /* proofs: bit i */
    uint32_t claims_set;                  /* bit i: claim i of record_claims.def is there */
    uint32_t code;                        /* enum situs_code of the first reason; 0: trusted */
    uint32_t exit;                        /* situs_result_exit */
    uint8_t trusted, simulated, archived; /* 0 or 1 */
    uint8_t has_channel;                  /* 1: channel is there */
    uint8_t curve;                        /* enum record_curve of point */
    uint8_t
        listed; /* 1: genuine, under no simulated anchor, and every row of a list that holds the machine by its own id
                       passed: also of evidence that answers no challenge, for which there is no proof of that */
    uint8_t
        machine_size; /* of machine: 16 (PPID), 64 (CHIP_ID), or 0: not genuine, or none is known */
    uint8_t
        sound; /* 1: trusted, or refused for nothing but that nobody watched the machine for long enough */
    uint8_t reserved[4];              /* zero */
    uint8_t policy[32], evidence[32]; /* SHA-256 */
    uint8_t nonce[32];                /* N, as asked; zero: none */
    uint8_t channel[32];              /* K, SHA-256 of SubjectPublicKeyInfo */
    uint8_t point[96];                /* x || y of the channel key on its curve */
    uint8_t
        machine[RECORD_MACHINE]; /* the id of the verified quote or report; for no token (EAR) */
    char label[RECORD_LABEL];    /* listed: whose it is, in the list's words */
    int8_t tiers[RECORD_PARTS][RECORD_TIERS]; /* 0: no claim */
    char check[40];                           /* row of the first reason; empty: of none */
    char tcb_status[48];                      /* Intel's word; empty: none */
    char ends[RECORD_ENDS];                   /* what ends at until; empty where nothing does */
    char image[RECORD_NAME];                  /* the policy's name of the guest image, or empty */
    uint8_t claims[RECORD_CLAIMS][RECORD_CLAIM_MAX];
    struct record_party parties[RECORD_PARTIES];
    struct record_known known;
};

/* record_of makes the record of an answer (NULL: there is none) to a request. False, with err and a
 * record of zeros, when it does not fit or the crypto library fails: then nothing may be said of
 * it. */
SITUS_MUST_CHECK bool record_of(const struct situs_result *result,
                                const struct situs_request *request, struct token_record *record,
                                struct situs_err *err);

#endif
