/* Attackers of ownership and machine lists; the rows are in attacks.def. */
#include "lab/attacks/lab_attacks.h"

#include "lab/attacks/lab_alliance.h"
#include "lab/attacks/lab_words.h"

#define OWNER LAB_WORDS_OWNER
#define RIVAL "Rival Cloud, Inc."
#define NOW 5 /* number of the newest list of each kind; the verifier has seen it */

static void attest(struct lab_attack *x, const struct lab_vm *vm)
{
    x->e = lab_vm_attest(vm, x->d, x->nonce);
}

/* A machine that stands where no provider's TPM is. */
static void attest_outside(struct lab_attack *x, const struct lab_vm *vm)
{
    attest(x, vm);
    x->e.guest.given = false;
    x->e.log_guest = span_of(NULL, 0);
}

/* The honest owner's machine, or the one in the basement. */
static void attest_one_of(struct lab_attack *x)
{
    if (x->honest)
        attest(x, lab_stage_at(x->s, x->tee, CLOUD_A));
    else
        attest_outside(x, lab_stage_at(x->s, x->tee, BASEMENT));
}

static const uint8_t *piid_at(const struct lab_attack *x, enum lab_place place)
{
    return x->s->cpu[place].platform.piid;
}

static void show_poe(struct lab_attack *x, struct span poe)
{
    lab_words_add(&x->e, "endorsement.cbor", poe);
}

/* The endorsement of the honest machine, as everybody can have it. */
static struct span honest_poe(struct lab_attack *x)
{
    return lab_words_poe(x->s, &x->s->owner, piid_at(x, CLOUD_A), OWNER,
                         lab_words_days(x->s, -10, 20));
}

/* A revocation list that names nobody. */
static void show_revocations(struct lab_attack *x, const struct lab_owner *issuer, uint64_t number,
                             struct window valid)
{
    lab_words_add(&x->e, "revoked.cose",
                  lab_words_revocations(x->s, issuer, number, NULL, 0, valid));
    x->e.revocation_seen = NOW;
}

/* thisUpdate now: the verifier's rules make it a day's word. */
static void show_newest(struct lab_attack *x, const struct lab_owner *issuer)
{
    show_revocations(x, issuer, NOW, lab_words_days(x->s, 0, 1));
}

/* Where bytes stand in others. */
static size_t find(struct span in, struct span what)
{
    for (size_t i = 0; i + what.n <= in.n; i++)
        if (memcmp(in.p + i, what.p, what.n) == 0)
            return i;
    lab_die("the lab does not find what it wrote");
}

/* Endorsements */

void attack_foreign_poe(struct lab_attack *x)
{
    attest_one_of(x);
    show_poe(x, honest_poe(x));
    show_newest(x, &x->s->owner);
}

void attack_own_image_owned(struct lab_attack *x)
{
    struct lab_boot boot = lab_firmware_boot();
    lab_firmware_find(&boot, ".initrd")->measured = SPAN_LIT("initrd with a shell");
    x->vm = lab_stage_vm(x->s, CLOUD_A, &boot, &boot);
    if (x->honest)
        attest(x, &x->s->a);
    else
        attest_outside(x, &x->vm);
    show_poe(x, honest_poe(x));
    show_newest(x, &x->s->owner);
}

/* The verifier's own list, by a second CA of the issuer's, says that the platform is lost; the
 * bundle brings the list before, by the first CA, and a CRL of the second that ended last week. */
void attack_bundle_crl_list(struct lab_attack *x)
{
    struct lab_world *w = x->s->w;
    int64_t at = lab_world_at(w);
    struct lab_owner first = lab_owner_branch(w, &x->s->owner, "First");
    struct lab_owner second = lab_owner_branch(w, &x->s->owner, "Second");
    struct lab_revoked lost = {REVOCATION_PIID, REVOCATION_REASON_LOST, {0}, 16, at - 3600};
    memcpy(lost.id, piid_at(x, CLOUD_A), 16);
    attest(x, &x->s->a);
    show_poe(
        x, lab_words_poe(x->s, &first, piid_at(x, CLOUD_A), OWNER, lab_words_days(x->s, -10, 20)));
    lab_words_add(&x->e, "revoked.cose",
                  lab_words_revocations(x->s, &second, NOW, &lost, x->honest ? 0 : 1,
                                        lab_words_days(x->s, 0, 1)));
    if (x->honest)
        return;
    lab_words_send(
        &x->e, "revoked.old", ITEM_REVOCATION,
        lab_words_revocations(x->s, &first, NOW - 1, NULL, 0, lab_words_days(x->s, 0, 1)));
    lab_words_send(&x->e, "crl.old", ITEM_CRL,
                   lab_owner_crl(w, &second, at - 14 * LAB_DAY, at - 7 * LAB_DAY));
}

