/* Every bound on hostile sizes, counts and depths, in one place. Sizes are bytes. */
#ifndef SITUS_BASE_LIMITS_H
#define SITUS_BASE_LIMITS_H

#define LIMIT_QUOTE (64 * 1024)            /* real quotes are about 5 KiB, padded to 8 KiB */
#define LIMIT_PCK_CHAIN (16 * 1024)        /* certification data: three PEM certificates, 4 KiB */
#define LIMIT_CERT (8 * 1024)              /* one DER certificate */
#define LIMIT_CHAIN_CERTS 6                /* certificates in one chain */
#define LIMIT_CRL (4 * 1024 * 1024)        /* one DER CRL */
#define LIMIT_COLLATERAL_JSON (256 * 1024) /* one TCB info or QE identity answer */
#define LIMIT_COLLATERAL_FILE (8 * 1024 * 1024)
#define LIMIT_COLLATERAL_PARTS 512 /* files of one snapshot */
#define LIMIT_COLLATERAL_CERTS 64  /* different certificates in it */
#define LIMIT_COLLATERAL_CRLS 32   /* different CRLs in it */
#define LIMIT_TCB_LEVELS 64
#define LIMIT_TCB_MODULES 16
#define LIMIT_ADVISORIES 64
#define LIMIT_LOG (1024 * 1024)
#define LIMIT_LOG_EVENTS 4096
#define LIMIT_LOG_BANKS 5
#define LIMIT_ATTEST 4096           /* TPMS_ATTEST, TPMT_SIGNATURE, TPMT_PUBLIC */
#define LIMIT_PCR_SELECTIONS 5      /* banks in one quote */
#define LIMIT_HCL_REPORT (8 * 1024) /* Azure's NV index has 2600 bytes */
#define LIMIT_BUNDLE (4 * 1024 * 1024)
#define LIMIT_EVIDENCE_TEXT (2 * LIMIT_BUNDLE + 64 * 1024) /* one in hex, with some blanks */
#define LIMIT_BUNDLE_ITEMS 32
#define LIMIT_MANIFEST (64 * 1024) /* one Platform Manifest, in bytes; real ones are 8 to 56 KB */
#define LIMIT_PACKAGES 1024        /* processor packages of one platform */
#define LIMIT_COMPOSITION (64 * 1024)   /* one composition manifest: its certificates and 32 ids */
#define LIMIT_COMPOSITION_PACKAGES 32   /* processor packages that it names */
#define LIMIT_ENDORSEMENTS 16           /* of one appraisal, beside and in the bundle */
#define LIMIT_LIST (96 * 1024 * 1024)   /* one list: a million ids of 64 bytes */
#define LIMIT_TOKEN (16 * 1024)         /* one compact JWS */
#define LIMIT_JWKS (64 * 1024)          /* one key set of an issuer of tokens */
#define LIMIT_HOST_DOCUMENT (16 * 1024) /* one answer of a host registry */
#define LIMIT_LIST_TEXT 1024            /* owner, facility, issuer, label: bytes each */
#define LIMIT_CBOR_KEYS 64              /* keys of the open maps of a foreign CBOR document */
#define LIMIT_POE (64 * 1024)           /* one ownership endorsement; real ones are 2 KiB */
#define LIMIT_NESTING 16                /* CBOR, DER, JSON */
#define LIMIT_JSON_VALUES (64 * 1024)   /* of one JSON text that is made a tree of */
#define LIMIT_DENIED 1024               /* ids of a policy's own deny list */
#define LIMIT_POLICY (256 * 1024)
#define LIMIT_TRUST (1024 * 1024)
#define LIMIT_ANCHORS 64
#define LIMIT_REFERENCES 64
#define LIMIT_PLACES 1024  /* of a trust file */
#define LIMIT_VERIFIERS 32 /* of a trust file */
#define LIMIT_VERIFIER_KEYS 16
#define VERIFICATION_ARENA (256 * 1024)

#endif
