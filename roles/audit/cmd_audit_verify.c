/* situs audit verify: is the audit log of a service whole? */
#include "audit/audit_chain.h"
#include "base/text.h"
#include "base/time.h"
#include "codec/json_out.h"
#include "frame/args.h"
#include "frame/exits.h"
#include "frame/file.h"
#include "frame/out.h"

#include <stdio.h>

#define FILE_MOST ((size_t)1 << 30) /* bytes of one file: the service puts aside what is larger */

/* read_noted takes NUMBER:SHA256, as this command prints it. */
static bool read_noted(struct audit_head *noted, const char *text)
{
    struct span rest = span_text(text ? text : "");
    struct span number = text_field(&rest, ':');
    if (!text || (text_number(number, 1, INT64_MAX, &noted->number) &&
                  text_hex_read(noted->sha256, sizeof noted->sha256, rest)))
        return true;
    out_error("--head is not NUMBER:SHA256");
    out_hint("give it as \"situs audit verify\" printed it before");
    return false;
}

static bool add_file(struct audit_chain *c, const char *path, int *exit, struct situs_err *err)
{
    struct file f = {0};
    bool ok = file_read(&f, path, FILE_MOST, err);
    *exit = ok ? EXIT_REFUSED : file_exit(err);
    ok = ok && audit_chain_add(c, file_span(&f), path, err);
    file_free(&f);
    return ok;
}

/* An empty log says nothing, and a head that nobody came by is not met. */
static bool is_whole(const struct audit_chain *c, const char *last, struct situs_err *err)
{
    if (c->lines == 0)
        return err_fail(err, SITUS_MISSING, last, "line", SITUS_NO_OFFSET, "1 line or more",
                        "none");
    if (c->noted.number == 0 || c->met)
        return true;
    err_fail(err, SITUS_MISSING, last, "noted", SITUS_NO_OFFSET, TEXT_NUM(c->noted.number),
             TEXT_NUM(c->head.number));
    return err_hint(
        err, "the line that was noted is not in these files: the log was cut, or one is missing");
}

static void print_json(const struct audit_chain *c, bool holds, const struct situs_err *err)
{
    static uint8_t room[8192];
    struct wr w = wr_new(room, sizeof room);
    struct json_out o = json_out_new(&w, true);
    json_out_object(&o);
    json_out_pair_bool(&o, "holds", holds);
    json_out_pair_num(&o, "lines", (int64_t)c->lines);
    if (c->lines) {
        json_out_pair_num(&o, "first", (int64_t)c->before.number + 1);
        json_out_pair_hex(&o, "prev", SPAN_ARR(c->before.sha256));
        json_out_pair_string(&o, "first_at", TEXT_TIME(c->first_at));
        json_out_pair_num(&o, "last", (int64_t)c->head.number);
        json_out_pair_string(&o, "last_at", TEXT_TIME(c->last_at));
        json_out_pair_hex(&o, "sha256", SPAN_ARR(c->head.sha256));
    }
    if (!holds) {
        json_out_name(&o, "error");
        json_out_object(&o);
        json_out_pair_string(&o, "code", err_code_name(err->code));
        json_out_pair_string(&o, "part", err->part);
        json_out_pair_num(&o, "line", (int64_t)c->line);
        json_out_pair_string(&o, "field", err->field);
        json_out_pair_string(&o, "expected", err->expected);
        json_out_pair_string(&o, "got", err->got);
        json_out_close(&o);
    }
    json_out_close(&o);
    json_out_end(&o);
    out_written(&w, true);
}

/* print says how far the chain goes, whole or not. */
static void print(const struct audit_chain *c, bool holds, const struct situs_err *err)
{
    char hex[65];
    if (c->lines) {
        out_print("%s: lines %llu to %llu (%llu), %s to %s\n",
                  holds ? "whole" : "whole until there", (unsigned long long)c->before.number + 1,
                  (unsigned long long)c->head.number, (unsigned long long)c->lines,
                  TEXT_TIME(c->first_at), TEXT_TIME(c->last_at));
        out_print("head: %llu:%s\n", (unsigned long long)c->head.number,
                  text_hex(hex, sizeof hex, SPAN_ARR(c->head.sha256)));
        if (c->before.number)
            out_print("follows: %llu:%s, which is not in these files\n",
                      (unsigned long long)c->before.number,
                      text_hex(hex, sizeof hex, SPAN_ARR(c->before.sha256)));
    }
    if (holds)
        return;
    if (c->line)
        out_note("%s, line %zu:", err->part, c->line);
    out_failure(err);
}

command_function cmd_audit_verify;
int cmd_audit_verify(const struct command *own, int argc, char **argv)
{
    const char *noted = NULL;
    bool json = false, holds = true;
    const struct option options[] = {
        OPTION_VALUE("head", 0, "NUMBER:SHA256", &noted,
                     "a line that must be there: what this command printed before"),
        OPTION_JSON(&json),
    };
    const struct args args = {own, options, sizeof options / sizeof *options, 1, 64};
    struct words operands = {.n = 0};
    struct audit_chain chain = {.lines = 0};
    struct situs_err err = {0};
    int exit;
    if (!args_read(&args, argc, argv, &operands, &exit))
        return exit;
    if (!read_noted(&chain.noted, noted))
        return EXIT_USAGE;
    exit = EXIT_REFUSED;
    for (size_t i = 0; holds && i < operands.n; i++)
        holds = add_file(&chain, operands.v[i], &exit, &err);
    holds = holds && is_whole(&chain, operands.v[operands.n - 1], &err);
    if (json)
        print_json(&chain, holds, &err);
    else
        print(&chain, holds, &err);
    return holds ? EXIT_GOOD : exit;
}
