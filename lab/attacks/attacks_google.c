/*
 * Attackers of VMs whose AK certificate names an instance, and no platform: what ties it to the
 * processors is MROWNER, and who vouches for either. The rows are in attacks.def.
 */
#include "lab/attacks/lab_attacks.h"
#include "lab/attacks/lab_google.h"
#include "lab/attacks/lab_words.h"
#include "model/gce.h"

#define OURS 1001
#define ANOTHER 2002

/* The VM's evidence, with the endorsement of its machine by who owns the place. */
static void attest_owned(struct lab_attack *x, enum lab_place place)
{
    bool rivals = place == CLOUD_B;
    const struct lab_owner *issuer = rivals ? &x->s->rival : &x->s->owner;
    x->e = lab_vm_attest(&x->vm, x->d, x->nonce);
    lab_words_add(&x->e, "endorsement.cbor",
                  lab_words_poe(x->s, issuer, x->s->cpu[place].platform.piid,
                                rivals ? "Rival Cloud, Inc." : "Example Cloud, Inc.",
                                lab_words_days(x->s, -10, 20)));
    lab_words_add(&x->e, "revoked.cose",
                  lab_words_revocations(x->s, issuer, 1, NULL, 0, lab_words_days(x->s, 0, 1)));
}

void attack_other_party(struct lab_attack *x)
{
    enum lab_place place = x->honest ? CLOUD_A : CLOUD_B;
    x->vm = lab_google_vm(x->s, place, OURS);
    attest_owned(x, place);
}

void attack_other_instance(struct lab_attack *x)
{
    x->vm = lab_google_vm(x->s, CLOUD_A, OURS);
    if (!x->honest)
        gce_mrowner(ANOTHER, LAB_GOOGLE_PROJECT, SPAN_LIT(LAB_GOOGLE_ZONE),
                    x->vm.td.registers.mr_owner);
    attest_owned(x, CLOUD_A);
}

/* Google's registry, as the verifier fetched it. */
static void attest_registered(struct lab_attack *x, enum lab_place asked, const char *zone)
{
    x->e = lab_vm_attest(&x->vm, x->d, x->nonce);
    struct lab_word word = lab_google_host(x->s, asked, zone);
    lab_words_add(&x->e, word.name, word.bytes);
}

void attack_host_of_another(struct lab_attack *x)
{
    x->vm = lab_google_vm(x->s, x->honest ? CLOUD_A : BASEMENT, OURS);
    attest_registered(x, CLOUD_A, LAB_GOOGLE_ZONE);
}

void attack_host_other_instance(struct lab_attack *x)
{
    x->vm = lab_google_vm(x->s, CLOUD_A, OURS);
    if (!x->honest)
        gce_mrowner(ANOTHER, LAB_GOOGLE_PROJECT, SPAN_LIT(LAB_GOOGLE_ZONE),
                    x->vm.td.registers.mr_owner);
    attest_registered(x, CLOUD_A, LAB_GOOGLE_ZONE);
}

void attack_host_other_zone(struct lab_attack *x)
{
    x->vm = lab_google_vm(x->s, CLOUD_A, OURS);
    attest_registered(x, CLOUD_A, x->honest ? LAB_GOOGLE_ZONE : "us-central1-a");
}
