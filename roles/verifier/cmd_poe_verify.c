/* situs poe verify: does an ownership endorsement hold, and whom does it name? No quote is needed;
 * with --piid it must be of that platform, with --revocations its issuer must not have taken it
 * back. */
#include "base/item.h"
#include "base/limits.h"
#include "base/text.h"
#include "frame/args.h"
#include "frame/exits.h"
#include "frame/load.h"
#include "frame/out.h"
#include "verifier/list_seen.h"

#include <stdlib.h>

#define PIID_MAX 32
#define REPORT_ROOM (64 * 1024)

struct options {
    const char *trust, *piid, *at;
    struct words crls, revocations, seen;
    struct args_report report;
};

struct inputs {
    struct file poe, beside[SITUS_ENDORSEMENTS]; /* CRLs, then revocation lists */
    struct situs_item item[SITUS_ENDORSEMENTS];
    struct loaded_trust trust;
    struct list_seen seen;
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

static bool read_beside(struct inputs *in, const struct options *o, struct situs_err *err)
{
    size_t n = o->crls.n + o->revocations.n;
    if (n > SITUS_ENDORSEMENTS)
        return err_fail(err, SITUS_MISSING, "--crl, --revocations", "", SITUS_NO_OFFSET,
                        "at most 16 files", "more");
    for (size_t i = 0; i < n; i++) {
        const char *name = i < o->crls.n ? o->crls.v[i] : o->revocations.v[i - o->crls.n];
        if (!file_read(&in->beside[i], name, LIMIT_LIST, err))
            return false;
        in->item[i] = item_of(name, file_span(&in->beside[i]));
    }
    return true;
}

static struct situs_poe_request request_of(const struct inputs *in, const struct options *o,
                                           const char *path, int64_t at)
{
    return (struct situs_poe_request){
        .poe = item_of(path, file_span(&in->poe)),
        .piid = {"--piid", in->piid_size ? in->piid : NULL, in->piid_size},
        .crls = in->item,
        .n_crls = o->crls.n,
        .revocations = in->item + o->crls.n,
        .n_revocations = o->revocations.n,
        .list_seen = in->seen.v,
        .n_list_seen = in->seen.n,
        .trust = in->trust.trust,
        .at = at,
    };
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

/* run reads the files and asks: the exit code. */
static int run(struct inputs *in, const struct options *o, const char *path, int64_t at)
{
    struct situs_err err = {0};
    if (!read_beside(in, o, &err)) {
        out_failure(&err);
        return EXIT_USAGE;
    }
    if (!file_read(&in->poe, path, LIMIT_POE, &err)) {
        out_failure(&err);
        return file_exit(&err);
    }
    const struct situs_poe_request q = request_of(in, o, path, at);
    size_t room = situs_poe_memory(&q);
    void *memory = malloc(room);
    int exit =
        print(situs_poe_verify(&q, (struct situs_memory){memory, memory ? room : 0}), &o->report);
    free(memory);
    return exit;
}

command_function cmd_poe_verify;
int cmd_poe_verify(const struct command *own, int argc, char **argv)
{
    struct options o = {0};
    const struct option options[] = {
        OPTION_VALUE("trust", 't', "FILE", &o.trust, "trust anchors of issuers (required)"),
        OPTION_VALUE("piid", 0, "HEX", &o.piid, "the platform that it must be of"),
        OPTION_LIST("crl", 0, "FILE", &o.crls, "CRL of the issuer's chain, DER or PEM"),
        OPTION_LIST("revocations", 0, "FILE", &o.revocations,
                    "signed revocation list of the issuer"),
        OPTION_LIST_SEEN(&o.seen),
        OPTION_AT(&o.at),
        OPTION_REPORT(o.report),
    };
    static struct inputs inputs; /* one command, one endorsement */
    struct inputs *in = &inputs;
    int64_t at;
    int exit;
    const char *path = ARGS_ONE(own, options, argc, argv, &exit);
    if (!path)
        return exit;
    exit = EXIT_USAGE;
    if (!args_report_ok(&o.report))
        return exit;
    if (!o.trust) {
        out_error("--trust is missing: no issuer is built in");
        out_hint("write a trust file with the issuer's root and the use \"poe\": situs-trust(5)");
    } else if (o.seen.n && !o.revocations.n) {
        out_error("--list-seen speaks of no list");
        out_hint("give the issuer's newest list with --revocations");
    } else if (args_time(o.at, &at) && read_piid(in, o.piid) && load_trust(&in->trust, o.trust) &&
               list_seen_read(&in->seen, &o.seen, in->trust.trust)) {
        exit = run(in, &o, path, at);
    }
    file_free(&in->poe);
    for (size_t i = 0; i < SITUS_ENDORSEMENTS; i++)
        file_free(&in->beside[i]);
    load_trust_free(&in->trust);
    list_seen_free(&in->seen);
    return exit;
}
