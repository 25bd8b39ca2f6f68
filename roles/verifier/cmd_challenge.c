/* situs challenge: a nonce for by-hand use (DESIGN: messages, 1): 32 bytes from the kernel. */
#include "base/text.h"
#include "frame/args.h"
#include "frame/exits.h"
#include "frame/out.h"

#include <errno.h>
#include <sys/random.h>

command_function cmd_challenge;
int cmd_challenge(const struct command *own, int argc, char **argv)
{
    bool json = false;
    const struct option options[] = {OPTION_JSON(&json)};
    const struct args args = {own, options, 1, 0, 0};
    struct words operands = {.n = 0};
    int exit;
    if (!args_read(&args, argc, argv, &operands, &exit))
        return exit;
    uint8_t nonce[32]; /* getrandom gives up to 256 bytes whole (getrandom(2)) */
    if (getrandom(nonce, sizeof nonce, 0) != (ssize_t)sizeof nonce) {
        out_error("the kernel gives no random bytes: %s", strerror(errno));
        return EXIT_USAGE;
    }
    out_print(json ? "{\"nonce\": \"%s\"}\n" : "%s\n", TEXT_HEX(SPAN_ARR(nonce)));
    return EXIT_GOOD;
}
