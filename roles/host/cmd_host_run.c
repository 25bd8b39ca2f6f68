/* situs host run: the measured host agent (DESIGN: messages, 6). */
#include "frame/args.h"
#include "frame/exits.h"
#include "frame/file.h"
#include "frame/out.h"
#include "host/agent.h"

#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define TABLE_MAX (64 * 1024)

static int64_t boot_seconds(void)
{
    struct timespec t = {0};
    clock_gettime(CLOCK_BOOTTIME, &t);
    return t.tv_sec;
}

static bool run(struct agent *a, const char *table, const char *dir, struct situs_err *err)
{
    struct file f;
    int stop = wire_stop();
    if (!file_read(&f, table, TABLE_MAX, err))
        return false;
    bool ok = agent_table_read(a, file_span(&f), err) && agent_run(a, dir, stop, err);
    file_free(&f);
    close(stop);
    return ok;
}

command_function cmd_host_run;
int cmd_host_run(const struct command *own, int argc, char **argv)
{
    const char *table = NULL, *dir = NULL;
    bool verbose = false;
    struct situs_err err = {0};
    int exit = EXIT_USAGE;
    struct agent *a = calloc(1, sizeof *a);
    if (!a)
        return exit;
    const struct option rows[] = {
        OPTION_VALUE("dir", 0, "DIR", &dir, "where the VMs' sockets go (required)"),
        OPTION_VALUE("vms", 0, "FILE", &table, "VMs and their vTPM keys (required)"),
        OPTION_VALUE("qgs", 0, "SOCKET", &a->qgs, "the platform's quoting service (required)"),
        OPTION_VALUE("tcti", 0, "TCTI", &a->tcti, "the discrete TPM (required)"),
        OPTION_VALUE("state", 0, "DIR", &a->state, "of situs host provision (required)"),
        OPTION_VALUE("launch-log", 0, "FILE", &a->launch_log, "log of the measured launch"),
        OPTION_VERBOSE(&verbose),
    };
    const struct args args = {own, rows, sizeof rows / sizeof *rows, 0, 0};
    struct words operands = {.n = 0};
    a->now = boot_seconds;
    if (args_read(&args, argc, argv, &operands, &exit)) {
        exit = EXIT_USAGE;
        if (verbose)
            out_verbose();
        if (!dir || !table || !a->qgs || !a->tcti || !a->state) {
            out_error("--dir, --vms, --qgs, --tcti and --state are needed");
            out_hint("as: situs host run --dir DIR --vms FILE --qgs SOCKET --tcti "
                     "device:/dev/tpmrm0 --state DIR; see situs-host(1)");
        } else if (run(a, table, dir, &err)) {
            exit = EXIT_GOOD;
        } else {
            out_failure(&err);
            exit = exits_of(&err);
        }
    }
    free(a);
    return exit;
}
