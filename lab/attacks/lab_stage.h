/*
 * The stage of the attacks: a provider with two managed machines and a bare-metal one, and a
 * basement with a genuine TDX machine; and beside each of these machines one with SEV-SNP. Everyone on it is played by functions that do what the
 * protocol lets that party do (DESIGN: scenarios to DESIGN: messages), and no more: what an
 * attacker cannot get from an honest party he must make himself.
 *
 * Its TPMs are in software (lab_soft_tpm.h) and its messages function calls; attacks in which the
 * TPM itself, or the wire, decides use real ones (lab_chip.h, lab_wire.h).
 */
#ifndef SITUS_LAB_ATTACKS_STAGE_H
#define SITUS_LAB_ATTACKS_STAGE_H

#include "lab/amd/lab_snp_guest.h"
#include "lab/attacks/lab_floor.h"
#include "lab/ca/lab_ca.h"
#include "lab/guest/lab_firmware.h"
#include "lab/intel/lab_owner.h"
#include "lab/platform/lab_qe.h"
#include "lab/tpm/lab_drtm.h"
#include "model/bundle.h"
#include "model/finding.h"

/* Two ways to bind: DESIGN: messages, and the article's to the letter (report_data = AKH || N,
 * extraData = N), which exists in the lab only. */
enum lab_dialect { LAB_SITUS, LAB_ARTICLE };

#define LAB_AZURE_CA "Azure in the lab" /* that policies name */
#define LAB_GUEST_PCRS 0x7bffu          /* 0-9, 11-14, in both banks */
#define LAB_GUEST_BANKS (1u << HASH_SHA256 | 1u << HASH_SHA384)
#define LAB_LAUNCH_BANKS (1u << HASH_SHA256)
#define LAB_LAUNCH_PCRS 0x60000u /* L: 17 and 18, in SHA-256 */

/* A VM: the trust domain, its vTPM with AK_v, the logs of its boot, and its channel key K. Of an
 * SEV-SNP guest the guest and its channel key alone: no vTPM is bound to one. */
struct lab_vm {
    enum check_kind tee; /* KIND_TDX, KIND_SNP */
    struct lab_snp_guest snp;
    struct lab_td td;
    struct lab_soft_tpm vtpm;
    struct lab_buf ccel, log;
    EVP_PKEY *channel;
    struct span spki;    /* of the channel key, DER */
    struct span ak_cert; /* the provider's word for AK_v; empty on bare metal */
};

/* A bare-metal machine: its own TPM with the sealed AK_d, the measured launch, one VM. */
struct lab_host {
    struct lab_soft_tpm dtpm;
    struct lab_buf launch;
    struct span ak_cert; /* the registrar's word for AK_d */
    struct lab_vm vm;
};

/* REBUILT is the machine of CLOUD_A after its keys were reset: another platform instance. */
enum lab_place { CLOUD_A, CLOUD_B, METAL, BASEMENT, LEAKY, REBUILT, PLACES };

struct lab_stage {
    struct lab_world *w;
    struct lab_ca provider;  /* certifies AKs: registrar of both kinds of machine */
    struct lab_ca nobody;    /* the attacker's own */
    struct lab_ca neighbour; /* a registrar that the verifier knows too, of another hall */
    struct lab_ca google;    /* certifies AKs of instances (lab_google.h) */
    struct lab_ca azure;     /* certifies AKs of machines under a paravisor (lab_azure.h) */
    struct lab_owner owner;  /* of CLOUD_A and METAL, "Example Cloud" */
    struct lab_owner rival;  /* of CLOUD_B, "Rival Cloud" */
    struct lab_owner fraud;  /* the attacker's own, who calls himself "Example Cloud" */
    EVP_PKEY *alliance;      /* signs tokens about listed machines (lab_alliance.h) */
    EVP_PKEY *verifier;      /* signs tokens about quotes (lab_maa.h) */
    struct lab_cpu cpu[PLACES];
    struct lab_snp amd;
    struct lab_snp_chip chip[PLACES];
    struct lab_vm a, b;    /* honest VMs on CLOUD_A and CLOUD_B */
    struct lab_host metal; /* on METAL */
    struct lab_vm cellar;  /* the approved image on BASEMENT, with a vTPM of the attacker's */
    struct lab_vm snp_a, snp_b, snp_cellar; /* the same, of SEV-SNP; use lab_stage_at */
    struct lab_vm paravised[2][2];          /* by TEE and place; lab_azure_at */
    struct lab_floor floor;
    long serial;
    int64_t certify_from; /* notBefore of certificates of AKs; 0: an hour before the stage */
};

/* lab_stage_new sets the stage at a time; lab_stage_free clears it. */
struct lab_stage *lab_stage_new(int64_t at);
void lab_stage_free(struct lab_stage *s);

/* lab_stage_vm boots a VM: td into the trust domain, tpm into the vTPM (the same when honest). */
struct lab_vm lab_stage_vm(struct lab_stage *s, enum lab_place place, const struct lab_boot *td,
                           const struct lab_boot *tpm);
void lab_vm_free(struct lab_vm *vm);

/* lab_vm_channel makes the VM's channel key. */
void lab_vm_channel(struct lab_stage *s, struct lab_vm *vm);

