/*
 * Attackers of SEV-SNP guests, where TDs have none like them; the rows are in attacks.def. Offsets are those of the
 * report (AMD 56860, table 23).
 */
#include "lab/attacks/lab_attacks.h"
#include "lab/attacks/lab_words.h"

enum {
    POLICY = 0x008,
    VMPL = 0x030,
    CURRENT_TCB = 0x038,
    KEY_INFORMATION = 0x048,
    REPORTED_TCB = 0x180,
    CHIP_ID = 0x1a0,
    COMMITTED_TCB = 0x1e0,
    LAUNCH_TCB = 0x1f0,
    SNP_LEVEL = 6 /* of a Milan, in each of these (56860, 2.2) */
};

/* The approved image on a chip, to be bent. */
static void start(struct lab_attack *x, enum lab_place place)
{
    struct lab_boot boot = lab_firmware_boot();
    x->vm = lab_stage_snp(x->s, place, &boot);
}

static void attest(struct lab_attack *x)
{
    x->e = lab_vm_attest(&x->vm, x->d, x->nonce);
}

/* What the host sends beside the report: other certificates than the chip's. */
static void send(struct lab_attack *x, struct span vek, struct span issuer, struct span ark)
{
    const struct span certs[] = {vek, issuer, ark};
    x->vm.snp.table = lab_snp_table(&x->s->amd, certs, 3);
}

static void send_vek(struct lab_attack *x, const struct lab_snp_cert *vek)
{
    const struct lab_snp *amd = &x->s->amd;
    send(x, lab_snp_cert(amd, vek), lab_snp_issuer(amd, LAB_SNP_ASK),
         lab_snp_issuer(amd, LAB_SNP_ARK));
}

void attack_snp_forged(struct lab_attack *x)
{
    start(x, CLOUD_A);
    if (!x->honest)
        x->vm.snp.signs = LAB_SNP_IMPOSTOR;
    attest(x);
}

void attack_snp_own_root(struct lab_attack *x)
{
    start(x, CLOUD_A);
    EVP_PKEY *own = lab_snp_key(&x->s->amd, LAB_SNP_IMPOSTOR);
    const enum lab_snp_key chip = x->vm.snp.chip->vcek.key;
    struct lab_snp_made made = {.key = {[LAB_SNP_ARK] = own, [LAB_SNP_ASK] = own}};
    const struct lab_snp forger = {x->s->w, &made};
    made.key[chip] = lab_snp_key(&x->s->amd, chip);
    if (!x->honest)
        send(x, lab_snp_cert(&forger, &x->vm.snp.chip->vcek), lab_snp_issuer(&forger, LAB_SNP_ASK),
             lab_snp_issuer(&forger, LAB_SNP_ARK));
    attest(x);
}

void attack_snp_own_vcek(struct lab_attack *x)
{
    start(x, CLOUD_A);
    struct lab_snp_cert own = x->vm.snp.chip->vcek;
    own.key = own.signer = LAB_SNP_IMPOSTOR;
    if (!x->honest) {
        x->vm.snp.signs = LAB_SNP_IMPOSTOR;
        send_vek(x, &own);
    }
    attest(x);
}

void attack_snp_ask_revoked(struct lab_attack *x)
{
    start(x, CLOUD_A);
    attest(x);
    lab_words_add(&x->e, "amd.crl",
                  lab_snp_crl(&x->s->amd, lab_snp_issuer(&x->s->amd, LAB_SNP_ARK),
                              x->honest ? 0 : LAB_SNP_ASK_SERIAL));
}

void attack_snp_other_chip(struct lab_attack *x)
{
    start(x, x->honest ? CLOUD_A : BASEMENT);
    memcpy(x->vm.snp.report + CHIP_ID, x->s->chip[CLOUD_A].vcek.chip, 64);
    attest(x);
}

