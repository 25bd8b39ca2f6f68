/* The log that systemd keeps of its measurements, as events behind the firmware's: what reads, and
 * that nothing of it is passed over. */
#include "support/test.h"

#include "attester/log_tail.h"
#include "attester/systemd_log.h"
#include "support/make_log.h"

#include <stdio.h>
#include <stdlib.h>

static const enum hash one_bank[] = {HASH_SHA384, HASH_NONE};
static const enum hash two_banks[] = {HASH_SHA256, HASH_SHA384, HASH_NONE};

static struct make_log firmware;
static struct events log_of_firmware;
static uint8_t bytes[64 * 1024];
static struct wr out;
static struct systemd_log found;
static struct situs_err err;

static void start(const enum hash *banks)
{
    make_log_start(&firmware, banks);
    make_log_event(&firmware, 4, EV_SEPARATOR, SPAN_LIT("\0\0\0\0"), SPAN_LIT("\0\0\0\0"));
    log_of_firmware = make_log_read(&firmware, LOG_PCR);
}

static bool append(const char *text)
{
    out = wr_new(bytes, sizeof bytes);
    wr_bytes(&out, log_of_firmware.log);
    err = (struct situs_err){0};
    return systemd_log_append(&out, &log_of_firmware, span_text(text), &found, &err);
}

/* The same text in memory of its exact size, so that ASan sees every overrun. */
static bool append_exact(struct span text)
{
    uint8_t *copy = malloc(text.n ? text.n : 1);
    memcpy(copy, text.p, text.n);
    out = wr_new(bytes, sizeof bytes);
    wr_bytes(&out, log_of_firmware.log);
    err = (struct situs_err){0};
    bool ok = systemd_log_append(&out, &log_of_firmware, span_of(copy, text.n), &found, &err);
    free(copy);
    return ok;
}

static const char *hex_of(enum hash h, const char *word)
{
    static char text[2][2 * HASH_MAX_SIZE + 1];
    static int turn;
    uint8_t value[HASH_MAX_SIZE];
    turn = !turn;
    assert_true(digest(h, span_text(word), value));
    for (size_t i = 0; i < hash_size(h); i++)
        snprintf(text[turn] + 2 * i, 3, "%02x", value[i]);
    return text[turn];
}

/* One record as systemd 257 writes it. */
static const char *phase(unsigned pcr, const char *word)
{
    static char text[4][1024];
    static int turn;
    turn = (turn + 1) % 4;
    snprintf(text[turn], sizeof text[turn],
             "\x1e{\"pcr\":%u,\"digests\":[{\"hashAlg\":\"sha1\",\"digest\":\"%s\"},"
             "{\"hashAlg\":\"sha256\",\"digest\":\"%s\"},",
             pcr, hex_of(HASH_SHA1, word), hex_of(HASH_SHA256, word));
    size_t n = strlen(text[turn]);
    snprintf(
        text[turn] + n, sizeof text[turn] - n,
        "{\"hashAlg\":\"sha384\",\"digest\":\"%s\"}],\"content_type\":\"systemd\",\"content\":{"
        "\"string\":\"%s\",\"bootId\":\"0123456789abcdef0123456789abcdef\","
        "\"timestamp\":1234567,\"eventType\":\"phase\"}}\n",
        hex_of(HASH_SHA384, word), word);
    return text[turn];
}

static void expect_event(const struct events *log, size_t i, uint32_t pcr, const char *word)
{
    const struct event *e = &log->v[i];
    assert_int_equal(e->index, pcr);
    assert_int_equal(e->type, EV_IPL);
    assert_true(span_equal(events_data(log, e), span_text(word)));
    for (size_t b = 0; b < log->banks; b++) {
        uint8_t value[HASH_MAX_SIZE];
        assert_true(digest(log->bank[b].hash, span_text(word), value));
        assert_true(span_equal(events_digest(log, e, b), span_of(value, log->bank[b].size)));
    }
}

