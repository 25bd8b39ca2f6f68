/* evidence/tcg_log: real logs are read whole; every form outside the specification is refused. */
#include "support/make_log.h"
#include "support/test.h"
#include "support/vectors.h"

static const enum hash two[] = {HASH_SHA256, HASH_SHA384, HASH_NONE};

/* A log of two banks: header to 69; event 1 at 69 (PCR 0), event 2 at 171 (PCR 7). */
static void sample(struct make_log *m)
{
    make_log_start(m, two);
    make_log_event(m, 0, EV_S_CRTM_VERSION, SPAN_LIT("v1"), SPAN_LIT("v1"));
    make_log_event(m, 7, EV_SEPARATOR, span_of("\0\0\0\0", 4), span_of("\0\0\0\0", 4));
}

static struct situs_err refused(struct span bytes, enum log_kind kind)
{
    static uint8_t room[VERIFICATION_ARENA];
    struct arena a = arena_new(room, sizeof room);
    struct situs_err err = {0};
    struct events out;
    assert_false(tcg_log_read(&out, bytes, kind, "log", &a, &err));
    assert_int_equal(out.n, 0);
    assert_null(out.v);
    assert_string_equal(err.part, "log");
    return err;
}

static void log_reads_what_was_written(void **state)
{
    (void)state;
    struct make_log m;
    sample(&m);
    struct events log = make_log_read(&m, LOG_PCR);
    assert_int_equal(log.n, 2);
    assert_int_equal(log.banks, 2);
    assert_int_equal(events_bank(&log, HASH_SHA384), 1);
    assert_int_equal(events_bank(&log, HASH_SHA1), 2);
    assert_int_equal(log.v[0].at, 69);
    assert_int_equal(log.v[1].index, 7);
    assert_true(span_equal(events_data(&log, &log.v[0]), SPAN_LIT("v1")));
    uint8_t want[48];
    assert_true(digest(HASH_SHA384, SPAN_LIT("v1"), want));
    assert_true(span_equal(events_digest(&log, &log.v[0], 1), SPAN_ARR(want)));
    assert_int_equal(log.log.n, m.w.n);
    assert_string_equal(event_type_name(log.v[1].type), "EV_SEPARATOR");
    assert_null(event_type_name(0x12345));
}

/* One changed field of the sample each: where, how many bytes, the new value. */
static void log_refuses_bad_fields(void **state)
{
    (void)state;
    static const struct {
        size_t at;
        uint32_t value;
        int size;
        enum situs_code code;
        const char *field;
        size_t err_at;
    } rows[] = {
        {4, EV_S_CRTM_VERSION, 4, SITUS_UNSUPPORTED, "header.event_type", 4},
        {8, 1, 1, SITUS_MALFORMED, "header.digest", 8},
        {28, 36, 4, SITUS_TOO_SHORT, "spec_id.vendor_info_size", 68},
        {28, 38, 4, SITUS_TRAILING, "spec_id", 69},
        {28, 0xffffffff, 4, SITUS_TOO_SHORT, "header.event", 32},
        {46, '2', 1, SITUS_UNSUPPORTED, "spec_id.signature", 32},
        {53, 1, 1, SITUS_UNSUPPORTED, "spec_id.spec_version_major", 53},
        {56, 0, 4, SITUS_MALFORMED, "spec_id.number_of_algorithms", 56},
        {56, 6, 4, SITUS_MALFORMED, "spec_id.number_of_algorithms", 56},
        {56, 0xffffffff, 4, SITUS_MALFORMED, "spec_id.number_of_algorithms", 56},
        {56, 1, 4, SITUS_TOO_SHORT, "spec_id.vendor_info", 65},
        {62, 20, 2, SITUS_MALFORMED, "spec_id.digest_sizes.digest_size", 62},
        {64, 11, 2, SITUS_MALFORMED, "spec_id.digest_sizes.digest_size", 66},
        {68, 1, 1, SITUS_TOO_SHORT, "spec_id.vendor_info", 69},
        {69, 24, 4, SITUS_MALFORMED, "event.pcr_index", 69},
        {69, 0xffffffff, 4, SITUS_MALFORMED, "event.pcr_index", 69},
        {77, 1, 4, SITUS_TOO_SHORT, "event.event", 119}, /* the second digest is no size */
        {77, 3, 4, SITUS_MALFORMED, "event.digests.count", 77},
        {77, 0, 4, SITUS_MALFORMED, "event.digests.count", 77},
        {81, 4, 2, SITUS_UNKNOWN, "event.digests.algorithm_id", 81},
        {115, 11, 2, SITUS_DUPLICATE, "event.digests.algorithm_id", 115},
        {165, 0xfffffff0, 4, SITUS_TOO_SHORT, "event.event", 169},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct make_log m;
        sample(&m);
        for (int b = 0; b < rows[i].size; b++)
            m.bytes[rows[i].at + (size_t)b] = (uint8_t)(rows[i].value >> 8 * b);
        struct situs_err err = refused(wr_span(&m.w), LOG_PCR);
        expect_err(err, rows[i].code, rows[i].field, rows[i].err_at);
    }
}

