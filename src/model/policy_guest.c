/* Guest references of a policy, and what it says of the provider's platform; see policy_guest.h. */
#include "model/policy_guest.h"

#include "base/limits.h"
#include "base/text.h"

#include <stdio.h>

#define DIGEST 48 /* SHA-384: RTMRs have no other */

static bool read_digest(const struct json *v, uint8_t out[DIGEST], struct situs_err *err)
{
    struct span text;
    return json_as_text(v, &text, err) &&
           (text_hex_read(out, DIGEST, text) ||
            json_fail(v, SITUS_MALFORMED, "96 hex digits", TEXT_CUT(text), err));
}

/* RTMR1 may be null: it is what the lists lead to, since firmware's retries change its value. */
static bool read_rtmrs(const struct json *object, struct reference *r, struct situs_err *err)
{
    struct json list;
    if (!json_get_array(object, "rtmr", &list, err))
        return false;
    if (json_count(&list) != 4)
        return json_fail(&list, SITUS_MALFORMED, "4 values", TEXT_NUM(json_count(&list)), err);
    bool measured = false;
    for (size_t i = 0; i < 4; i++) {
        struct json v = json_element(&list, i);
        r->rtmr1_listed |= i == 1 && json_is_null_value(&v);
        if (i == 1 && r->rtmr1_listed)
            continue;
        if (!read_digest(&v, r->rtmr[i], err))
            return false;
        measured |= i < 3 && !span_all(SPAN_ARR(r->rtmr[i]), 0);
    }
    return measured || json_fail(&list, SITUS_NOT_MEASURED, "a measured boot in RTMR0 to RTMR2",
                                 "all zero", err);
}

static bool read_event(const struct json *v, struct boot_event *e, struct situs_err *err)
{
    struct json digest;
    return JSON_KNOWN(v, err, "digest", "tpm_only") && json_get(v, "digest", &digest, err) &&
           read_digest(&digest, e->digest, err) &&
           (!json_has(v, "tpm_only") || json_get_bool(v, "tpm_only", &e->tpm_only, err));
}

static bool read_list(const struct json *list, struct boot_list *out, struct arena *a,
                      struct situs_err *err)
{
    if (!json_as_array(list, err))
        return false;
    out->n = json_count(list);
    if (out->n > LIMIT_LOG_EVENTS)
        return json_fail(list, SITUS_TOO_LONG, TEXT_NUM(LIMIT_LOG_EVENTS), TEXT_NUM(out->n), err);
    struct boot_event *v = ARENA_ARRAY(a, out->n, struct boot_event);
    if (!v)
        return json_no_memory(list, err);
    out->v = v;
    for (size_t i = 0; i < out->n; i++) {
        struct json event = json_element(list, i);
        if (!read_event(&event, &v[i], err))
            return false;
    }
    return true;
}

/* The PCR that a key names, in its one decimal form; past BOOT_LAST when it is none of them. */
static uint32_t pcr_of(const char *key)
{
    char name[4];
    for (uint32_t pcr = 0; pcr <= BOOT_LAST; pcr++) {
        snprintf(name, sizeof name, "%u", (unsigned)pcr);
        if (BOOT_PCRS >> pcr & 1 && strcmp(key, name) == 0)
            return pcr;
    }
    return BOOT_LAST + 1;
}

static bool not_of_the_boot(const struct json *member, struct situs_err *err)
{
    return json_fail(member, SITUS_UNKNOWN, "a PCR: 2 to 6, 8, 9, 11 to 14",
                     TEXT_CUT(span_text(member->key)), err);
}

static bool read_boot(const struct json *object, struct reference *r, struct arena *a,
                      struct situs_err *err)
{
    struct json boot, member = {0};
    uint32_t seen = 0;
    if (!json_get_object(object, "boot", &boot, err))
        return false;
    while (json_next(&boot, &member)) {
        uint32_t pcr = pcr_of(member.key);
        if (pcr > BOOT_LAST)
            return not_of_the_boot(&member, err);
        seen |= 1u << pcr;
        if (!read_list(&member, &r->boot[pcr], a, err))
            return false;
    }
    r->has_boot = seen == BOOT_PCRS;
    return r->has_boot || json_fail(&boot, SITUS_MISSING,
                                    "a list for each of PCR 2 to 6, 8, 9, 11 to 14", "fewer", err);
}

