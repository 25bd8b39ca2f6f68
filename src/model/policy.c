/* Reading a policy; see policy.h. */
#include "model/policy.h"

#include <stdio.h>

#include "base/limits.h"
#include "base/text.h"
#include "base/wr.h"
#include "crypto/digest.h"
#include "model/policy_guest.h"
#include "model/policy_value.h"

#define PART "policy"

static bool has_params(enum check c)
{
    for (enum param p = 0; p < PARAM_COUNT; p++)
        if (param_row(p)->check == c)
            return true;
    return false;
}

static bool unknown_check(const struct json *member, struct situs_err *err)
{
    const char *keys[4 + CHECK_COUNT] = {"scenario", "require", "tee", "simulated"};
    size_t n = 4;
    for (enum check c = 0; c < CHECK_COUNT; c++)
        if (has_params(c))
            keys[n++] = check_row(c)->id;
    if (check_find(span_text(member->key)) != CHECK_COUNT) {
        json_fail(member, SITUS_UNKNOWN, "a check with parameters",
                  TEXT_CUT(span_text(member->key)), err);
        return err_hint(err, "this check has none: it is asked as \"require\" says");
    }
    json_unknown(member, keys, n, err);
    return err_hint(err,
                    "keys are: scenario, require, tee, simulated, and the ids of checks that have "
                    "parameters: situs-policy(5)");
}

static bool unknown_param(const struct json *member, enum check c, struct situs_err *err)
{
    const char *keys[PARAM_COUNT];
    size_t n = 0;
    for (enum param p = 0; p < PARAM_COUNT; p++)
        if (param_row(p)->check == c)
            keys[n++] = param_row(p)->key;
    return json_unknown(member, keys, n, err);
}

static bool read_scenario(const struct json *v, struct policy *p, struct situs_err *err)
{
    struct span word;
    if (!json_as_text(v, &word, err))
        return false;
    if (span_equal(word, SPAN_LIT("managed")))
        p->scenario = SCENARIO_MANAGED;
    else if (span_equal(word, SPAN_LIT("bare-metal")))
        p->scenario = SCENARIO_BARE_METAL;
    if (p->scenario != SCENARIO_NONE)
        return true;
    json_fail(v, SITUS_UNKNOWN, "managed or bare-metal", TEXT_CUT(word), err);
    return err_hint(err, "managed: the provider runs host, hypervisor and vTPM; bare-metal: a "
                         "measured host on a machine with its own TPM");
}

static const char *proofs_hint(char hint[160])
{
    snprintf(hint, 160, "proofs are: %s", proof_names());
    return hint;
}

static bool read_require(const struct json *list, struct policy *p, struct situs_err *err)
{
    if (!json_as_array(list, err))
        return false;
    for (size_t i = 0; i < json_count(list); i++) {
        struct json v = json_element(list, i);
        struct span word;
        if (!json_as_text(&v, &word, err))
            return false;
        unsigned proof = proof_find(word);
        if (!proof) {
            json_fail(&v, SITUS_UNKNOWN, "a known proof", TEXT_CUT(word), err);
            return err_hint(err, proofs_hint((char[160]){0}));
        }
        if (p->require & proof)
            return json_fail(&v, SITUS_DUPLICATE, "each proof once", proof_name(proof), err);
        p->require |= proof;
    }
    if (p->require)
        return true;
    json_fail(list, SITUS_MISSING, "at least one proof", "an empty list", err);
    return err_hint(err, proofs_hint((char[160]){0}));
}

