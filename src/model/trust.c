/* Trust anchors; see trust.h. The file is described in situs-trust(5). */
#include "model/trust.h"

#include "base/limits.h"
#include "base/text.h"
#include "base/wr.h"
#include "codec/json/json.h"
#include "codec/pem.h"
#include "crypto/digest.h"
#include "model/trust_name.h"
#include "model/trust_places.h"
#include "model/trust_verifiers.h"

#include <stdio.h>

static const struct anchor builtin_anchors[] = {
#define ANCHOR(name, uses, profile, ...) \
    {name, ANCHOR_##uses, AK_PROFILE_##profile, {__VA_ARGS__}, {NULL, 0}, false, true},
#include "model/anchors.def"
#undef ANCHOR
};
#define BUILTIN_COUNT (sizeof builtin_anchors / sizeof builtin_anchors[0])

static const struct trust builtin = {.anchors = builtin_anchors, .n = BUILTIN_COUNT};

static const char *const uses[ANCHOR_USES] = {
#define USE(id, word, sentence) word,
#include "model/uses.def"
#undef USE
};

/* Their words, each behind ", ". */
static const char all_uses[] =
#define USE(id, word, sentence) ", " word
#include "model/uses.def"
    ;
#undef USE

const struct trust *trust_builtin(void)
{
    return &builtin;
}

struct trust_mark trust_mark(const struct trust *trust)
{
    struct trust_mark mark = {.trust = trust};
    memcpy(mark.sha256, trust->sha256, sizeof mark.sha256);
    return mark;
}

bool trust_marked(const struct trust_mark *mark, const struct trust *trust)
{
    return mark->trust == trust && memcmp(mark->sha256, trust->sha256, sizeof mark->sha256) == 0;
}

const char *trust_use_name(enum anchor_use use)
{
    for (size_t i = 0; i < ANCHOR_USES; i++)
        if (use == 1u << i)
            return uses[i];
    return "none";
}

const struct anchor *trust_find(const struct trust *trust, const uint8_t sha256[32],
                                enum anchor_use use)
{
    for (size_t i = 0; i < trust->n; i++)
        if (trust->anchors[i].uses & use && memcmp(trust->anchors[i].sha256, sha256, 32) == 0)
            return &trust->anchors[i];
    return NULL;
}

bool trust_anchors(const struct trust *trust, enum anchor_use use, enum ak_profile profile,
                   struct arena *a, struct trust_anchors *out)
{
    *out = (struct trust_anchors){ARENA_ARRAY(a, trust->n + 1, struct x509_anchor),
                                  ARENA_ARRAY(a, trust->n + 1, const struct anchor *), 0};
    if (!out->v || !out->from)
        return false;
    for (size_t i = 0; i < trust->n; i++) {
        const struct anchor *t = &trust->anchors[i];
        if (!(t->uses & (unsigned)use) || (profile && t->profile != profile))
            continue;
        memcpy(out->v[out->n].sha256, t->sha256, sizeof t->sha256);
        out->v[out->n].der = t->der;
        out->from[out->n++] = t;
    }
    return true;
}

/* A DER SEQUENCE with a two-byte length (X.690 8.1.3), and nothing after it: no honest certificate
 * is shorter than 256 bytes. */
static bool is_sequence(struct span der)
{
    if (der.n < 4 || der.p[0] != 0x30 || der.p[1] != 0x82)
        return false;
    size_t n = (size_t)der.p[2] << 8 | der.p[3];
    return n >= 256 && n == der.n - 4;
}

static bool read_pem(const struct json *object, struct anchor *anchor, struct arena *a,
                     struct situs_err *err)
{
    struct json v;
    struct span text;
    struct situs_err why = {0};
    if (!json_get(object, "pem", &v, err) || !json_as_text(&v, &text, err))
        return false;
    if (text.n / 2 > LIMIT_CERT)
        return json_fail(&v, SITUS_TOO_LONG, TEXT_BYTES(LIMIT_CERT), "a larger certificate", err);
    struct rd r = rd_new(text, 0, "pem", &why);
    if (!pem_block(&r, PEM_CERTIFICATE, "pem", a, &anchor->der) && why.code == SITUS_NO_MEMORY)
        return json_no_memory(&v, err);
    if (!rd_ok(&r) || pem_space(&r) > 0)
        return json_fail(&v, SITUS_MALFORMED, "one PEM block CERTIFICATE", "other text", err);
    if (!is_sequence(anchor->der))
        return json_fail(&v, SITUS_MALFORMED, "a DER certificate in base64", "other bytes", err);
    if (anchor->der.n > LIMIT_CERT)
        return json_fail(&v, SITUS_TOO_LONG, TEXT_BYTES(LIMIT_CERT), TEXT_BYTES(anchor->der.n),
                         err);
    return digest(HASH_SHA256, anchor->der, anchor->sha256) ||
           json_fail(&v, SITUS_INTERNAL, "SHA-256", "a failure", err);
}

static bool unknown_use(const struct json *v, struct span word, struct situs_err *err)
{
    char hint[120];
    struct wr w = wr_new(hint, sizeof hint);
    json_fail(v, SITUS_UNKNOWN, "a known use", TEXT_CUT(word), err);
    wr_format(&w, "uses are: %s", all_uses + strlen(", "));
    wr_u8(&w, 0);
    return err_hint(err, hint);
}

static bool read_uses(const struct json *object, struct anchor *anchor, struct situs_err *err)
{
    struct json list;
    if (!json_get_array(object, "for", &list, err))
        return false;
    for (size_t i = 0; i < json_count(&list); i++) {
        struct json v = json_element(&list, i);
        struct span word;
        size_t u = 0;
        if (!json_as_text(&v, &word, err))
            return false;
        while (u < ANCHOR_USES && !span_equal(span_text(uses[u]), word))
            u++;
        if (u == ANCHOR_USES)
            return unknown_use(&v, word, err);
        if (anchor->uses >> u & 1)
            return json_fail(&v, SITUS_DUPLICATE, "each use once", TEXT_CUT(word), err);
        anchor->uses |= 1u << u;
    }
    return anchor->uses || json_fail(&list, SITUS_MISSING, "at least one use", "none", err);
}

static bool hint_profiles(const char *say, struct situs_err *err)
{
    char hint[120];
    snprintf(hint, sizeof hint, "%s%s", say, ak_profile_names());
    return err_hint(err, hint);
}

/* An anchor's name says nothing of whose certificates it signs: the file must. */
static bool read_profile(const struct json *object, struct anchor *anchor, struct situs_err *err)
{
    bool provider = anchor->uses & ANCHOR_PROVIDER, given = json_has(object, "profile");
    struct json v;
    struct span word;
    if (!provider && !given)
        return true;
    if (!given) {
        json_get(object, "profile", &v, err);
        return hint_profiles("say whose AK certificates it signs: ", err);
    }
    if (!json_get(object, "profile", &v, err) || !json_as_text(&v, &word, err))
        return false;
    if (!provider)
        return json_fail(&v, SITUS_NOT_ALLOWED, "a profile of a provider's anchor alone",
                         "an anchor that is for something else", err);
    anchor->profile = ak_profile_find(word);
    if (anchor->profile)
        return true;
    json_fail(&v, SITUS_UNKNOWN, "a known profile", TEXT_CUT(word), err);
    return hint_profiles("profiles are: ", err);
}

static bool read_anchor(const struct json *object, struct anchor *anchor, struct arena *a,
                        struct situs_err *err)
{
    if (!JSON_KNOWN(object, err, "name", "for", "profile", "pem", "simulated") ||
        !trust_name_read(object, anchor, a, err) || !read_uses(object, anchor, err) ||
        !read_profile(object, anchor, err) || !read_pem(object, anchor, a, err))
        return false;
    return !json_has(object, "simulated") ||
           json_get_bool(object, "simulated", &anchor->simulated, err);
}

/* Two anchors of one certificate could disagree; two of one name could not be told apart. */
static bool check_new(const struct json *at, const struct anchor *v, size_t n,
                      struct situs_err *err)
{
    for (size_t i = 0; i < n; i++) {
        if (memcmp(v[i].sha256, v[n].sha256, 32) == 0)
            return json_fail(at, SITUS_DUPLICATE, "each certificate once", v[n].name, err);
        if (strcmp(v[i].name, v[n].name) == 0)
            return json_fail(at, SITUS_DUPLICATE, "each name once", v[n].name, err);
    }
    return true;
}

/* A name of a pin's is that pin's alone, where pins count too. */
static bool check_builtin(const struct json *at, const struct anchor *anchor, struct situs_err *err)
{
    for (size_t b = 0; b < BUILTIN_COUNT; b++)
        if (strcmp(anchor->name, builtin_anchors[b].name) == 0 &&
            memcmp(anchor->sha256, builtin_anchors[b].sha256, 32) != 0)
            return json_fail(at, SITUS_DUPLICATE, "another name than a built-in anchor's",
                             anchor->name, err);
    return true;
}

/* Adds the pins that the file does not name itself: for one certificate the file's word counts. */
static size_t add_builtin(struct anchor *v, size_t n)
{
    size_t own = n;
    for (size_t b = 0; b < BUILTIN_COUNT; b++) {
        size_t i = 0;
        while (i < own && memcmp(v[i].sha256, builtin_anchors[b].sha256, 32) != 0)
            i++;
        if (i == own)
            v[n++] = builtin_anchors[b];
    }
    return n;
}

static bool read_root(const struct json *root, struct trust *trust, struct arena *a,
                      struct situs_err *err)
{
    bool with_builtin = false;
    struct json list = {0};
    size_t n = 0;
    if (!JSON_KNOWN(root, err, "builtin", "anchors", "places", "verifiers"))
        return false;
    if (json_has(root, "builtin") && !json_get_bool(root, "builtin", &with_builtin, err))
        return false;
    if (json_has(root, "anchors")) {
        if (!json_get_array(root, "anchors", &list, err))
            return false;
        n = json_count(&list);
    }
    if (n > LIMIT_ANCHORS)
        return json_fail(&list, SITUS_TOO_LONG, TEXT_NUM(LIMIT_ANCHORS), TEXT_NUM(n), err);
    if (n == 0 && !with_builtin) {
        err_fail(err, SITUS_MISSING, TRUST_PART, "anchors", SITUS_NO_OFFSET, "a trust anchor",
                 "none");
        return err_hint(err, "list anchors, or say \"builtin\": true for the built-in ones");
    }
    struct anchor *v = ARENA_ARRAY(a, n + BUILTIN_COUNT, struct anchor);
    if (!v)
        return json_no_memory(root, err);
    for (size_t i = 0; i < n; i++) {
        struct json object = json_element(&list, i);
        if (!read_anchor(&object, &v[i], a, err) || !check_new(&object, v, i, err) ||
            (with_builtin && !check_builtin(&object, &v[i], err)))
            return false;
    }
    trust->anchors = v;
    trust->n = with_builtin ? add_builtin(v, n) : n;
    return true;
}

static bool read_places(const struct json *root, struct trust *trust, struct arena *a,
                        struct situs_err *err)
{
    struct json places;
    return !json_has(root, "places") ||
           (json_get(root, "places", &places, err) && trust_places_read(&places, trust, a, err));
}

static bool read_verifiers(const struct json *root, struct trust *trust, struct arena *a,
                           struct situs_err *err)
{
    struct json list;
    return !json_has(root, "verifiers") || (json_get_array(root, "verifiers", &list, err) &&
                                            trust_verifiers_read(&list, trust, a, err));
}

bool trust_read(struct trust *trust, struct span json, struct arena *a, struct situs_err *err)
{
    struct json_doc doc = {0};
    struct json root;
    *trust = (struct trust){0};
    if (json.n > LIMIT_TRUST)
        return err_fail(err, SITUS_TOO_LONG, TRUST_PART, "json", SITUS_NO_OFFSET,
                        TEXT_BYTES(LIMIT_TRUST), TEXT_BYTES(json.n));
    bool ok = json_read(&doc, &root, json, TRUST_PART, err) && read_root(&root, trust, a, err) &&
              read_places(&root, trust, a, err) && read_verifiers(&root, trust, a, err) &&
              (digest(HASH_SHA256, json, trust->sha256) ||
               err_fail(err, SITUS_INTERNAL, TRUST_PART, "SHA-256", SITUS_NO_OFFSET, NULL, NULL));
    json_free(&doc);
    if (!ok)
        *trust = (struct trust){0};
    return ok;
}
