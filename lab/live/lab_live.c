/* Machines that run; see lab_live.h. */
#include "lab/live/lab_live.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

#include "lab/attacks/lab_azure.h"
#include "lab/guest/lab_firmware.h"
#include "lab/platform/lab_qgs.h"
#include "lab/process/lab_process.h"
#include "lab/process/lab_socket.h"
#include "lab/tpm/lab_drtm.h"

#define EXIT_PENDING 3 /* situs-host(1): the provider has yet to confirm this boot */
#define VM "vm1"

static void make_directory(const char *path)
{
    if (mkdir(path, 0700) != 0 && errno != EEXIST)
        lab_die("%s: %s", path, strerror(errno));
}

/* A TPM of this machine: a copy of the pristine one with its name, which runs on short sockets. */
static struct lab_swtpm power_on(const struct lab_live *m, const struct lab_maker *maker,
                                 const char *serial, const char *kind)
{
    char pristine[LAB_PATH], state[LAB_PATH], socket[LAB_PATH], name[40];
    snprintf(name, sizeof name, "%s-state", kind);
    lab_maker_tpm(maker, serial, pristine);
    lab_site_socket(m->site, state, m->row->name, name);
    lab_site_socket(m->site, socket, m->row->name, kind);
    return lab_swtpm_start(pristine, state, socket);
}

/* Step 1 of the protocol: the measured launch of the host. */
static void launch(struct lab_live *m)
{
    struct lab_launch l = lab_drtm_honest();
    struct lab_buf log = {0};
    m->dtpm = power_on(m, &m->site->dtpms, m->row->name, "dtpm");
    lab_drtm_launch(&m->dtpm, &l, &log);
    lab_site_path(m->site, m->launch, m->row->name, "launch.log");
    lab_site_write(m->launch, lab_buf_span(&log));
    lab_buf_free(&log);
}

/* The VM starts: its firmware measures into TD and vTPM. */
static void boot(struct lab_live *m)
{
    struct lab_boot b = lab_firmware_boot();
    struct lab_buf ccel = {0}, log = {0};
    char serial[40];
    snprintf(serial, sizeof serial, m->row->metal ? "%s-vm1" : "%s", m->row->name);
    m->vtpm = power_on(m, &m->site->vtpms, serial, "vtpm");
    m->td = lab_td_build(&m->cpu, b.firmware);
    lab_firmware_into_td(&b, &m->td, &ccel);
    lab_firmware_into_tpm(&b, &m->vtpm, &log);
    lab_site_path(m->site, m->ccel, m->row->name, "ccel");
    lab_site_path(m->site, m->log, m->row->name, "pcr.log");
    lab_site_write(m->ccel, lab_buf_span(&ccel));
    lab_site_write(m->log, lab_buf_span(&log));
    lab_buf_free(&ccel);
    lab_buf_free(&log);
}

/* Step 2: the key of the machine's TPM, or of the vTPM, and its certificate. A new boot is pending
 * until the provider has seen the machine. */
static void enrol(struct lab_live *m)
{
    char state[LAB_PATH], chain[LAB_PATH];
    const struct lab_site *s = m->site;
    lab_site_path(s, state, m->row->name, "host");
    lab_site_path(s, chain, m->row->metal ? "maker" : "provider", "ca.der");
    const char *const metal[] = {
        "host",       "provision",  "--tcti", m->dtpm.tcti,   "--state", state, "--registrar",
        s->registrar, "--ek-chain", chain,    "--launch-log", m->launch, NULL};
    const char *const cloud[] = {"host",       "provision", "--tcti",      m->vtpm.tcti,
                                 "--state",    state,       "--registrar", s->registrar,
                                 "--ek-chain", chain,       "--vtpm",      NULL};
    const char *const *arguments = m->row->metal ? metal : cloud;
    int code = lab_site_run(s, arguments);
    if (code == EXIT_PENDING) {
        lab_site_confirm(s, m->row);
        code = lab_site_run(s, arguments);
    }
    if (code != 0)
        lab_die("%s is not enrolled; see %s/log", m->row->name, s->directory);
    if (!m->row->metal && snprintf(m->cert, sizeof m->cert, "%s/cert0.der", state) >= LAB_PATH)
        lab_die("%s: too long", state);
}

/* Co-location: the measured agent stands between the VM and the quote service. */
static void start_agent(struct lab_live *m, const char *qgs, char vm_qgs[LAB_PATH])
{
    char table[LAB_PATH], directory[LAB_PATH], state[LAB_PATH];
    struct lab_buf b = {0};
    lab_site_path(m->site, table, m->row->name, "vms");
    lab_site_path(m->site, state, m->row->name, "host");
    lab_site_socket(m->site, directory, m->row->name, "vms");
    lab_buf_format(&b, VM " vtpm %s\n", m->vtpm.tcti);
    lab_site_write(table, lab_buf_span(&b));
    lab_buf_free(&b);
    make_directory(directory);
    lab_site_socket(m->site, m->platform, m->row->name, "vms/" VM);
    make_directory(m->platform);
    lab_site_socket(m->site, m->platform, m->row->name, "vms/" VM "/platform.sock");
    lab_site_socket(m->site, vm_qgs, m->row->name, "vms/" VM "/qgs.sock");
    const char *const arguments[] = {
        "host",   "run",        "--dir",   directory, "--vms",        table,     "--qgs", qgs,
        "--tcti", m->dtpm.tcti, "--state", state,     "--launch-log", m->launch, NULL};
    m->agent = lab_site_start(m->site, arguments);
    if (!lab_socket_served(m->platform, m->agent))
        lab_die("nobody serves %s; see %s/log", m->platform, m->site->directory);
}

