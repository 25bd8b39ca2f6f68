/* Attackers of a managed VM (S-I); the rows are in attacks.def. */
#include "lab/attacks/lab_attacks.h"

#include "lab/attacks/lab_relay.h"
#include "lab/attacks/lab_wire.h"
#include "lab/intel/lab_bend.h"

/* The honest exchange with cloud-a that most attackers bend. */
static void attest(struct lab_attack *x, const struct lab_vm *vm)
{
    x->e = lab_vm_attest(vm, x->d, x->nonce);
}

/* A VM of the run's at a place of the provider's, who certifies its vTPM like any other. */
static void start(struct lab_attack *x, enum lab_place place, const char *machine,
                  const struct lab_boot *td, const struct lab_boot *tpm)
{
    const struct lab_identity m = {"lab-hall-1", machine, 1, x->s->cpu[place].platform.piid};
    if (x->tee == KIND_SNP) {
        x->vm = lab_stage_snp(x->s, place, td);
        return;
    }
    x->vm = lab_stage_vm(x->s, place, td, tpm);
    x->vm.ak_cert = lab_stage_certify(x->s, &x->s->provider, &x->vm.vtpm, &m);
}

/* A VM of the attacker's in the cloud. */
static void rent(struct lab_attack *x, const struct lab_boot *td, const struct lab_boot *tpm)
{
    start(x, CLOUD_B, "cloud-b", td, tpm);
}

/* Bytes with one of them changed. */
static struct span flipped(struct lab_attack *x, struct span s, size_t at)
{
    struct lab_buf b = {0};
    lab_buf_bytes(&b, s);
    b.p[at] ^= 1;
    return lab_world_keep(x->s->w, &b);
}

/* The TD quote of a TD that may not exist, under the name of a machine whose key is known. */
static struct span forge(struct lab_attack *x, enum lab_place key, const struct lab_vm *td,
                         struct span ak_public)
{
    uint8_t data[64], report[TDREPORT_SIZE];
    lab_stage_report_data(x->d, ak_public, x->nonce, td->spki, data);
    lab_td_tdreport(&td->td, data, report);
    return lab_qe_sign(&x->s->cpu[key], report);
}

/* A TPM quote by this vTPM for the evidence's TD quote. */
static struct lab_tpm_item quote_for(struct lab_attack *x, const struct lab_soft_tpm *vtpm,
                                     struct span tdq, struct span cert)
{
    uint8_t extra[32];
    lab_stage_tq(x->d, x->nonce, tdq, extra);
    return lab_stage_quote(vtpm, LAB_GUEST_BANKS, LAB_GUEST_PCRS, extra, cert);
}

void attack_altered_quote(struct lab_attack *x)
{
    const size_t mrtd = 48 + 136; /* header, then offset in the body (A.3.2) */
    const size_t measurement = 0x090;
    attest(x, lab_stage_at(x->s, x->tee, CLOUD_A));
    if (x->honest)
        return;
    if (x->tee == KIND_SNP) {
        x->e.snp = flipped(x, x->e.snp, measurement);
        return;
    }
    x->e.tdx = flipped(x, x->e.tdx, mrtd);
    x->e.guest = quote_for(x, &x->s->a.vtpm, x->e.tdx, x->s->a.ak_cert);
}

/* The quote of A's TD, to be signed anew. */
static struct lab_quote quote_of_a(const struct lab_attack *x)
{
    const struct lab_vm *a = &x->s->a;
    struct lab_quote q = lab_quote_tdx(x->s->w, &a->td.cpu->platform, 4, LAB_BODY_TD10);
    q.td = a->td.registers;
    lab_stage_report_data(x->d, lab_soft_public(&a->vtpm), x->nonce, a->spki, q.td.report_data);
    return q;
}

static void present(struct lab_attack *x, const struct lab_quote *q)
{
    x->e.tdx = lab_quote_make(x->s->w, q);
    x->e.guest = quote_for(x, &x->s->a.vtpm, x->e.tdx, x->s->a.ak_cert);
}

void attack_own_root(struct lab_attack *x)
{
    attest(x, &x->s->a);
    if (x->honest)
        return;
    struct lab_quote q = quote_of_a(x);
    lab_bend_foreign(&q.chain);
    q.pck_key = q.chain.certs[0].key;
    present(x, &q);
}

/* Intel's CA, without its key: the certificate below it is the attacker's, and signed by himself. */
void attack_own_pck(struct lab_attack *x)
{
    attest(x, &x->s->a);
    if (x->honest)
        return;
    struct lab_quote q = quote_of_a(x);
    q.chain.certs[0].key = q.chain.certs[0].signing_key = q.pck_key = LAB_KEY_IMPOSTOR;
    present(x, &q);
}