/* The kinds of TEE whose evidence counts. */
static bool read_tees(const struct json *list, struct policy *p, struct situs_err *err)
{
    if (!json_as_array(list, err))
        return false;
    for (size_t i = 0; i < json_count(list); i++) {
        struct json v = json_element(list, i);
        struct span word;
        if (!json_as_text(&v, &word, err))
            return false;
        enum check_kind tee = tee_find(TEXT_CUT(word));
        if (!tee_row(tee))
            return json_fail(&v, SITUS_UNKNOWN, "tdx, sgx or snp", TEXT_CUT(word), err);
        if (p->tees >> tee & 1)
            return json_fail(&v, SITUS_DUPLICATE, "each kind once", tee_row(tee)->name, err);
        p->tees |= 1u << tee;
    }
    return p->tees ||
           json_fail(list, SITUS_MISSING, "at least one of tdx, sgx, snp", "an empty list", err);
}

static bool read_check(const struct json *object, enum check c, struct policy *p, struct arena *a,
                       struct situs_err *err)
{
    struct json member = {0};
    if (!json_as_object(object, err))
        return false;
    while (json_next(object, &member)) {
        enum param id = policy_param_find(c, span_text(member.key));
        if (id == PARAM_COUNT)
            return unknown_param(&member, c, err);
        if (!policy_value_read(&member, id, &p->v[id], a, err))
            return false;
        p->stated[id] = true;
    }
    return true;
}

static bool read_member(const struct json *member, struct policy *p, struct arena *a,
                        struct situs_err *err)
{
    if (strcmp(member->key, "scenario") == 0)
        return read_scenario(member, p, err);
    if (strcmp(member->key, "require") == 0)
        return read_require(member, p, err);
    if (strcmp(member->key, "tee") == 0)
        return read_tees(member, p, err);
    if (strcmp(member->key, "simulated") == 0)
        return json_as_bool(member, &p->simulated, err);
    enum check c = check_find(span_text(member->key));
    if (c == CHECK_COUNT || !has_params(c))
        return unknown_check(member, err);
    return read_check(member, c, p, a, err);
}

/* The default of one parameter, which params.def gives as JSON. */
static bool read_default(enum param id, struct policy *p, struct arena *a, struct situs_err *err)
{
    char text[200];
    struct json_doc doc = {0};
    struct json root, v;
    snprintf(text, sizeof text, "{\"%s\":%s}", param_row(id)->key, param_row(id)->fallback);
    bool ok = json_read(&doc, &root, span_text(text), PART, err) &&
              json_get(&root, param_row(id)->key, &v, err) &&
              policy_value_read(&v, id, &p->v[id], a, err);
    json_free(&doc);
    return ok;
}

static bool read_defaults(struct policy *p, struct arena *a, struct situs_err *err)
{
    for (enum param id = 0; id < PARAM_COUNT; id++)
        if (!p->v[id].given && param_row(id)->fallback[0] && !read_default(id, p, a, err))
            return false;
    return true;
}

static bool missing(const char *field, const char *expected, const char *hint,
                    struct situs_err *err)
{
    err_fail(err, SITUS_MISSING, PART, field, SITUS_NO_OFFSET, expected, "nothing");
    return err_hint(err, hint);
}

/* What bare metal adds: the hosts that may run, and who approves them. */
static bool check_bare_metal(const struct policy *p, struct situs_err *err)
{
    const unsigned host = PROOF_HOST_MEASURED | PROOF_CO_LOCATED;
    if (p->scenario != SCENARIO_BARE_METAL && p->require & host) {
        err_fail(
            err, SITUS_NOT_ALLOWED, PART, "require", SITUS_NO_OFFSET, "proofs of a managed VM",
            proof_name(p->require & PROOF_CO_LOCATED ? PROOF_CO_LOCATED : PROOF_HOST_MEASURED));
        return err_hint(err, "in a managed cloud nobody measures the host: say bare-metal");
    }
    if (p->scenario != SCENARIO_BARE_METAL)
        return true;
    if (p->require & PROOFS_BOUND && !p->v[PARAM_HOST_IMAGE_IMAGES].given)
        return missing("host.image.images", "the host images that may run",
                       "on bare metal the TPM is worth what the measured host is", err);
    if (policy_word(p, PARAM_AK_SEALED_FORM, SPAN_LIT("authorize")) &&
        !p->v[PARAM_AK_SEALED_KEY].given)
        return missing("ak.sealed.provider_key", "the Name of the key that approves hosts",
                       "nameAlg and digest in hex, as tpm2_loadexternal prints it", err);
    return true;
}

