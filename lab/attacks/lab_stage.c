/* The parties and what they do honestly; see lab_stage.h. */
#include "lab/attacks/lab_stage.h"

#include <stdlib.h>

#include <openssl/x509.h>

#include "lab/ca/lab_x509_make.h"
#include "lab/intel/lab_cert.h"

/* SitusMachine (DESIGN: attestation key), and the EKU of attestation keys,
 * tcg-kp-AIKCertificate. */
#define SITUS_MACHINE "2.25.147392091879551213008622175536429035330"
#define EKU_AIK "2.23.133.8.3"

static struct span situs_machine(struct lab_stage *s, const struct lab_ak_facts *ak,
                                 const struct lab_identity *m)
{
    struct lab_buf b = {0};
    size_t sequence = lab_der_open(&b, DER_SEQUENCE);
    lab_der_bytes(&b, DER_UTF8, span_text(m->facility));
    lab_der_bytes(&b, DER_UTF8, span_text(m->machine));
    lab_der_number(&b, DER_ENUMERATED, m->class);
    lab_der_bytes(&b, DER_OCTETS, SPAN_ARR(ak->ek_name));
    lab_der_bytes(&b, DER_OCTETS, SPAN_ARR(ak->name));
    lab_der_bytes(&b, DER_OCTETS, span_of(m->piid, 16));
    lab_der_number(&b, DER_INTEGER, ak->reset_count);
    lab_der_number(&b, DER_INTEGER, ak->restart_count);
    lab_der_close(&b, sequence);
    return lab_world_keep(s->w, &b);
}

struct span lab_stage_certify_ak(struct lab_stage *s, const struct lab_ca *ca,
                                 const struct lab_ak_facts *ak, const struct lab_identity *m)
{
    int64_t at = lab_world_at(s->w);
    const struct lab_ca_cert c = {
        .subject = m->machine,
        .key = ak->key,
        .from = s->certify_from ? s->certify_from : at - 3600,
        .to = at + 11 * 3600,
        .eku = EKU_AIK,
        .oid = SITUS_MACHINE,
        .value = situs_machine(s, ak, m),
        .serial = ++s->serial,
    };
    return lab_ca_issue(ca, &c);
}

struct span lab_stage_certify(struct lab_stage *s, const struct lab_ca *ca,
                              const struct lab_soft_tpm *t, const struct lab_identity *m)
{
    struct lab_ak_facts ak = {
        .key = t->ak, .reset_count = t->reset_count, .restart_count = t->restart_count};
    lab_soft_ak_name(t, ak.name);
    memcpy(ak.ek_name, t->ek_name, sizeof ak.ek_name);
    return lab_stage_certify_ak(s, ca, &ak, m);
}

void lab_vm_channel(struct lab_stage *s, struct lab_vm *vm)
{
    unsigned char *der = NULL;
    struct lab_buf b = {0};
    vm->channel = EVP_EC_gen("P-256");
    int n = vm->channel ? i2d_PUBKEY(vm->channel, &der) : 0;
    if (n <= 0)
        lab_die("OpenSSL makes no channel key");
    lab_buf_bytes(&b, span_of(der, (size_t)n));
    OPENSSL_free(der);
    vm->spki = lab_world_keep(s->w, &b);
}

struct lab_vm lab_stage_vm(struct lab_stage *s, enum lab_place place, const struct lab_boot *td,
                           const struct lab_boot *tpm)
{
    struct lab_vm vm = {.tee = KIND_TDX, .td = lab_td_build(&s->cpu[place], td->firmware)};
    vm.vtpm = lab_soft_new(s->w, LAB_AK_V);
    lab_firmware_into_td(td, &vm.td, &vm.ccel);
    lab_firmware_into_soft(tpm, &vm.vtpm, &vm.log);
    lab_vm_channel(s, &vm);
    return vm;
}

