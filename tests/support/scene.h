/*
 * One whole appraisal in either scenario, from a boot to a verdict: the lab's Intel signs the TD's
 * side, software keys the TPMs', and every step is open to an attacker between two stages. Nothing
 * attacked is the honest twin.
 */
#ifndef SITUS_TESTS_SCENE_H
#define SITUS_TESTS_SCENE_H

#include "lab/intel/lab_intel.h"
#include "model/tpm_value.h"
#include "situs/evidence_verify.h"
#include "support/make_log.h"
#include "support/soft_ca.h"
#include "support/soft_tpm.h"

#define SCENE_AT (SOFT_CA_NOON - 3600)
#define SCENE_AK_V 0x00050072
#define SCENE_AK_D 0x000500b2

/* An event of the guest's boot: rtmr 1 to 3 is its CC register (RTMR + 1), 0 none; pcr likewise. */
#define SCENE_NO_PCR 24
#define SCENE_EVENTS 40
struct scene_event {
    uint32_t rtmr, pcr, type;
    const char *text; /* what is measured, and the event's data */
};

/* One TPM: what it quotes, and its log. */
struct scene_tpm {
    struct soft_ak ak;
    struct tpm_attest attest;
    struct registers registers;
    struct replay_values {
        uint8_t v[REGISTERS_MAX][HASH_MAX_SIZE];
    } values;
    struct make_log log;
    uint8_t extra[32], digest[32], qualified[66];
    uint8_t attest_bytes[512], signature_bytes[512], value_bytes[8192];
    struct span attest_span, signature;
};

/* What the registrar's certificate says (SitusMachine). */
struct scene_machine {
    uint8_t class, ek_name[34], ak_name[34], piid[16], resets, restarts;
};

enum scene_stage {
    SCENE_PLANNED,  /* keys, events, machine; the policy is written */
    SCENE_REPORTED, /* logs and registers; the TD's report and the registrar's words, unsigned */
    SCENE_ATTESTED, /* the TD quote; the TPMs' attestations, unsigned */
    SCENE_SIGNED,   /* everything is signed; the bundle is not packed */
    SCENE_ASKED     /* the request */
};

struct scene {
    bool bare_metal;
    struct lab_world *w;
    struct lab_platform platform;
    struct lab_quote td;
    struct lab_collateral collateral;
    struct span quote; /* what is sent of the TD */
    uint8_t tqh[32];
    struct scene_event boot[SCENE_EVENTS], launch[12];
    size_t n_boot, n_launch;
    const char *kernel_in_tpm; /* what the TPM saw instead of the kernel; NULL: the same */
    struct make_log ccel;
    struct scene_tpm guest, host;
    struct scene_machine says;
    struct soft_cert root, ca, cert;
    struct span crls[2];
    size_t n_crls;
    struct situs_item beside[2]; /* what the verifier holds of others' words */
    size_t n_beside;
    struct situs_endorsements words; /* loaded of it */
    uint8_t nonce[32];
    struct span channel;
    char policy_text[16384], trust_text[16384];
    const char *more;    /* more members of the policy, each with a comma before it */
    const char *host_to; /* end of the host reference */
    bool co_locates;
    const char *leave_out; /* label of an item that is not sent */
    struct policy policy;
    struct trust trust;
    struct anchor anchors[2];
    struct situs_snapshot snapshot;
    struct situs_request request;
    union {
        struct result result;
        struct situs_result answer; /* for the reports */
    };
    uint8_t memory[1 << 20], policy_memory[1 << 16], bundle_memory[1 << 17], result_memory[1 << 18];
    struct arena arena;
};

typedef void scene_attack(struct scene *s, enum scene_stage at);

/* scene_run plays the scene; attack (NULL: nobody) is called at each stage and may change what lies
 * open. The result is in the scene, which is static: one at a time. */
struct scene *scene_run(bool bare_metal, scene_attack *attack);

/* scene_free releases what a scene holds. */
void scene_free(struct scene *s);

/* scene_pick_policy reads the policy anew, after a change of more, host_to or co_locates. */
void scene_policy(struct scene *s);

/* scene_seal makes AK_d with this authPolicy, of this kind of key. */
void scene_seal(struct scene *s, enum soft_kind kind, struct span auth_policy);

#endif