static void phases_become_events_in_every_bank(void **state)
{
    (void)state;
    static const enum hash *const banks[] = {one_bank, two_banks};
    for (size_t i = 0; i < 2; i++) {
        char text[4096];
        start(banks[i]);
        snprintf(text, sizeof text, "%s%s", phase(11, "enter-initrd"), phase(11, "leave-initrd"));
        strcat(text, phase(15, "machine-id:42"));
        strcat(text, phase(11, "sysinit"));
        assert_true(append(text));
        assert_int_equal(found.appended, 4);
        assert_int_equal(found.elsewhere, 0);
        struct events all = make_log_load(wr_span(&out), LOG_PCR);
        assert_int_equal(all.n, 5);
        expect_event(&all, 1, 11, "enter-initrd");
        expect_event(&all, 2, 11, "leave-initrd");
        expect_event(&all, 3, 15, "machine-id:42");
        expect_event(&all, 4, 11, "sysinit");
    }
    assert_true(append("")); /* systemd makes the file before its first record */
    assert_int_equal(out.n, log_of_firmware.log.n);
}

#define HEX_8 "0101010101010101"
#define HEX_32 HEX_8 HEX_8 HEX_8 HEX_8
#define HEX_48 HEX_32 HEX_8 HEX_8
#define REC(body) "\x1e{" body "}\n"
#define D256 "{\"hashAlg\":\"sha256\",\"digest\":\"" HEX_32 "\"}"
#define D384 "{\"hashAlg\":\"sha384\",\"digest\":\"" HEX_48 "\"}"
#define BOTH "\"digests\":[" D256 "," D384 "]"
#define SAID(text) "\"content_type\":\"systemd\",\"content\":{\"string\":" text "}"
/* SHA-256 of "a" (FIPS 180-4 examples of NIST's CAVP are of other lengths; recomputed below). */
#define A256 "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"

/* What is not the hash of its description: a volume key's HMAC, a text that systemd cut. */
static void digests_of_a_secret_are_taken_as_they_stand(void **state)
{
    (void)state;
    start(two_banks);
    assert_true(append(REC("\"pcr\":15," BOTH "," SAID("\"cryptsetup:root:uuid\""))));
    struct events all = make_log_load(wr_span(&out), LOG_PCR);
    assert_int_equal(all.n, 2);
    assert_int_equal(events_digest(&all, &all.v[1], 1).p[47], 1);
    assert_true(span_equal(events_data(&all, &all.v[1]), SPAN_LIT("cryptsetup:root:uuid")));
    assert_true(append(REC("\"pcr\":9," BOTH ",\"content_type\":\"other\",\"content\":[1]")));
    all = make_log_load(wr_span(&out), LOG_PCR);
    assert_int_equal(all.v[1].data_size, 0); /* another writer's content is not read */
    assert_true(append(REC("\"pcr\":9," BOTH ",\"content_type\":\"systemd\",\"content\":{}")));
    assert_int_equal(found.appended, 1);
}

/* A bank that systemd did not list is the hash of the text, where the others are. */
static void a_bank_that_is_absent_is_computed_from_the_text(void **state)
{
    (void)state;
    start(two_banks);
    assert_string_equal(hex_of(HASH_SHA256, "a"), A256);
    assert_true(append(REC("\"pcr\":11,\"digests\":[{\"hashAlg\":\"sha256\",\"digest\":\"" A256
                           "\"}]," SAID("\"a\""))));
    struct events all = make_log_load(wr_span(&out), LOG_PCR);
    expect_event(&all, 1, 11, "a");
}

/* NV indices and the registers above 15 are no part of a firmware's log; later members neither. */
static void records_of_no_such_register_are_counted(void **state)
{
    (void)state;
    start(one_bank);
    assert_true(append(REC("\"nv_index\":30474752,\"digests\":[" D256 "]," SAID(
        "\"product-id:1\"") ",\"later\":null") REC("\"pcr\":16," BOTH "," SAID("\"debug\""))
                           REC("\"pcr\":23," BOTH "," SAID("\"own\""))));
    assert_int_equal(found.appended, 0);
    assert_int_equal(found.elsewhere, 3);
    assert_int_equal(out.n, log_of_firmware.log.n);
    assert_true(append(REC("\"pcr\":11,\"digests\":[" D384 ",{\"hashAlg\":\"sha3_256\","
                           "\"digest\":\"whatever\"}]," SAID("\"x\""))));
    assert_int_equal(found.appended, 1);
}

