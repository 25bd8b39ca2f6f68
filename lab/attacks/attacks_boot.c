/* Attackers whose VM in the cloud boots something else than the TD that its vTPM is to speak for;
 * the rows are in attacks.def, and DESIGN: measurements says what stops them. */
#include "lab/attacks/lab_attacks.h"

#include "lab/tpm/lab_log.h"
#include "model/registers.h"

/* A rented VM: its TD booted the approved image, its vTPM was extended as tpm says. */
static void attest(struct lab_attack *x, const struct lab_boot *tpm)
{
    const struct lab_identity m = {"lab-hall-1", "cloud-b", 1, x->s->cpu[CLOUD_B].platform.piid};
    struct lab_boot td = lab_firmware_boot();
    x->vm = lab_stage_vm(x->s, CLOUD_B, &td, tpm);
    x->vm.ak_cert = lab_stage_certify(x->s, &x->s->provider, &x->vm.vtpm, &m);
    x->e = lab_vm_attest(&x->vm, x->d, x->nonce);
}

static size_t find(const struct lab_boot *b, const char *data)
{
    size_t i = 0;
    while (i < b->n && !span_equal(b->event[i].data, span_text(data)))
        i++;
    return i;
}

/* Takes an event out of the boot; what software extends later is added at its end. */
static struct lab_boot_event take(struct lab_boot *b, size_t i)
{
    struct lab_boot_event e = b->event[i];
    b->n--;
    memmove(&b->event[i], &b->event[i + 1], (b->n - i) * sizeof e);
    return e;
}

static void extend_later(struct lab_boot *b, size_t i, uint8_t pcr)
{
    struct lab_boot_event e = take(b, i);
    e.pcr = pcr;
    lab_firmware_add(b, e);
}

/* The kernel inside the unified image is started directly. Root then extends the rest: the image
 * into another register, its sections, what the stub would have measured. */
static void start_the_kernel(struct lab_boot *b, uint8_t image_pcr)
{
    extend_later(b, find(b, "UKI"), image_pcr);
    for (size_t i = 0, n = b->n; i < n; n--) {
        while (i < n && b->event[i].pcr != 9 && b->event[i].pcr != 11)
            i++;
        if (i < n)
            extend_later(b, i, b->event[i].pcr);
    }
}

void attack_bootnext(struct lab_attack *x)
{
    struct lab_boot boot = lab_firmware_boot();
    if (!x->honest)
        start_the_kernel(&boot, 3);
    attest(x, &boot);
}

/* The same event under another label in the TD's log, which nothing signs. */
static struct span relabelled(struct lab_attack *x, struct span log, struct span data,
                              uint32_t type)
{
    struct lab_buf b = {0};
    lab_buf_bytes(&b, log);
    const uint8_t *at = b.p;
    while (at + data.n <= b.p + b.n && memcmp(at, data.p, data.n) != 0)
        at++;
    /* TCG_PCR_EVENT2 (PFP 1.06, 10.2.2): index, type, count, algorithm, SHA-384, size, data */
    uint8_t *label = b.p + (at - b.p) - 4 - 48 - 2 - 4 - 4;
    for (size_t i = 0; i < 4; i++)
        label[i] = (uint8_t)(type >> 8 * i);
    return lab_world_keep(x->s->w, &b);
}

void attack_relabelled(struct lab_attack *x)
{
    struct lab_boot boot = lab_firmware_boot();
    if (!x->honest)
        start_the_kernel(&boot, 2);
    attest(x, &boot);
    if (!x->honest)
        x->e.log_tdx = relabelled(x, x->e.log_tdx, SPAN_LIT("UKI"), EV_EFI_BOOT_SERVICES_DRIVER);
}

void attack_moved_event(struct lab_attack *x)
{
    struct lab_boot boot = lab_firmware_boot();
    if (!x->honest)
        extend_later(&boot, find(&boot, ".cmdline"), 12);
    attest(x, &boot);
}

