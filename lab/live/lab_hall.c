/* The machines of a cloud that is watched; see lab_hall.h. */
#include "lab/live/lab_hall.h"

#include "lab/attacks/lab_words.h"
#include "lab/intel/lab_collateral.h"
#include "lab/process/lab_process.h"
#include "wire/attest_answer.h"
#include "wire/tls.h"

#include <stdio.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

/* Each policy, and what its machines need of the owner's words. */
static const struct {
    const char *name;
    enum lab_scenario scenario;
    const char *words[2]; /* NULL: no more */
} policies[] = {
    {"metal", LAB_METAL, {NULL}},
    {"managed", LAB_MANAGED, {NULL}},
    {"owned", LAB_OWNED_BOUND, {"owned.cbor", "revoked.cose"}},
    {"listed", LAB_LISTED_BOUND, {"listed.cose"}},
};

#define POLICIES (sizeof policies / sizeof *policies)

/* The places are the stage's platforms; that of LEAKY is none of an honest machine, and is replaced. */
static const struct {
    const char *name, *policy;
    enum lab_place place;
} rows[LAB_HALL_MACHINES] = {
    {"hall-1", "metal", METAL},   {"hall-2", "metal", BASEMENT}, {"hall-3", "managed", LEAKY},
    {"hall-4", "owned", CLOUD_A}, {"hall-5", "listed", CLOUD_B}, {"hall-6", "metal", REBUILT},
};

static bool is_metal(const struct lab_hall_machine *m)
{
    return strcmp(m->policy, "metal") == 0;
}

static void write_file(const struct lab_hall *h, const char *name, struct span bytes)
{
    char path[LAB_PATH], next[LAB_PATH];
    int n = snprintf(path, sizeof path, "%s/%s", h->directory, name);
    int k = snprintf(next, sizeof next, "%s/.%s", h->directory, name);
    if (n >= LAB_PATH || k >= LAB_PATH)
        lab_die("%s: this path is too long for the lab", h->directory);
    lab_site_write(next, bytes);
    if (rename(next, path) != 0) /* who reads it meanwhile reads one of both */
        lab_die("cannot write %s", path);
}

/* The life of one question, in a process of its own. */

