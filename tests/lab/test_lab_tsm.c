/* lab/tsm: the rules of configfs-tsm, by calls and, where this machine can, through the file
 * system. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lab/platform/lab_qgs.h"
#include "lab/process/lab_process.h"
#include "lab/tsm/lab_tsm.h"
#include "support/test.h"

static struct {
    struct lab_world *w;
    struct lab_cpu cpu;
    struct lab_td td;
    char directory[32], qgs[64], mount[64];
    pid_t service;
} lab;

static int set_up(void **state)
{
    (void)state;
    strcpy(lab.directory, "/tmp/situs-XXXXXX");
    assert_non_null(mkdtemp(lab.directory));
    snprintf(lab.qgs, sizeof lab.qgs, "%s/qgs.sock", lab.directory);
    snprintf(lab.mount, sizeof lab.mount, "%s/tsm", lab.directory);
    assert_int_equal(mkdir(lab.mount, 0700), 0);
    lab.w = lab_world_new(INT64_C(1800000000));
    lab.cpu = lab_cpu_new(lab.w, 0);
    lab.td = lab_td_build(&lab.cpu, SPAN_LIT("firmware"));
    lab.service = lab_qgs_start(&lab.cpu, lab.qgs);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    lab_process_stop(lab.service);
    unlink(lab.qgs);
    rmdir(lab.mount);
    rmdir(lab.directory);
    lab_world_free(lab.w);
    return 0;
}

static void report_follows_the_kernels_rules(void **state)
{
    (void)state;
    struct lab_tsm t = lab_tsm_new(&lab.td, lab.qgs);
    uint8_t out[16384], in[65] = {1};
    assert_int_equal(lab_tsm_make(&t, "a"), 0);
    assert_int_equal(lab_tsm_make(&t, "a"), -EEXIST);
    assert_int_equal(lab_tsm_read(&t, "a/outblob", out, sizeof out), -EINVAL);
    assert_int_equal(lab_tsm_read(&t, "a/generation", out, sizeof out), 2);
    assert_memory_equal(out, "0\n", 2);
    assert_int_equal(lab_tsm_write(&t, "a/inblob", span_of(in, 65)), -EFBIG);
    assert_int_equal(lab_tsm_write(&t, "a/inblob", span_of(in, 64)), 0);
    assert_int_equal(lab_tsm_write(&t, "a/provider", span_of(in, 64)), -EACCES);
    assert_true(lab_tsm_read(&t, "a/outblob", out, sizeof out) > 1000);
    assert_int_equal(lab_tsm_read(&t, "a/generation", out, sizeof out), 2);
    assert_memory_equal(out, "1\n", 2);
    assert_int_equal(lab_tsm_read(&t, "a/provider", out, sizeof out), 10);
    assert_int_equal(lab_tsm_remove(&t, "a"), 0);
    assert_int_equal(lab_tsm_read(&t, "a/outblob", out, sizeof out), -ENOENT);
}

static void an_snp_guest_has_levels_and_certificates(void **state)
{
    (void)state;
    struct lab_snp amd = lab_snp_new(lab.w);
    struct lab_snp_chip chip = lab_snp_chip_new(&amd, 0);
    struct lab_snp_guest guest = lab_snp_guest_launch(&chip, (uint8_t[48]){1});
    struct lab_tsm t = lab_tsm_snp(&guest);
    uint8_t out[16384], in[64] = {1};
    t.floor = 1;
    assert_int_equal(lab_tsm_make(&t, "a"), 0);
    assert_int_equal(lab_tsm_read(&t, "a/provider", out, sizeof out), 10);
    assert_memory_equal(out, "sev_guest\n", 10);
    assert_int_equal(lab_tsm_read(&t, "a/privlevel_floor", out, sizeof out), 2);
    assert_int_equal(lab_tsm_write(&t, "a/inblob", SPAN_ARR(in)), 0);
    assert_int_equal(lab_tsm_read(&t, "a/outblob", out, sizeof out), -EIO); /* at level 0 */
    assert_int_equal(lab_tsm_write(&t, "a/privlevel", SPAN_LIT("0")), -EINVAL);
    assert_int_equal(lab_tsm_write(&t, "a/privlevel", SPAN_LIT("1")), 0);
    assert_int_equal(lab_tsm_read(&t, "a/auxblob", out, sizeof out), guest.table.n);
    assert_int_equal(lab_tsm_read(&t, "a/outblob", out, sizeof out), LAB_SNP_REPORT);
    assert_int_equal(out[0x030], 1);
    assert_memory_equal(out + 0x050, in, 64);
    lab_snp_free(&amd);
}

static void quote_service_that_fails_is_an_io_error(void **state)
{
    (void)state;
    struct lab_cpu other = lab_cpu_new(lab.w, 1);
    struct lab_td foreign = lab_td_build(&other, SPAN_LIT("firmware"));
    struct lab_tsm t = lab_tsm_new(&foreign, lab.qgs); /* a TD that this service cannot quote */
    uint8_t out[16384], in[64] = {1};
    assert_int_equal(lab_tsm_make(&t, "a"), 0);
    assert_int_equal(lab_tsm_write(&t, "a/inblob", SPAN_ARR(in)), 0);
    assert_int_equal(lab_tsm_read(&t, "a/outblob", out, sizeof out), -EIO);
}

static int write_at(const char *name, const uint8_t *bytes, size_t n)
{
    char path[96];
    snprintf(path, sizeof path, "%s/%s", lab.mount, name);
    int fd = open(path, O_WRONLY);
    int code = fd < 0 || write(fd, bytes, n) != (ssize_t)n ? errno : 0;
    close(fd);
    return code;
}

static ssize_t read_at(const char *name, uint8_t *out, size_t room)
{
    char path[96];
    snprintf(path, sizeof path, "%s/%s", lab.mount, name);
    int fd = open(path, O_RDONLY);
    ssize_t n = fd < 0 ? -1 : read(fd, out, room);
    close(fd);
    return n;
}

static void file_system_is_the_same(void **state)
{
    (void)state;
    struct lab_tsm t = lab_tsm_new(&lab.td, lab.qgs);
    uint8_t out[16384], in[65] = {1};
    char path[96];
    pid_t fs = lab_tsm_mount(&t, lab.mount);
    if (fs == 0) {
        print_message("no FUSE here: not tested\n");
        skip();
    }
    snprintf(path, sizeof path, "%s/a", lab.mount);
    assert_int_equal(mkdir(path, 0700), 0);
    assert_int_equal(read_at("a/outblob", out, sizeof out), -1);
    assert_int_equal(errno, EINVAL);
    assert_int_equal(write_at("a/inblob", in, 65), EFBIG);
    assert_int_equal(write_at("a/inblob", in, 64), 0);
    assert_true(read_at("a/outblob", out, sizeof out) > 1000);
    assert_int_equal(out[0], 4); /* version of the quote */
    assert_int_equal(read_at("a/generation", out, sizeof out), 2);
    assert_memory_equal(out, "1\n", 2);
    assert_int_equal(rmdir(path), 0);
    lab_tsm_unmount(fs, lab.mount);
    assert_false(lab_process_alive(fs));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(report_follows_the_kernels_rules),
        cmocka_unit_test(an_snp_guest_has_levels_and_certificates),
        cmocka_unit_test(quote_service_that_fails_is_an_io_error),
        cmocka_unit_test(file_system_is_the_same),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
