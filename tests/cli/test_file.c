/* cli/file and cli/dir: nothing over its limit is read, nothing half-written is left. */
#include "support/test.h"

#include "collateral/collateral_state.h"
#include "frame/dir.h"
#include "situs/door.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char root[64];

static const char *at(const char *name)
{
    static char path[256];
    snprintf(path, sizeof path, "%s/%s", root, name);
    return path;
}

static void put(const char *name, const char *text)
{
    FILE *f = fopen(at(name), "w");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

static int make_root(void **state)
{
    (void)state;
    snprintf(root, sizeof root, "/tmp/situs-test.XXXXXX");
    return mkdtemp(root) ? 0 : -1;
}

static int drop_root(void **state)
{
    (void)state;
    char command[128];
    snprintf(command, sizeof command, "rm -rf %s", root);
    return system(command);
}

static void files_are_read_up_to_their_limit(void **state)
{
    (void)state;
    struct situs_err err = {0};
    struct file f;
    put("five", "12345");
    assert_true(file_read(&f, at("five"), 5, &err));
    assert_true(span_equal(file_span(&f), SPAN_LIT("12345")));
    file_free(&f);
    assert_false(file_read(&f, at("five"), 4, &err));
    expect_err(err, SITUS_TOO_LONG, "size", SITUS_NO_OFFSET);
    assert_int_equal(file_exit(&err), 2);
    assert_null(f.p);
}

static void a_huge_file_is_refused_before_it_is_read(void **state)
{
    (void)state;
    struct situs_err err = {0};
    struct file f;
    put("huge", "");
    assert_int_equal(truncate(at("huge"), (off_t)1 << 40), 0);
    assert_false(file_read(&f, at("huge"), 1024, &err));
    expect_err(err, SITUS_TOO_LONG, "size", SITUS_NO_OFFSET);
}

static void what_is_no_file_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {"/tmp", "/dev/zero", "/no/such/file", ""};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct situs_err err = {0};
        struct file f;
        if (file_read(&f, bad[i], 1024, &err))
            fail_msg("read %s", bad[i]);
        assert_string_equal(err_code_name(err.code), "missing");
        assert_int_equal(file_exit(&err), 1);
    }
}

static void a_pipe_without_a_writer_does_not_hang(void **state)
{
    (void)state;
    struct situs_err err = {0};
    struct file f;
    assert_int_equal(mkfifo(at("pipe"), 0600), 0);
    assert_true(file_read(&f, at("pipe"), 16, &err));
    assert_int_equal(f.n, 0);
    file_free(&f);
}

static void a_file_of_unknown_size_grows(void **state)
{
    (void)state;
    struct situs_err err = {0};
    struct file f;
    assert_true(file_read(&f, "/proc/self/status", 1 << 20, &err)); /* st_size is 0 */
    assert_true(f.n > 100);
    file_free(&f);
    assert_false(file_read(&f, "/proc/self/status", 10, &err));
    expect_err(err, SITUS_TOO_LONG, "size", SITUS_NO_OFFSET);
}

static void a_write_replaces_whole_files_only(void **state)
{
    (void)state;
    struct situs_err err = {0};
    struct file f;
    put("old", "old");
    assert_true(file_write(at("old"), SPAN_LIT("new"), &err));
    assert_true(file_read(&f, at("old"), 16, &err));
    assert_true(span_equal(file_span(&f), SPAN_LIT("new")));
    file_free(&f);
    assert_false(file_write("/dev/full", SPAN_LIT("x"), &err)); /* must not replace a device */
    assert_string_equal(err_code_name(err.code), "missing");
    struct stat st;
    assert_true(stat("/dev/full", &st) == 0 && S_ISCHR(st.st_mode));
    err = (struct situs_err){0};
    assert_false(file_write(at("no/such/directory"), SPAN_LIT("x"), &err));
}

/* Whoever may write where a file is to go leads nobody's output into another file. */
static void a_link_in_the_place_of_a_file_is_replaced(void **state)
{
    (void)state;
    struct situs_err err = {0};
    struct file f;
    struct stat st;
    char link[512];
    put("kept", "mine");
    snprintf(link, sizeof link, "%s", at("alias"));
    assert_int_equal(symlink("kept", link), 0);
    assert_true(file_write(link, SPAN_LIT("new"), &err));
    assert_true(lstat(link, &st) == 0 && S_ISREG(st.st_mode));
    assert_true(file_read(&f, at("kept"), 16, &err));
    assert_true(span_equal(file_span(&f), SPAN_LIT("mine")));
    file_free(&f);
}

static void directories_are_replaced_whole(void **state)
{
    (void)state;
    struct situs_err err = {0};
    struct dir d = {0}, back = {0};
    char path[512];
    snprintf(path, sizeof path, "%s/", at("set"));
    assert_true(dir_put(&d, "root.crl", SPAN_LIT("1"), &err));
    assert_true(dir_put(&d, "tdx-qe.json", SPAN_LIT("2"), &err));
    assert_true(dir_write(&d, path, collateral_ours, &err));
    assert_true(dir_put(&d, "root.crl", SPAN_LIT("3"), &err));
    assert_int_equal(d.n, 2);
    assert_true(dir_write(&d, path, collateral_ours, &err));
    assert_true(dir_read(&back, path, 100, &err));
    assert_int_equal(back.n, 2);
    assert_string_equal(back.v[0].name, "root.crl");
    assert_int_equal(back.v[0].p[0], '3');
    dir_free(&back);
    put("set/.hidden", "mine"); /* a stranger's file: the directory is not ours to replace */
    assert_false(dir_write(&d, path, collateral_ours, &err));
    assert_string_equal(err.got, ".hidden");
    assert_int_equal(access(at("set/.hidden"), F_OK), 0);
    dir_free(&d);
    char command[128]; /* nothing temporary is left */
    snprintf(command, sizeof command, "test $(ls -d %s/set* | wc -l) = 1", root);
    assert_int_equal(system(command), 0);
}