void lab_stage_measurement(const struct lab_boot *boot, uint8_t measurement[48])
{
    struct lab_buf b = {0};
    lab_buf_bytes(&b, boot->firmware);
    for (size_t i = 0; i < boot->n; i++)
        lab_buf_bytes(&b, boot->event[i].measured);
    lab_hash384(measurement, lab_buf_span(&b));
    lab_buf_free(&b);
}

struct lab_vm lab_stage_snp(struct lab_stage *s, enum lab_place place, const struct lab_boot *boot)
{
    struct lab_vm vm = {.tee = KIND_SNP};
    uint8_t measurement[48];
    lab_stage_measurement(boot, measurement);
    vm.snp = lab_snp_guest_launch(&s->chip[place], measurement);
    lab_vm_channel(s, &vm);
    return vm;
}

void lab_vm_free(struct lab_vm *vm)
{
    lab_soft_free(&vm->vtpm);
    lab_buf_free(&vm->ccel);
    lab_buf_free(&vm->log);
    EVP_PKEY_free(vm->channel);
    vm->channel = NULL;
}

struct lab_host lab_stage_host(struct lab_stage *s, enum lab_place place,
                               const struct lab_launch *launch, uint32_t attributes)
{
    struct lab_host h = {.dtpm = lab_soft_new(s->w, attributes)};
    struct lab_boot boot = lab_firmware_boot();
    const struct lab_identity m = {"lab-hall-1", "metal-1", 0, s->cpu[place].platform.piid};
    lab_soft_launch(&h.dtpm);
    for (size_t i = 0; i < launch->n; i++)
        lab_soft_extend(&h.dtpm, launch->event[i].pcr, span_text(launch->event[i].measured));
    lab_drtm_log(launch, &h.launch);
    lab_soft_policy(&h.dtpm, LAB_LAUNCH_BANKS, LAB_LAUNCH_PCRS);
    h.ak_cert = lab_stage_certify(s, &s->provider, &h.dtpm, &m);
    h.vm = lab_stage_vm(s, place, &boot, &boot);
    return h;
}

void lab_host_free(struct lab_host *h)
{
    lab_soft_free(&h->dtpm);
    lab_buf_free(&h->launch);
    lab_vm_free(&h->vm);
}

struct span lab_stage_approver(struct lab_stage *s)
{
    struct lab_buf b = {0};
    uint8_t hash[32];
    lab_hash256(hash, SPAN_LIT("the key that approves host images"));
    lab_buf_bytes(&b, SPAN_LIT("\x00\x0b")); /* its nameAlg, SHA-256 */
    lab_buf_bytes(&b, SPAN_ARR(hash));
    return lab_world_keep(s->w, &b);
}

/* Launched when it is first asked for. */
static struct lab_vm *snp_at(struct lab_stage *s, enum lab_place place)
{
    struct lab_vm *vm = place == CLOUD_A   ? &s->snp_a
                        : place == CLOUD_B ? &s->snp_b
                                           : &s->snp_cellar;
    struct lab_boot boot = lab_firmware_boot();
    if (!vm->channel)
        *vm = lab_stage_snp(s, place, &boot);
    return vm;
}

const struct lab_vm *lab_stage_at(struct lab_stage *s, enum check_kind tee, enum lab_place place)
{
    if (tee == KIND_SNP)
        return snp_at(s, place);
    return place == CLOUD_A ? &s->a : place == CLOUD_B ? &s->b : &s->cellar;
}