/* lab_stage_snp starts an SEV-SNP guest of this boot, all of which is in its measured pages. */
struct lab_vm lab_stage_snp(struct lab_stage *s, enum lab_place place, const struct lab_boot *boot);

/* lab_stage_at is the honest VM at CLOUD_A or CLOUD_B, or that of the BASEMENT, of this kind of TEE. */
const struct lab_vm *lab_stage_at(struct lab_stage *s, enum check_kind tee, enum lab_place place);

/* lab_stage_measurement is what the launch of such a guest measures. */
void lab_stage_measurement(const struct lab_boot *boot, uint8_t measurement[48]);

/* lab_stage_host launches a bare-metal machine and seals an AK_d with these attributes to the
 * launch; its VM runs the approved image. lab_stage_enrol lets the registrar certify the AK_d. */
struct lab_host lab_stage_host(struct lab_stage *s, enum lab_place place,
                               const struct lab_launch *launch, uint32_t attributes);
void lab_host_free(struct lab_host *h);

/* lab_stage_approver is the Name of the provider's key that approves host images. */
struct span lab_stage_approver(struct lab_stage *s);

/* What SitusMachine says (DESIGN: attestation key); class 0 dtpm, 1 vtpm. */
struct lab_identity {
    const char *facility, *machine;
    unsigned class;
    const uint8_t *piid; /* 16 bytes */
};

/* What a registrar learned of a key and its TPM when it enrolled it. */
struct lab_ak_facts {
    EVP_PKEY *key; /* its public key */
    uint8_t name[34], ek_name[34];
    uint32_t reset_count, restart_count;
};

/* lab_stage_certify_ak is an AK certificate of 12 hours, DER; lab_stage_certify is one for the AK
 * of a TPM in software. */
struct span lab_stage_certify_ak(struct lab_stage *s, const struct lab_ca *ca,
                                 const struct lab_ak_facts *ak, const struct lab_identity *m);
struct span lab_stage_certify(struct lab_stage *s, const struct lab_ca *ca,
                              const struct lab_soft_tpm *t, const struct lab_identity *m);

/* One TPM's part of the evidence. */
struct lab_tpm_item {
    bool given;
    struct lab_soft_quote quote;
    struct span public_area;
    struct span cert;     /* empty: none */
    uint32_t banks, mask; /* bit i: enum hash i; PCR i */
    uint8_t pcr[LAB_TPM_BANKS][24][HASH_MAX_SIZE];
};

/* lab_stage_quote is TPM2_Quote as an item of evidence. */
struct lab_tpm_item lab_stage_quote(const struct lab_soft_tpm *t, uint32_t banks, uint32_t mask,
                                    const uint8_t extra[32], struct span cert);

/* A word of somebody else's about the machine; name as a file has it. */
struct lab_word {
    const char *name;
    struct span bytes;
};

#define LAB_WORDS 4

/* An item that the sender adds to his bundle. */
struct lab_sent {
    const char *label;
    enum item_kind kind;
    struct span bytes;
};

#define LAB_SENT 2

/* All evidence, and what the verifier knows besides. Empty spans are left out. */
struct lab_evidence {
    struct span tdx, snp, hcl, log_tdx, log_guest, log_platform, channel;
    struct lab_tpm_item guest, platform;
    uint8_t nonce[32];     /* N, which the verifier issued for this session */
    bool no_nonce;         /* the verifier issued none */
    struct span wire;      /* the whole bundle as it came over a wire, instead of all the above */
    struct span peer;      /* the key that the relying party sees on its wire; empty: not told */
    int64_t round_trip_us; /* as the verifier's clock says; 0: not measured, and not bounded */
    bool watched, gap;     /* somebody watches the machine; its span ended by a gap */
    struct lab_word word[LAB_WORDS]; /* endorsements, lists, revocation lists (lab_words.h) */
    size_t n_words;
    struct lab_sent sent[LAB_SENT];
    size_t n_sent;
    uint64_t list_seen,
        revocation_seen; /* highest that the verifier saw of Example Cloud; 0: none */
};

/* The formulas (DESIGN: messages), in either dialect. */
void lab_stage_report_data(enum lab_dialect d, struct span ak_public, const uint8_t nonce[32],
                           struct span spki, uint8_t out[64]);
void lab_stage_tq(enum lab_dialect d, const uint8_t nonce[32], struct span tdq, uint8_t out[32]);
void lab_stage_pq(enum lab_dialect d, const uint8_t nonce[32], struct span tdq,
                  const struct lab_soft_tpm *vtpm, uint8_t out[32]);

/* lab_vm_td_quote lets the VM ask for a TD quote that names this AK, with its own channel key. */
struct span lab_vm_td_quote(const struct lab_vm *vm, enum lab_dialect d, struct span ak_public,
                            const uint8_t nonce[32]);

/* lab_vm_attest_for is what the guest's agent answers when its TD report must name this AK. */
struct lab_evidence lab_vm_attest_for(const struct lab_vm *vm, enum lab_dialect d,
                                      struct span ak_public, const uint8_t nonce[32]);

/* The honest programs' whole answers to a challenge. */
struct lab_evidence lab_vm_attest(const struct lab_vm *vm, enum lab_dialect d,
                                  const uint8_t nonce[32]);
struct lab_evidence lab_host_attest(const struct lab_host *h, enum lab_dialect d,
                                    const uint8_t nonce[32]);

#endif
