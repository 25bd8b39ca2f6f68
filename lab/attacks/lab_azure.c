/* Machines under a paravisor; see lab_azure.h. */
#include "lab/attacks/lab_azure.h"

#include "lab/intel/lab_reference.h"
#include "model/policy.h"

#define BANKS (1u << HASH_SHA256)
#define GUEST_SVN 12

/* The ID block by which the paravisor of SEV-SNP is known (AMD 56860, table 23). */
static void sign_launch(struct lab_snp_guest *g)
{
    g->report[0x004] = GUEST_SVN;
    g->report[0x020] = 2; /* IMAGE_ID */
    lab_hash384(g->report + 0x0e0, SPAN_LIT("the key that signs the lab's paravisors"));
    g->report[0x030] = 0; /* VMPL */
}

static struct lab_snp_guest launch(struct lab_stage *s, enum lab_place place, struct span paravisor)
{
    uint8_t measurement[48];
    lab_hash384(measurement, paravisor);
    struct lab_snp_guest g = lab_snp_guest_launch(&s->chip[place], measurement);
    if (span_equal(paravisor, LAB_AZURE_PARAVISOR))
        sign_launch(&g);
    return g;
}

struct span lab_azure_certify(struct lab_stage *s, const struct lab_vm *vm, const char *subject,
                              int64_t from)
{
    const struct lab_ca_cert c = {.subject = subject,
                                  .key = vm->vtpm.ak,
                                  .from = from,
                                  .to = lab_world_at(s->w) + 300 * 24 * 3600,
                                  .eku = LAB_AZURE_EKU,
                                  .serial = ++s->serial};
    return lab_ca_issue(&s->azure, &c);
}

struct lab_vm lab_azure_vm(struct lab_stage *s, enum check_kind tee, enum lab_place place,
                           struct span paravisor, const struct lab_boot *boot)
{
    struct lab_vm vm = {.tee = tee};
    if (tee == KIND_TDX)
        vm.td = lab_td_build(&s->cpu[place], paravisor);
    else
        vm.snp = launch(s, place, paravisor);
    vm.vtpm = lab_soft_new_rsa(s->w, LAB_HCL_AK);
    lab_firmware_into_soft(boot, &vm.vtpm, &vm.log);
    lab_vm_channel(s, &vm);
    vm.ak_cert = lab_azure_certify(s, &vm, LAB_AZURE_SUBJECT, lab_world_at(s->w) - 3600);
    return vm;
}

struct lab_azure_report lab_azure_ask(struct lab_stage *s, const struct lab_vm *vm, EVP_PKEY *ak,
                                      const uint8_t *user_data)
{
    struct span text = lab_hcl_text(s->w, ak, user_data);
    uint8_t data[64], report[TDREPORT_SIZE];
    lab_hcl_report_data(text, data);
    if (vm->tee == KIND_TDX) {
        lab_td_tdreport(&vm->td, data, report);
        return (struct lab_azure_report){
            lab_hcl_report(s->w, 2, LAB_HCL_TDX, SPAN_ARR(report), text),
            lab_qe_quote(vm->td.cpu, report)};
    }
    struct span tee = lab_snp_guest_evidence(&vm->snp, data);
    return (struct lab_azure_report){
        lab_hcl_report(s->w, 1, LAB_HCL_SNP, span_cut(tee, 0, LAB_SNP_REPORT), text), tee};
}

const struct lab_vm *lab_azure_at(struct lab_stage *s, enum check_kind tee, enum lab_place place)
{
    struct lab_vm *vm = &s->paravised[tee == KIND_SNP][place == CLOUD_B];
    struct lab_boot boot = lab_firmware_boot();
    if (!vm->vtpm.ak)
        *vm = lab_azure_vm(s, tee, place, LAB_AZURE_PARAVISOR, &boot);
    return vm;
}