void attack_poe_stripped(struct lab_attack *x)
{
    attest_one_of(x);
    if (x->honest)
        show_poe(x, honest_poe(x));
    show_newest(x, &x->s->owner);
}

void attack_poe_certificate(struct lab_attack *x)
{
    const struct lab_platform *a = &x->s->cpu[CLOUD_A].platform;
    attest_one_of(x);
    show_poe(x, honest_poe(x));
    show_newest(x, &x->s->owner);
    if (x->honest)
        return;
    const struct lab_vm *cellar = &x->s->cellar;
    const struct span ak = lab_soft_public(&cellar->vtpm);
    struct lab_quote q = lab_quote_tdx(x->s->w, &x->s->cpu[BASEMENT].platform, 4, LAB_BODY_TD10);
    q.td = cellar->td.registers;
    lab_stage_report_data(x->d, ak, x->nonce, cellar->spki, q.td.report_data);
    q.chain = lab_chain_pck(x->s->w, a); /* public: it is in each of that machine's quotes */
    x->e.tdx = lab_quote_make(x->s->w, &q);
}

void attack_poe_old_quote(struct lab_attack *x)
{
    const uint8_t yesterday[32] = {1};
    attest(x, &x->s->a);
    show_poe(x, honest_poe(x));
    show_newest(x, &x->s->owner);
    if (x->honest)
        return;
    const struct lab_evidence today = x->e;
    x->e.tdx = lab_vm_attest(&x->s->a, x->d, yesterday).tdx;
    x->e.log_guest = span_of(NULL, 0);
    x->e.guest.given = false;
    memcpy(x->e.nonce, today.nonce, sizeof x->e.nonce);
}

void attack_poe_other_owner(struct lab_attack *x)
{
    const struct lab_owner *issuer = x->honest ? &x->s->owner : &x->s->rival;
    const struct lab_vm *vm = x->honest ? &x->s->a : &x->s->b;
    attest(x, vm);
    show_poe(x, lab_words_poe(x->s, issuer, vm->td.cpu->platform.piid, OWNER,
                              lab_words_days(x->s, -10, 20)));
    show_newest(x, issuer);
}

void attack_poe_self_made(struct lab_attack *x)
{
    const struct lab_owner *issuer = x->honest ? &x->s->owner : &x->s->fraud;
    attest_one_of(x);
    show_poe(x, lab_words_poe(x->s, issuer, piid_at(x, x->honest ? CLOUD_A : BASEMENT), OWNER,
                              lab_words_days(x->s, -10, 20)));
    show_newest(x, &x->s->owner);
}

void attack_poe_altered(struct lab_attack *x)
{
    struct span poe = lab_words_poe(x->s, &x->s->owner, piid_at(x, CLOUD_A), OWNER,
                                    lab_words_days(x->s, -10, 20));
    struct lab_buf b = {0};
    attest_one_of(x);
    lab_buf_bytes(&b, poe);
    if (!x->honest)
        memcpy(b.p + find(poe, span_of(piid_at(x, CLOUD_A), 16)), piid_at(x, BASEMENT), 16);
    show_poe(x, lab_world_keep(x->s->w, &b));
    show_newest(x, &x->s->owner);
}

void attack_poe_ended(struct lab_attack *x)
{
    if (x->honest)
        attest(x, &x->s->a);
    else
        attest_outside(x, &x->s->a); /* sold a month ago, nobody renewed its endorsement */
    show_poe(x, lab_words_poe(x->s, &x->s->owner, piid_at(x, CLOUD_A), OWNER,
                              lab_words_days(x->s, -20, x->honest ? 10 : -1)));
    show_newest(x, &x->s->owner);
}

void attack_poe_two_owners(struct lab_attack *x)
{
    attest(x, &x->s->a);
    show_poe(x, honest_poe(x));
    show_newest(x, &x->s->owner);
    if (x->honest)
        return;
    lab_words_add(&x->e, "endorsement-2.cbor",
                  lab_words_poe(x->s, &x->s->rival, piid_at(x, CLOUD_A), RIVAL,
                                lab_words_days(x->s, -1, 29)));
    show_newest(x, &x->s->rival);
}

