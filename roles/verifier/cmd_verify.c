/* situs verify: appraise evidence. It loads what the options name, and never touches the
 * network itself (auto_collateral.h). */
#include "frame/exits.h"
#include "frame/out.h"
#include "verifier/appraisal.h"

#include <stdlib.h>

command_function cmd_verify;
int cmd_verify(const struct command *own, int argc, char **argv)
{
    int exit = EXIT_USAGE;
    struct appraisal *x = calloc(1, sizeof *x);
    if (!x) {
        out_error("out of memory");
        return exit;
    }
    struct appraisal_options *o = &x->options;
    const struct option rows[] = {
        APPRAISAL_OPTIONS(*o),
        OPTION_VALUE("ccel", 0, "FILE", &o->ccel, "event log of the TD"),
        OPTION_VALUE("pcr-log", 0, "FILE", &o->pcr_log, "event log of the guest's TPM"),
        OPTION_NONCE(&o->nonce),
        OPTION_VALUE("channel", 0, "FILE", &o->channel, "peer's SubjectPublicKeyInfo, DER"),
        OPTION_AT(&o->at),
    };
    const char *path = ARGS_ONE(own, rows, argc, argv, &exit);
    if (path)
        exit = appraisal_load(x) ? appraisal_run(x, path) : EXIT_USAGE;
    appraisal_free(x);
    free(x);
    return exit;
}