/* All four TCBs; the VCEK of older firmware is another key, by its certificate too. */
void attack_snp_downgraded(struct lab_attack *x)
{
    static const uint16_t tcbs[] = {CURRENT_TCB, REPORTED_TCB, COMMITTED_TCB, LAUNCH_TCB};
    start(x, CLOUD_B);
    struct lab_snp_cert old = x->vm.snp.chip->vcek;
    old.level[3]--; /* snp */
    if (!x->honest) {
        for (size_t i = 0; i < sizeof tcbs / sizeof *tcbs; i++)
            x->vm.snp.report[tcbs[i] + SNP_LEVEL]--;
        send_vek(x, &old);
    }
    attest(x);
}

void attack_snp_launched_old(struct lab_attack *x)
{
    start(x, CLOUD_B);
    if (!x->honest)
        x->vm.snp.report[LAUNCH_TCB + SNP_LEVEL]--;
    attest(x);
}

void attack_snp_debug(struct lab_attack *x)
{
    start(x, CLOUD_B);
    if (!x->honest)
        x->vm.snp.report[POLICY + 2] |= 0x08; /* bit 19 (56860, 4.3) */
    attest(x);
}

void attack_snp_host_asks(struct lab_attack *x)
{
    start(x, CLOUD_B);
    if (!x->honest)
        memset(x->vm.snp.report + VMPL, 0xff, 4);
    attest(x);
}

void attack_snp_vmpl(struct lab_attack *x)
{
    start(x, CLOUD_B);
    if (!x->honest)
        x->vm.snp.report[VMPL] = 2;
    attest(x);
}

void attack_snp_as_td(struct lab_attack *x)
{
    start(x, CLOUD_A);
    attest(x);
    if (!x->honest)
        x->e = lab_vm_attest(&x->s->a, x->d, x->nonce);
}

/* The provider's key signs on every chip of his, and whatever CHIP_ID the host lets stand. */
static void sign_by_vlek(struct lab_attack *x, enum lab_place named)
{
    const struct lab_snp_cert vlek = lab_snp_vlek(&x->s->amd);
    x->vm.snp.signs = LAB_SNP_VLEK;
    x->vm.snp.report[KEY_INFORMATION] = 1 << 2; /* SIGNING_KEY: VLEK */
    memcpy(x->vm.snp.report + CHIP_ID, x->s->chip[named].vcek.chip, 64);
    send(x, lab_snp_cert(&x->s->amd, &vlek), lab_snp_issuer(&x->s->amd, LAB_SNP_ASVK),
         lab_snp_issuer(&x->s->amd, LAB_SNP_ARK));
}

void attack_snp_vlek(struct lab_attack *x)
{
    start(x, x->honest ? CLOUD_B : LEAKY);
    if (!x->honest)
        sign_by_vlek(x, CLOUD_B);
    attest(x);
}

static void show_list(struct lab_attack *x)
{
    lab_words_add(&x->e, "machines.cose",
                  lab_words_list(x->s, &x->s->owner, 5, KIND_SNP, 1U << CLOUD_A,
                                 lab_words_days(x->s, -1, 6)));
}

void attack_snp_listed_vlek(struct lab_attack *x)
{
    start(x, x->honest ? CLOUD_A : CLOUD_B);
    if (!x->honest)
        sign_by_vlek(x, CLOUD_A);
    attest(x);
    show_list(x);
}

/* Not defended */

/* Such a launch measures the same, whatever kernel it is given. */
void attack_snp_firmware_only(struct lab_attack *x)
{
    start(x, CLOUD_B);
    attest(x);
}

void attack_snp_key_leaked(struct lab_attack *x)
{
    start(x, x->honest ? CLOUD_A : BASEMENT);
    if (!x->honest) {
        const struct lab_snp_cert *taken = &x->s->chip[CLOUD_A].vcek;
        x->vm.snp.signs = taken->key;
        memcpy(x->vm.snp.report + CHIP_ID, taken->chip, 64);
        send_vek(x, taken);
    }
    attest(x);
    show_list(x);
}
