/* The attester of a lab machine: the program itself, or, where no FUSE is, its code over the same
 * configfs-tsm by calls; see lab_live.h. */
#include <errno.h>
#include <stdlib.h>

#include "attester/attest.h"
#include "base/text.h"
#include "frame/file.h"
#include "frame/out.h"
#include "lab/live/lab_live.h"

/* What is below the report directory. */
static const char *inside(const char *path)
{
    return path + strlen("report/");
}

static int make_dir(void *context, const char *path)
{
    return lab_tsm_make((struct lab_tsm *)context, inside(path));
}

static int remove_dir(void *context, const char *path)
{
    return lab_tsm_remove((struct lab_tsm *)context, inside(path));
}

static int write_file(void *context, const char *path, struct span bytes)
{
    return lab_tsm_write((struct lab_tsm *)context, inside(path), bytes);
}

static ssize_t read_file(void *context, const char *path, uint8_t *out, size_t size)
{
    return lab_tsm_read((struct lab_tsm *)context, inside(path), out, size);
}

static int list(void *context, const char *path, void (*visit)(void *visitor, const char *name),
                void *visitor)
{
    const struct lab_tsm *t = context;
    (void)path;
    for (size_t i = 0; i < LAB_TSM_ENTRIES; i++)
        if (t->entry[i].name[0])
            visit(visitor, t->entry[i].name);
    return 0;
}

static int get_report(void *context, const char *device, const uint8_t data[64],
                      uint8_t out[TSM_REPORT_SIZE])
{
    (void)device;
    if (((struct lab_tsm *)context)->snp.chip)
        return -ENOENT;
    lab_td_tdreport(&((struct lab_tsm *)context)->td, data, out);
    return 0;
}

static const char *or_none(const char *path)
{
    return path[0] ? path : NULL;
}

bool lab_live_answer(struct lab_live *m, const uint8_t nonce[32], struct wr *out,
                     struct situs_err *err)
{
    const struct tsm_files files = {&m->tsm,   make_dir, remove_dir, write_file,
                                    read_file, list,     get_report};
    struct attest_config config = {.files = &files,
                                   .tsm = m->row->paravisor ? NULL : "report",
                                   .td_device = "tdx_guest",
                                   .tcti = or_none(lab_live_tcti(m)),
                                   .paravisor = m->row->paravisor,
                                   .kept_key =
                                       m->row->paravisor ? kept_key_find("paravisor") : NULL,
                                   .imds = or_none(m->imds.url),
                                   .platform = or_none(m->platform),
                                   .ccel = or_none(m->ccel),
                                   .pcr_log = or_none(m->log)};
    struct channel channel = {.key = NULL};
    struct file cert = {.path = NULL};
    bool ok =
        channel_make(&channel, err) && (!m->cert[0] || file_read(&cert, m->cert, LIMIT_CERT, err));
    config.ak_certs[0] = file_span(&cert);
    config.n_ak_certs = cert.n > 0;
    ok = ok && attest_collect(&config, &channel, nonce, false, out, err);
    file_free(&cert);
    channel_free(&channel);
    return ok;
}

static bool collect_here(struct lab_live *m, const uint8_t nonce[32], const char *bundle,
                         struct situs_err *err)
{
    void *memory = malloc(LIMIT_BUNDLE);
    struct wr w = wr_new(memory, memory ? LIMIT_BUNDLE : 0);
    bool ok = lab_live_answer(m, nonce, &w, err) && file_write(bundle, wr_span(&w), err);
    free(memory);
    return ok;
}

bool lab_live_collect(struct lab_live *m, const uint8_t nonce[32], const char *bundle)
{
    const char *arguments[24] = {"attest", "--nonce", TEXT_HEX(span_of(nonce, 32)), "-o", bundle};
    const struct {
        const char *option, *value;
    } sources[] = {{"--tsm", m->report},       {"--tcti", lab_live_tcti(m)},
                   {"--imds", m->imds.url},    {"--ccel", m->ccel},
                   {"--pcr-log", m->log},      {"--ak-cert", m->cert},
                   {"--platform", m->platform}};
    struct situs_err err = {0};
    size_t n = 5;
    if (m->row->paravisor)
        arguments[n++] = "--paravisor";
    for (size_t i = 0; i < sizeof sources / sizeof *sources; i++)
        if (sources[i].value[0]) {
            arguments[n++] = sources[i].option;
            arguments[n++] = sources[i].value;
        }
    if (lab_live_mounted(m))
        return lab_site_run(m->site, arguments) == 0;
    if (collect_here(m, nonce, bundle, &err))
        return true;
    out_failure(&err);
    return false;
}
