/* situs attest: collect this TD's evidence for a challenge (DESIGN: messages), once or as a
 * service. */
#include "attester/attest_serve.h"
#include "attester/imds.h"
#include "attester/log_tail.h"
#include "base/text.h"
#include "frame/args.h"
#include "frame/exits.h"
#include "frame/file.h"
#include "frame/out.h"
#include "wire/tls.h"
#include "wire/wire.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define KERNEL_CCEL "/sys/firmware/acpi/tables/data/CCEL"
#define KERNEL_PCR_LOG "/sys/kernel/security/tpm0/binary_bios_measurements"
#define SYSTEMD_LOG "/run/log/systemd/tpm2-measure.log"

struct options {
    const char *nonce, *serve, *listen, *forward, *tsm, *td_device, *tcti, *pcrs, *ccel, *pcr_log,
        *platform, *measure_log, *channel, *imds, *kept_key, *output;
    struct words ak_certs, tail;
    bool no_td, paravisor, json, verbose;
};

/* What was loaded for them. */
struct inputs {
    struct attest_config config;
    struct channel channel;
    struct file certs[LIMIT_CHAIN_CERTS];
    struct span tail[LOG_TAIL_WORDS];
    uint8_t nonce[BIND_NONCE_SIZE]; /* as it enters */
};

static bool usage_error(const char *what, const char *hint)
{
    out_error("%s", what);
    out_hint("%s", hint);
    return false;
}

/* What the system measured beyond the firmware's log. */
static bool tail_ok(const struct options *o)
{
    if ((o->measure_log || o->tail.n) && !o->tcti)
        return usage_error("--measure-log and --tail go with --tcti",
                           "they say what the quoted registers hold beyond the firmware's log");
    if (o->measure_log && o->tail.n)
        return usage_error("--measure-log and --tail exclude each other",
                           "--tail is for a system that keeps no log of its own");
    for (size_t i = 0; i < o->tail.n; i++)
        if (i == LOG_TAIL_WORDS || !o->tail.v[i][0])
            return usage_error("--tail gives words, 32 at most",
                               "name what the system measures into PCR 11, in order");
    return true;
}

/* Whence evidence of a TEE comes. */
static bool tee_ok(const struct options *o)
{
    bool of_td = o->platform || o->tsm || o->td_device || o->ccel;
    if (o->no_td && (!o->tcti || of_td))
        return usage_error("--no-td goes with --tcti and with nothing of a TD",
                           "leave out --platform, --tsm, --td-device and --ccel");
    if (o->paravisor && (!o->tcti || of_td || o->no_td))
        return usage_error("--paravisor goes with --tcti and with nothing else of a TD",
                           "leave out --no-td, --platform, --tsm, --td-device and --ccel");
    if (o->kept_key && (!o->tcti || o->paravisor))
        return usage_error("--kept-key goes with --tcti, and not with --paravisor",
                           "a paravisor's key is its own");
    if (o->kept_key && (!kept_key_find(o->kept_key) || strncmp(o->kept_key, "google", 6) != 0))
        return usage_error("--kept-key is none that a provider keeps in a TPM",
                           "google-rsa and google-ecc are those of Google's vTPM");
    if (o->imds && !o->paravisor)
        return usage_error("--imds goes with --paravisor",
                           "it is the metadata service of Azure's machines");
    if (o->imds && !imds_ok(o->imds))
        return usage_error("--imds is no http:// URL of a link-local IPv4 address, or of loopback",
                           "--imds http://169.254.169.254 is Azure's");
    return true;
}

