/*
 * Azure's paravisor (OpenHCL) as it runs: before a vTPM, which is swtpm here, stands a process that has it for itself and passes
 * the guest's commands on. The guest's reading of NV index 01400001h from its beginning makes the report anew, around the 64
 * bytes that the guest wrote into 01400002h, and not within two seconds of the last (openvmm, vm/devices/tpm/tpm_device).
 * swtpm's indices have 2048 bytes at most, Azure's 2600.
 */
#ifndef SITUS_LAB_GUEST_PARAVISOR_H
#define SITUS_LAB_GUEST_PARAVISOR_H

#include "lab/amd/lab_snp_guest.h"
#include "lab/guest/lab_hcl.h"
#include "lab/platform/lab_cpu.h"

struct lab_paravisor {
    struct lab_world *w;
    struct lab_snp_guest snp; /* without a chip: it is a TD */
    struct lab_td td;
    EVP_PKEY *ak;    /* the public key at 81000003h */
    unsigned pause;  /* ms between two reports; 0: Azure's 2000 */
    bool silent;     /* an older one, whose reports say no user-data */
    bool loose;      /* the hardware report is over another text: what no paravisor gives */
    char inner[104]; /* the socket of swtpm */
    char tcti[112];  /* for the guest */
    pid_t process;
};

/* lab_paravisor_make makes key and indices in a new vTPM. */
void lab_paravisor_make(struct lab_paravisor *p, const struct lab_swtpm *vtpm);

/* lab_paravisor_certify puts the certificate of the key (DER) into its index. */
void lab_paravisor_certify(const struct lab_paravisor *p, struct span cert);

/* lab_paravisor_start takes the vTPM for itself and serves the guest at this socket, until lab_paravisor_stop, which
 * removes it. lab_paravisor_free stops it, too, and accepts the zero state. */
void lab_paravisor_start(struct lab_paravisor *p, const char *socket);
void lab_paravisor_stop(struct lab_paravisor *p);
void lab_paravisor_free(struct lab_paravisor *p);

#endif
