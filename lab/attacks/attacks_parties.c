/*
 * Attackers who bring another party's word: a TPM that was certified for another machine. The rows
 * are in attacks.def.
 */
#include "lab/attacks/lab_attacks.h"
#include "lab/attacks/lab_google.h"
#include "model/gce.h"

#define OURS 1001
#define ANOTHER 2002

/* CLOUD_B's vTPM, which its registrar ties to a platform id, speaks for a TD whose platform has
 * none: its VM, broken into as it runs, asks it to. */
void attack_platform_without_id(struct lab_attack *x)
{
    const struct lab_vm *lender = &x->s->b;
    struct lab_cpu old = x->s->cpu[BASEMENT];
    struct lab_vm far = x->s->cellar;
    uint8_t extra[32];
    x->e = lab_vm_attest(lender, x->d, x->nonce);
    if (x->honest)
        return;
    old.platform.processor_ca = true;
    far.td.cpu = &old;
    x->e.tdx = lab_vm_td_quote(&far, x->d, lab_soft_public(&lender->vtpm), x->nonce);
    lab_stage_tq(x->d, x->nonce, x->e.tdx, extra);
    x->e.guest =
        lab_stage_quote(&lender->vtpm, HASH_SHA384, LAB_GUEST_PCRS, extra, lender->ak_cert);
    x->e.channel = x->e.peer = far.spki;
}

/* Google's certificate names one instance, the TD's owner id another; nobody asks for an owner. */
void attack_instance_of_another(struct lab_attack *x)
{
    x->vm = lab_google_vm(x->s, CLOUD_A, OURS);
    if (!x->honest)
        gce_mrowner(ANOTHER, LAB_GOOGLE_PROJECT, SPAN_LIT(LAB_GOOGLE_ZONE),
                    x->vm.td.registers.mr_owner);
    x->e = lab_vm_attest(&x->vm, x->d, x->nonce);
}
