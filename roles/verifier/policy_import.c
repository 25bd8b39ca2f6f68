/* Imports; see policy_import.h. */
#include "verifier/policy_import.h"

#include "base/limits.h"
#include "base/text.h"
#include "codec/json/json.h"
#include "frame/out.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define PART "import"
#define REGISTERS 5 /* MRTD, RTMR0 to RTMR3 */
#define BY_MOST \
    90 /* bytes of who publishes, and of what a record is called: the rest is a number */
#define ID_MOST 150
#define NAME_ROOM (BY_MOST + ID_MOST + 32)

static const char *const names[REGISTERS] = {"mrtd", "rtmr0", "rtmr1", "rtmr2", "rtmr3"};
static const char *const numbers[REGISTERS] = {"0", "1", "2", "3", "4"};

struct import {
    struct policy_form *f;
    const char *by;
    struct arena *a;
    struct form_image *v; /* LIMIT_REFERENCES of room */
    size_t n;
    struct situs_err *err;
};

/* The values that a record allows for each register. */
struct record {
    const char *id;
    struct json given[REGISTERS]; /* text, or a list of it */
    bool has[REGISTERS];
};

static void left_out(const char *id, const char *why)
{
    out_note("left out: \"%s\": %s", id, why);
}

static unsigned register_of(const char *key)
{
    unsigned i = 0;
    while (i < REGISTERS && strcasecmp(key, names[i]) != 0 && strcmp(key, numbers[i]) != 0)
        i++;
    return i;
}

static size_t choices(const struct json *v)
{
    return json_is_array_value(v) ? json_count(v) : 1;
}

static bool read_value(const struct json *given, size_t i, uint8_t out[48], struct situs_err *err)
{
    struct json v = json_is_array_value(given) ? json_element(given, i) : *given;
    struct span text;
    return json_as_text(&v, &text, err) &&
           (text_hex_read(out, 48, text) ||
            json_fail(&v, SITUS_MALFORMED, "96 hex digits", TEXT_CUT(text), err));
}

/* One image: the i-th of all combinations of the record's values. */
static bool add_image(struct import *x, const struct record *r, size_t i, size_t all)
{
    struct form_image *image = &x->v[x->n];
    char name[NAME_ROOM];
    *image = (struct form_image){.ref = {.profile = PROFILE_COUNT}};
    snprintf(name, sizeof name, all > 1 ? "%s: %s #%zu" : "%s: %s", x->by, r->id, i + 1);
    image->ref.name = arena_copy(x->a, span_text(name));
    if (!image->ref.name.p)
        return err_fail(x->err, SITUS_NO_MEMORY, PART, "", SITUS_NO_OFFSET, NULL, NULL);
    for (unsigned k = 0; k < REGISTERS; k++) {
        uint8_t *value = k == 0 ? image->ref.mrtd : image->ref.rtmr[k - 1];
        image->unknown |= (unsigned)!r->has[k] << k;
        if (!r->has[k])
            continue;
        size_t n = choices(&r->given[k]);
        if (!read_value(&r->given[k], i % n, value, x->err))
            return false;
        i /= n;
    }
    x->n++;
    return true;
}

/* is_taken says that an image of that record's name is there: reports would take one for the other. */
static bool is_taken(const struct import *x, const struct record *r)
{
    char name[NAME_ROOM];
    int n = snprintf(name, sizeof name, "%s: %s", x->by, r->id);
    for (size_t i = 0; i < x->n; i++) {
        struct span other = x->v[i].ref.name;
        if (span_starts(other, span_text(name)) &&
            (other.n == (size_t)n ||
             span_starts(span_cut(other, (size_t)n, other.n - (size_t)n), SPAN_LIT(" #"))))
            return true;
    }
    return false;
}

static bool add_images(struct import *x, const struct record *r)
{
    size_t all = 1;
    if (is_taken(x, r)) {
        left_out(r->id, "another record has its name");
        return true;
    }
    for (unsigned k = 0; k < REGISTERS; k++)
        if (r->has[k] && all <= LIMIT_REFERENCES)
            all *= choices(&r->given[k]);
    if (all == 0 || x->n + all > LIMIT_REFERENCES) {
        left_out(r->id, all ? "its values make more images than a policy may list (64)"
                            : "a register of it may have no value at all");
        return true;
    }
    for (size_t i = 0; i < all; i++)
        if (!add_image(x, r, i, all))
            return false;
    return true;
}

/* One value, or a list of those that will do: where both stand nobody knows which is meant. */
static bool read_expected(const struct json *member, struct json *given, struct situs_err *err)
{
    bool one = json_has(member, "expected"), any = json_has(member, "expected_any");
    struct span text;
    if (!JSON_KNOWN(member, err, "expected", "expected_any"))
        return false;
    if (one && any)
        return json_fail(member, SITUS_DUPLICATE, "expected or expected_any", "both", err);
    return any ? json_get_array(member, "expected_any", given, err)
               : json_get(member, "expected", given, err) && json_as_text(given, &text, err);
}

/* The registers of a record; false in *whole: one is none of a TD's, and was named. */
static bool read_registers(const struct json *object, struct record *r, bool *whole,
                           struct situs_err *err)
{
    struct json member = {0};
    if (!json_as_object(object, err))
        return false;
    while (json_next(object, &member)) {
        unsigned k = register_of(member.key);
        if (k == REGISTERS) {
            left_out(r->id, "it names a register that a TD has not");
            *whole = false;
            return true;
        }
        if (r->has[k])
            return json_fail(&member, SITUS_DUPLICATE, "each register once", names[k], err);
        if (!read_expected(&member, &r->given[k], err))
            return false;
        r->given[k].parent = NULL; /* member goes on; errors name the value alone */
        r->has[k] = true;
    }
    return true;
}