static void log_refuses_an_algorithm_twice(void **state)
{
    (void)state;
    struct make_log m;
    make_log_start(&m, (const enum hash[]){HASH_SHA384, HASH_SHA384, HASH_NONE});
    struct situs_err err = refused(wr_span(&m.w), LOG_PCR);
    expect_err(err, SITUS_DUPLICATE, "spec_id.digest_sizes.algorithm_id", 64);
}

static void log_accepts_a_declared_unknown_algorithm(void **state)
{
    (void)state;
    struct make_log m;
    sample(&m);
    m.bytes[60] = m.bytes[81] = m.bytes[183] = 0x27; /* SHA3-256, 0x0027 */
    struct events log = make_log_read(&m, LOG_PCR);
    assert_int_equal(log.bank[0].hash, HASH_NONE);
    assert_int_equal(log.n, 2);
    static const uint16_t bad[] = {0, 65, 0xffff};
    for (size_t i = 0; i < 3; i++) {
        m.bytes[62] = (uint8_t)bad[i];
        m.bytes[63] = (uint8_t)(bad[i] >> 8);
        struct situs_err err = refused(wr_span(&m.w), LOG_PCR);
        expect_err(err, SITUS_MALFORMED, "spec_id.digest_sizes.digest_size", 62);
    }
}

static void log_accepts_digests_in_any_order(void **state)
{
    (void)state;
    struct make_log m;
    sample(&m);
    static const uint8_t swap[] = {0x0c, 0, 0x30, 0, 0x0b, 0, 0x20, 0};
    memcpy(m.bytes + 60, swap, sizeof swap); /* the header names SHA-384 first */
    struct events log = make_log_read(&m, LOG_PCR);
    assert_int_equal(events_digest(&log, &log.v[0], 0).n, 48);
    assert_ptr_equal(events_digest(&log, &log.v[0], 0).p, m.bytes + 117);
    assert_ptr_equal(events_digest(&log, &log.v[0], 1).p, m.bytes + 83);
}

/* Windows writes the digest of the bank in use alone. TDs and launches have no such writers. */
static void log_of_a_tpm_may_lack_banks_of_the_header(void **state)
{
    (void)state;
    struct make_log m;
    sample(&m);
    make_log_only(&m, HASH_SHA384, 12, EV_EVENT_TAG, SPAN_LIT("one"));
    make_log_only(&m, HASH_SHA256, 12, EV_EVENT_TAG, SPAN_LIT("other"));
    struct events log = make_log_read(&m, LOG_PCR);
    assert_int_equal(log.n, 4);
    assert_int_equal(events_digest(&log, &log.v[2], 0).n, 0);
    assert_int_equal(events_digest(&log, &log.v[2], 1).n, 48);
    assert_int_equal(events_digest(&log, &log.v[3], 0).n, 32);
    assert_int_equal(events_digest(&log, &log.v[3], 1).n, 0);
    static const enum log_kind strict[] = {LOG_CCEL, LOG_LAUNCH};
    static const uint32_t index[] = {1, 17}, type[] = {EV_SEPARATOR, EVTYPE_HASH_START};
    for (size_t i = 0; i < 2; i++) {
        make_log_start(&m, two);
        make_log_only(&m, HASH_SHA384, index[i], type[i], SPAN_LIT("one"));
        struct situs_err err = refused(wr_span(&m.w), strict[i]);
        expect_err(err, SITUS_MALFORMED, "event.digests.count", 77);
    }
}

