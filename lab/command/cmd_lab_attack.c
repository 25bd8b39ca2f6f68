/* situs lab attack: the attack matrix, run on the simulated data centre; see situs-lab(1). */
#include "base/near.h"
#include "base/text.h"
#include "codec/json_out.h"
#include "frame/args.h"
#include "frame/exits.h"
#include "frame/file.h"
#include "frame/out.h"
#include "lab/attacks/lab_matrix.h"
#include "lab/intel/lab_collateral.h"
#include "situs/door.h"
#include "situs/report.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

#define TEXT_ROOM (256 * 1024)

struct run {
    bool json, honest, verbose;
    const char *out;
    struct lab_stage *stage;
    struct lab_judge *judge;
    bool wrong; /* a row did not come out as the table says */
};

static void print(struct lab_buf *b)
{
    out_bytes(lab_buf_span(b));
    lab_buf_free(b);
    fflush(stdout); /* a matrix takes a while */
}

static void print_report(const struct lab_ruling *r)
{
    struct lab_buf b = {0};
    char *text = malloc(TEXT_ROOM);
    struct wr w = wr_new(text, text ? TEXT_ROOM : 0);
    report_text(door_result(r->result), out_colour(), &w);
    out_written(&w, false);
    free(text);
    lab_matrix_round_trip(&b, r);
    print(&b);
}

/* What the TPM itself refused. */
static void json_refusals(struct json_out *o, const struct lab_ruling *r)
{
    char rc[48];
    if (r->refused.n == 0)
        return;
    json_out_name(o, "refused_by_tpm");
    json_out_array(o);
    for (size_t i = 0; i < r->refused.n; i++) {
        json_out_object(o);
        json_out_pair_text(o, "command", span_text(r->refused.v[i].what));
        json_out_pair_text(o, "response", span_text(lab_attacks_rc(r->refused.v[i].rc, rc)));
        json_out_close(o);
    }
    json_out_close(o);
}

static void json_row(const struct lab_attack_row *row, const struct lab_ruling *r)
{
    char buffer[4096];
    struct wr w = wr_new(buffer, sizeof buffer);
    struct json_out o = json_out_new(&w, false);
    json_out_object(&o);
    json_out_pair_text(&o, "id", span_text(row->id));
    json_out_pair_text(&o, "attack", span_text(row->name));
    json_out_pair_text(&o, "what", span_text(row->what));
    json_out_pair_bool(&o, "tee_alone_accepts", r->tee == LAB_ACCEPTS);
    if (r->article != LAB_SILENT)
        json_out_pair_bool(&o, "article_accepts", r->article == LAB_ACCEPTS);
    json_out_pair_bool(&o, "situs_accepts", r->situs);
    json_out_name(&o, "refused_by");
    json_out_array(&o);
    for (enum check c = 0; c < CHECK_COUNT; c++)
        if (r->refusing >> c & 1)
            json_out_string(&o, check_row(c)->id);
    json_out_close(&o);
    if (lab_attacks_unread(row, r))
        json_out_pair_text(&o, "unread", span_text(row->unread));
    json_out_pair_bool(&o, "trusted_without_these", r->without);
    json_refusals(&o, r);
    if (r->trip.seen > 0) {
        json_out_pair_num(&o, "round_trip_ms", (int64_t)r->trip.seen);
        json_out_pair_num(&o, "honest_round_trip_ms", (int64_t)r->trip.here);
    }
    if (row->party)
        json_out_pair_text(&o, "trusts", span_text(row->party));
    json_out_close(&o);
    json_out_end(&o);
    out_written(&w, true);
}

static bool put(const char *directory, const char *name, struct span bytes)
{
    char path[512];
    struct situs_err err = {0};
    int n = snprintf(path, sizeof path, "%s/%s", directory, name);
    if (n > 0 && (size_t)n < sizeof path && file_write(path, bytes, &err))
        return true;
    out_failure(&err);
    return false;
}

static bool put_words(const char *directory, const struct lab_ruling *r)
{
    bool good = true;
    for (size_t i = 0; good && i < r->n_words; i++)
        good = put(directory, r->word[i].name, r->word[i].bytes);
    return good;
}

