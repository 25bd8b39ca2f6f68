/* endorse/ak_cert/ak_google, ak_situs: what the extensions of AK certificates say, byte by byte. */
#include "support/test.h"

#include "endorse/ak_cert/ak_google.h"
#include "endorse/ak_cert/ak_profile.h"
#include "endorse/ak_cert/ak_situs.h"
#include "support/make_ak_extension.h"

static uint8_t bytes[512];

static struct span gce_and(bool production, const char *zone, struct span more)
{
    return make_gce_extension(bytes, sizeof bytes, production, zone, more);
}

static struct span gce(bool production, const char *zone)
{
    return gce_and(production, zone, span_of(NULL, 0));
}

static struct span machine_and(uint8_t class, struct span ak_name, size_t piid_size,
                               struct span more)
{
    return make_situs_extension(bytes, sizeof bytes, class, ak_name, piid_size, more);
}

static struct span machine(uint8_t class, struct span ak_name, size_t piid_size)
{
    return machine_and(class, ak_name, piid_size, span_of(NULL, 0));
}

static void gce_refuses(struct span value, enum situs_code code, const char *field, size_t at)
{
    struct ak_google e;
    struct situs_err err = {0};
    assert_false(ak_google_read(&e, value, &err));
    expect_err(err, code, field, at);
    assert_int_equal(e.zone.n, 0);
    assert_false(e.production);
}

static void ak_extension_refuses_damage(void **state)
{
    (void)state;
    struct ak_google g;
    struct ak_situs m;
    struct situs_err err = {0};
    struct span v = gce(true, "z");
    assert_true(ak_google_read(&g, v, &err));
    assert_true(g.production);
    size_t security = v.n - 14;
    bytes[v.n] = 0;
    gce_refuses(span_of(v.p, v.n + 1), SITUS_TRAILING, "instance", v.n);
    bytes[4] = 0xff; /* zone */
    gce_refuses(v, SITUS_MALFORMED, "zone", 2);
    v = gce(true, "z");
    bytes[7] = 0x81; /* the project number turns negative */
    gce_refuses(v, SITUS_MALFORMED, "project_number", 5);
    v = gce(true, "z");
    bytes[security + 5] = 8; /* production inside the version's tag */
    gce_refuses(v, SITUS_TRAILING, "security_properties", security + 9);
    v = gce(true, "z");
    bytes[security + 9] = 0xa0; /* the version twice */
    gce_refuses(v, SITUS_MALFORMED, "security_properties", security + 9);
    err = (struct situs_err){0};
    uint8_t name[34] = {0x00, 0x0b};
    v = machine(1, SPAN_ARR(name), 16);
    assert_true(ak_situs_read(&m, v, &err));
    for (size_t n = 0; n < v.n; n++) {
        err = (struct situs_err){0};
        assert_false(ak_situs_read(&m, span_of(v.p, n), &err));
    }
    err = (struct situs_err){0};
    assert_false(ak_situs_read(&m, machine(2, SPAN_ARR(name), 16), &err));
    assert_string_equal(err.field, "class");
    err = (struct situs_err){0};
    assert_false(ak_situs_read(&m, machine(1, SPAN_ARR(name), 17), &err));
    assert_string_equal(err.field, "piid");
    err = (struct situs_err){0};
    name[1] = 0x04; /* a SHA-1 Name */
    assert_false(ak_situs_read(&m, machine(1, SPAN_ARR(name), 16), &err));
    assert_string_equal(err.field, "ak_name");
}

/* Bytes after the last field, inside the SEQUENCE and after it. */
static void ak_extension_ends_where_it_ends(void **state)
{
    (void)state;
    static const struct span null = {(const uint8_t *)"\x05\x00", 2};
    const uint8_t name[34] = {0x00, 0x0b};
    struct span v = gce_and(true, "z", null);
    gce_refuses(v, SITUS_TRAILING, "instance", v.n - null.n);
    v = gce_and(true, "z", span_of(null.p, 1));
    gce_refuses(v, SITUS_TRAILING, "instance", v.n - 1);
    struct ak_situs m;
    struct situs_err err = {0};
    v = machine_and(1, SPAN_ARR(name), 16, null);
    assert_false(ak_situs_read(&m, v, &err));
    expect_err(err, SITUS_TRAILING, "machine", v.n - null.n);
    assert_int_equal(m.ak_name.n, 0);
    err = (struct situs_err){0};
    v = machine(1, SPAN_ARR(name), 16);
    bytes[v.n] = 0;
    assert_false(ak_situs_read(&m, span_of(v.p, v.n + 1), &err));
    expect_err(err, SITUS_TRAILING, "machine", v.n);
}

/* A certificate is of one profile: each has an extension of its own, and one at most has none. */
static void ak_profiles_are_told_apart(void **state)
{
    (void)state;
    static const struct ak_profile_does *const all[] = {
#define AK_PROFILE(id, name, word) &name##_ak_profile,
#include "model/ak_profiles.def"
    };
    const size_t n = sizeof all / sizeof *all;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < i; j++) {
            assert_true(all[i]->extension || all[j]->extension);
            if (all[i]->extension && all[j]->extension)
                assert_string_not_equal(all[i]->extension, all[j]->extension);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ak_profiles_are_told_apart),
        cmocka_unit_test(ak_extension_refuses_damage),
        cmocka_unit_test(ak_extension_ends_where_it_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