struct span lab_azure_around(struct lab_stage *s, enum check_kind tee, struct span hardware,
                             struct span other)
{
    struct lab_buf b = {0};
    lab_buf_bytes(&b, other);
    if (tee == KIND_SNP)
        memcpy(b.p + 32, hardware.p, hardware.n);
    return lab_world_keep(s->w, &b);
}

void lab_azure_user_data(const struct lab_vm *vm, const uint8_t nonce[32], uint8_t out[64])
{
    lab_stage_report_data(LAB_SITUS, lab_soft_public(&vm->vtpm), nonce, vm->spki, out);
}

struct lab_evidence lab_azure_present(const struct lab_vm *vm, const struct lab_azure_report *r,
                                      const uint8_t nonce[32])
{
    struct lab_evidence e = {.hcl = r->hcl, .channel = vm->spki, .peer = vm->spki};
    struct span signed_ = r->tee;
    uint8_t extra[32];
    memcpy(e.nonce, nonce, 32);
    if (vm->tee == KIND_TDX)
        e.tdx = r->tee;
    else
        e.snp = r->tee;
    if (vm->tee == KIND_SNP)
        signed_ = span_cut(r->tee, 0, LAB_SNP_REPORT);
    lab_stage_tq(LAB_SITUS, nonce, signed_, extra);
    e.guest = lab_stage_quote(&vm->vtpm, BANKS, LAB_GUEST_PCRS, extra, vm->ak_cert);
    e.guest.public_area = span_of(NULL, 0);
    return e;
}

struct lab_evidence lab_azure_attest(struct lab_stage *s, const struct lab_vm *vm,
                                     const uint8_t nonce[32])
{
    uint8_t user_data[64];
    lab_azure_user_data(vm, nonce, user_data);
    struct lab_azure_report r = lab_azure_ask(s, vm, vm->vtpm.ak, user_data);
    return lab_azure_present(vm, &r, nonce);
}

/* The events of one PCR, as SHA-256. */
static void put_list(struct lab_buf *b, const struct lab_boot *boot, unsigned pcr)
{
    size_t n = 0;
    lab_buf_format(b, "\"%u\": [", pcr);
    for (size_t i = 0; i < boot->n; i++) {
        uint8_t digest[32];
        if (boot->event[i].pcr != pcr)
            continue;
        lab_hash256(digest, boot->event[i].measured);
        lab_buf_text(b, n++ ? ", \"" : "\"");
        lab_buf_hex_lower(b, SPAN_ARR(digest));
        lab_buf_text(b, "\"");
    }
    lab_buf_text(b, "]");
}

static void put_image(struct lab_buf *b, const char *name, const char *before, struct span pin,
                      const char *after)
{
    struct lab_boot boot = lab_firmware_boot();
    unsigned first = 1;
    lab_buf_format(b, "{\"name\": \"%s\", ", name);
    lab_closed(b, "lab image builder");
    lab_buf_format(b, ", \"paravisor\": {\"%s", before);
    lab_buf_hex_lower(b, pin);
    lab_buf_format(b, "%s}, \"pcrs\": {", after);
    for (unsigned pcr = 0; pcr < 24; pcr++) {
        if (!(PCR_IMAGE >> pcr & 1))
            continue;
        lab_buf_text(b, first ? "" : ", ");
        put_list(b, &boot, pcr);
        first = 0;
    }
    lab_buf_text(b, "}}");
}

void lab_azure_images(struct lab_stage *s, struct lab_buf *b)
{
    struct lab_td td = lab_td_build(&s->cpu[CLOUD_A], LAB_AZURE_PARAVISOR);
    struct lab_snp_guest g = launch(s, CLOUD_A, LAB_AZURE_PARAVISOR);
    put_image(b, "lab image on TDX", "mrtd\": [\"", SPAN_ARR(td.registers.mr_td), "\"]");
    lab_buf_text(b, ", ");
    put_image(b, "lab image on SEV-SNP", "id_key_digest\": \"", span_of(g.report + 0x0e0, 48),
              "\", \"image_id\": \"02000000000000000000000000000000\", \"min_guest_svn\": 12");
}