static bool read_tail(const struct json *object, struct reference *r, struct arena *a,
                      struct situs_err *err)
{
    struct json tail, member = {0};
    if (!json_get_object(object, "tail", &tail, err))
        return false;
    while (json_next(&tail, &member)) {
        uint32_t pcr = pcr_of(member.key);
        if (pcr > BOOT_LAST)
            return not_of_the_boot(&member, err);
        if (!json_as_array(&member, err))
            return false;
        struct boot_list *l = &r->boot[pcr];
        l->n_tail = json_count(&member);
        if (l->n_tail > LIMIT_REFERENCES)
            return json_fail(&member, SITUS_TOO_LONG, TEXT_NUM(LIMIT_REFERENCES),
                             TEXT_NUM(l->n_tail), err);
        struct span *v = ARENA_ARRAY(a, l->n_tail, struct span);
        if (!v)
            return json_no_memory(&member, err);
        l->tail = v;
        for (size_t i = 0; i < l->n_tail; i++) {
            struct json text = json_element(&member, i);
            if (!json_keep_text(&text, &v[i], a, err))
                return false;
        }
    }
    return true;
}

static bool read_pcr7(const struct json *object, struct reference *r, struct arena *a,
                      struct situs_err *err)
{
    struct json list;
    if (!json_get_array(object, "pcr7", &list, err))
        return false;
    r->n_pcr7 = json_count(&list);
    if (r->n_pcr7 > LIMIT_REFERENCES)
        return json_fail(&list, SITUS_TOO_LONG, TEXT_NUM(LIMIT_REFERENCES), TEXT_NUM(r->n_pcr7),
                         err);
    uint8_t(*v)[DIGEST] = arena_array(a, r->n_pcr7, DIGEST);
    if (!v)
        return json_no_memory(&list, err);
    r->pcr7 = (const uint8_t(*)[DIGEST])v;
    for (size_t i = 0; i < r->n_pcr7; i++) {
        struct json digest = json_element(&list, i);
        if (!read_digest(&digest, v[i], err))
            return false;
    }
    return true;
}

/* gpt_open is the digest that the lists have for the partition table: exactly one event that TD and
 * TPM measure, so that nothing else can become open with it. */
static bool read_gpt(const struct json *object, struct reference *r, struct situs_err *err)
{
    struct json v;
    size_t n = 0;
    if (!json_get(object, "gpt_open", &v, err) || !read_digest(&v, r->gpt, err))
        return false;
    if (!r->rtmr1_listed)
        return json_fail(&v, SITUS_MALFORMED, "null for RTMR1",
                         "a value, which leaves nothing open", err);
    for (uint32_t pcr = 0; pcr <= BOOT_LAST; pcr++)
        for (size_t i = 0; i < r->boot[pcr].n; i++) {
            const struct boot_event *e = &r->boot[pcr].v[i];
            if (span_equal(SPAN_ARR(e->digest), SPAN_ARR(r->gpt)))
                n += BOOT_RTMR1 >> pcr & 1 && !e->tpm_only ? 1 : 2;
        }
    r->gpt_open = true;
    return n == 1 ||
           json_fail(&v, SITUS_MALFORMED, "the digest of one event of PCR 2 to 6, measured by both",
                     "another", err);
}

static bool read_profile(const struct json *object, struct reference *r, struct situs_err *err)
{
    struct json v;
    struct span name;
    r->profile = PROFILE_COUNT;
    if (!json_has(object, "profile"))
        return true;
    if (!json_get(object, "profile", &v, err) || !json_as_text(&v, &name, err))
        return false;
    r->profile = profile_find(name);
    if (r->profile != PROFILE_COUNT)
        return true;
    json_fail(&v, SITUS_UNKNOWN, "a firmware that measures to TD and TPM alike: gcp, lab",
              TEXT_CUT(name), err);
    return err_hint(err, "upstream OVMF measures to the TD instead of the TPM: nothing can bind "
                         "them by measurements; on bare metal leave profile out");
}

static bool read_lists(const struct json *object, struct reference *r, struct arena *a,
                       struct situs_err *err)
{
    if (json_has(object, "boot") && !read_boot(object, r, a, err))
        return false;
    if (json_has(object, "tail") && !read_tail(object, r, a, err))
        return false;
    if (json_has(object, "pcr7") && !read_pcr7(object, r, a, err))
        return false;
    if (json_has(object, "gpt_open") && !read_gpt(object, r, err))
        return false;
    if (r->has_boot || !r->rtmr1_listed)
        return true;
    struct json list, rtmr1;
    if (!json_get_array(object, "rtmr", &list, err))
        return false;
    rtmr1 = json_element(&list, 1);
    return json_fail(&rtmr1, SITUS_MISSING, "boot lists, where it is null", "none", err);
}

