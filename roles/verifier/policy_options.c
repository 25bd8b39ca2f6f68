/* Options of "situs policy new"; see policy_options.h. */
#include "verifier/policy_options.h"

#include "base/text.h"
#include "base/time.h"
#include "frame/out.h"
#include "verifier/policy_template.h"

#include <stdio.h>
#include <string.h>

#define NAME_MAX_BYTES 200

static bool wrong(const char *option, const char *value, const char *hint)
{
    out_error("--%s \"%s\" is not possible", option, value);
    out_hint("%s", hint);
    return false;
}

static bool read_scenario(struct policy_form *f, const struct policy_options *o)
{
    bool metal = o->scenario && strcmp(o->scenario, "bare-metal") == 0;
    f->scenario = metal ? SCENARIO_BARE_METAL : SCENARIO_MANAGED;
    return !o->scenario || metal || strcmp(o->scenario, "managed") == 0 ||
           wrong("scenario", o->scenario, "scenarios are: managed, bare-metal");
}

/* "live,bound" */
static bool read_proofs(const char *text, unsigned *require)
{
    char hint[200];
    snprintf(hint, sizeof hint, "proofs, with \",\" between: %s", proof_names());
    for (const char *p = text; p; p = strchr(p, ',')) {
        p += *p == ',';
        unsigned proof = proof_find(span_of(p, strcspn(p, ",")));
        if (!proof)
            return wrong("require", text, hint);
        *require |= proof;
    }
    return true;
}

static bool read_require(struct policy_form *f, const struct policy_options *o)
{
    const unsigned host = PROOF_HOST_MEASURED | PROOF_CO_LOCATED;
    bool metal = f->scenario == SCENARIO_BARE_METAL;
    if (!o->require) {
        f->require = metal ? PROOF_BOUND | host : PROOF_BOUND;
        return true;
    }
    if (!read_proofs(o->require, &f->require))
        return false;
    if (f->require & host && !metal)
        return wrong("require", o->require, "who measures the host? say --scenario bare-metal");
    return f->require != PROOF_GENUINE ||
           wrong("require", o->require,
                 "genuine pins no image: \"--policy genuine\" needs no file");
}

/* What speaks of a TPM says nothing where TD and TPM are not tied. */
static bool check_untied(const struct policy_form *f, const struct policy_options *o)
{
    const struct {
        const char *option;
        bool given;
    } rows[] = {{"scenario", o->scenario},         {"profile", o->profile},
                {"provider", o->provider},         {"host-closed-by", o->host_closed_by},
                {"platform-by", o->platform_by},   {"co-locates", o->co_locates},
                {"project", f->projects.n},        {"allow", f->allow.n},
                {"azure-issuer", f->issuers.n},    {"party", f->parties.n},
                {"rtmr1-by-lists", o->rtmr1_open}, {"gpt-open", o->gpt_open}};
    for (size_t i = 0; !policy_form_ties(f) && i < sizeof rows / sizeof *rows; i++)
        if (rows[i].given) {
            out_error("--%s speaks of a TPM, and --require of none", rows[i].option);
            out_hint("add bound to --require, or leave --%s out", rows[i].option);
            return false;
        }
    return true;
}

static bool read_provider(struct policy_form *f, const struct policy_options *o)
{
    bool metal = f->scenario == SCENARIO_BARE_METAL;
    f->provider = o->provider ? o->provider : metal ? "situs" : "google";
    if (strcmp(f->provider, "google") != 0 && strcmp(f->provider, "situs") != 0 &&
        !policy_form_paravised(f))
        return wrong("provider", f->provider, "providers are: google, situs, azure");
    if (metal && strcmp(f->provider, "situs") != 0)
        return wrong("provider", f->provider, "on bare metal a registrar certifies the TPM: situs");
    return true;
}

