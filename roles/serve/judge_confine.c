/* What a judge may: seccomp(2) by libseccomp, and limits; see judge.h. */
#include "serve/judge.h"

#include "base/text.h"

#include <fcntl.h>
#include <seccomp.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#define DESCRIPTORS 16 /* socket, evidence, report */

/* Calls that give nothing that the process does not have. */
static const int harmless[] = {
    SCMP_SYS(brk),        SCMP_SYS(munmap),       SCMP_SYS(mremap), SCMP_SYS(madvise),
    SCMP_SYS(futex),      SCMP_SYS(memfd_create), SCMP_SYS(write),  SCMP_SYS(close),
    SCMP_SYS(exit_group), SCMP_SYS(rt_sigreturn),
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

static bool filter(void)
{
    scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_KILL_PROCESS);
    bool ok = ctx != NULL;
    for (size_t i = 0; ok && i < sizeof harmless / sizeof *harmless; i++)
        ok = seccomp_rule_add_array(ctx, SCMP_ACT_ALLOW, harmless[i], 0, NULL) == 0;
    for (size_t i = 0; ok && i < sizeof bounded / sizeof *bounded; i++)
        ok = seccomp_rule_add_array(ctx, SCMP_ACT_ALLOW, bounded[i].call, 1, &bounded[i].only) == 0;
    ok = ok && seccomp_load(ctx) == 0;
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

bool judge_confine(int64_t memory)
{
    rlim_t now = address_space();
    return now != 0 && limit(RLIMIT_AS, now + (rlim_t)memory) && limit(RLIMIT_CORE, 0) &&
           limit(RLIMIT_FSIZE, JUDGE_REPORT_MAX) && limit(RLIMIT_NOFILE, DESCRIPTORS) &&
           prctl(PR_SET_DUMPABLE, 0) == 0 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           filter();
}