/* What a policy must say for the proofs that it requires; see DESIGN: scenarios. */
static bool names_source(const struct policy *p, const char *source)
{
    return policy_word(p, PARAM_LIST_SOURCES, span_text(source));
}

/* Listed rests on somebody's word: say whose. Defaults are not filled in yet. */
static bool check_listed(const struct policy *p, struct situs_err *err)
{
    bool is_signed = !p->v[PARAM_LIST_SOURCES].given || names_source(p, "signed");
    if (!(p->require & PROOF_LISTED))
        return true;
    if (is_signed && !p->v[PARAM_LIST_ALLOW].given)
        return missing("list.match.allow", "the signers and owners whose word counts",
                       "listed rests on a signer's word: [\"SIGNER ANCHOR=OWNER\"]", err);
    if (names_source(p, "alliance-token") && !p->v[PARAM_LIST_TOKEN_KEYS].given)
        return missing("list.signature.token_keys", "the keys that sign tokens",
                       "a token counts only under a key that the policy pins", err);
    return true;
}

/* A list that is there and holds something. */
static bool lists_some(const struct policy *p, enum param id)
{
    return p->v[id].given && p->v[id].n > 0;
}

/* A provider's word counts for somebody's machines: say for whose. */
static bool check_providers(const struct policy *p, struct situs_err *err)
{
    static const struct {
        enum ak_profile profile;
        enum param param;
        const char *says, *hint;
    } words[] = {
#define AK_PROFILE(id, name, word) {AK_PROFILE_##id, word},
#define SAYS(param, says, hint) PARAM_##param, says, hint
#define NOTHING PARAM_COUNT, NULL, NULL
#include "model/ak_profiles.def"
#undef SAYS
#undef NOTHING
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        enum param id = words[i].param;
        char field[64];
        if (id == PARAM_COUNT || !policy_takes(p, words[i].profile) || lists_some(p, id))
            continue;
        snprintf(field, sizeof field, "%s.%s", check_row(param_row(id)->check)->id,
                 param_row(id)->key);
        return missing(field, words[i].says, words[i].hint, err);
    }
    return true;
}

static bool no_provider(struct situs_err *err)
{
    char hint[120];
    snprintf(hint, sizeof hint, "bound rests on a provider's certificate: %s", ak_profile_names());
    return missing("ak.certificate.providers", "the providers whose word counts", hint, err);
}

/* A version has its major part first; an ID block is anybody's whose key nobody asks for (AMD
 * 56860, SNP_LAUNCH_FINISH). */
static bool check_snp(const struct policy *p, struct situs_err *err)
{
    if (p->v[PARAM_SNP_ABI_MINOR].given && !p->v[PARAM_SNP_ABI_MAJOR].given)
        return missing("snp.attributes.min_abi_major", "the major version, beside min_abi_minor",
                       "1.55 is min_abi_major 1 and min_abi_minor 55", err);
    if (p->v[PARAM_SNP_GUEST_SVN].given && !p->v[PARAM_SNP_ID_KEYS].given &&
        !p->v[PARAM_SNP_AUTHOR_KEYS].given)
        return missing("snp.attributes.id_keys", "who may sign the ID block, beside min_guest_svn",
                       "whoever starts a guest signs an ID block of any version with a key of his "
                       "own; or give author_keys",
                       err);
    return true;
}