/* Revocation lists. The machine was sold; the newest list names it, so that one is not shown. */

static void attest_sold(struct lab_attack *x)
{
    if (x->honest)
        attest(x, &x->s->a);
    else
        attest_outside(x, &x->s->a);
    show_poe(x, honest_poe(x));
}

void attack_revocations_withheld(struct lab_attack *x)
{
    attest_sold(x);
    if (x->honest)
        show_newest(x, &x->s->owner);
}

void attack_revocations_old(struct lab_attack *x)
{
    attest_sold(x);
    show_revocations(x, &x->s->owner, NOW, lab_words_days(x->s, x->honest ? 0 : -3, 1));
}

void attack_revocations_rolled_back(struct lab_attack *x)
{
    attest_sold(x);
    show_revocations(x, &x->s->owner, x->honest ? NOW : NOW - 1, lab_words_days(x->s, 0, 1));
}

void attack_revocations_of_another(struct lab_attack *x)
{
    attest_sold(x);
    show_newest(x, x->honest ? &x->s->owner : &x->s->rival);
}

/* Machine lists */

static void show_list(struct lab_attack *x, const struct lab_owner *signer, uint64_t number,
                      unsigned places, struct window valid)
{
    lab_words_add(&x->e, "machines.cose",
                  lab_words_list(x->s, signer, number, x->tee, places, valid));
    x->e.list_seen = NOW;
}

#define OURS (1U << CLOUD_A | 1U << METAL)

void attack_unlisted(struct lab_attack *x)
{
    attest_one_of(x);
    show_list(x, &x->s->owner, NOW, OURS, lab_words_days(x->s, -1, 6));
}

void attack_list_stripped(struct lab_attack *x)
{
    attest_one_of(x);
    if (x->honest)
        show_list(x, &x->s->owner, NOW, OURS, lab_words_days(x->s, -1, 6));
}

void attack_list_self_made(struct lab_attack *x)
{
    attest_one_of(x);
    show_list(x, x->honest ? &x->s->owner : &x->s->fraud, NOW,
              x->honest ? OURS : OURS | 1U << BASEMENT, lab_words_days(x->s, -1, 6));
}

void attack_list_altered(struct lab_attack *x)
{
    const size_t signature = 96; /* r || s of P-384, at the end */
    struct lab_buf b = {0};
    attest_one_of(x);
    show_list(x, &x->s->owner, NOW, OURS, lab_words_days(x->s, -1, 6));
    if (x->honest)
        return;
    struct span genuine = x->e.word[0].bytes;
    struct span wanted = lab_words_list(x->s, &x->s->owner, NOW, x->tee, OURS | 1U << BASEMENT,
                                        lab_words_days(x->s, -1, 6));
    lab_buf_bytes(&b, span_cut(wanted, 0, wanted.n - signature));
    lab_buf_bytes(&b, span_cut(genuine, genuine.n - signature, signature));
    x->e.word[0].bytes = lab_world_keep(x->s->w, &b);
}

void attack_list_other_owner(struct lab_attack *x)
{
    const struct lab_owner *signer = x->honest ? &x->s->owner : &x->s->rival;
    attest(x, lab_stage_at(x->s, x->tee, x->honest ? CLOUD_A : CLOUD_B));
    show_list(x, signer, NOW, x->honest ? OURS : OURS | 1U << CLOUD_B, lab_words_days(x->s, -1, 6));
}

/* The machine left; the list from before still names it. */
static void attest_left(struct lab_attack *x)
{
    if (x->honest)
        attest(x, lab_stage_at(x->s, x->tee, CLOUD_A));
    else
        attest_outside(x, lab_stage_at(x->s, x->tee, CLOUD_A));
}

void attack_list_ended(struct lab_attack *x)
{
    attest_left(x);
    show_list(x, &x->s->owner, NOW, OURS, lab_words_days(x->s, -8, x->honest ? 6 : -1));
}

void attack_list_rolled_back(struct lab_attack *x)
{
    attest_left(x);
    show_list(x, &x->s->owner, x->honest ? NOW : NOW - 1, OURS, lab_words_days(x->s, -1, 6));
}

/* The revocation list of the day, which names the machine, or what the verifier has in its
 * place. */
