/*
 * Attackers who bring another party's word: a TPM that was certified for another machine, or by who
 * does not speak for the place, or that its party took back. The rows are in attacks.def.
 */
#include "endorse/revocation/revocation.h"
#include "lab/attacks/lab_attacks.h"
#include "lab/attacks/lab_google.h"
#include "lab/attacks/lab_words.h"
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
        lab_stage_quote(&lender->vtpm, LAB_GUEST_BANKS, LAB_GUEST_PCRS, extra, lender->ak_cert);
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

/* An instance answers anybody's challenge; its certificate names no platform, and the basement's TD
 * no instance. */
void attack_instance_oracle(struct lab_attack *x)
{
    const struct lab_vm *cellar = &x->s->cellar;
    x->vm = lab_google_vm(x->s, CLOUD_A, OURS);
    x->e = lab_vm_attest(&x->vm, x->d, x->nonce);
    if (x->honest)
        return;
    x->e.tdx = lab_vm_td_quote(cellar, x->d, lab_soft_public(&x->vm.vtpm), x->nonce);
    x->e.log_tdx = lab_buf_span(&cellar->ccel);
    x->e.channel = x->e.peer = cellar->spki;
}

/* Another registrar that the verifier trusts, for its own hall, certifies a vTPM in a basement as
 * one of the provider's. */
void attack_second_registrar(struct lab_attack *x)
{
    const struct lab_identity m = {"lab-hall-1", "cloud-a", 1, x->s->cpu[BASEMENT].platform.piid};
    struct lab_vm vm = x->honest ? x->s->a : x->s->cellar;
    if (!x->honest)
        vm.ak_cert = lab_stage_certify(x->s, &x->s->neighbour, &vm.vtpm, &m);
    x->e = lab_vm_attest(&vm, x->d, x->nonce);
    lab_words_add(&x->e, "neighbour.crl", lab_ca_crl(&x->s->neighbour, 0));
}

/* A registrar certifies a vTPM in a basement as an instance of Google's. */
void attack_registrar_as_google(struct lab_attack *x)
{
    const struct lab_ca google = x->s->google;
    if (!x->honest)
        x->s->google = x->s->provider;
    x->vm = lab_google_vm(x->s, x->honest ? CLOUD_A : BASEMENT, OURS);
    x->s->google = google;
    x->e = lab_vm_attest(&x->vm, x->d, x->nonce);
}

/* A revocation list that names a TPM: of its registrar's own party, or (honest) of another one,
 * which takes nothing back. */
static void take_back(struct lab_attack *x, enum revocation_kind kind, const uint8_t name[34])
{
    struct lab_revoked back = {.kind = kind,
                               .reason = REVOCATION_REASON_REPLACED,
                               .size = 34,
                               .at = lab_world_at(x->s->w) - 3600};
    memcpy(back.id, name, back.size);
    lab_words_add(&x->e, "revoked.cose",
                  lab_words_revocations(x->s, x->honest ? &x->s->rival : &x->s->owner, 7, &back, 1,
                                        lab_words_days(x->s, 0, 1)));
}

/* CLOUD_A's vTPM, whose certificate the provider has revoked since the CRL of the day, which is in
 * every bundle; honest: he revoked another one. */
static void revoke_ak(struct lab_attack *x)
{
    const struct lab_identity m = {"lab-hall-1", "cloud-a", 1, x->s->cpu[CLOUD_A].platform.piid};
    struct lab_vm vm = x->s->a;
    vm.ak_cert = lab_stage_certify(x->s, &x->s->provider, &vm.vtpm, &m);
    x->e = lab_vm_attest(&vm, x->d, x->nonce);
    lab_words_add(&x->e, "provider.crl",
                  lab_ca_crl_newer(&x->s->provider, x->s->serial + (x->honest ? 1000 : 0)));
}

void attack_bundle_crl(struct lab_attack *x)
{
    revoke_ak(x);
}

void attack_delta_crl(struct lab_attack *x)
{
    revoke_ak(x);
    if (!x->honest)
        lab_words_send(&x->e, "crl.delta", ITEM_CRL, lab_ca_crl_delta(&x->s->provider));
}

void attack_ak_taken_back(struct lab_attack *x)
{
    uint8_t name[34];
    x->e = lab_vm_attest(&x->s->a, x->d, x->nonce);
    lab_soft_ak_name(&x->s->a.vtpm, name);
    take_back(x, REVOCATION_AK_NAME, name);
}

void attack_ek_taken_back(struct lab_attack *x)
{
    x->e = lab_host_attest(&x->s->metal, x->d, x->nonce);
    take_back(x, REVOCATION_EK, x->s->metal.dtpm.ek_name);
}