static bool read_name(const struct json *object, struct reference *r, struct arena *a,
                      struct situs_err *err)
{
    struct json name;
    return json_get(object, "name", &name, err) && json_keep_text(&name, &r->name, a, err) &&
           closed_read(object, &r->closed, a, err);
}

/* The digest of the guest's initial memory. */
static bool read_launch(const struct json *object, const char *key, struct reference *r,
                        struct situs_err *err)
{
    struct json v;
    if (!json_get(object, key, &v, err) || !read_digest(&v, r->mrtd, err))
        return false;
    return !span_all(SPAN_ARR(r->mrtd), 0) ||
           json_fail(&v, SITUS_NOT_MEASURED, "a measured firmware", "all zero", err);
}

/* What MEASUREMENT covers beside firmware or paravisor, which alone would run anybody's kernel (DESIGN:
 * closed references). */
static bool read_covers(const struct json *object, struct situs_err *err)
{
    static const char *const known[] = {"kernel-hashes", "igvm", "uki"};
    struct json v;
    struct span word;
    if (!json_get(object, "covers", &v, err) || !json_as_text(&v, &word, err))
        return false;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (span_equal(word, span_text(known[i])))
            return true;
    bool alone = span_equal(word, SPAN_LIT("firmware")) || span_equal(word, SPAN_LIT("paravisor"));
    json_fail(&v, alone ? SITUS_NOT_ALLOWED : SITUS_UNKNOWN, "kernel-hashes, igvm or uki",
              TEXT_CUT(word), err);
    return err_hint(err, "what covers kernel, command line and initrd? a launch of firmware or of "
                         "a paravisor alone starts whatever kernel it is given (an image under a "
                         "paravisor is named by paravisor and pcrs)");
}

/* An image of an SEV-SNP guest: its whole launch is one digest. */
static bool read_snp(const struct json *object, struct reference *r, struct arena *a,
                     struct situs_err *err)
{
    r->tee = KIND_SNP;
    r->profile = PROFILE_COUNT;
    return JSON_KNOWN(object, err, "name", "measurement", "covers", "vmpl", "closed",
                      "closed_by") &&
           read_name(object, r, a, err) && read_launch(object, "measurement", r, err) &&
           read_covers(object, err) &&
           (!json_has(object, "vmpl") || json_get_num(object, "vmpl", 0, 3, &r->vmpl, err));
}

static bool read_td(const struct json *object, struct reference *r, struct arena *a,
                    struct situs_err *err)
{
    r->tee = KIND_TDX;
    return JSON_KNOWN(object, err, "name", "mrtd", "rtmr", "closed", "closed_by", "boot", "tail",
                      "pcr7", "gpt_open", "profile") &&
           read_name(object, r, a, err) && read_launch(object, "mrtd", r, err) &&
           read_rtmrs(object, r, err) && read_profile(object, r, err) &&
           read_lists(object, r, a, err);
}

static bool read_pcrs(const struct json *object, struct reference *r, struct arena *a,
                      struct situs_err *err)
{
    return JSON_KNOWN(object, err, "name", "closed", "closed_by", "paravisor", "pcrs",
                      "platform_pcrs") &&
           read_name(object, r, a, err) && policy_pcrs_read(object, r, a, err);
}

static bool read_reference(const struct json *object, struct reference *r, struct arena *a,
                           struct situs_err *err)
{
    if (json_has(object, "pcrs"))
        return read_pcrs(object, r, a, err);
    return json_has(object, "measurement") ? read_snp(object, r, a, err)
                                           : read_td(object, r, a, err);
}

bool policy_guest_read(const struct json *list, struct param_value *out, struct arena *a,
                       struct situs_err *err)
{
    struct reference *v = ARENA_ARRAY(a, json_count(list), struct reference);
    if (!v)
        return json_no_memory(list, err);
    for (size_t i = 0; i < json_count(list); i++) {
        struct json object = json_element(list, i);
        if (!read_reference(&object, &v[i], a, err))
            return false;
        for (size_t j = 0; j < i; j++)
            if (span_equal(v[j].name, v[i].name))
                return json_fail(&object, SITUS_DUPLICATE, "each name once", TEXT_CUT(v[i].name),
                                 err);
    }
    out->references = v;
    return true;
}