/* at: of the record, or of the byte in it; counted from the text's begin. GOOD lies before. */
#define GOOD REC("\"pcr\":11," BOTH "," SAID("\"x\""))
#define AT (sizeof GOOD - 1)
static const struct {
    const char *text;
    enum situs_code code;
    const char *field;
    size_t at;
} bad[] = {
    {"{}\n", SITUS_TRAILING, "json", AT + 1}, /* of the record before it */
    {"\x1e", SITUS_TOO_SHORT, "record", AT + 1},
    {"\x1e{}", SITUS_TOO_SHORT, "record", AT + 3},
    {"\x1e{\"pcr\":11,", SITUS_TOO_SHORT, "record", AT + 11},
    {"\x1e\n", SITUS_TOO_SHORT, "json", AT + 2},
    {"\x1e\x1e{}\n", SITUS_TOO_SHORT, "record", AT + 1},
    {"\x1e[]\n", SITUS_MALFORMED, "json", AT},
    {"\x1e{\"pcr\":11,\"pcr\":11}\n", SITUS_DUPLICATE, "json", AT + 16},
    {"\x1e{} {}\n", SITUS_TRAILING, "json", AT + 5},
    {REC(BOTH "," SAID("\"x\"")), SITUS_MISSING, "pcr", AT},
    {REC("\"pcr\":11,\"nv_index\":1," BOTH "," SAID("\"x\"")), SITUS_MALFORMED, "pcr", AT},
    {REC("\"pcr\":24," BOTH "," SAID("\"x\"")), SITUS_MALFORMED, "pcr", AT},
    {REC("\"pcr\":-1," BOTH "," SAID("\"x\"")), SITUS_MALFORMED, "pcr", AT},
    {REC("\"pcr\":\"11\"," BOTH "," SAID("\"x\"")), SITUS_MALFORMED, "pcr", AT},
    {REC("\"nv_index\":\"1\"," BOTH "," SAID("\"x\"")), SITUS_MALFORMED, "nv_index", AT},
    {REC("\"nv_index\":1," SAID("\"x\"")), SITUS_MISSING, "digests", AT},
    {REC("\"pcr\":11," SAID("\"x\"")), SITUS_MISSING, "digests", AT},
    {REC("\"pcr\":11,\"digests\":{}," SAID("\"x\"")), SITUS_MALFORMED, "digests", AT},
    {REC("\"pcr\":11,\"digests\":[]," SAID("\"x\"")), SITUS_MISSING, "digests", AT},
    {REC("\"pcr\":11,\"digests\":[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0]," SAID("\"x\"")),
     SITUS_TOO_LONG, "digests", AT},
    {REC("\"pcr\":11,\"digests\":[1]," SAID("\"x\"")), SITUS_MALFORMED, "digests[0]", AT},
    {REC("\"pcr\":11,\"digests\":[{\"digest\":\"00\"}]," SAID("\"x\"")), SITUS_MISSING,
     "digests[0].hashAlg", AT},
    {REC("\"pcr\":11,\"digests\":[{\"hashAlg\":\"sha256\"}]," SAID("\"x\"")), SITUS_MISSING,
     "digests[0].digest", AT},
    {REC("\"pcr\":11,\"digests\":[" D384 ",{\"hashAlg\":\"sha256\",\"digest\":\"" HEX_48
         "\"}]," SAID("\"x\"")),
     SITUS_MALFORMED, "digests[1].digest", AT},
    {REC("\"pcr\":11,\"digests\":[" D384 "," D384 "]," SAID("\"x\"")), SITUS_DUPLICATE,
     "digests[1]", AT},
    {REC("\"pcr\":11," BOTH), SITUS_MISSING, "content_type", AT},
    {REC("\"pcr\":11," BOTH ",\"content_type\":1"), SITUS_MALFORMED, "content_type", AT},
    {REC("\"pcr\":11," BOTH ",\"content_type\":\"systemd\""), SITUS_MISSING, "content", AT},
    {REC("\"pcr\":11," BOTH ",\"content_type\":\"systemd\",\"content\":\"x\""), SITUS_MALFORMED,
     "content", AT},
    {REC("\"pcr\":11," BOTH "," SAID("7")), SITUS_MALFORMED, "content.string", AT},
    /* no digest of the log's SHA-384, and nothing to compute it from */
    {REC("\"pcr\":11,\"digests\":[" D256 "]," SAID("\"x\"")), SITUS_MISSING, "digests", AT},
    {REC("\"pcr\":11,\"digests\":[" D256 "],\"content_type\":\"systemd\",\"content\":{}"),
     SITUS_MISSING, "digests", AT},
    {REC("\"pcr\":11,\"digests\":[{\"hashAlg\":\"sha3_256\",\"digest\":\"00\"}]," SAID("\"x\"")),
     SITUS_MISSING, "digests", AT},
    /* the hash of the text in one bank and something else in the other */
    {REC("\"pcr\":11,\"digests\":[{\"hashAlg\":\"sha256\",\"digest\":\"" A256 "\"}," D384
         "]," SAID("\"a\"")),
     SITUS_MALFORMED, "digests", AT},
};

