/* Bare-metal machines with real TPMs; see lab_metal.h. */
#include "lab/attacks/lab_metal.h"

void lab_metal_launch(struct lab_metal *m, const struct lab_launch *l)
{
    lab_buf_free(&m->launch);
    lab_drtm_launch(&m->chip.tpm, l, &m->launch);
}

struct lab_metal lab_metal_new(struct lab_stage *s, const struct lab_launch *l,
                               enum lab_chip_key kind)
{
    const struct lab_identity id = {"lab-hall-1", "metal-1", 0, s->cpu[METAL].platform.piid};
    struct lab_metal m = {.chip = lab_chip_on(s, "metal-1")};
    struct lab_boot boot = lab_firmware_boot();
    lab_metal_launch(&m, l);
    lab_chip_key(&m.chip, kind);
    m.ak_cert = lab_stage_certify_ak(s, &s->provider, &m.chip.ak, &id);
    m.vm = lab_stage_vm(s, METAL, &boot, &boot);
    return m;
}

void lab_metal_free(struct lab_metal *m)
{
    lab_chip_off(&m->chip);
    lab_buf_free(&m->launch);
    lab_vm_free(&m->vm);
}

bool lab_metal_quote(const struct lab_metal *m, const uint8_t extra[32], struct lab_tpm_item *item,
                     struct lab_refusal *said)
{
    return lab_chip_quote(&m->chip, LAB_LAUNCH_BANKS, LAB_LAUNCH_PCRS, extra, m->ak_cert, item,
                          said);
}

bool lab_metal_attest(const struct lab_metal *m, enum lab_dialect d, const uint8_t nonce[32],
                      struct lab_evidence *e, struct lab_refusal *said)
{
    uint8_t extra[32];
    *e = lab_vm_attest_for(&m->vm, d, m->chip.public, nonce);
    lab_stage_pq(d, nonce, e->tdx, &m->vm.vtpm, extra);
    if (!lab_metal_quote(m, extra, &e->platform, said))
        return false;
    e->log_platform = lab_buf_span(&m->launch);
    return true;
}
