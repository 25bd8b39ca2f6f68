/* Attackers of a bare-metal machine (S-II); the rows are in attacks.def. */
#include "appraise/seal.h"
#include "lab/attacks/lab_attacks.h"

static void attest(struct lab_attack *x, const struct lab_host *h)
{
    x->e = lab_host_attest(h, x->d, x->nonce);
}

/* A machine of this run, launched and enrolled. */
static void launch(struct lab_attack *x, const struct lab_launch *l, uint32_t attributes)
{
    x->host = lab_stage_host(x->s, METAL, l, attributes);
}

static void enrol(struct lab_attack *x, unsigned class)
{
    const struct lab_identity m = {"lab-hall-1", "metal-1", class, x->s->cpu[METAL].platform.piid};
    x->host.ak_cert = lab_stage_certify(x->s, &x->s->provider, &x->host.dtpm, &m);
}

/* The evidence's TD is the one in the basement, which names this AK_d. */
static void move_td(struct lab_attack *x, const struct lab_host *h)
{
    const struct lab_vm *cellar = &x->s->cellar;
    x->e.tdx = lab_vm_td_quote(cellar, x->d, lab_soft_public(&h->dtpm), x->nonce);
    x->e.log_tdx = lab_buf_span(&cellar->ccel);
    x->e.channel = x->e.peer = cellar->spki;
}

void attack_tdreport_of_another(struct lab_attack *x)
{
    const struct lab_host *h = &x->s->metal;
    attest(x, h); /* the agent speaks for the tenant's own TD, and for no other */
    if (x->honest)
        return;
    uint8_t data[64] = {0}, report[TDREPORT_SIZE];
    lab_td_tdreport(&x->s->cellar.td, data, report);
    if (lab_qe_quote(&x->s->cpu[METAL], report).n != 0)
        lab_die("the quoting enclave took a TDREPORT of another machine");
    move_td(x, h);
}

void attack_agent_oracle(struct lab_attack *x)
{
    attest(x, &x->s->metal);
    if (x->honest)
        return;
    move_td(x, &x->s->metal);
    x->e.platform.given = false; /* it remembers no such quote, and signs nothing */
    x->e.log_platform = span_of(NULL, 0);
}

void attack_config(struct lab_attack *x)
{
    struct lab_launch l = lab_drtm_honest();
    launch(x, &l, LAB_AK_D);
    if (x->honest)
        lab_hash384(x->host.vm.td.registers.mr_config_id, lab_soft_public(&x->host.dtpm));
    attest(x, &x->host);
}

void attack_unsealed(struct lab_attack *x)
{
    struct lab_launch l = lab_drtm_honest();
    launch(x, &l, LAB_AK_D);
    if (!x->honest)
        x->host.dtpm.auth_policy_size = 0;
    enrol(x, 0);
    attest(x, &x->host);
}

void attack_vtpm_as_dtpm(struct lab_attack *x)
{
    struct lab_launch l = lab_drtm_honest();
    launch(x, &l, LAB_AK_D);
    enrol(x, x->honest ? 0 : 1);
    attest(x, &x->host);
}

void attack_invented_launch(struct lab_attack *x)
{
    struct lab_launch l = lab_drtm_honest();
    if (!x->honest)
        lab_drtm_event(&l, "lab host OS 1.0")->measured = "host OS with a shell";
    launch(x, &l, LAB_AK_D);
    attest(x, &x->host);
    x->e.log_platform = lab_buf_span(&x->s->metal.launch);
}

/* Sealed to what the provider's key approves, which no verifier's policy lists: the key speaks on
 * each host that was ever approved, and the log alone says which one this is. */
void attack_approved_host(struct lab_attack *x)
{
    struct lab_launch l = lab_drtm_honest();
    if (!x->honest)
        lab_drtm_event(&l, "lab host OS 1.0")->measured = "host OS of last year";
    launch(x, &l, LAB_AK_D);
    if (!seal_policy_authorized(lab_stage_approver(x->s), span_of(NULL, 0),
                                x->host.dtpm.auth_policy))
        lab_die("OpenSSL hashes nothing");
    enrol(x, 0);
    attest(x, &x->host);
    x->e.log_platform = lab_buf_span(&x->s->metal.launch);
}

void attack_ended_host(struct lab_attack *x)
{
    struct lab_launch l = x->honest ? lab_drtm_honest() : lab_drtm_ended();
    launch(x, &l, LAB_AK_D);
    attest(x, &x->host);
}

void attack_old_agent(struct lab_attack *x)
{
    struct lab_launch l = x->honest ? lab_drtm_honest() : lab_drtm_old_agent();
    launch(x, &l, LAB_AK_D);
    attest(x, &x->host);
}

void attack_stolen_before(struct lab_attack *x)
{
    attest(x, &x->s->metal);
}
