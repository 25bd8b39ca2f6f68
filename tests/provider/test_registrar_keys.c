/* provider/registrar: what was withdrawn is on the CRL, all of it, and its key is certified no
 * more; a fleet's file is what it says now. */
#include "provider/registrar/registrar_file.h"
#include "provider/registrar/registrar_inventory.h"
#include "provider/registrar/registrar_keys.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "support/test.h"

#define NOW INT64_C(1800000000)
#define HOUR 3600

static int64_t clock_now;

static int64_t now(void)
{
    return clock_now;
}

struct desk {
    char directory[64];
    struct registrar_keys_state state;
    struct registrar_keys keys;
    uint8_t room[1024];
    struct wr revoked;
    struct situs_err err;
};

static int setup(void **state)
{
    struct desk *d = calloc(1, sizeof *d);
    strcpy(d->directory, "/tmp/situs-keys.XXXXXX");
    if (!mkdtemp(d->directory))
        return -1;
    clock_now = NOW;
    d->state = (struct registrar_keys_state){d->directory, now};
    d->keys = registrar_keys_of(&d->state);
    *state = d;
    return 0;
}

static int teardown(void **state)
{
    struct desk *d = *state;
    char command[100];
    snprintf(command, sizeof command, "rm -r %s", d->directory);
    int code = system(command);
    free(d);
    return code;
}

static struct span serial(uint8_t n)
{
    static uint8_t bytes[ISSUE_SERIAL];
    memset(bytes, n, sizeof bytes);
    return SPAN_ARR(bytes);
}

static struct span name(uint8_t n)
{
    static uint8_t bytes[34];
    memset(bytes, n, sizeof bytes);
    return SPAN_ARR(bytes);
}

static void issue(struct desk *d, uint8_t n_serial, uint8_t n_name, int64_t life)
{
    assert_true(
        d->keys.issued(d->keys.context, serial(n_serial), name(n_name), clock_now + life, &d->err));
}

static bool allowed(struct desk *d, uint8_t n)
{
    d->err = (struct situs_err){0};
    return d->keys.allowed(d->keys.context, name(n), &d->err);
}

static bool take_back(struct desk *d, struct span id)
{
    d->err = (struct situs_err){0};
    return registrar_keys_revoke(d->directory, TEXT_HEX(id), &d->err);
}

/* listed says that the CRL has exactly these serials, in this order. */
static void listed(struct desk *d, const char *digits)
{
    d->err = (struct situs_err){0};
    d->revoked = wr_new(d->room, sizeof d->room);
    assert_true(registrar_keys_revoked(d->directory, &d->revoked, &d->err));
    assert_int_equal(d->revoked.n, ISSUE_SERIAL * strlen(digits));
    for (size_t i = 0; digits[i]; i++)
        assert_int_equal(d->room[i * ISSUE_SERIAL], digits[i] - '0');
}

static void put(struct desk *d, const char *file, const char *text)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", d->directory, file);
    assert_true(file_write(path, span_text(text), &d->err));
}

static void a_withdrawn_certificate_takes_its_key_along(void **state)
{
    struct desk *d = *state;
    issue(d, 1, 7, HOUR);
    issue(d, 2, 7, HOUR);
    issue(d, 3, 8, HOUR);
    assert_true(allowed(d, 7));
    listed(d, "");
    assert_true(take_back(d, serial(1)));
    assert_false(allowed(d, 7));
    expect_err(d->err, SITUS_REVOKED, "ak", SITUS_NO_OFFSET);
    assert_true(allowed(d, 8));
    listed(d, "12");
    issue(d, 4, 7, HOUR); /* by a registrar that had just looked */
    listed(d, "124");
    assert_true(take_back(d, serial(1)));
    assert_true(take_back(d, serial(2)));
    listed(d, "124");
}

static void a_key_is_withdrawn_by_its_name(void **state)
{
    struct desk *d = *state;
    assert_true(take_back(d, name(7)));
    assert_false(allowed(d, 7));
    listed(d, "");
    issue(d, 1, 7, HOUR);
    listed(d, "1");
    assert_true(allowed(d, 8));
}

/* What is not on record is withdrawn as far as it can be, and the operator told of the rest. */
static void a_serial_whose_key_is_unknown_is_not_said_to_be_done(void **state)
{
    struct desk *d = *state;
    issue(d, 1, 7, HOUR);
    assert_false(take_back(d, serial(9)));
    expect_err(d->err, SITUS_UNKNOWN, "ak", SITUS_NO_OFFSET);
    assert_string_not_equal(d->err.hint, "");
    listed(d, "9");
    assert_true(allowed(d, 7));
    assert_false(take_back(d, span_of("xyz", 3)));
    expect_err(d->err, SITUS_MALFORMED, "", SITUS_NO_OFFSET);
}