void attack_old_collateral(struct lab_attack *x)
{
    attest(x, &x->s->a);
    lab_judge_old(x->j, !x->honest);
}

void attack_migratable(struct lab_attack *x)
{
    struct lab_boot boot = lab_firmware_boot();
    rent(x, &boot, &boot);
    if (!x->honest) {
        x->vm.td.registers.td_attributes[3] |= 0x20; /* bit 29, MIGRATABLE */
        x->vm.snp.report[0x008 + 2] |= 0x04;         /* bit 18 of POLICY, MIGRATE_MA */
    }
    attest(x, &x->vm);
}

void attack_own_image(struct lab_attack *x)
{
    struct lab_boot boot = lab_firmware_boot();
    if (!x->honest)
        lab_firmware_find(&boot, ".initrd")->measured = SPAN_LIT("initrd with a shell");
    rent(x, &boot, &boot);
    attest(x, &x->vm);
}

void attack_basement(struct lab_attack *x)
{
    attest(x, x->honest ? &x->s->a : &x->s->cellar);
    if (x->honest)
        return;
    x->e.guest.given = false;
    x->e.log_guest = span_of(NULL, 0);
}

void attack_strip_tpm(struct lab_attack *x)
{
    attest(x, &x->s->a);
    if (x->honest)
        return;
    x->e.guest.given = false;
    x->e.log_guest = span_of(NULL, 0);
}

/* A certificate for the cellar's vTPM by a CA that only has the provider's name. */
static struct span self_made(struct lab_attack *x)
{
    const struct lab_identity m = {"lab-hall-1", "cloud-a", 1, x->s->cpu[CLOUD_A].platform.piid};
    return lab_stage_certify(x->s, &x->s->nobody, &x->s->cellar.vtpm, &m);
}

void attack_leaked_key(struct lab_attack *x)
{
    const struct lab_vm *cellar = &x->s->cellar;
    attest(x, x->honest ? &x->s->a : cellar);
    if (x->honest)
        return;
    x->e.tdx = forge(x, CLOUD_B, cellar, lab_soft_public(&cellar->vtpm));
    x->e.guest = quote_for(x, &cellar->vtpm, x->e.tdx, self_made(x));
}

void attack_known_leak(struct lab_attack *x)
{
    struct lab_boot boot = lab_firmware_boot();
    start(x, x->honest ? CLOUD_B : LEAKY, "cloud-c", &boot, &boot);
    attest(x, &x->vm);
}

void attack_fake_vtpm(struct lab_attack *x)
{
    attest(x, x->honest ? &x->s->a : &x->s->cellar);
    if (!x->honest)
        x->e.guest.cert = self_made(x);
}

void attack_foreign_certificate(struct lab_attack *x)
{
    attest(x, x->honest ? &x->s->a : &x->s->cellar);
    x->e.guest.cert = x->s->a.ak_cert;
}

/* An answer with the vTPM that this chip is, or passes for. */
static double answer(struct lab_attack *x, const struct lab_vm *vm, const struct lab_chip *vtpm,
                     struct span cert)
{
    double from = lab_wire_now();
    struct lab_refusal said;
    uint8_t extra[32];
    x->e = lab_vm_attest_for(vm, x->d, vtpm->public, x->nonce);
    x->e.log_guest = lab_buf_span(&x->vm.log);
    lab_stage_tq(x->d, x->nonce, x->e.tdx, extra);
    if (!lab_chip_quote(vtpm, LAB_GUEST_BANKS, LAB_GUEST_PCRS, extra, cert, &x->e.guest, &said))
        lab_die("%s: 0x%x", said.what, said.rc);
    return lab_wire_now() - from;
}

void attack_device_relay(struct lab_attack *x)
{
    const struct lab_identity m = {"lab-hall-1", "cloud-b", 1, x->s->cpu[CLOUD_B].platform.piid};
    const unsigned delay = 20; /* milliseconds, each way */
    struct lab_boot honest = lab_firmware_boot(), booted = lab_firmware_boot();
    struct lab_buf log = {0};
    if (!x->honest)
        lab_firmware_find(&booted, ".initrd")->measured = SPAN_LIT("initrd that relays /dev/tpm0");
    x->vm = lab_stage_vm(x->s, CLOUD_B, &honest, &booted);
    x->vtpm = lab_chip_on(x->s, "cloud-b");
    lab_firmware_into_tpm(&booted, &x->vtpm.tpm, &log);
    lab_buf_free(&log); /* as the VM's */
    lab_chip_key(&x->vtpm, LAB_CHIP_AK_V);
    struct span cert = lab_stage_certify_ak(x->s, &x->s->provider, &x->vtpm.ak, &m);
    x->trip.here = x->trip.seen = answer(x, &x->vm, &x->vtpm, cert);
    if (x->honest)
        return;
    struct lab_relay relay = lab_relay_start(&x->s->floor, &x->vtpm.tpm, delay);
    struct lab_chip far = x->vtpm;
    strcpy(far.tpm.tcti, relay.tcti);
    x->trip.seen = answer(x, &x->s->cellar, &far, cert);
    lab_relay_stop(&relay);
}