void attack_late_head(struct lab_attack *x)
{
    struct lab_boot boot = lab_firmware_boot();
    if (!x->honest) {
        extend_later(&boot, find(&boot, ".linux"), 13);
        extend_later(&boot, find(&boot, ".osrel"), 13);
    }
    attest(x, &boot);
}

void attack_extension(struct lab_attack *x)
{
    struct lab_boot boot = lab_firmware_boot();
    if (!x->honest)
        lab_firmware_add(&boot, (struct lab_boot_event){LAB_NO_RTMR, 13, EV_IPL,
                                                        SPAN_LIT("extension that relays /dev/tpm0"),
                                                        SPAN_LIT("relay.raw")});
    attest(x, &boot);
}

/* The two events of Linux's stub in PCR 9, which no RTMR has. */
static struct lab_boot_event *stub(struct lab_boot *b)
{
    size_t i = 0;
    while (b->event[i].pcr != 9)
        i++;
    return &b->event[i];
}

void attack_forged_stub(struct lab_attack *x)
{
    struct lab_boot boot = lab_firmware_boot();
    if (!x->honest)
        stub(&boot)[1].measured = SPAN_LIT("initrd that relays /dev/tpm0");
    attest(x, &boot);
}

void attack_moved_stub(struct lab_attack *x)
{
    struct lab_boot boot = lab_firmware_boot();
    if (!x->honest)
        extend_later(&boot, (size_t)(stub(&boot) - boot.event), 9);
    attest(x, &boot);
}

/* One log with the SHA-256 digests of one boot and the SHA-384 digests of another of the same
 * shape. */
static void mixed_log(const struct lab_boot *first, const struct lab_boot *second,
                      struct lab_buf *log)
{
    lab_log_start(log, lab_swtpm_banks, LAB_TPM_BANKS);
    for (size_t i = 0; i < second->n; i++) {
        const struct lab_boot_event *e = &second->event[i];
        uint8_t sha256[32], sha384[48];
        if (e->pcr == LAB_NO_PCR)
            continue;
        lab_hash256(sha256, first->event[i].measured);
        lab_hash384(sha384, e->measured);
        lab_buf_u32le(log, e->pcr);
        lab_buf_u32le(log, e->type);
        lab_buf_u32le(log, LAB_TPM_BANKS);
        lab_buf_u16le(log, hash_tpm(HASH_SHA256));
        lab_buf_bytes(log, SPAN_ARR(sha256));
        lab_buf_u16le(log, hash_tpm(HASH_SHA384));
        lab_buf_bytes(log, SPAN_ARR(sha384));
        lab_buf_u32le(log, (uint32_t)e->data.n);
        lab_buf_bytes(log, e->data);
    }
}

/* SHA-256 has what the firmware measured, SHA-384 what the guest wrote into an empty bank. */
void attack_filled_bank(struct lab_attack *x)
{
    struct lab_boot honest = lab_firmware_boot(), booted = lab_firmware_boot();
    attest(x, &honest);
    if (x->honest)
        return;
    struct lab_soft_tpm real = lab_soft_new(x->s->w, LAB_AK_V);
    struct lab_buf log = {0};
    lab_firmware_find(&booted, "Calling EFI Application from Boot Option")->measured =
        SPAN_LIT("Booting from a network that the tenant chose");
    lab_firmware_into_soft(&booted, &real, &log);
    lab_buf_free(&log);
    memcpy(x->vm.vtpm.pcr[0], real.pcr[0], sizeof real.pcr[0]);
    lab_soft_free(&real);
    lab_buf_free(&x->vm.log);
    mixed_log(&booted, &honest, &x->vm.log);
    x->e = lab_vm_attest(&x->vm, x->d, x->nonce);
}

/* Registers end as they should, however they came there: nobody sees it in the evidence. */
void attack_cc_only(struct lab_attack *x)
{
    struct lab_boot boot = lab_firmware_boot();
    attest(x, &boot);
}

void attack_empty_tpm(struct lab_attack *x)
{
    attack_cc_only(x);
}

void attack_edited_entry(struct lab_attack *x)
{
    attack_cc_only(x);
}

void attack_hibernation(struct lab_attack *x)
{
    attack_cc_only(x);
}