static void log_cut_anywhere_inside_an_event_is_refused(void **state)
{
    (void)state;
    struct make_log m;
    sample(&m);
    for (size_t n = 0; n < m.w.n; n++) {
        if (n == 69 || n == 171) /* the ends of header and first event */
            continue;
        struct situs_err err = {0};
        uint8_t room[256];
        struct arena a = arena_new(room, sizeof room);
        struct events out;
        if (tcg_log_read(&out, span_of(m.bytes, n), LOG_PCR, "log", &a, &err))
            assert_true((n > 69 && span_all(span_of(m.bytes + 69, n - 69), 0)) ||
                        (n > 171 && span_all(span_of(m.bytes + 171, n - 171), 0)));
        else
            assert_int_equal(err.code, SITUS_TOO_SHORT);
    }
}

static void log_padding_is_all_zero_or_all_ones(void **state)
{
    (void)state;
    static const uint8_t pads[] = {0x00, 0xff};
    for (size_t i = 0; i < 2; i++)
        for (size_t n = 1; n < 40; n++) {
            struct make_log m;
            sample(&m);
            size_t end = m.w.n;
            memset(m.bytes + end, pads[i], n);
            struct events log = make_log_load(span_of(m.bytes, end + n), LOG_PCR);
            assert_int_equal(log.n, 2);
            assert_int_equal(log.log.n, end);
            m.bytes[end + n - 1] ^= 1; /* then it is an event, and none is so short */
            if (n < 4)
                continue;
            struct situs_err err = refused(span_of(m.bytes, end + n), LOG_PCR);
            assert_int_equal(err.code == SITUS_TOO_SHORT || err.code == SITUS_MALFORMED, 1);
        }
}

static void log_reads_no_action_of_register_minus_1(void **state)
{
    (void)state;
    struct make_log m;
    make_log_start(&m, (const enum hash[]){HASH_SHA384, HASH_NONE});
    make_log_no_action(&m, 0xffffffff, SPAN_LIT("SP800-155 Event3"));
    make_log_event(&m, 1, EV_SEPARATOR, SPAN_LIT("a"), SPAN_LIT("a"));
    memset(m.bytes + m.w.n, 0xff, 64);
    struct events log = make_log_load(span_of(m.bytes, m.w.n + 64), LOG_CCEL);
    assert_int_equal(log.n, 2);
    assert_int_equal(events_register(&log, &log.v[0]), REGISTERS_MAX);
    assert_int_equal(events_register(&log, &log.v[1]), 0);
}

static void log_of_each_kind_extends_its_registers_only(void **state)
{
    (void)state;
    static const struct {
        enum log_kind kind;
        uint32_t index;
    } bad[] = {{LOG_PCR, 24}, {LOG_CCEL, 0}, {LOG_CCEL, 5}, {LOG_LAUNCH, 16}, {LOG_LAUNCH, 23}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct make_log m;
        make_log_start(&m, two);
        make_log_event(&m, bad[i].index, EV_IPL, SPAN_LIT("x"), SPAN_LIT("x"));
        struct situs_err err = refused(wr_span(&m.w), bad[i].kind);
        expect_err(err, SITUS_MALFORMED, "event.pcr_index", 69);
    }
}