static bool read_options(struct options *o, const struct command *own, int argc, char **argv,
                         int *exit)
{
    const struct option rows[] = {
        OPTION_NONCE(&o->nonce),
        OPTION_VALUE("serve", 0, "SOCKET", &o->serve, "answer challenges on a Unix socket"),
        OPTION_VALUE("listen", 0, "HOST:PORT", &o->listen,
                     "answer challenges over TLS 1.3 under the channel key"),
        OPTION_VALUE("forward", 0, "HOST:PORT", &o->forward,
                     "pass streams under the channel key to a workload here (--listen)"),
        OPTION_VALUE("output", 'o', "BUNDLE", &o->output, "file to write, - for stdout"),
        OPTION_VALUE("tcti", 0, "TCTI", &o->tcti, "the guest's TPM, as device:/dev/tpmrm0"),
        OPTION_VALUE("pcrs", 0, "SET", &o->pcrs, "registers to quote (0-9,11-14 in every bank)"),
        OPTION_LIST("ak-cert", 0, "FILE", &o->ak_certs, "DER certificate of the guest's AK, chain"),
        OPTION_VALUE("platform", 0, "SOCKET", &o->platform, "the host agent (bare metal)"),
        OPTION_VALUE("channel", 0, "FILE", &o->channel, "SPKI (DER) of a key made in this TD"),
        OPTION_VALUE("ccel", 0, "FILE", &o->ccel, "event log of the TD (the kernel's)"),
        OPTION_VALUE("pcr-log", 0, "FILE", &o->pcr_log, "event log of the TPM (the kernel's)"),
        OPTION_VALUE("measure-log", 0, "FILE", &o->measure_log,
                     "the running system's own log (systemd's)"),
        OPTION_LIST("tail", 0, "WORD", &o->tail,
                    "what it measures into PCR 11 where it keeps none (systemd's phases)"),
        OPTION_VALUE("tsm", 0, "DIR", &o->tsm, "configfs-tsm (" TSM_REPORT_ROOT ")"),
        OPTION_VALUE("td-device", 0, "FILE", &o->td_device, "the TD's device (" TSM_TD_DEVICE ")"),
        OPTION_FLAG("paravisor", 0, &o->paravisor,
                    "an Azure machine: report, key and certificate are in its TPM (--tcti)"),
        OPTION_VALUE("kept-key", 0, "google-rsa|google-ecc", &o->kept_key,
                     "Google's key and its certificate, by the TPM's NV indices"),
        OPTION_VALUE("imds", 0, "URL", &o->imds,
                     "its metadata service, for the quote or the chip's certificate"),
        OPTION_FLAG("no-td", 0, &o->no_td, "no TD here: the TPM's evidence alone, never bound"),
        OPTION_VERBOSE(&o->verbose),
        OPTION_FLAG("json", 'j', &o->json, "write the bundle as JSON, not CBOR"),
    };
    const struct args args = {own, rows, sizeof rows / sizeof *rows, 0, 0};
    struct words operands = {.n = 0};
    if (!args_read(&args, argc, argv, &operands, exit))
        return false;
    *exit = EXIT_USAGE;
    if (!!o->nonce + !!o->serve + !!o->listen != 1)
        return usage_error("give one of --nonce, --serve and --listen",
                           "\"situs challenge\" prints a nonce");
    if (o->listen && o->channel)
        return usage_error("--listen needs the channel key itself, and --channel names another's",
                           "leave --channel out, or serve the channel there and use --serve");
    if (o->forward && !o->listen)
        return usage_error("--forward goes with --listen",
                           "streams pass under the key of the channel that --listen serves");
    if (o->nonce && !o->output)
        return usage_error("-o is missing", "-o FILE writes the bundle, -o - to standard output");
    return tail_ok(o) && tee_ok(o);
}

/* The kernel's file is the default where there is one. */
static const char *or_kernel(const char *given, const char *kernel)
{
    return given ? given : access(kernel, R_OK) == 0 ? kernel : NULL;
}

static bool load_certs(struct inputs *in, const struct words *paths, struct situs_err *err)
{
    if (paths->n > LIMIT_CHAIN_CERTS)
        return err_fail(err, SITUS_TOO_LONG, "ak-cert", "", SITUS_NO_OFFSET, "at most 6", "more");
    for (size_t i = 0; i < paths->n; i++) {
        if (!file_read(&in->certs[i], paths->v[i], LIMIT_CERT, err))
            return false;
        in->config.ak_certs[in->config.n_ak_certs++] = file_span(&in->certs[i]);
    }
    return true;
}

static bool load_channel(struct channel *c, const char *path, struct situs_err *err)
{
    struct file f;
    if (!path)
        return channel_make(c, err);
    bool ok = file_read(&f, path, CHANNEL_SPKI_MAX, err) && channel_take(c, file_span(&f), err);
    file_free(&f);
    return ok;
}

/* What systemd measures, in this order (systemd-pcrphase.service(8)). */
static const char *const phases[] = {"enter-initrd", "leave-initrd", "sysinit",
                                     "ready",        "shutdown",     "final"};

