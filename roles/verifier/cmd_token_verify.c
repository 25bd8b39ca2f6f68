/* situs token verify: does a token of a verifier's service hold, and what for? The service is not
 * asked: its keys, name and policy are what the caller has and trusts. */
#include "base/item.h"
#include "base/limits.h"
#include "base/text.h"
#include "frame/args.h"
#include "frame/exits.h"
#include "frame/file.h"
#include "frame/out.h"

#include <stdlib.h>

#define REPORT_ROOM (64 * 1024)

struct options {
    const char *keys, *issuer, *audience, *policy, *nonce, *channel, *require, *at;
    struct args_report report; /* all is none of its options */
};

struct inputs {
    struct file token, keys, channel;
    uint8_t policy[32];
    struct args_nonce nonce;
    char proofs[256]; /* --require, with zero bytes for commas */
    const char *require[32];
    size_t n_require;
};

static bool missing(const struct options *o)
{
    const char *name = !o->keys       ? "--keys"
                       : !o->issuer   ? "--issuer"
                       : !o->audience ? "--audience"
                       : !o->policy   ? "--policy-digest"
                       : !o->require  ? "--require"
                                      : NULL;
    if (!name)
        return false;
    out_error("%s is missing: nothing of a token is taken on its own word", name);
    out_hint("give --keys, --issuer, --audience, --policy-digest and --require: situs-token(1)");
    return true;
}

static bool read_hex(struct inputs *in, const struct options *o)
{
    if (!text_hex_read(in->policy, sizeof in->policy, span_text(o->policy))) {
        out_error("--policy-digest is not 64 hex digits");
        out_hint("sha256sum of the policy file prints it");
        return false;
    }
    return args_nonce(o->nonce, &in->nonce);
}

/* Names of proofs with commas between: an empty one is none that situs knows. */
static bool read_require(struct inputs *in, const char *text)
{
    size_t n = strlen(text);
    if (n >= sizeof in->proofs) {
        out_error("--require is too long");
        out_hint("name proofs with commas between, as live,bound");
        return false;
    }
    memcpy(in->proofs, text, n + 1);
    in->require[in->n_require++] = in->proofs;
    for (char *p = in->proofs; *p; p++)
        if (*p == ',' && in->n_require < sizeof in->require / sizeof *in->require) {
            *p = 0;
            in->require[in->n_require++] = p + 1;
        }
    return true;
}

static bool read_files(struct inputs *in, const struct options *o, const char *path, int *exit)
{
    struct situs_err err = {0};
    *exit = EXIT_USAGE;
    if (file_read(&in->keys, o->keys, LIMIT_JWKS, &err) &&
        (!o->channel || file_read(&in->channel, o->channel, LIMIT_CERT, &err))) {
        if (file_read(&in->token, path, LIMIT_TOKEN + 2, &err))
            return true;
        *exit = file_exit(&err);
    }
    out_failure(&err);
    return false;
}

static struct situs_token_request request_of(const struct inputs *in, const struct options *o,
                                             const char *path, int64_t at)
{
    return (struct situs_token_request){
        .token = item_of(path, text_trim(file_span(&in->token))), /* a file ends its last line */
        .keys = item_of(o->keys, file_span(&in->keys)),
        .issuer = o->issuer,
        .audience = o->audience,
        .policy_sha256 = {"--policy-digest", in->policy, sizeof in->policy},
        .require = in->require,
        .n_require = in->n_require,
        .nonce = {"--nonce", in->nonce.n ? in->nonce.bytes : NULL, in->nonce.n},
        .channel = item_of(o->channel, file_span(&in->channel)),
        .at = at,
    };
}

/* A mistake in the question has no verdict: it is said as every other wrong option. */
static int print(const struct situs_token *token, const struct options *o)
{
    static char room[REPORT_ROOM];
    struct situs_err why;
    int exit = situs_token_exit(token);
    if (exit == EXIT_USAGE) {
        situs_token_error(token, &why);
        out_failure(&why);
        return exit;
    }
    if (o->report.quiet)
        return exit;
    size_t n = o->report.json ? situs_token_json(token, room, sizeof room)
                              : situs_token_brief(token, out_colour(), room, sizeof room);
    return out_report(room, n, sizeof room, o->report.json, exit);
}

static int run(struct inputs *in, const struct options *o, const char *path, int64_t at)
{
    static uint8_t memory[SITUS_TOKEN_MEMORY];
    int exit;
    if (!read_files(in, o, path, &exit))
        return exit;
    if (o->channel && in->channel.n == 0) {
        out_error("%s is empty", o->channel);
        out_hint("--channel is the peer's SubjectPublicKeyInfo, DER");
        return EXIT_USAGE;
    }
    const struct situs_token_request q = request_of(in, o, path, at);
    return print(situs_token_verify(&q, (struct situs_memory){memory, sizeof memory}), o);
}

command_function cmd_token_verify;
int cmd_token_verify(const struct command *own, int argc, char **argv)
{
    struct options o = {0};
    const struct option options[] = {
        OPTION_VALUE("keys", 0, "FILE", &o.keys, "the issuer's key set (JWKS; required)"),
        OPTION_VALUE("issuer", 0, "URL", &o.issuer, "who must have signed: iss (required)"),
        OPTION_VALUE("audience", 0, "TEXT", &o.audience, "for whom: aud (required)"),
        OPTION_VALUE("policy-digest", 0, "HEX", &o.policy, "SHA-256 of the policy (required)"),
        OPTION_VALUE("require", 0, "PROOF,...", &o.require, "what must be proven (required)"),
        OPTION_NONCE(&o.nonce),
        OPTION_VALUE("channel", 0, "FILE", &o.channel, "peer's SubjectPublicKeyInfo, DER"),
        OPTION_AT(&o.at),
        OPTION_FLAG("quiet", 'q', &o.report.quiet, "print no report"),
        OPTION_JSON(&o.report.json),
    };
    static struct inputs in; /* one command, one token */
    int64_t at;
    int exit;
    const char *path = ARGS_ONE(own, options, argc, argv, &exit);
    if (!path)
        return exit;
    exit = EXIT_USAGE;
    if (args_report_ok(&o.report) && !missing(&o) && args_time(o.at, &at) && read_hex(&in, &o) &&
        read_require(&in, o.require))
        exit = run(&in, &o, path, at);
    file_free(&in.token);
    file_free(&in.keys);
    file_free(&in.channel);
    return exit;
}