static void ccel_without_sha384_is_refused(void **state)
{
    (void)state;
    struct make_log m;
    make_log_start(&m, (const enum hash[]){HASH_SHA256, HASH_NONE});
    struct situs_err err = refused(wr_span(&m.w), LOG_CCEL);
    expect_err(err, SITUS_MISSING, "spec_id.digest_sizes", 0);
}

static void startup_locality_comes_once_and_first(void **state)
{
    (void)state;
    static const uint8_t data[] = "StartupLocality\0\3";
    struct make_log m;
    make_log_start(&m, two);
    make_log_no_action(&m, 0, span_of(data, 17));
    make_log_event(&m, 0, EV_S_CRTM_VERSION, SPAN_LIT("x"), SPAN_LIT("x"));
    assert_int_equal(make_log_read(&m, LOG_PCR).startup_locality, 3);

    struct make_log padded; /* what some firmware leaves after the 17 bytes means nothing */
    make_log_start(&padded, two);
    make_log_no_action(&padded, 0, SPAN_LIT("StartupLocality\0\3\0\0\0"));
    assert_int_equal(make_log_read(&padded, LOG_PCR).startup_locality, 3);

    size_t at = m.w.n;
    make_log_no_action(&m, 0, span_of(data, 17));
    struct situs_err err = refused(wr_span(&m.w), LOG_PCR);
    expect_err(err, SITUS_DUPLICATE, "event.startup_locality", at);

    make_log_start(&m, two);
    make_log_no_action(&m, 0, span_of(data, 16));
    err = refused(wr_span(&m.w), LOG_PCR);
    expect_err(err, SITUS_MALFORMED, "event.startup_locality", 69);

    make_log_start(&m, two);
    make_log_no_action(&m, 0, SPAN_LIT("StartupLocality\0\1"));
    err = refused(wr_span(&m.w), LOG_PCR);
    expect_err(err, SITUS_MALFORMED, "event.startup_locality", 69);
}

/* An H-CRTM leaves PCR 0 at 4, when its event is the first (TPM 2.0 part 1, 34.3). */
static void an_h_crtm_is_the_first_value_of_pcr_0(void **state)
{
    (void)state;
    struct make_log m;
    make_log_start(&m, two);
    make_log_event(&m, 0, EV_EFI_HCRTM_EVENT, SPAN_LIT("crtm"), SPAN_LIT("HCRTM"));
    assert_int_equal(make_log_read(&m, LOG_PCR).startup_locality, 4);
    make_log_start(&m, two);
    make_log_event(&m, 0, EV_S_CRTM_VERSION, SPAN_LIT("x"), SPAN_LIT("x"));
    make_log_event(&m, 0, EV_EFI_HCRTM_EVENT, SPAN_LIT("crtm"), SPAN_LIT("HCRTM"));
    assert_int_equal(make_log_read(&m, LOG_PCR).startup_locality, 0);
}

static void launch_log_starts_with_one_hash_start(void **state)
{
    (void)state;
    struct make_log m;
    make_log_start(&m, two);
    make_log_event(&m, 17, EVTYPE_HASH_START, SPAN_LIT("acm"), SPAN_LIT(""));
    make_log_event(&m, 18, EVTYPE_MLE_HASH, SPAN_LIT("mle"), SPAN_LIT(""));
    assert_true(make_log_read(&m, LOG_LAUNCH).launched);
    size_t at = m.w.n;
    make_log_event(&m, 17, EVTYPE_HASH_START, SPAN_LIT("acm"), SPAN_LIT(""));
    struct situs_err err = refused(wr_span(&m.w), LOG_LAUNCH);
    expect_err(err, SITUS_DUPLICATE, "event.event_type", at + 4);

    make_log_start(&m, two);
    make_log_event(&m, 18, EVTYPE_MLE_HASH, SPAN_LIT("mle"), SPAN_LIT(""));
    err = refused(wr_span(&m.w), LOG_LAUNCH);
    expect_err(err, SITUS_MISSING, "event.event_type", 73);
}