static void load_tail(struct inputs *in, const struct words *given)
{
    const char *const *words = given->n ? given->v : phases;
    size_t n = given->n ? given->n : sizeof phases / sizeof *phases;
    for (size_t i = 0; i < n; i++)
        in->tail[i] = span_text(words[i]);
    in->config.tail = in->tail;
    in->config.n_tail = n;
}

/* find_measured: beside the kernel's log of this boot lies systemd's, where systemd keeps one;
 * beside a file that was named lies none. */
static bool find_measured(struct attest_config *c, const struct options *o, struct situs_err *err)
{
    if (!c->pcr_log && (o->measure_log || o->tail.n))
        return err_fail(err, SITUS_MISSING, "pcr-log", "", SITUS_NO_OFFSET,
                        "the firmware's log, before the running system's", "none that is readable");
    c->measured_if_there = !o->measure_log;
    if (c->pcr_log && c->tcti)
        c->measured = o->measure_log            ? o->measure_log
                      : o->pcr_log || o->tail.n ? NULL
                                                : SYSTEMD_LOG;
    return true;
}

static bool load(struct inputs *in, const struct options *o, const struct args_nonce *nonce,
                 struct situs_err *err)
{
    in->config = (struct attest_config){
        .files = tsm_kernel(),
        .tsm = o->no_td || o->paravisor ? NULL
               : o->tsm                 ? o->tsm
                                        : TSM_REPORT_ROOT,
        .td_device = o->td_device ? o->td_device : TSM_TD_DEVICE,
        .tcti = o->tcti,
        .paravisor = o->paravisor,
        .imds = o->imds,
        .kept_key = o->paravisor  ? kept_key_find("paravisor")
                    : o->kept_key ? kept_key_find(o->kept_key)
                                  : NULL,
        .platform = o->platform,
        .ccel = o->no_td || o->paravisor ? NULL : or_kernel(o->ccel, KERNEL_CCEL),
        .pcr_log = o->tcti ? or_kernel(o->pcr_log, KERNEL_PCR_LOG) : o->pcr_log,
    };
    if (nonce->n && !bind_enter(span_of(nonce->bytes, nonce->n), in->nonce))
        return err_fail(err, SITUS_INTERNAL, "nonce", "", SITUS_NO_OFFSET, NULL, NULL);
    if (o->listen && !tls_address_ok(o->listen, true, err))
        return false;
    if (o->pcrs && !tpm_selections_read(span_text(o->pcrs), in->config.pcrs, &in->config.n_pcrs))
        return err_fail(err, SITUS_MALFORMED, "pcrs", "", SITUS_NO_OFFSET,
                        "banks and registers, as sha256:0-9,11-14+sha384:0-9,11-14", o->pcrs);
    load_tail(in, &o->tail);
    return find_measured(&in->config, o, err) && load_certs(in, &o->ak_certs, err) &&
           load_channel(&in->channel, o->channel, err);
}

static bool run(const struct inputs *in, const struct options *o, struct situs_err *err)
{
    size_t room = 2 * LIMIT_BUNDLE; /* base64 in JSON */
    if (o->serve || o->listen) {
        int stop = wire_stop();
        bool ok = o->serve ? attest_serve(&in->config, &in->channel, o->serve, stop, err)
                           : attest_serve_tls(&in->config, &in->channel, o->listen, o->forward,
                                              stop, err);
        close(stop);
        return ok;
    }
    void *memory = malloc(room);
    struct wr w = wr_new(memory, memory ? room : 0);
    bool ok = attest_collect(&in->config, &in->channel, in->nonce, o->json, &w, err) &&
              file_write(o->output, wr_span(&w), err);
    free(memory);
    return ok;
}

command_function cmd_attest;
int cmd_attest(const struct command *own, int argc, char **argv)
{
    struct options o = {0};
    struct inputs in = {0};
    struct args_nonce nonce;
    struct situs_err err = {0};
    int exit;
    if (!read_options(&o, own, argc, argv, &exit))
        return exit;
    if (!args_nonce(o.nonce, &nonce))
        return EXIT_USAGE;
    if (o.verbose)
        out_verbose();
    bool loaded = load(&in, &o, &nonce, &err), ok = loaded && run(&in, &o, &err);
    channel_free(&in.channel);
    for (size_t i = 0; i < LIMIT_CHAIN_CERTS; i++)
        file_free(&in.certs[i]);
    if (ok)
        return EXIT_GOOD;
    out_failure(&err);
    return loaded ? exits_of(&err) : EXIT_USAGE; /* options, and files of one's own */
}
