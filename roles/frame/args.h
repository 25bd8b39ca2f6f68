/* Command-line options: each command declares a table of them; nothing undeclared is accepted. */
#ifndef SITUS_FRAME_ARGS_H
#define SITUS_FRAME_ARGS_H

#include "base/span.h"
#include "frame/command.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The values of a repeatable option, or the operands. */
struct words {
    const char *v[64];
    size_t n;
};

/* One option. Exactly one of flag, value, list is set: it says where the option goes. */
struct option {
    const char *name; /* without the dashes */
    char letter;      /* 0: none */
    const char *argument, *help;
    bool *flag;
    const char **value; /* given at most once */
    struct words *list;
};

#define OPTION_FLAG(name, letter, to, help)      \
    {                                            \
        name, letter, NULL, help, to, NULL, NULL \
    }
#define OPTION_VALUE(name, letter, argument, to, help) \
    {                                                  \
        name, letter, argument, help, NULL, to, NULL   \
    }
#define OPTION_LIST(name, letter, argument, to, help) \
    {                                                 \
        name, letter, argument, help, NULL, NULL, to  \
    }
/* The flag that every command with a JSON form has. */
#define OPTION_JSON(to) OPTION_FLAG("json", 'j', to, "print JSON")
#define OPTION_VERBOSE(to)          \
    OPTION_FLAG("verbose", 'v', to, \
                "tell each step of the exchange on stderr, with sizes and times")
#define OPTION_AT(to) OPTION_VALUE("at", 0, "TIME", to, "time as RFC 3339 or @UNIX (default: now)")

/* How a report is wanted: the answer on one screen, all of it, JSON, or nothing but the exit code. */
struct args_report {
    bool json, all, quiet;
};
#define OPTION_REPORT(o)                                              \
    OPTION_FLAG("all", 'a', &(o).all, "print every check and claim"), \
        OPTION_FLAG("quiet", 'q', &(o).quiet, "print no report"), OPTION_JSON(&(o).json)

/* What a command accepts: options, and how many operands. */
struct args {
    const struct command *command;
    const struct option *options;
    size_t n_options, least, most;
};

/*
 * args_read reads argv (argv[0] is skipped) into the options' places and the operands. Options are
 * --name, --name=value, --name value, -x, -x value, -xvalue; "--" ends them; "-" is an operand. False ends
 * the command with *exit: 0 after --help (printed on stdout), 1 after an error (said on stderr).
 */
bool args_read(const struct args *args, int argc, char **argv, struct words *operands, int *exit);

/* args_one is args_read for a command of one operand, which it gives; NULL ends the command with *exit. */
#define ARGS_ONE(own, options, argc, argv, exit)                                                  \
    args_one(&(struct args){own, options, sizeof(options) / sizeof *(options), 1, 1}, argc, argv, \
             exit)
const char *args_one(const struct args *args, int argc, char **argv, int *exit);

/* args_report_ok says that at most one form is wanted (JSON is always all of it); false: said on
 * stderr. */
bool args_report_ok(const struct args_report *o);

/* args_time reads the value of --at: RFC 3339, in UTC or with an offset, without a fraction, or @UNIX
 * seconds; NULL is now. False, said on stderr, when it is neither. */
bool args_time(const char *text, int64_t *at);

/* args_date is the same for the value of another option, which is there. */
bool args_date(const char *option, const char *text, int64_t *at);

/* args_days reads the value of an option that is a number of days, from least to 365; NULL leaves
 * *days. False, said on stderr, when it is none. */
bool args_days(const char *option, const char *text, uint64_t least, uint64_t *days);

/* A nonce as somebody wrote it. */
#define ARGS_NONCE_MIN 8
#define ARGS_NONCE_MAX 64
struct args_nonce {
    uint8_t bytes[ARGS_NONCE_MAX];
    size_t n; /* 0: none was given */
};
#define OPTION_NONCE(to) \
    OPTION_VALUE("nonce", 0, "NONCE", to, "the challenge, 8 to 64 bytes in hex or base64url")

/*
 * args_nonce reads the value of --nonce, 8 to 64 bytes; NULL is none. A text of hex digits alone is hex, any other
 * base64url without padding (RFC 4648, 5). One that would be hex but for a digit, or for 0x before it, is neither: it is
 * rather a slip. False, said on stderr, when it cannot be read.
 */
bool args_nonce(const char *text, struct args_nonce *nonce);

/* args_boot reads a boot of a TPM, RESET,RESTART, two numbers of 32 bits. False, said on stderr,
 * when it is none. */
bool args_boot(const char *text, uint32_t *reset_count, uint32_t *restart_count);

/* args_boot_read is the same of a text that is no option's; it says nothing. */
bool args_boot_read(const char *text, uint32_t *reset_count, uint32_t *restart_count);

#endif