static void certificates_that_have_ended_are_forgotten(void **state)
{
    struct desk *d = *state;
    issue(d, 1, 7, HOUR);
    clock_now += 2 * HOUR;
    issue(d, 2, 7, HOUR);
    assert_true(take_back(d, serial(2)));
    listed(d, "2");
    assert_false(take_back(d, serial(1)));
    expect_err(d->err, SITUS_UNKNOWN, "ak", SITUS_NO_OFFSET);
}

static void a_file_of_an_older_situs_is_read(void **state)
{
    struct desk *d = *state;
    put(d, "revoked", "01010101010101010101010101010101\n02020202020202020202020202020202\n");
    listed(d, "12");
    issue(d, 3, 7, HOUR);
    assert_true(take_back(d, serial(3)));
    listed(d, "123");
}

/* While nobody knows what was withdrawn, nobody is certified. */
static void a_damaged_file_certifies_nobody(void **state)
{
    static const char *const bad[] = {
        "01010101010101010101010101010101", "0101\n", "\n", "x\n",
        "01010101010101010101010101010101 01010101010101010101010101010101\n"};
    struct desk *d = *state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        put(d, "revoked", bad[i]);
        assert_false(allowed(d, 7));
        assert_int_equal(d->err.code, SITUS_MALFORMED);
        d->err = (struct situs_err){0};
        d->revoked = wr_new(d->room, sizeof d->room);
        assert_false(registrar_keys_revoked(d->directory, &d->revoked, &d->err));
        assert_int_equal(d->err.code, SITUS_MALFORMED);
    }
}

#define HEAD "facility,machine,class,ek,piid\n"
#define ROW(n, digits) \
    "hall,m" n ",dtpm," digits digits digits digits ",00112233445566778899aabbccddeeff\n"
#define AA "aaaaaaaaaaaaaaaa"
#define BB "bbbbbbbbbbbbbbbb"

/* Red team 2, section 2: a machine that was taken out of the file stayed until a restart. */
static void a_fleet_is_what_its_file_says_now(void **state)
{
    struct desk *d = *state;
    struct registrar_file f;
    struct registrar_machine m;
    uint8_t ek[32];
    char csv[128];
    snprintf(csv, sizeof csv, "%s/fleet.csv", d->directory);
    memset(ek, 0xaa, sizeof ek);
    put(d, "fleet.csv", HEAD ROW("1", AA) ROW("2", BB));
    assert_true(registrar_file_open(&f, csv, d->directory, &d->err));
    const struct registrar_fleet fleet = registrar_file_fleet(&f);
    assert_true(fleet.find(fleet.context, ek, &m, &d->err));
    put(d, "fleet.csv", HEAD ROW("2", BB));
    assert_false(fleet.find(fleet.context, ek, &m, &d->err));
    expect_err(d->err, SITUS_UNKNOWN, "ek", SITUS_NO_OFFSET);
    memset(ek, 0xbb, sizeof ek);
    d->err = (struct situs_err){0};
    assert_true(fleet.find(fleet.context, ek, &m, &d->err));
    put(d, "fleet.csv", HEAD ROW("2", BB) ROW("2", BB)); /* does not read: nobody is found */
    assert_false(fleet.find(fleet.context, ek, &m, &d->err));
    expect_err(d->err, SITUS_DUPLICATE, "line 2", SITUS_NO_OFFSET);
    d->err = (struct situs_err){0};
    assert_int_equal(unlink(csv), 0);
    assert_false(fleet.find(fleet.context, ek, &m, &d->err));
    assert_int_equal(d->err.code, SITUS_MISSING);
    d->err = (struct situs_err){0};
    put(d, "fleet.csv", HEAD ROW("1", AA) ROW("2", BB));
    assert_true(fleet.find(fleet.context, ek, &m, &d->err));
    registrar_file_close(&f);
}

/* A pipe is read once, and whoever waits for one that nobody writes into serves nobody. */
static void a_fleet_is_a_file(void **state)
{
    struct desk *d = *state;
    struct registrar_file f;
    char pipe[128];
    snprintf(pipe, sizeof pipe, "%s/pipe", d->directory);
    assert_int_equal(mkfifo(pipe, 0600), 0);
    assert_false(registrar_inventory_is(pipe));
    assert_false(registrar_file_open(&f, pipe, d->directory, &d->err));
    expect_err(d->err, SITUS_MISSING, "", SITUS_NO_OFFSET);
}

#define WITH(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH(a_withdrawn_certificate_takes_its_key_along),
        WITH(a_key_is_withdrawn_by_its_name),
        WITH(a_serial_whose_key_is_unknown_is_not_said_to_be_done),
        WITH(certificates_that_have_ended_are_forgotten),
        WITH(a_file_of_an_older_situs_is_read),
        WITH(a_damaged_file_certifies_nobody),
        WITH(a_fleet_is_what_its_file_says_now),
        WITH(a_fleet_is_a_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
