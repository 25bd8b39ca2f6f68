/* Option parser; see args.h. */
#include "frame/args.h"

#include "base/near.h"
#include "base/text.h"
#include "base/time.h"
#include "codec/base64url.h"
#include "frame/exits.h"
#include "frame/out.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#define DAYS_MOST 365
#define UNIX_MOST 999999999999 /* 12 digits: the year 33658 */

/* Prints the usage and options of a command on stdout. */
static void usage(const struct args *args)
{
    const struct command *c = args->command;
    out_print("usage: situs %s %s\n%s\n\n", c->name, c->usage, c->help);
    for (size_t i = 0; i < args->n_options; i++) {
        const struct option *o = &args->options[i];
        char left[80], letter[8] = "    ";
        if (o->letter)
            snprintf(letter, sizeof letter, "-%c, ", o->letter);
        snprintf(left, sizeof left, "%s--%s%s%s", letter, o->name, o->argument ? " " : "",
                 o->argument ? o->argument : "");
        out_print("  %-26s %s%s\n", left, o->help, o->list ? " (may be repeated)" : "");
    }
    out_print("  %-26s %s\n", "-h, --help", "print this");
}

/* find finds the option that word (after its dashes, up to any '=') names. */
static const struct option *find(const struct args *args, const char *word, size_t n, bool letter)
{
    for (size_t i = 0; i < args->n_options; i++) {
        const struct option *o = &args->options[i];
        if (letter ? n == 1 && o->letter == word[0]
                   : strlen(o->name) == n && memcmp(o->name, word, n) == 0)
            return o;
    }
    return NULL;
}

static bool unknown(const struct args *args, const char *word, size_t n)
{
    const char *names[65] = {"help"};
    size_t count = 1;
    for (size_t i = 0; i < args->n_options && count < 65; i++)
        names[count++] = args->options[i].name;
    char name[64];
    snprintf(name, sizeof name, "%.*s", n < 60 ? (int)n : 60, word);
    out_error("unknown option \"%s\" of \"situs %s\"", name, args->command->name);
    const char *near = near_word(name + strspn(name, "-"), names, count);
    if (near)
        out_hint("did you mean --%s?", near);
    else
        out_hint("\"situs %s --help\" lists the options", args->command->name);
    return false;
}

static bool refuse(const char *what, const char *name, const char *hint)
{
    out_error("option --%s %s", name, what);
    out_hint("%s", hint);
    return false;
}

static bool store(const struct option *o, const char *value)
{
    if (o->value) {
        if (*o->value)
            return refuse("is given twice", o->name, "give it once");
        *o->value = value;
        return true;
    }
    if (o->list->n == sizeof o->list->v / sizeof *o->list->v)
        return refuse("is given too often", o->name, "give a directory instead of single files");
    o->list->v[o->list->n++] = value;
    return true;
}

/* take reads the option at argv[*i] and moves *i over its value. */
static bool take(const struct args *args, int argc, char **argv, int *i)
{
    const char *word = argv[*i];
    bool letter = word[1] != '-';
    const char *name = word + (letter ? 1 : 2);
    size_t n = letter ? 1 : strcspn(name, "=");
    const char *value = name[n] ? name + n + (letter ? 0 : 1) : NULL;
    const struct option *o = find(args, name, n, letter);
    /* -policy is --policy of somebody in a hurry, not -p olicy. */
    if (!o || (letter && value && (o->flag || find(args, name, strcspn(name, "="), false))))
        return unknown(args, word, strcspn(word, "="));
    if (o->flag) {
        if (value)
            return refuse("takes no value", o->name, "leave the value out");
        *o->flag = true;
        return true;
    }
    if (value)
        return store(o, value);
    if (*i + 1 >= argc || strcmp(argv[*i + 1], "--") == 0) {
        out_error("option --%s needs a value: --%s %s", o->name, o->name, o->argument);
        out_hint("\"situs %s --help\" explains it", args->command->name);
        return false;
    }
    return store(o, argv[++*i]);
}

static bool operand(struct words *operands, const char *word, size_t most)
{
    if (operands->n >= most || operands->n == sizeof operands->v / sizeof *operands->v) {
        out_error("one argument too many: \"%s\"", word);
        return false;
    }
    operands->v[operands->n++] = word;
    return true;
}

bool args_read(const struct args *args, int argc, char **argv, struct words *operands, int *exit)
{
    bool options = true;
    *exit = EXIT_USAGE;
    for (int i = 1; i < argc; i++) {
        const char *word = argv[i];
        if (!options || word[0] != '-' || word[1] == 0) {
            if (!operand(operands, word, args->most)) {
                out_hint("usage: situs %s %s", args->command->name, args->command->usage);
                return false;
            }
        } else if (strcmp(word, "--") == 0) {
            options = false;
        } else if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
            usage(args);
            *exit = EXIT_GOOD;
            return false;
        } else if (!take(args, argc, argv, &i)) {
            return false;
        }
    }
    if (operands->n >= args->least)
        return true;
    out_error("\"situs %s\" needs %s", args->command->name,
              operands->n ? "one more argument" : "an argument");
    out_hint("usage: situs %s %s", args->command->name, args->command->usage);
    return false;
}

