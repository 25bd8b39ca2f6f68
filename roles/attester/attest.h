/*
 * The attester: collects the evidence of this TD for a challenge, in the order and with the
 * formulas of DESIGN: messages, and packs it into a bundle. It decides nothing; but it signs
 * nothing for a TD quote that is not its own.
 */
#ifndef SITUS_ATTESTER_ATTEST_H
#define SITUS_ATTESTER_ATTEST_H

#include "appraise/bind.h"
#include "attester/channel.h"
#include "attester/kept_key.h"
#include "attester/running_log.h"
#include "attester/tsm.h"
#include "base/arena.h"
#include "model/bundle.h"
#include "tpm/tpm_device.h"

#define ATTEST_PCRS 0x7bffu /* DESIGN: measurements, 1: PCR 0-9, 11-14 */

/* Where evidence lies. A NULL path is a source that is not asked. */
struct attest_config {
    const struct tsm_files *files;   /* tsm_kernel() */
    const char *tsm, *td_device;     /* configfs-tsm's report directory, NULL: no TD; its device */
    const char *tcti;                /* the guest's TPM */
    const struct kept_key *kept_key; /* a provider's key in it; NULL: one is made */
    bool paravisor;   /* it is that of Azure's paravisor, which reports for this guest; no tsm */
    const char *imds; /* its metadata service; NULL: not asked */
    int64_t
        patience; /* ms in which its report may come to hold what is asked for; 0: ten seconds */
    struct tpm_selection pcrs[LIMIT_PCR_SELECTIONS]; /* none: ATTEST_PCRS in every bank */
    size_t n_pcrs;
    struct span ak_certs[LIMIT_CHAIN_CERTS]; /* DER, AK first; of AK_v */
    size_t n_ak_certs;
    const char *platform; /* the host agent's socket */
    const char *ccel, *pcr_log;
    const char *measured;    /* the running system's log, beside tcti and pcr_log; NULL: none */
    bool measured_if_there;  /* it is no error that there is none: then the tail counts, */
    const struct span *tail; /* words that may have been measured into PCR 11, in order */
    size_t n_tail;           /* at most LOG_TAIL_WORDS */
};

/* One collection. */
struct attest {
    const struct attest_config *config;
    const struct channel *channel;
    const uint8_t *nonce; /* N */
    struct tpm *tpm;
    struct tpm_key ak;    /* AK_v */
    uint8_t akh[32];      /* zero when there is no TPM */
    struct span platform; /* TPMT_PUBLIC(AK_d); empty without platform */
    uint8_t report_data[64], tqh[32];
    struct span hcl;                /* the paravisor's report; empty: none */
    const uint8_t *td_report;       /* the TDREPORT in it; NULL: none */
    struct tsm_answer tee;          /* of the kernel's TSM, or of the paravisor and its host */
    const struct registers *quoted; /* by the guest's TPM; NULL without one */
    struct running_log running;     /* as it was at that quote */
    bool kept;                      /* there was one */
    struct bundle bundle;
    struct arena arena;
};

/* attest_collect writes the bundle for the challenge N; nothing is written on failure. */
bool attest_collect(const struct attest_config *config, const struct channel *channel,
                    const uint8_t nonce[BIND_NONCE_SIZE], bool json, struct wr *out,
                    struct situs_err *err);

/* The sources. Each gives the value of its label in the arena; an empty one is not put in. */
#define SOURCE(name, label, kind) \
    bool source_##name(struct attest *a, struct span *value, struct situs_err *err);
#include "attester/sources.def"
#undef SOURCE

#endif
