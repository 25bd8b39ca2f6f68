/* Words of TCB statuses; see tcb_status.h. */
#include "tee/intel/tcb_status.h"

/* Intel's words (PCS API v4, tcbStatus) in the order of enum tcb_status; NotSupported is the QVL's
 * word for "no level matches". */
static const char *const status_words[TCB_STATUS_COUNT] = {
    "none",
    "UpToDate",
    "SWHardeningNeeded",
    "ConfigurationNeeded",
    "ConfigurationAndSWHardeningNeeded",
    "OutOfDate",
    "OutOfDateConfigurationNeeded",
    "Revoked",
    "NotSupported",
    "TDRelaunchAdvised",
    "TDRelaunchAdvisedConfigurationNeeded",
};

const char *tcb_status_name(enum tcb_status s)
{
    return (unsigned)s < TCB_STATUS_COUNT ? status_words[s] : "none";
}