static void a_record_that_does_not_read_is_never_dropped(void **state)
{
    (void)state;
    start(one_bank);
    assert_true(append(GOOD));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char text[4096];
        snprintf(text, sizeof text, "%s%s", GOOD, bad[i].text);
        if (append(text) || err.code != bad[i].code || strcmp(err.field, bad[i].field) ||
            err.at != bad[i].at)
            print_error("%s: %s %s at %zu\n", bad[i].text, err_code_name(err.code), err.field,
                        err.at);
        expect_err(err, bad[i].code, bad[i].field, bad[i].at);
        assert_string_equal(err.part, SYSTEMD_LOG_PART);
        assert_int_equal(out.n, log_of_firmware.log.n);
        assert_int_equal(found.appended, 0);
    }
    assert_false(append("{}\n"));
    expect_err(err, SITUS_MALFORMED, "record", 0);
}

static void a_log_that_is_cut_anywhere_is_refused(void **state)
{
    (void)state;
    start(two_banks);
    struct span text = SPAN_LIT(GOOD);
    for (size_t n = 1; n < text.n; n++) {
        assert_false(append_exact(span_cut(text, 0, n)));
        assert_string_equal(err_code_name(err.code), "too-short");
    }
    assert_true(append_exact(text));
}

/* All events together are bounded as the reader's. */
static void events_are_bounded(void **state)
{
    (void)state;
    start(one_bank);
    const size_t most = LIMIT_LOG_EVENTS;
    char *text = malloc(most * AT + 1);
    assert_non_null(text);
    for (size_t i = 0; i < most; i++)
        memcpy(text + i * AT, GOOD, AT);
    uint8_t *room = malloc(LIMIT_LOG);
    assert_non_null(room);
    out = wr_new(room, LIMIT_LOG);
    err = (struct situs_err){0};
    /* one less than all, as the firmware's log has one event */
    assert_true(
        systemd_log_append(&out, &log_of_firmware, span_of(text, (most - 1) * AT), &found, &err));
    assert_int_equal(found.appended, most - 1);
    assert_false(
        systemd_log_append(&out, &log_of_firmware, span_of(text, most * AT), &found, &err));
    expect_err(err, SITUS_TOO_LONG, "json", (most - 1) * AT);
    free(room);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(phases_become_events_in_every_bank),
        cmocka_unit_test(digests_of_a_secret_are_taken_as_they_stand),
        cmocka_unit_test(a_bank_that_is_absent_is_computed_from_the_text),
        cmocka_unit_test(records_of_no_such_register_are_counted),
        cmocka_unit_test(a_record_that_does_not_read_is_never_dropped),
        cmocka_unit_test(a_log_that_is_cut_anywhere_is_refused),
        cmocka_unit_test(events_are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
