/* situs challenge: a nonce for by-hand use (DESIGN: messages, 1): bytes from the kernel. */
#include "base/text.h"
#include "codec/base64url.h"
#include "frame/args.h"
#include "frame/exits.h"
#include "frame/out.h"

#include <errno.h>
#include <sys/random.h>

#define NONCE 32 /* bytes, at least */

command_function cmd_challenge;
int cmd_challenge(const struct command *own, int argc, char **argv)
{
    bool json = false, url = false;
    const char *size = NULL;
    uint64_t n = NONCE;
    const struct option options[] = {
        OPTION_VALUE("size", 0, "BYTES", &size, "32 to 64 (32)"),
        OPTION_FLAG("base64url", 0, &url, "not hex"),
        OPTION_JSON(&json),
    };
    const struct args args = {own, options, sizeof options / sizeof *options, 0, 0};
    struct words operands = {.n = 0};
    int exit;
    if (!args_read(&args, argc, argv, &operands, &exit))
        return exit;
    if (size && !text_number(span_text(size), NONCE, ARGS_NONCE_MAX, &n)) {
        out_error("--size \"%s\" is not 32 to 64", size);
        out_hint("32 bytes are what nobody foretells; more are for who asks for more");
        return EXIT_USAGE;
    }
    uint8_t nonce[ARGS_NONCE_MAX]; /* getrandom gives up to 256 bytes whole (getrandom(2)) */
    if (getrandom(nonce, n, 0) != (ssize_t)n) {
        out_error("the kernel gives no random bytes: %s", strerror(errno));
        return EXIT_USAGE;
    }
    char text[2 * ARGS_NONCE_MAX + 1];
    struct wr w = wr_new(text, sizeof text);
    text_hex(text, sizeof text, span_of(nonce, n));
    if (url) {
        base64url_write(&w, span_of(nonce, n));
        wr_u8(&w, 0);
    }
    out_print(json ? "{\"nonce\": \"%s\"}\n" : "%s\n", text);
    return EXIT_GOOD;
}
