/*
 * lab-watched FOLDER N: N managed machines for a service that watches them, each an attester over TLS on a port of its own.
 * Files of what a policy needs go into FOLDER (policy.json, trust.json, collateral.json); each machine's line on stdout is
 * its AK's Name and its address. What it answers is true and signed for each question, unless it is told otherwise on stdin:
 *
 *   I well     answers
 *   I silent   takes the question and answers nothing
 *   I ill      answers with its own keys what was asked in another challenge
 *   I boot     starts again: another reset count, and well
 *
 * Each line is answered by one, and counts for all questions that are read after it. Before an answer leaves, FOLDER/answers
 * has a line of it: milliseconds of the wall's clock, machine, reset count, "well" or "ill". Ends with stdin.
 */
#include "lab/attacks/lab_judge.h"
#include "lab/intel/lab_collateral.h"

#include "base/text.h"
#include "wire/attest_answer.h"
#include "wire/tls.h"
#include "wire/wire.h"

#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MACHINES 4096

enum mode { WELL, SILENT, ILL };

/* What all processes of the machines share. */
struct told {
    _Atomic int mode;
    _Atomic unsigned boots;
};

struct machine {
    size_t i;
    struct told *told;
    struct lab_stage *stage;
    struct lab_judge *judge;
    struct lab_vm vm;
    char name[16];
    int log, listener;
};

static int64_t milliseconds(clockid_t clock)
{
    struct timespec t = {0};
    clock_gettime(clock, &t);
    return t.tv_sec * INT64_C(1000) + t.tv_nsec / 1000000;
}

static bool put(const char *name, struct span s)
{
    FILE *f = fopen(name, "wb");
    bool ok = f && fwrite(s.p, 1, s.n, f) == s.n;
    return f && fclose(f) == 0 && ok;
}

static struct span certificate(const struct machine *m)
{
    const struct lab_identity who = {"lab-hall-1", m->name, 1,
                                     m->stage->cpu[CLOUD_A].platform.piid};
    return lab_stage_certify(m->stage, &m->stage->provider, &m->vm.vtpm, &who);
}

/* answer is the life of one question, in a process of its own. */
static bool answer(void *context, struct span question, struct wr *w, int *stream)
{
    struct machine *m = context;
    struct situs_err why = {0};
    uint8_t nonce[BIND_NONCE_SIZE];
    char line[64];
    unsigned boots = atomic_load(&m->told->boots);
    int mode = atomic_load(&m->told->mode);
    (void)stream;
    if (mode == SILENT || !attest_question_read(question, nonce, &why))
        return false;
    nonce[0] ^= mode == ILL;
    m->vm.vtpm.reset_count += boots;
    m->vm.vtpm.clock = (uint64_t)milliseconds(CLOCK_BOOTTIME);
    if (boots)
        m->vm.ak_cert = certificate(m);
    struct lab_evidence e = lab_vm_attest(&m->vm, LAB_SITUS, nonce);
    int n = snprintf(line, sizeof line, "%lld %zu %u %s\n", (long long)milliseconds(CLOCK_REALTIME),
                     m->i, m->vm.vtpm.reset_count, mode == ILL ? "ill" : "well");
    return write(m->log, line, (size_t)n) == n &&
           attest_answer_write(w, lab_judge_bundle(m->judge, &e), m->vm.spki);
}

static _Noreturn void live(struct machine *m, const int stop[2], pid_t parent)
{
    const struct tls_handler handler = {m, ATTEST_QUESTION_MAX, "attester", answer};
    struct situs_err err = {0};
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent)
        _exit(1);
    close(stop[1]); /* its end is that of the one who began it */
    _exit(tls_serve(m->listener, m->vm.channel, &handler, stop[0], &err) ? 0 : 1);
}

static bool begin(struct machine *m, const int stop[2])
{
    struct lab_boot boot = lab_firmware_boot();
    struct situs_err err = {0};
    uint8_t ak[34];
    char address[64], hex[2 * sizeof ak + 1];
    pid_t parent = getpid();
    snprintf(m->name, sizeof m->name, "watched-%zu", m->i);
    m->vm = lab_stage_vm(m->stage, CLOUD_A, &boot, &boot);
    m->vm.ak_cert = certificate(m);
    m->listener = tls_listen("127.0.0.1:0", address, &err);
    lab_soft_ak_name(&m->vm.vtpm, ak);
    if (m->listener < 0)
        return false;
    pid_t pid = fork();
    if (pid == 0)
        live(m, stop, parent);
    close(m->listener);
    lab_vm_free(&m->vm);
    printf("%s %s\n", text_hex(hex, sizeof hex, SPAN_ARR(ak)), address);
    return pid > 0;
}

/* hear takes one line; false: it is none. */
static bool hear(struct told *told, size_t n, const char *line)
{
    static const char *const words[] = {[WELL] = "well", [SILENT] = "silent", [ILL] = "ill"};
    char word[16];
    size_t i;
    if (sscanf(line, "%zu %15s", &i, word) != 2 || i >= n)
        return false;
    if (strcmp(word, "boot") == 0) {
        atomic_fetch_add(&told[i].boots, 1);
        atomic_store(&told[i].mode, WELL);
        return true;
    }
    for (int mode = WELL; mode <= ILL; mode++)
        if (strcmp(word, words[mode]) == 0) {
            atomic_store(&told[i].mode, mode);
            return true;
        }
    return false;
}

static bool serve(struct lab_stage *stage, struct lab_judge *j, size_t n)
{
    int stop[2], log = open("answers", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    struct told *told = mmap(NULL, MACHINES * sizeof *told, PROT_READ | PROT_WRITE,
                             MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    char line[64];
    bool ok = log != -1 && told != MAP_FAILED && pipe(stop) == 0;
    for (size_t i = 0; ok && i < n; i++)
        ok = begin(
            &(struct machine){.i = i, .told = &told[i], .stage = stage, .judge = j, .log = log},
            stop);
    ok = ok && puts("ready") >= 0 && fflush(stdout) == 0;
    while (ok && fgets(line, sizeof line, stdin))
        ok = puts(hear(told, n, line) ? "ok" : "no such word") >= 0 && fflush(stdout) == 0;
    if (ok)
        close(stop[1]);
    while (ok && wait(NULL) > 0)
        ;
    return ok;
}

int main(int argc, char **argv)
{
    uint64_t n = 0;
    if (argc != 3 || !text_number(span_text(argv[2]), 1, MACHINES, &n) || chdir(argv[1]) != 0) {
        fputs("usage: lab-watched FOLDER N\n", stderr);
        return 1;
    }
    signal(SIGPIPE, SIG_IGN);
    struct lab_stage *stage = lab_stage_new((int64_t)time(NULL));
    struct lab_judge *j = lab_judge_new(stage);
    struct lab_collateral c = lab_collateral_honest(stage->w, &stage->cpu[CLOUD_A].platform, true);
    bool ok = put("trust.json", lab_judge_trust(j)) &&
              put("policy.json", lab_judge_policy(j, LAB_MANAGED)) &&
              put("collateral.json", lab_collateral_json(stage->w, &c)) &&
              serve(stage, j, (size_t)n);
    lab_judge_free(j);
    lab_stage_free(stage);
    return ok ? 0 : 1;
}