static bool read_profile(struct policy_form *f, const struct policy_options *o)
{
    bool metal =
        f->scenario == SCENARIO_BARE_METAL || !policy_form_ties(f) || policy_form_paravised(f);
    const char *name = o->profile ? o->profile : metal ? "none" : "gcp";
    f->image.ref.profile = profile_find(span_text(name));
    if (f->image.ref.profile != PROFILE_COUNT)
        return !policy_form_paravised(f) ||
               wrong("profile", name,
                     "a paravisor's TPM shares no events with the TEE: leave it out");
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
    if (!words->n && by) /* who says it and not what: all of it */
        *stated = (1u << n) - 1;
    if (!words->n || by)
        return true;
    out_error("--%s is stated by nobody", option);
    out_hint("say whose word it is: --%s-by NAME", option);
    return false;
}

static bool read_statements(struct policy_form *f, const struct policy_options *o)
{
    static const char *const platform[] = {"firmware_first", "all_banks_extended"};
    const char *closed[CLOSED_POINTS];
    uint32_t said = 0;
    for (unsigned i = 0; i < CLOSED_POINTS; i++)
        closed[i] = closed_key((enum closed_point)i);
    if (!check_name("closed-by", o->closed_by) || !check_name("platform-by", o->platform_by) ||
        !check_name("host-closed-by", o->host_closed_by) ||
        !read_points("closed", &o->closed, o->closed_by, closed, CLOSED_POINTS,
                     &f->image.ref.closed.stated) ||
        !read_points("host-closed", &o->host_closed, o->host_closed_by, closed, CLOSED_POINTS,
                     &f->host.closed.stated) ||
        !read_points("platform", &o->platform, o->platform_by, platform, 2, &said))
        return false;
    f->image.ref.closed.by = span_text(o->closed_by ? o->closed_by : "");
    f->host.closed.by = span_text(o->host_closed_by ? o->host_closed_by : "");
    f->host.co_locates = o->co_locates;
    f->platform = (struct platform_statement){.by = span_text(o->platform_by ? o->platform_by : ""),
                                              .firmware_first = said & 1,
                                              .all_banks_extended = said >> 1 & 1};
    return true;
}

static bool read_template(struct policy_form *f, const struct policy_options *o)
{
    char hint[100];
    snprintf(hint, sizeof hint, "templates are: %s", policy_template_names());
    if (o->from || o->require || o->scenario || o->profile || o->provider)
        return wrong("template", o->template,
                     "a template says what is required; --from writes a policy from evidence");
    f->image.ref.name = span_text(o->name ? o->name : "");
    return policy_template(f, o->template) ? check_untied(f, o)
                                           : wrong("template", o->template, hint);
}

/* Of what others publish, registers alone are known: nothing ties a TPM to them. */
static bool read_import(struct policy_form *f, const struct policy_options *o)
{
    if (o->from || o->template || o->name)
        return wrong("import", o->import, "it stands alone: names are the publisher's, --by NAME");
    if (!o->by)
        return wrong("import", o->import, "say who publishes these values: --by NAME");
    f->judges = true;
    f->require = PROOF_LIVE;
    if (o->require) {
        f->require = 0;
        if (!read_proofs(o->require, &f->require))
            return false;
    }
    if (policy_form_ties(f) || f->require == PROOF_GENUINE)
        return wrong("require", o->require,
                     "imports have no events of a boot, and genuine needs no file; --from writes "
                     "what ties a TPM, as bound");
    return check_untied(f, o);
}

bool policy_options_read(struct policy_form *f, const struct policy_options *o)
{
    if (o->by && !o->import)
        return wrong("by", o->by, "it names who publishes what --import reads");
    if (f->covers && !o->from)
        return wrong("covers", f->covers, "it speaks of an SEV-SNP guest's report: --from");
    if (!check_name("by", o->by) || !check_name("name", o->name) || !read_statements(f, o))
        return false;
    if (o->import)
        return read_import(f, o);
    if (o->template)
        return read_template(f, o);
    return read_scenario(f, o) && read_require(f, o) && check_untied(f, o) && read_provider(f, o) &&
           read_profile(f, o);
}

void policy_options_name(struct policy_form *f, const struct policy_options *o, int64_t at,
                         char names[2][32])
{
    snprintf(names[0], 32, "guest-%.10s", TEXT_TIME(at));
    snprintf(names[1], 32, "host-%.10s", TEXT_TIME(at));
    f->image.ref.name = span_text(o->name ? o->name : names[0]);
    f->host.name = span_text(names[1]);
}