struct lab_stage *lab_stage_new(int64_t at)
{
    _Static_assert((int)PLACES <= (int)LAB_SNP_CHIPS, "a chip for each place");
    struct lab_stage *s = calloc(1, sizeof *s);
    if (!s)
        lab_die("no memory");
    struct lab_boot boot = lab_firmware_boot();
    struct lab_launch launch = lab_drtm_honest();
    s->w = lab_world_new(at);
    s->provider = lab_ca_new(s->w, "lab provider");
    s->nobody = lab_ca_new(s->w, "lab provider"); /* the name costs nothing */
    s->neighbour = lab_ca_new(s->w, "lab neighbour");
    s->google = lab_ca_new(s->w, "Google in the lab");
    s->azure = lab_ca_new(s->w, LAB_AZURE_CA);
    s->owner = lab_owner_new(s->w, "Example Cloud");
    s->rival = lab_owner_new(s->w, "Rival Cloud");
    s->fraud = lab_owner_new(s->w, "Example Cloud");
    s->alliance = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    s->verifier = lab_x509_rsa();
    s->serial = 100;
    for (unsigned i = 0; i < PLACES; i++)
        s->cpu[i] = lab_cpu_new(s->w, i);
    s->a = lab_stage_vm(s, CLOUD_A, &boot, &boot);
    s->b = lab_stage_vm(s, CLOUD_B, &boot, &boot);
    s->cellar = lab_stage_vm(s, BASEMENT, &boot, &boot);
    const struct lab_identity a = {"lab-hall-1", "cloud-a", 1, s->cpu[CLOUD_A].platform.piid};
    const struct lab_identity b = {"lab-hall-1", "cloud-b", 1, s->cpu[CLOUD_B].platform.piid};
    s->a.ak_cert = lab_stage_certify(s, &s->provider, &s->a.vtpm, &a);
    s->b.ak_cert = lab_stage_certify(s, &s->provider, &s->b.vtpm, &b);
    s->metal = lab_stage_host(s, METAL, &launch, LAB_AK_D);
    s->amd = lab_snp_new(s->w);
    for (unsigned i = 0; i < PLACES; i++)
        s->chip[i] = lab_snp_chip_new(&s->amd, i);
    return s;
}

void lab_stage_free(struct lab_stage *s)
{
    lab_vm_free(&s->a);
    lab_vm_free(&s->b);
    lab_vm_free(&s->cellar);
    lab_vm_free(&s->snp_a);
    lab_vm_free(&s->snp_b);
    lab_vm_free(&s->snp_cellar);
    lab_host_free(&s->metal);
    lab_floor_close(&s->floor);
    lab_ca_free(&s->provider);
    lab_ca_free(&s->nobody);
    lab_ca_free(&s->neighbour);
    lab_ca_free(&s->google);
    lab_ca_free(&s->azure);
    EVP_PKEY_free(s->alliance);
    for (int i = 0; i < 4; i++)
        lab_vm_free(&s->paravised[i / 2][i % 2]);
    lab_snp_free(&s->amd);
    EVP_PKEY_free(s->verifier);
    lab_world_free(s->w);
    free(s);
}

struct lab_tpm_item lab_stage_quote(const struct lab_soft_tpm *t, uint32_t banks, uint32_t mask,
                                    const uint8_t extra[32], struct span cert)
{
    struct lab_tpm_item item = {.given = true,
                                .quote = lab_soft_quote(t, banks, mask, extra),
                                .public_area = lab_soft_public(t),
                                .cert = cert,
                                .banks = banks,
                                .mask = mask};
    memcpy(item.pcr, t->pcr, sizeof item.pcr);
    return item;
}

/* SHA-256 of a string with its zero byte, and parts. */
static void tagged(const char *tag, const struct span *parts, size_t n, uint8_t out[32])
{
    struct lab_buf b = {0};
    lab_buf_bytes(&b, span_of(tag, strlen(tag) + 1));
    for (size_t i = 0; i < n; i++)
        lab_buf_bytes(&b, parts[i]);
    lab_hash256(out, lab_buf_span(&b));
    lab_buf_free(&b);
}

void lab_stage_report_data(enum lab_dialect d, struct span ak_public, const uint8_t nonce[32],
                           struct span spki, uint8_t out[64])
{
    uint8_t k[32];
    lab_hash256(out, ak_public); /* AKH */
    lab_hash256(k, spki);
    const struct span parts[] = {span_of(nonce, 32), SPAN_ARR(k)};
    if (d == LAB_ARTICLE)
        memcpy(out + 32, nonce, 32);
    else
        tagged("situs/rd/1", parts, 2, out + 32);
}

