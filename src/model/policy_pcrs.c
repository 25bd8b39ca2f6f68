/* Guest references by PCR: images under a paravisor (DESIGN: paravisor, 4); a part of policy_guest_read. */
#include "model/policy_guest.h"

#include "base/limits.h"
#include "base/text.h"

#define DIGEST 32 /* SHA-256: the bank of Azure's profile */

/* EV_EFI_ACTION of the first boot option (TCG PFP 1.06, 10.4.4): without it a firmware that tries several leaves no
 * trace of those that returned. */
#define FIRST_OF_PCR4 "Calling EFI Application from Boot Option"

static bool read_digest(const struct json *v, uint8_t *out, size_t size, struct situs_err *err)
{
    struct span text;
    if (!json_as_text(v, &text, err))
        return false;
    return text_hex_read(out, size, text) ||
           json_fail(v, SITUS_MALFORMED,
                     size == DIGEST ? "64 hex digits" : "hex digits, all of them", TEXT_CUT(text),
                     err);
}

/* All zero pins nothing: a launch that was not measured, or an ID block that nobody signed. */
static bool pins(const struct json *at, struct span value, struct situs_err *err)
{
    return !span_all(value, 0) || json_fail(at, SITUS_NOT_MEASURED,
                                            "the digest of a launch, or of a key", "all zero", err);
}

/* A list of digests of so many bytes; at least one, and of a launch none that is zero. */
static uint8_t *read_digests(const struct json *list, size_t size, size_t *n, struct arena *a,
                             struct situs_err *err)
{
    if (!json_as_array(list, err))
        return NULL;
    *n = json_count(list);
    if (*n == 0 || *n > LIMIT_LOG_EVENTS) {
        json_fail(list, *n ? SITUS_TOO_LONG : SITUS_MISSING, "1 to 4096 digests", TEXT_NUM(*n),
                  err);
        return NULL;
    }
    uint8_t *v = arena_array(a, *n, size);
    if (!v)
        json_no_memory(list, err);
    for (size_t i = 0; v && i < *n; i++) {
        struct json digest = json_element(list, i);
        if (!read_digest(&digest, v + i * size, size, err) ||
            (size != DIGEST && !pins(&digest, span_of(v + i * size, size), err)))
            return NULL;
    }
    return v;
}

/* What the events of a list lead to, from a register of zeros. */
static bool replay(const struct json *list, uint8_t value[DIGEST], bool first,
                   struct situs_err *err)
{
    uint8_t digest_[DIGEST], want[DIGEST];
    memset(value, 0, DIGEST);
    if (!json_as_array(list, err) || !digest(HASH_SHA256, SPAN_LIT(FIRST_OF_PCR4), want))
        return false;
    size_t n = json_count(list);
    if (n > LIMIT_LOG_EVENTS)
        return json_fail(list, SITUS_TOO_LONG, TEXT_NUM(LIMIT_LOG_EVENTS), TEXT_NUM(n), err);
    for (size_t i = 0; i < n; i++) {
        struct json v = json_element(list, i);
        if (!read_digest(&v, digest_, DIGEST, err))
            return false;
        if (first && i == 0 && memcmp(digest_, want, DIGEST) != 0)
            n = 0;
        else if (!digest2(HASH_SHA256, span_of(value, DIGEST), SPAN_ARR(digest_), value))
            return json_fail(list, SITUS_INTERNAL, "a hash", "none", err);
    }
    return !first || n ||
           json_fail(list, SITUS_MALFORMED, "a list that begins with \"" FIRST_OF_PCR4 "\"",
                     "another begin", err);
}

/* The PCR of a set that a key names, in its one decimal form. */
static bool pcr_of(const struct json *member, uint32_t set, const char *expected, uint32_t *pcr,
                   struct situs_err *err)
{
    uint64_t n = 0;
    bool ok = text_number(span_text(member->key), 0, REGISTERS_MAX - 1, &n) &&
              (member->key[0] != '0' || !member->key[1]) && set >> n & 1;
    *pcr = (uint32_t)n;
    return ok || json_fail(member, SITUS_UNKNOWN, expected, TEXT_CUT(span_text(member->key)), err);
}

/* A register as its value, or as the events that lead to it; PCR 4 always so. */
static bool read_register(const struct json *v, uint32_t pcr, struct pcr_values *out,
                          struct arena *a, struct situs_err *err)
{
    uint8_t *value = arena_take(a, DIGEST);
    if (!value)
        return json_no_memory(v, err);
    out->v = (const uint8_t(*)[DIGEST])value;
    out->n = 1;
    return json_is_array_value(v) || pcr == 4 ? replay(v, value, pcr == 4, err)
                                              : read_digest(v, value, DIGEST, err);
}

