/* Who asks a source, and who verifies what came, sees the cache and what must be read, and no other file (landlock(7)). */
#include "serve/world/serve_confine.h"
#include "support/test.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

struct place {
    char folder[32], cache[64], key[64], trust[64], kept[96];
};

static bool write_file(const char *path)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    bool ok = fd != -1 && write(fd, "x", 1) == 1;
    if (fd != -1)
        close(fd);
    return ok;
}

static bool reads(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd != -1)
        close(fd);
    return fd != -1;
}

static bool denied(bool done)
{
    return !done && errno == EACCES;
}

static int start(void **state)
{
    struct place *p = calloc(1, sizeof *p);
    strcpy(p->folder, "/tmp/fetcherXXXXXX");
    assert_non_null(mkdtemp(p->folder));
    snprintf(p->cache, sizeof p->cache, "%s/cache", p->folder);
    snprintf(p->key, sizeof p->key, "%s/issuer.key", p->folder);
    snprintf(p->trust, sizeof p->trust, "%s/trust.json", p->folder);
    snprintf(p->kept, sizeof p->kept, "%s/kept", p->cache);
    assert_int_equal(mkdir(p->cache, 0700), 0);
    assert_true(write_file(p->key) && write_file(p->trust));
    *state = p;
    return 0;
}

static int stop(void **state)
{
    struct place *p = *state;
    unlink(p->key);
    unlink(p->trust);
    unlink(p->kept);
    rmdir(p->cache);
    rmdir(p->folder);
    free(p);
    return 0;
}

/* confined is what a process finds once it is: the number of the first that is not as it should be; 0: none. */
static int confined(const struct place *p)
{
    const char *const more[] = {p->trust, NULL, "/nonexistent"};
    char other[96];
    snprintf(other, sizeof other, "%s/other", p->folder);
    if (!serve_confine_fetcher(p->cache, more, 3))
        return 1;
    if (!reads(p->trust) || !reads("/dev/null"))
        return 2;
    if (!denied(reads(p->key)))
        return 3;
    if (!denied(reads("/etc/passwd")))
        return 4;
    if (!denied(write_file(other)) || !denied(unlink(p->key) == 0))
        return 5;
    if (!denied(open(p->trust, O_WRONLY | O_CLOEXEC) != -1))
        return 6;
    return write_file(p->kept) && reads(p->kept) ? 0 : 7;
}

/* reading is the same of a process that verifies what the cache has. */
static int reading(const struct place *p)
{
    const char *const more[] = {p->cache, NULL};
    if (!write_file(p->kept) || !serve_confine_reader(more, 2))
        return 1;
    if (!reads(p->kept) || !reads("/dev/null"))
        return 2;
    if (!denied(reads(p->key)) || !denied(reads(p->trust)))
        return 3;
    return denied(open(p->kept, O_WRONLY | O_CLOEXEC) != -1) && denied(unlink(p->kept) == 0) ? 0
                                                                                             : 4;
}

static void passes(int (*found)(const struct place *p), const struct place *p)
{
    int status;
    if (syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION) < 1)
        skip();
    pid_t pid = fork();
    if (pid == 0)
        _exit(found(p));
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

static void who_asks_sees_the_cache_and_no_key(void **state)
{
    passes(confined, *state);
}

static void who_verifies_reads_the_cache_and_no_key(void **state)
{
    passes(reading, *state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(who_asks_sees_the_cache_and_no_key, start, stop),
        cmocka_unit_test_setup_teardown(who_verifies_reads_the_cache_and_no_key, start, stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