static void report_lost(struct lab_attack *x, struct span instead)
{
    bool snp = x->tee == KIND_SNP;
    struct lab_revoked lost = {.kind = snp ? REVOCATION_CHIP_ID : REVOCATION_PPID,
                               .reason = REVOCATION_REASON_LOST,
                               .size = snp ? 64 : 16,
                               .at = lab_world_at(x->s->w) - 3600};
    memcpy(lost.id, snp ? x->s->chip[CLOUD_A].vcek.chip : x->s->cpu[CLOUD_A].platform.ppid,
           lost.size);
    attest_left(x);
    show_list(x, &x->s->owner, NOW, OURS, lab_words_days(x->s, -1, 6));
    struct span list = lab_words_revocations(x->s, &x->s->owner, NOW, &lost, x->honest ? 0 : 1,
                                             lab_words_days(x->s, 0, 1));
    lab_words_add(&x->e, "revoked.cose", instead.n && !x->honest ? instead : list);
}

void attack_list_revoked(struct lab_attack *x)
{
    report_lost(x, span_of(NULL, 0));
}

void attack_list_unread(struct lab_attack *x)
{
    report_lost(x, SPAN_LIT("<html><head><title>503 Service Unavailable</title></head></html>\n"));
}

/* The alliance's tokens */

static void show_token(struct lab_attack *x, EVP_PKEY *key, struct span quote, enum lab_place place,
                       int64_t age)
{
    lab_words_add(&x->e, "token.jwt",
                  lab_alliance_token(x->s, key, quote, x->s->cpu[place].platform.ppid,
                                     lab_world_at(x->s->w) - age));
}

void attack_token_self_made(struct lab_attack *x)
{
    EVP_PKEY *own = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    attest_one_of(x);
    if (x->honest)
        show_token(x, x->s->alliance, x->e.tdx, CLOUD_A, 60);
    else
        show_token(x, own, x->e.tdx, BASEMENT, 60);
    EVP_PKEY_free(own);
}

void attack_token_other_quote(struct lab_attack *x)
{
    attest_left(x);
    struct span visited =
        x->honest ? x->e.tdx : lab_vm_attest(&x->s->a, x->d, (uint8_t[32]){1}).tdx;
    show_token(x, x->s->alliance, visited, CLOUD_A, 60);
}

void attack_token_old(struct lab_attack *x)
{
    attest_left(x);
    show_token(x, x->s->alliance, x->e.tdx, CLOUD_A, x->honest ? 60 : 86400);
}

/* Ownership, or a list, and binding: the words must be about one machine. */

/* CLOUD_B's vTPM speaks for a TD on CLOUD_A: its VM, broken into as it runs, asks it to. */
static void lend_vtpm(struct lab_attack *x)
{
    const struct lab_vm *lender = &x->s->b;
    uint8_t extra[32];
    x->e.tdx = lab_vm_td_quote(&x->s->a, x->d, lab_soft_public(&lender->vtpm), x->nonce);
    lab_stage_tq(x->d, x->nonce, x->e.tdx, extra);
    x->e.guest =
        lab_stage_quote(&lender->vtpm, LAB_GUEST_BANKS, LAB_GUEST_PCRS, extra, lender->ak_cert);
    x->e.log_guest = lab_buf_span(&lender->log);
}

void attack_lent_vtpm(struct lab_attack *x)
{
    attest(x, &x->s->a);
    show_poe(x, honest_poe(x));
    show_newest(x, &x->s->owner);
    if (!x->honest)
        lend_vtpm(x);
}

void attack_listed_lent_vtpm(struct lab_attack *x)
{
    attest(x, &x->s->a);
    show_list(x, &x->s->owner, NOW, OURS, lab_words_days(x->s, -1, 6));
    if (!x->honest)
        lend_vtpm(x);
}

/* Not defended */

void attack_revocations_unseen(struct lab_attack *x)
{
    attest_sold(x);
    show_revocations(x, &x->s->owner, x->honest ? NOW : NOW - 1, lab_words_days(x->s, 0, 1));
    x->e.revocation_seen = 0;
}

void attack_owned_key_leaked(struct lab_attack *x)
{
    const struct lab_vm *cellar = &x->s->cellar;
    uint8_t data[64], report[TDREPORT_SIZE];
    attest_one_of(x);
    show_poe(x, honest_poe(x));
    show_newest(x, &x->s->owner);
    if (x->honest)
        return;
    lab_stage_report_data(x->d, lab_soft_public(&cellar->vtpm), x->nonce, cellar->spki, data);
    lab_td_tdreport(&cellar->td, data, report);
    x->e.tdx = lab_qe_sign(&x->s->cpu[CLOUD_A], report);
}
