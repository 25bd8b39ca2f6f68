/*
 * Attackers of guests under a paravisor, on TDX and on SEV-SNP by the same functions: what ties the vTPM to the TEE is
 * the paravisor's text. The rows are in attacks.def.
 */
#include "lab/attacks/lab_attacks.h"
#include "lab/attacks/lab_azure.h"

static const struct lab_vm *at(const struct lab_attack *x, enum lab_place place)
{
    return lab_azure_at(x->s, x->tee, place);
}

/* The honest exchange with the machine at CLOUD_A. */
static void attest(struct lab_attack *x)
{
    x->e = lab_azure_attest(x->s, at(x, CLOUD_A), x->nonce);
}

/* The same with other 64 bytes than the challenge asks for; NULL: none. */
static void attest_with(struct lab_attack *x, const uint8_t *user_data)
{
    const struct lab_vm *vm = at(x, CLOUD_A);
    struct lab_azure_report r = lab_azure_ask(x->s, vm, vm->vtpm.ak, user_data);
    x->e = lab_azure_present(vm, &r, x->nonce);
}

static const uint8_t yesterday[32] = {1};

/* The TEE's word of one machine, the vTPM and its text of another. Of SEV-SNP the text stands around the other's report. */
void attack_azure_other_machine(struct lab_attack *x)
{
    attest(x);
    if (x->honest)
        return;
    struct lab_evidence b = lab_azure_attest(x->s, at(x, CLOUD_B), x->nonce);
    struct span tee = x->tee == KIND_TDX ? x->e.tdx : span_cut(x->e.snp, 0, LAB_SNP_REPORT);
    struct lab_azure_report r = {lab_azure_around(x->s, x->tee, tee, b.hcl),
                                 x->tee == KIND_TDX ? x->e.tdx : x->e.snp};
    x->e = lab_azure_present(at(x, CLOUD_B), &r, x->nonce);
}

/* "secure-boot":true becomes another word of the host's. */
void attack_azure_altered_text(struct lab_attack *x)
{
    struct lab_buf b = {0};
    attest(x);
    if (x->honest)
        return;
    lab_buf_bytes(&b, x->e.hcl);
    char *word = memmem(b.p, b.n, "\"console-enabled\":false", 23);
    if (!word)
        lab_die("no such word in the paravisor's text");
    word[1] = 'C';
    x->e.hcl = lab_world_keep(x->s->w, &b);
}

/* A report from before, whose vTPM quotes for today's challenge. */
void attack_azure_stale_report(struct lab_attack *x)
{
    uint8_t user_data[64];
    lab_azure_user_data(at(x, CLOUD_A), x->honest ? x->nonce : yesterday, user_data);
    attest_with(x, user_data);
}

/* What other attesters write there: the challenge alone. */
void attack_azure_bare_nonce(struct lab_attack *x)
{
    uint8_t user_data[64] = {0};
    memcpy(user_data, x->nonce, sizeof x->nonce);
    if (x->honest)
        attest(x);
    else
        attest_with(x, user_data);
}

void attack_azure_no_user_data(struct lab_attack *x)
{
    if (x->honest)
        attest(x);
    else
        attest_with(x, NULL);
}

void attack_azure_replayed_quote(struct lab_attack *x)
{
    attest(x);
    if (!x->honest)
        x->e.guest = lab_azure_attest(x->s, at(x, CLOUD_A), yesterday).guest;
}

/* With a key taken from a TEE he writes text and report himself, around a key in software: the certificate of an
 * honest machine is all that he has. */
void attack_azure_key_in_software(struct lab_attack *x)
{
    x->vm = *at(x, CLOUD_A);
    x->vm.log = (struct lab_buf){0};
    if (!x->honest)
        x->vm.vtpm.ak = at(x, CLOUD_B)->vtpm.ak;
    x->e = lab_azure_attest(x->s, &x->vm, x->nonce);
    x->vm = (struct lab_vm){0};
}

/* An ordinary machine's certificate, under the same CA. */
void attack_azure_trusted_launch(struct lab_attack *x)
{
    attest(x);
    if (!x->honest)
        x->e.guest.cert =
            lab_azure_certify(x->s, at(x, CLOUD_A), "2ede2d532aaf.TrustedVM.Azure.windows.net",
                              lab_world_at(x->s->w) - 3600);
}

void attack_azure_own_paravisor(struct lab_attack *x)
{
    struct lab_boot boot = lab_firmware_boot();
    x->vm = lab_azure_vm(x->s, x->tee, CLOUD_A,
                         x->honest ? LAB_AZURE_PARAVISOR : SPAN_LIT("paravisor with a key"), &boot);
    x->e = lab_azure_attest(x->s, &x->vm, x->nonce);
}

void attack_azure_own_image(struct lab_attack *x)
{
    struct lab_boot boot = lab_firmware_boot();
    if (!x->honest)
        lab_firmware_find(&boot, ".initrd")->measured = SPAN_LIT("initrd with a shell");
    x->vm = lab_azure_vm(x->s, x->tee, CLOUD_A, LAB_AZURE_PARAVISOR, &boot);
    x->e = lab_azure_attest(x->s, &x->vm, x->nonce);
}