static uint64_t since_boot(void)
{
    struct timespec t = {0};
    clock_gettime(CLOCK_BOOTTIME, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static struct span certify(struct lab_stage *s, const struct lab_hall_machine *m,
                           const struct lab_soft_tpm *t)
{
    const uint8_t *piid = m->host.vm.td.cpu->platform.piid;
    const struct lab_identity who = {"lab-hall-1", m->name, !is_metal(m), piid};
    return lab_stage_certify(s, &s->provider, t, &who);
}

struct attester {
    struct lab_hall *hall;
    struct lab_hall_machine *machine;
};

/* as_it_is brings a machine to what has happened to it. */
static void as_it_is(struct lab_hall *h, struct lab_hall_machine *m)
{
    struct lab_soft_tpm *t = is_metal(m) ? &m->host.dtpm : &m->host.vm.vtpm;
    int64_t seen = atomic_load(&m->fate->seen);
    t->reset_count += atomic_load(&m->fate->boots);
    t->clock = since_boot();
    h->stage->certify_from = seen;
    if (seen)
        m->host.ak_cert = certify(h->stage, m, t);
}

static bool answer(void *context, struct span question, struct wr *w, int *stream)
{
    struct attester *a = context;
    struct lab_hall_machine *m = a->machine;
    const unsigned delay = atomic_load(&m->fate->delay_ms);
    const struct timespec wait = {delay / 1000, (long)(delay % 1000) * 1000000};
    struct situs_err why = {0};
    uint8_t nonce[BIND_NONCE_SIZE];
    (void)stream;
    if (atomic_load(&m->fate->silent) || !attest_question_read(question, nonce, &why))
        return false;
    nanosleep(&wait, NULL);
    as_it_is(a->hall, m);
    struct lab_evidence e = is_metal(m) ? lab_host_attest(&m->host, LAB_SITUS, nonce)
                                        : lab_vm_attest(&m->host.vm, LAB_SITUS, nonce);
    return attest_answer_write(w, lab_judge_bundle(a->hall->judge, &e), m->host.vm.spki);
}

static void live(struct lab_hall *h, struct lab_hall_machine *m)
{
    struct attester a = {h, m};
    const struct tls_handler handler = {&a, ATTEST_QUESTION_MAX, "attester", answer};
    struct situs_err err = {0};
    int stop[2];
    m->process = lab_process_fork();
    if (m->process > 0)
        return;
    _exit(pipe(stop) == 0 && tls_serve(m->listener, m->host.vm.channel, &handler, stop[0], &err)
              ? 0
              : 1);
}

/* The machines */

static void begin(struct lab_hall *h, size_t i, struct lab_hall_fate *fate)
{
    const struct lab_boot boot = lab_firmware_boot();
    const struct lab_launch launch = lab_drtm_honest();
    struct lab_hall_machine *m = &h->machine[i];
    struct situs_err err = {0};
    *m = (struct lab_hall_machine){.name = rows[i].name, .policy = rows[i].policy, .fate = fate};
    if (is_metal(m)) {
        m->host = lab_stage_host(h->stage, rows[i].place, &launch, LAB_AK_D);
        m->host.ak_cert = certify(h->stage, m, &m->host.dtpm);
    } else {
        m->host.vm = lab_stage_vm(h->stage, rows[i].place, &boot, &boot);
        m->host.vm.ak_cert = certify(h->stage, m, &m->host.vm.vtpm);
    }
    m->listener = tls_listen("127.0.0.1:0", m->address, &err);
    if (m->listener < 0)
        lab_die("%s listens nowhere", m->name);
    live(h, m);
}

static void write_words(struct lab_hall *h)
{
    const struct lab_platform *p = &h->stage->cpu[CLOUD_A].platform;
    struct lab_collateral c = lab_collateral_honest(h->stage->w, p, true);
    write_file(h, "trust.json", lab_judge_trust(h->judge));
    write_file(h, "collateral.json", lab_collateral_json(h->stage->w, &c));
    write_file(h, "owned.cbor",
               lab_words_poe(h->stage, &h->stage->owner, p->piid, LAB_WORDS_OWNER,
                             lab_words_days(h->stage, -1, 30)));
    for (size_t i = 0; i < POLICIES; i++) {
        char name[40];
        snprintf(name, sizeof name, "simulated-%s.json", policies[i].name);
        write_file(h, name, lab_judge_policy(h->judge, policies[i].scenario));
    }
    lab_hall_revoke(h, NULL);
    lab_hall_list(h, LAB_DAY);
}

void lab_hall_start(struct lab_hall *h, const char *directory)
{
    *h = (struct lab_hall){.directory = directory, .stage = lab_stage_new((int64_t)time(NULL))};
    h->judge = lab_judge_new(h->stage);
    struct lab_hall_fate *fates = mmap(NULL, LAB_HALL_MACHINES * sizeof *fates,
                                       PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (fates == MAP_FAILED)
        lab_die("no memory");
    write_words(h);
    h->stage->cpu[LEAKY] = lab_cpu_new(h->stage->w, PLACES);
    for (size_t i = 0; i < LAB_HALL_MACHINES; i++)
        begin(h, i, &fates[i]);
}

void lab_hall_stop(struct lab_hall *h)
{
    for (size_t i = 0; i < LAB_HALL_MACHINES; i++) {
        lab_process_stop(h->machine[i].process);
        lab_host_free(&h->machine[i].host);
        close(h->machine[i].listener);
    }
    munmap(h->machine[0].fate, LAB_HALL_MACHINES * sizeof *h->machine[0].fate);
    lab_judge_free(h->judge);
    lab_stage_free(h->stage);
}

struct lab_hall_machine *lab_hall_find(struct lab_hall *h, const char *name)
{
    for (size_t i = 0; i < LAB_HALL_MACHINES; i++)
        if (strcmp(h->machine[i].name, name) == 0)
            return &h->machine[i];
    lab_die("no machine is called %s", name);
}

void lab_hall_clone(struct lab_hall *h, struct lab_hall_machine *m)
{
    lab_process_stop(m->process);
    EVP_PKEY_free(m->host.vm.channel);
    lab_vm_channel(h->stage, &m->host.vm);
    live(h, m);
}

void lab_hall_revoke(struct lab_hall *h, const struct lab_hall_machine *m)
{
    struct lab_revoked r = {REVOCATION_PIID, REVOCATION_REASON_SOLD, {0}, 16, (int64_t)time(NULL)};
    if (m)
        memcpy(r.id, m->host.vm.td.cpu->platform.piid, r.size);
    write_file(h, "revoked.cose",
               lab_words_revocations(h->stage, &h->stage->owner, ++h->numbers, &r, m ? 1 : 0,
                                     lab_words_days(h->stage, 0, 1)));
}

void lab_hall_list(struct lab_hall *h, int64_t seconds)
{
    const struct window valid = {lab_world_at(h->stage->w), (int64_t)time(NULL) + seconds};
    write_file(
        h, "listed.cose",
        lab_words_list(h->stage, &h->stage->owner, ++h->numbers, KIND_TDX, 1u << CLOUD_B, valid));
}

/* The configuration */

static void put_policies(const struct lab_hall *h, struct lab_buf *b)
{
    for (size_t i = 0; i < POLICIES; i++) {
        const char *d = h->directory;
        lab_buf_format(b,
                       "%s\"simulated-%s\": {\"policy\": \"%s/simulated-%s.json\", \"trust\": "
                       "\"%s/trust.json\", \"collateral\": [\"%s/collateral.json\"], "
                       "\"endorsements\": [",
                       i ? ", " : "", policies[i].name, d, policies[i].name, d, d);
        for (size_t k = 0; k < 2 && policies[i].words[k]; k++)
            lab_buf_format(b, "%s\"%s/%s\"", k ? ", " : "", d, policies[i].words[k]);
        lab_buf_text(b, "]}");
    }
}

/* A machine is known by its TPM, a managed guest by its AK. */
static void put_machine(const struct lab_hall_machine *m, unsigned within, struct lab_buf *b)
{
    uint8_t ak[34];
    lab_soft_ak_name(&m->host.vm.vtpm, ak);
    lab_buf_format(b, "\"%s\": {\"policy\": \"simulated-%s\", \"target\": \"%s\", ", m->name,
                   m->policy, m->address);
    lab_buf_format(b, "\"site\": \"hall of the lab\", \"within_seconds\": %u, \"%s\": \"", within,
                   is_metal(m) ? "ek_name" : "ak_name");
    lab_buf_hex_lower(b, is_metal(m) ? SPAN_ARR(m->host.dtpm.ek_name) : SPAN_ARR(ak));
    lab_buf_text(b, "\"}");
}

void lab_hall_configuration(struct lab_hall *h, unsigned within, const char *run, const char *file)
{
    struct lab_buf b = {0};
    lab_buf_text(&b, "{\"listen\": \"127.0.0.1:0\", \"listen_private\": \"127.0.0.1:0\", \"base\": "
                     "\"http://127.0.0.1\", \"default\": \"simulated-managed\", \"policies\": {");
    put_policies(h, &b);
    lab_buf_format(
        &b,
        "}, \"store\": {\"sqlite\": \"%s/store\"}, \"limits\": {\"judges\": 2}, "
        "\"deadlines\": {\"judge_ms\": 10000, \"request_ms\": 20000, \"drain_ms\": 500}, "
        "\"connect\": {\"every_ms\": 0, \"networks\": [\"127.0.0.0/8\"], \"targets\": [",
        run);
    for (size_t i = 0; i < LAB_HALL_MACHINES; i++)
        lab_buf_format(&b, "%s\"%s\"", i ? ", " : "", h->machine[i].address);
    lab_buf_format(&b, "]}, \"watch\": {\"mark\": \"%s/mark\", \"machines\": {", run);
    for (size_t i = 0; i < LAB_HALL_MACHINES; i++) {
        lab_buf_text(&b, i ? ", " : "");
        put_machine(&h->machine[i], within, &b);
    }
    lab_buf_text(&b, "}}}\n");
    lab_site_write(file, lab_buf_span(&b));
    lab_buf_free(&b);
}
