/* Attackers of a bare-metal machine whose TPM decides: it is a real one (lab_chip.h), and power,
 * launch and Clear happen to it. The rows are in attacks.def. */
#include "lab/attacks/lab_attacks.h"

#include <stdio.h>

/* A machine of this run. */
static void launch(struct lab_attack *x, const struct lab_launch *l, enum lab_chip_key kind)
{
    x->metal = lab_metal_new(x->s, l, kind);
}

/* What the TPM said, of what and when. */
static void refused(struct lab_attack *x, const struct lab_refusal *said, const char *when)
{
    struct lab_refusal *r = &x->refused.v[x->refused.n];
    if (x->refused.n++ == LAB_REFUSALS)
        lab_die("more than %d refusals", LAB_REFUSALS);
    r->rc = said->rc;
    snprintf(r->what, sizeof r->what, "%.24s %.38s", said->what, when);
}

/* The machine's answer, of which nothing is hidden: where its TPM refuses, that is what comes. */
static void attest(struct lab_attack *x, const char *when)
{
    struct lab_refusal said;
    if (!lab_metal_attest(&x->metal, x->d, x->nonce, &x->e, &said))
        refused(x, &said, when);
}

/* The launch of a host with a vTPM of the attacker's. */
static struct lab_launch modified(void)
{
    struct lab_launch l = lab_drtm_honest();
    lab_drtm_event(&l, "lab vTPM 1.0")->measured = "vTPM that says what it is told";
    return l;
}

void attack_other_host(struct lab_attack *x)
{
    struct lab_launch l = lab_drtm_honest(), other = modified();
    launch(x, &l, LAB_CHIP_AK_D);
    if (!x->honest) {
        if (lab_swtpm_extend(&x->metal.chip.tpm, 2, 18, SPAN_LIT("cap")) != 0)
            lab_die("PCR 18 takes no event");
        attest(x, "after one more event in PCR 18");
        lab_metal_launch(&x->metal, &other);
    }
    attest(x, "under another host image");
}

void attack_locality_0(struct lab_attack *x)
{
    struct lab_launch l = lab_drtm_honest(), other = modified();
    const struct lab_swtpm *t = &x->metal.chip.tpm;
    launch(x, &l, LAB_CHIP_AK_D);
    if (!x->honest) {
        lab_metal_launch(&x->metal, &other);
        for (unsigned pcr = 17; pcr <= 18; pcr++) {
            char when[32];
            const struct lab_refusal reset = {"TPM2_PCR_Reset", lab_swtpm_pcr_reset(t, pcr)};
            const struct lab_refusal extend = {"TPM2_PCR_Extend",
                                               lab_swtpm_extend(t, 0, pcr, SPAN_LIT("approved"))};
            snprintf(when, sizeof when, "of PCR %u at locality 0", pcr);
            refused(x, &reset, when);
            refused(x, &extend, when);
        }
    }
    struct lab_refusal said; /* the seal's: other_host */
    lab_metal_attest(&x->metal, x->d, x->nonce, &x->e, &said);
}

static void clear(struct lab_attack *x)
{
    uint32_t rc = lab_swtpm_clear(&x->metal.chip.tpm);
    if (rc != 0)
        lab_die("TPM2_Clear: 0x%x", rc);
}

void attack_cleared(struct lab_attack *x)
{
    struct lab_launch l = lab_drtm_honest();
    launch(x, &l, LAB_CHIP_AK_D);
    if (!x->honest)
        clear(x);
    attest(x, "of AK_d after TPM2_Clear");
}

/* Clear sets both counters to zero; power cycles and launches bring them to where they were. */
void attack_primary(struct lab_attack *x)
{
    struct lab_launch l = lab_drtm_honest();
    uint32_t resets, restarts;
    launch(x, &l, x->honest ? LAB_CHIP_AK_D : LAB_CHIP_PRIMARY);
    if (!x->honest) {
        const struct lab_ak_facts *then = &x->metal.chip.ak;
        clear(x);
        do {
            lab_chip_cycle(&x->metal.chip);
            lab_metal_launch(&x->metal, &l);
            lab_chip_counters(&x->metal.chip, &resets, &restarts);
        } while (resets < then->reset_count);
        for (; restarts < then->restart_count; restarts++)
            lab_metal_launch(&x->metal, &l);
    }
    attest(x, "by a key that came back");
}

void attack_user_with_auth(struct lab_attack *x)
{
    struct lab_launch l = lab_drtm_honest();
    launch(x, &l, x->honest ? LAB_CHIP_AK_D : LAB_CHIP_PASSWORD);
    attest(x, "with the empty password");
}

void attack_loose(struct lab_attack *x)
{
    struct lab_launch l = lab_drtm_honest();
    launch(x, &l, x->honest ? LAB_CHIP_AK_D : LAB_CHIP_LOOSE);
    attest(x, "by a key that any host can use");
}

/* Power off, the board is carried away, power on, and the approved host is launched. */
static void restart(struct lab_attack *x)
{
    struct lab_launch l = lab_drtm_honest();
    lab_chip_cycle(&x->metal.chip);
    lab_metal_launch(&x->metal, &l);
}

void attack_transplant(struct lab_attack *x)
{
    struct lab_launch l = lab_drtm_honest();
    const struct lab_vm *cellar = &x->s->cellar;
    struct lab_refusal said;
    uint8_t extra[32];
    launch(x, &l, LAB_CHIP_AK_D);
    attest(x, "of its own TD");
    if (x->honest)
        return;
    restart(x); /* by hand, on the pins: no processor takes part */
    x->e = lab_vm_attest_for(cellar, x->d, x->metal.chip.public, x->nonce);
    x->e.log_platform = lab_buf_span(&x->metal.launch);
    lab_stage_pq(x->d, x->nonce, x->e.tdx, &cellar->vtpm, extra);
    if (!lab_metal_quote(&x->metal, extra, &x->e.platform, &said))
        refused(x, &said, "on the bench");
}

void attack_modified_host(struct lab_attack *x)
{
    struct lab_launch l = x->honest ? lab_drtm_honest() : modified();
    launch(x, &l, LAB_CHIP_AK_D);
    attest(x, "by the key sealed to it");
}

void attack_kexec(struct lab_attack *x)
{
    struct lab_launch l = lab_drtm_honest();
    if (!x->honest)
        l.event[l.n++] = (struct lab_launch_event){2, 18, 0x40f, "cap"}; /* OSSINITDATA_CAP_HASH */
    launch(x, &l, LAB_CHIP_AK_D);
    attest(x, "by the key sealed to it");
}

void attack_stolen_after(struct lab_attack *x)
{
    struct lab_launch l = lab_drtm_honest();
    launch(x, &l, LAB_CHIP_AK_D);
    if (!x->honest)
        restart(x);
    attest(x, "after a power cycle");
}