void lab_stage_tq(enum lab_dialect d, const uint8_t nonce[32], struct span tdq, uint8_t out[32])
{
    uint8_t tqh[32];
    lab_hash256(tqh, tdq);
    const struct span parts[] = {span_of(nonce, 32), SPAN_ARR(tqh)};
    if (d == LAB_ARTICLE)
        memcpy(out, nonce, 32);
    else
        tagged("situs/tq/1", parts, 2, out);
}

void lab_stage_pq(enum lab_dialect d, const uint8_t nonce[32], struct span tdq,
                  const struct lab_soft_tpm *vtpm, uint8_t out[32])
{
    uint8_t tqh[32], name[34];
    lab_hash256(tqh, tdq);
    lab_soft_ak_name(vtpm, name);
    const struct span parts[] = {span_of(nonce, 32), SPAN_ARR(tqh), SPAN_ARR(name)};
    if (d == LAB_ARTICLE)
        memcpy(out, nonce, 32);
    else
        tagged("situs/pq/1", parts, 3, out);
}

struct span lab_vm_td_quote(const struct lab_vm *vm, enum lab_dialect d, struct span ak_public,
                            const uint8_t nonce[32])
{
    uint8_t data[64], report[TDREPORT_SIZE];
    lab_stage_report_data(d, ak_public, nonce, vm->spki, data);
    lab_td_tdreport(&vm->td, data, report);
    return lab_qe_quote(vm->td.cpu, report);
}

/* Once the guest's agent has the TD quote it quotes with AK_v, for that quote. */
struct lab_evidence lab_vm_attest_for(const struct lab_vm *vm, enum lab_dialect d,
                                      struct span ak_public, const uint8_t nonce[32])
{
    struct lab_evidence e = {.log_tdx = lab_buf_span(&vm->ccel),
                             .log_guest = lab_buf_span(&vm->log),
                             .channel = vm->spki,
                             .peer = vm->spki};
    uint8_t extra[32];
    memcpy(e.nonce, nonce, 32);
    e.tdx = lab_vm_td_quote(vm, d, ak_public, nonce);
    lab_stage_tq(d, nonce, e.tdx, extra);
    e.guest = lab_stage_quote(&vm->vtpm, LAB_GUEST_BANKS, LAB_GUEST_PCRS, extra, vm->ak_cert);
    return e;
}

/* Without a TPM no key is named beside the challenge. */
static struct lab_evidence attest_snp(const struct lab_vm *vm, const uint8_t nonce[32])
{
    struct lab_evidence e = {.channel = vm->spki, .peer = vm->spki};
    uint8_t data[64];
    lab_stage_report_data(LAB_SITUS, span_of(NULL, 0), nonce, vm->spki, data);
    memset(data, 0, 32);
    memcpy(e.nonce, nonce, 32);
    e.snp = lab_snp_guest_evidence(&vm->snp, data);
    return e;
}

struct lab_evidence lab_vm_attest(const struct lab_vm *vm, enum lab_dialect d,
                                  const uint8_t nonce[32])
{
    if (vm->tee == KIND_SNP)
        return attest_snp(vm, nonce);
    return lab_vm_attest_for(vm, d, lab_soft_public(&vm->vtpm), nonce);
}

struct lab_evidence lab_host_attest(const struct lab_host *h, enum lab_dialect d,
                                    const uint8_t nonce[32])
{
    struct lab_evidence e = lab_vm_attest_for(&h->vm, d, lab_soft_public(&h->dtpm), nonce);
    uint8_t extra[32];
    lab_stage_pq(d, nonce, e.tdx, &h->vm.vtpm, extra);
    e.platform = lab_stage_quote(&h->dtpm, LAB_LAUNCH_BANKS, LAB_LAUNCH_PCRS, extra, h->ak_cert);
    e.log_platform = lab_buf_span(&h->launch);
    return e;
}
