/* Files; see serve_confine.h. */
#include "serve/world/serve_confine.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Rights of landlock's first version, which every later one has. */
#define READ (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_EXECUTE)
#define LIST LANDLOCK_ACCESS_FS_READ_DIR /* of folders alone */
#define WRITE                                                        \
    (LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR | \
     LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG)
#define REST                                                                                      \
    (LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO | \
     LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_SYM)
#define OF_FILES (READ | LANDLOCK_ACCESS_FS_WRITE_FILE)

/* What any program reads. What is not there is not asked for. */
static const char *const common[] = {
    "/usr",      "/lib",         "/lib64",           "/proc",
    "/dev/null", "/dev/urandom", "/etc/ld.so.cache", "/etc/localtime",
};

/* And what one with libcurl does: certificates, and what getaddrinfo(3) looks into. */
static const char *const network[] = {
    "/etc/ssl",       "/etc/ca-certificates", "/etc/pki",           "/etc/hosts",
    "/etc/host.conf", "/etc/gai.conf",        "/etc/nsswitch.conf", "/etc/resolv.conf",
    "/etc/services",  "/run/systemd/resolve", "/run/resolvconf",
};
#define N(list) (sizeof(list) / sizeof *(list))

static bool allow(int ruleset, const char *path, uint64_t rights)
{
    struct landlock_path_beneath_attr rule = {.parent_fd = open(path, O_PATH | O_CLOEXEC)};
    struct stat st;
    if (rule.parent_fd == -1)
        return errno == ENOENT || errno == EACCES;
    bool folder = fstat(rule.parent_fd, &st) == 0 && S_ISDIR(st.st_mode);
    rule.allowed_access = folder ? rights : rights & OF_FILES;
    bool ok = syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) == 0;
    close(rule.parent_fd);
    return ok;
}

static bool allow_all(int ruleset, const char *const *paths, size_t n)
{
    bool ok = true;
    for (size_t i = 0; ok && i < n; i++)
        ok = !paths[i] || allow(ruleset, paths[i], READ | LIST);
    return ok;
}

/* new_rules is a ruleset that allows nothing yet; -1 and true: there is none to have. Of making one landlock itself never
 * says EPERM: that is the filter of a container (systemd-nspawn's own lets nobody ask). */
static bool new_rules(int *ruleset)
{
    const struct landlock_ruleset_attr all = {.handled_access_fs = READ | LIST | WRITE | REST};
    *ruleset = (int)syscall(SYS_landlock_create_ruleset, &all, sizeof all, 0);
    return *ruleset != -1 || errno == ENOSYS || errno == EOPNOTSUPP || errno == EPERM;
}

/* obey takes what the ruleset does not allow, for good; it is closed. */
static bool obey(int ruleset, bool ok)
{
    ok = ok && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         syscall(SYS_landlock_restrict_self, ruleset, 0) == 0;
    close(ruleset);
    return ok;
}

bool serve_confine_fetcher(const char *cache, const char *const *reads, size_t n)
{
    int ruleset;
    bool ok = new_rules(&ruleset);
    return ruleset == -1 ? ok
                         : obey(ruleset, (!cache || allow(ruleset, cache, READ | LIST | WRITE)) &&
                                             allow_all(ruleset, common, N(common)) &&
                                             allow_all(ruleset, network, N(network)) &&
                                             allow_all(ruleset, reads, n));
}

bool serve_confine_reader(const char *const *reads, size_t n)
{
    int ruleset;
    bool ok = new_rules(&ruleset);
    return ruleset == -1 ? ok
                         : obey(ruleset, allow_all(ruleset, common, N(common)) &&
                                             allow_all(ruleset, reads, n));
}