static void log_bounds_hold(void **state)
{
    (void)state;
    static uint8_t big[LIMIT_LOG + 1];
    struct situs_err err = refused(SPAN_ARR(big), LOG_PCR);
    expect_err(err, SITUS_TOO_LONG, "log", LIMIT_LOG);

    static const uint8_t event[16 + 50] = {7, 0, 0, 0, 4, 0, 0, 0, 1, 0, 0, 0, 12};
    struct make_log m;
    make_log_start(&m, (const enum hash[]){HASH_SHA384, HASH_NONE});
    memcpy(big, m.bytes, m.w.n);
    for (size_t i = 0; i <= LIMIT_LOG_EVENTS; i++)
        memcpy(big + m.w.n + i * sizeof event, event, sizeof event);
    size_t most = m.w.n + LIMIT_LOG_EVENTS * sizeof event;
    err = refused(span_of(big, most + sizeof event), LOG_PCR);
    expect_err(err, SITUS_TOO_LONG, "event", most);
    uint8_t room[4096];
    struct arena a = arena_new(room, sizeof room);
    struct events out;
    err = (struct situs_err){0};
    assert_false(tcg_log_read(&out, span_of(big, most), LOG_PCR, "log", &a, &err));
    expect_err(err, SITUS_NO_MEMORY, "event", SITUS_NO_OFFSET);
    assert_int_equal(make_log_load(span_of(big, most), LOG_PCR).n, LIMIT_LOG_EVENTS);
}

static void real_logs_are_read_whole(void **state)
{
    (void)state;
    vectors_need();
    static const struct {
        const char *path;
        enum log_kind kind;
        size_t n, size;
    } rows[] = {
        {"eventlogs/arch-linux-workstation.bin", LOG_PCR, 24, 15579},
        {"eventlogs/gcp-tdx-vtpm.bin", LOG_PCR, 45, 29812},
        {"eventlogs/rhel8-uefi.bin", LOG_PCR, 82, 34034},
        {"eventlogs/ubuntu-2104-no-secure-boot.bin", LOG_PCR, 105, 38268},
        {"eventlogs/ubuntu-2404-amd-sevsnp.bin", LOG_PCR, 116, 45300},
        {"lab/direct-crb/binary_bios_measurements", LOG_PCR, 24, 3136},
        {"lab/uki-crb/binary_bios_measurements", LOG_PCR, 36, 5080},
        {"tpm/gce-cos-85/event_log.bin", LOG_PCR, 44, 23970},
        {"tdx/gcp-cos113/ccel_data.dat", LOG_CCEL, 43, 18101},
        {"tdx/gcp-cos113/ccel_dupe_separator.bin", LOG_CCEL, 43, 18101},
        {"tdx/live-ccel/ccel.bin", LOG_CCEL, 20, 2120},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct events log = make_log_load(vectors_read(rows[i].path), rows[i].kind);
        assert_int_equal(log.n, rows[i].n);
        assert_int_equal(log.log.n, rows[i].size);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(log_reads_what_was_written),
        cmocka_unit_test(log_refuses_bad_fields),
        cmocka_unit_test(log_refuses_an_algorithm_twice),
        cmocka_unit_test(log_accepts_a_declared_unknown_algorithm),
        cmocka_unit_test(log_accepts_digests_in_any_order),
        cmocka_unit_test(log_of_a_tpm_may_lack_banks_of_the_header),
        cmocka_unit_test(log_cut_anywhere_inside_an_event_is_refused),
        cmocka_unit_test(log_padding_is_all_zero_or_all_ones),
        cmocka_unit_test(log_reads_no_action_of_register_minus_1),
        cmocka_unit_test(log_of_each_kind_extends_its_registers_only),
        cmocka_unit_test(ccel_without_sha384_is_refused),
        cmocka_unit_test(startup_locality_comes_once_and_first),
        cmocka_unit_test(an_h_crtm_is_the_first_value_of_pcr_0),
        cmocka_unit_test(launch_log_starts_with_one_hash_start),
        cmocka_unit_test(log_bounds_hold),
        cmocka_unit_test(real_logs_are_read_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
