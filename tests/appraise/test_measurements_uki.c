/*
 * appraise/measurements on a real measured boot of a unified kernel image: OVMF, systemd-stub and
 * Linux's EFI stub into a TPM (QEMU and swtpm; docs/DESIGN.md 5).
 */
#include "support/log_pair.h"
#include "support/make_log.h"
#include "support/test.h"
#include "support/vectors.h"

static const uint8_t zero4[4];

static bool in_td(const struct event *e)
{
    if (e->type == EV_SEPARATOR)
        return e->index == 2 || e->index == 7;
    return e->index != 0 && e->type != EV_EVENT_TAG; /* Linux's stub measures once: into the TPM */
}

/* A real measured boot of a unified kernel image: OVMF, systemd-stub and Linux's stub into a TPM.
 * The TD's side is made from it: systemd-stub measures its sections into both. */
static void start(struct log_pair *p)
{
    static const uint8_t rtmr[16] = {0, 0, 1, 1, 1, 1, 1, 0, 2, 2, 2, 2, 2, 2, 2, 2};
    static struct make_log m;
    static uint8_t bytes[MAKE_LOG_ROOM];
    struct events tcg =
        make_log_load(vectors_read("lab/uki-crb/binary_bios_measurements"), LOG_PCR);
    log_pair_start(p);
    make_log_start(&m, (const enum hash[]){HASH_SHA384, HASH_NONE});
    make_log_event(&m, 1, EV_EFI_HANDOFF_TABLES2, SPAN_LIT("hob"), SPAN_LIT("hob"));
    make_log_event(&m, 1, EV_EFI_PLATFORM_FIRMWARE_BLOB2, SPAN_LIT("cfv"), SPAN_LIT("cfv"));
    for (size_t i = 0; i < tcg.n; i++) {
        const struct event *e = &tcg.v[i];
        struct span digest = events_digest(&tcg, e, events_bank(&tcg, HASH_SHA384));
        memcpy(log_pair_add(p, e->index, e->type, SPAN_ARR(zero4), events_data(&tcg, e))->digest,
               digest.p, 48);
        if (in_td(e))
            make_log_digest(&m, rtmr[e->index] + 1u, e->type, digest, events_data(&tcg, e));
    }
    p->ccel = make_log_read(&m, LOG_CCEL);
    memcpy(bytes, p->ccel.log.p, p->ccel.log.n); /* log_pair_bound builds its own log */
    p->ccel.log.p = bytes;
    p->profile = SPAN_LIT("ovmf");
    claim_bytes(&p->c.td, CLAIM_MRTD, SPAN_ARR(p->image.mrtd));
    log_pair_measure(p);
}

static struct log_pair_row *stub_initrd(struct log_pair *p)
{
    for (size_t i = 0; i < p->n; i++)
        if (p->row[i].type == EV_EVENT_TAG && p->row[i].data.p[0] == 0xec)
            return &p->row[i];
    fail_msg("no such row");
    return NULL;
}

static struct log_pair_row *section_initrd(struct log_pair *p)
{
    const struct log_pair_row *stub = stub_initrd(p);
    for (size_t i = 0; i < p->n; i++)
        if (p->row[i].pcr == 11 && memcmp(p->row[i].digest, stub->digest, 48) == 0)
            return &p->row[i];
    fail_msg("no such row");
    return NULL;
}

/* The initrd of Linux's stub in PCR 9 is the section .initrd, which PCR 11 and RTMR2 have. */
static void one_boot_of_a_unified_kernel_image_is_accepted(void **state)
{
    (void)state;
    vectors_need();
    struct log_pair p;
    start(&p);
    assert_ptr_not_equal(section_initrd(&p), stub_initrd(&p));
    if (!log_pair_bound(&p)) {
        const struct situs_err *why = p.c.findings.v[CHECK_BIND_MEASUREMENTS].why;
        fail_msg("%s: expected %s, got %s", why->field, why->expected, why->got);
    }
    assert_int_equal(p.out.tpm_only, 2);
    assert_int_equal(p.out.td_only, 2);
}

/* The event too many is the stub's, once: no other, and no second one. */
static void only_one_event_of_the_stub_may_be_too_many(void **state)
{
    (void)state;
    vectors_need();
    struct log_pair p;
    start(&p);
    p.row[p.n] = *stub_initrd(&p);
    p.n++;
    log_pair_refused(&p, SITUS_MISSING, "pcr9");
    start(&p);
    stub_initrd(&p)->type = EV_IPL;
    log_pair_refused(&p, SITUS_MISSING, "rtmr2");
    start(&p);
    stub_initrd(&p)->pcr = 12;
    log_pair_refused(&p, SITUS_MISSING, "rtmr2");
}

static void what_only_the_tpm_measured_stands_for_no_section(void **state)
{
    (void)state;
    vectors_need();
    struct log_pair p;
    start(&p);
    struct log_pair_row *section = section_initrd(&p);
    section->digest[0] ^= 1; /* own initrd in PCR 11, the honest one in PCR 9 */
    log_pair_refused(&p, SITUS_MISSING, "pcr11");
    start(&p);
    section = section_initrd(&p);
    section->digest[0] ^= 1; /* and in both */
    stub_initrd(&p)->digest[0] ^= 1;
    log_pair_refused(&p, SITUS_MISSING, "pcr11");
    start(&p);
    log_pair_remove(&p, section_initrd(&p)); /* the stub's event does not take its place */
    log_pair_refused(&p, SITUS_MISSING, "rtmr2");
    start(&p);
    section_initrd(&p)->pcr = 13; /* nor where an unquoted register says that it was there */
    log_pair_refused(&p, SITUS_MISSING, "rtmr2");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_boot_of_a_unified_kernel_image_is_accepted),
        cmocka_unit_test(only_one_event_of_the_stub_may_be_too_many),
        cmocka_unit_test(what_only_the_tpm_measured_stands_for_no_section),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