const char *args_one(const struct args *args, int argc, char **argv, int *exit)
{
    struct words operands = {.n = 0};
    return args_read(args, argc, argv, &operands, exit) ? operands.v[0] : NULL;
}

bool args_report_ok(const struct args_report *o)
{
    if (!o->quiet || (!o->json && !o->all))
        return true;
    out_error("--quiet prints nothing, and --%s %s", o->json ? "json" : "all",
              o->json ? "JSON" : "everything");
    out_hint("give one of them");
    return false;
}

/* unix_time reads "@" and at most UNIX_MOST seconds. */
static bool unix_time(const char *text, int64_t *at)
{
    uint64_t number = 0;
    bool ok = text[0] == '@' && text_number(span_text(text + 1), 0, UNIX_MOST, &number);
    *at = (int64_t)number;
    return ok;
}

/* with_offset reads a time with its offset from UTC, as 2026-11-30T10:00:00+02:00 (RFC 3339, 4.2). */
static bool with_offset(const char *text, int64_t *at)
{
    char utc[] = "0000-00-00T00:00:00Z";
    const size_t end = sizeof utc - 2;
    uint64_t hours, minutes;
    if (strlen(text) != end + 6 || (text[end] != '+' && text[end] != '-') || text[end + 3] != ':')
        return false;
    memcpy(utc, text, end);
    if (!time_read_rfc3339(at, span_text(utc)) ||
        !text_number(span_of(text + end + 1, 2), 0, 23, &hours) ||
        !text_number(span_of(text + end + 4, 2), 0, 59, &minutes))
        return false;
    int64_t east = (int64_t)(hours * 3600 + minutes * 60);
    *at -= text[end] == '+' ? east : -east;
    return *at >= 0;
}

bool args_time(const char *text, int64_t *at)
{
    *at = (int64_t)time(NULL);
    return !text || args_date("at", text, at);
}

bool args_date(const char *option, const char *text, int64_t *at)
{
    if (unix_time(text, at) || time_read_rfc3339(at, span_text(text)) || with_offset(text, at))
        return true;
    out_error("--%s \"%s\" is not a time", option, text);
    out_hint("write 2026-11-24T07:28:27Z (UTC), 2026-11-24T09:28:27+02:00 or @1795505307");
    return false;
}

bool args_days(const char *option, const char *text, uint64_t least, uint64_t *days)
{
    if (!text || text_number(span_text(text), least, DAYS_MOST, days))
        return true;
    out_error("--%s \"%s\" is not a number of days from %d to %d", option, text, (int)least,
              DAYS_MOST);
    out_hint("write a whole number, as --%s 7", option);
    return false;
}

/* counter reads one number of 32 bits, and where it ends. */
static bool counter(const char **text, uint32_t *value)
{
    size_t n = strspn(*text, "0123456789");
    uint64_t number;
    bool ok = text_number(span_of(*text, n), 0, UINT32_MAX, &number);
    *text += n;
    *value = (uint32_t)number;
    return ok;
}

bool args_nonce(const char *text, struct args_nonce *nonce)
{
    struct span s = span_text(text ? text : "");
    *nonce = (struct args_nonce){.n = 0};
    if (!text)
        return true;
    size_t head = strncasecmp(text, "0x", 2) == 0 ? 2 : 0, n = s.n / 2;
    bool hex = head + strspn(text + head, "0123456789abcdefABCDEF") == s.n;
    bool ok = !hex ? base64url_read(nonce->bytes, sizeof nonce->bytes, &n, s)
                   : n <= sizeof nonce->bytes && text_hex_read(nonce->bytes, n, s);
    if (ok && n >= ARGS_NONCE_MIN) {
        nonce->n = n;
        return true;
    }
    *nonce = (struct args_nonce){.n = 0};
    out_error("--nonce is not 8 to 64 bytes in hex or base64url");
    out_hint(hex ? "that is 16 to 128 hex digits, without 0x; \"situs challenge\" prints one"
                 : "base64url has - and _, and no padding; \"situs challenge\" prints one in hex");
    return false;
}

bool args_boot_read(const char *text, uint32_t *reset_count, uint32_t *restart_count)
{
    const char *rest = text;
    return counter(&rest, reset_count) && *rest++ == ',' && counter(&rest, restart_count) && !*rest;
}

bool args_boot(const char *text, uint32_t *reset_count, uint32_t *restart_count)
{
    if (args_boot_read(text, reset_count, restart_count))
        return true;
    out_error("--boot \"%s\" is not RESET,RESTART, two numbers", text);
    out_hint("what \"situs host provision\" says on the machine, or tpm2_readclock");
    return false;
}
