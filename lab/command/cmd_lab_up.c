/* situs lab up: the simulated data centre, until it is told to stop; see situs-lab(1). */
#include "frame/args.h"
#include "frame/exits.h"
#include "frame/out.h"
#include "lab/live/lab_live.h"
#include "program/program.h"

#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#define MACHINES 5

static void print_policy(const struct lab_live *m)
{
    const char *d = m->site->directory;
    out_print("--policy %s/policy-%s.json \\\n        --trust %s/trust.json --collateral "
              "%s/collateral.json",
              d, lab_live_policy(m->row), d, d);
    if (!m->row->snp && !m->row->paravisor) /* no registrar certified their keys */
        out_print(" --endorsement %s/provider.crl", d);
}

/* Where this machine's attester finds its evidence. */
static void print_sources(const struct lab_live *m)
{
    if (m->row->paravisor) {
        out_print(" \\\n        --paravisor --imds %s --tcti %s \\\n        --pcr-log %s\n",
                  m->imds.url, m->paravisor.tcti, m->log);
        return;
    }
    out_print(" \\\n        --tsm %s", m->report);
    if (!m->row->snp)
        out_print(" --tcti %s \\\n        --ccel %s --pcr-log %s", m->vtpm.tcti, m->ccel, m->log);
    if (m->cert[0])
        out_print(" \\\n        --ak-cert %s", m->cert);
    if (m->platform[0])
        out_print(" \\\n        --platform %s", m->platform);
    out_print("\n");
}

/* What a user types to challenge this machine, to collect its evidence and to appraise it. */
static void print_steps(const struct lab_live *m)
{
    const char *situs = m->site->program, *name = m->row->name;
    out_print("# %s (%s)\n", name,
              m->row->paravisor  ? "TD under a paravisor, as Azure's"
              : m->row->snp      ? "SEV-SNP guest"
              : m->row->metal    ? "bare metal"
              : m->row->enrolled ? "managed VM"
                                 : "nobody vouches for it");
    if (!lab_live_mounted(m)) {
        out_print("# no FUSE here, so only \"situs lab machine %s\" can collect its evidence\n\n",
                  name);
        return;
    }
    out_print("    nonce=$(%s challenge)\n    %s attest --nonce $nonce -o %s.cmw", situs, situs,
              name);
    print_sources(m);
    out_print("    %s verify --nonce $nonce ", situs);
    print_policy(m);
    out_print(" \\\n        %s.cmw\n\n", name);
}

/* The same under the attester's channel key, from two shells. */
static void print_channel(const struct lab_live *m)
{
    if (!lab_live_mounted(m))
        return;
    out_print("# %s, asked over TLS under its channel key: first in another shell, second here\n"
              "    %s attest --listen 127.0.0.1:7777",
              m->row->name, m->site->program);
    print_sources(m);
    out_print("    %s connect 127.0.0.1:7777 ", m->site->program);
    print_policy(m);
    out_print("\n\n");
}

static void wait_for_end(void)
{
    sigset_t ends;
    int which;
    sigemptyset(&ends);
    sigaddset(&ends, SIGINT);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGHUP);
    sigwait(&ends, &which);
}

/* Signals are waited for, so that nothing is left half stopped; children get them as usual. */
static void block(int how)
{
    sigset_t ends;
    sigemptyset(&ends);
    sigaddset(&ends, SIGINT);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGHUP);
    sigprocmask(how, &ends, NULL);
}

command_function cmd_lab_up;
int cmd_lab_up(const struct command *own, int argc, char **argv)
{
    const struct args args = {own, NULL, 0, 1, 1};
    struct words operands = {.n = 0};
    struct lab_live machines[MACHINES];
    struct lab_site s;
    char program[PATH_MAX];
    int exit;
    if (!args_read(&args, argc, argv, &operands, &exit))
        return exit;
    if (!program_find(program, PROGRAM_situs))
        return EXIT_USAGE;
    lab_site_open(&s, program, operands.v[0]);
    for (size_t i = 0; i < MACHINES; i++)
        lab_live_start(&machines[i], &s, lab_live_row(i));
    block(SIG_BLOCK);
    out_print("# What a verifier needs is in %s. Type, in another shell:\n\n", s.directory);
    for (size_t i = 0; i < MACHINES; i++)
        print_steps(&machines[i]);
    print_channel(&machines[1]);
    out_print("# Control-C stops everything.\n");
    exit = out_finish(EXIT_GOOD);
    if (exit == EXIT_GOOD)
        wait_for_end();
    for (size_t i = MACHINES; i-- > 0;)
        lab_live_stop(&machines[i]);
    lab_site_close(&s);
    return exit;
}
