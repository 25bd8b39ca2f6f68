/* appraise/measurements: of the partition table the reference may leave open what it says, not that it is one. */
#include "support/boots.h"
#include "support/make_log.h"
#include "support/test.h"

#include "appraise/boot_walk.h"

/* UEFI_GPT_DATA of n entries. */
static struct span partitions(uint8_t bytes[1024], size_t n, uint8_t content)
{
    memset(bytes, 0, 1024);
    memcpy(bytes, "EFI PART", 8);
    bytes[84] = 128;
    bytes[92] = (uint8_t)n;
    memset(bytes + 100, content, 128 * n);
    return span_of(bytes, 100 + 128 * n);
}

/* The partition table in both logs; td: what the CCEL says that it is. */
static void repartition(struct log_pair *p, struct span measured, struct span tpm, struct span td)
{
    struct log_pair_row *rows[] = {log_pair_find(&p->tpm, 5, EV_EFI_GPT_EVENT),
                                   log_pair_find(&p->td, 1, EV_EFI_GPT_EVENT)};
    for (size_t i = 0; i < 2; i++) {
        assert_true(digest(HASH_SHA384, measured, rows[i]->digest));
        rows[i]->data = i ? td : tpm;
    }
}

static void open_gpt(struct log_pair *p)
{
    boots_start(p, 0);
    p->image.rtmr1_listed = p->image.gpt_open = true;
    memcpy(p->image.gpt, log_pair_find(&p->tpm, 5, EV_EFI_GPT_EVENT)->digest, 48);
}

static void a_partition_table_may_be_open(void **state)
{
    (void)state;
    static uint8_t bytes[1024], other[1024];
    struct span grown = partitions(bytes, 2, 7), lie = partitions(other, 3, 7);
    struct log_pair p;
    open_gpt(&p);
    assert_true(log_pair_bound(&p));
    repartition(&p, grown, grown, grown);
    assert_true(log_pair_bound(&p));

    const struct {
        struct span measured, tpm, td;
    } wrong[] = {
        {grown, lie, grown},                                          /* data of another */
        {grown, grown, lie},                                          /* in the CCEL */
        {grown, grown, span_of(NULL, 0)},                             /* none there */
        {SPAN_LIT("kernel"), SPAN_LIT("kernel"), SPAN_LIT("kernel")}, /* no table */
        {span_cut(grown, 0, grown.n - 1), span_cut(grown, 0, grown.n - 1),
         span_cut(grown, 0, grown.n - 1)}, /* not whole */
        {partitions(other, 0, 0), span_of(other, 100), span_of(other, 100)},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        open_gpt(&p);
        lie = partitions(other, i == 5 ? 0 : 3, 7);
        repartition(&p, wrong[i].measured, wrong[i].tpm, wrong[i].td);
        assert_false(log_pair_bound(&p));
        expect_fail(p.c.findings, CHECK_REF_GUEST, SITUS_MISMATCH, "rtmr1");
    }
    open_gpt(&p);
    p.image.gpt_open = false;
    repartition(&p, grown, grown, grown);
    assert_false(log_pair_bound(&p));
    expect_fail(p.c.findings, CHECK_REF_GUEST, SITUS_MISMATCH, "rtmr1");
}

/* That one event is the hash of a table says nothing of the next. */
static void each_open_table_is_of_its_own_data(void **state)
{
    (void)state;
    static uint8_t bytes[3][1024];
    struct span grown = partitions(bytes[0], 2, 7), other = partitions(bytes[1], 1, 7);
    struct span lie = partitions(bytes[2], 3, 7);
    for (int lied = 0; lied < 2; lied++) {
        struct log_pair p;
        boots_start(&p, 0);
        struct log_pair_log *const logs[] = {&p.tpm, &p.td};
        struct log_pair_row *first[] = {log_pair_find(&p.tpm, 5, EV_EFI_GPT_EVENT),
                                        log_pair_find(&p.td, 1, EV_EFI_GPT_EVENT)};
        for (size_t k = 0; k < 2; k++)
            log_pair_insert(logs[k], (size_t)(first[k] - logs[k]->row), *first[k]);
        log_pair_refer(&p);
        p.image.rtmr1_listed = p.image.gpt_open = true;
        memcpy(p.image.gpt, first[0]->digest, 48);
        assert_true(log_pair_bound(&p));
        repartition(&p, grown, grown, grown);
        for (size_t k = 0; k < 2; k++) {
            assert_true(digest(HASH_SHA384, other, first[k][1].digest));
            first[k][1].data = lied ? lie : other;
        }
        assert_int_equal(log_pair_bound(&p), !lied);
        if (lied)
            expect_fail(p.c.findings, CHECK_REF_GUEST, SITUS_MISMATCH, "rtmr1");
    }
}

/* A table in the place of the image of the kernel: the open event is one, by its digest. */
static void only_the_partition_tables_event_is_open(void **state)
{
    (void)state;
    static uint8_t bytes[1024];
    struct span grown = partitions(bytes, 1, 7);
    struct log_pair p;
    open_gpt(&p);
    struct log_pair_row *rows[] = {
        log_pair_find(&p.tpm, 4, EV_EFI_BOOT_SERVICES_APPLICATION),
        log_pair_find(&p.td, 1, EV_EFI_BOOT_SERVICES_APPLICATION),
    };
    for (size_t i = 0; i < 2; i++) {
        assert_true(digest(HASH_SHA384, grown, rows[i]->digest));
        rows[i]->data = grown;
    }
    assert_false(log_pair_bound(&p));
    expect_fail(p.c.findings, CHECK_REF_GUEST, SITUS_MISMATCH, "rtmr1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_partition_table_may_be_open),
        cmocka_unit_test(each_open_table_is_of_its_own_data),
        cmocka_unit_test(only_the_partition_tables_event_is_open),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