/* Where a machine is, only what names a place can say: else nobody would ask. */
static bool check_countries(const struct policy *p, struct situs_err *err)
{
    if (p->v[PARAM_AK_COUNTRIES].given && !(p->require & PROOFS_BOUND))
        return missing("require", "bound, where ak.certificate names countries",
                       "without it no TPM's certificate is asked for, and so no place", err);
    if (p->v[PARAM_LIST_COUNTRIES].given && !(p->require & PROOF_LISTED))
        return missing("require", "listed, where list.match names countries",
                       "without it no list is asked for, and so no place", err);
    return true;
}

static bool check_complete(const struct policy *p, struct situs_err *err)
{
    if (!p->require)
        return missing("require", "at least one proof", proofs_hint((char[160]){0}), err);
    if (p->require & ~(unsigned)PROOF_GENUINE && !p->v[PARAM_REF_GUEST_IMAGES].given)
        return missing(
            "ref.guest.images", "the images that may run",
            "live and what contains it say nothing about an image that nobody vouches for", err);
    if (p->require & PROOFS_BOUND && p->scenario == SCENARIO_NONE)
        return missing("scenario", "managed or bare-metal",
                       "say who runs host, hypervisor and vTPM", err);
    if (p->require & PROOFS_BOUND && !p->v[PARAM_AK_PROVIDERS].given)
        return no_provider(err);
    if (p->require & PROOF_OWNED && !p->v[PARAM_POE_OWNER_ALLOW].given)
        return missing("poe.owner.allow", "the issuers and owners whose word counts",
                       "owned rests on an issuer's word: [\"ISSUER ANCHOR=OWNER\"]", err);
    if (p->require & PROOF_VOUCHED && !p->v[PARAM_VOUCH_VERIFIERS].given)
        return missing("vouch.signature.verifiers", "the verifiers whose tokens count",
                       "vouched rests on another verifier's word: name it as the trust file does",
                       err);
    return check_providers(p, err) && check_bare_metal(p, err) && check_listed(p, err) &&
           check_countries(p, err) && check_snp(p, err);
}

static bool read_root(const struct json *root, struct policy *p, struct arena *a,
                      struct situs_err *err)
{
    struct json member = {0};
    if (!json_as_object(root, err))
        return false;
    while (json_next(root, &member))
        if (!read_member(&member, p, a, err))
            return false;
    return check_complete(p, err) && read_defaults(p, a, err) && policy_guest_complete(p, err);
}

static bool speaks_of(const struct policy *p, enum check_kind tee)
{
    const struct param_value *images = &p->v[PARAM_REF_GUEST_IMAGES];
    bool speaks = false;
    for (size_t i = 0; i < images->n; i++)
        speaks |= images->references[i].tee == tee;
    for (enum param id = 0; id < PARAM_COUNT; id++)
        speaks |= p->stated[id] && check_row(param_row(id)->check)->kind == tee;
    return speaks;
}

bool policy_takes_tee(const struct policy *p, enum check_kind tee)
{
    bool some = false;
    if (p->tees)
        return p->tees >> tee & 1;
#define TEE(id, name, chain, dated, what, send) some |= speaks_of(p, KIND_##id);
#include "model/tees.def"
#undef TEE
    return some ? speaks_of(p, tee) : tee_row(tee)->dated;
}

bool policy_read(struct policy *p, const char *name, struct span json, struct arena *a,
                 struct situs_err *err)
{
    struct json_doc doc = {0};
    struct json root;
    *p = (struct policy){.name = name};
    if (json.n > LIMIT_POLICY)
        return err_fail(err, SITUS_TOO_LONG, PART, "json", SITUS_NO_OFFSET,
                        TEXT_BYTES(LIMIT_POLICY), TEXT_BYTES(json.n));
    bool ok = json_read(&doc, &root, json, PART, err) && read_root(&root, p, a, err);
    json_free(&doc);
    if (ok && !digest(HASH_SHA256, json, p->sha256))
        ok =
            err_fail(err, SITUS_INTERNAL, PART, "sha256", SITUS_NO_OFFSET, "a digest", "a failure");
    if (!ok)
        *p = (struct policy){0};
    return ok;
}
