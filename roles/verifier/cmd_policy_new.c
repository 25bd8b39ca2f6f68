/* situs policy new: a policy from evidence, for people to read and to complete. Nothing is stated
 * for anybody. */
#include "base/text.h"
#include "frame/args.h"
#include "frame/exits.h"
#include "frame/file.h"
#include "frame/out.h"
#include "verifier/policy_new.h"

#include <stdio.h>
#include <stdlib.h>

#define NAME_MAX_BYTES 200

struct options {
    const char *from, *out, *scenario, *profile, *provider, *name;
    const char *closed_by, *host_closed_by, *platform_by;
    struct words closed, host_closed, platform;
    bool rtmr1_open, gpt_open, co_locates;
};

static bool wrong(const char *option, const char *value, const char *hint)
{
    out_error("--%s \"%s\" is not possible", option, value);
    out_hint("%s", hint);
    return false;
}

static bool read_scenario(struct policy_form *f, const struct options *o)
{
    bool metal = o->scenario && strcmp(o->scenario, "bare-metal") == 0;
    if (o->scenario && !metal && strcmp(o->scenario, "managed") != 0)
        return wrong("scenario", o->scenario, "scenarios are: managed, bare-metal");
    f->scenario = metal ? SCENARIO_BARE_METAL : SCENARIO_MANAGED;
    f->provider = o->provider ? o->provider : metal ? "situs" : "google";
    if (strcmp(f->provider, "google") != 0 && strcmp(f->provider, "situs") != 0)
        return wrong("provider", f->provider,
                     "providers whose TPMs measure a boot beside the TD are: google, situs");
    if (metal && strcmp(f->provider, "situs") != 0)
        return wrong("provider", f->provider, "on bare metal a registrar certifies the TPM: situs");
    return true;
}

static bool read_profile(struct policy_form *f, const struct options *o)
{
    bool metal = f->scenario == SCENARIO_BARE_METAL;
    const char *name = o->profile ? o->profile : metal ? "none" : "gcp";
    f->image.profile = profile_find(span_text(name));
    if (f->image.profile != PROFILE_COUNT)
        return true;
    if (strcmp(name, "none") != 0)
        return wrong("profile", name, "firmware that measures to TD and TPM alike: gcp, lab; none");
    if (!metal)
        return wrong("profile", name, "in a managed cloud the measurements alone tie TD and TPM");
    return !(o->rtmr1_open || o->gpt_open) ||
           wrong("profile", name, "without a profile there are no lists that RTMR1 could be by");
}

static bool check_name(const char *option, const char *value)
{
    return !value || text_is_name(span_text(value), NAME_MAX_BYTES) ||
           wrong(option, value, "a name is UTF-8 text of at most 200 bytes");
}

/* The bits that words name, of n keys; "all" is every one. False: said. */
static bool read_points(const char *option, const struct words *words, const char *by,
                        const char *const *keys, unsigned n, uint32_t *stated)
{
    for (size_t i = 0; i < words->n; i++) {
        unsigned k = 0;
        while (k < n && strcmp(words->v[i], keys[k]) != 0)
            k++;
        if (k < n)
            *stated |= 1u << k;
        else if (strcmp(words->v[i], "all") == 0)
            *stated = (1u << n) - 1;
        else
            return wrong(option, words->v[i], "points are those of situs-policy(5), or: all");
    }
    if (!words->n || by)
        return true;
    out_error("--%s is stated by nobody", option);
    out_hint("say whose word it is: --%s-by NAME", option);
    return false;
}

static bool read_statements(struct policy_form *f, const struct options *o)
{
    static const char *const platform[] = {"firmware_first", "all_banks_extended"};
    const char *closed[CLOSED_POINTS];
    uint32_t said = 0;
    for (unsigned i = 0; i < CLOSED_POINTS; i++)
        closed[i] = closed_key((enum closed_point)i);
    if (!check_name("closed-by", o->closed_by) || !check_name("platform-by", o->platform_by) ||
        !check_name("host-closed-by", o->host_closed_by) ||
        !read_points("closed", &o->closed, o->closed_by, closed, CLOSED_POINTS,
                     &f->image.closed.stated) ||
        !read_points("host-closed", &o->host_closed, o->host_closed_by, closed, CLOSED_POINTS,
                     &f->host.closed.stated) ||
        !read_points("platform", &o->platform, o->platform_by, platform, 2, &said))
        return false;
    f->image.closed.by = span_text(o->closed_by ? o->closed_by : "");
    f->host.closed.by = span_text(o->host_closed_by ? o->host_closed_by : "");
    f->host.co_locates = o->co_locates;
    f->platform = (struct platform_statement){.by = span_text(o->platform_by ? o->platform_by : ""),
                                              .firmware_first = said & 1,
                                              .all_banks_extended = said >> 1 & 1};
    return true;
}

/* The image is named after the day of its boot, unless it has a name. */
static bool read_names(struct policy_form *f, const struct options *o, int64_t at,
                       char names[2][32])
{
    snprintf(names[0], 32, "guest-%.10s", TEXT_TIME(at));
    snprintf(names[1], 32, "host-%.10s", TEXT_TIME(at));
    f->image.name = span_text(o->name ? o->name : names[0]);
    f->host.name = span_text(names[1]);
    return check_name("name", o->name);
}

