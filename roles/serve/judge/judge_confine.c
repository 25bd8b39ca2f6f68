/* What a judge may: seccomp(2) by libseccomp, and limits; see judge.h. */
#include "serve/judge/judge.h"

#include "base/text.h"

#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#define DESCRIPTORS 16 /* socket, evidence, report */

/* Calls that give nothing that the process does not have, and chance: libcrypto blinds P-384's points with it, and asks
 * each time whether it is still the process that drew the last. */
static const int harmless[] = {
    SCMP_SYS(getpid), SCMP_SYS(getrandom), SCMP_SYS(brk),        SCMP_SYS(munmap),
    SCMP_SYS(mremap), SCMP_SYS(madvise),   SCMP_SYS(futex),      SCMP_SYS(memfd_create),
    SCMP_SYS(write),  SCMP_SYS(close),     SCMP_SYS(exit_group), SCMP_SYS(rt_sigreturn),
};

/* Those that are allowed with one argument under a mask only. */
static const struct {
    int call;
    struct scmp_arg_cmp only;
} bounded[] = {
    {SCMP_SYS(recvmsg), {0, SCMP_CMP_EQ, JUDGE_SOCKET, 0}},
    {SCMP_SYS(sendmsg), {0, SCMP_CMP_EQ, JUDGE_SOCKET, 0}},
    {SCMP_SYS(mmap), {2, SCMP_CMP_MASKED_EQ, PROT_EXEC, 0}},
    {SCMP_SYS(mprotect), {2, SCMP_CMP_MASKED_EQ, PROT_EXEC, 0}},
    {SCMP_SYS(fcntl), {1, SCMP_CMP_EQ, F_ADD_SEALS, 0}},
};

static bool allow(scmp_filter_ctx ctx)
{
    bool ok = ctx != NULL;
    for (size_t i = 0; ok && i < sizeof harmless / sizeof *harmless; i++)
        ok = seccomp_rule_add_array(ctx, SCMP_ACT_ALLOW, harmless[i], 0, NULL) == 0;
    for (size_t i = 0; ok && i < sizeof bounded / sizeof *bounded; i++)
        ok = seccomp_rule_add_array(ctx, SCMP_ACT_ALLOW, bounded[i].call, 1, &bounded[i].only) == 0;
    return ok;
}

/* compile leaves the filter's program in b: libseccomp takes longer for it than an appraisal does. */
static bool compile(struct judge_bounds *b)
{
    struct stat st = {.st_size = 0};
    scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_KILL_PROCESS);
    int fd = memfd_create("filter", MFD_CLOEXEC);
    bool ok = fd != -1 && allow(ctx) && seccomp_export_bpf(ctx, fd) == 0 && fstat(fd, &st) == 0;
    size_t n = (size_t)st.st_size / sizeof(struct sock_filter);
    b->n = (unsigned short)n;
    b->filter = ok && n && n <= BPF_MAXINSNS ? malloc(n * sizeof(struct sock_filter)) : NULL;
    ok = b->filter && pread(fd, b->filter, n * sizeof(struct sock_filter), 0) == st.st_size;
    if (fd != -1)
        close(fd);
    if (ctx)
        seccomp_release(ctx);
    return ok;
}

static bool limit(int what, rlim_t most)
{
    const struct rlimit r = {most, most};
    return setrlimit((__rlimit_resource_t)what, &r) == 0;
}

/* address_space is bytes of it now (proc(5), statm); 0: unknown. */
static rlim_t address_space(void)
{
    char text[128];
    uint64_t pages;
    FILE *f = fopen("/proc/self/statm", "re");
    if (!f)
        return 0;
    struct span rest = span_of(text, fread(text, 1, sizeof text, f));
    fclose(f);
    text_number(text_field(&rest, ' '), 1, INT64_MAX >> 16, &pages); /* or 0 */
    return (rlim_t)pages * (rlim_t)sysconf(_SC_PAGESIZE);
}

bool judge_bounds_new(struct judge_bounds *b, int64_t memory)
{
    rlim_t now = address_space();
    *b = (struct judge_bounds){.memory = now + (rlim_t)memory};
    return now != 0 && compile(b);
}

bool judge_confine(const struct judge_bounds *b)
{
    const struct sock_fprog filter = {b->n, b->filter};
    return limit(RLIMIT_AS, b->memory) && limit(RLIMIT_CORE, 0) &&
           limit(RLIMIT_FSIZE, JUDGE_REPORT_MAX) && limit(RLIMIT_NOFILE, DESCRIPTORS) &&
           prctl(PR_SET_DUMPABLE, 0) == 0 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0;
}