void attack_mix_and_match(struct lab_attack *x)
{
    attest(x, &x->s->a);
    if (!x->honest)
        x->e.guest = lab_vm_attest(&x->s->b, x->d, x->nonce).guest;
}

void attack_quoting_oracle(struct lab_attack *x)
{
    const struct lab_vm *victim = &x->s->a, *cellar = &x->s->cellar;
    attest(x, victim); /* it answers anybody's challenge: that is its task */
    if (x->honest)
        return;
    x->e.tdx = lab_vm_td_quote(cellar, x->d, lab_soft_public(&victim->vtpm), x->nonce);
    x->e.log_tdx = lab_buf_span(&cellar->ccel);
    x->e.channel = x->e.peer = cellar->spki;
}

void attack_signer_swap(struct lab_attack *x)
{
    const struct lab_vm *victim = &x->s->a;
    attest(x, victim);
    if (!x->honest)
        x->e.tdx = forge(x, CLOUD_B, victim, lab_soft_public(&victim->vtpm));
}

void attack_askers_key(struct lab_attack *x)
{
    attest(x, lab_stage_at(x->s, x->tee, CLOUD_A));
    if (!x->honest)
        x->e.peer = x->s->cellar.spki;
}

void attack_channel_relay(struct lab_attack *x)
{
    const unsigned delay = 20; /* milliseconds, each way */
    attest(x, &x->s->a);
    x->e.wire = lab_wire_ask(x->j, &x->s->a, x->d, x->nonce, 0, &x->trip.here);
    x->trip.seen = x->trip.here;
    if (x->honest)
        return;
    x->e.wire = lab_wire_ask(x->j, &x->s->a, x->d, x->nonce, delay, &x->trip.seen);
    x->e.peer = x->s->cellar.spki;
}

/* The clock's word is made up, so that the row does not hang on this machine's load. */
void attack_far_proxy(struct lab_attack *x)
{
    attest(x, lab_stage_at(x->s, x->tee, CLOUD_A));
    x->e.round_trip_us = x->honest ? 20000 : 900000;
}

void attack_stolen(struct lab_attack *x)
{
    attest(x, lab_stage_at(x->s, x->tee, CLOUD_A));
    x->e.watched = true;
    x->e.gap = !x->honest;
}

void attack_empty_key(struct lab_attack *x)
{
    struct lab_vm mute = *lab_stage_at(x->s, x->tee, CLOUD_A);
    if (!x->honest)
        mute.spki = span_of(NULL, 0);
    attest(x, &mute);
}

void attack_replay(struct lab_attack *x)
{
    const uint8_t yesterday[32] = {1};
    x->e =
        lab_vm_attest(lab_stage_at(x->s, x->tee, CLOUD_A), x->d, x->honest ? x->nonce : yesterday);
    memcpy(x->e.nonce, x->nonce, sizeof x->e.nonce);
}

/* The verifier's buffer was never filled: who foresees that has his evidence ready. */
void attack_zero_nonce(struct lab_attack *x)
{
    if (!x->honest)
        memset(x->nonce, 0, sizeof x->nonce);
    attest(x, lab_stage_at(x->s, x->tee, CLOUD_A));
}

void attack_chosen_nonce(struct lab_attack *x)
{
    attest(x, lab_stage_at(x->s, x->tee, CLOUD_A));
    x->e.no_nonce = !x->honest;
}

void attack_diverging(struct lab_attack *x)
{
    struct lab_boot td = lab_firmware_boot(), tpm = lab_firmware_boot();
    if (!x->honest)
        lab_firmware_find(&tpm, ".linux")->measured = SPAN_LIT("another kernel");
    rent(x, &td, &tpm);
    attest(x, &x->vm);
}

