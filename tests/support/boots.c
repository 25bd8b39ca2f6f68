/* Honest boots; see boots.h. */
#include "support/boots.h"

#include "support/make_log.h"
#include "support/vectors.h"

#include "lab/guest/lab_firmware.h"

static const struct {
    const char *name, *path;
    bool moves_images;
} boots[BOOTS] = {
    {"lab", NULL, false},
    {"gcp-tdx-vtpm", "eventlogs/gcp-tdx-vtpm.bin", true},
    {"uki-crb", "lab/uki-crb/binary_bios_measurements", false},
    {"direct-crb", "lab/direct-crb/binary_bios_measurements", false},
    {"gcp-snp-ubuntu", "eventlogs/ubuntu-2404-amd-sevsnp.bin", false},
    {"rhel8", "eventlogs/rhel8-uefi.bin", false},
    {"ubuntu-2104", "eventlogs/ubuntu-2104-no-secure-boot.bin", false},
    {"gce-cos-85", "tpm/gce-cos-85/event_log.bin", false},
};

const char *boots_name(size_t i)
{
    return boots[i].name;
}

bool boots_moves_images(size_t i)
{
    return boots[i].moves_images;
}

static void lab(struct log_pair *p)
{
    struct lab_boot boot = lab_firmware_boot();
    for (size_t i = 0; i < boot.n; i++) {
        const struct lab_boot_event *e = &boot.event[i];
        if (e->rtmr != LAB_NO_RTMR)
            log_pair_add(&p->td, e->rtmr, e->type, e->measured, e->data);
        if (e->pcr != LAB_NO_PCR)
            log_pair_add(&p->tpm, e->pcr, e->type, e->measured, e->data)->tpm_only =
                e->rtmr == LAB_NO_RTMR && e->type != EV_SEPARATOR;
    }
}

void boots_start(struct log_pair *p, size_t i)
{
    log_pair_start(p);
    if (!boots[i].path) {
        lab(p);
    } else {
        struct events log = make_log_load(vectors_read(boots[i].path), LOG_PCR);
        log_pair_load(&p->tpm, &log);
        for (size_t k = p->tpm.n; k > 0; k--)
            if (p->tpm.row[k - 1].at == 10 || p->tpm.row[k - 1].at > 14)
                log_pair_remove(&p->tpm, k - 1);
        for (size_t k = 0; k < p->tpm.n; k++) /* Linux's stub measures to one of both: the TPM */
            p->tpm.row[k].tpm_only = p->tpm.row[k].at == 9 && p->tpm.row[k].type == EV_EVENT_TAG;
        log_pair_td(p);
    }
    log_pair_refer(p);
}