static bool is_tdx(struct span type)
{
    return span_equal(type, SPAN_LIT("dcap-tdx")) || span_equal(type, SPAN_LIT("gcp-tdx"));
}

/* A member that pins something else, or says what nobody here reads; NULL: none. */
static const char *stranger(const struct json *record)
{
    static const char *const read[] = {"measurement_id", "attestation_type", "measurements"};
    struct json member = {0};
    while (json_next(record, &member)) {
        size_t i = 0;
        while (i < sizeof read / sizeof *read && strcmp(member.key, read[i]) != 0)
            i++;
        if (i == sizeof read / sizeof *read && !json_is_null_value(&member))
            return member.key;
    }
    return NULL;
}

static bool read_record(struct import *x, const struct json *object, size_t i)
{
    struct record r = {0};
    struct span id = {0}, type = {0};
    struct json registers;
    char name[ID_MOST + 1], why[200];
    bool whole = true;
    if (!json_as_object(object, x->err))
        return false;
    snprintf(name, sizeof name, "record %zu", i + 1);
    if (json_has(object, "measurement_id")) {
        if (!json_get_text(object, "measurement_id", &id, x->err))
            return false;
        text_cut(name, sizeof name, id);
        if (id.n == 0 || !span_equal(id, span_text(name))) { /* else it is told as it is */
            left_out(name, "its name is not 1 to 150 bytes of printable ASCII");
            return true;
        }
    }
    r.id = name;
    if (!json_has(object, "attestation_type")) {
        left_out(name, "it says of no attestation_type that it is of a TD");
        return true;
    }
    if (!json_get_text(object, "attestation_type", &type, x->err))
        return false;
    if (!is_tdx(type)) {
        snprintf(why, sizeof why, "%s has no registers of a TD that a policy pins", TEXT_CUT(type));
        left_out(name, why);
        return true;
    }
    if (!json_has(object, "measurements")) {
        left_out(name, json_has(object, "dcap_image_hashes")
                           ? "hashes of boot components, not registers: boot it, and use --from"
                           : "it pins nothing");
        return true;
    }
    if (stranger(object)) {
        snprintf(why, sizeof why, "it says more than registers, and that is not read: \"%.60s\"",
                 stranger(object));
        left_out(name, why);
        return true;
    }
    return json_get(object, "measurements", &registers, x->err) &&
           read_registers(&registers, &r, &whole, x->err) && (!whole || add_images(x, &r));
}

/* What dstack-mr prints: registers by name; it knows no RTMR3, which the application fills. */
static bool read_dstack(struct import *x, const struct json *root)
{
    struct record r = {.id = "dstack-mr"};
    struct json member = {0};
    struct span text;
    while (json_next(root, &member)) {
        unsigned k = register_of(member.key);
        if (k == REGISTERS) {
            left_out(member.key, "no register of a TD's");
            continue;
        }
        if (r.has[k])
            return json_fail(&member, SITUS_DUPLICATE, "each register once", names[k], x->err);
        if (!json_as_text(&member, &text, x->err))
            return false;
        r.given[k] = member;
        r.has[k] = true;
    }
    return add_images(x, &r);
}

static bool read_root(struct import *x, const struct json *root)
{
    if (!json_is_array_value(root) && json_has(root, "mrtd"))
        return read_dstack(x, root);
    if (!json_is_array_value(root)) {
        json_fail(root, SITUS_UNKNOWN, "records of measurements, or registers by name",
                  "another object", x->err);
        return err_hint(x->err, "what reads: measurements.json of attested-tls, and \"dstack-mr "
                                "measure --json\"; else boot the image and use --from");
    }
    for (size_t i = 0; i < json_count(root); i++) {
        struct json object = json_element(root, i);
        if (!read_record(x, &object, i))
            return false;
    }
    return true;
}

/* CoRIM (draft-ietf-rats-corim) is CBOR: what it says of TDX is of module and quoting enclaves. */
static bool is_cbor(struct span file)
{
    return file.n && (file.p[0] & 0x80);
}

bool policy_import_read(struct policy_form *f, struct span file, const char *by, struct arena *a,
                        struct situs_err *err)
{
    struct json_doc doc = {0};
    struct json root;
    struct import x = {.f = f, .by = by, .a = a, .err = err};
    if (is_cbor(file)) {
        err_fail(err, SITUS_UNSUPPORTED, PART, "", SITUS_NO_OFFSET, "measurements in JSON", "CBOR");
        return err_hint(err, "a CoRIM of Intel's speaks of TDX module and quoting enclaves, which "
                             "collateral decides; no policy pins them");
    }
    if (strlen(by) > BY_MOST) {
        err_fail(err, SITUS_TOO_LONG, "--by", "", SITUS_NO_OFFSET, "a name of at most 90 bytes",
                 by);
        return err_hint(err, "it stands before each image's name: a short one will do");
    }
    x.v = ARENA_ARRAY(a, LIMIT_REFERENCES, struct form_image);
    if (!x.v)
        return err_fail(err, SITUS_NO_MEMORY, PART, "", SITUS_NO_OFFSET, NULL, NULL);
    bool ok = json_read(&doc, &root, file, PART, err) && read_root(&x, &root);
    json_free(&doc);
    if (ok && x.n == 0) {
        err_fail(err, SITUS_MISSING, PART, "", SITUS_NO_OFFSET, "registers of a TD", "none");
        return err_hint(err, "boot the image once and write the policy from its evidence: --from");
    }
    f->imported = x.v;
    f->n_imported = x.n;
    return ok;
}