static void start_td(struct lab_live *m)
{
    char qgs[LAB_PATH], vm_qgs[LAB_PATH];
    m->cpu = lab_cpu_new(m->site->w, m->row->number);
    lab_site_socket(m->site, qgs, m->row->name, "qgs.sock");
    m->qgs = lab_qgs_start(&m->cpu, qgs);
    if (m->row->metal)
        launch(m);
    boot(m);
    if (m->row->enrolled)
        enrol(m);
    if (m->row->metal)
        start_agent(m, qgs, vm_qgs);
    m->tsm = lab_tsm_new(&m->td, m->row->metal ? vm_qgs : qgs);
}

/* The host launches the guest; its whole boot is in the measured pages. */
static void start_snp(struct lab_live *m)
{
    struct lab_boot boot = lab_firmware_boot();
    uint8_t measurement[48];
    lab_stage_measurement(&boot, measurement);
    struct lab_snp_guest guest = lab_snp_guest_launch(&m->site->chip, measurement);
    m->tsm = lab_tsm_snp(&guest);
}

/* The paravisor measures nothing into RTMRs: what boots above it measures into its vTPM. */
static void start_azure(struct lab_live *m)
{
    struct lab_boot b = lab_firmware_boot();
    struct lab_buf log = {0};
    const struct lab_site *s = m->site;
    char socket[LAB_PATH];
    m->cpu = lab_cpu_new(s->w, m->row->number);
    m->vtpm = power_on(m, &s->vtpms, m->row->name, "vtpm-inner");
    m->paravisor =
        (struct lab_paravisor){.w = s->w, .td = lab_td_build(&m->cpu, LAB_AZURE_PARAVISOR)};
    lab_paravisor_make(&m->paravisor, &m->vtpm);
    const struct lab_ca_cert c = {.subject = LAB_AZURE_SUBJECT,
                                  .key = m->paravisor.ak,
                                  .from = lab_world_at(s->w) - 3600,
                                  .to = lab_world_at(s->w) + 300 * 24 * 3600,
                                  .eku = LAB_AZURE_EKU,
                                  .serial = 1};
    lab_paravisor_certify(&m->paravisor, lab_ca_issue(&s->azure, &c));
    lab_firmware_into_tpm(&b, &m->vtpm, &log);
    lab_site_path(s, m->log, m->row->name, "pcr.log");
    lab_site_write(m->log, lab_buf_span(&log));
    lab_buf_free(&log);
    lab_site_socket(s, socket, m->row->name, "vtpm");
    lab_paravisor_start(&m->paravisor, socket);
    m->imds = (struct lab_imds){.cpu = &m->cpu};
    lab_imds_start(&m->imds);
}

void lab_live_start(struct lab_live *m, struct lab_site *s, const struct lab_live_row *row)
{
    char path[LAB_PATH];
    *m = (struct lab_live){.row = row, .site = s};
    lab_site_path(s, path, row->name, NULL);
    make_directory(path);
    lab_site_socket(s, path, row->name, NULL);
    make_directory(path);
    if (row->paravisor) {
        start_azure(m);
        return;
    }
    if (row->snp)
        start_snp(m);
    else
        start_td(m);
    lab_site_socket(s, m->report, row->name, "report");
    make_directory(m->report);
    m->fs = lab_tsm_mount(&m->tsm, m->report);
}

const char *lab_live_policy(const struct lab_live_row *row)
{
    return row->paravisor ? "azure" : row->snp ? "snp" : row->metal ? "metal" : "managed";
}

const char *lab_live_tcti(const struct lab_live *m)
{
    return m->row->paravisor ? m->paravisor.tcti : m->vtpm.tcti;
}

bool lab_live_mounted(const struct lab_live *m)
{
    return m->fs > 0 || m->row->paravisor;
}

void lab_live_stop(struct lab_live *m)
{
    if (m->fs > 0)
        lab_tsm_unmount(m->fs, m->report);
    lab_process_stop(m->agent);
    lab_paravisor_free(&m->paravisor);
    lab_imds_stop(&m->imds);
    if (m->vtpm.process)
        lab_swtpm_stop(&m->vtpm);
    if (m->dtpm.process)
        lab_swtpm_stop(&m->dtpm);
    lab_process_stop(m->qgs);
}
