/*
 * Collateral as Intel's Provisioning Certification Service hands it out (PCS API version 4): TCB
 * info (version 3), QE identity (version 2), CRLs, and the chains of who signed them. A signed
 * answer is {"tcbInfo":BODY,"signature":HEX}; the signature covers the bytes of BODY as they stand.
 */
#ifndef SITUS_LAB_INTEL_COLLATERAL_H
#define SITUS_LAB_INTEL_COLLATERAL_H

#include "lab/intel/lab_quote.h"
#include "tee/intel/snapshot.h"

/* One level: who has at least these SVNs has this status. */
#define LAB_ADVISORIES 8
struct lab_tcb_level {
    uint8_t sgx[16], tdx[16];
    uint16_t pcesvn;
    uint16_t isvsvn; /* levels of the QE and of TDX modules have only this */
    const char *date, *status;
    const char *advisories[LAB_ADVISORIES]; /* up to the first NULL */
};

#define LAB_LEVELS 8
struct lab_tcb_levels {
    struct lab_tcb_level v[LAB_LEVELS];
    size_t n;
};

struct lab_tdx_module {
    const char *id; /* "TDX_01": for tee_tcb_svn[1] = 1 */
    uint8_t mrsigner[48], attributes[8], attributes_mask[8];
    struct lab_tcb_levels levels;
};

#define LAB_MODULES 4
struct lab_tcb_info {
    const char *id; /* "TDX", or "SGX" without all TDX members */
    int version;
    int64_t issue_date, next_update;
    uint8_t fmspc[6], pceid[2];
    int tcb_type, evaluation_number;
    struct lab_tdx_module module; /* tdxModule: its id and levels are not written */
    struct lab_tdx_module modules[LAB_MODULES];
    size_t n_modules;
    struct lab_tcb_levels levels;
    size_t components; /* 16, of SGX and TDX each */
    enum lab_key signing_key;
    struct lab_edit before[LAB_EDITS]; /* on the body, before it is signed */
    struct lab_edit after[LAB_EDITS];  /* on the body, after */
};

struct lab_qe_identity {
    const char *id; /* "TD_QE" or "QE" */
    int version;
    int64_t issue_date, next_update;
    int evaluation_number;
    uint8_t miscselect[4], miscselect_mask[4];
    uint8_t attributes[16], attributes_mask[16];
    uint8_t mrsigner[32];
    uint16_t isvprodid;
    struct lab_tcb_levels levels;
    enum lab_key signing_key;
    struct lab_edit before[LAB_EDITS], after[LAB_EDITS];
};

/* Honest TCB info and QE identity for the machine's kind. */
struct lab_tcb_info lab_tcb_info_honest(struct lab_world *w, const struct lab_platform *p,
                                        bool tdx);
struct lab_qe_identity lab_qe_identity_honest(struct lab_world *w, const struct lab_platform *p,
                                              bool tdx);

/* A signed JSON body, its signature in lower-case hex, and both as one PCS answer. */
struct lab_signed {
    struct span body, signature, answer;
};
struct lab_signed lab_tcb_info_make(struct lab_world *w, const struct lab_tcb_info *t);
struct lab_signed lab_qe_identity_make(struct lab_world *w, const struct lab_qe_identity *q);

/* All collateral for one kind of machine. */
struct lab_collateral {
    struct lab_tcb_info tcb_info;
    struct lab_qe_identity qe_identity;
    struct lab_chain tcb_info_chain, qe_identity_chain, pck_crl_chain;
    struct lab_crl root_crl, pck_crl;
};

struct lab_collateral lab_collateral_honest(struct lab_world *w, const struct lab_platform *p,
                                            bool tdx);

/* lab_collateral_json is one JSON text with the field names of dcap-qvl; CRLs in hex. */
struct span lab_collateral_json(struct lab_world *w, const struct lab_collateral *c);

/* lab_collateral_parts is the same as loose files: PCS answers, PEM chains, DER CRLs. */
#define LAB_PARTS 7
void lab_collateral_parts(struct lab_world *w, const struct lab_collateral *c,
                          struct situs_item parts[LAB_PARTS]);

/* lab_trust_json is a trust file (situs-trust(5)) with the lab's root as its only anchor, marked as
 * simulated. */
struct span lab_trust_json(struct lab_world *w);

/* lab_trust_anchor is that anchor alone, a JSON object, for a trust file with more anchors. */
struct span lab_trust_anchor(struct lab_world *w);

#endif