static void a_link_leads_to_the_set_that_is_replaced(void **state)
{
    (void)state;
    struct situs_err err = {0};
    struct dir d = {0}, back = {0};
    char link[512];
    snprintf(link, sizeof link, "%s", at("link"));
    assert_true(dir_put(&d, "root.crl", SPAN_LIT("1"), &err));
    assert_true(dir_write(&d, at("real"), collateral_ours, &err));
    assert_int_equal(symlink("real", link), 0);
    assert_true(dir_put(&d, "root.crl", SPAN_LIT("2"), &err));
    assert_true(dir_write(&d, link, collateral_ours, &err));
    assert_true(dir_read(&back, at("real"), 100, &err));
    assert_int_equal(back.n, 1);
    assert_int_equal(back.v[0].p[0], '2');
    dir_free(&back);
    assert_int_equal(unlink(link), 0); /* a link as before */
    assert_int_equal(symlink("absent", link), 0);
    assert_true(
        dir_write(&d, link, collateral_ours, &err)); /* one that leads nowhere is replaced */
    assert_true(dir_read(&back, link, 100, &err));
    assert_int_equal(back.n, 1);
    dir_free(&back);
    dir_free(&d);
    char command[256]; /* nothing temporary is left */
    snprintf(command, sizeof command, "test $(ls -d %s/link* %s/real* | wc -l) = 2", root, root);
    assert_int_equal(system(command), 0);
}

static void only_plain_names_are_put(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",    ".x", "..",
        "a/b", "/x", "0123456789012345678901234567890123456789012345678901234567890123"};
    struct dir d = {0};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct situs_err err = {0};
        assert_false(dir_put(&d, bad[i], SPAN_LIT("x"), &err));
        assert_string_equal(err.part, "file name");
    }
    dir_free(&d);
}

static void names_of_collateral_are_known(void **state)
{
    (void)state;
    static const char *const good[] = {"tdx-qe.json", "root.crl", "cert-0123456789abcdef.pem",
                                       "sgx-tcb-00906ed50000.json", "tdx-tcb-b0c06f000000.json"};
    static const char *const bad[] = {"tdx-tcb-b0c06f00000.json",
                                      "tdx-tcb-b0c06f0000000.json",
                                      "tdx-tcb-.json",
                                      "amd-tcb-b0c06f000000.json",
                                      "notes.txt",
                                      "tdx-tcb-b0c06f000000",
                                      "tdx-tcb-b0c06f000000.jsonx"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_true(collateral_ours(good[i]));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(collateral_ours(bad[i]));
}

static void no_answer_is_of_an_earlier_recovery(void **state)
{
    (void)state;
    struct situs_err err = {0};
    const struct tcb_info info = {.evaluation_number = 17, .valid = {200, 300}}, /* issued later */
        old_info = {.evaluation_number = 18, .valid = {100, 200}};
    const struct qe_identity qe = {.evaluation_number = 17, .valid = {200, 300}},
                             old_qe = {.evaluation_number = 18, .valid = {100, 200}};
    const struct situs_snapshot infos = {.collateral.intel = {.infos = &info, .n_infos = 1}},
                                old_infos = {.collateral.intel = {.infos = &old_info,
                                                                  .n_infos = 1}},
                                qes = {.collateral.intel = {.qes = &qe, .n_qes = 1}},
                                old_qes = {.collateral.intel = {.qes = &old_qe, .n_qes = 1}};
    assert_false(collateral_not_older(&infos, &old_infos, &err));
    assert_string_equal(err.field, "tcbEvaluationDataNumber");
    assert_string_equal(err.got, "17");
    err = (struct situs_err){0};
    assert_false(collateral_not_older(&qes, &old_qes, &err));
    assert_string_equal(err.part, "QE identity sgx");
    err = (struct situs_err){0};
    assert_true(collateral_not_older(&infos, &infos, &err));
    assert_true(collateral_not_older(&infos, &old_qes, &err)); /* nothing is held of it */
    assert_false(collateral_not_older(&old_infos, &infos, &err));
    assert_string_equal(err.field, "valid from");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_are_read_up_to_their_limit),
        cmocka_unit_test(a_huge_file_is_refused_before_it_is_read),
        cmocka_unit_test(what_is_no_file_is_refused),
        cmocka_unit_test(a_pipe_without_a_writer_does_not_hang),
        cmocka_unit_test(a_file_of_unknown_size_grows),
        cmocka_unit_test(a_write_replaces_whole_files_only),
        cmocka_unit_test(a_link_in_the_place_of_a_file_is_replaced),
        cmocka_unit_test(directories_are_replaced_whole),
        cmocka_unit_test(a_link_leads_to_the_set_that_is_replaced),
        cmocka_unit_test(only_plain_names_are_put),
        cmocka_unit_test(names_of_collateral_are_known),
        cmocka_unit_test(no_answer_is_of_an_earlier_recovery),
    };
    return cmocka_run_group_tests(tests, make_root, drop_root);
}
