/* TCB statuses: those of Intel's collateral (PCS API v4), and what its rules conclude. */
#ifndef SITUS_TEE_INTEL_TCB_STATUS_H
#define SITUS_TEE_INTEL_TCB_STATUS_H

enum tcb_status {
    TCB_NONE,
    TCB_UP_TO_DATE,
    TCB_SW_HARDENING_NEEDED,
    TCB_CONFIGURATION_NEEDED,
    TCB_CONFIGURATION_AND_SW_HARDENING_NEEDED,
    TCB_OUT_OF_DATE,
    TCB_OUT_OF_DATE_CONFIGURATION_NEEDED,
    TCB_REVOKED,
    TCB_NOT_SUPPORTED,
    TCB_RELAUNCH_ADVISED,
    TCB_RELAUNCH_ADVISED_CONFIGURATION_NEEDED,
    TCB_STATUS_COUNT
};

/* tcb_status_name is Intel's word. */
const char *tcb_status_name(enum tcb_status s);

#endif