/* What a verifier needs to judge the evidence himself. */
static bool write_files(struct run *x, const struct lab_attack_row *row, const struct lab_ruling *r)
{
    char nonce[80];
    struct lab_world *w = x->stage->w;
    struct lab_collateral c = lab_collateral_honest(w, &x->stage->cpu[0].platform, true);
    if (mkdir(x->out, 0777) != 0 && errno != EEXIST) {
        out_error("%s: %s", x->out, strerror(errno));
        return false;
    }
    snprintf(nonce, sizeof nonce, "%s\n", TEXT_HEX(SPAN_ARR(r->nonce)));
    return put(x->out, "evidence.cmw", r->bundle) && put(x->out, "peer.spki", r->peer) &&
           put_words(x->out, r) && put(x->out, "nonce", span_text(nonce)) &&
           put(x->out, "policy.json", lab_judge_policy(x->judge, row->scenario)) &&
           put(x->out, "trust.json", lab_judge_trust(x->judge)) &&
           put(x->out, "collateral.json", lab_collateral_json(w, &c));
}

static bool run_one(struct run *x, const struct lab_attack_row *row)
{
    struct lab_buf b = {0};
    struct lab_ruling r = lab_attacks_run(x->stage, x->judge, row, x->honest);
    x->wrong |= x->honest ? !r.situs : !lab_attacks_as_expected(row, &r);
    if (x->json)
        json_row(row, &r);
    else if (x->honest)
        lab_buf_format(&b, "the honest twin of %s: %s\n", row->id, r.situs ? "trusted" : "refused");
    else
        lab_matrix_story(&b, row, &r, out_colour());
    print(&b);
    if (x->verbose)
        print_report(&r);
    return !x->out || write_files(x, row, &r);
}

static void run_all(struct run *x)
{
    struct lab_buf b = {0};
    if (!x->json)
        lab_matrix_head(&b, out_colour());
    print(&b);
    for (size_t i = 0; lab_attacks_at(i); i++) {
        const struct lab_attack_row *row = lab_attacks_at(i);
        struct lab_ruling r;
        bool later = row->outcome == LAB_LATER;
        if (!later) {
            r = lab_attacks_run(x->stage, x->judge, row, false);
            x->wrong |= !lab_attacks_as_expected(row, &r);
        }
        if (!x->json)
            lab_matrix_line(&b, row, later ? NULL : &r, out_colour());
        else if (!later)
            json_row(row, &r);
        print(&b);
        if (x->verbose && !later)
            print_report(&r);
    }
}

static const struct lab_attack_row *find(const char *id)
{
    const char *names[128];
    size_t n = 0;
    const struct lab_attack_row *row = lab_attacks_find(id);
    for (size_t i = 0; lab_attacks_at(i) && n < 128; i++)
        if (lab_attacks_at(i)->id)
            names[n++] = lab_attacks_at(i)->id;
    if (row)
        return row;
    const char *near = near_word(id, names, n);
    out_error("unknown attack \"%s\"", id);
    out_hint(near ? "did you mean \"%s\"?" : "\"situs lab attack -j\" lists them%s",
             near ? near : "");
    return NULL;
}

command_function cmd_lab_attack;
int cmd_lab_attack(const struct command *own, int argc, char **argv)
{
    struct run x = {.json = false};
    const struct option options[] = {
        OPTION_JSON(&x.json),
        OPTION_FLAG("honest", 0, &x.honest, "run the honest twin instead"),
        OPTION_FLAG("verbose", 'v', &x.verbose, "print the whole reports"),
        OPTION_VALUE("output", 'o', "DIR", &x.out, "write what the verifier got"),
    };
    const struct args args = {own, options, sizeof options / sizeof *options, 0, 1};
    struct words operands = {.n = 0};
    const struct lab_attack_row *row = NULL;
    int exit;
    if (!args_read(&args, argc, argv, &operands, &exit))
        return exit;
    if (operands.n == 0 && (x.honest || x.out)) {
        out_error("--honest and --output need the name of an attack");
        return EXIT_USAGE;
    }
    if (operands.n && !(row = find(operands.v[0])))
        return EXIT_USAGE;
    x.stage = lab_stage_new(time(NULL));
    x.judge = lab_judge_new(x.stage);
    bool good = true;
    if (row)
        good = run_one(&x, row);
    else
        run_all(&x);
    lab_judge_free(x.judge);
    lab_stage_free(x.stage);
    return out_finish(good && !x.wrong ? EXIT_GOOD : EXIT_USAGE);
}
