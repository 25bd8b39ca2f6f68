/*
 * Intel collateral (PCS API v4) as a verified snapshot: certificates, CRLs, TCB infos and QE
 * identities, every signature checked once at load. Immutable; times are checked at each use, never
 * at load.
 */
#ifndef SITUS_TEE_INTEL_SNAPSHOT_H
#define SITUS_TEE_INTEL_SNAPSHOT_H

#include "base/item.h"
#include "model/trust.h"
#include "tee/intel/pki.h"
#include "tee/intel/tcb_status.h"

struct tcb_level {
    uint8_t sgx[16], tdx[16];
    uint16_t pcesvn;
    uint16_t isvsvn; /* levels of the QE and of TDX modules */
    int64_t date;
    enum tcb_status status;
    const struct span *advisories;
    size_t n_advisories;
};

struct tcb_levels {
    const struct tcb_level *v; /* in the order of the collateral: highest first */
    size_t n;
};

struct tdx_module {
    uint8_t version; /* the hex digits of id "TDX_%02X" */
    uint8_t mrsigner[48], attributes[8], attributes_mask[8];
    struct tcb_levels levels;
};

struct tcb_info {
    bool tdx;
    uint8_t fmspc[6], pceid[2];
    int64_t evaluation_number;
    struct window valid; /* issueDate, nextUpdate */
    struct tcb_levels levels;
    struct span component[2][16]; /* names from the newest level: [0] SGX, [1] TDX; may be empty */
    bool has_module;              /* tdxModule: the module of version 0 */
    uint8_t mrsigner[48], attributes[8], attributes_mask[8];
    const struct tdx_module *modules;
    size_t n_modules;
    const struct intel_issuer *signer; /* the TCB signing certificate */
};

struct qe_identity {
    bool tdx; /* id TD_QE, else QE */
    int64_t evaluation_number;
    struct window valid;
    uint8_t miscselect[4], miscselect_mask[4]; /* as in the report: little-endian */
    uint8_t attributes[16], attributes_mask[16];
    uint8_t mrsigner[32];
    uint16_t isvprodid;
    struct tcb_levels levels;
    const struct intel_issuer *signer;
};

struct snapshot {
    struct intel_pki pki;
    const struct tcb_info *infos;
    const struct qe_identity *qes;
    size_t n_infos, n_qes;
};

/* snapshot_load reads and verifies all parts into the arena; each as it was received, told by
 * content: PCS answer, PEM chain, DER or hex or PEM CRL, or a dcap-qvl JSON. Its name is for messages
 * (a file name), NULL: "collateral". Checked is what is in them: each certificate, CRL, TCB info and QE
 * identity must be signed up to an anchor of use ANCHOR_TDX. Two different items for one purpose
 * are an error (duplicate), equal ones count once. Free with snapshot_free (OpenSSL keys), also
 * after failure. */
bool snapshot_load(struct snapshot *s, const struct situs_item *parts, size_t n,
                   const struct trust *trust, struct arena *a, struct situs_err *err);
void snapshot_free(struct snapshot *s);

/* snapshot_tabulate makes tables for the keys of the PCK CAs (crypto/p256.h), before the snapshot is
 * shared. False: not for all of them. */
bool snapshot_tabulate(struct snapshot *s);

/* snapshot_parts_read says that the parts read, before any signature is asked. */
bool snapshot_parts_read(const struct situs_item *parts, size_t n, const struct trust *trust,
                         struct arena *a, struct situs_err *err);

/* snapshot_tcb and snapshot_qe find by what verified evidence says; NULL when there is none. */
const struct tcb_info *snapshot_tcb(const struct snapshot *s, const struct anchor *anchor, bool tdx,
                                    struct span fmspc);
const struct qe_identity *snapshot_qe(const struct snapshot *s, const struct anchor *anchor,
                                      bool tdx);

#endif
