/*
 * Machines of a site that run: processor with quote service, TPMs, one TD with its firmware and its
 * configfs-tsm, and the situs programs that belong on them.
 *
 *     cloud     managed: vTPM of the provider's, AK_v certified by the registrar
 *     metal     bare metal: measured launch, sealed AK_d, host agent between VM and quote service
 *     basement  genuine TDX, a TPM that no fleet knows, nobody who vouches
 *     snp       an SEV-SNP guest of the same image on a chip of the lab's AMD; no TPM
 *     azure     a TD under a paravisor, which is its vTPM and reports for it; AK certified by the lab's
 *               Azure, quotes by its metadata service
 */
#ifndef SITUS_LAB_LIVE_LIVE_H
#define SITUS_LAB_LIVE_LIVE_H

#include "base/err.h"
#include "base/wr.h"
#include "lab/guest/lab_imds.h"
#include "lab/guest/lab_paravisor.h"
#include "lab/live/lab_live_row.h"
#include "lab/live/lab_site.h"
#include "lab/tpm/lab_swtpm.h"
#include "lab/tsm/lab_tsm.h"

struct lab_live {
    const struct lab_live_row *row;
    struct lab_site *site;
    struct lab_cpu cpu;
    struct lab_td td;
    struct lab_swtpm dtpm, vtpm;
    struct lab_tsm tsm;
    struct lab_paravisor paravisor;
    struct lab_imds imds;
    pid_t qgs, agent, fs;
    char ccel[LAB_PATH], log[LAB_PATH], launch[LAB_PATH]; /* event logs */
    char report[LAB_PATH];                                /* configfs-tsm, where it is mounted */
    char platform[LAB_PATH]; /* the host agent's socket for the VM; empty: none */
    char cert[LAB_PATH];     /* of AK_v; empty: none */
};

/* lab_live_start launches, boots and enrols a machine; it runs until lab_live_stop. */
void lab_live_start(struct lab_live *m, struct lab_site *s, const struct lab_live_row *row);
void lab_live_stop(struct lab_live *m);

/* lab_live_policy is the name of the site's policy for such a machine: metal, managed, snp or azure. */
const char *lab_live_policy(const struct lab_live_row *row);

/* lab_live_tcti is the guest's TPM, for the attester; empty: none. */
const char *lab_live_tcti(const struct lab_live *m);

/* lab_live_mounted says that configfs-tsm is a file system here, or that this machine needs none;
 * else it stands behind the attester's file calls. */
bool lab_live_mounted(const struct lab_live *m);

/* lab_live_collect lets the attester in the TD answer a challenge and writes the bundle to a file;
 * the program "situs attest" where configfs-tsm is mounted. False: it refused, see DIR/log. */
bool lab_live_collect(struct lab_live *m, const uint8_t nonce[32], const char *bundle);

/* lab_live_answer appends the bundle to out; always by the attester's code in this process. */
bool lab_live_answer(struct lab_live *m, const uint8_t nonce[32], struct wr *out,
                     struct situs_err *err);

#endif
