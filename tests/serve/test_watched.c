/* Machines that the service watches: what a configuration may say of them. */
#include "support/served.h"

#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define AK \
    "000b" \
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static void configuration(char *text, size_t size, const char *more)
{
    snprintf(text, size,
             "{\"listen\": \"127.0.0.1:0\", \"base\": \"http://localhost\", \"policies\": {\"a\": "
             "{\"policy\": \"" SITUS_SOURCE_ROOT "/policies/managed.json\"}},"
             "\"connect\": {\"targets\": [\"a:1\", \"b:1\"]}, \"store\": {\"sqlite\": \"store\"},"
             "\"watch\": {\"mark\": \"mark\", \"machines\": {\"one\": {\"policy\": \"a\", "
             "\"target\": \"b:1\", \"ak_name\": \"" AK "\"%s}}}}",
             more);
}

static const struct {
    const char *machine, *code, *field;
} strict[] = {
    {"", NULL, NULL},
    {", \"ek_name\": \"00\"", "malformed", "watch.machines.one.ek_name"},
    {", \"piid\": \"zz\"", "malformed", "watch.machines.one.piid"},
    {", \"piid\": \"01000000000000000000000000000000\", \"chip_id\": \"0100000000000000\"",
     "duplicate", "watch.machines.one.chip_id"},
    {", \"channel_sha256\": \"00\"", "malformed", "watch.machines.one.channel_sha256"},
    {", \"site\": \"Amsterdam, hall 3\"", NULL, NULL},
    {", \"site\": \"\"", "malformed", "watch.machines.one.site"},
    {", \"site\": \" hall\"", "malformed", "watch.machines.one.site"},
    {", \"site\": \"\\u001b[2J\"", "malformed", "watch.machines.one.site"},
    {", \"site\": \"0123456789012345678901234567890123456789012345678901234567890123\"", NULL,
     NULL},
    {", \"site\": \"01234567890123456789012345678901234567890123456789012345678901234\"",
     "malformed", "watch.machines.one.site"},
    {", \"site\": 3", "malformed", "watch.machines.one.site"},
    {", \"within_seconds\": 1", "malformed", "watch.machines.one.within_seconds"},
    {", \"every\": 1", "unknown", "watch.machines.one.every"},
    {"}, \"One\": {", "malformed", "watch.machines.One"},
    {"}, \"two\": {\"policy\": \"a\", \"target\": \"c:1\"", "unknown", "watch.machines.two.target"},
    {"}, \"two\": {\"policy\": \"a\", \"target\": \"a:1\"", "missing", "watch.machines.two"},
    {"}, \"two\": {\"policy\": \"b\", \"target\": \"a:1\", \"ak_name\": \"" AK "\"", "unknown",
     "watch"},
    {"}}, \"marks\": {\"a\": {", "unknown", "watch.marks"},
};

/* They are found by name, whatever the order of the text. */
static void machines_are_found_by_name(void **state)
{
    char text[2048];
    struct serve_config c = {.n = 0};
    struct situs_err err = {0};
    (void)state;
    configuration(text, sizeof text,
                  "}, \"zwei\": {\"policy\": \"a\", \"target\": \"a:1\", \"ak_name\": \"" AK
                  "\"}, \"a\": {\"policy\": \"a\", \"target\": \"a:1\", \"site\": \"here\", "
                  "\"ak_name\": \"" AK "\"");
    assert_true(serve_config_text(&c, span_text(text), &err));
    assert_int_equal(serve_machines_find(&c.machines, "a"), 0);
    assert_int_equal(serve_machines_find(&c.machines, "one"), 1);
    assert_int_equal(serve_machines_find(&c.machines, "zwei"), 2);
    assert_int_equal(serve_machines_find(&c.machines, "on"), -1);
    assert_string_equal(c.machines.v[0].site, "here");
    assert_null(c.machines.v[1].site);
    serve_config_free(&c);
    assert_int_equal(serve_machines_find(&c.machines, "a"), -1);
}

/* Old evidence would be the same each time. */
static void its_policy_requires_live(void **state)
{
    char text[2048], path[] = "/tmp/watchXXXXXX";
    int fd = mkstemp(path);
    struct serve_world *w = calloc(1, sizeof *w);
    (void)state;
    configuration(text, sizeof text, "");
    char *policy = strstr(text, SITUS_SOURCE_ROOT), *end = strchr(policy, '"');
    memmove(policy + 7, end, strlen(end) + 1);
    memcpy(policy, "genuine", 7);
    assert_int_not_equal(fd, -1);
    close(fd);
    assert_true(file_write(path, span_text(text), &(struct situs_err){0}));
    assert_false(serve_load(w, path));
    assert_int_equal(w->config.machines.n, 1); /* it was read, and its policy loaded */
    serve_load_free(w);
    free(w);
    unlink(path);
}

static void its_configuration_is_as_strict_as_the_rest(void **state)
{
    char text[2048];
    (void)state;
    for (size_t i = 0; i < sizeof strict / sizeof *strict; i++) {
        struct serve_config c = {.n = 0};
        struct situs_err err = {0};
        configuration(text, sizeof text, strict[i].machine);
        assert_int_equal(serve_config_text(&c, span_text(text), &err), strict[i].code == NULL);
        if (strict[i].code) {
            assert_string_equal(err_code_name(err.code), strict[i].code);
            assert_string_equal(err.field, strict[i].field);
        }
        serve_config_free(&c);
    }
    configuration(text, sizeof text, "");
    strstr(text, "store")[1] = 'h'; /* shore */
    struct serve_config c = {.n = 0};
    struct situs_err err = {0};
    assert_false(serve_config_text(&c, span_text(text), &err));
    serve_config_free(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(its_configuration_is_as_strict_as_the_rest),
        cmocka_unit_test(machines_are_found_by_name),
        cmocka_unit_test(its_policy_requires_live),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