static bool read_pcrs(const struct json *object, struct pcr_image *image, struct arena *a,
                      struct situs_err *err)
{
    struct json pcrs, member = {0};
    uint32_t seen = 0, pcr;
    if (!json_get_object(object, "pcrs", &pcrs, err))
        return false;
    while (json_next(&pcrs, &member)) {
        if (!pcr_of(&member, PCR_IMAGE, "a PCR of the image: 2 to 5, 7 to 9, 11 to 14", &pcr,
                    err) ||
            !read_register(&member, pcr, &image->pcr[pcr], a, err))
            return false;
        seen |= 1u << pcr;
    }
    return seen == PCR_IMAGE ||
           json_fail(&pcrs, SITUS_MISSING, "each of PCR 2 to 5, 7 to 9, 11 to 14", "fewer", err);
}

static bool read_platform(const struct json *object, struct pcr_image *image, struct arena *a,
                          struct situs_err *err)
{
    struct json pcrs, member = {0};
    uint32_t pcr;
    if (!json_has(object, "platform_pcrs"))
        return true;
    if (!json_get_object(object, "platform_pcrs", &pcrs, err))
        return false;
    while (json_next(&pcrs, &member)) {
        if (!pcr_of(&member, PCR_PLATFORM, "a PCR of the platform: 0, 1, 6", &pcr, err))
            return false;
        struct pcr_values *out = &image->pcr[pcr];
        out->v = (const uint8_t(*)[DIGEST])read_digests(&member, DIGEST, &out->n, a, err);
        if (!out->v)
            return false;
    }
    return true;
}

/* Who signed the paravisor's launch, and which it is (AMD 56860, ID block). */
static bool read_id(const struct json *object, struct paravisor_pins *p, struct situs_err *err)
{
    struct json key;
    p->by_id = json_has(object, "id_key_digest");
    if (!p->by_id)
        return !(json_has(object, "image_id") || json_has(object, "min_guest_svn")) ||
               json_fail(object, SITUS_MALFORMED,
                         "id_key_digest, beside image_id and min_guest_svn",
                         "none: whoever starts a guest signs an ID block", err);
    return json_get_hex(object, "id_key_digest", p->id_key, sizeof p->id_key, err) &&
           json_get(object, "id_key_digest", &key, err) && pins(&key, SPAN_ARR(p->id_key), err) &&
           json_get_hex(object, "image_id", p->image_id, sizeof p->image_id, err) &&
           json_get_num(object, "min_guest_svn", 0, UINT32_MAX, &p->min_svn, err);
}

static bool read_paravisor(const struct json *object, struct reference *r, struct pcr_image *image,
                           struct arena *a, struct situs_err *err)
{
    struct json paravisor, launch;
    struct paravisor_pins *p = &image->paravisor;
    if (!json_get_object(object, "paravisor", &paravisor, err) ||
        !JSON_KNOWN(&paravisor, err, "mrtd", "measurement", "id_key_digest", "image_id",
                    "min_guest_svn"))
        return false;
    bool td = json_has(&paravisor, "mrtd"), snp = json_has(&paravisor, "measurement");
    r->tee = td ? KIND_TDX : KIND_SNP;
    if (td && json_count(&paravisor) > 1)
        return json_fail(&paravisor, SITUS_MALFORMED, "of a TD mrtd alone", "more", err);
    if (td || snp) {
        if (!json_get(&paravisor, td ? "mrtd" : "measurement", &launch, err))
            return false;
        p->launch = (const uint8_t(*)[48])read_digests(&launch, 48, &p->n, a, err);
        if (!p->launch)
            return false;
    }
    return read_id(&paravisor, p, err) &&
           (p->n || p->by_id ||
            json_fail(&paravisor, SITUS_MISSING,
                      "mrtd, measurement, or id_key_digest with image_id and min_guest_svn",
                      "nothing", err));
}

bool policy_pcrs_read(const struct json *object, struct reference *r, struct arena *a,
                      struct situs_err *err)
{
    struct pcr_image *image = ARENA_NEW(a, struct pcr_image);
    if (!image)
        return json_no_memory(object, err);
    r->pcrs = image;
    r->profile = PROFILE_COUNT;
    return read_paravisor(object, r, image, a, err) && read_pcrs(object, image, a, err) &&
           read_platform(object, image, a, err);
}
