/* situs poe verify: does an ownership endorsement hold, and whom does it name? No quote is needed;
 * with --piid it must be of that platform, with --revocations its issuer must not have taken it
 * back. */
#include "base/item.h"
#include "base/limits.h"
#include "base/text.h"
#include "frame/exits.h"
#include "frame/out.h"
#include "verifier/poe_asked.h"

#include <stdlib.h>

#define PIID_MAX 32
#define REPORT_ROOM (64 * 1024)

struct inputs {
    struct file poe;
    struct poe_asked asked;
    uint8_t piid[PIID_MAX];
    size_t piid_size; /* 0: not given */
};

static bool read_piid(struct inputs *in, const char *hex)
{
    if (!hex)
        return true;
    in->piid_size = strlen(hex) / 2;
    if ((in->piid_size == 16 || in->piid_size == PIID_MAX) &&
        text_hex_read(in->piid, in->piid_size, span_text(hex)))
        return true;
    out_error("--piid is not 32 or 64 hex digits");
    out_hint("\"situs show QUOTE\" prints the platform instance id of a quote");
    return false;
}

/* A mistake in the question has no verdict: it is said as every other wrong option. */
static int print(const struct situs_poe *poe, const struct args_report *o)
{
    static char room[REPORT_ROOM];
    struct situs_error e;
    int exit = situs_poe_exit(poe);
    if (!poe || exit == EXIT_USAGE) {
        if (situs_poe_error(poe, 0, &e))
            out_failure(&e.why);
        return EXIT_USAGE;
    }
    if (o->quiet)
        return exit;
    size_t n = o->json  ? situs_poe_json(poe, room, sizeof room)
               : o->all ? situs_poe_text(poe, room, sizeof room)
                        : situs_poe_brief(poe, out_colour(), room, sizeof room);
    return out_report(room, n, sizeof room, o->json, exit);
}

/* run reads the endorsement and asks: the exit code. */
static int run(struct inputs *in, const char *path, const struct args_report *report)
{
    struct situs_err err = {0};
    if (!file_read(&in->poe, path, LIMIT_POE, &err)) {
        out_failure(&err);
        return file_exit(&err);
    }
    struct situs_poe_request q = poe_asked_request(&in->asked, item_of(path, file_span(&in->poe)));
    q.piid = (struct situs_item){"--piid", in->piid_size ? in->piid : NULL, in->piid_size};
    size_t room = situs_poe_memory(&q);
    void *memory = malloc(room);
    int exit =
        print(situs_poe_verify(&q, (struct situs_memory){memory, memory ? room : 0}), report);
    free(memory);
    return exit;
}

command_function cmd_poe_verify;
int cmd_poe_verify(const struct command *own, int argc, char **argv)
{
    struct poe_options o = {.trust = NULL};
    struct args_report report = {0};
    const char *piid = NULL;
    const struct option options[] = {
        OPTIONS_POE(o),
        OPTION_VALUE("piid", 0, "HEX", &piid, "the platform that it must be of"),
        OPTION_REPORT(report),
    };
    static struct inputs in; /* one command, one endorsement */
    int exit;
    const char *path = ARGS_ONE(own, options, argc, argv, &exit);
    if (!path)
        return exit;
    exit = EXIT_USAGE;
    if (args_report_ok(&report) && read_piid(&in, piid) && poe_asked_read(&in.asked, &o))
        exit = run(&in, path, &report);
    file_free(&in.poe);
    poe_asked_free(&in.asked);
    return exit;
}
