/*
 * A measured launch (dynamic root of trust, Intel TXT) as the TPM sees it: HASH_START, HASH_DATA
 * and HASH_END at locality 4 set PCR 17 to H(0 || H(data)) and PCR 18-22 to zero; then the ACM
 * (locality 3) and the launched environment (locality 2) extend. Sources: TCG PC Client Platform
 * TPM Profile 1.05, 4.6; Intel TXT Software Development Guide.
 *
 * The lab's launch policy, which the host reference repeats: PCR 17 holds ACM, its policy and the
 * SEAM loader; PCR 18 host OS, host agent and vTPM binary; both are capped before the launched
 * environment can be left.
 */
#ifndef SITUS_LAB_TPM_DRTM_H
#define SITUS_LAB_TPM_DRTM_H

#include "lab/intel/lab_buf.h"
#include "lab/tpm/lab_swtpm.h"

/* One event of a launch; the first is the launch data itself. */
struct lab_launch_event {
    unsigned locality, pcr;
    uint32_t type;        /* EVTYPE_*, model/event_types.def */
    const char *measured; /* text that stands for the binary */
};

#define LAB_LAUNCH_EVENTS 8
struct lab_launch {
    struct lab_launch_event event[LAB_LAUNCH_EVENTS];
    size_t n;
};

/* lab_drtm_honest is the launch of the approved host image. */
struct lab_launch lab_drtm_honest(void);

/* lab_drtm_old_agent is that of an approved image whose agent does not yet speak only for TD quotes
 * made on its machine (DESIGN: messages, 6). */
struct lab_launch lab_drtm_old_agent(void);

/* lab_drtm_ended is that of a host image for which nobody vouches any more. */
struct lab_launch lab_drtm_ended(void);

/* lab_drtm_event is the event of a launch that measures this text. */
struct lab_launch_event *lab_drtm_event(struct lab_launch *l, const char *measured);

/* lab_drtm_launch runs the launch on the TPM and appends its log (TCG crypto-agile, both banks), as
 * the launched environment keeps it. */
void lab_drtm_launch(const struct lab_swtpm *t, const struct lab_launch *l, struct lab_buf *log);

/* lab_drtm_log is the log alone. */
void lab_drtm_log(const struct lab_launch *l, struct lab_buf *log);

#endif
