/*
 * A whole attestation of a machine of the lab that runs: challenge, collection by the attester
 * (roles/attester) from configfs-tsm, quote service, TPM and logs, verification. attest.s1 is a
 * managed VM, attest.s2 bare metal with its host agent. The TPMs are swtpm: their processor time
 * says nothing of situs, nor of a discrete TPM, which takes longer; hence bench_live_tpm.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "base/limits.h"
#include "base/wr.h"
#include "bench.h"
#include "clock.h"
#include "frame/file.h"
#include "lab/live/lab_live.h"
#include "lab/process/lab_process.h"
#include "verifier.h"

enum { S1, S2, SCENARIOS };
enum { TRUST, POLICY, COLLATERAL, CRL, FILES };

static const char *const machines[SCENARIOS] = {"cloud", "metal"};
static const char *const file_names[SCENARIOS][FILES] = {
    {"trust.json", "policy-managed.json", "collateral.json", "provider.crl"},
    {"trust.json", "policy-metal.json", "collateral.json", "provider.crl"},
};

static struct {
    bool tried;
    const char *missing; /* why the rows are left out */
    char directory[32];
    struct lab_site site;
    struct live {
        struct lab_live machine;
        struct file files[FILES];
        struct situs_item items[FILES];
        struct situs_request request;
    } of[SCENARIOS];
    struct situs_memory memory;
    uint8_t bundle[LIMIT_BUNDLE];
} live;

static void close_site(void)
{
    const char *const argv[] = {"rm", "-rf", live.directory, NULL};
    for (size_t i = SCENARIOS; i-- > 0;)
        if (live.of[i].machine.row)
            lab_live_stop(&live.of[i].machine);
    lab_site_close(&live.site);
    lab_process_run(argv, NULL);
}

static bool start(struct live *l, size_t scenario)
{
    struct situs_err err = {0};
    lab_live_start(&l->machine, &live.site, lab_live_find(machines[scenario]));
    for (size_t i = 0; i < FILES; i++) {
        char path[LAB_PATH];
        const char *name = file_names[scenario][i];
        lab_site_path(&live.site, path, name, NULL);
        if (!file_read(&l->files[i], path, LIMIT_COLLATERAL_FILE, &err))
            return false;
        l->items[i] = item_of(name, file_span(&l->files[i]));
    }
    return bench_load(&l->request, l->items[TRUST], l->items[POLICY], &l->items[COLLATERAL], 1) &&
           bench_words(&l->request, &l->items[CRL], 1);
}

/* 127: no such program. */
static bool installed(const char *program)
{
    const char *const argv[] = {program, "--version", NULL};
    return lab_process_run(argv, NULL) != 127;
}

/* open_all starts the machines; NULL or why there are none. */
static const char *open_all(void)
{
    if (!installed("swtpm") || !installed("swtpm_setup"))
        return "swtpm or swtpm-tools is not installed";
    live.memory = bench_memory();
    strcpy(live.directory, "/tmp/situs-bench-XXXXXX");
    if (!live.memory.p || !mkdtemp(live.directory))
        return "no memory, or no directory below /tmp";
    lab_site_open(&live.site, SITUS_PROGRAM, live.directory);
    atexit(close_site);
    for (size_t i = 0; i < SCENARIOS; i++)
        if (!start(&live.of[i], i))
            return "what the verifier needs does not load";
    return NULL;
}

bool bench_live_setup(const char **reason)
{
    if (!live.tried)
        live.missing = open_all();
    live.tried = true;
    *reason = live.missing;
    return !live.missing;
}

static bool attest(struct live *l)
{
    uint8_t nonce[32];
    struct situs_err err = {0};
    struct situs_request *q = &l->request;
    struct wr w = wr_new(live.bundle, sizeof live.bundle);
    if (getrandom(nonce, sizeof nonce, 0) != (ssize_t)sizeof nonce ||
        !lab_live_answer(&l->machine, nonce, &w, &err)) {
        fprintf(stderr, "bench: %s %s: expected %s, got %s\n", err.part, err.field, err.expected,
                err.got);
        return false;
    }
    q->evidence = item_of("bundle", wr_span(&w));
    q->nonce = item_of("nonce", SPAN_ARR(nonce));
    q->at = time(NULL);
    return situs_result_trusted(situs_verify(q, live.memory));
}

static bool times(struct live *l, size_t n)
{
    bool good = true;
    for (size_t i = 0; i < n && good; i++)
        good = attest(l);
    return good;
}

bool bench_attest_s1(size_t n)
{
    return times(&live.of[S1], n);
}

bool bench_attest_s2(size_t n)
{
    return times(&live.of[S2], n);
}

size_t bench_live_arena(void)
{
    return bench_used(&live.memory);
}

static double taken_by(const struct lab_swtpm *t)
{
    clockid_t clock;
    return t->process > 0 && clock_getcpuclockid(t->process, &clock) == 0 ? clock_read(clock) : 0;
}

double bench_live_tpm(void)
{
    double all = 0;
    for (size_t i = 0; i < SCENARIOS; i++)
        all += taken_by(&live.of[i].machine.dtpm) + taken_by(&live.of[i].machine.vtpm);
    return all;
}
