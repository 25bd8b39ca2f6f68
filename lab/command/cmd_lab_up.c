/* situs lab up: the simulated data centre, until it is told to stop; see situs-lab(1). */
#include "base/text.h"
#include "frame/args.h"
#include "frame/exits.h"
#include "frame/out.h"
#include "lab/live/lab_live.h"
#include "lab/live/lab_story.h"
#include "program/program.h"

#include <signal.h>
#include <stdio.h>
#include <sys/signalfd.h>
#include <unistd.h>

#define MACHINES 5
#define CHAPTER_SECONDS 10 /* before each chapter of the story */

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

/* Signals are waited for, so that nothing is left half stopped; children get them as usual. */
static sigset_t block(void)
{
    sigset_t ends;
    sigemptyset(&ends);
    sigaddset(&ends, SIGINT);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGHUP);
    sigprocmask(SIG_BLOCK, &ends, NULL);
    return ends;
}

static int run_machines(const char *program, const char *directory)
{
    struct lab_live machines[MACHINES];
    struct lab_site s;
    lab_site_open(&s, program, directory);
    for (size_t i = 0; i < MACHINES; i++)
        lab_live_start(&machines[i], &s, lab_live_row(i));
    const sigset_t ends = block();
    out_print("# What a verifier needs is in %s. Type, in another shell:\n\n", s.directory);
    for (size_t i = 0; i < MACHINES; i++)
        print_steps(&machines[i]);
    print_channel(&machines[1]);
    out_print("# Control-C stops everything.\n");
    int which, exit = out_finish(EXIT_GOOD);
    if (exit == EXIT_GOOD)
        sigwait(&ends, &which);
    for (size_t i = MACHINES; i-- > 0;)
        lab_live_stop(&machines[i]);
    lab_site_close(&s);
    return exit;
}

struct told {
    bool serve, story;
    const char *within;
};

/* A visitor has time to look before each chapter; who asks for the story alone waits for nothing. */
static int run_story(const char *program, const char *directory, const struct told *o)
{
    struct lab_story s;
    uint64_t within = 2;
    if (o->within && !text_number(span_text(o->within), 2, 60, &within)) {
        out_error("--within takes 2 to 60 seconds");
        out_hint("--within 2, or more on a machine that is busy");
        return EXIT_USAGE;
    }
    const sigset_t ends = block();
    int signals = signalfd(-1, &ends, SFD_CLOEXEC);
    lab_story_open(&s, program, directory, (unsigned)within, signals);
    if (!o->story && !s.ended)
        out_print("Open http://127.0.0.1:%u/m, or type, in another shell:\n"
                  "    %s watch http://127.0.0.1:%u\n"
                  "Control-C stops everything.\n\n",
                  s.inside, program, s.inside);
    bool right = lab_story_tell(&s, o->story ? 0 : CHAPTER_SECONDS);
    if (!o->story)
        lab_story_wait(&s, -1);
    lab_story_close(&s);
    close(signals);
    return out_finish(right || !o->story ? EXIT_GOOD : EXIT_USAGE);
}

command_function cmd_lab_up;
int cmd_lab_up(const struct command *own, int argc, char **argv)
{
    struct told o = {.within = NULL};
    const struct option options[] = {
        OPTION_FLAG("serve", 0, &o.serve, "six machines, and a service that watches them"),
        OPTION_FLAG("story", 0, &o.story, "of --serve: tell what happens to them, and end"),
        OPTION_VALUE("within", 0, "SECONDS", &o.within,
                     "of --serve: in which each must answer again, 2 to 60 (2)"),
    };
    char program[PATH_MAX];
    int exit;
    const char *directory = ARGS_ONE(own, options, argc, argv, &exit);
    if (!directory)
        return exit;
    if (!o.serve && (o.story || o.within)) {
        out_error("--story and --within are of --serve");
        out_hint("situs lab up --serve %s", directory);
        return EXIT_USAGE;
    }
    if (!program_find(program, PROGRAM_situs))
        return EXIT_USAGE;
    return o.serve ? run_story(program, directory, &o) : run_machines(program, directory);
}
