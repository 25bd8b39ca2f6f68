/* situs poe verify: does an ownership endorsement hold, and whom does it name? No quote is needed;
 * with --piid it must be of that platform. */
#include "base/text.h"
#include "cli/args.h"
#include "cli/command.h"
#include "cli/load.h"
#include "cli/out.h"
#include "codec/json_out.h"
#include "endorse/poe/poe_verify.h"
#include "situs/report.h"

#define PIID_MAX 32
#define REPORT_ROOM (64 * 1024)
#define ARENA_ROOM (64 * 1024)

static const enum check rows[] = {CHECK_POE_SIGNATURE, CHECK_POE_WINDOW, CHECK_POE_MATCH};
#define N_ROWS (sizeof rows / sizeof *rows)

struct options {
    const char *trust, *piid, *at;
    struct words crls;
    bool json;
};

struct inputs {
    struct file poe, crl[LIMIT_CHAIN_CERTS];
    struct span crls[LIMIT_CHAIN_CERTS];
    struct loaded_trust trust;
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

static bool read_files(struct inputs *in, const struct options *o, const char *path,
                       struct situs_err *err)
{
    if (o->crls.n > LIMIT_CHAIN_CERTS)
        return err_fail(err, SITUS_MISSING, "--crl", "", SITUS_NO_OFFSET, "at most 6 files",
                        "more");
    bool ok = file_read(&in->poe, path, LIMIT_POE, err);
    for (size_t i = 0; ok && i < o->crls.n; i++) {
        ok = file_read(&in->crl[i], o->crls.v[i], LIMIT_CRL, err);
        in->crls[i] = file_span(&in->crl[i]);
    }
    return ok;
}

/* The exit code is that of situs verify for a required proof: 0, or the smallest of the rows'. */
static int exit_of(const struct findings *f, bool matched)
{
    int exit = 0;
    for (size_t i = 0; i < N_ROWS; i++) {
        const struct finding *row = &f->v[rows[i]];
        if (row->outcome == OUTCOME_PASS || (rows[i] == CHECK_POE_MATCH && !matched))
            continue;
        exit = finding_exit(rows[i], row->why ? row->why->code : SITUS_MISSING);
    }
    return exit;
}

static const enum claim_id shown[] = {CLAIM_OWNER,       CLAIM_ISSUER,         CLAIM_ISS,
                                      CLAIM_PIID,        CLAIM_NOT_BEFORE,     CLAIM_NOT_AFTER,
                                      CLAIM_REFRESH_URI, CLAIM_ENDORSEMENT_ID, CLAIM_TAG_ID};
#define N_SHOWN (sizeof shown / sizeof *shown)

static void write_json(const struct claims *c, const struct findings *f, bool holds, struct wr *w)
{
    static const char *const words[] = {"not-run", "pass", "fail"};
    struct json_out o = json_out_new(w, false);
    json_out_object(&o);
    json_out_pair_bool(&o, "holds", holds);
    for (size_t i = 0; i < N_ROWS; i++)
        json_out_pair_string(&o, check_row(rows[i])->id, words[f->v[rows[i]].outcome]);
    for (size_t i = 0; i < N_ROWS; i++)
        if (f->v[rows[i]].outcome == OUTCOME_FAIL) {
            json_out_pair_string(&o, "code", err_code_name(f->v[rows[i]].why->code));
            json_out_pair_string(&o, "field", f->v[rows[i]].why->field);
            break;
        }
    if (c->authority)
        json_out_pair_string(&o, "anchor", c->authority->name);
    for (size_t i = 0; i < N_SHOWN; i++)
        if (claims_get(c, shown[i])) {
            json_out_name(&o, claim_row(shown[i])->name);
            report_claim_json(&c->v[shown[i]], claim_row(shown[i])->type, &o);
        }
    json_out_close(&o);
    json_out_end(&o);
    wr_text(w, "\n");
}

static void write_text(const struct claims *c, const char *path, bool holds, struct wr *w)
{
    wr_format(w, "%s: %s\n", path, holds ? "holds" : "REFUSED");
    if (c->authority)
        wr_format(w, "  %-12s %s%s\n", "anchor", c->authority->name,
                  c->authority->simulated ? " (simulated)" : "");
    for (size_t i = 0; i < N_SHOWN; i++)
        if (claims_get(c, shown[i])) {
            wr_format(w, "  %-12s ", claim_row(shown[i])->name);
            report_claim(&c->v[shown[i]], claim_row(shown[i])->type, w);
            wr_text(w, "\n");
        }
}

static int print(const struct claims *c, const struct findings *f, const char *path, int exit,
                 bool json)
{
    char room[REPORT_ROOM];
    struct wr w = wr_new(room, sizeof room);
    if (json)
        write_json(c, f, exit == 0, &w);
    else
        write_text(c, path, exit == 0, &w);
    out_bytes(wr_span(&w));
    for (size_t i = 0; i < N_ROWS; i++)
        if (f->v[rows[i]].outcome == OUTCOME_FAIL)
            out_failure(f->v[rows[i]].why);
    return exit;
}

static int judge(struct inputs *in, const struct options *o, const char *path, int64_t at)
{
    static uint8_t memory[ARENA_ROOM]; /* one command, one endorsement */
    static const struct anchor option = {.name = "--piid"};
    struct arena a = arena_new(memory, sizeof memory);
    struct situs_err err = {0};
    struct findings f = {.arena = &a};
    struct claims c = {.instance = NULL}, tee = {.instance = "tdx"};
    struct poe poe;
    if (!poe_read(&poe, file_span(&in->poe), path, &err)) {
        out_failure(&err);
        return EXIT_BAD_BYTES;
    }
    const struct poe_question q = {.poe = &poe,
                                   .trust = in->trust.trust,
                                   .crls = in->crls,
                                   .n_crls = o->crls.n,
                                   .at = at,
                                   .part = path};
    poe_verify(&q, &a, &c, &f);
    if (in->piid_size) {
        tee.authority = &option;
        claim_bytes(&tee, CLAIM_PIID, span_of(in->piid, in->piid_size));
        poe_match(&c, &tee, path, &f);
    }
    return print(&c, &f, path, exit_of(&f, in->piid_size > 0), o->json);
}

int cmd_poe_verify(int argc, char **argv)
{
    struct options o = {0};
    const struct option options[] = {
        OPTION_VALUE("trust", 't', "FILE", &o.trust, "trust anchors of issuers (required)"),
        OPTION_VALUE("piid", 0, "HEX", &o.piid, "the platform that it must be of"),
        OPTION_LIST("crl", 0, "FILE", &o.crls, "CRL of the issuer's chain, DER (repeatable)"),
        OPTION_AT(&o.at),
        OPTION_JSON(&o.json),
    };
    const struct args args = {"poe verify", options, sizeof options / sizeof *options, 1, 1};
    struct words operands = {.n = 0};
    struct inputs in = {.piid_size = 0};
    struct situs_err err = {0};
    int64_t at;
    int exit;
    if (!args_read(&args, argc, argv, &operands, &exit))
        return exit;
    exit = EXIT_USAGE;
    if (!o.trust) {
        out_error("--trust is missing: no issuer is built in");
        out_hint("write a trust file with the issuer's root and the use \"poe\": situs-trust(5)");
    } else if (args_time(o.at, &at) && read_piid(&in, o.piid) && load_trust(&in.trust, o.trust)) {
        if (read_files(&in, &o, operands.v[0], &err)) {
            exit = judge(&in, &o, operands.v[0], at);
        } else {
            out_failure(&err);
            exit = file_exit(&err);
        }
    }
    file_free(&in.poe);
    for (size_t i = 0; i < LIMIT_CHAIN_CERTS; i++)
        file_free(&in.crl[i]);
    load_trust_free(&in.trust);
    return exit;
}