/* The vTPM's VM boots another kernel; what is shown of it are the values of the approved boot. */
void attack_shown_values(struct lab_attack *x)
{
    struct lab_boot td = lab_firmware_boot(), tpm = lab_firmware_boot();
    if (!x->honest)
        lab_firmware_find(&tpm, ".linux")->measured = SPAN_LIT("another kernel");
    rent(x, &td, &tpm);
    attest(x, &x->vm);
    memcpy(x->e.guest.pcr, x->s->a.vtpm.pcr, sizeof x->e.guest.pcr);
    x->e.log_guest = lab_buf_span(&x->s->a.log);
}

/* The same, and the quoted digest is rewritten to go with the values: nobody signed that. */
void attack_rewritten_quote(struct lab_attack *x)
{
    attack_shown_values(x);
    if (x->honest)
        return;
    struct lab_soft_tpm shown = x->vm.vtpm;
    memcpy(shown.pcr, x->e.guest.pcr, sizeof shown.pcr);
    struct span signature = x->e.guest.quote.signature;
    x->e.guest = quote_for(x, &shown, x->e.tdx, x->vm.ak_cert);
    x->e.guest.quote.signature = signature;
}

void attack_filler(struct lab_attack *x)
{
    struct lab_boot td = lab_firmware_boot(), tpm = lab_firmware_boot();
    if (!x->honest)
        lab_firmware_find(&tpm, ".initrd")->pcr = 15; /* in no quote */
    rent(x, &td, &tpm);
    attest(x, &x->vm);
}

void attack_tpm_only_initrd(struct lab_attack *x)
{
    struct lab_boot boot = lab_firmware_boot();
    struct lab_boot_event *initrd = lab_firmware_find(&boot, ".initrd");
    if (!x->honest) {
        boot.n--;
        memmove(initrd, initrd + 1, (size_t)(boot.event + boot.n - initrd) * sizeof *initrd);
    }
    rent(x, &boot, &boot);
    attest(x, &x->vm);
}

void attack_empty_bank(struct lab_attack *x)
{
    struct lab_boot boot = lab_firmware_boot();
    rent(x, &boot, &boot);
    if (!x->honest)
        memset(x->vm.vtpm.pcr[1], 0, sizeof x->vm.vtpm.pcr[1]);
    attest(x, &x->vm);
}

/* A boot of which only the log is used. */
static void another_boot(struct lab_attack *x)
{
    struct lab_boot boot = lab_firmware_boot();
    if (!x->honest)
        lab_firmware_find(&boot, ".cmdline")->measured = SPAN_LIT("init=/bin/sh");
    rent(x, &boot, &boot);
}

void attack_invented_ccel(struct lab_attack *x)
{
    another_boot(x);
    attest(x, &x->s->a);
    x->e.log_tdx = lab_buf_span(&x->vm.ccel);
}

/* What no PCR has is compared with nothing of the TPM's. */
void attack_invented_front(struct lab_attack *x)
{
    struct lab_boot boot = lab_firmware_boot();
    if (!x->honest)
        lab_firmware_find(&boot, "CFV")->measured = SPAN_LIT("another configuration");
    rent(x, &boot, &boot);
    attest(x, &x->s->a);
    x->e.log_tdx = lab_buf_span(&x->vm.ccel);
}

void attack_invented_log(struct lab_attack *x)
{
    another_boot(x);
    attest(x, &x->s->a);
    x->e.log_guest = lab_buf_span(&x->vm.log);
}

void attack_altered_tpm_quote(struct lab_attack *x)
{
    const struct lab_vm *victim = &x->s->a, *cellar = &x->s->cellar;
    attest(x, victim);
    if (x->honest)
        return;
    struct span signature = x->e.guest.quote.signature;
    x->e.tdx = lab_vm_td_quote(cellar, x->d, lab_soft_public(&victim->vtpm), x->nonce);
    x->e.log_tdx = lab_buf_span(&cellar->ccel);
    x->e.channel = x->e.peer = cellar->spki;
    x->e.guest = quote_for(x, &victim->vtpm, x->e.tdx, victim->ak_cert);
    if (x->d == LAB_ARTICLE) /* its quote says nothing of the TD: take another nonce instead */
        x->e.guest.quote.attest = flipped(x, x->e.guest.quote.attest, 60);
    x->e.guest.quote.signature = signature;
}

void attack_colluding(struct lab_attack *x)
{
    const struct lab_vm *vm = x->honest ? &x->s->a : &x->s->cellar;
    const struct lab_identity m = {"lab-hall-1", "cloud-a", 1, vm->td.cpu->platform.piid};
    attest(x, vm);
    x->e.guest.cert = lab_stage_certify(x->s, &x->s->provider, &vm->vtpm, &m);
}
