/* situs poe verify: does an ownership endorsement hold, and whom does it name? No quote is needed;
 * with --piid it must be of that platform, with --revocations its issuer must not have taken it
 * back. */
#include "base/text.h"
#include "codec/json_out.h"
#include "endorse/poe/poe_verify.h"
#include "endorse/revocation/revocation.h"
#include "frame/args.h"
#include "frame/exits.h"
#include "frame/load.h"
#include "frame/out.h"
#include "situs/door.h"
#include "situs/given.h"
#include "situs/report.h"
#include "verifier/list_seen.h"

#include <stdlib.h>

#define PIID_MAX 32
#define REPORT_ROOM (64 * 1024)
#define ARENA_ROOM (64 * 1024)

static const enum check rows[] = {CHECK_POE_SIGNATURE, CHECK_POE_WINDOW, CHECK_POE_MATCH,
                                  CHECK_POE_REVOKED};
#define N_ROWS (sizeof rows / sizeof *rows)

struct options {
    const char *trust, *piid, *at;
    struct words crls, revocations, seen;
    bool json;
};

struct inputs {
    struct file poe, beside[LIMIT_ENDORSEMENTS]; /* CRLs, then revocation lists */
    struct situs_item item[LIMIT_ENDORSEMENTS];
    struct gathered given;
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
    if (n > LIMIT_ENDORSEMENTS)
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

static bool read_kind(struct inputs *in, const struct situs_item *items, size_t n,
                      enum endorsement_kind kind, const char *expected, struct arena *a,
                      struct situs_err *err)
{
    size_t before = in->given.n_endorsements;
    const struct situs_request q = {.endorsements = items, .n_endorsements = n};
    if (!given_read(&in->given, &q, a, err))
        return false;
    for (size_t i = before; i < in->given.n_endorsements; i++)
        if (in->given.endorsements[i].kind != kind) {
            err_fail(err, SITUS_MISMATCH, in->given.endorsements[i].part, "", SITUS_NO_OFFSET,
                     expected, "another document");
            return err_hint(err, "--crl takes CRLs and --revocations signed revocation lists");
        }
    return true;
}

/* read_given reads what stands beside the endorsement; a failure is the caller's mistake. */
static bool read_given(struct inputs *in, const struct options *o, struct arena *a,
                       struct situs_err *err)
{
    return read_kind(in, in->item, o->crls.n, ENDORSEMENT_CRL, "a CRL", a, err) &&
           read_kind(in, in->item + o->crls.n, o->revocations.n, ENDORSEMENT_REVOCATION,
                     "a revocation list", a, err);
}

static bool asked(const struct inputs *in, const struct options *o, enum check c)
{
    return c == CHECK_POE_MATCH ? in->piid_size > 0 : c != CHECK_POE_REVOKED || o->revocations.n;
}

/* The exit code is that of situs verify for a required proof: 0, or that of the rows. */
static int exit_of(const struct inputs *in, const struct options *o, const struct findings *f)
{
    int exit = 0;
    for (size_t i = 0; i < N_ROWS; i++) {
        const struct finding *row = &f->v[rows[i]];
        if (row->outcome != OUTCOME_PASS && asked(in, o, rows[i]))
            exit = finding_exit(rows[i], row->why ? row->why->code : SITUS_MISSING);
    }
    return exit;
}

static const enum claim_id shown[] = {CLAIM_OWNER,          CLAIM_ISSUER,         CLAIM_ISS,
                                      CLAIM_PIID,           CLAIM_NOT_BEFORE,     CLAIM_NOT_AFTER,
                                      CLAIM_REFRESH_URI,    CLAIM_ENDORSEMENT_ID, CLAIM_TAG_ID,
                                      CLAIM_REVOCATION_SEEN};
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

/* A row that was asked for and did not run is as bad as one that failed. */
static void say_why(const struct finding *row, enum check c, bool was_asked)
{
    if (row->outcome == OUTCOME_FAIL)
        out_failure(row->why);
    if (row->outcome != OUTCOME_NOT_RUN || !was_asked)
        return;
    out_error("%s was not checked: %s", check_row(c)->id, row->reason ? row->reason : "no reason");
    out_hint("what was not checked does not hold; situs-poe(1) says what each check needs");
}

static int print(const struct inputs *in, const struct options *o, const struct claims *c,
                 const struct findings *f, const char *path)
{
    int exit = exit_of(in, o, f);
    char room[REPORT_ROOM];
    struct wr w = wr_new(room, sizeof room);
    if (o->json)
        write_json(c, f, exit == 0, &w);
    else
        write_text(c, path, exit == 0, &w);
    out_bytes(wr_span(&w));
    for (size_t i = 0; i < N_ROWS; i++)
        say_why(&f->v[rows[i]], rows[i], asked(in, o, rows[i]));
    return exit;
}

/* check_revoked asks the issuer's lists, as a policy without words about them would. */
static void check_revoked(struct inputs *in, const struct poe *poe, struct claims *c, int64_t at,
                          struct findings *f)
{
    struct span seen;
    const struct revocation *lists[LIMIT_ENDORSEMENTS];
    size_t n = 0;
    const struct revocation_id ids[] = {{REVOCATION_PIID, poe->piid},
                                        {REVOCATION_POE_ID, poe->id.v}};
    struct policy policy = {.name = "poe verify"};
    policy.v[PARAM_REVOCATION_MAX_AGE] = (struct param_value){
        .given = true, .num = atoi(param_row(PARAM_REVOCATION_MAX_AGE)->fallback)};
    for (size_t i = 0; i < in->given.n_endorsements; i++)
        if (in->given.endorsements[i].revocation)
            lists[n++] = in->given.endorsements[i].revocation;
    if (!c->authority) {
        finding_skip(f, CHECK_POE_REVOKED, "the endorsement does not hold");
        return;
    }
    const struct revocation_question q = {.lists = lists,
                                          .n_lists = n,
                                          .ids = ids,
                                          .n_ids = 2,
                                          .issuer = c->authority,
                                          .chain = &c->issuers,
                                          .use = ANCHOR_POE,
                                          .crls = &in->given.crls,
                                          .trust = &in->trust.trust->trust,
                                          .policy = &policy,
                                          .at = at,
                                          .seen = {in->seen.v, in->seen.n},
                                          .arena = f->arena};
    revocation_check(&q, &seen, f);
    if (seen.n)
        claim_bytes(c, CLAIM_REVOCATION_SEEN, seen);
}

static int judge(struct inputs *in, const struct options *o, const char *path, int64_t at,
                 struct arena *a)
{
    static const struct anchor option = {.name = "--piid"};
    struct situs_err err = {0};
    struct findings f = {.arena = a};
    struct claims c = {.instance = NULL}, tee = {.instance = "tdx"};
    struct poe poe;
    if (!poe_read(&poe, file_span(&in->poe), path, &err)) {
        out_failure(&err);
        return EXIT_BAD_BYTES;
    }
    const struct poe_question q = {.poe = &poe,
                                   .trust = &in->trust.trust->trust,
                                   .crls = &in->given.crls,
                                   .at = at,
                                   .part = path};
    poe_verify(&q, a, &c, &f);
    if (in->piid_size) {
        tee.authority = &option;
        claim_bytes(&tee, CLAIM_PIID, span_of(in->piid, in->piid_size));
        poe_match(&c, &tee, path, &f);
    }
    if (o->revocations.n)
        check_revoked(in, &poe, &c, at, &f);
    return print(in, o, &c, &f, path);
}

/* run reads the files and judges: the exit code. */
static int run(struct inputs *in, const struct options *o, const char *path, int64_t at)
{
    struct situs_err err = {0};
    int exit = EXIT_USAGE;
    size_t room = ARENA_ROOM;
    bool ok = read_beside(in, o, &err);
    if (ok && !file_read(&in->poe, path, LIMIT_POE, &err)) {
        ok = false;
        exit = file_exit(&err);
    }
    for (size_t i = 0; i < LIMIT_ENDORSEMENTS; i++)
        room += given_is_pem(file_span(&in->beside[i])) ? in->beside[i].n : 0;
    void *memory = ok ? malloc(room) : NULL;
    struct arena a = arena_new(memory, memory ? room : 0);
    if (ok && read_given(in, o, &a, &err))
        exit = judge(in, o, path, at, &a);
    else
        out_failure(&err);
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
        OPTION_JSON(&o.json),
    };
    const struct args args = {own, options, sizeof options / sizeof *options, 1, 1};
    struct words operands = {.n = 0};
    static struct inputs inputs; /* one command, one endorsement */
    struct inputs *in = &inputs;
    int64_t at;
    int exit;
    if (!args_read(&args, argc, argv, &operands, &exit))
        return exit;
    exit = EXIT_USAGE;
    if (!o.trust) {
        out_error("--trust is missing: no issuer is built in");
        out_hint("write a trust file with the issuer's root and the use \"poe\": situs-trust(5)");
    } else if (o.seen.n && !o.revocations.n) {
        out_error("--list-seen speaks of no list");
        out_hint("give the issuer's newest list with --revocations");
    } else if (args_time(o.at, &at) && read_piid(in, o.piid) && load_trust(&in->trust, o.trust) &&
               list_seen_read(&in->seen, &o.seen, in->trust.trust)) {
        exit = run(in, &o, operands.v[0], at);
    }
    file_free(&in->poe);
    for (size_t i = 0; i < LIMIT_ENDORSEMENTS; i++)
        file_free(&in->beside[i]);
    load_trust_free(&in->trust);
    list_seen_free(&in->seen);
    return exit;
}
