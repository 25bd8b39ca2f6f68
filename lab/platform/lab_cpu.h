/*
 * A processor with TDX, and the trust domains on it: the registers that the TDX module keeps for a
 * TD, and the TDREPORT that the processor makes of them. Sources: Intel TDX Module Base
 * Architecture Specification (measurement registers, TDG.MR.RTMR.EXTEND, TDG.MR.REPORT); Intel SDM,
 * SEAMREPORT and EVERIFYREPORT2.
 *
 * A TDREPORT is authentic on one processor only: its MAC is made with a key that never leaves that
 * processor. The lab's stand-in is HMAC-SHA-256 with a random key a processor. What the real one
 * computes is not published, and nobody outside the processor can tell.
 */
#ifndef SITUS_LAB_PLATFORM_CPU_H
#define SITUS_LAB_PLATFORM_CPU_H

#include "lab/intel/lab_quote.h"

struct lab_cpu {
    struct lab_world *w;
    struct lab_platform platform; /* what Intel certified: PPID, PIID, keys */
    uint8_t mac_key[32];
    struct span qe_auth_data; /* of its quoting enclave, another after a restart; empty: Intel's */
};

/* lab_cpu_new is machine number n (0 to 15) of the world, with a MAC key of its own. */
struct lab_cpu lab_cpu_new(struct lab_world *w, unsigned n);

/* TDREPORT_STRUCT, 1024 bytes: REPORTMACSTRUCT, TEE_TCB_INFO, 17 zero bytes, TDINFO_STRUCT. */
enum {
    TDREPORT_TYPE = 0,               /* REPORTTYPE: 0x81, subtype, version, zero */
    TDREPORT_CPUSVN = 16,            /* 16 bytes */
    TDREPORT_TEE_TCB_INFO_HASH = 32, /* SHA-384 of TEE_TCB_INFO */
    TDREPORT_TEE_INFO_HASH = 80,     /* SHA-384 of TDINFO */
    TDREPORT_REPORT_DATA = 128,      /* 64 bytes of the guest */
    TDREPORT_MAC = 224,              /* over the 224 bytes before it */
    TDREPORT_TEE_TCB_INFO = 256,     /* 239 bytes */
    TDREPORT_TDINFO = 512,           /* 512 bytes */
    TDREPORT_SIZE = 1024
};
#define TDREPORT_TEE_TCB_INFO_SIZE 239
#define TDREPORT_TDINFO_SIZE 512

/* A trust domain: where it runs, and its registers (report_data stays zero). */
struct lab_td {
    const struct lab_cpu *cpu;
    struct lab_td_report registers;
};

/* lab_td_build is TDH.MNG.INIT to TDH.MR.FINALIZE: the VMM loads the firmware, whose hash is MRTD;
 * RTMRs are zero. The lab's MRTD is SHA-384 of the image, not of the sequence of page additions. */
struct lab_td lab_td_build(const struct lab_cpu *cpu, struct span firmware);

/* lab_td_extend is TDG.MR.RTMR.EXTEND: RTMR = SHA-384(RTMR || digest). */
void lab_td_extend(struct lab_td *td, unsigned rtmr, const uint8_t digest[48]);

/* lab_td_tdreport is TDG.MR.REPORT. */
void lab_td_tdreport(const struct lab_td *td, const uint8_t report_data[64],
                     uint8_t report[TDREPORT_SIZE]);

/* lab_cpu_verify_report is EVERIFYREPORT2: the MAC of a REPORTMACSTRUCT is this processor's. It
 * looks at nothing else: the hashes in it are the caller's to compare. */
bool lab_cpu_verify_report(const struct lab_cpu *cpu, const uint8_t report[TDREPORT_TEE_TCB_INFO]);

#endif