static int write_policy(const struct policy_form *f, const char *path)
{
    struct situs_err err = {0};
    char left[400];
    size_t room = 2 * LIMIT_POLICY;
    uint8_t *text = malloc(room);
    struct wr w = wr_new(text, text ? room : 0);
    policy_form_write(f, &w);
    bool ok = wr_ok(&w) || err_fail(&err, SITUS_TOO_LONG, "policy", "", SITUS_NO_OFFSET,
                                    TEXT_BYTES(room), TEXT_BYTES(w.n));
    ok = ok && file_write(path, wr_span(&w), &err);
    free(text);
    if (!ok) {
        out_failure(&err);
        return EXIT_USAGE;
    }
    if (policy_form_left(f, left)[0])
        out_note("read it, and state what nobody stated yet: %s; see situs-policy(5)", left);
    return EXIT_GOOD;
}

/* names is room for those that the form points to. */
static int run(struct appraisal *x, struct policy_form *f, const struct options *o,
               char names[2][32])
{
    if (!read_scenario(f, o) || !read_profile(f, o) || !read_statements(f, o))
        return EXIT_USAGE;
    x->options.policy = "genuine"; /* demands the least, until the evidence is read */
    if (!appraisal_load(x) || !read_names(f, o, x->at, names) || !appraisal_read(x, o->from))
        return EXIT_USAGE;
    size_t room = policy_new_room(x);
    void *memory = malloc(room);
    int exit = EXIT_USAGE;
    if (memory) {
        struct arena a = arena_new(memory, room);
        exit = policy_new_fill(f, x, o->rtmr1_open, o->gpt_open, &a);
        if (exit == EXIT_GOOD)
            exit = write_policy(f, o->out ? o->out : "-");
    } else {
        out_error("out of memory");
    }
    free(memory);
    return exit;
}

command_function cmd_policy_new;
int cmd_policy_new(const struct command *own, int argc, char **argv)
{
    struct words operands = {.n = 0};
    struct options o = {.from = NULL};
    struct policy_form f = {.provider = NULL};
    char names[2][32];
    int exit = EXIT_USAGE;
    struct appraisal *x = calloc(1, sizeof *x);
    if (!x) {
        out_error("out of memory");
        return exit;
    }
    struct appraisal_options *a = &x->options;
    const struct option rows[] = {
        OPTION_VALUE("from", 'f', "BUNDLE", &o.from, "evidence of an honest boot (required)"),
        OPTION_VALUE("output", 'o', "FILE", &o.out, "the file to write (default: standard output)"),
        OPTION_VALUE("scenario", 's', "WORD", &o.scenario, "managed (default) or bare-metal"),
        OPTION_VALUE("profile", 0, "NAME", &o.profile, "firmware: gcp (default), lab; none"),
        OPTION_VALUE("provider", 0, "NAME", &o.provider, "google (default) or situs"),
        OPTION_VALUE("name", 'n', "NAME", &o.name, "of the image (default: guest-DATE)"),
        OPTION_VALUE("closed-by", 0, "NAME", &o.closed_by, "who says that the image is closed"),
        OPTION_LIST("closed", 0, "POINT|all", &o.closed, "what he says"),
        OPTION_VALUE("host-closed-by", 0, "NAME", &o.host_closed_by, "who says so of the host"),
        OPTION_LIST("host-closed", 0, "POINT|all", &o.host_closed, "what he says"),
        OPTION_FLAG("co-locates", 0, &o.co_locates,
                    "the host's agent speaks for its machine alone"),
        OPTION_VALUE("platform-by", 0, "NAME", &o.platform_by,
                     "who speaks of the provider's vTPMs"),
        OPTION_LIST("platform", 0, "POINT|all", &o.platform, "what he says"),
        OPTION_LIST("project", 0, "ID", &f.projects, "of Google, whose instances count"),
        OPTION_LIST("allow", 0, "ANCHOR=FACILITY", &f.allow,
                    "registrar, and the hall it speaks for"),
        OPTION_FLAG("rtmr1-by-lists", 0, &o.rtmr1_open, "RTMR1 is what the lists lead to"),
        OPTION_FLAG("gpt-open", 0, &o.gpt_open, "the partition table may grow"),
        OPTION_FLAG("simulated", 0, &f.simulated, "anchors of a lab count"),
        OPTION_VALUE("ccel", 0, "FILE", &a->ccel, "event log of the TD"),
        OPTION_VALUE("pcr-log", 0, "FILE", &a->pcr_log, "event log of the guest's TPM"),
        OPTION_VALUE("nonce", 0, "HEX", &a->nonce, "the challenge, 32 bytes"),
        OPTION_LIST("collateral", 'c', "FILE|DIR", &a->collateral, "Intel collateral"),
        OPTION_LIST("endorsement", 'e', "FILE", &a->endorsements, "CRLs of AK issuers"),
        OPTION_VALUE("trust", 't', "FILE", &a->trust, "trust anchors (default: built in)"),
        OPTION_AT(&a->at),
    };
    const struct args args = {own, rows, sizeof rows / sizeof *rows, 0, 0};
    if (args_read(&args, argc, argv, &operands, &exit)) {
        if (o.from) {
            exit = run(x, &f, &o, names);
        } else {
            out_error("--from is missing: a policy is written from evidence");
            out_hint("in the guest: \"situs attest --nonce HEX -o BUNDLE\"");
            exit = EXIT_USAGE;
        }
    }
    appraisal_free(x);
    free(x);
    return exit;
}
